/*-------------------------------------------------------------------------
 *
 * roaring_write.h
 *		Writing sets; validation of sets from outside.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ROARING_WRITE_H
#define JOURNEY_ROARING_WRITE_H

#include "roaring/roaring_format.h"

/*
 * A set being written, its containers in ascending order of keys.  The first
 * `room` bytes of the memory stay free for the caller; the set follows.
 */
typedef struct RoaringWriter
{
	uint8	   *memory;
	size_t		room;
	size_t		size;			/* in use, room included */
	size_t		capacity;
	uint64		nbuckets;
	uint64		cardinality;
	/* the bucket being written */
	size_t		bucket_at;		/* where it begins, after its upper 32 bits */
	size_t		payload_at;		/* where its containers begin; may move */
	uint64		high;
	uint32		n;				/* containers so far */
	uint32		nruns;			/* of them with runs */
	uint32		guess;			/* containers that the next bucket may have */
	bool		open;
	bool		guess_runs;		/* and whether it may have runs */
	uint32		described;		/* capacity of the next */
	struct RoaringDescription *descriptions;
} RoaringWriter;

extern void roaring_writer_init(RoaringWriter *writer, size_t room, size_t size_hint);
extern void roaring_writer_guess(RoaringWriter *writer, uint32 containers, bool runs);
extern void roaring_write_container(RoaringWriter *writer, const RoaringContainer *container);
extern void roaring_write_array(RoaringWriter *writer, uint64 key, const uint16 *numbers, uint32 n);
extern void roaring_write_bitmap(RoaringWriter *writer, uint64 key, const uint64 *words);
extern void roaring_write_combined(RoaringWriter *writer, uint64 key, RoaringOperation operation,
								   const uint8 *a, const uint8 *b);
extern void roaring_write_runs(RoaringWriter *writer, uint64 key, const uint16 *runs, uint32 nruns);
extern Roaring roaring_writer_finish(RoaringWriter *writer);

/* A range of members as unsigned numbers, both ends included. */
typedef struct RoaringRange
{
	uint64		first;
	uint64		last;
} RoaringRange;

extern void roaring_write_ranges(RoaringWriter *writer, RoaringRange *ranges, size_t n);
extern void roaring_write_members(RoaringWriter *writer, uint64 *members, size_t n);
extern uint64 roaring_ranges_least_size(const RoaringRange *ranges, size_t n);

/* What others wrote. */
extern const char *roaring_validate(const uint8 *bytes, size_t size, bool *canonical);
extern void roaring_canonical(RoaringWriter *writer, Roaring set);

#endif							/* JOURNEY_ROARING_WRITE_H */
