/*-------------------------------------------------------------------------
 *
 * may_read.c
 *		Who may see, use and change a source, segment or tag: called for each
 *		row of the catalogue that a query reads.
 *
 * The owner of the database reads and restores the whole catalogue, because
 * it must be able to dump it.  Rows that it restores for roles whose rights
 * it lacks have no effect until these roles accept them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "rights/reference.h"
#include "utils/acl.h"
#include "utils/array.h"

JOURNEY_FUNCTION(journey_may_read);
JOURNEY_FUNCTION(journey_may_use);
JOURNEY_FUNCTION(journey_may_restore);

#define ARG_REFERENCE(n) ((Reference *) PG_DETOAST_DATUM(PG_GETARG_DATUM(n)))

/* Has a role the rights of the one that is referred to? */
static bool
has_rights_of(Oid role, const Reference *reference)
{
	const Oid	other = reference_role(reference);

	return OidIsValid(other) ? has_privs_of_role(role, other) : superuser_arg(role);
}

/* Has a role been given what these may have? */
static bool
is_among(Oid role, ArrayType *readers)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int			i;

	if (ARR_NDIM(readers) == 0)
		return false;
	deconstruct_array(readers, ARR_ELEMTYPE(readers), -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	for (i = 0; i < n; i++)
	{
		const Reference *reader;

		if (nulls[i])
			continue;
		reader = (Reference *) PG_DETOAST_DATUM(elements[i]);
		if (reader->kind == REFERENCE_PUBLIC)
			return true;
		if (OidIsValid(reference_role(reader)) && has_privs_of_role(role, reference_role(reader)))
			return true;
	}
	return false;
}

/* Is the current role, or one whose rights it has, the owner of the database? */
static bool
is_administrator(void)
{
	return has_privs_of_role(GetUserId(), ROLE_PG_DATABASE_OWNER);
}

/* May the current role accept what was restored for this one? */
static bool
may_accept(const Reference *owner)
{
	return has_rights_of(GetUserId(), owner) ||
		(owner->kind == REFERENCE_PENDING && has_privs_of_role(GetUserId(), owner->oid)) ||
		(!OidIsValid(reference_role(owner)) && is_administrator());
}

/*
 * may_read(owner role_ref, readers role_ref[])
 */
Datum
journey_may_read(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(may_accept(ARG_REFERENCE(0)) ||
				   is_among(GetUserId(), PG_GETARG_ARRAYTYPE_P(1)) ||
				   is_administrator());
}

/*
 * may_use(role oid, owner role_ref, readers role_ref[])
 */
Datum
journey_may_use(PG_FUNCTION_ARGS)
{
	const Oid	role = PG_GETARG_OID(0);
	const Oid	owner = reference_role(ARG_REFERENCE(1));

	PG_RETURN_BOOL(OidIsValid(role) && OidIsValid(owner) &&
				   (has_privs_of_role(role, owner) || is_among(role, PG_GETARG_ARRAYTYPE_P(2))));
}

/* owns(owner role_ref) */
JOURNEY_FUNCTION_AS(journey_owns, BoolGetDatum(has_rights_of(GetUserId(), ARG_REFERENCE(0))))

/* may_accept(owner role_ref) */
JOURNEY_FUNCTION_AS(journey_may_accept, BoolGetDatum(may_accept(ARG_REFERENCE(0))))

/*
 * may_restore(owner role_ref)
 */
Datum
journey_may_restore(PG_FUNCTION_ARGS)
{
	const Reference *owner = ARG_REFERENCE(0);

	PG_RETURN_BOOL(has_rights_of(GetUserId(), owner) ||
				   (!OidIsValid(reference_role(owner)) && is_administrator()));
}

/* is_role(role_ref) */
JOURNEY_FUNCTION_AS(journey_is_role, BoolGetDatum(OidIsValid(reference_role(ARG_REFERENCE(0)))))
