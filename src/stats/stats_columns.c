/*-------------------------------------------------------------------------
 *
 * stats_columns.c
 *		Common columns of rows to plot: durations, shares, texts, and the
 *		bounds of bins.
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

/* Add a row to the result of a function that returns a set. */
void
stats_put_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* The only row of a function that returns one. */
Datum
stats_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc	row;

	if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls));
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
