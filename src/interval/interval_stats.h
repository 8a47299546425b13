/*-------------------------------------------------------------------------
 *
 * interval_stats.h
 *		The result of an interval analysis over a population: a value that
 *		merges.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_INTERVAL_STATS_H
#define JOURNEY_INTERVAL_STATS_H

#include "postgres.h"

#include "interval/interval.h"
#include "stats/stats.h"

typedef struct IntervalStats
{
	MemoryContext context;
	int			nsteps;			/* 2: from start to end; 1: from each event to
								 * the next */
	IntervalSpec spec;
	uint64		users;			/* who have at least one interval */
	Histogram	times;
} IntervalStats;

extern const StatsType interval_stats_type;

extern IntervalStats *interval_stats_new(MemoryContext context, int nsteps,
										 const IntervalSpec *spec);

#endif							/* JOURNEY_INTERVAL_STATS_H */
