/*-------------------------------------------------------------------------
 *
 * activity_params.h
 *		The parameters of lifecycle, active_ratio, stickiness, frequency and
 *		lifecycle_users, and of the same by a breakdown.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ACTIVITY_PARAMS_H
#define JOURNEY_ACTIVITY_PARAMS_H

#include "postgres.h"

#include "activity/activity_calendar.h"
#include "activity/activity_stats.h"
#include "aggregate/aggregate.h"

/* The parameters of a call; the first is which aggregate it is. */
enum
{
	ACTIVITY_PARAM_KIND,
	ACTIVITY_PARAM_UNIT,
	ACTIVITY_PARAM_PER,
	ACTIVITY_PARAM_SHORT,
	ACTIVITY_PARAM_LONG,
	ACTIVITY_PARAM_BUCKET,
	ACTIVITY_PARAM_STATE,
	ACTIVITY_PARAM_ZONE,
	ACTIVITY_PARAM_UNTIL,
	ACTIVITY_PARAM_IS_BY,		/* 1 of a breakdown */
	ACTIVITY_PARAM_OPTIONS		/* of a breakdown */
};

/* Members have no result type of their own, but they are a kind of call. */
#define ACTIVITY_USERS	ACTIVITY_NKINDS

/* The state of lifecycle_users that is none of the kernel: active in the bucket. */
#define STATE_ACTIVE	LIFECYCLE_NSTATES

typedef struct ActivityParams
{
	CallParams	given;
	int			kind;			/* an ActivityKind, or ACTIVITY_USERS */
	ActivitySpec spec;
	ActivityCalendar calendar;
	CalendarTable *table;		/* NULL where the unit is times */
	int64		bucket;			/* of lifecycle_users */
	int			state;
} ActivityParams;

/* Are periods counted, or only distinguished? */
static inline bool
activity_counts_times(const ActivityParams *params)
{
	return params->spec.unit == ACTIVITY_TIMES;
}

static inline bool
activity_is_by(const ActivityParams *params)
{
	return params->spec.breakdown.value != BREAKDOWN_NONE;
}

/* The number of the bucket of a time above CALENDAR_NUMBER_MIN, 0 if times are counted. */
static inline uint32
activity_bucket_of(const ActivityParams *params, int64 at)
{
	int64		bucket;

	if (params->table == NULL)
		return 0;
	bucket = activity_bucket(&params->calendar, calendar_table_number(params->table, at)) -
		CALENDAR_NUMBER_MIN;
	if (unlikely(bucket < 0 || bucket > USER_PERIOD_LAST))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("at is too far in the future to count hours"),
				 errhint("Leave such rows out, or use a longer unit.")));
	return (uint32) bucket;
}

extern const ParamsRoom activity_params;

#endif							/* JOURNEY_ACTIVITY_PARAMS_H */
