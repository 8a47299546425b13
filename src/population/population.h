/*-------------------------------------------------------------------------
 *
 * population.h
 *		The events of all users of a query, grouped by user inside the
 *		aggregate.
 *
 * A population aggregate adds one record for each relevant row: the user, the
 * time, the conditions met, and for some analyses a seq that orders equal
 * times, a node (a name that is stored once) and a value.  Records are only
 * appended, so adding costs no cache miss.  At the end they are split by a
 * hash of the user into partitions that fit the cache, each partition is
 * grouped by user, and the analysis visits one user after the other.
 *
 * Beyond its share of memory the population spills to temporary files, split
 * by the same hash.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_POPULATION_H
#define JOURNEY_POPULATION_H

#include "postgres.h"

#include "event/event.h"
#include "fmgr.h"
#include "population/record.h"
#include "share/share.h"
#include "store/store.h"

/* The value that an event carries, if any. */
typedef struct EventValue
{
	const char *bytes;			/* NULL: none */
	uint32		length;
} EventValue;

/* What the records of a population hold besides user, time and conditions. */
#define POPULATION_VALUES	1	/* a value */
#define POPULATION_SEQ		2	/* an order within equal times */
#define POPULATION_NODES	4	/* a node; then there are at most 32
								 * conditions */
#define POPULATION_ALL		7

/* The seq of an event that has none: the last of those at its time. */
#define SEQ_NONE PG_INT64_MAX

/* The event of one row. */
typedef struct PopulationEvent
{
	int64		at;
	uint64		step;			/* a stepset; 0 where there are no conditions */
	int64		seq;			/* with POPULATION_SEQ */
	uint32		node;			/* with POPULATION_NODES: its number */
	EventValue	value;			/* with POPULATION_VALUES; bytes may be NULL */
} PopulationEvent;

typedef struct PopulationSlab PopulationSlab;
typedef struct PopulationPart PopulationPart;
typedef struct PopulationSpill PopulationSpill;
typedef struct PopulationTaken PopulationTaken;
typedef struct PopulationGift PopulationGift;

typedef struct Population
{
	USER_STORE_FIELDS;
	PopulationPart *parts;		/* one, or one for each of the highest hash
								 * values */
	uint32		part_mask;		/* how many less one */
	size_t		size;			/* bytes in chunks */
	uint64		n;				/* records in chunks and files */
	PopulationSlab *slab;		/* of which chunks can be taken, or NULL */
	Chunk	   *kept;			/* empty ones of the largest size, to fill
								 * again */
	PopulationSpill *spill;		/* NULL while all is in memory */
	PopulationTaken *taken;		/* records that came from other processes, by
								 * part */
	const char *received;		/* just deserialized: records where they lie */
	size_t		received_length;	/* in bytes */
	uint8		nsteps;
	uint8		holds;			/* POPULATION_VALUES and the like */
	bool		numbered;		/* do records have numbers of the site's names
								 * instead of ids? */
	RecordLayout layout;		/* of its records */
	Nodes	   *nodes;			/* with POPULATION_NODES */
	uint64		finishes;		/* a bit for each part whose users it has */
	MemoryContextCallback forget;	/* gives back what it has of the site's
									 * limit */
} Population;

/*
 * What is done for each user: `events` are in the event order and may be
 * changed; `values` are their values, NULL if the population has none.
 *
 * The event order is: time, seq if there is one, lowest condition, conditions,
 * node by the bytes of its name, value.  With nodes, the step of an event is
 * no stepset: see event_node() in event/event.h.  With a seq and without nodes
 * it says whether the event is tied with the one before: see event_is_tied().
 */
typedef void (*PopulationVisitor) (void *arg, const UserKey *user, Event *events,
								   const EventValue *values, size_t n);

/* The name of a node, by its rank; until the population's context goes. */
static inline TextSlice
population_node(const Population *population, uint32 rank)
{
	return population->nodes->names[population->nodes->ranked[rank]];
}

extern const UserStoreMethods population_methods;

extern Population *population_new(MemoryContext context, UserSite *site, const void *params,
								  int nsteps, int holds);

/* Do records have the ids of users that are no integers? */
static inline bool
population_has_ids(const Population *population)
{
	return population->layout.id;
}

extern void population_add(Population *population, Datum user, const PopulationEvent *event);
extern void population_add_userless(Population *population, const PopulationEvent *event);
extern void population_add_rows(Population *population, const Datum *users, const Datum *ats,
								const Datum *steps, const uint16 *rows, int n);
extern void population_add_node_rows(Population *population, const Datum *users,
									 const Datum *ats, const uint32 *nodes, const uint16 *rows,
									 int n);
extern void population_visit(Population *population, PopulationVisitor visit, void *arg);
extern void population_visit_keeping(Population *population, PopulationVisitor visit,
									 void *arg);
extern void population_release(Population *population);
extern void population_rank(Population *population);
extern uint32 population_find_node(const Population *population, TextSlice name);

#endif							/* JOURNEY_POPULATION_H */
