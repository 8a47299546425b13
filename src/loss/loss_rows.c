/*-------------------------------------------------------------------------
 *
 * loss_rows.c
 *		Rows to plot from the losses of a funnel.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "loss/loss_stats.h"
#include "miscadmin.h"
#include "utils/builtins.h"

JOURNEY_FUNCTION(journey_loss_reasons);
JOURNEY_FUNCTION(journey_loss_nodes);

/* The end of the items from `begin` on that are of its step, or of its step and reason. */
static uint32
loss_items_end(const LossStats *stats, uint32 begin, bool of_reason, uint64 *users)
{
	uint32		end = begin;

	*users = 0;
	for (; end < stats->nitems && stats->items[end].step == stats->items[begin].step &&
		 (!of_reason || stats->items[end].reason == stats->items[begin].reason); end++)
		*users += stats->items[end].users;
	return end;
}

static const Histogram *
loss_lateness_of(const LossStats *stats, int step)
{
	uint32		i;

	for (i = 0; i < stats->nlates; i++)
		if (stats->lates[i].step == step)
			return &stats->lates[i].lateness;
	return NULL;
}

/*
 * loss_reasons(loss_stats, min_users): a row for each step and reason.
 */
static const uint32 reason_columns[] = {
	STATS_LABEL, STATS_LABEL,	/* step, reason */
	STATS_ON(2), STATS_ON(2),	/* users, share */
	STATS_ON(2), STATS_ON(2), STATS_ON(2)	/* lateness */
};

Datum
journey_loss_reasons(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const LossStats *stats = stats_begin_rows(&rows, fcinfo, &loss_stats_type, STATS_COLUMNS(reason_columns));
	uint32		i = 0;

	while (stats != NULL && i < stats->nitems)
	{
		const int	step = stats->items[i].step;
		uint64		stopped;
		uint32		step_end = loss_items_end(stats, i, false, &stopped);

		while (i < step_end)
		{
			const LossReason reason = stats->items[i].reason;
			Datum		values[7] = {0};
			bool		nulls[7] = {false};
			uint64		users;

			CHECK_FOR_INTERRUPTS();
			i = loss_items_end(stats, i, true, &users);
			values[0] = Int32GetDatum(step);
			values[1] = CStringGetTextDatum(loss_reason_names[reason]);
			values[2] = Int64GetDatum((int64) users);
			stats_put_share(users, stopped, &values[3], &nulls[3]);
			stats_put_times(reason == LOSS_TOO_LATE ? loss_lateness_of(stats, step) : NULL, &values[4], &nulls[4]);
			stats_show_row(&rows, values, nulls);
		}
	}
	PG_RETURN_NULL();
}

/* The most users first, then in their order. */
static int
loss_item_most(const void *a, const void *b)
{
	const LossItem *x = *(const LossItem *const *) a;
	const LossItem *y = *(const LossItem *const *) b;

	if (x->users != y->users)
		return x->users > y->users ? -1 : 1;
	return (x > y) - (x < y);
}

/*
 * loss_nodes(loss_stats, n, min_users): of each step and reason a row for each
 * node, or for the first n; those with the most users first.
 */
static const uint32 node_columns[] = {
	STATS_LABEL, STATS_LABEL, STATS_LABEL,	/* step, reason, node */
	STATS_ON(3), STATS_ON(3)	/* users, share */
};

Datum
journey_loss_nodes(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const LossStats *stats = stats_begin_rows(&rows, fcinfo, &loss_stats_type, STATS_COLUMNS(node_columns));
	const int	most = PG_ARGISNULL(1) ? PG_INT32_MAX : PG_GETARG_INT32(1);
	const LossItem **items;
	uint32		begin;
	uint32		end;

	if (most < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n is %d", most),
				 errhint("Write how many nodes of each step and reason are wanted, or NULL for all.")));
	if (stats == NULL)
		PG_RETURN_NULL();
	items = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) stats->nitems + 1) * sizeof(LossItem *));
	for (begin = 0; begin < stats->nitems; begin = end)
	{
		uint64		users;
		uint32		i;

		end = loss_items_end(stats, begin, true, &users);
		for (i = begin; i < end; i++)
			items[i] = &stats->items[i];
		qsort(items + begin, end - begin, sizeof(LossItem *), loss_item_most);
		for (i = begin; i < end && i - begin < (uint32) most; i++)
		{
			Datum		values[5] = {0};
			bool		nulls[5] = {false};

			CHECK_FOR_INTERRUPTS();
			values[0] = Int32GetDatum(items[i]->step);
			values[1] = CStringGetTextDatum(loss_reason_names[items[i]->reason]);
			stats_put_text(items[i]->node, &values[2], &nulls[2]);
			values[3] = Int64GetDatum((int64) items[i]->users);
			stats_put_share(items[i]->users, users, &values[4], &nulls[4]);
			stats_show_row(&rows, values, nulls);
		}
	}
	PG_RETURN_NULL();
}
