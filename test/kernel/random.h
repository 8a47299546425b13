/*-------------------------------------------------------------------------
 *
 * random.h
 *		Random numbers that are the same on every machine and in every run.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KERNEL_TEST_RANDOM_H
#define KERNEL_TEST_RANDOM_H

#include "base/base.h"

typedef struct Random
{
	uint64		state;
} Random;

/* The splitmix64 generator. */
static inline uint64
random_next(Random *random)
{
	uint64		x = random->state += UINT64_C(0x9E3779B97F4A7C15);

	x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
	return x ^ (x >> 31);
}

/* A number from 0 to n - 1. */
static inline uint64
random_below(Random *random, uint64 n)
{
	return random_next(random) % n;
}

#endif							/* KERNEL_TEST_RANDOM_H */
