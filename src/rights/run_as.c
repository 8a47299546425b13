/*-------------------------------------------------------------------------
 *
 * run_as.c
 *		Running a stored query with the rights of its owner, and nothing more.
 *
 * This works like REFRESH MATERIALIZED VIEW: the current user becomes the
 * owner, in a security-restricted operation, with a search_path of pg_catalog
 * only.  The query runs as a stored query (see stored_query.c): what it calls
 * leaves no effects behind and does not run with rights that its author
 * lacks.  The transaction is read-only meanwhile.  The caller must have the
 * rights of the owner, so running a query this way only ever drops rights.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "base/base.h"
#include "executor/spi.h"
#include "executor/tstoreReceiver.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "rights/rights.h"
#include "rights/stored_query.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/plancache.h"
#include "utils/snapmgr.h"

JOURNEY_FUNCTION(journey_run_as);
JOURNEY_FUNCTION(journey_run_as_in_zone);

/* What as_of() gives inside a definition; empty: now. */
static char *as_of = NULL;

void
rights_init(void)
{
	DefineCustomStringVariable("journey.as_of",
							   "The time for which a segment or tag is being computed.",
							   "Set while a definition runs; as_of() reads it.",
							   &as_of, "", PGC_USERSET,
							   GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE,
							   NULL, NULL, NULL);
	stored_query_init();
}

/* The time for which a definition is being computed, as text; empty: none is. */
const char *
rights_as_of(void)
{
	return as_of == NULL ? "" : as_of;
}

static void
set_for_now(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/* The query must return what the caller was told it returns, to the type. */
static void
check_columns(TupleDesc got, TupleDesc expected)
{
	int			i;

	if (got == NULL || got->natts != expected->natts)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the query returns %d columns instead of %d",
						got == NULL ? 0 : got->natts, expected->natts)));
	for (i = 0; i < got->natts; i++)
		if (TupleDescAttr(got, i)->atttypid != TupleDescAttr(expected, i)->atttypid)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column %d of the query is of type %s instead of %s", i + 1,
							format_type_be(TupleDescAttr(got, i)->atttypid),
							format_type_be(TupleDescAttr(expected, i)->atttypid))));
}

/* Run the query to its end, so that it may be parallel, into the result. */
static void
fetch_rows(const char *query, ReturnSetInfo *result)
{
	SPIExecuteOptions options = {0};
	SPIPlanPtr	plan;
	List	   *sources;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = SPI_prepare_cursor(query, 0, NULL, CURSOR_OPT_PARALLEL_OK);
	if (plan == NULL || !SPI_is_cursor_plan(plan))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_CURSOR_DEFINITION),
				 errmsg("the query is not one SELECT")));
	sources = SPI_plan_get_plan_sources(plan);
	check_columns(((CachedPlanSource *) linitial(sources))->resultDesc, result->setDesc);
	options.read_only = true;	/* with the snapshot of the caller */
	options.allow_nonatomic = false;
	options.dest = CreateDestReceiver(DestTuplestore);
	SetTuplestoreDestReceiverParams(options.dest, result->setResult,
									result->econtext->ecxt_per_query_memory, true, NULL, NULL);
	if (SPI_execute_plan_extended(plan, &options) < 0)
		elog(ERROR, "the query failed");
	options.dest->rDestroy(options.dest);
	SPI_finish();
}

/*
 * Called when an error leaves a stored query.  PL/pgSQL cannot catch a
 * cancellation or a failed assertion, so a definition that raises one of
 * these would end the whole job.  Only the server itself may cancel.
 */
static void
tame_error(MemoryContext context)
{
	const int	code = geterrcode();
	ErrorData  *error;

	if (code != ERRCODE_QUERY_CANCELED && code != ERRCODE_ASSERT_FAILURE)
		return;
	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	if (is_cancellation(error))
		return;
	FlushErrorState();
	error->sqlerrcode = ERRCODE_RAISE_EXCEPTION;
	ReThrowError(error);
}

/*
 * run_as(owner oid, query text, as_of timestamptz) returns setof record
 */
Datum
journey_run_as(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			caller;
	Oid			owner;
	char	   *query;
	int			context;
	int			nest_level;
	bool		read_only = XactReadOnly;
	MemoryContext memory = CurrentMemoryContext;
	StoredQuery stored_query;

	ARG_NOT_NULL(0, "owner");
	ARG_NOT_NULL(1, "query");
	owner = PG_GETARG_OID(0);
	query = text_to_cstring(PG_GETARG_TEXT_PP(1));
	GetUserIdAndSecContext(&caller, &context);
	if (!has_privs_of_role(caller, owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to run a query as role \"%s\"",
						GetUserNameFromId(owner, true) ? GetUserNameFromId(owner, true) : "(dropped)"),
				 errhint("Only members of the role may.")));
	/* a dropped role has no rights to give up to */
	(void) GetUserNameFromId(owner, false);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);

	/* If the query fails, aborting the (sub)transaction undoes all of this. */
	SetUserIdAndSecContext(owner, context | SECURITY_RESTRICTED_OPERATION);
	nest_level = NewGUCNestLevel();
	set_for_now("search_path", "pg_catalog, pg_temp");
	set_for_now("row_security", "on");
	XactReadOnly = true;		/* what the setting transaction_read_only does */
	set_for_now("journey.as_of", PG_ARGISNULL(2) ? "" :
				timestamptz_to_str(PG_GETARG_TIMESTAMPTZ(2)));
	PG_TRY();
	{
		stored_query_begin(&stored_query, owner != caller);
		fetch_rows(query, result);
		stored_query_done(&stored_query);
	}
	PG_CATCH();
	{
		stored_query_end(&stored_query);
		tame_error(memory);
		PG_RE_THROW();
	}
	PG_END_TRY();
	stored_query_end(&stored_query);
	XactReadOnly = read_only;
	AtEOXact_GUC(false, nest_level);
	SetUserIdAndSecContext(caller, context);
	return (Datum) 0;
}

/*
 * run_as(owner oid, query text, as_of timestamptz, time_zone text) returns
 * setof record: with the result that its author would see, whoever runs it.
 */
Datum
journey_run_as_in_zone(PG_FUNCTION_ARGS)
{
	int			nest_level;

	ARG_NOT_NULL(3, "time_zone");
	nest_level = NewGUCNestLevel();
	set_for_now("timezone", text_to_cstring(PG_GETARG_TEXT_PP(3)));
	(void) journey_run_as(fcinfo);
	AtEOXact_GUC(false, nest_level);
	return (Datum) 0;
}
