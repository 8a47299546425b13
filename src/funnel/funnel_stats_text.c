/*-------------------------------------------------------------------------
 *
 * funnel_stats_text.c
 *		The text form of funnel_stats: a JSON object.
 *
 *	{"version": 1, "kind": "whole", "steps": 2, "within": 604800000000,
 *	 "mode": "", "groups": [{"users": [10, 4],
 *	 "from_before": [{"sum": "380", "least": 90, "most": 100,
 *	 "buckets": [[90, 2], [100, 2]]}], "from_start": [...]}]}
 *
 * Durations are in microseconds; kind is whole, breakdown or trend.  A
 * breakdown's groups have a "label", a trend's a "bucket" and "complete_at",
 * in microseconds since 2000-01-01 00:00 UTC, and a trend has a "unit" and
 * "newest".  Histograms stand for steps 2 to the last; "buckets" are pairs of
 * a bucket number (see common/histogram.h) and a count.  What is read is
 * checked as the binary form is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funnel/funnel_stats.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

JOURNEY_FUNCTION(journey_funnel_stats_in);
JOURNEY_FUNCTION(journey_funnel_stats_out);

static const char *const kind_names[] = {"whole", "breakdown", "trend"};

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

static void
append_histograms(StringInfo out, const char *name, const Histogram *histograms, int nsteps)
{
	int			k;

	appendStringInfo(out, ", \"%s\": [", name);
	for (k = 1; k < nsteps; k++)
	{
		const Histogram *histogram = &histograms[k];
		uint32		i;

		appendStringInfoString(out, k > 1 ? ", {\"sum\": \"" : "{\"sum\": \"");
		append_sum(out, histogram->sum_high, histogram->sum_low);
		appendStringInfo(out, "\", \"least\": " UINT64_FORMAT ", \"most\": " UINT64_FORMAT ", \"buckets\": [",
						 histogram->least, histogram->most);
		for (i = 0; i < histogram->nbuckets; i++)
			appendStringInfo(out, "%s[%u, " UINT64_FORMAT "]", i > 0 ? ", " : "",
							 histogram->buckets[i].number, histogram->buckets[i].count);
		appendStringInfoString(out, "]}");
	}
	appendStringInfoChar(out, ']');
}

/*
 * funnel_stats_out(funnel_stats)
 */
Datum
journey_funnel_stats_out(PG_FUNCTION_ARGS)
{
	FunnelStats *stats = funnel_stats_unpack(CurrentMemoryContext, PG_GETARG_VARLENA_PP(0));
	StringInfoData out;
	uint32		i;
	int			k;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"version\": 1, \"kind\": \"%s\", \"steps\": %d, \"within\": " INT64_FORMAT ", \"mode\": \"",
					 kind_names[stats->kind], stats->nsteps, stats->spec.within);
	for (k = 0; k < FUNNEL_NMODES; k++)
		if (stats->spec.modes & (1 << k))
			appendStringInfo(&out, "%s%s", out.data[out.len - 1] == '"' ? "" : ", ",
							 funnel_mode_name(k));
	appendStringInfoChar(&out, '"');
	if (stats->kind == FUNNEL_TREND)
		appendStringInfo(&out, ", \"unit\": \"%s\", \"newest\": " INT64_FORMAT,
						 calendar_unit_name(stats->unit), stats->newest);
	appendStringInfoString(&out, ", \"groups\": [");
	for (i = 0; i < stats->ngroups; i++)
	{
		const FunnelGroup *group = &stats->groups[i];

		appendStringInfoString(&out, i > 0 ? ", {" : "{");
		if (stats->kind == FUNNEL_BREAKDOWN)
		{
			appendStringInfoString(&out, "\"label\": ");
			if (group->label.bytes == NULL)
				appendStringInfoString(&out, "null");
			else
				escape_json(&out, pnstrdup(group->label.bytes, group->label.length));
			appendStringInfoString(&out, ", ");
		}
		if (stats->kind == FUNNEL_TREND)
			appendStringInfo(&out, "\"bucket\": " INT64_FORMAT ", \"complete_at\": " INT64_FORMAT ", ",
							 group->bucket, group->complete_at);
		appendStringInfoString(&out, "\"users\": [");
		for (k = 0; k < stats->nsteps; k++)
			appendStringInfo(&out, "%s" UINT64_FORMAT, k > 0 ? ", " : "", group->users[k]);
		appendStringInfoChar(&out, ']');
		append_histograms(&out, "from_before", group->from_before, stats->nsteps);
		append_histograms(&out, "from_start", group->from_start, stats->nsteps);
		appendStringInfoChar(&out, '}');
	}
	appendStringInfoString(&out, "]}");
	PG_RETURN_CSTRING(out.data);
}

static void
refuse_text(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input for type funnel_stats: \"%s\" is missing or not as it should be", what),
			 errhint("Values of funnel_stats are made by funnel(), funnel_by() and funnel_trend().")));
}

/* A member of an object, of the type wanted. */
static JsonbValue
member(JsonbContainer *object, const char *name, enum jbvType type)
{
	JsonbValue	value = {0};

	if (!JsonContainerIsObject(object) ||
		getKeyJsonValueFromContainer(object, name, (int) strlen(name), &value) == NULL ||
		value.type != type)
		refuse_text(name);
	return value;
}

static JsonbContainer *
array_member(JsonbContainer *object, const char *name)
{
	JsonbContainer *array = member(object, name, jbvBinary).val.binary.data;

	if (!JsonContainerIsArray(array))
		refuse_text(name);
	return array;
}

/* An element of an array, which must be there. */
static JsonbValue
element(JsonbContainer *array, uint32 i, enum jbvType type, const char *name)
{
	JsonbValue *value = getIthJsonbValueFromContainer(array, i);

	if (value == NULL || value->type != type)
		refuse_text(name);
	return *value;
}

/* A whole number. */
static int64
integer_of(const JsonbValue *value, const char *name)
{
	Datum		number = NumericGetDatum(value->val.numeric);
	Datum		integer = DirectFunctionCall1(numeric_int8, number);

	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, number,
										  DirectFunctionCall1(int8_numeric, integer))))
		refuse_text(name);
	return DatumGetInt64(integer);
}

static int64
integer_member(JsonbContainer *object, const char *name)
{
	JsonbValue	value = member(object, name, jbvNumeric);

	return integer_of(&value, name);
}

/* The number of a text member among names. */
static int
name_member(JsonbContainer *object, const char *name, const char *const *names, int n)
{
	JsonbValue	value = member(object, name, jbvString);
	int			i;

	for (i = 0; i < n; i++)
		if (strlen(names[i]) == (size_t) value.val.string.len &&
			memcmp(names[i], value.val.string.val, value.val.string.len) == 0)
			return i;
	refuse_text(name);
	return 0;
}

/* A 128-bit number from decimal text. */
static void
read_sum(const JsonbValue *value, Histogram *histogram)
{
	int			i;

	if (value->val.string.len == 0)
		refuse_text("sum");
	for (i = 0; i < value->val.string.len; i++)
	{
		char		c = value->val.string.val[i];
		uint64		low;
		uint64		carry;

		if (c < '0' || c > '9' || histogram->sum_high > PG_UINT64_MAX / 10 - 10)
			refuse_text("sum");
		low = (histogram->sum_low & 0xffffffff) * 10 + (uint64) (c - '0');
		carry = (histogram->sum_low >> 32) * 10 + (low >> 32);
		histogram->sum_low = carry << 32 | (low & 0xffffffff);
		histogram->sum_high = histogram->sum_high * 10 + (carry >> 32);
	}
}

static void
read_histograms(JsonbContainer *object, const char *name, Histogram *histograms, int nsteps)
{
	JsonbContainer *array = array_member(object, name);
	int			k;

	if (JsonContainerSize(array) != (uint32) nsteps - 1)
		refuse_text(name);
	for (k = 1; k < nsteps; k++)
	{
		Histogram  *histogram = &histograms[k];
		JsonbContainer *from = element(array, k - 1, jbvBinary, name).val.binary.data;
		JsonbContainer *buckets = array_member(from, "buckets");
		JsonbValue	sum = member(from, "sum", jbvString);
		uint32		i;

		read_sum(&sum, histogram);
		histogram->least = (uint64) integer_member(from, "least");
		histogram->most = (uint64) integer_member(from, "most");
		histogram->nbuckets = histogram->capacity = JsonContainerSize(buckets);
		histogram->buckets = palloc(Max(histogram->nbuckets, 1) * sizeof(HistogramBucket));
		for (i = 0; i < histogram->nbuckets; i++)
		{
			JsonbContainer *pair = element(buckets, i, jbvBinary, "buckets").val.binary.data;
			JsonbValue	value;

			if (!JsonContainerIsArray(pair) || JsonContainerSize(pair) != 2)
				refuse_text("buckets");
			value = element(pair, 0, jbvNumeric, "buckets");
			histogram->buckets[i].number = (uint32) Min((uint64) integer_of(&value, "buckets"), HISTOGRAM_LAST + 1);
			value = element(pair, 1, jbvNumeric, "buckets");
			histogram->buckets[i].count = (uint64) integer_of(&value, "buckets");
			histogram->count += histogram->buckets[i].count;
		}
		if (!histogram_is_valid(histogram))
			refuse_text(name);
	}
}

/*
 * funnel_stats_in(cstring)
 */
Datum
journey_funnel_stats_in(PG_FUNCTION_ARGS)
{
	Jsonb	   *json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, PG_GETARG_DATUM(0)));
	JsonbContainer *object = &json->root;
	JsonbContainer *groups;
	JsonbValue	mode;
	FunnelStats *stats;
	FunnelSpec	spec = {0};
	FunnelKind	kind;
	size_t		bad;
	size_t		bad_length;
	int64		nsteps;
	uint32		i;
	int			k;

	if (integer_member(object, "version") != 1)
		refuse_text("version");
	kind = (FunnelKind) name_member(object, "kind", kind_names, lengthof(kind_names));
	nsteps = integer_member(object, "steps");
	if (nsteps < 1 || nsteps > STEPSET_MAX)
		refuse_text("steps");
	spec.within = integer_member(object, "within");
	if (spec.within < 0 || spec.within > DURATION_MAX)
		refuse_text("within");
	mode = member(object, "mode", jbvString);
	if (funnel_parse_modes(mode.val.string.val, mode.val.string.len, &spec.modes,
						   &bad, &bad_length) != FUNNEL_MODES_OK)
		refuse_text("mode");
	stats = funnel_stats_new(CurrentMemoryContext, kind, (int) nsteps, &spec);
	if (kind == FUNNEL_TREND)
	{
		JsonbValue	unit = member(object, "unit", jbvString);

		stats->unit = calendar_unit(unit.val.string.val, unit.val.string.len);
		stats->newest = integer_member(object, "newest");
	}

	groups = array_member(object, "groups");
	for (i = 0; i < JsonContainerSize(groups); i++)
	{
		JsonbContainer *from = element(groups, i, jbvBinary, "groups").val.binary.data;
		JsonbContainer *users = array_member(from, "users");
		TextSlice	label = {NULL, 0};
		int64		bucket = 0;
		FunnelGroup *group;

		if (kind == FUNNEL_BREAKDOWN)
		{
			JsonbValue	value;

			if (getKeyJsonValueFromContainer(from, "label", 5, &value) == NULL ||
				(value.type != jbvNull && value.type != jbvString))
				refuse_text("label");
			if (value.type == jbvString)
			{
				label.bytes = value.val.string.val;
				label.length = (uint32) value.val.string.len;
			}
		}
		if (kind == FUNNEL_TREND)
			bucket = integer_member(from, "bucket");
		group = funnel_stats_group(stats, label, bucket);
		if (stats->ngroups != i + 1)
			refuse_text("groups");	/* the same group twice */
		if (kind == FUNNEL_TREND)
			group->complete_at = integer_member(from, "complete_at");
		if (JsonContainerSize(users) != (uint32) nsteps)
			refuse_text("users");
		for (k = 0; k < nsteps; k++)
		{
			JsonbValue	value = element(users, k, jbvNumeric, "users");

			group->users[k] = (uint64) integer_of(&value, "users");
		}
		read_histograms(from, "from_before", group->from_before, (int) nsteps);
		read_histograms(from, "from_start", group->from_start, (int) nsteps);
	}
	if (kind == FUNNEL_WHOLE && stats->ngroups != 1)
		refuse_text("groups");

	/* what remains to be checked is checked by reading it back */
	{
		struct varlena *packed = funnel_stats_pack(stats);

		if (!funnel_stats_is_valid(packed))
			refuse_text("groups");
		PG_RETURN_POINTER(packed);
	}
}
