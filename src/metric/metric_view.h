/*-------------------------------------------------------------------------
 *
 * metric_view.h
 *		The cells of a result by bucket and value, to make rows of.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_METRIC_VIEW_H
#define JOURNEY_METRIC_VIEW_H

#include "postgres.h"

#include "metric/metric_stats.h"

/* Buckets go from the first event to the newest, or to the end of observation. */
typedef struct MetricView
{
	const MetricStats *stats;
	int64		first;			/* bucket */
	int64		nbuckets;
	uint32		ngroups;
	const MetricCell **groups;	/* [ngroups]: cells that have the labels */
	const MetricCell **cells;	/* [bucket - first][group], NULL for none */
} MetricView;

extern void metric_view(MetricView *view, MetricStats *stats, MetricScope scope);
extern void metric_view_span(const MetricStats *stats, int64 *first, int64 *last);
extern void metric_refuse_rows(const MetricSpan *span, int64 nbuckets, uint32 ngroups);

/* The cell of a bucket and a group, NULL if there is none. */
static inline const MetricCell *
metric_view_cell(const MetricView *view, int64 bucket, uint32 group)
{
	if (bucket < view->first || bucket >= view->first + view->nbuckets)
		return NULL;
	return view->cells[(bucket - view->first) * view->ngroups + group];
}

/* The sum of a cell's values, 0 if there is none. */
static inline double
metric_cell_sum(const MetricCell *cell)
{
	return cell == NULL || cell->values.count == 0 ? 0 : value_bins_sum(&cell->values);
}

#endif							/* JOURNEY_METRIC_VIEW_H */
