/*-------------------------------------------------------------------------
 *
 * users_by_total.c
 *		The aggregates users_by_total: users by the sum, mean or extreme of
 *		their values.
 *
 * The users are grouped inside the aggregate.  A user's values are processed
 * in byte order, so that a sum does not depend on the order of the rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "base/base.h"
#include "event/event.h"
#include "roaring/roaring.h"
#include "rule/total.h"
#include "userset/userset.h"
#include "utils/memutils.h"

typedef struct TotalParams
{
	CallParams	given;
	TotalTest	test;
} TotalParams;

enum
{
	TOTAL_WHAT,
	TOTAL_OPERATOR,
	TOTAL_BOUND
};

static void
users_by_total_compile(void *kept)
{
	TotalParams *params = kept;
	const CallParam *list = params->given.list;

	params->test = total_test(list[TOTAL_WHAT].text, list[TOTAL_OPERATOR].text, list[TOTAL_BOUND].text);
}

static const ParamSpec users_by_total_specs[] = {
	[TOTAL_WHAT] = {"total", PARAM_TEXT, false},
	[TOTAL_OPERATOR] = {"operator", PARAM_TEXT, false},
	[TOTAL_BOUND] = {"bound", PARAM_TEXT, false}
};

static const ParamsRoom total_params = {sizeof(TotalParams), lengthof(users_by_total_specs), users_by_total_specs, users_by_total_compile, false};

POPULATION_SUPPORT(journey_users_by_total, total_params)

/* Take a row's parameters, arguments 3 to 5. */
static void
users_by_total_take_params(FunctionCallInfo fcinfo, bool counts, bool texts)
{
	CallParams	given = {0};

	param_read(&given, &total_params, TOTAL_WHAT, fcinfo, 3);
	param_read(&given, &total_params, TOTAL_OPERATOR, fcinfo, 4);
	param_read(&given, &total_params, TOTAL_BOUND, fcinfo, 5);
	if (texts != (given.list[TOTAL_WHAT].text.length == strlen("distinct") &&
				  memcmp(given.list[TOTAL_WHAT].text.bytes, "distinct", strlen("distinct")) == 0))
	{
		if (!texts)
			total_refuse_distinct();
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("only distinct is a total of texts"),
				 errhint("Cast the values.")));
	}
	population_take_params(fcinfo, &total_params, &given, 1 << 1 | 1 << 2, counts);
}

static Datum
users_by_total_add_value(FunctionCallInfo fcinfo, EventValue value)
{
	Population *population = population_state(fcinfo);
	PopulationEvent event = {0};

	if (unlikely(population == NULL))
		population = population_begin(fcinfo, 0, POPULATION_VALUES);
	event.value = value;
	population_add(population, PG_GETARG_DATUM(1), &event);
	PG_RETURN_POINTER(population);
}

/*
 * users_by_total_transition(state, user_id, value float8, total, operator, bound)
 */
static Datum
users_by_total_row(PG_FUNCTION_ARGS)
{
	const bool	counts = !PG_ARGISNULL(1) && !PG_ARGISNULL(2);
	EventValue	value;
	float8		number;

	if (!population_params_known(fcinfo))
		users_by_total_take_params(fcinfo, counts, false);
	if (!counts)
		return population_skip_row(fcinfo);
	number = PG_GETARG_FLOAT8(2);
	value.bytes = (const char *) &number;
	value.length = sizeof(number);
	return users_by_total_add_value(fcinfo, value);
}

TABLE_SCAN_ROWS(users_by_total_row)

POPULATION_TRANSITION_ROWS(journey_users_by_total_transition, users_by_total_row, users_by_total_rows)

/*
 * users_by_distinct_transition(state, user_id, value text, total, operator, bound)
 */
static Datum
users_by_distinct_row(PG_FUNCTION_ARGS)
{
	const bool	counts = !PG_ARGISNULL(1) && !PG_ARGISNULL(2);

	if (!population_params_known(fcinfo))
		users_by_total_take_params(fcinfo, counts, true);
	if (!counts)
		return population_skip_row(fcinfo);
	return users_by_total_add_value(fcinfo, population_value_arg(fcinfo, 2));
}

TABLE_SCAN_ROWS(users_by_distinct_row)

POPULATION_TRANSITION_ROWS(journey_users_by_distinct_transition, users_by_distinct_row, users_by_distinct_rows)

typedef struct TotalVisit
{
	const TotalParams *params;
	RoaringBuilder builder;
	MemoryContext context;		/* that of the builder */
} TotalVisit;

static void
users_by_total_visit(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	TotalVisit *to = arg;
	const TotalParams *params = to->params;
	bool		holds;
	size_t		i;

	(void) events;
	if (params->test.total == TOTAL_DISTINCT)
	{
		float8		total = 1;

		for (i = 1; i < n; i++)
			if (values[i].length != values[i - 1].length ||
				memcmp(values[i].bytes, values[i - 1].bytes, values[i].length) != 0)
				total++;
		holds = total_accepts(&params->test, total);
	}
	else
	{
		TotalState	state = {0};

		for (i = 0; i < n; i++)
			total_add(&state, total_number(&values[i]));
		holds = total_holds(&params->test, &state);
	}
	if (holds)
	{
		MemoryContext old = MemoryContextSwitchTo(to->context);

		roaring_builder_add(&to->builder, user->key);
		MemoryContextSwitchTo(old);
	}
}

static Datum
users_by_total_final_users(PG_FUNCTION_ARGS)
{
	Population *population;
	TotalVisit	to;

	population = (Population *) PG_GETARG_POINTER(0);
	to.params = population->params;
	to.context = CurrentMemoryContext;
	roaring_builder_init(&to.builder, ROARING_OR);
	population_visit(population, users_by_total_visit, &to);
	return users_datum(&to.builder);
}

/*
 * users_by_total_final(state): a userset.
 */
RESULTS_FINAL(journey_users_by_total_final, users_by_total_final_users(fcinfo),
			  .join = users_join)
