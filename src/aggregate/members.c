/*-------------------------------------------------------------------------
 *
 * members.c
 *		Rows of members, as an array or as a list for member_rows().
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "aggregate/members.h"
#include "aggregate/query_value.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

JOURNEY_FUNCTION(journey_member_rows);

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

/* Add a row for a user, who is its first column. */
void
members_add(Members *members, const UserKey *user, int64 then, Datum *columns, bool *nulls)
{
	MemoryContext old = MemoryContextSwitchTo(members->context);
	Member	   *member;

	if (members->rows == NULL && members->n == members->capacity)
	{
		members->capacity = Max(64, members->capacity * 2);
		if (members->list == NULL)
			members->list = palloc(members->capacity * sizeof(Member));
		else
			members->list = repalloc_huge(members->list, members->capacity * sizeof(Member));
	}
	columns[0] = members->to_bigint ? Int64GetDatum((int64) user->key) :
		user_key_datum(members->id_type, user);
	if (members->rows != NULL)
	{
		tuplestore_putvalues(members->rows, members->desc, columns, nulls);
		MemoryContextSwitchTo(old);
		MemoryContextReset(members->context);
		return;
	}
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

/* The members of a state as an array. */
Datum
members_array(FunctionCallInfo fcinfo, const MembersOf *of)
{
	UserStore  *store = (UserStore *) PG_GETARG_POINTER(0);
	Members		members = {0};
	Datum	   *rows;
	uint64		i;

	members.context = CurrentMemoryContext;
	members.id_type = &store->site->key_type;
	members.desc = aggregate_row_type(fcinfo, of->call, &members.type);
	if (members.id_type->kind != USER_KEY_INTEGER)
		members.order = &lookup_type_cache(members.id_type->type, TYPECACHE_CMP_PROC_FINFO)->cmp_proc_finfo;
	of->visit(fcinfo, store, &members);
	if (members.n > MaxAllocSize / 64)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%llu members are too many for one array",
						(unsigned long long) members.n),
				 errhint("Read %s by member_rows() instead.", of->list)));
	if (members.n > 0)
		qsort_arg(members.list, members.n, sizeof(Member), compare_members, &members);
	rows = palloc((members.n + 1) * sizeof(Datum));
	for (i = 0; i < members.n; i++)
		rows[i] = members.list[i].row;
	return PointerGetDatum(construct_array(rows, (int) members.n, members.type, -1, false,
										   TYPALIGN_DOUBLE));
}

/* ---- as a list ------------------------------------------------------------------- */

/* The state of a list: which members of which users. */
typedef struct MemberList
{
	const MembersOf *of;
	UserStore  *store;
	bool		read;			/* the users are used up */
} MemberList;

static void
member_list_release(void *state)
{
	UserStore  *store = ((MemberList *) state)->store;

	store->methods->release(store);
}

static const QueryValueType member_list_type = {
	"member_list",
	"member_rows((SELECT funnel_member_list(user_id, at, step, within) FROM events), NULL::funnel_member)",
	member_list_release
};

QUERY_VALUE_FUNCTIONS(journey_member_list, member_list_type)

/* The members of a state as a value for member_rows(). */
Datum
members_list(FunctionCallInfo fcinfo, const MembersOf *of)
{
	MemberList *list = MemoryContextAllocZero(arg_aggregate_context(fcinfo), sizeof(MemberList));

	list->of = of;
	list->store = (UserStore *) PG_GETARG_POINTER(0);
	return query_value(fcinfo, &member_list_type, list);
}

/* What follows the name of a row type whose ids are of this type; NULL: there is none. */
static const char *
member_row_suffix(const UserKeyType *ids)
{
	switch (getBaseType(ids->type))
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return "";
		case TEXTOID:
		case VARCHAROID:
			return "_text";
		case UUIDOID:
			return "_uuid";
	}
	return NULL;
}

/* The rows that are asked for must be those of the list. */
static void
member_rows_check(FunctionCallInfo fcinfo, const MemberList *list)
{
	const UserKeyType *ids = &list->store->site->key_type;
	const Oid	asked = get_fn_expr_argtype(fcinfo->flinfo, 1);
	const char *suffix = member_row_suffix(ids);
	char	   *row;

	if (suffix == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the users of a member_list are of type %s", format_type_be(ids->type)),
				 errdetail("There are rows of members with ids of types bigint, text and uuid."),
				 errhint("Cast user_id to one of them in the aggregate.")));
	row = psprintf("%s%s", list->of->row, suffix);
	if (strcmp(get_rel_name(get_typ_typrelid(asked)), row) != 0 ||
		get_rel_namespace(get_typ_typrelid(asked)) != get_func_namespace(fcinfo->flinfo->fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the rows of this member_list are of type %s, not %s", row, format_type_be(asked)),
				 errhint("Say so in the second argument of member_rows: NULL::%s.", row)));
}

/*
 * member_rows(member_list, row): a row for each member, in no order; `row` is a
 * NULL of their type.
 */
Datum
journey_member_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Members		members = {0};
	MemberList *list;
	QueryValue *value;
	void	   *state;

	if (!OidIsValid(get_typ_typrelid(get_fn_expr_argtype(fcinfo->flinfo, 1))))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the second argument of member_rows is of type %s, which has no columns",
						format_type_be(get_fn_expr_argtype(fcinfo->flinfo, 1))),
				 errhint("Give a NULL of the type of the rows, such as NULL::funnel_member.")));
	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	value = query_value_open(&member_list_type, PG_GETARG_DATUM(0), &state);
	list = state;
	if (list->read)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the member_list has been read"),
				 errhint("Read it once in a query, or make it again.")));
	member_rows_check(fcinfo, list);
	members.id_type = &list->store->site->key_type;
	members.to_bigint = members.id_type->kind == USER_KEY_INTEGER;
	members.rows = result->setResult;
	members.desc = result->setDesc;
	members.context = AllocSetContextCreate(CurrentMemoryContext, "pg_journey member rows",
											ALLOCSET_SMALL_SIZES);
	list->read = true;
	list->of->visit(fcinfo, list->store, &members);
	MemoryContextDelete(members.context);
	query_value_close(value);
	PG_RETURN_NULL();
}
