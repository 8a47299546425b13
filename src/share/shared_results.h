/*-------------------------------------------------------------------------
 *
 * shared_results.h
 *		Results of processes that share the users of an aggregate.
 *
 * When the processes of a parallel plan have exchanged what they read
 * (share/exchange.h), each has all events of some users.  Each calls the
 * final function for its users and passes the result up instead of its
 * events, and the leader merges the results.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_RESULTS_H
#define JOURNEY_RESULTS_H

#include "postgres.h"

#include "base/base.h"
#include "fmgr.h"
#include "nodes/pg_list.h"
#include "nodes/primnodes.h"
#include "stats/stats.h"

/*
 * The part of an aggregate's state that remains when its users are finished:
 * results of disjoint users.  The state begins with them.
 */
typedef struct Results
{
	bool		finished;		/* nothing is left but results */
	bool		finishing;		/* they are being made */
	List	   *list;			/* of struct varlena */
	bool		kept;			/* the final function has been called, */
	struct varlena *result;		/* and gave this; NULL: a NULL */
} Results;

/* How the results of an aggregate for different users become one. */
typedef struct ResultsJoin
{
	const StatsType *type;		/* of the results, or NULL */
	struct varlena *(*join) (List *results);	/* if they have no StatsType */
	bool		(*allowed) (const void *state); /* may they be? NULL: always */
	int64		(*newest) (const void *state);	/* the newest event, if the
												 * result depends on it; else
												 * NULL */
} ResultsJoin;

/*
 * A final function, NULL without a state: `call`, an expression of fcinfo, visits
 * the users.  Then the fields of its ResultsJoin, name_join, for example
 *
 *	RESULTS_FINAL(journey_x_final, x_final_users(fcinfo), .type = &x_stats_type)
 *
 * Both names are exported: results_join_of() finds the one by the other.
 *
 * To visit the users takes them from the state, but PostgreSQL calls a final
 * function again if it reads a hash table of groups a second time.  A final
 * function that visits users and leaves them to no other is called by
 * results_final_once().
 */
#define JOURNEY_RESULTS_JOIN(name) extern PGDLLEXPORT const ResultsJoin name

#define RESULTS_FINAL(name, call, ...) \
JOURNEY_FUNCTION(name); \
JOURNEY_RESULTS_JOIN(name##_join); \
const ResultsJoin name##_join = {__VA_ARGS__}; \
\
static Datum \
name##_users(PG_FUNCTION_ARGS) \
{ \
	return call; \
} \
\
Datum \
name(PG_FUNCTION_ARGS) \
{ \
	return results_final(fcinfo, name##_users, &name##_join); \
}

extern const ResultsJoin *results_join_of(const Aggref *aggref);
extern bool results_allowed(const ResultsJoin *join, Datum state);
extern void results_finish(FunctionCallInfo transition, const Aggref *aggref, Datum state,
						   const ResultsJoin *join);
extern Datum results_final(FunctionCallInfo fcinfo, PGFunction final, const ResultsJoin *join);
extern Datum results_final_once(FunctionCallInfo fcinfo, PGFunction final);
extern void results_note_future(int64 newest);
extern bool results_combine(Results *left, bool left_has_users, const Results *right,
							MemoryContext context);
extern uint64 results_size(const Results *results);
extern void results_write(const Results *results, ByteWriter *out);
extern void results_read(Results *results, ByteReader *in);

#endif							/* JOURNEY_RESULTS_H */
