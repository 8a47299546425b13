/*-------------------------------------------------------------------------
 *
 * members.h
 *		Rows of members: of a composite type, for each user.
 *
 * An aggregate such as funnel_members returns them as an array, ordered by user,
 * which must fit in memory and in 1 GB.  Its twin, funnel_member_list, returns
 * a query value, whose rows member_rows() gives one by one, without a limit.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_MEMBERS_H
#define JOURNEY_MEMBERS_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "fmgr.h"
#include "share/share.h"
#include "store/store.h"
#include "utils/tuplestore.h"

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
	Tuplestorestate *rows;		/* where rows go, or NULL: into the list */
	bool		to_bigint;		/* ids are integers that are smaller than the
								 * row's */
	Member	   *list;
	uint64		n;
	uint64		capacity;
} Members;

/* Which members an aggregate gives. */
typedef struct MembersOf
{
	const char *row;			/* their type, if ids are of type bigint */
	const char *call;			/* how the aggregate is called */
	const char *list;			/* and that of its list */
	void		(*visit) (FunctionCallInfo fcinfo, UserStore *store, Members *members); /* adds them */
} MembersOf;

/*
 * The final functions of an aggregate of members and of its list, for example
 *
 *	MEMBERS_FINAL(journey_x_members_final, journey_x_member_list_final,
 *				  .row = "x_member", ...)
 */
#define MEMBERS_FINAL(name, list_name, ...) \
static const MembersOf name##_of = {__VA_ARGS__}; \
\
static Datum \
name##_users(PG_FUNCTION_ARGS) \
{ \
	return members_array(fcinfo, &name##_of); \
} \
\
static Datum \
list_name##_users(PG_FUNCTION_ARGS) \
{ \
	return members_list(fcinfo, &name##_of); \
} \
\
JOURNEY_FUNCTION_AS(name, results_final_once(fcinfo, name##_users)) \
JOURNEY_FUNCTION_AS(list_name, results_final_once(fcinfo, list_name##_users))

extern TupleDesc aggregate_row_type(FunctionCallInfo fcinfo, const char *call, Oid *type);
extern void members_add(Members *members, const UserKey *user, int64 then, Datum *columns,
						bool *nulls);
extern Datum members_array(FunctionCallInfo fcinfo, const MembersOf *of);
extern Datum members_list(FunctionCallInfo fcinfo, const MembersOf *of);

#endif							/* JOURNEY_MEMBERS_H */
