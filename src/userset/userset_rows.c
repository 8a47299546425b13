/*-------------------------------------------------------------------------
 *
 * userset_rows.c
 *		Rows from user sets: members, and overlaps of several sets.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "userset/userset_value.h"
#include "userset/venn.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

JOURNEY_FUNCTION(journey_userset_members);
JOURNEY_FUNCTION(journey_userset_overlap);
JOURNEY_FUNCTION(journey_userset_overlap_regions);

/* Where members() is; some are fetched at once. */
typedef struct MembersWalk
{
	RoaringIterator iterator;
	uint64		left;			/* how many may still be given */
	size_t		n;
	size_t		i;
	int64		members[256];
} MembersWalk;

/*
 * members(userset [, after bigint [, n bigint]]): a NULL after (the last
 * member of an empty page) gives no rows; a NULL n means all.
 */
Datum
journey_userset_members(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	MembersWalk *walk;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;

		context = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		walk = palloc(sizeof(MembersWalk));
		walk->left = 0;
		walk->n = walk->i = 0;
		if (PG_NARGS() > 2 && !PG_ARGISNULL(2) && PG_GETARG_INT64(2) < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("n must be 0 or more, not " INT64_FORMAT, PG_GETARG_INT64(2)),
					 errhint("n is how many members to return; NULL means all.")));
		if (!PG_ARGISNULL(0) && (PG_NARGS() < 2 || !PG_ARGISNULL(1)))
		{
			Roaring		set = PG_OPENARG_USERSET(0);

			walk->left = PG_NARGS() > 2 && !PG_ARGISNULL(2) ? (uint64) PG_GETARG_INT64(2) : PG_UINT64_MAX;
			if (PG_NARGS() < 2)
				roaring_iterate(&walk->iterator, set);
			else if (PG_GETARG_INT64(1) == PG_INT64_MAX)
				walk->left = 0;
			else
				roaring_iterate_from(&walk->iterator, set, PG_GETARG_INT64(1) + 1);
		}
		context->user_fctx = walk;
		MemoryContextSwitchTo(old);
	}
	context = SRF_PERCALL_SETUP();
	walk = context->user_fctx;
	if (walk->i == walk->n)
	{
		/*
		 * what is read of a stored set in pieces is needed until the next
		 * call
		 */
		MemoryContext old = MemoryContextSwitchTo(context->multi_call_memory_ctx);

		walk->i = 0;
		walk->n = walk->left == 0 ? 0 :
			roaring_iterator_next(&walk->iterator, walk->members, Min(walk->left, lengthof(walk->members)));
		walk->left -= walk->n;
		MemoryContextSwitchTo(old);
		if (walk->n == 0)
			SRF_RETURN_DONE(context);
	}
	SRF_RETURN_NEXT(context, Int64GetDatum(walk->members[walk->i++]));
}

/* The sets of an array, at most so many. */
static Roaring *
venn_sets_of_array(ArrayType *array, int max, int *n)
{
	Datum	   *elements;
	bool	   *nulls;
	Roaring    *sets;
	int			i;

	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_INT, &elements, &nulls, n);
	if (*n > max)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("usersets must number at most %d, not %d", max, *n),
				 errhint("With more sets use overlap(usersets), which compares them in pairs.")));
	sets = palloc(Max(*n, 1) * sizeof(Roaring));
	for (i = 0; i < *n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("userset %d of the array is NULL", i + 1),
					 errhint("Leave it out, or write the empty set, '{}'.")));
		sets[i] = userset_roaring((struct varlena *) PG_DETOAST_DATUM_PACKED(elements[i]));
	}
	return sets;
}

/*
 * overlap(userset[]): for each pair of sets how many users they share.
 */
Datum
journey_userset_overlap(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int			n;
	Roaring    *sets = venn_sets_of_array(PG_GETARG_ARRAYTYPE_P(0), PG_INT32_MAX, &n);
	uint64	   *counts = palloc(Max(n, 1) * sizeof(uint64));
	int			i;
	int			j;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < n; i++)
		counts[i] = roaring_cardinality(sets[i]);
	for (i = 0; i < n; i++)
		for (j = i; j < n; j++)
		{
			uint64		both = i == j ? counts[i] : roaring_and_cardinality(sets[i], sets[j]);
			uint64		either = counts[i] + counts[j] - both;
			Datum		values[4];
			bool		nulls[4] = {false, false, false, either == 0};

			values[0] = Int32GetDatum(i + 1);
			values[1] = Int32GetDatum(j + 1);
			values[2] = Int64GetDatum((int64) both);
			values[3] = either == 0 ? (Datum) 0 : Float8GetDatum((double) both / (double) either);
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
			CHECK_FOR_INTERRUPTS();
		}
	return (Datum) 0;
}

/* A region and its users, to be sorted. */
typedef struct Region
{
	uint64		users;
	int			mask;
} Region;

static int
venn_compare_regions(const void *a, const void *b)
{
	const Region *x = a;
	const Region *y = b;

	if (x->users != y->users)
		return x->users > y->users ? -1 : 1;
	return (x->mask > y->mask) - (x->mask < y->mask);
}

/*
 * overlap_regions(userset[]): for each combination of sets the number of
 * users who are in exactly these sets, the largest first.
 */
Datum
journey_userset_overlap_regions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int			n;
	Roaring    *sets = venn_sets_of_array(PG_GETARG_ARRAYTYPE_P(0), VENN_SETS_MAX, &n);
	uint64		counts[1 << VENN_SETS_MAX];
	Region		regions[1 << VENN_SETS_MAX];
	int			nregions = 0;
	int			mask;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	venn_count(sets, n, counts);
	for (mask = 1; mask < 1 << n; mask++)
		if (counts[mask] > 0)
		{
			regions[nregions].users = counts[mask];
			regions[nregions++].mask = mask;
		}
	qsort(regions, nregions, sizeof(Region), venn_compare_regions);
	for (i = 0; i < nregions; i++)
	{
		Datum		members[VENN_SETS_MAX];
		Datum		values[3];
		bool		nulls[3] = {false, false, false};
		int			degree = 0;
		int			k;

		for (k = 0; k < n; k++)
			if ((regions[i].mask >> k & 1) != 0)
				members[degree++] = Int32GetDatum(k + 1);
		values[0] = PointerGetDatum(construct_array(members, degree, INT4OID, sizeof(int32), true,
													TYPALIGN_INT));
		values[1] = Int32GetDatum(degree);
		values[2] = Int64GetDatum((int64) regions[i].users);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
