/*-------------------------------------------------------------------------
 *
 * scan_lookup_plan.c
 *		A scan with a lookup in the place of a hash join, for the planner.
 *
 * The planner has joined a table that our scan can read with rows that are
 * unique by the condition, or of which one is enough (EXISTS, IN) or too much
 * (NOT EXISTS).  The scan then looks its rows up itself, and what is above it
 * can be fed.  The planner's own choice between joins stays: the lookup comes
 * after it, in the place of a hash join or of a merge join of sorted rows.
 *
 * The tables of an Append, such as partitions, have a lookup each, and what the
 * join says of the parent is said of each of them.  In one process they use one
 * hash table.  The executor has a parameter where they find it.
 *
 * The rows looked up must be expected to fit in work_mem times
 * hash_mem_multiplier, as those of a hashed subplan must.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/appendinfo.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/paramassign.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "optimizer/tlist.h"
#include "scan/scan_lookup.h"
#include "scan/scan_state.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "compat.h"

/* What a row of the hash table takes besides its columns. */
#define ROW_OVERHEAD 64

static bool enable_lookup = true;

/* The conditions of a join, as RestrictInfos. */
typedef struct JoinConditions
{
	List	   *keys;			/* that rows are looked up by */
	List	   *filters;		/* others of the join */
	List	   *after;			/* those after an outer join */
} JoinConditions;

/* A scan and a lookup. */
typedef struct LookupPath
{
	CustomPath	path;			/* custom_paths: the scan, and the rows that
								 * are looked up */
	JoinType	jointype;
	Relids		relids;			/* what is joined with those rows */
	List	   *columns;		/* that are needed above */
	JoinConditions conditions;
	int			param;			/* for the common hash table of several scans,
								 * or -1 */
} LookupPath;

/* ---- paths ----------------------------------------------------------------------- */

/* Are two columns the same, be they NULL for an outer join or not? */
static bool
same_column(Node *a, Node *b)
{
	if (IsA(a, Var) && IsA(b, Var))
		return ((Var *) a)->varno == ((Var *) b)->varno &&
			((Var *) a)->varattno == ((Var *) b)->varattno;
	return IsA(a, PlaceHolderVar) && IsA(b, PlaceHolderVar) &&
		((PlaceHolderVar *) a)->phid == ((PlaceHolderVar *) b)->phid;
}

/* Has a join an expression that is to be evaluated by itself, before others? */
static bool
has_placeholder(const JoinPath *join, const Path *rows)
{
	List	   *targets = list_concat_copy(rows->pathtarget->exprs,
										   join->outerjoinpath->pathtarget->exprs);
	List	   *needed = list_concat_copy(join->path.pathtarget->exprs,
										  get_actual_clauses(join->joinrestrictinfo));
	ListCell   *cell;
	ListCell   *target;

	foreach(cell, pull_var_clause((Node *) needed, PVC_INCLUDE_PLACEHOLDERS |
								  PVC_RECURSE_AGGREGATES | PVC_RECURSE_WINDOWFUNCS))
	{
		bool		found = !IsA(lfirst(cell), PlaceHolderVar);

		foreach(target, targets)
			found |= same_column(lfirst(cell), lfirst(target));
		if (!found)
			return true;
	}
	return false;
}

/* Can rows be looked up by a condition of the join? */
static bool
is_key(const JoinPath *join, const RestrictInfo *condition)
{
	const Relids scan = join->outerjoinpath->parent->relids;
	const Relids child = join->innerjoinpath->parent->relids;
	const Oid	operator = condition->hashjoinoperator;
	RegProcedure left;
	RegProcedure right;

	return condition->can_join && OidIsValid(operator) && is_opclause(condition->clause) &&
		((OpExpr *) condition->clause)->opno == operator &&
		((bms_is_subset(condition->left_relids, scan) && bms_is_subset(condition->right_relids, child)) ||
		 (bms_is_subset(condition->left_relids, child) && bms_is_subset(condition->right_relids, scan))) &&
		op_strict(operator) && get_op_hash_functions(operator, &left, &right);
}

static JoinConditions
conditions_of(const JoinPath *join)
{
	JoinConditions conditions = {NIL, NIL, NIL};
	ListCell   *cell;

	foreach(cell, join->joinrestrictinfo)
	{
		RestrictInfo *condition = lfirst_node(RestrictInfo, cell);

		if (IS_OUTER_JOIN(join->jointype) &&
			RINFO_IS_PUSHED_DOWN(condition, join->path.parent->relids))
			conditions.after = lappend(conditions.after, condition);
		else if (is_key(join, condition))
			conditions.keys = lappend(conditions.keys, condition);
		else
			conditions.filters = lappend(conditions.filters, condition);
	}
	return conditions;
}

/* Is a condition that is the same for all rows among some, or a subquery? */
static bool
is_gated(List *conditions)
{
	ListCell   *cell;

	foreach(cell, conditions)
	{
		RestrictInfo *condition = lfirst_node(RestrictInfo, cell);

		if (condition->pseudoconstant || contain_subplans((Node *) condition->clause))
			return true;
	}
	return false;
}

/* May our scan look up what this join adds to its rows? */
static bool
may_look_up(PlannerInfo *root, const JoinPath *join)
{
	const JoinConditions conditions = conditions_of(join);

	if (!(join->jointype == JOIN_SEMI || join->jointype == JOIN_ANTI ||
		  ((join->jointype == JOIN_INNER || join->jointype == JOIN_LEFT) && join->inner_unique)))
		return false;
	if (join->path.param_info != NULL || join->outerjoinpath->param_info != NULL ||
		join->path.pathkeys != NIL || join->path.parent->reloptkind != RELOPT_JOINREL ||
		conditions.keys == NIL || is_gated(join->joinrestrictinfo) ||
		is_gated(join->outerjoinpath->parent->baserestrictinfo))
		return false;
	/* conditions of security barriers come in an order that is not known here */
	if (root->qual_security_level > 0 &&
		list_length(conditions.filters) + list_length(conditions.after) > 1)
		return false;
	return !table_scan_has_effects(root, (Node *) root->processed_tlist) &&
		!table_scan_has_effects(root, (Node *) root->parse);
}

/* The rows that are looked up, all of them for each process, or NULL. */
static Path *
rows_to_look_up(const JoinPath *join)
{
	Path	   *rows = join->innerjoinpath;

	/* processes read parts of one common hash table */
	if (join->path.parallel_aware || rows->parallel_aware)
		rows = get_cheapest_parallel_safe_total_inner(rows->parent->pathlist);
	if (rows == NULL || rows->param_info != NULL ||
		(join->path.parallel_workers > 0 && !rows->parallel_safe) ||
		rows->rows * (rows->pathtarget->width + ROW_OVERHEAD) > (double) get_hash_memory_limit())
		return NULL;
	return rows;
}

/* A scan with the lookup that takes the place of a join. */
static LookupPath *
lookup_path(const JoinPath *join, Path *scan, Path *rows)
{
	LookupPath *lookup = (LookupPath *) newNode(sizeof(LookupPath), T_CustomPath);
	Path	   *path = &lookup->path.path;

	*path = join->path;
	path->type = T_CustomPath;
	path->pathtype = T_CustomScan;
	path->parallel_aware = scan->parallel_aware;
	path->total_cost = Max(path->startup_cost,
						   path->total_cost + scan->total_cost - join->outerjoinpath->total_cost);
	lookup->path.flags = ((CustomPath *) scan)->flags;
	lookup->path.custom_paths = list_make2(scan, rows);
	lookup->path.methods = ((CustomPath *) scan)->methods;
	lookup->jointype = join->jointype;
	lookup->relids = join->outerjoinpath->parent->relids;
	lookup->columns = join->path.parent->reltarget->exprs;
	lookup->conditions = conditions_of(join);
	lookup->param = -1;
	return lookup;
}

/* What is said of the parent of an Append, said of one of its tables. */
static List *
of_table(PlannerInfo *root, const RelOptInfo *parent, Index table, List *list)
{
	AppendRelInfo *info = root->append_rel_array[table];

	if (info->parent_relid != parent->relid)
		list = of_table(root, parent, info->parent_relid, list);
	return castNode(List, adjust_appendrel_attrs(root, (Node *) list, 1, &info));
}

/* What a path hands up, if it reads one of the tables of an Append. */
static void
set_target_of_table(PlannerInfo *root, const RelOptInfo *parent, Path *path, PathTarget *target)
{
	path->pathtarget = copy_pathtarget(target);
	path->pathtarget->exprs = of_table(root, parent, path->parent->relid, target->exprs);
}

/* A lookup of each of the scans that an Append has. */
static Path *
append_lookups(PlannerInfo *root, JoinPath *join, const AppendPath *scans, Path *rows)
{
	AppendPath *append = makeNode(AppendPath);
	const RelOptInfo *parent = scans->path.parent;
	const double rows_share = join->path.rows / Max(scans->path.rows, 1);
	const int	param = assign_special_exec_param(root);
	ListCell   *cell;

	*append = *scans;
	append->path.pathtarget = join->path.pathtarget;
	append->path.rows = join->path.rows;
	append->path.startup_cost = join->path.startup_cost;
	append->path.total_cost = join->path.total_cost;
	append->subpaths = NIL;
	foreach(cell, scans->subpaths)
	{
		Path	   *scan = lfirst(cell);
		const Index table = scan->parent->relid;
		LookupPath *lookup = lookup_path(join, scan, rows);
		JoinConditions *conditions = &lookup->conditions;
		Path	   *path = &lookup->path.path;

		path->parent = scan->parent;
		path->rows = clamp_row_est(scan->rows * rows_share);
		path->total_cost = Max(path->startup_cost, scan->total_cost + rows->total_cost);
		set_target_of_table(root, parent, path, join->path.pathtarget);
		lookup->relids = bms_add_member(bms_difference(lookup->relids, parent->relids), (int) table);
		lookup->columns = of_table(root, parent, table, lookup->columns);
		conditions->keys = of_table(root, parent, table, conditions->keys);
		conditions->filters = of_table(root, parent, table, conditions->filters);
		conditions->after = of_table(root, parent, table, conditions->after);
		lookup->param = param;
		append->subpaths = lappend(append->subpaths, lookup);
	}
	return &append->path;
}

/* Our scans instead of all those of an Append, or NULL if one is none of ours. */
static Path *
append_instead(PlannerInfo *root, const AppendPath *path)
{
	AppendPath *append = makeNode(AppendPath);
	ListCell   *cell;

	*append = *path;
	append->subpaths = NIL;
	foreach(cell, path->subpaths)
	{
		Path	   *scan = table_scan_instead(root, lfirst(cell));

		if (!scan_is_path(scan) || is_gated(scan->parent->baserestrictinfo) ||
			scan->parent->reloptkind != RELOPT_OTHER_MEMBER_REL)
			return NULL;
		append->subpaths = lappend(append->subpaths, scan);
	}
	return append->subpaths == NIL ? NULL : &append->path;
}

/* Our scan with a lookup, or an Append of those, instead of a join; another one as it is. */
Path *
lookup_path_instead(PlannerInfo *root, JoinPath *join)
{
	Path	   *scan;
	Path	   *rows;

	if (!enable_lookup || !may_look_up(root, join))
		return &join->path;
	rows = rows_to_look_up(join);
	if (rows == NULL || has_placeholder(join, rows))
		return &join->path;
	scan = join->outerjoinpath;
	scan = IsA(scan, AppendPath) ? append_instead(root, (AppendPath *) scan) :
		table_scan_instead(root, scan);
	if (scan == NULL || scan == join->outerjoinpath)
		return &join->path;
	if (IsA(scan, AppendPath))
		return append_lookups(root, join, (AppendPath *) scan, rows);
	return scan_is_path(scan) ? &lookup_path(join, scan, rows)->path.path : &join->path;
}

/* Let the lookups of an Append hand up what a projection above them would. */
Path *
lookup_append_project(PlannerInfo *root, Path *path, PathTarget *target)
{
	ListCell   *cell;

	path->pathtarget = target;
	foreach(cell, ((AppendPath *) path)->subpaths)
		set_target_of_table(root, path->parent, lfirst(cell), target);
	return path;
}

/* ---- plans ----------------------------------------------------------------------- */

/* The columns that the scan has after a lookup. */
typedef struct LookupPlan
{
	CustomScan *scan;
	Plan	   *child;
	List	   *places;			/* for each: 0 if it is of the table, or its
								 * number among those looked up */
	int			nbefore;		/* that other lookups have */
	List	   *columns;		/* of this one: the child's numbers */
} LookupPlan;

/* Where a column is in a target list, or NULL. */
static TargetEntry *
find_column(List *tlist, Node *node)
{
	ListCell   *cell;

	foreach(cell, tlist)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, cell);

		if (same_column(node, (Node *) entry->expr))
			return entry;
	}
	return NULL;
}

/* Have the columns that some expressions need. */
static void
add_columns(LookupPlan *plan, Node *expressions)
{
	ListCell   *cell;

	foreach(cell, pull_var_clause(expressions, PVC_INCLUDE_PLACEHOLDERS))
	{
		Node	   *node = lfirst(cell);
		CustomScan *scan = plan->scan;
		int			place = 0;

		if (find_column(scan->custom_scan_tlist, node) != NULL)
			continue;
		if (!IsA(node, Var) || ((Var *) node)->varno != (int) scan->scan.scanrelid)
		{
			const TargetEntry *entry = find_column(plan->child->targetlist, node);

			if (entry == NULL && IsA(node, PlaceHolderVar))
			{
				/* of the table: its columns are at hand */
				add_columns(plan, (Node *) ((PlaceHolderVar *) node)->phexpr);
				continue;
			}
			if (entry == NULL)
				elog(ERROR, "a column of a join is not found");
			plan->columns = lappend_int(plan->columns, entry->resno);
			place = plan->nbefore + list_length(plan->columns);
		}
		scan->custom_scan_tlist = lappend(scan->custom_scan_tlist,
										  makeTargetEntry(copyObject((Expr *) node),
														  (AttrNumber) (list_length(scan->custom_scan_tlist) + 1),
														  NULL, false));
		plan->places = lappend_int(plan->places, place);
	}
}

/*
 * An expression over the columns of the scan as the node's target list has them:
 * what may be NULL after an outer join is marked so.
 */
static Node *
over_scan(Node *node, void *tlist)
{
	const TargetEntry *entry;

	if (node == NULL)
		return NULL;
	if (!IsA(node, Var) && !IsA(node, PlaceHolderVar))
		return expression_tree_mutator(node, over_scan, tlist);
	entry = find_column(tlist, node);
	if (entry != NULL)
		return (Node *) copyObject(entry->expr);
	if (IsA(node, Var))
		elog(ERROR, "a column of a join is not found");
	return expression_tree_mutator(node, over_scan, tlist);
}

/* The lists that the plan has of the keys. */
static void
split_keys(List *keys, Relids scan, List **expressions, List **numbers)
{
	List	   *scan_keys = NIL;
	List	   *child_keys = NIL;
	List	   *operators = NIL;
	List	   *collations = NIL;
	List	   *child_first = NIL;
	ListCell   *cell;

	foreach(cell, keys)
	{
		const RestrictInfo *condition = lfirst_node(RestrictInfo, cell);
		const OpExpr *equal = castNode(OpExpr, condition->clause);
		const bool	swapped = !bms_is_subset(condition->left_relids, scan);

		scan_keys = lappend(scan_keys, swapped ? lsecond(equal->args) : linitial(equal->args));
		child_keys = lappend(child_keys, swapped ? linitial(equal->args) : lsecond(equal->args));
		operators = lappend_oid(operators, equal->opno);
		collations = lappend_oid(collations, equal->inputcollid);
		child_first = lappend_int(child_first, swapped);
	}
	*expressions = list_make2(scan_keys, child_keys);
	*numbers = list_make3(operators, collations, child_first);
}

/* How many columns lookups have. */
int
scan_lookups_columns(List *lookups)
{
	int			n = 0;
	ListCell   *cell;

	foreach(cell, lookups)
		n += list_length(list_nth(lfirst(cell), LOOKUP_COLUMNS));
	return n;
}

/* The plan of a scan with one more lookup. */
Plan *
lookup_plan_path(PlannerInfo *root, CustomPath *path, List *tlist, List *custom_plans)
{
	const LookupPath *lookup = (const LookupPath *) path;
	const JoinConditions conditions = lookup->conditions;
	List	   *after = extract_actual_clauses(conditions.after, false);
	CustomScan *below = linitial_node(CustomScan, custom_plans);
	CustomScan *scan = makeNode(CustomScan);
	LookupPlan	plan = {scan, lsecond(custom_plans), NIL, 0, NIL};
	List	   *lookups = NIL;
	List	   *expressions;
	List	   *numbers;

	scan->scan.scanrelid = below->scan.scanrelid;
	scan->scan.plan.targetlist = tlist;
	scan->scan.plan.qual = list_concat_copy(below->scan.plan.qual, after);
	scan->flags = path->flags;
	scan->methods = &scan_methods;
	scan->custom_plans = lappend(list_copy(below->custom_plans), plan.child);
	scan->custom_scan_tlist = list_copy(below->custom_scan_tlist);
	if (below->custom_plans != NIL)
	{
		plan.places = list_copy(lsecond(below->custom_private));
		lookups = list_copy(lthird(below->custom_private));
		plan.nbefore = scan_lookups_columns(lookups);
	}

	split_keys(conditions.keys, lookup->relids, &expressions, &numbers);
	expressions = lappend(expressions, get_actual_clauses(conditions.keys));
	expressions = lappend(expressions, get_actual_clauses(conditions.filters));
	add_columns(&plan, (Node *) lookup->columns);
	add_columns(&plan, (Node *) scan->scan.plan.qual);
	add_columns(&plan, (Node *) expressions);
	scan->custom_exprs = lappend(list_copy(below->custom_exprs),
								 over_scan((Node *) expressions, scan->custom_scan_tlist));

	numbers = lcons(plan.columns, numbers);
	numbers = lcons(list_make3_int(lookup->jointype, list_length(after), lookup->param), numbers);
	lookups = lappend(lookups, numbers);
	scan->custom_private = list_make3(makeInteger(scan_may_feed(root, tlist, scan->scan.plan.qual)),
									  plan.places, lookups);
	return &scan->scan.plan;
}

/* The library is loaded. */
void
lookup_plan_init(void)
{
	DefineCustomBoolVariable("journey.enable_lookup",
							 "Enables joins by a lookup in pg_journey's own table scan.",
							 "It is in the place of a hash join with rows that are unique by the condition.",
							 &enable_lookup, true, PGC_USERSET, GUC_EXPLAIN, NULL, NULL, NULL);
}
