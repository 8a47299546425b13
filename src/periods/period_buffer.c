/*-------------------------------------------------------------------------
 *
 * period_buffer.c
 *		Records in the order of their coming, and how they are grouped by user.
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
#define FIRST_SLOTS_LOG2	10
#define FIRST_SLOTS			(1 << FIRST_SLOTS_LOG2)
#define PARTITION_RECORDS	16384	/* records and tables fit a 2 MB cache */
#define MOST_PARTITIONS		1024
#define SMALLEST_FLUSH		(16 * 1024 * 1024)	/* smaller ones only for want
												 * of memory */
#define RECENT_FROM			(256 * 1024)	/* with so many bytes, remember
											 * the latest */
#define PARTS_FROM			(32 * 1024) /* with so many bytes, have parts if
										 * possible */

/* A user of a partition, while it is being grouped. */
typedef struct PartitionUser
{
	uint64		hash;
	const char *id;
	uint32		id_length;
	uint32		first;			/* of its periods, among those of the
								 * partition */
	uint32		filled;			/* how many are there yet */
} PartitionUser;

/* Workspace of grouping, kept from partition to partition. */
typedef struct Workspace
{
	uint32	   *numbers;		/* the user of each record */
	uint64		records;		/* for so many there is room */
	PartitionUser *users;		/* half as many as slots */
	PartitionUser *users_scratch;
	uint32	   *slots;			/* hash table of user numbers + 1 */
	int			slots_log2;
	uint64		factor;			/* see hash_slot() */
	PeriodArray periods;
	PeriodArray scratch;
} Workspace;

#define MERGE_SORT_NAME sort_users
#define MERGE_SORT_TYPE PartitionUser
#define MERGE_SORT_BEFORE(a, b, arg) ((a)->hash < (b)->hash)
#include "base/merge_sort.h"

static void
period_lay_out_slots(Workspace *work, uint32 nusers)
{
	const uint64 mask = (UINT64_C(1) << work->slots_log2) - 1;
	uint32		i;

	memset(work->slots, 0, (mask + 1) * sizeof(uint32));
	for (i = 0; i < nusers; i++)
	{
		uint64		slot = hash_slot(work->users[i].hash, work->factor, work->slots_log2);

		while (work->slots[slot] != 0)
			slot = (slot + 1) & mask;
		work->slots[slot] = i + 1;
	}
}

static void
period_workspace_for(Workspace *work, uint64 records)
{
	if (records > UINT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many users that cannot be told apart by their hash")));
	if (work->slots == NULL)
	{
		work->slots_log2 = FIRST_SLOTS_LOG2;
		work->factor = user_slot_factor();
		work->slots = palloc(FIRST_SLOTS * sizeof(uint32));
		work->users = palloc(FIRST_SLOTS / 2 * sizeof(PartitionUser));
		work->users_scratch = palloc((FIRST_SLOTS / 4 + 1) * sizeof(PartitionUser));
	}
	if (records > work->records)
	{
		if (work->numbers != NULL)
			pfree(work->numbers);
		work->records = records;
		work->numbers = MemoryContextAllocHuge(CurrentMemoryContext, records * sizeof(uint32));
		period_array_need(&work->periods, records);
	}
	memset(work->slots, 0, (UINT64_C(1) << work->slots_log2) * sizeof(uint32));
}

/* Double the room for users, and lay out the hash table anew. */
static void
period_grow_users(Workspace *work, uint32 nusers)
{
	uint64		slots = UINT64_C(1) << ++work->slots_log2;

	work->users = repalloc_huge(work->users, slots / 2 * sizeof(PartitionUser));
	work->users_scratch = repalloc_huge(work->users_scratch,
										(slots / 4 + 1) * sizeof(PartitionUser));
	work->slots = repalloc_huge(work->slots, slots * sizeof(uint32));
	period_lay_out_slots(work, nusers);
}

/*
 * Write the users of n records that lie in a row and are no user's only in part.
 */
static void
period_buffer_group_partition(const UserPeriods *set, const char *records, const char *end, uint64 n,
							  Workspace *work, PeriodRunWriter *writer)
{
	UserKeyType *key_type = &set->site->key_type;
	const bool	keyed = periods_are_keyed(set);
	const char *at;
	uint32		nusers = 0;
	uint32		first = 0;
	uint32		i;

	period_workspace_for(work, n);

	/* number the users and count their records */
	for (at = records, i = 0; at < end; i++)
	{
		PeriodRecord record;
		PartitionUser *user;
		uint64		slot;

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		at = period_record_read(set, at, &record);
		slot = hash_slot(record.hash, work->factor, work->slots_log2);
		for (;;)
		{
			if (work->slots[slot] == 0)
			{
				if (nusers == (UINT64_C(1) << work->slots_log2) / 2)
				{
					period_grow_users(work, nusers);
					slot = hash_slot(record.hash, work->factor, work->slots_log2);
					continue;
				}
				user = &work->users[nusers];
				user->hash = record.hash;
				user->id = record.id;
				user->id_length = record.id_length;
				user->filled = 0;
				work->slots[slot] = ++nusers;
				break;
			}
			user = &work->users[work->slots[slot] - 1];
			if (user->hash == record.hash)
			{
				UserKey		a = {user->hash, user->id, user->id_length};
				UserKey		b = {record.hash, record.id, record.id_length};

				if (!keyed || user_keys_equal(key_type, &a, &b))
					break;
			}
			slot = (slot + 1) & ((UINT64_C(1) << work->slots_log2) - 1);
		}
		work->numbers[i] = (uint32) (user - work->users);
		user->filled++;
	}
	Assert(i == n);

	for (i = 0; i < nusers; i++)
	{
		work->users[i].first = first;
		first += work->users[i].filled;
		work->users[i].filled = 0;
	}

	/* lay each user's periods side by side */
	for (at = records, i = 0; at < end; i++)
	{
		PeriodRecord record;
		PartitionUser *user = &work->users[work->numbers[i]];
		UserPeriod *period = &work->periods.items[user->first + user->filled++];

		at = period_record_read(set, at, &record);
		period->period = record.period >> 2;
		period->flags = record.period & USER_PERIOD_FLAGS;
		period->value = record.value;
	}

	sort_users(work->users, nusers, work->users_scratch, NULL);
	for (i = 0; i < nusers; i++)
	{
		PartitionUser *user = &work->users[i];
		UserPeriod *periods = work->periods.items + user->first;
		size_t		kept;

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		kept = periods_order(periods, user->filled, &work->scratch);
		period_run_write(set, writer, user->hash, user->id, user->id_length, periods, kept);
	}
}

/* The same of records that are all there are. */
void
period_group_records(const UserPeriods *set, const char *records, const char *end, uint64 n,
					 PeriodRunWriter *writer)
{
	Workspace	work = {0};

	period_buffer_group_partition(set, records, end, n, &work, writer);
}

static void
period_buffer_forget_recent(UserPeriods *set)
{
	int			i;

	for (i = 0; i < RECENT_RECORDS; i++)
		set->recent[i].period = RECENT_NONE;
}

void
period_chunks_free(UserPeriodsChunk *chunk)
{
	while (chunk != NULL)
	{
		UserPeriodsChunk *before = chunk->before;

		pfree(chunk);
		chunk = before;
	}
}

void
period_buffer_free(UserPeriods *set)
{
	period_chunks_free(set->chunk);
	set->chunk = NULL;
	set->site->used -= set->chunk_bytes;
	set->chunk_bytes = 0;
	set->nrecords = 0;
	set->next = set->end = NULL;
	if (set->recent != NULL)
		period_buffer_forget_recent(set);
}

/* Group the records of the buffer and write them to a run. */
static void
period_buffer_group(UserPeriods *set, PeriodRunWriter *writer)
{
	Workspace	work = {0};
	uint64		counts[MOST_PARTITIONS] = {0};
	uint64		offsets[MOST_PARTITIONS] = {0};
	UserPeriodsChunk *chunk;
	UserPeriodsChunk **chunks;
	char	   *area;
	size_t		bytes = 0;
	uint64		offset = 0;
	int			nchunks = 0;
	int			bits = 0;
	int			i;

	while (set->nrecords >> bits > PARTITION_RECORDS && 1 << bits < MOST_PARTITIONS)
		bits++;
	for (chunk = set->chunk; chunk != NULL; chunk = chunk->before)
	{
		nchunks++;
		bytes += chunk_end(set, chunk) - chunk_records(chunk);
	}
	if (bits == 0 && nchunks == 1)
	{
		period_buffer_group_partition(set, chunk_records(set->chunk), set->next, set->nrecords, &work, writer);
		return;
	}

	/* the oldest first, so that records stay in the order of their coming */
	chunks = palloc(nchunks * sizeof(UserPeriodsChunk *));
	i = nchunks;
	for (chunk = set->chunk; chunk != NULL; chunk = chunk->before)
		chunks[--i] = chunk;
	area = MemoryContextAllocHuge(CurrentMemoryContext, bytes);
	for (i = 0; i < nchunks; i++)
	{
		const char *at = chunk_records(chunks[i]);
		const char *end = chunk_end(set, chunks[i]);

		CHECK_FOR_INTERRUPTS();
		while (at < end)
		{
			PeriodRecord record;
			const char *next = period_record_read(set, at, &record);
			int			partition = bits == 0 ? 0 : (int) (record.hash >> (64 - bits));

			offsets[partition] += next - at;
			counts[partition]++;
			at = next;
		}
	}
	for (i = 0; i < 1 << bits; i++)
	{
		uint64		length = offsets[i];

		offsets[i] = offset;
		offset += length;
	}
	for (i = 0; i < nchunks; i++)
	{
		const char *at = chunk_records(chunks[i]);
		const char *end = chunk_end(set, chunks[i]);

		CHECK_FOR_INTERRUPTS();
		while (at < end)
		{
			PeriodRecord record;
			const char *next = period_record_read(set, at, &record);
			int			partition = bits == 0 ? 0 : (int) (record.hash >> (64 - bits));

			memcpy(area + offsets[partition], at, next - at);
			offsets[partition] += next - at;
			at = next;
		}
	}
	period_buffer_free(set);
	/* now each offset is the end of its partition */
	for (i = 0; i < 1 << bits; i++)
		if (counts[i] > 0)
			period_buffer_group_partition(set, area + (i == 0 ? 0 : offsets[i - 1]), area + offsets[i],
										  counts[i], &work, writer);
}

/* Turn the buffer into a run. */
void
period_buffer_flush(UserPeriods *set)
{
	MemoryContext context;
	MemoryContext old;
	PeriodRunWriter writer = {.context = set->context};

	if (set->chunk == NULL)
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

/* Make room for `length` more bytes in a row; the pointer is set->next. */
static void
period_buffer_reserve(UserPeriods *set, size_t length)
{
	UserPeriodsChunk *chunk = set->chunk;
	size_t		size = FIRST_CHUNK;

	if (chunk != NULL)
	{
		bool		full = set->site->used >= set->site->limit &&
			(chunk->before != NULL || chunk->size >= SPILL_SMALLEST);

		chunk->used_end = set->next;
		size = Min(chunk->size * 2, LARGEST_CHUNK);
		if (full || set->chunk_bytes >= Min(Max(SMALLEST_FLUSH, 4 * set->run_bytes), LARGEST_FLUSH))
		{
			period_buffer_flush(set);
			if (period_runs_must_spill(set))
				period_merge_spill(set);
			chunk = NULL;
		}
		else if (set->recent == NULL && set->chunk_bytes >= RECENT_FROM)
		{
			set->recent = MemoryContextAllocZero(set->context,
												 RECENT_RECORDS * sizeof(RecentRecord));
			period_buffer_forget_recent(set);
		}
	}
	size = Max(size, sizeof(UserPeriodsChunk) + length);
	chunk = MemoryContextAllocHuge(set->context, size);
	chunk->before = set->chunk;
	chunk->size = size;
	chunk->used_end = NULL;
	set->chunk = chunk;
	set->next = chunk_records(chunk);
	set->end = (char *) chunk + size;
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
				 memcmp(record.id, key.bytes, key.length) == 0))
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
	if (unlikely((size_t) (set->end - set->next) < size))
		period_buffer_reserve(set, size);
	out = set->next;
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
		memcpy(out + 4, key.bytes, key.length);
		out += 4 + (size_t) key.length;
	}
	if (likely(recent != NULL))
	{
		recent->hash = hash;
		recent->record = set->next;
		recent->period = marked;
	}
	set->next = out;
	set->nrecords++;
}

/*
 * `user` was active in a period, from 0 to USER_PERIOD_LAST.  The flags are not
 * 0.  The value, a finite number, counts only if the set has values.
 */
void
user_periods_add(UserPeriods *set, Datum user, uint32 period, uint32 flags, double value)
{
	if (set->chunk_bytes >= PARTS_FROM && set->recent == NULL && !periods_are_keyed(set) &&
		!set->with_values)
		period_parts_start(set);
	if (likely(set->parts != NULL))
	{
		const uint32 marked = period << USER_PERIOD_FLAG_BITS | flags;

		user_periods_add_rows(set, &user, &marked, 1);
	}
	else
		period_buffer_append(set, user, period, flags, value);
}
