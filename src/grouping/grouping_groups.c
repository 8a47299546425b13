/*-------------------------------------------------------------------------
 *
 * grouping_groups.c
 *		Brings the rows of a part together in groups.
 *
 * Rows stay where they are, or where they are read to; a hash table of groups
 * numbers those of a part, and the addresses of rows are then put in the order
 * of groups.  A part that is larger than memory is read several times, each time
 * for other hashes.  The rows of one group are always in memory together.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "grouping/grouping_store.h"
#include "miscadmin.h"
#include "store/store.h"
#include "utils/memutils.h"

#include "compat.h"

/* A part is read so often at most. */
#define MOST_PASSES 65536

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

/* Add the rows of a chunk that belong to this pass. */
static uint64
take_rows(GroupingStore *store, char *bytes, uint64 size, bool copy, uint64 n)
{
	const uint32 passes = (uint32) store->npasses - 1;
	char	   *end = bytes + size;

	while (bytes < end)
	{
		GroupingRow *row = (GroupingRow *) bytes;
		const uint64 row_size = (uint64) (row->size & ~GROUPING_NULLS) * 8;

		bytes += row_size;
		if ((row->hash & passes) != (uint32) store->pass)
			continue;
		if (copy)
			row = memcpy(MemoryContextAllocHuge(store->part_context, row_size), row, row_size);
		store->rows[n++] = row;
	}
	return n;
}

/* Have all rows of this pass in store->rows.  Gives back how many there are. */
static uint64
load_rows(GroupingStore *store)
{
	ScratchBytes scratch = {0};
	const bool	copy = store->npasses > 1;
	MemoryContext old = MemoryContextSwitchTo(store->part_context);
	uint64		total = 0;
	uint64		n = 0;
	uint64		nrows;
	int			npieces;
	int			slot;
	int			i;

	for (slot = 0; slot < store->nslots; slot++)
	{
		(void) grouping_pieces(store, slot, store->part, &npieces, &nrows);
		total += nrows;
	}
	store->rows = MemoryContextAllocHuge(store->part_context, Max(total, 1) * sizeof(GroupingRow *));
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
				n = take_rows(store, dsa_get_address(store->area, piece->shared), piece->used, false, n);
			else if (store->shared == NULL && piece->bytes != NULL)
				n = take_rows(store, piece->bytes, piece->used, false, n);
			else
			{
				file = grouping_file_of(store, slot);
				bytes = copy ? scratch_bytes(&scratch, piece->used) :
					MemoryContextAllocHuge(store->part_context, piece->used);
				if (BufFileSeek(file, piece->file, piece->offset, SEEK_SET) != 0)
					ereport(ERROR,
							(errcode_for_file_access(),
							 errmsg("could not seek in a temporary file of pg_journey")));
				temp_file_read(file, bytes, piece->used);
				n = take_rows(store, bytes, piece->used, copy, n);
			}
		}
	}
	scratch_bytes_free(&scratch);
	MemoryContextSwitchTo(old);
	return n;
}

/* How often the part must be read, so that what is read at a time fits in memory. */
static int
passes_for(GroupingStore *store)
{
	uint64		bytes = 0;
	uint64		nrows;
	int			npasses = 1;
	int			npieces;
	int			slot;
	int			i;

	for (slot = 0; slot < store->nslots; slot++)
	{
		const GroupingPiece *pieces = grouping_pieces(store, slot, store->part, &npieces, &nrows);

		for (i = 0; i < npieces; i++)
			bytes += pieces[i].used;
		bytes += nrows * ROW_AT_HAND_BYTES;
	}
	while (npasses < MOST_PASSES && bytes / npasses > store->limit)
		npasses *= 2;
	return npasses;
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
group_rows(GroupingStore *store, uint64 n)
{
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
	uint64		n;

	do
	{
		MemoryContextReset(store->part_context);
		store->rows = NULL;
		store->groups = NULL;
		store->ngroups = 0;
		if (++store->pass >= store->npasses)
		{
			int			part;

			if (store->part >= 0)
				free_part(store);
			part = grouping_take_part(store);
			if (part < 0)
			{
				store->part = -1;
				return false;
			}
			store->part = part;
			store->npasses = passes_for(store);
			store->pass = 0;
		}
		n = load_rows(store);
	} while (n == 0);
	group_rows(store, n);
	return true;
}
