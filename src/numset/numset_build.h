/*-------------------------------------------------------------------------
 *
 * numset_build.h
 *		Numsets from entries and entries from numsets.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_NUMSET_BUILD_H
#define JOURNEY_NUMSET_BUILD_H

#include "numset/numset_block.h"

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

/*
 * Entries in any order, whose values are summed up for each user.  A sum that
 * overflows bigint is kept as several entries until the end, so that the
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

#endif							/* JOURNEY_NUMSET_BUILD_H */
