/*-------------------------------------------------------------------------
 *
 * calendar.h
 *		Calendar buckets: hours, days, weeks, months and quarters in a time
 *		zone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_CALENDAR_H
#define JOURNEY_CALENDAR_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "pgtime.h"

typedef enum CalendarUnit
{
	CALENDAR_HOUR,
	CALENDAR_DAY,
	CALENDAR_WEEK,				/* Monday to Sunday, ISO 8601 */
	CALENDAR_MONTH,
	CALENDAR_QUARTER
} CalendarUnit;

/* One bucket: the times from begin up to, but not including, end. */
typedef struct CalendarBucket
{
	TimestampTz begin;
	TimestampTz end;
} CalendarBucket;

extern CalendarUnit calendar_unit(const char *name, size_t length);
extern const char *calendar_unit_name(CalendarUnit unit);
extern pg_tz *calendar_zone(const char *name, size_t length);
extern CalendarBucket calendar_bucket(CalendarUnit unit, pg_tz *zone, TimestampTz at);

#endif							/* JOURNEY_CALENDAR_H */
