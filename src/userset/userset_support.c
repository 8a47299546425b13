/*-------------------------------------------------------------------------
 *
 * userset_support.c
 *		Planner support of contains() and members().
 *
 * For contains(set, user_id) with a set that is constant at planning: its
 * selectivity, and, for small sets, the equivalent user_id = ANY(ids), for
 * which an index on user_id can be used.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "catalog/pg_statistic.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "userset/userset_value.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

JOURNEY_FUNCTION(journey_userset_contains_support);
JOURNEY_FUNCTION(journey_userset_members_support);

/* Larger sets are not looked up in an index one id after the other. */
#define INDEX_MEMBERS_MAX 1000

/* So many values of a histogram must be members for their share to mean something. */
#define HISTOGRAM_MEMBERS_MIN 10

/* The value of a constant, detoasted, or NULL. */
static struct varlena *
userset_constant(Node *node)
{
	if (node == NULL || !IsA(node, Const) || ((Const *) node)->constisnull)
		return NULL;
	return (struct varlena *) PG_DETOAST_DATUM_PACKED(((Const *) node)->constvalue);
}

/* An id of a column, whatever its type of integer. */
static bool
userset_id_of_datum(Datum value, Oid type, uint64 *id)
{
	switch (type)
	{
		case INT8OID:
			*id = (uint64) DatumGetInt64(value);
			return true;
		case INT4OID:
			*id = (uint64) (int64) DatumGetInt32(value);
			return true;
		case INT2OID:
			*id = (uint64) (int64) DatumGetInt16(value);
			return true;
		default:
			return false;
	}
}

/*
 * The selectivity of a set: for the most common users it is known.  For the
 * others it is the share of members among the histogram's values, or, if too
 * few of these are members, the share of members among all distinct users.
 */
static double
userset_contains_selectivity(PlannerInfo *root, Roaring set, uint64 members, VariableStatData *column,
							 Oid function)
{
	bool		is_default;
	double		ndistinct = get_variable_numdistinct(column, &is_default);
	double		null_part = 0;
	double		common = 0;		/* rows of common users */
	double		common_in = 0;	/* of those, the ones in the set */
	double		ncommon = 0;
	double		share;
	AttStatsSlot slot;
	uint64		id;
	int			i;

	if (HeapTupleIsValid(column->statsTuple))
		null_part = ((Form_pg_statistic) GETSTRUCT(column->statsTuple))->stanullfrac;
	share = ndistinct > 0 ? (double) members / ndistinct : 0;
	if (HeapTupleIsValid(column->statsTuple) && statistic_proc_security_check(column, function))
	{
		if (get_attstatsslot(&slot, column->statsTuple, STATISTIC_KIND_MCV, InvalidOid,
							 ATTSTATSSLOT_VALUES | ATTSTATSSLOT_NUMBERS))
		{
			uint64		nmembers = 0;

			for (i = 0; i < slot.nvalues; i++)
				if (userset_id_of_datum(slot.values[i], slot.valuetype, &id))
				{
					common += slot.numbers[i];
					if (roaring_contains(set, id))
					{
						common_in += slot.numbers[i];
						nmembers++;
					}
					ncommon++;
				}
			if (ndistinct > ncommon)
				share = (double) (members - nmembers) / (ndistinct - ncommon);
			free_attstatsslot(&slot);
		}
		if (get_attstatsslot(&slot, column->statsTuple, STATISTIC_KIND_HISTOGRAM, InvalidOid,
							 ATTSTATSSLOT_VALUES))
		{
			int			nmembers = 0;

			for (i = 0; i < slot.nvalues; i++)
				if (userset_id_of_datum(slot.values[i], slot.valuetype, &id) && roaring_contains(set, id))
					nmembers++;
			if (nmembers >= HISTOGRAM_MEMBERS_MIN)
				share = (double) nmembers / slot.nvalues;
			free_attstatsslot(&slot);
		}
	}
	return common_in + Max(1.0 - null_part - common, 0) * Min(share, 1.0);
}

static bool
userset_support_selectivity(SupportRequestSelectivity *request)
{
	VariableStatData column;
	Node	   *other;
	bool		column_on_left;
	struct varlena *value;
	double		selectivity;

	if (request->is_join || list_length(request->args) != 2)
		return false;
	if (!get_restriction_variable(request->root,
								  list_make2(linitial(request->args),
											 strip_implicit_coercions(lsecond(request->args))),
								  request->varRelid, &column, &other, &column_on_left))
		return false;
	value = column_on_left ? NULL : userset_constant(other);
	if (value != NULL)
	{
		selectivity = userset_contains_selectivity(request->root, userset_roaring(value),
												   roaring_cardinality(userset_roaring(value)),
												   &column, request->funcid);
		CLAMP_PROBABILITY(selectivity);
		request->selectivity = selectivity;
	}
	ReleaseVariableStats(column);
	return value != NULL;
}

/* contains('{1,2}', user_id) is user_id = ANY('{1,2}'), and not only about. */
static List *
userset_support_index(SupportRequestIndexCondition *request)
{
	FuncExpr   *call = (FuncExpr *) request->node;
	ScalarArrayOpExpr *condition;
	struct varlena *value;
	Roaring		set;
	RoaringIterator iterator;
	int64	   *members;
	Datum	   *elements;
	uint64		n;
	uint64		i;
	Oid			operator;

	if (!IsA(call, FuncExpr) || list_length(call->args) != 2 || request->indexarg != 1 ||
		!request->index->amsearcharray)
		return NIL;
	operator = get_opfamily_member(request->opfamily, INT8OID, INT8OID, BTEqualStrategyNumber);
	value = userset_constant(linitial(call->args));
	if (value == NULL || !OidIsValid(operator))
		return NIL;
	set = userset_roaring(value);
	n = roaring_cardinality(set);
	if (n == 0 || n > INDEX_MEMBERS_MAX)
		return NIL;

	members = palloc(n * sizeof(int64));
	elements = palloc(n * sizeof(Datum));
	roaring_iterate(&iterator, set);
	n = roaring_iterator_next(&iterator, members, n);
	for (i = 0; i < n; i++)
		elements[i] = Int64GetDatum(members[i]);
	condition = makeNode(ScalarArrayOpExpr);
	condition->opno = operator;
	condition->opfuncid = get_opcode(operator);
	condition->useOr = true;
	condition->args = list_make2(lsecond(call->args),
								 makeConst(INT8ARRAYOID, -1, InvalidOid, -1,
										   PointerGetDatum(construct_array(elements, (int) n, INT8OID,
																		   sizeof(int64), FLOAT8PASSBYVAL,
																		   TYPALIGN_DOUBLE)),
										   false, false));
	condition->location = -1;
	request->lossy = false;
	return list_make1(condition);
}

/*
 * Support function of contains(userset, bigint).
 */
Datum
journey_userset_contains_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestSelectivity) &&
		userset_support_selectivity((SupportRequestSelectivity *) request))
		PG_RETURN_POINTER(request);
	if (IsA(request, SupportRequestIndexCondition) &&
		is_funcclause(((SupportRequestIndexCondition *) request)->node))
		PG_RETURN_POINTER(userset_support_index((SupportRequestIndexCondition *) request));
	PG_RETURN_POINTER(NULL);
}

/*
 * Support function of members(): as many rows as the set has members.
 */
Datum
journey_userset_members_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestRows) && is_funcclause(((SupportRequestRows *) request)->node))
	{
		SupportRequestRows *rows = (SupportRequestRows *) request;
		List	   *args = ((FuncExpr *) rows->node)->args;
		struct varlena *value = userset_constant(estimate_expression_value(rows->root, linitial(args)));
		Node	   *limit;

		if (value != NULL)
		{
			rows->rows = (double) roaring_cardinality(userset_roaring(value));
			limit = list_length(args) < 3 ? NULL :
				estimate_expression_value(rows->root, lthird(args));
			if (limit != NULL && IsA(limit, Const) && !((Const *) limit)->constisnull)
				rows->rows = Min(rows->rows, (double) DatumGetInt64(((Const *) limit)->constvalue));
			rows->rows = Max(rows->rows, 1);
			PG_RETURN_POINTER(request);
		}
	}
	PG_RETURN_POINTER(NULL);
}
