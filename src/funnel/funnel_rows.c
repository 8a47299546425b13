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
JOURNEY_FUNCTION(journey_funnel_times);

/*
 * A row for each step of a group; the first `skip` columns are the caller's.
 */
#define STEP_COLUMNS 11

static void
funnel_put_steps(FunctionCallInfo fcinfo, const FunnelGroup *group, int nsteps, int skip,
				 Datum *values, bool *nulls)
{
	int			k;

	for (k = 0; k < nsteps; k++)
	{
		Datum	   *out = values + skip;
		bool	   *out_nulls = nulls + skip;
		uint64		users = group->users[k];
		uint64		before = k == 0 ? users : group->users[k - 1];

		memset(out_nulls, 0, STEP_COLUMNS * sizeof(bool));
		out[0] = Int32GetDatum(k + 1);
		out[1] = Int64GetDatum((int64) users);
		stats_put_share(users, group->users[0], &out[2], &out_nulls[2]);
		stats_put_share(users, before, &out[3], &out_nulls[3]);
		out_nulls[4] = k + 1 == nsteps;
		out[4] = Int64GetDatum(k + 1 == nsteps ? 0 : (int64) (users - group->users[k + 1]));
		stats_put_times(k == 0 ? NULL : &group->from_before[k], out + 5, out_nulls + 5);
		stats_put_times(k == 0 ? NULL : &group->from_start[k], out + 8, out_nulls + 8);
		stats_put_row(fcinfo, values, nulls);
	}
}

/*
 * funnel_steps(funnel_stats): a row for each step; of a breakdown, for all its
 * groups together.
 */
Datum
journey_funnel_steps(PG_FUNCTION_ARGS)
{
	FunnelStats *stats = STATS_ARG(funnel_stats_type);
	Datum		values[STEP_COLUMNS];
	bool		nulls[STEP_COLUMNS];
	TextSlice	no_label = {NULL, 0};

	InitMaterializedSRF(fcinfo, 0);
	if (stats->kind == FUNNEL_TREND)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("funnel_steps cannot add up the buckets of a trend"),
				 errdetail("A user counts in every bucket in which a chain of theirs starts."),
				 errhint("Call funnel_trend_steps().")));
	if (stats->kind == FUNNEL_BREAKDOWN)
		stats = funnel_stats_whole(stats);
	funnel_put_steps(fcinfo, funnel_stats_group(stats, no_label, 0), stats->nsteps, 0, values, nulls);
	PG_RETURN_NULL();
}

/*
 * funnel_breakdown_steps(funnel_stats): a row for each group and step, the
 * group without a label, which is stored first, last.
 */
Datum
journey_funnel_breakdown_steps(PG_FUNCTION_ARGS)
{
	FunnelStats *stats = STATS_ARG(funnel_stats_type);
	Datum		values[1 + STEP_COLUMNS];
	bool		nulls[1 + STEP_COLUMNS];
	uint32		first;
	uint32		i;

	InitMaterializedSRF(fcinfo, 0);
	if (stats->kind == FUNNEL_TREND)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("funnel_breakdown_steps was given a trend"),
				 errhint("Call funnel_trend_steps().")));
	first = stats->ngroups > 0 && stats->groups[0].label.bytes == NULL;
	for (i = 0; i < stats->ngroups; i++)
	{
		FunnelGroup *group = &stats->groups[(i + first) % stats->ngroups];

		stats_put_text(group->label, &values[0], &nulls[0]);
		funnel_put_steps(fcinfo, group, stats->nsteps, 1, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * funnel_trend_steps(funnel_stats): a row for each bucket and step.
 */
Datum
journey_funnel_trend_steps(PG_FUNCTION_ARGS)
{
	FunnelStats *stats = STATS_ARG(funnel_stats_type);
	pg_tz	   *zone = NULL;
	uint32		i;
	int			k;

	InitMaterializedSRF(fcinfo, 0);
	if (stats->kind != FUNNEL_TREND)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("funnel_trend_steps was given a funnel without buckets"),
				 errhint("Give it the result of funnel_trend(), or call funnel_steps().")));
	if (stats->zone[0] != '\0')
		zone = calendar_zone_kept(stats->zone, strlen(stats->zone));
	for (i = 0; i < stats->ngroups; i++)
	{
		FunnelGroup *group = &stats->groups[i];
		Datum		date = 0;
		bool		dated = zone != NULL &&
			calendar_date(stats->unit, calendar_number(stats->unit, zone, group->bucket), &date);

		for (k = 0; k < stats->nsteps; k++)
		{
			Datum		values[6];
			bool		nulls[6] = {false};

			values[0] = TimestampTzGetDatum(group->bucket);
			values[1] = date;
			nulls[1] = !dated;
			values[2] = Int32GetDatum(k + 1);
			values[3] = Int64GetDatum((int64) group->users[k]);
			values[4] = Float8GetDatum((double) group->users[k] / (double) Max(group->users[0], 1));
			values[5] = BoolGetDatum(group->complete_at <= stats->newest);
			stats_put_row(fcinfo, values, nulls);
		}
	}
	PG_RETURN_NULL();
}

/*
 * funnel_times(funnel_stats, step, from_start): a row for each bucket of the
 * histogram of times.
 */
Datum
journey_funnel_times(PG_FUNCTION_ARGS)
{
	FunnelStats *stats = STATS_ARG(funnel_stats_type);
	int			step = PG_GETARG_INT32(1);
	TextSlice	no_label = {NULL, 0};
	const FunnelGroup *group;
	const Histogram *histogram;
	uint32		i;

	InitMaterializedSRF(fcinfo, 0);
	if (step < 2 || step > stats->nsteps)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step %d has no times in a funnel of %d steps", step, stats->nsteps),
				 errhint("Steps with times are 2 to the last.")));
	if (stats->kind == FUNNEL_TREND)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("funnel_times cannot add up the buckets of a trend"),
				 errdetail("A user counts in every bucket in which a chain of theirs starts."),
				 errhint("Give it the result of funnel() or funnel_breakdown().")));
	if (stats->kind == FUNNEL_BREAKDOWN)
		stats = funnel_stats_whole(stats);
	group = funnel_stats_group(stats, no_label, 0);
	histogram = PG_GETARG_BOOL(2) ? &group->from_start[step - 1] : &group->from_before[step - 1];
	for (i = 0; i < histogram->nbuckets; i++)
	{
		const HistogramBucket *bucket = &histogram->buckets[i];
		Datum		values[3];
		bool		nulls[3] = {false};

		values[0] = duration_datum((double) histogram_bound(bucket->number));
		values[1] = duration_datum((double) histogram_bound(bucket->number + 1));
		values[2] = Int64GetDatum((int64) bucket->count);
		stats_put_row(fcinfo, values, nulls);
	}
	PG_RETURN_NULL();
}
