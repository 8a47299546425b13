/*-------------------------------------------------------------------------
 *
 * retention_population.c
 *		The state of cohort_retention and cohort_retention_by, and of their
 *		members.
 *
 * For calendar units the state is, for each user, the periods in which they
 * started or came back (periods/periods.h).  Rolling periods begin at the
 * user's own start, which is known only at the end, and so is the value of it
 * that cohort_retention_by groups by.  For these the state is the events
 * themselves (population/population.h).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "aggregate/aggregate.h"
#include "event/event.h"
#include "periods/periods.h"
#include "retention/retention_params.h"
#include "retention/retention_stats.h"
#include "scan/scan.h"

JOURNEY_FUNCTION(journey_cohort_retention_deserialize);

/*
 * Arguments 1 to 4 are the user, the time, the start and the return; then may
 * come a value and the text of a breakdown.
 */
#define LAST_DATA_ARG 4

/* The state of a group's first row. */
static UserStore *
cohort_begin(FunctionCallInfo fcinfo, bool with_values)
{
	const CohortParams *params = population_params(fcinfo);

	if (params->as_events)
		return (UserStore *) population_begin(fcinfo, ROLLING_STEPS,
											  with_values || cohort_is_by(params) ? POPULATION_VALUES : 0);
	return (UserStore *) user_periods_new(arg_aggregate_context(fcinfo), population_users(fcinfo),
										  params, with_values);
}

/* Is a row left out because its data is NULL? */
static inline bool
cohort_row_is_null(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(1) || PG_ARGISNULL(2);
}

/* Take the parameters of a row, after its data. */
static void
cohort_take_params(FunctionCallInfo fcinfo, bool with_values, bool by)
{
	const int	n = LAST_DATA_ARG + with_values + by + 1;
	CallParams	given = {0};
	uint32		data_args = 0;
	int			i;

	for (i = 1; i < n; i++)
		data_args |= 1 << i;
	given.list[COHORT_IS_BY].given = by;
	given.list[COHORT_IS_BY].number = by ? 1 + with_values : 0;
	param_read(&given, &cohort_params, COHORT_UNIT, fcinfo, n);
	cohort_read_periods(&given, fcinfo, n + 1);
	if (PG_NARGS() > n + 2)
		param_read(&given, &cohort_params, COHORT_OPTIONS, fcinfo, n + 2);
	if (PG_NARGS() > n + 3)
		param_read(&given, &cohort_params, COHORT_ZONE, fcinfo, n + 3);
	if (PG_NARGS() > n + 4)
		param_read(&given, &cohort_params, COHORT_UNTIL, fcinfo, n + 4);
	population_take_params(fcinfo, &cohort_params, &given, data_args, !cohort_row_is_null(fcinfo));
}

/* The value of a row, which must be a number. */
static double
cohort_row_value(FunctionCallInfo fcinfo)
{
	double		value = PG_ARGISNULL(5) ? 0 : PG_GETARG_FLOAT8(5);

	if (unlikely(isinf(value) || isnan(value)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value must be a finite number, not %s",
						isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity"),
				 errhint("Leave such rows out, or give NULL, which adds nothing.")));
	return value;
}

/* The number of an event and the label of its start, as they are kept together. */
static EventValue
cohort_number_and_label(double number, EventValue label)
{
	const uint32 length = BY_NUMBER_SIZE + (label.bytes == NULL ? 0 : 1 + label.length);
	char	   *bytes = palloc(length);

	memcpy(bytes, &number, BY_NUMBER_SIZE);
	if (label.bytes != NULL)
	{
		bytes[BY_NUMBER_SIZE] = '\0';
		memcpy(bytes + BY_LABEL_AT, label.bytes, label.length);
	}
	label.bytes = bytes;
	label.length = length;
	return label;
}

/* Add a row: after its data there may be a value, and the text of a breakdown. */
static pg_attribute_always_inline Datum
cohort_add_row(FunctionCallInfo fcinfo, bool with_values, bool by)
{
	UserStore  *state = population_store(fcinfo);
	const CohortParams *params;
	uint32		flags = 0;
	double		value = 0;
	int64		at;

	if (!population_params_known(fcinfo))
		cohort_take_params(fcinfo, with_values, by);
	if (cohort_row_is_null(fcinfo))
		return population_skip_row(fcinfo);
	params = population_params(fcinfo);
	at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	if (at >= params->until)
		return population_skip_row(fcinfo);
	if (!PG_ARGISNULL(3) && PG_GETARG_BOOL(3))
		flags = COHORT_START;
	if (!PG_ARGISNULL(4) && PG_GETARG_BOOL(4))
	{
		flags |= COHORT_RETURN;
		if (with_values)
			value = cohort_row_value(fcinfo);
	}
	if (unlikely(state == NULL))
		state = cohort_begin(fcinfo, with_values);
	params = state->params;
	state->newest = Max(state->newest, at);
	if (flags == 0)
		PG_RETURN_POINTER(state);
	if (likely(!params->as_events))
		user_periods_add((UserPeriods *) state, PG_GETARG_DATUM(1),
						 cohort_period_of(params->calendar, at), flags, value);
	else
	{
		PopulationEvent event = {
			.at = at,
			.step = cohort_flags_step(flags)
		};

		if (by && (flags & COHORT_START) != 0)
			event.value = population_value_arg(fcinfo, LAST_DATA_ARG + with_values + 1);
		if (by && with_values)
			event.value = cohort_number_and_label(value, event.value);
		else if (with_values)
		{
			event.value.bytes = (const char *) &value;
			event.value.length = sizeof(value);
		}
		population_add((Population *) state, PG_GETARG_DATUM(1), &event);
		if (by && with_values)
			pfree((void *) event.value.bytes);
	}
	PG_RETURN_POINTER(state);
}

static Datum
cohort_retention_row(PG_FUNCTION_ARGS)
{
	return cohort_add_row(fcinfo, false, false);
}

/* The flags of a row. */
static inline uint32
cohort_row_flags(const ScanVector *const *args, int row)
{
	return (DatumGetBool(args[3]->values[row]) ? COHORT_START : 0) |
		(DatumGetBool(args[4]->values[row]) ? COHORT_RETURN : 0);
}

/*
 * Add n rows without values.
 */
static void
cohort_retention_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	UserPeriods *periods = (UserPeriods *) PG_GETARG_POINTER(0);
	const CohortParams *params = periods->params;
	const ScanVector *users = args[1];
	const ScanVector *ats = args[2];
	Datum		active[SCAN_ROWS_MOST];
	uint32		marked[SCAN_ROWS_MOST];
	int			nactive = 0;
	int64		newest;
	int			i;

	if (!population_params_known(fcinfo) || params->as_events)
	{
		table_scan_each_row(fcinfo, args, n, cohort_retention_row);
		return;
	}
	if (!users->has_nulls && !ats->has_nulls && calendar_times_before(ats->values, n, params->until) &&
		calendar_table_same(params->calendar, ats->values, n, &newest))
	{
		/* the usual case when rows are in the order of time */
		for (i = 0; i < n; i++)
		{
			active[nactive] = users->values[i];
			marked[nactive] = cohort_row_flags(args, i);
			nactive += marked[nactive] != 0;
		}
		if (nactive > 0)
		{
			const uint32 period = cohort_period_of(params->calendar, newest) << USER_PERIOD_FLAG_BITS;

			for (i = 0; i < nactive; i++)
				marked[i] |= period;
		}
	}
	else
	{
		newest = periods->newest;
		for (i = 0; i < n; i++)
		{
			const uint32 flags = cohort_row_flags(args, i);
			int64		at;

			if (users->nulls[i] || ats->nulls[i])
				continue;
			at = arg_event_time(DatumGetTimestampTz(ats->values[i]));
			if (at >= params->until)
				continue;
			newest = Max(newest, at);
			if (flags == 0)
				continue;
			active[nactive] = users->values[i];
			marked[nactive++] = cohort_period_of(params->calendar, at) << USER_PERIOD_FLAG_BITS | flags;
		}
	}
	periods->newest = Max(periods->newest, newest);
	user_periods_add_rows(periods, active, marked, nactive);
}

/*
 * cohort_retention_transition(state, user_id, at, is_start, is_return, unit,
 * periods [, options [, time_zone [, until]]]): also of retention_members.
 */
POPULATION_TRANSITION_ROWS(journey_cohort_retention_transition, cohort_retention_row, cohort_retention_rows)

/*
 * The same with a value before unit.
 */
POPULATION_TRANSITION(journey_cohort_retention_value_transition, cohort_add_row(fcinfo, true, false))

/*
 * cohort_retention_by_transition(state, user_id, at, is_start, is_return,
 * breakdown, unit, periods [, options [, time_zone [, until]]])
 */
POPULATION_TRANSITION(journey_cohort_retention_by_transition, cohort_add_row(fcinfo, false, true))

/*
 * The same with a value before breakdown.
 */
POPULATION_TRANSITION(journey_cohort_retention_by_value_transition, cohort_add_row(fcinfo, true, true))

POPULATION_COMBINE(journey_cohort_retention, cohort_params)

/*
 * cohort_retention_deserialize(bytes): the parameters say which of the two
 * states it is.
 */
Datum
journey_cohort_retention_deserialize(PG_FUNCTION_ARGS)
{
	const CohortParams *params = population_agg_read_params(fcinfo, &cohort_params);
	const bool	as_events = params->as_events;
	UserStore  *store = population_agg_deserialize(fcinfo, &cohort_params,
												   as_events ? &population_methods :
												   &user_periods_methods);

	if (as_events && (((Population *) store)->nsteps != ROLLING_STEPS ||
					  (((Population *) store)->holds & ~POPULATION_VALUES) != 0 ||
					  (cohort_is_by(params) && ((Population *) store)->holds == 0)))
		serialized_refuse();
	PG_RETURN_POINTER(store);
}
