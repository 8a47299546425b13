/*-------------------------------------------------------------------------
 *
 * test_inference.c
 *		Inference against identities, sums over all tables, and values of R
 *		4.2.2, which test/reference compares in number.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>

#include "inference/inference.h"
#include "random.h"
#include "tap.h"
#include "tests.h"

#define CASES 20000

/* Are two numbers the same, but for rounding? */
static bool
near(double found, double wanted, double tolerance)
{
	if (isnan(wanted))
		return isnan(found);
	if (isinf(wanted))
		return found == wanted;
	return fabs(found - wanted) <= tolerance * fabs(wanted) + 1e-300;
}

typedef struct Known
{
	double		x;
	double		df1;
	double		df2;
	double		wanted;
} Known;

static void
test_distributions(void)
{
	static const Known chi_squares[] = {
		{3.841458820694124, 1, 0, 0.05}, {1e-8, 1, 0, 0.9999202115440528}, {700, 1, 0, 2.990226975124620e-154},
		{5, 3, 0, 0.1717971442967332}, {100, 99, 0, 0.4529585113209313}, {1, 200, 0, 0.9999999999999999},
		{1000500, 1e6, 0, 0.3616822317103044}, {1450, 1000, 0, 3.629502331596182e-19}
	};
	static const Known ts[] = {
		{2.25, 10, 0, 0.04817965025151186}, {0.001, 3.3, 0, 0.9992595467289789}, {12, 1e9, 0, 3.552982897741137e-33},
		{40, 7.5, 0, 5.119056763709790e-10}, {1.5, 0.7, 0, 0.4403650970192401}, {3, 1e15, 0, 0.002699796063260252}
	};
	static const Known fs[] = {
		{4, 1, 10, 0.07338803477074039}, {2.5, 7, 33.5, 0.03509422793264371}, {1.01, 1e5, 1e5, 0.05782719932715371}, {0.2, 3, 4, 0.89144791697181103}
	};
	Random		random = {61};
	int			wrong = 0;
	size_t		i;

	for (i = 0; i < sizeof(chi_squares) / sizeof(Known); i++)
		if (!near(inference_chi_square_p(chi_squares[i].x, chi_squares[i].df1), chi_squares[i].wanted, 1e-11))
			test_note("chi-square %g of %g: %.17g", chi_squares[i].x, chi_squares[i].df1, inference_chi_square_p(chi_squares[i].x, chi_squares[i].df1)), wrong++;
	test_ok(wrong == 0, "inference: chi-square as in R (%d wrong)", wrong);
	wrong = 0;
	for (i = 0; i < sizeof(ts) / sizeof(Known); i++)
		if (!near(inference_t_p(ts[i].x, ts[i].df1), ts[i].wanted, 1e-11))
			test_note("t %g of %g: %.17g", ts[i].x, ts[i].df1, inference_t_p(ts[i].x, ts[i].df1)), wrong++;
	test_ok(wrong == 0, "inference: t as in R (%d wrong)", wrong);
	wrong = 0;
	for (i = 0; i < sizeof(fs) / sizeof(Known); i++)
		wrong += !near(inference_f_p(fs[i].x, fs[i].df1, fs[i].df2), fs[i].wanted, 1e-10);
	test_ok(wrong == 0, "inference: F as in R (%d wrong)", wrong);

	wrong = 0;
	for (i = 0; i < CASES; i++)
	{
		const double p = pow(10, -(double) random_below(&random, 300000) / 1000);
		const double df = pow(10, (double) random_below(&random, 8000) / 1000 - 0.3);
		const double x = pow(10, (double) random_below(&random, 6000) / 1000 - 3);
		const double high = p > 1e-12 && p < 1 ? p : 0.3;

		wrong += !near(inference_normal_cdf(inference_normal_quantile(p)), p, 1e-10);
		wrong += fabs(inference_normal_quantile(1 - high) + inference_normal_quantile(1 - (1 - high))) > 1e-12;
		if (p < 0.5 && p > 1e-30)
			wrong += !near(inference_t_p(inference_t_quantile(p, df), df), 2 * p, 1e-9);
		/* two degrees of freedom: exponential; one: normal; F of 1 and df: t */
		wrong += x < 1400 && !near(inference_chi_square_p(x, 2), exp(-x / 2), 1e-11);
		wrong += x < 1400 && !near(inference_chi_square_p(x, 1 + 1e-15), inference_normal_p(sqrt(x)), 1e-9);
		wrong += !near(inference_f_p(x * x, 1, df), inference_t_p(x, df), 1e-9);
		wrong += df > 1e7 && x < 3 && !near(inference_t_p(x, df), inference_normal_p(x), 1e-5);
	}
	test_ok(wrong == 0, "inference: quantiles and identities of distributions (%d wrong)", wrong);
	test_ok(near(inference_normal_quantile(0.975), 1.9599639845400542, 1e-14) && fabs(inference_normal_quantile(0.5)) < 1e-16 &&
			inference_normal_quantile(0) == -INFINITY && inference_normal_quantile(1) == INFINITY &&
			isnan(inference_normal_quantile(-1)) && isnan(inference_normal_quantile(NAN)),
			"inference: the normal quantile at its ends");
	test_ok(isnan(inference_chi_square_p(NAN, 1)) && isnan(inference_chi_square_p(1, 0)) && inference_chi_square_p(-1, 1) == 1 &&
			inference_chi_square_p(INFINITY, 3) == 0 && isnan(inference_t_p(NAN, 3)) && isnan(inference_t_p(1, NAN)) &&
			inference_t_p(INFINITY, 3) == 0 && inference_t_p(0, 3) == 1 && isnan(inference_f_p(1, 0, 1)) && inference_f_p(0, 1, 1) == 1,
			"inference: what is not a number");
}

/* Fisher's test by the sum over all tables. */
static double
fisher_by_sum(const FourfoldTable *table)
{
	const int64 a = (int64) table->with_yes;
	const int64 with = a + (int64) table->with_no;
	const int64 yes = a + (int64) table->without_yes;
	const int64 without = (int64) (table->without_yes + table->without_no);
	double		all = 0;
	double		extreme = 0;
	double		own = 0;
	int64		x;
	int			turn;

	for (turn = 0; turn < 2; turn++)
		for (x = 0; x <= with; x++)
			if (yes - x >= 0 && yes - x <= without)
			{
				const double p = exp(-(lgamma((double) x + 1) + lgamma((double) (with - x) + 1) +
									   lgamma((double) (yes - x) + 1) + lgamma((double) (without - yes + x) + 1))
									 + lgamma((double) with + 1) + lgamma((double) without + 1) + lgamma((double) yes + 1) +
									 lgamma((double) (with + without - yes) + 1) - lgamma((double) (with + without) + 1));

				if (turn == 0)
				{
					all += p;
					own = x == a ? p : own;
				}
				else if (p <= own * (1 + 1e-7))
					extreme += p;
			}
	return extreme / all;
}

static void
test_tables(void)
{
	static const FourfoldTable extremes[] = {
		{0, 0, 0, 0}, {0, 0, 5, 5}, {5, 0, 5, 0}, {1, 0, 0, 0}, {0, 5, 0, 9}
	};
	const uint64 most = (uint64) PG_INT64_MAX;
	const FourfoldTable huge = {most, most, most, most};
	const FourfoldTable rare = {most, 0, 0, 1};
	const FourfoldTable billion = {1000000000, 1000000000, 999900000, 1000100000};
	const FourfoldTable apart = {1000000000, 0, 0, 1000000000};
	Random		random = {62};
	Estimate	estimate;
	int			wrong = 0;
	size_t		i;

	for (i = 0; i < CASES; i++)
	{
		const uint64 size = 1 + random_below(&random, i % 50 == 0 ? 2000 : 40);
		const FourfoldTable table = {
			random_below(&random, size), random_below(&random, size), random_below(&random, size), random_below(&random, 1 + size * random_below(&random, 4))
		};
		const FourfoldTable turned = {table.without_no, table.without_yes, table.with_no, table.with_yes};
		const double p = inference_fisher_p(&table);

		wrong += !near(p, fisher_by_sum(&table), 1e-9) || !near(p, inference_fisher_p(&turned), 1e-11);
	}
	test_ok(wrong == 0, "inference: Fisher's test is the sum over all tables (%d wrong of %d)", wrong, CASES);

	/*
	 * phyper(1e9 - 1, 2e9, 2e9, 1999900000, lower = FALSE) and so on need no
	 * sum of all tables
	 */
	test_ok(near(inference_fisher_p(&billion), inference_chi_square_p(inference_chi_square(&billion, true), 1), 1e-6),
			"inference: Fisher's test of billions is near chi-square: %g", inference_fisher_p(&billion));
	test_ok(inference_fisher_p(&apart) == 0 && inference_fisher_p(&huge) == 1 && inference_fisher_p(&rare) > 0,
			"inference: Fisher's test of the largest counts");
	wrong = 0;
	for (i = 0; i < sizeof(extremes) / sizeof(FourfoldTable); i++)
	{
		estimate = inference_odds_ratio(&extremes[i], 0.95);
		wrong += inference_fisher_p(&extremes[i]) != 1 || !isnan(inference_chi_square(&extremes[i], true)) || !isnan(estimate.value);
	}
	test_ok(wrong == 0, "inference: tables of which a total is 0");
	estimate = inference_odds_ratio(&huge, 0.95);
	test_ok(estimate.value == 1 && estimate.lower < 1 && estimate.upper > 1 && inference_chi_square(&huge, false) == 0,
			"inference: an odds ratio of the largest counts");
}

static void
test_rates(void)
{
	const FourfoldTable newcombe = {56, 14, 48, 32};
	const FourfoldTable none = {0, 10, 0, 10};
	const FourfoldTable empty = {3, 1, 0, 0};
	Estimate	estimate = inference_rate_difference(&newcombe, 0.95);

	/* Newcombe 1998, table II, row (a), method 10; row (g): 0/10 - 0/10 */
	test_ok(near(estimate.value, 0.2, 1e-12) && near(estimate.lower, 0.0524, 1e-3) && near(estimate.upper, 0.3339, 1e-3),
			"inference: Newcombe's example 56/70 - 48/80");
	estimate = inference_rate_difference(&none, 0.95);
	test_ok(estimate.value == 0 && near(estimate.lower, -0.2775, 1e-3) && near(estimate.upper, 0.2775, 1e-3) && isnan(estimate.p_value),
			"inference: Newcombe's example 0/10 - 0/10");
	estimate = inference_rate_difference(&empty, 0.95);
	test_ok(isnan(estimate.value) && isnan(estimate.lower) && isnan(estimate.upper) && isnan(estimate.p_value), "inference: no difference from nobody");
	estimate = inference_rate((uint64) PG_INT64_MAX / 2, (uint64) PG_INT64_MAX, 0.95);
	test_ok(near(estimate.value, 0.5, 1e-12) && estimate.lower < estimate.value && estimate.upper > estimate.value, "inference: a rate of the most users");
	estimate = inference_rate(0, 10, 0.95);
	test_ok(estimate.lower == 0 && near(estimate.upper, 0.2775, 1e-3), "inference: the rate 0 of 10");
	test_ok(inference_level_is_valid(0.5) && !inference_level_is_valid(0) && !inference_level_is_valid(1) && !inference_level_is_valid(NAN), "inference: levels");
}

static void
test_strata(void)
{
	/* admissions of men and women to six departments of Berkeley, 1973 */
	static const FourfoldTable departments[] = {
		{512, 313, 89, 19}, {353, 207, 17, 8}, {120, 205, 202, 391}, {138, 279, 131, 244}, {53, 138, 94, 299}, {22, 351, 24, 317}
	};
	const FourfoldTable single = {1, 0, 0, 0};
	FourfoldTable all = {0};
	StratifiedTable strata = {0};
	StratifiedTable nothing = {0};
	Estimate	estimate;
	size_t		i;

	for (i = 0; i < sizeof(departments) / sizeof(FourfoldTable); i++)
	{
		inference_add_stratum(&strata, &departments[i]);
		all.with_yes += departments[i].with_yes;
		all.with_no += departments[i].with_no;
		all.without_yes += departments[i].without_yes;
		all.without_no += departments[i].without_no;
	}
	estimate = inference_stratified_odds_ratio(&strata, 0.95);
	test_ok(near(inference_odds_ratio(&all, 0.95).value, 1.84108, 1e-6), "inference: Berkeley, the crude odds ratio is 1.84");
	test_ok(near(estimate.value, 0.9046968, 1e-7) && near(estimate.lower, 0.7719074, 1e-7) && near(estimate.upper, 1.0603298, 1e-7) &&
			near(inference_stratified_chi_square(&strata, true), 1.4269462, 1e-7), "inference: Berkeley, that of Mantel and Haenszel is 0.905, chi-square 1.43");
	inference_add_stratum(&nothing, &single);
	estimate = inference_stratified_odds_ratio(&nothing, 0.95);
	test_ok(isnan(estimate.value) && isnan(estimate.lower) && isnan(estimate.p_value), "inference: a stratum of one user says nothing");
}

static void
test_q_values(void)
{
	Random		random = {63};
	int			wrong = 0;
	int			i;

	for (i = 0; i < 2000; i++)
	{
		double		given[40];
		double		found[40];
		RankedValue room[61];
		const size_t n = (size_t) random_below(&random, 41);
		size_t		tested = 0;
		size_t		k;

		for (k = 0; k < n; k++)
		{
			found[k] = given[k] = random_below(&random, 8) == 0 ? NAN : (double) random_below(&random, 21) / 20;
			tested += !isnan(given[k]);
		}
		inference_q_values(found, n, room);
		for (k = 0; k < n; k++)
		{
			/*
			 * the least, over all p from this one up, of p * tested / how
			 * many are at most p
			 */
			double		wanted = isnan(given[k]) ? NAN : 1;
			size_t		j;

			for (j = 0; j < n; j++)
				if (given[j] >= given[k])
				{
					size_t		at_most = 0;
					size_t		l;

					for (l = 0; l < n; l++)
						at_most += given[l] <= given[j];
					wanted = Min(wanted, given[j] * (double) tested / (double) at_most);
				}
			wrong += !near(found[k], wanted, 1e-12);
		}
	}
	test_ok(wrong == 0, "inference: q values by their definition (%d wrong)", wrong);
}

static void
test_means(void)
{
	/*
	 * t.test(sleep extra by group): R's own example, and t.test(1:3, c(2, 5,
	 * 9, 11))
	 */
	const Sample a = {10, 0.75, 3.200555555555556};
	const Sample b = {10, 2.33, 4.009};
	const Sample one = {1, 2, NAN};
	const Sample flat = {5, 2, 0};
	Estimate	estimate = inference_mean_difference(&a, &b, 0.95);

	test_ok(near(estimate.value, -1.58, 1e-12) && near(estimate.lower, -3.3654832307117104, 1e-12) && near(estimate.upper, 0.2054832307117102, 1e-12) &&
			near(estimate.p_value, 0.07939414018736, 1e-11), "inference: Welch's test of Student's sleep data");
	estimate = inference_mean_difference(&one, &a, 0.95);
	test_ok(near(estimate.value, 1.25, 1e-12) && isnan(estimate.lower) && isnan(estimate.p_value), "inference: a sample of one number");
	estimate = inference_mean_difference(&flat, &flat, 0.95);
	test_ok(estimate.value == 0 && isnan(estimate.upper) && isnan(estimate.p_value), "inference: samples that do not vary");
	estimate = inference_mean_difference(&flat, &a, 0.95);
	test_ok(estimate.lower < 1.25 && estimate.upper > 1.25 && estimate.p_value > 0, "inference: one sample varies");
}

void
test_inference(void)
{
	test_distributions();
	test_tables();
	test_rates();
	test_strata();
	test_q_values();
	test_means();
}
