/*-------------------------------------------------------------------------
 *
 * own_schema.c
 *		The schemas of the extension: journey is for users, journey_internal for itself.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/own_schema.h"
#include "catalog/namespace.h"

bool
is_own_schema(Oid schema)
{
	return OidIsValid(schema) &&
		(schema == get_namespace_oid("journey", true) || schema == get_namespace_oid("journey_internal", true));
}
