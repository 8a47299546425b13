/*-------------------------------------------------------------------------
 *
 * pattern_matches.c
 *		The aggregate pattern_matches: the matches of a pattern in the events of
 *		each user of a population, as rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "base/base.h"
#include "catalog/pg_type.h"
#include "event/event.h"
#include "miscadmin.h"
#include "sequence/sequence.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

typedef struct PatternMatchesParams
{
	CallParams	given;
	Pattern		pattern;
	bool		overlapping;
} PatternMatchesParams;

enum
{
	MATCHES_PATTERN,
	MATCHES_OPTIONS
};

static void
pattern_matches_compile(void *kept)
{
	PatternMatchesParams *params = kept;
	const TextSlice text = params->given.list[MATCHES_PATTERN].text;
	const TextSlice options = params->given.list[MATCHES_OPTIONS].text;
	const char *at = options.bytes;
	TextSlice	option;

	sequence_compile(text.bytes, (uint32) text.length, &params->pattern);
	while (options_next(&at, options.bytes + options.length, &option))
	{
		if (params->overlapping || !option_is(option, "overlapping"))
			options_refuse(options, "are not understood",
						   "The option is overlapping: a match for each event that one can begin with.");
		params->overlapping = true;
	}
	options_refuse_comma(options);
}

static const ParamSpec pattern_matches_specs[] = {
	[MATCHES_PATTERN] = {"pattern", PARAM_TEXT, false},
	[MATCHES_OPTIONS] = {"options", PARAM_TEXT, true}
};

static const ParamsRoom pattern_matches_params = {sizeof(PatternMatchesParams), lengthof(pattern_matches_specs), pattern_matches_specs, pattern_matches_compile, false};

POPULATION_SUPPORT(journey_pattern_matches, pattern_matches_params)

/* pattern_matches_transition, with and without seq */
static inline Datum
pattern_matches_shifted_row(FunctionCallInfo fcinfo, int shift)
{
	Population *population = population_state(fcinfo);
	PopulationEvent event = {0};

	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};

		param_read(&given, &pattern_matches_params, MATCHES_PATTERN, fcinfo, 5 + shift);
		if (PG_NARGS() > 6 + shift)
			param_read(&given, &pattern_matches_params, MATCHES_OPTIONS, fcinfo, 6 + shift);
		population_take_params(fcinfo, &pattern_matches_params, &given,
							   STEP_ROW_ARGS(shift) | 1 << (4 + shift),
							   !population_step_row_is_null(fcinfo, shift));
	}
	if (population_step_row_is_null(fcinfo, shift))
		return population_skip_row(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	event.step = (uint64) PG_GETARG_INT64(STEP_ARG(shift));
	event.seq = population_seq_arg(fcinfo, shift > 0 ? 3 : 0);
	if (unlikely(population == NULL))
	{
		const PatternMatchesParams *params = population_params(fcinfo);

		sequence_check_steps(&params->pattern, stepset_size(event.step));
		population = population_begin(fcinfo, stepset_size(event.step),
									  POPULATION_VALUES | (shift > 0 ? POPULATION_SEQ : 0));
	}
	else
		arg_check_size(population->nsteps, event.step);
	if (stepset_conditions(event.step) != 0)
	{
		event.value = population_value_arg(fcinfo, 4 + shift);
		population_add(population, PG_GETARG_DATUM(1), &event);
	}
	PG_RETURN_POINTER(population);
}

/*
 * pattern_matches_transition(state, user_id, at [, seq], step, value, pattern [,
 * options])
 */
POPULATION_TRANSITION(journey_pattern_matches_transition, pattern_matches_shifted_row(fcinfo, 0))
POPULATION_TRANSITION(journey_pattern_matches_seq_transition, pattern_matches_shifted_row(fcinfo, 1))

typedef struct PatternMatchesVisit
{
	const PatternMatchesParams *params;
	Members    *members;
	SequenceSearch search;
	MemoryContext context;		/* of what follows */
	MemoryContext row;			/* of one row */
	uint64	   *space;
	size_t		space_words;
	size_t		capacity;		/* events */
	Event	   *reversed;
	uint64	   *ahead;
	size_t	   *places;
} PatternMatchesVisit;

/* Have room for a user of n events. */
static void
pattern_matches_reserve(PatternMatchesVisit *to, size_t n)
{
	const size_t words = sequence_places_space(&to->params->pattern, n);

	if (words > to->space_words)
	{
		if (to->space != NULL)
			pfree(to->space);
		to->space_words = Max(words, to->space_words * 2);
		to->space = MemoryContextAllocHuge(to->context, to->space_words * sizeof(uint64));
	}
	if (n > to->capacity)
	{
		if (to->capacity > 0)
		{
			pfree(to->reversed);
			pfree(to->ahead);
			pfree(to->places);
		}
		to->capacity = Max(n, to->capacity * 2);
		to->reversed = MemoryContextAllocHuge(to->context, to->capacity * sizeof(Event));
		to->ahead = MemoryContextAllocHuge(to->context, to->capacity * sizeof(uint64));
		to->places = MemoryContextAllocHuge(to->context, to->capacity * sizeof(size_t));
	}
}

/* Keep the match of the n events at the places found. */
static void
pattern_matches_keep(PatternMatchesVisit *to, const UserKey *user, int64 number,
					 const Event *events, const EventValue *values, size_t n)
{
	MemoryContext old = MemoryContextSwitchTo(to->row);
	Datum		columns[6];
	bool		nulls[6] = {false};
	Datum	   *elements;
	bool	   *is_null;
	int			dims[1] = {(int) n};
	int			lower[1] = {1};
	size_t		k;

	if (n > MaxAllocSize / sizeof(Datum))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the match has too many events to return their times"),
				 errhint("Bound the repeats of the pattern, for example by {1,50} for +.")));
	elements = palloc(n * sizeof(Datum));
	is_null = palloc0(n * sizeof(bool));
	columns[1] = Int64GetDatum(number);
	columns[2] = TimestampTzGetDatum(events[to->places[0]].at);
	columns[3] = TimestampTzGetDatum(events[to->places[n - 1]].at);
	for (k = 0; k < n; k++)
		elements[k] = TimestampTzGetDatum(events[to->places[k]].at);
	columns[4] = PointerGetDatum(construct_array(elements, (int) n, TIMESTAMPTZOID, sizeof(TimestampTz),
												 FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	for (k = 0; k < n; k++)
	{
		const EventValue value = values != NULL ? values[to->places[k]] : (EventValue) {NULL, 0};

		is_null[k] = value.bytes == NULL;
		if (!is_null[k])
			elements[k] = PointerGetDatum(cstring_to_text_with_len(value.bytes, (int) value.length));
	}
	columns[5] = PointerGetDatum(construct_md_array(elements, is_null, 1, dims, lower, TEXTOID, -1,
													false, TYPALIGN_INT));
	members_add(to->members, user, number, columns, nulls);
	MemoryContextSwitchTo(old);
	MemoryContextReset(to->row);
}

static void
pattern_matches_visit(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	PatternMatchesVisit *to = arg;
	int64		number = 0;
	size_t		found;

	pattern_matches_reserve(to, n);
	sequence_search_begin(&to->search, &to->params->pattern, to->params->overlapping, events, n,
						  to->reversed, to->ahead);
	while ((found = sequence_search_next(&to->search, events, n, to->space, to->reversed, to->places)) > 0)
	{
		CHECK_FOR_INTERRUPTS();
		pattern_matches_keep(to, user, ++number, events, values, found);
	}
}

static void
pattern_matches_visit_users(FunctionCallInfo fcinfo, UserStore *store, Members *members)
{
	Population *population = (Population *) store;
	PatternMatchesVisit to = {0};

	(void) fcinfo;
	to.params = population->params;

	/*
	 * one of a state from hostile bytes may name more conditions than there
	 * are
	 */
	sequence_check_steps(&to.params->pattern, population->nsteps);
	to.members = members;
	to.context = CurrentMemoryContext;
	to.row = AllocSetContextCreate(CurrentMemoryContext, "pg_journey match", ALLOCSET_DEFAULT_SIZES);
	population_visit(population, pattern_matches_visit, &to);
}

/*
 * pattern_matches_final(state): an array of pattern_match, by user_id and
 * match_number.
 */
MEMBERS_FINAL(journey_pattern_matches_final, journey_pattern_match_list_final,
			  .row = "pattern_match",
			  .call = "pattern_matches(user_id, at, step, value, pattern)",
			  .list = "pattern_match_list(user_id, at, step, value, pattern)",
			  .visit = pattern_matches_visit_users)
