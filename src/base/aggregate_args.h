/*-------------------------------------------------------------------------
 *
 * aggregate_args.h
 *		Checking the arguments of SQL functions, with errors that name them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ARGS_H
#define JOURNEY_ARGS_H

#include "postgres.h"

#include "compat.h"
#include "event/event.h"

extern void arg_refuse_null(const char *name);
extern void arg_refuse_changed(const char *name, const char *before, const char *now);
extern Interval duration_interval(int64 microseconds);
extern Datum duration_datum(double microseconds);
extern char *duration_text(int64 microseconds);
extern int64 arg_duration(const Interval *interval, const char *name);
extern void arg_refuse_infinite(TimestampTz at);
extern void arg_refuse_size(int expected, uint64 step);
extern char *arg_excerpt(const char *text);
extern MemoryContext arg_aggregate_context(FunctionCallInfo fcinfo);
extern bool arg_parameters_are_constant(FunctionCallInfo fcinfo, uint32 data_args);

/* Times are checked on every row, so the common case is inline. */
static inline int64
arg_event_time(TimestampTz at)
{
	if (TIMESTAMP_NOT_FINITE(at))
		arg_refuse_infinite(at);
	return at;
}

/* All stepsets of one aggregate hold the same number of conditions. */
static inline void
arg_check_size(int expected, uint64 step)
{
	if (stepset_size(step) != expected)
		arg_refuse_size(expected, step);
}

/*
 * A parameter that must not be NULL.  A macro, so that it can stand wherever
 * fcinfo does.
 */
#define ARG_NOT_NULL(n, name) \
	do { \
		if (PG_ARGISNULL(n)) \
			arg_refuse_null(name); \
	} while (0)

#endif							/* JOURNEY_ARGS_H */
