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

/* Hours beyond are not asked about, as functions may refuse their times. */
#define FARTHEST_HOUR (INT64CONST(1900) * 366 * 24)

/* The value of a call for another time. */
static Datum
span_value_at(const ScanExpr *expr, FunctionCallInfo call, int64 at)
{
	call->args[expr->varying[0]].value = Int64GetDatum(at);
	call->isnull = false;
	return FunctionCallInvoke(call);
}

/*
 * Have a span with a time and its value, which reaches to the ends of the hour where
 * the value does.  In an hour in which clocks are set no other time is known by it.
 */
static void
span_begin(const ScanExpr *expr, FunctionCallInfo call, ScanSpan *span, int64 hour, int64 at,
		   Datum value)
{
	const int64 begin = hour * USECS_PER_HOUR;
	const int64 end = begin + USECS_PER_HOUR - 1;
	const bool	known = span->zone == session_timezone && span->hour == hour;

	if (!known)
		span->even = hour > -FARTHEST_HOUR && hour < FARTHEST_HOUR &&
			scan_function_local_time(call, end) - scan_function_local_time(call, begin) == end - begin;
	span->zone = session_timezone;
	span->hour = hour;
	span->first = span->last = at;
	span->value = value;
	if (!span->even)
		return;
	if (!known && span_value_at(expr, call, begin) == value)
		span->first = begin;
	if (span_value_at(expr, call, end) == value)
		span->last = end;
}

/*
 * The value of a call of a function that is constant over spans of its one varying
 * argument, such as the day of a time.  Within an hour, all arguments between two
 * that gave the same value do, unless clocks are set back meanwhile.
 */
static Datum
span_value(const ScanExpr *expr, FunctionCallInfo call, bool *isnull)
{
	const int64 at = DatumGetInt64(call->args[expr->varying[0]].value);
	const int64 hour = at >= 0 ? at / USECS_PER_HOUR : (at + 1) / USECS_PER_HOUR - 1;
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
	if (span->zone == session_timezone && span->hour == hour && span->value == value && span->even)
	{
		span->first = Min(span->first, at);
		span->last = Max(span->last, at);
	}
	else
		span_begin(expr, call, span, hour, at, value);
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
