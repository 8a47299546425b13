/*-------------------------------------------------------------------------
 *
 * numset.h
 *		Numbers of users: a bit-sliced index from user to bigint.
 *
 * Users are in ascending order of their ids as unsigned numbers, 65536 to a
 * block.  A block holds its users as a Roaring set.  The offset of a value is
 * its difference to the smallest value of the numset.  Slice i is the set of
 * the users whose offset has bit i.  A slice identifies a user by rank, the
 * place in the block from 0 on, instead of by id, so that slices are dense
 * even if ids lie far apart.  All slices of a block are one Roaring set of (i
 * << 16 | rank): bits that few users have become arrays, and bits that
 * neighbours share become runs.  A comparison is that of O'Neil and Quass:
 * from the highest slice down, it tracks which users still equal the bound
 * and which are below.
 *
 * The bytes, all numbers little-endian:
 *
 *		0	version, 1
 *		1	number of slices, up to the highest that is not empty
 *		2	0, 0
 *		4	number of blocks, 4 bytes
 *		8	the smallest value, 8 bytes; 0 if there are no users
 *		16	number of users, 8 bytes
 *		24	the blocks: size of the set of users (4 bytes), the set, the slices
 *		at the end, for each block: its first user, and the offset of its end
 *		(8 + 8 bytes)
 *
 * All blocks but the last have 65536 users, and sets are canonical, so equal
 * numsets are equal bytes.  numset_validate() checks every byte; all other
 * functions trust them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_NUMSET_H
#define JOURNEY_NUMSET_H

#include "numset/numset_block.h"
#include "numset/numset_build.h"
#include "numset/numset_format.h"

#ifndef JOURNEY_NO_SERVER
#include "numset/numset_value.h"
#endif

/* Queries; only users of the filter count, all if it is NULL. */
typedef struct NumsetTotals
{
	uint64		n;				/* users */
	uint64		bits[NUMSET_SLICES_MAX];	/* users who have this bit */
} NumsetTotals;

extern void numset_select(RoaringWriter *writer, Numset set, const Roaring *filter,
						  int64 low, int64 high, bool outside);
extern void numset_totals(Numset set, const Roaring *filter, NumsetTotals *totals);
extern bool numset_extremes(Numset set, const Roaring *filter, int64 *min, int64 *max);
extern bool numset_nth(Numset set, const Roaring *filter, uint64 n, int64 *value);
extern void numset_counts_below(Numset set, const Roaring *filter, const int64 *bounds,
								size_t nbounds, uint64 *counts, uint64 *total);
extern bool numset_value(Numset set, uint64 user, int64 *value);

extern const char *numset_validate(const uint8 *bytes, size_t size);

#endif							/* JOURNEY_NUMSET_H */
