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
 * interval_summary(interval_stats, min_users): one row.
 */
static const uint32 summary_columns[] = {
	STATS_ON(1), STATS_ON(1),	/* count, users */
	STATS_ON(1), STATS_ON(1), STATS_ON(1), STATS_ON(1), STATS_ON(1), STATS_ON(1)	/* times */
};

Datum
journey_interval_summary(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const IntervalStats *stats = stats_begin_rows(&rows, fcinfo, &interval_stats_type,
												  STATS_COLUMNS(summary_columns));
	const Histogram *times;
	Datum		values[8] = {0};
	bool		nulls[8] = {false};
	int			i;

	if (stats == NULL)
		PG_RETURN_NULL();
	times = &stats->times;
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
	PG_RETURN_DATUM(stats_row(&rows, values, nulls));
}

/* A bin; the last has no upper bound. */
static const uint32 histogram_columns[] = {
	STATS_LABEL, STATS_LABEL,	/* lower, upper */
	STATS_ON(2), STATS_ON(2)	/* count, of intervals; share */
};

static void
interval_put_bin(const StatsRows *rows, uint64 lower, const uint64 *upper, uint64 count,
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
	stats_show_row(rows, values, nulls);
}

/*
 * interval_histogram(interval_stats, bounds, min_users): a row for each bucket
 * of the histogram that is in use, or for each bin.
 */
Datum
journey_interval_histogram(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const IntervalStats *stats = stats_begin_rows(&rows, fcinfo, &interval_stats_type,
												  STATS_COLUMNS(histogram_columns));
	const Histogram *times;
	int64	   *bounds;
	uint64	   *counts;
	uint32		i;
	int			n;
	int			bin;

	if (stats == NULL)
		PG_RETURN_NULL();
	times = &stats->times;
	if (PG_ARGISNULL(1))
	{
		for (i = 0; i < times->nbuckets; i++)
		{
			uint32		number = times->buckets[i].number;
			uint64		upper = histogram_bound(number + 1);

			interval_put_bin(&rows, histogram_bound(number), &upper, times->buckets[i].count,
							 times->count);
		}
		PG_RETURN_NULL();
	}

	bounds = stats_bounds_arg(fcinfo, 1, true, 0,
							  "ARRAY['1 hour', '1 day', '7 days']::interval[]", &n);
	counts = palloc(n * sizeof(uint64));
	histogram_bins(times, bounds, n, counts);
	for (bin = 0; bin < n; bin++)
		interval_put_bin(&rows, (uint64) bounds[bin],
						 bin + 1 < n ? (uint64 *) &bounds[bin + 1] : NULL, counts[bin], times->count);
	PG_RETURN_NULL();
}
