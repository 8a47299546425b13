/*-------------------------------------------------------------------------
 *
 * event_args.c
 *		Checking the times and stepsets of events, with errors that name them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "event/event.h"

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
