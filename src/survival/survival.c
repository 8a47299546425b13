/*-------------------------------------------------------------------------
 *
 * survival.c
 *		The survival kernel: how long one user stays, and the curve of many.
 *
 * Sources: Kaplan and Meier, Nonparametric estimation from incomplete
 * observations (1958), for the curve; Greenwood (1926) for its error; Mantel
 * (1966) and Peto and Peto (1972) for the log-rank test, with the
 * hypergeometric variance.
 *
 *-------------------------------------------------------------------------
 */
#include "survival/survival.h"

#include <math.h>

/*
 * How long a user stayed, whose events are in the event order; false without a
 * start.  Observation ends with the last event, or just before `until` if that is
 * not PG_INT64_MAX.  An end at the time of the start ends it.
 */
bool
survival_of_user(const Event *events, size_t n, int64 until, SurvivalSpan *span)
{
	const uint64 start = stepset_bit(SURVIVAL_START);
	const uint64 end = stepset_bit(SURVIVAL_END);
	size_t		i;

	for (i = 0; i < n && (events[i].step & start) == 0; i++)
		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			kernel_check_interrupts();
	if (i == n)
		return false;
	span->start = events[i].at;
	while (i > 0 && events[i - 1].at == span->start)
		i--;
	span->first = i;
	while (i < n && events[i].at == span->start)
		i++;
	span->after = i;
	for (i = span->first; i < n && (events[i].step & end) == 0; i++)
		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			kernel_check_interrupts();
	span->ended = i < n;
	span->end = span->ended ? events[i].at : until == PG_INT64_MAX ? events[n - 1].at : until - 1;
	return true;
}

/* The points of n periods: those who are censored in one are at risk in it. */
void
survival_points(const SurvivalCounts *counts, int n, SurvivalPoint *points)
{
	uint64		at_risk = 0;
	double		survival = 1;
	double		variance = 0;	/* of its logarithm */
	int			i;

	for (i = 0; i < n; i++)
		at_risk += counts[i].ended + counts[i].censored;
	for (i = 0; i < n; i++)
	{
		const double left = (double) (at_risk - counts[i].ended);
		SurvivalPoint *point = &points[i];

		point->at_risk = at_risk;
		if (at_risk == 0)
		{
			point->survival = point->std_error = point->log_error = NAN;
			continue;
		}
		survival *= left / (double) at_risk;
		if (counts[i].ended > 0)
			variance += (double) counts[i].ended / ((double) at_risk * left);
		point->survival = survival;
		point->log_error = survival > 0 ? sqrt(variance) : NAN;
		point->std_error = survival * point->log_error;
		at_risk -= counts[i].ended + counts[i].censored;
	}
}

/* The first period at whose end half of the users or fewer stay; n if there is none. */
int
survival_median(const SurvivalPoint *points, int n)
{
	int			i;

	/* a product of ratios may end a little above what it is exactly */
	for (i = 0; i < n && !(points[i].survival <= 0.5 * (1 + 1e-12)); i++)
		;
	return i;
}

/* The mean number of periods that users stay, of the first n - 1: the area below the curve. */
double
survival_mean(const SurvivalPoint *points, int n)
{
	double		mean = 0;
	double		survival = 1;
	int			i;

	for (i = 0; i < n - 1; i++)
	{
		if (points[i].at_risk > 0)
			survival = points[i].survival;
		else if (survival > 0)
			return NAN;			/* nobody knows what follows */
		mean += survival;
	}
	return mean;
}

/*
 * Solve a symmetric system of n equations, positive but for rounding, in place:
 * x' V^-1 x.  A direction without variance adds nothing.
 */
static double
survival_quadratic_form(double *v, double *x, int n)
{
	double		form = 0;
	int			i;
	int			j;
	int			k;

	for (k = 0; k < n; k++)
	{
		const double pivot = v[(size_t) k * n + k];

		kernel_check_interrupts();
		if (pivot <= 1e-9)
			continue;
		form += x[k] * x[k] / pivot;
		for (i = k + 1; i < n; i++)
		{
			const double factor = v[(size_t) i * n + k] / pivot;

			if (factor == 0)
				continue;
			x[i] -= factor * x[k];
			for (j = k + 1; j < n; j++)
				v[(size_t) i * n + j] -= factor * v[(size_t) k * n + j];
		}
	}
	return form;
}

/*
 * The log-rank test of groups over n periods.  False, with degrees 0, if there
 * are no two groups to compare.  There is room for ngroups squared plus three
 * times ngroups.
 */
bool
survival_test(const SurvivalCounts *const *counts, int n, double *room, SurvivalTest *test)
{
	const int	ngroups = test->ngroups;
	double	   *v = room;
	double	   *excess = v + (size_t) ngroups * ngroups;
	double	   *at_risk = excess + ngroups;
	double	   *ended = at_risk + ngroups;
	int			with = 0;
	int			g;
	int			h;
	int			i;

	memset(room, 0, ((size_t) ngroups * ngroups + 3 * (size_t) ngroups) * sizeof(double));
	memset(test->expected, 0, (size_t) ngroups * sizeof(double));
	for (g = 0; g < ngroups; g++)
		for (i = 0; i < n; i++)
			at_risk[g] += (double) counts[g][i].ended + (double) counts[g][i].censored;
	for (i = 0; i < n; i++)
	{
		double		all = 0;
		double		ends = 0;

		kernel_check_interrupts();
		for (g = 0; g < ngroups; g++)
		{
			all += at_risk[g];
			ends += (double) counts[g][i].ended;
			ended[g] += (double) counts[g][i].ended;
		}
		if (ends > 0)
			for (g = 0; g < ngroups; g++)
			{
				const double share = at_risk[g] / all;
				const double scale = all > 1 ? ends * (all - ends) / (all - 1) * share : 0;

				test->expected[g] += ends * share;
				if (scale > 0)
					for (h = 0; h < ngroups; h++)
						v[(size_t) g * ngroups + h] += scale * ((g == h) - at_risk[h] / all);
			}
		for (g = 0; g < ngroups; g++)
			at_risk[g] -= (double) counts[g][i].ended + (double) counts[g][i].censored;
	}
	for (g = 0; g < ngroups; g++)
	{
		excess[g] = ended[g] - test->expected[g];
		with += test->expected[g] > 0;
	}
	test->degrees = with > 1 ? with - 1 : 0;
	test->chi_square = NAN;
	if (test->degrees == 0)
		return false;

	/*
	 * all groups together have no excess: leave one out, which has something
	 * expected
	 */
	for (g = 0; test->expected[g] == 0; g++)
		;
	for (i = 0; i < ngroups; i++)
		v[(size_t) i * ngroups + g] = v[(size_t) g * ngroups + i] = 0;
	excess[g] = 0;
	test->chi_square = survival_quadratic_form(v, excess, ngroups);
	return true;
}
