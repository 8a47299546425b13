/*-------------------------------------------------------------------------
 *
 * numset.c
 *		Queries on a numset: comparisons, totals, extremes, quantiles, the
 *		value of one user.
 *
 *-------------------------------------------------------------------------
 */
#include "numset/numset.h"

/* Where a value lies: below the smallest, above what the slices can hold, or between. */
typedef enum BoundPlace
{
	BOUND_BELOW,
	BOUND_INSIDE,
	BOUND_ABOVE
} BoundPlace;

static BoundPlace
numset_bound_offset(Numset set, int64 value, uint64 *offset)
{
	uint32		width = numset_width(set);

	*offset = 0;
	if (value < numset_minimum(set))
		return BOUND_BELOW;
	*offset = (uint64) value - (uint64) numset_minimum(set);
	return width < 64 && *offset >> width != 0 ? BOUND_ABOVE : BOUND_INSIDE;
}

/*
 * Write the users whose value is from `low` to `high`, both included; or, if
 * `outside`, the others who have a value.
 */
void
numset_select(RoaringWriter *writer, Numset set, const Roaring *filter,
			  int64 low, int64 high, bool outside)
{
	uint32		width = numset_width(set);
	uint64		low_offset;
	uint64		high_offset;
	BoundPlace	low_place = numset_bound_offset(set, low, &low_offset);
	BoundPlace	high_place = numset_bound_offset(set, high, &high_offset);
	bool		none = low > high || low_place == BOUND_ABOVE || high_place == BOUND_BELOW;
	bool		use_low = low_place == BOUND_INSIDE && low_offset > 0;
	bool		use_high = high_place == BOUND_INSIDE;
	NumsetScan	scan;
	NumsetUsers users;
	uint64		found[NUMSET_WORDS];
	uint64		equal[NUMSET_WORDS];
	uint64		below[NUMSET_WORDS];
	uint32		i;

	if (none && !outside)
		return;
	users.writer = writer;
	users.held = false;
	numset_scan_begin(&scan, set, filter);
	while (numset_scan_next(&scan))
	{
		const NumsetBlock *block = &scan.block;
		size_t		size = block->nwords * sizeof(uint64);

		if (none)
			memset(found, 0, size);
		else if (use_low && use_high && low_offset == high_offset)
		{
			memcpy(found, scan.chosen, size);
			numset_block_compare(block, width, low_offset, NULL, found);
		}
		else
		{
			memcpy(found, scan.chosen, size);
			if (use_high)
			{
				numset_block_compare(block, width, high_offset, below, found);
				for (i = 0; i < block->nwords; i++)
					found[i] |= below[i];
			}
			if (use_low)
			{
				memcpy(equal, found, size);
				numset_block_compare(block, width, low_offset, below, equal);
				for (i = 0; i < block->nwords; i++)
					found[i] &= ~below[i];
			}
		}
		if (outside)
			for (i = 0; i < block->nwords; i++)
				found[i] = scan.chosen[i] & ~found[i];
		numset_users_add(&users, block, found);
	}
	numset_users_flush(&users);
}

/*
 * For each bound: how many users have a value below it.  And how many there
 * are at all.
 */
void
numset_counts_below(Numset set, const Roaring *filter, const int64 *bounds, size_t nbounds,
					uint64 *counts, uint64 *total)
{
	uint32		width = numset_width(set);
	NumsetScan	scan;
	uint64		equal[NUMSET_WORDS];
	uint64		below[NUMSET_WORDS];
	size_t		i;

	*total = 0;
	memset(counts, 0, nbounds * sizeof(uint64));
	numset_scan_begin(&scan, set, filter);
	while (numset_scan_next(&scan))
	{
		*total += scan.nchosen;
		for (i = 0; i < nbounds; i++)
		{
			uint64		offset;

			switch (numset_bound_offset(set, bounds[i], &offset))
			{
				case BOUND_BELOW:
					break;
				case BOUND_ABOVE:
					counts[i] += scan.nchosen;
					break;
				case BOUND_INSIDE:
					memcpy(equal, scan.chosen, scan.block.nwords * sizeof(uint64));
					numset_block_compare(&scan.block, width, offset, below, equal);
					counts[i] += numset_count_words(below, scan.block.nwords);
					if (i % 64 == 63)
						kernel_check_interrupts();
					break;
			}
		}
	}
}

/* ---- totals, extremes, the n-th ---- */

/* How many of the chosen have each bit, from which the sum follows. */
void
numset_totals(Numset set, const Roaring *filter, NumsetTotals *totals)
{
	NumsetScan	scan;
	uint64		words[NUMSET_WORDS];
	uint32		width = numset_width(set);
	uint32		slice;
	uint32		i;

	memset(totals, 0, sizeof(NumsetTotals));
	numset_scan_begin(&scan, set, filter);
	while (numset_scan_next(&scan))
	{
		totals->n += scan.nchosen;
		for (slice = 0; slice < width; slice++)
		{
			const uint8 *has;

			if (!numset_block_has(&scan.block, slice))
				continue;
			if (scan.nchosen == scan.block.n)
			{
				totals->bits[slice] += scan.block.slices[slice].cardinality;
				continue;
			}
			has = numset_slice_words(&scan.block, slice, words);
			/* both must be of the same byte order */
			if (scan.block.nwords == ROARING_BITMAP_WORDS && roaring_swap32(1) == 1)
				totals->bits[slice] += roaring_words_and_count(has, (const uint8 *) scan.chosen);
			else
				for (i = 0; i < scan.block.nwords; i++)
					totals->bits[slice] +=
						(uint64) __builtin_popcountll(roaring_get64(has + i * 8) & scan.chosen[i]);
		}
	}
}

/* The smallest and the greatest value; false if there are no users. */
bool
numset_extremes(Numset set, const Roaring *filter, int64 *min, int64 *max)
{
	uint32		width = numset_width(set);
	uint64		smallest = UINT64_MAX;
	uint64		greatest = 0;
	bool		any = false;
	NumsetScan	scan;

	numset_scan_begin(&scan, set, filter);
	while (numset_scan_next(&scan))
	{
		uint64		offset;

		if (smallest > 0)
		{
			offset = numset_block_extreme(&scan.block, width, scan.chosen, false);
			smallest = offset < smallest ? offset : smallest;
		}
		offset = numset_block_extreme(&scan.block, width, scan.chosen, true);
		greatest = offset > greatest ? offset : greatest;
		any = true;
	}
	*min = (int64) ((uint64) numset_minimum(set) + smallest);
	*max = (int64) ((uint64) numset_minimum(set) + greatest);
	return any;
}

/* Of one block, what the n-th value can still be. */
typedef struct NthBlock
{
	NumsetBlock block;
	uint64		left[NUMSET_WORDS];
} NthBlock;

/*
 * The n-th value in ascending order, from 0; false if there are fewer.  From
 * the highest slice down: do more than n users lack this bit?
 */
bool
numset_nth(Numset set, const Roaring *filter, uint64 n, int64 *value)
{
	NumsetScan *scan = roaring_alloc(sizeof(NumsetScan));
	NthBlock   *blocks = roaring_alloc((size_t) (numset_nblocks(set) + 1) * sizeof(NthBlock));
	uint64		words[NUMSET_WORDS];
	uint64		total = 0;
	uint64		offset = 0;
	uint32		nblocks = 0;
	uint32		slice;
	uint32		b;
	uint32		i;

	numset_scan_begin(scan, set, filter);
	while (numset_scan_next(scan))
	{
		total += scan->nchosen;
		blocks[nblocks].block = scan->block;
		memcpy(blocks[nblocks++].left, scan->chosen, scan->block.nwords * sizeof(uint64));
	}
	for (slice = numset_width(set); slice-- > 0 && n < total;)
	{
		uint64		without = 0;
		bool		bit;

		for (b = 0; b < nblocks; b++)
		{
			const NumsetBlock *block = &blocks[b].block;
			const uint64 *left = blocks[b].left;
			uint64		now[NUMSET_WORDS];
			const uint8 *has;

			if (!numset_block_has(block, slice))
			{
				without += numset_count_words(left, block->nwords);
				continue;
			}
			has = numset_slice_words(block, slice, words);
			for (i = 0; i < block->nwords; i++)
				now[i] = left[i] & ~roaring_get64(has + i * 8);
			without += numset_count_words(now, block->nwords);
			if (b % 64 == 63)
				kernel_check_interrupts();
		}
		bit = n >= without;
		if (bit)
		{
			n -= without;
			total -= without;
			offset |= UINT64_C(1) << slice;
		}
		else
			total = without;
		for (b = 0; b < nblocks; b++)
		{
			const NumsetBlock *block = &blocks[b].block;
			uint64	   *left = blocks[b].left;
			uint64		flip = bit ? 0 : ~UINT64_C(0);
			const uint8 *has;

			if (!numset_block_has(block, slice))
			{
				if (bit)
					memset(left, 0, block->nwords * sizeof(uint64));
				continue;
			}
			has = numset_slice_words(block, slice, words);
			for (i = 0; i < block->nwords; i++)
				left[i] &= roaring_get64(has + i * 8) ^ flip;
			if (b % 64 == 63)
				kernel_check_interrupts();
		}
	}
	roaring_free(blocks);
	roaring_free(scan);
	*value = (int64) ((uint64) numset_minimum(set) + offset);
	return n < total;
}

/* ---- one user ---- */

/* The value of a user; false if it has none. */
bool
numset_value(Numset set, uint64 user, int64 *value)
{
	const uint8 *directory = numset_directory(set);
	uint32		i;
	size_t		at;

	if (!numset_block_of(set, user, &i))
		return false;
	at = numset_block_at(directory, i);
	return numset_block_value(set.bytes + at, numset_block_end(directory, i) - at,
							  numset_minimum(set), user, value);
}
