/*-------------------------------------------------------------------------
 *
 * parts.c
 *		Adding records to the parts of a population.
 *
 * Each part has records in the order of arrival, and before them, if records
 * are packed, blocks.  There are two ways to make room.  A small population
 * has one part; population_split_parts splits it and appends its records
 * again. population_spill moves all records to files, and splits first.  This
 * does not recurse, because the population then has parts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "population/layout.h"
#include "utils/memutils.h"

#define FIRST_CHUNK			1024
#define ROWS_AT_ONCE		64

/*
 * A dictionary of ids that misses the cache costs more than ids in the records.
 */
#define NAMES_MOST			(6 * 1024 * 1024)

#define SPILL_SMALLEST		(64 * 1024) /* a population smaller than this
										 * stays */

void
population_free_part(Population *population, PopulationPart *part)
{
	population_drop_chunks(population, &part->blocks, false);
	population_drop_chunks(population, &part->records, false);
	population->site->used -= part->size;
	population->size -= part->size;
	memset(part, 0, sizeof(PopulationPart));
}

/* Free chunks kept for being filled again. */
void
population_free_kept(Population *population)
{
	while (population->kept != NULL)
	{
		Chunk	   *before = population->kept->before;

		population_free_chunk(population, population->kept);
		population->kept = before;
	}
	user_site_keeps_nothing(population->site, population);
}

/* population_free_kept() as user_site_keep() calls it. */
static void
population_give_back(void *keeper)
{
	population_free_kept(keeper);
}

/*
 * Empty a part of a population that is going to be filled again.  Chunks are
 * kept if there is memory enough for each part to fill some, because the
 * kernel clears memory that is freed and allocated again.  In a site only the
 * population that spilled last keeps chunks.  They do not count as used until
 * they are filled, so they never exceed the site's limit.
 */
static void
population_empty_part(Population *population, PopulationPart *part)
{
	const bool	keep = population->site->limit >= 2 * USER_PARTS * LARGEST_CHUNK;

	population_drop_chunks(population, &part->blocks, keep);
	population_drop_chunks(population, &part->records, keep);
	population_free_part(population, part);
}

void
population_free_parts(Population *population)
{
	int			i;

	for (i = 0; i < population_nparts(population); i++)
		population_free_part(population, &population->parts[i]);
	population_free_kept(population);
}

/* From one part to USER_PARTS of them. */
void
population_split_parts(Population *population)
{
	PopulationPart *whole = population->parts;
	PopulationPart all = *whole;
	Chunk	  **chunks;
	int			n;
	int			i;

	Assert(population->part_mask == 0);
	pfree(whole);
	population->parts = MemoryContextAllocZero(population->context,
											   USER_PARTS * sizeof(PopulationPart));
	population->part_mask = USER_PARTS - 1;
	Assert(all.blocks.newest == NULL);
	chunks = chunk_list_oldest_first(&all.records, &n);
	for (i = 0; i < n; i++)
	{
		population_append_records(population, chunk_records(chunks[i]),
								  chunk_end(&all.records, chunks[i]));
		population_free_chunk(population, chunks[i]);
	}
	pfree(chunks);
	population->site->used -= all.size;
	population->size -= all.size;
}

/* The population has no records with numbers of names any more. */
void
population_leave_names(Population *population)
{
	if (population->numbered)
		user_names_leave(population->site);
	population->numbered = false;
}

/* Append the records of a part that another population has, and free it. */
static void
population_append_part(Population *population, Population *other, PopulationPart *part)
{
	RecordSource source = record_source_of_part(other, part, 0);
	VisitWorkspace work = {0};
	RecordSpan	span;

	record_source_begin(&source);
	while (record_source_next(other, &source, &work, &span))
	{
		const char *at = span.begin;

		while (at < span.end)
		{
			Record		record;
			PopulationEvent event;

			at = record_read(other, at, &record);
			if (other->numbered)
				record.user = user_of_number(other->site, record.user.key);
			event.at = record.at;
			event.step = other->nsteps == 0 ? 0 : record.conditions << (64 - other->nsteps);
			event.seq = record.seq;
			event.node = record.node;
			event.value = record.value;
			population_append(population, &record.user, &event);
		}
	}
	scratch_bytes_free(&work.loaded);
	pfree(source.spans);
	population_free_part(other, part);
}

/*
 * Lay out the records anew, in parts, with the ids of users or without.  Without
 * them, the site's names have them.
 */
static void
population_lay_out_records(Population *population, bool ids)
{
	MemoryContext old = MemoryContextSwitchTo(population->context);
	Population	before = *population;
	int			i;

	Assert(population->spill == NULL && population->taken == NULL);
	population->parts = palloc0(USER_PARTS * sizeof(PopulationPart));
	population->part_mask = USER_PARTS - 1;
	population->n = 0;
	population->kept = NULL;
	population->slab = NULL;
	population->layout.id = ids;
	population->numbered = !ids;
	for (i = 0; i < population_nparts(&before); i++)
	{
		const size_t size = before.size;

		CHECK_FOR_INTERRUPTS();
		population_append_part(population, &before, &before.parts[i]);
		population->size -= size - before.size;
	}
	pfree(before.parts);
	population_free_kept(&before);
	population_leave_names(&before);
	MemoryContextSwitchTo(old);
}

/* Have records with ids from here on, in other populations of the site as well. */
void
population_have_ids(Population *population)
{
	if (!population->numbered)
		return;
	population->site->numbers_users = false;
	population_lay_out_records(population, true);
}

/* Move all records to temporary files. */
void
population_spill(Population *population)
{
	MemoryContext old = MemoryContextSwitchTo(population->context);
	ScratchBytes block = {0};
	int			i;

	population_have_ids(population);
	if (population->part_mask == 0)
		population_split_parts(population);
	if (population->spill == NULL)
		population->spill = palloc0(sizeof(PopulationSpill));
	user_site_keep(population->site, population, population_give_back);
	for (i = 0; i < USER_PARTS; i++)
	{
		CHECK_FOR_INTERRUPTS();
		population_spill_part(population, i, &block);
		population_empty_part(population, &population->parts[i]);
	}
	scratch_bytes_free(&block);
	MemoryContextSwitchTo(old);
}

/* The size of a chunk of one of USER_PARTS parts: they grow with it. */
static inline size_t
population_next_chunk_size(const PopulationPart *part)
{
	return Min(Max(part->size / 2, FIRST_PART_CHUNK), LARGEST_CHUNK);
}

/* Pack the records of one of USER_PARTS parts.  Their chunk stays, if they have one. */
void
population_pack_part(Population *population, PopulationPart *part)
{
	Chunk	   *chunk = part->records.newest;
	const char *at = chunk == NULL ? NULL : chunk_records(chunk);
	const char *end = part->records.next;

	Assert(population_packs(population));
	Assert(chunk == NULL || chunk->before == NULL);
	while (at < end)
	{
		const char *next = record_block_end(&population->layout, at, end);

		if ((size_t) (part->blocks.end - part->blocks.next) < record_block_room(next - at))
			population_add_chunk(population, part, &part->blocks,
								 population_next_chunk_size(part));
		part->blocks.next += record_block_write(&population->layout, at, next,
												part->blocks.next);
		at = next;
	}
	if (chunk != NULL)
		part->records.next = chunk_records(chunk);
}

/*
 * Make room for a record of `length` bytes in the part of `hash`, which is
 * returned; the room is at the `next` of its records.  Records may come to have
 * ids, or to have none: see population_has_ids().
 */
static PopulationPart *
population_reserve(Population *population, uint64 hash, size_t length)
{
	PopulationPart *part = population_part(population, hash);
	size_t		size;

	if (population->part_mask == 0 && part->size >= SPLIT_BYTES)
	{
		/*
		 * numbers mean nothing to another process: records would get their
		 * ids back
		 */
		if (population_has_ids(population) && population->taken == NULL &&
			!population->site->partial && user_names_begin(population->site, NAMES_MOST))
			population_lay_out_records(population, false);
		else
			population_split_parts(population);
	}
	if (population->site->used >= population->site->limit &&
		population->size >= SPILL_SMALLEST)
		population_spill(population);
	part = population_part(population, hash);
	if (population_packs(population) && part->records.newest != NULL)
		population_pack_part(population, part);
	if ((size_t) (part->records.end - part->records.next) >= length)
		return part;

	if (population->part_mask == 0)
		size = Max(part->size, FIRST_CHUNK);
	else
		size = population_packs(population) ? FIRST_PART_CHUNK : population_next_chunk_size(part);
	population_add_chunk(population, part, &part->records,
						 Max(size, sizeof(Chunk) + length));
	return part;
}

/* Append records that are laid out as the population's are. */
void
population_append_records(Population *population, const char *at, const char *end)
{
	uint64		n;

	for (n = 0; at < end; n++)
	{
		const char *next = record_next(&population->layout, at);
		uint64		hash = record_hash(at);
		PopulationPart *part = population_part(population, hash);
		size_t		length = next - at;

		if (n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if ((size_t) (part->records.end - part->records.next) < length)
			part = population_reserve(population, hash, length);
		memcpy(part->records.next, at, length);
		part->records.next += length;
		part->n++;
		at = next;
	}
}

/* Append one record. */
static inline void
population_append_record(Population *population, const UserKey *user,
						 const PopulationEvent *event)
{
	const bool	keyed = population_has_ids(population);
	const int	nsteps = population->nsteps;
	uint64		conditions = nsteps == 0 ? 0 : event->step >> (64 - nsteps);
	size_t		size = population->layout.head;
	uint64		key = user->key;
	uint64		hash;
	PopulationPart *part;
	char	   *out;
	int			i;

	if (population->numbered && !user_number(population->site, user, &key))
	{
		population_have_ids(population);
		population_append(population, user, event);
		return;
	}
	hash = spread(key);
	part = population_part(population, hash);
	if (keyed)
		size += 4 + (size_t) user->length;
	if (population_holds(population, POPULATION_VALUES))
		size += 4 + (size_t) event->value.length;
	if (unlikely((size_t) (part->records.end - part->records.next) < size))
	{
		part = population_reserve(population, hash, size);
		if (population_has_ids(population) != keyed)
		{
			population_append(population, user, event);
			return;
		}
	}

	out = part->records.next;
	__builtin_prefetch(out + 128, 1);
	memcpy(out, &key, 8);
	memcpy(out + 8, &event->at, 8);
	out += 16;
	for (i = 0; i < population->layout.conditions; i++)
	{
		*out++ = (char) conditions;
		conditions >>= 8;
	}
	if (population_holds(population, POPULATION_SEQ))
	{
		memcpy(out, &event->seq, 8);
		out += 8;
	}
	if (population_holds(population, POPULATION_NODES))
	{
		memcpy(out, &event->node, 4);
		out += 4;
	}
	if (keyed)
	{
		memcpy(out, &user->length, 4);
		short_bytes_copy(out + 4, user->bytes, user->length);
		out += 4 + (size_t) user->length;
	}
	if (population_holds(population, POPULATION_VALUES))
	{
		uint32		marked = event->value.bytes == NULL ? 0 : event->value.length + 1;

		memcpy(out, &marked, 4);
		out += 4;
		if (marked > 1)
		{
			memcpy(out, event->value.bytes, event->value.length);
			out += event->value.length;
		}
	}
	part->records.next = out;
	part->n++;
	population->n++;
}

/* Append one record, from another file. */
void
population_append(Population *population, const UserKey *user, const PopulationEvent *event)
{
	population_append_record(population, user, event);
}

/*
 * Add an event of `user`.  Of the event only what the population holds counts.
 */
void
population_add(Population *population, Datum user, const PopulationEvent *event)
{
	UserKey		key = user_key(&population->site->key_type, &user);

	population_append_record(population, &key, event);
}

/*
 * Add an event that has no user.  Its conditions must tell it from events of
 * users: it comes with those of some user, or as of a user of its own, and
 * events of different times come apart.
 */
void
population_add_userless(Population *population, const PopulationEvent *event)
{
	const UserKey key = {(uint64) event->at, NULL, 0};

	population_append_record(population, &key, event);
}

/*
 * population_add_rows(), with so many bytes for the conditions of a row.  Users
 * have numbers, or are integers.  Returns how many rows are added, fewer than n
 * if records have come to have ids.
 */
static pg_attribute_always_inline int
population_add_step_rows(Population *population, const Datum *users, const uint64 *numbers,
						 const Datum *ats, const Datum *steps, const uint16 *rows, int n,
						 int nbytes)
{
	const UserKeyType *type = &population->site->key_type;
	const int	shift = 64 - population->nsteps;
	const int	size = 16 + nbytes;
	int			i;
	int			k;

	for (i = 0; i < n; i++)
	{
		const int	row = rows[i];
		const uint64 key = numbers != NULL ? numbers[i] : integer_key(type, users[row]);
		const int64 at = DatumGetTimestampTz(ats[row]);
		const uint64 conditions = (uint64) DatumGetInt64(steps[row]) >> shift;
		const uint64 hash = spread(key);
		PopulationPart *part = population_part(population, hash);
		char	   *out;

		if (unlikely(part->records.end - part->records.next < size))
		{
			part = population_reserve(population, hash, size);
			if (numbers != NULL && !population->numbered)
				break;
		}
		out = part->records.next;
		memcpy(out, &key, 8);
		memcpy(out + 8, &at, 8);
		for (k = 0; k < nbytes; k++)
			out[16 + k] = (char) (conditions >> 8 * k);
		part->records.next = out + size;
		part->n++;
	}
	population->n += i;
	return i;
}

/* The same of rows that have a node and nothing else. */
static pg_attribute_always_inline int
population_add_nodes(Population *population, const Datum *users, const uint64 *numbers,
					 const Datum *ats, const uint32 *nodes, const uint16 *rows, int n)
{
	const UserKeyType type = population->site->key_type;
	const int	size = 16 + 4;
	int			i;

	for (i = 0; i < n; i++)
	{
		const uint64 key = numbers != NULL ? numbers[i] : integer_key(&type, users[rows[i]]);
		const int64 at = DatumGetTimestampTz(ats[rows[i]]);
		const uint64 hash = spread(key);
		PopulationPart *part = population_part(population, hash);
		char	   *out;

		if (unlikely(part->records.end - part->records.next < size))
		{
			part = population_reserve(population, hash, size);
			if (numbers != NULL && !population->numbered)
				break;
		}
		out = part->records.next;
		__builtin_prefetch(out + 128, 1);
		memcpy(out, &key, 8);
		memcpy(out + 8, &at, 8);
		memcpy(out + 16, &nodes[i], 4);
		part->records.next = out + size;
		part->n++;
	}
	population->n += i;
	return i;
}

/* Add rows whose users are numbered, as far as that goes; returns how many. */
static int
population_add_numbered_rows(Population *population, const Datum *users, const Datum *ats,
							 const Datum *steps, const uint32 *nodes, const uint16 *rows, int n)
{
	uint64		numbers[ROWS_AT_ONCE];
	int			added = 0;

	while (added < n && population->numbered)
	{
		const int	more = Min(n - added, ROWS_AT_ONCE);

		if (!user_names_number_rows(population->site, users, rows + added, more, numbers))
		{
			population_have_ids(population);
			break;
		}
		if (nodes != NULL)
			added += population_add_nodes(population, NULL, numbers, ats, nodes + added,
										  rows + added, more);
		else if (population->layout.conditions == 1)
			added += population_add_step_rows(population, NULL, numbers, ats, steps, rows + added,
											  more, 1);
		else
			added += population_add_step_rows(population, NULL, numbers, ats, steps, rows + added,
											  more, population->layout.conditions);
	}
	return added;
}

/*
 * Add rows whose users are no integers, those with steps, or those with nodes.
 * What is fetched of an id goes with the current context, which is reset.
 */
static pg_noinline void
population_add_rows_of_ids(Population *population, const Datum *users, const Datum *ats,
						   const Datum *steps, const uint32 *nodes, const uint16 *rows, int n)
{
	int			i = 0;

	while (i < n)
	{
		PopulationEvent event = {.at = DatumGetTimestampTz(ats[rows[i]])};

		if (population->numbered)
		{
			i += population_add_numbered_rows(population, users, ats, steps,
											  nodes == NULL ? NULL : nodes + i, rows + i, n - i);
			continue;
		}
		if (nodes != NULL)
			event.node = nodes[i];
		else
			event.step = (uint64) DatumGetInt64(steps[rows[i]]);
		population_add(population, users[rows[i]], &event);
		MemoryContextReset(CurrentMemoryContext);
		i++;
	}
}

/*
 * Add the events of n rows, whose numbers are in `rows`, to a population that
 * holds neither values nor nodes nor an order within equal times.
 */
void
population_add_rows(Population *population, const Datum *users, const Datum *ats,
					const Datum *steps, const uint16 *rows, int n)
{
	Assert(population->holds == 0 && population->nsteps > 0);
	if (population->site->key_type.kind != USER_KEY_INTEGER)
		population_add_rows_of_ids(population, users, ats, steps, NULL, rows, n);
	else
		switch (population->layout.conditions)
		{
			case 1:
				population_add_step_rows(population, users, NULL, ats, steps, rows, n, 1);
				break;
			case 2:
				population_add_step_rows(population, users, NULL, ats, steps, rows, n, 2);
				break;
			default:
				population_add_step_rows(population, users, NULL, ats, steps, rows, n,
										 population->layout.conditions);
		}
}

/*
 * Add the events of n rows, whose numbers are in `rows`, to a population that
 * holds nodes and nothing else.  The node of row rows[i] is nodes[i].
 */
void
population_add_node_rows(Population *population, const Datum *users, const Datum *ats,
						 const uint32 *nodes, const uint16 *rows, int n)
{
	Assert(population->holds == POPULATION_NODES && population->nsteps == 0);
	if (population->site->key_type.kind != USER_KEY_INTEGER)
		population_add_rows_of_ids(population, users, ats, NULL, nodes, rows, n);
	else
		(void) population_add_nodes(population, users, NULL, ats, nodes, rows, n);
}
