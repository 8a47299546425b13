/*-------------------------------------------------------------------------
 *
 * source.c
 *		Where the records that are visited together lie, and reading them.
 *
 * Those of a part: in its chunks, in what came from other processes, and in temporary
 * files.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>

#include "miscadmin.h"
#include "population/layout.h"

/* Give the nodes of records their new numbers. */
void
renumber_nodes(const Population *population, char *at, const char *end, const uint32 *numbers)
{
	uint64		n;

	for (n = 0; at < end; n++)
	{
		if (n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		renumber_node(population, at, numbers);
		at = unconstify(char *, record_next(&population->layout, at));
	}
}

/* Begin to read the next file of a source. */
static void
begin_file(Source *source)
{
	source->left = 0;
	if (source->file < source->nfiles)
	{
		rewind_file(source->files[source->file].file);
		source->left = source->files[source->file].bytes;
	}
}

/* Begin to read a source, for the first time or once more. */
void
begin_source(Source *source)
{
	source->now.begin = source->now.end = NULL;
	source->span = 0;
	source->file = 0;
	begin_file(source);
}

/*
 * Take from a span what can be read at once: all its records, or those of its
 * first block, which are in `buffer` then.  FALSE if nothing is left.
 */
bool
take_records(const Population *population, Span *span, Buffer *buffer, Span *records)
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
	out = buffer_for(buffer, header.raw);
	if (!record_block_read(&population->layout, span->begin + sizeof(header), header.size,
						   out, header.raw))
		refuse_block();
	span->begin += sizeof(header) + header.size;
	span->first = false;
	records->begin = out;
	records->end = out + header.raw;
	records->blocks = false;
	return true;
}

/* The next records of a source; those of a block stay until the next call. */
bool
next_span(const Population *population, Source *source, Workspace *work, Span *span)
{
	const SourceFile *file;
	RecordBlock header;
	char	   *records;

	CHECK_FOR_INTERRUPTS();
	for (;;)
	{
		if (take_records(population, &source->now, &work->loaded, span))
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
		begin_file(source);
	}
	file = &source->files[source->file];
	header = read_block(file->file, source->left, &work->block);
	records = buffer_for(&work->loaded, header.raw);
	read_block_records(population, header, &work->block, records);
	source->left -= header.raw;
	memset(span, 0, sizeof(Span));
	span->begin = records;
	span->end = records + header.raw;
	span->first = true;
	span->nodes = file->nodes;
	return true;
}

/* Copy all records of a source to `out`, one after the other. */
void
copy_source(const Population *population, Source *source, char *out, Workspace *work)
{
	Span		span;

	begin_source(source);
	while (next_span(population, source, work, &span))
	{
		const size_t length = span.end - span.begin;

		memcpy(out, span.begin, length);
		if (span.nodes != NULL)
			renumber_nodes(population, out, out + length, span.nodes);
		out += length;
	}
}

/* Split the records of a source. */
void
split_source(const Population *population, Source *source, Split *split, Workspace *work)
{
	Span		span;

	begin_source(source);
	while (next_span(population, source, work, &span))
	{
		if (span.nodes != NULL)
		{
			const size_t length = span.end - span.begin;
			char	   *records = work->loaded.bytes;

			/* those of a block are there already */
			if (span.begin != records)
			{
				records = buffer_for(&work->loaded, length);
				memcpy(records, span.begin, length);
			}
			renumber_nodes(population, records, records + length, span.nodes);
			span.begin = records;
			span.end = records + length;
		}
		split_records(population, span.begin, span.end, split, &work->block);
	}
}

/* Add a row of records or blocks to a source, unless there is nothing in it. */
static void
add_span(Source *source, Span span)
{
	if (span.begin < span.end)
		source->spans[source->nspans++] = span;
}

/* Add chunks to a source, the oldest first. */
static void
add_chunks(Source *source, const Chunks *chunks, bool blocks)
{
	const int	begin = source->nspans;
	PopulationChunk *chunk;
	int			i;
	int			k;

	for (chunk = chunks->newest; chunk != NULL; chunk = chunk->before)
	{
		const Span	span = {chunk_records(chunk), chunk_end(chunks, chunk), blocks, false, NULL};

		add_span(source, span);
	}
	for (i = begin, k = source->nspans - 1; i < k; i++, k--)
	{
		Span		span = source->spans[i];

		source->spans[i] = source->spans[k];
		source->spans[k] = span;
	}
}

/*
 * Add the records of a part in memory to a source that has room for count_chunks()
 * spans, so that events stay in the order of their coming.
 */
void
add_part(const Population *population, Source *source, const PopulationPart *part)
{
	add_chunks(source, &part->blocks, true);
	add_chunks(source, &part->records, false);
	source->n += part->n;
	source->bytes += part_bytes(population, part);
}

/* The records of a part in memory, and room for `more` further spans. */
Source
part_source(const Population *population, const PopulationPart *part, int more)
{
	Source		source = {.spans = palloc((count_chunks(part) + more) * sizeof(Span))};

	add_part(population, &source, part);
	return source;
}

/* Copy the records of a part in memory to `out`; returns where they end. */
char *
copy_part(const Population *population, const PopulationPart *part, char *out)
{
	Source		source = part_source(population, part, 0);
	Workspace	work = {0};

	copy_source(population, &source, out, &work);
	if (work.loaded.bytes != NULL)
		pfree(work.loaded.bytes);
	pfree(source.spans);
	return out + source.bytes;
}

/* Add a temporary file with n records to a source. */
static void
add_file(Source *source, BufFile *file, uint64 bytes, uint64 n, const uint32 *nodes)
{
	source->files[source->nfiles].file = file;
	source->files[source->nfiles].bytes = bytes;
	source->files[source->nfiles++].nodes = nodes;
	source->bytes += bytes;
	source->n += n;
}

/* Open the temporary file of a part that another process has given. */
static BufFile *
open_given_file(const Population *population, const PopulationPacked *packed, int number)
{
	char		name[EXCHANGE_NAME_SIZE];

	exchange_file_name(name, packed->slot, number);
	return BufFileOpenFileSet(exchange_files(population->exchange), name, O_RDONLY, false);
}

/*
 * How many bytes the records of a part take that are in temporary files or packed,
 * this process's and others'.
 */
uint64
bytes_to_load(const Population *population, int number)
{
	const uint64 size = is_packed(population) ? population->layout.head : 0;
	uint64		bytes = population->spill == NULL ? 0 : population->spill->bytes[number];
	const PopulationPacked *packed;

	bytes += size * population->parts[number].n;
	for (packed = population->packed; packed != NULL; packed = packed->next)
		if (packed->gift != NULL)
			bytes += packed->gift->file_bytes[number] + size * packed->gift->records[number];
	return bytes;
}

/* Add what another process has given or sent of a part to a source, unpacked. */
static void
add_packed(const Population *population, Source *source, const PopulationPacked *packed,
		   int number)
{
	const bool	blocks = packed->gift != NULL && is_packed(population);
	Span		span = {packed->bytes + packed->offsets[number],
	packed->bytes + packed->offsets[number + 1], blocks, true, packed->renumbers};

	add_span(source, span);
	source->n += packed->records[number];
	source->bytes += blocks ? (uint64) packed->records[number] * population->layout.head :
		(uint64) (span.end - span.begin);
	if (packed->gift != NULL && packed->gift->file_bytes[number] > 0)
		add_file(source, open_given_file(population, packed, number),
				 packed->gift->file_bytes[number], packed->gift->file_records[number],
				 packed->nodes);
}

/*
 * The records of a part: what is in memory, what has been spilled, and what came
 * from other processes and is not packed.  There is room for `more` further spans.
 */
Source
whole_source(const Population *population, int number, int more)
{
	const PopulationSpill *files = population->spill;
	const PopulationPacked *packed;
	Source		source;
	int			others = 0;

	for (packed = population->packed; packed != NULL; packed = packed->next)
		others++;
	source = part_source(population, &population->parts[number], others + more);
	source.files = palloc((others + 1) * sizeof(SourceFile));
	for (packed = population->packed; packed != NULL; packed = packed->next)
		if (packed->raw)
			add_packed(population, &source, packed, number);
	if (files != NULL && files->files[number] != NULL)
		add_file(&source, files->files[number], files->bytes[number], files->records[number], NULL);
	return source;
}

/* Close the files of a source of a part; this process's own may be kept. */
void
close_source(Population *population, Source *source, int number, bool keep)
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
