/*-------------------------------------------------------------------------
 *
 * session_stats_text.c
 *		The text form of session_stats: a JSON object.
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

#include "base/base.h"
#include "session/session_stats.h"
#include "utils/builtins.h"
#include "utils/json.h"

JOURNEY_FUNCTION(journey_session_stats_in);
JOURNEY_FUNCTION(journey_session_stats_out);

static void
append_slice(StringInfo out, TextSlice slice)
{
	if (slice.bytes == NULL)
		appendStringInfoString(out, "null");
	else
	{
		char	   *text = pnstrdup(slice.bytes, slice.length);

		escape_json(out, text);
		pfree(text);
	}
}

static void
append_group(StringInfo out, const SessionGroup *group)
{
	appendStringInfo(out, ", \"users\": " UINT64_FORMAT ", \"durations\": ", group->users);
	stats_append_histogram(out, &group->durations);
	appendStringInfoString(out, ", \"depths\": ");
	stats_append_histogram(out, &group->depths);
	appendStringInfoChar(out, '}');
	CHECK_FOR_INTERRUPTS();
}

/*
 * session_stats_out(session_stats)
 */
Datum
journey_session_stats_out(PG_FUNCTION_ARGS)
{
	const SessionStats *stats = stats_unpack(&session_stats_type, CurrentMemoryContext,
											 PG_GETARG_VARLENA_PP(0));
	StringInfoData out;
	uint32		i;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"version\": 1, \"gap\": " INT64_FORMAT ", \"cuts\": %s, \"traffic\": %s, \"zone\": ",
					 stats->gap, stats->cuts ? "true" : "false", stats->traffic ? "true" : "false");
	escape_json(&out, stats->zone);
	appendStringInfo(&out, ", \"users\": " UINT64_FORMAT ", \"days\": [", stats->users);
	for (i = 0; i < stats->ndays; i++)
	{
		appendStringInfo(&out, "%s{\"day\": " INT64_FORMAT, i > 0 ? ", " : "", stats->days[i].day);
		append_group(&out, &stats->days[i]);
	}
	appendStringInfoString(&out, "], \"channels\": [");
	for (i = 0; i < stats->nchannels; i++)
	{
		appendStringInfo(&out, "%s{\"channel\": ", i > 0 ? ", " : "");
		append_slice(&out, stats->channels[i].channel);
		append_group(&out, &stats->channels[i]);
	}
	appendStringInfoString(&out, "], \"nodes\": [");
	for (i = 0; i < stats->nnodes; i++)
	{
		const SessionNode *node = &stats->nodes[i];

		appendStringInfo(&out, "%s{\"node\": ", i > 0 ? ", " : "");
		append_slice(&out, node->name);
		appendStringInfo(&out, ", \"views\": " UINT64_FORMAT ", \"visitors\": " UINT64_FORMAT ", \"entries\": " UINT64_FORMAT ", \"exits\": " UINT64_FORMAT ", \"times\": ",
						 node->views, node->visitors, node->entries, node->exits);
		stats_append_histogram(&out, &node->times);
		appendStringInfoChar(&out, '}');
		CHECK_FOR_INTERRUPTS();
	}
	appendStringInfoString(&out, "]}");
	PG_RETURN_CSTRING(out.data);
}

/* A text member, or NULL where that is allowed. */
static TextSlice
read_slice(JsonbContainer *object, const char *name, bool nullable)
{
	JsonbValue	value = {0};
	TextSlice	slice = {NULL, 0};

	if (nullable && JsonContainerIsObject(object) &&
		getKeyJsonValueFromContainer(object, name, (int) strlen(name), &value) != NULL &&
		value.type == jbvNull)
		return slice;
	value = stats_member(&session_stats_type, object, name, jbvString);
	/* an empty text is not none */
	slice.bytes = pnstrdup(value.val.string.val, value.val.string.len);
	slice.length = (uint32) value.val.string.len;
	return slice;
}

static uint64
read_count(JsonbContainer *object, const char *name)
{
	int64		count = stats_integer_member(&session_stats_type, object, name);

	if (count < 0)
		stats_refuse_text(&session_stats_type, name);
	return (uint64) count;
}

static void
read_histogram(JsonbContainer *object, const char *name, Histogram *histogram)
{
	stats_read_histogram(&session_stats_type,
						 stats_member(&session_stats_type, object, name, jbvBinary).val.binary.data,
						 histogram, name);
}

static void
read_group(JsonbContainer *object, SessionGroup *group)
{
	group->users = read_count(object, "users");
	read_histogram(object, "durations", &group->durations);
	read_histogram(object, "depths", &group->depths);
	CHECK_FOR_INTERRUPTS();
}

/* The objects of an array, and room for as many things of a size. */
static void *
read_array(JsonbContainer *object, const char *name, Size size, JsonbContainer **array, uint32 *n)
{
	*array = stats_array_member(&session_stats_type, object, name);
	*n = JsonContainerSize(*array);
	return MemoryContextAllocExtended(CurrentMemoryContext, ((Size) *n + 1) * size,
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

static JsonbContainer *
read_element(JsonbContainer *array, uint32 i, const char *name)
{
	return stats_element(&session_stats_type, array, i, jbvBinary, name).val.binary.data;
}

/*
 * session_stats_in(cstring)
 */
Datum
journey_session_stats_in(PG_FUNCTION_ARGS)
{
	const StatsType *type = &session_stats_type;
	Jsonb	   *json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, PG_GETARG_DATUM(0)));
	JsonbContainer *object = &json->root;
	JsonbContainer *array;
	SessionStats *stats = palloc0(sizeof(SessionStats));
	uint32		i;

	if (stats_integer_member(type, object, "version") != 1)
		stats_refuse_text(type, "version");
	stats->gap = stats_integer_member(type, object, "gap");
	if (stats->gap < 0 || stats->gap > DURATION_MAX)
		stats_refuse_text(type, "gap");
	stats->cuts = stats_member(type, object, "cuts", jbvBool).val.boolean;
	stats->traffic = stats_member(type, object, "traffic", jbvBool).val.boolean;
	stats->zone = unconstify(char *, read_slice(object, "zone", false).bytes);
	stats->users = read_count(object, "users");
	stats->days = read_array(object, "days", sizeof(SessionGroup), &array, &stats->ndays);
	for (i = 0; i < stats->ndays; i++)
	{
		stats->days[i].day = stats_integer_member(type, read_element(array, i, "days"), "day");
		if (!session_day_is_valid(stats->days[i].day))
			stats_refuse_text(type, "day");
		read_group(read_element(array, i, "days"), &stats->days[i]);
	}
	stats->channels = read_array(object, "channels", sizeof(SessionGroup), &array, &stats->nchannels);
	for (i = 0; i < stats->nchannels; i++)
	{
		stats->channels[i].channel = read_slice(read_element(array, i, "channels"), "channel", true);
		read_group(read_element(array, i, "channels"), &stats->channels[i]);
	}
	stats->nodes = read_array(object, "nodes", sizeof(SessionNode), &array, &stats->nnodes);
	for (i = 0; i < stats->nnodes; i++)
	{
		JsonbContainer *from = read_element(array, i, "nodes");
		SessionNode *node = &stats->nodes[i];

		node->name = read_slice(from, "node", false);
		node->views = read_count(from, "views");
		node->visitors = read_count(from, "visitors");
		node->entries = read_count(from, "entries");
		node->exits = read_count(from, "exits");
		read_histogram(from, "times", &node->times);
		CHECK_FOR_INTERRUPTS();
	}

	/* what remains to be checked is checked by reading it back */
	PG_RETURN_POINTER(stats_pack_checked(type, stats, "nodes"));
}
