/*-------------------------------------------------------------------------
 *
 * scan_share.h
 *		Processes of a parallel plan share the users of aggregates: of all rows
 *		(scan_share.c), and of groups (scan_share_groups.c).
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SCAN_SHARE_H
#define JOURNEY_SCAN_SHARE_H

#include "postgres.h"

#include "executor/nodeAgg.h"
#include "nodes/pathnodes.h"
#include "scan/scan_state.h"

/* A state of an aggregate whose users are shared. */
typedef struct SharedState
{
	int			number;			/* of the aggregate's transition function */
	const ScanSharing *sharing; /* or NULL: they are not */
	const ResultsJoin *join;	/* of the processes' results */
	Datum		state;
	Exchange   *exchange;
} SharedState;

typedef struct SharedGroups SharedGroups;

extern bool scan_share_begin(SharedState *shared, AggState *agg, Datum state,
							 const ScanSharing *sharing);
extern void scan_share_finish(const SharedState *shared, AggState *agg, dsa_area *area);

extern bool shared_groups_allowed(PlannerInfo *root, const AggPath *agg);
extern SharedGroups *shared_groups_new(Exchange *rounds, MemoryContext context);
extern void shared_groups_add(SharedGroups *groups, AggState *agg, Datum state,
							  const ScanSharing *sharing);
extern int	shared_groups_finish(SharedGroups *groups, AggState *agg, bool has_rows,
								 dsa_area *area);

#endif							/* JOURNEY_SCAN_SHARE_H */
