/*-------------------------------------------------------------------------
 *
 * experiment_population.c
 *		experiment: the outcomes of users after their first exposure.
 *
 * A row that is both an exposure and an outcome is two events.  The value of an
 * exposure is the variant, that of a number is its units, eight bytes.  At one
 * time exposures come first, so what comes at the time of an exposure counts as
 * after it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "aggregate/aggregate.h"
#include "catalog/pg_type.h"
#include "event/event.h"
#include "experiment/experiment_stats.h"
#include "miscadmin.h"

#define IS_EXPOSURE		(UINT64_C(1) << 63)
#define IS_OUTCOME		(UINT64_C(1) << 62)
#define NCONDITIONS		2

/* The parameters of a call. */
enum
{
	EXPERIMENT_PARAM_WITHIN,
	EXPERIMENT_PARAM_BEFORE,
	EXPERIMENT_PARAM_UNTIL,
	EXPERIMENT_PARAM_KIND		/* no argument */
};

static const ParamSpec experiment_specs[] = {
	[EXPERIMENT_PARAM_WITHIN] = {"within", PARAM_DURATION, false},
	[EXPERIMENT_PARAM_BEFORE] = {"before", PARAM_DURATION, true},
	[EXPERIMENT_PARAM_UNTIL] = {"until", PARAM_TIME, true},
	[EXPERIMENT_PARAM_KIND] = {"kind", PARAM_INTEGER, true}
};

typedef struct ExperimentParams
{
	CallParams	given;
	int64		within;
	int64		before;
	bool		has_before;
	int64		until;
	ExperimentKind kind;
} ExperimentParams;

static void
experiment_compile(void *kept)
{
	ExperimentParams *params = kept;
	const CallParam *list = params->given.list;

	params->within = list[EXPERIMENT_PARAM_WITHIN].number;
	params->has_before = list[EXPERIMENT_PARAM_BEFORE].given;
	params->before = params->has_before ? list[EXPERIMENT_PARAM_BEFORE].number : 0;
	params->until = params_until(&list[EXPERIMENT_PARAM_UNTIL]);
	params->kind = list[EXPERIMENT_PARAM_KIND].number == 0 ? EXPERIMENT_VALUES : EXPERIMENT_GOALS;
}

static const ParamsRoom experiment_params = {
	sizeof(ExperimentParams), lengthof(experiment_specs), experiment_specs, experiment_compile, false
};

POPULATION_SUPPORT(journey_experiment, experiment_params)

/* ---- rows --------------------------------------------------------------------- */

/* experiment(user_id, at, variant, is_exposure, value | is_goal, within [, before [, until]]) */
enum
{
	VARIANT_ARG = 3,
	EXPOSURE_ARG,
	OUTCOME_ARG,
	WITHIN_ARG
};

static void
experiment_take_params(FunctionCallInfo fcinfo)
{
	const Oid	outcome = get_fn_expr_argtype(fcinfo->flinfo, OUTCOME_ARG);
	CallParams	given = {0};
	int			which;

	if (outcome != FLOAT8OID && outcome != BOOLOID)
		elog(ERROR, "experiment of other arguments than are declared");
	given.list[EXPERIMENT_PARAM_KIND].given = true;
	given.list[EXPERIMENT_PARAM_KIND].number = outcome == BOOLOID;
	for (which = EXPERIMENT_PARAM_WITHIN; WITHIN_ARG + which < PG_NARGS(); which++)
		param_read(&given, &experiment_params, which, fcinfo, WITHIN_ARG + which);
	population_take_params(fcinfo, &experiment_params, &given, (1 << WITHIN_ARG) - 2,
						   !PG_ARGISNULL(1) && !PG_ARGISNULL(2));
}

/* A number as units. */
static int64
experiment_units_arg(FunctionCallInfo fcinfo)
{
	const double number = PG_GETARG_FLOAT8(OUTCOME_ARG);

	if (!(fabs(number) <= EXPERIMENT_VALUE_MOST))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value must be from -1e12 to 1e12, not %g", number),
				 errhint("Write NULL for a row without a value.")));
	return (int64) rint(number * (double) EXPERIMENT_UNIT);
}

static Datum
experiment_row(PG_FUNCTION_ARGS)
{
	Population *population = population_state(fcinfo);
	const ExperimentParams *params;
	PopulationEvent event = {0};
	bool		exposure;
	bool		outcome;
	int64		units;

	if (!population_params_known(fcinfo))
		experiment_take_params(fcinfo);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return population_skip_row(fcinfo);
	params = population_params(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	if (event.at >= params->until)
		return population_skip_row(fcinfo);
	if (unlikely(population == NULL))
		population = population_begin(fcinfo, NCONDITIONS, POPULATION_VALUES);
	if (event.at > population->newest)
		population->newest = event.at;
	exposure = !PG_ARGISNULL(EXPOSURE_ARG) && PG_GETARG_BOOL(EXPOSURE_ARG) && !PG_ARGISNULL(VARIANT_ARG);
	outcome = !PG_ARGISNULL(OUTCOME_ARG) && (params->kind == EXPERIMENT_VALUES || PG_GETARG_BOOL(OUTCOME_ARG));
	if (exposure)
	{
		event.step = IS_EXPOSURE | NCONDITIONS;
		event.value = population_value_arg(fcinfo, VARIANT_ARG);
		population_add(population, PG_GETARG_DATUM(1), &event);
	}
	if (outcome)
	{
		event.step = IS_OUTCOME | NCONDITIONS;
		event.value = (EventValue)
		{
			NULL, 0
		};
		if (params->kind == EXPERIMENT_VALUES)
		{
			units = experiment_units_arg(fcinfo);
			event.value.bytes = (const char *) &units;
			event.value.length = 8;
		}
		population_add(population, PG_GETARG_DATUM(1), &event);
	}
	PG_RETURN_POINTER(population);
}

/* Take those of n rows that may be an exposure or an outcome. */
static void
experiment_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	const ScanVector *exposures = args[EXPOSURE_ARG];
	const ScanVector *outcomes = args[OUTCOME_ARG];
	uint16		rows[SCAN_ROWS_MOST];
	bool		goals;
	int			nrows = 0;
	int			i;

	if (!population_params_known(fcinfo))
	{
		table_scan_each_row(fcinfo, args, n, experiment_row);
		return;
	}
	goals = ((const ExperimentParams *) population_params(fcinfo))->kind == EXPERIMENT_GOALS;
	for (i = 0; i < n; i++)
	{
		rows[nrows] = (uint16) i;
		nrows += ((!exposures->has_nulls || !exposures->nulls[i]) && DatumGetBool(exposures->values[i])) ||
			((!outcomes->has_nulls || !outcomes->nulls[i]) && (!goals || DatumGetBool(outcomes->values[i]))) ||
			TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(args[2]->values[i]));
	}
	table_scan_some_rows(fcinfo, args, rows, nrows, experiment_row);
}

POPULATION_TRANSITION_ROWS(journey_experiment_transition, experiment_row, experiment_rows)

/* ---- users -------------------------------------------------------------------- */

typedef struct ExperimentVisit
{
	const ExperimentParams *params;
	ExperimentStats *stats;
} ExperimentVisit;

/* A user's sum, which must be one that can be squared. */
static int64
experiment_user_sum(int128 sum)
{
	if (sum > (int128) (EXPERIMENT_VALUE_MOST * (double) EXPERIMENT_UNIT) || -sum > (int128) (EXPERIMENT_VALUE_MOST * (double) EXPERIMENT_UNIT))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the values of a user add up to more than 1e12"),
				 errhint("Divide value by a constant, such as 1000.")));
	return (int64) sum;
}

static void
experiment_visit_user(void *arg, const UserKey *key, Event *events, const EventValue *values, size_t n)
{
	ExperimentVisit *visit = arg;
	const ExperimentParams *params = visit->params;
	const bool	goals = params->kind == EXPERIMENT_GOALS;
	ExperimentVariant *variant;
	ExperimentSums *sums;
	TextSlice	name;
	int64		exposed_at;
	int128		y = 0;
	int128		x = 0;
	size_t		first = 0;
	size_t		i;

	while (first < n && (events[first].step & IS_EXPOSURE) == 0)
		first++;
	if (first == n)
		return;
	exposed_at = events[first].at;
	name.bytes = values[first].bytes;
	name.length = values[first].length;
	if (name.bytes == NULL)
		serialized_refuse();
	breakdown_check_label(name);
	variant = experiment_stats_variant(visit->stats, name);
	variant->exposed++;
	for (i = first; i < n; i++)
	{
		const TextSlice other = {values[i].bytes, values[i].length};

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if ((events[i].step & IS_EXPOSURE) != 0 && !slice_equal(name, other))
		{
			variant->crossed++;
			return;
		}
	}
	if (params->until != PG_INT64_MAX && time_between(exposed_at, params->until) <= (uint64) params->within)
	{
		variant->open++;
		return;
	}
	for (i = 0; i < n; i++)
	{
		int64		units = EXPERIMENT_UNIT;

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if ((events[i].step & IS_OUTCOME) == 0)
			continue;
		if (!goals)
		{
			if (values[i].length != 8)
				serialized_refuse();
			memcpy(&units, values[i].bytes, 8);
		}
		if (events[i].at >= exposed_at)
		{
			if (time_between(exposed_at, events[i].at) <= (uint64) params->within)
				y += units;
		}
		else if (params->has_before && time_between(events[i].at, exposed_at) <= (uint64) params->before)
			x += units;
	}
	if (goals)
	{
		y = y > 0 ? EXPERIMENT_UNIT : 0;
		x = x > 0 ? EXPERIMENT_UNIT : 0;
	}
	y = experiment_user_sum(y);
	x = experiment_user_sum(x);
	sums = &variant->sums;
	sums->users++;
	stats_add_int128(&sums->sum, y);
	stats_add_int128(&sums->squares, y * y);
	stats_add_int128(&sums->pre_sum, x);
	stats_add_int128(&sums->pre_squares, x * x);
	stats_add_int128(&sums->cross, x * y);
}

static Datum
experiment_final_users(PG_FUNCTION_ARGS)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	ExperimentVisit visit;

	if ((population->holds & POPULATION_VALUES) == 0)
		serialized_refuse();	/* no transition makes it so */
	visit.params = population->params;
	visit.stats = stats_new(&experiment_stats_type, CurrentMemoryContext);
	visit.stats->kind = visit.params->kind;
	visit.stats->within = visit.params->within;
	visit.stats->has_before = visit.params->has_before;
	visit.stats->before = visit.params->before;
	visit.stats->until = visit.params->until;
	population_visit(population, experiment_visit_user, &visit);
	PG_RETURN_POINTER(stats_pack(&experiment_stats_type, visit.stats));
}

/*
 * experiment_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_experiment_final, experiment_final_users(fcinfo),
			  .type = &experiment_stats_type)
