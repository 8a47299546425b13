/*-------------------------------------------------------------------------
 *
 * stored_query.c
 *		What a stored query may do while it runs: read.
 *
 * Roles other than its owner run a definition: a job, or whoever uses its
 * source.  Two rules keep this harmless.  Neither is a setting that the query
 * could change:
 *
 * It only reads.  The executor starts only SELECT plans, no utility command
 * is executed, and no built-in function with side effects is called: of the
 * volatile functions, only those in a list of harmless ones are allowed.
 *
 * It runs no code of other roles with the rights of the current user: a
 * function may be called if its owner has the rights of the current user
 * anyway (a superuser has; functions of PostgreSQL and its extensions belong
 * to one), or if the function is SECURITY DEFINER, so that it runs with the
 * rights of its owner.
 *
 * The executor calls the hooks for every function, built-in or not, when it
 * initializes an expression.  The planner calls them before it plans, because
 * it calls functions of operators to estimate rows.  Both checks come too
 * early to suffice: PL/pgSQL reuses an expression that was initialized for
 * one role for another role, in the same transaction.  So functions whose
 * owner is not a superuser are also checked at each call, through
 * needs_fmgr_hook, which also keeps the planner from inlining them.
 *
 * Even parsing is not harmless: reading a constant array or row with columns
 * of a domain type evaluates the constraints of the domain.  So a query of
 * another role is also parsed as a stored query (see analyze.c).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/parallel.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_language.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "compat.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "optimizer/planner.h"
#include "rights/stored_query.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/syscache.h"

/* A query that was started while a stored query runs. */
typedef struct StartedQuery
{
	slist_node	node;
	const QueryDesc *query;
} StartedQuery;

/* The innermost stored query that runs in this process; NULL: none. */
static StoredQuery *running = NULL;

/* Tells parallel workers that they work for a stored query.  Of no use to set. */
static bool in_stored_query = false;
static bool may_set = false;

static planner_hook_type next_planner = NULL;
static ExecutorStart_hook_type next_ExecutorStart = NULL;
static ExecutorRun_hook_type next_ExecutorRun = NULL;
static ExecutorEnd_hook_type next_ExecutorEnd = NULL;
static ProcessUtility_hook_type next_ProcessUtility = NULL;
static object_access_hook_type next_object_access = NULL;
static needs_fmgr_hook_type next_needs_fmgr = NULL;
static fmgr_hook_type next_fmgr = NULL;

/*
 * The volatile functions of pg_catalog that a stored query may call: they
 * return information or wait, and have no side effects.  All others are
 * refused, also those of later versions of PostgreSQL.  Sorted.
 */
static const char *const harmless[] = {
	"array_sample",
	"array_shuffle",
	"clock_timestamp",
	"current_query",
	"currval",
	"gen_random_uuid",
	"lastval",
	"pg_blocking_pids",
	"pg_database_size",
	"pg_indexes_size",
	"pg_is_in_recovery",
	"pg_jit_available",
	"pg_last_xact_replay_timestamp",
	"pg_lock_status",
	"pg_partition_ancestors",
	"pg_partition_tree",
	"pg_relation_size",
	"pg_sleep",
	"pg_sleep_for",
	"pg_sleep_until",
	"pg_table_size",
	"pg_tablespace_size",
	"pg_total_relation_size",
	"pg_xact_commit_timestamp",
	"pg_xact_status",
	"query_to_xml",
	"query_to_xml_and_xmlschema",
	"query_to_xmlschema",
	"random",
	"random_normal",
	"timeofday",
	"ts_rewrite",
	"ts_stat",
	"txid_status",
	"uuidv4",
	"uuidv7",
};

/* Does a stored query run, here or in the process for which this one works? */
static inline bool
guarded(void)
{
	return running != NULL || (in_stored_query && IsParallelWorker());
}

/* ---- functions ---------------------------------------------------------- */

static int
compare_names(const void *a, const void *b)
{
	return strcmp((const char *) a, *(const char *const *) b);
}

/* Is this of the extension itself?  Nobody but a superuser can make it seem so. */
static bool
is_ours(HeapTuple tuple)
{
	bool		isnull;
	const Datum probin = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_probin, &isnull);

	/* the file has the version in its name */
	return !isnull && strncmp(TextDatumGetCString(probin), "$libdir/pg_journey-", strlen("$libdir/pg_journey-")) == 0;
}

/* May a stored query of the current user call this function? */
static FunctionRefusal
refusal(Oid function)
{
	const bool	built_in = function < FirstUnpinnedObjectId;
	FunctionRefusal result = FUNCTION_ALLOWED;
	HeapTuple	tuple;
	Form_pg_proc proc;

	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		return FUNCTION_ALLOWED;	/* it is dropped: the caller will find out */
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	if (!built_in && !proc->prosecdef && !has_privs_of_role(proc->proowner, GetUserId()))
		result = FUNCTION_FOREIGN;
	else if (proc->provolatile == PROVOLATILE_VOLATILE &&
			 (proc->prolang == INTERNALlanguageId || proc->prolang == ClanguageId ||
			  proc->pronamespace == PG_CATALOG_NAMESPACE) &&
			 !(proc->pronamespace == PG_CATALOG_NAMESPACE &&
			   bsearch(NameStr(proc->proname), harmless, lengthof(harmless), sizeof(harmless[0]), compare_names)) &&
			 !is_ours(tuple))
		result = FUNCTION_CHANGES;
	ReleaseSysCache(tuple);
	return result;
}

/* With its schema, whatever the search_path is. */
char *
function_name(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc proc;
	StringInfoData name;
	int			i;

	if (!HeapTupleIsValid(tuple))
		return psprintf("%u", function);
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	initStringInfo(&name);
	appendStringInfo(&name, "%s(", quote_qualified_identifier(get_namespace_name(proc->pronamespace), NameStr(proc->proname)));
	for (i = 0; i < proc->pronargs; i++)
		appendStringInfo(&name, "%s%s", i > 0 ? "," : "", format_type_be(proc->proargtypes.values[i]));
	appendStringInfoChar(&name, ')');
	ReleaseSysCache(tuple);
	return name.data;
}

/* Refuse it with an error that says why. */
static void
refuse_function(Oid function, FunctionRefusal why, const char *what)
{
	if (why == FUNCTION_FOREIGN)
	{
		HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
		char	   *owner = NULL;
		char	   *user = GetUserNameFromId(GetUserId(), true);

		if (HeapTupleIsValid(tuple))
		{
			owner = GetUserNameFromId(((Form_pg_proc) GETSTRUCT(tuple))->proowner, true);
			ReleaseSysCache(tuple);
		}
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("%s cannot call function %s of role \"%s\"", what,
						function_name(function), owner ? owner : "(dropped)"),
				 errdetail("It would run with the rights of role \"%s\", which \"%s\" does not have.",
						   user ? user : "(dropped)", owner ? owner : "(dropped)"),
				 errhint("Call functions of your own or of a superuser, or have its owner make it SECURITY DEFINER.")));
	}
	else if (why == FUNCTION_CHANGES)
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("%s cannot call function %s", what, function_name(function)),
				 errdetail("It may change something that outlives the query."),
				 errhint("Definitions only read.")));
}

/* For the executor, as it makes an expression ready. */
static void
stored_query_object_access(ObjectAccessType access, Oid classId, Oid objectId, int subId, void *arg)
{
	if (next_object_access != NULL)
		next_object_access(access, classId, objectId, subId, arg);
	if (access == OAT_FUNCTION_EXECUTE && guarded())
		refuse_function(objectId, refusal(objectId), "a stored query");
}

/*
 * Does it run with the rights of its caller, and is its owner not a
 * superuser?
 */
static bool
is_asked_for_at_each_call(Oid function)
{
	HeapTuple	tuple;
	bool		result;

	if (function < FirstUnpinnedObjectId)
		return false;
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		return false;
	result = !((Form_pg_proc) GETSTRUCT(tuple))->prosecdef &&
		!superuser_arg(((Form_pg_proc) GETSTRUCT(tuple))->proowner);
	ReleaseSysCache(tuple);
	return result;
}

/* For fmgr_info and for the planner, who would inline it. */
static bool
stored_query_needs_fmgr(Oid function)
{
	if (guarded() && is_asked_for_at_each_call(function))
		return true;
	return next_needs_fmgr != NULL && next_needs_fmgr(function);
}

/* At the call of a function for which the above said true. */
static void
stored_query_fmgr(FmgrHookEventType event, FmgrInfo *function, Datum *arg)
{
	if (event == FHET_START && guarded())
		refuse_function(function->fn_oid, refusal(function->fn_oid), "a stored query");
	if (next_fmgr != NULL)
		next_fmgr(event, function, arg);
}

/* ---- queries before they run --------------------------------------------- */

static bool
function_is_refused(Oid function, void *what)
{
	refuse_function(function, refusal(function), what);
	return false;
}

/* The planner may turn an operator into its negator or commutator, and call that. */
static void
refuse_operator(Oid operator, void *what)
{
	List	   *operators = list_make1_oid(operator);
	int			i;

	for (i = 0; i < list_length(operators); i++)
	{
		const Oid	one = list_nth_oid(operators, i);

		/* those of PostgreSQL have none but its own */
		if (one < FirstUnpinnedObjectId)
			continue;
		(void) function_is_refused(get_opcode(one), what);
		operators = list_append_unique_oid(operators, get_negator(one));
		operators = list_append_unique_oid(operators, get_commutator(one));
	}
	list_free(operators);
}

static bool
refuse_functions_walker(Node *node, void *what)
{
	ListCell   *cell;

	if (node == NULL)
		return false;
	(void) check_functions_in_node(node, function_is_refused, what);
	if (IsA(node, OpExpr) || IsA(node, DistinctExpr) || IsA(node, NullIfExpr))
		refuse_operator(((OpExpr *) node)->opno, what);
	else if (IsA(node, ScalarArrayOpExpr))
		refuse_operator(((ScalarArrayOpExpr *) node)->opno, what);
	else if (IsA(node, RowCompareExpr))
		foreach(cell, ((RowCompareExpr *) node)->opnos)
			refuse_operator(lfirst_oid(cell), what);
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, refuse_functions_walker, what, 0);
	return expression_tree_walker(node, refuse_functions_walker, what);
}

/*
 * Raises an error if a rewritten query of the current user calls a function
 * that would be refused when it runs, as far as the query shows this.
 */
void
refuse_functions(List *queries, const char *what)
{
	(void) refuse_functions_walker((Node *) queries, unconstify(char *, what));
}

/* Before anything of it is called to estimate what it costs. */
static PlannedStmt *
stored_query_planner(Query *parse, const char *query_string, int cursorOptions, ParamListInfo boundParams)
{
	if (guarded())
		refuse_functions(list_make1(parse), "a stored query");
	return next_planner != NULL ? next_planner(parse, query_string, cursorOptions, boundParams) :
		standard_planner(parse, query_string, cursorOptions, boundParams);
}

/* ---- commands ----------------------------------------------------------- */

static void
stored_query_executor_start(QueryDesc *query, int eflags)
{
	const PlannedStmt *plan = query->plannedstmt;

	if (guarded() &&
		(plan->commandType != CMD_SELECT || plan->hasModifyingCTE || plan->rowMarks != NIL))
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("a stored query cannot execute %s",
						plan->hasModifyingCTE ? "a query that changes rows" : CreateCommandName((Node *) plan)),
				 errhint("Definitions only read.")));
	if (running != NULL)
	{
		StartedQuery *started = MemoryContextAllocZero(running->context, sizeof(StartedQuery));

		started->query = query;
		slist_push_head(&running->started, &started->node);
	}
	if (next_ExecutorStart != NULL)
		next_ExecutorStart(query, eflags);
	else
		standard_ExecutorStart(query, eflags);
}

/* A cursor that was open before is nothing to a stored query: its rows were read with other rights. */
static void
stored_query_executor_run(EXECUTOR_RUN_PARAMETERS)
{
	if (running != NULL)
	{
		slist_iter	iter;
		bool		found = false;

		slist_foreach(iter, &running->started)
		{
			if (slist_container(StartedQuery, node, iter.cur)->query == queryDesc)
			{
				found = true;
				break;
			}
		}
		if (!found)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("a stored query cannot fetch from a cursor that it did not open")));
	}
	if (next_ExecutorRun != NULL)
		next_ExecutorRun(EXECUTOR_RUN_ARGUMENTS);
	else
		standard_ExecutorRun(EXECUTOR_RUN_ARGUMENTS);
}

static void
stored_query_executor_end(QueryDesc *query)
{
	if (running != NULL)
	{
		slist_mutable_iter iter;

		slist_foreach_modify(iter, &running->started)
		{
			StartedQuery *started = slist_container(StartedQuery, node, iter.cur);

			if (started->query == query)
			{
				slist_delete_current(&iter);
				pfree(started);
				break;
			}
		}
	}
	if (next_ExecutorEnd != NULL)
		next_ExecutorEnd(query);
	else
		standard_ExecutorEnd(query);
}

static void
stored_query_utility(PlannedStmt *pstmt, const char *queryString, bool readOnlyTree,
					 ProcessUtilityContext context, ParamListInfo params,
					 QueryEnvironment *queryEnv, DestReceiver *dest, QueryCompletion *qc)
{
	if (guarded())
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("a stored query cannot execute %s", CreateCommandName(pstmt->utilityStmt)),
				 errhint("Definitions only read.")));
	if (next_ProcessUtility != NULL)
		next_ProcessUtility(pstmt, queryString, readOnlyTree, context, params, queryEnv, dest, qc);
	else
		standard_ProcessUtility(pstmt, queryString, readOnlyTree, context, params, queryEnv, dest, qc);
}

/* ---- beginning and end -------------------------------------------------- */

/* The names of all cursors that are open, in a context. */
static List *
open_cursors(MemoryContext context)
{
	static SPIPlanPtr plan = NULL;
	List	   *result = NIL;
	uint64		i;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (plan == NULL)
	{
		SPIPlanPtr	new_plan = SPI_prepare("SELECT c.name FROM pg_catalog.pg_cursor() AS c", 0, NULL);

		if (new_plan == NULL || SPI_keepplan(new_plan) != 0)
			elog(ERROR, "the cursors cannot be read");
		plan = new_plan;
	}
	if (SPI_execute_plan(plan, NULL, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "the cursors cannot be read");
	for (i = 0; i < SPI_processed; i++)
	{
		const MemoryContext old = MemoryContextSwitchTo(context);

		result = lappend(result, makeString(SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1)));
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
	return result;
}

/*
 * The rows of a cursor WITH HOLD, and of a cursor over another statement than
 * SELECT, are in memory, and FETCH reads them without the executor.  A query
 * that runs as another role could read rows that this role may not see.
 */
static void
refuse_held_cursors(List *cursors)
{
	ListCell   *cell;

	foreach(cell, cursors)
	{
		const Portal portal = GetPortalByName(strVal(lfirst(cell)));

		if (PortalIsValid(portal) &&
			((portal->cursorOptions & CURSOR_OPT_HOLD) || (portal->holdStore != NULL && portal->status != PORTAL_ACTIVE)))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_IN_USE),
					 errmsg((portal->cursorOptions & CURSOR_OPT_HOLD) ? "cursor \"%s\" is open WITH HOLD" : "cursor \"%s\" is open with rows", portal->name),
					 errdetail("The query of another role could fetch from it."),
					 errhint("Close it first.")));
	}
}

/* Has the server canceled, and not a function raised an error of that code? */
bool
is_cancellation(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_QUERY_CANCELED &&
		error->funcname != NULL && strcmp(error->funcname, "ProcessInterrupts") == 0;
}

/*
 * Called for each error below a stored query, even if it is caught.  A
 * cancellation must not be caught, or a query could run forever; so it is
 * raised again.  An error that the query raises itself with the same SQLSTATE
 * does not count as a cancellation.
 */
static void
cancellation_stays(void *arg)
{
	StoredQuery *query = arg;
	MemoryContext old;
	ErrorData  *error;

	if (geterrcode() != ERRCODE_QUERY_CANCELED)
		return;
	old = MemoryContextSwitchTo(query->context);
	error = CopyErrorData();
	MemoryContextSwitchTo(old);
	if (is_cancellation(error))
	{
		query->canceled = true;
		InterruptPending = true;
		QueryCancelPending = true;
	}
	FreeErrorData(error);
}

/*
 * From here on a stored query runs, possibly as another role.  The caller has
 * a nest level of settings of its own, calls this within PG_TRY, which takes
 * the callback off the stack again, and stored_query_end whatever happens.
 */
void
stored_query_begin(StoredQuery *query, bool as_other)
{
	query->outer = running;
	query->canceled = false;
	query->context = AllocSetContextCreate(CurrentMemoryContext, "stored query", ALLOCSET_SMALL_SIZES);
	query->cursors = open_cursors(query->context);
	if (as_other)
		refuse_held_cursors(query->cursors);
	slist_init(&query->started);
	may_set = true;
	PG_TRY();
	{
		(void) set_config_option("journey.in_stored_query", "on", PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	}
	PG_FINALLY();
	{
		may_set = false;
	}
	PG_END_TRY();
	query->callback.callback = cancellation_stays;
	query->callback.arg = query;
	query->callback.previous = error_context_stack;
	error_context_stack = &query->callback;
	running = query;
}

/*
 * The stored query has ended.  The cursors that it left open are closed,
 * because fetching from them would run its query.
 */
void
stored_query_done(StoredQuery *query)
{
	ListCell   *cell;

	CHECK_FOR_INTERRUPTS();
	foreach(cell, list_difference(open_cursors(CurrentMemoryContext), query->cursors))
	{
		const Portal portal = GetPortalByName(strVal(lfirst(cell)));

		if (PortalIsValid(portal) && portal->status != PORTAL_ACTIVE)
			PortalDrop(portal, false);
	}
}

/* It runs no more. */
void
stored_query_end(StoredQuery *query)
{
	running = query->outer;
	/* the error is on its way */
	if (query->canceled && running == NULL)
		QueryCancelPending = false;
}

/* ---- the module ---------------------------------------------------------- */

static bool
check_in_stored_query(bool *newval, void **extra, GucSource source)
{
	if (*newval == in_stored_query || may_set || InitializingParallelWorker)
		return true;
	GUC_check_errcode(ERRCODE_INSUFFICIENT_PRIVILEGE);
	GUC_check_errmsg("parameter \"journey.in_stored_query\" cannot be changed");
	return false;
}

void
stored_query_init(void)
{
	DefineCustomBoolVariable("journey.in_stored_query",
							 "Tells parallel workers that they run a stored query.",
							 NULL, &in_stored_query, false, PGC_USERSET,
							 GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE | GUC_NO_RESET_ALL,
							 check_in_stored_query, NULL, NULL);
	next_planner = planner_hook;
	planner_hook = stored_query_planner;
	next_ExecutorStart = ExecutorStart_hook;
	ExecutorStart_hook = stored_query_executor_start;
	next_ExecutorRun = ExecutorRun_hook;
	ExecutorRun_hook = stored_query_executor_run;
	next_ExecutorEnd = ExecutorEnd_hook;
	ExecutorEnd_hook = stored_query_executor_end;
	next_ProcessUtility = ProcessUtility_hook;
	ProcessUtility_hook = stored_query_utility;
	next_object_access = object_access_hook;
	object_access_hook = stored_query_object_access;
	next_needs_fmgr = needs_fmgr_hook;
	needs_fmgr_hook = stored_query_needs_fmgr;
	next_fmgr = fmgr_hook;
	fmgr_hook = stored_query_fmgr;
}
