/*-------------------------------------------------------------------------
 *
 * sequence_users.c
 *		The aggregates sequence_users and pattern_users: which users of a
 *		population a pattern matches, or each of many patterns, by the sequence
 *		kernel over each user.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/args.h"
#include "common/event_buffer.h"
#include "common/population_agg.h"
#include "common/question_text.h"
#include "common/roaring.h"
#include "common/users.h"
#include "sequence/sequence.h"
#include "sequence/sequence_params.h"
#include "utils/array.h"
#include "utils/memutils.h"

JOURNEY_FUNCTION(journey_sequence_users_transition);
JOURNEY_FUNCTION(journey_sequence_users_final);
JOURNEY_FUNCTION(journey_pattern_users_transition);
JOURNEY_FUNCTION(journey_pattern_users_final);

typedef struct SequenceUsersParams
{
	CallParams	given;
	Pattern		pattern;
} SequenceUsersParams;

enum
{
	SEQUENCE_PATTERN
};

static void
compile(void *kept)
{
	SequenceUsersParams *params = kept;
	const TextSlice text = params->given.list[SEQUENCE_PATTERN].text;

	sequence_compile(text.bytes, (uint32) text.length, &params->pattern);
}

static const ParamSpec specs[] = {
	[SEQUENCE_PATTERN] = {"pattern", PARAM_TEXT, false}
};

static const ParamsRoom users_params = {sizeof(SequenceUsersParams), lengthof(specs), specs, compile};

POPULATION_SUPPORT(journey_sequence_users, users_params)

/*
 * sequence_users_transition(state, user_id, at, step, pattern)
 */
POPULATION_TRANSITION(journey_sequence_users_transition)
{
	Population *population = population_state(fcinfo);
	const bool	counts = !PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3);
	PopulationEvent event = {0};

	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};

		param_read(&given, &users_params, SEQUENCE_PATTERN, fcinfo, 4);
		population_take_params(fcinfo, &users_params, &given, 1 << 1 | 1 << 2 | 1 << 3, counts);
	}
	if (!counts)
		return population_skip_row(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	event.step = (uint64) PG_GETARG_INT64(3);
	if (unlikely(population == NULL))
	{
		const SequenceUsersParams *params = population_params(fcinfo);

		sequence_check_steps(&params->pattern, stepset_size(event.step));
		population = population_begin(fcinfo, stepset_size(event.step), 0);
	}
	else
		arg_check_size(population->nsteps, event.step);
	if (stepset_conditions(event.step) != 0)
		population_add(population, PG_GETARG_DATUM(1), &event);
	PG_RETURN_POINTER(population);
}

typedef struct SequenceUsersVisit
{
	const Pattern *pattern;
	RoaringBuilder builder;
	MemoryContext context;		/* that of the builder and the space */
	uint64	   *space;
	size_t		space_words;
} SequenceUsersVisit;

static void
visit(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	SequenceUsersVisit *to = arg;
	const size_t words = sequence_space(to->pattern, n);

	(void) values;
	if (words > to->space_words)
	{
		if (to->space != NULL)
			pfree(to->space);
		to->space_words = Max(words, to->space_words * 2);
		to->space = MemoryContextAllocHuge(to->context, to->space_words * sizeof(uint64));
	}
	if (sequence_find(to->pattern, events, 0, n, to->space).matched)
	{
		MemoryContext old = MemoryContextSwitchTo(to->context);

		roaring_builder_add(&to->builder, user->key);
		MemoryContextSwitchTo(old);
	}
}

/*
 * sequence_users_final(state): a userset.
 */
SHARED_FINAL(journey_sequence_users_final, .join = users_join)
{
	Population *population;
	SequenceUsersVisit to = {0};

	population = (Population *) PG_GETARG_POINTER(0);
	to.pattern = &((const SequenceUsersParams *) population->params)->pattern;
	to.context = CurrentMemoryContext;
	/* one of a state from hostile bytes may name more conditions than there are */
	sequence_check_steps(to.pattern, population->nsteps);
	roaring_builder_init(&to.builder, ROARING_OR);
	population_visit(population, visit, &to);
	return users_datum(&to.builder);
}

/*
 * pattern_users: many patterns at once.  The steps of a pattern are some of
 * the conditions of the stepset; the events of the others are not there for it.
 */
typedef struct PatternQuestion
{
	int64		since;
	int64		until;
	Pattern		pattern;
	int			nsteps;			/* of the pattern */
	uint64		bits[STEPSET_MAX];	/* of its steps that condition i is */
} PatternQuestion;

/* Who asks for a condition, and as which of its steps. */
typedef struct PatternAsker
{
	int			question;
	int64		since;
	int64		until;
	uint64		bits;
} PatternAsker;

typedef struct PatternUsersParams
{
	CallParams	given;
	int			n;
	PatternQuestion *questions;
	PatternAsker *askers;		/* by condition */
	int			first[STEPSET_MAX + 1]; /* of each condition, among the askers */
	int			nsteps;			/* of the highest condition asked for */
} PatternUsersParams;

static void
compile_questions(void *kept)
{
	PatternUsersParams *params = kept;
	QuestionText questions = {
		.text = params->given.list[SEQUENCE_PATTERN].text,
		.hint = "A question is a window, the conditions that are the steps of a pattern, and the pattern, such as '[2026-01-01 00:00+00, 2026-02-01 00:00+00) 1,3: (?1)(?2);', each with a semicolon after it."
	};
	int			capacity = 4;
	int			i;
	int			q;
	int			nasked = 0;

	params->questions = palloc(capacity * sizeof(PatternQuestion));
	while (question_next(&questions))
	{
		PatternQuestion *question;
		TextSlice	pattern;

		if (params->n == capacity)
		{
			capacity *= 2;
			params->questions = repalloc_huge(params->questions, capacity * sizeof(PatternQuestion));
		}
		question = &params->questions[params->n++];
		memset(question->bits, 0, sizeof(question->bits));
		question_window(&questions, &question->since, &question->until);
		question->nsteps = 0;
		do
		{
			const size_t begin = questions.at;
			const int	condition = question_step(&questions);

			if (question->nsteps == STEPSET_MAX)
				question_refuse(&questions, begin);
			question->bits[condition] |= stepset_bit(question->nsteps++);
			params->nsteps = Max(params->nsteps, condition + 1);
		} while (question_accept(&questions, ","));
		if (!question_accept(&questions, ":"))
			question_refuse(&questions, questions.at);
		pattern = question_until(&questions, ';');
		questions.at--;			/* it ends the question */
		sequence_compile(pattern.bytes, (uint32) pattern.length, &question->pattern);
		sequence_check_steps(&question->pattern, question->nsteps);
	}

	for (q = 0; q < params->n; q++)
		for (i = 0; i < STEPSET_MAX; i++)
			nasked += params->questions[q].bits[i] != 0;
	params->askers = palloc(nasked * sizeof(PatternAsker));
	nasked = 0;
	for (i = 0; i < STEPSET_MAX; i++)
	{
		params->first[i] = nasked;
		for (q = 0; q < params->n; q++)
		{
			const PatternQuestion *question = &params->questions[q];

			if (question->bits[i] != 0)
				params->askers[nasked++] = (PatternAsker) {q, question->since, question->until, question->bits[i]};
		}
	}
	params->first[STEPSET_MAX] = nasked;
}

static const ParamSpec question_specs[] = {
	[SEQUENCE_PATTERN] = {"questions", PARAM_TEXT, false}
};

static const ParamsRoom pattern_users_params = {sizeof(PatternUsersParams), lengthof(question_specs), question_specs, compile_questions};

POPULATION_SUPPORT(journey_pattern_users, pattern_users_params)

/* The conditions of an event, if some question sees it. */
static inline uint64
asked(const void *room, uint64 step, int64 at)
{
	const PatternUsersParams *params = room;
	uint64		left = stepset_conditions(step);

	while (left != 0)
	{
		const int	condition = stepset_lowest(left);
		int			i;

		left &= ~stepset_bit(condition);
		for (i = params->first[condition]; i < params->first[condition + 1]; i++)
			if (at >= params->askers[i].since && at < params->askers[i].until)
				return stepset_conditions(step);
	}
	return 0;
}

static Datum journey_pattern_users_transition_row(PG_FUNCTION_ARGS);

static void
pattern_users_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	population_event_rows(fcinfo, args, n, asked, journey_pattern_users_transition_row);
}

/*
 * pattern_users_transition(state, user_id, at, step, questions)
 */
POPULATION_TRANSITION_ROWS(journey_pattern_users_transition, pattern_users_rows)
{
	Population *population = population_state(fcinfo);
	const bool	counts = !PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3);
	PopulationEvent event = {0};

	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};

		param_read(&given, &pattern_users_params, SEQUENCE_PATTERN, fcinfo, 4);
		population_take_params(fcinfo, &pattern_users_params, &given, 1 << 1 | 1 << 2 | 1 << 3, counts);
	}
	if (!counts)
		return population_skip_row(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	event.step = (uint64) PG_GETARG_INT64(3);
	if (unlikely(population == NULL))
	{
		const PatternUsersParams *params = population_params(fcinfo);

		if (params->nsteps > stepset_size(event.step))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a question is about condition %d, but step has %d conditions",
							params->nsteps, stepset_size(event.step))));
		population = population_begin(fcinfo, stepset_size(event.step), 0);
	}
	else
		arg_check_size(population->nsteps, event.step);
	if (asked(population->params, event.step, event.at) != 0)
		population_add(population, PG_GETARG_DATUM(1), &event);
	PG_RETURN_POINTER(population);
}

/* The events of a user that one question sees. */
typedef struct SeenEvents
{
	Event	   *events;
	size_t		n;
	size_t		capacity;
	size_t		last;			/* which event of the user the last one is, from 1 */
	bool		sorted;
} SeenEvents;

typedef struct PatternUsersVisit
{
	const PatternUsersParams *params;
	RoaringBuilder *builders;
	SeenEvents *seen;
	MemoryContext context;		/* that of all of these */
	uint64	   *space;
	size_t		space_words;
	Event	   *scratch;
	size_t		scratch_size;
} PatternUsersVisit;

/* Room for so many items, without what was there. */
static void *
room_for(PatternUsersVisit *to, void *memory, size_t *capacity, size_t n, size_t size)
{
	if (n <= *capacity)
		return memory;
	if (memory != NULL)
		pfree(memory);
	*capacity = Max(n, *capacity * 2);
	return MemoryContextAllocHuge(to->context, *capacity * size);
}

static void
see_event(PatternUsersVisit *to, SeenEvents *seen, size_t i, Event event)
{
	if (seen->last == i + 1)
	{
		/* it meets another step of the pattern, too */
		seen->events[seen->n - 1].step |= event.step;
		seen->sorted = false;
		return;
	}
	if (seen->n == seen->capacity)
	{
		seen->capacity = Max(16, seen->capacity * 2);
		seen->events = seen->events == NULL
			? MemoryContextAllocHuge(to->context, seen->capacity * sizeof(Event))
			: repalloc_huge(seen->events, seen->capacity * sizeof(Event));
	}
	/* those of one time may now have another order */
	if (seen->n > 0 && event_before(&event, &seen->events[seen->n - 1]))
		seen->sorted = false;
	seen->events[seen->n++] = event;
	seen->last = i + 1;
}

static void
visit_questions(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	PatternUsersVisit *to = arg;
	const PatternUsersParams *params = to->params;
	size_t		i;
	int			q;

	(void) values;
	for (q = 0; q < params->n; q++)
	{
		to->seen[q].n = to->seen[q].last = 0;
		to->seen[q].sorted = true;
	}
	for (i = 0; i < n; i++)
	{
		uint64		left = stepset_conditions(events[i].step);
		const int64 at = events[i].at;

		while (left != 0)
		{
			const int	condition = stepset_lowest(left);
			int			a;

			left &= ~stepset_bit(condition);
			for (a = params->first[condition]; a < params->first[condition + 1]; a++)
			{
				const PatternAsker *asker = &params->askers[a];

				if (at >= asker->since && at < asker->until)
					see_event(to, &to->seen[asker->question], i,
							  (Event) {at, asker->bits | (uint64) params->questions[asker->question].nsteps});
			}
		}
		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
	}
	for (q = 0; q < params->n; q++)
	{
		const Pattern *pattern = &params->questions[q].pattern;
		SeenEvents *seen = &to->seen[q];

		if (seen->n == 0)
			continue;
		if (!seen->sorted)
		{
			to->scratch = room_for(to, to->scratch, &to->scratch_size,
								   events_sort_scratch(seen->n), sizeof(Event));
			events_sort(seen->events, seen->n, to->scratch);
		}
		to->space = room_for(to, to->space, &to->space_words,
							 sequence_space(pattern, seen->n), sizeof(uint64));
		if (sequence_find(pattern, seen->events, 0, seen->n, to->space).matched)
		{
			MemoryContext old = MemoryContextSwitchTo(to->context);

			roaring_builder_add(&to->builders[q], user->key);
			MemoryContextSwitchTo(old);
		}
	}
}

/*
 * pattern_users_final(state): an array of usersets, one a question.
 */
SHARED_FINAL(journey_pattern_users_final, .join = users_join_arrays)
{
	Oid			userset = users_type(fcinfo, true);
	Population *population;
	PatternUsersVisit to = {0};

	population = (Population *) PG_GETARG_POINTER(0);
	to.params = population->params;
	to.context = CurrentMemoryContext;
	to.seen = palloc0(to.params->n * sizeof(SeenEvents));
	to.builders = users_builders(to.params->n);
	population_visit(population, visit_questions, &to);
	PG_RETURN_DATUM(users_array(to.builders, to.params->n, userset));
}
