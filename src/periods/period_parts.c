/*-------------------------------------------------------------------------
 *
 * period_parts.c
 *		Records by the highest bits of the hash, grouped in a table of bits.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "periods/layout.h"
#include "utils/memutils.h"

#define SMALLEST_PARTS		(512 * 1024)	/* smaller ones are not flushed */
#define SMALLEST_PARTS_FLUSH (64 * 1024 * 1024) /* smaller only for want of
												 * memory */
#define FIRST_PART_CHUNK	2048
#define LARGEST_PART_CHUNK	(128 * 1024)
#define FIRST_TABLE_LOG2	9
#define ROWS_AT_ONCE		128
#define RECORDS_AHEAD		8

/* Where the records of a part lie; returns in how many pieces. */
int
period_part_pieces(const UserPeriods *set, int number, PartPiece **pieces)
{
	const ChunkList *part = &set->parts[number];
	Chunk	   *chunk;
	int			n = 0;
	int			i;

	*pieces = MemoryContextAllocHuge(CurrentMemoryContext,
									 (chunk_list_length(part) + set->ntaken + 1) * sizeof(PartPiece));
	for (chunk = part->newest; chunk != NULL; chunk = chunk->before)
	{
		(*pieces)[n].begin = chunk_records(chunk);
		(*pieces)[n++].end = chunk_end(part, chunk);
	}
	for (i = 0; i < set->ntaken; i++)
	{
		const UserPeriodsTaken *taken = &set->taken[i];

		(*pieces)[n].begin = taken->records + (number == 0 ? 0 : taken->ends[number - 1]);
		(*pieces)[n++].end = taken->records + taken->ends[number];
	}
	return n;
}

/*
 * Add records to a table, which grows.  False when so many users or periods have
 * nearly the same hash that searching would take long.
 */
static bool
period_part_add_piece(PeriodTable *table, const PartPiece *piece)
{
	const char *last = piece->end - RECORD_BYTES;
	const char *at;

	for (at = piece->begin; at <= last; at += RECORD_BYTES)
	{
		uint64		hash;
		uint32		marked;

		memcpy(&hash, Min(at + RECORDS_AHEAD * RECORD_BYTES, last), 8);
		period_table_prefetch(table, hash);
		memcpy(&hash, at, 8);
		memcpy(&marked, at + 8, 4);
		while (unlikely(!period_table_add(table, hash, marked)))
		{
			if (table->n < table->most / 4)
				return false;
			period_table_grow(table);
		}
	}
	return true;
}

/* Group the records of a part without a table; the reader is to read the run. */
static void
period_part_group(PeriodRunReader *reader, const PartPiece *pieces, int npieces)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "pg_journey part",
												  ALLOCSET_DEFAULT_SIZES);
	PeriodRunWriter writer = {.context = CurrentMemoryContext};
	MemoryContext old = MemoryContextSwitchTo(context);
	UserPeriodsRun run;
	size_t		bytes = 0;
	char	   *records;
	int			i;

	for (i = 0; i < npieces; i++)
		bytes += pieces[i].end - pieces[i].begin;
	records = MemoryContextAllocHuge(context, bytes);
	bytes = 0;
	for (i = 0; i < npieces; i++)
	{
		memcpy(records + bytes, pieces[i].begin, pieces[i].end - pieces[i].begin);
		bytes += pieces[i].end - pieces[i].begin;
	}
	period_group_part(reader->parts_of, records, records + bytes, bytes / RECORD_BYTES, &writer);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	run = period_run_finish(&writer);
	reader->buffer = run.bytes;
	reader->at = run.bytes;
	reader->end = run.bytes + run.size;
}

/*
 * Load the users of the next part into the table, or if the table is
 * unsuitable, into a run; false if there are no more parts.
 */
bool
period_parts_next(PeriodRunReader *reader)
{
	PartPiece  *pieces;
	int			npieces = 0;
	int			i;

	while (npieces == 0)
	{
		if (reader->part > reader->parts_of->last_part)
			return false;
		npieces = period_part_pieces(reader->parts_of, reader->part++, &pieces);
	}
	if (reader->buffer != NULL)
		pfree(reader->buffer);	/* the run of a part before */
	reader->buffer = NULL;
	reader->at = reader->end = NULL;
	if (reader->table == NULL)
		reader->table = period_table_new(CurrentMemoryContext, USER_PART_BITS, FIRST_TABLE_LOG2);
	else
		period_table_clear(reader->table);
	for (i = 0; i < npieces; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!period_part_add_piece(reader->table, &pieces[i]))
		{
			period_table_clear(reader->table);
			period_part_group(reader, pieces, npieces);
			break;
		}
	}
	reader->next_entry = reader->table->entries;
	pfree(pieces);
	return true;
}

void
period_parts_free(UserPeriods *set)
{
	int			i;

	if (set->parts == NULL)
		return;
	for (i = 0; i < USER_PARTS; i++)
		chunk_list_free(&set->parts[i]);
	set->site->used -= set->part_bytes;
	set->part_bytes = 0;
}

/* Turn the records of the parts into a run. */
void
period_parts_flush(UserPeriods *set)
{
	PeriodRunWriter writer = {.context = set->context};
	PeriodMergeOutput out = {&writer, NULL, NULL};

	if (set->part_bytes == 0)
		return;
	period_merge(set, NULL, 0, true, &out);
	period_parts_free(set);
	period_merge_keep(set, &writer);
}

/* Make room for another record in a part. */
static void
period_part_reserve(UserPeriods *set, ChunkList *part)
{
	Chunk	   *chunk;
	size_t		size;

	if (set->part_bytes >= Min(Max(SMALLEST_PARTS_FLUSH, 4 * set->run_bytes), LARGEST_FLUSH) ||
		(set->site->used >= set->site->limit && set->part_bytes >= SMALLEST_PARTS))
	{
		period_parts_flush(set);
		if (period_runs_must_spill(set))
			period_merge_spill(set);
	}
	size = part->newest == NULL ? FIRST_PART_CHUNK : Min(part->newest->size * 2, LARGEST_PART_CHUNK);
	chunk = MemoryContextAlloc(set->context, size);
	chunk->slab = NULL;
	chunk_list_add(part, chunk, size);
	set->part_bytes += size;
	set->site->used += size;
}

/* Add a record to the part of its hash. */
static inline void
period_part_add(UserPeriods *set, uint64 hash, uint32 marked)
{
	ChunkList  *part = &set->parts[user_part(hash, 0)];

	if (unlikely(chunk_list_room(part) < RECORD_BYTES))
		period_part_reserve(set, part);
	memcpy(part->next, &hash, 8);
	memcpy(part->next + 8, &marked, 4);
	part->next += RECORD_BYTES;
}

/* The set has no parts with users of the site's names any more. */
void
user_periods_leave_names(UserPeriods *set)
{
	if (set->named)
		user_names_leave(set->site);
	set->named = false;
}

/*
 * A user cannot be told by the hash alone, or there is no room for the id: have no
 * parts.
 */
static void
period_parts_end(UserPeriods *set)
{
	period_parts_flush(set);
	pfree(set->parts);
	set->parts = NULL;
	pfree(set->recent_users);
	user_periods_leave_names(set);
	set->site->numbers_users = false;
}

/* Add the records of the buffer to parts; FALSE if one has a user that cannot be there. */
static bool
period_parts_add_buffer(UserPeriods *set)
{
	Chunk	   *chunk;

	for (chunk = set->buffer.newest; chunk != NULL; chunk = chunk->before)
	{
		const char *end = chunk_end(&set->buffer, chunk);
		const char *at = chunk_records(chunk);

		while (at < end)
		{
			PeriodRecord record;

			at = period_record_read(set, at, &record);
			if (set->named)
			{
				const UserKey user = {unspread(record.hash), record.id, record.id_length};
				uint64		number;

				if (!user_number(set->site, &user, &number) || set->site->names->same_hash)
					return false;
			}
			period_part_add(set, record.hash, record.period);
		}
	}
	return true;
}

/* Have parts, with what is in the buffer, if there is memory for them. */
void
period_parts_start(UserPeriods *set)
{
	const size_t recent_bytes = RECENT_RECORDS * sizeof(RecentUser);
	int			i;

	if (set->site->used + SMALLEST_PARTS + recent_bytes > set->site->limit)
		return;
	if (periods_are_keyed(set) && !user_names_begin(set->site, SIZE_MAX))
		return;
	set->named = periods_are_keyed(set);
	set->parts = MemoryContextAllocZero(set->context, USER_PARTS * sizeof(ChunkList));
	set->recent_users = MemoryContextAlloc(set->context, recent_bytes);
	for (i = 0; i < RECENT_RECORDS; i++)
	{
		set->recent_users[i].hash = 0;
		set->recent_users[i].period = RECENT_NONE;
	}
	if (period_parts_add_buffer(set))
		period_buffer_free(set);
	else
	{
		/* the buffer still has all of it */
		period_parts_free(set);
		period_parts_end(set);
	}
}

/* Hash users, who are integers or named; FALSE if one cannot be named. */
static inline bool
period_hash_users(const UserPeriods *set, const Datum *users, uint64 *hashes, int n)
{
	const UserKeyType *key_type = &set->site->key_type;
	int			i;

	if (set->named)
		return user_names_hash_rows(set->site, users, n, hashes);
	if (key_type->typlen == sizeof(int64))
		for (i = 0; i < n; i++)
			hashes[i] = spread((uint64) DatumGetInt64(users[i]));
	else
		for (i = 0; i < n; i++)
			hashes[i] = spread(integer_key(key_type, users[i]));
	return true;
}

/*
 * Of n periods of users, keep those that are not known to be there already;
 * returns how many.
 */
static inline int
period_parts_keep_new(UserPeriods *set, uint64 *hashes, const uint32 *periods, uint32 *kept, int n)
{
	int			nkept = 0;
	int			i;

	/* a branch would be unpredictable here */
	for (i = 0; i < n; i++)
	{
		const uint64 hash = hashes[i];
		const uint32 period = periods[i];
		RecentUser *recent = &set->recent_users[hash >> (64 - RECENT_BITS)];
		const bool	same = (recent->hash == hash) & ((recent->period ^ period) <= USER_PERIOD_FLAGS);
		const uint32 before = recent->period & -(uint32) same;
		const uint32 now = before | period;

		recent->hash = hash;
		recent->period = now;
		hashes[nkept] = hash;
		kept[nkept] = period;
		nkept += now != before;
	}
	return nkept;
}

/*
 * Record active users of rows without values: each in a period, which is
 * given with flags in the lowest two bits, not 0.
 */
void
user_periods_add_rows(UserPeriods *set, const Datum *users, const uint32 *periods, int n)
{
	uint64		hashes[ROWS_AT_ONCE];
	uint32		kept[ROWS_AT_ONCE];

	while (n > 0)
	{
		const int	rows = Min(n, ROWS_AT_ONCE);
		int			nkept;
		int			i;

		if (set->parts == NULL)
		{
			user_periods_add(set, *users, *periods >> USER_PERIOD_FLAG_BITS,
							 *periods & USER_PERIOD_FLAGS, 0);
			if (periods_are_keyed(set))
				MemoryContextReset(CurrentMemoryContext);	/* of a detoasted id */
			users++;
			periods++;
			n--;
			continue;
		}
		if (!period_hash_users(set, users, hashes, rows))
		{
			period_parts_end(set);
			continue;
		}
		nkept = period_parts_keep_new(set, hashes, periods, kept, rows);
		for (i = 0; i < nkept; i++)
			period_part_add(set, hashes[i], kept[i]);
		users += rows;
		periods += rows;
		n -= rows;
	}
}
