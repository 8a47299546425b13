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
#include "catalog/pg_aggregate.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "executor/nodeAgg.h"
#include "grouping/grouping_node.h"
#include "grouping/grouping_store.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "scan/scan.h"

#include "compat.h"

/* An argument of a transition function, if it is a column. */
typedef struct FedArg
{
	int			number;			/* of the argument */
	int			column;
} FedArg;

/* A transition function of the aggregate above. */
typedef struct FedAggregate
{
	int			nargs;
	FedArg	   *args;
} FedAggregate;

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

	AggState   *agg;			/* above, if that is known */
	bool		looked;			/* is known whether ... */
	bool		feeds;			/* ... it gets only the first row of a group
								 * through the executor? */
	FedAggregate *aggregates;	/* its transition functions, as it numbers
								 * them */
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

/* Tell the nodes of a plan which aggregate is above them. */
static bool
find_aggregates(PlanState *plan, void *context)
{
	if (plan == NULL)
		return false;
	if (IsA(plan, AggState) && outerPlanState(plan) != NULL &&
		IsA(outerPlanState(plan), CustomScanState) &&
		((CustomScanState *) outerPlanState(plan))->methods == &grouping_exec_methods)
		((GroupingState *) outerPlanState(plan))->agg = (AggState *) plan;
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

/* May this node do the executor's work for a transition function?  If so, read its arguments. */
static bool
read_aggregate(FedAggregate *aggregate, const AggStatePerTransData *trans)
{
	const Aggref *aggref = trans->aggref;
	ListCell   *cell;
	int			number = 0;

	if (aggref->aggkind != AGGKIND_NORMAL || aggref->aggorder != NIL ||
		aggref->aggdistinct != NIL || aggref->aggfilter != NULL ||
		list_length(aggref->args) != trans->numTransInputs)
		return false;
	aggregate->args = palloc((list_length(aggref->args) + 1) * sizeof(FedArg));
	foreach(cell, aggref->args)
	{
		Expr	   *arg = lfirst_node(TargetEntry, cell)->expr;

		number++;
		if (IsA(arg, Var) && ((Var *) arg)->varno == OUTER_VAR)
		{
			aggregate->args[aggregate->nargs].number = number;
			aggregate->args[aggregate->nargs++].column = ((Var *) arg)->varattno - 1;
		}
		/* the executor leaves the others in the call with the first row */
		else if (!IsA(arg, Const) && !IsA(arg, Param))
			return false;
	}
	return true;
}

/* May this node do the executor's work for all rows of a group but the first? */
static bool
may_feed(GroupingState *state)
{
	AggState   *agg = state->agg;
	MemoryContext old;
	bool		feeds = true;
	int			i;

	if (agg == NULL || agg->aggstrategy != AGG_SORTED || agg->maxsets > 1 ||
		DO_AGGSPLIT_COMBINE(agg->aggsplit))
		return false;
	old = MemoryContextSwitchTo(state->css.ss.ps.state->es_query_cxt);
	state->aggregates = palloc0((agg->numtrans + 1) * sizeof(FedAggregate));
	for (i = 0; i < agg->numtrans && feeds; i++)
		feeds = read_aggregate(&state->aggregates[i], &agg->pertrans[i]);
	MemoryContextSwitchTo(old);
	return feeds;
}

/* Pass a row to the transition functions. */
static inline void
feed_row(GroupingState *state, const GroupingRow *row)
{
	const GroupingStore *store = state->store;
	AggState   *agg = state->agg;
	int			i;
	int			k;

	for (i = 0; i < agg->numtrans; i++)
	{
		const FedAggregate *aggregate = &state->aggregates[i];
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

static void
take_rows(void *store, const ScanVector *const *columns, int n)
{
	grouping_add_rows(store, columns, n);
}

/* Read all rows of the node below. */
static void
read_rows(GroupingState *state)
{
	ExprContext *context = state->css.ss.ps.ps_ExprContext;
	MemoryContext old;

	if (table_scan_hand_over(state->child, take_rows, state->store))
		return;
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

/* Read all rows, unless other processes have done so, and bring them into parts. */
static void
fill_store(GroupingState *state)
{
	PlanState  *ps = &state->css.ss.ps;
	EState	   *estate = ps->state;
	CustomScan *scan = castNode(CustomScan, ps->plan);
	GroupingShared *shared = state->shared != NULL && state->shared->nslots > 0 &&
		estate->es_query_dsa != NULL ? state->shared : NULL;
	MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);
	const bool	reads = shared == NULL || grouping_shared_attach(shared);

	state->store = grouping_store_new(ps->ps_ResultTupleDesc, linitial(scan->custom_private),
									  lsecond(scan->custom_private), lthird(scan->custom_private),
									  scan->scan.plan.plan_rows * (scan->scan.plan.plan_width + 16),
									  shared, estate->es_query_dsa);
	MemoryContextSwitchTo(old);
	if (reads)
	{
		read_rows(state);
		grouping_store_close(state->store);
	}
	state->spilled = state->store->spilled;
	if (!state->looked)
		state->feeds = may_feed(state);
	state->looked = true;
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

static TupleTableSlot *
grouping_exec(CustomScanState *node)
{
	GroupingState *state = (GroupingState *) node;
	GroupingStore *store;
	TupleTableSlot *output = state->output;
	const GroupingRow *row;
	int			i;

	ExecClearTuple(output);
	if (state->done)
		return output;
	if (state->store == NULL)
		fill_store(state);
	else if (state->feeds)
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
	row = store->rows[state->row++];
	for (i = 0; i < store->ncolumns; i++)
	{
		output->tts_isnull[i] = grouping_isnull(store, row, i);
		output->tts_values[i] = output->tts_isnull[i] ? (Datum) 0 : grouping_value(store, row, i);
	}
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

/* For EXPLAIN: what this process wrote to its file. */
static void
grouping_explain(CustomScanState *node, List *ancestors, ExplainState *es)
{
	const GroupingState *state = (GroupingState *) node;

	(void) ancestors;
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
