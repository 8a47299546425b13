/*-------------------------------------------------------------------------
 *
 * activity_rows.c
 *		Rows to plot from the result of an activity analysis.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "activity/activity_calendar.h"
#include "activity/activity_stats.h"
#include "funcapi.h"
#include "miscadmin.h"

JOURNEY_FUNCTION(journey_lifecycle_buckets);
JOURNEY_FUNCTION(journey_active_ratio_buckets);
JOURNEY_FUNCTION(journey_stickiness_buckets);
JOURNEY_FUNCTION(journey_frequency_bins);

static const char *const kind_makers[ACTIVITY_NKINDS] = {
	"lifecycle", "active_ratio", "stickiness", "frequency"
};

/* The result, which must be of a kind. */
static ActivityStats *
activity_arg(FunctionCallInfo fcinfo, ActivityKind kind, const char *accessor)
{
	ActivityStats *stats = STATS_ARG(activity_stats_type);

	if (stats->spec.kind != kind)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s was given the result of %s()", accessor, kind_makers[stats->spec.kind]),
				 errhint("Give it the result of %s().", kind_makers[kind])));
	return stats;
}

/*
 * A walk over all buckets from the first that has a cell to that of the newest
 * event, or the last before the end of observation, with users in them or not.
 */
typedef struct BucketWalk
{
	const ActivityStats *stats;
	ActivityCalendar calendar;
	int64		bucket;
	int64		last;
	TimestampTz begin;			/* of the bucket */
	TimestampTz end;
	uint32		next_cell;		/* the first of the next bucket */
} BucketWalk;

static void
begin_walk(BucketWalk *walk, const ActivityStats *stats, CalendarUnit unit)
{
	pg_tz	   *zone = calendar_zone_kept(stats->spec.zone, strlen(stats->spec.zone));

	walk->stats = stats;
	activity_calendar_init(&walk->calendar, unit, zone);
	/* a bucket that begins at the end of observation was not seen */
	walk->last = activity_bucket(&walk->calendar,
								 calendar_number(unit, zone, stats->newest -
												 (stats->spec.until != PG_INT64_MAX)));
	walk->bucket = stats->ncells > 0 ? stats->cells[0].bucket - 1 : walk->last;
	walk->next_cell = 0;
	if (walk->last - walk->bucket > ACTIVITY_MOST_BUCKETS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("from the first event to the newest there are " INT64_FORMAT " buckets of unit \"%s\", more than %d",
						walk->last - walk->bucket, calendar_unit_name(unit), ACTIVITY_MOST_BUCKETS),
				 errhint("Leave out events whose times are wrong, or use a longer unit.")));
	if (walk->last > walk->bucket)
		walk->end = activity_bucket_begin(&walk->calendar, walk->bucket + 1);
}

/* Go to the next bucket and its cells, of which there may be none. */
static bool
next_bucket(BucketWalk *walk, const ActivityCell **cells, uint32 *ncells)
{
	const ActivityStats *stats = walk->stats;

	if (walk->bucket >= walk->last)
		return false;
	CHECK_FOR_INTERRUPTS();
	walk->bucket++;
	walk->begin = walk->end;
	walk->end = activity_bucket_begin(&walk->calendar, walk->bucket + 1);
	*cells = &stats->cells[walk->next_cell];
	*ncells = 0;
	while (walk->next_cell < stats->ncells &&
		   stats->cells[walk->next_cell].bucket == walk->bucket)
	{
		walk->next_cell++;
		(*ncells)++;
	}
	return true;
}

/*
 * lifecycle_buckets(activity_stats): a row for each bucket.
 */
Datum
journey_lifecycle_buckets(PG_FUNCTION_ARGS)
{
	ActivityStats *stats = activity_arg(fcinfo, ACTIVITY_LIFECYCLE, "lifecycle_buckets");
	const ActivityCell *cells;
	BucketWalk	walk;
	uint32		ncells;

	InitMaterializedSRF(fcinfo, 0);
	begin_walk(&walk, stats, (CalendarUnit) stats->spec.unit);
	while (next_bucket(&walk, &cells, &ncells))
	{
		uint64		users[LIFECYCLE_NSTATES] = {0};
		Datum		values[8] = {0};
		bool		nulls[8] = {false};
		int			state;
		uint32		i;

		for (i = 0; i < ncells; i++)
			users[cells[i].key] = cells[i].users;
		values[0] = TimestampTzGetDatum(walk.begin);
		nulls[1] = !activity_bucket_date(&walk.calendar, walk.bucket, &values[1]);
		values[2] = Int64GetDatum((int64) (users[LIFECYCLE_NEW] + users[LIFECYCLE_RETURNING] +
										   users[LIFECYCLE_RESURRECTED]));
		for (state = 0; state < LIFECYCLE_NSTATES; state++)
			values[3 + state] = Int64GetDatum((int64) users[state]);
		values[7] = BoolGetDatum(walk.end <= stats->newest);
		stats_put_row(fcinfo, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * active_ratio_buckets(activity_stats): a row for each bucket.
 */
Datum
journey_active_ratio_buckets(PG_FUNCTION_ARGS)
{
	ActivityStats *stats = activity_arg(fcinfo, ACTIVITY_RATIO, "active_ratio_buckets");
	const ActivityCell *cells;
	BucketWalk	walk;
	uint32		ncells;
	int64		first;
	int64		in_short = 0;
	int64		in_long = 0;

	InitMaterializedSRF(fcinfo, 0);
	begin_walk(&walk, stats, (CalendarUnit) stats->spec.unit);
	first = walk.bucket + 1;
	while (next_bucket(&walk, &cells, &ncells))
	{
		Datum		values[6] = {0};
		bool		nulls[6] = {false};
		uint32		i;

		for (i = 0; i < ncells; i++)
		{
			int64		users = (int64) cells[i].users;

			switch ((ActivityEdge) cells[i].key)
			{
				case EDGE_SHORT_BEGIN:
					in_short += users;
					break;
				case EDGE_SHORT_END:
					in_short -= users;
					break;
				case EDGE_LONG_BEGIN:
					in_long += users;
					break;
				case EDGE_LONG_END:
					in_long -= users;
					break;
			}
		}
		values[0] = TimestampTzGetDatum(walk.begin);
		nulls[1] = !activity_bucket_date(&walk.calendar, walk.bucket, &values[1]);
		values[2] = Int64GetDatum(in_short);
		values[3] = Int64GetDatum(in_long);
		stats_put_share((uint64) in_short, (uint64) in_long, &values[4], &nulls[4]);
		values[5] = BoolGetDatum(walk.end <= stats->newest &&
								 walk.bucket - first + 1 >= stats->spec.long_window);
		stats_put_row(fcinfo, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * stickiness_buckets(activity_stats): for each bucket of the longer unit a row
 * for each number of shorter units that it has.
 */
Datum
journey_stickiness_buckets(PG_FUNCTION_ARGS)
{
	ActivityStats *stats = activity_arg(fcinfo, ACTIVITY_STICKINESS, "stickiness_buckets");
	ActivityCalendar shorter;
	const ActivityCell *cells;
	BucketWalk	walk;
	uint32		ncells;

	InitMaterializedSRF(fcinfo, 0);
	begin_walk(&walk, stats, stats->spec.over_unit);
	activity_calendar_init(&shorter, (CalendarUnit) stats->spec.unit, walk.calendar.zone);
	while (next_bucket(&walk, &cells, &ncells))
	{
		uint64		units =
			(uint64) (activity_bucket(&shorter, calendar_number(shorter.unit, shorter.zone, walk.end - 1)) -
					  activity_bucket(&shorter, calendar_number(shorter.unit, shorter.zone, walk.begin)) + 1);
		uint64		total = 0;
		uint64		below = 0;
		uint64		k;
		uint32		i;

		for (i = 0; i < ncells; i++)
			total += cells[i].users;
		if (ncells > 0)			/* a value from elsewhere may have more */
			units = Max(units, cells[ncells - 1].key);
		for (k = 1, i = 0; k <= units; k++)
		{
			uint64		users = i < ncells && cells[i].key == k ? cells[i++].users : 0;
			Datum		values[7] = {0};
			bool		nulls[7] = {false};

			values[0] = TimestampTzGetDatum(walk.begin);
			nulls[1] = !activity_bucket_date(&walk.calendar, walk.bucket, &values[1]);
			values[2] = Int32GetDatum((int32) k);
			values[3] = Int64GetDatum((int64) users);
			values[4] = Int64GetDatum((int64) (total - below));
			stats_put_share(users, total, &values[5], &nulls[5]);
			values[6] = BoolGetDatum(walk.end <= stats->newest);
			stats_put_row(fcinfo, values, nulls);
			below += users;
		}
	}
	PG_RETURN_NULL();
}

/* A bin; the last has no upper bound. */
static void
activity_put_bin(FunctionCallInfo fcinfo, int64 lower, int64 upper, uint64 users, uint64 total)
{
	Datum		values[4];
	bool		nulls[4] = {false};

	values[0] = Int64GetDatum(lower);
	nulls[1] = upper == PG_INT64_MAX;
	values[1] = Int64GetDatum(upper);
	values[2] = Int64GetDatum((int64) users);
	stats_put_share(users, total, &values[3], &nulls[3]);
	stats_put_row(fcinfo, values, nulls);
}

/*
 * frequency_bins(activity_stats [, bounds]): a row for each number of times
 * that there is, or for each bin.
 */
Datum
journey_frequency_bins(PG_FUNCTION_ARGS)
{
	ActivityStats *stats = activity_arg(fcinfo, ACTIVITY_FREQUENCY, "frequency_bins");
	uint64		total = 0;
	int64	   *bounds;
	uint32		i;
	int			bin;
	int			n;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < stats->ncells; i++)
		total += stats->cells[i].users;
	if (PG_NARGS() == 1)
	{
		for (i = 0; i < stats->ncells; i++)
			activity_put_bin(fcinfo, (int64) stats->cells[i].key, (int64) stats->cells[i].key + 1,
							 stats->cells[i].users, total);
		PG_RETURN_NULL();
	}
	bounds = stats_bounds_arg(fcinfo, 1, false, 1, "ARRAY[1, 2, 5, 10]", &n);
	for (bin = 0, i = 0; bin < n; bin++)
	{
		int64		upper = bin + 1 < n ? bounds[bin + 1] : PG_INT64_MAX;
		uint64		users = 0;

		for (; i < stats->ncells && (bin + 1 == n || stats->cells[i].key < (uint64) upper); i++)
			users += stats->cells[i].users;
		activity_put_bin(fcinfo, bounds[bin], upper, users, total);
	}
	PG_RETURN_NULL();
}
