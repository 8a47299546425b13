/*-------------------------------------------------------------------------
 *
 * attribution_stats.h
 *		What the touches of a population get for its conversions: a value that
 *		merges.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ATTRIBUTION_STATS_H
#define JOURNEY_ATTRIBUTION_STATS_H

#include "postgres.h"

#include "attribution/attribution.h"
#include "stats/stats.h"

/* All touches of one name; and the conversions without any, of the direct one. */
typedef struct TouchItem
{
	uint32		node;			/* number of the name */
	uint64		touches;
	uint64		users;			/* who have such a touch, or, of the direct
								 * one, a conversion without any */
	uint64		converted_users;	/* who have a conversion that it led to */
	uint64		conversions;	/* that it led to */
	uint64		steps;			/* touches of these conversions, in all */
	Histogram	times;			/* from a touch to the first conversion that
								 * it led to */
	int128		credits[ATTRIBUTION_NMODELS];	/* units */
	int128		values[ATTRIBUTION_NMODELS];
} TouchItem;

/* The touches of a conversion, or touches that led to none, in order. */
typedef struct PathItem
{
	uint32		length;
	uint32	   *nodes;
	uint64		users;
	uint64		conversions;
	uint64		lost;			/* how often it led to none */
	int128		value;			/* of the conversions, units */
} PathItem;

typedef struct AttributionStats
{
	MemoryContext context;
	int64		look_back;
	bool		reset;
	int			unit;			/* of the bucket of a conversion's touches +
								 * 1; 0: any */
	const char *zone;			/* of the buckets; empty if there are none */
	int64		half_life;
	uint64		first;			/* weights of position */
	uint64		middle;
	uint64		last;
	TextSlice	direct;			/* the name of direct touches */
	int			depth;			/* of paths */
	int			top;			/* how many touches are shown; 0: all */
	TextSlice	through;		/* the name of the step that touches must lead
								 * through; bytes are NULL if there is none */
	bool		held;			/* do touches have a property of their
								 * conversion? */
	bool		has_values;
	uint64		users;			/* who have a touch or a conversion */
	uint64		conversions;
	uint64		converted_users;	/* who have a conversion */
	int128		value;			/* of all conversions */
	uint32		nnames;
	TextSlice  *names;			/* ascending */
	uint32		ntouches;
	TouchItem  *touches;		/* ascending by node */
	StatsIndex	touch_index;
	uint32		npaths;
	PathItem   *paths;			/* ascending by nodes */
	StatsIndex	path_index;
} AttributionStats;

extern const StatsType attribution_stats_type;

extern PathItem *attribution_stats_path(AttributionStats *stats, const uint32 *nodes, uint32 length);

/* Units as a number of conversions, or as a value. */
static inline double
attribution_number(int128 units)
{
	return (double) units / (double) ATTRIBUTION_WHOLE;
}

#endif							/* JOURNEY_ATTRIBUTION_STATS_H */
