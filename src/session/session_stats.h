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

/* The sessions of a day, or of a channel. */
typedef struct SessionGroup
{
	int64		day;			/* by the calendar, from 2000-01-01; 0 for a
								 * channel */
	TextSlice	channel;		/* bytes are NULL for none */
	uint64		users;
	Histogram	durations;		/* a duration for each session, */
	Histogram	depths;			/* and its number of events */
} SessionGroup;

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

typedef struct SessionStats
{
	MemoryContext context;
	int64		gap;			/* microseconds */
	uint32		flags;			/* SESSION_* bits */
	TextSlice	zone;			/* name of the time zone of days */
	uint64		users;
	uint32		ndays;
	SessionGroup *days;			/* ascending */
	StatsIndex	day_index;
	uint32		nchannels;
	SessionGroup *channels;		/* ascending by name, none at the end */
	StatsIndex	channel_index;
	uint32		nnodes;
	SessionNode *nodes;			/* ascending by name */
	StatsIndex	node_index;
} SessionStats;

/* The longest duration that a histogram counts; a session may be longer. */
#define SESSION_LONGEST ((uint64) DURATION_MAX)

extern const StatsType session_stats_type;

extern void session_stats_total(const SessionStats *stats, SessionGroup *total);
extern bool session_day_is_valid(int64 day);
extern int	session_channel_order(TextSlice a, TextSlice b);

#endif							/* JOURNEY_SESSION_STATS_H */
