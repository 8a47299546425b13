/*-------------------------------------------------------------------------
 *
 * period_table.h
 *		A hash table with the periods in which each user was active, as bits.
 *
 * An entry has the periods of one user in one block, PERIODS_PER_BLOCK
 * consecutive periods.  The table uses open addressing and is always sorted:
 * entries are in the order of hash and block, as near behind the place of
 * their hash as the order allows.  So an unsuccessful search ends early, and
 * a walk through the table visits users in the order of their hashes.
 *
 * Users are identified by their hash alone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_PERIOD_TABLE_H
#define JOURNEY_PERIOD_TABLE_H

#include "postgres.h"

#include "event/event.h"

#define PERIODS_PER_BLOCK	64
#define PERIOD_BLOCK_BITS	6

typedef struct PeriodEntry
{
	uint64		hash;
	uint64		flags[USER_PERIOD_FLAG_BITS];	/* a bit for each period; all
												 * 0: no entry */
	uint32		block;			/* which are the periods; the first one's
								 * number / 64 */
} PeriodEntry;

typedef struct PeriodTable
{
	PeriodEntry *entries;		/* in whole cache lines */
	size_t		nslots;
	int			skip;			/* all hashes agree in so many of the highest
								 * bits */
	int			shift;			/* what is right of the bits that make the
								 * place */
	size_t		n;				/* entries */
	size_t		most;			/* with more, searching would take long */
	char	   *memory;			/* in which the entries lie */
} PeriodTable;

/*
 * The largest distance of an entry from the place of its hash.  Beyond the
 * place of the last hash there is this number of slots.
 */
#define PERIOD_TABLE_FARTHEST 256

extern PeriodTable *period_table_new(MemoryContext context, int skip, int slots_log2);
extern void period_table_clear(PeriodTable *table);
extern void period_table_grow(PeriodTable *table);
extern bool period_table_insert(PeriodTable *table, PeriodEntry *at, const PeriodEntry *entry);
extern size_t period_entries_read(const PeriodEntry *entries, size_t n, UserPeriod *periods);

static inline bool
period_entry_is_empty(const PeriodEntry *entry)
{
	return (entry->flags[0] | entry->flags[1]) == 0;
}

/* The place of a hash. */
static inline PeriodEntry *
period_table_place(const PeriodTable *table, uint64 hash)
{
	return &table->entries[hash << table->skip >> table->shift];
}

/* A user is about to be added. */
static inline void
period_table_prefetch(const PeriodTable *table, uint64 hash)
{
#ifdef __GNUC__
	__builtin_prefetch(period_table_place(table, hash), 1);
#endif
}

/*
 * Record that a user was active in a period, which is given with flags, not
 * 0.  False if there is no room; the caller must then grow the table.
 */
static inline bool
period_table_add(PeriodTable *table, uint64 hash, uint32 marked)
{
	const uint32 period = marked >> USER_PERIOD_FLAG_BITS;
	const uint32 block = period >> PERIOD_BLOCK_BITS;
	const int	bit = period & (PERIODS_PER_BLOCK - 1);
	PeriodEntry *entry = period_table_place(table, hash);
	PeriodEntry new = {hash, {(uint64) (marked & 1) << bit, (uint64) (marked >> 1 & 1) << bit}, block};

	while (!period_entry_is_empty(entry) &&
		   (entry->hash < hash || (entry->hash == hash && entry->block < block)))
		entry++;
	if (entry->hash != hash || entry->block != block || period_entry_is_empty(entry))
		return period_table_insert(table, entry, &new);
	entry->flags[0] |= new.flags[0];
	entry->flags[1] |= new.flags[1];
	return true;
}

#endif							/* JOURNEY_PERIOD_TABLE_H */
