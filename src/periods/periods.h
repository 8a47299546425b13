/*-------------------------------------------------------------------------
 *
 * periods.h
 *		In which periods was each user of a query active?
 *
 * A period is a number, such as that of a day of the calendar.  For each user
 * and period in which something happened, the set keeps two flags, and if
 * wanted the sum of a value.  What a period and the flags mean is for the
 * analysis to say.
 *
 * Events are appended to buffers, which costs no cache miss.  When those are
 * full, they are grouped by user and packed, so that memory is linear in the
 * number of users and their periods, however many events there are.  Past its
 * share of memory the set spills to temporary files.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_PERIODS_H
#define JOURNEY_PERIODS_H

#include "postgres.h"

#include "base/base.h"
#include "periods/user_period.h"
#include "population/population.h"

typedef struct UserPeriodsChunk UserPeriodsChunk;
typedef struct UserPeriodsRun UserPeriodsRun;
typedef struct UserPeriodsPart UserPeriodsPart;
typedef struct UserPeriodsTaken UserPeriodsTaken;

/* Where the record of a user of late lies. */
#define RECENT_BITS			13
#define RECENT_RECORDS		(1 << RECENT_BITS)
#define RECENT_NONE			UINT32_MAX

typedef struct RecentRecord
{
	uint64		hash;			/* of the user */
	char	   *record;
	uint32		period;			/* with flags, as in the record; RECENT_NONE */
} RecentRecord;

/* A user of late, and a period of theirs that is in a part or a run. */
typedef struct RecentUser
{
	uint64		hash;
	uint32		period;			/* with flags; RECENT_NONE */
} RecentUser;

typedef struct UserPeriods
{
	Results		results;		/* of users that are finished */
	const void *params;			/* the room's own, shared between groups */
	PopulationSite *site;
	MemoryContext context;
	int64		newest;			/* time of the newest event, for the room to
								 * keep */
	bool		with_values;

	/* records that are yet to be grouped */
	UserPeriodsChunk *chunk;	/* the newest; it leads to the others */
	char	   *next;			/* where the next record goes */
	char	   *end;			/* the end of the newest chunk */
	size_t		chunk_bytes;
	uint64		nrecords;
	RecentRecord *recent;		/* NULL while there are few records */

	/*
	 * instead, where users are integers and there are no values: records by
	 * the highest bits of the hash
	 */
	UserPeriodsPart *parts;		/* NULL while there are few records */
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

	const char *received;		/* just deserialised: a run where it lies */
	size_t		received_length;
	Exchange   *exchange;		/* with the other processes of a scan, or NULL */
	MemoryContextCallback forget;	/* gives back what it has of the site's
									 * limit */
} UserPeriods;

/*
 * What is done for each user: n >= 1 periods, in order, each with flags or a
 * value.
 */
typedef void (*UserPeriodsVisitor) (void *arg, const UserKey *user,
									const UserPeriod *periods, size_t n);

extern UserPeriods *user_periods_new(MemoryContext context, PopulationSite *site,
									 const void *params, bool with_values);
extern void user_periods_add(UserPeriods *set, Datum user, uint32 period, uint32 flags,
							 double value);
extern void user_periods_add_rows(UserPeriods *set, const Datum *users, const uint32 *periods,
								  int n);
extern void user_periods_combine(UserPeriods *left, const UserPeriods *right);
extern void user_periods_exchange(UserPeriods *set, dsa_area *area);
extern void user_periods_visit(UserPeriods *set, UserPeriodsVisitor visit, void *arg);
extern bytea *user_periods_serialize(UserPeriods *set, const void *params_bytes,
									 size_t params_size);
extern UserPeriods *user_periods_deserialize(bytea *bytes, FmgrInfo *flinfo,
											 PopulationSite **site, EventsHeader *header);

#endif							/* JOURNEY_PERIODS_H */
