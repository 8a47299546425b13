/*-------------------------------------------------------------------------
 *
 * survival_population.c
 *		survival and survival_by: the survival kernel over all users of a
 *		population.
 *
 * The group of a user is the value of the event that starts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "event/event.h"
#include "miscadmin.h"
#include "survival/survival_stats.h"

/* The parameters of a call, in the order of its arguments; the last is none of them. */
enum
{
	SURVIVAL_PARAM_UNIT,
	SURVIVAL_PARAM_PERIODS,
	SURVIVAL_PARAM_ZONE,
	SURVIVAL_PARAM_UNTIL,
	SURVIVAL_PARAM_BY
};

static const ParamSpec survival_specs[] = {
	[SURVIVAL_PARAM_UNIT] = {"unit", PARAM_TEXT, false},
	[SURVIVAL_PARAM_PERIODS] = {"periods", PARAM_INTEGER, false},
	[SURVIVAL_PARAM_ZONE] = {"time_zone", PARAM_TEXT, false},
	[SURVIVAL_PARAM_UNTIL] = {"until", PARAM_TIME, true},
	[SURVIVAL_PARAM_BY] = {"breakdown", PARAM_INTEGER, false}
};

typedef struct SurvivalParams
{
	CallParams	given;
	CalendarUnit unit;
	bool		rolling;
	int			periods;
	CalendarTable *calendar;
	int64		until;
	bool		by;
} SurvivalParams;

static void
survival_compile(void *kept)
{
	SurvivalParams *params = kept;
	const CallParam *list = params->given.list;
	const TextSlice unit = list[SURVIVAL_PARAM_UNIT].text;
	const TextSlice zone = list[SURVIVAL_PARAM_ZONE].text;
	const int64 periods = list[SURVIVAL_PARAM_PERIODS].number;

	calendar_period(unit.bytes, unit.length, &params->unit, &params->rolling);
	if (periods < 1 || periods > SURVIVAL_PERIODS_MOST)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("periods must be from 1 to %d, not %lld", SURVIVAL_PERIODS_MOST, (long long) periods),
				 errhint("Write the number of periods after the start, for example 24.")));
	params->periods = (int) periods;
	params->calendar = calendar_table(CurrentMemoryContext, params->unit,
									  calendar_zone(zone.bytes, zone.length));
	params->until = params_until(&list[SURVIVAL_PARAM_UNTIL]);
	params->by = list[SURVIVAL_PARAM_BY].given;
}

static const ParamsRoom survival_params = {
	sizeof(SurvivalParams), lengthof(survival_specs), survival_specs, survival_compile, false
};

POPULATION_SUPPORT(journey_survival, survival_params)

#define IS_START_ARG	3
#define IS_END_ARG		4
#define BREAKDOWN_ARG	5

static void
survival_take_params(FunctionCallInfo fcinfo, bool by)
{
	const int	first = BREAKDOWN_ARG + by;
	CallParams	given = {0};
	int			which;

	for (which = SURVIVAL_PARAM_UNIT; first + which < PG_NARGS(); which++)
		param_read(&given, &survival_params, which, fcinfo, first + which);
	given.list[SURVIVAL_PARAM_BY].given = by;
	given.list[SURVIVAL_PARAM_BY].number = by;
	population_take_params(fcinfo, &survival_params, &given, (1 << first) - 2,
						   !PG_ARGISNULL(1) && !PG_ARGISNULL(2));
}

/* The conditions of an event. */
static inline uint64
survival_step(bool is_start, bool is_end)
{
	return (is_start ? stepset_bit(SURVIVAL_START) : 0) | (is_end ? stepset_bit(SURVIVAL_END) : 0) |
		(is_start || is_end ? 0 : stepset_bit(SURVIVAL_SEEN)) | SURVIVAL_CONDITIONS;
}

/* Add a row. */
static pg_attribute_always_inline Datum
survival_add_row(FunctionCallInfo fcinfo, bool by)
{
	Population *population = population_state(fcinfo);
	PopulationEvent event = {0};
	const bool	is_start = !PG_ARGISNULL(IS_START_ARG) && PG_GETARG_BOOL(IS_START_ARG);
	const bool	is_end = !PG_ARGISNULL(IS_END_ARG) && PG_GETARG_BOOL(IS_END_ARG);
	const SurvivalParams *params;

	if (!population_params_known(fcinfo))
		survival_take_params(fcinfo, by);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return population_skip_row(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	params = population_params(fcinfo);
	if (event.at >= params->until)
		return population_skip_row(fcinfo);
	if (unlikely(population == NULL))
		population = population_begin(fcinfo, SURVIVAL_CONDITIONS, by ? POPULATION_VALUES : 0);
	/* if observation does not end with an event, others say nothing */
	if (!is_start && !is_end && params->until != PG_INT64_MAX)
		PG_RETURN_POINTER(population);
	event.step = survival_step(is_start, is_end);
	if (by && is_start)
		event.value = population_value_arg(fcinfo, BREAKDOWN_ARG);
	population_add(population, PG_GETARG_DATUM(1), &event);
	PG_RETURN_POINTER(population);
}

static Datum
survival_row(PG_FUNCTION_ARGS)
{
	return survival_add_row(fcinfo, false);
}

/* Take n rows. */
static void
survival_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	const SurvivalParams *params = population->params;
	const ScanVector *starts = args[IS_START_ARG];
	const ScanVector *ends = args[IS_END_ARG];
	const bool	seen = params->until == PG_INT64_MAX;
	Datum		steps[SCAN_ROWS_MOST];
	uint16		rows[SCAN_ROWS_MOST];
	int			nrows = 0;
	int			i;

	if (!population_params_known(fcinfo) || args[1]->has_nulls || args[2]->has_nulls)
	{
		table_scan_each_row(fcinfo, args, n, survival_row);
		return;
	}
	for (i = 0; i < n; i++)
	{
		const int64 at = DatumGetTimestampTz(args[2]->values[i]);
		const bool	is_start = DatumGetBool(starts->values[i]) && !(starts->has_nulls && starts->nulls[i]);
		const bool	is_end = DatumGetBool(ends->values[i]) && !(ends->has_nulls && ends->nulls[i]);

		if (unlikely(TIMESTAMP_NOT_FINITE(at)))
		{
			/* refuse the row, after those before it */
			population_add_rows(population, args[1]->values, args[2]->values, steps, rows, nrows);
			(void) arg_event_time(at);
		}
		steps[i] = Int64GetDatum((int64) survival_step(is_start, is_end));
		rows[nrows] = (uint16) i;
		nrows += at < params->until && (seen || is_start || is_end);
	}
	population_add_rows(population, args[1]->values, args[2]->values, steps, rows, nrows);
}

/*
 * survival_transition(state, user_id, at, is_start, is_end, unit, periods
 * [, time_zone [, until]])
 */
POPULATION_TRANSITION_ROWS(journey_survival_transition, survival_row, survival_rows)

/*
 * survival_by_transition(state, user_id, at, is_start, is_end, breakdown, unit,
 * periods [, time_zone [, until]])
 */
POPULATION_TRANSITION(journey_survival_by_transition, survival_add_row(fcinfo, true))

typedef struct SurvivalVisit
{
	const SurvivalParams *params;
	SurvivalStats *stats;
	SurvivalCounts *counts;		/* [period], without groups */
} SurvivalVisit;

/* The group of a user: the lowest value of their start. */
static TextSlice
survival_label(const Event *events, const EventValue *values, const SurvivalSpan *span)
{
	TextSlice	label = {NULL, 0};
	size_t		i;

	for (i = span->first; i < span->after; i++)
	{
		const TextSlice value = {values[i].bytes, values[i].length};

		if ((events[i].step & stepset_bit(SURVIVAL_START)) != 0 && value.bytes != NULL &&
			(label.bytes == NULL || slice_order(value, label) < 0))
			label = value;
	}
	return label;
}

static void
survival_visit_user(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	SurvivalVisit *visit = arg;
	const SurvivalParams *params = visit->params;
	SurvivalSpan span;
	SurvivalCounts *counts;
	uint64		period;

	(void) user;
	if (!survival_of_user(events, n, params->until, &span))
		return;
	if (params->rolling)
		period = time_between(span.start, span.end) / (uint64) calendar_unit_length(params->unit);
	else
		period = (uint64) (calendar_table_number(params->calendar, span.end) -
						   calendar_table_number(params->calendar, span.start));
	if (period > (uint64) params->periods)
	{
		period = (uint64) params->periods;
		span.ended = false;
	}
	if (params->by)
	{
		const TextSlice label = survival_label(events, values, &span);

		breakdown_check_label(label);
		counts = &survival_stats_cell(visit->stats, label, (int) period)->counts;
	}
	else
		counts = &visit->counts[period];
	if (span.ended)
		counts->ended++;
	else
		counts->censored++;
}

static Datum
survival_final_users(FunctionCallInfo fcinfo)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	const SurvivalParams *params = population->params;
	SurvivalStats *stats = stats_new(&survival_stats_type, CurrentMemoryContext);
	SurvivalVisit visit = {params, stats, NULL};
	int			i;

	if (population->nsteps != SURVIVAL_CONDITIONS ||
		population->holds != (params->by ? POPULATION_VALUES : 0))
		serialized_refuse();	/* no transition makes it so */
	stats->unit = params->unit;
	stats->rolling = params->rolling;
	stats->periods = params->periods;
	stats->zone = pg_get_timezone_name(params->calendar->zone);
	stats->until = params->until;
	stats->by = params->by;
	visit.counts = palloc0(((Size) params->periods + 1) * sizeof(SurvivalCounts));
	population_visit(population, survival_visit_user, &visit);
	for (i = 0; i <= params->periods; i++)
		if (visit.counts[i].ended + visit.counts[i].censored > 0)
		{
			const TextSlice none = {NULL, 0};

			survival_stats_cell(stats, none, i)->counts = visit.counts[i];
		}
	PG_RETURN_POINTER(stats_pack(&survival_stats_type, stats));
}

/*
 * survival_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_survival_final, survival_final_users(fcinfo),
			  .type = &survival_stats_type)
