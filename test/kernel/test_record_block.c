/*-------------------------------------------------------------------------
 *
 * test_record_block.c
 *		Blocks of records: what is read is what was written, whatever records
 *		hold, and damaged blocks do no harm.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "population/record_block.h"
#include "random.h"
#include "tap.h"
#include "tests.h"

#define MOST_RECORDS	40
#define MOST_TAIL		30

/* A number of one of several magnitudes. */
static uint64
random_number(Random *random)
{
	switch (random_below(random, 5))
	{
		case 0:
			return 7;
		case 1:
			return random_below(random, 1000);
		case 2:
			return (uint64) PG_INT64_MIN + random_below(random, 3);
		case 3:
			return (uint64) PG_INT64_MAX - random_below(random, 3);
		default:
			return random_next(random) >> random_below(random, 64);
	}
}

/* Length and bytes. */
static char *
write_tail(Random *random, char *out, bool less_one)
{
	uint32		length = (uint32) random_below(random, MOST_TAIL);
	uint32		i;

	memcpy(out, &length, 4);
	out += 4;
	for (i = less_one ? 1 : 0; i < length; i++)
		*out++ = (char) random_next(random);
	return out;
}

static char *
write_record(Random *random, const RecordLayout *layout, uint64 near, char *out)
{
	uint64		key = random_below(random, 3) == 0 ? random_number(random) : near;
	uint64		at = near + random_below(random, 1000);
	uint32		node = (uint32) random_number(random);
	int			i;

	memcpy(out, &key, 8);
	memcpy(out + 8, &at, 8);
	out += 16;
	for (i = 0; i < layout->conditions; i++)
		*out++ = (char) random_next(random);
	if (layout->seq)
	{
		at = random_number(random);
		memcpy(out, &at, 8);
		out += 8;
	}
	if (layout->node)
	{
		memcpy(out, &node, 4);
		out += 4;
	}
	if (layout->id)
		out = write_tail(random, out, false);
	if (layout->value)
		out = write_tail(random, out, true);
	return out;
}

/* One block of random records; in memory of just its size, for the sanitizer. */
static bool
one_block(Random *random)
{
	RecordLayout layout = record_layout((int) random_below(random, 59),
										random_below(random, 2) == 0,
										random_below(random, 2) == 0,
										random_below(random, 2) == 0,
										random_below(random, 2) == 0);
	char		records[MOST_RECORDS * (16 + 8 + 8 + 4 + 2 * (4 + MOST_TAIL))];
	int			n = 1 + (int) random_below(random, MOST_RECORDS);
	uint64		near = random_number(random);
	char	   *end = records;
	char	   *room;
	char	   *block;
	char	   *again;
	size_t		raw;
	size_t		size;
	RecordBlock header;
	bool		good;
	int			damage;
	int			i;

	if (random_below(random, 3) == 0)	/* the layouts that most have */
		layout = record_layout(1 + (int) random_below(random, 8), false, false, false, false);
	else if (random_below(random, 3) == 0)
		layout = record_layout(0, false, true, false, false);
	for (i = 0; i < n; i++)
		end = write_record(random, &layout, near, end);
	raw = (size_t) (end - records);

	room = malloc(record_block_room(raw));
	size = record_block_write(&layout, records, end, room);
	good = size <= record_block_room(raw);
	memcpy(&header, room, sizeof(header));
	good = good && header.raw == raw && header.size == size - sizeof(header);
	block = calloc(header.size + RECORD_BLOCK_SLACK, 1);
	memcpy(block, room + sizeof(header), header.size);
	again = malloc(raw);
	good = good && record_block_read(&layout, block, header.size, again, raw) &&
		memcmp(again, records, raw) == 0;

	/* one byte less is refused, and for one record less there is too much */
	good = good && !record_block_read(&layout, block, header.size - 1, again, raw);
	good = good && !record_block_read(&layout, block, header.size, again, raw - 1);

	for (damage = 0; damage < 8; damage++)
	{
		block[random_below(random, header.size)] ^= (char) (1 << random_below(random, 8));
		(void) record_block_read(&layout, block, header.size, again, raw);
	}
	free(room);
	free(block);
	free(again);
	return good;
}

/*
 * A block of records of a key, a time and `rest` bytes, whose ranges take so
 * many bits: such records are written in as few whole bytes as those bits need,
 * or if they are more than 63, in as many bytes as each number needs.
 */
static bool
one_block_of_bits(Random *random, int rest, const int *bits)
{
	RecordLayout layout = record_layout(rest == 1 ? 8 : 0, false, rest == 4, false, false);
	const size_t length = 16 + (size_t) rest;
	const size_t n = 2 + random_below(random, 30);
	const int	sum = bits[0] + bits[1] + bits[2];
	uint64		base[3] = {random_next(random), random_next(random), 0};
	uint64		range[3];
	size_t		raw = n * length;
	char	   *records = malloc(raw);
	char	   *room = malloc(record_block_room(raw));
	char	   *block;
	char	   *again = malloc(raw);
	RecordBlock header;
	size_t		want;
	bool		good;
	size_t		i;
	int			k;

	/* a base in whose lowest bits there is room, so that no sum goes around */
	for (k = 0; k < 3; k++)
	{
		range[k] = bits[k] == 0 ? 0 : UINT64_MAX >> (64 - bits[k]);
		if (k < 2)
			base[k] = (base[k] & ~range[k]) ^ (bits[k] == 64 ? (uint64) PG_INT64_MIN : 0);
	}
	for (i = 0; i < n; i++)
	{
		uint64		number[3];
		uint32		small;

		for (k = 0; k < 3; k++)
			number[k] = base[k] + (i == 0 ? 0 : i == 1 ? range[k] : random_next(random) & range[k]);
		memcpy(records + i * length, &number[0], 8);
		memcpy(records + i * length + 8, &number[1], 8);
		small = (uint32) number[2];
		if (rest == 1)
			records[i * length + 16] = (char) small;
		else
			memcpy(records + i * length + 16, &small, 4);
	}
	if (sum <= 63)
		want = 1 + 3 * 9 + n * (size_t) ((sum + 7) / 8);
	else
	{
		const int	other = rest == 1 ? 1 : (bits[2] + 7) / 8;

		want = 1 + (rest == 1 ? 2 : 3) * 9 + n * (size_t) ((bits[0] + 7) / 8 + (bits[1] + 7) / 8 + other);
	}
	good = record_block_write(&layout, records, records + raw, room) == sizeof(header) + want;
	memcpy(&header, room, sizeof(header));
	good = good && header.raw == raw && header.size == want;
	block = calloc(want + RECORD_BLOCK_SLACK, 1);
	memcpy(block, room + sizeof(header), want);
	good = good && record_block_read(&layout, block, want, again, raw) &&
		memcmp(again, records, raw) == 0;
	good = good && !record_block_read(&layout, block, want - 1, again, raw);
	good = good && !record_block_read(&layout, block, 0, again, raw);
	good = good && !record_block_read(&layout, block, want, again, raw - 1);

	/* a form that there is not, and widths that cannot be */
	block[0] = 2;
	good = good && !record_block_read(&layout, block, want, again, raw);
	block[0] = room[sizeof(header)];
	block[9] = 65;
	good = good && !record_block_read(&layout, block, want, again, raw);

	/* words are not for other layouts */
	memcpy(block, room + sizeof(header), want);
	layout = record_layout(12, false, false, false, false);
	good = good && (sum > 63 ||
					!record_block_read(&layout, block, want, again, raw / layout.head * layout.head));
	free(records);
	free(room);
	free(block);
	free(again);
	return good;
}

/* Records of one length are written so many at a time, others together. */
static bool
ends_are_right(void)
{
	RecordLayout steps = record_layout(3, false, false, false, false);
	RecordLayout texts = record_layout(3, false, false, true, false);
	static const char records[17 * 600];

	return record_block_end(&steps, records, records + 17) == records + 17 &&
		record_block_end(&steps, records, records + 17 * 256) == records + 17 * 256 &&
		record_block_end(&steps, records, records + 17 * 257) == records + 17 * 256 &&
		record_block_end(&steps, records + 17 * 512, records + 17 * 600) == records + 17 * 600 &&
		record_block_end(&texts, records, records + 17 * 600) == records + 17 * 600;
}

void
test_record_block(void)
{
	Random		random = {2026};
	bool		good = true;
	int			bits[3];
	int			i;

	for (bits[0] = 0; bits[0] <= 64; bits[0]++)
		for (bits[1] = 0; bits[1] <= 64; bits[1]++)
		{
			bits[2] = (int) random_below(&random, 9);
			good = good && one_block_of_bits(&random, 1, bits);
			bits[2] = (int) random_below(&random, 33);
			good = good && one_block_of_bits(&random, 4, bits);
		}
	test_ok(good, "records of three numbers take as few bytes as their bits need");
	test_ok(ends_are_right(), "and are written by 256");

	good = true;
	for (i = 0; i < 20000 && good; i++)
		good = one_block(&random);
	test_ok(good, "blocks of records are read as they were written, and damaged ones refused or harmless");
}
