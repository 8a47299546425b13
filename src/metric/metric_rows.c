/*-------------------------------------------------------------------------
 *
 * metric_rows.c
 *		Rows to plot from the result of event_metrics.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "metric/metric_view.h"
#include "miscadmin.h"

JOURNEY_FUNCTION(journey_metric_breakdowns);
JOURNEY_FUNCTION(journey_metric_summary);

/*
 * What is measured of a cell: events, users, events_per_user, and sum, mean,
 * least, greatest, median and 90th percentile of the values.
 */
#define MEASURES 9

static void
metric_put_measures(const MetricStats *stats, const MetricCell *cell, Datum *values, bool *nulls)
{
	const ValueBins *bins = cell == NULL ? NULL : &cell->values;
	double		sum;

	values[0] = Int64GetDatum(cell == NULL ? 0 : (int64) cell->events);
	values[1] = Int64GetDatum(cell == NULL ? 0 : (int64) cell->users);
	nulls[2] = cell == NULL;
	if (cell != NULL)
		stats_put_share(cell->events, cell->users, &values[2], &nulls[2]);
	nulls[3] = !stats->has_values;
	nulls[4] = nulls[5] = nulls[6] = nulls[7] = nulls[8] = bins == NULL || bins->count == 0;
	values[3] = Float8GetDatum(0);
	if (nulls[4])
		return;
	sum = value_bins_sum(bins);
	values[3] = Float8GetDatum(sum);
	values[4] = Float8GetDatum(sum / (double) bins->count);
	values[5] = Float8GetDatum(value_of_bits(bins->least));
	values[6] = Float8GetDatum(value_of_bits(bins->most));
	values[7] = Float8GetDatum(value_bins_quantile(bins, 0.5));
	values[8] = Float8GetDatum(value_bins_quantile(bins, 0.9));
}

/* The users who have values, on which they rest, are not shown. */
static void
metric_put_value_users(const MetricStats *stats, const MetricCell *cell, Datum *value, bool *null)
{
	*value = Int64GetDatum(cell == NULL ? 0 : (int64) cell->value_users);
	*null = !stats->has_values;
}

#define ON_USERS(n)		STATS_ON(n), STATS_ON(n), STATS_ON(n)
#define ON_VALUES(n)	STATS_ON(n), STATS_ON(n), STATS_ON(n), STATS_ON(n), STATS_ON(n), STATS_ON(n)

static const uint32 bucket_columns[] = {
	STATS_LABEL, STATS_LABEL,	/* bucket, bucket_date */
	ON_USERS(3), ON_VALUES(12),
	STATS_LABEL					/* complete; then value_users */
};

/* A row for each bucket, and each value if it is by values. */
static Datum
metric_put_rows(FunctionCallInfo fcinfo, MetricScope scope)
{
	const int	labels = scope == METRIC_CELL;
	StatsRows	rows;
	MetricStats *stats = stats_begin_rows(&rows, fcinfo, &metric_stats_type, STATS_COLUMNS(bucket_columns));
	MetricView	view;
	int64		i;
	uint32		g;

	if (stats == NULL)
		PG_RETURN_NULL();
	rows.nlabels = labels;
	metric_view(&view, stats, scope);
	for (i = 0; i < view.nbuckets; i++)
	{
		Datum		bucket[2];
		bool		bucket_nulls[2] = {false};
		bool		complete;

		CHECK_FOR_INTERRUPTS();
		if (!metric_span_put(&stats->span, view.first + i, bucket, bucket_nulls, &complete))
			continue;
		for (g = 0; g < view.ngroups; g++)
		{
			const MetricCell *cell = metric_view_cell(&view, view.first + i, g);
			Datum		row[1 + 2 + MEASURES + 2] = {0};
			bool		row_nulls[1 + 2 + MEASURES + 2] = {false};
			Datum	   *values = row + labels;
			bool	   *nulls = row_nulls + labels;

			if (labels > 0)
				stats_put_text(metric_label(view.groups[g]), &row[0], &row_nulls[0]);
			memcpy(values, bucket, sizeof(bucket));
			memcpy(nulls, bucket_nulls, sizeof(bucket_nulls));
			metric_put_measures(stats, cell, values + 2, nulls + 2);
			values[2 + MEASURES] = BoolGetDatum(complete);
			metric_put_value_users(stats, cell, &values[3 + MEASURES], &nulls[3 + MEASURES]);
			stats_show_row(&rows, row, row_nulls);
		}
	}
	PG_RETURN_NULL();
}

/* metric_rows(metric_stats, min_users) */
JOURNEY_FUNCTION_AS(journey_metric_rows, metric_put_rows(fcinfo, METRIC_CELL))

/* metric_buckets(metric_stats, min_users) */
JOURNEY_FUNCTION_AS(journey_metric_buckets, metric_put_rows(fcinfo, METRIC_BUCKET))

static const uint32 breakdown_columns[] = {ON_USERS(1), ON_VALUES(9)};

/*
 * metric_breakdowns(metric_stats, min_users): a row for each value.
 */
Datum
journey_metric_breakdowns(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	MetricStats *stats = stats_begin_rows(&rows, fcinfo, &metric_stats_type,
										  STATS_COLUMNS(breakdown_columns));
	uint32		i;

	if (stats == NULL)
		PG_RETURN_NULL();
	rows.nlabels = 1;
	metric_sum_values(stats, METRIC_BREAKDOWN);
	for (i = 0; i < stats->ncells; i++)
	{
		const MetricCell *cell = &stats->cells[i];
		Datum		values[1 + MEASURES + 1] = {0};
		bool		nulls[1 + MEASURES + 1] = {false};

		if (cell->scope != METRIC_BREAKDOWN)
			continue;
		stats_put_text(metric_label(cell), &values[0], &nulls[0]);
		metric_put_measures(stats, cell, values + 1, nulls + 1);
		metric_put_value_users(stats, cell, &values[1 + MEASURES], &nulls[1 + MEASURES]);
		stats_show_row(&rows, values, nulls);
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_NULL();
}

/*
 * metric_summary(metric_stats, min_users): one row.
 */
Datum
journey_metric_summary(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	MetricStats *stats = stats_begin_rows(&rows, fcinfo, &metric_stats_type,
										  STATS_COLUMNS(breakdown_columns));
	const MetricCell *whole = NULL;
	Datum		values[MEASURES + 1] = {0};
	bool		nulls[MEASURES + 1] = {false};
	uint32		i;

	if (stats == NULL)
		PG_RETURN_NULL();
	metric_sum_values(stats, METRIC_WHOLE);
	for (i = 0; i < stats->ncells; i++)
		if (stats->cells[i].scope == METRIC_WHOLE)
			whole = &stats->cells[i];
	metric_put_measures(stats, whole, values, nulls);
	metric_put_value_users(stats, whole, &values[MEASURES], &nulls[MEASURES]);
	PG_RETURN_DATUM(stats_row(&rows, values, nulls));
}
