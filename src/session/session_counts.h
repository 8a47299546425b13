/*-------------------------------------------------------------------------
 *
 * session_counts.h
 *		Counting the sessions of a population, user by user.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SESSION_COUNTS_H
#define JOURNEY_SESSION_COUNTS_H

#include "postgres.h"

#include "population/population.h"
#include "session/session.h"
#include "session/session_stats.h"
#include "time/time.h"

/*
 * Durations: a few in a histogram, many in arrays of counts that need no
 * search, a page for 64 buckets.
 */
typedef struct DurationCounts
{
	Histogram	histogram;		/* once there are pages, without its count and
								 * buckets */
	uint64	  **pages;
} DurationCounts;

typedef struct GroupCounts
{
	int64		day;
	TextSlice	channel;
	uint64		users;
	uint64		last_user;		/* the latest user counted, from 1 */
	DurationCounts durations;
	DurationCounts depths;
} GroupCounts;

typedef struct NodeCounts
{
	uint64		visitors;
	uint64		last_user;
	uint64		entries;
	uint64		exits;
	DurationCounts times;
} NodeCounts;

/* For so many days in a row the group is found without a search. */
#define RECENT_DAYS 256			/* a power of two */

typedef struct SessionCounts
{
	MemoryContext context;
	int64		gap;
	bool		cuts;
	CalendarTable *calendar;
	uint64		users;			/* the number of the latest one */
	GroupCounts **days;			/* in the order of coming */
	uint32		ndays;
	uint32		days_capacity;
	uint32	   *day_slots;		/* hash table: place in days + 1 */
	uint32		nslots;			/* a power of two */
	GroupCounts *recent[RECENT_DAYS];	/* by the lowest bits of the day, or
										 * NULL */
	Nodes	   *channels;		/* their names; NULL: sessions have none */
	GroupCounts **by_channel;	/* [number]; capacity below */
	uint32		channels_capacity;
	GroupCounts *no_channel;
	uint32		nnodes;
	NodeCounts *nodes;			/* [rank] */
	DurationCounts between;		/* from the end of a session to the next: of
								 * no use */
} SessionCounts;

extern void session_counts_init(SessionCounts *counts, MemoryContext context, int64 gap,
								bool cuts, bool traffic, pg_tz *zone, uint32 nnodes);
extern void session_counts_user(void *arg, const UserKey *user, Event *events,
								const EventValue *values, size_t n);
extern void session_counts_finish(SessionCounts *counts, const Population *population,
								  SessionStats *stats);

#endif							/* JOURNEY_SESSION_COUNTS_H */
