/*-------------------------------------------------------------------------
 *
 * grouping_groups.c
 *		Brings the rows of a part together in groups.
 *
 * Rows stay where they are, or where they are read to; a hash table of groups
 * numbers those of a part, and the addresses of rows are then put in the order
 * of groups.  A part that is larger than memory is measured by buckets of hashes,
 * and read several times, each time for as many buckets as fit.  The rows of one
 * bucket, and so of one group, are always in memory together.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "grouping/grouping_store.h"
#include "miscadmin.h"
#include "store/store.h"
#include "utils/memutils.h"

#include "compat.h"

#define FIRST_SLOTS_LOG2 10

/*
 * What a row at hand takes beside itself: two addresses, the number of its group,
 * and of every other one the group.
 */
#define ROW_AT_HAND_BYTES \
	(2 * sizeof(GroupingRow *) + sizeof(uint32) + (sizeof(GroupingGroup) + 2 * sizeof(uint32)) / 2)

/* The table of groups: numbers of groups + 1, by hash. */
typedef struct GroupTable
{
	uint32	   *slots;
	int			nslots_log2;
	uint64		capacity;		/* of store->groups */
} GroupTable;

static bool
keys_equal(GroupingStore *store, const GroupingRow *a, const GroupingRow *b)
{
	int			i;

	for (i = 0; i < store->nkeys; i++)
	{
		GroupingKey *key = &store->keys[i];
		const int	column = key->column;
		const GroupingColumn *type = &store->columns[column];
		const bool	isnull = grouping_isnull(store, a, column);
		Datum		left;
		Datum		right;

		if (isnull != grouping_isnull(store, b, column))
			return false;
		if (isnull)
			continue;
		left = grouping_value(store, a, column);
		right = grouping_value(store, b, column);
		switch (key->kind)
		{
			case GROUPING_KEY_VALUE:
				if (left != right)
					return false;
				break;
			case GROUPING_KEY_BYTES:
				if (type->length != -1)
				{
					if (memcmp(DatumGetPointer(left), DatumGetPointer(right), type->length) != 0)
						return false;
				}
				else if (VARSIZE_ANY_EXHDR(left) != VARSIZE_ANY_EXHDR(right) ||
						 memcmp(VARDATA_ANY(left), VARDATA_ANY(right), VARSIZE_ANY_EXHDR(left)) != 0)
					return false;
				break;
			case GROUPING_KEY_OPERATORS:
				if (!DatumGetBool(FunctionCall2Coll(&key->equal, key->collation, left, right)))
					return false;
				break;
		}
	}
	return true;
}

/* ---- rows of a part -------------------------------------------------------------- */

/* Count rows by bucket. */
static void
measure_rows(GroupingStore *store, char *bytes, uint64 size, bool lasts)
{
	char	   *end = bytes + size;

	(void) lasts;
	while (bytes < end)
	{
		const GroupingRow *row = (const GroupingRow *) bytes;
		GroupingBucket *bucket = &store->buckets[row->hash % GROUPING_BUCKETS];

		bucket->nrows++;
		bucket->bytes += grouping_row_bytes(row) + ROW_AT_HAND_BYTES;
		bytes += grouping_row_bytes(row);
	}
}

/* Add the rows that are of the buckets at hand; those that do not last are copied. */
static void
take_rows(GroupingStore *store, char *bytes, uint64 size, bool lasts)
{
	char	   *end = bytes + size;

	while (bytes < end)
	{
		GroupingRow *row = (GroupingRow *) bytes;
		const uint32 bucket = row->hash % GROUPING_BUCKETS;
		const uint64 row_size = grouping_row_bytes(row);

		bytes += row_size;
		if (bucket < store->bucket || bucket >= store->bucket_end)
			continue;
		if (!lasts)
			row = memcpy(MemoryContextAllocHuge(store->part_context, row_size), row, row_size);
		store->rows[store->nrows++] = row;
	}
}

/*
 * Go through the chunks of the part at hand.  What is in the file is read into memory
 * that lasts, or into one place after the other.
 */
static void
visit_chunks(GroupingStore *store, bool lasts,
			 void (*visit) (GroupingStore *store, char *bytes, uint64 size, bool lasts))
{
	ScratchBytes scratch = {0};
	MemoryContext old = MemoryContextSwitchTo(store->part_context);
	uint64		nrows;
	int			npieces;
	int			slot;
	int			i;

	for (slot = 0; slot < store->nslots; slot++)
	{
		const GroupingPiece *pieces = grouping_pieces(store, slot, store->part, &npieces, &nrows);

		for (i = 0; i < npieces; i++)
		{
			const GroupingPiece *piece = &pieces[i];
			BufFile    *file;
			char	   *bytes;

			CHECK_FOR_INTERRUPTS();
			if (DsaPointerIsValid(piece->shared))
				visit(store, dsa_get_address(store->area, piece->shared), piece->used, true);
			else if (store->shared == NULL && piece->bytes != NULL)
				visit(store, piece->bytes, piece->used, true);
			else
			{
				file = grouping_file_of(store, slot);
				bytes = lasts ? MemoryContextAllocHuge(store->part_context, piece->used) :
					scratch_bytes(&scratch, piece->used);
				if (BufFileSeek(file, piece->file, piece->offset, SEEK_SET) != 0)
					ereport(ERROR,
							(errcode_for_file_access(),
							 errmsg("could not seek in a temporary file of pg_journey")));
				temp_file_read(file, bytes, piece->used);
				visit(store, bytes, piece->used, lasts);
			}
		}
	}
	scratch_bytes_free(&scratch);
	MemoryContextSwitchTo(old);
}

/* A new part is at hand: how are its buckets filled?  One that fits is taken whole. */
static void
measure_part(GroupingStore *store)
{
	uint64		bytes = 0;
	uint64		total = 0;
	uint64		nrows;
	int			npieces;
	int			slot;
	int			i;

	for (slot = 0; slot < store->nslots; slot++)
	{
		const GroupingPiece *pieces = grouping_pieces(store, slot, store->part, &npieces, &nrows);

		for (i = 0; i < npieces; i++)
			bytes += pieces[i].used;
		total += nrows;
	}
	store->whole = bytes + total * ROW_AT_HAND_BYTES <= store->limit;
	store->bucket_end = 0;
	memset(store->buckets, 0, sizeof(store->buckets));
	if (store->whole)
		store->buckets[0].nrows = total;
	else
		visit_chunks(store, false, measure_rows);
}

/* Have the rows of the next buckets that fit in memory, or of one.  False: there are none. */
static bool
load_rows(GroupingStore *store)
{
	uint64		bytes = 0;
	uint64		nrows = 0;

	store->bucket = store->bucket_end;
	while (store->bucket_end < GROUPING_BUCKETS)
	{
		const GroupingBucket *bucket = &store->buckets[store->bucket_end];

		if (nrows > 0 && bytes + bucket->bytes > store->limit)
			break;
		nrows += bucket->nrows;
		bytes += bucket->bytes;
		store->bucket_end++;
	}
	if (nrows == 0)
		return false;
	store->rows = MemoryContextAllocHuge(store->part_context, nrows * sizeof(GroupingRow *));
	store->nrows = 0;
	visit_chunks(store, store->whole, take_rows);
	return true;
}

/* ---- groups ---------------------------------------------------------------------- */

static inline uint32
first_slot(const GroupTable *table, const GroupingStore *store, uint32 hash)
{
	return (uint32) hash_slot(hash, store->seed, table->nslots_log2);
}

/* Twice the slots. */
static void
grow_table(GroupTable *table, GroupingStore *store)
{
	uint64		i;

	if (table->slots != NULL)
		pfree(table->slots);
	table->nslots_log2++;
	table->slots = MemoryContextAllocExtended(store->part_context,
											  sizeof(uint32) << table->nslots_log2,
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	table->capacity = UINT64_C(1) << (table->nslots_log2 - 1);
	store->groups = store->groups == NULL ?
		MemoryContextAllocHuge(store->part_context, table->capacity * sizeof(GroupingGroup)) :
		repalloc_huge(store->groups, table->capacity * sizeof(GroupingGroup));
	for (i = 0; i < store->ngroups; i++)
	{
		uint32		slot = first_slot(table, store, store->groups[i].hash);

		while (table->slots[slot] != 0)
			slot = (slot + 1) & ((UINT32_C(1) << table->nslots_log2) - 1);
		table->slots[slot] = (uint32) (i + 1);
	}
}

/* The number of a row's group. */
static inline uint32
find_group(GroupTable *table, GroupingStore *store, GroupingRow *row)
{
	uint32		slot = first_slot(table, store, row->hash);
	GroupingGroup *group;

	for (; table->slots[slot] != 0; slot = (slot + 1) & ((UINT32_C(1) << table->nslots_log2) - 1))
	{
		group = &store->groups[table->slots[slot] - 1];
		if (group->hash == row->hash && keys_equal(store, group->first, row))
			return table->slots[slot] - 1;
	}
	group = &store->groups[store->ngroups++];
	group->first = row;
	group->hash = row->hash;
	group->end = 0;
	table->slots[slot] = (uint32) store->ngroups;
	if (unlikely(store->ngroups == table->capacity))
		grow_table(table, store);
	return (uint32) (store->ngroups - 1);
}

/* Put the rows in the order of groups. */
static void
group_rows(GroupingStore *store)
{
	const uint64 n = store->nrows;
	GroupTable	table = {NULL, FIRST_SLOTS_LOG2 - 1, 0};
	GroupingRow **ordered = MemoryContextAllocHuge(store->part_context, n * sizeof(GroupingRow *));
	uint32	   *numbers = MemoryContextAllocHuge(store->part_context, n * sizeof(uint32));
	uint64		end = 0;
	uint64		i;

	grow_table(&table, store);
	for (i = 0; i < n; i++)
	{
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		numbers[i] = find_group(&table, store, store->rows[i]);
		store->groups[numbers[i]].end++;
	}
	pfree(table.slots);

	/*
	 * the rows of each group begin where `end` says, which then goes to their
	 * end
	 */
	for (i = 0; i < store->ngroups; i++)
	{
		const uint64 count = store->groups[i].end;

		store->groups[i].end = end;
		end += count;
	}
	for (i = 0; i < n; i++)
		ordered[store->groups[numbers[i]].end++] = store->rows[i];
	pfree(numbers);
	pfree(store->rows);
	store->rows = ordered;
}

/* What is in memory of the part at hand is no longer needed. */
static void
free_part(GroupingStore *store)
{
	int			slot;

	for (slot = 0; slot < store->nslots; slot++)
	{
		uint64		nrows;
		int			npieces;
		GroupingPiece *pieces = grouping_pieces(store, slot, store->part, &npieces, &nrows);
		int			i;

		for (i = 0; i < npieces; i++)
		{
			if (DsaPointerIsValid(pieces[i].shared))
				dsa_free(store->area, pieces[i].shared);
			else if (store->shared == NULL && pieces[i].bytes != NULL)
				pfree(pieces[i].bytes);
			pieces[i].shared = InvalidDsaPointer;
			pieces[i].bytes = NULL;
			pieces[i].used = 0;
		}
	}
}

/* Have the next groups at hand; false: there are no more. */
bool
grouping_next_groups(GroupingStore *store)
{
	MemoryContextReset(store->part_context);
	store->rows = NULL;
	store->groups = NULL;
	store->ngroups = 0;
	while (store->part < 0 || !load_rows(store))
	{
		if (store->part >= 0)
			free_part(store);
		store->part = grouping_take_part(store);
		if (store->part < 0)
			return false;
		measure_part(store);
	}
	group_rows(store);
	return true;
}
