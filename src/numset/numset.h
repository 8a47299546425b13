/*-------------------------------------------------------------------------
 *
 * numset.h
 *		Numbers of users: a bit-sliced index from user to bigint.
 *
 * Users stand in ascending order of their ids as unsigned numbers, 65536 to a
 * block.  A block holds them as a Roaring set, and of their values what they
 * have over the smallest value of the numset, the offset: slice i is the set
 * of those users in whose offset bit i is set.  A user is known in it by rank,
 * the place in the block from 0 on, and not by id, so that slices are dense
 * however far apart the ids lie.  All slices of a block are one Roaring set,
 * of (i << 16 | rank); what few users have takes an array, what neighbours
 * share takes runs.  A comparison is O'Neil and Quass's: from the highest
 * slice down, which users are still equal to the bound and which are below.
 *
 * The bytes, all numbers little-endian:
 *
 *		0	version, 1
 *		1	number of slices, up to the highest that is not empty
 *		2	0, 0
 *		4	number of blocks, 4 bytes
 *		8	the smallest value, 8 bytes; 0 if there are no users
 *		16	number of users, 8 bytes
 *		24	the blocks: size of the set of users (4 bytes), that set, the slices
 *		at the end, for each block: its first user, and where it ends (8 + 8 bytes)
 *
 * All blocks but the last have 65536 users, and sets are canonical, so equal
 * numsets are equal bytes.  numset_validate() checks every byte; all other
 * functions trust them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_NUMSET_H
#define JOURNEY_NUMSET_H

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

/* Questions; a filter is a set of users outside of which nobody counts, or NULL. */
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
extern bool numset_block_of(Numset set, uint64 user, uint32 *i);
extern bool numset_value(Numset set, uint64 user, int64 *value);

/* In parts: the directory entry of the block where a user may be, and the rest there. */
extern bool numset_find_block(const uint8 *directory, uint32 nblocks, uint64 user, uint32 *i);
extern size_t numset_block_at(const uint8 *directory, uint32 i);
extern size_t numset_block_end(const uint8 *directory, uint32 i);
extern bool numset_block_value(const uint8 *bytes, size_t size, int64 minimum, uint64 user,
							   int64 *value);

/*
 * Entries of one block after the other, in ascending order of unsigned ids or,
 * by the functions for that, of bigint.
 */
typedef struct NumsetReader
{
	NumsetScan	scan;
	const Roaring *filter;
	bool		negative;		/* in signed order: still those */
	uint32		i;				/* the next entry */
	uint32		n;
	NumsetEntry entries[NUMSET_BLOCK_USERS];
} NumsetReader;

extern void numset_reader_begin(NumsetReader *reader, Numset set, const Roaring *filter);
extern bool numset_reader_fill(NumsetReader *reader);

extern void numset_reader_begin_signed(NumsetReader *reader, Numset set, const Roaring *filter);
extern const NumsetEntry *numset_reader_next_signed(NumsetReader *reader);

/* The next entry, or NULL after the last. */
static inline const NumsetEntry *
numset_reader_peek(NumsetReader *reader)
{
	if (reader->i == reader->n && !numset_reader_fill(reader))
		return NULL;
	return &reader->entries[reader->i];
}

/* A numset being written; entries come in ascending order of unsigned ids. */
typedef struct NumsetWriter
{
	uint8	   *memory;
	size_t		room;			/* free bytes before the numset */
	size_t		size;			/* in use, room included */
	size_t		capacity;
	int64		minimum;
	uint64		users;
	uint32		width;
	uint32		nblocks;
	uint32		directory_capacity;
	uint8	   *directory;
	uint32		n;				/* entries of the block */
	uint64	   *ids;
	uint64	   *offsets;
	uint64	   *words;			/* of the slices */
} NumsetWriter;

extern void numset_writer_init(NumsetWriter *writer, size_t room, int64 minimum, uint64 most);
extern void numset_write_block(NumsetWriter *writer);
extern Numset numset_writer_finish(NumsetWriter *writer);

/* The value must not be below the minimum. */
static inline void
numset_write(NumsetWriter *writer, uint64 user, int64 value)
{
	writer->ids[writer->n] = user;
	writer->offsets[writer->n++] = (uint64) value - (uint64) writer->minimum;
	if (writer->n == NUMSET_BLOCK_USERS)
		numset_write_block(writer);
}

/* What two numsets become: a user of both is refused, or gets the sum. */
typedef enum NumsetCombination
{
	NUMSET_MERGE,
	NUMSET_ADD
} NumsetCombination;

/* Why they cannot be combined, and the user. */
typedef enum NumsetProblem
{
	NUMSET_FINE,
	NUMSET_SHARED,
	NUMSET_OVERFLOW
} NumsetProblem;

extern NumsetProblem numset_combine(NumsetWriter *writer, size_t room, NumsetCombination combination,
									Numset a, Numset b, int64 *user);

extern const char *numset_validate(const uint8 *bytes, size_t size);

/* For the tests: false turns off what needs a run-time check. */
extern void numset_use_processor(bool use);

/*
 * Entries in any order, whose values are summed up for each user.  A sum that
 * is no bigint stands as several entries until all are there, so that the
 * order does not matter.
 */
typedef struct NumsetGather
{
	NumsetEntry *entries;
	uint64		n;
	uint64		capacity;
	uint64		tidy_at;		/* so many entries are summed up */
	bool		tidy;			/* they are */
} NumsetGather;

extern void numset_gather_init(NumsetGather *gather);
extern void numset_gather_reserve(NumsetGather *gather, uint64 more);
extern void numset_gather_sort(NumsetGather *gather);
extern void numset_gather_tidy(NumsetGather *gather);
extern NumsetProblem numset_gather_write(NumsetGather *gather, NumsetWriter *writer, size_t room,
										 int64 *user);

static inline void
numset_gather_add(NumsetGather *gather, uint64 user, int64 value)
{
	if (gather->n == gather->capacity)
		numset_gather_reserve(gather, 1);
	gather->entries[gather->n].user = user;
	gather->entries[gather->n++].value = value;
	gather->tidy = false;
}

#endif							/* JOURNEY_NUMSET_H */
