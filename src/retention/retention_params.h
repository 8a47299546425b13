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
	COHORT_IS_BY				/* 1 of cohort_retention_by */
} CohortParam;

typedef struct CohortParams
{
	CallParams	given;
	CohortSpec	spec;			/* but for with_values */
	CalendarUnit unit;
	bool		rolling;
	bool		as_events;		/* is the state the events themselves? */
	RetentionBreakdown breakdown;
	pg_tz	   *zone;
	CalendarTable *calendar;	/* of unit and zone */
	int64		until;			/* rows from here on do not count;
								 * PG_INT64_MAX: all do */
} CohortParams;

extern const ParamsRoom cohort_params;

extern bool cohort_parse_unit(TextSlice name, CalendarUnit *unit, bool *rolling);
extern const char *cohort_unit_name(CalendarUnit unit, bool rolling);
extern void cohort_read_periods(CallParams *given, FunctionCallInfo fcinfo, int n);

#endif							/* JOURNEY_COHORT_PARAMS_H */
