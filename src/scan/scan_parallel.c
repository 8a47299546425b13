/*-------------------------------------------------------------------------
 *
 * scan_parallel.c
 *		The shared state of the processes of a parallel scan.
 *
 * The processes share the pages of the table, as in a sequential scan.
 * Afterwards they share the users of the aggregates that allow it: they
 * exchange what they have read, and each calls the final function for its
 * users (share/share.h).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/tableam.h"
#include "executor/nodeAgg.h"
#include "nodes/extensible.h"
#include "scan/scan_state.h"
#include "share/share.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"

/* Where the table's own data begins. */
static Size
scan_table_offset(const ParallelContext *pcxt)
{
	return MAXALIGN(SCAN_SHARED_EXCHANGE + exchange_size(pcxt->nworkers + 1));
}

Size
scan_estimate_dsm(CustomScanState *node, ParallelContext *pcxt)
{
	return scan_table_offset(pcxt) + table_parallelscan_estimate(node->ss.ss_currentRelation,
																 node->ss.ps.state->es_snapshot);
}

void
scan_initialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	TableScanState *state = (TableScanState *) node;

	state->shared = coordinate;
	state->shared->table = scan_table_offset(pcxt);
	exchange_init(scan_exchange(state), pcxt->nworkers + 1, pcxt->seg);
	table_parallelscan_initialize(node->ss.ss_currentRelation, scan_table(state),
								  node->ss.ps.state->es_snapshot);
}

void
scan_reinitialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	TableScanState *state = (TableScanState *) node;

	(void) pcxt;
	(void) coordinate;
	exchange_reinit(scan_exchange(state));
	table_parallelscan_reinitialize(node->ss.ss_currentRelation, scan_table(state));
}

void
scan_initialize_worker(CustomScanState *node, shm_toc *toc, void *coordinate)
{
	(void) toc;
	((TableScanState *) node)->shared = coordinate;
}

/* All rows are read: let the other processes go on without this one. */
void
scan_leave_exchange(TableScanState *state)
{
	int			i;

	for (i = 0; state->exchange != NULL && i < EXCHANGE_ROUNDS; i++)
		exchange_leave(&state->exchange[i]);
	state->exchange = NULL;
}

/* Does this process take part in the exchange of an aggregate's users? */
static bool
scan_shares(const TableScanState *state, int number)
{
	return number < state->agg->numtrans && state->consumers[number].sharing != NULL &&
		scan_has_state(state, number);
}

/* Finish a share of the users of an aggregate. */
static void
scan_share_users(TableScanState *state, int number)
{
	ScanConsumer *consumer = &state->consumers[number];
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "pg_journey share of users",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	scan_set_current(state->agg, number);
	consumer->sharing->exchange(consumer->state, state->css.ss.ps.state->es_query_dsa);
	state->sharing = state->exchange[number].n;
	results_finish(state->agg->pertrans[number].transfn_fcinfo, consumer->aggref,
				   consumer->state, consumer->join);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	exchange_finish(&state->exchange[number]);
}

/* All rows are read: finish a share of the users of one aggregate after the other. */
void
scan_share_all_users(TableScanState *state)
{
	int			i;

	if (state->exchange == NULL)
		return;

	/* nobody shall wait for this process where it has nothing to give */
	for (i = 0; i < EXCHANGE_ROUNDS; i++)
		if (!scan_shares(state, i))
			exchange_leave(&state->exchange[i]);
	for (i = 0; i < EXCHANGE_ROUNDS; i++)
		if (scan_shares(state, i))
			scan_share_users(state, i);
	state->exchange = NULL;
}
