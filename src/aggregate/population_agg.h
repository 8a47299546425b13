/*-------------------------------------------------------------------------
 *
 * population_agg.h
 *		The part of a population aggregate that all rooms share.
 *
 * The room writes its parameters (see aggregate/params.h), what takes a row of
 * each of its aggregates, and their final functions (see share/shared_results.h):
 *
 *	static inline Datum
 *	x_take_row(FunctionCallInfo fcinfo)
 *	{
 *		PopulationEvent event = {0};
 *
 *		if (!population_params_known(fcinfo))
 *		{
 *			CallParams		given = {0};
 *
 *			param_read(&given, &x_params, X_GAP, fcinfo, 4);
 *			population_take_params(fcinfo, &x_params, &given, 1 << 1 | 1 << 2 | 1 << 3,
 *								   population_node_row_counts(fcinfo, 3));
 *		}
 *		return population_node_row(fcinfo, 0, 3, &event, 0, 0);
 *	}
 *
 *	POPULATION_TRANSITION(journey_x_transition, x_take_row(fcinfo))
 *	POPULATION_SUPPORT(journey_x, x_params)
 *
 * In the mask given to population_take_params(), bit n means that argument n
 * is data.  Arguments are numbered from 1; the state is 0, user_id always 1
 * and at always 2.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_POPULATION_AGG_H
#define JOURNEY_POPULATION_AGG_H

#include "postgres.h"

#include "aggregate/params.h"
#include "base/base.h"
#include "population/population.h"
#include "scan/scan.h"

#define POPULATION_COLUMNS 4

/* What a call site remembers from row to row. */
typedef struct PopulationCall
{
	ParamsSite	site;
	UserSite   *users;
	uint8		columns[POPULATION_COLUMNS];	/* for the room: which
												 * arguments its optional
												 * columns are, or 0 */
} PopulationCall;

extern void population_take_params(FunctionCallInfo fcinfo, const ParamsRoom *room,
								   const CallParams *given, uint32 data_args, bool counts);
extern UserSite *population_users(FunctionCallInfo fcinfo);
extern Population *population_begin(FunctionCallInfo fcinfo, int nsteps, int holds);
extern Datum population_agg_combine(FunctionCallInfo fcinfo, const ParamsRoom *room);
extern Datum population_agg_serialize(FunctionCallInfo fcinfo, const ParamsRoom *room);
extern const void *population_agg_read_params(FunctionCallInfo fcinfo, const ParamsRoom *room);
extern UserStore *population_agg_deserialize(FunctionCallInfo fcinfo, const ParamsRoom *room,
											 const UserStoreMethods *methods);

extern const ScanSharing population_sharing;

/* The body of a transition function, see table_scan_transition(). */
static pg_attribute_always_inline Datum
population_transition(FunctionCallInfo fcinfo, PGFunction row, TableScanRows rows)
{
	return table_scan_transition(fcinfo, row, rows, &population_sharing);
}

/* A transition function: `row` takes a row, and `rows` many. */
#define POPULATION_TRANSITION_ROWS(name, row, rows) \
JOURNEY_FUNCTION(name); \
\
Datum \
name(PG_FUNCTION_ARGS) \
{ \
	return population_transition(fcinfo, row, rows); \
}

/* A transition function: `call`, an expression of fcinfo, takes a row. */
#define POPULATION_TRANSITION(name, call) \
static Datum \
name##_row(PG_FUNCTION_ARGS) \
{ \
	return call; \
} \
\
TABLE_SCAN_ROWS(name##_row) \
POPULATION_TRANSITION_ROWS(name, name##_row, name##_rows)

/* The combine and serialize functions of a room. */
#define POPULATION_COMBINE(name, room) \
JOURNEY_FUNCTION(name##_combine); \
JOURNEY_FUNCTION(name##_serialize); \
\
Datum \
name##_combine(PG_FUNCTION_ARGS) \
{ \
	return population_agg_combine(fcinfo, &(room)); \
} \
\
Datum \
name##_serialize(PG_FUNCTION_ARGS) \
{ \
	return population_agg_serialize(fcinfo, &(room)); \
}

/* The same, and the deserialize function. */
#define POPULATION_SUPPORT(name, room) \
POPULATION_COMBINE(name, room) \
JOURNEY_FUNCTION(name##_deserialize); \
\
Datum \
name##_deserialize(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_POINTER(population_agg_deserialize(fcinfo, &(room), &population_methods)); \
}

/* May a row be taken without asking it for its parameters? */
static inline bool
population_params_known(FunctionCallInfo fcinfo)
{
	const PopulationCall *call = fcinfo->flinfo->fn_extra;

	return likely(call != NULL && call->site.constant);
}

/* The parameters of the latest row: the room's struct. */
static inline const void *
population_params(FunctionCallInfo fcinfo)
{
	return ((const PopulationCall *) fcinfo->flinfo->fn_extra)->site.params;
}

/* The state of a row's group; NULL for its first row. */
static inline Population *
population_state(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(0) ? NULL : (Population *) PG_GETARG_POINTER(0);
}

/* The same, whichever store it is. */
static inline UserStore *
population_store(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(0) ? NULL : (UserStore *) PG_GETARG_POINTER(0);
}

/* Leave a row out. */
static inline Datum
population_skip_row(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return PG_GETARG_DATUM(0);
}

/* A text argument that may be NULL, as the value of an event. */
static inline EventValue
population_value_arg(FunctionCallInfo fcinfo, int n)
{
	EventValue	value = {NULL, 0};

	if (!PG_ARGISNULL(n))
	{
		text	   *text_value = PG_GETARG_TEXT_PP(n);

		value.bytes = VARDATA_ANY(text_value);
		value.length = (uint32) VARSIZE_ANY_EXHDR(text_value);
	}
	return value;
}

/* The seq of a row: argument n, or none if n is 0. */
static inline int64
population_seq_arg(FunctionCallInfo fcinfo, int n)
{
	return n == 0 ? 0 : PG_ARGISNULL(n) ? SEQ_NONE : PG_GETARG_INT64(n);
}

/* Does a row with a node count, or is its user, time or node NULL? */
static inline bool
population_node_row_counts(FunctionCallInfo fcinfo, int node_arg)
{
	return !PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(node_arg);
}

extern void population_node_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n,
								 int node_arg, PGFunction transition);

/*
 * Add a row whose argument `node_arg` is a node, and `seq_arg` its seq, 0 for
 * none.  A row without user, time or node is left out.  The caller sets the
 * event's `nsteps` conditions, and its value if `holds` has
 * POPULATION_VALUES.
 */
static inline Datum
population_node_row(FunctionCallInfo fcinfo, int seq_arg, int node_arg,
					PopulationEvent *event, int nsteps, int holds)
{
	Population *population = population_state(fcinfo);
	text	   *node;
	TextSlice	name;

	if (!population_node_row_counts(fcinfo, node_arg))
		return population_skip_row(fcinfo);
	event->at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	event->seq = population_seq_arg(fcinfo, seq_arg);
	if (unlikely(population == NULL))
		population = population_begin(fcinfo, nsteps, holds | POPULATION_NODES |
									  (seq_arg > 0 ? POPULATION_SEQ : 0));
	node = PG_GETARG_TEXT_PP(node_arg);
	name.bytes = VARDATA_ANY(node);
	name.length = (uint32) VARSIZE_ANY_EXHDR(node);
	event->node = nodes_intern(population->nodes, name);
	if (event->at > population->newest)
		population->newest = event->at;
	population_add(population, PG_GETARG_DATUM(1), event);
	PG_RETURN_POINTER(population);
}

/*
 * Rows of a user, a time, perhaps a seq, and a step: arguments 1 and 2 are
 * the user and the time.  If there is a seq, it is argument 3, and all later
 * arguments are one place further: `shift` is 1.
 */
#define STEP_ARG(shift)		(3 + (shift))
#define STEP_ROW_ARGS(shift)	(1 << 1 | 1 << 2 | ((shift) > 0 ? 1 << 3 : 0) | 1 << STEP_ARG(shift))

/* Is such a row left out because its data is NULL? */
static inline bool
population_step_row_is_null(FunctionCallInfo fcinfo, int shift)
{
	return PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(STEP_ARG(shift));
}

/*
 * Add such a row if it meets a condition.  `check` refuses a number of
 * conditions, once for a group.
 */
static inline Datum
population_step_row(FunctionCallInfo fcinfo, int shift,
					void (*check) (const void *params, int nsteps))
{
	Population *population = population_state(fcinfo);
	PopulationEvent event = {0};

	if (population_step_row_is_null(fcinfo, shift))
		return population_skip_row(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	event.step = (uint64) PG_GETARG_INT64(STEP_ARG(shift));
	event.seq = population_seq_arg(fcinfo, shift > 0 ? 3 : 0);
	if (unlikely(population == NULL))
	{
		check(population_params(fcinfo), stepset_size(event.step));
		population = population_begin(fcinfo, stepset_size(event.step),
									  shift > 0 ? POPULATION_SEQ : 0);
	}
	else
		arg_check_size(population->nsteps, event.step);
	if (stepset_conditions(event.step) != 0)
		population_add(population, PG_GETARG_DATUM(1), &event);
	PG_RETURN_POINTER(population);
}

/*
 * Add n rows of an aggregate whose arguments are user, time, a stepset, and
 * constants, and whose events hold no more than that.  `asked` says which
 * conditions of a row, as a stepset without its number of them, matter.
 */
static pg_attribute_always_inline void
population_event_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n,
					  uint64 (*asked) (const void *params, uint64 step, int64 at),
					  PGFunction transition)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	const uint64 nsteps = population->nsteps;
	const Datum *ats = args[2]->values;
	const Datum *given = args[3]->values;
	Datum		steps[SCAN_ROWS_MOST];
	uint16		rows[SCAN_ROWS_MOST];
	int			nrows = 0;
	int			i;

	if (!population_params_known(fcinfo) || args[1]->has_nulls ||
		args[2]->has_nulls || args[3]->has_nulls)
	{
		table_scan_each_row(fcinfo, args, n, transition);
		return;
	}
	for (i = 0; i < n; i++)
	{
		const uint64 step = (uint64) DatumGetInt64(given[i]);
		const int64 at = DatumGetTimestampTz(ats[i]);
		uint64		conditions;

		if (unlikely((uint64) stepset_size(step) != nsteps || TIMESTAMP_NOT_FINITE(at)))
		{
			/* refuse the row, after those before it */
			population_add_rows(population, args[1]->values, ats, steps, rows, nrows);
			nrows = 0;
			(void) arg_event_time(at);
			arg_check_size(population->nsteps, step);
		}
		if (step == nsteps)
			continue;
		conditions = asked(population->params, step, at);
		steps[i] = Int64GetDatum((int64) (conditions | nsteps));
		rows[nrows] = (uint16) i;
		nrows += conditions != 0;
	}
	population_add_rows(population, args[1]->values, ats, steps, rows, nrows);
}

#endif							/* JOURNEY_POPULATION_AGG_H */
