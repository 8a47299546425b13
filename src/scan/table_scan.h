/*-------------------------------------------------------------------------
 *
 * table_scan.h
 *		Reads a table straight into an aggregate.
 *
 * Under an aggregate without GROUP BY, and with a condition contains(set,
 * column), the planner may choose the scan of this file instead of
 * PostgreSQL's sequential scan.  It reads the same rows of the
 * same snapshot, with the same conditions, but takes apart only the columns
 * that are needed, and once an aggregate has its state, it hands all further
 * rows to the transition functions itself instead of passing each through the
 * executor.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_TABLE_SCAN_H
#define JOURNEY_TABLE_SCAN_H

#include "postgres.h"

#include "fmgr.h"
#include "nodes/nodes.h"
#include "nodes/primnodes.h"
#include "scan/scan_vector.h"
#include "share/exchange.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/*
 * A transition function for n rows at once, n >= 1: argument i of each is in
 * args[i], constants included; args[0] is not used.  The state is in the call,
 * as are the constants, and must stay as it is.
 */
typedef void (*TableScanRows) (FunctionCallInfo fcinfo, const ScanVector *const *args, int n);

/*
 * How the processes of a parallel scan share the users of an aggregate: `begin`
 * tells a new state of it, and when all rows are read, `exchange` leaves in the
 * state all that processes have read of some users.
 */
typedef struct ScanSharing
{
	void		(*begin) (Datum state, Exchange *exchange);
	void		(*exchange) (Datum state, dsa_area *area);
} ScanSharing;

extern void table_scan_init(void);
struct PlannerInfo;
extern void table_scan_offer(struct PlannerInfo *root);
extern void table_scan_feed(FunctionCallInfo fcinfo, PGFunction transition, TableScanRows of_rows,
							Datum state, const ScanSharing *sharing);
extern void table_scan_state_moved(void);

/*
 * The body of a transition function: call `transition`, and when that has made
 * the state, ask the scans below the aggregate to feed the other rows to it.
 * From then on it must return the state that it is given.  `sharing` may be
 * NULL.
 */
static inline Datum
table_scan_transition(FunctionCallInfo fcinfo, PGFunction transition, TableScanRows of_rows,
					  const ScanSharing *sharing)
{
	bool		first = fcinfo->args[0].isnull;
	Datum		state = transition(fcinfo);

	if (unlikely(first) && !fcinfo->isnull)
		table_scan_feed(fcinfo, transition, of_rows, state, sharing);
	return state;
}

/* Free what a row took, which mostly is nothing. */
static inline void
table_scan_reset(MemoryContext memory)
{
	if (!memory->isReset || memory->firstchild != NULL)
		MemoryContextReset(memory);
}

/*
 * Call a transition function for n rows: those whose numbers are in `rows`, or
 * if that is NULL, the first ones.
 */
static pg_attribute_always_inline void
table_scan_some_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, const uint16 *rows,
					 int n, PGFunction transition)
{
	const Datum state = fcinfo->args[0].value;
	int			varying[FUNC_MAX_ARGS];
	int			nvarying = 0;
	int			i;
	int			k;

	for (i = 1; i < fcinfo->nargs; i++)
		if (!args[i]->constant)
			varying[nvarying++] = i;
	for (i = 0; i < n; i++)
	{
		const int	row = rows == NULL ? i : rows[i];

		for (k = 0; k < nvarying; k++)
		{
			const ScanVector *arg = args[varying[k]];

			fcinfo->args[varying[k]].value = arg->values[row];
			fcinfo->args[varying[k]].isnull = arg->nulls[row];
		}
		fcinfo->isnull = false;
		if (unlikely(transition(fcinfo) != state || fcinfo->isnull))
			table_scan_state_moved();
		table_scan_reset(CurrentMemoryContext);
	}
}

/* Call a transition function for each of n rows. */
static pg_attribute_always_inline void
table_scan_each_row(FunctionCallInfo fcinfo, const ScanVector *const *args, int n,
					PGFunction transition)
{
	table_scan_some_rows(fcinfo, args, NULL, n, transition);
}

/*
 * Call one whose arguments 2 and 3 are the time of an event and a stepset of
 * the conditions that it meets.  A row that meets none changes nothing, so it
 * is called only for those that do, or that are not as they should be.
 */
static pg_attribute_always_inline void
table_scan_events(FunctionCallInfo fcinfo, const ScanVector *const *args, int n, int nsteps,
				  PGFunction transition)
{
	const Datum *ats = args[2]->values;
	const Datum *steps = args[3]->values;
	uint16		rows[SCAN_ROWS_MOST];
	int			nrows = 0;
	int			i;

	for (i = 0; i < n; i++)
	{
		/* without conditions, a stepset is their number; that of a NULL is 0 */
		rows[nrows] = (uint16) i;
		nrows += (int) (DatumGetInt64(steps[i]) != nsteps) |
			(int) TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(ats[i]));
	}
	table_scan_some_rows(fcinfo, args, rows, nrows, transition);
}

/*
 * The head of a transition function: its body takes one row.  A table scan may
 * feed all further rows to it.  `sharing` may be NULL.
 */
#define TABLE_SCAN_TRANSITION(name, sharing) \
static Datum name##_row(PG_FUNCTION_ARGS); \
\
static void \
name##_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n) \
{ \
	table_scan_each_row(fcinfo, args, n, name##_row); \
} \
TABLE_SCAN_TRANSITION_ROWS(name, name##_rows, sharing)

/*
 * The same where there is a function of its own for many rows at once.
 */
#define TABLE_SCAN_TRANSITION_ROWS(name, of_rows, sharing) \
static Datum name##_row(PG_FUNCTION_ARGS); \
\
Datum \
name(PG_FUNCTION_ARGS) \
{ \
	return table_scan_transition(fcinfo, name##_row, of_rows, sharing); \
} \
\
static Datum \
name##_row(PG_FUNCTION_ARGS)

#endif							/* JOURNEY_TABLE_SCAN_H */
