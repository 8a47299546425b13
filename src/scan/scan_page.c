/*-------------------------------------------------------------------------
 *
 * scan_page.c
 *		The rows of the scan, a page at a time.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "scan/scan_expr.h"
#include "scan/scan_state.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "compat.h"

/* Begin to read, unless we have. */
void
scan_open(TableScanState *state)
{
	Relation	relation = state->css.ss.ss_currentRelation;

	if (state->nlookups > 0)
		scan_lookups_open(state);
	if (state->scan != NULL)
		return;
	if (state->shared != NULL)
		state->scan = table_beginscan_parallel(relation, state->shared);
	else
		state->scan = table_beginscan(relation, state->css.ss.ps.state->es_snapshot, 0, NULL);
}

/*
 * Guess which page will be next, so that its memory can be asked for while the
 * rows of this one are looked at: pages that were read one after the other lie
 * so in the buffer cache, upwards or downwards.
 */
static inline void
scan_guess_next_page(TableScanState *state)
{
	const Buffer buffer = state->rows->buffer;
	const int	step = buffer - state->page_before;
	const Buffer next = buffer + step;

	state->ahead = state->ahead_end = NULL;
	if (step == state->step_before && next > 0 && next <= NBuffers)
	{
		state->ahead = (const char *) BufferGetBlock(next);
		state->ahead_end = state->ahead + BLCKSZ;
	}
	state->step_before = step;
	state->page_before = buffer;
}

/* So many rows of the page were looked at, and so many of them removed at once. */
static void
scan_count_rows(TableScanState *state, int read, int removed)
{
	if (state->page_read == 0)
		return;
	if (pgstat_should_count_relation(state->scan->rs_rd))
		HEAP_ROWS_RETURNED(state->scan->rs_rd->pgstat_info) += read - state->read;
	InstrCountFiltered1(&state->css.ss.ps, removed - state->removed);
	state->read = read;
	state->removed = removed;
}

/*
 * Count only rows up to the current one, as the executor would, because the
 * rows behind it may never be requested.
 */
void
scan_count_rows_so_far(TableScanState *state)
{
	const ScanRows *rows = state->rows;
	HeapScanDesc heap = (HeapScanDesc) state->scan;
	int			i;

	if (state->page_read == 0 || rows->current < 0 || rows->current >= rows->n)
		return;
	for (i = 0; i < state->page_read; i++)
		if (heap->rs_vistuples[i] == rows->numbers[rows->current])
			break;
	if (i >= state->read)
		scan_count_rows(state, i + 1, Min(i - rows->current, state->page_removed));
}

/*
 * Have the rows of the next page at hand that meet the conditions which are
 * tested on all rows at once, with none of them looked at.  At the end of the
 * table, or backward at its beginning, there are none.
 */
bool
scan_next_page(TableScanState *state, ScanDirection direction)
{
	HeapScanDesc heap = (HeapScanDesc) state->scan;
	TupleTableSlot *slot = state->css.ss.ss_ScanTupleSlot;
	ScanRows   *rows = state->rows;

	do
	{
		const bool	has_page = (state->scan->rs_flags & SO_ALLOW_PAGEMODE) != 0;

		/* the heap goes to the next page, and checks and pins it */
		CHECK_FOR_INTERRUPTS();
		scan_count_rows(state, state->page_read, state->page_removed);
		state->page_read = state->page_removed = state->removed = 0;
		rows->n = 0;
		rows->current = -1;
		if (has_page && heap->rs_inited)
			heap->rs_cindex = ScanDirectionIsBackward(direction) ? 0 : heap->rs_ntuples - 1;
		if (!table_scan_getnextslot(state->scan, direction, slot))
			return false;
		rows->buffer = ((BufferHeapTupleTableSlot *) slot)->buffer;
		if (has_page)
		{
			rows->block = heap->rs_cblock;
			scan_rows_of_page(rows, heap->rs_vistuples, heap->rs_ntuples);
			state->page_read = rows->n;
			state->read = 1;	/* which it has given us */
		}
		else
			scan_rows_of_slot(rows);
		scan_rows_take(rows, false);
		scan_guess_next_page(state);
		scan_ask_ahead(state);
		if (state->nfilters > 0)
		{
			uint16		kept[SCAN_ROWS_MOST];
			int			nkept = scan_expr_filter(state->quals, state->nfilters, rows, kept);

			if (has_page)
				state->page_removed = rows->n - nkept;
			else
				InstrCountFiltered1(&state->css.ss.ps, rows->n - nkept);
			scan_ask_ahead(state);
			scan_rows_keep(rows, kept, nkept);
		}
		if (rows->n == 0)
			continue;
		scan_ask_ahead(state);
		scan_rows_take(rows, true);
		scan_ask_ahead(state);
		if (state->nlookups > 0)
			scan_look_up(state);
	} while (rows->n == 0);
	rows->current = ScanDirectionIsBackward(direction) ? rows->n : -1;
	return true;
}

/* Does the row that is looked at meet the other conditions? */
static inline bool
scan_row_passes(TableScanState *state)
{
	if (scan_expr_all(state->quals + state->ntested, state->nquals - state->ntested, state->rows))
		return true;
	InstrCountFiltered1(&state->css.ss.ps, 1);
	table_scan_reset(state->css.ss.ps.ps_ExprContext->ecxt_per_tuple_memory);
	return false;
}

/* Go to the next row that meets the conditions; backward, to the one before. */
bool
scan_next_row(TableScanState *state, ScanDirection direction)
{
	ScanRows   *rows = state->rows;
	const int	step = ScanDirectionIsBackward(direction) ? -1 : 1;

	do
		while (rows->current + step >= 0 && rows->current + step < rows->n)
		{
			rows->current += step;
			if (scan_row_passes(state))
				return true;
		}
	while (scan_next_page(state, direction));
	return false;
}

/*
 * Evaluate the outputs for the row that is looked at which may fail, and which no
 * aggregate is sure to evaluate: the executor would.
 */
static inline void
scan_check_outputs(TableScanState *state)
{
	bool		isnull;
	int			i;

	for (i = 0; i < state->nchecked; i++)
		(void) scan_expr_value(state->checked[i], state->rows, &isnull);
}

/* Of the rows at hand keep those that meet the other conditions. */
void
scan_filter_rows(TableScanState *state)
{
	ScanRows   *rows = state->rows;
	uint16		kept[SCAN_ROWS_MOST];
	int			nkept = 0;
	int			i;

	if (state->ntested == state->nquals && state->nchecked == 0)
		return;
	for (i = 0; i < rows->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		rows->current = i;
		if (scan_row_passes(state))
		{
			kept[nkept++] = (uint16) i;
			scan_check_outputs(state);
			table_scan_reset(state->css.ss.ps.ps_ExprContext->ecxt_per_tuple_memory);
		}
	}
	scan_rows_keep(rows, kept, nkept);
}
