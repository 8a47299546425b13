/*-------------------------------------------------------------------------
 *
 * retention_population.c
 *		cohort_retention and retention_members: the cohort kernel over all users
 *		of a query at once.
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
#include "catalog/pg_type.h"
#include "event/event.h"
#include "miscadmin.h"
#include "periods/periods.h"
#include "retention/retention_params.h"
#include "retention/retention_stats.h"
#include "scan/scan.h"
#include "utils/array.h"
#include "utils/memutils.h"

JOURNEY_FUNCTION(journey_cohort_retention_transition);
JOURNEY_FUNCTION(journey_cohort_retention_value_transition);
JOURNEY_FUNCTION(journey_cohort_retention_combine);
JOURNEY_FUNCTION(journey_cohort_retention_serialize);
JOURNEY_FUNCTION(journey_cohort_retention_deserialize);
JOURNEY_FUNCTION(journey_cohort_retention_by_transition);
JOURNEY_FUNCTION(journey_cohort_retention_final);
JOURNEY_FUNCTION(journey_cohort_retention_by_final);
JOURNEY_FUNCTION(journey_retention_members_final);

/* Arguments 1 to 4 are the user, the time, the start and the return; 5 may be
 * a value. */
#define DATA_ARGS	(1 << 1 | 1 << 2 | 1 << 3 | 1 << 4)
#define VALUE_ARG	(1 << 5)

/* Rolling periods: conditions 1 and 2 of an event are the flags. */
#define ROLLING_STEPS 2

static inline uint64
cohort_flags_step(uint32 flags)
{
	return ((flags & COHORT_START) != 0 ? stepset_bit(0) : 0) |
		((flags & COHORT_RETURN) != 0 ? stepset_bit(1) : 0) | ROLLING_STEPS;
}

static inline uint32
cohort_step_flags(uint64 step)
{
	return ((step & stepset_bit(0)) != 0 ? COHORT_START : 0) |
		((step & stepset_bit(1)) != 0 ? COHORT_RETURN : 0);
}

/* Is it a call of cohort_retention_by? */
static inline bool
cohort_is_by(const CohortParams *params)
{
	return params->breakdown.value != RETENTION_NO_VALUE;
}

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

/* The number of the bucket of a time, which a result can hold. */
static inline int64
cohort_number_of(CalendarTable *calendar, int64 at)
{
	const int64 number = calendar_table_number(calendar, at);

	if (unlikely(number < CALENDAR_NUMBER_MIN || number > CALENDAR_NUMBER_MIN + USER_PERIOD_LAST))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("at is too far in the future to count hours"),
				 errhint("Leave such rows out, or use a longer unit.")));
	return number;
}

/* The number of a period as the set of periods has it. */
static inline uint32
cohort_period_of(CalendarTable *calendar, int64 at)
{
	return (uint32) (cohort_number_of(calendar, at) - CALENDAR_NUMBER_MIN);
}

/* Is a row left out because its data is NULL? */
static inline bool
cohort_row_is_null(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(1) || PG_ARGISNULL(2);
}

/* Take the parameters of a row, the first of which is argument n. */
static void
cohort_take_params(FunctionCallInfo fcinfo, int n, uint32 data_args, bool by)
{
	CallParams	given = {0};

	given.list[COHORT_IS_BY].given = by;
	given.list[COHORT_IS_BY].number = by;
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

/*
 * Add a row; `params_at` is the argument that is the first parameter.  Before it
 * there is a value, or the text of a breakdown.
 */
static inline Datum
cohort_add_row(FunctionCallInfo fcinfo, int params_at, bool by)
{
	UserStore  *state = population_store(fcinfo);
	const bool	with_values = params_at > 5 && !by;
	const CohortParams *params;
	uint32		flags = 0;
	double		value = 0;
	int64		at;

	if (!population_params_known(fcinfo))
		cohort_take_params(fcinfo, params_at, params_at > 5 ? DATA_ARGS | VALUE_ARG : DATA_ARGS, by);
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
			event.value = population_value_arg(fcinfo, 5);
		else if (with_values)
		{
			event.value.bytes = (const char *) &value;
			event.value.length = sizeof(value);
		}
		population_add((Population *) state, PG_GETARG_DATUM(1), &event);
	}
	PG_RETURN_POINTER(state);
}

static Datum
cohort_retention_row(PG_FUNCTION_ARGS)
{
	return cohort_add_row(fcinfo, 5, false);
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

	if (!population_params_known(fcinfo) || params->as_events ||
		periods->site->key_type.kind != USER_KEY_INTEGER)
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
Datum
journey_cohort_retention_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, cohort_retention_row, cohort_retention_rows);
}

/*
 * The same with a value before unit.
 */
static Datum
cohort_retention_value_row(PG_FUNCTION_ARGS)
{
	return cohort_add_row(fcinfo, 6, false);
}

TABLE_SCAN_ROWS(cohort_retention_value_row)

Datum
journey_cohort_retention_value_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, cohort_retention_value_row, cohort_retention_value_rows);
}

/*
 * cohort_retention_by_transition(state, user_id, at, is_start, is_return,
 * breakdown, unit, periods [, options [, time_zone [, until]]])
 */
static Datum
cohort_retention_by_row(PG_FUNCTION_ARGS)
{
	return cohort_add_row(fcinfo, 6, true);
}

TABLE_SCAN_ROWS(cohort_retention_by_row)

Datum
journey_cohort_retention_by_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, cohort_retention_by_row, cohort_retention_by_rows);
}

/*
 * cohort_retention_combine(state, state)
 */
Datum
journey_cohort_retention_combine(PG_FUNCTION_ARGS)
{
	return population_agg_combine(fcinfo, &cohort_params);
}

/*
 * cohort_retention_serialize(state)
 */
Datum
journey_cohort_retention_serialize(PG_FUNCTION_ARGS)
{
	return population_agg_serialize(fcinfo, &cohort_params);
}

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

/*
 * What the visits of users work with.
 */
typedef struct CohortVisit
{
	const CohortParams *params;
	CohortSpec	spec;
	MemoryContext context;		/* where results are kept */
	RetentionStats *stats;		/* NULL for members */
	CohortCell *cells;

	/* a user's events */
	CohortEvent *events;
	size_t		events_capacity;

	/* of a breakdown: a user's periods, and the first event of each */
	UserPeriod *periods;
	size_t	   *begins;
	size_t		periods_capacity;
	TextSlice	label;			/* of the start that is counted */

	Members    *members;
} CohortVisit;

static void
cohort_begin_visit(CohortVisit *visit, const UserStore *state, bool by)
{
	memset(visit, 0, sizeof(CohortVisit));
	visit->params = state->params;
	if (by != cohort_is_by(visit->params))
		serialized_refuse();
	visit->spec = visit->params->spec;
	visit->spec.with_values = by ? false : visit->params->as_events ?
		(((const Population *) state)->holds & POPULATION_VALUES) != 0 :
		((const UserPeriods *) state)->with_values;
	visit->context = CurrentMemoryContext;
	visit->cells = palloc(visit->spec.ncells * sizeof(CohortCell));
}

/* The cohort of a bucket's number. */
static RetentionCohort *
cohort_of(CohortVisit *visit, int64 number)
{
	RetentionCohort *cohort = retention_cohort(visit->stats, number, visit->label);

	if (cohort->users == 0)
	{
		cohort->begin = calendar_begin(visit->params->unit, visit->params->zone, number);
		if (visit->params->rolling)
			cohort->end = calendar_begin(visit->params->unit, visit->params->zone, number + 1);
	}
	return cohort;
}

/* The cells of a cohort in which a user counts, as an array of periods. */
static Datum
cohort_returned_array(const CohortVisit *visit, int n)
{
	const CohortSpec *spec = &visit->spec;
	Datum	   *periods = palloc(spec->ncells * sizeof(Datum));
	int			first = 0;
	int			last = -1;
	int			k = 0;
	int			i;
	ArrayType  *array;

	for (i = 0; i < n; i++)
	{
		if (!visit->cells[i].counts)
			continue;
		first = last = visit->cells[i].cell;
		if (spec->returns == COHORT_ON_OR_AFTER)
			first = 0;
		else if (spec->returns != COHORT_ON)
			last = spec->ncells - 1;
		for (; first <= last; first++)
			periods[k++] = Int32GetDatum(cohort_cell_first(spec, first));
	}
	array = construct_array(periods, k, INT4OID, sizeof(int32), true, TYPALIGN_INT);
	pfree(periods);
	return PointerGetDatum(array);
}

/* Keep a user as a member of a cohort. */
static void
cohort_keep_member(CohortVisit *visit, const UserKey *user, int64 number, int n)
{
	const int64 begin = calendar_begin(visit->params->unit, visit->params->zone, number);
	Datum		columns[4] = {0};
	bool		nulls[4] = {false};

	columns[1] = TimestampTzGetDatum(begin);
	columns[2] = cohort_returned_array(visit, n);
	nulls[3] = !calendar_date(visit->params->unit, number, &columns[3]);
	members_add(visit->members, user, begin, columns, nulls);
	pfree(DatumGetPointer(columns[2]));
}

/* A user has started in a bucket, and came back in n of the cells. */
static inline void
cohort_count_start(CohortVisit *visit, const UserKey *user, int64 number, int n)
{
	if (visit->stats != NULL)
		retention_cohort_add(visit->stats, cohort_of(visit, number), visit->cells, n);
	else
		cohort_keep_member(visit, user, number, n);
}

/* A user of a calendar unit. */
static void
cohort_visit_periods(void *arg, const UserKey *user, const UserPeriod *periods, size_t n)
{
	CohortVisit *visit = arg;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		if ((periods[i].flags & COHORT_START) == 0)
			continue;
		cohort_count_start(visit, user, (int64) periods[i].period + CALENDAR_NUMBER_MIN,
						   cohort_cells(&visit->spec, periods, n, i, visit->cells));
		if (!visit->spec.every)
			break;
		if (i % 1024 == 1023)
			CHECK_FOR_INTERRUPTS();
	}
}

/*
 * The label of a start in a breakdown: of the starts in its bucket, from event i
 * on, that have a value, that of the first or the last; of simultaneous ones the
 * least by its bytes.
 */
static TextSlice
cohort_label(const CohortVisit *visit, const Event *events, const EventValue *values, size_t n,
			 size_t i, int64 number)
{
	const bool	first = visit->params->breakdown.value == RETENTION_FIRST_VALUE;
	TextSlice	label = {NULL, 0};
	int64		at = PG_INT64_MIN;

	for (; i < n && cohort_number_of(visit->params->calendar, events[i].at) == number; i++)
	{
		const TextSlice value = {values[i].bytes, values[i].length};

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
		if (label.bytes != NULL && events[i].at > at && first)
			break;
		if (value.bytes != NULL && (cohort_step_flags(events[i].step) & COHORT_START) != 0 &&
			(label.bytes == NULL || events[i].at > at || slice_order(value, label) < 0))
		{
			label = value;
			at = events[i].at;
		}
	}
	return label;
}

/* A user of a calendar unit with a breakdown. */
static void
cohort_visit_by(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	CohortVisit *visit = arg;
	size_t		nperiods = 0;
	size_t		i;

	if (n > visit->periods_capacity)
	{
		if (visit->periods != NULL)
		{
			pfree(visit->periods);
			pfree(visit->begins);
		}
		visit->periods_capacity = Max(n, visit->periods_capacity * 2);
		visit->periods = MemoryContextAllocHuge(visit->context,
												visit->periods_capacity * sizeof(UserPeriod));
		visit->begins = MemoryContextAllocHuge(visit->context,
											   visit->periods_capacity * sizeof(size_t));
	}
	for (i = 0; i < n; i++)
	{
		const uint32 period = cohort_period_of(visit->params->calendar, events[i].at);

		if (nperiods == 0 || visit->periods[nperiods - 1].period != period)
		{
			visit->begins[nperiods] = i;
			visit->periods[nperiods].period = period;
			visit->periods[nperiods].value = 0;
			visit->periods[nperiods++].flags = 0;
		}
		visit->periods[nperiods - 1].flags |= cohort_step_flags(events[i].step);
	}
	for (i = 0; i < nperiods; i++)
	{
		const int64 number = (int64) visit->periods[i].period + CALENDAR_NUMBER_MIN;

		if ((visit->periods[i].flags & COHORT_START) == 0)
			continue;
		visit->label = cohort_label(visit, events, values, n, visit->begins[i], number);
		cohort_count_start(visit, user, number,
						   cohort_cells(&visit->spec, visit->periods, nperiods, i, visit->cells));
		if (!visit->spec.every)
			break;
		CHECK_FOR_INTERRUPTS();
	}
}

/* A user of a rolling unit. */
static void
cohort_visit_events(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	CohortVisit *visit = arg;
	const int64 length = retention_unit_length(visit->params->unit);
	int64		latest = PG_INT64_MIN;
	size_t		from = 0;
	size_t		i;

	if (n > visit->events_capacity)
	{
		if (visit->events != NULL)
			pfree(visit->events);
		visit->events_capacity = Max(n, visit->events_capacity * 2);
		visit->events = MemoryContextAllocHuge(visit->context,
											   visit->events_capacity * sizeof(CohortEvent));
	}
	for (i = 0; i < n; i++)
	{
		CohortEvent *event = &visit->events[i];

		event->at = events[i].at;
		event->flags = cohort_step_flags(events[i].step);
		event->value = 0;
		if (values != NULL && !cohort_is_by(visit->params))
		{
			if (values[i].length != sizeof(double))
				serialized_refuse();
			memcpy(&event->value, values[i].bytes, sizeof(double));
			if (isinf(event->value) || isnan(event->value))
				serialized_refuse();
		}
	}
	for (i = 0; i < n; i++)
	{
		int64		number;

		if ((visit->events[i].flags & COHORT_START) == 0)
			continue;
		number = cohort_number_of(visit->params->calendar, visit->events[i].at);
		if (number == latest)
			continue;			/* not the first start in its bucket */
		latest = number;
		while (visit->events[from].at < visit->events[i].at)
			from++;
		if (cohort_is_by(visit->params))
			visit->label = cohort_label(visit, events, values, n, i, number);
		cohort_count_start(visit, user, number,
						   cohort_rolling_cells(&visit->spec, visit->events + from, n - from,
												visit->events[i].at, length, visit->cells));
		if (!visit->spec.every)
			break;
		CHECK_FOR_INTERRUPTS();
	}
}

static void
cohort_visit_users(CohortVisit *visit, UserStore *state)
{
	if (visit->params->rolling)
		population_visit((Population *) state, cohort_visit_events, visit);
	else if (visit->params->as_events)
		population_visit((Population *) state, cohort_visit_by, visit);
	else
		user_periods_visit((UserPeriods *) state, cohort_visit_periods, visit);
}

/* The newest event, unless the call says when observation ends. */
static int64
cohort_newest(const void *any)
{
	const UserStore *state = any;

	return ((const CohortParams *) state->params)->until == PG_INT64_MAX ? state->newest :
		PG_INT64_MIN;
}

JOURNEY_RESULTS_JOIN(journey_cohort_retention_final_join);
const ResultsJoin journey_cohort_retention_final_join = {
	.type = &retention_stats_type,
	.newest = cohort_newest
};

static Datum
cohort_final_users(FunctionCallInfo fcinfo, bool by)
{
	UserStore  *state;
	CohortVisit visit;
	int64		newest;

	state = population_store(fcinfo);
	cohort_begin_visit(&visit, state, by);
	visit.stats = retention_stats_new(CurrentMemoryContext, visit.params->unit,
									  visit.params->rolling, &visit.spec,
									  pg_get_timezone_name(visit.params->zone));
	visit.stats->breakdown = visit.params->breakdown;
	visit.stats->until = visit.params->until;
	newest = visit.params->until == PG_INT64_MAX ? state->newest : visit.params->until;
	visit.stats->newest = visit.params->rolling ? newest :
		Min(calendar_number(visit.params->unit, visit.params->zone, newest),
			CALENDAR_NUMBER_MIN + USER_PERIOD_LAST);
	cohort_visit_users(&visit, state);
	PG_RETURN_POINTER(stats_pack(&retention_stats_type, visit.stats));
}

static Datum
cohort_retention_final_users(PG_FUNCTION_ARGS)
{
	return cohort_final_users(fcinfo, false);
}

/*
 * cohort_retention_final(state): NULL when there are no rows.
 */
Datum
journey_cohort_retention_final(PG_FUNCTION_ARGS)
{
	return results_final(fcinfo, cohort_retention_final_users, &journey_cohort_retention_final_join);
}

JOURNEY_RESULTS_JOIN(journey_cohort_retention_by_final_join);
const ResultsJoin journey_cohort_retention_by_final_join = {
	.type = &retention_stats_type,
	.newest = cohort_newest
};

static Datum
cohort_retention_by_final_users(PG_FUNCTION_ARGS)
{
	return cohort_final_users(fcinfo, true);
}

/*
 * cohort_retention_by_final(state)
 */
Datum
journey_cohort_retention_by_final(PG_FUNCTION_ARGS)
{
	return results_final(fcinfo, cohort_retention_by_final_users, &journey_cohort_retention_by_final_join);
}

/*
 * retention_members_final(state): an array of retention_member, by user_id and
 * cohort.
 */
Datum
journey_retention_members_final(PG_FUNCTION_ARGS)
{
	UserStore  *state;
	CohortVisit visit;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = population_store(fcinfo);
	cohort_begin_visit(&visit, state, false);
	visit.members = members_begin(fcinfo, &state->site->key_type,
								  "retention_members(user_id, at, is_start, is_return, unit, periods)");
	cohort_visit_users(&visit, state);
	PG_RETURN_DATUM(members_array(visit.members,
								  "Ask for fewer users or a shorter time, with WHERE."));
}
