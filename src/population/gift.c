/*-------------------------------------------------------------------------
 *
 * gift.c
 *		The exchange of parts between the populations of several processes.
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
population_give_part(const Population *population, const PopulationPart *part, char *out)
{
	RecordSource source = record_source_of_part(population, part, 0);
	int			i;

	for (i = 0; i < source.nspans; i++)
	{
		const RecordSpan *span = &source.spans[i];

		memcpy(out, span->begin, span->end - span->begin);
		out += span->end - span->begin;
	}
	pfree(source.spans);
}

/*
 * Give the parts that others finish: records in memory through shared memory,
 * spilled records through their files.  FALSE if there is no shared memory
 * for it.
 */
static bool
population_give_parts(Population *population, Exchange *exchange)
{
	PopulationSpill *files = population->spill;
	uint64		names = population->nodes == NULL ? 0 : nodes_size(population->nodes);
	uint64		length = 0;
	size_t		size;
	PopulationGift *gift;
	ByteWriter	out;
	int			i;

	for (i = 0; i < USER_PARTS; i++)
	{
		PopulationPart *part = &population->parts[i];

		CHECK_FOR_INTERRUPTS();
		if ((population->finishes & UINT64CONST(1) << i) != 0)
			continue;
		if (population_packs(population))
			population_pack_part(population, part);
		length += chunk_list_bytes(&part->blocks) + chunk_list_bytes(&part->records);
	}
	size = offsetof(PopulationGift, bytes) + length + names + RECORD_BLOCK_SLACK;
	gift = exchange_give(exchange, size);
	if (gift == NULL)
		return false;
	population_map_memory((char *) gift, size);
	memset(gift, 0, offsetof(PopulationGift, bytes));
	gift->head = gift_head(population->site, population->holds, population->newest);
	gift->nsteps = population->nsteps;
	for (i = 0; i < USER_PARTS; i++)
	{
		PopulationPart *part = &population->parts[i];

		CHECK_FOR_INTERRUPTS();
		gift->offsets[i + 1] = gift->offsets[i];
		if ((population->finishes & UINT64CONST(1) << i) != 0)
			continue;
		gift->offsets[i + 1] += chunk_list_bytes(&part->blocks) + chunk_list_bytes(&part->records);
		gift->records[i] = part->n;
		population_give_part(population, part, gift->bytes + gift->offsets[i]);
		population_free_part(population, part);
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
population_take_parts(Population *population, PopulationGift *gift, int slot)
{
	PopulationTaken *taken;

	if (gift->nsteps != population->nsteps)
		arg_refuse_size(population->nsteps, (uint64) gift->nsteps);
	population->newest = Max(population->newest,
							 gift_head_check(&gift->head, population->site, population->holds));
	taken = MemoryContextAllocZero(population->context, sizeof(PopulationTaken));
	taken->gift = gift;
	taken->slot = slot;
	taken->bytes = gift->bytes;
	memcpy(taken->offsets, gift->offsets, sizeof(taken->offsets));
	memcpy(taken->records, gift->records, sizeof(taken->records));
	taken->next = population->taken;
	population->taken = taken;
	if (population->nodes != NULL)
	{
		Nodes	   *nodes = nodes_new(CurrentMemoryContext);
		const unsigned char *names = (unsigned char *) gift->bytes + gift->offsets[USER_PARTS];
		ByteReader	in = {names, names + gift->names_length, false};
		bool		nameless;
		bool		same;

		if (!nodes_read(&in, nodes, &nameless))
			serialized_refuse();
		taken->nodes = population_node_numbers(population, nodes, &same);
		taken->renumbers = same ? NULL : taken->nodes;
	}
}

/*
 * Give the records of some parts to the other processes of a scan, and take
 * theirs of the others.  Afterwards this population has all records of the
 * users of its parts, and no others.
 */
void
population_exchange(UserStore *store, dsa_area *area)
{
	Population *population = (Population *) store;
	Exchange   *exchange = population->exchange;
	int			i;

	exchange_meet(exchange, area);
	if (exchange->n == 1)
		return;
	population_have_ids(population);
	if (population->part_mask == 0)
		population_split_parts(population);
	population->finishes = 0;
	for (i = exchange->me; i < USER_PARTS; i += exchange->n)
		population->finishes |= UINT64CONST(1) << i;
	if (!population_give_parts(population, exchange))
	{
		population_spill(population);
		if (!population_give_parts(population, exchange))
			exchange_refuse();
	}
	exchange_wait(exchange);
	for (i = 0; i < exchange->n; i++)
		if (i != exchange->me)
			population_take_parts(population, exchange_taken(exchange, i), exchange->slots[i]);
}
