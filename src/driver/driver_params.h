/*-------------------------------------------------------------------------
 *
 * driver_params.h
 *		The parameters of event_drivers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_DRIVER_PARAMS_H
#define JOURNEY_DRIVER_PARAMS_H

#include "postgres.h"

#include "aggregate/aggregate.h"
#include "driver/driver_stats.h"

/* The parameters of a call, in the order of its arguments, but for the stratum. */
enum
{
	DRIVER_PARAM_WITHIN,
	DRIVER_PARAM_OPTIONS,
	DRIVER_PARAM_UNTIL
};

typedef struct DriverParams
{
	CallParams	given;
	int64		within;
	int64		until;			/* PG_INT64_MAX: the newest event is the last */
	DriverExposure exposure;
} DriverParams;

extern const ParamsRoom driver_params;

#endif							/* JOURNEY_DRIVER_PARAMS_H */
