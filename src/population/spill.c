/*-------------------------------------------------------------------------
 *
 * spill.c
 *		Temporary files of the records of a population.
 *
 * A file is a row of blocks, as in population/record_block.h.  Records are written by
 * parts as they are spilled, or by the bits of the hash below if a file is split.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "population/layout.h"
#include "utils/memutils.h"

#define WAITING_BYTES		8192

/* Make a buffer hold `size` bytes; what it held is lost. */
char *
buffer_for(Buffer *buffer, uint64 size)
{
	if (size > buffer->size || buffer->bytes == NULL)
	{
		if (buffer->bytes != NULL)
			pfree(buffer->bytes);
		buffer->bytes = NULL;
		buffer->size = size + size / 8 + 1; /* parts are of much the same size */
		buffer->bytes = MemoryContextAllocHuge(CurrentMemoryContext, buffer->size);
	}
	return buffer->bytes;
}

/*
 * The temporary file of a part.  Where processes are going to exchange what
 * they have, the others can open it by its name.
 */
static BufFile *
create_file(const Population *population, int number)
{
	char		name[EXCHANGE_NAME_SIZE];

	if (population->exchange == NULL)
		return BufFileCreateTemp(false);
	exchange_file_name(name, population->exchange->slot, number);
	return BufFileCreateFileSet(exchange_files(population->exchange), name);
}

/* Write records that lie in a row as blocks of a temporary file. */
static void
write_blocks(const Population *population, BufFile *file, const char *at, const char *end,
			 Buffer *block)
{
	while (at < end)
	{
		const char *next = record_block_end(&population->layout, at, end);
		char	   *out = buffer_for(block, record_block_room(next - at));

		BufFileWrite(file, out, record_block_write(&population->layout, at, next, out));
		at = next;
	}
}

/* Write what waits for one of the files of a split. */
void
write_waiting(const Population *population, Split *split, int file, Buffer *block)
{
	if (split->used[file] > 0)
		write_blocks(population, split->files->files[file], split->waiting[file],
					 split->waiting[file] + split->used[file], block);
	split->used[file] = 0;
}

/* Write one record to the temporary file of its hash. */
static void
split_record(const Population *population, Split *split, const char *record, size_t length,
			 Buffer *block)
{
	PopulationSpill *files = split->files;
	int			file = spill_file(record_hash(record), split->level);

	if (files->files[file] == NULL)
	{
		files->files[file] = BufFileCreateTemp(false);
		split->waiting[file] = palloc(WAITING_BYTES);
	}
	files->bytes[file] += length;
	files->records[file]++;
	if (length > WAITING_BYTES - split->used[file])
		write_waiting(population, split, file, block);
	if (length > WAITING_BYTES)
	{
		write_blocks(population, files->files[file], record, record + length, block);
		return;
	}
	memcpy(split->waiting[file] + split->used[file], record, length);
	split->used[file] += length;
}

/* Write the records of one of PARTS parts to its temporary file. */
void
spill_part(Population *population, int number, Buffer *block)
{
	PopulationPart *part = &population->parts[number];
	PopulationSpill *files = population->spill;
	PopulationChunk *chunk;

	if (part->n == 0)
		return;
	if (files->files[number] == NULL)
		files->files[number] = create_file(population, number);
	for (chunk = part->blocks.newest; chunk != NULL; chunk = chunk->before)
		BufFileWrite(files->files[number], chunk_records(chunk),
					 chunk_end(&part->blocks, chunk) - chunk_records(chunk));
	for (chunk = part->records.newest; chunk != NULL; chunk = chunk->before)
		write_blocks(population, files->files[number], chunk_records(chunk),
					 chunk_end(&part->records, chunk), block);
	files->bytes[number] += part_bytes(population, part);
	files->records[number] += part->n;
}

void
rewind_file(BufFile *file)
{
	if (BufFileSeek(file, 0, 0, SEEK_SET) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not rewind a temporary file of pg_journey")));
}

/* Read `length` bytes of a temporary file, or fail. */
static void
read_exact(BufFile *file, void *out, size_t length)
{
	if (BufFileRead(file, out, length) != length)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read from a temporary file of pg_journey")));
}

/* What was read from a temporary file is not what was written. */
void
refuse_block(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("a temporary file of pg_journey is damaged")));
}

/* Read the next block of a temporary file, of which `left` bytes of records are left. */
RecordBlock
read_block(BufFile *file, uint64 left, Buffer *block)
{
	RecordBlock header;

	read_exact(file, &header, sizeof(header));
	if (header.raw == 0 || header.raw > left || header.size > record_block_room(header.raw))
		refuse_block();
	read_exact(file, buffer_for(block, header.size + RECORD_BLOCK_SLACK), header.size);
	return header;
}

/* Read the records of a block to `out`. */
void
read_block_records(const Population *population, RecordBlock header, const Buffer *block, char *out)
{
	if (!record_block_read(&population->layout, block->bytes, header.size, out, header.raw))
		refuse_block();
}

/* Read the records of a temporary file, `bytes` of them, to `out`. */
void
read_records(const Population *population, BufFile *file, char *out, uint64 bytes, Buffer *block)
{
	while (bytes > 0)
	{
		RecordBlock header = read_block(file, bytes, block);

		CHECK_FOR_INTERRUPTS();
		read_block_records(population, header, block, out);
		out += header.raw;
		bytes -= header.raw;
	}
}

/* Begin to split records by the hash bits of a level. */
Split *
begin_split(int level)
{
	Split	   *split = palloc0(sizeof(Split));

	split->files = palloc0(sizeof(PopulationSpill));
	split->level = level;
	return split;
}

/* Split records in memory. */
void
split_records(const Population *population, const char *at, const char *end, Split *split,
			  Buffer *block)
{
	uint64		n;

	for (n = 0; at < end; n++)
	{
		const char *next = record_next(&population->layout, at);

		if (n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		split_record(population, split, at, next - at, block);
		at = next;
	}
}
