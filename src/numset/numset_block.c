/*-------------------------------------------------------------------------
 *
 * numset_block.c
 *		A block of a numset: its slices, the selected ranks, and how their
 *		values compare.
 *
 * All work is done block by block on bitmaps of ranks, which stay in the
 * processor's cache.  Two loops translate between users and ranks: a filter
 * of users is compressed to ranks, and the resulting ranks are expanded to
 * users.
 *
 *-------------------------------------------------------------------------
 */
#include "numset/numset_block.h"

static void
numset_block_open(NumsetBlock *block, Numset set, uint32 i)
{
	const uint8 *directory = numset_directory(set);
	size_t		at = numset_block_at(directory, i);
	uint64		left = numset_count(set) - (uint64) i * NUMSET_BLOCK_USERS;
	Roaring		slices;
	RoaringCursor cursor;
	bool		more;

	numset_block_sets(set.bytes + at, numset_block_end(directory, i) - at, &block->users, &slices);
	block->n = left < NUMSET_BLOCK_USERS ? (uint32) left : NUMSET_BLOCK_USERS;
	block->nwords = (block->n + 63) / 64;
	block->present = 0;
	for (more = roaring_begin(&cursor, slices); more; more = roaring_next(&cursor))
	{
		block->slices[cursor.current.key] = cursor.current;
		block->present |= UINT64_C(1) << cursor.current.key;
	}
}

/* The words of a slice, little-endian: its own or made in `words`. */
const uint8 *
numset_slice_words(const NumsetBlock *block, uint32 slice, uint64 *words)
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

/* All ranks of a block. */
static void
numset_choose_all(const NumsetBlock *block, uint64 *chosen)
{
	memset(chosen, 0xff, block->nwords * sizeof(uint64));
	if (block->n % 64 != 0)
		chosen[block->nwords - 1] = ~UINT64_C(0) >> (64 - block->n % 64);
}

/* ---- between users and ranks ---- */

/* The bits of x that a mask chooses, moved together at the lower end. */
static inline uint64
numset_squeeze_plain(uint64 x, uint64 mask)
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
numset_spread_plain(uint64 x, uint64 mask)
{
	uint64		result = 0;

	if (mask == ~UINT64_C(0) || x == 0)
		return x;
	for (; mask != 0; mask &= mask - 1, x >>= 1)
		result |= mask & -mask & -(x & 1);
	return result;
}

/*
 * squeeze: for each user of a container, from rank `rank` on, whether the
 * other container has the user. spread: the words of the users of a container
 * whose rank, from `rank` on, is in `ranks`.  Both containers are bitmaps.
 */
#define RANKS_LOOPS(attribute, suffix, squeeze, spread) \
static attribute void \
numset_squeeze_words_##suffix(const uint8 *users, const uint8 *other, uint64 *ranks, uint32 rank) \
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
numset_spread_words_##suffix(const uint8 *users, const uint64 *ranks, uint32 rank, uint64 *words) \
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

RANKS_LOOPS(, plain, numset_squeeze_plain, numset_spread_plain)

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#include <immintrin.h>

RANKS_LOOPS(__attribute__((target("bmi2,popcnt"))), fast, _pext_u64, _pdep_u64)

/* -1: not asked yet */
static int	processor_is_fast = -1;

static inline bool
numset_is_fast(void)
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
		if (numset_is_fast()) \
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
numset_choose_filtered(NumsetScan *scan)
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

			RANKS_CHOOSE(numset_squeeze_words, (mask, in, scan->chosen, rank));
		}
	}
	scan->nchosen = numset_count_words(scan->chosen, scan->block.nwords);
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
			numset_first_user(directory, i + 1) >> 16 < scan->filter.current.key)
			continue;
		numset_block_open(&scan->block, scan->set, i);
		if (!scan->filtered)
		{
			numset_choose_all(&scan->block, scan->chosen);
			scan->nchosen = scan->block.n;
			return true;
		}
		numset_choose_filtered(scan);
		if (scan->nchosen > 0)
			return true;
	}
	return false;
}

void
numset_users_flush(NumsetUsers *users)
{
	if (users->held && users->bitmap)
		roaring_write_bitmap(users->writer, users->key, users->words);
	else if (users->held)
		roaring_write_array(users->writer, users->key, users->numbers, users->n);
	users->held = false;
}

/* Add those users of a block whose ranks are given. */
void
numset_users_add(NumsetUsers *users, const NumsetBlock *block, const uint64 *ranks)
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
			numset_users_flush(users);
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

			RANKS_CHOOSE(numset_spread_words, (mask, ranks, rank, spread));
			for (i = 0; i < ROARING_BITMAP_WORDS; i++)
				users->words[i] |= spread[i];
		}
	}
}

/*
 * Among the ranks in `equal`, those whose offset is below the bound are added
 * to `below`, unless it is NULL, and those whose offset equals the bound
 * remain.
 */
void
numset_block_compare(const NumsetBlock *block, uint32 width, uint64 bound, uint64 *below, uint64 *equal)
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

		if (!numset_block_has(block, slice))
		{
			if (!bit)
				continue;
			for (i = 0; below != NULL && i < nwords; i++)
				below[i] |= equal[i];
			memset(equal, 0, nwords * sizeof(uint64));
			return;
		}
		has = numset_slice_words(block, slice, words);
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

/* The greatest offset of the chosen, or the smallest. */
uint64
numset_block_extreme(const NumsetBlock *block, uint32 width, const uint64 *chosen, bool greatest)
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

		if (!numset_block_has(block, slice))
			continue;
		has = numset_slice_words(block, slice, words);
		for (i = 0; i < block->nwords; i++)
			any |= now[i] = left[i] & (roaring_get64(has + i * 8) ^ flip);
		if (any != 0)
			memcpy(left, now, block->nwords * sizeof(uint64));
		if ((any != 0) == greatest)
			offset |= UINT64_C(1) << slice;
	}
	return offset;
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

		if (numset_first_user(directory, begin + half) <= user)
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

	numset_block_sets(bytes, size, &users, &slices);
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
