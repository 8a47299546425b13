/*-------------------------------------------------------------------------
 *
 * text_slice.h
 *		A reference to a text in place, and the byte order of texts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_TEXT_SLICE_H
#define JOURNEY_TEXT_SLICE_H

#include "base/kernel.h"

/* A text where it lies, without its header. */
typedef struct TextSlice
{
	const char *bytes;			/* NULL: no text */
	uint32		length;
} TextSlice;

/* Are n bytes the same?  For few of them. */
static inline bool
short_bytes_equal(const char *a, const char *b, uint32 n)
{
	uint64		x;
	uint64		y;
	uint32		i;

	if (n < 8)
		return n == 0 || memcmp(a, b, n) == 0;
	for (i = 0; i + 8 < n; i += 8)
	{
		memcpy(&x, a + i, 8);
		memcpy(&y, b + i, 8);
		if (x != y)
			return false;
	}
	memcpy(&x, a + n - 8, 8);
	memcpy(&y, b + n - 8, 8);
	return x == y;
}

/* Copy n bytes to where there are none of them.  For few of them. */
static inline void
short_bytes_copy(char *to, const char *from, uint32 n)
{
	uint64		x;
	uint32		i;

	if (n < 8 || n > 64)
	{
		if (n > 0)
			memcpy(to, from, n);
		return;
	}
	for (i = 0; i + 8 < n; i += 8)
	{
		memcpy(&x, from + i, 8);
		memcpy(to + i, &x, 8);
	}
	memcpy(&x, from + n - 8, 8);
	memcpy(to + n - 8, &x, 8);
}

static inline bool
slice_equal(TextSlice a, TextSlice b)
{
	return a.length == b.length && short_bytes_equal(a.bytes, b.bytes, a.length);
}

/* The byte order of texts: below 0, 0 or above. */
static inline int
slice_order(TextSlice a, TextSlice b)
{
	uint32		length = Min(a.length, b.length);
	int			order = length == 0 ? 0 : memcmp(a.bytes, b.bytes, length);

	return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

#endif							/* JOURNEY_TEXT_SLICE_H */
