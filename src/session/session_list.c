/*-------------------------------------------------------------------------
 *
 * session_list.c
 *		session_list and session_rows: a row for each session of a population.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "session/session.h"
#include "session/session_population.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

JOURNEY_FUNCTION(journey_session_list_final);
JOURNEY_FUNCTION(journey_session_rows);

static void
session_list_release(void *state)
{
	population_release(state);
}

static const QueryValueType session_list_type = {
	"session_list",
	"session_rows((SELECT session_list(user_id, at, node, gap) FROM events))",
	session_list_release
};

QUERY_VALUE_FUNCTIONS(journey_session_list, session_list_type)

/* The columns of a row. */
enum
{
	SESSION_ROW_USER,
	SESSION_ROW_NUMBER,
	SESSION_ROW_STARTED,
	SESSION_ROW_ENDED,
	SESSION_ROW_EVENTS,
	SESSION_ROW_FIRST_NODE,
	SESSION_ROW_LAST_NODE,
	SESSION_ROW_FIRST_VALUE,
	SESSION_ROW_LAST_VALUE,
	SESSION_ROW_COLUMNS
};

typedef struct SessionRows
{
	const Population *population;
	int64		gap;
	bool		cuts;
	bool		to_bigint;		/* ids are of a smaller type than asked for */
	Datum	   *nodes;			/* names by rank, 0 if not asked for yet */
	MemoryContext names;		/* where they are */
	MemoryContext user;			/* for the ids and values of one user */
	ReturnSetInfo *result;
} SessionRows;

/* session_list_final(state): NULL without rows. */
Datum
journey_session_list_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return query_value(fcinfo, &session_list_type, PG_GETARG_POINTER(0));
}

/* The name of an event's node as text. */
static inline Datum
session_node_text(const SessionRows *rows, const Event *event)
{
	const uint32 rank = event_node(event);

	if (unlikely(rows->nodes[rank] == (Datum) 0))
	{
		const TextSlice name = population_node(rows->population, rank);
		MemoryContext old = MemoryContextSwitchTo(rows->names);

		rows->nodes[rank] = PointerGetDatum(cstring_to_text_with_len(name.bytes, (int) name.length));
		MemoryContextSwitchTo(old);
	}
	return rows->nodes[rank];
}

/* A PopulationVisitor: the rows of one user. */
static void
session_rows_user(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	const SessionRows *rows = arg;
	MemoryContext old = MemoryContextSwitchTo(rows->user);
	Datum		columns[SESSION_ROW_COLUMNS];
	bool		nulls[SESSION_ROW_COLUMNS] = {false};
	int64		number = 0;
	size_t		first = 0;
	size_t		i;

	nulls[SESSION_ROW_FIRST_VALUE] = nulls[SESSION_ROW_LAST_VALUE] = true;
	columns[SESSION_ROW_FIRST_VALUE] = columns[SESSION_ROW_LAST_VALUE] = (Datum) 0;
	columns[SESSION_ROW_USER] = rows->to_bigint ? Int64GetDatum((int64) user->key) :
		user_key_datum(&rows->population->site->key_type, user);
	for (i = 0; i < n; i++)
	{
		if (i + 1 < n && !session_ends_between(&events[i], &events[i + 1], rows->gap, rows->cuts))
			continue;
		columns[SESSION_ROW_NUMBER] = Int64GetDatum(++number);
		columns[SESSION_ROW_STARTED] = TimestampTzGetDatum(events[first].at);
		columns[SESSION_ROW_ENDED] = TimestampTzGetDatum(events[i].at);
		columns[SESSION_ROW_EVENTS] = Int64GetDatum((int64) (i + 1 - first));
		columns[SESSION_ROW_FIRST_NODE] = session_node_text(rows, &events[first]);
		columns[SESSION_ROW_LAST_NODE] = session_node_text(rows, &events[i]);
		if (values != NULL)
		{
			const TextSlice first_value = {values[first].bytes, values[first].length};
			const TextSlice last_value = {values[i].bytes, values[i].length};

			stats_put_text(first_value, &columns[SESSION_ROW_FIRST_VALUE], &nulls[SESSION_ROW_FIRST_VALUE]);
			stats_put_text(last_value, &columns[SESSION_ROW_LAST_VALUE], &nulls[SESSION_ROW_LAST_VALUE]);
		}
		tuplestore_putvalues(rows->result->setResult, rows->result->setDesc, columns, nulls);
		first = i + 1;
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(rows->user);
}

/* Are ids of the type that is asked for, or of one that is a bigint, too? */
static bool
session_rows_ids_fit(const UserKeyType *ids, Oid asked, bool *to_bigint)
{
	const Oid	type = getBaseType(ids->type);

	*to_bigint = getBaseType(asked) == INT8OID && (type == INT2OID || type == INT4OID);
	return *to_bigint || ids->type == asked || type == getBaseType(asked) ||
		(type == VARCHAROID && asked == TEXTOID);
}

/*
 * session_rows(session_list [, id]): the type of id is that of user_id, bigint
 * if it is not given.
 */
Datum
journey_session_rows(PG_FUNCTION_ARGS)
{
	SessionRows rows = {0};
	QueryValue *value;
	void	   *state;
	Population *population;
	Oid			asked = PG_NARGS() > 1 ? get_fn_expr_argtype(fcinfo->flinfo, 1) : INT8OID;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	value = query_value_open(&session_list_type, PG_GETARG_DATUM(0), &state);
	population = state;
	if (!session_rows_ids_fit(&population->site->key_type, asked, &rows.to_bigint))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the users of the sessions are of type %s, not %s",
						format_type_be(population->site->key_type.type), format_type_be(asked)),
				 errhint("Say so in a second argument: session_rows((SELECT session_list(...) FROM events), NULL::%s).",
						 format_type_be(population->site->key_type.type))));
	rows.population = population;
	rows.gap = session_params_gap(population->params);
	rows.cuts = population->nsteps > 0;
	rows.nodes = MemoryContextAllocExtended(CurrentMemoryContext, ((Size) population->nodes->n + 1) * sizeof(Datum),
											MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	rows.names = CurrentMemoryContext;
	rows.user = AllocSetContextCreate(CurrentMemoryContext, "pg_journey session rows", ALLOCSET_SMALL_SIZES);
	rows.result = (ReturnSetInfo *) fcinfo->resultinfo;
	population_visit_keeping(population, session_rows_user, &rows);
	MemoryContextDelete(rows.user);
	query_value_close(value);
	PG_RETURN_NULL();
}
