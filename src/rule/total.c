/*-------------------------------------------------------------------------
 *
 * total.c
 *		The sum, mean or extreme of a user's values, and its comparison with a
 *		bound.
 *
 * Amounts of money are decimal numbers, which float8 only approximates: ten
 * times 0.1 should be 1, and equal deposits and withdrawals should leave 0.
 * So a sum keeps the rounding errors of its additions apart, and counts as
 * equal to the bound if its distance is within the rounding errors of its
 * parts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>

#include "rule/total.h"
#include "utils/builtins.h"

static const char *const totals[] = {"sum", "avg", "min", "max", "distinct"};

/* Which results of a comparison each operator accepts: less, equal, greater. */
static const struct
{
	const char *name;
	bool		accepts[3];
}			operators[] =

{
	{"<", {true, false, false}},
	{"<=", {true, true, false}},
	{"=", {false, true, false}},
	{"!=", {true, false, true}},
	{">=", {false, true, true}},
	{">", {false, false, true}}
};

/*
 * The largest rounding error of the numbers and of the bound, relative to the
 * sum of the numbers' sizes.
 */
#define ROUNDING (2 * DBL_EPSILON)

static bool
slice_is(TextSlice text, const char *word)
{
	return text.length == strlen(word) && memcmp(text.bytes, word, text.length) == 0;
}

/* The test that three texts name. */
TotalTest
total_test(TextSlice total, TextSlice operator, TextSlice bound)
{
	TotalTest	test;
	int			what = 0;
	int			compare = 0;

	while (what < lengthof(totals) && !slice_is(total, totals[what]))
		what++;
	if (what == lengthof(totals))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("total \"%s\" does not exist", pnstrdup(total.bytes, total.length)),
				 errhint("There are sum, avg, min and max of numbers, and distinct of texts.")));
	while (compare < lengthof(operators) && !slice_is(operator, operators[compare].name))
		compare++;
	if (compare == lengthof(operators))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("operator \"%s\" does not exist", pnstrdup(operator.bytes, operator.length)),
				 errhint("There are <, <=, =, !=, >= and >.")));
	test.total = (Total) what;
	test.operator = compare;
	test.bound = DatumGetFloat8(DirectFunctionCall1(float8in,
													CStringGetDatum(pnstrdup(bound.bytes, bound.length))));
	return test;
}

void
total_refuse_distinct(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("distinct is a total of texts, not of numbers"),
			 errhint("Cast the values.")));
}

/* Does a total compare so with the bound? */
bool
total_accepts(const TotalTest *test, float8 total)
{
	return operators[test->operator].accepts[1 + float8_cmp_internal(total, test->bound)];
}

/* The number that is the value of an event. */
float8
total_number(const EventValue *value)
{
	float8		number = 0;

	/* states from hostile bytes may hold others */
	if (value->bytes == NULL || value->length != sizeof(number))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid state of an aggregate of totals")));
	memcpy(&number, value->bytes, sizeof(number));
	return number;
}

/* Does the test hold for a user with some numbers? */
bool
total_holds(const TotalTest *test, const TotalState *state)
{
	float8		total = isfinite(state->sum) ? state->sum + state->rest : state->sum;
	float8		rounding = state->size * ROUNDING;

	if (test->total == TOTAL_MIN)
		return total_accepts(test, state->min);
	if (test->total == TOTAL_MAX)
		return total_accepts(test, state->max);
	if (test->total == TOTAL_AVG)
	{
		total /= (float8) state->n;
		rounding /= (float8) state->n;
	}
	if (isfinite(total) && isfinite(rounding) && fabs(total - test->bound) <= rounding)
		total = test->bound;
	return total_accepts(test, total);
}
