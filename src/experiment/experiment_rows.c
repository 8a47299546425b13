/*-------------------------------------------------------------------------
 *
 * experiment_rows.c
 *		Rows of an experiment: its variants, what differs between them, and
 *		whether they have the users that they were to get.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "experiment/experiment_stats.h"
#include "experiment/experiment_weights.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

JOURNEY_FUNCTION(journey_experiment_variants);
JOURNEY_FUNCTION(journey_experiment_results);
JOURNEY_FUNCTION(journey_experiment_srm);

/*
 * experiment_variants(experiment_stats, min_users): a row for each variant.
 */
static const uint32 variant_columns[] = {
	STATS_LABEL, STATS_ON(1) | STATS_ON(2) | STATS_ON(3) | STATS_ON(4), /* variant, exposed */
	STATS_ON(2), STATS_ON(3), STATS_ON(4)	/* crossed, open, users */
};

Datum
journey_experiment_variants(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const ExperimentStats *stats = stats_begin_rows(&rows, fcinfo, &experiment_stats_type, STATS_COLUMNS(variant_columns));
	uint32		i;

	for (i = 0; stats != NULL && i < stats->nvariants; i++)
	{
		const ExperimentVariant *variant = &stats->variants[i];
		Datum		values[5];
		bool		nulls[5] = {false};

		CHECK_FOR_INTERRUPTS();
		stats_put_text(variant->name, &values[0], &nulls[0]);
		values[1] = Int64GetDatum((int64) variant->exposed);
		values[2] = Int64GetDatum((int64) variant->crossed);
		values[3] = Int64GetDatum((int64) variant->open);
		values[4] = Int64GetDatum((int64) variant->sums.users);
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}

/* The variant that others are compared with. */
static uint32
experiment_control(const ExperimentStats *stats, const text * name)
{
	const TextSlice control = {VARDATA_ANY(name), (uint32) VARSIZE_ANY_EXHDR(name)};
	StringInfoData names;
	uint32		i;

	for (i = 0; i < stats->nvariants; i++)
		if (slice_equal(stats->variants[i].name, control))
			return i;
	initStringInfo(&names);
	for (i = 0; i < stats->nvariants && i < 20; i++)
		appendStringInfo(&names, "%s\"%.*s\"", i > 0 ? ", " : "", (int) stats->variants[i].name.length, stats->variants[i].name.bytes);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no user was exposed to control \"%.*s\"", (int) control.length, control.bytes),
			 stats->nvariants == 0 ? errhint("The experiment has no variants.") : errhint("The variants are %s.", names.data)));
	return 0;
}

/* How many users reached the goal. */
static uint64
experiment_successes(const ExperimentSums *sums)
{
	return (uint64) (sums->sum >> EXPERIMENT_UNIT_BITS);
}

/* The difference of a variant and the control. */
static Estimate
experiment_difference(const ExperimentStats *stats, const ExperimentVariant *variant, const ExperimentVariant *control,
					  const Sample *sample, const Sample *control_sample, double level)
{
	FourfoldTable table;

	if (stats->kind == EXPERIMENT_VALUES)
		return inference_mean_difference(sample, control_sample, level);
	table.with_yes = experiment_successes(&variant->sums);
	table.with_no = variant->sums.users - table.with_yes;
	table.without_yes = experiment_successes(&control->sums);
	table.without_no = control->sums.users - table.without_yes;
	return inference_rate_difference(&table, level);
}

/*
 * experiment_results(experiment_stats, control, level, tuned_users, min_users)
 */
enum
{
	RESULT_VARIANT, RESULT_USERS, RESULT_MEAN, RESULT_STDDEV, RESULT_DIFFERENCE, RESULT_LOWER, RESULT_UPPER, RESULT_LIFT,
	RESULT_P, RESULT_Q, RESULT_SEQUENTIAL_LOWER, RESULT_SEQUENTIAL_UPPER, RESULT_SEQUENTIAL_P,
	RESULT_ADJUSTED_DIFFERENCE, RESULT_ADJUSTED_LOWER, RESULT_ADJUSTED_UPPER, RESULT_ADJUSTED_P, RESULT_REDUCTION,
	RESULT_CONTROL_USERS,		/* not shown */
	RESULT_COLUMNS
};

#define OF_BOTH (STATS_ON(RESULT_USERS) | STATS_ON(RESULT_CONTROL_USERS))

static const uint32 result_columns[RESULT_CONTROL_USERS] = {
	STATS_LABEL, STATS_ON(RESULT_USERS), STATS_ON(RESULT_USERS), STATS_ON(RESULT_USERS),
	OF_BOTH, OF_BOTH, OF_BOTH, OF_BOTH, OF_BOTH, OF_BOTH, OF_BOTH, OF_BOTH, OF_BOTH, OF_BOTH, OF_BOTH, OF_BOTH, OF_BOTH, OF_BOTH
};

Datum
journey_experiment_results(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const ExperimentStats *stats;
	ExperimentMoments *moments;
	RankedValue *room;
	double	   *q_values;
	double		level;
	double		tuned_users;
	double		theta = NAN;
	double		pre_mean = 0;
	uint64		users = 0;
	uint32		control;
	uint32		i;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be NULL", PG_ARGISNULL(1) ? "control" : PG_ARGISNULL(2) ? "level" : "tuned_users")));
	level = inference_level_arg(fcinfo, 2);
	tuned_users = (double) PG_GETARG_INT64(3);
	if (tuned_users < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("tuned_users is " INT64_FORMAT, PG_GETARG_INT64(3)),
				 errhint("Write for how many users the sequential interval is to be narrow, such as 10000.")));
	stats = stats_begin_rows(&rows, fcinfo, &experiment_stats_type, STATS_COLUMNS(result_columns));
	if (stats == NULL)
		PG_RETURN_NULL();
	control = experiment_control(stats, PG_GETARG_TEXT_PP(1));
	moments = palloc(stats->nvariants * sizeof(ExperimentMoments));
	q_values = palloc(stats->nvariants * sizeof(double));
	room = palloc(stats->nvariants * sizeof(RankedValue));
	for (i = 0; i < stats->nvariants; i++)
	{
		moments[i] = experiment_moments(&stats->variants[i].sums);
		if (moments[i].n == 0)
			continue;
		users += moments[i].n;
		pre_mean += moments[i].pre_mean * (double) moments[i].n;
	}
	pre_mean /= (double) Max(users, 1);
	if (stats->has_before)
		theta = experiment_theta(moments, stats->nvariants);
	for (i = 0; i < stats->nvariants; i++)
	{
		const Sample sample = experiment_sample(&moments[i]);
		const Sample other = experiment_sample(&moments[control]);

		q_values[i] = i == control ? NAN :
			experiment_difference(stats, &stats->variants[i], &stats->variants[control], &sample, &other, level).p_value;
	}
	inference_q_values(q_values, stats->nvariants, room);
	for (i = 0; i < stats->nvariants; i++)
	{
		const Sample sample = experiment_sample(&moments[i]);
		const Sample other = experiment_sample(&moments[control]);
		Datum		values[RESULT_COLUMNS] = {0};
		bool		nulls[RESULT_COLUMNS] = {false};
		int			k;

		CHECK_FOR_INTERRUPTS();
		stats_put_text(stats->variants[i].name, &values[RESULT_VARIANT], &nulls[RESULT_VARIANT]);
		values[RESULT_USERS] = Int64GetDatum((int64) moments[i].n);
		values[RESULT_CONTROL_USERS] = Int64GetDatum((int64) moments[control].n);
		inference_put(moments[i].mean, &values[RESULT_MEAN], &nulls[RESULT_MEAN]);
		inference_put(sqrt(moments[i].variance), &values[RESULT_STDDEV], &nulls[RESULT_STDDEV]);
		for (k = RESULT_DIFFERENCE; k < RESULT_CONTROL_USERS; k++)
			nulls[k] = true;
		if (i != control)
		{
			const Estimate difference = experiment_difference(stats, &stats->variants[i], &stats->variants[control], &sample, &other, level);
			const SequentialInterval sequential = experiment_sequential(&sample, &other, level, tuned_users);

			inference_put(difference.value, &values[RESULT_DIFFERENCE], &nulls[RESULT_DIFFERENCE]);
			inference_put(difference.lower, &values[RESULT_LOWER], &nulls[RESULT_LOWER]);
			inference_put(difference.upper, &values[RESULT_UPPER], &nulls[RESULT_UPPER]);
			inference_put(other.mean == 0 ? NAN : difference.value / fabs(other.mean), &values[RESULT_LIFT], &nulls[RESULT_LIFT]);
			inference_put(difference.p_value, &values[RESULT_P], &nulls[RESULT_P]);
			inference_put(q_values[i], &values[RESULT_Q], &nulls[RESULT_Q]);
			inference_put(sequential.lower, &values[RESULT_SEQUENTIAL_LOWER], &nulls[RESULT_SEQUENTIAL_LOWER]);
			inference_put(sequential.upper, &values[RESULT_SEQUENTIAL_UPPER], &nulls[RESULT_SEQUENTIAL_UPPER]);
			inference_put(sequential.p_value, &values[RESULT_SEQUENTIAL_P], &nulls[RESULT_SEQUENTIAL_P]);
		}
		if (i != control && !isnan(theta))
		{
			const Sample with = experiment_adjusted(&moments[i], theta, pre_mean);
			const Sample without = experiment_adjusted(&moments[control], theta, pre_mean);
			const Estimate adjusted = inference_mean_difference(&with, &without, level);
			const double before = sample.variance / (double) sample.n + other.variance / (double) other.n;
			const double after = with.variance / (double) with.n + without.variance / (double) without.n;

			inference_put(adjusted.value, &values[RESULT_ADJUSTED_DIFFERENCE], &nulls[RESULT_ADJUSTED_DIFFERENCE]);
			inference_put(adjusted.lower, &values[RESULT_ADJUSTED_LOWER], &nulls[RESULT_ADJUSTED_LOWER]);
			inference_put(adjusted.upper, &values[RESULT_ADJUSTED_UPPER], &nulls[RESULT_ADJUSTED_UPPER]);
			inference_put(adjusted.p_value, &values[RESULT_ADJUSTED_P], &nulls[RESULT_ADJUSTED_P]);
			inference_put(before > 0 ? 1 - after / before : NAN, &values[RESULT_REDUCTION], &nulls[RESULT_REDUCTION]);
		}
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * experiment_srm(experiment_stats, weights, min_users): a row for each variant of
 * the weights.
 */
#define SRM_COLUMNS 7

/* With users, a share would give the total away, and so the fewest: it rests on them, too. */
static const uint32 srm_columns[SRM_COLUMNS] = {
	STATS_LABEL, STATS_ON(1), STATS_ON(7), STATS_ON(7), STATS_LABEL,	/* variant, users,
																		 * expected, share,
																		 * expected_share */
	STATS_ON(7), STATS_ON(7)	/* chi_square, p_value */
};

Datum
journey_experiment_srm(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const ExperimentStats *stats = stats_begin_rows(&rows, fcinfo, &experiment_stats_type, STATS_COLUMNS(srm_columns));
	ExperimentWeight *weights;
	uint64	   *users;
	uint64		fewest = PG_UINT64_MAX;
	double		total = 0;
	double		statistic = 0;
	int			df = -1;
	int			n;
	int			i;
	uint32		k;

	if (PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("weights must not be NULL")));
	weights = experiment_weights(PG_GETARG_JSONB_P(1), &n);
	if (stats == NULL)
		PG_RETURN_NULL();
	users = palloc0(n * sizeof(uint64));
	for (k = 0; k < stats->nvariants; k++)
	{
		for (i = 0; i < n && !slice_equal(weights[i].name, stats->variants[k].name); i++)
			;
		if (i == n || weights[i].share == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("weights have no share of variant \"%.*s\", to which users were exposed",
							(int) stats->variants[k].name.length, stats->variants[k].name.bytes),
					 errhint("Give the weights with which users were assigned.")));
		users[i] = stats->variants[k].exposed;
		total += (double) users[i];
	}
	for (i = 0; i < n; i++)
	{
		const double expected = total * weights[i].share;

		fewest = Min(fewest, users[i]);
		if (weights[i].share == 0)
			continue;
		df++;
		if (expected > 0)
			statistic += ((double) users[i] - expected) * ((double) users[i] - expected) / expected;
	}
	if (df < 1 || total == 0)
		statistic = NAN;
	for (i = 0; i < n; i++)
	{
		Datum		values[SRM_COLUMNS + 1] = {0};
		bool		nulls[SRM_COLUMNS + 1] = {false};

		CHECK_FOR_INTERRUPTS();
		stats_put_text(weights[i].name, &values[0], &nulls[0]);
		values[1] = Int64GetDatum((int64) users[i]);
		values[2] = Float8GetDatum(total * weights[i].share);
		inference_put(total > 0 ? (double) users[i] / total : NAN, &values[3], &nulls[3]);
		values[4] = Float8GetDatum(weights[i].share);
		inference_put(statistic, &values[5], &nulls[5]);
		inference_put(isnan(statistic) ? NAN : inference_chi_square_p(statistic, df), &values[6], &nulls[6]);
		values[7] = Int64GetDatum((int64) fewest);
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}
