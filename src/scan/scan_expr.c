/*-------------------------------------------------------------------------
 *
 * scan_expr.c
 *		Expressions over the columns of rows that a table scan has at hand.
 *
 * PostgreSQL runs a compiled program over each row.  Here the expressions that
 * aggregates over event logs consist of (columns, constants, functions of
 * those, AND, OR, NOT, IS NULL, IN lists, CASE of a number) are walked as a tree.  Anything else
 * is left to the executor, which is then given the row in its slot.
 *
 * Many of them can be evaluated for all rows of a page at once, one step of
 * the tree after the other: those that can neither fail nor have an effect, so
 * that nobody can tell in which order it was done, nor that it was done for
 * more rows than was needed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "executor/nodeSubplan.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "pgstat.h"
#include "scan/scan_expr.h"
#include "utils/array.h"
#include "utils/float.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "compat.h"

/* ---- functions for all rows at once -------------------------------------------- */

/* A function of two arguments, whose value for row i is given; NULL if one is. */
#define OF_TWO(name, value) \
static void \
name(FunctionCallInfo call, const ScanVector *const *args, int n, ScanVector *result) \
{ \
	const Datum *left = args[0]->values; \
	const Datum *right = args[1]->values; \
	int			i; \
\
	(void) call; \
	for (i = 0; i < n; i++) \
		result->values[i] = (value); \
	if (args[0]->has_nulls || args[1]->has_nulls) \
		for (i = 0; i < n; i++) \
			if (args[0]->nulls[i] || args[1]->nulls[i]) \
				scan_vector_set_null(result, i); \
}

#define COMPARISON(name, operator) \
	OF_TWO(name, (Datum) ((int64) left[i] operator (int64) right[i]))

COMPARISON(rows_equal, ==)
COMPARISON(rows_differ, !=)
COMPARISON(rows_less, <)
COMPARISON(rows_at_most, <=)
COMPARISON(rows_greater, >)
COMPARISON(rows_at_least, >=)

#define FLOAT_COMPARISON(name, compare) \
	OF_TWO(name, BoolGetDatum(compare(DatumGetFloat8(left[i]), DatumGetFloat8(right[i]))))

FLOAT_COMPARISON(floats_equal, float8_eq)
FLOAT_COMPARISON(floats_differ, float8_ne)
FLOAT_COMPARISON(floats_less, float8_lt)
FLOAT_COMPARISON(floats_at_most, float8_le)
FLOAT_COMPARISON(floats_greater, float8_gt)
FLOAT_COMPARISON(floats_at_least, float8_ge)

/* A whole number as a float. */
static void
rows_as_float(FunctionCallInfo call, const ScanVector *const *args, int n, ScanVector *result)
{
	int			i;

	(void) call;
	for (i = 0; i < n; i++)
		result->values[i] = Float8GetDatum((float8) (int64) args[0]->values[i]);
	if (args[0]->has_nulls)
		for (i = 0; i < n; i++)
			if (args[0]->nulls[i])
				scan_vector_set_null(result, i);
}

/* One whole number as another that is wider. */
static void
rows_widened(FunctionCallInfo call, const ScanVector *const *args, int n, ScanVector *result)
{
	int			i;

	(void) call;
	memcpy(result->values, args[0]->values, n * sizeof(Datum));
	if (args[0]->has_nulls)
		for (i = 0; i < n; i++)
			if (args[0]->nulls[i])
				scan_vector_set_null(result, i);
}

typedef struct KnownFunction
{
	Oid			oid;
	ScanFunction of_rows;
} KnownFunction;

#define COMPARISONS_OF(type) \
	{F_##type##EQ, rows_equal}, {F_##type##NE, rows_differ}, \
	{F_##type##LT, rows_less}, {F_##type##LE, rows_at_most}, \
	{F_##type##GT, rows_greater}, {F_##type##GE, rows_at_least}

/*
 * All values of these types but floats, as Datum, are integers with their sign
 * (see scan_datum()).  None of these functions can fail.
 */
static const KnownFunction known_functions[] = {
	COMPARISONS_OF(INT2), COMPARISONS_OF(INT24), COMPARISONS_OF(INT28),
	COMPARISONS_OF(INT4), COMPARISONS_OF(INT42), COMPARISONS_OF(INT48),
	COMPARISONS_OF(INT8), COMPARISONS_OF(INT82), COMPARISONS_OF(INT84),
	COMPARISONS_OF(DATE_), COMPARISONS_OF(TIMESTAMP_), COMPARISONS_OF(TIMESTAMPTZ_),
	{F_INT4_INT2, rows_widened}, {F_INT8_INT2, rows_widened}, {F_INT8_INT4, rows_widened},
	{F_FLOAT8_INT2, rows_as_float}, {F_FLOAT8_INT4, rows_as_float}, {F_FLOAT8_INT8, rows_as_float},
	{F_FLOAT8EQ, floats_equal}, {F_FLOAT8NE, floats_differ}, {F_FLOAT8LT, floats_less},
	{F_FLOAT8LE, floats_at_most}, {F_FLOAT8GT, floats_greater}, {F_FLOAT8GE, floats_at_least}
};

/* The extension's own, which their rooms register. */
#define MOST_REGISTERED 8

static struct
{
	PGFunction	function;
	ScanFunction of_rows;
	ScanCannotFail cannot_fail; /* NULL: never */
	int			nvarying;
	bool		lookup;			/* see scan_lookup_register() */
	bool		first_constant; /* must the first argument be one as well? */
}			registered[MOST_REGISTERED];

static int	nregistered = 0;

/*
 * Say how a function of the extension is evaluated for many rows at once, where
 * all its arguments after the first `nvarying` are constants and it cannot fail:
 * with cannot_fail = NULL it never does.
 */
void
scan_function_register(PGFunction function, ScanFunction of_rows, ScanCannotFail cannot_fail,
					   int nvarying)
{
	if (nregistered == MOST_REGISTERED)
		elog(ERROR, "too many functions of many rows");
	registered[nregistered].function = function;
	registered[nregistered].cannot_fail = cannot_fail;
	registered[nregistered].nvarying = nvarying;
	registered[nregistered].lookup = registered[nregistered].first_constant = false;
	registered[nregistered++].of_rows = of_rows;
}

/* Say the same of a function whose first argument must be a constant, too. */
void
scan_function_of_constant_register(PGFunction function, ScanFunction of_rows,
								   ScanCannotFail cannot_fail, int nvarying)
{
	scan_function_register(function, of_rows, cannot_fail, nvarying);
	registered[nregistered - 1].first_constant = true;
}

/*
 * Say the same of a function that looks up its second argument in its first,
 * which is large and does not vary.  As a condition it gains so much from many
 * rows at once that the scan is offered for its sake.
 */
void
scan_lookup_register(PGFunction function, ScanFunction of_rows)
{
	scan_function_register(function, of_rows, NULL, 2);
	registered[nregistered - 1].lookup = true;
}

/* Is an argument a column, as it is or as a wider number? */
static bool
is_column(Node *arg)
{
	if (IsA(arg, FuncExpr) && list_length(((FuncExpr *) arg)->args) == 1 &&
		(((FuncExpr *) arg)->funcid == F_INT8_INT4 || ((FuncExpr *) arg)->funcid == F_INT8_INT2))
		arg = linitial(((FuncExpr *) arg)->args);
	return IsA(arg, Var) && ((Var *) arg)->varattno > 0 && ((Var *) arg)->varlevelsup == 0;
}

static bool
lookup_walker(Node *node, void *schema)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) && list_length(((FuncExpr *) node)->args) == 2 &&
		is_column(lsecond(((FuncExpr *) node)->args)) &&
		get_func_namespace(((FuncExpr *) node)->funcid) == *(Oid *) schema)
	{
		FmgrInfo	flinfo;
		int			i;

		fmgr_info(((FuncExpr *) node)->funcid, &flinfo);
		for (i = 0; i < nregistered; i++)
			if (registered[i].function == flinfo.fn_addr && registered[i].lookup)
				return true;
	}
	return expression_tree_walker(node, lookup_walker, schema);
}

/* Does a condition look up a column by such a function? */
bool
scan_expr_looks_up(Node *condition)
{
	Oid			schema = get_namespace_oid("journey", true);

	return OidIsValid(schema) && lookup_walker(condition, &schema);
}

/* What evaluates a call for all rows at once, or NULL, as where it can fail. */
static ScanFunction
function_of_rows(const FmgrInfo *flinfo, const ScanExpr *call)
{
	const int	nvarying = call->nvarying == 0 ? 0 : call->varying[call->nvarying - 1] + 1;
	int			i;

	if (get_fn_expr_variadic(unconstify(FmgrInfo *, flinfo)))
		return NULL;
	for (i = 0; i < nregistered; i++)
		if (registered[i].function == flinfo->fn_addr && nvarying <= registered[i].nvarying &&
			!(registered[i].first_constant && call->args[0]->kind != SCAN_CONSTANT) &&
			!(registered[i].lookup && call->args[0]->kind != SCAN_CONSTANT &&
			  call->args[0]->kind != SCAN_PARAM) &&
			(registered[i].cannot_fail == NULL || registered[i].cannot_fail(call->call)))
			return registered[i].of_rows;
	for (i = 0; i < (int) lengthof(known_functions); i++)
		if (known_functions[i].oid == flinfo->fn_oid)
			return known_functions[i].of_rows;
	return NULL;
}

/* ---- reading expressions -------------------------------------------------------- */

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
args_expr(ScanRows *rows, ScanExprKind kind, List *args)
{
	ScanExpr   *expr = new_expr(kind, list_length(args));
	ListCell   *cell;

	expr->of_rows = true;
	foreach(cell, args)
	{
		ScanExpr   *arg = scan_expr(rows, lfirst(cell));

		expr->args[foreach_current_index(cell)] = arg;
		expr->of_rows &= arg->of_rows;
		expr->has_param |= arg->has_param;
	}
	/* a subquery must not run that AND or OR would not have come to */
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
	expr = args_expr(rows, SCAN_CALL, args);
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
	expr->function = function_of_rows(flinfo, expr);
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
	ScanExpr   *expr = new_expr(SCAN_ANY_TEXT, 1);
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
	return new_any_text(scan_expr(rows, linitial(any->args)), elements, nulls, n);
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
	expr = new_any_text(scan_expr(rows, (Expr *) left), &((Const *) right)->constvalue,
						&not_null, 1);
	if (equal->opfuncid == F_TEXTEQ)
		return expr;
	not = new_expr(SCAN_NOT, 1);
	not->args[0] = expr;
	not->of_rows = expr->of_rows;
	not->has_param = expr->has_param;
	return not;
}

/* CASE has one branch for each of at most so many numbers, from 0 on. */
#define CASE_NUMBERS 256

/* The number of WHEN number, or -1 if it is no such. */
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

/* CASE of a number, with a branch for each of some; else NULL. */
static ScanExpr *
case_expr(ScanRows *rows, CaseExpr *node)
{
	List	   *args = list_make1(node->arg);
	int			numbers[CASE_NUMBERS];
	ScanExpr   *expr;
	ListCell   *cell;
	int			n = 0;

	if (node->arg == NULL || node->defresult == NULL || list_length(node->args) >= CASE_NUMBERS)
		return NULL;
	foreach(cell, node->args)
	{
		numbers[n] = case_number(lfirst_node(CaseWhen, cell));
		if (numbers[n++] < 0)
			return NULL;
		args = lappend(args, lfirst_node(CaseWhen, cell)->result);
	}
	expr = args_expr(rows, SCAN_CASE, lappend(args, node->defresult));
	/* a subquery must not run in a branch that is not taken */
	expr->of_rows &= !expr->has_param;
	expr->branches = palloc(CASE_NUMBERS * sizeof(uint8));
	memset(expr->branches, 0, CASE_NUMBERS * sizeof(uint8));
	/* the first that holds is taken */
	while (--n >= 0)
		expr->branches[numbers[n]] = (uint8) (n + 1);
	return expr;
}

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

static ScanExpr *
column_expr(ScanRows *rows, AttrNumber number)
{
	ScanExpr   *expr = new_expr(SCAN_COLUMN, 0);

	expr->column = number - 1;
	expr->of_rows = true;
	scan_rows_need(rows, expr->column, false);
	return expr;
}

/*
 * An expression over the columns of the table, ready to be evaluated.  That
 * its functions may be called has been checked by the executor, which has the
 * same expression.
 */
ScanExpr *
scan_expr(ScanRows *rows, Expr *node)
{
	ScanExpr   *expr = NULL;

	check_stack_depth();
	switch (nodeTag(node))
	{
		case T_Var:
			if (((Var *) node)->varattno > 0)
				expr = column_expr(rows, ((Var *) node)->varattno);
			break;
		case T_Const:
			expr = new_expr(SCAN_CONSTANT, 0);
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
				expr = new_expr(SCAN_PARAM, 0);
				expr->param = ((Param *) node)->paramid;
				get_typlenbyval(((Param *) node)->paramtype, &expr->length, &expr->by_value);
				expr->of_rows = expr->has_param = true;
			}
			break;
		case T_RelabelType:
			expr = scan_expr(rows, ((RelabelType *) node)->arg);
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

				expr = args_expr(rows, of->boolop == AND_EXPR ? SCAN_AND :
								 of->boolop == OR_EXPR ? SCAN_OR : SCAN_NOT, of->args);
				break;
			}
		case T_NullTest:
			if (!((NullTest *) node)->argisrow)
				expr = args_expr(rows, ((NullTest *) node)->nulltesttype == IS_NULL ?
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
		expr = new_expr(SCAN_EXECUTOR, 0);
		expr->state = ExecInitExpr(node, rows->plan);
	}
	return expr;
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

/* ---- evaluating for one row ----------------------------------------------------- */

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
	call->isnull = false;
	value = FunctionCallInvoke(call);
	*isnull = call->isnull;
	return value;
}

/* The value of a parameter; a subquery that gives it runs when it is first asked. */
static Datum
param_value(const ScanExpr *expr, ScanRows *rows, bool *isnull)
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
			return param_value(expr, rows, isnull);
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
			return ExecEvalExpr(expr->state, rows->context, isnull);
	}
	pg_unreachable();
}

/* ---- evaluating for all rows ----------------------------------------------------- */

/* The vector of an expression's values, which begins without NULLs. */
static ScanVector *
begin_vector(ScanExpr *expr, ScanRows *rows)
{
	ScanVector *vector = &expr->vector;

	if (vector->values == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(rows->plan->state->es_query_cxt);

		scan_vector_new(vector);
		expr->vectors = palloc((expr->n + 1) * sizeof(ScanVector *));
		MemoryContextSwitchTo(old);
	}
	else
		scan_vector_clear(vector);
	return vector;
}

/* A constant is the same in as many rows as there may be. */
static void
constant_vector(ScanExpr *expr, ScanRows *rows)
{
	ScanVector *vector;
	int			i;

	if (expr->vector.values != NULL)
		return;
	vector = begin_vector(expr, rows);
	vector->constant = true;
	for (i = 0; i < SCAN_ROWS_MOST; i++)
	{
		vector->values[i] = expr->value;
		if (expr->isnull)
			scan_vector_set_null(vector, i);
	}
}

/* So is a parameter, until it is another. */
static void
param_vector(ScanExpr *expr, ScanRows *rows)
{
	bool		isnull;
	const Datum value = param_value(expr, rows, &isnull);
	ScanVector *vector = &expr->vector;
	int			i;

	if (vector->values != NULL && vector->values[0] == value && vector->nulls[0] == isnull)
		return;
	vector = begin_vector(expr, rows);
	for (i = 0; i < SCAN_ROWS_MOST; i++)
	{
		vector->values[i] = value;
		if (isnull)
			scan_vector_set_null(vector, i);
	}
}

static void
any_text_vector(const ScanExpr *expr, const ScanVector *texts, int n, ScanVector *result)
{
	int			i;

	name_table_find_all(expr->names, texts->values, texts->has_nulls ? texts->nulls : NULL, n,
						false, result->values);
	if (texts->has_nulls || expr->isnull)
		for (i = 0; i < n; i++)
			if (texts->nulls[i] || (expr->isnull && !DatumGetBool(result->values[i])))
				scan_vector_set_null(result, i);
}

/* See and_or_value(). */
static void
and_or_vector(ScanExpr *expr, ScanRows *rows, bool stop, ScanVector *result)
{
	const int	n = rows->n;
	int			arg;
	int			i;

	for (i = 0; i < n; i++)
		result->values[i] = BoolGetDatum(!stop);
	for (arg = 0; arg < expr->n; arg++)
	{
		const ScanVector *vector = scan_expr_vector(expr->args[arg], rows);
		const Datum *values = vector->values;

		/* a NULL does not stop, and its Datum is 0 */
		if (stop)
			for (i = 0; i < n; i++)
				result->values[i] |= DatumGetBool(values[i]);
		else if (!vector->has_nulls)
			for (i = 0; i < n; i++)
				result->values[i] &= DatumGetBool(values[i]);
		else
			for (i = 0; i < n; i++)
				result->values[i] &= DatumGetBool(values[i]) | vector->nulls[i];
		if (vector->has_nulls)
		{
			result->has_nulls = true;
			for (i = 0; i < n; i++)
				result->nulls[i] |= vector->nulls[i];
		}
	}
	if (!result->has_nulls)
		return;
	for (i = 0; i < n; i++)
	{
		if (DatumGetBool(result->values[i]) == stop)
			result->nulls[i] = false;
		else if (result->nulls[i])
			scan_vector_set_null(result, i);
	}
}

static void
not_vector(const ScanVector *of, int n, ScanVector *result)
{
	int			i;

	for (i = 0; i < n; i++)
		result->values[i] = BoolGetDatum(!DatumGetBool(of->values[i]));
	if (of->has_nulls)
		for (i = 0; i < n; i++)
			if (of->nulls[i])
				scan_vector_set_null(result, i);
}

/* Rows of which an expression may have some at hand, of the same table. */
static ScanRows *
some_rows_new(const ScanRows *of)
{
	MemoryContext old = MemoryContextSwitchTo(of->plan->state->es_query_cxt);
	ScanRows   *some = palloc0(sizeof(ScanRows));

	some->plan = of->plan;
	some->scan = of->scan;
	some->context = of->context;
	some->columns = palloc0(RelationGetDescr(of->scan->ss_currentRelation)->natts * sizeof(ScanColumn));
	some->current = some->in_slot = -1;
	MemoryContextSwitchTo(old);
	return some;
}

/* Have the columns of an expression of some of the rows, those that are kept, unless they are had. */
static void
some_columns(const ScanExpr *expr, const ScanRows *of, const uint16 *kept, ScanRows *some)
{
	const int	nargs = expr->kind == SCAN_ANY_TEXT ? 1 : expr->n;
	int			i;

	if (expr->kind == SCAN_COLUMN && !some->columns[expr->column].needed)
	{
		const ScanVector *from = &of->columns[expr->column].vector;
		ScanVector *to = &some->columns[expr->column].vector;

		if (to->values == NULL)
		{
			MemoryContext old = MemoryContextSwitchTo(of->plan->state->es_query_cxt);

			scan_vector_new(to);
			MemoryContextSwitchTo(old);
		}
		scan_vector_clear(to);
		for (i = 0; i < some->n; i++)
			to->values[i] = from->values[kept[i]];
		if (from->has_nulls)
			for (i = 0; i < some->n; i++)
				if (from->nulls[kept[i]])
					scan_vector_set_null(to, i);
		some->columns[expr->column].needed = true;
		some->ncolumns = Max(some->ncolumns, expr->column + 1);
	}
	if (expr->args != NULL)
		for (i = 0; i < nargs; i++)
			some_columns(expr->args[i], of, kept, some);
}

/* The branch of CASE that so many of the rows take, those that are kept. */
static void
branch_vector(ScanExpr *expr, ScanExpr *branch, ScanRows *rows, const uint16 *kept, int n,
			  ScanVector *result)
{
	const ScanVector *values;
	int			i;

	if (expr->some == NULL)
		expr->some = some_rows_new(rows);
	for (i = 0; i < expr->some->ncolumns; i++)
		expr->some->columns[i].needed = false;
	expr->some->n = n;
	some_columns(branch, rows, kept, expr->some);
	values = scan_expr_vector(branch, expr->some);
	for (i = 0; i < n; i++)
		result->values[kept[i]] = values->values[i];
	if (values->has_nulls)
		for (i = 0; i < n; i++)
			if (values->nulls[i])
				scan_vector_set_null(result, kept[i]);
}

/* Each branch is evaluated for all rows that take it. */
static void
case_vector(ScanExpr *expr, ScanRows *rows, ScanVector *result)
{
	const ScanVector *of = scan_expr_vector(expr->args[0], rows);
	uint16		places[CASE_NUMBERS + 2];	/* of the rows of a branch, in
											 * what follows */
	uint16		kept[SCAN_ROWS_MOST];
	uint16		branches[SCAN_ROWS_MOST];
	bool		varying = false;
	int			i;

	Assert(expr->n < (int) lengthof(places));
	memset(places, 0, (expr->n + 1) * sizeof(uint16));
	for (i = 0; i < rows->n; i++)
	{
		const int	number = case_branch(expr, of->values[i], of->nulls[i]);
		const ScanExpr *branch = expr->args[number];

		branches[i] = (uint16) number;
		places[number + 1]++;
		if (branch->kind == SCAN_CONSTANT)
		{
			result->values[i] = branch->value;
			if (branch->isnull)
				scan_vector_set_null(result, i);
		}
		else
			varying = true;
	}
	if (!varying)
		return;
	for (i = 1; i < expr->n; i++)
		places[i + 1] += places[i];
	for (i = 0; i < rows->n; i++)
		kept[places[branches[i]]++] = (uint16) i;
	/* now a branch's rows end where those of the next one began */
	for (i = 1; i < expr->n; i++)
		if (expr->args[i]->kind != SCAN_CONSTANT && places[i] > places[i - 1])
			branch_vector(expr, expr->args[i], rows, &kept[places[i - 1]],
						  places[i] - places[i - 1], result);
}

/*
 * The values of an expression that is of_rows for the rows at hand, of which
 * there is at least one.  Where one is NULL, its Datum is 0.
 */
const ScanVector *
scan_expr_vector(ScanExpr *expr, ScanRows *rows)
{
	ScanVector *result;
	int			i;

	if (expr->kind == SCAN_COLUMN)
		return &rows->columns[expr->column].vector;
	if (expr->kind == SCAN_CONSTANT)
	{
		constant_vector(expr, rows);
		return &expr->vector;
	}
	if (expr->kind == SCAN_PARAM)
	{
		param_vector(expr, rows);
		return &expr->vector;
	}
	result = begin_vector(expr, rows);
	switch (expr->kind)
	{
		case SCAN_CALL:
			for (i = 0; i < expr->n; i++)
				expr->vectors[i] = scan_expr_vector(expr->args[i], rows);
			expr->function(expr->call, expr->vectors, rows->n, result);
			break;
		case SCAN_ANY_TEXT:
			any_text_vector(expr, scan_expr_vector(expr->args[0], rows), rows->n, result);
			break;
		case SCAN_AND:
			and_or_vector(expr, rows, false, result);
			break;
		case SCAN_OR:
			and_or_vector(expr, rows, true, result);
			break;
		case SCAN_NOT:
			not_vector(scan_expr_vector(expr->args[0], rows), rows->n, result);
			break;
		case SCAN_CASE:
			case_vector(expr, rows, result);
			break;
		case SCAN_IS_NULL:
		case SCAN_IS_NOT_NULL:
			{
				const ScanVector *of = scan_expr_vector(expr->args[0], rows);

				for (i = 0; i < rows->n; i++)
					result->values[i] = BoolGetDatum(of->nulls[i] == (expr->kind == SCAN_IS_NULL));
				break;
			}
		default:
			elog(ERROR, "this expression is evaluated row by row");
	}
	return result;
}

/*
 * Which of the rows at hand, of which there is at least one, meet conditions
 * that are of_rows?  Gives back how many.
 */
int
scan_expr_filter(ScanExpr **conditions, int n, ScanRows *rows, uint16 *kept)
{
	int			nkept = rows->n;
	int			i;
	int			k;

	for (k = 0; k < nkept; k++)
		kept[k] = (uint16) k;
	for (i = 0; i < n && nkept > 0; i++)
	{
		const Datum *values = scan_expr_vector(conditions[i], rows)->values;
		int			left = 0;

		for (k = 0; k < nkept; k++)
		{
			kept[left] = kept[k];
			left += DatumGetBool(values[kept[k]]);
		}
		nkept = left;
	}
	return nkept;
}
