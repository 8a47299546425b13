/*-------------------------------------------------------------------------
 *
 * event_buffer.h
 *		The state of the aggregates over one user's events: the events.
 *
 * A query may hold millions of these at once, so each is a single flat chunk
 * in the aggregate's own context, small at first, doubling as it grows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_EVENT_BUFFER_H
#define JOURNEY_EVENT_BUFFER_H

#include "postgres.h"

#include "event/event_order.h"
#include "utils/array.h"

typedef struct EventBuffer
{
	const void *params;			/* the room's own, shared between users */
	uint64		n;				/* events in use */
	uint32		capacity_log2;	/* the chunk is 2^capacity_log2 bytes */
	uint8		nsteps;			/* conditions of every event */
	bool		sorted;			/* are the events in the event order? */
	Event		events[FLEXIBLE_ARRAY_MEMBER];
} EventBuffer;

extern EventBuffer *event_buffer_new(MemoryContext context, const void *params, int nsteps);
extern EventBuffer *event_buffer_grow(EventBuffer *buffer, uint64 n);
extern EventBuffer *event_buffer_combine(EventBuffer *left, const EventBuffer *right,
										 MemoryContext context, const void *params);
extern void event_buffer_sort(EventBuffer *buffer);
extern bytea *event_buffer_serialize(const EventBuffer *buffer, const void *params_bytes,
									 size_t params_size);
extern EventBuffer *event_buffer_deserialize(bytea *bytes, EventsHeader *header);
extern ArrayType *event_times_array(const int64 *times, int n);

/* How many events fit into the chunk. */
static inline uint64
event_buffer_capacity(const EventBuffer *buffer)
{
	return ((UINT64_C(1) << buffer->capacity_log2) - offsetof(EventBuffer, events)) / sizeof(Event);
}

/* Add one event; returns the buffer, which may have moved. */
static inline EventBuffer *
event_buffer_add(EventBuffer *buffer, int64 at, uint64 step)
{
	Event		event = {at, step};

	if (unlikely(buffer->n == event_buffer_capacity(buffer)))
		buffer = event_buffer_grow(buffer, buffer->n + 1);
	if (buffer->n > 0 && event_before(&event, &buffer->events[buffer->n - 1]))
		buffer->sorted = false;
	buffer->events[buffer->n++] = event;
	return buffer;
}

#endif							/* JOURNEY_EVENT_BUFFER_H */
