/*-------------------------------------------------------------------------
 *
 * funnel_params.h
 *		The parameters of a funnel call: as given, compiled, and as bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_FUNNEL_PARAMS_H
#define JOURNEY_FUNNEL_PARAMS_H

#include "postgres.h"

#include "common/args.h"
#include "common/calendar.h"
#include "funnel/funnel.h"

/* A text argument where it lies, without its header. */
typedef struct TextSlice
{
	const char *bytes;
	uint32		length;
} TextSlice;

/*
 * The parameters as the call gives them.  They are read and compared on every
 * row, so nothing is worked out here.
 */
typedef struct FunnelArgs
{
	int64		within;			/* microseconds */
	int32		breakdown_step; /* from 1; 0 without a breakdown */
	TextSlice	mode;			/* empty without one */
	TextSlice	unit;			/* of a trend; empty without one */
	TextSlice	zone;			/* of a trend */
} FunnelArgs;

/* The same, worked out and kept for the whole query. */
typedef struct FunnelParams
{
	FunnelArgs	args;			/* the texts are copies */
	FunnelSpec	spec;
	CalendarUnit unit;			/* for a trend */
} FunnelParams;

/*
 * The latest parameters of a call site.  Where all of them are constants, they
 * are all there will be, and rows need not be asked for theirs.
 */
typedef struct FunnelSite
{
	const FunnelParams *params;
	bool		constant;
} FunnelSite;

extern TextSlice funnel_text_arg(FunctionCallInfo fcinfo, int n, const char *name);
extern bool funnel_args_equal(const FunnelArgs *a, const FunnelArgs *b);
extern void funnel_params_of_row(FunctionCallInfo fcinfo, FunnelSite *site, uint32 data_args,
								 const FunnelParams *group, const FunnelArgs *args, bool keep);
extern const FunnelParams *funnel_params_joined(MemoryContext context,
												const FunnelParams *last,
												const FunnelParams *group,
												const FunnelParams *other);
extern size_t funnel_params_size(const FunnelParams *params);
extern void funnel_params_encode(const FunnelParams *params, ByteWriter *out);
extern const FunnelParams *funnel_params_decode(MemoryContext context,
												const FunnelParams *last, ByteReader *in);

#endif							/* JOURNEY_FUNNEL_PARAMS_H */
