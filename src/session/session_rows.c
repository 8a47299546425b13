/*-------------------------------------------------------------------------
 *
 * session_rows.c
 *		Rows to plot from the sessions of a population.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/base.h"
#include "funcapi.h"
#include "session/session_stats.h"
#include "utils/builtins.h"
#include "utils/date.h"

JOURNEY_FUNCTION(journey_session_totals);
JOURNEY_FUNCTION(journey_session_days);
JOURNEY_FUNCTION(journey_session_channels);
JOURNEY_FUNCTION(journey_session_nodes);

static const SessionStats *
stats_arg(FunctionCallInfo fcinfo)
{
	return stats_unpack(&session_stats_type, CurrentMemoryContext, PG_GETARG_VARLENA_PP(0));
}

#define GROUP_COLUMNS 10

/* How many sessions have one event. */
static uint64
bounces(const SessionGroup *group)
{
	return group->depths.buckets[0].number == 1 ? group->depths.buckets[0].count : 0;
}

/*
 * The columns that a day and a channel have: sessions, users, views, bounce
 * rate, and the mean, median and 90th percentile of duration and depth.
 */
static void
group_columns(const SessionGroup *group, Datum *values)
{
	values[0] = Int64GetDatum((int64) group->depths.count);
	values[1] = Int64GetDatum((int64) group->users);
	values[2] = Int64GetDatum((int64) group->depths.sum_low);
	values[3] = Float8GetDatum((double) bounces(group) / (double) group->depths.count);
	values[4] = duration_datum(histogram_mean(&group->durations));
	values[5] = duration_datum((double) histogram_quantile(&group->durations, 0.5));
	values[6] = duration_datum((double) histogram_quantile(&group->durations, 0.9));
	values[7] = Float8GetDatum(histogram_mean(&group->depths));
	values[8] = Int64GetDatum((int64) histogram_quantile(&group->depths, 0.5));
	values[9] = Int64GetDatum((int64) histogram_quantile(&group->depths, 0.9));
}

/*
 * session_totals(session_stats): one row.
 */
Datum
journey_session_totals(PG_FUNCTION_ARGS)
{
	TupleDesc	row;
	SessionGroup total;
	Datum		values[GROUP_COLUMNS];
	bool		nulls[GROUP_COLUMNS] = {false};

	if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	session_stats_total(stats_arg(fcinfo), &total);
	group_columns(&total, values);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls)));
}

/*
 * session_days(session_stats): a row for each day on which a session begins.
 */
Datum
journey_session_days(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const SessionStats *stats = stats_arg(fcinfo);
	uint32		i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < stats->ndays; i++)
	{
		Datum		values[GROUP_COLUMNS + 1];
		bool		nulls[GROUP_COLUMNS + 1] = {false};

		values[0] = DateADTGetDatum((DateADT) stats->days[i].day);
		group_columns(&stats->days[i], values + 1);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * session_channels(session_stats): a row for each channel, NULL at the end.
 */
Datum
journey_session_channels(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const SessionStats *stats = stats_arg(fcinfo);
	uint32		i;

	if (!stats->traffic)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the sessions have no channels"),
				 errhint("Make them by traffic(user_id, at, channel, node, gap) instead of session_summary().")));
	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < stats->nchannels; i++)
	{
		const SessionGroup *group = &stats->channels[i];
		Datum		values[GROUP_COLUMNS + 1] = {0};
		bool		nulls[GROUP_COLUMNS + 1] = {false};

		if (group->channel.bytes == NULL)
			nulls[0] = true;
		else
			values[0] = PointerGetDatum(cstring_to_text_with_len(group->channel.bytes,
																 (int) group->channel.length));
		group_columns(group, values + 1);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * session_nodes(session_stats): a row for each node.
 */
Datum
journey_session_nodes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const SessionStats *stats = stats_arg(fcinfo);
	uint32		i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < stats->nnodes; i++)
	{
		const SessionNode *node = &stats->nodes[i];
		Datum		values[9] = {0};
		bool		nulls[9] = {false};

		values[0] = PointerGetDatum(cstring_to_text_with_len(node->name.bytes,
															 (int) node->name.length));
		values[1] = Int64GetDatum((int64) node->views);
		values[2] = Int64GetDatum((int64) node->visitors);
		values[3] = Int64GetDatum((int64) node->entries);
		values[4] = Int64GetDatum((int64) node->exits);
		values[5] = Float8GetDatum((double) node->exits / (double) node->views);
		if (node->times.count == 0)
			nulls[6] = nulls[7] = nulls[8] = true;
		else
		{
			values[6] = duration_datum(histogram_mean(&node->times));
			values[7] = duration_datum((double) histogram_quantile(&node->times, 0.5));
			values[8] = duration_datum((double) histogram_quantile(&node->times, 0.9));
		}
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		if (i % 1024 == 1023)
			CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_NULL();
}
