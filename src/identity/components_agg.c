/*-------------------------------------------------------------------------
 *
 * components_agg.c
 *		The aggregate connected_components() and the rows of its result.
 *
 * Serialized, a state is its type and collation, the number of its ids, and for
 * each the id and the number of its root: numbers as codec.h writes them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "base/base.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "identity/components.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "scan/scan.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

JOURNEY_FUNCTION(journey_components_combine);
JOURNEY_FUNCTION(journey_components_serialize);
JOURNEY_FUNCTION(journey_components_deserialize);
JOURNEY_FUNCTION(journey_connected_components_final);
JOURNEY_FUNCTION(journey_component_rows);

/* The state of a call whose first row this is. */
static Components *
components_begin(FunctionCallInfo fcinfo)
{
	const Oid	type = get_fn_expr_argtype(fcinfo->flinfo, 1);

	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_DATATYPE),
				 errmsg("could not determine the type of a"),
				 errhint("Cast it, for example a::bigint.")));
	return components_new(arg_aggregate_context(fcinfo), type, user_key_collation(fcinfo));
}

/*
 * connected_components(a anyelement, b anyelement)
 */
static Datum
connected_components_row(PG_FUNCTION_ARGS)
{
	Components *components = PG_ARGISNULL(0) ? components_begin(fcinfo) : (Components *) PG_GETARG_POINTER(0);
	UserKeyType *key_type = &components->key_type;
	const int	first = PG_ARGISNULL(1) ? 2 : 1;
	const int	second = PG_ARGISNULL(2) ? first : 2;

	/* one of both by itself is an id without links */
	if (PG_ARGISNULL(first))
		PG_RETURN_POINTER(components);
	if (key_type->kind == USER_KEY_INTEGER)
		components_add_integers(components, integer_key(key_type, PG_GETARG_DATUM(first)),
								integer_key(key_type, PG_GETARG_DATUM(second)));
	else
	{
		const Datum a = PG_GETARG_DATUM(first);
		const Datum b = PG_GETARG_DATUM(second);
		const UserKey a_key = user_key(key_type, &a);
		const uint32 number = components_number(components, &a_key);

		if (second != first)
		{
			const UserKey b_key = user_key(key_type, &b);

			components_join(components->ids, number, components_number(components, &b_key));
		}
	}
	PG_RETURN_POINTER(components);
}

/* The same for many rows. */
static void
connected_components_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	Components *components = (Components *) DatumGetPointer(fcinfo->args[0].value);
	const UserKeyType *key_type = &components->key_type;
	int			i;

	if (key_type->kind != USER_KEY_INTEGER || args[1]->has_nulls || args[2]->has_nulls)
	{
		table_scan_each_row(fcinfo, args, n, connected_components_row);
		return;
	}
	for (i = 0; i < n; i++)
		components_add_integers(components, integer_key(key_type, args[1]->values[i]), integer_key(key_type, args[2]->values[i]));
}

JOURNEY_FUNCTION_AS(journey_connected_components_transition, table_scan_transition(fcinfo, connected_components_row, connected_components_rows, NULL))

Datum
journey_components_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	Components *left = PG_ARGISNULL(0) ? NULL : (Components *) PG_GETARG_POINTER(0);
	Components *right = PG_ARGISNULL(1) ? NULL : (Components *) PG_GETARG_POINTER(1);

	if (right != NULL)
	{
		if (left == NULL)
			left = components_new(context, right->key_type.type, right->key_type.collation);
		components_join_all(left, right);
	}
	if (left == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(left);
}

Datum
journey_components_serialize(PG_FUNCTION_ARGS)
{
	Components *components = (Components *) PG_GETARG_POINTER(0);
	const bool	integer = components->key_type.kind == USER_KEY_INTEGER;
	ByteWriter	out;
	bytea	   *bytes;
	uint64		size = 3 * 10;
	uint32		i;

	(void) arg_aggregate_context(fcinfo);
	components_flush(components);
	for (i = 0; i < components->n; i++)
	{
		const uint32 root = components_root(components->ids, i);

		size += number_size(root) + number_size(integer ? fold_sign((int64) components->ids[i].key) : components->ids[i].length);
		if (!integer)
			size += components->ids[i].length == 0 ? 10 : components->ids[i].length;
	}
	bytes = serialized_alloc(size);
	out.at = (unsigned char *) VARDATA(bytes);
	write_number(&out, components->key_type.type);
	write_number(&out, components->key_type.collation);
	write_number(&out, components->n);
	for (i = 0; i < components->n; i++)
	{
		write_number(&out, components_root(components->ids, i));
		if (integer)
			write_number(&out, fold_sign((int64) components->ids[i].key));
		else
		{
			write_number(&out, components->ids[i].length);
			/* a numeric that is a whole number is its key */
			if (components->ids[i].length == 0)
				write_number(&out, components->ids[i].key);
			write_bytes(&out, components->bytes[i], components->ids[i].length);
		}
	}
	SET_VARSIZE(bytes, (char *) out.at - (char *) bytes);
	PG_RETURN_BYTEA_P(bytes);
}

/* The id that bytes are, in an allocated copy that is aligned. */
static UserKey
components_read_id(UserKeyType *key_type, ByteReader *in)
{
	const uint64 length = read_number(in);
	UserKey		id = {0, NULL, 0};
	const unsigned char *bytes;
	Datum		value;

	if (length == 0 && key_type->numeric)
	{
		id.key = read_number(in);
		return id;
	}
	if (length == 0)
		(void) read_number(in);
	bytes = read_bytes(in, length);
	if (bytes == NULL || (key_type->kind == USER_KEY_OPERATORS && length == 0))
		serialized_refuse();
	id.bytes = (const char *) bytes;
	id.length = (uint32) length;
	value = user_key_datum(key_type, &id);
	return user_key_of_bytes(key_type, &value);
}

Datum
journey_components_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	ByteReader	in = {(unsigned char *) VARDATA_ANY(bytes),
	(unsigned char *) VARDATA_ANY(bytes) + VARSIZE_ANY_EXHDR(bytes), false};
	Components *components;
	Oid			type;
	Oid			collation;
	uint64		n;
	uint64		i;

	(void) arg_aggregate_context(fcinfo);
	type = (Oid) read_number(&in);
	collation = (Oid) read_number(&in);
	n = read_number(&in);
	if (in.failed || n > bytes_left(&in) || !get_typisdefined(type))
		serialized_refuse();
	components = components_new(CurrentMemoryContext, type, collation);
	components_reserve(components, (uint32) Max(n, 16));
	for (i = 0; i < n && !in.failed; i++)
	{
		const uint64 root = read_number(&in);
		UserKey		id = {0, NULL, 0};

		if (root > i)
			serialized_refuse();
		if (components->key_type.kind == USER_KEY_INTEGER)
			id.key = (uint64) unfold_sign(read_number(&in));
		else
			id = components_read_id(&components->key_type, &in);
		components->ids[i].key = id.key;
		if (components->bytes != NULL)
			components->bytes[i] = id.bytes;
		components->ids[i].parent = (uint32) root;
		components->ids[i].length = id.length;
		components->n++;
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
	if (in.failed || in.at != in.end)
		serialized_refuse();
	PG_RETURN_POINTER(components);
}

/* ---- rows ----------------------------------------------------------------------- */

static void
components_release(void *state)
{
	/* its memory is the aggregate's */
	(void) state;
}

static const QueryValueType components_type = {
	"id_components",
	"component_rows((SELECT connected_components(a, b) FROM links), NULL::bigint)",
	components_release
};

QUERY_VALUE_FUNCTIONS(journey_id_components, components_type)

Datum
journey_connected_components_final(PG_FUNCTION_ARGS)
{
	(void) arg_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	components_flush((Components *) PG_GETARG_POINTER(0));
	return query_value(fcinfo, &components_type, PG_GETARG_POINTER(0));
}

/* What compares ids; NULL for integers, and for types without an order, which go by bytes. */
static FmgrInfo *
components_order(const Components *components)
{
	FmgrInfo   *order;

	if (components->key_type.kind == USER_KEY_INTEGER)
		return NULL;
	order = &lookup_type_cache(components->key_type.type, TYPECACHE_CMP_PROC_FINFO)->cmp_proc_finfo;
	return OidIsValid(order->fn_oid) ? order : NULL;
}

/* Does an id come before another? */
static bool
components_before(const Components *components, FmgrInfo *order, MemoryContext memory, uint32 a, uint32 b)
{
	const UserKey x = components_id(components, a);
	const UserKey y = components_id(components, b);
	MemoryContext old;
	int			result;

	if (components->key_type.kind == USER_KEY_INTEGER)
		return (int64) x.key < (int64) y.key;
	if (order == NULL)
	{
		const TextSlice x_bytes = {x.bytes, x.length};
		const TextSlice y_bytes = {y.bytes, y.length};

		return slice_order(x_bytes, y_bytes) < 0;
	}
	old = MemoryContextSwitchTo(memory);
	result = DatumGetInt32(FunctionCall2Coll(order, components->key_type.collation,
											 user_key_datum(&components->key_type, &x), user_key_datum(&components->key_type, &y)));
	MemoryContextSwitchTo(old);
	MemoryContextReset(memory);
	return result < 0;
}

/* For each number that is a root, the number of the smallest id of its component. */
static uint32 *
components_smallest(Components *components, MemoryContext memory)
{
	FmgrInfo   *order = components_order(components);
	uint32	   *smallest = MemoryContextAllocHuge(CurrentMemoryContext, ((uint64) components->n + 1) * sizeof(uint32));
	uint32		i;

	for (i = 0; i < components->n; i++)
		smallest[i] = i;
	for (i = 0; i < components->n; i++)
	{
		const uint32 root = components_root(components->ids, i);

		if (root != i && components_before(components, order, memory, i, smallest[root]))
			smallest[root] = i;
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
	return smallest;
}

/* The type of the rows is that of the ids; integers may be read as bigint. */
static void
component_rows_check(Oid type, Oid asked)
{
	if (getBaseType(asked) == getBaseType(type) ||
		(asked == INT8OID && (getBaseType(type) == INT4OID || getBaseType(type) == INT2OID)) ||
		(asked == TEXTOID && getBaseType(type) == VARCHAROID))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("the ids of these components are of type %s, not %s", format_type_be(type), format_type_be(asked)),
			 errhint("Say so in the second argument of component_rows: NULL::%s.", format_type_be(type))));
}

/*
 * component_rows(id_components, type anyelement): a row for each id, in no order;
 * `type` is a NULL of the type of the ids.
 */
Datum
journey_component_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext memory;
	Components *components;
	QueryValue *value;
	void	   *state;
	Oid			asked;
	bool		to_bigint;
	uint32	   *smallest;
	uint32		i;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	value = query_value_open(&components_type, PG_GETARG_DATUM(0), &state);
	components = state;
	asked = get_fn_expr_argtype(fcinfo->flinfo, 1);
	component_rows_check(components->key_type.type, asked);
	to_bigint = asked == INT8OID && components->key_type.kind == USER_KEY_INTEGER;
	memory = AllocSetContextCreate(CurrentMemoryContext, "pg_journey component rows", ALLOCSET_SMALL_SIZES);
	smallest = components_smallest(components, memory);
	for (i = 0; i < components->n; i++)
	{
		const UserKey id = components_id(components, i);
		const UserKey component = components_id(components, smallest[components_root(components->ids, i)]);
		MemoryContext old = MemoryContextSwitchTo(memory);
		bool		nulls[2] = {false, false};
		Datum		columns[2];

		columns[0] = to_bigint ? Int64GetDatum((int64) id.key) : user_key_datum(&components->key_type, &id);
		columns[1] = to_bigint ? Int64GetDatum((int64) component.key) : user_key_datum(&components->key_type, &component);
		tuplestore_putvalues(result->setResult, result->setDesc, columns, nulls);
		MemoryContextSwitchTo(old);
		if (components->bytes != NULL)
			MemoryContextReset(memory);
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
	MemoryContextDelete(memory);
	pfree(smallest);
	query_value_close(value);
	PG_RETURN_NULL();
}
