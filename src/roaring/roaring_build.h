/*-------------------------------------------------------------------------
 *
 * roaring_build.h
 *		A set that grows, by members and by other sets.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ROARING_BUILD_H
#define JOURNEY_ROARING_BUILD_H

#include "roaring/roaring_format.h"

/*
 * A set that is built from members and sets in any order, with duplicates.
 * Members are gathered and become a set of their own when they are many; sets
 * wait on a stack, each at least twice as large as the next, so that nothing
 * is copied more often than the logarithm of the number of steps.
 */
typedef struct RoaringBuilder
{
	uint64	   *members;
	uint32		n;
	uint32		capacity;
	uint32		flush_at;		/* so many members become a set */
	uint16		nsets;
	uint8		operation;		/* ROARING_OR or ROARING_XOR */
	uint8		set_capacity_log2;
	Roaring    *sets;			/* each in memory of its own */
} RoaringBuilder;

extern void roaring_builder_init(RoaringBuilder *builder, RoaringOperation operation);
extern void roaring_builder_grow(RoaringBuilder *builder);
extern void roaring_builder_add_set(RoaringBuilder *builder, Roaring set);
extern void roaring_builder_add_all(RoaringBuilder *builder, const RoaringBuilder *other);
extern Roaring roaring_builder_result(RoaringBuilder *builder);
extern void roaring_builder_free(RoaringBuilder *builder);

/* Add one member; only to a builder of ROARING_OR. */
static inline void
roaring_builder_add(RoaringBuilder *builder, uint64 member)
{
	if (builder->n == builder->capacity)
		roaring_builder_grow(builder);
	builder->members[builder->n++] = member;
}

/*
 * Add one member if a condition holds; there is room for it.  No branch is
 * taken, for conditions that hold by chance.
 */
static inline void
roaring_builder_add_if(RoaringBuilder *builder, uint64 member, bool condition)
{
	builder->members[builder->n] = member;
	builder->n += condition;
}

#endif							/* JOURNEY_ROARING_BUILD_H */
