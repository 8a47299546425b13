/*-------------------------------------------------------------------------
 *
 * activity.h
 *		The activity kernel: the state of one user in each bucket of the
 *		calendar, from the user's active buckets.
 *
 * A user's buckets are numbers, each greater than the one before; the bucket
 * after number n is n + 1.  A scan goes through them once, from first to last.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ACTIVITY_H
#define JOURNEY_ACTIVITY_H

#include "base/base.h"

/* What a user is in a bucket. */
typedef enum LifecycleState
{
	LIFECYCLE_NEW,				/* active for the first time */
	LIFECYCLE_RETURNING,		/* active, as in the bucket before */
	LIFECYCLE_RESURRECTED,		/* active, but not in the bucket before */
	LIFECYCLE_DORMANT			/* not active, but in the bucket before */
} LifecycleState;

#define LIFECYCLE_NSTATES 4

typedef struct ActivityScan
{
	const int64 *buckets;
	size_t		n;
	size_t		next;			/* the first that has not been looked at */
} ActivityScan;

extern void activity_begin(ActivityScan *scan, const int64 *buckets, size_t n);
extern bool activity_next_state(ActivityScan *scan, int64 *bucket, LifecycleState *state,
								bool *dormant_after);
extern bool activity_next_span(ActivityScan *scan, int64 window, int64 *begin, int64 *end);
extern bool activity_next_run(ActivityScan *scan, int64 *bucket, uint64 *length);

#endif							/* JOURNEY_ACTIVITY_H */
