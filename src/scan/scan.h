/*-------------------------------------------------------------------------
 *
 * scan.h
 *		Reads a table straight into an aggregate.
 *
 * Under an aggregate of all rows or of few groups, and with a condition
 * contains(set, column), the planner may choose the scan of this room instead
 * of PostgreSQL's sequential scan.  This scan reads the same rows of the same
 * snapshot, with the same conditions.  It extracts only the needed columns.
 * Once an aggregate has its state, the scan passes all further rows directly
 * to the transition functions, without the executor.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SCAN_H
#define JOURNEY_SCAN_H

#include "postgres.h"

#include "executor/nodeAgg.h"
#include "fmgr.h"
#include "nodes/execnodes.h"
#include "scan/scan_call.h"
#include "scan/scan_vector.h"
#include "share/share.h"

/*
 * How the processes of a parallel plan share the users of an aggregate: `begin`
 * tells a new state of it, and when all rows are read, `exchange` leaves in the
 * state all that processes have read of some users.
 */
typedef struct ScanSharing
{
	void		(*begin) (Datum state, Exchange *exchange);
	void		(*exchange) (Datum state, dsa_area *area);
} ScanSharing;

/* of PostgreSQL's planner, whose headers not all rooms need */
struct PlannerInfo;
struct Path;

/*
 * What takes the rows that a scan hands over: n of them, by its output columns,
 * whose values last until the next call.
 */
typedef void (*ScanTaker) (void *to, const ScanVector *const *columns, int n);

extern bool table_scan_hand_over(PlanState *plan, ScanTaker take, void *to);
extern struct Path *table_scan_instead(struct PlannerInfo *root, struct Path *path);
extern bool scan_equal_is_same(Oid equal, Oid collation);
extern bool table_scan_calls_own(Node *expr);
extern bool table_scan_has_few_groups(struct PlannerInfo *root, List *clauses, double rows);
extern bool table_scan_has_effects(struct PlannerInfo *root, Node *expr);
extern void scan_advance(AggState *agg, AggStatePerTrans trans, AggStatePerGroup group);
extern void table_scan_init(const ScanRowsFunction *const *functions, int n);
extern void table_scan_feed(FunctionCallInfo fcinfo, PGFunction transition, TableScanRows of_rows,
							Datum state, const ScanSharing *sharing);

/* The state of a transition function, in the group at hand. */
static inline AggStatePerGroup
scan_group_of(const AggState *agg, int number)
{
	return &agg->all_pergroups[0][number];
}

/* What a function of an aggregate may ask the executor: who calls it? */
static inline void
scan_set_current(AggState *agg, int number)
{
	agg->curaggcontext = agg->aggstrategy == AGG_HASHED ? agg->hashcontext : agg->aggcontexts[0];
	agg->current_set = 0;
	agg->curpertrans = &agg->pertrans[number];
}

/*
 * The body of a transition function: call `transition`, and when that has made
 * the state, ask the scans below the aggregate to feed the other rows to it.
 * From then on it must return the state that it is given.  `sharing` may be
 * NULL.
 */
static pg_attribute_always_inline Datum
table_scan_transition(FunctionCallInfo fcinfo, PGFunction transition, TableScanRows of_rows,
					  const ScanSharing *sharing)
{
	bool		first = fcinfo->args[0].isnull;
	Datum		state = transition(fcinfo);

	if (unlikely(first) && !fcinfo->isnull)
		table_scan_feed(fcinfo, transition, of_rows, state, sharing);
	return state;
}

#endif							/* JOURNEY_SCAN_H */
