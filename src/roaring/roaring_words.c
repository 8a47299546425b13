/*-------------------------------------------------------------------------
 *
 * roaring_words.c
 *		Bitmaps of 65536 bits: combining and counting them.
 *
 * On x86 each loop is compiled twice, once for any processor and once for
 * processors with AVX2 and an instruction that counts bits.  The choice is
 * made at run time.
 *
 *-------------------------------------------------------------------------
 */
#include "roaring/roaring_words.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define WORDS_TWICE
#define WORDS_FAST __attribute__((target("avx2,bmi,popcnt")))
#endif

#define WORDS_INLINE static inline __attribute__((always_inline, unused))

/* Runs are counted as long as there are few, looking after so many words. */
#define WORDS_BLOCK 64

/* The bits of a word, counted by arithmetic: the sums of 2, 4, 8 bits and of the bytes. */
WORDS_INLINE uint32
count_bits_plain(uint64 x)
{
	x = x - ((x >> 1) & UINT64_C(0x5555555555555555));
	x = (x & UINT64_C(0x3333333333333333)) + ((x >> 2) & UINT64_C(0x3333333333333333));
	x = (x + (x >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
	return (uint32) ((x * UINT64_C(0x0101010101010101)) >> 56);
}

#ifdef WORDS_TWICE
#define COUNT_BITS(fast, x) ((fast) ? (uint32) __builtin_popcountll(x) : count_bits_plain(x))
#else
/* elsewhere the compiler knows best, unless it would call a function */
#if defined(__aarch64__) || defined(__powerpc64__)
#define COUNT_BITS(fast, x) ((void) (fast), (uint32) __builtin_popcountll(x))
#else
#define COUNT_BITS(fast, x) ((void) (fast), count_bits_plain(x))
#endif
#endif

/*
 * Counting the bits of many words without a special instruction.  Words are
 * added bit by bit: for each of the 64 places, the sum so far is the bit in
 * ones, plus twice that in twos, plus four times that in fours.  The carry of
 * every eight words is counted.
 */
typedef struct BitSum
{
	uint64		ones;
	uint64		twos;
	uint64		fours;
	uint32		eights;
} BitSum;

/* Add two words to the sums of a place value; the bits that are carried to the next. */
WORDS_INLINE uint64
add_words(uint64 *sum, uint64 a, uint64 b)
{
	const uint64 half = *sum ^ a;
	const uint64 carry = (*sum & a) | (half & b);

	*sum = half ^ b;
	return carry;
}

/* Add eight words. */
WORDS_INLINE void
add_eight(BitSum *sum, const uint64 *x)
{
	uint64		carry[2];
	uint64		fours[2];
	int			i;

	for (i = 0; i < 2; i++)
	{
		carry[0] = add_words(&sum->ones, x[4 * i], x[4 * i + 1]);
		carry[1] = add_words(&sum->ones, x[4 * i + 2], x[4 * i + 3]);
		fours[i] = add_words(&sum->twos, carry[0], carry[1]);
	}
	sum->eights += count_bits_plain(add_words(&sum->fours, fours[0], fours[1]));
}

/* How many bits were set in all of them. */
WORDS_INLINE uint32
bits_added(const BitSum *sum)
{
	return 8 * sum->eights + 4 * count_bits_plain(sum->fours) +
		2 * count_bits_plain(sum->twos) + count_bits_plain(sum->ones);
}

/* Is that faster than COUNT_BITS for each word? */
#if !defined(WORDS_TWICE) && (defined(__aarch64__) || defined(__powerpc64__))
#define ADD_BITS(fast) false
#else
#define ADD_BITS(fast) (!(fast))
#endif

WORDS_INLINE uint64
combined(RoaringOperation operation, uint64 a, uint64 b)
{
	switch (operation)
	{
		case ROARING_AND:
			return a & b;
		case ROARING_OR:
			return a | b;
		case ROARING_XOR:
			return a ^ b;
		default:
			return a & ~b;
	}
}

WORDS_INLINE RoaringCount
roaring_words_count_body(bool fast, const uint64 *words)
{
	RoaringCount count = {0, 0};
	uint64		before = 0;		/* the highest bit of the word before */
	int			i = 0;
	int			end;

	if (ADD_BITS(fast))
	{
		BitSum		members = {0};
		BitSum		runs = {0};

		while (i < ROARING_BITMAP_WORDS && count.runs < ROARING_RUNS_MANY)
		{
			for (end = i + WORDS_BLOCK; i < end; i += 8)
			{
				uint64		starts[8];
				int			j;

				for (j = 0; j < 8; j++)
				{
					uint64		x = words[i + j];

					starts[j] = x & ~(x << 1 | before);
					before = x >> 63;
				}
				add_eight(&members, words + i);
				add_eight(&runs, starts);
			}
			count.runs = bits_added(&runs);
		}
		for (; i < ROARING_BITMAP_WORDS; i += 8)
			add_eight(&members, words + i);
		count.members = bits_added(&members);
		return count;
	}
	while (i < ROARING_BITMAP_WORDS && count.runs < ROARING_RUNS_MANY)
		for (end = i + WORDS_BLOCK; i < end; i++)
		{
			uint64		x = words[i];

			count.members += COUNT_BITS(fast, x);
			count.runs += COUNT_BITS(fast, x & ~(x << 1 | before));
			before = x >> 63;
		}
	for (; i < ROARING_BITMAP_WORDS; i++)
		count.members += COUNT_BITS(fast, words[i]);
	return count;
}

WORDS_INLINE RoaringCount
roaring_words_combine_body(bool fast, RoaringOperation operation, const uint8 *a, const uint8 *b,
						   uint64 *result)
{
	RoaringCount count = {0, 0};
	uint64		before = 0;		/* the highest bit of the word before */
	int			i = 0;
	int			end;

	if (ADD_BITS(fast))
	{
		for (; i < ROARING_BITMAP_WORDS; i++)
			result[i] = combined(operation, roaring_get64(a + i * 8), roaring_get64(b + i * 8));
		return roaring_words_count_body(fast, result);
	}
	while (i < ROARING_BITMAP_WORDS && count.runs < ROARING_RUNS_MANY)
		for (end = i + WORDS_BLOCK; i < end; i++)
		{
			uint64		x = combined(operation, roaring_get64(a + i * 8), roaring_get64(b + i * 8));

			result[i] = x;
			count.members += COUNT_BITS(fast, x);
			count.runs += COUNT_BITS(fast, x & ~(x << 1 | before));
			before = x >> 63;
		}
	for (; i < ROARING_BITMAP_WORDS; i++)
	{
		uint64		x = combined(operation, roaring_get64(a + i * 8), roaring_get64(b + i * 8));

		result[i] = x;
		count.members += COUNT_BITS(fast, x);
	}
	return count;
}

WORDS_INLINE RoaringCount
roaring_words_combine_any(bool fast, RoaringOperation operation, const uint8 *a, const uint8 *b,
						  uint64 *result)
{
	switch (operation)
	{
		case ROARING_AND:
			return roaring_words_combine_body(fast, ROARING_AND, a, b, result);
		case ROARING_OR:
			return roaring_words_combine_body(fast, ROARING_OR, a, b, result);
		case ROARING_XOR:
			return roaring_words_combine_body(fast, ROARING_XOR, a, b, result);
		default:
			return roaring_words_combine_body(fast, ROARING_ANDNOT, a, b, result);
	}
}

WORDS_INLINE uint32
roaring_words_and_count_body(bool fast, const uint8 *a, const uint8 *b)
{
	uint32		n = 0;
	int			i;

	if (ADD_BITS(fast))
	{
		BitSum		sum = {0};

		for (i = 0; i < ROARING_BITMAP_WORDS; i += 8)
		{
			uint64		x[8];
			int			j;

			for (j = 0; j < 8; j++)
				x[j] = roaring_get64(a + (i + j) * 8) & roaring_get64(b + (i + j) * 8);
			add_eight(&sum, x);
		}
		return bits_added(&sum);
	}
	for (i = 0; i < ROARING_BITMAP_WORDS; i++)
		n += COUNT_BITS(fast, roaring_get64(a + i * 8) & roaring_get64(b + i * 8));
	return n;
}

/* The bits of one word from `first` to `last`. */
WORDS_INLINE uint64
word_mask(uint32 first, uint32 last)
{
	return (~UINT64_C(0) << first) & (~UINT64_C(0) >> (63 - last));
}

WORDS_INLINE uint32
roaring_words_range_count_body(bool fast, const uint8 *bytes, uint32 first, uint32 last)
{
	uint32		i = first / 64;
	uint32		end = last / 64;
	uint32		n;

	if (i == end)
		return COUNT_BITS(fast, roaring_get64(bytes + i * 8) & word_mask(first % 64, last % 64));
	n = COUNT_BITS(fast, roaring_get64(bytes + i * 8) & word_mask(first % 64, 63));
	for (i++; i < end; i++)
		n += COUNT_BITS(fast, roaring_get64(bytes + i * 8));
	return n + COUNT_BITS(fast, roaring_get64(bytes + i * 8) & word_mask(0, last % 64));
}

/*
 * The numbers of the bits that are set.  First, list the words that have any
 * bits: this is unpredictable where bits are few, so there is no branch on
 * it.  The number of bits in a word is unpredictable, too, so NUMBERS_AHEAD
 * numbers are always written, and the next word overwrites the excess.
 */
#if NUMBERS_AHEAD != 3
#error "they are written one by one, as the compiler does not unroll a loop"
#endif
WORDS_INLINE uint32
roaring_words_numbers_body(bool fast, const uint64 *words, uint16 *numbers)
{
	uint16		used[ROARING_BITMAP_WORDS];
	uint32		nused = 0;
	uint16	   *out = numbers;
	uint32		i;

	for (i = 0; i < ROARING_BITMAP_WORDS; i++)
	{
		used[nused] = (uint16) i;
		nused += words[i] != 0;
	}
	for (i = 0; i < nused; i++)
	{
		uint64		word = words[used[i]];
		uint32		base = (uint32) used[i] * 64;
		uint32		n = COUNT_BITS(fast, word);
		uint16	   *at = out;

		/*
		 * the highest bit is set so that there is one; it is the last in any
		 * case
		 */
		at[0] = (uint16) (base + (uint32) __builtin_ctzll(word));
		word &= word - 1;
		at[1] = (uint16) (base + (uint32) __builtin_ctzll(word | UINT64_C(1) << 63));
		word &= word - 1;
		at[2] = (uint16) (base + (uint32) __builtin_ctzll(word | UINT64_C(1) << 63));
		word &= word - 1;
		for (at += NUMBERS_AHEAD; word != 0; word &= word - 1)
			*at++ = (uint16) (base + (uint32) __builtin_ctzll(word));
		out += n;
	}
	return (uint32) (out - numbers);
}

#ifdef WORDS_TWICE

static WORDS_FAST RoaringCount
roaring_words_combine_fast(RoaringOperation operation, const uint8 *a, const uint8 *b, uint64 *result)
{
	return roaring_words_combine_any(true, operation, a, b, result);
}

static WORDS_FAST RoaringCount
roaring_words_count_fast(const uint64 *words)
{
	return roaring_words_count_body(true, words);
}

static WORDS_FAST uint32
roaring_words_and_count_fast(const uint8 *a, const uint8 *b)
{
	return roaring_words_and_count_body(true, a, b);
}

static WORDS_FAST uint32
roaring_words_range_count_fast(const uint8 *bytes, uint32 first, uint32 last)
{
	return roaring_words_range_count_body(true, bytes, first, last);
}

static WORDS_FAST uint32
roaring_words_numbers_fast(const uint64 *words, uint16 *numbers)
{
	return roaring_words_numbers_body(true, words, numbers);
}

/* -1: not asked yet */
static int	processor_is_fast = -1;

static inline bool
roaring_words_is_fast(void)
{
	if (processor_is_fast < 0)
		processor_is_fast = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") &&
			__builtin_cpu_supports("bmi");
	return processor_is_fast;
}

void
roaring_use_processor(bool use)
{
	processor_is_fast = use ? -1 : 0;
}

#define WORDS_CHOOSE(fast_call, plain_call) \
	return roaring_words_is_fast() ? fast_call : plain_call

#else

void
roaring_use_processor(bool use)
{
	(void) use;
}

#define WORDS_CHOOSE(fast_call, plain_call) return plain_call

#endif							/* WORDS_TWICE */

/* Combine two bitmaps. */
RoaringCount
roaring_words_combine(RoaringOperation operation, const uint8 *a, const uint8 *b,
					  uint64 *result)
{
	WORDS_CHOOSE(roaring_words_combine_fast(operation, a, b, result), roaring_words_combine_any(false, operation, a, b, result));
}

/* Count a bitmap. */
RoaringCount
roaring_words_count(const uint64 *words)
{
	WORDS_CHOOSE(roaring_words_count_fast(words), roaring_words_count_body(false, words));
}

/* How many members two bitmaps share. */
uint32
roaring_words_and_count(const uint8 *a, const uint8 *b)
{
	WORDS_CHOOSE(roaring_words_and_count_fast(a, b), roaring_words_and_count_body(false, a, b));
}

/* How many members a bitmap has from `first` to `last`. */
uint32
roaring_words_range_count(const uint8 *bytes, uint32 first, uint32 last)
{
	WORDS_CHOOSE(roaring_words_range_count_fast(bytes, first, last), roaring_words_range_count_body(false, bytes, first, last));
}

/*
 * The members of a bitmap in order, in room for NUMBERS_AHEAD more; returns how
 * many.
 */
uint32
roaring_words_numbers(const uint64 *words, uint16 *numbers)
{
	WORDS_CHOOSE(roaring_words_numbers_fast(words, numbers), roaring_words_numbers_body(false, words, numbers));
}

/* A bitmap as numbers of this machine. */
void
roaring_words_load(uint64 *words, const uint8 *bytes)
{
	int			i;

	for (i = 0; i < ROARING_BITMAP_WORDS; i++)
		words[i] = roaring_get64(bytes + i * 8);
}

/* Set the bits from `first` to `last`. */
void
roaring_words_set(uint64 *words, uint32 first, uint32 last)
{
	uint32		i = first / 64;
	uint32		end = last / 64;

	if (i == end)
	{
		words[i] |= word_mask(first % 64, last % 64);
		return;
	}
	words[i] |= word_mask(first % 64, 63);
	for (i++; i < end; i++)
		words[i] = ~UINT64_C(0);
	words[i] |= word_mask(0, last % 64);
}
