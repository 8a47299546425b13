/*-------------------------------------------------------------------------
 *
 * calendar.c
 *		Calendar buckets: hours, days, weeks, months and quarters in a time
 *		zone.
 *
 * A bucket begins at the instant when the zone's clock first shows its first
 * moment, and ends where the next bucket begins, so every instant is in
 * exactly one bucket.  When the clocks go back, a day has 25 hours, and each
 * of the two hours of the same name is a bucket of its own.  When they go
 * back from just after midnight to the day before (00:01 to 23:01 in St.
 * John's until 2011), the repeated part belongs to the new day.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "time/time.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

/* By CalendarUnit. */
const char *const calendar_unit_names[CALENDAR_LAST + 1] = {
	"hour", "day", "week", "month", "quarter", "week_sunday"
};
static const char *const plurals[CALENDAR_LAST + 1] = {
	"hours", "days", "weeks", "months", "quarters", "weeks_sunday"
};

/* Is this a name, whatever its case? */
static bool
is_name(const char *name, size_t length, const char *known)
{
	return strlen(known) == length && pg_strncasecmp(known, name, length) == 0;
}

/*
 * The unit of a name in upper or lower case, in singular or plural; false if
 * there is none.
 */
bool
calendar_find_unit(const char *name, size_t length, CalendarUnit *unit)
{
	int			i;

	for (i = 0; i <= CALENDAR_LAST; i++)
		if (is_name(name, length, calendar_unit_names[i]) || is_name(name, length, plurals[i]))
		{
			*unit = (CalendarUnit) i;
			return true;
		}
	return false;
}

/* The unit of a name, or an error. */
CalendarUnit
calendar_unit(const char *name, size_t length)
{
	CalendarUnit unit;

	if (!calendar_find_unit(name, length, &unit))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unit \"%s\" does not exist", length > 0 ? pnstrdup(name, length) : ""),
				 errhint("Write " CALENDAR_UNIT_NAMES ".")));
	return unit;
}

const char *
calendar_unit_name(CalendarUnit unit)
{
	return calendar_unit_names[unit];
}

/* The length of a unit in microseconds; 0 of those that have none. */
int64
calendar_unit_length(CalendarUnit unit)
{
	switch (unit)
	{
		case CALENDAR_HOUR:
			return USECS_PER_HOUR;
		case CALENDAR_DAY:
			return USECS_PER_DAY;
		case CALENDAR_WEEK:
		case CALENDAR_WEEK_SUNDAY:
			return 7 * USECS_PER_DAY;
		default:
			return 0;
	}
}

#define ROLLING "rolling "

/*
 * The unit of periods since a time of the user's own: buckets of the calendar, or,
 * if rolling, of so much time since then.  False if there is none of that name.
 */
bool
calendar_find_period(const char *name, size_t length, CalendarUnit *unit, bool *rolling)
{
	const size_t skip = sizeof(ROLLING) - 1;

	*rolling = length > skip && pg_strncasecmp(name, ROLLING, skip) == 0;
	if (*rolling)
	{
		name += skip;
		length -= skip;
	}
	return calendar_find_unit(name, length, unit) && !(*rolling && calendar_unit_length(*unit) == 0);
}

/* The same; a name of none is an error. */
void
calendar_period(const char *name, size_t length, CalendarUnit *unit, bool *rolling)
{
	if (!calendar_find_period(name, length, unit, rolling))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unit \"%s\" does not exist", length > 0 ? pnstrdup(name, length) : ""),
				 errhint("Write " CALENDAR_UNIT_NAMES ", or 'rolling hour', 'rolling day', 'rolling week' or 'rolling week_sunday' for periods from the user's own start.")));
}

const char *
calendar_period_name(CalendarUnit unit, bool rolling)
{
	return rolling ? psprintf(ROLLING "%s", calendar_unit_name(unit)) : calendar_unit_name(unit);
}

/* Does a text look like options: lower case, and no name of Area/City? */
static bool
looks_like_options(const char *name, size_t length)
{
	return length > 0 && (islower((unsigned char) name[0]) || name[0] == ' ') &&
		memchr(name, '/', length) == NULL;
}

/*
 * The time zone that a result was made in, or an error; an empty name is the
 * session's.  It may be a POSIX specification, as the session's zone can be.
 */
pg_tz *
calendar_zone_kept(const char *name, size_t length)
{
	pg_tz	   *zone;

	if (length == 0)
		return session_timezone;
	zone = length > TZ_STRLEN_MAX ? NULL : pg_tzset(pnstrdup(name, length));
	if (zone == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time_zone \"%s\" does not exist", pnstrdup(name, length)),
				 isdigit((unsigned char) name[0]) ?
				 errhint("A time such as until comes after time_zone. Write '' as time_zone for that of the session.") :
				 looks_like_options(name, length) ?
				 errhint("Options come before time_zone, which is a name such as 'Asia/Shanghai' or 'UTC'; pg_timezone_names lists them.") :
				 errhint("Write a name such as 'Asia/Shanghai' or 'UTC'; pg_timezone_names lists them.")));
	return zone;
}

/*
 * Is a zone a POSIX specification such as UTC+8, and not one of those that
 * pg_timezone_names lists?  A specification has a digit, and PostgreSQL calls
 * it by capital letters.  Few listed names look like that: EST5EDT, GMT+0.
 */
static bool
zone_is_posix(pg_tz *zone)
{
	const char *name = pg_get_timezone_name(zone);
	bool		digit = false;
	bool		listed = false;
	pg_tzenum  *zones;
	pg_tz	   *other;
	const char *c;

	for (c = name; *c != '\0'; c++)
	{
		if (*c >= 'a' && *c <= 'z')
			return false;
		digit |= *c >= '0' && *c <= '9';
	}
	if (!digit)
		return false;
	zones = pg_tzenumerate_start();
	while (!listed && (other = pg_tzenumerate_next(zones)) != NULL)
		listed = strcmp(pg_get_timezone_name(other), name) == 0;
	pg_tzenumerate_end(zones);
	return !listed;
}

/*
 * The time zone of an argument, or an error; an empty name is the session's.
 * POSIX specifications are refused, because a user who writes UTC+8 means
 * east but gets west.
 */
pg_tz *
calendar_zone(const char *name, size_t length)
{
	pg_tz	   *zone = calendar_zone_kept(name, length);

	if (length > 0 && zone_is_posix(zone))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time_zone \"%s\" is a POSIX specification and not the name of a time zone",
						pnstrdup(name, length)),
				 errdetail("In such a specification + counts hours to the west: UTC+8 is eight hours behind UTC, not ahead."),
				 errhint("Write a name such as 'Asia/Shanghai', or 'Etc/GMT-8' for eight hours ahead of UTC; pg_timezone_names lists them.")));
	return zone;
}

/*
 * The hint of an error that says that there is no such option: `hint`, unless
 * it is the name of a time zone.
 */
int
calendar_hint_options(const char *option, size_t length, const char *hint)
{
	char	   *name = length > 0 && length <= TZ_STRLEN_MAX ? pnstrdup(option, length) : NULL;
	pg_tz	   *zone = name == NULL ? NULL : pg_tzset(name);

	if (zone != NULL && !zone_is_posix(zone))
		return errhint("\"%s\" is a time zone, which comes after options. Write '' as options for the default.",
					   name);
	return errhint("%s", hint);
}

/* The instant at which the zone's clock shows a moment. */
static TimestampTz
instant_of(struct pg_tm *tm, pg_tz *zone)
{
	TimestampTz at;
	int			offset = DetermineTimeZoneOffset(tm, zone);

	if (tm2timestamp(tm, 0, &offset, &at) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return at;
}

/*
 * The instant at which a day, given as a Julian day, begins.  If the clocks
 * go back over midnight, this instant occurs twice, and the first one counts.
 */
static TimestampTz
day_begin(int julian, pg_tz *zone)
{
	struct pg_tm tm = {0};
	fsec_t		fraction;
	TimestampTz at;
	TimestampTz earlier;
	int			offset;
	int			offset_before;

	j2date(julian, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	at = instant_of(&tm, zone);
	if (timestamp2tm(at, &offset, &tm, &fraction, NULL, zone) != 0 ||
		timestamp2tm(at - USECS_PER_DAY / 2, &offset_before, &tm, &fraction, NULL, zone) != 0)
		return at;
	/* offsets grow to the west, and when clocks go back */
	earlier = at - (offset - offset_before) * USECS_PER_SEC;
	if (earlier < at &&
		timestamp2tm(earlier, &offset, &tm, &fraction, NULL, zone) == 0 &&
		date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) == julian &&
		tm.tm_hour == 0 && tm.tm_min == 0 && tm.tm_sec == 0)
		return earlier;
	return at;
}

/*
 * Cut an hour where the clocks change in it by anything but whole hours, as by
 * half an hour on Lord Howe Island: what comes before and after are buckets of
 * their own, or hours would overlap.
 */
static void
cut_hour(CalendarBucket *bucket, pg_tz *zone, TimestampTz at)
{
	TimestampTz from = bucket->begin;

	for (;;)
	{
		pg_time_t	time = (from - from % USECS_PER_SEC) / USECS_PER_SEC +
			(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
		pg_time_t	change;
		TimestampTz changed;
		long		before;
		long		after;
		int			dst;

		if (pg_next_dst_boundary(&time, &before, &dst, &change, &after, &dst, zone) != 1)
			return;
		changed = (change - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY) *
			USECS_PER_SEC;
		if (changed >= bucket->end || changed <= from)
			return;
		from = changed;
		if ((after - before) % SECS_PER_HOUR == 0)
			continue;
		if (changed > at)
		{
			bucket->end = changed;
			return;
		}
		bucket->begin = changed;
	}
}

/* The bucket that a finite time falls into. */
CalendarBucket
calendar_bucket(CalendarUnit unit, pg_tz *zone, TimestampTz at)
{
	CalendarBucket bucket;
	struct pg_tm tm;
	fsec_t		fraction;
	int			offset;
	int			julian;
	int			next;

	if (timestamp2tm(at, &offset, &tm, &fraction, NULL, zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));

	switch (unit)
	{
		case CALENDAR_HOUR:
			/* by the clock's minutes, whatever the hour is called */
			bucket.begin = at - ((tm.tm_min * SECS_PER_MINUTE + tm.tm_sec) * USECS_PER_SEC + fraction);
			bucket.end = bucket.begin + USECS_PER_HOUR;
			cut_hour(&bucket, zone, at);
			return bucket;
		case CALENDAR_DAY:
			julian = date2j(tm.tm_year, tm.tm_mon, tm.tm_mday);
			next = julian + 1;
			break;
		case CALENDAR_WEEK:
			julian = date2j(tm.tm_year, tm.tm_mon, tm.tm_mday);
			julian -= (j2day(julian) + 6) % 7;	/* j2day: Sunday is 0 */
			next = julian + 7;
			break;
		case CALENDAR_WEEK_SUNDAY:
			julian = date2j(tm.tm_year, tm.tm_mon, tm.tm_mday);
			julian -= j2day(julian);
			next = julian + 7;
			break;
		case CALENDAR_MONTH:
			julian = date2j(tm.tm_year, tm.tm_mon, 1);
			next = date2j(tm.tm_year + tm.tm_mon / 12, tm.tm_mon % 12 + 1, 1);
			break;
		default:
			tm.tm_mon = (tm.tm_mon - 1) / 3 * 3 + 1;
			julian = date2j(tm.tm_year, tm.tm_mon, 1);
			next = date2j(tm.tm_year + (tm.tm_mon + 2) / 12, (tm.tm_mon + 2) % 12 + 1, 1);
			break;
	}
	bucket.begin = day_begin(julian, zone);
	bucket.end = day_begin(next, zone);
	/* the next one has begun, and the clock shows the end of this one again */
	if (at >= bucket.end)
		return calendar_bucket(unit, zone, bucket.end);
	return bucket;
}

static inline int64
floor_divide(int64 a, int64 b)
{
	return a / b - (a % b < 0);
}

/*
 * The number of a time's bucket.  Hours are numbered by the UTC hour in which
 * they begin.  Where the clocks changed by a part of an hour, two may begin in
 * the same; they count as one.
 */
int64
calendar_number(CalendarUnit unit, pg_tz *zone, TimestampTz at)
{
	TimestampTz begin = calendar_bucket(unit, zone, at).begin;
	struct pg_tm tm;
	fsec_t		fraction;
	int			offset;
	int			months;

	if (unit == CALENDAR_HOUR)
		return floor_divide(begin, USECS_PER_HOUR);
	if (timestamp2tm(begin, &offset, &tm, &fraction, NULL, zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	months = (tm.tm_year - 2000) * MONTHS_PER_YEAR + tm.tm_mon - 1;
	switch (unit)
	{
		case CALENDAR_DAY:
			return date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - POSTGRES_EPOCH_JDATE;
		case CALENDAR_WEEK:
			/* 2000-01-03 was a Monday, so its week has number 1 */
			return floor_divide(date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) -
								(POSTGRES_EPOCH_JDATE + 2), 7) + 1;
		case CALENDAR_WEEK_SUNDAY:
			/* so was the Sunday before it */
			return floor_divide(date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) -
								(POSTGRES_EPOCH_JDATE + 1), 7) + 1;
		case CALENDAR_MONTH:
			return months;
		default:
			return floor_divide(months, 3);
	}
}

/* The first day of the bucket of a number, as a Julian day; not of hours. */
static int64
first_day(CalendarUnit unit, int64 number)
{
	int64		months = number;

	switch (unit)
	{
		case CALENDAR_DAY:
			return POSTGRES_EPOCH_JDATE + number;
		case CALENDAR_WEEK:
			return POSTGRES_EPOCH_JDATE + 2 + (number - 1) * 7;
		case CALENDAR_WEEK_SUNDAY:
			return POSTGRES_EPOCH_JDATE + 1 + (number - 1) * 7;
		case CALENDAR_QUARTER:
			months *= 3;
			/* FALLTHROUGH */
		default:
			return date2j((int) (2000 + floor_divide(months, MONTHS_PER_YEAR)),
						  (int) (months - floor_divide(months, MONTHS_PER_YEAR) * MONTHS_PER_YEAR) + 1, 1);
	}
}

/*
 * When the bucket of a number begins: the first time whose number is as large.
 */
TimestampTz
calendar_begin(CalendarUnit unit, pg_tz *zone, int64 number)
{
	CalendarBucket bucket;

	if (unit != CALENDAR_HOUR)
		return day_begin((int) first_day(unit, number), zone);
	bucket = calendar_bucket(unit, zone, number * USECS_PER_HOUR);
	return bucket.begin == number * USECS_PER_HOUR ? bucket.begin : bucket.end;
}

/*
 * The date on which the bucket of a number begins; false where buckets are
 * shorter than a day.
 */
bool
calendar_date(CalendarUnit unit, int64 number, Datum *date)
{
	static const int longest[] = {0, 1, 7, 31, 92, 7};	/* days */
	int64		days = number * longest[unit];

	if (unit == CALENDAR_HOUR)
		return false;
	/* finite times have no such numbers, a corrupt value may */
	if (days < -TIMESTAMP_END_JULIAN || days > TIMESTAMP_END_JULIAN)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range")));
	*date = DateADTGetDatum((DateADT) (first_day(unit, number) - POSTGRES_EPOCH_JDATE));
	return true;
}

/* An empty table. */
CalendarTable *
calendar_table(MemoryContext context, CalendarUnit unit, pg_tz *zone)
{
	/* the shortest buckets: half an hour, a day of 22 hours, ... */
	static const int shifts[] = {30, 36, 39, 41, 42, 39};
	CalendarTable *table = MemoryContextAlloc(context, sizeof(CalendarTable));
	int			i;

	table->unit = unit;
	table->zone = zone;
	table->shift = shifts[unit];
	for (i = 0; i < CALENDAR_SLOTS; i++)
		table->slots[i].slot = PG_INT64_MIN;	/* no time's */
	return table;
}

/* The number of the bucket of a time that is not in the table; now it is. */
int64
calendar_table_fill(CalendarTable *table, TimestampTz at)
{
	const int64 number = at >> table->shift;
	CalendarSlot *slot = &table->slots[number & (CALENDAR_SLOTS - 1)];
	const TimestampTz first = number * (INT64_C(1) << table->shift);
	const TimestampTz last = first + ((INT64_C(1) << table->shift) - 1);

	/* at the ends of time what lies around may be out of range */
	if (at < MIN_TIMESTAMP + 400 * USECS_PER_DAY || at > END_TIMESTAMP - 400 * USECS_PER_DAY)
		return calendar_number(table->unit, table->zone, at);
	slot->slot = PG_INT64_MIN;
	slot->before = calendar_number(table->unit, table->zone, first);
	slot->after = calendar_number(table->unit, table->zone, last);
	slot->begin = slot->before == slot->after ? first :
		calendar_begin(table->unit, table->zone, slot->after);
	/* two buckets begin in it after all: then it is of no use */
	if (slot->after > slot->before + 1 &&
		calendar_begin(table->unit, table->zone, slot->before + 1) < slot->begin)
		return calendar_number(table->unit, table->zone, at);
	slot->slot = number;
	return at < slot->begin ? slot->before : slot->after;
}
