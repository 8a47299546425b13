/*-------------------------------------------------------------------------
 *
 * identify.c
 *		The person of an id: identify(), and the same for events of sources.
 *
 * The first call of a query finds the space, with the rights of the current
 * user.  Ids are looked up in the tables one by one and remembered.  If there are
 * many, all ids of the type are read at once into memory, as far as it lasts.
 *
 * What is remembered holds for one user, one snapshot, and one time for which a
 * definition is computed.  PL/pgSQL keeps an expression longer than that, so all
 * are compared at each call.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "rights/rights.h"
#include "store/store.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

JOURNEY_FUNCTION(journey_identify);
JOURNEY_FUNCTION(journey_identify_event);

/* After so many ids that were looked up one by one, all are read. */
#define FEW_IDS 256
#define FETCH_ROWS 10000

/* To whom an id belongs for some time. */
typedef struct Period
{
	TimestampTz since;
	TimestampTz until;
	int64		user_id;		/* the person then */
	int64		now_id;			/* who that is now */
} Period;

typedef struct KnownId
{
	uint64		hash;
	const char *bytes;
	uint32		length;
	uint32		nperiods;		/* 0: the space does not know it */
	uint32		first;			/* its first period */
	int64		number;
} KnownId;

/* What is remembered about one type of ids in one space. */
typedef struct Identities
{
	MemoryContext context;		/* of all but this struct */
	Oid			user;
	TransactionId xmin;			/* of the snapshot */
	TransactionId xmax;
	uint32		xcnt;
	CommandId	curcid;
	uint64		completed;
	char	   *space;			/* name or number, as given */
	uint32		space_length;
	char	   *id_type;
	uint32		id_type_length;
	int64		space_id;
	char	   *as_of_text;		/* the time for which a definition is computed */
	TimestampTz as_of;			/* the same; infinite: the newest */
	bool		complete;		/* are all ids in memory? */
	bool		tried;			/* or was it too much? */
	KnownId    *ids;
	uint32		n;
	uint32		capacity;
	uint32	   *slots;			/* numbers + 1; twice as many as capacity */
	int			slots_log2;
	Period	   *periods;
	uint32		nperiods;
	uint32		period_capacity;
	uint64		byte_size;
	char	   *room;
	char	   *room_end;
} Identities;

/* ---- the table in memory --------------------------------------------------------- */

static void
identities_reserve(Identities *all, uint32 capacity)
{
	uint32		i;

	all->ids = all->ids == NULL ? MemoryContextAllocHuge(all->context, capacity * sizeof(KnownId)) :
		repalloc_huge(all->ids, capacity * sizeof(KnownId));
	if (all->slots != NULL)
		pfree(all->slots);
	all->capacity = capacity;
	all->slots_log2 = 1;
	while ((UINT64_C(1) << all->slots_log2) < (uint64) capacity * 2)
		all->slots_log2++;
	all->slots = MemoryContextAllocExtended(all->context, sizeof(uint32) << all->slots_log2, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < all->n; i++)
	{
		uint64		slot = hash_slot(all->ids[i].hash, user_slot_factor(), all->slots_log2);

		while (all->slots[slot] != 0)
			slot = (slot + 1) & ((UINT64_C(1) << all->slots_log2) - 1);
		all->slots[slot] = i + 1;
	}
}

static inline KnownId *
identities_find(const Identities *all, const char *bytes, uint32 length, uint64 hash)
{
	uint64		slot = hash_slot(hash, user_slot_factor(), all->slots_log2);

	for (; all->slots[slot] != 0; slot = (slot + 1) & ((UINT64_C(1) << all->slots_log2) - 1))
	{
		KnownId    *id = &all->ids[all->slots[slot] - 1];

		if (id->hash == hash && id->length == length && short_bytes_equal(id->bytes, bytes, length))
			return id;
	}
	return NULL;
}

/* Add an id that is not there, without periods. */
static KnownId *
identities_add(Identities *all, const char *bytes, uint32 length, uint64 hash)
{
	KnownId    *id;
	uint64		slot;

	if (all->n == all->capacity)
		identities_reserve(all, all->capacity * 2);
	if (length > all->room_end - all->room)
	{
		const Size	size = Max(length, 8192);

		all->room = MemoryContextAllocHuge(all->context, size);
		all->room_end = all->room + size;
		all->byte_size += size;
	}
	slot = hash_slot(hash, user_slot_factor(), all->slots_log2);
	while (all->slots[slot] != 0)
		slot = (slot + 1) & ((UINT64_C(1) << all->slots_log2) - 1);
	id = &all->ids[all->n++];
	all->slots[slot] = all->n;
	id->hash = hash;
	id->bytes = all->room;
	id->length = length;
	id->nperiods = 0;
	id->first = all->nperiods;
	id->number = 0;
	short_bytes_copy(all->room, bytes, length);
	all->room += length;
	return id;
}

static uint64
identities_bytes(const Identities *all)
{
	return all->capacity * (sizeof(KnownId) + 2 * sizeof(uint32)) + all->period_capacity * sizeof(Period) + all->byte_size;
}

static bool
identities_too_many(const Identities *all)
{
	return identities_bytes(all) > get_hash_memory_limit();
}

/* Forget all ids. */
static void
identities_clear(Identities *all)
{
	MemoryContextReset(all->context);
	all->ids = NULL;
	all->slots = NULL;
	all->n = 0;
	all->nperiods = 0;
	all->byte_size = 0;
	all->room = all->room_end = NULL;
	all->period_capacity = 64;
	all->periods = MemoryContextAlloc(all->context, all->period_capacity * sizeof(Period));
	identities_reserve(all, 64);
}

/* ---- reading --------------------------------------------------------------------- */

/* Operators are named in full: the search_path is anybody's. */
#define EQ " OPERATOR(pg_catalog.=) "
#define LE " OPERATOR(pg_catalog.<=) "

#define READ_IDS \
	"SELECT i.value, i.number, m.since, m.until, m.user_id, coalesce(n.user_id, m.user_id)" \
	" FROM journey.identity_ids AS i" \
	" LEFT JOIN journey.identity_members AS m ON m.id" EQ "i.id AND m.number" EQ "i.number AND m.since" LE "$3" \
	" LEFT JOIN journey.identity_members AS n ON m.until OPERATOR(pg_catalog.<>) 'infinity'::pg_catalog.timestamptz" \
	" AND n.id" EQ "m.id AND n.number" EQ "m.user_id AND n.since" LE "$3" \
	" AND (n.until OPERATOR(pg_catalog.>) $3 OR n.until" EQ "'infinity'::pg_catalog.timestamptz)" \
	" WHERE i.id" EQ "$1 AND i.id_type" EQ "$2"

/* The text of a value of a row. */
static struct varlena *
row_text(HeapTuple row, TupleDesc desc, int column)
{
	bool		isnull;

	return PG_DETOAST_DATUM_PACKED(SPI_getbinval(row, desc, column, &isnull));
}

/* Add a row of READ_IDS: a period of an id, whose others come before or after it. */
static void
identities_add_row(Identities *all, HeapTuple row, TupleDesc desc)
{
	struct varlena *value = row_text(row, desc, 1);
	const char *bytes = VARDATA_ANY(value);
	const uint32 length = (uint32) VARSIZE_ANY_EXHDR(value);
	const uint64 hash = hash_bytes_extended((const unsigned char *) bytes, (int) length, 0);
	KnownId    *id = all->n > 0 ? &all->ids[all->n - 1] : NULL;
	Period	   *period;
	bool		isnull;

	if (id == NULL || id->hash != hash || id->length != length || !short_bytes_equal(id->bytes, bytes, length))
		id = identities_add(all, bytes, length, hash);
	id->number = DatumGetInt64(SPI_getbinval(row, desc, 2, &isnull));
	if (all->nperiods == all->period_capacity)
	{
		all->period_capacity *= 2;
		all->periods = repalloc_huge(all->periods, all->period_capacity * sizeof(Period));
	}
	period = &all->periods[all->nperiods++];
	id->nperiods++;
	period->since = DatumGetTimestampTz(SPI_getbinval(row, desc, 3, &isnull));
	if (isnull)
	{
		/* known, and nobody's at that time: its own */
		period->since = DT_NOEND;
		period->until = DT_NOEND;
		period->user_id = period->now_id = id->number;
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

/* Read all ids of the type, unless they are too many. */
static void
identities_read_all(Identities *all)
{
	Oid			types[3] = {INT8OID, TEXTOID, TIMESTAMPTZOID};
	Datum		values[3];
	Portal		portal;

	all->tried = true;
	identities_connect();
	values[0] = Int64GetDatum(all->space_id);
	values[1] = PointerGetDatum(cstring_to_text_with_len(all->id_type, (int) all->id_type_length));
	values[2] = TimestampTzGetDatum(all->as_of);
	portal = SPI_cursor_open_with_args(NULL, READ_IDS " ORDER BY i.number, m.since", 3, types, values, NULL, true, 0);
	identities_clear(all);
	all->complete = true;
	for (;;)
	{
		uint64		i;

		SPI_cursor_fetch(portal, true, FETCH_ROWS);
		for (i = 0; i < SPI_processed; i++)
			identities_add_row(all, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		if (SPI_processed == 0)
			break;
		SPI_freetuptable(SPI_tuptable);
		if (identities_too_many(all))
		{
			all->complete = false;
			identities_clear(all);
			break;
		}
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(portal);
	SPI_finish();
}

/* Look up one id in the tables, and remember what they say. */
static KnownId *
identities_read(Identities *all, const char *bytes, uint32 length, uint64 hash)
{
	static SPIPlanPtr plan = NULL;
	Datum		values[4];
	uint64		i;

	if (all->complete)
		return NULL;
	if (all->n >= FEW_IDS && !all->tried)
	{
		identities_read_all(all);
		if (all->complete)
			return identities_find(all, bytes, length, hash);
	}
	if (identities_too_many(all))
		identities_clear(all);
	identities_connect();
	if (plan == NULL)
	{
		Oid			types[4] = {INT8OID, TEXTOID, TIMESTAMPTZOID, TEXTOID};
		SPIPlanPtr	new_plan = SPI_prepare(READ_IDS " AND i.value" EQ "$4 ORDER BY m.since", 4, types);

		if (new_plan == NULL || SPI_keepplan(new_plan) != 0)
			elog(ERROR, "the identities cannot be read");
		plan = new_plan;
	}
	values[0] = Int64GetDatum(all->space_id);
	values[1] = PointerGetDatum(cstring_to_text_with_len(all->id_type, (int) all->id_type_length));
	values[2] = TimestampTzGetDatum(all->as_of);
	values[3] = PointerGetDatum(cstring_to_text_with_len(bytes, (int) length));
	if (SPI_execute_plan(plan, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "the identities cannot be read");
	if (SPI_processed == 0)
		(void) identities_add(all, bytes, length, hash);
	for (i = 0; i < SPI_processed; i++)
		identities_add_row(all, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
	SPI_finish();
	return &all->ids[all->n - 1];
}

/* The time for which a definition is computed; infinity: none is. */
static TimestampTz
identities_as_of(void)
{
	const char *setting = rights_as_of();

	if (setting[0] == '\0')
		return DT_NOEND;
	return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(setting), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

/* Find the space of a name or number, with the rights of the current user. */
static void
identities_find_space(Identities *all, text * name)
{
	static SPIPlanPtr plans[2] = {NULL, NULL};
	const int	by_name = name != NULL;
	Datum		values[1];
	bool		isnull;

	identities_connect();
	if (plans[by_name] == NULL)
	{
		Oid			types[1] = {by_name ? TEXTOID : INT8OID};
		SPIPlanPtr	new_plan = SPI_prepare(by_name ? "SELECT s.id, s.as_of FROM journey.identity_spaces AS s WHERE s.name" EQ "$1"
										   : "SELECT s.id, s.as_of FROM journey.identity_spaces AS s WHERE s.id" EQ "$1", 1, types);

		if (new_plan == NULL || SPI_keepplan(new_plan) != 0)
			elog(ERROR, "the identity spaces cannot be read");
		plans[by_name] = new_plan;
	}
	values[0] = by_name ? PointerGetDatum(name) : Int64GetDatum(all->space_id);
	if (SPI_execute_plan(plans[by_name], values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "the identity spaces cannot be read");
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 by_name ? errmsg("there is no identity space \"%s\" that you may read", text_to_cstring(name)) :
				 errmsg("identity space number " INT64_FORMAT " was dropped, or you may no longer read it", all->space_id),
				 errhint("create_identity_space makes one. The table identity_spaces lists those that you may read.")));
	all->space_id = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	(void) SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull);
	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the identity space has not been refreshed"),
				 errhint("SELECT * FROM refresh_identities(space).")));
	SPI_finish();
}

/* ---- remembering ------------------------------------------------------------------ */

/* Does what is remembered hold for this call? */
static inline bool
identities_fit(const Identities *all, const char *space, uint32 space_length, const char *id_type, uint32 id_type_length)
{
	const Snapshot snapshot = GetActiveSnapshot();

	return all != NULL && all->user == GetUserId() &&
		all->xmin == snapshot->xmin && all->xmax == snapshot->xmax && all->xcnt == snapshot->xcnt &&
		all->curcid == snapshot->curcid && all->completed == snapshot->snapXactCompletionCount &&
		all->space_length == space_length && memcmp(all->space, space, space_length) == 0 &&
		all->id_type_length == id_type_length && memcmp(all->id_type, id_type, id_type_length) == 0 &&
		strcmp(all->as_of_text, rights_as_of()) == 0;
}

static char *
identities_copy(FmgrInfo *flinfo, const char *bytes, uint32 length)
{
	char	   *copy = MemoryContextAlloc(flinfo->fn_mcxt, length + 1);

	memcpy(copy, bytes, length);
	return copy;
}

/* Begin anew: `name` is that of the space, or NULL and `space` is its number. */
static Identities *
identities_begin(FunctionCallInfo fcinfo, text * name, const char *space, uint32 space_length,
				 const char *id_type, uint32 id_type_length)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	Identities *all = flinfo->fn_extra;
	Identities	found = {0};
	const Snapshot snapshot = GetActiveSnapshot();

	if (name == NULL)
		memcpy(&found.space_id, space, sizeof(found.space_id));
	identities_find_space(&found, name);
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
	all->space_id = found.space_id;
	all->space = identities_copy(flinfo, space, space_length);
	all->space_length = space_length;
	all->id_type = identities_copy(flinfo, id_type, id_type_length);
	all->id_type_length = id_type_length;
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

/* What is known of an id; NULL: the space does not know it. */
static inline const KnownId *
identities_look_up(Identities *all, const char *bytes, uint32 length)
{
	const uint64 hash = hash_bytes_extended((const unsigned char *) bytes, (int) length, 0);
	const KnownId *id = identities_find(all, bytes, length, hash);

	if (unlikely(id == NULL))
		id = identities_read(all, bytes, length, hash);
	return id == NULL || id->nperiods == 0 ? NULL : id;
}

/* The period that has a time, or NULL. */
static inline const Period *
identities_period(const Identities *all, const KnownId *id, TimestampTz at)
{
	const Period *periods = &all->periods[id->first];
	uint32		i;

	for (i = id->nperiods; i > 0; i--)
		if (periods[i - 1].since <= at && (periods[i - 1].until > at || periods[i - 1].until == DT_NOEND))
			return &periods[i - 1];
	return NULL;
}

/* The bytes of an id, which are those of its text. */
static TextSlice
identify_id(FunctionCallInfo fcinfo, char *buffer)
{
	TextSlice	id;

	switch (get_fn_expr_argtype(fcinfo->flinfo, 2))
	{
		case INT8OID:
			id.bytes = buffer;
			id.length = (uint32) pg_lltoa(PG_GETARG_INT64(2), buffer);
			return id;
		case UUIDOID:
			id.bytes = DatumGetCString(DirectFunctionCall1(uuid_out, PG_GETARG_DATUM(2)));
			id.length = (uint32) strlen(id.bytes);
			return id;
		default:
			id.bytes = VARDATA_ANY(PG_GETARG_TEXT_PP(2));
			id.length = (uint32) VARSIZE_ANY_EXHDR(PG_GETARG_TEXT_PP(2));
			return id;
	}
}

/*
 * identify(space text, id_type text, id text|bigint|uuid [, as_of timestamptz])
 */
Datum
journey_identify(PG_FUNCTION_ARGS)
{
	Identities *all = fcinfo->flinfo->fn_extra;
	char		buffer[MAXINT8LEN + 1];
	text	   *space;
	text	   *id_type;
	const KnownId *id;
	const Period *period;
	TimestampTz at;
	TextSlice	bytes;

	ARG_NOT_NULL(0, "space");
	ARG_NOT_NULL(1, "id_type");
	space = PG_GETARG_TEXT_PP(0);
	id_type = PG_GETARG_TEXT_PP(1);
	if (unlikely(!identities_fit(all, VARDATA_ANY(space), VARSIZE_ANY_EXHDR(space), VARDATA_ANY(id_type), VARSIZE_ANY_EXHDR(id_type))))
		all = identities_begin(fcinfo, space, VARDATA_ANY(space), VARSIZE_ANY_EXHDR(space), VARDATA_ANY(id_type), VARSIZE_ANY_EXHDR(id_type));
	if (PG_ARGISNULL(2))
		PG_RETURN_NULL();
	bytes = identify_id(fcinfo, buffer);
	id = identities_look_up(all, bytes.bytes, bytes.length);
	if (id == NULL)
		PG_RETURN_NULL();
	at = PG_NARGS() > 3 && !PG_ARGISNULL(3) ? PG_GETARG_TIMESTAMPTZ(3) : all->as_of;
	period = identities_period(all, id, at);
	PG_RETURN_INT64(period == NULL ? id->number : period->user_id);
}

/* Is an event of this time at most so long before another time? */
static bool
identify_within(TimestampTz at, TimestampTz since, Interval *history)
{
	if (history == NULL)
		return true;
	return DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(at), IntervalPGetDatum(history))) >= since;
}

/*
 * identify_event(space bigint, id_type text, id text, at timestamptz, history interval)
 */
Datum
journey_identify_event(PG_FUNCTION_ARGS)
{
	Identities *all = fcinfo->flinfo->fn_extra;
	int64		space;
	text	   *id_type;
	text	   *value;
	const KnownId *id;
	const Period *period;
	TimestampTz at;
	uint32		i;

	ARG_NOT_NULL(0, "space");
	ARG_NOT_NULL(1, "id_type");
	space = PG_GETARG_INT64(0);
	id_type = PG_GETARG_TEXT_PP(1);
	if (unlikely(!identities_fit(all, (const char *) &space, sizeof(space), VARDATA_ANY(id_type), VARSIZE_ANY_EXHDR(id_type))))
		all = identities_begin(fcinfo, NULL, (const char *) &space, sizeof(space), VARDATA_ANY(id_type), VARSIZE_ANY_EXHDR(id_type));
	if (PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	value = PG_GETARG_TEXT_PP(2);
	at = PG_GETARG_TIMESTAMPTZ(3);
	id = identities_look_up(all, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	if (id == NULL)
		PG_RETURN_NULL();
	period = identities_period(all, id, at);
	if (period != NULL && period->user_id != id->number)
		PG_RETURN_INT64(period->now_id);
	for (i = 0; i < id->nperiods; i++)
	{
		const Period *next = &all->periods[id->first + i];

		if (next->since > at && next->user_id != id->number && !TIMESTAMP_NOT_FINITE(at))
		{
			if (identify_within(at, next->since, PG_ARGISNULL(4) ? NULL : PG_GETARG_INTERVAL_P(4)))
				PG_RETURN_INT64(next->now_id);
			break;
		}
	}
	PG_RETURN_INT64(id->number);
}
