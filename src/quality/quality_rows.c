/*-------------------------------------------------------------------------
 *
 * quality_rows.c
 *		Rows to plot from the quality of a log.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "quality/quality_stats.h"

JOURNEY_FUNCTION(journey_quality_summary);
JOURNEY_FUNCTION(journey_quality_events);
JOURNEY_FUNCTION(journey_quality_lateness);

/*
 * What is counted of a group: rows, users, duplicate_ids, duplicate_rows,
 * out_of_order, future, null_users, empty_users, null_times, null_ids,
 * empty_ids, null_received; median, 90th and 99th percentile, and most of
 * lateness.
 */
#define GROUP_COLUMNS 16

#define ON_USERS4(n)	STATS_ON(n), STATS_ON(n), STATS_ON(n), STATS_ON(n)
#define ON_USERS16(n)	ON_USERS4(n), ON_USERS4(n), ON_USERS4(n), ON_USERS4(n)

static void
quality_put_group(const QualityGroup *group, Datum *values, bool *nulls)
{
	const Histogram *lateness = &group->lateness;
	const uint64 counts[] = {
		group->rows, group->users, group->same_ids, group->same_rows, group->out_of_order, group->future,
		group->null_users, group->empty_users, group->null_times, group->null_ids, group->empty_ids, group->null_received
	};
	int			i;

	for (i = 0; i < (int) lengthof(counts); i++)
		values[i] = Int64GetDatum((int64) counts[i]);
	if (lateness->count == 0)
	{
		for (; i < GROUP_COLUMNS; i++)
			nulls[i] = true;
		return;
	}
	values[i++] = duration_datum((double) histogram_quantile(lateness, 0.5));
	values[i++] = duration_datum((double) histogram_quantile(lateness, 0.9));
	values[i++] = duration_datum((double) histogram_quantile(lateness, 0.99));
	values[i++] = duration_datum((double) lateness->most);
}

/* All events together. */
static QualityGroup
quality_total(const QualityStats *stats)
{
	QualityGroup total = {0};
	uint32		i;

	for (i = 0; i < stats->nevents; i++)
	{
		const QualityGroup *group = &stats->events[i];

		total.rows += group->rows;
		total.same_ids += group->same_ids;
		total.same_rows += group->same_rows;
		total.out_of_order += group->out_of_order;
		total.future += group->future;
		total.null_users += group->null_users;
		total.empty_users += group->empty_users;
		total.null_times += group->null_times;
		total.null_ids += group->null_ids;
		total.empty_ids += group->empty_ids;
		total.null_received += group->null_received;
		histogram_merge(&total.lateness, &group->lateness, CurrentMemoryContext);
		CHECK_FOR_INTERRUPTS();
	}
	total.users = stats->users;
	return total;
}

/*
 * quality_summary(quality_stats, min_users): one row: what is counted of all
 * rows, null_events and empty_events, and the newest arrival.
 */
static const uint32 summary_columns[] = {
	ON_USERS16(1), STATS_ON(1), STATS_ON(1), STATS_LABEL
};

Datum
journey_quality_summary(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const QualityStats *stats = stats_begin_rows(&rows, fcinfo, &quality_stats_type, STATS_COLUMNS(summary_columns));
	QualityGroup total;
	Datum		values[GROUP_COLUMNS + 3] = {0};
	bool		nulls[GROUP_COLUMNS + 3] = {false};
	uint64		null_events = 0;
	uint64		empty_events = 0;
	uint32		i;

	if (stats == NULL)
		PG_RETURN_NULL();
	total = quality_total(stats);
	for (i = 0; i < stats->nevents; i++)
	{
		const QualityGroup *group = &stats->events[i];

		if (group->event.bytes == NULL)
			null_events += group->rows;
		else if (strspn(pnstrdup(group->event.bytes, group->event.length), " \t\n\r") == group->event.length)
			empty_events += group->rows;
	}
	quality_put_group(&total, values, nulls);
	values[GROUP_COLUMNS] = Int64GetDatum((int64) null_events);
	values[GROUP_COLUMNS + 1] = Int64GetDatum((int64) empty_events);
	values[GROUP_COLUMNS + 2] = TimestampTzGetDatum(stats->newest);
	nulls[GROUP_COLUMNS + 2] = stats->newest == QUALITY_NO_NEWEST;
	PG_RETURN_DATUM(stats_row(&rows, values, nulls));
}

/*
 * quality_events(quality_stats, min_users): a row for each event, NULL last.
 */
static const uint32 event_columns[] = {
	ON_USERS16(1)
};

Datum
journey_quality_events(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const QualityStats *stats = stats_begin_rows(&rows, fcinfo, &quality_stats_type, STATS_COLUMNS(event_columns));
	uint32		i;

	if (stats == NULL)
		PG_RETURN_NULL();
	rows.nlabels = 1;
	for (i = 0; i < stats->nevents; i++)
	{
		Datum		values[1 + GROUP_COLUMNS] = {0};
		bool		nulls[1 + GROUP_COLUMNS] = {false};

		stats_put_text(stats->events[i].event, &values[0], &nulls[0]);
		quality_put_group(&stats->events[i], values + 1, nulls + 1);
		stats_show_row(&rows, values, nulls);
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_NULL();
}

/*
 * quality_lateness(quality_stats, bounds, min_users): a row for each bucket of
 * the histogram that is in use, or for each bin.
 */
static const uint32 lateness_columns[] = {
	STATS_LABEL, STATS_LABEL,	/* lower, upper */
	STATS_ON(2), STATS_ON(2)	/* rows, share */
};

Datum
journey_quality_lateness(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const QualityStats *stats = stats_begin_rows(&rows, fcinfo, &quality_stats_type, STATS_COLUMNS(lateness_columns));

	if (stats != NULL)
	{
		const Histogram lateness = quality_total(stats).lateness;

		stats_show_bins(&rows, fcinfo, 1, &lateness, "ARRAY['1 minute', '1 hour', '1 day']::interval[]");
	}
	PG_RETURN_NULL();
}
