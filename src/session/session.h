/*-------------------------------------------------------------------------
 *
 * session.h
 *		The session kernel: dividing a user's events into sessions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SESSION_H
#define JOURNEY_SESSION_H

#include "event/event.h"

typedef struct Sessions
{
	int64		number;			/* of the current session, from 1; 0 before
								 * the first */
	int64		last_at;		/* time of the latest event */
	bool		ended;			/* did that one end its session? */
} Sessions;

/*
 * The number of the session that the next event falls into.  A session ends
 * when more than `gap` microseconds pass without an event, before an event
 * that starts one, and after an event that ends one.  Events come in time
 * order.
 */
static inline int64
session_next(Sessions *sessions, int64 at, int64 gap, bool starts, bool ends)
{
	if (sessions->number == 0 || starts || sessions->ended ||
		time_between(sessions->last_at, at) > (uint64) gap)
		sessions->number++;
	sessions->last_at = at;
	sessions->ended = ends;
	return sessions->number;
}

/*
 * The conditions of an event that may cut a session.  The second is of events
 * that do not end one, so that in the event order, where what meets the lower
 * condition comes first, at one time starts come first and ends last.
 */
#define SESSION_STARTS	(UINT64_C(1) << 63)
#define SESSION_GOES_ON	(UINT64_C(1) << 62)
#define SESSION_NCONDITIONS 2

/*
 * Does a session end between an event and the next one of the user?  Events
 * come in the event order; `cuts` says whether they have conditions.
 */
static inline bool
session_ends_between(const Event *event, const Event *next, int64 gap, bool cuts)
{
	bool		ends = time_between(event->at, next->at) > (uint64) gap;

	if (cuts)
		ends |= ((next->step & SESSION_STARTS) != 0) | ((event->step & SESSION_GOES_ON) == 0);
	return ends;
}

#endif							/* JOURNEY_SESSION_H */
