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
 * to the transition functions, if that is unobservable.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_GROUPING_H
#define JOURNEY_GROUPING_H

extern void grouping_init(void);

#endif							/* JOURNEY_GROUPING_H */
