/*-------------------------------------------------------------------------
 *
 * scan_expr.c
 *		Expressions over the columns of the current rows of a table scan.
 *
 * PostgreSQL runs a compiled program for each row.  Here the usual
 * expressions of aggregates over event logs (columns, constants, functions of
 * those, AND, OR, NOT, IS NULL, IN lists, CASE) are evaluated as a tree.  The executor evaluates all other expressions; it gets the row in
 * its slot.
 *
 * Expressions that cannot fail and have no side effects are evaluated for all
 * rows of a page at once, one node of the tree after the other.  The order of
 * evaluation, and the evaluation of unneeded rows, are then unobservable.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "pgstat.h"
#include "scan/scan_expr_node.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "compat.h"

static ScanExpr *expr_of_columns(ScanRows *rows, Expr *node);

static ScanExpr *
scan_expr_new(ScanExprKind kind, int nargs)
{
	ScanExpr   *expr = palloc0(sizeof(ScanExpr));

	expr->kind = kind;
	expr->n = nargs;
	if (nargs > 0)
		expr->args = palloc0(nargs * sizeof(ScanExpr *));
	return expr;
}

static ScanExpr *
scan_expr_of_args(ScanRows *rows, ScanExprKind kind, List *args)
{
	ScanExpr   *expr = scan_expr_new(kind, list_length(args));
	ListCell   *cell;

	expr->of_rows = true;
	foreach(cell, args)
	{
		ScanExpr   *arg = expr_of_columns(rows, lfirst(cell));

		expr->args[foreach_current_index(cell)] = arg;
		expr->of_rows &= arg->of_rows;
		expr->has_param |= arg->has_param;
	}
	/* a subquery must not run if AND or OR would have stopped before it */
	if (kind == SCAN_AND || kind == SCAN_OR)
		expr->of_rows &= !expr->has_param;
	return expr;
}

/* A call of a function that is neither a set nor watched by track_functions. */
static ScanExpr *
call_expr(ScanRows *rows, Expr *node, Oid function, Oid collation, List *args)
{
	FmgrInfo   *flinfo;
	ScanExpr   *expr;
	int			i;

	if (list_length(args) > FUNC_MAX_ARGS)
		return NULL;
	flinfo = palloc0(sizeof(FmgrInfo));
	fmgr_info(function, flinfo);
	fmgr_info_set_expr((Node *) node, flinfo);
	if (flinfo->fn_retset || pgstat_track_functions > flinfo->fn_stats)
		return NULL;
	expr = scan_expr_of_args(rows, SCAN_CALL, args);
	expr->strict = flinfo->fn_strict;
	expr->call = palloc0(SizeForFunctionCallInfo(expr->n));
	InitFunctionCallInfoData(*expr->call, flinfo, expr->n, collation, NULL, NULL);

	/* constants stand in the call once and for all */
	expr->varying = palloc((expr->n + 1) * sizeof(int));
	for (i = 0; i < expr->n; i++)
	{
		ScanExpr   *arg = expr->args[i];

		if (arg->kind != SCAN_CONSTANT)
		{
			expr->varying[expr->nvarying++] = i;
			continue;
		}
		expr->isnull |= arg->isnull;
		expr->call->args[i].value = arg->value;
		expr->call->args[i].isnull = arg->isnull;
	}
	if (expr->nvarying == 1 && expr->varying[0] == scan_function_span_arg(function))
		expr->spans = palloc0(sizeof(ScanSpan) << SCAN_SPANS_LOG2);
	expr->function = scan_function_of_rows(flinfo, expr);
	expr->of_rows &= expr->function != NULL;
	return expr;
}

/* May texts of a collation be compared byte by byte? */
static bool
compares_bytes(Oid collation)
{
	return OidIsValid(collation) && get_collation_isdeterministic(collation);
}

/* An expression that is true of some texts. */
static ScanExpr *
new_any_text(ScanExpr *of, const Datum *texts, const bool *nulls, int n)
{
	ScanExpr   *expr = scan_expr_new(SCAN_ANY_TEXT, 1);
	int			i;

	expr->args[0] = of;
	expr->texts = palloc(n * sizeof(ScanText));
	expr->n = 0;
	for (i = 0; i < n; i++)
	{
		struct varlena *element;

		if (nulls[i])
		{
			expr->isnull = true;
			continue;
		}
		element = DatumGetTextPP(texts[i]);
		expr->texts[expr->n].bytes = VARDATA_ANY(element);
		expr->texts[expr->n].length = (uint32) VARSIZE_ANY_EXHDR(element);
		expr->n++;
	}
	expr->has_param = of->has_param;
	if (expr->n <= STEPSET_MAX)
	{
		expr->of_rows = of->of_rows;
		expr->names = palloc0(sizeof(NameTable));
		for (i = 0; i < expr->n; i++)
			name_table_add(expr->names, expr->texts[i].bytes, expr->texts[i].length, true);
	}
	return expr;
}

/* text = ANY (constant), where equal texts have equal bytes; else NULL. */
static ScanExpr *
any_text_expr(ScanRows *rows, ScalarArrayOpExpr *any)
{
	Const	   *constant = lsecond(any->args);
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	if (!any->useOr || any->opfuncid != F_TEXTEQ || !IsA(constant, Const) ||
		constant->constisnull || !compares_bytes(any->inputcollid))
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(constant->constvalue), TEXTOID, -1, false,
					  TYPALIGN_INT, &elements, &nulls, &n);
	if (n == 0)
		return NULL;
	return new_any_text(expr_of_columns(rows, linitial(any->args)), elements, nulls, n);
}

/* text = constant, or <>, in the same way. */
static ScanExpr *
equal_text_expr(ScanRows *rows, OpExpr *equal)
{
	const bool	not_null = false;
	Node	   *left;
	Node	   *right;
	ScanExpr   *expr;
	ScanExpr   *not;

	if ((equal->opfuncid != F_TEXTEQ && equal->opfuncid != F_TEXTNE) ||
		list_length(equal->args) != 2 || !compares_bytes(equal->inputcollid))
		return NULL;
	left = linitial(equal->args);
	right = lsecond(equal->args);
	if (IsA(left, Const))
	{
		right = left;
		left = lsecond(equal->args);
	}
	if (!IsA(right, Const) || ((Const *) right)->constisnull)
		return NULL;
	expr = new_any_text(expr_of_columns(rows, (Expr *) left), &((Const *) right)->constvalue,
						&not_null, 1);
	if (equal->opfuncid == F_TEXTEQ)
		return expr;
	not = scan_expr_new(SCAN_NOT, 1);
	not->args[0] = expr;
	not->of_rows = expr->of_rows;
	not->has_param = expr->has_param;
	return not;
}

/* The number of WHEN number, or -1 for other conditions. */
static int
case_number(CaseWhen *when)
{
	OpExpr	   *equal = (OpExpr *) when->expr;
	Const	   *number;

	if (!IsA(equal, OpExpr))
		return -1;
	set_opfuncid(equal);
	number = lsecond(equal->args);
	if (equal->opfuncid != F_INT4EQ || !IsA(linitial(equal->args), CaseTestExpr) ||
		!IsA(number, Const) || number->constisnull ||
		DatumGetInt32(number->constvalue) < 0 || DatumGetInt32(number->constvalue) >= CASE_NUMBERS)
		return -1;
	return DatumGetInt32(number->constvalue);
}

/* CASE with branches: args[0] says which is taken, by its number. */
static ScanExpr *
branches_expr(ScanRows *rows, List *args)
{
	ScanExpr   *expr = scan_expr_of_args(rows, SCAN_CASE, args);

	/* a subquery must not run in a branch that is not taken */
	expr->of_rows &= !expr->has_param;
	expr->branches = palloc0(CASE_NUMBERS * sizeof(uint8));
	return expr;
}

/* The condition of the first branch of CASE, if it is of a column or nothing; else NULL. */
static Expr *
case_condition(CaseExpr *node)
{
	Expr	   *condition = linitial_node(CaseWhen, node->args)->expr;
	Expr	   *of = node->arg;
	OpExpr	   *equal;

	if (of == NULL)
		return condition;
	while (IsA(of, RelabelType))
		of = ((RelabelType *) of)->arg;
	if (!IsA(of, Var) || !IsA(condition, OpExpr) || list_length(((OpExpr *) condition)->args) != 2 ||
		!IsA(linitial(((OpExpr *) condition)->args), CaseTestExpr))
		return NULL;
	equal = copyObject((OpExpr *) condition);
	linitial(equal->args) = node->arg;
	return (Expr *) equal;
}

/* CASE of conditions: the first branch, or CASE of the others; NULL if that is none. */
static ScanExpr *
condition_expr(ScanRows *rows, CaseExpr *node)
{
	Expr	   *condition = case_condition(node);
	Expr	   *otherwise = node->defresult;
	ScanExpr   *expr;

	if (condition == NULL || otherwise == NULL || list_length(node->args) > CASE_CONDITIONS)
		return NULL;
	if (list_length(node->args) > 1)
	{
		CaseExpr   *rest = makeNode(CaseExpr);

		*rest = *node;
		rest->args = list_copy_tail(node->args, 1);
		otherwise = (Expr *) rest;
	}
	expr = branches_expr(rows, list_make3(condition, linitial_node(CaseWhen, node->args)->result, otherwise));
	expr->branches[1] = 1;		/* true */
	return expr;
}

/* CASE of a number, with a branch for each of some, or of conditions; else NULL. */
static ScanExpr *
case_expr(ScanRows *rows, CaseExpr *node)
{
	List	   *args = list_make1(node->arg);
	int			numbers[CASE_NUMBERS];
	ScanExpr   *expr;
	ListCell   *cell;
	int			n = 0;

	if (node->arg == NULL || node->defresult == NULL || list_length(node->args) >= CASE_NUMBERS)
		return condition_expr(rows, node);
	foreach(cell, node->args)
	{
		numbers[n] = case_number(lfirst_node(CaseWhen, cell));
		if (numbers[n++] < 0)
			return condition_expr(rows, node);
		args = lappend(args, lfirst_node(CaseWhen, cell)->result);
	}
	expr = branches_expr(rows, lappend(args, node->defresult));
	/* the first that holds is taken */
	while (--n >= 0)
		expr->branches[numbers[n]] = (uint8) (n + 1);
	return expr;
}

static ScanExpr *
column_expr(ScanRows *rows, int number)
{
	ScanExpr   *expr = scan_expr_new(SCAN_COLUMN, 0);

	expr->column = number - 1;
	expr->of_rows = true;
	scan_rows_need(rows, expr->column, false);
	return expr;
}

/* The executor needs the columns of an expression that are looked up. */
static bool
need_looked_up(Node *node, void *rows)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var) && ((Var *) node)->varno == OUTER_VAR)
		scan_rows_need(rows, ((ScanRows *) rows)->ntable + ((Var *) node)->varattno - 1, false);
	return expression_tree_walker(node, need_looked_up, rows);
}

/* An expression over the columns of the table, and outer ones, which are looked up. */
static ScanExpr *
expr_of_columns(ScanRows *rows, Expr *node)
{
	ScanExpr   *expr = NULL;

	check_stack_depth();
	switch (nodeTag(node))
	{
		case T_Var:
			if (((Var *) node)->varno == OUTER_VAR)
				expr = column_expr(rows, rows->ntable + ((Var *) node)->varattno);
			else if (((Var *) node)->varattno > 0)
				expr = column_expr(rows, ((Var *) node)->varattno);
			break;
		case T_Const:
			expr = scan_expr_new(SCAN_CONSTANT, 0);
			expr->isnull = ((Const *) node)->constisnull;
			if (!expr->isnull)
				expr->value = scan_datum(((Const *) node)->constvalue,
										 (int16) ((Const *) node)->constlen,
										 ((Const *) node)->constbyval);
			expr->of_rows = true;
			break;
		case T_Param:
			if (((Param *) node)->paramkind == PARAM_EXEC)
			{
				expr = scan_expr_new(SCAN_PARAM, 0);
				expr->param = ((Param *) node)->paramid;
				get_typlenbyval(((Param *) node)->paramtype, &expr->length, &expr->by_value);
				expr->of_rows = expr->has_param = true;
			}
			break;
		case T_RelabelType:
			expr = expr_of_columns(rows, ((RelabelType *) node)->arg);
			break;
		case T_FuncExpr:
			{
				FuncExpr   *call = (FuncExpr *) node;

				expr = call_expr(rows, node, call->funcid, call->inputcollid, call->args);
				break;
			}
		case T_OpExpr:
			{
				OpExpr	   *call = (OpExpr *) node;

				set_opfuncid(call);
				expr = equal_text_expr(rows, call);
				if (expr == NULL)
					expr = call_expr(rows, node, call->opfuncid, call->inputcollid, call->args);
				break;
			}
		case T_ScalarArrayOpExpr:
			set_sa_opfuncid((ScalarArrayOpExpr *) node);
			expr = any_text_expr(rows, (ScalarArrayOpExpr *) node);
			break;
		case T_BoolExpr:
			{
				BoolExpr   *of = (BoolExpr *) node;

				expr = scan_expr_of_args(rows, of->boolop == AND_EXPR ? SCAN_AND :
										 of->boolop == OR_EXPR ? SCAN_OR : SCAN_NOT, of->args);
				break;
			}
		case T_NullTest:
			if (!((NullTest *) node)->argisrow)
				expr = scan_expr_of_args(rows, ((NullTest *) node)->nulltesttype == IS_NULL ?
										 SCAN_IS_NULL : SCAN_IS_NOT_NULL,
										 list_make1(((NullTest *) node)->arg));
			break;
		case T_CaseExpr:
			expr = case_expr(rows, (CaseExpr *) node);
			break;
		default:
			break;
	}
	if (expr == NULL)
	{
		expr = scan_expr_new(SCAN_EXECUTOR, 0);
		expr->state = ExecInitExpr(node, rows->plan);
		(void) need_looked_up((Node *) node, rows);
	}
	return expr;
}

/*
 * An expression over the columns of the scan, ready to be evaluated.  That its
 * functions may be called has been checked by the executor, which has the same
 * expression.
 */
ScanExpr *
scan_expr(ScanRows *rows, Expr *node)
{
	return expr_of_columns(rows, (Expr *) scan_rows_columns(rows, (Node *) node));
}

/*
 * The columns of an expression are needed early.
 */
void
scan_expr_need_early(const ScanExpr *expr, ScanRows *rows)
{
	int			i;

	if (expr->kind == SCAN_COLUMN)
		scan_rows_need(rows, expr->column, true);
	else if (expr->kind == SCAN_ANY_TEXT)
		scan_expr_need_early(expr->args[0], rows);
	else if (expr->args != NULL)
		for (i = 0; i < expr->n; i++)
			scan_expr_need_early(expr->args[i], rows);
}
