/*-------------------------------------------------------------------------
 *
 * users_writer.c
 *		The serialized form of users, as small as possible, for other
 *		processes.
 *
 * See population_serialize().
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "event/event.h"
#include "miscadmin.h"
#include "population/layout.h"
#include "utils/memutils.h"

/* Make room for `size` more bytes. */
ByteWriter
users_writer_reserve(UsersWriter *writer, uint64 size)
{
	ByteWriter	out;

	if (writer->used + size > writer->capacity)
	{
		if (writer->used + size > MaxAllocSize)
			(void) serialized_alloc(writer->used + size);	/* raises the error */
		writer->capacity = Min(Max(writer->capacity * 2, writer->used + size), MaxAllocSize);
		writer->data = repalloc_huge(writer->data, writer->capacity);
	}
	out.at = (unsigned char *) writer->data + writer->used;
	return out;
}

/* An event's conditions with condition N in the lowest bit. */
static inline uint64
event_conditions_number(const Population *population, const Event *event)
{
	return event->step >> (64 - population->nsteps);
}

/* Write a user; the visitor of a Visit that writes. */
void
users_writer_put(void *arg, const UserKey *user, const Event *events, const int64 *seqs,
				 const EventValue *values, size_t n)
{
	UsersWriter *writer = arg;
	const Population *population = writer->population;
	const bool	keyed = population->site->key_type.kind != USER_KEY_INTEGER;
	const bool	nodes = population_holds(population, POPULATION_NODES);
	uint64		size = number_size(fold_sign((int64) user->key)) + number_size(n);
	int64		before = 0;
	ByteWriter	out;
	size_t		i;

	if (keyed)
		size += number_size(user->length) + user->length;
	for (i = 0; i < n; i++)
	{
		size += number_size(fold_sign((int64) time_between(before, events[i].at)));
		before = events[i].at;
		if (population->nsteps > 0)
			size += number_size(event_conditions_number(population, &events[i]));
		if (seqs != NULL)
			size += number_size(fold_sign(seqs[i]));
		if (nodes)
			size += number_size(event_node(&events[i]));
		if (values != NULL)
			size += number_size((uint64) values[i].length + 1) + values[i].length;
	}

	/* users come part by part */
	Assert(user_part(spread(user->key), 0) >= writer->part);
	writer->part = user_part(spread(user->key), 0);
	writer->sizes[writer->part] += (uint32) size;

	out = users_writer_reserve(writer, size);
	write_number(&out, fold_sign((int64) user->key));
	if (keyed)
	{
		write_number(&out, user->length);
		write_bytes(&out, user->bytes, user->length);
	}
	write_number(&out, n);
	before = 0;
	for (i = 0; i < n; i++)
	{
		write_number(&out, fold_sign((int64) time_between(before, events[i].at)));
		before = events[i].at;
		if (population->nsteps > 0)
			write_number(&out, event_conditions_number(population, &events[i]));
	}
	for (i = 0; (seqs != NULL || nodes || values != NULL) && i < n; i++)
	{
		if (seqs != NULL)
			write_number(&out, fold_sign(seqs[i]));
		if (nodes)
			write_number(&out, event_node(&events[i]));
		if (values == NULL)
			continue;
		write_number(&out, values[i].bytes == NULL ? 0 : (uint64) values[i].length + 1);
		write_bytes(&out, values[i].bytes, values[i].length);
	}
	writer->used = (char *) out.at - writer->data;
}

/* Append the users that another process has written of a part to a population. */
void
population_read_users(Population *into, const PopulationTaken *taken, int part)
{
	const bool	keyed = into->site->key_type.kind != USER_KEY_INTEGER;
	const int	nsteps = into->nsteps;
	ByteReader	in = {(const unsigned char *) taken->bytes + taken->offsets[part],
	(const unsigned char *) taken->bytes + taken->offsets[part + 1], false};
	uint64	   *events = NULL;	/* times and conditions, in turn */
	uint64		capacity = 0;

	while (bytes_left(&in) > 0)
	{
		UserKey		user = {0, NULL, 0};
		uint64		before = 0;
		uint64		n;
		uint64		i;

		CHECK_FOR_INTERRUPTS();
		user.key = (uint64) unfold_sign(read_number(&in));
		if (keyed)
		{
			uint64		length = read_number(&in);

			user.bytes = (const char *) read_bytes(&in, length);
			user.length = (uint32) length;
		}
		n = read_number(&in);
		if (in.failed || n > bytes_left(&in) / 2)
			serialized_refuse();
		if (n > capacity)
		{
			if (events != NULL)
				pfree(events);
			capacity = Max(n, capacity * 2);
			events = MemoryContextAllocHuge(CurrentMemoryContext,
											capacity * 2 * sizeof(uint64));
		}
		for (i = 0; i < n; i++)
		{
			uint64		at = before + (uint64) unfold_sign(read_number(&in));
			uint64		conditions = nsteps == 0 ? 0 : read_number(&in);

			if (in.failed || conditions >> nsteps != 0 || !event_time_is_valid((int64) at))
				serialized_refuse();
			events[2 * i] = at;
			events[2 * i + 1] = conditions;
			before = at;
		}
		for (i = 0; i < n; i++)
		{
			PopulationEvent event = {.at = (int64) events[2 * i]};

			if (nsteps > 0)
				event.step = events[2 * i + 1] << (64 - nsteps);
			if (population_holds(into, POPULATION_SEQ))
				event.seq = unfold_sign(read_number(&in));
			if (population_holds(into, POPULATION_NODES))
			{
				uint64		node = read_number(&in);

				if (node >= taken->nnodes)
					serialized_refuse();
				event.node = taken->nodes[node];
			}
			if (population_holds(into, POPULATION_VALUES))
			{
				uint64		marked = read_number(&in);

				if (marked > 0)
				{
					event.value.bytes = (const char *) read_bytes(&in, marked - 1);
					event.value.length = (uint32) (marked - 1);
				}
			}
			if (in.failed)
				serialized_refuse();
			population_append(into, &user, &event);
		}
	}
	if (events != NULL)
		pfree(events);
	if (in.failed)
		serialized_refuse();
}
