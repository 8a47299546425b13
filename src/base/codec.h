/*-------------------------------------------------------------------------
 *
 * codec.h
 *		Reading and writing bytes: the encoding of every aggregate state that
 *		travels between processes.
 *
 * Numbers are variable-length, seven bits a byte, lowest first, so they mean
 * the same on every machine.  A reader never runs past its end and never
 * trusts what it reads: after the first bad byte everything reads as zero and
 * `failed` stays set.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_CODEC_H
#define JOURNEY_CODEC_H

#include "base/kernel.h"

typedef struct ByteReader
{
	const unsigned char *at;
	const unsigned char *end;
	bool		failed;
} ByteReader;

/* The caller has made the buffer large enough: see encoded_size(). */
typedef struct ByteWriter
{
	unsigned char *at;
} ByteWriter;

/* How many bytes a number takes. */
static inline size_t
number_size(uint64 value)
{
	size_t		size = 1;

	while (value >= 0x80)
	{
		value >>= 7;
		size++;
	}
	return size;
}

static inline void
write_number(ByteWriter *out, uint64 value)
{
	while (value >= 0x80)
	{
		*out->at++ = (unsigned char) (value | 0x80);
		value >>= 7;
	}
	*out->at++ = (unsigned char) value;
}

static inline void
write_bytes(ByteWriter *out, const void *bytes, size_t n)
{
	if (n > 0)
		memcpy(out->at, bytes, n);
	out->at += n;
}

static inline uint64
read_number(ByteReader *in)
{
	uint64		value = 0;
	int			shift;

	for (shift = 0; shift < 64; shift += 7)
	{
		unsigned char byte;

		if (in->failed || in->at >= in->end)
			break;
		byte = *in->at++;
		if (shift == 63 && byte > 1)
			break;				/* more than 64 bits */
		value |= (uint64) (byte & 0x7f) << shift;
		if (byte < 0x80)
			return value;
	}
	in->failed = true;
	return 0;
}

/* A pointer to the next n bytes, or NULL when there are not so many. */
static inline const unsigned char *
read_bytes(ByteReader *in, uint64 n)
{
	const unsigned char *bytes = in->at;

	if (in->failed || n > (uint64) (in->end - in->at))
	{
		in->failed = true;
		return NULL;
	}
	in->at += n;
	return bytes;
}

/* How many bytes are left to read. */
static inline size_t
bytes_left(const ByteReader *in)
{
	return in->failed ? 0 : (size_t) (in->end - in->at);
}

/* Signed differences as small unsigned numbers: 0, -1, 1, -2, 2 … */
static inline uint64
fold_sign(int64 value)
{
	return ((uint64) value << 1) ^ (value < 0 ? ~UINT64_C(0) : 0);
}

static inline int64
unfold_sign(uint64 value)
{
	return (int64) ((value >> 1) ^ (~(value & 1) + 1));
}

#endif							/* JOURNEY_CODEC_H */
