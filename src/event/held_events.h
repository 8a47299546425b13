/*-------------------------------------------------------------------------
 *
 * held_events.h
 *		A user's events, apart from one another by a value that they carry.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_HELD_EVENTS_H
#define JOURNEY_HELD_EVENTS_H

#include "event/event_order.h"

/* An event with its value. */
typedef struct HeldEvent
{
	const char *bytes;
	uint32		length;
	uint64		position;		/* among the user's events */
} HeldEvent;

typedef struct HeldEvents
{
	size_t		capacity;
	HeldEvent  *held;			/* those with a value, by it and position */
	HeldEvent  *scratch;		/* half as many */
	size_t		nheld;
	uint64	   *without;		/* the positions of those without one */
	size_t		nwithout;
	uint64	   *moments;		/* for each event the first of those that it
								 * is tied with; NULL where events of one time
								 * have no order at all */
	size_t		moments_capacity;
} HeldEvents;

extern void held_events_begin(HeldEvents *all, MemoryContext context, size_t n);
extern void held_events_sort(HeldEvents *all);
extern size_t held_events_end(const HeldEvents *all, size_t begin);
extern size_t held_events_near(const HeldEvents *all, const Event *events, int64 at, uint64 near);
extern void held_events_note_moments(HeldEvents *all, MemoryContext context, const Event *events, size_t n);
extern size_t held_events_copy(const HeldEvents *all, const Event *events, int nconditions, size_t begin,
							   size_t end, uint64 near, Event *copies);

/* Add the next event, whose value is NULL bytes if it has none. */
static inline void
held_events_add(HeldEvents *all, const char *bytes, uint32 length)
{
	const uint64 position = all->nheld + all->nwithout;

	if (bytes == NULL)
		all->without[all->nwithout++] = position;
	else
		all->held[all->nheld++] = (HeldEvent)
	{
		bytes, length, position
	};
}

#endif							/* JOURNEY_HELD_EVENTS_H */
