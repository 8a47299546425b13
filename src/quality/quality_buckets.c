/*-------------------------------------------------------------------------
 *
 * quality_buckets.c
 *		The rows of a log by bucket, and how many are to be expected.
 *
 * Buckets of the same hour of the same weekday, or of the same weekday if they
 * are days, are alike; weeks, months and quarters all are.  Expected is the
 * median of those that are alike, and the band around it comes from the median
 * absolute deviation: the Hampel identifier (F. R. Hampel, The influence curve
 * and its role in robust estimation, JASA 69, 1974).  As counts vary by chance
 * even where these are all the same, the band has at least the width of the
 * Poisson distribution.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "quality/quality_stats.h"
#include "utils/datetime.h"

JOURNEY_FUNCTION(journey_quality_buckets);

/* The most rows of a result. */
#define MOST_ROWS		1000000

/* A hole of so many buckets may separate stray rows from the log. */
#define STRAY_HOLE		100
#define STRAY_SHARE		1000	/* at most one in so many rows is stray */

/* So many buckets must be alike. */
#define ALIKE_LEAST		3

/* The ratio of standard deviation and median absolute deviation of a normal distribution. */
#define MAD_SCALE		1.4826

/* Hours of weekdays; days are weekdays. */
#define NSLOTS			(DAYS_PER_WEEK * HOURS_PER_DAY)
#define DAYS_PER_WEEK	7

/* A bucket of the log, whose clock the zone has shown. */
typedef struct QualityBucket
{
	int64		bucket;
	TimestampTz begin;
	const QualityGroup *group;	/* NULL without rows */
	int			slot;			/* of those that are alike; -1: stray */
	bool		complete;
} QualityBucket;

/* What is expected of buckets that are alike. */
typedef struct QualityExpected
{
	double	   *rows;			/* of each that is complete */
	int64		n;
	double		median;
	double		spread;
	int64		least_users;	/* of those that have rows */
} QualityExpected;

static int
quality_double_order(const void *a, const void *b)
{
	const double left = *(const double *) a;
	const double right = *(const double *) b;

	return (left > right) - (left < right);
}

/* The median, as percentile_cont gives it. */
static double
quality_median(double *values, int64 n)
{
	qsort(values, n, sizeof(double), quality_double_order);
	return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static void
quality_expect(QualityExpected *expected)
{
	int64		i;

	if (expected->n < ALIKE_LEAST)
		return;
	expected->median = quality_median(expected->rows, expected->n);
	for (i = 0; i < expected->n; i++)
		expected->rows[i] = fabs(expected->rows[i] - expected->median);
	expected->spread = Max(MAD_SCALE * quality_median(expected->rows, expected->n), sqrt(expected->median));
}

/* Which buckets are alike? */
static int
quality_slot(const QualityStats *stats, pg_tz *zone, const QualityBucket *bucket)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			offset;

	if (stats->unit != CALENDAR_HOUR && stats->unit != CALENDAR_DAY)
		return 0;
	if (timestamp2tm(bucket->begin, &offset, &tm, &fsec, NULL, zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return j2day(date2j(tm.tm_year, tm.tm_mon, tm.tm_mday)) * HOURS_PER_DAY +
		(stats->unit == CALENDAR_HOUR ? tm.tm_hour : 0);
}

/*
 * Which buckets are the log, from which to which?  Few rows beyond a long hole
 * are stray: clocks that are wrong, times that were never set.
 */
static void
quality_find_log(const QualityStats *stats, uint32 *first, uint32 *last)
{
	uint128		total = 0;
	uint128		rows = 0;
	uint32		i;

	for (i = 0; i < stats->nbuckets; i++)
		total += stats->buckets[i].rows;
	*first = 0;
	*last = stats->nbuckets - 1;
	for (i = 0; i + 1 < stats->nbuckets; i++)
	{
		rows += stats->buckets[i].rows;
		if (rows * STRAY_SHARE > total)
			break;
		if (stats->buckets[i + 1].bucket - stats->buckets[i].bucket > STRAY_HOLE)
			*first = i + 1;
	}
	for (rows = 0, i = stats->nbuckets - 1; i > *first; i--)
	{
		rows += stats->buckets[i].rows;
		if (rows * STRAY_SHARE > total)
			break;
		if (stats->buckets[i].bucket - stats->buckets[i - 1].bucket > STRAY_HOLE)
			*last = i - 1;
	}
}

/* A bucket; false if the zone's clock never showed it. */
static bool
quality_bucket_begin(const QualityStats *stats, pg_tz *zone, int64 number, QualityBucket *bucket)
{
	const TimestampTz end = calendar_begin(stats->unit, zone, number + 1);

	bucket->bucket = number;
	bucket->begin = calendar_begin(stats->unit, zone, number);
	bucket->group = NULL;
	bucket->slot = -1;
	bucket->complete = end <= stats->newest;
	return bucket->begin < end;
}

/* The buckets that are shown, in order. */
static QualityBucket *
quality_list_buckets(const QualityStats *stats, pg_tz *zone, int64 *n)
{
	uint32		first;
	uint32		last;
	uint32		next;
	int64		span;
	int64		number;
	QualityBucket *list;

	*n = 0;
	if (stats->nbuckets == 0)
		return NULL;
	quality_find_log(stats, &first, &last);
	span = stats->buckets[last].bucket - stats->buckets[first].bucket + 1;
	if (span + stats->nbuckets > MOST_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("from the first row to the last there are " INT64_FORMAT " buckets of unit \"%s\", more than %d",
						span, calendar_unit_name(stats->unit), MOST_ROWS),
				 errhint("Leave out rows whose times are wrong, or use a longer unit.")));
	list = MemoryContextAllocHuge(CurrentMemoryContext, (span + stats->nbuckets) * sizeof(QualityBucket));
	for (next = 0; next < stats->nbuckets; next++)
	{
		const int64 from = next > first && next <= last ? stats->buckets[next - 1].bucket + 1 : stats->buckets[next].bucket;

		for (number = from; number <= stats->buckets[next].bucket; number++)
		{
			QualityBucket *bucket = &list[*n];

			if (!quality_bucket_begin(stats, zone, number, bucket))
				continue;
			if (number == stats->buckets[next].bucket)
				bucket->group = &stats->buckets[next];
			if (next >= first && next <= last)
				bucket->slot = quality_slot(stats, zone, bucket);
			(*n)++;
			CHECK_FOR_INTERRUPTS();
		}
	}
	return list;
}

/* What is expected of those that are alike: [slot]. */
static QualityExpected *
quality_expectations(const QualityBucket *list, int64 n)
{
	QualityExpected *expected = palloc0(NSLOTS * sizeof(QualityExpected));
	int64		i;
	int			slot;

	for (i = 0; i < n; i++)
		if (list[i].slot >= 0 && list[i].complete)
			expected[list[i].slot].n++;
	for (slot = 0; slot < NSLOTS; slot++)
	{
		expected[slot].rows = MemoryContextAllocHuge(CurrentMemoryContext, (expected[slot].n + 1) * sizeof(double));
		expected[slot].n = 0;
		expected[slot].least_users = PG_INT64_MAX;
	}
	for (i = 0; i < n; i++)
		if (list[i].slot >= 0 && list[i].complete)
		{
			QualityExpected *slot_of = &expected[list[i].slot];

			slot_of->rows[slot_of->n++] = list[i].group == NULL ? 0 : (double) list[i].group->rows;
			if (list[i].group != NULL)
				slot_of->least_users = Min(slot_of->least_users, (int64) list[i].group->users);
		}
	for (slot = 0; slot < NSLOTS; slot++)
		quality_expect(&expected[slot]);
	return expected;
}

/* The columns after bucket and bucket_date. */
enum
{
	COLUMN_ROWS,
	COLUMN_USERS,
	COLUMN_EXPECTED,
	COLUMN_LOWER,
	COLUMN_UPPER,
	COLUMN_GAP,
	COLUMN_DUPLICATE_IDS,
	COLUMN_DUPLICATE_ROWS,
	COLUMN_OUT_OF_ORDER,
	COLUMN_FUTURE,
	COLUMN_MEDIAN_LATENESS,
	COLUMN_P90_LATENESS,
	COLUMN_COMPLETE,
	COLUMN_ALIKE_USERS,			/* least users of those alike; not shown */
	NCOLUMNS
};

#define ON_OWN		STATS_ON(COLUMN_USERS)
#define ON_ALIKE	(STATS_ON(COLUMN_USERS) | STATS_ON(COLUMN_ALIKE_USERS))

static const uint32 bucket_columns[] = {
	ON_OWN, ON_OWN, ON_ALIKE, ON_ALIKE, ON_ALIKE, ON_ALIKE, ON_OWN, ON_OWN, ON_OWN, ON_OWN, ON_OWN, ON_OWN, STATS_LABEL
};

static void
quality_put_bucket(const StatsRows *rows, const QualityStats *stats, const QualityBucket *bucket,
				   const QualityExpected *expectations, double k)
{
	static const QualityGroup none = {0};
	const QualityGroup *group = bucket->group == NULL ? &none : bucket->group;
	const QualityExpected *expected = bucket->slot < 0 || expectations[bucket->slot].n < ALIKE_LEAST ? NULL :
		&expectations[bucket->slot];
	Datum		row[2 + NCOLUMNS] = {0};
	bool		row_nulls[2 + NCOLUMNS] = {false};
	Datum	   *values = row + 2;
	bool	   *nulls = row_nulls + 2;

	row[0] = TimestampTzGetDatum(bucket->begin);
	row_nulls[1] = !calendar_date(stats->unit, bucket->bucket, &row[1]);
	values[COLUMN_ROWS] = Int64GetDatum((int64) group->rows);
	values[COLUMN_USERS] = Int64GetDatum((int64) group->users);
	nulls[COLUMN_EXPECTED] = nulls[COLUMN_LOWER] = nulls[COLUMN_UPPER] = nulls[COLUMN_ALIKE_USERS] = expected == NULL;
	nulls[COLUMN_GAP] = expected == NULL || !bucket->complete;
	if (expected != NULL)
	{
		const double lower = Max(expected->median - k * expected->spread, 0);

		values[COLUMN_EXPECTED] = Float8GetDatum(expected->median);
		values[COLUMN_LOWER] = Float8GetDatum(lower);
		values[COLUMN_UPPER] = Float8GetDatum(expected->median + k * expected->spread);
		values[COLUMN_GAP] = BoolGetDatum((double) group->rows < lower);
		values[COLUMN_ALIKE_USERS] = Int64GetDatum(expected->least_users);
	}
	values[COLUMN_DUPLICATE_IDS] = Int64GetDatum((int64) group->same_ids);
	values[COLUMN_DUPLICATE_ROWS] = Int64GetDatum((int64) group->same_rows);
	values[COLUMN_OUT_OF_ORDER] = Int64GetDatum((int64) group->out_of_order);
	values[COLUMN_FUTURE] = Int64GetDatum((int64) group->future);
	nulls[COLUMN_MEDIAN_LATENESS] = nulls[COLUMN_P90_LATENESS] = group->lateness.count == 0;
	if (group->lateness.count > 0)
	{
		values[COLUMN_MEDIAN_LATENESS] = duration_datum((double) histogram_quantile(&group->lateness, 0.5));
		values[COLUMN_P90_LATENESS] = duration_datum((double) histogram_quantile(&group->lateness, 0.9));
	}
	values[COLUMN_COMPLETE] = BoolGetDatum(bucket->complete);
	stats_show_row(rows, row, row_nulls);
}

/*
 * quality_buckets(quality_stats, k, min_users): a row for each bucket.
 */
Datum
journey_quality_buckets(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const QualityStats *stats = stats_begin_rows(&rows, fcinfo, &quality_stats_type, STATS_COLUMNS(bucket_columns));
	const QualityBucket *list;
	const QualityExpected *expected;
	double		k;
	int64		n;
	int64		i;

	ARG_NOT_NULL(1, "k");
	k = PG_GETARG_FLOAT8(1);
	if (!(k >= 0 && k <= 1e9))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("k is %g", k),
				 errhint("Write how many standard deviations are to be expected, such as 3.")));
	if (stats == NULL)
		PG_RETURN_NULL();
	rows.nlabels = 2;
	list = quality_list_buckets(stats, calendar_zone_kept(stats->zone, strlen(stats->zone)), &n);
	expected = quality_expectations(list, n);
	for (i = 0; i < n; i++)
	{
		quality_put_bucket(&rows, stats, &list[i], expected, k);
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_NULL();
}
