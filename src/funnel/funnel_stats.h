/*-------------------------------------------------------------------------
 *
 * funnel_stats.h
 *		The result of a funnel over a population: a value that merges.
 *
 * A result holds groups: one without a label for funnel(), one for each value
 * for funnel_breakdown(), one for each calendar bucket for funnel_trend(), one
 * for each value in each bucket for funnel_trend_breakdown().
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_FUNNEL_STATS_H
#define JOURNEY_FUNNEL_STATS_H

#include "postgres.h"

#include "funnel/funnel_params.h"
#include "stats/stats.h"
#include "time/time.h"

typedef enum FunnelKind
{
	FUNNEL_WHOLE,				/* one group */
	FUNNEL_BREAKDOWN,			/* groups by label */
	FUNNEL_TREND,				/* groups by bucket */
	FUNNEL_TREND_BREAKDOWN		/* groups by both */
} FunnelKind;

typedef struct FunnelGroup
{
	TextSlice	label;			/* bytes are NULL for a NULL label */
	int64		bucket;			/* begin of the bucket */
	int64		complete_at;	/* end of the bucket and of the last window in
								 * it */
	uint64	   *users;			/* [nsteps]: users who reached the step */
	Histogram  *from_before;	/* [nsteps]: time from the step before; [0]
								 * unused */
	Histogram  *from_start;		/* [nsteps]: time from step 1; [0] unused */
} FunnelGroup;

typedef struct FunnelStats
{
	MemoryContext context;
	FunnelKind	kind;
	int			nsteps;
	FunnelSpec	spec;
	TextSlice	rules;			/* those of spec as options; no bytes if it
								 * has none */
	bool		each_value;		/* of a breakdown: is a user in the group of
								 * each value? */
	int			top;			/* of a breakdown: how many values are shown;
								 * 0: all */
	CalendarUnit unit;			/* of a trend */
	const char *zone;			/* of a trend: the name of its time zone,
								 * empty if not known, as version 1 of the
								 * format did not hold it */
	int64		until;			/* of a trend: the end of observation, as it
								 * was given; PG_INT64_MAX if it was not */
	int64		newest;			/* of a trend: that, or the time of the newest
								 * event */
	uint32		ngroups;
	FunnelGroup *groups;		/* in order once they are packed */
	StatsIndex	index;
} FunnelStats;

/* Are groups by bucket, or by label? */
static inline bool
funnel_has_buckets(const FunnelStats *stats)
{
	return stats->kind == FUNNEL_TREND || stats->kind == FUNNEL_TREND_BREAKDOWN;
}

static inline bool
funnel_has_labels(const FunnelStats *stats)
{
	return stats->kind == FUNNEL_BREAKDOWN || stats->kind == FUNNEL_TREND_BREAKDOWN;
}

extern const StatsType funnel_stats_type;

extern FunnelStats *funnel_stats_new(MemoryContext context, FunnelKind kind, int nsteps,
									 const FunnelSpec *spec);
extern FunnelGroup *funnel_stats_group(FunnelStats *stats, TextSlice label, int64 bucket);
extern void funnel_group_add(FunnelStats *stats, FunnelGroup *group, const int64 *times,
							 int level);
extern FunnelStats *funnel_stats_whole(const FunnelStats *stats);
extern FunnelStats *funnel_stats_top(FunnelStats *stats);

#endif							/* JOURNEY_FUNNEL_STATS_H */
