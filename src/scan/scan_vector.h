/*-------------------------------------------------------------------------
 *
 * scan_vector.h
 *		The values of a column, or of an expression, in several rows at once.
 *
 * A table scan processes the rows of a page together, one column after the
 * other.  So the loops are short and free of calls, and the memory of several
 * rows is fetched at the same time.
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
 * A function of SQL for n rows, 1 <= n <= SCAN_ROWS_MOST, at once. `call`
 * holds the arguments that are constants, `args` all of them; where one is
 * NULL, its Datum is 0.  The function gives what the one for a single row
 * gives, it has no other effect, and it cannot fail: it is also called for
 * rows that the executor would not have evaluated.  The result comes without
 * NULLs, with room for all, and is to be left as scan_datum() gives it.
 */
typedef void (*ScanFunction) (FunctionCallInfo call, const ScanVector *const *args, int n,
							  ScanVector *result);

/*
 * Of a function that fails on some arguments: can the call fail on no row?  Its
 * constants are in it, others are 0 and not NULL, and the types of all are known.
 */
typedef bool (*ScanCannotFail) (FunctionCallInfo call);

/*
 * How a function of the extension is evaluated for many rows at once.  One that
 * looks up its second argument in its first, which is large and does not vary,
 * gains so much by that as a condition that the scan is offered for its sake.
 */
typedef struct ScanRowsFunction
{
	PGFunction	function;
	ScanFunction of_rows;
	ScanCannotFail cannot_fail; /* NULL: it never fails */
	int			nvarying;		/* arguments after these must be constants */
	bool		looks_up;
} ScanRowsFunction;

/*
 * A value as loops over vectors want it: those by value, of 2 or 4 bytes, with
 * the bits of their sign above them.  PostgreSQL reads no more than the bytes of
 * the type, and some of its functions leave zeros above (hashtext, bit as int,
 * oid as int), which constants and parameters keep.  Booleans are read by
 * DatumGetBool(), as there.
 */
static inline Datum
scan_datum(Datum value, int16 length, bool by_value)
{
	if (!by_value)
		return value;
	switch (length)
	{
		case sizeof(int16):
			return Int16GetDatum(DatumGetInt16(value));
		case sizeof(int32):
			return Int32GetDatum(DatumGetInt32(value));
		default:
			return value;
	}
}

/* A row of the result is NULL. */
static inline void
scan_vector_set_null(ScanVector *vector, int row)
{
	vector->values[row] = (Datum) 0;
	vector->nulls[row] = true;
	vector->has_nulls = true;
}

#endif							/* JOURNEY_SCAN_VECTOR_H */
