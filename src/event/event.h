/*-------------------------------------------------------------------------
 *
 * event.h
 *		One event of one user as every kernel sees it, and the order of events.
 *
 * An event is its time and its stepset: which of N conditions it meets.  In a
 * stepset condition 1 is the highest bit, condition 2 the next, and the lowest
 * six bits hold N.  So the event order (by time, then by the lowest condition
 * met, then by content) is: time ascending, stepset descending.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_EVENT_H
#define JOURNEY_EVENT_H

#include "base/codec.h"
#include "base/kernel.h"

/* The most conditions that one stepset holds. */
#define STEPSET_MAX 58

/* The longest duration that a kernel compares with, in microseconds. */
#define DURATION_MAX (INT64_C(1) << 62)

/* Times that PostgreSQL's finite timestamps lie in: 4714 BC to 294276 AD. */
#define EVENT_TIME_MIN INT64_C(-211813488000000000)
#define EVENT_TIME_END INT64_C(9223371331200000000)

typedef struct Event
{
	int64		at;				/* microseconds since 2000-01-01 00:00 UTC */
	uint64		step;			/* the stepset */
} Event;

/* N, the number of conditions of a stepset. */
static inline int
stepset_size(uint64 step)
{
	return (int) (step & 63);
}

/* The bits of the conditions met, without N. */
static inline uint64
stepset_conditions(uint64 step)
{
	return step & ~UINT64_C(63);
}

/* The bit of condition i, counted from 0. */
static inline uint64
stepset_bit(int i)
{
	return (UINT64_C(1) << 63) >> i;
}

/* The number, from 0, of the lowest condition in a non-empty set of bits. */
static inline int
stepset_lowest(uint64 conditions)
{
	return __builtin_clzll(conditions);
}

/* Could this be a stepset: N in range, and nothing set beyond condition N? */
static inline bool
stepset_is_valid(uint64 step)
{
	int			size = stepset_size(step);

	return size >= 1 && size <= STEPSET_MAX &&
		(stepset_conditions(step) << size) == 0;
}

/*
 * Where events have nodes (see population/population.h), the step of one is no
 * stepset: its highest bits are conditions, its lowest 32 a node, as its rank
 * among all nodes by the bytes of their names, from 0.  Ranks are kept so that
 * the event order is their order.
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
 * Where events have a seq and no node, the kernel is told which of them have
 * no order: the lowest six bits of a step, in place of N, are all set in an
 * event with the time and the seq of the one before it.
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

/* Does a come strictly before b in the event order? */
static inline bool
event_before(const Event *a, const Event *b)
{
	/* no branch on which comes first, which is hard to foretell */
	if (__builtin_expect(a->at == b->at, 0))
		return a->step > b->step;
	return a->at < b->at;
}

/*
 * What stands before the events of a serialised state: the room's parameters
 * as bytes, the number of conditions, and how many events follow.
 */
typedef struct EventsHeader
{
	const unsigned char *params;
	size_t		params_size;
	int			nsteps;
	uint64		n;
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

#endif							/* JOURNEY_EVENT_H */
