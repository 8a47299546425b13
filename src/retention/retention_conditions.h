/*-------------------------------------------------------------------------
 *
 * retention_conditions.h
 *		The retention kernel: which conditions one user met, given the first.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_RETENTION_CONDITIONS_H
#define JOURNEY_RETENTION_CONDITIONS_H

#include "event/event.h"

/*
 * `met` is the union of a user's stepsets.  A user who never met condition 1
 * is in no cohort, and so was retained by nothing: the result is then empty.
 * Otherwise it is all the conditions met, whenever they were: as in
 * ClickHouse's retention, time is for the conditions to say.
 */
static inline uint64
retention_conditions(uint64 met)
{
	return (met & stepset_bit(0)) != 0 ? stepset_conditions(met) : 0;
}

#endif							/* JOURNEY_RETENTION_CONDITIONS_H */
