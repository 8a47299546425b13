/*-------------------------------------------------------------------------
 *
 * scan_plan.c
 *		Offers the scan to the planner, and makes its plan.
 *
 * The scan is offered for heap tables, at a lower cost than a sequential
 * scan, in two kinds of queries: those that aggregate without GROUP BY with a
 * function of the schema journey, and those with a condition contains(set,
 * column).  Under a HashAggregate of few groups it takes the place of a
 * sequential scan.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/planner.h"
#include "optimizer/prep.h"
#include "optimizer/restrictinfo.h"
#include "optimizer/tlist.h"
#include "scan/scan_expr.h"
#include "scan/scan_lookup.h"
#include "scan/scan_state.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/syscache.h"

#include "compat.h"

/* What a row costs less than in a sequential scan, of cpu_tuple_cost. */
#define SAVED_TUPLE_COST 0.5

static bool enable_scan = true;
static set_rel_pathlist_hook_type next_hook = NULL;
static create_upper_paths_hook_type next_upper_hook = NULL;

static Plan *scan_plan_path(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist,
							List *clauses, List *custom_plans);

static const CustomPathMethods scan_path_methods = {
	.CustomName = "JourneyScan",
	.PlanCustomPath = scan_plan_path,
};

/* Is there an aggregate of the extension? */
static bool
calls_own_aggregate(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Aggref))
		return ((Aggref *) node)->agglevelsup == 0 &&
			is_own_schema(get_func_namespace(((Aggref *) node)->aggfnoid));
	return expression_tree_walker(node, calls_own_aggregate, context);
}

/* Is there an aggregate of the extension in an expression? */
bool
table_scan_calls_own(Node *expr)
{
	return calls_own_aggregate(expr, NULL);
}

/* Does the query aggregate rows by such a function? */
static bool
query_is_aggregate(PlannerInfo *root)
{
	Query	   *query = root->parse;

	if (query->commandType != CMD_SELECT || !query->hasAggs || query->groupingSets != NIL ||
		query->rowMarks != NIL)
		return false;
	return calls_own_aggregate((Node *) query->targetList, NULL);
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
	path->methods = &scan_path_methods;
	return &path->path;
}

/* Our scan instead of the sequential scan among some paths, or NULL. */
static Path *
scan_path_instead(RelOptInfo *rel, List *paths)
{
	ListCell   *cell;

	foreach(cell, paths)
	{
		if (((Path *) lfirst(cell))->pathtype == T_SeqScan)
			return scan_path(rel, lfirst(cell));
	}
	return NULL;
}

/* Can our scan read a table of the query? */
static bool
scan_can_read(PlannerInfo *root, RelOptInfo *rel)
{
	RangeTblEntry *rte = root->simple_rte_array[rel->relid];

	return enable_scan && rte->rtekind == RTE_RELATION && !rte->inh && rte->tablesample == NULL &&
		(rte->relkind == RELKIND_RELATION || rte->relkind == RELKIND_MATVIEW) &&
		(rel->reloptkind == RELOPT_BASEREL || rel->reloptkind == RELOPT_OTHER_MEMBER_REL) &&
		is_heap(rte->relid);
}

static void
scan_offer(PlannerInfo *root, RelOptInfo *rel)
{
	Path	   *path;

	if (!((query_is_aggregate(root) && root->parse->groupClause == NIL &&
		   bms_membership(root->all_baserels) == BMS_SINGLETON) ||
		  conditions_look_up(root, rel)) || !scan_can_read(root, rel))
		return;
	path = scan_path_instead(rel, rel->pathlist);
	if (path != NULL)
		add_path(rel, path);
	path = scan_path_instead(rel, rel->partial_pathlist);
	if (path != NULL)
		add_partial_path(rel, path);
}

/* What the planner calls for each table, from the time when the library is loaded. */
static void
scan_offer_to_planner(PlannerInfo *root, RelOptInfo *rel, Index rti, RangeTblEntry *rte)
{
	if (next_hook != NULL)
		next_hook(root, rel, rti, rte);
	scan_offer(root, rel);
}

/*
 * What is below an aggregate, with our scans in the place of sequential ones, which
 * are there if looking at the aggregate made the planner load the library.
 */
static Path *
scan_paths_below(PlannerInfo *root, Path *path)
{
	ListCell   *cell;

	if (IsA(path, ProjectionPath))
	{
		ProjectionPath *projection = (ProjectionPath *) path;
		Path	   *below = projection->subpath;

		projection->subpath = scan_paths_below(root, below);
		if (projection->subpath != below && IsA(projection->subpath, AppendPath))
			return lookup_append_project(root, projection->subpath, path->pathtarget);
	}
	else if (IsA(path, AppendPath))
		foreach(cell, ((AppendPath *) path)->subpaths)
			lfirst(cell) = scan_paths_below(root, lfirst(cell));
	else
		return table_scan_instead(root, path);
	return path;
}

/* Is a path that of our scan? */
bool
scan_is_path(const Path *path)
{
	return IsA(path, CustomPath) && ((const CustomPath *) path)->methods == &scan_path_methods;
}

/* Our scan instead of a sequential one, whatever it projects; another path as it is. */
Path *
table_scan_instead(PlannerInfo *root, Path *path)
{
	Path	   *scan = IsA(path, ProjectionPath) ? ((ProjectionPath *) path)->subpath : path;

	if (IsA(scan, HashPath) || IsA(scan, MergePath))
	{
		Path	   *lookup = lookup_path_instead(root, (JoinPath *) scan);

		return lookup == scan ? path : lookup;
	}
	if (scan->pathtype == T_SeqScan && scan_can_read(root, scan->parent))
		return scan_path(scan->parent, scan);
	return path;
}

/* The aggregate in each process, in a path of an aggregate, and whether there are several. */
static AggPath *
aggregate_of_rows(Path *path, bool *parallel)
{
	*parallel = false;
	for (;;)
	{
		if (IsA(path, AggPath) && !DO_AGGSPLIT_COMBINE(((AggPath *) path)->aggsplit))
			return (AggPath *) path;
		*parallel |= IsA(path, GatherPath) || IsA(path, GatherMergePath);
		if (IsA(path, AggPath))
			path = ((AggPath *) path)->subpath;
		else if (IsA(path, SortPath))
			path = ((SortPath *) path)->subpath;
		else if (IsA(path, GatherPath))
			path = ((GatherPath *) path)->subpath;
		else if (IsA(path, GatherMergePath))
			path = ((GatherMergePath *) path)->subpath;
		else
			return NULL;
	}
}

/*
 * How many groups there may be.  How many values an expression has, such as the day
 * of a time, the planner does not know: it takes those of its columns.  Here it has
 * as many as the planner takes for a column that it knows nothing of.
 */
static double
groups_estimate(PlannerInfo *root, List *clauses, double rows)
{
	List	   *columns = NIL;
	double		n = 1;
	ListCell   *cell;

	foreach(cell, clauses)
	{
		Node	   *key = get_sortgroupclause_expr(lfirst(cell), root->processed_tlist);

		if (IsA(key, Var))
			columns = lappend(columns, key);
		else
			n *= DEFAULT_NUM_DISTINCT;
	}
	if (columns != NIL)
		n *= estimate_num_groups(root, columns, rows, NULL, NULL);
	return Min(n, rows);
}

/* Are there so few groups that a scan can feed them? */
bool
table_scan_has_few_groups(PlannerInfo *root, List *clauses, double rows)
{
	return groups_estimate(root, clauses, rows) <= SCAN_GROUPS_MOST;
}

/*
 * If the planner takes the values of an expression for many groups, there is
 * perhaps no HashAggregate in each process: offer those.
 */
static void
offer_few_groups(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output,
				 const GroupPathExtraData *extra)
{
	Path	   *below = input->cheapest_total_path;
	List	   *clauses = GROUP_CLAUSE(root);
	RelOptInfo *partial;
	AggClauseCosts costs = {0};
	double		rows;
	double		n;
	Path	   *path;

	if (clauses == NIL || IS_OTHER_REL(output) || root->numOrderedAggs > 0 || below == NULL || below->param_info != NULL ||
		!grouping_is_hashable(clauses))
		return;
	n = groups_estimate(root, clauses, below->rows);
	if (n > SCAN_GROUPS_MOST ||
		estimate_num_groups(root, get_sortgrouplist_exprs(clauses, root->processed_tlist),
							below->rows, NULL, NULL) <= n)
		return;
	get_agg_clause_costs(root, AGGSPLIT_SIMPLE, &costs);
	add_path(output, (Path *) create_agg_path(root, output, below, output->reltarget, AGG_HASHED,
											  AGGSPLIT_SIMPLE, clauses, (List *) extra->havingQual,
											  &costs, n));
	if (!extra->partial_costs_set || input->partial_pathlist == NIL)
		return;
	partial = fetch_upper_rel(root, UPPERREL_PARTIAL_GROUP_AGG, output->relids);
	below = linitial(input->partial_pathlist);
	if (!partial->consider_parallel || below->param_info != NULL)
		return;
	path = (Path *) create_agg_path(root, partial, below, partial->reltarget, AGG_HASHED,
									AGGSPLIT_INITIAL_SERIAL, clauses, NIL,
									&extra->agg_partial_costs, n);
	rows = path->rows * Max(path->parallel_workers, 1);
	path = (Path *) create_gather_path(root, partial, path, partial->reltarget, NULL, &rows);
	add_path(output, (Path *) create_agg_path(root, output, path, output->reltarget, AGG_HASHED,
											  AGGSPLIT_FINAL_DESERIAL, clauses,
											  (List *) extra->havingQual, &extra->agg_final_costs, n));
}

/* What the planner calls when it has the paths of an aggregate. */
static void
scan_offer_to_aggregate(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
						RelOptInfo *output, void *extra)
{
	ListCell   *cell;
	bool		scans;

	if (next_upper_hook != NULL)
		next_upper_hook(root, stage, input, output, extra);
	if (stage != UPPERREL_GROUP_AGG || !enable_scan)
		return;
	scans = query_is_aggregate(root);
	if (scans)
		offer_few_groups(root, input, output, extra);
	foreach(cell, output->pathlist)
	{
		bool		parallel;
		AggPath    *agg = aggregate_of_rows(lfirst(cell), &parallel);

		if (agg == NULL ||
			!(agg->aggstrategy == AGG_PLAIN ||
			  (agg->aggstrategy == AGG_HASHED &&
			   (agg->numGroups <= SCAN_GROUPS_MOST ||
				table_scan_has_few_groups(root, agg->groupClause, agg->subpath->rows)))))
			continue;
		if (scans)
			agg->subpath = scan_paths_below(root, agg->subpath);
		if (parallel)
			agg->subpath = scan_share_path(root, agg);
	}
}

static Plan *
scan_plan_path(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist, List *clauses,
			   List *custom_plans)
{
	CustomScan *scan;

	if (path->custom_paths != NIL)
		return lookup_plan_path(root, path, tlist, custom_plans);
	scan = makeNode(CustomScan);
	scan->scan.plan.targetlist = tlist;
	scan->scan.plan.qual = extract_actual_clauses(clauses, false);
	scan->scan.scanrelid = rel->relid;
	scan->flags = path->flags;
	scan->methods = &scan_methods;

	/* says whether the scan may feed */
	scan->custom_private = list_make1(makeInteger(scan_may_feed(root, tlist,
																scan->scan.plan.qual)));
	return &scan->scan.plan;
}

/* Has the planner found that the scan may feed aggregates? */
bool
scan_plan_feeds(const TableScanState *state)
{
	return intVal(linitial(castNode(CustomScan, state->css.ss.ps.plan)->custom_private)) != 0;
}

/*
 * The library is loaded.  These functions of it are evaluated for many rows at
 * once; they last.
 */
void
table_scan_init(const ScanRowsFunction *const *functions, int n)
{
	scan_functions_init(functions, n);
	DefineCustomBoolVariable("journey.enable_scan",
							 "Enables pg_journey's own table scan under its aggregates and contains().",
							 "It reads the same rows as a sequential scan, with less work for each.",
							 &enable_scan, true, PGC_USERSET, GUC_EXPLAIN, NULL, NULL, NULL);
	lookup_plan_init();
	RegisterCustomScanMethods(&scan_methods);
	RegisterCustomScanMethods(&scan_share_methods);
	next_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = scan_offer_to_planner;
	next_upper_hook = create_upper_paths_hook;
	create_upper_paths_hook = scan_offer_to_aggregate;
}
