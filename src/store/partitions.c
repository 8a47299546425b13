/*-------------------------------------------------------------------------
 *
 * partitions.c
 *		Parts and partitions: the users that are kept, spilled and grouped
 *		together, by their hashes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "store/partitions.h"

/* Of how many bits of the hash should there be partitions for so many records? */
int
partition_bits(uint64 records)
{
	int			bits = 0;

	while (records >> bits > PARTITION_RECORDS && 1 << bits < MAX_PARTITIONS)
		bits++;
	return bits;
}

/* 2^bits partitions, which are yet to be laid out. */
void
partitions_init(Partitions *partitions, int bits)
{
	partitions->n = 1 << bits;
	partitions->begin = palloc(3 * partitions->n * sizeof(char *));
	partitions->next = partitions->begin + partitions->n;
	partitions->end = partitions->next + partitions->n;
	partitions->counts = palloc0(partitions->n * sizeof(uint64));
}

/*
 * Let empty partitions of so many bytes each lie one after the other; returns where
 * the last one ends.
 */
char *
partitions_lay_out(Partitions *partitions, const uint64 *lengths, char *area)
{
	int			i;

	for (i = 0; i < partitions->n; i++)
	{
		partitions->begin[i] = partitions->next[i] = area;
		area += lengths[i];
		partitions->end[i] = area;
	}
	return area;
}

void
partitions_free(Partitions *partitions)
{
	pfree(partitions->counts);
	pfree(partitions->begin);
}
