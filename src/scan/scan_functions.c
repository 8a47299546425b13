/*-------------------------------------------------------------------------
 *
 * scan_functions.c
 *		Functions that are evaluated for all rows at once.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "nodes/nodeFuncs.h"
#include "scan/scan_expr_node.h"
#include "utils/float.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "compat.h"

/* Where one of two arguments is NULL, so is the result. */
static inline void
null_where_one_is(const ScanVector *const *args, int n, ScanVector *result)
{
	int			i;

	if (args[0]->has_nulls || args[1]->has_nulls)
		for (i = 0; i < n; i++)
			if (args[0]->nulls[i] || args[1]->nulls[i])
				scan_vector_set_null(result, i);
}

/* The arguments of a function of many rows. */
#define SCAN_FUNCTION_ARGS \
	FunctionCallInfo call, const ScanVector *const *args, int n, ScanVector *result

/* The body of one of two arguments, whose value for row i is given. */
#define RETURN_OF_TWO(value) \
	do { \
		const Datum *left = args[0]->values; \
		const Datum *right = args[1]->values; \
		int			i; \
\
		(void) call; \
		for (i = 0; i < n; i++) \
			result->values[i] = (value); \
		null_where_one_is(args, n, result); \
	} while (0)

#define COMPARE(operator) RETURN_OF_TWO((Datum) ((int64) left[i] operator (int64) right[i]))

static void
rows_equal(SCAN_FUNCTION_ARGS)
{
	COMPARE(==);
}

static void
rows_differ(SCAN_FUNCTION_ARGS)
{
	COMPARE(!=);
}

static void
rows_less(SCAN_FUNCTION_ARGS)
{
	COMPARE(<);
}

static void
rows_at_most(SCAN_FUNCTION_ARGS)
{
	COMPARE(<=);
}

static void
rows_greater(SCAN_FUNCTION_ARGS)
{
	COMPARE(>);
}

static void
rows_at_least(SCAN_FUNCTION_ARGS)
{
	COMPARE(>=);
}

#define COMPARE_FLOATS(compare) \
	RETURN_OF_TWO(BoolGetDatum(compare(DatumGetFloat8(left[i]), DatumGetFloat8(right[i]))))

static void
floats_equal(SCAN_FUNCTION_ARGS)
{
	COMPARE_FLOATS(float8_eq);
}

static void
floats_differ(SCAN_FUNCTION_ARGS)
{
	COMPARE_FLOATS(float8_ne);
}

static void
floats_less(SCAN_FUNCTION_ARGS)
{
	COMPARE_FLOATS(float8_lt);
}

static void
floats_at_most(SCAN_FUNCTION_ARGS)
{
	COMPARE_FLOATS(float8_le);
}

static void
floats_greater(SCAN_FUNCTION_ARGS)
{
	COMPARE_FLOATS(float8_gt);
}

static void
floats_at_least(SCAN_FUNCTION_ARGS)
{
	COMPARE_FLOATS(float8_ge);
}

/* A whole number as a float. */
static void
rows_as_float(SCAN_FUNCTION_ARGS)
{
	const ScanVector *const both[] = {args[0], args[0]};
	int			i;

	(void) call;
	for (i = 0; i < n; i++)
		result->values[i] = Float8GetDatum((float8) (int64) args[0]->values[i]);
	null_where_one_is(both, n, result);
}

/* One whole number as another that is wider. */
static void
rows_widened(SCAN_FUNCTION_ARGS)
{
	const ScanVector *const both[] = {args[0], args[0]};

	(void) call;
	memcpy(result->values, args[0]->values, n * sizeof(Datum));
	null_where_one_is(both, n, result);
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

/* The extension's own. */
static const ScanRowsFunction *const *own_functions;
static int	nown_functions;

void
scan_functions_init(const ScanRowsFunction *const *functions, int n)
{
	own_functions = functions;
	nown_functions = n;
}

/* The form for many rows of a function of the extension, or NULL. */
static const ScanRowsFunction *
find_own_function(PGFunction function)
{
	int			i;

	for (i = 0; i < nown_functions; i++)
		if (own_functions[i]->function == function)
			return own_functions[i];
	return NULL;
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
		const ScanRowsFunction *own;

		fmgr_info(((FuncExpr *) node)->funcid, &flinfo);
		own = find_own_function(flinfo.fn_addr);
		if (own != NULL && own->looks_up)
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

/* May a function of the extension be evaluated for all rows of this call? */
static bool
own_function_fits(const ScanRowsFunction *own, const ScanExpr *call)
{
	const int	nvarying = call->nvarying == 0 ? 0 : call->varying[call->nvarying - 1] + 1;

	if (nvarying > own->nvarying)
		return false;
	if (own->looks_up && call->args[0]->kind != SCAN_CONSTANT && call->args[0]->kind != SCAN_PARAM)
		return false;
	return own->cannot_fail == NULL || own->cannot_fail(call->call);
}

/*
 * Is a function costly, and constant between two times for which it gives the same,
 * its other arguments being constants, as long as local time does not go back?
 * Gives back which argument is the time, or -1.
 */
int
scan_function_span_arg(Oid function)
{
	switch (function)
	{
		case F_DATE_TRUNC_TEXT_TIMESTAMPTZ:
		case F_DATE_TRUNC_TEXT_TIMESTAMPTZ_TEXT:
		case F_DATE_TRUNC_TEXT_TIMESTAMP:
			return 1;
		case F_DATE_TIMESTAMPTZ:
			return 0;
		default:
			return -1;
	}
}

/* The local time that such a call is about. */
int64
scan_function_local_time(FunctionCallInfo call, int64 at)
{
	switch (call->flinfo->fn_oid)
	{
		case F_DATE_TRUNC_TEXT_TIMESTAMP:
			return at;
		case F_DATE_TRUNC_TEXT_TIMESTAMPTZ_TEXT:
			return DatumGetTimestamp(DirectFunctionCall2(timestamptz_zone, call->args[2].value,
														 TimestampTzGetDatum(at)));
		default:
			return DatumGetTimestamp(DirectFunctionCall1(timestamptz_timestamp,
														 TimestampTzGetDatum(at)));
	}
}

/* What evaluates a call for all rows at once, or NULL, as where it can fail. */
ScanFunction
scan_function_of_rows(const FmgrInfo *flinfo, const ScanExpr *call)
{
	const ScanRowsFunction *own = find_own_function(flinfo->fn_addr);
	int			i;

	if (get_fn_expr_variadic(unconstify(FmgrInfo *, flinfo)))
		return NULL;
	if (own != NULL)
		return own_function_fits(own, call) ? own->of_rows : NULL;
	for (i = 0; i < (int) lengthof(known_functions); i++)
		if (known_functions[i].oid == flinfo->fn_oid)
			return known_functions[i].of_rows;
	return NULL;
}
