/*-------------------------------------------------------------------------
 *
 * parts.c
 *		Adding records to the parts of a population.
 *
 * Each part has records as they came, and where they are packed, blocks of those
 * before.  Making room may split the one part that a small population has
 * (population_split_parts), which appends its records again and so makes room, or move
 * all records to files (population_spill), which splits first.  That does not come back:
 * there are parts then, and nothing to split.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "population/layout.h"
#include "utils/memutils.h"

#define FIRST_CHUNK			1024
#define SPILL_SMALLEST		(64 * 1024) /* a population smaller than this
										 * stays */

void
free_part(Population *population, PopulationPart *part)
{
	drop_chunks(population, &part->blocks, false);
	drop_chunks(population, &part->records, false);
	population->site->used -= part->size;
	population->size -= part->size;
	memset(part, 0, sizeof(PopulationPart));
}

/* Free chunks kept for being filled again. */
void
free_kept(Population *population)
{
	while (population->kept != NULL)
	{
		PopulationChunk *before = population->kept->before;

		free_chunk(population, population->kept);
		population->kept = before;
	}
	if (population->site->keeps == population)
		population->site->keeps = NULL;
}

/*
 * Empty a part of a population that is going to be filled again.  Chunks are
 * kept where there is memory enough for each part to fill some, for to the
 * kernel what is given back and taken again is new memory, which it clears.  Of
 * a site only the population that spilled last keeps any, and they do not count
 * as used until they are; so they never take more than the site's limit.
 */
static void
empty_part(Population *population, PopulationPart *part)
{
	const bool	keep = population->site->limit >= 2 * PARTS * LARGEST_CHUNK;

	drop_chunks(population, &part->blocks, keep);
	drop_chunks(population, &part->records, keep);
	free_part(population, part);
}

void
free_parts(Population *population)
{
	int			i;

	for (i = 0; i < nparts(population); i++)
		free_part(population, &population->parts[i]);
	free_kept(population);
}

/*
 * From one part to PARTS of them.
 */
void
split_parts(Population *population)
{
	PopulationPart *whole = population->parts;
	PopulationPart all = *whole;
	PopulationChunk *chunk;
	PopulationChunk *first = NULL;

	Assert(population->part_mask == 0);
	pfree(whole);
	population->parts = MemoryContextAllocZero(population->context,
											   PARTS * sizeof(PopulationPart));
	population->part_mask = PARTS - 1;
	Assert(all.blocks.newest == NULL);
	if (all.records.newest != NULL)
		all.records.newest->used_end = all.records.next;

	/* turn the list of chunks around: the oldest first */
	while ((chunk = all.records.newest) != NULL)
	{
		all.records.newest = chunk->before;
		chunk->before = first;
		first = chunk;
	}
	while ((chunk = first) != NULL)
	{
		append_records(population, chunk_records(chunk), chunk->used_end);
		first = chunk->before;
		free_chunk(population, chunk);
	}
	population->site->used -= all.size;
	population->size -= all.size;
}

/* Move all records to temporary files. */
void
spill(Population *population)
{
	MemoryContext old = MemoryContextSwitchTo(population->context);
	Buffer		block = {0};
	int			i;

	if (population->part_mask == 0)
		split_parts(population);
	if (population->spill == NULL)
		population->spill = palloc0(sizeof(PopulationSpill));
	if (population->site->keeps != NULL && population->site->keeps != population)
		free_kept(population->site->keeps);
	population->site->keeps = population;
	for (i = 0; i < PARTS; i++)
	{
		CHECK_FOR_INTERRUPTS();
		spill_part(population, i, &block);
		empty_part(population, &population->parts[i]);
	}
	if (block.bytes != NULL)
		pfree(block.bytes);
	MemoryContextSwitchTo(old);
}

/* The size of a chunk of one of PARTS parts: they grow with it. */
static inline size_t
next_chunk_size(const PopulationPart *part)
{
	return Min(Max(part->size / 2, FIRST_PART_CHUNK), LARGEST_CHUNK);
}

/* Pack the records of one of PARTS parts.  Their chunk stays, if they have one. */
void
pack_part(Population *population, PopulationPart *part)
{
	PopulationChunk *chunk = part->records.newest;
	const char *at = chunk == NULL ? NULL : chunk_records(chunk);
	const char *end = part->records.next;

	Assert(is_packed(population));
	Assert(chunk == NULL || chunk->before == NULL);
	while (at < end)
	{
		const char *next = record_block_end(&population->layout, at, end);

		if ((size_t) (part->blocks.end - part->blocks.next) < record_block_room(next - at))
			add_chunk(population, part, &part->blocks, next_chunk_size(part));
		part->blocks.next += record_block_write(&population->layout, at, next,
												part->blocks.next);
		at = next;
	}
	if (chunk != NULL)
		part->records.next = chunk_records(chunk);
}

/*
 * Make room for a record of `length` bytes in the part of `hash`, which is
 * returned; the room is at the `next` of its records.
 */
static PopulationPart *
reserve(Population *population, uint64 hash, size_t length)
{
	PopulationPart *part = population_part(population, hash);
	size_t		size;

	if (population->part_mask == 0 && part->size >= SPLIT_BYTES)
		split_parts(population);
	if (population->site->used >= population->site->limit &&
		population->size >= SPILL_SMALLEST)
		spill(population);
	part = population_part(population, hash);
	if (is_packed(population) && part->records.newest != NULL)
		pack_part(population, part);
	if ((size_t) (part->records.end - part->records.next) >= length)
		return part;

	if (population->part_mask == 0)
		size = Max(part->size, FIRST_CHUNK);
	else
		size = is_packed(population) ? FIRST_PART_CHUNK : next_chunk_size(part);
	add_chunk(population, part, &part->records,
			  Max(size, sizeof(PopulationChunk) + length));
	return part;
}

/* Append records that are laid out as the population's are. */
void
append_records(Population *population, const char *at, const char *end)
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
			part = reserve(population, hash, length);
		memcpy(part->records.next, at, length);
		part->records.next += length;
		part->n++;
		at = next;
	}
}

/* Append one record. */
static inline void
append_record(Population *population, const UserKey *user, const PopulationEvent *event)
{
	const bool	keyed = population->site->key_type.kind != USER_KEY_INTEGER;
	const int	nsteps = population->nsteps;
	uint64		conditions = nsteps == 0 ? 0 : event->step >> (64 - nsteps);
	size_t		size = population->layout.head;
	uint64		hash = spread(user->key);
	PopulationPart *part = population_part(population, hash);
	char	   *out;
	int			i;

	if (keyed)
		size += 4 + (size_t) user->length;
	if (holds(population, POPULATION_VALUES))
		size += 4 + (size_t) event->value.length;
	if (unlikely((size_t) (part->records.end - part->records.next) < size))
		part = reserve(population, hash, size);

	out = part->records.next;
	memcpy(out, &user->key, 8);
	memcpy(out + 8, &event->at, 8);
	out += 16;
	for (i = 0; i < population->layout.conditions; i++)
	{
		*out++ = (char) conditions;
		conditions >>= 8;
	}
	if (holds(population, POPULATION_SEQ))
	{
		memcpy(out, &event->seq, 8);
		out += 8;
	}
	if (holds(population, POPULATION_NODES))
	{
		memcpy(out, &event->node, 4);
		out += 4;
	}
	if (keyed)
	{
		memcpy(out, &user->length, 4);
		memcpy(out + 4, user->bytes, user->length);
		out += 4 + (size_t) user->length;
	}
	if (holds(population, POPULATION_VALUES))
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

/* append_record() for other files. */
void
population_append(Population *population, const UserKey *user, const PopulationEvent *event)
{
	append_record(population, user, event);
}

/*
 * Add an event of `user`.  Of the event only what the population holds counts.
 */
void
population_add(Population *population, Datum user, const PopulationEvent *event)
{
	UserKey		key = user_key(&population->site->key_type, &user);

	append_record(population, &key, event);
}

/* population_add_rows(), with so many bytes for the conditions of a row. */
static pg_attribute_always_inline void
add_rows(Population *population, const Datum *users, const Datum *ats, const Datum *steps,
		 const uint16 *rows, int n, int nbytes)
{
	const UserKeyType *type = &population->site->key_type;
	const int	shift = 64 - population->nsteps;
	const int	size = 16 + nbytes;
	int			i;
	int			k;

	for (i = 0; i < n; i++)
	{
		const int	row = rows[i];
		const uint64 key = integer_key(type, users[row]);
		const int64 at = DatumGetTimestampTz(ats[row]);
		const uint64 conditions = (uint64) DatumGetInt64(steps[row]) >> shift;
		const uint64 hash = spread(key);
		PopulationPart *part = population_part(population, hash);
		char	   *out;

		if (unlikely(part->records.end - part->records.next < size))
			part = reserve(population, hash, size);
		out = part->records.next;
		memcpy(out, &key, 8);
		memcpy(out + 8, &at, 8);
		for (k = 0; k < nbytes; k++)
			out[16 + k] = (char) (conditions >> 8 * k);
		part->records.next = out + size;
		part->n++;
	}
	population->n += n;
}

/*
 * Add the events of n rows, whose numbers are in `rows`, to a population that
 * holds neither values nor nodes nor an order within equal times, and whose
 * users are integers.
 */
void
population_add_rows(Population *population, const Datum *users, const Datum *ats,
					const Datum *steps, const uint16 *rows, int n)
{
	Assert(population->site->key_type.kind == USER_KEY_INTEGER);
	Assert(population->holds == 0 && population->nsteps > 0);
	switch (population->layout.conditions)
	{
		case 1:
			add_rows(population, users, ats, steps, rows, n, 1);
			break;
		case 2:
			add_rows(population, users, ats, steps, rows, n, 2);
			break;
		default:
			add_rows(population, users, ats, steps, rows, n,
					 population->layout.conditions);
	}
}

/*
 * Add the events of n rows, whose numbers are in `rows`, to a population that
 * holds nodes and nothing else, and whose users are integers.  The node of row
 * rows[i] is nodes[i].
 */
void
population_add_node_rows(Population *population, const Datum *users, const Datum *ats,
						 const uint32 *nodes, const uint16 *rows, int n)
{
	const UserKeyType type = population->site->key_type;
	const int	size = 16 + 4;
	int			i;

	Assert(type.kind == USER_KEY_INTEGER);
	Assert(population->holds == POPULATION_NODES && population->nsteps == 0);
	for (i = 0; i < n; i++)
	{
		const uint64 key = integer_key(&type, users[rows[i]]);
		const int64 at = DatumGetTimestampTz(ats[rows[i]]);
		const uint64 hash = spread(key);
		PopulationPart *part = population_part(population, hash);
		char	   *out;

		if (unlikely(part->records.end - part->records.next < size))
			part = reserve(population, hash, size);
		out = part->records.next;
		__builtin_prefetch(out + 128, 1);
		memcpy(out, &key, 8);
		memcpy(out + 8, &at, 8);
		memcpy(out + 16, &nodes[i], 4);
		part->records.next = out + size;
		part->n++;
	}
	population->n += n;
}
