/*-------------------------------------------------------------------------
 *
 * total.h
 *		The sum, mean or extreme of a user's values, and its comparison with a
 *		bound.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_TOTAL_H
#define JOURNEY_TOTAL_H

#include "postgres.h"

#include <math.h>

#include "population/population.h"
#include "utils/float.h"

typedef enum Total
{
	TOTAL_SUM,
	TOTAL_AVG,
	TOTAL_MIN,
	TOTAL_MAX,
	TOTAL_DISTINCT
} Total;

/* A total, compared with a bound. */
typedef struct TotalTest
{
	Total		total;
	int			operator;
	float8		bound;
} TotalTest;

/* The numbers of one user so far; all zero: none. */
typedef struct TotalState
{
	uint64		n;
	float8		sum;
	float8		rest;			/* what rounding took from the sum */
	float8		size;			/* the sum of the numbers without their signs */
	float8		min;
	float8		max;
} TotalState;

extern TotalTest total_test(TextSlice total, TextSlice operator, TextSlice bound);
extern void total_refuse_distinct(void);
extern bool total_accepts(const TotalTest *test, float8 total);
extern float8 total_number(const EventValue *value);
extern bool total_holds(const TotalTest *test, const TotalState *state);

/* Neumaier's summation: the sum is exact but for its last rounding. */
static inline void
total_add(TotalState *state, float8 number)
{
	const float8 sum = state->sum + number;

	if (fabs(state->sum) >= fabs(number))
		state->rest += (state->sum - sum) + number;
	else
		state->rest += (number - sum) + state->sum;
	state->min = state->n == 0 ? number : float8_min(state->min, number);
	state->max = state->n == 0 ? number : float8_max(state->max, number);
	state->sum = sum;
	state->size += fabs(number);
	state->n++;
}

#endif							/* JOURNEY_TOTAL_H */
