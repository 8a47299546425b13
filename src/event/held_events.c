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
