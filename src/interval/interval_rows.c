/*-------------------------------------------------------------------------
 *
 * interval_rows.c
 *		Rows to plot from the result of an interval analysis.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "interval/interval_stats.h"

JOURNEY_FUNCTION(journey_interval_summary);
JOURNEY_FUNCTION(journey_interval_histogram);

/*
 * interval_summary(interval_stats): one row.
 */
Datum
journey_interval_summary(PG_FUNCTION_ARGS)
{
	const IntervalStats *stats = STATS_ARG(interval_stats_type);
	const Histogram *times = &stats->times;
	Datum		values[8] = {0};
	bool		nulls[8] = {false};
	int			i;

	values[0] = Int64GetDatum((int64) times->count);
	values[1] = Int64GetDatum((int64) stats->users);
	if (times->count == 0)
	{
		for (i = 2; i < 8; i++)
			nulls[i] = true;
	}
	else
	{
		values[2] = duration_datum(histogram_mean(times));
		values[3] = duration_datum((double) times->least);
		values[4] = duration_datum((double) histogram_quantile(times, 0.25));
		values[5] = duration_datum((double) histogram_quantile(times, 0.5));
		values[6] = duration_datum((double) histogram_quantile(times, 0.75));
		values[7] = duration_datum((double) times->most);
	}
	PG_RETURN_DATUM(stats_row(fcinfo, values, nulls));
}

/* A bin; the last has no upper bound. */
static void
interval_put_bin(FunctionCallInfo fcinfo, uint64 lower, const uint64 *upper, uint64 count,
				 uint64 total)
{
	Datum		values[4] = {0};
	bool		nulls[4] = {false};

	values[0] = duration_datum((double) lower);
	nulls[1] = upper == NULL;
	if (upper != NULL)
		values[1] = duration_datum((double) *upper);
	values[2] = Int64GetDatum((int64) count);
	stats_put_share(count, total, &values[3], &nulls[3]);
	stats_put_row(fcinfo, values, nulls);
}

/*
 * interval_histogram(interval_stats [, bounds]): a row for each bucket of the
 * histogram that is in use, or for each bin.
 */
Datum
journey_interval_histogram(PG_FUNCTION_ARGS)
{
	const IntervalStats *stats = STATS_ARG(interval_stats_type);
	const Histogram *times = &stats->times;
	int64	   *bounds;
	uint64	   *counts;
	uint32		i;
	int			n;
	int			bin;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_NARGS() == 1)
	{
		for (i = 0; i < times->nbuckets; i++)
		{
			uint32		number = times->buckets[i].number;
			uint64		upper = histogram_bound(number + 1);

			interval_put_bin(fcinfo, histogram_bound(number), &upper, times->buckets[i].count,
							 times->count);
		}
		PG_RETURN_NULL();
	}

	bounds = stats_bounds_arg(fcinfo, 1, true, 0,
							  "ARRAY['1 hour', '1 day', '7 days']::interval[]", &n);
	counts = palloc(n * sizeof(uint64));
	histogram_bins(times, bounds, n, counts);
	for (bin = 0; bin < n; bin++)
		interval_put_bin(fcinfo, (uint64) bounds[bin],
						 bin + 1 < n ? (uint64 *) &bounds[bin + 1] : NULL, counts[bin], times->count);
	PG_RETURN_NULL();
}
