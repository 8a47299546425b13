/*-------------------------------------------------------------------------
 *
 * metric_view.c
 *		The cells of a result by bucket and value, to make rows of.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "metric/metric_view.h"
#include "miscadmin.h"

/* Refuse more rows than an accessor gives. */
void
metric_refuse_rows(const MetricSpan *span, int64 nbuckets, uint32 ngroups)
{
	metric_span_refuse_rows(span, nbuckets);
	if (nbuckets * ngroups > METRIC_MOST_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%u values have " INT64_FORMAT " buckets of unit \"%s\" each, together more than %d",
						ngroups, nbuckets, calendar_unit_name(span->unit), METRIC_MOST_ROWS),
				 errhint("Show fewer values, with the option 'top 10', or use a longer unit.")));
}

/* The buckets from the first to the last; the first is after the last if there are none. */
void
metric_view_span(const MetricStats *stats, int64 *first, int64 *last)
{
	uint32		i;

	*last = metric_span_last(&stats->span);
	*first = *last + 1;
	for (i = 0; i < stats->ncells; i++)
		if (stats->cells[i].scope == METRIC_BUCKET)
			*first = Min(*first, stats->cells[i].bucket);
}

static int
metric_group_order(const void *a, const void *b)
{
	return metric_label_order(*(const MetricCell *const *) a, *(const MetricCell *const *) b);
}

/*
 * Lay out the cells of a scope: METRIC_CELL, or METRIC_BUCKET, whose only group
 * is that of all values.
 */
void
metric_view(MetricView *view, MetricStats *stats, MetricScope scope)
{
	static const MetricCell all = {.scope = METRIC_BUCKET};
	const MetricCell *whole = &all;
	int64		last;
	uint32		i;

	metric_sum_values(stats, scope);
	view->stats = stats;
	view->ngroups = 0;
	view->groups = MemoryContextAllocHuge(CurrentMemoryContext,
										  ((Size) stats->ncells + 1) * sizeof(MetricCell *));
	for (i = 0; i < stats->ncells; i++)
		if (stats->cells[i].scope == METRIC_BREAKDOWN && scope == METRIC_CELL)
			view->groups[view->ngroups++] = &stats->cells[i];
	if (scope == METRIC_BUCKET)
		view->groups[view->ngroups++] = whole;
	metric_view_span(stats, &view->first, &last);
	view->nbuckets = last + 1 - view->first;
	metric_refuse_rows(&stats->span, view->nbuckets, view->ngroups);
	view->cells = MemoryContextAllocExtended(CurrentMemoryContext,
											 ((Size) view->nbuckets * view->ngroups + 1) * sizeof(MetricCell *),
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < stats->ncells; i++)
	{
		const MetricCell *cell = &stats->cells[i];
		const MetricCell **group = &whole;

		if (cell->scope != scope || cell->bucket < view->first || cell->bucket > last)
			continue;
		if (scope == METRIC_CELL)
			group = bsearch(&cell, view->groups, view->ngroups, sizeof(MetricCell *), metric_group_order);
		if (group != NULL)		/* but for hostile values */
			view->cells[(cell->bucket - view->first) * view->ngroups +
						(scope == METRIC_CELL ? group - view->groups : 0)] = cell;
	}
}
