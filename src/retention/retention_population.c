/*-------------------------------------------------------------------------
 *
 * retention_population.c
 *		cohort_retention and retention_members: the cohort kernel over all users
 *		of a query at once.
 *
 * For calendar units the state is, for each user, the periods in which they
 * started or came back (periods/periods.h).  Rolling periods begin at the
 * user's own start, which is known only at the end, so there the state is the
 * events themselves (population/population.h).
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
JOURNEY_FUNCTION(journey_cohort_retention_final);
JOURNEY_FUNCTION(journey_retention_members_final);

/* The buckets of one unit and zone, shared by the groups of a call site. */
typedef struct CalendarEntry
{
	struct CalendarEntry *next;
	CalendarTable *table;
} CalendarEntry;

/* What a call site remembers from row to row. */
typedef struct CohortCall
{
	ParamsSite	site;
	UserSite   *users;
	CalendarEntry *calendars;
} CohortCall;

/* The state: one of the two. */
typedef struct CohortState
{
	UserPeriods *periods;		/* of calendar units */
	CalendarTable *calendar;
	Population *events;			/* of rolling units */
} CohortState;

/* Arguments 1 to 4 are the user, the time, the start and the return; 5 may be
 * a value. */
#define DATA_ARGS	(1 << 1 | 1 << 2 | 1 << 3 | 1 << 4)
#define VALUE_ARG	(1 << 5)

static CohortCall *
cohort_call(FmgrInfo *flinfo)
{
	if (flinfo->fn_extra == NULL)
		flinfo->fn_extra = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(CohortCall));
	return flinfo->fn_extra;
}

static inline const CohortParams *
cohort_state_params(const CohortState *state)
{
	return state->periods != NULL ? state->periods->params : state->events->params;
}

static inline bool
cohort_state_has_values(const CohortState *state)
{
	return state->periods != NULL ? state->periods->with_values : (state->events->holds & POPULATION_VALUES) != 0;
}

static inline const UserKeyType *
cohort_state_key_type(const CohortState *state)
{
	return &(state->periods != NULL ? state->periods->site : state->events->site)->key_type;
}

static inline int64
cohort_state_newest(const CohortState *state)
{
	return state->periods != NULL ? state->periods->newest : state->events->newest;
}

/* The calendar of a unit and zone. */
static CalendarTable *
cohort_calendar_of(FmgrInfo *flinfo, const CohortParams *params)
{
	CohortCall *call = cohort_call(flinfo);
	CalendarEntry *entry;

	for (entry = call->calendars; entry != NULL; entry = entry->next)
		if (entry->table->unit == params->unit && entry->table->zone == params->zone)
			return entry->table;
	entry = MemoryContextAlloc(flinfo->fn_mcxt, sizeof(CalendarEntry));
	entry->table = calendar_table(flinfo->fn_mcxt, params->unit, params->zone);
	entry->next = call->calendars;
	call->calendars = entry;
	return entry->table;
}

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

/* An empty state in `context`. */
static CohortState *
cohort_state_new(FmgrInfo *flinfo, MemoryContext context, UserSite *users,
				 const CohortParams *params, bool with_values)
{
	CohortState *state = MemoryContextAllocZero(context, sizeof(CohortState));

	if (params->rolling)
		state->events = population_new(context, users, params, ROLLING_STEPS,
									   with_values ? POPULATION_VALUES : 0);
	else
	{
		state->periods = user_periods_new(context, users, params, with_values);
		state->calendar = cohort_calendar_of(flinfo, params);
	}
	return state;
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
cohort_take_params(FunctionCallInfo fcinfo, int n, uint32 data_args)
{
	CohortCall *call = cohort_call(fcinfo->flinfo);
	const CohortState *state = PG_ARGISNULL(0) ? NULL : (CohortState *) PG_GETARG_POINTER(0);
	CallParams	given = {0};

	param_read(&given, &cohort_params, COHORT_UNIT, fcinfo, n);
	cohort_read_periods(&given, fcinfo, n + 1);
	if (PG_NARGS() > n + 2)
		param_read(&given, &cohort_params, COHORT_MODE, fcinfo, n + 2);
	if (PG_NARGS() > n + 3)
		param_read(&given, &cohort_params, COHORT_ZONE, fcinfo, n + 3);
	if (PG_NARGS() > n + 4)
		param_read(&given, &cohort_params, COHORT_UNTIL, fcinfo, n + 4);
	params_of_row(fcinfo, &call->site, &cohort_params, data_args,
				  state == NULL ? NULL : cohort_state_params(state), &given, !cohort_row_is_null(fcinfo));
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

/* Add a row; `params_at` is the argument that is the first parameter. */
static inline Datum
cohort_add_row(FunctionCallInfo fcinfo, int params_at)
{
	CohortState *state = PG_ARGISNULL(0) ? NULL : (CohortState *) PG_GETARG_POINTER(0);
	CohortCall *call = fcinfo->flinfo->fn_extra;
	const bool	with_values = params_at > 5;
	uint32		flags = 0;
	double		value = 0;
	int64		at;

	if (unlikely(call == NULL || !call->site.constant))
	{
		cohort_take_params(fcinfo, params_at, with_values ? DATA_ARGS | VALUE_ARG : DATA_ARGS);
		call = fcinfo->flinfo->fn_extra;
	}
	if (cohort_row_is_null(fcinfo))
		return population_skip_row(fcinfo);
	at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	if (at >= ((const CohortParams *) call->site.params)->until)
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
	{
		if (call->users == NULL)
			call->users = user_site_new(fcinfo->flinfo, get_fn_expr_argtype(fcinfo->flinfo, 1),
										user_key_collation(fcinfo));
		state = cohort_state_new(fcinfo->flinfo, arg_aggregate_context(fcinfo), call->users,
								 call->site.params, with_values);
	}
	if (likely(state->periods != NULL))
	{
		if (at > state->periods->newest)
			state->periods->newest = at;
		if (flags != 0)
			user_periods_add(state->periods, PG_GETARG_DATUM(1), cohort_period_of(state->calendar, at),
							 flags, value);
	}
	else
	{
		PopulationEvent event = {
			.at = at,
			.step = cohort_flags_step(flags)
		};

		if (with_values)
		{
			event.value.bytes = (const char *) &value;
			event.value.length = sizeof(value);
		}
		if (at > state->events->newest)
			state->events->newest = at;
		if (flags != 0)
			population_add(state->events, PG_GETARG_DATUM(1), &event);
	}
	PG_RETURN_POINTER(state);
}

static void
cohort_share_files(Datum state, Exchange *exchange)
{
	CohortState *cohorts = (CohortState *) DatumGetPointer(state);

	if (cohorts->periods != NULL)
		cohorts->periods->exchange = exchange;
	else
		cohorts->events->exchange = exchange;
}

static void
cohort_exchange_users(Datum state, dsa_area *area)
{
	CohortState *cohorts = (CohortState *) DatumGetPointer(state);

	if (cohorts->periods != NULL)
		user_periods_exchange(cohorts->periods, area);
	else
		population_exchange(cohorts->events, area);
}

static const ScanSharing cohort_sharing = {cohort_share_files, cohort_exchange_users};

static Datum
cohort_retention_row(PG_FUNCTION_ARGS)
{
	return cohort_add_row(fcinfo, 5);
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
	const CohortState *state = (CohortState *) PG_GETARG_POINTER(0);
	UserPeriods *periods = state->periods;
	const int64 until = cohort_state_params(state)->until;
	const ScanVector *users = args[1];
	const ScanVector *ats = args[2];
	Datum		active[SCAN_ROWS_MOST];
	uint32		marked[SCAN_ROWS_MOST];
	int			nactive = 0;
	int64		newest;
	int			i;

	if (!((CohortCall *) fcinfo->flinfo->fn_extra)->site.constant || periods == NULL ||
		periods->site->key_type.kind != USER_KEY_INTEGER)
	{
		table_scan_each_row(fcinfo, args, n, cohort_retention_row);
		return;
	}
	if (!users->has_nulls && !ats->has_nulls && calendar_times_before(ats->values, n, until) &&
		calendar_table_same(state->calendar, ats->values, n, &newest))
	{
		/* as it mostly is when rows are in the order of time */
		for (i = 0; i < n; i++)
		{
			active[nactive] = users->values[i];
			marked[nactive] = cohort_row_flags(args, i);
			nactive += marked[nactive] != 0;
		}
		if (nactive > 0)
		{
			const uint32 period = cohort_period_of(state->calendar, newest) << USER_PERIOD_FLAG_BITS;

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
			if (at >= until)
				continue;
			newest = Max(newest, at);
			if (flags == 0)
				continue;
			active[nactive] = users->values[i];
			marked[nactive++] = cohort_period_of(state->calendar, at) << USER_PERIOD_FLAG_BITS | flags;
		}
	}
	periods->newest = Max(periods->newest, newest);
	user_periods_add_rows(periods, active, marked, nactive);
}

/*
 * cohort_retention_transition(state, user_id, at, is_start, is_return, unit,
 * periods [, mode [, time_zone [, until]]]): also of retention_members.
 */
Datum
journey_cohort_retention_transition(PG_FUNCTION_ARGS)
{
	return table_scan_transition(fcinfo, cohort_retention_row, cohort_retention_rows,
								 &cohort_sharing);
}

/*
 * The same with a value before unit.
 */
static Datum
cohort_retention_value_row(PG_FUNCTION_ARGS)
{
	return cohort_add_row(fcinfo, 6);
}

TABLE_SCAN_ROWS(cohort_retention_value_row)

Datum
journey_cohort_retention_value_transition(PG_FUNCTION_ARGS)
{
	return table_scan_transition(fcinfo, cohort_retention_value_row, cohort_retention_value_rows,
								 &cohort_sharing);
}

/*
 * cohort_retention_combine(state, state)
 */
Datum
journey_cohort_retention_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	CohortCall *call = cohort_call(fcinfo->flinfo);
	CohortState *left = PG_ARGISNULL(0) ? NULL : (CohortState *) PG_GETARG_POINTER(0);
	const CohortState *right = PG_ARGISNULL(1) ? NULL : (CohortState *) PG_GETARG_POINTER(1);

	if (right != NULL)
	{
		const UserKeyType *key_type = cohort_state_key_type(right);

		call->site.params = params_joined(fcinfo->flinfo->fn_mcxt, &cohort_params,
										  call->site.params,
										  left == NULL ? NULL : cohort_state_params(left),
										  cohort_state_params(right));
		if (left != NULL && (cohort_state_has_values(left) != cohort_state_has_values(right) ||
							 cohort_state_key_type(left)->type != key_type->type ||
							 cohort_state_key_type(left)->collation != key_type->collation))
			serialized_refuse();	/* they are not laid out alike */
		if (call->users == NULL ||
			(left == NULL && call->users->key_type.type != key_type->type))
			call->users = user_site_new(fcinfo->flinfo, key_type->type, key_type->collation);
		if (left == NULL)
			left = cohort_state_new(fcinfo->flinfo, context, call->users, call->site.params,
									cohort_state_has_values(right));
		if (left->periods != NULL)
			user_periods_combine(left->periods, right->periods);
		else
			population_combine(left->events, right->events);
	}
	if (left == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(left);
}

/*
 * cohort_retention_serialize(state)
 */
Datum
journey_cohort_retention_serialize(PG_FUNCTION_ARGS)
{
	CohortState *state = (CohortState *) PG_GETARG_POINTER(0);
	const CohortParams *params = cohort_state_params(state);
	size_t		size = params_size(&cohort_params, params);
	unsigned char *bytes = palloc(size);
	ByteWriter	out = {bytes};

	params_encode(&cohort_params, params, &out);
	if (state->periods != NULL)
		PG_RETURN_BYTEA_P(user_periods_serialize(state->periods, bytes, size));
	PG_RETURN_BYTEA_P(population_serialize(state->events, bytes, size));
}

/*
 * cohort_retention_deserialize(bytes): the parameters say which of the two
 * states it is.
 */
Datum
journey_cohort_retention_deserialize(PG_FUNCTION_ARGS)
{
	CohortCall *call = cohort_call(fcinfo->flinfo);
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	CohortState *state = palloc0(sizeof(CohortState));
	const CohortParams *params;
	EventsHeader header;
	ByteReader	in = {(unsigned char *) VARDATA_ANY(bytes),
	(unsigned char *) VARDATA_ANY(bytes) + VARSIZE_ANY_EXHDR(bytes), false};

	(void) arg_aggregate_context(fcinfo);
	if (!events_read_header(&in, &header))
		serialized_refuse();
	in.at = header.params;
	in.end = header.params + header.params_size;
	params = params_decode(fcinfo->flinfo->fn_mcxt, &cohort_params, call->site.params, &in);
	call->site.params = params;
	if (params->rolling)
	{
		state->events = population_deserialize(bytes, fcinfo->flinfo, &call->users, &header);
		if (state->events->nsteps != ROLLING_STEPS ||
			(state->events->holds & ~POPULATION_VALUES) != 0)
			serialized_refuse();
		state->events->params = params;
	}
	else
	{
		state->periods = user_periods_deserialize(bytes, fcinfo->flinfo, &call->users, &header);
		state->periods->params = params;
	}
	PG_RETURN_POINTER(state);
}

/*
 * What the visits of users work with.
 */
typedef struct CohortVisit
{
	const CohortParams *params;
	CohortSpec	spec;
	MemoryContext context;		/* where results are kept */
	CalendarTable *calendar;
	RetentionStats *stats;		/* NULL for members */
	CohortCell *cells;

	/* a user's events */
	CohortEvent *events;
	size_t		events_capacity;

	Members    *members;
} CohortVisit;

static void
cohort_begin_visit(CohortVisit *visit, FunctionCallInfo fcinfo, const CohortState *state)
{
	memset(visit, 0, sizeof(CohortVisit));
	visit->params = cohort_state_params(state);
	visit->spec = visit->params->spec;
	visit->spec.with_values = cohort_state_has_values(state);
	visit->context = CurrentMemoryContext;
	visit->calendar = cohort_calendar_of(fcinfo->flinfo, visit->params);
	visit->cells = palloc(visit->spec.ncells * sizeof(CohortCell));
}

/* The cohort of a bucket's number. */
static RetentionCohort *
cohort_of(CohortVisit *visit, int64 number)
{
	RetentionCohort *cohort = retention_cohort(visit->stats, number);

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
		if (values != NULL)
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
		number = cohort_number_of(visit->calendar, visit->events[i].at);
		if (number == latest)
			continue;			/* not the first start in its bucket */
		latest = number;
		while (visit->events[from].at < visit->events[i].at)
			from++;
		cohort_count_start(visit, user, number,
						   cohort_rolling_cells(&visit->spec, visit->events + from, n - from,
												visit->events[i].at, length, visit->cells));
		if (!visit->spec.every)
			break;
		CHECK_FOR_INTERRUPTS();
	}
}

static void
cohort_visit_users(CohortVisit *visit, CohortState *state)
{
	if (state->periods != NULL)
		user_periods_visit(state->periods, cohort_visit_periods, visit);
	else
		population_visit(state->events, cohort_visit_events, visit);
}

static Results *
cohort_results(void *state)
{
	CohortState *cohorts = state;

	return cohorts->periods != NULL ? &cohorts->periods->results : &cohorts->events->results;
}

/* The newest event, unless the call says when observation ends. */
static int64
cohort_newest(const void *state)
{
	return cohort_state_params(state)->until == PG_INT64_MAX ? cohort_state_newest(state) : PG_INT64_MIN;
}

PGDLLEXPORT const ResultsJoin journey_cohort_retention_final_join = {
	.type = &retention_stats_type,
	.results = cohort_results,
	.newest = cohort_newest
};

static Datum
cohort_retention_final_users(PG_FUNCTION_ARGS)
{
	CohortState *state;
	CohortVisit visit;
	int64		newest;

	state = (CohortState *) PG_GETARG_POINTER(0);
	cohort_begin_visit(&visit, fcinfo, state);
	visit.stats = retention_stats_new(CurrentMemoryContext, visit.params->unit,
									  visit.params->rolling, &visit.spec,
									  pg_get_timezone_name(visit.params->zone));
	visit.stats->until = visit.params->until;
	newest = visit.params->until == PG_INT64_MAX ? cohort_state_newest(state) : visit.params->until;
	visit.stats->newest = visit.params->rolling ? newest :
		Min(calendar_number(visit.params->unit, visit.params->zone, newest),
			CALENDAR_NUMBER_MIN + USER_PERIOD_LAST);
	cohort_visit_users(&visit, state);
	PG_RETURN_POINTER(stats_pack(&retention_stats_type, visit.stats));
}

/*
 * cohort_retention_final(state): NULL when there are no rows.
 */
Datum
journey_cohort_retention_final(PG_FUNCTION_ARGS)
{
	return results_final(fcinfo, cohort_retention_final_users, &journey_cohort_retention_final_join);
}

/*
 * retention_members_final(state): an array of retention_member, by user_id and
 * cohort.
 */
Datum
journey_retention_members_final(PG_FUNCTION_ARGS)
{
	CohortState *state;
	CohortVisit visit;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (CohortState *) PG_GETARG_POINTER(0);
	cohort_begin_visit(&visit, fcinfo, state);
	visit.members = members_begin(fcinfo, cohort_state_key_type(state),
								  "retention_members(user_id, at, is_start, is_return, unit, periods)");
	cohort_visit_users(&visit, state);
	PG_RETURN_DATUM(members_array(visit.members,
								  "Ask for fewer users or a shorter time, with WHERE."));
}
