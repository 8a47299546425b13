/*-------------------------------------------------------------------------
 *
 * activity_results.c
 *		lifecycle, active_ratio, stickiness, frequency and lifecycle_users: the
 *		activity kernel over the periods of each user, and its results.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "activity/activity_visit.h"
#include "event/event.h"
#include "periods/periods.h"
#include "userset/userset.h"
#include "utils/memutils.h"

/* What the longer unit of a shorter bucket is, remembered. */
#define LONGER_SLOTS 4096

/* Get ready to visit the users of a state; it must be one of this aggregate. */
void
activity_begin_visit(ActivityVisit *visit, const UserStore *state, int kind, bool by)
{
	memset(visit, 0, sizeof(ActivityVisit));
	visit->params = state->params;
	if (visit->params->kind != kind || activity_is_by(visit->params) != by)
		serialized_refuse();
	visit->context = CurrentMemoryContext;
	visit->stats = activity_stats_new(CurrentMemoryContext, &visit->params->spec);
	visit->stats->newest = visit->params->spec.until == PG_INT64_MAX ? state->newest :
		visit->params->spec.until;
	if (kind == ACTIVITY_STICKINESS)
	{
		int			i;

		visit->longer = palloc(LONGER_SLOTS * sizeof(LongerSlot));
		for (i = 0; i < LONGER_SLOTS; i++)
			visit->longer[i].bucket = PG_INT64_MIN; /* none */
	}
}

/* Have room for n buckets. */
void
activity_reserve(ActivityVisit *visit, size_t n)
{
	if (n <= visit->capacity)
		return;
	if (visit->buckets != NULL)
		pfree(visit->buckets);
	visit->capacity = Max(Max(n, 1024), visit->capacity * 2);
	visit->buckets = MemoryContextAllocHuge(visit->context, visit->capacity * sizeof(int64));
}

static void
activity_count_lifecycle(ActivityVisit *visit, size_t n)
{
	ActivityScan scan;
	int64		bucket;
	LifecycleState state;
	bool		dormant_after;

	activity_begin(&scan, visit->buckets, n);
	while (activity_next_state(&scan, &bucket, &state, &dormant_after))
	{
		activity_stats_count(visit->stats, bucket, state, 1);
		if (dormant_after)
			activity_stats_count(visit->stats, bucket + 1, LIFECYCLE_DORMANT, 1);
	}
}

static void
activity_count_ratio(ActivityVisit *visit, size_t n)
{
	const ActivitySpec *spec = &visit->params->spec;
	ActivityScan scan;
	int64		begin;
	int64		end;

	activity_begin(&scan, visit->buckets, n);
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
activity_count_stickiness(ActivityVisit *visit, size_t n)
{
	ActivityScan scan;
	int64		bucket;
	uint64		length;
	size_t		i;

	for (i = 0; i < n; i++)
		visit->buckets[i] = activity_longer_bucket(visit, visit->buckets[i]);
	activity_begin(&scan, visit->buckets, n);
	while (activity_next_run(&scan, &bucket, &length))
		activity_stats_count(visit->stats, bucket, length, 1);
}

/* Count a user who was active in n buckets, and so many times. */
void
activity_count_user(ActivityVisit *visit, size_t n, uint64 times)
{
	switch (visit->params->spec.kind)
	{
		case ACTIVITY_LIFECYCLE:
			activity_count_lifecycle(visit, n);
			break;
		case ACTIVITY_RATIO:
			activity_count_ratio(visit, n);
			break;
		case ACTIVITY_STICKINESS:
			activity_count_stickiness(visit, n);
			break;
		case ACTIVITY_FREQUENCY:
			activity_stats_count(visit->stats, 0, activity_counts_times(visit->params) ? times : n, 1);
			break;
	}
}

static void
activity_visit_periods(void *arg, const UserKey *user, const UserPeriod *periods, size_t n)
{
	ActivityVisit *visit = arg;
	uint64		times = n;
	size_t		i;

	(void) user;
	if (activity_counts_times(visit->params))
	{
		if (!(periods[0].value >= 1 && periods[0].value < 9007199254740992.0))
			serialized_refuse();	/* no transition makes it so */
		times = (uint64) periods[0].value;
	}
	activity_reserve(visit, n);
	for (i = 0; i < n; i++)
		visit->buckets[i] = (int64) periods[i].period + CALENDAR_NUMBER_MIN;
	activity_count_user(visit, n, times);
}

/* The result over all users of a state. */
static Datum
activity_final_users(FunctionCallInfo fcinfo, ActivityKind kind)
{
	UserStore  *state = (UserStore *) PG_GETARG_POINTER(0);
	ActivityVisit visit;

	activity_begin_visit(&visit, state, kind, false);
	user_periods_visit((UserPeriods *) state, activity_visit_periods, &visit);
	PG_RETURN_POINTER(stats_pack(&activity_stats_type, visit.stats));
}

/* The newest event, unless the call says when observation ends. */
int64
activity_newest(const void *any)
{
	const UserStore *state = any;
	const ActivityParams *params = state->params;

	return params->spec.until == PG_INT64_MAX ? state->newest : PG_INT64_MIN;
}

/*
 * Where no rows give a result, it is NULL.
 */
RESULTS_FINAL(journey_lifecycle_final, activity_final_users(fcinfo, ACTIVITY_LIFECYCLE),
			  .type = &activity_stats_type,
			  .newest = activity_newest)

RESULTS_FINAL(journey_active_ratio_final, activity_final_users(fcinfo, ACTIVITY_RATIO),
			  .type = &activity_stats_type,
			  .newest = activity_newest)

RESULTS_FINAL(journey_stickiness_final, activity_final_users(fcinfo, ACTIVITY_STICKINESS),
			  .type = &activity_stats_type,
			  .newest = activity_newest)

RESULTS_FINAL(journey_frequency_final, activity_final_users(fcinfo, ACTIVITY_FREQUENCY),
			  .type = &activity_stats_type)

typedef struct ActivityUsersVisit
{
	ActivityVisit visit;
	RoaringBuilder users;
} ActivityUsersVisit;

/* Keep a user who is in the state asked for; period 2 is the bucket, 1 the one before. */
static void
activity_visit_user_of_state(void *arg, const UserKey *user, const UserPeriod *periods, size_t n)
{
	ActivityUsersVisit *to = arg;
	const ActivityVisit *visit = &to->visit;
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
	roaring_builder_add(&to->users, user->key);
	MemoryContextSwitchTo(old);
}

static Datum
lifecycle_users_final_users(PG_FUNCTION_ARGS)
{
	ActivityUsersVisit to;

	activity_begin_visit(&to.visit, (UserStore *) PG_GETARG_POINTER(0), ACTIVITY_USERS, false);
	roaring_builder_init(&to.users, ROARING_OR);
	user_periods_visit((UserPeriods *) PG_GETARG_POINTER(0), activity_visit_user_of_state, &to);
	return users_datum(&to.users);
}

/* lifecycle_users_final(state): a userset. */
JOURNEY_FUNCTION_AS(journey_lifecycle_users_final, results_final_once(fcinfo, lifecycle_users_final_users))
