/*-------------------------------------------------------------------------
 *
 * flow_stats.c
 *		The types flow_stats and transition_stats: the way of a population from
 *		node to node.
 *
 * Their fields give both their forms: see stats/stats.h; a gap is stored as
 * gap + 1, 0 for none.  The text form of flow_stats is
 *
 *	{"version": 1, "kind": "levels", "gap": 1800000000, "depth": 5,
 *	 "start": "home", "end": null, "options": "collapse", "users": 10,
 *	 "sessions": 12, "names": ["home", "pay", null],
 *	 "nodes": [{"node": [1, 0, 10, 12, 12, 12, 3]}, ...],
 *	 "links": [{"link": [1, 0, 1, 8, 9], "times": {...}}, ...]}
 *
 * A gap of null is none.  A node is position, name (counted from 0; null stands
 * for "(other)"), users, sessions, count, entries and exits.  A link is
 * position, source, target, users and sessions.
 *
 * The text form of transition_stats is
 *
 *	{"version": 1, "gap": 1800000000, "options": "collapse", "users": 10,
 *	 "sessions": 12, "names": ["home", "pay"],
 *	 "nodes": [{"node": [0, 10, 12, 12, 12, 3, 1, 1, 2], "loop_times": {...}}, ...],
 *	 "links": [{"link": [0, 1, 8, 9], "times": {...}}, ...]}
 *
 * A node has no position, and users, sessions and steps of loops in addition.
 *
 * A flow_stats of version 0.1.0 of pg_journey may be a result of transitions():
 * its kind is transitions, its nodes and links have both position 0 and what
 * those of transition_stats have, and it is cast to that type.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "path/flow_stats.h"

JOURNEY_FUNCTION(journey_flow_as_transitions);

/* The order of names: in byte order, "(other)" last. */
static int
flow_name_order(const void *left, const void *right)
{
	const TextSlice a = *(const TextSlice *) left;
	const TextSlice b = *(const TextSlice *) right;

	if (a.bytes == NULL || b.bytes == NULL)
		return (a.bytes == NULL) - (b.bytes == NULL);
	return slice_order(a, b);
}

static int
flow_node_order(const void *left, const void *right)
{
	const FlowNode *a = left;
	const FlowNode *b = right;

	if (a->position != b->position)
		return a->position < b->position ? -1 : 1;
	return (a->node > b->node) - (a->node < b->node);
}

static int
flow_link_order(const void *left, const void *right)
{
	const FlowLink *a = left;
	const FlowLink *b = right;

	if (a->position != b->position)
		return a->position < b->position ? -1 : 1;
	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	return (a->target > b->target) - (a->target < b->target);
}

/* Can a node or link of this result be at this position? */
static bool
position_is_valid(const FlowStats *stats, int64 position)
{
	if (flow_is_transitions(stats))
		return position == 0;
	return position != 0 && position >= -stats->depth && position <= stats->depth;
}

/* Do these numbers count users, their sessions, and occurrences in those? */
static bool
counts_are_valid(const FlowStats *stats, uint64 users, uint64 sessions, uint64 count)
{
	return users <= sessions && sessions <= count && count <= (uint64) PG_INT64_MAX &&
		users <= stats->users && sessions <= stats->sessions;
}

static bool
flow_node_is_valid(void *any, void *item, const void *before)
{
	const FlowStats *stats = any;
	const FlowNode *node = item;

	return position_is_valid(stats, node->position) && node->node < stats->nnames && node->users > 0 &&
		counts_are_valid(stats, node->users, node->sessions, node->count) &&
		node->entries <= node->count && node->exits <= node->count &&
		counts_are_valid(stats, node->loop_users, node->loop_sessions, node->loop_times.count) &&
		node->loop_times.count <= node->count &&
		(node->loop_users > 0) == (node->loop_times.count > 0) &&
		node->loop_steps / 2 >= node->loop_times.count;
}

static bool
flow_link_is_valid(void *any, void *item, const void *before)
{
	const FlowStats *stats = any;
	const FlowLink *link = item;

	return position_is_valid(stats, link->position) && link->source < stats->nnames &&
		link->target < stats->nnames && link->users > 0 &&
		counts_are_valid(stats, link->users, link->sessions, link->times.count);
}

static uint64
flow_node_hash(const void *item)
{
	const FlowNode *node = item;

	return spread((uint64) node->node << 8 ^ (uint64) (uint32) node->position);
}

static uint64
flow_link_hash(const void *item)
{
	const FlowLink *link = item;

	return spread(((uint64) link->source << 32 | link->target) ^ spread((uint64) (uint32) link->position));
}

/*
 * Fields.
 */

static void
flow_write_gap(StatsWriter *out, const void *any, const void *item)
{
	stats_write_number(out, (uint64) (((const FlowStats *) any)->gap + 1));
}

static bool
flow_read_gap(ByteReader *in, void *any, void *item)
{
	const uint64 marked = read_number(in);

	((FlowStats *) any)->gap = (int64) marked - 1;
	return marked <= (uint64) DURATION_MAX + 1;
}

static void
flow_append_gap(StatsText *out, const char *name, const void *any, const void *item)
{
	const FlowStats *stats = any;

	if (stats->gap == PATH_WHOLE)
		stats_append_text(out, name, NULL);
	else
	{
		stats_append_name(out, name);
		appendStringInfo(&out->out, INT64_FORMAT, stats->gap);
	}
}

static void
flow_parse_gap(StatsJson *in, const char *name, void *any, void *item)
{
	JsonbValue	value = {0};

	((FlowStats *) any)->gap = stats_json_find(in, name, &value) && value.type == jbvNull ?
		PATH_WHOLE : stats_json_integer(in, name, 0, DURATION_MAX);
}

static bool
flow_same_gap(const void *a, const void *b)
{
	return ((const FlowStats *) a)->gap == ((const FlowStats *) b)->gap;
}

static const StatsHand gap = {
	.write = flow_write_gap,.read = flow_read_gap,.append = flow_append_gap,.parse = flow_parse_gap,.same = flow_same_gap
};

static bool
flow_has_loops(const void *any)
{
	return flow_is_transitions(any);
}

static bool
flow_depth_is_valid(void *any)
{
	const FlowStats *stats = any;

	return (stats->kind == FLOW_LEVELS) == (stats->depth > 0);
}

static bool
flow_counts_are_valid(void *any)
{
	const FlowStats *stats = any;

	return stats->users <= stats->sessions;
}

#define POSITION_FIELD(struct_) \
	STATS_FIELD_WITHIN(STATS_SIGNED, NULL, struct_, position, -PATH_DEPTH_MAX, PATH_DEPTH_MAX, STATS_IS_KEY)

/* What the nodes and the links of both types have: a name, or two, and counts. */
#define NODE_COUNTS \
	STATS_NAME_FIELD(FlowNode, node), \
	STATS_COUNTER_FIELD(NULL, FlowNode, users), \
	STATS_COUNTER_FIELD(NULL, FlowNode, sessions), \
	STATS_COUNTER_FIELD(NULL, FlowNode, count), \
	STATS_COUNTER_FIELD(NULL, FlowNode, entries), \
	STATS_COUNTER_FIELD(NULL, FlowNode, exits), \
	STATS_COUNTER_FIELD(NULL, FlowNode, loop_users, STATS_WHEN(flow_has_loops)), \
	STATS_COUNTER_FIELD(NULL, FlowNode, loop_sessions, STATS_WHEN(flow_has_loops)), \
	STATS_COUNTER_FIELD(NULL, FlowNode, loop_steps, STATS_WHEN(flow_has_loops)), \
	STATS_CLOSE_FIELD, \
	STATS_FIELD(STATS_HISTOGRAM, "loop_times", FlowNode, loop_times, STATS_WHEN(flow_has_loops))
#define LINK_COUNTS \
	STATS_NAME_FIELD(FlowLink, source), \
	STATS_NAME_FIELD(FlowLink, target), \
	STATS_COUNTER_FIELD(NULL, FlowLink, users), \
	STATS_COUNTER_FIELD(NULL, FlowLink, sessions), \
	STATS_CLOSE_FIELD, \
	STATS_FIELD(STATS_HISTOGRAM, "times", FlowLink, times, STATS_COUNTED("transitions"))

static const StatsField name_fields[] = {
	STATS_VALUE_FIELD(STATS_TEXT, STATS_NULLABLE)
};

static const StatsField node_fields[] = {
	STATS_OPEN_FIELD("node"),
	POSITION_FIELD(FlowNode),
	NODE_COUNTS
};

static const StatsField transition_node_fields[] = {
	STATS_OPEN_FIELD("node"),
	NODE_COUNTS
};

static const StatsField link_fields[] = {
	STATS_OPEN_FIELD("link"),
	POSITION_FIELD(FlowLink),
	LINK_COUNTS
};

static const StatsField transition_link_fields[] = {
	STATS_OPEN_FIELD("link"),
	LINK_COUNTS
};

static const StatsList name_list = {
	STATS_FIELDS(name_fields),
	STATS_LIST_WITHOUT_INDEX(FlowStats, TextSlice, names),
	.least_bytes = 1,
	.form = STATS_VALUES,
	.ordered = true,
	.order = flow_name_order
};

#define NODE_LIST(fields_, least) { \
	STATS_FIELDS(fields_), \
	STATS_LIST_OF(FlowStats, FlowNode, nodes, node_index), \
	.least_bytes = least, \
	.ordered = true, \
	.hash = flow_node_hash, \
	.order = flow_node_order, \
	.is_valid = flow_node_is_valid \
}

static const StatsList node_list = NODE_LIST(node_fields, 7);
static const StatsList transition_node_list = NODE_LIST(transition_node_fields, 10);

#define LINK_LIST(fields_, least) { \
	STATS_FIELDS(fields_), \
	STATS_LIST_OF(FlowStats, FlowLink, links, link_index), \
	.least_bytes = least, \
	.ordered = true, \
	.hash = flow_link_hash, \
	.order = flow_link_order, \
	.is_valid = flow_link_is_valid \
}

static const StatsList link_list = LINK_LIST(link_fields, 6);
static const StatsList transition_link_list = LINK_LIST(transition_link_fields, 5);

static const char *const kind_names[] = {"levels", "transitions"};

static const StatsField flow_fields[] = {
	STATS_NUMBER_FIELD("kind", FlowStats, kind, 0, FLOW_TRANSITIONS, STATS_NAMED(kind_names)),
	STATS_HAND_FIELD("gap", &gap),
	STATS_NUMBER_FIELD("depth", FlowStats, depth, 0, PATH_DEPTH_MAX),
	STATS_CHECK_FIELD("depth", flow_depth_is_valid),
	STATS_FIELD(STATS_TEXT, "start", FlowStats, start, STATS_NULLABLE),
	STATS_FIELD(STATS_TEXT, "end", FlowStats, end, STATS_NULLABLE),
	STATS_FIELD(STATS_TEXT, "options", FlowStats, options, STATS_NULLABLE),
	STATS_COUNTER_FIELD("users", FlowStats, users),
	STATS_COUNTER_FIELD("sessions", FlowStats, sessions),
	STATS_CHECK_FIELD("sessions", flow_counts_are_valid),
	STATS_COUNT_FIELD(&name_list),
	STATS_LIST_FIELD("names", &name_list),
	STATS_COUNT_FIELD(&node_list),
	STATS_LIST_FIELD("nodes", &node_list),
	STATS_COUNT_FIELD(&link_list),
	STATS_LIST_FIELD("links", &link_list)
};

static const StatsField transition_fields[] = {
	STATS_HAND_FIELD("gap", &gap),
	STATS_FIELD(STATS_TEXT, "options", FlowStats, options, STATS_NULLABLE),
	STATS_COUNTER_FIELD("users", FlowStats, users),
	STATS_COUNTER_FIELD("sessions", FlowStats, sessions),
	STATS_CHECK_FIELD("sessions", flow_counts_are_valid),
	STATS_COUNT_FIELD(&name_list),
	STATS_LIST_FIELD("names", &name_list),
	STATS_COUNT_FIELD(&transition_node_list),
	STATS_LIST_FIELD("nodes", &transition_node_list),
	STATS_COUNT_FIELD(&transition_link_list),
	STATS_LIST_FIELD("links", &transition_link_list)
};

const StatsType flow_stats_type = {
	.name = "flow_stats",
	.makers = "path_flow()",
	.format = 1,
	.size = sizeof(FlowStats),
	STATS_FIELDS(flow_fields),
	.whole = "links",
	.differ = "flows that differ in kind, gap, depth, nodes of start and end, or options",
	.too_large = "Give coarser nodes, a smaller depth, or option top.",
	.names = &name_list
};

const StatsType transition_stats_type = {
	.name = "transition_stats",
	.makers = "transitions()",
	.format = 1,
	.size = sizeof(FlowStats),
	STATS_FIELDS(transition_fields),
	.whole = "links",
	.differ = "transitions that differ in gap or options",
	.too_large = "Give coarser nodes.",
	.names = &name_list
};

STATS_TYPE_FUNCTIONS(journey_flow_stats, journey_flow_rollup, flow_stats_type)
STATS_TYPE_FUNCTIONS(journey_transition_stats, journey_transition_rollup, transition_stats_type)

/*
 * transition_stats(flow_stats): a result of transitions() that version 0.1.0
 * stored.
 */
Datum
journey_flow_as_transitions(PG_FUNCTION_ARGS)
{
	FlowStats  *stats = STATS_ARG(flow_stats_type);

	if (!flow_is_transitions(stats))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this flow_stats is a result of path_flow(), not of transitions()"),
				 errhint("Read it with flow_links() and flow_nodes().")));
	PG_RETURN_POINTER(stats_pack(&transition_stats_type, stats));
}
