/*-------------------------------------------------------------------------
 *
 * period_merge.c
 *		Merging runs and parts, by the hash of the user.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "periods/layout.h"
#include "utils/memutils.h"

#define FILES_JOINED		64
#define SMALLEST_FILE_BUFFER 1024

#define MERGE_SORT_NAME sort_periods
#define MERGE_SORT_TYPE UserPeriod
#define MERGE_SORT_BEFORE(a, b, arg) ((a)->period < (b)->period)
#include "base/merge_sort.h"

void
period_array_grow(PeriodArray *array, size_t n)
{
	array->capacity = Max(Max(n, array->capacity * 2), 64);
	if (array->items == NULL)
		array->items = MemoryContextAllocHuge(CurrentMemoryContext,
											  array->capacity * sizeof(UserPeriod));
	else
		array->items = repalloc_huge(array->items, array->capacity * sizeof(UserPeriod));
}

/*
 * Sort periods and merge equal ones; returns the number left.  Values of the
 * same period are added in their current order.
 */
size_t
periods_order(UserPeriod *periods, size_t n, PeriodArray *scratch)
{
	size_t		kept = 0;
	size_t		i;

	for (i = 1; i < n; i++)
		if (periods[i].period < periods[i - 1].period)
		{
			period_array_need(scratch, n / 2 + 1);
			sort_periods(periods, n, scratch->items, NULL);
			break;
		}
	for (i = 1; i < n; i++)
	{
		if (periods[i].period == periods[kept].period)
		{
			periods[kept].flags |= periods[i].flags;
			periods[kept].value = period_values_add(periods[kept].value, periods[i].value);
		}
		else
			periods[++kept] = periods[i];
	}
	return kept + 1;
}

static void
period_merge_put(const UserPeriods *set, const PeriodMergeOutput *out, uint64 hash, const char *id,
				 uint32 id_length, const UserPeriod *periods, size_t n)
{
	UserKey		user;

	if (out->writer != NULL)
	{
		period_run_write(set, out->writer, hash, id, id_length, periods, n);
		return;
	}
	user.key = unspread(hash);
	user.bytes = id;
	user.length = id_length;
	out->visit(out->arg, &user, periods, n);
}

/* Restore the heap of readers, least hash first, after that at `at` has grown. */
static void
period_merge_sift_down(PeriodRunReader **heap, int n, int at)
{
	PeriodRunReader *moving = heap[at];

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
period_merge_remember(const UserPeriods *set, MergeWork *work, const PeriodRunReader *reader)
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
	period_array_need(&work->periods, same->first + reader->n);
	same->n = period_run_periods(set, reader, work->periods.items + same->first);
	if (periods_are_keyed(set))
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
period_merge_put_remembered(const UserPeriods *set, MergeWork *work, const PeriodMergeOutput *out)
{
	size_t		id_at = 0;
	uint64		i;
	uint64		j;

	for (i = 0; i < work->nsame; i++)
	{
		if (periods_are_keyed(set))
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

			if (other->done || (j > i && periods_are_keyed(set) &&
								!user_keys_equal(&set->site->key_type, &user->user, &other->user)))
				continue;
			other->done = true;
			if (periods_are_keyed(set))
				user_key_keep_least(&user->user, &other->user);
			period_array_need(&work->joined, n + other->n);
			memcpy(work->joined.items + n, work->periods.items + other->first,
				   other->n * sizeof(UserPeriod));
			n += other->n;
		}
		n = periods_order(work->joined.items, n, &work->scratch);
		period_merge_put(set, out, user->user.key, user->user.bytes, user->user.length,
						 work->joined.items, n);
	}
	work->nsame = 0;
	work->ids_used = 0;
}

/* Merge n runs, and if wanted, the parts. */
void
period_merge(const UserPeriods *set, const UserPeriodsRun *runs, int n, bool with_parts,
			 const PeriodMergeOutput *out)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "pg_journey merge", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	PeriodRunReader *readers = MemoryContextAllocHuge(context, (n + 1) * sizeof(PeriodRunReader));
	PeriodRunReader **heap = MemoryContextAllocHuge(context, (n + 1) * sizeof(PeriodRunReader *));
	const bool	keyed = periods_are_keyed(set);
	MergeWork	work = {0};
	uint64		count = 0;
	int			left = 0;
	int			i;

	memset(readers, 0, (n + 1) * sizeof(PeriodRunReader));
	readers[n].parts_of = set;
	readers[n].part = set->first_part;
	if (with_parts && set->parts != NULL && period_run_next(&readers[n], keyed))
		heap[left++] = &readers[n];
	for (i = 0; i < n; i++)
	{
		PeriodRunReader *reader = &readers[i];

		if (runs[i].file != NULL)
		{
			temp_file_rewind(runs[i].file);
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
		if (period_run_next(reader, keyed))
			heap[left++] = reader;
	}
	for (i = left / 2 - 1; i >= 0; i--)
		period_merge_sift_down(heap, left, i);

	while (left > 0)
	{
		PeriodRunReader *least = heap[0];
		uint64		hash = least->hash;
		bool		alone = true;

		if (++count % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (left > 1)
			alone = heap[1]->hash != hash && (left == 2 || heap[2]->hash != hash);

		/* one run has the hash; that of another user in it may be the same */
		if (alone && (!keyed || least->entries != NULL))
		{
			if (out->writer != NULL && least->entries == NULL)
			{
				size_t		size = least->at - least->user;
				ByteWriter	to = period_run_reserve(out->writer, size);

				write_bytes(&to, least->user, size);
				out->writer->used += size;
			}
			else
			{
				size_t		nperiods;

				period_array_need(&work.periods, least->n);
				nperiods = period_run_periods(set, least, work.periods.items);
				period_merge_put(set, out, hash, keyed ? least->id : NULL,
								 keyed ? least->id_length : 0, work.periods.items, nperiods);
			}
			if (!period_run_next(least, keyed))
				heap[0] = heap[--left];
			if (left > 0)
				period_merge_sift_down(heap, left, 0);
			continue;
		}
		while (left > 0 && heap[0]->hash == hash)
		{
			period_merge_remember(set, &work, heap[0]);
			if (!period_run_next(heap[0], keyed))
				heap[0] = heap[--left];
			if (left > 0)
				period_merge_sift_down(heap, left, 0);
		}
		period_merge_put_remembered(set, &work, out);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* Replace the runs from number `first` on by one, in memory or in a file. */
static void
period_merge_join(UserPeriods *set, int first, bool to_file)
{
	PeriodRunWriter writer = {.context = set->context};
	PeriodMergeOutput out = {&writer, NULL, NULL};
	UserPeriodsRun run;
	MemoryContext old = MemoryContextSwitchTo(set->context);
	int			i;

	if (to_file)
		writer.file = BufFileCreateTemp(false);
	period_merge(set, set->runs + first, set->nruns - first, false, &out);
	run = period_run_finish(&writer);
	for (i = first; i < set->nruns; i++)
		period_run_free(set, &set->runs[i]);
	set->nruns = first;
	period_run_keep(set, &run);
	MemoryContextSwitchTo(old);
}

/*
 * Move all runs that are in memory to a temporary file.  Files come before
 * memory, and many files of similar size are merged into one, so that there
 * are never many.
 */
void
period_merge_spill(UserPeriods *set)
{
	int			first = set->nruns;
	int			joined = 0;

	while (first > 0 && set->runs[first - 1].file == NULL)
		first--;
	if (first == set->nruns)
		return;
	period_merge_join(set, first, true);
	while (set->nruns >= FILES_JOINED &&
		   set->runs[set->nruns - FILES_JOINED].joined == joined)
	{
		period_merge_join(set, set->nruns - FILES_JOINED, true);
		set->runs[set->nruns - 1].joined = ++joined;
	}
}

/* Keep the run that has been written. */
void
period_merge_keep(UserPeriods *set, PeriodRunWriter *writer)
{
	UserPeriodsRun run;

	if (writer->used == 0 && writer->in_file == 0)
		return;
	run = period_run_finish(writer);
	period_run_keep(set, &run);

	/* a run is less than half as large as the one before */
	while (set->nruns > 1 && set->runs[set->nruns - 2].file == NULL &&
		   set->runs[set->nruns - 1].size >= set->runs[set->nruns - 2].size / 2)
		period_merge_join(set, set->nruns - 2, false);
}
