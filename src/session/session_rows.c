/*-------------------------------------------------------------------------
 *
 * session_rows.c
 *		Rows to plot from the sessions of a population.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "session/session_stats.h"
#include "utils/date.h"

JOURNEY_FUNCTION(journey_session_totals);
JOURNEY_FUNCTION(journey_session_buckets);
JOURNEY_FUNCTION(journey_session_channels);
JOURNEY_FUNCTION(journey_session_nodes);

#define GROUP_COLUMNS 10

/* How many sessions have one event. */
static uint64
bounces(const SessionGroup *group)
{
	return group->depths.buckets[0].number == 1 ? group->depths.buckets[0].count : 0;
}

/*
 * The columns that a day and a channel have: sessions, users, events, bounce
 * rate, and the mean, median and 90th percentile of duration and depth.
 */
static void
session_group_columns(const SessionGroup *group, Datum *values)
{
	bool		nulls[3];		/* none is */

	values[0] = Int64GetDatum((int64) group->depths.count);
	values[1] = Int64GetDatum((int64) group->users);
	values[2] = Int64GetDatum((int64) group->depths.sum_low);
	values[3] = Float8GetDatum((double) bounces(group) / (double) group->depths.count);
	stats_put_times(&group->durations, values + 4, nulls);
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
	SessionGroup total;
	Datum		values[GROUP_COLUMNS];
	bool		nulls[GROUP_COLUMNS] = {false};

	session_stats_total(STATS_ARG(session_stats_type), &total);
	session_group_columns(&total, values);
	PG_RETURN_DATUM(stats_row(fcinfo, values, nulls));
}

/*
 * session_buckets(session_stats): a row for each day on which a session begins.
 */
Datum
journey_session_buckets(PG_FUNCTION_ARGS)
{
	const SessionStats *stats = STATS_ARG(session_stats_type);
	pg_tz	   *zone = calendar_zone(stats->zone.bytes, stats->zone.length);
	uint32		i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < stats->ndays; i++)
	{
		Datum		values[GROUP_COLUMNS + 2];
		bool		nulls[GROUP_COLUMNS + 2] = {false};

		values[0] = TimestampTzGetDatum(calendar_begin(CALENDAR_DAY, zone, stats->days[i].day));
		values[1] = DateADTGetDatum((DateADT) stats->days[i].day);
		session_group_columns(&stats->days[i], values + 2);
		stats_put_row(fcinfo, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * session_channels(session_stats): a row for each channel, NULL at the end.
 */
Datum
journey_session_channels(PG_FUNCTION_ARGS)
{
	const SessionStats *stats = STATS_ARG(session_stats_type);
	uint32		i;

	if ((stats->flags & SESSION_TRAFFIC) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the sessions have no channels"),
				 errhint("Make them by sessions_by_channel(user_id, at, channel, node, gap) instead of sessions().")));
	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < stats->nchannels; i++)
	{
		const SessionGroup *group = &stats->channels[i];
		Datum		values[GROUP_COLUMNS + 1] = {0};
		bool		nulls[GROUP_COLUMNS + 1] = {false};

		stats_put_text(group->channel, &values[0], &nulls[0]);
		session_group_columns(group, values + 1);
		stats_put_row(fcinfo, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * session_nodes(session_stats): a row for each node.
 */
Datum
journey_session_nodes(PG_FUNCTION_ARGS)
{
	const SessionStats *stats = STATS_ARG(session_stats_type);
	uint32		i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < stats->nnodes; i++)
	{
		const SessionNode *node = &stats->nodes[i];
		Datum		values[9] = {0};
		bool		nulls[9] = {false};

		stats_put_text(node->name, &values[0], &nulls[0]);
		values[1] = Int64GetDatum((int64) node->views);
		values[2] = Int64GetDatum((int64) node->visitors);
		values[3] = Int64GetDatum((int64) node->entries);
		values[4] = Int64GetDatum((int64) node->exits);
		values[5] = Float8GetDatum((double) node->exits / (double) node->views);
		stats_put_times(&node->times, values + 6, nulls + 6);
		stats_put_row(fcinfo, values, nulls);
		if (i % 1024 == 1023)
			CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_NULL();
}
