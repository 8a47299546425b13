/*-------------------------------------------------------------------------
 *
 * user_table.c
 *		The users of a partition, while its records are grouped by user.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "store/partitions.h"
#include "store/user_table.h"
#include "utils/memutils.h"

#define FIRST_SLOTS_LOG2	10	/* two more for a full partition */

/*
 * Empty a table for a partition of this number of records.  TRUE if this is
 * the largest number so far; then the arrays beside the table must grow, too.
 */
bool
user_table_begin(UserTable *table, uint64 records)
{
	const bool	more = records > table->records;

	if (records > UINT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many events of users that cannot be told apart by their hash")));
	if (table->slots == NULL)
	{
		table->slots_log2 = records < PARTITION_RECORDS / 2 ? FIRST_SLOTS_LOG2 : FIRST_SLOTS_LOG2 + 2;
		table->nslots = UINT64_C(1) << table->slots_log2;
		table->factor = user_slot_factor();
		table->slots = palloc(table->nslots * sizeof(uint32));
		table->users = palloc(table->nslots / 2 * sizeof(PartitionUser));
	}
	if (more)
	{
		if (table->numbers != NULL)
			pfree(table->numbers);
		table->records = records;
		table->numbers = MemoryContextAllocHuge(CurrentMemoryContext, records * sizeof(uint32));
	}
	memset(table->slots, 0, table->nslots * sizeof(uint32));
	table->nusers = 0;
	return more;
}

/* Double the room for users, and lay out the slots anew. */
void
user_table_grow(UserTable *table)
{
	uint32		i;

	table->nslots = UINT64_C(1) << ++table->slots_log2;
	table->users = repalloc_huge(table->users, table->nslots / 2 * sizeof(PartitionUser));
	table->slots = repalloc_huge(table->slots, table->nslots * sizeof(uint32));
	memset(table->slots, 0, table->nslots * sizeof(uint32));
	for (i = 0; i < table->nusers; i++)
	{
		const uint64 key = table->users[i].user.key;
		uint64		slot = hash_slot(table->keys_are_hashes ? key : spread(key), table->factor,
									 table->slots_log2);

		while (table->slots[slot] != 0)
			slot = (slot + 1) & (table->nslots - 1);
		table->slots[slot] = i + 1;
	}
}

/* Let what is each user's lie side by side, in the order in which users came. */
void
user_table_lay_out(UserTable *table)
{
	uint32		first = 0;
	uint32		i;

	for (i = 0; i < table->nusers; i++)
	{
		table->users[i].first = first;
		first += table->users[i].filled;
		table->users[i].filled = 0;
	}
}
