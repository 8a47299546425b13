/*-------------------------------------------------------------------------
 *
 * periods.h
 *		The periods in which each user of a query was active.
 *
 * A period is a number, such as that of a day of the calendar.  For each user
 * and period with an event, the set keeps two flags, and optionally the sum
 * of a value.  The analysis defines the meaning of a period and of the flags.
 *
 * Events are appended to buffers, which costs no cache miss.  Full buffers
 * are grouped by user and packed, so that memory is linear in the number of
 * users and their periods, whatever the number of events.  Beyond its share
 * of memory the set spills to temporary files.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_PERIODS_H
#define JOURNEY_PERIODS_H

#include "postgres.h"

#include "base/base.h"
#include "share/share.h"

typedef struct UserPeriodsRun UserPeriodsRun;
typedef struct UserPeriodsTaken UserPeriodsTaken;
typedef struct RecentRecord RecentRecord;
typedef struct RecentUser RecentUser;

typedef struct UserPeriods
{
	USER_STORE_FIELDS;
	bool		with_values;
	bool		named;			/* do parts have hashes whose ids are in the
								 * site's names? */

	/* records that are yet to be grouped */
	ChunkList	buffer;
	size_t		chunk_bytes;
	uint64		nrecords;
	RecentRecord *recent;		/* NULL while there are few records */

	/*
	 * instead, where users are integers and there are no values: records by
	 * the highest bits of the hash
	 */
	ChunkList  *parts;			/* [USER_PARTS]; NULL while there are few
								 * records */
	size_t		part_bytes;
	int			first_part;		/* those that this process finishes */
	int			last_part;
	RecentUser *recent_users;
	UserPeriodsTaken *taken;	/* records of other processes */
	int			ntaken;

	/* records grouped and packed: runs in the order of the hash */
	UserPeriodsRun *runs;
	int			nruns;
	int			runs_capacity;
	size_t		run_bytes;		/* of those in memory */

	const char *received;		/* just deserialized: a run where it lies */
	size_t		received_length;
	MemoryContextCallback forget;	/* gives back what it has of the site's
									 * limit */
} UserPeriods;

/*
 * What is done for each user: n >= 1 periods, in order, each with flags or a
 * value.
 */
typedef void (*UserPeriodsVisitor) (void *arg, const UserKey *user,
									const UserPeriod *periods, size_t n);

extern const UserStoreMethods user_periods_methods;

extern UserPeriods *user_periods_new(MemoryContext context, UserSite *site,
									 const void *params, bool with_values);
extern void user_periods_add(UserPeriods *set, Datum user, uint32 period, uint32 flags,
							 double value);
extern void user_periods_add_rows(UserPeriods *set, const Datum *users, const uint32 *periods,
								  int n);
extern void user_periods_visit(UserPeriods *set, UserPeriodsVisitor visit, void *arg);

#endif							/* JOURNEY_PERIODS_H */
