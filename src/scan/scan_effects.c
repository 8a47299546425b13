/*-------------------------------------------------------------------------
 *
 * scan_effects.c
 *		Whether anything that is evaluated for the rows of a scan may have
 *		side effects.
 *
 * If so, rows are not fed to aggregates a page at a time, so that the order
 * and number of evaluations stay unobservable.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_aggregate.h"
#include "catalog/pg_proc.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "scan/scan_state.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "compat.h"

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

/* May an expression of a query have an effect, or see one? */
bool
table_scan_has_effects(PlannerInfo *root, Node *expr)
{
	EffectsContext context = {root, false};

	return has_effects(expr, &context);
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
bool
scan_may_feed(PlannerInfo *root, List *tlist, List *clauses)
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
