/*-------------------------------------------------------------------------
 *
 * pieces.h
 *		A Roaring set that is read in pieces, each in memory of exactly its size
 *		and gone when the next is read, so that a sanitizer sees what is used of
 *		a piece too late or past its end.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KERNEL_TEST_PIECES_H
#define KERNEL_TEST_PIECES_H

#include <stdlib.h>

#include "random.h"
#include "roaring/roaring.h"

typedef struct Pieces
{
	RoaringSource source;
	Roaring		set;			/* all of it */
	Random		random;
	uint8	   *piece;
} Pieces;

static inline void
pieces_read(RoaringSource *source, size_t at, size_t size)
{
	Pieces	   *pieces = (Pieces *) source;
	size_t		before;
	size_t		after;

	if (at > pieces->set.size || size > pieces->set.size - at)
		abort();
	before = random_below(&pieces->random, 4) == 0 ? random_below(&pieces->random, at + 1) : 0;
	after = random_below(&pieces->random, 2) == 0 ? 0 :
		random_below(&pieces->random, pieces->set.size - at - size + 1);
	/* most sets are small, and are to be read in several pieces as well */
	if (random_below(&pieces->random, 3) != 0)
		after = after < 64 ? after : after % 64;
	free(pieces->piece);
	pieces->piece = malloc(before + size + after);
	memcpy(pieces->piece, pieces->set.bytes + at - before, before + size + after);
	source->window = pieces->piece;
	source->window_at = at - before;
	source->window_size = before + size + after;
}

/* The set, to be read in pieces until pieces_end(). */
static inline Roaring
pieces_begin(Pieces *pieces, Roaring set, uint64 seed)
{
	memset(pieces, 0, sizeof(Pieces));
	pieces->source.read = pieces_read;
	pieces->set = set;
	pieces->random.state = seed;
	set.bytes = NULL;
	set.source = &pieces->source;
	return set;
}

static inline void
pieces_end(Pieces *pieces)
{
	free(pieces->source.head);
	free(pieces->piece);
}

#endif							/* KERNEL_TEST_PIECES_H */
