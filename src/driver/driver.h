/*-------------------------------------------------------------------------
 *
 * driver.h
 *		The driver kernel: which events of one user may have led to the user's
 *		goal, or have not.
 *
 * The first entry of a user opens a window.  The goal is the first goal after it
 * in the event order, within the window.  Only what happened after the entry and
 * before the goal, or, without one, up to the end of the window, counts: so the
 * goal explains nothing itself.  A user whose window is not over at the end of
 * observation is left out, with a goal or without: to keep only those with a
 * goal would make goals look too frequent.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_DRIVER_H
#define JOURNEY_DRIVER_H

#include "event/event.h"

/* The conditions of an event; its node is its name if it is a factor. */
#define DRIVER_IS_ENTRY		(UINT64_C(1) << 63)
#define DRIVER_IS_GOAL		(UINT64_C(1) << 62)
#define DRIVER_IS_FACTOR	(UINT64_C(1) << 61)
#define DRIVER_NCONDITIONS	3

typedef struct DriverSpec
{
	int64		within;			/* microseconds, 0 to DURATION_MAX */
	int64		last;			/* the last time that is observed */
} DriverSpec;

typedef enum DriverOutcome
{
	DRIVER_NO_ENTRY,
	DRIVER_OPEN,				/* the window is not over */
	DRIVER_GOAL,
	DRIVER_NO_GOAL
} DriverOutcome;

/* The part of a user's events that counts. */
typedef struct DriverSpan
{
	DriverOutcome outcome;
	size_t		entry;			/* number of the entry */
	size_t		end;			/* of the goal, or of the first event after
								 * the window */
} DriverSpan;

extern DriverSpan driver_span(const Event *events, size_t n, const DriverSpec *spec);

#endif							/* JOURNEY_DRIVER_H */
