/*-------------------------------------------------------------------------
 *
 * pattern.c
 *		From the text of a pattern to its compiled form.
 *
 * The parser builds the position automaton of the pattern (Glushkov's): a
 * state for each event as written, with repeats written out, and a link from a
 * state to each state that may follow it.  A link carries the gap between the
 * two events.  Gaps are joined where one event or group follows another, and
 * where what stands between two gaps is left out: the gap that results admits
 * what both admit.  Since an event may often be left out or not, there can be
 * several gaps between the same two states, and a match may take any of them.
 *
 *-------------------------------------------------------------------------
 */
#include "sequence/pattern.h"

/* What a gap has collected while it is read. */
typedef struct GapText
{
	bool		free;			/* .* or a time condition stands in it */
	bool		timed;			/* a time condition stands in it */
	bool		empty;			/* its time conditions exclude every time */
	size_t		timed_at;		/* where the first one stands */
	uint64		least;
	uint64		most;
	uint64		except[PATTERN_MAX_RANGES]; /* the values of != */
	int			nexcept;
} GapText;

/* A gap with time conditions: a union of ranges, apart and in order. */
typedef struct Gap
{
	size_t		at;				/* where a time condition of it stands */
	int			first;			/* its ranges */
	int			nranges;
} Gap;

/* Gaps are known by number; these two have no time condition. */
#define GAP_ADJACENT	0
#define GAP_FREE		1
#define GAP_TIMED		2		/* the first that has */
#define GAP_FAILED		(-1)

#define MAX_GAPS		255
#define MAX_GAP_RANGES	1024
#define MAX_CHOICES		15
#define MAX_LINKS		1024

/* Any of these gaps. */
typedef struct Choice
{
	uint8		n;
	uint8		gaps[MAX_CHOICES];
} Choice;

/*
 * A part of the pattern that has been read: its states, the states that it may
 * begin and end with, and the gaps that remain if it matches no event; none if
 * it always matches one.  Which gap stands before a state that it begins with,
 * and after one that it ends with, the parser keeps: see Parser.before, after.
 */
typedef struct Part
{
	int			begin;
	int			end;
	uint64		first;
	uint64		last;
	Choice		none;
} Part;

/* A link with time conditions from a state to others. */
typedef struct Link
{
	uint8		source;
	uint8		gap;
	uint64		targets;
} Link;

typedef struct Parser
{
	const char *text;
	size_t		length;
	size_t		at;
	Pattern    *pattern;
	PatternError *error;
	GapText		gap;			/* the gap after what was read last */
	Choice		before[PATTERN_MAX_EVENTS];
	Choice		after[PATTERN_MAX_EVENTS];
	Gap			gaps[MAX_GAPS];
	int			ngaps;
	PatternRange gap_ranges[MAX_GAP_RANGES];
	int			ngap_ranges;
	Link		links[MAX_LINKS];
	int			nlinks;
} Parser;

#define HINT_FORM "A pattern is made of (?N) for condition N, (?!N) for not N, . for any event, .* for any events, (?t<=1h) for the time between two events, and groups (...) with ?, *, + or {m,n}."
#define HINT_TIME "Write (?t OP value) with OP one of >=, >, <=, <, ==, != and a value such as 3600, 90s, 30m, 2h or 7d."
#define HINT_WINDOW "Write (?w<=value) with a value such as 3600, 90s, 30m, 2h or 7d."
#define HINT_BETWEEN "A time condition compares two events: write one on each side of it, as in (?1)(?t<=1h)(?2)."
#define HINT_REPEAT "Write {m}, {m,} or {m,n}, with n from 1 to 64 and m not above it."
#define HINT_EVENTS "A pattern holds up to 64 events, where what is repeated {m,n} times counts n times, and {m,} times m times."
#define HINT_RANGES "A pattern holds up to 128 time conditions, each counted for every pair of events that it may stand between."

static bool
fail(Parser *p, size_t at, const char *message, const char *hint)
{
	p->error->at = at;
	p->error->message = message;
	p->error->hint = hint;
	return false;
}

static bool
fail_ranges(Parser *p, size_t at)
{
	return fail(p, at, "too many time conditions", HINT_RANGES);
}

static inline uint64
state_bit(int state)
{
	return UINT64_C(1) << state;
}

/* The lowest state of a set that is not empty. */
static inline int
lowest_state(uint64 states)
{
	return __builtin_ctzll(states);
}

/*-------------------------------------------------------------------------
 * Gaps
 *-------------------------------------------------------------------------
 */
static void
gap_reset(GapText *gap)
{
	gap->free = gap->timed = gap->empty = false;
	gap->timed_at = 0;
	gap->least = 0;
	gap->most = UINT64_MAX;
	gap->nexcept = 0;
}

/* Add a range to the gap that is being made, unless it is empty. */
static bool
gap_add_range(Parser *p, uint64 least, uint64 most)
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
gap_finish(Parser *p, int first, size_t at)
{
	int			nranges = p->ngap_ranges - first;
	Gap		   *gap;
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
static int
gap_settle(Parser *p)
{
	GapText    *text = &p->gap;
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
				fits = gap_add_range(p, least, value - 1);
			least = value + 1;
		}
		if (!text->empty && fits)
			fits = gap_add_range(p, least, text->most);
		gap = fits ? gap_finish(p, first, text->timed_at) : GAP_FAILED;
		if (gap == GAP_FAILED)
			(void) fail_ranges(p, text->timed_at);
	}
	gap_reset(text);
	return gap;
}

/* The gap that admits what both of these do. */
static int
gap_join(Parser *p, int a, int b)
{
	int			first = p->ngap_ranges;
	const Gap  *x;
	const Gap  *y;
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

		if (!gap_add_range(p, r->least > s->least ? r->least : s->least,
						   r->most < s->most ? r->most : s->most))
		{
			(void) fail_ranges(p, x->at);
			return GAP_FAILED;
		}
		if (r->most < s->most)
			i++;
		else
			j++;
	}
	joined = gap_finish(p, first, x->at);
	if (joined == GAP_FAILED)
		(void) fail_ranges(p, x->at);
	return joined;
}

/* Add a gap to the choice; a free one admits all that the others do. */
static bool
choice_add(Parser *p, Choice *choice, int gap)
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
		return fail_ranges(p, gap >= GAP_TIMED ? p->gaps[gap].at : p->at);
	choice->gaps[choice->n++] = (uint8) gap;
	return true;
}

static Choice
choice_of(int gap)
{
	Choice		choice = {0};

	choice.n = 1;
	choice.gaps[0] = (uint8) gap;
	return choice;
}

/* Add to the choice every way to join one of a with the gap and one of b. */
static bool
choice_join(Parser *p, Choice *choice, Choice a, int gap, Choice b)
{
	int			i;
	int			j;

	for (i = 0; i < a.n; i++)
	{
		int			left = gap_join(p, a.gaps[i], gap);

		for (j = 0; left != GAP_FAILED && j < b.n; j++)
		{
			int			joined = gap_join(p, left, b.gaps[j]);

			if (joined == GAP_FAILED || !choice_add(p, choice, joined))
				return false;
		}
		if (left == GAP_FAILED)
			return false;
	}
	return true;
}

/* May this be taken for a gap with a time condition? Then where is it? */
static const Gap *
choice_timed(const Parser *p, const Choice *choice)
{
	int			i;

	for (i = 0; i < choice->n; i++)
		if (choice->gaps[i] >= GAP_TIMED)
			return &p->gaps[choice->gaps[i]];
	return NULL;
}

/*-------------------------------------------------------------------------
 * Parts
 *-------------------------------------------------------------------------
 */
static bool
add_link(Parser *p, int source, int gap, uint64 targets)
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
			return fail_ranges(p, p->gaps[gap].at);
		p->links[p->nlinks].source = (uint8) source;
		p->links[p->nlinks].gap = (uint8) gap;
		p->links[p->nlinks].targets = targets;
		p->nlinks++;
	}
	return true;
}

/* Link the states that something ends with to those that something begins with. */
static bool
link_states(Parser *p, uint64 last, int gap, uint64 first)
{
	for (; last != 0; last &= last - 1)
	{
		int			source = lowest_state(last);
		uint64		targets = first;

		while (targets != 0)
		{
			int			target = lowest_state(targets);
			Choice		choice = {0};
			int			i;

			targets &= targets - 1;
			if (!choice_join(p, &choice, p->after[source], gap, p->before[target]))
				return false;
			for (i = 0; i < choice.n; i++)
				if (!add_link(p, source, choice.gaps[i], state_bit(target)))
					return false;
		}
	}
	return true;
}

/* Put a gap, or a choice, before what the part begins with. */
static bool
part_lead(Parser *p, const Part *part, Choice lead, int gap)
{
	uint64		states;

	for (states = part->first; states != 0; states &= states - 1)
	{
		int			state = lowest_state(states);
		Choice		choice = {0};

		if (!choice_join(p, &choice, lead, gap, p->before[state]))
			return false;
		p->before[state] = choice;
	}
	return true;
}

/* Put a gap, or a choice, after what the part ends with. */
static bool
part_trail(Parser *p, const Part *part, int gap, Choice trail)
{
	uint64		states;

	for (states = part->last; states != 0; states &= states - 1)
	{
		int			state = lowest_state(states);
		Choice		choice = {0};

		if (!choice_join(p, &choice, p->after[state], gap, trail))
			return false;
		p->after[state] = choice;
	}
	return true;
}

/* A part of no events, at the end of those read. */
static Part
part_empty(const Parser *p)
{
	Part		part = {0};

	part.begin = part.end = p->pattern->nevents;
	part.none = choice_of(GAP_ADJACENT);
	return part;
}

/* Let `next` follow `part` after a gap. */
static bool
part_append(Parser *p, Part *part, int gap, const Part *next)
{
	Choice		none = {0};
	Part		left = *part;

	if (!link_states(p, left.last, gap, next->first) ||
		!choice_join(p, &none, left.none, gap, next->none))
		return false;
	part->end = next->end;
	part->none = none;
	if (left.none.n > 0)
	{
		if (!part_lead(p, next, left.none, gap))
			return false;
		part->first |= next->first;
	}
	part->last = next->last;
	if (next->none.n > 0)
	{
		if (!part_trail(p, &left, gap, next->none))
			return false;
		part->last |= left.last;
	}
	return true;
}

/* Copy the states of a part to behind all others, `offset` further on. */
static bool
part_copy(Parser *p, const Part *part, int offset)
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
		const Link *link = &p->links[i];

		if (link->source >= part->begin && link->source < part->end &&
			!add_link(p, link->source + offset, link->gap, link->targets << offset))
			return false;
	}
	pattern->nevents += part->end - part->begin;
	return true;
}

/*
 * Repeat a part `least` to `most` times; most = 0 means without end.  `at` is
 * where the quantifier stands.
 */
static bool
part_repeat(Parser *p, Part *part, int least, int most, size_t at)
{
	const Part	once = *part;
	const int	size = once.end - once.begin;
	const int	times = most > 0 ? most : least > 0 ? least : 1;
	int			i;

	if (once.none.n > 0 && most != 1)
	{
		if (once.none.n > 1 || once.none.gaps[0] != GAP_ADJACENT)
			return fail(p, at, "what is repeated may match no event, but has a gap",
						"Let it match an event each time: write .* and time conditions outside of what may be left out.");
		/* then any fewer will do */
		least = 0;
	}
	if (times > (PATTERN_MAX_EVENTS - once.begin) / size)
		return fail(p, at, "the repeats make too many events", HINT_EVENTS);

	part->last = least <= 1 ? once.last : 0;
	for (i = 1; i < times; i++)
	{
		if (!part_copy(p, &once, i * size))
			return false;
		if (i + 1 >= least)
			part->last |= once.last << (i * size);
	}
	for (i = 1; i < times; i++)
		if (!link_states(p, once.last << ((i - 1) * size), GAP_ADJACENT, once.first << (i * size)))
			return false;
	if (most == 0 && !link_states(p, once.last << ((times - 1) * size), GAP_ADJACENT,
								  once.first << ((times - 1) * size)))
		return false;
	part->end = once.begin + times * size;
	if (least == 0)
		return choice_add(p, &part->none, GAP_ADJACENT);
	return true;
}

/*-------------------------------------------------------------------------
 * Reading
 *-------------------------------------------------------------------------
 */
static void
skip_blanks(Parser *p)
{
	while (p->at < p->length && p->text[p->at] == ' ')
		p->at++;
}

/* Take a word if it comes right here. */
static bool
take_here(Parser *p, const char *word)
{
	size_t		length = strlen(word);

	if (p->length - p->at < length || memcmp(p->text + p->at, word, length) != 0)
		return false;
	p->at += length;
	return true;
}

/* Skip blanks, then take a word if it comes next. */
static bool
take(Parser *p, const char *word)
{
	skip_blanks(p);
	return take_here(p, word);
}

/* Read an unsigned number; false when there is none or it is past `limit`. */
static bool
take_number(Parser *p, uint64 limit, uint64 *value, bool *too_large)
{
	size_t		begin;

	skip_blanks(p);
	begin = p->at;
	*value = 0;
	*too_large = false;
	while (p->at < p->length && p->text[p->at] >= '0' && p->text[p->at] <= '9')
	{
		uint64		digit = (uint64) (p->text[p->at++] - '0');

		if (*value > (limit - digit) / 10)
			*too_large = true;
		else
			*value = *value * 10 + digit;
	}
	return p->at > begin && !*too_large;
}

/* Read a duration, in microseconds. */
static bool
parse_duration(Parser *p, uint64 *value, const char *hint)
{
	static const struct
	{
		char		letter;
		uint64		microseconds;
	}			units[] = {
		{'s', UINT64_C(1000000)},
		{'m', UINT64_C(60000000)},
		{'h', UINT64_C(3600000000)},
		{'d', UINT64_C(86400000000)},
	};
	uint64		unit = units[0].microseconds;
	size_t		value_at;
	bool		too_large;
	int			i;

	skip_blanks(p);
	value_at = p->at;
	if (!take_number(p, DURATION_MAX, value, &too_large) && !too_large)
		return fail(p, value_at, "expected a number", hint);
	skip_blanks(p);
	for (i = 0; i < 4; i++)
		if (p->at < p->length && p->text[p->at] == units[i].letter)
		{
			unit = units[i].microseconds;
			p->at++;
			break;
		}
	if (too_large || *value > (uint64) DURATION_MAX / unit)
		return fail(p, value_at, "the duration is too large",
					"The longest duration is 53375995d.");
	*value *= unit;
	return true;
}

/* After "(?t": the rest of a time condition. */
static bool
parse_time(Parser *p, size_t begin)
{
	static const char *const operators[] = {">=", ">", "<=", "<", "==", "!="};
	GapText    *gap = &p->gap;
	uint64		value;
	int			op;
	int			i;

	for (op = 0; op < 6; op++)
		if (take(p, operators[op]))
			break;
	if (op == 6)
		return fail(p, p->at, "expected a comparison operator", HINT_TIME);
	if (!parse_duration(p, &value, HINT_TIME))
		return false;

	if (!gap->timed)
		gap->timed_at = begin;
	gap->free = gap->timed = true;
	switch (op)
	{
		case 1:					/* > */
			value++;
			/* FALLTHROUGH */
		case 0:					/* >= */
			if (gap->least < value)
				gap->least = value;
			break;
		case 3:					/* < */
			if (value == 0)
			{
				gap->empty = true;
				break;
			}
			value--;
			/* FALLTHROUGH */
		case 2:					/* <= */
			if (gap->most > value)
				gap->most = value;
			break;
		case 4:					/* == */
			if (gap->least < value)
				gap->least = value;
			if (gap->most > value)
				gap->most = value;
			break;
		default:				/* != */
			if (gap->nexcept == PATTERN_MAX_RANGES)
				return fail_ranges(p, begin);
			/* keep them sorted */
			for (i = gap->nexcept++; i > 0 && gap->except[i - 1] > value; i--)
				gap->except[i] = gap->except[i - 1];
			gap->except[i] = value;
			break;
	}
	if (!take(p, ")"))
		return fail(p, p->at, "expected ) after a time condition", HINT_TIME);
	return true;
}

/* After "(?w": the rest of the window. */
static bool
parse_window(Parser *p, size_t begin, int depth)
{
	uint64		value;
	bool		inclusive = false;

	if (depth > 0)
		return fail(p, begin, "the window stands inside a group",
					"(?w<=value) bounds the whole match: write it outside of all parentheses.");
	if (p->pattern->within != UINT64_MAX)
		return fail(p, begin, "there are two windows", "Write one (?w<=value), the shorter one.");
	if (take(p, "<="))
		inclusive = true;
	else if (!take(p, "<"))
		return fail(p, p->at, "expected <= or <", HINT_WINDOW);
	if (!parse_duration(p, &value, HINT_WINDOW))
		return false;
	if (!inclusive && value == 0)
		return fail(p, begin, "no match is so short",
					"Write (?w<=0) for a match whose events all happen at one time.");
	p->pattern->within = inclusive ? value : value - 1;
	if (!take(p, ")"))
		return fail(p, p->at, "expected ) after the window", HINT_WINDOW);
	return true;
}

/* Add an event; `begin` is where it is written. */
static bool
add_event(Parser *p, uint64 conditions, bool negated, size_t begin, Part *part)
{
	Pattern    *pattern = p->pattern;
	int			state = pattern->nevents;

	if (state == PATTERN_MAX_EVENTS)
		return fail(p, begin, "too many events", "A pattern holds up to 64 events.");
	*part = part_empty(p);
	part->none.n = 0;
	part->end++;
	part->first = part->last = state_bit(state);
	p->before[state] = p->after[state] = choice_of(GAP_ADJACENT);
	pattern->conditions[state] = conditions;
	if (negated)
		pattern->negated |= state_bit(state);
	pattern->nevents++;
	return true;
}

/* After "(?": the conditions of an event. */
static bool
parse_conditions(Parser *p, size_t begin, Part *part)
{
	uint64		conditions = 0;
	bool		negated = take(p, "!");

	do
	{
		uint64		number;
		size_t		number_at;
		bool		too_large;

		skip_blanks(p);
		number_at = p->at;
		if (!take_number(p, STEPSET_MAX, &number, &too_large))
		{
			if (too_large)
				return fail(p, number_at, "the condition number is too large",
							"A stepset holds up to 58 conditions.");
			return fail(p, number_at, conditions != 0 || negated ? "expected a condition number" :
						"expected a condition number, ! or t", HINT_FORM);
		}
		if (number == 0)
			return fail(p, number_at, "condition 0 does not exist",
						"Conditions are numbered from 1.");
		conditions |= stepset_bit((int) number - 1);
		if ((int) number > p->pattern->highest)
			p->pattern->highest = (int) number;
	} while (take(p, "|"));
	if (!take(p, ")"))
		return fail(p, p->at, "expected ) after a condition number", HINT_FORM);
	return add_event(p, conditions, negated, begin, part);
}

/* The quantifier of a part, if one comes right here. */
static bool
parse_quantifier(Parser *p, Part *part)
{
	size_t		begin = p->at;
	uint64		least = 0;
	uint64		most = 0;
	bool		endless = true;
	bool		too_large;

	if (take_here(p, "?"))
	{
		most = 1;
		endless = false;
	}
	else if (take_here(p, "+"))
		least = 1;
	else if (take_here(p, "{"))
	{
		if (!take_number(p, PATTERN_MAX_EVENTS, &least, &too_large))
			return too_large ? fail(p, begin, "the repeats make too many events", HINT_EVENTS) :
				fail(p, p->at, "expected a number of repeats", HINT_REPEAT);
		if (!take(p, ","))
		{
			most = least;
			endless = false;
		}
		else if (take_number(p, PATTERN_MAX_EVENTS, &most, &too_large))
			endless = false;
		else if (too_large)
			return fail(p, begin, "the repeats make too many events", HINT_EVENTS);
		if (!take(p, "}"))
			return fail(p, p->at, "expected } after the number of repeats", HINT_REPEAT);
		if (!endless && most == 0)
			return fail(p, begin, "it is repeated no times", HINT_REPEAT);
		if (!endless && least > most)
			return fail(p, begin, "the least number of repeats is above the most", HINT_REPEAT);
	}
	else if (!take_here(p, "*"))
		return true;
	return part_repeat(p, part, (int) least, (int) most, begin);
}

static bool parse_group(Parser *p, size_t begin, int depth, Part *part);

/*
 * Read a row of events, groups and gaps, to the end of the text or of the
 * alternative.  At depth 0 it is the pattern itself.
 */
static bool
parse_row(Parser *p, int depth, Part *row)
{
	const size_t row_at = p->at;
	Part		end;
	int			gap;

	*row = part_empty(p);
	gap_reset(&p->gap);
	for (;;)
	{
		Part		part;
		size_t		begin;

		skip_blanks(p);
		begin = p->at;
		if (begin == p->length)
			break;
		if (p->pattern->at_end)
		{
			if (!take(p, "(?") || !take(p, "w"))
				return fail(p, begin, "something follows $",
							"$ stands for the user's last event: write it at the end of the pattern.");
			p->at = begin;
		}
		if (depth > 0 && (p->text[begin] == ')' || p->text[begin] == '|'))
			break;

		if (take(p, "(?"))
		{
			if (take(p, "t"))
			{
				if (!parse_time(p, begin))
					return false;
				continue;
			}
			if (take(p, "w"))
			{
				if (!parse_window(p, begin, depth))
					return false;
				continue;
			}
			gap = gap_settle(p);
			if (gap == GAP_FAILED || !parse_conditions(p, begin, &part))
				return false;
		}
		else if (take(p, ".*"))
		{
			p->gap.free = true;
			continue;
		}
		else if (take(p, "."))
		{
			gap = gap_settle(p);
			if (gap == GAP_FAILED || !add_event(p, 0, true, begin, &part))
				return false;
		}
		else if (take(p, "("))
		{
			gap = gap_settle(p);
			if (gap == GAP_FAILED || !parse_group(p, begin, depth + 1, &part))
				return false;
		}
		else if (take(p, "^"))
		{
			if (depth > 0 || row->end > row->begin || p->gap.free || p->pattern->at_begin)
				return fail(p, begin, "^ does not stand at the beginning",
							"^ stands for the user's first event: write it at the beginning of the pattern.");
			p->pattern->at_begin = true;
			continue;
		}
		else if (depth == 0 && take(p, "$"))
		{
			p->pattern->at_end = true;
			continue;
		}
		else if (take(p, "$"))
			return fail(p, begin, "$ does not stand at the end",
						"$ stands for the user's last event: write it at the end of the pattern.");
		else if (take(p, "|"))
			return fail(p, begin, "| stands outside of parentheses",
						"Write (?1|2) for an event that meets condition 1 or 2, and ((?1)(?2)|(?3)) for one row of events or another.");
		else
			return fail(p, begin, "unexpected character", HINT_FORM);

		if (!parse_quantifier(p, &part) || !part_append(p, row, gap, &part))
			return false;
	}
	if (row->end == row->begin)
		return depth == 0 ? fail(p, 0, "the pattern names no event", HINT_FORM) :
			fail(p, row_at, "a group or an alternative names no event",
				 "Write an event in it; (...)? is a group that may be left out.");

	/* the gap that the row ends with */
	gap = gap_settle(p);
	if (gap == GAP_FAILED)
		return false;
	memset(&end, 0, sizeof(Part));
	end.begin = end.end = p->pattern->nevents;
	end.none = choice_of(GAP_ADJACENT);
	return part_append(p, row, gap, &end);
}

/* After "(": the alternatives of a group, and its end. */
static bool
parse_group(Parser *p, size_t begin, int depth, Part *group)
{
	if (depth > PATTERN_MAX_DEPTH)
		return fail(p, begin, "too many groups inside groups",
					"Groups stand up to 32 deep inside one another.");
	if (!parse_row(p, depth, group))
		return false;
	while (take(p, "|"))
	{
		Part		row;
		int			i;

		if (!parse_row(p, depth, &row))
			return false;
		group->end = row.end;
		group->first |= row.first;
		group->last |= row.last;
		for (i = 0; i < row.none.n; i++)
			if (!choice_add(p, &group->none, row.none.gaps[i]))
				return false;
	}
	if (!take(p, ")"))
		return fail(p, begin, "the group is not closed", "Write ) at its end.");
	return true;
}

/*-------------------------------------------------------------------------
 * The compiled form
 *-------------------------------------------------------------------------
 */

/* Add a range to the last state that has any so far, or to a later one. */
static bool
add_range(Pattern *pattern, int state, const PatternRange *range, uint64 targets)
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
settle(Pattern *pattern)
{
	const uint64 all = pattern_states(pattern->nevents);
	int			state;
	int			r;

	pattern->linear = !pattern->at_begin && !pattern->at_end &&
		pattern->within == UINT64_MAX && pattern->begin_any == 1 &&
		pattern->end_any == state_bit(pattern->nevents - 1) &&
		(pattern->begin_first | pattern->end_last) == 0;
	for (state = 0; state < pattern->nevents; state++)
	{
		const uint64 bit = state_bit(state);
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

/* Turn what was read into the compiled form. */
static bool
compile(Parser *p, const Part *whole)
{
	Pattern    *pattern = p->pattern;
	Pattern		reversed;
	uint64		states;
	int			state;
	int			i;
	int			j;

	if (whole->none.n > 0)
		return fail(p, 0, "the pattern may match no event",
					"Let at least one event of it stand without ?, * or {0,n}.");
	for (states = whole->first; states != 0; states &= states - 1)
	{
		const Choice *choice;
		const Gap  *timed;

		state = lowest_state(states);
		choice = &p->before[state];
		timed = choice_timed(p, choice);
		if (timed != NULL)
			return fail(p, timed->at, "a time condition stands before the first event", HINT_BETWEEN);
		if (pattern->at_begin && choice->gaps[0] == GAP_ADJACENT)
			pattern->begin_first |= state_bit(state);
		else
			pattern->begin_any |= state_bit(state);
	}
	for (states = whole->last; states != 0; states &= states - 1)
	{
		const Choice *choice;
		const Gap  *timed;

		state = lowest_state(states);
		choice = &p->after[state];
		timed = choice_timed(p, choice);
		if (timed != NULL)
			return fail(p, timed->at, "a time condition stands after the last event", HINT_BETWEEN);
		if (pattern->at_end && choice->gaps[0] == GAP_ADJACENT)
			pattern->end_last |= state_bit(state);
		else
			pattern->end_any |= state_bit(state);
	}

	for (state = 0; state < pattern->nevents; state++)
	{
		pattern->first_range[state + 1] = pattern->first_range[state];
		for (i = 0; i < p->nlinks; i++)
		{
			const Gap  *gap = &p->gaps[p->links[i].gap];

			if (p->links[i].source != state)
				continue;
			for (j = gap->first; j < gap->first + gap->nranges; j++)
				if (!add_range(pattern, state, &p->gap_ranges[j], p->links[i].targets))
					return fail_ranges(p, gap->at);
		}
	}
	settle(pattern);
	/* the times of a match are found from its end: that must be possible too */
	if (!pattern_reverse(pattern, pattern->nevents, true, &reversed))
		return fail_ranges(p, p->gaps[p->links[0].gap].at);
	return true;
}

/*
 * Compile a pattern.  Returns false and fills in *error when the text is not
 * one.  Whether the stepsets have as many conditions as the pattern names is
 * for the caller to check: see Pattern.highest.
 */
bool
pattern_parse(const char *text, size_t length, Pattern *pattern,
			  PatternError *error)
{
	Parser		p;
	Part		whole;

	p.text = text;
	p.length = length;
	p.at = 0;
	p.pattern = pattern;
	p.error = error;
	p.ngaps = GAP_TIMED;
	p.ngap_ranges = 0;
	p.nlinks = 0;
	memset(pattern, 0, sizeof(Pattern));
	pattern->within = UINT64_MAX;

	return parse_row(&p, 0, &whole) && compile(&p, &whole);
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
		const uint64 target_bit = state_bit(target);

		reversed->conditions[state] = pattern->conditions[target];
		reversed->first_range[state + 1] = reversed->first_range[state];
		for (source = nevents - 1; source >= 0; source--)
		{
			const uint64 bit = state_bit(nevents - 1 - source);

			if (pattern->adjacent_to[source] & target_bit)
				reversed->adjacent_to[state] |= bit;
			if (pattern->free_to[source] & target_bit)
				reversed->free_to[state] |= bit;
			for (r = pattern->first_range[source]; r < pattern->first_range[source + 1]; r++)
				if ((pattern->ranges[r].targets & target_bit) != 0 &&
					!add_range(reversed, state, &pattern->ranges[r], bit))
					return false;
		}
	}
	settle(reversed);
	return true;
}
