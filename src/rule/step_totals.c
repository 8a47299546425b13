/*-------------------------------------------------------------------------
 *
 * step_totals.c
 *		The aggregate step_totals: many questions about sums, means or
 *		extremes of values, answered in one pass over all events.
 *
 * This is like step_users, but a question asks for the sum, mean, smallest or
 * greatest value of the events that met a condition in a window of time,
 * instead of their number.  Users without such a value are in no answer.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "base/base.h"
#include "catalog/pg_type.h"
#include "event/event.h"
#include "roaring/roaring.h"
#include "rule/questions.h"
#include "rule/total.h"
#include "userset/userset.h"
#include "utils/array.h"
#include "utils/memutils.h"

typedef struct TotalQuestion
{
	Question	about;
	TotalTest	test;
} TotalQuestion;

typedef struct StepTotalsParams
{
	Questions	asked;
	int			n;
	TotalQuestion *questions;	/* by step */
	int			first[STEPSET_MAX + 1]; /* of each step, among the questions */
} StepTotalsParams;

static void
step_totals_compile(void *kept)
{
	StepTotalsParams *params = kept;
	QuestionText text = {
		.text = params->asked.given.list[QUESTIONS].text,
		.hint = "A question is a step, a window, what is asked, and a comparison, such as '1 [2026-01-01 00:00+00, 2026-02-01 00:00+00) sum >= 100;', each with a semicolon after it."
	};

	while (question_next(&text))
	{
		TotalQuestion *question;
		TextSlice	total;
		TextSlice	operator;
		TextSlice	bound;

		params->questions = question_add(&text, params->questions, &params->n, sizeof(TotalQuestion));
		question = &params->questions[params->n - 1];
		question_read(&text, &question->about);
		total = question_until(&text, ' ');
		operator = question_until(&text, ' ');
		bound = question_until(&text, ';');
		text.at--;				/* it ends the question */
		question->test = total_test(total, operator, bound);
		if (question->test.total == TOTAL_DISTINCT)
			total_refuse_distinct();
	}
	questions_order(&params->asked, params->questions, params->n, sizeof(TotalQuestion), params->first);
}

static const ParamsRoom step_totals_params = {sizeof(StepTotalsParams), lengthof(question_specs), question_specs, step_totals_compile, false};

POPULATION_SUPPORT(journey_step_totals, step_totals_params)

/* Add an event with its number, if it matters. */
static inline void
step_totals_add_number(Population *population, Datum user, int64 at, uint64 step, float8 number)
{
	const uint64 conditions = questions_asked(population->params, step, at);
	PopulationEvent event = {0};

	if (conditions == 0)
		return;
	event.at = at;
	event.step = conditions | (uint64) population->nsteps;
	event.value.bytes = (const char *) &number;
	event.value.length = sizeof(number);
	population_add(population, user, &event);
}

static Datum
step_totals_row(PG_FUNCTION_ARGS)
{
	Population *population = population_state(fcinfo);
	const bool	counts = !PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3) && !PG_ARGISNULL(4);
	uint64		step;
	int64		at;

	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};

		param_read(&given, &step_totals_params, QUESTIONS, fcinfo, 5);
		population_take_params(fcinfo, &step_totals_params, &given,
							   1 << 1 | 1 << 2 | 1 << 3 | 1 << 4, counts);
	}
	if (!counts)
		return population_skip_row(fcinfo);
	at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	step = (uint64) PG_GETARG_INT64(3);
	if (unlikely(population == NULL))
	{
		questions_check_steps(population_params(fcinfo), step, "step");
		population = population_begin(fcinfo, stepset_size(step), POPULATION_VALUES);
	}
	else
		arg_check_size(population->nsteps, step);
	step_totals_add_number(population, PG_GETARG_DATUM(1), at, step, PG_GETARG_FLOAT8(4));
	PG_RETURN_POINTER(population);
}

static void
step_totals_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	Population *population = population_state(fcinfo);
	const uint64 nsteps = population->nsteps;
	const Datum *ats = args[2]->values;
	const Datum *steps = args[3]->values;
	const bool *users_null = args[1]->nulls;
	const bool *numbers_null = args[4]->nulls;
	int			i;

	if (!population_params_known(fcinfo) || args[2]->has_nulls || args[3]->has_nulls)
	{
		table_scan_each_row(fcinfo, args, n, step_totals_row);
		return;
	}
	for (i = 0; i < n; i++)
	{
		const uint64 step = (uint64) DatumGetInt64(steps[i]);
		const int64 at = DatumGetTimestampTz(ats[i]);

		if (step == nsteps && likely(!TIMESTAMP_NOT_FINITE(at)))
			continue;
		if (users_null[i] || numbers_null[i])
			continue;
		(void) arg_event_time(at);
		arg_check_size(population->nsteps, step);
		step_totals_add_number(population, args[1]->values[i], at, step, DatumGetFloat8(args[4]->values[i]));
	}
}

/*
 * step_totals_transition(state, user_id, at, step, value, questions)
 */
POPULATION_TRANSITION_ROWS(journey_step_totals_transition, step_totals_row, step_totals_rows)

typedef struct StepTotalsVisit
{
	const StepTotalsParams *params;
	TotalState *states;			/* of the questions, in their order here */
	RoaringBuilder *builders;	/* in the order in which they were asked */
	MemoryContext context;		/* that of the builders */
} StepTotalsVisit;

static void
step_totals_visit(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	StepTotalsVisit *to = arg;
	const StepTotalsParams *params = to->params;
	MemoryContext old;
	size_t		i;
	int			q;

	memset(to->states, 0, params->n * sizeof(TotalState));
	for (i = 0; i < n; i++)
	{
		uint64		left = stepset_conditions(events[i].step);
		const int64 at = events[i].at;
		const float8 number = total_number(&values[i]);

		while (left != 0)
		{
			const int	step = stepset_lowest(left);

			left &= ~stepset_bit(step);
			for (q = params->first[step]; q < params->first[step + 1]; q++)
				if (at >= params->questions[q].about.since && at < params->questions[q].about.until)
					total_add(&to->states[q], number);
		}
		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
	}
	old = MemoryContextSwitchTo(to->context);
	for (q = 0; q < params->n; q++)
		if (to->states[q].n > 0 && total_holds(&params->questions[q].test, &to->states[q]))
			roaring_builder_add(&to->builders[params->questions[q].about.number], user->key);
	MemoryContextSwitchTo(old);
}

static Datum
step_totals_final_users(PG_FUNCTION_ARGS)
{
	Oid			userset = users_type(fcinfo, true);
	Population *population;
	StepTotalsVisit to;

	population = (Population *) PG_GETARG_POINTER(0);
	to.params = population->params;
	to.context = CurrentMemoryContext;
	to.states = palloc(to.params->n * sizeof(TotalState));
	to.builders = users_builders(to.params->n);
	population_visit(population, step_totals_visit, &to);
	PG_RETURN_DATUM(users_array(to.builders, to.params->n, userset));
}

/*
 * step_totals_final(state): an array of usersets, one a question.
 */
RESULTS_FINAL(journey_step_totals_final, step_totals_final_users(fcinfo),
			  .join = users_join_arrays)
