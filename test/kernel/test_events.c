/*-------------------------------------------------------------------------
 *
 * test_events.c
 *		Numbers as bytes, stepsets, the order of events and their encoding.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "cases.h"
#include "tap.h"
#include "tests.h"

/* Numbers at the edges of their encodings, and random ones of every size. */
static uint64
some_number(Random *random, int i)
{
	if (i < 64)
		return UINT64_C(1) << i;
	if (i < 128)
		return (UINT64_C(1) << (i - 64)) - 1;
	if (i == 128)
		return UINT64_MAX;
	return random_next(random) >> random_below(random, 64);
}

static ByteReader
reader_of(const unsigned char *bytes, size_t size)
{
	const ByteReader reader = {bytes, bytes + size, false};

	return reader;
}

void
test_codec(void)
{
	Random		random = {11};
	int			wrong = 0;
	int			cut = 0;
	int			folded = 0;
	int			i;

	for (i = 0; i < 20000; i++)
	{
		uint64		value = some_number(&random, i);
		size_t		size = number_size(value);
		unsigned char *bytes = allocate(size);
		ByteWriter	out = {bytes};
		ByteReader	in;
		size_t		length;

		write_number(&out, value);
		in = reader_of(bytes, size);
		if (out.at != bytes + size || size > 10 || read_number(&in) != value ||
			in.failed || bytes_left(&in) != 0)
			wrong++;
		for (length = 0; length < size; length++)
		{
			unsigned char *part = copy_of(bytes, length);

			in = reader_of(part, length);
			if (read_number(&in) != 0 || !in.failed || read_number(&in) != 0 ||
				read_bytes(&in, 0) != NULL || bytes_left(&in) != 0)
				cut++;
			free(part);
		}
		free(bytes);

		if (unfold_sign(fold_sign((int64) value)) != (int64) value ||
			fold_sign(unfold_sign(value)) != value ||
			unfold_sign(fold_sign(-(int64) (value >> 1))) != -(int64) (value >> 1))
			folded++;
	}
	test_ok(wrong == 0, "codec: numbers are read as they were written (20000 cases)");
	test_ok(cut == 0, "codec: a number cut short fails, and everything after it");
	test_ok(folded == 0, "codec: signs are folded and unfolded");
	test_ok(unfold_sign(fold_sign(INT64_MIN)) == INT64_MIN &&
			unfold_sign(fold_sign(INT64_MAX)) == INT64_MAX &&
			fold_sign(0) == 0 && fold_sign(-1) == 1 && fold_sign(1) == 2,
			"codec: small differences are small numbers, extreme ones fit");
	{
		static const unsigned char most[10] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 1};
		static const unsigned char more[10] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 2};
		static const unsigned char longer[11] = {128, 128, 128, 128, 128, 128, 128, 128, 128, 129, 0};
		ByteReader	in = {most, most + 10, false};

		test_ok(read_number(&in) == UINT64_MAX && !in.failed, "codec: the largest number");
		in = reader_of(more, 10);
		test_ok(read_number(&in) == 0 && in.failed, "codec: a number of more than 64 bits fails");
		in = reader_of(longer, 11);
		test_ok(read_number(&in) == 0 && in.failed, "codec: a number of more than ten bytes fails");
	}
	{
		unsigned char bytes[4] = {1, 2, 3, 4};
		ByteReader	in = {bytes, bytes + 4, false};

		test_ok(read_bytes(&in, 3) == bytes && bytes_left(&in) == 1 &&
				read_bytes(&in, UINT64_MAX) == NULL && in.failed,
				"codec: bytes beyond the end are refused");
	}
}

static void
test_stepsets(void)
{
	Random		random = {12};
	int			wrong = 0;
	int			i;

	for (i = 0; i < 20000; i++)
	{
		uint64		step = random_next(&random);
		int			size;
		int			beyond = 0;
		int			k;

		if (i % 2 == 0)
			step &= ~(UINT64_MAX >> (random_next(&random) & 63)) | 63;
		size = (int) (step % 64);
		for (k = size; k < STEPSET_MAX; k++)
			beyond += (step >> (63 - k) & 1) != 0;
		if (stepset_is_valid(step) != (size >= 1 && size <= 58 && beyond == 0))
			wrong++;
		if (stepset_conditions(step) != 0 &&
			(stepset_conditions(step) & stepset_bit(stepset_lowest(stepset_conditions(step)))) == 0)
			wrong++;
	}
	test_ok(wrong == 0, "stepset: valid are 1 to 58 conditions and nothing beyond (20000 cases)");
	test_ok(stepset_is_valid(~UINT64_C(63) | 58) && !stepset_is_valid(~UINT64_C(63) | 59) &&
			!stepset_is_valid(0) && stepset_is_valid(1) && !stepset_is_valid(stepset_bit(1) | 1),
			"stepset: the edges");
	test_ok(time_between(EVENT_TIME_MIN, EVENT_TIME_END) > (uint64) INT64_MAX &&
			time_between(PG_INT64_MIN, EVENT_TIME_MIN) > (uint64) DURATION_MAX,
			"event: the longest time between two events does not overflow");
}

static int
compare_events(const void *a, const void *b)
{
	const Event *x = a;
	const Event *y = b;

	return event_before(x, y) ? -1 : event_before(y, x);
}

/* How events come: the shapes that a sort may stumble over. */
enum
{
	RANDOM, SORTED, REVERSED, ALL_EQUAL, FEW_TIMES, TWO_RUNS, FROM_THE_MIDDLE, MANY_RUNS, LATE_ONES, SAW, NSHAPES
};
static const char *const shape_names[] = {
	"random", "sorted", "reversed", "all equal", "few times", "two sorted runs",
	"sorted from the middle on", "many sorted runs", "sorted but for a few", "up and down"
};

static void
make_shape(Event *events, size_t n, int shape, Random *random)
{
	size_t		i;

	for (i = 0; i < n; i++)
	{
		int64		at = (int64) i;

		switch (shape)
		{
			case RANDOM:
				at = (int64) random_next(random);
				break;
			case REVERSED:
				at = (int64) (n - i);
				break;
			case ALL_EQUAL:
				at = 0;
				break;
			case FEW_TIMES:
				at = (int64) random_below(random, 5);
				break;
			case TWO_RUNS:
				at = (int64) (i < n / 2 ? i : i - n / 2);
				break;
			case FROM_THE_MIDDLE:	/* which is anywhere; times that are equal
									 * on both sides, too */
				at = (int64) ((i + n * (n % 7) / 7) % n / 2);
				break;
			case MANY_RUNS:
				at = (int64) (i % 50);
				break;
			case LATE_ONES:
				if (random_below(random, 20) == 0)
					at = (int64) random_below(random, n);
				break;
			case SAW:
				at = (int64) (i % 100 < 50 ? i % 50 : 50 - i % 50);
				break;
		}
		events[i].at = at;
		events[i].step = random_below(random, 8) << 61 | 3;
		if (shape == ALL_EQUAL && random_below(random, 2) == 0)
			events[i].step = 3;
	}
}

static void
test_sort(int shape)
{
	Random		random = {13 + (uint64) shape};
	size_t		wrong = 0;
	size_t		n;

	for (n = 0; n <= 1000; n++)
	{
		Event	   *events = allocate(n * sizeof(Event));
		Event	   *expected;
		Event	   *scratch = allocate(events_sort_scratch(n) * sizeof(Event));

		make_shape(events, n, shape, &random);
		expected = copy_of(events, n * sizeof(Event));
		if (n > 0)
			qsort(expected, n, sizeof(Event), compare_events);
		events_sort(events, n, scratch);
		if (n > 0 && memcmp(events, expected, n * sizeof(Event)) != 0 && wrong++ == 0)
			test_note("%zu events come out wrong", n);
		free(events);
		free(expected);
		free(scratch);
	}
	test_ok(wrong == 0, "events_sort: %s, 0 to 1000 events", shape_names[shape]);
}

/* Read a whole state; true if it is one.  Memory is as little as the reader needs. */
static bool
decode_state(const unsigned char *bytes, size_t size, EventsHeader *header, Event **events)
{
	ByteReader	in = {bytes, bytes + size, false};

	*events = NULL;
	if (!events_read_header(&in, header))
		return false;
	*events = allocate(header->n * sizeof(Event));
	return events_decode(&in, header->nsteps, *events, header->n) && bytes_left(&in) == 0;
}

static const char *
encodes(const Case *c)
{
	EventsHeader header = {(const unsigned char *) "params", 6, c->nsteps, c->n, false};
	EventsHeader read;
	size_t		size = events_header_size(&header) + events_encoded_size(c->events, c->n);
	unsigned char *bytes = allocate(size);
	ByteWriter	out = {bytes};
	Event	   *events = NULL;
	const char *wrong = NULL;
	size_t		length;

	events_write_header(&header, &out);
	events_encode(c->events, c->n, &out);
	if (out.at != bytes + size)
		wrong = complaint("%zu bytes were promised, %zu written", size, (size_t) (out.at - bytes));
	else if (!decode_state(bytes, size, &read, &events))
		wrong = complaint("the bytes are refused");
	else if (read.n != c->n || read.nsteps != c->nsteps || read.params_size != 6 ||
			 memcmp(read.params, "params", 6) != 0 ||
			 memcmp(events, c->events, c->n * sizeof(Event)) != 0)
		wrong = complaint("other events are read than were written");
	free(events);

	for (length = 0; length < size && wrong == NULL; length++)
	{
		unsigned char *part = copy_of(bytes, length);

		if (decode_state(part, length, &read, &events))
			wrong = complaint("the first %zu bytes of %zu are accepted", length, size);
		free(events);
		free(part);
	}
	free(bytes);
	return wrong;
}

static void
make_history(Case *c, Random *random, int number)
{
	Shape		shape = {CASE_MAX_EVENTS, STEPSET_MAX, 5, 1, 0};

	if (number % 4 == 1)
		shape.offset = EVENT_TIME_MIN;
	if (number % 4 == 2)
		shape.offset = EVENT_TIME_END - 6;
	if (number % 4 == 3)
	{
		shape.offset = EVENT_TIME_MIN;
		shape.unit = (int64) (time_between(EVENT_TIME_MIN, EVENT_TIME_END - 1) / 5);
	}
	case_random(c, random, &shape);
	if (c->n > 1 && number % 2 == 0)	/* events may be encoded before the
										 * sort */
	{
		Event		first = c->events[0];

		c->events[0] = c->events[c->n - 1];
		c->events[c->n - 1] = first;
	}
}

/* One event with these numbers as its bytes: is it read? */
static bool
accepts(int nsteps, uint64 folded, uint64 conditions)
{
	unsigned char bytes[32];
	ByteWriter	out = {bytes};
	ByteReader	in;
	Event		event;

	write_number(&out, folded);
	write_number(&out, conditions);
	in = reader_of(bytes, out.at - bytes);
	return events_decode(&in, nsteps, &event, 1);
}

/* A header with these numbers and `follow` bytes after it: is it read? */
static bool
accepts_header(uint64 format, uint64 params_size, uint64 nsteps, uint64 n, size_t follow)
{
	unsigned char bytes[64] = {0};
	ByteWriter	out = {bytes};
	ByteReader	in;
	EventsHeader header;

	write_number(&out, format);
	write_number(&out, params_size);
	write_number(&out, nsteps);
	write_number(&out, n);
	in = reader_of(bytes, out.at - bytes + follow);
	return events_read_header(&in, &header);
}

void
test_events(void)
{
	int			shape;

	test_stepsets();
	for (shape = 0; shape < NSHAPES; shape++)
		test_sort(shape);
	check_property("events: encoded and decoded; cut short anywhere, refused",
				   encodes, make_history, 5000);
	test_ok(accepts(58, fold_sign(EVENT_TIME_MIN), (UINT64_C(1) << 58) - 1) &&
			accepts(58, fold_sign(EVENT_TIME_END - 1), 0),
			"events: the first and the last time are accepted");
	test_ok(!accepts(58, fold_sign(EVENT_TIME_MIN - 1), 0) &&
			!accepts(58, fold_sign(EVENT_TIME_END), 0) &&
			!accepts(58, fold_sign(INT64_MIN), 0) && !accepts(58, fold_sign(INT64_MAX), 0),
			"events: a time before the first or after the last is refused");
	test_ok(accepts(1, 0, 1) && !accepts(1, 0, 2) && !accepts(58, 0, UINT64_C(1) << 58) &&
			!accepts(58, 0, UINT64_MAX),
			"events: a condition beyond the last is refused");
	test_ok(accepts_header(1, 0, 1, 0, 0) && accepts_header(1, 0, 58, 1, 2),
			"header: the smallest");
	test_ok(!accepts_header(0, 0, 1, 0, 0) && !accepts_header(2, 0, 1, 0, 0),
			"header: another format is refused");
	test_ok(!accepts_header(1, 0, 0, 0, 0) && !accepts_header(1, 0, 59, 0, 0) &&
			!accepts_header(1, 0, UINT64_MAX, 0, 0),
			"header: a number of conditions out of range is refused");
	test_ok(!accepts_header(1, 0, 1, 1, 1) && !accepts_header(1, 0, 1, UINT64_MAX, 20) &&
			!accepts_header(1, UINT64_MAX, 1, 0, 20),
			"header: counts that the bytes cannot hold are refused");
}
