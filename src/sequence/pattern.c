/*-------------------------------------------------------------------------
 *
 * pattern.c
 *		The parser of patterns.
 *
 * The parser builds the position automaton of the pattern (Glushkov's): a
 * state for each event as written, with repeats written out, and a link from
 * a state to each state that may follow it.  A link carries the gap between
 * the two events.  Two gaps are joined if one event or group follows another,
 * or if the part between the gaps is omitted: the resulting gap admits what
 * both admit.  As an event may be optional, there can be several gaps between
 * the same two states, and a match may use any of them.
 *
 *-------------------------------------------------------------------------
 */
#include "sequence/pattern_parser.h"

#define HINT_FORM "A pattern is made of (?N) for condition N, (?!N) for not N, . for any event, .* for any events, (?t<=1h) for the time between two events, and groups (...) with ?, *, + or {m,n}."
#define HINT_TIME "Write (?t OP value) with OP one of >=, >, <=, <, ==, != and a value such as 3600, 90s, 30m, 2h or 7d."
#define HINT_WINDOW "Write (?w<=value) with a value such as 3600, 90s, 30m, 2h or 7d."
#define HINT_REPEAT "Write {m}, {m,} or {m,n}, with n from 1 to 64 and m not above it."

static void
pattern_skip_blanks(PatternParser *p)
{
	while (p->at < p->length && p->text[p->at] == ' ')
		p->at++;
}

/* Take a word if it comes right here. */
static bool
pattern_take_here(PatternParser *p, const char *word)
{
	size_t		length = strlen(word);

	if (p->length - p->at < length || memcmp(p->text + p->at, word, length) != 0)
		return false;
	p->at += length;
	return true;
}

/* Skip blanks, then take a word if it comes next. */
static bool
pattern_take(PatternParser *p, const char *word)
{
	pattern_skip_blanks(p);
	return pattern_take_here(p, word);
}

/* Read an unsigned number; false when there is none or it is past `limit`. */
static bool
pattern_take_number(PatternParser *p, uint64 limit, uint64 *value, bool *too_large)
{
	size_t		begin;

	pattern_skip_blanks(p);
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
pattern_parse_duration(PatternParser *p, uint64 *value, const char *hint)
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

	pattern_skip_blanks(p);
	value_at = p->at;
	if (!pattern_take_number(p, DURATION_MAX, value, &too_large) && !too_large)
		return pattern_fail(p, value_at, "expected a number", hint);
	pattern_skip_blanks(p);
	for (i = 0; i < 4; i++)
		if (p->at < p->length && p->text[p->at] == units[i].letter)
		{
			unit = units[i].microseconds;
			p->at++;
			break;
		}
	if (too_large || *value > (uint64) DURATION_MAX / unit)
		return pattern_fail(p, value_at, "the duration is too large",
							"The longest duration is 53375995d.");
	*value *= unit;
	return true;
}

/* After "(?t": the rest of a time condition. */
static bool
pattern_parse_time(PatternParser *p, size_t begin)
{
	static const char *const operators[] = {">=", ">", "<=", "<", "==", "!="};
	PatternGapText *gap = &p->gap;
	uint64		value;
	int			op;
	int			i;

	for (op = 0; op < 6; op++)
		if (pattern_take(p, operators[op]))
			break;
	if (op == 6)
		return pattern_fail(p, p->at, "expected a comparison operator", HINT_TIME);
	if (!pattern_parse_duration(p, &value, HINT_TIME))
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
				return pattern_fail_ranges(p, begin);
			/* keep them sorted */
			for (i = gap->nexcept++; i > 0 && gap->except[i - 1] > value; i--)
				gap->except[i] = gap->except[i - 1];
			gap->except[i] = value;
			break;
	}
	if (!pattern_take(p, ")"))
		return pattern_fail(p, p->at, "expected ) after a time condition", HINT_TIME);
	return true;
}

/* After "(?w": the rest of the window. */
static bool
pattern_parse_window(PatternParser *p, size_t begin, int depth)
{
	uint64		value;
	bool		inclusive = false;

	if (depth > 0)
		return pattern_fail(p, begin, "the window stands inside a group",
							"(?w<=value) bounds the whole match: write it outside of all parentheses.");
	if (p->pattern->within != UINT64_MAX)
		return pattern_fail(p, begin, "there are two windows", "Write one (?w<=value), the shorter one.");
	if (pattern_take(p, "<="))
		inclusive = true;
	else if (!pattern_take(p, "<"))
		return pattern_fail(p, p->at, "expected <= or <", HINT_WINDOW);
	if (!pattern_parse_duration(p, &value, HINT_WINDOW))
		return false;
	if (!inclusive && value == 0)
		return pattern_fail(p, begin, "no match is so short",
							"Write (?w<=0) for a match whose events all happen at one time.");
	p->pattern->within = inclusive ? value : value - 1;
	if (!pattern_take(p, ")"))
		return pattern_fail(p, p->at, "expected ) after the window", HINT_WINDOW);
	return true;
}

/* Add an event; `begin` is where it is written. */
static bool
pattern_add_event(PatternParser *p, uint64 conditions, bool negated, size_t begin, PatternPart *part)
{
	Pattern    *pattern = p->pattern;
	int			state = pattern->nevents;

	if (state == PATTERN_MAX_EVENTS)
		return pattern_fail(p, begin, "too many events", "A pattern holds up to 64 events.");
	*part = pattern_part_empty(p);
	part->none.n = 0;
	part->end++;
	part->first = part->last = pattern_state_bit(state);
	p->before[state] = p->after[state] = pattern_choice_of(GAP_ADJACENT);
	pattern->conditions[state] = conditions;
	if (negated)
		pattern->negated |= pattern_state_bit(state);
	pattern->nevents++;
	return true;
}

/* After "(?": the conditions of an event. */
static bool
pattern_parse_conditions(PatternParser *p, size_t begin, PatternPart *part)
{
	uint64		conditions = 0;
	bool		negated = pattern_take(p, "!");

	do
	{
		uint64		number;
		size_t		number_at;
		bool		too_large;

		pattern_skip_blanks(p);
		number_at = p->at;
		if (!pattern_take_number(p, STEPSET_MAX, &number, &too_large))
		{
			if (too_large)
				return pattern_fail(p, number_at, "the condition number is too large",
									"A stepset holds up to 58 conditions.");
			return pattern_fail(p, number_at, conditions != 0 || negated ? "expected a condition number" :
								"expected a condition number, ! or t", HINT_FORM);
		}
		if (number == 0)
			return pattern_fail(p, number_at, "condition 0 does not exist",
								"Conditions are numbered from 1.");
		conditions |= stepset_bit((int) number - 1);
		if ((int) number > p->pattern->highest)
			p->pattern->highest = (int) number;
	} while (pattern_take(p, "|"));
	if (!pattern_take(p, ")"))
		return pattern_fail(p, p->at, "expected ) after a condition number", HINT_FORM);
	return pattern_add_event(p, conditions, negated, begin, part);
}

/* The quantifier of a part, if one comes right here. */
static bool
pattern_parse_quantifier(PatternParser *p, PatternPart *part)
{
	size_t		begin = p->at;
	uint64		least = 0;
	uint64		most = 0;
	bool		endless = true;
	bool		too_large;

	if (pattern_take_here(p, "?"))
	{
		most = 1;
		endless = false;
	}
	else if (pattern_take_here(p, "+"))
		least = 1;
	else if (pattern_take_here(p, "{"))
	{
		if (!pattern_take_number(p, PATTERN_MAX_EVENTS, &least, &too_large))
			return too_large ? pattern_fail(p, begin, "the repeats make too many events", HINT_EVENTS) :
				pattern_fail(p, p->at, "expected a number of repeats", HINT_REPEAT);
		if (!pattern_take(p, ","))
		{
			most = least;
			endless = false;
		}
		else if (pattern_take_number(p, PATTERN_MAX_EVENTS, &most, &too_large))
			endless = false;
		else if (too_large)
			return pattern_fail(p, begin, "the repeats make too many events", HINT_EVENTS);
		if (!pattern_take(p, "}"))
			return pattern_fail(p, p->at, "expected } after the number of repeats", HINT_REPEAT);
		if (!endless && most == 0)
			return pattern_fail(p, begin, "it is repeated no times", HINT_REPEAT);
		if (!endless && least > most)
			return pattern_fail(p, begin, "the least number of repeats is above the most", HINT_REPEAT);
	}
	else if (!pattern_take_here(p, "*"))
		return true;
	return pattern_part_repeat(p, part, (int) least, (int) most, begin);
}

static bool pattern_parse_group(PatternParser *p, size_t begin, int depth, PatternPart *part);

/*
 * Read a row of events, groups and gaps, to the end of the text or of the
 * alternative.  At depth 0 it is the pattern itself.
 */
static bool
pattern_parse_row(PatternParser *p, int depth, PatternPart *row)
{
	const size_t row_at = p->at;
	PatternPart end;
	int			gap;

	*row = pattern_part_empty(p);
	pattern_gap_reset(&p->gap);
	for (;;)
	{
		PatternPart part;
		size_t		begin;

		pattern_skip_blanks(p);
		begin = p->at;
		if (begin == p->length)
			break;
		if (p->pattern->at_end)
		{
			if (!pattern_take(p, "(?") || !pattern_take(p, "w"))
				return pattern_fail(p, begin, "something follows $",
									"$ stands for the user's last event: write it at the end of the pattern.");
			p->at = begin;
		}
		if (depth > 0 && (p->text[begin] == ')' || p->text[begin] == '|'))
			break;

		if (pattern_take(p, "(?"))
		{
			if (pattern_take(p, "t"))
			{
				if (!pattern_parse_time(p, begin))
					return false;
				continue;
			}
			if (pattern_take(p, "w"))
			{
				if (!pattern_parse_window(p, begin, depth))
					return false;
				continue;
			}
			gap = pattern_gap_settle(p);
			if (gap == GAP_FAILED || !pattern_parse_conditions(p, begin, &part))
				return false;
		}
		else if (pattern_take(p, ".*"))
		{
			p->gap.free = true;
			continue;
		}
		else if (pattern_take(p, "."))
		{
			gap = pattern_gap_settle(p);
			if (gap == GAP_FAILED || !pattern_add_event(p, 0, true, begin, &part))
				return false;
		}
		else if (pattern_take(p, "("))
		{
			gap = pattern_gap_settle(p);
			if (gap == GAP_FAILED || !pattern_parse_group(p, begin, depth + 1, &part))
				return false;
		}
		else if (pattern_take(p, "^"))
		{
			if (depth > 0 || row->end > row->begin || p->gap.free || p->pattern->at_begin)
				return pattern_fail(p, begin, "^ does not stand at the beginning",
									"^ stands for the user's first event: write it at the beginning of the pattern.");
			p->pattern->at_begin = true;
			continue;
		}
		else if (depth == 0 && pattern_take(p, "$"))
		{
			p->pattern->at_end = true;
			continue;
		}
		else if (pattern_take(p, "$"))
			return pattern_fail(p, begin, "$ does not stand at the end",
								"$ stands for the user's last event: write it at the end of the pattern.");
		else if (pattern_take(p, "|"))
			return pattern_fail(p, begin, "| stands outside of parentheses",
								"Write (?1|2) for an event that meets condition 1 or 2, and ((?1)(?2)|(?3)) for one row of events or another.");
		else
			return pattern_fail(p, begin, "unexpected character", HINT_FORM);

		if (!pattern_parse_quantifier(p, &part) || !pattern_part_append(p, row, gap, &part))
			return false;
	}
	if (row->end == row->begin)
		return depth == 0 ? pattern_fail(p, 0, "the pattern names no event", HINT_FORM) :
			pattern_fail(p, row_at, "a group or an alternative names no event",
						 "Write an event in it; (...)? is a group that may be left out.");

	/* the gap that the row ends with */
	gap = pattern_gap_settle(p);
	if (gap == GAP_FAILED)
		return false;
	end = pattern_part_empty(p);
	return pattern_part_append(p, row, gap, &end);
}

/* After "(": the alternatives of a group, and its end. */
static bool
pattern_parse_group(PatternParser *p, size_t begin, int depth, PatternPart *group)
{
	if (depth > PATTERN_MAX_DEPTH)
		return pattern_fail(p, begin, "too many groups inside groups",
							"Groups stand up to 32 deep inside one another.");
	if (!pattern_parse_row(p, depth, group))
		return false;
	while (pattern_take(p, "|"))
	{
		PatternPart row;
		int			i;

		if (!pattern_parse_row(p, depth, &row))
			return false;
		group->end = row.end;
		group->first |= row.first;
		group->last |= row.last;
		for (i = 0; i < row.none.n; i++)
			if (!pattern_choice_add(p, &group->none, row.none.gaps[i]))
				return false;
	}
	if (!pattern_take(p, ")"))
		return pattern_fail(p, begin, "the group is not closed", "Write ) at its end.");
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
	PatternParser p;
	PatternPart whole;

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

	return pattern_parse_row(&p, 0, &whole) && pattern_compile(&p, &whole);
}
