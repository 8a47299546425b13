/*-------------------------------------------------------------------------
 *
 * session.h
 *		The session kernel: where a user's events fall into sessions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SESSION_H
#define JOURNEY_SESSION_H

#include "common/event.h"

typedef struct Sessions
{
	int64		number;			/* of the current session, from 1; 0 before the first */
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
 * Where the session ends that begins with event `begin`: the position after
 * its last event.  The events are in the event order; `cuts` says whether they
 * have conditions.
 */
static inline size_t
session_end(const Event *events, size_t begin, size_t n, int64 gap, bool cuts)
{
	size_t		i;

	for (i = begin + 1; i < n; i++)
	{
		if (time_between(events[i - 1].at, events[i].at) > (uint64) gap)
			break;
		if (cuts && ((events[i].step & SESSION_STARTS) != 0 ||
					 (events[i - 1].step & SESSION_GOES_ON) == 0))
			break;
		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}
	return i;
}

#endif							/* JOURNEY_SESSION_H */
