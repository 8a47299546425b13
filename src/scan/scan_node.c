/*-------------------------------------------------------------------------
 *
 * scan_node.c
 *		The scan as a node of the executor: a custom scan.
 *
 * Rows come from the heap a page at a time (scan_page.c), as in a sequential
 * scan.  The first rows go up through the executor.  When an aggregate of the
 * extension gets its first row, its transition function asks the scans below
 * to feed it.  At their next call they feed it all remaining rows
 * (scan_feed.c), and report the end of the table.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tableam.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "nodes/extensible.h"
#include "scan/scan_expr.h"
#include "scan/scan_state.h"
#include "utils/rel.h"

#include "compat.h"

static Node *scan_create_state(CustomScan *scan);
static void scan_begin(CustomScanState *node, EState *estate, int eflags);
static TupleTableSlot *scan_exec(CustomScanState *node);
static void scan_end(CustomScanState *node);
static void scan_rescan(CustomScanState *node);
static void scan_shutdown(CustomScanState *node);
static void scan_explain(CustomScanState *node, List *ancestors, ExplainState *es);

const CustomScanMethods scan_methods = {
	.CustomName = "JourneyScan",
	.CreateCustomScanState = scan_create_state,
};

const CustomExecMethods scan_exec_methods = {
	.CustomName = "JourneyScan",
	.BeginCustomScan = scan_begin,
	.ExecCustomScan = scan_exec,
	.EndCustomScan = scan_end,
	.ReScanCustomScan = scan_rescan,
	.EstimateDSMCustomScan = scan_estimate_dsm,
	.InitializeDSMCustomScan = scan_initialize_dsm,
	.ReInitializeDSMCustomScan = scan_reinitialize_dsm,
	.InitializeWorkerCustomScan = scan_initialize_worker,
	.ShutdownCustomScan = scan_shutdown,
	.ExplainCustomScan = scan_explain,
};

static Node *
scan_create_state(CustomScan *scan)
{
	TableScanState *state = (TableScanState *) newNode(sizeof(TableScanState), T_CustomScanState);

	(void) scan;
	state->css.methods = &scan_exec_methods;
	return (Node *) state;
}

static void
scan_begin(CustomScanState *node, EState *estate, int eflags)
{
	TableScanState *state = (TableScanState *) node;
	ScanState  *scan = &node->ss;
	PlanState  *ps = &scan->ps;
	Plan	   *plan = ps->plan;
	ListCell   *cell;

	/* rows lie on heap pages, so have a slot for such */
	ps->scanops = table_slot_callbacks(scan->ss_currentRelation);
	ps->scanopsfixed = true;
	ps->scanopsset = true;
	ps->scandesc = RelationGetDescr(scan->ss_currentRelation);
	scan->ss_ScanTupleSlot = ExecAllocTableSlot(&estate->es_tupleTable,
												RelationGetDescr(scan->ss_currentRelation),
												ps->scanops);

	/* and hand up just the columns asked for */
	state->output = ExecAllocTableSlot(&estate->es_tupleTable, ps->ps_ResultTupleDesc,
									   &TTSOpsVirtual);
	ps->resultops = &TTSOpsVirtual;
	ps->resultopsfixed = true;
	ps->resultopsset = true;
	ps->ps_ProjInfo = NULL;
	ps->qual = NULL;

	state->rows = scan_rows_new(scan, ps->ps_ExprContext);
	state->quals = palloc((list_length(plan->qual) + 1) * sizeof(ScanExpr *));
	foreach(cell, plan->qual)
		state->quals[state->nquals++] = scan_expr(state->rows, lfirst(cell));
	scan_lookups_begin(state, estate, eflags);
	while (state->nfilters < state->nquals && state->quals[state->nfilters]->of_rows)
		scan_expr_need_early(state->quals[state->nfilters++], state->rows);
	state->ntested = state->nlookups > 0 ? state->nquals : state->nfilters;
	state->outputs = palloc((list_length(plan->targetlist) + 1) * sizeof(ScanExpr *));
	foreach(cell, plan->targetlist)
		state->outputs[state->noutputs++] = scan_expr(state->rows, lfirst_node(TargetEntry, cell)->expr);
	state->outputs_taken = palloc0((state->noutputs + 1) * sizeof(bool));
	state->checked = palloc((state->noutputs + 1) * sizeof(ScanExpr *));
	scan_rows_ready(state->rows);
}

static TupleTableSlot *
scan_exec(CustomScanState *node)
{
	TableScanState *state = (TableScanState *) node;
	TupleTableSlot *output = state->output;
	MemoryContext old;
	ScanFed		fed = SCAN_FED_NO_MORE;

	ResetExprContext(node->ss.ps.ps_ExprContext);
	ExecClearTuple(output);
	scan_open(state);
	if (state->agg != NULL)
		fed = scan_feed_rows(state);
	if (fed == SCAN_FED_ALL)
		return output;
	old = MemoryContextSwitchTo(node->ss.ps.ps_ExprContext->ecxt_per_tuple_memory);
	if (fed == SCAN_FED_TO_ROW || scan_next_row(state, node->ss.ps.state->es_direction))
	{
		int			i;

		/* for WHERE CURRENT OF, which asks for the place of the row */
		(void) scan_rows_slot(state->rows);
		for (i = 0; i < state->noutputs; i++)
			output->tts_values[i] = scan_expr_value(state->outputs[i], state->rows,
													&output->tts_isnull[i]);
		ExecStoreVirtualTuple(output);
	}
	MemoryContextSwitchTo(old);
	return output;
}

/* Perhaps no more rows are asked for, and EXPLAIN ANALYZE is about to tell. */
static void
scan_shutdown(CustomScanState *node)
{
	scan_count_rows_so_far((TableScanState *) node);
}

static void
scan_end(CustomScanState *node)
{
	TableScanState *state = (TableScanState *) node;

	scan_lookups_end(state);
	if (state->scan == NULL)
		return;
	scan_count_rows_so_far(state);
	table_endscan(state->scan);
}

static void
scan_rescan(CustomScanState *node)
{
	TableScanState *state = (TableScanState *) node;

	scan_count_rows_so_far(state);
	state->page_read = 0;
	state->rows->n = 0;
	state->rows->current = state->rows->in_slot = -1;
	state->agg = NULL;
	if (state->groups != NULL)
		scan_groups_forget(state->groups);
	scan_lookups_rescan(state);
	ExecClearTuple(node->ss.ss_ScanTupleSlot);
	if (state->scan != NULL)
		table_rescan(state->scan, NULL);
}

/* For EXPLAIN: what keeps the scan from feeding; how many groups it feeds. */
static void
scan_explain(CustomScanState *node, List *ancestors, ExplainState *es)
{
	const TableScanState *state = (TableScanState *) node;

	scan_lookups_explain(state, ancestors, es);
	if (!scan_plan_feeds(state))
		ExplainPropertyBool("Row by Row", true, es);
	if (es->analyze && state->groups != NULL)
		ExplainPropertyInteger("Groups Fed", NULL, scan_groups_count(state->groups), es);
}
