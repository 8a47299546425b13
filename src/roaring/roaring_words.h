/*-------------------------------------------------------------------------
 *
 * roaring_words.h
 *		Bitmaps of 65536 bits: combining and counting them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ROARING_WORDS_H
#define JOURNEY_ROARING_WORDS_H

#include "roaring/roaring_format.h"

/*
 * Members and runs of a bitmap.  From ROARING_RUNS_MANY on runs are not
 * counted exactly: so many take more bytes than a bitmap, or than an array of
 * the members that have them.
 */
typedef struct RoaringCount
{
	uint32		members;
	uint32		runs;
} RoaringCount;

#define ROARING_RUNS_MANY 2048

/* roaring_words_numbers() writes up to so many numbers too many. */
#define NUMBERS_AHEAD 3

/* `a` and `b` are bytes of a set, `result` and `words` are aligned numbers */
extern RoaringCount roaring_words_combine(RoaringOperation operation, const uint8 *a,
										  const uint8 *b, uint64 *result);
extern RoaringCount roaring_words_count(const uint64 *words);
extern uint32 roaring_words_and_count(const uint8 *a, const uint8 *b);
extern uint32 roaring_words_range_count(const uint8 *bytes, uint32 first, uint32 last);
extern uint32 roaring_words_numbers(const uint64 *words, uint16 *numbers);
extern void roaring_words_load(uint64 *words, const uint8 *bytes);
extern void roaring_words_set(uint64 *words, uint32 first, uint32 last);

/* For the bench and the tests: false turns off what needs a run-time check. */
extern void roaring_use_processor(bool use);

#endif							/* JOURNEY_ROARING_WORDS_H */
