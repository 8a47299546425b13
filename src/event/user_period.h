/*-------------------------------------------------------------------------
 *
 * user_period.h
 *		One period in which a user was active, as kernels see it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_USER_PERIOD_H
#define JOURNEY_USER_PERIOD_H

#include "base/base.h"

/* The largest number of a period; the smallest is 0. */
#define USER_PERIOD_LAST	((UINT32_C(1) << 30) - 2)

/* The flags of a user and period. */
#define USER_PERIOD_FLAGS	3
#define USER_PERIOD_FLAG_BITS 2

typedef struct UserPeriod
{
	uint32		period;
	uint32		flags;			/* all that were added */
	double		value;			/* the sum of those added */
} UserPeriod;

#endif							/* JOURNEY_USER_PERIOD_H */
