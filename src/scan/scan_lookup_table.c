/*-------------------------------------------------------------------------
 *
 * scan_lookup_table.c
 *		The hash table of a lookup.
 *
 * The rows of the child are numbered.  An array has, for each row, its hash and the
 * number of the next row of the same one; further arrays have the values of each
 * key, unless the key is a whole number, and of each column that is needed.  A slot
 * has the hash, or the whole number itself, and the number of its first row.  At
 * most half of the slots are taken, so that rows mostly are found at once.  The
 * slots of all rows of a page are asked for before the first is looked at, as they
 * lie anywhere in memory.
 *
 * Whole numbers that lie close together, as ids of customers mostly do, need no
 * hash: each has a slot of its own, which is just the number of its first row.
 *
 * Columns by reference mostly have few values, such as the tier of a customer.
 * Values that were met lately are kept once.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "scan/scan_call.h"
#include "scan/scan_lookup.h"
#include "store/store.h"
#include "utils/datum.h"

#include "compat.h"

/* So many values are known to be kept. */
#define KEPT_VALUES 1024

/* Whole numbers are close if they are fewer by at most this than those between them. */
#define CLOSE_NUMBERS 8

typedef struct LookupSlot
{
	uint64		hash;			/* or the key */
	uint32		first;			/* row's number; 0: the slot is empty */
} LookupSlot;

typedef struct LookupRow
{
	uint64		hash;			/* or the key */
	uint32		next;			/* of the same one; 0: none */
} LookupRow;

struct LookupTable
{
	MemoryContext context;
	uint64		factor;			/* of the hash */
	int			slots_log2;
	LookupSlot *slots;
	uint64		least;			/* whole number, */
	uint64		span;			/* so many from it on have slots of their own; */
	uint32	   *direct;			/* these, or NULL */
	int			nkeys;			/* whose values are kept */
	int			nvalues;		/* of a row, those of keys first */
	uint32		n;				/* rows */
	uint32		capacity;		/* of the following, by number, from 1 on */
	LookupRow  *rows;
	Datum	  **values;			/* of each key and column */
	bool	  **nulls;			/* are they NULL? */
	bool	   *has_nulls;		/* is any? */
	Datum	   *kept;			/* values, by hash; 0: none */
};

/* The first slot to look at. */
static inline uint64
home_of(const LookupTable *table, uint64 hash)
{
	return hash_slot(spread(hash), table->factor, table->slots_log2);
}

/* ---- hashes ---------------------------------------------------------------------- */

/* The bytes of a value, and the copy that they are in, or NULL. */
static inline const char *
bytes_of(const LookupKey *key, Datum value, Size *size, void **copy)
{
	struct varlena *bytes;

	*copy = NULL;
	*size = (Size) key->length;
	if (key->length > 0)
		return DatumGetPointer(value);
	bytes = PG_DETOAST_DATUM_PACKED(value);
	if (bytes != (struct varlena *) DatumGetPointer(value))
		*copy = bytes;
	*size = VARSIZE_ANY_EXHDR(bytes);
	return VARDATA_ANY(bytes);
}

static inline void
free_copy(void *copy)
{
	if (copy != NULL)
		pfree(copy);
}

/* Add the hash of one key, of the child or of the scan, to that of those before it. */
static inline uint64
add_hash(uint64 hash, LookupKey *key, FmgrInfo *function, Datum value)
{
	const char *bytes;
	Size		size;
	void	   *copy;

	if (!key->bytes)
		return (hash << 7 | hash >> 57) ^
			DatumGetUInt32(FunctionCall1Coll(function, key->collation, value));
	bytes = bytes_of(key, value, &size, &copy);
	hash = hash_bytes_extended((const unsigned char *) bytes, (int) size, hash);
	free_copy(copy);
	return hash;
}

/* ---- making it ------------------------------------------------------------------- */

/* Keep a value for as long as the table lasts. */
static Datum
keep_value(LookupTable *table, Datum value, bool by_value, int16 length)
{
	const char *bytes = DatumGetPointer(value);
	Datum	   *kept;
	Size		size;

	if (by_value)
		return scan_datum(value, length, true);
	size = datumGetSize(value, false, length);
	kept = &table->kept[hash_bytes((const unsigned char *) bytes, (int) size) % KEPT_VALUES];
	if (*kept == (Datum) 0 || datumGetSize(*kept, false, length) != size ||
		memcmp(DatumGetPointer(*kept), bytes, size) != 0)
		*kept = datumCopy(value, false, length);
	return *kept;
}

/* An array by number of row, with room for as many as there may now be. */
static void *
grow(const LookupTable *table, void *array, Size size)
{
	return array == NULL ? MemoryContextAllocHuge(table->context, (table->capacity + 1) * size) :
		repalloc_huge(array, (table->capacity + 1) * size);
}

/* The number of one more row. */
static uint32
new_row(LookupTable *table)
{
	int			i;

	if (table->n == table->capacity)
	{
		if (table->capacity > PG_UINT32_MAX / 4)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many rows to look up"),
					 errhint("Set journey.enable_lookup to off.")));
		table->capacity = Max(2 * table->capacity, 255);
		table->rows = grow(table, table->rows, sizeof(LookupRow));
		for (i = 0; i < table->nvalues; i++)
		{
			table->values[i] = grow(table, table->values[i], sizeof(Datum));
			table->nulls[i] = grow(table, table->nulls[i], sizeof(bool));
		}
	}
	return ++table->n;
}

/* Add the row that the child has handed up, unless one of its keys is NULL. */
static void
add_row(ScanLookup *lookup, LookupTable *table, TupleTableSlot *slot)
{
	ExprContext *context = lookup->context;
	const uint32 number = new_row(table);
	LookupRow  *row = &table->rows[number];
	bool		isnull;
	MemoryContext old;
	int			i;

	row->hash = 0;
	row->next = 0;
	ResetExprContext(context);
	context->ecxt_outertuple = slot;
	old = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
	for (i = 0; i < lookup->nkeys; i++)
	{
		LookupKey  *key = &lookup->keys[i];
		Datum		value = ExecEvalExpr(key->child, context, &isnull);

		if (isnull)
		{
			table->n--;
			MemoryContextSwitchTo(old);
			return;
		}
		if (lookup->integers)
			row->hash = (uint64) scan_datum(value, key->length, key->by_value);
		else
		{
			row->hash = add_hash(row->hash, key, &key->hash_child, value);
			MemoryContextSwitchTo(table->context);
			table->values[i][number] = datumCopy(value, key->by_value, key->length);
			table->nulls[i][number] = false;
			MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
		}
	}
	MemoryContextSwitchTo(table->context);
	for (i = 0; i < lookup->ncolumns; i++)
	{
		const LookupColumn *column = &lookup->columns[i];
		Datum		value;

		if (column->place < 0)
			continue;
		value = slot_getattr(slot, column->child, &isnull);
		table->nulls[column->place][number] = isnull;
		table->has_nulls[column->place] |= isnull;
		table->values[column->place][number] = isnull ? (Datum) 0 :
			keep_value(table, value, column->by_value, column->length);
	}
	MemoryContextSwitchTo(old);
}

/* Put a row in a slot, the first of its rows being that number. */
static inline void
put_row(LookupTable *table, uint32 number, uint32 *first, bool once)
{
	/* of the same whole numbers one is enough */
	if (once && *first != 0)
		return;
	table->rows[number].next = *first;
	*first = number;
}

/* Do the whole numbers lie so close together that each can have a slot? */
static bool
is_close(LookupTable *table)
{
	int64		least = PG_INT64_MAX;
	int64		most = PG_INT64_MIN;
	uint32		i;

	for (i = 1; i <= table->n; i++)
	{
		least = Min(least, (int64) table->rows[i].hash);
		most = Max(most, (int64) table->rows[i].hash);
	}
	if (table->n == 0 || (uint64) most - (uint64) least >= (uint64) table->n * CLOSE_NUMBERS)
		return false;
	table->least = (uint64) least;
	table->span = (uint64) most - (uint64) least + 1;
	return true;
}

/* Put all rows in slots. */
static void
fill_slots(const ScanLookup *lookup, LookupTable *table)
{
	const bool	once = lookup->integers && lookup->nfilters == 0;
	uint64		mask;
	uint32		i;

	if (lookup->integers && is_close(table))
	{
		table->direct = MemoryContextAllocExtended(table->context, sizeof(uint32) * table->span,
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		for (i = 1; i <= table->n; i++)
			put_row(table, i, &table->direct[table->rows[i].hash - table->least], once);
		return;
	}
	table->slots_log2 = pg_ceil_log2_32(Max(table->n, 8)) + 1;
	mask = (UINT64CONST(1) << table->slots_log2) - 1;
	table->slots = MemoryContextAllocExtended(table->context, sizeof(LookupSlot) * (mask + 1),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 1; i <= table->n; i++)
	{
		const uint64 hash = table->rows[i].hash;
		uint64		at = home_of(table, hash);

		CHECK_FOR_INTERRUPTS();
		while (table->slots[at].first != 0 && table->slots[at].hash != hash)
			at = (at + 1) & mask;
		table->slots[at].hash = hash;
		put_row(table, i, &table->slots[at].first, once);
	}
}

/* Run the child, and have its rows in a hash table. */
LookupTable *
lookup_table_of_child(ScanLookup *lookup)
{
	MemoryContext context = lookup->memory;
	LookupTable *table = MemoryContextAllocZero(context, sizeof(LookupTable));
	int			i;

	table->context = context;
	table->factor = user_slot_factor();
	table->kept = MemoryContextAllocZero(context, KEPT_VALUES * sizeof(Datum));
	table->nkeys = lookup->integers ? 0 : lookup->nkeys;
	table->nvalues = table->nkeys;
	for (i = 0; i < lookup->ncolumns; i++)
		if (lookup->columns[i].place >= 0)
			lookup->columns[i].place = table->nvalues++;
	table->values = MemoryContextAllocZero(context, (table->nvalues + 1) * sizeof(Datum *));
	table->nulls = MemoryContextAllocZero(context, (table->nvalues + 1) * sizeof(bool *));
	table->has_nulls = MemoryContextAllocZero(context, (table->nvalues + 1) * sizeof(bool));
	for (;;)
	{
		TupleTableSlot *slot = ExecProcNode(lookup->child);

		CHECK_FOR_INTERRUPTS();
		if (TupIsNull(slot))
			break;
		add_row(lookup, table, slot);
	}
	fill_slots(lookup, table);
	return table;
}

/* ---- looking up ------------------------------------------------------------------ */

/* Are the keys of a row those of a row of the scan? */
static bool
keys_equal(const ScanLookup *lookup, uint32 number, int row)
{
	int			i;

	for (i = 0; i < lookup->table->nkeys; i++)
	{
		LookupKey  *key = &lookup->keys[i];
		const Datum child = lookup->table->values[i][number];
		const Datum scan = key->vector->values[row];

		if (key->bytes)
		{
			Size		child_size;
			Size		scan_size;
			void	   *child_copy;
			void	   *scan_copy;
			const char *child_bytes = bytes_of(key, child, &child_size, &child_copy);
			const char *scan_bytes = bytes_of(key, scan, &scan_size, &scan_copy);
			const bool	equal = child_size == scan_size &&
				memcmp(child_bytes, scan_bytes, scan_size) == 0;

			free_copy(child_copy);
			free_copy(scan_copy);
			if (!equal)
				return false;
		}
		else if (!DatumGetBool(key->child_first ?
							   FunctionCall2Coll(&key->equal, key->collation, child, scan) :
							   FunctionCall2Coll(&key->equal, key->collation, scan, child)))
			return false;
	}
	return true;
}

/* Among rows of one hash, the first that has the keys of a row of the scan; 0: none. */
static inline uint32
first_equal(const ScanLookup *lookup, int row, uint32 number)
{
	if (lookup->integers)
		return number;
	while (number != 0 && !keys_equal(lookup, number, row))
	{
		CHECK_FOR_INTERRUPTS();
		number = lookup->table->rows[number].next;
	}
	return number;
}

/* What rows of the scan are looked up by; `none` where a key is NULL. */
static void
hash_rows(const ScanLookup *lookup, int n, uint64 *hashes, bool *none)
{
	int			i;
	int			k;

	memset(none, 0, n * sizeof(bool));
	memset(hashes, 0, n * sizeof(uint64));
	for (k = 0; k < lookup->nkeys; k++)
	{
		LookupKey  *key = &lookup->keys[k];
		const ScanVector *vector = key->vector;

		if (vector->has_nulls)
			for (i = 0; i < n; i++)
				none[i] |= vector->nulls[i];
		if (lookup->integers)
			memcpy(hashes, vector->values, n * sizeof(uint64));
		else
			for (i = 0; i < n; i++)
				if (!none[i])
					hashes[i] = add_hash(hashes[i], key, &key->hash_scan, vector->values[i]);
	}
}

/* Find rows of whole numbers that have slots of their own. */
static void
find_direct(const ScanLookup *lookup, int n, uint32 *found)
{
	const LookupTable *table = lookup->table;
	const ScanVector *vector = lookup->keys[0].vector;
	int			i;

	for (i = 0; i < n; i++)
	{
		const uint64 place = (uint64) vector->values[i] - table->least;

		found[i] = place < table->span ? table->direct[place] : 0;
	}
	if (vector->has_nulls)
		for (i = 0; i < n; i++)
			if (vector->nulls[i])
				found[i] = 0;
}

/* For each of n rows of the scan, find the first row that has its keys. */
void
lookup_table_find(const ScanLookup *lookup, int n, uint32 *found)
{
	const LookupTable *table = lookup->table;
	const uint64 mask = (UINT64CONST(1) << table->slots_log2) - 1;
	uint64		hashes[SCAN_ROWS_MOST];
	uint64		homes[SCAN_ROWS_MOST];
	bool		none[SCAN_ROWS_MOST];
	int			i;

	if (table->direct != NULL)
	{
		find_direct(lookup, n, found);
		return;
	}
	hash_rows(lookup, n, hashes, none);
	for (i = 0; i < n; i++)
	{
		homes[i] = home_of(table, hashes[i]);
		__builtin_prefetch(&table->slots[homes[i]]);
	}
	for (i = 0; i < n; i++)
	{
		uint64		at = homes[i];

		while (table->slots[at].first != 0 && table->slots[at].hash != hashes[i])
			at = (at + 1) & mask;
		found[i] = none[i] ? 0 : table->slots[at].first;
	}
	if (lookup->integers)
		return;
	/* the values to compare with lie anywhere as well */
	for (i = 0; i < n; i++)
		__builtin_prefetch(&table->values[0][found[i]]);
	if (lookup->keys[0].bytes)
		for (i = 0; i < n; i++)
			if (found[i] != 0)
				__builtin_prefetch(DatumGetPointer(table->values[0][found[i]]));
	for (i = 0; i < n; i++)
		found[i] = first_equal(lookup, i, found[i]);
}

/* The next row after one that has the keys of a row of the scan; 0: none. */
uint32
lookup_table_next(const ScanLookup *lookup, int row, uint32 number)
{
	return first_equal(lookup, row, lookup->table->rows[number].next);
}

/*
 * Have a column of n rows of the table, from row `at` of a vector on; of no row it
 * is NULL.
 */
void
lookup_table_values(const LookupTable *table, const LookupColumn *column, const uint32 *numbers,
					int n, ScanVector *vector, int at)
{
	const Datum *of_rows = table->values[column->place];
	const bool *nulls = table->nulls[column->place];
	Datum	   *values = vector->values + at;
	int			i;

	for (i = 0; i < n; i++)
		values[i] = numbers[i] == 0 ? (Datum) 0 : of_rows[numbers[i]];
	for (i = 0; i < n; i++)
		if (numbers[i] == 0 || (table->has_nulls[column->place] && nulls[numbers[i]]))
			scan_vector_set_null(vector, at + i);
}
