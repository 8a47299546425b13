/*-------------------------------------------------------------------------
 *
 * interval_rows.c
 *		Rows to plot from the result of an interval analysis.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/base.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "interval/interval_stats.h"
#include "utils/array.h"

JOURNEY_FUNCTION(journey_interval_summary);
JOURNEY_FUNCTION(journey_interval_histogram);

static IntervalStats *
stats_arg(FunctionCallInfo fcinfo)
{
	return stats_unpack(&interval_stats_type, CurrentMemoryContext, PG_GETARG_VARLENA_PP(0));
}

/*
 * interval_summary(interval_stats): one row.
 */
Datum
journey_interval_summary(PG_FUNCTION_ARGS)
{
	const IntervalStats *stats = stats_arg(fcinfo);
	const Histogram *times = &stats->times;
	TupleDesc	row;
	Datum		values[8] = {0};
	bool		nulls[8] = {false};
	int			i;

	if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Int64GetDatum((int64) times->count);
	values[1] = Int64GetDatum((int64) stats->users);
	if (times->count == 0)
	{
		for (i = 2; i < 8; i++)
			nulls[i] = true;
	}
	else
	{
		values[2] = duration_datum(histogram_mean(times));
		values[3] = duration_datum((double) times->least);
		values[4] = duration_datum((double) histogram_quantile(times, 0.25));
		values[5] = duration_datum((double) histogram_quantile(times, 0.5));
		values[6] = duration_datum((double) histogram_quantile(times, 0.75));
		values[7] = duration_datum((double) times->most);
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls)));
}

static void
put_bin(ReturnSetInfo *result, uint64 lower, const uint64 *upper, uint64 count, uint64 total)
{
	Datum		values[4];
	bool		nulls[4] = {false};

	values[0] = duration_datum((double) lower);
	nulls[1] = upper == NULL;
	values[1] = upper == NULL ? (Datum) 0 : duration_datum((double) *upper);
	values[2] = Int64GetDatum((int64) count);
	nulls[3] = total == 0;
	values[3] = Float8GetDatum((double) count / (double) Max(total, 1));
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * The lower bounds of bins as microseconds, the first of them 0.
 */
static uint64 *
bounds_arg(ArrayType *array, int *n)
{
	Datum	   *items;
	bool	   *nulls;
	uint64	   *bounds;
	int			nitems;
	int			i;

	deconstruct_array(array, INTERVALOID, sizeof(Interval), false, TYPALIGN_DOUBLE,
					  &items, &nulls, &nitems);
	bounds = palloc((nitems + 1) * sizeof(uint64));
	bounds[0] = 0;
	*n = 1;
	for (i = 0; i < nitems; i++)
	{
		uint64		bound;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("bounds must not contain NULL"),
					 errhint("Write the lower bounds of the bins, for example ARRAY['1 hour', '1 day', '7 days']::interval[].")));
		bound = (uint64) arg_duration(DatumGetIntervalP(items[i]), "bounds");
		if (i == 0 && bound == 0)
			continue;
		if (bound <= bounds[*n - 1])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("bounds must ascend, but %s comes after %s",
							duration_text((int64) bound), duration_text((int64) bounds[*n - 1])),
					 errhint("Write the lower bounds of the bins, for example ARRAY['1 hour', '1 day', '7 days']::interval[].")));
		bounds[(*n)++] = bound;
	}
	return bounds;
}

/*
 * interval_histogram(interval_stats [, bounds]): a row for each bucket of the
 * histogram that is in use, or for each bin.  A bucket in which a bound lies
 * counts in the bin that begins there: times of whole days, or any other unit,
 * are in the bin that they should be in.
 */
Datum
journey_interval_histogram(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const IntervalStats *stats = stats_arg(fcinfo);
	const Histogram *times = &stats->times;
	uint64	   *bounds;
	uint32		i = 0;
	int			n;
	int			bin;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_NARGS() == 1)
	{
		for (; i < times->nbuckets; i++)
		{
			uint32		number = times->buckets[i].number;
			uint64		upper = histogram_bound(number + 1);

			put_bin(result, histogram_bound(number), &upper, times->buckets[i].count,
					times->count);
		}
		PG_RETURN_NULL();
	}

	bounds = bounds_arg(PG_GETARG_ARRAYTYPE_P(1), &n);
	for (bin = 0; bin < n; bin++)
	{
		const uint64 *upper = bin + 1 < n ? &bounds[bin + 1] : NULL;
		uint64		count = 0;

		for (; i < times->nbuckets &&
			 (upper == NULL || times->buckets[i].number < histogram_bucket(*upper)); i++)
			count += times->buckets[i].count;
		put_bin(result, bounds[bin], upper, count, times->count);
	}
	PG_RETURN_NULL();
}
