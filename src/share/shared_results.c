/*-------------------------------------------------------------------------
 *
 * shared_results.c
 *		Results of processes that share the users of an aggregate.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "base/base.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "event/event.h"
#include "nodes/execnodes.h"
#include "parser/parse_agg.h"
#include "share/shared_results.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

/* The final function of an aggregate, or InvalidOid. */
static Oid
final_function(Oid aggregate, bool *extra)
{
	HeapTuple	tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggregate));
	Oid			final;

	*extra = false;
	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	final = ((Form_pg_aggregate) GETSTRUCT(tuple))->aggfinalfn;
	*extra = ((Form_pg_aggregate) GETSTRUCT(tuple))->aggfinalextra;
	ReleaseSysCache(tuple);
	return final;
}

/*
 * How the results of an aggregate are merged; NULL if they cannot be.  The
 * library exports it under the name of the final function plus _join.
 */
const ResultsJoin *
results_join_of(const Aggref *aggref)
{
	bool		extra;
	HeapTuple	tuple = SearchSysCache1(PROCOID,
										ObjectIdGetDatum(final_function(aggref->aggfnoid, &extra)));
	const ResultsJoin *join = NULL;
	Datum		file;
	Datum		symbol;
	bool		no_file;
	bool		no_symbol;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	file = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_probin, &no_file);
	symbol = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosrc, &no_symbol);
	if (!no_file && !no_symbol)
		join = (const ResultsJoin *)
			load_external_function(TextDatumGetCString(file),
								   psprintf("%s_join", TextDatumGetCString(symbol)),
								   false, NULL);
	ReleaseSysCache(tuple);
	return join;
}

/* May the processes share the users of this state? */
bool
results_allowed(const ResultsJoin *join, Datum state)
{
	return join != NULL &&
		(join->allowed == NULL || join->allowed(DatumGetPointer(state)));
}

static struct varlena *
copy_result(const struct varlena *result)
{
	return memcpy(palloc(VARSIZE(result)), result, VARSIZE(result));
}

/*
 * All users that the state has are its own: call the final function, and leave
 * nothing but the result.
 */
void
results_finish(FunctionCallInfo transition, const Aggref *aggref, Datum state,
			   const ResultsJoin *join)
{
	LOCAL_FCINFO(fcinfo, FUNC_MAX_ARGS);
	Results    *results = (Results *) DatumGetPointer(state);
	MemoryContext context = arg_aggregate_context(transition);
	FmgrInfo	flinfo;
	bool		extra;
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
	fcinfo->args[0].value = state;
	fcinfo->args[0].isnull = false;
	for (i = 1; i <= nargs; i++)
	{
		fcinfo->args[i].value = (Datum) 0;
		fcinfo->args[i].isnull = true;
	}
	results->finishing = true;
	result = FunctionCallInvoke(fcinfo);
	results->finished = true;
	if (!fcinfo->isnull)
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		results->list = list_make1(copy_result((struct varlena *) DatumGetPointer(result)));
		MemoryContextSwitchTo(old);
	}
}

/*
 * Give a notice that the newest event, which decides what is complete, lies
 * in the future: once for each statement that the client sends, whatever the
 * number of groups and calls.  PG_INT64_MIN stands for a result that does not
 * depend on it.
 */
void
results_note_future(int64 newest)
{
	static TimestampTz noted = 0;

	if (newest == PG_INT64_MIN || newest <= GetCurrentTimestamp() ||
		noted == GetCurrentStatementStartTimestamp())
		return;
	noted = GetCurrentStatementStartTimestamp();
	ereport(NOTICE,
			(errmsg("the newest event, %s, lies in the future", timestamptz_to_str(newest)),
			 errdetail("Whatever ends before it counts as complete."),
			 errhint("Give until, the end of observation, or leave such rows out.")));
}

/*
 * Calls `final`, which takes the users from a state that begins with Results; the
 * next time, gives what it gave.  Not without a state.
 */
Datum
results_final_once(FunctionCallInfo fcinfo, PGFunction final)
{
	Results    *results;
	Datum		result;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	results = (Results *) PG_GETARG_POINTER(0);
	if (results->kept)
	{
		if (results->result == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(results->result);
	}
	result = final(fcinfo);

	/* only hashed groups are read a second time */
	if (IsA(fcinfo->context, AggState) &&
		((AggState *) fcinfo->context)->aggstrategy == AGG_HASHED)
	{
		results->kept = true;
		if (!fcinfo->isnull)
		{
			MemoryContext old = MemoryContextSwitchTo(arg_aggregate_context(fcinfo));

			results->result = memcpy(palloc_extended(VARSIZE_ANY(result), MCXT_ALLOC_HUGE),
									 DatumGetPointer(result), VARSIZE_ANY(result));
			MemoryContextSwitchTo(old);
		}
	}
	return result;
}

/*
 * final(state): merges the results if processes have finished their users
 * already; otherwise calls `final` for the users.
 */
Datum
results_final(FunctionCallInfo fcinfo, PGFunction final, const ResultsJoin *join)
{
	const Results *results;
	void	   *joined = NULL;
	ListCell   *cell;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	results = (const Results *) PG_GETARG_POINTER(0);
	/* not for the users of one process only */
	if (join->newest != NULL && !results->finishing)
		results_note_future(join->newest(PG_GETARG_POINTER(0)));
	if (!results->finished)
		return results->finishing ? final(fcinfo) : results_final_once(fcinfo, final);
	if (results->list == NIL)
		PG_RETURN_NULL();
	if (join->type == NULL)
		PG_RETURN_POINTER(join->join(results->list));
	foreach(cell, results->list)
	{
		void	   *stats = stats_unpack(join->type, CurrentMemoryContext, lfirst(cell));

		if (joined == NULL)
			joined = stats;
		else
			stats_merge(join->type, joined, stats);
	}
	PG_RETURN_POINTER(stats_pack(join->type, joined));
}

/*
 * Combine states of which the right one may be finished; false if it is not.
 * All states of an aggregate are, or none.
 */
bool
results_combine(Results *left, bool left_has_users, const Results *right, MemoryContext context)
{
	MemoryContext old;
	ListCell   *cell;

	if (right->finished ? left_has_users : left->finished)
		serialized_refuse();
	if (!right->finished)
		return false;
	left->finished = true;
	old = MemoryContextSwitchTo(context);
	foreach(cell, right->list)
		left->list = lappend(left->list, copy_result(lfirst(cell)));
	MemoryContextSwitchTo(old);
	return true;
}

/*
 * Results as bytes: their number, and for each its length and its bytes.
 */
uint64
results_size(const Results *results)
{
	uint64		size = number_size(list_length(results->list));
	ListCell   *cell;

	foreach(cell, results->list)
		size += number_size(VARSIZE(lfirst(cell))) + VARSIZE(lfirst(cell));
	return size;
}

void
results_write(const Results *results, ByteWriter *out)
{
	ListCell   *cell;

	write_number(out, list_length(results->list));
	foreach(cell, results->list)
	{
		write_number(out, VARSIZE(lfirst(cell)));
		write_bytes(out, lfirst(cell), VARSIZE(lfirst(cell)));
	}
}

/* To the end of the bytes; what the results hold is checked when they are joined. */
void
results_read(Results *results, ByteReader *in)
{
	uint64		n = read_number(in);

	results->finished = true;
	for (; n > 0 && !in->failed; n--)
	{
		uint64		length = read_number(in);
		const unsigned char *bytes = read_bytes(in, length);
		struct varlena *result;

		if (bytes == NULL || length < VARHDRSZ || length > MaxAllocSize)
			serialized_refuse();
		result = palloc(length);
		memcpy(result, bytes, length);
		SET_VARSIZE(result, length);
		results->list = lappend(results->list, result);
	}
	if (in->failed || bytes_left(in) > 0)
		serialized_refuse();
}
