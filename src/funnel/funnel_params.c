/*-------------------------------------------------------------------------
 *
 * funnel_params.c
 *		The parameters of a funnel call.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funnel/funnel_params.h"
#include "lib/stringinfo.h"
#include "stats/stats.h"

#define FUNNEL_OPTIONS_HINT \
	"The options are " FUNNEL_MODE_NAMES "; several are separated by commas."
#define FUNNEL_BREAKDOWN_OPTIONS_HINT \
	"The options are " FUNNEL_MODE_NAMES ", and top with a number; several are separated by commas."

/* Take `top N` out of the options of a breakdown; what is left are those of all. */
static TextSlice
funnel_take_top(TextSlice options, int *top)
{
	const char *at = options.bytes;
	const char *end = options.bytes + options.length;
	const char *comma = NULL;
	StringInfoData others;
	int			nothers = 0;

	if (options.length == 0)
		return options;
	initStringInfo(&others);
	do
	{
		const char *stop;
		TextSlice	word;
		int			n;

		comma = memchr(at, ',', end - at);
		stop = comma == NULL ? end : comma;
		for (word.bytes = at; word.bytes < stop && *word.bytes == ' ';)
			word.bytes++;
		word.length = (uint32) (stop - word.bytes);
		while (word.length > 0 && word.bytes[word.length - 1] == ' ')
			word.length--;
		if (!stats_read_top(word, &n))
		{
			if (nothers++ > 0)
				appendStringInfoChar(&others, ',');
			appendBinaryStringInfo(&others, at, (int) (stop - at));
		}
		else if (*top > 0)
			stats_refuse_second_top(options);
		else
			*top = n;
		at = stop + 1;
	} while (comma != NULL);
	if (*top == 0)
		return options;
	/* an option of no letters remains one */
	if (nothers == 1 && strspn(others.data, " ") == (size_t) others.len)
		appendStringInfoChar(&others, ',');
	options.bytes = others.data;
	options.length = (uint32) others.len;
	return options;
}

/* Read the options, or say what is wrong with them. */
static uint32
funnel_read_options(TextSlice options, bool breakdown, bool trend)
{
	const char *hint = breakdown ? FUNNEL_BREAKDOWN_OPTIONS_HINT : FUNNEL_OPTIONS_HINT;
	uint32		modes;
	size_t		bad;
	size_t		bad_length;

	switch (funnel_parse_modes(options.bytes, options.length, &modes, &bad, &bad_length))
	{
		case FUNNEL_MODES_OK:
			break;
		case FUNNEL_MODE_UNKNOWN:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" does not exist", pnstrdup(options.bytes + bad, bad_length)),
					 trend ?
					 calendar_hint_options(options.bytes + bad, bad_length, hint) :
					 errhint("%s", hint)));
			break;
		case FUNNEL_REENTRY_ALONE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("options \"%s\" have allow_reentry without strict_order",
							pnstrdup(options.bytes, options.length)),
					 errhint("Write 'strict_order, allow_reentry'.")));
			break;
		case FUNNEL_ANY_ORDER_COMBINED:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("options \"%s\" combine any_order with another",
							pnstrdup(options.bytes, options.length)),
					 errhint("any_order goes only with first_chain or latest_chain.")));
			break;
		case FUNNEL_CONSECUTIVE_COMBINED:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("options \"%s\" combine consecutive with another",
							pnstrdup(options.bytes, options.length)),
					 errhint("consecutive goes only with first_chain or latest_chain.")));
			break;
		case FUNNEL_CHAIN_TWICE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("options \"%s\" have both first_chain and latest_chain",
							pnstrdup(options.bytes, options.length)),
					 errhint("Write the one that counts.")));
			break;
	}
	return modes;
}

/*
 * Is a text a list of options, and not empty?  For who writes options where
 * another argument is.
 */
static bool
funnel_is_options(TextSlice text)
{
	uint32		modes;
	size_t		bad;
	size_t		bad_length;

	return funnel_parse_modes(text.bytes, text.length, &modes, &bad, &bad_length) == FUNNEL_MODES_OK &&
		modes != 0;
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
	TextSlice	options = list[FUNNEL_OPTIONS].text;

	if (breakdown)
		options = funnel_take_top(options, &params->top);
	params->spec.within = list[FUNNEL_WITHIN].number;
	params->spec.modes = funnel_read_options(options, breakdown, list[FUNNEL_UNIT].given);
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
		(void) calendar_zone(zone.bytes, zone.length);
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

const ParamsRoom funnel_params = {sizeof(FunnelParams), lengthof(funnel_specs), funnel_specs, funnel_compile};
