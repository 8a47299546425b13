/*-------------------------------------------------------------------------
 *
 * grouping_above.h
 *		The aggregates above the node: what they need of the rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_GROUPING_ABOVE_H
#define JOURNEY_GROUPING_ABOVE_H

#include "postgres.h"

#include "executor/nodeAgg.h"
#include "grouping/grouping.h"
#include "grouping/grouping_fold.h"
#include "grouping/grouping_idle.h"

/* An argument of a transition function, if it is a column. */
typedef struct FedArg
{
	int			number;			/* of the argument */
	int			column;
} FedArg;

/* A transition function of the aggregate above. */
typedef struct FedAggregate
{
	int			nargs;
	FedArg	   *args;
} FedAggregate;

/* The aggregates above, as far as the node knows what they do. */
typedef struct GroupingAbove
{
	AggState   *agg;			/* NULL: not known */
	bool		feeds;			/* does it get only the first row of a group
								 * through the executor? */
	FedAggregate *aggregates;	/* its transition functions, as it numbers
								 * them */
	int			nfolds;			/* all of them, if states are folded while
								 * rows are read; else 0 */
	GroupingFold *folds;
	int			nidle;			/* all of them, if each leaves out idle rows;
								 * else 0 */
	GroupingIdleRule *idle;
} GroupingAbove;

extern void grouping_above_init(const GroupingEvents *const *events, int n);
extern void grouping_above_read(GroupingAbove *above, int key);

/* grouping_finish.c */
extern void grouping_finish_instead(AggState *agg);

#endif							/* JOURNEY_GROUPING_ABOVE_H */
