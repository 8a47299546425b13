/*-------------------------------------------------------------------------
 *
 * funnel_holding.c
 *		funnel_holding_constant: the funnel of chains whose events carry one value;
 *		and breakdowns by each value, which have the same chains.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funnel/funnel_visit.h"
#include "miscadmin.h"

/* A user's events, apart from one another by their values. */
typedef struct FunnelValues
{
	const Event *events;
	Event	   *copies;			/* room for all */
	const HeldEvents *by;
} FunnelValues;

static void
hold_events(FunnelVisit *visit, const Event *events, const EventValue *values, size_t n, FunnelValues *all)
{
	size_t		i;

	all->events = events;
	if (visit->spec.modes & FUNNEL_SEQUENCED)
		held_events_note_moments(&visit->held, visit->context, events, n);
	all->copies = funnel_event_copies(visit, n);
	all->by = &visit->held;
	held_events_begin(&visit->held, visit->context, n);
	for (i = 0; i < n; i++)
		held_events_add(&visit->held, values[i].bytes, values[i].length);
	held_events_sort(&visit->held);
}

/* Copy the events of a value, and those without one that are near. */
static size_t
copy_value(const FunnelVisit *visit, const FunnelValues *all, size_t begin, size_t end, uint64 near)
{
	return held_events_copy(all->by, all->events, visit->nsteps, begin, end, near, all->copies);
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

	/* does an event end the search, however far from a chain it is? */
	const bool	far = (spec->modes & (FUNNEL_STRICT_ORDER | FUNNEL_STRICT_DEDUPLICATION)) != 0;
	FunnelValues all;
	int64		best_times[STEPSET_MAX];
	int			best = 0;
	size_t		begin;
	size_t		end;

	(void) user;
	hold_events(visit, events, values, n, &all);
	if (all.by->nwithout > 0)
		best = funnel_level(all.copies, copy_value(visit, &all, 0, 0, PG_UINT64_MAX), visit->nsteps,
							spec, best_times);
	for (begin = 0; begin < all.by->nheld; begin = end)
	{
		int64		times[STEPSET_MAX];
		int			level;

		CHECK_FOR_INTERRUPTS();
		end = held_events_end(all.by, begin);
		level = funnel_level(all.copies,
							 copy_value(visit, &all, begin, end, far ? PG_UINT64_MAX : (uint64) spec->within),
							 visit->nsteps, spec, times);
		if (level > best || (level > 0 && level == best && chain_counts(visit, times, best_times, level)))
		{
			best = level;
			memcpy(best_times, times, level * sizeof(int64));
		}
	}
	funnel_group_add(visit->stats, visit->group, best_times, best);
}

/* Does one of these events meet a step? */
static bool
value_meets_step(const FunnelVisit *visit, const FunnelValues *all, size_t begin, size_t end)
{
	const FunnelRules *rules = visit->spec.rules;
	const uint64 excluded = rules == NULL ? 0 : rules->excluded;
	size_t		i;

	for (i = begin; i < end; i++)
		if ((stepset_conditions(all->events[all->by->held[i].position].step) & ~excluded) != 0)
			return true;
	return false;
}

/*
 * Visit the events of each value that an event which meets a step has, together
 * with all events without a value; only these if there is no such value.
 */
void
funnel_visit_values(FunnelVisit *visit, const Event *events, const EventValue *values, size_t n,
					FunnelValueVisitor visit_value)
{
	FunnelValues all;
	bool		visited = false;
	size_t		begin;
	size_t		end;

	hold_events(visit, events, values, n, &all);
	for (begin = 0; begin < all.by->nheld; begin = end)
	{
		TextSlice	label = {all.by->held[begin].bytes, all.by->held[begin].length};

		CHECK_FOR_INTERRUPTS();
		end = held_events_end(all.by, begin);
		if (!value_meets_step(visit, &all, begin, end))
			continue;
		visit_value(visit, label, all.copies, copy_value(visit, &all, begin, end, PG_UINT64_MAX));
		visited = true;
	}
	if (!visited)
		visit_value(visit, FUNNEL_NO_LABEL, all.copies, copy_value(visit, &all, 0, 0, PG_UINT64_MAX));
}

static Datum
funnel_holding_constant_final_users(PG_FUNCTION_ARGS)
{
	FunnelVisit visit;

	funnel_begin_visit(&visit, (Population *) PG_GETARG_POINTER(0), FUNNEL_WHOLE);
	if (funnel_counts_attempts(&visit.spec))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option count does not go with funnel_holding_constant"),
				 errhint("Leave it out, or call funnel().")));
	visit.group = funnel_stats_group(visit.stats, FUNNEL_NO_LABEL, 0);
	population_visit((Population *) PG_GETARG_POINTER(0), visit_holding, &visit);
	PG_RETURN_POINTER(stats_pack(&funnel_stats_type, visit.stats));
}

RESULTS_FINAL(journey_funnel_holding_constant_final, funnel_holding_constant_final_users(fcinfo),
			  .type = &funnel_stats_type)
