/*-------------------------------------------------------------------------
 *
 * test_funnel.c
 *		The funnel kernel against its definition, tried out in full.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>

#include "cases.h"
#include "oracle.h"
#include "tap.h"
#include "tests.h"

#define CASES 20000

/* Times as text, for a complaint. */
static const char *
times_text(const int64 *times, int n, char *text)
{
	int			k;

	text[0] = '\0';
	for (k = 0; k < n; k++)
		sprintf(text + strlen(text), "%s%lld", k > 0 ? " " : "", (long long) times[k]);
	return text;
}

/*
 * Every answer that can be given for a case: with times and without they are
 * the same level, the one expected, and the times prove it.
 */
static const char *
check_funnel(const Case *c, int expected, const int64 *expected_times)
{
	Event	   *events = copy_of(c->events, c->n * sizeof(Event));
	int64	   *times = allocate((size_t) c->nsteps * sizeof(int64));
	int			level = funnel_level(events, c->n, c->nsteps, &c->spec, NULL);
	int			level_of_times = funnel_level(events, c->n, c->nsteps, &c->spec, times);
	const char *wrong = NULL;
	char		got_text[STEPSET_MAX * 21 + 1];
	char		expected_text[STEPSET_MAX * 21 + 1];

	if (level != expected)
		wrong = complaint("the level is %d, not %d", expected, level);
	else if (level_of_times != level)
		wrong = complaint("the level is %d, but %d when times are asked for", level,
						  level_of_times);
	else if ((wrong = oracle_check_times(c->events, c->n, c->nsteps, &c->spec, level,
										 times)) != NULL)
		wrong = complaint("%s: %s", times_text(times, level, got_text), wrong);
	else if (expected_times != NULL &&
			 memcmp(times, expected_times, (size_t) level * sizeof(int64)) != 0)
		wrong = complaint("the times are %s, not %s",
						  times_text(expected_times, level, expected_text),
						  times_text(times, level, got_text));
	free(events);
	free(times);
	return wrong;
}

static const char *
agrees_with_chains(const Case *c)
{
	int64		times[STEPSET_MAX];
	int			level = oracle_funnel_chains(c->events, c->n, c->nsteps, &c->spec, times);

	return check_funnel(c, level, times);
}

static const char *
agrees_with_any_order(const Case *c)
{
	int64		times[STEPSET_MAX];
	int			level = oracle_funnel_any_order(c->events, c->n, c->nsteps, &c->spec, times);

	return check_funnel(c, level, (c->spec.modes & FUNNEL_FIRST_CHAIN) != 0 ? times : NULL);
}

static const char *
agrees_with_orders(const Case *c)
{
	int64		times[STEPSET_MAX];
	int			level = oracle_funnel_consecutive(c->events, c->n, c->nsteps, &c->spec, times);

	return check_funnel(c, level, times);
}

static const char *
agrees_with_walk(const Case *c)
{
	int64		times[STEPSET_MAX];

	if (c->spec.modes & FUNNEL_ANY_ORDER)
		return agrees_with_any_order(c);
	if (c->spec.modes & FUNNEL_CONSECUTIVE)
		return agrees_with_orders(c);
	return check_funnel(c, oracle_funnel_walk(c->events, c->n, c->nsteps, &c->spec, times), times);
}

static const char *
agrees_with_procedure(const Case *c)
{
	int64		times[STEPSET_MAX];
	int			level = oracle_funnel_procedure(c->events, c->n, c->nsteps, &c->spec, times);

	return check_funnel(c, level, times);
}

/* The procedure's modes only ever end or thin out a search over chains. */
static const char *
proves_itself(const Case *c)
{
	int64		times[STEPSET_MAX];
	FunnelSpec	freer = c->spec;
	int			level = funnel_level(c->events, c->n, c->nsteps, &c->spec, NULL);

	freer.modes &= ORACLE_CHAIN_MODES;	/* which chain counts is no matter
										 * here */
	if ((c->spec.modes & FUNNEL_ANY_ORDER) == 0 && level > oracle_funnel_chains(c->events, c->n, c->nsteps, &freer, times))
		return complaint("level %d is more than without the other modes", level);
	return check_funnel(c, level, NULL);
}

/* Leaving out events that meet nothing changes nothing where they do not matter. */
static const char *
needs_no_strangers(const Case *c)
{
	Event		kept[CASE_MAX_EVENTS];
	size_t		nkept = 0;
	size_t		i;

	for (i = 0; i < c->n; i++)
		if (funnel_needs_event(c->spec.modes, c->events[i].step))
			kept[nkept++] = c->events[i];
	if (funnel_level(c->events, c->n, c->nsteps, &c->spec, NULL) !=
		funnel_level(kept, nkept, c->nsteps, &c->spec, NULL))
		return complaint("events that meet no condition change the level");
	return NULL;
}

/* A smaller window, or fewer events, never give a higher level. */
static const char *
grows_with_window(const Case *c)
{
	FunnelSpec	wider = c->spec;
	int			level = funnel_level(c->events, c->n, c->nsteps, &c->spec, NULL);

	wider.within++;
	if (funnel_level(c->events, c->n, c->nsteps, &wider, NULL) < level)
		return complaint("a wider window gives less than level %d", level);
	if (c->n > 0 && funnel_level(c->events, c->n - 1, c->nsteps, &c->spec, NULL) > level)
		return complaint("fewer events give more than level %d", level);
	return NULL;
}

/* Small times; the same at both ends of the calendar; and all of its breadth. */
static void
random_funnel(Case *c, Random *random, uint32 modes, size_t most_events, int most_steps)
{
	const int64 fifth = (int64) (time_between(EVENT_TIME_MIN, EVENT_TIME_END - 1) / 5);
	static const Shape shapes[] = {
		{7, 4, 5, 1, 0},
		{7, 4, 5, 1, EVENT_TIME_MIN},
		{7, 4, 5, 1, EVENT_TIME_END - 6},
		{7, 4, 5, INT64_C(86400000000), 0},
	};
	Shape		shape = shapes[random_below(random, 4)];

	if (random_below(random, 8) == 0)
	{
		shape.unit = fifth;
		shape.offset = EVENT_TIME_MIN;
	}
	shape.most_events = most_events;
	shape.most_steps = most_steps;
	case_random(c, random, &shape);
	c->spec.modes = modes;
	c->spec.within = (int64) random_below(random, 6);
	if (c->spec.within > DURATION_MAX / shape.unit)
		c->spec.within = DURATION_MAX;
	else
		c->spec.within *= shape.unit;
}

#define MAKER(name, modes) \
static void \
name(Case *c, Random *random, int number) \
{ \
	(void) number; \
	random_funnel(c, random, modes, 7, 4); \
}

MAKER(make_default, 0)
MAKER(make_increase, FUNNEL_STRICT_INCREASE)
MAKER(make_once, FUNNEL_STRICT_ONCE)
MAKER(make_increase_once, FUNNEL_STRICT_INCREASE | FUNNEL_STRICT_ONCE)
MAKER(make_any_order, FUNNEL_ANY_ORDER)
MAKER(make_consecutive, FUNNEL_CONSECUTIVE)
MAKER(make_first_consecutive, FUNNEL_CONSECUTIVE | FUNNEL_FIRST_CHAIN)
MAKER(make_first, FUNNEL_FIRST_CHAIN)
MAKER(make_first_any_order, FUNNEL_ANY_ORDER | FUNNEL_FIRST_CHAIN)
MAKER(make_order, FUNNEL_STRICT_ORDER)
MAKER(make_deduplication, FUNNEL_STRICT_DEDUPLICATION)
MAKER(make_order_deduplication, FUNNEL_STRICT_ORDER | FUNNEL_STRICT_DEDUPLICATION)
MAKER(make_reentry, FUNNEL_STRICT_ORDER | FUNNEL_ALLOW_REENTRY)
MAKER(make_reentry_deduplication,
	  FUNNEL_STRICT_ORDER | FUNNEL_ALLOW_REENTRY | FUNNEL_STRICT_DEDUPLICATION)

/* Any modes that go together. */
static void
make_any_modes(Case *c, Random *random, int number)
{
	uint32		modes;

	(void) number;
	do
		modes = (uint32) random_below(random, FUNNEL_ALL_MODES + 1);
	while (funnel_check_modes(modes) != FUNNEL_OPTIONS_OK);
	random_funnel(c, random, modes, 7, 4);
}

/* Any of them, and the chain that starts first. */
static void
make_first_modes(Case *c, Random *random, int number)
{
	do
		make_any_modes(c, random, number);
	while (c->spec.modes & FUNNEL_LATEST_CHAIN);
	c->spec.modes |= FUNNEL_FIRST_CHAIN;
}

/* More steps and more events, in the mode that is hardest to get right. */
static void
make_larger_once(Case *c, Random *random, int number)
{
	size_t		i;

	random_funnel(c, random, FUNNEL_STRICT_ONCE, 7, 7);
	if (number % 2 == 0)		/* two times only */
		for (i = 0; i < c->n; i++)
			c->events[i].at = (int64) (i >= c->n / 2);
	case_sort(c->events, c->n);
	if (number % 2 == 0)
		c->spec.within = 1;
}

/*
 * Longer histories and up to 58 steps, against a slower way that is not
 * exponential: from every start, take each step as soon as it comes.
 */
static int
greedy_level(const Event *events, size_t n, int nsteps, const FunnelSpec *spec)
{
	int			best = 0;
	size_t		start;

	for (start = 0; start < n; start++)
	{
		int			level = 1;
		size_t		i = start;

		if ((events[start].step & stepset_bit(0)) == 0)
			continue;
		while (i > 0 && events[i - 1].at == events[start].at)
			i--;
		while (i < n && time_between(events[start].at, events[i].at) <= (uint64) spec->within)
		{
			size_t		end = i;
			uint64		met = 0;

			while (end < n && events[end].at == events[i].at)
				met |= events[end++].step;
			if (spec->modes & FUNNEL_STRICT_INCREASE)
				level += events[i].at > events[start].at && level < nsteps &&
					(met & stepset_bit(level)) != 0;
			else
				while (level < nsteps && (met & stepset_bit(level)) != 0)
					level++;
			i = end;
		}
		if (level > best)
			best = level;
	}
	return best;
}

/* Find an event of a window for a step, if need be by moving other steps to other events. */
static bool
find_event(const Event *events, size_t first, size_t end, int step, int *step_of, bool *tried)
{
	size_t		i;

	for (i = first; i < end; i++)
	{
		if (tried[i] || (events[i].step & stepset_bit(step)) == 0)
			continue;
		tried[i] = true;
		if (step_of[i] < 0 || find_event(events, first, end, step_of[i], step_of, tried))
		{
			step_of[i] = step;
			return true;
		}
	}
	return false;
}

/* any_order, each window for itself, with a matching found step by step. */
static int
matched_level(const Event *events, size_t n, int nsteps, const FunnelSpec *spec)
{
	int			best = 0;
	size_t		first;

	for (first = 0; first < n; first++)
	{
		size_t		end = first;
		int			step_of[200];
		int			level = 0;
		int			k;

		while (end < n && time_between(events[first].at, events[end].at) <= (uint64) spec->within)
			step_of[end++] = -1;
		for (k = 0; k < nsteps; k++)
		{
			bool		tried[200] = {false};

			level += find_event(events, first, end, k, step_of, tried);
		}
		if (level > best)
			best = level;
	}
	return best;
}

static void
test_long_histories(uint32 modes, const char *name)
{
	Random		random = {7};
	int			wrong = 0;
	int			i;

	for (i = 0; i < 3000; i++)
	{
		size_t		n = random_below(&random, 200);
		int			nsteps = 1 + (int) random_below(&random, STEPSET_MAX);
		FunnelSpec	spec = {(int64) random_below(&random, 200), modes, NULL};
		Event	   *events = allocate(n * sizeof(Event));
		int64		at = 0;
		size_t		j;
		int			level;
		int			expected;

		for (j = 0; j < n; j++)
		{
			/* mostly one step after another, so that levels get high */
			int			near = (int) (j * (size_t) nsteps / n);

			at += (int64) random_below(&random, 3);
			events[j].at = at;
			events[j].step = (uint64) nsteps | stepset_bit(near) |
				stepset_bit((int) random_below(&random, (uint64) nsteps));
		}
		case_sort(events, n);
		level = funnel_level(events, n, nsteps, &spec, NULL);
		expected = modes & FUNNEL_ANY_ORDER ? matched_level(events, n, nsteps, &spec) :
			greedy_level(events, n, nsteps, &spec);
		if (level != expected && wrong++ == 0)
			test_note("history %d: level %d, not %d", i, level, expected);
		free(events);
	}
	test_ok(wrong == 0, "%s: up to 200 events and 58 steps (3000 cases)", name);
}

/* One level, written as a list of times and conditions. */
static void
test_example(const char *what, uint32 modes, int64 within, int nsteps, int expected,
			 const char *history)
{
	Case		c = {
		.nsteps = nsteps,
		.spec = {within, modes, NULL}
	};
	int			level;

	while (*history != '\0')
	{
		Event	   *event = &c.events[c.n++];

		event->at = *history++ - '0';
		event->step = (uint64) nsteps;
		for (history++; *history >= '1' && *history <= '9'; history++)
			event->step |= stepset_bit(*history - '1');
		while (*history == ' ')
			history++;
	}
	level = funnel_level(c.events, c.n, nsteps, &c.spec, NULL);
	if (!test_ok(level == expected, "funnel: %s", what))
		test_note("the level is %d, not %d", level, expected);
}

/* The times of two events and more: which chain counts? */
static void
test_which_chain(const char *what, uint32 modes, int64 within, int64 first, int64 second)
{
	const Event events[] = {
		{0, 2 | stepset_bit(0)}, {3, 2 | stepset_bit(0)}, {5, 2 | stepset_bit(1)}
	};
	FunnelSpec	spec = {within, modes, NULL};
	int64		times[2];
	int			level = funnel_level(events, 3, 2, &spec, times);

	if (!test_ok(level == 2 && times[0] == first && times[1] == second, "funnel: %s", what))
		test_note("level %d, times %d %d", level, (int) times[0], (int) times[1]);
}

static void
test_options(void)
{
	static const struct
	{
		const char *text;
		FunnelOptionError error;
		uint32		modes;
		size_t		bad;
		size_t		bad_length;
	}			examples[] = {
		{"", FUNNEL_OPTIONS_OK, 0, 0, 0},
		{"   ", FUNNEL_OPTIONS_OK, 0, 0, 0},
		{"strict_order", FUNNEL_OPTIONS_OK, FUNNEL_STRICT_ORDER, 0, 0},
		{" strict_order , allow_reentry ", FUNNEL_OPTIONS_OK,
		FUNNEL_STRICT_ORDER | FUNNEL_ALLOW_REENTRY, 0, 0},
		{"strict_once,strict_increase,strict_deduplication", FUNNEL_OPTIONS_OK,
		FUNNEL_STRICT_ONCE | FUNNEL_STRICT_INCREASE | FUNNEL_STRICT_DEDUPLICATION, 0, 0},
		{"any_order", FUNNEL_OPTIONS_OK, FUNNEL_ANY_ORDER, 0, 0},
		{"first_chain", FUNNEL_OPTIONS_OK, FUNNEL_FIRST_CHAIN, 0, 0},
		{"any_order, latest_chain", FUNNEL_OPTIONS_OK, FUNNEL_ANY_ORDER | FUNNEL_LATEST_CHAIN, 0, 0},
		{"first_chain,latest_chain", FUNNEL_CHAIN_TWICE, FUNNEL_CHAIN_MODES, 0, 0},
		{"any_order,any_order", FUNNEL_OPTIONS_OK, FUNNEL_ANY_ORDER, 0, 0},
		{"allow_reentry", FUNNEL_REENTRY_ALONE, FUNNEL_ALLOW_REENTRY, 0, 0},
		{"any_order,strict_once", FUNNEL_ANY_ORDER_COMBINED,
		FUNNEL_ANY_ORDER | FUNNEL_STRICT_ONCE, 0, 0},
		{"strict", FUNNEL_OPTION_UNKNOWN, 0, 0, 6},
		{"Strict_ORDER", FUNNEL_OPTIONS_OK, FUNNEL_STRICT_ORDER, 0, 0},
		{"strict_orde", FUNNEL_OPTION_UNKNOWN, 0, 0, 11},
		{"consecutive,first_chain", FUNNEL_OPTIONS_OK, FUNNEL_CONSECUTIVE | FUNNEL_FIRST_CHAIN, 0, 0},
		{"consecutive,strict_once", FUNNEL_CONSECUTIVE_COMBINED,
		FUNNEL_CONSECUTIVE | FUNNEL_STRICT_ONCE, 0, 0},
		{"strict_orders", FUNNEL_OPTION_UNKNOWN, 0, 0, 13},
		{"strict_once, , any_order", FUNNEL_OPTION_UNKNOWN, FUNNEL_STRICT_ONCE, 13, 0},
		{"strict_once,", FUNNEL_OPTION_UNKNOWN, FUNNEL_STRICT_ONCE, 12, 0},
		{",", FUNNEL_OPTION_UNKNOWN, 0, 0, 0},
		{"strict_once;strict_order", FUNNEL_OPTION_UNKNOWN, 0, 0, 24},
		{"Exclude 4, STRICT_increase", FUNNEL_OPTIONS_OK, FUNNEL_RULED | FUNNEL_STRICT_INCREASE, 0, 0},
		{"exclude\t4 between 1\nand 2 dropping users", FUNNEL_OPTIONS_OK, FUNNEL_RULED, 0, 0},
		{"exclude 4 between 2 and 2", FUNNEL_OPTION_MALFORMED, FUNNEL_RULED, 0, 25},
		{"exclude 0", FUNNEL_OPTION_MALFORMED, FUNNEL_RULED, 0, 9},
		{"exclude 59", FUNNEL_OPTION_MALFORMED, FUNNEL_RULED, 0, 10},
		{"exclude 4x", FUNNEL_OPTION_MALFORMED, FUNNEL_RULED, 0, 10},
		{"exclude 4 dropping", FUNNEL_OPTION_MALFORMED, FUNNEL_RULED, 0, 18},
		{"exclude 4 from 1 to 2", FUNNEL_OPTION_MALFORMED, FUNNEL_RULED, 0, 21},
		{"optional 2,optional 2", FUNNEL_OPTION_TWICE, FUNNEL_RULED, 11, 10},
		{"optional 2 3", FUNNEL_OPTION_MALFORMED, FUNNEL_RULED, 0, 12},
		{"within 1 hour from 1 to 2", FUNNEL_OPTIONS_OK, FUNNEL_RULED, 0, 0},
		{"within from 1 to 2", FUNNEL_OPTION_MALFORMED, FUNNEL_RULED, 0, 18},
		{"same day", FUNNEL_OPTIONS_OK, FUNNEL_RULED, 0, 0},
		{"same week from 1 to 2 in Asia/Shanghai", FUNNEL_OPTIONS_OK, FUNNEL_RULED, 0, 0},
		{"same day in UTC, same week in PRC", FUNNEL_OPTION_TWICE, FUNNEL_RULED, 17, 16},
		{"same", FUNNEL_OPTION_MALFORMED, FUNNEL_RULED, 0, 4},
		{"same day in", FUNNEL_OPTION_MALFORMED, FUNNEL_RULED, 0, 11},
		{"count users", FUNNEL_OPTIONS_OK, 0, 0, 0},
		{"count completions, count users", FUNNEL_OPTION_TWICE, FUNNEL_RULED, 19, 11},
		{"count sessions of 5 min, strict_order", FUNNEL_OPTIONS_OK,
		FUNNEL_RULED | FUNNEL_BY_SESSION | FUNNEL_STRICT_ORDER, 0, 0},
		{"count completions, strict_order", FUNNEL_RULE_COMBINED, FUNNEL_RULED | FUNNEL_STRICT_ORDER, 0, 0},
		{"count completions, strict_once", FUNNEL_OPTIONS_OK, FUNNEL_RULED | FUNNEL_STRICT_ONCE, 0, 0},
		{"any_order, optional 2", FUNNEL_RULE_COMBINED, FUNNEL_RULED | FUNNEL_ANY_ORDER, 0, 0},
		{"top 10, first_chain", FUNNEL_OPTIONS_OK, FUNNEL_FIRST_CHAIN, 0, 0},
		{"top 0", FUNNEL_OPTION_MALFORMED, 0, 0, 5},
		{"top 99999999999", FUNNEL_OPTION_MALFORMED, 0, 0, 15},
		{"top 1, top 1", FUNNEL_OPTION_TWICE, 0, 7, 5},
		{"exclude 2, exclude 3 count", FUNNEL_OPTION_MALFORMED, FUNNEL_RULED, 11, 15},
	};
	size_t		i;

	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
	{
		const uint32 length = (uint32) strlen(examples[i].text);
		const TextSlice text = {copy_of(examples[i].text, length), length};
		FunnelOptions options;
		FunnelOptionError error = funnel_parse_options(text, true, &options);
		bool		whole = options.bad.bytes == text.bytes && options.bad.length == length;

		test_ok(error == examples[i].error && options.modes == examples[i].modes &&
				((size_t) (options.bad.bytes - text.bytes) == examples[i].bad || whole) &&
				(options.bad.length == examples[i].bad_length || whole),
				"funnel: options '%s' are read", examples[i].text);
		free((void *) text.bytes);
	}
}

void
test_funnel(void)
{
	test_example("no events", 0, 5, 2, 0, "");
	test_example("the first step alone", 0, 5, 2, 1, "0:1");
	test_example("the second step alone", 0, 5, 2, 0, "0:2");
	test_example("the window is inclusive", 0, 5, 2, 2, "0:1 5:2");
	test_example("one more is too late", 0, 4, 2, 1, "0:1 5:2");
	test_example("a later start is better", 0, 3, 3, 3, "0:1 2:1 4:2 5:3");
	test_example("an older chain may be further", 0, 4, 3, 3, "0:1 1:2 2:1 4:3");
	test_example("simultaneous steps are in order", 0, 0, 3, 3, "0:1 0:2 0:3");
	test_example("one event may be several steps", 0, 0, 3, 3, "0:123");
	test_example("strict_once: but here it may not", FUNNEL_STRICT_ONCE, 0, 3, 1, "0:123");
	test_example("strict_once: two events for three steps", FUNNEL_STRICT_ONCE, 0, 3, 2,
				 "0:123 0:123");
	test_example("strict_once: the right event for each", FUNNEL_STRICT_ONCE, 0, 2, 2,
				 "0:12 0:1");
	test_example("strict_increase: simultaneous steps", FUNNEL_STRICT_INCREASE, 5, 2, 1,
				 "0:1 0:2");
	test_example("strict_increase: an earlier start remains", FUNNEL_STRICT_INCREASE, 5, 2, 2,
				 "0:1 1:1 1:2");
	test_example("strict_order: an early step ends", FUNNEL_STRICT_ORDER, 9, 3, 1,
				 "0:1 1:3 2:2 3:3");
	test_example("strict_order: a stranger ends", FUNNEL_STRICT_ORDER, 9, 3, 1,
				 "0:1 1: 2:2 3:3");
	test_example("strict_order: an event that comes early for a later step ends its own chain",
				 FUNNEL_STRICT_ORDER, 9, 3, 1, "0:13 1:2");
	test_example("allow_reentry: an early step is passed over",
				 FUNNEL_STRICT_ORDER | FUNNEL_ALLOW_REENTRY, 9, 3, 3, "0:1 1:3 2:2 3:3");
	test_example("strict_deduplication: a repeat ends", FUNNEL_STRICT_DEDUPLICATION, 9, 3, 2,
				 "0:1 1:2 2:2 3:3");
	test_example("strict_deduplication: not of the first", FUNNEL_STRICT_DEDUPLICATION, 9, 3, 3,
				 "0:1 1:1 2:2 3:3");
	test_example("any_order: any order", FUNNEL_ANY_ORDER, 3, 3, 3, "0:3 1:2 3:1");
	test_example("any_order: the first is not needed", FUNNEL_ANY_ORDER, 3, 3, 2, "0:3 1:2 4:1");
	test_example("any_order: one event is one step", FUNNEL_ANY_ORDER, 9, 2, 1, "0:12");
	test_example("any_order: an event makes room for another", FUNNEL_ANY_ORDER, 9, 3, 3, "0:12 1:1 2:13");
	test_example("any_order: at one time two events are two steps", FUNNEL_ANY_ORDER, 0, 2, 2, "0:12 0:12");

	test_example("consecutive: a repeat of step 1 lies between", FUNNEL_CONSECUTIVE, 9, 3, 2, "0:1 1:2 2:1 3:3");
	test_example("consecutive: a repeat of step 2 as well", FUNNEL_CONSECUTIVE, 9, 3, 2, "0:1 1:2 2:2 3:3");
	test_example("consecutive: so does a stranger", FUNNEL_CONSECUTIVE, 9, 3, 1, "0:1 1: 2:2 3:3");
	test_example("consecutive: a later run", FUNNEL_CONSECUTIVE, 9, 3, 3, "0:1 1:3 2:1 3:2 4:3");
	test_example("consecutive: one event is one step", FUNNEL_CONSECUTIVE, 9, 2, 1, "0:12");
	test_example("consecutive: all of one time are steps", FUNNEL_CONSECUTIVE, 9, 4, 4, "0:1 1:23 1:2 2:4");
	test_example("consecutive: or one is too many", FUNNEL_CONSECUTIVE, 9, 4, 3, "0:1 1:23 1:2 1:3 2:4");

	test_which_chain("the latest start counts", 0, 5, 3, 5);
	test_which_chain("latest_chain: the same", FUNNEL_LATEST_CHAIN, 5, 3, 5);
	test_which_chain("first_chain: the first start counts", FUNNEL_FIRST_CHAIN, 5, 0, 5);
	test_which_chain("first_chain: if it converts", FUNNEL_FIRST_CHAIN, 4, 3, 5);

	check_property("funnel: default agrees with brute force",
				   agrees_with_chains, make_default, CASES);
	check_property("funnel: strict_increase agrees with brute force",
				   agrees_with_chains, make_increase, CASES);
	check_property("funnel: strict_once agrees with brute force",
				   agrees_with_chains, make_once, CASES);
	check_property("funnel: strict_once, strict_increase agrees with brute force",
				   agrees_with_chains, make_increase_once, CASES);
	check_property("funnel: strict_once, up to 7 steps, agrees with brute force",
				   agrees_with_chains, make_larger_once, 5000);
	check_property("funnel: any_order agrees with brute force",
				   agrees_with_any_order, make_any_order, CASES);
	check_property("funnel: consecutive agrees with brute force",
				   agrees_with_orders, make_consecutive, CASES);
	check_property("funnel: consecutive, first_chain agrees with brute force",
				   agrees_with_orders, make_first_consecutive, CASES);
	check_property("funnel: first_chain agrees with brute force",
				   agrees_with_chains, make_first, CASES);
	check_property("funnel: any_order, first_chain agrees with brute force",
				   agrees_with_any_order, make_first_any_order, CASES);
	check_property("funnel: all combinations of modes agree with all chains kept",
				   agrees_with_walk, make_any_modes, CASES);
	check_property("funnel: all combinations of modes with first_chain agree with all chains kept",
				   agrees_with_walk, make_first_modes, 2 * CASES);
	check_property("funnel: default agrees with the procedure",
				   agrees_with_procedure, make_default, CASES);
	check_property("funnel: strict_order agrees with the procedure",
				   agrees_with_procedure, make_order, CASES);
	check_property("funnel: strict_deduplication agrees with the procedure",
				   agrees_with_procedure, make_deduplication, CASES);
	check_property("funnel: strict_order, strict_deduplication agrees with the procedure",
				   agrees_with_procedure, make_order_deduplication, CASES);
	check_property("funnel: strict_order, allow_reentry agrees with the procedure",
				   agrees_with_procedure, make_reentry, CASES);
	check_property("funnel: strict_order, allow_reentry, strict_deduplication agrees with the procedure",
				   agrees_with_procedure, make_reentry_deduplication, CASES);
	check_property("funnel: all combinations of modes prove their levels",
				   proves_itself, make_any_modes, CASES);
	check_property("funnel: events that meet no condition matter to strict_order only",
				   needs_no_strangers, make_any_modes, CASES);
	check_property("funnel: default grows with the window and the events",
				   grows_with_window, make_default, CASES);
	check_property("funnel: strict_once grows with the window and the events",
				   grows_with_window, make_once, CASES);
	check_property("funnel: any_order grows with the window and the events",
				   grows_with_window, make_any_order, CASES);

	test_long_histories(0, "funnel: default");
	test_long_histories(FUNNEL_STRICT_INCREASE, "funnel: strict_increase");
	test_long_histories(FUNNEL_ANY_ORDER, "funnel: any_order");
	test_options();
}
