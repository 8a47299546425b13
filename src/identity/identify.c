/*-------------------------------------------------------------------------
 *
 * identify.c
 *		The person of an id: identify(), and the same for events of sources.
 *
 * A table scan looks up the ids of a page together.  It does so if the space
 * exists when the query begins: then no row is an error.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "catalog/pg_type.h"
#include "identity/identities.h"
#include "identity/identity.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/uuid.h"

#include "compat.h"

JOURNEY_FUNCTION(journey_identify);
JOURNEY_FUNCTION(journey_identify_event);

/* ---- ids as text ------------------------------------------------------------------ */

/* The text of an id that is no text. */
#define ID_BUFFER 40

typedef char IdBuffer[ID_BUFFER];

/* Ids of rows that are not NULL. */
typedef struct IdRows
{
	int			n;
	int			rows[SCAN_ROWS_MOST];
	TextSlice	ids[SCAN_ROWS_MOST];
	uint32		found[SCAN_ROWS_MOST];
	int			nfetched;
	struct varlena *fetched[SCAN_ROWS_MOST];	/* copies of texts */
	IdBuffer	buffers[SCAN_ROWS_MOST];
} IdRows;

static TextSlice
uuid_text(const pg_uuid_t *uuid, char *buffer)
{
	static const char digits[] = "0123456789abcdef";
	TextSlice	text = {buffer, 36};
	int			i;

	for (i = 0; i < UUID_LEN; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*buffer++ = '-';
		*buffer++ = digits[uuid->data[i] >> 4];
		*buffer++ = digits[uuid->data[i] & 15];
	}
	return text;
}

/* The bytes of an id, which are those of its text. */
static inline TextSlice
id_text(IdRows *of, Oid type, Datum value, char *buffer)
{
	TextSlice	text;
	struct varlena *packed;

	switch (type)
	{
		case INT8OID:
			text.bytes = buffer;
			text.length = (uint32) pg_lltoa(DatumGetInt64(value), buffer);
			return text;
		case UUIDOID:
			return uuid_text(DatumGetUUIDP(value), buffer);
		default:
			packed = PG_DETOAST_DATUM_PACKED(value);
			if (packed != (struct varlena *) DatumGetPointer(value))
				of->fetched[of->nfetched++] = packed;
			text.bytes = VARDATA_ANY(packed);
			text.length = (uint32) VARSIZE_ANY_EXHDR(packed);
			return text;
	}
}

/* Look up the ids of rows whose id and, if given, whose time is not NULL. */
static void
look_up_rows(Identities *all, Oid type, const ScanVector *ids, const ScanVector *times, int n, IdRows *of)
{
	int			i;

	of->n = of->nfetched = 0;
	for (i = 0; i < n; i++)
		if (!ids->nulls[i] && (times == NULL || !times->nulls[i]))
		{
			of->ids[of->n] = id_text(of, type, ids->values[i], of->buffers[i]);
			of->rows[of->n++] = i;
		}
	identities_look_up(all, of->ids, of->n, of->found);
	for (i = 0; i < of->nfetched; i++)
		pfree(of->fetched[i]);
}

/* A function for many rows as one for a single row. */
static Datum
of_one_row(FunctionCallInfo fcinfo, ScanFunction of_rows)
{
	Datum		value;
	bool		isnull = false;
	ScanVector	result = {&value, &isnull, false, false};
	ScanVector	vectors[5];
	const ScanVector *args[5];
	int			i;

	for (i = 0; i < PG_NARGS(); i++)
	{
		vectors[i].values = &fcinfo->args[i].value;
		vectors[i].nulls = &fcinfo->args[i].isnull;
		vectors[i].has_nulls = true;
		args[i] = &vectors[i];
	}
	of_rows(fcinfo, args, 1, &result);
	fcinfo->isnull = isnull;
	return value;
}

/* ---- identify --------------------------------------------------------------------- */

static IdentityKey
identify_key(FunctionCallInfo fcinfo)
{
	const		text *space = PG_GETARG_TEXT_PP(0);
	const		text *id_type = PG_GETARG_TEXT_PP(1);
	const IdentityKey key = {
		VARDATA_ANY(space), (uint32) VARSIZE_ANY_EXHDR(space), true, {VARDATA_ANY(id_type), (uint32) VARSIZE_ANY_EXHDR(id_type)}
	};

	return key;
}

/* identify() for many rows of one space and type. */
static void
identify_of_rows(FunctionCallInfo call, const ScanVector *const *args, int n, ScanVector *result)
{
	const IdentityKey key = identify_key(call);
	Identities *all = identities_of(call->flinfo, &key, false);
	const ScanVector *times = call->nargs > 3 ? args[3] : NULL;
	IdRows		of;
	int			i;
	int			k;

	look_up_rows(all, get_fn_expr_argtype(call->flinfo, 2), args[2], NULL, n, &of);
	if (args[2]->has_nulls)
		for (i = 0; i < n; i++)
			if (args[2]->nulls[i])
				scan_vector_set_null(result, i);
	for (k = 0; k < of.n; k++)
	{
		const KnownId *id = &all->ids[of.found[k] - 1];
		const Period *period;

		i = of.rows[k];
		if (of.found[k] == 0)
		{
			scan_vector_set_null(result, i);
			continue;
		}
		period = identities_period(all, id, times != NULL && !times->nulls[i] ? DatumGetTimestampTz(times->values[i]) : all->as_of);
		result->values[i] = Int64GetDatum(period == NULL ? id->number : period->user_id);
	}
}

/*
 * identify(space text, id_type text, id text|bigint|uuid [, as_of timestamptz])
 */
Datum
journey_identify(PG_FUNCTION_ARGS)
{
	ARG_NOT_NULL(0, "space");
	ARG_NOT_NULL(1, "id_type");
	return of_one_row(fcinfo, identify_of_rows);
}

/* Are space and type constants, and is there such a space? */
static bool
identify_cannot_fail(FunctionCallInfo call)
{
	IdentityKey key;

	if (call->args[0].isnull || call->args[0].value == 0 || call->args[1].isnull || call->args[1].value == 0)
		return false;
	key = identify_key(call);
	return identities_of(call->flinfo, &key, true) != NULL;
}

const ScanRowsFunction identify_for_rows = {journey_identify, identify_of_rows, identify_cannot_fail, 4, false};

/* ---- events of sources ------------------------------------------------------------- */

/* Longer than any history, and far from the ends of all times. */
#define LONG_HISTORY (INT64_C(10000) * 366 * USECS_PER_DAY)

/*
 * Is an event of this time at most so long before another time?  All are, of
 * the last ten thousand years that there are: no time of a log is an error.
 */
static bool
identify_within(TimestampTz at, TimestampTz since, const Interval *history)
{
	if (history == NULL || at > END_TIMESTAMP - LONG_HISTORY)
		return true;
	return DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(at), IntervalPGetDatum(history))) >= since;
}

/* Can no event be an error with this history? */
static bool
identify_history_fits(const Interval *history)
{
	return history->month >= 0 && history->month <= 12 * 3000 && history->day >= 0 && history->day <= 366 * 3000 &&
		history->time >= 0 && history->time <= INT64_C(3000) * 366 * USECS_PER_DAY;
}

static IdentityKey
identify_event_key(FunctionCallInfo fcinfo)
{
	const		text *id_type = PG_GETARG_TEXT_PP(1);
	const IdentityKey key = {
		(const char *) &fcinfo->args[0].value, sizeof(Datum), false, {VARDATA_ANY(id_type), (uint32) VARSIZE_ANY_EXHDR(id_type)}
	};

	StaticAssertStmt(sizeof(Datum) == sizeof(int64), "numbers of spaces are passed by value");
	return key;
}

/* Whose event it is of an id at a time. */
static int64
identify_event(const Identities *all, const KnownId *id, TimestampTz at, const Interval *history)
{
	const Period *period = identities_period(all, id, at);
	const Period *periods = identities_periods(all, id);
	uint32		i;

	if (period != NULL && period->user_id != id->number)
		return period->now_id;
	for (i = 0; i < id->nperiods; i++)
		if (periods[i].since > at && periods[i].user_id != id->number && !TIMESTAMP_NOT_FINITE(at))
			return identify_within(at, periods[i].since, history) ? periods[i].now_id : id->number;
	return id->number;
}

/* identify_event() for many rows of one space, type and history. */
static void
identify_event_of_rows(FunctionCallInfo call, const ScanVector *const *args, int n, ScanVector *result)
{
	const IdentityKey key = identify_event_key(call);
	Identities *all = identities_of(call->flinfo, &key, false);
	const Interval *history = call->args[4].isnull ? NULL : DatumGetIntervalP(call->args[4].value);
	IdRows		of;
	int			i;
	int			k;

	look_up_rows(all, TEXTOID, args[2], args[3], n, &of);
	if (args[2]->has_nulls || args[3]->has_nulls)
		for (i = 0; i < n; i++)
			if (args[2]->nulls[i] || args[3]->nulls[i])
				scan_vector_set_null(result, i);
	for (k = 0; k < of.n; k++)
	{
		i = of.rows[k];
		if (of.found[k] == 0)
			scan_vector_set_null(result, i);
		else
			result->values[i] = Int64GetDatum(identify_event(all, &all->ids[of.found[k] - 1], DatumGetTimestampTz(args[3]->values[i]), history));
	}
}

/*
 * identify_event(space bigint, id_type text, id text, at timestamptz, history interval)
 */
Datum
journey_identify_event(PG_FUNCTION_ARGS)
{
	ARG_NOT_NULL(0, "space");
	ARG_NOT_NULL(1, "id_type");
	return of_one_row(fcinfo, identify_event_of_rows);
}

/* Are space, type and history constants, and is there such a space? */
static bool
identify_event_cannot_fail(FunctionCallInfo call)
{
	IdentityKey key;

	if (call->args[0].isnull || call->args[0].value == 0 || call->args[1].isnull || call->args[1].value == 0 ||
		(!call->args[4].isnull && (call->args[4].value == 0 || !identify_history_fits(DatumGetIntervalP(call->args[4].value)))))
		return false;
	key = identify_event_key(call);
	return identities_of(call->flinfo, &key, true) != NULL;
}

const ScanRowsFunction identify_event_for_rows = {journey_identify_event, identify_event_of_rows, identify_event_cannot_fail, 4, false};
