/*-------------------------------------------------------------------------
 *
 * scan_groups.c
 *		Feeds the aggregates above the scan, group by group.
 *
 * Under PostgreSQL's HashAggregate, the first row of a group goes up through the
 * executor, which makes the group's entry in its hash table.  At the scan's next
 * turn that entry is the one at hand: the scan notes where it is, by the key of
 * the row.  The other rows of a page are brought in the order of their groups,
 * and each group's are fed to its aggregates (scan_feed.c).
 *
 * Keys are compared by their bytes.  So values that are equal, but look
 * different, take several notes of the same group.  What cannot be noted goes up
 * through the executor: rows of groups for whose states it has no memory left,
 * and keys that are not on the page.  With too many of these, or of groups, all
 * other rows do.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "executor/nodeAgg.h"
#include "miscadmin.h"
#include "scan/scan_expr.h"
#include "scan/scan_state.h"
#include "store/store.h"

#include "compat.h"

#define GROUP_SLOTS_LOG2 13

/* The group of a row that is not noted. */
#define NO_GROUP UINT16_MAX

/*
 * A column of a key.  Of bytes, up to SHORT_KEY of them: the first and the last
 * ones, which are all.
 */
typedef struct GroupKey
{
	uint64		head;			/* by value: the Datum; more bytes: their hash */
	uint64		tail;
	uint32		size;			/* in bytes, or one of the following */
} GroupKey;

#define SHORT_KEY 16
#define KEY_NULL UINT32_MAX
#define KEY_BY_VALUE (UINT32_MAX - 1)
#define KEY_ELSEWHERE (UINT32_MAX - 2)	/* toasted: its bytes are not on the
										 * page */
#define LONGEST_KEY (UINT32_MAX - 3)

typedef struct NotedGroup
{
	uint64		hash;
	GroupKey   *keys;
	const char **bytes;			/* of those longer than SHORT_KEY */
	AggStatePerGroup states;	/* of its aggregates */
	uint16		place;			/* among the groups of the rows at hand */
	bool		present;		/* is it one of those? */
} NotedGroup;

/*
 * The group of a value that is looked up.  Such a value lies in the same place for
 * as long as groups are noted, so that its bytes need not be read again.
 */
typedef struct GroupOfPlace
{
	Datum		value;
	uint16		group;
} GroupOfPlace;

#define PLACES_LOG2 6

/* The groups of an aggregate that are known to the scans below it. */
struct ScanGroups
{
	MemoryContext context;		/* of what is noted */
	int			nkeys;
	const AttrNumber *columns;	/* of the key, from 1 on, among the outputs */
	uint64		factor;			/* of the hash */
	int			n;
	int			nmissed;		/* rows whose group could not be noted */
	NotedGroup	groups[SCAN_GROUPS_MOST];
	uint16		slots[1 << GROUP_SLOTS_LOG2];	/* numbers of groups + 1, by
												 * hash */
	GroupOfPlace places[1 << PLACES_LOG2];	/* by address; a value 0: none */
	ScanVector *computed;		/* keys that are evaluated row by row */
	const ScanVector **vectors; /* of the keys of the rows at hand, */
	GroupKey   *keys;			/* and these, column by column */
	uint16		of_row[SCAN_ROWS_MOST]; /* their groups */
	uint16		present[SCAN_ROWS_MOST];	/* the groups among them */
	uint16		ends[SCAN_ROWS_MOST];	/* and how far their rows go, in the
										 * order of groups */
};

/* ---- keys ------------------------------------------------------------------------ */

/* The bytes of a value by reference; false: they are elsewhere. */
static inline bool
key_bytes(Datum value, int16 length, const char **bytes, Size *size)
{
	*bytes = DatumGetPointer(value);
	*size = (Size) length;
	if (length > 0)
		return true;
	if (length != -1 || (VARATT_IS_EXTENDED(*bytes) && !VARATT_IS_SHORT(*bytes)))
		return false;
	*size = VARSIZE_ANY_EXHDR(*bytes);
	*bytes = VARDATA_ANY(*bytes);
	return true;
}

static inline void
key_set(GroupKey *key, uint64 head, uint32 size)
{
	key->head = head;
	key->tail = 0;
	key->size = size;
}

/* Bytes as a key: whole if they are few, else their hash. */
static inline void
key_of_bytes(GroupKey *key, const char *bytes, Size size, uint64 factor)
{
	key->size = (uint32) size;
	if (likely(size <= SHORT_KEY))
		stored_ends(bytes, (uint32) size, &key->head, &key->tail);
	else
		key_set(key, hash_bytes_extended((const unsigned char *) bytes, (int) size, factor),
				(uint32) size);
}

/* Make a key of the value of one column in a row, and add it to the row's hash. */
static inline void
take_key(GroupKey *key, const ScanVector *vector, int row, const FormData_pg_attribute *type,
		 uint64 factor, uint64 *hash)
{
	const char *bytes;
	Size		size;

	if (vector->nulls[row])
		key_set(key, 0, KEY_NULL);
	else if (type->attbyval)
		key_set(key, (uint64) vector->values[row], KEY_BY_VALUE);
	else if (key_bytes(vector->values[row], type->attlen, &bytes, &size))
		key_of_bytes(key, bytes, size, factor);
	else
		key_set(key, 0, KEY_ELSEWHERE);
	*hash = spread((key->head ^ key->size) * factor + key->tail) + (*hash << 7 | *hash >> 57);
}

/* Is the key of a group that of a row? */
static inline bool
is_group_of(const ScanGroups *groups, const NotedGroup *group, TupleDesc desc, int row)
{
	int			i;

	for (i = 0; i < groups->nkeys; i++)
	{
		const GroupKey *noted = &group->keys[i];
		const GroupKey *key = &groups->keys[i * SCAN_ROWS_MOST + row];

		if (key->head != noted->head || key->tail != noted->tail || key->size != noted->size ||
			key->size == KEY_ELSEWHERE)
			return false;
		if (key->size > SHORT_KEY && key->size <= LONGEST_KEY)
		{
			const FormData_pg_attribute *type = TupleDescAttr(desc, groups->columns[i] - 1);
			const ScanVector *vector = groups->vectors[i];
			const char *bytes;
			Size		size;

			if (!key_bytes(vector->values[vector->constant ? 0 : row], type->attlen, &bytes, &size) ||
				memcmp(bytes, group->bytes[i], size) != 0)
				return false;
		}
	}
	return true;
}

/* Can a row's key be compared with others? */
static bool
has_bytes(const ScanGroups *groups, int row)
{
	int			i;

	for (i = 0; i < groups->nkeys; i++)
		if (groups->keys[i * SCAN_ROWS_MOST + row].size == KEY_ELSEWHERE)
			return false;
	return true;
}

/* The group that a row belongs to, and where it is to be noted if it is not. */
static inline uint16
find_group(const ScanGroups *groups, TupleDesc desc, uint64 hash, int row, uint32 *slot)
{
	uint32		at = (uint32) (hash >> (64 - GROUP_SLOTS_LOG2));

	for (; groups->slots[at] != 0; at = (at + 1) & ((1 << GROUP_SLOTS_LOG2) - 1))
	{
		const uint16 number = groups->slots[at] - 1;

		if (groups->groups[number].hash == hash &&
			is_group_of(groups, &groups->groups[number], desc, row))
			return number;
	}
	*slot = at;
	return NO_GROUP;
}

/* Have the keys of all rows at hand, and their hashes. */
static void
take_keys(TableScanState *state, uint64 *hashes)
{
	ScanGroups *groups = state->groups;
	const TupleDesc desc = state->css.ss.ps.ps_ResultTupleDesc;
	int			i;
	int			row;

	memset(hashes, 0, state->rows->n * sizeof(uint64));
	for (i = 0; i < groups->nkeys; i++)
	{
		const int	output = groups->columns[i] - 1;
		const FormData_pg_attribute *type = TupleDescAttr(desc, output);
		const ScanVector *vector = scan_output_vector(state, output, &groups->computed[i]);
		GroupKey   *keys = &groups->keys[i * SCAN_ROWS_MOST];

		groups->vectors[i] = vector;
		for (row = 0; row < state->rows->n; row++)
			take_key(&keys[row], vector, vector->constant ? 0 : row, type, groups->factor,
					 &hashes[row]);
	}
}

/*
 * Have just the key of the row that is looked at; gives back its hash.  Conditions
 * may not have been tested on the others.
 */
static uint64
take_keys_of_row(TableScanState *state)
{
	ScanGroups *groups = state->groups;
	const TupleDesc desc = state->css.ss.ps.ps_ResultTupleDesc;
	const int	row = state->rows->current;
	uint64		hash = 0;
	int			i;

	for (i = 0; i < groups->nkeys; i++)
	{
		const int	output = groups->columns[i] - 1;

		groups->vectors[i] = scan_output_of_row(state, output, &groups->computed[i]);
		take_key(&groups->keys[i * SCAN_ROWS_MOST + row], groups->vectors[i], row,
				 TupleDescAttr(desc, output), groups->factor, &hash);
	}
	return hash;
}

/* ---- groups ---------------------------------------------------------------------- */

/* The groups of an aggregate, of which none is known; NULL: it has other ones. */
ScanGroups *
scan_groups_new(AggState *agg)
{
	const Agg  *plan = castNode(Agg, agg->ss.ps.plan);
	MemoryContext context = agg->ss.ps.state->es_query_cxt;
	ScanGroups *groups;

	if (agg->aggstrategy != AGG_HASHED || agg->num_hashes != 1 || plan->numCols == 0)
		return NULL;
	groups = MemoryContextAllocZero(context, sizeof(ScanGroups));
	groups->context = AllocSetContextCreate(context, "pg_journey groups of a scan",
											ALLOCSET_DEFAULT_SIZES);
	groups->nkeys = plan->numCols;
	groups->columns = plan->grpColIdx;
	groups->factor = user_slot_factor();
	groups->computed = MemoryContextAllocZero(context, plan->numCols * sizeof(ScanVector));
	groups->vectors = MemoryContextAllocZero(context, plan->numCols * sizeof(ScanVector *));
	groups->keys = MemoryContextAlloc(context, plan->numCols * SCAN_ROWS_MOST * sizeof(GroupKey));
	return groups;
}

/* The executor has just processed the row that is looked at: note its group. */
static void
note_group(TableScanState *state)
{
	ScanGroups *groups = state->groups;
	const TupleDesc desc = state->css.ss.ps.ps_ResultTupleDesc;
	const int	row = state->rows->current;
	AggStatePerGroup states = state->agg->hash_pergroup[0];
	const uint64 hash = take_keys_of_row(state);
	NotedGroup *group;
	MemoryContext old;
	uint32		slot;
	int			i;

	if (states == NULL || find_group(groups, desc, hash, row, &slot) != NO_GROUP ||
		!has_bytes(groups, row))
	{
		groups->nmissed++;
		return;
	}
	old = MemoryContextSwitchTo(groups->context);
	group = &groups->groups[groups->n++];
	group->hash = hash;
	group->states = states;
	group->keys = palloc(groups->nkeys * sizeof(GroupKey));
	group->bytes = palloc0(groups->nkeys * sizeof(char *));
	for (i = 0; i < groups->nkeys; i++)
	{
		const ScanVector *vector = groups->vectors[i];
		const char *bytes;
		Size		size;

		group->keys[i] = groups->keys[i * SCAN_ROWS_MOST + row];
		if (group->keys[i].size > SHORT_KEY && group->keys[i].size <= LONGEST_KEY &&
			key_bytes(vector->values[vector->constant ? 0 : row],
					  TupleDescAttr(desc, groups->columns[i] - 1)->attlen, &bytes, &size))
			group->bytes[i] = memcpy(palloc(size), bytes, size);
	}
	groups->slots[slot] = (uint16) groups->n;
	MemoryContextSwitchTo(old);
}

/* Is there no use in feeding any more? */
bool
scan_groups_full(const ScanGroups *groups)
{
	return groups->n + groups->nmissed >= SCAN_GROUPS_MOST;
}

/* How many groups are noted; 0: the others are not fed any more. */
int
scan_groups_count(const ScanGroups *groups)
{
	return scan_groups_full(groups) ? 0 : groups->n;
}

/* Forget all groups: the aggregate has begun anew. */
void
scan_groups_forget(ScanGroups *groups)
{
	MemoryContextReset(groups->context);
	groups->n = groups->nmissed = 0;
	memset(groups->slots, 0, sizeof(groups->slots));
	memset(groups->places, 0, sizeof(groups->places));
}

/* ---- rows ------------------------------------------------------------------------ */

/* The values of the one key, if it is a column by reference that is looked up; else NULL. */
static const ScanVector *
looked_up_key(TableScanState *state)
{
	const ScanGroups *groups = state->groups;
	const TupleDesc desc = state->css.ss.ps.ps_ResultTupleDesc;
	const int	output = groups->columns[0] - 1;
	ScanExpr   *key = state->outputs[output];

	if (groups->nkeys != 1 || key->kind != SCAN_COLUMN || key->column < state->rows->ntable ||
		TupleDescAttr(desc, output)->attbyval)
		return NULL;
	return scan_expr_vector(key, state->rows);
}

/* find_groups() by such a key. */
static int
find_groups_by_place(TableScanState *state, const ScanVector *vector)
{
	ScanGroups *groups = state->groups;
	const TupleDesc desc = state->css.ss.ps.ps_ResultTupleDesc;
	const FormData_pg_attribute *type = TupleDescAttr(desc, groups->columns[0] - 1);
	uint32		slot;
	int			i;

	groups->vectors[0] = vector;
	for (i = 0; i < state->rows->n; i++)
	{
		const Datum value = vector->values[i];
		GroupOfPlace *place = &groups->places[value / MAXIMUM_ALIGNOF % (1 << PLACES_LOG2)];
		uint64		hash = 0;

		if (value == 0 || place->value != value)
		{
			take_key(&groups->keys[i], vector, i, type, groups->factor, &hash);
			groups->of_row[i] = find_group(groups, desc, hash, i, &slot);
			if (groups->of_row[i] == NO_GROUP)
				break;
			place->value = value;
			place->group = groups->of_row[i];
		}
		groups->of_row[i] = place->group;
	}
	return i;
}

/* The number of rows at hand before the first one whose group is not noted. */
static int
find_groups(TableScanState *state)
{
	ScanGroups *groups = state->groups;
	const TupleDesc desc = state->css.ss.ps.ps_ResultTupleDesc;
	const ScanVector *looked_up = looked_up_key(state);
	uint64		hashes[SCAN_ROWS_MOST];
	uint32		slot;
	int			i;

	if (looked_up != NULL)
		return find_groups_by_place(state, looked_up);
	take_keys(state, hashes);
	for (i = 0; i < state->rows->n; i++)
	{
		/* rows of a group often follow each other */
		if (i > 0 && hashes[i] == hashes[i - 1] &&
			is_group_of(groups, &groups->groups[groups->of_row[i - 1]], desc, i))
			groups->of_row[i] = groups->of_row[i - 1];
		else
			groups->of_row[i] = find_group(groups, desc, hashes[i], i, &slot);
		if (groups->of_row[i] == NO_GROUP)
			break;
	}
	return i;
}

/*
 * Bring rows in the order of their groups, of which it gives back the number.
 * They stay in their order in each group.
 */
int
scan_order_by_group(ScanGroups *groups, uint16 *rows, int n)
{
	uint16		ordered[SCAN_ROWS_MOST];
	int			npresent = 0;
	int			end = 0;
	int			i;

	for (i = 0; i < n; i++)
	{
		const uint16 number = groups->of_row[rows[i]];
		NotedGroup *group = &groups->groups[number];

		if (!group->present)
		{
			group->present = true;
			group->place = (uint16) npresent;
			groups->present[npresent] = number;
			groups->ends[npresent++] = 0;
		}
		groups->ends[group->place]++;
	}
	for (i = 0; i < npresent; i++)
	{
		const int	count = groups->ends[i];

		groups->ends[i] = (uint16) end;
		end += count;
		groups->groups[groups->present[i]].present = false;
	}
	for (i = 0; i < n; i++)
		ordered[groups->ends[groups->groups[groups->of_row[rows[i]]].place]++] = rows[i];
	memcpy(rows, ordered, n * sizeof(uint16));
	return npresent;
}

/* Make one of the groups among the rows at hand that of the aggregate; its rows end there. */
int
scan_set_group(TableScanState *state, int i)
{
	const ScanGroups *groups = state->groups;

	state->agg->hash_pergroup[0] = groups->groups[groups->present[i]].states;
	return groups->ends[i];
}

/* Feed rows until there is one whose group is not noted. */
ScanFed
scan_feed_groups(TableScanState *state, uint64 *nfed)
{
	const ScanGroups *groups = state->groups;
	ScanRows   *rows = state->rows;
	const int	current = rows->current;

	if (current >= 0 && current < rows->n)
		note_group(state);
	if (scan_groups_full(groups))
		return SCAN_FED_NO_MORE;
	scan_rows_drop_before(rows, current + 1);
	do
	{
		int			n;
		int			nknown;
		int			i;

		scan_filter_rows(state);
		n = rows->n;
		if (n == 0)
			continue;
		nknown = find_groups(state);
		rows->n = nknown;
		for (i = 0; i < state->agg->numtrans && nknown > 0; i++)
			scan_feed_aggregate(state, i);
		rows->n = n;
		*nfed += nknown;
		if (nknown < n)
		{
			rows->current = nknown;
			return SCAN_FED_TO_ROW;
		}
		table_scan_reset(CurrentMemoryContext);
	} while (scan_next_page(state, ForwardScanDirection));
	return SCAN_FED_ALL;
}
