/*-------------------------------------------------------------------------
 *
 * members.c
 *		Arrays of members: a row of a composite type for each user, ordered by
 *		user.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "aggregate/members.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

/*
 * The row type that an aggregate returns an array of.  `call` shows in the
 * error for who calls the final function by itself.
 */
TupleDesc
aggregate_row_type(FunctionCallInfo fcinfo, const char *call, Oid *type)
{
	*type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	if (!OidIsValid(*type))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("this is a support function of an aggregate and cannot be called by itself"),
				 errhint("Call the aggregate instead: %s.", call)));
	return lookup_rowtype_tupdesc_copy(*type, -1);
}

/*
 * Start an array of the row type that the final function returns one of, with
 * ids of this type, in the current context.
 */
Members *
members_begin(FunctionCallInfo fcinfo, const UserKeyType *id_type, const char *call)
{
	Members    *members = palloc0(sizeof(Members));

	members->context = CurrentMemoryContext;
	members->id_type = id_type;
	members->desc = aggregate_row_type(fcinfo, call, &members->type);
	if (id_type->kind != USER_KEY_INTEGER)
		members->order = &lookup_type_cache(id_type->type, TYPECACHE_CMP_PROC_FINFO)->cmp_proc_finfo;
	return members;
}

/* Add a row for a user, who is its first column. */
void
members_add(Members *members, const UserKey *user, int64 then, Datum *columns, bool *nulls)
{
	MemoryContext old = MemoryContextSwitchTo(members->context);
	Member	   *member;

	if (members->n == members->capacity)
	{
		members->capacity = Max(64, members->capacity * 2);
		if (members->list == NULL)
			members->list = palloc(members->capacity * sizeof(Member));
		else
			members->list = repalloc_huge(members->list, members->capacity * sizeof(Member));
	}
	columns[0] = user_key_datum(members->id_type, user);
	member = &members->list[members->n++];
	member->key = (int64) user->key;
	member->id = columns[0];
	member->then = then;
	member->row = HeapTupleGetDatum(heap_form_tuple(members->desc, columns, nulls));
	MemoryContextSwitchTo(old);
}

/* The order of members: by user, and of one user by `then`. */
static int
compare_members(const void *a, const void *b, void *arg)
{
	const Member *left = a;
	const Member *right = b;
	const Members *members = arg;

	if (members->order != NULL)
	{
		int32		order = DatumGetInt32(FunctionCall2Coll(members->order, members->id_type->collation,
															left->id, right->id));

		if (order != 0)
			return order;
	}
	else if (left->key != right->key)
		return left->key < right->key ? -1 : 1;
	return (left->then > right->then) - (left->then < right->then);
}

/* The rows as an array; `hint` says what to do if they are too many for one. */
Datum
members_array(Members *members, const char *hint)
{
	Datum	   *rows;
	uint64		i;

	if (members->n > MaxAllocSize / 64)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%llu members are too many for one array",
						(unsigned long long) members->n),
				 errhint("%s", hint)));
	if (members->n > 0)
		qsort_arg(members->list, members->n, sizeof(Member), compare_members, members);
	rows = palloc((members->n + 1) * sizeof(Datum));
	for (i = 0; i < members->n; i++)
		rows[i] = members->list[i].row;
	return PointerGetDatum(construct_array(rows, (int) members->n, members->type, -1, false,
										   TYPALIGN_DOUBLE));
}
