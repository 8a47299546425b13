/*-------------------------------------------------------------------------
 *
 * metric_change.c
 *		Rows to plot from results of event_metrics, in comparison: with an
 *		earlier bucket, over the latest buckets, with another result.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "metric/metric_view.h"
#include "miscadmin.h"

JOURNEY_FUNCTION(journey_metric_change);
JOURNEY_FUNCTION(journey_metric_rolling);
JOURNEY_FUNCTION(journey_metric_ratio);

/* The most buckets that are looked back. */
#define MOST_BACK 100000

#define NO_GROUP PG_UINT32_MAX

static inline int64
cell_events(const MetricCell *cell)
{
	return cell == NULL ? 0 : (int64) cell->events;
}

static inline int64
cell_users(const MetricCell *cell)
{
	return cell == NULL ? 0 : (int64) cell->users;
}

static inline int64
cell_value_users(const MetricCell *cell)
{
	return cell == NULL ? 0 : (int64) cell->value_users;
}

/* The breakdown value, bucket and date of a row, and whether it is complete; false if there is no such bucket. */
static bool
metric_begin_row(const MetricStats *stats, const MetricCell *label, int64 bucket, Datum *row, bool *nulls,
				 bool *complete)
{
	if (!metric_span_put(&stats->span, bucket, row + 1, nulls + 1, complete))
		return false;
	stats_put_text(metric_label(label), &row[0], &nulls[0]);
	return true;
}

/* An argument that is a number of buckets. */
static int
metric_buckets_arg(FunctionCallInfo fcinfo, int arg, const char *name)
{
	int			buckets;

	ARG_NOT_NULL(arg, name);
	buckets = PG_GETARG_INT32(arg);
	if (buckets < 1 || buckets > MOST_BACK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a number of buckets from 1 to %d, not %d", name, MOST_BACK, buckets),
				 errhint("With unit 'day', write 7 for the same day of the last week.")));
	return buckets;
}

/* Two counts, their difference, and the difference by the second, which may be unknown. */
static void
metric_put_change(int64 now, int64 before, bool unknown, Datum *values, bool *nulls)
{
	nulls[1] = nulls[2] = unknown;
	nulls[3] = unknown || before == 0;
	values[0] = Int64GetDatum(now);
	values[1] = Int64GetDatum(before);
	values[2] = Int64GetDatum(now - before);
	values[3] = Float8GetDatum((double) (now - before) / (double) Max(before, 1));
}

/* The same for sums of values. */
static void
metric_put_sum_change(double now, double before, bool unknown, Datum *values, bool *nulls)
{
	nulls[1] = nulls[2] = unknown;
	nulls[3] = unknown || before == 0;
	values[0] = Float8GetDatum(now);
	values[1] = Float8GetDatum(before);
	values[2] = Float8GetDatum(now - before);
	values[3] = Float8GetDatum(nulls[3] ? 0 : (now - before) / before);
}

static const uint32 change_columns[] = {
	STATS_LABEL, STATS_LABEL,	/* bucket, bucket_date */
	STATS_ON(6), STATS_ON(7), STATS_ON(6) | STATS_ON(7), STATS_ON(6) | STATS_ON(7), /* events */
	STATS_ON(6), STATS_ON(7), STATS_ON(6) | STATS_ON(7), STATS_ON(6) | STATS_ON(7), /* users */
	STATS_ON(15), STATS_ON(16), STATS_ON(15) | STATS_ON(16), STATS_ON(15) | STATS_ON(16),	/* value_sum */
	STATS_LABEL					/* complete; then value_users, value_users
								 * before */
};

/*
 * metric_change(metric_stats, periods, min_users): a row for each bucket and
 * value, and what they were `periods` buckets before.
 */
Datum
journey_metric_change(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	MetricStats *stats = stats_begin_rows(&rows, fcinfo, &metric_stats_type, STATS_COLUMNS(change_columns));
	const int	periods = metric_buckets_arg(fcinfo, 1, "periods");
	MetricView	view;
	int64		bucket;
	uint32		g;

	if (stats == NULL)
		PG_RETURN_NULL();
	rows.nlabels = 1;
	metric_view(&view, stats, METRIC_CELL);
	for (bucket = view.first; bucket < view.first + view.nbuckets; bucket++)
	{
		Datum		begin[2];
		bool		no_begin[2];
		bool		complete;

		/* neither before the first bucket nor on a day that there was not */
		const bool	unknown = bucket - periods < view.first ||
			!metric_span_put(&stats->span, bucket - periods, begin, no_begin, &complete);

		for (g = 0; g < view.ngroups; g++)
		{
			const MetricCell *now = metric_view_cell(&view, bucket, g);
			const MetricCell *before = metric_view_cell(&view, bucket - periods, g);
			Datum		values[18] = {0};
			bool		nulls[18] = {false};

			CHECK_FOR_INTERRUPTS();
			if (!metric_begin_row(stats, view.groups[g], bucket, values, nulls, &complete))
				break;
			metric_put_change(cell_events(now), cell_events(before), unknown, values + 3, nulls + 3);
			metric_put_change(cell_users(now), cell_users(before), unknown, values + 7, nulls + 7);
			metric_put_sum_change(metric_cell_sum(now), metric_cell_sum(before), unknown || !stats->has_values,
								  values + 11, nulls + 11);
			nulls[11] = !stats->has_values;
			values[15] = BoolGetDatum(complete);
			values[16] = Int64GetDatum(cell_value_users(now));
			values[17] = Int64GetDatum(cell_value_users(before));
			nulls[16] = nulls[17] = !stats->has_values;
			nulls[17] |= unknown;
			stats_show_row(&rows, values, nulls);
		}
	}
	PG_RETURN_NULL();
}

static const uint32 rolling_columns[] = {
	STATS_LABEL, STATS_LABEL,	/* bucket, bucket_date */
	STATS_ON(4), STATS_ON(10),	/* events, avg_events */
	STATS_ON(4), STATS_ON(10),	/* users, avg_users */
	STATS_ON(9), STATS_ON(11),	/* value_sum, avg_value_sum */
	STATS_LABEL					/* complete; then value_users, and the fewest
								 * users and value_users of a bucket */
};

/*
 * metric_rolling(metric_stats, buckets, min_users): a row for each bucket and
 * value, and means over the latest buckets.
 */
Datum
journey_metric_rolling(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	MetricStats *stats = stats_begin_rows(&rows, fcinfo, &metric_stats_type, STATS_COLUMNS(rolling_columns));
	const int	buckets = metric_buckets_arg(fcinfo, 1, "buckets");
	MetricView	view;
	int64	   *shown;			/* buckets, without days that there were not */
	double	   *sums;			/* of the values, by bucket and group */
	int64		nshown = 0;
	int64		i;
	uint32		g;

	if (stats == NULL)
		PG_RETURN_NULL();
	rows.nlabels = 1;
	metric_view(&view, stats, METRIC_CELL);
	shown = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) view.nbuckets + 1) * sizeof(int64));
	sums = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) view.nbuckets * view.ngroups + 1) * sizeof(double));
	for (i = 0; i < view.nbuckets; i++)
	{
		Datum		values[2];
		bool		nulls[2];
		bool		complete;

		if (!metric_span_put(&stats->span, view.first + i, values, nulls, &complete))
			continue;
		for (g = 0; g < view.ngroups; g++)
			sums[nshown * view.ngroups + g] = metric_cell_sum(metric_view_cell(&view, view.first + i, g));
		shown[nshown++] = view.first + i;
	}
	for (i = 0; i < nshown; i++)
		for (g = 0; g < view.ngroups; g++)
		{
			const MetricCell *now = metric_view_cell(&view, shown[i], g);
			const bool	all = i + 1 >= buckets;
			int64		events = 0;
			int64		users = 0;
			int64		fewest = PG_INT64_MAX;
			int64		fewest_value = PG_INT64_MAX;
			double		sum = 0;
			Datum		values[13] = {0};
			bool		nulls[13] = {false};
			bool		complete;
			int64		k;

			for (k = i + 1 - buckets; all && k <= i; k++)
			{
				const MetricCell *cell = metric_view_cell(&view, shown[k], g);

				events += cell_events(cell);
				users += cell_users(cell);
				sum += sums[k * view.ngroups + g];
				fewest = Min(fewest, cell_users(cell));
				fewest_value = Min(fewest_value, cell_value_users(cell));
			}
			CHECK_FOR_INTERRUPTS();
			(void) metric_begin_row(stats, view.groups[g], shown[i], values, nulls, &complete);
			values[3] = Int64GetDatum(cell_events(now));
			values[4] = Float8GetDatum((double) events / buckets);
			values[5] = Int64GetDatum(cell_users(now));
			values[6] = Float8GetDatum((double) users / buckets);
			values[7] = Float8GetDatum(sums[i * view.ngroups + g]);
			values[8] = Float8GetDatum(sum / buckets);
			values[9] = BoolGetDatum(complete);
			values[10] = Int64GetDatum(cell_value_users(now));
			values[11] = Int64GetDatum(fewest);
			values[12] = Int64GetDatum(fewest_value);
			nulls[4] = nulls[6] = nulls[11] = !all;
			nulls[7] = nulls[10] = !stats->has_values;
			nulls[8] = nulls[12] = !all || !stats->has_values;
			stats_show_row(&rows, values, nulls);
		}
	PG_RETURN_NULL();
}

/* Refuse two results whose buckets or values cannot be compared. */
static void
metric_check_comparable(const MetricStats *a, const MetricStats *b)
{
	uint32		i;
	bool		others = false;

	if (a->span.unit != b->span.unit || strcmp(a->span.zone, b->span.zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("numerator and denominator differ in unit or time zone"),
				 errdetail("One is by %s, %s; another is by %s, %s.", calendar_unit_name(a->span.unit), a->span.zone,
						   calendar_unit_name(b->span.unit), b->span.zone),
				 errhint("Give event_metrics() the same unit and time_zone.")));
	for (i = 0; i < a->ncells; i++)
		others |= a->cells[i].other;
	for (i = 0; i < b->ncells; i++)
		others |= b->cells[i].other;
	if (others && !metric_same_labels(a, b))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("numerator and denominator show different values"),
				 errdetail("With the option top each has chosen the values with the most users among its own."),
				 errhint("Leave top out.")));
}

/* Two counts and their ratio, NULL if the second is 0. */
static void
metric_put_ratio(int64 a, int64 b, Datum *values, bool *nulls)
{
	values[0] = Int64GetDatum(a);
	values[1] = Int64GetDatum(b);
	stats_put_share((uint64) a, (uint64) b, &values[2], &nulls[2]);
}

static const uint32 ratio_columns[] = {
	STATS_LABEL, STATS_LABEL,	/* bucket, bucket_date */
	STATS_ON(5), STATS_ON(6), STATS_ON(5) | STATS_ON(6),	/* events */
	STATS_ON(5), STATS_ON(6), STATS_ON(5) | STATS_ON(6),	/* users */
	STATS_ON(12), STATS_ON(13), STATS_ON(12) | STATS_ON(13),	/* value_sum */
	STATS_LABEL					/* complete; then value_users of both */
};

/*
 * metric_ratio(numerator, denominator, min_users): a row for each bucket and
 * value of either; one that is NULL has no events.
 */
Datum
journey_metric_ratio(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	MetricStats *stats[2];
	MetricView	views[2] = {{0}};
	int64		first = PG_INT64_MAX;
	int64		end = PG_INT64_MIN;
	uint32		ngroups = 0;
	uint32		next[2] = {0, 0};
	uint32	   *places;			/* of the groups in both, or NO_GROUP */
	int64		bucket;
	uint32		g;
	int			i;

	stats[0] = stats_begin_rows(&rows, fcinfo, &metric_stats_type, STATS_COLUMNS(ratio_columns));
	stats[1] = PG_ARGISNULL(1) ? NULL :
		stats_unpack(&metric_stats_type, CurrentMemoryContext, PG_GETARG_VARLENA_PP(1));
	rows.nlabels = 1;
	if (stats[0] == NULL && stats[1] == NULL)
		PG_RETURN_NULL();
	if (stats[0] != NULL && stats[1] != NULL)
		metric_check_comparable(stats[0], stats[1]);
	for (i = 0; i < 2; i++)
		if (stats[i] != NULL)
		{
			metric_view(&views[i], stats[i], METRIC_CELL);
			first = Min(first, views[i].first);
			end = Max(end, views[i].first + views[i].nbuckets);
		}
	/* the values of both, in order */
	places = MemoryContextAllocHuge(CurrentMemoryContext,
									2 * ((Size) views[0].ngroups + views[1].ngroups + 1) * sizeof(uint32));
	while (next[0] < views[0].ngroups || next[1] < views[1].ngroups)
	{
		const int	order = next[0] == views[0].ngroups ? 1 : next[1] == views[1].ngroups ? -1 :
			metric_label_order(views[0].groups[next[0]], views[1].groups[next[1]]);

		places[2 * ngroups] = order <= 0 ? next[0]++ : NO_GROUP;
		places[2 * ngroups++ + 1] = order >= 0 ? next[1]++ : NO_GROUP;
	}
	metric_refuse_rows(&stats[stats[0] == NULL]->span, end - first, ngroups);
	for (bucket = first; bucket < end; bucket++)
		for (g = 0; g < ngroups; g++)
		{
			const MetricCell *cells[2] = {NULL, NULL};
			const MetricCell *label = NULL;
			bool		complete = false;
			bool		unknown[2];
			double		sums[2];
			Datum		values[15] = {0};
			bool		nulls[15] = {false};

			CHECK_FOR_INTERRUPTS();
			for (i = 0; i < 2; i++)
			{
				unknown[i] = stats[i] != NULL && !stats[i]->has_values;
				if (places[2 * g + i] == NO_GROUP)
					continue;
				cells[i] = metric_view_cell(&views[i], bucket, places[2 * g + i]);
				label = views[i].groups[places[2 * g + i]];
			}
			/* a result without events has no values either */
			for (i = 0; i < 2; i++)
				unknown[i] |= stats[i] == NULL && unknown[1 - i];
			if (!metric_begin_row(stats[stats[0] == NULL], label, bucket, values, nulls, &complete))
				break;
			for (i = 0; i < 2 && !complete; i++)
			{
				Datum		begin[2];
				bool		no_begin[2];

				if (stats[i] != NULL)
					(void) metric_span_put(&stats[i]->span, bucket, begin, no_begin, &complete);
			}
			metric_put_ratio(cell_events(cells[0]), cell_events(cells[1]), values + 3, nulls + 3);
			metric_put_ratio(cell_users(cells[0]), cell_users(cells[1]), values + 6, nulls + 6);
			for (i = 0; i < 2; i++)
			{
				sums[i] = metric_cell_sum(cells[i]);
				values[9 + i] = Float8GetDatum(sums[i]);
				nulls[9 + i] = unknown[i];
			}
			nulls[11] = unknown[0] || unknown[1] || sums[1] == 0;
			values[11] = Float8GetDatum(nulls[11] ? 0 : sums[0] / sums[1]);
			values[12] = BoolGetDatum(complete);
			values[13] = Int64GetDatum(cell_value_users(cells[0]));
			values[14] = Int64GetDatum(cell_value_users(cells[1]));
			nulls[13] = unknown[0];
			nulls[14] = unknown[1];
			stats_show_row(&rows, values, nulls);
		}
	PG_RETURN_NULL();
}
