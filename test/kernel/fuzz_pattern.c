/*-------------------------------------------------------------------------
 *
 * fuzz_pattern.c
 *		Any text as a pattern, against any events.
 *
 * The input is the text up to a newline, then two bytes an event: the time
 * since the one before, and the conditions 1 to 8 that it meets.  Up to eight
 * events are matched by trying everything as well.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"
#include "oracle.h"
#include "sequence/sequence.h"

#define FEW 8

static Event *
read_events(const uint8_t *data, size_t n, int nsteps)
{
	static const int64 since[] = {
		0, 0, 1, 1000000, 2000000, 60000000, INT64_C(3600000000), INT64_C(86400000000)
	};
	Event	   *events = fuzz_allocate(n * sizeof(Event));
	int64		at = EVENT_TIME_MIN;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		at += since[data[2 * i] % 8];
		events[i].at = at;
		events[i].step = (uint64) data[2 * i + 1] << 56 | (uint64) nsteps;
	}
	fuzz_sort(events, n);
	return events;
}

static void
match(const Pattern *pattern, const OraclePattern *plain, const Event *events, size_t n)
{
	uint64	   *history = sequence_needs_history(pattern) ?
		fuzz_allocate(n * sizeof(uint64)) : NULL;
	SequenceMatch match = sequence_find(pattern, events, 0, n, history);
	uint64		count = sequence_count_matches(pattern, events, n, history);
	uint64	   *full_history = fuzz_allocate(n * sizeof(uint64));
	Event	   *reversed = fuzz_allocate(n * sizeof(Event));
	int64	   *times = fuzz_allocate((size_t) pattern->nevents * sizeof(int64));
	int			ntimes = sequence_match_times(pattern, events, n, full_history, reversed, times);
	int			k;

	must(match.nevents >= 0 && match.nevents <= pattern->nevents && match.end <= n);
	must(match.nevents < pattern->nevents ? match.end == n :
		 match.end >= (size_t) pattern->nevents);
	must((count > 0) == (match.nevents == pattern->nevents));
	must(count <= n / (size_t) pattern->nevents);
	must(ntimes == match.nevents);
	for (k = 1; k < ntimes; k++)
		must(times[k - 1] <= times[k]);

	if (n <= FEW)
	{
		OracleMatch expected = oracle_find(plain, events, 0, n);
		int64		expected_times[ORACLE_MAX_ITEMS];

		must(match.nevents == expected.nevents && match.end == expected.end);
		must(count == oracle_count(plain, events, n));
		must(ntimes == oracle_match_times(plain, events, n, expected_times));
		for (k = 0; k < ntimes; k++)
			must(times[k] == expected_times[k]);
	}
	free(history);
	free(full_history);
	free(reversed);
	free(times);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t		length = newline != NULL ? (size_t) (newline - data) : size;
	char	   *text = fuzz_copy(data, length);
	Pattern		pattern;
	PatternError error = {SIZE_MAX, NULL, NULL};
	static OraclePattern plain;
	bool		good = pattern_parse(text, length, &pattern, &error);

	if (!good)
	{
		must(error.at <= length && error.message != NULL && error.hint != NULL);
		/* the plain parser knows no limit on time ranges */
		must(!oracle_parse(text, length, &plain) ||
			 strcmp(error.message, "too many time conditions") == 0);
	}
	else if (oracle_parse(text, length, &plain))
	{
		size_t		n = newline != NULL ? (size - length - 1) / 2 : 0;
		int			nsteps = pattern.highest > 8 ? pattern.highest : 8;
		Event	   *events = read_events(n > 0 ? newline + 1 : data, n, nsteps);

		must(pattern.nevents == plain.nitems && pattern.nevents <= PATTERN_MAX_EVENTS);
		must(pattern.highest <= STEPSET_MAX);
		must(pattern.first_range[pattern.nevents] <= PATTERN_MAX_RANGES);
		match(&pattern, &plain, events, n);
		free(events);
	}
	else
		must(plain.ntimes == ORACLE_MAX_TIMES);
	free(text);
	return 0;
}
