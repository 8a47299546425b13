/*-------------------------------------------------------------------------
 *
 * userset_agg.c
 *		Aggregates that give sets: userset_agg, union_agg, xor_agg and
 *		intersect_agg.
 *
 * The state of the first three is a RoaringBuilder; that of intersect_agg is
 * the set so far.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "scan/scan.h"
#include "userset/userset_value.h"

JOURNEY_FUNCTION(journey_userset_builder_combine);
JOURNEY_FUNCTION(journey_userset_builder_serialize);
JOURNEY_FUNCTION(journey_userset_builder_final);
JOURNEY_FUNCTION(journey_intersect_agg_transition);
JOURNEY_FUNCTION(journey_userset_intersect_combine);
JOURNEY_FUNCTION(journey_userset_intersect_serialize);
JOURNEY_FUNCTION(journey_userset_intersect_deserialize);
JOURNEY_FUNCTION(journey_userset_intersect_final);

static RoaringBuilder *
userset_builder_new(MemoryContext context, RoaringOperation operation)
{
	RoaringBuilder *builder = MemoryContextAlloc(context, sizeof(RoaringBuilder));

	roaring_builder_init(builder, operation);
	return builder;
}

/*
 * userset_agg(bigint)
 */
static Datum
userset_agg_row(PG_FUNCTION_ARGS)
{
	RoaringBuilder *builder = PG_ARGISNULL(0) ? NULL : (RoaringBuilder *) PG_GETARG_POINTER(0);

	if (builder == NULL)
		builder = userset_builder_new(arg_aggregate_context(fcinfo), ROARING_OR);
	if (!PG_ARGISNULL(1))
	{
		if (unlikely(builder->n == builder->capacity))
		{
			MemoryContext old = MemoryContextSwitchTo(arg_aggregate_context(fcinfo));

			roaring_builder_grow(builder);
			MemoryContextSwitchTo(old);
		}
		roaring_builder_add(builder, (uint64) PG_GETARG_INT64(1));
	}
	PG_RETURN_POINTER(builder);
}

TABLE_SCAN_ROWS(userset_agg_row)

JOURNEY_FUNCTION_AS(journey_userset_agg_transition, table_scan_transition(fcinfo, userset_agg_row, userset_agg_rows, NULL))

/* A set added to a builder. */
static Datum
userset_add_set(FunctionCallInfo fcinfo, RoaringOperation operation)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	RoaringBuilder *builder = PG_ARGISNULL(0) ? NULL : (RoaringBuilder *) PG_GETARG_POINTER(0);

	if (builder == NULL)
		builder = userset_builder_new(context, operation);
	if (!PG_ARGISNULL(1))
	{
		Roaring		set = PG_GETARG_USERSET(1);
		MemoryContext old = MemoryContextSwitchTo(context);

		roaring_builder_add_set(builder, set);
		MemoryContextSwitchTo(old);
	}
	PG_RETURN_POINTER(builder);
}

/* union_agg(userset) */
JOURNEY_FUNCTION_AS(journey_union_agg_transition, userset_add_set(fcinfo, ROARING_OR))

/* xor_agg(userset): the users of an odd number of sets. */
JOURNEY_FUNCTION_AS(journey_xor_agg_transition, userset_add_set(fcinfo, ROARING_XOR))

Datum
journey_userset_builder_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	RoaringBuilder *left = PG_ARGISNULL(0) ? NULL : (RoaringBuilder *) PG_GETARG_POINTER(0);
	RoaringBuilder *right = PG_ARGISNULL(1) ? NULL : (RoaringBuilder *) PG_GETARG_POINTER(1);

	if (right != NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		if (left == NULL)
			left = userset_builder_new(context, (RoaringOperation) right->operation);
		roaring_builder_add_all(left, right);
		MemoryContextSwitchTo(old);
	}
	if (left == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(left);
}

/* What a builder holds, computed where its sets are. */
static Roaring
userset_builder_result(FunctionCallInfo fcinfo, RoaringBuilder *builder)
{
	MemoryContext old = MemoryContextSwitchTo(arg_aggregate_context(fcinfo));
	Roaring		set = roaring_builder_result(builder);

	MemoryContextSwitchTo(old);
	return set;
}

/* A set as the bytes of a serialized state. */
static bytea *
userset_serialize_set(Roaring set)
{
	bytea	   *bytes = serialized_alloc(set.size);

	memcpy(VARDATA(bytes), set.bytes, set.size);
	return bytes;
}

/* A set in memory of its own from the bytes of a serialized state. */
static Roaring
userset_deserialize_set(bytea *bytes)
{
	Roaring		set = {(const uint8 *) VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), NULL};
	uint8	   *copy;
	bool		canonical;

	if (roaring_validate(set.bytes, set.size, &canonical) != NULL || !canonical)
		serialized_refuse();
	copy = roaring_alloc(set.size);
	memcpy(copy, set.bytes, set.size);
	return roaring_of_bytes(copy, set.size);
}

Datum
journey_userset_builder_serialize(PG_FUNCTION_ARGS)
{
	RoaringBuilder *builder = (RoaringBuilder *) PG_GETARG_POINTER(0);

	PG_RETURN_BYTEA_P(userset_serialize_set(userset_builder_result(fcinfo, builder)));
}

static Datum
userset_deserialize_builder(FunctionCallInfo fcinfo, RoaringOperation operation)
{
	RoaringBuilder *builder;
	Roaring		set;

	(void) arg_aggregate_context(fcinfo);
	set = userset_deserialize_set(PG_GETARG_BYTEA_PP(0));
	builder = userset_builder_new(CurrentMemoryContext, operation);
	roaring_builder_add_set(builder, set);
	roaring_free((void *) set.bytes);
	PG_RETURN_POINTER(builder);
}

JOURNEY_FUNCTION_AS(journey_userset_union_deserialize, userset_deserialize_builder(fcinfo, ROARING_OR))
JOURNEY_FUNCTION_AS(journey_userset_xor_deserialize, userset_deserialize_builder(fcinfo, ROARING_XOR))

/* The value; without rows, the empty set. */
Datum
journey_userset_builder_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
	{
		RoaringWriter writer;

		userset_writer_init(&writer, 0);
		PG_RETURN_POINTER(userset_writer_value(&writer));
	}
	PG_RETURN_POINTER(userset_of_roaring(userset_builder_result(fcinfo,
																(RoaringBuilder *) PG_GETARG_POINTER(0))));
}

/* The set so far and another one. */
static Roaring *
userset_intersect(Roaring *state, Roaring set, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);

	if (state == NULL)
	{
		uint8	   *bytes = roaring_alloc(set.size);

		memcpy(bytes, set.bytes, set.size);
		state = palloc(sizeof(Roaring));
		*state = roaring_of_bytes(bytes, set.size);
	}
	else
	{
		RoaringWriter writer;
		Roaring		both;

		roaring_writer_init(&writer, 0, Min(state->size, set.size));
		roaring_combine(&writer, ROARING_AND, *state, set);
		both = roaring_writer_finish(&writer);
		if (writer.capacity / 2 > both.size)
			both.bytes = roaring_realloc(writer.memory, both.size);
		roaring_free((void *) state->bytes);
		*state = both;
	}
	MemoryContextSwitchTo(old);
	return state;
}

/*
 * intersect_agg(userset)
 */
Datum
journey_intersect_agg_transition(PG_FUNCTION_ARGS)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	Roaring    *state = PG_ARGISNULL(0) ? NULL : (Roaring *) PG_GETARG_POINTER(0);

	/* nothing can be added to the empty set: do not even read the other */
	if (!PG_ARGISNULL(1) && (state == NULL || state->size > ROARING_EMPTY_SIZE))
	{
		/*
		 * the first one is copied, of the others only what may be in both is
		 * read
		 */
		Roaring		set = state == NULL ? PG_GETARG_USERSET(1) : PG_OPENARG_USERSET(1);

		state = userset_intersect(state, set, context);
		userset_close(set);
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

Datum
journey_userset_intersect_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	Roaring    *left = PG_ARGISNULL(0) ? NULL : (Roaring *) PG_GETARG_POINTER(0);
	Roaring    *right = PG_ARGISNULL(1) ? NULL : (Roaring *) PG_GETARG_POINTER(1);

	if (right != NULL)
		left = userset_intersect(left, *right, context);
	if (left == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(left);
}

Datum
journey_userset_intersect_serialize(PG_FUNCTION_ARGS)
{
	(void) arg_aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(userset_serialize_set(*(Roaring *) PG_GETARG_POINTER(0)));
}

Datum
journey_userset_intersect_deserialize(PG_FUNCTION_ARGS)
{
	Roaring    *state = palloc(sizeof(Roaring));

	(void) arg_aggregate_context(fcinfo);
	*state = userset_deserialize_set(PG_GETARG_BYTEA_PP(0));
	PG_RETURN_POINTER(state);
}

/* The value; without rows, NULL. */
Datum
journey_userset_intersect_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(userset_of_roaring(*(Roaring *) PG_GETARG_POINTER(0)));
}
