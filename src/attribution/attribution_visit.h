/*-------------------------------------------------------------------------
 *
 * attribution_visit.h
 *		Events of an attribution, and the visit of all users of its population.
 *
 * A row that is both a touch and a conversion is two events.  Of events of one
 * time and seq, touches come first, then the steps that touches must lead
 * through, then conversions; so they lead to the conversions of their time.  An
 * event's value is that of a conversion, as eight bytes whose order is the order
 * of numbers.  Where a property is held constant, it is: a byte that says whether
 * there is a number, the number, a byte that says whether there is a property, and
 * the property; none if there is neither.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ATTRIBUTION_VISIT_H
#define JOURNEY_ATTRIBUTION_VISIT_H

#include "postgres.h"

#include "aggregate/aggregate.h"
#include "attribution/attribution_params.h"
#include "attribution/attribution_stats.h"

/* The conditions of an event. */
#define IS_TOUCH		(UINT64_C(1) << 63)
#define IS_STEP			(UINT64_C(1) << 62)
#define IS_CONVERSION	(UINT64_C(1) << 61)
#define NCONDITIONS		3

/* The largest value. */
#define VALUE_MOST		1e15

/* What is counted of all touches of one node. */
typedef struct TouchCount
{
	TouchItem	item;
	uint64		last_user;		/* the latest user counted, from 1 */
	uint64		last_converted;
	uint64		last_part;		/* the latest part of a user */
	size_t		next;			/* the touch of this part and node that comes
								 * next */
	/* of the latest user, where members are listed */
	int64		first_at;		/* the first touch; PG_INT64_MAX: none */
	int64		converted_at;	/* the first conversion, likewise */
} TouchCount;

typedef struct AttributionVisit
{
	AttributionSpec spec;
	AttributionCalendar calendar;
	MemoryContext context;
	AttributionStats *stats;
	AttributionUser user;
	size_t		touches_capacity;
	size_t		conversions_capacity;
	bool		through;		/* must touches lead through a step? */
	bool		held;			/* is a property held constant? */
	bool		has_values;		/* of conversions */
	struct HeldTouches *held_touches;
	TouchCount *counts;			/* [node] */
	uint32		direct;			/* the node of direct touches */
	uint32	   *path;			/* [depth] */
	uint64	   *path_users;		/* [path]: the latest user counted */
	uint32		path_users_capacity;
	uint64		users;			/* the number of the latest one */
	uint64		parts;			/* of a user: the number of the latest one */
	int128		size_of_values; /* of all, without their signs */
	Population *population;		/* where members are listed: their names */
	Members    *members;		/* to list; NULL: everything is counted */
} AttributionVisit;

extern EventValue attribution_property(const EventValue *value, EventValue *number);
extern void attribution_read_user(AttributionVisit *visit, const Event *events, const EventValue *values,
								  size_t n);
extern void attribution_reserve(AttributionVisit *visit, size_t ntouches, size_t nconversions);
extern void attribution_count_touch(AttributionVisit *visit, uint32 node, int64 at, int64 converted_at);
extern void attribution_count_part(AttributionVisit *visit);
extern void attribution_count_lost(AttributionVisit *visit);

/* attribution_holding.c */
extern void attribution_visit_holding(void *arg, const UserKey *key, Event *events,
									  const EventValue *values, size_t n);

#endif							/* JOURNEY_ATTRIBUTION_VISIT_H */
