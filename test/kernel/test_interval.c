/*-------------------------------------------------------------------------
 *
 * test_interval.c
 *		The interval kernel against all pairs of events.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "cases.h"
#include "interval/interval.h"
#include "tap.h"
#include "tests.h"

#define CASES 40000
#define MOST_EVENTS 12

/* Is there an event from i to j, both left out, that meets a condition? */
static bool
met_between(const Event *events, size_t i, size_t j, uint64 condition)
{
	size_t		k;

	for (k = i + 1; k < j; k++)
		if ((events[k].step & condition) != 0)
			return true;
	return false;
}

/* Every pair that the definition calls an interval, latest start first. */
static size_t
all_pairs(const Event *events, size_t n, int nsteps, const IntervalSpec *spec, uint64 *durations)
{
	uint64		start = stepset_bit(0);
	uint64		end = stepset_bit(nsteps - 1);
	size_t		found = 0;
	size_t		i;
	size_t		j;

	for (i = n; i-- > 0;)
		for (j = i + 1; j < n; j++)
			if ((events[i].step & start) != 0 && (events[j].step & end) != 0 &&
				!met_between(events, i, j, end) &&
				(spec->mode == INTERVAL_EACH || !met_between(events, i, j, start)) &&
				time_between(events[i].at, events[j].at) <= (uint64) spec->within)
				durations[found++] = time_between(events[i].at, events[j].at);
	return found;
}

void
test_interval(void)
{
	Random		random = {31};
	int			wrong = 0;
	int			found[2] = {0, 0};
	int			i;

	for (i = 0; i < CASES; i++)
	{
		size_t		n = (size_t) random_below(&random, MOST_EVENTS + 1);
		Event	   *events = allocate(n * sizeof(Event));
		int			nsteps = 1 + (int) random_below(&random, 2);
		int64		unit = i % 5 == 0 ? (EVENT_TIME_END - 1) / 8 : 1;
		IntervalSpec spec;
		IntervalScan scan;
		uint64		wanted[MOST_EVENTS * MOST_EVENTS];
		uint64		duration;
		size_t		nwanted;
		size_t		k;

		spec.within = i % 5 == 0 ? DURATION_MAX : (int64) random_below(&random, 12);
		spec.mode = (IntervalMode) random_below(&random, INTERVAL_NMODES);
		for (k = 0; k < n; k++)
		{
			events[k].at = (i % 2 == 0 ? EVENT_TIME_MIN : 0) + (int64) random_below(&random, 9) * unit;
			events[k].step = random_below(&random, UINT64_C(1) << nsteps) << (64 - nsteps) |
				(uint64) nsteps;
		}
		case_sort(events, n);
		nwanted = all_pairs(events, n, nsteps, &spec, wanted);
		interval_begin(&scan, events, n, nsteps, &spec);
		for (k = 0; interval_next(&scan, &duration); k++)
			wrong += k >= nwanted || wanted[k] != duration;
		wrong += k != nwanted || interval_next(&scan, &duration);
		found[spec.mode] += (int) nwanted;
		free(events);
	}
	test_ok(wrong == 0, "interval: the pairs of the definition (%d cases)", CASES);
	test_ok(found[INTERVAL_EACH] > CASES / 2 && found[INTERVAL_LATEST] > CASES / 2,
			"interval: %d and %d pairs", found[INTERVAL_EACH], found[INTERVAL_LATEST]);
	{
		IntervalMode mode = INTERVAL_EACH;

		test_ok(interval_parse_mode("latest", 6, &mode) && mode == INTERVAL_LATEST &&
				!interval_parse_mode("latest ", 7, &mode) && !interval_parse_mode("", 0, &mode) &&
				interval_parse_mode("each", 4, &mode) && mode == INTERVAL_EACH,
				"interval: the names of the modes");
	}
}
