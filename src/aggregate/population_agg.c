/*-------------------------------------------------------------------------
 *
 * population_agg.c
 *		A population aggregate in SQL, but for what is the room's own.
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
	const Population *population = population_state(fcinfo);

	params_of_row(fcinfo, &call->site, room, data_args,
				  population == NULL ? NULL : population->params, given, counts);
}

/* The population of a group's first row, once its parameters are taken. */
Population *
population_begin(FunctionCallInfo fcinfo, int nsteps, int holds)
{
	PopulationCall *call = population_call(fcinfo->flinfo);

	if (call->population == NULL)
		call->population = user_site_new(fcinfo->flinfo,
										 get_fn_expr_argtype(fcinfo->flinfo, 1),
										 user_key_collation(fcinfo));
	return population_new(arg_aggregate_context(fcinfo), call->population,
						  call->site.params, nsteps, holds);
}

/*
 * combine(state, state)
 */
Datum
population_agg_combine(FunctionCallInfo fcinfo, const ParamsRoom *room)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	PopulationCall *call = population_call(fcinfo->flinfo);
	Population *left = population_state(fcinfo);
	const Population *right = PG_ARGISNULL(1) ? NULL : (Population *) PG_GETARG_POINTER(1);

	if (right != NULL)
	{
		if (left != NULL && left->nsteps != right->nsteps)
			arg_refuse_size(left->nsteps, (uint64) right->nsteps);
		if (left != NULL && (left->holds != right->holds ||
							 left->site->key_type.type != right->site->key_type.type ||
							 left->site->key_type.collation != right->site->key_type.collation))
			serialized_refuse();	/* their records are not laid out alike */
		call->site.params = params_joined(fcinfo->flinfo->fn_mcxt, room, call->site.params,
										  left == NULL ? NULL : left->params, right->params);
		if (call->population == NULL ||
			(left == NULL && call->population->key_type.type != right->site->key_type.type))
			call->population = user_site_new(fcinfo->flinfo, right->site->key_type.type,
											 right->site->key_type.collation);
		if (left == NULL)
			left = population_new(context, call->population, call->site.params, right->nsteps,
								  right->holds);
		population_combine(left, right);
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
	Population *population = (Population *) PG_GETARG_POINTER(0);
	size_t		size = params_size(room, population->params);
	unsigned char *bytes = palloc(size);
	ByteWriter	out = {bytes};

	params_encode(room, population->params, &out);
	PG_RETURN_BYTEA_P(population_serialize(population, bytes, size));
}

/*
 * deserialize(bytes)
 */
Datum
population_agg_deserialize(FunctionCallInfo fcinfo, const ParamsRoom *room)
{
	PopulationCall *call = population_call(fcinfo->flinfo);
	EventsHeader header;
	Population *population;
	ByteReader	in = {NULL, NULL, false};

	(void) arg_aggregate_context(fcinfo);
	population = population_deserialize(PG_GETARG_BYTEA_PP(0), fcinfo->flinfo,
										&call->population, &header);
	in.at = header.params;
	in.end = header.params + header.params_size;
	call->site.params = params_decode(fcinfo->flinfo->fn_mcxt, room, call->site.params, &in);
	population->params = call->site.params;
	PG_RETURN_POINTER(population);
}

/* Files of a population may be taken by other processes. */
static void
population_share_files(Datum state, Exchange *exchange)
{
	((Population *) DatumGetPointer(state))->exchange = exchange;
}

static void
population_exchange_users(Datum state, dsa_area *area)
{
	population_exchange((Population *) DatumGetPointer(state), area);
}

const ScanSharing population_sharing = {population_share_files, population_exchange_users};

/*
 * Which of n rows have neither NULL as user, time nor node?  Gives back how
 * many, or -1 if there is something wrong with the time of one.
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
 * Add n rows whose argument `node_arg` is a node, to a population without seqs
 * and values.  `transition` takes a single row: it is called where
 * something is to be said about one.
 */
void
population_node_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n, int node_arg,
					 PGFunction transition)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	uint16		rows[SCAN_ROWS_MOST];
	uint32		nodes[SCAN_ROWS_MOST];
	int			nrows;
	int			i;

	if (!population_params_known(fcinfo) ||
		(nrows = population_node_rows_that_count(population, args, n, node_arg, rows)) < 0)
	{
		table_scan_each_row(fcinfo, args, n, transition);
		return;
	}
	nodes_intern_texts(population->nodes, args[node_arg]->values, rows, nrows, nodes);
	if (population->site->key_type.kind == USER_KEY_INTEGER)
		population_add_node_rows(population, args[1]->values, args[2]->values, nodes, rows, nrows);
	else
		for (i = 0; i < nrows; i++)
		{
			PopulationEvent event = {
				.at = DatumGetTimestampTz(args[2]->values[rows[i]]),
				.node = nodes[i]
			};

			population_add(population, args[1]->values[rows[i]], &event);
			table_scan_reset(CurrentMemoryContext);
		}
}
