/*-------------------------------------------------------------------------
 *
 * metric_stats.c
 *		The type metric_stats: the result of event_metrics over a population.
 *
 * The fields define both forms: see stats/stats.h.  The text form is
 *
 *	{"version": 1, "unit": "day", "time_zone": "UTC",
 *	 "newest": 820540800000000, "top": 0, "has_values": false,
 *	 "cells": [["cell", false, 9497, "app", 12, 7], ...]}
 *
 * and "until" before "newest" if it was given.  A cell has scope, whether it is
 * of the values that are not shown, bucket, value, events and users; and with
 * values of events also the users who have some, and bins of these values: see
 * value_bins.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "metric/metric_stats.h"
#include "miscadmin.h"

/* Buckets of finite times are numbered well within this. */
#define MOST_BUCKET (INT64_C(1) << 40)

static const StatsList metric_cell_list;

static const char *const scope_names[] = {"cell", "bucket", "breakdown", "whole"};

/* Add a cell that is not there. */
MetricCell *
metric_stats_append(MetricStats *stats, const MetricCell *key)
{
	return stats_list_append(&metric_cell_list, stats, key);
}

/* What a cell is shown as. */
TextSlice
metric_label(const MetricCell *cell)
{
	static const TextSlice other = {"(other)", 7};

	return cell->other ? other : cell->label;
}

/* Labels in byte order, none last. */
int
metric_label_order(const MetricCell *left, const MetricCell *right)
{
	const TextSlice a = metric_label(left);
	const TextSlice b = metric_label(right);
	int			order;

	if (a.bytes == NULL || b.bytes == NULL)
		return (a.bytes == NULL) - (b.bytes == NULL);
	order = slice_order(a, b);
	return order != 0 ? order : (int) left->other - (int) right->other;
}

static int
metric_cell_order(const void *a, const void *b)
{
	const MetricCell *left = a;
	const MetricCell *right = b;

	if (left->scope != right->scope)
		return left->scope < right->scope ? -1 : 1;
	if (left->bucket != right->bucket)
		return left->bucket < right->bucket ? -1 : 1;
	return metric_label_order(left, right);
}

static uint64
metric_cell_hash(const void *item)
{
	const MetricCell *cell = item;

	return spread((uint64) cell->bucket * 8191 + (uint64) cell->scope * 2 + cell->other) ^
		stats_text_hash(cell->label);
}

static bool
metric_has_values(const void *any)
{
	return ((const MetricStats *) any)->has_values;
}

/* Could this cell have been counted? */
static bool
metric_cell_is_valid(void *any, void *item, const void *before)
{
	const MetricStats *stats = any;
	const MetricCell *cell = item;
	const bool	of_bucket = cell->scope == METRIC_CELL || cell->scope == METRIC_BUCKET;
	const bool	of_value = cell->scope == METRIC_CELL || cell->scope == METRIC_BREAKDOWN;

	if ((!of_bucket && cell->bucket != 0) || (!of_value && (cell->other || cell->label.bytes != NULL)) ||
		(cell->other && (stats->top == 0 || cell->label.bytes != NULL)) ||
		cell->users > cell->events || cell->value_users > cell->users)
		return false;
	if (cell->scope != METRIC_CELL)
		return cell->values.count == 0;
	return cell->values.count <= cell->events && cell->value_users <= cell->values.count &&
		(cell->value_users == 0) == (cell->values.count == 0);
}

/* Take a cell from the total of a scope that it belongs to; false if it cannot be a part of that. */
static bool
metric_take_from_total(const MetricStats *stats, uint64 *left, const MetricCell *cell, MetricCell key)
{
	const MetricCell *total = bsearch(&key, stats->cells, stats->ncells, sizeof(MetricCell), metric_cell_order);

	if (total == NULL || left[total - stats->cells] < cell->events || total->users < cell->users ||
		total->value_users < cell->value_users)
		return false;
	left[total - stats->cells] -= cell->events;
	return true;
}

/* Is each total that of its cells, of which none has more users? */
static bool
metric_is_valid(void *any)
{
	const MetricStats *stats = any;
	uint64	   *left = MemoryContextAllocHuge(stats->context, ((Size) stats->ncells + 1) * sizeof(uint64));
	bool		valid = true;
	uint32		i;

	for (i = 0; i < stats->ncells; i++)
		left[i] = stats->cells[i].scope == METRIC_CELL ? 0 : stats->cells[i].events;
	for (i = 0; i < stats->ncells && valid; i++)
	{
		const MetricCell *cell = &stats->cells[i];
		const MetricCell of_bucket = {.scope = METRIC_BUCKET,.bucket = cell->bucket};
		const MetricCell of_value = {.scope = METRIC_BREAKDOWN,.label = cell->label,.other = cell->other};
		const MetricCell whole = {.scope = METRIC_WHOLE};

		if (cell->scope == METRIC_CELL)
			valid = metric_take_from_total(stats, left, cell, of_bucket) &&
				metric_take_from_total(stats, left, cell, of_value) &&
				metric_take_from_total(stats, left, cell, whole);
		if (i % 1024 == 1023)
			CHECK_FOR_INTERRUPTS();
	}
	for (i = 0; i < stats->ncells && valid; i++)
		valid = left[i] == 0;
	pfree(left);
	return valid;
}

static bool
metric_zone_is_valid(void *any)
{
	return metric_span_has_zone(&((const MetricStats *) any)->span);
}

static bool
metric_newest_is_valid(void *any)
{
	const MetricStats *stats = any;

	return stats->span.until == PG_INT64_MAX || stats->span.newest == stats->span.until;
}

/* What a result is, for messages. */
static char *
metric_describe(const void *any)
{
	const MetricStats *stats = any;

	return psprintf("%s%s%s", metric_span_text(&stats->span),
					stats->top == 0 ? "" : psprintf(", top %d", stats->top),
					stats->has_values ? ", of a value" : "");
}

/* The next cell of a label, from the ith on. */
static uint32
metric_next_label(const MetricStats *stats, uint32 i)
{
	while (i < stats->ncells && stats->cells[i].scope != METRIC_BREAKDOWN)
		i++;
	return i;
}

/* Have two results the same values?  Cells are in order. */
bool
metric_same_labels(const MetricStats *a, const MetricStats *b)
{
	uint32		i = metric_next_label(a, 0);
	uint32		j = metric_next_label(b, 0);

	while (i < a->ncells && j < b->ncells && metric_label_order(&a->cells[i], &b->cells[j]) == 0)
	{
		i = metric_next_label(a, i + 1);
		j = metric_next_label(b, j + 1);
	}
	return i == a->ncells && j == b->ncells;
}

/* Users of values that are not shown are counted for these values only. */
static void
metric_check_sum(const void *into, const void *from)
{
	if (((const MetricStats *) into)->top > 0 && !metric_same_labels(into, from))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot roll up metrics that show different values"),
				 errdetail("With the option top each has chosen the values with the most users among its own."),
				 errhint("Leave top out.")));
}

static void
metric_write_bins(StatsWriter *out, const void *stats, const void *item)
{
	value_bins_write(out, &((const MetricCell *) item)->values);
}

static bool
metric_read_bins(ByteReader *in, void *stats, void *item)
{
	return value_bins_read(in, &((MetricCell *) item)->values);
}

static void
metric_append_bins(StatsText *out, const char *name, const void *stats, const void *item)
{
	value_bins_append(out, name, &((const MetricCell *) item)->values);
}

static void
metric_parse_bins(StatsJson *in, const char *name, void *stats, void *item)
{
	value_bins_parse(in, name, &((MetricCell *) item)->values);
}

static void
metric_merge_bins(void *stats, void *item, const void *from)
{
	value_bins_merge(&((MetricCell *) item)->values, &((const MetricCell *) from)->values,
					 ((MetricStats *) stats)->context);
}

static const StatsHand bins_hand = {
	.write = metric_write_bins,.read = metric_read_bins,.append = metric_append_bins,.parse = metric_parse_bins,.merge = metric_merge_bins
};

static const StatsField metric_cell_fields[] = {
	STATS_NUMBER_FIELD(NULL, MetricCell, scope, 0, METRIC_WHOLE, STATS_NAMED(scope_names), STATS_IS_KEY),
	STATS_NUMBER_FIELD(NULL, MetricCell, other, 0, 1, STATS_IS_KEY),
	STATS_FIELD_WITHIN(STATS_STEP, NULL, MetricCell, bucket, -MOST_BUCKET, MOST_BUCKET, STATS_IS_KEY),
	STATS_FIELD(STATS_TEXT, NULL, MetricCell, label, STATS_NULLABLE, STATS_IS_KEY),
	STATS_FIELD_WITHIN(STATS_NUMBER, NULL, MetricCell, events, 1, PG_INT64_MAX, STATS_MERGED(STATS_SUM), STATS_COUNTED("events")),
	STATS_FIELD_WITHIN(STATS_NUMBER, NULL, MetricCell, users, 1, PG_INT64_MAX, STATS_MERGED(STATS_SUM)),
	STATS_COUNTER_FIELD(NULL, MetricCell, value_users, STATS_WHEN(metric_has_values)),
	STATS_HAND_FIELD(NULL, &bins_hand, STATS_WHEN(metric_has_values))
};

static const StatsList metric_cell_list = {
	STATS_FIELDS(metric_cell_fields),
	STATS_LIST_OF(MetricStats, MetricCell, cells, index),
	.least_bytes = 6,
	.form = STATS_ARRAYS,
	.hash = metric_cell_hash,
	.order = metric_cell_order,
	.is_valid = metric_cell_is_valid
};

static const StatsField metric_fields[] = {
	STATS_NUMBER_FIELD("unit", MetricStats, span.unit, 0, CALENDAR_LAST, STATS_NAMED(calendar_unit_names)),
	STATS_FIELD(STATS_ZONE, "time_zone", MetricStats, span.zone),
	STATS_FIELD(STATS_UNTIL, "until", MetricStats, span.until),
	STATS_CHECK_FIELD("time_zone", metric_zone_is_valid),
	STATS_FIELD_WITHIN(STATS_SIGNED, "newest", MetricStats, span.newest, EVENT_TIME_MIN, EVENT_TIME_END - 1, STATS_MERGED(STATS_LATEST)),
	STATS_CHECK_FIELD("newest", metric_newest_is_valid),
	STATS_NUMBER_FIELD("top", MetricStats, top, 0, STATS_TOP_MOST),
	STATS_NUMBER_FIELD("has_values", MetricStats, has_values, 0, 1),
	STATS_COUNT_FIELD(&metric_cell_list),
	STATS_LIST_FIELD("cells", &metric_cell_list)
};

const StatsType metric_stats_type = {
	.name = "metric_stats",
	.makers = "event_metrics()",
	.format = 1,
	.size = sizeof(MetricStats),
	STATS_FIELDS(metric_fields),
	.whole = "cells",
	.differ = "metrics that differ in unit, time zone, until, top or whether there is a value",
	.is_valid = metric_is_valid,
	.check_sum = metric_check_sum,
	.describe = metric_describe
};

STATS_TYPE_FUNCTIONS(journey_metric_stats, journey_metric_rollup, metric_stats_type)

/* Give the cells of a scope the values of the cells that they are the total of. */
void
metric_sum_values(MetricStats *stats, MetricScope scope)
{
	const uint32 ncells = stats->ncells;
	uint32		i;

	if (!stats->has_values || scope == METRIC_CELL)
		return;
	for (i = 0; i < ncells; i++)
	{
		const MetricCell *cell = &stats->cells[i];
		const ValueBins values = cell->values;
		MetricCell	key = {.scope = scope};

		if (cell->scope != METRIC_CELL)
			continue;
		if (scope == METRIC_BUCKET)
			key.bucket = cell->bucket;
		else if (scope == METRIC_BREAKDOWN)
		{
			key.label = cell->label;
			key.other = cell->other;
		}
		value_bins_merge(&((MetricCell *) stats_list_item(&metric_cell_list, stats, &key))->values,
						 &values, stats->context);
		CHECK_FOR_INTERRUPTS();
	}
}
