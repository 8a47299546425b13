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
rows_widened(SCAN_FUNCTION_ARGS)
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
ScanFunction
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
