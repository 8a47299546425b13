/*-------------------------------------------------------------------------
 *
 * analyze.c
 *		A query as its author means it: with the names it uses resolved by the
 *		author's search_path, and written so that no other can change them.
 *
 * A view keeps what it was parsed to.  A definition is kept as text, so that
 * pg_dump can carry it; so it is parsed when it is created, and written down
 * again under an empty search_path: what is not of pg_catalog is qualified,
 * operators included.  Nothing of the query is executed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/args.h"
#include "funcapi.h"
#include "nodes/parsenodes.h"
#include "nodes/nodeFuncs.h"
#include "parser/analyze.h"
#include "parser/parse_relation.h"
#include "source/source.h"
#include "tcop/tcopprot.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/ruleutils.h"

JOURNEY_FUNCTION(journey_analyze_query);

/* What is analyzed, for errors in it. */
typedef struct Analyzed
{
	const char *what;
	const char *source;
} Analyzed;

/* A position in the error is one in this query, not in that of the client. */
static void
analyze_context(void *arg)
{
	const Analyzed *analyzed = arg;
	const int	position = geterrposition();

	if (position > 0)
	{
		errposition(0);
		internalerrposition(position);
		internalerrquery(analyzed->source);
	}
	errcontext("%s", analyzed->what);
}

/*
 * analyze_query(query text, what text, OUT query text, OUT columns text[], OUT types oid[])
 */
Datum
journey_analyze_query(PG_FUNCTION_ARGS)
{
	ErrorContextCallback context;
	Analyzed	analyzed;
	char	   *source;
	List	   *statements;
	Query	   *query;
	Datum	   *names;
	Datum	   *types;
	Datum		values[3];
	bool		nulls[3] = {false};
	TupleDesc	desc;
	ListCell   *cell;
	int			n = 0;
	int			nest_level;

	ARG_NOT_NULL(0, "query");
	ARG_NOT_NULL(1, "what");
	source = text_to_cstring(PG_GETARG_TEXT_PP(0));
	context.callback = analyze_context;
	analyzed.what = text_to_cstring(PG_GETARG_TEXT_PP(1));
	analyzed.source = source;
	context.arg = &analyzed;
	context.previous = error_context_stack;
	error_context_stack = &context;

	statements = pg_parse_query(source);
	if (list_length(statements) != 1 ||
		!IsA(linitial_node(RawStmt, statements)->stmt, SelectStmt))
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("%s is not one SELECT", analyzed.what),
				 errhint("Write a single query that begins with SELECT, WITH or VALUES, without a semicolon.")));
	query = parse_analyze_fixedparams(linitial_node(RawStmt, statements), source, NULL, 0, NULL);
	if (query->commandType != CMD_SELECT || query->utilityStmt != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("%s is not one SELECT", analyzed.what),
				 errhint("SELECT INTO is not a query.")));
	if (query->hasModifyingCTE || query->rowMarks != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s changes or locks rows", analyzed.what),
				 errhint("A definition only reads: it may have neither INSERT, UPDATE, DELETE nor FOR UPDATE.")));

	if (isQueryUsingTempRelation(query))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s uses a temporary table or view", analyzed.what),
				 errhint("A definition outlives the session: use tables that do too.")));
	/* with the bodies of views and the policies of tables */
	refuse_functions(pg_rewrite_query(copyObject(query)), analyzed.what);

	names = palloc((list_length(query->targetList) + 1) * sizeof(Datum));
	types = palloc((list_length(query->targetList) + 1) * sizeof(Datum));
	foreach(cell, query->targetList)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, cell);

		if (entry->resjunk)
			continue;
		names[n] = CStringGetTextDatum(entry->resname ? entry->resname : "?column?");
		types[n++] = ObjectIdGetDatum(exprType((Node *) entry->expr));
	}

	nest_level = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	values[0] = CStringGetTextDatum(pg_get_querydef(query, false));
	AtEOXact_GUC(false, nest_level);
	error_context_stack = context.previous;

	values[1] = PointerGetDatum(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT));
	values[2] = PointerGetDatum(construct_array(types, n, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
