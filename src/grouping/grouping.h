/*-------------------------------------------------------------------------
 *
 * grouping.h
 *		Hands rows to an aggregate with GROUP BY one group after the other.
 *
 * Under PostgreSQL's GroupAggregate, in the place of a sort, the planner may
 * choose the node JourneyGroup.  It scatters the rows to parts by a hash of
 * their group's key, and then brings those of a part together in groups, while
 * they fit a cache.  So there is one group's state at a time, and the processes
 * of a parallel plan each finish the groups of some parts.  Only the first row
 * of a group goes up through the executor; the node passes the others directly
 * to the transition functions, if that is unobservable.  Some aggregates need
 * no rows, or only some of them: see grouping_above.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_GROUPING_H
#define JOURNEY_GROUPING_H

#include "postgres.h"

#include "fmgr.h"

/*
 * An aggregate over the events of one user: of a row whose time or stepset is
 * NULL, or that meets no condition, its state keeps at most the number of
 * conditions, and that only if it has kept none.
 */
typedef struct GroupingEvents
{
	PGFunction	transition;
	int			at;				/* which argument is the time; 0: none */
	int			step;			/* which one is the stepset */
	bool		is_union;		/* is the state the union of the stepsets? */
	int			options;		/* which argument decides ... ; 0: none */
	bool		(*needs_all) (Datum options);	/* ... whether it needs each
												 * row after all? */
} GroupingEvents;

extern void grouping_init(const GroupingEvents *const *events, int n);

#endif							/* JOURNEY_GROUPING_H */
