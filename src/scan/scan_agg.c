/*-------------------------------------------------------------------------
 *
 * scan_agg.c
 *		Calls an aggregate's transition function as the executor does.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/execExpr.h"
#include "executor/executor.h"
#include "executor/nodeAgg.h"
#include "scan/scan_state.h"
#include "utils/datum.h"

#include "compat.h"

/* Call a transition function of any aggregate as the executor does. */
void
scan_advance(AggState *agg, AggStatePerTrans trans, AggStatePerGroup group)
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

/* A transition function has broken the rules of feeding. */
void
table_scan_state_moved(void)
{
	elog(ERROR, "the state of an aggregate moved while it was fed");
}
