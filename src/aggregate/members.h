/*-------------------------------------------------------------------------
 *
 * members.h
 *		Arrays of members: a row of a composite type for each user, ordered by
 *		user.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_MEMBERS_H
#define JOURNEY_MEMBERS_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "fmgr.h"
#include "store/store.h"

typedef struct Member
{
	int64		key;			/* of an integer id */
	Datum		id;				/* of any other */
	int64		then;			/* orders the rows of one user */
	Datum		row;
} Member;

typedef struct Members
{
	MemoryContext context;
	const UserKeyType *id_type;
	FmgrInfo   *order;			/* for ids of other types than integers */
	Oid			type;			/* of a row; its first column is the user */
	TupleDesc	desc;
	Member	   *list;
	uint64		n;
	uint64		capacity;
} Members;

extern TupleDesc aggregate_row_type(FunctionCallInfo fcinfo, const char *call, Oid *type);
extern Members *members_begin(FunctionCallInfo fcinfo, const UserKeyType *id_type,
							  const char *call);
extern void members_add(Members *members, const UserKey *user, int64 then, Datum *columns,
						bool *nulls);
extern Datum members_array(Members *members, const char *hint);

#endif							/* JOURNEY_MEMBERS_H */
