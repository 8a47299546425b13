/*-------------------------------------------------------------------------
 *
 * exchange.h
 *		The exchange of read data between the processes of a parallel scan.
 *
 * When all rows are read, each process keeps some of its data and gives the
 * rest to the others, so that each process finishes a share of the users
 * instead of leaving all to the leader:
 *
 *	exchange_attach()	before its first row
 *	exchange_meet()		all its rows are read: wait for those of the others
 *	exchange_give()		shared memory for what it gives
 *	exchange_wait()		for what the others give
 *	exchange_taken()	what they gave
 *	exchange_finish()	its share is finished: what was given is given back
 *
 * A process may leave at any time before it meets the others.
 *
 * This is one round.  There is one round for each aggregate over the scan;
 * all processes go through the rounds in the same order.
 *
 * With groups, there is one for each aggregate of each group, and no process
 * knows beforehand which groups the others have:
 *
 *	exchange_of_group()	when a group begins, in place of those of exchange_attach()
 *	exchange_publish()	all its rows are read: tell the others what groups it has
 *	exchange_published()	what another one told
 *	exchange_join()		which processes have a group, before exchange_meet()
 *	exchange_pass()		others have it: wait for them
 *	exchange_end()		all groups are finished
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_EXCHANGE_H
#define JOURNEY_EXCHANGE_H

#include "postgres.h"

#include "storage/dsm.h"
#include "storage/fileset.h"
#include "utils/dsa.h"

typedef struct ExchangeShared ExchangeShared;

/* So many aggregates of a scan may exchange what they have. */
#define EXCHANGE_ROUNDS 16

/* A round of the exchange as one process sees it. */
typedef struct Exchange
{
	ExchangeShared *shared;
	int			round;
	bool		open;			/* may it still meet the others? */
	dsa_area   *area;
	int			slot;			/* of this process, in this round */
	int			n;				/* processes that met */
	int			me;				/* which of them this one is */
	int		   *slots;			/* theirs */
	int		   *processes;		/* of a group: which they are; else NULL */
} Exchange;

/* A name of a temporary file of the exchange. */
#define EXCHANGE_NAME_SIZE 32

extern Size exchange_size(int nprocesses);
extern void exchange_init(ExchangeShared *shared, int nprocesses, dsm_segment *segment);
extern void exchange_reinit(ExchangeShared *shared);
extern Exchange *exchange_attach(ExchangeShared *shared, MemoryContext context);
extern void exchange_leave(Exchange *exchange);
extern void exchange_meet(Exchange *exchange, dsa_area *area);
extern void *exchange_give(Exchange *exchange, size_t size);
extern bool exchange_memory_has(size_t size);
extern void exchange_refuse(void);
extern void exchange_wait(const Exchange *exchange);
extern void *exchange_taken(const Exchange *exchange, int i);
extern void exchange_finish(Exchange *exchange);
extern Exchange *exchange_of_group(Exchange *rounds, int number, MemoryContext context);
extern void exchange_publish(Exchange *rounds, dsa_area *area, const void *bytes, size_t size);
extern int	exchange_processes(const Exchange *rounds);
extern void *exchange_published(const Exchange *rounds, int process);
extern void exchange_join(Exchange *exchange, int process, int slot, bool own);
extern void exchange_pass(const Exchange *rounds);
extern void exchange_end(Exchange *rounds);
extern FileSet *exchange_files(const Exchange *exchange);
extern void exchange_file_name(char *name, int slot, int number);

#endif							/* JOURNEY_EXCHANGE_H */
