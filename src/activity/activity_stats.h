/*-------------------------------------------------------------------------
 *
 * activity_stats.h
 *		The result of an activity analysis over a population: a value that
 *		merges.
 *
 * The result of every analysis is a list of cells: the number of users with a
 * key in a bucket of the calendar.
 *
 *	lifecycle	the key is a LifecycleState
 *	ratio		the key is an ActivityEdge: users whose last active buckets come
 *				into the window in this bucket, or have left it
 *	stickiness	the bucket is one of the longer unit, the key how many of its
 *				shorter units the users were active in
 *	frequency	one bucket, 0; the key is how often users did it
 *
 * In a breakdown the users are in groups, and each group has its own cells.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ACTIVITY_STATS_H
#define JOURNEY_ACTIVITY_STATS_H

#include "postgres.h"

#include "activity/activity.h"
#include "aggregate/aggregate.h"
#include "stats/stats.h"
#include "time/time.h"

typedef enum ActivityKind
{
	ACTIVITY_LIFECYCLE,
	ACTIVITY_RATIO,
	ACTIVITY_STICKINESS,
	ACTIVITY_FREQUENCY
} ActivityKind;

#define ACTIVITY_NKINDS 4

typedef enum ActivityEdge
{
	EDGE_SHORT_BEGIN,
	EDGE_SHORT_END,
	EDGE_LONG_BEGIN,
	EDGE_LONG_END
} ActivityEdge;

/* Of a frequency: not in units of the calendar, but each time. */
#define ACTIVITY_TIMES (CALENDAR_LAST + 1)
#define ACTIVITY_NUNITS (CALENDAR_LAST + 2)

/* The longest window, in buckets, and the most rows that an accessor gives. */
#define ACTIVITY_LONGEST_WINDOW 100000
#define ACTIVITY_MOST_BUCKETS 1000000

typedef struct ActivityCell
{
	TextSlice	label;			/* of its group in a breakdown */
	int64		bucket;			/* its number, see activity_calendar.h */
	uint64		key;
	uint64		users;
} ActivityCell;

/* The users of a value in a breakdown. */
typedef struct ActivityGroup
{
	TextSlice	label;			/* bytes are NULL for no value */
	uint64		users;			/* active at any time */
} ActivityGroup;

/* What results must have in common to be added up. */
typedef struct ActivitySpec
{
	ActivityKind kind;
	int			unit;			/* a CalendarUnit, or ACTIVITY_TIMES */
	CalendarUnit over_unit;		/* of stickiness */
	int			short_window;	/* of a ratio, in buckets */
	int			long_window;
	const char *zone;			/* name of the time zone */
	int64		until;			/* the end of observation, as it was given;
								 * PG_INT64_MAX if it was not */
	Breakdown	breakdown;
} ActivitySpec;

typedef struct ActivityStats
{
	MemoryContext context;
	ActivitySpec spec;
	int64		newest;			/* time of the newest event, or until */
	uint32		ngroups;
	ActivityGroup *groups;		/* of a breakdown, in order once they are
								 * packed, as the cells */
	StatsIndex	group_index;
	uint32		ncells;
	ActivityCell *cells;		/* in order once they are packed */
	StatsIndex	index;
} ActivityStats;

extern const StatsType activity_stats_type;
extern const char *const activity_kind_names[ACTIVITY_NKINDS];

extern int	activity_unit(const char *name, size_t length, bool times);
extern bool activity_units_nest(int unit, CalendarUnit over_unit);
extern ActivityStats *activity_stats_new(MemoryContext context, const ActivitySpec *spec);
extern void activity_stats_count(ActivityStats *stats, int64 bucket, uint64 key, uint64 users);
extern uint32 activity_stats_group(ActivityStats *stats, TextSlice label);
extern void activity_stats_add_group(ActivityStats *stats, uint32 number, const ActivityStats *group);
extern ShownLabels activity_stats_shown(const ActivityStats *stats);
extern ActivityStats *activity_stats_top(ActivityStats *stats);

static inline bool
activity_stats_is_by(const ActivityStats *stats)
{
	return stats->spec.breakdown.value != BREAKDOWN_NONE;
}

#endif							/* JOURNEY_ACTIVITY_STATS_H */
