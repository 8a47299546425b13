/*-------------------------------------------------------------------------
 *
 * experiment.h
 *		What an experiment counts of each variant, and what follows from it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_EXPERIMENT_H
#define JOURNEY_EXPERIMENT_H

#include "base/base.h"
#include "inference/inference.h"

/* Values are integers of 2^-20, so that their sums do not depend on the order. */
#define EXPERIMENT_UNIT_BITS	20
#define EXPERIMENT_UNIT			(INT64_C(1) << EXPERIMENT_UNIT_BITS)

/* The largest value, and sum of a user's values. */
#define EXPERIMENT_VALUE_MOST	1e12

/* Sums over the users of a variant. */
typedef struct ExperimentSums
{
	uint64		users;
	int128		sum;			/* of y, the outcome: units */
	int128		squares;		/* units squared */
	int128		pre_sum;		/* of x, the outcome before the exposure */
	int128		pre_squares;
	int128		cross;			/* of x * y */
} ExperimentSums;

/* Means, and squares and products of deviations, divided by n - 1. */
typedef struct ExperimentMoments
{
	uint64		n;
	double		mean;
	double		variance;
	double		pre_mean;
	double		pre_variance;
	double		covariance;
} ExperimentMoments;

/* An interval that holds at all times at once. */
typedef struct SequentialInterval
{
	double		lower;
	double		upper;
	double		p_value;
} SequentialInterval;

extern ExperimentMoments experiment_moments(const ExperimentSums *sums);
extern double experiment_theta(const ExperimentMoments *moments, size_t n);
extern Sample experiment_sample(const ExperimentMoments *moments);
extern Sample experiment_adjusted(const ExperimentMoments *moments, double theta, double pre_mean);
extern SequentialInterval experiment_sequential(const Sample *sample, const Sample *control, double level, double tuned_users);

#endif							/* JOURNEY_EXPERIMENT_H */
