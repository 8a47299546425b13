/*-------------------------------------------------------------------------
 *
 * reference.h
 *		References to roles and tables that rows of the catalogue hold.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_REFERENCE_H
#define JOURNEY_REFERENCE_H

#include "postgres.h"

/* How a reference is to be understood. */
typedef enum ReferenceKind
{
	REFERENCE_PLAIN = 0,		/* what has this oid; none if it is invalid */
	REFERENCE_PUBLIC = 1,		/* roles only: everybody */
	REFERENCE_PENDING = 2		/* roles only: has yet to accept what was
								 * restored */
} ReferenceKind;

/*
 * A value of role_ref or table_ref.  The name is the one by which the object
 * was found; it is shown once the object is dropped.
 */
typedef struct Reference
{
	int32		length;			/* of varlena; do not touch */
	Oid			oid;
	int32		kind;			/* a ReferenceKind */
	char		name[FLEXIBLE_ARRAY_MEMBER];	/* ends with a zero */
} Reference;

extern Oid	reference_role(const Reference *reference);

#endif							/* JOURNEY_REFERENCE_H */
