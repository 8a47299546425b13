/*-------------------------------------------------------------------------
 *
 * spill.c
 *		Temporary files of the records of a population.
 *
 * A file is a sequence of blocks, as in population/record_block.h.  Spilling
 * writes one file for each part.  Splitting a file writes files by the next
 * bits of the hash.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "population/layout.h"
#include "utils/memutils.h"

#define WAITING_BYTES		8192

/*
 * The temporary file of a part.  If the processes will exchange records, the
 * others can open it by its name.
 */
static BufFile *
population_create_file(const Population *population, int number)
{
	char		name[EXCHANGE_NAME_SIZE];

	if (population->exchange == NULL)
		return BufFileCreateTemp(false);
	exchange_file_name(name, population->exchange->slot, number);
	return BufFileCreateFileSet(exchange_files(population->exchange), name);
}

/* Write records that lie in a row as blocks of a temporary file. */
static void
population_write_blocks(const Population *population, BufFile *file, const char *at,
						const char *end, ScratchBytes *block)
{
	while (at < end)
	{
		const char *next = record_block_end(&population->layout, at, end);
		char	   *out = scratch_bytes(block, record_block_room(next - at));

		BufFileWrite(file, out, record_block_write(&population->layout, at, next, out));
		at = next;
	}
}

/* Write what waits for one of the files of a split. */
void
record_split_flush(const Population *population, RecordSplit *split, int file,
				   ScratchBytes *block)
{
	if (split->used[file] > 0)
		population_write_blocks(population, split->files->files[file], split->waiting[file],
								split->waiting[file] + split->used[file], block);
	split->used[file] = 0;
}

/* Write one record to the temporary file of its hash. */
static void
record_split_add(const Population *population, RecordSplit *split, const char *record,
				 size_t length, ScratchBytes *block)
{
	PopulationSpill *files = split->files;
	int			file = user_part(record_hash(record), split->level);

	if (files->files[file] == NULL)
	{
		files->files[file] = BufFileCreateTemp(false);
		split->waiting[file] = palloc(WAITING_BYTES);
	}
	files->bytes[file] += length;
	files->records[file]++;
	if (length > WAITING_BYTES - split->used[file])
		record_split_flush(population, split, file, block);
	if (length > WAITING_BYTES)
	{
		population_write_blocks(population, files->files[file], record, record + length, block);
		return;
	}
	memcpy(split->waiting[file] + split->used[file], record, length);
	split->used[file] += length;
}

/* Write the records of one of USER_PARTS parts to its temporary file. */
void
population_spill_part(Population *population, int number, ScratchBytes *block)
{
	PopulationPart *part = &population->parts[number];
	PopulationSpill *files = population->spill;
	Chunk	   *chunk;

	if (part->n == 0)
		return;
	if (files->files[number] == NULL)
		files->files[number] = population_create_file(population, number);
	for (chunk = part->blocks.newest; chunk != NULL; chunk = chunk->before)
		BufFileWrite(files->files[number], chunk_records(chunk),
					 chunk_end(&part->blocks, chunk) - chunk_records(chunk));
	for (chunk = part->records.newest; chunk != NULL; chunk = chunk->before)
		population_write_blocks(population, files->files[number], chunk_records(chunk),
								chunk_end(&part->records, chunk), block);
	files->bytes[number] += population_part_bytes(population, part);
	files->records[number] += part->n;
}

/* What was read from a temporary file is not what was written. */
void
population_refuse_block(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("a temporary file of pg_journey is damaged")));
}

/* Read the next block of a temporary file, of which `left` bytes of records are left. */
RecordBlock
population_read_block(BufFile *file, uint64 left, ScratchBytes *block)
{
	RecordBlock header;

	temp_file_read(file, &header, sizeof(header));
	if (header.raw == 0 || header.raw > left || header.size > record_block_room(header.raw))
		population_refuse_block();
	temp_file_read(file, scratch_bytes(block, header.size + RECORD_BLOCK_SLACK), header.size);
	return header;
}

/* Read the records of a block to `out`. */
void
population_read_block_records(const Population *population, RecordBlock header,
							  const ScratchBytes *block, char *out)
{
	if (!record_block_read(&population->layout, block->bytes, header.size, out, header.raw))
		population_refuse_block();
}

/* Read the records of a temporary file, `bytes` of them, to `out`. */
void
population_read_records(const Population *population, BufFile *file, char *out, uint64 bytes,
						ScratchBytes *block)
{
	while (bytes > 0)
	{
		RecordBlock header = population_read_block(file, bytes, block);

		CHECK_FOR_INTERRUPTS();
		population_read_block_records(population, header, block, out);
		out += header.raw;
		bytes -= header.raw;
	}
}

/* Begin to split records by the hash bits of a level. */
RecordSplit *
record_split_begin(int level)
{
	RecordSplit *split = palloc0(sizeof(RecordSplit));

	split->files = palloc0(sizeof(PopulationSpill));
	split->level = level;
	return split;
}

/* Split records in memory. */
void
record_split_add_all(const Population *population, const char *at, const char *end,
					 RecordSplit *split, ScratchBytes *block)
{
	uint64		n;

	for (n = 0; at < end; n++)
	{
		const char *next = record_next(&population->layout, at);

		if (n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		record_split_add(population, split, at, next - at, block);
		at = next;
	}
}
