/*-------------------------------------------------------------------------
 *
 * held_events.c
 *		A user's events, apart from one another by a value that they carry.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "event/event.h"
#include "utils/memutils.h"

static inline bool
held_before(const HeldEvent *a, const HeldEvent *b)
{
	const int	order = memcmp(a->bytes, b->bytes, Min(a->length, b->length));

	return order < 0 || (order == 0 && a->length < b->length);
}

#define MERGE_SORT_NAME sort_held
#define MERGE_SORT_TYPE HeldEvent
#define MERGE_SORT_BEFORE(a, b, arg) held_before(a, b)
#include "base/merge_sort.h"

/* Have room for the n events of a user, and none of them yet. */
void
held_events_begin(HeldEvents *all, MemoryContext context, size_t n)
{
	all->nheld = all->nwithout = 0;
	if (n <= all->capacity)
		return;
	if (all->capacity > 0)
	{
		pfree(all->held);
		pfree(all->scratch);
		pfree(all->without);
	}
	all->capacity = Max(n, all->capacity * 2);
	all->held = MemoryContextAllocHuge(context, all->capacity * sizeof(HeldEvent));
	all->scratch = MemoryContextAllocHuge(context, (all->capacity / 2 + 1) * sizeof(HeldEvent));
	all->without = MemoryContextAllocHuge(context, all->capacity * sizeof(uint64));
}

/* Bring the events of one value together, in the event order. */
void
held_events_sort(HeldEvents *all)
{
	sort_held(all->held, all->nheld, all->scratch, NULL);
}

/* The first event after those of the value of event `begin`. */
size_t
held_events_end(const HeldEvents *all, size_t begin)
{
	const HeldEvent *first = &all->held[begin];
	size_t		end = begin + 1;

	while (end < all->nheld && all->held[end].length == first->length &&
		   memcmp(all->held[end].bytes, first->bytes, first->length) == 0)
		end++;
	return end;
}

/* The first event without a value that is at most `near` before a time. */
size_t
held_events_near(const HeldEvents *all, const Event *events, int64 at, uint64 near)
{
	size_t		low = 0;
	size_t		high = all->nwithout;

	while (low < high)
	{
		const size_t middle = low + (high - low) / 2;
		const int64 before = events[all->without[middle]].at;

		if (before < at && time_between(before, at) > near)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Find out which events are tied, so that copies are too. */
void
held_events_note_moments(HeldEvents *all, MemoryContext context, const Event *events, size_t n)
{
	size_t		i;

	if (n > all->moments_capacity)
	{
		if (all->moments != NULL)
			pfree(all->moments);
		all->moments_capacity = Max(n, all->moments_capacity * 2);
		all->moments = MemoryContextAllocHuge(context, all->moments_capacity * sizeof(uint64));
	}
	for (i = 0; i < n; i++)
		all->moments[i] = i > 0 && event_is_tied(&events[i]) ? all->moments[i - 1] : i;
}

/*
 * Copy the events begin to end - 1 with a value, and those without, in the event
 * order; of the latter only those that are at most `near` before or after.
 */
size_t
held_events_copy(const HeldEvents *all, const Event *events, int nconditions, size_t begin, size_t end,
				 uint64 near, Event *copies)
{
	size_t		low = begin == end ? 0 : held_events_near(all, events, events[all->held[begin].position].at, near);
	size_t		ncopies = 0;
	uint64		before = 0;		/* the position of the event copied before */
	size_t		i;

	/* merge both by their positions, which are in the event order */
	for (i = begin; i < end || low < all->nwithout;)
	{
		uint64		position;

		if (low < all->nwithout && (i == end || all->without[low] < all->held[i].position))
		{
			int64		latest = begin < end ? events[all->held[end - 1].position].at : PG_INT64_MAX;

			position = all->without[low++];
			if (events[position].at > latest && time_between(latest, events[position].at) > near)
				break;
		}
		else
			position = all->held[i++].position;
		copies[ncopies] = events[position];
		if (all->moments != NULL)
			event_set_tied(&copies[ncopies], nconditions,
						   ncopies > 0 && all->moments[before] == all->moments[position]);
		before = position;
		ncopies++;
	}
	return ncopies;
}
