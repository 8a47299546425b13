/*-------------------------------------------------------------------------
 *
 * activity_population.c
 *		lifecycle, active_ratio, stickiness, frequency and lifecycle_users:
 *		the activity kernel over all users of a query at once.
 *
 * They share the state (the periods in which each user was active, see
 * periods/periods.h) and all its support functions except the first and the
 * last.  Periods are buckets of the calendar, with two exceptions: frequency
 * by times has a single period, whose value is the count; lifecycle_users has
 * three periods: the given bucket, the one before it, and all earlier ones.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "activity/activity_params.h"
#include "catalog/pg_type.h"
#include "event/event.h"
#include "miscadmin.h"
#include "periods/periods.h"
#include "scan/scan.h"
#include "userset/userset.h"
#include "utils/memutils.h"

JOURNEY_FUNCTION(journey_lifecycle_transition);
JOURNEY_FUNCTION(journey_active_ratio_transition);
JOURNEY_FUNCTION(journey_stickiness_transition);
JOURNEY_FUNCTION(journey_frequency_transition);
JOURNEY_FUNCTION(journey_lifecycle_users_transition);
JOURNEY_FUNCTION(journey_activity_combine);
JOURNEY_FUNCTION(journey_activity_serialize);
JOURNEY_FUNCTION(journey_activity_deserialize);
JOURNEY_FUNCTION(journey_lifecycle_final);
JOURNEY_FUNCTION(journey_active_ratio_final);
JOURNEY_FUNCTION(journey_stickiness_final);
JOURNEY_FUNCTION(journey_frequency_final);
JOURNEY_FUNCTION(journey_lifecycle_users_final);

/* ---- the state ---------------------------------------------------------- */

/*
 * Take the parameters of a row: argument 3 is the unit, the next ones are
 * `first` to `last`, and the time zone and the end of observation, if they are
 * given, come after them.
 */
static void
activity_take_params(FunctionCallInfo fcinfo, int kind, int first, int last)
{
	CallParams	given = {0};
	int			n = 4;
	int			which;

	given.list[ACTIVITY_PARAM_KIND].given = true;
	given.list[ACTIVITY_PARAM_KIND].number = kind;
	param_read(&given, &activity_params, ACTIVITY_PARAM_UNIT, fcinfo, 3);
	for (which = first; which <= last; which++)
		param_read(&given, &activity_params, which, fcinfo, n++);
	if (PG_NARGS() > n)
		param_read(&given, &activity_params, ACTIVITY_PARAM_ZONE, fcinfo, n);
	if (PG_NARGS() > n + 1)
		param_read(&given, &activity_params, ACTIVITY_PARAM_UNTIL, fcinfo, n + 1);
	population_take_params(fcinfo, &activity_params, &given, 1 << 1 | 1 << 2,
						   !PG_ARGISNULL(1) && !PG_ARGISNULL(2));
}

/* The period of a time as the set of periods has it. */
static inline uint32
activity_period_of(const ActivityParams *params, int64 at)
{
	int64		bucket;

	if (params->table == NULL)
		return 0;
	bucket = activity_bucket(&params->calendar, calendar_table_number(params->table, at));
	if (params->kind == ACTIVITY_USERS)
		return bucket >= params->bucket - 1 ? (uint32) (bucket - params->bucket + 2) : 0;
	bucket -= CALENDAR_NUMBER_MIN;
	if (unlikely(bucket < 0 || bucket > USER_PERIOD_LAST))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("at is too far in the future to count hours"),
				 errhint("Leave such rows out, or use a longer unit.")));
	return (uint32) bucket;
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
		activity_take_params(fcinfo, kind, first, last);
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

	if (!population_params_known(fcinfo) || state->with_values ||
		state->site->key_type.kind != USER_KEY_INTEGER)
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

/* Makes of x_row(), which takes one row, x_rows(), which takes many. */
#define ACTIVITY_ROWS(row) \
static void \
row##s(FunctionCallInfo fcinfo, const ScanVector *const *args, int n) \
{ \
	if (!activity_add_rows(fcinfo, args, n)) \
		table_scan_each_row(fcinfo, args, n, row); \
}

/*
 * lifecycle_transition(state, user_id, at, unit [, time_zone [, until]])
 */
static Datum
lifecycle_row(PG_FUNCTION_ARGS)
{
	return activity_add_row(fcinfo, ACTIVITY_LIFECYCLE, 1, 0);
}

ACTIVITY_ROWS(lifecycle_row)

Datum
journey_lifecycle_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, lifecycle_row, lifecycle_rows);
}

/*
 * active_ratio_transition(state, user_id, at, unit, short_window, long_window
 * [, time_zone [, until]])
 */
static Datum
active_ratio_row(PG_FUNCTION_ARGS)
{
	return activity_add_row(fcinfo, ACTIVITY_RATIO, ACTIVITY_PARAM_SHORT, ACTIVITY_PARAM_LONG);
}

ACTIVITY_ROWS(active_ratio_row)

Datum
journey_active_ratio_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, active_ratio_row, active_ratio_rows);
}

/*
 * stickiness_transition(state, user_id, at, unit, per [, time_zone
 * [, until]])
 */
static Datum
stickiness_row(PG_FUNCTION_ARGS)
{
	return activity_add_row(fcinfo, ACTIVITY_STICKINESS, ACTIVITY_PARAM_PER, ACTIVITY_PARAM_PER);
}

ACTIVITY_ROWS(stickiness_row)

Datum
journey_stickiness_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, stickiness_row, stickiness_rows);
}

/*
 * frequency_transition(state, user_id, at, unit [, time_zone [, until]])
 */
static Datum
frequency_row(PG_FUNCTION_ARGS)
{
	return activity_add_row(fcinfo, ACTIVITY_FREQUENCY, 1, 0);
}

ACTIVITY_ROWS(frequency_row)

Datum
journey_frequency_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, frequency_row, frequency_rows);
}

/*
 * lifecycle_users_transition(state, user_id, at, unit, bucket, state
 * [, time_zone [, until]])
 */
static Datum
lifecycle_users_row(PG_FUNCTION_ARGS)
{
	return activity_add_row(fcinfo, ACTIVITY_USERS, ACTIVITY_PARAM_BUCKET, ACTIVITY_PARAM_STATE);
}

ACTIVITY_ROWS(lifecycle_users_row)

Datum
journey_lifecycle_users_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, lifecycle_users_row, lifecycle_users_rows);
}

/*
 * activity_combine(state, state): for every aggregate of this file.
 */
Datum
journey_activity_combine(PG_FUNCTION_ARGS)
{
	return population_agg_combine(fcinfo, &activity_params);
}

/*
 * activity_serialize(state)
 */
Datum
journey_activity_serialize(PG_FUNCTION_ARGS)
{
	return population_agg_serialize(fcinfo, &activity_params);
}

/*
 * activity_deserialize(bytes)
 */
Datum
journey_activity_deserialize(PG_FUNCTION_ARGS)
{
	UserStore  *store = population_agg_deserialize(fcinfo, &activity_params,
												   &user_periods_methods);

	if (((UserPeriods *) store)->with_values != activity_counts_times(store->params))
		serialized_refuse();
	PG_RETURN_POINTER(store);
}

/* ---- results ------------------------------------------------------------ */

/* What the longer unit of a shorter bucket is, remembered. */
#define LONGER_SLOTS 4096

typedef struct LongerSlot
{
	int64		bucket;
	int64		longer;
} LongerSlot;

/* What the visits of users work with.  Each visit uses what it needs. */
typedef struct ActivityVisit
{
	const ActivityParams *params;
	ActivityStats *stats;
	MemoryContext context;		/* where results are kept */

	/* the buckets of a user */
	int64	   *buckets;
	size_t		buckets_capacity;

	/* of stickiness */
	LongerSlot *longer;

	/* of users in a state */
	RoaringBuilder users;
} ActivityVisit;

/* Get ready to visit the users of a state; it must be one of this aggregate. */
static void
activity_begin_visit(ActivityVisit *visit, const UserPeriods *state, int kind)
{
	memset(visit, 0, sizeof(ActivityVisit));
	visit->params = state->params;
	if (visit->params->kind != kind)
		serialized_refuse();
	visit->context = CurrentMemoryContext;
	visit->stats = activity_stats_new(CurrentMemoryContext, &visit->params->spec);
	visit->stats->newest = visit->params->spec.until == PG_INT64_MAX ? state->newest :
		visit->params->spec.until;
}

/* Begin a scan of a user's buckets. */
static void
activity_begin_scan(ActivityVisit *visit, ActivityScan *scan, const UserPeriod *periods, size_t n)
{
	size_t		i;

	if (n > visit->buckets_capacity)
	{
		if (visit->buckets != NULL)
			pfree(visit->buckets);
		visit->buckets_capacity = Max(Max(n, 1024), visit->buckets_capacity * 2);
		visit->buckets = MemoryContextAllocHuge(visit->context,
												visit->buckets_capacity * sizeof(int64));
	}
	for (i = 0; i < n; i++)
		visit->buckets[i] = (int64) periods[i].period + CALENDAR_NUMBER_MIN;
	activity_begin(scan, visit->buckets, n);
}

static void
activity_visit_lifecycle(void *arg, const UserKey *user, const UserPeriod *periods, size_t n)
{
	ActivityVisit *visit = arg;
	ActivityScan scan;
	int64		bucket;
	LifecycleState state;
	bool		dormant_after;

	(void) user;
	activity_begin_scan(visit, &scan, periods, n);
	while (activity_next_state(&scan, &bucket, &state, &dormant_after))
	{
		activity_stats_count(visit->stats, bucket, state, 1);
		if (dormant_after)
			activity_stats_count(visit->stats, bucket + 1, LIFECYCLE_DORMANT, 1);
	}
}

static void
activity_visit_ratio(void *arg, const UserKey *user, const UserPeriod *periods, size_t n)
{
	ActivityVisit *visit = arg;
	const ActivitySpec *spec = &visit->params->spec;
	ActivityScan scan;
	int64		begin;
	int64		end;

	(void) user;
	activity_begin_scan(visit, &scan, periods, n);
	while (activity_next_span(&scan, spec->short_window, &begin, &end))
	{
		activity_stats_count(visit->stats, begin, EDGE_SHORT_BEGIN, 1);
		activity_stats_count(visit->stats, end, EDGE_SHORT_END, 1);
	}
	activity_begin(&scan, visit->buckets, n);
	while (activity_next_span(&scan, spec->long_window, &begin, &end))
	{
		activity_stats_count(visit->stats, begin, EDGE_LONG_BEGIN, 1);
		activity_stats_count(visit->stats, end, EDGE_LONG_END, 1);
	}
}

/* The bucket of the longer unit in which a bucket lies. */
static int64
activity_longer_bucket(ActivityVisit *visit, int64 bucket)
{
	LongerSlot *slot = &visit->longer[bucket & (LONGER_SLOTS - 1)];

	if (slot->bucket != bucket)
	{
		const ActivityCalendar *calendar = &visit->params->calendar;

		slot->longer = calendar_number(visit->params->spec.over_unit, calendar->zone,
									   activity_bucket_begin(calendar, bucket));
		slot->bucket = bucket;
	}
	return slot->longer;
}

static void
activity_visit_stickiness(void *arg, const UserKey *user, const UserPeriod *periods, size_t n)
{
	ActivityVisit *visit = arg;
	ActivityScan scan;
	int64		bucket;
	uint64		length;
	size_t		i;

	(void) user;
	activity_begin_scan(visit, &scan, periods, n);
	for (i = 0; i < n; i++)
		visit->buckets[i] = activity_longer_bucket(visit, visit->buckets[i]);
	while (activity_next_run(&scan, &bucket, &length))
		activity_stats_count(visit->stats, bucket, length, 1);
}

static void
activity_visit_frequency(void *arg, const UserKey *user, const UserPeriod *periods, size_t n)
{
	ActivityVisit *visit = arg;
	uint64		times = n;

	(void) user;
	if (activity_counts_times(visit->params))
	{
		if (!(periods[0].value >= 1 && periods[0].value < 9007199254740992.0))
			serialized_refuse();	/* no transition makes it so */
		times = (uint64) periods[0].value;
	}
	activity_stats_count(visit->stats, 0, times, 1);
}

/* The newest event, unless the call says when observation ends. */
static int64
activity_newest(const void *any)
{
	const UserPeriods *state = any;
	const ActivityParams *params = state->params;

	return params->spec.until == PG_INT64_MAX ? state->newest : PG_INT64_MIN;
}

JOURNEY_RESULTS_JOIN(journey_lifecycle_final_join);
const ResultsJoin journey_lifecycle_final_join = {
	.type = &activity_stats_type,
	.newest = activity_newest
};

static Datum
lifecycle_final_users(PG_FUNCTION_ARGS)
{
	ActivityVisit visit;

	activity_begin_visit(&visit, (UserPeriods *) PG_GETARG_POINTER(0), ACTIVITY_LIFECYCLE);
	user_periods_visit((UserPeriods *) PG_GETARG_POINTER(0), activity_visit_lifecycle, &visit);
	PG_RETURN_POINTER(stats_pack(&activity_stats_type, visit.stats));
}

/*
 * Where no rows give a result, it is NULL.
 */
Datum
journey_lifecycle_final(PG_FUNCTION_ARGS)
{
	return results_final(fcinfo, lifecycle_final_users, &journey_lifecycle_final_join);
}

JOURNEY_RESULTS_JOIN(journey_active_ratio_final_join);
const ResultsJoin journey_active_ratio_final_join = {
	.type = &activity_stats_type,
	.newest = activity_newest
};

static Datum
active_ratio_final_users(PG_FUNCTION_ARGS)
{
	ActivityVisit visit;

	activity_begin_visit(&visit, (UserPeriods *) PG_GETARG_POINTER(0), ACTIVITY_RATIO);
	user_periods_visit((UserPeriods *) PG_GETARG_POINTER(0), activity_visit_ratio, &visit);
	PG_RETURN_POINTER(stats_pack(&activity_stats_type, visit.stats));
}

Datum
journey_active_ratio_final(PG_FUNCTION_ARGS)
{
	return results_final(fcinfo, active_ratio_final_users, &journey_active_ratio_final_join);
}

JOURNEY_RESULTS_JOIN(journey_stickiness_final_join);
const ResultsJoin journey_stickiness_final_join = {
	.type = &activity_stats_type,
	.newest = activity_newest
};

static Datum
stickiness_final_users(PG_FUNCTION_ARGS)
{
	ActivityVisit visit;
	int			i;

	activity_begin_visit(&visit, (UserPeriods *) PG_GETARG_POINTER(0), ACTIVITY_STICKINESS);
	visit.longer = palloc(LONGER_SLOTS * sizeof(LongerSlot));
	for (i = 0; i < LONGER_SLOTS; i++)
		visit.longer[i].bucket = PG_INT64_MIN;	/* none */
	user_periods_visit((UserPeriods *) PG_GETARG_POINTER(0), activity_visit_stickiness, &visit);
	PG_RETURN_POINTER(stats_pack(&activity_stats_type, visit.stats));
}

Datum
journey_stickiness_final(PG_FUNCTION_ARGS)
{
	return results_final(fcinfo, stickiness_final_users, &journey_stickiness_final_join);
}

JOURNEY_RESULTS_JOIN(journey_frequency_final_join);
const ResultsJoin journey_frequency_final_join = {.type = &activity_stats_type};

static Datum
frequency_final_users(PG_FUNCTION_ARGS)
{
	ActivityVisit visit;

	activity_begin_visit(&visit, (UserPeriods *) PG_GETARG_POINTER(0), ACTIVITY_FREQUENCY);
	user_periods_visit((UserPeriods *) PG_GETARG_POINTER(0), activity_visit_frequency, &visit);
	PG_RETURN_POINTER(stats_pack(&activity_stats_type, visit.stats));
}

Datum
journey_frequency_final(PG_FUNCTION_ARGS)
{
	return results_final(fcinfo, frequency_final_users, &journey_frequency_final_join);
}

/* Keep a user who is in the state asked for; period 2 is the bucket, 1 the one before. */
static void
activity_visit_user_of_state(void *arg, const UserKey *user, const UserPeriod *periods, size_t n)
{
	ActivityVisit *visit = arg;
	const bool	now = periods[n - 1].period == 2;
	const bool	before = n > 1 && now ? periods[n - 2].period == 1 : periods[n - 1].period == 1;
	MemoryContext old;
	int			state;

	if (now)
		state = n == 1 ? LIFECYCLE_NEW : before ? LIFECYCLE_RETURNING : LIFECYCLE_RESURRECTED;
	else if (before)
		state = LIFECYCLE_DORMANT;
	else
		return;
	if (state != visit->params->state && !(now && visit->params->state == STATE_ACTIVE))
		return;
	old = MemoryContextSwitchTo(visit->context);
	roaring_builder_add(&visit->users, user->key);
	MemoryContextSwitchTo(old);
}

/*
 * lifecycle_users_final(state): a userset.
 */
Datum
journey_lifecycle_users_final(PG_FUNCTION_ARGS)
{
	ActivityVisit visit;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	activity_begin_visit(&visit, (UserPeriods *) PG_GETARG_POINTER(0), ACTIVITY_USERS);
	roaring_builder_init(&visit.users, ROARING_OR);
	user_periods_visit((UserPeriods *) PG_GETARG_POINTER(0), activity_visit_user_of_state, &visit);
	return users_datum(&visit.users);
}
