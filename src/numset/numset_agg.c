/*-------------------------------------------------------------------------
 *
 * numset_agg.c
 *		The aggregate numset_agg: a numset from rows of users and values.
 *
 * The state is a NumsetGather, flat in the aggregate's own context.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "event/event.h"
#include "numset/numset.h"
#include "scan/scan.h"

JOURNEY_FUNCTION(journey_numset_agg_combine);
JOURNEY_FUNCTION(journey_numset_agg_serialize);
JOURNEY_FUNCTION(journey_numset_agg_deserialize);
JOURNEY_FUNCTION(journey_numset_agg_final);

#define STATE_VERSION 1

static NumsetGather *
numset_gather_new(MemoryContext context)
{
	NumsetGather *gather = MemoryContextAlloc(context, sizeof(NumsetGather));

	numset_gather_init(gather);
	return gather;
}

/*
 * numset_agg(bigint, bigint)
 */
static Datum
numset_agg_row(PG_FUNCTION_ARGS)
{
	NumsetGather *gather = PG_ARGISNULL(0) ? NULL : (NumsetGather *) PG_GETARG_POINTER(0);

	if (gather == NULL)
		gather = numset_gather_new(arg_aggregate_context(fcinfo));
	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		if (unlikely(gather->n == gather->capacity))
		{
			MemoryContext old = MemoryContextSwitchTo(arg_aggregate_context(fcinfo));

			numset_gather_reserve(gather, 1);
			MemoryContextSwitchTo(old);
		}
		numset_gather_add(gather, (uint64) PG_GETARG_INT64(1), PG_GETARG_INT64(2));
	}
	PG_RETURN_POINTER(gather);
}

TABLE_SCAN_ROWS(numset_agg_row)

JOURNEY_FUNCTION_AS(journey_numset_agg_transition, table_scan_transition(fcinfo, numset_agg_row, numset_agg_rows, NULL))

Datum
journey_numset_agg_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	NumsetGather *left = PG_ARGISNULL(0) ? NULL : (NumsetGather *) PG_GETARG_POINTER(0);
	NumsetGather *right = PG_ARGISNULL(1) ? NULL : (NumsetGather *) PG_GETARG_POINTER(1);

	if (right != NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		if (left == NULL)
			left = numset_gather_new(context);
		if (right->n > 0)
		{
			numset_gather_reserve(left, right->n);
			memcpy(left->entries + left->n, right->entries, right->n * sizeof(NumsetEntry));
			left->n += right->n;
			left->tidy = false;
		}
		MemoryContextSwitchTo(old);
	}
	if (left == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(left);
}

/* For each entry the distance of its user to the one before, and the value. */
Datum
journey_numset_agg_serialize(PG_FUNCTION_ARGS)
{
	NumsetGather *gather = (NumsetGather *) PG_GETARG_POINTER(0);
	MemoryContext old = MemoryContextSwitchTo(arg_aggregate_context(fcinfo));
	ByteWriter	out;
	bytea	   *bytes;
	uint64		size;
	uint64		before = 0;
	uint64		i;

	numset_gather_tidy(gather);
	MemoryContextSwitchTo(old);
	size = number_size(STATE_VERSION) + number_size(gather->n);
	for (i = 0; i < gather->n; i++)
	{
		size += number_size(gather->entries[i].user - before) +
			number_size(fold_sign(gather->entries[i].value));
		before = gather->entries[i].user;
	}
	bytes = serialized_alloc(size);
	out.at = (unsigned char *) VARDATA(bytes);
	write_number(&out, STATE_VERSION);
	write_number(&out, gather->n);
	before = 0;
	for (i = 0; i < gather->n; i++)
	{
		write_number(&out, gather->entries[i].user - before);
		write_number(&out, fold_sign(gather->entries[i].value));
		before = gather->entries[i].user;
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_BYTEA_P(bytes);
}

Datum
journey_numset_agg_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	ByteReader	in = {(const unsigned char *) VARDATA_ANY(bytes),
	(const unsigned char *) VARDATA_ANY(bytes) + VARSIZE_ANY_EXHDR(bytes), false};
	NumsetGather *gather;
	uint64		user = 0;
	uint64		n;
	uint64		i;

	(void) arg_aggregate_context(fcinfo);
	if (read_number(&in) != STATE_VERSION)
		serialized_refuse();
	n = read_number(&in);
	/* an entry takes two bytes or more */
	if (in.failed || n > bytes_left(&in) / 2)
		serialized_refuse();
	gather = numset_gather_new(CurrentMemoryContext);
	if (n > 0)
		numset_gather_reserve(gather, n);
	for (i = 0; i < n; i++)
	{
		user += read_number(&in);
		numset_gather_add(gather, user, unfold_sign(read_number(&in)));
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
	if (in.failed || bytes_left(&in) != 0)
		serialized_refuse();
	PG_RETURN_POINTER(gather);
}

/* The value; without rows, the empty numset. */
Datum
journey_numset_agg_final(PG_FUNCTION_ARGS)
{
	NumsetWriter writer;

	if (PG_ARGISNULL(0))
	{
		numset_writer_init(&writer, VARHDRSZ, 0, 0);
		(void) numset_writer_finish(&writer);
	}
	else
	{
		NumsetGather *gather = (NumsetGather *) PG_GETARG_POINTER(0);
		MemoryContext old = MemoryContextSwitchTo(arg_aggregate_context(fcinfo));
		int64		user;

		numset_gather_tidy(gather);
		MemoryContextSwitchTo(old);
		if (numset_gather_write(gather, &writer, VARHDRSZ, &user) != NUMSET_FINE)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("the values of user " INT64_FORMAT " add up to more than a bigint", user),
					 errhint("numset_agg sums up the values of a user; sums are from " INT64_FORMAT " to " INT64_FORMAT ".",
							 PG_INT64_MIN, PG_INT64_MAX)));
	}
	PG_RETURN_POINTER(numset_writer_value(&writer));
}
