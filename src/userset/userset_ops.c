/*-------------------------------------------------------------------------
 *
 * userset_ops.c
 *		SQL functions over one or two user sets.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/detoast.h"
#include "base/base.h"
#include "nodes/primnodes.h"
#include "scan/scan.h"
#include "userset/userset.h"
#include "userset/userset_value.h"
#include "userset/venn.h"

JOURNEY_FUNCTION(journey_userset_or_cardinality);
JOURNEY_FUNCTION(journey_userset_andnot_cardinality);
JOURNEY_FUNCTION(journey_userset_xor_cardinality);
JOURNEY_FUNCTION(journey_userset_jaccard);
JOURNEY_FUNCTION(journey_userset_contains);
JOURNEY_FUNCTION(journey_userset_nth);
JOURNEY_FUNCTION(journey_userset_min);
JOURNEY_FUNCTION(journey_userset_max);
JOURNEY_FUNCTION(journey_userset_range);
JOURNEY_FUNCTION(journey_userset_sample);

/*
 * userset | userset and the other set operators
 */
static Datum
userset_combine(FunctionCallInfo fcinfo, RoaringOperation operation)
{
	Roaring		a = PG_OPENARG_USERSET(0);
	Roaring		b = PG_OPENARG_USERSET(1);
	RoaringWriter writer;

	userset_writer_init(&writer, operation == ROARING_AND ? Min(a.size, b.size) :
						operation == ROARING_ANDNOT ? a.size : a.size + b.size);
	roaring_combine(&writer, operation, a, b);
	PG_RETURN_POINTER(userset_writer_value(&writer));
}

JOURNEY_FUNCTION_AS(journey_userset_or, userset_combine(fcinfo, ROARING_OR))
JOURNEY_FUNCTION_AS(journey_userset_and, userset_combine(fcinfo, ROARING_AND))
JOURNEY_FUNCTION_AS(journey_userset_andnot, userset_combine(fcinfo, ROARING_ANDNOT))
JOURNEY_FUNCTION_AS(journey_userset_xor, userset_combine(fcinfo, ROARING_XOR))

/* userset @> userset */
JOURNEY_FUNCTION_AS(journey_userset_contains_set, BoolGetDatum(roaring_is_subset(PG_OPENARG_USERSET(1), PG_OPENARG_USERSET(0))))
JOURNEY_FUNCTION_AS(journey_userset_contained, BoolGetDatum(roaring_is_subset(PG_OPENARG_USERSET(0), PG_OPENARG_USERSET(1))))

/* userset && userset */
JOURNEY_FUNCTION_AS(journey_userset_overlaps, BoolGetDatum(roaring_intersects(PG_OPENARG_USERSET(0), PG_OPENARG_USERSET(1))))

/* cardinality(userset) */
JOURNEY_FUNCTION_AS(journey_userset_cardinality, Int64GetDatum((int64) userset_cardinality(PG_GETARG_DATUM(0))))

/* How many users are in both, and in each. */
typedef struct Shared
{
	uint64		both;
	uint64		a;
	uint64		b;
} Shared;

static Shared
userset_count_shared(FunctionCallInfo fcinfo)
{
	Shared		shared;
	Roaring		a = userset_open(PG_GETARG_DATUM(0), &shared.a);
	Roaring		b = userset_open(PG_GETARG_DATUM(1), &shared.b);

	shared.both = roaring_and_cardinality(a, b);
	return shared;
}

/* and_cardinality(userset, userset) and the other cardinalities */
JOURNEY_FUNCTION_AS(journey_userset_and_cardinality, Int64GetDatum((int64) roaring_and_cardinality(PG_OPENARG_USERSET(0), PG_OPENARG_USERSET(1))))

Datum
journey_userset_or_cardinality(PG_FUNCTION_ARGS)
{
	Shared		shared = userset_count_shared(fcinfo);

	PG_RETURN_INT64((int64) (shared.a + shared.b - shared.both));
}

Datum
journey_userset_andnot_cardinality(PG_FUNCTION_ARGS)
{
	Shared		shared = userset_count_shared(fcinfo);

	PG_RETURN_INT64((int64) (shared.a - shared.both));
}

Datum
journey_userset_xor_cardinality(PG_FUNCTION_ARGS)
{
	Shared		shared = userset_count_shared(fcinfo);

	PG_RETURN_INT64((int64) (shared.a + shared.b - 2 * shared.both));
}

/*
 * jaccard(userset, userset): users in both over users in either.
 */
Datum
journey_userset_jaccard(PG_FUNCTION_ARGS)
{
	Shared		shared = userset_count_shared(fcinfo);
	uint64		either = shared.a + shared.b - shared.both;

	if (either == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) shared.both / (double) either);
}

/*
 * The state of contains() between the rows of a query: the last set, if it
 * had to be fetched from storage, with an index.  Such a set is identified by
 * its stored form: the pointer to its place, or its compressed bytes.  A set
 * that is used only once, as when each row has another set, is not fetched:
 * only the parts that the answer needs are read.
 */
typedef struct ContainsCache
{
	bool		constant;		/* a literal: there is no other set */
	size_t		key_size;		/* 0: no set */
	char	   *key;
	size_t		key_capacity;
	struct varlena *value;		/* NULL: asked about once */
	RoaringIndex index;
} ContainsCache;

/* A compressed set larger than this costs as much to compare as to decompress. */
#define CONTAINS_KEY_MAX 8192

/* Is the set of contains() a literal?  (A parameter may change, see step_of().) */
static bool
set_is_literal(FmgrInfo *flinfo)
{
	Node	   *call = flinfo->fn_expr;

	return call != NULL && IsA(call, FuncExpr) &&
		list_length(((FuncExpr *) call)->args) == 2 &&
		IsA(linitial(((FuncExpr *) call)->args), Const);
}

/* Note that this set was asked about; its stored form has so many bytes. */
static void
userset_contains_note(FmgrInfo *flinfo, ContainsCache *cache, struct varlena *stored, size_t key_size)
{
	cache->key_size = 0;
	if (cache->value != NULL)
	{
		roaring_index_free(&cache->index);
		pfree(cache->value);
		cache->value = NULL;
	}
	if (key_size > cache->key_capacity)
	{
		if (cache->key != NULL)
			pfree(cache->key);
		cache->key = NULL;
		cache->key_capacity = 0;
		cache->key = MemoryContextAlloc(flinfo->fn_mcxt, key_size);
		cache->key_capacity = key_size;
	}
	memcpy(cache->key, stored, key_size);
	cache->key_size = key_size;
}

/* Keep all of this set. */
static void
userset_contains_keep(FmgrInfo *flinfo, ContainsCache *cache, struct varlena *stored)
{
	MemoryContext old = MemoryContextSwitchTo(flinfo->fn_mcxt);
	struct varlena *value = detoast_attr(stored);

	if (value == stored)
	{
		value = palloc(VARSIZE_ANY(stored));
		memcpy(value, stored, VARSIZE_ANY(stored));
	}
	roaring_index_init(&cache->index, userset_roaring(value));
	cache->value = value;
	MemoryContextSwitchTo(old);
}

/*
 * The index of the set of contains().  NULL if the set is in memory already,
 * or if it is used for the first time and `again` does not say that it will
 * be used again.  For a literal, the index is made only once.
 */
static RoaringIndex *
userset_contains_index(FmgrInfo *flinfo, struct varlena *stored, bool again)
{
	ContainsCache *cache = flinfo->fn_extra;
	size_t		size;

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(ContainsCache));
		flinfo->fn_extra = cache;
		if (set_is_literal(flinfo))
		{
			userset_contains_keep(flinfo, cache, stored);
			cache->constant = true;
		}
	}
	if (cache->constant)
		return &cache->index;
	/* mostly it is the set of the row before, and its pointer is of this size */
	if (likely(cache->value != NULL && cache->key_size == TOAST_POINTER_SIZE &&
			   VARATT_IS_EXTERNAL_ONDISK(stored) &&
			   memcmp(stored, cache->key, TOAST_POINTER_SIZE) == 0))
		return &cache->index;
	size = VARSIZE_ANY(stored);
	if (!VARATT_IS_EXTERNAL_ONDISK(stored) &&
		!(VARATT_IS_COMPRESSED(stored) && size <= CONTAINS_KEY_MAX))
		return NULL;
	if (size != cache->key_size || memcmp(stored, cache->key, size) != 0)
	{
		userset_contains_note(flinfo, cache, stored, size);
		if (!again)
			return NULL;
	}
	if (cache->value == NULL)
		userset_contains_keep(flinfo, cache, stored);
	return &cache->index;
}

/*
 * contains(userset, bigint)
 */
Datum
journey_userset_contains(PG_FUNCTION_ARGS)
{
	ContainsCache *cache = fcinfo->flinfo->fn_extra;
	uint64		member = (uint64) PG_GETARG_INT64(1);
	RoaringIndex *index;

	if (likely(cache != NULL && cache->constant))
		index = &cache->index;
	else
		index = userset_contains_index(fcinfo->flinfo, (struct varlena *) PG_GETARG_POINTER(0), false);
	if (index == NULL)
		PG_RETURN_BOOL(roaring_contains(PG_OPENARG_USERSET(0), member));
	PG_RETURN_BOOL(roaring_index_contains(index, member));
}

/* From this size on a set does not stay in the fastest caches. */
#define AHEAD_FROM_SIZE (256 * 1024)

/*
 * contains() for many rows and one set: if the set is large, first prefetch
 * the memory for all rows together.
 */
static void
userset_contains_of_rows(FunctionCallInfo call, const ScanVector *const *args, int n, ScanVector *result)
{
	struct varlena *stored = (struct varlena *) DatumGetPointer(args[0]->values[0]);
	const Datum *members = args[1]->values;
	RoaringIndex *index;
	int			i;

	if (stored == NULL)			/* the set is NULL */
	{
		for (i = 0; i < n; i++)
			scan_vector_set_null(result, i);
		return;
	}
	index = userset_contains_index(call->flinfo, stored, n > 1);
	if (index == NULL)
	{
		Roaring		set = userset_open(args[0]->values[0], NULL);

		for (i = 0; i < n; i++)
			result->values[i] = BoolGetDatum(roaring_contains(set, (uint64) DatumGetInt64(members[i])));
	}
	else
	{
		if (index->set.size >= AHEAD_FROM_SIZE)
			for (i = 0; i < n; i++)
				roaring_index_ahead(index, (uint64) DatumGetInt64(members[i]));
		for (i = 0; i < n; i++)
			result->values[i] = BoolGetDatum(roaring_index_contains(index, (uint64) DatumGetInt64(members[i])));
	}
	if (args[1]->has_nulls)
		for (i = 0; i < n; i++)
			if (args[1]->nulls[i])
				scan_vector_set_null(result, i);
}

const ScanRowsFunction contains_for_rows = {
	journey_userset_contains, userset_contains_of_rows, NULL, 2, true
};

/* userset_rank(userset, bigint) */
JOURNEY_FUNCTION_AS(journey_userset_rank, Int64GetDatum((int64) roaring_rank(PG_OPENARG_USERSET(0), PG_GETARG_INT64(1))))

/*
 * userset_nth(userset, bigint)
 */
Datum
journey_userset_nth(PG_FUNCTION_ARGS)
{
	int64		n = PG_GETARG_INT64(1);
	int64		member;

	if (n < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must be 1 or more, not " INT64_FORMAT, n),
				 errhint("The first member is userset_nth(set, 1).")));
	if (!roaring_select(PG_OPENARG_USERSET(0), (uint64) n - 1, &member))
		PG_RETURN_NULL();
	PG_RETURN_INT64(member);
}

Datum
journey_userset_min(PG_FUNCTION_ARGS)
{
	int64		member;

	if (!roaring_select(PG_OPENARG_USERSET(0), 0, &member))
		PG_RETURN_NULL();
	PG_RETURN_INT64(member);
}

Datum
journey_userset_max(PG_FUNCTION_ARGS)
{
	uint64		n;
	Roaring		set = userset_open(PG_GETARG_DATUM(0), &n);
	int64		member;

	if (n == 0 || !roaring_select(set, n - 1, &member))
		PG_RETURN_NULL();
	PG_RETURN_INT64(member);
}

/*
 * userset_range(userset, bigint, bigint)
 */
Datum
journey_userset_range(PG_FUNCTION_ARGS)
{
	RoaringWriter writer;

	userset_writer_init(&writer, 0);
	roaring_in_range(&writer, PG_OPENARG_USERSET(0), PG_GETARG_INT64(1), PG_GETARG_INT64(2));
	PG_RETURN_POINTER(userset_writer_value(&writer));
}

/*
 * userset_sample(userset, bigint, bigint)
 */
Datum
journey_userset_sample(PG_FUNCTION_ARGS)
{
	uint64		members;
	Roaring		set = userset_open(PG_GETARG_DATUM(0), &members);
	int64		n = PG_GETARG_INT64(1);
	RoaringWriter writer;

	if (n < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must be 0 or more, not " INT64_FORMAT, n),
				 errhint("n is how many users to draw.")));
	userset_writer_init(&writer, 0);
	venn_sample(&writer, set, members, (uint64) n, (uint64) PG_GETARG_INT64(2));
	PG_RETURN_POINTER(userset_writer_value(&writer));
}
