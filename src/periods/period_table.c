/*-------------------------------------------------------------------------
 *
 * period_table.c
 *		A hash table with the periods in which each user was active, as bits.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "periods/period_table.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#define CACHE_LINE 64

/* Have empty slots for places of so many bits. */
static void
allocate(PeriodTable *table, MemoryContext context, int slots_log2)
{
	table->nslots = ((size_t) 1 << slots_log2) + PERIOD_TABLE_FARTHEST;
	table->memory = MemoryContextAllocHuge(context, table->nslots * sizeof(PeriodEntry) + CACHE_LINE);
	table->entries = (PeriodEntry *) TYPEALIGN(CACHE_LINE, table->memory);
	table->shift = 64 - slots_log2;
	table->most = ((size_t) 1 << slots_log2) / 8 * 5;
	memset(table->entries, 0, table->nslots * sizeof(PeriodEntry));
}

/* An empty table, for users whose hashes agree in the highest `skip` bits. */
PeriodTable *
period_table_new(MemoryContext context, int skip, int slots_log2)
{
	PeriodTable *table = MemoryContextAllocZero(context, sizeof(PeriodTable));

	table->skip = skip;
	allocate(table, context, slots_log2);
	return table;
}

/* Make a table empty. */
void
period_table_clear(PeriodTable *table)
{
	memset(table->entries, 0, table->nslots * sizeof(PeriodEntry));
	table->n = 0;
}

/* Double the slots.  No entry comes to stand farther from its place. */
void
period_table_grow(PeriodTable *table)
{
	const PeriodTable old = *table;
	PeriodEntry *next;
	size_t		i;

	allocate(table, GetMemoryChunkContext(table), 64 - old.shift + 1);
	next = table->entries;
	for (i = 0; i < old.nslots; i++)
	{
		const PeriodEntry *entry = &old.entries[i];

		if (period_entry_is_empty(entry))
			continue;
		next = Max(next, period_table_place(table, entry->hash));
		*next++ = *entry;
	}
	pfree(old.memory);
}

/*
 * Insert an entry at its place, `at`.  False if this entry, or one that must
 * move, would be too far from the place of its hash.
 */
bool
period_table_insert(PeriodTable *table, PeriodEntry *at, const PeriodEntry *entry)
{
	const PeriodEntry *home = period_table_place(table, entry->hash);
	PeriodEntry *empty = at;

	if (unlikely(table->n >= table->most))
		return false;
	while (!period_entry_is_empty(empty))
		empty++;
	/* those that make way have their places behind this one's */
	if (unlikely(empty - home >= PERIOD_TABLE_FARTHEST))
		return false;
	memmove(at + 1, at, (empty - at) * sizeof(PeriodEntry));
	*at = *entry;
	table->n++;
	return true;
}

/* The periods of n entries of one user, in order; returns how many. */
size_t
period_entries_read(const PeriodEntry *entries, size_t n, UserPeriod *periods)
{
	size_t		count = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		const PeriodEntry *entry = &entries[i];
		const uint32 first = entry->block << PERIOD_BLOCK_BITS;
		uint64		bits = entry->flags[0] | entry->flags[1];

		while (bits != 0)
		{
			const int	bit = pg_rightmost_one_pos64(bits);
			UserPeriod *period = &periods[count++];

			period->period = first + bit;
			period->flags = (uint32) ((entry->flags[0] >> bit & 1) |
									  (entry->flags[1] >> bit & 1) << 1);
			period->value = 0;
			bits &= bits - 1;
		}
	}
	return count;
}
