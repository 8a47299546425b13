/*-------------------------------------------------------------------------
 *
 * grouping_plan.c
 *		Offers JourneyGroup to the planner, and makes its plan.
 *
 * It is offered in queries that aggregate with GROUP BY by a function of the
 * extension, below PostgreSQL's GroupAggregate, in one process and in several.
 * The node hands up the columns of the key, and the arguments of the aggregates
 * as far as they can be evaluated below it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/nodeHash.h"
#include "grouping/grouping.h"
#include "grouping/grouping_above.h"
#include "grouping/grouping_node.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/planner.h"
#include "optimizer/prep.h"
#include "optimizer/tlist.h"
#include "scan/scan.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#include "compat.h"

/* What a row costs, of cpu_operator_cost: to store it, and to find its group. */
#define ROW_COST 0.5

/* journey.enable_aggregate */
typedef enum GroupingUse
{
	GROUPING_OFF,
	GROUPING_ON,				/* for many groups, where it costs less */
	GROUPING_ALWAYS				/* wherever it can be, for tests */
} GroupingUse;

static const struct config_enum_entry uses[] = {
	{"off", GROUPING_OFF, false},
	{"on", GROUPING_ON, false},
	{"always", GROUPING_ALWAYS, false},
	{"false", GROUPING_OFF, true},
	{"true", GROUPING_ON, true},
	{"no", GROUPING_OFF, true},
	{"yes", GROUPING_ON, true},
	{"0", GROUPING_OFF, true},
	{"1", GROUPING_ON, true},
	{NULL, 0, false}
};

static int	enable_aggregate = GROUPING_ON;
static create_upper_paths_hook_type next_hook = NULL;

static Plan *grouping_plan_path(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist,
								List *clauses, List *custom_plans);

static const CustomPathMethods grouping_path_methods = {
	.CustomName = "JourneyGroup",
	.PlanCustomPath = grouping_plan_path,
};

/* ---- columns --------------------------------------------------------------------- */

/* Can an argument or the condition of an aggregate be evaluated below, once for each row, unobserved? */
static bool
is_for_below(Node *arg)
{
	return !IsA(arg, Const) && !IsA(arg, Param) &&
		!contain_volatile_functions(arg) && !expression_returns_set(arg) &&
		!contain_subplans(arg) && !contain_agg_clause(arg);
}

/* Add the columns of an expression that are outside of aggregates in it. */
static void
add_columns(PathTarget *target, Node *expr)
{
	add_new_columns_to_pathtarget(target,
								  pull_var_clause(expr, PVC_RECURSE_AGGREGATES |
												  PVC_RECURSE_WINDOWFUNCS |
												  PVC_INCLUDE_PLACEHOLDERS));
}

/* Add what is needed below for the aggregates, and other columns, in an expression. */
static void
add_needed(PathTarget *target, Node *expr)
{
	List	   *found = pull_var_clause(expr, PVC_INCLUDE_AGGREGATES | PVC_RECURSE_WINDOWFUNCS |
										PVC_INCLUDE_PLACEHOLDERS);
	ListCell   *cell;
	ListCell   *arg_cell;

	foreach(cell, found)
	{
		Node	   *node = lfirst(cell);
		Aggref	   *aggref = (Aggref *) node;

		/* grouping() is of keys only */
		if (IsA(node, GroupingFunc))
			continue;
		if (!IsA(node, Aggref))
		{
			add_new_column_to_pathtarget(target, (Expr *) node);
			continue;
		}
		foreach(arg_cell, aggref->args)
		{
			Node	   *arg = (Node *) lfirst_node(TargetEntry, arg_cell)->expr;

			/* it may fail for rows that do not meet the condition */
			if (aggref->aggfilter == NULL && is_for_below(arg))
				add_new_column_to_pathtarget(target, (Expr *) arg);
			else
				add_columns(target, arg);
		}
		if (aggref->aggfilter != NULL && is_for_below((Node *) aggref->aggfilter))
			add_new_column_to_pathtarget(target, aggref->aggfilter);
		else
			add_columns(target, (Node *) aggref->aggfilter);
	}
}

/* What the node hands up. */
static PathTarget *
grouping_target(PlannerInfo *root, const PathTarget *above, Node *having)
{
	PathTarget *target = create_empty_pathtarget();
	ListCell   *cell;
	int			i = 0;

	foreach(cell, GROUP_CLAUSE(root))
	{
		SortGroupClause *clause = lfirst_node(SortGroupClause, cell);

		add_column_to_pathtarget(target,
								 (Expr *) get_sortgroupclause_expr(clause, root->processed_tlist),
								 clause->tleSortGroupRef);
	}
	foreach(cell, above->exprs)
	{
		const Index ref = get_pathtarget_sortgroupref(above, i++);

		if (ref == 0 || get_sortgroupref_clause_noerr(ref, GROUP_CLAUSE(root)) == NULL)
			add_needed(target, lfirst(cell));
	}
	add_needed(target, having);
	return set_pathtarget_cost_width(root, target);
}

/* ---- paths ----------------------------------------------------------------------- */

/* JourneyGroup over the rows of a path. */
static Path *
grouping_path(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output, Path *below,
			  PathTarget *target, bool parallel)
{
	CustomPath *path = makeNode(CustomPath);
	Path	   *rows = (Path *) create_projection_path(root, input, table_scan_instead(root, below), target);
	const double nbytes = rows->rows * (target->width + 16);
	Cost		cost = ROW_COST * cpu_operator_cost * rows->rows;

	if (nbytes > (double) get_hash_memory_limit())
		cost += 2 * seq_page_cost * nbytes / BLCKSZ;
	path->path.pathtype = T_CustomScan;
	path->path.parent = output; /* as the conditions on `input` are tested
								 * below */
	path->path.pathtarget = target;
	path->path.parallel_aware = parallel;
	path->path.parallel_safe = rows->parallel_safe;
	path->path.parallel_workers = rows->parallel_workers;
	path->path.rows = rows->rows;
	path->path.startup_cost = rows->total_cost + cost;
	path->path.total_cost = path->path.startup_cost;
	PATH_DISABLED_AS(&path->path, rows);
	path->custom_paths = list_make1(rows);
	path->custom_private = list_copy(GROUP_CLAUSE(root));
	path->methods = &grouping_path_methods;
	return &path->path;
}

/* The aggregate over JourneyGroup. */
static Path *
grouping_aggregate_path(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output, Path *below,
						PathTarget *target, Node *having, double ngroups, bool parallel)
{
	AggClauseCosts costs = {0};
	Path	   *path = grouping_path(root, input, output, below, target, parallel);
	AggPath    *agg;

	get_agg_clause_costs(root, AGGSPLIT_SIMPLE, &costs);

	/* what is evaluated below is not evaluated once more */
	costs.transCost.per_tuple = Max(costs.transCost.per_tuple - target->cost.per_tuple, 0);
	agg = create_agg_path(root, output, path, output->reltarget, AGG_SORTED, AGGSPLIT_SIMPLE,
						  GROUP_CLAUSE(root), (List *) having, &costs, ngroups);

	/* only the first rows of groups are compared with the row before */
	agg->path.total_cost -= cpu_operator_cost * list_length(GROUP_CLAUSE(root)) *
		Max(path->rows - ngroups, 0);
	return &agg->path;
}

static void
grouping_offer(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output,
			   const GroupPathExtraData *extra)
{
	Query	   *query = root->parse;
	Path	   *below = input->cheapest_total_path;
	PathTarget *target;
	List	   *keys;
	double		ngroups;
	const bool	always = enable_aggregate == GROUPING_ALWAYS;

	if (query->commandType != CMD_SELECT || !query->hasAggs || query->groupingSets != NIL ||
		query->rowMarks != NIL || GROUP_CLAUSE(root) == NIL || root->numOrderedAggs > 0 ||
		IS_OTHER_REL(output) || IS_OTHER_REL(input) || below == NULL || below->param_info != NULL ||
		!grouping_is_hashable(GROUP_CLAUSE(root)) ||
		!(always || table_scan_calls_own((Node *) root->processed_tlist) ||
		  table_scan_calls_own(extra->havingQual)))
		return;
	keys = get_sortgrouplist_exprs(GROUP_CLAUSE(root), root->processed_tlist);
	if (expression_returns_set((Node *) keys) ||
		table_scan_has_effects(root, (Node *) root->processed_tlist) ||
		table_scan_has_effects(root, extra->havingQual) ||
		table_scan_has_effects(root, (Node *) query))
		return;
	if (always)
		output->pathlist = NIL;
	else if (table_scan_has_few_groups(root, GROUP_CLAUSE(root), below->rows))
		return;
	ngroups = estimate_num_groups(root, keys, below->rows, NULL, NULL);
	target = grouping_target(root, output->reltarget, extra->havingQual);
	add_path(output, grouping_aggregate_path(root, input, output, below, target, extra->havingQual,
											 ngroups, false));
	if (output->consider_parallel && input->partial_pathlist != NIL)
	{
		Path	   *agg;
		double		rows = ngroups;

		below = linitial(input->partial_pathlist);
		if (below->param_info != NULL ||
			!is_parallel_safe(root, (Node *) target->exprs))
			return;
		agg = grouping_aggregate_path(root, input, output, below, target, extra->havingQual,
									  clamp_row_est(ngroups / Max(below->parallel_workers, 1)), true);
		if (!agg->parallel_safe)
			return;
		add_path(output, (Path *) create_gather_path(root, output, agg, output->reltarget, NULL,
													 &rows));

		/* each process has other groups, so what is above may go on with them */
		add_partial_path(output, agg);
	}
}

/* What the planner calls when it has the paths of an aggregate. */
static void
grouping_offer_to_planner(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
						  RelOptInfo *output, void *extra)
{
	if (next_hook != NULL)
		next_hook(root, stage, input, output, extra);
	if (stage == UPPERREL_GROUP_AGG && enable_aggregate != GROUPING_OFF)
		grouping_offer(root, input, output, extra);
}

static Plan *
grouping_plan_path(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist,
				   List *clauses, List *custom_plans)
{
	CustomScan *scan = makeNode(CustomScan);
	List	   *keys = NIL;
	List	   *operators = NIL;
	List	   *collations = NIL;
	ListCell   *cell;

	(void) root;
	(void) rel;
	(void) clauses;				/* the child has them */
	foreach(cell, path->custom_private)
	{
		SortGroupClause *clause = lfirst_node(SortGroupClause, cell);
		TargetEntry *entry = get_sortgroupref_tle(clause->tleSortGroupRef, tlist);

		keys = lappend_int(keys, entry->resno - 1);
		operators = lappend_oid(operators, clause->eqop);
		collations = lappend_oid(collations, exprCollation((Node *) entry->expr));
	}
	scan->scan.plan.targetlist = tlist;
	scan->custom_scan_tlist = copyObject(tlist);
	scan->custom_plans = custom_plans;
	scan->custom_private = list_make3(keys, operators, collations);
	scan->flags = path->flags;
	scan->methods = &grouping_scan_methods;
	return &scan->scan.plan;
}

/* The library is loaded.  `events` are the aggregates over events. */
void
grouping_init(const GroupingEvents *const *events, int n)
{
	DefineCustomEnumVariable("journey.enable_aggregate",
							 "Enables pg_journey's own grouping of rows under its aggregates with GROUP BY.",
							 "It is in the place of a sort, and brings rows together in groups by a hash.",
							 &enable_aggregate, GROUPING_ON, uses, PGC_USERSET, GUC_EXPLAIN,
							 NULL, NULL, NULL);
	grouping_above_init(events, n);
	grouping_node_init();
	next_hook = create_upper_paths_hook;
	create_upper_paths_hook = grouping_offer_to_planner;
}
