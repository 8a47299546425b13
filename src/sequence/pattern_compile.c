/*-------------------------------------------------------------------------
 *
 * pattern_compile.c
 *		The compiled form of a pattern, and of the reversed pattern.
 *
 *-------------------------------------------------------------------------
 */
#include "sequence/pattern_parser.h"

#define HINT_BETWEEN "A time condition compares two events: write one on each side of it, as in (?1)(?t<=1h)(?2)."

/* Add a range to the last state that has any so far, or to a later one. */
static bool
pattern_add_range(Pattern *pattern, int state, const PatternRange *range, uint64 targets)
{
	int			n = pattern->first_range[state + 1];
	int			i;

	for (i = pattern->first_range[state]; i < n; i++)
		if (pattern->ranges[i].least == range->least && pattern->ranges[i].most == range->most)
		{
			pattern->ranges[i].targets |= targets;
			return true;
		}
	if (n == PATTERN_MAX_RANGES)
		return false;
	pattern->ranges[n] = *range;
	pattern->ranges[n].targets = targets;
	pattern->first_range[state + 1] = n + 1;
	return true;
}

/* Fill in what follows from the links and the conditions of the states. */
static void
pattern_settle(Pattern *pattern)
{
	const uint64 all = pattern_states(pattern->nevents);
	int			state;
	int			r;

	pattern->linear = !pattern->at_begin && !pattern->at_end &&
		pattern->within == UINT64_MAX && pattern->begin_any == 1 &&
		pattern->end_any == pattern_state_bit(pattern->nevents - 1) &&
		(pattern->begin_first | pattern->end_last) == 0;
	for (state = 0; state < pattern->nevents; state++)
	{
		const uint64 bit = pattern_state_bit(state);
		uint64		conditions;
		int			kinds = 0;

		if (pattern->adjacent_to[state] != 0)
			pattern->adjacent |= bit, kinds++;
		if (pattern->free_to[state] != 0)
			pattern->free |= bit, kinds++;
		if (pattern->first_range[state] < pattern->first_range[state + 1])
			pattern->timed |= bit, kinds++;
		if (kinds > 1 || ((pattern->adjacent_to[state] | pattern->free_to[state]) & ~(bit << 1)) != 0)
			pattern->linear = false;
		for (r = pattern->first_range[state]; r < pattern->first_range[state + 1]; r++)
		{
			if (pattern->ranges[r].least > 0)
				pattern->looks_back = true;
			if (pattern->ranges[r].targets != bit << 1)
				pattern->linear = false;
		}

		for (conditions = pattern->conditions[state]; conditions != 0;)
		{
			int			condition = stepset_lowest(conditions);

			conditions &= ~stepset_bit(condition);
			if (pattern->negated & bit)
			{
				pattern->bars[condition] |= bit;
				pattern->linear = false;
			}
			else
				pattern->enters[condition] |= bit;
		}
	}
	pattern->any = pattern->negated & all;
}

/*
 * The states that a match may begin or end in: at any event, or, where ^ or $
 * stands next to them, at the user's first or last event only.
 */
static bool
pattern_place_ends(PatternParser *p, uint64 states, const PatternChoice *gaps, bool anchored,
				   uint64 *outermost, uint64 *any, const char *message)
{
	for (; states != 0; states &= states - 1)
	{
		const int	state = pattern_lowest_state(states);
		const PatternGap *timed = pattern_choice_timed(p, &gaps[state]);

		if (timed != NULL)
			return pattern_fail(p, timed->at, message, HINT_BETWEEN);
		if (anchored && gaps[state].gaps[0] == GAP_ADJACENT)
			*outermost |= pattern_state_bit(state);
		else
			*any |= pattern_state_bit(state);
	}
	return true;
}

/* Turn what was read into the compiled form. */
bool
pattern_compile(PatternParser *p, const PatternPart *whole)
{
	Pattern    *pattern = p->pattern;
	Pattern		reversed;
	int			state;
	int			i;
	int			j;

	if (whole->none.n > 0)
		return pattern_fail(p, 0, "the pattern may match no event",
							"Let at least one event of it stand without ?, * or {0,n}.");
	if (!pattern_place_ends(p, whole->first, p->before, pattern->at_begin, &pattern->begin_first,
							&pattern->begin_any, "a time condition stands before the first event") ||
		!pattern_place_ends(p, whole->last, p->after, pattern->at_end, &pattern->end_last,
							&pattern->end_any, "a time condition stands after the last event"))
		return false;

	for (state = 0; state < pattern->nevents; state++)
	{
		pattern->first_range[state + 1] = pattern->first_range[state];
		for (i = 0; i < p->nlinks; i++)
		{
			const PatternGap *gap = &p->gaps[p->links[i].gap];

			if (p->links[i].source != state)
				continue;
			for (j = gap->first; j < gap->first + gap->nranges; j++)
				if (!pattern_add_range(pattern, state, &p->gap_ranges[j], p->links[i].targets))
					return pattern_fail_ranges(p, gap->at);
		}
	}
	pattern_settle(pattern);
	/* the times of a match are found from its end: that must be possible too */
	if (!pattern_reverse(pattern, pattern->nevents, true, &reversed))
		return pattern_fail_ranges(p, p->gaps[p->links[0].gap].at);
	return true;
}

/*
 * The first `nevents` states of a pattern with all links turned round, the
 * last state first, for matching events that are laid in reverse.  It begins
 * where the pattern ends if that is to be matched as a whole, and otherwise in
 * the last of the states.  False if that takes too many ranges.
 */
bool
pattern_reverse(const Pattern *pattern, int nevents, bool whole, Pattern *reversed)
{
	const uint64 all = pattern_states(nevents);
	int			state;
	int			source;
	int			r;

	memset(reversed, 0, sizeof(Pattern));
	reversed->nevents = nevents;
	reversed->highest = pattern->highest;
	reversed->at_begin = pattern->at_end;
	reversed->at_end = pattern->at_begin;
	reversed->within = pattern->within;
	reversed->begin_any = whole ? pattern_mirror(pattern->end_any & all, nevents) : 1;
	reversed->begin_first = whole ? pattern_mirror(pattern->end_last & all, nevents) : 0;
	reversed->end_any = pattern_mirror(pattern->begin_any & all, nevents);
	reversed->end_last = pattern_mirror(pattern->begin_first & all, nevents);
	reversed->negated = pattern_mirror(pattern->negated & all, nevents);
	for (state = 0; state < nevents; state++)
	{
		const int	target = nevents - 1 - state;	/* of the pattern's links */
		const uint64 target_bit = pattern_state_bit(target);

		reversed->conditions[state] = pattern->conditions[target];
		reversed->first_range[state + 1] = reversed->first_range[state];
		for (source = nevents - 1; source >= 0; source--)
		{
			const uint64 bit = pattern_state_bit(nevents - 1 - source);

			if (pattern->adjacent_to[source] & target_bit)
				reversed->adjacent_to[state] |= bit;
			if (pattern->free_to[source] & target_bit)
				reversed->free_to[state] |= bit;
			for (r = pattern->first_range[source]; r < pattern->first_range[source + 1]; r++)
				if ((pattern->ranges[r].targets & target_bit) != 0 &&
					!pattern_add_range(reversed, state, &pattern->ranges[r], bit))
					return false;
		}
	}
	pattern_settle(reversed);
	return true;
}
