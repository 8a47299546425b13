/*-------------------------------------------------------------------------
 *
 * numbers_by_user.c
 *		A copy of the values of a tag, by user, for the lookup of a single
 *		user.
 *
 * A numset stores the bits of a number far apart.  This suits comparisons of
 * millions of users but not the lookup of one user, which reads a hundred
 * kilobytes.  A tag of texts has a set for each value, and a lookup searches
 * the sets one after the other.  So the newest version of a tag may also be
 * stored as rows, each with some hundred consecutive users.  Their numbers
 * are those of the numset, or the number of the set that the user is in:
 *
 *		0	bits of an id, as the distance from the first user of the row
 *		1	bits of a number, as the distance from the smallest of the row
 *		2	number of users, 2 bytes
 *		4	the smallest number, 8 bytes
 *		12	the ids, ascending, without gaps between them; 0 bits: they are successive
 *		…	from the next byte on the numbers, in the same order
 *
 * All is little-endian.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "funcapi.h"
#include "lib/binaryheap.h"
#include "miscadmin.h"
#include "numset/numset.h"
#include "userset/userset.h"
#include "utils/array.h"
#include "utils/builtins.h"

JOURNEY_FUNCTION(journey_numbers_by_user);
JOURNEY_FUNCTION(journey_members_by_user);
JOURNEY_FUNCTION(journey_number_in_row);
JOURNEY_FUNCTION(journey_is_number_row);

#define HEAD_SIZE		12
#define ROW_USERS		512
#define ROW_BYTES		1800	/* more would not lie in the table itself */

/* Rows being written. */
typedef struct RowWriter
{
	ReturnSetInfo *result;
	size_t		n;				/* entries that wait for their row */
	NumsetEntry entries[ROW_USERS];
} RowWriter;

/* Where the walk over one of several sets is. */
typedef struct SetWalk
{
	RoaringIterator iterator;
	int			set;
	size_t		n;				/* members fetched */
	size_t		i;
	int64		members[64];
} SetWalk;

/* How many bits a number takes. */
static int
bits_of(uint64 number)
{
	return number == 0 ? 0 : 64 - __builtin_clzll(number);
}

/* Whole bytes for n numbers. */
static size_t
packed_size(size_t n, int bits)
{
	return (n * bits + 7) / 8;
}

/* The i-th of numbers side by side. */
static uint64
unpack(const uint8 *bytes, size_t i, int bits)
{
	size_t		at = i * bits;
	uint64		number = 0;
	int			have = 0;

	while (have < bits)
	{
		const int	skip = at % 8;
		const int	take = Min(8 - skip, bits - have);

		number |= (uint64) ((bytes[at / 8] >> skip) & ((1 << take) - 1)) << have;
		have += take;
		at += take;
	}
	return number;
}

/* Put the i-th there; the bits are still 0. */
static void
pack(uint8 *bytes, size_t i, int bits, uint64 number)
{
	size_t		at = i * bits;

	while (bits > 0)
	{
		const int	skip = at % 8;
		const int	take = Min(8 - skip, bits);

		bytes[at / 8] |= (uint8) ((number & ((1 << take) - 1)) << skip);
		number >>= take;
		bits -= take;
		at += take;
	}
}

/* Entries as a row, or NULL if it would be too large. */
static bytea *
make_row(const NumsetEntry *entries, size_t n)
{
	const uint64 first = entries[0].user;
	const uint64 distance = entries[n - 1].user - first;
	const int	id_bits = distance == n - 1 ? 0 : bits_of(distance);
	int64		least = entries[0].value;
	int64		most = entries[0].value;
	int			bits;
	size_t		size;
	bytea	   *row;
	uint8	   *bytes;
	size_t		i;

	for (i = 1; i < n; i++)
	{
		least = Min(least, entries[i].value);
		most = Max(most, entries[i].value);
	}
	bits = bits_of((uint64) most - (uint64) least);
	size = HEAD_SIZE + packed_size(n, id_bits) + packed_size(n, bits);
	if (size > ROW_BYTES && n > 1)
		return NULL;
	row = palloc0(VARHDRSZ + size);
	SET_VARSIZE(row, VARHDRSZ + size);
	bytes = (uint8 *) VARDATA(row);
	bytes[0] = (uint8) id_bits;
	bytes[1] = (uint8) bits;
	bytes[2] = (uint8) n;
	bytes[3] = (uint8) (n >> 8);
	for (i = 0; i < 8; i++)
		bytes[4 + i] = (uint8) ((uint64) least >> 8 * i);
	bytes += HEAD_SIZE;
	for (i = 0; id_bits > 0 && i < n; i++)
		pack(bytes, i, id_bits, entries[i].user - first);
	bytes += packed_size(n, id_bits);
	for (i = 0; i < n; i++)
		pack(bytes, i, bits, (uint64) entries[i].value - (uint64) least);
	return row;
}

/* Write a row of the first entries. */
static void
write_row(RowWriter *rows)
{
	size_t		taken = rows->n;
	bytea	   *row;
	Datum		values[2];
	bool		nulls[2] = {false};

	CHECK_FOR_INTERRUPTS();
	while ((row = make_row(rows->entries, taken)) == NULL)
		taken /= 2;
	values[0] = Int64GetDatum((int64) rows->entries[0].user);
	values[1] = PointerGetDatum(row);
	tuplestore_putvalues(rows->result->setResult, rows->result->setDesc, values, nulls);
	pfree(row);
	rows->n -= taken;
	memmove(rows->entries, rows->entries + taken, rows->n * sizeof(NumsetEntry));
}

/* Add a user, greater than those before. */
static inline void
add_entry(RowWriter *rows, uint64 user, int64 value)
{
	if (rows->n == ROW_USERS)
		write_row(rows);
	rows->entries[rows->n].user = user;
	rows->entries[rows->n++].value = value;
}

/*
 * numbers_by_user(numset): rows of first_user bigint, numbers bytea
 */
Datum
journey_numbers_by_user(PG_FUNCTION_ARGS)
{
	RowWriter  *rows = palloc(sizeof(RowWriter));
	NumsetReader *reader = palloc(sizeof(NumsetReader));
	const NumsetEntry *entry;

	InitMaterializedSRF(fcinfo, 0);
	rows->result = (ReturnSetInfo *) fcinfo->resultinfo;
	rows->n = 0;
	numset_reader_begin_signed(reader, PG_GETARG_NUMSET(0), NULL);
	while ((entry = numset_reader_next_signed(reader)) != NULL)
		add_entry(rows, entry->user, entry->value);
	while (rows->n > 0)
		write_row(rows);
	return (Datum) 0;
}

/* Go on to the next member of a set; FALSE if there is none. */
static bool
walk_on(SetWalk *walk)
{
	if (++walk->i < walk->n)
		return true;
	walk->i = 0;
	walk->n = roaring_iterator_next(&walk->iterator, walk->members, lengthof(walk->members));
	return walk->n > 0;
}

/* For a heap: the least member comes first, and of equal ones that of the first set. */
static int
compare_walks(Datum a, Datum b, void *arg)
{
	const SetWalk *x = (const SetWalk *) DatumGetPointer(a);
	const SetWalk *y = (const SetWalk *) DatumGetPointer(b);

	if (x->members[x->i] != y->members[y->i])
		return x->members[x->i] < y->members[y->i] ? 1 : -1;
	return y->set - x->set;
}

/*
 * members_by_user(userset[]): rows of first_user bigint, numbers bytea, where the
 * number of a user is that of the set it is in, from 0
 */
Datum
journey_members_by_user(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	RowWriter  *rows = palloc(sizeof(RowWriter));
	binaryheap *heap;
	Datum	   *sets;
	bool	   *nulls;
	int64		before = 0;
	bool		any = false;
	int			n;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	rows->result = (ReturnSetInfo *) fcinfo->resultinfo;
	rows->n = 0;
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_INT, &sets, &nulls, &n);
	heap = binaryheap_allocate(Max(n, 1), compare_walks, NULL);
	for (i = 0; i < n; i++)
	{
		SetWalk    *walk;

		CHECK_FOR_INTERRUPTS();
		if (nulls[i])
			continue;
		walk = palloc(sizeof(SetWalk));
		roaring_iterate(&walk->iterator, userset_roaring((struct varlena *) PG_DETOAST_DATUM_PACKED(sets[i])));
		walk->set = i;
		walk->n = walk->i = 0;
		if (walk_on(walk))
			binaryheap_add_unordered(heap, PointerGetDatum(walk));
	}
	binaryheap_build(heap);
	while (!binaryheap_empty(heap))
	{
		SetWalk    *walk = (SetWalk *) DatumGetPointer(binaryheap_first(heap));
		const int64 user = walk->members[walk->i];

		if (!any || user != before)
			add_entry(rows, (uint64) user, walk->set);
		before = user;
		any = true;
		if (walk_on(walk))
			binaryheap_replace_first(heap, PointerGetDatum(walk));
		else
			binaryheap_remove_first(heap);
	}
	while (rows->n > 0)
		write_row(rows);
	return (Datum) 0;
}

/* How many users a row has; 0 if it is none: owners may write what they like. */
static size_t
row_users(const uint8 *bytes, size_t size)
{
	size_t		n;

	if (size < HEAD_SIZE || bytes[0] > 64 || bytes[1] > 64)
		return 0;
	n = bytes[2] | (size_t) bytes[3] << 8;
	return size == HEAD_SIZE + packed_size(n, bytes[0]) + packed_size(n, bytes[1]) ? n : 0;
}

/*
 * is_number_row(numbers bytea)
 */
Datum
journey_is_number_row(PG_FUNCTION_ARGS)
{
	bytea	   *row = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_BOOL(row_users((const uint8 *) VARDATA_ANY(row), VARSIZE_ANY_EXHDR(row)) > 0);
}

/*
 * number_in_row(numbers bytea, first_user bigint, user_id bigint)
 */
Datum
journey_number_in_row(PG_FUNCTION_ARGS)
{
	bytea	   *row = PG_GETARG_BYTEA_PP(0);
	const uint8 *bytes = (const uint8 *) VARDATA_ANY(row);
	const size_t size = VARSIZE_ANY_EXHDR(row);
	const uint64 distance = (uint64) PG_GETARG_INT64(2) - (uint64) PG_GETARG_INT64(1);
	uint64		least = 0;
	size_t		n;
	size_t		begin = 0;
	size_t		end;
	int			i;

	n = row_users(bytes, size);
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("numbers is not a row of numbers_by_user")));
	if (PG_GETARG_INT64(2) < PG_GETARG_INT64(1))
		PG_RETURN_NULL();
	if (bytes[0] == 0)
	{
		if (distance >= n)
			PG_RETURN_NULL();
		begin = (size_t) distance;
	}
	else
	{
		for (end = n; begin < end;)
		{
			const size_t middle = begin + (end - begin) / 2;

			if (unpack(bytes + HEAD_SIZE, middle, bytes[0]) < distance)
				begin = middle + 1;
			else
				end = middle;
		}
		if (begin == n || unpack(bytes + HEAD_SIZE, begin, bytes[0]) != distance)
			PG_RETURN_NULL();
	}
	for (i = 0; i < 8; i++)
		least |= (uint64) bytes[4 + i] << 8 * i;
	PG_RETURN_INT64((int64) (least + unpack(bytes + HEAD_SIZE + packed_size(n, bytes[0]), begin, bytes[1])));
}
