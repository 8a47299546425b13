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
} Sessions;

/*
 * The number of the session that the next event falls into.  A session ends
 * when more than `gap` microseconds pass without an event.  Events come in
 * time order.
 */
static inline int64
session_next(Sessions *sessions, int64 at, int64 gap)
{
	if (sessions->number == 0 ||
		time_between(sessions->last_at, at) > (uint64) gap)
		sessions->number++;
	sessions->last_at = at;
	return sessions->number;
}

#endif							/* JOURNEY_SESSION_H */
