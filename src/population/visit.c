/*-------------------------------------------------------------------------
 *
 * visit.c
 *		Visiting the users of a population, part by part.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "population/layout.h"
#include "utils/memutils.h"

#define SPILL_LEVELS		8	/* 48 bits of the hash */

static void population_visit_file(const Population *population, PopulationSpill *files,
								  int number,
								  int level, VisitWorkspace *work, const Visit *visit);

/* Visit the users of the files that something was split into. */
static void
population_visit_split(const Population *population, RecordSplit *split, VisitWorkspace *work,
					   const Visit *visit)
{
	Visit		once = *visit;
	int			i;

	once.keep = false;
	for (i = 0; i < USER_PARTS; i++)
	{
		record_split_flush(population, split, i, &work->block);
		if (split->waiting[i] != NULL)
			pfree(split->waiting[i]);
	}
	for (i = 0; i < USER_PARTS; i++)
		population_visit_file(population, split->files, i, split->level + 1, work, &once);
	pfree(split->files);
	pfree(split);
}

/*
 * Visit the users of a temporary file by splitting it.
 */
static void
population_split_file(const Population *population, PopulationSpill *files, int number,
					  int level, VisitWorkspace *work, const Visit *visit)
{
	RecordSplit *split = record_split_begin(level);
	RecordFile	file = {files->files[number], files->bytes[number], NULL};
	RecordSource source = {.files = &file,.nfiles = 1};

	record_source_split(population, &source, split, work);
	if (!visit->keep)
	{
		BufFileClose(files->files[number]);
		files->files[number] = NULL;
	}
	population_visit_split(population, split, work, visit);
}

/*
 * Visit the users of a temporary file, closing it.
 */
static void
population_visit_file(const Population *population, PopulationSpill *files, int number,
					  int level, VisitWorkspace *work, const Visit *visit)
{
	BufFile    *file = files->files[number];
	uint64		bytes = files->bytes[number];
	uint64		total = 0;
	RecordFile	source_file = {file, bytes, NULL};
	RecordSource source = {.files = &source_file,.nfiles = 1,.bytes = bytes};
	int			i;

	if (file == NULL)
		return;
	CHECK_FOR_INTERRUPTS();
	for (i = 0; i < USER_PARTS; i++)
		total += files->bytes[i];
	/* a file that took most of its parent would not split any better */
	if (bytes > population->site->limit && level < SPILL_LEVELS && bytes < total / 4 * 3)
	{
		population_split_file(population, files, number, level, work, visit);
		return;
	}
	source.n = files->records[number];
	population_visit_source(population, &source, level, work, visit);
	BufFileClose(file);
	files->files[number] = NULL;
}

/*
 * Visit the users of a part that is too large to load, by splitting it.
 */
static void
population_visit_large_part(Population *population, int number, VisitWorkspace *work,
							const Visit *visit)
{
	RecordSplit *split = record_split_begin(1);
	RecordSource source;

	/* a file begun here would go with the visit, but be kept for the next */
	if (population->spill != NULL && population->spill->files[number] != NULL)
	{
		population_spill_part(population, number, &work->block);
		population_free_part(population, &population->parts[number]);
	}
	source = record_source_whole(population, number, 0);
	record_source_split(population, &source, split, work);
	record_source_close(population, &source, number, visit->keep);
	population_visit_split(population, split, work, visit);
}

/*
 * Visit the users of a part.
 */
static void
population_visit_part(Population *population, int number, VisitWorkspace *work,
					  const Visit *visit)
{
	const PopulationTaken *taken;
	Population *read = NULL;
	RecordSource source;
	int			chunks = 0;
	int			i;

	for (taken = population->taken; taken != NULL; taken = taken->next)
	{
		if (!taken->by_user)
			continue;
		if (read == NULL)
		{
			UserSite   *site = palloc(sizeof(UserSite));

			*site = *population->site;
			site->used = 0;
			site->numbers_users = false;
			site->limit = SIZE_MAX; /* a part is visited as a whole */
			read = population_new(CurrentMemoryContext, site, NULL, population->nsteps,
								  population->holds);
		}
		population_read_users(read, taken, number);
	}
	for (i = 0; read != NULL && i < population_nparts(read); i++)
		chunks += population_part_chunks(&read->parts[i]);

	source = record_source_whole(population, number, chunks);
	for (i = 0; read != NULL && i < population_nparts(read); i++)
		record_source_add_part(population, &source, &read->parts[i]);
	if (source.n > 0)
		population_visit_source(population, &source, 1, work, visit);
	record_source_close(population, &source, number, visit->keep);
	if (read != NULL)
		population_release(read);
	if (!visit->keep)
		population_free_part(population, &population->parts[number]);
}

/* Visit all users.  The population is used up, unless it is to be kept. */
void
population_visit_all(Population *population, const Visit *visit)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "pg_journey population",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	VisitWorkspace work = {0};

	population_free_kept(population);

	/* written users must come part by part, however few they are */
	if (population->part_mask == 0 && population->spill == NULL && population->taken == NULL &&
		visit->write == NULL)
	{
		RecordSource source = record_source_of_part(population, population->parts, 0);

		if (source.n > 0)
			population_visit_source(population, &source, 0, &work, visit);
	}
	else
	{
		int			i;

		if (population->part_mask == 0)
			population_split_parts(population);
		for (i = 0; i < USER_PARTS; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if ((population->finishes & UINT64CONST(1) << i) == 0)
				continue;
			if ((population->taken == NULL || population->taken->gift != NULL) &&
				population_bytes_to_load(population, i) > population->site->limit)
				population_visit_large_part(population, i, &work, visit);
			else
				population_visit_part(population, i, &work, visit);
		}
	}
	if (!visit->keep)
		population_release(population);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/*
 * Call `visit` for each user, in no particular order.  The population is used
 * up, but for the names of its nodes.
 */
void
population_visit(Population *population, PopulationVisitor visit, void *arg)
{
	Visit		all = {visit, NULL, arg, false};

	population_rank(population);
	population_visit_all(population, &all);
}

/* population_visit() that leaves the population to be visited again, until it is released. */
void
population_visit_keeping(Population *population, PopulationVisitor visit, void *arg)
{
	Visit		all = {visit, NULL, arg, true};

	population_rank(population);
	population_visit_all(population, &all);
}
