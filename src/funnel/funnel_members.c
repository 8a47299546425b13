/*-------------------------------------------------------------------------
 *
 * funnel_members.c
 *		funnel_members: the level that each user reached, and when.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "event/event.h"
#include "funnel/funnel_visit.h"

/* Keep the attempts of a user who reached step 1 at least. */
static void
funnel_visit_member(void *arg, const UserKey *user, Event *events, const EventValue *values,
					size_t n)
{
	FunnelVisit *visit = arg;
	FunnelAttempts attempts;
	FunnelChain chain;
	Datum		columns[3];
	bool		nulls[3] = {false};

	(void) values;
	funnel_begin_attempts(&attempts, events, n, visit->nsteps, &visit->spec);
	while (funnel_next_attempt(&attempts, &chain))
	{
		if (chain.level == 0)
			return;
		columns[1] = Int32GetDatum(chain.level);
		columns[2] = PointerGetDatum(event_times_array(chain.times, chain.level));
		members_add(visit->members, user, 0, columns, nulls);
		pfree(DatumGetPointer(columns[2]));
	}
}

static Datum
funnel_members_final_users(PG_FUNCTION_ARGS)
{
	Population *population;
	FunnelVisit visit;

	population = (Population *) PG_GETARG_POINTER(0);
	funnel_begin_visit(&visit, population, FUNNEL_WHOLE);
	visit.members = members_begin(fcinfo, &population->site->key_type,
								  "funnel_members(user_id, at, step, within)");
	population_visit(population, funnel_visit_member, &visit);
	PG_RETURN_DATUM(members_array(visit.members,
								  "Call window_funnel_times(at, step, within) with GROUP BY user_id instead."));
}

/* funnel_members_final(state): an array of funnel_member, by user_id. */
JOURNEY_FUNCTION_AS(journey_funnel_members_final, results_final_once(fcinfo, funnel_members_final_users))
