/*-------------------------------------------------------------------------
 *
 * flow_counts.c
 *		Counting nodes and links, with their users and sessions.
 *
 * Memory is proportional to the number of nodes and links.  Users come one
 * after the other, so a node or link counts distinct users and sessions by
 * remembering only the latest of each.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "path/flow_counts.h"
#include "utils/memutils.h"

#define MOST_DIRECT			65536	/* entries of a table by key: 256 kB */
#define FIRST_SLOTS			1024
#define MOST_KEYS			(UINT32_C(1) << 30)
#define DENSE_FROM			64	/* durations from which on there are pages */
#define NPAGES				(HISTOGRAM_LAST / 64 + 1)

static void
key_index_init(KeyIndex *index, MemoryContext context, double space)
{
	memset(index, 0, sizeof(KeyIndex));
	index->context = context;
	index->capacity = 64;
	index->keys = MemoryContextAlloc(context, index->capacity * sizeof(uint64));
	if (space <= MOST_DIRECT)
		index->direct = MemoryContextAllocZero(context, (Size) space * sizeof(uint32));
	else
	{
		index->nslots = FIRST_SLOTS;
		index->slots = MemoryContextAllocZero(context, FIRST_SLOTS * sizeof(uint32));
	}
}

static void
put_into_slot(KeyIndex *index, uint32 number)
{
	uint64		slot = spread(index->keys[number]) & (index->nslots - 1);

	while (index->slots[slot] != 0)
		slot = (slot + 1) & (index->nslots - 1);
	index->slots[slot] = number + 1;
}

/* Number a key that is not there. */
uint32
key_index_add(KeyIndex *index, uint64 key)
{
	uint32		number = index->n;

	if (number == index->capacity)
	{
		if (number >= MOST_KEYS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("more than %u different links", MOST_KEYS),
					 errhint("Give coarser nodes.")));
		index->capacity *= 2;
		index->keys = repalloc_huge(index->keys, index->capacity * sizeof(uint64));
	}
	index->keys[number] = key;
	index->n++;
	if (index->direct != NULL)
		index->direct[key] = index->n;
	else if ((uint64) index->n * 2 > index->nslots)
	{
		uint32		i;

		index->nslots *= 2;
		pfree(index->slots);
		index->slots = MemoryContextAllocExtended(index->context, index->nslots * sizeof(uint32),
												  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		for (i = 0; i < index->n; i++)
		{
			if (i % KERNEL_CHECK_EVERY == 0)
				CHECK_FOR_INTERRUPTS();
			put_into_slot(index, i);
		}
	}
	else
		put_into_slot(index, number);
	return number;
}

/* Nothing counted yet. */
void
flow_counts_init(FlowCounts *counts, MemoryContext context, uint64 nnames, int npositions)
{
	memset(counts, 0, sizeof(FlowCounts));
	counts->context = context;
	counts->nnames = Max(nnames, 1);
	key_index_init(&counts->node_index, context, (double) npositions * (double) counts->nnames);
	key_index_init(&counts->link_index, context,
				   (double) npositions * (double) counts->nnames * (double) counts->nnames);
}

/* Room for as many items as there are keys, new ones all zero. */
static void *
grow_items(MemoryContext context, void *items, size_t size, uint32 *capacity, uint32 wanted)
{
	uint32		old = *capacity;

	*capacity = wanted;
	if (items == NULL)
		items = MemoryContextAllocHuge(context, wanted * size);
	else
		items = repalloc_huge(items, wanted * size);
	memset((char *) items + old * size, 0, (wanted - old) * size);
	return items;
}

void
flow_counts_grow_nodes(FlowCounts *counts)
{
	counts->nodes = grow_items(counts->context, counts->nodes, sizeof(NodeCount),
							   &counts->nodes_capacity, counts->node_index.capacity);
}

void
flow_counts_grow_links(FlowCounts *counts)
{
	counts->links = grow_items(counts->context, counts->links, sizeof(LinkCount),
							   &counts->links_capacity, counts->link_index.capacity);
}

static void
add_to_page(TimeCounts *times, uint32 bucket, MemoryContext context)
{
	uint32	  **page = &times->pages[bucket / 64];

	if (*page == NULL)
		*page = MemoryContextAllocZero(context, 64 * sizeof(uint32));
	if ((*page)[bucket % 64] == UINT32_MAX)
	{
		/* move the full count to the histogram's own bucket */
		HistogramBucket full = {bucket, UINT32_MAX};
		Histogram	moved = {UINT32_MAX, 0, 0, times->histogram.least, times->histogram.most,
		1, 1, &full};

		histogram_merge(&times->histogram, &moved, context);
		times->histogram.count -= UINT32_MAX;
		(*page)[bucket % 64] = 0;
	}
	(*page)[bucket % 64]++;
}

/* Count a duration where there are no pages, or not the one wanted. */
void
time_counts_add_slowly(TimeCounts *times, uint64 duration, MemoryContext context)
{
	Histogram  *histogram = &times->histogram;

	if (times->pages == NULL)
	{
		uint32		i;

		histogram_add(histogram, duration, context);
		if (histogram->count < DENSE_FROM)
			return;
		times->pages = MemoryContextAllocZero(context, NPAGES * sizeof(uint32 *));
		for (i = 0; i < histogram->nbuckets; i++)
		{
			uint32		bucket = histogram->buckets[i].number;

			add_to_page(times, bucket, context);
			times->pages[bucket / 64][bucket % 64] = (uint32) histogram->buckets[i].count;
		}
		histogram->nbuckets = 0;
		return;
	}
	add_to_page(times, histogram_bucket(duration), context);
	histogram->least = Min(histogram->least, duration);
	histogram->most = Max(histogram->most, duration);
	histogram->count++;
	histogram->sum_low += duration;
	histogram->sum_high += histogram->sum_low < duration;
}

/* What was counted as a histogram; the pages go. */
static Histogram
time_counts_histogram(TimeCounts *times, MemoryContext context)
{
	Histogram	all = times->histogram;
	Histogram	moved = times->histogram;
	int			page;
	uint32		i;

	if (times->pages == NULL)
		return all;

	all.nbuckets = 0;
	for (page = 0; page < NPAGES; page++)
		for (i = 0; times->pages[page] != NULL && i < 64; i++)
			all.nbuckets += times->pages[page][i] != 0;
	all.capacity = all.nbuckets;
	all.buckets = MemoryContextAlloc(context, Max(all.nbuckets, 1) * sizeof(HistogramBucket));
	all.nbuckets = 0;
	for (page = 0; page < NPAGES; page++)
	{
		if (times->pages[page] == NULL)
			continue;
		for (i = 0; i < 64; i++)
			if (times->pages[page][i] != 0)
			{
				all.buckets[all.nbuckets].number = (uint32) page * 64 + i;
				all.buckets[all.nbuckets++].count = times->pages[page][i];
			}
		pfree(times->pages[page]);
	}
	pfree(times->pages);
	times->pages = NULL;

	/* counts that were full stand in the histogram's own buckets */
	if (moved.nbuckets > 0)
	{
		uint64		count = all.count;
		uint64		high = all.sum_high;
		uint64		low = all.sum_low;

		histogram_merge(&all, &moved, context);
		all.count = count;
		all.sum_high = high;
		all.sum_low = low;
	}
	return all;
}

/* A number of a node or link, and its place in the order. */
typedef struct KeyPlace
{
	uint64		key;
	uint32		number;
} KeyPlace;

#define MERGE_SORT_NAME sort_places
#define MERGE_SORT_TYPE KeyPlace
#define MERGE_SORT_BEFORE(a, b, arg) ((a)->key < (b)->key)
#include "base/merge_sort.h"

/*
 * The numbers by ascending key.  The positions of a way back come in the opposite
 * order, and their keys are changed to have that order: `per_position` is how many
 * keys a position has.
 */
static KeyPlace *
sorted_places(const FlowCounts *counts, const KeyIndex *index, uint64 per_position)
{
	KeyPlace   *places = MemoryContextAllocHuge(CurrentMemoryContext, ((uint64) index->n + 1) * sizeof(KeyPlace));
	KeyPlace   *scratch = MemoryContextAllocHuge(CurrentMemoryContext, ((uint64) index->n / 2 + 1) * sizeof(KeyPlace));
	uint32		i;

	for (i = 0; i < index->n; i++)
	{
		uint64		position = index->keys[i] / per_position;

		if (counts->backward)
			position = PATH_DEPTH_MAX - position;
		places[i].key = position * per_position + index->keys[i] % per_position;
		places[i].number = i;
	}
	sort_places(places, index->n, scratch, NULL);
	pfree(scratch);
	return places;
}

/*
 * All that was counted, as a result; names[i] is the name of node i, ascending.
 * Names of which nothing was counted are left out.
 */
void
flow_counts_finish(FlowCounts *counts, FlowStats *stats, const TextSlice *names)
{
	const uint64 n = counts->nnames;
	KeyPlace   *places = sorted_places(counts, &counts->node_index, n);
	uint32	   *numbers = MemoryContextAllocExtended(CurrentMemoryContext, n * sizeof(uint32),
													 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	uint64		i;

	stats->users = counts->users;
	stats->sessions = counts->sessions;

	for (i = 0; i < counts->node_index.n; i++)
		numbers[places[i].key % n] = 1;
	stats->names = MemoryContextAllocHuge(stats->context, (n + 1) * sizeof(TextSlice));
	for (i = 0; i < n; i++)
		if (numbers[i] != 0)
		{
			numbers[i] = stats->nnames;
			stats->names[stats->nnames++] = names[i];
		}

	stats->nnodes = counts->node_index.n;
	stats->nodes = MemoryContextAllocExtended(stats->context, ((uint64) stats->nnodes + 1) * sizeof(FlowNode),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < stats->nnodes; i++)
	{
		FlowNode   *node = &stats->nodes[i];
		NodeCount  *count = &counts->nodes[places[i].number];
		int			position = (int) (places[i].key / n);

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		node->position = flow_is_transitions(stats) ? 0 :
			counts->backward ? position - PATH_DEPTH_MAX - 1 : position + 1;
		node->node = numbers[places[i].key % n];
		node->users = count->users;
		node->sessions = count->sessions;
		node->count = count->count;
		node->entries = count->entries;
		node->exits = count->exits;
		node->loop_users = count->loop_users;
		node->loop_sessions = count->loop_sessions;
		node->loop_steps = count->loop_steps;
		node->loop_times = time_counts_histogram(&count->loop_times, stats->context);
	}
	pfree(places);

	places = sorted_places(counts, &counts->link_index, n * n);
	stats->nlinks = counts->link_index.n;
	stats->links = MemoryContextAllocExtended(stats->context, ((uint64) stats->nlinks + 1) * sizeof(FlowLink),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < stats->nlinks; i++)
	{
		FlowLink   *link = &stats->links[i];
		LinkCount  *count = &counts->links[places[i].number];
		uint64		pair = places[i].key % (n * n);
		int			position = (int) (places[i].key / (n * n));

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		link->position = flow_is_transitions(stats) ? 0 :
			counts->backward ? position - PATH_DEPTH_MAX - 1 : position + 1;
		link->source = numbers[pair / n];
		link->target = numbers[pair % n];
		link->users = count->users;
		link->sessions = count->sessions;
		link->times = time_counts_histogram(&count->times, stats->context);
	}
	pfree(places);
	pfree(numbers);
}
