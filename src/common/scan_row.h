/*-------------------------------------------------------------------------
 *
 * scan_row.h
 *		One row of a heap page: its columns, and expressions over them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SCAN_ROW_H
#define JOURNEY_SCAN_ROW_H

#include "postgres.h"

#include "access/htup_details.h"
#include "nodes/execnodes.h"
#include "nodes/primnodes.h"

/* A column on the way to the last one that is needed. */
typedef struct ScanColumn
{
	int32		offset;			/* in a row without NULLs; -1: depends on the row */
	int16		length;			/* attlen */
	char		align;			/* attalign */
	bool		by_value;		/* attbyval */
	bool		needed;
} ScanColumn;

/* The row at hand, and how rows of its table are taken apart. */
typedef struct ScanRow
{
	PlanState  *plan;			/* of the scan; its scan slot takes the row when asked */
	ScanState  *scan;
	ExprContext *context;
	Buffer		buffer;
	HeapTupleData tuple;
	bool		in_slot;		/* has the slot got it? */
	bool		had_nulls;		/* may `nulls` be set from a row before? */
	int			ncolumns;		/* up to the last needed one */
	ScanColumn *columns;
	int			nfixed;			/* needed columns whose place is the same ... */
	int		   *fixed;			/* ... in all rows without NULLs */
	int			first_moving;	/* the first column whose place varies */
	Datum	   *values;			/* by column; of the needed ones */
	bool	   *nulls;
} ScanRow;

typedef enum ScanExprKind
{
	SCAN_COLUMN,
	SCAN_CONSTANT,
	SCAN_CALL,
	SCAN_ANY_TEXT,				/* column IN (texts), compared byte by byte */
	SCAN_AND,
	SCAN_OR,
	SCAN_NOT,
	SCAN_IS_NULL,
	SCAN_IS_NOT_NULL,
	SCAN_EXECUTOR				/* whatever else */
} ScanExprKind;

typedef struct ScanText
{
	const char *bytes;
	uint32		length;
} ScanText;

/* An expression over the columns of a row. */
typedef struct ScanExpr
{
	ScanExprKind kind;
	bool		strict;			/* of a call */
	bool		isnull;			/* of a constant; of SCAN_ANY_TEXT: is one of them NULL? */
	int			column;
	int			n;				/* arguments, or texts */
	Datum		value;			/* of a constant */
	struct ScanExpr **args;		/* of a call, those that are no constants */
	int		   *places;			/* where they stand in the call */
	ScanText   *texts;
	FunctionCallInfo call;
	ExprState  *state;			/* of SCAN_EXECUTOR */
} ScanExpr;

extern ScanRow *scan_row_new(ScanState *scan, ExprContext *context);
extern ScanExpr *scan_expr(ScanRow *row, Expr *expr);
extern void scan_row_ready(ScanRow *row);
extern void scan_row_take(ScanRow *row);
extern TupleTableSlot *scan_row_slot(ScanRow *row);
extern Datum scan_expr_compute(const ScanExpr *expr, ScanRow *row, bool *isnull);

/*
 * The value of an expression for the row at hand.
 */
static inline Datum
scan_expr_value(const ScanExpr *expr, ScanRow *row, bool *isnull)
{
	if (expr->kind == SCAN_COLUMN)
	{
		*isnull = row->nulls[expr->column];
		return row->values[expr->column];
	}
	return scan_expr_compute(expr, row, isnull);
}

#endif							/* JOURNEY_SCAN_ROW_H */
