/*-------------------------------------------------------------------------
 *
 * conflicts.c
 *		Which links of a component join nobody, because a person would have
 *		too many ids of a type.
 *
 * Links come in their order: those of stronger ids first.  One after the other
 * joins two groups of ids, unless the group would break a rule: then it
 * exceeds.  The weaker id of such a link is shared: nobody knows whose it is,
 * so none of its links to ids at least as strong joins anybody.  What is left
 * is a part of what was joined before, and so breaks no rule.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "identity/components.h"
#include "utils/array.h"
#include "utils/builtins.h"

JOURNEY_FUNCTION(journey_identity_conflicts_among);

/* The elements of an argument; they cannot be NULL unless nulls is given. */
static int
conflicts_array(ArrayType *array, Oid type, Datum **elements, bool **nulls)
{
	const int16 length = type == INT8OID ? 8 : 4;
	int			n;

	if (nulls == NULL && array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("ids of links must not be NULL")));
	deconstruct_array(array, type, length, true, type == INT8OID ? TYPALIGN_DOUBLE : TYPALIGN_INT, elements, nulls, &n);
	return n;
}

/* The first type of which two groups together have too many ids; 0: none. */
static int
conflicts_type(const uint32 *a, const uint32 *b, const Datum *most, const bool *any, int ntypes)
{
	int			type;

	for (type = 0; type < ntypes; type++)
		if (!any[type] && (int64) a[type] + b[type] > DatumGetInt64(most[type]))
			return type + 1;
	return 0;
}

/*
 * identity_conflicts_among(strong bigint[], weak bigint[], strong_type int[],
 * weak_type int[], most bigint[]): rows of link, kind and type, which are
 * subscripts from 1.
 */
Datum
journey_identity_conflicts_among(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Components *components = components_new(CurrentMemoryContext, INT8OID, InvalidOid);
	Datum	   *ids[2];
	Datum	   *types[2];
	Datum	   *most;
	bool	   *any;
	uint32	   *numbers[2];
	uint32	   *counts;			/* of ids by type, for each root */
	int		   *of_link;		/* the type of a conflict, 0: none */
	int		   *shared;			/* the same of an id */
	int			n;
	int			ntypes;
	int			i;
	int			side;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	n = conflicts_array(PG_GETARG_ARRAYTYPE_P(0), INT8OID, &ids[0], NULL);
	ntypes = conflicts_array(PG_GETARG_ARRAYTYPE_P(4), INT8OID, &most, &any);
	if (conflicts_array(PG_GETARG_ARRAYTYPE_P(1), INT8OID, &ids[1], NULL) != n ||
		conflicts_array(PG_GETARG_ARRAYTYPE_P(2), INT4OID, &types[0], NULL) != n ||
		conflicts_array(PG_GETARG_ARRAYTYPE_P(3), INT4OID, &types[1], NULL) != n)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("the arrays of links are not of equal length")));
	for (side = 0; side < 2; side++)
	{
		numbers[side] = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) n + 1) * sizeof(uint32));
		for (i = 0; i < n; i++)
		{
			const UserKey id = {(uint64) DatumGetInt64(ids[side][i]), NULL, 0};

			if (DatumGetInt32(types[side][i]) < 1 || DatumGetInt32(types[side][i]) > ntypes)
				ereport(ERROR,
						(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
						 errmsg("there is no type %d of ids", DatumGetInt32(types[side][i]))));
			numbers[side][i] = components_number(components, &id);
		}
	}
	counts = MemoryContextAllocExtended(CurrentMemoryContext, ((Size) components->n + 1) * (ntypes + 1) * sizeof(uint32),
										MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	shared = MemoryContextAllocExtended(CurrentMemoryContext, ((Size) components->n + 1) * sizeof(int), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	of_link = MemoryContextAllocExtended(CurrentMemoryContext, ((Size) n + 1) * sizeof(int), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (side = 0; side < 2; side++)
		for (i = 0; i < n; i++)
			counts[(Size) numbers[side][i] * ntypes + DatumGetInt32(types[side][i]) - 1] = 1;
	for (i = 0; i < n; i++)
	{
		const uint32 a = components_root(components->ids, numbers[0][i]);
		const uint32 b = components_root(components->ids, numbers[1][i]);
		uint32	   *left = &counts[(Size) Min(a, b) * ntypes];
		const uint32 *right = &counts[(Size) Max(a, b) * ntypes];
		int			type;

		if (a == b)
			continue;
		of_link[i] = conflicts_type(left, right, most, any, ntypes);
		if (of_link[i] != 0)
		{
			if (DatumGetInt32(types[0][i]) != DatumGetInt32(types[1][i]) && shared[numbers[1][i]] == 0)
				shared[numbers[1][i]] = of_link[i];
			continue;
		}
		components_join(components->ids, a, b);
		for (type = 0; type < ntypes; type++)
			left[type] += right[type];
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
	for (i = 0; i < n; i++)
	{
		const bool	equal = DatumGetInt32(types[0][i]) == DatumGetInt32(types[1][i]);
		const int	by_sharing = shared[numbers[1][i]] != 0 ? shared[numbers[1][i]] : equal ? shared[numbers[0][i]] : 0;
		Datum		columns[3];
		bool		nulls[3] = {false, false, false};

		if (of_link[i] == 0 && by_sharing == 0)
			continue;
		columns[0] = Int32GetDatum(i + 1);
		columns[1] = CStringGetTextDatum(of_link[i] != 0 ? "exceeds" : "shared");
		columns[2] = Int32GetDatum(of_link[i] != 0 ? of_link[i] : by_sharing);
		tuplestore_putvalues(result->setResult, result->setDesc, columns, nulls);
		pfree(DatumGetPointer(columns[1]));
	}
	PG_RETURN_NULL();
}
