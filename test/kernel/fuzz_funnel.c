/*-------------------------------------------------------------------------
 *
 * fuzz_funnel.c
 *		Any events through the funnel, in any mode.
 *
 * The input is four bytes, the number of conditions, the modes in two and the window,
 * then two bytes an event: its time and its conditions.  Up to seven events and
 * four conditions are tried in full as well.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"
#include "oracle.h"

#define FEW_EVENTS 7
#define FEW_STEPS 4

static void
compare(const Event *events, size_t n, int nsteps, const FunnelSpec *spec, int level,
		const int64 *times)
{
	const uint32 procedure = FUNNEL_STRICT_ORDER | FUNNEL_STRICT_DEDUPLICATION |
		FUNNEL_ALLOW_REENTRY;
	int64		expected[STEPSET_MAX];
	const char *wrong = oracle_check_times(events, n, nsteps, spec, level, times);

	if (wrong != NULL)
		fprintf(stderr, "%s\n", wrong);
	must(wrong == NULL);
	if (spec->modes & FUNNEL_ANY_ORDER)
	{
		must(level == oracle_funnel_any_order(events, n, nsteps, spec, expected));
		must(!(spec->modes & FUNNEL_FIRST_CHAIN) ||
			 memcmp(times, expected, (size_t) level * sizeof(int64)) == 0);
		return;
	}
	if (spec->modes & FUNNEL_CONSECUTIVE)
	{
		must(level == oracle_funnel_consecutive(events, n, nsteps, spec, expected));
		must(memcmp(times, expected, (size_t) level * sizeof(int64)) == 0);
		return;
	}
	must(level == oracle_funnel_walk(events, n, nsteps, spec, expected));
	must(memcmp(times, expected, (size_t) level * sizeof(int64)) == 0);
	if ((spec->modes & ~(uint32) ORACLE_CHAIN_MODES) == 0)
	{
		must(level == oracle_funnel_chains(events, n, nsteps, spec, expected));
		must(memcmp(times, expected, (size_t) level * sizeof(int64)) == 0);
	}
	else if ((spec->modes & ~procedure) == 0)
	{
		must(level == oracle_funnel_procedure(events, n, nsteps, spec, expected));
		must(memcmp(times, expected, (size_t) level * sizeof(int64)) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t		n = size < 4 ? 0 : (size - 4) / 2;
	FunnelSpec	spec;
	Event	   *events;
	int64	   *times;
	int			nsteps;
	int			level;
	size_t		i;

	if (size < 4)
		return 0;
	nsteps = 1 + data[0] % STEPSET_MAX;
	spec.modes = (data[1] | data[2] << 8) & FUNNEL_ALL_MODES;
	spec.within = data[3];
	spec.rules = NULL;
	if (funnel_check_modes(spec.modes) != FUNNEL_OPTIONS_OK)
		return 0;
	events = fuzz_allocate(n * sizeof(Event));
	for (i = 0; i < n; i++)
	{
		uint8_t		conditions = data[4 + 2 * i + 1];

		events[i].at = data[4 + 2 * i];
		/* the eight bits again and again, shifted, where there are more steps */
		events[i].step = conditions * UINT64_C(0x0104104104104104) * (conditions | 1);
		if (nsteps <= 8)
			events[i].step = (uint64) conditions << 56;
		events[i].step = events[i].step >> (64 - nsteps) << (64 - nsteps) | (uint64) nsteps;
	}
	fuzz_sort(events, n);
	times = fuzz_allocate((size_t) nsteps * sizeof(int64));
	level = funnel_level(events, n, nsteps, &spec, times);
	must(level >= 0 && level <= nsteps);
	must(level == funnel_level(events, n, nsteps, &spec, NULL));
	for (i = 1; i < (size_t) level; i++)
		must(times[i - 1] <= times[i]);
	must(level == 0 || times[level - 1] - times[0] <= spec.within);
	if (n <= FEW_EVENTS && nsteps <= FEW_STEPS)
		compare(events, n, nsteps, &spec, level, times);
	free(events);
	free(times);
	return 0;
}
