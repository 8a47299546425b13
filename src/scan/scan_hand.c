/*-------------------------------------------------------------------------
 *
 * scan_hand.c
 *		Hands the rows of a scan over to the node above it, a page at a time.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "executor/instrument.h"
#include "miscadmin.h"
#include "scan/scan_expr.h"
#include "scan/scan_state.h"
#include "utils/datum.h"

#include "compat.h"

/* Evaluate an output for the row that is looked at. */
static void
scan_evaluate_output(TableScanState *state, int number, ScanVector *vector)
{
	const TupleDesc desc = state->css.ss.ps.ps_ResultTupleDesc;
	const FormData_pg_attribute *attribute = TupleDescAttr(desc, number);
	const int	row = state->rows->current;
	bool		isnull;
	Datum		value = scan_expr_value(state->outputs[number], state->rows, &isnull);

	if (isnull)
		scan_vector_set_null(vector, row);
	else if (attribute->attbyval)
		vector->values[row] = scan_datum(value, attribute->attlen, true);
	else if (attribute->attlen > 0)
		/* a ctid lies in the slot, where the next row's will be */
		vector->values[row] = datumCopy(value, false, attribute->attlen);
	else
		vector->values[row] = value;
}

/* A vector for outputs that are evaluated row by row, which is empty at first. */
static void
scan_clear_output(const TableScanState *state, ScanVector *vector)
{
	MemoryContext old;

	if (vector->values == NULL)
	{
		old = MemoryContextSwitchTo(state->css.ss.ps.state->es_query_cxt);
		scan_vector_new(vector);
		MemoryContextSwitchTo(old);
	}
	scan_vector_clear(vector);
}

/*
 * An output for all rows at hand.  If it may fail on some row, it is evaluated row
 * by row, into `vector`.
 */
const ScanVector *
scan_output_vector(TableScanState *state, int number, ScanVector *vector)
{
	ScanRows   *rows = state->rows;
	int			i;

	if (state->outputs[number]->of_rows)
		return scan_expr_vector(state->outputs[number], rows);
	scan_clear_output(state, vector);
	for (i = 0; i < rows->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		rows->current = i;
		scan_evaluate_output(state, number, vector);
	}
	return vector;
}

/* An output for just the row that is looked at, in its place in `vector`. */
const ScanVector *
scan_output_of_row(TableScanState *state, int number, ScanVector *vector)
{
	scan_clear_output(state, vector);
	scan_evaluate_output(state, number, vector);
	return vector;
}

/*
 * If a plan node is a scan of this room, and its rows may be looked at a page at
 * a time, hand all of them over.  They do not go up through the executor.
 */
bool
table_scan_hand_over(PlanState *plan, ScanTaker take, void *to)
{
	TableScanState *state = (TableScanState *) plan;
	ScanVector *computed;
	const ScanVector **columns;
	MemoryContext old;
	double		n = 0;
	int			i;

	if (!IsA(plan, CustomScanState) || state->css.methods != &scan_exec_methods ||
		!scan_plan_feeds(state))
		return false;
	if (plan->chgParam != NULL)
		ExecReScan(plan);
	if (plan->instrument != NULL)
		InstrStartNode(plan->instrument);
	scan_open(state);
	old = MemoryContextSwitchTo(plan->state->es_query_cxt);
	computed = palloc0(Max(state->noutputs, 1) * sizeof(ScanVector));
	columns = palloc0(Max(state->noutputs, 1) * sizeof(ScanVector *));
	MemoryContextSwitchTo(plan->ps_ExprContext->ecxt_per_tuple_memory);
	while (scan_next_page(state, ForwardScanDirection))
	{
		scan_filter_rows(state);
		if (state->rows->n == 0)
			continue;
		for (i = 0; i < state->noutputs; i++)
			columns[i] = scan_output_vector(state, i, &computed[i]);
		scan_ask_ahead(state);
		take(to, columns, state->rows->n);
		n += state->rows->n;
		table_scan_reset(CurrentMemoryContext);
	}
	MemoryContextSwitchTo(old);
	for (i = 0; i < state->noutputs; i++)
		if (computed[i].values != NULL)
		{
			pfree(computed[i].values);
			pfree(computed[i].nulls);
		}
	pfree(computed);
	pfree(columns);
	if (plan->instrument != NULL)
		InstrStopNode(plan->instrument, n);
	return true;
}
