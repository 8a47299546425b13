/*-------------------------------------------------------------------------
 *
 * compat.h
 *		Every difference between PostgreSQL 15 and 18 that the extension meets.
 *
 * Include it straight after postgres.h and the headers of PostgreSQL that a
 * file needs.  No other file tests PG_VERSION_NUM.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_COMPAT_H
#define JOURNEY_COMPAT_H

#include "fmgr.h"
#include "utils/timestamp.h"

/* Values of varying length were part of postgres.h up to version 15. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/*
 * The library is built with hidden symbols.  Before version 16 PGDLLEXPORT is
 * empty outside Windows, so what the server must find is marked here.
 */
#if PG_VERSION_NUM < 160000
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

/* Declare a function that SQL calls: exported, with its info record. */
#define JOURNEY_FUNCTION(name) \
	extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS); \
	PG_FUNCTION_INFO_V1(name)

/* Define one whose result is an expression of its arguments. */
#define JOURNEY_FUNCTION_AS(name, result) \
	JOURNEY_FUNCTION(name); \
	Datum name(PG_FUNCTION_ARGS) \
	{ \
		return result; \
	}

/* What EXPLAIN prints has a header of its own since version 18. */
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif

/* Soft errors came with version 16; before, an input function just throws. */
#if PG_VERSION_NUM < 160000
#define ereturn(context, dummy_value, ...) \
	do { \
		(void) (context); \
		ereport(ERROR, __VA_ARGS__); \
		return dummy_value; \
	} while (0)
#endif

/* The counters of a table's statistics are named anew in version 16. */
#if PG_VERSION_NUM >= 160000
#define HEAP_ROWS_RETURNED(info) ((info)->counts.tuples_returned)
#else
#define HEAP_ROWS_RETURNED(info) ((info)->t_counts.t_tuples_returned)
#endif

/* How the executor keeps a new state of an aggregate; named anew in version 16. */
#if PG_VERSION_NUM < 160000
#define ExecAggCopyTransValue ExecAggTransReparent
#endif

/* ExecutorRun lost an argument in version 18; what a hook of it takes and hands on. */
#if PG_VERSION_NUM >= 180000
#define EXECUTOR_RUN_PARAMETERS QueryDesc *queryDesc, ScanDirection direction, uint64 count
#define EXECUTOR_RUN_ARGUMENTS queryDesc, direction, count
#else
#define EXECUTOR_RUN_PARAMETERS QueryDesc *queryDesc, ScanDirection direction, uint64 count, bool execute_once
#define EXECUTOR_RUN_ARGUMENTS queryDesc, direction, count, execute_once
#endif

/* What a query groups by, without what is redundant; that is left out since version 16. */
#if PG_VERSION_NUM >= 160000
#define GROUP_CLAUSE(root) ((root)->processed_groupClause)
#else
#define GROUP_CLAUSE(root) ((root)->parse->groupClause)
#endif

/* Paths count the disabled nodes in them since version 18. */
#if PG_VERSION_NUM >= 180000
#define PATH_DISABLED_AS(path, below) ((path)->disabled_nodes = (below)->disabled_nodes)
#else
#define PATH_DISABLED_AS(path, below) ((void) 0)
#endif

/* What an entry of a hash table of tuples has; apart from the tuple since version 18. */
#if PG_VERSION_NUM >= 180000
#define HASH_ENTRY_TUPLE(entry) TupleHashEntryGetTuple(entry)
#define HASH_ENTRY_DATA(table, entry) TupleHashEntryGetAdditional(table, entry)
#else
#define HASH_ENTRY_TUPLE(entry) ((entry)->firstTuple)
#define HASH_ENTRY_DATA(table, entry) ((entry)->additional)
#endif

/* Who may read what a query reads is kept apart from its range table since version 16. */
#if PG_VERSION_NUM >= 160000
#define MAY_READ_ALL(query) ExecCheckPermissions((query)->rtable, (query)->rteperminfos, false)
#else
#define MAY_READ_ALL(query) ExecCheckRTPerms((query)->rtable, false)
#endif

/* Rights on objects of all kinds are looked up by one function since version 16. */
#if PG_VERSION_NUM >= 160000
#define MAY_NOT_EXECUTE(function) \
	(object_aclcheck(ProcedureRelationId, function, GetUserId(), ACL_EXECUTE) != ACLCHECK_OK)
#define MAY_NOT_USE_SCHEMA(schema) \
	(object_aclcheck(NamespaceRelationId, schema, GetUserId(), ACL_USAGE) != ACLCHECK_OK)
#else
#define MAY_NOT_EXECUTE(function) \
	(pg_proc_aclcheck(function, GetUserId(), ACL_EXECUTE) != ACLCHECK_OK)
#define MAY_NOT_USE_SCHEMA(schema) \
	(pg_namespace_aclcheck(schema, GetUserId(), ACL_USAGE) != ACLCHECK_OK)
#endif

/* Intervals can be infinite since version 17. */
#if PG_VERSION_NUM < 170000
#define INTERVAL_NOT_FINITE(interval) false
#endif

/* Version 18 lets a module say its name and version. */
#if PG_VERSION_NUM >= 180000
#define JOURNEY_MODULE_MAGIC \
	PG_MODULE_MAGIC_EXT(.name = "pg_journey", .version = JOURNEY_VERSION)
#else
#define JOURNEY_MODULE_MAGIC PG_MODULE_MAGIC
#endif

#endif							/* JOURNEY_COMPAT_H */
