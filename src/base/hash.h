/*-------------------------------------------------------------------------
 *
 * hash.h
 *		Spreading a 64-bit key over the range of 64-bit numbers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_HASH_H
#define JOURNEY_HASH_H

#include "base/kernel.h"

/*
 * A bijection whose every output bit depends on every input bit: customer ids
 * that differ in any digit fall anywhere.
 */
static inline uint64
spread(uint64 key)
{
	key ^= key >> 32;
	key *= UINT64_C(0xD6E8FEB86659FD93);
	key ^= key >> 32;
	key *= UINT64_C(0xD6E8FEB86659FD93);
	key ^= key >> 32;
	return key;
}

/* The key that was spread. */
static inline uint64
unspread(uint64 hash)
{
	hash ^= hash >> 32;
	hash *= UINT64_C(0xCFEE444D8B59A89B);	/* the factor's inverse */
	hash ^= hash >> 32;
	hash *= UINT64_C(0xCFEE444D8B59A89B);
	hash ^= hash >> 32;
	return hash;
}

/*
 * The first slot of a hash among 2^slots_log2 slots.  The factor is odd and
 * unpredictable, so that nobody can choose keys that collide.
 */
static inline uint64
hash_slot(uint64 hash, uint64 factor, int slots_log2)
{
	return hash * factor >> (64 - slots_log2);
}

#endif							/* JOURNEY_HASH_H */
