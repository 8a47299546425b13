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

JOURNEY_FUNCTION(journey_session_totals);
JOURNEY_FUNCTION(journey_session_buckets);
JOURNEY_FUNCTION(journey_session_channels);
JOURNEY_FUNCTION(journey_session_channel_buckets);
JOURNEY_FUNCTION(journey_session_nodes);

/* The columns of a group: all are of its users. */
#define GROUP_COLUMNS 10

static const uint32 group_columns[GROUP_COLUMNS] = {
	STATS_ON(1), STATS_ON(1), STATS_ON(1), STATS_ON(1), STATS_ON(1),
	STATS_ON(1), STATS_ON(1), STATS_ON(1), STATS_ON(1), STATS_ON(1)
};

/*
 * Start rows of groups, which have labels before their columns, of sessions
 * that must have channels if so said, of which those to show are left.
 */
static SessionStats *
session_begin_groups(StatsRows *rows, FunctionCallInfo fcinfo, int nlabels, bool channels)
{
	SessionStats *stats = stats_begin_rows(rows, fcinfo, &session_stats_type,
										   STATS_COLUMNS(group_columns));

	rows->nlabels = nlabels;
	if (stats != NULL && channels && (stats->flags & SESSION_TRAFFIC) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the sessions have no channels"),
				 errhint("Make them by sessions_by_channel(user_id, at, channel, node, gap) instead of sessions().")));
	if (stats != NULL && channels)
		session_show_top(stats);
	return stats;
}

/* How many sessions have one event. */
static uint64
bounces(const SessionGroup *group)
{
	return group->depths.buckets[0].number == 1 ? group->depths.buckets[0].count : 0;
}

/*
 * The columns that a bucket and a channel have: sessions, users, events, bounce
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
 * session_totals(session_stats, min_users): one row.
 */
Datum
journey_session_totals(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const SessionStats *stats = session_begin_groups(&rows, fcinfo, 0, false);
	SessionGroup total;
	Datum		values[GROUP_COLUMNS];
	bool		nulls[GROUP_COLUMNS] = {false};

	if (stats == NULL)
		PG_RETURN_NULL();
	session_stats_total(stats, &total);
	session_group_columns(&total, values);
	PG_RETURN_DATUM(stats_row(&rows, values, nulls));
}

/*
 * A row for each of n groups, which have buckets: perhaps its channel, the
 * bucket's beginning and date, the columns of a group, and whether the bucket
 * had passed.
 */
static void
session_put_buckets(const StatsRows *rows, const SessionStats *stats,
					const SessionGroup *groups, uint32 n, bool channels)
{
	pg_tz	   *zone = calendar_zone_kept(stats->zone.bytes, stats->zone.length);
	const bool	known = stats->newest != SESSION_NEWEST_UNKNOWN;
	const int64 newest = known ? calendar_number(stats->unit, zone, stats->newest) : 0;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		Datum		values[GROUP_COLUMNS + 4] = {0};
		bool		nulls[GROUP_COLUMNS + 4] = {false};
		Datum	   *columns = values + channels;

		if (channels)
			stats_put_text(groups[i].channel, &values[0], &nulls[0]);
		columns[0] = TimestampTzGetDatum(calendar_begin(stats->unit, zone, groups[i].bucket));
		nulls[channels + 1] = !calendar_date(stats->unit, groups[i].bucket, &columns[1]);
		session_group_columns(&groups[i], columns + 2);
		columns[2 + GROUP_COLUMNS] = BoolGetDatum(newest > groups[i].bucket);
		nulls[channels + 2 + GROUP_COLUMNS] = !known;
		stats_show_row(rows, values, nulls);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * session_buckets(session_stats, min_users): a row for each bucket in which a
 * session begins.
 */
Datum
journey_session_buckets(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const SessionStats *stats = session_begin_groups(&rows, fcinfo, 2, false);

	if (stats != NULL)
		session_put_buckets(&rows, stats, stats->buckets, stats->nbuckets, false);
	PG_RETURN_NULL();
}

/*
 * session_channel_buckets(session_stats, min_users): a row for each bucket and
 * channel.
 */
Datum
journey_session_channel_buckets(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const SessionStats *stats = session_begin_groups(&rows, fcinfo, 3, true);

	if (stats == NULL)
		PG_RETURN_NULL();
	if (stats->ncells == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the sessions have no channels in buckets"),
				 errdetail("They, or a part of them that was rolled up, were made by version 0.1.0."),
				 errhint("Make them again by sessions_by_channel().")));
	session_put_buckets(&rows, stats, stats->cells, stats->ncells, true);
	PG_RETURN_NULL();
}

/*
 * session_channels(session_stats, min_users): a row for each channel, NULL at
 * the end.
 */
Datum
journey_session_channels(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const SessionStats *stats = session_begin_groups(&rows, fcinfo, 1, true);
	uint32		i;

	for (i = 0; stats != NULL && i < stats->nchannels; i++)
	{
		const SessionGroup *group = &stats->channels[i];
		Datum		values[GROUP_COLUMNS + 1] = {0};
		bool		nulls[GROUP_COLUMNS + 1] = {false};

		stats_put_text(group->channel, &values[0], &nulls[0]);
		session_group_columns(group, values + 1);
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * session_nodes(session_stats, min_users): a row for each node.
 */
static const uint32 node_columns[] = {
	STATS_LABEL, STATS_ON(2), STATS_ON(2), STATS_ON(2), STATS_ON(2),	/* node to exits; all
																		 * are of its users */
	STATS_ON(2), STATS_ON(2), STATS_ON(2), STATS_ON(2)	/* exit_rate, times */
};

Datum
journey_session_nodes(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const SessionStats *stats = stats_begin_rows(&rows, fcinfo, &session_stats_type,
												 STATS_COLUMNS(node_columns));
	uint32		i;

	for (i = 0; stats != NULL && i < stats->nnodes; i++)
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
		stats_show_row(&rows, values, nulls);
		if (i % 1024 == 1023)
			CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_NULL();
}
