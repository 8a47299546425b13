/*-------------------------------------------------------------------------
 *
 * params.h
 *		The parameters of an aggregate call: as given, as parsed, and as
 *		bytes.
 *
 * A room lists the parameters of a call and parses the list into its own
 * struct.  This file does what all rooms share: parameters are read on every
 * row unless they are constants, must be equal in all rows of a group, and
 * travel with a state from process to process.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_PARAMS_H
#define JOURNEY_PARAMS_H

#include "postgres.h"

#include "base/base.h"
#include "event/event.h"

typedef enum CallParamKind
{
	PARAM_DURATION,				/* an interval: microseconds, 0 to
								 * DURATION_MAX */
	PARAM_INTEGER,				/* an integer */
	PARAM_TIME,					/* a finite timestamptz */
	PARAM_TEXT
} CallParamKind;

/* What a room says of each of its parameters. */
typedef struct ParamSpec
{
	const char *name;			/* of the argument */
	CallParamKind kind;
	bool		nullable;		/* may the argument be NULL? */
} ParamSpec;

/* One parameter as given; all zero where the call has no such argument. */
typedef struct CallParam
{
	bool		given;			/* there, and not NULL */
	int64		number;
	TextSlice	text;			/* a copy once it is kept */
} CallParam;

/* The end of observation that a call gives; PG_INT64_MAX if it gives none. */
static inline int64
params_until(const CallParam *param)
{
	return param->given ? param->number : PG_INT64_MAX;
}

#define PARAMS_MOST 12

/* The parameters of one call, in the order of the room's specs. */
typedef struct CallParams
{
	CallParam	list[PARAMS_MOST];
} CallParams;

/*
 * How a room parses its parameters.  Its own struct begins with CallParams,
 * which are filled in when `compile` is called; all other fields are zero,
 * and the current memory context is the one in which the struct is kept.
 * `compile` raises errors about invalid parameters; numbers and texts may
 * come from hostile bytes.
 */
typedef struct ParamsRoom
{
	size_t		size;			/* of the room's struct */
	int			n;
	const ParamSpec *specs;
	void		(*compile) (void *params);
	bool		nameless;		/* may nodes of its events have no name? */
} ParamsRoom;

/*
 * The latest parameters of a call site.  If all of them are constants, they
 * never change, and rows need not be read for them.
 */
typedef struct ParamsSite
{
	const void *params;			/* the room's struct */
	bool		constant;
} ParamsSite;

extern void param_read(CallParams *params, const ParamsRoom *room, int which,
					   FunctionCallInfo fcinfo, int n);
extern void params_of_row(FunctionCallInfo fcinfo, ParamsSite *site, const ParamsRoom *room,
						  uint32 data_args, const void *group, const CallParams *given, bool keep);
extern const void *params_joined(MemoryContext context, const ParamsRoom *room,
								 const void *last, const void *group, const void *other);
extern size_t params_size(const ParamsRoom *room, const void *params);
extern void params_encode(const ParamsRoom *room, const void *params, ByteWriter *out);
extern const void *params_decode(MemoryContext context, const ParamsRoom *room,
								 const void *last, ByteReader *in);

#endif							/* JOURNEY_PARAMS_H */
