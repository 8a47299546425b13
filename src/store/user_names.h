/*-------------------------------------------------------------------------
 *
 * user_names.h
 *		A dictionary of user ids that are no integers: each id is stored once
 *		and has a number.
 *
 * The stores of a call site share it.  With it a record of a store needs no
 * more than the number, or the hash, of an id, and not its bytes.
 *
 * The ids lie one after the other in one piece of memory, each at a multiple
 * of eight bytes; its place there is its number.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_USER_NAMES_H
#define JOURNEY_USER_NAMES_H

#include "postgres.h"

#include "base/base.h"
#include "store/user_site.h"

#define USER_NAME_UNIT		8	/* what places are multiples of */

typedef struct UserName
{
	uint64		key;			/* a hash of the id */
	uint32		length;
	char		bytes[FLEXIBLE_ARRAY_MEMBER];
} UserName;

/* The first and the last eight bytes are all of an id of up to sixteen. */
typedef struct UserNameSlot
{
	uint64		first;
	uint64		last;
	uint32		length;
	uint32		number;			/* 0: empty */
} UserNameSlot;

#define USER_NAME_ENDS		16

typedef struct UserNames
{
	char	   *ids;
	size_t		used;			/* bytes of ids */
	size_t		capacity;
	UserNameSlot *slots;
	int			slots_log2;
	uint64		factor;			/* see hash_slot() */
	uint64		n;
	size_t		size;			/* bytes in all */
	size_t		most;			/* of them */
	int			stores;			/* that have records without ids */
	bool		same_hash;		/* have two different ids the same key? */
} UserNames;

extern bool user_names_begin(UserSite *site, size_t most);
extern void user_names_leave(UserSite *site);
extern uint32 user_names_insert(UserSite *site, const UserKey *user);
extern bool user_names_number_rows(UserSite *site, const Datum *users, const uint16 *rows, int n,
								   uint64 *numbers);
extern bool user_names_hash_rows(UserSite *site, const Datum *users, int n, uint64 *hashes);
extern UserKey user_names_of_key(const UserNames *names, uint64 key);

static inline const UserName *
user_names_at(const UserNames *names, uint32 number)
{
	return (const UserName *) (names->ids + (size_t) number * USER_NAME_UNIT);
}

static inline uint64
user_names_slot(const UserNames *names, uint64 key)
{
	return hash_slot(key, names->factor, names->slots_log2);
}

/*
 * Is this the id of a slot?  Its ends are given as well.  An id without bytes may
 * have any key.
 */
static inline bool
user_name_is(const UserNames *names, const UserNameSlot *slot, const UserKey *user, uint64 first,
			 uint64 last)
{
	const UserName *name;

	if (slot->first != first || slot->last != last || slot->length != user->length)
		return false;
	if (likely(user->length > 0 && user->length <= USER_NAME_ENDS))
		return true;
	name = user_names_at(names, slot->number);
	return name->key == user->key && short_bytes_equal(name->bytes, user->bytes, user->length);
}

/* The number of an id, which is added if it is not there; 0 if there is no room. */
static inline uint32
user_names_add(UserSite *site, const UserKey *user, uint64 first, uint64 last)
{
	const UserNames *names = site->names;
	uint64		slot = user_names_slot(names, user->key);

	for (; names->slots[slot].number != 0;
		 slot = (slot + 1) & ((UINT64_C(1) << names->slots_log2) - 1))
		if (user_name_is(names, &names->slots[slot], user, first, last))
			return names->slots[slot].number;
	return user_names_insert(site, user);
}

/* The user that a record of a store without ids has as its number. */
static inline UserKey
user_of_number(const UserSite *site, uint64 number)
{
	UserKey		user = {number, NULL, 0};

	/* whole numbers are no names */
	if (site->key_type.kind == USER_KEY_BYTES)
	{
		const UserName *name = user_names_at(site->names, (uint32) number);

		user.key = name->key;
		user.bytes = name->bytes;
		user.length = name->length;
	}
	return user;
}

/*
 * The number of a user in a record without its id: TRUE if it can have one.
 */
static inline bool
user_number(UserSite *site, const UserKey *user, uint64 *number)
{
	if (site->key_type.kind == USER_KEY_BYTES)
	{
		uint64		first;
		uint64		last;

		slice_ends(user->bytes, user->length, &first, &last);
		*number = user_names_add(site, user, first, last);
		return *number != 0;
	}
	*number = user->key;
	return user->length == 0;
}

#endif							/* JOURNEY_USER_NAMES_H */
