/*-------------------------------------------------------------------------
 *
 * event.c
 *		Sorting a user's events, and their serialized form.
 *
 * Encoding of n events: for each event, the zigzag-encoded difference of its
 * time to the event before (for the first: to 0), then its conditions, with
 * condition N in the lowest bit.  An event of a daily user with up to seven
 * conditions takes about seven bytes instead of sixteen.
 *
 *-------------------------------------------------------------------------
 */
#include "event/event.h"

#define MERGE_SORT_NAME sort_events
#define MERGE_SORT_TYPE Event
#define MERGE_SORT_BEFORE(a, b, arg) event_before(a, b)
#include "base/merge_sort.h"

/* Put events into the event order; scratch holds events_sort_scratch(n). */
void
events_sort(Event *events, size_t n, Event *scratch)
{
	sort_events(events, n, scratch, NULL);
}

/* The first number of every serialized state, raised when the format changes. */
#define EVENTS_FORMAT 1

size_t
events_header_size(const EventsHeader *header)
{
	return number_size(EVENTS_FORMAT) +
		number_size(header->params_size) + header->params_size +
		number_size((uint64) header->nsteps) + number_size(header->n);
}

void
events_write_header(const EventsHeader *header, ByteWriter *out)
{
	write_number(out, EVENTS_FORMAT);
	write_number(out, header->params_size);
	write_bytes(out, header->params, header->params_size);
	write_number(out, (uint64) header->nsteps);
	write_number(out, header->n);
}

/*
 * Read a header.  The count of events is believed only as far as the bytes
 * that follow could hold them, at two bytes or more an event, so the caller
 * may make room for that many.
 */
bool
events_read_header(ByteReader *in, EventsHeader *header)
{
	uint64		nsteps;

	if (read_number(in) != EVENTS_FORMAT)
		in->failed = true;
	header->params_size = read_number(in);
	header->params = read_bytes(in, header->params_size);
	nsteps = read_number(in);
	header->n = read_number(in);
	header->nameless = false;
	if (nsteps < 1 || nsteps > STEPSET_MAX || header->n > bytes_left(in) / 2)
		in->failed = true;
	header->nsteps = in->failed ? 0 : (int) nsteps;
	return !in->failed;
}

/* The conditions of a stepset as a number with condition N in the lowest bit. */
static inline uint64
conditions_as_number(uint64 step)
{
	return step >> (64 - stepset_size(step));
}

/* How many bytes events_encode() writes. */
size_t
events_encoded_size(const Event *events, size_t n)
{
	size_t		size = 0;
	int64		before = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		size += number_size(fold_sign((int64) time_between(before, events[i].at)));
		size += number_size(conditions_as_number(events[i].step));
		before = events[i].at;
	}
	return size;
}

void
events_encode(const Event *events, size_t n, ByteWriter *out)
{
	int64		before = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		write_number(out, fold_sign((int64) time_between(before, events[i].at)));
		write_number(out, conditions_as_number(events[i].step));
		before = events[i].at;
	}
}

/*
 * Read n events of nsteps conditions each.  Returns false if the bytes are
 * invalid; the output is then undefined.
 */
bool
events_decode(ByteReader *in, int nsteps, Event *events, size_t n)
{
	uint64		before = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		uint64		at = before + (uint64) unfold_sign(read_number(in));
		uint64		conditions = read_number(in);

		if (in->failed || conditions >> nsteps != 0 ||
			!event_time_is_valid((int64) at))
		{
			in->failed = true;
			return false;
		}
		events[i].at = (int64) at;
		events[i].step = conditions << (64 - nsteps) | (uint64) nsteps;
		before = at;
	}
	return true;
}
