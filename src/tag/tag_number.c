/*-------------------------------------------------------------------------
 *
 * tag_number.c
 *		Numbers of a numeric tag, and the numbers that its numset stores:
 *		times 10 to the power of the tag's scale.
 *
 * Nothing is rounded here: a number with more decimals than the scale is an
 * error.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "base/base.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

JOURNEY_FUNCTION(journey_tag_number_of_float8);

#define SCALE_MAX 18			/* 10 to the power of it is a bigint */

static int32
scale_arg(FunctionCallInfo fcinfo, int n)
{
	const int32 scale = PG_GETARG_INT32(n);

	if (scale < 0 || scale > SCALE_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("scale is %d", scale),
				 errhint("It is the number of decimals, from 0 to %d.", SCALE_MAX)));
	return scale;
}

static int64
power_of_ten(int32 scale)
{
	int64		power = 1;

	while (scale-- > 0)
		power *= 10;
	return power;
}

static void
refuse_number(const char *number)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("a numeric tag cannot hold the number %s", number),
			 errhint("Numbers times 10 to the power of the scale must be of type bigint.")));
}

static void
refuse_decimals(const char *number, int32 scale)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg_plural("the number %s has more than %d decimal",
						   "the number %s has more than %d decimals", scale, number, scale),
			 errhint("Round it in the definition of the numeric tag, or give the tag a greater scale.")));
}

static int64
number_of_numeric(Numeric number, int32 scale)
{
	Datum		scaled = NumericGetDatum(number);
	Datum		whole;

#define NUMERIC_TEXT(number) \
	DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)))

	if (numeric_is_nan(number) || numeric_is_inf(number))
		refuse_number(NUMERIC_TEXT(number));
	if (scale > 0)
		scaled = DirectFunctionCall2(numeric_mul, scaled,
									 NumericGetDatum(int64_to_numeric(power_of_ten(scale))));
	whole = DirectFunctionCall2(numeric_trunc, scaled, Int32GetDatum(0));
	if (DatumGetInt32(DirectFunctionCall2(numeric_cmp, scaled, whole)) != 0)
		refuse_decimals(NUMERIC_TEXT(number), scale);
	if (DatumGetInt32(DirectFunctionCall2(numeric_cmp, whole,
										  NumericGetDatum(int64_to_numeric(PG_INT64_MAX)))) > 0 ||
		DatumGetInt32(DirectFunctionCall2(numeric_cmp, whole,
										  NumericGetDatum(int64_to_numeric(PG_INT64_MIN)))) < 0)
		refuse_number(NUMERIC_TEXT(number));
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, whole));
}

/* tag_number(numeric, scale) */
JOURNEY_FUNCTION_AS(journey_tag_number_of_numeric, Int64GetDatum(number_of_numeric(PG_GETARG_NUMERIC(0), scale_arg(fcinfo, 1))))

/*
 * tag_number(float8, scale): the number is what its 15 digits say, as when it
 * is cast to numeric.
 */
Datum
journey_tag_number_of_float8(PG_FUNCTION_ARGS)
{
	const float8 number = PG_GETARG_FLOAT8(0);
	const int32 scale = scale_arg(fcinfo, 1);
	const float8 power = (float8) power_of_ten(scale);
	const float8 scaled = rint(number * power);

	/*
	 * Numbers of up to 15 digits, and powers of ten, are exact as float8; so
	 * their quotient is the float8 nearest to that decimal number.
	 */
	if (fabs(scaled) < 1e15 && scaled / power == number)
		PG_RETURN_INT64((int64) scaled);
	if (isnan(number) || isinf(number))
		refuse_number(DatumGetCString(DirectFunctionCall1(float8out, Float8GetDatum(number))));
	PG_RETURN_INT64(number_of_numeric(DatumGetNumeric(DirectFunctionCall1(float8_numeric,
																		  Float8GetDatum(number))),
									  scale));
}

/* tag_value(bigint, scale): the number that the numset holds so. */
JOURNEY_FUNCTION_AS(journey_tag_value, NumericGetDatum(int64_div_fast_to_numeric(PG_GETARG_INT64(0), scale_arg(fcinfo, 1))))
