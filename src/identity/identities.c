/*-------------------------------------------------------------------------
 *
 * identities.c
 *		What is known of the ids of one type in an identity space.
 *
 * The first call of a query finds the space, with the rights of the current
 * user.  Ids are looked up in the tables, those of a page together, and
 * remembered.  If there are many, all ids of the type are read at once into
 * memory, as far as it lasts.
 *
 * What is remembered holds for one user, one snapshot, and one time for which a
 * definition is computed.  PL/pgSQL keeps an expression longer than that, so all
 * are compared at each call.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "identity/identities.h"
#include "miscadmin.h"
#include "rights/rights.h"
#include "store/store.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "compat.h"

/* Ids are all read after so many were looked up, and that share of the space. */
#define FEW_IDS 256
#define FEW_SHARE 256
#define CACHE_LINE 64

/* ---- the table in memory --------------------------------------------------------- */

/* What a slot has of a hash, above the number of the id. */
static inline uint64
slot_tag(uint64 hash)
{
	return hash << 32;
}

static inline void
identities_set_slot(Identities *all, uint64 hash, uint32 number)
{
	uint64		slot = hash_slot(hash, user_slot_factor(), all->slots_log2);

	while (all->slots[slot] != 0)
		slot = (slot + 1) & ((UINT64_C(1) << all->slots_log2) - 1);
	all->slots[slot] = slot_tag(hash) | number;
}

static void
identities_reserve(Identities *all, uint32 capacity)
{
	void	   *memory = MemoryContextAllocHuge(all->context, capacity * sizeof(KnownId) + CACHE_LINE);
	KnownId    *ids = (KnownId *) TYPEALIGN(CACHE_LINE, memory);
	uint32		i;

	StaticAssertStmt(sizeof(KnownId) <= CACHE_LINE, "an id has a line of the cache");
	if (all->n > 0)
		memcpy(ids, all->ids, all->n * sizeof(KnownId));
	if (all->ids != NULL)
	{
		pfree(all->ids_memory);
		pfree(all->slots);
	}
	all->ids = ids;
	all->ids_memory = memory;
	all->capacity = capacity;
	all->slots_log2 = 1;
	while ((UINT64_C(1) << all->slots_log2) < (uint64) capacity * 2)
		all->slots_log2++;
	all->slots = MemoryContextAllocExtended(all->context, sizeof(uint64) << all->slots_log2, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < all->n; i++)
		identities_set_slot(all, all->ids[i].hash, i + 1);
}

static inline bool
is_id(const KnownId *id, TextSlice text, uint64 hash)
{
	return id->hash == hash && id->length == text.length && short_bytes_equal(id->bytes, text.bytes, text.length);
}

/*
 * Find ids by number + 1, or 0.  Each step asks for the memory that the next one
 * needs of all ids, before the next one begins.
 */
static void
identities_find(const Identities *all, const TextSlice *ids, const uint64 *hashes, int n, uint32 *found)
{
	const uint64 mask = (UINT64_C(1) << all->slots_log2) - 1;
	uint32		at[SCAN_ROWS_MOST];
	int			i;

	for (i = 0; i < n; i++)
	{
		at[i] = (uint32) hash_slot(hashes[i], user_slot_factor(), all->slots_log2);
		__builtin_prefetch(&all->slots[at[i]]);
	}
	for (i = 0; i < n; i++)
	{
		const uint64 tag = slot_tag(hashes[i]);
		uint64		slot;

		while ((slot = all->slots[at[i]]) != 0 && (slot ^ tag) >> 32 != 0)
			at[i] = (uint32) ((at[i] + 1) & mask);
		found[i] = (uint32) slot;
		if (found[i] != 0)
			__builtin_prefetch(&all->ids[found[i] - 1]);
	}
	for (i = 0; i < n; i++)
		if (found[i] != 0)
			__builtin_prefetch(all->ids[found[i] - 1].bytes);
	for (i = 0; i < n; i++)
		while (found[i] != 0 && !is_id(&all->ids[found[i] - 1], ids[i], hashes[i]))
		{
			at[i] = (uint32) ((at[i] + 1) & mask);
			found[i] = (uint32) all->slots[at[i]];
		}
}

/* Add an id that is not there, without periods. */
static KnownId *
identities_add(Identities *all, TextSlice text, uint64 hash)
{
	KnownId    *id;

	if (all->n == all->capacity)
		identities_reserve(all, all->capacity * 2);
	if (text.length > all->room_end - all->room)
	{
		const Size	size = Max(text.length, 8192);

		all->room = MemoryContextAllocHuge(all->context, size);
		all->room_end = all->room + size;
		all->byte_size += size;
	}
	id = &all->ids[all->n++];
	identities_set_slot(all, hash, all->n);
	id->hash = hash;
	id->bytes = all->room;
	id->length = text.length;
	id->nperiods = 0;
	id->number = 0;
	short_bytes_copy(all->room, text.bytes, text.length);
	all->room += text.length;
	return id;
}

static bool
identities_too_many(const Identities *all)
{
	return all->capacity * (sizeof(KnownId) + 2 * sizeof(uint64)) + all->period_capacity * sizeof(Period) + all->byte_size >
		get_hash_memory_limit();
}

/* Forget all ids. */
static void
identities_clear(Identities *all)
{
	MemoryContextReset(all->context);
	all->ids = NULL;
	all->n = 0;
	all->nperiods = 0;
	all->byte_size = 0;
	all->room = all->room_end = NULL;
	all->period_capacity = 64;
	all->periods = MemoryContextAlloc(all->context, all->period_capacity * sizeof(Period));
	identities_reserve(all, 64);
}

/* A new period, after those that there are. */
static Period *
identities_add_period(Identities *all)
{
	if (all->nperiods == all->period_capacity)
	{
		all->period_capacity *= 2;
		all->periods = repalloc_huge(all->periods, all->period_capacity * sizeof(Period));
	}
	return &all->periods[all->nperiods++];
}

/* Another period of the id that was added last. */
static Period *
identities_next_period(Identities *all, KnownId *id)
{
	if (id->nperiods++ == 0)
		return &id->period.only;
	if (id->nperiods == 2)
	{
		const uint32 first = all->nperiods;

		*identities_add_period(all) = id->period.only;
		id->period.first = first;
	}
	return identities_add_period(all);
}

/* ---- reading --------------------------------------------------------------------- */

/* Operators are named in full: the search_path is anybody's. */
#define EQ " OPERATOR(pg_catalog.=) "
#define LE " OPERATOR(pg_catalog.<=) "

/* Who a person of the past is now is looked up for each, because few periods have ended. */
#define NOW_ID \
	"coalesce((SELECT n.user_id FROM journey.identity_members AS n WHERE n.id" EQ "m.id AND n.number" EQ "m.user_id AND n.since" LE "$3" \
	" AND (n.until OPERATOR(pg_catalog.>) $3 OR n.until" EQ "'infinity'::pg_catalog.timestamptz) LIMIT 1), m.user_id)"

#define READ_IDS \
	"SELECT i.value, i.number, m.since, m.until, m.user_id," \
	" CASE WHEN m.until" EQ "'infinity'::pg_catalog.timestamptz THEN m.user_id ELSE " NOW_ID " END" \
	" FROM journey.identity_ids AS i" \
	" LEFT JOIN journey.identity_members AS m ON m.id" EQ "i.id AND m.number" EQ "i.number AND m.since" LE "$3" \
	" WHERE i.id" EQ "$1 AND i.id_type" EQ "$2"

/* Of an id that is known, and nobody's at that time: its own. */
static Period
period_of_nobody(int64 number)
{
	const Period period = {DT_NOEND, DT_NOEND, number, number};

	return period;
}

/* Add a row of READ_IDS: a period of an id, whose others come before or after it. */
static void
identities_add_row(Identities *all, HeapTuple row, TupleDesc desc)
{
	bool		isnull;
	struct varlena *value = PG_DETOAST_DATUM_PACKED(SPI_getbinval(row, desc, 1, &isnull));
	const TextSlice text = {VARDATA_ANY(value), (uint32) VARSIZE_ANY_EXHDR(value)};
	const uint64 hash = user_bytes_hash(text.bytes, text.length);
	KnownId    *id = all->n > 0 ? &all->ids[all->n - 1] : NULL;
	Period	   *period;

	if (id == NULL || !is_id(id, text, hash))
		id = identities_add(all, text, hash);
	id->number = DatumGetInt64(SPI_getbinval(row, desc, 2, &isnull));
	period = identities_next_period(all, id);
	period->since = DatumGetTimestampTz(SPI_getbinval(row, desc, 3, &isnull));
	if (isnull)
	{
		*period = period_of_nobody(id->number);
		return;
	}
	period->until = DatumGetTimestampTz(SPI_getbinval(row, desc, 4, &isnull));
	period->user_id = DatumGetInt64(SPI_getbinval(row, desc, 5, &isnull));
	period->now_id = DatumGetInt64(SPI_getbinval(row, desc, 6, &isnull));
}

static void
identities_connect(void)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

/*
 * What takes the rows of a query that reads all ids of the type, in no order, and
 * then their periods.
 */
typedef struct IdentitiesReader
{
	DestReceiver pub;
	Identities *all;
	bool		too_many;
	uint32	   *by_number;		/* ids + 1, by the slots of their numbers */
	int			slots_log2;
	KnownId    *id;				/* whose ended periods are at hand */
	Period		last;			/* its period that has not ended, */
	bool		has_last;		/* if it has one */
} IdentitiesReader;

static void
reader_startup(DestReceiver *self, int operation, TupleDesc desc)
{
	(void) self;
	(void) operation;
	(void) desc;
}

static void
reader_shutdown(DestReceiver *self)
{
	(void) self;
}

static int64
slot_int64(TupleTableSlot *slot, int column)
{
	bool		isnull;

	return DatumGetInt64(slot_getattr(slot, column, &isnull));
}

/* value, number */
static bool
reader_take_id(TupleTableSlot *slot, DestReceiver *self)
{
	IdentitiesReader *reader = (IdentitiesReader *) self;
	bool		isnull;
	const Datum stored = slot_getattr(slot, 1, &isnull);
	struct varlena *value = PG_DETOAST_DATUM_PACKED(stored);
	const TextSlice text = {VARDATA_ANY(value), (uint32) VARSIZE_ANY_EXHDR(value)};

	identities_add(reader->all, text, user_bytes_hash(text.bytes, text.length))->number = slot_int64(slot, 2);
	if (value != (struct varlena *) DatumGetPointer(stored))
		pfree(value);
	reader->too_many = identities_too_many(reader->all);
	return !reader->too_many;
}

static inline uint64
reader_slot(const IdentitiesReader *reader, int64 number)
{
	return hash_slot(spread((uint64) number), user_slot_factor(), reader->slots_log2);
}

/* All ids are read: now they are found by their numbers. */
static void
reader_number(IdentitiesReader *reader)
{
	const Identities *all = reader->all;
	const uint64 mask = (UINT64_C(1) << all->slots_log2) - 1;
	uint32		i;

	reader->slots_log2 = all->slots_log2;
	reader->by_number = MemoryContextAllocExtended(all->context, sizeof(uint32) << reader->slots_log2, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < all->n; i++)
	{
		uint64		slot = reader_slot(reader, all->ids[i].number);

		while (reader->by_number[slot] != 0)
			slot = (slot + 1) & mask;
		reader->by_number[slot] = i + 1;
	}
}

static KnownId *
reader_find(const IdentitiesReader *reader, int64 number)
{
	const uint64 mask = (UINT64_C(1) << reader->slots_log2) - 1;
	uint64		slot;

	for (slot = reader_slot(reader, number); reader->by_number[slot] != 0; slot = (slot + 1) & mask)
		if (reader->all->ids[reader->by_number[slot] - 1].number == number)
			return &reader->all->ids[reader->by_number[slot] - 1];
	return NULL;
}

/* number, since, until, user_id of periods that have not ended: one of an id */
static bool
reader_take_last(TupleTableSlot *slot, DestReceiver *self)
{
	IdentitiesReader *reader = (IdentitiesReader *) self;
	KnownId    *id = reader_find(reader, slot_int64(slot, 1));
	Period	   *period;

	if (id == NULL)
		return true;
	period = identities_next_period(reader->all, id);
	period->since = slot_int64(slot, 2);
	period->until = slot_int64(slot, 3);
	period->user_id = period->now_id = slot_int64(slot, 4);
	return true;
}

/* The ended periods of an id are had: the last one follows. */
static void
reader_end_id(IdentitiesReader *reader)
{
	if (reader->id != NULL && reader->has_last)
		*identities_next_period(reader->all, reader->id) = reader->last;
	reader->id = NULL;
}

/* number, since, until, user_id, now_id of periods that ended, in order */
static bool
reader_take_ended(TupleTableSlot *slot, DestReceiver *self)
{
	IdentitiesReader *reader = (IdentitiesReader *) self;
	const int64 number = slot_int64(slot, 1);
	Period	   *period;

	if (reader->id == NULL || reader->id->number != number)
	{
		reader_end_id(reader);
		reader->id = reader_find(reader, number);
		if (reader->id == NULL)
			return true;
		reader->has_last = reader->id->nperiods > 0;
		reader->last = reader->id->period.only;
		reader->id->nperiods = 0;
	}
	period = identities_next_period(reader->all, reader->id);
	period->since = slot_int64(slot, 2);
	period->until = slot_int64(slot, 3);
	period->user_id = slot_int64(slot, 4);
	period->now_id = slot_int64(slot, 5);
	reader->too_many = identities_too_many(reader->all);
	return !reader->too_many;
}

/* Have a query's rows taken. */
static void
reader_run(IdentitiesReader *reader, const char *query, bool (*take) (TupleTableSlot *slot, DestReceiver *self))
{
	static const Oid types[3] = {INT8OID, TEXTOID, TIMESTAMPTZOID};
	Identities *all = reader->all;
	ParamListInfo params = makeParamList(lengthof(types));
	SPIExecuteOptions options = {0};
	int			i;

	for (i = 0; i < (int) lengthof(types); i++)
		params->params[i] = (ParamExternData)
	{
		i == 0 ? Int64GetDatum(all->space_id) : i == 2 ? TimestampTzGetDatum(all->as_of) :
			PointerGetDatum(cstring_to_text_with_len(all->id_type, (int) all->id_type_length)), false, PARAM_FLAG_CONST, types[i]
	};
	reader->pub.receiveSlot = take;
	reader->pub.rStartup = reader_startup;
	reader->pub.rShutdown = reader_shutdown;
	reader->pub.rDestroy = reader_shutdown;
	reader->pub.mydest = DestTuplestore;	/* of those that keep rows */
	options.params = params;
	options.read_only = true;
	options.dest = &reader->pub;
	if (SPI_execute_extended(query, &options) != SPI_OK_SELECT)
		elog(ERROR, "the identities cannot be read");
}

/* Read all ids of the type, unless they are too many. */
static void
identities_read_all(Identities *all)
{
	IdentitiesReader reader = {0};
	uint32		i;

	all->tried = true;
	identities_clear(all);
	reader.all = all;
	identities_connect();
	reader_run(&reader, "SELECT i.value, i.number FROM journey.identity_ids AS i WHERE i.id" EQ "$1 AND i.id_type" EQ "$2", reader_take_id);
	if (!reader.too_many)
	{
		reader_number(&reader);
		reader_run(&reader, "SELECT m.number, m.since, m.until, m.user_id FROM journey.identity_members AS m"
				   " WHERE m.id" EQ "$1 AND m.since" LE "$3 AND m.until" EQ "'infinity'::pg_catalog.timestamptz", reader_take_last);
		reader_run(&reader, "SELECT m.number, m.since, m.until, m.user_id, " NOW_ID " FROM journey.identity_members AS m"
				   " WHERE m.id" EQ "$1 AND m.since" LE "$3 AND m.until OPERATOR(pg_catalog.<>) 'infinity'::pg_catalog.timestamptz"
				   " ORDER BY m.number, m.since", reader_take_ended);
		reader_end_id(&reader);
		pfree(reader.by_number);
	}
	SPI_finish();
	all->complete = !reader.too_many;
	if (reader.too_many)
		identities_clear(all);
	for (i = 0; i < all->n; i++)
		if (all->ids[i].nperiods == 0)
			*identities_next_period(all, &all->ids[i]) = period_of_nobody(all->ids[i].number);
}

/* Look up ids in the tables, and remember what they say. */
static void
identities_read(Identities *all, const TextSlice *ids, int n)
{
	static SPIPlanPtr plan = NULL;
	Datum		texts[SCAN_ROWS_MOST];
	Datum		values[4];
	uint64		i;
	int			k;

	identities_connect();
	if (plan == NULL)
	{
		Oid			types[4] = {INT8OID, TEXTOID, TIMESTAMPTZOID, TEXTARRAYOID};
		SPIPlanPtr	new_plan = SPI_prepare(READ_IDS " AND i.value" EQ "ANY ($4) ORDER BY i.number, m.since", 4, types);

		if (new_plan == NULL || SPI_keepplan(new_plan) != 0)
			elog(ERROR, "the identities cannot be read");
		plan = new_plan;
	}
	for (k = 0; k < n; k++)
		texts[k] = PointerGetDatum(cstring_to_text_with_len(ids[k].bytes, (int) ids[k].length));
	values[0] = Int64GetDatum(all->space_id);
	values[1] = PointerGetDatum(cstring_to_text_with_len(all->id_type, (int) all->id_type_length));
	values[2] = TimestampTzGetDatum(all->as_of);
	values[3] = PointerGetDatum(construct_array(texts, n, TEXTOID, -1, false, TYPALIGN_INT));
	if (SPI_execute_plan(plan, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "the identities cannot be read");
	for (i = 0; i < SPI_processed; i++)
		identities_add_row(all, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
	SPI_finish();
}

/* Read the ids that were not found, and find them. */
static void
identities_find_others(Identities *all, const TextSlice *ids, const uint64 *hashes, int n, uint32 *found)
{
	TextSlice	others[SCAN_ROWS_MOST];
	int			nothers = 0;
	int			i;

	for (i = 0; i < n; i++)
		if (found[i] == 0)
			others[nothers++] = ids[i];
	if (all->n > Max(FEW_IDS, all->space_ids / FEW_SHARE) && !all->tried)
	{
		identities_read_all(all);
		identities_find(all, ids, hashes, n, found);
		if (!all->complete)
			identities_find_others(all, ids, hashes, n, found);
		return;
	}
	identities_read(all, others, nothers);
	for (i = 0; i < n; i++)
		if (found[i] == 0)
		{
			identities_find(all, &ids[i], &hashes[i], 1, &found[i]);
			if (found[i] == 0)
			{
				(void) identities_add(all, ids[i], hashes[i]);
				found[i] = all->n;
			}
		}
}

/*
 * Find at most SCAN_ROWS_MOST ids: numbers in all->ids + 1, 0 if the space does
 * not know one.  They hold until the next call.
 */
void
identities_look_up(Identities *all, const TextSlice *ids, int n, uint32 *found)
{
	uint64		hashes[SCAN_ROWS_MOST];
	bool		others = false;
	int			i;

	if (n <= 0)
		return;
	if (!all->complete && identities_too_many(all))
	{
		identities_clear(all);
		all->tried = true;
	}
	for (i = 0; i < n; i++)
		hashes[i] = user_bytes_hash(ids[i].bytes, ids[i].length);
	identities_find(all, ids, hashes, n, found);
	if (!all->complete)
	{
		for (i = 0; i < n && !others; i++)
			others = found[i] == 0;
		if (others)
		{
			const Oid	user = all->user;

			/* what an error leaves half read is nobody's */
			all->user = InvalidOid;
			identities_find_others(all, ids, hashes, n, found);
			all->user = user;
		}
	}
	for (i = 0; i < n; i++)
		if (found[i] != 0 && all->ids[found[i] - 1].nperiods == 0)
			found[i] = 0;
}

/* ---- the space ------------------------------------------------------------------- */

/* The time for which a definition is computed; infinity: none is. */
static TimestampTz
identities_as_of(void)
{
	const char *setting = rights_as_of();

	if (setting[0] == '\0')
		return DT_NOEND;
	return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(setting), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

static void
refuse_missing_space(const IdentityKey *key, int64 number)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 key->by_name ? errmsg("there is no identity space \"%s\" that you may read", pnstrdup(key->space, key->space_length)) :
			 errmsg("identity space number " INT64_FORMAT " was dropped, or you may no longer read it", number),
			 errhint("create_identity_space makes one. The table identity_spaces lists those that you may read.")));
}

/*
 * Find the number of a space, and how many ids it knows, with the rights of the current user.  One that is
 * missing, or was never refreshed, is FALSE or an error.
 */
static bool
identities_find_space(const IdentityKey *key, bool missing_ok, int64 *number, int64 *ids)
{
	static SPIPlanPtr plans[2] = {NULL, NULL};
	Datum		values[1];
	bool		isnull = true;

	if (!key->by_name)
		memcpy(number, key->space, sizeof(*number));
	identities_connect();
	if (plans[key->by_name] == NULL)
	{
		Oid			types[1] = {key->by_name ? TEXTOID : INT8OID};
		SPIPlanPtr	new_plan = SPI_prepare(key->by_name ? "SELECT s.id, s.as_of, s.ids FROM journey.identity_spaces AS s WHERE s.name" EQ "$1"
										   : "SELECT s.id, s.as_of, s.ids FROM journey.identity_spaces AS s WHERE s.id" EQ "$1", 1, types);

		if (new_plan == NULL || SPI_keepplan(new_plan) != 0)
			elog(ERROR, "the identity spaces cannot be read");
		plans[key->by_name] = new_plan;
	}
	values[0] = key->by_name ? PointerGetDatum(cstring_to_text_with_len(key->space, (int) key->space_length)) : Int64GetDatum(*number);
	if (SPI_execute_plan(plans[key->by_name], values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "the identity spaces cannot be read");
	if (SPI_processed > 0)
	{
		*number = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
		*ids = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 3, &isnull));
		(void) SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull);
	}
	else if (!missing_ok)
		refuse_missing_space(key, *number);
	if (isnull && !missing_ok)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the identity space has not been refreshed"),
				 errhint("SELECT * FROM refresh_identities(space).")));
	SPI_finish();
	return !isnull;
}

/* ---- remembering ------------------------------------------------------------------ */

/* Does what is remembered hold for this call? */
static inline bool
identities_fit(const Identities *all, const IdentityKey *key)
{
	const Snapshot snapshot = GetActiveSnapshot();

	return all != NULL && all->user == GetUserId() &&
		all->xmin == snapshot->xmin && all->xmax == snapshot->xmax && all->xcnt == snapshot->xcnt &&
		all->curcid == snapshot->curcid && all->completed == snapshot->snapXactCompletionCount &&
		all->space_length == key->space_length && memcmp(all->space, key->space, key->space_length) == 0 &&
		all->id_type_length == key->id_type.length && memcmp(all->id_type, key->id_type.bytes, key->id_type.length) == 0 &&
		strcmp(all->as_of_text, rights_as_of()) == 0;
}

static char *
identities_copy(FmgrInfo *flinfo, const char *bytes, uint32 length)
{
	char	   *copy = MemoryContextAlloc(flinfo->fn_mcxt, length + 1);

	memcpy(copy, bytes, length);
	return copy;
}

/* Begin anew. */
static Identities *
identities_begin(FmgrInfo *flinfo, const IdentityKey *key, int64 space_id, int64 space_ids)
{
	Identities *all = flinfo->fn_extra;
	const Snapshot snapshot = GetActiveSnapshot();

	if (all == NULL)
	{
		all = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(Identities));
		all->context = AllocSetContextCreate(flinfo->fn_mcxt, "pg_journey identities", ALLOCSET_DEFAULT_SIZES);
	}
	else
	{
		/* of another user, perhaps: nothing of it stays */
		flinfo->fn_extra = NULL;
		pfree(all->space);
		pfree(all->id_type);
		pfree(all->as_of_text);
	}
	all->complete = all->tried = false;
	identities_clear(all);
	all->space_id = space_id;
	all->space_ids = space_ids;
	all->space = identities_copy(flinfo, key->space, key->space_length);
	all->space_length = key->space_length;
	all->id_type = identities_copy(flinfo, key->id_type.bytes, key->id_type.length);
	all->id_type_length = key->id_type.length;
	all->as_of_text = MemoryContextStrdup(flinfo->fn_mcxt, rights_as_of());
	all->as_of = identities_as_of();
	all->user = GetUserId();
	all->xmin = snapshot->xmin;
	all->xmax = snapshot->xmax;
	all->xcnt = snapshot->xcnt;
	all->curcid = snapshot->curcid;
	all->completed = snapshot->snapXactCompletionCount;
	flinfo->fn_extra = all;
	return all;
}

/*
 * What is remembered for a call, which may be nothing yet.  NULL, if missing_ok: the
 * current user would get an error.
 */
Identities *
identities_of(FmgrInfo *flinfo, const IdentityKey *key, bool missing_ok)
{
	int64		space_id = 0;
	int64		space_ids = 0;

	if (likely(identities_fit(flinfo->fn_extra, key)))
		return flinfo->fn_extra;
	if (missing_ok && MAY_NOT_USE_SCHEMA(get_namespace_oid("journey", true)))
		return NULL;
	if (!identities_find_space(key, missing_ok, &space_id, &space_ids))
		return NULL;
	return identities_begin(flinfo, key, space_id, space_ids);
}
