/*-------------------------------------------------------------------------
 *
 * query_value.h
 *		Values that last as long as their query: what an aggregate leaves for
 *		a function that gives rows.
 *
 * A list of rows that an aggregate returns as one value must fit in 1 GB and in
 * memory.  So such an aggregate returns a query value instead: a key to its
 * state, which remains where it is, in memory and in temporary files.  The
 * function that is given the value visits the users of the state and gives one
 * row after the other.
 *
 * The key is random.  It is known until the memory of the aggregate goes, when
 * the query ends at the latest, and only in the process that made it.  Nobody
 * can make a value from text or bytes, or store one so that it can be read later.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_QUERY_VALUE_H
#define JOURNEY_QUERY_VALUE_H

#include "postgres.h"

#include "base/base.h"
#include "fmgr.h"

/* The type of a value; its address says which it is. */
typedef struct QueryValueType
{
	const char *name;
	const char *call;			/* how its aggregate is called within the
								 * function that reads it */
	void		(*release) (void *state);	/* closes its files */
} QueryValueType;

typedef struct QueryValue QueryValue;

extern Datum query_value(FunctionCallInfo fcinfo, const QueryValueType *type, void *state);
extern QueryValue *query_value_open(const QueryValueType *type, Datum value, void **state);
extern void query_value_close(QueryValue *value);
extern Datum query_value_in(const QueryValueType *type, FunctionCallInfo fcinfo);
extern Datum query_value_out(FunctionCallInfo fcinfo);
extern Datum query_value_recv(FunctionCallInfo fcinfo);
extern Datum query_value_send(FunctionCallInfo fcinfo);

/* The functions of a type. */
#define QUERY_VALUE_FUNCTIONS(name, type) \
	JOURNEY_FUNCTION_AS(name##_in, query_value_in(&(type), fcinfo)) \
	JOURNEY_FUNCTION_AS(name##_out, query_value_out(fcinfo)) \
	JOURNEY_FUNCTION_AS(name##_recv, query_value_recv(fcinfo)) \
	JOURNEY_FUNCTION_AS(name##_send, query_value_send(fcinfo))

#endif							/* JOURNEY_QUERY_VALUE_H */
