/*-------------------------------------------------------------------------
 *
 * population.h
 *		The events of all users of a query, grouped by user without GROUP BY.
 *
 * A population aggregate adds one record for each row that matters: the user,
 * the time, the conditions met, and for some analyses a value.  Records are
 * only appended, so adding costs no cache miss.  At the end they are split by
 * a hash of the user into partitions that fit the cache, each partition is
 * grouped by user, and the analysis visits one user after the other.
 *
 * Past its share of memory the population spills to temporary files, split by
 * the same hash.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_POPULATION_H
#define JOURNEY_POPULATION_H

#include "postgres.h"

#include "common/event.h"
#include "common/user_key.h"

/* The value that an event carries, if any. */
typedef struct EventValue
{
	const char *bytes;			/* NULL: none */
	uint32		length;
} EventValue;

typedef struct PopulationChunk PopulationChunk;
typedef struct PopulationSpill PopulationSpill;
typedef struct PopulationPacked PopulationPacked;

/*
 * What the populations of one call site share: with GROUP BY there are many,
 * and together they stay within the memory that a hash table may take.
 */
typedef struct PopulationSite
{
	UserKeyType key_type;
	size_t		used;			/* bytes in chunks */
	size_t		limit;
} PopulationSite;

typedef struct Population
{
	const void *params;			/* the room's own, shared between groups */
	PopulationSite *site;
	MemoryContext context;
	PopulationChunk *chunk;		/* the newest; it leads to the others */
	size_t		size;			/* bytes in chunks */
	char	   *next;			/* where the next record goes */
	char	   *end;			/* the end of the newest chunk */
	uint64		n;				/* records in chunks and files */
	PopulationSpill *spill;		/* NULL while all is in memory */
	PopulationPacked *packed;	/* records that came packed from other processes */
	const char *received;		/* just deserialised: records where they lie */
	size_t		received_length;	/* in bytes */
	int64		newest;			/* time of the newest event seen */
	uint8		nsteps;
	bool		with_values;
	MemoryContextCallback forget;	/* gives back what it has of the site's limit */
} Population;

/*
 * What is done for each user: `events` are in the event order and may be
 * changed; `values` goes along with them, and is NULL when the population
 * carries none.
 */
typedef void (*PopulationVisitor) (void *arg, const UserKey *user, Event *events,
								   const EventValue *values, size_t n);

extern PopulationSite *population_site(FmgrInfo *flinfo, Oid type, Oid collation);
extern Population *population_new(MemoryContext context, PopulationSite *site,
								  const void *params, int nsteps, bool with_values);
extern void population_add(Population *population, Datum user, int64 at, uint64 step,
						   const EventValue *value);
extern void population_combine(Population *left, const Population *right);
extern void population_visit(Population *population, PopulationVisitor visit, void *arg);
extern bytea *population_serialize(Population *population, const void *params_bytes,
								   size_t params_size);
extern Population *population_deserialize(bytea *bytes, FmgrInfo *flinfo,
										  PopulationSite **site, EventsHeader *header);

#endif							/* JOURNEY_POPULATION_H */
