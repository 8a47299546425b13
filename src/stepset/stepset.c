/*-------------------------------------------------------------------------
 *
 * stepset.c
 *		The type stepset: which of N conditions one event meets.
 *
 * Eight bytes by value; the layout is in event/event.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "event/event.h"
#include "libpq/pqformat.h"
#include "nodes/primnodes.h"
#include "scan/scan.h"
#include "stepset/stepset.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

JOURNEY_FUNCTION(journey_stepset_in);
JOURNEY_FUNCTION(journey_stepset_out);
JOURNEY_FUNCTION(journey_stepset_recv);
JOURNEY_FUNCTION(journey_stepset_send);
JOURNEY_FUNCTION(journey_stepset_cmp);
JOURNEY_FUNCTION(journey_stepset_hash);
JOURNEY_FUNCTION(journey_stepset_hash_extended);
JOURNEY_FUNCTION(journey_steps);
JOURNEY_FUNCTION(journey_step_of);
JOURNEY_FUNCTION(journey_planner_support);

#define STEPSET_HINT "Write one 0 or 1 for each of 1 to 58 conditions, for example '101'."

/*
 * stepset_in(cstring): '101' meets conditions 1 and 3 of 3.
 */
Datum
journey_stepset_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	size_t		n = strspn(text, "01");
	uint64		step = 0;
	size_t		i;

	if (text[n] != '\0' || n == 0)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"", "stepset", text),
				 errhint(STEPSET_HINT)));
	if (n > STEPSET_MAX)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a stepset of %zu conditions is too long: \"%s\"", n, text),
				 errhint(STEPSET_HINT)));
	for (i = 0; i < n; i++)
		if (text[i] == '1')
			step |= stepset_bit((int) i);
	PG_RETURN_INT64((int64) (step | n));
}

/*
 * stepset_out(stepset)
 */
Datum
journey_stepset_out(PG_FUNCTION_ARGS)
{
	uint64		step = (uint64) PG_GETARG_INT64(0);
	int			n = stepset_size(step);
	char	   *text = palloc(n + 1);
	int			i;

	for (i = 0; i < n; i++)
		text[i] = (step & stepset_bit(i)) != 0 ? '1' : '0';
	text[n] = '\0';
	PG_RETURN_CSTRING(text);
}

/*
 * stepset_recv(internal): eight bytes, highest first, as stepset_send()
 * writes them; invalid bytes are an error.
 */
Datum
journey_stepset_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	uint64		step = (uint64) pq_getmsgint64(message);

	if (!stepset_is_valid(step))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary value for type %s", "stepset"),
				 errhint("The lowest six bits hold the number of conditions, 1 to 58; condition 1 is the highest bit, and bits after the last condition are zero.")));
	PG_RETURN_INT64((int64) step);
}

/*
 * stepset_send(stepset)
 */
Datum
journey_stepset_send(PG_FUNCTION_ARGS)
{
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendint64(&message, (uint64) PG_GETARG_INT64(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * stepset = stepset and the other comparisons.  Stepsets are equal if they
 * meet the same conditions of the same number of conditions.  They are
 * ordered like their text forms, which is the numeric order of their bits.
 */
JOURNEY_FUNCTION_AS(journey_stepset_eq, BoolGetDatum((uint64) PG_GETARG_INT64(0) == (uint64) PG_GETARG_INT64(1)))
JOURNEY_FUNCTION_AS(journey_stepset_ne, BoolGetDatum((uint64) PG_GETARG_INT64(0) != (uint64) PG_GETARG_INT64(1)))
JOURNEY_FUNCTION_AS(journey_stepset_lt, BoolGetDatum((uint64) PG_GETARG_INT64(0) < (uint64) PG_GETARG_INT64(1)))
JOURNEY_FUNCTION_AS(journey_stepset_le, BoolGetDatum((uint64) PG_GETARG_INT64(0) <= (uint64) PG_GETARG_INT64(1)))
JOURNEY_FUNCTION_AS(journey_stepset_gt, BoolGetDatum((uint64) PG_GETARG_INT64(0) > (uint64) PG_GETARG_INT64(1)))
JOURNEY_FUNCTION_AS(journey_stepset_ge, BoolGetDatum((uint64) PG_GETARG_INT64(0) >= (uint64) PG_GETARG_INT64(1)))

Datum
journey_stepset_cmp(PG_FUNCTION_ARGS)
{
	uint64		a = (uint64) PG_GETARG_INT64(0);
	uint64		b = (uint64) PG_GETARG_INT64(1);

	PG_RETURN_INT32((a > b) - (a < b));
}

/*
 * Hash functions, so that stepsets can be grouped, deduplicated and hash-joined.
 */
Datum
journey_stepset_hash(PG_FUNCTION_ARGS)
{
	uint64		step = (uint64) PG_GETARG_INT64(0);

	return hash_uint32((uint32) (step >> 32) ^ (uint32) step);
}

Datum
journey_stepset_hash_extended(PG_FUNCTION_ARGS)
{
	uint64		step = (uint64) PG_GETARG_INT64(0);

	return hash_uint32_extended((uint32) (step >> 32) ^ (uint32) step,
								(uint64) PG_GETARG_INT64(1));
}

static void
stepset_refuse_count(const char *what, int n)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("%s must number 1 to %d, not %d", what, STEPSET_MAX, n)));
}

/* The stepset of the elements of a boolean array, a NULL element being false. */
static uint64
stepset_of_array(ArrayType *array)
{
	Datum	   *elements;
	bool	   *nulls;
	uint64		step = 0;
	int			n;
	int			i;

	if (ARR_ELEMTYPE(array) != BOOLOID && getBaseType(ARR_ELEMTYPE(array)) != BOOLOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the array given to steps() is of type %s, not boolean",
						format_type_be(ARR_ELEMTYPE(array))),
				 errhint("Write steps(VARIADIC conditions) with conditions of type boolean[].")));
	deconstruct_array(array, ARR_ELEMTYPE(array), 1, true, TYPALIGN_CHAR, &elements, &nulls, &n);
	if (n < 1 || n > STEPSET_MAX)
		stepset_refuse_count("the conditions of steps()", n);
	for (i = 0; i < n; i++)
		if (!nulls[i] && DatumGetBool(elements[i]))
			step |= stepset_bit(i);
	return step | (uint64) n;
}

/*
 * The first call of steps() in a query checks the number and the types of the
 * arguments.  An untyped NULL is a false condition.
 */
static void
stepset_check(FunctionCallInfo fcinfo)
{
	int			n = PG_NARGS();
	int			i;

	if (n > STEPSET_MAX)
		stepset_refuse_count("the conditions of steps()", n);
	for (i = 0; i < n; i++)
	{
		Oid			type = get_fn_expr_argtype(fcinfo->flinfo, i);

		if (type == UNKNOWNOID && PG_ARGISNULL(i))
			continue;
		if (type != BOOLOID && getBaseType(type) != BOOLOID)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("condition %d of steps() is of type %s, not boolean",
							i + 1, format_type_be(type)),
					 errhint("Write a condition such as event = 'login'.")));
	}
}

/* What the fn_extra of steps() points to once the arguments are checked. */
static char checked[] = "arguments checked";

/*
 * steps(c1, ..., cN): which of the conditions are true.
 */
Datum
journey_steps(PG_FUNCTION_ARGS)
{
	uint64		step = 0;
	int			n = PG_NARGS();
	int			i;

	if (unlikely(fcinfo->flinfo->fn_extra != checked))
	{
		if (get_fn_expr_variadic(fcinfo->flinfo))
		{
			if (PG_ARGISNULL(0))
				arg_refuse_null("conditions");
			PG_RETURN_INT64((int64) stepset_of_array(PG_GETARG_ARRAYTYPE_P(0)));
		}
		stepset_check(fcinfo);
		fcinfo->flinfo->fn_extra = checked;
	}
	for (i = 0; i < n; i++)
		if (!PG_ARGISNULL(i) && PG_GETARG_BOOL(i))
			step |= stepset_bit(i);
	PG_RETURN_INT64((int64) (step | (uint64) n));
}

/* Would stepset_check() pass a call? */
static bool
stepset_cannot_fail(FunctionCallInfo call)
{
	int			i;

	for (i = 0; i < call->nargs; i++)
	{
		Oid			type = get_fn_expr_argtype(call->flinfo, i);

		if (type != BOOLOID && getBaseType(type) != BOOLOID &&
			!(type == UNKNOWNOID && call->args[i].isnull))
			return false;
	}
	return call->nargs <= STEPSET_MAX;
}

/*
 * steps() for many rows.
 */
static void
stepset_of_rows(FunctionCallInfo call, const ScanVector *const *args, int n, ScanVector *result)
{
	const int	nsteps = call->nargs;
	int			step;
	int			i;

	for (i = 0; i < n; i++)
		result->values[i] = (Datum) nsteps;
	/* where a condition is NULL its value is 0 */
	for (step = 0; step < nsteps; step++)
		for (i = 0; i < n; i++)
			result->values[i] |= (uint64) DatumGetBool(args[step]->values[i]) << (63 - step);
}

const ScanRowsFunction steps_for_rows = {
	journey_steps, stepset_of_rows, stepset_cannot_fail, STEPSET_MAX, false
};

/*
 * The names of step_of().
 */
typedef struct StepNames
{
	ArrayType  *array;			/* a copy; what the table was made from */
	bool		constant;		/* a literal: no need to look whether it has
								 * changed */
	int			n;
	NameTable	table;
} StepNames;

/*
 * Is the array of names a literal?  A parameter does not count: PL/pgSQL
 * evaluates an expression repeatedly with other values of its variables, and
 * keeps what the function has cached.
 */
static bool
step_of_names_are_literal(FmgrInfo *flinfo)
{
	Node	   *call = flinfo->fn_expr;

	return call != NULL && IsA(call, FuncExpr) &&
		list_length(((FuncExpr *) call)->args) == 2 &&
		IsA(lsecond(((FuncExpr *) call)->args), Const);
}

/* Make the table of an array of names, in the memory of the call site. */
static StepNames *
step_of_names_read(FmgrInfo *flinfo, ArrayType *array)
{
	MemoryContext old = MemoryContextSwitchTo(flinfo->fn_mcxt);
	StepNames  *names = flinfo->fn_extra;
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int			i;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("names must be a one-dimensional array, not one of %d dimensions",
						ARR_NDIM(array)),
				 errhint("Write ARRAY['first event', 'second event'].")));
	n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (n < 1 || n > STEPSET_MAX)
		stepset_refuse_count("the names of step_of()", n);

	if (names != NULL)
		pfree(names->array);
	else
		names = flinfo->fn_extra = palloc(sizeof(StepNames));
	memset(names, 0, sizeof(StepNames));
	names->array = palloc(VARSIZE(array));
	memcpy(names->array, array, VARSIZE(array));
	names->constant = step_of_names_are_literal(flinfo);
	names->n = n;

	deconstruct_array(names->array, ARR_ELEMTYPE(names->array), -1, false, TYPALIGN_INT,
					  &elements, &nulls, &n);
	for (i = 0; i < n; i++)
	{
		const struct varlena *element;

		if (nulls[i])
			continue;			/* no event equals NULL */
		element = DatumGetTextPP(elements[i]);
		name_table_add(&names->table, VARDATA_ANY(element), (uint32) VARSIZE_ANY_EXHDR(element),
					   stepset_bit(i));
	}
	pfree(elements);
	pfree(nulls);
	MemoryContextSwitchTo(old);
	return names;
}

/* The names of a call, read anew if they have changed. */
static inline const StepNames *
step_of_names(FunctionCallInfo fcinfo)
{
	const StepNames *names = fcinfo->flinfo->fn_extra;

	if (names == NULL || !names->constant)
	{
		ArrayType  *array;

		ARG_NOT_NULL(1, "names");
		array = PG_GETARG_ARRAYTYPE_P(1);
		if (names == NULL || VARSIZE(array) != VARSIZE(names->array) ||
			memcmp(array, names->array, VARSIZE(array)) != 0)
			names = step_of_names_read(fcinfo->flinfo, array);
	}
	return names;
}

/*
 * step_of(event, names): condition i is met when event = names[i], byte for
 * byte.
 */
Datum
journey_step_of(PG_FUNCTION_ARGS)
{
	const StepNames *names = step_of_names(fcinfo);
	uint64		conditions = 0;

	if (!PG_ARGISNULL(0))
	{
		struct varlena *event = (struct varlena *) PG_GETARG_POINTER(0);

		if (likely(!VARATT_IS_EXTERNAL(event) && !VARATT_IS_COMPRESSED(event)))
			conditions = name_table_find(&names->table, VARDATA_ANY(event),
										 (uint32) VARSIZE_ANY_EXHDR(event));
		else
			conditions = name_table_find_stored(&names->table, event);
	}
	PG_RETURN_INT64((int64) (conditions | (uint64) names->n));
}

/* Would step_of_names_read() take the constant names of a call? */
static bool
step_of_cannot_fail(FunctionCallInfo call)
{
	ArrayType  *array;
	int			n;

	if (call->args[1].isnull)
		return false;
	array = DatumGetArrayTypeP(call->args[1].value);
	n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	return ARR_NDIM(array) <= 1 && n >= 1 && n <= STEPSET_MAX;
}

/*
 * step_of() for many rows.
 */
static void
step_of_rows(FunctionCallInfo call, const ScanVector *const *args, int n, ScanVector *result)
{
	const StepNames *names = step_of_names(call);
	const ScanVector *events = args[0];

	name_table_find_all(&names->table, events->values,
						events->has_nulls ? events->nulls : NULL, n, (uint64) names->n,
						result->values);
}

const ScanRowsFunction step_of_for_rows = {
	journey_step_of, step_of_rows, step_of_cannot_fail, 1, false
};

/*
 * planner_support: the planner asks it about calls of steps(), step_of() and
 * others, and about the transition functions of all aggregates.  It gives no
 * answer, but the call loads the library, so that the first query of a
 * session can be planned with the library's table scan.
 */
Datum
journey_planner_support(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	PG_RETURN_POINTER(NULL);
}
