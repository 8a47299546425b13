/*-------------------------------------------------------------------------
 *
 * activity.c
 *		The activity kernel: the state of one user in each bucket of the
 *		calendar, from the user's active buckets.
 *
 *-------------------------------------------------------------------------
 */
#include "activity/activity.h"

void
activity_begin(ActivityScan *scan, const int64 *buckets, size_t n)
{
	scan->buckets = buckets;
	scan->n = n;
	scan->next = 0;
}

/*
 * The next active bucket, what the user is in it, and whether they are dormant
 * in the one after it; false when there is none left.
 */
bool
activity_next_state(ActivityScan *scan, int64 *bucket, LifecycleState *state,
					bool *dormant_after)
{
	size_t		i = scan->next;

	if (i == scan->n)
		return false;
	*bucket = scan->buckets[i];
	if (i == 0)
		*state = LIFECYCLE_NEW;
	else if (scan->buckets[i - 1] == *bucket - 1)
		*state = LIFECYCLE_RETURNING;
	else
		*state = LIFECYCLE_RESURRECTED;
	*dormant_after = i + 1 == scan->n || scan->buckets[i + 1] != *bucket + 1;
	scan->next++;
	return true;
}

/*
 * The next longest row of buckets in each of which the user has been active
 * in the last `window` buckets, including the bucket itself: from `begin` to
 * before `end`.
 */
bool
activity_next_span(ActivityScan *scan, int64 window, int64 *begin, int64 *end)
{
	if (scan->next == scan->n)
		return false;
	*begin = scan->buckets[scan->next];
	do
	{
		*end = scan->buckets[scan->next] + window;
		if (++scan->next % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	} while (scan->next < scan->n && scan->buckets[scan->next] <= *end);
	return true;
}

/*
 * The next distinct number and how often it occurs in a row, for sorted
 * numbers with repeats, such as the week of each active day.
 */
bool
activity_next_run(ActivityScan *scan, int64 *bucket, uint64 *length)
{
	size_t		first = scan->next;

	if (first == scan->n)
		return false;
	*bucket = scan->buckets[first];
	do
	{
		if (++scan->next % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	} while (scan->next < scan->n && scan->buckets[scan->next] == *bucket);
	*length = scan->next - first;
	return true;
}
