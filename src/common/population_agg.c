/*-------------------------------------------------------------------------
 *
 * population_agg.c
 *		A population aggregate in SQL, but for what is the room's own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_proc.h"
#include "common/event_buffer.h"
#include "common/population_agg.h"
#include "executor/nodeAgg.h"
#include "nodes/execnodes.h"
#include "parser/parse_agg.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

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
		call->population = population_site(fcinfo->flinfo,
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
			call->population = population_site(fcinfo->flinfo, right->site->key_type.type,
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

/*
 * The processes of a parallel scan share the users: when all have read their
 * rows, they exchange records, so that each has all records of some users, and
 * each calls the final function.  What a process hands up is a result, and the
 * leader joins the results.
 */

/* The final function of an aggregate; InvalidOid if there is none. */
static Oid
final_function(Oid aggregate, bool *extra)
{
	HeapTuple	tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggregate));
	Oid			final;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	final = ((Form_pg_aggregate) GETSTRUCT(tuple))->aggfinalfn;
	*extra = ((Form_pg_aggregate) GETSTRUCT(tuple))->aggfinalextra;
	ReleaseSysCache(tuple);
	return final;
}

/* How the results of a final function become one; NULL if they do not. */
static const PopulationJoin *
final_join(Oid final)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(final));
	const PopulationJoin *join = NULL;
	Datum		file;
	Datum		symbol;
	bool		no_file;
	bool		no_symbol;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	file = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_probin, &no_file);
	symbol = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosrc, &no_symbol);
	if (!no_file && !no_symbol)
		join = (const PopulationJoin *)
			load_external_function(TextDatumGetCString(file),
								   psprintf("%s_join", TextDatumGetCString(symbol)),
								   false, NULL);
	ReleaseSysCache(tuple);
	return join;
}

/* Can the processes share the users of this aggregate? */
static bool
begin_sharing(const Aggref *aggref, Datum state, Exchange *exchange)
{
	Population *population = (Population *) DatumGetPointer(state);
	const PopulationJoin *join = NULL;
	bool		extra = false;
	Oid			final = final_function(aggref->aggfnoid, &extra);

	if (OidIsValid(final))
		join = final_join(final);
	if (join == NULL || (join->allowed != NULL && !join->allowed(population)))
		return false;
	population->exchange = exchange;
	return true;
}

/* Call the final function of an aggregate: a value, or NULL. */
static struct varlena *
call_final(FunctionCallInfo transition, const Aggref *aggref, Population *population)
{
	LOCAL_FCINFO(fcinfo, FUNC_MAX_ARGS);
	FmgrInfo	flinfo;
	bool		extra = false;
	Oid			final = final_function(aggref->aggfnoid, &extra);
	Oid			types[FUNC_MAX_ARGS];
	int			nargs = get_aggregate_argtypes(unconstify(Aggref *, aggref), types);
	Expr	   *expr;
	Datum		result;
	int			i;

	if (!extra)
		nargs = 0;
	/* the type of a partial aggregate is that of its state */
	build_aggregate_finalfn_expr(types, nargs + 1, INTERNALOID,
								 get_func_rettype(aggref->aggfnoid),
								 aggref->inputcollid, final, &expr);
	fmgr_info(final, &flinfo);
	fmgr_info_set_expr((Node *) expr, &flinfo);
	InitFunctionCallInfoData(*fcinfo, &flinfo, nargs + 1, aggref->inputcollid,
							 transition->context, NULL);
	fcinfo->args[0].value = PointerGetDatum(population);
	fcinfo->args[0].isnull = false;
	for (i = 1; i <= nargs; i++)
	{
		fcinfo->args[i].value = (Datum) 0;
		fcinfo->args[i].isnull = true;
	}
	result = FunctionCallInvoke(fcinfo);
	return fcinfo->isnull ? NULL : (struct varlena *) DatumGetPointer(result);
}

/* All rows of this process have been read. */
static void
finish_sharing(FunctionCallInfo transition, const Aggref *aggref, Datum state, dsa_area *area)
{
	Population *population = (Population *) DatumGetPointer(state);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "pg_journey share of users",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	struct varlena *result;

	population_exchange(population, area);
	result = call_final(transition, aggref, population);
	population->finished = true;
	if (result != NULL)
	{
		MemoryContextSwitchTo(population->context);
		population->results = list_make1(memcpy(palloc(VARSIZE(result)), result,
												VARSIZE(result)));
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

const ScanSharing population_sharing = {begin_sharing, finish_sharing};

/*
 * final(state): of the results, if processes have finished their users
 * already, else what `final` makes of the users.
 */
Datum
population_agg_final(FunctionCallInfo fcinfo, PGFunction final, const PopulationJoin *join)
{
	Population *population = population_state(fcinfo);
	void	   *joined = NULL;
	ListCell   *cell;

	if (population == NULL)
		PG_RETURN_NULL();
	if (!population->finished)
		return final(fcinfo);
	if (population->results == NIL)
		PG_RETURN_NULL();
	if (join->type == NULL)
		PG_RETURN_POINTER(join->join(population->results));
	foreach(cell, population->results)
	{
		void	   *stats = stats_unpack(join->type, CurrentMemoryContext, lfirst(cell));

		if (joined == NULL)
			joined = stats;
		else
			join->type->merge(joined, stats);
	}
	PG_RETURN_POINTER(join->type->pack(joined));
}
