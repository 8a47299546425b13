/*-------------------------------------------------------------------------
 *
 * activity_population.c
 *		The state of lifecycle, active_ratio, stickiness, frequency and
 *		lifecycle_users, and of the same by a breakdown.
 *
 * They share the state (the periods in which each user was active, see
 * periods/periods.h) and all its support functions except the first and the
 * last.  Periods are buckets of the calendar, with two exceptions: frequency
 * by times has a single period, whose value is the count; lifecycle_users has
 * three periods: the given bucket, the one before it, and all earlier ones.
 *
 * The value that gives the group of a user is known only at the end.  So the
 * state of a breakdown is the events themselves, each with its value
 * (population/population.h).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "activity/activity_params.h"
#include "event/event.h"
#include "periods/periods.h"
#include "scan/scan.h"

JOURNEY_FUNCTION(journey_activity_deserialize);

/* In a breakdown its value comes after the user and the time. */
#define BREAKDOWN_ARG 3

/*
 * Take the parameters of a row: after its data the unit, then those from `first`
 * to `last`, and then, as far as they are given, the options if it is of a
 * breakdown, the time zone and the end of observation.
 */
static void
activity_take_params(FunctionCallInfo fcinfo, int kind, int first, int last, bool by)
{
	CallParams	given = {0};
	int			n = BREAKDOWN_ARG + by;
	int			which;

	given.list[ACTIVITY_PARAM_KIND].given = true;
	given.list[ACTIVITY_PARAM_KIND].number = kind;
	given.list[ACTIVITY_PARAM_IS_BY].given = by;
	given.list[ACTIVITY_PARAM_IS_BY].number = by;
	param_read(&given, &activity_params, ACTIVITY_PARAM_UNIT, fcinfo, n++);
	for (which = first; which <= last; which++)
		param_read(&given, &activity_params, which, fcinfo, n++);
	if (by && PG_NARGS() > n)
		param_read(&given, &activity_params, ACTIVITY_PARAM_OPTIONS, fcinfo, n++);
	if (PG_NARGS() > n)
		param_read(&given, &activity_params, ACTIVITY_PARAM_ZONE, fcinfo, n);
	if (PG_NARGS() > n + 1)
		param_read(&given, &activity_params, ACTIVITY_PARAM_UNTIL, fcinfo, n + 1);
	population_take_params(fcinfo, &activity_params, &given, 1 << 1 | 1 << 2 | (by ? 1 << BREAKDOWN_ARG : 0),
						   !PG_ARGISNULL(1) && !PG_ARGISNULL(2));
}

/* The period of a time as the set of periods has it. */
static inline uint32
activity_period_of(const ActivityParams *params, int64 at)
{
	int64		bucket;

	if (params->kind != ACTIVITY_USERS)
		return activity_bucket_of(params, at);
	bucket = activity_bucket(&params->calendar, calendar_table_number(params->table, at));
	return bucket >= params->bucket - 1 ? (uint32) (bucket - params->bucket + 2) : 0;
}

/* For members, everything after the bucket is irrelevant. */
static inline bool
activity_period_matters(const ActivityParams *params, int64 at)
{
	return params->kind != ACTIVITY_USERS ||
		activity_bucket(&params->calendar, calendar_table_number(params->table, at)) <= params->bucket;
}

/* Add a row, whichever the aggregate. */
static inline Datum
activity_add_row(FunctionCallInfo fcinfo, int kind, int first, int last)
{
	UserPeriods *state = PG_ARGISNULL(0) ? NULL : (UserPeriods *) PG_GETARG_POINTER(0);
	const ActivityParams *params;
	int64		at;

	if (!population_params_known(fcinfo))
		activity_take_params(fcinfo, kind, first, last, false);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return population_skip_row(fcinfo);
	at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	params = population_params(fcinfo);
	if (at >= params->spec.until)
		return population_skip_row(fcinfo);
	if (unlikely(state == NULL))
		state = user_periods_new(arg_aggregate_context(fcinfo), population_users(fcinfo), params,
								 activity_counts_times(params));
	params = state->params;
	if (at > state->newest)
		state->newest = at;
	if (activity_period_matters(params, at))
		user_periods_add(state, PG_GETARG_DATUM(1), activity_period_of(params, at), 1, 1.0);
	PG_RETURN_POINTER(state);
}

/*
 * Add n rows, but for the kinds that count times; else false.
 */
static bool
activity_add_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	UserPeriods *state = (UserPeriods *) PG_GETARG_POINTER(0);
	const ActivityParams *params = state->params;
	const ScanVector *users = args[1];
	const ScanVector *ats = args[2];
	Datum		active[SCAN_ROWS_MOST];
	uint32		marked[SCAN_ROWS_MOST];
	int			nactive = 0;
	int64		newest;
	int			i;

	if (!population_params_known(fcinfo) || state->with_values)
		return false;
	if (!users->has_nulls && !ats->has_nulls &&
		calendar_times_before(ats->values, n, params->spec.until) &&
		calendar_table_same(params->table, ats->values, n, &newest))
	{
		/* the usual case when rows are in the order of time */
		if (activity_period_matters(params, newest))
		{
			const uint32 period = activity_period_of(params, newest) << USER_PERIOD_FLAG_BITS | 1;

			for (i = 0; i < n; i++)
				marked[i] = period;
			user_periods_add_rows(state, users->values, marked, n);
		}
	}
	else
	{
		newest = state->newest;
		for (i = 0; i < n; i++)
		{
			int64		at;

			if (users->nulls[i] || ats->nulls[i])
				continue;
			at = arg_event_time(DatumGetTimestampTz(ats->values[i]));
			if (at >= params->spec.until)
				continue;
			newest = Max(newest, at);
			if (!activity_period_matters(params, at))
				continue;
			active[nactive] = users->values[i];
			marked[nactive++] = activity_period_of(params, at) << USER_PERIOD_FLAG_BITS | 1;
		}
		user_periods_add_rows(state, active, marked, nactive);
	}
	state->newest = Max(state->newest, newest);
	return true;
}

/* A transition function: `call` takes a row, and activity_add_rows() many. */
#define ACTIVITY_TRANSITION(name, call) \
static Datum \
name##_row(PG_FUNCTION_ARGS) \
{ \
	return call; \
} \
\
static void \
name##_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n) \
{ \
	if (!activity_add_rows(fcinfo, args, n)) \
		table_scan_each_row(fcinfo, args, n, name##_row); \
} \
\
POPULATION_TRANSITION_ROWS(name, name##_row, name##_rows)

/*
 * lifecycle_transition(state, user_id, at, unit [, time_zone [, until]])
 */
ACTIVITY_TRANSITION(journey_lifecycle_transition, activity_add_row(fcinfo, ACTIVITY_LIFECYCLE, 1, 0))

/*
 * active_ratio_transition(state, user_id, at, unit, short_window, long_window
 * [, time_zone [, until]])
 */
ACTIVITY_TRANSITION(journey_active_ratio_transition, activity_add_row(fcinfo, ACTIVITY_RATIO, ACTIVITY_PARAM_SHORT, ACTIVITY_PARAM_LONG))

/*
 * stickiness_transition(state, user_id, at, unit, per [, time_zone
 * [, until]])
 */
ACTIVITY_TRANSITION(journey_stickiness_transition, activity_add_row(fcinfo, ACTIVITY_STICKINESS, ACTIVITY_PARAM_PER, ACTIVITY_PARAM_PER))

/*
 * frequency_transition(state, user_id, at, unit [, time_zone [, until]])
 */
ACTIVITY_TRANSITION(journey_frequency_transition, activity_add_row(fcinfo, ACTIVITY_FREQUENCY, 1, 0))

/*
 * lifecycle_users_transition(state, user_id, at, unit, bucket, state
 * [, time_zone [, until]])
 */
ACTIVITY_TRANSITION(journey_lifecycle_users_transition, activity_add_row(fcinfo, ACTIVITY_USERS, ACTIVITY_PARAM_BUCKET, ACTIVITY_PARAM_STATE))

/* Add a row of a breakdown, whichever the aggregate. */
static inline Datum
activity_add_row_by(FunctionCallInfo fcinfo, int kind, int first, int last)
{
	Population *population = population_state(fcinfo);
	PopulationEvent event = {0};

	if (!population_params_known(fcinfo))
		activity_take_params(fcinfo, kind, first, last, true);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return population_skip_row(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	if (event.at >= ((const ActivityParams *) population_params(fcinfo))->spec.until)
		return population_skip_row(fcinfo);
	if (unlikely(population == NULL))
		population = population_begin(fcinfo, 0, POPULATION_VALUES);
	population->newest = Max(population->newest, event.at);
	event.value = population_value_arg(fcinfo, BREAKDOWN_ARG);
	population_add(population, PG_GETARG_DATUM(1), &event);
	PG_RETURN_POINTER(population);
}

/*
 * lifecycle_by_transition(state, user_id, at, breakdown, unit
 * [, options [, time_zone [, until]]])
 */
POPULATION_TRANSITION(journey_lifecycle_by_transition, activity_add_row_by(fcinfo, ACTIVITY_LIFECYCLE, 1, 0))

/*
 * active_ratio_by_transition(state, user_id, at, breakdown, unit, short_window,
 * long_window
 * [, options [, time_zone [, until]]])
 */
POPULATION_TRANSITION(journey_active_ratio_by_transition, activity_add_row_by(fcinfo, ACTIVITY_RATIO, ACTIVITY_PARAM_SHORT, ACTIVITY_PARAM_LONG))

/*
 * stickiness_by_transition(state, user_id, at, breakdown, unit, per
 * [, options [, time_zone [, until]]])
 */
POPULATION_TRANSITION(journey_stickiness_by_transition, activity_add_row_by(fcinfo, ACTIVITY_STICKINESS, ACTIVITY_PARAM_PER, ACTIVITY_PARAM_PER))

/*
 * frequency_by_transition(state, user_id, at, breakdown, unit
 * [, options [, time_zone [, until]]])
 */
POPULATION_TRANSITION(journey_frequency_by_transition, activity_add_row_by(fcinfo, ACTIVITY_FREQUENCY, 1, 0))

/*
 * lifecycle_users_by_transition(state, user_id, at, breakdown, unit, bucket,
 * state
 * [, options [, time_zone [, until]]])
 */
POPULATION_TRANSITION(journey_lifecycle_users_by_transition, activity_add_row_by(fcinfo, ACTIVITY_USERS, ACTIVITY_PARAM_BUCKET, ACTIVITY_PARAM_STATE))

/* For every aggregate of this file. */
POPULATION_COMBINE(journey_activity, activity_params)

/*
 * activity_deserialize(bytes): the parameters say which of the two states it is.
 */
Datum
journey_activity_deserialize(PG_FUNCTION_ARGS)
{
	const bool	by = activity_is_by(population_agg_read_params(fcinfo, &activity_params));
	UserStore  *store = population_agg_deserialize(fcinfo, &activity_params,
												   by ? &population_methods : &user_periods_methods);

	if (by ? ((Population *) store)->nsteps != 0 || ((Population *) store)->holds != POPULATION_VALUES :
		((UserPeriods *) store)->with_values != activity_counts_times(store->params))
		serialized_refuse();
	PG_RETURN_POINTER(store);
}
