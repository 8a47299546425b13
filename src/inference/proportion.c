/*-------------------------------------------------------------------------
 *
 * proportion.c
 *		Rates of users, and the difference of two.
 *
 *-------------------------------------------------------------------------
 */
#include "inference/inference.h"

#include <math.h>

bool
inference_level_is_valid(double level)
{
	return level > 0 && level < 1;
}

/* How many standard errors an interval of this level goes to either side. */
double
inference_level_z(double level)
{
	return -inference_normal_quantile((1 - level) / 2);
}

/* The part of n that succeeded, with Wilson's interval. */
Estimate
inference_rate(uint64 successes, uint64 n, double level)
{
	const double total = (double) n;
	const double rate = (double) successes / total;
	const double z = inference_level_z(level);
	const double shrink = 1 + z * z / total;
	const double middle = (rate + z * z / (2 * total)) / shrink;
	const double half = z / shrink * sqrt(rate * ((double) (n - successes) / total) / total + z * z / (4 * total * total));
	Estimate	estimate = {NAN, NAN, NAN, NAN};

	if (n == 0 || successes > n)
		return estimate;
	estimate.value = rate;
	estimate.lower = successes == 0 ? 0 : Max(0, middle - half);
	estimate.upper = successes == n ? 1 : Min(1, middle + half);
	return estimate;
}

/*
 * The rate of those with less the rate of those without: Newcombe's interval,
 * from Wilson's intervals of both, and the chi-square test without correction.
 */
Estimate
inference_rate_difference(const FourfoldTable *table, double level)
{
	const Estimate with = inference_rate(table->with_yes, table->with_yes + table->with_no, level);
	const Estimate without = inference_rate(table->without_yes, table->without_yes + table->without_no, level);
	Estimate	estimate;

	estimate.value = with.value - without.value;
	estimate.lower = estimate.value - hypot(with.value - with.lower, without.upper - without.value);
	estimate.upper = estimate.value + hypot(with.upper - with.value, without.value - without.lower);
	estimate.p_value = inference_chi_square_p(inference_chi_square(table, false), 1);
	return estimate;
}
