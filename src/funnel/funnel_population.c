/*-------------------------------------------------------------------------
 *
 * funnel_population.c
 *		Rows of funnel and its relatives, which look at all users of a
 *		population at once.
 *
 * They share the state (a population of events) and all its support functions
 * except the first and the last; the last visits the users (funnel_visit.h).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "event/event.h"
#include "funnel/funnel_params.h"

/*
 * Take the parameters of a row: within and what the caller has read already,
 * and the options, if given, at `options_arg`; `value_arg` is data as well, if
 * it is not 0.
 */
static void
funnel_take_params(FunctionCallInfo fcinfo, int shift, CallParams *given, int options_arg, int value_arg)
{
	uint32		data_args = STEP_ROW_ARGS(shift);

	if (value_arg > 0)
		data_args |= 1 << value_arg;
	param_read(given, &funnel_params, FUNNEL_WITHIN, fcinfo, 4 + shift);
	if (PG_NARGS() > options_arg)
		param_read(given, &funnel_params, FUNNEL_OPTIONS, fcinfo, options_arg);
	population_take_params(fcinfo, &funnel_params, given, data_args,
						   !population_step_row_is_null(fcinfo, shift));
}

/* The population of a group's first row. */
static Population *
funnel_begin_group(FunctionCallInfo fcinfo, int nsteps, int holds)
{
	const FunnelParams *params = population_params(fcinfo);

	if (params->breakdown_step > nsteps)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("breakdown_step is %d, but step has %d conditions",
						params->breakdown_step, nsteps),
				 errhint("Write a step from 1 to %d.", nsteps)));
	return population_begin(fcinfo, nsteps, holds);
}

/*
 * Add a row, whichever the aggregate.  `value` is NULL where events carry none.
 * A row that matters to no chain is added only with `always`.
 */
static inline Datum
funnel_add_row(FunctionCallInfo fcinfo, int shift, const EventValue *value, bool always)
{
	Population *population = population_state(fcinfo);
	PopulationEvent event;

	if (population_step_row_is_null(fcinfo, shift))
		return population_skip_row(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	if (event.at >= ((const FunnelParams *) population_params(fcinfo))->until)
		return population_skip_row(fcinfo);
	event.step = (uint64) PG_GETARG_INT64(STEP_ARG(shift));
	event.seq = population_seq_arg(fcinfo, shift > 0 ? 3 : 0);
	if (unlikely(population == NULL))
		population = funnel_begin_group(fcinfo, stepset_size(event.step),
										(value != NULL ? POPULATION_VALUES : 0) |
										(shift > 0 ? POPULATION_SEQ : 0));
	else
		arg_check_size(population->nsteps, event.step);
	if (event.at > population->newest)
		population->newest = event.at;
	if (value != NULL)
		event.value = *value;
	if (always ||
		funnel_needs_event(((const FunnelParams *) population->params)->spec.modes, event.step))
		population_add(population, PG_GETARG_DATUM(1), &event);
	PG_RETURN_POINTER(population);
}

/* funnel_transition, with and without seq */
static inline Datum
funnel_shifted_row(FunctionCallInfo fcinfo, int shift)
{
	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};

		funnel_take_params(fcinfo, shift, &given, 5 + shift, 0);
	}
	return funnel_add_row(fcinfo, shift, NULL, false);
}

static Datum
funnel_row(PG_FUNCTION_ARGS)
{
	return funnel_shifted_row(fcinfo, 0);
}

/*
 * Which of n rows are to be added?  Gives back how many, or -1 if there is
 * something wrong with one.
 */
static pg_attribute_always_inline int
funnel_rows_needed(Population *population, const ScanVector *const *args, int n, bool nulls,
				   uint16 *needed)
{
	const uint32 modes = ((const FunnelParams *) population->params)->spec.modes;
	const uint64 nsteps = population->nsteps;
	const Datum *ats = args[2]->values;
	const Datum *steps = args[3]->values;
	int64		newest = population->newest;
	uint64		wrong = 0;
	int			nneeded = 0;
	int			i;

	for (i = 0; i < n; i++)
	{
		const int64 at = DatumGetTimestampTz(ats[i]);
		const uint64 step = (uint64) DatumGetInt64(steps[i]);

		if (nulls && (args[1]->nulls[i] || args[2]->nulls[i] || args[3]->nulls[i]))
			continue;
		newest = Max(newest, at);
		wrong |= (step & 63) ^ nsteps;
		wrong |= (uint64) TIMESTAMP_NOT_FINITE(at);
		needed[nneeded] = (uint16) i;
		nneeded += funnel_needs_event(modes, step);
	}
	if (wrong != 0)
		return -1;
	population->newest = newest;
	return nneeded;
}

/*
 * Add n rows.  Most meet no step, and need no more than a look at their time.
 */
static void
funnel_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	uint16		needed[SCAN_ROWS_MOST];
	int			nneeded = -1;

	if (population_params_known(fcinfo))
		nneeded = args[1]->has_nulls || args[2]->has_nulls || args[3]->has_nulls ?
			funnel_rows_needed(population, args, n, true, needed) :
			funnel_rows_needed(population, args, n, false, needed);
	if (nneeded < 0)
		table_scan_each_row(fcinfo, args, n, funnel_row);
	else
		population_add_rows(population, args[1]->values, args[2]->values, args[3]->values,
							needed, nneeded);
}

/*
 * funnel_transition(state, user_id, at, step, within [, options]): also of
 * funnel_members.
 */
POPULATION_TRANSITION_ROWS(journey_funnel_transition, funnel_row, funnel_rows)

/*
 * funnel_transition(state, user_id, at, seq, step, within [, options])
 */
POPULATION_TRANSITION(journey_funnel_seq_transition, funnel_shifted_row(fcinfo, 1))

/*
 * Add a row of a breakdown, whose value is argument 5 + shift.  Only events that
 * can give a group keep it: those that meet the step of the breakdown, or, if
 * another event may give the group, all.
 */
static inline Datum
funnel_add_breakdown_row(FunctionCallInfo fcinfo, int shift)
{
	EventValue	value = {NULL, 0};
	bool		touch = false;

	/* a row that is skipped may have no parameters */
	if (!population_step_row_is_null(fcinfo, shift))
	{
		const FunnelParams *params = population_params(fcinfo);

		touch = params->touch == TOUCH_FIRST || params->touch == TOUCH_LAST;
		if (params->touch != TOUCH_NONE ||
			((uint64) PG_GETARG_INT64(STEP_ARG(shift)) & stepset_bit(params->breakdown_step - 1)) != 0)
			value = population_value_arg(fcinfo, 5 + shift);
	}
	return funnel_add_row(fcinfo, shift, &value, touch && value.bytes != NULL);
}

/* funnel_breakdown_transition, with and without seq */
static inline Datum
funnel_breakdown_shifted_row(FunctionCallInfo fcinfo, int shift, FunnelParam which)
{
	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};

		param_read(&given, &funnel_params, which, fcinfo, 6 + shift);
		funnel_take_params(fcinfo, shift, &given, 7 + shift, 5 + shift);
	}
	return funnel_add_breakdown_row(fcinfo, shift);
}

/*
 * funnel_breakdown_transition(state, user_id, at [, seq], step, within, breakdown,
 * breakdown_step [, options])
 */
POPULATION_TRANSITION(journey_funnel_breakdown_transition, funnel_breakdown_shifted_row(fcinfo, 0, FUNNEL_BREAKDOWN_STEP))
POPULATION_TRANSITION(journey_funnel_breakdown_seq_transition, funnel_breakdown_shifted_row(fcinfo, 1, FUNNEL_BREAKDOWN_STEP))

/*
 * funnel_breakdown_transition(state, user_id, at [, seq], step, within, breakdown,
 * breakdown_event [, options])
 */
POPULATION_TRANSITION(journey_funnel_breakdown_event_transition, funnel_breakdown_shifted_row(fcinfo, 0, FUNNEL_BREAKDOWN_EVENT))
POPULATION_TRANSITION(journey_funnel_breakdown_event_seq_transition, funnel_breakdown_shifted_row(fcinfo, 1, FUNNEL_BREAKDOWN_EVENT))

/*
 * Take the parameters of a row of a trend: those of all, what the caller has read
 * already, and from argument unit_arg on unit [, options [, time_zone [, until]]].
 */
static void
funnel_take_trend_params(FunctionCallInfo fcinfo, int shift, CallParams *given, int unit_arg, int value_arg)
{
	param_read(given, &funnel_params, FUNNEL_UNIT, fcinfo, unit_arg);
	if (PG_NARGS() > unit_arg + 2)
		param_read(given, &funnel_params, FUNNEL_ZONE, fcinfo, unit_arg + 2);
	if (PG_NARGS() > unit_arg + 3)
		param_read(given, &funnel_params, FUNNEL_UNTIL, fcinfo, unit_arg + 3);
	funnel_take_params(fcinfo, shift, given, unit_arg + 1, value_arg);
}

/* funnel_trend_transition, with and without seq */
static inline Datum
funnel_trend_shifted_row(FunctionCallInfo fcinfo, int shift)
{
	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};

		funnel_take_trend_params(fcinfo, shift, &given, 5 + shift, 0);
	}
	return funnel_add_row(fcinfo, shift, NULL, false);
}

/*
 * funnel_trend_transition(state, user_id, at [, seq], step, within, unit [, options
 * [, time_zone [, until]]])
 */
POPULATION_TRANSITION(journey_funnel_trend_transition, funnel_trend_shifted_row(fcinfo, 0))
POPULATION_TRANSITION(journey_funnel_trend_seq_transition, funnel_trend_shifted_row(fcinfo, 1))

/* funnel_trend_breakdown_transition, with and without seq */
static inline Datum
funnel_trend_breakdown_shifted_row(FunctionCallInfo fcinfo, int shift, FunnelParam which)
{
	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};

		param_read(&given, &funnel_params, which, fcinfo, 6 + shift);
		funnel_take_trend_params(fcinfo, shift, &given, 7 + shift, 5 + shift);
	}
	return funnel_add_breakdown_row(fcinfo, shift);
}

/*
 * funnel_trend_breakdown_transition(state, user_id, at [, seq], step, within, breakdown,
 * breakdown_step, unit [, options [, time_zone [, until]]])
 */
POPULATION_TRANSITION(journey_funnel_trend_breakdown_transition, funnel_trend_breakdown_shifted_row(fcinfo, 0, FUNNEL_BREAKDOWN_STEP))
POPULATION_TRANSITION(journey_funnel_trend_breakdown_seq_transition, funnel_trend_breakdown_shifted_row(fcinfo, 1, FUNNEL_BREAKDOWN_STEP))

/*
 * funnel_trend_breakdown_transition(state, user_id, at [, seq], step, within, breakdown,
 * breakdown_event, unit [, options [, time_zone [, until]]])
 */
POPULATION_TRANSITION(journey_funnel_trend_breakdown_event_transition, funnel_trend_breakdown_shifted_row(fcinfo, 0, FUNNEL_BREAKDOWN_EVENT))
POPULATION_TRANSITION(journey_funnel_trend_breakdown_event_seq_transition, funnel_trend_breakdown_shifted_row(fcinfo, 1, FUNNEL_BREAKDOWN_EVENT))

/* funnel_holding_constant_transition, with and without seq */
static inline Datum
funnel_holding_constant_shifted_row(FunctionCallInfo fcinfo, int shift)
{
	EventValue	value = population_value_arg(fcinfo, 5 + shift);

	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};

		funnel_take_params(fcinfo, shift, &given, 6 + shift, 5 + shift);
	}
	return funnel_add_row(fcinfo, shift, &value, false);
}

/*
 * funnel_holding_constant_transition(state, user_id, at [, seq], step, within, property
 * [, options])
 */
POPULATION_TRANSITION(journey_funnel_holding_constant_transition, funnel_holding_constant_shifted_row(fcinfo, 0))
POPULATION_TRANSITION(journey_funnel_holding_constant_seq_transition, funnel_holding_constant_shifted_row(fcinfo, 1))

/* For every aggregate of this file. */
POPULATION_SUPPORT(journey_funnel, funnel_params)
