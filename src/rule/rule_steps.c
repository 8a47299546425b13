/*-------------------------------------------------------------------------
 *
 * rule_steps.c
 *		Stepsets of rules.  Rules have many conditions; an event can only meet
 *		those that contain its name.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "catalog/pg_type.h"
#include "event/event.h"
#include "rule/rule.h"
#include "scan/scan.h"

JOURNEY_FUNCTION(journey_first_step);
JOURNEY_FUNCTION(journey_steps_at);

/*
 * first_step(stepset): from 1; 0 if no condition is met.
 */
Datum
journey_first_step(PG_FUNCTION_ARGS)
{
	const uint64 conditions = stepset_conditions((uint64) PG_GETARG_INT64(0));

	PG_RETURN_INT32(conditions == 0 ? 0 : stepset_lowest(conditions) + 1);
}

/*
 * first_step() for many rows.
 */
static void
first_step_of_rows(FunctionCallInfo call, const ScanVector *const *args, int n, ScanVector *result)
{
	const Datum *steps = args[0]->values;
	int			i;

	(void) call;
	for (i = 0; i < n; i++)
	{
		const uint64 conditions = stepset_conditions((uint64) steps[i]);

		result->values[i] = Int32GetDatum(conditions == 0 ? 0 : stepset_lowest(conditions) + 1);
	}
	if (args[0]->has_nulls)
		for (i = 0; i < n; i++)
			if (args[0]->nulls[i])
				scan_vector_set_null(result, i);
}

const ScanRowsFunction first_step_for_rows = {journey_first_step, first_step_of_rows, NULL, 1, false};

/* What is given must be as many booleans as there are places. */
static void
check_arguments(FunctionCallInfo fcinfo, uint64 places)
{
	int			i;

	if (PG_NARGS() - 1 != __builtin_popcountll(stepset_conditions(places)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("steps_at has %d places, but %d conditions",
						__builtin_popcountll(stepset_conditions(places)), PG_NARGS() - 1)));
	for (i = 1; i < PG_NARGS(); i++)
		if (get_fn_expr_argtype(fcinfo->flinfo, i) != BOOLOID)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("condition %d of steps_at is not of type boolean", i)));
}

/* The places of a call, which are mostly constant. */
static uint64
places_of(FunctionCallInfo fcinfo)
{
	uint64		places;

	if (PG_ARGISNULL(0))
		arg_refuse_null("places");
	places = (uint64) PG_GETARG_INT64(0);
	if (unlikely(fcinfo->flinfo->fn_extra == NULL ||
				 *(uint64 *) fcinfo->flinfo->fn_extra != places))
	{
		check_arguments(fcinfo, places);
		if (fcinfo->flinfo->fn_extra == NULL)
			fcinfo->flinfo->fn_extra = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(uint64));
		*(uint64 *) fcinfo->flinfo->fn_extra = places;
	}
	return places;
}

/*
 * steps_at(places stepset, condition, …): the conditions of a stepset at its
 * ones; all others are false.
 */
Datum
journey_steps_at(PG_FUNCTION_ARGS)
{
	const uint64 places = places_of(fcinfo);
	uint64		step = (uint64) stepset_size(places);
	uint64		left;
	int			i = 1;

	for (left = stepset_conditions(places); left != 0; i++)
	{
		const int	place = stepset_lowest(left);

		left &= ~stepset_bit(place);
		if (!PG_ARGISNULL(i) && PG_GETARG_BOOL(i))
			step |= stepset_bit(place);
	}
	PG_RETURN_INT64((int64) step);
}

/* Would check_arguments() pass a call?  Places that vary are 0 here, as if of no condition. */
static bool
steps_at_cannot_fail(FunctionCallInfo call)
{
	int			i;

	if (call->args[0].isnull ||
		call->nargs - 1 != __builtin_popcountll(stepset_conditions((uint64) DatumGetInt64(call->args[0].value))))
		return false;
	for (i = 1; i < call->nargs; i++)
		if (get_fn_expr_argtype(call->flinfo, i) != BOOLOID)
			return false;
	return true;
}

/*
 * steps_at() for many rows.
 */
static void
steps_at_of_rows(FunctionCallInfo call, const ScanVector *const *args, int n, ScanVector *result)
{
	const uint64 places = places_of(call);
	uint64		left;
	int			arg = 1;
	int			i;

	for (i = 0; i < n; i++)
		result->values[i] = (Datum) stepset_size(places);
	/* where a condition is NULL its value is 0 */
	for (left = stepset_conditions(places); left != 0; arg++)
	{
		const int	place = stepset_lowest(left);

		left &= ~stepset_bit(place);
		for (i = 0; i < n; i++)
			if (DatumGetBool(args[arg]->values[i]))
				result->values[i] |= stepset_bit(place);
	}
}

const ScanRowsFunction steps_at_for_rows = {
	journey_steps_at, steps_at_of_rows, steps_at_cannot_fail, FUNC_MAX_ARGS, false
};
