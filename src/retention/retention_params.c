/*-------------------------------------------------------------------------
 *
 * retention_params.c
 *		The parameters of a cohort retention call.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "retention/retention_params.h"
#include "utils/array.h"
#include "utils/builtins.h"

static const ParamSpec retention_specs[] = {
	[COHORT_UNIT] = {"unit", PARAM_TEXT, false},
	[COHORT_PERIODS] = {"periods", PARAM_TEXT, false},
	[COHORT_OPTIONS] = {"options", PARAM_TEXT, false},
	[COHORT_ZONE] = {"time_zone", PARAM_TEXT, false},
	[COHORT_UNTIL] = {"until", PARAM_TIME, true},
	[COHORT_IS_BY] = {"breakdown", PARAM_INTEGER, false}
};

static void
retention_refuse_periods(int64 period)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("periods must be from 1 to %d, not %lld", COHORT_MOST_PERIODS,
					(long long) period),
			 errhint("Write the number of periods after the start, for example 30, or the last period of each bracket, for example ARRAY[1, 7, 30].")));
}

/* Is this a number, or a list of them in braces? */
static bool
retention_is_list(const char *at)
{
	const bool	braces = *at == '{';

	do
	{
		size_t		digits;

		if (braces)
			at++;
		if (*at == '-')
			at++;
		digits = strspn(at, "0123456789");
		if (digits == 0)
			return false;
		at += digits;
	} while (braces && *at == ',');
	return strcmp(at, braces ? "}" : "") == 0;
}

/*
 * Append periods that are given as text, as a client does that leaves the type of
 * its parameters to the server: a number, or a list with or without braces and quotes.
 */
static void
retention_append_text(StringInfo periods, const char *text)
{
	const bool	list = strchr(text, ',') != NULL && strchr(text, '{') == NULL;
	const char *at;

	if (list)
		appendStringInfoChar(periods, '{');
	for (at = text; *at != '\0'; at++)
		if (*at != ' ' && *at != '"')
			appendStringInfoChar(periods, *at);
	if (list)
		appendStringInfoChar(periods, '}');
	if (!retention_is_list(periods->data))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("periods must be a number or a list of them, not \"%s\"", text),
				 errhint("Write the number of periods after the start, for example '30', or the last period of each bracket, for example '{1,7,30}'.")));
}

/*
 * Read the argument periods, an integer or an array of them, or either as text, as text.
 */
void
cohort_read_periods(CallParams *given, FunctionCallInfo fcinfo, int n)
{
	CallParam  *param = &given->list[COHORT_PERIODS];
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, n);
	StringInfoData periods;

	ARG_NOT_NULL(n, "periods");
	initStringInfo(&periods);
	if (type == TEXTOID)
		retention_append_text(&periods, text_to_cstring(PG_GETARG_TEXT_PP(n)));
	else if (type != INT4ARRAYOID)
		appendStringInfo(&periods, "%d", PG_GETARG_INT32(n));
	else
	{
		ArrayType  *array = PG_GETARG_ARRAYTYPE_P(n);
		int			length = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
		const int32 *items = (const int32 *) ARR_DATA_PTR(array);
		int			i;

		if (ARR_NDIM(array) != 1 || length > COHORT_MOST_PERIODS || array_contains_nulls(array))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("periods must be a list of 1 to %d integers without NULL",
							COHORT_MOST_PERIODS),
					 errhint("Write the last period of each bracket: ARRAY[1, 7, 30] stands for 1, 2 to 7, and 8 to 30.")));
		for (i = 0; i < length; i++)
			appendStringInfo(&periods, "%c%d", i == 0 ? '{' : ',', items[i]);
		appendStringInfoChar(&periods, '}');
	}
	param->given = true;
	param->text.bytes = periods.data;
	param->text.length = (uint32) periods.len;
}

/* Read an integer; invalid text can only come from a corrupt state. */
static int64
retention_take_integer(const char **at, const char *end)
{
	bool		negative = *at < end && **at == '-';
	int64		value = 0;

	if (negative)
		(*at)++;
	if (*at == end || **at < '0' || **at > '9')
		retention_refuse_periods(0);
	while (*at < end && **at >= '0' && **at <= '9' && value < PG_INT32_MAX)
		value = value * 10 + (*(*at)++ - '0');
	return negative ? -value : value;
}

static void
retention_compile_periods(TextSlice periods, CohortSpec *spec)
{
	const char *at = periods.bytes;
	const char *end = periods.bytes + periods.length;
	int32	   *lasts;
	int64		before = 0;

	if (periods.length == 0 || *at != '{')
	{
		int64		period = retention_take_integer(&at, end);

		if (period < 1 || period > COHORT_MOST_PERIODS || at != end)
			retention_refuse_periods(period);
		spec->last_period = (int) period;
		spec->ncells = spec->last_period + 1;
		return;
	}
	lasts = palloc((periods.length / 2 + 2) * sizeof(int32));
	lasts[0] = 0;
	spec->ncells = 1;
	do
	{
		int64		last;

		at++;
		last = retention_take_integer(&at, end);
		if (last < 1 || last > COHORT_MOST_PERIODS)
			retention_refuse_periods(last);
		if (last <= before)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("periods must ascend: %lld comes after %lld",
							(long long) last, (long long) before),
					 errhint("Write the last period of each bracket: ARRAY[1, 7, 30] stands for 1, 2 to 7, and 8 to 30.")));
		lasts[spec->ncells++] = (int32) last;
		before = last;
	} while (at < end && *at == ',');
	if (end - at != 1 || *at != '}')
		retention_refuse_periods(0);
	spec->lasts = lasts;
	spec->last_period = (int) before;
}

/*
 * Read the options: questions, each answered at most once.  Those of a breakdown
 * are there only if it has a value.
 */
static void
retention_compile_options(TextSlice options, CohortSpec *spec, Breakdown *breakdown)
{
	const bool	by = breakdown->value != BREAKDOWN_NONE;
	Breakdown	said = {0};
	const char *at = options.bytes;
	TextSlice	option;
	bool		cohort_said = false;
	bool		returns_said = false;

	while (options_next(&at, options.bytes + options.length, &option))
	{
		int			returns;

		if (option_is(option, "first") || option_is(option, "every"))
		{
			if (cohort_said)
				options_refuse(options, "say twice which starts make a cohort", "Write either first or every.");
			cohort_said = true;
			spec->every = option_is(option, "every");
			continue;
		}
		if (by && breakdown_read_option(options, option, BREAKDOWN_LAST_VALUE, breakdown, &said))
			continue;
		returns = option_index(option, cohort_returns_names, COHORT_NRETURNS);
		if (returns == COHORT_NRETURNS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" does not exist", pnstrdup(option.bytes, option.length)),
					 calendar_hint_options(option.bytes, option.length,
										   by ?
										   "The options are first or every; on, on_or_after, within or within_from_1; first_value or last_value; and top with a number; several are separated by a comma." :
										   "The options are first or every, and on, on_or_after, within or within_from_1; two are separated by a comma.")));
		if (returns_said)
			options_refuse(options, "say twice which returns count",
						   "Write one of on, on_or_after, within and within_from_1.");
		returns_said = true;
		spec->returns = (CohortReturns) returns;
	}
	options_refuse_comma(options);
}

static void
retention_compile(void *any)
{
	CohortParams *params = any;
	const TextSlice unit = params->given.list[COHORT_UNIT].text;
	const TextSlice zone = params->given.list[COHORT_ZONE].text;

	calendar_period(unit.bytes, unit.length, &params->unit, &params->rolling);
	retention_compile_periods(params->given.list[COHORT_PERIODS].text, &params->spec);
	if (params->given.list[COHORT_IS_BY].given)
		params->breakdown.value = BREAKDOWN_FIRST_VALUE;
	params->by_values = params->given.list[COHORT_IS_BY].number == 2;
	retention_compile_options(params->given.list[COHORT_OPTIONS].text, &params->spec, &params->breakdown);
	params->as_events = params->rolling || params->breakdown.value != BREAKDOWN_NONE;
	params->zone = calendar_zone(zone.bytes, zone.length);
	params->calendar = calendar_table(CurrentMemoryContext, params->unit, params->zone);
	params->until = params_until(&params->given.list[COHORT_UNTIL]);
}

const ParamsRoom cohort_params = {sizeof(CohortParams), lengthof(retention_specs), retention_specs, retention_compile, false};
