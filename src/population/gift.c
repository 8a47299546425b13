/*-------------------------------------------------------------------------
 *
 * gift.c
 *		Populations of several processes give each other the records of parts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "event/event.h"
#include "miscadmin.h"
#include "population/layout.h"

/* Copy the chunks of a part to `out`, one after the other. */
static void
give_part(const Population *population, const PopulationPart *part, char *out)
{
	Source		source = part_source(population, part, 0);
	int			i;

	for (i = 0; i < source.nspans; i++)
	{
		const Span *span = &source.spans[i];

		memcpy(out, span->begin, span->end - span->begin);
		out += span->end - span->begin;
	}
	pfree(source.spans);
}

/*
 * Give the parts that others finish: what is in memory in shared memory, what
 * was spilled in its files.  FALSE if there is no shared memory for it.
 */
static bool
give_parts(Population *population, Exchange *exchange)
{
	UserKeyType *key_type = &population->site->key_type;
	PopulationSpill *files = population->spill;
	uint64		names = population->nodes == NULL ? 0 : nodes_size(population->nodes);
	uint64		length = 0;
	size_t		size;
	PopulationGift *gift;
	ByteWriter	out;
	int			i;

	for (i = 0; i < PARTS; i++)
	{
		PopulationPart *part = &population->parts[i];

		CHECK_FOR_INTERRUPTS();
		if ((population->finishes & UINT64CONST(1) << i) != 0)
			continue;
		if (is_packed(population))
			pack_part(population, part);
		length += chunks_bytes(&part->blocks) + chunks_bytes(&part->records);
	}
	size = offsetof(PopulationGift, bytes) + length + names + RECORD_BLOCK_SLACK;
	gift = exchange_give(exchange, size);
	if (gift == NULL)
		return false;
	map_memory((char *) gift, size);
	memset(gift, 0, offsetof(PopulationGift, bytes));
	gift->type = key_type->type;
	gift->collation = key_type->collation;
	gift->nsteps = population->nsteps;
	gift->holds = population->holds;
	gift->newest = population->newest;
	for (i = 0; i < PARTS; i++)
	{
		PopulationPart *part = &population->parts[i];

		CHECK_FOR_INTERRUPTS();
		gift->offsets[i + 1] = gift->offsets[i];
		if ((population->finishes & UINT64CONST(1) << i) != 0)
			continue;
		gift->offsets[i + 1] += chunks_bytes(&part->blocks) + chunks_bytes(&part->records);
		gift->records[i] = part->n;
		give_part(population, part, gift->bytes + gift->offsets[i]);
		free_part(population, part);
		if (files == NULL || files->files[i] == NULL)
			continue;
		gift->file_bytes[i] = files->bytes[i];
		gift->file_records[i] = files->records[i];
		BufFileExportFileSet(files->files[i]);
		BufFileClose(files->files[i]);
		files->files[i] = NULL;
		files->bytes[i] = 0;
	}
	gift->names_length = names;
	out.at = (unsigned char *) gift->bytes + length;
	if (population->nodes != NULL)
		nodes_write(population->nodes, false, &out);
	return true;
}

/* Take what another process has given of the parts that this one finishes. */
static void
take_parts(Population *population, PopulationGift *gift, int slot)
{
	UserKeyType *key_type = &population->site->key_type;
	PopulationPacked *packed;

	if (gift->nsteps != population->nsteps)
		arg_refuse_size(population->nsteps, (uint64) gift->nsteps);
	if (gift->type != key_type->type || gift->collation != key_type->collation ||
		gift->holds != population->holds)
		serialized_refuse();	/* their records are not laid out alike */
	population->newest = Max(population->newest, gift->newest);
	packed = MemoryContextAllocZero(population->context, sizeof(PopulationPacked));
	packed->raw = true;
	packed->gift = gift;
	packed->slot = slot;
	packed->bytes = gift->bytes;
	memcpy(packed->offsets, gift->offsets, sizeof(packed->offsets));
	memcpy(packed->records, gift->records, sizeof(packed->records));
	packed->next = population->packed;
	population->packed = packed;
	if (population->nodes != NULL)
	{
		Nodes	   *nodes = nodes_new(CurrentMemoryContext);
		const unsigned char *names = (unsigned char *) gift->bytes + gift->offsets[PARTS];
		ByteReader	in = {names, names + gift->names_length, false};
		bool		same;

		if (!nodes_read(&in, nodes))
			serialized_refuse();
		packed->nodes = node_numbers(population, nodes, &same);
		packed->renumbers = same ? NULL : packed->nodes;
	}
}

/*
 * Give the records of some parts to the other processes of a scan, and take
 * theirs of the others.  Then this population has all records of the users of
 * its parts, and no others.
 */
void
population_exchange(Population *population, dsa_area *area)
{
	Exchange   *exchange = population->exchange;
	int			i;

	exchange_meet(exchange, area);
	if (exchange->n == 1)
		return;
	if (population->part_mask == 0)
		split_parts(population);
	population->finishes = 0;
	for (i = exchange->me; i < PARTS; i += exchange->n)
		population->finishes |= UINT64CONST(1) << i;
	if (!give_parts(population, exchange))
	{
		spill(population);
		if (!give_parts(population, exchange))
			exchange_refuse();
	}
	exchange_wait(exchange);
	for (i = 0; i < exchange->n; i++)
		if (i != exchange->me)
			take_parts(population, exchange_taken(exchange, i), exchange->slots[i]);
}
