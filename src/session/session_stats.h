/*-------------------------------------------------------------------------
 *
 * session_stats.h
 *		The sessions of a population and the nodes in them: a value that
 *		merges.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SESSION_STATS_H
#define JOURNEY_SESSION_STATS_H

#include "postgres.h"

#include "event/event.h"
#include "stats/stats.h"

/* The sessions of a bucket, of a channel, or of both. */
typedef struct SessionGroup
{
	int64		bucket;			/* by the calendar; 0 for a channel */
	TextSlice	channel;		/* bytes are NULL for none */
	uint64		users;
	Histogram	durations;		/* a duration for each session, */
	Histogram	depths;			/* and its number of events */
} SessionGroup;

/* Users who have sessions of two or more channels. */
typedef struct SessionSet
{
	int64		bucket;			/* in it; 0 for all */
	TextSlice	channels;		/* see session_top.c */
	uint64		users;
} SessionSet;

typedef struct SessionNode
{
	TextSlice	name;
	uint64		views;
	uint64		visitors;
	uint64		entries;		/* sessions that begin here */
	uint64		exits;			/* sessions that end here */
	Histogram	times;			/* to the next event: for each view but the
								 * exits */
} SessionNode;

#define SESSION_CUTS		1	/* events may start and end sessions */
#define SESSION_TRAFFIC		2	/* sessions have channels */
#define SESSION_TOP			4	/* of which the largest are shown */

typedef struct SessionStats
{
	MemoryContext context;
	int64		gap;			/* microseconds */
	uint32		flags;			/* SESSION_* bits */
	TextSlice	zone;			/* name of the time zone of buckets */
	CalendarUnit unit;			/* of buckets */
	TimestampTz until;			/* end of observation; PG_INT64_MAX if it was
								 * not given */
	TimestampTz newest;			/* event, or until; SESSION_NEWEST_UNKNOWN in
								 * version 1 */
	uint64		users;
	uint32		nbuckets;
	SessionGroup *buckets;		/* ascending */
	StatsIndex	bucket_index;
	uint32		nchannels;
	SessionGroup *channels;		/* ascending by name, none at the end */
	StatsIndex	channel_index;
	uint32		ncells;
	SessionGroup *cells;		/* of channels in buckets, ascending by bucket
								 * and name; none in version 1 */
	StatsIndex	cell_index;
	int			top;			/* how many channels are shown; 0: all, and
								 * then there are no sets */
	uint32		nsets;
	SessionSet *sets;			/* ascending by text */
	StatsIndex	set_index;
	uint32		ncell_sets;
	SessionSet *cell_sets;		/* of buckets, ascending by bucket and text */
	StatsIndex	cell_set_index;
	uint32		nnodes;
	SessionNode *nodes;			/* ascending by name */
	StatsIndex	node_index;
} SessionStats;

#define SESSION_NEWEST_UNKNOWN PG_INT64_MIN

/* The longest duration that a histogram counts; a session may be longer. */
#define SESSION_LONGEST ((uint64) DURATION_MAX)

extern const StatsType session_stats_type;

extern void session_stats_total(const SessionStats *stats, SessionGroup *total);
extern bool session_bucket_is_valid(CalendarUnit unit, int64 bucket);
extern int	session_group_order(const void *a, const void *b);
extern int	session_set_order(const void *a, const void *b);

/* session_top.c */
extern TextSlice session_set_text(const TextSlice *names, int n, MemoryContext context);
extern bool session_sets_are_valid(const SessionSet *sets, uint32 nsets,
								   const SessionGroup *groups, uint32 n);
extern void session_show_top(SessionStats *stats);

#endif							/* JOURNEY_SESSION_STATS_H */
