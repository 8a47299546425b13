/*-------------------------------------------------------------------------
 *
 * table_scan.c
 *		Reads a table straight into an aggregate.
 *
 * It is a custom scan of PostgreSQL's executor.  The planner is offered it for
 * heap tables in queries that aggregate without GROUP BY by a function of the
 * schema journey, at less cost than a sequential scan.
 *
 * Rows come from the heap a page at a time, as in a sequential scan.  The
 * first ones go up through the executor.  With the first that the aggregate
 * takes, its transition function asks the scans below it to feed it
 * (table_scan_feed).  At their next turn they evaluate the aggregate's
 * arguments for each row left, call the transition function, and report the
 * end of the table.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "common/scan_row.h"
#include "common/table_scan.h"
#include "executor/executor.h"
#include "executor/nodeAgg.h"
#include "miscadmin.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "compat.h"

/* What a row costs less than in a sequential scan, of cpu_tuple_cost. */
#define SAVED_TUPLE_COST 0.5

/* How many rows ahead memory is asked for. */
#define PREFETCH_ROWS 4

/* The aggregate that a scan feeds. */
typedef struct ScanConsumer
{
	FunctionCallInfo call;		/* of the transition function; NULL: none */
	PGFunction	transition;
	Datum		state;
	int			nargs;
	ScanExpr  **args;			/* what varies from row to row, else NULL */
	Aggref	   *aggref;			/* whose arguments they are */
} ScanConsumer;

typedef struct TableScanState
{
	CustomScanState css;
	TableScanDesc scan;			/* NULL until the first row is asked for */
	ParallelTableScanDesc parallel;
	ScanRow    *row;
	bool		on_page;		/* are there rows of a page at hand? */
	int			nquals;
	ScanExpr  **quals;
	int			noutputs;
	ScanExpr  **outputs;		/* the target list */
	TupleTableSlot *output;		/* a row for the executor */
	ScanConsumer consumer;
} TableScanState;

static bool enable_scan = true;
static set_rel_pathlist_hook_type next_hook = NULL;

static Plan *plan_path(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist,
					   List *clauses, List *custom_plans);
static Node *create_state(CustomScan *scan);
static void begin_scan(CustomScanState *node, EState *estate, int eflags);
static TupleTableSlot *exec_scan(CustomScanState *node);
static void end_scan(CustomScanState *node);
static void rescan(CustomScanState *node);
static Size estimate_dsm(CustomScanState *node, ParallelContext *pcxt);
static void initialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate);
static void reinitialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate);
static void initialize_worker(CustomScanState *node, shm_toc *toc, void *coordinate);

static const CustomPathMethods path_methods = {
	.CustomName = "JourneyScan",
	.PlanCustomPath = plan_path,
};

static const CustomScanMethods scan_methods = {
	.CustomName = "JourneyScan",
	.CreateCustomScanState = create_state,
};

static const CustomExecMethods exec_methods = {
	.CustomName = "JourneyScan",
	.BeginCustomScan = begin_scan,
	.ExecCustomScan = exec_scan,
	.EndCustomScan = end_scan,
	.ReScanCustomScan = rescan,
	.EstimateDSMCustomScan = estimate_dsm,
	.InitializeDSMCustomScan = initialize_dsm,
	.ReInitializeDSMCustomScan = reinitialize_dsm,
	.InitializeWorkerCustomScan = initialize_worker,
};

/* ---- planning ---------------------------------------------------------------- */

/* Is there an aggregate of the schema journey? */
static bool
calls_journey_aggregate(Node *node, void *schema)
{
	if (node == NULL)
		return false;
	if (IsA(node, Aggref))
		return ((Aggref *) node)->agglevelsup == 0 &&
			get_func_namespace(((Aggref *) node)->aggfnoid) == *(Oid *) schema;
	return expression_tree_walker(node, calls_journey_aggregate, schema);
}

/* Does the query aggregate all rows of this one table by such a function? */
static bool
query_is_aggregate(PlannerInfo *root)
{
	Query	   *query = root->parse;
	Oid			schema;

	if (query->commandType != CMD_SELECT || !query->hasAggs || query->groupClause != NIL ||
		query->groupingSets != NIL || query->rowMarks != NIL ||
		bms_membership(root->all_baserels) != BMS_SINGLETON)
		return false;
	schema = get_namespace_oid("journey", true);
	return OidIsValid(schema) &&
		calls_journey_aggregate((Node *) query->targetList, &schema);
}

/* Does PostgreSQL's own access method keep the rows of a table? */
static bool
is_heap(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	bool		heap;

	if (!HeapTupleIsValid(tuple))
		return false;
	heap = ((Form_pg_class) GETSTRUCT(tuple))->relam == HEAP_TABLE_AM_OID;
	ReleaseSysCache(tuple);
	return heap;
}

/* The sequential scan among some paths, or NULL. */
static Path *
sequential_path(List *paths)
{
	ListCell   *cell;

	foreach(cell, paths)
		if (((Path *) lfirst(cell))->pathtype == T_SeqScan)
			return lfirst(cell);
	return NULL;
}

/* Our scan instead of a sequential scan. */
static Path *
scan_path(RelOptInfo *rel, const Path *sequential)
{
	CustomPath *path = makeNode(CustomPath);
	double		share = sequential->rows > 0 && rel->rows > 0 ? sequential->rows / rel->rows : 1;
	Cost		saved = SAVED_TUPLE_COST * cpu_tuple_cost * rel->tuples * Min(share, 1);

	path->path = *sequential;
	path->path.type = T_CustomPath;
	path->path.pathtype = T_CustomScan;
	path->path.total_cost = Max(path->path.startup_cost, path->path.total_cost - saved);
	path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
	path->methods = &path_methods;
	return &path->path;
}

static void
offer_scan(PlannerInfo *root, RelOptInfo *rel, Index rti, RangeTblEntry *rte)
{
	Path	   *sequential;

	if (next_hook != NULL)
		next_hook(root, rel, rti, rte);
	if (!enable_scan || rte->rtekind != RTE_RELATION || rte->inh || rte->tablesample != NULL ||
		(rte->relkind != RELKIND_RELATION && rte->relkind != RELKIND_MATVIEW) ||
		(rel->reloptkind != RELOPT_BASEREL && rel->reloptkind != RELOPT_OTHER_MEMBER_REL) ||
		!query_is_aggregate(root) || !is_heap(rte->relid))
		return;
	sequential = sequential_path(rel->pathlist);
	if (sequential != NULL)
		add_path(rel, scan_path(rel, sequential));
	sequential = sequential_path(rel->partial_pathlist);
	if (sequential != NULL)
		add_partial_path(rel, scan_path(rel, sequential));
}

static Plan *
plan_path(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist, List *clauses,
		  List *custom_plans)
{
	CustomScan *scan = makeNode(CustomScan);

	(void) root;
	(void) custom_plans;
	scan->scan.plan.targetlist = tlist;
	scan->scan.plan.qual = extract_actual_clauses(clauses, false);
	scan->scan.scanrelid = rel->relid;
	scan->flags = path->flags;
	scan->methods = &scan_methods;
	return &scan->scan.plan;
}

/* ---- reading rows ------------------------------------------------------------ */

static Node *
create_state(CustomScan *scan)
{
	TableScanState *state = (TableScanState *) newNode(sizeof(TableScanState), T_CustomScanState);

	(void) scan;
	state->css.methods = &exec_methods;
	return (Node *) state;
}

static void
begin_scan(CustomScanState *node, EState *estate, int eflags)
{
	TableScanState *state = (TableScanState *) node;
	ScanState  *scan = &node->ss;
	PlanState  *ps = &scan->ps;
	Plan	   *plan = ps->plan;
	ListCell   *cell;

	(void) eflags;

	/* rows lie on heap pages, so have a slot for such */
	ps->scanops = table_slot_callbacks(scan->ss_currentRelation);
	ps->scanopsfixed = true;
	ps->scanopsset = true;
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

	state->row = scan_row_new(scan, ps->ps_ExprContext);
	state->quals = palloc((list_length(plan->qual) + 1) * sizeof(ScanExpr *));
	foreach(cell, plan->qual)
		state->quals[state->nquals++] = scan_expr(state->row, lfirst(cell));
	state->outputs = palloc((list_length(plan->targetlist) + 1) * sizeof(ScanExpr *));
	foreach(cell, plan->targetlist)
		state->outputs[state->noutputs++] = scan_expr(state->row, lfirst_node(TargetEntry, cell)->expr);
	scan_row_ready(state->row);
}

/* Begin to read, unless we have. */
static void
open_scan(TableScanState *state)
{
	Relation	relation = state->css.ss.ss_currentRelation;

	if (state->scan != NULL)
		return;
	if (state->parallel != NULL)
		state->scan = table_beginscan_parallel(relation, state->parallel);
	else
		state->scan = table_beginscan(relation, state->css.ss.ps.state->es_snapshot, 0, NULL);
}

/*
 * Go to the next row of the table, whether it meets the conditions or not.
 */
static inline bool
advance(TableScanState *state)
{
	HeapScanDesc heap = (HeapScanDesc) state->scan;
	TupleTableSlot *slot = state->css.ss.ss_ScanTupleSlot;
	ScanRow    *row = state->row;

	if (state->on_page && heap->rs_cindex + 1 < heap->rs_ntuples)
	{
		Page		page = BufferGetPage(heap->rs_cbuf);
		OffsetNumber number = heap->rs_vistuples[++heap->rs_cindex];
		ItemId		item = PageGetItemId(page, number);

		if (heap->rs_cindex + PREFETCH_ROWS < heap->rs_ntuples)
		{
			ItemId		later = PageGetItemId(page, heap->rs_vistuples[heap->rs_cindex + PREFETCH_ROWS]);

			__builtin_prefetch(PageGetItem(page, later));
		}
		row->in_slot = false;
		row->tuple.t_data = (HeapTupleHeader) PageGetItem(page, item);
		row->tuple.t_len = ItemIdGetLength(item);
		ItemPointerSet(&row->tuple.t_self, heap->rs_cblock, number);
		pgstat_count_heap_getnext(state->scan->rs_rd);
		scan_row_take(row);
		return true;
	}

	/* the heap goes to the next page, and checks and pins it */
	CHECK_FOR_INTERRUPTS();
	if (!table_scan_getnextslot(state->scan, ForwardScanDirection, slot))
	{
		state->on_page = false;
		return false;
	}
	state->on_page = (state->scan->rs_flags & SO_ALLOW_PAGEMODE) != 0;
	row->buffer = ((BufferHeapTupleTableSlot *) slot)->buffer;
	row->tuple = *((BufferHeapTupleTableSlot *) slot)->base.tuple;
	row->in_slot = true;
	scan_row_take(row);
	return true;
}

/* Free what evaluating a row took, which mostly is nothing. */
static inline void
reset_row_memory(ExprContext *context)
{
	MemoryContext memory = context->ecxt_per_tuple_memory;

	if (!memory->isReset || memory->firstchild != NULL)
		MemoryContextReset(memory);
}

/* Go to the next row that meets the conditions. */
static inline bool
next_row(TableScanState *state)
{
	while (advance(state))
	{
		int			i;

		for (i = 0; i < state->nquals; i++)
		{
			bool		isnull;
			Datum		value = scan_expr_value(state->quals[i], state->row, &isnull);

			if (isnull || !DatumGetBool(value))
				break;
		}
		if (i == state->nquals)
			return true;
		InstrCountFiltered1(&state->css.ss.ps, 1);
		reset_row_memory(state->css.ss.ps.ps_ExprContext);
	}
	return false;
}

/* Feed all rows left to the aggregate. */
static void
feed_rows(TableScanState *state)
{
	ScanConsumer *consumer = &state->consumer;
	FunctionCallInfo call = consumer->call;
	PGFunction	transition = consumer->transition;
	Datum		aggregate = consumer->state;
	ExprContext *context = state->css.ss.ps.ps_ExprContext;
	MemoryContext old = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
	uint64		n = 0;

	while (next_row(state))
	{
		Datum		result;
		int			i;

		for (i = 0; i < consumer->nargs; i++)
			if (consumer->args[i] != NULL)
				call->args[i + 1].value = scan_expr_value(consumer->args[i], state->row,
														  &call->args[i + 1].isnull);
		call->args[0].value = aggregate;
		call->args[0].isnull = false;
		call->isnull = false;
		result = transition(call);
		if (unlikely(result != aggregate || call->isnull))
			elog(ERROR, "the state of an aggregate moved while it was fed");
		reset_row_memory(context);
		n++;
	}
	MemoryContextSwitchTo(old);
	if (state->css.ss.ps.instrument != NULL)
		state->css.ss.ps.instrument->tuplecount += n;
	consumer->call = NULL;
}

static TupleTableSlot *
exec_scan(CustomScanState *node)
{
	TableScanState *state = (TableScanState *) node;
	TupleTableSlot *output = state->output;
	MemoryContext old;

	ResetExprContext(node->ss.ps.ps_ExprContext);
	ExecClearTuple(output);
	open_scan(state);
	if (state->consumer.call != NULL)
	{
		feed_rows(state);
		return output;
	}
	old = MemoryContextSwitchTo(node->ss.ps.ps_ExprContext->ecxt_per_tuple_memory);
	if (next_row(state))
	{
		int			i;

		for (i = 0; i < state->noutputs; i++)
			output->tts_values[i] = scan_expr_value(state->outputs[i], state->row,
													&output->tts_isnull[i]);
		ExecStoreVirtualTuple(output);
	}
	MemoryContextSwitchTo(old);
	return output;
}

static void
end_scan(CustomScanState *node)
{
	TableScanState *state = (TableScanState *) node;

	if (state->scan != NULL)
		table_endscan(state->scan);
}

static void
rescan(CustomScanState *node)
{
	TableScanState *state = (TableScanState *) node;

	state->on_page = false;
	state->consumer.call = NULL;
	ExecClearTuple(node->ss.ss_ScanTupleSlot);
	if (state->scan != NULL)
		table_rescan(state->scan, NULL);
}

/* ---- parallel workers -------------------------------------------------------- */

static Size
estimate_dsm(CustomScanState *node, ParallelContext *pcxt)
{
	(void) pcxt;
	return table_parallelscan_estimate(node->ss.ss_currentRelation,
									   node->ss.ps.state->es_snapshot);
}

static void
initialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	(void) pcxt;
	table_parallelscan_initialize(node->ss.ss_currentRelation, coordinate,
								  node->ss.ps.state->es_snapshot);
	((TableScanState *) node)->parallel = coordinate;
}

static void
reinitialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	(void) pcxt;
	table_parallelscan_reinitialize(node->ss.ss_currentRelation, coordinate);
}

static void
initialize_worker(CustomScanState *node, shm_toc *toc, void *coordinate)
{
	(void) toc;
	((TableScanState *) node)->parallel = coordinate;
}

/* ---- feeding an aggregate ---------------------------------------------------- */

/* The expressions behind the columns that a plan node hands up. */
static Node *
columns_of_scan(Node *node, void *targetlist)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Var) && ((Var *) node)->varno == OUTER_VAR)
		return (Node *) copyObject(list_nth_node(TargetEntry, (List *) targetlist,
										((Var *) node)->varattno - 1)->expr);
	return expression_tree_mutator(node, columns_of_scan, targetlist);
}

/* Have a scan feed an aggregate from its next turn on. */
static void
set_consumer(PlanState *plan, FunctionCallInfo fcinfo, PGFunction transition, Datum aggregate,
			 Aggref *aggref)
{
	TableScanState *state = (TableScanState *) plan;
	ScanConsumer *consumer = &state->consumer;
	ListCell   *cell;

	if (!IsA(plan, CustomScanState) || state->css.methods != &exec_methods)
		return;
	consumer->transition = transition;
	consumer->state = aggregate;
	if (consumer->aggref != aggref)
	{
		MemoryContext old = MemoryContextSwitchTo(plan->state->es_query_cxt);

		consumer->nargs = 0;
		consumer->args = palloc((list_length(aggref->args) + 1) * sizeof(ScanExpr *));
		foreach(cell, aggref->args)
		{
			Node	   *arg = (Node *) lfirst_node(TargetEntry, cell)->expr;
			ScanExpr   *expr = scan_expr(state->row,
										 (Expr *) columns_of_scan(arg, plan->plan->targetlist));

			/* a constant stands in the call already */
			consumer->args[consumer->nargs++] = expr->kind == SCAN_CONSTANT ? NULL : expr;
		}
		scan_row_ready(state->row);
		consumer->aggref = aggref;
		MemoryContextSwitchTo(old);
	}
	consumer->call = fcinfo;
}

/*
 * The transition function of an aggregate has made its state: let the scans
 * below it feed the other rows to it, if that can be.
 */
void
table_scan_feed(FunctionCallInfo fcinfo, PGFunction transition, Datum state)
{
	AggState   *agg = (AggState *) fcinfo->context;
	Aggref	   *aggref;
	PlanState  *outer;

	if (agg == NULL || !IsA(agg, AggState) || agg->aggstrategy != AGG_PLAIN ||
		agg->numtrans != 1 || agg->maxsets > 1 ||
		DO_AGGSPLIT_COMBINE(agg->aggsplit))
		return;
	aggref = AggGetAggref(fcinfo);
	if (aggref == NULL || aggref->aggfilter != NULL || aggref->aggorder != NIL ||
		aggref->aggdistinct != NIL || list_length(aggref->args) + 1 != fcinfo->nargs)
		return;
	outer = outerPlanState(agg);
	if (IsA(outer, AppendState))
	{
		AppendState *append = (AppendState *) outer;
		int			i;

		if (append->ps.ps_ProjInfo != NULL)
			return;
		for (i = 0; i < append->as_nplans; i++)
			set_consumer(append->appendplans[i], fcinfo, transition, state, aggref);
	}
	else
		set_consumer(outer, fcinfo, transition, state, aggref);
}

/* ---- setting up -------------------------------------------------------------- */

void
table_scan_init(void)
{
	DefineCustomBoolVariable("journey.enable_scan",
							 "Enables pg_journey's own table scan under its aggregates.",
							 "It reads the same rows as a sequential scan, with less work for each.",
							 &enable_scan, true, PGC_USERSET, GUC_EXPLAIN, NULL, NULL, NULL);
	RegisterCustomScanMethods(&scan_methods);
	next_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = offer_scan;
}
