/*-------------------------------------------------------------------------
 *
 * slice_hash.h
 *		Hashing texts, and comparing them by their ends.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SLICE_HASH_H
#define JOURNEY_SLICE_HASH_H

#include "base/text_slice.h"

/*
 * The product of two numbers, its halves laid over each other.  0 counts as 1: it
 * must not make all other numbers alike.
 */
static inline uint64
fold_product(uint64 a, uint64 b)
{
	uint128		product = (uint128) (a | (a == 0)) * (b | (b == 0));

	return (uint64) product ^ (uint64) (product >> 64);
}

static inline uint64
load_8_bytes(const char *bytes)
{
	uint64		value;

	memcpy(&value, bytes, 8);
	return value;
}

static inline uint32
load_4_bytes(const char *bytes)
{
	uint32		value;

	memcpy(&value, bytes, 4);
	return value;
}

/*
 * The first and the last eight bytes, which may overlap; of a shorter text what
 * it has, so that texts of one length up to 16 are equal when these are.
 */
static inline void
slice_ends(const char *bytes, uint32 length, uint64 *first, uint64 *last)
{
	if (length >= 8)
	{
		*first = load_8_bytes(bytes);
		*last = load_8_bytes(bytes + length - 8);
	}
	else if (length >= 4)
	{
		*first = load_4_bytes(bytes);
		*last = load_4_bytes(bytes + length - 4);
	}
	else
	{
		*first = length == 0 ? 0 : (uint64) (unsigned char) bytes[0] << 16 |
			(uint64) (unsigned char) bytes[length / 2] << 8 | (unsigned char) bytes[length - 1];
		*last = 0;
	}
}

/*
 * slice_ends() of a short text in place: for less than eight bytes both ends
 * are the text itself.  The length is unpredictable, so there is no branch on
 * it: eight bytes are always read.  The first of them may lie before the
 * text, in the header of its row or of its chunk of memory.
 */
static inline void
stored_ends(const char *bytes, uint32 length, uint64 *first, uint64 *last)
{
#ifdef WORDS_BIGENDIAN
	slice_ends(bytes, length, first, last);
#else
	const uint32 missing = 8 - Min(length, 8);
	const uint64 tail = load_8_bytes(bytes + length - 8);

	/* all eight may be missing */
	*last = tail >> (4 * missing) >> (4 * missing);
	*first = load_8_bytes(bytes - missing) >> (4 * missing) >> (4 * missing);
#endif
}

/* A hash of all bytes of a text. */
static inline uint64
slice_hash(const uint64 *seeds, TextSlice text)
{
	const char *bytes = text.bytes;
	uint32		length = text.length;
	uint64		hash = seeds[0] ^ length;
	uint64		a;
	uint64		b;

	for (; unlikely(length > 16); length -= 16, bytes += 16)
		hash = fold_product(load_8_bytes(bytes) ^ seeds[1], load_8_bytes(bytes + 8) ^ hash);
	slice_ends(bytes, length, &a, &b);
	hash = fold_product(a ^ seeds[1], b ^ hash);
	return fold_product(hash ^ seeds[0], UINT64_C(0x9E6C63D0876A9A47));
}

#endif							/* JOURNEY_SLICE_HASH_H */
