/*-------------------------------------------------------------------------
 *
 * rule_steps.c
 *		Stepsets of rules, which have many conditions, of which an event can
 *		only meet those that its name is in.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/args.h"

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

/*
 * steps_at(places stepset, condition, …): the conditions of a stepset at its
 * ones; all others are false.
 */
Datum
journey_steps_at(PG_FUNCTION_ARGS)
{
	uint64		left;
	uint64		places;
	uint64		step;
	int			i = 1;

	if (PG_ARGISNULL(0))
		arg_refuse_null("places");
	places = (uint64) PG_GETARG_INT64(0);
	/* places is a constant, but need not be */
	if (unlikely(fcinfo->flinfo->fn_extra == NULL ||
				 *(uint64 *) fcinfo->flinfo->fn_extra != places))
	{
		check_arguments(fcinfo, places);
		if (fcinfo->flinfo->fn_extra == NULL)
			fcinfo->flinfo->fn_extra = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(uint64));
		*(uint64 *) fcinfo->flinfo->fn_extra = places;
	}
	step = (uint64) stepset_size(places);
	for (left = stepset_conditions(places); left != 0; i++)
	{
		const int	place = stepset_lowest(left);

		left &= ~stepset_bit(place);
		if (!PG_ARGISNULL(i) && PG_GETARG_BOOL(i))
			step |= stepset_bit(place);
	}
	PG_RETURN_INT64((int64) step);
}
