/*-------------------------------------------------------------------------
 *
 * test_sequence.c
 *		The sequence kernel against its definition, tried out in full.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>

#include "cases.h"
#include "oracle.h"
#include "sequence/chain.h"
#include "sequence/sequence.h"
#include "tap.h"
#include "tests.h"

#define CASES 20000
#define SECOND INT64_C(1000000)

/* The kernel's pattern and the plain one; false if they disagree already. */
static bool
read_pattern(const Case *c, Pattern *pattern, OraclePattern *plain)
{
	PatternError error;

	return pattern_parse(c->pattern, strlen(c->pattern), pattern, &error) &&
		oracle_parse(c->pattern, strlen(c->pattern), plain);
}

/* The space that a search asks for, and no more. */
static uint64 *
space_for(const Pattern *pattern, size_t n)
{
	size_t		words = sequence_space(pattern, n);

	return words > 0 ? allocate(words * sizeof(uint64)) : NULL;
}

static const char *
finds(const Case *c)
{
	Pattern		pattern;
	static OraclePattern plain;
	Event	   *events = copy_of(c->events, c->n * sizeof(Event));
	uint64	   *space;
	const char *wrong = NULL;
	size_t		begin;

	if (!read_pattern(c, &pattern, &plain))
		return complaint("the pattern is not read");
	space = space_for(&pattern, c->n);
	for (begin = 0; begin <= c->n && wrong == NULL; begin++)
	{
		SequenceMatch match = sequence_find(&pattern, events, begin, c->n, space);
		OracleMatch expected = oracle_find(&plain, c->events, begin, c->n);

		if (match.matched != expected.matched || match.nevents != expected.nevents ||
			match.end != expected.end)
			wrong = complaint("from event %zu: %s, %d events matched and the end is %zu, not %d and %zu",
							  begin, match.matched ? "a match" : "no match", match.nevents,
							  match.end, expected.nevents, expected.end);
	}
	free(events);
	free(space);
	return wrong;
}

static const char *
counts(const Case *c)
{
	Pattern		pattern;
	static OraclePattern plain;
	Event	   *events = copy_of(c->events, c->n * sizeof(Event));
	uint64	   *space;
	uint64		count;
	uint64		expected;

	if (!read_pattern(c, &pattern, &plain))
		return complaint("the pattern is not read");
	space = space_for(&pattern, c->n);
	count = sequence_count_matches(&pattern, events, c->n, space);
	expected = oracle_count(&plain, c->events, c->n);
	free(events);
	free(space);
	if (count != expected)
		return complaint("%llu matches, not %llu", (unsigned long long) count,
						 (unsigned long long) expected);
	return NULL;
}

static const char *
tells_times(const Case *c)
{
	Pattern		pattern;
	static OraclePattern plain;
	Event	   *events = copy_of(c->events, c->n * sizeof(Event));
	Event	   *reversed = allocate(c->n * sizeof(Event));
	uint64	   *space;
	size_t	   *places = allocate(c->n * sizeof(size_t));
	int64		expected_times[CASE_MAX_EVENTS];
	size_t		n;
	size_t		expected;
	size_t		k;
	const char *wrong = NULL;

	if (!read_pattern(c, &pattern, &plain))
		return complaint("the pattern is not read");
	space = allocate(sequence_places_space(&pattern, c->n) * sizeof(uint64));
	n = sequence_match_places(&pattern, events, c->n, sequence_find(&pattern, events, 0, c->n, space),
							  space, reversed, places);
	expected = oracle_match_times(&plain, c->events, c->n, expected_times);
	if (n != expected)
		wrong = complaint("%zu times, not %zu", n, expected);
	for (k = 0; k < n && wrong == NULL; k++)
		if (events[places[k]].at != expected_times[k])
			wrong = complaint("time %zu is %lld, not %lld", k + 1, (long long) events[places[k]].at,
							  (long long) expected_times[k]);
	free(events);
	free(reversed);
	free(space);
	free(places);
	return wrong;
}

/* The matches one after the other, and the overlapping ones. */
static const char *
finds_all(const Case *c)
{
	Pattern		pattern;
	static OraclePattern plain;
	static SequenceSearch search;
	Event	   *events = copy_of(c->events, c->n * sizeof(Event));
	Event	   *reversed = allocate(c->n * sizeof(Event));
	uint64	   *ahead = allocate(c->n * sizeof(uint64));
	size_t	   *places = allocate(c->n * sizeof(size_t));
	size_t		expected_places[CASE_MAX_EVENTS];
	int64		expected_times[CASE_MAX_EVENTS];
	uint64	   *space;
	uint64		count = 0;
	size_t		begin = 0;
	size_t		n;
	size_t		k;
	size_t		i;
	const char *wrong = NULL;

	if (!read_pattern(c, &pattern, &plain))
		return complaint("the pattern is not read");
	space = allocate(sequence_places_space(&pattern, c->n) * sizeof(uint64));
	sequence_search_begin(&search, &pattern, false, events, c->n, reversed, ahead);
	while (wrong == NULL && (n = sequence_search_next(&search, events, c->n, space, reversed, places)) > 0)
	{
		count++;
		if (n != oracle_match_times(&plain, c->events + begin, c->n - begin, expected_times))
			wrong = complaint("match %llu has %zu events", (unsigned long long) count, n);
		for (k = 0; k < n && wrong == NULL; k++)
			if (places[k] < begin || (k > 0 && places[k] <= places[k - 1]) ||
				events[places[k]].at != expected_times[k])
				wrong = complaint("event %zu of match %llu is %zu", k + 1, (unsigned long long) count, places[k]);
		begin = places[n - 1] + 1;
	}
	if (wrong == NULL && count != oracle_count(&plain, c->events, c->n))
		wrong = complaint("there are %llu matches", (unsigned long long) count);

	sequence_search_begin(&search, &pattern, true, events, c->n, reversed, ahead);
	for (i = 0; i < c->n && wrong == NULL; i++)
	{
		size_t		expected = oracle_match_from(&plain, c->events, i, c->n, expected_places);

		if (expected == 0)
			continue;
		n = sequence_search_next(&search, events, c->n, space, reversed, places);
		if (n != expected || memcmp(places, expected_places, n * sizeof(size_t)) != 0)
			wrong = complaint("overlapping: %zu events, not %zu, of the match from event %zu", n, expected, i);
	}
	if (wrong == NULL && sequence_search_next(&search, events, c->n, space, reversed, places) != 0)
		wrong = complaint("overlapping: one more");
	free(events);
	free(reversed);
	free(ahead);
	free(places);
	free(space);
	return wrong;
}

/* A pattern that can be followed event by event, if it is one, matches where it does. */
static const char *
follows(const Case *c)
{
	Pattern		pattern;
	static OraclePattern plain;
	Chain	   *chain = allocate(sizeof(Chain));
	ChainState *state = allocate(sizeof(ChainState));
	OracleMatch expected;
	bool		matched = false;
	size_t		i;

	if (!read_pattern(c, &pattern, &plain))
		return complaint("the pattern is not read");
	if (chain_of_pattern(&pattern, chain))
	{
		state->met = 0;
		for (i = 0; i < c->n && !matched; i++)
		{
			uint64		events = chain_events(&pattern, stepset_conditions(c->events[i].step));

			matched = events != 0 && chain_follow(chain, state, events, c->events[i].at);
		}
		expected = oracle_find(&plain, c->events, 0, c->n);
		if (matched != expected.matched || (matched && i != expected.end))
			return complaint("%s after %zu events", matched ? "a match" : "no match", i);
	}
	free(chain);
	free(state);
	return NULL;
}

/* A random gap: none, anything, or conditions on time, perhaps several. */
static void
random_gap(char *text, Random *random, bool strange)
{
	static const char *const operators[] = {">=", ">", "<=", "<", "==", "!="};
	int			n;

	switch (random_below(random, 4))
	{
		case 0:
			return;
		case 1:
			strcat(text, ".*");
			return;
		default:
			for (n = strange ? 1 + (int) random_below(random, 3) : 1; n > 0; n--)
			{
				if (random_below(random, 4) == 0)
					strcat(text, ".*");
				sprintf(text + strlen(text), "(?t%s%d%s)", operators[random_below(random, 6)],
						(int) random_below(random, 5), random_below(random, 2) == 0 ? "s" : "");
				if (random_below(random, 8) == 0)
					strcat(text, ".*");
			}
	}
}

/* Seconds from 0 to 5, many ties; a pattern of up to `most` events. */
static void
random_sequence(Case *c, Random *random, uint64 most, bool strange)
{
	Shape		shape = {9, 3, 5, SECOND, 0};
	uint64		n = 1 + random_below(random, most);
	uint64		k;

	if (random_below(random, 4) == 0)
		shape.offset = EVENT_TIME_MIN;
	if (random_below(random, 4) == 0)
		shape.offset = EVENT_TIME_END - 6 * SECOND;
	case_random(c, random, &shape);
	if (random_below(random, 8) == 0)
		strcat(c->pattern, ".*");
	for (k = 0; k < n; k++)
	{
		if (k > 0)
			random_gap(c->pattern, random, strange);
		if (random_below(random, 6) == 0)
			strcat(c->pattern, ".");
		else
			sprintf(c->pattern + strlen(c->pattern), "(?%d)",
					1 + (int) random_below(random, (uint64) c->nsteps));
	}
	if (random_below(random, 8) == 0)
		strcat(c->pattern, ".*");
}

static void
make_sequence(Case *c, Random *random, int number)
{
	(void) number;
	random_sequence(c, random, 4, false);
}

static void
make_strange_sequence(Case *c, Random *random, int number)
{
	(void) number;
	random_sequence(c, random, 7, true);
}

/* Events that come any time or at most so long after the one before, perhaps within a window. */
static void
make_chain(Case *c, Random *random, int number)
{
	Shape		shape = {9, 3, 5, SECOND, 0};
	uint64		n = 1 + random_below(random, 4);
	const bool	window = random_below(random, 2) == 0;
	const bool	timed = random_below(random, 2) == 0;
	uint64		k;

	(void) number;
	if (random_below(random, 4) == 0)
		shape.offset = EVENT_TIME_MIN;
	if (random_below(random, 4) == 0)
		shape.offset = EVENT_TIME_END - 6 * SECOND;
	case_random(c, random, &shape);
	for (k = 0; k < n; k++)
	{
		if (k > 0 && timed && (n == 2 || !window))
			sprintf(c->pattern + strlen(c->pattern), "(?t<%s%d)", random_below(random, 4) == 0 ? "" : "=",
					1 + (int) random_below(random, 4));
		else if (k > 0)
			strcat(c->pattern, ".*");
		sprintf(c->pattern + strlen(c->pattern), random_below(random, 3) == 0 ? "(?%d|%d)" : "(?%d)",
				1 + (int) random_below(random, (uint64) c->nsteps),
				1 + (int) random_below(random, (uint64) c->nsteps));
	}
	if (window)
		sprintf(c->pattern + strlen(c->pattern), "(?w<=%d)", (int) random_below(random, 5));
}

/* Are the patterns chains that should be, and no others? */
static void
test_chains(void)
{
	static const struct
	{
		const char *text;
		bool		is_chain;
	}			patterns[] = {
		{"(?1)", true}, {"(?1|2).*(?3)", true}, {"(?1)(?t<=1d)(?2|3)", true},
		{"(?1)(?t<=1)(?t<=2)(?2)(?w<=3)", true}, {"(?1).*(?2).*(?3)(?w<=9)", true},
		{"(?1)(?t<=1)(?2).*(?3)(?t<=3)(?1)", true},
		{"(?1)(?2)", false}, {"^(?1).*(?2)", false}, {"(?1).*(?2)$", false}, {"(?1).*.", false},
		{"(?1).*(?!2)", false}, {"(?1)(?t>=1)(?2)", false}, {"(?1)(?t!=1)(?2)", false},
		{"(?1).*(?2)?", false}, {"(?1).*((?2)|(?3).*(?1))", false}, {"((?1).*)+(?2)", false},
		{"(?1)(?t<=1)(?2).*(?3)(?w<=9)", false}
	};
	Random		random = {53};
	Chain		chain;
	Pattern		pattern;
	PatternError error;
	int			matching = 0;
	int			chains = 0;
	bool		good = true;
	size_t		i;

	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
	{
		const char *text = patterns[i].text;

		if (pattern_parse(text, strlen(text), &pattern, &error) &&
			chain_of_pattern(&pattern, &chain) == patterns[i].is_chain)
			continue;
		test_note("%s", text);
		good = false;
	}
	test_ok(good, "sequence: which patterns are chains");
	for (i = 0; i < 2000; i++)
	{
		Case		c;
		static OraclePattern plain;

		make_chain(&c, &random, 0);
		chains += pattern_parse(c.pattern, strlen(c.pattern), &pattern, &error) &&
			chain_of_pattern(&pattern, &chain);
		(void) oracle_parse(c.pattern, strlen(c.pattern), &plain);
		matching += oracle_find(&plain, c.events, 0, c.n).matched;
	}
	test_ok(chains == 2000 && matching > 300 && matching < 1700,
			"sequence: random chains are such, and match or do not (%d do)", matching);
}

/* ? * + {m} {m,} or {m,n}, mostly nothing. */
static void
random_quantifier(char *text, Random *random, bool always)
{
	int			least = (int) random_below(random, 3);

	switch (random_below(random, always ? 6 : 14))
	{
		case 0:
			strcat(text, "?");
			break;
		case 1:
			strcat(text, "*");
			break;
		case 2:
			strcat(text, "+");
			break;
		case 3:
			sprintf(text + strlen(text), "{%d}", least + 1);
			break;
		case 4:
			sprintf(text + strlen(text), "{%d,}", least);
			break;
		case 5:
			sprintf(text + strlen(text), "{%d,%d}", least, least + 1 + (int) random_below(random, 2));
			break;
		default:
			break;
	}
}

/* An event of any kind, or a group. */
static void
random_item(char *text, Random *random, int nsteps, int depth)
{
	uint64		number = 1 + random_below(random, (uint64) nsteps);
	uint64		n;
	uint64		k;

	switch (random_below(random, depth < 3 && strlen(text) < 200 ? 10 : 7))
	{
		case 0:
			strcat(text, ".");
			break;
		case 1:
			sprintf(text + strlen(text), "(?!%d)", (int) number);
			break;
		case 2:
			sprintf(text + strlen(text), random_below(random, 2) == 0 ? "(?%d|%d)" : "(?!%d|%d)",
					(int) number, 1 + (int) random_below(random, (uint64) nsteps));
			break;
		case 3:
		case 4:
		case 5:
		case 6:
			sprintf(text + strlen(text), "(?%d)", (int) number);
			break;
		default:
			strcat(text, "(");
			for (n = 1 + random_below(random, 3); n > 0; n--)
			{
				uint64		items = 1 + random_below(random, 3);

				if (random_below(random, 4) == 0)
					random_gap(text, random, false);
				for (k = 0; k < items; k++)
				{
					if (k > 0)
						random_gap(text, random, false);
					random_item(text, random, nsteps, depth + 1);
				}
				if (random_below(random, 6) == 0)
					random_gap(text, random, false);
				if (n > 1)
					strcat(text, "|");
			}
			strcat(text, ")");
			random_quantifier(text, random, true);
			return;
	}
	random_quantifier(text, random, false);
}

/* Patterns of everything that the language has, that are no longer than can be tried out. */
static void
make_rich_sequence(Case *c, Random *random, int number)
{
	Shape		shape = {7, 3, 5, SECOND, 0};
	static OraclePattern plain;
	Pattern		pattern;
	PatternError error;

	(void) number;
	if (random_below(random, 4) == 0)
		shape.offset = EVENT_TIME_MIN;
	case_random(c, random, &shape);
	do
	{
		uint64		n = 1 + random_below(random, 4);
		uint64		k;

		c->pattern[0] = '\0';
		if (random_below(random, 6) == 0)
			strcat(c->pattern, random_below(random, 3) == 0 ? "^.*" : "^");
		for (k = 0; k < n; k++)
		{
			if (k > 0)
				random_gap(c->pattern, random, false);
			random_item(c->pattern, random, c->nsteps, 0);
		}
		if (random_below(random, 6) == 0)
			strcat(c->pattern, random_below(random, 3) == 0 ? ".*$" : "$");
		if (random_below(random, 3) == 0)
			sprintf(c->pattern + strlen(c->pattern), "(?w<%s%d)", random_below(random, 2) == 0 ? "=" : "",
					1 + (int) random_below(random, 5));
	} while (strlen(c->pattern) > 200 ||
			 !oracle_parse(c->pattern, strlen(c->pattern), &plain) ||
			 !oracle_find(&plain, c->events, 0, c->n).tried_all ||
			 (!pattern_parse(c->pattern, strlen(c->pattern), &pattern, &error) &&
			  strcmp(error.message, "too many time conditions") == 0));
}

/* The random patterns use what they are meant to, and come to every answer. */
static void
test_rich_sequences(void)
{
	static const char *const parts[] = {
		"?", "*", "+", "{", "|", "(?!", "^", "$", "(?w", "(?t", ".*", ")("
	};
	Random		random = {52};
	int			with[sizeof(parts) / sizeof(parts[0])] = {0};
	int			without[sizeof(parts) / sizeof(parts[0])] = {0};
	bool		all = true;
	size_t		p;
	int			i;

	for (i = 0; i < 5000; i++)
	{
		Case		c;
		static OraclePattern plain;

		make_rich_sequence(&c, &random, i);
		(void) oracle_parse(c.pattern, strlen(c.pattern), &plain);
		for (p = 0; p < sizeof(parts) / sizeof(parts[0]); p++)
		{
			if (strstr(c.pattern, parts[p]) == NULL)
				continue;
			if (oracle_find(&plain, c.events, 0, c.n).matched)
				with[p]++;
			else
				without[p]++;
		}
	}
	for (p = 0; p < sizeof(parts) / sizeof(parts[0]); p++)
		if (with[p] < 100 || without[p] < 100)
		{
			test_note("%s: %d match, %d do not", parts[p], with[p], without[p]);
			all = false;
		}
	test_ok(all, "sequence: rich patterns with each part of the language match, and do not");
}

static void
test_example(const char *pattern_text, const char *history, bool matches, uint64 count)
{
	Case		c = {.nsteps = 3};
	Pattern		pattern;
	PatternError error;
	uint64		words[CASE_MAX_EVENTS * 8];
	bool		good;

	for (; *history != '\0'; history += 2)
	{
		if (c.n > 0)
			c.events[c.n].at = c.events[c.n - 1].at + (*history - 'a') * SECOND;
		c.events[c.n++].step = stepset_bit(history[1] - '1') | 3;
	}
	good = pattern_parse(pattern_text, strlen(pattern_text), &pattern, &error);
	test_ok(good && sequence_find(&pattern, c.events, 0, c.n, words).matched == matches &&
			sequence_count_matches(&pattern, c.events, c.n, words) == count,
			"sequence: %s matches %d times", pattern_text, (int) count);
}

/* Long histories: counting one match at a time by hand, by the kernel's own find. */
static void
test_long_histories(void)
{
	static const char *const texts[] = {
		"(?1)(?2)", "(?1).*(?2)", "(?1)(?t<=2)(?2)", "(?1)(?t>=2)(?2)", "(?1)(?t!=2)(?2)(?t>1)(?3)",
		"(?1)(?t==3)(?1)(?t==3)(?1)", "(?1)..(?2).*(?3)", "(?1)(?t>=10)(?t<=12)(?2).*(?3)(?t>0).",
		"(?1)(?2)?(?!2)(?1|3)", "((?1)(?t>=2)(?t<=9)(?2)|(?3)(?3)){2}", "(?1)(?t>=3)(?2)(?t<=9)(?3)(?w<=12)"
	};
	Random		random = {51};
	int			wrong = 0;
	size_t		t;
	int			i;

	for (t = 0; t < sizeof(texts) / sizeof(texts[0]); t++)
	{
		Pattern		pattern;
		static OraclePattern plain;
		PatternError error;

		if (!pattern_parse(texts[t], strlen(texts[t]), &pattern, &error) ||
			!oracle_parse(texts[t], strlen(texts[t]), &plain))
		{
			wrong++;
			continue;
		}
		for (i = 0; i < 40; i++)
		{
			size_t		n = 100 + random_below(&random, 100);
			Event	   *events = allocate(n * sizeof(Event));
			uint64	   *space = allocate(sequence_space(&pattern, n) * sizeof(uint64));
			uint64		count = 0;
			size_t		begin = 0;
			int64		at = 0;
			size_t		j;

			for (j = 0; j < n; j++)
			{
				at += (int64) random_below(&random, 3) * SECOND;
				events[j].at = at;
				events[j].step = stepset_bit((int) random_below(&random, 3)) | 3;
			}
			case_sort(events, n);
			for (;;)
			{
				OracleMatch match = oracle_find(&plain, events, begin, n);

				if (!match.matched)
					break;
				count++;
				begin = match.end;
			}
			wrong += count != sequence_count_matches(&pattern, events, n, space);
			free(events);
			free(space);
		}
	}
	test_ok(wrong == 0, "sequence: up to 200 events (440 cases)");
}

void
test_sequence(void)
{
	/* a letter is the seconds since the event before, a digit its condition */
	test_example("(?1)(?2)", "a1b2", true, 1);
	test_example("(?1)(?2)", "a1b3b2", false, 0);
	test_example("(?1).*(?2)", "a1b3b2", true, 1);
	test_example("(?1).(?2)", "a1b3b2", true, 1);
	test_example("(?1).(?2)", "a1b2", false, 0);
	test_example("(?1)(?t<=2)(?2)", "a1b3b2", true, 1);
	test_example("(?1)(?t<2)(?2)", "a1b3b2", false, 0);
	test_example("(?1)(?t<=1)(?2)", "a1f1b2", true, 1);
	test_example("(?1)(?t>=5)(?2)", "a1f1b2", true, 1);
	test_example("(?1)(?t==5)(?2)", "a1f1b2", false, 0);
	test_example("(?1)(?t!=0)(?2)", "a1a2", false, 0);
	test_example("(?1)(?2)", "a1b2b1b2b1", true, 2);
	test_example("(?1)(?1)", "a1b1b1b1b1", true, 2);
	test_example("(?1).*(?1)", "a1b2b1b2b1", true, 1);
	test_example(".", "a1b1b1", true, 3);
	test_example("(?1)(?t<1m)(?2)(?t<1h)(?3)", "a1b2b3", true, 1);

	check_property("sequence: the earliest end agrees with brute force", finds, make_sequence, CASES);
	check_property("sequence: the count agrees with brute force", counts, make_sequence, CASES);
	check_property("sequence: the times agree with brute force", tells_times, make_sequence, CASES);
	check_property("sequence: all matches agree with brute force", finds_all, make_sequence, CASES);
	check_property("sequence: long patterns, the earliest end", finds, make_strange_sequence, CASES);
	check_property("sequence: long patterns, the count", counts, make_strange_sequence, CASES);
	check_property("sequence: long patterns, the times", tells_times, make_strange_sequence, CASES);
	check_property("sequence: long patterns, all matches", finds_all, make_strange_sequence, CASES);
	test_long_histories();

	test_example("(?1|2)(?3)", "a1b3b2b3", true, 2);
	test_example("(?1)(?!2)(?1)", "a1b3b1", true, 1);
	test_example("(?1)(?!2|3)(?1)", "a1b3b1", false, 0);
	test_example("(?1)(?2)?(?3)", "a1b3b1b2b3", true, 2);
	test_example("(?1)(?2)*(?3)", "a1b2b2b2b3", true, 1);
	test_example("(?1)(?2)+(?3)", "a1b3", false, 0);
	test_example("(?1){2}(?2){1,2}(?3)", "a1b1b1b2b2b3", true, 1);
	test_example("(?1)((?2)(?3))+(?1)", "a1b2b3b2b3b1", true, 1);
	test_example("(?1)((?2)|(?3)(?3))(?1)", "a1b3b3b1", true, 1);
	test_example("^(?2)", "a1b2", false, 0);
	test_example("^.*(?2)", "a1b2b2", true, 1);
	test_example("(?2)$", "a2b2", true, 1);
	test_example("(?1)$", "a1b2", false, 0);
	test_example("(?1).*$", "a1b1b2", true, 1);
	test_example("(?1)(?2)?(?t<=1)(?3)", "a1b2b3", true, 1);
	test_example("(?1)(?2)?(?t<=1)(?3)", "a1c3", false, 0);
	test_example("(?1)((?t<=1)(?2))+(?3)", "a1b2b2b3", true, 1);
	test_example("(?1)((?t<=1)(?2))+(?3)", "a1b2c2b3", false, 0);
	test_example("(?1).*(?2)(?w<=2)", "a1c2", true, 1);
	test_example("(?1).*(?2)(?w<2)", "a1c2", false, 0);
	/* it began last by the alternative that comes last in time */
	test_example("((?3).*|(?1))(?2)(?t<=1)(?2)(?w<=3)", "a3f1b2a2", true, 1);

	check_property("sequence: the whole language, the earliest end", finds, make_rich_sequence, CASES);
	check_property("sequence: the whole language, the count", counts, make_rich_sequence, CASES);
	check_property("sequence: the whole language, the times", tells_times, make_rich_sequence, CASES);
	check_property("sequence: the whole language, all matches", finds_all, make_rich_sequence, CASES);
	check_property("sequence: the whole language, followed event by event", follows, make_rich_sequence, CASES);
	check_property("sequence: chains followed event by event", follows, make_chain, CASES);
	test_chains();
	test_rich_sequences();
}
