/*-------------------------------------------------------------------------
 *
 * questions.c
 *		Parsing the questions that one pass over all events answers.
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
