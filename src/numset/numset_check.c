/*-------------------------------------------------------------------------
 *
 * numset_check.c
 *		Validation of numsets from outside.
 *
 *-------------------------------------------------------------------------
 */
#include "numset/numset.h"

/* The smallest or greatest member of a set that is not empty, as unsigned numbers. */
static uint64
numset_unsigned_member(Roaring set, bool greatest)
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
numset_validate_block(const uint8 *bytes, size_t size, uint32 n, uint32 width, uint64 first,
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
	numset_block_sets(bytes, size, &users, &slices);
	wrong = roaring_validate(users.bytes, users.size, &canonical);
	if (wrong != NULL)
		return wrong;
	if (!canonical)
		return "a set of users that is not in its smallest form";
	if (roaring_cardinality(users) != n)
		return "a wrong number of users in a block";
	if (numset_unsigned_member(users, false) != first)
		return "a wrong first user of a block";
	*last = numset_unsigned_member(users, true);
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
		uint64		first = numset_first_user(directory, i);
		uint64		left = users - (uint64) i * NUMSET_BLOCK_USERS;
		const char *wrong;

		if (end < at || end > directory_at)
			return "a wrong end of a block";
		if (i > 0 && first <= last)
			return "blocks out of order";
		wrong = numset_validate_block(bytes + at, (size_t) end - at,
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
		uint64		offset = numset_block_extreme(&scan.block, width, scan.chosen, false);

		smallest = offset < smallest ? offset : smallest;
		offset = numset_block_extreme(&scan.block, width, scan.chosen, true);
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
