/*-------------------------------------------------------------------------
 *
 * is_late.c
 *		is_late: did an event arrive late?
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "quality/quality.h"
#include "scan/scan.h"

JOURNEY_FUNCTION(journey_is_late);

/* Times that are not finite are not late. */
static inline bool
is_late(TimestampTz at, TimestampTz received, uint64 within)
{
	return received > at && !TIMESTAMP_NOT_FINITE(at) && !TIMESTAMP_NOT_FINITE(received) &&
		time_between(at, received) > within;
}

/*
 * is_late(at, received, within): whether an event of a time arrived more than
 * so many microseconds after it.
 */
Datum
journey_is_late(PG_FUNCTION_ARGS)
{
	const int64 within = PG_GETARG_INT64(2);

	PG_RETURN_BOOL(is_late(PG_GETARG_TIMESTAMPTZ(0), PG_GETARG_TIMESTAMPTZ(1), (uint64) Max(within, 0)));
}

/*
 * is_late() for many rows.
 */
static void
is_late_of_rows(FunctionCallInfo call, const ScanVector *const *args, int n, ScanVector *result)
{
	const int64 within = DatumGetInt64(call->args[2].value);
	int			i;

	for (i = 0; i < n; i++)
		result->values[i] = BoolGetDatum(is_late(DatumGetTimestampTz(args[0]->values[i]),
												 DatumGetTimestampTz(args[1]->values[i]), (uint64) Max(within, 0)));
	for (i = 0; i < n; i++)
		if (args[0]->nulls[i] || args[1]->nulls[i] || call->args[2].isnull)
			scan_vector_set_null(result, i);
}

const ScanRowsFunction is_late_for_rows = {journey_is_late, is_late_of_rows, NULL, 2, false};
