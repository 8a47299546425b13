/*-------------------------------------------------------------------------
 *
 * pattern_graph.c
 *		Parts of a pattern: linked one after another, copied and repeated.
 *
 *-------------------------------------------------------------------------
 */
#include "sequence/pattern_parser.h"

static bool
pattern_add_link(PatternParser *p, int source, int gap, uint64 targets)
{
	int			i;

	if (gap == GAP_ADJACENT)
		p->pattern->adjacent_to[source] |= targets;
	else if (gap == GAP_FREE)
		p->pattern->free_to[source] |= targets;
	else
	{
		for (i = p->nlinks; i > 0; i--)
			if (p->links[i - 1].source == source && p->links[i - 1].gap == gap)
			{
				p->links[i - 1].targets |= targets;
				return true;
			}
		if (p->nlinks == MAX_LINKS)
			return pattern_fail_ranges(p, p->gaps[gap].at);
		p->links[p->nlinks].source = (uint8) source;
		p->links[p->nlinks].gap = (uint8) gap;
		p->links[p->nlinks].targets = targets;
		p->nlinks++;
	}
	return true;
}

/* Link the states that something ends with to those that something begins with. */
static bool
pattern_link_states(PatternParser *p, uint64 last, int gap, uint64 first)
{
	for (; last != 0; last &= last - 1)
	{
		int			source = pattern_lowest_state(last);
		uint64		targets = first;

		while (targets != 0)
		{
			int			target = pattern_lowest_state(targets);
			PatternChoice choice = {0};
			int			i;

			targets &= targets - 1;
			if (!pattern_choice_join(p, &choice, p->after[source], gap, p->before[target]))
				return false;
			for (i = 0; i < choice.n; i++)
				if (!pattern_add_link(p, source, choice.gaps[i], pattern_state_bit(target)))
					return false;
		}
	}
	return true;
}

/* Put a gap, or a choice, before what the part begins with. */
static bool
pattern_part_lead(PatternParser *p, const PatternPart *part, PatternChoice lead, int gap)
{
	uint64		states;

	for (states = part->first; states != 0; states &= states - 1)
	{
		int			state = pattern_lowest_state(states);
		PatternChoice choice = {0};

		if (!pattern_choice_join(p, &choice, lead, gap, p->before[state]))
			return false;
		p->before[state] = choice;
	}
	return true;
}

/* Put a gap, or a choice, after what the part ends with. */
static bool
pattern_part_trail(PatternParser *p, const PatternPart *part, int gap, PatternChoice trail)
{
	uint64		states;

	for (states = part->last; states != 0; states &= states - 1)
	{
		int			state = pattern_lowest_state(states);
		PatternChoice choice = {0};

		if (!pattern_choice_join(p, &choice, p->after[state], gap, trail))
			return false;
		p->after[state] = choice;
	}
	return true;
}

/* A part of no events, at the end of those read. */
PatternPart
pattern_part_empty(const PatternParser *p)
{
	PatternPart part = {0};

	part.begin = part.end = p->pattern->nevents;
	part.none = pattern_choice_of(GAP_ADJACENT);
	return part;
}

/* Let `next` follow `part` after a gap. */
bool
pattern_part_append(PatternParser *p, PatternPart *part, int gap, const PatternPart *next)
{
	PatternChoice none = {0};
	PatternPart left = *part;

	if (!pattern_link_states(p, left.last, gap, next->first) ||
		!pattern_choice_join(p, &none, left.none, gap, next->none))
		return false;
	part->end = next->end;
	part->none = none;
	if (left.none.n > 0)
	{
		if (!pattern_part_lead(p, next, left.none, gap))
			return false;
		part->first |= next->first;
	}
	part->last = next->last;
	if (next->none.n > 0)
	{
		if (!pattern_part_trail(p, &left, gap, next->none))
			return false;
		part->last |= left.last;
	}
	return true;
}

/* Copy the states of a part to behind all others, `offset` further on. */
static bool
pattern_part_copy(PatternParser *p, const PatternPart *part, int offset)
{
	Pattern    *pattern = p->pattern;
	int			nlinks = p->nlinks;
	int			state;
	int			i;

	for (state = part->begin; state < part->end; state++)
	{
		int			copy = state + offset;

		pattern->conditions[copy] = pattern->conditions[state];
		pattern->negated |= (pattern->negated >> state & 1) << copy;
		pattern->adjacent_to[copy] = pattern->adjacent_to[state] << offset;
		pattern->free_to[copy] = pattern->free_to[state] << offset;
		p->before[copy] = p->before[state];
		p->after[copy] = p->after[state];
	}
	for (i = 0; i < nlinks; i++)
	{
		const PatternLink *link = &p->links[i];

		if (link->source >= part->begin && link->source < part->end &&
			!pattern_add_link(p, link->source + offset, link->gap, link->targets << offset))
			return false;
	}
	pattern->nevents += part->end - part->begin;
	return true;
}

/*
 * Repeat a part `least` to `most` times; most = 0 means without end.  `at` is
 * where the quantifier stands.
 */
bool
pattern_part_repeat(PatternParser *p, PatternPart *part, int least, int most, size_t at)
{
	const PatternPart once = *part;
	const int	size = once.end - once.begin;
	const int	times = most > 0 ? most : least > 0 ? least : 1;
	int			i;

	if (once.none.n > 0 && most != 1)
	{
		if (once.none.n > 1 || once.none.gaps[0] != GAP_ADJACENT)
			return pattern_fail(p, at, "what is repeated may match no event, but has a gap",
								"Let it match an event each time: write .* and time conditions outside of what may be left out.");
		/* then any fewer will do */
		least = 0;
	}
	if (times > (PATTERN_MAX_EVENTS - once.begin) / size)
		return pattern_fail(p, at, "the repeats make too many events", HINT_EVENTS);

	part->last = least <= 1 ? once.last : 0;
	for (i = 1; i < times; i++)
	{
		if (!pattern_part_copy(p, &once, i * size))
			return false;
		if (i + 1 >= least)
			part->last |= once.last << (i * size);
	}
	for (i = 1; i < times; i++)
		if (!pattern_link_states(p, once.last << ((i - 1) * size), GAP_ADJACENT, once.first << (i * size)))
			return false;
	if (most == 0 && !pattern_link_states(p, once.last << ((times - 1) * size), GAP_ADJACENT,
										  once.first << ((times - 1) * size)))
		return false;
	part->end = once.begin + times * size;
	if (least == 0)
		return pattern_choice_add(p, &part->none, GAP_ADJACENT);
	return true;
}
