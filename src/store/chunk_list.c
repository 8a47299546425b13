/*-------------------------------------------------------------------------
 *
 * chunk_list.c
 *		Records in chunks of growing size; none straddles two.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "store/chunk_list.h"
#include "utils/memutils.h"

/* Memory of `size` bytes becomes the newest chunk; its slab is set already. */
void
chunk_list_add(ChunkList *list, Chunk *chunk, size_t size)
{
	chunk->before = list->newest;
	chunk->size = size;
	chunk->used_end = NULL;
	if (list->newest != NULL)
		list->newest->used_end = list->next;
	list->newest = chunk;
	list->next = chunk_records(chunk);
	list->end = (char *) chunk + size;
}

/* Free chunks that lie by themselves. */
void
chunk_list_free(ChunkList *list)
{
	Chunk	   *chunk;

	while ((chunk = list->newest) != NULL)
	{
		Assert(chunk->slab == NULL);
		list->newest = chunk->before;
		pfree(chunk);
	}
	list->next = list->end = NULL;
}

/* How many bytes the records take. */
size_t
chunk_list_bytes(const ChunkList *list)
{
	Chunk	   *chunk;
	size_t		bytes = 0;

	for (chunk = list->newest; chunk != NULL; chunk = chunk->before)
		bytes += chunk_end(list, chunk) - chunk_records(chunk);
	return bytes;
}

/* How many chunks there are. */
int
chunk_list_length(const ChunkList *list)
{
	const Chunk *chunk;
	int			n = 0;

	for (chunk = list->newest; chunk != NULL; chunk = chunk->before)
		n++;
	return n;
}

/* The chunks in the order in which their records came; n says how many. */
Chunk	  **
chunk_list_oldest_first(const ChunkList *list, int *n)
{
	const int	length = chunk_list_length(list);
	Chunk	  **chunks = MemoryContextAllocHuge(CurrentMemoryContext,
												Max(length, 1) * sizeof(Chunk *));
	Chunk	   *chunk;
	int			i = length;

	for (chunk = list->newest; chunk != NULL; chunk = chunk->before)
		chunks[--i] = chunk;
	*n = length;
	return chunks;
}
