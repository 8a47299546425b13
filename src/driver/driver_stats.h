/*-------------------------------------------------------------------------
 *
 * driver_stats.h
 *		How many users with and without each event reached a goal: a value that
 *		merges.
 *
 * A cell counts the users of a stratum who had an event often enough in time.
 * Those who had not are the other users of the stratum.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_DRIVER_STATS_H
#define JOURNEY_DRIVER_STATS_H

#include "postgres.h"

#include "driver/driver.h"
#include "stats/stats.h"

#define DRIVER_MOST_NUMBERS	8	/* of times, and of days */
#define DRIVER_MOST			100000000	/* a number of times or days */

/*
 * What makes users exposed to an event: at least so many times, in so many days
 * after the entry; by every combination of them.
 */
typedef struct DriverExposure
{
	int			times[DRIVER_MOST_NUMBERS]; /* ascending; 0: no more */
	int			days[DRIVER_MOST_NUMBERS];	/* likewise; none: the whole
											 * window */
} DriverExposure;

static inline int
driver_numbers(const int *numbers)
{
	int			n = 0;

	while (n < DRIVER_MOST_NUMBERS && numbers[n] != 0)
		n++;
	return n;
}

/* How many windows of days there are: without days, the whole one. */
static inline int
driver_ndays(const DriverExposure *exposure)
{
	return Max(1, driver_numbers(exposure->days));
}

/* An exposure is number day * ntimes + time. */
static inline int
driver_nexposures(const DriverExposure *exposure)
{
	return driver_ndays(exposure) * driver_numbers(exposure->times);
}

typedef struct DriverStratum
{
	TextSlice	label;			/* bytes are NULL for none */
	uint64		users;
	uint64		goal_users;
} DriverStratum;

typedef struct DriverCell
{
	uint32		factor;			/* number of the name */
	uint32		exposure;
	TextSlice	stratum;
	uint64		users;			/* who had it, 1 or more */
	uint64		goal_users;
} DriverCell;

typedef struct DriverStats
{
	MemoryContext context;
	int64		within;
	int64		until;			/* as given; PG_INT64_MAX if it was not */
	int64		newest;			/* time of the newest event, or until */
	DriverExposure exposure;
	bool		has_strata;
	uint64		open_users;		/* whose window is not over */
	uint32		nnames;
	TextSlice  *names;			/* ascending */
	uint32		nstrata;
	DriverStratum *strata;		/* ascending, none last */
	StatsIndex	stratum_index;
	uint32		ncells;
	DriverCell *cells;			/* ascending by factor, exposure, stratum */
	StatsIndex	cell_index;
} DriverStats;

extern const StatsType driver_stats_type;

extern int	driver_label_order(TextSlice a, TextSlice b);
extern void driver_stats_append(DriverStats *stats, const DriverCell *cell);

#endif							/* JOURNEY_DRIVER_STATS_H */
