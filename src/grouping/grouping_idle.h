/*-------------------------------------------------------------------------
 *
 * grouping_idle.h
 *		Leaves out rows that change no state.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_GROUPING_IDLE_H
#define JOURNEY_GROUPING_IDLE_H

#include "postgres.h"

#include "grouping/grouping_table.h"

/* Which columns an aggregate over events reads. */
typedef struct GroupingIdleRule
{
	int			at;				/* -1: none */
	int			step;
	int			filter;			/* a boolean; -1: none */
	int			nsteps;			/* conditions of its stepsets; 0: not known
								 * yet */
} GroupingIdleRule;

extern int	grouping_idle_leave_out(GroupingTable *table, GroupingIdleRule *rules, int nrules,
									const ScanVector *const *columns, int first, int n, uint16 *kept);

#endif							/* JOURNEY_GROUPING_IDLE_H */
