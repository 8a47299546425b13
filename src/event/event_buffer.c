/*-------------------------------------------------------------------------
 *
 * event_buffer.c
 *		The state of the aggregates over one user's events: the events.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "event/event.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* The first chunk, 2^6 = 64 bytes, holds two events. */
#define FIRST_CAPACITY_LOG2 6

/* An empty buffer in `context`. */
EventBuffer *
event_buffer_new(MemoryContext context, const void *params, int nsteps)
{
	EventBuffer *buffer = MemoryContextAlloc(context, (Size) 1 << FIRST_CAPACITY_LOG2);

	buffer->params = params;
	buffer->n = 0;
	buffer->capacity_log2 = FIRST_CAPACITY_LOG2;
	buffer->nsteps = (uint8) nsteps;
	buffer->sorted = true;
	return buffer;
}

/* Make room for n events; returns the buffer, which may have moved. */
EventBuffer *
event_buffer_grow(EventBuffer *buffer, uint64 n)
{
	uint32		capacity_log2 = buffer->capacity_log2;

	while (event_buffer_capacity(buffer) < n)
		buffer->capacity_log2++;
	if (buffer->capacity_log2 != capacity_log2)
		buffer = repalloc_huge(buffer, (Size) 1 << buffer->capacity_log2);
	return buffer;
}

/*
 * Put the events of two buffers into one in `context`.  The right one, which
 * may live in a shorter context, stays as it is; so `params` comes along.
 */
EventBuffer *
event_buffer_combine(EventBuffer *left, const EventBuffer *right,
					 MemoryContext context, const void *params)
{
	if (left == NULL)
		left = event_buffer_new(context, params, right->nsteps);
	if (right->n == 0)
		return left;
	left = event_buffer_grow(left, left->n + right->n);
	left->sorted = left->sorted && right->sorted &&
		(left->n == 0 || !event_before(&right->events[0], &left->events[left->n - 1]));
	memcpy(&left->events[left->n], right->events, right->n * sizeof(Event));
	left->n += right->n;
	return left;
}

/* Put the events into the event order, in place. */
void
event_buffer_sort(EventBuffer *buffer)
{
	Event	   *scratch;

	if (buffer->sorted)
		return;
	scratch = MemoryContextAllocHuge(CurrentMemoryContext,
									 events_sort_scratch(buffer->n) * sizeof(Event));
	events_sort(buffer->events, buffer->n, scratch);
	pfree(scratch);
	buffer->sorted = true;
}

/* Times of events as a timestamptz[]; PG_INT64_MIN, which is no event's, is NULL. */
ArrayType *
event_times_array(const int64 *times, int n)
{
	Datum	   *elements = palloc(n * sizeof(Datum));
	bool	   *nulls = palloc(n * sizeof(bool));
	ArrayType  *array;
	int			lower = 1;
	int			i;

	for (i = 0; i < n; i++)
	{
		elements[i] = TimestampTzGetDatum(times[i]);
		nulls[i] = times[i] == PG_INT64_MIN;
	}
	array = construct_md_array(elements, nulls, 1, &n, &lower, TIMESTAMPTZOID, sizeof(TimestampTz),
							   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
	pfree(elements);
	pfree(nulls);
	return array;
}

/* A buffer as bytes, with its parameters as the room has encoded them. */
bytea *
event_buffer_serialize(const EventBuffer *buffer, const void *params_bytes,
					   size_t params_size)
{
	EventsHeader header = {params_bytes, params_size, buffer->nsteps, buffer->n, false};
	bytea	   *bytes;
	ByteWriter	out;

	bytes = serialized_alloc(events_header_size(&header) +
							 events_encoded_size(buffer->events, buffer->n));
	out.at = (unsigned char *) VARDATA(bytes);
	events_write_header(&header, &out);
	events_encode(buffer->events, buffer->n, &out);
	Assert(out.at == (unsigned char *) bytes + VARSIZE(bytes));
	return bytes;
}

/*
 * The deserialized buffer, in the current context.  It has no parameters; the
 * header points to them.  Invalid bytes are an error.
 */
EventBuffer *
event_buffer_deserialize(bytea *bytes, EventsHeader *header)
{
	ByteReader	in = {(unsigned char *) VARDATA_ANY(bytes),
	(unsigned char *) VARDATA_ANY(bytes) + VARSIZE_ANY_EXHDR(bytes), false};
	EventBuffer *buffer;
	uint64		i;

	if (!events_read_header(&in, header))
		serialized_refuse();
	buffer = event_buffer_grow(event_buffer_new(CurrentMemoryContext, NULL, header->nsteps),
							   header->n);
	if (!events_decode(&in, header->nsteps, buffer->events, header->n) ||
		bytes_left(&in) != 0)
		serialized_refuse();
	buffer->n = header->n;
	for (i = 1; i < buffer->n && buffer->sorted; i++)
		buffer->sorted = !event_before(&buffer->events[i], &buffer->events[i - 1]);
	return buffer;
}
