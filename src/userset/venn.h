/*-------------------------------------------------------------------------
 *
 * venn.h
 *		Several sets at once: the regions of a Venn diagram; and samples.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_VENN_H
#define JOURNEY_VENN_H

#include "roaring/roaring.h"

#define VENN_SETS_MAX 8

/*
 * Count the users of each region: regions[m] are those who are in set i if and
 * only if bit i of m is set.  There are 2^n regions, and regions[0] stays 0.
 */
extern void venn_count(const Roaring *sets, int n, uint64 *regions);

/* Write n members of a set, or all if it has not so many. */
extern void venn_sample(RoaringWriter *writer, Roaring set, uint64 cardinality, uint64 n,
						uint64 seed);

#endif							/* JOURNEY_VENN_H */
