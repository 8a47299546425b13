/*-------------------------------------------------------------------------
 *
 * users.c
 *		Usersets as results of the aggregates of this room.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/args.h"
#include "common/userset_value.h"
#include "segment/users.h"
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
