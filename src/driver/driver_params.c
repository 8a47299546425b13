/*-------------------------------------------------------------------------
 *
 * driver_params.c
 *		The parameters of event_drivers.
 *
 * Options are separated by commas:
 *
 *	times K...
 *	days K...
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "driver/driver_params.h"

#define OPTIONS_HINT \
	"The options are times K... and days K..., such as 'times 1 3 10, days 7'."

static const ParamSpec driver_specs[] = {
	[DRIVER_PARAM_WITHIN] = {"within", PARAM_DURATION, false},
	[DRIVER_PARAM_OPTIONS] = {"options", PARAM_TEXT, false},
	[DRIVER_PARAM_UNTIL] = {"until", PARAM_TIME, true}
};

/* Refuse an option. */
static void
driver_refuse_option(TextSlice option, const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" %s", pnstrdup(option.bytes, option.length), problem),
			 errhint(OPTIONS_HINT)));
}

/* Numbers in ascending order, which are all 0 before. */
static void
driver_read_numbers(TextSlice option, TextSlice rest, int *numbers)
{
	int			n = 0;

	if (numbers[0] != 0)
		driver_refuse_option(option, "answers what another has answered");
	while (rest.length > 0)
	{
		if (n == DRIVER_MOST_NUMBERS)
			driver_refuse_option(option, psprintf("has more than %d numbers", DRIVER_MOST_NUMBERS));
		if (!option_number(&rest, DRIVER_MOST, &numbers[n]) || (n > 0 && numbers[n] <= numbers[n - 1]))
			driver_refuse_option(option, psprintf("must have numbers from 1 to %d in ascending order", DRIVER_MOST));
		n++;
	}
	if (n == 0)
		driver_refuse_option(option, "lacks a number");
}

static void
driver_compile(void *kept)
{
	static const char *const names[] = {"times", "days"};
	DriverParams *params = kept;
	const CallParam *list = params->given.list;
	const TextSlice options = list[DRIVER_PARAM_OPTIONS].text;
	const char *at = options.bytes;
	TextSlice	option;

	params->within = list[DRIVER_PARAM_WITHIN].number;
	if (params->within < 0 || params->within > DURATION_MAX)
		serialized_refuse();	/* no call gives that */
	params->until = params_until(&list[DRIVER_PARAM_UNTIL]);
	while (options_next(&at, options.bytes + options.length, &option))
	{
		TextSlice	rest = option;
		TextSlice	word = {"", 0};

		(void) option_word(&rest, &word);
		switch (option_index(word, names, lengthof(names)))
		{
			case 0:
				driver_read_numbers(option, rest, params->exposure.times);
				break;
			case 1:
				driver_read_numbers(option, rest, params->exposure.days);
				break;
			default:
				driver_refuse_option(option, "does not exist");
		}
	}
	options_refuse_comma(options);
	if (params->exposure.times[0] == 0)
		params->exposure.times[0] = 1;
}

const ParamsRoom driver_params = {
	sizeof(DriverParams), lengthof(driver_specs), driver_specs, driver_compile, true
};
