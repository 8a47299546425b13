/*-------------------------------------------------------------------------
 *
 * userset.c
 *		The type userset: a set of users, by their 64-bit ids.
 *
 * How a value is stored is in userset/userset_value.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "common/int.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "userset/userset_value.h"
#include "utils/array.h"
#include "utils/builtins.h"

JOURNEY_FUNCTION(journey_userset_in);
JOURNEY_FUNCTION(journey_userset_out);
JOURNEY_FUNCTION(journey_userset_recv);
JOURNEY_FUNCTION(journey_userset_send);
JOURNEY_FUNCTION(journey_userset_from_array);
JOURNEY_FUNCTION(journey_userset_to_array);
JOURNEY_FUNCTION(journey_roaring_to_userset);
JOURNEY_FUNCTION(journey_userset_hash);
JOURNEY_FUNCTION(journey_userset_hash_extended);

#define USERSET_HINT "Write ids and ranges of ids, for example '{1,5-9}' or '{-3--1,7}'."

/* The most bytes of a set that a value holds: its header and the number of members come along. */
#define SET_BYTES_MAX (MaxAllocSize - VARHDRSZ - sizeof(uint64))

const char *
userset_skip_space(const char *at)
{
	while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
		at++;
	return at;
}

/* Read a bigint and move past it; false if there is none or it is out of range. */
bool
userset_read_bigint(const char **at, int64 *number, bool *too_large)
{
	const char *digit = *at;
	bool		negative = *digit == '-';
	int64		value = 0;

	*too_large = false;
	digit += negative || *digit == '+';
	if (*digit < '0' || *digit > '9')
		return false;
	/* below zero, where there is room for the smallest */
	for (; *digit >= '0' && *digit <= '9'; digit++)
		if (pg_mul_s64_overflow(value, 10, &value) ||
			pg_sub_s64_overflow(value, *digit - '0', &value))
			*too_large = true;
	if (!negative && !*too_large)
	{
		if (value == PG_INT64_MIN)
			*too_large = true;
		else
			value = -value;
	}
	*at = digit;
	*number = value;
	return !*too_large;
}

static int
userset_compare_ranges(const void *a, const void *b)
{
	const RoaringRange *x = a;
	const RoaringRange *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Sort ranges and join those that touch; returns how many are left. */
static size_t
userset_join_ranges(RoaringRange *ranges, size_t n)
{
	size_t		joined = 0;
	size_t		i;
	bool		sorted = true;

	for (i = 1; i < n && sorted; i++)
		sorted = ranges[i].first >= ranges[i - 1].first;
	if (!sorted)
		qsort(ranges, n, sizeof(RoaringRange), userset_compare_ranges);
	for (i = 0; i < n; i++)
		if (joined > 0 && (ranges[joined - 1].last == PG_UINT64_MAX ||
						   ranges[i].first <= ranges[joined - 1].last + 1))
			ranges[joined - 1].last = Max(ranges[joined - 1].last, ranges[i].last);
		else
			ranges[joined++] = ranges[i];
	return joined;
}

/*
 * userset_in(cstring): '{1,5-9}', in any order, with duplicates.
 */
Datum
journey_userset_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	const char *at = userset_skip_space(text);
	RoaringRange *ranges = NULL;
	size_t		n = 0;
	size_t		capacity = 0;
	bool		too_large = false;
	uint64		least_size;
	RoaringWriter writer;

	if (*at++ != '{')
		goto invalid;
	at = userset_skip_space(at);
	if (*at == '}')
		at++;
	else
		for (;;)
		{
			int64		first;
			int64		last;

			if (!userset_read_bigint(&at, &first, &too_large))
				goto invalid;
			last = first;
			at = userset_skip_space(at);
			if (*at == '-')
			{
				at = userset_skip_space(at + 1);
				if (!userset_read_bigint(&at, &last, &too_large))
					goto invalid;
				at = userset_skip_space(at);
				if (last < first)
					ereturn(fcinfo->context, (Datum) 0,
							(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
							 errmsg("a range of a userset ends before it begins: " INT64_FORMAT "-" INT64_FORMAT,
									first, last),
							 errhint("Write the smaller id first.")));
			}
			if (n + 2 > capacity)
			{
				capacity = capacity == 0 ? 16 : capacity * 2;
				ranges = ranges == NULL ? palloc(capacity * sizeof(RoaringRange)) :
					repalloc_huge(ranges, capacity * sizeof(RoaringRange));
			}
			/* a range over the sign is two, as unsigned numbers */
			if (first < 0 && last >= 0)
			{
				ranges[n].first = (uint64) first;
				ranges[n++].last = PG_UINT64_MAX;
				first = 0;
			}
			ranges[n].first = (uint64) first;
			ranges[n++].last = (uint64) last;
			if (n % KERNEL_CHECK_EVERY == 0)
				CHECK_FOR_INTERRUPTS();
			if (*at == '}')
			{
				at++;
				break;
			}
			if (*at++ != ',')
				goto invalid;
			at = userset_skip_space(at);
		}
	if (*userset_skip_space(at) != '\0')
		goto invalid;

	n = userset_join_ranges(ranges, n);

	/*
	 * a few bytes of text may say more than a value holds: before the work
	 * and not after it
	 */
	least_size = roaring_ranges_least_size(ranges, n);
	if (least_size > SET_BYTES_MAX)
		goto too_long;
	userset_writer_init(&writer, least_size + n * sizeof(uint32));
	if (n > 0)
	{
		roaring_write_ranges(&writer, ranges, n);
		pfree(ranges);
	}
	if (writer.size > SET_BYTES_MAX)
		goto too_long;
	PG_RETURN_POINTER(userset_writer_value(&writer));

too_long:
	ereturn(fcinfo->context, (Datum) 0,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("a userset of such long ranges is too large: \"%s\"", arg_excerpt(text)),
			 errdetail("A value holds at most %zu bytes.", SET_BYTES_MAX),
			 errhint("All ranges together may span about 4,900,000,000,000 ids.")));

invalid:
	if (too_large)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("an id of a userset is out of the range of bigint: \"%s\"", arg_excerpt(text)),
				 errhint("Ids are from " INT64_FORMAT " to " INT64_FORMAT ".", PG_INT64_MIN, PG_INT64_MAX)));
	ereturn(fcinfo->context, (Datum) 0,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%s\"", "userset", arg_excerpt(text)),
			 errhint(USERSET_HINT)));
}

/* Append an id; quicker than with a format. */
static void
userset_append_id(StringInfo text, int64 id)
{
	enlargeStringInfo(text, MAXINT8LEN + 1);
	text->len += pg_lltoa(id, text->data + text->len);
}

/*
 * userset_out(userset): ids in order, three or more that follow one another as
 * a range.
 */
Datum
journey_userset_out(PG_FUNCTION_ARGS)
{
	RoaringIterator iterator;
	StringInfoData text;
	int64		first;
	int64		last;
	uint64		n = 0;
	bool		more;

	initStringInfo(&text);
	appendStringInfoChar(&text, '{');
	roaring_iterate(&iterator, PG_GETARG_USERSET(0));
	more = roaring_iterator_next_range(&iterator, &first, &last);
	while (more)
	{
		int64		next_first;
		int64		next_last;

		/* ranges end with their container: join those that go on */
		while ((more = roaring_iterator_next_range(&iterator, &next_first, &next_last)) &&
			   last != PG_INT64_MAX && next_first == last + 1)
			last = next_last;
		if (text.len > 1)
			appendStringInfoChar(&text, ',');
		userset_append_id(&text, first);
		if (last != first)
		{
			appendStringInfoChar(&text, (uint64) last - (uint64) first == 1 ? ',' : '-');
			userset_append_id(&text, last);
		}
		first = next_first;
		last = next_last;
		if (++n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
	appendStringInfoChar(&text, '}');
	PG_RETURN_CSTRING(text.data);
}

/* The value of portable bytes, which are checked. */
static struct varlena *
userset_value_of_bytes(const uint8 *bytes, size_t size)
{
	bool		canonical;
	const char *wrong = roaring_validate(bytes, size, &canonical);
	RoaringWriter writer;

	if (wrong != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary value for type %s", "userset"),
				 errdetail("The first fault found: %s.", wrong),
				 errhint("The bytes must be a set in the Roaring 64-bit portable format.")));
	if (canonical)
		return userset_of_roaring(roaring_of_bytes(bytes, size));
	userset_writer_init(&writer, size);
	roaring_canonical(&writer, roaring_of_bytes(bytes, size));
	return userset_writer_value(&writer);
}

/*
 * userset_recv(internal): the Roaring 64-bit portable format; every byte is
 * checked.
 */
Datum
journey_userset_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	size_t		size = (size_t) (message->len - message->cursor);
	const uint8 *bytes = (const uint8 *) pq_getmsgbytes(message, (int) size);

	PG_RETURN_POINTER(userset_value_of_bytes(bytes, size));
}

/*
 * userset_send(userset)
 */
Datum
journey_userset_send(PG_FUNCTION_ARGS)
{
	Roaring		set = PG_GETARG_USERSET(0);
	bytea	   *bytes = palloc(VARHDRSZ + set.size);

	SET_VARSIZE(bytes, VARHDRSZ + set.size);
	memcpy(VARDATA(bytes), set.bytes, set.size);
	PG_RETURN_BYTEA_P(bytes);
}

/*
 * roaring_to_userset(bytea): a set in the Roaring 64-bit portable format.
 */
Datum
journey_roaring_to_userset(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_POINTER(userset_value_of_bytes((const uint8 *) VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)));
}

/* userset_to_roaring(userset) */
JOURNEY_FUNCTION_AS(journey_userset_to_roaring, journey_userset_send(fcinfo))

/*
 * bigint[]::userset, integer[]::userset, smallint[]::userset
 */
Datum
journey_userset_from_array(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	RoaringWriter writer;
	uint64	   *members;
	int			i;

	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("an array with NULLs cannot be a userset"),
				 errhint("Leave them out: array_remove(ids, NULL)::userset.")));
	members = MemoryContextAllocHuge(CurrentMemoryContext, (size_t) n * sizeof(uint64));
	for (i = 0; i < n; i++)
		switch (ARR_ELEMTYPE(array))
		{
			case INT2OID:
				members[i] = (uint64) (int64) ((int16 *) ARR_DATA_PTR(array))[i];
				break;
			case INT4OID:
				members[i] = (uint64) (int64) ((int32 *) ARR_DATA_PTR(array))[i];
				break;
			default:
				members[i] = ((uint64 *) ARR_DATA_PTR(array))[i];
		}
	userset_writer_init(&writer, (size_t) n * 2);
	roaring_write_members(&writer, members, (size_t) n);
	pfree(members);
	PG_RETURN_POINTER(userset_writer_value(&writer));
}

/*
 * userset::bigint[]: in order.
 */
Datum
journey_userset_to_array(PG_FUNCTION_ARGS)
{
	Roaring		set = PG_GETARG_USERSET(0);
	uint64		n = roaring_cardinality(set);
	uint64		done = 0;
	RoaringIterator iterator;
	ArrayType  *array;
	size_t		size;

	if (n == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(INT8OID));
	if (n > (MaxAllocSize - ARR_OVERHEAD_NONULLS(1)) / sizeof(int64))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a userset of " UINT64_FORMAT " ids is too large for an array", n),
				 errhint("Use members(set), which gives rows.")));
	size = ARR_OVERHEAD_NONULLS(1) + n * sizeof(int64);
	array = palloc(size);
	SET_VARSIZE(array, size);
	array->ndim = 1;
	array->dataoffset = 0;
	array->elemtype = INT8OID;
	ARR_DIMS(array)[0] = (int) n;
	ARR_LBOUND(array)[0] = 1;
	roaring_iterate(&iterator, set);
	while (done < n)
	{
		done += roaring_iterator_next(&iterator, (int64 *) ARR_DATA_PTR(array) + done,
									  Min(n - done, KERNEL_CHECK_EVERY));
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_ARRAYTYPE_P(array);
}

/*
 * Equal sets are equal bytes, so those of bytea serve; what differs in size
 * need not even be detoasted.
 */
JOURNEY_FUNCTION_AS(journey_userset_eq, byteaeq(fcinfo))
JOURNEY_FUNCTION_AS(journey_userset_ne, byteane(fcinfo))

/* The order of values: by the number of members, then in byte order. */
static int
userset_compare(Datum a, Datum b)
{
	uint64		n = userset_cardinality(a);
	uint64		m = userset_cardinality(b);
	Roaring		x;
	Roaring		y;
	int			order;

	if (n != m)
		return n < m ? -1 : 1;
	x = userset_roaring(PG_DETOAST_DATUM_PACKED(a));
	y = userset_roaring(PG_DETOAST_DATUM_PACKED(b));
	order = memcmp(x.bytes, y.bytes, Min(x.size, y.size));
	if (order != 0)
		return order < 0 ? -1 : 1;
	return (x.size > y.size) - (x.size < y.size);
}

JOURNEY_FUNCTION_AS(journey_userset_lt, BoolGetDatum(userset_compare(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) < 0))
JOURNEY_FUNCTION_AS(journey_userset_le, BoolGetDatum(userset_compare(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) <= 0))
JOURNEY_FUNCTION_AS(journey_userset_gt, BoolGetDatum(userset_compare(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) > 0))
JOURNEY_FUNCTION_AS(journey_userset_ge, BoolGetDatum(userset_compare(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) >= 0))
JOURNEY_FUNCTION_AS(journey_userset_cmp, Int32GetDatum(userset_compare(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1))))

/*
 * Hash functions, so that sets can be grouped, deduplicated and hash-joined.
 */
Datum
journey_userset_hash(PG_FUNCTION_ARGS)
{
	Roaring		set = PG_GETARG_USERSET(0);

	return hash_any(set.bytes, (int) set.size);
}

Datum
journey_userset_hash_extended(PG_FUNCTION_ARGS)
{
	Roaring		set = PG_GETARG_USERSET(0);

	return hash_any_extended(set.bytes, (int) set.size, (uint64) PG_GETARG_INT64(1));
}
