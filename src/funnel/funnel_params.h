/*-------------------------------------------------------------------------
 *
 * funnel_params.h
 *		The parameters of a funnel call.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_FUNNEL_PARAMS_H
#define JOURNEY_FUNNEL_PARAMS_H

#include "postgres.h"

#include "aggregate/aggregate.h"
#include "funnel/funnel.h"
#include "time/time.h"

/* Which parameter is which; no call has them all. */
typedef enum FunnelParam
{
	FUNNEL_WITHIN,
	FUNNEL_BREAKDOWN_STEP,
	FUNNEL_BREAKDOWN_EVENT,		/* the same as text, or a touch */
	FUNNEL_OPTIONS,
	FUNNEL_UNIT,				/* of a trend */
	FUNNEL_ZONE,				/* of a trend */
	FUNNEL_UNTIL				/* of a trend */
} FunnelParam;

/* The event of a breakdown by first or last touch. */
typedef enum FunnelTouch
{
	TOUCH_NONE,
	TOUCH_FIRST,				/* the user's first event with a value */
	TOUCH_LAST					/* the last */
} FunnelTouch;

typedef struct FunnelParams
{
	CallParams	given;
	FunnelSpec	spec;
	int			breakdown_step; /* from 1; 0 without a breakdown by a step */
	FunnelTouch touch;
	CalendarUnit unit;			/* of a trend */
	int64		until;			/* rows from here on do not count;
								 * PG_INT64_MAX: all do */
} FunnelParams;

extern const ParamsRoom funnel_params;

#endif							/* JOURNEY_FUNNEL_PARAMS_H */
