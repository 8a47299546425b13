/*-------------------------------------------------------------------------
 *
 * fuzz_events.c
 *		Any bytes as the serialized state of window_funnel or of sequence_*:
 *		read as their deserialize functions read them, then put to use.
 *
 *-------------------------------------------------------------------------
 */
#include "funnel/funnel.h"
#include "fuzz.h"
#include "sequence/sequence.h"

/* The parameters of window_funnel: `within` as a number, and the mode. */
static void
use_as_funnel(const EventsHeader *header, const Event *events)
{
	ByteReader	in = {header->params, header->params + header->params_size, false};
	uint64		within = read_number(&in);
	TextSlice	text;
	FunnelSpec	spec;
	FunnelOptions options;

	if (in.failed || within > (uint64) DURATION_MAX)
		return;
	text.length = (uint32) bytes_left(&in);
	text.bytes = fuzz_copy(in.at, text.length);
	spec.within = (int64) within;
	spec.rules = NULL;
	if (funnel_parse_options(text, true, &options) == FUNNEL_OPTIONS_OK && (options.modes & FUNNEL_RULED) == 0)
	{
		int64	   *times = fuzz_allocate((size_t) header->nsteps * sizeof(int64));
		int			level;

		spec.modes = options.modes;
		level = funnel_level(events, header->n, header->nsteps, &spec, times);

		must(level >= 0 && level <= header->nsteps);
		must(level == funnel_level(events, header->n, header->nsteps, &spec, NULL));
		free(times);
	}
	free((void *) text.bytes);
}

/* The parameters of sequence_*: the pattern. */
static void
use_as_sequence(const EventsHeader *header, const Event *events)
{
	char	   *text = fuzz_copy(header->params, header->params_size);
	Pattern		pattern;
	PatternError error;

	if (pattern_parse(text, header->params_size, &pattern, &error) &&
		pattern.highest <= header->nsteps)
	{
		uint64	   *space = fuzz_allocate(sequence_space(&pattern, header->n) * sizeof(uint64));
		SequenceMatch match = sequence_find(&pattern, events, 0, header->n, space);

		must(match.end <= header->n && match.nevents <= pattern.nevents);
		free(space);
	}
	free(text);
}

/* Written again and read again, the events are the same. */
static void
round_trip(const EventsHeader *header, const Event *events, size_t size)
{
	size_t		new_size = events_header_size(header) + events_encoded_size(events, header->n);
	unsigned char *bytes = fuzz_allocate(new_size);
	Event	   *again = fuzz_allocate(header->n * sizeof(Event));
	ByteWriter	out = {bytes};
	ByteReader	in = {bytes, bytes + new_size, false};
	EventsHeader new_header;

	must(new_size <= size);
	events_write_header(header, &out);
	events_encode(events, header->n, &out);
	must(out.at == bytes + new_size);
	must(events_read_header(&in, &new_header));
	must(new_header.n == header->n && new_header.nsteps == header->nsteps);
	must(new_header.params_size == header->params_size);
	must(header->params_size == 0 ||
		 memcmp(new_header.params, header->params, header->params_size) == 0);
	must(events_decode(&in, new_header.nsteps, again, new_header.n) && bytes_left(&in) == 0);
	must(header->n == 0 || memcmp(again, events, header->n * sizeof(Event)) == 0);
	free(bytes);
	free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *bytes = fuzz_copy(data, size);
	ByteReader	in = {bytes, bytes + size, false};
	EventsHeader header;

	if (bytes != NULL && events_read_header(&in, &header))
	{
		Event	   *events;
		size_t		i;

		must(header.n <= size && header.nsteps >= 1 && header.nsteps <= STEPSET_MAX);
		events = fuzz_allocate(header.n * sizeof(Event));
		if (events_decode(&in, header.nsteps, events, header.n) && bytes_left(&in) == 0)
		{
			for (i = 0; i < header.n; i++)
			{
				must(stepset_is_valid(events[i].step));
				must(stepset_size(events[i].step) == header.nsteps);
				must(events[i].at >= EVENT_TIME_MIN && events[i].at < EVENT_TIME_END);
			}
			round_trip(&header, events, size);
			fuzz_sort(events, header.n);
			use_as_funnel(&header, events);
			use_as_sequence(&header, events);
		}
		else
			must(in.failed || bytes_left(&in) > 0);
		free(events);
	}
	free(bytes);
	return 0;
}
