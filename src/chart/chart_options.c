/*-------------------------------------------------------------------------
 *
 * chart_options.c
 *		Options of charts: a JSON object with the keys below.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "base/base.h"
#include "chart/chart.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

/* Keys whose value is one of a few, or is read in its own way. */
typedef enum OptionType
{
	OPTION_TEXT,				/* char * */
	OPTION_TEXTS,				/* int, the number, and char ** after it */
	OPTION_NUMBER,				/* int */
	OPTION_BOOLEAN,				/* int: -1 if not given */
	OPTION_REAL,				/* double */
	OPTION_LANGUAGE,
	OPTION_THEME,
	OPTION_PALETTE,
	OPTION_FORMAT				/* NumberFormat */
} OptionType;

typedef struct OptionKey
{
	const char *name;
	OptionType	type;
	size_t		place;			/* in ChartOptions */
	size_t		place_of_texts;
	int			least;
	int			most;
} OptionKey;

#define PLACE(field)	offsetof(ChartOptions, field)

static const OptionKey option_keys[] = {
	{"title", OPTION_TEXT, PLACE(title), 0, 0, 0},
	{"width", OPTION_NUMBER, PLACE(width), 0, 200, 4000},
	{"height", OPTION_NUMBER, PLACE(height), 0, 100, 10000},
	{"language", OPTION_LANGUAGE, 0, 0, 0, 0},
	{"theme", OPTION_THEME, 0, 0, 0, 0},
	{"palette", OPTION_PALETTE, 0, 0, 0, 0},
	{"number_format", OPTION_FORMAT, PLACE(number), 0, 0, 0},
	{"percent_format", OPTION_FORMAT, PLACE(percent), 0, 0, 0},
	{"top", OPTION_NUMBER, PLACE(top), 0, 1, 10000},
	{"label", OPTION_TEXT, PLACE(label), 0, 0, 0},
	{"series", OPTION_TEXT, PLACE(series), 0, 0, 0},
	{"value", OPTION_TEXTS, PLACE(nvalues), PLACE(values), 0, 0},
	{"names", OPTION_TEXTS, PLACE(nnames), PLACE(names), 0, 0},
	{"label_title", OPTION_TEXT, PLACE(label_title), 0, 0, 0},
	{"value_title", OPTION_TEXT, PLACE(value_title), 0, 0, 0},
	{"numbers", OPTION_BOOLEAN, PLACE(numbers), 0, 0, 0},
	{"horizontal", OPTION_BOOLEAN, PLACE(horizontal), 0, 0, 0},
	{"reference", OPTION_REAL, PLACE(reference), 0, 0, 0},
};

static void
option_refuse(const OptionKey *key, const JsonbValue *value, const char *hint)
{
	char	   *shown = JsonbToCString(NULL, &JsonbValueToJsonb(unconstify(JsonbValue *, value))->root, 100);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" of a chart cannot be %s", key->name, arg_excerpt(shown)),
			 errhint("%s", hint)));
}

static char *
option_string(const OptionKey *key, const JsonbValue *value, const char *hint)
{
	if (value->type != jbvString)
		option_refuse(key, value, hint);
	return pnstrdup(value->val.string.val, value->val.string.len);
}

/* A text, or an array of texts. */
static char **
option_strings(const OptionKey *key, JsonbValue *value, int *n, const char *hint)
{
	JsonbContainer *array;
	char	  **result;
	uint32		i;

	if (value->type == jbvString)
	{
		*n = 1;
		result = palloc(sizeof(char *));
		result[0] = option_string(key, value, hint);
		return result;
	}
	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
		option_refuse(key, value, hint);
	array = value->val.binary.data;
	*n = (int) JsonContainerSize(array);
	result = palloc(Max(*n, 1) * sizeof(char *));
	for (i = 0; i < JsonContainerSize(array); i++)
		result[i] = option_string(key, getIthJsonbValueFromContainer(array, i), hint);
	return result;
}

static int
option_integer(const OptionKey *key, const JsonbValue *value)
{
	char	   *hint = psprintf("Write an integer from %d to %d.", key->least, key->most);
	bool		wrong = true;
	int32		number = 0;

	if (value->type == jbvNumeric)
	{
		char	   *text = numeric_normalize(value->val.numeric);
		char	   *end;
		long		read = strtol(text, &end, 10);

		wrong = *end != '\0' || read < key->least || read > key->most;
		number = wrong ? 0 : (int32) read;
	}
	if (wrong)
		option_refuse(key, value, hint);
	return number;
}

/* Read '$#,##0.00' or '0.#%': what is around, and the digits. */
static bool
option_read_format(char *format, NumberFormat *result)
{
	size_t		start = strcspn(format, "#0");
	size_t		length = strspn(format + start, "#0,.");
	char	   *digits = pnstrdup(format + start, length);
	char	   *point = strchr(digits, '.');

	if (length == 0 || strlen(format) > 100)
		return false;
	result->prefix = pnstrdup(format, start);
	result->suffix = format + start + length;
	result->grouped = strchr(digits, ',') != NULL;
	result->least_decimals = result->most_decimals = 0;
	if (point != NULL)
	{
		size_t		least = strspn(point + 1, "0");
		size_t		most = least + strspn(point + 1 + least, "#");

		if (point[1 + most] != '\0' || most > 15)
			return false;
		result->least_decimals = (int) least;
		result->most_decimals = (int) most;
	}
	result->factor = strchr(result->suffix, '%') != NULL || strchr(result->prefix, '%') != NULL ? 100 : 1;
	return true;
}

static bool
option_is_color(const char *text)
{
	return strlen(text) == 7 && text[0] == '#' && strspn(text + 1, "0123456789abcdefABCDEF") == 6;
}

static void
option_read(ChartOptions *options, const OptionKey *key, JsonbValue *value)
{
	char	   *field = (char *) options + key->place;
	char	   *text;
	int			i;

	if (value->type == jbvNull)
		return;
	switch (key->type)
	{
		case OPTION_TEXT:
			*(char **) field = option_string(key, value, "Write a text.");
			break;
		case OPTION_TEXTS:
			*(char ***) ((char *) options + key->place_of_texts) =
				option_strings(key, value, (int *) field, "Write a text, or an array of texts.");
			break;
		case OPTION_NUMBER:
			*(int *) field = option_integer(key, value);
			break;
		case OPTION_BOOLEAN:
			if (value->type != jbvBool)
				option_refuse(key, value, "Write true or false.");
			*(int *) field = value->val.boolean ? 1 : 0;
			break;
		case OPTION_REAL:
			if (value->type != jbvNumeric)
				option_refuse(key, value, "Write a number.");
			*(double *) field = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
																   NumericGetDatum(value->val.numeric)));
			break;
		case OPTION_LANGUAGE:
			text = option_string(key, value, "Write \"en\" or \"zh\".");
			options->chinese = pg_strcasecmp(text, "zh") == 0;
			if (!options->chinese && pg_strcasecmp(text, "en") != 0)
				option_refuse(key, value, "Write \"en\" or \"zh\".");
			break;
		case OPTION_THEME:
			text = option_string(key, value, "Write \"auto\", \"light\" or \"dark\".");
			options->light = pg_strcasecmp(text, "dark") != 0;
			options->dark = pg_strcasecmp(text, "light") != 0;
			if (options->light && options->dark && pg_strcasecmp(text, "auto") != 0)
				option_refuse(key, value, "Write \"auto\", \"light\" or \"dark\".");
			break;
		case OPTION_PALETTE:
			options->palette = option_strings(key, value, &options->npalette,
											  "Write an array of 1 to 8 colours, such as [\"#0072b2\"].");
			if (options->npalette < 1 || options->npalette > CHART_COLORS)
				option_refuse(key, value, "Write an array of 1 to 8 colours, such as [\"#0072b2\"].");
			for (i = 0; i < options->npalette; i++)
			{
				if (!option_is_color(options->palette[i]))
					option_refuse(key, value, "Write each colour as a # and six hexadecimal digits, such as \"#0072b2\".");
			}
			break;
		case OPTION_FORMAT:
			if (!option_read_format(option_string(key, value, "Write a text, such as \"#,##0.00\"."),
									(NumberFormat *) field))
				option_refuse(key, value, "Write digits as in \"#,##0.00\" or \"0.#%\", with a currency or unit before or after them.");
			break;
	}
}

/*
 * Read the options of a chart, which may be NULL.
 */
void
chart_read_options(ChartOptions *options, Jsonb *json)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	value;
	const OptionKey *key = NULL;
	size_t		i;

	memset(options, 0, sizeof(ChartOptions));
	options->width = 720;
	options->numbers = options->horizontal = -1;
	options->light = options->dark = true;
	options->reference = NAN;
	option_read_format(pstrdup("#,##0.##"), &options->number);
	option_read_format(pstrdup("0.0%"), &options->percent);
	if (json == NULL)
		return;
	if (!JB_ROOT_IS_OBJECT(json))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options of a chart must be a JSON object, not %s",
						arg_excerpt(JsonbToCString(NULL, &json->root, 100))),
				 errhint("Write for example '{\"title\": \"Payments\", \"width\": 600}'.")));
	it = JsonbIteratorInit(&json->root);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			key = NULL;
			for (i = 0; i < lengthof(option_keys); i++)
			{
				if (strlen(option_keys[i].name) == (size_t) value.val.string.len &&
					pg_strncasecmp(option_keys[i].name, value.val.string.val, value.val.string.len) == 0)
					key = &option_keys[i];
			}
			if (key == NULL)
			{
				StringInfoData list;

				initStringInfo(&list);
				for (i = 0; i < lengthof(option_keys); i++)
					appendStringInfo(&list, i == 0 ? "%s" : ", %s", option_keys[i].name);
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("a chart has no option \"%s\"",
								arg_excerpt(pnstrdup(value.val.string.val, value.val.string.len))),
						 errhint("The options are %s.", list.data)));
			}
		}
		else if (token == WJB_VALUE)
			option_read(options, key, &value);
	}
}
