/*-------------------------------------------------------------------------
 *
 * interval.h
 *		The interval kernel: how long one user takes from one event to the
 *		next.
 *
 * An interval goes from a start, an event that meets condition 1, to the first
 * end after it, an event that meets condition 2.  With a single condition each
 * event that meets it ends one interval and starts another.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_INTERVAL_H
#define JOURNEY_INTERVAL_H

#include "event/event.h"

/* Which of several starts before one end count. */
typedef enum IntervalMode
{
	INTERVAL_EACH,				/* every one of them */
	INTERVAL_LATEST				/* only the latest */
} IntervalMode;

#define INTERVAL_NMODES 2

typedef struct IntervalSpec
{
	int64		within;			/* microseconds, 0 to DURATION_MAX: no longer
								 * ones */
	IntervalMode mode;
} IntervalSpec;

/* Where the search for a user's intervals is; it goes from the last event back. */
typedef struct IntervalScan
{
	const Event *events;
	size_t		left;			/* events not yet looked at */
	uint64		start;			/* the condition of a start */
	uint64		end;			/* and of an end */
	uint64		within;
	IntervalMode mode;
	bool		has_end;
	int64		end_at;			/* the first end among the events looked at */
} IntervalScan;

extern const char *const interval_mode_names[INTERVAL_NMODES];
extern bool interval_parse_mode(const char *text, size_t length, IntervalMode *mode);
extern void interval_begin(IntervalScan *scan, const Event *events, size_t n, int nsteps,
						   const IntervalSpec *spec);
extern bool interval_next(IntervalScan *scan, uint64 *duration);

#endif							/* JOURNEY_INTERVAL_H */
