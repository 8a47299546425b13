/*-------------------------------------------------------------------------
 *
 * retention_params.h
 *		The parameters of a cohort retention call.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_COHORT_PARAMS_H
#define JOURNEY_COHORT_PARAMS_H

#include "postgres.h"

#include "aggregate/aggregate.h"
#include "retention/retention_stats.h"
#include "time/time.h"

typedef enum CohortParam
{
	COHORT_UNIT,
	COHORT_PERIODS,				/* as text: 30, or {1,7,30} */
	COHORT_OPTIONS,
	COHORT_ZONE,
	COHORT_UNTIL,
	COHORT_IS_BY				/* of cohort_retention_by: 1, or 2 with values */
} CohortParam;

typedef struct CohortParams
{
	CallParams	given;
	CohortSpec	spec;			/* but for with_values */
	CalendarUnit unit;
	bool		rolling;
	bool		as_events;		/* is the state the events themselves? */
	Breakdown	breakdown;
	bool		by_values;		/* has a breakdown, and values */
	pg_tz	   *zone;
	CalendarTable *calendar;	/* of unit and zone */
	int64		until;			/* rows from here on do not count;
								 * PG_INT64_MAX: all do */
} CohortParams;

/* Rolling periods: conditions 1 and 2 of an event are the flags. */
#define ROLLING_STEPS 2

static inline uint64
cohort_flags_step(uint32 flags)
{
	return ((flags & COHORT_START) != 0 ? stepset_bit(0) : 0) |
		((flags & COHORT_RETURN) != 0 ? stepset_bit(1) : 0) | ROLLING_STEPS;
}

static inline uint32
cohort_step_flags(uint64 step)
{
	return ((step & stepset_bit(0)) != 0 ? COHORT_START : 0) |
		((step & stepset_bit(1)) != 0 ? COHORT_RETURN : 0);
}

/* Is it a call of cohort_retention_by? */
static inline bool
cohort_is_by(const CohortParams *params)
{
	return params->breakdown.value != BREAKDOWN_NONE;
}

/*
 * What an event of a breakdown carries: its label, NULL for none.  With values,
 * that is the number, and then, if there is one, a byte and the label.
 */
#define BY_NUMBER_SIZE	sizeof(double)
#define BY_LABEL_AT		(BY_NUMBER_SIZE + 1)

static inline TextSlice
cohort_event_label(const CohortParams *params, const EventValue *value)
{
	const uint32 skip = params->by_values ? BY_LABEL_AT : 0;
	TextSlice	label = {NULL, 0};

	if (value->bytes != NULL && value->length >= skip)
	{
		label.bytes = value->bytes + skip;
		label.length = value->length - skip;
	}
	return label;
}

/* The number of the bucket of a time, which a result can hold. */
static inline int64
cohort_number_of(CalendarTable *calendar, int64 at)
{
	const int64 number = calendar_table_number(calendar, at);

	if (unlikely(number < CALENDAR_NUMBER_MIN || number > CALENDAR_NUMBER_MIN + USER_PERIOD_LAST))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("at is too far in the future to count hours"),
				 errhint("Leave such rows out, or use a longer unit.")));
	return number;
}

/* The number of a period as the set of periods has it. */
static inline uint32
cohort_period_of(CalendarTable *calendar, int64 at)
{
	return (uint32) (cohort_number_of(calendar, at) - CALENDAR_NUMBER_MIN);
}

extern const ParamsRoom cohort_params;

extern void cohort_read_periods(CallParams *given, FunctionCallInfo fcinfo, int n);

#endif							/* JOURNEY_COHORT_PARAMS_H */
