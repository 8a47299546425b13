/*-------------------------------------------------------------------------
 *
 * roaring_cursor.h
 *		Walking over the containers of a set.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ROARING_CURSOR_H
#define JOURNEY_ROARING_CURSOR_H

#include "roaring/roaring_format.h"

/*
 * Walks over the containers in ascending order of keys. `current` is valid as
 * long as roaring_next() and the functions below return true.
 */
typedef struct RoaringCursor
{
	RoaringContainer current;
	const uint8 *bytes;			/* of the set; NULL: they come from the source */
	RoaringSource *source;
	size_t		bucket_at;		/* the 32-bit bitmap */
	const uint8 *run_flags;		/* NULL: no runs here */
	const uint8 *keys;
	const uint8 *offsets;		/* NULL: too few containers */
	size_t		next_at;		/* the container after the current one */
	uint64		high;			/* the upper 32 bits */
	uint64		buckets_left;	/* after this one */
	uint32		n;				/* containers of this bucket */
	uint32		i;				/* the current one */
	bool		signed_order;
	bool		wrapped;		/* in signed order: the negative ones are done */
} RoaringCursor;

extern bool roaring_begin(RoaringCursor *cursor, Roaring set);
extern bool roaring_begin_signed(RoaringCursor *cursor, Roaring set);
extern bool roaring_begin_at(RoaringCursor *cursor, Roaring set, size_t at,
							 uint64 buckets_before);
extern bool roaring_next(RoaringCursor *cursor);
extern bool roaring_next_bucket(RoaringCursor *cursor);
extern bool roaring_seek(RoaringCursor *cursor, uint64 key);
extern bool roaring_find(RoaringCursor *cursor, Roaring set, uint64 key);

/* These bytes of the set, which are there. */
static inline const uint8 *
roaring_cursor_bytes(const RoaringCursor *cursor, size_t at, size_t size)
{
	RoaringSource *source = cursor->source;

	if (source == NULL)
		return cursor->bytes + at;
	if (at < source->window_at || at + size > source->window_at + source->window_size)
		source->read(source, at, size);
	return source->window + (at - source->window_at);
}

/* Make the container `i` of the bucket, which begins here, the current one, yet without its data. */
static inline void
roaring_cursor_place(RoaringCursor *cursor, uint32 i, size_t at)
{
	RoaringContainer *current = &cursor->current;

	cursor->i = i;
	current->key = cursor->high << 16 | roaring_get16(cursor->keys + (size_t) i * 4);
	current->cardinality = roaring_get16(cursor->keys + (size_t) i * 4 + 2) + 1;
	if (cursor->run_flags != NULL && (cursor->run_flags[i / 8] >> (i % 8) & 1) != 0)
	{
		current->kind = ROARING_RUNS;
		current->nruns = roaring_get16(roaring_cursor_bytes(cursor, at, 2));
		cursor->next_at = at + roaring_runs_size(current->nruns);
	}
	else
	{
		current->kind = current->cardinality <= ROARING_ARRAY_MAX ? ROARING_ARRAY : ROARING_BITMAP;
		current->nruns = 0;
		cursor->next_at = at + roaring_plain_size(current->cardinality);
	}
}

/* Get the data of the current container. */
static inline bool
roaring_cursor_fetch(RoaringCursor *cursor)
{
	RoaringContainer *current = &cursor->current;
	uint32		size = roaring_container_size(current);

	current->data = roaring_cursor_bytes(cursor, cursor->next_at - size, size) +
		(current->kind == ROARING_RUNS ? 2 : 0);
	return true;
}

#endif							/* JOURNEY_ROARING_CURSOR_H */
