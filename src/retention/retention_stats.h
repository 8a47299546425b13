/*-------------------------------------------------------------------------
 *
 * retention_stats.h
 *		The result of a cohort retention: a value that merges.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_RETENTION_STATS_H
#define JOURNEY_RETENTION_STATS_H

#include "postgres.h"

#include "aggregate/aggregate.h"
#include "retention/retention_kernel.h"
#include "stats/stats.h"
#include "time/time.h"

/* The users who started in one bucket of the calendar, of a breakdown those of one value. */
typedef struct RetentionCohort
{
	int64		number;			/* of the bucket: see time/calendar.h */
	TextSlice	label;			/* of a breakdown: bytes are NULL for no value */
	int64		begin;			/* of the bucket */
	int64		end;			/* of the bucket, where periods are rolling */
	uint64		users;
	int			ncells;			/* how many of the cells have numbers yet */
	uint64	   *counts;			/* [ncells]: users, as CohortCell counts them */
	double	   *values;			/* [ncells]: sums; NULL without values */
} RetentionCohort;

typedef struct RetentionStats
{
	MemoryContext context;
	CalendarUnit unit;
	bool		rolling;		/* do periods begin at the user's own start? */
	CohortSpec	spec;
	Breakdown	breakdown;
	const char *zone;			/* name of the time zone; empty if not known,
								 * as version 1 of the format did not hold it */
	int64		until;			/* the end of observation, as it was given;
								 * PG_INT64_MAX if it was not */
	int64		newest;			/* that, or the newest event: the number of
								 * its bucket, or if periods are rolling, its
								 * time */
	uint32		ncohorts;
	RetentionCohort *cohorts;	/* in order once they are packed */
	StatsIndex	index;
} RetentionStats;

extern const char *const cohort_returns_names[COHORT_NRETURNS];
extern const StatsType retention_stats_type;

extern RetentionStats *retention_stats_new(MemoryContext context, CalendarUnit unit,
										   bool rolling, const CohortSpec *spec,
										   const char *zone);
extern RetentionCohort *retention_cohort(RetentionStats *stats, int64 number, TextSlice label);
extern ShownLabels retention_stats_shown(const RetentionStats *stats);
extern RetentionStats *retention_stats_top(RetentionStats *stats);
extern void retention_cohort_cells(RetentionStats *stats, RetentionCohort *cohort, int ncells);
extern void retention_cohort_add(RetentionStats *stats, RetentionCohort *cohort,
								 const CohortCell *cells, int n);

#endif							/* JOURNEY_RETENTION_STATS_H */
