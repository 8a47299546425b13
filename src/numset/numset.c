/*-------------------------------------------------------------------------
 *
 * numset.c
 *		Questions to a numset: who compares how, totals, extremes, the n-th.
 *
 * All work is done block by block on bitmaps of ranks, which stay in the
 * processor's cache.  Two loops go between users and ranks: what a filter says
 * of users is squeezed into ranks, and the ranks found are spread over the
 * bits of the users.
 *
 *-------------------------------------------------------------------------
 */
#include "numset/numset.h"

#include "roaring/roaring.h"

/* ---- blocks ---- */

static inline const uint8 *
numset_directory(Numset set)
{
	return set.bytes + set.size - (size_t) numset_nblocks(set) * NUMSET_ENTRY_SIZE;
}

static inline uint64
first_user(const uint8 *directory, uint32 i)
{
	return roaring_get64(directory + (size_t) i * NUMSET_ENTRY_SIZE);
}

/* Where a block ends, as an offset from the beginning of the numset. */
size_t
numset_block_end(const uint8 *directory, uint32 i)
{
	return (size_t) roaring_get64(directory + (size_t) i * NUMSET_ENTRY_SIZE + 8);
}

size_t
numset_block_at(const uint8 *directory, uint32 i)
{
	return i == 0 ? NUMSET_HEAD_SIZE : numset_block_end(directory, i - 1);
}

/* The two sets of a block. */
static void
block_sets(const uint8 *bytes, size_t size, Roaring *users, Roaring *slices)
{
	*users = roaring_of_bytes(bytes + 4, roaring_get32(bytes));
	*slices = roaring_of_bytes(users->bytes + users->size, size - 4 - users->size);
}

static void
block_open(NumsetBlock *block, Numset set, uint32 i)
{
	const uint8 *directory = numset_directory(set);
	size_t		at = numset_block_at(directory, i);
	uint64		left = numset_count(set) - (uint64) i * NUMSET_BLOCK_USERS;
	Roaring		slices;
	RoaringCursor cursor;
	bool		more;

	block_sets(set.bytes + at, numset_block_end(directory, i) - at, &block->users, &slices);
	block->n = left < NUMSET_BLOCK_USERS ? (uint32) left : NUMSET_BLOCK_USERS;
	block->nwords = (block->n + 63) / 64;
	block->present = 0;
	for (more = roaring_begin(&cursor, slices); more; more = roaring_next(&cursor))
	{
		block->slices[cursor.current.key] = cursor.current;
		block->present |= UINT64_C(1) << cursor.current.key;
	}
}

static inline bool
block_has(const NumsetBlock *block, uint32 slice)
{
	return (block->present >> slice & 1) != 0;
}

/* The words of a slice, little-endian: its own or made in `words`. */
static const uint8 *
slice_words(const NumsetBlock *block, uint32 slice, uint64 *words)
{
	const RoaringContainer *container = &block->slices[slice];
	uint32		i;

	if (container->kind == ROARING_BITMAP)
		return container->data;
	memset(words, 0, block->nwords * sizeof(uint64));
	if (container->kind == ROARING_ARRAY)
		for (i = 0; i < container->cardinality; i++)
		{
			uint32		rank = roaring_number(container->data, i);

			words[rank / 64] |= UINT64_C(1) << (rank % 64);
		}
	else
		for (i = 0; i < container->nruns; i++)
			roaring_words_set(words, roaring_number(container->data, i * 2),
							  roaring_number(container->data, i * 2) +
							  roaring_number(container->data, i * 2 + 1));
	for (i = 0; i < block->nwords; i++)
		words[i] = roaring_swap64(words[i]);
	return (const uint8 *) words;
}

static inline uint32
count_words(const uint64 *words, uint32 nwords)
{
	return roaring_words_range_count((const uint8 *) words, 0, nwords * 64 - 1);
}

/* All ranks of a block. */
static void
choose_all(const NumsetBlock *block, uint64 *chosen)
{
	memset(chosen, 0xff, block->nwords * sizeof(uint64));
	if (block->n % 64 != 0)
		chosen[block->nwords - 1] = ~UINT64_C(0) >> (64 - block->n % 64);
}

/* ---- between users and ranks ---- */

/* The bits of x that a mask chooses, moved together at the lower end. */
static inline uint64
squeeze_plain(uint64 x, uint64 mask)
{
	uint64		result = 0;
	uint64		bit;

	if (mask == ~UINT64_C(0))
		return x;
	for (bit = 1; mask != 0; mask &= mask - 1, bit <<= 1)
		if ((x & mask & -mask) != 0)
			result |= bit;
	return result;
}

/* The lower bits of x, moved to where the mask has bits. */
static inline uint64
spread_plain(uint64 x, uint64 mask)
{
	uint64		result = 0;

	if (mask == ~UINT64_C(0) || x == 0)
		return x;
	for (; mask != 0; mask &= mask - 1, x >>= 1)
		result |= mask & -mask & -(x & 1);
	return result;
}

/*
 * squeeze: for each user of a container whether the other has it, from rank
 * `rank` on.  spread: the words of those users of a container whose rank,
 * from `rank` on, is in `ranks`.  Both containers are words as in bytes.
 */
#define RANKS_LOOPS(attribute, suffix, squeeze, spread) \
static attribute void \
squeeze_words_##suffix(const uint8 *users, const uint8 *other, uint64 *ranks, uint32 rank) \
{ \
	uint32		i; \
 \
	for (i = 0; i < ROARING_BITMAP_WORDS; i++) \
	{ \
		uint64		mask = roaring_get64(users + i * 8); \
		uint64		x; \
		uint32		n; \
 \
		if (mask == 0) \
			continue; \
		x = squeeze(roaring_get64(other + i * 8), mask); \
		n = (uint32) __builtin_popcountll(mask); \
		ranks[rank / 64] |= x << (rank % 64); \
		if (rank % 64 + n > 64) \
			ranks[rank / 64 + 1] |= x >> (64 - rank % 64); \
		rank += n; \
	} \
} \
 \
static attribute void \
spread_words_##suffix(const uint8 *users, const uint64 *ranks, uint32 rank, uint64 *words) \
{ \
	uint32		i; \
 \
	for (i = 0; i < ROARING_BITMAP_WORDS; i++) \
	{ \
		uint64		mask = roaring_get64(users + i * 8); \
		uint64		x; \
		uint32		n; \
 \
		if (mask == 0) \
		{ \
			words[i] = 0; \
			continue; \
		} \
		n = (uint32) __builtin_popcountll(mask); \
		x = ranks[rank / 64] >> (rank % 64); \
		if (rank % 64 + n > 64) \
			x |= ranks[rank / 64 + 1] << (64 - rank % 64); \
		words[i] = spread(x, mask); \
		rank += n; \
	} \
}

RANKS_LOOPS(, plain, squeeze_plain, spread_plain)

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#include <immintrin.h>

RANKS_LOOPS(__attribute__((target("bmi2,popcnt"))), fast, _pext_u64, _pdep_u64)

/* -1: not asked yet */
static int	processor_is_fast = -1;

static inline bool
is_fast(void)
{
	if (processor_is_fast < 0)
		processor_is_fast = __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
	return processor_is_fast;
}

/* For the tests: false turns off what needs a run-time check. */
void
numset_use_processor(bool use)
{
	processor_is_fast = use ? -1 : 0;
}

#define RANKS_CHOOSE(function, arguments) \
	do { \
		if (is_fast()) \
			function##_fast arguments; \
		else \
			function##_plain arguments; \
	} while (0)

#else

void
numset_use_processor(bool use)
{
	(void) use;
}

#define RANKS_CHOOSE(function, arguments) function##_plain arguments

#endif

/* An array shorter than this is looked up member by member. */
#define LOOK_UP_BELOW 64

/* The ranks of a block whose users are in the filter. */
static void
choose_filtered(NumsetScan *scan)
{
	RoaringCursor users;
	uint32		rank = 0;
	bool		more;

	memset(scan->chosen, 0, scan->block.nwords * sizeof(uint64));
	for (more = roaring_begin(&users, scan->block.users); more && scan->more;
		 rank += users.current.cardinality, more = roaring_next(&users))
	{
		const RoaringContainer *here = &users.current;
		const RoaringContainer *filter = &scan->filter.current;
		uint64		here_words[ROARING_BITMAP_WORDS];
		uint64		filter_words[ROARING_BITMAP_WORDS];
		uint32		i;

		scan->more = roaring_seek(&scan->filter, here->key);
		if (!scan->more || filter->key != here->key)
			continue;
		if (filter->cardinality == 65536)
			roaring_words_set(scan->chosen, rank, rank + here->cardinality - 1);
		else if (here->kind == ROARING_ARRAY && here->cardinality < LOOK_UP_BELOW)
		{
			for (i = 0; i < here->cardinality; i++)
				if (roaring_container_contains(filter, (uint16) roaring_number(here->data, i)))
					scan->chosen[(rank + i) / 64] |= UINT64_C(1) << ((rank + i) % 64);
		}
		else if (here->kind == ROARING_ARRAY)
		{
			const uint8 *in = roaring_container_words(filter, filter_words);

			for (i = 0; i < here->cardinality; i++)
			{
				uint32		number = roaring_number(here->data, i);

				scan->chosen[(rank + i) / 64] |=
					(uint64) (in[number / 8] >> (number % 8) & 1) << ((rank + i) % 64);
			}
		}
		else
		{
			const uint8 *mask = roaring_container_words(here, here_words);
			const uint8 *in = roaring_container_words(filter, filter_words);

			RANKS_CHOOSE(squeeze_words, (mask, in, scan->chosen, rank));
		}
	}
	scan->nchosen = count_words(scan->chosen, scan->block.nwords);
}

/* Begin before the first block; without a filter (NULL) all users are chosen. */
void
numset_scan_begin(NumsetScan *scan, Numset set, const Roaring *filter)
{
	scan->set = set;
	scan->next = 0;
	scan->filtered = filter != NULL;
	scan->more = filter == NULL || roaring_begin(&scan->filter, *filter);
}

/* Go to the next block of which anyone is chosen; false if there is none. */
bool
numset_scan_next(NumsetScan *scan)
{
	uint32		nblocks = numset_nblocks(scan->set);
	const uint8 *directory = numset_directory(scan->set);

	while (scan->next < nblocks && scan->more)
	{
		uint32		i = scan->next++;

		kernel_check_interrupts();
		/* the filter has nobody before the next block */
		if (scan->filtered && i + 1 < nblocks &&
			first_user(directory, i + 1) >> 16 < scan->filter.current.key)
			continue;
		block_open(&scan->block, scan->set, i);
		if (!scan->filtered)
		{
			choose_all(&scan->block, scan->chosen);
			scan->nchosen = scan->block.n;
			return true;
		}
		choose_filtered(scan);
		if (scan->nchosen > 0)
			return true;
	}
	return false;
}

/*
 * A set of users that is written from ranks, block by block.  A container may
 * begin in one block and end in the next, so the last one is held back: as
 * numbers, when it is an array in the blocks, or else as a bitmap.
 */
typedef struct UsersWriter
{
	RoaringWriter *writer;
	uint64		key;
	uint32		n;				/* numbers */
	bool		held;
	bool		bitmap;
	uint16		numbers[2 * ROARING_ARRAY_MAX];
	uint64		words[ROARING_BITMAP_WORDS];
} UsersWriter;

static void
users_flush(UsersWriter *users)
{
	if (users->held && users->bitmap)
		roaring_write_bitmap(users->writer, users->key, users->words);
	else if (users->held)
		roaring_write_array(users->writer, users->key, users->numbers, users->n);
	users->held = false;
}

/* Add those users of a block whose ranks are given. */
static void
users_add(UsersWriter *users, const NumsetBlock *block, const uint64 *ranks)
{
	RoaringCursor cursor;
	const RoaringContainer *here = &cursor.current;
	uint32		rank = 0;
	bool		more;

	for (more = roaring_begin(&cursor, block->users); more;
		 rank += here->cardinality, more = roaring_next(&cursor))
	{
		uint64		words[ROARING_BITMAP_WORDS];
		uint32		last = rank + here->cardinality - 1;
		uint32		i;

		/* a bitmap of ranks without any of these */
		for (i = rank / 64; i < last / 64 && ranks[i] == 0; i++)
			;
		if (ranks[i] == 0)
			continue;

		if (users->held && users->key != here->key)
			users_flush(users);
		if (!users->held)
		{
			users->held = true;
			users->key = here->key;
			users->n = 0;
			users->bitmap = here->kind != ROARING_ARRAY;
			if (users->bitmap)
				memset(users->words, 0, sizeof(users->words));
		}
		if (here->kind == ROARING_ARRAY && !users->bitmap)
		{
			for (i = 0; i < here->cardinality; i++)
			{
				users->numbers[users->n] = (uint16) roaring_number(here->data, i);
				users->n += ranks[(rank + i) / 64] >> ((rank + i) % 64) & 1;
			}
			continue;
		}
		if (!users->bitmap)
		{
			memset(users->words, 0, sizeof(users->words));
			for (i = 0; i < users->n; i++)
				users->words[users->numbers[i] / 64] |= UINT64_C(1) << (users->numbers[i] % 64);
			users->bitmap = true;
		}
		if (here->kind == ROARING_ARRAY)
			for (i = 0; i < here->cardinality; i++)
			{
				uint32		number = roaring_number(here->data, i);

				users->words[number / 64] |=
					(ranks[(rank + i) / 64] >> ((rank + i) % 64) & 1) << (number % 64);
			}
		else
		{
			uint64		spread[ROARING_BITMAP_WORDS];
			const uint8 *mask = roaring_container_words(here, words);

			RANKS_CHOOSE(spread_words, (mask, ranks, rank, spread));
			for (i = 0; i < ROARING_BITMAP_WORDS; i++)
				users->words[i] |= spread[i];
		}
	}
}

/* ---- comparisons ---- */

/*
 * Of the ranks in `equal`: those whose offset is below the bound go to
 * `below`, unless that is NULL, and those with just that offset stay.
 */
static void
block_compare(const NumsetBlock *block, uint32 width, uint64 bound, uint64 *below, uint64 *equal)
{
	uint64		words[NUMSET_WORDS];
	uint32		nwords = block->nwords;
	uint32		slice;
	uint32		i;

	if (below != NULL)
		memset(below, 0, nwords * sizeof(uint64));
	for (slice = width; slice-- > 0;)
	{
		bool		bit = (bound >> slice & 1) != 0;
		uint64		any = 0;
		const uint8 *has;

		if (!block_has(block, slice))
		{
			if (!bit)
				continue;
			for (i = 0; below != NULL && i < nwords; i++)
				below[i] |= equal[i];
			memset(equal, 0, nwords * sizeof(uint64));
			return;
		}
		has = slice_words(block, slice, words);
		if (!bit)
			for (i = 0; i < nwords; i++)
				any |= equal[i] &= ~roaring_get64(has + i * 8);
		else if (below == NULL)
			for (i = 0; i < nwords; i++)
				any |= equal[i] &= roaring_get64(has + i * 8);
		else
			for (i = 0; i < nwords; i++)
			{
				uint64		x = roaring_get64(has + i * 8);

				below[i] |= equal[i] & ~x;
				any |= equal[i] &= x;
			}
		if (any == 0)
			return;
	}
}

/* Where a value lies: below the smallest, above what the slices can hold, or between. */
typedef enum BoundPlace
{
	BOUND_BELOW,
	BOUND_INSIDE,
	BOUND_ABOVE
} BoundPlace;

static BoundPlace
bound_offset(Numset set, int64 value, uint64 *offset)
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
	BoundPlace	low_place = bound_offset(set, low, &low_offset);
	BoundPlace	high_place = bound_offset(set, high, &high_offset);
	bool		none = low > high || low_place == BOUND_ABOVE || high_place == BOUND_BELOW;
	bool		use_low = low_place == BOUND_INSIDE && low_offset > 0;
	bool		use_high = high_place == BOUND_INSIDE;
	NumsetScan	scan;
	UsersWriter users;
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
			block_compare(block, width, low_offset, NULL, found);
		}
		else
		{
			memcpy(found, scan.chosen, size);
			if (use_high)
			{
				block_compare(block, width, high_offset, below, found);
				for (i = 0; i < block->nwords; i++)
					found[i] |= below[i];
			}
			if (use_low)
			{
				memcpy(equal, found, size);
				block_compare(block, width, low_offset, below, equal);
				for (i = 0; i < block->nwords; i++)
					found[i] &= ~below[i];
			}
		}
		if (outside)
			for (i = 0; i < block->nwords; i++)
				found[i] = scan.chosen[i] & ~found[i];
		users_add(&users, block, found);
	}
	users_flush(&users);
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

			switch (bound_offset(set, bounds[i], &offset))
			{
				case BOUND_BELOW:
					break;
				case BOUND_ABOVE:
					counts[i] += scan.nchosen;
					break;
				case BOUND_INSIDE:
					memcpy(equal, scan.chosen, scan.block.nwords * sizeof(uint64));
					block_compare(&scan.block, width, offset, below, equal);
					counts[i] += count_words(below, scan.block.nwords);
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

			if (!block_has(&scan.block, slice))
				continue;
			if (scan.nchosen == scan.block.n)
			{
				totals->bits[slice] += scan.block.slices[slice].cardinality;
				continue;
			}
			has = slice_words(&scan.block, slice, words);
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

/* The greatest offset of the chosen, or the smallest. */
static uint64
block_extreme(const NumsetBlock *block, uint32 width, const uint64 *chosen, bool greatest)
{
	uint64		left[NUMSET_WORDS];
	uint64		now[NUMSET_WORDS];
	uint64		words[NUMSET_WORDS];
	uint64		flip = greatest ? 0 : ~UINT64_C(0);
	uint64		offset = 0;
	uint32		slice;
	uint32		i;

	memcpy(left, chosen, block->nwords * sizeof(uint64));
	for (slice = width; slice-- > 0;)
	{
		uint64		any = 0;
		const uint8 *has;

		if (!block_has(block, slice))
			continue;
		has = slice_words(block, slice, words);
		for (i = 0; i < block->nwords; i++)
			any |= now[i] = left[i] & (roaring_get64(has + i * 8) ^ flip);
		if (any != 0)
			memcpy(left, now, block->nwords * sizeof(uint64));
		if ((any != 0) == greatest)
			offset |= UINT64_C(1) << slice;
	}
	return offset;
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
			offset = block_extreme(&scan.block, width, scan.chosen, false);
			smallest = offset < smallest ? offset : smallest;
		}
		offset = block_extreme(&scan.block, width, scan.chosen, true);
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
 * The n-th value in ascending order, the first being 0; false if there are not
 * so many.  From the highest slice down: are there more than n without this
 * bit?
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

			if (!block_has(block, slice))
			{
				without += count_words(left, block->nwords);
				continue;
			}
			has = slice_words(block, slice, words);
			for (i = 0; i < block->nwords; i++)
				now[i] = left[i] & ~roaring_get64(has + i * 8);
			without += count_words(now, block->nwords);
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

			if (!block_has(block, slice))
			{
				if (bit)
					memset(left, 0, block->nwords * sizeof(uint64));
				continue;
			}
			has = slice_words(block, slice, words);
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

/* The block where a user may be; false if all come after. */
bool
numset_find_block(const uint8 *directory, uint32 nblocks, uint64 user, uint32 *i)
{
	uint32		begin = 0;
	uint32		n = nblocks;

	while (n > 0)
	{
		uint32		half = n / 2;

		if (first_user(directory, begin + half) <= user)
		{
			begin += half + 1;
			n -= half + 1;
		}
		else
			n = half;
	}
	*i = begin - 1;
	return begin > 0;
}

/* The value of a user by the bytes of one block; false if it is not there. */
bool
numset_block_value(const uint8 *bytes, size_t size, int64 minimum, uint64 user, int64 *value)
{
	Roaring		users;
	Roaring		slices;
	RoaringCursor cursor;
	uint64		offset = 0;
	uint32		rank = 0;
	bool		more;

	block_sets(bytes, size, &users, &slices);
	for (more = roaring_begin(&cursor, users); more && cursor.current.key < user >> 16;
		 more = roaring_next(&cursor))
		rank += cursor.current.cardinality;
	if (!more || cursor.current.key != user >> 16 ||
		!roaring_container_contains(&cursor.current, (uint16) user))
		return false;
	rank += roaring_container_rank(&cursor.current, (uint16) user) - 1;
	for (more = roaring_begin(&cursor, slices); more; more = roaring_next(&cursor))
		if (roaring_container_contains(&cursor.current, (uint16) rank))
			offset |= UINT64_C(1) << cursor.current.key;
	*value = (int64) ((uint64) minimum + offset);
	return true;
}

bool
numset_block_of(Numset set, uint64 user, uint32 *i)
{
	return numset_find_block(numset_directory(set), numset_nblocks(set), user, i);
}

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

/* ---- what others wrote ---- */

/* The smallest or greatest member of a set that is not empty, as unsigned numbers. */
static uint64
unsigned_member(Roaring set, bool greatest)
{
	RoaringCursor cursor;
	RoaringContainer last;
	const uint8 *data;
	bool		more;

	roaring_begin(&cursor, set);
	last = cursor.current;
	for (more = greatest; more; more = roaring_next(&cursor))
		last = cursor.current;
	data = last.data;
	if (last.kind == ROARING_ARRAY)
		return last.key << 16 | roaring_number(data, greatest ? last.cardinality - 1 : 0);
	if (last.kind == ROARING_RUNS)
		return last.key << 16 | (greatest ? roaring_number(data, last.nruns * 2 - 2) +
								 roaring_number(data, last.nruns * 2 - 1) :
								 roaring_number(data, 0));
	if (greatest)
	{
		uint32		i = ROARING_BITMAP_WORDS;

		while (roaring_get64(data + (i - 1) * 8) == 0)
			i--;
		return last.key << 16 |
			((i - 1) * 64 + 63 - (uint32) __builtin_clzll(roaring_get64(data + (i - 1) * 8)));
	}
	else
	{
		uint32		i = 0;

		while (roaring_get64(data + i * 8) == 0)
			i++;
		return last.key << 16 | (i * 64 + (uint32) __builtin_ctzll(roaring_get64(data + i * 8)));
	}
}

/* Check a block; NULL or what is wrong with it. */
static const char *
validate_block(const uint8 *bytes, size_t size, uint32 n, uint32 width, uint64 first,
			   uint64 *last)
{
	Roaring		users;
	Roaring		slices;
	RoaringCursor cursor;
	const char *wrong;
	bool		canonical;
	bool		more;

	if (size < 4 + 2 * ROARING_EMPTY_SIZE || roaring_get32(bytes) > size - 4 - ROARING_EMPTY_SIZE)
		return "a block that ends too early";
	block_sets(bytes, size, &users, &slices);
	wrong = roaring_validate(users.bytes, users.size, &canonical);
	if (wrong != NULL)
		return wrong;
	if (!canonical)
		return "a set of users that is not in its smallest form";
	if (roaring_cardinality(users) != n)
		return "a wrong number of users in a block";
	if (unsigned_member(users, false) != first)
		return "a wrong first user of a block";
	*last = unsigned_member(users, true);
	wrong = roaring_validate(slices.bytes, slices.size, &canonical);
	if (wrong != NULL)
		return wrong;
	if (!canonical)
		return "slices that are not in their smallest form";
	for (more = roaring_begin(&cursor, slices); more; more = roaring_next(&cursor))
	{
		if (cursor.current.key >= width)
			return "more slices than there are";
		if (roaring_container_rank(&cursor.current, n - 1) != cursor.current.cardinality)
			return "a slice with users that do not exist";
	}
	return NULL;
}

/* Are these bytes a numset?  NULL, or what is wrong with them. */
const char *
numset_validate(const uint8 *bytes, size_t size)
{
	Numset		set = {bytes, size};
	const uint8 *directory;
	uint64		users;
	uint64		last = 0;
	uint32		width;
	uint32		nblocks;
	uint32		i;
	size_t		at = NUMSET_HEAD_SIZE;
	size_t		directory_at;
	NumsetScan	scan;
	uint64		smallest = UINT64_MAX;
	uint64		greatest = 0;

	if (size < NUMSET_HEAD_SIZE)
		return "fewer than 24 bytes";
	if (bytes[0] != NUMSET_VERSION)
		return "an unknown version";
	width = numset_width(set);
	nblocks = numset_nblocks(set);
	users = numset_count(set);
	if (width > NUMSET_SLICES_MAX || bytes[2] != 0 || bytes[3] != 0)
		return "an invalid head";
	if (users / NUMSET_BLOCK_USERS + (users % NUMSET_BLOCK_USERS != 0) != nblocks)
		return "a wrong number of blocks";
	if (nblocks > (size - NUMSET_HEAD_SIZE) / NUMSET_ENTRY_SIZE)
		return "too many blocks for so few bytes";
	if (users == 0)
		return width != 0 || numset_minimum(set) != 0 || size != NUMSET_HEAD_SIZE ?
			"an empty numset that is not empty" : NULL;
	directory = numset_directory(set);
	directory_at = (size_t) (directory - bytes);
	for (i = 0; i < nblocks; i++)
	{
		uint64		end = roaring_get64(directory + (size_t) i * NUMSET_ENTRY_SIZE + 8);
		uint64		first = first_user(directory, i);
		uint64		left = users - (uint64) i * NUMSET_BLOCK_USERS;
		const char *wrong;

		if (end < at || end > directory_at)
			return "a wrong end of a block";
		if (i > 0 && first <= last)
			return "blocks out of order";
		wrong = validate_block(bytes + at, (size_t) end - at,
							   left < NUMSET_BLOCK_USERS ? (uint32) left : NUMSET_BLOCK_USERS,
							   width, first, &last);
		if (wrong != NULL)
			return wrong;
		at = (size_t) end;
	}
	if (at != directory_at)
		return "bytes between the blocks and the directory";
	numset_scan_begin(&scan, set, NULL);
	while (numset_scan_next(&scan))
	{
		uint64		offset = block_extreme(&scan.block, width, scan.chosen, false);

		smallest = offset < smallest ? offset : smallest;
		offset = block_extreme(&scan.block, width, scan.chosen, true);
		greatest = offset > greatest ? offset : greatest;
	}
	if (smallest != 0)
		return "a smallest value that nobody has";
	if (greatest > (uint64) PG_INT64_MAX - (uint64) numset_minimum(set))
		return "a value past the end of bigint";
	if (width != 0 && greatest >> (width - 1) == 0)
		return "slices that nobody has";
	return NULL;
}
