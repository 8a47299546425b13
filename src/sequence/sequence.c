/*-------------------------------------------------------------------------
 *
 * sequence.c
 *		The sequence kernel: matching a pattern against one user's events.
 *
 * The pattern runs as a nondeterministic automaton with one bit a state.  For
 * each event, the states entered are those whose condition it meets and whose
 * gap admits some earlier event that was in the state before:
 *
 *	adjacent	the event just before was in that state
 *	free		any event since the search began was
 *	timed		one at an admissible distance in time was
 *
 * For a timed gap each of its ranges [least, most] asks for the latest event
 * in the state that is at least `least` back; if that one is no further than
 * `most` back, the gap is open, and otherwise no event opens it.  With least
 * = 0 this is just the latest event in the state.  With least > 0 it is found
 * by a position that follows `least` behind the current event and reads in the
 * history which states each event was in; it only moves forward.  So the time
 * is bounded by events times gaps, and the memory by a word an event, whatever
 * the pattern: there is nothing to backtrack.
 *
 * A match ends at the first event at which one can end.
 *
 *-------------------------------------------------------------------------
 */
#include "sequence/sequence.h"

/* What a range with least > 0 remembers. */
typedef struct RangeState
{
	size_t		next;			/* the next event to look at */
	bool		found;			/* has an event been in the state? */
	int64		latest;			/* then the time of the latest admissible one */
} RangeState;

/*
 * Is the gap open to the event at position i?  Some event has been in the state
 * before it, the latest at `latest`.
 */
static __attribute__((noinline)) bool
gap_is_open(const Pattern *pattern, int gap, int64 latest, RangeState *ranges,
			const Event *events, size_t i, const uint64 *history)
{
	const int64 at = events[i].at;
	int			r;

	for (r = pattern->first_range[gap]; r < pattern->first_range[gap + 1]; r++)
	{
		const PatternRange *range = &pattern->ranges[r];
		RangeState *state = &ranges[r];

		if (range->least > 0)
		{
			size_t		next = state->next;

			while (next < i && time_between(events[next].at, at) >= range->least)
			{
				if (history[next] >> gap & 1)
				{
					state->latest = events[next].at;
					state->found = true;
				}
				if (++next % KERNEL_CHECK_EVERY == 0)
					kernel_check_interrupts();
			}
			state->next = next;
			if (state->found && time_between(state->latest, at) <= range->most)
				return true;
		}
		else if (time_between(latest, at) <= range->most)
			return true;
	}
	return false;
}

/*
 * Search events [begin, n) for the first match.  `history`, when given, has
 * room for n words and receives the states that each event was in.
 */
static inline __attribute__((always_inline)) SequenceMatch
find(const Pattern *pattern, const Event *events, size_t begin, size_t n,
	 uint64 *history, bool stop_at_match)
{
	const uint64 last = UINT64_C(1) << (pattern->nevents - 1);
	const uint64 adjacent = pattern->adjacent;
	const uint64 free = pattern->free;
	const uint64 timed = pattern->timed;
	const uint64 any = pattern->any;
	RangeState	ranges[PATTERN_MAX_RANGES];
	int64		latest[PATTERN_MAX_EVENTS]; /* when each state was last entered */
	SequenceMatch match = {0, n};
	uint64		now = 0;		/* states that the event just before was in */
	uint64		ever = 0;		/* states that any event so far was in */
	size_t		i;
	int			r;

	for (r = 0; pattern->looks_back && r < pattern->first_range[pattern->nevents]; r++)
	{
		ranges[r].next = begin;
		ranges[r].found = false;
	}

	for (i = begin; i < n; i++)
	{
		uint64		met = stepset_conditions(events[i].step);
		uint64		enter = any;
		uint64		waiting;

		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
		while (met != 0)
		{
			int			condition = stepset_lowest(met);

			met &= ~stepset_bit(condition);
			enter |= pattern->enters[condition];
		}

		waiting = enter & ((ever & timed) << 1);
		now = enter & (((now & adjacent) | (ever & free)) << 1 | 1);
		while (waiting != 0)
		{
			int			state = __builtin_ctzll(waiting);

			waiting &= waiting - 1;
			if (gap_is_open(pattern, state - 1, latest[state - 1], ranges, events,
							i, history))
				now |= UINT64_C(1) << state;
		}
		if (history != NULL)
			history[i] = now;
		if (stop_at_match && (now & last) != 0)
		{
			match.nevents = pattern->nevents;
			match.end = i + 1;
			return match;
		}
		ever |= now;

		/*
		 * Note the time in the states entered.  The last state, which has no
		 * gap after it, stands in for none: one state is common, and is
		 * noted without a branch.
		 */
		waiting = now & timed;
		latest[__builtin_ctzll(waiting | UINT64_C(1) << (PATTERN_MAX_EVENTS - 1))] = events[i].at;
		while ((waiting &= waiting - 1) != 0)
			latest[__builtin_ctzll(waiting)] = events[i].at;
	}

	/* A state is entered from the one before it, so they fill up in order. */
	while (match.nevents < pattern->nevents && (ever >> match.nevents & 1))
		match.nevents++;
	return match;
}

/*
 * The first match in events [begin, n), which are in the event order.  If
 * there is none, nevents is below the pattern's and end is n.  `history` has
 * room for n words if the pattern needs it, and may be NULL otherwise.
 */
SequenceMatch
sequence_find(const Pattern *pattern, const Event *events, size_t begin, size_t n,
			  uint64 *history)
{
	if (pattern->looks_back)
		return find(pattern, events, begin, n, history, true);
	return find(pattern, events, begin, n, NULL, true);
}

/*
 * How many matches lie one after the other.  Each ends
 * as early as it can, so no other choice of matches gives more.
 */
uint64
sequence_count_matches(const Pattern *pattern, const Event *events, size_t n,
					   uint64 *history)
{
	uint64		count = 0;
	size_t		begin = 0;

	while (begin < n)
	{
		SequenceMatch match = sequence_find(pattern, events, begin, n, history);

		if (match.nevents < pattern->nevents)
			break;
		count++;
		begin = match.end;
	}
	return count;
}

/* May an event at position `to` follow one at `from` across a gap? */
static bool
gap_admits(const Pattern *pattern, int gap, const Event *events, size_t from, size_t to)
{
	uint64		bit = UINT64_C(1) << gap;
	int			r;

	if (pattern->adjacent & bit)
		return to == from + 1;
	if (pattern->free & bit)
		return true;
	for (r = pattern->first_range[gap]; r < pattern->first_range[gap + 1]; r++)
	{
		uint64		apart = time_between(events[from].at, events[to].at);

		if (apart >= pattern->ranges[r].least && apart <= pattern->ranges[r].most)
			return true;
	}
	return false;
}

/*
 * The times of the first match, one for each event of the pattern; if there is
 * none, of the longest beginning of the pattern that matches.  Returns how
 * many.  Of several it is the one whose first event comes first, then whose
 * second does, and so on.
 *
 * The events are laid in reverse and matched by the reversed pattern: then the
 * history tells for each event from which of the pattern's events on a match
 * can be completed, and a walk forward takes the first such event each time.
 *
 * `history` has room for n words, `reversed` for n events, `times` for
 * pattern->nevents.
 */
int
sequence_match_times(const Pattern *pattern, const Event *events, size_t n,
					 uint64 *history, Event *reversed, int64 *times)
{
	SequenceMatch match = sequence_find(pattern, events, 0, n, history);
	const size_t end = match.end;
	Pattern		backwards;
	size_t		before = 0;
	size_t		i;
	int			k = 0;

	if (match.nevents == 0)
		return 0;

	for (i = 0; i < end; i++)
	{
		/* mirrored in time, so that times still increase */
		reversed[i].at = -events[end - 1 - i].at;
		reversed[i].step = events[end - 1 - i].step;
		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}
	pattern_reverse(pattern, match.nevents, &backwards);
	(void) find(&backwards, reversed, 0, end, history, false);

	for (i = 0; i < end && k < match.nevents; i++)
	{
		uint64		completes = history[end - 1 - i];

		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
		if ((completes >> (match.nevents - 1 - k) & 1) == 0)
			continue;
		if (k > 0 && !gap_admits(pattern, k - 1, events, before, i))
			continue;
		times[k++] = events[i].at;
		before = i;
	}
	return k;
}
