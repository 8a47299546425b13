/*-------------------------------------------------------------------------
 *
 * scan_lookup.c
 *		The lookups of a table scan, as it runs: see scan_lookup.h.
 *
 * When the rows of a page have been tested by the conditions on the table, those
 * which each lookup keeps are found, with the columns looked up, and tested by
 * the conditions that come after it.  So other parts of the scan see rows at
 * hand as always.
 *
 * The child runs once, when the first page is read.  Each process has a table of
 * its own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "scan/scan_call.h"
#include "scan/scan_lookup.h"
#include "scan/scan_state.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

#include "compat.h"

/* ---- beginning ------------------------------------------------------------------- */

/* Where a key of the child is evaluated. */
typedef struct ChildColumns
{
	const ScanRows *rows;
	const ScanLookup *lookup;
} ChildColumns;

/* An expression over the columns of the scan, as one over those of a lookup's child. */
static Node *
over_child(Node *node, void *context)
{
	const ChildColumns *of = context;
	int			i;

	if (node == NULL)
		return NULL;
	if (IsA(node, Var) && ((Var *) node)->varno == INDEX_VAR)
	{
		const Var  *var = (Var *) node;
		const int	place = list_nth_int(of->rows->places, var->varattno - 1);

		for (i = 0; i < of->lookup->ncolumns; i++)
			if (of->lookup->columns[i].number == of->rows->ntable + place - 1)
				return (Node *) makeVar(OUTER_VAR, of->lookup->columns[i].child, var->vartype,
										var->vartypmod, var->varcollid, 0);
		elog(ERROR, "a column of a lookup is not found");
	}
	return expression_tree_mutator(node, over_child, context);
}

/* Are values of both sides the same if they are the same whole number? */
static bool
compares_integers(Oid function)
{
	switch (function)
	{
		case F_INT2EQ:
		case F_INT24EQ:
		case F_INT28EQ:
		case F_INT4EQ:
		case F_INT42EQ:
		case F_INT48EQ:
		case F_INT8EQ:
		case F_INT82EQ:
		case F_INT84EQ:
		case F_OIDEQ:
		case F_DATE_EQ:
		case F_TIMESTAMP_EQ:
		case F_TIMESTAMPTZ_EQ:
			return true;
		default:
			return false;
	}
}

/* Are values of both sides, of the same length or varying ones, equal if their bytes are? */
static bool
compares_bytes(Oid function, Oid collation)
{
	return function == F_UUID_EQ || function == F_BYTEAEQ ||
		(function == F_TEXTEQ && OidIsValid(collation) && get_collation_isdeterministic(collation));
}

/* Is there a parameter in an expression that may be another in the next run? */
static bool
has_param(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Param) && ((Param *) node)->paramkind == PARAM_EXEC)
		return true;
	return expression_tree_walker(node, has_param, context);
}

static void
begin_keys(ScanLookup *lookup, ScanRows *rows, List *expressions, List *lists)
{
	List	   *scan_keys = list_nth(expressions, LOOKUP_SCAN_KEYS);
	List	   *child_keys = list_nth(expressions, LOOKUP_CHILD_KEYS);
	ChildColumns columns = {rows, lookup};
	int			i;

	lookup->nkeys = list_length(scan_keys);
	lookup->keys_have_param = has_param((Node *) child_keys, NULL);
	lookup->keys = palloc0(lookup->nkeys * sizeof(LookupKey));
	for (i = 0; i < lookup->nkeys; i++)
	{
		LookupKey  *key = &lookup->keys[i];
		const Oid	operator = list_nth_oid(list_nth(lists, LOOKUP_OPERATORS), i);
		Node	   *child = over_child(list_nth(child_keys, i), &columns);
		Oid			left;
		Oid			right;

		key->child_first = list_nth_int(list_nth(lists, LOOKUP_CHILD_FIRST), i) != 0;
		key->collation = list_nth_oid(list_nth(lists, LOOKUP_COLLATIONS), i);
		if (!get_op_hash_functions(operator, &left, &right))
			elog(ERROR, "could not find hash function for hash operator %u", operator);
		fmgr_info(key->child_first ? right : left, &key->hash_scan);
		fmgr_info(key->child_first ? left : right, &key->hash_child);
		fmgr_info(get_opcode(operator), &key->equal);
		fmgr_info_set_expr(list_nth(list_nth(expressions, LOOKUP_CONDITIONS), i), &key->equal);
		get_typlenbyval(exprType(child), &key->length, &key->by_value);
		key->bytes = compares_bytes(key->equal.fn_oid, key->collation);
		key->child = ExecInitExpr((Expr *) child, rows->plan);
		key->scan = scan_expr(rows, list_nth(scan_keys, i));
		key->scan_length = get_typlen(exprType(list_nth(scan_keys, i)));
		if (!key->scan->of_rows)
			scan_vector_new(&key->computed);
	}
	lookup->integers = lookup->nkeys == 1 && compares_integers(lookup->keys[0].equal.fn_oid);
}

/* Expressions that are true or not; the executor checks that their functions may be called. */
static ScanExpr **
begin_conditions(ScanRows *rows, List *list)
{
	ScanExpr  **conditions = palloc0((list_length(list) + 1) * sizeof(ScanExpr *));
	ListCell   *cell;

	foreach(cell, list)
		conditions[foreach_current_index(cell)] = scan_expr(rows, lfirst(cell));
	return conditions;
}

static void
begin_lookup(TableScanState *state, ScanLookup *lookup, PlanState *child, List *expressions,
			 List *lists, int number)
{
	ScanRows   *rows = state->rows;
	List	   *columns = list_nth(lists, LOOKUP_COLUMNS);
	List	   *filters = list_nth(expressions, LOOKUP_FILTERS);
	TupleDesc	desc = ExecGetResultType(child);
	ListCell   *cell;

	lookup->type = (JoinType) linitial_int(list_nth(lists, LOOKUP_NUMBERS));
	lookup->child = child;
	lookup->context = CreateExprContext(state->css.ss.ps.state);
	lookup->memory = AllocSetContextCreate(state->css.ss.ps.state->es_query_cxt,
										   "pg_journey lookup", ALLOCSET_DEFAULT_SIZES);
	lookup->columns = palloc0((list_length(columns) + 1) * sizeof(LookupColumn));
	foreach(cell, columns)
	{
		LookupColumn *column = &lookup->columns[lookup->ncolumns++];
		const FormData_pg_attribute *type = TupleDescAttr(desc, lfirst_int(cell) - 1);

		column->child = (AttrNumber) lfirst_int(cell);
		column->number = rows->ntable + number++;
		column->length = type->attlen;
		column->by_value = type->attbyval;
	}
	begin_keys(lookup, rows, expressions, lists);
	lookup->nfilters = list_length(filters);
	lookup->filters = begin_conditions(rows, filters);
	/* may the functions of conditions be called? */
	(void) ExecInitQual((List *) scan_rows_columns(rows, list_nth(expressions, LOOKUP_CONDITIONS)),
						&state->css.ss.ps);
	(void) ExecInitQual((List *) scan_rows_columns(rows, (Node *) filters), &state->css.ss.ps);
}

/* A slot for all columns that are looked up, for expressions that the executor evaluates. */
static TupleTableSlot *
slot_of_lookups(TableScanState *state)
{
	const ScanRows *rows = state->rows;
	TupleDesc	desc = CreateTemplateTupleDesc(Max(rows->nlooked_up, 1));
	int			i;
	int			k;

	TupleDescInitEntry(desc, 1, NULL, INT4OID, -1, 0);
	for (i = 0; i < state->nlookups; i++)
	{
		const ScanLookup *lookup = &state->lookups[i];

		for (k = 0; k < lookup->ncolumns; k++)
			TupleDescCopyEntry(desc, (AttrNumber) (lookup->columns[k].number - rows->ntable + 1),
							   ExecGetResultType(lookup->child), lookup->columns[k].child);
	}
	return ExecStoreAllNullTuple(ExecInitExtraTupleSlot(state->css.ss.ps.state, desc, &TTSOpsVirtual));
}

/* The scan begins: what its lookups are.  The table's own conditions are among `quals`. */
void
scan_lookups_begin(TableScanState *state, EState *estate, int eflags)
{
	CustomScan *plan = castNode(CustomScan, state->css.ss.ps.plan);
	ScanRows   *rows = state->rows;
	List	   *lists;
	int			before = 0;
	int			nafter = 0;
	int			param;
	int			i;
	ListCell   *cell;

	state->nlookups = list_length(plan->custom_plans);
	if (state->nlookups == 0)
		return;
	lists = lthird(plan->custom_private);
	state->lookups = palloc0(state->nlookups * sizeof(ScanLookup));
	foreach(cell, plan->custom_plans)
		state->css.custom_ps = lappend(state->css.custom_ps,
									   ExecInitNode(lfirst(cell), estate, eflags));
	for (i = 0; i < state->nlookups; i++)
	{
		begin_lookup(state, &state->lookups[i], list_nth(state->css.custom_ps, i),
					 list_nth(plan->custom_exprs, i), list_nth(lists, i), before);
		before += state->lookups[i].ncolumns;
		state->lookups[i].nquals = lsecond_int(list_nth(list_nth(lists, i), LOOKUP_NUMBERS));
		param = lthird_int(list_nth(list_nth(lists, i), LOOKUP_NUMBERS));
		if (param >= 0 && !state->lookups[i].keys_have_param &&
			bms_is_empty(state->lookups[i].child->plan->extParam))
			state->lookups[i].common = &estate->es_param_exec_vals[param];
		nafter += state->lookups[i].nquals;
	}
	rows->looked_up_slot = slot_of_lookups(state);

	/* conditions of lookups are behind those of the table */
	state->nquals -= nafter;
	for (i = 0, before = state->nquals; i < state->nlookups; i++)
	{
		state->lookups[i].quals = state->quals + before;
		before += state->lookups[i].nquals;
	}
}

/* Has a lookup of another scan a table with the columns that one needs? */
static bool
has_columns(const ScanLookup *other, const ScanLookup *lookup)
{
	int			i;

	if (other->table == NULL || other->child->state != lookup->child->state ||
		other->ncolumns != lookup->ncolumns)
		return false;
	for (i = 0; i < lookup->ncolumns; i++)
		if (other->columns[i].child != lookup->columns[i].child ||
			(lookup->columns[i].place >= 0 && other->columns[i].place < 0))
			return false;
	return true;
}

/* The table of a lookup, perhaps one that another scan has made. */
static LookupTable *
table_of(ScanLookup *lookup)
{
	const ScanLookup *other = lookup->common == NULL ? NULL :
		(const ScanLookup *) DatumGetPointer(lookup->common->value);
	int			i;

	if (other != NULL && has_columns(other, lookup))
	{
		for (i = 0; i < lookup->ncolumns; i++)
			if (lookup->columns[i].place >= 0)
				lookup->columns[i].place = other->columns[i].place;
		return other->table;
	}
	if (lookup->common != NULL)
		lookup->common->value = PointerGetDatum(lookup);
	return lookup_table_of_child(lookup);
}

/* The first page is about to be read: have the tables. */
void
scan_lookups_open(TableScanState *state)
{
	MemoryContext old;
	int			i;
	int			k;

	for (i = 0; i < state->nlookups; i++)
	{
		ScanLookup *lookup = &state->lookups[i];

		if (lookup->table != NULL)
			continue;
		for (k = 0; k < lookup->ncolumns; k++)
			lookup->columns[k].place = state->rows->columns[lookup->columns[k].number].needed ? 0 : -1;
		old = MemoryContextSwitchTo(state->css.ss.ps.state->es_query_cxt);
		lookup->table = table_of(lookup);
		MemoryContextSwitchTo(old);
	}
}

/* The scan is run again; so are the children whose rows or keys have other parameters. */
void
scan_lookups_rescan(TableScanState *state)
{
	const Bitmapset *changed = state->css.ss.ps.chgParam;
	int			i;

	if (changed == NULL)
		return;
	for (i = 0; i < state->nlookups; i++)
	{
		ScanLookup *lookup = &state->lookups[i];
		PlanState  *child = lookup->child;

		UpdateChangedParamSet(child, unconstify(Bitmapset *, changed));
		if (child->chgParam == NULL)
		{
			if (!lookup->keys_have_param)
				continue;
			ExecReScan(child);
		}
		lookup->table = NULL;
		MemoryContextReset(lookup->memory);
	}
}

void
scan_lookups_end(TableScanState *state)
{
	ListCell   *cell;

	foreach(cell, state->css.custom_ps)
		ExecEndNode(lfirst(cell));
}

/* ---- looking up ------------------------------------------------------------------ */

/* Of the rows at hand keep those that meet some conditions. */
static void
keep_passing(TableScanState *state, ScanExpr **conditions, int n)
{
	ScanRows   *rows = state->rows;
	const int	nrows = rows->n;
	uint16		kept[SCAN_ROWS_MOST];
	int			nkept = 0;
	int			nfirst = 0;
	int			i;

	while (nfirst < n && conditions[nfirst]->of_rows)
		nfirst++;
	if (nfirst > 0 && rows->n > 0)
		scan_rows_keep(rows, kept, scan_expr_filter(conditions, nfirst, rows, kept));
	if (nfirst < n)
	{
		for (i = 0; i < rows->n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			rows->current = i;
			if (scan_expr_all(conditions + nfirst, n - nfirst, rows))
				kept[nkept++] = (uint16) i;
			table_scan_reset(CurrentMemoryContext);
		}
		scan_rows_keep(rows, kept, nkept);
	}
	InstrCountFiltered1(&state->css.ss.ps, nrows - rows->n);
}

/* Have the keys of the rows at hand. */
static void
take_keys(TableScanState *state, ScanLookup *lookup)
{
	ScanRows   *rows = state->rows;
	int			i;
	int			k;

	for (k = 0; k < lookup->nkeys; k++)
	{
		LookupKey  *key = &lookup->keys[k];

		if (key->scan->of_rows)
		{
			key->vector = scan_expr_vector(key->scan, rows);
			continue;
		}
		key->vector = &key->computed;
		scan_vector_clear(&key->computed);
		for (i = 0; i < rows->n; i++)
		{
			bool		isnull;
			Datum		value;

			CHECK_FOR_INTERRUPTS();
			rows->current = i;
			value = scan_expr_value(key->scan, rows, &isnull);
			if (isnull)
				scan_vector_set_null(&key->computed, i);
			else
				key->computed.values[i] = lookup->integers ?
					scan_datum(value, key->scan_length, true) : value;
		}
	}
}

/* Some rows at hand, from row `at` on, have the columns of so many rows of the table. */
static void
set_columns(const ScanLookup *lookup, ScanRows *rows, int at, const uint32 *numbers, int n)
{
	int			i;

	for (i = 0; i < lookup->ncolumns; i++)
	{
		const LookupColumn *column = &lookup->columns[i];
		ScanVector *vector = &rows->columns[column->number].vector;

		if (column->place < 0)
			continue;
		if (vector->has_nulls)
			memset(vector->nulls + at, 0, n * sizeof(bool));
		lookup_table_values(lookup->table, column, numbers, n, vector, at);
	}
}

/* Of the rows of the table with the keys of a row, the first that meets the other conditions. */
static uint32
first_passing(const ScanLookup *lookup, ScanRows *rows, int row, uint32 number)
{
	MemoryContext old = MemoryContextSwitchTo(lookup->context->ecxt_per_tuple_memory);

	rows->current = row;
	for (; number != 0; number = lookup_table_next(lookup, row, number))
	{
		CHECK_FOR_INTERRUPTS();
		table_scan_reset(CurrentMemoryContext);
		set_columns(lookup, rows, row, &number, 1);
		if (scan_expr_all(lookup->filters, lookup->nfilters, rows))
			break;
	}
	MemoryContextSwitchTo(old);
	return number;
}

/* Look up all rows at hand, and keep those that the join keeps. */
static void
look_up(TableScanState *state, ScanLookup *lookup)
{
	ScanRows   *rows = state->rows;
	const int	n = rows->n;
	const bool	keeps_found = lookup->type != JOIN_ANTI;
	const bool	keeps_others = lookup->type == JOIN_LEFT || lookup->type == JOIN_ANTI;
	uint32		found[SCAN_ROWS_MOST];
	uint16		kept[SCAN_ROWS_MOST];
	int			nkept = 0;
	int			i;

	take_keys(state, lookup);
	lookup_table_find(lookup, n, found);
	if (lookup->nfilters > 0)
		for (i = 0; i < n; i++)
			found[i] = first_passing(lookup, rows, i, found[i]);
	for (i = 0; i < n; i++)
	{
		kept[nkept] = (uint16) i;
		found[nkept] = found[i];
		nkept += found[i] != 0 ? keeps_found : keeps_others;
	}
	scan_rows_keep(rows, kept, nkept);
	for (i = 0; i < lookup->ncolumns; i++)
		scan_vector_clear(&rows->columns[lookup->columns[i].number].vector);
	set_columns(lookup, rows, 0, found, nkept);
	rows->looked_up = true;
}

/* Of the rows at hand keep those that meet the table's other conditions and are found by all lookups. */
void
scan_look_up(TableScanState *state)
{
	int			i;

	keep_passing(state, state->quals + state->nfilters, state->nquals - state->nfilters);
	for (i = 0; i < state->nlookups && state->rows->n > 0; i++)
	{
		look_up(state, &state->lookups[i]);
		/* its keys are of no use any more */
		table_scan_reset(CurrentMemoryContext);
		keep_passing(state, state->lookups[i].quals, state->lookups[i].nquals);
	}
}

/* ---- for EXPLAIN ----------------------------------------------------------------- */

/* The name of a property of a kind of lookup. */
static const char *
property_name(JoinType type, const char *of)
{
	return psprintf("%sLookup %s", type == JOIN_LEFT ? "Left " : type == JOIN_SEMI ? "Semi " :
					type == JOIN_ANTI ? "Anti " : "", of);
}

/* What rows are looked up by. */
void
scan_lookups_explain(const TableScanState *state, List *ancestors, struct ExplainState *es)
{
	CustomScan *plan = castNode(CustomScan, state->css.ss.ps.plan);
	List	   *context;
	int			i;

	if (state->nlookups == 0)
		return;
	context = set_deparse_context_plan(es->deparse_cxt, &plan->scan.plan, ancestors);
	for (i = 0; i < state->nlookups; i++)
	{
		List	   *expressions = list_nth(plan->custom_exprs, i);
		List	   *filters = list_nth(expressions, LOOKUP_FILTERS);
		const JoinType type = state->lookups[i].type;

		ExplainPropertyText(property_name(type, "Cond"),
							deparse_expression((Node *) make_ands_explicit(list_nth(expressions, LOOKUP_CONDITIONS)),
											   context, true, false), es);
		if (filters != NIL)
			ExplainPropertyText(property_name(type, "Filter"),
								deparse_expression((Node *) make_ands_explicit(filters), context,
												   true, false), es);
	}
}
