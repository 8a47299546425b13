/*-------------------------------------------------------------------------
 *
 * funnel_params.c
 *		The parameters of a funnel call.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "funnel/funnel_params.h"
#include "stats/stats.h"
#include "utils/builtins.h"

#define FUNNEL_OPTIONS_HINT \
	"The options are " FUNNEL_MODE_NAMES ", exclude, optional, within, same and count; several are separated by commas."
#define FUNNEL_BREAKDOWN_OPTIONS_HINT \
	"The options are " FUNNEL_MODE_NAMES ", exclude, optional, within, same, count, and top with a number; several are separated by commas."

StaticAssertDecl(FUNNEL_TOP_MOST == STATS_TOP_MOST, "one limit of top in all rooms");

/* Say what is wrong with options. */
static void
funnel_report_options(FunnelOptionError error, TextSlice text, const FunnelOptions *options, bool breakdown,
					  bool trend)
{
	const char *hint = breakdown ? FUNNEL_BREAKDOWN_OPTIONS_HINT : FUNNEL_OPTIONS_HINT;
	char	   *bad = pnstrdup(options->bad.bytes, options->bad.length);
	int			top;

	switch (error)
	{
		case FUNNEL_OPTIONS_OK:
			break;
		case FUNNEL_OPTION_UNKNOWN:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" does not exist", bad),
					 trend ?
					 calendar_hint_options(options->bad.bytes, options->bad.length, hint) :
					 errhint("%s", hint)));
			break;
		case FUNNEL_OPTION_MALFORMED:
			(void) stats_read_top(options->bad, &top);
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" is not complete, or has too much", bad),
					 errhint("Write '%s'.", options->form)));
			break;
		case FUNNEL_REENTRY_ALONE:
			options_refuse(text, "have allow_reentry without strict_order",
						   "Write 'strict_order, allow_reentry'.");
			break;
		case FUNNEL_ANY_ORDER_COMBINED:
			options_refuse(text, "combine any_order with another",
						   "any_order goes only with first_chain or latest_chain.");
			break;
		case FUNNEL_CONSECUTIVE_COMBINED:
			options_refuse(text, "combine consecutive with another",
						   "consecutive goes only with first_chain or latest_chain.");
			break;
		case FUNNEL_CHAIN_TWICE:
			options_refuse(text, "have both first_chain and latest_chain",
						   "Write the one that counts.");
			break;
		case FUNNEL_RULE_COMBINED:
			options_refuse(text, "combine what does not go together",
						   "exclude, optional, within and same go with strict_increase, first_chain and latest_chain; count completions also with strict_once; count sessions with all.");
			break;
		case FUNNEL_OPTION_TWICE:
			if (stats_read_top(options->bad, &top))
				stats_refuse_second_top(text);
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" answers what another has answered", bad),
					 errhint("Write one of them.")));
			break;
		case FUNNEL_TOO_MANY_RULES:
			options_refuse(text, psprintf("have more than %d rules", FUNNEL_RULES_MAX),
						   "Ask for fewer exclusions and limits.");
			break;
	}
}

/* Says in errors of reading a duration whose it is. */
static void
funnel_duration_context(void *arg)
{
	const char *text = arg;

	errcontext("duration \"%s\" in options", text);
}

/* The duration of a rule, in microseconds. */
static int64
funnel_rule_duration(TextSlice text)
{
	char	   *duration = pnstrdup(text.bytes, text.length);
	ErrorContextCallback context = {error_context_stack, funnel_duration_context, duration};
	Datum		interval;
	int64		microseconds;

	error_context_stack = &context;
	interval = DirectFunctionCall3(interval_in, CStringGetDatum(duration),
								   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	microseconds = arg_duration(DatumGetIntervalP(interval), "a duration");
	error_context_stack = context.previous;
	return microseconds;
}

/* The calendar bucket of a time, for the kernel. */
static void
funnel_find_bucket(void *zone, int unit, int64 at, int64 *begin, int64 *end)
{
	CalendarBucket bucket = calendar_bucket((CalendarUnit) unit, (pg_tz *) zone, at);

	*begin = bucket.begin;
	*end = bucket.end;
}

/*
 * The zone of the buckets of rules, which results keep as part of their options:
 * that of the options, or else `zone`.
 */
static pg_tz *
funnel_rules_zone(const FunnelRules *rules, pg_tz *zone, bool kept)
{
	int			i;

	if (rules->zone_name.bytes != NULL)
		return kept ? calendar_zone_kept(rules->zone_name.bytes, rules->zone_name.length) :
			calendar_zone(rules->zone_name.bytes, rules->zone_name.length);
	for (i = 0; i < rules->n; i++)
		if (rules->list[i].kind == FUNNEL_SAME_BUCKET && strchr(pg_get_timezone_name(zone), ',') != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option same does not go with time zone \"%s\"", pg_get_timezone_name(zone)),
					 errhint("Write a name in the option, such as 'same day in Asia/Shanghai'; pg_timezone_names lists them.")));
	return zone;
}

/*
 * Read the options into a spec, its rules in the current memory context; `kept`
 * are those of a result.  Buckets are in `zone` unless the options say in which.
 * `top` is NULL where there are no values to be the top ones.
 */
void
funnel_read_options(TextSlice text, FunnelSpec *spec, pg_tz *zone, int *top, bool trend, bool kept)
{
	FunnelOptions options;
	FunnelOptionError error;
	FunnelRules *rules = &options.rules;
	int			i;

	error = funnel_parse_options(text, top != NULL, &options);
	if (error != FUNNEL_OPTIONS_OK)
		funnel_report_options(error, text, &options, top != NULL, trend);
	if (top != NULL)
		*top = options.top;
	spec->modes = options.modes;
	spec->rules = NULL;
	if ((options.modes & FUNNEL_RULED) == 0)
		return;
	for (i = 0; i < rules->n; i++)
	{
		FunnelRule *rule = &rules->list[i];

		if (rule->kind == FUNNEL_WITHIN_PAIR)
			rule->within = funnel_rule_duration(rule->text);
		else if (rule->kind == FUNNEL_SAME_BUCKET)
			rule->unit = calendar_unit(rule->text.bytes, rule->text.length);
	}
	if (rules->gap_text.bytes != NULL)
		rules->gap = funnel_rule_duration(rules->gap_text);
	rules->zone = funnel_rules_zone(rules, zone, kept);
	rules->find_bucket = funnel_find_bucket;
	spec->rules = palloc(sizeof(FunnelRules));
	memcpy(spec->rules, rules, sizeof(FunnelRules));
}

/*
 * Settle the rules of a spec for events of so many conditions, in the current
 * memory context.  Gives back how many of these are steps.
 */
int
funnel_settle_spec(FunnelSpec *spec, TextSlice options, int nconditions)
{
	FunnelRules *rules;
	int			nsteps = nconditions;
	int			wrong;

	if (spec->rules == NULL)
		return nconditions;
	rules = palloc(sizeof(FunnelRules));
	memcpy(rules, spec->rules, sizeof(FunnelRules));
	spec->rules = rules;
	switch (funnel_settle_rules(rules, nconditions, &nsteps, &wrong))
	{
		case FUNNEL_RULES_OK:
			break;
		case FUNNEL_RULES_NO_CONDITION:
			options_refuse(options, psprintf("exclude condition %d, but step has %d conditions", wrong + 1, nconditions),
						   "Add the condition that is excluded to steps(), after the steps.");
			break;
		case FUNNEL_RULES_NOT_LAST:
			options_refuse(options, psprintf("exclude condition %d, which comes before step %d", nsteps + 1, wrong + 1),
						   "Write excluded conditions in steps() after all steps.");
			break;
		case FUNNEL_RULES_NO_STEP:
			if (wrong >= nsteps)
				options_refuse(options, psprintf("name step %d, but the funnel has %d steps", wrong + 1, nsteps),
							   "Steps are the conditions that are not excluded, numbered from 1.");
			if (wrong == 0 || wrong == nsteps - 1)
				options_refuse(options, psprintf("make step %d optional", wrong + 1),
							   "The first and the last step of a funnel are not optional.");
			options_refuse(options, psprintf("name step %d, which is optional", wrong + 1),
						   "Exclusions and limits are between steps that are not optional.");
			break;
		case FUNNEL_RULES_NOTHING_LEFT:
			options_refuse(options, "leave fewer than two steps that are not optional",
						   "Write steps() with two steps at least, and after them the excluded conditions.");
			break;
	}
	return nsteps;
}

/* Append the options to text: words in the order of their bits, then the rules. */
void
funnel_append_options(StringInfo out, const FunnelSpec *spec)
{
	const FunnelRules *rules = spec->rules;
	const char *comma = "";
	int			k;

	for (k = 0; k < FUNNEL_NMODES; k++)
		if (spec->modes & (1 << k))
		{
			appendStringInfo(out, "%s%s", comma, funnel_mode_name(k));
			comma = ", ";
		}
	for (k = 0; rules != NULL && k < STEPSET_MAX; k++)
		if (rules->optional & stepset_bit(k))
		{
			appendStringInfo(out, "%soptional %d", comma, k + 1);
			comma = ", ";
		}
	for (k = 0; rules != NULL && k < rules->n; k++)
	{
		const FunnelRule *rule = &rules->list[k];

		if (rule->kind == FUNNEL_EXCLUDE)
			appendStringInfo(out, "%sexclude %d between %d and %d%s", comma, rule->condition + 1,
							 rule->from + 1, rule->to + 1, rule->drops ? " dropping users" : "");
		else if (rule->kind == FUNNEL_WITHIN_PAIR)
			appendStringInfo(out, "%swithin " INT64_FORMAT " microseconds from %d to %d", comma,
							 rule->within, rule->from + 1, rule->to + 1);
		else
			appendStringInfo(out, "%ssame %s from %d to %d in %s", comma,
							 calendar_unit_name((CalendarUnit) rule->unit), rule->from + 1, rule->to + 1,
							 pg_get_timezone_name((pg_tz *) rules->zone));
		comma = ", ";
	}
	if (rules != NULL && rules->count == FUNNEL_COUNT_COMPLETIONS)
		appendStringInfo(out, "%scount completions", comma);
	if (rules != NULL && rules->count == FUNNEL_COUNT_SESSIONS)
		appendStringInfo(out, "%scount sessions of " INT64_FORMAT " microseconds", comma, rules->gap);
}

/*
 * Is a text a list of options, and not empty?  For who writes options where
 * another argument is.
 */
static bool
funnel_is_options(TextSlice text)
{
	FunnelOptions options;

	return funnel_parse_options(text, true, &options) == FUNNEL_OPTIONS_OK &&
		(options.modes != 0 || options.top > 0);
}

/* Read which event gives the group of a user. */
static void
funnel_read_breakdown_event(TextSlice event, FunnelParams *params)
{
	static const char *const touches[] = {NULL, "first_touch", "last_touch", "each_value"};
	int			step = 0;
	uint32		i;

	for (i = TOUCH_FIRST; i <= TOUCH_EACH; i++)
		if (event.length == strlen(touches[i]) &&
			memcmp(event.bytes, touches[i], event.length) == 0)
		{
			params->touch = (FunnelTouch) i;
			return;
		}
	for (i = 0; i < event.length && i < 3 && event.bytes[i] >= '0' && event.bytes[i] <= '9'; i++)
		step = step * 10 + event.bytes[i] - '0';
	if (i == 0 || i < event.length || step < 1 || step > STEPSET_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("breakdown_event \"%s\" does not exist",
						pnstrdup(event.bytes, event.length)),
				 funnel_is_options(event) ?
				 errhint("It is an option, which comes after the breakdown_event: 'first_touch', 'last_touch', 'each_value' or the number of a step, from 1.") :
				 errhint("Write 'first_touch', 'last_touch', 'each_value' or the number of a step, from 1.")));
	params->breakdown_step = step;
}

static void
funnel_compile(void *kept)
{
	FunnelParams *params = kept;
	const CallParam *list = params->given.list;
	const bool	breakdown = list[FUNNEL_BREAKDOWN_STEP].given || list[FUNNEL_BREAKDOWN_EVENT].given;
	pg_tz	   *bucket_zone = session_timezone;

	params->spec.within = list[FUNNEL_WITHIN].number;
	params->until = params_until(&list[FUNNEL_UNTIL]);
	if (list[FUNNEL_BREAKDOWN_STEP].given)
	{
		int64		step = list[FUNNEL_BREAKDOWN_STEP].number;

		if (step < 1 || step > STEPSET_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("breakdown_step must be a step of the funnel, not %d", (int) step),
					 errhint("Steps are numbered from 1.")));
		params->breakdown_step = (int) step;
	}
	if (list[FUNNEL_BREAKDOWN_EVENT].given)
		funnel_read_breakdown_event(list[FUNNEL_BREAKDOWN_EVENT].text, params);
	if (list[FUNNEL_UNIT].given)
	{
		TextSlice	unit = list[FUNNEL_UNIT].text;
		TextSlice	zone = list[FUNNEL_ZONE].text;

		params->unit = calendar_unit(unit.bytes, unit.length);
		if (funnel_is_options(zone))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("time_zone \"%s\" does not exist", pnstrdup(zone.bytes, zone.length)),
					 errhint("It is an option, which comes before the time_zone: unit, options, time_zone, until. Write '' as time_zone for that of the session.")));
		bucket_zone = calendar_zone(zone.bytes, zone.length);
	}
	funnel_read_options(list[FUNNEL_OPTIONS].text, &params->spec, bucket_zone, breakdown ? &params->top : NULL,
						list[FUNNEL_UNIT].given, false);
	if (list[FUNNEL_UNIT].given)
	{
		if (params->spec.modes & FUNNEL_ANY_ORDER)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option any_order does not go with a trend"),
					 errdetail("A trend counts by the time of step 1, and in any_order no step is the first."),
					 errhint("Leave any_order out.")));
	}
}

static const ParamSpec funnel_specs[] = {
	[FUNNEL_WITHIN] = {"within", PARAM_DURATION, false},
	[FUNNEL_BREAKDOWN_STEP] = {"breakdown_step", PARAM_INTEGER, false},
	[FUNNEL_BREAKDOWN_EVENT] = {"breakdown_event", PARAM_TEXT, false},
	[FUNNEL_OPTIONS] = {"options", PARAM_TEXT, false},
	[FUNNEL_UNIT] = {"unit", PARAM_TEXT, false},
	[FUNNEL_ZONE] = {"time_zone", PARAM_TEXT, false},
	[FUNNEL_UNTIL] = {"until", PARAM_TIME, true}
};

const ParamsRoom funnel_params = {sizeof(FunnelParams), lengthof(funnel_specs), funnel_specs, funnel_compile, false};

JOURNEY_FUNCTION(journey_funnel_options);

/*
 * funnel_options(options text, conditions integer, OUT steps integer, OUT
 * every_event boolean): what options mean for a funnel of so many conditions: how
 * many are steps, and do events count that meet none?  An error if they mean
 * nothing.
 */
Datum
journey_funnel_options(PG_FUNCTION_ARGS)
{
	text	   *options = PG_GETARG_TEXT_PP(0);
	TextSlice	slice = {VARDATA_ANY(options), (uint32) VARSIZE_ANY_EXHDR(options)};
	FunnelSpec	spec = {0};
	TupleDesc	row;
	Datum		values[2];
	bool		nulls[2] = {false};

	if (get_call_result_type(fcinfo, NULL, &row) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	funnel_read_options(slice, &spec, session_timezone, NULL, false, false);
	values[0] = Int32GetDatum(funnel_settle_spec(&spec, slice, PG_GETARG_INT32(1)));
	values[1] = BoolGetDatum(funnel_needs_event(spec.modes, 0));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls)));
}
