/*-------------------------------------------------------------------------
 *
 * grouping_store.c
 *		Takes rows, and keeps them by the hash of their group's key.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/nodeHash.h"
#include "grouping/grouping_store.h"
#include "store/store.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat.h"

/* A chunk is at most so large, unless a single row is larger. */
#define LARGEST_CHUNK 32768
#define SMALLEST_CHUNK 2048

/* A part of this size is brought into groups within a cache. */
#define PART_BYTES (1024 * 1024)
#define LEAST_PARTS_LOG2 4

/* ---- keys ---------------------------------------------------------------------- */

static void
key_init(GroupingStore *store, GroupingKey *key, int column, Oid operator, Oid collation)
{
	Oid			left;
	Oid			right;

	key->column = column;
	key->collation = collation;
	fmgr_info_cxt(get_opcode(operator), &key->equal, store->context);
	key->kind = !scan_equal_is_same(operator, collation) ? GROUPING_KEY_OPERATORS :
		store->columns[column].by_value ? GROUPING_KEY_VALUE : GROUPING_KEY_BYTES;
	if (!get_op_hash_functions(operator, &left, &right))
		elog(ERROR, "could not find the hash function of operator %u", operator);
	fmgr_info_cxt(right, &key->hash, store->context);
	store->columns[column].whole = store->columns[column].length == -1;
}

/* The bytes of a value of a fixed length, or of a variable one that is not toasted. */
static inline const char *
value_bytes(const GroupingColumn *column, Datum value, Size *length)
{
	const char *bytes = DatumGetPointer(value);

	if (column->length != -1)
	{
		*length = (Size) column->length;
		return bytes;
	}
	*length = VARSIZE_ANY_EXHDR(bytes);
	return VARDATA_ANY(bytes);
}

/* The hash of a key that is not NULL. */
static inline uint64
key_hash(GroupingStore *store, GroupingKey *key, Datum value)
{
	const char *bytes;
	Size		length;

	switch (key->kind)
	{
		case GROUPING_KEY_VALUE:
			return grouping_value_hash(store, (uint64) value);
		case GROUPING_KEY_BYTES:
			bytes = value_bytes(&store->columns[key->column], value, &length);
			return grouping_bytes_hash(store, bytes, (uint32) length);
		default:
			return spread((uint64) DatumGetUInt32(FunctionCall1Coll(&key->hash, key->collation, value)) *
						  store->seed);
	}
}

/* ---- chunks -------------------------------------------------------------------- */

/* No more rows go to the last piece of a part. */
static void
part_close(GroupingPart *part)
{
	GroupingPiece *last;

	if (part->at == NULL)
		return;
	last = &part->pieces[part->npieces - 1];
	last->used = last->size - (uint64) (part->end - part->at);
	part->at = part->end = NULL;
}

/* All that is in memory goes to the file. */
static void
store_spill(GroupingStore *store)
{
	const int	nparts = 1 << store->nparts_log2;
	int			i;
	int			k;

	if (store->file == NULL)
		store->file = grouping_new_file(store);
	for (i = 0; i < nparts; i++)
	{
		GroupingPart *part = &store->parts[i];

		CHECK_FOR_INTERRUPTS();
		part_close(part);
		for (k = part->npieces - 1; k >= 0 && part->pieces[k].bytes != NULL; k--)
			;
		for (k++; k < part->npieces; k++)
		{
			GroupingPiece *piece = &part->pieces[k];

			BufFileTell(store->file, &piece->file, &piece->offset);
			BufFileWrite(store->file, piece->bytes, piece->used);
			store->spilled += piece->used;
			if (piece->size == store->chunk_size)
			{
				if (store->nspare == store->spare_capacity)
				{
					store->spare_capacity = Max(2 * store->spare_capacity, 64);
					store->spare = store->spare == NULL ?
						MemoryContextAlloc(store->context, store->spare_capacity * sizeof(GroupingPiece)) :
						repalloc_huge(store->spare, store->spare_capacity * sizeof(GroupingPiece));
				}
				store->spare[store->nspare++] = *piece;
			}
			else if (store->area != NULL)
				dsa_free(store->area, piece->shared);
			else
				pfree(piece->bytes);
			piece->bytes = NULL;
			piece->shared = InvalidDsaPointer;
		}
	}
	store->used = 0;
}

/* A part gets a new chunk, with room for `size` bytes. */
void
grouping_new_chunk(GroupingStore *store, GroupingPart *part, uint64 size)
{
	GroupingPiece piece = {0};

	part_close(part);
	size = Max(size, store->chunk_size);
	if (store->used + store->aside + size > store->limit && store->used > 0)
		store_spill(store);
	if (size == store->chunk_size && store->nspare > 0)
		piece = store->spare[--store->nspare];
	else if (store->area != NULL)
	{
		piece.shared = dsa_allocate_extended(store->area, size, DSA_ALLOC_HUGE);
		piece.bytes = dsa_get_address(store->area, piece.shared);
	}
	else
		piece.bytes = MemoryContextAllocHuge(store->context, size);
	piece.size = size;
	piece.used = 0;
	store->used += size;
	if (part->npieces == part->capacity)
	{
		part->capacity = Max(2 * part->capacity, 8);
		part->pieces = part->pieces == NULL ?
			MemoryContextAlloc(store->context, part->capacity * sizeof(GroupingPiece)) :
			repalloc_huge(part->pieces, part->capacity * sizeof(GroupingPiece));
	}
	part->pieces[part->npieces++] = piece;
	part->at = piece.bytes;
	part->end = piece.bytes + size;
}

/* Room for a row in the part of its hash. */
static inline GroupingRow *
store_reserve(GroupingStore *store, uint32 hash, uint64 size)
{
	GroupingPart *part = &store->parts[hash >> (32 - store->nparts_log2)];
	GroupingRow *row;

	if (unlikely((uint64) (part->end - part->at) < size))
		grouping_new_chunk(store, part, size);
	row = (GroupingRow *) part->at;
	part->at += size;
	part->nrows++;
	row->hash = hash;
	row->size = (uint32) (size / 8);
	return row;
}

/* ---- rows ---------------------------------------------------------------------- */

/* A value as it is stored: whole where its bytes are compared, else as it lies on disk. */
static Datum
storable(const GroupingColumn *column, Datum value)
{
	struct varlena *pointer = (struct varlena *) DatumGetPointer(value);

	if (column->length == -1 &&
		(column->whole ? VARATT_IS_COMPRESSED(pointer) || VARATT_IS_EXTERNAL(pointer) :
		 VARATT_IS_EXTERNAL(pointer) && !VARATT_IS_EXTERNAL_ONDISK(pointer)))
		return PointerGetDatum(pg_detoast_datum_packed(pointer));
	return value;
}

static inline uint64
stored_size(const GroupingColumn *column, Datum value)
{
	return TYPEALIGN64(8, datumGetSize(value, column->by_value, column->length));
}

/* Add a row.  What it takes to make values whole is left in the current context. */
void
grouping_add_row(GroupingStore *store, const Datum *values, const bool *nulls)
{
	const int	ncolumns = store->ncolumns;
	const int	nwords = (ncolumns + 63) / 64;
	Datum		whole[MaxTupleAttributeNumber];
	uint64		size = offsetof(GroupingRow, columns) + ncolumns * sizeof(uint64);
	uint64		hash = 0;
	uint64		place;
	bool		has_nulls = false;
	GroupingRow *row;
	int			i;

	for (i = 0; i < ncolumns; i++)
	{
		const GroupingColumn *column = &store->columns[i];

		has_nulls |= nulls[i];
		if (nulls[i])
			whole[i] = (Datum) 0;
		else if (column->by_value)
			whole[i] = scan_datum(values[i], column->length, true);
		else
		{
			whole[i] = storable(column, values[i]);
			size += stored_size(column, whole[i]);
		}
	}
	for (i = 0; i < store->nkeys; i++)
	{
		GroupingKey *key = &store->keys[i];

		hash = grouping_hash_add(hash, nulls[key->column] ? 0 :
								 key_hash(store, key, whole[key->column]));
	}
	if (store->nkeys > 1)
		hash = spread(hash);
	if (has_nulls)
		size += nwords * sizeof(uint64);
	if (size / 8 > GROUPING_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a row of %llu bytes is too large to be grouped", (unsigned long long) size)));
	row = store_reserve(store, (uint32) (hash >> 32), size);
	place = offsetof(GroupingRow, columns) + (ncolumns + (has_nulls ? nwords : 0)) * sizeof(uint64);
	if (has_nulls)
	{
		row->size |= GROUPING_NULLS;
		memset(&row->columns[ncolumns], 0, nwords * sizeof(uint64));
	}
	for (i = 0; i < ncolumns; i++)
	{
		const GroupingColumn *column = &store->columns[i];

		row->columns[i] = (uint64) whole[i];
		if (nulls[i])
			row->columns[ncolumns + i / 64] |= UINT64_C(1) << i % 64;
		else if (!column->by_value)
		{
			row->columns[i] = place;
			memcpy((char *) row + place, DatumGetPointer(whole[i]),
				   datumGetSize(whole[i], false, column->length));
			place += stored_size(column, whole[i]);
		}
	}
}

/* Add the states of a group with this key. */
void
grouping_add_states(GroupingStore *store, uint32 hash, const Datum *keys, const bool *nulls,
					const uint64 *states)
{
	const int	nwords = (store->ncolumns + 63) / 64;
	uint64		size = offsetof(GroupingRow, columns) +
		(store->ncolumns + store->nstates) * sizeof(uint64);
	uint64		place = offsetof(GroupingRow, columns) + store->ncolumns * sizeof(uint64);
	bool		has_nulls = false;
	GroupingRow *row;
	int			i;

	for (i = 0; i < store->nkeys; i++)
	{
		const GroupingColumn *column = &store->columns[store->keys[i].column];

		has_nulls |= nulls[i];
		if (!nulls[i] && !column->by_value)
			size += stored_size(column, keys[i]);
	}
	if (has_nulls)
		size += nwords * sizeof(uint64);
	row = store_reserve(store, hash, size);
	row->size |= GROUPING_STATES;
	memset(row->columns, 0, store->ncolumns * sizeof(uint64));
	if (has_nulls)
	{
		row->size |= GROUPING_NULLS;
		memset((char *) row + place, 0, nwords * sizeof(uint64));
		place += nwords * sizeof(uint64);
	}
	for (i = 0; i < store->nkeys; i++)
	{
		const int	number = store->keys[i].column;
		const GroupingColumn *column = &store->columns[number];

		if (nulls[i])
			row->columns[store->ncolumns + number / 64] |= UINT64_C(1) << number % 64;
		else if (column->by_value)
			row->columns[number] = (uint64) keys[i];
		else
		{
			row->columns[number] = place;
			memcpy((char *) row + place, DatumGetPointer(keys[i]),
				   datumGetSize(keys[i], false, column->length));
			place += stored_size(column, keys[i]);
		}
	}
	memcpy((char *) row + size - store->nstates * sizeof(uint64), states,
		   store->nstates * sizeof(uint64));
}

/*
 * Add rows of a page, without NULLs, all whose values are by value, grouped by one of
 * them: those whose numbers are given, or the first n.
 */
static void
add_simple_rows(GroupingStore *store, const ScanVector *const *columns, const uint16 *rows, int n)
{
	const int	ncolumns = store->ncolumns;
	const uint64 size = offsetof(GroupingRow, columns) + ncolumns * sizeof(uint64);
	const Datum *keys = columns[store->from[store->keys[0].column]]->values;
	const Datum *values[SCAN_ROWS_MOST];
	int			i;
	int			k;

	for (k = 0; k < ncolumns; k++)
		values[k] = columns[store->from[k]]->values;
	for (i = 0; i < n; i++)
	{
		const int	number = rows == NULL ? i : rows[i];
		GroupingRow *row = store_reserve(store, (uint32) (grouping_value_hash(store, (uint64) keys[number]) >> 32),
										 size);

		for (k = 0; k < ncolumns; k++)
			row->columns[k] = (uint64) values[k][number];
	}
}

/* Add n rows of a page: those whose numbers are given, or the first ones. */
void
grouping_add_rows(GroupingStore *store, const ScanVector *const *columns, const uint16 *rows, int n)
{
	Datum		values[MaxTupleAttributeNumber];
	bool		nulls[MaxTupleAttributeNumber];
	bool		simple = store->all_by_value && grouping_key_is_value(store) &&
		store->ncolumns <= SCAN_ROWS_MOST;
	int			i;
	int			k;

	for (k = 0; k < store->ncolumns; k++)
		simple &= !columns[store->from[k]]->has_nulls && !columns[store->from[k]]->constant;
	if (simple)
	{
		add_simple_rows(store, columns, rows, n);
		return;
	}
	for (i = 0; i < n; i++)
	{
		const int	number = rows == NULL ? i : rows[i];

		for (k = 0; k < store->ncolumns; k++)
		{
			const ScanVector *column = columns[store->from[k]];
			const int	row = column->constant ? 0 : number;

			values[k] = column->values[row];
			nulls[k] = column->nulls[row];
		}
		grouping_add_row(store, values, nulls);
	}
}

/* ---- the store ----------------------------------------------------------------- */

/*
 * A store for some columns of rows like `desc`, grouped by some of them, whose
 * operators of equality, and collations are given.  Rows of states have so many
 * words of them.  All rows take about `nbytes`.
 */
GroupingStore *
grouping_store_new(TupleDesc desc, const int *from, int ncolumns, int nstates, List *keys,
				   List *equals, List *collations, double nbytes, GroupingShared *shared, dsa_area *area)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "pg_journey groups",
												  ALLOCSET_DEFAULT_SIZES);
	GroupingStore *store = MemoryContextAllocZero(context, sizeof(GroupingStore));
	uint64		room;
	int			i;

	store->context = context;
	store->part_context = AllocSetContextCreate(context, "pg_journey groups of a part",
												ALLOCSET_DEFAULT_SIZES);
	store->ncolumns = ncolumns;
	store->nstates = nstates;
	store->columns = MemoryContextAllocZero(context, (ncolumns + 1) * sizeof(GroupingColumn));
	store->from = MemoryContextAlloc(context, (ncolumns + 1) * sizeof(int));
	store->all_by_value = true;
	for (i = 0; i < ncolumns; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, from[i]);

		store->from[i] = from[i];
		store->columns[i].length = attribute->attlen;
		store->columns[i].by_value = attribute->attbyval;
		store->all_by_value &= attribute->attbyval;
	}
	store->nkeys = list_length(keys);
	store->keys = MemoryContextAllocZero(context, store->nkeys * sizeof(GroupingKey));
	for (i = 0; i < store->nkeys; i++)
	{
		int			column = 0;

		while (from[column] != list_nth_int(keys, i))
			column++;
		key_init(store, &store->keys[i], column, list_nth_oid(equals, i), list_nth_oid(collations, i));
	}

	store->shared = shared;
	store->area = shared == NULL ? NULL : area;
	store->nslots = shared == NULL ? 1 : shared->nslots;
	store->slot = shared == NULL ? 0 : ParallelWorkerNumber + 1;
	store->files = MemoryContextAllocZero(context, store->nslots * sizeof(BufFile *));
	store->seed = shared == NULL ? user_slot_factor() : shared->seed;
	store->seeds[0] = spread(store->seed);
	store->seeds[1] = spread(store->seeds[0]);
	store->limit = shared == NULL ? get_hash_memory_limit() : shared->limit;

	/* all processes choose the same, as they have the same plan and settings */
	store->nparts_log2 = LEAST_PARTS_LOG2;
	while (store->nparts_log2 < GROUPING_MOST_PARTS_LOG2 &&
		   (double) PART_BYTES * (1 << store->nparts_log2) < nbytes)
		store->nparts_log2++;
	while (store->nparts_log2 > LEAST_PARTS_LOG2 &&
		   store->limit >> (store->nparts_log2 + 2) < SMALLEST_CHUNK)
		store->nparts_log2--;
	room = store->limit >> (store->nparts_log2 + 2);
	store->chunk_size = Min(Max(room, SMALLEST_CHUNK), LARGEST_CHUNK) & ~(uint64) 7;
	store->parts = MemoryContextAllocZero(context, sizeof(GroupingPart) << store->nparts_log2);
	store->part = -1;
	return store;
}

/* All rows are there. */
void
grouping_store_close(GroupingStore *store)
{
	int			i;

	/* what is read back from the file takes the memory of what is not in it */
	if (store->file != NULL)
		store_spill(store);
	for (i = 0; i < 1 << store->nparts_log2; i++)
		part_close(&store->parts[i]);
	while (store->nspare > 0)
	{
		const GroupingPiece *spare = &store->spare[--store->nspare];

		if (store->area != NULL)
			dsa_free(store->area, spare->shared);
		else
			pfree(spare->bytes);
	}
	if (store->shared != NULL)
		grouping_publish(store);
}

/* Shared memory, with what is in it, may be gone. */
void
grouping_store_free(GroupingStore *store)
{
	int			i;

	for (i = 0; i < store->nslots; i++)
		if (store->files[i] != NULL && store->files[i] != store->file)
			BufFileClose(store->files[i]);
	if (store->file != NULL)
		BufFileClose(store->file);
	MemoryContextDelete(store->context);
}
