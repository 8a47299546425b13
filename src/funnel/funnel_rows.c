/*-------------------------------------------------------------------------
 *
 * funnel_rows.c
 *		Rows to plot from the result of a funnel.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "funnel/funnel_stats.h"
#include "utils/builtins.h"

JOURNEY_FUNCTION(journey_funnel_steps);
JOURNEY_FUNCTION(journey_funnel_breakdown_steps);
JOURNEY_FUNCTION(journey_funnel_trend_steps);
JOURNEY_FUNCTION(journey_funnel_trend_breakdown_steps);
JOURNEY_FUNCTION(journey_funnel_times);

/*
 * A row for each step of a group.  Its counts that are not shown: users of step
 * 1, of the step before and of the next step, and who has the times.
 */
#define STEP_COLUMNS 11
#define STEP_COUNTS 5

static const uint32 step_columns[STEP_COLUMNS] = {
	STATS_LABEL, STATS_ON(1),	/* step, users */
	STATS_ON(1) | STATS_ON(11), STATS_ON(1) | STATS_ON(12), /* rates */
	STATS_ON(1) | STATS_ON(4) | STATS_ON(13),	/* dropped_off */
	STATS_ON(1) | STATS_ON(14), STATS_ON(1) | STATS_ON(14), STATS_ON(1) | STATS_ON(14),
	STATS_ON(1) | STATS_ON(15), STATS_ON(1) | STATS_ON(15), STATS_ON(1) | STATS_ON(15)
};

/* How many users have times of a step, which step 1 has not. */
static void
funnel_put_count(const Histogram *times, Datum *value, bool *null)
{
	*null = times == NULL;
	*value = Int64GetDatum(times == NULL ? 0 : (int64) times->count);
}

/* A breakdown's label, the first of the values, is the caller's. */
static void
funnel_put_steps(const StatsRows *rows, const FunnelStats *stats, const FunnelGroup *group,
				 Datum *values, bool *nulls)
{
	const uint64 optional = funnel_optional_steps(&stats->spec);
	uint64		before = group->users[0];	/* of the step before that is not
											 * optional */
	int			k;

	for (k = 0; k < stats->nsteps; k++)
	{
		const Histogram *from_before = k == 0 ? NULL : &group->from_before[k];
		const Histogram *from_start = k == 0 ? NULL : &group->from_start[k];
		Datum	   *out = values + rows->nlabels;
		bool	   *out_nulls = nulls + rows->nlabels;
		const uint64 users = group->users[k];
		const bool	is_optional = (optional & stepset_bit(k)) != 0;
		int			next = k + 1;	/* the step after it that is not optional */

		while (next < stats->nsteps && (optional & stepset_bit(next)) != 0)
			next++;

		memset(out_nulls, 0, (STEP_COLUMNS + STEP_COUNTS) * sizeof(bool));
		out[0] = Int32GetDatum(k + 1);
		out[1] = Int64GetDatum((int64) users);
		stats_put_share(users, group->users[0], &out[2], &out_nulls[2]);
		stats_put_share(users, before, &out[3], &out_nulls[3]);
		out_nulls[4] = is_optional || next == stats->nsteps;
		out[4] = Int64GetDatum(out_nulls[4] ? 0 : (int64) (users - group->users[next]));
		stats_put_times(from_before, out + 5, out_nulls + 5);
		stats_put_times(from_start, out + 8, out_nulls + 8);
		out[11] = Int64GetDatum((int64) group->users[0]);
		out[12] = Int64GetDatum((int64) before);
		out[13] = Int64GetDatum(next == stats->nsteps ? 0 : (int64) group->users[next]);
		out_nulls[13] = next == stats->nsteps;
		funnel_put_count(from_before, &out[14], &out_nulls[14]);
		funnel_put_count(from_start, &out[15], &out_nulls[15]);
		stats_show_row(rows, values, nulls);
		if (!is_optional)
			before = users;
	}
}

/*
 * One group for all users.  Where a user may be in several they cannot be added
 * up.
 */
static FunnelGroup *
funnel_all_users(FunnelStats *stats, const char *function)
{
	const TextSlice no_label = {NULL, 0};

	if (funnel_has_buckets(stats))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s cannot add up the buckets of a trend", function),
				 errdetail("A user counts in every bucket in which a chain of theirs starts."),
				 errhint("Call %s(), or give it the result of funnel() or funnel_breakdown().",
						 funnel_has_labels(stats) ? "funnel_trend_breakdown_steps" : "funnel_trend_steps")));
	if (stats->each_value)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s cannot add up the groups of each value", function),
				 errdetail("A user counts in the group of every value."),
				 errhint("Call funnel_breakdown_steps(), or give it the result of funnel().")));
	if (stats->kind == FUNNEL_BREAKDOWN)
		stats = funnel_stats_whole(stats);
	return funnel_stats_group(stats, no_label, 0);
}

/*
 * funnel_steps(funnel_stats, min_users): a row for each step; of a breakdown, for all its
 * groups together.
 */
Datum
journey_funnel_steps(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	FunnelStats *stats = stats_begin_rows(&rows, fcinfo, &funnel_stats_type, STATS_COLUMNS(step_columns));
	Datum		values[STEP_COLUMNS + STEP_COUNTS];
	bool		nulls[STEP_COLUMNS + STEP_COUNTS];

	if (stats != NULL)
		funnel_put_steps(&rows, stats, funnel_all_users(stats, "funnel_steps"), values, nulls);
	PG_RETURN_NULL();
}

/*
 * Put the groups, of each bucket if there are buckets, in the order in which they
 * are shown: the one without a label, which is stored first, is last.
 */
static void
funnel_show_in_order(FunnelStats *stats)
{
	uint32		begin;
	uint32		end;

	for (begin = 0; begin < stats->ngroups; begin = end)
	{
		const FunnelGroup first = stats->groups[begin];

		for (end = begin + 1; end < stats->ngroups && stats->groups[end].bucket == first.bucket; end++)
			continue;
		if (first.label.bytes != NULL)
			continue;
		memmove(&stats->groups[begin], &stats->groups[begin + 1],
				(end - 1 - begin) * sizeof(FunnelGroup));
		stats->groups[end - 1] = first;
	}
}

/*
 * funnel_breakdown_steps(funnel_stats, min_users): a row for each group and step.
 */
Datum
journey_funnel_breakdown_steps(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	FunnelStats *stats = stats_begin_rows(&rows, fcinfo, &funnel_stats_type, STATS_COLUMNS(step_columns));
	Datum		values[1 + STEP_COLUMNS + STEP_COUNTS];
	bool		nulls[1 + STEP_COLUMNS + STEP_COUNTS];
	uint32		i;

	if (stats == NULL)
		PG_RETURN_NULL();
	rows.nlabels = 1;
	if (funnel_has_buckets(stats))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("funnel_breakdown_steps was given a trend"),
				 errhint("Call %s().", funnel_has_labels(stats) ? "funnel_trend_breakdown_steps" : "funnel_trend_steps")));
	stats = funnel_stats_top(stats);
	funnel_show_in_order(stats);
	for (i = 0; i < stats->ngroups; i++)
	{
		stats_put_text(stats->groups[i].label, &values[0], &nulls[0]);
		funnel_put_steps(&rows, stats, &stats->groups[i], values, nulls);
	}
	PG_RETURN_NULL();
}

/* A row for each group of a trend and step; with `labels`, the label goes first. */
#define TREND_COLUMNS 12
#define TREND_COUNTS 3			/* users of step 1, and who has the times */

static const uint32 trend_columns[TREND_COLUMNS] = {
	STATS_LABEL, STATS_LABEL, STATS_LABEL,	/* bucket, bucket_date, step */
	STATS_ON(3), STATS_ON(3) | STATS_ON(12), STATS_LABEL,	/* users,
															 * conversion_rate,
															 * complete */
	STATS_ON(3) | STATS_ON(13), STATS_ON(3) | STATS_ON(13), STATS_ON(3) | STATS_ON(13),
	STATS_ON(3) | STATS_ON(14), STATS_ON(3) | STATS_ON(14), STATS_ON(3) | STATS_ON(14)
};

static void
funnel_put_trend(StatsRows *rows, const FunnelStats *stats, bool labels)
{
	pg_tz	   *zone = NULL;
	uint32		i;
	int			k;

	rows->nlabels = labels;
	if (stats->zone[0] != '\0')
		zone = calendar_zone_kept(stats->zone, strlen(stats->zone));
	for (i = 0; i < stats->ngroups; i++)
	{
		const FunnelGroup *group = &stats->groups[i];
		Datum		date = 0;
		bool		dated = zone != NULL &&
			calendar_date(stats->unit, calendar_number(stats->unit, zone, group->bucket), &date);

		for (k = 0; k < stats->nsteps; k++)
		{
			const Histogram *from_before = k == 0 ? NULL : &group->from_before[k];
			const Histogram *from_start = k == 0 ? NULL : &group->from_start[k];
			Datum		row[1 + TREND_COLUMNS + TREND_COUNTS];
			bool		row_nulls[1 + TREND_COLUMNS + TREND_COUNTS] = {false};
			Datum	   *values = row + labels;
			bool	   *nulls = row_nulls + labels;

			if (labels)
				stats_put_text(group->label, &row[0], &row_nulls[0]);
			values[0] = TimestampTzGetDatum(group->bucket);
			values[1] = date;
			nulls[1] = !dated;
			values[2] = Int32GetDatum(k + 1);
			values[3] = Int64GetDatum((int64) group->users[k]);
			values[4] = Float8GetDatum((double) group->users[k] / (double) Max(group->users[0], 1));
			values[5] = BoolGetDatum(group->complete_at <= stats->newest);
			stats_put_times(from_before, values + 6, nulls + 6);
			stats_put_times(from_start, values + 9, nulls + 9);
			values[12] = Int64GetDatum((int64) group->users[0]);
			funnel_put_count(from_before, &values[13], &nulls[13]);
			funnel_put_count(from_start, &values[14], &nulls[14]);
			stats_show_row(rows, row, row_nulls);
		}
	}
}

/*
 * funnel_trend_steps(funnel_stats, min_users): a row for each bucket and step; of
 * a trend by breakdown, for all groups of a bucket together.
 */
Datum
journey_funnel_trend_steps(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	FunnelStats *stats = stats_begin_rows(&rows, fcinfo, &funnel_stats_type, STATS_COLUMNS(trend_columns));

	if (stats == NULL)
		PG_RETURN_NULL();
	if (!funnel_has_buckets(stats))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("funnel_trend_steps was given a funnel without buckets"),
				 errhint("Give it the result of funnel_trend(), or call funnel_steps().")));
	if (stats->each_value)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("funnel_trend_steps cannot add up the groups of each value"),
				 errdetail("A user counts in the group of every value."),
				 errhint("Call funnel_trend_breakdown_steps(), or give it the result of funnel_trend().")));
	funnel_put_trend(&rows, funnel_has_labels(stats) ? funnel_stats_whole(stats) : stats, false);
	PG_RETURN_NULL();
}

/*
 * funnel_trend_breakdown_steps(funnel_stats, min_users): a row for each bucket,
 * group and step.
 */
Datum
journey_funnel_trend_breakdown_steps(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	FunnelStats *stats = stats_begin_rows(&rows, fcinfo, &funnel_stats_type, STATS_COLUMNS(trend_columns));

	if (stats == NULL)
		PG_RETURN_NULL();
	if (stats->kind != FUNNEL_TREND_BREAKDOWN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("funnel_trend_breakdown_steps was given no trend by breakdown"),
				 errhint("Give it the result of funnel_trend_breakdown(), or call %s().",
						 stats->kind == FUNNEL_TREND ? "funnel_trend_steps" :
						 stats->kind == FUNNEL_BREAKDOWN ? "funnel_breakdown_steps" : "funnel_steps")));
	stats = funnel_stats_top(stats);
	funnel_show_in_order(stats);
	funnel_put_trend(&rows, stats, true);
	PG_RETURN_NULL();
}

/* A bin of times; the last of the caller's own has no upper bound. */
static const uint32 times_columns[] = {
	STATS_LABEL, STATS_LABEL, STATS_ON(2)	/* lower, upper, users */
};

static void
funnel_put_bin(const StatsRows *rows, uint64 lower, uint64 upper, bool unbounded, uint64 users)
{
	Datum		values[3];
	bool		nulls[3] = {false, unbounded, false};

	values[0] = duration_datum((double) lower);
	values[1] = unbounded ? (Datum) 0 : duration_datum((double) upper);
	values[2] = Int64GetDatum((int64) users);
	stats_show_row(rows, values, nulls);
}

/*
 * funnel_times(funnel_stats, step, from_start, bounds, min_users): a row for each
 * bucket of the histogram of times that is in use, or for each bin between the
 * bounds.
 */
Datum
journey_funnel_times(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	FunnelStats *stats = stats_begin_rows(&rows, fcinfo, &funnel_stats_type, STATS_COLUMNS(times_columns));
	int			step = PG_GETARG_INT32(1);
	const FunnelGroup *group;
	const Histogram *times;
	int64	   *bounds;
	uint64	   *counts;
	int			n;
	int			i;

	if (stats == NULL || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	if (step < 2 || step > stats->nsteps)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step %d has no times in a funnel of %d steps", step, stats->nsteps),
				 errhint("Steps with times are 2 to the last.")));
	group = funnel_all_users(stats, "funnel_times");
	times = PG_GETARG_BOOL(2) ? &group->from_start[step - 1] : &group->from_before[step - 1];
	if (PG_ARGISNULL(3))
	{
		for (i = 0; i < (int) times->nbuckets; i++)
			funnel_put_bin(&rows, histogram_bound(times->buckets[i].number),
						   histogram_bound(times->buckets[i].number + 1), false, times->buckets[i].count);
		PG_RETURN_NULL();
	}
	bounds = stats_bounds_arg(fcinfo, 3, true, 0,
							  "ARRAY['1 hour', '1 day', '7 days']::interval[]", &n);
	counts = palloc(n * sizeof(uint64));
	histogram_bins(times, bounds, n, counts);
	for (i = 0; i < n; i++)
		funnel_put_bin(&rows, (uint64) bounds[i], i + 1 < n ? (uint64) bounds[i + 1] : 0, i + 1 == n,
					   counts[i]);
	PG_RETURN_NULL();
}
