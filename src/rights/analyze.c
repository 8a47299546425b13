/*-------------------------------------------------------------------------
 *
 * analyze.c
 *		A query with the meaning that its author intends: its names are
 *		resolved by the author's search_path and written so that no other
 *		search_path changes them.
 *
 * A view stores its parse tree.  A definition is stored as text, so that
 * pg_dump can dump it.  So it is parsed when it is created, and deparsed
 * under an empty search_path: everything outside of pg_catalog is qualified,
 * including operators, and constants are written so that no setting changes
 * them.  A few constructs have no syntax for the schema of an operator; they
 * are refused if the operator is outside of pg_catalog.  The deparsed text is
 * parsed once more, as it will be when it runs, and must have the same parse
 * tree.  Nothing of the query is executed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/base.h"
#include "catalog/namespace.h"
#include "catalog/pg_language.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_statistic.h"
#include "catalog/pg_statistic_ext_data.h"
#include "catalog/pg_type.h"
#include "catalog/pg_user_mapping.h"
#include "compat.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "parser/analyze.h"
#include "parser/parse_relation.h"
#include "rights/stored_query.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

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

/* ---- what cannot be written down ----------------------------------------- */

static Oid
schema_of_operator(Oid operator)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	Oid			schema;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", operator);
	schema = ((Form_pg_operator) GETSTRUCT(tuple))->oprnamespace;
	ReleaseSysCache(tuple);
	return schema;
}

static void
refuse_construct(Oid operator, const char *construct, const char *instead, const Analyzed *analyzed)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("%s compares by operator %s in %s", analyzed->what,
					format_operator_qualified(operator), construct),
			 errdetail("It is stored as text, and %s has no place for the schema of the operator.", construct),
			 errhint("Write %s.", instead)));
}

/* An operator that is not of pg_catalog in a construct that cannot name its schema is an error. */
static void
refuse_operator(Oid operator, const char *construct, const char *instead, const Analyzed *analyzed)
{
	if (schema_of_operator(operator) != PG_CATALOG_NAMESPACE)
		refuse_construct(operator, construct, instead, analyzed);
}

/* Rows are compared by one operator for each column, of which only the first is written. */
static void
refuse_operators_of_rows(List *operators, const Analyzed *analyzed)
{
	ListCell   *cell;

	foreach(cell, operators)
	{
		if (schema_of_operator(lfirst_oid(cell)) != schema_of_operator(linitial_oid(operators)))
			refuse_construct(schema_of_operator(lfirst_oid(cell)) != PG_CATALOG_NAMESPACE ?
							 lfirst_oid(cell) : linitial_oid(operators),
							 "a comparison of rows",
							 "one comparison for each column, or EXISTS (SELECT ... WHERE a = x AND b = y)", analyzed);
	}
}

static bool
refuse_operators_of_using(Node *node, void *analyzed)
{
	if (node == NULL)
		return false;
	if (IsA(node, OpExpr))
		refuse_operator(((OpExpr *) node)->opno, "JOIN USING or NATURAL JOIN",
						"JOIN ... ON a.x = b.x", analyzed);
	return expression_tree_walker(node, refuse_operators_of_using, analyzed);
}

/* Refuse what ruleutils.c would write without the schema of an operator. */
static bool
refuse_unwritable(Node *node, void *analyzed)
{
	if (node == NULL)
		return false;
	if (IsA(node, NullIfExpr))
		refuse_operator(((NullIfExpr *) node)->opno, "NULLIF",
						"CASE WHEN a = b THEN NULL ELSE a END", analyzed);
	else if (IsA(node, DistinctExpr))
		refuse_operator(((DistinctExpr *) node)->opno, "IS DISTINCT FROM",
						"a = b, and what holds of NULL, or cast both: a::text IS DISTINCT FROM b::text", analyzed);
	else if (IsA(node, CaseExpr) && ((CaseExpr *) node)->arg != NULL)
	{
		ListCell   *cell;

		foreach(cell, ((CaseExpr *) node)->args)
		{
			Node	   *when = strip_implicit_coercions((Node *) lfirst_node(CaseWhen, cell)->expr);

			if (IsA(when, OpExpr))
				refuse_operator(((OpExpr *) when)->opno, "CASE x WHEN value",
								"CASE WHEN x = value", analyzed);
		}
	}
	else if (IsA(node, RowCompareExpr))
		refuse_operators_of_rows(((RowCompareExpr *) node)->opnos, analyzed);
	else if (IsA(node, SubLink) && ((SubLink *) node)->testexpr != NULL &&
			 IsA(((SubLink *) node)->testexpr, BoolExpr))
	{
		List	   *operators = NIL;
		ListCell   *cell;

		foreach(cell, ((BoolExpr *) ((SubLink *) node)->testexpr)->args)
		{
			if (IsA(lfirst(cell), OpExpr))
				operators = lappend_oid(operators, lfirst_node(OpExpr, cell)->opno);
		}
		refuse_operators_of_rows(operators, analyzed);
	}
	else if (IsA(node, JoinExpr) && ((JoinExpr *) node)->usingClause != NIL)
		(void) refuse_operators_of_using(((JoinExpr *) node)->quals, analyzed);
	else if (IsA(node, Query))
		return query_tree_walker((Query *) node, refuse_unwritable, analyzed, 0);
	return expression_tree_walker(node, refuse_unwritable, analyzed);
}

/* Of what is an array or range of this type made? */
static Oid
innermost_type(Oid type)
{
	Oid			inner;

	for (;;)
	{
		if (type_is_multirange(type))
			inner = get_multirange_range(type);
		else if (type_is_range(type))
			inner = get_range_subtype(type);
		else
			inner = get_base_element_type(type);
		if (!OidIsValid(inner))
			return type;
		type = inner;
	}
}

/*
 * Reading a constant of some types evaluates constraints of a domain, or may
 * do so in future.  Such a constant is an error if the type belongs to
 * another role, because the author of a view over these sources parses it
 * outside of a stored query.
 */
static bool
refuse_constants_of_others(Node *node, void *analyzed)
{
	if (node == NULL)
		return false;
	if (IsA(node, Const))
	{
		const Oid	type = innermost_type(((Const *) node)->consttype);
		HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
		Form_pg_type form;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for type %u", type);
		form = (Form_pg_type) GETSTRUCT(tuple);
		if ((form->typtype == TYPTYPE_COMPOSITE || form->typtype == TYPTYPE_DOMAIN) &&
			!has_privs_of_role(form->typowner, GetUserId()))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("%s has a constant of type %s", ((Analyzed *) analyzed)->what, format_type_be(type)),
					 errdetail("Reading its text may call functions of role \"%s\", with the rights of role \"%s\".",
							   GetUserNameFromId(form->typowner, false), GetUserNameFromId(GetUserId(), false)),
					 errhint("Write ROW(...)::type, or ARRAY[...]::type[].")));
		ReleaseSysCache(tuple);
	}
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, refuse_constants_of_others, analyzed, 0);
	return expression_tree_walker(node, refuse_constants_of_others, analyzed);
}

/* Which objects an expression is about, in the order of the tree. */
static bool
collect_objects(Node *node, void *context)
{
	List	  **objects = context;
	ListCell   *cell;

#define COLLECT(oid) (*objects = lappend_oid(*objects, (oid)))
	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_Query:
			return query_tree_walker((Query *) node, collect_objects, context,
									 QTW_EXAMINE_RTES_BEFORE | QTW_EXAMINE_SORTGROUP);
		case T_RangeTblEntry:
			COLLECT(((RangeTblEntry *) node)->relid);
			return false;		/* what is in it comes by itself */
		case T_SortGroupClause:
			COLLECT(((SortGroupClause *) node)->eqop);
			COLLECT(((SortGroupClause *) node)->sortop);
			break;
		case T_SetOperationStmt:
			foreach(cell, ((SetOperationStmt *) node)->colTypes)
				COLLECT(lfirst_oid(cell));
			foreach(cell, ((SetOperationStmt *) node)->colCollations)
				COLLECT(lfirst_oid(cell));
			break;
		case T_Var:
			COLLECT(((Var *) node)->vartype);
			COLLECT(((Var *) node)->varcollid);
			break;
		case T_Const:
			COLLECT(((Const *) node)->consttype);
			break;
		case T_FuncExpr:
			COLLECT(((FuncExpr *) node)->funcid);
			COLLECT(((FuncExpr *) node)->inputcollid);
			break;
		case T_Aggref:
			COLLECT(((Aggref *) node)->aggfnoid);
			COLLECT(((Aggref *) node)->inputcollid);
			break;
		case T_WindowFunc:
			COLLECT(((WindowFunc *) node)->winfnoid);
			COLLECT(((WindowFunc *) node)->inputcollid);
			break;
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
			COLLECT(((OpExpr *) node)->opno);
			COLLECT(((OpExpr *) node)->inputcollid);
			break;
		case T_ScalarArrayOpExpr:
			COLLECT(((ScalarArrayOpExpr *) node)->opno);
			COLLECT(((ScalarArrayOpExpr *) node)->inputcollid);
			break;
		case T_RowCompareExpr:
			foreach(cell, ((RowCompareExpr *) node)->opnos)
				COLLECT(lfirst_oid(cell));
			foreach(cell, ((RowCompareExpr *) node)->inputcollids)
				COLLECT(lfirst_oid(cell));
			break;
		case T_CollateExpr:
			COLLECT(((CollateExpr *) node)->collOid);
			break;
		case T_CoerceViaIO:
			COLLECT(((CoerceViaIO *) node)->resulttype);
			break;
		default:
			break;
	}
	return expression_tree_walker(node, collect_objects, context);
}

/* Parse and analyze one statement. */
static Query *
parsed(const char *source)
{
	return parse_analyze_fixedparams(linitial_node(RawStmt, pg_parse_query(source)), source, NULL, 0, NULL);
}

static void
set_for_now(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/* The query as text with the same meaning for every role and search_path. */
static char *
written_down(Query *query, Analyzed *analyzed)
{
	const char *given = analyzed->source;
	const int	nest_level = NewGUCNestLevel();
	List	   *before = NIL;
	List	   *after = NIL;
	char	   *result;

	(void) refuse_unwritable((Node *) query, analyzed);
	/* as pg_dump does */
	set_for_now("search_path", "pg_catalog");
	set_for_now("datestyle", "ISO");
	set_for_now("intervalstyle", "postgres");
	set_for_now("extra_float_digits", "1");
	(void) collect_objects((Node *) query, &before);
	result = pg_get_querydef(query, false);
	analyzed->source = result;
	(void) collect_objects((Node *) parsed(result), &after);
	analyzed->source = given;
	if (!equal(before, after))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s would mean something else once it is stored", analyzed->what),
				 errdetail("It is stored as text with all names qualified: %s", result),
				 errhint("Write operators with their schema, such as OPERATOR(public.=), and casts where types differ.")));
	AtEOXact_GUC(false, nest_level);
	return result;
}

/*
 * analyze_query(query text, what text, OUT query text, OUT columns text[], OUT types oid[])
 */
static Datum
analyze_query(PG_FUNCTION_ARGS)
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
	(void) refuse_constants_of_others((Node *) query, &analyzed);
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

	values[0] = CStringGetTextDatum(written_down(query, &analyzed));
	error_context_stack = context.previous;

	values[1] = PointerGetDatum(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT));
	values[2] = PointerGetDatum(construct_array(types, n, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

/*
 * The query may belong to another role.  Reading a constant of an array or
 * row type evaluates constraints of domains, so the query is parsed under the
 * same rules as it runs.
 */
static Datum
as_stored_query(PGFunction function, FunctionCallInfo fcinfo)
{
	StoredQuery stored_query;
	Oid			user;
	int			context;
	int			nest_level;
	volatile Datum result = (Datum) 0;

	/* undone by an error */
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(user, context | SECURITY_RESTRICTED_OPERATION);
	nest_level = NewGUCNestLevel();
	PG_TRY();
	{
		stored_query_begin(&stored_query, false);
		result = function(fcinfo);
		stored_query_done(&stored_query);
	}
	PG_FINALLY();
	{
		stored_query_end(&stored_query);
	}
	PG_END_TRY();
	AtEOXact_GUC(false, nest_level);
	SetUserIdAndSecContext(user, context);
	return result;
}

JOURNEY_FUNCTION_AS(journey_analyze_query, as_stored_query(analyze_query, fcinfo))

/* ---- what another role reads ------------------------------------------------ */

/* Functions of pg_catalog that run a query given as text, or read a table given by name.  Sorted. */
static const char *const run_text[] = {
	"cursor_to_xml",
	"cursor_to_xmlschema",
	"database_to_xml",
	"database_to_xml_and_xmlschema",
	"database_to_xmlschema",
	"query_to_xml",
	"query_to_xml_and_xmlschema",
	"query_to_xmlschema",
	"schema_to_xml",
	"schema_to_xml_and_xmlschema",
	"schema_to_xmlschema",
	"table_to_xml",
	"table_to_xml_and_xmlschema",
	"table_to_xmlschema",
	"ts_rewrite",
	"ts_stat",
};

static int
compare_names(const void *a, const void *b)
{
	return strcmp((const char *) a, *(const char *const *) b);
}

/* Is a function written in C, and does not call one that is not? */
static bool
is_all_c(HeapTuple function)
{
	Datum		symbol;
	bool		isnull;

	if (((Form_pg_proc) GETSTRUCT(function))->prolang != ClanguageId)
		return false;
	symbol = SysCacheGetAttr(PROCOID, function, Anum_pg_proc_prosrc, &isnull);
	return !isnull && strcmp(TextDatumGetCString(symbol), "journey_short_context") != 0;
}

/*
 * Does this function read, with the rights of its caller, what the text of
 * the query does not show?
 */
static bool
reads_by_itself(Oid function, void *what)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc proc;
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	if (proc->pronamespace == PG_CATALOG_NAMESPACE)
		result = proc->provolatile != PROVOLATILE_IMMUTABLE &&
			bsearch(NameStr(proc->proname), run_text, lengthof(run_text), sizeof(run_text[0]), compare_names) != NULL;
	else
		result = is_own_schema(proc->pronamespace) && strcmp(NameStr(proc->proname), "as_of") != 0 &&
			(proc->provolatile == PROVOLATILE_VOLATILE ||
			 (proc->provolatile == PROVOLATILE_STABLE && (!is_all_c(tuple) || strncmp(NameStr(proc->proname), "identify", strlen("identify")) == 0)));
	if (result)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("%s calls function %s, which reads with the rights of its user", (const char *) what, function_name(function)),
				 errhint("A source that others use reads tables and views, which its owner may read, too.")));
	ReleaseSysCache(tuple);
	return false;
}

/* Is there anything in the query that its owner may not read?  The current user is its owner. */
static bool
reads_too_much(Node *node, void *what)
{
	if (node == NULL)
		return false;
	(void) check_functions_in_node(node, reads_by_itself, what);
	if (IsA(node, RangeTblEntry))
	{
		const RangeTblEntry *entry = (RangeTblEntry *) node;

		/* the catalogue, and what pg_stats and the like are made of */
		if (entry->rtekind == RTE_RELATION &&
			(entry->relid == StatisticRelationId || entry->relid == StatisticExtDataRelationId ||
			 entry->relid == UserMappingRelationId ||
			 get_rel_namespace(entry->relid) == get_namespace_oid("journey", true)))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("%s reads %s, where each role sees what is its own", (const char *) what,
							quote_qualified_identifier(get_namespace_name(get_rel_namespace(entry->relid)), get_rel_name(entry->relid))),
					 errhint("A source that others use reads tables and views, which its owner may read, too.")));
		return false;
	}
	if (IsA(node, Query))
		return !MAY_READ_ALL((Query *) node) ||
			query_tree_walker((Query *) node, reads_too_much, what, QTW_EXAMINE_RTES_BEFORE);
	return expression_tree_walker(node, reads_too_much, what);
}

/*
 * check_reads(query text, role oid, what text): an error unless the role
 * itself may read everything that the query reads, also through views with
 * security_invoker.
 */
static Datum
check_reads(PG_FUNCTION_ARGS)
{
	char	   *source;
	const char *what;
	Oid			role;
	Oid			caller;
	int			context;
	Query	   *query;
	bool		too_much;

	ARG_NOT_NULL(0, "query");
	ARG_NOT_NULL(1, "role");
	ARG_NOT_NULL(2, "what");
	source = text_to_cstring(PG_GETARG_TEXT_PP(0));
	role = PG_GETARG_OID(1);
	what = text_to_cstring(PG_GETARG_TEXT_PP(2));
	if (superuser_arg(role))
		PG_RETURN_VOID();
	if (list_length(pg_parse_query(source)) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("%s is not one SELECT", what)));
	query = parsed(source);
	if (query->commandType != CMD_SELECT || query->utilityStmt != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("%s is not one SELECT", what)));
	GetUserIdAndSecContext(&caller, &context);
	/* undone by an error */
	SetUserIdAndSecContext(role, context | SECURITY_RESTRICTED_OPERATION);
	too_much = reads_too_much((Node *) pg_rewrite_query(query), unconstify(char *, what));
	SetUserIdAndSecContext(caller, context);
	if (too_much)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("%s reads what its owner \"%s\" may not read", what, GetUserNameFromId(role, false)),
				 errdetail("It would be read with the rights of whoever uses it."),
				 errhint("Have the owner granted SELECT on all that it reads.")));
	PG_RETURN_VOID();
}

JOURNEY_FUNCTION_AS(journey_check_reads, as_stored_query(check_reads, fcinfo))
