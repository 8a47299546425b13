/*-------------------------------------------------------------------------
 *
 * user_table.h
 *		The users of a partition, while its records are grouped by user.
 *
 * A first pass over the records numbers the users and counts the records of
 * each, by user_table_count().  Then user_table_lay_out() assigns a place to
 * each user, and a second pass moves the records there, by
 * user_table_place().  The table is reused from partition to partition.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_USER_TABLE_H
#define JOURNEY_USER_TABLE_H

#include "postgres.h"

#include "base/base.h"
#include "store/user_key.h"

typedef struct PartitionUser
{
	UserKey		user;
	uint32		first;			/* of what is the user's, in that of the
								 * partition */
	uint32		filled;			/* how much is there yet */
} PartitionUser;

typedef struct UserTable
{
	PartitionUser *users;		/* half as many as slots */
	uint32		nusers;
	int			slots_log2;
	uint32	   *slots;			/* numbers of users + 1; 0: empty */
	uint64		nslots;
	uint64		factor;			/* see hash_slot() */
	bool		keys_are_hashes;	/* is the key of a user its hash? Else
									 * that is the key spread out */
	uint32	   *numbers;		/* the user of each record */
	uint64		records;		/* for so many there is room */
} UserTable;

extern bool user_table_begin(UserTable *table, uint64 records);
extern void user_table_grow(UserTable *table);
extern void user_table_lay_out(UserTable *table);

/*
 * Count record i, the next one, as one of `user`.  Integer ids are equal if
 * their keys are; for other ids the keys may be equal and the ids not.
 */
static pg_attribute_always_inline void
user_table_count(UserTable *table, UserKeyType *key_type, bool integer, const UserKey *user,
				 uint64 hash, uint32 i)
{
	uint64		slot = hash_slot(hash, table->factor, table->slots_log2);
	uint32		number;

	while (table->slots[slot] != 0 &&
		   (table->users[table->slots[slot] - 1].user.key != user->key ||
			(!integer &&
			 !user_keys_equal(key_type, &table->users[table->slots[slot] - 1].user, user))))
		slot = (slot + 1) & (table->nslots - 1);
	if (table->slots[slot] == 0)
	{
		number = table->nusers++;
		table->users[number].user = *user;
		table->users[number].filled = 1;
		table->slots[slot] = number + 1;
		table->numbers[i] = number;
		if (unlikely(table->nusers == table->nslots / 2))
			user_table_grow(table);
		return;
	}
	number = table->slots[slot] - 1;
	if (!integer && key_type->kind == USER_KEY_OPERATORS)
		user_key_keep_least(&table->users[number].user, user);
	table->numbers[i] = number;
	table->users[number].filled++;
}

/* Where what record i holds goes, in the second pass. */
static inline uint32
user_table_place(UserTable *table, uint32 i)
{
	PartitionUser *user = &table->users[table->numbers[i]];

	return user->first + user->filled++;
}

#endif							/* JOURNEY_USER_TABLE_H */
