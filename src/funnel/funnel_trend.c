/*-------------------------------------------------------------------------
 *
 * funnel_trend.c
 *		funnel_trend and funnel_trend_breakdown: the funnel of those who started in
 *		each calendar bucket.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funnel/funnel_visit.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* The calendar bucket of a time, remembered: asking the calendar is slow. */
static CalendarBucket
bucket_of(FunnelVisit *visit, int64 at)
{
	int			low = 0;
	int			high = visit->nbuckets;

	if (visit->params->unit == CALENDAR_HOUR)
		return calendar_bucket(CALENDAR_HOUR, visit->zone, at);
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (visit->buckets[middle].end <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == visit->nbuckets || visit->buckets[low].begin > at)
	{
		if (visit->nbuckets == visit->buckets_capacity)
		{
			visit->buckets_capacity = Max(64, visit->buckets_capacity * 2);
			if (visit->buckets == NULL)
				visit->buckets = MemoryContextAlloc(visit->context,
													visit->buckets_capacity * sizeof(CalendarBucket));
			else
				visit->buckets = repalloc_huge(visit->buckets,
											   visit->buckets_capacity * sizeof(CalendarBucket));
		}
		memmove(&visit->buckets[low + 1], &visit->buckets[low],
				(visit->nbuckets - low) * sizeof(CalendarBucket));
		visit->buckets[low] = calendar_bucket(visit->params->unit, visit->zone, at);
		visit->nbuckets++;
	}
	return visit->buckets[low];
}

/*
 * In first_chain or latest_chain, or where attempts are counted: add a user to the
 * bucket in which each chain that counts starts.  The group is that of the label,
 * or, if there are values, that of a step of the chain.
 */
static void
add_once(FunnelVisit *visit, TextSlice label, Event *events, const EventValue *values, size_t n)
{
	FunnelAttempts attempts;
	FunnelChain chain;
	CalendarBucket bucket;

	funnel_begin_attempts(&attempts, events, n, visit->nsteps, &visit->spec);
	while (funnel_next_attempt(&attempts, &chain))
		if (chain.level > 0)
		{
			if (values != NULL)
				label = funnel_step_label(visit, events, values, &chain);
			bucket = bucket_of(visit, chain.times[0]);
			funnel_count(visit, label, &bucket, &chain);
		}
}

/* Room for copies of n events of one bucket, and of their values. */
static void
begin_bucket_copies(FunnelVisit *visit, size_t n, bool with_values)
{
	if (n > visit->bucket_capacity)
	{
		if (visit->bucket_events != NULL)
			pfree(visit->bucket_events);
		if (visit->bucket_values != NULL)
			pfree(visit->bucket_values);
		visit->bucket_capacity = Max(n, visit->bucket_capacity * 2);
		visit->bucket_events = MemoryContextAllocHuge(visit->context,
													  visit->bucket_capacity * sizeof(Event));
		visit->bucket_values = NULL;
	}
	if (with_values && visit->bucket_values == NULL)
		visit->bucket_values = MemoryContextAllocHuge(visit->context,
													  visit->bucket_capacity * sizeof(EventValue));
}

/*
 * Add a user to each bucket in which they meet step 1, with the level of the
 * chains that start there; the group is as in add_once().  The kernel sees the events from the first of these starts to
 * the end of the last one's window, and step 1 only inside the bucket.  So an
 * event is looked at once for each bucket whose windows reach it.
 */
static void
add_buckets(FunnelVisit *visit, TextSlice label, Event *events, const EventValue *values, size_t n)
{
	const uint64 within = (uint64) visit->params->spec.within;
	const uint64 first_step = stepset_bit(0);
	Event	   *copies;
	size_t		i = 0;

	begin_bucket_copies(visit, n, values != NULL);
	copies = visit->bucket_events;
	while (i < n)
	{
		CalendarBucket bucket;
		FunnelAttempts attempts;
		FunnelChain chain;
		int64		last_start;
		size_t		next = n;	/* where the search for the next bucket begins */
		size_t		ncopies = 0;
		bool		parted = false; /* from the copy before, by an event left
									 * out */
		size_t		j;

		if ((events[i].step & first_step) == 0)
		{
			i++;
			continue;
		}
		bucket = bucket_of(visit, events[i].at);
		last_start = events[i].at;
		for (j = i; j < n; j++)
		{
			Event		event = events[j];

			parted &= event_is_tied(&event);
			if (event.at < bucket.end)
			{
				if ((event.step & first_step) != 0)
					last_start = event.at;
			}
			else
			{
				if (next == n)
					next = j;
				if ((event.step & first_step) != 0)
				{
					event.step &= ~first_step;
					if (!funnel_needs_event(visit->spec.modes & FUNNEL_CONSECUTIVE, event.step))
					{
						parted |= !event_is_tied(&event);
						continue;
					}
				}
			}
			if (event.at > last_start && time_between(last_start, event.at) > within &&
				event.at >= bucket.end)
				break;
			if (parted)
				event_set_tied(&event, visit->nsteps, false);
			parted = false;
			if (values != NULL)
				visit->bucket_values[ncopies] = values[j];
			copies[ncopies++] = event;
			if (ncopies % KERNEL_CHECK_EVERY == 0)
				CHECK_FOR_INTERRUPTS();
		}
		funnel_begin_attempts(&attempts, copies, ncopies, visit->nsteps, &visit->spec);
		if (funnel_next_attempt(&attempts, &chain))
		{
			if (values != NULL)
				label = funnel_step_label(visit, copies, visit->bucket_values, &chain);
			funnel_count(visit, label, &bucket, &chain);
		}
		i = next;
	}
}

/* Add a user, or their events of one value, to the buckets. */
static void
add_to_trend(FunnelVisit *visit, TextSlice label, Event *events, const EventValue *values, size_t n)
{
	if ((visit->spec.modes & FUNNEL_CHAIN_MODES) != 0 || funnel_counts_attempts(&visit->spec))
		add_once(visit, label, events, values, n);
	else
		add_buckets(visit, label, events, values, n);
}

static void
visit_trend(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;

	(void) values;
	visit->user = user;
	add_to_trend(visit, FUNNEL_NO_LABEL, events, NULL, n);
}

static void
visit_trend_value(FunnelVisit *visit, TextSlice label, Event *events, size_t n)
{
	add_to_trend(visit, label, events, NULL, n);
}

static void
visit_trend_breakdown(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	const FunnelTouch touch = visit->params->touch;

	visit->user = user;
	if (touch == TOUCH_EACH)
		funnel_visit_values(visit, events, values, n, visit_trend_value);
	else if (touch == TOUCH_NONE)
		add_to_trend(visit, FUNNEL_NO_LABEL, events, values, n);
	else
		add_to_trend(visit, funnel_touch_label(touch, values, n), events, NULL, n);
}

/* The newest event, unless the call says when observation ends. */
static int64
trend_newest(const void *any)
{
	const Population *population = any;
	const FunnelParams *params = population->params;

	return params->until == PG_INT64_MAX ? population->newest : PG_INT64_MIN;
}

static void
trend_begin_visit(FunnelVisit *visit, const Population *population, FunnelKind kind)
{
	TextSlice	zone;

	funnel_begin_visit(visit, population, kind);
	zone = visit->params->given.list[FUNNEL_ZONE].text;
	visit->zone = calendar_zone(zone.bytes, zone.length);
}

static Datum
trend_of_users(FunctionCallInfo fcinfo, FunnelKind kind, PopulationVisitor visitor)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	FunnelVisit visit;

	trend_begin_visit(&visit, population, kind);
	visit.stats->unit = visit.params->unit;
	visit.stats->zone = pg_get_timezone_name(visit.zone);
	visit.stats->until = visit.params->until;
	if (visit.params->until != PG_INT64_MAX)
		visit.stats->newest = visit.params->until;
	population_visit(population, visitor, &visit);
	return PointerGetDatum(stats_pack(&funnel_stats_type, visit.stats));
}

RESULTS_FINAL(journey_funnel_trend_final, trend_of_users(fcinfo, FUNNEL_TREND, visit_trend),
			  .type = &funnel_stats_type,
			  .newest = trend_newest)

RESULTS_FINAL(journey_funnel_trend_breakdown_final, trend_of_users(fcinfo, FUNNEL_TREND_BREAKDOWN, visit_trend_breakdown),
			  .type = &funnel_stats_type,
			  .newest = trend_newest)

static void
trend_visit_members(UserStore *store, Members *members, FunnelKind kind, PopulationVisitor visitor)
{
	FunnelVisit visit;

	trend_begin_visit(&visit, (Population *) store, kind);
	funnel_begin_group_members(&visit, members);
	population_visit((Population *) store, visitor, &visit);
}

static void
funnel_visit_trend_members(FunctionCallInfo fcinfo, UserStore *store, Members *members)
{
	(void) fcinfo;
	trend_visit_members(store, members, FUNNEL_TREND, visit_trend);
}

/*
 * funnel_trend_members_final(state): an array of funnel_group_member, by user_id.
 */
MEMBERS_FINAL(journey_funnel_trend_members_final, journey_funnel_trend_member_list_final,
			  .row = "funnel_group_member",
			  .call = "funnel_trend_members(user_id, at, step, within, unit)",
			  .list = "funnel_trend_member_list(user_id, at, step, within, unit)",
			  .visit = funnel_visit_trend_members)

static void
funnel_visit_trend_breakdown_members(FunctionCallInfo fcinfo, UserStore *store, Members *members)
{
	(void) fcinfo;
	trend_visit_members(store, members, FUNNEL_TREND_BREAKDOWN, visit_trend_breakdown);
}

/*
 * funnel_trend_breakdown_members_final(state): an array of funnel_group_member, by
 * user_id.
 */
MEMBERS_FINAL(journey_funnel_trend_breakdown_members_final, journey_funnel_trend_breakdown_member_list_final,
			  .row = "funnel_group_member",
			  .call = "funnel_trend_breakdown_members(user_id, at, step, within, breakdown, breakdown_event, unit)",
			  .list = "funnel_trend_breakdown_member_list(user_id, at, step, within, breakdown, breakdown_event, unit)",
			  .visit = funnel_visit_trend_breakdown_members)
