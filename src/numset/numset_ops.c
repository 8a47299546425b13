/*-------------------------------------------------------------------------
 *
 * numset_ops.c
 *		SQL functions over one or two numsets.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/detoast.h"
#include "base/base.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "nodes/primnodes.h"
#include "numset/numset.h"
#include "stats/stats.h"
#include "userset/userset.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

JOURNEY_FUNCTION(journey_numset_users_eq);
JOURNEY_FUNCTION(journey_numset_users_ne);
JOURNEY_FUNCTION(journey_numset_sum);
JOURNEY_FUNCTION(journey_numset_avg);
JOURNEY_FUNCTION(journey_numset_min);
JOURNEY_FUNCTION(journey_numset_max);
JOURNEY_FUNCTION(journey_numset_quantile);
JOURNEY_FUNCTION(journey_numset_top);
JOURNEY_FUNCTION(journey_numset_histogram);
JOURNEY_FUNCTION(journey_numset_merge);
JOURNEY_FUNCTION(journey_numset_add);
JOURNEY_FUNCTION(journey_numset_value);
JOURNEY_FUNCTION(journey_numset_entries);

/* The filter, if the function was called with one: its argument is the n-th. */
static const Roaring *
numset_filter_argument(FunctionCallInfo fcinfo, int n, Roaring *filter)
{
	if (PG_NARGS() <= n)
		return NULL;
	*filter = PG_GETARG_USERSET(n);
	return filter;
}

/* The users with a value from `low` to `high`, or the others. */
static Datum
numset_select_users(FunctionCallInfo fcinfo, int filter_at, int64 low, int64 high, bool outside)
{
	Roaring		set;
	const Roaring *filter = numset_filter_argument(fcinfo, filter_at, &set);
	RoaringWriter writer;

	userset_writer_init(&writer, 0);
	numset_select(&writer, PG_GETARG_NUMSET(0), filter, low, high, outside);
	PG_RETURN_POINTER(userset_writer_value(&writer));
}

/*
 * numset = bigint and the other comparisons, each with and without a filter
 */
Datum
journey_numset_users_eq(PG_FUNCTION_ARGS)
{
	int64		value = PG_GETARG_INT64(1);

	return numset_select_users(fcinfo, 2, value, value, false);
}

Datum
journey_numset_users_ne(PG_FUNCTION_ARGS)
{
	int64		value = PG_GETARG_INT64(1);

	return numset_select_users(fcinfo, 2, value, value, true);
}

JOURNEY_FUNCTION_AS(journey_numset_users_lt, numset_select_users(fcinfo, 2, PG_GETARG_INT64(1), PG_INT64_MAX, true))
JOURNEY_FUNCTION_AS(journey_numset_users_le, numset_select_users(fcinfo, 2, PG_INT64_MIN, PG_GETARG_INT64(1), false))
JOURNEY_FUNCTION_AS(journey_numset_users_gt, numset_select_users(fcinfo, 2, PG_INT64_MIN, PG_GETARG_INT64(1), true))
JOURNEY_FUNCTION_AS(journey_numset_users_ge, numset_select_users(fcinfo, 2, PG_GETARG_INT64(1), PG_INT64_MAX, false))

/* numset_users_between(numset, bigint, bigint [, userset]) */
JOURNEY_FUNCTION_AS(journey_numset_users_between, numset_select_users(fcinfo, 3, PG_GETARG_INT64(1), PG_GETARG_INT64(2), false))

/* numset_users(numset) */
JOURNEY_FUNCTION_AS(journey_numset_users, numset_select_users(fcinfo, 1, PG_INT64_MIN, PG_INT64_MAX, false))

/* The head of a numset, without fetching the rest. */
static Numset
numset_head(Datum value)
{
	struct varlena *bytes = detoast_attr_slice((struct varlena *) DatumGetPointer(value),
											   0, NUMSET_HEAD_SIZE);

	return numset_of_value(bytes);
}

/* How many users, with the filter or without. */
static uint64
numset_count_users(FunctionCallInfo fcinfo, int filter_at)
{
	NumsetScan	scan;
	Roaring		set;
	const Roaring *filter = numset_filter_argument(fcinfo, filter_at, &set);
	uint64		n = 0;

	if (filter == NULL)
		return numset_count(numset_head(PG_GETARG_DATUM(0)));
	numset_scan_begin(&scan, PG_GETARG_NUMSET(0), filter);
	while (numset_scan_next(&scan))
		n += scan.nchosen;
	return n;
}

/* numset_count(numset [, userset]) */
JOURNEY_FUNCTION_AS(journey_numset_count, Int64GetDatum((int64) numset_count_users(fcinfo, 1)))

/* The sum of the values as numeric, and how many there are. */
static Datum
numset_sum_values(FunctionCallInfo fcinfo, uint64 *n)
{
	Numset		numset = PG_GETARG_NUMSET(0);
	Roaring		set;
	NumsetTotals totals;
	Datum		sum = NumericGetDatum(int64_to_numeric(0));
	int			slice;

	numset_totals(numset, numset_filter_argument(fcinfo, 1, &set), &totals);
	for (slice = (int) numset_width(numset) - 1; slice >= 0; slice--)
		sum = DirectFunctionCall2(numeric_add, DirectFunctionCall2(numeric_add, sum, sum),
								  NumericGetDatum(int64_to_numeric((int64) totals.bits[slice])));
	*n = totals.n;
	return DirectFunctionCall2(numeric_add, sum,
							   DirectFunctionCall2(numeric_mul,
												   NumericGetDatum(int64_to_numeric((int64) totals.n)),
												   NumericGetDatum(int64_to_numeric(numset_minimum(numset)))));
}

/*
 * numset_sum(numset [, userset])
 */
Datum
journey_numset_sum(PG_FUNCTION_ARGS)
{
	uint64		n;
	Datum		sum = numset_sum_values(fcinfo, &n);

	if (n == 0)
		PG_RETURN_NULL();
	return sum;
}

/*
 * numset_avg(numset [, userset])
 */
Datum
journey_numset_avg(PG_FUNCTION_ARGS)
{
	uint64		n;
	Datum		sum = numset_sum_values(fcinfo, &n);

	if (n == 0)
		PG_RETURN_NULL();
	return DirectFunctionCall2(numeric_div, sum, NumericGetDatum(int64_to_numeric((int64) n)));
}

/*
 * numset_min(numset [, userset])
 */
Datum
journey_numset_min(PG_FUNCTION_ARGS)
{
	Roaring		set;
	const Roaring *filter = numset_filter_argument(fcinfo, 1, &set);
	int64		min;
	int64		max;

	if (filter == NULL)
	{
		Numset		head = numset_head(PG_GETARG_DATUM(0));

		if (numset_count(head) == 0)
			PG_RETURN_NULL();
		PG_RETURN_INT64(numset_minimum(head));
	}
	if (!numset_extremes(PG_GETARG_NUMSET(0), filter, &min, &max))
		PG_RETURN_NULL();
	PG_RETURN_INT64(min);
}

/*
 * numset_max(numset [, userset])
 */
Datum
journey_numset_max(PG_FUNCTION_ARGS)
{
	Roaring		set;
	int64		min;
	int64		max;

	if (!numset_extremes(PG_GETARG_NUMSET(0), numset_filter_argument(fcinfo, 1, &set), &min, &max))
		PG_RETURN_NULL();
	PG_RETURN_INT64(max);
}

/*
 * numset_quantile(numset, float8 [, userset]): as percentile_disc().
 */
Datum
journey_numset_quantile(PG_FUNCTION_ARGS)
{
	double		fraction = PG_GETARG_FLOAT8(1);
	Roaring		set;
	const Roaring *filter = numset_filter_argument(fcinfo, 2, &set);
	uint64		n;
	double		place;
	int64		value;

	if (!(fraction >= 0 && fraction <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("fraction must be from 0 to 1, not %g", fraction),
				 errhint("The median is numset_quantile(numset, 0.5).")));
	n = numset_count_users(fcinfo, 2);
	place = ceil(fraction * (double) n);
	if (n == 0 ||
		!numset_nth(PG_GETARG_NUMSET(0), filter, place < 1 ? 0 : (uint64) place - 1, &value))
		PG_RETURN_NULL();
	PG_RETURN_INT64(value);
}

/*
 * numset_top(numset, bigint [, userset]): of those with the same value, the ones
 * with the smallest ids.
 */
Datum
journey_numset_top(PG_FUNCTION_ARGS)
{
	Numset		numset = PG_GETARG_NUMSET(0);
	int64		n = PG_GETARG_INT64(1);
	Roaring		set;
	const Roaring *filter = numset_filter_argument(fcinfo, 2, &set);
	RoaringWriter above_writer;
	RoaringWriter equal_writer;
	RoaringWriter first_writer;
	RoaringWriter writer;
	Roaring		above;
	Roaring		equal;
	uint64		total;
	uint64		left;
	int64		value;
	int64		last;

	if (n < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must be 0 or more, not " INT64_FORMAT, n),
				 errhint("n is how many users to return.")));
	total = numset_count_users(fcinfo, 2);
	if ((uint64) n >= total)
		return numset_select_users(fcinfo, 2, PG_INT64_MIN, PG_INT64_MAX, false);
	userset_writer_init(&writer, 0);
	if (n > 0 && numset_nth(numset, filter, total - (uint64) n, &value))
	{
		roaring_writer_init(&above_writer, 0, 0);
		numset_select(&above_writer, numset, filter, PG_INT64_MIN, value, true);
		above = roaring_writer_finish(&above_writer);
		roaring_writer_init(&equal_writer, 0, 0);
		numset_select(&equal_writer, numset, filter, value, value, false);
		equal = roaring_writer_finish(&equal_writer);
		left = (uint64) n - above_writer.cardinality;
		if (!roaring_select(equal, left - 1, &last))
			elog(ERROR, "a numset has fewer values than were counted");
		roaring_writer_init(&first_writer, 0, 0);
		roaring_in_range(&first_writer, equal, PG_INT64_MIN, last);
		roaring_combine(&writer, ROARING_OR, above, roaring_writer_finish(&first_writer));
	}
	PG_RETURN_POINTER(userset_writer_value(&writer));
}

/*
 * numset_histogram(numset, bigint[] [, userset, min_users])
 */
Datum
journey_numset_histogram(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const int64 min_users = PG_NARGS() > 3 ? stats_min_users_arg(fcinfo, 3) : 0;
	ArrayType  *array;
	const int64 *bounds;
	int			n;
	Roaring		set;
	uint64	   *counts;
	uint64		total;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_NARGS() > 3 && (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2)))
		PG_RETURN_NULL();
	array = PG_GETARG_ARRAYTYPE_P(1);
	n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	bounds = (const int64 *) ARR_DATA_PTR(array);
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("bounds must not contain NULL"),
				 errhint("The first bin has no lower bound and the last no upper one by themselves.")));
	for (i = 1; i < n; i++)
		if (bounds[i] <= bounds[i - 1])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("bounds must ascend, but " INT64_FORMAT " comes after " INT64_FORMAT,
							bounds[i], bounds[i - 1]),
					 errhint("Write each bound once, in ascending order, for example ARRAY[0, 100, 1000].")));
	counts = palloc(Max(n, 1) * sizeof(uint64));
	numset_counts_below(PG_GETARG_NUMSET(0), numset_filter_argument(fcinfo, 2, &set), bounds, (size_t) n,
						counts, &total);
	for (i = 0; i <= n; i++)
	{
		uint64		below = i == 0 ? 0 : counts[i - 1];
		uint64		here = (i == n ? total : counts[i]) - below;
		Datum		values[3];
		bool		nulls[3] = {i == 0, i == n, (int64) here < min_users};

		values[0] = i == 0 ? (Datum) 0 : Int64GetDatum(bounds[i - 1]);
		values[1] = i == n ? (Datum) 0 : Int64GetDatum(bounds[i]);
		values[2] = Int64GetDatum((int64) here);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * numset_merge(numset, numset)
 */
Datum
journey_numset_merge(PG_FUNCTION_ARGS)
{
	NumsetWriter writer;
	int64		user;

	if (numset_combine(&writer, VARHDRSZ, NUMSET_MERGE, PG_GETARG_NUMSET(0), PG_GETARG_NUMSET(1),
					   &user) != NUMSET_FINE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("user " INT64_FORMAT " has a value in both numsets", user),
				 errhint("Numsets that are merged must not share users; numset_add(a, b) sums up.")));
	PG_RETURN_POINTER(numset_writer_value(&writer));
}

/*
 * numset_add(numset, numset)
 */
Datum
journey_numset_add(PG_FUNCTION_ARGS)
{
	NumsetWriter writer;
	int64		user;

	if (numset_combine(&writer, VARHDRSZ, NUMSET_ADD, PG_GETARG_NUMSET(0), PG_GETARG_NUMSET(1),
					   &user) != NUMSET_FINE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the values of user " INT64_FORMAT " add up to more than a bigint", user),
				 errhint("Sums are from " INT64_FORMAT " to " INT64_FORMAT ".", PG_INT64_MIN, PG_INT64_MAX)));
	PG_RETURN_POINTER(numset_writer_value(&writer));
}

/*
 * The state of numset_value() between the rows of a query.  The first lookup
 * in a stored numset fetches only the block of the user; the second lookup in
 * the same numset fetches the whole numset, once.
 */
typedef struct ValueCache
{
	bool		constant;		/* a literal: there is no other numset */
	size_t		key_size;		/* 0: none yet */
	char		key[64];		/* where it is stored */
	struct varlena *value;		/* all of it, or NULL */
} ValueCache;

/* Is the numset of numset_value() a literal? */
static bool
numset_is_literal(FmgrInfo *flinfo)
{
	Node	   *call = flinfo->fn_expr;

	return call != NULL && IsA(call, FuncExpr) &&
		list_length(((FuncExpr *) call)->args) == 2 &&
		IsA(linitial(((FuncExpr *) call)->args), Const);
}

static void
numset_value_keep(FmgrInfo *flinfo, ValueCache *cache, struct varlena *stored)
{
	MemoryContext old = MemoryContextSwitchTo(flinfo->fn_mcxt);

	cache->value = detoast_attr(stored);
	if (cache->value == stored)
	{
		cache->value = palloc(VARSIZE_ANY(stored));
		memcpy(cache->value, stored, VARSIZE_ANY(stored));
	}
	MemoryContextSwitchTo(old);
}

/* The value of one user of a stored numset: its head, the directory, one block. */
static bool
numset_value_by_parts(Datum stored, uint64 user, int64 *value)
{
	struct varlena *bytes = (struct varlena *) DatumGetPointer(stored);
	size_t		size = toast_raw_datum_size(stored) - VARHDRSZ;
	Numset		head = numset_head(stored);
	uint32		nblocks = numset_nblocks(head);
	size_t		directory_size = (size_t) nblocks * NUMSET_ENTRY_SIZE;
	Numset		part;
	uint32		i;
	size_t		at;
	size_t		end;

	if (nblocks == 0)
		return false;
	part = numset_of_value(detoast_attr_slice(bytes, (int32) (size - directory_size),
											  (int32) directory_size));
	if (!numset_find_block(part.bytes, nblocks, user, &i))
		return false;
	at = numset_block_at(part.bytes, i);
	end = numset_block_end(part.bytes, i);
	part = numset_of_value(detoast_attr_slice(bytes, (int32) at, (int32) (end - at)));
	return numset_block_value(part.bytes, part.size, numset_minimum(head), user, value);
}

/*
 * numset_value(numset, bigint)
 */
Datum
journey_numset_value(PG_FUNCTION_ARGS)
{
	ValueCache *cache = fcinfo->flinfo->fn_extra;
	uint64		user = (uint64) PG_GETARG_INT64(1);
	struct varlena *stored = (struct varlena *) PG_GETARG_POINTER(0);
	int64		value;
	bool		found;

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ValueCache));
		fcinfo->flinfo->fn_extra = cache;
		if (numset_is_literal(fcinfo->flinfo))
		{
			numset_value_keep(fcinfo->flinfo, cache, stored);
			cache->constant = true;
		}
	}
	if (cache->constant)
		found = numset_value(numset_of_value(cache->value), user, &value);
	else if (VARATT_IS_EXTERNAL_ONDISK(stored))
	{
		size_t		size = VARSIZE_ANY(stored);

		if (size == cache->key_size && memcmp(stored, cache->key, size) == 0)
		{
			if (cache->value == NULL)
				numset_value_keep(fcinfo->flinfo, cache, stored);
			found = numset_value(numset_of_value(cache->value), user, &value);
		}
		else
		{
			if (cache->value != NULL)
				pfree(cache->value);
			cache->value = NULL;
			cache->key_size = 0;
			found = numset_value_by_parts(PointerGetDatum(stored), user, &value);
			if (size <= sizeof(cache->key))
			{
				memcpy(cache->key, stored, size);
				cache->key_size = size;
			}
		}
	}
	else
		found = numset_value(PG_GETARG_NUMSET(0), user, &value);
	if (!found)
		PG_RETURN_NULL();
	PG_RETURN_INT64(value);
}

/* Where entries() is. */
typedef struct EntriesWalk
{
	Roaring		filter;
	NumsetReader reader;
} EntriesWalk;

/*
 * entries(numset [, userset])
 */
Datum
journey_numset_entries(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	EntriesWalk *walk;
	const NumsetEntry *entry;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;
		TupleDesc	row;

		context = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "return type must be a row type");
		context->tuple_desc = BlessTupleDesc(row);
		walk = palloc(sizeof(EntriesWalk));
		numset_reader_begin_signed(&walk->reader, PG_GETARG_NUMSET(0),
								   numset_filter_argument(fcinfo, 1, &walk->filter));
		context->user_fctx = walk;
		MemoryContextSwitchTo(old);
	}
	context = SRF_PERCALL_SETUP();
	walk = context->user_fctx;
	entry = numset_reader_next_signed(&walk->reader);
	if (entry == NULL)
		SRF_RETURN_DONE(context);
	values[0] = Int64GetDatum((int64) entry->user);
	values[1] = Int64GetDatum(entry->value);
	SRF_RETURN_NEXT(context, HeapTupleGetDatum(heap_form_tuple(context->tuple_desc, values, nulls)));
}
