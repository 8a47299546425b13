/*-------------------------------------------------------------------------
 *
 * grouping_table.c
 *		The groups that a process has met while it reads rows.
 *
 * The groups of many rows are found together: their keys are brought into words,
 * column by column, and the memory of all slots is asked for before the first is
 * looked at.  Keys are equal when their bytes are.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/detoast.h"
#include "grouping/grouping_table.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "compat.h"

#define FIRST_SLOTS_LOG2 8
#define FIRST_BYTES 1024
#define UNIT 8					/* what places in `bytes` are multiples of */

/* Keys of rows at hand are fetched from elsewhere up to so many bytes, or just one. */
#define BYTES_AT_HAND (1024 * 1024)

/* May the groups of a store be in a table? */
bool
grouping_table_can(const GroupingStore *store)
{
	int			i;

	if (store->nkeys > GROUPING_TABLE_KEYS_MOST)
		return false;
	for (i = 0; i < store->nkeys; i++)
		if (store->keys[i].kind == GROUPING_KEY_OPERATORS)
			return false;
	return true;
}

static inline bool
key_by_value(const GroupingStore *store, int key)
{
	return store->keys[key].kind == GROUPING_KEY_VALUE;
}

static inline uint64 *
slot_at(const GroupingTable *table, uint64 slot)
{
	return table->slots + slot * (uint64) table->size;
}

static inline uint64
first_slot(const GroupingTable *table, uint64 hash)
{
	return hash >> (64 - table->nslots_log2);
}

/* ---- keys of groups ----------------------------------------------------------------- */

/* A column by reference of a group's key, as a Datum. */
static inline const char *
stored_value(const GroupingTable *table, uint64 word)
{
	return table->bytes + (Size) (uint32) word * UNIT;
}

static inline const char *
value_bytes(const GroupingStore *store, int key, const char *value, uint32 *length)
{
	const int16 typlen = store->columns[store->keys[key].column].length;

	if (typlen != -1)
	{
		*length = (uint32) typlen;
		return value;
	}
	*length = (uint32) VARSIZE_ANY_EXHDR(value);
	return VARDATA_ANY(value);
}

/* The hash of a group's key, as of a row's. */
static uint64
group_hash(const GroupingTable *table, const uint64 *group)
{
	const GroupingStore *store = table->store;
	const uint64 *word = group + GROUP_KEY;
	uint64		hash = 0;
	int			i;

	for (i = 0; i < store->nkeys; i++)
	{
		const bool	isnull = (group[GROUP_BITS] >> (GROUP_NULLS_AT + i) & 1) != 0;
		uint64		of_column = 0;

		if (!isnull && key_by_value(store, i))
			of_column = grouping_value_hash(store, *word);
		else if (!isnull)
		{
			uint32		length;
			const char *bytes = value_bytes(store, i, stored_value(table, word[2]), &length);

			of_column = grouping_bytes_hash(store, bytes, length);
		}
		hash = grouping_hash_add(hash, of_column);
		word += key_by_value(store, i) ? 1 : GROUP_BYTES_WORDS;
	}
	return store->nkeys > 1 ? spread(hash) : hash;
}

/* Keep a column by reference of a key; its place. */
static uint64
keep_value(GroupingTable *table, int key, const char *bytes, uint32 length)
{
	const bool	varies = table->store->columns[table->store->keys[key].column].length == -1;
	const Size	place = table->nbytes;
	char	   *value = table->bytes + place;
	Size		header = 0;

	if (varies && length + VARHDRSZ_SHORT <= VARATT_SHORT_MAX)
	{
		header = VARHDRSZ_SHORT;
		SET_VARSIZE_SHORT(value, length + header);
	}
	else if (varies)
	{
		header = VARHDRSZ;
		SET_VARSIZE(value, length + header);
	}
	memcpy(value + header, bytes, length);
	table->nbytes += TYPEALIGN(UNIT, header + length);
	return place / UNIT;
}

/* Begin the group of a row at hand, in its slot. */
static void
begin_group(GroupingTable *table, uint64 *group, int row)
{
	const GroupingStore *store = table->store;
	const uint64 *words = table->words + (Size) row * table->nkey_words;
	uint64	   *word = group + GROUP_KEY;
	int			i;

	memset(group, 0, table->size * sizeof(uint64));
	group[GROUP_BITS] = GROUP_USED | table->present | table->nulls[row];
	table->nused++;
	if (table->simple)
		return;
	memcpy(word, words, table->nkey_words * sizeof(uint64));
	for (i = 0; i < store->nkeys; i++)
	{
		if (!key_by_value(store, i) && (table->nulls[row] >> (GROUP_NULLS_AT + i) & 1) == 0)
			word[2] |= keep_value(table, i, table->values[row * store->nkeys + i],
								  (uint32) (word[2] >> 32));
		word += key_by_value(store, i) ? 1 : GROUP_BYTES_WORDS;
	}
}

/* ---- memory ------------------------------------------------------------------------- */

static void
new_slots(GroupingTable *table)
{
	const Size	size = ((Size) table->size * sizeof(uint64)) << table->nslots_log2;

	table->slots = MemoryContextAllocExtended(table->store->context, size,
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	table->store->aside = size + table->bytes_capacity;
}

/* The states of a group go to the store. */
static void
store_group(GroupingTable *table, const uint64 *group)
{
	GroupingStore *store = table->store;
	Datum		keys[GROUPING_TABLE_KEYS_MOST];
	bool		nulls[GROUPING_TABLE_KEYS_MOST];
	uint64		states[1 + GROUPING_FOLDS_MOST * GROUPING_STATE_WORDS];
	const uint64 *word = group + GROUP_KEY;
	int			i;

	for (i = 0; i < store->nkeys; i++)
	{
		nulls[i] = (group[GROUP_BITS] >> (GROUP_NULLS_AT + i) & 1) != 0;
		keys[i] = key_by_value(store, i) ? (Datum) *word :
			PointerGetDatum(stored_value(table, word[2]));
		word += key_by_value(store, i) ? 1 : GROUP_BYTES_WORDS;
	}
	states[0] = group[GROUP_BITS];
	memcpy(states + 1, group + table->states, (table->size - table->states) * sizeof(uint64));
	grouping_add_states(store, (uint32) (group_hash(table, group) >> 32), keys, nulls, states);
}

/* Forget all groups.  Their states go to the store, in the order of hashes, and so of parts. */
static void
flush_table(GroupingTable *table)
{
	const uint64 nslots = UINT64_C(1) << table->nslots_log2;
	uint64		i;

	for (i = 0; i < nslots; i++)
	{
		uint64	   *group = slot_at(table, i);

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (group[GROUP_BITS] != 0 && table->states < table->size)
			store_group(table, group);
		group[GROUP_BITS] = 0;
	}
	table->nused = 0;
	table->nbytes = UNIT;
}

static uint64
slots_bytes(const GroupingTable *table, int nslots_log2)
{
	return ((uint64) table->size * sizeof(uint64)) << nslots_log2;
}

/* Have room for n more groups. */
static void
make_room(GroupingTable *table, int n)
{
	const uint64 nslots = UINT64_C(1) << table->nslots_log2;
	const uint64 mask = 2 * nslots - 1;
	uint64	   *old = table->slots;
	uint64		i;

	if (table->nused + (uint64) n <= nslots / 4 * 3)
		return;
	/* old and new ones are there for a while */
	if (3 * slots_bytes(table, table->nslots_log2) + table->bytes_capacity > table->most)
	{
		flush_table(table);
		return;
	}
	table->nslots_log2++;
	new_slots(table);
	for (i = 0; i < nslots; i++)
	{
		const uint64 *group = old + i * (uint64) table->size;
		uint64		slot;

		if (group[GROUP_BITS] == 0)
			continue;
		slot = first_slot(table, group_hash(table, group));
		while (slot_at(table, slot)[GROUP_BITS] != 0)
			slot = (slot + 1) & mask;
		memcpy(slot_at(table, slot), group, (Size) table->size * sizeof(uint64));
	}
	pfree(old);
}

/* Have room for so many bytes of keys. */
static void
make_room_for_bytes(GroupingTable *table, Size size)
{
	Size		capacity = table->bytes_capacity;

	if (table->nbytes + size <= capacity)
		return;
	capacity = Max(2 * capacity, capacity + size);
	/* where even an empty table has no room, it takes more */
	if (slots_bytes(table, table->nslots_log2) + table->bytes_capacity + capacity > table->most ||
		capacity / UNIT > UINT32_MAX)
	{
		flush_table(table);
		if (table->nbytes + size <= table->bytes_capacity)
			return;
		capacity = table->nbytes + size;
	}
	table->bytes = repalloc_huge(table->bytes, capacity);
	table->bytes_capacity = capacity;
	table->store->aside = slots_bytes(table, table->nslots_log2) + capacity;
}

/* ---- keys of rows ------------------------------------------------------------------- */

/* How many rows from `first` on are at hand together, and what their keys take if all are new. */
static int
rows_at_hand(const GroupingTable *table, const ScanVector *const *columns, int first, int n,
			 Size *size)
{
	const GroupingStore *store = table->store;
	int			row;
	int			i;

	*size = 0;
	for (row = first; row < n; row++)
	{
		Size		of_row = 0;

		for (i = 0; i < store->nkeys; i++)
		{
			const GroupingColumn *type = &store->columns[store->keys[i].column];
			const ScanVector *column = columns[store->from[store->keys[i].column]];
			const int	at = column->constant ? 0 : row;

			if (key_by_value(store, i) || (column->has_nulls && column->nulls[at]))
				continue;
			of_row += UNIT + VARHDRSZ +
				(type->length != -1 ? (Size) type->length :
				 VARATT_IS_EXTERNAL(DatumGetPointer(column->values[at])) ||
				 VARATT_IS_COMPRESSED(DatumGetPointer(column->values[at])) ?
				 toast_raw_datum_size(column->values[at]) :
				 VARSIZE_ANY(DatumGetPointer(column->values[at])));
		}
		if (row > first && *size + of_row > BYTES_AT_HAND)
			break;
		*size += of_row;
	}
	return row - first;
}

/* The words of a column by reference, and its hash. */
static void
key_bytes(GroupingTable *table, int key, int at, const ScanVector *column, int first, int n)
{
	const GroupingStore *store = table->store;
	const bool	varies = store->columns[store->keys[key].column].length == -1;
	int			i;

	for (i = 0; i < n; i++)
	{
		const int	row = column->constant ? 0 : first + i;
		uint64	   *word = table->words + (Size) i * table->nkey_words + at;
		const char *value;
		const char *bytes;
		uint32		length;

		if (column->has_nulls && column->nulls[row])
		{
			memset(word, 0, GROUP_BYTES_WORDS * sizeof(uint64));
			table->nulls[i] |= UINT64_C(1) << (GROUP_NULLS_AT + key);
			table->hashes[i] = grouping_hash_add(table->hashes[i], 0);
			continue;
		}
		value = DatumGetPointer(column->values[row]);
		if (varies)
			value = (const char *) pg_detoast_datum_packed(unconstify(struct varlena *, (const struct varlena *) value));
		bytes = value_bytes(store, key, value, &length);
		table->values[i * store->nkeys + key] = bytes;
		slice_ends(bytes, length, &word[0], &word[1]);
		word[2] = (uint64) length << 32;
		table->hashes[i] = grouping_hash_add(table->hashes[i],
											 grouping_bytes_hash(store, bytes, length));
	}
}

/* The word of a column by value, and its hash. */
static void
key_value(GroupingTable *table, int key, int at, const ScanVector *column, int first, int n)
{
	int			i;

	for (i = 0; i < n; i++)
	{
		const int	row = column->constant ? 0 : first + i;
		const bool	isnull = column->has_nulls && column->nulls[row];

		table->words[(Size) i * table->nkey_words + at] = isnull ? 0 : (uint64) column->values[row];
		table->nulls[i] |= (uint64) isnull << (GROUP_NULLS_AT + key);
		table->hashes[i] =
			grouping_hash_add(table->hashes[i], isnull ? 0 :
							  grouping_value_hash(table->store, (uint64) column->values[row]));
	}
}

/* The keys of n rows from `first` on. */
static void
find_keys(GroupingTable *table, const ScanVector *const *columns, int first, int n)
{
	const GroupingStore *store = table->store;
	int			at = 0;
	int			i;

	memset(table->nulls, 0, n * sizeof(uint64));
	memset(table->hashes, 0, n * sizeof(uint64));
	for (i = 0; i < store->nkeys; i++)
	{
		const ScanVector *column = columns[store->from[store->keys[i].column]];

		if (key_by_value(store, i))
			key_value(table, i, at, column, first, n);
		else
			key_bytes(table, i, at, column, first, n);
		at += key_by_value(store, i) ? 1 : GROUP_BYTES_WORDS;
	}
	if (store->nkeys > 1)
		for (i = 0; i < n; i++)
			table->hashes[i] = spread(table->hashes[i]);
}

/* ---- groups of rows ------------------------------------------------------------------ */

/* Has a group the key of a row at hand? */
static inline bool
has_key(const GroupingTable *table, const uint64 *group, int row)
{
	const GroupingStore *store = table->store;
	const uint64 *words = table->words + (Size) row * table->nkey_words;
	const uint64 *key = group + GROUP_KEY;
	int			i;

	if ((group[GROUP_BITS] & GROUP_NULLS) != table->nulls[row])
		return false;
	for (i = 0; i < store->nkeys; i++)
	{
		uint64		length;

		if (key_by_value(store, i))
		{
			if (*key++ != *words++)
				return false;
			continue;
		}
		length = words[2] >> 32;
		if (key[0] != words[0] || key[1] != words[1] || key[2] >> 32 != length)
			return false;
		if (unlikely(length > 2 * sizeof(uint64)))
		{
			uint32		ignored;

			if (memcmp(value_bytes(store, i, stored_value(table, key[2]), &ignored),
					   table->values[row * store->nkeys + i], length) != 0)
				return false;
		}
		key += GROUP_BYTES_WORDS;
		words += GROUP_BYTES_WORDS;
	}
	return true;
}

/* The group of a row at hand. */
static inline uint64 *
find_group(GroupingTable *table, int row)
{
	uint64		slot = first_slot(table, table->hashes[row]);
	uint64	   *group = slot_at(table, slot);

	while (group[GROUP_BITS] != 0 && !has_key(table, group, row))
	{
		slot = (slot + 1) & ((UINT64_C(1) << table->nslots_log2) - 1);
		group = slot_at(table, slot);
	}
	if (unlikely(group[GROUP_BITS] == 0))
		begin_group(table, group, row);
	return group;
}

static void
ask_for_slots(const GroupingTable *table, int n)
{
	int			i;

	for (i = 0; i < n; i++)
	{
		const uint64 *group = slot_at(table, first_slot(table, table->hashes[i]));

		__builtin_prefetch(group, 1);
		__builtin_prefetch(group + table->size - 1, 1);
	}
}

/* The groups of n rows whose key is one column, by value. */
static pg_attribute_always_inline void
find_simple_groups(GroupingTable *table, const ScanVector *keys, int first, int n, bool has_nulls)
{
	const uint64 mask = (UINT64_C(1) << table->nslots_log2) - 1;
	const uint64 null_bit = UINT64_C(1) << GROUP_NULLS_AT;
	const int	stride = keys->constant ? 0 : 1;
	int			i;

	for (i = 0; i < n; i++)
	{
		const int	row = (first + i) * stride;
		const bool	isnull = has_nulls && keys->nulls[row];
		const uint64 key = isnull ? 0 : (uint64) keys->values[row];
		const uint64 nulls = isnull ? null_bit : 0;
		uint64		slot = first_slot(table, table->hashes[i]);
		uint64	   *group = slot_at(table, slot);

		while (group[GROUP_BITS] != 0 &&
			   (group[GROUP_KEY] != key || (group[GROUP_BITS] & null_bit) != nulls))
		{
			slot = (slot + 1) & mask;
			group = slot_at(table, slot);
		}
		if (unlikely(group[GROUP_BITS] == 0))
		{
			table->nulls[i] = nulls;
			begin_group(table, group, i);
			group[GROUP_KEY] = key;
		}
		table->groups[i] = group;
	}
}

/* Find the groups of rows from `first` on, as many as are at hand together: their number. */
int
grouping_table_find(GroupingTable *table, const ScanVector *const *columns, int first, int n)
{
	const GroupingStore *store = table->store;
	const ScanVector *keys = columns[store->from[store->keys[0].column]];
	MemoryContext old;
	Size		size = 0;
	int			i;

	if (table->simple)
	{
		n -= first;
		make_room(table, n);
		for (i = 0; i < n; i++)
		{
			const int	row = keys->constant ? 0 : first + i;

			table->hashes[i] = keys->has_nulls && keys->nulls[row] ? 0 :
				grouping_value_hash(store, (uint64) keys->values[row]);
		}
		ask_for_slots(table, n);
		if (keys->has_nulls)
			find_simple_groups(table, keys, first, n, true);
		else
			find_simple_groups(table, keys, first, n, false);
		return n;
	}
	n = rows_at_hand(table, columns, first, n, &size);
	make_room(table, n);
	make_room_for_bytes(table, size);
	old = MemoryContextSwitchTo(table->fetched);
	find_keys(table, columns, first, n);
	MemoryContextSwitchTo(old);
	ask_for_slots(table, n);
	for (i = 0; i < n; i++)
		table->groups[i] = find_group(table, i);
	table_scan_reset(table->fetched);
	return n;
}

/* ---- the table ----------------------------------------------------------------------- */

/* A table without groups, of the keys and states of a store, which takes about so many bytes. */
GroupingTable *
grouping_table_new(GroupingStore *store, uint64 present, uint64 most)
{
	GroupingTable *table = MemoryContextAllocZero(store->context, sizeof(GroupingTable));
	int			i;

	table->store = store;
	table->present = present;
	table->most = most;
	table->simple = grouping_key_is_value(store);
	for (i = 0; i < store->nkeys; i++)
		table->nkey_words += key_by_value(store, i) ? 1 : GROUP_BYTES_WORDS;
	table->states = GROUP_KEY + table->nkey_words;
	/* the bits are in front in a group, and among the states in a row */
	table->size = table->states + Max(store->nstates - 1, 0);
	table->nslots_log2 = FIRST_SLOTS_LOG2;
	while (SCAN_ROWS_MOST > (1 << table->nslots_log2) / 4 * 3)
		table->nslots_log2++;
	if (!table->simple)
	{
		table->fetched = AllocSetContextCreate(store->context, "pg_journey keys of groups",
											   ALLOCSET_SMALL_SIZES);
		table->words = MemoryContextAlloc(store->context, SCAN_ROWS_MOST * table->nkey_words * sizeof(uint64));
		table->values = MemoryContextAlloc(store->context, SCAN_ROWS_MOST * store->nkeys * sizeof(char *));
		table->bytes = MemoryContextAlloc(store->context, FIRST_BYTES);
		table->bytes_capacity = FIRST_BYTES;
		table->nbytes = UNIT;
	}
	new_slots(table);
	return table;
}

/* All rows are there. */
void
grouping_table_close(GroupingTable *table)
{
	flush_table(table);
	table->store->aside = 0;
	pfree(table->slots);
	if (!table->simple)
	{
		MemoryContextDelete(table->fetched);
		pfree(table->words);
		pfree(table->values);
		pfree(table->bytes);
	}
	pfree(table);
}
