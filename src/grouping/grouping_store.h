/*-------------------------------------------------------------------------
 *
 * grouping_store.h
 *		Rows by the hash of their group's key.
 *
 * The highest bits of a row's hash choose one of the parts.  The rows of a part
 * lie in chunks, in the order in which they came.  If the chunks of a process
 * outgrow its memory limit, all of them go to its temporary file.  A piece says
 * where a chunk is.  If processes share the parts, chunks in memory are in
 * dynamic shared memory, and each process publishes its pieces when it has read
 * all its rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_GROUPING_STORE_H
#define JOURNEY_GROUPING_STORE_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "base/base.h"
#include "fmgr.h"
#include "port/atomics.h"
#include "scan/scan.h"
#include "storage/barrier.h"
#include "storage/buffile.h"
#include "storage/sharedfileset.h"
#include "utils/dsa.h"

/*
 * A row.  A value by reference lies behind the columns, at the given distance
 * from the row's beginning.
 */
typedef struct GroupingRow
{
	uint32		hash;			/* of the group's key */
	uint32		size;			/* in words of 8 bytes; GROUPING_NULLS: the
								 * columns are followed by bits, which are set
								 * for those that are NULL; GROUPING_STATES:
								 * of its columns just the key counts, and its
								 * last words are the states of a group */
	uint64		columns[FLEXIBLE_ARRAY_MEMBER];
} GroupingRow;

#define GROUPING_NULLS 0x80000000
#define GROUPING_STATES 0x40000000
#define GROUPING_SIZE (GROUPING_STATES - 1)

typedef struct GroupingColumn
{
	int16		length;			/* typlen */
	bool		by_value;		/* typbyval */
	bool		whole;			/* of a key: is a toasted value stored whole? */
} GroupingColumn;

typedef enum GroupingKeyKind
{
	GROUPING_KEY_VALUE,			/* equal when the Datums are: integers, dates,
								 * times */
	GROUPING_KEY_BYTES,			/* equal when the bytes are: text */
	GROUPING_KEY_OPERATORS		/* by the functions of the type */
} GroupingKeyKind;

/* A column of the group's key. */
typedef struct GroupingKey
{
	int			column;
	GroupingKeyKind kind;
	Oid			collation;
	FmgrInfo	hash;
	FmgrInfo	equal;
} GroupingKey;

/* Where a chunk is: in memory, shared or not, or in the file of its process. */
typedef struct GroupingPiece
{
	char	   *bytes;			/* memory of this process; NULL: elsewhere */
	dsa_pointer shared;
	int			file;			/* of a chunk in the file: its place there */
	off_t		offset;
	uint64		size;
	uint64		used;
} GroupingPiece;

typedef struct GroupingPart
{
	char	   *at;				/* where the next row goes in the last piece, */
	char	   *end;			/* which ends here; both NULL: in no piece */
	uint64		nrows;
	GroupingPiece *pieces;
	int			npieces;
	int			capacity;
} GroupingPart;

#define GROUPING_MOST_PARTS_LOG2 8
#define GROUPING_MOST_PARTS (1 << GROUPING_MOST_PARTS_LOG2)

/* What the processes of a parallel plan share. */
typedef struct GroupingShared
{
	Barrier		barrier;		/* phase 0: reading rows; 1: handing up groups */
	SharedFileSet files;
	dsm_handle	segment;		/* with which they go */
	pg_atomic_uint32 next_part; /* that no process has taken */
	uint64		seed;
	uint64		limit;			/* of the chunks of a process, in bytes */
	int			nslots;			/* processes; 0: there is only this one */
	dsa_pointer published[FLEXIBLE_ARRAY_MEMBER];	/* by process */
} GroupingShared;

/* The pieces of a process, as it publishes them. */
typedef struct GroupingPublished
{
	uint64		nrows[GROUPING_MOST_PARTS]; /* by part */
	uint32		first[GROUPING_MOST_PARTS + 1]; /* a part's first piece */
	GroupingPiece pieces[FLEXIBLE_ARRAY_MEMBER];
} GroupingPublished;

typedef struct GroupingGroup
{
	GroupingRow *first;
	uint32		hash;
	uint64		end;			/* its rows are those before this number, from
								 * the end of the group before it on */
} GroupingGroup;

/* Rows of a part by the lowest bits of their hashes. */
typedef struct GroupingBucket
{
	uint64		nrows;
	uint64		bytes;			/* in memory */
} GroupingBucket;

#define GROUPING_BUCKETS 1024

typedef struct GroupingStore
{
	MemoryContext context;		/* of all that it holds in memory */
	int			ncolumns;
	GroupingColumn *columns;
	int		   *from;			/* of each, which column of the node below */
	int			nstates;		/* words of states that rows of states have */
	bool		all_by_value;
	int			nkeys;
	GroupingKey *keys;
	uint64		seed;			/* of the hash, odd */
	uint64		seeds[2];		/* of the hash of bytes */

	/* parts */
	int			nparts_log2;
	uint64		chunk_size;
	GroupingPart *parts;
	uint64		limit;			/* bytes that chunks may take */
	uint64		used;			/* bytes that they take */
	uint64		aside;			/* of that limit, what is used otherwise */
	GroupingPiece *spare;		/* chunks for use, of the common size */
	int			nspare;
	int			spare_capacity;
	BufFile    *file;			/* NULL: nothing was spilled */
	uint64		spilled;		/* bytes */

	/* of a parallel plan */
	GroupingShared *shared;		/* or NULL */
	dsa_area   *area;
	int			slot;			/* of this process */
	int			nslots;			/* processes */
	BufFile   **files;			/* of all processes, once opened */

	/* the groups at hand */
	MemoryContext part_context; /* of what is below */
	int			part;			/* whose they are */
	bool		whole;			/* do all its rows fit in memory? */
	uint32		bucket;			/* the buckets at hand: from this one */
	uint32		bucket_end;		/* to the one before this */
	GroupingBucket buckets[GROUPING_BUCKETS];	/* of its rows, if not all fit */
	uint64		nrows;			/* at hand */
	GroupingRow **rows;			/* group by group, each in the order in which
								 * they came */
	GroupingGroup *groups;
	uint64		ngroups;
} GroupingStore;

extern GroupingStore *grouping_store_new(TupleDesc desc, const int *from, int ncolumns, int nstates,
										 List *keys, List *equals, List *collations, double nbytes,
										 GroupingShared *shared, dsa_area *area);
extern void grouping_store_close(GroupingStore *store);
extern void grouping_store_free(GroupingStore *store);
extern void grouping_new_chunk(GroupingStore *store, GroupingPart *part, uint64 size);
extern void grouping_add_row(GroupingStore *store, const Datum *values, const bool *nulls);
extern void grouping_add_states(GroupingStore *store, uint32 hash, const Datum *keys,
								const bool *nulls, const uint64 *states);
extern void grouping_add_rows(GroupingStore *store, const ScanVector *const *columns,
							  const uint16 *rows, int n);

/* grouping_share.c */
extern Size grouping_shared_size(int nprocesses);
extern void grouping_shared_init(GroupingShared *shared, int nprocesses, dsm_segment *segment);
extern void grouping_shared_reinit(GroupingShared *shared, dsa_area *area);
extern bool grouping_shared_attach(GroupingShared *shared);
extern void grouping_publish(GroupingStore *store);
extern int	grouping_take_part(GroupingStore *store);
extern GroupingPiece *grouping_pieces(GroupingStore *store, int slot, int part, int *npieces,
									  uint64 *nrows);
extern BufFile *grouping_new_file(GroupingStore *store);
extern BufFile *grouping_file_of(GroupingStore *store, int slot);

/* grouping_groups.c */
extern bool grouping_next_groups(GroupingStore *store);

/* Is the key one column, by value, whose equal values are the same? */
static inline bool
grouping_key_is_value(const GroupingStore *store)
{
	return store->nkeys == 1 && store->keys[0].kind == GROUPING_KEY_VALUE;
}

/*
 * The hash of a key that is one by-value column, of just this key.  It is computed
 * for each row, so it is less thorough than spread(): its highest bits are good.
 */
static inline uint64
grouping_value_hash(const GroupingStore *store, uint64 key)
{
	key *= store->seed;
	key ^= key >> 32;
	return key * UINT64_C(0xD6E8FEB86659FD93);
}

/* The hash of a key that is equal to another when their bytes are. */
static inline uint64
grouping_bytes_hash(const GroupingStore *store, const char *bytes, uint32 length)
{
	const TextSlice slice = {bytes, length};

	return slice_hash(store->seeds, slice);
}

/* The hash of several columns, from that of those before and that of the next one. */
static inline uint64
grouping_hash_add(uint64 hash, uint64 of_column)
{
	return (hash << 7 | hash >> 57) + of_column;
}

static inline uint64
grouping_row_bytes(const GroupingRow *row)
{
	return (uint64) (row->size & GROUPING_SIZE) * 8;
}

/* The states of a row that has them. */
static inline const uint64 *
grouping_states(const GroupingStore *store, const GroupingRow *row)
{
	return (const uint64 *) ((const char *) row + grouping_row_bytes(row)) - store->nstates;
}

/* Is a column of a row NULL? */
static inline bool
grouping_isnull(const GroupingStore *store, const GroupingRow *row, int column)
{
	return unlikely((row->size & GROUPING_NULLS) != 0) &&
		(row->columns[store->ncolumns + column / 64] >> column % 64 & 1) != 0;
}

/* The value of a column of a row that is not NULL. */
static inline Datum
grouping_value(const GroupingStore *store, const GroupingRow *row, int column)
{
	const uint64 stored = row->columns[column];

	if (store->columns[column].by_value)
		return (Datum) stored;
	return PointerGetDatum((const char *) row + stored);
}

#endif							/* JOURNEY_GROUPING_STORE_H */
