/*-------------------------------------------------------------------------
 *
 * metric_params.h
 *		The parameters of event_metrics.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_METRIC_PARAMS_H
#define JOURNEY_METRIC_PARAMS_H

#include "postgres.h"

#include "aggregate/aggregate.h"
#include "time/time.h"

/* The parameters of a call, in the order of its arguments. */
enum
{
	METRIC_PARAM_UNIT,
	METRIC_PARAM_OPTIONS,
	METRIC_PARAM_ZONE,
	METRIC_PARAM_UNTIL
};

typedef struct MetricParams
{
	CallParams	given;
	CalendarTable *calendar;
	int			top;			/* how many values are shown; 0: all */
	int64		until;
} MetricParams;

extern const ParamsRoom metric_params;

#endif							/* JOURNEY_METRIC_PARAMS_H */
