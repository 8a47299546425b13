/*-------------------------------------------------------------------------
 *
 * interval_population.c
 *		intervals: the interval kernel over all users of a population.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "event/event.h"
#include "interval/interval_stats.h"

/* The parameters of a call. */
enum
{
	INTERVAL_PARAM_WITHIN,
	INTERVAL_PARAM_MODE
};

static const ParamSpec interval_specs[] = {
	[INTERVAL_PARAM_WITHIN] = {"within", PARAM_DURATION, false},
	[INTERVAL_PARAM_MODE] = {"mode", PARAM_TEXT, false}
};

typedef struct IntervalParams
{
	CallParams	given;
	IntervalSpec spec;
} IntervalParams;

/* Without within the limit is that of all durations, in whole days. */
static void
interval_compile(void *kept)
{
	IntervalParams *params = kept;
	const CallParam *list = params->given.list;
	const CallParam *mode = &list[INTERVAL_PARAM_MODE];

	params->spec.within = list[INTERVAL_PARAM_WITHIN].given ? list[INTERVAL_PARAM_WITHIN].number :
		DURATION_MAX / USECS_PER_DAY * USECS_PER_DAY;
	params->spec.mode = INTERVAL_EACH;
	if (mode->given &&
		!interval_parse_mode(mode->text.bytes, mode->text.length, &params->spec.mode))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("mode \"%s\" does not exist",
						pnstrdup(mode->text.bytes, mode->text.length)),
				 errhint("Write 'each', for every start before an end, or 'latest', for the latest only.")));
}

static const ParamsRoom interval_params = {
	sizeof(IntervalParams), lengthof(interval_specs), interval_specs, interval_compile, false
};

POPULATION_SUPPORT(journey_interval, interval_params)

static void
interval_check_steps(const void *params, int nsteps)
{
	(void) params;
	if (nsteps > 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step has %d conditions, but an interval has a start and an end", nsteps),
				 errhint("Give two conditions, or one for the intervals from each such event to the next.")));
}

/* interval_transition, with and without seq */
static inline Datum
interval_shifted_row(FunctionCallInfo fcinfo, int shift)
{
	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};

		if (PG_NARGS() > 4 + shift)
			param_read(&given, &interval_params, INTERVAL_PARAM_WITHIN, fcinfo, 4 + shift);
		if (PG_NARGS() > 5 + shift)
			param_read(&given, &interval_params, INTERVAL_PARAM_MODE, fcinfo, 5 + shift);
		population_take_params(fcinfo, &interval_params, &given, STEP_ROW_ARGS(shift),
							   !population_step_row_is_null(fcinfo, shift));
	}
	return population_step_row(fcinfo, shift, interval_check_steps);
}

/*
 * interval_transition(state, user_id, at [, seq], step [, within [, mode]])
 */
POPULATION_TRANSITION(journey_interval_transition, interval_shifted_row(fcinfo, 0))
POPULATION_TRANSITION(journey_interval_seq_transition, interval_shifted_row(fcinfo, 1))

/* What the visits of users work with. */
typedef struct IntervalVisit
{
	const IntervalSpec *spec;
	int			nsteps;
	uint64		users;
	HistogramCounter times;
} IntervalVisit;

static void
interval_visit_user(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	IntervalVisit *visit = arg;
	uint64		before = visit->times.count;
	IntervalScan scan;
	uint64		duration;

	(void) user;
	(void) values;
	interval_begin(&scan, events, n, visit->nsteps, visit->spec);
	while (interval_next(&scan, &duration))
		histogram_count(&visit->times, duration);
	visit->users += visit->times.count > before;
}

static Datum
interval_final_users(PG_FUNCTION_ARGS)
{
	Population *population;
	IntervalVisit *visit;
	IntervalStats *stats;

	population = (Population *) PG_GETARG_POINTER(0);
	if (population->nsteps > 2)
		serialized_refuse();	/* no transition makes it so */
	visit = palloc0(sizeof(IntervalVisit));
	visit->spec = &((const IntervalParams *) population->params)->spec;
	visit->nsteps = population->nsteps;
	stats = interval_stats_new(CurrentMemoryContext, population->nsteps, visit->spec);
	population_visit(population, interval_visit_user, visit);
	stats->users = visit->users;
	histogram_counted(&visit->times, &stats->times, CurrentMemoryContext);
	PG_RETURN_POINTER(stats_pack(&interval_stats_type, stats));
}

/*
 * interval_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_interval_final, interval_final_users(fcinfo),
			  .type = &interval_stats_type)
