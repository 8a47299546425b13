/*-------------------------------------------------------------------------
 *
 * attribution_stats.c
 *		The type attribution_stats: what the touches of a population get for its
 *		conversions.
 *
 * Its fields give both its forms: see stats/stats.h.  The text form is
 *
 *	{"version": 2, "look_back": 604800000000, "reset": false, "unit": "none",
 *	 "time_zone": "", "half_life": 151200000000, "first": 461168601842738790,
 *	 "middle": 230584300921369396, "last": 461168601842738790,
 *	 "direct": "(direct)", "depth": 50, "top": 0, "through": null,
 *	 "held": false, "has_values": false, "users": 2,
 *	 "conversions": 1, "converted_users": 1, "value": "0",
 *	 "names": ["ads", "mail"],
 *	 "touches": [{"touch": [0, 2, 2, 1, 1, 2], "times": {...},
 *				  "credits": ["1152921504606846976", ...], "values": ["0", ...]},
 *				 ...],
 *	 "paths": [{"nodes": [0, 1], "path": [1, 1, 0], "value": "0"}, ...]}
 *
 * A touch is the number of its name, from 0, touches, users, converted users,
 * conversions and steps; a path is users, conversions, and how often it led to
 * none.  Credits and values are in units of 2^-60, and are text, as they
 * may have 128 bits; they are stored as two numbers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "attribution/attribution_stats.h"
#include "miscadmin.h"

/* ---- credits and values ------------------------------------------------------- */

/* The credits, or values, of all models. */
static void
models_append(StatsText *out, const char *name, const int128 *units)
{
	int			model;

	stats_append_name(out, name);
	appendStringInfoChar(&out->out, '[');
	out->first = true;
	for (model = 0; model < ATTRIBUTION_NMODELS; model++)
		stats_append_int128(out, NULL, units[model]);
	appendStringInfoChar(&out->out, ']');
	out->first = false;
}

static void
models_parse(StatsJson *in, const char *name, int128 *units)
{
	StatsJson	array = stats_json_array(in, name, ATTRIBUTION_NMODELS, ATTRIBUTION_NMODELS);
	int			model;

	for (model = 0; model < ATTRIBUTION_NMODELS; model++)
		units[model] = stats_json_int128(&array, NULL);
}

/* The functions of a field by hand: what it is of, and where. */
#define MODELS_FIELD(name, member) \
static void \
name##_write(StatsWriter *out, const void *stats, const void *item) \
{ \
	int			model; \
\
	for (model = 0; model < ATTRIBUTION_NMODELS; model++) \
		stats_write_int128(out, ((const TouchItem *) item)->member[model]); \
} \
\
static bool \
name##_read(ByteReader *in, void *stats, void *item) \
{ \
	bool		valid = true; \
	int			model; \
\
	for (model = 0; model < ATTRIBUTION_NMODELS; model++) \
		valid &= stats_read_int128(in, &((TouchItem *) item)->member[model]); \
	return valid; \
} \
\
static void \
name##_append(StatsText *out, const char *json, const void *stats, const void *item) \
{ \
	models_append(out, json, ((const TouchItem *) item)->member); \
} \
\
static void \
name##_parse(StatsJson *in, const char *json, void *stats, void *item) \
{ \
	models_parse(in, json, ((TouchItem *) item)->member); \
} \
\
static void \
name##_merge(void *stats, void *item, const void *from) \
{ \
	int			model; \
\
	for (model = 0; model < ATTRIBUTION_NMODELS; model++) \
		stats_add_int128(&((TouchItem *) item)->member[model], ((const TouchItem *) from)->member[model]); \
} \
\
static const StatsHand name##_hand = { \
	.write = name##_write,.read = name##_read,.append = name##_append,.parse = name##_parse,.merge = name##_merge \
};

MODELS_FIELD(touch_credits, credits)
MODELS_FIELD(touch_values, values)

STATS_INT128_HAND(path_value, PathItem, value)
STATS_INT128_HAND(total_value, AttributionStats, value)

/* ---- paths -------------------------------------------------------------------- */

static int
path_order(const void *left, const void *right)
{
	const PathItem *a = left;
	const PathItem *b = right;
	uint32		k;

	for (k = 0; k < a->length && k < b->length; k++)
		if (a->nodes[k] != b->nodes[k])
			return a->nodes[k] < b->nodes[k] ? -1 : 1;
	return (a->length > b->length) - (a->length < b->length);
}

static uint64
path_hash(const void *item)
{
	const PathItem *path = item;
	uint64		hash = path->length;
	uint32		k;

	for (k = 0; k < path->length; k++)
		hash = spread(hash ^ path->nodes[k]) + k;
	return spread(hash);
}

/* A new path has nodes of its own. */
static void
path_begin(void *any, void *item)
{
	AttributionStats *stats = any;
	PathItem   *path = item;
	uint32	   *nodes;

	if (path->length == 0)
		return;
	nodes = MemoryContextAlloc(stats->context, path->length * sizeof(uint32));
	memcpy(nodes, path->nodes, path->length * sizeof(uint32));
	path->nodes = nodes;
}

static void
path_nodes_write(StatsWriter *out, const void *stats, const void *item)
{
	const PathItem *path = item;
	uint32		k;

	stats_write_number(out, path->length);
	for (k = 0; k < path->length; k++)
		stats_write_number(out, path->nodes[k]);
}

static bool
path_nodes_read(ByteReader *in, void *any, void *item)
{
	const AttributionStats *stats = any;
	PathItem   *path = item;
	const uint64 length = read_number(in);
	uint32		k;

	if (in->failed || length > (uint64) stats->depth)
		return false;
	path->length = (uint32) length;
	path->nodes = palloc((length + 1) * sizeof(uint32));
	for (k = 0; k < path->length; k++)
	{
		const uint64 node = read_number(in);

		if (node >= stats->nnames)
			return false;
		path->nodes[k] = (uint32) node;
	}
	return true;
}

static void
path_nodes_append(StatsText *out, const char *name, const void *stats, const void *item)
{
	const PathItem *path = item;
	uint32		k;

	stats_append_name(out, name);
	appendStringInfoChar(&out->out, '[');
	for (k = 0; k < path->length; k++)
		appendStringInfo(&out->out, "%s%u", k > 0 ? ", " : "", path->nodes[k]);
	appendStringInfoChar(&out->out, ']');
}

static void
path_nodes_parse(StatsJson *in, const char *name, void *any, void *item)
{
	const AttributionStats *stats = any;
	PathItem   *path = item;
	StatsJson	array = stats_json_array(in, name, 0, (uint32) stats->depth);
	uint32		k;

	path->length = JsonContainerSize(array.array);
	path->nodes = palloc((path->length + 1) * sizeof(uint32));
	for (k = 0; k < path->length; k++)
		path->nodes[k] = (uint32) stats_json_integer(&array, NULL, 0, (int64) stats->nnames - 1);
}

static void
path_nodes_renumber(void *item, const uint32 *numbers, bool shared)
{
	PathItem   *path = item;
	uint32	   *nodes = shared ? palloc((path->length + 1) * sizeof(uint32)) : path->nodes;
	uint32		k;

	for (k = 0; k < path->length; k++)
		nodes[k] = numbers[path->nodes[k]];
	path->nodes = nodes;
}

static const StatsHand path_nodes_hand = {
	.write = path_nodes_write,.read = path_nodes_read,.append = path_nodes_append,.parse = path_nodes_parse,.renumber = path_nodes_renumber
};

/* ---- validation --------------------------------------------------------------- */

static int
name_order(const void *left, const void *right)
{
	return slice_order(*(const TextSlice *) left, *(const TextSlice *) right);
}

static int
touch_order(const void *left, const void *right)
{
	const uint32 a = ((const TouchItem *) left)->node;
	const uint32 b = ((const TouchItem *) right)->node;

	return (a > b) - (a < b);
}

static uint64
touch_hash(const void *item)
{
	return spread(((const TouchItem *) item)->node);
}

/*
 * Can counting have made this?  A touch has time to its conversion at most once;
 * time decay rounds.
 */
static bool
touch_is_valid(void *any, void *item, const void *before)
{
	const AttributionStats *stats = any;
	const TouchItem *touch = item;
	int			model;

	for (model = 0; model < ATTRIBUTION_NMODELS; model++)
		if (touch->credits[model] < 0 ||
			touch->credits[model] > (int128) (stats->conversions + 1) << ATTRIBUTION_BITS ||
			(!stats->has_values && touch->values[model] != 0))
			return false;
	return touch->node < stats->nnames && touch->users > 0 && touch->users <= stats->users &&
		touch->converted_users <= touch->users && touch->converted_users <= touch->conversions &&
		(touch->converted_users > 0) == (touch->conversions > 0) &&
		touch->conversions <= stats->conversions && touch->times.count <= touch->touches &&
		touch->times.most <= (uint64) stats->look_back;
}

static bool
path_is_valid(void *any, void *item, const void *before)
{
	const AttributionStats *stats = any;
	const PathItem *path = item;

	return path->users > 0 && path->users <= stats->users && path->conversions <= stats->conversions &&
		path->lost <= (uint64) PG_INT64_MAX - path->conversions &&
		path->users <= path->conversions + path->lost && (path->length > 0 || path->lost == 0) &&
		(path->conversions > 0 || path->value == 0) && (stats->has_values || path->value == 0);
}

static bool
attribution_weights_are_valid(void *any)
{
	const AttributionStats *stats = any;

	return stats->first + stats->middle + stats->last == ATTRIBUTION_WHOLE &&
		stats->first + stats->last > 0 && (stats->unit > 0 || stats->zone[0] == '\0');
}

static bool
attribution_counts_are_valid(void *any)
{
	const AttributionStats *stats = any;

	return stats->converted_users <= stats->users && stats->converted_users <= stats->conversions &&
		(stats->converted_users > 0) == (stats->conversions > 0) &&
		(stats->has_values || stats->value == 0);
}

/* ---- rolling up --------------------------------------------------------------- */

/* The next name that is not that of direct touches. */
static uint32
attribution_next_name(const AttributionStats *stats, uint32 i)
{
	while (i < stats->nnames && slice_equal(stats->names[i], stats->direct))
		i++;
	return i;
}

/* What is called (other) is the touches but for those that are shown. */
static void
attribution_check_sum(const void *into, const void *from)
{
	const AttributionStats *a = into;
	const AttributionStats *b = from;
	uint32		i = attribution_next_name(a, 0);
	uint32		j = attribution_next_name(b, 0);

	while (i < a->nnames && j < b->nnames && slice_equal(a->names[i], b->names[j]))
	{
		i = attribution_next_name(a, i + 1);
		j = attribution_next_name(b, j + 1);
	}
	if (a->top > 0 && (i < a->nnames || j < b->nnames))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot roll up attributions that show different touches"),
				 errdetail("With the option top each has chosen the touches with the most users among its own."),
				 errhint("Leave top out.")));
}

/* ---- fields ------------------------------------------------------------------- */

static const StatsField name_fields[] = {
	STATS_VALUE_FIELD(STATS_TEXT)
};

static const StatsField touch_fields[] = {
	STATS_OPEN_FIELD("touch"),
	STATS_NAME_FIELD(TouchItem, node),
	STATS_COUNTER_FIELD(NULL, TouchItem, touches, STATS_COUNTED("touches")),
	STATS_COUNTER_FIELD(NULL, TouchItem, users),
	STATS_COUNTER_FIELD(NULL, TouchItem, converted_users),
	STATS_COUNTER_FIELD(NULL, TouchItem, conversions, STATS_COUNTED("conversions")),
	STATS_COUNTER_FIELD(NULL, TouchItem, steps, STATS_COUNTED("touches")),
	STATS_CLOSE_FIELD,
	STATS_FIELD(STATS_HISTOGRAM, "times", TouchItem, times, STATS_COUNTED("touches")),
	STATS_HAND_FIELD("credits", &touch_credits_hand),
	STATS_HAND_FIELD("values", &touch_values_hand)
};

/* The key of a path is its length and the pointer to its nodes, which path_begin() copies. */
static const StatsField path_fields[] = {
	{
		.kind = STATS_HAND,.name = "nodes",.hand = &path_nodes_hand,.merge = STATS_KEY,
		.offset = offsetof(PathItem, length),
		.size = offsetof(PathItem, nodes) + sizeof(uint32 *) - offsetof(PathItem, length)
	},
	STATS_OPEN_FIELD("path"),
	STATS_COUNTER_FIELD(NULL, PathItem, users),
	STATS_COUNTER_FIELD(NULL, PathItem, conversions, STATS_COUNTED("conversions")),
	STATS_COUNTER_FIELD(NULL, PathItem, lost, STATS_COUNTED("paths")),
	STATS_CLOSE_FIELD,
	STATS_HAND_FIELD("value", &path_value_hand)
};

static const StatsList name_list = {
	STATS_FIELDS(name_fields),
	STATS_LIST_WITHOUT_INDEX(AttributionStats, TextSlice, names),
	.least_bytes = 1,
	.form = STATS_VALUES,
	.ordered = true,
	.order = name_order
};

static const StatsList touch_list = {
	STATS_FIELDS(touch_fields),
	STATS_LIST_OF(AttributionStats, TouchItem, touches, touch_index),
	.least_bytes = 30,
	.ordered = true,
	.hash = touch_hash,
	.order = touch_order,
	.is_valid = touch_is_valid
};

static const StatsList path_list = {
	STATS_FIELDS(path_fields),
	STATS_LIST_OF(AttributionStats, PathItem, paths, path_index),
	.least_bytes = 6,
	.ordered = true,
	.hash = path_hash,
	.order = path_order,
	.begin = path_begin,
	.is_valid = path_is_valid
};

static const char *const unit_names[] = {
	"none", "hour", "day", "week", "month", "quarter", "week_sunday"
};

StaticAssertDecl(lengthof(unit_names) == CALENDAR_LAST + 2, "a name for each unit, and for none");

static const StatsField attribution_fields[] = {
	STATS_NUMBER_FIELD("look_back", AttributionStats, look_back, 0, DURATION_MAX),
	STATS_NUMBER_FIELD("reset", AttributionStats, reset, 0, 1),
	STATS_NUMBER_FIELD("unit", AttributionStats, unit, 0, CALENDAR_LAST + 1, STATS_NAMED(unit_names)),
	STATS_FIELD(STATS_ZONE, "time_zone", AttributionStats, zone),
	STATS_NUMBER_FIELD("half_life", AttributionStats, half_life, 1, DURATION_MAX),
	STATS_NUMBER_FIELD("first", AttributionStats, first, 0, (int64) ATTRIBUTION_WHOLE),
	STATS_NUMBER_FIELD("middle", AttributionStats, middle, 0, (int64) ATTRIBUTION_WHOLE),
	STATS_NUMBER_FIELD("last", AttributionStats, last, 0, (int64) ATTRIBUTION_WHOLE),
	STATS_CHECK_FIELD("last", attribution_weights_are_valid),
	STATS_FIELD(STATS_TEXT, "direct", AttributionStats, direct),
	STATS_NUMBER_FIELD("depth", AttributionStats, depth, 1, ATTRIBUTION_DEPTH_MAX),
	STATS_NUMBER_FIELD("top", AttributionStats, top, 0, STATS_TOP_MOST, STATS_SINCE(2)),
	STATS_FIELD(STATS_TEXT, "through", AttributionStats, through, STATS_NULLABLE, STATS_SINCE(2)),
	STATS_NUMBER_FIELD("held", AttributionStats, held, 0, 1, STATS_SINCE(2)),
	STATS_NUMBER_FIELD("has_values", AttributionStats, has_values, 0, 1),
	STATS_COUNTER_FIELD("users", AttributionStats, users),
	STATS_COUNTER_FIELD("conversions", AttributionStats, conversions, STATS_COUNTED("conversions")),
	STATS_COUNTER_FIELD("converted_users", AttributionStats, converted_users),
	STATS_HAND_FIELD("value", &total_value_hand),
	STATS_CHECK_FIELD("users", attribution_counts_are_valid),
	STATS_COUNT_FIELD(&name_list),
	STATS_LIST_FIELD("names", &name_list),
	STATS_COUNT_FIELD(&touch_list),
	STATS_LIST_FIELD("touches", &touch_list),
	STATS_COUNT_FIELD(&path_list),
	STATS_LIST_FIELD("paths", &path_list)
};

static char *
attribution_describe(const void *any)
{
	const AttributionStats *stats = any;

	return psprintf("look_back %s, half_life %s, position %g %g %g, direct \"%.*s\", depth %d%s%s%s%s%s%s, %s value",
					duration_text(stats->look_back), duration_text(stats->half_life),
					attribution_number((int128) stats->first), attribution_number((int128) stats->middle),
					attribution_number((int128) stats->last), (int) stats->direct.length, stats->direct.bytes,
					stats->depth, stats->reset ? ", reset" : "",
					stats->unit > 0 ? psprintf(", same %s in ", unit_names[stats->unit]) : "", stats->zone,
					stats->top > 0 ? psprintf(", top %d", stats->top) : "",
					stats->through.bytes == NULL ? "" :
					psprintf(", through \"%.*s\"", (int) stats->through.length, stats->through.bytes),
					stats->held ? ", a property held constant" : "",
					stats->has_values ? "with" : "without");
}

const StatsType attribution_stats_type = {
	.name = "attribution_stats",
	.makers = "attribution() and attribution_holding_constant()",
	.format = 2,
	.size = sizeof(AttributionStats),
	STATS_FIELDS(attribution_fields),
	.whole = "touches",
	.differ = "attributions that differ in look_back, options, time zone, or in having values",
	.zones_differ = "attributions of different time zones",
	.zone_maker = "attribution()",
	.too_large = "Give option top, coarser touches, or a smaller depth.",
	.check_sum = attribution_check_sum,
	.names = &name_list,
	.describe = attribution_describe
};

STATS_TYPE_FUNCTIONS(journey_attribution_stats, journey_attribution_rollup, attribution_stats_type)

/* The path of these nodes, made if there is none. */
PathItem *
attribution_stats_path(AttributionStats *stats, const uint32 *nodes, uint32 length)
{
	const PathItem key = {.length = length,.nodes = unconstify(uint32 *, nodes)};

	return stats_list_item(&path_list, stats, &key);
}
