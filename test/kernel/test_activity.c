/*-------------------------------------------------------------------------
 *
 * test_activity.c
 *		The activity kernel against definitions that look at every bucket.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "activity/activity.h"
#include "cases.h"
#include "tap.h"
#include "tests.h"

#define CASES 20000
#define SPAN 24					/* buckets */
#define LAST (2 * SPAN)			/* none after it */

/* Was the user active in a bucket, counted from 0? */
static bool
was_active(const bool *active, int bucket)
{
	return bucket >= 0 && bucket < SPAN && active[bucket];
}

static bool
was_active_before(const bool *active, int bucket)
{
	while (--bucket >= 0)
		if (was_active(active, bucket))
			return true;
	return false;
}

/* Was the user active in the last `window` buckets up to one? */
static bool
was_active_within(const bool *active, int bucket, int window)
{
	for (; window > 0; window--)
		if (was_active(active, bucket - window + 1))
			return true;
	return false;
}

/* What the scan says of each bucket is what it is. */
static int
wrong_states(const bool *active, const int64 *buckets, size_t n, int64 offset)
{
	int			said[LAST];
	ActivityScan scan;
	int64		bucket;
	LifecycleState state;
	bool		dormant_after;
	int			wrong = 0;
	int			i;

	for (i = 0; i < LAST; i++)
		said[i] = -1;
	activity_begin(&scan, buckets, n);
	while (activity_next_state(&scan, &bucket, &state, &dormant_after))
	{
		wrong += said[bucket - offset] != -1;
		said[bucket - offset] = (int) state;
		if (dormant_after)
		{
			wrong += said[bucket - offset + 1] != -1;
			said[bucket - offset + 1] = LIFECYCLE_DORMANT;
		}
	}
	for (i = 0; i < LAST; i++)
	{
		int			is = -1;

		if (was_active(active, i))
			is = !was_active_before(active, i) ? LIFECYCLE_NEW :
				was_active(active, i - 1) ? LIFECYCLE_RETURNING : LIFECYCLE_RESURRECTED;
		else if (was_active(active, i - 1))
			is = LIFECYCLE_DORMANT;
		wrong += said[i] != is;
	}
	return wrong;
}

/* Spans are in order, do not touch, and hold exactly the buckets they should. */
static int
wrong_spans(const bool *active, const int64 *buckets, size_t n, int64 offset, int window)
{
	bool		said[LAST] = {false};
	ActivityScan scan;
	int64		begin;
	int64		end;
	int64		before = INT64_MIN;
	int			wrong = 0;
	int			i;

	activity_begin(&scan, buckets, n);
	while (activity_next_span(&scan, window, &begin, &end))
	{
		wrong += begin <= before || end <= begin;
		for (before = end; begin < end; begin++)
			said[begin - offset] = true;
	}
	for (i = 0; i < LAST; i++)
		wrong += said[i] != was_active_within(active, i, window);
	return wrong;
}

void
test_activity(void)
{
	Random		random = {41};
	int			states = 0;
	int			spans = 0;
	int			runs = 0;
	int			i;

	for (i = 0; i < CASES; i++)
	{
		bool		active[SPAN];
		int64		offset = i % 3 == 0 ? -60000000 : (int64) random_below(&random, 100);
		int64	   *buckets = allocate(SPAN * sizeof(int64));
		uint64		often = 1 + random_below(&random, 9);
		uint64		lengths[SPAN] = {0};
		ActivityScan scan;
		int64		bucket;
		int64		before = -1;
		uint64		length;
		size_t		n = 0;
		int			k;

		for (k = 0; k < SPAN; k++)
		{
			active[k] = random_below(&random, 10) < often;
			if (active[k])
				buckets[n++] = offset + k;
		}
		buckets = realloc(buckets, n > 0 ? n * sizeof(int64) : 1);
		states += wrong_states(active, buckets, n, offset) != 0;
		spans += wrong_spans(active, buckets, n, offset, 1 + (int) random_below(&random, SPAN)) != 0;

		/* runs: the sevens in which the active buckets lie */
		for (k = 0; k < (int) n; k++)
		{
			buckets[k] = (buckets[k] - offset) / 7;
			lengths[buckets[k]]++;
		}
		activity_begin(&scan, buckets, n);
		while (activity_next_run(&scan, &bucket, &length))
		{
			runs += bucket <= before || lengths[bucket] != length;
			lengths[bucket] = 0;
			before = bucket;
		}
		for (k = 0; k < SPAN; k++)
			runs += lengths[k] != 0;
		free(buckets);
	}
	test_ok(states == 0, "activity: states of each bucket (%d cases)", CASES);
	test_ok(spans == 0, "activity: buckets of rolling windows (%d cases)", CASES);
	test_ok(runs == 0, "activity: buckets in each longer one (%d cases)", CASES);
}
