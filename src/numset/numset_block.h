/*-------------------------------------------------------------------------
 *
 * numset_block.h
 *		A block at a time: which ranks are chosen, how their values compare.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_NUMSET_BLOCK_H
#define JOURNEY_NUMSET_BLOCK_H

#include "numset/numset_format.h"

/* The blocks of a numset one after the other, and which ranks of each are chosen. */
typedef struct NumsetScan
{
	Numset		set;
	uint32		next;			/* block */
	bool		filtered;
	bool		more;			/* of the filter */
	RoaringCursor filter;
	NumsetBlock block;
	uint64		nchosen;
	uint64		chosen[NUMSET_WORDS];
} NumsetScan;

extern void numset_scan_begin(NumsetScan *scan, Numset set, const Roaring *filter);
extern bool numset_scan_next(NumsetScan *scan);

static inline bool
numset_block_has(const NumsetBlock *block, uint32 slice)
{
	return (block->present >> slice & 1) != 0;
}

static inline uint32
numset_count_words(const uint64 *words, uint32 nwords)
{
	return roaring_words_range_count((const uint8 *) words, 0, nwords * 64 - 1);
}

extern const uint8 *numset_slice_words(const NumsetBlock *block, uint32 slice, uint64 *words);
extern void numset_block_compare(const NumsetBlock *block, uint32 width, uint64 bound,
								 uint64 *below, uint64 *equal);
extern uint64 numset_block_extreme(const NumsetBlock *block, uint32 width, const uint64 *chosen,
								   bool greatest);

/*
 * A set of users that is written from ranks, block by block.  A container may
 * begin in one block and end in the next, so the last one is held back: as
 * numbers, when it is an array in the blocks, or else as a bitmap.
 */
typedef struct NumsetUsers
{
	RoaringWriter *writer;
	uint64		key;
	uint32		n;				/* numbers */
	bool		held;
	bool		bitmap;
	uint16		numbers[2 * ROARING_ARRAY_MAX];
	uint64		words[ROARING_BITMAP_WORDS];
} NumsetUsers;

extern void numset_users_add(NumsetUsers *users, const NumsetBlock *block, const uint64 *ranks);
extern void numset_users_flush(NumsetUsers *users);

/* In parts: the directory entry of the block where a user may be, and the rest there. */
extern bool numset_find_block(const uint8 *directory, uint32 nblocks, uint64 user, uint32 *i);
extern bool numset_block_value(const uint8 *bytes, size_t size, int64 minimum, uint64 user,
							   int64 *value);
extern bool numset_block_of(Numset set, uint64 user, uint32 *i);

/* For the tests: false turns off what needs a run-time check. */
extern void numset_use_processor(bool use);

#endif							/* JOURNEY_NUMSET_BLOCK_H */
