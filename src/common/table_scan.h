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

#include "fmgr.h"

extern void table_scan_init(void);
extern void table_scan_feed(FunctionCallInfo fcinfo, PGFunction transition, Datum state);

/*
 * The body of a transition function: call `transition`, and when that has made
 * the state, ask the scans below the aggregate to feed the other rows to it.
 * From then on it must return the state that it is given.
 */
static inline Datum
table_scan_transition(FunctionCallInfo fcinfo, PGFunction transition)
{
	bool		first = fcinfo->args[0].isnull;
	Datum		state = transition(fcinfo);

	if (unlikely(first) && !fcinfo->isnull)
		table_scan_feed(fcinfo, transition, state);
	return state;
}

#endif							/* JOURNEY_TABLE_SCAN_H */
