/*-------------------------------------------------------------------------
 *
 * numset_type.c
 *		The type numset: a number for each of many users.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "numset/numset.h"
#include "userset/userset.h"
#include "utils/builtins.h"

JOURNEY_FUNCTION(journey_numset_in);
JOURNEY_FUNCTION(journey_numset_out);
JOURNEY_FUNCTION(journey_numset_recv);

#define NUMSET_HINT "Write users and their values, for example '{1:5,2:-7}'."

/* The value of a numset that has been finished, with VARHDRSZ bytes before it. */
struct varlena *
numset_writer_value(NumsetWriter *writer)
{
	if (writer->size > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a numset of %zu bytes is too large", writer->size - VARHDRSZ),
				 errdetail("A value holds at most %zu bytes.", MaxAllocSize - VARHDRSZ),
				 errhint("Split the users, for example by a range of ids.")));
	if (writer->capacity / 2 > writer->size)
		writer->memory = repalloc_huge(writer->memory, writer->size);
	SET_VARSIZE(writer->memory, writer->size);
	return (struct varlena *) writer->memory;
}

/*
 * numset_in(cstring): '{1:5,2:-7}', in any order.
 */
Datum
journey_numset_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	const char *at = userset_skip_space(text);
	bool		too_large = false;
	NumsetGather gather;
	NumsetWriter writer;
	int64		user;
	int64		value;
	uint64		i;

	numset_gather_init(&gather);
	/* no user comes twice: nothing to sum up */
	gather.tidy_at = PG_UINT64_MAX;
	if (*at++ != '{')
		goto invalid;
	at = userset_skip_space(at);
	if (*at == '}')
		at++;
	else
		for (;;)
		{
			if (!userset_read_bigint(&at, &user, &too_large))
				goto invalid;
			at = userset_skip_space(at);
			if (*at++ != ':')
				goto invalid;
			at = userset_skip_space(at);
			if (!userset_read_bigint(&at, &value, &too_large))
				goto invalid;
			numset_gather_add(&gather, (uint64) user, value);
			if (gather.n % KERNEL_CHECK_EVERY == 0)
				CHECK_FOR_INTERRUPTS();
			at = userset_skip_space(at);
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
	numset_gather_sort(&gather);
	for (i = 1; i < gather.n; i++)
		if (gather.entries[i].user == gather.entries[i - 1].user)
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("user " INT64_FORMAT " comes twice in a numset", (int64) gather.entries[i].user),
					 errhint("Write one value for each user; numset_agg(user_id, value) sums up.")));
	(void) numset_gather_write(&gather, &writer, VARHDRSZ, &user);
	PG_RETURN_POINTER(numset_writer_value(&writer));

invalid:
	if (too_large)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("a number in a numset is out of the range of bigint: \"%s\"", arg_excerpt(text)),
				 errhint("Users and values are from " INT64_FORMAT " to " INT64_FORMAT ".", PG_INT64_MIN, PG_INT64_MAX)));
	ereturn(fcinfo->context, (Datum) 0,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%s\"", "numset", arg_excerpt(text)),
			 errhint(NUMSET_HINT)));
}

/*
 * numset_out(numset): users in order, each with its value.
 */
Datum
journey_numset_out(PG_FUNCTION_ARGS)
{
	NumsetReader *reader = palloc(sizeof(NumsetReader));
	const NumsetEntry *entry;
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoChar(&text, '{');
	numset_reader_begin_signed(reader, PG_GETARG_NUMSET(0), NULL);
	while ((entry = numset_reader_next_signed(reader)) != NULL)
	{
		if (text.len > 1)
			appendStringInfoChar(&text, ',');
		enlargeStringInfo(&text, 2 * MAXINT8LEN + 2);
		text.len += pg_lltoa((int64) entry->user, text.data + text.len);
		text.data[text.len++] = ':';
		text.len += pg_lltoa(entry->value, text.data + text.len);
	}
	appendStringInfoChar(&text, '}');
	pfree(reader);
	PG_RETURN_CSTRING(text.data);
}

/*
 * numset_recv(internal): the bytes as they are stored, every one of which is
 * checked.
 */
Datum
journey_numset_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	size_t		size = (size_t) (message->len - message->cursor);
	const uint8 *bytes = (const uint8 *) pq_getmsgbytes(message, (int) size);
	const char *wrong = numset_validate(bytes, size);
	struct varlena *value;

	if (wrong != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary value for type %s", "numset"),
				 errdetail("The first fault found: %s.", wrong),
				 errhint("The bytes must be what numset_send() gave.")));
	value = palloc(VARHDRSZ + size);
	SET_VARSIZE(value, VARHDRSZ + size);
	memcpy(VARDATA(value), bytes, size);
	PG_RETURN_POINTER(value);
}

/* Equal numsets are equal bytes: those of bytea serve. */
JOURNEY_FUNCTION_AS(journey_numset_send, byteasend(fcinfo))
JOURNEY_FUNCTION_AS(journey_numset_eq, byteaeq(fcinfo))
JOURNEY_FUNCTION_AS(journey_numset_ne, byteane(fcinfo))
JOURNEY_FUNCTION_AS(journey_numset_hash, hashvarlena(fcinfo))
JOURNEY_FUNCTION_AS(journey_numset_hash_extended, hashvarlenaextended(fcinfo))
