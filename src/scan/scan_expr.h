/*-------------------------------------------------------------------------
 *
 * scan_expr.h
 *		Expressions over the columns of the current rows of a table scan.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SCAN_EXPR_H
#define JOURNEY_SCAN_EXPR_H

#include "postgres.h"

#include "event/event.h"
#include "nodes/primnodes.h"
#include "scan/scan_rows.h"

typedef enum ScanExprKind
{
	SCAN_COLUMN,
	SCAN_CONSTANT,
	SCAN_PARAM,					/* of the executor, such as what a subquery
								 * gives */
	SCAN_CALL,
	SCAN_ANY_TEXT,				/* column IN (texts), compared byte by byte */
	SCAN_AND,
	SCAN_OR,
	SCAN_NOT,
	SCAN_IS_NULL,
	SCAN_IS_NOT_NULL,
	SCAN_CASE,					/* args[0] WHEN a small number, or true, THEN
								 * another argument */
	SCAN_EXECUTOR				/* whatever else */
} ScanExprKind;

typedef struct ScanText
{
	const char *bytes;
	uint32		length;
} ScanText;

/* Times of an hour between which a function gives the same value. */
typedef struct ScanSpan
{
	const void *zone;			/* of the session then; NULL: none are known */
	bool		even;			/* does local time just go on in the hour? */
	int64		hour;
	int64		first;
	int64		last;
	Datum		value;			/* by value */
} ScanSpan;

#define SCAN_SPANS_LOG2 10

/*
 * An expression over the columns of a row.  If it is `of_rows`, it may be
 * evaluated for all current rows at once, including rows that the executor
 * would not have evaluated.  This is unobservable, because the expression has
 * no side effects and cannot fail.  An expression that can fail (a division,
 * a cast, a function that refuses some arguments) is not `of_rows`, nor is
 * any expression that contains one.
 */
typedef struct ScanExpr
{
	ScanExprKind kind;
	bool		of_rows;
	bool		has_param;		/* is there a SCAN_PARAM in it? */
	bool		strict;			/* of a call */
	bool		isnull;			/* of a constant; of others: is a constant
								 * argument NULL? */
	int			column;
	int			param;			/* its number */
	int16		length;			/* of its type: typlen */
	bool		by_value;		/* typbyval */
	int			n;				/* arguments, or texts */
	Datum		value;			/* of a constant */
	struct ScanExpr **args;
	int			nvarying;		/* arguments of a call that are not constant,
								 * ... */
	int		   *varying;		/* ... and which */
	ScanText   *texts;
	NameTable  *names;			/* the texts, if they are not too many */
	uint8	   *branches;		/* of SCAN_CASE: which argument, by number; at
								 * its end for others */
	ScanRows   *some;			/* of SCAN_CASE: the rows that take a branch */
	FunctionCallInfo call;
	ScanSpan   *spans;			/* of a call that is constant over spans, or
								 * NULL */
	ScanFunction function;		/* of a call for all rows */
	const ScanVector **vectors; /* its arguments */
	ScanVector	vector;			/* the values, for all rows */
	ExprState  *state;			/* of SCAN_EXECUTOR */
} ScanExpr;

extern void scan_functions_init(const ScanRowsFunction *const *functions, int n);
extern bool scan_expr_looks_up(Node *condition);
extern ScanExpr *scan_expr(ScanRows *rows, Expr *expr);
extern void scan_expr_need_early(const ScanExpr *expr, ScanRows *rows);
extern const ScanVector *scan_expr_vector(ScanExpr *expr, ScanRows *rows);
extern int	scan_expr_filter(ScanExpr **conditions, int n, ScanRows *rows, uint16 *kept);
extern Datum scan_expr_compute(const ScanExpr *expr, ScanRows *rows, bool *isnull);

/*
 * The value of an expression for the row that is looked at.
 */
static inline Datum
scan_expr_value(const ScanExpr *expr, ScanRows *rows, bool *isnull)
{
	if (expr->kind == SCAN_COLUMN)
	{
		const ScanVector *vector = &rows->columns[expr->column].vector;

		*isnull = vector->nulls[rows->current];
		return vector->values[rows->current];
	}
	return scan_expr_compute(expr, rows, isnull);
}

/* Does the row that is looked at meet all of some conditions? */
static inline bool
scan_expr_all(ScanExpr *const *conditions, int n, ScanRows *rows)
{
	bool		isnull = false;
	int			i;

	for (i = 0; i < n; i++)
		if (!DatumGetBool(scan_expr_value(conditions[i], rows, &isnull)) || isnull)
			return false;
	return true;
}

#endif							/* JOURNEY_SCAN_EXPR_H */
