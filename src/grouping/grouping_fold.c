/*-------------------------------------------------------------------------
 *
 * grouping_fold.c
 *		Folds rows into the states of their groups while they are read.
 *
 * Where the state of each aggregate is a number, rows need not be stored.  Each
 * process has a table of groups with their states, and folds the rows of a page
 * into them, one aggregate after the other.  At the end, or if there is no memory
 * for more groups, they go to the parts of the store, one row for a group with
 * its states as columns.  What these rows say of a group is folded in the same way.
 *
 * The order of rows is kept in a group, and each fold is associative to the bit,
 * so that states are those of PostgreSQL's transition functions.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "event/event.h"
#include "grouping/grouping_fold.h"
#include "miscadmin.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "compat.h"

#define FIRST_SLOTS_LOG2 8

/* ---- states ----------------------------------------------------------------------- */

/* Is the state a number from the start? */
static inline bool
fold_counts(GroupingFoldKind kind)
{
	return kind == GROUPING_COUNT_ROWS || kind == GROUPING_COUNT;
}

static inline bool
float_is_later(GroupingFoldKind kind, uint64 state, uint64 value)
{
	const float8 a = DatumGetFloat8((Datum) state);
	const float8 b = DatumGetFloat8((Datum) value);

	return !(kind == GROUPING_MAX_FLOAT ? float8_gt(a, b) : float8_lt(a, b));
}

/*
 * Fold a value that is not NULL, or the state of other rows, into the state of the
 * rows before.
 */
static pg_attribute_always_inline void
fold_value(GroupingFoldKind kind, uint64 *present, uint64 bit, uint64 *state, uint64 value)
{
	if ((*present & bit) == 0)
	{
		*present |= bit;
		*state = value;
		return;
	}
	switch (kind)
	{
		case GROUPING_COUNT_ROWS:
		case GROUPING_COUNT:
		case GROUPING_SUM:
			*state += value;
			break;
		case GROUPING_MAX:
			*state = (int64) value > (int64) *state ? value : *state;
			break;
		case GROUPING_MIN:
			*state = (int64) value < (int64) *state ? value : *state;
			break;
		case GROUPING_MAX_FLOAT:
		case GROUPING_MIN_FLOAT:
			if (float_is_later(kind, *state, value))
				*state = value;
			break;
		case GROUPING_AND:
			*state = BoolGetDatum(DatumGetBool((Datum) *state) && DatumGetBool((Datum) value));
			break;
		case GROUPING_OR:
			*state = BoolGetDatum(DatumGetBool((Datum) *state) || DatumGetBool((Datum) value));
			break;
		case GROUPING_STEPS:
			arg_check_size(stepset_size(*state), value);
			*state |= value;
			break;
	}
}

/* Fold a column into the states of the groups of its rows. */
static pg_attribute_always_inline void
fold_column(GroupingFoldKind kind, bool has_nulls, int number, uint64 *const *groups,
			const ScanVector *column, int n)
{
	const uint64 bit = UINT64_C(1) << number;
	const int	stride = column == NULL || column->constant ? 0 : 1;
	int			i;

	for (i = 0; i < n; i++)
	{
		uint64	   *group = groups[i];

		if (kind == GROUPING_COUNT_ROWS)
		{
			group[FOLD_STATES + number]++;
			continue;
		}
		if (has_nulls && column->nulls[i * stride])
			continue;
		fold_value(kind, &group[FOLD_PRESENT], bit, &group[FOLD_STATES + number],
				   kind == GROUPING_COUNT ? 1 : (uint64) column->values[i * stride]);
	}
}

/* The same, of a kind that is not known when this is compiled. */
static void
fold_any_column(GroupingFoldKind kind, int number, uint64 *const *groups, const ScanVector *column, int n)
{
	switch (kind)
	{
#define FOLD(kind) \
		case kind: \
			if (column != NULL && column->has_nulls) \
				fold_column(kind, true, number, groups, column, n); \
			else \
				fold_column(kind, false, number, groups, column, n); \
			break
			FOLD(GROUPING_COUNT_ROWS);
			FOLD(GROUPING_COUNT);
			FOLD(GROUPING_SUM);
			FOLD(GROUPING_MAX);
			FOLD(GROUPING_MIN);
			FOLD(GROUPING_MAX_FLOAT);
			FOLD(GROUPING_MIN_FLOAT);
			FOLD(GROUPING_AND);
			FOLD(GROUPING_OR);
			FOLD(GROUPING_STEPS);
#undef FOLD
	}
}

/* ---- the table -------------------------------------------------------------------- */

/* The columns of a group as a row: the key, which states are not NULL, and the states. */
TupleDesc
grouping_fold_desc(int nfolds)
{
	TupleDesc	desc = CreateTemplateTupleDesc(FOLD_STATES + nfolds);
	int			i;

	for (i = 1; i <= desc->natts; i++)
		TupleDescInitEntry(desc, (AttrNumber) i, NULL, INT8OID, -1, 0);
	return desc;
}

static inline uint64 *
slot_at(const GroupingTable *table, uint64 slot)
{
	return table->slots + slot * (uint64) table->size;
}

static inline uint64
first_slot(const GroupingTable *table, uint64 key)
{
	return grouping_value_hash(table->store, key) >> (64 - table->nslots_log2);
}

/* The slot of a group, or that where it would be. */
static inline uint64 *
find_slot(const GroupingTable *table, uint64 slot, uint64 key)
{
	uint64	   *group = slot_at(table, slot);

	while (group[FOLD_KEY] != key && group[FOLD_PRESENT] != 0)
	{
		slot = (slot + 1) & ((UINT64_C(1) << table->nslots_log2) - 1);
		group = slot_at(table, slot);
	}
	return group;
}

/* Begin the group of a slot. */
static void
begin_group(const GroupingTable *table, uint64 *group, uint64 key)
{
	int			i;

	group[FOLD_KEY] = key;
	group[FOLD_PRESENT] = FOLD_USED;
	for (i = 0; i < table->n; i++)
	{
		group[FOLD_STATES + i] = 0;
		if (fold_counts(table->folds[i].kind))
			group[FOLD_PRESENT] |= UINT64_C(1) << i;
	}
}

static void
new_slots(GroupingTable *table)
{
	const Size	size = ((Size) table->size * sizeof(uint64)) << table->nslots_log2;

	table->slots = MemoryContextAllocExtended(table->store->context, size,
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	table->store->aside = size;
}

/* All groups go to the store, in the order of their hashes, and so of parts. */
static void
flush_table(GroupingTable *table)
{
	const uint64 nslots = UINT64_C(1) << table->nslots_log2;
	bool		nulls[FOLD_STATES + GROUPING_FOLDS_MOST] = {0};
	uint64		i;

	for (i = 0; i < nslots; i++)
	{
		uint64	   *group = slot_at(table, i);

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (group[FOLD_PRESENT] == 0)
			continue;
		grouping_add_words(table->store, (uint32) (grouping_value_hash(table->store, group[FOLD_KEY]) >> 32),
						   group);
		group[FOLD_PRESENT] = 0;
	}
	table->nused = 0;
	if (table->null_group[FOLD_PRESENT] != 0)
	{
		nulls[FOLD_KEY] = true;
		grouping_add_row(table->store, (Datum *) table->null_group, nulls);
		table->null_group[FOLD_PRESENT] = 0;
	}
}

/* Have room for n more groups. */
static void
make_room(GroupingTable *table, int n)
{
	const uint64 nslots = UINT64_C(1) << table->nslots_log2;
	uint64	   *old = table->slots;
	uint64		i;

	if (table->nused + (uint64) n <= nslots / 4 * 3)
		return;
	if ((2 * nslots + nslots) * (uint64) table->size * sizeof(uint64) > table->most)
	{
		flush_table(table);
		return;
	}
	table->nslots_log2++;
	new_slots(table);
	for (i = 0; i < nslots; i++)
	{
		const uint64 *group = old + i * (uint64) table->size;

		if (group[FOLD_PRESENT] != 0)
			memcpy(find_slot(table, first_slot(table, group[FOLD_KEY]), group[FOLD_KEY]), group,
				   (Size) table->size * sizeof(uint64));
	}
	pfree(old);
}

/* A table without groups, of rows with a column as their key, that fills a store. */
GroupingTable *
grouping_table_new(GroupingStore *store, int key, const GroupingFold *folds, int n)
{
	GroupingTable *table = MemoryContextAllocZero(store->context, sizeof(GroupingTable));

	table->store = store;
	table->key = key;
	table->folds = folds;
	table->n = n;
	table->size = FOLD_STATES + n;
	table->most = store->limit / 2;
	table->nslots_log2 = FIRST_SLOTS_LOG2;
	while (SCAN_ROWS_MOST > (1 << table->nslots_log2) / 4 * 3)
		table->nslots_log2++;
	new_slots(table);
	table->null_group = MemoryContextAllocZero(store->context, (Size) table->size * sizeof(uint64));
	return table;
}

/* The groups of n rows, which begin in these slots. */
static pg_attribute_always_inline void
find_groups(GroupingTable *table, const ScanVector *keys, const uint64 *slots, uint64 **groups,
			int n, bool has_nulls)
{
	const int	stride = keys->constant ? 0 : 1;
	int			i;

	for (i = 0; i < n; i++)
	{
		const uint64 key = (uint64) keys->values[i * stride];

		groups[i] = has_nulls && keys->nulls[i * stride] ? table->null_group :
			find_slot(table, slots[i], key);
		if (unlikely(groups[i][FOLD_PRESENT] == 0))
		{
			begin_group(table, groups[i], key);
			table->nused++;
		}
	}
}

/* Fold n rows of a page into their groups. */
void
grouping_table_add_rows(GroupingTable *table, const ScanVector *const *columns, int n)
{
	const ScanVector *keys = columns[table->key];
	const int	stride = keys->constant ? 0 : 1;
	uint64		slots[SCAN_ROWS_MOST];
	uint64	   *groups[SCAN_ROWS_MOST];
	int			i;

	make_room(table, n);
	for (i = 0; i < n; i++)
	{
		slots[i] = first_slot(table, (uint64) keys->values[i * stride]);
		__builtin_prefetch(slot_at(table, slots[i]), 1);
		__builtin_prefetch(slot_at(table, slots[i] + 1) - 1, 1);
	}
	if (keys->has_nulls)
		find_groups(table, keys, slots, groups, n, true);
	else
		find_groups(table, keys, slots, groups, n, false);
	for (i = 0; i < table->n; i++)
		fold_any_column(table->folds[i].kind, i, groups,
						table->folds[i].column < 0 ? NULL : columns[table->folds[i].column], n);
}

/* All rows are there. */
void
grouping_table_close(GroupingTable *table)
{
	flush_table(table);
	table->store->aside = 0;
	pfree(table->slots);
	pfree(table->null_group);
	pfree(table);
}

/* The states of a group, from the rows of the store that are of it. */
void
grouping_fold_finish(const GroupingStore *store, uint64 begin, uint64 end,
					 const GroupingFold *folds, int n, AggStatePerGroup states)
{
	uint64		present = store->rows[begin]->columns[FOLD_PRESENT];
	uint64		folded[GROUPING_FOLDS_MOST];
	uint64		row;
	int			i;

	for (i = 0; i < n; i++)
		folded[i] = store->rows[begin]->columns[FOLD_STATES + i];
	for (row = begin + 1; row < end; row++)
	{
		const uint64 *columns = store->rows[row]->columns;

		CHECK_FOR_INTERRUPTS();
		for (i = 0; i < n; i++)
			if ((columns[FOLD_PRESENT] >> i & 1) != 0)
				fold_value(folds[i].kind, &present, UINT64_C(1) << i, &folded[i], columns[FOLD_STATES + i]);
	}
	for (i = 0; i < n; i++)
	{
		const bool	isnull = (present >> i & 1) == 0;

		states[i].transValue = isnull ? (Datum) 0 : (Datum) folded[i];
		states[i].transValueIsNull = isnull;
		states[i].noTransValue = isnull;
	}
}
