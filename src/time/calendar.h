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
#include "utils/timestamp.h"

typedef enum CalendarUnit
{
	CALENDAR_HOUR,
	CALENDAR_DAY,
	CALENDAR_WEEK,				/* Monday to Sunday, ISO 8601 */
	CALENDAR_MONTH,
	CALENDAR_QUARTER,
	CALENDAR_WEEK_SUNDAY		/* Sunday to Saturday */
} CalendarUnit;

#define CALENDAR_LAST	CALENDAR_WEEK_SUNDAY
#define CALENDAR_UNIT_NAMES	"'hour', 'day', 'week' (from Monday), 'week_sunday', 'month' or 'quarter'"

/* One bucket: the times from begin up to, but not including, end. */
typedef struct CalendarBucket
{
	TimestampTz begin;
	TimestampTz end;
} CalendarBucket;

/*
 * Buckets are numbered in order.  Numbers count days of the calendar, so the
 * same day of the next week is always 7 later.  If a zone skipped a day, the
 * number of that day has no times.  The day that begins in 2000-01-01, its
 * week, month and quarter have number 0, as the hour that begins at
 * 2000-01-01 00:00 UTC.
 */
#define CALENDAR_NUMBER_MIN (-INT64_C(67108864))	/* below all */

/*
 * A table of numbers of times, for asking often.  A time's slot is so short
 * that at most one bucket begins in it.
 */
#define CALENDAR_SLOTS 1024

typedef struct CalendarSlot
{
	int64		slot;			/* the time's high bits */
	TimestampTz begin;			/* of the bucket that begins in it, or its end */
	int64		before;			/* number of times before that, ... */
	int64		after;			/* ... and from it on */
} CalendarSlot;

typedef struct CalendarTable
{
	CalendarUnit unit;
	pg_tz	   *zone;
	int			shift;
	CalendarSlot slots[CALENDAR_SLOTS];
} CalendarTable;

extern const char *const calendar_unit_names[CALENDAR_LAST + 1];
extern bool calendar_find_unit(const char *name, size_t length, CalendarUnit *unit);
extern CalendarUnit calendar_unit(const char *name, size_t length);
extern const char *calendar_unit_name(CalendarUnit unit);
extern int64 calendar_unit_length(CalendarUnit unit);
extern bool calendar_find_period(const char *name, size_t length, CalendarUnit *unit, bool *rolling);
extern void calendar_period(const char *name, size_t length, CalendarUnit *unit, bool *rolling);
extern const char *calendar_period_name(CalendarUnit unit, bool rolling);
extern pg_tz *calendar_zone(const char *name, size_t length);
extern pg_tz *calendar_zone_kept(const char *name, size_t length);
extern int	calendar_hint_options(const char *option, size_t length, const char *hint);
extern CalendarBucket calendar_bucket(CalendarUnit unit, pg_tz *zone, TimestampTz at);
extern int64 calendar_number(CalendarUnit unit, pg_tz *zone, TimestampTz at);
extern TimestampTz calendar_begin(CalendarUnit unit, pg_tz *zone, int64 number);
extern bool calendar_date(CalendarUnit unit, int64 number, Datum *date);
extern CalendarTable *calendar_table(MemoryContext context, CalendarUnit unit, pg_tz *zone);
extern int64 calendar_table_fill(CalendarTable *table, TimestampTz at);

/* The number of the bucket of a finite time. */
static inline int64
calendar_table_number(CalendarTable *table, TimestampTz at)
{
	int64		number = at >> table->shift;
	const CalendarSlot *slot = &table->slots[number & (CALENDAR_SLOTS - 1)];

	if (likely(slot->slot == number))
		return at < slot->begin ? slot->before : slot->after;
	return calendar_table_fill(table, at);
}

/* Are n times all before another one?  PG_INT64_MAX is after all. */
static inline bool
calendar_times_before(const Datum *times, int n, TimestampTz until)
{
	int			i;

	if (likely(until == PG_INT64_MAX))
		return true;
	for (i = 0; i < n && DatumGetTimestampTz(times[i]) < until; i++)
		;
	return i == n;
}

/*
 * Are n >= 1 times in one bucket?  Then `newest` is the newest of them.  Times
 * that are not finite are in none.
 */
static inline bool
calendar_table_same(CalendarTable *table, const Datum *times, int n, TimestampTz *newest)
{
	TimestampTz low = DatumGetTimestampTz(times[0]);
	TimestampTz high = low;
	int			i;

	for (i = 1; i < n; i++)
	{
		const TimestampTz at = DatumGetTimestampTz(times[i]);

		low = Min(low, at);
		high = Max(high, at);
	}
	*newest = high;
	return !TIMESTAMP_NOT_FINITE(low) && !TIMESTAMP_NOT_FINITE(high) &&
		calendar_table_number(table, low) == calendar_table_number(table, high);
}

#endif							/* JOURNEY_CALENDAR_H */
