/*-------------------------------------------------------------------------
 *
 * distribution_rows.c
 *		Rows to plot from the result of distribution.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "metric/distribution_stats.h"
#include "miscadmin.h"
#include "utils/array.h"

JOURNEY_FUNCTION(journey_distribution_rows);
JOURNEY_FUNCTION(journey_distribution_buckets);

/* A bin of the rows: numbers from lower up to, but not including, upper. */
typedef struct NumberBin
{
	double		lower;
	double		upper;
	bool		no_lower;		/* all below upper */
	bool		no_upper;
} NumberBin;

/* The bin that values are counted in; counts are whole numbers. */
static NumberBin
distribution_bin(DistributionMeasure measure, uint32 number)
{
	NumberBin	bin = {0};

	bin.lower = value_of_bits((uint64) number << VALUE_LOW_BITS);
	bin.upper = value_of_bits(((uint64) number + 1) << VALUE_LOW_BITS);
	bin.no_upper = number == VALUE_BIN_LAST || isnan(bin.upper);
	if (isnan(bin.lower) && !bin.no_upper)
		bin.lower = -INFINITY;
	if (distribution_counts(measure))
	{
		bin.lower = ceil(bin.lower);
		bin.upper = ceil(bin.upper);
	}
	return bin;
}

/*
 * The bins of bounds, an array of double precision: from each up to the next.
 * Sums and averages may be below the first; counts begin at 1.
 */
static NumberBin *
distribution_bounds_arg(FunctionCallInfo fcinfo, int arg, DistributionMeasure measure, int *n)
{
	const char *hint = "Write the lower bounds of the bins, for example ARRAY[0, 10, 100].";
	Datum	   *items;
	bool	   *nulls;
	NumberBin  *bins;
	double		before = 0;
	int			nitems;
	int			i;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(arg), FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &items, &nulls, &nitems);
	bins = palloc0((nitems + 1) * sizeof(NumberBin));
	*n = 0;
	for (i = 0; i < nitems; i++)
	{
		double		bound;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("bounds must not contain NULL"),
					 errhint("%s", hint)));
		bound = DatumGetFloat8(items[i]);
		if (isnan(bound))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("bounds must not contain NaN"),
					 errhint("%s", hint)));
		if (i > 0 && bound <= before)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("bounds must ascend, but %g comes after %g", bound, before),
					 errhint("%s", hint)));
		if (i == 0 && (!distribution_counts(measure) || bound > 1))
		{
			bins[*n].no_lower = !distribution_counts(measure);
			bins[(*n)++].lower = 1;
		}
		if (*n > 0)
			bins[*n - 1].upper = bound;
		bins[(*n)++].lower = bound;
		before = bound;
	}
	if (nitems == 0)
	{
		bins[0].no_lower = !distribution_counts(measure);
		bins[(*n)++].lower = 1;
	}
	bins[*n - 1].no_upper = true;
	return bins;
}

static const uint32 distribution_columns[] = {
	STATS_LABEL, STATS_LABEL, STATS_LABEL, STATS_LABEL, /* bucket, bucket_date,
														 * lower, upper */
	STATS_ON(4), STATS_ON(4), STATS_LABEL	/* users, share, complete */
};

static void
distribution_put(const StatsRows *rows, const Datum *bucket, const bool *bucket_nulls, NumberBin bin,
				 uint64 users, uint64 total, bool complete)
{
	Datum		values[7] = {bucket[0], bucket[1]};
	bool		nulls[7] = {bucket_nulls[0], bucket_nulls[1], bin.no_lower, bin.no_upper};

	values[2] = Float8GetDatum(bin.lower);
	values[3] = Float8GetDatum(bin.upper);
	values[4] = Int64GetDatum((int64) users);
	stats_put_share(users, total, &values[5], &nulls[5]);
	values[6] = BoolGetDatum(complete);
	stats_show_row(rows, values, nulls);
}

/*
 * The first bucket of a result and the one after the last.
 */
static void
distribution_span(const DistributionStats *stats, int64 *first, int64 *end)
{
	*end = metric_span_last(&stats->span) + 1;
	*first = stats->ncells > 0 ? Min(stats->cells[0].bucket, *end) : *end;
	metric_span_refuse_rows(&stats->span, *end - *first);
}

/*
 * distribution_rows(distribution_stats, bounds, min_users): for each bucket a
 * row for each bin in use, or for each bin of bounds.
 */
Datum
journey_distribution_rows(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const DistributionStats *stats = stats_begin_rows(&rows, fcinfo, &distribution_stats_type,
													  STATS_COLUMNS(distribution_columns));
	NumberBin  *bins = NULL;
	uint32		next = 0;
	int64		bucket;
	int64		end;
	int			n = 0;

	if (stats == NULL)
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(1))
		bins = distribution_bounds_arg(fcinfo, 1, stats->measure, &n);
	distribution_span(stats, &bucket, &end);
	if ((end - bucket) * n > METRIC_MOST_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg(INT64_FORMAT " buckets have %d bins each, together more than %d", end - bucket, n,
						METRIC_MOST_ROWS),
				 errhint("Write fewer bounds, or use a longer unit.")));
	for (; bucket < end; bucket++)
	{
		const ValueBins *numbers = next < stats->ncells && stats->cells[next].bucket == bucket ?
			&stats->cells[next++].numbers : NULL;
		const uint32 nbins = numbers == NULL ? 0 : numbers->nbins;
		const uint64 total = numbers == NULL ? 0 : numbers->count;
		Datum		columns[2];
		bool		nulls[2] = {false, false};
		bool		complete;
		uint32		i = 0;
		int			b;

		CHECK_FOR_INTERRUPTS();
		if (!metric_span_put(&stats->span, bucket, columns, nulls, &complete))
			continue;
		for (; bins == NULL && i < nbins; i++)
			distribution_put(&rows, columns, nulls, distribution_bin(stats->measure, numbers->bins[i].number),
							 numbers->bins[i].count, total, complete);
		for (b = 0; b < n; b++)
		{
			uint64		users = 0;

			for (; i < nbins && (bins[b].no_upper ||
								 numbers->bins[i].number < value_bin(value_to_bits(bins[b].upper))); i++)
				users += numbers->bins[i].count;
			distribution_put(&rows, columns, nulls, bins[b], users, total, complete);
		}
	}
	PG_RETURN_NULL();
}

static const uint32 distribution_bucket_columns[] = {
	STATS_LABEL, STATS_LABEL,	/* bucket, bucket_date */
	STATS_ON(2), STATS_ON(2), STATS_ON(2), STATS_ON(2), STATS_ON(2), STATS_ON(2), STATS_LABEL
};

/*
 * distribution_buckets(distribution_stats, min_users): a row for each bucket,
 * with the mean of the users' numbers and their quantiles.
 */
Datum
journey_distribution_buckets(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const DistributionStats *stats = stats_begin_rows(&rows, fcinfo, &distribution_stats_type,
													  STATS_COLUMNS(distribution_bucket_columns));
	uint32		next = 0;
	int64		bucket;
	int64		end;

	if (stats == NULL)
		PG_RETURN_NULL();
	distribution_span(stats, &bucket, &end);
	for (; bucket < end; bucket++)
	{
		const ValueBins *numbers = next < stats->ncells && stats->cells[next].bucket == bucket ?
			&stats->cells[next++].numbers : NULL;
		Datum		values[9] = {0};
		bool		nulls[9] = {false};
		bool		complete;

		CHECK_FOR_INTERRUPTS();
		if (!metric_span_put(&stats->span, bucket, values, nulls, &complete))
			continue;
		values[2] = Int64GetDatum(numbers == NULL ? 0 : (int64) numbers->count);
		nulls[3] = nulls[4] = nulls[5] = nulls[6] = nulls[7] = numbers == NULL;
		if (numbers != NULL)
		{
			values[3] = Float8GetDatum(value_bins_sum(numbers) / (double) numbers->count);
			values[4] = Float8GetDatum(value_of_bits(numbers->least));
			values[5] = Float8GetDatum(value_of_bits(numbers->most));
			values[6] = Float8GetDatum(value_bins_quantile(numbers, 0.5));
			values[7] = Float8GetDatum(value_bins_quantile(numbers, 0.9));
		}
		values[8] = BoolGetDatum(complete);
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}
