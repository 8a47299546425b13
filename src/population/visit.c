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

static void visit_file(const Population *population, PopulationSpill *files, int number,
					   int level, Workspace *work, const Visit *visit);

/* Visit the users of the files that something was split into. */
static void
visit_files(const Population *population, Split *split, Workspace *work, const Visit *visit)
{
	Visit		once = *visit;
	int			i;

	once.keep = false;
	for (i = 0; i < PARTS; i++)
	{
		write_waiting(population, split, i, &work->block);
		if (split->waiting[i] != NULL)
			pfree(split->waiting[i]);
	}
	for (i = 0; i < PARTS; i++)
		visit_file(population, split->files, i, split->level + 1, work, &once);
	pfree(split->files);
	pfree(split);
}

/*
 * Visit the users of a temporary file by splitting it.
 */
static void
visit_split(const Population *population, PopulationSpill *files, int number, int level,
			Workspace *work, const Visit *visit)
{
	Split	   *split = begin_split(level);
	SourceFile	file = {files->files[number], files->bytes[number], NULL};
	Source		source = {
		.files = &file,
		.nfiles = 1
	};

	split_source(population, &source, split, work);
	if (!visit->keep)
	{
		BufFileClose(files->files[number]);
		files->files[number] = NULL;
	}
	visit_files(population, split, work, visit);
}

/*
 * Visit the users of a temporary file, closing it.
 */
static void
visit_file(const Population *population, PopulationSpill *files, int number, int level,
		   Workspace *work, const Visit *visit)
{
	BufFile    *file = files->files[number];
	uint64		bytes = files->bytes[number];
	uint64		total = 0;
	SourceFile	source_file = {file, bytes, NULL};
	Source		source = {
		.files = &source_file,
		.nfiles = 1,
		.bytes = bytes
	};
	int			i;

	if (file == NULL)
		return;
	CHECK_FOR_INTERRUPTS();
	for (i = 0; i < PARTS; i++)
		total += files->bytes[i];
	/* a file that took most of its parent would not split any better */
	if (bytes > population->site->limit && level < SPILL_LEVELS && bytes < total / 4 * 3)
	{
		visit_split(population, files, number, level, work, visit);
		return;
	}
	source.n = files->records[number];
	visit_source(population, &source, level, work, visit);
	BufFileClose(file);
	files->files[number] = NULL;
}

/*
 * Visit the users of a part that is too large to load, by splitting it.
 */
static void
visit_large_part(Population *population, int number, Workspace *work, const Visit *visit)
{
	Split	   *split = begin_split(1);
	Source		source;

	/*
	 * a file that is begun here would go with the visit, but be kept for the
	 * next
	 */
	if (population->spill != NULL && population->spill->files[number] != NULL)
	{
		spill_part(population, number, &work->block);
		free_part(population, &population->parts[number]);
	}
	source = whole_source(population, number, 0);
	split_source(population, &source, split, work);
	close_source(population, &source, number, visit->keep);
	visit_files(population, split, work, visit);
}

/*
 * Visit the users of a part.
 */
static void
visit_part(Population *population, int number, Workspace *work, const Visit *visit)
{
	const PopulationPacked *packed;
	Population *unpacked = NULL;
	Source		source;
	int			chunks = 0;
	int			i;

	for (packed = population->packed; packed != NULL; packed = packed->next)
	{
		if (packed->raw)
			continue;
		if (unpacked == NULL)
		{
			PopulationSite *site = palloc(sizeof(PopulationSite));

			*site = *population->site;
			site->used = 0;
			site->limit = SIZE_MAX; /* a part is visited as a whole */
			unpacked = population_new(CurrentMemoryContext, site, NULL,
									  population->nsteps, population->holds);
		}
		unpack(unpacked, packed, number);
	}
	for (i = 0; unpacked != NULL && i < nparts(unpacked); i++)
		chunks += count_chunks(&unpacked->parts[i]);

	source = whole_source(population, number, chunks);
	for (i = 0; unpacked != NULL && i < nparts(unpacked); i++)
		add_part(population, &source, &unpacked->parts[i]);
	if (source.n > 0)
		visit_source(population, &source, 1, work, visit);
	close_source(population, &source, number, visit->keep);
	if (unpacked != NULL)
		release(unpacked);
	if (!visit->keep)
		free_part(population, &population->parts[number]);
}

/* Visit all users.  The population is used up, unless it is to be kept. */
void
visit_all(Population *population, const Visit *visit)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "pg_journey population", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Workspace	work = {0};

	free_kept(population);

	/* packed users must come part by part, however few they are */
	if (population->part_mask == 0 && population->spill == NULL && population->packed == NULL &&
		visit->packing == NULL)
	{
		Source		source = part_source(population, population->parts, 0);

		if (source.n > 0)
			visit_source(population, &source, 0, &work, visit);
	}
	else
	{
		int			i;

		if (population->part_mask == 0)
			split_parts(population);
		for (i = 0; i < PARTS; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if ((population->finishes & UINT64CONST(1) << i) == 0)
				continue;
			if ((population->packed == NULL || population->packed->gift != NULL) &&
				bytes_to_load(population, i) > population->site->limit)
				visit_large_part(population, i, &work, visit);
			else
				visit_part(population, i, &work, visit);
		}
	}
	if (!visit->keep)
		release(population);
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
	Visit		all = {visit, arg, NULL, false};

	population_rank(population);
	visit_all(population, &all);
}

/* The same, but the population can be visited again, until it is released. */
void
population_visit_keeping(Population *population, PopulationVisitor visit, void *arg)
{
	Visit		all = {visit, arg, NULL, true};

	population_rank(population);
	visit_all(population, &all);
}
