/*-------------------------------------------------------------------------
 *
 * retention_conditions.c
 *		retention: which conditions a user met, given the first.
 *
 * The state is a stepset by value, the union of the stepsets seen, so a group
 * costs no memory of its own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "catalog/pg_type.h"
#include "retention/retention.h"
#include "retention/retention_conditions.h"
#include "utils/array.h"

JOURNEY_FUNCTION(journey_retention_transition);
JOURNEY_FUNCTION(journey_retention_final);

const GroupingEvents retention_events = {
	.transition = journey_retention_transition,
	.step = 1,
	.is_union = true
};

/*
 * retention_transition(step, step): also combines two states.
 */
Datum
journey_retention_transition(PG_FUNCTION_ARGS)
{
	uint64		met = (uint64) PG_GETARG_INT64(0);
	uint64		step = (uint64) PG_GETARG_INT64(1);

	arg_check_size(stepset_size(met), step);
	PG_RETURN_INT64((int64) (met | step));
}

/*
 * retention_final(step): an array of as many booleans as there are conditions.
 */
Datum
journey_retention_final(PG_FUNCTION_ARGS)
{
	uint64		met = (uint64) PG_GETARG_INT64(0);
	int			n = stepset_size(met);
	uint64		retained = retention_conditions(met);
	Datum		elements[STEPSET_MAX];
	int			i;

	for (i = 0; i < n; i++)
		elements[i] = BoolGetDatum((retained & stepset_bit(i)) != 0);
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, n, BOOLOID, 1, true, TYPALIGN_CHAR));
}
