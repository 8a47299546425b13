/*-------------------------------------------------------------------------
 *
 * record_block.c
 *		Blocks of records: the numbers of a record in as many bytes, or bits,
 *		as the largest in the block needs.
 *
 * A block begins with its form (1 byte).  Form "bytes": for each number in
 * the records (key, time, seq, node), its least value in the block (8 bytes)
 * and a width (1 byte); then for each record its numbers, minus the least
 * value, in this width each, and the rest of the record (conditions, id,
 * value) unchanged.
 *
 * Form "words", for records of exactly three numbers (key, time, and
 * conditions of one byte or a node) whose differences to the least values fit
 * a word: for each number its least value and its width in bits; then for
 * each record these bits side by side, in whole bytes.  As events come by
 * time, the times of a few hundred take some 30 bits; an event of a bigint
 * user takes about 7 bytes instead of 17.
 *
 *-------------------------------------------------------------------------
 */
#include "population/record_block.h"

#define MOST_NUMBERS	4
#define NUMBER_HEAD		9		/* bytes before the records for each number */
#define BLOCK_RECORDS	256		/* of one length */

/* How the records of a block are written. */
#define FORM_BYTES		0
#define FORM_WORDS		1
#define WORD_BITS		63		/* the most in a word, so that no shift is too
								 * far */

/* One of the numbers that records hold. */
typedef struct Number
{
	uint8		place;			/* where it is in a record */
	uint8		bytes;			/* that it takes there, 4 or 8 */
	uint8		width;			/* bytes that it takes in the block */
	uint64		least;
	uint64		mask;			/* the bits of `width` bytes */
} Number;

typedef struct Numbers
{
	int			n;
	Number		number[MOST_NUMBERS];
} Numbers;

static void
add_number(Numbers *numbers, int place, int bytes)
{
	Number	   *number = &numbers->number[numbers->n++];

	number->place = (uint8) place;
	number->bytes = (uint8) bytes;
}

static Numbers
numbers_of(const RecordLayout *layout)
{
	Numbers		numbers;
	int			place = 16 + (int) layout->conditions;

	memset(&numbers, 0, sizeof(numbers));
	add_number(&numbers, 0, 8);
	add_number(&numbers, 8, 8);
	if (layout->seq)
	{
		add_number(&numbers, place, 8);
		place += 8;
	}
	if (layout->node)
		add_number(&numbers, place, 4);
	return numbers;
}

static inline uint64
load(const char *at, int bytes)
{
	uint64		number;
	uint32		small;

	if (bytes == 8)
	{
		memcpy(&number, at, 8);
		return number;
	}
	memcpy(&small, at, 4);
	return small;
}

static void
set_width(Number *number, int width)
{
	number->width = (uint8) width;
	number->mask = width == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * width)) - 1;
}

/*
 * Words.
 */
typedef struct Words
{
	uint64		least[3];		/* of key, time, and conditions or node */
	int			bits[3];		/* that are left */
	int			bytes;			/* of a word */
} Words;

#define WORDS_HEAD		(3 * 9) /* bytes of a block before its words */

/* The bytes after key and time, if such records can be words; else 0. */
static inline int
words_rest(const RecordLayout *layout)
{
	if (layout->id || layout->value || layout->seq ||
		(layout->head != 17 && layout->head != 20))
		return 0;
	return layout->head - 16;
}

static inline uint64
load_rest(const char *at, int rest)
{
	return rest == 1 ? (uint64) (uint8) *at : load(at, 4);
}

/* Set how large a word is; FALSE if it would be too large. */
static bool
size_words(Words *words)
{
	const int	bits = words->bits[0] + words->bits[1] + words->bits[2];

	words->bytes = (bits + 7) / 8;
	return bits <= WORD_BITS;
}

/* What is to be left of numbers in words; FALSE if that is too much. */
static pg_attribute_always_inline bool
find_words(const char *at, const char *end, int rest, Words *words)
{
	int64		least[3] = {PG_INT64_MAX, PG_INT64_MAX, PG_INT64_MAX};
	int64		most[3] = {PG_INT64_MIN, PG_INT64_MIN, PG_INT64_MIN};
	int			i;

	for (; at < end; at += 16 + rest)
	{
		const int64 key = (int64) load(at, 8);
		const int64 time = (int64) load(at + 8, 8);
		const int64 other = (int64) load_rest(at + 16, rest);

		least[0] = key < least[0] ? key : least[0];
		most[0] = key > most[0] ? key : most[0];
		least[1] = time < least[1] ? time : least[1];
		most[1] = time > most[1] ? time : most[1];
		least[2] = other < least[2] ? other : least[2];
		most[2] = other > most[2] ? other : most[2];
	}
	for (i = 0; i < 3; i++)
	{
		uint64		range = (uint64) most[i] - (uint64) least[i];

		words->least[i] = (uint64) least[i];
		words->bits[i] = 0;
		while (words->bits[i] < 64 && range >> words->bits[i] != 0)
			words->bits[i]++;
	}
	return size_words(words);
}

/* Write records as words; returns where they end. */
static pg_attribute_always_inline char *
write_words(const char *at, const char *end, int rest, const Words *words, char *out)
{
	const uint64 key = words->least[0];
	const uint64 time = words->least[1];
	const uint64 other = words->least[2];
	const int	time_shift = words->bits[0];
	const int	other_shift = words->bits[0] + words->bits[1];
	const int	bytes = words->bytes;

	for (; at < end; at += 16 + rest)
	{
		const uint64 word = (load(at, 8) - key) |
			(load(at + 8, 8) - time) << time_shift |
			(load_rest(at + 16, rest) - other) << other_shift;

		memcpy(out, &word, 8);
		out += bytes;
	}
	return out;
}

static pg_attribute_always_inline void
read_words(const char *block, int rest, const Words *words, char *out, const char *out_end)
{
	const uint64 key = words->least[0];
	const uint64 time = words->least[1];
	const uint64 other = words->least[2];
	const uint64 key_mask = (UINT64_C(1) << words->bits[0]) - 1;
	const uint64 time_mask = (UINT64_C(1) << words->bits[1]) - 1;
	const uint64 other_mask = (UINT64_C(1) << words->bits[2]) - 1;
	const int	time_shift = words->bits[0];
	const int	other_shift = words->bits[0] + words->bits[1];
	const int	bytes = words->bytes;

	for (; out < out_end; out += 16 + rest)
	{
		const uint64 word = load(block, 8);
		uint64		number = (word & key_mask) + key;
		uint32		small;

		memcpy(out, &number, 8);
		number = (word >> time_shift & time_mask) + time;
		memcpy(out + 8, &number, 8);
		small = (uint32) ((word >> other_shift & other_mask) + other);
		if (rest == 1)
			out[16] = (char) small;
		else
			memcpy(out + 16, &small, 4);
		block += bytes;
	}
}

/*
 * Write records as a block of words; returns where it ends, or NULL if they
 * cannot be words.
 */
static pg_attribute_always_inline char *
write_word_block(const char *at, const char *end, int rest, char *out)
{
	Words		words;
	int			i;

	if (!find_words(at, end, rest, &words))
		return NULL;
	*out++ = FORM_WORDS;
	for (i = 0; i < 3; i++)
	{
		memcpy(out, &words.least[i], 8);
		out[8] = (char) words.bits[i];
		out += 9;
	}
	return write_words(at, end, rest, &words, out);
}

/* Read a block of words, what follows the form. */
static bool
read_word_block(const char *block, const char *end, int rest, char *out, size_t raw)
{
	Words		words;
	int			i;

	if (rest == 0 || raw % (16 + rest) != 0 || end - block < WORDS_HEAD)
		return false;
	for (i = 0; i < 3; i++)
	{
		memcpy(&words.least[i], block, 8);
		words.bits[i] = (uint8) block[8];
		block += 9;
	}
	if (!size_words(&words) ||
		(size_t) (end - block) != raw / (16 + rest) * words.bytes)
		return false;
	if (rest == 1)
		read_words(block, 1, &words, out, out + raw);
	else
		read_words(block, 4, &words, out, out + raw);
	return true;
}

/* Where a block that begins at `at` had better end, of records that lie there. */
const char *
record_block_end(const RecordLayout *layout, const char *at, const char *end)
{
	const size_t most = (size_t) BLOCK_RECORDS * layout->head;

	return !layout->id && !layout->value && (size_t) (end - at) > most ? at + most : end;
}

/* Bytes for a block of records that take `raw` bytes, its header included. */
size_t
record_block_room(size_t raw)
{
	return sizeof(RecordBlock) + 1 + MOST_NUMBERS * NUMBER_HEAD + raw + RECORD_BLOCK_SLACK;
}

/* The least of each number in the block, and the width that the others need. */
static void
find_widths(const RecordLayout *layout, const char *at, const char *end, Numbers *numbers)
{
	int64		least[MOST_NUMBERS];
	int64		most[MOST_NUMBERS];
	int			i;

	for (i = 0; i < numbers->n; i++)
	{
		least[i] = PG_INT64_MAX;
		most[i] = PG_INT64_MIN;
	}
	for (; at < end; at = record_next(layout, at))
		for (i = 0; i < numbers->n; i++)
		{
			int64		value = (int64) load(at + numbers->number[i].place,
											 numbers->number[i].bytes);

			least[i] = value < least[i] ? value : least[i];
			most[i] = value > most[i] ? value : most[i];
		}
	for (i = 0; i < numbers->n; i++)
	{
		uint64		range = (uint64) most[i] - (uint64) least[i];
		int			width = 0;

		while (width < 8 && range >> (8 * width) != 0)
			width++;
		numbers->number[i].least = (uint64) least[i];
		set_width(&numbers->number[i], width);
	}
}

/*
 * Write the records [at, end) to `out`, which has record_block_room() bytes,
 * after their header; returns how many bytes were written.  There is at least
 * one record.
 */
size_t
record_block_write(const RecordLayout *layout, const char *at, const char *end, char *out)
{
	const int	rest = words_rest(layout);
	RecordBlock header = {(uint64) (end - at), 0};
	Numbers		numbers;
	char	   *begin = out;
	char	   *words_end = NULL;
	int			i;

	out += sizeof(header);
	if (rest == 1)
		words_end = write_word_block(at, end, 1, out);
	else if (rest == 4)
		words_end = write_word_block(at, end, 4, out);
	if (words_end != NULL)
	{
		header.size = (uint64) (words_end - begin) - sizeof(header);
		memcpy(begin, &header, sizeof(header));
		return (size_t) (words_end - begin);
	}

	numbers = numbers_of(layout);
	find_widths(layout, at, end, &numbers);
	*out++ = FORM_BYTES;
	for (i = 0; i < numbers.n; i++)
	{
		memcpy(out, &numbers.number[i].least, 8);
		out[8] = (char) numbers.number[i].width;
		out += NUMBER_HEAD;
	}
	while (at < end)
	{
		const char *next = record_next(layout, at);

		for (i = 0; i < numbers.n; i++)
		{
			const Number *number = &numbers.number[i];
			uint64		value = load(at + number->place, number->bytes) - number->least;

			memcpy(out, &value, 8);
			out += number->width;
		}
		memcpy(out, at + 16, layout->conditions);
		out += layout->conditions;
		memcpy(out, at + layout->head, next - at - layout->head);
		out += next - at - layout->head;
		at = next;
	}
	header.size = (uint64) (out - begin) - sizeof(header);
	memcpy(begin, &header, sizeof(header));
	return (size_t) (out - begin);
}

/*
 * Read a block, what follows its header, into `raw` bytes at `out`.  Returns
 * false if it does not hold records of just so many bytes.
 */
bool
record_block_read(const RecordLayout *layout, const char *block, size_t size, char *out,
				  size_t raw)
{
	const char *end = block + size;
	char	   *const out_end = out + raw;
	Numbers		numbers;
	size_t		head;			/* of a record in the block */
	char		form;
	int			i;

	if (size < 1)
		return false;
	form = *block++;
	size--;
	if (form == FORM_WORDS)
		return read_word_block(block, end, words_rest(layout), out, raw);
	if (form != FORM_BYTES)
		return false;

	numbers = numbers_of(layout);
	if (size < (size_t) numbers.n * NUMBER_HEAD)
		return false;
	head = layout->conditions;
	for (i = 0; i < numbers.n; i++)
	{
		memcpy(&numbers.number[i].least, block, 8);
		if ((uint8) block[8] > 8)
			return false;
		set_width(&numbers.number[i], (uint8) block[8]);
		head += numbers.number[i].width;
		block += NUMBER_HEAD;
	}

	while (out < out_end)
	{
		size_t		rest = 0;

		if ((size_t) (end - block) < head || (size_t) (out_end - out) < layout->head)
			return false;
		for (i = 0; i < numbers.n; i++)
		{
			const Number *number = &numbers.number[i];
			uint64		value = (load(block, 8) & number->mask) + number->least;

			if (number->bytes == 8)
				memcpy(out + number->place, &value, 8);
			else
			{
				uint32		small = (uint32) value;

				memcpy(out + number->place, &small, 4);
			}
			block += number->width;
		}
		memcpy(out + 16, block, layout->conditions);
		block += layout->conditions;
		out += layout->head;

		if (layout->id || layout->value)
		{
			/* of what follows the head, the layout says how long it is */
			RecordLayout after = *layout;
			const char *next;

			after.head = 0;
			next = record_next_within(&after, block, end);
			if (next == NULL || next - block > out_end - out)
				return false;
			rest = (size_t) (next - block);
			memcpy(out, block, rest);
			block = next;
			out += rest;
		}
	}
	return block == end;
}
