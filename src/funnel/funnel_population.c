/*-------------------------------------------------------------------------
 *
 * funnel_population.c
 *		funnel and its relatives: the funnel kernel over all users of a
 *		population at once.
 *
 * They share the state, a population of events, and all its support functions
 * but the first and the last.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "aggregate/population_agg.h"
#include "catalog/pg_type.h"
#include "common/int.h"
#include "event/event.h"
#include "funcapi.h"
#include "funnel/funnel_stats.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

JOURNEY_FUNCTION(journey_funnel_transition);
JOURNEY_FUNCTION(journey_funnel_seq_transition);
JOURNEY_FUNCTION(journey_funnel_by_transition);
JOURNEY_FUNCTION(journey_funnel_by_seq_transition);
JOURNEY_FUNCTION(journey_funnel_by_event_transition);
JOURNEY_FUNCTION(journey_funnel_by_event_seq_transition);
JOURNEY_FUNCTION(journey_funnel_trend_transition);
JOURNEY_FUNCTION(journey_funnel_trend_seq_transition);
JOURNEY_FUNCTION(journey_funnel_holding_transition);
JOURNEY_FUNCTION(journey_funnel_holding_seq_transition);
JOURNEY_FUNCTION(journey_funnel_final);
JOURNEY_FUNCTION(journey_funnel_by_final);
JOURNEY_FUNCTION(journey_funnel_trend_final);
JOURNEY_FUNCTION(journey_funnel_holding_final);
JOURNEY_FUNCTION(journey_funnel_members_final);

/*
 * Arguments 1 and 2 are the user and the time.  Where there is a seq it is
 * argument 3, and all others stand one place further: `shift` is 1.
 */
#define STEP_ARG(shift)		(3 + (shift))

/* Is a row left out because its data is NULL? */
static inline bool
row_is_null(FunctionCallInfo fcinfo, int shift)
{
	return PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(STEP_ARG(shift));
}

/*
 * Take the parameters of a row: within and what the caller has read already,
 * and the mode, if it is given, at `mode_arg`; `value_arg` is data as well, if
 * it is not 0.
 */
static void
take_params(FunctionCallInfo fcinfo, int shift, CallParams *given, int mode_arg, int value_arg)
{
	uint32		data_args = 1 << 1 | 1 << 2 | 1 << STEP_ARG(shift);

	if (shift > 0)
		data_args |= 1 << 3;
	if (value_arg > 0)
		data_args |= 1 << value_arg;
	param_read(given, &funnel_params, FUNNEL_WITHIN, fcinfo, 4 + shift);
	if (PG_NARGS() > mode_arg)
		param_read(given, &funnel_params, FUNNEL_MODE, fcinfo, mode_arg);
	population_take_params(fcinfo, &funnel_params, given, data_args,
						   !row_is_null(fcinfo, shift));
}

/* The population of a group's first row. */
static Population *
begin_group(FunctionCallInfo fcinfo, int nsteps, int holds)
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
add_row(FunctionCallInfo fcinfo, int shift, const EventValue *value, bool always)
{
	Population *population = population_state(fcinfo);
	PopulationEvent event;

	if (row_is_null(fcinfo, shift))
		return population_skip_row(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	if (event.at >= ((const FunnelParams *) population_params(fcinfo))->until)
		return population_skip_row(fcinfo);
	event.step = (uint64) PG_GETARG_INT64(STEP_ARG(shift));
	event.seq = population_seq_arg(fcinfo, shift > 0 ? 3 : 0);
	if (unlikely(population == NULL))
		population = begin_group(fcinfo, stepset_size(event.step),
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
funnel_row(FunctionCallInfo fcinfo, int shift)
{
	if (!population_params_known(fcinfo))
	{
		CallParams		given = {0};

		take_params(fcinfo, shift, &given, 5 + shift, 0);
	}
	return add_row(fcinfo, shift, NULL, false);
}

static Datum journey_funnel_transition_row(PG_FUNCTION_ARGS);

/*
 * Which of n rows are to be added?  Gives back how many, or -1 if there is
 * something wrong with one.
 */
static pg_attribute_always_inline int
rows_needed(Population *population, const ScanVector *const *args, int n, bool nulls,
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
	int			i;

	if (population_params_known(fcinfo))
		nneeded = args[1]->has_nulls || args[2]->has_nulls || args[3]->has_nulls ?
			rows_needed(population, args, n, true, needed) :
			rows_needed(population, args, n, false, needed);
	if (nneeded < 0)
		table_scan_each_row(fcinfo, args, n, journey_funnel_transition_row);
	else if (population->site->key_type.kind == USER_KEY_INTEGER)
		population_add_rows(population, args[1]->values, args[2]->values, args[3]->values,
							needed, nneeded);
	else
		for (i = 0; i < nneeded; i++)
		{
			PopulationEvent event = {
				.at = DatumGetTimestampTz(args[2]->values[needed[i]]),
				.step = (uint64) DatumGetInt64(args[3]->values[needed[i]])
			};

			population_add(population, args[1]->values[needed[i]], &event);
			table_scan_reset(CurrentMemoryContext);
		}
}

/*
 * funnel_transition(state, user_id, at, step, within [, mode]): also of
 * funnel_members.
 */
POPULATION_TRANSITION_ROWS(journey_funnel_transition, funnel_rows)
{
	return funnel_row(fcinfo, 0);
}

/*
 * funnel_transition(state, user_id, at, seq, step, within [, mode])
 */
POPULATION_TRANSITION(journey_funnel_seq_transition)
{
	return funnel_row(fcinfo, 1);
}

/*
 * Only events that can give a group keep their value: those that meet the step
 * of the breakdown, or, if the group is that of the first or last touch, all.
 */
static inline Datum
funnel_by_row(FunctionCallInfo fcinfo, int shift, FunnelParam which)
{
	EventValue	value = {NULL, 0};
	bool		touch = false;

	if (!population_params_known(fcinfo))
	{
		CallParams		given = {0};

		param_read(&given, &funnel_params, which, fcinfo, 6 + shift);
		take_params(fcinfo, shift, &given, 7 + shift, 5 + shift);
	}
	/* a row that is skipped may have no parameters */
	if (!row_is_null(fcinfo, shift))
	{
		const FunnelParams *params = population_params(fcinfo);

		touch = params->touch != TOUCH_NONE;
		if (touch ||
			((uint64) PG_GETARG_INT64(STEP_ARG(shift)) & stepset_bit(params->breakdown_step - 1)) != 0)
			value = population_value_arg(fcinfo, 5 + shift);
	}
	return add_row(fcinfo, shift, &value, touch && value.bytes != NULL);
}

/*
 * funnel_by_transition(state, user_id, at, step, within, breakdown,
 * breakdown_step [, mode])
 */
POPULATION_TRANSITION(journey_funnel_by_transition)
{
	return funnel_by_row(fcinfo, 0, FUNNEL_BREAKDOWN_STEP);
}

/*
 * funnel_by_transition(state, user_id, at, seq, step, within, breakdown,
 * breakdown_step [, mode])
 */
POPULATION_TRANSITION(journey_funnel_by_seq_transition)
{
	return funnel_by_row(fcinfo, 1, FUNNEL_BREAKDOWN_STEP);
}

/*
 * funnel_by_transition(state, user_id, at, step, within, breakdown,
 * breakdown_event [, mode])
 */
POPULATION_TRANSITION(journey_funnel_by_event_transition)
{
	return funnel_by_row(fcinfo, 0, FUNNEL_BREAKDOWN_EVENT);
}

/*
 * funnel_by_transition(state, user_id, at, seq, step, within, breakdown,
 * breakdown_event [, mode])
 */
POPULATION_TRANSITION(journey_funnel_by_event_seq_transition)
{
	return funnel_by_row(fcinfo, 1, FUNNEL_BREAKDOWN_EVENT);
}

/* funnel_trend_transition, with and without seq */
static inline Datum
funnel_trend_row(FunctionCallInfo fcinfo, int shift)
{
	if (!population_params_known(fcinfo))
	{
		CallParams		given = {0};

		param_read(&given, &funnel_params, FUNNEL_UNIT, fcinfo, 5 + shift);
		if (PG_NARGS() > 6 + shift)
			param_read(&given, &funnel_params, FUNNEL_ZONE, fcinfo, 6 + shift);
		if (PG_NARGS() > 8 + shift)
			param_read(&given, &funnel_params, FUNNEL_UNTIL, fcinfo, 8 + shift);
		take_params(fcinfo, shift, &given, 7 + shift, 0);
	}
	return add_row(fcinfo, shift, NULL, false);
}

/*
 * funnel_trend_transition(state, user_id, at, step, within, unit [, time_zone
 * [, mode [, until]]])
 */
POPULATION_TRANSITION(journey_funnel_trend_transition)
{
	return funnel_trend_row(fcinfo, 0);
}

/*
 * funnel_trend_transition(state, user_id, at, seq, step, within, unit [,
 * time_zone [, mode [, until]]])
 */
POPULATION_TRANSITION(journey_funnel_trend_seq_transition)
{
	return funnel_trend_row(fcinfo, 1);
}

/* funnel_holding_transition, with and without seq */
static inline Datum
funnel_holding_row(FunctionCallInfo fcinfo, int shift)
{
	EventValue	value = population_value_arg(fcinfo, 5 + shift);

	if (!population_params_known(fcinfo))
	{
		CallParams		given = {0};

		take_params(fcinfo, shift, &given, 6 + shift, 5 + shift);
	}
	return add_row(fcinfo, shift, &value, false);
}

/*
 * funnel_holding_transition(state, user_id, at, step, within, property
 * [, mode])
 */
POPULATION_TRANSITION(journey_funnel_holding_transition)
{
	return funnel_holding_row(fcinfo, 0);
}

/*
 * funnel_holding_transition(state, user_id, at, seq, step, within, property
 * [, mode])
 */
POPULATION_TRANSITION(journey_funnel_holding_seq_transition)
{
	return funnel_holding_row(fcinfo, 1);
}

/* For every aggregate of this file. */
POPULATION_SUPPORT(journey_funnel, funnel_params)

/*
 * What the visits of users work with.  Each visit uses what it needs.
 */
typedef struct FunnelVisit
{
	const FunnelParams *params;
	FunnelSpec	spec;			/* that of the parameters, for the events at hand */
	int			nsteps;
	FunnelStats *stats;
	FunnelGroup *group;			/* the one of a result without breakdown */
	MemoryContext context;		/* where results are kept */

	/* of a trend */
	pg_tz	   *zone;
	CalendarBucket *buckets;	/* all met so far, in order */
	int			nbuckets;
	int			buckets_capacity;

	/* copies of a user's events */
	Event	   *events;
	size_t		events_capacity;
	uint64	   *moments;		/* the first event of each one's time and seq */
	size_t		moments_capacity;

	/* of members */
	TupleDesc	member;
	Datum	   *members;
	uint64		nmembers;
	uint64		members_capacity;
} FunnelVisit;

/* Get ready to visit the users of a state. */
static void
begin_visit(FunnelVisit *visit, const Population *population, FunnelKind kind)
{
	memset(visit, 0, sizeof(FunnelVisit));
	visit->params = population->params;
	visit->spec = visit->params->spec;
	if ((population->holds & POPULATION_SEQ) != 0)
		visit->spec.modes |= FUNNEL_SEQUENCED;
	visit->nsteps = population->nsteps;
	visit->context = CurrentMemoryContext;
	visit->stats = funnel_stats_new(CurrentMemoryContext, kind, population->nsteps,
									&visit->params->spec);
	visit->stats->newest = population->newest;
}

/* Room for copies of n events. */
static Event *
event_copies(FunnelVisit *visit, size_t n)
{
	if (n > visit->events_capacity)
	{
		if (visit->events != NULL)
			pfree(visit->events);
		visit->events_capacity = Max(n, visit->events_capacity * 2);
		visit->events = MemoryContextAllocHuge(visit->context,
											   visit->events_capacity * sizeof(Event));
	}
	return visit->events;
}

static const TextSlice no_label = {NULL, 0};

static void
visit_whole(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	int64		times[STEPSET_MAX];
	int			level;

	(void) user;
	(void) values;
	level = funnel_level(events, n, visit->nsteps, &visit->spec, times);
	funnel_group_add(visit->stats, visit->group, times, level);
}

/*
 * funnel_final(state): NULL when there are no rows.
 */
SHARED_FINAL(journey_funnel_final, .type = &funnel_stats_type)
{
	FunnelVisit visit;

	begin_visit(&visit, (Population *) PG_GETARG_POINTER(0), FUNNEL_WHOLE);
	visit.group = funnel_stats_group(visit.stats, no_label, 0);
	population_visit((Population *) PG_GETARG_POINTER(0), visit_whole, &visit);
	PG_RETURN_POINTER(funnel_stats_pack(visit.stats));
}

/* The first of the events that are tied with event i, and the first after them. */
static size_t
tied_begin(const Event *events, size_t i)
{
	while (i > 0 && event_is_tied(&events[i]))
		i--;
	return i;
}

static size_t
tied_end(const Event *events, size_t n, size_t i)
{
	while (++i < n && event_is_tied(&events[i]))
		continue;
	return i;
}

/* May only another event be the next step, or the one before? */
#define OTHER_EVENT(modes)	(((modes) & (FUNNEL_STRICT_ONCE | FUNNEL_STRICT_INCREASE)) != 0)

/*
 * Of events that have a seq, from event `begin` on: the first that can be step
 * k + 1 of a chain with these times; the last of all if there is none.
 */
static size_t
earliest_step(const FunnelVisit *visit, const Event *events, size_t n, const int64 *times,
			  size_t begin, int k)
{
	size_t		first = begin;	/* of the events that are tied with event i */
	size_t		i = begin;
	int			step;

	for (step = 0; step <= k; step++)
	{
		/* tied events have no order, so any of them may come next */
		if (step > 0 && OTHER_EVENT(visit->spec.modes) && tied_end(events, n, first) == first + 1)
			first = ++i;
		else
			i = first;
		while (i < n && (events[i].at < times[step] || (events[i].step & stepset_bit(step)) == 0))
			if (++i < n && !event_is_tied(&events[i]))
				first = i;
	}
	return Min(i, n - 1);
}

/*
 * In strict_once: can event i be step k + 1 of a chain of this level with these
 * times?  Only if the funnel gets as far when it is that step and no other, and
 * each event no step but those of its time.
 */
static bool
can_be_step(FunnelVisit *visit, const Event *events, size_t n, const int64 *times, int level,
			size_t i, int k)
{
	FunnelSpec	spec = visit->spec;
	Event	   *copies = event_copies(visit, n);
	size_t		ncopies = 0;
	int			low = 0;		/* steps low to high - 1 are at the time of the event */
	int			high = 0;
	size_t		j;

	spec.modes &= FUNNEL_STRICT_ONCE | FUNNEL_STRICT_INCREASE | FUNNEL_SEQUENCED;
	for (j = 0; j < n && events[j].at <= times[level - 1]; j++)
	{
		uint64		kept = 0;
		int			step;

		if (j % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		while (low < level && times[low] < events[j].at)
			low++;
		for (high = low; high < level && times[high] == events[j].at; high++)
			continue;
		if (high == low)
			continue;
		for (step = low; step < high; step++)
			if ((step == k) == (j == i))
				kept |= stepset_bit(step);
		copies[ncopies] = events[j];
		copies[ncopies++].step &= kept | UINT64_C(63);
	}
	return funnel_level(copies, ncopies, visit->nsteps, &spec, NULL) == level;
}

/*
 * Of events that have a seq: the last that can be step 1 of a chain of this
 * level with these times, that gets there as early as any.
 */
static size_t
latest_start(FunnelVisit *visit, const Event *events, size_t n, const int64 *times,
			 int level)
{
	const size_t end_of_chain = tied_end(events, n, earliest_step(visit, events, n, times, 0, level - 1));
	size_t		i = end_of_chain - 1;
	size_t		tried = n;		/* one that cannot be the step */
	int			step;

	for (step = level - 1; step >= 0; step--)
	{
		if (step < level - 1)
		{
			size_t		first = tied_begin(events, i);
			size_t		end = tied_end(events, n, i);

			i = OTHER_EVENT(visit->spec.modes) && first > 0 && end == first + 1 ? first - 1 : end - 1;
		}
		while (i > 0 && (events[i].at > times[step] || (events[i].step & stepset_bit(step)) == 0))
			i--;
	}
	/* in strict_once that was a guess, not too early */
	for (; (visit->spec.modes & FUNNEL_STRICT_ONCE) && i > 0 && events[i - 1].at == times[0]; i--)
	{
		if (i + 1 < end_of_chain && !event_is_tied(&events[i + 1]))
			tried = n;
		if ((events[i].step & stepset_bit(0)) == 0 ||
			(tried < n && (events[tried].step | EVENT_TIED) == (events[i].step | EVENT_TIED)))
			continue;
		if (can_be_step(visit, events, end_of_chain, times, level, i, 0))
			break;
		tried = i;
	}
	return i;
}

/*
 * Which event gives the group of a user: of those that can be the chosen step of
 * the chain that counts, and have a value, the first, or n.  Only simultaneous
 * events can be several.
 */
static size_t
breakdown_event(FunnelVisit *visit, const Event *events, const EventValue *values, size_t n,
				const int64 *times, int level)
{
	const uint32 modes = visit->spec.modes;
	const int	k = visit->params->breakdown_step - 1;
	const bool	once = (modes & FUNNEL_STRICT_ONCE) != 0;
	const bool	sequenced = (modes & FUNNEL_SEQUENCED) && !(modes & FUNNEL_ANY_ORDER);
	size_t		begin = 0;		/* the chain starts with this event, or a later one */
	uint64		asked = 0;		/* the conditions of the last event asked about */
	bool		can_be = false; /* and the answer */
	bool		found = false;	/* has one been found that has no value? */
	size_t		i = 0;

	if (sequenced)
	{
		/* a user who stays at step 1 has the first of them, whichever chain counts */
		if (level > 1 && !(modes & FUNNEL_FIRST_CHAIN))
			begin = tied_begin(events, latest_start(visit, events, n, times, level));
		i = tied_begin(events, earliest_step(visit, events, n, times, begin, k));
	}
	for (; i < n && events[i].at <= times[k]; i++)
	{
		const uint64 met = stepset_conditions(events[i].step);

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (sequenced && !event_is_tied(&events[i]))
		{
			if (found)
				break;
			asked = 0;
		}
		if (events[i].at < times[k] || (met & stepset_bit(k)) == 0)
			continue;
		/* of all that meet a step, but one for each step, any can be it: so few are asked in vain */
		if (found && values[i].bytes == NULL)
			continue;
		/* simultaneous events that meet the same steps are as good as one another */
		if (met != asked)
			can_be = !once || can_be_step(visit, events + begin, n - begin, times, level, i - begin, k);
		asked = met;
		found |= can_be;
		if (can_be && values[i].bytes != NULL)
			return i;
	}
	return n;
}

/* The first of these events that has a value, or the last, or n. */
static size_t
touch_event(FunnelTouch touch, const EventValue *values, size_t n)
{
	size_t		i;

	for (i = 0; i < n; i++)
	{
		size_t		event = touch == TOUCH_FIRST ? i : n - 1 - i;

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
		if (values[event].bytes != NULL)
			return event;
	}
	return n;
}

/*
 * A user's group is the value of the event that was the chosen step of their
 * chain: of several that can be it the first that has one.  Users who did not
 * get that far are in the group without a label.  Or it is the first or last
 * value of all, whatever the event was.
 */
static void
visit_breakdown(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	TextSlice	label = no_label;
	int64		times[STEPSET_MAX];
	int			level;
	size_t		i;

	(void) user;
	level = funnel_level(events, n, visit->nsteps, &visit->spec, times);
	if (level == 0)
		return;
	if (visit->params->touch != TOUCH_NONE)
		i = touch_event(visit->params->touch, values, n);
	else if (level >= visit->params->breakdown_step)
		i = breakdown_event(visit, events, values, n, times, level);
	else
		i = n;
	if (i < n)
	{
		label.bytes = values[i].bytes;
		label.length = values[i].length;
	}
	funnel_group_add(visit->stats, funnel_stats_group(visit->stats, label, 0), times, level);
}

/*
 * funnel_by_final(state)
 */
SHARED_FINAL(journey_funnel_by_final, .type = &funnel_stats_type)
{
	FunnelVisit visit;

	begin_visit(&visit, (Population *) PG_GETARG_POINTER(0), FUNNEL_BREAKDOWN);
	population_visit((Population *) PG_GETARG_POINTER(0), visit_breakdown, &visit);
	PG_RETURN_POINTER(funnel_stats_pack(visit.stats));
}

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
 * Add a user to a bucket of a trend.
 */
static void
add_to_bucket(FunnelVisit *visit, CalendarBucket bucket, const int64 *times, int level)
{
	FunnelGroup *group = funnel_stats_group(visit->stats, no_label, bucket.begin);

	if (pg_add_s64_overflow(bucket.end, visit->params->spec.within, &group->complete_at))
		group->complete_at = PG_INT64_MAX;
	funnel_group_add(visit->stats, group, times, level);
}

/*
 * In first_chain or latest_chain: the bucket in which the chain that counts
 * starts.
 */
static void
visit_trend_once(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	int64		times[STEPSET_MAX];
	int			level = funnel_level(events, n, visit->nsteps, &visit->spec, times);

	(void) user;
	(void) values;
	if (level > 0)
		add_to_bucket(visit, bucket_of(visit, times[0]), times, level);
}

/*
 * For each bucket in which the user meets step 1: the level of the chains that
 * start there.  The kernel sees the events from the first of these starts to
 * the end of the last one's window, and step 1 only inside the bucket.  So an
 * event is looked at once for each bucket whose windows reach it.
 */
static void
visit_trend(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	const uint64 within = (uint64) visit->params->spec.within;
	const uint64 first_step = stepset_bit(0);
	Event	   *copies = event_copies(visit, n);
	size_t		i = 0;

	(void) user;
	(void) values;
	while (i < n)
	{
		CalendarBucket bucket;
		int64		times[STEPSET_MAX];
		int64		last_start;
		size_t		next = n;	/* where the search for the next bucket begins */
		size_t		ncopies = 0;
		bool		parted = false; /* from the copy before, by an event left out */
		size_t		j;
		int			level;

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
					if (stepset_conditions(event.step) == 0)
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
			copies[ncopies++] = event;
			if (ncopies % KERNEL_CHECK_EVERY == 0)
				CHECK_FOR_INTERRUPTS();
		}
		level = funnel_level(copies, ncopies, visit->nsteps, &visit->spec, times);
		add_to_bucket(visit, bucket, times, level);
		i = next;
	}
}

/* The newest event, unless the call says when observation ends. */
static int64
trend_newest(const void *any)
{
	const Population *population = any;
	const FunnelParams *params = population->params;

	return params->until == PG_INT64_MAX ? population->newest : PG_INT64_MIN;
}

/*
 * funnel_trend_final(state)
 */
SHARED_FINAL(journey_funnel_trend_final, .type = &funnel_stats_type, .newest = trend_newest)
{
	FunnelVisit visit;
	TextSlice	zone;

	begin_visit(&visit, (Population *) PG_GETARG_POINTER(0), FUNNEL_TREND);
	visit.stats->unit = visit.params->unit;
	zone = visit.params->given.list[FUNNEL_ZONE].text;
	visit.zone = calendar_zone(zone.bytes, zone.length);
	visit.stats->zone = pg_get_timezone_name(visit.zone);
	visit.stats->until = visit.params->until;
	if (visit.params->until != PG_INT64_MAX)
		visit.stats->newest = visit.params->until;
	population_visit((Population *) PG_GETARG_POINTER(0),
					 (visit.spec.modes & FUNNEL_CHAIN_MODES) ? visit_trend_once : visit_trend, &visit);
	PG_RETURN_POINTER(funnel_stats_pack(visit.stats));
}

/*
 * For each event the first of those that it is tied with, itself if with none;
 * NULL where events of one time have no order at all.
 */
static const uint64 *
event_moments(FunnelVisit *visit, const Event *events, size_t n)
{
	size_t		i;

	if (!(visit->spec.modes & FUNNEL_SEQUENCED))
		return NULL;
	if (n > visit->moments_capacity)
	{
		if (visit->moments != NULL)
			pfree(visit->moments);
		visit->moments_capacity = Max(n, visit->moments_capacity * 2);
		visit->moments = MemoryContextAllocHuge(visit->context,
												visit->moments_capacity * sizeof(uint64));
	}
	for (i = 0; i < n; i++)
		visit->moments[i] = i > 0 && event_is_tied(&events[i]) ? visit->moments[i - 1] : i;
	return visit->moments;
}

/* An event with its value, for gathering the events of one value. */
typedef struct HeldEvent
{
	const char *bytes;
	uint32		length;
	uint64		position;		/* among the user's events */
} HeldEvent;

static int
compare_held(const void *a, const void *b)
{
	const HeldEvent *left = a;
	const HeldEvent *right = b;
	int			order = memcmp(left->bytes, right->bytes, Min(left->length, right->length));

	if (order == 0 && left->length != right->length)
		order = left->length < right->length ? -1 : 1;
	if (order == 0)
		order = left->position < right->position ? -1 : 1;
	return order;
}

/* Does a chain count rather than another of the same level, of another value? */
static bool
chain_counts(const FunnelVisit *visit, const int64 *times, const int64 *than, int level)
{
	int			k = (visit->spec.modes & FUNNEL_FIRST_CHAIN) ? 0 : level - 1;

	while (k < level - 1 && times[k] == than[k])
		k++;
	return times[k] < than[k];
}

/*
 * The level of a user when the events of a chain must carry one value, those
 * without a value going with any.  The kernel sees the events of each value in
 * turn, with those without a value (in most modes only those that lie near
 * enough to belong to a chain), and once the latter alone.  The deepest chain
 * counts; of several, the one that got there first, or in first_chain the one
 * that started first and whose steps are earliest.
 */
static void
visit_holding(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	const FunnelSpec *spec = &visit->spec;
	Event	   *copies = event_copies(visit, n);
	const uint64 *moments = event_moments(visit, events, n);
	/* does an event end the search, however far from a chain it is? */
	const bool	far = (spec->modes & (FUNNEL_STRICT_ORDER | FUNNEL_STRICT_DEDUPLICATION)) != 0;
	HeldEvent  *held = MemoryContextAllocHuge(visit->context, n * sizeof(HeldEvent));
	uint64	   *without = MemoryContextAllocHuge(visit->context, n * sizeof(uint64));
	size_t		nheld = 0;
	size_t		nwithout = 0;
	int64		best_times[STEPSET_MAX];
	int			best = 0;
	size_t		begin;
	size_t		end;
	size_t		i;

	(void) user;
	for (i = 0; i < n; i++)
	{
		if (values[i].bytes == NULL)
		{
			copies[nwithout] = events[i];
			if (moments != NULL)
				event_set_tied(&copies[nwithout], visit->nsteps,
							   nwithout > 0 && moments[without[nwithout - 1]] == moments[i]);
			without[nwithout++] = i;
			continue;
		}
		held[nheld].bytes = values[i].bytes;
		held[nheld].length = values[i].length;
		held[nheld++].position = i;
	}
	if (nwithout > 0)
		best = funnel_level(copies, nwithout, visit->nsteps, spec, best_times);
	qsort(held, nheld, sizeof(HeldEvent), compare_held);

	for (begin = 0; begin < nheld && nheld > 0; begin = end)
	{
		int64		earliest = events[held[begin].position].at;
		int64		latest;
		int64		times[STEPSET_MAX];
		size_t		ncopies = 0;
		size_t		low = 0;
		size_t		high = nwithout;
		uint64		before = 0;	/* the position of the event copied before */
		int			level;

		CHECK_FOR_INTERRUPTS();
		for (end = begin + 1; end < nheld && held[end].length == held[begin].length &&
			 memcmp(held[end].bytes, held[begin].bytes, held[begin].length) == 0; end++)
			;
		latest = events[held[end - 1].position].at;

		/* the first event without a value that is near enough */
		while (low < high && !far)
		{
			size_t		middle = low + (high - low) / 2;
			int64		at = events[without[middle]].at;

			if (at < earliest && time_between(at, earliest) > (uint64) spec->within)
				low = middle + 1;
			else
				high = middle;
		}
		/* merge both by their positions, which are in the event order */
		for (i = begin; i < end || low < nwithout;)
		{
			uint64		position;

			if (low < nwithout && (i == end || without[low] < held[i].position))
			{
				position = without[low++];
				if (!far && events[position].at > latest &&
					time_between(latest, events[position].at) > (uint64) spec->within)
					break;
			}
			else
				position = held[i++].position;
			copies[ncopies] = events[position];
			if (moments != NULL)
				event_set_tied(&copies[ncopies], visit->nsteps,
							   ncopies > 0 && moments[before] == moments[position]);
			before = position;
			ncopies++;
		}
		level = funnel_level(copies, ncopies, visit->nsteps, spec, times);
		if (level > best || (level > 0 && level == best && chain_counts(visit, times, best_times, level)))
		{
			best = level;
			memcpy(best_times, times, level * sizeof(int64));
		}
	}
	pfree(without);
	pfree(held);
	funnel_group_add(visit->stats, visit->group, best_times, best);
}

/*
 * funnel_holding_final(state)
 */
SHARED_FINAL(journey_funnel_holding_final, .type = &funnel_stats_type)
{
	FunnelVisit visit;

	begin_visit(&visit, (Population *) PG_GETARG_POINTER(0), FUNNEL_WHOLE);
	visit.group = funnel_stats_group(visit.stats, no_label, 0);
	population_visit((Population *) PG_GETARG_POINTER(0), visit_holding, &visit);
	PG_RETURN_POINTER(funnel_stats_pack(visit.stats));
}

/* Keep a user who reached step 1 at least. */
static void
visit_member(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	MemoryContext old;
	int64		times[STEPSET_MAX];
	Datum		columns[3];
	bool		nulls[3] = {false};
	int			level;

	(void) values;
	level = funnel_level(events, n, visit->nsteps, &visit->spec, times);
	if (level == 0)
		return;
	old = MemoryContextSwitchTo(visit->context);
	if (visit->nmembers == visit->members_capacity)
	{
		visit->members_capacity = Max(64, visit->members_capacity * 2);
		if (visit->members == NULL)
			visit->members = palloc(visit->members_capacity * sizeof(Datum));
		else
			visit->members = repalloc_huge(visit->members,
										   visit->members_capacity * sizeof(Datum));
	}
	columns[0] = Int64GetDatum((int64) user->key);
	columns[1] = Int32GetDatum(level);
	columns[2] = PointerGetDatum(event_times_array(times, level));
	visit->members[visit->nmembers++] =
		HeapTupleGetDatum(heap_form_tuple(visit->member, columns, nulls));
	pfree(DatumGetPointer(columns[2]));
	MemoryContextSwitchTo(old);
}

static int
compare_members(const void *a, const void *b)
{
	bool		isnull;
	int64		left = DatumGetInt64(GetAttributeByNum(DatumGetHeapTupleHeader(*(const Datum *) a),
													   1, &isnull));
	int64		right = DatumGetInt64(GetAttributeByNum(DatumGetHeapTupleHeader(*(const Datum *) b),
														1, &isnull));

	return (left > right) - (left < right);
}

/*
 * funnel_members_final(state): an array of funnel_member, by user_id.
 */
Datum
journey_funnel_members_final(PG_FUNCTION_ARGS)
{
	Oid			member = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	FunnelVisit visit;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!OidIsValid(member))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("this is a support function of an aggregate and cannot be called by itself"),
				 errhint("Call the aggregate instead: funnel_members(user_id, at, step, within).")));
	begin_visit(&visit, (Population *) PG_GETARG_POINTER(0), FUNNEL_WHOLE);
	visit.member = lookup_rowtype_tupdesc_copy(member, -1);
	population_visit((Population *) PG_GETARG_POINTER(0), visit_member, &visit);
	if (visit.nmembers > MaxAllocSize / 64)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%llu members are too many for one array",
						(unsigned long long) visit.nmembers),
				 errhint("Call window_funnel_times(at, step, within) with GROUP BY user_id instead.")));
	if (visit.nmembers > 0)
		qsort(visit.members, visit.nmembers, sizeof(Datum), compare_members);
	PG_RETURN_ARRAYTYPE_P(construct_array(visit.members, (int) visit.nmembers, member,
										  -1, false, TYPALIGN_DOUBLE));
}
