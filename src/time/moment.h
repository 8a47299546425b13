/*-------------------------------------------------------------------------
 *
 * moment.h
 *		Times and durations of kernels, in microseconds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_MOMENT_H
#define JOURNEY_MOMENT_H

#include "base/base.h"

/* The longest duration that a kernel compares with, in microseconds. */
#define DURATION_MAX (INT64_C(1) << 62)

/* Times that PostgreSQL's finite timestamps lie in: 4714 BC to 294276 AD. */
#define EVENT_TIME_MIN INT64_C(-211813488000000000)
#define EVENT_TIME_END INT64_C(9223371331200000000)

/* The time from one event to a later one, in microseconds, never overflowing. */
static inline uint64
time_between(int64 from, int64 to)
{
	return (uint64) to - (uint64) from;
}

/* Is this the time of a finite timestamp? */
static inline bool
event_time_is_valid(int64 at)
{
	return at >= EVENT_TIME_MIN && at < EVENT_TIME_END;
}

#endif							/* JOURNEY_MOMENT_H */
