/*-------------------------------------------------------------------------
 *
 * survival_stats.h
 *		The result of survival: users by the period in which they ended or
 *		were censored, a value that merges.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SURVIVAL_STATS_H
#define JOURNEY_SURVIVAL_STATS_H

#include "postgres.h"

#include "stats/stats.h"
#include "survival/survival.h"
#include "time/time.h"

#define SURVIVAL_PERIODS_MOST 10000

/* Users of a group in a period. */
typedef struct SurvivalCell
{
	TextSlice	label;			/* of the group; bytes are NULL for none */
	int			period;			/* since the start, from 0; the last has all
								 * who stay longer, too, as censored */
	SurvivalCounts counts;
} SurvivalCell;

typedef struct SurvivalStats
{
	MemoryContext context;
	CalendarUnit unit;
	bool		rolling;
	int			periods;		/* the last one */
	const char *zone;			/* name of the time zone */
	int64		until;			/* PG_INT64_MAX: observation ends with each
								 * user's last event */
	bool		by;				/* has it groups? */
	uint32		ncells;
	SurvivalCell *cells;		/* in order once they are packed */
	StatsIndex	index;
} SurvivalStats;

extern const StatsType survival_stats_type;

extern SurvivalCell *survival_stats_cell(SurvivalStats *stats, TextSlice label, int period);

#endif							/* JOURNEY_SURVIVAL_STATS_H */
