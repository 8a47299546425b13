/*-------------------------------------------------------------------------
 *
 * partitions.h
 *		Parts and partitions: the users that are kept, spilled and grouped
 *		together, by their hashes.
 *
 * A part has the users whose hashes agree in the highest bits.  A part is
 * kept and spilled by itself, and one process of a parallel query finishes
 * it.  To group records, they are scattered by the next bits into partitions
 * that fit the cache.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_PARTITIONS_H
#define JOURNEY_PARTITIONS_H

#include "postgres.h"

#define USER_PART_BITS		6
#define USER_PARTS			(1 << USER_PART_BITS)

#define PARTITION_RECORDS	16384	/* records and tables fit a 2 MB cache */
#define MAX_PARTITIONS		1024

/* Where the records of each partition go. */
typedef struct Partitions
{
	int			n;
	char	  **begin;
	char	  **next;			/* where the next record goes */
	char	  **end;			/* where there is no more room */
	uint64	   *counts;			/* records */
} Partitions;

extern int	partition_bits(uint64 records);
extern void partitions_init(Partitions *partitions, int bits);
extern char *partitions_lay_out(Partitions *partitions, const uint64 *lengths, char *area);
extern void partitions_free(Partitions *partitions);

/* The part of a hash; at a level below, the part within the part above. */
static inline int
user_part(uint64 hash, int level)
{
	return (int) (hash >> (64 - USER_PART_BITS * (level + 1)) & (USER_PARTS - 1));
}

/* The partition of a hash, by the bits below those of so many levels of parts. */
static inline uint32
partition_of(uint64 hash, int level, int bits)
{
	return bits == 0 ? 0 : (uint32) (hash << (USER_PART_BITS * level) >> (64 - bits));
}

#endif							/* JOURNEY_PARTITIONS_H */
