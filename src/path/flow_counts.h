/*-------------------------------------------------------------------------
 *
 * flow_counts.h
 *		Counting nodes and links, with their users and sessions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_FLOW_COUNTS_H
#define JOURNEY_FLOW_COUNTS_H

#include "postgres.h"

#include "base/base.h"
#include "path/flow_stats.h"

/* Numbers things by a key, 0 to space - 1: by a table where the space is small. */
typedef struct KeyIndex
{
	MemoryContext context;
	uint32	   *direct;			/* [key]: number + 1; NULL: use the hash table */
	uint32	   *slots;			/* number + 1 */
	uint64		nslots;			/* a power of two */
	uint64	   *keys;			/* [number] */
	uint32		n;
	uint32		capacity;
} KeyIndex;

/* Durations: few by a histogram, many by arrays of counts that need no search. */
typedef struct TimeCounts
{
	Histogram	histogram;		/* without its buckets once there are pages */
	uint32	  **pages;			/* of 64 buckets each */
} TimeCounts;

typedef struct NodeCount
{
	uint64		users;
	uint64		sessions;
	uint64		count;
	uint64		last_user;		/* the latest user counted, from 1 */
	uint64		last_session;
	uint64		entries;
	uint64		exits;
	/* of transitions */
	int64		last_at;		/* its latest occurrence in last_session */
	uint64		last_place;
	uint64		loop_users;
	uint64		loop_sessions;
	uint64		loop_last_user;
	uint64		loop_last_session;
	uint64		loop_steps;
	TimeCounts	loop_times;
} NodeCount;

typedef struct LinkCount
{
	uint64		users;
	uint64		sessions;
	uint64		last_user;
	uint64		last_session;
	TimeCounts	times;
} LinkCount;

typedef struct FlowCounts
{
	MemoryContext context;
	uint64		nnames;
	bool		backward;		/* positions count from the end: -1, -2 … */
	uint64		users;			/* who have a path; the number of the latest
								 * one */
	uint64		sessions;
	KeyIndex	node_index;
	NodeCount  *nodes;
	uint32		nodes_capacity;
	KeyIndex	link_index;
	LinkCount  *links;
	uint32		links_capacity;
} FlowCounts;

extern void flow_counts_init(FlowCounts *counts, MemoryContext context, uint64 nnames,
							 int npositions);
extern uint32 key_index_add(KeyIndex *index, uint64 key);
extern void flow_counts_grow_nodes(FlowCounts *counts);
extern void flow_counts_grow_links(FlowCounts *counts);
extern void time_counts_add_slowly(TimeCounts *times, uint64 duration, MemoryContext context);
extern void flow_counts_finish(FlowCounts *counts, FlowStats *stats, const TextSlice *names);

/* The number of a key, which is added if it is not there. */
static inline uint32
key_index_number(KeyIndex *index, uint64 key)
{
	uint64		slot;

	if (index->direct != NULL)
	{
		if (likely(index->direct[key] != 0))
			return index->direct[key] - 1;
		return key_index_add(index, key);
	}
	slot = spread(key) & (index->nslots - 1);
	for (; index->slots[slot] != 0; slot = (slot + 1) & (index->nslots - 1))
		if (index->keys[index->slots[slot] - 1] == key)
			return index->slots[slot] - 1;
	return key_index_add(index, key);
}

/* Positions are counted from 0 here: those from the end as well. */
static inline NodeCount *
flow_counts_node(FlowCounts *counts, int position, uint64 node)
{
	uint32		number = key_index_number(&counts->node_index,
										  (uint64) position * counts->nnames + node);

	if (unlikely(number >= counts->nodes_capacity))
		flow_counts_grow_nodes(counts);
	return &counts->nodes[number];
}

static inline LinkCount *
flow_counts_link(FlowCounts *counts, int position, uint64 source, uint64 target)
{
	uint32		number = key_index_number(&counts->link_index,
										  ((uint64) position * counts->nnames + source) * counts->nnames + target);

	if (unlikely(number >= counts->links_capacity))
		flow_counts_grow_links(counts);
	return &counts->links[number];
}

/* Count a duration. */
static inline void
time_counts_add(TimeCounts *times, uint64 duration, MemoryContext context)
{
	uint32		bucket = histogram_bucket(duration);
	Histogram  *histogram = &times->histogram;

	if (unlikely(times->pages == NULL || times->pages[bucket / 64] == NULL ||
				 times->pages[bucket / 64][bucket % 64] == UINT32_MAX))
	{
		time_counts_add_slowly(times, duration, context);
		return;
	}
	times->pages[bucket / 64][bucket % 64]++;
	if (duration < histogram->least)
		histogram->least = duration;
	if (duration > histogram->most)
		histogram->most = duration;
	histogram->count++;
	histogram->sum_low += duration;
	histogram->sum_high += histogram->sum_low < duration;
}

#endif							/* JOURNEY_FLOW_COUNTS_H */
