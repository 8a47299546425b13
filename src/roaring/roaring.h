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
 * What this file writes is canonical: each container has the smallest of its
 * three forms (runs only if smaller), none is empty, and so equal sets are equal bytes.  What
 * others wrote may be otherwise; roaring_validate() checks every byte of it
 * and roaring_canonical() rewrites it.  All other functions trust the bytes.
 *
 * The bytes of a large stored set need not all be in memory.  A RoaringSource
 * reads them in pieces, as a cursor comes to them, and a set of which only that
 * is known can be given to all functions that just walk over containers.  Those
 * that keep places in the bytes need them: roaring_validate(), the writing and
 * building of sets that take bytes over, and RoaringIndex.
 *
 * Memory comes from roaring_alloc(): in the server from the current memory
 * context.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ROARING_H
#define JOURNEY_ROARING_H

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
 * A set that is read in pieces, by one cursor at a time.  What read() gives is
 * of use until the next time; the head of a bucket is needed longer and copied.
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

/*
 * Walks over the containers in ascending order of keys.  `current` is valid
 * as long as roaring_next() and the like return true.
 */
typedef struct RoaringCursor
{
	RoaringContainer current;
	const uint8 *bytes;			/* of the set; NULL: they come from the source */
	RoaringSource *source;
	size_t		bucket_at;		/* the 32-bit bitmap */
	const uint8 *run_flags;		/* NULL: no runs here */
	const uint8 *keys;
	const uint8 *offsets;		/* NULL: too few containers */
	size_t		next_at;		/* the container after the current one */
	uint64		high;			/* the upper 32 bits */
	uint64		buckets_left;	/* after this one */
	uint32		n;				/* containers of this bucket */
	uint32		i;				/* the current one */
	bool		signed_order;
	bool		wrapped;		/* in signed order: the negative ones are done */
} RoaringCursor;

extern bool roaring_begin(RoaringCursor *cursor, Roaring set);
extern bool roaring_begin_signed(RoaringCursor *cursor, Roaring set);
extern bool roaring_begin_at(RoaringCursor *cursor, Roaring set, size_t at,
							 uint64 buckets_before);
extern bool roaring_next(RoaringCursor *cursor);
extern bool roaring_next_bucket(RoaringCursor *cursor);
extern bool roaring_seek(RoaringCursor *cursor, uint64 key);
extern bool roaring_find(RoaringCursor *cursor, Roaring set, uint64 key);

/* Members one after the other, in signed order. */
typedef struct RoaringIterator
{
	RoaringCursor cursor;
	uint32		position;		/* array: index; runs: index of the run;
								 * bitmap: next bit */
	uint32		in_run;			/* runs: members of the run that are done */
	bool		more;
} RoaringIterator;

extern void roaring_iterate(RoaringIterator *iterator, Roaring set);
extern void roaring_iterate_from(RoaringIterator *iterator, Roaring set, int64 from);
extern size_t roaring_iterator_next(RoaringIterator *iterator, int64 *members, size_t n);
extern bool roaring_iterator_next_range(RoaringIterator *iterator, int64 *first, int64 *last);

/*
 * A set being written, its containers in ascending order of keys.  The first
 * `room` bytes of the memory stay free for the caller; the set follows.
 */
typedef struct RoaringWriter
{
	uint8	   *memory;
	size_t		room;
	size_t		size;			/* in use, room included */
	size_t		capacity;
	uint64		nbuckets;
	uint64		cardinality;
	/* the bucket being written */
	size_t		bucket_at;		/* where it begins, after its upper 32 bits */
	size_t		payload_at;		/* where its containers begin for now */
	uint64		high;
	uint32		n;				/* containers so far */
	uint32		nruns;			/* of them with runs */
	uint32		guess;			/* containers that the next bucket may have */
	bool		open;
	bool		guess_runs;		/* and whether it may have runs */
	uint32		described;		/* capacity of the next */
	struct RoaringDescription *descriptions;
} RoaringWriter;

extern void roaring_writer_init(RoaringWriter *writer, size_t room, size_t size_hint);
extern void roaring_writer_guess(RoaringWriter *writer, uint32 containers, bool runs);
extern void roaring_write_container(RoaringWriter *writer, const RoaringContainer *container);
extern void roaring_write_array(RoaringWriter *writer, uint64 key, const uint16 *numbers, uint32 n);
extern void roaring_write_bitmap(RoaringWriter *writer, uint64 key, const uint64 *words);
extern void roaring_write_combined(RoaringWriter *writer, uint64 key, RoaringOperation operation,
								   const uint8 *a, const uint8 *b);
extern void roaring_write_runs(RoaringWriter *writer, uint64 key, const uint16 *runs, uint32 nruns);
extern Roaring roaring_writer_finish(RoaringWriter *writer);

/* A range of members as unsigned numbers, both ends included. */
typedef struct RoaringRange
{
	uint64		first;
	uint64		last;
} RoaringRange;

extern void roaring_write_ranges(RoaringWriter *writer, RoaringRange *ranges, size_t n);
extern void roaring_write_members(RoaringWriter *writer, uint64 *members, size_t n);
extern uint64 roaring_ranges_least_size(const RoaringRange *ranges, size_t n);

/* What others wrote. */
extern const char *roaring_validate(const uint8 *bytes, size_t size, bool *canonical);
extern void roaring_canonical(RoaringWriter *writer, Roaring set);

extern void roaring_combine(RoaringWriter *writer, RoaringOperation operation,
							Roaring a, Roaring b);
extern uint64 roaring_and_cardinality(Roaring a, Roaring b);
extern bool roaring_intersects(Roaring a, Roaring b);
extern bool roaring_is_subset(Roaring a, Roaring b);
extern uint64 roaring_cardinality(Roaring set);
extern void roaring_in_range(RoaringWriter *writer, Roaring set, int64 from, int64 to);

extern bool roaring_container_contains(const RoaringContainer *container, uint16 low);
extern uint32 roaring_container_rank(const RoaringContainer *container, uint32 low);
extern uint32 roaring_container_and_cardinality(const RoaringContainer *a, const RoaringContainer *b);
extern bool roaring_contains(Roaring set, uint64 member);
extern uint64 roaring_rank(Roaring set, int64 member);
extern bool roaring_select(Roaring set, uint64 n, int64 *member);

/* For many look-ups in one set: where its containers are. */
typedef struct RoaringIndex
{
	Roaring		set;
	uint32		nslots;
	struct RoaringSlot *slots;	/* of containers; NULL: too many, or none */
	uint64	   *keys;			/* of slots found by a hash; NULL: found by
								 * the key itself */
	uint64		first_key;		/* in that case, of the first slot */
	RoaringContainer last;		/* without slots: the container found last */
	bool		any;			/* is there one? */
	uint64		nsamples;		/* of buckets, when there are too many
								 * containers */
	uint64		sample_every;
	uint32	   *sample_highs;
	size_t	   *sample_at;
} RoaringIndex;

extern void roaring_index_init(RoaringIndex *index, Roaring set);
extern bool roaring_index_contains(RoaringIndex *index, uint64 member);
extern void roaring_index_ahead(const RoaringIndex *index, uint64 member);
extern void roaring_index_free(RoaringIndex *index);

/*
 * A set that is built from members and sets in any order, with duplicates.
 * Members are gathered and become a set of their own when they are many; sets
 * wait on a stack, each at least twice as large as the next, so that nothing
 * is copied more often than the logarithm of the number of steps.
 */
typedef struct RoaringBuilder
{
	uint64	   *members;
	uint32		n;
	uint32		capacity;
	uint32		flush_at;		/* so many members become a set */
	uint16		nsets;
	uint8		operation;		/* ROARING_OR or ROARING_XOR */
	uint8		set_capacity_log2;
	Roaring    *sets;			/* each in memory of its own */
} RoaringBuilder;

#define ROARING_FIRST_MEMBERS 8

extern void roaring_builder_init(RoaringBuilder *builder, RoaringOperation operation);
extern void roaring_builder_grow(RoaringBuilder *builder);
extern void roaring_builder_add_set(RoaringBuilder *builder, Roaring set);
extern void roaring_builder_add_all(RoaringBuilder *builder, const RoaringBuilder *other);
extern Roaring roaring_builder_result(RoaringBuilder *builder);
extern void roaring_builder_free(RoaringBuilder *builder);

/* Add one member; only to a builder of ROARING_OR. */
static inline void
roaring_builder_add(RoaringBuilder *builder, uint64 member)
{
	if (builder->n == builder->capacity)
		roaring_builder_grow(builder);
	builder->members[builder->n++] = member;
}

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

#endif							/* JOURNEY_ROARING_H */
