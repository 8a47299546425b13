/*-------------------------------------------------------------------------
 *
 * session_counts.c
 *		Counting the sessions of a population, user by user.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "session/session_counts.h"

/*-------------------------------------------------------------------------
 * Buckets and channels
 *-------------------------------------------------------------------------
 */
static void
group_table_init(SessionCounts *counts, GroupTable *table)
{
	table->capacity = 64;
	table->groups = MemoryContextAlloc(counts->context, table->capacity * sizeof(GroupCounts *));
	table->nslots = 2 * table->capacity;
	table->slots = MemoryContextAllocZero(counts->context, table->nslots * sizeof(uint32));
}

void
session_counts_init(SessionCounts *counts, MemoryContext context, int64 gap, bool cuts,
					bool traffic, bool top, CalendarTable *calendar, uint32 nnodes)
{
	uint32		i;

	memset(counts, 0, sizeof(SessionCounts));
	counts->context = context;
	counts->gap = gap;
	counts->cuts = cuts;
	counts->calendar = calendar;
	group_table_init(counts, &counts->by_bucket);
	if (traffic)
	{
		counts->channels = nodes_new(context);
		group_table_init(counts, &counts->by_channel);
		group_table_init(counts, &counts->cells);
	}
	counts->counts_sets = traffic && top;
	if (counts->counts_sets)
	{
		counts->sets.sets = nodes_new(context);
		counts->cell_sets.sets = nodes_new(context);
	}
	counts->nnodes = nnodes;
	counts->nodes = MemoryContextAllocExtended(context, (Size) nnodes * sizeof(NodeCounts),
											   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < nnodes; i++)
		duration_counts_init(&counts->nodes[i].times);
	duration_counts_init(&counts->between);
}

/* The slot of a group, or the empty one where it belongs. */
static uint32
group_slot(const GroupTable *table, int64 bucket, uint32 channel)
{
	uint32		slot = (uint32) spread((uint64) bucket ^ (uint64) channel << 32) & (table->nslots - 1);

	for (; table->slots[slot] != 0; slot = (slot + 1) & (table->nslots - 1))
	{
		const GroupCounts *group = table->groups[table->slots[slot] - 1];

		if (group->bucket == bucket && group->channel == channel)
			break;
	}
	return slot;
}

/* The group, made if it is not there. */
static pg_noinline GroupCounts *
find_group(SessionCounts *counts, GroupTable *table, int64 bucket, uint32 channel)
{
	uint32		slot = group_slot(table, bucket, channel);
	GroupCounts *group;
	uint32		i;

	if (table->slots[slot] != 0)
		return table->groups[table->slots[slot] - 1];

	if (!session_bucket_is_valid(counts->calendar->unit, bucket))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range")));
	if (table->n == table->capacity)
	{
		table->capacity *= 2;
		table->groups = repalloc_huge(table->groups, table->capacity * sizeof(GroupCounts *));
		pfree(table->slots);
		table->nslots *= 2;
		table->slots = MemoryContextAllocExtended(counts->context, table->nslots * sizeof(uint32),
												  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		for (i = 0; i < table->n; i++)
			table->slots[group_slot(table, table->groups[i]->bucket, table->groups[i]->channel)] = i + 1;
		slot = group_slot(table, bucket, channel);
	}
	group = MemoryContextAllocZero(counts->context, sizeof(GroupCounts));
	group->bucket = bucket;
	group->channel = channel;
	duration_counts_init(&group->durations);
	duration_counts_init(&group->depths);
	table->groups[table->n++] = group;
	table->slots[slot] = table->n;
	return group;
}

static inline GroupCounts *
group_of(SessionCounts *counts, GroupTable *table, int64 bucket, uint32 channel)
{
	GroupCounts **recent = &table->recent[((uint64) bucket + channel) & (RECENT_GROUPS - 1)];

	if (unlikely(*recent == NULL || (*recent)->bucket != bucket || (*recent)->channel != channel))
		*recent = find_group(counts, table, bucket, channel);
	return *recent;
}

/* The number of a channel. */
static inline uint32
channel_number(SessionCounts *counts, const EventValue *value)
{
	const TextSlice name = {value->bytes, value->length};

	return name.bytes == NULL ? NO_CHANNEL : nodes_intern(counts->channels, name);
}

/* Add a channel to those of the latest user. */
static pg_noinline void
add_user_channel(SessionCounts *counts, SetCounts *sets, const GroupCounts *group)
{
	if (group->channel == NO_CHANNEL)
		return;
	if (sets->n == sets->capacity)
	{
		sets->capacity = Max(64, 2 * sets->capacity);
		sets->latest = sets->latest == NULL ?
			MemoryContextAlloc(counts->context, sets->capacity * sizeof(UserChannel)) :
			repalloc_huge(sets->latest, sets->capacity * sizeof(UserChannel));
	}
	sets->latest[sets->n].bucket = group->bucket;
	sets->latest[sets->n++].channel = group->channel;
}

static int
user_channel_order(const void *a, const void *b)
{
	const UserChannel *left = a;
	const UserChannel *right = b;

	if (left->bucket != right->bucket)
		return left->bucket < right->bucket ? -1 : 1;
	return (left->channel > right->channel) - (left->channel < right->channel);
}

/* Count the sets of the latest user, one for each bucket. */
static void
count_sets(SessionCounts *counts, SetCounts *sets)
{
	size_t		first;
	size_t		end;

	if (sets->n > 1)
		qsort(sets->latest, sets->n, sizeof(UserChannel), user_channel_order);
	for (first = 0; first < sets->n; first = end)
	{
		const size_t bucket_size = sizeof(int64);
		TextSlice	key;
		char	   *bytes;
		uint32		number;
		size_t		i;

		for (end = first + 1; end < sets->n && sets->latest[end].bucket == sets->latest[first].bucket;)
			end++;
		if (end - first < 2)
			continue;
		key.length = (uint32) (bucket_size + (end - first) * sizeof(uint32));
		key.bytes = bytes = palloc(key.length);
		memcpy(bytes, &sets->latest[first].bucket, bucket_size);
		for (i = first; i < end; i++)
			memcpy(bytes + bucket_size + (i - first) * sizeof(uint32), &sets->latest[i].channel, sizeof(uint32));
		number = nodes_intern(sets->sets, key);
		pfree(bytes);
		if (number >= sets->users_capacity)
		{
			const uint32 before = sets->users_capacity;

			sets->users_capacity = Max(64, 2 * before);
			sets->users = before == 0 ?
				MemoryContextAlloc(counts->context, sets->users_capacity * sizeof(uint64)) :
				repalloc_huge(sets->users, sets->users_capacity * sizeof(uint64));
			memset(sets->users + before, 0, (sets->users_capacity - before) * sizeof(uint64));
		}
		sets->users[number]++;
	}
	sets->n = 0;
}

/* Count a session of a group, whose sets of channels are counted unless `sets` is NULL. */
static inline void
count_session(SessionCounts *counts, GroupCounts *group, SetCounts *sets, uint64 duration,
			  uint64 depth)
{
	if (sets != NULL && counts->counts_sets && group->last_user != counts->users)
		add_user_channel(counts, sets, group);
	group->users += group->last_user != counts->users;
	group->last_user = counts->users;
	duration_counts_add(&group->durations, duration, counts->context);
	duration_counts_add(&group->depths, depth, counts->context);
}

/* So many events are looked at together. */
#define BLOCK_EVENTS 256

/*
 * Count the sessions of one user.
 *
 * Whether an event ends its session, or is the user's first at its node, is
 * unpredictable, so nothing here branches on it: the time to the next event
 * is always counted, events that end a session are listed, and then the
 * sessions are counted.
 */
static pg_attribute_always_inline void
count_user(SessionCounts *counts, const Event *events, const EventValue *values, size_t n,
		   bool cuts)
{
	const uint64 number = ++counts->users;
	const int64 gap = counts->gap;
	size_t		begin = 0;		/* of the current session */
	size_t		block;
	size_t		end;

	for (block = 0; block < n; block = end)
	{
		uint16		last[BLOCK_EVENTS + 1]; /* that end a session */
		const Event *here = events + block;
		int			nhere;
		int			nlast = 0;
		int			i;

		CHECK_FOR_INTERRUPTS();
		end = Min(block + BLOCK_EVENTS, n);
		nhere = (int) (end - block);
		for (i = 0; i < nhere - (end == n); i++)
		{
			const bool	ends = session_ends_between(&here[i], &here[i + 1], gap, cuts);
			const uint64 time = time_between(here[i].at, here[i + 1].at);
			NodeCounts *node = &counts->nodes[event_node(&here[i])];

			last[nlast] = (uint16) i;
			nlast += ends;
			node->visitors += node->last_user != number;
			node->last_user = number;
			duration_counts_add(ends ? &counts->between : &node->times, Min(time, (uint64) gap),
								counts->context);
		}
		if (end == n)
		{
			NodeCounts *node = &counts->nodes[event_node(&here[nhere - 1])];

			last[nlast++] = (uint16) (nhere - 1);
			node->visitors += node->last_user != number;
			node->last_user = number;
		}
		for (i = 0; i < nlast; i++)
		{
			const Event *first = &events[begin];
			const size_t next = block + last[i] + 1;
			const uint64 depth = next - begin;
			const uint64 duration = Min(time_between(first->at, here[last[i]].at),
										SESSION_LONGEST);

			const int64 bucket = calendar_table_number(counts->calendar, first->at);

			count_session(counts, group_of(counts, &counts->by_bucket, bucket, NO_CHANNEL),
						  NULL, duration, depth);
			if (counts->channels != NULL)
			{
				const uint32 channel = channel_number(counts, &values[begin]);

				count_session(counts, group_of(counts, &counts->by_channel, 0, channel),
							  &counts->sets, duration, depth);
				count_session(counts, group_of(counts, &counts->cells, bucket, channel),
							  &counts->cell_sets, duration, depth);
			}
			counts->nodes[event_node(first)].entries++;
			counts->nodes[event_node(&here[last[i]])].exits++;
			begin = next;
		}
	}
}

/* A PopulationVisitor. */
void
session_counts_user(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	SessionCounts *counts = arg;

	(void) user;
	if (counts->cuts)
		count_user(counts, events, values, n, true);
	else
		count_user(counts, events, values, n, false);
	if (counts->counts_sets)
	{
		count_sets(counts, &counts->sets);
		count_sets(counts, &counts->cell_sets);
	}
}

/* The groups of a table, in order. */
static SessionGroup *
finish_groups(SessionCounts *counts, const GroupTable *table, uint32 *n)
{
	SessionGroup *finished = MemoryContextAllocHuge(counts->context, ((Size) table->n + 1) * sizeof(SessionGroup));
	uint32		i;

	for (i = 0; i < table->n; i++)
	{
		const GroupCounts *group = table->groups[i];

		finished[i].bucket = group->bucket;
		finished[i].channel = group->channel == NO_CHANNEL ? (TextSlice)
		{
			NULL, 0
		} :
			counts->channels->names[group->channel];
		finished[i].users = group->users;
		finished[i].durations = duration_counts_histogram(&group->durations, counts->context);
		finished[i].depths = duration_counts_histogram(&group->depths, counts->context);
	}
	qsort(finished, table->n, sizeof(SessionGroup), session_group_order);
	*n = table->n;
	return finished;
}

static int
session_name_order(const void *a, const void *b)
{
	return slice_order(*(const TextSlice *) a, *(const TextSlice *) b);
}

/* The sets that were counted, in order. */
static SessionSet *
finish_sets(SessionCounts *counts, const SetCounts *sets, uint32 *n)
{
	const uint32 nsets = sets->sets == NULL ? 0 : sets->sets->n;
	SessionSet *finished = MemoryContextAllocHuge(counts->context, ((Size) nsets + 1) * sizeof(SessionSet));
	uint32		i;

	for (i = 0; i < nsets; i++)
	{
		const TextSlice key = sets->sets->names[i];
		const int	nnames = (int) ((key.length - sizeof(int64)) / sizeof(uint32));
		TextSlice  *names = MemoryContextAllocHuge(counts->context, nnames * sizeof(TextSlice));
		int			j;

		memcpy(&finished[i].bucket, key.bytes, sizeof(int64));
		for (j = 0; j < nnames; j++)
		{
			uint32		channel;

			memcpy(&channel, key.bytes + sizeof(int64) + j * sizeof(uint32), sizeof(uint32));
			names[j] = counts->channels->names[channel];
		}
		qsort(names, nnames, sizeof(TextSlice), session_name_order);
		finished[i].channels = session_set_text(names, nnames, counts->context);
		finished[i].users = sets->users[i];
		pfree(names);
		CHECK_FOR_INTERRUPTS();
	}
	qsort(finished, nsets, sizeof(SessionSet), session_set_order);
	*n = nsets;
	return finished;
}

/* Turn the counts into a result. */
void
session_counts_finish(SessionCounts *counts, const Population *population, SessionStats *stats)
{
	uint32		i;

	stats->users = counts->users;
	stats->buckets = finish_groups(counts, &counts->by_bucket, &stats->nbuckets);
	stats->channels = finish_groups(counts, &counts->by_channel, &stats->nchannels);
	stats->cells = finish_groups(counts, &counts->cells, &stats->ncells);
	stats->sets = finish_sets(counts, &counts->sets, &stats->nsets);
	stats->cell_sets = finish_sets(counts, &counts->cell_sets, &stats->ncell_sets);
	stats->nodes = MemoryContextAllocHuge(counts->context, ((Size) counts->nnodes + 1) * sizeof(SessionNode));
	for (i = 0; i < counts->nnodes; i++)
	{
		const NodeCounts *node = &counts->nodes[i];
		SessionNode *finished;

		if (node->visitors == 0)
			continue;
		finished = &stats->nodes[stats->nnodes++];
		finished->name = population_node(population, i);
		finished->visitors = node->visitors;
		finished->entries = node->entries;
		finished->exits = node->exits;
		finished->times = duration_counts_histogram(&node->times, counts->context);
		/* an event ends a session, or there is a time to the next one */
		finished->views = node->exits + finished->times.count;
		if (i % 1024 == 1023)
			CHECK_FOR_INTERRUPTS();
	}
}
