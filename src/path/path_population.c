/*-------------------------------------------------------------------------
 *
 * path_population.c
 *		path_flow, transitions, top_paths and path_members: the path kernel over
 *		all users of a population at once.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "aggregate/population_agg.h"
#include "aggregate/unknown_names.h"
#include "base/base.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "path/flow_counts.h"
#include "path/path_params.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

JOURNEY_FUNCTION(journey_transitions_transition);
JOURNEY_FUNCTION(journey_transitions_seq_transition);
JOURNEY_FUNCTION(journey_transitions_final);
JOURNEY_FUNCTION(journey_path_flow_transition);
JOURNEY_FUNCTION(journey_path_flow_seq_transition);
JOURNEY_FUNCTION(journey_path_flow_final);
JOURNEY_FUNCTION(journey_top_paths_transition);
JOURNEY_FUNCTION(journey_top_paths_seq_transition);
JOURNEY_FUNCTION(journey_top_paths_final);
JOURNEY_FUNCTION(journey_path_members_transition);
JOURNEY_FUNCTION(journey_path_members_seq_transition);
JOURNEY_FUNCTION(journey_path_members_final);

/* For every aggregate of this file. */
POPULATION_SUPPORT(journey_path, path_params)

/*
 * Arguments 1 and 2 are the user and the time.  Where there is a seq it is
 * argument 3, and all others stand one place further: `shift` is 1.
 */
#define NODE_ARG(shift)		(3 + (shift))

/*
 * Add a row whose parameters, from argument 4 + shift on, are these.
 */
static inline Datum
add_row(FunctionCallInfo fcinfo, int shift, const PathParam *which, int n)
{
	PopulationEvent event;

	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};
		int			i;

		for (i = 0; i < n && 4 + shift + i < PG_NARGS(); i++)
			param_read(&given, &path_params, which[i], fcinfo, 4 + shift + i);
		population_take_params(fcinfo, &path_params, &given,
							   1 << 1 | 1 << 2 | (shift > 0 ? 1 << 3 : 0) | 1 << NODE_ARG(shift),
							   population_node_row_counts(fcinfo, NODE_ARG(shift)));
	}
	event.step = 0;
	return population_node_row(fcinfo, shift > 0 ? 3 : 0, NODE_ARG(shift), &event, 0);
}

/* A transition function without seq, which also takes many rows at once. */
#define PATH_TRANSITION(name) \
static Datum name##_row(PG_FUNCTION_ARGS); \
\
static void \
name##_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n) \
{ \
	population_node_rows(fcinfo, args, n, NODE_ARG(0), name##_row); \
} \
POPULATION_TRANSITION_ROWS(name, name##_rows)

/* What follows the node in each aggregate. */
static const PathParam transitions_params[] = {PATH_GAP, PATH_OPTIONS};
static const PathParam path_flow_params[] = {PATH_GAP, PATH_DEPTH, PATH_START, PATH_END, PATH_OPTIONS};
static const PathParam top_paths_params[] = {PATH_GAP, PATH_DEPTH, PATH_N, PATH_GOAL, PATH_OPTIONS};
static const PathParam link_members_params[] = {PATH_GAP, PATH_SOURCE, PATH_TARGET};
static const PathParam flow_members_params[] = {PATH_GAP, PATH_DEPTH, PATH_START, PATH_END,
PATH_OPTIONS, PATH_LEVEL, PATH_SOURCE, PATH_TARGET};

/*
 * transitions_transition(state, user_id, at [, seq], node [, gap [, options]])
 */
PATH_TRANSITION(journey_transitions_transition)
{
	return add_row(fcinfo, 0, transitions_params, lengthof(transitions_params));
}

POPULATION_TRANSITION(journey_transitions_seq_transition)
{
	return add_row(fcinfo, 1, transitions_params, lengthof(transitions_params));
}

/*
 * path_flow_transition(state, user_id, at [, seq], node, gap, depth [,
 * start_node [, end_node [, options]]])
 */
PATH_TRANSITION(journey_path_flow_transition)
{
	return add_row(fcinfo, 0, path_flow_params, lengthof(path_flow_params));
}

POPULATION_TRANSITION(journey_path_flow_seq_transition)
{
	return add_row(fcinfo, 1, path_flow_params, lengthof(path_flow_params));
}

/*
 * top_paths_transition(state, user_id, at [, seq], node, gap, depth, n [, goal
 * [, options]])
 */
PATH_TRANSITION(journey_top_paths_transition)
{
	return add_row(fcinfo, 0, top_paths_params, lengthof(top_paths_params));
}

POPULATION_TRANSITION(journey_top_paths_seq_transition)
{
	return add_row(fcinfo, 1, top_paths_params, lengthof(top_paths_params));
}

/* Of the two forms of path_members, the longer one has the parameters of a flow. */
static inline Datum
members_row(FunctionCallInfo fcinfo, int shift)
{
	if (PG_NARGS() > 7 + shift)
		return add_row(fcinfo, shift, flow_members_params, lengthof(flow_members_params));
	return add_row(fcinfo, shift, link_members_params, lengthof(link_members_params));
}

/*
 * path_members_transition(state, user_id, at [, seq], node, gap [, depth,
 * start_node, end_node, options, level], source, target)
 */
PATH_TRANSITION(journey_path_members_transition)
{
	return members_row(fcinfo, 0);
}

POPULATION_TRANSITION(journey_path_members_seq_transition)
{
	return members_row(fcinfo, 1);
}

/*
 * What the visits of users work with.
 */
typedef struct PathVisit
{
	const PathParams *params;
	PathSpec	spec;			/* with nodes by their ranks */
	MemoryContext context;		/* where results are kept */
	FlowCounts	counts;
	bool		backward;		/* paths are looked at from their end */

	/* of a flow with the top nodes of each level */
	KeyIndex   *all_nodes;		/* by level and node */
	const bool *kept;			/* by number */

	/* of members */
	int			level;			/* of the link; 0: any */
	uint32		source;
	uint32		target;
	bool		source_other;	/* or the node that stands for the others */
	bool		target_other;
	TupleDesc	row;
	Datum	   *rows;
	uint64		nrows;
	uint64		rows_capacity;
} PathVisit;

/*
 * The node that a parameter names, or NODE_NONE if no event has it, which the
 * user is told.  `stands_for` says that the name may stand for others.
 */
static uint32
find_node(FunctionCallInfo fcinfo, const Population *population, const char *parameter,
		  TextSlice name, bool stands_for)
{
	const uint32 node = population_find_node(population, name);
	const bool	known = node != NODE_NONE || stands_for;

	/* of processes that share the users, each knows all nodes: one tells */
	if (population->exchange == NULL)
		unknown_names_note(fcinfo, parameter, name, known);
	else if (!known && population->exchange->me == 0)
		unknown_names_tell(parameter, name);
	return node;
}

/* Does a parameter name the node that stands for those not among the top? */
static bool
is_other(const PathParams *params, PathParam which)
{
	const TextSlice name = params->given.list[which].text;

	return params->top > 0 && name.length == strlen(FLOW_OTHER) &&
		memcmp(name.bytes, FLOW_OTHER, name.length) == 0;
}

/* A parameter's node, or NODE_NONE if it is not given or no event has it. */
static uint32
node_param(FunctionCallInfo fcinfo, const Population *population, const PathParams *params,
		   PathParam which)
{
	const CallParam *param = &params->given.list[which];

	if (!param->given)
		return NODE_NONE;
	return find_node(fcinfo, population, path_params.specs[which].name, param->text,
					 (which == PATH_SOURCE || which == PATH_TARGET) && is_other(params, which));
}

/* Get ready to visit the users of a state. */
static Population *
begin_visit(FunctionCallInfo fcinfo, PathVisit *visit)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	const PathParams *params = population->params;
	int			i;

	memset(visit, 0, sizeof(PathVisit));
	population_rank(population);
	visit->params = params;
	visit->context = CurrentMemoryContext;
	visit->spec = params->spec;
	visit->spec.start = node_param(fcinfo, population, params, PATH_START);
	visit->spec.end = node_param(fcinfo, population, params, PATH_END);
	visit->backward = params->spec.to_end && !params->spec.from_start;
	if (params->nignored > 0)
	{
		bool	   *ignored = MemoryContextAllocExtended(CurrentMemoryContext, (Size) population->nodes->n + 1,
														 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

		for (i = 0; i < params->nignored; i++)
		{
			uint32		node = find_node(fcinfo, population, "ignore", params->ignored[i], false);

			if (node != NODE_NONE)
				ignored[node] = true;
		}
		visit->spec.ignored = ignored;
	}
	return population;
}

/* Is this the first time that a node is counted in the current session? */
static inline void
count_node(const FlowCounts *counts, NodeCount *node)
{
	node->count++;
	if (node->last_session == counts->sessions)
		return;
	node->last_session = counts->sessions;
	node->sessions++;
	if (node->last_user == counts->users)
		return;
	node->last_user = counts->users;
	node->users++;
}

static inline void
count_link(const FlowCounts *counts, LinkCount *link, int64 from, int64 to)
{
	time_counts_add(&link->times, histogram_duration(from, to), counts->context);
	if (link->last_session == counts->sessions)
		return;
	link->last_session = counts->sessions;
	link->sessions++;
	if (link->last_user == counts->users)
		return;
	link->last_user = counts->users;
	link->users++;
}

/* A node came again, by way of others. */
static inline void
count_loop(const FlowCounts *counts, NodeCount *node, uint64 steps, int64 at)
{
	time_counts_add(&node->loop_times, histogram_duration(node->last_at, at), counts->context);
	node->loop_steps += steps;
	if (node->loop_last_session == counts->sessions)
		return;
	node->loop_last_session = counts->sessions;
	node->loop_sessions++;
	if (node->loop_last_user == counts->users)
		return;
	node->loop_last_user = counts->users;
	node->loop_users++;
}

static void
visit_transitions(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	PathVisit  *visit = arg;
	FlowCounts *counts = &visit->counts;
	bool		counted = false;
	size_t		begin;
	size_t		taken;

	(void) user;
	(void) values;
	for (begin = 0; begin < n; begin += taken)
	{
		const Event *session = events + begin;
		size_t		length;
		size_t		i;
		uint32		before = 0;

		taken = path_session(events + begin, n - begin, &visit->spec, &length);
		if (length == 0)
			continue;
		counts->sessions++;
		if (!counted)
			counts->users++;
		counted = true;
		for (i = 0; i < length; i++)
		{
			uint32		name = event_node(&session[i]);
			NodeCount  *node = flow_counts_node(counts, 0, name);

			if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
				CHECK_FOR_INTERRUPTS();
			if (node->last_session == counts->sessions && node->last_place + 1 < i)
				count_loop(counts, node, i - node->last_place, session[i].at);
			node->last_place = i;
			node->last_at = session[i].at;
			count_node(counts, node);
			node->starts += i == 0;
			node->exits += i + 1 == length;
			if (i > 0)
				count_link(counts, flow_counts_link(counts, 0, before, name),
						   session[i - 1].at, session[i].at);
			before = name;
		}
	}
}

/* The names of all nodes by rank, with "(other)" after them. */
static TextSlice *
all_names(const Population *population)
{
	const uint32 n = population->nodes->n;
	TextSlice  *names = MemoryContextAllocHuge(CurrentMemoryContext, ((uint64) n + 1) * sizeof(TextSlice));
	uint32		i;

	for (i = 0; i < n; i++)
		names[i] = population_node(population, i);
	names[n].bytes = NULL;
	names[n].length = 0;
	return names;
}

/* What was counted, with the parameters of the call. */
static Datum
flow_result(PathVisit *visit, const Population *population, FlowKind kind)
{
	const CallParam *list = visit->params->given.list;
	FlowStats  *stats = flow_stats_new(CurrentMemoryContext);

	stats->kind = kind;
	stats->gap = visit->spec.gap;
	stats->depth = kind == FLOW_LEVELS ? visit->spec.depth : 0;
	if (list[PATH_START].given)
		stats->start = list[PATH_START].text;
	if (list[PATH_END].given)
		stats->end = list[PATH_END].text;
	if (list[PATH_OPTIONS].given && list[PATH_OPTIONS].text.length > 0)
		stats->options = list[PATH_OPTIONS].text;
	flow_counts_finish(&visit->counts, stats, all_names(population));
	return PointerGetDatum(flow_stats_pack(stats));
}

/*
 * transitions_final(state): NULL when there are no rows.
 */
SHARED_FINAL(journey_transitions_final, .type = &flow_stats_type)
{
	PathVisit	visit;
	Population *population;

	population = begin_visit(fcinfo, &visit);
	flow_counts_init(&visit.counts, CurrentMemoryContext, population->nodes->n, 1);
	population_visit(population, visit_transitions, &visit);
	PG_RETURN_DATUM(flow_result(&visit, population, FLOW_TRANSITIONS));
}

/* The node as which one is counted: the others of a level are one. */
static inline uint64
node_at_level(PathVisit *visit, int level, uint32 node)
{
	const uint64 other = visit->counts.nnames - 1;

	if (visit->kept == NULL ||
		visit->kept[key_index_number(visit->all_nodes, (uint64) level * other + node)])
		return node;
	return other;
}

/* Count one path: levels count from 0, backward from its end. */
static void
count_path(PathVisit *visit, const Event *events, const Path *path)
{
	FlowCounts *counts = &visit->counts;
	const bool	backward = visit->backward;
	uint64		before = 0;
	int			k;

	for (k = 0; k < path->length; k++)
	{
		const Event *event = &events[path->first + k];
		const int	level = backward ? path->length - 1 - k : k;
		uint64		name = node_at_level(visit, level, event_node(event));
		NodeCount  *node = flow_counts_node(counts, level, name);

		count_node(counts, node);
		node->starts += k == 0 && (!backward || path->whole);
		node->exits += k + 1 == path->length && (backward || path->whole);
		if (k > 0)
			count_link(counts, flow_counts_link(counts, backward ? level + 1 : level - 1, before, name),
					   event[-1].at, event->at);
		before = name;
	}
}

static void
visit_flow(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	PathVisit  *visit = arg;
	FlowCounts *counts = &visit->counts;
	bool		user_counted = false;
	size_t		begin;
	size_t		taken;

	(void) user;
	(void) values;
	for (begin = 0; begin < n; begin += taken)
	{
		bool		session_counted = false;
		size_t		search = 0;
		size_t		length;
		Path		path;

		taken = path_session(events + begin, n - begin, &visit->spec, &length);
		while (path_next(events + begin, length, &visit->spec, &search, &path))
		{
			CHECK_FOR_INTERRUPTS();
			counts->sessions += !session_counted;
			counts->users += !user_counted;
			session_counted = user_counted = true;
			count_path(visit, events + begin, &path);
		}
	}
}

/* A node of a level, for choosing the most frequent. */
typedef struct RankedNode
{
	uint32		number;			/* in the index */
	uint64		key;
	uint64		level;
	uint64		count;
} RankedNode;

static int
compare_frequency(const void *a, const void *b)
{
	const RankedNode *x = a;
	const RankedNode *y = b;

	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

/* The most frequent nodes of each level, and of equally frequent ones the first by name. */
static void
choose_top_nodes(PathVisit *visit)
{
	FlowCounts *counts = &visit->counts;
	uint32		n = counts->node_index.n;
	RankedNode *nodes = MemoryContextAllocHuge(CurrentMemoryContext, ((uint64) n + 1) * sizeof(RankedNode));
	bool	   *kept = MemoryContextAllocExtended(CurrentMemoryContext, (Size) n + 1,
												  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	uint64		taken = 0;
	uint32		i;

	for (i = 0; i < n; i++)
	{
		nodes[i].number = i;
		nodes[i].key = counts->node_index.keys[i];
		nodes[i].level = nodes[i].key / counts->nnames;
		nodes[i].count = counts->nodes[i].count;
	}
	qsort(nodes, n, sizeof(RankedNode), compare_frequency);
	for (i = 0; i < n; i++)
	{
		taken = i > 0 && nodes[i].level == nodes[i - 1].level ? taken + 1 : 0;
		kept[nodes[i].number] = taken < visit->params->top;
	}
	pfree(nodes);
	visit->all_nodes = palloc(sizeof(KeyIndex));
	*visit->all_nodes = counts->node_index;
	visit->kept = kept;
}

/*
 * The nodes of each level that option top keeps: a visit of all users, after
 * which they can be visited with the others as one.
 */
static void
find_top_nodes(PathVisit *visit, Population *population)
{
	flow_counts_init(&visit->counts, CurrentMemoryContext, population->nodes->n, visit->spec.depth);
	population_visit_keeping(population, visit_flow, visit);
	choose_top_nodes(visit);
	flow_counts_init(&visit->counts, CurrentMemoryContext, (uint64) population->nodes->n + 1,
					 visit->spec.depth);
}

/* With option top, what is kept depends on all users. */
static bool
keeps_all_nodes(const void *state)
{
	return ((const PathParams *) ((const Population *) state)->params)->top == 0;
}

/*
 * path_flow_final(state): NULL when there are no rows.  With option top the
 * users are visited twice, for the nodes to keep must be known before users
 * can be counted.
 */
SHARED_FINAL(journey_path_flow_final, .type = &flow_stats_type, .allowed = keeps_all_nodes)
{
	PathVisit	visit;
	Population *population;

	population = begin_visit(fcinfo, &visit);
	if (visit.params->top > 0)
		find_top_nodes(&visit, population);
	else
		flow_counts_init(&visit.counts, CurrentMemoryContext, population->nodes->n, visit.spec.depth);
	visit.counts.backward = visit.backward;
	population_visit(population, visit_flow, &visit);
	PG_RETURN_DATUM(flow_result(&visit, population, FLOW_LEVELS));
}

/*
 * top_paths: all different paths are counted in a hash table.  Where it grows
 * past its memory, only the paths of a part of all hashes are counted, and the
 * users are visited once for each part.
 */

#define MOST_PARTS 4096

typedef struct Variant
{
	uint64		hash;
	uint32	   *nodes;
	int			length;
	uint64		users;
	uint64		sessions;
	uint64		reached;		/* sessions with the goal */
	uint64		last_user;
	Histogram	durations;		/* from the first node to the last */
} Variant;

typedef struct VariantVisit
{
	PathVisit	path;
	uint32		goal;
	uint64		user;
	uint64		parts;			/* a power of two */
	uint64		part;
	MemoryContext context;		/* of the variants of one part */
	Variant    *variants;
	uint64		n;
	uint64		capacity;
	uint32	   *slots;			/* number + 1 */
	uint64		nslots;
	size_t		used;			/* bytes */
	size_t		limit;
	bool		overflow;
} VariantVisit;

/* Start counting a part. */
static void
begin_part(VariantVisit *visit)
{
	MemoryContext old;

	MemoryContextReset(visit->context);
	old = MemoryContextSwitchTo(visit->context);
	visit->user = 0;
	visit->overflow = false;
	visit->n = 0;
	visit->capacity = 64;
	visit->variants = palloc(visit->capacity * sizeof(Variant));
	visit->nslots = visit->capacity * 2;
	visit->slots = palloc0(visit->nslots * sizeof(uint32));
	visit->used = 0;
	MemoryContextSwitchTo(old);
}

static void
grow_variants(VariantVisit *visit)
{
	uint64		i;

	if (visit->capacity >= UINT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many different paths"),
				 errhint("Give a smaller depth, or coarser nodes.")));
	visit->capacity *= 2;
	visit->variants = repalloc_huge(visit->variants, visit->capacity * sizeof(Variant));
	pfree(visit->slots);
	visit->nslots = visit->capacity * 2;
	visit->slots = MemoryContextAllocExtended(visit->context, visit->nslots * sizeof(uint32),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < visit->n; i++)
	{
		uint64		slot = spread(visit->variants[i].hash) & (visit->nslots - 1);

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		while (visit->slots[slot] != 0)
			slot = (slot + 1) & (visit->nslots - 1);
		visit->slots[slot] = (uint32) i + 1;
	}
}

/* The variant that a path is, NULL if it belongs to another part. */
static Variant *
variant_of(VariantVisit *visit, const Event *events, int length)
{
	uint64		hash = (uint64) length;
	uint64		slot;
	Variant    *variant;
	int			k;

	for (k = 0; k < length; k++)
		hash = spread(hash ^ event_node(&events[k])) + (uint64) k;
	if ((hash >> 32 & (visit->parts - 1)) != visit->part)
		return NULL;
	slot = spread(hash) & (visit->nslots - 1);
	for (; visit->slots[slot] != 0; slot = (slot + 1) & (visit->nslots - 1))
	{
		variant = &visit->variants[visit->slots[slot] - 1];
		if (variant->hash != hash || variant->length != length)
			continue;
		for (k = 0; k < length && variant->nodes[k] == event_node(&events[k]); k++)
			;
		if (k == length)
			return variant;
	}
	if (visit->n == visit->capacity)
	{
		grow_variants(visit);
		slot = spread(hash) & (visit->nslots - 1);
		while (visit->slots[slot] != 0)
			slot = (slot + 1) & (visit->nslots - 1);
	}
	variant = &visit->variants[visit->n++];
	visit->slots[slot] = (uint32) visit->n;
	memset(variant, 0, sizeof(Variant));
	variant->hash = hash;
	variant->length = length;
	variant->nodes = MemoryContextAlloc(visit->context, length * sizeof(uint32));
	for (k = 0; k < length; k++)
		variant->nodes[k] = event_node(&events[k]);
	visit->used += sizeof(Variant) + length * sizeof(uint32) + 32;
	return variant;
}

static void
visit_variants(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	VariantVisit *visit = arg;
	size_t		begin;
	size_t		taken;

	(void) user;
	(void) values;
	if (visit->overflow)
		return;
	visit->user++;
	for (begin = 0; begin < n; begin += taken)
	{
		const Event *session = events + begin;
		size_t		search = 0;
		size_t		length;
		size_t		i;
		Path		path;
		Variant    *variant;
		uint32		room;

		taken = path_session(events + begin, n - begin, &visit->path.spec, &length);
		CHECK_FOR_INTERRUPTS();
		if (!path_next(session, length, &visit->path.spec, &search, &path))
			continue;
		variant = variant_of(visit, session + path.first, path.length);
		if (variant == NULL)
			continue;
		variant->sessions++;
		if (variant->last_user != visit->user)
			variant->users++;
		variant->last_user = visit->user;
		if (visit->goal != NODE_NONE)
			for (i = 0; i < length; i++)
				if (event_node(&session[i]) == visit->goal)
				{
					variant->reached++;
					break;
				}
		room = variant->durations.capacity;
		histogram_add(&variant->durations,
					  histogram_duration(session[path.first].at,
										 session[path.first + path.length - 1].at),
					  visit->context);
		visit->used += (variant->durations.capacity - room) * sizeof(HistogramBucket);
	}
	if (visit->used > visit->limit && visit->parts < MOST_PARTS)
		visit->overflow = true;
}

/* The order of the result: the most frequent first, then by the names of the nodes. */
static int
compare_variants(const void *a, const void *b)
{
	const Variant *x = a;
	const Variant *y = b;
	int			k;

	if (x->sessions != y->sessions)
		return x->sessions > y->sessions ? -1 : 1;
	if (x->users != y->users)
		return x->users > y->users ? -1 : 1;
	for (k = 0; k < x->length && k < y->length; k++)
		if (x->nodes[k] != y->nodes[k])
			return x->nodes[k] < y->nodes[k] ? -1 : 1;
	return (x->length > y->length) - (x->length < y->length);
}

/* The row type that an aggregate returns an array of. */
static TupleDesc
result_row(FunctionCallInfo fcinfo, const char *call, Oid *row)
{
	*row = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	if (!OidIsValid(*row))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("this is a support function of an aggregate and cannot be called by itself"),
				 errhint("Call the aggregate instead: %s.", call)));
	return lookup_rowtype_tupdesc_copy(*row, -1);
}

/*
 * top_paths_final(state): an array of path_variant, the most frequent first.
 */
Datum
journey_top_paths_final(PG_FUNCTION_ARGS)
{
	VariantVisit visit = {0};
	Population *population;
	TupleDesc	desc;
	Oid			row;
	Variant    *best = NULL;
	uint64		nbest = 0;
	uint64		wanted;
	Datum	   *rows;
	uint64		i;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	desc = result_row(fcinfo, "top_paths(user_id, at, node, gap, depth, n)", &row);
	population = begin_visit(fcinfo, &visit.path);
	wanted = (uint64) visit.path.params->given.list[PATH_N].number;
	visit.goal = node_param(fcinfo, population, visit.path.params, PATH_GOAL);
	visit.parts = 1;
	visit.limit = get_hash_memory_limit();
	visit.context = AllocSetContextCreate(CurrentMemoryContext, "pg_journey paths",
										  ALLOCSET_DEFAULT_SIZES);
	for (visit.part = 0; visit.part < visit.parts; visit.part++)
	{
		begin_part(&visit);
		population_visit_keeping(population, visit_variants, &visit);
		if (visit.overflow)
		{
			visit.parts *= 4;
			visit.part = UINT64_MAX;	/* from the first again */
			nbest = 0;
			continue;
		}
		if (visit.n == 0)
			continue;
		/* the best of this part, together with those so far */
		qsort(visit.variants, visit.n, sizeof(Variant), compare_variants);
		visit.n = Min(visit.n, wanted);
		if (best == NULL)
			best = MemoryContextAllocHuge(CurrentMemoryContext, visit.n * sizeof(Variant));
		else
			best = repalloc_huge(best, (nbest + visit.n) * sizeof(Variant));
		for (i = 0; i < visit.n; i++)
		{
			Variant    *variant = &best[nbest++];
			HistogramBucket *buckets;

			*variant = visit.variants[i];
			variant->nodes = palloc(variant->length * sizeof(uint32));
			memcpy(variant->nodes, visit.variants[i].nodes, variant->length * sizeof(uint32));
			buckets = palloc(variant->durations.nbuckets * sizeof(HistogramBucket));
			memcpy(buckets, variant->durations.buckets,
				   variant->durations.nbuckets * sizeof(HistogramBucket));
			variant->durations.buckets = buckets;
		}
		qsort(best, nbest, sizeof(Variant), compare_variants);
		for (i = wanted; i < nbest; i++)
		{
			pfree(best[i].nodes);
			pfree(best[i].durations.buckets);
		}
		nbest = Min(nbest, wanted);
	}
	MemoryContextDelete(visit.context);
	population_release(population);

	rows = palloc(Max(nbest, 1) * sizeof(Datum));
	for (i = 0; i < nbest; i++)
	{
		const Variant *variant = &best[i];
		Datum		path[PATH_DEPTH_MAX];
		Datum		columns[5];
		bool		nulls[5] = {false};
		Interval	median = duration_interval((int64) histogram_quantile(&variant->durations, 0.5));
		int			k;

		CHECK_FOR_INTERRUPTS();
		for (k = 0; k < variant->length; k++)
		{
			TextSlice	name = population_node(population, variant->nodes[k]);

			path[k] = PointerGetDatum(cstring_to_text_with_len(name.bytes, (int) name.length));
		}
		columns[0] = PointerGetDatum(construct_array(path, variant->length, TEXTOID, -1, false,
													 TYPALIGN_INT));
		columns[1] = Int64GetDatum((int64) variant->users);
		columns[2] = Int64GetDatum((int64) variant->sessions);
		nulls[3] = !visit.path.params->given.list[PATH_GOAL].given;
		columns[3] = Float8GetDatum((double) variant->reached / (double) variant->sessions);
		columns[4] = IntervalPGetDatum(&median);
		rows[i] = HeapTupleGetDatum(heap_form_tuple(desc, columns, nulls));
		for (k = 0; k < variant->length; k++)
			pfree(DatumGetPointer(path[k]));
		pfree(DatumGetPointer(columns[0]));
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(rows, (int) nbest, row, -1, false, TYPALIGN_DOUBLE));
}

/* Is the event at a place of a path the node that one end of the link names? */
static bool
is_link_end(PathVisit *visit, const Event *events, const Path *path, int place,
			uint32 wanted, bool wants_other)
{
	const int	level = visit->backward ? path->length - 1 - place : place;
	const uint32 node = event_node(&events[path->first + place]);

	if (node_at_level(visit, level, node) != node)
		return wants_other;
	return node == wanted;
}

/* Does a path go through the link, and if so when does it arrive? */
static bool
path_has_link(PathVisit *visit, const Event *events, const Path *path, int64 *at)
{
	/* where in the path the link's source stands */
	int			k = visit->level > 0 ? visit->level - 1 : path->length + visit->level;

	if (k < 0 || k + 1 >= path->length)
		return false;
	*at = events[path->first + k + 1].at;
	return is_link_end(visit, events, path, k, visit->source, visit->source_other) &&
		is_link_end(visit, events, path, k + 1, visit->target, visit->target_other);
}

/* Keep a user who went through the link. */
static void
visit_member(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	PathVisit  *visit = arg;
	MemoryContext old;
	uint64		passes = 0;
	int64		first_at = 0;
	Datum		columns[3];
	bool		nulls[3] = {false};
	size_t		begin;
	size_t		taken;

	(void) values;
	for (begin = 0; begin < n; begin += taken)
	{
		const Event *session = events + begin;
		size_t		search = 0;
		size_t		length;
		size_t		i;
		Path		path;
		int64		at;

		taken = path_session(events + begin, n - begin, &visit->spec, &length);
		CHECK_FOR_INTERRUPTS();
		if (visit->level == 0)
		{
			for (i = 1; i < length; i++)
				if (event_node(&session[i - 1]) == visit->source &&
					event_node(&session[i]) == visit->target && passes++ == 0)
					first_at = session[i].at;
			continue;
		}
		while (path_next(session, length, &visit->spec, &search, &path))
		{
			CHECK_FOR_INTERRUPTS();
			if (path_has_link(visit, session, &path, &at) && passes++ == 0)
				first_at = at;
		}
	}
	if (passes == 0)
		return;

	old = MemoryContextSwitchTo(visit->context);
	if (visit->nrows == visit->rows_capacity)
	{
		visit->rows_capacity = Max(64, visit->rows_capacity * 2);
		if (visit->rows == NULL)
			visit->rows = palloc(visit->rows_capacity * sizeof(Datum));
		else
			visit->rows = repalloc_huge(visit->rows, visit->rows_capacity * sizeof(Datum));
	}
	columns[0] = Int64GetDatum((int64) user->key);
	columns[1] = Int64GetDatum((int64) passes);
	columns[2] = TimestampTzGetDatum(first_at);
	visit->rows[visit->nrows++] = HeapTupleGetDatum(heap_form_tuple(visit->row, columns, nulls));
	MemoryContextSwitchTo(old);
}

static int
compare_members(const void *a, const void *b)
{
	bool		isnull;
	int64		left = DatumGetInt64(GetAttributeByNum(DatumGetHeapTupleHeader(*(const Datum *) a),
													   1, &isnull));
	int64		right = DatumGetInt64(GetAttributeByNum(DatumGetHeapTupleHeader(*(const Datum *) b),
														1, &isnull));

	return (left > right) - (left < right);
}

/*
 * path_members_final(state): an array of path_member, by user_id.
 */
Datum
journey_path_members_final(PG_FUNCTION_ARGS)
{
	PathVisit	visit;
	Population *population;
	TupleDesc	desc;
	Oid			row;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	desc = result_row(fcinfo, "path_members(user_id, at, node, gap, source, target)", &row);
	population = begin_visit(fcinfo, &visit);
	visit.row = desc;
	visit.level = (int) visit.params->given.list[PATH_LEVEL].number;
	visit.source = node_param(fcinfo, population, visit.params, PATH_SOURCE);
	visit.target = node_param(fcinfo, population, visit.params, PATH_TARGET);
	if (visit.params->top > 0)
	{
		visit.source_other = is_other(visit.params, PATH_SOURCE);
		visit.target_other = is_other(visit.params, PATH_TARGET);
		find_top_nodes(&visit, population);
	}
	population_visit(population, visit_member, &visit);
	if (visit.nrows > MaxAllocSize / 64)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%llu members are too many for one array",
						(unsigned long long) visit.nrows),
				 errhint("Call user_path(at, node, gap) with GROUP BY user_id instead.")));
	if (visit.nrows > 0)
		qsort(visit.rows, visit.nrows, sizeof(Datum), compare_members);
	PG_RETURN_ARRAYTYPE_P(construct_array(visit.rows, (int) visit.nrows, row, -1, false,
										  TYPALIGN_DOUBLE));
}
