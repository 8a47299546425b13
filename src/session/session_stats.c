/*-------------------------------------------------------------------------
 *
 * session_stats.c
 *		The type session_stats: the sessions of a population and the nodes in
 *		them.
 *
 * Its fields give both its forms: see stats/stats.h.  The numbers of
 * sessions, bounces and events are computed from the histogram of depths.
 * The text form is
 *
 *	{"version": 2, "gap": 1800000000, "cuts": false, "traffic": true,
 *	 "zone": "UTC", "unit": "day", "newest": 825638400000000, "users": 1,
 *	 "days": [{"day": 9556, "users": 1, "durations": {...}, "depths": {...}}],
 *	 "channels": [{"channel": "app", "users": 1, "durations": {...}, "depths": {...}}],
 *	 "cells": [{"day": 9556, "channel": "app", "users": 1, ...}],
 *	 "nodes": [{"node": "home", "views": 2, "visitors": 1, "entries": 1,
 *	 "exits": 1, "times": {...}}]}
 *
 * and with the option top "top": 3 after "traffic", and after the cells
 *
 *	 "sets": [{"channels": "app,web", "users": 1}],
 *	 "cell_sets": [{"day": 9556, "channels": "app,web", "users": 1}]
 *
 * (see session_top.c), and "until" before "newest" if it was given.  "day" is the number of a bucket
 * of the unit (see time/calendar.h); durations are in microseconds, times in
 * microseconds since 2000-01-01 00:00 UTC.  Only sessions by channel have
 * "cells".  Version 1 had days, no end of observation, no newest event and no
 * cells; a value that was read from it remains of it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "session/session_stats.h"
#include "utils/date.h"

/* Days for which there is a date. */
#define SESSION_FIRST_DAY	(DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE)
#define SESSION_LAST_DAY	(DATE_END_JULIAN - POSTGRES_EPOCH_JDATE - 1)

/* Is there a date for this bucket? */
bool
session_bucket_is_valid(CalendarUnit unit, int64 bucket)
{
	static const int shortest[CALENDAR_LAST + 1] = {
		[CALENDAR_DAY] = 1,[CALENDAR_WEEK] = 7,[CALENDAR_WEEK_SUNDAY] = 7,
		[CALENDAR_MONTH] = 28,[CALENDAR_QUARTER] = 90
	};							/* days */
	const int64 day = unit == CALENDAR_HOUR ? bucket / HOURS_PER_DAY : bucket * shortest[unit];

	return day >= SESSION_FIRST_DAY && day <= SESSION_LAST_DAY;
}

/* The order of channels: in byte order, none last. */
static int
session_channel_order(TextSlice a, TextSlice b)
{
	if (a.bytes == NULL || b.bytes == NULL)
		return (a.bytes == NULL) - (b.bytes == NULL);
	return slice_order(a, b);
}

/* All sessions together; users are those of the stats. */
void
session_stats_total(const SessionStats *stats, SessionGroup *total)
{
	uint32		i;

	memset(total, 0, sizeof(SessionGroup));
	total->users = stats->users;
	for (i = 0; i < stats->nbuckets; i++)
	{
		histogram_merge(&total->durations, &stats->buckets[i].durations, CurrentMemoryContext);
		histogram_merge(&total->depths, &stats->buckets[i].depths, CurrentMemoryContext);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * Buckets, channels and nodes.
 */

int
session_group_order(const void *a, const void *b)
{
	const SessionGroup *left = a;
	const SessionGroup *right = b;

	if (left->bucket != right->bucket)
		return left->bucket < right->bucket ? -1 : 1;
	return session_channel_order(left->channel, right->channel);
}

int
session_set_order(const void *a, const void *b)
{
	const SessionSet *left = a;
	const SessionSet *right = b;

	if (left->bucket != right->bucket)
		return left->bucket < right->bucket ? -1 : 1;
	return slice_order(left->channels, right->channels);
}

static int
session_node_order(const void *a, const void *b)
{
	return slice_order(((const SessionNode *) a)->name, ((const SessionNode *) b)->name);
}

static uint64
session_group_hash(const void *item)
{
	const SessionGroup *group = item;

	return spread((uint64) group->bucket + stats_text_hash(group->channel));
}

static uint64
session_set_hash(const void *item)
{
	const SessionSet *set = item;

	return spread((uint64) set->bucket + stats_text_hash(set->channels));
}

static uint64
session_node_hash(const void *item)
{
	return stats_text_hash(((const SessionNode *) item)->name);
}

/* Is a group of sessions one that there can be? */
static bool
session_group_is_valid(void *any, void *item, const void *before)
{
	const SessionGroup *group = item;

	return session_bucket_is_valid(((const SessionStats *) any)->unit, group->bucket) &&
		group->users <= group->depths.count && group->durations.count == group->depths.count &&
		group->depths.count <= (uint64) PG_INT64_MAX && group->depths.least >= 1 &&
		group->depths.sum_high == 0 &&
	/* a session of one event takes no time */
		(group->durations.most == 0 || group->depths.most > 1);
}

static bool
session_node_is_valid(void *any, void *item, const void *before)
{
	const SessionNode *node = item;

	return node->visitors <= Min(node->views, ((SessionStats *) any)->users) &&
		node->entries <= node->views && node->exits <= node->views &&
		node->times.count == node->views - node->exits;
}

#define GROUP_FIELDS \
	STATS_FIELD_WITHIN(STATS_NUMBER, "users", SessionGroup, users, 1, PG_INT64_MAX, STATS_MERGED(STATS_SUM)), \
	STATS_FIELD(STATS_HISTOGRAM, "durations", SessionGroup, durations), \
	STATS_FIELD(STATS_HISTOGRAM, "depths", SessionGroup, depths)

/* There are no more buckets than hours. */
#define BUCKET_FIELD(struct_) \
	STATS_FIELD_WITHIN(STATS_STEP, "day", struct_, bucket, SESSION_FIRST_DAY * HOURS_PER_DAY, \
					   (SESSION_LAST_DAY + INT64_C(1)) * HOURS_PER_DAY, STATS_IS_KEY)
#define CHANNEL_FIELD \
	STATS_FIELD(STATS_TEXT, "channel", SessionGroup, channel, STATS_NULLABLE, STATS_IS_KEY)

static const StatsField bucket_fields[] = {
	BUCKET_FIELD(SessionGroup),
	GROUP_FIELDS
};

static const StatsField channel_fields[] = {
	CHANNEL_FIELD,
	GROUP_FIELDS
};

static const StatsField cell_fields[] = {
	BUCKET_FIELD(SessionGroup),
	CHANNEL_FIELD,
	GROUP_FIELDS
};

#define SET_FIELDS \
	STATS_FIELD(STATS_TEXT, "channels", SessionSet, channels, STATS_IS_KEY), \
	STATS_FIELD_WITHIN(STATS_NUMBER, "users", SessionSet, users, 1, PG_INT64_MAX, STATS_MERGED(STATS_SUM))

static const StatsField set_fields[] = {
	SET_FIELDS
};

static const StatsField cell_set_fields[] = {
	BUCKET_FIELD(SessionSet),
	SET_FIELDS
};

static const StatsField node_fields[] = {
	STATS_FIELD(STATS_TEXT, "node", SessionNode, name, STATS_IS_KEY),
	STATS_COUNTER_FIELD("views", SessionNode, views),
	STATS_FIELD_WITHIN(STATS_NUMBER, "visitors", SessionNode, visitors, 1, PG_INT64_MAX, STATS_MERGED(STATS_SUM)),
	STATS_COUNTER_FIELD("entries", SessionNode, entries),
	STATS_COUNTER_FIELD("exits", SessionNode, exits),
	STATS_FIELD(STATS_HISTOGRAM, "times", SessionNode, times)
};

#define GROUP_LIST(fields, items, index) { \
	STATS_FIELDS(fields), \
	STATS_LIST_OF(SessionStats, SessionGroup, items, index), \
	.least_bytes = 4, \
	.ordered = true, \
	.hash = session_group_hash, \
	.order = session_group_order, \
	.is_valid = session_group_is_valid \
}

static const StatsList bucket_list = GROUP_LIST(bucket_fields, buckets, bucket_index);
static const StatsList channel_list = GROUP_LIST(channel_fields, channels, channel_index);
static const StatsList cell_list = GROUP_LIST(cell_fields, cells, cell_index);

#define SET_LIST(fields, items, index) { \
	STATS_FIELDS(fields), \
	STATS_LIST_OF(SessionStats, SessionSet, items, index), \
	.least_bytes = 2, \
	.ordered = true, \
	.hash = session_set_hash, \
	.order = session_set_order \
}

static const StatsList set_list = SET_LIST(set_fields, sets, set_index);
static const StatsList cell_set_list = SET_LIST(cell_set_fields, cell_sets, cell_set_index);

static const StatsList node_list = {
	STATS_FIELDS(node_fields),
	STATS_LIST_OF(SessionStats, SessionNode, nodes, node_index),
	.least_bytes = 4,
	.ordered = true,
	.hash = session_node_hash,
	.order = session_node_order,
	.is_valid = session_node_is_valid
};

/*
 * The whole.
 */

/* Do the parameters go together?  The zone must exist. */
static bool
session_head_is_valid(void *any)
{
	const SessionStats *stats = any;

	if (stats->zone.length == 0 || stats->zone.length > TZ_STRLEN_MAX ||
		stats->nbuckets == 0 || stats->nnodes == 0 ||
		((stats->flags & SESSION_TRAFFIC) != 0) != (stats->nchannels > 0) ||
		((stats->flags & SESSION_TOP) != 0) != (stats->top > 0) ||
		(stats->top > 0 && (stats->nchannels == 0 || stats->newest == SESSION_NEWEST_UNKNOWN)))
		return false;
	(void) calendar_zone_kept(stats->zone.bytes, stats->zone.length);
	return true;
}

/* What the parts of a value must add up to. */
typedef struct SessionSums
{
	uint128		sessions;
	uint128		views;
	uint128		users;
	uint64		most_users;
} SessionSums;

static SessionSums
session_sums(const SessionGroup *groups, uint32 n)
{
	SessionSums sums = {0};
	uint32		i;

	for (i = 0; i < n; i++)
	{
		sums.sessions += groups[i].depths.count;
		sums.views += groups[i].depths.sum_low;
		sums.users += groups[i].users;
		sums.most_users = Max(sums.most_users, groups[i].users);
	}
	return sums;
}

static bool
sums_agree(const SessionSums *a, const SessionSums *b)
{
	return a->sessions == b->sessions && a->views == b->views;
}

/* Are the cells of each bucket all of it?  Version 1 has none. */
static bool
session_cells_are_valid(const SessionStats *stats)
{
	uint32		first = 0;
	uint32		i;

	if ((stats->flags & SESSION_TRAFFIC) == 0 || stats->newest == SESSION_NEWEST_UNKNOWN)
		return stats->ncells == 0;
	if (stats->ncells == 0)
		return true;			/* version 1 was added */
	for (i = 0; i < stats->nbuckets; i++)
	{
		const SessionGroup *bucket = &stats->buckets[i];
		const SessionSums whole = session_sums(bucket, 1);
		uint32		n = 0;
		SessionSums cells;

		while (first + n < stats->ncells && stats->cells[first + n].bucket == bucket->bucket)
			n++;
		cells = session_sums(&stats->cells[first], n);
		if (!sums_agree(&whole, &cells) || bucket->users < cells.most_users || bucket->users > cells.users)
			return false;
		first += n;
	}
	return first == stats->ncells;
}

static bool
session_is_valid(void *any)
{
	const SessionStats *stats = any;
	const SessionSums buckets = session_sums(stats->buckets, stats->nbuckets);
	const SessionSums channels = session_sums(stats->channels, stats->nchannels);
	SessionSums nodes = {0};
	uint128		exits = 0;
	uint32		i;

	for (i = 0; i < stats->nnodes; i++)
	{
		nodes.sessions += stats->nodes[i].entries;
		nodes.views += stats->nodes[i].views;
		exits += stats->nodes[i].exits;
	}
	return buckets.views <= (uint64) PG_INT64_MAX && sums_agree(&buckets, &nodes) &&
		exits == buckets.sessions &&
		(stats->nchannels == 0 || (sums_agree(&buckets, &channels) &&
								   stats->users >= channels.most_users && stats->users <= channels.users)) &&
		stats->users >= buckets.most_users && stats->users <= buckets.users &&
		session_cells_are_valid(stats) &&
		session_sets_are_valid(stats->sets, stats->nsets, stats->channels, stats->nchannels) &&
		session_sets_are_valid(stats->cell_sets, stats->ncell_sets, stats->cells, stats->ncells);
}

/* All counts are at most that of views. */
static void
session_check_sum(const void *into, const void *from)
{
	const SessionStats *stats = into;
	const SessionStats *more = from;
	uint64		views = (uint64) session_sums(stats->buckets, stats->nbuckets).views;

	stats_add(&views, (uint64) session_sums(more->buckets, more->nbuckets).views, "events");
}

/* Where one has no cells, those of the other are not all. */
static const void *
session_prepare_merge(void *into, const void *from)
{
	SessionStats *stats = into;
	SessionStats *more;

	if ((stats->ncells == 0) == (((const SessionStats *) from)->ncells == 0))
		return from;
	stats->ncells = 0;
	memset(&stats->cell_index, 0, sizeof(StatsIndex));
	more = palloc(sizeof(SessionStats));
	memcpy(more, from, sizeof(SessionStats));
	more->ncells = 0;
	return more;
}

/* The format of a value: what came with version 2 is known or not. */
static int
session_format_of(const void *any)
{
	return ((const SessionStats *) any)->newest == SESSION_NEWEST_UNKNOWN ? 1 : 2;
}

static bool
session_has_channels(const void *any)
{
	return (((const SessionStats *) any)->flags & SESSION_TRAFFIC) != 0;
}

static bool
session_has_top(const void *any)
{
	return (((const SessionStats *) any)->flags & SESSION_TOP) != 0;
}

/* What is observed ends where it was said to. */
static bool
session_newest_is_valid(void *any)
{
	const SessionStats *stats = any;

	return stats->until == PG_INT64_MAX || stats->newest == stats->until;
}

static char *
session_describe(const void *any)
{
	const SessionStats *stats = any;

	return psprintf("with the gap %s%s%s%s and %ss of %s%s", duration_text(stats->gap),
					(stats->flags & SESSION_CUTS) != 0 ? ", starts and ends" : "",
					(stats->flags & SESSION_TRAFFIC) != 0 ? ", channels" : "",
					stats->top > 0 ? psprintf(" with the top %d", stats->top) : "",
					calendar_unit_name(stats->unit), stats->zone.bytes,
					stats->until == PG_INT64_MAX ? "" :
					psprintf(" until %s", timestamptz_to_str(stats->until)));
}

/* The option top as text, which only those who have it show. */
static void
session_append_top(StatsText *out, const char *name, const void *any, const void *item)
{
	const SessionStats *stats = any;

	if (stats->top == 0)
		return;
	stats_append_name(out, name);
	appendStringInfo(&out->out, "%d", stats->top);
}

static void
session_parse_top(StatsJson *in, const char *name, void *any, void *item)
{
	SessionStats *stats = any;
	JsonbValue	value;

	if (!stats_json_find(in, name, &value))
		return;
	stats->top = (int) stats_json_integer(in, name, 1, STATS_TOP_MOST);
	stats->flags |= SESSION_TOP;
}

static const StatsHand top_text = {.append = session_append_top,.parse = session_parse_top};

static const StatsField session_fields[] = {
	STATS_NUMBER_FIELD(NULL, SessionStats, flags, 0, SESSION_CUTS | SESSION_TRAFFIC | SESSION_TOP, STATS_ONLY(STATS_BYTES)),
	STATS_NUMBER_FIELD("gap", SessionStats, gap, 0, DURATION_MAX),
	STATS_FLAG_FIELD("cuts", SessionStats, flags, SESSION_CUTS),
	STATS_FLAG_FIELD("traffic", SessionStats, flags, SESSION_TRAFFIC),
	STATS_NUMBER_FIELD(NULL, SessionStats, top, 1, STATS_TOP_MOST, STATS_ONLY(STATS_BYTES), STATS_SINCE(2), STATS_WHEN(session_has_top)),
	STATS_HAND_FIELD("top", &top_text, STATS_SINCE(2)),
	STATS_FIELD(STATS_TEXT, "zone", SessionStats, zone),
	STATS_NUMBER_FIELD("unit", SessionStats, unit, 0, CALENDAR_LAST, STATS_NAMED(calendar_unit_names), STATS_SINCE(2), STATS_OTHERWISE_IS(CALENDAR_DAY)),
	STATS_FIELD(STATS_UNTIL, "until", SessionStats, until, STATS_SINCE(2)),
	STATS_FIELD_WITHIN(STATS_SIGNED, "newest", SessionStats, newest, EVENT_TIME_MIN, EVENT_TIME_END - 1, STATS_MERGED(STATS_LATEST), STATS_SINCE(2), STATS_OTHERWISE_IS(SESSION_NEWEST_UNKNOWN)),
	STATS_CHECK_FIELD("newest", session_newest_is_valid),
	STATS_COUNTER_FIELD("users", SessionStats, users),
	STATS_COUNT_FIELD(&bucket_list),
	STATS_COUNT_FIELD(&channel_list),
	STATS_COUNT_FIELD(&cell_list, STATS_SINCE(2), STATS_WHEN(session_has_channels)),
	STATS_COUNT_FIELD(&set_list, STATS_SINCE(2), STATS_WHEN(session_has_top)),
	STATS_COUNT_FIELD(&cell_set_list, STATS_SINCE(2), STATS_WHEN(session_has_top)),
	STATS_COUNT_FIELD(&node_list),
	STATS_CHECK_FIELD(NULL, session_head_is_valid, STATS_ONLY(STATS_BYTES)),
	STATS_LIST_FIELD("days", &bucket_list),
	STATS_LIST_FIELD("channels", &channel_list),
	STATS_LIST_FIELD("cells", &cell_list, STATS_SINCE(2), STATS_WHEN(session_has_channels)),
	STATS_LIST_FIELD("sets", &set_list, STATS_SINCE(2), STATS_WHEN(session_has_top)),
	STATS_LIST_FIELD("cell_sets", &cell_set_list, STATS_SINCE(2), STATS_WHEN(session_has_top)),
	STATS_LIST_FIELD("nodes", &node_list)
};

const StatsType session_stats_type = {
	.name = "session_stats",
	.makers = "sessions() and sessions_by_channel()",
	.format = 2,
	.size = sizeof(SessionStats),
	STATS_FIELDS(session_fields),
	.whole = "nodes",
	.differ = "sessions of different kinds",
	.too_large = "Take nodes that are pages, not pages with ids of customers or orders in them.",
	.format_of = session_format_of,
	.is_valid = session_is_valid,
	.check_sum = session_check_sum,
	.prepare_merge = session_prepare_merge,
	.describe = session_describe
};

STATS_TYPE_FUNCTIONS(journey_session_stats, journey_session_rollup, session_stats_type)
