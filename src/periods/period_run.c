/*-------------------------------------------------------------------------
 *
 * period_run.c
 *		Users and their periods in a run: written, and read one after the other.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "event/event.h"
#include "miscadmin.h"
#include "periods/layout.h"
#include "utils/memutils.h"

void
period_run_free(UserPeriods *set, UserPeriodsRun *run)
{
	if (run->file != NULL)
		BufFileClose(run->file);
	else if (!run->borrowed)
	{
		pfree(run->bytes);
		set->run_bytes -= run->size;
		set->site->used -= run->size;
	}
}

/* Add a run, which comes to be the last. */
void
period_run_keep(UserPeriods *set, const UserPeriodsRun *run)
{
	if (set->nruns == set->runs_capacity)
	{
		set->runs_capacity = Max(8, set->runs_capacity * 2);
		if (set->runs == NULL)
			set->runs = MemoryContextAlloc(set->context,
										   set->runs_capacity * sizeof(UserPeriodsRun));
		else
			set->runs = repalloc_huge(set->runs, set->runs_capacity * sizeof(UserPeriodsRun));
	}
	set->runs[set->nruns++] = *run;
	if (run->file == NULL && !run->borrowed)
	{
		set->run_bytes += run->size;
		set->site->used += run->size;
	}
}

/* Make room for `size` more bytes. */
ByteWriter
period_run_reserve(PeriodRunWriter *writer, size_t size)
{
	ByteWriter	out;

	if (unlikely(writer->capacity - writer->used < size))
	{
		if (writer->file != NULL && writer->used > 0)
		{
			BufFileWrite(writer->file, writer->data, writer->used);
			writer->in_file += writer->used;
			writer->used = 0;
		}
		if (writer->capacity - writer->used < size)
		{
			if (writer->most > 0 && writer->used + size > writer->most)
				(void) serialized_alloc(writer->used + size);	/* says so */
			writer->capacity = Max(Max(writer->capacity * 2, writer->used + size), FILE_BUFFER);
			if (writer->most > 0)
				writer->capacity = Min(writer->capacity, writer->most);
			if (writer->data == NULL)
				writer->data = MemoryContextAllocHuge(writer->context, writer->capacity);
			else
				writer->data = repalloc_huge(writer->data, writer->capacity);
		}
	}
	out.at = (unsigned char *) writer->data + writer->used;
	return out;
}

/* Write a user as a run holds it. */
void
period_run_write(const UserPeriods *set, PeriodRunWriter *writer, uint64 hash, const char *id,
				 uint32 id_length, const UserPeriod *periods, size_t n)
{
	uint64		size = sizeof(hash) + number_size(n);
	uint32		before = 0;
	ByteWriter	out;
	size_t		i;

	if (periods_are_keyed(set))
		size += number_size(id_length) + id_length;
	for (i = 0; i < n; i++)
	{
		size += number_size((uint64) (periods[i].period - before) << 2);
		before = periods[i].period;
	}
	if (set->with_values)
		size += n * sizeof(double);

	out = period_run_reserve(writer, number_size(size) + size);
	write_number(&out, size);
	write_bytes(&out, &hash, sizeof(hash));
	if (periods_are_keyed(set))
	{
		write_number(&out, id_length);
		write_bytes(&out, id, id_length);
	}
	write_number(&out, n);
	before = 0;
	for (i = 0; i < n; i++)
	{
		write_number(&out, (uint64) (periods[i].period - before) << 2 | periods[i].flags);
		before = periods[i].period;
		if (set->with_values)
			write_bytes(&out, &periods[i].value, sizeof(double));
	}
	writer->used = (char *) out.at - writer->data;
}

/* The run that has been written; writer->data is used up. */
UserPeriodsRun
period_run_finish(PeriodRunWriter *writer)
{
	UserPeriodsRun run = {writer->data, writer->file, writer->used, 0, false};

	if (writer->file != NULL)
	{
		if (writer->used > 0)
			BufFileWrite(writer->file, writer->data, writer->used);
		run.size += writer->in_file;
		run.bytes = NULL;
		if (writer->data != NULL)
			pfree(writer->data);
	}
	else if (writer->capacity - writer->used > writer->used / 8)
		run.bytes = repalloc_huge(writer->data, Max(writer->used, 1));
	return run;
}

/* Have `size` bytes of the run in memory, or fewer if no more are left. */
static void
period_run_load(PeriodRunReader *reader, size_t size)
{
	size_t		have = reader->end - reader->at;
	size_t		wanted;

	if (have >= size || reader->left == 0)
		return;
	if (size > reader->capacity)
	{
		char	   *larger;

		reader->capacity = Max(size, reader->capacity * 2);
		larger = MemoryContextAllocHuge(CurrentMemoryContext, reader->capacity);
		memcpy(larger, reader->at, have);
		pfree(reader->buffer);
		reader->buffer = larger;
	}
	else
		memmove(reader->buffer, reader->at, have);
	wanted = (size_t) Min(reader->capacity - have, reader->left);
	temp_file_read(reader->file, reader->buffer + have, wanted);
	reader->left -= wanted;
	reader->at = reader->buffer;
	reader->end = reader->buffer + have + wanted;
}

/* Go on to the next user of the table; false at its end. */
static bool
period_run_next_of_table(PeriodRunReader *reader)
{
	const PeriodEntry *end = reader->table->entries + reader->table->nslots;
	const PeriodEntry *entry = reader->next_entry;

	while (entry < end && period_entry_is_empty(entry))
		entry++;
	reader->next_entry = reader->entries = entry;
	if (entry == end)
		return false;
	reader->hash = entry->hash;
	do
		entry++;
	while (entry < end && entry->hash == reader->hash && !period_entry_is_empty(entry));
	if (reader->parts_of->named)
	{
		const UserKey user = period_part_user(reader->parts_of, reader->hash);

		reader->id = user.bytes;
		reader->id_length = user.length;
	}
	reader->nentries = entry - reader->entries;
	reader->n = reader->nentries * PERIODS_PER_BLOCK;
	reader->next_entry = entry;
	return true;
}

/*
 * Go on to the next user; false at the end.  Invalid bytes, and users out of
 * order, are an error, because the bytes are untrusted.
 */
bool
period_run_next(PeriodRunReader *reader, bool keyed)
{
	ByteReader	in = {NULL, NULL, false};
	uint64		before = reader->hash;
	const bool	first = reader->n == 0;
	uint64		size;

	if (reader->parts_of != NULL && reader->at == reader->end)
	{
		do
			if (reader->table != NULL && period_run_next_of_table(reader))
				return true;
		while (period_parts_next(reader) && reader->at == reader->end);
		reader->entries = NULL;
	}
	if (reader->at == reader->end && reader->left == 0)
		return false;
	period_run_load(reader, 10);
	in.at = (const unsigned char *) reader->at;
	in.end = (const unsigned char *) reader->end;
	size = read_number(&in);
	if (in.failed || size > (uint64) (in.end - in.at) + reader->left)
		serialized_refuse();
	if (unlikely(size > (uint64) (in.end - in.at)))
	{
		period_run_load(reader, (size_t) ((const char *) in.at - reader->at + size));
		in.at = (const unsigned char *) reader->at;
		in.end = (const unsigned char *) reader->end;
		(void) read_number(&in);
	}
	in.end = in.at + size;

	reader->user = reader->at;
	reader->at = (const char *) in.end;
	if (size < sizeof(reader->hash))
		serialized_refuse();
	memcpy(&reader->hash, in.at, sizeof(reader->hash));
	in.at += sizeof(reader->hash);
	if (keyed)
	{
		uint64		length = read_number(&in);

		reader->id = (const char *) read_bytes(&in, length);
		reader->id_length = (uint32) length;
	}
	reader->n = read_number(&in);
	if (in.failed || reader->n < 1 || reader->n > bytes_left(&in) || reader->hash < before ||
		(reader->hash == before && !first && !keyed))
		serialized_refuse();
	reader->periods = in;
	return true;
}

/*
 * Read the periods of a reader's user; returns their number.  Invalid bytes
 * are an error.
 */
size_t
period_run_periods(const UserPeriods *set, const PeriodRunReader *reader, UserPeriod *periods)
{
	ByteReader	in = reader->periods;
	const bool	with_values = set->with_values;
	uint64		period = 0;
	uint64		i;

	if (reader->entries != NULL)
		return period_entries_read(reader->entries, reader->nentries, periods);
	for (i = 0; i < reader->n; i++)
	{
		uint64		number;

		if (likely(in.at < in.end && *in.at < 0x80))
			number = *in.at++;
		else
			number = read_number(&in);
		if (i > 0 && number >> 2 == 0)
			serialized_refuse();
		/* below 2^62 + 2^30, so this does not wrap around */
		period += number >> 2;
		if (period > USER_PERIOD_LAST)
			serialized_refuse();
		periods[i].period = (uint32) period;
		periods[i].flags = number & USER_PERIOD_FLAGS;
		periods[i].value = 0;
		if (with_values)
		{
			const unsigned char *bytes = read_bytes(&in, sizeof(double));

			if (bytes == NULL)
				serialized_refuse();
			memcpy(&periods[i].value, bytes, sizeof(double));
			if (isinf(periods[i].value) || isnan(periods[i].value))
				serialized_refuse();
		}
		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
	}
	if (in.failed || in.at != in.end)
		serialized_refuse();
	return reader->n;
}
