/*-------------------------------------------------------------------------
 *
 * mean.c
 *		Means of samples, and the difference of two.
 *
 *-------------------------------------------------------------------------
 */
#include "inference/inference.h"

#include <math.h>

static Estimate
mean_estimate(double value, double error, double df, double level)
{
	Estimate	estimate = {value, NAN, NAN, NAN};
	double		half;

	if (!(error > 0) || !(df > 0))
		return estimate;
	half = -inference_t_quantile((1 - level) / 2, df) * error;
	estimate.lower = value - half;
	estimate.upper = value + half;
	estimate.p_value = inference_t_p(value / error, df);
	return estimate;
}

/* The square of the standard error of a sample's mean. */
static double
mean_square_error(const Sample *sample)
{
	return sample->n < 2 ? NAN : sample->variance / (double) sample->n;
}

/* A mean with its interval; the test is that it is 0. */
Estimate
inference_mean(const Sample *sample, double level)
{
	return mean_estimate(sample->n == 0 ? NAN : sample->mean, sqrt(mean_square_error(sample)), (double) sample->n - 1, level);
}

/*
 * The mean of those with less the mean of those without: Welch's test, which
 * does not take their variances for equal.  Without an interval where a sample
 * has fewer than two numbers or neither varies.
 */
Estimate
inference_mean_difference(const Sample *with, const Sample *without, double level)
{
	const double e1 = mean_square_error(with);
	const double e2 = mean_square_error(without);
	const double sum = e1 + e2;
	const double part1 = e1 / sum;	/* so that no square overflows */
	const double part2 = e2 / sum;

	return mean_estimate(with->n == 0 || without->n == 0 ? NAN : with->mean - without->mean, sqrt(sum),
						 1 / (part1 * part1 / ((double) with->n - 1) + part2 * part2 / ((double) without->n - 1)), level);
}
