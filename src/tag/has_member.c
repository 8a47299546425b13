/*-------------------------------------------------------------------------
 *
 * has_member.c
 *		Is one user in a stored set, without reading the set?
 *
 * A set of millions lies out of line, in chunks.  What is needed of it is the
 * directory of its containers, at the beginning, and a byte or a few of one
 * container.  See roaring.h for the format.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/toast_internals.h"
#include "common/args.h"
#include "common/userset_value.h"

JOURNEY_FUNCTION(journey_userset_has_member);

#define BITMAP_AT		12		/* the first bucket: after the number and its upper half */
#define FIRST_SLICE		1900	/* within the first chunk of a toasted value */
#define NO_RUNS_COOKIE	12346
#define RUNS_COOKIE		12347
#define OFFSETS_FROM	4		/* a bitmap with runs has offsets from so many containers on */

/* Bytes `from` to `from + n` of a value, or as many as there are. */
static const uint8 *
slice(Datum value, int32 from, int32 n, int32 *length)
{
	struct varlena *bytes = detoast_attr_slice((struct varlena *) DatumGetPointer(value), from, n);

	*length = VARSIZE_ANY_EXHDR(bytes);
	return (const uint8 *) VARDATA_ANY(bytes);
}

/* The whole set. */
static bool
contains_all(Datum value, uint64 member)
{
	return roaring_contains(userset_roaring(PG_DETOAST_DATUM_PACKED(value)), member);
}

/* Is a number among the sorted ones of an array, or in one of the sorted runs? */
static bool
in_numbers(const uint8 *data, int32 n, uint16 low, bool runs)
{
	int32		begin = 0;
	int32		end = n;		/* the first entry that begins after low */

	while (begin < end)
	{
		const int32 middle = begin + (end - begin) / 2;

		if (roaring_number(data, runs ? middle * 2 : middle) <= low)
			begin = middle + 1;
		else
			end = middle;
	}
	if (end == 0)
		return false;
	if (runs)
		return low - roaring_number(data, (end - 1) * 2) <= roaring_number(data, (end - 1) * 2 + 1);
	return roaring_number(data, end - 1) == low;
}

/*
 * has_member(userset, bigint)
 */
Datum
journey_userset_has_member(PG_FUNCTION_ARGS)
{
	const Datum value = PG_GETARG_DATUM(0);
	const uint64 member = (uint64) PG_GETARG_INT64(1);
	const uint16 key = (uint16) (member >> 16);
	const uint16 low = (uint16) member;
	const uint8 *head;
	const uint8 *keys;
	const uint8 *data;
	uint32		cookie;
	uint32		n;
	uint32		at;				/* of the keys, in the value */
	uint32		begin = 0;
	uint32		end;
	uint32		cardinality;
	uint32		offset;
	int32		length;
	bool		runs;

	if (!VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(value)) ||
		toast_raw_datum_size(value) < 4096)
		PG_RETURN_BOOL(contains_all(value, member));
	head = slice(value, 0, FIRST_SLICE, &length);
	/* other buckets come after the first, nobody knows where */
	if (length < BITMAP_AT + 8 || roaring_get32(head + 8) != (uint32) (member >> 32))
		PG_RETURN_BOOL(length >= BITMAP_AT && roaring_get64(head) == 1 ? false : contains_all(value, member));

	cookie = roaring_get32(head + BITMAP_AT);
	at = BITMAP_AT + 4;
	runs = (cookie & 0xffff) == RUNS_COOKIE;
	if (runs)
	{
		n = (cookie >> 16) + 1;
		at += (n + 7) / 8;
	}
	else if (cookie == NO_RUNS_COOKIE)
	{
		n = roaring_get32(head + at);
		at += 4;
	}
	else
		PG_RETURN_BOOL(contains_all(value, member));
	if (runs && n < OFFSETS_FROM)
		PG_RETURN_BOOL(contains_all(value, member));
	if (at + n * 8 > (uint32) length)
		head = slice(value, 0, at + n * 8, &length);
	if (n > 65536 || at + n * 8 > (uint32) length)
		PG_RETURN_BOOL(contains_all(value, member));

	keys = head + at;
	for (end = n; begin < end;)
	{
		const uint32 middle = begin + (end - begin) / 2;

		if (roaring_get16(keys + middle * 4) < key)
			begin = middle + 1;
		else
			end = middle;
	}
	if (begin == n || roaring_get16(keys + begin * 4) != key)
		PG_RETURN_BOOL(false);
	cardinality = (uint32) roaring_get16(keys + begin * 4 + 2) + 1;
	offset = BITMAP_AT + roaring_get32(keys + n * 4 + begin * 4);

	if (runs && (head[BITMAP_AT + 4 + begin / 8] & (1 << begin % 8)) != 0)
	{
		uint32		nruns;

		data = slice(value, offset, 2 + 2047 * 4, &length);
		nruns = length < 2 ? 0 : roaring_get16(data);
		if (2 + nruns * 4 > (uint32) length)
			PG_RETURN_BOOL(contains_all(value, member));
		PG_RETURN_BOOL(in_numbers(data + 2, nruns, low, true));
	}
	if (cardinality <= ROARING_ARRAY_MAX)
	{
		data = slice(value, offset, cardinality * 2, &length);
		PG_RETURN_BOOL(in_numbers(data, length / 2, low, false));
	}
	data = slice(value, offset + low / 8, 1, &length);
	PG_RETURN_BOOL(length == 1 && (data[0] & (1 << low % 8)) != 0);
}
