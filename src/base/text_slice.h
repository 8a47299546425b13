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

static inline bool
slice_equal(TextSlice a, TextSlice b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
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
