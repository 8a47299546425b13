/*-------------------------------------------------------------------------
 *
 * survival.h
 *		The survival kernel: how long one user stays, and the curve of many.
 *
 * A user stays from the first event that starts to the first one from then on
 * that ends.  Who has not ended is censored: it is known only that the user
 * stayed until observation ended.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SURVIVAL_H
#define JOURNEY_SURVIVAL_H

#include "event/event.h"

/* The conditions of an event; one without a start or an end has the last. */
#define SURVIVAL_START	0
#define SURVIVAL_END	1
#define SURVIVAL_SEEN	2
#define SURVIVAL_CONDITIONS	3

/* How long a user stayed. */
typedef struct SurvivalSpan
{
	int64		start;
	int64		end;			/* the last moment that is known, start or
								 * later */
	bool		ended;			/* or censored then */
	size_t		first;			/* the events at the time of the start */
	size_t		after;			/* the one behind them */
} SurvivalSpan;

/* Users by the period since their start. */
typedef struct SurvivalCounts
{
	uint64		ended;
	uint64		censored;		/* after those who ended in the period */
} SurvivalCounts;

/* A point of the curve of Kaplan and Meier. */
typedef struct SurvivalPoint
{
	uint64		at_risk;		/* at the beginning of the period */
	double		survival;		/* at its end; NaN if nobody is at risk */
	double		std_error;		/* of that, by Greenwood's formula; NaN if
								 * survival is 0 */
	double		log_error;		/* of its logarithm */
} SurvivalPoint;

/* Groups that are compared, in each period. */
typedef struct SurvivalTest
{
	int			ngroups;
	double	   *expected;		/* [group]: users who would have ended if all
								 * groups were alike */
	double		chi_square;
	int			degrees;		/* groups with anything expected, less one */
} SurvivalTest;

extern bool survival_of_user(const Event *events, size_t n, int64 until, SurvivalSpan *span);
extern void survival_points(const SurvivalCounts *counts, int n, SurvivalPoint *points);
extern int	survival_median(const SurvivalPoint *points, int n);
extern double survival_mean(const SurvivalPoint *points, int n);
extern bool survival_test(const SurvivalCounts *const *counts, int n, double *room, SurvivalTest *test);

#endif							/* JOURNEY_SURVIVAL_H */
