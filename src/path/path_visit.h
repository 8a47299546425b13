/*-------------------------------------------------------------------------
 *
 * path_visit.h
 *		What the final functions of paths share when they visit the users of a
 *		state.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_PATH_VISIT_H
#define JOURNEY_PATH_VISIT_H

#include "postgres.h"

#include "aggregate/aggregate.h"
#include "path/flow_counts.h"
#include "path/path_params.h"

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

	/* of a flow with the top nodes of each position */
	KeyIndex   *all_nodes;		/* by position and node */
	const bool *kept;			/* by number */

	/* of members */
	int			position;		/* of the link; 0: any */
	uint32		source;
	uint32		target;
	bool		any_target;		/* or none: who was at the source */
	bool		source_other;	/* or the node that stands for the others */
	bool		target_other;
	uint32		nodes[PATH_DEPTH_MAX];	/* of the path */
	int			nnodes;			/* 0: of a link or node */
	Members    *members;
} PathVisit;

extern void path_begin_visit(FunctionCallInfo fcinfo, Population *population, PathVisit *visit);
extern uint32 path_node_param(FunctionCallInfo fcinfo, const Population *population,
							  const PathParams *params, PathParam which);
extern uint32 path_find_node(FunctionCallInfo fcinfo, const Population *population, const char *parameter,
							 TextSlice name, bool stands_for);
extern bool path_param_is_other(const PathParams *params, PathParam which);
extern Datum path_flow_result(PathVisit *visit, const Population *population, const StatsType *type);
extern void path_find_top_nodes(PathVisit *visit, Population *population);

/* Is this the first time that a node is counted in the current session? */
static inline void
path_count_node(const FlowCounts *counts, NodeCount *node)
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
path_count_link(const FlowCounts *counts, LinkCount *link, int64 from, int64 to)
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

/* The node as which one is counted: the others of a position are one. */
static inline uint64
path_node_at_position(PathVisit *visit, int position, uint32 node)
{
	const uint64 other = visit->counts.nnames - 1;

	if (visit->kept == NULL ||
		visit->kept[key_index_number(visit->all_nodes, (uint64) position * other + node)])
		return node;
	return other;
}

#endif							/* JOURNEY_PATH_VISIT_H */
