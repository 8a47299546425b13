/*-------------------------------------------------------------------------
 *
 * aggregate_args.c
 *		Checking the arguments of SQL functions, with errors that name them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "mb/pg_wchar.h"
#include "nodes/primnodes.h"
#include "utils/builtins.h"

/* Refuse a parameter that is NULL. */
void
arg_refuse_null(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s must not be NULL", name),
			 errhint("Give %s a value; only the data of a row may be NULL.", name)));
}

/* Refuse a parameter whose value differs between the rows of one user. */
void
arg_refuse_changed(const char *name, const char *before, const char *now)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must be the same for all rows of one group", name),
			 errdetail("It is \"%s\" in one row and \"%s\" in another.", before, now),
			 errhint("Write a constant, or group the rows by the column that holds %s.", name)));
}

/* The beginning of a text for a message, whole characters of it. */
char *
arg_excerpt(const char *text)
{
	return pnstrdup(text, (Size) pg_mbcliplen(text, (int) strlen(text), 100));
}

/*
 * The memory context that lives as long as the aggregate's state.
 */
MemoryContext
arg_aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("this is a support function of an aggregate and cannot be called by itself"),
				 errhint("Call the aggregate instead, for example window_funnel(at, step, within).")));
	return context;
}

/*
 * Are all arguments of the running transition function constant, except the
 * data?  If so, they are read only once.  Bit n of `data_args` means that
 * argument n is data; the state is argument 0.
 */
bool
arg_parameters_are_constant(FunctionCallInfo fcinfo, uint32 data_args)
{
	Aggref	   *aggref = AggGetAggref(fcinfo);
	ListCell   *cell;
	int			n = 0;

	if (aggref == NULL)
		return false;			/* called as a window function */
	foreach(cell, aggref->args)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, cell);

		n++;
		if (n >= PG_NARGS())
			break;				/* what follows is for ORDER BY */
		if ((data_args >> n & 1) == 0 && !IsA(entry->expr, Const) &&
			!(IsA(entry->expr, Param) && ((Param *) entry->expr)->paramkind == PARAM_EXTERN))
			return false;
	}
	return n > 0;
}

/* Refuse options as a whole. */
void
options_refuse(TextSlice options, const char *problem, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("options \"%s\" %s", pnstrdup(options.bytes, options.length), problem),
			 errhint("%s", hint)));
}

/* Refuse options after the last of which is a comma. */
void
options_refuse_comma(TextSlice options)
{
	if (options_end_with_comma(options))
		options_refuse(options, "end with a comma", "Leave it out.");
}
