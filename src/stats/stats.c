/*-------------------------------------------------------------------------
 *
 * stats.c
 *		What the types of finished results have in common: storing, sending,
 *		rolling up, and the JSON of their text form.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "event/event.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "pgtime.h"
#include "stats/stats.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/numeric.h"

/* What a stored value holds, as bytes to read. */
static ByteReader
reader_of(struct varlena *packed)
{
	ByteReader	in = {(unsigned char *) VARDATA_ANY(packed),
	(unsigned char *) VARDATA_ANY(packed) + VARSIZE_ANY_EXHDR(packed), false};

	return in;
}

/* A stored value taken apart. */
void *
stats_unpack(const StatsType *type, MemoryContext context, struct varlena *packed)
{
	ByteReader	in = reader_of(packed);
	void	   *stats = type->read(context, &in);

	if (stats == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid value of type %s", type->name)));
	return stats;
}

/*
 * A value that was put together from text; reading it back checks it, and
 * `what` is at fault if it fails.
 */
struct varlena *
stats_pack_checked(const StatsType *type, void *stats, const char *what)
{
	struct varlena *packed = type->pack(stats);
	ByteReader	in = reader_of(packed);

	if (type->read(CurrentMemoryContext, &in) == NULL)
		stats_refuse_text(type, what);
	return packed;
}

/*
 * recv(internal): every byte is checked.
 */
Datum
stats_recv(const StatsType *type, FunctionCallInfo fcinfo)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	ByteReader	in = {(unsigned char *) message->data + message->cursor,
	(unsigned char *) message->data + message->len, false};
	void	   *stats = type->read(CurrentMemoryContext, &in);

	if (stats == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary value for type %s", type->name)));
	message->cursor = message->len;
	PG_RETURN_POINTER(type->pack(stats));
}

/*
 * send(value)
 */
Datum
stats_send(FunctionCallInfo fcinfo)
{
	struct varlena *packed = PG_GETARG_VARLENA_PP(0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbytes(&message, VARDATA_ANY(packed), (int) VARSIZE_ANY_EXHDR(packed));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/*
 * rollup(value): the users of all rows together, who must be different users
 * in each.
 */
Datum
stats_rollup_transition(const StatsType *type, FunctionCallInfo fcinfo)
{
	void	   *state = PG_ARGISNULL(0) ? NULL : PG_GETARG_POINTER(0);
	MemoryContext context = arg_aggregate_context(fcinfo);

	if (!PG_ARGISNULL(1))
	{
		struct varlena *packed = PG_GETARG_VARLENA_PP(1);

		if (state == NULL)
			state = stats_unpack(type, context, packed);
		else
			type->merge(state, stats_unpack(type, CurrentMemoryContext, packed));
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

Datum
stats_rollup_combine(const StatsType *type, FunctionCallInfo fcinfo)
{
	void	   *left = PG_ARGISNULL(0) ? NULL : PG_GETARG_POINTER(0);
	void	   *right = PG_ARGISNULL(1) ? NULL : PG_GETARG_POINTER(1);
	MemoryContext context = arg_aggregate_context(fcinfo);

	if (right != NULL)
	{
		if (left == NULL)		/* a copy, as `right` does not last */
			left = stats_unpack(type, context, type->pack(right));
		else
			type->merge(left, right);
	}
	if (left == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(left);
}

Datum
stats_rollup_serialize(const StatsType *type, FunctionCallInfo fcinfo)
{
	PG_RETURN_POINTER(type->pack(PG_GETARG_POINTER(0)));
}

Datum
stats_rollup_deserialize(const StatsType *type, FunctionCallInfo fcinfo)
{
	(void) arg_aggregate_context(fcinfo);
	PG_RETURN_POINTER(stats_unpack(type, CurrentMemoryContext, PG_GETARG_VARLENA_PP(0)));
}

Datum
stats_rollup_final(const StatsType *type, FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(type->pack(PG_GETARG_POINTER(0)));
}

/* Refuse a text form in which `what` is not as it should be. */
void
stats_refuse_text(const StatsType *type, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input for type %s: \"%s\" is missing or not as it should be",
					type->name, what),
			 errhint("Values of %s are made by %s.", type->name, type->makers)));
}

/* A member of an object, of the type wanted. */
JsonbValue
stats_member(const StatsType *type, JsonbContainer *object, const char *name, enum jbvType wanted)
{
	JsonbValue	value = {0};

	if (!JsonContainerIsObject(object) ||
		getKeyJsonValueFromContainer(object, name, (int) strlen(name), &value) == NULL ||
		value.type != wanted)
		stats_refuse_text(type, name);
	return value;
}

JsonbContainer *
stats_array_member(const StatsType *type, JsonbContainer *object, const char *name)
{
	JsonbContainer *array = stats_member(type, object, name, jbvBinary).val.binary.data;

	if (!JsonContainerIsArray(array))
		stats_refuse_text(type, name);
	return array;
}

/* An element of an array, which must be there. */
JsonbValue
stats_element(const StatsType *type, JsonbContainer *array, uint32 i, enum jbvType wanted, const char *name)
{
	JsonbValue *value = getIthJsonbValueFromContainer(array, i);

	if (value == NULL || value->type != wanted)
		stats_refuse_text(type, name);
	return *value;
}

/* A whole number. */
int64
stats_integer_of(const StatsType *type, const JsonbValue *value, const char *name)
{
	Datum		number = NumericGetDatum(value->val.numeric);
	Datum		integer = DirectFunctionCall1(numeric_int8, number);

	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, number,
										  DirectFunctionCall1(int8_numeric, integer))))
		stats_refuse_text(type, name);
	return DatumGetInt64(integer);
}

int64
stats_integer_member(const StatsType *type, JsonbContainer *object, const char *name)
{
	JsonbValue	value = stats_member(type, object, name, jbvNumeric);

	return stats_integer_of(type, &value, name);
}

/* The number of a text member among names. */
int
stats_name_member(const StatsType *type, JsonbContainer *object, const char *name, const char *const *names, int n)
{
	JsonbValue	value = stats_member(type, object, name, jbvString);
	int			i;

	for (i = 0; i < n; i++)
		if (strlen(names[i]) == (size_t) value.val.string.len &&
			memcmp(names[i], value.val.string.val, value.val.string.len) == 0)
			return i;
	stats_refuse_text(type, name);
	return 0;
}

/*
 * The time zone as length and bytes, and the end of observation: 0 if there is
 * none, else 1 and the time.
 */
uint64
stats_calendar_size(const char *zone, int64 until)
{
	return number_size(strlen(zone)) + strlen(zone) + 1 +
		(until == PG_INT64_MAX ? 0 : number_size(fold_sign(until)));
}

void
stats_write_calendar(const char *zone, int64 until, ByteWriter *out)
{
	write_number(out, strlen(zone));
	write_bytes(out, zone, strlen(zone));
	write_number(out, until != PG_INT64_MAX);
	if (until != PG_INT64_MAX)
		write_number(out, fold_sign(until));
}

/* Read them; false if the bytes are none. */
bool
stats_read_calendar(ByteReader *in, const char **zone, int64 *until)
{
	uint64		length = read_number(in);
	const char *bytes = (const char *) read_bytes(in, length);
	uint64		given = read_number(in);

	*until = given == 1 ? unfold_sign(read_number(in)) : PG_INT64_MAX;
	if (in->failed || length > TZ_STRLEN_MAX || memchr(bytes, '\0', length) != NULL ||
		!pg_verify_mbstr(GetDatabaseEncoding(), bytes, (int) length, true) ||
		given > 1 || (given == 1 && !event_time_is_valid(*until)))
		return false;
	*zone = pnstrdup(bytes, length);
	return true;
}

/* The time zone and the end of observation as members of a JSON object that has some already. */
void
stats_append_zone(StringInfo out, const char *zone)
{
	appendStringInfoString(out, ", \"time_zone\": ");
	escape_json(out, zone);
}

void
stats_append_until(StringInfo out, int64 until)
{
	if (until != PG_INT64_MAX)
		appendStringInfo(out, ", \"until\": " INT64_FORMAT, until);
}

const char *
stats_zone_member(const StatsType *type, JsonbContainer *object)
{
	JsonbValue	value = stats_member(type, object, "time_zone", jbvString);

	return pnstrdup(value.val.string.val, value.val.string.len);
}

int64
stats_until_member(const StatsType *type, JsonbContainer *object)
{
	JsonbValue	value = {0};
	int64		until;

	if (!JsonContainerIsObject(object) ||
		getKeyJsonValueFromContainer(object, "until", 5, &value) == NULL)
		return PG_INT64_MAX;
	until = stats_integer_member(type, object, "until");
	if (!event_time_is_valid(until))
		stats_refuse_text(type, "until");
	return until;
}

/* A 128-bit number in decimal. */
static void
append_sum(StringInfo out, uint64 high, uint64 low)
{
	uint64		parts[4] = {high >> 32, high & 0xffffffff, low >> 32, low & 0xffffffff};
	char		digits[40];
	int			n = sizeof(digits);
	bool		more = true;

	digits[--n] = '\0';
	while (more)
	{
		uint64		remainder = 0;
		int			i;

		more = false;
		for (i = 0; i < 4; i++)
		{
			uint64		value = remainder << 32 | parts[i];

			parts[i] = value / 10;
			remainder = value % 10;
			more |= parts[i] != 0;
		}
		digits[--n] = (char) ('0' + remainder);
	}
	appendStringInfoString(out, digits + n);
}

/* A histogram as a JSON object. */
void
stats_append_histogram(StringInfo out, const Histogram *histogram)
{
	uint32		i;

	appendStringInfoString(out, "{\"sum\": \"");
	append_sum(out, histogram->sum_high, histogram->sum_low);
	appendStringInfo(out, "\", \"least\": " UINT64_FORMAT ", \"most\": " UINT64_FORMAT ", \"buckets\": [",
					 histogram->least, histogram->most);
	for (i = 0; i < histogram->nbuckets; i++)
		appendStringInfo(out, "%s[%u, " UINT64_FORMAT "]", i > 0 ? ", " : "",
						 histogram->buckets[i].number, histogram->buckets[i].count);
	appendStringInfoString(out, "]}");
}

/* A 128-bit number from decimal text. */
static void
read_sum(const StatsType *type, const JsonbValue *value, Histogram *histogram)
{
	int			i;

	if (value->val.string.len == 0)
		stats_refuse_text(type, "sum");
	for (i = 0; i < value->val.string.len; i++)
	{
		char		c = value->val.string.val[i];
		uint64		low;
		uint64		carry;

		if (c < '0' || c > '9' || histogram->sum_high > PG_UINT64_MAX / 10 - 10)
			stats_refuse_text(type, "sum");
		low = (histogram->sum_low & 0xffffffff) * 10 + (uint64) (c - '0');
		carry = (histogram->sum_low >> 32) * 10 + (low >> 32);
		histogram->sum_low = carry << 32 | (low & 0xffffffff);
		histogram->sum_high = histogram->sum_high * 10 + (carry >> 32);
	}
}

/* The histogram that an object is; `name` is for messages. */
void
stats_read_histogram(const StatsType *type, JsonbContainer *object, Histogram *histogram,
					 const char *name)
{
	JsonbContainer *buckets = stats_array_member(type, object, "buckets");
	JsonbValue	sum = stats_member(type, object, "sum", jbvString);
	uint32		i;

	memset(histogram, 0, sizeof(Histogram));
	read_sum(type, &sum, histogram);
	histogram->least = (uint64) stats_integer_member(type, object, "least");
	histogram->most = (uint64) stats_integer_member(type, object, "most");
	histogram->nbuckets = histogram->capacity = JsonContainerSize(buckets);
	histogram->buckets = palloc(Max(histogram->nbuckets, 1) * sizeof(HistogramBucket));
	for (i = 0; i < histogram->nbuckets; i++)
	{
		JsonbContainer *pair = stats_element(type, buckets, i, jbvBinary, "buckets").val.binary.data;
		JsonbValue	value;

		if (!JsonContainerIsArray(pair) || JsonContainerSize(pair) != 2)
			stats_refuse_text(type, "buckets");
		value = stats_element(type, pair, 0, jbvNumeric, "buckets");
		histogram->buckets[i].number = (uint32) Min((uint64) stats_integer_of(type, &value, "buckets"),
													HISTOGRAM_LAST + 1);
		value = stats_element(type, pair, 1, jbvNumeric, "buckets");
		histogram->buckets[i].count = (uint64) stats_integer_of(type, &value, "buckets");
		histogram->count += histogram->buckets[i].count;
	}
	if (!histogram_is_valid(histogram))
		stats_refuse_text(type, name);
}
