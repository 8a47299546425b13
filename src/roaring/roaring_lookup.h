/*-------------------------------------------------------------------------
 *
 * roaring_lookup.h
 *		Members of a set: lookup, rank and iteration.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ROARING_LOOKUP_H
#define JOURNEY_ROARING_LOOKUP_H

#include "roaring/roaring_cursor.h"

extern bool roaring_container_contains(const RoaringContainer *container, uint16 low);
extern uint32 roaring_container_rank(const RoaringContainer *container, uint32 low);
extern bool roaring_contains(Roaring set, uint64 member);
extern uint64 roaring_rank(Roaring set, int64 member);
extern bool roaring_select(Roaring set, uint64 n, int64 *member);

/* Members one after the other, in signed order. */
typedef struct RoaringIterator
{
	RoaringCursor cursor;
	uint32		position;		/* array: index; runs: index of the run;
								 * bitmap: next bit */
	uint32		in_run;			/* runs: members of the run that are done */
	bool		more;
} RoaringIterator;

extern void roaring_iterate(RoaringIterator *iterator, Roaring set);
extern void roaring_iterate_from(RoaringIterator *iterator, Roaring set, int64 from);
extern size_t roaring_iterator_next(RoaringIterator *iterator, int64 *members, size_t n);
extern bool roaring_iterator_next_range(RoaringIterator *iterator, int64 *first, int64 *last);

/* For many look-ups in one set: where its containers are. */
typedef struct RoaringIndex
{
	Roaring		set;
	uint32		nslots;
	struct RoaringSlot *slots;	/* of containers; NULL: too many, or none */
	uint64	   *keys;			/* of slots found by a hash; NULL: found by
								 * the key itself */
	uint64		first_key;		/* in that case, of the first slot */
	RoaringContainer last;		/* without slots: the container found last */
	bool		any;			/* is there one? */
	uint64		nsamples;		/* of buckets, when there are too many
								 * containers */
	uint64		sample_every;
	uint32	   *sample_highs;
	size_t	   *sample_at;
} RoaringIndex;

extern void roaring_index_init(RoaringIndex *index, Roaring set);
extern bool roaring_index_contains(RoaringIndex *index, uint64 member);
extern void roaring_index_ahead(const RoaringIndex *index, uint64 member);
extern void roaring_index_free(RoaringIndex *index);

#endif							/* JOURNEY_ROARING_LOOKUP_H */
