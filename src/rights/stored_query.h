/*-------------------------------------------------------------------------
 *
 * stored_query.h
 *		Stored queries: what they may do while they run.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_STORED_QUERY_H
#define JOURNEY_STORED_QUERY_H

#include "postgres.h"

#include "compat.h"
#include "fmgr.h"
#include "lib/ilist.h"
#include "nodes/pg_list.h"

/* A stored query that runs; within another one, perhaps. */
typedef struct StoredQuery
{
	struct StoredQuery *outer;
	bool		canceled;		/* so that it must end */
	ErrorContextCallback callback;	/* which learns of that */
	MemoryContext context;		/* of the following */
	List	   *cursors;		/* names of those that were open before */
	slist_head	started;		/* queries that it started and did not end */
} StoredQuery;

/* Why a stored query may not call a function. */
typedef enum FunctionRefusal
{
	FUNCTION_ALLOWED,
	FUNCTION_FOREIGN,			/* another role's, which lacks the rights of
								 * the current one */
	FUNCTION_CHANGES			/* it may change something */
} FunctionRefusal;

extern void stored_query_init(void);
extern void stored_query_begin(StoredQuery *query, bool as_other);
extern void stored_query_done(StoredQuery *query);
extern void stored_query_end(StoredQuery *query);
extern bool is_cancellation(const ErrorData *error);
extern char *function_name(Oid function);
extern void refuse_functions(List *queries, const char *what);

/* run_as(owner oid, query text, as_of timestamptz) returns setof record */
extern PGDLLEXPORT Datum journey_run_as(PG_FUNCTION_ARGS);

#endif							/* JOURNEY_STORED_QUERY_H */
