/*-------------------------------------------------------------------------
 *
 * source.c
 *		The sources of the records that are visited together, and reading
 *		them.
 *
 * The records of a part are in its chunks, in gifts of other processes, and
 * in temporary files.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>

#include "miscadmin.h"
#include "population/layout.h"

/* Give the nodes of records their new numbers. */
void
records_renumber_nodes(const Population *population, char *at, const char *end,
					   const uint32 *numbers)
{
	uint64		n;

	for (n = 0; at < end; n++)
	{
		if (n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		record_renumber_node(population, at, numbers);
		at = unconstify(char *, record_next(&population->layout, at));
	}
}

/* Begin to read the next file of a source. */
static void
record_source_begin_file(RecordSource *source)
{
	source->left = 0;
	if (source->file < source->nfiles)
	{
		temp_file_rewind(source->files[source->file].file);
		source->left = source->files[source->file].bytes;
	}
}

/* Begin to read a source, for the first time or once more. */
void
record_source_begin(RecordSource *source)
{
	source->now.begin = source->now.end = NULL;
	source->span = 0;
	source->file = 0;
	record_source_begin_file(source);
}

/*
 * Take the records of a span that can be read at once: all its records, or
 * those of its first block, which are then in `buffer`.  FALSE if nothing is
 * left.
 */
bool
record_span_take(const Population *population, RecordSpan *span, ScratchBytes *buffer,
				 RecordSpan *records)
{
	RecordBlock header;
	char	   *out;

	*records = *span;
	if (span->begin == span->end)
		return false;
	if (!span->blocks)
	{
		span->begin = span->end;
		return true;
	}
	memcpy(&header, span->begin, sizeof(header));
	out = scratch_bytes(buffer, header.raw);
	if (!record_block_read(&population->layout, span->begin + sizeof(header), header.size,
						   out, header.raw))
		population_refuse_block();
	span->begin += sizeof(header) + header.size;
	span->first = false;
	records->begin = out;
	records->end = out + header.raw;
	records->blocks = false;
	return true;
}

/* The next records of a source; those of a block stay until the next call. */
bool
record_source_next(const Population *population, RecordSource *source, VisitWorkspace *work,
				   RecordSpan *span)
{
	const RecordFile *file;
	RecordBlock header;
	char	   *records;

	CHECK_FOR_INTERRUPTS();
	for (;;)
	{
		if (record_span_take(population, &source->now, &work->loaded, span))
			return true;
		if (source->span == source->nspans)
			break;
		source->now = source->spans[source->span++];
	}
	while (source->left == 0)
	{
		if (source->file >= source->nfiles)
			return false;
		source->file++;
		record_source_begin_file(source);
	}
	file = &source->files[source->file];
	header = population_read_block(file->file, source->left, &work->block);
	records = scratch_bytes(&work->loaded, header.raw);
	population_read_block_records(population, header, &work->block, records);
	source->left -= header.raw;
	span->begin = records;
	span->end = records + header.raw;
	span->blocks = false;
	span->first = true;
	span->nodes = file->nodes;
	return true;
}

/* Copy all records of a source to `out`, one after the other. */
void
record_source_copy(const Population *population, RecordSource *source, char *out,
				   VisitWorkspace *work)
{
	RecordSpan	span;

	record_source_begin(source);
	while (record_source_next(population, source, work, &span))
	{
		const size_t length = span.end - span.begin;

		memcpy(out, span.begin, length);
		if (span.nodes != NULL)
			records_renumber_nodes(population, out, out + length, span.nodes);
		out += length;
	}
}

/* Split the records of a source. */
void
record_source_split(const Population *population, RecordSource *source, RecordSplit *split,
					VisitWorkspace *work)
{
	RecordSpan	span;

	record_source_begin(source);
	while (record_source_next(population, source, work, &span))
	{
		if (span.nodes != NULL)
		{
			const size_t length = span.end - span.begin;
			char	   *records = work->loaded.bytes;

			/* those of a block are there already */
			if (span.begin != records)
			{
				records = scratch_bytes(&work->loaded, length);
				memcpy(records, span.begin, length);
			}
			records_renumber_nodes(population, records, records + length, span.nodes);
			span.begin = records;
			span.end = records + length;
		}
		record_split_add_all(population, span.begin, span.end, split, &work->block);
	}
}

/* Add a row of records or blocks to a source, unless there is nothing in it. */
static void
record_source_add_span(RecordSource *source, RecordSpan span)
{
	if (span.begin < span.end)
		source->spans[source->nspans++] = span;
}

/* Add chunks to a source, the oldest first. */
static void
record_source_add_chunks(RecordSource *source, const ChunkList *list, bool blocks)
{
	int			n;
	Chunk	  **chunks = chunk_list_oldest_first(list, &n);
	int			i;

	for (i = 0; i < n; i++)
	{
		RecordSpan	span = {chunk_records(chunks[i]), chunk_end(list, chunks[i]), blocks,
		false, NULL};

		record_source_add_span(source, span);
	}
	pfree(chunks);
}

/*
 * Add the records of a part in memory to a source that has room for
 * population_part_chunks() spans, so that events stay in the order of
 * arrival.
 */
void
record_source_add_part(const Population *population, RecordSource *source,
					   const PopulationPart *part)
{
	record_source_add_chunks(source, &part->blocks, true);
	record_source_add_chunks(source, &part->records, false);
	source->n += part->n;
	source->bytes += population_part_bytes(population, part);
}

/* The records of a part in memory, and room for `more` further spans. */
RecordSource
record_source_of_part(const Population *population, const PopulationPart *part, int more)
{
	RecordSource source = {.spans = palloc((population_part_chunks(part) + more) * sizeof(RecordSpan))};

	record_source_add_part(population, &source, part);
	return source;
}

/* Copy the records of a part in memory to `out`; returns where they end. */
char *
population_copy_part(const Population *population, const PopulationPart *part, char *out)
{
	RecordSource source = record_source_of_part(population, part, 0);
	VisitWorkspace work = {0};

	record_source_copy(population, &source, out, &work);
	scratch_bytes_free(&work.loaded);
	pfree(source.spans);
	return out + source.bytes;
}

/* Add a temporary file with n records to a source. */
static void
record_source_add_file(RecordSource *source, BufFile *file, uint64 bytes, uint64 n,
					   const uint32 *nodes)
{
	source->files[source->nfiles].file = file;
	source->files[source->nfiles].bytes = bytes;
	source->files[source->nfiles++].nodes = nodes;
	source->bytes += bytes;
	source->n += n;
}

/* Open the temporary file of a part that another process has given. */
static BufFile *
population_open_given_file(const Population *population, const PopulationTaken *taken,
						   int number)
{
	char		name[EXCHANGE_NAME_SIZE];

	exchange_file_name(name, taken->slot, number);
	return BufFileOpenFileSet(exchange_files(population->exchange), name, O_RDONLY, false);
}

/*
 * How many bytes the records of a part take that are in temporary files or packed,
 * this process's and others'.
 */
uint64
population_bytes_to_load(const Population *population, int number)
{
	const uint64 size = population_packs(population) ? population->layout.head : 0;
	uint64		bytes = population->spill == NULL ? 0 : population->spill->bytes[number];
	const PopulationTaken *taken;

	bytes += size * population->parts[number].n;
	for (taken = population->taken; taken != NULL; taken = taken->next)
		if (taken->gift != NULL)
			bytes += taken->gift->file_bytes[number] + size * taken->gift->records[number];
	return bytes;
}

/* Add the records that another process has given or sent of a part to a source. */
static void
record_source_add_taken(const Population *population, RecordSource *source,
						const PopulationTaken *taken, int number)
{
	const bool	blocks = taken->gift != NULL && population_packs(population);
	RecordSpan	span = {taken->bytes + taken->offsets[number],
	taken->bytes + taken->offsets[number + 1], blocks, true, taken->renumbers};

	record_source_add_span(source, span);
	source->n += taken->records[number];
	source->bytes += blocks ? (uint64) taken->records[number] * population->layout.head :
		(uint64) (span.end - span.begin);
	if (taken->gift != NULL && taken->gift->file_bytes[number] > 0)
		record_source_add_file(source, population_open_given_file(population, taken, number),
							   taken->gift->file_bytes[number],
							   taken->gift->file_records[number],
							   taken->nodes);
}

/*
 * The records of a part: what is in memory, what has been spilled, and what came
 * from other processes and is not by user.  There is room for `more` further spans.
 */
RecordSource
record_source_whole(const Population *population, int number, int more)
{
	const PopulationSpill *files = population->spill;
	const PopulationTaken *taken;
	RecordSource source;
	int			others = 0;

	for (taken = population->taken; taken != NULL; taken = taken->next)
		others++;
	source = record_source_of_part(population, &population->parts[number], others + more);
	source.files = palloc((others + 1) * sizeof(RecordFile));
	for (taken = population->taken; taken != NULL; taken = taken->next)
		if (!taken->by_user)
			record_source_add_taken(population, &source, taken, number);
	if (files != NULL && files->files[number] != NULL)
		record_source_add_file(&source, files->files[number], files->bytes[number],
							   files->records[number], NULL);
	return source;
}

/* Close the files of a source of a part; this process's own may be kept. */
void
record_source_close(Population *population, RecordSource *source, int number, bool keep)
{
	BufFile   **own = population->spill == NULL ? NULL : &population->spill->files[number];
	int			i;

	for (i = 0; i < source->nfiles; i++)
	{
		BufFile    *file = source->files[i].file;

		if (own != NULL && file == *own)
		{
			if (keep)
				continue;
			*own = NULL;
		}
		BufFileClose(file);
	}
	pfree(source->files);
	pfree(source->spans);
}
