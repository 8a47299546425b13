/*-------------------------------------------------------------------------
 *
 * test_record_block.c
 *		Blocks of records: what is read is what was written, whatever records
 *		hold, and damaged blocks do no harm.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "common/record_block.h"
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

	if (random_below(random, 3) == 0)	/* the layout that most have */
		layout = record_layout(1 + (int) random_below(random, 8), false, false, false, false);
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

void
test_record_block(void)
{
	Random		random = {2026};
	bool		good = true;
	int			i;

	for (i = 0; i < 20000 && good; i++)
		good = one_block(&random);
	test_ok(good, "blocks of records are read as they were written, and damaged ones refused or harmless");
}
