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
#include "utils/fmgrprotos.h"

#include "compat.h"

/* A number of 128 bits.  Sums of so many as there can be are far from both ends. */
static Datum
big_numeric(uint64 low, int64 high)
{
	const int64 factor = INT64CONST(1000000000000000000);
	const		__int128 value = (__int128) ((uint128) (uint64) high << 64 | low);
	Datum		upper;

	if (value == (int64) value)
		return DirectFunctionCall1(int8_numeric, Int64GetDatum((int64) value));
	upper = DirectFunctionCall2(numeric_mul,
								DirectFunctionCall1(int8_numeric, Int64GetDatum((int64) (value / factor))),
								DirectFunctionCall1(int8_numeric, Int64GetDatum(factor)));
	return DirectFunctionCall2(numeric_add, upper,
							   DirectFunctionCall1(int8_numeric, Int64GetDatum((int64) (value % factor))));
}

/* What numeric_poly_sum(), or numeric_poly_avg() and int8_avg(), make of a sum. */
static Datum
finish_sum(const GroupingSum *sum, bool average, bool *isnull)
{
	Datum		result;

	*isnull = sum->n == 0;
	if (*isnull)
		return (Datum) 0;
	result = big_numeric(sum->low, sum->high);
	return !average ? result :
		DirectFunctionCall2(numeric_div, result, DirectFunctionCall1(int8_numeric, Int64GetDatum(sum->n)));
}

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
	if (grouping_finishes_sum(aggregate->finalfn.fn_addr))
	{
		if (!*isnull)
			*result = finish_sum((const GroupingSum *) DatumGetPointer(*result),
								 aggregate->finalfn.fn_addr != numeric_poly_sum, isnull);
		return;
	}
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

/* Is this a final function of a sum that is more than a number? */
bool
grouping_finishes_sum(PGFunction final)
{
	return final == int8_avg || final == numeric_poly_sum || final == numeric_poly_avg;
}

/* From now on, the aggregate only finishes groups. */
void
grouping_finish_instead(AggState *agg)
{
	ExecSetExecProcNode(&agg->ss.ps, finish_groups);
}
