/*-------------------------------------------------------------------------
 *
 * flow_stats.c
 *		The type flow_stats: the way of a population from node to node.
 *
 * A value is stored as numbers (see base/codec.h): format version, kind,
 * gap + 1 (0: none), depth; start, end and options (length + 1, 0 for none, and
 * bytes); users and sessions; the number of names and the names, likewise; the
 * number of nodes and for each its level (sign folded), name, users, sessions,
 * count, starts and exits, and for transitions the users, sessions and steps of
 * loops and the histogram of their times; the number of links and for each its
 * level, source, target, users, sessions and the histogram of its times.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "event/event.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "path/flow_stats.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/memutils.h"

/* The first number of every stored value, raised when the format changes. */
#define FLOW_STATS_FORMAT 1

JOURNEY_FUNCTION(journey_flow_stats_in);
JOURNEY_FUNCTION(journey_flow_stats_out);
JOURNEY_FUNCTION(journey_flow_stats_recv);
JOURNEY_FUNCTION(journey_flow_stats_send);
JOURNEY_FUNCTION(journey_flow_rollup_transition);
JOURNEY_FUNCTION(journey_flow_rollup_combine);
JOURNEY_FUNCTION(journey_flow_rollup_serialize);
JOURNEY_FUNCTION(journey_flow_rollup_deserialize);
JOURNEY_FUNCTION(journey_flow_rollup_final);

/* A result without anything. */
FlowStats *
flow_stats_new(MemoryContext context)
{
	FlowStats  *stats = MemoryContextAllocZero(context, sizeof(FlowStats));

	stats->context = context;
	return stats;
}

/* The order of names: by their bytes, "(other)" last. */
static int
name_order(TextSlice a, TextSlice b)
{
	if (a.bytes == NULL || b.bytes == NULL)
		return (a.bytes == NULL) - (b.bytes == NULL);
	return slice_order(a, b);
}

static int
node_order(const FlowNode *a, const FlowNode *b)
{
	if (a->level != b->level)
		return a->level < b->level ? -1 : 1;
	return (a->node > b->node) - (a->node < b->node);
}

static int
link_order(const FlowLink *a, const FlowLink *b)
{
	if (a->level != b->level)
		return a->level < b->level ? -1 : 1;
	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	return (a->target > b->target) - (a->target < b->target);
}

/*
 * Storing.
 */

static size_t
slice_size(TextSlice slice)
{
	return slice.bytes == NULL ? 1 : number_size((uint64) slice.length + 1) + slice.length;
}

static void
write_slice(ByteWriter *out, TextSlice slice)
{
	write_number(out, slice.bytes == NULL ? 0 : (uint64) slice.length + 1);
	if (slice.bytes != NULL)
		write_bytes(out, slice.bytes, slice.length);
}

static uint64
packed_size(const FlowStats *stats)
{
	uint64		size = number_size(FLOW_STATS_FORMAT) + number_size(stats->kind) +
		number_size((uint64) (stats->gap + 1)) + number_size((uint64) stats->depth) +
		slice_size(stats->start) + slice_size(stats->end) + slice_size(stats->options) +
		number_size(stats->users) + number_size(stats->sessions) +
		number_size(stats->nnames) + number_size(stats->nnodes) + number_size(stats->nlinks);
	uint32		i;

	for (i = 0; i < stats->nnames; i++)
		size += slice_size(stats->names[i]);
	for (i = 0; i < stats->nnodes; i++)
	{
		const FlowNode *node = &stats->nodes[i];

		size += number_size(fold_sign(node->level)) + number_size(node->node) +
			number_size(node->users) + number_size(node->sessions) + number_size(node->count) +
			number_size(node->starts) + number_size(node->exits);
		if (stats->kind == FLOW_TRANSITIONS)
			size += number_size(node->loop_users) + number_size(node->loop_sessions) +
				number_size(node->loop_steps) + histogram_encoded_size(&node->loop_times);
	}
	for (i = 0; i < stats->nlinks; i++)
	{
		const FlowLink *link = &stats->links[i];

		size += number_size(fold_sign(link->level)) + number_size(link->source) +
			number_size(link->target) + number_size(link->users) +
			number_size(link->sessions) + histogram_encoded_size(&link->times);
	}
	return size;
}

/* The value as it is stored. */
struct varlena *
flow_stats_pack(const FlowStats *stats)
{
	uint64		size = packed_size(stats);
	bytea	   *packed;
	ByteWriter	out;
	uint32		i;

	if (size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a flow of %u links is too large for one value", stats->nlinks),
				 errhint("Give coarser nodes, a smaller depth, or option top.")));
	packed = serialized_alloc(size);
	out.at = (unsigned char *) VARDATA(packed);
	write_number(&out, FLOW_STATS_FORMAT);
	write_number(&out, stats->kind);
	write_number(&out, (uint64) (stats->gap + 1));
	write_number(&out, (uint64) stats->depth);
	write_slice(&out, stats->start);
	write_slice(&out, stats->end);
	write_slice(&out, stats->options);
	write_number(&out, stats->users);
	write_number(&out, stats->sessions);
	write_number(&out, stats->nnames);
	for (i = 0; i < stats->nnames; i++)
		write_slice(&out, stats->names[i]);
	write_number(&out, stats->nnodes);
	for (i = 0; i < stats->nnodes; i++)
	{
		const FlowNode *node = &stats->nodes[i];

		write_number(&out, fold_sign(node->level));
		write_number(&out, node->node);
		write_number(&out, node->users);
		write_number(&out, node->sessions);
		write_number(&out, node->count);
		write_number(&out, node->starts);
		write_number(&out, node->exits);
		if (stats->kind == FLOW_TRANSITIONS)
		{
			write_number(&out, node->loop_users);
			write_number(&out, node->loop_sessions);
			write_number(&out, node->loop_steps);
			histogram_encode(&node->loop_times, &out);
		}
	}
	write_number(&out, stats->nlinks);
	for (i = 0; i < stats->nlinks; i++)
	{
		const FlowLink *link = &stats->links[i];

		write_number(&out, fold_sign(link->level));
		write_number(&out, link->source);
		write_number(&out, link->target);
		write_number(&out, link->users);
		write_number(&out, link->sessions);
		histogram_encode(&link->times, &out);
	}
	Assert(out.at == (unsigned char *) packed + VARSIZE(packed));
	return packed;
}

/* Read a text that may be none. */
static bool
read_slice(ByteReader *in, TextSlice *slice)
{
	uint64		marked = read_number(in);

	slice->bytes = NULL;
	slice->length = 0;
	if (marked > 0)
	{
		slice->bytes = (const char *) read_bytes(in, marked - 1);
		slice->length = (uint32) (marked - 1);
		if (slice->bytes == NULL ||
			!pg_verify_mbstr(GetDatabaseEncoding(), slice->bytes, (int) slice->length, true))
			return false;
		slice->bytes = slice->length == 0 ? "" : pnstrdup(slice->bytes, slice->length);
	}
	return !in->failed;
}

/* Can a node or link of this result be at this level? */
static bool
level_is_valid(const FlowStats *stats, int64 level)
{
	if (stats->kind == FLOW_TRANSITIONS)
		return level == 0;
	return level != 0 && level >= -stats->depth && level <= stats->depth;
}

/* Do these numbers count users, their sessions, and occurrences in those? */
static bool
counts_are_valid(const FlowStats *stats, uint64 users, uint64 sessions, uint64 count)
{
	return users <= sessions && sessions <= count && count <= (uint64) PG_INT64_MAX &&
		users <= stats->users && sessions <= stats->sessions;
}

static bool
read_node(ByteReader *in, FlowStats *stats, FlowNode *node)
{
	int64		level = unfold_sign(read_number(in));
	uint64		name = read_number(in);

	node->users = read_number(in);
	node->sessions = read_number(in);
	node->count = read_number(in);
	node->starts = read_number(in);
	node->exits = read_number(in);
	if (stats->kind == FLOW_TRANSITIONS)
	{
		node->loop_users = read_number(in);
		node->loop_sessions = read_number(in);
		node->loop_steps = read_number(in);
		if (!histogram_decode(in, &node->loop_times))
			return false;
	}
	if (in->failed || !level_is_valid(stats, level) || name >= stats->nnames)
		return false;
	node->level = (int32) level;
	node->node = (uint32) name;
	return node->users > 0 && counts_are_valid(stats, node->users, node->sessions, node->count) &&
		node->starts <= node->count && node->exits <= node->count &&
		counts_are_valid(stats, node->loop_users, node->loop_sessions, node->loop_times.count) &&
		node->loop_times.count <= node->count &&
		(node->loop_users > 0) == (node->loop_times.count > 0) &&
		node->loop_steps / 2 >= node->loop_times.count &&
		node->loop_steps <= (uint64) PG_INT64_MAX;
}

static bool
read_link(ByteReader *in, FlowStats *stats, FlowLink *link)
{
	int64		level = unfold_sign(read_number(in));
	uint64		source = read_number(in);
	uint64		target = read_number(in);

	link->users = read_number(in);
	link->sessions = read_number(in);
	if (!histogram_decode(in, &link->times) || in->failed || !level_is_valid(stats, level) ||
		source >= stats->nnames || target >= stats->nnames)
		return false;
	link->level = (int32) level;
	link->source = (uint32) source;
	link->target = (uint32) target;
	return link->users > 0 &&
		counts_are_valid(stats, link->users, link->sessions, link->times.count);
}

/* Read a value; NULL if the bytes are none. */
static FlowStats *
read_stats(ByteReader *in)
{
	FlowStats  *stats = flow_stats_new(CurrentMemoryContext);
	uint64		version = read_number(in);
	uint64		kind = read_number(in);
	uint64		gap = read_number(in);
	uint64		depth = read_number(in);
	uint64		n;
	uint64		i;

	if (in->failed || version != FLOW_STATS_FORMAT || kind > FLOW_TRANSITIONS ||
		gap > (uint64) DURATION_MAX + 1 ||
		(kind == FLOW_LEVELS ? depth < 1 || depth > PATH_DEPTH_MAX : depth != 0))
		return NULL;
	stats->kind = (FlowKind) kind;
	stats->gap = (int64) gap - 1;
	stats->depth = (int) depth;
	if (!read_slice(in, &stats->start) || !read_slice(in, &stats->end) ||
		!read_slice(in, &stats->options))
		return NULL;
	stats->users = read_number(in);
	stats->sessions = read_number(in);
	if (stats->users > stats->sessions || stats->sessions > (uint64) PG_INT64_MAX)
		return NULL;

	n = read_number(in);
	if (n > bytes_left(in) || n >= UINT32_MAX)
		return NULL;
	stats->names = MemoryContextAllocHuge(stats->context, (n + 1) * sizeof(TextSlice));
	for (i = 0; i < n; i++)
	{
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (!read_slice(in, &stats->names[i]) ||
			(i > 0 && name_order(stats->names[i - 1], stats->names[i]) >= 0))
			return NULL;
	}
	stats->nnames = (uint32) n;

	n = read_number(in);
	if (n > bytes_left(in) / 7 || n >= UINT32_MAX)
		return NULL;
	stats->nodes = MemoryContextAllocExtended(stats->context, (n + 1) * sizeof(FlowNode),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < n; i++)
	{
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (!read_node(in, stats, &stats->nodes[i]) ||
			(i > 0 && node_order(&stats->nodes[i - 1], &stats->nodes[i]) >= 0))
			return NULL;
	}
	stats->nnodes = (uint32) n;

	n = read_number(in);
	if (n > bytes_left(in) / 6 || n >= UINT32_MAX)
		return NULL;
	stats->links = MemoryContextAllocExtended(stats->context, (n + 1) * sizeof(FlowLink),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < n; i++)
	{
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (!read_link(in, stats, &stats->links[i]) ||
			(i > 0 && link_order(&stats->links[i - 1], &stats->links[i]) >= 0))
			return NULL;
	}
	stats->nlinks = (uint32) n;
	return in->failed || bytes_left(in) != 0 ? NULL : stats;
}

/*
 * Rolling up.
 */

static bool
same_text(TextSlice a, TextSlice b)
{
	return (a.bytes == NULL) == (b.bytes == NULL) && slice_equal(a, b);
}

static void
refuse_sum(uint64 a, uint64 b)
{
	if (a > (uint64) PG_INT64_MAX - b)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("too many to count")));
}

/* a += b, which must not be more than an int64 holds */
static void
add_count(uint64 *a, uint64 b)
{
	refuse_sum(*a, b);
	*a += b;
}

/* Buckets of a histogram of its own. */
static Histogram
copy_histogram(const Histogram *from)
{
	Histogram	copy = *from;

	copy.capacity = copy.nbuckets;
	copy.buckets = NULL;
	if (copy.nbuckets > 0)
	{
		copy.buckets = palloc(copy.nbuckets * sizeof(HistogramBucket));
		memcpy(copy.buckets, from->buckets, copy.nbuckets * sizeof(HistogramBucket));
	}
	return copy;
}

/*
 * The names of both in one ascending list; the numbers that they get there are
 * in the order of those they had.
 */
static void
merge_names(FlowStats *into, const FlowStats *from, uint32 *into_numbers, uint32 *from_numbers)
{
	TextSlice  *names = MemoryContextAllocHuge(into->context,
											   ((uint64) into->nnames + from->nnames + 1) * sizeof(TextSlice));
	uint32		i = 0;
	uint32		j = 0;
	uint32		n = 0;

	while (i < into->nnames || j < from->nnames)
	{
		int			order = i == into->nnames ? 1 : j == from->nnames ? -1 :
			name_order(into->names[i], from->names[j]);

		if (n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		names[n] = order <= 0 ? into->names[i] : from->names[j];
		if (order > 0 && names[n].length > 0)
			names[n].bytes = pnstrdup(names[n].bytes, names[n].length);
		if (order <= 0)
			into_numbers[i++] = n;
		if (order >= 0)
			from_numbers[j++] = n;
		n++;
	}
	pfree(into->names);
	into->names = names;
	into->nnames = n;
}

/* Add the users of `from`, who are others than those of `into`. */
static void
merge_stats(FlowStats *into, const FlowStats *from)
{
	MemoryContext old = MemoryContextSwitchTo(into->context);
	uint32	   *into_numbers = MemoryContextAllocHuge(into->context, (into->nnames + 1) * sizeof(uint32));
	uint32	   *from_numbers = MemoryContextAllocHuge(into->context, (from->nnames + 1) * sizeof(uint32));
	FlowNode   *nodes;
	FlowLink   *links;
	uint32		n;
	uint32		i;
	uint32		j;

	if (into->kind != from->kind || into->gap != from->gap || into->depth != from->depth ||
		!same_text(into->start, from->start) || !same_text(into->end, from->end) ||
		!same_text(into->options, from->options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot roll up flows that differ in kind, gap, depth, nodes of start and end, or options"),
				 errhint("Group the rows by what differs.")));
	add_count(&into->users, from->users);
	add_count(&into->sessions, from->sessions);
	merge_names(into, from, into_numbers, from_numbers);

	nodes = MemoryContextAllocHuge(into->context,
								   ((uint64) into->nnodes + from->nnodes + 1) * sizeof(FlowNode));
	for (i = j = n = 0; i < into->nnodes || j < from->nnodes; n++)
	{
		FlowNode	a;
		FlowNode	b;
		int			order;

		if (n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (i < into->nnodes)
		{
			a = into->nodes[i];
			a.node = into_numbers[a.node];
		}
		if (j < from->nnodes)
		{
			b = from->nodes[j];
			b.node = from_numbers[b.node];
		}
		order = i == into->nnodes ? 1 : j == from->nnodes ? -1 : node_order(&a, &b);
		if (order <= 0)
		{
			nodes[n] = a;
			i++;
		}
		else
		{
			nodes[n] = b;
			nodes[n].loop_times = copy_histogram(&b.loop_times);
			j++;
		}
		if (order == 0)
		{
			add_count(&nodes[n].users, b.users);
			add_count(&nodes[n].sessions, b.sessions);
			add_count(&nodes[n].count, b.count);
			add_count(&nodes[n].starts, b.starts);
			add_count(&nodes[n].exits, b.exits);
			add_count(&nodes[n].loop_users, b.loop_users);
			add_count(&nodes[n].loop_sessions, b.loop_sessions);
			add_count(&nodes[n].loop_steps, b.loop_steps);
			histogram_merge(&nodes[n].loop_times, &b.loop_times, into->context);
			j++;
		}
	}
	pfree(into->nodes);
	into->nodes = nodes;
	into->nnodes = n;

	links = MemoryContextAllocHuge(into->context,
								   ((uint64) into->nlinks + from->nlinks + 1) * sizeof(FlowLink));
	for (i = j = n = 0; i < into->nlinks || j < from->nlinks; n++)
	{
		FlowLink	a;
		FlowLink	b;
		int			order;

		if (n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (i < into->nlinks)
		{
			a = into->links[i];
			a.source = into_numbers[a.source];
			a.target = into_numbers[a.target];
		}
		if (j < from->nlinks)
		{
			b = from->links[j];
			b.source = from_numbers[b.source];
			b.target = from_numbers[b.target];
		}
		order = i == into->nlinks ? 1 : j == from->nlinks ? -1 : link_order(&a, &b);
		if (order <= 0)
		{
			links[n] = a;
			i++;
		}
		else
		{
			links[n] = b;
			links[n].times = copy_histogram(&b.times);
			j++;
		}
		if (order == 0)
		{
			add_count(&links[n].users, b.users);
			add_count(&links[n].sessions, b.sessions);
			refuse_sum(links[n].times.count, b.times.count);
			histogram_merge(&links[n].times, &b.times, into->context);
			j++;
		}
	}
	pfree(into->links);
	into->links = links;
	into->nlinks = n;
	pfree(into_numbers);
	pfree(from_numbers);
	MemoryContextSwitchTo(old);
}

static void *
read_any(MemoryContext context, ByteReader *in)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	FlowStats  *stats = read_stats(in);

	MemoryContextSwitchTo(old);
	return stats;
}

static struct varlena *
pack_any(void *stats)
{
	return flow_stats_pack(stats);
}

static void
merge_any(void *into, const void *from)
{
	merge_stats(into, from);
}

const StatsType flow_stats_type = {
	"flow_stats", "path_flow() and transitions()", read_any, pack_any, merge_any
};

/*
 * flow_stats_recv(internal)
 */
Datum
journey_flow_stats_recv(PG_FUNCTION_ARGS)
{
	return stats_recv(&flow_stats_type, fcinfo);
}

/*
 * flow_stats_send(flow_stats)
 */
Datum
journey_flow_stats_send(PG_FUNCTION_ARGS)
{
	return stats_send(fcinfo);
}

/*
 * rollup(flow_stats)
 */
Datum
journey_flow_rollup_transition(PG_FUNCTION_ARGS)
{
	return stats_rollup_transition(&flow_stats_type, fcinfo);
}

Datum
journey_flow_rollup_combine(PG_FUNCTION_ARGS)
{
	return stats_rollup_combine(&flow_stats_type, fcinfo);
}

Datum
journey_flow_rollup_serialize(PG_FUNCTION_ARGS)
{
	return stats_rollup_serialize(&flow_stats_type, fcinfo);
}

Datum
journey_flow_rollup_deserialize(PG_FUNCTION_ARGS)
{
	return stats_rollup_deserialize(&flow_stats_type, fcinfo);
}

Datum
journey_flow_rollup_final(PG_FUNCTION_ARGS)
{
	return stats_rollup_final(&flow_stats_type, fcinfo);
}

/*
 * The text form, a JSON object:
 *
 *	{"version": 1, "kind": "levels", "gap": 1800000000, "depth": 5,
 *	 "start": "home", "end": null, "options": "collapse", "users": 10,
 *	 "sessions": 12, "names": ["home", "pay", null],
 *	 "nodes": [{"node": [1, 0, 10, 12, 12, 12, 3]}, ...],
 *	 "links": [{"link": [1, 0, 1, 8, 9], "times": {...}}, ...]}
 *
 * Kind is levels or transitions; a gap of null is none.  A node is level, name
 * (counted from 0; null stands for "(other)"), users, sessions, count, starts
 * and exits, for transitions followed by users, sessions and steps of loops,
 * with "loop_times" besides.  A link is level, source, target, users and
 * sessions.
 */
static const char *const kind_names[] = {"levels", "transitions"};

#define NODE_NUMBERS 7
#define LOOP_NUMBERS 3
#define LINK_NUMBERS 5

static void
append_text(StringInfo out, const char *name, TextSlice text)
{
	appendStringInfo(out, ", \"%s\": ", name);
	if (text.bytes == NULL)
		appendStringInfoString(out, "null");
	else
		escape_json(out, pnstrdup(text.bytes, text.length));
}

/*
 * flow_stats_out(flow_stats)
 */
Datum
journey_flow_stats_out(PG_FUNCTION_ARGS)
{
	FlowStats  *stats = stats_unpack(&flow_stats_type, CurrentMemoryContext,
									 PG_GETARG_VARLENA_PP(0));
	StringInfoData out;
	uint32		i;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"version\": 1, \"kind\": \"%s\", \"gap\": ", kind_names[stats->kind]);
	if (stats->gap == PATH_WHOLE)
		appendStringInfoString(&out, "null");
	else
		appendStringInfo(&out, INT64_FORMAT, stats->gap);
	appendStringInfo(&out, ", \"depth\": %d", stats->depth);
	append_text(&out, "start", stats->start);
	append_text(&out, "end", stats->end);
	append_text(&out, "options", stats->options);
	appendStringInfo(&out, ", \"users\": " UINT64_FORMAT ", \"sessions\": " UINT64_FORMAT ", \"names\": [",
					 stats->users, stats->sessions);
	for (i = 0; i < stats->nnames; i++)
	{
		if (i > 0)
			appendStringInfoString(&out, ", ");
		if (stats->names[i].bytes == NULL)
			appendStringInfoString(&out, "null");
		else
			escape_json(&out, pnstrdup(stats->names[i].bytes, stats->names[i].length));
	}
	appendStringInfoString(&out, "], \"nodes\": [");
	for (i = 0; i < stats->nnodes; i++)
	{
		const FlowNode *node = &stats->nodes[i];

		CHECK_FOR_INTERRUPTS();
		appendStringInfo(&out, "%s{\"node\": [%d, %u, " UINT64_FORMAT ", " UINT64_FORMAT ", " UINT64_FORMAT ", " UINT64_FORMAT ", " UINT64_FORMAT,
						 i > 0 ? ", " : "", node->level, node->node, node->users,
						 node->sessions, node->count, node->starts, node->exits);
		if (stats->kind == FLOW_TRANSITIONS)
		{
			appendStringInfo(&out, ", " UINT64_FORMAT ", " UINT64_FORMAT ", " UINT64_FORMAT "], \"loop_times\": ",
							 node->loop_users, node->loop_sessions, node->loop_steps);
			stats_append_histogram(&out, &node->loop_times);
			appendStringInfoChar(&out, '}');
		}
		else
			appendStringInfoString(&out, "]}");
	}
	appendStringInfoString(&out, "], \"links\": [");
	for (i = 0; i < stats->nlinks; i++)
	{
		const FlowLink *link = &stats->links[i];

		CHECK_FOR_INTERRUPTS();
		appendStringInfo(&out, "%s{\"link\": [%d, %u, %u, " UINT64_FORMAT ", " UINT64_FORMAT "], \"times\": ",
						 i > 0 ? ", " : "", link->level, link->source, link->target,
						 link->users, link->sessions);
		stats_append_histogram(&out, &link->times);
		appendStringInfoChar(&out, '}');
	}
	appendStringInfoString(&out, "]}");
	PG_RETURN_CSTRING(out.data);
}

/* A member that is text or null. */
static TextSlice
text_member(JsonbContainer *object, const char *name)
{
	TextSlice	slice = {NULL, 0};
	JsonbValue	value = {0};

	if (!JsonContainerIsObject(object) ||
		getKeyJsonValueFromContainer(object, name, (int) strlen(name), &value) == NULL ||
		(value.type != jbvNull && value.type != jbvString))
		stats_refuse_text(&flow_stats_type, name);
	if (value.type == jbvString)
	{
		slice.bytes = value.val.string.len == 0 ? "" : value.val.string.val;
		slice.length = (uint32) value.val.string.len;
	}
	return slice;
}

/* The whole numbers of an array of n. */
static void
read_numbers(JsonbContainer *object, const char *name, int64 *numbers, int n)
{
	JsonbContainer *array = stats_array_member(&flow_stats_type, object, name);
	int			i;

	if (JsonContainerSize(array) != (uint32) n)
		stats_refuse_text(&flow_stats_type, name);
	for (i = 0; i < n; i++)
	{
		JsonbValue	value = stats_element(&flow_stats_type, array, (uint32) i, jbvNumeric, name);

		numbers[i] = stats_integer_of(&flow_stats_type, &value, name);
		/* level may be below 0; levels and names are not large */
		if ((i == 0 && (numbers[i] < -PATH_DEPTH_MAX || numbers[i] > PATH_DEPTH_MAX)) ||
			(i > 0 && numbers[i] < 0) || (i == 1 && numbers[i] >= UINT32_MAX))
			stats_refuse_text(&flow_stats_type, name);
	}
}

/*
 * flow_stats_in(cstring)
 */
Datum
journey_flow_stats_in(PG_FUNCTION_ARGS)
{
	Jsonb	   *json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, PG_GETARG_DATUM(0)));
	JsonbContainer *object = &json->root;
	JsonbContainer *array;
	JsonbValue	gap = {0};
	FlowStats  *stats = flow_stats_new(CurrentMemoryContext);
	uint32		i;

	if (stats_integer_member(&flow_stats_type, object, "version") != 1)
		stats_refuse_text(&flow_stats_type, "version");
	stats->kind = (FlowKind) stats_name_member(&flow_stats_type, object, "kind", kind_names,
											   lengthof(kind_names));
	if (getKeyJsonValueFromContainer(object, "gap", 3, &gap) == NULL ||
		(gap.type != jbvNull && gap.type != jbvNumeric))
		stats_refuse_text(&flow_stats_type, "gap");
	stats->gap = gap.type == jbvNull ? PATH_WHOLE : stats_integer_of(&flow_stats_type, &gap, "gap");
	if (stats->gap < PATH_WHOLE || stats->gap > DURATION_MAX ||
		(gap.type != jbvNull && stats->gap == PATH_WHOLE))
		stats_refuse_text(&flow_stats_type, "gap");
	stats->depth = (int) Min(Max(stats_integer_member(&flow_stats_type, object, "depth"), -1),
							 PATH_DEPTH_MAX + 1);
	stats->start = text_member(object, "start");
	stats->end = text_member(object, "end");
	stats->options = text_member(object, "options");
	stats->users = (uint64) stats_integer_member(&flow_stats_type, object, "users");
	stats->sessions = (uint64) stats_integer_member(&flow_stats_type, object, "sessions");

	array = stats_array_member(&flow_stats_type, object, "names");
	stats->nnames = JsonContainerSize(array);
	stats->names = palloc0((stats->nnames + 1) * sizeof(TextSlice));
	for (i = 0; i < stats->nnames; i++)
	{
		JsonbValue *value = getIthJsonbValueFromContainer(array, i);

		if (value->type != jbvNull && value->type != jbvString)
			stats_refuse_text(&flow_stats_type, "names");
		if (value->type == jbvString)
		{
			stats->names[i].bytes = value->val.string.len == 0 ? "" : value->val.string.val;
			stats->names[i].length = (uint32) value->val.string.len;
		}
	}

	array = stats_array_member(&flow_stats_type, object, "nodes");
	stats->nnodes = JsonContainerSize(array);
	stats->nodes = palloc0((stats->nnodes + 1) * sizeof(FlowNode));
	for (i = 0; i < stats->nnodes; i++)
	{
		JsonbContainer *from = stats_element(&flow_stats_type, array, i, jbvBinary,
											 "nodes").val.binary.data;
		FlowNode   *node = &stats->nodes[i];
		int64		numbers[NODE_NUMBERS + LOOP_NUMBERS] = {0};

		CHECK_FOR_INTERRUPTS();
		read_numbers(from, "node", numbers, stats->kind == FLOW_TRANSITIONS ?
					 NODE_NUMBERS + LOOP_NUMBERS : NODE_NUMBERS);
		node->level = (int32) numbers[0];
		node->node = (uint32) numbers[1];
		node->users = (uint64) numbers[2];
		node->sessions = (uint64) numbers[3];
		node->count = (uint64) numbers[4];
		node->starts = (uint64) numbers[5];
		node->exits = (uint64) numbers[6];
		node->loop_users = (uint64) numbers[7];
		node->loop_sessions = (uint64) numbers[8];
		node->loop_steps = (uint64) numbers[9];
		if (stats->kind == FLOW_TRANSITIONS)
			stats_read_histogram(&flow_stats_type,
								 stats_member(&flow_stats_type, from, "loop_times",
											  jbvBinary).val.binary.data,
								 &node->loop_times, "loop_times");
	}

	array = stats_array_member(&flow_stats_type, object, "links");
	stats->nlinks = JsonContainerSize(array);
	stats->links = palloc0((stats->nlinks + 1) * sizeof(FlowLink));
	for (i = 0; i < stats->nlinks; i++)
	{
		JsonbContainer *from = stats_element(&flow_stats_type, array, i, jbvBinary,
											 "links").val.binary.data;
		FlowLink   *link = &stats->links[i];
		int64		numbers[LINK_NUMBERS];

		CHECK_FOR_INTERRUPTS();
		read_numbers(from, "link", numbers, LINK_NUMBERS);
		if (numbers[2] >= UINT32_MAX)
			stats_refuse_text(&flow_stats_type, "links");
		link->level = (int32) numbers[0];
		link->source = (uint32) numbers[1];
		link->target = (uint32) numbers[2];
		link->users = (uint64) numbers[3];
		link->sessions = (uint64) numbers[4];
		stats_read_histogram(&flow_stats_type,
							 stats_member(&flow_stats_type, from, "times",
										  jbvBinary).val.binary.data,
							 &link->times, "times");
	}

	/* what remains to be checked is checked by reading it back */
	PG_RETURN_POINTER(stats_pack_checked(&flow_stats_type, stats, "links"));
}
