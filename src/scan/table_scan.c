/*-------------------------------------------------------------------------
 *
 * table_scan.c
 *		Reads a table straight into an aggregate.
 *
 * It is a custom scan of PostgreSQL's executor.  The planner is offered it for
 * heap tables, at less cost than a sequential scan, in queries that aggregate
 * without GROUP BY by a function of the schema journey, and in those with a
 * condition that looks up a column in something large.
 *
 * Rows come from the heap a page at a time, as in a sequential scan.  The
 * first ones go up through the executor.  With the first that an aggregate of
 * the extension takes, its transition function asks the scans below it to feed
 * it (table_scan_feed).  At their next turn they do for all rows left what the
 * executor would do, for this and all other aggregates of the query, one after
 * the other: evaluate conditions and arguments, and call the transition
 * function.  Then they report the end of the table.  Where anything volatile is
 * in what is evaluated so, they do not, and each row goes up through the executor
 * (may_feed_of_plan).  In a parallel plan the
 * processes then share the users of the aggregates that allow it: they exchange
 * what they have read, and each calls the final function for its users
 * (share/exchange.h, share/shared_results.h).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "commands/explain.h"
#include "executor/execExpr.h"
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
#include "scan/scan_expr.h"
#include "scan/table_scan.h"
#include "share/shared_results.h"
#include "storage/bufmgr.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "compat.h"

/* What a row costs less than in a sequential scan, of cpu_tuple_cost. */
#define SAVED_TUPLE_COST 0.5

/* A page's memory is asked for in so many parts, by the line of a cache. */
#define AHEAD_PARTS 4
#define AHEAD_LINE 64

/* An aggregate that a scan feeds, as a transition function of the plan node above. */
typedef struct ScanConsumer
{
	Aggref	   *aggref;			/* whose arguments these are; NULL: not yet
								 * read */
	ScanExpr   *filter;			/* or NULL */
	int			nargs;
	ScanExpr  **args;			/* from args[1] on, as in the call */
	const ScanVector **vectors; /* NULL: one that is evaluated row by row */
	ScanVector *kept;			/* room for those of the rows that the filter
								 * keeps */
	bool		all_vectors;	/* is there none that is evaluated row by row? */

	/* of one of the extension, once it has a state */
	PGFunction	transition;
	TableScanRows of_rows;		/* the same for all rows at once, or NULL */
	Datum		state;
	const ScanSharing *sharing; /* with other processes, or NULL */
	const ResultsJoin *join;	/* of their results */
} ScanConsumer;

/*
 * What the processes of a parallel scan share: after this head the exchange,
 * then what the table's access method keeps.
 */
typedef struct ScanShared
{
	Size		table;			/* where that is */
} ScanShared;

#define SCAN_SHARED_EXCHANGE MAXALIGN(sizeof(ScanShared))

typedef struct TableScanState
{
	CustomScanState css;
	TableScanDesc scan;			/* NULL until the first row is asked for */
	ScanShared *shared;			/* of a parallel scan */
	bool		attached;		/* to the exchange, if there is one */
	Exchange   *exchange;		/* its rounds, until they are over */
	int			sharing;		/* processes that shared the users in the
								 * latest run */
	ScanRows   *rows;
	const char *ahead;			/* the next page's memory that is yet to be
								 * asked for, */
	const char *ahead_end;		/* up to here; both NULL: not known where it
								 * is */
	int			page_read;		/* rows of the page; 0: no page, or they are
								 * counted */
	int			page_removed;	/* those of them that conditions tested at
								 * once remove */
	int			read;			/* how many of those are counted */
	int			removed;
	Buffer		page_before;	/* the latest page's */
	int			step_before;	/* from the one before it */
	int			nquals;
	int			nfilters;		/* quals that are tested on all rows at once,
								 * the first ones */
	ScanExpr  **quals;
	int			noutputs;
	ScanExpr  **outputs;		/* the target list */
	bool	   *outputs_taken;	/* does an aggregate evaluate one for each
								 * row? */
	int			nchecked;		/* outputs that must be evaluated beside that,
								 * as they may fail */
	ScanExpr  **checked;
	TupleTableSlot *output;		/* a row for the executor */
	AggState   *agg;			/* to be fed with all rows left, or NULL */
	PlanState  *between;		/* the Append that the rows would go up
								 * through, or NULL */
	ScanConsumer *consumers;	/* its transition functions, as it numbers
								 * them */
} TableScanState;

static bool enable_scan = true;
static set_rel_pathlist_hook_type next_hook = NULL;
static bool called_by_planner = false;

static Plan *plan_path(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist,
					   List *clauses, List *custom_plans);
static Node *create_state(CustomScan *scan);
static void begin_scan(CustomScanState *node, EState *estate, int eflags);
static TupleTableSlot *exec_scan(CustomScanState *node);
static void end_scan(CustomScanState *node);
static void rescan(CustomScanState *node);
static void shutdown_scan(CustomScanState *node);
static void explain_scan(CustomScanState *node, List *ancestors, ExplainState *es);
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
	.ShutdownCustomScan = shutdown_scan,
	.ExplainCustomScan = explain_scan,
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

/* Does a condition on the table look up a column, in a query that only reads? */
static bool
conditions_look_up(PlannerInfo *root, RelOptInfo *rel)
{
	ListCell   *cell;

	if (root->parse->commandType != CMD_SELECT || root->parse->rowMarks != NIL)
		return false;
	foreach(cell, rel->baserestrictinfo)
	{
		if (scan_expr_looks_up((Node *) lfirst_node(RestrictInfo, cell)->clause))
			return true;
	}
	return false;
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
	path->flags = CUSTOMPATH_SUPPORT_PROJECTION | CUSTOMPATH_SUPPORT_BACKWARD_SCAN;
	path->methods = &path_methods;
	return &path->path;
}

/*
 * Our scan instead of the sequential scan among some paths, or NULL.  Late in
 * planning there may be a projection above that.
 */
static Path *
path_instead(PlannerInfo *root, RelOptInfo *rel, List *paths)
{
	ListCell   *cell;

	foreach(cell, paths)
	{
		Path	   *path = lfirst(cell);

		if (path->pathtype == T_SeqScan)
			return scan_path(rel, path);
		if (IsA(path, ProjectionPath) &&
			((ProjectionPath *) path)->subpath->pathtype == T_SeqScan)
			return (Path *)
				create_projection_path(root, rel,
									   scan_path(rel, ((ProjectionPath *) path)->subpath),
									   path->pathtarget);
	}
	return NULL;
}

static void
offer_scan(PlannerInfo *root, RelOptInfo *rel, RangeTblEntry *rte)
{
	Path	   *path;

	if (!enable_scan || rte->rtekind != RTE_RELATION || rte->inh || rte->tablesample != NULL ||
		(rte->relkind != RELKIND_RELATION && rte->relkind != RELKIND_MATVIEW) ||
		(rel->reloptkind != RELOPT_BASEREL && rel->reloptkind != RELOPT_OTHER_MEMBER_REL) ||
		!(query_is_aggregate(root) || conditions_look_up(root, rel)) || !is_heap(rte->relid))
		return;
	path = path_instead(root, rel, rel->pathlist);
	if (path != NULL)
		add_path(rel, path);
	path = path_instead(root, rel, rel->partial_pathlist);
	if (path != NULL)
		add_partial_path(rel, path);
}

/* What the planner calls for each table, from the time when the library is loaded. */
static void
offer_to_planner(PlannerInfo *root, RelOptInfo *rel, Index rti, RangeTblEntry *rte)
{
	if (next_hook != NULL)
		next_hook(root, rel, rti, rte);
	called_by_planner = true;
	offer_scan(root, rel, rte);
}

/*
 * The planner has found the paths of a query's tables, and is about to look at
 * its aggregates.  If that is what made it load the library, the scan is yet to
 * be offered.
 */
void
table_scan_offer(PlannerInfo *root)
{
	RelOptInfo *rel;
	int			rti;

	if (called_by_planner || root->upper_rels[UPPERREL_GROUP_AGG] != NIL ||
		!bms_get_singleton_member(root->all_baserels, &rti))
		return;
	rel = find_base_rel(root, rti);
	offer_scan(root, rel, root->simple_rte_array[rti]);
	set_cheapest(rel);
}

/* ---- effects ------------------------------------------------------------------ */

/* Where expressions are looked for effects. */
typedef struct EffectsContext
{
	PlannerInfo *root;			/* the query that they are part of */
	bool		ctes;			/* is this the WITH clause of a query? */
} EffectsContext;

static bool has_effects(Node *node, void *context);

static bool
is_volatile(Oid function, void *context)
{
	(void) context;
	return func_volatile(function) == PROVOLATILE_VOLATILE;
}

/* May a transition function of an aggregate have an effect? */
static bool
transition_is_volatile(Oid aggregate)
{
	HeapTuple	tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggregate));
	Oid			function;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for aggregate %u", aggregate);
	function = ((Form_pg_aggregate) GETSTRUCT(tuple))->aggtransfn;
	ReleaseSysCache(tuple);
	return is_volatile(function, NULL);
}

/* May a subselect have an effect, which has been planned? */
static bool
subplan_has_effects(const SubPlan *plan, const EffectsContext *of)
{
	EffectsContext context = {list_nth(of->root->glob->subroots, plan->plan_id - 1), of->ctes};

	return has_effects((Node *) context.root->parse, &context);
}

/* May a parameter, if it is what a subselect gives? */
static bool
param_has_effects(const Param *param, const EffectsContext *of)
{
	PlannerInfo *root;
	ListCell   *cell;

	if (param->paramkind != PARAM_EXEC)
		return false;
	for (root = of->root; root != NULL; root = root->parent_root)
	{
		foreach(cell, root->init_plans)
		{
			if (list_member_int(lfirst_node(SubPlan, cell)->setParam, param->paramid))
				return subplan_has_effects(lfirst_node(SubPlan, cell), of);
		}
	}
	return false;
}

/* May a WITH clause that a subselect reads? */
static bool
with_has_effects(const EffectsContext *of)
{
	PlannerInfo *root;

	if (of->ctes)
		return false;
	for (root = of->root; root != NULL; root = root->parent_root)
	{
		EffectsContext context = {root, true};

		if (has_effects((Node *) root->parse->cteList, &context))
			return true;
	}
	return false;
}

/* May a conversion to a domain, whose conditions are checked? */
static bool
domain_has_effects(Oid domain, const EffectsContext *of)
{
	DomainConstraintRef *ref = palloc(sizeof(DomainConstraintRef)); /* as long as its
																	 * context */
	ListCell   *cell;

	InitDomainConstraintRef(domain, ref, CurrentMemoryContext, false);
	foreach(cell, ref->constraints)
	{
		const DomainConstraintState *constraint = lfirst(cell);

		if (constraint->constrainttype == DOM_CONSTRAINT_CHECK &&
			has_effects((Node *) constraint->check_expr, (void *) of))
			return true;
	}
	return false;
}

/*
 * May an expression, or a query, have an effect, or give something else each
 * time, because anything volatile is in it: functions, also those of operators,
 * of the conditions of domains and the transition functions of aggregates, or
 * subselects?
 */
static bool
has_effects(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (check_functions_in_node(node, is_volatile, NULL) || IsA(node, NextValueExpr) ||
		(IsA(node, Aggref) && transition_is_volatile(((Aggref *) node)->aggfnoid)) ||
		(IsA(node, CoerceToDomain) &&
		 domain_has_effects(((CoerceToDomain *) node)->resulttype, context)) ||
		(IsA(node, SubPlan) && subplan_has_effects((SubPlan *) node, context)) ||
		(IsA(node, Param) && param_has_effects((Param *) node, context)))
		return true;
	if (IsA(node, RangeTblEntry))
		return ((RangeTblEntry *) node)->rtekind == RTE_CTE && with_has_effects(context);
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, has_effects, context, QTW_EXAMINE_RTES_BEFORE);
	return expression_tree_walker(node, has_effects, context);
}

/* May an aggregate of a query, with all that is in its call? */
static bool
aggregate_has_effects(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Aggref) && ((Aggref *) node)->agglevelsup == 0)
		return has_effects(node, context);
	return expression_tree_walker(node, aggregate_has_effects, context);
}

/*
 * May the rows of a page be fed to one aggregate after the other, when
 * conditions and outputs of the scan are evaluated for all rows before, for
 * each time that they are used, or not at all?  Not if anything volatile is in
 * them, or in the calls of aggregates: then rows go up one by one.
 */
static bool
may_feed_of_plan(PlannerInfo *root, List *tlist, List *clauses)
{
	EffectsContext context = {root, false};

	if (has_effects((Node *) tlist, &context) || has_effects((Node *) clauses, &context))
		return false;
	/* the scan of a subquery may be given its targets later */
	if (!root->parse->hasAggs && has_effects((Node *) root->processed_tlist, &context))
		return false;
	/* the aggregate may be in a query around this one */
	for (; context.root != NULL; context.root = context.root->parent_root)
		if (context.root->parse->hasAggs &&
			(aggregate_has_effects((Node *) context.root->parse->targetList, &context) ||
			 aggregate_has_effects(context.root->parse->havingQual, &context)))
			return false;
	return true;
}

static Plan *
plan_path(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist, List *clauses,
		  List *custom_plans)
{
	CustomScan *scan = makeNode(CustomScan);

	(void) custom_plans;
	scan->scan.plan.targetlist = tlist;
	scan->scan.plan.qual = extract_actual_clauses(clauses, false);
	scan->scan.scanrelid = rel->relid;
	scan->flags = path->flags;
	scan->methods = &scan_methods;

	/*
	 * says whether the scan reads all that the query does, not just a
	 * partition, and may feed
	 */
	scan->custom_private = list_make2(makeInteger(rel->reloptkind == RELOPT_BASEREL),
									  makeInteger(may_feed_of_plan(root, tlist,
																   scan->scan.plan.qual)));
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

	state->rows = scan_rows_new(scan, ps->ps_ExprContext);
	state->quals = palloc((list_length(plan->qual) + 1) * sizeof(ScanExpr *));
	foreach(cell, plan->qual)
		state->quals[state->nquals++] = scan_expr(state->rows, lfirst(cell));
	while (state->nfilters < state->nquals && state->quals[state->nfilters]->of_rows)
		scan_expr_need_early(state->quals[state->nfilters++], state->rows);
	state->outputs = palloc((list_length(plan->targetlist) + 1) * sizeof(ScanExpr *));
	foreach(cell, plan->targetlist)
		state->outputs[state->noutputs++] = scan_expr(state->rows, lfirst_node(TargetEntry, cell)->expr);
	state->outputs_taken = palloc0((state->noutputs + 1) * sizeof(bool));
	state->checked = palloc((state->noutputs + 1) * sizeof(ScanExpr *));
	scan_rows_ready(state->rows);
}

static ExchangeShared *
scan_exchange(const TableScanState *state)
{
	return (ExchangeShared *) ((char *) state->shared + SCAN_SHARED_EXCHANGE);
}

static ParallelTableScanDesc
scan_table(const TableScanState *state)
{
	return (ParallelTableScanDesc) ((char *) state->shared + state->shared->table);
}

/* Begin to read, unless we have. */
static void
open_scan(TableScanState *state)
{
	Relation	relation = state->css.ss.ss_currentRelation;

	if (!state->attached && state->shared != NULL)
		state->exchange = exchange_attach(scan_exchange(state),
										  state->css.ss.ps.state->es_query_cxt);
	state->attached = true;
	if (state->scan != NULL)
		return;
	if (state->shared != NULL)
		state->scan = table_beginscan_parallel(relation, scan_table(state));
	else
		state->scan = table_beginscan(relation, state->css.ss.ps.state->es_snapshot, 0, NULL);
}

/*
 * Guess which page will be next, so that its memory can be asked for while the
 * rows of this one are looked at: pages that were read one after the other lie
 * so in the buffer cache, upwards or downwards.
 */
static inline void
guess_next_page(TableScanState *state)
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

/* Ask for a part of that page: all at once would only wait for each other. */
static inline void
ask_ahead(TableScanState *state)
{
	const char *end;

	if (state->ahead == NULL)
		return;
	end = Min(state->ahead + BLCKSZ / AHEAD_PARTS, state->ahead_end);
	for (; state->ahead < end; state->ahead += AHEAD_LINE)
	{
		__builtin_prefetch(state->ahead);
		pg_compiler_barrier();	/* or the compiler sees no use in the loop */
	}
}

/* So many rows of the page were looked at, and so many of them removed at once. */
static void
count_rows(TableScanState *state, int read, int removed)
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
 * Count the rows that the executor would have looked at, as nobody may ask for
 * those behind the current one.
 */
static void
count_rows_so_far(TableScanState *state)
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
		count_rows(state, i + 1, i - rows->current);
}

/*
 * Have the rows of the next page at hand that meet the conditions which are
 * tested on all rows at once, with none of them looked at.  At the end of the
 * table, or backward at its beginning, there are none.
 */
static bool
next_page(TableScanState *state, ScanDirection direction)
{
	HeapScanDesc heap = (HeapScanDesc) state->scan;
	TupleTableSlot *slot = state->css.ss.ss_ScanTupleSlot;
	ScanRows   *rows = state->rows;

	do
	{
		const bool	has_page = (state->scan->rs_flags & SO_ALLOW_PAGEMODE) != 0;

		/* the heap goes to the next page, and checks and pins it */
		CHECK_FOR_INTERRUPTS();
		count_rows(state, state->page_read, state->page_removed);
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
		guess_next_page(state);
		ask_ahead(state);
		if (state->nfilters > 0)
		{
			uint16		kept[SCAN_ROWS_MOST];
			int			nkept = scan_expr_filter(state->quals, state->nfilters, rows, kept);

			if (has_page)
				state->page_removed = rows->n - nkept;
			else
				InstrCountFiltered1(&state->css.ss.ps, rows->n - nkept);
			ask_ahead(state);
			scan_rows_keep(rows, kept, nkept);
		}
	} while (rows->n == 0);
	ask_ahead(state);
	scan_rows_take(rows, true);
	ask_ahead(state);
	rows->current = ScanDirectionIsBackward(direction) ? rows->n : -1;
	return true;
}

/* Does the row that is looked at meet the other conditions? */
static inline bool
row_passes(TableScanState *state)
{
	int			i;

	for (i = state->nfilters; i < state->nquals; i++)
	{
		bool		isnull;
		Datum		value = scan_expr_value(state->quals[i], state->rows, &isnull);

		if (isnull || !DatumGetBool(value))
		{
			InstrCountFiltered1(&state->css.ss.ps, 1);
			table_scan_reset(state->css.ss.ps.ps_ExprContext->ecxt_per_tuple_memory);
			return false;
		}
	}
	return true;
}

/* Go to the next row that meets the conditions; backward, to the one before. */
static bool
next_row(TableScanState *state, ScanDirection direction)
{
	ScanRows   *rows = state->rows;
	const int	step = ScanDirectionIsBackward(direction) ? -1 : 1;

	do
		while (rows->current + step >= 0 && rows->current + step < rows->n)
		{
			rows->current += step;
			if (row_passes(state))
				return true;
		}
	while (next_page(state, direction));
	return false;
}

/*
 * Evaluate the outputs for the row that is looked at which may fail, and which no
 * aggregate is sure to evaluate: the executor would.
 */
static inline void
check_outputs(TableScanState *state)
{
	bool		isnull;
	int			i;

	for (i = 0; i < state->nchecked; i++)
		(void) scan_expr_value(state->checked[i], state->rows, &isnull);
}

/* Of the rows at hand keep those that meet the other conditions. */
static void
filter_rows(TableScanState *state)
{
	ScanRows   *rows = state->rows;
	uint16		kept[SCAN_ROWS_MOST];
	int			nkept = 0;
	int			i;

	if (state->nfilters == state->nquals && state->nchecked == 0)
		return;
	for (i = 0; i < rows->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		rows->current = i;
		if (row_passes(state))
		{
			kept[nkept++] = (uint16) i;
			check_outputs(state);
			table_scan_reset(state->css.ss.ps.ps_ExprContext->ecxt_per_tuple_memory);
		}
	}
	scan_rows_keep(rows, kept, nkept);
}

/*
 * The rows at hand that the condition of an aggregate keeps; gives back how many.
 */
static int
filter_for(TableScanState *state, ScanConsumer *consumer, uint16 *kept)
{
	ScanRows   *rows = state->rows;
	int			nkept = 0;
	int			i;

	if (consumer->filter->of_rows)
		return scan_expr_filter(&consumer->filter, 1, rows, kept);
	for (i = 0; i < rows->n; i++)
	{
		bool		isnull;
		Datum		value;

		CHECK_FOR_INTERRUPTS();
		rows->current = i;
		value = scan_expr_value(consumer->filter, rows, &isnull);
		if (!isnull && DatumGetBool(value))
			kept[nkept++] = (uint16) i;
		table_scan_reset(CurrentMemoryContext);
	}
	return nkept;
}

/* Of the arguments of an aggregate for all rows at hand, have those of some. */
static void
keep_args(TableScanState *state, ScanConsumer *consumer, const uint16 *kept, int nkept)
{
	int			i;
	int			k;

	if (consumer->kept == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(state->css.ss.ps.state->es_query_cxt);

		consumer->kept = palloc((consumer->nargs + 1) * sizeof(ScanVector));
		for (i = 1; i <= consumer->nargs; i++)
			scan_vector_new(&consumer->kept[i]);
		MemoryContextSwitchTo(old);
	}
	for (i = 1; i <= consumer->nargs; i++)
	{
		const ScanVector *from = consumer->vectors[i];
		ScanVector *to = &consumer->kept[i];

		if (from->constant)
			continue;
		for (k = 0; k < nkept; k++)
			to->values[k] = from->values[kept[k]];
		to->has_nulls = from->has_nulls;
		for (k = 0; k < nkept; k++)
			to->nulls[k] = from->nulls[kept[k]];
		consumer->vectors[i] = to;
	}
}

/* Call a transition function of any aggregate as the executor does. */
static void
advance(AggState *agg, AggStatePerTrans trans, AggStatePerGroup group)
{
	FunctionCallInfo call = trans->transfn_fcinfo;
	Datum		state;
	int			i;

	if (trans->transfn.fn_strict)
	{
		for (i = 1; i <= trans->numTransInputs; i++)
			if (call->args[i].isnull)
				return;
		if (group->noTransValue)
		{
			MemoryContext old = MemoryContextSwitchTo(agg->curaggcontext->ecxt_per_tuple_memory);

			group->transValue = datumCopy(call->args[1].value, trans->transtypeByVal,
										  trans->transtypeLen);
			group->transValueIsNull = group->noTransValue = false;
			MemoryContextSwitchTo(old);
			return;
		}
		if (group->transValueIsNull)
			return;
	}
	call->args[0].value = group->transValue;
	call->args[0].isnull = group->transValueIsNull;
	call->isnull = false;
	state = FunctionCallInvoke(call);
	if (!trans->transtypeByVal && state != group->transValue)
	{
		MemoryContext old = CurrentMemoryContext;

		state = ExecAggCopyTransValue(agg, trans, state, call->isnull, group->transValue,
									  group->transValueIsNull);
		MemoryContextSwitchTo(old);
	}
	group->transValue = state;
	group->transValueIsNull = call->isnull;
}

/* The state of a transition function, in the only group. */
static inline AggStatePerGroup
group_of(const AggState *agg, int number)
{
	return &agg->all_pergroups[0][number];
}

/* Is the state that an aggregate has at this time the one that it asked to feed? */
static inline bool
has_state(const TableScanState *state, int number)
{
	const ScanConsumer *consumer = &state->consumers[number];
	const AggStatePerGroupData *group = group_of(state->agg, number);

	return consumer->transition != NULL && !group->transValueIsNull &&
		group->transValue == consumer->state;
}

/* What a function of an aggregate may ask the executor: who calls it? */
static inline void
set_current(AggState *agg, int number)
{
	agg->curaggcontext = agg->aggcontexts[0];
	agg->current_set = 0;
	agg->curpertrans = &agg->pertrans[number];
}

/*
 * Feed an aggregate some of the rows at hand one by one: it has no state yet, it
 * is not of the extension, or some of its arguments are evaluated row by row.
 */
static void
feed_each_row(TableScanState *state, int number, const uint16 *kept, int nkept)
{
	const ScanConsumer *consumer = &state->consumers[number];
	AggState   *agg = state->agg;
	AggStatePerTrans trans = &agg->pertrans[number];
	AggStatePerGroup group = group_of(agg, number);
	FunctionCallInfo call = trans->transfn_fcinfo;
	ScanRows   *rows = state->rows;
	int			i;
	int			k;

	for (k = 0; k < nkept; k++)
	{
		const int	row = kept == NULL ? k : kept[k];

		CHECK_FOR_INTERRUPTS();
		rows->current = row;
		for (i = 1; i <= consumer->nargs; i++)
		{
			const ScanVector *vector = consumer->vectors[i];

			if (vector == NULL)
				call->args[i].value = scan_expr_value(consumer->args[i], rows,
													  &call->args[i].isnull);
			else if (!vector->constant)
			{
				call->args[i].value = vector->values[row];
				call->args[i].isnull = vector->nulls[row];
			}
		}
		advance(agg, trans, group);
		table_scan_reset(CurrentMemoryContext);
	}
	table_scan_reset(agg->tmpcontext->ecxt_per_tuple_memory);
}

/* Feed the rows at hand to an aggregate. */
static void
feed_aggregate(TableScanState *state, int number)
{
	ScanConsumer *consumer = &state->consumers[number];
	FunctionCallInfo call = state->agg->pertrans[number].transfn_fcinfo;
	ScanRows   *rows = state->rows;
	uint16		kept[SCAN_ROWS_MOST];
	int			nkept = rows->n;
	int			i;

	if (consumer->filter != NULL)
		nkept = filter_for(state, consumer, kept);
	if (nkept == 0)
		return;
	set_current(state->agg, number);
	for (i = 1; i <= consumer->nargs; i++)
		if (consumer->args[i]->of_rows)
		{
			consumer->vectors[i] = scan_expr_vector(consumer->args[i], rows);

			/*
			 * what is constant here may be another constant in the next scan
			 * of an Append
			 */
			if (consumer->vectors[i]->constant)
			{
				call->args[i].value = consumer->vectors[i]->values[0];
				call->args[i].isnull = consumer->vectors[i]->nulls[0];
			}
		}
	ask_ahead(state);
	if (!consumer->all_vectors || !has_state(state, number))
	{
		feed_each_row(state, number, nkept < rows->n ? kept : NULL, nkept);
		return;
	}
	if (nkept < rows->n)
		keep_args(state, consumer, kept, nkept);
	call->args[0].value = consumer->state;
	call->args[0].isnull = false;
	if (consumer->of_rows != NULL)
		consumer->of_rows(call, consumer->vectors, nkept);
	else
		table_scan_each_row(call, consumer->vectors, nkept, consumer->transition);
}

/* All rows are read: let the other processes go on without this one. */
static void
leave_exchange(TableScanState *state)
{
	int			i;

	for (i = 0; state->exchange != NULL && i < EXCHANGE_ROUNDS; i++)
		exchange_leave(&state->exchange[i]);
	state->exchange = NULL;
}

/* Does this process take part in the exchange of an aggregate's users? */
static bool
shares(const TableScanState *state, int number)
{
	return number < state->agg->numtrans && state->consumers[number].sharing != NULL &&
		has_state(state, number);
}

/* Finish a share of the users of an aggregate. */
static void
share_users(TableScanState *state, int number)
{
	ScanConsumer *consumer = &state->consumers[number];
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "pg_journey share of users",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	set_current(state->agg, number);
	consumer->sharing->exchange(consumer->state, state->css.ss.ps.state->es_query_dsa);
	state->sharing = state->exchange[number].n;
	results_finish(state->agg->pertrans[number].transfn_fcinfo, consumer->aggref,
				   consumer->state, consumer->join);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	exchange_finish(&state->exchange[number]);
}

/* All rows are read: finish a share of the users of one aggregate after the other. */
static void
share_all_users(TableScanState *state)
{
	int			i;

	if (state->exchange == NULL)
		return;

	/* nobody shall wait for this process where it has nothing to give */
	for (i = 0; i < EXCHANGE_ROUNDS; i++)
		if (!shares(state, i))
			exchange_leave(&state->exchange[i]);
	for (i = 0; i < EXCHANGE_ROUNDS; i++)
		if (shares(state, i))
			share_users(state, i);
	state->exchange = NULL;
}

/* So many rows were fed that a plan node would have handed up. */
static void
count_fed(PlanState *plan, uint64 n)
{
	if (plan != NULL && plan->instrument != NULL)
		plan->instrument->tuplecount += n;
}

/* Feed all rows left to the aggregates above. */
static void
feed_rows(TableScanState *state)
{
	ScanRows   *rows = state->rows;
	ExprContext *context = state->css.ss.ps.ps_ExprContext;
	MemoryContext old = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
	uint64		n = 0;
	int			i;

	scan_rows_drop_before(rows, rows->current + 1);
	do
	{
		filter_rows(state);
		if (rows->n == 0)
			continue;
		for (i = 0; i < state->agg->numtrans; i++)
			feed_aggregate(state, i);
		table_scan_reset(CurrentMemoryContext);
		n += rows->n;
	} while (next_page(state, ForwardScanDirection));
	MemoryContextSwitchTo(old);
	count_fed(&state->css.ss.ps, n);
	count_fed(state->between, n);
	share_all_users(state);
	state->agg = NULL;
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
	if (state->agg != NULL)
	{
		feed_rows(state);
		return output;
	}
	old = MemoryContextSwitchTo(node->ss.ps.ps_ExprContext->ecxt_per_tuple_memory);
	if (next_row(state, node->ss.ps.state->es_direction))
	{
		int			i;

		/* for WHERE CURRENT OF, which asks for the place of the row */
		(void) scan_rows_slot(state->rows);
		for (i = 0; i < state->noutputs; i++)
			output->tts_values[i] = scan_expr_value(state->outputs[i], state->rows,
													&output->tts_isnull[i]);
		ExecStoreVirtualTuple(output);
	}
	else
		leave_exchange(state);
	MemoryContextSwitchTo(old);
	return output;
}

static void
end_scan(CustomScanState *node)
{
	TableScanState *state = (TableScanState *) node;

	if (state->scan == NULL)
		return;
	count_rows_so_far(state);
	table_endscan(state->scan);
}

/* Perhaps no more rows are asked for, and EXPLAIN ANALYZE is about to tell. */
static void
shutdown_scan(CustomScanState *node)
{
	count_rows_so_far((TableScanState *) node);
}

static void
rescan(CustomScanState *node)
{
	TableScanState *state = (TableScanState *) node;

	count_rows_so_far(state);
	state->page_read = 0;
	state->rows->n = 0;
	state->rows->current = state->rows->in_slot = -1;
	state->attached = false;
	state->exchange = NULL;
	state->agg = NULL;
	ExecClearTuple(node->ss.ss_ScanTupleSlot);
	if (state->scan != NULL)
		table_rescan(state->scan, NULL);
}

/* Has the planner found that the scan may feed aggregates? */
static bool
feeds(const TableScanState *state)
{
	return intVal(lsecond(castNode(CustomScan, state->css.ss.ps.plan)->custom_private)) != 0;
}

/* For EXPLAIN: what keeps the scan from feeding; who shared, as the process that asks knows. */
static void
explain_scan(CustomScanState *node, List *ancestors, ExplainState *es)
{
	const TableScanState *state = (TableScanState *) node;

	(void) ancestors;
	if (!feeds(state))
		ExplainPropertyBool("Row by Row", true, es);
	if (es->analyze && state->sharing > 0)
		ExplainPropertyInteger("Processes Sharing Users", NULL, state->sharing, es);
}

/* ---- parallel workers -------------------------------------------------------- */

/* Where the table's own data begins. */
static Size
table_offset(const ParallelContext *pcxt)
{
	return MAXALIGN(SCAN_SHARED_EXCHANGE + exchange_size(pcxt->nworkers + 1));
}

static Size
estimate_dsm(CustomScanState *node, ParallelContext *pcxt)
{
	return table_offset(pcxt) + table_parallelscan_estimate(node->ss.ss_currentRelation,
															node->ss.ps.state->es_snapshot);
}

static void
initialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	TableScanState *state = (TableScanState *) node;

	state->shared = coordinate;
	state->shared->table = table_offset(pcxt);
	exchange_init(scan_exchange(state), pcxt->nworkers + 1, pcxt->seg);
	table_parallelscan_initialize(node->ss.ss_currentRelation, scan_table(state),
								  node->ss.ps.state->es_snapshot);
}

static void
reinitialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	TableScanState *state = (TableScanState *) node;

	(void) pcxt;
	(void) coordinate;
	exchange_reinit(scan_exchange(state));
	table_parallelscan_reinitialize(node->ss.ss_currentRelation, scan_table(state));
}

static void
initialize_worker(CustomScanState *node, shm_toc *toc, void *coordinate)
{
	(void) toc;
	((TableScanState *) node)->shared = coordinate;
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

/* Read the arguments of an aggregate, unless that is done. */
static void
read_aggregate(TableScanState *state, ScanConsumer *consumer, Aggref *aggref)
{
	List	   *targetlist = state->css.ss.ps.plan->targetlist;
	ListCell   *cell;

	if (consumer->aggref == aggref)
		return;
	consumer->args = palloc((list_length(aggref->args) + 1) * sizeof(ScanExpr *));
	consumer->vectors = palloc0((list_length(aggref->args) + 1) * sizeof(ScanVector *));
	consumer->all_vectors = true;
	foreach(cell, aggref->args)
	{
		Node	   *arg = (Node *) lfirst_node(TargetEntry, cell)->expr;
		ScanExpr   *expr = scan_expr(state->rows, (Expr *) columns_of_scan(arg, targetlist));

		consumer->args[++consumer->nargs] = expr;
		consumer->all_vectors &= expr->of_rows;
		if (aggref->aggfilter == NULL && IsA(arg, Var) && ((Var *) arg)->varno == OUTER_VAR)
			state->outputs_taken[((Var *) arg)->varattno - 1] = true;
	}
	if (aggref->aggfilter != NULL)
		consumer->filter = scan_expr(state->rows,
									 (Expr *) columns_of_scan((Node *) aggref->aggfilter,
															  targetlist));
	consumer->aggref = aggref;
}

/* Which outputs must be evaluated that no aggregate is sure to evaluate? */
static void
choose_checked(TableScanState *state)
{
	int			i;

	state->nchecked = 0;
	for (i = 0; i < state->noutputs; i++)
		if (!state->outputs_taken[i] &&
			(!state->outputs[i]->of_rows || state->outputs[i]->has_param))
			state->checked[state->nchecked++] = state->outputs[i];
}

/*
 * Have a scan feed the aggregates of a plan node from its next turn on.  Gives
 * back the one whose transition function is called; NULL if the plan is another
 * kind of scan.
 */
static ScanConsumer *
set_consumers(PlanState *plan, AggState *agg)
{
	TableScanState *state = (TableScanState *) plan;
	int			i;

	if (!IsA(plan, CustomScanState) || state->css.methods != &exec_methods || !feeds(state))
		return NULL;
	if (state->agg == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(plan->state->es_query_cxt);

		if (state->consumers == NULL)
			state->consumers = palloc0(agg->numtrans * sizeof(ScanConsumer));
		for (i = 0; i < agg->numtrans; i++)
			read_aggregate(state, &state->consumers[i], agg->pertrans[i].aggref);
		choose_checked(state);
		scan_rows_ready(state->rows);
		MemoryContextSwitchTo(old);
		state->agg = agg;
	}
	return &state->consumers[agg->curpertrans - agg->pertrans];
}

/* Does the scan read all rows of the query?  If not, others may have more of the same users. */
static bool
reads_all(const TableScanState *state)
{
	return intVal(linitial(castNode(CustomScan, state->css.ss.ps.plan)->custom_private)) != 0;
}

/* Let the processes of a parallel scan share the users of an aggregate, if that can be. */
static void
set_sharing(TableScanState *state, ScanConsumer *consumer, const ScanSharing *sharing)
{
	const int	number = (int) (consumer - state->consumers);

	consumer->sharing = NULL;
	if (sharing == NULL || state->exchange == NULL || !reads_all(state) ||
		number >= EXCHANGE_ROUNDS ||
		!state->exchange[number].open || state->agg->pertrans[number].aggshared)
		return;
	consumer->join = results_join_of(consumer->aggref);
	if (results_allowed(consumer->join, consumer->state))
	{
		sharing->begin(consumer->state, &state->exchange[number]);
		consumer->sharing = sharing;
	}
}

/*
 * May the rows of a page be fed to one aggregate after the other?  Not to one
 * that sorts them first; for effects of functions see may_feed_of_plan().
 */
static bool
may_feed(const AggState *agg)
{
	int			i;

	if (agg->aggstrategy != AGG_PLAIN || agg->maxsets > 1 || DO_AGGSPLIT_COMBINE(agg->aggsplit))
		return false;
	for (i = 0; i < agg->numtrans; i++)
	{
		const AggStatePerTransData *trans = &agg->pertrans[i];
		const Aggref *aggref = trans->aggref;

		if (aggref->aggkind != AGGKIND_NORMAL || aggref->aggorder != NIL ||
			aggref->aggdistinct != NIL || list_length(aggref->args) != trans->numTransInputs)
			return false;
	}
	return true;
}

/* A transition function has not kept to what is asked of it. */
void
table_scan_state_moved(void)
{
	elog(ERROR, "the state of an aggregate moved while it was fed");
}

/*
 * The transition function of an aggregate has made its state: let the scans
 * below it feed the other rows to it, if that can be.
 */
void
table_scan_feed(FunctionCallInfo fcinfo, PGFunction transition, TableScanRows of_rows,
				Datum state, const ScanSharing *sharing)
{
	AggState   *agg = (AggState *) fcinfo->context;
	PlanState **scans;
	int			nscans = 1;
	int			i;

	if (agg == NULL || !IsA(agg, AggState) || !may_feed(agg) ||
		agg->curpertrans->transfn_fcinfo != fcinfo)
		return;
	scans = &outerPlanState(agg);
	if (IsA(*scans, AppendState))
	{
		AppendState *append = (AppendState *) *scans;

		if (append->ps.ps_ProjInfo != NULL)
			return;
		scans = append->appendplans;
		nscans = append->as_nplans;
		sharing = NULL;
	}
	if (!DO_AGGSPLIT_SKIPFINAL(agg->aggsplit))
		sharing = NULL;
	for (i = 0; i < nscans; i++)
	{
		ScanConsumer *consumer = set_consumers(scans[i], agg);

		if (consumer == NULL)
			continue;
		((TableScanState *) scans[i])->between =
			scans[i] != outerPlanState(agg) ? outerPlanState(agg) : NULL;
		consumer->transition = transition;
		consumer->of_rows = of_rows;
		consumer->state = state;
		set_sharing((TableScanState *) scans[i], consumer, sharing);
	}
}

/* ---- setting up -------------------------------------------------------------- */

void
table_scan_init(void)
{
	DefineCustomBoolVariable("journey.enable_scan",
							 "Enables pg_journey's own table scan under its aggregates and contains().",
							 "It reads the same rows as a sequential scan, with less work for each.",
							 &enable_scan, true, PGC_USERSET, GUC_EXPLAIN, NULL, NULL, NULL);
	RegisterCustomScanMethods(&scan_methods);
	next_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = offer_to_planner;
}
