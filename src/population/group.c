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

/* An event together with what else decides its place, for sorting. */
struct FullEvent
{
	Event		event;
	int64		seq;
	EventValue	value;
};

/* The order of values: none first, then in byte order. */
static inline bool
event_value_before(const EventValue *a, const EventValue *b)
{
	int			order;

	if (a->bytes == NULL || b->bytes == NULL)
		return a->bytes == NULL && b->bytes != NULL;
	order = memcmp(a->bytes, b->bytes, Min(a->length, b->length));
	return order != 0 ? order < 0 : a->length < b->length;
}

/* The event order with all that belongs to it. */
static inline bool
full_event_before(const FullEvent *a, const FullEvent *b)
{
	if (a->event.at != b->event.at)
		return a->event.at < b->event.at;
	if (a->seq != b->seq)
		return a->seq < b->seq;
	if (a->event.step != b->event.step)
		return a->event.step > b->event.step;
	return event_value_before(&a->value, &b->value);
}

#define MERGE_SORT_NAME full_events_sort
#define MERGE_SORT_TYPE FullEvent
#define MERGE_SORT_BEFORE(a, b, arg) full_event_before(a, b)
#include "base/merge_sort.h"

static void *
visit_workspace_array(void *old, uint64 n, size_t size)
{
	if (old != NULL)
		pfree(old);
	return MemoryContextAllocHuge(CurrentMemoryContext, n * size);
}

/* Have room for the records of a partition. */
static void
visit_workspace_for(VisitWorkspace *work, uint64 records, const Population *population)
{
	if (!user_table_begin(&work->table, records))
		return;
	work->events = visit_workspace_array(work->events, records, sizeof(Event));
	work->scratch = visit_workspace_array(work->scratch, events_sort_scratch(records),
										  sizeof(Event));
	if (population_holds(population, POPULATION_SEQ))
		work->seqs = visit_workspace_array(work->seqs, records, sizeof(int64));
	if (population_holds(population, POPULATION_VALUES))
		work->values = visit_workspace_array(work->values, records, sizeof(EventValue));
}

/* Put one user's events into the event order, what goes with them along. */
static void
population_order_events(VisitWorkspace *work, Event *events, int64 *seqs, EventValue *values,
						size_t n)
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
		work->full = visit_workspace_array(work->full, work->full_records, sizeof(FullEvent));
		work->full_scratch = visit_workspace_array(work->full_scratch,
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
	full_events_sort(work->full, n, work->full_scratch, NULL);
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
population_mark_ties(Event *events, const int64 *seqs, size_t n)
{
	size_t		i;

	for (i = 1; i < n; i++)
		if (events[i].at == events[i - 1].at && seqs[i] == seqs[i - 1])
			events[i].step |= EVENT_TIED;
}

/*
 * Visit the users of adjacent records, which contain all records of these
 * users.
 */
static pg_attribute_always_inline void
population_group_shaped(const Population *population, RecordShape shape, const char *records,
						const char *end, uint64 n, VisitWorkspace *work, const Visit *visit)
{
	UserKeyType *key_type = &population->site->key_type;
	const bool	any = shape == RECORDS_OF_ANY_SHAPE;
	const bool	integer = !any || !population_has_ids(population);
	const uint64 size = population->nsteps;
	const int	shift = 64 - Max(population->nsteps, 1);
	const bool	nodes = any ? population_holds(population, POPULATION_NODES) :
		shape == RECORDS_WITH_NODES;
	const uint32 *ranks = nodes ? population->nodes->ranks : NULL;
	const bool	with_seq = any && population_holds(population, POPULATION_SEQ);
	const bool	with_values = any && population_holds(population, POPULATION_VALUES);
	UserTable  *table = &work->table;
	const char *at;
	uint32		i;

	visit_workspace_for(work, n, population);

	/* number the users and count their events */
	for (at = records, i = 0; at < end; i++)
	{
		Record		record;

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		at = record_read_shaped(population, shape, at, &record);
		user_table_count(table, key_type, integer, &record.user, spread(record.user.key), i);
	}
	Assert(i == n);
	user_table_lay_out(table);

	/* lay each user's events side by side */
	for (at = records, i = 0; at < end; i++)
	{
		Record		record;
		const uint32 place = user_table_place(table, i);

		at = record_read_shaped(population, shape, at, &record);
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

	for (i = 0; i < table->nusers; i++)
	{
		PartitionUser *user = &table->users[i];
		Event	   *events = work->events + user->first;
		int64	   *seqs = with_seq ? work->seqs + user->first : NULL;
		EventValue *values = with_values ? work->values + user->first : NULL;

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (population->numbered)
			user->user = user_of_number(population->site, user->user.key);
		population_order_events(work, events, seqs, values, user->filled);
		if (unlikely(visit->write != NULL))
			visit->write(visit->arg, &user->user, events, seqs, values, user->filled);
		else
		{
			if (with_seq && !nodes)
				population_mark_ties(events, seqs, user->filled);
			visit->visit(visit->arg, &user->user, events, values, user->filled);
		}
	}
}

void
population_group_partition(const Population *population, const char *records, const char *end,
						   uint64 n, VisitWorkspace *work, const Visit *visit)
{
	switch (population_record_shape(population))
	{
		case RECORDS_WITH_STEPS:
			population_group_shaped(population, RECORDS_WITH_STEPS, records, end, n, work,
									visit);
			break;
		case RECORDS_WITH_NODES:
			population_group_shaped(population, RECORDS_WITH_NODES, records, end, n, work,
									visit);
			break;
		default:
			population_group_shaped(population, RECORDS_OF_ANY_SHAPE, records, end, n, work,
									visit);
	}
}
