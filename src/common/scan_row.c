/*-------------------------------------------------------------------------
 *
 * scan_row.c
 *		One row of a heap page: its columns, and expressions over them.
 *
 * PostgreSQL puts each row into a slot and runs a compiled program over it.
 * Here the needed columns are read from the page, and the expressions that
 * aggregates over event logs consist of (columns, constants, functions of
 * those, AND, OR, NOT, IS NULL, IN lists) are walked as a tree.  Anything else
 * is left to the executor, which is then given the row in its slot.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tupmacs.h"
#include "catalog/pg_type.h"
#include "common/scan_row.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "pgstat.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "compat.h"

/* A row of the table that `scan` reads; expressions are then added to it. */
ScanRow *
scan_row_new(ScanState *scan, ExprContext *context)
{
	TupleDesc	desc = RelationGetDescr(scan->ss_currentRelation);
	ScanRow    *row = palloc0(sizeof(ScanRow));

	row->plan = &scan->ps;
	row->scan = scan;
	row->context = context;
	row->columns = palloc0(desc->natts * sizeof(ScanColumn));
	row->fixed = palloc0(desc->natts * sizeof(int));
	row->values = palloc0(desc->natts * sizeof(Datum));
	row->nulls = palloc0(desc->natts * sizeof(bool));
	row->tuple.t_tableOid = RelationGetRelid(scan->ss_currentRelation);
	return row;
}

/*
 * All expressions are known: settle how rows are taken apart.
 */
void
scan_row_ready(ScanRow *row)
{
	TupleDesc	desc = RelationGetDescr(row->scan->ss_currentRelation);
	int32		offset = 0;
	int			i;

	row->nfixed = 0;
	row->first_moving = 0;
	memset(row->nulls, 0, desc->natts * sizeof(bool));
	for (i = 0; i < row->ncolumns; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		ScanColumn *column = &row->columns[i];
		int32		aligned = (int32) att_align_nominal(Max(offset, 0), attribute->attalign);

		column->length = attribute->attlen;
		column->align = attribute->attalign;
		column->by_value = attribute->attbyval;
		/* a value with a short header is not padded, one with a long header is */
		if (offset < 0 || (column->length == -1 && offset != aligned))
		{
			offset = -1;
			continue;
		}
		column->offset = aligned;
		row->first_moving = i + 1;
		if (column->needed)
			row->fixed[row->nfixed++] = i;
		offset = column->length < 0 ? -1 : aligned + column->length;
	}
}

/* Take the columns from `first` on, whose places depend on those before. */
static void
take_columns(ScanRow *row, int first, size_t offset, const char *data, const bits8 *nulls)
{
	int			i;

	for (i = first; i < row->ncolumns; i++)
	{
		const ScanColumn *column = &row->columns[i];

		row->nulls[i] = nulls != NULL && att_isnull(i, nulls);
		if (row->nulls[i])
		{
			row->values[i] = 0;
			continue;
		}
		offset = att_align_pointer(offset, column->align, column->length, data + offset);
		if (column->needed)
			row->values[i] = fetch_att(data + offset, column->by_value, column->length);
		offset = att_addlength_pointer(offset, column->length, data + offset);
	}
}

/*
 * Take the columns of the row at hand out of its page.
 */
void
scan_row_take(ScanRow *row)
{
	HeapTupleHeader header = row->tuple.t_data;
	const char *data = (const char *) header + header->t_hoff;
	int			i;

	if (unlikely(HeapTupleHeaderGetNatts(header) < row->ncolumns))
	{
		/* columns were added to the table since */
		TupleTableSlot *slot = scan_row_slot(row);

		slot_getsomeattrs(slot, row->ncolumns);
		memcpy(row->values, slot->tts_values, row->ncolumns * sizeof(Datum));
		memcpy(row->nulls, slot->tts_isnull, row->ncolumns * sizeof(bool));
		row->had_nulls = true;
		return;
	}
	if (unlikely((header->t_infomask & HEAP_HASNULL) != 0))
	{
		take_columns(row, 0, 0, data, header->t_bits);
		row->had_nulls = true;
		return;
	}
	if (unlikely(row->had_nulls))
	{
		memset(row->nulls, 0, row->ncolumns * sizeof(bool));
		row->had_nulls = false;
	}
	for (i = 0; i < row->nfixed; i++)
	{
		int			n = row->fixed[i];
		const ScanColumn *column = &row->columns[n];
		const char *value = data + column->offset;

		if (column->length == 8 && column->by_value)
			row->values[n] = *(const Datum *) value;
		else
			row->values[n] = fetch_att(value, column->by_value, column->length);
	}
	if (row->first_moving < row->ncolumns)
	{
		size_t		offset = 0;

		if (row->first_moving > 0)
		{
			const ScanColumn *column = &row->columns[row->first_moving - 1];

			offset = att_addlength_pointer((size_t) column->offset, column->length,
										   data + column->offset);
		}
		take_columns(row, row->first_moving, offset, data, NULL);
	}
}

/* The scan's slot, with the row at hand in it. */
TupleTableSlot *
scan_row_slot(ScanRow *row)
{
	TupleTableSlot *slot = row->scan->ss_ScanTupleSlot;

	if (!row->in_slot)
	{
		ExecStoreBufferHeapTuple(&row->tuple, slot, row->buffer);
		row->in_slot = true;
	}
	return slot;
}

static ScanExpr *
new_expr(ScanExprKind kind, int nargs)
{
	ScanExpr   *expr = palloc0(sizeof(ScanExpr));

	expr->kind = kind;
	expr->n = nargs;
	if (nargs > 0)
		expr->args = palloc0(nargs * sizeof(ScanExpr *));
	return expr;
}

static ScanExpr *
args_expr(ScanRow *row, ScanExprKind kind, List *args)
{
	ScanExpr   *expr = new_expr(kind, list_length(args));
	ListCell   *cell;

	foreach(cell, args)
		expr->args[foreach_current_index(cell)] = scan_expr(row, lfirst(cell));
	return expr;
}

/* A call of a function that is neither a set nor watched by track_functions. */
static ScanExpr *
call_expr(ScanRow *row, Expr *node, Oid function, Oid collation, List *args)
{
	FmgrInfo   *flinfo;
	ScanExpr   *expr;
	int			n;
	int			i;

	if (list_length(args) > FUNC_MAX_ARGS)
		return NULL;
	flinfo = palloc0(sizeof(FmgrInfo));
	fmgr_info(function, flinfo);
	fmgr_info_set_expr((Node *) node, flinfo);
	if (flinfo->fn_retset || pgstat_track_functions > flinfo->fn_stats)
		return NULL;
	expr = args_expr(row, SCAN_CALL, args);
	expr->strict = flinfo->fn_strict;
	expr->call = palloc0(SizeForFunctionCallInfo(expr->n));
	InitFunctionCallInfoData(*expr->call, flinfo, expr->n, collation, NULL, NULL);

	/* constants stand in the call once and for all */
	expr->places = palloc((expr->n + 1) * sizeof(int));
	for (i = 0, n = 0; i < expr->n; i++)
	{
		ScanExpr   *arg = expr->args[i];

		if (arg->kind == SCAN_CONSTANT)
		{
			if (expr->strict && arg->isnull)
				return arg;
			expr->call->args[i].value = arg->value;
			expr->call->args[i].isnull = arg->isnull;
			continue;
		}
		expr->args[n] = arg;
		expr->places[n++] = i;
	}
	expr->n = n;
	return expr;
}

/* text = ANY (constant), where equal texts have equal bytes; else NULL. */
static ScanExpr *
any_text_expr(ScanRow *row, ScalarArrayOpExpr *any)
{
	Const	   *constant = lsecond(any->args);
	ScanExpr   *expr;
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int			i;

	if (!any->useOr || any->opfuncid != F_TEXTEQ || !IsA(constant, Const) ||
		constant->constisnull || !OidIsValid(any->inputcollid) ||
		!get_collation_isdeterministic(any->inputcollid))
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(constant->constvalue), TEXTOID, -1, false,
					  TYPALIGN_INT, &elements, &nulls, &n);
	if (n == 0)
		return NULL;
	expr = new_expr(SCAN_ANY_TEXT, 1);
	expr->args[0] = scan_expr(row, linitial(any->args));
	expr->texts = palloc(n * sizeof(ScanText));
	expr->n = 0;
	for (i = 0; i < n; i++)
	{
		text	   *element;

		if (nulls[i])
		{
			expr->isnull = true;
			continue;
		}
		element = DatumGetTextPP(elements[i]);
		expr->texts[expr->n].bytes = VARDATA_ANY(element);
		expr->texts[expr->n].length = (uint32) VARSIZE_ANY_EXHDR(element);
		expr->n++;
	}
	return expr;
}

static ScanExpr *
column_expr(ScanRow *row, AttrNumber number)
{
	ScanExpr   *expr = new_expr(SCAN_COLUMN, 0);

	expr->column = number - 1;
	row->columns[expr->column].needed = true;
	row->ncolumns = Max(row->ncolumns, number);
	return expr;
}

/*
 * An expression over the columns of the table, ready to be evaluated.  That
 * its functions may be called has been checked by the executor, which has the
 * same expression.
 */
ScanExpr *
scan_expr(ScanRow *row, Expr *node)
{
	ScanExpr   *expr = NULL;

	check_stack_depth();
	switch (nodeTag(node))
	{
		case T_Var:
			if (((Var *) node)->varattno > 0)
				expr = column_expr(row, ((Var *) node)->varattno);
			break;
		case T_Const:
			expr = new_expr(SCAN_CONSTANT, 0);
			expr->value = ((Const *) node)->constvalue;
			expr->isnull = ((Const *) node)->constisnull;
			break;
		case T_RelabelType:
			expr = scan_expr(row, ((RelabelType *) node)->arg);
			break;
		case T_FuncExpr:
			{
				FuncExpr   *call = (FuncExpr *) node;

				expr = call_expr(row, node, call->funcid, call->inputcollid, call->args);
				break;
			}
		case T_OpExpr:
			{
				OpExpr	   *call = (OpExpr *) node;

				set_opfuncid(call);
				expr = call_expr(row, node, call->opfuncid, call->inputcollid, call->args);
				break;
			}
		case T_ScalarArrayOpExpr:
			set_sa_opfuncid((ScalarArrayOpExpr *) node);
			expr = any_text_expr(row, (ScalarArrayOpExpr *) node);
			break;
		case T_BoolExpr:
			{
				BoolExpr   *of = (BoolExpr *) node;

				expr = args_expr(row, of->boolop == AND_EXPR ? SCAN_AND :
								 of->boolop == OR_EXPR ? SCAN_OR : SCAN_NOT, of->args);
				break;
			}
		case T_NullTest:
			if (!((NullTest *) node)->argisrow)
				expr = args_expr(row, ((NullTest *) node)->nulltesttype == IS_NULL ?
								 SCAN_IS_NULL : SCAN_IS_NOT_NULL,
								 list_make1(((NullTest *) node)->arg));
			break;
		default:
			break;
	}
	if (expr == NULL)
	{
		expr = new_expr(SCAN_EXECUTOR, 0);
		expr->state = ExecInitExpr(node, row->plan);
	}
	return expr;
}

/* AND stops at false (`stop`), OR at true; a NULL among them makes NULL. */
static Datum
and_or_value(const ScanExpr *expr, ScanRow *row, bool stop, bool *isnull)
{
	bool		any_null = false;
	int			i;

	for (i = 0; i < expr->n; i++)
	{
		bool		value = DatumGetBool(scan_expr_value(expr->args[i], row, isnull));

		if (*isnull)
			any_null = true;
		else if (value == stop)
			return BoolGetDatum(stop);
	}
	*isnull = any_null;
	return BoolGetDatum(!stop);
}

static Datum
any_text_value(const ScanExpr *expr, ScanRow *row, bool *isnull)
{
	Datum		value = scan_expr_value(expr->args[0], row, isnull);
	text	   *text_value;
	const char *bytes;
	uint32		length;
	int			i;

	if (*isnull)
		return BoolGetDatum(false);
	text_value = DatumGetTextPP(value);
	bytes = VARDATA_ANY(text_value);
	length = (uint32) VARSIZE_ANY_EXHDR(text_value);
	for (i = 0; i < expr->n; i++)
		if (expr->texts[i].length == length && memcmp(expr->texts[i].bytes, bytes, length) == 0)
			return BoolGetDatum(true);
	*isnull = expr->isnull;
	return BoolGetDatum(false);
}

static Datum
call_value(const ScanExpr *expr, ScanRow *row, bool *isnull)
{
	FunctionCallInfo call = expr->call;
	Datum		value;
	int			i;

	for (i = 0; i < expr->n; i++)
	{
		NullableDatum *arg = &call->args[expr->places[i]];

		arg->value = scan_expr_value(expr->args[i], row, &arg->isnull);
		if (expr->strict && arg->isnull)
		{
			*isnull = true;
			return (Datum) 0;
		}
	}
	call->isnull = false;
	value = FunctionCallInvoke(call);
	*isnull = call->isnull;
	return value;
}

/*
 * scan_expr_value, but for columns.
 */
Datum
scan_expr_compute(const ScanExpr *expr, ScanRow *row, bool *isnull)
{
	Datum		value;

	switch (expr->kind)
	{
		case SCAN_COLUMN:
			*isnull = row->nulls[expr->column];
			return row->values[expr->column];
		case SCAN_CONSTANT:
			*isnull = expr->isnull;
			return expr->value;
		case SCAN_CALL:
			return call_value(expr, row, isnull);
		case SCAN_ANY_TEXT:
			return any_text_value(expr, row, isnull);
		case SCAN_AND:
			return and_or_value(expr, row, false, isnull);
		case SCAN_OR:
			return and_or_value(expr, row, true, isnull);
		case SCAN_NOT:
			value = scan_expr_value(expr->args[0], row, isnull);
			return BoolGetDatum(!DatumGetBool(value));
		case SCAN_IS_NULL:
		case SCAN_IS_NOT_NULL:
			(void) scan_expr_value(expr->args[0], row, isnull);
			value = BoolGetDatum(*isnull == (expr->kind == SCAN_IS_NULL));
			*isnull = false;
			return value;
		case SCAN_EXECUTOR:
			row->context->ecxt_scantuple = scan_row_slot(row);
			return ExecEvalExpr(expr->state, row->context, isnull);
	}
	pg_unreachable();
}
