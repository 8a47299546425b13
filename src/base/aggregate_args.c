/*-------------------------------------------------------------------------
 *
 * aggregate_args.c
 *		Checking the arguments of SQL functions, with errors that name them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "base/aggregate_args.h"
#include "common/int.h"
#include "datatype/timestamp.h"
#include "mb/pg_wchar.h"
#include "nodes/primnodes.h"
#include "utils/builtins.h"

/* Refuse a parameter that is NULL. */
void
arg_refuse_null(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s must not be NULL", name),
			 errhint("Give %s a value; only the data of a row may be NULL.", name)));
}

/* Refuse a parameter whose value differs between the rows of one user. */
void
arg_refuse_changed(const char *name, const char *before, const char *now)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must be the same for all rows of one group", name),
			 errdetail("It is \"%s\" in one row and \"%s\" in another.", before, now),
			 errhint("Write a constant, or group the rows by the column that holds %s.", name)));
}

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
 * fixed length, so they are refused, as are negative and endless durations.
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

/* Refuse an event at -infinity or infinity: it has no distance to others. */
void
arg_refuse_infinite(TimestampTz at)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("at must be a finite time, not %s",
					TIMESTAMP_IS_NOBEGIN(at) ? "-infinity" : "infinity"),
			 errhint("Leave such rows out: WHERE isfinite(at).")));
}

/* Refuse a stepset with another number of conditions than the rows before. */
void
arg_refuse_size(int expected, uint64 step)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("step has %d conditions where the rows before have %d",
					stepset_size(step), expected),
			 errhint("Give steps() the same number of conditions, or step_of() the same number of names, in every row of one aggregate.")));
}

/* The beginning of a text for a message, whole characters of it. */
char *
arg_excerpt(const char *text)
{
	return pnstrdup(text, (Size) pg_mbcliplen(text, (int) strlen(text), 100));
}

/*
 * The memory context that lives as long as the aggregate's state.
 */
MemoryContext
arg_aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("this is a support function of an aggregate and cannot be called by itself"),
				 errhint("Call the aggregate instead, for example window_funnel(at, step, within).")));
	return context;
}

/*
 * Are all arguments of the aggregate whose transition function is running
 * constants, but for its data?  Then they need to be read only once.  Bit n of
 * `data_args` stands for argument n, the first being 1, as the state is 0.
 */
bool
arg_parameters_are_constant(FunctionCallInfo fcinfo, uint32 data_args)
{
	Aggref	   *aggref = AggGetAggref(fcinfo);
	ListCell   *cell;
	int			n = 0;

	if (aggref == NULL)
		return false;			/* called as a window function */
	foreach(cell, aggref->args)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, cell);

		n++;
		if (n >= PG_NARGS())
			break;				/* what follows is for ORDER BY */
		if ((data_args >> n & 1) == 0 && !IsA(entry->expr, Const) &&
			!(IsA(entry->expr, Param) && ((Param *) entry->expr)->paramkind == PARAM_EXTERN))
			return false;
	}
	return n > 0;
}
