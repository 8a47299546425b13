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

/* The sessions of a bucket, of a channel, or of both. */
typedef struct GroupCounts
{
	int64		bucket;			/* 0 for a channel */
	uint32		channel;		/* its number, or NO_CHANNEL */
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

#define NO_CHANNEL PG_UINT32_MAX

/* For so many buckets in a row the group is found without a search. */
#define RECENT_GROUPS 256		/* a power of two */

typedef struct GroupTable
{
	GroupCounts **groups;		/* in the order of coming */
	uint32		n;
	uint32		capacity;
	uint32	   *slots;			/* hash table: place in groups + 1 */
	uint32		nslots;			/* a power of two */
	GroupCounts *recent[RECENT_GROUPS]; /* by the lowest bits of bucket and
										 * channel, or NULL */
} GroupTable;

/* A channel of the user's sessions, perhaps in a bucket. */
typedef struct UserChannel
{
	int64		bucket;			/* or 0 */
	uint32		channel;
} UserChannel;

/* Users by the set of two or more channels that their sessions have. */
typedef struct SetCounts
{
	UserChannel *latest;		/* channels of the latest user */
	size_t		n;
	size_t		capacity;
	Nodes	   *sets;			/* bucket, and numbers of channels */
	uint64	   *users;			/* [set] */
	uint32		users_capacity;
} SetCounts;

typedef struct SessionCounts
{
	MemoryContext context;
	int64		gap;
	bool		cuts;
	CalendarTable *calendar;
	uint64		users;			/* the number of the latest one */
	GroupTable	by_bucket;
	Nodes	   *channels;		/* their names; NULL: sessions have none */
	GroupTable	by_channel;
	GroupTable	cells;			/* by both */
	bool		counts_sets;	/* for the option top */
	SetCounts	sets;
	SetCounts	cell_sets;
	uint32		nnodes;
	NodeCounts *nodes;			/* [rank] */
	DurationCounts between;		/* from the end of a session to the next: of
								 * no use */
} SessionCounts;

extern void session_counts_init(SessionCounts *counts, MemoryContext context, int64 gap,
								bool cuts, bool traffic, bool top, CalendarTable *calendar,
								uint32 nnodes);
extern void session_counts_user(void *arg, const UserKey *user, Event *events,
								const EventValue *values, size_t n);
extern void session_counts_finish(SessionCounts *counts, const Population *population,
								  SessionStats *stats);

#endif							/* JOURNEY_SESSION_COUNTS_H */
