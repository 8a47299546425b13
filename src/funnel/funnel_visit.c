/*-------------------------------------------------------------------------
 *
 * funnel_visit.c
 *		funnel, and what its relatives share when they visit the users of a state.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "event/event.h"
#include "funnel/funnel_visit.h"
#include "utils/memutils.h"

/* Get ready to visit the users of a state. */
void
funnel_begin_visit(FunnelVisit *visit, const Population *population, FunnelKind kind)
{
	memset(visit, 0, sizeof(FunnelVisit));
	visit->params = population->params;
	/* a state from elsewhere may be that of another aggregate */
	if ((kind == FUNNEL_BREAKDOWN || kind == FUNNEL_TREND_BREAKDOWN) &&
		((population->holds & POPULATION_VALUES) == 0 ||
		 visit->params->breakdown_step > population->nsteps ||
		 (visit->params->touch == TOUCH_NONE && visit->params->breakdown_step == 0)))
		serialized_refuse();
	visit->spec = visit->params->spec;
	visit->nsteps = funnel_settle_spec(&visit->spec, visit->params->given.list[FUNNEL_OPTIONS].text,
									   population->nsteps);
	if (visit->params->breakdown_step > visit->nsteps)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("breakdown_step is %d, but the funnel has %d steps",
						visit->params->breakdown_step, visit->nsteps),
				 errhint("Write a step from 1 to %d.", visit->nsteps)));
	visit->context = CurrentMemoryContext;
	visit->stats = funnel_stats_new(CurrentMemoryContext, kind, visit->nsteps, &visit->spec);
	if ((population->holds & POPULATION_SEQ) != 0)
		visit->spec.modes |= FUNNEL_SEQUENCED;
	visit->stats->each_value = visit->params->touch == TOUCH_EACH;
	visit->stats->top = visit->params->top;
	visit->stats->newest = population->newest;
}

/* Keep the chain of a member of a group. */
static void
funnel_add_member(FunnelVisit *visit, TextSlice label, const CalendarBucket *bucket,
				  const FunnelChain *chain)
{
	Datum		columns[6] = {0};
	bool		nulls[6] = {false, true, true, false, false, false};

	breakdown_check_label(label);
	if (bucket != NULL)
	{
		columns[1] = TimestampTzGetDatum(bucket->begin);
		nulls[1] = false;
		nulls[2] = !calendar_date(visit->params->unit,
								  calendar_number(visit->params->unit, visit->zone, bucket->begin),
								  &columns[2]);
	}
	stats_put_text(label, &columns[3], &nulls[3]);
	columns[4] = Int32GetDatum(chain->level);
	columns[5] = PointerGetDatum(event_times_array(chain->times, chain->level));
	members_add(visit->members, visit->user, chain->times[0], columns, nulls);
	if (!nulls[3])
		pfree(DatumGetPointer(columns[3]));
	pfree(DatumGetPointer(columns[5]));
}

/*
 * Count a chain in the group of a label, and of a bucket unless that is NULL; or
 * keep it, where members are wanted.  The first one of a group shows whether the
 * label is text.
 */
void
funnel_count(FunnelVisit *visit, TextSlice label, const CalendarBucket *bucket, const FunnelChain *chain)
{
	FunnelGroup *group;

	if (visit->members != NULL)
	{
		funnel_add_member(visit, label, bucket, chain);
		return;
	}
	group = funnel_stats_group(visit->stats, label, bucket == NULL ? 0 : bucket->begin);
	if (group->users[0] == 0)
		breakdown_check_label(label);
	if (bucket != NULL && pg_add_s64_overflow(bucket->end, visit->params->spec.within, &group->complete_at))
		group->complete_at = PG_INT64_MAX;
	funnel_group_add(visit->stats, group, chain->times, chain->level);
}

/* Want members rather than counts.  They are in the groups of all values. */
void
funnel_begin_group_members(FunnelVisit *visit, Members *members)
{
	if (visit->params->top > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option top does not go with members"),
				 errdetail("Members are in the group of their value, however few it has."),
				 errhint("Leave it out. The members of (other) are those of the values that are not shown.")));
	visit->members = members;
}

/* Room for copies of n events. */
Event *
funnel_event_copies(FunnelVisit *visit, size_t n)
{
	if (n > visit->events_capacity)
	{
		if (visit->events != NULL)
			pfree(visit->events);
		visit->events_capacity = Max(n, visit->events_capacity * 2);
		visit->events = MemoryContextAllocHuge(visit->context,
											   visit->events_capacity * sizeof(Event));
	}
	return visit->events;
}

static void
visit_whole(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	FunnelAttempts attempts;
	FunnelChain chain;

	(void) user;
	(void) values;
	funnel_begin_attempts(&attempts, events, n, visit->nsteps, &visit->spec);
	while (funnel_next_attempt(&attempts, &chain))
		funnel_group_add(visit->stats, visit->group, chain.times, chain.level);
}

static Datum
funnel_final_users(PG_FUNCTION_ARGS)
{
	FunnelVisit visit;

	funnel_begin_visit(&visit, (Population *) PG_GETARG_POINTER(0), FUNNEL_WHOLE);
	visit.group = funnel_stats_group(visit.stats, FUNNEL_NO_LABEL, 0);
	population_visit((Population *) PG_GETARG_POINTER(0), visit_whole, &visit);
	PG_RETURN_POINTER(stats_pack(&funnel_stats_type, visit.stats));
}

/*
 * funnel_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_funnel_final, funnel_final_users(fcinfo),
			  .type = &funnel_stats_type)
