/*-------------------------------------------------------------------------
 *
 * distribution_stats.c
 *		The type distribution_stats: the result of distribution over a
 *		population.
 *
 * The fields define both forms: see stats/stats.h.  The text form is
 *
 *	{"version": 1, "measure": "times", "unit": "day", "time_zone": "UTC",
 *	 "newest": 820540800000000, "cells": [[9497, [0, 0, [393216, 1, 0, 0]]]]}
 *
 * and "until" before "newest" if it was given.  A cell has a bucket and bins of
 * the numbers of users: see value_bins.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "metric/distribution_stats.h"

/* Buckets of finite times are numbered well within this. */
#define MOST_BUCKET (INT64_C(1) << 40)

static const StatsList distribution_cell_list;

const char *const distribution_measure_names[DISTRIBUTION_NMEASURES] = {
	"times", "days", "sum", "average"
};

/* The cell of a bucket, made if there is none. */
DistributionCell *
distribution_stats_cell(DistributionStats *stats, int64 bucket)
{
	const DistributionCell key = {.bucket = bucket};

	return stats_list_item(&distribution_cell_list, stats, &key);
}

static int
distribution_cell_order(const void *a, const void *b)
{
	const int64 left = ((const DistributionCell *) a)->bucket;
	const int64 right = ((const DistributionCell *) b)->bucket;

	return (left > right) - (left < right);
}

static uint64
distribution_cell_hash(const void *item)
{
	return spread((uint64) ((const DistributionCell *) item)->bucket);
}

/* Counts are whole numbers from 1.  Those below 256 are alone in their bins. */
static bool
distribution_cell_is_valid(void *any, void *item, const void *before)
{
	const ValueBins *numbers = &((const DistributionCell *) item)->numbers;
	uint32		i;

	if (numbers->count == 0)
		return false;
	if (!distribution_counts(((const DistributionStats *) any)->measure))
		return true;
	for (i = 0; i < numbers->nbins; i++)
	{
		const ValueBin *bin = &numbers->bins[i];
		const double lower = value_of_bits((uint64) bin->number << VALUE_LOW_BITS);

		if (lower < 256 && (bin->high > 0 || bin->low > 0 || lower != floor(lower)))
			return false;
	}
	return value_of_bits(numbers->least) >= 1 && value_of_bits(numbers->most) < 9.2e18;
}

static bool
distribution_zone_is_valid(void *any)
{
	return metric_span_has_zone(&((const DistributionStats *) any)->span);
}

static bool
distribution_newest_is_valid(void *any)
{
	const DistributionStats *stats = any;

	return stats->span.until == PG_INT64_MAX || stats->span.newest == stats->span.until;
}

static char *
distribution_describe(const void *any)
{
	const DistributionStats *stats = any;

	return psprintf("%s %s", distribution_measure_names[stats->measure], metric_span_text(&stats->span));
}

static void
distribution_write_bins(StatsWriter *out, const void *stats, const void *item)
{
	value_bins_write(out, &((const DistributionCell *) item)->numbers);
}

static bool
distribution_read_bins(ByteReader *in, void *stats, void *item)
{
	return value_bins_read(in, &((DistributionCell *) item)->numbers);
}

static void
distribution_append_bins(StatsText *out, const char *name, const void *stats, const void *item)
{
	value_bins_append(out, name, &((const DistributionCell *) item)->numbers);
}

static void
distribution_parse_bins(StatsJson *in, const char *name, void *stats, void *item)
{
	value_bins_parse(in, name, &((DistributionCell *) item)->numbers);
}

static void
distribution_merge_bins(void *stats, void *item, const void *from)
{
	value_bins_merge(&((DistributionCell *) item)->numbers, &((const DistributionCell *) from)->numbers,
					 ((DistributionStats *) stats)->context);
}

static const StatsHand numbers_hand = {
	.write = distribution_write_bins,.read = distribution_read_bins,.append = distribution_append_bins,.parse = distribution_parse_bins,.merge = distribution_merge_bins
};

static const StatsField distribution_cell_fields[] = {
	STATS_FIELD_WITHIN(STATS_STEP, NULL, DistributionCell, bucket, -MOST_BUCKET, MOST_BUCKET, STATS_IS_KEY),
	STATS_HAND_FIELD(NULL, &numbers_hand)
};

static const StatsList distribution_cell_list = {
	STATS_FIELDS(distribution_cell_fields),
	STATS_LIST_OF(DistributionStats, DistributionCell, cells, index),
	.least_bytes = 2,
	.form = STATS_ARRAYS,
	.hash = distribution_cell_hash,
	.order = distribution_cell_order,
	.is_valid = distribution_cell_is_valid
};

static const StatsField distribution_fields[] = {
	STATS_NUMBER_FIELD("measure", DistributionStats, measure, 0, DISTRIBUTION_NMEASURES - 1, STATS_NAMED(distribution_measure_names)),
	STATS_NUMBER_FIELD("unit", DistributionStats, span.unit, 0, CALENDAR_LAST, STATS_NAMED(calendar_unit_names)),
	STATS_FIELD(STATS_ZONE, "time_zone", DistributionStats, span.zone),
	STATS_FIELD(STATS_UNTIL, "until", DistributionStats, span.until),
	STATS_CHECK_FIELD("time_zone", distribution_zone_is_valid),
	STATS_FIELD_WITHIN(STATS_SIGNED, "newest", DistributionStats, span.newest, EVENT_TIME_MIN, EVENT_TIME_END - 1, STATS_MERGED(STATS_LATEST)),
	STATS_CHECK_FIELD("newest", distribution_newest_is_valid),
	STATS_COUNT_FIELD(&distribution_cell_list),
	STATS_LIST_FIELD("cells", &distribution_cell_list)
};

const StatsType distribution_stats_type = {
	.name = "distribution_stats",
	.makers = "distribution()",
	.format = 1,
	.size = sizeof(DistributionStats),
	STATS_FIELDS(distribution_fields),
	.whole = "cells",
	.differ = "distributions that differ in measure, unit, time zone or until",
	.describe = distribution_describe
};

STATS_TYPE_FUNCTIONS(journey_distribution_stats, journey_distribution_rollup, distribution_stats_type)
