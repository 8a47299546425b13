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

#include "grouping/grouping_store.h"

/* Which columns an aggregate over events reads. */
typedef struct GroupingIdleRule
{
	int			at;				/* -1: none */
	int			step;
	int			nsteps;			/* conditions of its stepsets; 0: not known
								 * yet */
} GroupingIdleRule;

/*
 * Of which groups a row is kept from which each state has what it would keep of
 * an idle one.  If there is no memory for more, all are forgotten: then such
 * rows are kept once more.
 */
typedef struct GroupingIdle
{
	GroupingStore *store;		/* of rows with one key, by value */
	int			n;
	GroupingIdleRule *rules;
	uint64		most;			/* slots */
	int			nslots_log2;
	uint64		nused;
	uint64	   *slots;			/* hashes, each of just one key; 0: none */
} GroupingIdle;

extern GroupingIdle *grouping_idle_new(GroupingStore *store, GroupingIdleRule *rules, int n);
extern int	grouping_idle_leave_out(GroupingIdle *idle, const ScanVector *const *columns, int n,
									uint16 *kept);
extern void grouping_idle_free(GroupingIdle *idle);

#endif							/* JOURNEY_GROUPING_IDLE_H */
