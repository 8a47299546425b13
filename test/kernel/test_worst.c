/*-------------------------------------------------------------------------
 *
 * test_worst.c
 *		Inputs made to be slow: each must be done in a couple of seconds.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>

#include "cases.h"
#include "sequence/next_node.h"
#include "sequence/sequence.h"
#include "tap.h"
#include "tests.h"

/* Sanitizers slow everything down. */
#if defined(__SANITIZE_ADDRESS__)
#define SECONDS_ALLOWED 30
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SECONDS_ALLOWED 30
#endif
#endif
#ifndef SECONDS_ALLOWED
#define SECONDS_ALLOWED 3
#endif

#define SECOND INT64_C(1000000)

static void
test_took(double began, bool right, const char *name)
{
	double		seconds = seconds_now() - began;

	test_ok(right && seconds < SECONDS_ALLOWED, "worst case: %s", name);
	test_note("%.2f s", seconds);
}

/* n events, `every` of them at one time, a second between the times. */
static Event *
many_events(size_t n, size_t every, int nsteps, uint64 mask)
{
	Random		random = {61};
	Event	   *events = allocate(n * sizeof(Event));
	Event	   *scratch = allocate(events_sort_scratch(n) * sizeof(Event));
	size_t		i;

	for (i = 0; i < n; i++)
	{
		events[i].at = (int64) (i / every) * SECOND;
		events[i].step = (random_next(&random) & mask) >> (64 - nsteps) << (64 - nsteps) |
			(uint64) nsteps;
	}
	events_sort(events, n, scratch);
	free(scratch);
	return events;
}

static void
test_pattern_on(const char *text, const Event *events, size_t n)
{
	Pattern		pattern;
	PatternError error;
	uint64	   *space;
	Event	   *reversed = allocate(n * sizeof(Event));
	size_t	   *places = allocate(n * sizeof(size_t));
	double		began = seconds_now();
	bool		good = pattern_parse(text, strlen(text), &pattern, &error);
	char		name[200];

	if (good)
	{
		space = allocate(sequence_space(&pattern, n) * sizeof(uint64));
		(void) sequence_find(&pattern, events, 0, n, space);
		(void) sequence_count_matches(&pattern, events, n, space);
		free(space);
		space = allocate(sequence_places_space(&pattern, n) * sizeof(uint64));
		(void) sequence_match_places(&pattern, events, n, sequence_find(&pattern, events, 0, n, space),
									 space, reversed, places);
		free(space);
	}
	snprintf(name, sizeof(name), "%s, %zu events", text, n);
	test_took(began, good, name);
	free(reversed);
	free(places);
}

/*
 * A long pattern in which every gap looks back through two ranges: its matches,
 * and then, with an end that never comes, none.
 */
static void
test_longest_pattern(const Event *events, size_t n)
{
	char		text[2048] = "(?1)";
	Pattern		pattern;
	PatternError error;
	uint64	   *history = allocate(n * sizeof(uint64));
	double		began;
	bool		good;
	int			i;

	for (i = 1; i < 64; i++)
		sprintf(text + strlen(text), "(?t!=%d)(?%d)", i, 1 + i % 2);
	good = pattern_parse(text, strlen(text), &pattern, &error);
	began = seconds_now();
	if (good)
		good = sequence_count_matches(&pattern, events, n, history) > 1;
	test_took(began, good, "64 events with 126 time ranges between them");

	strcpy(strrchr(text, '?'), "?58)");
	good = pattern_parse(text, strlen(text), &pattern, &error);
	began = seconds_now();
	if (good)
		good = sequence_find(&pattern, events, 0, n, history).nevents == 63;
	test_took(began, good, "64 events with 126 time ranges between them, the last never met");
	free(history);
}

static void
test_funnel_on(const Event *events, size_t n, int nsteps, uint32 modes, const char *name)
{
	FunnelSpec	spec = {DURATION_MAX, modes, NULL};
	int64		times[STEPSET_MAX];
	double		began = seconds_now();
	int			level = funnel_level(events, n, nsteps, &spec, NULL);

	test_took(began, level >= 0 && funnel_level(events, n, nsteps, &spec, times) == level, name);
}

/* Take the last step away, so that no funnel is ever complete. */
static void
without_last_step(Event *events, size_t n, int nsteps)
{
	size_t		i;

	for (i = 0; i < n; i++)
		events[i].step &= ~stepset_bit(nsteps - 1);
}

void
test_worst_cases(void)
{
	const size_t million = 1000000;
	const size_t many = 100000;
	Event	   *events;
	Event	   *scratch;
	size_t		i;

	/* two conditions, at random */
	events = many_events(million, 3, 2, UINT64_MAX);
	test_pattern_on("(?1).*(?t<=3600)(?2).*(?1).*(?2)", events, million);
	test_pattern_on("(?1)(?t>=3600)(?2)(?t>=3600)(?1)(?t>=3600)(?2)", events, million);
	test_longest_pattern(events, million);
	test_pattern_on("(?1)((?2)|(?1)*(?!2)){5}(?t>=100)(?2)(?w<=1h)", events, million);
	test_pattern_on("(?1)(?t>=10)(?t<=99)(?2)(?t>=10)(?t<=99)(?1)(?t<=50)(?2)(?w<=200)", events, million);
	test_pattern_on("((?1)(?2)?){10,}((?t>5)(?2)*(?1)){2,5}(?2)$", events, million);
	/* condition 2 never comes */
	without_last_step(events, million, 2);
	test_pattern_on("(?1).*(?t<=3600)(?2).*(?1).*(?2)", events, million);
	test_pattern_on("(?1)(?t>=1000000)(?1)(?t==5)(?1).*(?2)", events, million);
	test_pattern_on("(?1).*(?1).*(?1).*(?1).*(?1).*(?1).*(?1).*(?1).*(?1).*(?1).*(?1).*(?2)",
					events, million);
	test_pattern_on("(((?1)?(?!2)*(?1|2)){3}(?1)*)+(?2)(?w<=1h)", events, million);
	test_pattern_on("((?1)(?t>=3)(?t<=5000)(?!2)|(?1)){8}(?2)(?w<=6000)", events, million);
	free(events);

	/* everything happens at once */
	events = many_events(million, million, 2, UINT64_MAX);
	without_last_step(events, million, 2);
	test_pattern_on("(?1)(?t==0)(?1)(?t>0)(?1)(?t<=0)(?2)", events, million);
	free(events);

	/* 58 steps, of which each event meets about half */
	events = many_events(many, many, STEPSET_MAX, UINT64_MAX);
	without_last_step(events, many, STEPSET_MAX);
	test_funnel_on(events, many, STEPSET_MAX, 0, "58 steps at one time");
	test_funnel_on(events, many, STEPSET_MAX, FUNNEL_STRICT_ONCE, "strict_once, 58 steps at one time");
	test_funnel_on(events, many, STEPSET_MAX, FUNNEL_ANY_ORDER, "any_order, 58 steps at one time");
	test_funnel_on(events, many, STEPSET_MAX, FUNNEL_STRICT_ONCE | FUNNEL_FIRST_CHAIN,
				   "strict_once, first_chain, 58 steps at one time");
	free(events);
	events = many_events(million, 1, STEPSET_MAX, UINT64_C(0x8421084210842108));
	without_last_step(events, million, STEPSET_MAX);
	test_funnel_on(events, million, STEPSET_MAX, FUNNEL_ANY_ORDER, "any_order, 58 steps, events meet some");
	for (i = 0; i < million; i++)
		events[i].step |= ~UINT64_C(63) & ~stepset_bit(STEPSET_MAX - 1);
	test_funnel_on(events, million, STEPSET_MAX, FUNNEL_ANY_ORDER, "any_order, 58 steps, events meet all");
	test_funnel_on(events, million, STEPSET_MAX, FUNNEL_ANY_ORDER | FUNNEL_FIRST_CHAIN,
				   "any_order, first_chain, 58 steps, events meet all");
	free(events);
	for (i = 2; i <= 1024; i *= 8)
	{
		char		name[100];
		size_t		j;

		/* all but the last step are met by all, so that all are matched */
		events = many_events(many, i, STEPSET_MAX, 0);
		for (j = 0; j < many; j++)
			events[j].step |= ~UINT64_C(63) & ~stepset_bit(STEPSET_MAX - 1);
		snprintf(name, sizeof(name), "strict_once, 58 steps, %zu events a time meet all", i);
		test_funnel_on(events, many, STEPSET_MAX, FUNNEL_STRICT_ONCE, name);
		free(events);

		/* each event meets a few */
		events = many_events(many, i, STEPSET_MAX, UINT64_C(0x8421084210842108));
		without_last_step(events, many, STEPSET_MAX);
		snprintf(name, sizeof(name), "strict_once, 58 steps, %zu events a time meet some", i);
		test_funnel_on(events, many, STEPSET_MAX, FUNNEL_STRICT_ONCE, name);
		free(events);
	}

	/* the sort's worst: no two neighbours in order, then all the same */
	events = many_events(million, 1, 2, UINT64_MAX);
	scratch = allocate(events_sort_scratch(million) * sizeof(Event));
	for (i = 0; i < million; i++)
		events[i].at = (int64) (i * UINT64_C(0x9E3779B97F4A7C15) >> 4);
	{
		double		began = seconds_now();
		bool		sorted = true;

		events_sort(events, million, scratch);
		for (i = 1; i < million; i++)
			sorted &= !event_before(&events[i], &events[i - 1]);
		test_took(began, sorted, "sorting a million events");
	}
	free(scratch);
	free(events);
}
