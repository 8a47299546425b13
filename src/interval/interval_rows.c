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

	if (stats != NULL)
		stats_show_bins(&rows, fcinfo, 1, &stats->times, "ARRAY['1 hour', '1 day', '7 days']::interval[]");
	PG_RETURN_NULL();
}
