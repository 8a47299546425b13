/*-------------------------------------------------------------------------
 *
 * short_context.c
 *		Functions in PL/pgSQL whose errors do not show how they work inside.
 *
 * An SQL function implemented by this C function calls the function of the
 * same schema and arguments whose name has "do_" in front.  An error keeps
 * two parts of its CONTEXT: the first line, which says where it was raised,
 * and the lines of the callers of the SQL function.
 *
 * Outer functions add to the CONTEXT after inner ones, so a marker line that
 * is added between the two separates them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/base.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

JOURNEY_FUNCTION(journey_short_context);

#define BETWEEN "called by the extension:"

/* The function that is called, with the name of this one. */
static void
find_inner_function(FmgrInfo *outer)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(outer->fn_oid));
	FmgrInfo   *inner;
	Form_pg_proc proc;
	char	   *name;
	Oid			function;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", outer->fn_oid);
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	name = psprintf("do_%s", NameStr(proc->proname));
	/* the same arguments, so that what was checked of these holds */
	function = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name),
							   PointerGetDatum(&proc->proargtypes), ObjectIdGetDatum(proc->pronamespace));
	if (!OidIsValid(function) || get_func_rettype(function) != proc->prorettype)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("function %s.%s does not exist", get_namespace_name(proc->pronamespace), name)));
	ReleaseSysCache(tuple);
	if (MAY_NOT_EXECUTE(function))
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FUNCTION, get_func_name(function));
	inner = MemoryContextAlloc(outer->fn_mcxt, sizeof(FmgrInfo));
	fmgr_info_cxt(function, inner, outer->fn_mcxt);
	fmgr_info_set_expr((Node *) outer->fn_expr, inner);
	outer->fn_extra = inner;
}

/*
 * Notices and warnings are left alone, because clients show their CONTEXT
 * only on request.
 */
static void
add_line_between(void *arg)
{
	const int	category = ERRCODE_TO_CATEGORY(geterrcode());

	if (category != ERRCODE_SUCCESSFUL_COMPLETION && category != ERRCODE_WARNING)
		errcontext(BETWEEN " %s", (const char *) arg);
}

/* A CONTEXT without what is inside, but for its first line. */
static char *
shorten_context(const char *context, const char *name)
{
	const char *between = psprintf(BETWEEN " %s", name);
	const char *found = context != NULL ? strstr(context, between) : NULL;
	const char *outside;
	int			first;

	/* what was raised outside, or looks so */
	if (found == NULL || (found != context && found[-1] != '\n'))
		return context != NULL ? pstrdup(context) : NULL;
	outside = found + strlen(between);
	first = strcspn(context, "\n");
	if (context + first >= found)
		return *outside == '\n' ? pstrdup(outside + 1) : NULL;
	return psprintf("%.*s%s", first, context, outside);
}

/*
 * Any function of the extension: calls the one that does what it is for
 */
Datum
journey_short_context(PG_FUNCTION_ARGS)
{
	MemoryContext context = CurrentMemoryContext;

	LOCAL_FCINFO(inner, FUNC_MAX_ARGS);
	ErrorContextCallback callback;
	char	   *name;
	Datum		result = (Datum) 0;

	if (fcinfo->flinfo->fn_extra == NULL)
		find_inner_function(fcinfo->flinfo);
	name = get_func_name(fcinfo->flinfo->fn_oid);
	InitFunctionCallInfoData(*inner, fcinfo->flinfo->fn_extra, fcinfo->nargs, fcinfo->fncollation, fcinfo->context, fcinfo->resultinfo);
	memcpy(inner->args, fcinfo->args, fcinfo->nargs * sizeof(NullableDatum));
	callback.callback = add_line_between;
	callback.arg = name;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	PG_TRY();
	{
		result = FunctionCallInvoke(inner);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		error->context = shorten_context(error->context, name);
		ReThrowError(error);
	}
	PG_END_TRY();
	error_context_stack = callback.previous;
	fcinfo->isnull = inner->isnull;
	return result;
}
