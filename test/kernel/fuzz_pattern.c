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
#include "sequence/chain.h"
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

/* A chain that is followed event by event matches where the pattern does. */
static void
follow(const Pattern *pattern, const Event *events, size_t n, SequenceMatch match)
{
	Chain	   *chain = fuzz_allocate(sizeof(Chain));
	ChainState *state = fuzz_allocate(sizeof(ChainState));
	bool		matched = false;
	size_t		i;

	if (chain_of_pattern(pattern, chain))
	{
		state->met = 0;
		for (i = 0; i < n && !matched; i++)
		{
			uint64		met = chain_events(pattern, stepset_conditions(events[i].step));

			matched = met != 0 && chain_follow(chain, state, met, events[i].at);
		}
		must(matched == match.matched && i == match.end);
	}
	free(chain);
	free(state);
}

static void
match(const Pattern *pattern, const OraclePattern *plain, const Event *events, size_t n)
{
	uint64	   *space = fuzz_allocate(sequence_space(pattern, n) * sizeof(uint64));
	SequenceMatch match = sequence_find(pattern, events, 0, n, space);
	uint64		count = sequence_count_matches(pattern, events, n, space);
	uint64	   *times_space = fuzz_allocate(sequence_places_space(pattern, n) * sizeof(uint64));
	Event	   *reversed = fuzz_allocate(n * sizeof(Event));
	int64	   *times = fuzz_allocate(n * sizeof(int64));
	size_t	   *places = fuzz_allocate(n * sizeof(size_t));
	uint64	   *ahead = fuzz_allocate(n * sizeof(uint64));
	SequenceSearch *search = fuzz_allocate(sizeof(SequenceSearch));
	size_t		ntimes = sequence_match_places(pattern, events, n, match, times_space, reversed, places);
	uint64		nmatches = 0;
	size_t		nplaces;
	int			progress;
	size_t		k;

	for (k = 0; k < ntimes; k++)
		times[k] = events[places[k]].at;
	sequence_search_begin(search, pattern, false, events, n, reversed, ahead);
	while (sequence_search_next(search, events, n, times_space, reversed, places) > 0)
		nmatches++;
	must(nmatches == count);
	sequence_search_begin(search, pattern, true, events, n, reversed, ahead);
	for (nmatches = 0; (nplaces = sequence_search_next(search, events, n, times_space, reversed, places)) > 0; nmatches++)
		must(nplaces <= n && places[nplaces - 1] < n &&
			 time_between(events[places[0]].at, events[places[nplaces - 1]].at) <= pattern->within);
	must(nmatches >= count && nmatches <= n);
	must(match.nevents >= 0 && match.nevents <= pattern->nevents && match.end <= n);
	must(match.matched ? match.end > 0 && match.nevents == pattern->nevents : match.end == n);
	must((count > 0) == match.matched);
	must(count <= n);
	progress = sequence_progress(pattern, events, n, space);
	must(progress >= 0 && progress <= pattern->nevents && (match.nevents > 0 || progress == 0));
	if (pattern->linear)
		must(match.matched || progress <= match.nevents);
	must((ntimes > 0) == (match.nevents > 0) && ntimes <= match.end);
	if (pattern->linear)
		must(ntimes == (size_t) match.nevents && count <= n / (size_t) pattern->nevents);
	for (k = 1; k < ntimes; k++)
		must(times[k - 1] <= times[k]);
	if (ntimes > 0)
		must(times[ntimes - 1] <= events[match.end - 1].at &&
			 time_between(times[0], times[ntimes - 1]) <= pattern->within);

	follow(pattern, events, n, match);
	if (n <= FEW)
	{
		OracleMatch expected = oracle_find(plain, events, 0, n);
		int64		expected_times[FEW];

		if (expected.tried_all)
		{
			must(match.matched == expected.matched && match.nevents == expected.nevents &&
				 match.end == expected.end);
			must(count == oracle_count(plain, events, n));
			must(ntimes == oracle_match_times(plain, events, n, expected_times));
			for (k = 0; k < ntimes; k++)
				must(times[k] == expected_times[k]);
		}
	}
	free(space);
	free(times_space);
	free(reversed);
	free(times);
	free(places);
	free(ahead);
	free(search);
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

		must(pattern.nevents == plain.nevents && pattern.nevents <= PATTERN_MAX_EVENTS);
		must(pattern.highest <= STEPSET_MAX);
		must(pattern.first_range[pattern.nevents] <= PATTERN_MAX_RANGES);
		match(&pattern, &plain, events, n);
		free(events);
	}
	else
		must(plain.too_long);
	free(text);
	return 0;
}
