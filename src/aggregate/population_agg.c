/*-------------------------------------------------------------------------
 *
 * population_agg.c
 *		The part of a population aggregate that all rooms share.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/population_agg.h"
#include "event/event.h"

static PopulationCall *
population_call(FmgrInfo *flinfo)
{
	if (flinfo->fn_extra == NULL)
		flinfo->fn_extra = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(PopulationCall));
	return flinfo->fn_extra;
}

/*
 * Take the parameters of a row, as the room has read them.  Those of a row
 * that does not count, because its data is NULL, are checked, but not kept.
 */
void
population_take_params(FunctionCallInfo fcinfo, const ParamsRoom *room, const CallParams *given,
					   uint32 data_args, bool counts)
{
	PopulationCall *call = population_call(fcinfo->flinfo);
	const UserStore *store = population_store(fcinfo);

	params_of_row(fcinfo, &call->site, room, data_args,
				  store == NULL ? NULL : store->params, given, counts);
}

/* What the stores of this call site share. */
UserSite *
population_users(FunctionCallInfo fcinfo)
{
	PopulationCall *call = population_call(fcinfo->flinfo);

	if (call->users == NULL)
	{
		call->users = user_site_new(fcinfo->flinfo, get_fn_expr_argtype(fcinfo->flinfo, 1),
									user_key_collation(fcinfo));
		call->users->numbers_users = true;
		call->users->partial = fcinfo->context != NULL && IsA(fcinfo->context, AggState) &&
			DO_AGGSPLIT_SKIPFINAL(((AggState *) fcinfo->context)->aggsplit);
	}
	return call->users;
}

/* The population of a group's first row, once its parameters are taken. */
Population *
population_begin(FunctionCallInfo fcinfo, int nsteps, int holds)
{
	return population_new(arg_aggregate_context(fcinfo), population_users(fcinfo),
						  population_params(fcinfo), nsteps, holds);
}

/*
 * combine(state, state)
 */
Datum
population_agg_combine(FunctionCallInfo fcinfo, const ParamsRoom *room)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	PopulationCall *call = population_call(fcinfo->flinfo);
	UserStore  *left = population_store(fcinfo);
	const UserStore *right = PG_ARGISNULL(1) ? NULL : (UserStore *) PG_GETARG_POINTER(1);

	if (right != NULL)
	{
		const UserKeyType *key_type = &right->site->key_type;

		if (left != NULL && (left->site->key_type.type != key_type->type ||
							 left->site->key_type.collation != key_type->collation))
			serialized_refuse();	/* their users are not laid out alike */
		call->site.params = params_joined(fcinfo->flinfo->fn_mcxt, room, call->site.params,
										  left == NULL ? NULL : left->params, right->params);
		if (left != NULL)
		{
			if (left->methods != right->methods)
				serialized_refuse();
			left->methods->check_alike(left, right);
		}
		if (call->users == NULL ||
			(left == NULL && call->users->key_type.type != key_type->type))
			call->users = user_site_new(fcinfo->flinfo, key_type->type, key_type->collation);
		if (left == NULL)
			left = right->methods->new_like(context, call->users, call->site.params, right);
		left->methods->combine(left, right);
	}
	if (left == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(left);
}

/*
 * serialize(state)
 */
Datum
population_agg_serialize(FunctionCallInfo fcinfo, const ParamsRoom *room)
{
	UserStore  *store = population_store(fcinfo);
	size_t		size = params_size(room, store->params);
	unsigned char *bytes = palloc(size);
	ByteWriter	out = {bytes};

	params_encode(room, store->params, &out);
	PG_RETURN_BYTEA_P(store->methods->serialize(store, bytes, size));
}

/* Keep the parameters that a header points to as the latest ones. */
static const void *
population_decode_params(FunctionCallInfo fcinfo, const ParamsRoom *room,
						 const EventsHeader *header)
{
	PopulationCall *call = population_call(fcinfo->flinfo);
	ByteReader	in = {header->params, header->params + header->params_size, false};

	call->site.params = params_decode(fcinfo->flinfo->fn_mcxt, room, call->site.params, &in);
	return call->site.params;
}

/*
 * The parameters of serialized bytes, where these say which store it is.
 */
const void *
population_agg_read_params(FunctionCallInfo fcinfo, const ParamsRoom *room)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	EventsHeader header;
	ByteReader	in = {(unsigned char *) VARDATA_ANY(bytes),
	(unsigned char *) VARDATA_ANY(bytes) + VARSIZE_ANY_EXHDR(bytes), false};

	if (!events_read_header(&in, &header))
		serialized_refuse();
	return population_decode_params(fcinfo, room, &header);
}

/*
 * deserialize(bytes)
 */
UserStore *
population_agg_deserialize(FunctionCallInfo fcinfo, const ParamsRoom *room,
						   const UserStoreMethods *methods)
{
	PopulationCall *call = population_call(fcinfo->flinfo);
	EventsHeader header;
	UserStore  *store;

	(void) arg_aggregate_context(fcinfo);
	store = methods->deserialize(PG_GETARG_BYTEA_PP(0), fcinfo->flinfo, &call->users, &header);
	if (header.nameless && !room->nameless)
		serialized_refuse();
	store->params = population_decode_params(fcinfo, room, &header);
	return store;
}

/* Files of a store may be taken by other processes. */
static void
population_share_files(Datum state, Exchange *exchange)
{
	((UserStore *) DatumGetPointer(state))->exchange = exchange;
}

static void
population_exchange_users(Datum state, dsa_area *area)
{
	UserStore  *store = (UserStore *) DatumGetPointer(state);

	store->methods->exchange(store, area);
}

const ScanSharing population_sharing = {population_share_files, population_exchange_users};

/*
 * Select which of n rows have a user, a time and a node.  Returns their
 * number, or -1 if the time of one is invalid.
 */
static pg_noinline int
population_node_rows_that_count(Population *population, const ScanVector *const *args, int n, int node_arg,
								uint16 *rows)
{
	const bool	nulls = args[1]->has_nulls || args[2]->has_nulls || args[node_arg]->has_nulls;
	int64		newest = population->newest;
	bool		wrong = false;
	int			nrows = 0;
	int			i;

	for (i = 0; i < n; i++)
	{
		const int64 at = DatumGetTimestampTz(args[2]->values[i]);

		rows[nrows] = (uint16) i;
		if (nulls && (args[1]->nulls[i] || args[2]->nulls[i] || args[node_arg]->nulls[i]))
			continue;
		nrows++;
		newest = Max(newest, at);
		wrong |= TIMESTAMP_NOT_FINITE(at);
	}
	if (wrong)
		return -1;
	population->newest = newest;
	return nrows;
}

/*
 * Add n rows whose argument `node_arg` is a node, to a population without
 * seqs and values. `transition` takes a single row: it is called for a row
 * that raises an error.
 */
void
population_node_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n, int node_arg,
					 PGFunction transition)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	uint16		rows[SCAN_ROWS_MOST];
	uint32		nodes[SCAN_ROWS_MOST];
	int			nrows;

	if (!population_params_known(fcinfo) ||
		(nrows = population_node_rows_that_count(population, args, n, node_arg, rows)) < 0)
	{
		table_scan_each_row(fcinfo, args, n, transition);
		return;
	}
	nodes_intern_texts(population->nodes, args[node_arg]->values, rows, nrows, nodes);
	population_add_node_rows(population, args[1]->values, args[2]->values, nodes, rows, nrows);
}
