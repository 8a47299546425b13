/*-------------------------------------------------------------------------
 *
 * fault_counts.c
 *		fault_counts: how many events break which rules of a tracking plan.
 *
 * Events are of kinds, numbered from 0.  The conditions of a stepset are the
 * rules that an event of its kind breaks.  Most events break none, and are
 * only counted.
 *
 * Serialized: the number of kinds; of each its events, and of each rule how
 * many break it, and if any, time and user of the first.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "catalog/pg_type.h"
#include "event/event.h"
#include "quality/quality.h"
#include "scan/scan.h"
#include "utils/array.h"

JOURNEY_FUNCTION(journey_fault_counts_transition);
JOURNEY_FUNCTION(journey_fault_counts_combine);
JOURNEY_FUNCTION(journey_fault_counts_serialize);
JOURNEY_FUNCTION(journey_fault_counts_deserialize);
JOURNEY_FUNCTION(journey_fault_counts_final);

#define MOST_KINDS		1000
#define COLUMNS			5		/* kind, rule, events, user, time */

/* The events that break a rule. */
typedef struct FaultRule
{
	uint64		events;
	int64		at;				/* of the first; PG_INT64_MAX if it has none */
	int64		user_id;		/* of the first, the lowest of those at its
								 * time */
	bool		has_user;
} FaultRule;

typedef struct FaultKind
{
	uint64		events;
	FaultRule	rules[STEPSET_MAX];
} FaultKind;

typedef struct FaultCounts
{
	MemoryContext context;
	int			nkinds;
	FaultKind  *kinds;
} FaultCounts;

/* Make room for a kind. */
static void
fault_counts_reserve(FaultCounts *counts, int64 kind)
{
	int			n;

	if (kind < 0 || kind >= MOST_KINDS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("kind is " INT64_FORMAT, kind),
				 errhint("Kinds are numbered from 0 to %d.", MOST_KINDS - 1)));
	if (kind < counts->nkinds)
		return;
	n = Max(16, (int) kind + 1);
	if (counts->kinds == NULL)
		counts->kinds = MemoryContextAllocZero(counts->context, n * sizeof(FaultKind));
	else
	{
		counts->kinds = repalloc(counts->kinds, n * sizeof(FaultKind));
		memset(&counts->kinds[counts->nkinds], 0, (n - counts->nkinds) * sizeof(FaultKind));
	}
	counts->nkinds = n;
}

/* Count events of a rule, the first of which is given. */
static void
fault_rule_add(FaultRule *rule, uint64 events, int64 at, bool has_user, int64 user_id)
{
	if (rule->events == 0 || at < rule->at ||
		(at == rule->at && (has_user > rule->has_user || (has_user == rule->has_user && user_id < rule->user_id))))
	{
		rule->at = at;
		rule->has_user = has_user;
		rule->user_id = user_id;
	}
	rule->events += events;
}

/* Count an event that breaks rules. */
static pg_noinline void
fault_kind_add(FaultKind *kind, uint64 conditions, NullableDatum user, NullableDatum at)
{
	for (; conditions != 0; conditions &= ~stepset_bit(__builtin_clzll(conditions)))
		fault_rule_add(&kind->rules[__builtin_clzll(conditions)], 1,
					   at.isnull ? PG_INT64_MAX : DatumGetTimestampTz(at.value),
					   !user.isnull, user.isnull ? 0 : DatumGetInt64(user.value));
}

/* Count an event. */
static Datum
fault_counts_row(PG_FUNCTION_ARGS)
{
	FaultCounts *counts;
	int			kind;
	uint64		conditions;

	if (PG_ARGISNULL(0))
	{
		MemoryContext context = arg_aggregate_context(fcinfo);

		counts = MemoryContextAllocZero(context, sizeof(FaultCounts));
		counts->context = context;
	}
	else
		counts = (FaultCounts *) PG_GETARG_POINTER(0);
	ARG_NOT_NULL(1, "kind");
	kind = PG_GETARG_INT32(1);
	fault_counts_reserve(counts, kind);
	counts->kinds[kind].events++;
	conditions = PG_ARGISNULL(2) ? 0 : stepset_conditions((uint64) PG_GETARG_INT64(2));
	if (conditions != 0)
		fault_kind_add(&counts->kinds[kind], conditions, fcinfo->args[3], fcinfo->args[4]);
	PG_RETURN_POINTER(counts);
}

/* Count n events. */
static void
fault_counts_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	FaultCounts *counts = (FaultCounts *) PG_GETARG_POINTER(0);
	int			i;

	if (args[1]->has_nulls || args[2]->has_nulls)
	{
		table_scan_each_row(fcinfo, args, n, fault_counts_row);
		return;
	}
	for (i = 0; i < n; i++)
	{
		const int	kind = DatumGetInt32(args[1]->values[i]);
		const uint64 conditions = stepset_conditions((uint64) DatumGetInt64(args[2]->values[i]));

		if (unlikely(kind < 0 || kind >= counts->nkinds))
			fault_counts_reserve(counts, kind);
		counts->kinds[kind].events++;
		if (unlikely(conditions != 0))
		{
			const NullableDatum user = {args[3]->values[i], args[3]->has_nulls && args[3]->nulls[i]};
			const NullableDatum at = {args[4]->values[i], args[4]->has_nulls && args[4]->nulls[i]};

			fault_kind_add(&counts->kinds[kind], conditions, user, at);
		}
	}
}

/*
 * fault_counts_transition(state, kind, faults, user_id, at)
 */
Datum
journey_fault_counts_transition(PG_FUNCTION_ARGS)
{
	return table_scan_transition(fcinfo, fault_counts_row, fault_counts_rows, NULL);
}

/*
 * fault_counts_combine(state, state)
 */
Datum
journey_fault_counts_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	FaultCounts *into = PG_ARGISNULL(0) ? NULL : (FaultCounts *) PG_GETARG_POINTER(0);
	const FaultCounts *from = PG_ARGISNULL(1) ? NULL : (FaultCounts *) PG_GETARG_POINTER(1);
	int			kind;
	int			rule;

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
	{
		into = MemoryContextAllocZero(context, sizeof(FaultCounts));
		into->context = context;
	}
	if (from->nkinds > 0)
		fault_counts_reserve(into, from->nkinds - 1);
	for (kind = 0; kind < from->nkinds; kind++)
	{
		into->kinds[kind].events += from->kinds[kind].events;
		for (rule = 0; rule < STEPSET_MAX; rule++)
		{
			const FaultRule *more = &from->kinds[kind].rules[rule];

			if (more->events > 0)
				fault_rule_add(&into->kinds[kind].rules[rule], more->events, more->at, more->has_user, more->user_id);
		}
	}
	PG_RETURN_POINTER(into);
}

/*
 * fault_counts_serialize(state)
 */
Datum
journey_fault_counts_serialize(PG_FUNCTION_ARGS)
{
	const FaultCounts *counts = (FaultCounts *) PG_GETARG_POINTER(0);
	bytea	   *bytes = palloc(VARHDRSZ + 10 + (Size) counts->nkinds * (10 + STEPSET_MAX * 31));
	ByteWriter	out = {(unsigned char *) VARDATA(bytes)};
	int			kind;
	int			rule;

	write_number(&out, (uint64) counts->nkinds);
	for (kind = 0; kind < counts->nkinds; kind++)
	{
		write_number(&out, counts->kinds[kind].events);
		for (rule = 0; rule < STEPSET_MAX; rule++)
		{
			const FaultRule *one = &counts->kinds[kind].rules[rule];

			write_number(&out, one->events);
			if (one->events == 0)
				continue;
			write_number(&out, fold_sign(one->at));
			write_number(&out, one->has_user);
			write_number(&out, fold_sign(one->user_id));
		}
	}
	SET_VARSIZE(bytes, (char *) out.at - (char *) bytes);
	PG_RETURN_BYTEA_P(bytes);
}

/*
 * fault_counts_deserialize(bytes)
 */
Datum
journey_fault_counts_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	ByteReader	in = {(unsigned char *) VARDATA_ANY(bytes),
	(unsigned char *) VARDATA_ANY(bytes) + VARSIZE_ANY_EXHDR(bytes), false};
	FaultCounts *counts;
	uint64		nkinds;
	uint64		kind;
	int			rule;

	(void) arg_aggregate_context(fcinfo);
	counts = palloc0(sizeof(FaultCounts));
	counts->context = CurrentMemoryContext;
	nkinds = read_number(&in);
	if (in.failed || nkinds > MOST_KINDS || nkinds > bytes_left(&in))
		serialized_refuse();
	if (nkinds > 0)
		fault_counts_reserve(counts, (int64) nkinds - 1);
	for (kind = 0; kind < nkinds; kind++)
	{
		FaultKind  *one = &counts->kinds[kind];

		one->events = read_number(&in);
		for (rule = 0; rule < STEPSET_MAX; rule++)
		{
			FaultRule  *fault = &one->rules[rule];

			fault->events = read_number(&in);
			if (fault->events > one->events)
				serialized_refuse();
			if (fault->events == 0)
				continue;
			fault->at = unfold_sign(read_number(&in));
			fault->has_user = read_number(&in) != 0;
			fault->user_id = unfold_sign(read_number(&in));
		}
		if (one->events > (uint64) PG_INT64_MAX)
			serialized_refuse();
	}
	if (in.failed || bytes_left(&in) > 0)
		serialized_refuse();
	PG_RETURN_POINTER(counts);
}

/*
 * fault_counts_final(state): a row for each kind that has events, whose rule is
 * 0, and for each rule that some of them break: kind, rule, events, and user
 * and time of the first.
 */
Datum
journey_fault_counts_final(PG_FUNCTION_ARGS)
{
	const FaultCounts *counts = PG_ARGISNULL(0) ? NULL : (FaultCounts *) PG_GETARG_POINTER(0);
	const int	nkinds = counts == NULL ? 0 : counts->nkinds;
	Datum	   *values = palloc0(((Size) nkinds * (STEPSET_MAX + 1) * COLUMNS + 1) * sizeof(Datum));
	bool	   *nulls = palloc0((Size) nkinds * (STEPSET_MAX + 1) * COLUMNS + 1);
	int			dims[2] = {0, COLUMNS};
	int			lower[2] = {1, 1};
	int			kind;
	int			rule;

	for (kind = 0; kind < nkinds; kind++)
		for (rule = 0; rule <= STEPSET_MAX; rule++)
		{
			const FaultRule *fault = rule == 0 ? NULL : &counts->kinds[kind].rules[rule - 1];
			const uint64 events = rule == 0 ? counts->kinds[kind].events : fault->events;
			Datum	   *row = &values[dims[0] * COLUMNS];
			bool	   *row_nulls = &nulls[dims[0] * COLUMNS];

			if (events == 0)
				continue;
			row[0] = Int64GetDatum(kind);
			row[1] = Int64GetDatum(rule);
			row[2] = Int64GetDatum((int64) events);
			row_nulls[3] = fault == NULL || !fault->has_user;
			row_nulls[4] = fault == NULL || fault->at == PG_INT64_MAX;
			row[3] = row_nulls[3] ? 0 : Int64GetDatum(fault->user_id);
			row[4] = row_nulls[4] ? 0 : Int64GetDatum(fault->at);
			dims[0]++;
		}
	if (dims[0] == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(INT8OID));
	PG_RETURN_ARRAYTYPE_P(construct_md_array(values, nulls, 2, dims, lower, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
