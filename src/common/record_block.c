/*-------------------------------------------------------------------------
 *
 * record_block.c
 *		Records as they are written to temporary files: the numbers of a record
 *		in as many bytes as they need in their block.
 *
 * A block is, for each number that records hold (key, time, seq, node), its
 * least value in the block (8 bytes) and a width (1 byte); then for each record
 * its numbers, less the least, in so many bytes each, and what else it holds
 * (conditions, id, value) as it is.  Events come by time, so their times take
 * three bytes or four; an event of a bigint user takes about 8 bytes instead of
 * 17.
 *
 *-------------------------------------------------------------------------
 */
#include "common/record_block.h"

#define MOST_NUMBERS	4
#define NUMBER_HEAD		9		/* bytes before the records for each number */

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

static Numbers
numbers_of(const RecordLayout *layout)
{
	Numbers		numbers = {2, {{.place = 0, .bytes = 8}, {.place = 8, .bytes = 8}}};
	uint8		place = (uint8) (16 + layout->conditions);

	if (layout->seq)
	{
		numbers.number[numbers.n++] = (Number) {.place = place, .bytes = 8};
		place += 8;
	}
	if (layout->node)
		numbers.number[numbers.n++] = (Number) {.place = place, .bytes = 4};
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

/* Bytes for a block of records that take `raw` bytes, its header included. */
size_t
record_block_room(size_t raw)
{
	return sizeof(RecordBlock) + MOST_NUMBERS * NUMBER_HEAD + raw + RECORD_BLOCK_SLACK;
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
	const bool	plain = layout->head == 17 && !layout->id && !layout->value;
	RecordBlock header = {(uint64) (end - at), 0};
	Numbers		numbers = numbers_of(layout);
	char	   *begin = out;
	int			i;

	find_widths(layout, at, end, &numbers);
	out += sizeof(header);
	for (i = 0; i < numbers.n; i++)
	{
		memcpy(out, &numbers.number[i].least, 8);
		out[8] = (char) numbers.number[i].width;
		out += NUMBER_HEAD;
	}
	if (plain)
	{
		const Number key = numbers.number[0];
		const Number time = numbers.number[1];

		for (; at < end; at += 17)
		{
			uint64		number = load(at, 8) - key.least;

			memcpy(out, &number, 8);
			out += key.width;
			number = load(at + 8, 8) - time.least;
			memcpy(out, &number, 8);
			out += time.width;
			*out++ = at[16];
		}
	}
	else
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
record_block_read(const RecordLayout *layout, const char *block, size_t size,
				  char *out, size_t raw)
{
	const char *end = block + size;
	char	   *const out_end = out + raw;
	Numbers		numbers = numbers_of(layout);
	size_t		head;			/* of a record in the block */
	int			i;

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

	if (layout->head == 17 && !layout->id && !layout->value)
	{
		const Number key = numbers.number[0];
		const Number time = numbers.number[1];

		if (raw % 17 != 0 || (size_t) (end - block) != raw / 17 * head)
			return false;
		for (; out < out_end; out += 17)
		{
			uint64		number = (load(block, 8) & key.mask) + key.least;

			memcpy(out, &number, 8);
			block += key.width;
			number = (load(block, 8) & time.mask) + time.least;
			memcpy(out + 8, &number, 8);
			block += time.width;
			out[16] = *block++;
		}
		return true;
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
