/*-------------------------------------------------------------------------
 *
 * flow_stats.h
 *		The way of a population from node to node: a value that merges.
 *
 * A flow has positions, as path_flow() makes it, or none, as transitions()
 * does; then every position is 0.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_FLOW_STATS_H
#define JOURNEY_FLOW_STATS_H

#include "postgres.h"

#include "event/event.h"
#include "path/path.h"
#include "stats/stats.h"

/* What a stored flow_stats is; a transition_stats stores no kind. */
typedef enum FlowKind
{
	FLOW_LEVELS,				/* of path_flow() */
	FLOW_TRANSITIONS			/* of transitions(), by version 0.1.0 */
} FlowKind;

typedef struct FlowNode
{
	int32		position;
	uint32		node;			/* number of the name */
	uint64		users;
	uint64		sessions;
	uint64		count;			/* occurrences in paths */
	uint64		entries;		/* paths that begin here */
	uint64		exits;			/* paths that are not cut off and end here */
	/* of transitions: coming back to a node through others */
	uint64		loop_users;
	uint64		loop_sessions;
	uint64		loop_steps;		/* transitions from one occurrence to the
								 * next, in all */
	Histogram	loop_times;
} FlowNode;

typedef struct FlowLink
{
	int32		position;		/* of the source */
	uint32		source;
	uint32		target;
	uint64		users;
	uint64		sessions;
	Histogram	times;			/* from source to target; its count is that of
								 * the link */
} FlowLink;

typedef struct FlowStats
{
	MemoryContext context;
	FlowKind	kind;
	int64		gap;			/* or PATH_WHOLE */
	int			depth;			/* 0: a result of transitions() */
	TextSlice	start;			/* bytes are NULL without one */
	TextSlice	end;
	TextSlice	options;
	uint64		users;			/* who have a path */
	uint64		sessions;		/* that have a path */
	uint32		nnames;
	TextSlice  *names;			/* ascending; the last may be "(other)": bytes
								 * are NULL */
	uint32		nnodes;
	FlowNode   *nodes;			/* ascending by position and node */
	StatsIndex	node_index;
	uint32		nlinks;
	FlowLink   *links;			/* ascending by position, source and target */
	StatsIndex	link_index;
} FlowStats;

#define FLOW_OTHER "(other)"

extern const StatsType flow_stats_type;
extern const StatsType transition_stats_type;

static inline bool
flow_is_transitions(const FlowStats *stats)
{
	return stats->depth == 0;
}

#endif							/* JOURNEY_FLOW_STATS_H */
