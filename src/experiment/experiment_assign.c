/*-------------------------------------------------------------------------
 *
 * experiment_assign.c
 *		assign_variant: which variant a user gets.
 *
 * The first 52 bits of SHA-256 of the salt, a colon, and the id as text, all in
 * UTF-8, are a number from 0 to below 1.  The variants, by the bytes of their
 * names, share this range by their weights.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/sha2.h"
#include "common/cryptohash.h"
#include "experiment/experiment_weights.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"

JOURNEY_FUNCTION(journey_assign_variant);

static int
weight_order(const void *a, const void *b)
{
	return slice_order(((const ExperimentWeight *) a)->name, ((const ExperimentWeight *) b)->name);
}

static void
weights_refuse(const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("weights %s", problem),
			 errhint("Write an object of JSON such as '{\"control\": 50, \"new\": 50}'.")));
}

/* The variants of weights, by the bytes of their names; `share` adds up to 1. */
ExperimentWeight *
experiment_weights(Jsonb *weights, int *n)
{
	JsonbIterator *iterator = JsonbIteratorInit(&weights->root);
	ExperimentWeight *list;
	JsonbIteratorToken token;
	JsonbValue	value;
	double		sum = 0;
	int			i = 0;

	if (!JB_ROOT_IS_OBJECT(weights))
		weights_refuse("must be an object");
	*n = (int) JB_ROOT_COUNT(weights);
	list = palloc0((*n + 1) * sizeof(ExperimentWeight));
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			list[i].name.bytes = value.val.string.val;
			list[i].name.length = (uint32) value.val.string.len;
		}
		else if (token == WJB_VALUE)
		{
			if (value.type != jbvNumeric)
				weights_refuse("must be numbers");
			list[i].share = DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(value.val.numeric)));
			if (!(list[i].share >= 0))
				weights_refuse("must not be negative");
			sum += list[i++].share;
		}
	}
	if (!(sum > 0) || isinf(sum))
		weights_refuse("must add up to more than 0");
	qsort(list, *n, sizeof(ExperimentWeight), weight_order);
	for (i = 0; i < *n; i++)
		list[i].share /= sum;
	return list;
}

/* What a call site keeps. */
typedef struct AssignCall
{
	FmgrInfo	output;			/* of the type of ids */
	Jsonb	   *given;			/* the weights read last */
	ExperimentWeight *weights;
	int			n;
} AssignCall;

/* A text in UTF-8. */
static const char *
assign_utf8(const char *bytes, int length, int *utf8_length)
{
	char	   *utf8 = pg_server_to_any(bytes, length, PG_UTF8);

	*utf8_length = utf8 == bytes ? length : (int) strlen(utf8);
	return utf8;
}

/* Where a user stands from 0 to below 1. */
static double
assign_position(const char *id, const text * salt)
{
	uint8		hash[PG_SHA256_DIGEST_LENGTH];
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
	int			salt_length;
	int			id_length;
	const char *salt_bytes = assign_utf8(VARDATA_ANY(salt), VARSIZE_ANY_EXHDR(salt), &salt_length);
	const char *id_bytes = assign_utf8(id, (int) strlen(id), &id_length);
	uint64		number = 0;
	int			i;

	if (context == NULL || pg_cryptohash_init(context) < 0 ||
		pg_cryptohash_update(context, (const uint8 *) salt_bytes, salt_length) < 0 ||
		pg_cryptohash_update(context, (const uint8 *) ":", 1) < 0 ||
		pg_cryptohash_update(context, (const uint8 *) id_bytes, id_length) < 0 ||
		pg_cryptohash_final(context, hash, sizeof(hash)) < 0)
		elog(ERROR, "could not hash an id");
	pg_cryptohash_free(context);
	for (i = 0; i < 8; i++)
		number = number << 8 | hash[i];
	return (double) (number >> 12) / (double) (UINT64CONST(1) << 52);
}

/*
 * assign_variant(user_id, salt, weights)
 */
Datum
journey_assign_variant(PG_FUNCTION_ARGS)
{
	AssignCall *call = fcinfo->flinfo->fn_extra;
	Jsonb	   *given = PG_GETARG_JSONB_P(2);
	double		position;
	double		sum = 0;
	int			last = 0;
	int			i;

	if (call == NULL)
	{
		Oid			output;
		bool		varlena;

		call = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(AssignCall));
		getTypeOutputInfo(get_fn_expr_argtype(fcinfo->flinfo, 0), &output, &varlena);
		fmgr_info_cxt(output, &call->output, fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = call;
	}
	if (call->given == NULL || VARSIZE(call->given) != VARSIZE(given) || memcmp(call->given, given, VARSIZE(given)) != 0)
	{
		MemoryContext before = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
		Jsonb	   *kept = palloc(VARSIZE(given));

		memcpy(kept, given, VARSIZE(given));
		call->weights = experiment_weights(kept, &call->n);
		call->given = kept;
		MemoryContextSwitchTo(before);
	}
	position = assign_position(OutputFunctionCall(&call->output, PG_GETARG_DATUM(0)), PG_GETARG_TEXT_PP(1));
	for (i = 0; i < call->n; i++)
	{
		if (call->weights[i].share == 0)
			continue;
		last = i;
		sum += call->weights[i].share;
		if (position < sum)
			break;
	}
	PG_RETURN_TEXT_P(cstring_to_text_with_len(call->weights[last].name.bytes, (int) call->weights[last].name.length));
}
