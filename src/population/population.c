/*-------------------------------------------------------------------------
 *
 * population.c
 *		The events of all users of a query, grouped by user without GROUP BY.
 *
 * What a population is and how it lies in memory: population/layout.h.  Adding to it:
 * parts.c and spill.c.  Visiting its users: visit.c, which calls source.c, partition.c
 * and group.c.  Between processes: gift.c and state.c, with packed_users.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "population/layout.h"
#include "utils/memutils.h"

/*
 * The site of a call: what its populations share.
 */
PopulationSite *
population_site(FmgrInfo *flinfo, Oid type, Oid collation)
{
	PopulationSite *site = MemoryContextAlloc(flinfo->fn_mcxt, sizeof(PopulationSite));

	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_DATATYPE),
				 errmsg("could not determine the type of user_id"),
				 errhint("Cast it, for example user_id::bigint.")));
	user_key_type_init(&site->key_type, type, collation, flinfo->fn_mcxt);
	site->used = 0;
	site->keeps = NULL;
	/* chunks are full while a part is scattered, so half is for them */
	site->limit = get_hash_memory_limit() / 2;
	return site;
}

/*
 * The chunks go with their context, which may be before the end, as when a scan
 * of groups is begun anew after the first of them.
 */
static void
forget_chunks(void *arg)
{
	Population *population = arg;

	population->site->used -= population->size;
	population->size = 0;
	if (population->site->keeps == population)
		population->site->keeps = NULL;
}

/* An empty population in `context`; `holds` is POPULATION_VALUES and the like. */
Population *
population_new(MemoryContext context, PopulationSite *site, const void *params,
			   int nsteps, int holds)
{
	Population *population = MemoryContextAllocZero(context, sizeof(Population));

	Assert(nsteps <= ((holds & POPULATION_NODES) != 0 ? 32 : STEPSET_MAX));
	population->params = params;
	population->site = site;
	population->context = context;
	population->newest = EVENT_TIME_MIN - 1;
	population->nsteps = (uint8) nsteps;
	population->holds = (uint8) holds;
	population->layout = record_layout(nsteps, (holds & POPULATION_SEQ) != 0,
									   (holds & POPULATION_NODES) != 0,
									   site->key_type.kind != USER_KEY_INTEGER,
									   (holds & POPULATION_VALUES) != 0);
	if ((holds & POPULATION_NODES) != 0)
		population->nodes = nodes_new(context);
	population->parts = MemoryContextAllocZero(context, sizeof(PopulationPart));
	population->finishes = PG_UINT64_MAX;
	population->forget.func = forget_chunks;
	population->forget.arg = population;
	MemoryContextRegisterResetCallback(context, &population->forget);
	return population;
}

/* Give back the memory and the files of a population that is used up. */
void
release(Population *population)
{
	int			i;

	free_parts(population);
	population->n = 0;
	while (population->packed != NULL)
	{
		PopulationPacked *next = population->packed->next;

		if (population->packed->gift == NULL)
		{
			if (population->packed->raw)
			{
				population->site->used -= population->packed->offsets[PARTS];
				population->size -= population->packed->offsets[PARTS];
			}
			pfree(unconstify(char *, population->packed->bytes));
		}
		if (population->packed->nodes != NULL)
			pfree(population->packed->nodes);
		pfree(population->packed);
		population->packed = next;
	}
	if (population->spill == NULL)
		return;
	for (i = 0; i < PARTS; i++)
		if (population->spill->files[i] != NULL)
			BufFileClose(population->spill->files[i]);
	pfree(population->spill);
	population->spill = NULL;
}

/* Use up a population that was kept. */
void
population_release(Population *population)
{
	release(population);
}

/*
 * Rank the nodes by their names, as every visit does: before it, names can be
 * looked up by their ranks.
 */
void
population_rank(Population *population)
{
	if (holds(population, POPULATION_NODES))
		nodes_rank(population->nodes);
}

/* The rank of a node by its name, or NODE_NONE if no event has it. */
uint32
population_find_node(const Population *population, TextSlice name)
{
	uint32		number = nodes_find(population->nodes, name);

	return number == NODE_NONE ? NODE_NONE : population->nodes->ranks[number];
}
