/*-------------------------------------------------------------------------
 *
 * scan_expr_rows.c
 *		Evaluates an expression for all current rows, one node of the tree
 *		after the other.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "scan/scan_expr_node.h"
#include "utils/rel.h"

#include "compat.h"

/* The vector of an expression's values, which begins without NULLs. */
static ScanVector *
scan_begin_vector(ScanExpr *expr, ScanRows *rows)
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
	vector = scan_begin_vector(expr, rows);
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
	const Datum value = scan_param_value(expr, rows, &isnull);
	ScanVector *vector = &expr->vector;
	int			i;

	if (vector->values != NULL && vector->values[0] == value && vector->nulls[0] == isnull)
		return;
	vector = scan_begin_vector(expr, rows);
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
	some->ntable = of->ntable;
	some->nlooked_up = of->nlooked_up;
	some->columns = palloc0((of->ntable + of->nlooked_up) * sizeof(ScanColumn));
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
 * The values of an expression that is of_rows for the current rows, at least
 * one.  Where one is NULL, its Datum is 0.
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
	result = scan_begin_vector(expr, rows);
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
 * Select the current rows, at least one, that meet conditions that are
 * of_rows.  Returns their number.
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
