/*-------------------------------------------------------------------------
 *
 * scan_call.h
 *		Calls the function for a single row, for each of many rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SCAN_CALL_H
#define JOURNEY_SCAN_CALL_H

#include "postgres.h"

#include "fmgr.h"
#include "scan/scan_vector.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/*
 * A transition function for n rows at once, n >= 1: argument i of each is in
 * args[i], constants included; args[0] is not used.  The state is in the call,
 * as are the constants, and must stay as it is.
 */
typedef void (*TableScanRows) (FunctionCallInfo fcinfo, const ScanVector *const *args, int n);

extern void table_scan_state_moved(void);

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

/* Makes of x_row(), a transition function, x_rows(), which calls it for each of many rows. */
#define TABLE_SCAN_ROWS(row) \
static void \
row##s(FunctionCallInfo fcinfo, const ScanVector *const *args, int n) \
{ \
	table_scan_each_row(fcinfo, args, n, row); \
}

#endif							/* JOURNEY_SCAN_CALL_H */
