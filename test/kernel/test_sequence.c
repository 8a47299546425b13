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

/* The words of history that a search asks for, and no more. */
static uint64 *
history_for(const Pattern *pattern, size_t n)
{
	return sequence_needs_history(pattern) ? allocate(n * sizeof(uint64)) : NULL;
}

static const char *
finds(const Case *c)
{
	Pattern		pattern;
	static OraclePattern plain;
	Event	   *events = copy_of(c->events, c->n * sizeof(Event));
	uint64	   *history;
	const char *wrong = NULL;
	size_t		begin;

	if (!read_pattern(c, &pattern, &plain))
		return complaint("the pattern is not read");
	history = history_for(&pattern, c->n);
	for (begin = 0; begin <= c->n && wrong == NULL; begin++)
	{
		SequenceMatch match = sequence_find(&pattern, events, begin, c->n, history);
		OracleMatch expected = oracle_find(&plain, c->events, begin, c->n);

		if (match.nevents != expected.nevents || match.end != expected.end)
			wrong = complaint("from event %zu: %d events matched and the end is %zu, not %d and %zu",
							  begin, match.nevents, match.end, expected.nevents, expected.end);
	}
	free(events);
	free(history);
	return wrong;
}

static const char *
counts(const Case *c)
{
	Pattern		pattern;
	static OraclePattern plain;
	Event	   *events = copy_of(c->events, c->n * sizeof(Event));
	uint64	   *history;
	uint64		count;
	uint64		expected;

	if (!read_pattern(c, &pattern, &plain))
		return complaint("the pattern is not read");
	history = history_for(&pattern, c->n);
	count = sequence_count_matches(&pattern, events, c->n, history);
	expected = oracle_count(&plain, c->events, c->n);
	free(events);
	free(history);
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
	uint64	   *history = allocate(c->n * sizeof(uint64));
	int64	   *times;
	int64		expected_times[ORACLE_MAX_ITEMS];
	int			n;
	int			expected;
	int			k;
	const char *wrong = NULL;

	if (!read_pattern(c, &pattern, &plain))
		return complaint("the pattern is not read");
	times = allocate((size_t) pattern.nevents * sizeof(int64));
	n = sequence_match_times(&pattern, events, c->n, history, reversed, times);
	expected = oracle_match_times(&plain, c->events, c->n, expected_times);
	if (n != expected)
		wrong = complaint("%d times, not %d", n, expected);
	for (k = 0; k < n && wrong == NULL; k++)
		if (times[k] != expected_times[k])
			wrong = complaint("time %d is %lld, not %lld", k + 1, (long long) times[k],
							  (long long) expected_times[k]);
	free(events);
	free(reversed);
	free(history);
	free(times);
	return wrong;
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

static void
test_example(const char *pattern_text, const char *history, bool matches, uint64 count)
{
	Case		c = {.nsteps = 3};
	Pattern		pattern;
	PatternError error;
	uint64		words[CASE_MAX_EVENTS];
	bool		good;

	for (; *history != '\0'; history += 2)
	{
		if (c.n > 0)
			c.events[c.n].at = c.events[c.n - 1].at + (*history - 'a') * SECOND;
		c.events[c.n++].step = stepset_bit(history[1] - '1') | 3;
	}
	good = pattern_parse(pattern_text, strlen(pattern_text), &pattern, &error);
	test_ok(good && (sequence_find(&pattern, c.events, 0, c.n, words).nevents ==
					 pattern.nevents) == matches &&
			sequence_count_matches(&pattern, c.events, c.n, words) == count,
			"sequence: %s matches %d times", pattern_text, (int) count);
}

/* Long histories: counting one match at a time by hand, by the kernel's own find. */
static void
test_long_histories(void)
{
	static const char *const texts[] = {
		"(?1)(?2)", "(?1).*(?2)", "(?1)(?t<=2)(?2)", "(?1)(?t>=2)(?2)", "(?1)(?t!=2)(?2)(?t>1)(?3)",
		"(?1)(?t==3)(?1)(?t==3)(?1)", "(?1)..(?2).*(?3)", "(?1)(?t>=10)(?t<=12)(?2).*(?3)(?t>0)."
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
			uint64	   *history = allocate(n * sizeof(uint64));
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

				if (match.nevents < plain.nitems)
					break;
				count++;
				begin = match.end;
			}
			wrong += count != sequence_count_matches(&pattern, events, n, history);
			free(events);
			free(history);
		}
	}
	test_ok(wrong == 0, "sequence: up to 200 events (320 cases)");
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
	check_property("sequence: long patterns, the earliest end", finds, make_strange_sequence, CASES);
	check_property("sequence: long patterns, the count", counts, make_strange_sequence, CASES);
	check_property("sequence: long patterns, the times", tells_times, make_strange_sequence, CASES);
	test_long_histories();
}
