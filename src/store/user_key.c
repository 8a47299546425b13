/*-------------------------------------------------------------------------
 *
 * user_key.c
 *		User ids of any type: hashing and comparing them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "compat.h"
#include "nodes/nodeFuncs.h"
#include "store/user_key.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/typcache.h"

/*
 * How the ids of a type are hashed and compared; an error if they cannot be.
 */
void
user_key_type_init(UserKeyType *key_type, Oid type, Oid collation, MemoryContext context)
{
	Oid			base = getBaseType(type);
	TypeCacheEntry *entry;

	memset(key_type, 0, sizeof(UserKeyType));
	key_type->type = type;
	key_type->collation = collation;
	get_typlenbyval(type, &key_type->typlen, &key_type->typbyval);

	switch (base)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case OIDOID:
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			key_type->kind = USER_KEY_INTEGER;
			return;
		case UUIDOID:
		case BYTEAOID:
			key_type->kind = USER_KEY_BYTES;
			return;
		case NUMERICOID:
			key_type->numeric = true;
			break;
		case TEXTOID:
		case VARCHAROID:
			if (!OidIsValid(collation) || get_collation_isdeterministic(collation))
			{
				key_type->kind = USER_KEY_BYTES;
				return;
			}
			break;
	}

	entry = lookup_type_cache(type,
							  TYPECACHE_EQ_OPR | TYPECACHE_HASH_PROC | TYPECACHE_HASH_EXTENDED_PROC);
	if (!OidIsValid(entry->hash_proc) || !OidIsValid(entry->eq_opr))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("user_id must be of a type that can be hashed, not %s",
						format_type_be(type)),
				 errhint("Cast it, for example user_id::text.")));
	key_type->kind = USER_KEY_OPERATORS;
	key_type->seed = OidIsValid(entry->hash_extended_proc);
	fmgr_info_cxt(key_type->seed ? entry->hash_extended_proc : entry->hash_proc,
				  &key_type->hash, context);
	fmgr_info_cxt(get_opcode(entry->eq_opr), &key_type->equal, context);
}

/*
 * The collation by which the users of an aggregate are compared: that of its
 * first argument.  The collation of the call is derived from all its
 * arguments.
 */
Oid
user_key_collation(FunctionCallInfo fcinfo)
{
	Aggref	   *aggref = AggGetAggref(fcinfo);

	if (aggref == NULL || aggref->args == NIL)
		return PG_GET_COLLATION();
	return exprCollation((Node *) linitial_node(TargetEntry, aggref->args)->expr);
}

/* The 64-bit hash of a user id that is not an integer. */
static uint64
hash_user(UserKeyType *key_type, Datum user, const char *bytes, uint32 length)
{
	if (key_type->kind == USER_KEY_BYTES)
		return user_bytes_hash(bytes, length);
	if (key_type->seed)
		return DatumGetUInt64(FunctionCall2Coll(&key_type->hash, key_type->collation,
												user, Int64GetDatum(0)));
	return DatumGetUInt32(FunctionCall1Coll(&key_type->hash, key_type->collation, user));
}

/*
 * Is a numeric a whole number of 64 bits?  Then give it.  Equal numerics give the
 * same, whatever their scale; so this is all that is needed to tell them apart.
 *
 * After its header a numeric has 16 bits of sign, scale and weight, or 16 bits
 * each for sign and scale, and for the weight; then digits of base 10000, whose
 * first counts 10000 to the power of the weight.
 */
static bool
numeric_whole_number(const char *bytes, uint32 length, int64 *number)
{
	uint16		head;
	int16		digit;
	int16		weight;
	bool		negative;
	int64		value = 0;
	int			n;
	int			i;

	memcpy(&head, bytes, 2);
	switch (head & 0xC000)
	{
		case 0x8000:
			negative = (head & 0x2000) != 0;
			weight = (int16) ((head & 0x3F) - (head & 0x40));
			bytes += 2;
			n = ((int) length - 2) / 2;
			break;
		case 0xC000:
			return false;		/* NaN, infinite */
		default:
			negative = (head & 0x4000) != 0;
			memcpy(&weight, bytes + 2, 2);
			bytes += 4;
			n = ((int) length - 4) / 2;
	}
	for (i = 0; i < n; i++)
	{
		memcpy(&digit, bytes + 2 * i, 2);
		if (value == 0)
		{
			/* up to 921 * 10000 ^ 4 and what follows */
			if (digit != 0 && (weight - i > 4 || (weight - i == 4 && digit > 921)))
				return false;
		}
		if (i > weight && digit != 0)
			return false;		/* a fraction */
		if (i <= weight)
			value = value * 10000 + digit;
	}
	for (; value != 0 && i <= weight; i++)
		value *= 10000;
	*number = negative ? -value : value;
	return true;
}

/* The key of an id of another type than integer: see user_key(). */
UserKey
user_key_of_bytes(UserKeyType *key_type, const Datum *user)
{
	UserKey		key = {0, NULL, 0};
	Datum		value = *user;

	if (key_type->typbyval)
	{
		key.bytes = (const char *) user;
		key.length = sizeof(Datum);
	}
	else if (key_type->typlen != -1)
	{
		key.bytes = (const char *) DatumGetPointer(value);
		key.length = (uint32) datumGetSize(value, false, key_type->typlen);
	}
	else if (key_type->kind == USER_KEY_BYTES)
	{
		struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);

		key.bytes = VARDATA_ANY(packed);
		key.length = (uint32) VARSIZE_ANY_EXHDR(packed);
	}
	else
	{
		if (key_type->numeric)
		{
			struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);

			key.bytes = VARDATA_ANY(packed);
			if (numeric_whole_number(key.bytes, (uint32) VARSIZE_ANY_EXHDR(packed), (int64 *) &key.key))
				return key;
		}
		/* the type's functions want the header as well */
		value = PointerGetDatum(PG_DETOAST_DATUM(value));
		key.bytes = (const char *) DatumGetPointer(value);
		key.length = (uint32) VARSIZE(DatumGetPointer(value));
	}
	key.key = hash_user(key_type, value, key.bytes, key.length);
	return key;
}

/* The same of ids whose bytes differ, or that are whole numbers. */
bool
user_keys_equal_by_type(UserKeyType *key_type, const UserKey *a, const UserKey *b)
{
	Datum		x;
	Datum		y;

	if (a->length == 0 || b->length == 0)
		return false;			/* a whole number and one that is none */
	if (key_type->typbyval)
	{
		memcpy(&x, a->bytes, sizeof(Datum));
		memcpy(&y, b->bytes, sizeof(Datum));
		return DatumGetBool(FunctionCall2Coll(&key_type->equal, key_type->collation, x, y));
	}
	else
	{
		/* copies, for the alignment that the type's functions expect */
		char	   *left = palloc(a->length);
		char	   *right = palloc(b->length);
		bool		equal;

		memcpy(left, a->bytes, a->length);
		memcpy(right, b->bytes, b->length);
		equal = DatumGetBool(FunctionCall2Coll(&key_type->equal, key_type->collation,
											   PointerGetDatum(left), PointerGetDatum(right)));
		pfree(left);
		pfree(right);
		return equal;
	}
}

/*
 * If ids of one user differ in their bytes, such as 'Ann' and 'ann' in a
 * collation that ignores case, the shortest is kept, and among these the
 * first in byte order, so that the choice does not depend on the order of
 * rows.
 */
void
user_key_keep_least(UserKey *kept, const UserKey *same)
{
	if (same->length == 0)
		return;
	if (same->length < kept->length ||
		(same->length == kept->length && memcmp(same->bytes, kept->bytes, same->length) < 0))
		*kept = *same;
}

/* The id of which this is the key, in the current context. */
Datum
user_key_datum(const UserKeyType *key_type, const UserKey *key)
{
	Datum		value = 0;
	char	   *copy;

	if (key_type->kind == USER_KEY_INTEGER)
		switch (key_type->typlen)
		{
			case 2:
				return Int16GetDatum((int16) key->key);
			case 4:
				return Int32GetDatum((int32) key->key);
			default:
				return Int64GetDatum((int64) key->key);
		}
	if (key_type->numeric && key->length == 0)
		return NumericGetDatum(int64_to_numeric((int64) key->key));
	if (key_type->typbyval)
	{
		memcpy(&value, key->bytes, sizeof(Datum));
		return value;
	}
	/* a value whose header the key has not */
	if (key_type->kind == USER_KEY_BYTES && key_type->typlen == -1)
		return PointerGetDatum(cstring_to_text_with_len(key->bytes, (int) key->length));
	copy = palloc(key->length);
	memcpy(copy, key->bytes, key->length);
	return PointerGetDatum(copy);
}

/* This process's factor for hash_slot(). */
uint64
user_slot_factor(void)
{
	static uint64 factor = 0;

	if (factor == 0 && !pg_strong_random(&factor, sizeof(factor)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random numbers")));
	return factor |= 1;
}
