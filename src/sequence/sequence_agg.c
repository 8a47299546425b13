/*-------------------------------------------------------------------------
 *
 * sequence_agg.c
 *		sequence_match, sequence_count, sequence_progress and
 *		sequence_match_events: the sequence kernel as aggregates over the rows
 *		of one user.
 *
 * All share one state, the user's events, and one parameter: the pattern.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "event/event.h"
#include "grouping/grouping.h"
#include "mb/pg_wchar.h"
#include "sequence/sequence.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

JOURNEY_FUNCTION(journey_sequence_transition);
JOURNEY_FUNCTION(journey_sequence_combine);
JOURNEY_FUNCTION(journey_sequence_serialize);
JOURNEY_FUNCTION(journey_sequence_deserialize);
JOURNEY_FUNCTION(journey_sequence_match_final);
JOURNEY_FUNCTION(journey_sequence_count_final);
JOURNEY_FUNCTION(journey_sequence_progress_final);
JOURNEY_FUNCTION(journey_sequence_match_events_final);

const GroupingEvents sequence_events = {
	.transition = journey_sequence_transition,
	.at = 1,
	.step = 2
};

/*
 * A pattern compiled and as it was written.  It takes about six kilobytes, so
 * groups with the same pattern share it, even if groups with another pattern
 * come between.
 */
typedef struct SequenceParams
{
	const struct SequenceParams *before;	/* the one compiled before, or
											 * NULL */
	Pattern		pattern;
	uint32		length;
	char		text[FLEXIBLE_ARRAY_MEMBER];
} SequenceParams;

static inline bool
sequence_same_pattern(const SequenceParams *params, const char *text, uint32 length)
{
	return params->length == length && memcmp(params->text, text, length) == 0;
}

static void
sequence_refuse_changed(const SequenceParams *params, const char *text, uint32 length)
{
	arg_refuse_changed("pattern", pnstrdup(params->text, params->length),
					   pnstrdup(text, length));
}

/* Compile a pattern, or say where and how it is wrong. */
void
sequence_compile(const char *text, uint32 length, Pattern *pattern)
{
	PatternError error;

	if (!pattern_parse(text, length, pattern, &error))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_REGULAR_EXPRESSION),
				 errmsg("invalid pattern \"%s\": %s, at character %d",
						pnstrdup(text, length), error.message,
						pg_mbstrlen_with_len(text, (int) error.at) + 1),
				 errhint("%s", error.hint)));
}

/* How many of the latest patterns are looked at before one is compiled anew. */
#define PATTERNS_REMEMBERED 16

/* A pattern that was kept before, or NULL. */
static const SequenceParams *
sequence_find_params(FmgrInfo *flinfo, const char *text, uint32 length)
{
	const SequenceParams *params = flinfo->fn_extra;
	int			i;

	for (i = 0; i < PATTERNS_REMEMBERED && params != NULL; i++)
	{
		if (sequence_same_pattern(params, text, length))
			return params;
		params = params->before;
	}
	return NULL;
}

/* Keep a pattern in long-lived memory; `flinfo` remembers the latest. */
static const SequenceParams *
sequence_keep_params(FmgrInfo *flinfo, const Pattern *pattern, const char *text, uint32 length)
{
	SequenceParams *params = MemoryContextAlloc(flinfo->fn_mcxt,
												offsetof(SequenceParams, text) + length);

	params->before = flinfo->fn_extra;
	params->pattern = *pattern;
	params->length = length;
	memcpy(params->text, text, length);
	flinfo->fn_extra = params;
	return params;
}

/* The stepsets must have every condition that the pattern names. */
void
sequence_check_steps(const Pattern *pattern, int nsteps)
{
	if (pattern->highest > nsteps)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("pattern names condition (?%d), but step has %d",
						pattern->highest, nsteps),
				 errhint("Number the conditions from 1 to %d, or give steps() more conditions.",
						 nsteps)));
}

/*
 * sequence_transition(state, at, step, pattern)
 */
Datum
journey_sequence_transition(PG_FUNCTION_ARGS)
{
	EventBuffer *buffer = PG_ARGISNULL(0) ? NULL : (EventBuffer *) PG_GETARG_POINTER(0);
	const SequenceParams *params;
	bool		skip = PG_ARGISNULL(1) || PG_ARGISNULL(2);
	text	   *pattern_text;
	const char *pattern;
	uint32		length;
	int64		at;
	uint64		step;

	ARG_NOT_NULL(3, "pattern");
	pattern_text = PG_GETARG_TEXT_PP(3);
	pattern = VARDATA_ANY(pattern_text);
	length = (uint32) VARSIZE_ANY_EXHDR(pattern_text);

	params = buffer != NULL ? buffer->params : sequence_find_params(fcinfo->flinfo, pattern, length);
	if (unlikely(params == NULL || !sequence_same_pattern(params, pattern, length)))
	{
		Pattern		compiled;

		sequence_compile(pattern, length, &compiled);
		if (buffer != NULL)
			sequence_refuse_changed(params, pattern, length);
		if (!skip)
			params = sequence_keep_params(fcinfo->flinfo, &compiled, pattern, length);
	}
	if (skip)
	{
		if (buffer == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(buffer);
	}

	at = arg_event_time(PG_GETARG_TIMESTAMPTZ(1));
	step = (uint64) PG_GETARG_INT64(2);
	if (buffer == NULL)
	{
		sequence_check_steps(&params->pattern, stepset_size(step));
		buffer = event_buffer_new(arg_aggregate_context(fcinfo), params, stepset_size(step));
	}
	else
		arg_check_size(buffer->nsteps, step);
	if (stepset_conditions(step) != 0)
		buffer = event_buffer_add(buffer, at, step);
	PG_RETURN_POINTER(buffer);
}

/*
 * sequence_combine(state, state)
 */
Datum
journey_sequence_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	EventBuffer *left = PG_ARGISNULL(0) ? NULL : (EventBuffer *) PG_GETARG_POINTER(0);
	const EventBuffer *right = PG_ARGISNULL(1) ? NULL : (EventBuffer *) PG_GETARG_POINTER(1);
	const SequenceParams *params;

	if (right == NULL)
	{
		if (left == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(left);
	}

	params = right->params;
	if (left != NULL)
	{
		const SequenceParams *mine = left->params;

		if (!sequence_same_pattern(mine, params->text, params->length))
			sequence_refuse_changed(mine, params->text, params->length);
		if (left->nsteps != right->nsteps)
			arg_refuse_size(left->nsteps, right->nsteps);
		params = mine;
	}
	else
	{
		const SequenceParams *kept = sequence_find_params(fcinfo->flinfo, params->text, params->length);

		params = kept != NULL ? kept :
			sequence_keep_params(fcinfo->flinfo, &params->pattern, params->text, params->length);
	}
	PG_RETURN_POINTER(event_buffer_combine(left, right, context, params));
}

/*
 * sequence_serialize(state): the parameters are the pattern's text.
 */
Datum
journey_sequence_serialize(PG_FUNCTION_ARGS)
{
	EventBuffer *buffer = (EventBuffer *) PG_GETARG_POINTER(0);
	const SequenceParams *params = buffer->params;

	PG_RETURN_BYTEA_P(event_buffer_serialize(buffer, params->text, params->length));
}

/*
 * sequence_deserialize(bytes)
 */
Datum
journey_sequence_deserialize(PG_FUNCTION_ARGS)
{
	EventsHeader header;
	EventBuffer *buffer;
	const SequenceParams *params;
	const char *text;
	uint32		length;

	(void) arg_aggregate_context(fcinfo);
	buffer = event_buffer_deserialize(PG_GETARG_BYTEA_PP(0), &header);
	text = (const char *) header.params;
	length = (uint32) header.params_size;
	params = sequence_find_params(fcinfo->flinfo, text, length);
	if (params == NULL)
	{
		Pattern		compiled;

		sequence_compile(text, length, &compiled);
		params = sequence_keep_params(fcinfo->flinfo, &compiled, text, length);
	}
	sequence_check_steps(&params->pattern, header.nsteps);
	buffer->params = params;
	PG_RETURN_POINTER(buffer);
}

/* Workspace of n times `size` bytes. */
static void *
sequence_workspace(uint64 n, Size size)
{
	return MemoryContextAllocHuge(CurrentMemoryContext, Max(n, 1) * size);
}

/*
 * The state ready for matching, or NULL when there is nothing to match, and
 * the space that matching may need.
 */
static EventBuffer *
sequence_ready_events(FunctionCallInfo fcinfo, uint64 **space)
{
	EventBuffer *buffer = PG_ARGISNULL(0) ? NULL : (EventBuffer *) PG_GETARG_POINTER(0);
	const SequenceParams *params;
	Size		words;

	if (buffer == NULL || buffer->n == 0)
		return NULL;
	params = buffer->params;
	event_buffer_sort(buffer);
	words = sequence_space(&params->pattern, buffer->n);
	*space = words > 0 ? sequence_workspace(words, sizeof(uint64)) : NULL;
	return buffer;
}

/*
 * sequence_match_final(state): does the pattern match anywhere?
 */
Datum
journey_sequence_match_final(PG_FUNCTION_ARGS)
{
	uint64	   *space;
	EventBuffer *buffer = sequence_ready_events(fcinfo, &space);
	const SequenceParams *params;
	SequenceMatch match;

	if (buffer == NULL)
		PG_RETURN_BOOL(false);
	params = buffer->params;
	match = sequence_find(&params->pattern, buffer->events, 0, buffer->n, space);
	if (space != NULL)
		pfree(space);
	PG_RETURN_BOOL(match.matched);
}

/*
 * sequence_count_final(state): how many matches, none sharing an event?
 */
Datum
journey_sequence_count_final(PG_FUNCTION_ARGS)
{
	uint64	   *space;
	EventBuffer *buffer = sequence_ready_events(fcinfo, &space);
	const SequenceParams *params;
	uint64		count;

	if (buffer == NULL)
		PG_RETURN_INT64(0);
	params = buffer->params;
	count = sequence_count_matches(&params->pattern, buffer->events, buffer->n, space);
	if (space != NULL)
		pfree(space);
	PG_RETURN_INT64((int64) count);
}

/*
 * sequence_progress_final(state): how many of the events that a match needs?
 */
Datum
journey_sequence_progress_final(PG_FUNCTION_ARGS)
{
	uint64	   *space;
	EventBuffer *buffer = sequence_ready_events(fcinfo, &space);
	const SequenceParams *params;
	int			progress;

	if (buffer == NULL)
		PG_RETURN_INT32(0);
	params = buffer->params;
	progress = sequence_progress(&params->pattern, buffer->events, buffer->n, space);
	if (space != NULL)
		pfree(space);
	PG_RETURN_INT32(progress);
}

/*
 * sequence_match_events_final(state): the times of the first match, or of one
 * up to the furthest event that was matched; NULL when none was.
 */
Datum
journey_sequence_match_events_final(PG_FUNCTION_ARGS)
{
	EventBuffer *buffer = PG_ARGISNULL(0) ? NULL : (EventBuffer *) PG_GETARG_POINTER(0);
	const SequenceParams *params;
	uint64	   *space;
	Event	   *reversed;
	size_t	   *places;
	int64	   *times;
	Size		n;
	Size		i;

	if (buffer == NULL || buffer->n == 0)
		PG_RETURN_NULL();
	params = buffer->params;
	event_buffer_sort(buffer);
	space = sequence_workspace(sequence_places_space(&params->pattern, buffer->n), sizeof(uint64));
	reversed = sequence_workspace(buffer->n, sizeof(Event));
	places = sequence_workspace(buffer->n, sizeof(size_t));
	n = sequence_match_places(&params->pattern, buffer->events, buffer->n,
							  sequence_find(&params->pattern, buffer->events, 0, buffer->n, space),
							  space, reversed, places);
	pfree(reversed);
	pfree(space);
	if (n == 0)
		PG_RETURN_NULL();
	if (n > MaxAllocSize / sizeof(Datum))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the match has too many events to return their times"),
				 errhint("Bound the repeats of the pattern, for example by {1,50} for +.")));
	times = palloc(n * sizeof(int64));
	for (i = 0; i < n; i++)
		times[i] = buffer->events[places[i]].at;
	PG_RETURN_ARRAYTYPE_P(event_times_array(times, (int) n));
}
