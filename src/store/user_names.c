/*-------------------------------------------------------------------------
 *
 * user_names.c
 *		A dictionary of user ids that are no integers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "compat.h"
#include "miscadmin.h"
#include "store/user_names.h"
#include "utils/memutils.h"

#define FIRST_IDS			(64 * 1024)
#define FIRST_SLOTS_LOG2	11
#define LARGEST_SHARE		4	/* names take up to this part of the site's
								 * memory */
#define ROWS_AT_ONCE		64

static inline uint64
user_names_nslots(const UserNames *names)
{
	return UINT64CONST(1) << names->slots_log2;
}

/* May names grow by so many bytes? */
static bool
user_names_may_grow(const UserSite *site, size_t size)
{
	return site->names->size + size <= Min(site->names->most, site->limit / LARGEST_SHARE) &&
		site->used + size <= site->limit;
}

static void
user_names_grown(UserSite *site, size_t size)
{
	site->names->size += size;
	site->used += size;
}

/*
 * A store of the site begins to have records without ids; FALSE if it cannot.  The
 * dictionary then takes at most so many bytes.  The store is to call user_names_leave() when it has none any more.
 */
bool
user_names_begin(UserSite *site, size_t most)
{
	const UserKeyType *type = &site->key_type;

	if (!site->numbers_users || (type->kind != USER_KEY_BYTES && !type->numeric))
		return false;
	if (site->names == NULL)
	{
		site->names = MemoryContextAllocZero(site->context, sizeof(UserNames));
		site->names->slots_log2 = FIRST_SLOTS_LOG2;
		site->names->most = most;
	}
	if (type->kind == USER_KEY_BYTES && site->names->ids == NULL)
	{
		UserNames  *names = site->names;
		const size_t size = FIRST_IDS + user_names_nslots(names) * sizeof(UserNameSlot);

		if (!user_names_may_grow(site, size))
			return false;
		names->capacity = FIRST_IDS;
		names->ids = MemoryContextAllocHuge(site->context, names->capacity);
		names->used = USER_NAME_UNIT;	/* 0 is no number */
		names->slots = MemoryContextAllocZero(site->context,
											  user_names_nslots(names) * sizeof(UserNameSlot));
		names->factor = user_slot_factor();
		user_names_grown(site, size);
	}
	site->names->stores++;
	return true;
}

/* A store of the site has no more records without ids. */
void
user_names_leave(UserSite *site)
{
	UserNames  *names = site->names;

	Assert(names->stores > 0);
	if (--names->stores > 0)
		return;
	site->used -= names->size;
	if (names->ids != NULL)
		pfree(names->ids);
	if (names->slots != NULL)	/* there was memory for them */
		pfree(names->slots);
	pfree(names);
	site->names = NULL;
}

/* Put an id into the first free slot. */
static void
user_names_take_slot(UserNames *names, const UserName *name)
{
	uint64		at = user_names_slot(names, name->key);
	UserNameSlot *slot;

	while (names->slots[at].number != 0)
		at = (at + 1) & (user_names_nslots(names) - 1);
	slot = &names->slots[at];
	slice_ends(name->bytes, name->length, &slot->first, &slot->last);
	slot->length = name->length;
	slot->number = (uint32) (((const char *) name - names->ids) / USER_NAME_UNIT);
}

/* Double the slots; FALSE if there is no memory for it. */
static bool
user_names_double_slots(UserSite *site)
{
	UserNames  *names = site->names;
	const size_t old = user_names_nslots(names) * sizeof(UserNameSlot);
	const char *at = names->ids + USER_NAME_UNIT;
	uint64		i;

	if (!user_names_may_grow(site, old))
		return false;
	pfree(names->slots);
	names->slots = NULL;
	names->slots = MemoryContextAllocExtended(site->context, 2 * old,
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	names->slots_log2++;
	user_names_grown(site, old);

	/* in the order in which they came, as user_names_of_key() wants it */
	for (i = 0; i < names->n; i++)
	{
		const UserName *name = (const UserName *) at;

		user_names_take_slot(names, name);
		at += TYPEALIGN(USER_NAME_UNIT, offsetof(UserName, bytes) + (size_t) name->length);
	}
	return true;
}

/* Add an id that is not there; returns its number, or 0 if there is no room. */
uint32
user_names_insert(UserSite *site, const UserKey *user)
{
	UserNames  *names = site->names;
	const size_t size = TYPEALIGN(USER_NAME_UNIT, offsetof(UserName, bytes) + (size_t) user->length);
	const uint64 number = names->used / USER_NAME_UNIT;
	UserName   *name;
	uint64		slot;

	if (names->capacity - names->used < size)
	{
		const size_t more = Max(names->capacity, size);

		if (!user_names_may_grow(site, more))
			return 0;
		names->ids = repalloc_huge(names->ids, names->capacity + more);
		names->capacity += more;
		user_names_grown(site, more);
	}
	if (number > UINT32_MAX ||
		(names->n >= user_names_nslots(names) / 2 && !user_names_double_slots(site)))
		return 0;

	slot = user_names_slot(names, user->key);
	for (; names->slots[slot].number != 0; slot = (slot + 1) & (user_names_nslots(names) - 1))
		if (user_names_at(names, names->slots[slot].number)->key == user->key)
			names->same_hash = true;
	name = (UserName *) (names->ids + names->used);
	name->key = user->key;
	name->length = user->length;
	short_bytes_copy(name->bytes, user->bytes, user->length);
	user_names_take_slot(names, name);
	names->used += size;
	names->n++;
	return (uint32) number;
}

/* The first id of a key that is there. */
UserKey
user_names_of_key(const UserNames *names, uint64 key)
{
	uint64		slot = user_names_slot(names, key);
	const UserName *name;
	UserKey		user = {key, NULL, 0};

	for (;; slot = (slot + 1) & (user_names_nslots(names) - 1))
	{
		Assert(names->slots[slot].number != 0);
		name = user_names_at(names, names->slots[slot].number);
		if (name->key == key)
			break;
	}
	user.bytes = name->bytes;
	user.length = name->length;
	return user;
}

/* The bytes of an id where it lies, if it is not stored elsewhere. */
static inline bool
user_bytes_in_place(const UserKeyType *type, Datum user, UserKey *key)
{
	key->bytes = DatumGetPointer(user);
	if (type->typlen != -1)
		key->length = (uint32) type->typlen;
	else if (likely(VARATT_IS_SHORT(key->bytes) && !VARATT_IS_EXTERNAL(key->bytes)))
	{
		key->length = VARSIZE_SHORT(key->bytes) - VARHDRSZ_SHORT;
		key->bytes = VARDATA_SHORT(key->bytes);
	}
	else if (!VARATT_IS_EXTENDED(key->bytes))
	{
		key->length = VARSIZE_4B(key->bytes) - VARHDRSZ;
		key->bytes = VARDATA_4B(key->bytes);
	}
	else
		return false;
	return true;
}

/* The number and the key of an id that is stored elsewhere; FALSE: it has no number. */
static pg_noinline bool
user_names_add_stored(UserSite *site, Datum user, uint64 *key, uint64 *number)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(user);
	const Datum fetched = PointerGetDatum(packed);
	const UserKey id = user_key(&site->key_type, &fetched);
	const bool	added = user_number(site, &id, number);

	*key = id.key;
	pfree(packed);
	return added;
}

/*
 * Look up at most ROWS_AT_ONCE ids, asking for the memory of all before the first
 * is looked at.  FALSE if one can have no number.
 */
static bool
user_names_look_up(UserSite *site, const Datum *users, const uint16 *rows, int n, uint64 *keys,
				   uint64 *numbers)
{
	const UserKeyType *type = &site->key_type;
	UserKey		ids[ROWS_AT_ONCE];
	uint64		firsts[ROWS_AT_ONCE];
	uint64		lasts[ROWS_AT_ONCE];
	bool		all = true;
	int			i;

	if (type->kind != USER_KEY_BYTES)
	{
		for (i = 0; i < n && all; i++)
		{
			const UserKey key = user_key(&site->key_type, &users[rows == NULL ? i : rows[i]]);

			keys[i] = numbers[i] = key.key;
			all = key.length == 0;
		}
		return all;
	}
	for (i = 0; i < n; i++)
	{
		const Datum user = users[rows == NULL ? i : rows[i]];

		if (unlikely(!user_bytes_in_place(type, user, &ids[i])))
		{
			ids[i].bytes = NULL;
			all &= user_names_add_stored(site, user, &keys[i], &numbers[i]);
			continue;
		}
		slice_ends(ids[i].bytes, ids[i].length, &firsts[i], &lasts[i]);
		ids[i].key = keys[i] = user_bytes_hash(ids[i].bytes, ids[i].length);
		__builtin_prefetch(&site->names->slots[user_names_slot(site->names, keys[i])]);
	}
	for (i = 0; i < n && all; i++)
		if (likely(ids[i].bytes != NULL))
		{
			numbers[i] = user_names_add(site, &ids[i], firsts[i], lasts[i]);
			all = numbers[i] != 0;
		}
	return all;
}

/*
 * The numbers of the users of n rows, those in `rows`, for records without ids.
 * FALSE if one can have none.
 */
bool
user_names_number_rows(UserSite *site, const Datum *users, const uint16 *rows, int n,
					   uint64 *numbers)
{
	uint64		keys[ROWS_AT_ONCE];
	int			i;

	for (i = 0; i < n; i += ROWS_AT_ONCE)
		if (!user_names_look_up(site, users, rows + i, Min(n - i, ROWS_AT_ONCE), keys,
								numbers + i))
			return false;
	return true;
}

/*
 * The keys of n users, spread out, which are added.  FALSE if there is no room, or
 * if the keys of two users are the same.
 */
bool
user_names_hash_rows(UserSite *site, const Datum *users, int n, uint64 *hashes)
{
	uint64		keys[ROWS_AT_ONCE];
	uint64		numbers[ROWS_AT_ONCE];
	int			i;
	int			k;

	for (i = 0; i < n; i += ROWS_AT_ONCE)
	{
		const int	rows = Min(n - i, ROWS_AT_ONCE);

		if (!user_names_look_up(site, users + i, NULL, rows, keys, numbers))
			return false;
		for (k = 0; k < rows; k++)
			hashes[i + k] = spread(keys[k]);
	}
	return !site->names->same_hash;
}
