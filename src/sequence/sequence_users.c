/*-------------------------------------------------------------------------
 *
 * sequence_users.c
 *		The aggregate users_matching: which users of a population a pattern
 *		matches, by the sequence kernel over each user.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "base/base.h"
#include "event/event.h"
#include "roaring/roaring.h"
#include "sequence/sequence.h"
#include "userset/userset.h"
#include "utils/memutils.h"

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
sequence_users_compile(void *kept)
{
	SequenceUsersParams *params = kept;
	const TextSlice text = params->given.list[SEQUENCE_PATTERN].text;

	sequence_compile(text.bytes, (uint32) text.length, &params->pattern);
}

static const ParamSpec sequence_users_specs[] = {
	[SEQUENCE_PATTERN] = {"pattern", PARAM_TEXT, false}
};

static const ParamsRoom sequence_users_params = {sizeof(SequenceUsersParams), lengthof(sequence_users_specs), sequence_users_specs, sequence_users_compile, false};

POPULATION_SUPPORT(journey_sequence_users, sequence_users_params)

static void
sequence_users_check_steps(const void *params, int nsteps)
{
	sequence_check_steps(&((const SequenceUsersParams *) params)->pattern, nsteps);
}

/* sequence_users_transition, with and without seq */
static inline Datum
sequence_users_shifted_row(FunctionCallInfo fcinfo, int shift)
{
	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};

		param_read(&given, &sequence_users_params, SEQUENCE_PATTERN, fcinfo, 4 + shift);
		population_take_params(fcinfo, &sequence_users_params, &given, STEP_ROW_ARGS(shift),
							   !population_step_row_is_null(fcinfo, shift));
	}
	return population_step_row(fcinfo, shift, sequence_users_check_steps);
}

/*
 * sequence_users_transition(state, user_id, at [, seq], step, pattern)
 */
POPULATION_TRANSITION(journey_sequence_users_transition, sequence_users_shifted_row(fcinfo, 0))
POPULATION_TRANSITION(journey_sequence_users_seq_transition, sequence_users_shifted_row(fcinfo, 1))

typedef struct SequenceUsersVisit
{
	const Pattern *pattern;
	RoaringBuilder builder;
	MemoryContext context;		/* that of the builder and the space */
	uint64	   *space;
	size_t		space_words;
} SequenceUsersVisit;

static void
sequence_users_visit(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
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

static Datum
sequence_users_final_users(PG_FUNCTION_ARGS)
{
	Population *population;
	SequenceUsersVisit to = {0};

	population = (Population *) PG_GETARG_POINTER(0);
	to.pattern = &((const SequenceUsersParams *) population->params)->pattern;
	to.context = CurrentMemoryContext;

	/*
	 * one of a state from hostile bytes may name more conditions than there
	 * are
	 */
	sequence_check_steps(to.pattern, population->nsteps);
	roaring_builder_init(&to.builder, ROARING_OR);
	population_visit(population, sequence_users_visit, &to);
	return users_datum(&to.builder);
}

/*
 * sequence_users_final(state): a userset.
 */
RESULTS_FINAL(journey_sequence_users_final, sequence_users_final_users(fcinfo),
			  .join = users_join)
