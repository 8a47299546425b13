/*-------------------------------------------------------------------------
 *
 * quality.c
 *		The kernel of log quality: what is wrong with the rows of one user.
 *
 *-------------------------------------------------------------------------
 */
#include "quality/quality.h"

/* The product of two numbers, its halves laid over each other. */
static inline uint64
quality_fold(uint64 a, uint64 b)
{
	const uint128 product = (uint128) a * b;

	return (uint64) product ^ (uint64) (product >> 64);
}

/* A hash of an id, by random numbers, so that nobody can choose ids that collide. */
static inline uint64
quality_id_hash(const uint64 *seeds, TextSlice id)
{
	uint64		hash = seeds[0] ^ id.length;
	uint32		i;

	for (i = 0; i < id.length; i += 8)
	{
		uint64		word = 0;

		memcpy(&word, id.bytes + i, Min(id.length - i, 8));
		hash = quality_fold(hash ^ word, seeds[1]);
	}
	return quality_fold(hash ^ seeds[0], UINT64_C(0x9E6C63D0876A9A47));
}

/* How many slots quality_judge() needs for n rows: a power of two. */
size_t
quality_id_slots(size_t n)
{
	size_t		slots = 16;

	while (slots < 2 * n)
		slots *= 2;
	return slots;
}

/* Find the rows whose id an earlier row has. */
static void
quality_judge_ids(QualityRow *rows, size_t n, const uint64 *seeds, uint32 *slots)
{
	const size_t mask = quality_id_slots(n) - 1;
	size_t		i;

	memset(slots, 0, (mask + 1) * sizeof(uint32));
	for (i = 0; i < n; i++)
	{
		size_t		slot;

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			kernel_check_interrupts();
		if (rows[i].id.bytes == NULL)
			continue;
		slot = quality_id_hash(seeds, rows[i].id) & mask;
		while (slots[slot] != 0 && !slice_equal(rows[slots[slot] - 1].id, rows[i].id))
			slot = (slot + 1) & mask;
		if (slots[slot] != 0)
			rows[i].faults |= QUALITY_SAME_ID;
		else
			slots[slot] = (uint32) i + 1;
	}
}

/*
 * Find what is wrong with the rows of one user, which are in the order of time
 * and then event.  A time is in the future if it is more than `ahead`
 * microseconds after it was received.  `seeds` are two random numbers, and
 * `slots` is working space for quality_id_slots(n) numbers.
 *
 * Going back through the rows, the earliest arrival of those with a later time
 * says whether a row is out of order.
 */
void
quality_judge(QualityRow *rows, size_t n, uint64 ahead, const uint64 *seeds, uint32 *slots)
{
	int64		earliest = PG_INT64_MAX;	/* arrival of those later than at */
	int64		earliest_here = PG_INT64_MAX;	/* of those at the same time */
	size_t		i;

	quality_judge_ids(rows, n, seeds, slots);
	for (i = n; i-- > 0;)
	{
		QualityRow *row = &rows[i];

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			kernel_check_interrupts();
		if (i + 1 < n && row->at != row[1].at)
		{
			earliest = Min(earliest, earliest_here);
			earliest_here = PG_INT64_MAX;
		}
		if (i > 0 && row->at == row[-1].at && row->event == row[-1].event)
			row->faults |= QUALITY_SAME_ROW;
		if (row->received == QUALITY_NOT_RECEIVED)
			continue;
		if (row->received > earliest)
			row->faults |= QUALITY_OUT_OF_ORDER;
		if (row->at > row->received && time_between(row->received, row->at) > ahead)
			row->faults |= QUALITY_FUTURE;
		earliest_here = Min(earliest_here, row->received);
	}
}
