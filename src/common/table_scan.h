/*-------------------------------------------------------------------------
 *
 * table_scan.h
 *		Reads a table straight into an aggregate.
 *
 * Under an aggregate without GROUP BY, the planner may choose the scan of this
 * file instead of PostgreSQL's sequential scan.  It reads the same rows of the
 * same snapshot, with the same conditions, but takes apart only the columns
 * that are needed, and once the aggregate has its state, it hands all further
 * rows to the transition function itself instead of passing each through the
 * executor.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_TABLE_SCAN_H
#define JOURNEY_TABLE_SCAN_H

#include "postgres.h"

#include "common/scan_vector.h"
#include "fmgr.h"
#include "utils/memutils.h"

/*
 * A transition function for n rows at once, n >= 1: argument i of each is in
 * args[i], constants included; args[0] is not used.  The state is in the call,
 * as are the constants, and must stay as it is.
 */
typedef void (*TableScanRows) (FunctionCallInfo fcinfo, const ScanVector *const *args, int n);

extern void table_scan_init(void);
extern void table_scan_feed(FunctionCallInfo fcinfo, PGFunction transition, TableScanRows of_rows,
							Datum state);
extern void table_scan_state_moved(void) pg_attribute_noreturn();

/*
 * The body of a transition function: call `transition`, and when that has made
 * the state, ask the scans below the aggregate to feed the other rows to it.
 * From then on it must return the state that it is given.
 */
static inline Datum
table_scan_transition(FunctionCallInfo fcinfo, PGFunction transition, TableScanRows of_rows)
{
	bool		first = fcinfo->args[0].isnull;
	Datum		state = transition(fcinfo);

	if (unlikely(first) && !fcinfo->isnull)
		table_scan_feed(fcinfo, transition, of_rows, state);
	return state;
}

/* Free what a row took, which mostly is nothing. */
static inline void
table_scan_reset(MemoryContext memory)
{
	if (!memory->isReset || memory->firstchild != NULL)
		MemoryContextReset(memory);
}

/* Call a transition function for each of n rows. */
static pg_attribute_always_inline void
table_scan_each_row(FunctionCallInfo fcinfo, const ScanVector *const *args, int n,
					PGFunction transition)
{
	const Datum state = fcinfo->args[0].value;
	int			i;
	int			arg;

	for (i = 0; i < n; i++)
	{
		for (arg = 1; arg < fcinfo->nargs; arg++)
		{
			fcinfo->args[arg].value = args[arg]->values[i];
			fcinfo->args[arg].isnull = args[arg]->nulls[i];
		}
		fcinfo->isnull = false;
		if (unlikely(transition(fcinfo) != state || fcinfo->isnull))
			table_scan_state_moved();
		table_scan_reset(CurrentMemoryContext);
	}
}

#endif							/* JOURNEY_TABLE_SCAN_H */
