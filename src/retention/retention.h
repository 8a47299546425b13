/*-------------------------------------------------------------------------
 *
 * retention.h
 *		Which conditions a user met, and in which periods users come back.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_RETENTION_H
#define JOURNEY_RETENTION_H

#include "grouping/grouping.h"

/* What retention() needs of rows that are grouped. */
extern const GroupingEvents retention_events;

#endif							/* JOURNEY_RETENTION_H */
