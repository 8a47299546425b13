/*-------------------------------------------------------------------------
 *
 * period_buffer.c
 *		Records in the order of arrival, and their grouping by user.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "event/event.h"
#include "miscadmin.h"
#include "periods/layout.h"
#include "utils/memutils.h"

#define FIRST_CHUNK			1024
#define LARGEST_CHUNK		(1024 * 1024)
#define SMALLEST_FLUSH		(16 * 1024 * 1024)	/* smaller ones only for want
												 * of memory */
#define RECENT_FROM			(256 * 1024)	/* with so many bytes, remember
											 * the latest */
#define PARTS_FROM			(32 * 1024) /* with so many bytes, have parts if
										 * possible */

/* Workspace of grouping, kept from partition to partition. */
typedef struct Workspace
{
	UserTable	table;
	PartitionUser *users_scratch;	/* for sorting */
	uint32		users_scratch_size;
	PeriodArray periods;
	PeriodArray scratch;
} Workspace;

#define MERGE_SORT_NAME sort_users
#define MERGE_SORT_TYPE PartitionUser
#define MERGE_SORT_BEFORE(a, b, arg) ((a)->user.key < (b)->user.key)
#include "base/merge_sort.h"

/*
 * Write the users of n adjacent records, of a part or not, which contain all
 * records of these users.
 */
static void
period_buffer_group_partition(const UserPeriods *set, bool part, const char *records,
							  const char *end, uint64 n, Workspace *work,
							  PeriodRunWriter *writer)
{
	UserTable  *table = &work->table;
	const bool	integer = part || !periods_are_keyed(set);
	const char *at;
	uint32		i;

	table->keys_are_hashes = true;
	if (user_table_begin(table, n))
		period_array_need(&work->periods, n);

	/* number the users and count their records */
	for (at = records, i = 0; at < end; i++)
	{
		PeriodRecord record;
		UserKey		user;

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		at = part ? period_part_record_read(at, &record) : period_record_read(set, at, &record);
		user.key = record.hash;
		user.bytes = record.id;
		user.length = record.id_length;
		user_table_count(table, &set->site->key_type, integer, &user, record.hash, i);
	}
	Assert(i == n);

	/* lay each user's periods side by side */
	user_table_lay_out(table);
	for (at = records, i = 0; at < end; i++)
	{
		PeriodRecord record;
		UserPeriod *period = &work->periods.items[user_table_place(table, i)];

		at = part ? period_part_record_read(at, &record) : period_record_read(set, at, &record);
		period->period = record.period >> USER_PERIOD_FLAG_BITS;
		period->flags = record.period & USER_PERIOD_FLAGS;
		period->value = record.value;
	}

	if (work->users_scratch_size < table->nusers / 2 + 1)
	{
		if (work->users_scratch != NULL)
			pfree(work->users_scratch);
		work->users_scratch_size = table->nusers;
		work->users_scratch = MemoryContextAllocHuge(CurrentMemoryContext,
													 (table->nusers + 1) * sizeof(PartitionUser));
	}
	sort_users(table->users, table->nusers, work->users_scratch, NULL);
	for (i = 0; i < table->nusers; i++)
	{
		PartitionUser *user = &table->users[i];
		UserPeriod *periods = work->periods.items + user->first;
		size_t		kept;

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		kept = periods_order(periods, user->filled, &work->scratch);
		if (part)
			user->user = period_part_user(set, user->user.key);
		period_run_write(set, writer, user->user.key, user->user.bytes, user->user.length,
						 periods, kept);
	}
}

/* The same of all records of a part. */
void
period_group_part(const UserPeriods *set, const char *records, const char *end, uint64 n,
				  PeriodRunWriter *writer)
{
	Workspace	work = {0};

	period_buffer_group_partition(set, true, records, end, n, &work, writer);
}

static void
period_buffer_forget_recent(UserPeriods *set)
{
	int			i;

	for (i = 0; i < RECENT_RECORDS; i++)
		set->recent[i].period = RECENT_NONE;
}

void
period_buffer_free(UserPeriods *set)
{
	chunk_list_free(&set->buffer);
	set->site->used -= set->chunk_bytes;
	set->chunk_bytes = 0;
	set->nrecords = 0;
	if (set->recent != NULL)
		period_buffer_forget_recent(set);
}

/* Group the records of the buffer and write them to a run. */
static void
period_buffer_group(UserPeriods *set, PeriodRunWriter *writer)
{
	const int	bits = partition_bits(set->nrecords);
	Workspace	work = {0};
	Partitions	partitions;
	uint64	   *lengths;
	Chunk	  **chunks;
	int			nchunks;
	int			i;

	if (bits == 0 && set->buffer.newest->before == NULL)
	{
		period_buffer_group_partition(set, false, chunk_records(set->buffer.newest), set->buffer.next,
									  set->nrecords, &work, writer);
		return;
	}

	/* the oldest first, so that records stay in the order of their coming */
	chunks = chunk_list_oldest_first(&set->buffer, &nchunks);
	partitions_init(&partitions, bits);
	lengths = palloc0(partitions.n * sizeof(uint64));
	for (i = 0; i < nchunks; i++)
	{
		const char *at = chunk_records(chunks[i]);
		const char *end = chunk_end(&set->buffer, chunks[i]);

		CHECK_FOR_INTERRUPTS();
		while (at < end)
		{
			PeriodRecord record;
			const char *next = period_record_read(set, at, &record);
			const uint32 partition = partition_of(record.hash, 0, bits);

			lengths[partition] += next - at;
			partitions.counts[partition]++;
			at = next;
		}
	}
	(void) partitions_lay_out(&partitions, lengths,
							  MemoryContextAllocHuge(CurrentMemoryContext,
													 chunk_list_bytes(&set->buffer)));
	for (i = 0; i < nchunks; i++)
	{
		const char *at = chunk_records(chunks[i]);
		const char *end = chunk_end(&set->buffer, chunks[i]);

		CHECK_FOR_INTERRUPTS();
		while (at < end)
		{
			PeriodRecord record;
			const char *next = period_record_read(set, at, &record);
			const uint32 partition = partition_of(record.hash, 0, bits);

			memcpy(partitions.next[partition], at, next - at);
			partitions.next[partition] += next - at;
			at = next;
		}
	}
	period_buffer_free(set);
	for (i = 0; i < partitions.n; i++)
		if (partitions.counts[i] > 0)
			period_buffer_group_partition(set, false, partitions.begin[i], partitions.end[i],
										  partitions.counts[i], &work, writer);
}

/* Turn the buffer into a run. */
void
period_buffer_flush(UserPeriods *set)
{
	MemoryContext context;
	MemoryContext old;
	PeriodRunWriter writer = {.context = set->context};

	if (set->buffer.newest == NULL)
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "pg_journey user periods",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	period_buffer_group(set, &writer);
	period_buffer_free(set);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	period_merge_keep(set, &writer);
}

/* Make room for `length` more bytes in a row; they go to set->buffer.next. */
static void
period_buffer_reserve(UserPeriods *set, size_t length)
{
	Chunk	   *chunk = set->buffer.newest;
	size_t		size = FIRST_CHUNK;

	if (chunk != NULL)
	{
		bool		full = set->site->used >= set->site->limit &&
			(chunk->before != NULL || chunk->size >= SPILL_SMALLEST);

		size = Min(chunk->size * 2, LARGEST_CHUNK);
		if (full || set->chunk_bytes >= Min(Max(SMALLEST_FLUSH, 4 * set->run_bytes), LARGEST_FLUSH))
		{
			period_buffer_flush(set);
			if (period_runs_must_spill(set))
				period_merge_spill(set);
		}
		else if (set->recent == NULL && set->chunk_bytes >= RECENT_FROM)
		{
			set->recent = MemoryContextAllocZero(set->context,
												 RECENT_RECORDS * sizeof(RecentRecord));
			period_buffer_forget_recent(set);
		}
	}
	size = Max(size, sizeof(Chunk) + length);
	chunk = MemoryContextAllocHuge(set->context, size);
	chunk->slab = NULL;
	chunk_list_add(&set->buffer, chunk, size);
	set->chunk_bytes += size;
	set->site->used += size;
}

/* Add a record to the buffer, or to one that is there. */
static void
period_buffer_append(UserPeriods *set, Datum user, uint32 period, uint32 flags, double value)
{
	const UserKey key = user_key(&set->site->key_type, &user);
	const uint64 hash = spread(key.key);
	uint32		marked = period << 2 | flags;
	size_t		size = 12;
	RecentRecord *recent = NULL;
	char	   *out;

	if (likely(set->recent != NULL))
	{
		recent = &set->recent[hash >> (64 - RECENT_BITS)];
		if (recent->period >> 2 == period && recent->hash == hash &&
			recent->period != RECENT_NONE)
		{
			PeriodRecord record;

			if (!periods_are_keyed(set) && !set->with_values && (recent->period & flags) == flags)
				return;			/* nothing is new */
			(void) period_record_read(set, recent->record, &record);
			if (!periods_are_keyed(set) ||
				(record.id_length == key.length &&
				 short_bytes_equal(record.id, key.bytes, key.length)))
			{
				marked |= recent->period;
				recent->period = marked;
				memcpy(recent->record + 8, &marked, 4);
				if (set->with_values)
				{
					record.value = period_values_add(record.value, value);
					memcpy(recent->record + 12, &record.value, 8);
				}
				return;
			}
		}
	}

	if (set->with_values)
		size += 8;
	if (periods_are_keyed(set))
		size += 4 + (size_t) key.length;
	if (unlikely(chunk_list_room(&set->buffer) < size))
		period_buffer_reserve(set, size);
	out = set->buffer.next;
	memcpy(out, &hash, 8);
	memcpy(out + 8, &marked, 4);
	out += 12;
	if (set->with_values)
	{
		memcpy(out, &value, 8);
		out += 8;
	}
	if (periods_are_keyed(set))
	{
		memcpy(out, &key.length, 4);
		short_bytes_copy(out + 4, key.bytes, key.length);
		out += 4 + (size_t) key.length;
	}
	if (likely(recent != NULL))
	{
		recent->hash = hash;
		recent->record = set->buffer.next;
		recent->period = marked;
	}
	set->buffer.next = out;
	set->nrecords++;
}

/*
 * `user` was active in a period, from 0 to USER_PERIOD_LAST.  The flags are not
 * 0.  The value, a finite number, counts only if the set has values.
 */
void
user_periods_add(UserPeriods *set, Datum user, uint32 period, uint32 flags, double value)
{
	if (set->chunk_bytes >= PARTS_FROM && set->parts == NULL && set->recent == NULL &&
		!set->with_values && (!periods_are_keyed(set) || set->site->numbers_users))
		period_parts_start(set);
	if (likely(set->parts != NULL))
	{
		const uint32 marked = period << USER_PERIOD_FLAG_BITS | flags;

		user_periods_add_rows(set, &user, &marked, 1);
	}
	else
		period_buffer_append(set, user, period, flags, value);
}
