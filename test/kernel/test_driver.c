/*-------------------------------------------------------------------------
 *
 * test_driver.c
 *		The driver kernel against its definition, event by event.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "cases.h"
#include "driver/driver.h"
#include "random.h"
#include "tap.h"
#include "tests.h"

#define CASES 40000
#define MOST_EVENTS 10

/* The first event from one on that meets a condition, or n. */
static size_t
first_that(const Event *events, size_t n, size_t from, uint64 condition)
{
	while (from < n && (events[from].step & condition) == 0)
		from++;
	return from;
}

void
test_driver(void)
{
	Random		random = {64};
	int			wrong = 0;
	int			found[4] = {0};
	int			i;

	for (i = 0; i < CASES; i++)
	{
		const size_t n = (size_t) random_below(&random, MOST_EVENTS + 1);
		const bool	far = i % 5 == 0;
		const int64 unit = far ? (EVENT_TIME_END - 1) / 8 : 1;
		const int64 base = far ? EVENT_TIME_MIN : 0;
		Event	   *events = allocate(n * sizeof(Event));
		const DriverSpec spec = {far ? DURATION_MAX / (int64) (1 + random_below(&random, 3)) : (int64) random_below(&random, 8), base + (int64) random_below(&random, 9) * unit + (int64) (far ? 0 : random_below(&random, 4))};
		DriverSpan	span;
		DriverOutcome outcome = DRIVER_NO_ENTRY;
		size_t		entry;
		size_t		goal;
		size_t		late;
		size_t		k;

		for (k = 0; k < n; k++)
		{
			events[k].at = base + (int64) random_below(&random, 9) * unit;
			events[k].step = (random_below(&random, 4) == 0 ? DRIVER_IS_ENTRY : 0) | (random_below(&random, 4) == 0 ? DRIVER_IS_GOAL : 0) | DRIVER_IS_FACTOR;
			event_set_node(&events[k], (uint32) random_below(&random, 3));
		}
		case_sort(events, n);
		span = driver_span(events, n, &spec);
		entry = first_that(events, n, 0, DRIVER_IS_ENTRY);
		if (entry < n && events[entry].at <= spec.last)
		{
			goal = first_that(events, n, entry + 1, DRIVER_IS_GOAL);
			for (late = entry + 1; late < n && (int128) events[late].at - events[entry].at <= spec.within; late++)
				;
			outcome = (int128) events[entry].at + spec.within > spec.last ? DRIVER_OPEN : goal < late ? DRIVER_GOAL : DRIVER_NO_GOAL;
			wrong += span.entry != entry;
			wrong += (outcome == DRIVER_GOAL && span.end != goal) || (outcome == DRIVER_NO_GOAL && span.end != late);
		}
		wrong += span.outcome != outcome;
		found[outcome]++;
		free(events);
	}
	test_ok(wrong == 0, "driver: the part that counts is that of the definition (%d wrong of %d)", wrong, CASES);
	test_ok(found[DRIVER_NO_ENTRY] > 1000 && found[DRIVER_OPEN] > 1000 && found[DRIVER_GOAL] > 1000 && found[DRIVER_NO_GOAL] > 1000,
			"driver: %d without entry, %d open, %d with a goal, %d without", found[0], found[1], found[2], found[3]);
}
