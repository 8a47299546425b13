/*-------------------------------------------------------------------------
 *
 * inference_functions.c
 *		Tests and intervals for numbers that SQL has.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "inference/inference.h"
#include "utils/array.h"
#include "utils/memutils.h"

JOURNEY_FUNCTION(journey_wilson_interval);
JOURNEY_FUNCTION(journey_proportion_difference);
JOURNEY_FUNCTION(journey_mean_difference);
JOURNEY_FUNCTION(journey_odds_ratio);
JOURNEY_FUNCTION(journey_mantel_haenszel);
JOURNEY_FUNCTION(journey_q_values);

/* A number of users or events. */
static uint64
inference_count(int64 count, const char *name)
{
	if (count < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is " INT64_FORMAT, name, count),
				 errhint("It is a number of users, 0 or more.")));
	return (uint64) count;
}

static uint64
inference_count_arg(FunctionCallInfo fcinfo, int arg, const char *name)
{
	return inference_count(PG_GETARG_INT64(arg), name);
}

/* Successes out of n, as a row of a table. */
static void
inference_rate_args(FunctionCallInfo fcinfo, int arg, const char *successes_name, const char *n_name, uint64 *yes, uint64 *no)
{
	const uint64 successes = inference_count_arg(fcinfo, arg, successes_name);
	const uint64 n = inference_count_arg(fcinfo, arg + 1, n_name);

	if (successes > n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is " UINT64_FORMAT ", but %s is " UINT64_FORMAT, successes_name, successes, n_name, n),
				 errhint("Give the users who succeeded, and then all users.")));
	*yes = successes;
	*no = n - successes;
}

/* The level of an interval. */
double
inference_level_arg(FunctionCallInfo fcinfo, int arg)
{
	double		level;

	ARG_NOT_NULL(arg, "level");
	level = PG_GETARG_FLOAT8(arg);
	if (!inference_level_is_valid(level))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("level is %g, which is not between 0 and 1", level),
				 errhint("Write 0.95 for intervals that contain the true number in 95 of 100 cases.")));
	return level;
}

/* A number, NULL if it cannot be said. */
void
inference_put(double number, Datum *value, bool *null)
{
	*null = isnan(number);
	*value = Float8GetDatum(*null ? 0 : number);
}

/* An estimate as four columns. */
void
inference_put_estimate(const Estimate *estimate, Datum *values, bool *nulls)
{
	inference_put(estimate->value, &values[0], &nulls[0]);
	inference_put(estimate->lower, &values[1], &nulls[1]);
	inference_put(estimate->upper, &values[2], &nulls[2]);
	inference_put(estimate->p_value, &values[3], &nulls[3]);
}

static Datum
inference_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc	row;

	if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls));
}

static Datum
inference_estimate_row(FunctionCallInfo fcinfo, const Estimate *estimate)
{
	Datum		values[4];
	bool		nulls[4];

	inference_put_estimate(estimate, values, nulls);
	return inference_row(fcinfo, values, nulls);
}

/*
 * wilson_interval(successes, n, level): the rate, and its interval.
 */
Datum
journey_wilson_interval(PG_FUNCTION_ARGS)
{
	FourfoldTable table = {0};
	Estimate	estimate;

	inference_rate_args(fcinfo, 0, "successes", "n", &table.with_yes, &table.with_no);
	estimate = inference_rate(table.with_yes, table.with_yes + table.with_no, inference_level_arg(fcinfo, 2));
	return inference_estimate_row(fcinfo, &estimate);
}

/*
 * proportion_difference(successes, n, control_successes, control_n, level)
 */
Datum
journey_proportion_difference(PG_FUNCTION_ARGS)
{
	FourfoldTable table;
	Estimate	estimate;

	inference_rate_args(fcinfo, 0, "successes", "n", &table.with_yes, &table.with_no);
	inference_rate_args(fcinfo, 2, "control_successes", "control_n", &table.without_yes, &table.without_no);
	estimate = inference_rate_difference(&table, inference_level_arg(fcinfo, 4));
	return inference_estimate_row(fcinfo, &estimate);
}

/* The number, mean and standard deviation of a sample. */
static Sample
inference_sample_args(FunctionCallInfo fcinfo, int arg, const char *n_name, const char *stddev_name)
{
	const double stddev = PG_GETARG_FLOAT8(arg + 2);
	const Sample sample = {inference_count_arg(fcinfo, arg, n_name), PG_GETARG_FLOAT8(arg + 1), stddev * stddev};

	if (stddev < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is %g", stddev_name, stddev),
				 errhint("Give what stddev_samp() returns.")));
	return sample;
}

/*
 * mean_difference(n, mean, stddev, control_n, control_mean, control_stddev, level)
 */
Datum
journey_mean_difference(PG_FUNCTION_ARGS)
{
	const Sample with = inference_sample_args(fcinfo, 0, "n", "stddev");
	const Sample without = inference_sample_args(fcinfo, 3, "control_n", "control_stddev");
	const Estimate estimate = inference_mean_difference(&with, &without, inference_level_arg(fcinfo, 6));

	return inference_estimate_row(fcinfo, &estimate);
}

static const char *const fourfold_names[4] = {"with_yes", "with_no", "without_yes", "without_no"};

/*
 * odds_ratio(with_yes, with_no, without_yes, without_no, level)
 */
Datum
journey_odds_ratio(PG_FUNCTION_ARGS)
{
	const FourfoldTable table = {
		inference_count_arg(fcinfo, 0, fourfold_names[0]),
		inference_count_arg(fcinfo, 1, fourfold_names[1]),
		inference_count_arg(fcinfo, 2, fourfold_names[2]),
		inference_count_arg(fcinfo, 3, fourfold_names[3])
	};
	const Estimate estimate = inference_odds_ratio(&table, inference_level_arg(fcinfo, 4));

	return inference_estimate_row(fcinfo, &estimate);
}

/*
 * mantel_haenszel(with_yes[], with_no[], without_yes[], without_no[], level): an
 * element for each stratum; one with a NULL is left out.
 */
Datum
journey_mantel_haenszel(PG_FUNCTION_ARGS)
{
	const double level = inference_level_arg(fcinfo, 4);
	StratifiedTable strata = {0};
	Estimate	estimate;
	Datum	   *elements[4];
	bool	   *nulls_of[4];
	int			n = 0;
	Datum		values[5];
	bool		nulls[5];
	int			i;
	int			j;

	for (j = 0; j < 4; j++)
	{
		int			length;

		deconstruct_array(PG_GETARG_ARRAYTYPE_P(j), INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
						  &elements[j], &nulls_of[j], &length);
		if (j > 0 && length != n)
			ereport(ERROR,
					(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
					 errmsg("%s has %d elements, but %s has %d", fourfold_names[j], length, fourfold_names[0], n),
					 errhint("Give one element of each array for each stratum, as array_agg() of the same rows does.")));
		n = length;
	}
	for (i = 0; i < n; i++)
	{
		uint64		cells[4];
		FourfoldTable table;

		if (nulls_of[0][i] || nulls_of[1][i] || nulls_of[2][i] || nulls_of[3][i])
			continue;
		for (j = 0; j < 4; j++)
			cells[j] = inference_count(DatumGetInt64(elements[j][i]), fourfold_names[j]);
		table.with_yes = cells[0];
		table.with_no = cells[1];
		table.without_yes = cells[2];
		table.without_no = cells[3];
		inference_add_stratum(&strata, &table);
	}
	estimate = inference_stratified_odds_ratio(&strata, level);
	inference_put_estimate(&estimate, values, nulls);
	inference_put(inference_stratified_chi_square(&strata, true), &values[4], &nulls[4]);
	return inference_row(fcinfo, values, nulls);
}

/*
 * q_values(p_values): of each its q value; NULL and NaN stay as they are.
 */
Datum
journey_q_values(PG_FUNCTION_ARGS)
{
	ArrayType  *given = PG_GETARG_ARRAYTYPE_P(0);
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int			i;
	double	   *p_values;
	RankedValue *room;

	deconstruct_array(given, FLOAT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, &nulls, &n);
	p_values = palloc_extended(((Size) n + 1) * sizeof(double), MCXT_ALLOC_HUGE);
	room = palloc_extended(((Size) n + n / 2 + 1) * sizeof(RankedValue), MCXT_ALLOC_HUGE);
	for (i = 0; i < n; i++)
	{
		p_values[i] = nulls[i] ? NAN : DatumGetFloat8(elements[i]);
		if (p_values[i] < 0 || p_values[i] > 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("p_values has %g, which is not between 0 and 1", p_values[i]),
					 errhint("Give p values, as odds_ratio() and proportion_difference() return them.")));
	}
	inference_q_values(p_values, (size_t) n, room);
	for (i = 0; i < n; i++)
		if (!nulls[i])
			elements[i] = Float8GetDatum(p_values[i]);
	PG_RETURN_ARRAYTYPE_P(construct_md_array(elements, nulls, ARR_NDIM(given), ARR_DIMS(given), ARR_LBOUND(given),
											 FLOAT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
