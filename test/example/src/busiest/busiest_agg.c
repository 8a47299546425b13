/*-------------------------------------------------------------------------
 *
 * busiest_agg.c
 *		busiest: the kernel as an aggregate over the rows of one user.
 *
 * The state is the user's events, and `within` beside them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "busiest/busiest.h"

JOURNEY_FUNCTION(journey_busiest_transition);
JOURNEY_FUNCTION(journey_busiest_final);

/* The conditions of each event: none are asked about. */
#define BUSIEST_STEPS 1

/*
 * busiest_transition(state, at, within): a row without a time is skipped.
 */
Datum
journey_busiest_transition(PG_FUNCTION_ARGS)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	EventBuffer *buffer = PG_ARGISNULL(0) ? NULL : (EventBuffer *) PG_GETARG_POINTER(0);
	int64		within;

	ARG_NOT_NULL(2, "within");
	within = arg_duration(PG_GETARG_INTERVAL_P(2), "within");
	if (buffer == NULL)
	{
		int64	   *kept = MemoryContextAlloc(context, sizeof(int64));

		*kept = within;
		buffer = event_buffer_new(context, kept, BUSIEST_STEPS);
	}
	else if (*(const int64 *) buffer->params != within)
		arg_refuse_changed("within", duration_text(*(const int64 *) buffer->params),
						   duration_text(within));
	if (!PG_ARGISNULL(1))
		buffer = event_buffer_add(buffer, arg_event_time(PG_GETARG_TIMESTAMPTZ(1)), BUSIEST_STEPS);
	PG_RETURN_POINTER(buffer);
}

/*
 * busiest_final(state)
 */
Datum
journey_busiest_final(PG_FUNCTION_ARGS)
{
	EventBuffer *buffer = PG_ARGISNULL(0) ? NULL : (EventBuffer *) PG_GETARG_POINTER(0);

	if (buffer == NULL)
		PG_RETURN_INT64(0);
	event_buffer_sort(buffer);
	PG_RETURN_INT64((int64) busiest_count(buffer->events, buffer->n,
										  (uint64) *(const int64 *) buffer->params));
}
