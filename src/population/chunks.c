/*-------------------------------------------------------------------------
 *
 * chunks.c
 *		Memory for the records of a population.
 *
 * ChunkList of growing size, of each list the newest first; the largest in slabs of a
 * huge page.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/mman.h>
#include <unistd.h>

#include "population/layout.h"
#include "utils/memutils.h"

/*
 * Chunks of the largest size are in slabs, each a huge page, which the kernel
 * maps at once if it can.  Only a population of several slabs has such
 * chunks.
 */
#define SLAB_SIZE			(2 * 1024 * 1024)
#define SLAB_CHUNKS			(SLAB_SIZE / LARGEST_CHUNK)

struct PopulationSlab
{
	char	   *memory;			/* where its chunks begin */
	int			handed;			/* how many chunks have been taken from it */
	int			live;			/* how many of them are not freed */
};

/*
 * Have the kernel map memory that is filled next, at once instead of page by
 * page on first touch.
 */
void
population_map_memory(char *at, size_t size)
{
#ifdef MADV_POPULATE_WRITE
	const uintptr_t page = (uintptr_t) sysconf(_SC_PAGESIZE);
	const uintptr_t begin = ((uintptr_t) at + page - 1) & ~(page - 1);
	const uintptr_t end = ((uintptr_t) at + size) & ~(page - 1);

	/* where that cannot be, pages come as they are touched */
	if (begin < end)
		(void) madvise((void *) begin, end - begin, MADV_POPULATE_WRITE);
#endif
}

/* How many bytes the records of a part in memory take when they are not packed. */
size_t
population_part_bytes(const Population *population, const PopulationPart *part)
{
	return population_packs(population) ? part->n * population->layout.head :
		chunk_list_bytes(&part->records);
}

/* A chunk of the largest size. */
static Chunk *
population_new_large_chunk(Population *population)
{
	PopulationSlab *slab = population->slab;
	Chunk	   *chunk;

	if (slab == NULL)
	{
		/* room for a piece that begins where a huge page does */
		slab = MemoryContextAllocHuge(population->context,
									  sizeof(PopulationSlab) + 2 * SLAB_SIZE);
		slab->memory = (char *) TYPEALIGN(SLAB_SIZE, (char *) slab + sizeof(PopulationSlab));
		slab->handed = slab->live = 0;
		population->slab = slab;
#ifdef MADV_HUGEPAGE
		(void) madvise(slab->memory, SLAB_SIZE, MADV_HUGEPAGE);
#endif
	}
	chunk = (Chunk *) (slab->memory + (size_t) slab->handed * LARGEST_CHUNK);
	population_map_memory((char *) chunk, LARGEST_CHUNK);
	chunk->slab = slab;
	slab->live++;
	if (++slab->handed == SLAB_CHUNKS)
		population->slab = NULL;
	return chunk;
}

void
population_free_chunk(Population *population, Chunk *chunk)
{
	PopulationSlab *slab = chunk->slab;

	if (slab == NULL)
		pfree(chunk);
	else if (--slab->live == 0)
	{
		if (population->slab == slab)
			population->slab = NULL;
		pfree(slab);
	}
}

/* Free chunks, or keep those of the largest size for being filled again. */
void
population_drop_chunks(Population *population, ChunkList *chunks, bool keep)
{
	Chunk	   *chunk;

	while ((chunk = chunks->newest) != NULL)
	{
		chunks->newest = chunk->before;
		if (keep && chunk->size == LARGEST_CHUNK)
		{
			chunk->before = population->kept;
			population->kept = chunk;
		}
		else
			population_free_chunk(population, chunk);
	}
}

/* Add a chunk of `size` bytes, or more, to chunks of a part. */
void
population_add_chunk(Population *population, PopulationPart *part, ChunkList *chunks,
					 size_t size)
{
	Chunk	   *chunk;

	/* what is packed again and again had better be small, for the cache */
	if (population->kept != NULL && size <= LARGEST_CHUNK &&
		!(population_packs(population) && chunks == &part->records))
	{
		chunk = population->kept;
		population->kept = chunk->before;
		size = chunk->size;
	}
	else if (size == LARGEST_CHUNK && population->size >= 2 * SLAB_SIZE)
		chunk = population_new_large_chunk(population);
	else
	{
		chunk = MemoryContextAllocHuge(population->context, size);
		chunk->slab = NULL;
	}
	chunk_list_add(chunks, chunk, size);
	part->size += size;
	population->size += size;
	population->site->used += size;
}

/* How many chunks a part has. */
int
population_part_chunks(const PopulationPart *part)
{
	return chunk_list_length(&part->blocks) + chunk_list_length(&part->records);
}
