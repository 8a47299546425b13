/*-------------------------------------------------------------------------
 *
 * grouping_share.c
 *		The processes of a parallel plan share the parts.
 *
 * Each process stores the rows that it reads, publishes where they are, and
 * waits for the others at a barrier.  Then each takes one part after the other
 * that no process has taken.  A process that arrives later has no rows to read.
 * No process hands up a row before the barrier, and none waits after it, so no
 * deadlock is possible.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/parallel.h"
#include "executor/nodeHash.h"
#include "grouping/grouping_store.h"
#include "share/share.h"
#include "store/store.h"
#include "utils/wait_event.h"

#include "compat.h"

/* A process has at least so much shared memory. */
#define LEAST_LIMIT (1024 * 1024)

Size
grouping_shared_size(int nprocesses)
{
	return offsetof(GroupingShared, published) + nprocesses * sizeof(dsa_pointer);
}

/* Nobody has attached or published. */
static void
shared_begin(GroupingShared *shared)
{
	int			i;

	BarrierInit(&shared->barrier, 0);
	pg_atomic_write_u32(&shared->next_part, 0);
	for (i = 0; i < shared->nslots; i++)
		shared->published[i] = InvalidDsaPointer;
}

/* In the leader.  Without a segment there will be no others. */
void
grouping_shared_init(GroupingShared *shared, int nprocesses, dsm_segment *segment)
{
	SharedFileSetInit(&shared->files, segment);
	shared->segment = segment == NULL ? 0 : dsm_segment_handle(segment);
	shared->nslots = segment == NULL ? 0 : nprocesses;
	shared->seed = user_slot_factor();

	/*
	 * shared memory comes in segments that grow, so that some of it is not
	 * used yet
	 */
	shared->limit = get_hash_memory_limit() / 4 * 3;
	while (shared->limit > LEAST_LIMIT && !exchange_memory_has(shared->limit * nprocesses))
		shared->limit /= 2;
	pg_atomic_init_u32(&shared->next_part, 0);
	shared_begin(shared);
}

/* In the leader, before rows are read once more. */
void
grouping_shared_reinit(GroupingShared *shared, dsa_area *area)
{
	int			i;
	uint32		k;

	for (i = 0; i < shared->nslots; i++)
	{
		GroupingPublished *published;

		if (area == NULL || !DsaPointerIsValid(shared->published[i]))
			continue;
		published = dsa_get_address(area, shared->published[i]);
		for (k = 0; k < published->first[GROUPING_MOST_PARTS]; k++)
			if (DsaPointerIsValid(published->pieces[k].shared))
				dsa_free(area, published->pieces[k].shared);
		dsa_free(area, shared->published[i]);
	}
	SharedFileSetDeleteAll(&shared->files);
	shared_begin(shared);
}

/* This process takes part.  Gives back whether it has rows to read. */
bool
grouping_shared_attach(GroupingShared *shared)
{
	/* files are deleted when the last process ends, also after an error */
	if (IsParallelWorker())
		SharedFileSetAttach(&shared->files, dsm_find_mapping(shared->segment));
	if (BarrierAttach(&shared->barrier) == 0)
		return true;
	BarrierDetach(&shared->barrier);
	return false;
}

/* All rows are read: say where they are, and wait for the other processes. */
void
grouping_publish(GroupingStore *store)
{
	GroupingShared *shared = store->shared;
	const int	nparts = 1 << store->nparts_log2;
	GroupingPublished *published;
	uint64		npieces = 0;
	int			i;

	for (i = 0; i < nparts; i++)
		npieces += store->parts[i].npieces;
	shared->published[store->slot] =
		dsa_allocate_extended(store->area, offsetof(GroupingPublished, pieces) +
							  npieces * sizeof(GroupingPiece), DSA_ALLOC_HUGE);
	published = dsa_get_address(store->area, shared->published[store->slot]);
	memset(published, 0, offsetof(GroupingPublished, pieces));
	for (i = 0; i < GROUPING_MOST_PARTS; i++)
	{
		const GroupingPart *part = i < nparts ? &store->parts[i] : NULL;
		const int	n = part == NULL ? 0 : part->npieces;

		published->nrows[i] = part == NULL ? 0 : part->nrows;
		published->first[i + 1] = published->first[i] + n;
		if (n > 0)
			memcpy(&published->pieces[published->first[i]], part->pieces, n * sizeof(GroupingPiece));
	}
	if (store->file != NULL)
		BufFileExportFileSet(store->file);
	BarrierArriveAndWait(&shared->barrier, PG_WAIT_EXTENSION);
	BarrierDetach(&shared->barrier);
}

/* The next part that no process has taken; -1: there is none. */
int
grouping_take_part(GroupingStore *store)
{
	const int	nparts = 1 << store->nparts_log2;
	uint32		part;

	if (store->shared == NULL)
		return store->part + 1 < nparts ? store->part + 1 : -1;
	part = pg_atomic_fetch_add_u32(&store->shared->next_part, 1);
	return part < (uint32) nparts ? (int) part : -1;
}

/* The pieces of a process in a part, and how many rows are in them. */
GroupingPiece *
grouping_pieces(GroupingStore *store, int slot, int part, int *npieces, uint64 *nrows)
{
	GroupingPublished *published;

	*npieces = 0;
	*nrows = 0;
	if (store->shared == NULL)
	{
		*npieces = store->parts[part].npieces;
		*nrows = store->parts[part].nrows;
		return store->parts[part].pieces;
	}
	if (!DsaPointerIsValid(store->shared->published[slot]))
		return NULL;
	published = dsa_get_address(store->area, store->shared->published[slot]);
	*npieces = (int) (published->first[part + 1] - published->first[part]);
	*nrows = published->nrows[part];
	return &published->pieces[published->first[part]];
}

/* A new temporary file for this process's chunks. */
BufFile *
grouping_new_file(GroupingStore *store)
{
	MemoryContext old = MemoryContextSwitchTo(store->context);
	BufFile    *file;

	if (store->shared == NULL)
		file = BufFileCreateTemp(false);
	else
	{
		char		name[EXCHANGE_NAME_SIZE];

		exchange_file_name(name, store->slot, 0);
		file = BufFileCreateFileSet(&store->shared->files.fs, name);
	}
	MemoryContextSwitchTo(old);
	return file;
}

/* The file of a process, to be read. */
BufFile *
grouping_file_of(GroupingStore *store, int slot)
{
	MemoryContext old;
	char		name[EXCHANGE_NAME_SIZE];

	if (store->files[slot] != NULL)
		return store->files[slot];
	if (store->shared == NULL)
		return store->files[slot] = store->file;
	old = MemoryContextSwitchTo(store->context);
	exchange_file_name(name, slot, 0);
	store->files[slot] = BufFileOpenFileSet(&store->shared->files.fs, name, O_RDONLY, false);
	MemoryContextSwitchTo(old);
	return store->files[slot];
}
