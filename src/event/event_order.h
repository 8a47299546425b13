/*-------------------------------------------------------------------------
 *
 * event_order.h
 *		One event of one user as every kernel sees it, and the order of events.
 *
 * An event is its time and its stepset: which of N conditions it meets.  In a
 * stepset condition 1 is the highest bit, condition 2 the next, and the lowest
 * six bits hold N.  So the event order (by time, then by the lowest condition
 * met, then by content) is: time ascending, stepset descending.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_EVENT_ORDER_H
#define JOURNEY_EVENT_ORDER_H

#include "base/base.h"
#include "event/stepset_bits.h"
#include "time/time.h"

typedef struct Event
{
	int64		at;				/* microseconds since 2000-01-01 00:00 UTC */
	uint64		step;			/* the stepset */
} Event;

/*
 * Where events have nodes (see population/population.h), the step of an event
 * is not a stepset: its highest bits are conditions, its lowest 32 bits the
 * rank of the node, from 0, among all nodes in byte order of their names.  So
 * the event order is the order of ranks.
 */
#define NODE_NONE UINT32_MAX	/* no node's rank */

static inline uint32
event_node(const Event *event)
{
	return ~(uint32) event->step;
}

static inline void
event_set_node(Event *event, uint32 node)
{
	event->step = (event->step & ~(uint64) UINT32_MAX) | (uint32) ~node;
}

/* The conditions of an event with a node: condition 1 is the highest bit. */
static inline uint64
event_conditions(const Event *event)
{
	return event->step & ~(uint64) UINT32_MAX;
}

/*
 * If events have a seq and no node, the step marks events without an order:
 * its lowest six bits, in place of N, are all set if the event has the same
 * time and seq as the one before it.
 */
#define EVENT_TIED 63

static inline bool
event_is_tied(const Event *event)
{
	return (event->step & EVENT_TIED) == EVENT_TIED;
}

static inline void
event_set_tied(Event *event, int nsteps, bool tied)
{
	event->step = (event->step & ~(uint64) EVENT_TIED) | (tied ? EVENT_TIED : (uint64) nsteps);
}

/* Does a come strictly before b in the event order? */
static inline bool
event_before(const Event *a, const Event *b)
{
	/* no branch on which comes first, as it is unpredictable */
	if (__builtin_expect(a->at == b->at, 0))
		return a->step > b->step;
	return a->at < b->at;
}

/*
 * What stands before the events of a serialized state: the room's parameters
 * as bytes, the number of conditions, and how many events follow.
 */
typedef struct EventsHeader
{
	const unsigned char *params;
	size_t		params_size;
	int			nsteps;
	uint64		n;
	bool		nameless;		/* may an event have a node without a name? */
} EventsHeader;

extern size_t events_header_size(const EventsHeader *header);
extern void events_write_header(const EventsHeader *header, ByteWriter *out);
extern bool events_read_header(ByteReader *in, EventsHeader *header);
extern void events_sort(Event *events, size_t n, Event *scratch);
extern size_t events_encoded_size(const Event *events, size_t n);
extern void events_encode(const Event *events, size_t n, ByteWriter *out);
extern bool events_decode(ByteReader *in, int nsteps, Event *events, size_t n);

/* How many events the scratch space of events_sort must hold. */
static inline size_t
events_sort_scratch(size_t n)
{
	return n / 2 + 1;
}

#endif							/* JOURNEY_EVENT_ORDER_H */
