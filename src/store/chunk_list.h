/*-------------------------------------------------------------------------
 *
 * chunk_list.h
 *		Records in chunks of growing size; none straddles two.
 *
 * A chunk is a header and then the records.  Each chunk links to the one
 * before it, and the list knows where in the newest chunk the next record
 * goes.  The caller allocates chunks and counts their memory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_CHUNK_LIST_H
#define JOURNEY_CHUNK_LIST_H

#include "postgres.h"

typedef struct Chunk
{
	struct Chunk *before;
	void	   *slab;			/* what it is a piece of; NULL: it lies by
								 * itself */
	size_t		size;			/* bytes in all, header included */
	char	   *used_end;		/* end of the records; of the newest: see next */
} Chunk;

typedef struct ChunkList
{
	Chunk	   *newest;			/* it leads to the others */
	char	   *next;			/* where in it the next record goes */
	char	   *end;			/* its end */
} ChunkList;

extern void chunk_list_add(ChunkList *list, Chunk *chunk, size_t size);
extern void chunk_list_free(ChunkList *list);
extern size_t chunk_list_bytes(const ChunkList *list);
extern int	chunk_list_length(const ChunkList *list);
extern Chunk **chunk_list_oldest_first(const ChunkList *list, int *n);

static inline char *
chunk_records(Chunk *chunk)
{
	return (char *) chunk + sizeof(Chunk);
}

/* Where the records of one chunk end. */
static inline const char *
chunk_end(const ChunkList *list, const Chunk *chunk)
{
	return chunk == list->newest ? list->next : chunk->used_end;
}

/* How many bytes there are for further records. */
static inline size_t
chunk_list_room(const ChunkList *list)
{
	return list->end - list->next;
}

#endif							/* JOURNEY_CHUNK_LIST_H */
