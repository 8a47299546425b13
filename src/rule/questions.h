/*-------------------------------------------------------------------------
 *
 * questions.h
 *		Parsing the questions that one pass over all events answers: several,
 *		separated by semicolons, as in
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

#include "event/event.h"

#define QUESTIONS_MAX 10000

typedef struct QuestionText
{
	TextSlice	text;
	size_t		at;
	const char *hint;			/* what a question looks like */
	int			n;				/* questions begun */
} QuestionText;

extern void question_refuse(const QuestionText *questions, size_t at);
extern bool question_next(QuestionText *questions);
extern void question_skip_blanks(QuestionText *questions);
extern bool question_accept(QuestionText *questions, const char *word);
extern int64 question_integer(QuestionText *questions);
extern int	question_step(QuestionText *questions);
extern void question_window(QuestionText *questions, int64 *since, int64 *until);
extern TextSlice question_until(QuestionText *questions, char end);

/*
 * The conditions of an event that concern some question at this time:
 * condition i has questions about times from since[i] to before until[i].
 */
static inline uint64
question_conditions(const int64 *since, const int64 *until, uint64 step, int64 at)
{
	uint64		left = stepset_conditions(step);
	uint64		result = 0;

	while (left != 0)
	{
		const int	i = stepset_lowest(left);

		left &= ~stepset_bit(i);
		if (at >= since[i] && at < until[i])
			result |= stepset_bit(i);
	}
	return result;
}

#endif							/* JOURNEY_QUESTIONS_H */
