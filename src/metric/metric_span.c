/*-------------------------------------------------------------------------
 *
 * metric_span.c
 *		The buckets of a result, from the first event to the newest, or to the
 *		end of observation.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "metric/metric_stats.h"

static pg_tz *
metric_span_zone(const MetricSpan *span)
{
	return calendar_zone_kept(span->zone, strlen(span->zone));
}

/* A zone that does not exist is an error. */
bool
metric_span_has_zone(const MetricSpan *span)
{
	if (span->zone[0] == '\0')
		return false;
	(void) metric_span_zone(span);
	return true;
}

/* What the buckets are, for messages. */
char *
metric_span_text(const MetricSpan *span)
{
	return psprintf("by %s, %s%s", calendar_unit_name(span->unit), span->zone,
					span->until == PG_INT64_MAX ? "" : psprintf(" until %s", timestamptz_to_str(span->until)));
}

/* The number of the last bucket. */
int64
metric_span_last(const MetricSpan *span)
{
	/* a bucket that begins at the end of observation was not seen */
	return calendar_number(span->unit, metric_span_zone(span), span->newest - (span->until != PG_INT64_MAX));
}

/* Refuse more buckets than an accessor gives. */
void
metric_span_refuse_rows(const MetricSpan *span, int64 nbuckets)
{
	if (nbuckets > METRIC_MOST_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("from the first event to the newest there are " INT64_FORMAT " buckets of unit \"%s\", more than %d",
						nbuckets, calendar_unit_name(span->unit), METRIC_MOST_ROWS),
				 errhint("Leave out events whose times are wrong, or use a longer unit.")));
}

/*
 * The columns bucket and bucket_date, and whether the bucket is complete; false
 * for a day that the zone's clock never showed.
 */
bool
metric_span_put(const MetricSpan *span, int64 bucket, Datum *values, bool *nulls, bool *complete)
{
	pg_tz	   *zone = metric_span_zone(span);
	const TimestampTz begin = calendar_begin(span->unit, zone, bucket);
	const TimestampTz end = calendar_begin(span->unit, zone, bucket + 1);

	values[0] = TimestampTzGetDatum(begin);
	nulls[1] = !calendar_date(span->unit, bucket, &values[1]);
	*complete = end <= span->newest;
	return begin < end;
}
