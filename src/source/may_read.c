/*-------------------------------------------------------------------------
 *
 * may_read.c
 *		Who may read a source, segment or tag: asked for each row that a query
 *		of the catalogue looks at.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/args.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"

JOURNEY_FUNCTION(journey_may_read);

/*
 * may_read(owner regrole, readers regrole[])
 */
Datum
journey_may_read(PG_FUNCTION_ARGS)
{
	const Oid	user = GetUserId();
	ArrayType  *readers = PG_GETARG_ARRAYTYPE_P(1);
	const Oid  *roles = (const Oid *) ARR_DATA_PTR(readers);
	int			n;
	int			i;

	if (has_privs_of_role(user, PG_GETARG_OID(0)))
		PG_RETURN_BOOL(true);
	if (ARR_HASNULL(readers) || ARR_ELEMTYPE(readers) != REGROLEOID)
		PG_RETURN_BOOL(false);
	n = ArrayGetNItems(ARR_NDIM(readers), ARR_DIMS(readers));
	for (i = 0; i < n; i++)
		if (roles[i] == InvalidOid || has_privs_of_role(user, roles[i]))
			PG_RETURN_BOOL(true);
	PG_RETURN_BOOL(false);
}
