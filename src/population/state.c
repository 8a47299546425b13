/*-------------------------------------------------------------------------
 *
 * state.c
 *		The serialized form of a population, and combining it with another
 *		population.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "event/event.h"
#include "miscadmin.h"
#include "population/layout.h"
#include "utils/memutils.h"

/* The numbers that the nodes of another population have in `left`. */
uint32 *
population_node_numbers(Population *left, const Nodes *nodes, bool *same)
{
	uint32	   *numbers = MemoryContextAllocHuge(left->context,
												 (nodes->n + 1) * sizeof(uint32));
	uint32		i;

	*same = true;
	for (i = 0; i < nodes->n; i++)
	{
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		numbers[i] = nodes_intern(left->nodes, nodes->names[i]);
		*same &= numbers[i] == i;
	}
	return numbers;
}

/*
 * Append the records of a population that has just been deserialized, with
 * the same layout, to those of another.
 */
void
population_combine(UserStore *store, const UserStore *other)
{
	Population *left = (Population *) store;
	const Population *right = (const Population *) other;
	uint32	   *numbers = NULL;
	bool		same = true;

	Assert(right->spill == NULL);
	Assert(left->nsteps == right->nsteps && left->holds == right->holds);
	population_have_ids(left);
	left->newest = Max(left->newest, right->newest);
	if (results_combine(&left->results, left->n > 0, &right->results, left->context))
		return;
	if (population_holds(left, POPULATION_NODES))
		numbers = population_node_numbers(left, right->nodes, &same);
	if (right->taken != NULL &&
		!(!right->taken->by_user &&
		  left->site->used + right->taken->offsets[USER_PARTS] > left->site->limit))
	{
		PopulationTaken *taken = MemoryContextAlloc(left->context, sizeof(PopulationTaken));
		uint64		length = right->taken->offsets[USER_PARTS];
		char	   *bytes = MemoryContextAllocHuge(left->context, Max(length, 1));

		Assert(right->taken->next == NULL);
		*taken = *right->taken;
		memcpy(bytes, right->taken->bytes, length);
		taken->bytes = bytes;
		taken->next = left->taken;
		left->taken = taken;
		if (taken->by_user)
		{
			taken->nodes = numbers;
			taken->nnodes = numbers == NULL ? 0 : right->nodes->n;
			numbers = NULL;
		}
		else
		{
			left->site->used += length;
			left->size += length;
			if (!same)
				records_renumber_nodes(left, bytes, bytes + length, numbers);
		}
	}
	else if (right->taken != NULL || right->received_length > 0)
	{
		char	   *copy = NULL;
		const char *records = right->taken != NULL ? right->taken->bytes : right->received;
		size_t		length = right->taken != NULL ? right->taken->offsets[USER_PARTS] :
			right->received_length;

		if (!same)
		{
			copy = MemoryContextAllocHuge(left->context, length);
			memcpy(copy, records, length);
			records_renumber_nodes(left, copy, copy + length, numbers);
			records = copy;
		}
		population_append_records(left, records, records + length);
		if (copy != NULL)
			pfree(copy);
	}
	if (numbers != NULL)
		pfree(numbers);
	left->n += right->n;
}

/*
 * A population as bytes.  After the header, whose n counts nothing here: the
 * type and collation of the ids, what records hold, the time of the newest
 * event, the number of records, and how they are written; then the names of
 * nodes, if records hold any.
 *
 * Records that fit into memory follow as they are, which costs next to nothing:
 * in a row (RECORDS_IN_ROW), or when there are many, part by part
 * (RECORDS_BY_PART).  Others are written by user (RECORDS_BY_USER), for the leader has no
 * more memory than a worker, and a value holds up to 1 GB: for each user the
 * key, the id's bytes if any, the number of events, the events as
 * events_encode() writes them (without conditions where there are none), and
 * then for each its seq, node and value, if any.  That takes less than half.
 *
 * Of users who are finished (RECORDS_FINISHED) there is nothing but results:
 * see results_write().
 *
 * By part or by user, at the end stands how many bytes each part takes, and by
 * part also how many records, so that the receiver can take them part by part.
 */
typedef enum RecordsForm
{
	RECORDS_IN_ROW,
	RECORDS_BY_USER,
	RECORDS_BY_PART,
	RECORDS_FINISHED
} RecordsForm;

#define NNUMBERS			6

/* Added to what records hold: no conditions, although the header says one. */
#define NO_CONDITIONS		(POPULATION_ALL + 1)

/* The population is used up. */
bytea *
population_serialize(UserStore *store, const void *params_bytes, size_t params_size)
{
	Population *population = (Population *) store;
	EventsHeader header = {params_bytes, params_size, Max(population->nsteps, 1), 0, false};
	UserKeyType *key_type = &population->site->key_type;
	uint64		numbers[NNUMBERS];
	UsersWriter writer = {.population = population};
	ScratchBytes block = {0};
	uint64		raw = 0;
	uint64		size;
	ByteWriter	out;
	RecordsForm form = RECORDS_IN_ROW;
	uint32		sizes[USER_PARTS] = {0};
	uint32		records[USER_PARTS] = {0};
	int			i;

	population_have_ids(population);
	if (population->results.finished)
		form = RECORDS_FINISHED;
	else
	{
		for (i = 0; i < population_nparts(population); i++)
			raw += population_part_bytes(population, &population->parts[i]);
		for (i = 0; population->spill != NULL && i < USER_PARTS; i++)
			raw += population->spill->bytes[i];
	}
	if (form == RECORDS_FINISHED)
		raw = results_size(&population->results);
	else if (raw > population->site->limit || population->taken != NULL)
		form = RECORDS_BY_USER;
	else if (population->part_mask != 0)
		form = RECORDS_BY_PART;

	numbers[0] = key_type->type;
	numbers[1] = key_type->collation;
	numbers[2] = population->holds | (population->nsteps == 0 ? NO_CONDITIONS : 0);
	numbers[3] = fold_sign(population->newest);
	numbers[4] = population->n;
	numbers[5] = form;
	size = VARHDRSZ + events_header_size(&header);
	for (i = 0; i < NNUMBERS; i++)
		size += number_size(numbers[i]);
	if (form != RECORDS_BY_USER)
		size += raw;
	if (form == RECORDS_BY_PART)
		size += sizeof(sizes) + sizeof(records);
	if (population->nodes != NULL && form != RECORDS_FINISHED)
	{
		size += nodes_size(population->nodes);
		if (form == RECORDS_BY_USER)
			nodes_rank(population->nodes);
	}
	if (size > MaxAllocSize)
		(void) serialized_alloc(size);	/* raises the error */

	writer.capacity = size;
	writer.data = palloc(size);
	out.at = (unsigned char *) writer.data + VARHDRSZ;
	events_write_header(&header, &out);
	for (i = 0; i < NNUMBERS; i++)
		write_number(&out, numbers[i]);
	if (population->nodes != NULL && form != RECORDS_FINISHED)
		nodes_write(population->nodes, form == RECORDS_BY_USER, &out);

	if (form == RECORDS_FINISHED)
		results_write(&population->results, &out);
	else if (form == RECORDS_BY_USER)
	{
		Visit		visit = {NULL, users_writer_put, &writer, false};

		writer.used = (char *) out.at - writer.data;
		if (population->part_mask == 0)
			population_split_parts(population); /* users come part by part */
		population_visit_all(population, &visit);
		out = users_writer_reserve(&writer, sizeof(writer.sizes));
		memcpy(out.at, writer.sizes, sizeof(writer.sizes));
		size = writer.used + sizeof(writer.sizes);
	}
	else
	{
		for (i = 0; i < population_nparts(population); i++)
		{
			PopulationPart *part = &population->parts[i];
			PopulationSpill *files = population->spill;
			const unsigned char *begin = out.at;

			CHECK_FOR_INTERRUPTS();
			records[i] = (uint32) part->n;
			if (files != NULL && files->files[i] != NULL)
			{
				temp_file_rewind(files->files[i]);
				population_read_records(population, files->files[i], (char *) out.at,
										files->bytes[i], &block);
				out.at += files->bytes[i];
				records[i] += (uint32) files->records[i];
			}
			out.at = (unsigned char *) population_copy_part(population, part, (char *) out.at);
			sizes[i] = (uint32) (out.at - begin);
		}
		if (form == RECORDS_BY_PART)
		{
			write_bytes(&out, sizes, sizeof(sizes));
			write_bytes(&out, records, sizeof(records));
		}
		scratch_bytes_free(&block);
		population_release(population);
	}
	SET_VARSIZE(writer.data, size);
	return (bytea *) writer.data;
}

/* Are these bytes n whole records, all of one part unless that is -1? */
static bool
population_records_are_valid(const Population *population, const char *at, const char *end,
							 uint64 n, int part)
{
	for (; n > 0; n--)
	{
		Record		record;
		const char *begin = at;

		at = record_next_within(&population->layout, at, end);
		if (at == NULL)
			return false;
		record_read(population, begin, &record);
		if (!event_time_is_valid(record.at) ||
			record.conditions >> population->nsteps != 0 ||
			(population->nodes != NULL && record.node >= population->nodes->n) ||
			(part >= 0 && user_part(record_hash(begin), 0) != part))
			return false;
	}
	return at == end;
}

/* What was sent by part, as records or `by_user`; it stays where it is. */
static PopulationTaken *
population_read_taken(ByteReader *in, bool by_user)
{
	PopulationTaken *taken = palloc0(sizeof(PopulationTaken));
	uint32		sizes[USER_PARTS];
	size_t		length = bytes_left(in);
	size_t		tables = sizeof(sizes) + (by_user ? 0 : USER_PARTS * sizeof(uint32));
	int			i;

	if (length < tables)
		serialized_refuse();
	length -= tables;
	taken->by_user = by_user;
	taken->bytes = (const char *) in->at;
	memcpy(sizes, in->at + length, sizeof(sizes));
	for (i = 0; !by_user && i < USER_PARTS; i++)
	{
		uint32		records;

		memcpy(&records, in->at + length + sizeof(sizes) + i * sizeof(records),
			   sizeof(records));
		taken->records[i] = records;
	}
	for (i = 0; i < USER_PARTS; i++)
		taken->offsets[i + 1] = taken->offsets[i] + sizes[i];
	if (taken->offsets[USER_PARTS] != length)
		serialized_refuse();
	return taken;
}

/*
 * The population that was serialized, in the current context and without its
 * parameters, which the header points to.  The records stay in the bytes given
 * until population_combine() takes them.  Invalid bytes are an error.  `site`
 * remembers the type of the ids from call to call.
 */
UserStore *
population_deserialize(bytea *bytes, FmgrInfo *flinfo, UserSite **site, EventsHeader *header)
{
	ByteReader	in = {(unsigned char *) VARDATA_ANY(bytes),
	(unsigned char *) VARDATA_ANY(bytes) + VARSIZE_ANY_EXHDR(bytes), false};
	Population *population;
	uint64		numbers[NNUMBERS];
	size_t		length;
	int			i;

	if (!events_read_header(&in, header))
		serialized_refuse();
	for (i = 0; i < NNUMBERS; i++)
		numbers[i] = read_number(&in);
	if (in.failed || numbers[0] > UINT32_MAX || numbers[1] > UINT32_MAX ||
		numbers[2] > (POPULATION_ALL | NO_CONDITIONS) || numbers[5] > RECORDS_FINISHED ||
		((numbers[2] & POPULATION_NODES) != 0 && header->nsteps > 32) ||
		((numbers[2] & NO_CONDITIONS) != 0 && header->nsteps != 1))
		serialized_refuse();

	*site = user_site_of_type(flinfo, *site, (Oid) numbers[0], (Oid) numbers[1]);
	if ((numbers[2] & NO_CONDITIONS) != 0)
		header->nsteps = 0;
	population = population_new(CurrentMemoryContext, *site, NULL, header->nsteps,
								(int) (numbers[2] & POPULATION_ALL));
	population->newest = unfold_sign(numbers[3]);
	population->n = numbers[4];
	if (numbers[5] == RECORDS_FINISHED)
	{
		results_read(&population->results, &in);
		return (UserStore *) population;
	}
	if (population->nodes != NULL && !nodes_read(&in, population->nodes, &header->nameless))
		serialized_refuse();
	if (numbers[5] != RECORDS_IN_ROW)
	{
		PopulationTaken *taken = population_read_taken(&in, numbers[5] == RECORDS_BY_USER);
		uint64		n = 0;

		population->taken = taken;
		for (i = 0; !taken->by_user && i < USER_PARTS; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (!population_records_are_valid(population, taken->bytes + taken->offsets[i],
											  taken->bytes + taken->offsets[i + 1],
											  taken->records[i], i))
				serialized_refuse();
			n += taken->records[i];
		}
		if (!taken->by_user && n != population->n)
			serialized_refuse();
		return (UserStore *) population;
	}
	length = bytes_left(&in);
	if (!population_records_are_valid(population, (const char *) in.at,
									  (const char *) in.at + length,
									  population->n, -1))
		serialized_refuse();
	population->received = (const char *) in.at;
	population->received_length = length;
	return (UserStore *) population;
}
