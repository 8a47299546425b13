/*-------------------------------------------------------------------------
 *
 * identities.h
 *		What is known of the ids of one type in an identity space.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_IDENTITIES_H
#define JOURNEY_IDENTITIES_H

#include "postgres.h"

#include "base/base.h"
#include "fmgr.h"
#include "scan/scan.h"
#include "utils/timestamp.h"

/* To whom an id belongs for some time. */
typedef struct Period
{
	TimestampTz since;
	TimestampTz until;
	int64		user_id;		/* the person then */
	int64		now_id;			/* who that is now */
} Period;

/* An id, in one line of the cache. */
typedef struct KnownId
{
	uint64		hash;
	const char *bytes;
	int64		number;
	uint32		length;
	uint32		nperiods;		/* 0: the space does not know it */
	union
	{
		Period		only;
		uint32		first;		/* the first of several */
	}			period;
} KnownId;

/* What is remembered about one type of ids in one space. */
typedef struct Identities
{
	MemoryContext context;		/* of all but this struct */
	Oid			user;
	TransactionId xmin;			/* of the snapshot */
	TransactionId xmax;
	uint32		xcnt;
	CommandId	curcid;
	uint64		completed;
	char	   *space;			/* name or number, as given */
	uint32		space_length;
	char	   *id_type;
	uint32		id_type_length;
	int64		space_id;
	int64		space_ids;		/* how many ids of any type the space knows */
	char	   *as_of_text;		/* the time for which a definition is computed */
	TimestampTz as_of;			/* the same; infinite: the newest */
	bool		complete;		/* are all ids in memory? */
	bool		tried;			/* or was it too much? */
	KnownId    *ids;			/* aligned to lines of the cache */
	void	   *ids_memory;
	uint32		n;
	uint32		capacity;
	uint64	   *slots;			/* the hash's low half, and a number + 1;
								 * twice as many as capacity */
	int			slots_log2;
	Period	   *periods;		/* of ids with several, and one not in use */
	uint32		nperiods;
	uint32		period_capacity;
	uint64		byte_size;
	char	   *room;
	char	   *room_end;
} Identities;

/* A space, by name or number, and a type of ids. */
typedef struct IdentityKey
{
	const char *space;			/* the name, or the bytes of the number */
	uint32		space_length;
	bool		by_name;
	TextSlice	id_type;
} IdentityKey;

extern Identities *identities_of(FmgrInfo *flinfo, const IdentityKey *key, bool missing_ok);
extern void identities_look_up(Identities *all, const TextSlice *ids, int n, uint32 *found);

/* The periods of an id, in the order of time. */
static inline const Period *
identities_periods(const Identities *all, const KnownId *id)
{
	return id->nperiods == 1 ? &id->period.only : &all->periods[id->period.first];
}

/* The period that has a time, or NULL. */
static inline const Period *
identities_period(const Identities *all, const KnownId *id, TimestampTz at)
{
	const Period *periods = identities_periods(all, id);
	uint32		i;

	for (i = id->nperiods; i > 0; i--)
		if (periods[i - 1].since <= at && (periods[i - 1].until > at || periods[i - 1].until == DT_NOEND))
			return &periods[i - 1];
	return NULL;
}

#endif							/* JOURNEY_IDENTITIES_H */
