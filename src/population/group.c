/*-------------------------------------------------------------------------
 *
 * group.c
 *		Grouping a partition by user.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "population/layout.h"
#include "utils/memutils.h"

#define FIRST_SLOTS_LOG2	10	/* two more for a full partition */

/* An event together with what else decides its place, for sorting. */
struct FullEvent
{
	Event		event;
	int64		seq;
	EventValue	value;
};

/* The order of values: none first, then by their bytes. */
static inline bool
value_before(const EventValue *a, const EventValue *b)
{
	int			order;

	if (a->bytes == NULL || b->bytes == NULL)
		return a->bytes == NULL && b->bytes != NULL;
	order = memcmp(a->bytes, b->bytes, Min(a->length, b->length));
	return order != 0 ? order < 0 : a->length < b->length;
}

/* The event order with all that belongs to it. */
static inline bool
full_before(const FullEvent *a, const FullEvent *b)
{
	if (a->event.at != b->event.at)
		return a->event.at < b->event.at;
	if (a->seq != b->seq)
		return a->seq < b->seq;
	if (a->event.step != b->event.step)
		return a->event.step > b->event.step;
	return value_before(&a->value, &b->value);
}

#define MERGE_SORT_NAME sort_full
#define MERGE_SORT_TYPE FullEvent
#define MERGE_SORT_BEFORE(a, b, arg) full_before(a, b)
#include "base/merge_sort.h"

static void *
workspace_array(void *old, uint64 n, size_t size)
{
	if (old != NULL)
		pfree(old);
	return MemoryContextAllocHuge(CurrentMemoryContext, n * size);
}

static void
workspace_for(Workspace *work, uint64 records, const Population *population)
{
	if (records > UINT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many events of users that cannot be told apart by their hash")));
	if (work->slots == NULL)
	{
		work->slots_log2 = records < PARTITION_RECORDS / 2 ? FIRST_SLOTS_LOG2 : FIRST_SLOTS_LOG2 + 2;
		work->nslots = UINT64_C(1) << work->slots_log2;
		work->factor = user_slot_factor();
		work->slots = palloc(work->nslots * sizeof(uint32));
		work->users = palloc(work->nslots / 2 * sizeof(PartitionUser));
	}
	if (records > work->records)
	{
		work->records = records;
		work->numbers = workspace_array(work->numbers, records, sizeof(uint32));
		work->events = workspace_array(work->events, records, sizeof(Event));
		work->scratch = workspace_array(work->scratch, events_sort_scratch(records),
										sizeof(Event));
		if (holds(population, POPULATION_SEQ))
			work->seqs = workspace_array(work->seqs, records, sizeof(int64));
		if (holds(population, POPULATION_VALUES))
			work->values = workspace_array(work->values, records, sizeof(EventValue));
	}
	memset(work->slots, 0, work->nslots * sizeof(uint32));
}

/* Double the room for users, and lay out the hash table anew. */
static void
grow_users(Workspace *work, uint32 nusers)
{
	uint32		i;

	work->nslots = UINT64_C(1) << ++work->slots_log2;
	work->users = repalloc_huge(work->users, work->nslots / 2 * sizeof(PartitionUser));
	work->slots = repalloc_huge(work->slots, work->nslots * sizeof(uint32));
	memset(work->slots, 0, work->nslots * sizeof(uint32));
	for (i = 0; i < nusers; i++)
	{
		uint64		slot = hash_slot(spread(work->users[i].user.key), work->factor,
									 work->slots_log2);

		while (work->slots[slot] != 0)
			slot = (slot + 1) & (work->nslots - 1);
		work->slots[slot] = i + 1;
	}
}

/* Put one user's events into the event order, what goes with them along. */
static void
order_events(Workspace *work, Event *events, int64 *seqs, EventValue *values, size_t n)
{
	size_t		i;

	if (seqs == NULL && values == NULL)
	{
		events_sort(events, n, work->scratch);
		return;
	}

	/* mostly they are in order, and often no two are at the same time */
	for (i = 1; i < n; i++)
		if (events[i].at <= events[i - 1].at &&
			(events[i].at < events[i - 1].at || seqs == NULL || seqs[i] <= seqs[i - 1]))
			break;
	if (i >= n)
		return;

	if (n > work->full_records)
	{
		work->full_records = Max(n, work->full_records * 2);
		work->full = workspace_array(work->full, work->full_records, sizeof(FullEvent));
		work->full_scratch = workspace_array(work->full_scratch,
											 events_sort_scratch(work->full_records),
											 sizeof(FullEvent));
	}
	for (i = 0; i < n; i++)
	{
		static const EventValue no_value = {NULL, 0};

		work->full[i].event = events[i];
		work->full[i].seq = seqs == NULL ? 0 : seqs[i];
		work->full[i].value = values == NULL ? no_value : values[i];
	}
	sort_full(work->full, n, work->full_scratch, NULL);
	for (i = 0; i < n; i++)
	{
		events[i] = work->full[i].event;
		if (seqs != NULL)
			seqs[i] = work->full[i].seq;
		if (values != NULL)
			values[i] = work->full[i].value;
	}
}

/* Of events in the event order, say which have the time and seq of the one before. */
static void
mark_ties(Event *events, const int64 *seqs, size_t n)
{
	size_t		i;

	for (i = 1; i < n; i++)
		if (events[i].at == events[i - 1].at && seqs[i] == seqs[i - 1])
			events[i].step |= EVENT_TIED;
}

/* Visit the users of records that lie in a row and are no user's only in part. */
static pg_attribute_always_inline void
visit_shaped(const Population *population, RecordShape shape, const char *records,
			 const char *end, uint64 n, Workspace *work, const Visit *visit)
{
	UserKeyType *key_type = &population->site->key_type;
	const bool	any = shape == RECORDS_OF_ANY_SHAPE;
	const bool	integer = !any || key_type->kind == USER_KEY_INTEGER;
	const uint64 size = population->nsteps;
	const int	shift = 64 - Max(population->nsteps, 1);
	const bool	nodes = any ? holds(population, POPULATION_NODES) : shape == RECORDS_WITH_NODES;
	const uint32 *ranks = nodes ? population->nodes->ranks : NULL;
	const bool	with_seq = any && holds(population, POPULATION_SEQ);
	const bool	with_values = any && holds(population, POPULATION_VALUES);
	const char *at;
	uint32		nusers = 0;
	uint32		first = 0;
	uint32		i;

	workspace_for(work, n, population);

	/* number the users and count their events */
	for (at = records, i = 0; at < end; i++)
	{
		Record		record;
		uint64		slot;

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		at = read_shaped(population, shape, at, &record);
		slot = hash_slot(spread(record.user.key), work->factor, work->slots_log2);
		while (work->slots[slot] != 0 &&
			   (work->users[work->slots[slot] - 1].user.key != record.user.key ||
				(!integer &&
				 !user_keys_equal(key_type, &work->users[work->slots[slot] - 1].user, &record.user))))
			slot = (slot + 1) & (work->nslots - 1);
		if (work->slots[slot] == 0)
		{
			work->users[nusers].user = record.user;
			work->users[nusers].filled = 0;
			work->slots[slot] = ++nusers;
			if (nusers == work->nslots / 2)
			{
				grow_users(work, nusers);
				work->numbers[i] = nusers - 1;
				work->users[nusers - 1].filled = 1;
				continue;
			}
		}
		work->numbers[i] = work->slots[slot] - 1;
		work->users[work->numbers[i]].filled++;
	}
	Assert(i == n);

	for (i = 0; i < nusers; i++)
	{
		work->users[i].first = first;
		first += work->users[i].filled;
		work->users[i].filled = 0;
	}

	/* lay each user's events side by side */
	for (at = records, i = 0; at < end; i++)
	{
		Record		record;
		PartitionUser *user = &work->users[work->numbers[i]];
		uint32		place = user->first + user->filled++;

		at = read_shaped(population, shape, at, &record);
		work->events[place].at = record.at;
		if (nodes)
			work->events[place].step = record.conditions << shift | (uint32) ~ranks[record.node];
		else
			work->events[place].step = record.conditions << shift | size;
		if (with_seq)
			work->seqs[place] = record.seq;
		if (with_values)
			work->values[place] = record.value;
	}

	for (i = 0; i < nusers; i++)
	{
		PartitionUser *user = &work->users[i];
		Event	   *events = work->events + user->first;
		int64	   *seqs = with_seq ? work->seqs + user->first : NULL;
		EventValue *values = with_values ? work->values + user->first : NULL;

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		order_events(work, events, seqs, values, user->filled);
		if (unlikely(visit->packing != NULL))
			pack_user(visit->packing, &user->user, events, seqs, values, user->filled);
		else
		{
			if (with_seq && !nodes)
				mark_ties(events, seqs, user->filled);
			visit->visit(visit->arg, &user->user, events, values, user->filled);
		}
	}
}

void
visit_partition(const Population *population, const char *records, const char *end,
				uint64 n, Workspace *work, const Visit *visit)
{
	switch (record_shape(population))
	{
		case RECORDS_WITH_STEPS:
			visit_shaped(population, RECORDS_WITH_STEPS, records, end, n, work, visit);
			break;
		case RECORDS_WITH_NODES:
			visit_shaped(population, RECORDS_WITH_NODES, records, end, n, work, visit);
			break;
		default:
			visit_shaped(population, RECORDS_OF_ANY_SHAPE, records, end, n, work, visit);
	}
}
