/*-------------------------------------------------------------------------
 *
 * numset_format.h
 *		The bytes of a numset: its head, its directory, the two sets of a block.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_NUMSET_FORMAT_H
#define JOURNEY_NUMSET_FORMAT_H

#include "roaring/roaring.h"

#define NUMSET_VERSION 1
#define NUMSET_HEAD_SIZE 24
#define NUMSET_ENTRY_SIZE 16	/* of the directory */
#define NUMSET_BLOCK_USERS 65536
#define NUMSET_WORDS ROARING_BITMAP_WORDS	/* a bit for each user of a block */
#define NUMSET_SLICES_MAX 64

typedef struct Numset
{
	const uint8 *bytes;
	size_t		size;
} Numset;

/* A user and a value. */
typedef struct NumsetEntry
{
	uint64		user;
	int64		value;
} NumsetEntry;

/* One block where it stands in the bytes. */
typedef struct NumsetBlock
{
	Roaring		users;
	uint32		n;				/* users */
	uint32		nwords;			/* that hold a bit for each */
	uint64		present;		/* slices that are not empty */
	RoaringContainer slices[NUMSET_SLICES_MAX]; /* where present */
} NumsetBlock;

static inline uint32
numset_width(Numset set)
{
	return set.bytes[1];
}

static inline uint32
numset_nblocks(Numset set)
{
	return roaring_get32(set.bytes + 4);
}

static inline int64
numset_minimum(Numset set)
{
	return (int64) roaring_get64(set.bytes + 8);
}

static inline uint64
numset_count(Numset set)
{
	return roaring_get64(set.bytes + 16);
}

static inline const uint8 *
numset_directory(Numset set)
{
	return set.bytes + set.size - (size_t) numset_nblocks(set) * NUMSET_ENTRY_SIZE;
}

static inline uint64
numset_first_user(const uint8 *directory, uint32 i)
{
	return roaring_get64(directory + (size_t) i * NUMSET_ENTRY_SIZE);
}

/* Where a block ends, as an offset from the beginning of the numset. */
static inline size_t
numset_block_end(const uint8 *directory, uint32 i)
{
	return (size_t) roaring_get64(directory + (size_t) i * NUMSET_ENTRY_SIZE + 8);
}

static inline size_t
numset_block_at(const uint8 *directory, uint32 i)
{
	return i == 0 ? NUMSET_HEAD_SIZE : numset_block_end(directory, i - 1);
}

/* The two sets of a block. */
static inline void
numset_block_sets(const uint8 *bytes, size_t size, Roaring *users, Roaring *slices)
{
	*users = roaring_of_bytes(bytes + 4, roaring_get32(bytes));
	*slices = roaring_of_bytes(users->bytes + users->size, size - 4 - users->size);
}

#endif							/* JOURNEY_NUMSET_FORMAT_H */
