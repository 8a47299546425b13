/*-------------------------------------------------------------------------
 *
 * activity_visit.h
 *		What is done for each user of an activity analysis.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_ACTIVITY_VISIT_H
#define JOURNEY_ACTIVITY_VISIT_H

#include "postgres.h"

#include "activity/activity_params.h"
#include "share/share.h"

typedef struct LongerSlot
{
	int64		bucket;
	int64		longer;
} LongerSlot;

/* What the visits of users work with.  Each visit uses what it needs. */
typedef struct ActivityVisit
{
	const ActivityParams *params;
	ActivityStats *stats;		/* where users are counted */
	MemoryContext context;		/* where results are kept */
	int64	   *buckets;		/* of a user */
	size_t		capacity;		/* of buckets */
	LongerSlot *longer;			/* of stickiness */
} ActivityVisit;

extern void activity_begin_visit(ActivityVisit *visit, const UserStore *state, int kind, bool by);
extern void activity_reserve(ActivityVisit *visit, size_t n);
extern void activity_count_user(ActivityVisit *visit, size_t n, uint64 times);
extern int64 activity_newest(const void *any);

#endif							/* JOURNEY_ACTIVITY_VISIT_H */
