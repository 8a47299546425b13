/*-------------------------------------------------------------------------
 *
 * population.c
 *		The events of all users of a query, grouped by user inside the
 *		aggregate.
 *
 * The layout of a population: population/layout.h.  Adding to a population:
 * parts.c and spill.c.  Visiting its users: visit.c, which calls source.c,
 * partition.c and group.c.  Between processes: gift.c and state.c, with
 * users_writer.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "population/layout.h"
#include "utils/memutils.h"

/*
 * The chunks go with their context, which may be before the end, as when a scan
 * of groups is begun anew after the first of them.
 */
static void
population_forget_chunks(void *arg)
{
	Population *population = arg;

	population->site->used -= population->size;
	population->size = 0;
	user_site_keeps_nothing(population->site, population);
	population_leave_names(population);
}

/* An empty population in `context`; `holds` is POPULATION_VALUES and the like. */
Population *
population_new(MemoryContext context, UserSite *site, const void *params, int nsteps,
			   int holds)
{
	Population *population = MemoryContextAllocZero(context, sizeof(Population));

	Assert(nsteps <= ((holds & POPULATION_NODES) != 0 ? 32 : STEPSET_MAX));
	population->methods = &population_methods;
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
	population->forget.func = population_forget_chunks;
	population->forget.arg = population;
	MemoryContextRegisterResetCallback(context, &population->forget);
	return population;
}

/* Give back the memory and the files of a population that is used up. */
void
population_release(Population *population)
{
	int			i;

	population_free_parts(population);
	population_leave_names(population);
	population->n = 0;
	while (population->taken != NULL)
	{
		PopulationTaken *next = population->taken->next;

		if (population->taken->gift == NULL)
		{
			if (!population->taken->by_user)
			{
				population->site->used -= population->taken->offsets[USER_PARTS];
				population->size -= population->taken->offsets[USER_PARTS];
			}
			pfree(unconstify(char *, population->taken->bytes));
		}
		if (population->taken->nodes != NULL)
			pfree(population->taken->nodes);
		pfree(population->taken);
		population->taken = next;
	}
	if (population->spill == NULL)
		return;
	for (i = 0; i < USER_PARTS; i++)
		if (population->spill->files[i] != NULL)
			BufFileClose(population->spill->files[i]);
	pfree(population->spill);
	population->spill = NULL;
}

/*
 * Rank the nodes by their names, as every visit does: before it, names can be
 * looked up by their ranks.
 */
void
population_rank(Population *population)
{
	if (population_holds(population, POPULATION_NODES))
		nodes_rank(population->nodes);
}

/* The rank of a node by its name, or NODE_NONE if no event has it. */
uint32
population_find_node(const Population *population, TextSlice name)
{
	uint32		number = nodes_find(population->nodes, name);

	return number == NODE_NONE ? NODE_NONE : population->nodes->ranks[number];
}

static UserStore *
population_new_like(MemoryContext context, UserSite *site, const void *params,
					const UserStore *other)
{
	const Population *like = (const Population *) other;

	return (UserStore *) population_new(context, site, params, like->nsteps, like->holds);
}

static void
population_check_alike(const UserStore *left, const UserStore *right)
{
	const Population *a = (const Population *) left;
	const Population *b = (const Population *) right;

	if (a->nsteps != b->nsteps)
		arg_refuse_size(a->nsteps, (uint64) b->nsteps);
	if (a->holds != b->holds)
		serialized_refuse();
}

static void
population_store_release(UserStore *store)
{
	population_release((Population *) store);
}

const UserStoreMethods population_methods = {
	population_new_like,
	population_check_alike,
	population_combine,
	population_exchange,
	population_store_release,
	population_serialize,
	population_deserialize
};
