/*-------------------------------------------------------------------------
 *
 * userset_result.c
 *		Usersets as results of aggregates.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "userset/userset_result.h"
#include "userset/userset_value.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

/* The type userset: what the function returns, or an array of it. */
Oid
users_type(FunctionCallInfo fcinfo, bool array)
{
	Oid			type = get_fn_expr_rettype(fcinfo->flinfo);

	if (array)
		type = OidIsValid(type) ? get_element_type(type) : InvalidOid;
	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("this is a support function of an aggregate and cannot be called by itself")));
	return type;
}

/* What was gathered, as a userset. */
Datum
users_datum(RoaringBuilder *builder)
{
	struct varlena *value = userset_of_roaring(roaring_builder_result(builder));

	roaring_builder_free(builder);
	return PointerGetDatum(value);
}

/* n sets to gather users in. */
RoaringBuilder *
users_builders(int n)
{
	RoaringBuilder *builders = palloc(n * sizeof(RoaringBuilder));
	int			i;

	for (i = 0; i < n; i++)
		roaring_builder_init(&builders[i], ROARING_OR);
	return builders;
}

/* What was gathered in n sets, as an array of usersets. */
Datum
users_array(RoaringBuilder *builders, int n, Oid userset)
{
	Datum	   *sets = palloc(n * sizeof(Datum));
	int			i;

	for (i = 0; i < n; i++)
	{
		sets[i] = users_datum(&builders[i]);
		CHECK_FOR_INTERRUPTS();
	}
	return PointerGetDatum(construct_array(sets, n, userset, -1, false, TYPALIGN_INT));
}

/* Usersets as one: its users are those of any. */
struct varlena *
users_join(List *results)
{
	RoaringBuilder builder;
	ListCell   *cell;

	roaring_builder_init(&builder, ROARING_OR);
	foreach(cell, results)
		roaring_builder_add_set(&builder,
								userset_roaring(pg_detoast_datum_packed(lfirst(cell))));
	return (struct varlena *) DatumGetPointer(users_datum(&builder));
}

/* Arrays of usersets, all of one length, as one array of them. */
struct varlena *
users_join_arrays(List *results)
{
	Oid			type = ARR_ELEMTYPE((ArrayType *) linitial(results));
	List	  **sets = NULL;
	Datum	   *joined;
	ListCell   *cell;
	int			n = 0;
	int			i;

	foreach(cell, results)
	{
		Datum	   *elements;
		bool	   *nulls;
		int			length;

		deconstruct_array(lfirst(cell), type, -1, false, TYPALIGN_INT, &elements, &nulls, &length);
		if (sets == NULL)
		{
			n = length;
			sets = palloc0(n * sizeof(List *));
		}
		if (length != n)
			serialized_refuse();
		for (i = 0; i < n; i++)
			sets[i] = lappend(sets[i], DatumGetPointer(elements[i]));
	}
	joined = palloc(n * sizeof(Datum));
	for (i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		joined[i] = PointerGetDatum(users_join(sets[i]));
	}
	return (struct varlena *) construct_array(joined, n, type, -1, false, TYPALIGN_INT);
}
