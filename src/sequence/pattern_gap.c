/*-------------------------------------------------------------------------
 *
 * pattern_gap.c
 *		Gaps between the events of a pattern, and sets of alternative gaps.
 *
 *-------------------------------------------------------------------------
 */
#include "sequence/pattern_parser.h"

#define HINT_RANGES "A pattern holds up to 128 time conditions, each counted for every pair of events that it may stand between."

bool
pattern_fail(PatternParser *p, size_t at, const char *message, const char *hint)
{
	p->error->at = at;
	p->error->message = message;
	p->error->hint = hint;
	return false;
}

bool
pattern_fail_ranges(PatternParser *p, size_t at)
{
	return pattern_fail(p, at, "too many time conditions", HINT_RANGES);
}

void
pattern_gap_reset(PatternGapText *gap)
{
	gap->free = gap->timed = gap->empty = false;
	gap->timed_at = 0;
	gap->least = 0;
	gap->most = UINT64_MAX;
	gap->nexcept = 0;
}

/* Add a range to the gap that is being made, unless it is empty. */
static bool
pattern_gap_add_range(PatternParser *p, uint64 least, uint64 most)
{
	PatternRange *range = &p->gap_ranges[p->ngap_ranges];

	if (least > most)
		return true;
	if (p->ngap_ranges == MAX_GAP_RANGES)
		return false;
	range->least = least;
	range->most = most;
	range->targets = 0;
	p->ngap_ranges++;
	return true;
}

/* The number of the gap whose ranges have been added from `first` on. */
static int
pattern_gap_finish(PatternParser *p, int first, size_t at)
{
	int			nranges = p->ngap_ranges - first;
	PatternGap *gap;
	int			g;

	for (g = GAP_TIMED; g < p->ngaps; g++)
	{
		gap = &p->gaps[g];
		if (gap->nranges == nranges &&
			memcmp(&p->gap_ranges[gap->first], &p->gap_ranges[first],
				   sizeof(PatternRange) * (size_t) nranges) == 0)
		{
			p->ngap_ranges = first;
			return g;
		}
	}
	if (p->ngaps == MAX_GAPS)
		return GAP_FAILED;
	gap = &p->gaps[p->ngaps];
	gap->at = at;
	gap->first = first;
	gap->nranges = nranges;
	return p->ngaps++;
}

/* Settle the gap that has been read, and begin another. */
int
pattern_gap_settle(PatternParser *p)
{
	PatternGapText *text = &p->gap;
	int			gap = text->free ? GAP_FREE : GAP_ADJACENT;

	if (text->timed)
	{
		int			first = p->ngap_ranges;
		uint64		least = text->least;
		bool		fits = true;
		int			i;

		for (i = 0; i < text->nexcept && !text->empty && fits; i++)
		{
			uint64		value = text->except[i];

			if (value < least || value > text->most)
				continue;
			if (value > least)
				fits = pattern_gap_add_range(p, least, value - 1);
			least = value + 1;
		}
		if (!text->empty && fits)
			fits = pattern_gap_add_range(p, least, text->most);
		gap = fits ? pattern_gap_finish(p, first, text->timed_at) : GAP_FAILED;
		if (gap == GAP_FAILED)
			(void) pattern_fail_ranges(p, text->timed_at);
	}
	pattern_gap_reset(text);
	return gap;
}

/* The gap that admits what both of these do. */
static int
pattern_gap_join(PatternParser *p, int a, int b)
{
	int			first = p->ngap_ranges;
	const PatternGap *x;
	const PatternGap *y;
	int			i = 0;
	int			j = 0;
	int			joined;

	if (a == b || b == GAP_ADJACENT)
		return a;
	if (a == GAP_ADJACENT)
		return b;
	if (a == GAP_FREE || b == GAP_FREE)
		return a == GAP_FREE ? b : a;
	x = &p->gaps[a];
	y = &p->gaps[b];
	while (i < x->nranges && j < y->nranges)
	{
		const PatternRange *r = &p->gap_ranges[x->first + i];
		const PatternRange *s = &p->gap_ranges[y->first + j];

		if (!pattern_gap_add_range(p, r->least > s->least ? r->least : s->least,
								   r->most < s->most ? r->most : s->most))
		{
			(void) pattern_fail_ranges(p, x->at);
			return GAP_FAILED;
		}
		if (r->most < s->most)
			i++;
		else
			j++;
	}
	joined = pattern_gap_finish(p, first, x->at);
	if (joined == GAP_FAILED)
		(void) pattern_fail_ranges(p, x->at);
	return joined;
}

/* Add a gap to the choice; a free one admits all that the others do. */
bool
pattern_choice_add(PatternParser *p, PatternChoice *choice, int gap)
{
	int			i;

	if (gap == GAP_FREE || (choice->n > 0 && choice->gaps[0] == GAP_FREE))
	{
		choice->n = 1;
		choice->gaps[0] = GAP_FREE;
		return true;
	}
	for (i = 0; i < choice->n; i++)
		if (choice->gaps[i] == gap)
			return true;
	if (choice->n == MAX_CHOICES)
		return pattern_fail_ranges(p, gap >= GAP_TIMED ? p->gaps[gap].at : p->at);
	choice->gaps[choice->n++] = (uint8) gap;
	return true;
}

PatternChoice
pattern_choice_of(int gap)
{
	PatternChoice choice = {0};

	choice.n = 1;
	choice.gaps[0] = (uint8) gap;
	return choice;
}

/* Add to the choice every way to join one of a with the gap and one of b. */
bool
pattern_choice_join(PatternParser *p, PatternChoice *choice, PatternChoice a, int gap, PatternChoice b)
{
	int			i;
	int			j;

	for (i = 0; i < a.n; i++)
	{
		int			left = pattern_gap_join(p, a.gaps[i], gap);

		for (j = 0; left != GAP_FAILED && j < b.n; j++)
		{
			int			joined = pattern_gap_join(p, left, b.gaps[j]);

			if (joined == GAP_FAILED || !pattern_choice_add(p, choice, joined))
				return false;
		}
		if (left == GAP_FAILED)
			return false;
	}
	return true;
}

/* May this be taken for a gap with a time condition? Then where is it? */
const PatternGap *
pattern_choice_timed(const PatternParser *p, const PatternChoice *choice)
{
	int			i;

	for (i = 0; i < choice->n; i++)
		if (choice->gaps[i] >= GAP_TIMED)
			return &p->gaps[choice->gaps[i]];
	return NULL;
}
