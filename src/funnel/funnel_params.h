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
#include "lib/stringinfo.h"
#include "time/time.h"

/* Which parameter is which; no call has them all. */
typedef enum FunnelParam
{
	FUNNEL_WITHIN,
	FUNNEL_BREAKDOWN_STEP,
	FUNNEL_BREAKDOWN_EVENT,		/* the same as text, a touch, or each value */
	FUNNEL_OPTIONS,
	FUNNEL_UNIT,				/* of a trend */
	FUNNEL_ZONE,				/* of a trend */
	FUNNEL_UNTIL				/* of a trend */
} FunnelParam;

/* The event of a breakdown that is not by a step. */
typedef enum FunnelTouch
{
	TOUCH_NONE,
	TOUCH_FIRST,				/* the user's first event with a value */
	TOUCH_LAST,					/* the last */
	TOUCH_EACH					/* all events of each value */
} FunnelTouch;

typedef struct FunnelParams
{
	CallParams	given;
	FunnelSpec	spec;
	int			breakdown_step; /* from 1; 0 without a breakdown by a step */
	FunnelTouch touch;
	int			top;			/* of a breakdown: how many values are shown;
								 * 0: all */
	CalendarUnit unit;			/* of a trend */
	int64		until;			/* rows from here on do not count;
								 * PG_INT64_MAX: all do */
} FunnelParams;

extern const ParamsRoom funnel_params;

#endif							/* JOURNEY_FUNNEL_PARAMS_H */
