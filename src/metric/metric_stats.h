/*-------------------------------------------------------------------------
 *
 * metric_stats.h
 *		The result of event_metrics: a value that merges.
 *
 * A cell counts a breakdown value in a bucket.  As a user may have several
 * values and be in several buckets, the users of each bucket, of each value,
 * and of all are counted in cells of their own.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_METRIC_STATS_H
#define JOURNEY_METRIC_STATS_H

#include "postgres.h"

#include "aggregate/aggregate.h"
#include "metric/metric.h"
#include "stats/stats.h"
#include "time/time.h"

typedef enum MetricScope
{
	METRIC_CELL,				/* a value in a bucket */
	METRIC_BUCKET,				/* all values in a bucket */
	METRIC_BREAKDOWN,			/* a value in all buckets */
	METRIC_WHOLE				/* all values in all buckets */
} MetricScope;

typedef struct MetricCell
{
	MetricScope scope;
	bool		other;			/* the values that are not shown, together */
	int64		bucket;			/* the calendar's number; 0 of all buckets */
	TextSlice	label;			/* the value; bytes are NULL for none */
	uint64		events;
	uint64		users;
	uint64		value_users;	/* who have an event with a value */
	ValueBins	values;			/* of a METRIC_CELL */
} MetricCell;

/* The buckets of a result. */
typedef struct MetricSpan
{
	CalendarUnit unit;
	const char *zone;			/* name of the time zone */
	int64		until;			/* the end of observation, as it was given;
								 * PG_INT64_MAX if it was not */
	int64		newest;			/* time of the newest event, or until */
} MetricSpan;

typedef struct MetricStats
{
	MemoryContext context;
	MetricSpan	span;
	int			top;			/* how many labels are shown; 0: all */
	bool		has_values;
	uint32		ncells;
	MetricCell *cells;			/* in order once they are packed */
	StatsIndex	index;
} MetricStats;

/* The most rows that an accessor gives. */
#define METRIC_MOST_ROWS 1000000

extern const StatsType metric_stats_type;

extern MetricCell *metric_stats_append(MetricStats *stats, const MetricCell *key);
extern TextSlice metric_label(const MetricCell *cell);
extern int	metric_label_order(const MetricCell *left, const MetricCell *right);
extern bool metric_same_labels(const MetricStats *a, const MetricStats *b);
extern void metric_sum_values(MetricStats *stats, MetricScope scope);

/* metric_span.c */
extern bool metric_span_has_zone(const MetricSpan *span);
extern char *metric_span_text(const MetricSpan *span);
extern int64 metric_span_last(const MetricSpan *span);
extern void metric_span_refuse_rows(const MetricSpan *span, int64 nbuckets);
extern bool metric_span_put(const MetricSpan *span, int64 bucket, Datum *values, bool *nulls, bool *complete);

/* value_bins.c */
extern void value_bins_write(StatsWriter *out, const ValueBins *bins);
extern bool value_bins_read(ByteReader *in, ValueBins *bins);
extern void value_bins_append(StatsText *out, const char *name, const ValueBins *bins);
extern void value_bins_parse(StatsJson *in, const char *name, ValueBins *bins);
extern void value_bins_merge(ValueBins *into, const ValueBins *from, MemoryContext context);

/* A table in which to count values fast. */
typedef struct ValueCounter
{
	ValueBins	counted;		/* without its bins */
	uint32		nslots;			/* a power of two */
	uint32		n;				/* in use */
	ValueBin   *slots;			/* whose count is 0: free */
} ValueCounter;

extern void value_counter_add(ValueCounter *counter, double value, MemoryContext context);
extern void value_counter_finish(ValueCounter *counter, ValueBins *bins, MemoryContext context);

#endif							/* JOURNEY_METRIC_STATS_H */
