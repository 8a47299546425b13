/*-------------------------------------------------------------------------
 *
 * user_periods.c
 *		In which periods was each user of a query active?
 *
 * A record of the buffer is
 *
 *		hash		8 bytes: the user's key, spread out
 *		period		4 bytes, with the flags in the lowest two bits
 *		value		8 bytes, when values are kept
 *		id			length (4 bytes) and bytes, when the key is a hash itself
 *
 * in the machine's byte order, and not aligned.  A user comes back within
 * minutes more often than not, so a small table remembers the latest users, and
 * an event in the same period adds no record.
 *
 * Most often ids are integers and there are no values.  Then, once there are
 * some, records are kept in PARTS parts by the highest bits of the hash, and
 * grouped one part after the other: in a table that fits the cache, each user's
 * periods are bits (periods/period_table.h).  The table is in the order of the
 * hash, so users are visited, or written to a run, as they stand there.
 *
 * Other records are in one buffer, and so are those of small sets.  To group
 * them, they are scattered into partitions by the high bits of the hash, about
 * PARTITION_RECORDS each.  In a partition a small hash table numbers the users
 * and counts their records, and a second pass puts the periods of each user
 * side by side.
 *
 * When memory is used up, what is grouped becomes a run: for each user, in the
 * order of the hash,
 *
 *		size		of what follows, in bytes (a number: see base/codec.h)
 *		hash		8 bytes
 *		id			length (a number) and bytes, when the key is a hash itself
 *		n			number of periods
 *		periods		n times the difference to the period before (the first: to
 *					0) with the flags in the lowest two bits, a number; and the
 *					value, 8 bytes, when values are kept
 *
 * A user with ten active days takes about 25 bytes.  Runs are merged so that
 * each is less than half as large as the one before: so there are few, a
 * record is moved a logarithmic number of times, and memory stays linear in
 * the users and their periods.  In memory or in a temporary file, a run is the
 * same, and so it is in the bytes that a worker hands over.  To visit the
 * users is to merge all runs and parts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <math.h>

#include "event/event.h"
#include "miscadmin.h"
#include "periods/period_table.h"
#include "periods/user_periods.h"
#include "storage/buffile.h"
#include "utils/memutils.h"

#define FIRST_CHUNK			1024
#define LARGEST_CHUNK		(1024 * 1024)
#define FIRST_SLOTS_LOG2	10
#define FIRST_SLOTS			(1 << FIRST_SLOTS_LOG2)
#define PARTITION_RECORDS	16384	/* records and tables fit a 2 MB cache */
#define MOST_PARTITIONS		1024
#define SMALLEST_FLUSH		(16 * 1024 * 1024)	/* smaller ones only for want
												 * of memory */
#define LARGEST_FLUSH		(256 * 1024 * 1024)
#define SPILL_SMALLEST		(64 * 1024) /* a set smaller than this stays */
#define RECENT_FROM			(256 * 1024)	/* with so many bytes, remember
											 * the latest */
#define RECORD_BYTES		12	/* of a record of an integer, without a value */
#define PARTS_FROM			(32 * 1024) /* with so many bytes, have parts if
										 * possible */
#define SMALLEST_PARTS		(512 * 1024)	/* smaller ones are not flushed */
#define SMALLEST_PARTS_FLUSH (64 * 1024 * 1024) /* smaller only for want of
												 * memory */
#define FIRST_PART_CHUNK	2048
#define LARGEST_PART_CHUNK	(128 * 1024)
#define FIRST_TABLE_LOG2	9
#define ROWS_AT_ONCE		128
#define RECORDS_AHEAD		8
#define FILES_JOINED		64
#define FILE_BUFFER			(64 * 1024)
#define SMALLEST_FILE_BUFFER 1024

struct UserPeriodsChunk
{
	UserPeriodsChunk *before;
	size_t		size;			/* bytes in all, header included */
	char	   *used_end;		/* end of the records; of the newest: see next */
};

#define PART_BITS	6
#define PARTS		(1 << PART_BITS)

/* The records of users whose hashes agree in the highest PART_BITS bits. */
struct UserPeriodsPart
{
	UserPeriodsChunk *chunk;	/* the newest; it leads to the others */
	char	   *next;			/* where the next record goes */
	char	   *end;			/* the end of the newest chunk */
};

/* The records of parts that another process has given. */
struct UserPeriodsTaken
{
	const char *records;
	const uint64 *ends;			/* [PARTS]: of each part, in bytes */
};

static inline int
part_of(uint64 hash)
{
	return (int) (hash >> (64 - PART_BITS));
}

/* A run in memory, or if there is a file, in that. */
struct UserPeriodsRun
{
	char	   *bytes;
	BufFile    *file;
	uint64		size;
	int			joined;			/* of a file: how often files were joined into
								 * it */
	bool		borrowed;		/* in memory that is not the run's to free */
};

/* A record of the buffer taken apart; the pointer leads into the record. */
typedef struct Record
{
	uint64		hash;
	uint32		period;			/* with flags */
	double		value;
	const char *id;
	uint32		id_length;
} Record;

static inline char *
chunk_records(UserPeriodsChunk *chunk)
{
	return (char *) chunk + sizeof(UserPeriodsChunk);
}

static inline const char *
chunk_end(const UserPeriods *set, UserPeriodsChunk *chunk)
{
	return chunk == set->chunk ? set->next : chunk->used_end;
}

static inline bool
is_keyed(const UserPeriods *set)
{
	return set->site->key_type.kind != USER_KEY_INTEGER;
}

/*
 * Chunks and runs go with their context, which may be before the end, as when a
 * scan of groups is begun anew after the first of them.
 */
static void
forget_memory(void *arg)
{
	UserPeriods *set = arg;

	set->site->used -= set->chunk_bytes + set->part_bytes + set->run_bytes;
	set->chunk_bytes = set->part_bytes = set->run_bytes = 0;
}

/* An empty set in `context`. */
UserPeriods *
user_periods_new(MemoryContext context, PopulationSite *site, const void *params,
				 bool with_values)
{
	UserPeriods *set = MemoryContextAllocZero(context, sizeof(UserPeriods));

	set->params = params;
	set->site = site;
	set->context = context;
	set->newest = EVENT_TIME_MIN - 1;
	set->with_values = with_values;
	set->last_part = PARTS - 1;
	set->forget.func = forget_memory;
	set->forget.arg = set;
	MemoryContextRegisterResetCallback(context, &set->forget);
	return set;
}

static void
forget_recent(UserPeriods *set)
{
	int			i;

	for (i = 0; i < RECENT_RECORDS; i++)
		set->recent[i].period = RECENT_NONE;
}

static void
free_chunk_list(UserPeriodsChunk *chunk)
{
	while (chunk != NULL)
	{
		UserPeriodsChunk *before = chunk->before;

		pfree(chunk);
		chunk = before;
	}
}

static void
free_chunks(UserPeriods *set)
{
	free_chunk_list(set->chunk);
	set->chunk = NULL;
	set->site->used -= set->chunk_bytes;
	set->chunk_bytes = 0;
	set->nrecords = 0;
	set->next = set->end = NULL;
	if (set->recent != NULL)
		forget_recent(set);
}

static void
free_run(UserPeriods *set, UserPeriodsRun *run)
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
static void
keep_run(UserPeriods *set, const UserPeriodsRun *run)
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

/*
 * Writing runs.
 */

/*
 * A run that is being written.  With a file, `data` is what has not been
 * written to it yet.
 */
typedef struct RunWriter
{
	MemoryContext context;
	char	   *data;
	size_t		used;
	size_t		capacity;
	size_t		most;			/* how long data may get; 0: as it likes */
	BufFile    *file;
	uint64		in_file;		/* bytes */
} RunWriter;

/* Make room for `size` more bytes. */
static inline ByteWriter
writer_reserve(RunWriter *writer, size_t size)
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
static void
write_user(const UserPeriods *set, RunWriter *writer, uint64 hash, const char *id,
		   uint32 id_length, const UserPeriod *periods, size_t n)
{
	uint64		size = sizeof(hash) + number_size(n);
	uint32		before = 0;
	ByteWriter	out;
	size_t		i;

	if (is_keyed(set))
		size += number_size(id_length) + id_length;
	for (i = 0; i < n; i++)
	{
		size += number_size((uint64) (periods[i].period - before) << 2);
		before = periods[i].period;
	}
	if (set->with_values)
		size += n * sizeof(double);

	out = writer_reserve(writer, number_size(size) + size);
	write_number(&out, size);
	write_bytes(&out, &hash, sizeof(hash));
	if (is_keyed(set))
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
static UserPeriodsRun
finish_run(RunWriter *writer)
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

/*
 * Putting periods into order.
 */

#define MERGE_SORT_NAME sort_periods
#define MERGE_SORT_TYPE UserPeriod
#define MERGE_SORT_BEFORE(a, b, arg) ((a)->period < (b)->period)
#include "base/merge_sort.h"

/* Room for UserPeriods. */
typedef struct PeriodArray
{
	UserPeriod *items;
	size_t		capacity;
} PeriodArray;

static void
grow_periods(PeriodArray *array, size_t n)
{
	array->capacity = Max(Max(n, array->capacity * 2), 64);
	if (array->items == NULL)
		array->items = MemoryContextAllocHuge(CurrentMemoryContext,
											  array->capacity * sizeof(UserPeriod));
	else
		array->items = repalloc_huge(array->items, array->capacity * sizeof(UserPeriod));
}

static inline void
need_periods(PeriodArray *array, size_t n)
{
	if (unlikely(n > array->capacity))
		grow_periods(array, n);
}

/* A sum of values must be a number as well. */
static inline double
add_values(double a, double b)
{
	double		sum = a + b;

	if (unlikely(isinf(sum) || isnan(sum)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the sum of value is out of range")));
	return sum;
}

/*
 * Put periods into order, each once; returns how many are left.  Values of one
 * period are added in the order in which they stand.
 */
static size_t
order_periods(UserPeriod *periods, size_t n, PeriodArray *scratch)
{
	size_t		kept = 0;
	size_t		i;

	for (i = 1; i < n; i++)
		if (periods[i].period < periods[i - 1].period)
		{
			need_periods(scratch, n / 2 + 1);
			sort_periods(periods, n, scratch->items, NULL);
			break;
		}
	for (i = 1; i < n; i++)
	{
		if (periods[i].period == periods[kept].period)
		{
			periods[kept].flags |= periods[i].flags;
			periods[kept].value = add_values(periods[kept].value, periods[i].value);
		}
		else
			periods[++kept] = periods[i];
	}
	return kept + 1;
}

/*
 * Merging runs.
 */

/* Reads the users of a run one after the other. */
typedef struct RunReader
{
	const char *at;				/* the next user */
	const char *end;			/* of what is in memory */
	BufFile    *file;
	uint64		left;			/* bytes that are still in the file only */
	char	   *buffer;
	size_t		capacity;

	/* or the users of a set's parts */
	const UserPeriods *parts_of;	/* NULL: it is a run */
	int			part;			/* the next one */
	PeriodTable *table;			/* the users of the one before */
	const PeriodEntry *next_entry;

	/* the current user, as long as the reader is not advanced */
	const char *user;
	uint64		hash;
	const char *id;
	uint32		id_length;
	ByteReader	periods;
	const PeriodEntry *entries; /* of a table; else NULL, */
	size_t		nentries;		/* and how many */
	uint64		n;				/* periods, of a table at most; 0 before the
								 * first user */
} RunReader;

/* Have `size` bytes of the run in memory, or fewer if no more are left. */
static void
reader_load(RunReader *reader, size_t size)
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
	if (BufFileRead(reader->file, reader->buffer + have, wanted) != wanted)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read from a temporary file of pg_journey")));
	reader->left -= wanted;
	reader->at = reader->buffer;
	reader->end = reader->buffer + have + wanted;
}

static bool load_next_part(RunReader *reader);

/* Go on to the next user of the table; false at its end. */
static bool
reader_next_of_table(RunReader *reader)
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
	reader->nentries = entry - reader->entries;
	reader->n = reader->nentries * PERIODS_PER_BLOCK;
	reader->next_entry = entry;
	return true;
}

/*
 * Go on to the next user; false at the end.  Bytes that are no user, or users
 * that are not in order, are an error: they may come from elsewhere.
 */
static bool
reader_next(RunReader *reader, bool keyed)
{
	ByteReader	in = {NULL, NULL, false};
	uint64		before = reader->hash;
	const bool	first = reader->n == 0;
	uint64		size;

	if (reader->parts_of != NULL && reader->at == reader->end)
	{
		do
			if (reader->table != NULL && reader_next_of_table(reader))
				return true;
		while (load_next_part(reader) && reader->at == reader->end);
		reader->entries = NULL;
	}
	if (reader->at == reader->end && reader->left == 0)
		return false;
	reader_load(reader, 10);
	in.at = (const unsigned char *) reader->at;
	in.end = (const unsigned char *) reader->end;
	size = read_number(&in);
	if (in.failed || size > (uint64) (in.end - in.at) + reader->left)
		serialized_refuse();
	if (unlikely(size > (uint64) (in.end - in.at)))
	{
		reader_load(reader, (size_t) ((const char *) in.at - reader->at + size));
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
 * Read the periods of a reader's user; returns how many.  Bytes that are none
 * are an error.
 */
static size_t
read_periods(const UserPeriods *set, const RunReader *reader, UserPeriod *periods)
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

/* What becomes of merged users: they are written to a run, or visited. */
typedef struct MergeOutput
{
	RunWriter  *writer;
	UserPeriodsVisitor visit;
	void	   *arg;
} MergeOutput;

static void
put_user(const UserPeriods *set, const MergeOutput *out, uint64 hash, const char *id,
		 uint32 id_length, const UserPeriod *periods, size_t n)
{
	UserKey		user;

	if (out->writer != NULL)
	{
		write_user(set, out->writer, hash, id, id_length, periods, n);
		return;
	}
	user.key = unspread(hash);
	user.bytes = id;
	user.length = id_length;
	out->visit(out->arg, &user, periods, n);
}

/* Restore the heap of readers, least hash first, after that at `at` has grown. */
static void
sift_down(RunReader **heap, int n, int at)
{
	RunReader  *moving = heap[at];

	for (;;)
	{
		int			child = 2 * at + 1;

		if (child >= n)
			break;
		if (child + 1 < n && heap[child + 1]->hash < heap[child]->hash)
			child++;
		if (heap[child]->hash >= moving->hash)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = moving;
}

/* One of the records with the hash at hand. */
typedef struct SameHash
{
	UserKey		user;			/* the bytes are a copy */
	size_t		first;			/* of its periods */
	size_t		n;
	bool		done;
} SameHash;

/* Workspace of a merge. */
typedef struct MergeWork
{
	PeriodArray periods;
	PeriodArray joined;
	PeriodArray scratch;
	SameHash   *same;
	uint64		nsame;
	uint64		same_capacity;
	char	   *ids;			/* the bytes of their ids */
	size_t		ids_used;
	size_t		ids_capacity;
} MergeWork;

/* Remember the user of a reader, to be joined with others of the same hash. */
static void
remember_user(const UserPeriods *set, MergeWork *work, const RunReader *reader)
{
	SameHash   *same;

	if (work->nsame == work->same_capacity)
	{
		work->same_capacity = Max(16, work->same_capacity * 2);
		if (work->same == NULL)
			work->same = palloc(work->same_capacity * sizeof(SameHash));
		else
			work->same = repalloc_huge(work->same, work->same_capacity * sizeof(SameHash));
	}
	same = &work->same[work->nsame];
	same->first = work->nsame == 0 ? 0 : same[-1].first + same[-1].n;
	same->done = false;
	same->user.key = reader->hash;
	same->user.bytes = NULL;
	same->user.length = 0;
	need_periods(&work->periods, same->first + reader->n);
	same->n = read_periods(set, reader, work->periods.items + same->first);
	if (is_keyed(set))
	{
		size_t		needed = work->ids_used + reader->id_length;

		if (needed > work->ids_capacity)
		{
			work->ids_capacity = Max(Max(needed, work->ids_capacity * 2), 1024);
			if (work->ids == NULL)
				work->ids = MemoryContextAllocHuge(CurrentMemoryContext, work->ids_capacity);
			else
				work->ids = repalloc_huge(work->ids, work->ids_capacity);
		}
		memcpy(work->ids + work->ids_used, reader->id, reader->id_length);
		same->user.length = reader->id_length;
		work->ids_used = needed;
	}
	work->nsame++;
}

/* Put the users of one hash that were remembered: mostly that is one. */
static void
put_remembered(const UserPeriods *set, MergeWork *work, const MergeOutput *out)
{
	size_t		id_at = 0;
	uint64		i;
	uint64		j;

	for (i = 0; i < work->nsame; i++)
	{
		if (is_keyed(set))
			work->same[i].user.bytes = work->ids + id_at;
		id_at += work->same[i].user.length;
	}
	for (i = 0; i < work->nsame; i++)
	{
		SameHash   *user = &work->same[i];
		size_t		n = 0;

		if (user->done)
			continue;
		CHECK_FOR_INTERRUPTS();
		for (j = i; j < work->nsame; j++)
		{
			SameHash   *other = &work->same[j];

			if (other->done || (j > i && is_keyed(set) &&
								!user_keys_equal(&set->site->key_type, &user->user, &other->user)))
				continue;
			other->done = true;
			need_periods(&work->joined, n + other->n);
			memcpy(work->joined.items + n, work->periods.items + other->first,
				   other->n * sizeof(UserPeriod));
			n += other->n;
		}
		n = order_periods(work->joined.items, n, &work->scratch);
		put_user(set, out, user->user.key, user->user.bytes, user->user.length,
				 work->joined.items, n);
	}
	work->nsame = 0;
	work->ids_used = 0;
}

/* Merge n runs, and if wanted, the parts. */
static void
merge_runs(const UserPeriods *set, const UserPeriodsRun *runs, int n, bool with_parts,
		   const MergeOutput *out)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "pg_journey merge", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	RunReader  *readers = MemoryContextAllocHuge(context, (n + 1) * sizeof(RunReader));
	RunReader **heap = MemoryContextAllocHuge(context, (n + 1) * sizeof(RunReader *));
	const bool	keyed = is_keyed(set);
	MergeWork	work = {0};
	uint64		count = 0;
	int			left = 0;
	int			i;

	memset(readers, 0, (n + 1) * sizeof(RunReader));
	readers[n].parts_of = set;
	readers[n].part = set->first_part;
	if (with_parts && set->parts != NULL && reader_next(&readers[n], keyed))
		heap[left++] = &readers[n];
	for (i = 0; i < n; i++)
	{
		RunReader  *reader = &readers[i];

		if (runs[i].file != NULL)
		{
			if (BufFileSeek(runs[i].file, 0, 0, SEEK_SET) != 0)
				ereport(ERROR,
						(errcode_for_file_access(),
						 errmsg("could not rewind a temporary file of pg_journey")));
			reader->file = runs[i].file;
			reader->left = runs[i].size;
			reader->capacity = Max(Min(FILE_BUFFER, set->site->limit / n), SMALLEST_FILE_BUFFER);
			reader->buffer = palloc(reader->capacity);
			reader->at = reader->end = reader->buffer;
		}
		else
		{
			reader->at = runs[i].bytes;
			reader->end = runs[i].bytes + runs[i].size;
		}
		if (reader_next(reader, keyed))
			heap[left++] = reader;
	}
	for (i = left / 2 - 1; i >= 0; i--)
		sift_down(heap, left, i);

	while (left > 0)
	{
		RunReader  *least = heap[0];
		uint64		hash = least->hash;
		bool		alone = true;

		if (++count % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (left > 1)
			alone = heap[1]->hash != hash && (left == 2 || heap[2]->hash != hash);

		/* one run has the hash; that of another user may be the same */
		if (alone && !keyed)
		{
			if (out->writer != NULL && least->entries == NULL)
			{
				size_t		size = least->at - least->user;
				ByteWriter	to = writer_reserve(out->writer, size);

				write_bytes(&to, least->user, size);
				out->writer->used += size;
			}
			else
			{
				size_t		nperiods;

				need_periods(&work.periods, least->n);
				nperiods = read_periods(set, least, work.periods.items);
				put_user(set, out, hash, NULL, 0, work.periods.items, nperiods);
			}
			if (!reader_next(least, keyed))
				heap[0] = heap[--left];
			if (left > 0)
				sift_down(heap, left, 0);
			continue;
		}
		while (left > 0 && heap[0]->hash == hash)
		{
			remember_user(set, &work, heap[0]);
			if (!reader_next(heap[0], keyed))
				heap[0] = heap[--left];
			if (left > 0)
				sift_down(heap, left, 0);
		}
		put_remembered(set, &work, out);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* Replace the runs from number `first` on by one, in memory or in a file. */
static void
join_runs(UserPeriods *set, int first, bool to_file)
{
	RunWriter	writer = {.context = set->context};
	MergeOutput out = {&writer, NULL, NULL};
	UserPeriodsRun run;
	MemoryContext old = MemoryContextSwitchTo(set->context);
	int			i;

	if (to_file)
		writer.file = BufFileCreateTemp(false);
	merge_runs(set, set->runs + first, set->nruns - first, false, &out);
	run = finish_run(&writer);
	for (i = first; i < set->nruns; i++)
		free_run(set, &set->runs[i]);
	set->nruns = first;
	keep_run(set, &run);
	MemoryContextSwitchTo(old);
}

/*
 * Move all runs that are in memory to a temporary file.  Files come before
 * memory, and many files of a kind become one, so that there are never many.
 */
static void
spill_runs(UserPeriods *set)
{
	int			first = set->nruns;
	int			joined = 0;

	while (first > 0 && set->runs[first - 1].file == NULL)
		first--;
	if (first == set->nruns)
		return;
	join_runs(set, first, true);
	while (set->nruns >= FILES_JOINED &&
		   set->runs[set->nruns - FILES_JOINED].joined == joined)
	{
		join_runs(set, set->nruns - FILES_JOINED, true);
		set->runs[set->nruns - 1].joined = ++joined;
	}
}

/*
 * Grouping the buffer.
 */

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

/* Read the record at `at`; returns where the next one begins. */
static inline const char *
read_record(const UserPeriods *set, const char *at, Record *record)
{
	memcpy(&record->hash, at, 8);
	memcpy(&record->period, at + 8, 4);
	at += 12;
	record->value = 0;
	if (set->with_values)
	{
		memcpy(&record->value, at, 8);
		at += 8;
	}
	record->id = NULL;
	record->id_length = 0;
	if (is_keyed(set))
	{
		memcpy(&record->id_length, at, 4);
		record->id = at + 4;
		at += 4 + record->id_length;
	}
	return at;
}

static void
lay_out_slots(Workspace *work, uint32 nusers)
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
workspace_for(Workspace *work, uint64 records)
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
		need_periods(&work->periods, records);
	}
	memset(work->slots, 0, (UINT64_C(1) << work->slots_log2) * sizeof(uint32));
}

/* Double the room for users, and lay out the hash table anew. */
static void
grow_users(Workspace *work, uint32 nusers)
{
	uint64		slots = UINT64_C(1) << ++work->slots_log2;

	work->users = repalloc_huge(work->users, slots / 2 * sizeof(PartitionUser));
	work->users_scratch = repalloc_huge(work->users_scratch,
										(slots / 4 + 1) * sizeof(PartitionUser));
	work->slots = repalloc_huge(work->slots, slots * sizeof(uint32));
	lay_out_slots(work, nusers);
}

/*
 * Write the users of n records that lie in a row and are no user's only in part.
 */
static void
group_partition(const UserPeriods *set, const char *records, const char *end, uint64 n,
				Workspace *work, RunWriter *writer)
{
	UserKeyType *key_type = &set->site->key_type;
	const bool	keyed = is_keyed(set);
	const char *at;
	uint32		nusers = 0;
	uint32		first = 0;
	uint32		i;

	workspace_for(work, n);

	/* number the users and count their records */
	for (at = records, i = 0; at < end; i++)
	{
		Record		record;
		PartitionUser *user;
		uint64		slot;

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		at = read_record(set, at, &record);
		slot = hash_slot(record.hash, work->factor, work->slots_log2);
		for (;;)
		{
			if (work->slots[slot] == 0)
			{
				if (nusers == (UINT64_C(1) << work->slots_log2) / 2)
				{
					grow_users(work, nusers);
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
		Record		record;
		PartitionUser *user = &work->users[work->numbers[i]];
		UserPeriod *period = &work->periods.items[user->first + user->filled++];

		at = read_record(set, at, &record);
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
		kept = order_periods(periods, user->filled, &work->scratch);
		write_user(set, writer, user->hash, user->id, user->id_length, periods, kept);
	}
}

/*
 * Reading the parts.
 */

/* Records of a part that lie in a row. */
typedef struct PartPiece
{
	const char *begin;
	const char *end;
} PartPiece;

/* Where the records of a part lie; returns in how many pieces. */
static int
part_pieces(const UserPeriods *set, int number, PartPiece **pieces)
{
	const UserPeriodsPart *part = &set->parts[number];
	UserPeriodsChunk *chunk;
	int			n = set->ntaken;
	int			i;

	for (chunk = part->chunk; chunk != NULL; chunk = chunk->before)
		n++;
	*pieces = MemoryContextAllocHuge(CurrentMemoryContext, (n + 1) * sizeof(PartPiece));
	n = 0;
	for (chunk = part->chunk; chunk != NULL; chunk = chunk->before)
	{
		(*pieces)[n].begin = chunk_records(chunk);
		(*pieces)[n++].end = chunk == part->chunk ? part->next : chunk->used_end;
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
add_piece(PeriodTable *table, const PartPiece *piece)
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
group_part(RunReader *reader, const PartPiece *pieces, int npieces)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "pg_journey part",
												  ALLOCSET_DEFAULT_SIZES);
	RunWriter	writer = {.context = CurrentMemoryContext};
	MemoryContext old = MemoryContextSwitchTo(context);
	Workspace	work = {0};
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
	group_partition(reader->parts_of, records, records + bytes, bytes / RECORD_BYTES,
					&work, &writer);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	run = finish_run(&writer);
	reader->buffer = run.bytes;
	reader->at = run.bytes;
	reader->end = run.bytes + run.size;
}

/*
 * Have the users of the next part in the table, or if that would not do, in a
 * run; false if there are no more parts.
 */
static bool
load_next_part(RunReader *reader)
{
	PartPiece  *pieces;
	int			npieces = 0;
	int			i;

	while (npieces == 0)
	{
		if (reader->part > reader->parts_of->last_part)
			return false;
		npieces = part_pieces(reader->parts_of, reader->part++, &pieces);
	}
	if (reader->buffer != NULL)
		pfree(reader->buffer);	/* the run of a part before */
	reader->buffer = NULL;
	reader->at = reader->end = NULL;
	if (reader->table == NULL)
		reader->table = period_table_new(CurrentMemoryContext, PART_BITS, FIRST_TABLE_LOG2);
	else
		period_table_clear(reader->table);
	for (i = 0; i < npieces; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!add_piece(reader->table, &pieces[i]))
		{
			period_table_clear(reader->table);
			group_part(reader, pieces, npieces);
			break;
		}
	}
	reader->next_entry = reader->table->entries;
	pfree(pieces);
	return true;
}

/* Group the records of the buffer and write them to a run. */
static void
group_buffer(UserPeriods *set, RunWriter *writer)
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
		group_partition(set, chunk_records(set->chunk), set->next, set->nrecords, &work, writer);
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
			Record		record;
			const char *next = read_record(set, at, &record);
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
			Record		record;
			const char *next = read_record(set, at, &record);
			int			partition = bits == 0 ? 0 : (int) (record.hash >> (64 - bits));

			memcpy(area + offsets[partition], at, next - at);
			offsets[partition] += next - at;
			at = next;
		}
	}
	free_chunks(set);
	/* now each offset is the end of its partition */
	for (i = 0; i < 1 << bits; i++)
		if (counts[i] > 0)
			group_partition(set, area + (i == 0 ? 0 : offsets[i - 1]), area + offsets[i],
							counts[i], &work, writer);
}

/* Keep the run that has been written. */
static void
keep_new_run(UserPeriods *set, RunWriter *writer)
{
	UserPeriodsRun run;

	if (writer->used == 0 && writer->in_file == 0)
		return;
	run = finish_run(writer);
	keep_run(set, &run);

	/* a run is less than half as large as the one before */
	while (set->nruns > 1 && set->runs[set->nruns - 2].file == NULL &&
		   set->runs[set->nruns - 1].size >= set->runs[set->nruns - 2].size / 2)
		join_runs(set, set->nruns - 2, false);
}

/* Turn the buffer into a run. */
static void
flush_buffer(UserPeriods *set)
{
	MemoryContext context;
	MemoryContext old;
	RunWriter	writer = {.context = set->context};

	if (set->chunk == NULL)
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "pg_journey user periods",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	group_buffer(set, &writer);
	free_chunks(set);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	keep_new_run(set, &writer);
}

/* Is there too little memory for the runs to stay? */
static inline bool
runs_must_spill(const UserPeriods *set)
{
	return set->run_bytes >= SPILL_SMALLEST && set->site->used >= set->site->limit / 2;
}

/*
 * Parts.
 */

static void
free_parts(UserPeriods *set)
{
	int			i;

	if (set->parts == NULL)
		return;
	for (i = 0; i < PARTS; i++)
	{
		UserPeriodsPart *part = &set->parts[i];

		free_chunk_list(part->chunk);
		memset(part, 0, sizeof(UserPeriodsPart));
	}
	set->site->used -= set->part_bytes;
	set->part_bytes = 0;
}

/* Turn the records of the parts into a run. */
static void
flush_parts(UserPeriods *set)
{
	RunWriter	writer = {.context = set->context};
	MergeOutput out = {&writer, NULL, NULL};

	if (set->part_bytes == 0)
		return;
	merge_runs(set, NULL, 0, true, &out);
	free_parts(set);
	keep_new_run(set, &writer);
}

/* Make room for another record in a part. */
static void
reserve_in_part(UserPeriods *set, UserPeriodsPart *part)
{
	UserPeriodsChunk *chunk;
	size_t		size;

	if (set->part_bytes >= Min(Max(SMALLEST_PARTS_FLUSH, 4 * set->run_bytes), LARGEST_FLUSH) ||
		(set->site->used >= set->site->limit && set->part_bytes >= SMALLEST_PARTS))
	{
		flush_parts(set);
		if (runs_must_spill(set))
			spill_runs(set);
	}
	size = part->chunk == NULL ? FIRST_PART_CHUNK : Min(part->chunk->size * 2, LARGEST_PART_CHUNK);
	chunk = MemoryContextAlloc(set->context, size);
	if (part->chunk != NULL)
		part->chunk->used_end = part->next;
	chunk->before = part->chunk;
	chunk->size = size;
	chunk->used_end = NULL;
	part->chunk = chunk;
	part->next = chunk_records(chunk);
	part->end = (char *) chunk + size;
	set->part_bytes += size;
	set->site->used += size;
}

/* Add a record to the part of its hash. */
static inline void
add_to_part(UserPeriods *set, uint64 hash, uint32 marked)
{
	UserPeriodsPart *part = &set->parts[part_of(hash)];

	if (unlikely(part->end - part->next < RECORD_BYTES))
		reserve_in_part(set, part);
	memcpy(part->next, &hash, 8);
	memcpy(part->next + 8, &marked, 4);
	part->next += RECORD_BYTES;
}

/* Have parts, with what is in the buffer, if there is memory for them. */
static void
start_parts(UserPeriods *set)
{
	const size_t recent_bytes = RECENT_RECORDS * sizeof(RecentUser);
	UserPeriodsChunk *chunk;
	int			i;

	if (set->site->used + SMALLEST_PARTS + recent_bytes > set->site->limit)
		return;
	set->parts = MemoryContextAllocZero(set->context, PARTS * sizeof(UserPeriodsPart));
	set->recent_users = MemoryContextAlloc(set->context, recent_bytes);
	for (i = 0; i < RECENT_RECORDS; i++)
	{
		set->recent_users[i].hash = 0;
		set->recent_users[i].period = RECENT_NONE;
	}
	for (chunk = set->chunk; chunk != NULL; chunk = chunk->before)
	{
		const char *end = chunk_end(set, chunk);
		const char *at = chunk_records(chunk);

		while (at < end)
		{
			Record		record;

			at = read_record(set, at, &record);
			add_to_part(set, record.hash, record.period);
		}
	}
	free_chunks(set);
}

/* Hash users whose ids are integers. */
static inline void
hash_users(const UserKeyType *key_type, const Datum *users, uint64 *hashes, int n)
{
	int			i;

	if (key_type->typlen == sizeof(int64))
		for (i = 0; i < n; i++)
			hashes[i] = spread((uint64) DatumGetInt64(users[i]));
	else
		for (i = 0; i < n; i++)
			hashes[i] = spread(integer_key(key_type, users[i]));
}

/*
 * Of n periods of users, keep those that are not known to be there already;
 * returns how many.
 */
static inline int
keep_new_periods(UserPeriods *set, uint64 *hashes, const uint32 *periods, uint32 *kept, int n)
{
	int			nkept = 0;
	int			i;

	/* nobody could tell beforehand which way a branch would go here */
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
 * Users were active, in rows without values: each in a period, which is given
 * with flags in the lowest two bits, not 0.
 */
void
user_periods_add_rows(UserPeriods *set, const Datum *users, const uint32 *periods, int n)
{
	uint64		hashes[ROWS_AT_ONCE];
	uint32		kept[ROWS_AT_ONCE];

	for (; n > 0 && set->parts == NULL; n--, users++, periods++)
		user_periods_add(set, *users, *periods >> USER_PERIOD_FLAG_BITS,
						 *periods & USER_PERIOD_FLAGS, 0);
	while (n > 0)
	{
		const int	rows = Min(n, ROWS_AT_ONCE);
		int			nkept;
		int			i;

		hash_users(&set->site->key_type, users, hashes, rows);
		nkept = keep_new_periods(set, hashes, periods, kept, rows);
		for (i = 0; i < nkept; i++)
			add_to_part(set, hashes[i], kept[i]);
		users += rows;
		periods += rows;
		n -= rows;
	}
}

/* Make room for `length` more bytes in a row; the pointer is set->next. */
static void
reserve(UserPeriods *set, size_t length)
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
			flush_buffer(set);
			if (runs_must_spill(set))
				spill_runs(set);
			chunk = NULL;
		}
		else if (set->recent == NULL && set->chunk_bytes >= RECENT_FROM)
		{
			set->recent = MemoryContextAllocZero(set->context,
												 RECENT_RECORDS * sizeof(RecentRecord));
			forget_recent(set);
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
append(UserPeriods *set, Datum user, uint32 period, uint32 flags, double value)
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
			Record		record;

			if (!is_keyed(set) && !set->with_values && (recent->period & flags) == flags)
				return;			/* nothing is new */
			(void) read_record(set, recent->record, &record);
			if (!is_keyed(set) ||
				(record.id_length == key.length &&
				 memcmp(record.id, key.bytes, key.length) == 0))
			{
				marked |= recent->period;
				recent->period = marked;
				memcpy(recent->record + 8, &marked, 4);
				if (set->with_values)
				{
					record.value = add_values(record.value, value);
					memcpy(recent->record + 12, &record.value, 8);
				}
				return;
			}
		}
	}

	if (set->with_values)
		size += 8;
	if (is_keyed(set))
		size += 4 + (size_t) key.length;
	if (unlikely((size_t) (set->end - set->next) < size))
		reserve(set, size);
	out = set->next;
	memcpy(out, &hash, 8);
	memcpy(out + 8, &marked, 4);
	out += 12;
	if (set->with_values)
	{
		memcpy(out, &value, 8);
		out += 8;
	}
	if (is_keyed(set))
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
	if (set->chunk_bytes >= PARTS_FROM && set->recent == NULL && !is_keyed(set) &&
		!set->with_values)
		start_parts(set);
	if (likely(set->parts != NULL))
	{
		const uint32 marked = period << USER_PERIOD_FLAG_BITS | flags;

		user_periods_add_rows(set, &user, &marked, 1);
	}
	else
		append(set, user, period, flags, value);
}

/* Give back the memory and the files of a set that is used up. */
static void
release(UserPeriods *set)
{
	free_chunks(set);
	free_parts(set);
	while (set->nruns > 0)
		free_run(set, &set->runs[--set->nruns]);
}

/*
 * Sharing the users with the other processes of a scan: each finishes those
 * whose hashes are in one of as many ranges of equal size.
 */

/*
 * What a process gives: for each taker a piece of each run, or if it has spilled
 * a run in a file.
 */
typedef struct UserPeriodsGift
{
	Oid			type;			/* of the ids */
	Oid			collation;
	bool		with_values;
	int64		newest;
	int			nruns;
	uint64		records;		/* where those of parts begin */
	uint64		part_ends[PARTS];	/* of the records of each part, which come
									 * after all else */
	uint64		ends[FLEXIBLE_ARRAY_MEMBER];	/* of the pieces, by taker and
												 * then by run; then the sizes
												 * of files, by taker; then
												 * the bytes */
} UserPeriodsGift;

static inline uint64 *
gift_files(UserPeriodsGift *gift, int ntakers)
{
	return gift->ends + (size_t) gift->nruns * ntakers;
}

static inline char *
gift_bytes(UserPeriodsGift *gift, int ntakers)
{
	return (char *) (gift_files(gift, ntakers) + ntakers);
}

/* Who finishes the users of a part? */
static inline int
taker_of_part(int part, int ntakers)
{
	return part * ntakers / PARTS;
}

/* Who finishes a user? */
static inline int
taker_of(uint64 hash, int ntakers)
{
	return taker_of_part(part_of(hash), ntakers);
}

/* Where in a run in memory do the users of each taker end? */
static void
split_run(const UserPeriodsRun *run, int ntakers, const char **ends)
{
	ByteReader	in = {(const unsigned char *) run->bytes,
	(const unsigned char *) run->bytes + run->size, false};
	uint64		n = 0;
	int			taker = 0;

	while (in.at < in.end)
	{
		const char *user = (const char *) in.at;
		uint64		size = read_number(&in);
		uint64		hash;
		int			of;

		if (++n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		memcpy(&hash, in.at, sizeof(hash));
		for (of = taker_of(hash, ntakers); taker < of; taker++)
			ends[taker] = user;
		in.at += size;
	}
	for (; taker < ntakers; taker++)
		ends[taker] = (const char *) in.at;
}

/* Writes each user to the file of who finishes it. */
typedef struct GiftWriter
{
	const UserPeriods *set;
	int			ntakers;
	RunWriter  *writers;
} GiftWriter;

static void
write_gift_user(void *arg, const UserKey *user, const UserPeriod *periods, size_t n)
{
	GiftWriter *gift = arg;
	const uint64 hash = spread(user->key);

	write_user(gift->set, &gift->writers[taker_of(hash, gift->ntakers)], hash, user->bytes,
			   user->length, periods, n);
}

/* All runs as one file for each process; of the others', the sizes. */
static void
give_files(UserPeriods *set, const Exchange *exchange, uint64 *sizes)
{
	GiftWriter	gift = {set, exchange->n, palloc0(exchange->n * sizeof(RunWriter))};
	MergeOutput out = {NULL, write_gift_user, &gift};
	MemoryContext old = MemoryContextSwitchTo(set->context);
	int			i;

	for (i = 0; i < exchange->n; i++)
	{
		char		name[EXCHANGE_NAME_SIZE];

		exchange_file_name(name, exchange->slot, i);
		gift.writers[i].context = set->context;
		gift.writers[i].file = i == exchange->me ? BufFileCreateTemp(false) :
			BufFileCreateFileSet(exchange_files(exchange), name);
	}
	merge_runs(set, set->runs, set->nruns, false, &out);
	while (set->nruns > 0)
		free_run(set, &set->runs[--set->nruns]);
	for (i = 0; i < exchange->n; i++)
	{
		UserPeriodsRun run = finish_run(&gift.writers[i]);

		sizes[i] = run.size;
		if (i == exchange->me)
			keep_run(set, &run);
		else
		{
			BufFileExportFileSet(run.file);
			BufFileClose(run.file);
		}
	}
	MemoryContextSwitchTo(old);
}

/*
 * Give the others the records of their parts, if there is a place to write them;
 * returns how many bytes they are.
 */
static uint64
give_parts(UserPeriods *set, const Exchange *exchange, char *out, uint64 *ends)
{
	uint64		length = 0;
	int			i;

	for (i = 0; i < PARTS; i++)
	{
		PartPiece  *pieces;
		int			npieces = 0;
		int			k;

		if (set->parts != NULL && taker_of_part(i, exchange->n) != exchange->me)
			npieces = part_pieces(set, i, &pieces);
		for (k = 0; k < npieces; k++)
		{
			const size_t size = pieces[k].end - pieces[k].begin;

			if (out != NULL)
				memcpy(out + length, pieces[k].begin, size);
			length += size;
		}
		if (ends != NULL)
			ends[i] = length;
	}
	return length;
}

/* Give the others their users; false if there is no shared memory for it. */
static bool
give_runs(UserPeriods *set, Exchange *exchange, bool in_files)
{
	const int	ntakers = exchange->n;
	const int	nruns = in_files ? 0 : set->nruns;
	const char **ends = palloc((nruns + 1) * ntakers * sizeof(char *));
	uint64		length = 0;
	UserPeriodsGift *gift;
	char	   *out;
	int			run;
	int			taker;

	for (run = 0; run < nruns; run++)
	{
		split_run(&set->runs[run], ntakers, ends + run * ntakers);
		length += set->runs[run].size;	/* its own users included, which is
										 * enough */
	}
	length += give_parts(set, exchange, NULL, NULL);
	gift = exchange_give(exchange, offsetof(UserPeriodsGift, ends) +
						 ((size_t) nruns + 1) * ntakers * sizeof(uint64) + length);
	if (gift == NULL)
		return false;
	gift->type = set->site->key_type.type;
	gift->collation = set->site->key_type.collation;
	gift->with_values = set->with_values;
	gift->newest = set->newest;
	gift->nruns = nruns;
	memset(gift_files(gift, ntakers), 0, ntakers * sizeof(uint64));
	out = gift_bytes(gift, ntakers);
	for (taker = 0; taker < ntakers; taker++)
		for (run = 0; run < nruns; run++)
		{
			const char *begin = taker == 0 ? set->runs[run].bytes : ends[run * ntakers + taker - 1];
			const size_t size = ends[run * ntakers + taker] - begin;

			if (taker != exchange->me)
			{
				memcpy(out, begin, size);
				out += size;
			}
			gift->ends[taker * nruns + run] = out - gift_bytes(gift, ntakers);
		}
	gift->records = out - (char *) gift;
	(void) give_parts(set, exchange, out, gift->part_ends);
	if (in_files)
		give_files(set, exchange, gift_files(gift, ntakers));
	for (run = 0; run < nruns; run++)
	{
		UserPeriodsRun *own = &set->runs[run];
		const char *end = ends[run * ntakers + exchange->me];

		/* the memory goes with the set's */
		set->run_bytes -= own->size;
		set->site->used -= own->size;
		own->borrowed = true;
		if (exchange->me > 0)
			own->bytes = unconstify(char *, ends[run * ntakers + exchange->me - 1]);
		own->size = end - own->bytes;
	}
	return true;
}

/* Take what process i has given. */
static void
take_runs(UserPeriods *set, const Exchange *exchange, int i)
{
	UserPeriodsGift *gift = exchange_taken(exchange, i);
	const int	ntakers = exchange->n;
	uint64		begin = 0;
	int			piece = exchange->me * gift->nruns;
	int			run;

	if (gift->type != set->site->key_type.type ||
		gift->collation != set->site->key_type.collation ||
		gift->with_values != set->with_values)
		serialized_refuse();	/* they are not laid out alike */
	set->newest = Max(set->newest, gift->newest);
	if (gift->part_ends[PARTS - 1] > 0)
	{
		UserPeriodsTaken *taken = &set->taken[set->ntaken++];

		if (set->parts == NULL)
			set->parts = MemoryContextAllocZero(set->context, PARTS * sizeof(UserPeriodsPart));
		taken->records = (const char *) gift + gift->records;
		taken->ends = gift->part_ends;
	}
	if (piece > 0)
		begin = gift->ends[piece - 1];
	for (run = 0; run < gift->nruns; run++, piece++)
	{
		UserPeriodsRun taken = {gift_bytes(gift, ntakers) + begin, NULL,
		gift->ends[piece] - begin, 0, true};

		keep_run(set, &taken);
		begin = gift->ends[piece];
	}
	if (gift_files(gift, ntakers)[exchange->me] > 0)
	{
		char		name[EXCHANGE_NAME_SIZE];
		UserPeriodsRun taken = {NULL, NULL, gift_files(gift, ntakers)[exchange->me], 0, false};

		exchange_file_name(name, exchange->slots[i], exchange->me);
		taken.file = BufFileOpenFileSet(exchange_files(exchange), name, O_RDONLY, false);
		keep_run(set, &taken);
	}
}

/*
 * Give users to the other processes of a scan, and take theirs.  Then this set
 * has all of some users, and nothing of others.
 */
void
user_periods_exchange(UserPeriods *set, dsa_area *area)
{
	Exchange   *exchange = set->exchange;
	bool		in_files = false;
	int			i;

	exchange_meet(exchange, area);
	if (exchange->n == 1)
		return;
	flush_buffer(set);
	for (i = 0; i < set->nruns; i++)
		in_files |= set->runs[i].file != NULL;
	if (in_files || !give_runs(set, exchange, false))
	{
		flush_parts(set);
		if (!give_runs(set, exchange, true))
			exchange_refuse();
	}
	exchange_wait(exchange);
	while (taker_of_part(set->first_part, exchange->n) < exchange->me)
		set->first_part++;
	while (taker_of_part(set->last_part, exchange->n) > exchange->me)
		set->last_part--;
	set->taken = MemoryContextAlloc(set->context, exchange->n * sizeof(UserPeriodsTaken));
	for (i = 0; i < exchange->n; i++)
		if (i != exchange->me)
			take_runs(set, exchange, i);
}

/*
 * Call `visit` for each user, in no particular order.  The set is used up.
 */
void
user_periods_visit(UserPeriods *set, UserPeriodsVisitor visit, void *arg)
{
	MergeOutput out = {NULL, visit, arg};

	flush_buffer(set);
	merge_runs(set, set->runs, set->nruns, true, &out);
	release(set);
}

/*
 * Add what `right` has, which has just been deserialised, to `left`.
 */
void
user_periods_combine(UserPeriods *left, const UserPeriods *right)
{
	Assert(right->chunk == NULL && right->part_bytes == 0 && right->nruns == 0);
	left->newest = Max(left->newest, right->newest);
	if (results_combine(&left->results,
						left->chunk != NULL || left->part_bytes > 0 || left->nruns > 0,
						&right->results, left->context))
		return;
	if (right->received_length > 0)
	{
		UserPeriodsRun run = {NULL, NULL, right->received_length, 0, false};

		flush_buffer(left);
		run.bytes = MemoryContextAllocHuge(left->context, run.size);
		memcpy(run.bytes, right->received, run.size);
		keep_run(left, &run);
		if (runs_must_spill(left))
			spill_runs(left);
	}
}

/*
 * A set as bytes.  After the header, whose counts mean nothing here: the type
 * and collation of the ids, whether there are values, whether the users are
 * finished, and the time of the newest event; then a run, to the end, or for
 * finished users the results.  The set is used up.
 */
bytea *
user_periods_serialize(UserPeriods *set, const void *params_bytes, size_t params_size)
{
	EventsHeader header = {params_bytes, params_size, 1, 0};
	const uint64 numbers[] = {set->site->key_type.type, set->site->key_type.collation,
	set->with_values, set->results.finished, fold_sign(set->newest)};
	RunWriter	writer = {
		.context = CurrentMemoryContext,
		.most = MaxAllocSize
	};
	MergeOutput out = {&writer, NULL, NULL};
	size_t		size = VARHDRSZ + events_header_size(&header);
	ByteWriter	to;
	int			i;

	for (i = 0; i < (int) lengthof(numbers); i++)
		size += number_size(numbers[i]);
	if (set->results.finished)
		size += results_size(&set->results);
	to = writer_reserve(&writer, size);
	to.at += VARHDRSZ;
	events_write_header(&header, &to);
	for (i = 0; i < (int) lengthof(numbers); i++)
		write_number(&to, numbers[i]);
	writer.used = size;
	if (set->results.finished)
	{
		results_write(&set->results, &to);
		SET_VARSIZE(writer.data, writer.used);
		return (bytea *) writer.data;
	}

	flush_buffer(set);
	(void) writer_reserve(&writer, Min(set->run_bytes, MaxAllocSize - writer.used));
	merge_runs(set, set->runs, set->nruns, true, &out);
	release(set);
	SET_VARSIZE(writer.data, writer.used);
	return (bytea *) writer.data;
}

/*
 * The set that was serialised, in the current context and without its
 * parameters, which the header points to.  The run stays in the bytes given
 * until user_periods_combine() takes it, and is checked as it is read.  `site`
 * remembers the type of the ids from call to call.
 */
UserPeriods *
user_periods_deserialize(bytea *bytes, FmgrInfo *flinfo, PopulationSite **site,
						 EventsHeader *header)
{
	ByteReader	in = {(unsigned char *) VARDATA_ANY(bytes),
	(unsigned char *) VARDATA_ANY(bytes) + VARSIZE_ANY_EXHDR(bytes), false};
	UserPeriods *set;
	uint64		numbers[5];
	int			i;

	if (!events_read_header(&in, header))
		serialized_refuse();
	for (i = 0; i < (int) lengthof(numbers); i++)
		numbers[i] = read_number(&in);
	if (in.failed || numbers[0] > UINT32_MAX || numbers[1] > UINT32_MAX || numbers[2] > 1 ||
		numbers[3] > 1)
		serialized_refuse();
	if (*site == NULL || (*site)->key_type.type != numbers[0] ||
		(*site)->key_type.collation != numbers[1])
		*site = population_site(flinfo, (Oid) numbers[0], (Oid) numbers[1]);
	set = user_periods_new(CurrentMemoryContext, *site, NULL, numbers[2] == 1);
	set->newest = unfold_sign(numbers[4]);
	if (numbers[3] == 1)
	{
		results_read(&set->results, &in);
		return set;
	}
	set->received = (const char *) in.at;
	set->received_length = bytes_left(&in);
	return set;
}
