/*-------------------------------------------------------------------------
 *
 * attribution_params.h
 *		The parameters of an attribution call.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ATTRIBUTION_PARAMS_H
#define JOURNEY_ATTRIBUTION_PARAMS_H

#include "postgres.h"

#include "aggregate/aggregate.h"
#include "attribution/attribution.h"

typedef enum AttributionParam
{
	ATTRIBUTION_PARAM_LOOK_BACK,
	ATTRIBUTION_PARAM_OPTIONS,
	ATTRIBUTION_PARAM_ZONE,
	ATTRIBUTION_PARAM_HELD		/* where a property is held constant: are
								 * there values? */
} AttributionParam;

/* The bucket that a time was last looked up in. */
typedef struct AttributionCalendar
{
	CalendarUnit unit;
	pg_tz	   *zone;
	CalendarBucket bucket;
} AttributionCalendar;

typedef struct AttributionParams
{
	CallParams	given;
	AttributionSpec spec;		/* but for the node of direct touches, and its
								 * calendar */
	int			unit;			/* of the bucket that touches must be in + 1;
								 * 0: any */
	pg_tz	   *zone;
	int			depth;			/* of paths */
	int			top;			/* how many touches are shown; 0: all */
	TextSlice	direct;			/* the name of direct touches */
	bool		held;			/* is a property held constant? */
	bool		held_values;	/* and have conversions a value besides it? */
	TextSlice	through;		/* that of the step which touches must lead
								 * through; bytes are NULL if there is none */
} AttributionParams;

extern const ParamsRoom attribution_params;

extern int64 attribution_bucket_begin(void *calendar, int64 at);

#endif							/* JOURNEY_ATTRIBUTION_PARAMS_H */
