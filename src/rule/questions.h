/*-------------------------------------------------------------------------
 *
 * questions.h
 *		Questions that one pass over all events answers: parsing several,
 *		separated by semicolons, and which events concern them, as in
 *
 *			1 [2026-01-01 00:00+00, 2026-02-01 00:00+00) 3; 2 [-infinity, infinity) 1
 *
 * Each aggregate defines the part of a question outside of its window.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_QUESTIONS_H
#define JOURNEY_QUESTIONS_H

#include "postgres.h"

#include "aggregate/aggregate.h"
#include "event/event.h"

#define QUESTIONS_MAX 10000

typedef struct QuestionText
{
	TextSlice	text;
	size_t		at;
	const char *hint;			/* what a question looks like */
	int			n;				/* questions begun */
	int			capacity;		/* of the questions that are read */
} QuestionText;

extern void question_refuse(const QuestionText *questions, size_t at);
extern bool question_next(QuestionText *questions);
extern void question_skip_blanks(QuestionText *questions);
extern bool question_accept(QuestionText *questions, const char *word);
extern int64 question_integer(QuestionText *questions);
extern int	question_step(QuestionText *questions);
extern void question_window(QuestionText *questions, int64 *since, int64 *until);
extern TextSlice question_until(QuestionText *questions, char end);

/* What the parameters of these aggregates begin with. */
typedef struct Questions
{
	CallParams	given;
	int			nsteps;			/* of the highest condition asked for */
	int64		since[STEPSET_MAX]; /* the windows of a condition begin no
									 * earlier */
	int64		until[STEPSET_MAX]; /* and end no later */
} Questions;

/* What a question about one condition begins with. */
typedef struct Question
{
	int			number;			/* its place among the questions, from 0 */
	int			step;			/* from 0 */
	int64		since;
	int64		until;
} Question;

enum
{
	QUESTIONS					/* the parameter */
};

extern const ParamSpec question_specs[1];

extern void *question_add(QuestionText *text, void *questions, int *n, size_t size);
extern void question_read(QuestionText *text, Question *question);
extern void questions_order(Questions *params, void *questions, int n, size_t size, int *first);
extern void questions_check_steps(const Questions *params, uint64 step, const char *called);
extern Datum questions_row(FunctionCallInfo fcinfo, const ParamsRoom *room, const char *called);

/*
 * The conditions of an event that concern some question at this time:
 * condition i has questions about times from since[i] to before until[i].
 */
static inline uint64
questions_asked(const void *params, uint64 step, int64 at)
{
	const Questions *questions = params;
	uint64		left = stepset_conditions(step);
	uint64		result = 0;

	while (left != 0)
	{
		const int	i = stepset_lowest(left);

		left &= ~stepset_bit(i);
		if (at >= questions->since[i] && at < questions->until[i])
			result |= stepset_bit(i);
	}
	return result;
}

#endif							/* JOURNEY_QUESTIONS_H */
