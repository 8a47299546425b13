/*-------------------------------------------------------------------------
 *
 * roaring.h
 *		Sets of 64-bit integers in the Roaring 64-bit portable format.
 *
 * A set is a flat string of bytes, and every operation works on those bytes:
 * nothing is unpacked.  The format is that of
 * https://github.com/RoaringBitmap/RoaringFormatSpec, "extension for 64-bit
 * implementations": the number of buckets (8 bytes), then for each bucket the
 * upper 32 bits of its members and a 32-bit bitmap, all little-endian:
 *
 *		cookie, number of containers, which of them are runs
 *		(key, cardinality - 1) of each container, 2 + 2 bytes
 *		where each container begins, 4 bytes	(not of 1 to 3 with runs)
 *		the containers: an array of up to 4096 numbers of 16 bits, a bitmap
 *		of 65536 bits, or runs as (first, length - 1)
 *
 * Members are compared as unsigned numbers, a negative one as its two's
 * complement; what is called signed order puts those first, so that it is the
 * order of bigint.
 *
 * Sets written by these files are canonical: each container has the smallest
 * of its three forms (runs only if smaller), and no container is empty, so
 * equal sets have equal bytes.  Sets from outside may differ:
 * roaring_validate() checks every byte and roaring_canonical() rewrites them.
 * All other functions trust the bytes.
 *
 * The bytes of a large stored set need not all be in memory.  A RoaringSource
 * reads them in pieces, as a cursor reaches them.  All functions that only
 * walk over containers accept such a set.  Functions that keep pointers into
 * the bytes need all of them: roaring_validate(), functions that write and
 * build sets and take over bytes, and RoaringIndex.
 *
 * Memory comes from roaring_alloc(): in the server from the current memory
 * context.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ROARING_H
#define JOURNEY_ROARING_H

#include "roaring/roaring_build.h"
#include "roaring/roaring_combine.h"
#include "roaring/roaring_cursor.h"
#include "roaring/roaring_format.h"
#include "roaring/roaring_lookup.h"
#include "roaring/roaring_words.h"
#include "roaring/roaring_write.h"

#endif							/* JOURNEY_ROARING_H */
