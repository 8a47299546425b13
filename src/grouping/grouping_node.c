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
#include "utils/datum.h"

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
	uint64	   *states;			/* of the group at hand, folded */
	GroupingSum *sums;			/* of those, if no row is stored */
} GroupingState;

/* Rows of a group lie apart: so many before it is its turn, the memory of one is asked for. */
#define AHEAD 8

/* Rows that are read one by one are taken together up to so many bytes. */
#define BYTES_AT_ONCE (1024 * 1024)

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

/* Are keys equal when their bytes are? */
static bool
keys_are_bytes(const CustomScan *scan)
{
	List	   *keys = linitial(scan->custom_private);
	int			i;

	for (i = 0; i < list_length(keys); i++)
		if (!scan_equal_is_same(list_nth_oid(lsecond(scan->custom_private), i),
								list_nth_oid(lthird(scan->custom_private), i)))
			return false;
	return list_length(keys) <= GROUPING_TABLE_KEYS_MOST;
}

/* Look at what is above, unless that is done. */
static void
look_above(GroupingState *state)
{
	const CustomScan *scan = castNode(CustomScan, state->css.ss.ps.plan);
	GroupingAbove *above = &state->above;
	MemoryContext old;

	if (state->looked)
		return;
	old = MemoryContextSwitchTo(state->css.ss.ps.state->es_query_cxt);
	grouping_above_read(above, state->css.ss.ps.ps_ResultTupleDesc->natts,
						linitial(scan->custom_private), keys_are_bytes(scan));
	state->states = palloc0((above->nstates + 1) * sizeof(uint64));
	if (above->stored == GROUPING_NO_ROWS)
		state->sums = palloc0(above->nfolds * sizeof(GroupingSum));
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
		if (state->above.stored == GROUPING_NO_ROWS)
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

/* Pass a row to the transition functions whose states the node does not compute. */
static inline void
feed_row(GroupingState *state, const GroupingRow *row)
{
	const GroupingStore *store = state->store;
	const int  *places = state->above.places;
	AggState   *agg = state->above.agg;
	int			i;
	int			k;

	for (i = 0; i < agg->numtrans; i++)
	{
		const FedAggregate *aggregate = &state->above.aggregates[i];
		FunctionCallInfo call = agg->pertrans[i].transfn_fcinfo;

		if (aggregate->folded)
			continue;
		if (aggregate->filter >= 0 &&
			(grouping_isnull(store, row, places[aggregate->filter]) ||
			 !DatumGetBool(grouping_value(store, row, places[aggregate->filter]))))
			continue;
		for (k = 0; k < aggregate->nargs; k++)
		{
			const FedArg *arg = &aggregate->args[k];
			const bool	isnull = grouping_isnull(store, row, places[arg->column]);

			call->args[arg->number].isnull = isnull;
			call->args[arg->number].value = isnull ? (Datum) 0 :
				grouping_value(store, row, places[arg->column]);
		}
		scan_set_current(agg, i);
		scan_advance(agg, &agg->pertrans[i], scan_group_of(agg, i));
	}
}

/* Have the states of the group at hand that the node computes. */
static void
fold_group(GroupingState *state, GroupingSum *sums)
{
	const GroupingStore *store = state->store;
	const GroupingAbove *above = &state->above;
	const uint64 begin = state->group == 0 ? 0 : store->groups[state->group - 1].end;
	const uint64 end = store->groups[state->group].end;

	if (above->stored == GROUPING_ALL_ROWS)
		grouping_fold_rows(store, begin, end, above->folds, above->nfolds, above->places, state->states);
	else
		grouping_fold_states(store, begin, end, above->folds, above->nfolds, state->states);
	grouping_fold_put(state->states, above->folds, above->nfolds, sums, above->agg);
}

/*
 * The first row of the group at hand has gone up.  Pass those that are left to the
 * transition functions.
 */
static void
feed_group(GroupingState *state)
{
	const GroupingStore *store = state->store;
	const uint64 end = store->groups[state->group].end;
	const uint64 nrows = store->groups[store->ngroups - 1].end;
	MemoryContext old;

	if (state->above.nfolds > 0)
		fold_group(state, NULL);
	if (state->above.nfolds == state->above.agg->numtrans)
	{
		state->row = end;
		return;
	}
	old = MemoryContextSwitchTo(state->css.ss.ps.ps_ExprContext->ecxt_per_tuple_memory);

	if (state->css.ss.ps.instrument != NULL)
		state->css.ss.ps.instrument->tuplecount += (double) (end - state->row);
	for (; state->row < end; state->row++)
	{
		CHECK_FOR_INTERRUPTS();
		if (state->row + AHEAD < nrows)
			__builtin_prefetch(store->rows[state->row + AHEAD]);
		if ((store->rows[state->row]->size & GROUPING_STATES) != 0)
			continue;
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
	GroupingAbove *above;
	GroupingTable *table;		/* of groups, unless all rows are stored */
} RowTaker;

static void
take_rows(void *to, const ScanVector *const *columns, int n)
{
	RowTaker   *taker = to;
	GroupingAbove *above = taker->above;
	uint16		kept[SCAN_ROWS_MOST];
	int			first = 0;
	int			nfound;
	int			nkept;

	if (taker->table == NULL)
	{
		grouping_add_rows(taker->store, columns, NULL, n);
		return;
	}
	for (; first < n; first += nfound)
	{
		nfound = grouping_table_find(taker->table, columns, first, n);
		grouping_fold_columns(taker->table, above->folds, above->nfolds, columns, first, nfound);
		if (above->stored == GROUPING_NO_ROWS)
			continue;
		nkept = grouping_idle_leave_out(taker->table, above->idle, above->nidle, columns, first,
										nfound, kept);
		grouping_add_rows(taker->store, columns, kept, nkept);
	}
}

/* Keep a value of the slot that the node below reuses; its bytes are added up. */
static Datum
keep_value(Datum value, const FormData_pg_attribute *attribute, Size *nbytes)
{
	Datum		kept;

	if (attribute->attbyval)
		return scan_datum(value, attribute->attlen, true);
	kept = datumCopy(value, false, attribute->attlen);
	*nbytes += datumGetSize(kept, false, attribute->attlen);
	return kept;
}

/* Read all rows one by one, and take many at once. */
static void
read_vectors(GroupingState *state, RowTaker *taker)
{
	const TupleDesc desc = state->css.ss.ps.ps_ResultTupleDesc;
	const int	ncolumns = desc->natts;
	ScanVector *vectors = palloc0((ncolumns + 1) * sizeof(ScanVector));
	const ScanVector **columns = palloc((ncolumns + 1) * sizeof(ScanVector *));
	MemoryContext old;
	TupleTableSlot *slot;
	Size		nbytes = 0;
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
		old = MemoryContextSwitchTo(state->css.ss.ps.ps_ExprContext->ecxt_per_tuple_memory);
		if (!TupIsNull(slot))
		{
			slot_getallattrs(slot);
			for (i = 0; i < ncolumns; i++)
			{
				vectors[i].nulls[n] = slot->tts_isnull[i];
				vectors[i].values[n] = slot->tts_isnull[i] ? (Datum) 0 :
					keep_value(slot->tts_values[i], TupleDescAttr(desc, i), &nbytes);
			}
			n++;
		}
		if (n == SCAN_ROWS_MOST || (n > 0 && (TupIsNull(slot) || nbytes > BYTES_AT_ONCE)))
		{
			take_rows(taker, columns, n);
			table_scan_reset(CurrentMemoryContext);
			nbytes = 0;
			n = 0;
		}
		MemoryContextSwitchTo(old);
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
	GroupingStore *store = state->store;
	Datum	   *values = palloc((store->ncolumns + 1) * sizeof(Datum));
	bool	   *nulls = palloc((store->ncolumns + 1) * sizeof(bool));
	MemoryContext old;
	int			i;

	for (;;)
	{
		TupleTableSlot *slot = ExecProcNode(state->child);

		CHECK_FOR_INTERRUPTS();
		if (TupIsNull(slot))
			break;
		slot_getallattrs(slot);
		for (i = 0; i < store->ncolumns; i++)
		{
			values[i] = slot->tts_values[store->from[i]];
			nulls[i] = slot->tts_isnull[store->from[i]];
		}
		old = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
		grouping_add_row(store, values, nulls);
		table_scan_reset(CurrentMemoryContext);
		MemoryContextSwitchTo(old);
	}
	pfree(values);
	pfree(nulls);
}

/* Read all rows of the node below. */
static void
read_rows(GroupingState *state)
{
	GroupingAbove *above = &state->above;
	GroupingStore *store = state->store;
	RowTaker	taker = {store, above, NULL};
	int			i;

	if (above->stored != GROUPING_ALL_ROWS)
	{
		for (i = 0; i < above->nidle; i++)
			above->idle[i].nsteps = 0;
		taker.table = grouping_table_new(store, grouping_fold_begin(above->folds, above->nfolds),
										 store->limit / (above->nfolds > 0 ? 2 : 4));
	}
	if (!table_scan_hand_over(state->child, take_rows, &taker))
	{
		if (taker.table != NULL)
			read_vectors(state, &taker);
		else
			store_rows(state);
	}
	if (taker.table != NULL)
		grouping_table_close(taker.table);
}

/* A store for rows, and for groups with their states. */
static GroupingStore *
new_store(const GroupingState *state, GroupingShared *shared)
{
	const PlanState *ps = &state->css.ss.ps;
	const GroupingAbove *above = &state->above;
	const CustomScan *scan = castNode(CustomScan, ps->plan);
	const int	nstates = above->stored == GROUPING_ALL_ROWS || above->nfolds == 0 ? 0 : above->nstates;
	double		nbytes = scan->scan.plan.plan_rows * (scan->scan.plan.plan_width + 16);

	/* each process may have each group */
	if (above->stored == GROUPING_NO_ROWS)
		nbytes = above->agg->ss.ps.plan->plan_rows * (above->ncolumns + nstates + 1) * 8 *
			(shared == NULL ? 1 : shared->nslots);
	return grouping_store_new(ps->ps_ResultTupleDesc, above->columns, above->ncolumns, nstates,
							  linitial(scan->custom_private), lsecond(scan->custom_private),
							  lthird(scan->custom_private), nbytes, shared, ps->state->es_query_dsa);
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

/* Make the first row of the group at hand that of the output.  Nobody looks at columns that are not stored. */
static void
put_row(GroupingState *state)
{
	const GroupingStore *store = state->store;
	const GroupingRow *row = store->rows[state->row++];
	TupleTableSlot *output = state->output;
	int			i;

	memset(output->tts_isnull, true, output->tts_tupleDescriptor->natts * sizeof(bool));
	for (i = 0; i < store->ncolumns; i++)
	{
		const int	to = store->from[i];

		output->tts_isnull[to] = grouping_isnull(store, row, i);
		output->tts_values[to] = output->tts_isnull[to] ? (Datum) 0 : grouping_value(store, row, i);
	}
}

/* Have the states of the group at hand, and its key in the output. */
static void
put_group(GroupingState *state)
{
	put_row(state);
	fold_group(state, state->sums);
	state->row = state->store->groups[state->group].end;
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
	else if (state->above.feeds && state->above.stored != GROUPING_NO_ROWS && state->store->ngroups > 0)
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
	if (state->above.stored == GROUPING_NO_ROWS)
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
	ExplainPropertyText("Rows Stored", state->above.stored == GROUPING_NO_ROWS ? "none" :
						state->above.stored == GROUPING_SOME_ROWS ? "some" : "all", es);
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
