/*-------------------------------------------------------------------------
 *
 * scan_feed.c
 *		Feeds the aggregates above the scan.
 *
 * The transition function of an aggregate asks the scans below it to feed it
 * (table_scan_feed).  At their next call the scans do the executor's work for
 * all remaining rows and all aggregates of the query, one aggregate after the
 * other: they evaluate conditions and arguments, and call the transition
 * function.  With GROUP BY they do so group by group (scan_groups.c).  If any of
 * these expressions is volatile, each row goes up through the executor instead
 * (scan_effects.c).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_aggregate.h"
#include "executor/executor.h"
#include "executor/nodeAgg.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "scan/scan_expr.h"
#include "scan/scan_state.h"
#include "share/share.h"

#include "compat.h"

/* ---- asking to be fed --------------------------------------------------------- */

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
scan_read_aggregate(TableScanState *state, ScanConsumer *consumer, Aggref *aggref)
{
	List	   *targetlist = state->css.ss.ps.plan->targetlist;
	ListCell   *cell;

	if (consumer->aggref == aggref)
		return;
	consumer->args = palloc((list_length(aggref->args) + 1) * sizeof(ScanExpr *));
	consumer->vectors = palloc0((list_length(aggref->args) + 1) * sizeof(ScanVector *));
	consumer->given = palloc0((list_length(aggref->args) + 1) * sizeof(ScanVector *));
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
scan_choose_checked(TableScanState *state)
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
 * kind of scan, or may not feed.
 */
static ScanConsumer *
scan_set_consumers(PlanState *plan, AggState *agg)
{
	TableScanState *state = (TableScanState *) plan;
	int			i;

	if (!IsA(plan, CustomScanState) || state->css.methods != &scan_exec_methods ||
		!scan_plan_feeds(state) || (state->groups != NULL && scan_groups_full(state->groups)))
		return NULL;
	if (state->agg == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(plan->state->es_query_cxt);

		if (state->consumers == NULL)
			state->consumers = palloc0(agg->numtrans * sizeof(ScanConsumer));
		for (i = 0; i < agg->numtrans; i++)
			scan_read_aggregate(state, &state->consumers[i], agg->pertrans[i].aggref);
		scan_choose_checked(state);
		scan_rows_ready(state->rows);
		MemoryContextSwitchTo(old);
		state->agg = agg;
	}
	return &state->consumers[agg->curpertrans - agg->pertrans];
}

/*
 * May the rows of a page be fed to one aggregate after the other?  Not to one
 * that sorts them first; for effects of functions see scan_may_feed().
 */
static bool
scan_may_feed_aggregates(const AggState *agg)
{
	int			i;

	if ((agg->aggstrategy != AGG_PLAIN && agg->aggstrategy != AGG_HASHED) || agg->maxsets > 1 ||
		DO_AGGSPLIT_COMBINE(agg->aggsplit))
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

/*
 * The transition function of an aggregate has made its state: let the scans
 * below it feed the other rows to it, if that can be.
 */
void
table_scan_feed(FunctionCallInfo fcinfo, PGFunction transition, TableScanRows of_rows,
				Datum state, const ScanSharing *sharing)
{
	AggState   *agg = (AggState *) fcinfo->context;
	ScanGroups *groups = NULL;
	PlanState  *share;
	PlanState  *append = NULL;
	PlanState  *below;
	PlanState **scans = &below;
	int			nscans = 1;
	int			i;

	if (agg == NULL || !IsA(agg, AggState) || !scan_may_feed_aggregates(agg) ||
		agg->curpertrans->transfn_fcinfo != fcinfo)
		return;
	below = outerPlanState(agg);
	share = scan_share_child(below) != NULL ? below : NULL;
	if (share != NULL)
	{
		below = scan_share_child(share);
		if (sharing != NULL && DO_AGGSPLIT_SKIPFINAL(agg->aggsplit))
			scan_share_users_of(share, agg, state, sharing);
	}
	if (IsA(below, AppendState) && below->ps_ProjInfo == NULL)
	{
		append = below;
		scans = ((AppendState *) append)->appendplans;
		nscans = ((AppendState *) append)->as_nplans;
	}
	for (i = 0; i < nscans; i++)
	{
		TableScanState *scan = (TableScanState *) scans[i];
		ScanConsumer *consumer = scan_set_consumers(scans[i], agg);

		if (consumer == NULL)
			continue;
		scan->share = share;
		scan->append = append;
		consumer->transition = transition;
		consumer->of_rows = of_rows;
		if (agg->aggstrategy == AGG_HASHED && scan->groups == NULL)
			scan->groups = groups != NULL ? groups : scan_groups_new(agg);
		groups = scan->groups;
	}
}

/* ---- feeding ----------------------------------------------------------------- */

/*
 * The rows at hand that the condition of an aggregate keeps; gives back how many.
 */
static int
scan_filter_for(TableScanState *state, ScanConsumer *consumer, uint16 *kept)
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

/* Of the arguments of an aggregate for all rows at hand, give those of some. */
static void
scan_give_args(TableScanState *state, ScanConsumer *consumer, const uint16 *kept, int nkept)
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

		consumer->given[i] = from->constant ? from : to;
		if (from->constant)
			continue;
		for (k = 0; k < nkept; k++)
			to->values[k] = from->values[kept[k]];
		to->has_nulls = from->has_nulls;
		for (k = 0; k < nkept; k++)
			to->nulls[k] = from->nulls[kept[k]];
	}
}

/*
 * Feed an aggregate some of the rows at hand one by one: it has no state yet, it
 * is not of the extension, or some of its arguments are evaluated row by row.
 */
static void
scan_feed_each_row(TableScanState *state, int number, const uint16 *kept, int nkept)
{
	const ScanConsumer *consumer = &state->consumers[number];
	AggState   *agg = state->agg;
	AggStatePerTrans trans = &agg->pertrans[number];
	AggStatePerGroup group = scan_group_of(agg, number);
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
		scan_advance(agg, trans, group);
		table_scan_reset(CurrentMemoryContext);
	}
	table_scan_reset(agg->tmpcontext->ecxt_per_tuple_memory);
}

/* Feed some of the rows at hand to an aggregate, all of which are of one group. */
static void
scan_feed_some(TableScanState *state, int number, const uint16 *kept, int nkept)
{
	ScanConsumer *consumer = &state->consumers[number];
	FunctionCallInfo call = state->agg->pertrans[number].transfn_fcinfo;
	const AggStatePerGroupData *group = scan_group_of(state->agg, number);

	if (!consumer->all_vectors || consumer->transition == NULL || group->transValueIsNull)
	{
		scan_feed_each_row(state, number, kept, nkept);
		return;
	}
	if (kept != NULL)
		scan_give_args(state, consumer, kept, nkept);
	call->args[0].value = group->transValue;
	call->args[0].isnull = false;
	if (consumer->of_rows != NULL)
		consumer->of_rows(call, kept != NULL ? consumer->given : consumer->vectors, nkept);
	else
		table_scan_each_row(call, kept != NULL ? consumer->given : consumer->vectors, nkept,
							consumer->transition);
}

/* Feed the rows at hand to an aggregate. */
void
scan_feed_aggregate(TableScanState *state, int number)
{
	ScanConsumer *consumer = &state->consumers[number];
	FunctionCallInfo call = state->agg->pertrans[number].transfn_fcinfo;
	ScanRows   *rows = state->rows;
	uint16		kept[SCAN_ROWS_MOST];
	int			nkept = rows->n;
	int			ngroups;
	int			begin = 0;
	int			i;

	if (consumer->filter != NULL)
		nkept = scan_filter_for(state, consumer, kept);
	else if (state->groups != NULL)
		for (i = 0; i < nkept; i++)
			kept[i] = (uint16) i;
	if (nkept == 0)
		return;
	scan_set_current(state->agg, number);
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
	scan_ask_ahead(state);
	if (state->groups == NULL)
	{
		scan_feed_some(state, number, nkept < rows->n ? kept : NULL, nkept);
		return;
	}
	ngroups = scan_order_by_group(state->groups, kept, nkept);
	for (i = 0; i < ngroups; i++)
	{
		const int	end = scan_set_group(state, i);

		scan_feed_some(state, number, kept + begin, end - begin);
		begin = end;
	}
}

/* So many rows were fed that a plan node would have handed up. */
static void
scan_count_fed(PlanState *plan, uint64 n)
{
	if (plan != NULL && plan->instrument != NULL)
		plan->instrument->tuplecount += n;
}

/* Feed all rows that are left to the aggregates above, which have no groups. */
static uint64
scan_feed_pages(TableScanState *state)
{
	ScanRows   *rows = state->rows;
	uint64		n = 0;
	int			i;

	scan_rows_drop_before(rows, rows->current + 1);
	do
	{
		scan_filter_rows(state);
		if (rows->n == 0)
			continue;
		for (i = 0; i < state->agg->numtrans; i++)
			scan_feed_aggregate(state, i);
		table_scan_reset(CurrentMemoryContext);
		n += rows->n;
	} while (scan_next_page(state, ForwardScanDirection));
	return n;
}

/* Feed the rows left to the aggregates above. */
ScanFed
scan_feed_rows(TableScanState *state)
{
	MemoryContext old = MemoryContextSwitchTo(state->css.ss.ps.ps_ExprContext->ecxt_per_tuple_memory);
	ScanFed		fed = SCAN_FED_ALL;
	uint64		n = 0;

	if (state->groups == NULL)
		n = scan_feed_pages(state);
	else
		fed = scan_feed_groups(state, &n);
	MemoryContextSwitchTo(old);
	scan_count_fed(&state->css.ss.ps, n);
	scan_count_fed(state->append, n);
	scan_count_fed(state->share, n);
	if (fed != SCAN_FED_TO_ROW)
		state->agg = NULL;
	return fed;
}
