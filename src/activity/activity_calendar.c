/*-------------------------------------------------------------------------
 *
 * activity_calendar.c
 *		Numbers for the buckets of the calendar, without gaps.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "activity/activity_calendar.h"
#include "utils/datetime.h"

/* Seconds of the Unix epoch: the time zones' history lies between. */
#define HISTORY_BEGIN	(INT64CONST(-5000000000))	/* 1811 */
#define HISTORY_END		(INT64CONST(4102444800))	/* 2100 */

static int64
floor_day(int64 seconds)
{
	return seconds / SECS_PER_DAY - (seconds % SECS_PER_DAY < 0) -
		(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE);
}

/* Find the days that a zone's clock never showed. */
void
activity_calendar_init(ActivityCalendar *calendar, CalendarUnit unit, pg_tz *zone)
{
	pg_time_t	time = HISTORY_BEGIN;
	pg_time_t	change;
	long		before;
	long		after;
	int			dst;

	calendar->unit = unit;
	calendar->zone = zone;
	calendar->nskipped = 0;
	if (unit != CALENDAR_DAY)
		return;
	while (pg_next_dst_boundary(&time, &before, &dst, &change, &after, &dst, zone) == 1 &&
		   change < HISTORY_END)
	{
		int64		day = floor_day(change + before - 1) + 1;

		for (; day < floor_day(change + after) && calendar->nskipped < MOST_SKIPPED_DAYS; day++)
			calendar->skipped[calendar->nskipped++] = day;
		time = change;
	}
}

/* The calendar's number of a bucket. */
static int64
calendar_number_of(const ActivityCalendar *calendar, int64 bucket)
{
	int			i;

	for (i = 0; i < calendar->nskipped; i++)
		bucket += bucket >= calendar->skipped[i];
	return bucket;
}

/* When a bucket begins. */
TimestampTz
activity_bucket_begin(const ActivityCalendar *calendar, int64 bucket)
{
	return calendar_begin(calendar->unit, calendar->zone, calendar_number_of(calendar, bucket));
}

/* On which date; false where buckets are shorter than a day. */
bool
activity_bucket_date(const ActivityCalendar *calendar, int64 bucket, Datum *date)
{
	return calendar_date(calendar->unit, calendar_number_of(calendar, bucket), date);
}
