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

static const char *const kind_makers[ACTIVITY_NKINDS] = {
	"lifecycle", "active_ratio", "stickiness", "frequency"
};

/* The accessor for results of each kind. */
static const char *const kind_accessors[ACTIVITY_NKINDS][2] = {
	{"lifecycle_buckets", "lifecycle_by_buckets"},
	{"active_ratio_buckets", "active_ratio_by_buckets"},
	{"stickiness_buckets", "stickiness_by_buckets"},
	{"frequency_bins", "frequency_by_bins"}
};

/*
 * Start the rows of a result, which must be of a kind, and have a breakdown or
 * not.  In a breakdown the label is the first column.
 */
static ActivityStats *
activity_begin_rows(StatsRows *rows, FunctionCallInfo fcinfo, const uint32 *rests_on, int ncolumns,
					ActivityKind kind, bool by)
{
	ActivityStats *stats = stats_begin_rows(rows, fcinfo, &activity_stats_type, rests_on, ncolumns);

	if (stats == NULL)
		return NULL;
	if (stats->spec.kind != kind || activity_stats_is_by(stats) != by)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s was given the result of %s%s()", kind_accessors[kind][by],
						kind_makers[stats->spec.kind], activity_stats_is_by(stats) ? "_by" : ""),
				 errhint("Give it the result of %s%s().", kind_makers[kind], by ? "_by" : "")));
	rows->nlabels = by;
	return by ? activity_stats_top(stats) : stats;
}

/* The cells of a group, or of all users if there is no breakdown. */
typedef struct GroupCells
{
	TextSlice	label;
	const ActivityCell *cells;
	uint32		ncells;
	uint32		next;			/* the first of the next bucket */
	int64		in_short;		/* of a ratio: users in the windows */
	int64		in_long;
} GroupCells;

/*
 * A walk over all buckets from the first that has a cell to that of the newest
 * event, or the last before the end of observation, with users in them or not,
 * and in each over all groups.
 */
typedef struct BucketWalk
{
	const ActivityStats *stats;
	ActivityCalendar calendar;
	int64		first;
	int64		bucket;
	int64		last;
	TimestampTz begin;			/* of the bucket */
	TimestampTz end;
	uint32		ngroups;
	GroupCells *groups;
} BucketWalk;

/* The groups of a result, whose cells are in order. */
static GroupCells *
activity_groups(const ActivityStats *stats, uint32 *n)
{
	GroupCells *groups;
	uint32		next = 0;
	uint32		i;

	*n = activity_stats_is_by(stats) ? stats->ngroups : 1;
	groups = MemoryContextAllocExtended(CurrentMemoryContext, ((Size) *n + 1) * sizeof(GroupCells),
										MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < *n; i++)
	{
		GroupCells *group = &groups[i];

		if (activity_stats_is_by(stats))
			group->label = stats->groups[i].label;
		group->cells = &stats->cells[next];
		while (next < stats->ncells &&
			   (stats->cells[next].label.bytes == NULL) == (group->label.bytes == NULL) &&
			   slice_equal(stats->cells[next].label, group->label))
			next++;
		group->ncells = (uint32) (&stats->cells[next] - group->cells);
	}
	return groups;
}

static void
begin_walk(BucketWalk *walk, const ActivityStats *stats, CalendarUnit unit)
{
	pg_tz	   *zone = calendar_zone_kept(stats->spec.zone, strlen(stats->spec.zone));
	int64		buckets;
	uint32		i;

	walk->stats = stats;
	walk->groups = activity_groups(stats, &walk->ngroups);
	activity_calendar_init(&walk->calendar, unit, zone);
	/* a bucket that begins at the end of observation was not seen */
	walk->last = activity_bucket(&walk->calendar,
								 calendar_number(unit, zone, stats->newest -
												 (stats->spec.until != PG_INT64_MAX)));
	walk->first = walk->last + 1;
	for (i = 0; i < walk->ngroups; i++)
		if (walk->groups[i].ncells > 0)
			walk->first = Min(walk->first, walk->groups[i].cells[0].bucket);
	walk->bucket = walk->first - 1;
	buckets = walk->last - walk->bucket;
	if (buckets > ACTIVITY_MOST_BUCKETS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("from the first event to the newest there are " INT64_FORMAT " buckets of unit \"%s\", more than %d",
						buckets, calendar_unit_name(unit), ACTIVITY_MOST_BUCKETS),
				 errhint("Leave out events whose times are wrong, or use a longer unit.")));
	if (buckets * walk->ngroups > ACTIVITY_MOST_BUCKETS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%u values have " INT64_FORMAT " buckets of unit \"%s\" each, together more than %d",
						walk->ngroups, buckets, calendar_unit_name(unit), ACTIVITY_MOST_BUCKETS),
				 errhint("Show fewer values, with the option 'top 10', or use a longer unit.")));
	if (buckets > 0)
		walk->end = activity_bucket_begin(&walk->calendar, walk->bucket + 1);
}

/* Go to the next bucket. */
static bool
next_bucket(BucketWalk *walk)
{
	if (walk->bucket >= walk->last)
		return false;
	CHECK_FOR_INTERRUPTS();
	walk->bucket++;
	walk->begin = walk->end;
	walk->end = activity_bucket_begin(&walk->calendar, walk->bucket + 1);
	return true;
}

/* The cells of a group in the bucket, of which there may be none. */
static const ActivityCell *
cells_of_bucket(const BucketWalk *walk, GroupCells *group, uint32 *ncells)
{
	const ActivityCell *cells = &group->cells[group->next];

	*ncells = 0;
	while (group->next < group->ncells && group->cells[group->next].bucket == walk->bucket)
	{
		group->next++;
		(*ncells)++;
	}
	return cells;
}

/* The label of a row, which is its first column in a breakdown only. */
static void
put_label(TextSlice label, bool by, Datum *row, bool *nulls)
{
	if (by)
		stats_put_text(label, &row[0], &nulls[0]);
}

/* The columns that rows of buckets begin with. */
static void
put_bucket(const BucketWalk *walk, Datum *values, bool *nulls)
{
	values[0] = TimestampTzGetDatum(walk->begin);
	nulls[1] = !activity_bucket_date(&walk->calendar, walk->bucket, &values[1]);
}

static const uint32 lifecycle_columns[] = {
	STATS_LABEL, STATS_LABEL,	/* bucket, bucket_date */
	STATS_ON(3) | STATS_ON(4) | STATS_ON(5),	/* active, the sum of */
	STATS_ON(3), STATS_ON(4), STATS_ON(5),	/* new, returning, resurrected */
	STATS_ON(6), STATS_LABEL	/* dormant, complete */
};

/* A row for each bucket and group. */
static Datum
put_lifecycle(FunctionCallInfo fcinfo, bool by)
{
	StatsRows	rows;
	ActivityStats *stats = activity_begin_rows(&rows, fcinfo, STATS_COLUMNS(lifecycle_columns),
											   ACTIVITY_LIFECYCLE, by);
	BucketWalk	walk;
	uint32		g;

	if (stats == NULL)
		PG_RETURN_NULL();
	begin_walk(&walk, stats, (CalendarUnit) stats->spec.unit);
	while (next_bucket(&walk))
		for (g = 0; g < walk.ngroups; g++)
		{
			uint32		ncells;
			const ActivityCell *cells = cells_of_bucket(&walk, &walk.groups[g], &ncells);
			uint64		users[LIFECYCLE_NSTATES] = {0};
			Datum		row[9] = {0};
			bool		row_nulls[9] = {false};
			Datum	   *values = row + by;
			int			state;
			uint32		i;

			for (i = 0; i < ncells; i++)
				users[cells[i].key] = cells[i].users;
			put_label(walk.groups[g].label, by, row, row_nulls);
			put_bucket(&walk, values, row_nulls + by);
			values[2] = Int64GetDatum((int64) (users[LIFECYCLE_NEW] + users[LIFECYCLE_RETURNING] +
											   users[LIFECYCLE_RESURRECTED]));
			for (state = 0; state < LIFECYCLE_NSTATES; state++)
				values[3 + state] = Int64GetDatum((int64) users[state]);
			values[7] = BoolGetDatum(walk.end <= stats->newest);
			stats_show_row(&rows, row, row_nulls);
		}
	PG_RETURN_NULL();
}

/* lifecycle_buckets(activity_stats, min_users) */
JOURNEY_FUNCTION_AS(journey_lifecycle_buckets, put_lifecycle(fcinfo, false))

/* lifecycle_by_buckets(activity_stats, min_users) */
JOURNEY_FUNCTION_AS(journey_lifecycle_by_buckets, put_lifecycle(fcinfo, true))

static const uint32 active_ratio_columns[] = {
	STATS_LABEL, STATS_LABEL,	/* bucket, bucket_date */
	STATS_ON(2), STATS_ON(3),	/* short_active, long_active */
	STATS_ON(2) | STATS_ON(3), STATS_LABEL	/* active_ratio, complete */
};

/* A row for each bucket and group. */
static Datum
put_active_ratio(FunctionCallInfo fcinfo, bool by)
{
	StatsRows	rows;
	ActivityStats *stats = activity_begin_rows(&rows, fcinfo, STATS_COLUMNS(active_ratio_columns),
											   ACTIVITY_RATIO, by);
	BucketWalk	walk;
	uint32		g;

	if (stats == NULL)
		PG_RETURN_NULL();
	begin_walk(&walk, stats, (CalendarUnit) stats->spec.unit);
	while (next_bucket(&walk))
		for (g = 0; g < walk.ngroups; g++)
		{
			GroupCells *group = &walk.groups[g];
			uint32		ncells;
			const ActivityCell *cells = cells_of_bucket(&walk, group, &ncells);
			Datum		row[7] = {0};
			bool		row_nulls[7] = {false};
			Datum	   *values = row + by;
			bool	   *nulls = row_nulls + by;
			uint32		i;

			for (i = 0; i < ncells; i++)
			{
				int64		users = (int64) cells[i].users;

				switch ((ActivityEdge) cells[i].key)
				{
					case EDGE_SHORT_BEGIN:
						group->in_short += users;
						break;
					case EDGE_SHORT_END:
						group->in_short -= users;
						break;
					case EDGE_LONG_BEGIN:
						group->in_long += users;
						break;
					case EDGE_LONG_END:
						group->in_long -= users;
						break;
				}
			}
			put_label(group->label, by, row, row_nulls);
			put_bucket(&walk, values, nulls);
			values[2] = Int64GetDatum(group->in_short);
			values[3] = Int64GetDatum(group->in_long);
			stats_put_share((uint64) group->in_short, (uint64) group->in_long, &values[4], &nulls[4]);
			values[5] = BoolGetDatum(walk.end <= stats->newest &&
									 walk.bucket - walk.first + 1 >= stats->spec.long_window);
			stats_show_row(&rows, row, row_nulls);
		}
	PG_RETURN_NULL();
}

/* active_ratio_buckets(activity_stats, min_users) */
JOURNEY_FUNCTION_AS(journey_active_ratio_buckets, put_active_ratio(fcinfo, false))

/* active_ratio_by_buckets(activity_stats, min_users) */
JOURNEY_FUNCTION_AS(journey_active_ratio_by_buckets, put_active_ratio(fcinfo, true))

static const uint32 stickiness_columns[] = {
	STATS_LABEL, STATS_LABEL, STATS_LABEL,	/* bucket, bucket_date,
											 * active_units */
	STATS_ON(3),				/* users */
	STATS_ON(4) | STATS_ON(7),	/* users_or_more; without users they are those
								 * of the next row, not shown */
	STATS_ON(3), STATS_LABEL	/* share, complete */
};

/* The rows of a group in a bucket: one for each number of shorter units that the bucket has. */
static void
put_stickiness_of_group(const StatsRows *rows, const BucketWalk *walk, GroupCells *group,
						uint64 units, bool by)
{
	uint32		ncells;
	const ActivityCell *cells = cells_of_bucket(walk, group, &ncells);
	uint64		total = 0;
	uint64		below = 0;
	uint64		k;
	uint32		i;

	for (i = 0; i < ncells; i++)
		total += cells[i].users;
	if (ncells > 0)				/* a value from elsewhere may have more */
		units = Max(units, cells[ncells - 1].key);
	for (k = 1, i = 0; k <= units; k++)
	{
		uint64		users = i < ncells && cells[i].key == k ? cells[i++].users : 0;
		Datum		row[9] = {0};
		bool		row_nulls[9] = {false};
		Datum	   *values = row + by;
		bool	   *nulls = row_nulls + by;

		put_label(group->label, by, row, row_nulls);
		put_bucket(walk, values, nulls);
		values[2] = Int32GetDatum((int32) k);
		values[3] = Int64GetDatum((int64) users);
		values[4] = Int64GetDatum((int64) (total - below));
		stats_put_share(users, total, &values[5], &nulls[5]);
		values[6] = BoolGetDatum(walk->end <= walk->stats->newest);
		below += users;
		values[7] = Int64GetDatum((int64) (total - below));
		nulls[7] = k == units;
		stats_show_row(rows, row, row_nulls);
	}
}

static Datum
put_stickiness(FunctionCallInfo fcinfo, bool by)
{
	StatsRows	rows;
	ActivityStats *stats = activity_begin_rows(&rows, fcinfo, STATS_COLUMNS(stickiness_columns),
											   ACTIVITY_STICKINESS, by);
	ActivityCalendar shorter;
	BucketWalk	walk;
	uint32		g;

	if (stats == NULL)
		PG_RETURN_NULL();
	begin_walk(&walk, stats, stats->spec.over_unit);
	activity_calendar_init(&shorter, (CalendarUnit) stats->spec.unit, walk.calendar.zone);
	while (next_bucket(&walk))
	{
		const uint64 units =
			(uint64) (activity_bucket(&shorter, calendar_number(shorter.unit, shorter.zone, walk.end - 1)) -
					  activity_bucket(&shorter, calendar_number(shorter.unit, shorter.zone, walk.begin)) + 1);

		for (g = 0; g < walk.ngroups; g++)
			put_stickiness_of_group(&rows, &walk, &walk.groups[g], units, by);
	}
	PG_RETURN_NULL();
}

/* stickiness_buckets(activity_stats, min_users) */
JOURNEY_FUNCTION_AS(journey_stickiness_buckets, put_stickiness(fcinfo, false))

/* stickiness_by_buckets(activity_stats, min_users) */
JOURNEY_FUNCTION_AS(journey_stickiness_by_buckets, put_stickiness(fcinfo, true))

static const uint32 frequency_columns[] = {
	STATS_LABEL, STATS_LABEL,	/* lower, upper */
	STATS_ON(2), STATS_ON(2)	/* users, share */
};

/* A bin; the last has no upper bound. */
static void
put_bin(const StatsRows *rows, TextSlice label, bool by, int64 lower, int64 upper, uint64 users,
		uint64 total)
{
	Datum		row[5] = {0};
	bool		row_nulls[5] = {false};
	Datum	   *values = row + by;
	bool	   *nulls = row_nulls + by;

	put_label(label, by, row, row_nulls);
	values[0] = Int64GetDatum(lower);
	nulls[1] = upper == PG_INT64_MAX;
	values[1] = Int64GetDatum(upper);
	values[2] = Int64GetDatum((int64) users);
	stats_put_share(users, total, &values[3], &nulls[3]);
	stats_show_row(rows, row, row_nulls);
}

/* A row for each group and each number of times that there is, or for each bin. */
static Datum
put_frequency(FunctionCallInfo fcinfo, bool by)
{
	StatsRows	rows;
	ActivityStats *stats = activity_begin_rows(&rows, fcinfo, STATS_COLUMNS(frequency_columns),
											   ACTIVITY_FREQUENCY, by);
	GroupCells *groups;
	int64	   *bounds = NULL;
	uint32		ngroups;
	uint32		g;
	int			n = 0;

	if (stats == NULL)
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(1))
		bounds = stats_bounds_arg(fcinfo, 1, false, 1, "ARRAY[1, 2, 5, 10]", &n);
	groups = activity_groups(stats, &ngroups);
	for (g = 0; g < ngroups; g++)
	{
		const ActivityCell *cells = groups[g].cells;
		const uint32 ncells = groups[g].ncells;
		uint64		total = 0;
		uint32		i;
		int			bin;

		for (i = 0; i < ncells; i++)
			total += cells[i].users;
		for (i = 0; bounds == NULL && i < ncells; i++)
			put_bin(&rows, groups[g].label, by, (int64) cells[i].key, (int64) cells[i].key + 1,
					cells[i].users, total);
		for (bin = 0, i = 0; bin < n; bin++)
		{
			int64		upper = bin + 1 < n ? bounds[bin + 1] : PG_INT64_MAX;
			uint64		users = 0;

			for (; i < ncells && (bin + 1 == n || cells[i].key < (uint64) upper); i++)
				users += cells[i].users;
			put_bin(&rows, groups[g].label, by, bounds[bin], upper, users, total);
		}
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_NULL();
}

/* frequency_bins(activity_stats, bounds, min_users) */
JOURNEY_FUNCTION_AS(journey_frequency_bins, put_frequency(fcinfo, false))

/* frequency_by_bins(activity_stats, bounds, min_users) */
JOURNEY_FUNCTION_AS(journey_frequency_by_bins, put_frequency(fcinfo, true))
