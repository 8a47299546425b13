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

static void
funnel_visit_members(FunctionCallInfo fcinfo, UserStore *store, Members *members)
{
	FunnelVisit visit;

	(void) fcinfo;
	funnel_begin_visit(&visit, (Population *) store, FUNNEL_WHOLE);
	visit.members = members;
	population_visit((Population *) store, funnel_visit_member, &visit);
}

/*
 * funnel_members_final(state): an array of funnel_member, by user_id.
 */
MEMBERS_FINAL(journey_funnel_members_final, journey_funnel_member_list_final,
			  .row = "funnel_member",
			  .call = "funnel_members(user_id, at, step, within)",
			  .list = "funnel_member_list(user_id, at, step, within)",
			  .visit = funnel_visit_members)
