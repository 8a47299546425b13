/*-------------------------------------------------------------------------
 *
 * scan_rows.h
 *		The columns of all rows of a heap page, extracted together, column by
 *		column.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SCAN_ROWS_H
#define JOURNEY_SCAN_ROWS_H

#include "postgres.h"

#include "access/htup_details.h"
#include "nodes/execnodes.h"
#include "scan/scan_vector.h"

/* A column on the way to the last one that is needed. */
typedef struct ScanColumn
{
	int32		offset;			/* in a row without NULLs; -1: depends on the
								 * row */
	int16		length;			/* attlen */
	char		align;			/* attalign */
	bool		by_value;		/* attbyval */
	bool		needed;
	bool		early;			/* by conditions that are tested on all rows
								 * at once */
	ScanVector	vector;			/* of the rows at hand, if needed */
} ScanColumn;

/* The rows at hand, and how rows of their table are taken apart. */
typedef struct ScanRows
{
	PlanState  *plan;			/* of the scan; its scan slot takes a row when
								 * asked */
	ScanState  *scan;
	ExprContext *context;
	int			ncolumns;		/* up to the last needed one */
	int			ntable;			/* columns of the table */
	int			nlooked_up;		/* and behind those, columns that are looked
								 * up */
	ScanColumn *columns;
	List	   *tlist;			/* of a scan with lookups: what its columns
								 * are, */
	List	   *places;			/* for each 0, or its number among those
								 * looked up, from 1 on */
	TupleTableSlot *looked_up_slot; /* for a row of those; NULL: there are
									 * none */
	int			nfixed;			/* needed columns whose place is the same ... */
	int		   *fixed;			/* ... in all rows without NULLs before it */
	int			first_moving;	/* the first column whose place varies */
	bool		moving_early;	/* is one of those needed early? */

	Buffer		buffer;			/* of the page, which the scan has pinned */
	BlockNumber block;
	int			n;				/* rows */
	int			current;		/* the one looked at, -1: before the first */
	int			in_slot;		/* the one in the slot; -1: none */
	bool		late_taken;		/* have all columns been taken, or only early
								 * ones? */
	bool		looked_up;		/* have any columns been looked up? */
	OffsetNumber numbers[SCAN_ROWS_MOST];
	HeapTupleHeader tuples[SCAN_ROWS_MOST];
	const char *data[SCAN_ROWS_MOST];	/* where the columns begin */
	HeapTupleData tuple;		/* the one in the slot */
} ScanRows;

extern ScanRows *scan_rows_new(ScanState *scan, ExprContext *context);
extern void scan_rows_need(ScanRows *rows, int column, bool early);
extern void scan_rows_ready(ScanRows *rows);
extern void scan_rows_of_page(ScanRows *rows, const OffsetNumber *numbers, int n);
extern void scan_rows_of_slot(ScanRows *rows);
extern void scan_rows_take(ScanRows *rows, bool late);
extern void scan_rows_keep(ScanRows *rows, const uint16 *kept, int n);
extern void scan_rows_drop_before(ScanRows *rows, int row);
extern TupleTableSlot *scan_rows_slot(ScanRows *rows);
extern void scan_rows_put_looked_up(ScanRows *rows);
extern Node *scan_rows_columns(const ScanRows *rows, Node *expression);

extern void scan_vector_new(ScanVector *vector);

/* Forget the NULLs of a vector. */
static inline void
scan_vector_clear(ScanVector *vector)
{
	if (vector->has_nulls)
	{
		memset(vector->nulls, 0, SCAN_ROWS_MOST * sizeof(bool));
		vector->has_nulls = false;
	}
}

#endif							/* JOURNEY_SCAN_ROWS_H */
