/*-------------------------------------------------------------------------
 *
 * test_experiment.c
 *		Experiments without and with an effect, many times over: how often the
 *		intervals are wrong.  In 1000 experiments, or EXPERIMENT_RUNS.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>

#include "experiment/experiment.h"
#include "random.h"
#include "tap.h"
#include "tests.h"

#define RUNS		1000		/* EXPERIMENT_RUNS=10000 makes more */
#define ADJUSTED_RUNS 1000
#define USERS		1500		/* of each variant */
#define LOOK_EVERY	50			/* users of each variant */

typedef enum Outcome
{
	RARE_GOALS,					/* one in ten */
	GOALS,						/* two in five */
	AMOUNTS						/* many small, few large */
} Outcome;

static int	runs;

/* Above 0 and below 1. */
static double
uniform(Random *random)
{
	return ((double) random_below(random, INT64_C(1) << 52) + 0.5) / (double) (INT64_C(1) << 52);
}

static double
random_outcome(Random *random, Outcome outcome)
{
	switch (outcome)
	{
		case RARE_GOALS:
			return uniform(random) < 0.1;
		case GOALS:
			return uniform(random) < 0.4;
		case AMOUNTS:
			break;
	}
	return -log(uniform(random));
}

static void
count_user(ExperimentSums *sums, double y, double x)
{
	const int128 units = (int128) rint(y * (double) EXPERIMENT_UNIT);
	const int128 before = (int128) rint(x * (double) EXPERIMENT_UNIT);

	sums->users++;
	sums->sum += units;
	sums->squares += units * units;
	sums->pre_sum += before;
	sums->pre_squares += before * before;
	sums->cross += units * before;
}

/* How often does a look at two equal variants find a difference? */
static void
test_looks(Outcome outcome, const char *name)
{
	Random		random = {2024 + (uint64) outcome};
	int			sequential = 0;
	int			fixed = 0;
	int			last = 0;
	int			disagree = 0;
	int			run;

	for (run = 0; run < runs; run++)
	{
		ExperimentSums sums[2] = {{0}, {0}};
		bool		found = false;
		bool		found_fixed = false;
		bool		significant = false;
		int			n;

		for (n = 1; n <= USERS; n++)
		{
			Sample		with;
			Sample		without;
			SequentialInterval interval;
			Estimate	welch;
			ExperimentMoments moments[2];

			count_user(&sums[0], random_outcome(&random, outcome), 0);
			count_user(&sums[1], random_outcome(&random, outcome), 0);
			if (n % LOOK_EVERY != 0)
				continue;
			moments[0] = experiment_moments(&sums[0]);
			moments[1] = experiment_moments(&sums[1]);
			with = experiment_sample(&moments[0]);
			without = experiment_sample(&moments[1]);
			interval = experiment_sequential(&with, &without, 0.95, 1000);
			disagree += (interval.p_value < 0.05) != (interval.lower > 0 || interval.upper < 0) &&
				fabs(interval.p_value - 0.05) > 1e-9;
			found |= interval.lower > 0 || interval.upper < 0;
			welch = inference_mean_difference(&with, &without, 0.95);
			significant = welch.lower > 0 || welch.upper < 0;
			found_fixed |= significant;
		}
		sequential += found;
		fixed += found_fixed;
		last += significant;
	}
	test_ok(sequential <= runs / 20, "experiment, %s: %d of %d experiments that are looked at %d times are wrong at level 0.95",
			name, sequential, runs, USERS / LOOK_EVERY);
	test_ok(fixed > runs / 6, "experiment, %s: by Welch's interval it would be %d", name, fixed);
	test_ok(last > runs * 3 / 100 && last < runs * 7 / 100, "experiment, %s: looked at once, %d", name, last);
	test_ok(disagree == 0, "experiment, %s: the p value says the same as the interval", name);
}

/* With an effect, and a past that tells something of the outcome. */
static void
test_adjusted(void)
{
	Random		random = {5};
	const double effect = 0.2;
	int			holds = 0;
	int			holds_adjusted = 0;
	double		width = 0;
	double		width_adjusted = 0;
	double		bias = 0;
	int			run;

	for (run = 0; run < ADJUSTED_RUNS; run++)
	{
		ExperimentSums sums[2] = {{0}, {0}};
		ExperimentMoments moments[2];
		Sample		samples[2];
		Sample		adjusted[2];
		Estimate	plain;
		Estimate	estimate;
		double		theta;
		double		pre_mean;
		int			i;

		for (i = 0; i < 800; i++)
		{
			const double x = -log(uniform(&random));

			count_user(&sums[i % 2], x + 0.5 * -log(uniform(&random)) + (i % 2 == 0 ? effect : 0), x);
		}
		for (i = 0; i < 2; i++)
			moments[i] = experiment_moments(&sums[i]);
		theta = experiment_theta(moments, 2);
		pre_mean = (moments[0].pre_mean + moments[1].pre_mean) / 2;
		for (i = 0; i < 2; i++)
		{
			samples[i] = experiment_sample(&moments[i]);
			adjusted[i] = experiment_adjusted(&moments[i], theta, pre_mean);
		}
		plain = inference_mean_difference(&samples[0], &samples[1], 0.95);
		estimate = inference_mean_difference(&adjusted[0], &adjusted[1], 0.95);
		holds += plain.lower <= effect && effect <= plain.upper;
		holds_adjusted += estimate.lower <= effect && effect <= estimate.upper;
		width += plain.upper - plain.lower;
		width_adjusted += estimate.upper - estimate.lower;
		bias += estimate.value - effect;
	}
	test_ok(holds > ADJUSTED_RUNS * 93 / 100 && holds < ADJUSTED_RUNS * 97 / 100, "experiment: %d of %d intervals contain the effect", holds, ADJUSTED_RUNS);
	test_ok(holds_adjusted > ADJUSTED_RUNS * 93 / 100 && holds_adjusted < ADJUSTED_RUNS * 97 / 100,
			"experiment: and %d adjusted ones", holds_adjusted);
	test_ok(width_adjusted < width / 2, "experiment: which are %.2f times as wide", width_adjusted / width);
	test_ok(fabs(bias) / (ADJUSTED_RUNS) < 0.005, "experiment: without bias");
}

/* Sums whose squares have far more digits than a double. */
static void
test_moments(void)
{
	ExperimentSums sums = {0};
	ExperimentMoments moments;
	int			i;

	for (i = 0; i < 20; i++)
		count_user(&sums, 9e11 + i, i % 2 == 0 ? -9e11 : -9e11 + 1);
	moments = experiment_moments(&sums);
	test_ok(moments.variance == 35 && moments.mean == 9e11 + 9.5 && fabs(moments.covariance - 5.0 / 19) < 1e-12 &&
			fabs(moments.pre_variance - 5.0 / 19) < 1e-12, "experiment: moments of large values");
	sums.users = 1;
	moments = experiment_moments(&sums);
	test_ok(isnan(moments.variance), "experiment: one user has no variance");
}

void
test_experiment(void)
{
	runs = getenv("EXPERIMENT_RUNS") == NULL ? RUNS : atoi(getenv("EXPERIMENT_RUNS"));
	test_moments();
	test_looks(RARE_GOALS, "one in ten");
	test_looks(GOALS, "two in five");
	test_looks(AMOUNTS, "amounts");
	test_adjusted();
}
