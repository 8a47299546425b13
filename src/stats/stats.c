/*-------------------------------------------------------------------------
 *
 * stats.c
 *		Types of finished results: the SQL functions that each has.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "stats/stats.h"
#include "utils/builtins.h"

/* A result without anything. */
void *
stats_new(const StatsType *type, MemoryContext context)
{
	void	   *stats = MemoryContextAllocZero(context, type->size);

	*(MemoryContext *) stats = context;
	return stats;
}

/* Read what a stored value holds; NULL if the bytes are none. */
static void *
stats_read_packed(const StatsType *type, MemoryContext context, struct varlena *packed)
{
	ByteReader	in = {(unsigned char *) VARDATA_ANY(packed),
	(unsigned char *) VARDATA_ANY(packed) + VARSIZE_ANY_EXHDR(packed), false};

	return stats_read(type, context, &in);
}

/* A stored value taken apart. */
void *
stats_unpack(const StatsType *type, MemoryContext context, struct varlena *packed)
{
	void	   *stats = stats_read_packed(type, context, packed);

	if (stats == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid value of type %s", type->name)));
	return stats;
}

/*
 * in(cstring): what the text form does not check by itself is checked by
 * reading back what it makes.
 */
Datum
stats_in(const StatsType *type, FunctionCallInfo fcinfo)
{
	Jsonb	   *json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, PG_GETARG_DATUM(0)));
	struct varlena *packed = stats_pack(type, stats_of_text(type, json));

	if (stats_read_packed(type, CurrentMemoryContext, packed) == NULL)
		stats_refuse_text(type, type->whole);
	PG_RETURN_POINTER(packed);
}

/*
 * out(value)
 */
Datum
stats_out(const StatsType *type, FunctionCallInfo fcinfo)
{
	PG_RETURN_CSTRING(stats_to_text(type, STATS_ARG(*type)));
}

/*
 * recv(internal): every byte is checked.
 */
Datum
stats_recv(const StatsType *type, FunctionCallInfo fcinfo)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	ByteReader	in = {(unsigned char *) message->data + message->cursor,
	(unsigned char *) message->data + message->len, false};
	void	   *stats = stats_read(type, CurrentMemoryContext, &in);

	if (stats == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary value for type %s", type->name)));
	message->cursor = message->len;
	PG_RETURN_POINTER(stats_pack(type, stats));
}

/*
 * send(value)
 */
Datum
stats_send(FunctionCallInfo fcinfo)
{
	struct varlena *packed = PG_GETARG_VARLENA_PP(0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbytes(&message, VARDATA_ANY(packed), (int) VARSIZE_ANY_EXHDR(packed));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * rollup(value): the users of all rows together, who must be different users
 * in each.
 */
Datum
stats_rollup_transition(const StatsType *type, FunctionCallInfo fcinfo)
{
	void	   *state = PG_ARGISNULL(0) ? NULL : PG_GETARG_POINTER(0);
	MemoryContext context = arg_aggregate_context(fcinfo);

	if (!PG_ARGISNULL(1))
	{
		struct varlena *packed = PG_GETARG_VARLENA_PP(1);

		if (state == NULL)
			state = stats_unpack(type, context, packed);
		else
			stats_merge(type, state, stats_unpack(type, CurrentMemoryContext, packed));
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

Datum
stats_rollup_combine(const StatsType *type, FunctionCallInfo fcinfo)
{
	void	   *left = PG_ARGISNULL(0) ? NULL : PG_GETARG_POINTER(0);
	void	   *right = PG_ARGISNULL(1) ? NULL : PG_GETARG_POINTER(1);
	MemoryContext context = arg_aggregate_context(fcinfo);

	if (right != NULL)
	{
		if (left == NULL)		/* a copy, as `right` does not last */
			left = stats_unpack(type, context, stats_pack(type, right));
		else
			stats_merge(type, left, right);
	}
	if (left == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(left);
}

Datum
stats_rollup_serialize(const StatsType *type, FunctionCallInfo fcinfo)
{
	PG_RETURN_POINTER(stats_pack(type, PG_GETARG_POINTER(0)));
}

Datum
stats_rollup_deserialize(const StatsType *type, FunctionCallInfo fcinfo)
{
	(void) arg_aggregate_context(fcinfo);
	PG_RETURN_POINTER(STATS_ARG(*type));
}

Datum
stats_rollup_final(const StatsType *type, FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(stats_pack(type, PG_GETARG_POINTER(0)));
}
