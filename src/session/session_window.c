/*-------------------------------------------------------------------------
 *
 * session_window.c
 *		sessionize: the session kernel as a window function.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "nodes/nodes.h"
#include "session/session.h"
#include "windowapi.h"

JOURNEY_FUNCTION(journey_sessionize);

/* What the function remembers from row to row of one partition. */
typedef struct SessionizeState
{
	Sessions	sessions;
	bool		started;		/* has `gap` been read? */
	int64		gap;			/* microseconds */
} SessionizeState;

/*
 * The condition of a row, false if it is NULL or the call has none.
 */
static bool
condition_arg(FunctionCallInfo fcinfo, int n)
{
	Datum		value;
	bool		isnull;

	if (PG_NARGS() <= n)
		return false;
	value = WinGetFuncArgCurrent(PG_WINDOW_OBJECT(), n, &isnull);
	return !isnull && DatumGetBool(value);
}

/*
 * sessionize(at, gap [, starts, ends]) OVER (PARTITION BY user_id ORDER BY at)
 */
Datum
journey_sessionize(PG_FUNCTION_ARGS)
{
	WindowObject window = PG_WINDOW_OBJECT();
	SessionizeState *state;
	Datum		value;
	bool		isnull;
	int64		at;
	int64		gap;

	if (!WindowObjectIsValid(window))
		ereport(ERROR,
				(errcode(ERRCODE_WINDOWING_ERROR),
				 errmsg("sessionize must be called as a window function"),
				 errhint("Write sessionize(at, gap) OVER (PARTITION BY user_id ORDER BY at).")));
	state = WinGetPartitionLocalMemory(window, sizeof(SessionizeState));
	WinSetMarkPosition(window, WinGetCurrentPosition(window));

	value = WinGetFuncArgCurrent(window, 1, &isnull);
	if (isnull)
		arg_refuse_null("gap");
	gap = arg_duration(DatumGetIntervalP(value), "gap");
	if (!state->started)
	{
		state->started = true;
		state->gap = gap;
	}
	else if (state->gap != gap)
		arg_refuse_changed("gap", duration_text(state->gap), duration_text(gap));

	value = WinGetFuncArgCurrent(window, 0, &isnull);
	if (isnull)
		PG_RETURN_NULL();
	at = arg_event_time(DatumGetTimestampTz(value));
	if (state->sessions.number > 0 && at < state->sessions.last_at)
		ereport(ERROR,
				(errcode(ERRCODE_WINDOWING_ERROR),
				 errmsg("rows are not in the order of at"),
				 errhint("Write sessionize(at, gap) OVER (PARTITION BY user_id ORDER BY at).")));
	PG_RETURN_INT64(session_next(&state->sessions, at, gap, condition_arg(fcinfo, 2),
								 condition_arg(fcinfo, 3)));
}
