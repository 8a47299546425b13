/*-------------------------------------------------------------------------
 *
 * matches.c
 *		The sequence kernel: all matches of a pattern, one after the other, and
 *		how far a user came.
 *
 *-------------------------------------------------------------------------
 */
#include "sequence/sequence.h"

/*
 * Begin a search for all matches among a user's n events.  With `overlapping`
 * there is a match for each event that one can begin with; `reversed` and
 * `ahead` then have room for n.
 */
void
sequence_search_begin(SequenceSearch *search, const Pattern *pattern, bool overlapping,
					  const Event *events, size_t n, Event *reversed, uint64 *ahead)
{
	search->pattern = pattern;
	search->overlapping = overlapping;
	search->next = 0;
	search->ahead = NULL;
	if (!overlapping)
		return;
	search->anchored = *pattern;
	search->anchored.linear = false;
	search->anchored.begin_any = 0;
	if (pattern->within != UINT64_MAX || n == 0)
		return;

	/* the reversed pattern tells from which events on there is an end */
	{
		Pattern		backwards;

		(void) pattern_reverse(pattern, pattern->nevents, true, &backwards);
		sequence_lay_in_reverse(events, 0, n, reversed);
		sequence_find_all(&backwards, reversed, n, ahead);
		search->ahead = ahead;
	}
}

/* The first match that begins with the event `begin`; the number of its events, or 0. */
static size_t
sequence_match_from(SequenceSearch *search, const Event *events, size_t begin, size_t n,
					uint64 *space, Event *reversed, size_t *places)
{
	const Pattern *pattern = search->pattern;
	Pattern    *anchored = &search->anchored;
	SequenceMatch match;

	anchored->begin_first = pattern->begin_any | (begin == 0 ? pattern->begin_first : 0);
	if (search->ahead != NULL)
	{
		if ((pattern_mirror(search->ahead[n - 1 - begin], pattern->nevents) & anchored->begin_first) == 0)
			return 0;
	}
	else if ((pattern_states_met(pattern, events[begin].step, false) & anchored->begin_first) == 0)
		return 0;
	anchored->end_last = pattern->end_last;
	if (pattern->within != UINT64_MAX)
	{
		size_t		end = begin + 1;

		while (end < n && time_between(events[begin].at, events[end].at) <= pattern->within)
			if (++end % KERNEL_CHECK_EVERY == 0)
				kernel_check_interrupts();
		if (end < n)
			anchored->end_last = 0;
		n = end;
	}
	match = sequence_find(anchored, events + begin, 0, n - begin, space);
	if (!match.matched)
		return 0;
	return sequence_match_places(anchored, events + begin, n - begin, match, space, reversed, places);
}

/*
 * The positions of the events of the next match; returns how many, 0 if there
 * is no other.  The matches are those that sequence_count_matches() counts, or,
 * overlapping, one for each event that a match can begin with: the one that
 * ends first.  `space` has the room that sequence_places_space() tells,
 * `reversed` and `places` have room for n.
 */
size_t
sequence_search_next(SequenceSearch *search, const Event *events, size_t n,
					 uint64 *space, Event *reversed, size_t *places)
{
	const Pattern *pattern = search->pattern;
	const size_t begin = search->next;
	SequenceMatch match;
	size_t		nplaces = 0;
	size_t		i;
	size_t		k;

	if (search->overlapping)
	{
		for (i = begin; i < n && nplaces == 0; i++)
		{
			if (i % KERNEL_CHECK_EVERY == 0)
				kernel_check_interrupts();
			nplaces = sequence_match_from(search, events, i, n, space, reversed, places);
		}
		search->next = i;
		for (k = 0; k < nplaces; k++)
			places[k] += i - 1;
		return nplaces;
	}

	if (begin >= n)
		return 0;
	match = sequence_find(pattern, events + begin, 0, n - begin, space);
	if (!match.matched)
	{
		search->next = n;
		return 0;
	}
	nplaces = sequence_match_places(pattern, events + begin, n - begin, match, space, reversed, places);
	for (k = 0; k < nplaces; k++)
		places[k] += begin;
	search->next = pattern->at_begin || pattern->at_end ? n : begin + match.end;
	return nplaces;
}

/*
 * Of states that a match may go on to, the fewest events that a match needs
 * from there on that meet a condition, rather than none: `missing` tells how
 * many it needs after each state.
 */
static int
sequence_fewest(const Pattern *pattern, uint64 states, const int *missing)
{
	int			fewest = PATTERN_MAX_EVENTS + 1;

	for (; states != 0; states &= states - 1)
	{
		int			state = pattern_lowest_state(states);
		int			needed = missing[state] + !(pattern->negated >> state & 1);

		if (needed < fewest)
			fewest = needed;
	}
	return fewest;
}

/*
 * How far the user came: of the fewest events that a match needs, not counting
 * those that must not meet a condition, how many lie behind the user, where the
 * fewest are missing; not below 0.  0 if the pattern can't match.
 */
int
sequence_progress(const Pattern *pattern, const Event *events, size_t n, uint64 *space)
{
	uint64		reached = sequence_find(pattern, events, 0, n, space).reached;
	int			missing[PATTERN_MAX_EVENTS];	/* after a state */
	int			progress = 0;
	int			all;
	bool		changed = true;
	int			state;
	int			r;

	if (reached == 0)
		return 0;
	for (state = 0; state < pattern->nevents; state++)
		missing[state] = (pattern->end_any | pattern->end_last) >> state & 1 ? 0 : PATTERN_MAX_EVENTS + 1;
	while (changed)
	{
		changed = false;
		for (state = pattern->nevents - 1; state >= 0; state--)
		{
			uint64		next = pattern->adjacent_to[state] | pattern->free_to[state];
			int			fewest;

			for (r = pattern->first_range[state]; r < pattern->first_range[state + 1]; r++)
				next |= pattern->ranges[r].targets;
			fewest = sequence_fewest(pattern, next, missing);
			if (fewest < missing[state])
			{
				missing[state] = fewest;
				changed = true;
			}
		}
	}
	all = sequence_fewest(pattern, pattern->begin_any | pattern->begin_first, missing);
	if (all > PATTERN_MAX_EVENTS)
		return 0;
	for (; reached != 0; reached &= reached - 1)
	{
		state = pattern_lowest_state(reached);
		if (all - missing[state] > progress)
			progress = all - missing[state];
	}
	return progress;
}
