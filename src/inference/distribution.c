/*-------------------------------------------------------------------------
 *
 * distribution.c
 *		The normal, chi-square, t and F distributions.
 *
 * Probabilities are those of the tail, so that small ones keep their digits.
 * The densities are computed as distances from their maximum (Loader 2000),
 * not as differences of large logarithms, so that large parameters keep theirs.
 *
 *-------------------------------------------------------------------------
 */
#include "inference/inference.h"

#include <float.h>
#include <math.h>

#define TWO_PI 6.283185307179586476925
#define MOST_TERMS 1000000
#define TINY 1e-300				/* stands for a 0 that is divided by */

/* log(n!) less Stirling's approximation of it, for any n above 0. */
static double
distribution_stirling_error(double n)
{
	const double square = n * n;

	if (n < 15)
		return lgamma(n + 1) - (n + 0.5) * log(n) + n - 0.5 * log(TWO_PI);
	return (1 / 12.0 - (1 / 360.0 - (1 / 1260.0 - (1 / 1680.0 - (1 / 1188.0 - 691 / 360360.0 / square)
												   / square) / square) / square) / square) / n;
}

/* x log(x / mean) + mean - x, exact also where x is near the mean; apart is x - mean. */
static double
distribution_deviance(double x, double mean, double apart)
{
	const double relative = apart / (x + mean);
	double		sum;
	double		power;
	int			i;

	if (fabs(relative) > 0.1)
		return x * log(x / mean) - apart;
	sum = apart * relative;
	power = 2 * x * relative;
	for (i = 3; i < 100; i += 2)
	{
		const double before = sum;

		power *= relative * relative;
		sum += power / i;
		if (sum == before)
			break;
	}
	return sum;
}

/*
 * The logarithm of the binomial probability of yes out of yes + no, which need not
 * be whole.  q is 1 - p: both are given, as both numbers are, so that none loses
 * its digits.
 */
double
inference_log_binomial(double yes, double no, double p, double q)
{
	const double n = yes + no;
	const double apart = yes * q - no * p;

	if (p == 0 || q == 0)
		return (p == 0 ? yes : no) == 0 ? 0 : -INFINITY;
	if (yes == 0)
		return n * (p < 0.5 ? log1p(-p) : log(q));
	if (no == 0)
		return n * (q < 0.5 ? log1p(-q) : log(p));
	return distribution_stirling_error(n) - distribution_stirling_error(yes) - distribution_stirling_error(no)
		- distribution_deviance(yes, n * p, apart) - distribution_deviance(no, n * q, -apart)
		+ 0.5 * log(n / (TWO_PI * yes * no));
}

/* The upper tail of the gamma distribution of shape a: Q(a, x). */
static double
distribution_gamma_tail(double a, double x)
{
	const double density = exp(-distribution_stirling_error(a) - distribution_deviance(a, x, a - x)) / sqrt(TWO_PI * a);
	double		term;
	double		sum;
	double		c;
	double		d;
	double		b;
	int			i;

	/* density is x^a e^-x / gamma(a + 1) */
	if (x < a + 1)
	{
		term = sum = 1;
		for (i = 1; i < MOST_TERMS && term > sum * DBL_EPSILON / 4; i++)
		{
			term *= x / (a + i);
			sum += term;
		}
		return 1 - Min(1, density * sum);
	}
	/* the continued fraction of DLMF 8.9.2, evaluated forwards */
	b = x + 1 - a;
	c = 1 / TINY;
	d = 1 / b;
	sum = d;
	for (i = 1; i < MOST_TERMS; i++)
	{
		const double factor = -i * (i - a);

		b += 2;
		d = factor * d + b;
		d = 1 / (fabs(d) < TINY ? TINY : d);
		c = b + factor / c;
		if (fabs(c) < TINY)
			c = TINY;
		sum *= c * d;
		if (fabs(c * d - 1) < DBL_EPSILON)
			break;
	}
	return Min(1, density * a * sum);
}

/*
 * I_x(a, b) for an x that is at most a / (a + b), by the continued fraction of
 * Didonato and Morris (1992), evaluated forwards.  None of its terms is a small
 * difference of large numbers.
 */
static double
distribution_beta_fraction(double a, double b, double x, double y)
{
	const double above = a * y - b * x;
	double		term = a / (a + 1) * (above + 1);
	double		value = Max(term, TINY);
	double		c = value;
	double		d = 0;
	int			i;

	for (i = 1; i < MOST_TERMS; i++)
	{
		const double n = i;
		const double middle = a + 2 * n - 1;
		const double factor = (a + n - 1) / middle * ((a + b + n - 1) / middle) * n * (b - n) * x * x;

		term = n + n * (b - n) * x / middle + (a + n) / (middle + 2) * (above + 1 + n * (1 + y));
		d = term + factor * d;
		d = 1 / (fabs(d) < TINY ? TINY : d);
		c = term + factor / c;
		if (fabs(c) < TINY)
			c = TINY;
		value *= c * d;
		if (fabs(c * d - 1) < DBL_EPSILON)
			break;
	}
	return Min(1, exp(inference_log_binomial(a, b, x, y)) * (a / (a + b)) * b / value);
}

/* The regularized incomplete beta function I_x(a, b); y is 1 - x. */
static double
distribution_beta(double a, double b, double x, double y)
{
	if (x <= 0 || y <= 0)
		return x <= 0 ? 0 : 1;
	if (a * y < b * x)
		return 1 - distribution_beta_fraction(b, a, y, x);
	return distribution_beta_fraction(a, b, x, y);
}

double
inference_normal_cdf(double z)
{
	return 0.5 * erfc(-z * M_SQRT1_2);
}

/* Both tails beyond z. */
double
inference_normal_p(double z)
{
	return erfc(fabs(z) * M_SQRT1_2);
}

/*
 * The z below which a part p of the normal distribution lies: Halley's steps
 * from the approximation 26.2.23 of Abramowitz and Stegun.
 */
double
inference_normal_quantile(double p)
{
	double		t;
	double		z;
	int			i;

	if (!(p >= 0 && p <= 1))
		return NAN;
	if (p > 0.5)
		return -inference_normal_quantile(1 - p);
	if (p == 0)
		return -INFINITY;
	t = sqrt(-2 * log(p));
	z = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
	for (i = 0; i < 3; i++)
	{
		const double cdf = inference_normal_cdf(z);
		const double step = (cdf - p) / (exp(-0.5 * z * z) / sqrt(TWO_PI));

		if (!isfinite(step))
			break;
		z -= step / (1 + 0.5 * z * step);
	}
	return z;
}

/* How likely a chi-square of df degrees of freedom is at least the statistic. */
double
inference_chi_square_p(double statistic, double df)
{
	if (isnan(statistic) || !(df > 0))
		return NAN;
	if (statistic <= 0 || isinf(statistic))
		return statistic <= 0 ? 1 : 0;
	return df == 1 ? erfc(sqrt(statistic / 2)) : distribution_gamma_tail(df / 2, statistic / 2);
}

/* How likely a t of df degrees of freedom is so far from 0, on either side. */
double
inference_t_p(double t, double df)
{
	const double square = t * t;

	if (isnan(t) || !(df > 0))
		return NAN;
	if (isinf(square))
		return 0;
	if (isinf(df))
		return inference_normal_p(t);
	return distribution_beta(df / 2, 0.5, df / (df + square), square / (df + square));
}

/* The t below which a part p of the distribution lies, by bisection and secants. */
double
inference_t_quantile(double p, double df)
{
	double		tail;
	double		low = 0;
	double		high = 1;
	double		low_log = 0;	/* log(p of it / tail) */
	double		high_log;
	int			i;

	if (!(p >= 0 && p <= 1) || !(df > 0))
		return NAN;
	if (p > 0.5)
		return -inference_t_quantile(1 - p, df);
	if (p == 0 || p == 0.5)
		return p == 0 ? -INFINITY : 0;
	tail = 2 * p;
	low_log = -log(tail);
	while ((high_log = log(inference_t_p(high, df) / tail)) > 0)
	{
		low = high;
		low_log = high_log;
		high *= 2;
		if (isinf(high))
			return -INFINITY;
	}
	for (i = 0; i < 200 && high - low > high * 2 * DBL_EPSILON; i++)
	{
		double		middle = isfinite(high_log) ? low + (high - low) * low_log / (low_log - high_log) : low;
		double		value;

		/* a secant that does not shrink the interval is of no use twice */
		if (i % 3 == 2 || !(middle > low && middle < high))
			middle = low + (high - low) / 2;
		if (middle <= low || middle >= high)
			break;
		value = log(inference_t_p(middle, df) / tail);
		if (value > 0)
		{
			low = middle;
			low_log = value;
		}
		else
		{
			high = middle;
			high_log = value;
		}
	}
	return fabs(low_log) < fabs(high_log) ? -low : -high;
}

/* How likely an F of these degrees of freedom is at least f. */
double
inference_f_p(double f, double df1, double df2)
{
	if (isnan(f) || !(df1 > 0) || !(df2 > 0) || isinf(df1) || isinf(df2))
		return NAN;
	if (f <= 0 || isinf(f * df1))
		return f <= 0 ? 1 : 0;
	return distribution_beta(df2 / 2, df1 / 2, df2 / (df2 + df1 * f), df1 * f / (df2 + df1 * f));
}
