/*-------------------------------------------------------------------------
 *
 * distribution_stats.h
 *		The result of distribution: how many users have which number, in each
 *		bucket.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_DISTRIBUTION_STATS_H
#define JOURNEY_DISTRIBUTION_STATS_H

#include "postgres.h"

#include "metric/metric_stats.h"

/* The number of a user in a bucket. */
typedef enum DistributionMeasure
{
	DISTRIBUTION_TIMES,			/* events */
	DISTRIBUTION_DAYS,			/* days with an event */
	DISTRIBUTION_SUM,			/* of the values */
	DISTRIBUTION_AVERAGE
} DistributionMeasure;

#define DISTRIBUTION_NMEASURES 4

typedef struct DistributionCell
{
	int64		bucket;			/* the calendar's number */
	ValueBins	numbers;		/* of users */
	ValueCounter counter;		/* while they are counted */
} DistributionCell;

typedef struct DistributionStats
{
	MemoryContext context;
	DistributionMeasure measure;
	MetricSpan	span;
	uint32		ncells;
	DistributionCell *cells;	/* in order once they are packed */
	StatsIndex	index;
} DistributionStats;

extern const StatsType distribution_stats_type;
extern const char *const distribution_measure_names[DISTRIBUTION_NMEASURES];

extern DistributionCell *distribution_stats_cell(DistributionStats *stats, int64 bucket);

/* Is the number of a user a count, 1 or more? */
static inline bool
distribution_counts(DistributionMeasure measure)
{
	return measure == DISTRIBUTION_TIMES || measure == DISTRIBUTION_DAYS;
}

#endif							/* JOURNEY_DISTRIBUTION_STATS_H */
