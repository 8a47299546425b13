/*-------------------------------------------------------------------------
 *
 * user_key.h
 *		User ids of any type: hashing and comparing them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_USER_KEY_H
#define JOURNEY_USER_KEY_H

#include "postgres.h"

#include "base/base.h"
#include "fmgr.h"

/*
 * How the ids of one type are hashed and compared.
 */
typedef enum UserKeyKind
{
	USER_KEY_INTEGER,			/* the value itself: integers, dates, times */
	USER_KEY_BYTES,				/* equal when their bytes are: text, uuid,
								 * bytea */
	USER_KEY_OPERATORS			/* by the type's own hash and equality */
} UserKeyKind;

typedef struct UserKeyType
{
	Oid			type;
	Oid			collation;
	UserKeyKind kind;
	int16		typlen;
	bool		typbyval;
	bool		numeric;		/* whole numbers have a key of their own */
	bool		seed;			/* does the hash function take a seed? */
	FmgrInfo	hash;			/* for USER_KEY_OPERATORS */
	FmgrInfo	equal;
} UserKeyType;

/*
 * A user: the id itself for USER_KEY_INTEGER, else a hash of it and its bytes.  A
 * numeric that is a whole number of 64 bits is that number, without bytes.
 */
typedef struct UserKey
{
	uint64		key;
	const char *bytes;			/* not aligned */
	uint32		length;
} UserKey;

/*
 * What the hash of an id's bytes begins with: the same in all processes.  Ids of
 * equal hash are told apart by their bytes.
 */
static const uint64 user_key_seeds[2] = {
	UINT64CONST(0x8C5D1F2B7A3E9461), UINT64CONST(0x2F9A6D71C4B3E58D)
};

/* The hash of an id that is equal to another when their bytes are. */
static inline uint64
user_bytes_hash(const char *bytes, uint32 length)
{
	const TextSlice id = {bytes, length};

	return slice_hash(user_key_seeds, id);
}

extern void user_key_type_init(UserKeyType *key_type, Oid type, Oid collation,
							   MemoryContext context);
extern Oid	user_key_collation(FunctionCallInfo fcinfo);
extern UserKey user_key_of_bytes(UserKeyType *key_type, const Datum *user);
extern bool user_keys_equal_by_type(UserKeyType *key_type, const UserKey *a, const UserKey *b);
extern void user_key_keep_least(UserKey *kept, const UserKey *same);
extern Datum user_key_datum(const UserKeyType *key_type, const UserKey *key);
extern uint64 user_slot_factor(void);

/* Are two ids of equal hash the same user? */
static inline bool
user_keys_equal(UserKeyType *key_type, const UserKey *a, const UserKey *b)
{
	if (a->length == b->length && short_bytes_equal(a->bytes, b->bytes, a->length))
		return true;
	return key_type->kind != USER_KEY_BYTES && user_keys_equal_by_type(key_type, a, b);
}

/* An integer id as 64 bits. */
static inline uint64
integer_key(const UserKeyType *key_type, Datum user)
{
	switch (key_type->typlen)
	{
		case 2:
			return (uint64) (int64) DatumGetInt16(user);
		case 4:
			return (uint64) (int64) DatumGetInt32(user);
		default:
			return (uint64) DatumGetInt64(user);
	}
}

/*
 * The key of an id.  Its bytes may lie in `user` itself, so they last no longer
 * than that.
 */
static inline UserKey
user_key(UserKeyType *key_type, const Datum *user)
{
	UserKey		key = {0, NULL, 0};

	if (unlikely(key_type->kind != USER_KEY_INTEGER))
		return user_key_of_bytes(key_type, user);
	key.key = integer_key(key_type, *user);
	return key;
}

#endif							/* JOURNEY_USER_KEY_H */
