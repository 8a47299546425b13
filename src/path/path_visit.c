/*-------------------------------------------------------------------------
 *
 * path_visit.c
 *		What the final functions of paths share when they visit the users of a state.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "path/path_visit.h"
#include "utils/memutils.h"

/*
 * The node that a parameter names, or NODE_NONE if no event has it, which the
 * user is told.  `stands_for` says that the name may stand for others.
 */
uint32
path_find_node(FunctionCallInfo fcinfo, const Population *population, const char *parameter,
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
bool
path_param_is_other(const PathParams *params, PathParam which)
{
	const TextSlice name = params->given.list[which].text;

	return params->top > 0 && name.length == strlen(FLOW_OTHER) &&
		memcmp(name.bytes, FLOW_OTHER, name.length) == 0;
}

/* A parameter's node, or NODE_NONE if it is not given or no event has it. */
uint32
path_node_param(FunctionCallInfo fcinfo, const Population *population, const PathParams *params,
				PathParam which)
{
	const CallParam *param = &params->given.list[which];

	if (!param->given)
		return NODE_NONE;
	return path_find_node(fcinfo, population, path_params.specs[which].name, param->text,
						  (which == PATH_SOURCE || which == PATH_TARGET) && path_param_is_other(params, which));
}

/* Get ready to visit the users of a state. */
void
path_begin_visit(FunctionCallInfo fcinfo, Population *population, PathVisit *visit)
{
	const PathParams *params = population->params;
	int			i;

	memset(visit, 0, sizeof(PathVisit));
	population_rank(population);
	visit->params = params;
	visit->context = CurrentMemoryContext;
	visit->spec = params->spec;
	visit->spec.start = path_node_param(fcinfo, population, params, PATH_START);
	visit->spec.end = path_node_param(fcinfo, population, params, PATH_END);
	visit->backward = params->spec.to_end && !params->spec.from_start;
	if (params->nignored > 0)
	{
		bool	   *ignored = MemoryContextAllocExtended(CurrentMemoryContext, (Size) population->nodes->n + 1,
														 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

		for (i = 0; i < params->nignored; i++)
		{
			uint32		node = path_find_node(fcinfo, population, "ignore", params->ignored[i], false);

			if (node != NODE_NONE)
				ignored[node] = true;
		}
		visit->spec.ignored = ignored;
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
Datum
path_flow_result(PathVisit *visit, const Population *population, const StatsType *type)
{
	const CallParam *list = visit->params->given.list;
	FlowStats  *stats = stats_new(type, CurrentMemoryContext);

	stats->gap = visit->spec.gap;
	stats->depth = list[PATH_DEPTH].given ? visit->spec.depth : 0;
	if (list[PATH_START].given)
		stats->start = list[PATH_START].text;
	if (list[PATH_END].given)
		stats->end = list[PATH_END].text;
	if (list[PATH_OPTIONS].given && list[PATH_OPTIONS].text.length > 0)
		stats->options = list[PATH_OPTIONS].text;
	flow_counts_finish(&visit->counts, stats, all_names(population));
	return PointerGetDatum(stats_pack(type, stats));
}
