/*-------------------------------------------------------------------------
 *
 * questions.c
 *		Questions that one pass over all events answers: parsing them, their
 *		order, and taking the rows that concern them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "rule/questions.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

void
question_refuse(const QuestionText *questions, size_t at)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("questions has no question at \"%s\"",
					pnstrdup(questions->text.bytes + at, Min(questions->text.length - at, 40))),
			 errhint("%s", questions->hint)));
}

void
question_skip_blanks(QuestionText *questions)
{
	while (questions->at < questions->text.length &&
		   (questions->text.bytes[questions->at] == ' ' || questions->text.bytes[questions->at] == '\n'))
		questions->at++;
}

/* Is there another question?  The one before must have been read to its end. */
bool
question_next(QuestionText *questions)
{
	question_skip_blanks(questions);
	if (questions->n > 0 && questions->at < questions->text.length)
	{
		if (questions->text.bytes[questions->at] != ';')
			question_refuse(questions, questions->at);
		questions->at++;
		question_skip_blanks(questions);
	}
	if (questions->at == questions->text.length)
	{
		if (questions->n == 0)
			question_refuse(questions, 0);
		return false;
	}
	if (questions->n++ == QUESTIONS_MAX)
		question_refuse(questions, questions->at);
	return true;
}

/* Pass over a word and the blanks before it, if that comes next. */
bool
question_accept(QuestionText *questions, const char *word)
{
	const size_t length = strlen(word);

	question_skip_blanks(questions);
	if (questions->text.length - questions->at < length ||
		memcmp(questions->text.bytes + questions->at, word, length) != 0)
		return false;
	questions->at += length;
	return true;
}

/* A whole number. */
int64
question_integer(QuestionText *questions)
{
	const TextSlice text = questions->text;
	size_t		begin;
	int64		number = 0;

	question_skip_blanks(questions);
	begin = questions->at;
	while (questions->at < text.length && text.bytes[questions->at] >= '0' &&
		   text.bytes[questions->at] <= '9' && number < INT64CONST(1000000000000000))
		number = number * 10 + (text.bytes[questions->at++] - '0');
	if (questions->at == begin)
		question_refuse(questions, begin);
	return number;
}

/* The number of a condition, which is written from 1; from 0. */
int
question_step(QuestionText *questions)
{
	const size_t begin = questions->at;
	const int64 step = question_integer(questions);

	if (step < 1 || step > STEPSET_MAX)
		question_refuse(questions, begin);
	return (int) step - 1;
}

/* What stands up to a character, which is passed over. */
TextSlice
question_until(QuestionText *questions, char end)
{
	TextSlice	slice;

	question_skip_blanks(questions);
	slice.bytes = questions->text.bytes + questions->at;
	slice.length = 0;
	while (questions->at + slice.length < questions->text.length && slice.bytes[slice.length] != end)
		slice.length++;
	if (questions->at + slice.length == questions->text.length)
		question_refuse(questions, questions->at);
	questions->at += slice.length + 1;
	return slice;
}

static int64
read_time(QuestionText *questions, char end)
{
	const size_t begin = questions->at;
	const TextSlice slice = question_until(questions, end);

	if (slice.length >= 64)
		question_refuse(questions, begin);
	return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in,
												   CStringGetDatum(pnstrdup(slice.bytes, slice.length)),
												   ObjectIdGetDatum(InvalidOid),
												   Int32GetDatum(-1)));
}

/* [since, until) */
void
question_window(QuestionText *questions, int64 *since, int64 *until)
{
	if (!question_accept(questions, "["))
		question_refuse(questions, questions->at);
	*since = read_time(questions, ',');
	*until = read_time(questions, ')');
}

/* ---- what the aggregates have in common ----------------------------------------- */

const ParamSpec question_specs[1] = {
	[QUESTIONS] = {"questions", PARAM_TEXT, false}
};

/* The questions with room for one more, which is counted. */
void *
question_add(QuestionText *text, void *questions, int *n, size_t size)
{
	if (*n == text->capacity)
	{
		text->capacity = Max(2 * text->capacity, 4);
		questions = questions == NULL ? palloc(text->capacity * size) :
			repalloc_huge(questions, text->capacity * size);
	}
	(*n)++;
	return questions;
}

/* The condition and the window that a question about one condition begins with. */
void
question_read(QuestionText *text, Question *question)
{
	question->number = text->n - 1;
	question->step = question_step(text);
	question_window(text, &question->since, &question->until);
}

static int
question_order(const void *a, const void *b)
{
	const Question *left = a;
	const Question *right = b;

	if (left->step != right->step)
		return left->step < right->step ? -1 : 1;
	return left->number < right->number ? -1 : 1;
}

/*
 * Order questions about one condition each by this; the first of each is
 * noted, and after the last of all their number.
 */
void
questions_order(Questions *params, void *questions, int n, size_t size, int *first)
{
	int			next = 0;
	int			i;

	qsort(questions, n, size, question_order);
	for (i = 0; i < STEPSET_MAX; i++)
	{
		first[i] = next;
		params->since[i] = PG_INT64_MAX;
		params->until[i] = PG_INT64_MIN;
		for (; next < n; next++)
		{
			const Question *question = (const Question *) ((const char *) questions + next * size);

			if (question->step != i)
				break;
			params->nsteps = i + 1;
			params->since[i] = Min(params->since[i], question->since);
			params->until[i] = Max(params->until[i], question->until);
		}
	}
	first[STEPSET_MAX] = n;
}

/* Refuse questions about conditions that step does not have. */
void
questions_check_steps(const Questions *params, uint64 step, const char *called)
{
	if (params->nsteps > stepset_size(step))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a question is about %s %d, but step has %d conditions",
						called, params->nsteps, stepset_size(step))));
}

/* A row of state, user_id, at, step and questions. */
Datum
questions_row(FunctionCallInfo fcinfo, const ParamsRoom *room, const char *called)
{
	Population *population = population_state(fcinfo);
	const bool	counts = !PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3);
	PopulationEvent event = {0};
	uint64		step;
	uint64		conditions;

	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};

		param_read(&given, room, QUESTIONS, fcinfo, 4);
		population_take_params(fcinfo, room, &given, 1 << 1 | 1 << 2 | 1 << 3, counts);
	}
	if (!counts)
		return population_skip_row(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	step = (uint64) PG_GETARG_INT64(3);
	if (unlikely(population == NULL))
	{
		questions_check_steps(population_params(fcinfo), step, called);
		population = population_begin(fcinfo, stepset_size(step), 0);
	}
	else
		arg_check_size(population->nsteps, step);
	conditions = questions_asked(population->params, step, event.at);
	if (conditions != 0)
	{
		event.step = conditions | (uint64) stepset_size(step);
		population_add(population, PG_GETARG_DATUM(1), &event);
	}
	PG_RETURN_POINTER(population);
}
