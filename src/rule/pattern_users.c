/*-------------------------------------------------------------------------
 *
 * pattern_users.c
 *		The aggregate pattern_users: which users of a population each of many
 *		patterns matches, by the sequence kernel over each user.
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
#include "sequence/sequence.h"
#include "userset/userset.h"
#include "utils/array.h"
#include "utils/memutils.h"

/*
 * pattern_users: many patterns at once.  The steps of a pattern are some of
 * the conditions of the stepset; the events of the others are not there for it.
 *
 * A pattern that is a chain is followed as the events come, and one of two
 * events needs only know when each condition was last met.  For others the
 * events that they see are collected, and so they are for a chain where their
 * order is not sure: a pattern may number the conditions in another order, so
 * that events of the same time change places.
 */
typedef struct PatternQuestion
{
	int64		since;
	int64		until;
	Pattern		pattern;
	int			nsteps;			/* of the pattern */
	uint64		bits[STEPSET_MAX];	/* of its steps that condition i is */
	bool		is_chain;
	bool		is_chain2;		/* is it one of two events? */
	Chain		chain;			/* then the pattern as one */
} PatternQuestion;

/* A chain of two events matches if they are of these conditions. */
typedef struct PatternPair
{
	int			question;
	int			before;			/* the condition of the first event */
	int64		since;			/* its time, at least */
	int64		until;			/* that of the second is less */
	uint64		most;			/* time between them */
} PatternPair;

/* Who asks for a condition, and as which of its steps. */
typedef struct PatternAsker
{
	int			question;
	int64		since;
	int64		until;
	uint64		bits;
	bool		is_chain;
	uint64		events;			/* then the events of the chain that these can
								 * be */
} PatternAsker;

typedef struct PatternUsersParams
{
	Questions	asked;
	int			n;
	PatternQuestion *questions;
	PatternAsker *askers;		/* by condition, for each chains of two last */
	int			first[STEPSET_MAX + 1]; /* of each condition, among the askers */
	int			first_chain2[STEPSET_MAX];	/* the first of a chain of two */
	PatternPair *pairs;			/* by the condition of the second event */
	int			first_pair[STEPSET_MAX + 1];
	int			nothers;		/* questions other than chains of two, */
	int		   *others;			/* and which */
} PatternUsersParams;

/* The events of a chain that those of a condition can be. */
static uint64
events_of_condition(const PatternQuestion *question, int condition)
{
	return chain_events(&question->pattern, question->bits[condition]);
}

/* Collect who asks for each condition. */
static void
order_askers(PatternUsersParams *params)
{
	int			n = 0;
	int			i;
	int			q;
	int			chain2;

	for (q = 0; q < params->n; q++)
		for (i = 0; i < STEPSET_MAX; i++)
			n += params->questions[q].bits[i] != 0;
	params->askers = palloc(n * sizeof(PatternAsker));
	n = 0;
	for (i = 0; i < STEPSET_MAX; i++)
	{
		params->first[i] = n;
		params->asked.since[i] = PG_INT64_MAX;
		params->asked.until[i] = PG_INT64_MIN;
		for (chain2 = 0; chain2 < 2; chain2++)
		{
			if (chain2)
				params->first_chain2[i] = n;
			for (q = 0; q < params->n; q++)
			{
				const PatternQuestion *question = &params->questions[q];
				PatternAsker *asker;

				if (question->bits[i] == 0 || question->is_chain2 != (chain2 == 1))
					continue;
				asker = &params->askers[n++];
				asker->question = q;
				asker->since = question->since;
				asker->until = question->until;
				asker->bits = question->bits[i];
				asker->is_chain = question->is_chain;
				asker->events = question->is_chain ? events_of_condition(question, i) : 0;
				params->asked.since[i] = Min(params->asked.since[i], question->since);
				params->asked.until[i] = Max(params->asked.until[i], question->until);
			}
		}
	}
	params->first[STEPSET_MAX] = n;
}

/* Collect of which conditions the two events of chains can be. */
static void
find_pairs(PatternUsersParams *params)
{
	int			capacity = 16;
	int			n = 0;
	int			i;
	int			before;
	int			q;

	params->others = palloc(params->n * sizeof(int));
	for (q = 0; q < params->n; q++)
		if (!params->questions[q].is_chain2)
			params->others[params->nothers++] = q;

	params->pairs = palloc(capacity * sizeof(PatternPair));
	for (i = 0; i < STEPSET_MAX; i++)
	{
		params->first_pair[i] = n;
		for (q = 0; q < params->n; q++)
		{
			const PatternQuestion *question = &params->questions[q];

			if (!question->is_chain2 || (events_of_condition(question, i) & 2) == 0)
				continue;
			for (before = 0; before < STEPSET_MAX; before++)
			{
				PatternPair *pair;

				if ((events_of_condition(question, before) & 1) == 0)
					continue;
				if (n == capacity)
				{
					capacity *= 2;
					params->pairs = repalloc_huge(params->pairs, capacity * sizeof(PatternPair));
				}
				pair = &params->pairs[n++];
				pair->question = q;
				pair->before = before;
				/* later than where there was none */
				pair->since = Max(question->since, EVENT_TIME_MIN);
				pair->until = question->until;
				pair->most = question->chain.most[1];
			}
		}
	}
	params->first_pair[STEPSET_MAX] = n;
}

static void
pattern_users_compile_questions(void *kept)
{
	PatternUsersParams *params = kept;
	QuestionText questions = {
		.text = params->asked.given.list[QUESTIONS].text,
		.hint = "A question is a window, the conditions that are the steps of a pattern, and the pattern, such as '[2026-01-01 00:00+00, 2026-02-01 00:00+00) 1,3: (?1)(?2);', each with a semicolon after it."
	};

	while (question_next(&questions))
	{
		PatternQuestion *question;
		TextSlice	pattern;

		params->questions = question_add(&questions, params->questions, &params->n, sizeof(PatternQuestion));
		question = &params->questions[params->n - 1];
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
			params->asked.nsteps = Max(params->asked.nsteps, condition + 1);
		} while (question_accept(&questions, ","));
		if (!question_accept(&questions, ":"))
			question_refuse(&questions, questions.at);
		pattern = question_until(&questions, ';');
		questions.at--;			/* it ends the question */
		sequence_compile(pattern.bytes, (uint32) pattern.length, &question->pattern);
		sequence_check_steps(&question->pattern, question->nsteps);
		question->is_chain = chain_of_pattern(&question->pattern, &question->chain);
		question->is_chain2 = question->is_chain && question->chain.nevents == 2;
	}

	order_askers(params);
	find_pairs(params);
}

static const ParamsRoom pattern_users_params = {sizeof(PatternUsersParams), lengthof(question_specs), question_specs, pattern_users_compile_questions, false};

POPULATION_SUPPORT(journey_pattern_users, pattern_users_params)

static Datum
pattern_users_row(PG_FUNCTION_ARGS)
{
	return questions_row(fcinfo, &pattern_users_params, "condition");
}

static void
pattern_users_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	population_event_rows(fcinfo, args, n, questions_asked, pattern_users_row);
}

/*
 * pattern_users_transition(state, user_id, at, step, questions)
 */
POPULATION_TRANSITION_ROWS(journey_pattern_users_transition, pattern_users_row, pattern_users_rows)

/* The events of a user that one question sees. */
typedef struct SeenEvents
{
	Event	   *events;
	size_t		n;
	size_t		capacity;
	size_t		last;			/* which event of the user the last one is,
								 * from 1 */
	bool		sorted;
} SeenEvents;

typedef struct PatternUsersVisit
{
	const PatternUsersParams *params;
	RoaringBuilder *builders;
	int64		latest[STEPSET_MAX];	/* when conditions were met, or
										 * PG_INT64_MIN */
	ChainState *chains;			/* of the questions that are chains */
	bool	   *matched;		/* has this user matched a chain? */
	SeenEvents *seen;
	int		   *unsure;			/* chains with events of one time whose order
								 * is not sure */
	int			nunsure;
	MemoryContext context;		/* that of all of these */
	uint64	   *space;
	size_t		space_words;
	Event	   *scratch;
	size_t		scratch_size;
} PatternUsersVisit;

/* Room for so many items, without what was there. */
static void *
pattern_users_room_for(PatternUsersVisit *to, void *memory, size_t *capacity, size_t n, size_t size)
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

/* Put the events that a question sees into the order that they have for it. */
static void
sort_seen(PatternUsersVisit *to, SeenEvents *seen)
{
	if (seen->sorted)
		return;
	to->scratch = pattern_users_room_for(to, to->scratch, &to->scratch_size,
										 events_sort_scratch(seen->n), sizeof(Event));
	events_sort(seen->events, seen->n, to->scratch);
	seen->sorted = true;
}

/* How far a chain of two has come. */
static void
resume_chain2(const PatternUsersVisit *to, int q)
{
	const PatternQuestion *question = &to->params->questions[q];
	ChainState *state = &to->chains[q];
	int			i;

	state->met = 0;
	for (i = 0; i < to->params->asked.nsteps; i++)
		if ((events_of_condition(question, i) & 1) != 0 &&
			to->latest[i] >= Max(question->since, EVENT_TIME_MIN) &&
			(state->met == 0 || to->latest[i] > state->noted[0]))
		{
			state->met = 1;
			state->noted[0] = to->latest[i];
		}
}

/* All events of the same time have come: now the chains can follow them. */
static void
follow_unsure(PatternUsersVisit *to)
{
	int			k;

	for (k = 0; k < to->nunsure; k++)
	{
		const int	q = to->unsure[k];
		const PatternQuestion *question = &to->params->questions[q];
		SeenEvents *seen = &to->seen[q];
		size_t		i;

		sort_seen(to, seen);
		if (question->is_chain2)
			resume_chain2(to, q);
		for (i = 0; i < seen->n && !to->matched[q]; i++)
		{
			const Event *event = &seen->events[i];
			const uint64 met = chain_events(&question->pattern, stepset_conditions(event->step));

			if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
				CHECK_FOR_INTERRUPTS();

			/*
			 * steps that the pattern does not name are here just for the
			 * order
			 */
			if (met != 0)
				to->matched[q] = chain_follow(&question->chain, &to->chains[q], met, event->at);
		}
		seen->n = seen->last = 0;
		seen->sorted = true;
	}
	to->nunsure = 0;
}

/* Let some of those who ask for a condition see event i, which meets it. */
static inline void
show_event(PatternUsersVisit *to, int first, int end, size_t i, int64 at, bool sure)
{
	const PatternUsersParams *params = to->params;
	int			a;

	for (a = first; a < end; a++)
	{
		const PatternAsker *asker = &params->askers[a];
		const int	q = asker->question;
		SeenEvents *seen = &to->seen[q];
		Event		event;

		if (at < asker->since || at >= asker->until || to->matched[q])
			continue;
		if (sure && asker->is_chain)
		{
			if (asker->events != 0)
				to->matched[q] = chain_follow(&params->questions[q].chain, &to->chains[q],
											  asker->events, at);
			continue;
		}
		if (asker->is_chain && seen->n == 0)
			to->unsure[to->nunsure++] = q;
		event.at = at;
		event.step = asker->bits | (uint64) params->questions[q].nsteps;
		see_event(to, seen, i, event);
	}
}

/* An event that meets a condition may be the second of two. */
static inline void
match_pairs(PatternUsersVisit *to, int condition, int64 at)
{
	const PatternPair *pair = &to->params->pairs[to->params->first_pair[condition]];
	const PatternPair *end = &to->params->pairs[to->params->first_pair[condition + 1]];

	/* without branches on times, which are unpredictable */
	for (; pair < end; pair++)
	{
		const int64 before = to->latest[pair->before];

		to->matched[pair->question] |= (before >= pair->since) & (at < pair->until) &
			(time_between(before, at) <= pair->most);
	}
}

static void
pattern_users_visit_questions(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	PatternUsersVisit *to = arg;
	const PatternUsersParams *params = to->params;
	bool	   *matched = to->matched;
	bool		tied = false;	/* is the event before at the same time? */
	uint64		met = 0;		/* conditions of events whose times are yet to
								 * be noted */
	MemoryContext old;
	size_t		i;
	int			k;
	int			q;

	(void) values;
	for (k = 0; k < params->asked.nsteps; k++)
		to->latest[k] = PG_INT64_MIN;
	memset(matched, 0, params->n * sizeof(bool));
	for (k = 0; k < params->nothers; k++)
	{
		q = params->others[k];
		to->chains[q].met = 0;
		to->seen[q].n = to->seen[q].last = 0;
		to->seen[q].sorted = true;
	}
	for (i = 0; i < n; i++)
	{
		const uint64 conditions = stepset_conditions(events[i].step);
		const int64 at = events[i].at;
		const bool	tied_next = i + 1 < n && events[i + 1].at == at;
		uint64		left;

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
		for (left = conditions; left != 0;)
		{
			const int	condition = stepset_lowest(left);

			left &= ~stepset_bit(condition);
			if (unlikely(tied || tied_next))
				show_event(to, params->first[condition], params->first[condition + 1], i, at, false);
			else
			{
				show_event(to, params->first[condition], params->first_chain2[condition], i, at,
						   (conditions & (conditions - 1)) == 0);
				match_pairs(to, condition, at);
			}
		}
		tied = tied_next;
		met |= conditions;
		if (unlikely(tied))
			continue;
		if (unlikely(to->nunsure > 0))
			follow_unsure(to);
		for (; met != 0; met &= ~stepset_bit(stepset_lowest(met)))
			to->latest[stepset_lowest(met)] = at;
	}
	old = MemoryContextSwitchTo(to->context);
	for (k = 0; k < params->nothers; k++)
	{
		const Pattern *pattern = &params->questions[params->others[k]].pattern;
		SeenEvents *seen = &to->seen[params->others[k]];

		if (seen->n == 0)
			continue;
		sort_seen(to, seen);
		to->space = pattern_users_room_for(to, to->space, &to->space_words,
										   sequence_space(pattern, seen->n), sizeof(uint64));
		matched[params->others[k]] = sequence_find(pattern, seen->events, 0, seen->n, to->space).matched;
	}
	for (q = 0; q < params->n; q++)
		if (matched[q])
			roaring_builder_add(&to->builders[q], user->key);
	MemoryContextSwitchTo(old);
}

static Datum
pattern_users_final_users(PG_FUNCTION_ARGS)
{
	Oid			userset = users_type(fcinfo, true);
	Population *population;
	PatternUsersVisit to = {0};
	int			q;

	population = (Population *) PG_GETARG_POINTER(0);
	to.params = population->params;
	to.context = CurrentMemoryContext;
	to.seen = palloc0(to.params->n * sizeof(SeenEvents));
	to.chains = palloc(to.params->n * sizeof(ChainState));
	to.matched = palloc(to.params->n * sizeof(bool));
	for (q = 0; q < to.params->n; q++)
		to.seen[q].sorted = true;
	to.unsure = palloc(to.params->n * sizeof(int));
	to.builders = users_builders(to.params->n);
	population_visit(population, pattern_users_visit_questions, &to);
	PG_RETURN_DATUM(users_array(to.builders, to.params->n, userset));
}

/*
 * pattern_users_final(state): an array of usersets, one a question.
 */
RESULTS_FINAL(journey_pattern_users_final, pattern_users_final_users(fcinfo),
			  .join = users_join_arrays)
