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
 *	{"version": 1, "gap": 1800000000, "cuts": false, "traffic": true,
 *	 "zone": "UTC", "users": 1,
 *	 "days": [{"day": 9556, "users": 1, "durations": {...}, "depths": {...}}],
 *	 "channels": [{"channel": "app", "users": 1, "durations": {...}, "depths": {...}}],
 *	 "nodes": [{"node": "home", "views": 2, "visitors": 1, "entries": 1,
 *	 "exits": 1, "times": {...}}]}
 *
 * with days from 2000-01-01 and durations in microseconds.
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

/* Is there a date for this day? */
bool
session_day_is_valid(int64 day)
{
	return day >= SESSION_FIRST_DAY && day <= SESSION_LAST_DAY;
}

/* The order of channels: by their bytes, and none last. */
int
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
	for (i = 0; i < stats->ndays; i++)
	{
		histogram_merge(&total->durations, &stats->days[i].durations, CurrentMemoryContext);
		histogram_merge(&total->depths, &stats->days[i].depths, CurrentMemoryContext);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * Days, channels and nodes.
 */

static int
session_group_order(const void *a, const void *b)
{
	const SessionGroup *left = a;
	const SessionGroup *right = b;

	if (left->day != right->day)
		return left->day < right->day ? -1 : 1;
	return session_channel_order(left->channel, right->channel);
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

	return group->channel.bytes == NULL ? spread((uint64) group->day) : stats_text_hash(group->channel);
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

	return group->users <= group->depths.count && group->durations.count == group->depths.count &&
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

static const StatsField day_fields[] = {
	STATS_FIELD_WITHIN(STATS_STEP, "day", SessionGroup, day, SESSION_FIRST_DAY, SESSION_LAST_DAY, STATS_IS_KEY),
	GROUP_FIELDS
};

static const StatsField channel_fields[] = {
	STATS_FIELD(STATS_TEXT, "channel", SessionGroup, channel, STATS_NULLABLE, STATS_IS_KEY),
	GROUP_FIELDS
};

static const StatsField node_fields[] = {
	STATS_FIELD(STATS_TEXT, "node", SessionNode, name, STATS_IS_KEY),
	STATS_COUNTER_FIELD("views", SessionNode, views),
	STATS_FIELD_WITHIN(STATS_NUMBER, "visitors", SessionNode, visitors, 1, PG_INT64_MAX, STATS_MERGED(STATS_SUM)),
	STATS_COUNTER_FIELD("entries", SessionNode, entries),
	STATS_COUNTER_FIELD("exits", SessionNode, exits),
	STATS_FIELD(STATS_HISTOGRAM, "times", SessionNode, times)
};

static const StatsList day_list = {
	STATS_FIELDS(day_fields),
	STATS_LIST_OF(SessionStats, SessionGroup, days, day_index),
	.least_bytes = 4,
	.ordered = true,
	.hash = session_group_hash,
	.order = session_group_order,
	.is_valid = session_group_is_valid
};

static const StatsList channel_list = {
	STATS_FIELDS(channel_fields),
	STATS_LIST_OF(SessionStats, SessionGroup, channels, channel_index),
	.least_bytes = 4,
	.ordered = true,
	.hash = session_group_hash,
	.order = session_group_order,
	.is_valid = session_group_is_valid
};

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
		stats->ndays == 0 || stats->nnodes == 0 ||
		((stats->flags & SESSION_TRAFFIC) != 0) != (stats->nchannels > 0))
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

static bool
session_is_valid(void *any)
{
	const SessionStats *stats = any;
	const SessionSums days = session_sums(stats->days, stats->ndays);
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
	return days.views <= (uint64) PG_INT64_MAX && sums_agree(&days, &nodes) &&
		exits == days.sessions &&
		(stats->nchannels == 0 || (sums_agree(&days, &channels) &&
								   stats->users >= channels.most_users && stats->users <= channels.users)) &&
		stats->users >= days.most_users && stats->users <= days.users;
}

/* All counts are at most that of views. */
static void
session_check_sum(const void *into, const void *from)
{
	const SessionStats *stats = into;
	const SessionStats *more = from;
	uint64		views = (uint64) session_sums(stats->days, stats->ndays).views;

	stats_add(&views, (uint64) session_sums(more->days, more->ndays).views, "events");
}

static char *
session_describe(const void *any)
{
	const SessionStats *stats = any;

	return psprintf("with the gap %s%s%s and days of %s", duration_text(stats->gap),
					(stats->flags & SESSION_CUTS) != 0 ? ", starts and ends" : "",
					(stats->flags & SESSION_TRAFFIC) != 0 ? ", channels" : "", stats->zone.bytes);
}

static const StatsField session_fields[] = {
	STATS_NUMBER_FIELD(NULL, SessionStats, flags, 0, SESSION_CUTS | SESSION_TRAFFIC, STATS_ONLY(STATS_BYTES)),
	STATS_NUMBER_FIELD("gap", SessionStats, gap, 0, DURATION_MAX),
	STATS_FLAG_FIELD("cuts", SessionStats, flags, SESSION_CUTS),
	STATS_FLAG_FIELD("traffic", SessionStats, flags, SESSION_TRAFFIC),
	STATS_FIELD(STATS_TEXT, "zone", SessionStats, zone),
	STATS_COUNTER_FIELD("users", SessionStats, users),
	STATS_COUNT_FIELD(&day_list),
	STATS_COUNT_FIELD(&channel_list),
	STATS_COUNT_FIELD(&node_list),
	STATS_CHECK_FIELD(NULL, session_head_is_valid, STATS_ONLY(STATS_BYTES)),
	STATS_LIST_FIELD("days", &day_list),
	STATS_LIST_FIELD("channels", &channel_list),
	STATS_LIST_FIELD("nodes", &node_list)
};

const StatsType session_stats_type = {
	.name = "session_stats",
	.makers = "sessions() and sessions_by_channel()",
	.format = 1,
	.size = sizeof(SessionStats),
	STATS_FIELDS(session_fields),
	.whole = "nodes",
	.differ = "sessions of different kinds",
	.too_large = "Take nodes that are pages, not pages with ids of customers or orders in them.",
	.is_valid = session_is_valid,
	.check_sum = session_check_sum,
	.describe = session_describe
};

STATS_TYPE_FUNCTIONS(journey_session_stats, journey_session_rollup, session_stats_type)
