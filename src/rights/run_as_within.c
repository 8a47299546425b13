/*-------------------------------------------------------------------------
 *
 * run_as_within.c
 *		run_as() with a time limit: for a profile, which queries one source
 *		after the other and must not be blocked by one of them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "base/base.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "rights/stored_query.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

JOURNEY_FUNCTION(journey_run_as_within);

/* The timer of this backend, once it has one; is it running, has it run out? */
static TimeoutId timer = MAX_TIMEOUTS;
static bool timing = false;
static volatile sig_atomic_t time_is_up = false;

/* As statement_timeout does: cancel what is running. */
static void
cancel_query(void)
{
	time_is_up = true;
	InterruptPending = true;
	QueryCancelPending = true;
	SetLatch(MyLatch);
}

/* Stop the timer. What it asked for too late must not cancel anything else. */
static void
stop_timer(void)
{
	disable_timeout(timer, false);
	timing = false;
	if (time_is_up)
		QueryCancelPending = false;
}

/* Has the statement itself taken longer than statement_timeout? */
static bool
statement_timed_out(void)
{
	TimestampTz end;

	if (StatementTimeout <= 0)
		return false;
	end = get_timeout_finish_time(STATEMENT_TIMEOUT);
	/* a time before is that of an earlier statement */
	return end > GetCurrentStatementStartTimestamp() && end <= GetCurrentTimestamp();
}

/*
 * run_as_within(owner oid, query text, as_of timestamptz, milliseconds int)
 * returns setof record: run_as(), which reads the first three.
 */
Datum
journey_run_as_within(PG_FUNCTION_ARGS)
{
	MemoryContext context = CurrentMemoryContext;
	int32		milliseconds;

	ARG_NOT_NULL(3, "milliseconds");
	milliseconds = PG_GETARG_INT32(3);
	if (milliseconds <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("milliseconds is %d", milliseconds)));
	/* inside another one, that one's time holds */
	if (timing)
		return journey_run_as(fcinfo);
	if (timer == MAX_TIMEOUTS)
		timer = RegisterTimeout(USER_TIMEOUT, cancel_query);
	time_is_up = false;
	timing = true;
	enable_timeout_after(timer, milliseconds);
	PG_TRY();
	{
		(void) journey_run_as(fcinfo);
	}
	PG_CATCH();
	{
		stop_timer();
		if (!time_is_up || geterrcode() != ERRCODE_QUERY_CANCELED || statement_timed_out())
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
		/* not one of those that WHEN OTHERS leaves alone */
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("it takes longer than %d ms", milliseconds)));
	}
	PG_END_TRY();
	stop_timer();
	return (Datum) 0;
}
