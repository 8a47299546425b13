/*-------------------------------------------------------------------------
 *
 * exchange.c
 *		The exchange of read data between the processes of a parallel scan.
 *
 * The processes meet at a barrier, one for each round.  An attached process
 * only reads rows until it meets the others or leaves; it passes no rows up
 * meanwhile.  Then all processes go through the rounds in the same order, so
 * no deadlock is possible.  A process that arrives later finds no rows left
 * and does not take part.
 *
 * The gifts of a process are in the query's dynamic shared memory until the
 * last process has finished its users of the round.  If this memory is
 * scarce, or if a process had to spill, the gifts are in temporary files of a
 * set that is deleted with the last process.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <sys/statvfs.h>

#include "access/parallel.h"
#include "port/atomics.h"
#include "share/exchange.h"
#include "storage/barrier.h"
#include "storage/dsm_impl.h"
#include "storage/sharedfileset.h"
#include "utils/wait_event.h"

/* What must stay free of the memory that the system shares between processes ... */
#define SHARED_MEMORY_RESERVE (16 * 1024 * 1024)

/* ... unless no more than this is wanted. */
#define SMALL_GIFT (1024 * 1024)

/* With groups, the slots of the first round are for what is published, and these for gifts. */
#define GIFTS_OF_GROUPS 1

typedef struct ExchangeSlot
{
	bool		meets;			/* is this process taking part? */
	dsa_pointer given;
} ExchangeSlot;

struct ExchangeShared
{
	/* of each round; phase 0: reading; 1: giving; 2: taking */
	Barrier		barriers[EXCHANGE_ROUNDS];
	SharedFileSet files;
	dsm_handle	segment;		/* with which they go */
	pg_atomic_uint32 attached;	/* slots taken */
	int			nslots;			/* in each round */
	ExchangeSlot slots[FLEXIBLE_ARRAY_MEMBER];	/* round by round */
};

Size
exchange_size(int nprocesses)
{
	return offsetof(ExchangeShared, slots) +
		EXCHANGE_ROUNDS * nprocesses * sizeof(ExchangeSlot);
}

/* Nobody has attached, met or given. */
static void
begin_rounds(ExchangeShared *shared)
{
	int			i;

	for (i = 0; i < EXCHANGE_ROUNDS; i++)
		BarrierInit(&shared->barriers[i], 0);
	for (i = 0; i < EXCHANGE_ROUNDS * shared->nslots; i++)
	{
		shared->slots[i].meets = false;
		shared->slots[i].given = InvalidDsaPointer;
	}
}

/* In the leader: no process has attached.  Without a segment there will be no others. */
void
exchange_init(ExchangeShared *shared, int nprocesses, dsm_segment *segment)
{
	SharedFileSetInit(&shared->files, segment);
	pg_atomic_init_u32(&shared->attached, 0);
	shared->nslots = segment == NULL ? 0 : nprocesses;
	shared->segment = segment == NULL ? 0 : dsm_segment_handle(segment);
	begin_rounds(shared);
}

/* In the leader, before the table is read once more. */
void
exchange_reinit(ExchangeShared *shared)
{
	SharedFileSetDeleteAll(&shared->files);
	pg_atomic_write_u32(&shared->attached, 0);
	begin_rounds(shared);
}

/*
 * This process is going to read rows.  Returns the rounds.  If some are over
 * already, no rows are left.  NULL: there is no other process.
 */
Exchange *
exchange_attach(ExchangeShared *shared, MemoryContext context)
{
	Exchange   *rounds;
	int			slot;
	int			i;

	if (shared->nslots == 0)
		return NULL;
	rounds = MemoryContextAllocZero(context, EXCHANGE_ROUNDS * sizeof(Exchange));
	for (i = 0; i < EXCHANGE_ROUNDS; i++)
	{
		rounds[i].shared = shared;
		rounds[i].round = i;
		rounds[i].open = BarrierAttach(&shared->barriers[i]) == 0;
		if (!rounds[i].open)
			BarrierDetach(&shared->barriers[i]);
	}
	/* files are deleted when the last process ends, also after an error */
	if (IsParallelWorker())
		SharedFileSetAttach(&shared->files, dsm_find_mapping(shared->segment));
	slot = (int) pg_atomic_fetch_add_u32(&shared->attached, 1);
	if (slot >= shared->nslots)
		elog(ERROR, "too many processes attached to a scan");
	for (i = 0; i < EXCHANGE_ROUNDS; i++)
	{
		rounds[i].slot = i * shared->nslots + slot;
		rounds[i].slots = MemoryContextAlloc(context, shared->nslots * sizeof(int));
	}
	return rounds;
}

/* This process takes no part in what follows in a round, unless it already has. */
void
exchange_leave(Exchange *exchange)
{
	if (exchange->open)
		BarrierDetach(&exchange->shared->barriers[exchange->round]);
	exchange->open = false;
}

/* Wait until all processes that attached have read their rows. */
void
exchange_meet(Exchange *exchange, dsa_area *area)
{
	ExchangeShared *shared = exchange->shared;
	const int	first = exchange->round * shared->nslots;
	int			i;

	exchange->area = area;
	exchange->open = false;
	if (exchange->processes != NULL)
		return;					/* all met to publish their groups */
	shared->slots[exchange->slot].meets = true;
	BarrierArriveAndWait(&shared->barriers[exchange->round], PG_WAIT_EXTENSION);
	for (i = first; i < first + shared->nslots; i++)
		if (shared->slots[i].meets)
		{
			if (i == exchange->slot)
				exchange->me = exchange->n;
			exchange->slots[exchange->n++] = i;
		}
}

/* Does the system have so much memory to share?  A container may have little. */
bool
exchange_memory_has(size_t size)
{
	struct statvfs room;

	if (dynamic_shared_memory_type != DSM_IMPL_POSIX || statvfs("/dev/shm", &room) != 0)
		return true;
	return (uint64) room.f_bavail * room.f_frsize >= 2 * (uint64) size + SHARED_MEMORY_RESERVE;
}

/* Where it is said what process i of those that met has given. */
static dsa_pointer *
given_by(const Exchange *exchange, int i)
{
	ExchangeShared *shared = exchange->shared;

	if (exchange->processes != NULL)
		return &shared->slots[GIFTS_OF_GROUPS * shared->nslots + exchange->processes[i]].given;
	return &shared->slots[exchange->slots[i]].given;
}

/* Shared memory for what this process gives; NULL if there is not enough. */
void *
exchange_give(Exchange *exchange, size_t size)
{
	dsa_pointer given;

	if (exchange->area == NULL || (size > SMALL_GIFT && !exchange_memory_has(size)))
		return NULL;
	given = dsa_allocate_extended(exchange->area, size, DSA_ALLOC_HUGE | DSA_ALLOC_NO_OOM);
	*given_by(exchange, exchange->me) = given;
	return DsaPointerIsValid(given) ? dsa_get_address(exchange->area, given) : NULL;
}

/* There is not even memory for what says where the rest is. */
void
exchange_refuse(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_OUT_OF_MEMORY),
			 errmsg("out of shared memory"),
			 errhint("Give the system more of it (/dev/shm), or set max_parallel_workers_per_gather to 0.")));
}

/* Wait until all others have given what they have to give. */
void
exchange_wait(const Exchange *exchange)
{
	BarrierArriveAndWait(&exchange->shared->barriers[exchange->round], PG_WAIT_EXTENSION);
}

/* What process i of those that met has given. */
void *
exchange_taken(const Exchange *exchange, int i)
{
	return dsa_get_address(exchange->area, *given_by(exchange, i));
}

/* Free what a process has given, or published. */
static void
free_given(dsa_area *area, dsa_pointer *given)
{
	if (DsaPointerIsValid(*given))
		dsa_free(area, *given);
	*given = InvalidDsaPointer;
}

/*
 * This process no longer needs the gifts that it took.  The last process
 * frees the memory, for the next round, and for the next scan of the table.
 */
void
exchange_finish(Exchange *exchange)
{
	ExchangeShared *shared = exchange->shared;
	int			i;

	/* a process that is alone has given nothing */
	if (exchange->n < 2)
		return;
	if (exchange->processes != NULL)
	{
		exchange_wait(exchange);
		free_given(exchange->area, given_by(exchange, exchange->me));
		return;
	}
	if (!BarrierArriveAndDetach(&shared->barriers[exchange->round]))
		return;
	for (i = 0; i < exchange->n; i++)
		free_given(exchange->area, given_by(exchange, i));
}

/* ---- groups -------------------------------------------------------------------- */

/* The exchange of an aggregate's users in a group; this process numbers them. */
Exchange *
exchange_of_group(Exchange *rounds, int number, MemoryContext context)
{
	ExchangeShared *shared = rounds->shared;
	Exchange   *exchange = MemoryContextAllocZero(context, sizeof(Exchange));

	exchange->shared = shared;
	exchange->open = true;
	exchange->slot = rounds->slot + (EXCHANGE_ROUNDS + number) * shared->nslots;
	exchange->slots = MemoryContextAlloc(context, shared->nslots * sizeof(int));
	exchange->processes = MemoryContextAlloc(context, shared->nslots * sizeof(int));
	return exchange;
}

/* Tell the other processes something, once all of them have read their rows. */
void
exchange_publish(Exchange *rounds, dsa_area *area, const void *bytes, size_t size)
{
	ExchangeSlot *slot = &rounds->shared->slots[rounds->slot];
	dsa_pointer given = dsa_allocate_extended(area, size, DSA_ALLOC_HUGE | DSA_ALLOC_NO_OOM);

	if (!DsaPointerIsValid(given))
		exchange_refuse();
	memcpy(dsa_get_address(area, given), bytes, size);
	slot->given = given;
	slot->meets = true;
	rounds->area = area;
	rounds->open = false;
	BarrierArriveAndWait(&rounds->shared->barriers[0], PG_WAIT_EXTENSION);
}

/* There may be so many processes. */
int
exchange_processes(const Exchange *rounds)
{
	return rounds->shared->nslots;
}

/* What a process has told; NULL: it does not take part. */
void *
exchange_published(const Exchange *rounds, int process)
{
	const ExchangeSlot *slot = &rounds->shared->slots[process];

	return slot->meets ? dsa_get_address(rounds->area, slot->given) : NULL;
}

/* A process takes part in the exchange of a group, whose files it names by a slot. */
void
exchange_join(Exchange *exchange, int process, int slot, bool own)
{
	if (own)
		exchange->me = exchange->n;
	exchange->processes[exchange->n] = process;
	exchange->slots[exchange->n++] = slot;
}

/* Several others exchange users of a group that this process does not have. */
void
exchange_pass(const Exchange *rounds)
{
	exchange_wait(rounds);		/* until all have given */
	exchange_wait(rounds);		/* until all have finished */
}

/* This process has finished its users in all groups. */
void
exchange_end(Exchange *rounds)
{
	ExchangeShared *shared = rounds->shared;
	int			i;

	if (!BarrierArriveAndDetach(&shared->barriers[0]))
		return;
	for (i = 0; i < shared->nslots; i++)
		free_given(rounds->area, &shared->slots[i].given);
}

/* ---- files --------------------------------------------------------------------- */

/* The files are deleted with the query. */
FileSet *
exchange_files(const Exchange *exchange)
{
	return &exchange->shared->files.fs;
}

/* The name of a file of the process in a slot, EXCHANGE_NAME_SIZE long at most. */
void
exchange_file_name(char *name, int slot, int number)
{
	snprintf(name, EXCHANGE_NAME_SIZE, "%d.%d", slot, number);
}
