/*-------------------------------------------------------------------------
 *
 * retention_results.c
 *		cohort_retention, cohort_retention_by and their members: the cohort
 *		kernel over the periods or events of each user, and its results.
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
#include "utils/array.h"
#include "utils/memutils.h"

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
	const ShownLabels *shown;	/* of its members; NULL: all */

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
	visit->spec.with_values = by ? visit->params->by_values : visit->params->as_events ?
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
		breakdown_check_label(visit->label);
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
	const bool	by = cohort_is_by(visit->params);
	const int64 begin = calendar_begin(visit->params->unit, visit->params->zone, number);
	Datum		row[5] = {0};
	bool		row_nulls[5] = {false};
	Datum	   *columns = row + by;
	bool	   *nulls = row_nulls + by;

	if (by)						/* after the user */
	{
		breakdown_check_label(visit->label);
		stats_put_text(visit->shown == NULL ? visit->label : breakdown_label(visit->shown, visit->label),
					   &row[1], &row_nulls[1]);
	}
	columns[1] = TimestampTzGetDatum(begin);
	columns[2] = cohort_returned_array(visit, n);
	nulls[3] = !calendar_date(visit->params->unit, number, &columns[3]);
	members_add(visit->members, user, begin, row, row_nulls);
	pfree(DatumGetPointer(columns[2]));
	if (by && !row_nulls[1])
		pfree(DatumGetPointer(row[1]));
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

/* The number that an event carries; no transition makes another. */
static double
cohort_event_number(const EventValue *value)
{
	double		number;

	if (value->bytes == NULL || value->length < sizeof(double))
		serialized_refuse();
	memcpy(&number, value->bytes, sizeof(double));
	if (isinf(number) || isnan(number))
		serialized_refuse();
	return number;
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
	const bool	first = visit->params->breakdown.value == BREAKDOWN_FIRST_VALUE;
	TextSlice	label = {NULL, 0};
	int64		at = PG_INT64_MIN;

	for (; i < n && cohort_number_of(visit->params->calendar, events[i].at) == number; i++)
	{
		const TextSlice value = cohort_event_label(visit->params, &values[i]);

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
		if (visit->params->by_values)
			visit->periods[nperiods - 1].value += cohort_event_number(&values[i]);
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
	const int64 length = calendar_unit_length(visit->params->unit);
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
		if (visit->spec.with_values)
			event->value = cohort_event_number(&values[i]);
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

/* The result of a visit, without cohorts. */
static RetentionStats *
cohort_new_stats(const CohortVisit *visit)
{
	RetentionStats *stats = retention_stats_new(CurrentMemoryContext, visit->params->unit,
												visit->params->rolling, &visit->spec,
												pg_get_timezone_name(visit->params->zone));

	stats->breakdown = visit->params->breakdown;
	stats->until = visit->params->until;
	return stats;
}

static Datum
cohort_final_users(FunctionCallInfo fcinfo, bool by)
{
	UserStore  *state;
	CohortVisit visit;
	int64		newest;

	state = population_store(fcinfo);
	cohort_begin_visit(&visit, state, by);
	visit.stats = cohort_new_stats(&visit);
	newest = visit.params->until == PG_INT64_MAX ? state->newest : visit.params->until;
	visit.stats->newest = visit.params->rolling ? newest :
		Min(calendar_number(visit.params->unit, visit.params->zone, newest),
			CALENDAR_NUMBER_MIN + USER_PERIOD_LAST);
	cohort_visit_users(&visit, state);
	PG_RETURN_POINTER(stats_pack(&retention_stats_type, visit.stats));
}

/*
 * cohort_retention_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_cohort_retention_final, cohort_final_users(fcinfo, false),
			  .type = &retention_stats_type,
			  .newest = cohort_newest)

RESULTS_FINAL(journey_cohort_retention_by_final, cohort_final_users(fcinfo, true),
			  .type = &retention_stats_type,
			  .newest = cohort_newest)

static void
retention_visit_members(FunctionCallInfo fcinfo, UserStore *state, Members *members)
{
	CohortVisit visit;

	(void) fcinfo;
	cohort_begin_visit(&visit, state, false);
	visit.members = members;
	cohort_visit_users(&visit, state);
}

/*
 * retention_members_final(state): an array of retention_member, by user_id and
 * cohort.
 */
MEMBERS_FINAL(journey_retention_members_final, journey_retention_member_list_final,
			  .row = "retention_member",
			  .call = "retention_members(user_id, at, is_start, is_return, unit, periods)",
			  .list = "retention_member_list(user_id, at, is_start, is_return, unit, periods)",
			  .visit = retention_visit_members)

static void
retention_visit_members_by(FunctionCallInfo fcinfo, UserStore *state, Members *members)
{
	CohortVisit visit;
	ShownLabels shown;

	(void) fcinfo;
	cohort_begin_visit(&visit, state, true);
	visit.members = members;
	if (visit.params->breakdown.top > 0)
	{
		visit.stats = cohort_new_stats(&visit);
		population_visit_keeping((Population *) state,
								 visit.params->rolling ? cohort_visit_events : cohort_visit_by, &visit);
		shown = retention_stats_shown(visit.stats);
		visit.shown = &shown;
		visit.stats = NULL;
	}
	cohort_visit_users(&visit, state);
}

/*
 * retention_members_by_final(state): the same with the breakdown.  Which values
 * are shown is known once all users were counted.
 */
MEMBERS_FINAL(journey_retention_members_by_final, journey_retention_member_list_by_final,
			  .row = "retention_member_by",
			  .call = "retention_members_by(user_id, at, is_start, is_return, breakdown, unit, periods)",
			  .list = "retention_member_list_by(user_id, at, is_start, is_return, breakdown, unit, periods)",
			  .visit = retention_visit_members_by)
