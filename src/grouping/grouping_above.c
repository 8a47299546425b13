/*-------------------------------------------------------------------------
 *
 * grouping_above.c
 *		The aggregates above the node: what they need of the rows.
 *
 * The node computes states that are numbers (grouping_fold.c).  If these are all,
 * no row is stored.  If each of the others is over events (GroupingEvents) and its
 * parameters do not vary, rows that change no state are left out (grouping_idle.c).
 * Else all rows are stored, and states computed from them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_aggregate.h"
#include "catalog/pg_type.h"
#include "grouping/grouping_above.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
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

/* The column that an expression is; -1: it is none. */
static int
column_of(const Node *expr)
{
	return expr != NULL && IsA(expr, Var) && ((const Var *) expr)->varno == OUTER_VAR ?
		((const Var *) expr)->varattno - 1 : -1;
}

static int
argument_column(const AggStatePerTransData *trans, int number)
{
	return column_of(argument(trans, number));
}

/* May this node do the executor's work for a transition function?  If so, read its arguments. */
static bool
read_aggregate(FedAggregate *aggregate, const AggStatePerTransData *trans)
{
	const Aggref *aggref = trans->aggref;
	int			i;

	aggregate->filter = column_of((const Node *) aggref->aggfilter);
	if (aggref->aggkind != AGGKIND_NORMAL || aggref->aggorder != NIL ||
		aggref->aggdistinct != NIL ||
		(aggref->aggfilter != NULL && aggregate->filter < 0) ||
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
		else if (IsA(arg, Const))
		{
			trans->transfn_fcinfo->args[i].value = ((const Const *) arg)->constvalue;
			trans->transfn_fcinfo->args[i].isnull = ((const Const *) arg)->constisnull;
		}

		/*
		 * the executor leaves it in the call with the first row, if that
		 * meets the condition
		 */
		else if (!IsA(arg, Param) || aggref->aggfilter != NULL)
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
	{int2_avg_accum, GROUPING_AVERAGE},
	{int4_avg_accum, GROUPING_AVERAGE},
	{int8_avg_accum, GROUPING_SUM_BIG},
	{float8pl, GROUPING_SUM_FLOAT},
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

/* Does the state begin as in PostgreSQL?  An aggregate of somebody else may begin with another. */
static bool
begins_as_known(GroupingFoldKind kind, const AggStatePerTransData *trans)
{
	const ArrayType *array;

	if (kind == GROUPING_COUNT_ROWS || kind == GROUPING_COUNT)
		return !trans->initValueIsNull && DatumGetInt64(trans->initValue) == 0;
	if (kind != GROUPING_AVERAGE)
		return trans->initValueIsNull;
	if (trans->initValueIsNull)
		return false;
	array = DatumGetArrayTypeP(trans->initValue);
	return ARR_NDIM(array) == 1 && ARR_DIMS(array)[0] == 2 && !ARR_HASNULL(array) &&
		ARR_ELEMTYPE(array) == INT8OID && ((int64 *) ARR_DATA_PTR(array))[0] == 0 &&
		((int64 *) ARR_DATA_PTR(array))[1] == 0;
}

/* Are all results of a state that is more than a number those that the node makes? */
static bool
finishes_sum(const AggState *agg, int number)
{
	int			i;

	for (i = 0; i < agg->numaggs; i++)
		if (agg->peragg[i].transno == number && !grouping_finishes_sum(agg->peragg[i].finalfn.fn_addr))
			return false;
	return true;
}

static bool
read_fold(GroupingFold *fold, const AggState *agg, int number)
{
	const AggStatePerTransData *trans = &agg->pertrans[number];
	const Aggref *aggref = trans->aggref;

	if (!find_kind(trans->transfn.fn_addr, &fold->kind) || !begins_as_known(fold->kind, trans))
		return false;
	if (fold->kind == GROUPING_AVERAGE || fold->kind == GROUPING_SUM_BIG ?
		!finishes_sum(agg, number) : !trans->transtypeByVal)
		return false;
	if (trans->transfn.fn_strict == (fold->kind == GROUPING_SUM || fold->kind == GROUPING_SUM_BIG) ||
		trans->numTransInputs != (fold->kind == GROUPING_COUNT_ROWS ? 0 : 1))
		return false;
	fold->trans = number;
	fold->column = -1;
	fold->filter = column_of((const Node *) aggref->aggfilter);
	if (aggref->aggfilter != NULL && fold->filter < 0)
		return false;
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
	rule->filter = column_of((const Node *) trans->aggref->aggfilter);
	if (trans->aggref->aggfilter != NULL && rule->filter < 0)
		return false;
	rule->at = events->at == 0 ? -1 : argument_column(trans, events->at);
	rule->step = argument_column(trans, events->step);
	return true;
}

/* ---- all of them ------------------------------------------------------------------ */

/* Note the columns that are used outside of aggregates. */
static bool
find_columns(Node *node, void *found)
{
	if (node == NULL || IsA(node, Aggref))
		return false;
	if (IsA(node, Var))
	{
		if (column_of(node) >= 0)
			*(Bitmapset **) found = bms_add_member(*(Bitmapset **) found, column_of(node));
		return false;
	}
	return expression_tree_walker(node, find_columns, found);
}

/* May a state be computed while rows are read?  Others need the order of all rows, or rows at all. */
static bool
folds_early(const GroupingFold *fold, bool alone)
{
	return fold->kind != GROUPING_SUM_FLOAT && (alone || fold->kind != GROUPING_SUM_BIG);
}

/* Choose which rows are stored, and so the way of each aggregate. */
static void
choose_ways(GroupingAbove *above, bool may_leave_out, bool only_keys)
{
	const AggState *agg = above->agg;
	const int	n = agg->numtrans;
	GroupingFold *folds = palloc(n * sizeof(GroupingFold));
	bool	   *can_fold = palloc(n * sizeof(bool));
	GroupingIdleRule rule;
	bool		none = may_leave_out && only_keys;
	bool		some = may_leave_out;
	int			i;

	for (i = 0; i < n; i++)
	{
		const bool	is_idle = read_idle(&rule, &agg->pertrans[i]);

		can_fold[i] = read_fold(&folds[i], agg, i);
		none &= can_fold[i] && folds_early(&folds[i], true);
		some &= is_idle || (can_fold[i] && folds_early(&folds[i], false));
	}
	none &= n > 0 && n <= GROUPING_FOLDS_MOST;
	above->folds = palloc(n * sizeof(GroupingFold));
	above->idle = palloc(n * sizeof(GroupingIdleRule));
	above->nstates = 1;
	for (i = 0; i < n; i++)
	{
		if (can_fold[i] && above->nfolds < GROUPING_FOLDS_MOST &&
			(none || (some ? folds_early(&folds[i], false) : folds[i].kind != GROUPING_SUM_BIG)))
		{
			folds[i].at = above->nstates;
			above->nstates += grouping_fold_words(folds[i].kind);
			above->folds[above->nfolds++] = folds[i];
			above->aggregates[i].folded = true;
		}
		else if (some && read_idle(&above->idle[above->nidle], &agg->pertrans[i]))
			above->nidle++;
		else
			some = false;
	}
	some &= above->nidle > 0;
	above->stored = none ? GROUPING_NO_ROWS : some ? GROUPING_SOME_ROWS : GROUPING_ALL_ROWS;
	pfree(folds);
	pfree(can_fold);
}

/* Note the columns of an aggregate. */
static Bitmapset *
add_aggregate_columns(Bitmapset *columns, const FedAggregate *aggregate)
{
	int			i;

	for (i = 0; i < aggregate->nargs; i++)
		columns = bms_add_member(columns, aggregate->args[i].column);
	if (aggregate->filter >= 0)
		columns = bms_add_member(columns, aggregate->filter);
	return columns;
}

/* These columns are stored. */
static void
store_columns(GroupingAbove *above, int ncolumns, Bitmapset *columns)
{
	int			i;

	above->columns = palloc((ncolumns + 1) * sizeof(int));
	above->places = palloc((ncolumns + 1) * sizeof(int));
	for (i = 0; i < ncolumns; i++)
	{
		above->places[i] = bms_is_member(i, columns) ? above->ncolumns : -1;
		if (above->places[i] >= 0)
			above->columns[above->ncolumns++] = i;
	}
}

/*
 * What do the aggregates need?  The node below has so many columns, some of which are
 * the key.
 */
void
grouping_above_read(GroupingAbove *above, int ncolumns, List *keys, bool keys_are_bytes)
{
	AggState   *agg = above->agg;
	Bitmapset  *columns = NULL;
	Bitmapset  *key_columns = NULL;
	ListCell   *cell;
	int			i;

	above->feeds = agg != NULL && agg->aggstrategy == AGG_SORTED && agg->maxsets <= 1 &&
		!DO_AGGSPLIT_COMBINE(agg->aggsplit);
	if (above->feeds)
	{
		above->aggregates = palloc0((agg->numtrans + 1) * sizeof(FedAggregate));
		for (i = 0; i < agg->numtrans && above->feeds; i++)
			above->feeds = read_aggregate(&above->aggregates[i], &agg->pertrans[i]);
	}
	if (!above->feeds)
	{
		if (ncolumns > 0)
			columns = bms_add_range(NULL, 0, ncolumns - 1);
		store_columns(above, ncolumns, columns);
		return;
	}
	foreach(cell, keys)
		key_columns = bms_add_member(key_columns, lfirst_int(cell));
	(void) find_columns((Node *) agg->ss.ps.plan->targetlist, &columns);
	(void) find_columns((Node *) agg->ss.ps.plan->qual, &columns);
	choose_ways(above, keys_are_bytes, bms_is_subset(columns, key_columns));
	columns = bms_add_members(columns, key_columns);
	for (i = 0; i < agg->numtrans; i++)
		if (above->stored == GROUPING_ALL_ROWS || !above->aggregates[i].folded)
			columns = add_aggregate_columns(columns, &above->aggregates[i]);
	store_columns(above, ncolumns, columns);
}
