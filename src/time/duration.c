/*-------------------------------------------------------------------------
 *
 * duration.c
 *		Durations: intervals without months, as microseconds.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/int.h"
#include "time/time.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* A duration as an interval of days, of 24 hours each, and hours. */
Interval
duration_interval(int64 microseconds)
{
	Interval	interval = {0};

	interval.day = (int32) (microseconds / USECS_PER_DAY);
	interval.time = microseconds % USECS_PER_DAY;
	return interval;
}

/* The same to return from a function, rounded to a microsecond. */
Datum
duration_datum(double microseconds)
{
	Interval   *interval = palloc(sizeof(Interval));

	*interval = duration_interval((int64) rint(microseconds));
	return IntervalPGetDatum(interval);
}

/* A duration as PostgreSQL prints an interval. */
char *
duration_text(int64 microseconds)
{
	Interval	interval = duration_interval(microseconds);

	return DatumGetCString(DirectFunctionCall1(interval_out, PointerGetDatum(&interval)));
}

/*
 * A duration in microseconds.  Days are 24 hours; months and years have no
 * fixed length, so they are refused, as are negative and infinite durations.
 */
int64
arg_duration(const Interval *interval, const char *name)
{
	int64		microseconds;

	if (likely(interval->month == 0 && interval->time >= 0 && interval->day >= 0 &&
			   interval->day < DURATION_MAX / USECS_PER_DAY / 2 &&
			   interval->time < DURATION_MAX / 2))
		return interval->day * USECS_PER_DAY + interval->time;

	if (INTERVAL_NOT_FINITE(interval))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be finite, not %s", name,
						DatumGetCString(DirectFunctionCall1(interval_out, PointerGetDatum(interval)))),
				 errhint("For no limit write a long interval, such as '36500 days'.")));
	if (interval->month != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not contain months or years: %s", name,
						DatumGetCString(DirectFunctionCall1(interval_out, PointerGetDatum(interval)))),
				 errdetail("Months and years differ in length."),
				 errhint("Use days, for example '30 days' instead of '1 month'.")));
	if (pg_mul_s64_overflow(interval->day, USECS_PER_DAY, &microseconds) ||
		pg_add_s64_overflow(microseconds, interval->time, &microseconds) ||
		microseconds > DURATION_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INTERVAL_FIELD_OVERFLOW),
				 errmsg("%s is too long: %s", name,
						DatumGetCString(DirectFunctionCall1(interval_out, PointerGetDatum(interval)))),
				 errhint("The longest interval is '53375995 days'.")));
	if (microseconds < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative: %s", name,
						DatumGetCString(DirectFunctionCall1(interval_out, PointerGetDatum(interval)))),
				 errhint("Write an interval of zero or more, for example '7 days'.")));
	return microseconds;
}
