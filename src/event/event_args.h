/*-------------------------------------------------------------------------
 *
 * event_args.h
 *		Checking the times and stepsets of events, with errors that name them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_EVENT_ARGS_H
#define JOURNEY_EVENT_ARGS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "event/stepset_bits.h"

extern void arg_refuse_infinite(TimestampTz at);
extern void arg_refuse_size(int expected, uint64 step);

/* Times are checked on every row, so the common case is inline. */
static inline int64
arg_event_time(TimestampTz at)
{
	if (TIMESTAMP_NOT_FINITE(at))
		arg_refuse_infinite(at);
	return at;
}

/* All stepsets of one aggregate hold the same number of conditions. */
static inline void
arg_check_size(int expected, uint64 step)
{
	if (stepset_size(step) != expected)
		arg_refuse_size(expected, step);
}

#endif							/* JOURNEY_EVENT_ARGS_H */
