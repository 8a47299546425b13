/*-------------------------------------------------------------------------
 *
 * query_value.c
 *		Values that last as long as their query: what an aggregate leaves for
 *		a function that gives rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/query_value.h"
#include "lib/ilist.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#define KEY_BYTES 16

/* A value that can be read. */
struct QueryValue
{
	dlist_node	node;
	char		key[KEY_BYTES];
	const QueryValueType *type;
	void	   *state;			/* NULL: forgotten */
	bool		is_open;		/* being read, or an error ended that */
	MemoryContextCallback gone;
};

static dlist_head query_values = DLIST_STATIC_INIT(query_values);

/* The text of each value: it shows nothing, and can be restored from a dump. */
static const char query_value_text[] = "(of a query that has ended)";

/* The memory of the aggregate goes, perhaps after an error. */
static void
query_value_forget(void *arg)
{
	QueryValue *value = arg;

	if (value->state != NULL)
		dlist_delete(&value->node);
	value->state = NULL;
}

/* The aggregate ends, or begins another group. */
static void
query_value_release(Datum arg)
{
	QueryValue *value = (QueryValue *) DatumGetPointer(arg);
	void	   *state = value->state;

	query_value_forget(value);
	value->type->release(state);
}

/* A value of a key, or of one that nothing has. */
static Datum
query_value_of_key(const char *key)
{
	bytea	   *value = palloc0(VARHDRSZ + KEY_BYTES);

	SET_VARSIZE(value, VARHDRSZ + KEY_BYTES);
	if (key != NULL)
		memcpy(VARDATA(value), key, KEY_BYTES);
	return PointerGetDatum(value);
}

/* The value of the state of an aggregate, which calls this in its final function. */
Datum
query_value(FunctionCallInfo fcinfo, const QueryValueType *type, void *state)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	QueryValue *value = MemoryContextAllocZero(context, sizeof(QueryValue));

	if (!pg_strong_random(value->key, KEY_BYTES))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random numbers")));
	value->type = type;
	value->state = state;
	dlist_push_head(&query_values, &value->node);
	value->gone.func = query_value_forget;
	value->gone.arg = value;
	MemoryContextRegisterResetCallback(context, &value->gone);
	AggRegisterCallback(fcinfo, query_value_release, PointerGetDatum(value));
	return query_value_of_key(value->key);
}

/*
 * Begin to read a value: gives its state.  If an error ends that, what it leaves
 * of the state cannot be read again.
 */
QueryValue *
query_value_open(const QueryValueType *type, Datum value, void **state)
{
	const struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);
	dlist_iter	iter;

	dlist_foreach(iter, &query_values)
	{
		QueryValue *known = dlist_container(QueryValue, node, iter.cur);

		if (known->type == type && !known->is_open && VARSIZE_ANY_EXHDR(packed) == KEY_BYTES &&
			memcmp(known->key, VARDATA_ANY(packed), KEY_BYTES) == 0)
		{
			known->is_open = true;
			*state = known->state;
			return known;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the %s has ended", type->name),
			 errdetail("A value of this type lasts until its query ends, and in GROUP BY until the next group begins, in one process."),
			 errhint("Read it where it is made: %s.", type->call)));
	return NULL;
}

/* A value has been read, and can be read again. */
void
query_value_close(QueryValue *value)
{
	value->is_open = false;
}

Datum
query_value_in(const QueryValueType *type, FunctionCallInfo fcinfo)
{
	if (strcmp(PG_GETARG_CSTRING(0), query_value_text) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a %s cannot be written", type->name),
				 errhint("Make it where it is read: %s.", type->call)));
	return query_value_of_key(NULL);
}

Datum
query_value_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(pstrdup(query_value_text));
}

Datum
query_value_recv(PG_FUNCTION_ARGS)
{
	StringInfo	in = (StringInfo) PG_GETARG_POINTER(0);

	in->cursor = in->len;
	return query_value_of_key(NULL);
}

Datum
query_value_send(PG_FUNCTION_ARGS)
{
	StringInfoData out;

	pq_begintypsend(&out);
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}
