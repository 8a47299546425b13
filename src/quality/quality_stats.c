/*-------------------------------------------------------------------------
 *
 * quality_stats.c
 *		The type quality_stats: the quality of a log.
 *
 * Its fields give both its forms: see stats/stats.h.  The text form is
 *
 *	{"version": 1, "unit": "day", "time_zone": "UTC", "ahead": 0,
 *	 "newest": 757532400000000, "users": 1,
 *	 "events": [{"event": "pay", "rows": 2, "users": 1, "same_ids": 1,
 *	 "same_rows": 1, "out_of_order": 0, "future": 0, "null_users": 0,
 *	 "empty_users": 0, "null_times": 0, "null_ids": 0, "empty_ids": 0,
 *	 "null_received": 0, "lateness": {...}}],
 *	 "buckets": [{"bucket": 8766, "rows": 2, ...}]}
 *
 * with durations in microseconds and times in microseconds since 2000-01-01
 * 00:00 UTC.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "quality/quality_stats.h"

/* The hour of the last time, on any clock.  The microseconds of these hours are an int64. */
#define MOST_BUCKET (EVENT_TIME_END / USECS_PER_HOUR + 24)

static const StatsList quality_event_list;
static const StatsList quality_bucket_list;

/* The group of a bucket, made if there is none. */
QualityGroup *
quality_stats_bucket(QualityStats *stats, int64 bucket)
{
	const QualityGroup key = {.bucket = bucket};

	return stats_list_item(&quality_bucket_list, stats, &key);
}

/* The group of an event. */
QualityGroup *
quality_stats_event(QualityStats *stats, TextSlice event)
{
	const QualityGroup key = {.event = event};

	return stats_list_item(&quality_event_list, stats, &key);
}

static int
quality_event_order(const void *a, const void *b)
{
	const TextSlice left = ((const QualityGroup *) a)->event;
	const TextSlice right = ((const QualityGroup *) b)->event;

	if (left.bytes == NULL || right.bytes == NULL)
		return (left.bytes == NULL) - (right.bytes == NULL);
	return slice_order(left, right);
}

static int
quality_bucket_order(const void *a, const void *b)
{
	const int64 left = ((const QualityGroup *) a)->bucket;
	const int64 right = ((const QualityGroup *) b)->bucket;

	return (left > right) - (left < right);
}

static uint64
quality_event_hash(const void *item)
{
	return stats_text_hash(((const QualityGroup *) item)->event);
}

static uint64
quality_bucket_hash(const void *item)
{
	return spread((uint64) ((const QualityGroup *) item)->bucket);
}

/* Can counting have made this group? */
static bool
quality_group_is_valid(void *any, void *item, const void *before)
{
	const QualityGroup *group = item;
	uint64		placed;			/* rows with a user, a time, */
	uint64		known;			/* and those that have a user */

	if (group->rows == 0 || group->null_users > group->rows ||
		group->empty_users > group->rows - group->null_users ||
		group->null_times > group->rows || group->null_received > group->rows ||
		group->null_ids > group->rows || group->empty_ids > group->rows - group->null_ids)
		return false;
	known = group->rows - group->null_users - group->empty_users;
	placed = Min(known, group->rows - group->null_times);
	return group->users <= Min(known, ((const QualityStats *) any)->users) &&
		(group->users > 0 || known == 0) &&
		group->same_ids <= placed && group->same_rows <= placed && group->out_of_order <= placed &&
		group->lateness.count <= group->rows && group->future <= group->rows - group->lateness.count &&
		group->lateness.count + group->future <= Min(group->rows - group->null_received, group->rows - group->null_times);
}

static bool
quality_bucket_is_valid(void *any, void *item, const void *before)
{
	return ((const QualityGroup *) item)->null_times == 0 && quality_group_is_valid(any, item, before);
}

#define GROUP_FIELDS \
	STATS_COUNTER_FIELD("rows", QualityGroup, rows), \
	STATS_COUNTER_FIELD("users", QualityGroup, users), \
	STATS_COUNTER_FIELD("same_ids", QualityGroup, same_ids), \
	STATS_COUNTER_FIELD("same_rows", QualityGroup, same_rows), \
	STATS_COUNTER_FIELD("out_of_order", QualityGroup, out_of_order), \
	STATS_COUNTER_FIELD("future", QualityGroup, future), \
	STATS_COUNTER_FIELD("null_users", QualityGroup, null_users), \
	STATS_COUNTER_FIELD("empty_users", QualityGroup, empty_users), \
	STATS_COUNTER_FIELD("null_times", QualityGroup, null_times), \
	STATS_COUNTER_FIELD("null_ids", QualityGroup, null_ids), \
	STATS_COUNTER_FIELD("empty_ids", QualityGroup, empty_ids), \
	STATS_COUNTER_FIELD("null_received", QualityGroup, null_received), \
	STATS_FIELD(STATS_HISTOGRAM, "lateness", QualityGroup, lateness)

static const StatsField quality_event_fields[] = {
	STATS_FIELD(STATS_TEXT, "event", QualityGroup, event, STATS_NULLABLE, STATS_IS_KEY),
	GROUP_FIELDS
};

static const StatsField quality_bucket_fields[] = {
	STATS_FIELD_WITHIN(STATS_STEP, "bucket", QualityGroup, bucket, -MOST_BUCKET, MOST_BUCKET, STATS_IS_KEY),
	GROUP_FIELDS
};

static const StatsList quality_event_list = {
	STATS_FIELDS(quality_event_fields),
	STATS_LIST_OF(QualityStats, QualityGroup, events, event_index),
	.least_bytes = 14,
	.ordered = true,
	.hash = quality_event_hash,
	.order = quality_event_order,
	.is_valid = quality_group_is_valid
};

static const StatsList quality_bucket_list = {
	STATS_FIELDS(quality_bucket_fields),
	STATS_LIST_OF(QualityStats, QualityGroup, buckets, bucket_index),
	.least_bytes = 14,
	.ordered = true,
	.hash = quality_bucket_hash,
	.order = quality_bucket_order,
	.is_valid = quality_bucket_is_valid
};

/* A zone that does not exist is an error. */
static bool
quality_zone_is_valid(void *any)
{
	const char *zone = ((const QualityStats *) any)->zone;

	if (zone[0] == '\0')
		return false;
	(void) calendar_zone_kept(zone, strlen(zone));
	return true;
}

/* The counts of all groups, added up, and the most users of one. */
static bool
quality_sum(const QualityGroup *groups, uint32 n, QualityGroup *sum)
{
	uint128		rows = 0;
	uint128		users = 0;
	uint32		i;

	memset(sum, 0, sizeof(QualityGroup));
	for (i = 0; i < n; i++)
	{
		rows += groups[i].rows;
		users += groups[i].users;
		/* each is at most the rows */
		sum->same_ids += groups[i].same_ids;
		sum->same_rows += groups[i].same_rows;
		sum->out_of_order += groups[i].out_of_order;
		sum->future += groups[i].future;
		sum->null_times += groups[i].null_times;
		sum->lateness.count += groups[i].lateness.count;
	}
	sum->rows = (uint64) rows;
	sum->users = (uint64) Min(users, (uint128) PG_UINT64_MAX);
	return rows <= (uint64) PG_INT64_MAX;
}

/* Do events and buckets count the same rows? */
static bool
quality_is_valid(void *any)
{
	const QualityStats *stats = any;
	QualityGroup events;
	QualityGroup buckets;

	return stats->nevents > 0 &&
		quality_sum(stats->events, stats->nevents, &events) &&
		quality_sum(stats->buckets, stats->nbuckets, &buckets) &&
		events.rows - events.null_times == buckets.rows && stats->users <= events.users &&
		events.same_ids == buckets.same_ids && events.same_rows == buckets.same_rows &&
		events.out_of_order == buckets.out_of_order && events.future == buckets.future &&
		events.lateness.count == buckets.lateness.count &&
		(stats->newest != QUALITY_NO_NEWEST || buckets.rows == 0);
}

/* All counts are at most that of rows. */
static void
quality_check_sum(const void *into, const void *from)
{
	const QualityStats *stats = into;
	const QualityStats *more = from;
	QualityGroup sum;
	QualityGroup more_sum;

	(void) quality_sum(stats->events, stats->nevents, &sum);
	(void) quality_sum(more->events, more->nevents, &more_sum);
	stats_add(&sum.rows, more_sum.rows, "rows");
}

static char *
quality_describe(const void *any)
{
	const QualityStats *stats = any;

	return psprintf("by %s, %s, ahead %s", calendar_unit_name(stats->unit), stats->zone, duration_text(stats->ahead));
}

static const StatsField quality_fields[] = {
	STATS_NUMBER_FIELD("unit", QualityStats, unit, 0, CALENDAR_LAST, STATS_NAMED(calendar_unit_names)),
	STATS_FIELD(STATS_ZONE, "time_zone", QualityStats, zone),
	STATS_CHECK_FIELD("time_zone", quality_zone_is_valid),
	STATS_NUMBER_FIELD("ahead", QualityStats, ahead, 0, DURATION_MAX),
	STATS_FIELD_WITHIN(STATS_SIGNED, "newest", QualityStats, newest, QUALITY_NO_NEWEST, EVENT_TIME_END - 1, STATS_MERGED(STATS_LATEST)),
	STATS_COUNTER_FIELD("users", QualityStats, users),
	STATS_COUNT_FIELD(&quality_event_list),
	STATS_COUNT_FIELD(&quality_bucket_list),
	STATS_LIST_FIELD("events", &quality_event_list),
	STATS_LIST_FIELD("buckets", &quality_bucket_list)
};

const StatsType quality_stats_type = {
	.name = "quality_stats",
	.makers = "log_quality()",
	.format = 1,
	.size = sizeof(QualityStats),
	STATS_FIELDS(quality_fields),
	.whole = "buckets",
	.differ = "logs that differ in unit, time zone or ahead",
	.too_large = "Take events that are names, not names with ids of customers or orders in them.",
	.is_valid = quality_is_valid,
	.check_sum = quality_check_sum,
	.describe = quality_describe
};

STATS_TYPE_FUNCTIONS(journey_quality_stats, journey_quality_rollup, quality_stats_type)
