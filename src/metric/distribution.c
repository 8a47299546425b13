/*-------------------------------------------------------------------------
 *
 * distribution.c
 *		distribution: the number of each user of a population in each bucket,
 *		such as how many events, counted in bins.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "event/event.h"
#include "metric/distribution_stats.h"
#include "miscadmin.h"

/* The parameters of a call, in the order of its arguments. */
enum
{
	DISTRIBUTION_PARAM_MEASURE,
	DISTRIBUTION_PARAM_UNIT,
	DISTRIBUTION_PARAM_ZONE,
	DISTRIBUTION_PARAM_UNTIL
};

static const ParamSpec distribution_specs[] = {
	[DISTRIBUTION_PARAM_MEASURE] = {"measure", PARAM_TEXT, false},
	[DISTRIBUTION_PARAM_UNIT] = {"unit", PARAM_TEXT, false},
	[DISTRIBUTION_PARAM_ZONE] = {"time_zone", PARAM_TEXT, false},
	[DISTRIBUTION_PARAM_UNTIL] = {"until", PARAM_TIME, true}
};

typedef struct DistributionParams
{
	CallParams	given;
	DistributionMeasure measure;
	CalendarTable *calendar;
	CalendarTable *days;		/* NULL unless days are counted */
	int64		until;
} DistributionParams;

static void
distribution_compile(void *kept)
{
	DistributionParams *params = kept;
	const CallParam *list = params->given.list;
	const TextSlice measure = list[DISTRIBUTION_PARAM_MEASURE].text;
	const TextSlice unit = list[DISTRIBUTION_PARAM_UNIT].text;
	pg_tz	   *zone = calendar_zone(list[DISTRIBUTION_PARAM_ZONE].text.bytes, list[DISTRIBUTION_PARAM_ZONE].text.length);
	int			i;

	for (i = 0; i < DISTRIBUTION_NMEASURES && !option_is(measure, distribution_measure_names[i]); i++)
		;
	if (i == DISTRIBUTION_NMEASURES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("measure \"%s\" does not exist",
						measure.length > 0 ? pnstrdup(measure.bytes, measure.length) : ""),
				 errhint("Write 'times', 'days', 'sum' or 'average'.")));
	params->measure = (DistributionMeasure) i;
	params->calendar = calendar_table(CurrentMemoryContext, calendar_unit(unit.bytes, unit.length), zone);
	if (params->measure == DISTRIBUTION_DAYS)
		params->days = calendar_table(CurrentMemoryContext, CALENDAR_DAY, zone);
	params->until = params_until(&list[DISTRIBUTION_PARAM_UNTIL]);
}

static const ParamsRoom distribution_params = {
	sizeof(DistributionParams), lengthof(distribution_specs), distribution_specs, distribution_compile, false
};

POPULATION_SUPPORT(journey_distribution, distribution_params)

#define VALUE_ARG 3

/* Add a row. */
static inline Datum
distribution_add_row(FunctionCallInfo fcinfo)
{
	Population *population = population_state(fcinfo);
	PopulationEvent event = {0};
	const DistributionParams *params;
	double		value;

	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};
		int			which;

		for (which = DISTRIBUTION_PARAM_MEASURE; VALUE_ARG + 1 + which < PG_NARGS(); which++)
			param_read(&given, &distribution_params, which, fcinfo, VALUE_ARG + 1 + which);
		population_take_params(fcinfo, &distribution_params, &given, 1 << 1 | 1 << 2 | 1 << VALUE_ARG,
							   !PG_ARGISNULL(1) && !PG_ARGISNULL(2));
	}
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return population_skip_row(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	params = population_params(fcinfo);
	if (event.at >= params->until)
		return population_skip_row(fcinfo);
	if (unlikely(population == NULL))
		population = population_begin(fcinfo, 0, distribution_counts(params->measure) ? 0 : POPULATION_VALUES);
	population->newest = Max(population->newest, event.at);
	if (!PG_ARGISNULL(VALUE_ARG))
	{
		value = PG_GETARG_FLOAT8(VALUE_ARG);
		event.value.bytes = (const char *) &value;
		event.value.length = sizeof(value);
	}
	population_add(population, PG_GETARG_DATUM(1), &event);
	PG_RETURN_POINTER(population);
}

/*
 * distribution_transition(state, user_id, at, value, measure, unit
 * [, time_zone [, until]])
 */
POPULATION_TRANSITION(journey_distribution_transition, distribution_add_row(fcinfo))

typedef struct DistributionVisit
{
	const DistributionParams *params;
	DistributionStats *stats;
} DistributionVisit;

/* The number of a user for n >= 1 events in a bucket; false if they have none. */
static bool
distribution_number(const DistributionParams *params, const Event *events, const EventValue *values, size_t n,
					double *number)
{
	int64		day = 0;
	double		value;
	double		sum = 0;
	uint64		count = 0;
	size_t		i;

	if (params->measure == DISTRIBUTION_TIMES)
	{
		*number = (double) n;
		return true;
	}
	for (i = 0; i < n; i++)
	{
		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
		if (params->measure == DISTRIBUTION_DAYS)
		{
			const int64 now = calendar_table_number(params->days, events[i].at);

			count += i == 0 || now != day;
			day = now;
		}
		else if (values[i].bytes != NULL)
		{
			if (values[i].length != sizeof(value))
				serialized_refuse();	/* no transition makes it so */
			memcpy(&value, values[i].bytes, sizeof(value));
			sum += value;
			count++;
		}
	}
	*number = params->measure == DISTRIBUTION_DAYS ? (double) count :
		params->measure == DISTRIBUTION_SUM ? sum : sum / (double) Max(count, 1);
	return count > 0;
}

static void
distribution_visit_user(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	DistributionVisit *visit = arg;
	const DistributionParams *params = visit->params;
	size_t		i = 0;

	(void) user;
	while (i < n)
	{
		const int64 bucket = calendar_table_number(params->calendar, events[i].at);
		const size_t begin = i++;
		double		number;

		for (; i < n && calendar_table_number(params->calendar, events[i].at) == bucket; i++)
			if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
				CHECK_FOR_INTERRUPTS();
		if (distribution_number(params, &events[begin], values == NULL ? NULL : &values[begin], i - begin, &number))
			value_counter_add(&distribution_stats_cell(visit->stats, bucket)->counter, number, visit->stats->context);
	}
}

/* The newest event, unless the call says when observation ends. */
static int64
distribution_newest(const void *any)
{
	const Population *population = any;
	const DistributionParams *params = population->params;

	return params->until == PG_INT64_MAX ? population->newest : PG_INT64_MIN;
}

static Datum
distribution_final_users(FunctionCallInfo fcinfo)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	const DistributionParams *params = population->params;
	DistributionStats *stats = stats_new(&distribution_stats_type, CurrentMemoryContext);
	DistributionVisit visit = {params, stats};
	uint32		i;

	if (population->nsteps != 0 ||
		population->holds != (distribution_counts(params->measure) ? 0 : POPULATION_VALUES))
		serialized_refuse();	/* no transition makes it so */
	stats->measure = params->measure;
	stats->span.unit = params->calendar->unit;
	stats->span.zone = pg_get_timezone_name(params->calendar->zone);
	stats->span.until = params->until;
	stats->span.newest = params->until == PG_INT64_MAX ? population->newest : params->until;
	population_visit(population, distribution_visit_user, &visit);
	for (i = 0; i < stats->ncells; i++)
		value_counter_finish(&stats->cells[i].counter, &stats->cells[i].numbers, stats->context);
	PG_RETURN_POINTER(stats_pack(&distribution_stats_type, stats));
}

/*
 * distribution_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_distribution_final, distribution_final_users(fcinfo),
			  .type = &distribution_stats_type,
			  .newest = distribution_newest)
