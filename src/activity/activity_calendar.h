/*-------------------------------------------------------------------------
 *
 * activity_calendar.h
 *		Numbers for the buckets of the calendar, without gaps.
 *
 * The numbers of time/calendar.h count days of the calendar.  When a zone
 * crosses the date line, as Samoa did at the end of 2011, a day is skipped
 * but has a number.  In this numbering the days before and after it are
 * neighbours.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ACTIVITY_CALENDAR_H
#define JOURNEY_ACTIVITY_CALENDAR_H

#include "postgres.h"

#include "time/time.h"

#define MOST_SKIPPED_DAYS 8

typedef struct ActivityCalendar
{
	CalendarUnit unit;
	pg_tz	   *zone;
	int			nskipped;
	int64		skipped[MOST_SKIPPED_DAYS]; /* by the calendar's numbers,
											 * ascending */
} ActivityCalendar;

extern void activity_calendar_init(ActivityCalendar *calendar, CalendarUnit unit, pg_tz *zone);
extern TimestampTz activity_bucket_begin(const ActivityCalendar *calendar, int64 bucket);
extern bool activity_bucket_date(const ActivityCalendar *calendar, int64 bucket, Datum *date);

/* The number of a bucket, given the calendar's. */
static inline int64
activity_bucket(const ActivityCalendar *calendar, int64 number)
{
	int64		bucket = number;
	int			i;

	for (i = 0; i < calendar->nskipped; i++)
		bucket -= number > calendar->skipped[i];
	return bucket;
}

#endif							/* JOURNEY_ACTIVITY_CALENDAR_H */
