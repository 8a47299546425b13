/*-------------------------------------------------------------------------
 *
 * stats_columns.c
 *		Rows to plot, without what counts fewer than min_users users, and
 *		their common columns: durations, shares, texts, and the bounds of bins.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "stats/stats.h"
#include "utils/array.h"
#include "utils/builtins.h"

JOURNEY_FUNCTION(journey_users_shown);

/* The argument min_users. */
int64
stats_min_users_arg(FunctionCallInfo fcinfo, int arg)
{
	const char *hint = "Write the fewest users that a number may count, such as 10, or 0 to show all.";

	if (PG_ARGISNULL(arg))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("min_users must not be NULL"),
				 errhint("%s", hint)));
	if (PG_GETARG_INT64(arg) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("min_users is " INT64_FORMAT, PG_GETARG_INT64(arg)),
				 errhint("%s", hint)));
	return PG_GETARG_INT64(arg);
}

/*
 * Start the rows of a function, the first argument of which is a value of the
 * type, and the last min_users.  Gives back the value, NULL if there is none
 * and so no row; without a type, the argument as it is.
 */
void *
stats_begin_rows(StatsRows *rows, FunctionCallInfo fcinfo, const StatsType *type,
				 const uint32 *rests_on, int ncolumns)
{
	rows->fcinfo = fcinfo;
	rows->rests_on = rests_on;
	rows->ncolumns = ncolumns;
	rows->nlabels = 0;
	rows->min_users = stats_min_users_arg(fcinfo, PG_NARGS() - 1);
	if (fcinfo->flinfo->fn_retset)
		InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return NULL;
	if (type == NULL)
		return PG_GETARG_VARLENA_P(0);
	return stats_unpack(type, CurrentMemoryContext, PG_GETARG_VARLENA_PP(0));
}

/* Make NULL what rests on fewer than min_users users. */
static void
stats_hide_few(const StatsRows *rows, Datum *values, bool *nulls)
{
	uint32		all = 0;
	uint32		few = 0;
	int			i;

	if (rows->min_users == 0)
		return;
	values += rows->nlabels;
	nulls += rows->nlabels;
	for (i = 0; i < rows->ncolumns; i++)
		all |= rows->rests_on[i];
	for (i = 0; all >> i != 0; i++)
		if ((all & STATS_ON(i)) != 0 && !nulls[i] && DatumGetInt64(values[i]) < rows->min_users)
			few |= STATS_ON(i);
	for (i = 0; i < rows->ncolumns; i++)
		nulls[i] |= (rows->rests_on[i] & few) != 0;
}

/* Add a row to the result of a function that returns a set. */
void
stats_show_row(const StatsRows *rows, Datum *values, bool *nulls)
{
	ReturnSetInfo *result = (ReturnSetInfo *) rows->fcinfo->resultinfo;

	stats_hide_few(rows, values, nulls);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* The only row of a function that returns one. */
Datum
stats_row(const StatsRows *rows, Datum *values, bool *nulls)
{
	TupleDesc	row;

	if (get_call_result_type(rows->fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	stats_hide_few(rows, values, nulls);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls));
}

/* check_min_users(bigint): the argument itself, if it can be one. */
JOURNEY_FUNCTION_AS(journey_check_min_users, Int64GetDatum(stats_min_users_arg(fcinfo, 0)))

/* users_shown(users, min_users): the users, NULL if they are fewer. */
Datum
journey_users_shown(PG_FUNCTION_ARGS)
{
	if (PG_GETARG_INT64(0) < PG_GETARG_INT64(1))
		PG_RETURN_NULL();
	PG_RETURN_INT64(PG_GETARG_INT64(0));
}

/* A text, NULL if it is none. */
void
stats_put_text(TextSlice text, Datum *value, bool *null)
{
	*null = text.bytes == NULL;
	*value = *null ? (Datum) 0 :
		PointerGetDatum(cstring_to_text_with_len(text.bytes, (int) text.length));
}

/* A part divided by a total, NULL if the total is 0. */
void
stats_put_share(uint64 part, uint64 total, Datum *value, bool *null)
{
	*null = total == 0;
	*value = Float8GetDatum((double) part / (double) Max(total, 1));
}

/* Mean, median and 90th percentile of durations, NULL without any. */
void
stats_put_times(const Histogram *histogram, Datum *values, bool *nulls)
{
	nulls[0] = nulls[1] = nulls[2] = histogram == NULL || histogram->count == 0;
	if (nulls[0])
		return;
	values[0] = duration_datum(histogram_mean(histogram));
	values[1] = duration_datum((double) histogram_quantile(histogram, 0.5));
	values[2] = duration_datum((double) histogram_quantile(histogram, 0.9));
}

/*
 * The lower bounds of bins, an array of intervals or numbers; the first of them
 * is `least` whether it is given or not.
 */
int64 *
stats_bounds_arg(FunctionCallInfo fcinfo, int arg, bool durations, int64 least,
				 const char *example, int *n)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(arg);
	Datum	   *items;
	bool	   *nulls;
	int64	   *bounds;
	int			nitems;
	int			i;

	if (durations)
		deconstruct_array(array, INTERVALOID, sizeof(Interval), false, TYPALIGN_DOUBLE,
						  &items, &nulls, &nitems);
	else
		deconstruct_array(array, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
						  &items, &nulls, &nitems);
	bounds = palloc((nitems + 1) * sizeof(int64));
	bounds[0] = least;
	*n = 1;
	for (i = 0; i < nitems; i++)
	{
		int64		bound;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("bounds must not contain NULL"),
					 errhint("Write the lower bounds of the bins, for example %s.", example)));
		bound = durations ? arg_duration(DatumGetIntervalP(items[i]), "bounds") :
			DatumGetInt64(items[i]);
		if (i == 0 && bound == least)
			continue;
		if (bound < least)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("bounds must be " INT64_FORMAT " or more, not " INT64_FORMAT, least, bound),
					 errhint("Write the lower bounds of the bins, for example %s.", example)));
		if (bound <= bounds[*n - 1])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 durations ?
					 errmsg("bounds must ascend, but %s comes after %s", duration_text(bound),
							duration_text(bounds[*n - 1])) :
					 errmsg("bounds must ascend, but " INT64_FORMAT " comes after " INT64_FORMAT,
							bound, bounds[*n - 1]),
					 errhint("Write the lower bounds of the bins, for example %s.", example)));
		bounds[(*n)++] = bound;
	}
	return bounds;
}

/* A row of a histogram: lower and upper bound (NULL: none), count, share. */
static void
stats_show_bin(const StatsRows *rows, uint64 lower, const uint64 *upper, uint64 count, uint64 total)
{
	Datum		values[4] = {0};
	bool		nulls[4] = {false};

	values[0] = duration_datum((double) lower);
	nulls[1] = upper == NULL;
	if (upper != NULL)
		values[1] = duration_datum((double) *upper);
	values[2] = Int64GetDatum((int64) count);
	stats_put_share(count, total, &values[3], &nulls[3]);
	stats_show_row(rows, values, nulls);
}

/*
 * A row for each bin of durations whose lower bounds an argument gives, or, if it
 * is NULL, for each bucket of the histogram that is in use.
 */
void
stats_show_bins(const StatsRows *rows, FunctionCallInfo fcinfo, int arg, const Histogram *histogram,
				const char *example)
{
	int64	   *bounds;
	uint64	   *counts;
	uint32		i;
	int			n;
	int			bin;

	if (PG_ARGISNULL(arg))
	{
		for (i = 0; i < histogram->nbuckets; i++)
		{
			const uint32 number = histogram->buckets[i].number;
			const uint64 upper = histogram_bound(number + 1);

			stats_show_bin(rows, histogram_bound(number), &upper, histogram->buckets[i].count, histogram->count);
		}
		return;
	}
	bounds = stats_bounds_arg(fcinfo, arg, true, 0, example, &n);
	counts = palloc(n * sizeof(uint64));
	histogram_bins(histogram, bounds, n, counts);
	for (bin = 0; bin < n; bin++)
		stats_show_bin(rows, (uint64) bounds[bin], bin + 1 < n ? (uint64 *) &bounds[bin + 1] : NULL,
					   counts[bin], histogram->count);
}
