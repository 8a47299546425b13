/*-------------------------------------------------------------------------
 *
 * week_hours.c
 *		week_hours: events and users in each hour of each weekday, and its
 *		result type week_hours_stats.
 *
 * The hours of a week are numbered from 0, Monday from midnight to one, to 167.
 * The state is the hours in which each user was active, with the number of
 * events (periods/periods.h).  The text form of a result is
 *
 *	{"version": 1, "time_zone": "UTC", "users": 2, "hours": [[9, 3, 2]]}
 *
 * An hour has its number, events and users.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "event/event.h"
#include "funcapi.h"
#include "metric/metric_stats.h"
#include "miscadmin.h"
#include "periods/periods.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

JOURNEY_FUNCTION(journey_week_hours_deserialize);
JOURNEY_FUNCTION(journey_week_hours_rows);

#define WEEK_HOURS		168
#define HOURS_OF_DAY	24

/* Zones change at quarters of an hour, but for some in the past. */
#define SLOT_LENGTH		(INT64CONST(900) * USECS_PER_SEC)
#define SLOTS			4096

/* The hour of the week in a quarter of an hour. */
typedef struct WeekSlot
{
	int64		slot;
	int			hour;			/* -1: there are several */
} WeekSlot;

typedef struct WeekHoursParams
{
	CallParams	given;
	pg_tz	   *zone;
	WeekSlot   *slots;
} WeekHoursParams;

static const ParamSpec week_hours_specs[] = {{"time_zone", PARAM_TEXT, false}};

static void
week_hours_compile(void *kept)
{
	WeekHoursParams *params = kept;
	const TextSlice zone = params->given.list[0].text;
	int			i;

	params->zone = calendar_zone(zone.bytes, zone.length);
	params->slots = palloc(SLOTS * sizeof(WeekSlot));
	for (i = 0; i < SLOTS; i++)
		params->slots[i].slot = PG_INT64_MIN;	/* none */
}

static const ParamsRoom week_hours_params = {
	sizeof(WeekHoursParams), lengthof(week_hours_specs), week_hours_specs, week_hours_compile, false
};

POPULATION_COMBINE(journey_week_hours, week_hours_params)

/*
 * week_hours_deserialize(bytes)
 */
Datum
journey_week_hours_deserialize(PG_FUNCTION_ARGS)
{
	UserStore  *store = population_agg_deserialize(fcinfo, &week_hours_params, &user_periods_methods);

	if (!((UserPeriods *) store)->with_values)
		serialized_refuse();
	PG_RETURN_POINTER(store);
}

/* The hour of the week that a zone's clock shows. */
static int
week_hour_shown(pg_tz *zone, TimestampTz at)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			offset;

	if (timestamp2tm(at, &offset, &tm, &fsec, NULL, zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	/* day 0 of the Julian calendar was a Monday */
	return date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) % 7 * HOURS_OF_DAY + tm.tm_hour;
}

static inline int
week_hour(const WeekHoursParams *params, TimestampTz at)
{
	const int64 slot = at / SLOT_LENGTH - (at % SLOT_LENGTH < 0);
	WeekSlot   *seen = &params->slots[slot & (SLOTS - 1)];

	if (unlikely(seen->slot != slot))
	{
		const TimestampTz begin = Max(slot * SLOT_LENGTH, EVENT_TIME_MIN);
		const TimestampTz last = Min(slot * SLOT_LENGTH + SLOT_LENGTH, EVENT_TIME_END) - 1;
		const int	hour = week_hour_shown(params->zone, begin);

		seen->hour = week_hour_shown(params->zone, last) == hour &&
			week_hour_shown(params->zone, begin + (last - begin) / 2) == hour ? hour : -1;
		seen->slot = slot;
	}
	return seen->hour >= 0 ? seen->hour : week_hour_shown(params->zone, at);
}

/* Add a row. */
static inline Datum
week_hours_add_row(FunctionCallInfo fcinfo)
{
	UserPeriods *state = PG_ARGISNULL(0) ? NULL : (UserPeriods *) PG_GETARG_POINTER(0);
	int64		at;

	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};

		if (PG_NARGS() > 3)
			param_read(&given, &week_hours_params, 0, fcinfo, 3);
		population_take_params(fcinfo, &week_hours_params, &given, 1 << 1 | 1 << 2,
							   !PG_ARGISNULL(1) && !PG_ARGISNULL(2));
	}
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return population_skip_row(fcinfo);
	at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	if (unlikely(state == NULL))
		state = user_periods_new(arg_aggregate_context(fcinfo), population_users(fcinfo), population_params(fcinfo),
								 true);
	state->newest = Max(state->newest, at);
	user_periods_add(state, PG_GETARG_DATUM(1), (uint32) week_hour(state->params, at), 1, 1.0);
	PG_RETURN_POINTER(state);
}

/*
 * week_hours_transition(state, user_id, at [, time_zone])
 */
POPULATION_TRANSITION(journey_week_hours_transition, week_hours_add_row(fcinfo))

/*
 * The result.
 */

typedef struct WeekHour
{
	int			hour;
	uint64		events;
	uint64		users;
} WeekHour;

typedef struct WeekHoursStats
{
	MemoryContext context;
	const char *zone;
	uint64		users;			/* active in any hour */
	uint32		nhours;
	WeekHour   *hours;			/* in order once they are packed */
	StatsIndex	index;
} WeekHoursStats;

static uint64
week_hour_hash(const void *item)
{
	return spread((uint64) ((const WeekHour *) item)->hour);
}

static int
week_hour_order(const void *a, const void *b)
{
	return ((const WeekHour *) a)->hour - ((const WeekHour *) b)->hour;
}

static bool
week_hour_is_valid(void *any, void *item, const void *before)
{
	const WeekHour *hour = item;

	return hour->users <= hour->events && hour->users <= ((const WeekHoursStats *) any)->users;
}

/* Are all users in some hour, and do the events fit into a bigint? */
static bool
week_hours_are_valid(void *any)
{
	const WeekHoursStats *stats = any;
	uint64		events = 0;
	uint64		users = 0;
	uint32		i;

	for (i = 0; i < stats->nhours; i++)
	{
		events += stats->hours[i].events;
		users = Min(users + stats->hours[i].users, (uint64) PG_INT64_MAX);
		if (events > (uint64) PG_INT64_MAX)
			return false;
	}
	return stats->users <= users;
}

static bool
week_hours_zone_is_valid(void *any)
{
	const char *zone = ((const WeekHoursStats *) any)->zone;

	if (zone[0] == '\0')
		return false;
	(void) calendar_zone_kept(zone, strlen(zone));
	return true;
}

static void
week_hours_check_sum(const void *into, const void *from)
{
	const WeekHoursStats *stats[2] = {into, from};
	uint64		events = 0;
	uint32		i;
	int			k;

	for (k = 0; k < 2; k++)
		for (i = 0; i < stats[k]->nhours; i++)
			stats_add(&events, stats[k]->hours[i].events, "events");
}

static char *
week_hours_describe(const void *any)
{
	return psprintf("of %s", ((const WeekHoursStats *) any)->zone);
}

static const StatsField week_hour_fields[] = {
	STATS_NUMBER_FIELD(NULL, WeekHour, hour, 0, WEEK_HOURS - 1, STATS_IS_KEY),
	STATS_FIELD_WITHIN(STATS_NUMBER, NULL, WeekHour, events, 1, PG_INT64_MAX, STATS_MERGED(STATS_SUM), STATS_COUNTED("events")),
	STATS_FIELD_WITHIN(STATS_NUMBER, NULL, WeekHour, users, 1, PG_INT64_MAX, STATS_MERGED(STATS_SUM))
};

static const StatsList week_hour_list = {
	STATS_FIELDS(week_hour_fields),
	STATS_LIST_OF(WeekHoursStats, WeekHour, hours, index),
	.least_bytes = 3,
	.form = STATS_ARRAYS,
	.hash = week_hour_hash,
	.order = week_hour_order,
	.is_valid = week_hour_is_valid
};

static const StatsField week_hours_fields[] = {
	STATS_FIELD(STATS_ZONE, "time_zone", WeekHoursStats, zone),
	STATS_CHECK_FIELD("time_zone", week_hours_zone_is_valid),
	STATS_COUNTER_FIELD("users", WeekHoursStats, users),
	STATS_COUNT_FIELD(&week_hour_list),
	STATS_LIST_FIELD("hours", &week_hour_list)
};

static const StatsType week_hours_stats_type = {
	.name = "week_hours_stats",
	.makers = "week_hours()",
	.format = 1,
	.size = sizeof(WeekHoursStats),
	STATS_FIELDS(week_hours_fields),
	.whole = "hours",
	.differ = "week hours of different time zones",
	.is_valid = week_hours_are_valid,
	.check_sum = week_hours_check_sum,
	.describe = week_hours_describe
};

STATS_TYPE_FUNCTIONS(journey_week_hours_stats, journey_week_hours_rollup, week_hours_stats_type)

static void
week_hours_visit_user(void *arg, const UserKey *user, const UserPeriod *periods, size_t n)
{
	WeekHoursStats *stats = arg;
	size_t		i;

	(void) user;
	stats->users++;
	for (i = 0; i < n; i++)
	{
		const WeekHour key = {.hour = (int) periods[i].period};
		WeekHour   *hour;

		if (periods[i].period >= WEEK_HOURS || !(periods[i].value >= 1 && periods[i].value < 9007199254740992.0))
			serialized_refuse();	/* no transition makes it so */
		hour = stats_list_item(&week_hour_list, stats, &key);
		hour->users++;
		hour->events += (uint64) periods[i].value;
	}
}

static Datum
week_hours_final_users(FunctionCallInfo fcinfo)
{
	UserPeriods *state = (UserPeriods *) PG_GETARG_POINTER(0);
	WeekHoursStats *stats = stats_new(&week_hours_stats_type, CurrentMemoryContext);

	stats->zone = pg_get_timezone_name(((const WeekHoursParams *) state->params)->zone);
	user_periods_visit(state, week_hours_visit_user, stats);
	PG_RETURN_POINTER(stats_pack(&week_hours_stats_type, stats));
}

/*
 * week_hours_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_week_hours_final, week_hours_final_users(fcinfo),
			  .type = &week_hours_stats_type)

static const uint32 week_hours_columns[] = {
	STATS_LABEL, STATS_LABEL,	/* weekday, hour */
	STATS_ON(3), STATS_ON(3), STATS_ON(3)	/* events, users, share */
};

/*
 * week_hours_rows(week_hours_stats, min_users): a row for each hour of the week.
 */
Datum
journey_week_hours_rows(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const WeekHoursStats *stats = stats_begin_rows(&rows, fcinfo, &week_hours_stats_type,
												   STATS_COLUMNS(week_hours_columns));
	uint64		events = 0;
	uint32		next = 0;
	uint32		i;
	int			hour;

	if (stats == NULL)
		PG_RETURN_NULL();
	for (i = 0; i < stats->nhours; i++)
		events += stats->hours[i].events;
	for (hour = 0; hour < WEEK_HOURS; hour++)
	{
		static const WeekHour none = {0};
		const WeekHour *here = next < stats->nhours && stats->hours[next].hour == hour ? &stats->hours[next++] : &none;
		Datum		values[5];
		bool		nulls[5] = {false};

		values[0] = Int32GetDatum(hour / HOURS_OF_DAY + 1);
		values[1] = Int32GetDatum(hour % HOURS_OF_DAY);
		values[2] = Int64GetDatum((int64) here->events);
		values[3] = Int64GetDatum((int64) here->users);
		stats_put_share(here->events, events, &values[4], &nulls[4]);
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}
