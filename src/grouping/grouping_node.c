/*-------------------------------------------------------------------------
 *
 * grouping_node.c
 *		JourneyGroup as a node of the executor: a custom scan.
 *
 * It reads all rows of the node below, or has them handed over a page at a time
 * if that is the extension's scan.  Then it hands up the rows of one group after
 * the other.  The aggregate above has processed a row when it asks for the next
 * one.  So from the first row of a group on, the node may do the executor's work
 * for the others: it passes them to the transition functions.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/parallel.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "executor/nodeAgg.h"
#include "grouping/grouping_above.h"
#include "grouping/grouping_node.h"
#include "grouping/grouping_store.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "scan/scan.h"

#include "compat.h"

typedef struct GroupingState
{
	CustomScanState css;
	PlanState  *child;
	TupleTableSlot *output;
	GroupingStore *store;		/* NULL: no row has been read */
	bool		done;			/* has all been handed up? */
	uint64		group;			/* at hand */
	uint64		row;			/* the next one of the group */
	uint64		spilled;		/* bytes, for EXPLAIN */
	GroupingShared *shared;		/* of a parallel plan */

	bool		looked;			/* is known what is above? */
	GroupingAbove above;
} GroupingState;

/* Rows of a group lie apart: so many before it is its turn, the memory of one is asked for. */
#define AHEAD 8

/* Has a node begun since a query was last looked through for them? */
static bool begun = false;

static ExecutorStart_hook_type next_start_hook = NULL;

static Node *grouping_create_state(CustomScan *scan);
static void grouping_begin(CustomScanState *node, EState *estate, int eflags);
static TupleTableSlot *grouping_exec(CustomScanState *node);
static void grouping_end(CustomScanState *node);
static void grouping_rescan(CustomScanState *node);
static Size grouping_estimate_dsm(CustomScanState *node, ParallelContext *pcxt);
static void grouping_initialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate);
static void grouping_reinitialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate);
static void grouping_initialize_worker(CustomScanState *node, shm_toc *toc, void *coordinate);
static void grouping_explain(CustomScanState *node, List *ancestors, ExplainState *es);

const CustomScanMethods grouping_scan_methods = {
	.CustomName = "JourneyGroup",
	.CreateCustomScanState = grouping_create_state,
};

static const CustomExecMethods grouping_exec_methods = {
	.CustomName = "JourneyGroup",
	.BeginCustomScan = grouping_begin,
	.ExecCustomScan = grouping_exec,
	.EndCustomScan = grouping_end,
	.ReScanCustomScan = grouping_rescan,
	.EstimateDSMCustomScan = grouping_estimate_dsm,
	.InitializeDSMCustomScan = grouping_initialize_dsm,
	.ReInitializeDSMCustomScan = grouping_reinitialize_dsm,
	.InitializeWorkerCustomScan = grouping_initialize_worker,
	.ExplainCustomScan = grouping_explain,
};

/* ---- the aggregate above --------------------------------------------------------- */

/* The column that is the key, if it is just one, by value, and equal values are the same; else -1. */
static int
value_key(const GroupingState *state)
{
	const CustomScan *scan = castNode(CustomScan, state->css.ss.ps.plan);
	const TupleDesc desc = state->css.ss.ps.ps_ResultTupleDesc;
	List	   *keys = linitial(scan->custom_private);

	return list_length(keys) == 1 && TupleDescAttr(desc, linitial_int(keys))->attbyval &&
		scan_equal_is_same(linitial_oid(lsecond(scan->custom_private)),
						   linitial_oid(lthird(scan->custom_private))) ?
		linitial_int(keys) : -1;
}

/* Look at what is above, unless that is done. */
static void
look_above(GroupingState *state)
{
	MemoryContext old;

	if (state->looked)
		return;
	old = MemoryContextSwitchTo(state->css.ss.ps.state->es_query_cxt);
	grouping_above_read(&state->above, value_key(state));
	MemoryContextSwitchTo(old);
	state->looked = true;
}

/* Tell the nodes of a plan which aggregate is above them. */
static bool
find_aggregates(PlanState *plan, void *context)
{
	if (plan == NULL)
		return false;
	if (IsA(plan, AggState) && outerPlanState(plan) != NULL &&
		IsA(outerPlanState(plan), CustomScanState) &&
		((CustomScanState *) outerPlanState(plan))->methods == &grouping_exec_methods)
	{
		GroupingState *state = (GroupingState *) outerPlanState(plan);

		state->above.agg = (AggState *) plan;
		look_above(state);
		if (state->above.nfolds > 0)
			grouping_finish_instead(state->above.agg);
	}
	return planstate_tree_walker(plan, find_aggregates, context);
}

/* What the executor calls to start a query. */
static void
grouping_executor_start(QueryDesc *query, int eflags)
{
	const bool	before = begun;

	begun = false;
	if (next_start_hook != NULL)
		next_start_hook(query, eflags);
	else
		standard_ExecutorStart(query, eflags);
	if (begun)
		(void) find_aggregates(query->planstate, NULL);
	begun = before;
}

/* Pass a row to the transition functions. */
static inline void
feed_row(GroupingState *state, const GroupingRow *row)
{
	const GroupingStore *store = state->store;
	AggState   *agg = state->above.agg;
	int			i;
	int			k;

	for (i = 0; i < agg->numtrans; i++)
	{
		const FedAggregate *aggregate = &state->above.aggregates[i];
		FunctionCallInfo call = agg->pertrans[i].transfn_fcinfo;

		for (k = 0; k < aggregate->nargs; k++)
		{
			const FedArg *arg = &aggregate->args[k];
			const bool	isnull = grouping_isnull(store, row, arg->column);

			call->args[arg->number].isnull = isnull;
			call->args[arg->number].value = isnull ? (Datum) 0 :
				grouping_value(store, row, arg->column);
		}
		scan_set_current(agg, i);
		scan_advance(agg, &agg->pertrans[i], scan_group_of(agg, i));
	}
}

/* Pass the rows that are left of the group at hand to the transition functions. */
static void
feed_group(GroupingState *state)
{
	const GroupingStore *store = state->store;
	const uint64 end = store->groups[state->group].end;
	const uint64 nrows = store->groups[store->ngroups - 1].end;
	MemoryContext old = MemoryContextSwitchTo(state->css.ss.ps.ps_ExprContext->ecxt_per_tuple_memory);

	if (state->css.ss.ps.instrument != NULL)
		state->css.ss.ps.instrument->tuplecount += (double) (end - state->row);
	for (; state->row < end; state->row++)
	{
		CHECK_FOR_INTERRUPTS();
		if (state->row + AHEAD < nrows)
			__builtin_prefetch(store->rows[state->row + AHEAD]);
		feed_row(state, store->rows[state->row]);
		table_scan_reset(CurrentMemoryContext);
	}
	MemoryContextSwitchTo(old);
}

/* ---- rows from below --------------------------------------------------------------- */

/* Where rows go. */
typedef struct RowTaker
{
	GroupingStore *store;
	GroupingTable *table;		/* instead, if states are folded */
	GroupingIdle *idle;			/* which rows need not; or NULL */
} RowTaker;

static void
take_rows(void *to, const ScanVector *const *columns, int n)
{
	RowTaker   *taker = to;
	uint16		kept[SCAN_ROWS_MOST];

	if (taker->table != NULL)
		grouping_table_add_rows(taker->table, columns, n);
	else if (taker->idle != NULL)
	{
		n = grouping_idle_leave_out(taker->idle, columns, n, kept);
		grouping_add_rows(taker->store, columns, kept, n);
	}
	else
		grouping_add_rows(taker->store, columns, NULL, n);
}

/* Read all rows one by one, and take many at once.  Only values by value are looked at. */
static void
read_vectors(GroupingState *state, RowTaker *taker)
{
	const TupleDesc desc = state->css.ss.ps.ps_ResultTupleDesc;
	const int	ncolumns = desc->natts;
	ScanVector *vectors = palloc0((ncolumns + 1) * sizeof(ScanVector));
	const ScanVector **columns = palloc((ncolumns + 1) * sizeof(ScanVector *));
	TupleTableSlot *slot;
	int			n = 0;
	int			i;

	for (i = 0; i < ncolumns; i++)
	{
		vectors[i].values = palloc(SCAN_ROWS_MOST * sizeof(Datum));
		vectors[i].nulls = palloc0(SCAN_ROWS_MOST * sizeof(bool));
		vectors[i].has_nulls = true;
		columns[i] = &vectors[i];
	}
	do
	{
		CHECK_FOR_INTERRUPTS();
		slot = ExecProcNode(state->child);
		if (!TupIsNull(slot))
		{
			slot_getallattrs(slot);
			for (i = 0; i < ncolumns; i++)
			{
				vectors[i].nulls[n] = slot->tts_isnull[i];
				vectors[i].values[n] = slot->tts_isnull[i] ? (Datum) 0 :
					scan_datum(slot->tts_values[i], TupleDescAttr(desc, i)->attlen,
							   TupleDescAttr(desc, i)->attbyval);
			}
			n++;
		}
		if (n == SCAN_ROWS_MOST || (TupIsNull(slot) && n > 0))
		{
			take_rows(taker, columns, n);
			n = 0;
		}
	} while (!TupIsNull(slot));
	for (i = 0; i < ncolumns; i++)
	{
		pfree(vectors[i].values);
		pfree(vectors[i].nulls);
	}
	pfree(vectors);
	pfree(columns);
}

/* Read all rows one by one, and store them. */
static void
store_rows(GroupingState *state)
{
	ExprContext *context = state->css.ss.ps.ps_ExprContext;
	MemoryContext old;

	for (;;)
	{
		TupleTableSlot *slot = ExecProcNode(state->child);

		CHECK_FOR_INTERRUPTS();
		if (TupIsNull(slot))
			break;
		slot_getallattrs(slot);
		old = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
		grouping_add_row(state->store, slot->tts_values, slot->tts_isnull);
		table_scan_reset(CurrentMemoryContext);
		MemoryContextSwitchTo(old);
	}
}

/* Read all rows of the node below. */
static void
read_rows(GroupingState *state)
{
	const CustomScan *scan = castNode(CustomScan, state->css.ss.ps.plan);
	RowTaker	taker = {state->store, NULL, NULL};

	if (state->above.nfolds > 0)
		taker.table = grouping_table_new(state->store, linitial_int(linitial(scan->custom_private)),
										 state->above.folds, state->above.nfolds);
	else if (state->above.nidle > 0)
		taker.idle = grouping_idle_new(state->store, state->above.idle, state->above.nidle);
	if (!table_scan_hand_over(state->child, take_rows, &taker))
	{
		if (taker.table != NULL || (taker.idle != NULL && state->store->all_by_value))
			read_vectors(state, &taker);
		else
			store_rows(state);
	}
	if (taker.table != NULL)
		grouping_table_close(taker.table);
	if (taker.idle != NULL)
		grouping_idle_free(taker.idle);
}

/* A store for all rows, or for groups with their states. */
static GroupingStore *
new_store(const GroupingState *state, GroupingShared *shared)
{
	const PlanState *ps = &state->css.ss.ps;
	const CustomScan *scan = castNode(CustomScan, ps->plan);
	dsa_area   *area = ps->state->es_query_dsa;
	TupleDesc	desc;

	if (state->above.nfolds == 0)
		return grouping_store_new(ps->ps_ResultTupleDesc, linitial(scan->custom_private),
								  lsecond(scan->custom_private), lthird(scan->custom_private),
								  scan->scan.plan.plan_rows * (scan->scan.plan.plan_width + 16),
								  shared, area);
	/* each process may have each group */
	desc = grouping_fold_desc(state->above.nfolds);
	return grouping_store_new(desc, list_make1_int(FOLD_KEY), lsecond(scan->custom_private),
							  lthird(scan->custom_private),
							  state->above.agg->ss.ps.plan->plan_rows * (desc->natts + 1) * 8 *
							  (shared == NULL ? 1 : shared->nslots),
							  shared, area);
}

/* Read all rows, unless other processes have done so, and bring them into parts. */
static void
fill_store(GroupingState *state)
{
	EState	   *estate = state->css.ss.ps.state;
	GroupingShared *shared = state->shared != NULL && state->shared->nslots > 0 &&
		estate->es_query_dsa != NULL ? state->shared : NULL;
	MemoryContext old;
	bool		reads;

	look_above(state);
	old = MemoryContextSwitchTo(estate->es_query_cxt);
	reads = shared == NULL || grouping_shared_attach(shared);
	state->store = new_store(state, shared);
	MemoryContextSwitchTo(old);
	if (reads)
	{
		read_rows(state);
		grouping_store_close(state->store);
	}
	state->spilled = state->store->spilled;
}

/* ---- execution ------------------------------------------------------------------- */

static Node *
grouping_create_state(CustomScan *scan)
{
	GroupingState *state = (GroupingState *) newNode(sizeof(GroupingState), T_CustomScanState);

	(void) scan;
	state->css.methods = &grouping_exec_methods;
	return (Node *) state;
}

static void
grouping_begin(CustomScanState *node, EState *estate, int eflags)
{
	GroupingState *state = (GroupingState *) node;
	PlanState  *ps = &node->ss.ps;

	state->output = ExecAllocTableSlot(&estate->es_tupleTable, ps->ps_ResultTupleDesc,
									   &TTSOpsVirtual);
	ps->resultops = &TTSOpsVirtual;
	ps->resultopsfixed = true;
	ps->resultopsset = true;
	ps->ps_ProjInfo = NULL;
	state->child = ExecInitNode(linitial(castNode(CustomScan, ps->plan)->custom_plans), estate,
								eflags);
	node->custom_ps = list_make1(state->child);
	begun = true;
}

/* Make the first row of the group at hand that of the output. */
static void
put_row(GroupingState *state)
{
	const GroupingStore *store = state->store;
	const GroupingRow *row = store->rows[state->row++];
	TupleTableSlot *output = state->output;
	int			i;

	for (i = 0; i < store->ncolumns; i++)
	{
		output->tts_isnull[i] = grouping_isnull(store, row, i);
		output->tts_values[i] = output->tts_isnull[i] ? (Datum) 0 : grouping_value(store, row, i);
	}
}

/* Have the states of the group at hand, and its key in the output.  Nobody looks at other columns. */
static void
put_group(GroupingState *state)
{
	const GroupingStore *store = state->store;
	const CustomScan *scan = castNode(CustomScan, state->css.ss.ps.plan);
	const int	key = linitial_int(linitial(scan->custom_private));
	const uint64 end = store->groups[state->group].end;
	const GroupingRow *row = store->rows[state->row];
	TupleTableSlot *output = state->output;

	memset(output->tts_isnull, true, output->tts_tupleDescriptor->natts * sizeof(bool));
	output->tts_isnull[key] = grouping_isnull(store, row, FOLD_KEY);
	output->tts_values[key] = (Datum) row->columns[FOLD_KEY];
	grouping_fold_finish(store, state->row, end, state->above.folds, state->above.nfolds,
						 scan_group_of(state->above.agg, 0));
	state->row = end;
}

static TupleTableSlot *
grouping_exec(CustomScanState *node)
{
	GroupingState *state = (GroupingState *) node;
	GroupingStore *store;
	TupleTableSlot *output = state->output;

	ExecClearTuple(output);
	if (state->done)
		return output;
	if (state->store == NULL)
		fill_store(state);
	else if (state->above.feeds && state->above.nfolds == 0 && state->store->ngroups > 0)
		feed_group(state);
	store = state->store;
	if (store->ngroups > 0 && state->row == store->groups[state->group].end)
		state->group++;
	if (state->group == store->ngroups)
	{
		if (!grouping_next_groups(store))
		{
			state->done = true;
			return output;
		}
		state->group = state->row = 0;
	}
	if (state->above.nfolds > 0)
		put_group(state);
	else
		put_row(state);
	return ExecStoreVirtualTuple(output);
}

/* Forget all rows. */
static void
forget_rows(GroupingState *state)
{
	if (state->store != NULL)
		grouping_store_free(state->store);
	state->store = NULL;
	state->done = false;
	state->group = state->row = 0;
}

static void
grouping_end(CustomScanState *node)
{
	GroupingState *state = (GroupingState *) node;

	ExecClearTuple(state->output);
	forget_rows(state);
	ExecEndNode(state->child);
}

static void
grouping_rescan(CustomScanState *node)
{
	GroupingState *state = (GroupingState *) node;

	ExecClearTuple(state->output);
	forget_rows(state);
	if (node->ss.ps.chgParam != NULL)
		UpdateChangedParamSet(state->child, node->ss.ps.chgParam);
	if (state->child->chgParam == NULL)
		ExecReScan(state->child);
}

/* For EXPLAIN: which rows are stored, and what this process wrote to its file. */
static void
grouping_explain(CustomScanState *node, List *ancestors, ExplainState *es)
{
	GroupingState *state = (GroupingState *) node;

	(void) ancestors;
	look_above(state);
	ExplainPropertyText("Rows Stored", state->above.nfolds > 0 ? "none" :
						state->above.nidle > 0 ? "some" : "all", es);
	if (es->analyze && state->spilled > 0)
		ExplainPropertyInteger("Disk Usage", "kB", (int64) (state->spilled + 1023) / 1024, es);
}

/* ---- what the processes share ------------------------------------------------------ */

static Size
grouping_estimate_dsm(CustomScanState *node, ParallelContext *pcxt)
{
	(void) node;
	return grouping_shared_size(pcxt->nworkers + 1);
}

static void
grouping_initialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	((GroupingState *) node)->shared = coordinate;
	grouping_shared_init(coordinate, pcxt->nworkers + 1, pcxt->seg);
}

static void
grouping_reinitialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	(void) pcxt;
	grouping_shared_reinit(coordinate, node->ss.ps.state->es_query_dsa);
}

static void
grouping_initialize_worker(CustomScanState *node, shm_toc *toc, void *coordinate)
{
	(void) toc;
	((GroupingState *) node)->shared = coordinate;
}

void
grouping_node_init(void)
{
	RegisterCustomScanMethods(&grouping_scan_methods);
	next_start_hook = ExecutorStart_hook;
	ExecutorStart_hook = grouping_executor_start;
}
