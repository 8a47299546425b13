/*-------------------------------------------------------------------------
 *
 * stepset_bits.h
 *		The bits of a stepset: which of N conditions an event meets.
 *
 * Condition 1 is the highest bit, condition 2 the next, and the lowest six bits
 * hold N.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_STEPSET_BITS_H
#define JOURNEY_STEPSET_BITS_H

#include "base/base.h"

/* The most conditions that one stepset holds. */
#define STEPSET_MAX 58

/* N, the number of conditions of a stepset. */
static inline int
stepset_size(uint64 step)
{
	return (int) (step & 63);
}

/* The bits of the conditions met, without N. */
static inline uint64
stepset_conditions(uint64 step)
{
	return step & ~UINT64_C(63);
}

/* The bit of condition i, counted from 0. */
static inline uint64
stepset_bit(int i)
{
	return (UINT64_C(1) << 63) >> i;
}

/* The number, from 0, of the lowest condition in a non-empty set of bits. */
static inline int
stepset_lowest(uint64 conditions)
{
	return __builtin_clzll(conditions);
}

/* Could this be a stepset: N in range, and nothing set beyond condition N? */
static inline bool
stepset_is_valid(uint64 step)
{
	int			size = stepset_size(step);

	return size >= 1 && size <= STEPSET_MAX &&
		(stepset_conditions(step) << size) == 0;
}

#endif							/* JOURNEY_STEPSET_BITS_H */
