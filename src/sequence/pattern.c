/*-------------------------------------------------------------------------
 *
 * pattern.c
 *		From the text of a pattern to its compiled form.
 *
 *-------------------------------------------------------------------------
 */
#include "sequence/pattern.h"

/* What a gap has collected while it is read. */
typedef struct Gap
{
	bool		free;			/* .* or a time condition stands in it */
	bool		timed;			/* a time condition stands in it */
	bool		empty;			/* its time conditions exclude every time */
	size_t		timed_at;		/* where the first one stands */
	uint64		least;
	uint64		most;
	uint64		except[PATTERN_MAX_RANGES]; /* the values of != */
	int			nexcept;
} Gap;

typedef struct Parser
{
	const char *text;
	size_t		length;
	size_t		at;
	Pattern    *pattern;
	PatternError *error;
	Gap			gap;			/* the gap after the last event read */
	int			nranges;
} Parser;

#define HINT_FORM "A pattern is made of (?N) for condition N, . for any event, .* for any events, and (?t<=1h) for the time between two events."
#define HINT_TIME "Write (?t OP value) with OP one of >=, >, <=, <, ==, != and a value such as 3600, 90s, 30m, 2h or 7d."

static bool
fail(Parser *p, size_t at, const char *message, const char *hint)
{
	p->error->at = at;
	p->error->message = message;
	p->error->hint = hint;
	return false;
}

static void
gap_reset(Gap *gap)
{
	memset(gap, 0, sizeof(Gap));
	gap->most = UINT64_MAX;
}

static void
skip_blanks(Parser *p)
{
	while (p->at < p->length && p->text[p->at] == ' ')
		p->at++;
}

/* Skip blanks, then take a word if it comes next. */
static bool
take(Parser *p, const char *word)
{
	size_t		length = strlen(word);

	skip_blanks(p);
	if (p->length - p->at < length || memcmp(p->text + p->at, word, length) != 0)
		return false;
	p->at += length;
	return true;
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

/* After "(?t": the rest of a time condition. */
static bool
parse_time(Parser *p, size_t begin)
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
	static const char *const operators[] = {">=", ">", "<=", "<", "==", "!="};
	Gap		   *gap = &p->gap;
	uint64		unit = units[0].microseconds;
	uint64		value;
	size_t		value_at;
	bool		too_large;
	int			op;
	int			i;

	if (p->pattern->nevents == 0)
		return fail(p, begin, "a time condition stands before the first event",
					"A time condition compares two events: write one on each side of it, as in (?1)(?t<=1h)(?2).");
	for (op = 0; op < 6; op++)
		if (take(p, operators[op]))
			break;
	if (op == 6)
		return fail(p, p->at, "expected a comparison operator", HINT_TIME);

	skip_blanks(p);
	value_at = p->at;
	if (!take_number(p, DURATION_MAX, &value, &too_large) && !too_large)
		return fail(p, value_at, "expected a number", HINT_TIME);
	skip_blanks(p);
	for (i = 0; i < 4; i++)
		if (p->at < p->length && p->text[p->at] == units[i].letter)
		{
			unit = units[i].microseconds;
			p->at++;
			break;
		}
	if (too_large || value > (uint64) DURATION_MAX / unit)
		return fail(p, value_at, "the duration is too large",
					"The longest duration is 53375995d.");
	value *= unit;

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
				return fail(p, begin, "too many time conditions",
							"A pattern holds up to 128 time conditions.");
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

/* Add one range to the gap after event `state`. */
static bool
add_range(Parser *p, uint64 least, uint64 most)
{
	if (least > most)
		return true;
	if (p->nranges == PATTERN_MAX_RANGES)
		return fail(p, p->gap.timed_at, "too many time conditions",
					"A pattern holds up to 128 time conditions.");
	p->pattern->ranges[p->nranges].least = least;
	p->pattern->ranges[p->nranges].most = most;
	p->nranges++;
	if (least > 0)
		p->pattern->looks_back = true;
	return true;
}

/* An event follows: settle the gap before it, then enter the event. */
static bool
add_event(Parser *p, int condition, size_t begin)
{
	Pattern    *pattern = p->pattern;
	Gap		   *gap = &p->gap;
	int			state = pattern->nevents;

	if (state == PATTERN_MAX_EVENTS)
		return fail(p, begin, "too many events", "A pattern holds up to 64 events.");
	if (state > 0)
	{
		uint64		bit = UINT64_C(1) << (state - 1);

		pattern->first_range[state - 1] = p->nranges;
		if (gap->timed)
		{
			uint64		least = gap->least;
			int			i;

			pattern->timed |= bit;
			for (i = 0; i < gap->nexcept && !gap->empty; i++)
			{
				uint64		value = gap->except[i];

				if (value < least || value > gap->most)
					continue;
				if (value > least && !add_range(p, least, value - 1))
					return false;
				least = value + 1;
			}
			if (!gap->empty && !add_range(p, least, gap->most))
				return false;
		}
		else if (gap->free)
			pattern->free |= bit;
		else
			pattern->adjacent |= bit;
	}
	pattern->first_range[state] = p->nranges;
	gap_reset(gap);

	pattern->condition[state] = condition;
	if (condition == PATTERN_ANY)
		pattern->any |= UINT64_C(1) << state;
	else
	{
		pattern->enters[condition] |= UINT64_C(1) << state;
		if (condition + 1 > pattern->highest)
			pattern->highest = condition + 1;
	}
	pattern->nevents++;
	pattern->first_range[pattern->nevents] = p->nranges;
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
	Parser		p = {.text = text, .length = length, .pattern = pattern, .error = error};

	memset(pattern, 0, sizeof(Pattern));
	gap_reset(&p.gap);

	for (;;)
	{
		size_t		begin;

		skip_blanks(&p);
		begin = p.at;
		if (begin == p.length)
			break;
		if (take(&p, "(?"))
		{
			uint64		number;
			size_t		number_at;
			bool		too_large;

			if (take(&p, "t"))
			{
				if (!parse_time(&p, begin))
					return false;
				continue;
			}
			number_at = p.at;
			if (!take_number(&p, STEPSET_MAX, &number, &too_large))
			{
				if (too_large)
					return fail(&p, number_at, "the condition number is too large",
								"A stepset holds up to 58 conditions.");
				return fail(&p, number_at, "expected a condition number or t", HINT_FORM);
			}
			if (number == 0)
				return fail(&p, number_at, "condition 0 does not exist",
							"Conditions are numbered from 1.");
			if (!take(&p, ")"))
				return fail(&p, p.at, "expected ) after a condition number", HINT_FORM);
			if (!add_event(&p, (int) number - 1, begin))
				return false;
		}
		else if (take(&p, ".*"))
			p.gap.free = true;
		else if (take(&p, "."))
		{
			if (!add_event(&p, PATTERN_ANY, begin))
				return false;
		}
		else
			return fail(&p, begin, "unexpected character", HINT_FORM);
	}
	if (pattern->nevents == 0)
		return fail(&p, 0, "the pattern names no event", HINT_FORM);
	if (p.gap.timed)
		return fail(&p, p.gap.timed_at, "a time condition stands after the last event",
					"A time condition compares two events: write one on each side of it, as in (?1)(?t<=1h)(?2).");
	return true;
}

/*
 * The first `nevents` events of a pattern read from the last to the first,
 * for matching events that are laid in reverse.
 */
void
pattern_reverse(const Pattern *pattern, int nevents, Pattern *reversed)
{
	int			nranges = 0;
	int			state;
	int			i;

	memset(reversed, 0, sizeof(Pattern));
	reversed->nevents = nevents;
	reversed->highest = pattern->highest;
	reversed->looks_back = pattern->looks_back;
	for (state = 0; state < nevents; state++)
	{
		int			condition = pattern->condition[nevents - 1 - state];
		uint64		bit = UINT64_C(1) << state;

		reversed->condition[state] = condition;
		if (condition == PATTERN_ANY)
			reversed->any |= bit;
		else
			reversed->enters[condition] |= bit;

		reversed->first_range[state] = nranges;
		if (state + 1 < nevents)
		{
			int			gap = nevents - 2 - state;
			uint64		gap_bit = UINT64_C(1) << gap;

			if (pattern->adjacent & gap_bit)
				reversed->adjacent |= bit;
			if (pattern->free & gap_bit)
				reversed->free |= bit;
			if (pattern->timed & gap_bit)
				reversed->timed |= bit;
			for (i = pattern->first_range[gap]; i < pattern->first_range[gap + 1]; i++)
				reversed->ranges[nranges++] = pattern->ranges[i];
		}
		reversed->first_range[state + 1] = nranges;
	}
}
