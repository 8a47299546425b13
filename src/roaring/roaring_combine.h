/*-------------------------------------------------------------------------
 *
 * roaring_combine.h
 *		Two sets, or two containers, at once.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ROARING_COMBINE_H
#define JOURNEY_ROARING_COMBINE_H

#include "roaring/roaring_write.h"

extern const uint8 *roaring_container_words(const RoaringContainer *container, uint64 *words);
extern void roaring_combine(RoaringWriter *writer, RoaringOperation operation,
							Roaring a, Roaring b);
extern uint64 roaring_and_cardinality(Roaring a, Roaring b);
extern bool roaring_intersects(Roaring a, Roaring b);
extern bool roaring_is_subset(Roaring a, Roaring b);
extern uint64 roaring_cardinality(Roaring set);
extern void roaring_in_range(RoaringWriter *writer, Roaring set, int64 from, int64 to);

#endif							/* JOURNEY_ROARING_COMBINE_H */
