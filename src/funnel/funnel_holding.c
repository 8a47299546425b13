/*-------------------------------------------------------------------------
 *
 * funnel_holding.c
 *		funnel_holding_constant: the funnel of chains whose events carry one value.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funnel/funnel_visit.h"
#include "miscadmin.h"
#include "utils/memutils.h"

JOURNEY_FUNCTION(journey_funnel_holding_constant_final);

/*
 * For each event the first of those that it is tied with, itself if with none;
 * NULL where events of one time have no order at all.
 */
static const uint64 *
event_moments(FunnelVisit *visit, const Event *events, size_t n)
{
	size_t		i;

	if (!(visit->spec.modes & FUNNEL_SEQUENCED))
		return NULL;
	if (n > visit->moments_capacity)
	{
		if (visit->moments != NULL)
			pfree(visit->moments);
		visit->moments_capacity = Max(n, visit->moments_capacity * 2);
		visit->moments = MemoryContextAllocHuge(visit->context,
												visit->moments_capacity * sizeof(uint64));
	}
	for (i = 0; i < n; i++)
		visit->moments[i] = i > 0 && event_is_tied(&events[i]) ? visit->moments[i - 1] : i;
	return visit->moments;
}

/* An event with its value, for gathering the events of one value. */
typedef struct HeldEvent
{
	const char *bytes;
	uint32		length;
	uint64		position;		/* among the user's events */
} HeldEvent;

static int
compare_held(const void *a, const void *b)
{
	const HeldEvent *left = a;
	const HeldEvent *right = b;
	int			order = memcmp(left->bytes, right->bytes, Min(left->length, right->length));

	if (order == 0 && left->length != right->length)
		order = left->length < right->length ? -1 : 1;
	if (order == 0)
		order = left->position < right->position ? -1 : 1;
	return order;
}

/* Does a chain count rather than another of the same level, of another value? */
static bool
chain_counts(const FunnelVisit *visit, const int64 *times, const int64 *than, int level)
{
	int			k = (visit->spec.modes & FUNNEL_FIRST_CHAIN) ? 0 : level - 1;

	while (k < level - 1 && times[k] == than[k])
		k++;
	return times[k] < than[k];
}

/*
 * The level of a user when the events of a chain must carry one value, those
 * without a value going with any.  The kernel sees the events of each value in
 * turn, with those without a value (in most modes only those that lie near
 * enough to belong to a chain), and once the latter alone.  The deepest chain
 * counts; of several, the one that got there first, or in first_chain the one
 * that started first and whose steps are earliest.
 */
static void
visit_holding(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	const FunnelSpec *spec = &visit->spec;
	Event	   *copies = funnel_event_copies(visit, n);
	const uint64 *moments = event_moments(visit, events, n);

	/* does an event end the search, however far from a chain it is? */
	const bool	far = (spec->modes & (FUNNEL_STRICT_ORDER | FUNNEL_STRICT_DEDUPLICATION)) != 0;
	HeldEvent  *held = MemoryContextAllocHuge(visit->context, n * sizeof(HeldEvent));
	uint64	   *without = MemoryContextAllocHuge(visit->context, n * sizeof(uint64));
	size_t		nheld = 0;
	size_t		nwithout = 0;
	int64		best_times[STEPSET_MAX];
	int			best = 0;
	size_t		begin;
	size_t		end;
	size_t		i;

	(void) user;
	for (i = 0; i < n; i++)
	{
		if (values[i].bytes == NULL)
		{
			copies[nwithout] = events[i];
			if (moments != NULL)
				event_set_tied(&copies[nwithout], visit->nsteps,
							   nwithout > 0 && moments[without[nwithout - 1]] == moments[i]);
			without[nwithout++] = i;
			continue;
		}
		held[nheld].bytes = values[i].bytes;
		held[nheld].length = values[i].length;
		held[nheld++].position = i;
	}
	if (nwithout > 0)
		best = funnel_level(copies, nwithout, visit->nsteps, spec, best_times);
	qsort(held, nheld, sizeof(HeldEvent), compare_held);

	for (begin = 0; begin < nheld && nheld > 0; begin = end)
	{
		int64		earliest = events[held[begin].position].at;
		int64		latest;
		int64		times[STEPSET_MAX];
		size_t		ncopies = 0;
		size_t		low = 0;
		size_t		high = nwithout;
		uint64		before = 0; /* the position of the event copied before */
		int			level;

		CHECK_FOR_INTERRUPTS();
		for (end = begin + 1; end < nheld && held[end].length == held[begin].length &&
			 memcmp(held[end].bytes, held[begin].bytes, held[begin].length) == 0; end++)
			;
		latest = events[held[end - 1].position].at;

		/* the first event without a value that is near enough */
		while (low < high && !far)
		{
			size_t		middle = low + (high - low) / 2;
			int64		at = events[without[middle]].at;

			if (at < earliest && time_between(at, earliest) > (uint64) spec->within)
				low = middle + 1;
			else
				high = middle;
		}
		/* merge both by their positions, which are in the event order */
		for (i = begin; i < end || low < nwithout;)
		{
			uint64		position;

			if (low < nwithout && (i == end || without[low] < held[i].position))
			{
				position = without[low++];
				if (!far && events[position].at > latest &&
					time_between(latest, events[position].at) > (uint64) spec->within)
					break;
			}
			else
				position = held[i++].position;
			copies[ncopies] = events[position];
			if (moments != NULL)
				event_set_tied(&copies[ncopies], visit->nsteps,
							   ncopies > 0 && moments[before] == moments[position]);
			before = position;
			ncopies++;
		}
		level = funnel_level(copies, ncopies, visit->nsteps, spec, times);
		if (level > best || (level > 0 && level == best && chain_counts(visit, times, best_times, level)))
		{
			best = level;
			memcpy(best_times, times, level * sizeof(int64));
		}
	}
	pfree(without);
	pfree(held);
	funnel_group_add(visit->stats, visit->group, best_times, best);
}

JOURNEY_RESULTS_JOIN(journey_funnel_holding_constant_final_join);
const ResultsJoin journey_funnel_holding_constant_final_join = {
	.type = &funnel_stats_type
};

static Datum
funnel_holding_constant_final_users(PG_FUNCTION_ARGS)
{
	FunnelVisit visit;

	funnel_begin_visit(&visit, (Population *) PG_GETARG_POINTER(0), FUNNEL_WHOLE);
	visit.group = funnel_stats_group(visit.stats, FUNNEL_NO_LABEL, 0);
	population_visit((Population *) PG_GETARG_POINTER(0), visit_holding, &visit);
	PG_RETURN_POINTER(stats_pack(&funnel_stats_type, visit.stats));
}

/*
 * funnel_holding_constant_final(state)
 */
Datum
journey_funnel_holding_constant_final(PG_FUNCTION_ARGS)
{
	return results_final(fcinfo, funnel_holding_constant_final_users, &journey_funnel_holding_constant_final_join);
}
