/*-------------------------------------------------------------------------
 *
 * scan_share_groups.c
 *		Processes of a parallel plan share the users of each group of an aggregate.
 *
 * Under a partial HashAggregate each process has states of its own for each group
 * that it has met.  When all rows are read, each process publishes its groups: the
 * bytes of their keys, and for each aggregate whether it has a state whose users
 * can be shared.  So all processes know all groups, number them in the same
 * order, and go through them, one exchange for each aggregate of each group.
 *
 * Bytes stand for a key: so the types of keys are those whose equal values look
 * the same.  If a process could not keep all groups in memory, or there are too
 * many of them, no process shares anything.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/nbtree.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "executor/nodeAgg.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "scan/scan_share.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "compat.h"

/* With more groups, users are not shared. */
#define SHARED_GROUPS_MOST 256

/* ... nor with more states in a process. */
#define SHARED_STATES_MOST 4096

typedef struct StateOfGroup
{
	AggStatePerGroup states;	/* of the group, by aggregate */
	SharedState shared;
} StateOfGroup;

struct SharedGroups
{
	MemoryContext context;
	Exchange   *rounds;
	bool		too_many;		/* states */
	int			n;
	int			capacity;
	StateOfGroup *states;
};

/*
 * What a process publishes: this, then for each group its key and, for each
 * aggregate, the slot of its exchange, or NO_SLOT.
 */
typedef struct Published
{
	uint32		shares;			/* can it? */
	uint32		naggregates;
	uint32		ngroups;
	uint32		unused;
} Published;

#define NO_SLOT (-1)

typedef struct PublishedKey
{
	uint32		size;			/* of the key, in bytes */
	uint32		hash;
} PublishedKey;

/* A group that some processes have. */
typedef struct KnownGroup
{
	const PublishedKey *key;
	AggStatePerGroup states;	/* in this process, or NULL */
	int			processes;		/* that have it */
	const int32 **slots;		/* by process: of the aggregates, or NULL */
} KnownGroup;

/* ---- planning ------------------------------------------------------------------- */

/* Are values that an operator calls equal the same bytes? */
bool
scan_equal_is_same(Oid equal, Oid collation)
{
	const TypeCacheEntry *entry;
	Oid			type;
	Oid			right;
	Oid			function;

	op_input_types(equal, &type, &right);
	entry = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY | TYPECACHE_EQ_OPR);
	/* the blanks behind a char(n) are bytes, too */
	if (!OidIsValid(entry->btree_opf) || entry->eq_opr != equal || type == BPCHAROID ||
		(type_is_collatable(type) && !OidIsValid(collation)))
		return false;
	function = get_opfamily_proc(entry->btree_opf, entry->btree_opintype, entry->btree_opintype,
								 BTEQUALIMAGE_PROC);
	return OidIsValid(function) &&
		DatumGetBool(OidFunctionCall1Coll(function, collation, ObjectIdGetDatum(entry->btree_opintype)));
}

/* May the users of the groups of a partial aggregate be shared? */
bool
shared_groups_allowed(PlannerInfo *root, const AggPath *agg)
{
	ListCell   *cell;

	foreach(cell, agg->groupClause)
	{
		const SortGroupClause *clause = lfirst_node(SortGroupClause, cell);
		Node	   *key = get_sortgroupclause_expr(unconstify(SortGroupClause *, clause),
												   root->processed_tlist);

		if (!scan_equal_is_same(clause->eqop, exprCollation(key)))
			return false;
	}
	return true;
}

/* ---- states ----------------------------------------------------------------------- */

SharedGroups *
shared_groups_new(Exchange *rounds, MemoryContext context)
{
	SharedGroups *groups = MemoryContextAllocZero(context, sizeof(SharedGroups));
	int			i;

	groups->context = context;
	groups->rounds = rounds;
	/* all processes meet once */
	for (i = 1; i < EXCHANGE_ROUNDS; i++)
		exchange_leave(&rounds[i]);
	return groups;
}

/* An aggregate has made its state in the group at hand. */
void
shared_groups_add(SharedGroups *groups, AggState *agg, Datum state, const ScanSharing *sharing)
{
	StateOfGroup *new;

	if (!groups->rounds[0].open || agg->aggstrategy != AGG_HASHED || agg->hash_pergroup[0] == NULL)
		return;
	if (groups->n == SHARED_STATES_MOST)
	{
		groups->too_many = true;
		return;
	}
	if (groups->n == groups->capacity)
	{
		groups->capacity = Max(2 * groups->capacity, 16);
		groups->states = groups->states == NULL ?
			MemoryContextAlloc(groups->context, groups->capacity * sizeof(StateOfGroup)) :
			repalloc(groups->states, groups->capacity * sizeof(StateOfGroup));
	}
	new = &groups->states[groups->n];
	new->states = agg->hash_pergroup[0];
	new->shared.exchange = exchange_of_group(groups->rounds, groups->n, groups->context);
	if (scan_share_begin(&new->shared, agg, state, sharing))
		groups->n++;
}

/* The state of an aggregate of a group whose users this process can share, or NULL. */
static const SharedState *
find_state(const SharedGroups *groups, const AggStatePerGroupData *states, int number)
{
	int			i;

	/* the latest one, if there have been several */
	for (i = groups->n - 1; i >= 0; i--)
	{
		const SharedState *shared = &groups->states[i].shared;

		if (groups->states[i].states == states && shared->number == number)
			return !states[number].transValueIsNull && states[number].transValue == shared->state ?
				shared : NULL;
	}
	return NULL;
}

/* ---- publishing ------------------------------------------------------------------- */

/* The key of a group, as bytes. */
static void
append_key(StringInfo out, TupleTableSlot *slot, int nkeys)
{
	const int	begin = out->len;
	PublishedKey key = {0, 0};
	int			i;

	appendBinaryStringInfo(out, (const char *) &key, sizeof(key));
	for (i = 0; i < nkeys; i++)
	{
		const FormData_pg_attribute *type = TupleDescAttr(slot->tts_tupleDescriptor, i);
		bool		isnull;
		Datum		value = slot_getattr(slot, i + 1, &isnull);
		const char *bytes = (const char *) &value;
		uint32		size = sizeof(Datum);

		appendStringInfoChar(out, isnull ? 'n' : 'v');
		if (isnull)
			continue;
		if (!type->attbyval)
		{
			bytes = DatumGetPointer(value);
			size = type->attlen > 0 ? (uint32) type->attlen : (uint32) strlen(bytes);
			if (type->attlen == -1)
			{
				bytes = (const char *) PG_DETOAST_DATUM_PACKED(value);
				size = VARSIZE_ANY_EXHDR(bytes);
				bytes = VARDATA_ANY(bytes);
			}
		}
		appendBinaryStringInfo(out, (const char *) &size, sizeof(size));
		appendBinaryStringInfo(out, bytes, (int) size);
	}
	key.size = (uint32) (out->len - begin - sizeof(key));
	key.hash = hash_bytes((const unsigned char *) out->data + begin + sizeof(key), (int) key.size);
	while (out->len % MAXIMUM_ALIGNOF != 0)
		appendStringInfoChar(out, '\0');
	memcpy(out->data + begin, &key, sizeof(key));
}

/*
 * What this process publishes, and its groups in that order.  Without states, it
 * does not know the aggregate, which may have put rows aside.
 */
static void
write_groups(const SharedGroups *groups, AggState *agg, bool has_rows, StringInfo out, List **own)
{
	Published	head = {!has_rows, 0, 0, 0};
	TupleHashIterator iterator;
	TupleHashEntry entry;
	TupleHashTable table;
	int			i;

	appendBinaryStringInfo(out, (const char *) &head, sizeof(head));
	if (agg != NULL)
	{
		head.naggregates = (uint32) agg->numtrans;
		head.shares = !groups->too_many && !agg->hash_ever_spilled;
		table = agg->perhash[0].hashtable;
		ResetTupleHashIterator(table, &iterator);
		while (head.shares && (entry = ScanTupleHashTable(table, &iterator)) != NULL)
		{
			AggStatePerGroup states = HASH_ENTRY_DATA(table, entry);

			CHECK_FOR_INTERRUPTS();
			if (++head.ngroups > SHARED_GROUPS_MOST)
				head.shares = false;
			ExecStoreMinimalTuple(HASH_ENTRY_TUPLE(entry), table->tableslot, false);
			append_key(out, table->tableslot, agg->perhash[0].numCols);
			for (i = 0; i < agg->numtrans; i++)
			{
				const SharedState *shared = find_state(groups, states, i);
				int32		slot = shared == NULL ? NO_SLOT : shared->exchange->slot;

				appendBinaryStringInfo(out, (const char *) &slot, sizeof(slot));
			}
			while (out->len % MAXIMUM_ALIGNOF != 0)
				appendStringInfoChar(out, '\0');
			*own = lappend(*own, states);
		}
		ExecClearTuple(table->tableslot);
	}
	memcpy(out->data, &head, sizeof(head));
}

static bool
same_key(const PublishedKey *a, const PublishedKey *b)
{
	return a->hash == b->hash && a->size == b->size && memcmp(a + 1, b + 1, a->size) == 0;
}

/*
 * The groups of all processes, in an order that is the same in all of them.  Their
 * number; -1: users are not shared.
 */
static int
read_groups(const Exchange *rounds, List *own, KnownGroup *known, int *naggregates)
{
	const int	nprocesses = exchange_processes(rounds);
	int			n = 0;
	int			process;
	int			i;

	*naggregates = 0;
	for (process = 0; process < nprocesses; process++)
	{
		const Published *head = exchange_published(rounds, process);

		if (head == NULL)
			continue;
		if (!head->shares)
			return -1;
		*naggregates = Max(*naggregates, (int) head->naggregates);
	}
	for (process = 0; process < nprocesses; process++)
	{
		const Published *head = exchange_published(rounds, process);
		const char *at = (const char *) (head + 1);
		uint32		k;

		for (k = 0; head != NULL && k < head->ngroups; k++)
		{
			const PublishedKey *key = (const PublishedKey *) at;

			CHECK_FOR_INTERRUPTS();
			at += MAXALIGN(sizeof(PublishedKey) + key->size);
			for (i = 0; i < n && !same_key(known[i].key, key); i++)
				;
			if (i == SHARED_GROUPS_MOST)
				return -1;
			if (i == n)
			{
				known[n].key = key;
				known[n].states = NULL;
				known[n].slots = palloc0(nprocesses * sizeof(int32 *));
				n++;
			}
			known[i].slots[process] = (const int32 *) at;
			if (process == rounds->slot)
				known[i].states = list_nth(own, (int) k);
			at += MAXALIGN(head->naggregates * sizeof(int32));
		}
	}
	return n;
}

/* ---- sharing ---------------------------------------------------------------------- */

/* Share the users of one aggregate of a group.  How many processes do? */
static int
share_group(SharedGroups *groups, const KnownGroup *known, int number, AggState *agg,
			dsa_area *area)
{
	Exchange   *rounds = groups->rounds;
	const int	nprocesses = exchange_processes(rounds);
	const SharedState *shared = known->states == NULL ? NULL :
		find_state(groups, known->states, number);
	int			n = 0;
	int			process;

	for (process = 0; process < nprocesses; process++)
	{
		if (known->slots[process] == NULL || known->slots[process][number] == NO_SLOT)
			continue;
		n++;
		if (shared != NULL)
			exchange_join(shared->exchange, process, known->slots[process][number],
						  process == rounds->slot);
	}
	if (shared != NULL)
	{
		agg->hash_pergroup[0] = known->states;
		scan_share_finish(shared, agg, area);
	}
	else if (n > 1)
		exchange_pass(rounds);
	return n;
}

/*
 * All rows are read, if there were any: share the users of all groups.  The number
 * of processes that did; 0: none could.
 */
int
shared_groups_finish(SharedGroups *groups, AggState *agg, bool has_rows, dsa_area *area)
{
	MemoryContext context;
	MemoryContext old;
	KnownGroup *known;
	StringInfoData bytes;
	List	   *own = NIL;
	int			naggregates;
	int			most = 0;
	int			n;
	int			i;
	int			k;

	if (!groups->rounds[0].open)
		return 0;
	context = AllocSetContextCreate(CurrentMemoryContext, "pg_journey groups of processes",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	initStringInfo(&bytes);
	write_groups(groups, agg, has_rows, &bytes, &own);
	exchange_publish(groups->rounds, area, bytes.data, bytes.len);
	known = palloc0(SHARED_GROUPS_MOST * sizeof(KnownGroup));
	n = read_groups(groups->rounds, own, known, &naggregates);
	for (i = 0; i < n; i++)
		for (k = 0; k < naggregates; k++)
		{
			const int	nprocesses = share_group(groups, &known[i], k, agg, area);

			most = Max(most, nprocesses);
		}
	exchange_end(groups->rounds);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return most;
}
