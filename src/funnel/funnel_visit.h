/*-------------------------------------------------------------------------
 *
 * funnel_visit.h
 *		What the final functions of funnels share when they visit the users of a
 *		state.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_FUNNEL_VISIT_H
#define JOURNEY_FUNNEL_VISIT_H

#include "postgres.h"

#include "aggregate/aggregate.h"
#include "funnel/funnel_params.h"
#include "funnel/funnel_stats.h"

/*
 * What the visits of users work with.  Each visit uses what it needs.
 */
typedef struct FunnelVisit
{
	const FunnelParams *params;
	FunnelSpec	spec;			/* that of the parameters, for the events at
								 * hand */
	int			nsteps;
	FunnelStats *stats;
	FunnelGroup *group;			/* the one of a result without breakdown */
	MemoryContext context;		/* where results are kept */

	/* of a trend */
	pg_tz	   *zone;
	CalendarBucket *buckets;	/* all met so far, in order */
	int			nbuckets;
	int			buckets_capacity;

	/* copies of a user's events of one bucket, and their values */
	Event	   *bucket_events;
	EventValue *bucket_values;
	size_t		bucket_capacity;

	/* copies of a user's events */
	Event	   *events;
	size_t		events_capacity;
	HeldEvents	held;			/* they, by their values */

	/* where members are wanted, and no counts */
	Members    *members;
	const UserKey *user;		/* the one that is visited */
} FunnelVisit;

/* The label of the group without one. */
#define FUNNEL_NO_LABEL ((TextSlice) {NULL, 0})

/* What is done with the events of a user of one value. */
typedef void (*FunnelValueVisitor) (FunnelVisit *visit, TextSlice label, Event *events, size_t n);

extern void funnel_begin_visit(FunnelVisit *visit, const Population *population, FunnelKind kind);
extern void funnel_count(FunnelVisit *visit, TextSlice label, const CalendarBucket *bucket,
						 const FunnelChain *chain);
extern void funnel_begin_group_members(FunnelVisit *visit, Members *members);
extern Event *funnel_event_copies(FunnelVisit *visit, size_t n);
extern TextSlice funnel_step_label(FunnelVisit *visit, const Event *events,
								   const EventValue *values, const FunnelChain *chain);
extern TextSlice funnel_touch_label(FunnelTouch touch, const EventValue *values, size_t n);
extern void funnel_visit_values(FunnelVisit *visit, const Event *events, const EventValue *values,
								size_t n, FunnelValueVisitor visit_value);

#endif							/* JOURNEY_FUNNEL_VISIT_H */
