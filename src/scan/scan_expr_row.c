/*-------------------------------------------------------------------------
 *
 * scan_expr_row.c
 *		Evaluates an expression for one row, the current one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "datatype/timestamp.h"
#include "executor/executor.h"
#include "executor/nodeSubplan.h"
#include "pgtime.h"
#include "scan/scan_expr_node.h"

#include "compat.h"

/* AND stops at false (`stop`), OR at true; a NULL among them makes NULL. */
static Datum
and_or_value(const ScanExpr *expr, ScanRows *rows, bool stop, bool *isnull)
{
	bool		any_null = false;
	int			i;

	for (i = 0; i < expr->n; i++)
	{
		bool		value = DatumGetBool(scan_expr_value(expr->args[i], rows, isnull));

		if (*isnull)
			any_null = true;
		else if (value == stop)
			return BoolGetDatum(stop);
	}
	*isnull = any_null;
	return BoolGetDatum(!stop);
}

static Datum
any_text_value(const ScanExpr *expr, ScanRows *rows, bool *isnull)
{
	Datum		value = scan_expr_value(expr->args[0], rows, isnull);
	text	   *text_value;
	const char *bytes;
	uint32		length;
	int			i;

	if (*isnull)
		return BoolGetDatum(false);
	if (expr->names != NULL)
	{
		const bool	found = name_table_find_stored(expr->names,
												   (struct varlena *) DatumGetPointer(value)) != 0;

		*isnull = !found && expr->isnull;
		return BoolGetDatum(found);
	}
	text_value = DatumGetTextPP(value);
	bytes = VARDATA_ANY(text_value);
	length = (uint32) VARSIZE_ANY_EXHDR(text_value);
	for (i = 0; i < expr->n; i++)
		if (expr->texts[i].length == length && memcmp(expr->texts[i].bytes, bytes, length) == 0)
			return BoolGetDatum(true);
	*isnull = expr->isnull;
	return BoolGetDatum(false);
}

/*
 * The value of a call of a function that is constant over spans of its one varying
 * argument, such as the day of a time.  Within an hour, all arguments between two
 * that gave the same value do.
 */
static Datum
span_value(const ScanExpr *expr, FunctionCallInfo call, bool *isnull)
{
	const int64 at = DatumGetInt64(call->args[expr->varying[0]].value);
	const int64 hour = at / USECS_PER_HOUR;
	ScanSpan   *span = &expr->spans[spread((uint64) hour) >> (64 - SCAN_SPANS_LOG2)];
	Datum		value;

	*isnull = false;
	if (span->zone == session_timezone && at >= span->first && at <= span->last)
		return span->value;
	call->isnull = false;
	value = FunctionCallInvoke(call);
	*isnull = call->isnull;
	if (call->isnull)
		return value;
	if (span->zone == session_timezone && span->hour == hour && span->value == value)
	{
		span->first = Min(span->first, at);
		span->last = Max(span->last, at);
		return value;
	}
	span->zone = session_timezone;
	span->hour = hour;
	span->first = span->last = at;
	span->value = value;
	return value;
}

/* As the executor does, evaluate all arguments, also after a NULL. */
static Datum
call_value(const ScanExpr *expr, ScanRows *rows, bool *isnull)
{
	FunctionCallInfo call = expr->call;
	bool		any_null = expr->isnull;
	Datum		value;
	int			i;

	for (i = 0; i < expr->nvarying; i++)
	{
		const int	place = expr->varying[i];
		NullableDatum *arg = &call->args[place];

		arg->value = scan_expr_value(expr->args[place], rows, &arg->isnull);
		any_null |= arg->isnull;
	}
	if (expr->strict && any_null)
	{
		*isnull = true;
		return (Datum) 0;
	}
	if (expr->spans != NULL && !any_null)
		return span_value(expr, call, isnull);
	call->isnull = false;
	value = FunctionCallInvoke(call);
	*isnull = call->isnull;
	return value;
}

/* The value of a parameter; a subquery that gives it runs when it is first asked. */
Datum
scan_param_value(const ScanExpr *expr, ScanRows *rows, bool *isnull)
{
	ParamExecData *param = &rows->context->ecxt_param_exec_vals[expr->param];

	if (unlikely(param->execPlan != NULL))
		ExecSetParamPlan(param->execPlan, rows->context);
	*isnull = param->isnull;
	return param->isnull ? (Datum) 0 : scan_datum(param->value, expr->length, expr->by_value);
}

/*
 * scan_expr_value, but for columns.
 */
Datum
scan_expr_compute(const ScanExpr *expr, ScanRows *rows, bool *isnull)
{
	Datum		value;

	switch (expr->kind)
	{
		case SCAN_COLUMN:
			return scan_expr_value(expr, rows, isnull);
		case SCAN_CONSTANT:
			*isnull = expr->isnull;
			return expr->value;
		case SCAN_PARAM:
			return scan_param_value(expr, rows, isnull);
		case SCAN_CALL:
			return call_value(expr, rows, isnull);
		case SCAN_ANY_TEXT:
			return any_text_value(expr, rows, isnull);
		case SCAN_AND:
			return and_or_value(expr, rows, false, isnull);
		case SCAN_OR:
			return and_or_value(expr, rows, true, isnull);
		case SCAN_NOT:
			value = scan_expr_value(expr->args[0], rows, isnull);
			return BoolGetDatum(!DatumGetBool(value));
		case SCAN_IS_NULL:
		case SCAN_IS_NOT_NULL:
			(void) scan_expr_value(expr->args[0], rows, isnull);
			value = BoolGetDatum(*isnull == (expr->kind == SCAN_IS_NULL));
			*isnull = false;
			return value;
		case SCAN_CASE:
			value = scan_expr_value(expr->args[0], rows, isnull);
			return scan_expr_value(expr->args[case_branch(expr, value, *isnull)], rows, isnull);
		case SCAN_EXECUTOR:
			rows->context->ecxt_scantuple = scan_rows_slot(rows);
			if (rows->looked_up_slot != NULL)
				scan_rows_put_looked_up(rows);
			return ExecEvalExpr(expr->state, rows->context, isnull);
	}
	pg_unreachable();
}
