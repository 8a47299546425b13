/*-------------------------------------------------------------------------
 *
 * activity_params.c
 *		The parameters of lifecycle, active_ratio, stickiness, frequency and
 *		lifecycle_users, and of the same by a breakdown.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "activity/activity_params.h"

static const ParamSpec activity_specs[] = {
	[ACTIVITY_PARAM_KIND] = {"kind", PARAM_INTEGER, false},
	[ACTIVITY_PARAM_UNIT] = {"unit", PARAM_TEXT, false},
	[ACTIVITY_PARAM_PER] = {"per", PARAM_TEXT, false},
	[ACTIVITY_PARAM_SHORT] = {"short_window", PARAM_INTEGER, false},
	[ACTIVITY_PARAM_LONG] = {"long_window", PARAM_INTEGER, false},
	[ACTIVITY_PARAM_BUCKET] = {"bucket", PARAM_TIME, false},
	[ACTIVITY_PARAM_STATE] = {"state", PARAM_TEXT, false},
	[ACTIVITY_PARAM_ZONE] = {"time_zone", PARAM_TEXT, false},
	[ACTIVITY_PARAM_UNTIL] = {"until", PARAM_TIME, true},
	[ACTIVITY_PARAM_IS_BY] = {"breakdown", PARAM_INTEGER, false},
	[ACTIVITY_PARAM_OPTIONS] = {"options", PARAM_TEXT, false}
};

/* The states whose users may be asked for: those of the kernel, and any. */
static const char *const state_names[] = {
	"new", "returning", "resurrected", "dormant", "active"
};

/* A window of n buckets, or an error. */
static int
activity_window_of(const CallParams *given, int which)
{
	int64		window = given->list[which].number;

	if (window < 1 || window > ACTIVITY_LONGEST_WINDOW)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a number of buckets from 1 to %d, not " INT64_FORMAT,
						activity_specs[which].name, ACTIVITY_LONGEST_WINDOW, window),
				 errhint("For DAU / MAU write unit 'day', short_window 1 and long_window 28.")));
	return (int) window;
}

static void
activity_compile_windows(ActivityParams *params)
{
	ActivitySpec *spec = &params->spec;

	spec->short_window = activity_window_of(&params->given, ACTIVITY_PARAM_SHORT);
	spec->long_window = activity_window_of(&params->given, ACTIVITY_PARAM_LONG);
	if (spec->short_window >= spec->long_window)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("short_window %d is not shorter than long_window %d",
						spec->short_window, spec->long_window),
				 errhint("For DAU / MAU write unit 'day', short_window 1 and long_window 28.")));
}

static void
activity_compile_per(ActivityParams *params)
{
	ActivitySpec *spec = &params->spec;
	const CallParam *over = &params->given.list[ACTIVITY_PARAM_PER];

	spec->over_unit = (CalendarUnit) activity_unit(over->text.bytes, over->text.length, false);
	if (!activity_units_nest(spec->unit, spec->over_unit))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 spec->unit == CALENDAR_WEEK || spec->unit == CALENDAR_WEEK_SUNDAY ?
				 errmsg("weeks do not fit into a %s", calendar_unit_name(spec->over_unit)) :
				 errmsg("per \"%s\" is not longer than unit \"%s\"",
						calendar_unit_name(spec->over_unit),
						calendar_unit_name((CalendarUnit) spec->unit)),
				 errhint("Write for example unit 'day' and per 'week'.")));
}

static void
activity_compile_users(ActivityParams *params)
{
	const CallParam *state = &params->given.list[ACTIVITY_PARAM_STATE];

	params->bucket = activity_bucket(&params->calendar,
									 calendar_number(params->calendar.unit, params->calendar.zone,
													 params->given.list[ACTIVITY_PARAM_BUCKET].number));
	for (params->state = 0; params->state < (int) lengthof(state_names); params->state++)
		if (strlen(state_names[params->state]) == state->text.length &&
			memcmp(state_names[params->state], state->text.bytes, state->text.length) == 0)
			return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("state \"%s\" does not exist",
					pnstrdup(state->text.bytes, state->text.length)),
			 errhint("Write 'new', 'returning', 'resurrected', 'dormant' or 'active'.")));
}

/* Read the options of a breakdown, each given at most once. */
static void
activity_compile_options(ActivityParams *params)
{
	const TextSlice options = params->given.list[ACTIVITY_PARAM_OPTIONS].text;
	Breakdown  *breakdown = &params->spec.breakdown;
	Breakdown	said = {0};
	const char *at = options.bytes;
	TextSlice	option;

	breakdown->value = BREAKDOWN_FIRST_VALUE;
	while (options_next(&at, options.bytes + options.length, &option))
		if (!breakdown_read_option(options, option, BREAKDOWN_EACH_VALUE, breakdown, &said))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" does not exist", pnstrdup(option.bytes, option.length)),
					 calendar_hint_options(option.bytes, option.length,
										   "The options are first_value, last_value or each_value, and top with a number; two are separated by a comma.")));
	options_refuse_comma(options);
}

static void
activity_compile(void *kept)
{
	ActivityParams *params = kept;
	ActivitySpec *spec = &params->spec;
	const CallParam *list = params->given.list;
	const CallParam *unit = &list[ACTIVITY_PARAM_UNIT];
	pg_tz	   *zone;

	params->kind = (int) list[ACTIVITY_PARAM_KIND].number;
	/* transition functions ensure this, corrupt bytes do not */
	if (params->kind < 0 || params->kind > ACTIVITY_USERS || !unit->given ||
		list[ACTIVITY_PARAM_PER].given != (params->kind == ACTIVITY_STICKINESS) ||
		list[ACTIVITY_PARAM_LONG].given != (params->kind == ACTIVITY_RATIO) ||
		list[ACTIVITY_PARAM_STATE].given != (params->kind == ACTIVITY_USERS) ||
		list[ACTIVITY_PARAM_BUCKET].given != (params->kind == ACTIVITY_USERS))
		serialized_refuse();
	spec->kind = params->kind == ACTIVITY_USERS ? ACTIVITY_LIFECYCLE : (ActivityKind) params->kind;
	spec->unit = activity_unit(unit->text.bytes, unit->text.length,
							   params->kind == ACTIVITY_FREQUENCY);
	spec->over_unit = activity_counts_times(params) ? CALENDAR_HOUR : (CalendarUnit) spec->unit;
	zone = calendar_zone(list[ACTIVITY_PARAM_ZONE].text.bytes, list[ACTIVITY_PARAM_ZONE].text.length);
	spec->zone = pg_get_timezone_name(zone);
	spec->until = params_until(&list[ACTIVITY_PARAM_UNTIL]);
	if (!activity_counts_times(params))
	{
		activity_calendar_init(&params->calendar, (CalendarUnit) spec->unit, zone);
		params->table = calendar_table(CurrentMemoryContext, (CalendarUnit) spec->unit, zone);
	}
	if (list[ACTIVITY_PARAM_IS_BY].given)
		activity_compile_options(params);
	if (params->kind == ACTIVITY_RATIO)
		activity_compile_windows(params);
	else if (params->kind == ACTIVITY_STICKINESS)
		activity_compile_per(params);
	else if (params->kind == ACTIVITY_USERS)
		activity_compile_users(params);
}

const ParamsRoom activity_params = {
	sizeof(ActivityParams), lengthof(activity_specs), activity_specs, activity_compile, false
};
