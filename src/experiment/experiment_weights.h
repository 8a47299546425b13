/*-------------------------------------------------------------------------
 *
 * experiment_weights.h
 *		The shares of users that variants are to get.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_EXPERIMENT_WEIGHTS_H
#define JOURNEY_EXPERIMENT_WEIGHTS_H

#include "postgres.h"

#include "base/base.h"
#include "utils/jsonb.h"

typedef struct ExperimentWeight
{
	TextSlice	name;			/* in the weights */
	double		share;			/* of all */
} ExperimentWeight;

extern ExperimentWeight *experiment_weights(Jsonb *weights, int *n);

#endif							/* JOURNEY_EXPERIMENT_WEIGHTS_H */
