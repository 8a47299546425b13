/*-------------------------------------------------------------------------
 *
 * scan_lookup_table.c
 *		The hash table of a lookup.
 *
 * The rows of the child lie one after the other: the number of the next row of
 * the same hash, the values of the keys, unless the key is a whole number, and
 * then of the columns that are needed, and last a byte for each of these values,
 * whether it is NULL.  A slot has the hash, or the whole number itself, and the
 * number of its first row.  At most half of the slots are taken, so that rows
 * mostly are found at once.  The slots of all rows of a page are asked for before
 * the first is looked at, as they lie anywhere in memory.
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

typedef struct LookupSlot
{
	uint64		hash;			/* or the key */
	uint32		first;			/* row's number; 0: the slot is empty */
} LookupSlot;

struct LookupTable
{
	MemoryContext context;
	uint64		factor;			/* of the hash */
	int			slots_log2;
	LookupSlot *slots;
	int			nkeys;			/* whose values are in rows */
	int			nvalues;		/* in a row, those of keys first */
	Size		size;			/* of a row */
	uint32		n;				/* rows */
	uint32		capacity;
	char	   *rows;
	bool		has_nulls;		/* is any value of them NULL? */
	Datum	   *kept;			/* values, by hash; 0: none */
};

/* A row begins with this. */
typedef struct LookupRow
{
	uint64		hash;			/* or the key */
	uint32		next;			/* of the same one; 0: none */
} LookupRow;

static inline LookupRow *
row_of(const LookupTable *table, uint32 number)
{
	return (LookupRow *) (table->rows + (Size) (number - 1) * table->size);
}

static inline Datum *
values_of(LookupRow *row)
{
	return (Datum *) (row + 1);
}

static inline bool *
nulls_of(const LookupTable *table, LookupRow *row)
{
	return (bool *) (values_of(row) + table->nvalues);
}

/* The first slot to look at. */
static inline uint64
home_of(const LookupTable *table, uint64 hash)
{
	return hash_slot(spread(hash), table->factor, table->slots_log2);
}

/* ---- hashes ---------------------------------------------------------------------- */

/* Add the hash of one key to that of those before it. */
static inline uint64
add_hash(uint64 hash, FmgrInfo *function, Oid collation, Datum value)
{
	return (hash << 7 | hash >> 57) ^ DatumGetUInt32(FunctionCall1Coll(function, collation, value));
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

/* The place of one more row. */
static LookupRow *
new_row(LookupTable *table)
{
	if (table->n == table->capacity)
	{
		if (table->capacity > PG_UINT32_MAX / 4)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many rows to look up"),
					 errhint("Set journey.enable_lookup to off.")));
		table->capacity = Max(2 * table->capacity, 256);
		table->rows = table->rows == NULL ?
			MemoryContextAllocHuge(table->context, table->capacity * table->size) :
			repalloc_huge(table->rows, table->capacity * table->size);
	}
	return row_of(table, ++table->n);
}

/* Add the row that the child has handed up, unless one of its keys is NULL. */
static void
add_row(ScanLookup *lookup, LookupTable *table, TupleTableSlot *slot)
{
	ExprContext *context = lookup->context;
	LookupRow  *row = new_row(table);
	Datum	   *values = values_of(row);
	bool	   *nulls = nulls_of(table, row);
	bool		isnull;
	MemoryContext old;
	int			i;

	row->hash = 0;
	row->next = 0;
	memset(nulls, 0, table->nvalues * sizeof(bool));
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
			row->hash = add_hash(row->hash, &key->hash_child, key->collation, value);
			MemoryContextSwitchTo(table->context);
			values[i] = datumCopy(value, key->by_value, key->length);
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
		nulls[column->place] = isnull;
		table->has_nulls |= isnull;
		values[column->place] = isnull ? (Datum) 0 :
			keep_value(table, value, column->by_value, column->length);
	}
	MemoryContextSwitchTo(old);
}

/* Put all rows in slots. */
static void
fill_slots(const ScanLookup *lookup, LookupTable *table)
{
	const bool	once = lookup->integers && lookup->nfilters == 0;
	uint64		mask;
	uint32		i;

	table->slots_log2 = pg_ceil_log2_32(Max(table->n, 8)) + 1;
	mask = (UINT64CONST(1) << table->slots_log2) - 1;
	table->slots = MemoryContextAllocExtended(table->context, sizeof(LookupSlot) * (mask + 1),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 1; i <= table->n; i++)
	{
		LookupRow  *row = row_of(table, i);
		uint64		at = home_of(table, row->hash);

		CHECK_FOR_INTERRUPTS();
		while (table->slots[at].first != 0 && table->slots[at].hash != row->hash)
			at = (at + 1) & mask;
		/* of the same whole numbers one is enough */
		if (once && table->slots[at].first != 0)
			continue;
		row->next = table->slots[at].first;
		table->slots[at].hash = row->hash;
		table->slots[at].first = i;
	}
}

/* Run the child, and have its rows in a hash table. */
LookupTable *
lookup_table_of_child(ScanLookup *lookup, MemoryContext context)
{
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
	table->size = MAXALIGN(sizeof(LookupRow) + table->nvalues * (sizeof(Datum) + sizeof(bool)));
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
keys_equal(const ScanLookup *lookup, LookupRow *of_table, int row)
{
	int			i;

	for (i = 0; i < lookup->table->nkeys; i++)
	{
		LookupKey  *key = &lookup->keys[i];
		const Datum child = values_of(of_table)[i];
		const Datum scan = key->vector->values[row];

		if (!DatumGetBool(key->child_first ?
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
	while (number != 0 && !keys_equal(lookup, row_of(lookup->table, number), row))
	{
		CHECK_FOR_INTERRUPTS();
		number = row_of(lookup->table, number)->next;
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
					hashes[i] = add_hash(hashes[i], &key->hash_scan, key->collation,
										 vector->values[i]);
	}
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
		if (found[i] != 0)
			__builtin_prefetch(row_of(table, found[i]));
	}
	if (!lookup->integers)
		for (i = 0; i < n; i++)
			found[i] = first_equal(lookup, i, found[i]);
}

/* The next row after one that has the keys of a row of the scan; 0: none. */
uint32
lookup_table_next(const ScanLookup *lookup, int row, uint32 number)
{
	return first_equal(lookup, row, row_of(lookup->table, number)->next);
}

/*
 * Have a column of n rows of the table, from row `at` of a vector on; of no row it
 * is NULL.
 */
void
lookup_table_values(const LookupTable *table, const LookupColumn *column, const uint32 *numbers,
					int n, ScanVector *vector, int at)
{
	const int	place = column->place;
	Datum	   *values = vector->values + at;
	int			i;

	for (i = 0; i < n; i++)
		values[i] = numbers[i] == 0 ? (Datum) 0 : values_of(row_of(table, numbers[i]))[place];
	for (i = 0; i < n; i++)
		if (numbers[i] == 0 ||
			(table->has_nulls && nulls_of(table, row_of(table, numbers[i]))[place]))
			scan_vector_set_null(vector, at + i);
}
