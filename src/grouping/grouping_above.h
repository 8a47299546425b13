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
	int			filter;			/* a column; -1: none */
	bool		folded;			/* is its state computed by the node? */
} FedAggregate;

/* Which rows must be stored. */
typedef enum GroupingRowsStored
{
	GROUPING_ALL_ROWS,
	GROUPING_SOME_ROWS,			/* without idle ones */
	GROUPING_NO_ROWS
} GroupingRowsStored;

/* The aggregates above, as far as the node knows what they do.  Columns are those of the node below. */
typedef struct GroupingAbove
{
	AggState   *agg;			/* NULL: not known */
	bool		feeds;			/* does it get only the first row of a group
								 * through the executor? */
	FedAggregate *aggregates;	/* its transition functions, as it numbers
								 * them */
	GroupingRowsStored stored;
	int			nfolds;			/* states that the node computes: while rows
								 * are read, unless all are stored */
	GroupingFold *folds;
	int			nstates;		/* their words */
	int			nidle;			/* those that leave out idle rows */
	GroupingIdleRule *idle;
	int			ncolumns;		/* that are stored */
	int		   *columns;
	int		   *places;			/* where a column is among those; -1: it is
								 * not stored */
} GroupingAbove;

extern void grouping_above_init(const GroupingEvents *const *events, int n);
extern void grouping_above_read(GroupingAbove *above, int ncolumns, List *keys, bool keys_are_bytes);

/* grouping_finish.c */
extern bool grouping_finishes_sum(PGFunction final);
extern void grouping_finish_instead(AggState *agg);

#endif							/* JOURNEY_GROUPING_ABOVE_H */
