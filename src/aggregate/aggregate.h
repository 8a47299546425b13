/*-------------------------------------------------------------------------
 *
 * aggregate.h
 *		Aggregates in SQL: their parameters, breakdowns, populations,
 *		arrays of members, and notices about unknown names.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_AGGREGATE_H
#define JOURNEY_AGGREGATE_H

#include "aggregate/breakdown.h"
#include "aggregate/members.h"
#include "aggregate/params.h"
#include "aggregate/population_agg.h"
#include "aggregate/query_value.h"
#include "aggregate/unknown_names.h"

#endif							/* JOURNEY_AGGREGATE_H */
