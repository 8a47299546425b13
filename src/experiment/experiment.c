/*-------------------------------------------------------------------------
 *
 * experiment.c
 *		From the sums of an experiment's variants to means, adjusted means and
 *		intervals.
 *
 * Sources: Deng, Xu, Kohavi and Walker (2013), for the adjustment by the time
 * before the exposure (CUPED); Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas,
 * Time-uniform central limit theory and asymptotic confidence sequences (2024),
 * Theorem 2.2, for intervals that may be looked at all the time.
 *
 *-------------------------------------------------------------------------
 */
#include "experiment/experiment.h"

#include <math.h>

/*
 * The sum of the products of deviations: Sab - Sa * Sb / n.  The products of the
 * whole parts of the means are taken off before anything is rounded.
 */
static double
experiment_deviations(int128 products, int128 a, int128 b, uint64 n)
{
	const int128 mean_a = a / (int128) n;
	const int128 mean_b = b / (int128) n;
	const int128 rest_a = a % (int128) n;
	const int128 rest_b = b % (int128) n;

	return (double) (products - mean_a * b - rest_a * mean_b) - (double) rest_a * (double) rest_b / (double) n;
}

ExperimentMoments
experiment_moments(const ExperimentSums *sums)
{
	const double unit = (double) EXPERIMENT_UNIT;
	ExperimentMoments moments = {sums->users, NAN, NAN, NAN, NAN, NAN};
	const double n = (double) sums->users;

	if (sums->users == 0)
		return moments;
	moments.mean = (double) sums->sum / unit / n;
	moments.pre_mean = (double) sums->pre_sum / unit / n;
	if (sums->users == 1)
		return moments;
	moments.variance = experiment_deviations(sums->squares, sums->sum, sums->sum, sums->users) / unit / unit / (n - 1);
	moments.pre_variance = experiment_deviations(sums->pre_squares, sums->pre_sum, sums->pre_sum, sums->users) / unit / unit / (n - 1);
	moments.covariance = experiment_deviations(sums->cross, sums->pre_sum, sums->sum, sums->users) / unit / unit / (n - 1);
	return moments;
}

/*
 * The factor of CUPED: the covariance of x and y within variants divided by the
 * variance of x; NaN if x does not vary.
 */
double
experiment_theta(const ExperimentMoments *moments, size_t n)
{
	double		covariance = 0;
	double		variance = 0;
	size_t		i;

	for (i = 0; i < n; i++)
		if (moments[i].n > 1)
		{
			covariance += moments[i].covariance * (double) (moments[i].n - 1);
			variance += moments[i].pre_variance * (double) (moments[i].n - 1);
		}
	return variance > 0 ? covariance / variance : NAN;
}

Sample
experiment_sample(const ExperimentMoments *moments)
{
	Sample		sample = {moments->n, moments->mean, moments->variance};

	return sample;
}

/* y - theta * (x - the mean of x over all variants). */
Sample
experiment_adjusted(const ExperimentMoments *moments, double theta, double pre_mean)
{
	Sample		sample = {moments->n, moments->mean - theta * (moments->pre_mean - pre_mean), NAN};
	double		variance = moments->variance - 2 * theta * moments->covariance + theta * theta * moments->pre_variance;

	sample.variance = variance < 0 ? 0 : variance;
	return sample;
}

/*
 * The difference of two means with an interval that contains the true one at all
 * numbers of users at once.  It is narrowest, for its level, at about
 * tuned_users users of both samples.  The p value is one less the highest level
 * at which the interval does not contain 0.
 */
SequentialInterval
experiment_sequential(const Sample *sample, const Sample *control, double level, double tuned_users)
{
	SequentialInterval interval = {NAN, NAN, NAN};
	const double alpha = 1 - level;
	const double square = sample->variance / (double) sample->n + control->variance / (double) control->n;
	const double difference = sample->mean - control->mean;
	const double log_alpha = -2 * log(alpha);
	const double rho = (log_alpha + log(log_alpha + 1)) / tuned_users;	/* squared */
	const double t = ((double) sample->n + (double) control->n) * rho;
	double		half;

	if (!(square > 0) || !(rho > 0))
		return interval;
	half = sqrt(square * 2 * (t + 1) / t * (0.5 * log1p(t) - log(alpha)));
	interval.lower = difference - half;
	interval.upper = difference + half;
	interval.p_value = fmin(1, exp(0.5 * log1p(t) - difference * difference / square * t / (2 * (t + 1))));
	return interval;
}
