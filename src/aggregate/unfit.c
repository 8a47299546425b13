/*-------------------------------------------------------------------------
 *
 * unfit.c
 *		Calls of an aggregate whose arguments fit none of its forms.
 *
 * Beside its forms, an aggregate takes VARIADIC "any".  What PostgreSQL finds no
 * form for comes here, and gets an error that says what to write, when it is
 * planned.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "parser/parse_agg.h"
#include "pg_journey.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "compat.h"

JOURNEY_FUNCTION(journey_unfit_transition);
JOURNEY_FUNCTION(journey_unfit_support);

/* A form of the aggregate, and how many of the given arguments it could take. */
typedef struct UnfitForm
{
	int			nargs;
	Oid		   *types;
	char	  **names;
	int			fit;
} UnfitForm;

static bool
unfit_is_number(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID || type == NUMERICOID ||
		type == FLOAT4OID || type == FLOAT8OID;
}

static bool
unfit_is_text(Oid type)
{
	return type == TEXTOID || type == VARCHAROID || type == BPCHAROID;
}

static bool
unfit_has(const Oid *types, int n, Oid type)
{
	int			i;

	for (i = 0; i < n; i++)
		if (types[i] == type)
			return true;
	return false;
}

/* Arguments as a reader writes them. */
static char *
unfit_arguments(const Oid *types, char *const *names, int n)
{
	StringInfoData list;
	int			i;

	initStringInfo(&list);
	for (i = 0; i < n; i++)
		appendStringInfo(&list, "%s%s%s%s", i == 0 ? "" : ", ", names ? names[i] : "",
						 names ? " " : "",
						 names && types[i] == ANYELEMENTOID ? "of any type" : format_type_be(types[i]));
	return list.data;
}

/* Where is the argument `step` among the names of a form? -1: nowhere. */
static int
unfit_step(const UnfitForm *form)
{
	int			i;

	for (i = 0; i < form->nargs; i++)
		if (form->names && strcmp(form->names[i], "step") == 0)
			return i;
	return -1;
}

/*
 * The form of an aggregate that comes next to what was given; the shortest, if
 * what was given has no steps where there must be some.
 */
static UnfitForm
unfit_nearest_form(Oid aggregate, const Oid *given, int ngiven)
{
	UnfitForm	best = {0};
	char	   *name = get_func_name(aggregate);
	Oid			schema = get_func_namespace(aggregate);
	CatCList   *same = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(name));
	int			i;

	best.fit = -1;
	for (i = 0; i < same->n_members; i++)
	{
		HeapTuple	tuple = &same->members[i]->tuple;
		Form_pg_proc proc = (Form_pg_proc) GETSTRUCT(tuple);
		UnfitForm	form = {0};
		char	   *modes;
		int			step;
		bool		shortest;
		int			k;

		if (proc->pronamespace != schema || OidIsValid(proc->provariadic))
			continue;
		form.nargs = get_func_arg_info(tuple, &form.types, &form.names, &modes);
		step = unfit_step(&form);
		shortest = step >= 0 && !unfit_has(given, ngiven, form.types[step]);
		for (k = 0; k < Min(form.nargs, ngiven) && !shortest; k++)
			form.fit += given[k] == form.types[k] || given[k] == UNKNOWNOID ||
				form.types[k] == ANYELEMENTOID;
		if (form.names && (form.fit > best.fit ||
						   (form.fit == best.fit && (shortest ? form.nargs < best.nargs :
													 abs(form.nargs - ngiven) < abs(best.nargs - ngiven)))))
			best = form;
	}
	ReleaseSysCacheList(same);
	return best;
}

/* What to write instead, or NULL. */
static char *
unfit_hint(const UnfitForm *form, const Oid *given, int ngiven, List *args)
{
	const int	step = unfit_step(form);
	int			i;

	if (step >= 0 && !unfit_has(given, ngiven, form->types[step]) && unfit_has(given, ngiven, UNKNOWNOID) &&
		form->fit == 0 && !unfit_has(given, ngiven, BOOLOID) && !unfit_has(given, ngiven, TEXTOID))
		return "Give the columns their types, for example timestamptz '2026-03-01' or $1::timestamptz.";
	if (step >= 0 && !unfit_has(given, ngiven, form->types[step]))
		return unfit_has(given, ngiven, BOOLOID) ?
			"Put the conditions into steps(), for example steps(event = 'view', event = 'pay')." :
			"Conditions are one argument: steps(event = 'view', event = 'pay') or step_of(event, ARRAY['view', 'pay']).";
	for (i = 0; i < Min(form->nargs, ngiven); i++)
	{
		const char *name = form->names[i];
		const Node *value = list_length(args) > i ? (Node *) ((TargetEntry *) list_nth(args, i))->expr : NULL;

		if (given[i] == form->types[i])
			continue;
		if (form->types[i] == INTERVALOID && unfit_is_number(given[i]))
			return given[i] == INT4OID && value && IsA(value, Const) && !((const Const *) value)->constisnull ?
				psprintf("Write %s as an interval; a number of seconds is interval '%d seconds'.", name,
						 DatumGetInt32(((const Const *) value)->constvalue)) :
				psprintf("Write %s as an interval, for example interval '7 days'; a number of seconds is n * interval '1 second'.", name);
		if (form->types[i] == TIMESTAMPTZOID && unfit_is_number(given[i]))
			return psprintf("Write %s as a time; a number of seconds since 1970 is to_timestamp(n).", name);
		if (unfit_is_text(given[i]) && !unfit_is_text(form->types[i]) && form->types[i] != ANYELEMENTOID)
			return psprintf("Cast %s to its type: CAST(... AS %s).", name, format_type_be(form->types[i]));
	}
	return NULL;
}

/* Raise the error for a call of an aggregate with these arguments. */
static void
unfit_refuse(Oid aggregate, const Oid *given, int ngiven, List *args)
{
	UnfitForm	form = unfit_nearest_form(aggregate, given, ngiven);
	char	   *hint = form.fit < 0 ? NULL : unfit_hint(&form, given, ngiven, args);

	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_FUNCTION),
			 errmsg("function %s(%s) does not exist", get_func_name(aggregate),
					unfit_arguments(given, NULL, ngiven)),
			 form.fit < 0 ? 0 : errdetail("It takes (%s).", unfit_arguments(form.types, form.names, form.nargs)),
			 hint ? errhint("%s", hint) : 0));
}

/* Refuse the call in an expression whose transition function this is. */
static bool
unfit_walker(Node *node, void *transition)
{
	if (node == NULL)
		return false;
	if (IsA(node, Aggref) && ((Aggref *) node)->aggtranstype != InvalidOid)
	{
		Aggref	   *aggref = (Aggref *) node;
		HeapTuple	tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggref->aggfnoid));
		bool		found = HeapTupleIsValid(tuple) &&
			((Form_pg_aggregate) GETSTRUCT(tuple))->aggtransfn == *(Oid *) transition;

		if (HeapTupleIsValid(tuple))
			ReleaseSysCache(tuple);
		if (found)
		{
			Oid			given[FUNC_MAX_ARGS];

			unfit_refuse(aggref->aggfnoid, given, get_aggregate_argtypes(aggref, given), aggref->args);
		}
	}
	return expression_tree_walker(node, unfit_walker, transition);
}

/*
 * unfit_support: the planner asks for the cost of the transition function.
 */
Datum
journey_unfit_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestCost) && ((SupportRequestCost *) request)->root != NULL)
	{
		SupportRequestCost *cost = (SupportRequestCost *) request;

		unfit_walker((Node *) cost->root->processed_tlist, &cost->funcid);
		unfit_walker(cost->root->parse->havingQual, &cost->funcid);
	}
	PG_RETURN_POINTER(NULL);
}

/*
 * unfit_transition(state, VARIADIC "any"): runs only over a window, where the
 * planner does not ask.
 */
Datum
journey_unfit_transition(PG_FUNCTION_ARGS)
{
	Oid			given[FUNC_MAX_ARGS];
	int			n = PG_NARGS() - 1;
	int			i;

	for (i = 0; i < n; i++)
		given[i] = get_fn_expr_argtype(fcinfo->flinfo, i + 1);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_FUNCTION),
			 errmsg("no form of this aggregate takes (%s)", unfit_arguments(given, NULL, n))));
	PG_RETURN_NULL();
}
