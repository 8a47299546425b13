/*-------------------------------------------------------------------------
 *
 * path_population.c
 *		Rows of path_flow, transitions, top_paths and path_members, which look
 *		at all users of a population at once (path_visit.h).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "path/path_params.h"

/* For every aggregate of this file. */
POPULATION_SUPPORT(journey_path, path_params)

/*
 * Arguments 1 and 2 are the user and the time.  If there is a seq, it is
 * argument 3, and all later arguments are one place further: `shift` is 1.
 */
#define NODE_ARG(shift)		(3 + (shift))

/*
 * Add a row whose parameters, from argument 4 + shift on, are these.
 */
static inline Datum
path_add_row(FunctionCallInfo fcinfo, int shift, const PathParam *which, int n)
{
	PopulationEvent event;

	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};
		int			i;

		for (i = 0; i < n && 4 + shift + i < PG_NARGS(); i++)
			if (which[i] == PATH_NODES)
				path_read_nodes(&given, fcinfo, 4 + shift + i);
			else
				param_read(&given, &path_params, which[i], fcinfo, 4 + shift + i);
		population_take_params(fcinfo, &path_params, &given,
							   1 << 1 | 1 << 2 | (shift > 0 ? 1 << 3 : 0) | 1 << NODE_ARG(shift),
							   population_node_row_counts(fcinfo, NODE_ARG(shift)));
	}
	event.step = 0;
	return population_node_row(fcinfo, shift > 0 ? 3 : 0, NODE_ARG(shift), &event, 0, 0);
}

/* A transition function without seq: `call` takes a row. */
#define PATH_TRANSITION(name, call) \
static Datum \
name##_row(PG_FUNCTION_ARGS) \
{ \
	return call; \
} \
\
static void \
name##_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n) \
{ \
	population_node_rows(fcinfo, args, n, NODE_ARG(0), name##_row); \
} \
\
POPULATION_TRANSITION_ROWS(name, name##_row, name##_rows)

/* What follows the node in each aggregate. */
static const PathParam transitions_params[] = {PATH_GAP, PATH_OPTIONS};
static const PathParam path_flow_params[] = {PATH_GAP, PATH_DEPTH, PATH_START, PATH_END, PATH_OPTIONS};
static const PathParam top_paths_params[] = {PATH_GAP, PATH_DEPTH, PATH_N, PATH_CONVERSION_NODE, PATH_OPTIONS};
static const PathParam top_path_members_params[] = {PATH_GAP, PATH_DEPTH, PATH_NODES, PATH_OPTIONS};
static const PathParam link_members_params[] = {PATH_GAP, PATH_SOURCE, PATH_TARGET};
static const PathParam flow_members_params[] = {PATH_GAP, PATH_DEPTH, PATH_START, PATH_END,
PATH_OPTIONS, PATH_POSITION, PATH_SOURCE, PATH_TARGET};

/*
 * transitions_transition(state, user_id, at [, seq], node [, gap [, options]])
 */
PATH_TRANSITION(journey_transitions_transition, path_add_row(fcinfo, 0, transitions_params, lengthof(transitions_params)))
POPULATION_TRANSITION(journey_transitions_seq_transition, path_add_row(fcinfo, 1, transitions_params, lengthof(transitions_params)))

/*
 * path_flow_transition(state, user_id, at [, seq], node, gap, depth [,
 * start_node [, end_node [, options]]])
 */
PATH_TRANSITION(journey_path_flow_transition, path_add_row(fcinfo, 0, path_flow_params, lengthof(path_flow_params)))
POPULATION_TRANSITION(journey_path_flow_seq_transition, path_add_row(fcinfo, 1, path_flow_params, lengthof(path_flow_params)))

/*
 * top_paths_transition(state, user_id, at [, seq], node, gap, depth, n [, conversion_node
 * [, options]])
 */
PATH_TRANSITION(journey_top_paths_transition, path_add_row(fcinfo, 0, top_paths_params, lengthof(top_paths_params)))
POPULATION_TRANSITION(journey_top_paths_seq_transition, path_add_row(fcinfo, 1, top_paths_params, lengthof(top_paths_params)))

/* Of the two forms of path_members, the longer one has the parameters of a flow. */
static inline Datum
path_members_shifted_row(FunctionCallInfo fcinfo, int shift)
{
	if (PG_NARGS() > 7 + shift)
		return path_add_row(fcinfo, shift, flow_members_params, lengthof(flow_members_params));
	return path_add_row(fcinfo, shift, link_members_params, lengthof(link_members_params));
}

/*
 * path_members_transition(state, user_id, at [, seq], node, gap [, depth,
 * start_node, end_node, options, position], source, target)
 */
PATH_TRANSITION(journey_path_members_transition, path_members_shifted_row(fcinfo, 0))
POPULATION_TRANSITION(journey_path_members_seq_transition, path_members_shifted_row(fcinfo, 1))

/*
 * top_path_members_transition(state, user_id, at [, seq], node, gap, depth,
 * path [, options])
 */
PATH_TRANSITION(journey_top_path_members_transition, path_add_row(fcinfo, 0, top_path_members_params, lengthof(top_path_members_params)))
POPULATION_TRANSITION(journey_top_path_members_seq_transition, path_add_row(fcinfo, 1, top_path_members_params, lengthof(top_path_members_params)))
