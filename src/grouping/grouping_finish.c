/*-------------------------------------------------------------------------
 *
 * grouping_finish.c
 *		Does the work of the aggregate above where no row is stored.
 *
 * Then the aggregate has nothing to do with rows: for each group, the node
 * below leaves the states where the executor keeps them.  So this takes the place
 * of ExecAgg: it calls the final functions, and evaluates HAVING and the targets.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "executor/instrument.h"
#include "grouping/grouping_above.h"
#include "miscadmin.h"

#include "compat.h"

/* The result of an aggregate, from its state. */
static void
finish_aggregate(AggState *agg, int number)
{
	const		AggStatePerAggData *aggregate = &agg->peragg[number];
	const AggStatePerGroupData *group = scan_group_of(agg, aggregate->transno);
	const int	nargs = aggregate->numFinalArgs;
	Datum	   *result = &agg->ss.ps.ps_ExprContext->ecxt_aggvalues[number];
	bool	   *isnull = &agg->ss.ps.ps_ExprContext->ecxt_aggnulls[number];
	int			i;

	LOCAL_FCINFO(call, FUNC_MAX_ARGS);

	*result = group->transValue;
	*isnull = group->transValueIsNull;
	if (!OidIsValid(aggregate->finalfn_oid))
		return;
	if (unconstify(AggStatePerAggData *, aggregate)->finalfn.fn_strict && (*isnull || nargs > 1))
	{
		*result = (Datum) 0;
		*isnull = true;
		return;
	}
	InitFunctionCallInfoData(*call, unconstify(FmgrInfo *, &aggregate->finalfn), (int16) nargs,
							 agg->pertrans[aggregate->transno].aggCollation, (void *) agg, NULL);
	for (i = 0; i < nargs; i++)
	{
		call->args[i].value = i == 0 ? *result : (Datum) 0;
		call->args[i].isnull = i == 0 ? *isnull : true;
	}
	agg->curperagg = &agg->peragg[number];
	*result = FunctionCallInvoke(call);
	*isnull = call->isnull;
	agg->curperagg = NULL;
}

/* The next group of the aggregate that meets HAVING, in the place of ExecAgg. */
static TupleTableSlot *
finish_groups(PlanState *node)
{
	AggState   *agg = castNode(AggState, node);
	ExprContext *context = node->ps_ExprContext;

	while (!agg->agg_done)
	{
		MemoryContext old;
		TupleTableSlot *row;
		int			i;

		CHECK_FOR_INTERRUPTS();
		ResetExprContext(context);
		row = ExecProcNode(outerPlanState(node));
		if (TupIsNull(row))
		{
			agg->agg_done = true;
			break;
		}
		context->ecxt_outertuple = row;
		agg->curaggcontext = agg->aggcontexts[0];
		agg->current_set = 0;
		ReScanExprContext(agg->aggcontexts[0]);
		old = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
		for (i = 0; i < agg->numaggs; i++)
			finish_aggregate(agg, i);
		MemoryContextSwitchTo(old);
		if (ExecQual(node->qual, context))
			return ExecProject(node->ps_ProjInfo);
		InstrCountFiltered1(agg, 1);
	}
	return NULL;
}

/* From now on, the aggregate only finishes groups. */
void
grouping_finish_instead(AggState *agg)
{
	ExecSetExecProcNode(&agg->ss.ps, finish_groups);
}
