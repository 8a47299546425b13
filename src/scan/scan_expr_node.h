/*-------------------------------------------------------------------------
 *
 * scan_expr_node.h
 *		A node of an expression, for the files that build and evaluate it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SCAN_EXPR_NODE_H
#define JOURNEY_SCAN_EXPR_NODE_H

#include "postgres.h"

#include "scan/scan_expr.h"

/* CASE has one branch for each of at most so many numbers, from 0 on. */
#define CASE_NUMBERS 256

extern int	scan_function_span_arg(Oid function);
extern int64 scan_function_local_time(FunctionCallInfo call, int64 at);
extern ScanFunction scan_function_of_rows(const FmgrInfo *flinfo, const ScanExpr *call);
extern Datum scan_param_value(const ScanExpr *expr, ScanRows *rows, bool *isnull);

/* CASE of more conditions than these is left to the executor. */
#define CASE_CONDITIONS 16

/* The branch that CASE takes for a number, among the arguments. */
static inline int
case_branch(const ScanExpr *expr, Datum value, bool isnull)
{
	const int32 number = DatumGetInt32(value);
	int			branch = 0;

	if (!isnull && number >= 0 && number < CASE_NUMBERS)
		branch = expr->branches[number];
	return branch == 0 ? expr->n - 1 : branch;
}

#endif							/* JOURNEY_SCAN_EXPR_NODE_H */
