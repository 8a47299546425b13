/*-------------------------------------------------------------------------
 *
 * loss_stats.h
 *		Why the users of a funnel stopped: a value that merges.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_LOSS_STATS_H
#define JOURNEY_LOSS_STATS_H

#include "postgres.h"

#include "loss/loss.h"
#include "stats/stats.h"

/* Users who stopped at a step for a reason and did the same next. */
typedef struct LossItem
{
	int			step;			/* from 1; 0: their chain was dropped */
	LossReason	reason;
	TextSlice	node;			/* what they did; bytes are NULL: nothing */
	uint64		users;
} LossItem;

/* How late those who stopped at a step were for the next one. */
typedef struct LossLate
{
	int			step;
	Histogram	lateness;
} LossLate;

typedef struct LossStats
{
	MemoryContext context;
	int			nsteps;
	int64		within;
	TextSlice	options;		/* as funnel_append_options() writes them */
	bool		held;			/* do chains hold a property constant? */
	int64		until;			/* PG_INT64_MAX: none was given */
	uint64		users;			/* who entered the funnel */
	uint64		completed;		/* who reached its last step */
	uint32		nitems;
	LossItem   *items;			/* ascending by step, reason and node */
	StatsIndex	item_index;
	uint32		nlates;
	LossLate   *lates;			/* ascending by step */
	StatsIndex	late_index;
} LossStats;

extern const StatsType loss_stats_type;

extern LossStats *loss_stats_new(MemoryContext context, int nsteps, const FunnelSpec *spec, bool held, int64 until);
extern void loss_stats_count(LossStats *stats, int step, LossReason reason, TextSlice node, int64 lateness);

#endif							/* JOURNEY_LOSS_STATS_H */
