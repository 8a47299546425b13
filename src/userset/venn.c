/*-------------------------------------------------------------------------
 *
 * venn.c
 *		Several sets at once: the regions of a Venn diagram; and samples.
 *
 *-------------------------------------------------------------------------
 */
#include "roaring/roaring.h"
#include "userset/venn.h"

/* Up to so many members, containers are counted one member after the other. */
#define FEW_MEMBERS 2048

/* Containers of one key: whose they are, and where the walk over them is. */
typedef struct Present
{
	const RoaringContainer *container;
	const uint8 *words;
	uint32		position;
	int			set;
} Present;

/* Arrays of one key, walked together. */
static void
venn_count_arrays(Present *present, int n, uint64 *regions)
{
	for (;;)
	{
		uint32		lowest = 65536;
		uint32		mask = 0;
		int			i;

		for (i = 0; i < n; i++)
			if (present[i].position < present[i].container->cardinality)
			{
				uint32		number = roaring_number(present[i].container->data, present[i].position);

				lowest = number < lowest ? number : lowest;
			}
		if (lowest == 65536)
			return;
		for (i = 0; i < n; i++)
			if (present[i].position < present[i].container->cardinality &&
				roaring_number(present[i].container->data, present[i].position) == lowest)
			{
				mask |= UINT32_C(1) << present[i].set;
				present[i].position++;
			}
		regions[mask]++;
	}
}

/* One word of each bitmap: split it by one set after the other. */
static void
venn_count_word(const Present *present, int n, int word, uint64 bits, uint32 mask, uint64 *regions)
{
	for (; n > 0; n--)
	{
		uint64		in = bits & roaring_get64(present[n - 1].words + word * 8);

		if (in == bits)
			mask |= UINT32_C(1) << present[n - 1].set;
		else if (in != 0)
		{
			venn_count_word(present, n - 1, word, in, mask | UINT32_C(1) << present[n - 1].set, regions);
			bits &= ~in;
		}
	}
	/* few are left in a region of many sets: count them one by one */
	if (mask != 0)
		for (; bits != 0; bits &= bits - 1)
			regions[mask]++;
}

static void
venn_count_words(Present *present, int n, uint64 *regions)
{
	int			word;

	for (word = 0; word < ROARING_BITMAP_WORDS; word++)
	{
		uint64		any = 0;
		int			i;

		for (i = 0; i < n; i++)
			any |= roaring_get64(present[i].words + word * 8);
		if (any != 0)
			venn_count_word(present, n, word, any, 0, regions);
	}
}

void
venn_count(const Roaring *sets, int n, uint64 *regions)
{
	RoaringCursor cursors[VENN_SETS_MAX];
	bool		more[VENN_SETS_MAX];
	uint64	   *scratch = roaring_alloc((size_t) n * ROARING_BITMAP_WORDS * sizeof(uint64));
	uint64		looked = 0;
	int			i;

	memset(regions, 0, ((size_t) 1 << n) * sizeof(uint64));
	for (i = 0; i < n; i++)
		more[i] = roaring_begin(&cursors[i], sets[i]);
	for (;;)
	{
		Present		present[VENN_SETS_MAX];
		uint64		key = UINT64_MAX;
		uint64		members = 0;
		bool		arrays = true;
		int			npresent = 0;

		for (i = 0; i < n; i++)
			if (more[i] && cursors[i].current.key < key)
				key = cursors[i].current.key;
		if (key == UINT64_MAX)
			break;
		for (i = 0; i < n; i++)
			if (more[i] && cursors[i].current.key == key)
			{
				memset(&present[npresent], 0, sizeof(Present));
				present[npresent].container = &cursors[i].current;
				present[npresent++].set = i;
				members += cursors[i].current.cardinality;
				arrays &= cursors[i].current.kind == ROARING_ARRAY;
			}
		if (npresent == 1)
			regions[UINT32_C(1) << present[0].set] += members;
		else if (arrays && members <= FEW_MEMBERS)
			venn_count_arrays(present, npresent, regions);
		else
		{
			for (i = 0; i < npresent; i++)
				present[i].words = roaring_container_words(present[i].container,
														   scratch + i * ROARING_BITMAP_WORDS);
			venn_count_words(present, npresent, regions);
		}
		for (i = 0; i < n; i++)
			if (more[i] && cursors[i].current.key == key)
				more[i] = roaring_next(&cursors[i]);
		if (++looked % 256 == 0)
			kernel_check_interrupts();
	}
	roaring_free(scratch);
}

/* The splitmix64 generator: the next random number. */
static inline uint64
venn_random_next(uint64 *state)
{
	uint64		x = *state += UINT64_C(0x9E3779B97F4A7C15);

	x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
	return x ^ (x >> 31);
}

/* The upper 64 bits of a product, so that x random and n give 0 to n - 1. */
static inline uint64
venn_multiply_high(uint64 x, uint64 n)
{
	uint64		low = (x & 0xffffffff) * (n & 0xffffffff);
	uint64		middle = (x >> 32) * (n & 0xffffffff) + (low >> 32);
	uint64		other = (x & 0xffffffff) * (n >> 32) + (middle & 0xffffffff);

	return (x >> 32) * (n >> 32) + (middle >> 32) + (other >> 32);
}

/*
 * Every member is taken with the probability (number still needed) / (number
 * still left), so all samples of n are equally likely.
 */
void
venn_sample(RoaringWriter *writer, Roaring set, uint64 cardinality, uint64 n, uint64 seed)
{
	uint16	   *numbers;
	uint64		left = cardinality;
	RoaringCursor cursor;
	uint64		looked = 0;
	bool		more;

	numbers = roaring_alloc((65536 + NUMBERS_AHEAD) * sizeof(uint16));
	for (more = roaring_begin(&cursor, set); more && n > 0; more = roaring_next(&cursor))
	{
		const RoaringContainer *container = &cursor.current;
		uint64		words[ROARING_BITMAP_WORDS];
		uint32		taken = 0;
		uint32		i;

		if (n >= left)
			roaring_write_container(writer, container);
		else
		{
			if (container->kind == ROARING_ARRAY)
				for (i = 0; i < container->cardinality; i++)
					numbers[i] = (uint16) roaring_number(container->data, i);
			else
			{
				const uint8 *bytes = roaring_container_words(container, words);

				roaring_words_load(words, bytes);
				roaring_words_numbers(words, numbers);
			}
			for (i = 0; i < container->cardinality; i++)
				if (venn_multiply_high(venn_random_next(&seed), left - i) < n)
				{
					numbers[taken++] = numbers[i];
					n--;
				}
			roaring_write_array(writer, container->key, numbers, taken);
		}
		left -= container->cardinality;
		if (++looked % 256 == 0)
			kernel_check_interrupts();
	}
	roaring_free(numbers);
}
