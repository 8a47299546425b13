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
#include "base/text_slice.h"
#include "fmgr.h"

extern void arg_refuse_null(const char *name);
extern void arg_refuse_changed(const char *name, const char *before, const char *now);
extern char *arg_excerpt(const char *text);
extern MemoryContext arg_aggregate_context(FunctionCallInfo fcinfo);
extern bool arg_parameters_are_constant(FunctionCallInfo fcinfo, uint32 data_args);
extern void options_refuse(TextSlice options, const char *problem, const char *hint);
extern void options_refuse_comma(TextSlice options);

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
