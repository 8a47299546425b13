/*-------------------------------------------------------------------------
 *
 * stats_json.c
 *		The text form of finished results, a JSON object, field by field:
 *		writing it, and reading untrusted text.
 *
 * Invalid input raises an error that names the member.  A histogram is an
 * object of its own: "sum" as text, as it may have 128 bits, "least", "most",
 * and "buckets", pairs of a bucket's number and its count.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "stats/stats.h"
#include "stats/stats_number.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/numeric.h"

/*
 * Putting it together.
 */

/* Begin a member, or an element if there is no name. */
void
stats_append_name(StatsText *out, const char *name)
{
	if (!out->first)
		appendStringInfoString(&out->out, ", ");
	out->first = false;
	if (name != NULL)
		appendStringInfo(&out->out, "\"%s\": ", name);
}

/* A text, or null. */
void
stats_append_text(StatsText *out, const char *name, const char *text)
{
	stats_append_name(out, name);
	if (text == NULL)
		appendStringInfoString(&out->out, "null");
	else
		escape_json(&out->out, text);
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

void
stats_append_histogram(StatsText *out, const char *name, const Histogram *histogram)
{
	uint32		i;

	stats_append_name(out, name);
	appendStringInfoString(&out->out, "{\"sum\": \"");
	append_sum(&out->out, histogram->sum_high, histogram->sum_low);
	appendStringInfo(&out->out, "\", \"least\": " UINT64_FORMAT ", \"most\": " UINT64_FORMAT ", \"buckets\": [",
					 histogram->least, histogram->most);
	for (i = 0; i < histogram->nbuckets; i++)
		appendStringInfo(&out->out, "%s[%u, " UINT64_FORMAT "]", i > 0 ? ", " : "",
						 histogram->buckets[i].number, histogram->buckets[i].count);
	appendStringInfoString(&out->out, "]}");
}

static void
append_bracket(StatsText *out, char bracket)
{
	appendStringInfoChar(&out->out, bracket);
	out->first = bracket == '[' || bracket == '{';
}

static void append_list(StatsText *out, const StatsList *list, const void *stats);

static void
append_fields(StatsText *out, const StatsField *fields, uint32 nfields, const void *stats,
			  const void *item, bool named)
{
	bool		opened = false;
	uint32		i;

	for (i = 0; i < nfields; i++)
	{
		const StatsField *field = &fields[i];
		const char *at = (const char *) item + field->offset;
		const char *name = named && !opened ? field->name : NULL;

		if (field->forms == STATS_BYTES || (field->when != NULL && !field->when(stats)) ||
			field->since > out->version)
			continue;
		switch (field->kind)
		{
			case STATS_NUMBER:
			case STATS_SIGNED:
			case STATS_STEP:
				{
					const int64 number = stats_get_number(field, item);

					if (field->names != NULL)
						stats_append_text(out, name, field->names[number]);
					else
					{
						stats_append_name(out, name);
						if (field->size == sizeof(bool))
							appendStringInfoString(&out->out, number != 0 ? "true" : "false");
						else
							appendStringInfo(&out->out, INT64_FORMAT, number);
					}
					break;
				}
			case STATS_FLAG:
				stats_append_name(out, name);
				appendStringInfoString(&out->out, (stats_get_number(field, item) & field->most) != 0 ? "true" : "false");
				break;
			case STATS_TEXT:
				stats_append_text(out, name, ((const TextSlice *) at)->bytes);
				break;
			case STATS_ZONE:
				stats_append_text(out, name, *(const char *const *) at);
				break;
			case STATS_UNTIL:
				if (*(const int64 *) at != PG_INT64_MAX)
				{
					stats_append_name(out, name);
					appendStringInfo(&out->out, INT64_FORMAT, *(const int64 *) at);
				}
				break;
			case STATS_HISTOGRAM:
				stats_append_histogram(out, name, (const Histogram *) at);
				break;
			case STATS_LIST:
				stats_append_name(out, name);
				append_list(out, field->list, stats);
				break;
			case STATS_OPEN:
				stats_append_name(out, name);
				append_bracket(out, '[');
				opened = true;
				break;
			case STATS_CLOSE:
				append_bracket(out, ']');
				opened = false;
				break;
			case STATS_HAND:
				if (field->hand->append != NULL)
					field->hand->append(out, name, stats, item);
				break;
			case STATS_COUNT:
			case STATS_CHECK:
				break;
		}
	}
}

static void
append_list(StatsText *out, const StatsList *list, const void *stats)
{
	uint32		i;

	append_bracket(out, '[');
	for (i = 0; i < stats_list_n(list, stats); i++)
	{
		if (list->form != STATS_VALUES)
		{
			stats_append_name(out, NULL);
			append_bracket(out, list->form == STATS_OBJECTS ? '{' : '[');
		}
		append_fields(out, list->fields, list->nfields, stats, stats_list_nth(list, stats, i),
					  list->form == STATS_OBJECTS);
		if (list->form != STATS_VALUES)
			append_bracket(out, list->form == STATS_OBJECTS ? '}' : ']');
		CHECK_FOR_INTERRUPTS();
	}
	append_bracket(out, ']');
}

/* The text form of a value. */
char *
stats_to_text(const StatsType *type, const void *stats)
{
	StatsText	out;

	initStringInfo(&out.out);
	out.version = stats_format_of(type, stats);
	append_bracket(&out, '{');
	stats_append_name(&out, "version");
	appendStringInfo(&out.out, "%d", out.version);
	append_fields(&out, type->fields, type->nfields, stats, stats, true);
	append_bracket(&out, '}');
	return out.out.data;
}

/*
 * Reading.
 */

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

/* The member of a name, or the next element of an array; false if there is none. */
bool
stats_json_find(StatsJson *in, const char *name, JsonbValue *value)
{
	if (in->array != NULL)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(in->array, in->next++);

		if (element == NULL)
			return false;
		*value = *element;
		pfree(element);
		return true;
	}
	return JsonContainerIsObject(in->object) &&
		getKeyJsonValueFromContainer(in->object, name, (int) strlen(name), value) != NULL;
}

static void
json_refuse(StatsJson *in, const char *name)
{
	stats_refuse_text(in->type, in->array != NULL ? in->array_name : name);
}

/* It must be there, and of the type wanted. */
JsonbValue
stats_json_value(StatsJson *in, const char *name, enum jbvType wanted)
{
	JsonbValue	value = {0};

	if (!stats_json_find(in, name, &value) || value.type != wanted)
		json_refuse(in, name);
	return value;
}

/* A whole number within bounds. */
int64
stats_json_integer(StatsJson *in, const char *name, int64 least, int64 most)
{
	JsonbValue	value = stats_json_value(in, name, jbvNumeric);
	Datum		number = NumericGetDatum(value.val.numeric);
	int64		integer = DatumGetInt64(DirectFunctionCall1(numeric_int8, number));

	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, number,
										  DirectFunctionCall1(int8_numeric, Int64GetDatum(integer)))) ||
		integer < least || integer > most)
		json_refuse(in, name);
	return integer;
}

/* An array of so many elements. */
StatsJson
stats_json_array(StatsJson *in, const char *name, uint32 least, uint32 most)
{
	StatsJson	array = {in->type, NULL, stats_json_value(in, name, jbvBinary).val.binary.data,
	in->array != NULL ? in->array_name : name, 0};

	if (!JsonContainerIsArray(array.array) || JsonContainerSize(array.array) < least ||
		JsonContainerSize(array.array) > most)
		json_refuse(in, name);
	return array;
}

/* A 128-bit number from decimal text. */
static void
json_sum(StatsJson *in, Histogram *histogram)
{
	JsonbValue	value = stats_json_value(in, "sum", jbvString);
	int			i;

	if (value.val.string.len == 0)
		json_refuse(in, "sum");
	for (i = 0; i < value.val.string.len; i++)
	{
		char		c = value.val.string.val[i];
		uint64		low;
		uint64		carry;

		if (c < '0' || c > '9' || histogram->sum_high > PG_UINT64_MAX / 10 - 10)
			json_refuse(in, "sum");
		low = (histogram->sum_low & 0xffffffff) * 10 + (uint64) (c - '0');
		carry = (histogram->sum_low >> 32) * 10 + (low >> 32);
		histogram->sum_low = carry << 32 | (low & 0xffffffff);
		histogram->sum_high = histogram->sum_high * 10 + (carry >> 32);
	}
}

void
stats_json_histogram(StatsJson *in, const char *name, Histogram *histogram)
{
	StatsJson	object = {in->type, stats_json_value(in, name, jbvBinary).val.binary.data, NULL, NULL, 0};
	StatsJson	buckets = stats_json_array(&object, "buckets", 0, UINT32_MAX);
	uint32		i;

	memset(histogram, 0, sizeof(Histogram));
	json_sum(&object, histogram);
	histogram->least = (uint64) stats_json_integer(&object, "least", PG_INT64_MIN, PG_INT64_MAX);
	histogram->most = (uint64) stats_json_integer(&object, "most", PG_INT64_MIN, PG_INT64_MAX);
	histogram->nbuckets = histogram->capacity = JsonContainerSize(buckets.array);
	histogram->buckets = palloc(Max(histogram->nbuckets, 1) * sizeof(HistogramBucket));
	for (i = 0; i < histogram->nbuckets; i++)
	{
		StatsJson	pair = stats_json_array(&buckets, NULL, 2, 2);
		const uint64 number = (uint64) stats_json_integer(&pair, NULL, PG_INT64_MIN, PG_INT64_MAX);

		histogram->buckets[i].number = (uint32) Min(number, HISTOGRAM_LAST + 1);
		histogram->buckets[i].count = (uint64) stats_json_integer(&pair, NULL, PG_INT64_MIN, PG_INT64_MAX);
		histogram->count += histogram->buckets[i].count;
	}
	if (!histogram_is_valid(histogram))
		json_refuse(in, name);
}

/* The number of a text among names. */
static int64
json_name(StatsJson *in, const StatsField *field)
{
	JsonbValue	value = stats_json_value(in, field->name, jbvString);
	int64		i;

	for (i = field->least; i <= field->most; i++)
		if (strlen(field->names[i]) == (size_t) value.val.string.len &&
			memcmp(field->names[i], value.val.string.val, value.val.string.len) == 0)
			return i;
	json_refuse(in, field->name);
	return 0;
}

static int64
json_number(StatsJson *in, const StatsField *field)
{
	if (field->names != NULL)
		return json_name(in, field);
	if (field->size == sizeof(bool))
		return stats_json_value(in, field->name, jbvBool).val.boolean;
	return stats_json_integer(in, field->name, field->least, field->most);
}

static TextSlice
json_text(StatsJson *in, const StatsField *field)
{
	TextSlice	text = {NULL, 0};
	JsonbValue	value = {0};

	if (!stats_json_find(in, field->name, &value) ||
		(value.type != jbvString && !(field->nullable && value.type == jbvNull)))
		json_refuse(in, field->name);
	if (value.type == jbvString)
	{
		text.bytes = pnstrdup(value.val.string.val, value.val.string.len);
		text.length = (uint32) value.val.string.len;
	}
	return text;
}

static int64
json_until(StatsJson *in, const StatsField *field)
{
	JsonbValue	value = {0};

	if (!stats_json_find(in, field->name, &value))
		return PG_INT64_MAX;
	return stats_json_integer(in, field->name, EVENT_TIME_MIN, EVENT_TIME_END - 1);
}

static void json_list(StatsJson *in, int64 version, const StatsField *field, void *stats);

static void
json_fields(StatsJson *in, int64 version, const StatsField *fields, uint32 nfields, void *stats,
			void *item)
{
	StatsJson	array;
	StatsJson  *from = in;
	uint32		i;

	for (i = 0; i < nfields; i++)
	{
		const StatsField *field = &fields[i];
		char	   *at = (char *) item + field->offset;

		if (field->forms == STATS_BYTES)
			continue;
		if ((field->when != NULL && !field->when(stats)) || field->since > version)
		{
			stats_set_default(field, item);
			continue;
		}
		switch (field->kind)
		{
			case STATS_NUMBER:
			case STATS_SIGNED:
			case STATS_STEP:
				stats_set_number(field, item, json_number(from, field));
				break;
			case STATS_FLAG:
				if (stats_json_value(from, field->name, jbvBool).val.boolean)
					stats_set_number(field, item, stats_get_number(field, item) | field->most);
				break;
			case STATS_TEXT:
				*(TextSlice *) at = json_text(from, field);
				break;
			case STATS_ZONE:
				*(const char **) at = json_text(from, field).bytes;
				break;
			case STATS_UNTIL:
				*(int64 *) at = json_until(from, field);
				break;
			case STATS_HISTOGRAM:
				stats_json_histogram(from, field->name, (Histogram *) at);
				break;
			case STATS_LIST:
				json_list(from, version, field, stats);
				break;
			case STATS_OPEN:
				array = stats_json_array(in, field->name, 0, UINT32_MAX);
				from = &array;
				break;
			case STATS_CLOSE:
				if (JsonContainerSize(array.array) != array.next)
					json_refuse(from, NULL);
				from = in;
				break;
			case STATS_CHECK:
				if (!field->check(stats))
					json_refuse(from, field->name);
				break;
			case STATS_HAND:
				if (field->hand->parse != NULL)
					field->hand->parse(from, field->name, stats, item);
				break;
			case STATS_COUNT:
				break;
		}
	}
}

/* How many fields the items of a list have. */
static uint32
json_fields_of_items(const StatsList *list, int64 version, const void *stats)
{
	uint32		n = 0;
	uint32		i;

	for (i = 0; i < list->nfields; i++)
		n += (list->fields[i].when == NULL || list->fields[i].when(stats)) &&
			list->fields[i].since <= version;
	return n;
}

static void
json_list(StatsJson *in, int64 version, const StatsField *field, void *stats)
{
	const StatsList *list = field->list;
	const uint32 nfields = json_fields_of_items(list, version, stats);
	StatsJson	array = stats_json_array(in, field->name, 0, UINT32_MAX - 1);
	const uint32 n = JsonContainerSize(array.array);
	char	   *item = stats_list_alloc(list, stats, n);
	uint32		i;

	for (i = 0; i < n; i++, item += list->size)
	{
		StatsJson	element = {in->type, NULL, NULL, NULL, 0};

		if (list->begin != NULL)
			list->begin(stats, item);
		switch (list->form)
		{
			case STATS_OBJECTS:
				element.object = stats_json_value(&array, NULL, jbvBinary).val.binary.data;
				break;
			case STATS_ARRAYS:
				element = stats_json_array(&array, NULL, nfields, nfields);
				break;
			case STATS_VALUES:
				element = array;
				array.next++;
				break;
		}
		json_fields(&element, version, list->fields, list->nfields, stats, item);
		if (list->ordered && i > 0 && list->order(item - list->size, item) >= 0)
			stats_refuse_text(in->type, in->type->whole);
		CHECK_FOR_INTERRUPTS();
	}
}

/* The value that a text form says; what is left to check is left to reading its bytes. */
void *
stats_of_text(const StatsType *type, Jsonb *json)
{
	StatsJson	in = {type, &json->root, NULL, NULL, 0};
	void	   *stats = stats_new(type, CurrentMemoryContext);
	const int64 version = stats_json_integer(&in, "version", 1, type->format);

	json_fields(&in, version, type->fields, type->nfields, stats, stats);
	if (version > stats_format_of(type, stats))
		stats_refuse_text(type, "version");
	return stats;
}
