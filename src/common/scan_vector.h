/*-------------------------------------------------------------------------
 *
 * scan_vector.h
 *		The values of a column, or of an expression, in several rows at once.
 *
 * A table scan takes the rows of a page together, a column after the other.
 * So the loops over them are short and without calls, and the rows that are
 * not in the cache yet are fetched side by side.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SCAN_VECTOR_H
#define JOURNEY_SCAN_VECTOR_H

#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"

/* The most rows at once: those of a page. */
#define SCAN_ROWS_MOST MaxHeapTuplesPerPage

/* Values by row; by reference, as in the page. */
typedef struct ScanVector
{
	Datum	   *values;
	bool	   *nulls;			/* all false unless has_nulls */
	bool		has_nulls;		/* may some be NULL? */
	bool		constant;		/* is it the same in all rows? */
} ScanVector;

/*
 * A function of SQL for n rows, 1 <= n <= SCAN_ROWS_MOST, at once.  `call` holds
 * the arguments that are constants, `args` all of them; where one is NULL, its
 * Datum is 0.  The function gives what the one for a single row gives, it has
 * no other effect, and fails on no row unless on all.  The result comes
 * without NULLs, with room for all.
 */
typedef void (*ScanFunction) (FunctionCallInfo call, const ScanVector *const *args, int n,
							  ScanVector *result);

/* A row of the result is NULL. */
static inline void
scan_vector_set_null(ScanVector *vector, int row)
{
	vector->values[row] = (Datum) 0;
	vector->nulls[row] = true;
	vector->has_nulls = true;
}

extern void scan_function_register(PGFunction function, ScanFunction of_rows, int nvarying);
extern void scan_function_of_constant_register(PGFunction function, ScanFunction of_rows,
												int nvarying);
extern void scan_lookup_register(PGFunction function, ScanFunction of_rows);

#endif							/* JOURNEY_SCAN_VECTOR_H */
