/*-------------------------------------------------------------------------
 *
 * metric_params.c
 *		The parameters of event_metrics.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "metric/metric_params.h"

static const ParamSpec metric_specs[] = {
	[METRIC_PARAM_UNIT] = {"unit", PARAM_TEXT, false},
	[METRIC_PARAM_OPTIONS] = {"options", PARAM_TEXT, false},
	[METRIC_PARAM_ZONE] = {"time_zone", PARAM_TEXT, false},
	[METRIC_PARAM_UNTIL] = {"until", PARAM_TIME, true}
};

/* Read the options: top N, at most once. */
static int
metric_compile_options(TextSlice options)
{
	const char *at = options.bytes;
	TextSlice	option;
	int			top = 0;

	while (options_next(&at, options.bytes + options.length, &option))
	{
		const bool	again = top > 0;

		if (!stats_read_top(option, &top))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" does not exist", pnstrdup(option.bytes, option.length)),
					 calendar_hint_options(option.bytes, option.length,
										   "The only option is top with a number, such as 'top 10'.")));
		if (again)
			stats_refuse_second_top(options);
	}
	options_refuse_comma(options);
	return top;
}

static void
metric_compile(void *kept)
{
	MetricParams *params = kept;
	const CallParam *list = params->given.list;
	const TextSlice unit = list[METRIC_PARAM_UNIT].text;
	const TextSlice zone = list[METRIC_PARAM_ZONE].text;

	params->calendar = calendar_table(CurrentMemoryContext, calendar_unit(unit.bytes, unit.length),
									  calendar_zone(zone.bytes, zone.length));
	params->top = metric_compile_options(list[METRIC_PARAM_OPTIONS].text);
	params->until = params_until(&list[METRIC_PARAM_UNTIL]);
}

const ParamsRoom metric_params = {
	sizeof(MetricParams), lengthof(metric_specs), metric_specs, metric_compile, true
};
