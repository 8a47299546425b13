/*-------------------------------------------------------------------------
 *
 * attribution_holding.c
 *		attribution_holding_constant: touches, steps and conversions of one value
 *		of a property, such as the number of an order.
 *
 * A user is visited in parts: the conversions of each value with the touches and
 * steps that have this value or none, and the conversions without a value with all
 * touches and steps.  A conversion is in one part, a touch may be in several.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "attribution/attribution_visit.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* A user's events, apart from one another by their property, and room to work. */
typedef struct HeldTouches
{
	HeldEvents	by;
	size_t		capacity;
	Event	   *copies;			/* of the events of a part */
	EventValue *values;
	uint64	   *places;			/* of its touches, among the user's events */
	int64	   *converted_at;	/* [event]: the first conversion that a touch
								 * led to; PG_INT64_MAX: none */
} HeldTouches;

/* Tell the user's events apart. */
static HeldTouches *
hold_touches(AttributionVisit *visit, const EventValue *values, size_t n)
{
	HeldTouches *all = visit->held_touches;
	size_t		i;

	if (all == NULL)
		all = visit->held_touches = MemoryContextAllocZero(visit->context, sizeof(HeldTouches));
	if (n > all->capacity)
	{
		if (all->capacity > 0)
		{
			pfree(all->copies);
			pfree(all->values);
			pfree(all->places);
			pfree(all->converted_at);
		}
		all->capacity = Max(n, 1024);
		all->copies = MemoryContextAllocHuge(visit->context, all->capacity * sizeof(Event));
		all->values = MemoryContextAllocHuge(visit->context, all->capacity * sizeof(EventValue));
		all->places = MemoryContextAllocHuge(visit->context, all->capacity * sizeof(uint64));
		all->converted_at = MemoryContextAllocHuge(visit->context, all->capacity * sizeof(int64));
	}
	held_events_begin(&all->by, visit->context, n);
	for (i = 0; i < n; i++)
	{
		EventValue	number;
		const EventValue property = attribution_property(&values[i], &number);

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
		all->converted_at[i] = PG_INT64_MAX;
		held_events_add(&all->by, property.bytes, property.length);
	}
	held_events_sort(&all->by);
	return all;
}

/* Count a part of n events, the copies. */
static void
held_count_part(AttributionVisit *visit, HeldTouches *all, size_t n)
{
	const AttributionUser *user = &visit->user;
	size_t		i;

	attribution_read_user(visit, all->copies, all->values, n);
	attribution_count_part(visit);
	for (i = 0; i < user->ntouches; i++)
		if (!attribution_touch_is_lost(&user->touches[i]))
		{
			int64	   *converted_at = &all->converted_at[all->places[i]];

			*converted_at = Min(*converted_at, user->conversions[user->touches[i].first].at);
		}
}

/*
 * Count the conversions of a property, which events [begin, end) have.  Of the
 * touches and steps without one, those that may matter: none that is older than
 * look_back at the first conversion, or later than the last one.
 */
static void
held_count_value(AttributionVisit *visit, HeldTouches *all, const Event *events, const EventValue *values,
				 size_t begin, size_t end)
{
	const HeldEvents *by = &all->by;
	size_t		low;
	size_t		ncopies = 0;
	size_t		ntouches = 0;
	size_t		first = begin;
	size_t		last = end;
	size_t		i;

	while (first < end && (events[by->held[first].position].step & IS_CONVERSION) == 0)
		first++;
	if (first == end)
		return;
	while ((events[by->held[last - 1].position].step & IS_CONVERSION) == 0)
		last--;
	low = held_events_near(by, events, events[by->held[first].position].at, (uint64) visit->spec.look_back);
	/* merge both by their positions, which are in the event order */
	for (i = begin; i < last;)
	{
		uint64		position;

		if (ncopies % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
		if (low < by->nwithout && by->without[low] < by->held[i].position)
		{
			position = by->without[low++];
			if ((events[position].step & IS_CONVERSION) != 0)
				continue;
		}
		else
			position = by->held[i++].position;
		if ((events[position].step & IS_TOUCH) != 0)
			all->places[ntouches++] = position;
		all->copies[ncopies] = events[position];
		all->values[ncopies++] = values[position];
	}
	held_count_part(visit, all, ncopies);
}

/* Count the conversions without a property. */
static void
held_count_rest(AttributionVisit *visit, HeldTouches *all, const Event *events, const EventValue *values,
				size_t n)
{
	size_t		ncopies = 0;
	size_t		ntouches = 0;
	bool		converts = false;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		EventValue	number;

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
		if ((events[i].step & IS_CONVERSION) != 0)
		{
			if (attribution_property(&values[i], &number).bytes != NULL)
				continue;
			converts = true;
		}
		if ((events[i].step & IS_TOUCH) != 0)
			all->places[ntouches++] = i;
		all->copies[ncopies] = events[i];
		all->values[ncopies++] = values[i];
	}
	if (converts)
		held_count_part(visit, all, ncopies);
}

/* Make touches of one property, or of none, those of the visit. */
static void
held_put_touch(AttributionVisit *visit, const HeldTouches *all, const Event *events, uint64 position)
{
	AttributionTouch *touch;

	if ((events[position].step & IS_TOUCH) == 0)
		return;
	touch = &visit->user.touches[visit->user.ntouches++];
	touch->at = events[position].at;
	touch->node = event_node(&events[position]);
	touch->first = 0;
	touch->stop = all->converted_at[position] == PG_INT64_MAX ? 0 : 1;
}

void
attribution_visit_holding(void *arg, const UserKey *key, Event *events, const EventValue *values, size_t n)
{
	AttributionVisit *visit = arg;
	uint64		ntouches = 0;
	uint64		nconversions = 0;
	HeldTouches *all;
	size_t		begin;
	size_t		end;
	size_t		i;

	(void) key;
	for (i = 0; i < n; i++)
	{
		ntouches += (events[i].step & IS_TOUCH) != 0;
		nconversions += (events[i].step & IS_CONVERSION) != 0;
	}
	if (ntouches + nconversions == 0)
		return;
	visit->users++;
	visit->stats->conversions += nconversions;
	visit->stats->converted_users += nconversions > 0;
	all = hold_touches(visit, values, n);
	for (begin = 0; begin < all->by.nheld; begin = end)
	{
		end = held_events_end(&all->by, begin);
		held_count_value(visit, all, events, values, begin, end);
	}
	held_count_rest(visit, all, events, values, n);

	attribution_reserve(visit, ntouches, 0);
	for (i = 0; i < n; i++)
	{
		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
		if ((events[i].step & IS_TOUCH) != 0)
			attribution_count_touch(visit, event_node(&events[i]), events[i].at, all->converted_at[i]);
	}
	for (begin = 0; begin < all->by.nheld; begin = end)
	{
		end = held_events_end(&all->by, begin);
		visit->user.ntouches = 0;
		for (i = begin; i < end; i++)
			held_put_touch(visit, all, events, all->by.held[i].position);
		attribution_count_lost(visit);
	}
	visit->user.ntouches = 0;
	for (i = 0; i < all->by.nwithout; i++)
		held_put_touch(visit, all, events, all->by.without[i]);
	attribution_count_lost(visit);
}
