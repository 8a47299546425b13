/*-------------------------------------------------------------------------
 *
 * roaring_format.h
 *		The byte format of a set: numbers, containers and their sizes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ROARING_FORMAT_H
#define JOURNEY_ROARING_FORMAT_H

#include "base/base.h"

#ifdef JOURNEY_NO_SERVER
#include <stdlib.h>
typedef uint16_t uint16;
static inline void *
roaring_realloc(void *memory, size_t size)
{
	memory = realloc(memory, size);
	if (memory == NULL)
		abort();
	return memory;
}
#define roaring_alloc(size) roaring_realloc(NULL, size)
#define roaring_free(memory) free(memory)
#else
#include "utils/memutils.h"
#define roaring_alloc(size) MemoryContextAllocHuge(CurrentMemoryContext, size)
#define roaring_realloc(memory, size) repalloc_huge(memory, size)
#define roaring_free(memory) pfree(memory)
#endif

/*
 * A set that is read in pieces, by one cursor at a time.  The result of
 * read() is valid until the next call.  The head of a bucket is needed
 * longer, so it is copied.
 */
typedef struct RoaringSource
{
	/*
	 * make the window hold these bytes of the set, or throw: there are not as
	 * many
	 */
	void		(*read) (struct RoaringSource *source, size_t at, size_t size);
	const uint8 *window;		/* bytes from window_at on */
	size_t		window_at;
	size_t		window_size;
	uint8	   *head;			/* of the bucket that is being read */
	size_t		head_capacity;
} RoaringSource;

/* A set: its bytes, anywhere, aligned or not; or where they are read from. */
typedef struct Roaring
{
	const uint8 *bytes;			/* NULL: there is a source */
	size_t		size;
	RoaringSource *source;		/* NULL: there are bytes */
} Roaring;

/* The set of bytes in memory. */
static inline Roaring
roaring_of_bytes(const uint8 *bytes, size_t size)
{
	const Roaring set = {bytes, size, NULL};

	return set;
}

#define ROARING_EMPTY_SIZE 8	/* of the empty set */
#define ROARING_BITMAP_WORDS 1024	/* 64-bit words of a bitmap container */
#define ROARING_ARRAY_MAX 4096	/* members of an array container */

typedef enum RoaringKind
{
	ROARING_ARRAY,
	ROARING_BITMAP,
	ROARING_RUNS
} RoaringKind;

typedef enum RoaringOperation
{
	ROARING_AND,
	ROARING_OR,
	ROARING_XOR,
	ROARING_ANDNOT
} RoaringOperation;

/* One container where it stands in the bytes of a set. */
typedef struct RoaringContainer
{
	uint64		key;			/* the upper 48 bits of its members */
	const uint8 *data;			/* numbers, words or runs; not the number of
								 * runs */
	uint32		cardinality;	/* 1 to 65536 */
	uint32		nruns;			/* of ROARING_RUNS */
	RoaringKind kind;
} RoaringContainer;

/* Numbers as they stand in the bytes: little-endian, anywhere. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define roaring_swap16(x) __builtin_bswap16(x)
#define roaring_swap32(x) __builtin_bswap32(x)
#define roaring_swap64(x) __builtin_bswap64(x)
#else
#define roaring_swap16(x) (x)
#define roaring_swap32(x) (x)
#define roaring_swap64(x) (x)
#endif

static inline uint16
roaring_get16(const uint8 *at)
{
	uint16		x;

	memcpy(&x, at, 2);
	return roaring_swap16(x);
}

static inline uint32
roaring_get32(const uint8 *at)
{
	uint32		x;

	memcpy(&x, at, 4);
	return roaring_swap32(x);
}

static inline uint64
roaring_get64(const uint8 *at)
{
	uint64		x;

	memcpy(&x, at, 8);
	return roaring_swap64(x);
}

static inline void
roaring_put16(uint8 *at, uint16 x)
{
	x = roaring_swap16(x);
	memcpy(at, &x, 2);
}

static inline void
roaring_put32(uint8 *at, uint32 x)
{
	x = roaring_swap32(x);
	memcpy(at, &x, 4);
}

static inline void
roaring_put64(uint8 *at, uint64 x)
{
	x = roaring_swap64(x);
	memcpy(at, &x, 8);
}

/* The i-th number of an array container, or half of a run. */
static inline uint32
roaring_number(const uint8 *data, uint32 i)
{
	return roaring_get16(data + (size_t) i * 2);
}

#define ROARING_COOKIE_PLAIN 12346	/* no container is runs */
#define ROARING_COOKIE_RUNS 12347	/* some are; the upper 16 bits: containers
									 * - 1 */
#define ROARING_OFFSETS_FROM 4	/* with runs, so many containers have offsets */

#define ROARING_SIGN_KEY UINT64_C(0x800000000000)	/* the sign of a member,
													 * in a key */

/* What a container takes, when it is not runs. */
static inline uint32
roaring_plain_size(uint32 cardinality)
{
	return cardinality <= ROARING_ARRAY_MAX ? cardinality * 2 : ROARING_BITMAP_WORDS * 8;
}

static inline uint32
roaring_runs_size(uint32 nruns)
{
	return 2 + nruns * 4;
}

/* What comes before the containers of a bucket, after its upper 32 bits. */
static inline size_t
roaring_head_size(uint32 n, bool runs)
{
	size_t		size = 4 + (size_t) n * 4 + (runs ? (n + 7) / 8 : 4);

	return runs && n < ROARING_OFFSETS_FROM ? size : size + (size_t) n * 4;
}

/* Where the bytes of a container begin, the number of its runs included. */
static inline const uint8 *
roaring_container_begin(const RoaringContainer *container)
{
	return container->data - (container->kind == ROARING_RUNS ? 2 : 0);
}

static inline uint32
roaring_container_size(const RoaringContainer *container)
{
	return container->kind == ROARING_RUNS ? roaring_runs_size(container->nruns) :
		roaring_plain_size(container->cardinality);
}

#endif							/* JOURNEY_ROARING_FORMAT_H */
