/*-------------------------------------------------------------------------
 *
 * user_periods.h
 *		In which periods was each user of a query active?
 *
 * A period is a number, such as that of a day of the calendar.  For each user
 * and period in which something happened, the set keeps two flags, and if
 * wanted the sum of a value.  What a period and the flags mean is for the
 * analysis to say.
 *
 * Events are appended to a buffer, which costs no cache miss.  When it is full,
 * it is grouped by user and packed, so that memory is linear in the number of
 * users and their periods, however many events there are.  Past its share of
 * memory the set spills to temporary files.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_USER_PERIODS_H
#define JOURNEY_USER_PERIODS_H

#include "postgres.h"

#include "common/hash.h"
#include "common/population.h"
#include "common/user_period.h"

typedef struct UserPeriodsChunk UserPeriodsChunk;
typedef struct UserPeriodsRun UserPeriodsRun;

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

typedef struct UserPeriods
{
	Results		results;		/* of users that are finished */
	const void *params;			/* the room's own, shared between groups */
	PopulationSite *site;
	MemoryContext context;
	int64		newest;			/* time of the newest event, for the room to keep */
	bool		with_values;

	/* records that are yet to be grouped */
	UserPeriodsChunk *chunk;	/* the newest; it leads to the others */
	char	   *next;			/* where the next record goes */
	char	   *end;			/* the end of the newest chunk */
	size_t		chunk_bytes;
	uint64		nrecords;
	RecentRecord *recent;		/* NULL while there are few records */

	/* records grouped and packed: runs in the order of the hash */
	UserPeriodsRun *runs;
	int			nruns;
	int			runs_capacity;
	size_t		run_bytes;		/* of those in memory */

	const char *received;		/* just deserialised: a run where it lies */
	size_t		received_length;
	Exchange   *exchange;		/* with the other processes of a scan, or NULL */
	MemoryContextCallback forget;	/* gives back what it has of the site's limit */
} UserPeriods;

/*
 * What is done for each user: n >= 1 periods, in order, each with flags or a
 * value.
 */
typedef void (*UserPeriodsVisitor) (void *arg, const UserKey *user,
									const UserPeriod *periods, size_t n);

extern UserPeriods *user_periods_new(MemoryContext context, PopulationSite *site,
									 const void *params, bool with_values);
extern void user_periods_append(UserPeriods *set, Datum user, uint32 period, uint32 flags,
								double value);
extern void user_periods_combine(UserPeriods *left, const UserPeriods *right);
extern void user_periods_exchange(UserPeriods *set, dsa_area *area);
extern void user_periods_visit(UserPeriods *set, UserPeriodsVisitor visit, void *arg);
extern bytea *user_periods_serialize(UserPeriods *set, const void *params_bytes,
									 size_t params_size);
extern UserPeriods *user_periods_deserialize(bytea *bytes, FmgrInfo *flinfo,
											 PopulationSite **site, EventsHeader *header);

/*
 * `user` was active in a period, from 0 to USER_PERIOD_LAST.  The value, a
 * finite number, counts only if the set has values.
 */
static inline void
user_periods_add(UserPeriods *set, Datum user, uint32 period, uint32 flags, double value)
{
	/* most often the user was, just now, and nothing is new */
	if (likely(set->recent != NULL && set->site->key_type.kind == USER_KEY_INTEGER))
	{
		const uint64 hash = spread(integer_key(&set->site->key_type, user));
		const RecentRecord *recent = &set->recent[hash >> (64 - RECENT_BITS)];

		if (recent->hash == hash && (recent->period | flags) == recent->period &&
			recent->period >> 2 == period && recent->period != RECENT_NONE &&
			!set->with_values)
			return;
	}
	user_periods_append(set, user, period, flags, value);
}

#endif							/* JOURNEY_USER_PERIODS_H */
