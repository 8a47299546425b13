/*-------------------------------------------------------------------------
 *
 * grouping_above.c
 *		The aggregates above the node: what they need of the rows.
 *
 * There are three ways, and each is taken by all aggregates of a query.  If the
 * state of each is a number that the node can compute (grouping_fold.c), no row
 * is stored.  If each is over events (GroupingEvents) and its parameters do not
 * vary, rows that change no state are left out (grouping_idle.c).  Else all rows
 * are stored.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_aggregate.h"
#include "grouping/grouping_above.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgrprotos.h"

#include "compat.h"

static const GroupingEvents *const *all_events;
static int	nall_events;

void
grouping_above_init(const GroupingEvents *const *events, int n)
{
	all_events = events;
	nall_events = n;
}

/* The argument of an aggregate, counted from 1. */
static Node *
argument(const AggStatePerTransData *trans, int number)
{
	return (Node *) list_nth_node(TargetEntry, trans->aggref->args, number - 1)->expr;
}

/* The column that an argument is; -1: it is none. */
static int
argument_column(const AggStatePerTransData *trans, int number)
{
	const Node *arg = argument(trans, number);

	return IsA(arg, Var) && ((const Var *) arg)->varno == OUTER_VAR ?
		((const Var *) arg)->varattno - 1 : -1;
}

/* May this node do the executor's work for a transition function?  If so, read its arguments. */
static bool
read_aggregate(FedAggregate *aggregate, const AggStatePerTransData *trans)
{
	const Aggref *aggref = trans->aggref;
	int			i;

	if (aggref->aggkind != AGGKIND_NORMAL || aggref->aggorder != NIL ||
		aggref->aggdistinct != NIL || aggref->aggfilter != NULL ||
		list_length(aggref->args) != trans->numTransInputs)
		return false;
	aggregate->args = palloc((list_length(aggref->args) + 1) * sizeof(FedArg));
	for (i = 1; i <= trans->numTransInputs; i++)
	{
		const Node *arg = argument(trans, i);

		if (argument_column(trans, i) >= 0)
		{
			aggregate->args[aggregate->nargs].number = i;
			aggregate->args[aggregate->nargs++].column = argument_column(trans, i);
		}
		/* the executor leaves the others in the call with the first row */
		else if (!IsA(arg, Const) && !IsA(arg, Param))
			return false;
	}
	return true;
}

/* ---- folds ------------------------------------------------------------------------ */

/* A transition function of PostgreSQL that the node can do. */
typedef struct KnownTransition
{
	PGFunction	transition;
	GroupingFoldKind kind;
} KnownTransition;

static const KnownTransition known_transitions[] = {
	{int8inc, GROUPING_COUNT_ROWS},
	{int8inc_any, GROUPING_COUNT},
	{int2_sum, GROUPING_SUM},
	{int4_sum, GROUPING_SUM},
	{int2larger, GROUPING_MAX},
	{int4larger, GROUPING_MAX},
	{int8larger, GROUPING_MAX},
	{date_larger, GROUPING_MAX},
	{time_larger, GROUPING_MAX},
	{timestamp_larger, GROUPING_MAX},	/* also with time zone */
	{int2smaller, GROUPING_MIN},
	{int4smaller, GROUPING_MIN},
	{int8smaller, GROUPING_MIN},
	{date_smaller, GROUPING_MIN},
	{time_smaller, GROUPING_MIN},
	{timestamp_smaller, GROUPING_MIN},
	{float8larger, GROUPING_MAX_FLOAT},
	{float8smaller, GROUPING_MIN_FLOAT},
	{booland_statefunc, GROUPING_AND},
	{boolor_statefunc, GROUPING_OR}
};

/* Can the node do a transition function, and if so, how? */
static bool
find_kind(PGFunction transition, GroupingFoldKind *kind)
{
	int			i;

	for (i = 0; i < nall_events; i++)
		if (all_events[i]->is_union && all_events[i]->transition == transition)
		{
			*kind = GROUPING_STEPS;
			return true;
		}
	for (i = 0; i < (int) lengthof(known_transitions); i++)
		if (known_transitions[i].transition == transition)
		{
			*kind = known_transitions[i].kind;
			return true;
		}
	return false;
}

static bool
read_fold(GroupingFold *fold, const AggStatePerTransData *trans)
{
	const bool	counts = trans->transfn.fn_addr == int8inc || trans->transfn.fn_addr == int8inc_any;

	if (!find_kind(trans->transfn.fn_addr, &fold->kind) || !trans->transtypeByVal)
		return false;
	/* an aggregate of somebody else may begin with another state */
	if (counts ? trans->initValueIsNull || DatumGetInt64(trans->initValue) != 0 :
		!trans->initValueIsNull)
		return false;
	if (trans->transfn.fn_strict == (fold->kind == GROUPING_SUM) ||
		trans->numTransInputs != (fold->kind == GROUPING_COUNT_ROWS ? 0 : 1))
		return false;
	fold->column = -1;
	if (fold->kind == GROUPING_COUNT_ROWS)
		return true;
	fold->column = argument_column(trans, 1);
	if (fold->column >= 0)
		return true;
	/* count(1) */
	if (fold->kind != GROUPING_COUNT || !IsA(argument(trans, 1), Const) ||
		((Const *) argument(trans, 1))->constisnull)
		return false;
	fold->kind = GROUPING_COUNT_ROWS;
	return true;
}

/* Is another column than the key, whose number is given, used outside of aggregates? */
static bool
uses_other_columns(Node *node, void *key)
{
	if (node == NULL || IsA(node, Aggref))
		return false;
	if (IsA(node, Var))
		return ((Var *) node)->varno != OUTER_VAR || ((Var *) node)->varattno - 1 != *(int *) key;
	return expression_tree_walker(node, uses_other_columns, key);
}

/* Can the node do all aggregates, and is then no row needed? */
static bool
read_folds(GroupingAbove *above, int key)
{
	const AggState *agg = above->agg;
	const Plan *plan = agg->ss.ps.plan;
	int			i;

	if (agg->numtrans == 0 || agg->numtrans > GROUPING_FOLDS_MOST ||
		uses_other_columns((Node *) plan->targetlist, &key) ||
		uses_other_columns((Node *) plan->qual, &key))
		return false;
	above->folds = palloc(agg->numtrans * sizeof(GroupingFold));
	for (i = 0; i < agg->numtrans; i++)
		if (!read_fold(&above->folds[i], &agg->pertrans[i]))
			return false;
	return true;
}

/* ---- idle rows -------------------------------------------------------------------- */

/* Of which rows does an aggregate need none? */
static bool
read_idle(GroupingIdleRule *rule, const AggStatePerTransData *trans)
{
	const GroupingEvents *events = NULL;
	int			i;

	for (i = 0; i < nall_events && events == NULL; i++)
		if (all_events[i]->transition == trans->transfn.fn_addr)
			events = all_events[i];
	if (events == NULL || !trans->initValueIsNull)
		return false;
	for (i = 1; i <= trans->numTransInputs; i++)
	{
		const int	column = argument_column(trans, i);
		const Node *arg = argument(trans, i);

		if ((column >= 0) != (i == events->at || i == events->step))
			return false;
		if (i == events->options &&
			(!IsA(arg, Const) || ((const Const *) arg)->constisnull ||
			 events->needs_all(((const Const *) arg)->constvalue)))
			return false;
	}
	rule->at = events->at == 0 ? -1 : argument_column(trans, events->at);
	rule->step = argument_column(trans, events->step);
	return true;
}

static bool
read_all_idle(GroupingAbove *above)
{
	const AggState *agg = above->agg;
	int			i;

	if (agg->numtrans == 0)
		return false;
	above->idle = palloc(agg->numtrans * sizeof(GroupingIdleRule));
	for (i = 0; i < agg->numtrans; i++)
		if (!read_idle(&above->idle[i], &agg->pertrans[i]))
			return false;
	return true;
}

/* ---- all of them ------------------------------------------------------------------ */

/*
 * What do the aggregates need?  `key` is the column of rows that is their key, if
 * there is just one, by value, whose equal values are the same; else -1.
 */
void
grouping_above_read(GroupingAbove *above, int key)
{
	AggState   *agg = above->agg;
	int			i;

	if (agg == NULL || agg->aggstrategy != AGG_SORTED || agg->maxsets > 1 ||
		DO_AGGSPLIT_COMBINE(agg->aggsplit))
		return;
	above->aggregates = palloc0((agg->numtrans + 1) * sizeof(FedAggregate));
	for (i = 0; i < agg->numtrans; i++)
		if (!read_aggregate(&above->aggregates[i], &agg->pertrans[i]))
			return;
	above->feeds = true;
	if (key < 0)
		return;
	if (read_folds(above, key))
		above->nfolds = agg->numtrans;
	else if (read_all_idle(above))
		above->nidle = agg->numtrans;
}
