/*-------------------------------------------------------------------------
 *
 * step_users.c
 *		The aggregate step_users: many questions about who did something, how
 *		often and when, answered in one pass over all events.
 *
 * A question names one of the conditions of a stepset, a window of time, and
 * how often an event must meet it there.  Rows that concern no question are
 * dropped.  At the end each user's events are counted for all questions at
 * once, and the user joins the set of each question that holds.
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
#include "userset/userset.h"
#include "utils/array.h"
#include "utils/memutils.h"

JOURNEY_FUNCTION(journey_step_users_once_combine);
JOURNEY_FUNCTION(journey_step_users_once_serialize);
JOURNEY_FUNCTION(journey_step_users_once_deserialize);
JOURNEY_FUNCTION(journey_step_users_once_final);

/* How often was condition `step` met with since <= at < until? */
typedef struct TimesQuestion
{
	Question	about;
	int64		at_least;
} TimesQuestion;

typedef struct StepUsersParams
{
	Questions	asked;
	int			n;
	TimesQuestion *questions;	/* by step */
	int64	   *begins;			/* since of each, side by side */
	int64	   *ends;			/* until of each */
	int			first[STEPSET_MAX + 1]; /* of each step, among the questions */
} StepUsersParams;

static void
step_users_compile(void *kept)
{
	StepUsersParams *params = kept;
	QuestionText text = {
		.text = params->asked.given.list[QUESTIONS].text,
		.hint = "A question is a step, a window and a number of times, such as '1 [2026-01-01 00:00+00, 2026-02-01 00:00+00) 3'; several are separated by semicolons."
	};
	int			i;

	while (question_next(&text))
	{
		const size_t begin = text.at;
		TimesQuestion *question;

		params->questions = question_add(&text, params->questions, &params->n, sizeof(TimesQuestion));
		question = &params->questions[params->n - 1];
		question_read(&text, &question->about);
		question->at_least = question_integer(&text);
		if (question->at_least < 1)
			question_refuse(&text, begin);
	}
	questions_order(&params->asked, params->questions, params->n, sizeof(TimesQuestion), params->first);
	params->begins = palloc(params->n * sizeof(int64));
	params->ends = palloc(params->n * sizeof(int64));
	for (i = 0; i < params->n; i++)
	{
		params->begins[i] = params->questions[i].about.since;
		params->ends[i] = params->questions[i].about.until;
	}
}

static const ParamsRoom step_users_params = {sizeof(StepUsersParams), lengthof(question_specs), question_specs, step_users_compile, false};

POPULATION_SUPPORT(journey_step_users, step_users_params)

static Datum
step_users_row(PG_FUNCTION_ARGS)
{
	return questions_row(fcinfo, &step_users_params, "step");
}

static void
step_users_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	population_event_rows(fcinfo, args, n, questions_asked, step_users_row);
}

/*
 * step_users_transition(state, user_id, at, step, questions)
 */
POPULATION_TRANSITION_ROWS(journey_step_users_transition, step_users_row, step_users_rows)

typedef struct StepUsersVisit
{
	const StepUsersParams *params;
	int64	   *counts;			/* of the questions, in their order here */
	RoaringBuilder *builders;	/* in the order in which they were asked */
	MemoryContext context;		/* that of the builders */
} StepUsersVisit;

static void
step_users_visit(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	StepUsersVisit *to = arg;
	const StepUsersParams *params = to->params;
	const int64 *begins = params->begins;
	const int64 *ends = params->ends;
	int64	   *counts = to->counts;
	MemoryContext old;
	size_t		i;
	int			q;

	(void) values;
	memset(counts, 0, params->n * sizeof(int64));
	for (i = 0; i < n; i++)
	{
		uint64		left = stepset_conditions(events[i].step);
		const int64 at = events[i].at;

		while (left != 0)
		{
			const int	step = stepset_lowest(left);

			left &= ~stepset_bit(step);
			for (q = params->first[step]; q < params->first[step + 1]; q++)
				counts[q] += (at >= begins[q]) & (at < ends[q]);
		}
		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
	}
	old = MemoryContextSwitchTo(to->context);
	for (q = 0; q < params->n; q++)
		if (counts[q] >= params->questions[q].at_least)
			roaring_builder_add(&to->builders[params->questions[q].about.number], user->key);
	MemoryContextSwitchTo(old);
}

static Datum
step_users_final_users(PG_FUNCTION_ARGS)
{
	Oid			userset = users_type(fcinfo, true);
	Population *population;
	StepUsersVisit to;

	population = (Population *) PG_GETARG_POINTER(0);
	to.params = population->params;
	to.context = CurrentMemoryContext;
	to.counts = palloc(to.params->n * sizeof(int64));
	to.builders = users_builders(to.params->n);
	population_visit(population, step_users_visit, &to);
	PG_RETURN_DATUM(users_array(to.builders, to.params->n, userset));
}

/*
 * step_users_final(state): an array of usersets, one a question.
 */
RESULTS_FINAL(journey_step_users_final, step_users_final_users(fcinfo),
			  .join = users_join_arrays)

/*
 * step_users_once: if each question asks for a single occurrence, nothing is
 * counted, and the sets grow row by row.
 */
typedef struct OnceState
{
	const StepUsersParams *params;
	MemoryContext context;
	int			nsteps;			/* 0: not known yet */
	RoaringBuilder builders[FLEXIBLE_ARRAY_MEMBER]; /* of the questions, by
													 * step */
} OnceState;

static ParamsSite *
step_users_once_site(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ParamsSite));
	return fcinfo->flinfo->fn_extra;
}

static OnceState *
step_users_once_new(MemoryContext context, const StepUsersParams *params, int nsteps)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	OnceState  *state = palloc0(offsetof(OnceState, builders) + params->n * sizeof(RoaringBuilder));
	int			i;

	state->params = params;
	state->context = context;
	state->nsteps = nsteps;
	for (i = 0; i < params->n; i++)
	{
		if (params->questions[i].at_least != 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a question asks for " INT64_FORMAT " times", params->questions[i].at_least),
					 errhint("step_users_once takes questions of one time; step_users takes others.")));
		roaring_builder_init(&state->builders[i], ROARING_OR);
	}
	MemoryContextSwitchTo(old);
	return state;
}

/* Add a user with an event to the sets of the questions about it. */
static inline void
step_users_once_add(OnceState *state, uint64 user, int64 at, uint64 step)
{
	const StepUsersParams *params = state->params;
	uint64		left;

	for (left = stepset_conditions(step); left != 0;)
	{
		const int	i = stepset_lowest(left);
		int			q;

		left &= ~stepset_bit(i);
		for (q = params->first[i]; q < params->first[i + 1]; q++)
		{
			RoaringBuilder *builder = &state->builders[q];

			if (unlikely(builder->n == builder->capacity))
			{
				MemoryContext old = MemoryContextSwitchTo(state->context);

				roaring_builder_grow(builder);
				MemoryContextSwitchTo(old);
			}
			roaring_builder_add_if(builder, user, (at >= params->begins[q]) & (at < params->ends[q]));
		}
	}
}

static Datum
step_users_once_row(PG_FUNCTION_ARGS)
{
	OnceState  *state = PG_ARGISNULL(0) ? NULL : (OnceState *) PG_GETARG_POINTER(0);
	ParamsSite *site = step_users_once_site(fcinfo);
	const bool	counts = !PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3);
	const StepUsersParams *params;
	uint64		step;

	if (!site->constant)
	{
		CallParams	given = {0};

		param_read(&given, &step_users_params, QUESTIONS, fcinfo, 4);
		params_of_row(fcinfo, site, &step_users_params, 1 << 1 | 1 << 2 | 1 << 3,
					  state == NULL ? NULL : state->params, &given, counts);
	}
	if (!counts)
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	step = (uint64) PG_GETARG_INT64(3);
	if (unlikely(state == NULL))
	{
		params = site->params;
		questions_check_steps(&params->asked, step, "step");
		state = step_users_once_new(arg_aggregate_context(fcinfo), params, stepset_size(step));
	}
	else
		arg_check_size(state->nsteps, step);
	step_users_once_add(state, (uint64) PG_GETARG_INT64(1), arg_event_time(PG_GETARG_TIMESTAMPTZ(2)), step);
	PG_RETURN_POINTER(state);
}

static void
step_users_once_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	OnceState  *state = (OnceState *) PG_GETARG_POINTER(0);
	const uint64 nsteps = state->nsteps;
	const Datum *users = args[1]->values;
	const Datum *ats = args[2]->values;
	const Datum *steps = args[3]->values;
	int			i;

	if (!step_users_once_site(fcinfo)->constant)
	{
		table_scan_each_row(fcinfo, args, n, step_users_once_row);
		return;
	}
	if (args[1]->has_nulls || args[2]->has_nulls || args[3]->has_nulls)
	{
		table_scan_events(fcinfo, args, n, state->nsteps, step_users_once_row);
		return;
	}
	for (i = 0; i < n; i++)
	{
		const uint64 step = (uint64) DatumGetInt64(steps[i]);
		const int64 at = DatumGetTimestampTz(ats[i]);

		if (unlikely(TIMESTAMP_NOT_FINITE(at)))
			(void) arg_event_time(at);	/* refuses it */
		if (step == nsteps)
			continue;
		arg_check_size(state->nsteps, step);
		step_users_once_add(state, (uint64) DatumGetInt64(users[i]), at, step);
	}
}

/* step_users_once_transition(state, user_id, at, step, questions) */
JOURNEY_FUNCTION_AS(journey_step_users_once_transition, table_scan_transition(fcinfo, step_users_once_row, step_users_once_rows, NULL))

/*
 * step_users_once_combine(state, state)
 */
Datum
journey_step_users_once_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	OnceState  *left = PG_ARGISNULL(0) ? NULL : (OnceState *) PG_GETARG_POINTER(0);
	const OnceState *right = PG_ARGISNULL(1) ? NULL : (OnceState *) PG_GETARG_POINTER(1);

	if (right != NULL)
	{
		ParamsSite *site = step_users_once_site(fcinfo);
		MemoryContext old;
		int			i;

		if (left != NULL && left->nsteps != right->nsteps)
			arg_refuse_size(left->nsteps, (uint64) right->nsteps);
		site->params = params_joined(fcinfo->flinfo->fn_mcxt, &step_users_params, site->params,
									 left == NULL ? NULL : left->params, right->params);
		if (left == NULL)
			left = step_users_once_new(context, site->params, right->nsteps);
		old = MemoryContextSwitchTo(left->context);
		for (i = 0; i < left->params->n; i++)
			roaring_builder_add_all(&left->builders[i], &right->builders[i]);
		MemoryContextSwitchTo(old);
	}
	if (left == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(left);
}

/*
 * step_users_once_serialize(state): the number of conditions, the parameters
 * and the sets, each after its size.
 */
Datum
journey_step_users_once_serialize(PG_FUNCTION_ARGS)
{
	OnceState  *state = (OnceState *) PG_GETARG_POINTER(0);
	const size_t params_bytes = params_size(&step_users_params, state->params);
	size_t		size = number_size(state->nsteps) + number_size(params_bytes) + params_bytes;
	MemoryContext old = MemoryContextSwitchTo(state->context);
	ByteWriter	out;
	bytea	   *bytes;
	int			i;

	for (i = 0; i < state->params->n; i++)
	{
		Roaring		set = roaring_builder_result(&state->builders[i]);

		size += number_size(set.size) + set.size;
	}
	MemoryContextSwitchTo(old);
	bytes = serialized_alloc(size);
	out.at = (unsigned char *) VARDATA(bytes);
	write_number(&out, state->nsteps);
	write_number(&out, params_bytes);
	params_encode(&step_users_params, state->params, &out);
	for (i = 0; i < state->params->n; i++)
	{
		write_number(&out, state->builders[i].sets[0].size);
		write_bytes(&out, (const char *) state->builders[i].sets[0].bytes, state->builders[i].sets[0].size);
	}
	PG_RETURN_BYTEA_P(bytes);
}

/*
 * step_users_once_deserialize(bytes)
 */
Datum
journey_step_users_once_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	ParamsSite *site = step_users_once_site(fcinfo);
	ByteReader	in = {NULL, NULL, false};
	ByteReader	params = {NULL, NULL, false};
	OnceState  *state;
	MemoryContext old;
	uint64		nsteps;
	uint64		size;
	int			i;

	(void) arg_aggregate_context(fcinfo);
	in.at = (const unsigned char *) VARDATA_ANY(bytes);
	in.end = in.at + VARSIZE_ANY_EXHDR(bytes);
	nsteps = read_number(&in);
	size = read_number(&in);
	params.at = (const unsigned char *) read_bytes(&in, size);
	if (in.failed || nsteps < 1 || nsteps > STEPSET_MAX)
		serialized_refuse();
	params.end = params.at + size;
	site->params = params_decode(fcinfo->flinfo->fn_mcxt, &step_users_params, site->params, &params);
	state = step_users_once_new(CurrentMemoryContext, site->params, (int) nsteps);
	if (state->params->asked.nsteps > state->nsteps)
		serialized_refuse();
	old = MemoryContextSwitchTo(state->context);
	for (i = 0; i < state->params->n; i++)
	{
		Roaring		set;
		bool		canonical;

		set.size = read_number(&in);
		set.bytes = (const uint8 *) read_bytes(&in, set.size);
		if (in.failed || roaring_validate(set.bytes, set.size, &canonical) != NULL || !canonical)
			serialized_refuse();
		roaring_builder_add_set(&state->builders[i], set);
	}
	MemoryContextSwitchTo(old);
	if (bytes_left(&in) != 0)
		serialized_refuse();
	PG_RETURN_POINTER(state);
}

/*
 * step_users_once_final(state)
 */
Datum
journey_step_users_once_final(PG_FUNCTION_ARGS)
{
	Oid			userset = users_type(fcinfo, true);
	OnceState  *state;
	Datum	   *sets;
	int			i;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (OnceState *) PG_GETARG_POINTER(0);
	sets = palloc(state->params->n * sizeof(Datum));
	for (i = 0; i < state->params->n; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(state->context);
		Roaring		set = roaring_builder_result(&state->builders[i]);

		MemoryContextSwitchTo(old);
		sets[state->params->questions[i].about.number] = PointerGetDatum(userset_of_roaring(set));
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(sets, state->params->n, userset, -1, false, TYPALIGN_INT));
}
