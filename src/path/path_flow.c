/*-------------------------------------------------------------------------
 *
 * path_flow.c
 *		path_flow: the links from position to position of paths.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "path/path_visit.h"
#include "utils/memutils.h"

/* Count one path: positions count from 0, backward from its end. */
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
		const int	position = backward ? path->length - 1 - k : k;
		uint64		name = path_node_at_position(visit, position, event_node(event));
		NodeCount  *node = flow_counts_node(counts, position, name);

		path_count_node(counts, node);
		node->entries += k == 0 && (!backward || path->whole);
		node->exits += k + 1 == path->length && (backward || path->whole);
		if (k > 0)
			path_count_link(counts, flow_counts_link(counts, backward ? position + 1 : position - 1, before, name),
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

/* A node of a position, for choosing the most frequent. */
typedef struct RankedNode
{
	uint32		number;			/* in the index */
	uint64		key;
	uint64		position;
	uint64		count;
} RankedNode;

static int
compare_frequency(const void *a, const void *b)
{
	const RankedNode *x = a;
	const RankedNode *y = b;

	if (x->position != y->position)
		return x->position < y->position ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

/* The most frequent nodes of each position, and of equally frequent ones the first by name. */
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
		nodes[i].position = nodes[i].key / counts->nnames;
		nodes[i].count = counts->nodes[i].count;
	}
	qsort(nodes, n, sizeof(RankedNode), compare_frequency);
	for (i = 0; i < n; i++)
	{
		taken = i > 0 && nodes[i].position == nodes[i - 1].position ? taken + 1 : 0;
		kept[nodes[i].number] = taken < (uint32) visit->params->top;
	}
	pfree(nodes);
	visit->all_nodes = palloc(sizeof(KeyIndex));
	*visit->all_nodes = counts->node_index;
	visit->kept = kept;
}

/*
 * The nodes of each position that option top keeps: a visit of all users, after
 * which they can be visited with the others as one.
 */
void
path_find_top_nodes(PathVisit *visit, Population *population)
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

static Datum
path_flow_final_users(PG_FUNCTION_ARGS)
{
	PathVisit	visit;
	Population *population;

	population = (Population *) PG_GETARG_POINTER(0);
	path_begin_visit(fcinfo, population, &visit);
	if (visit.params->top > 0)
		path_find_top_nodes(&visit, population);
	else
		flow_counts_init(&visit.counts, CurrentMemoryContext, population->nodes->n, visit.spec.depth);
	visit.counts.backward = visit.backward;
	population_visit(population, visit_flow, &visit);
	PG_RETURN_DATUM(path_flow_result(&visit, population, &flow_stats_type));
}

/*
 * path_flow_final(state): NULL when there are no rows.  With option top the
 * users are visited twice, for the nodes to keep must be known before users
 * can be counted.
 */
RESULTS_FINAL(journey_path_flow_final, path_flow_final_users(fcinfo),
			  .type = &flow_stats_type,
			  .allowed = keeps_all_nodes)
