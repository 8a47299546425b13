/*-------------------------------------------------------------------------
 *
 * attribution_params.c
 *		The parameters of an attribution call.
 *
 * Options are separated by commas:
 *
 *	same UNIT
 *	reset
 *	position FIRST MIDDLE LAST
 *	half_life DURATION
 *	direct NAME
 *	depth N
 *	top N
 *	through NAME
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "attribution/attribution_params.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#define OPTIONS_HINT \
	"The options are same UNIT, reset, position FIRST MIDDLE LAST, half_life DURATION, direct NAME, depth N, top N and through NAME; several are separated by commas."
#define DEFAULT_DIRECT	"(direct)"
#define HALF_LIFE_MOST	(7 * USECS_PER_DAY) /* of the default */

/* Refuse an option. */
static void
attribution_refuse_option(TextSlice option, const char *problem, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" %s", pnstrdup(option.bytes, option.length), problem),
			 errhint("%s", hint)));
}

/* Says in errors of reading a duration whose it is. */
static void
attribution_duration_context(void *arg)
{
	errcontext("option half_life \"%s\"", (const char *) arg);
}

static int64
attribution_read_half_life(TextSlice option, TextSlice rest)
{
	char	   *text = pnstrdup(rest.bytes, rest.length);
	ErrorContextCallback context = {error_context_stack, attribution_duration_context, text};
	int64		half_life;
	Datum		interval;

	error_context_stack = &context;
	interval = DirectFunctionCall3(interval_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
								   Int32GetDatum(-1));
	half_life = arg_duration(DatumGetIntervalP(interval), "half_life");
	error_context_stack = context.previous;
	if (half_life == 0)
		attribution_refuse_option(option, "is not a time in which weight halves",
								  "Write a duration above 0, for example half_life 7 days.");
	return half_life;
}

/* Three weights, which are kept as parts of ATTRIBUTION_WHOLE. */
static void
attribution_read_position(TextSlice option, TextSlice rest, AttributionSpec *spec)
{
	static const char hint[] = "Write three numbers of 0 or more, the first or the last of them above 0, for example position 0.4 0.2 0.4.";
	long double weights[3];
	long double sum;
	int			i;

	for (i = 0; i < 3; i++)
	{
		TextSlice	word = {"", 0};
		char	   *text;
		char	   *end;

		(void) option_word(&rest, &word);
		text = pnstrdup(word.bytes, word.length);
		weights[i] = strtold(text, &end);
		if (end == text || *end != '\0' || !(weights[i] >= 0 && weights[i] <= 1e9L))
			attribution_refuse_option(option, "does not have three weights", hint);
	}
	if (rest.length > 0)
		attribution_refuse_option(option, "does not have three weights", hint);
	sum = weights[0] + weights[1] + weights[2];
	if (weights[0] + weights[2] > 0)
	{
		spec->first = (uint64) rintl(weights[0] / sum * (long double) ATTRIBUTION_WHOLE);
		spec->last = Min((uint64) rintl(weights[2] / sum * (long double) ATTRIBUTION_WHOLE),
						 ATTRIBUTION_WHOLE - spec->first);
		spec->middle = ATTRIBUTION_WHOLE - spec->first - spec->last;
	}
	if (weights[0] + weights[2] <= 0 || spec->first + spec->last == 0)
		attribution_refuse_option(option, "gives nothing to the first and the last touch", hint);
}

/* A name: what is left of the option, or a word in double quotes. */
static TextSlice
attribution_read_name(TextSlice option, TextSlice *rest)
{
	TextSlice	name = *rest;

	if (rest->length == 0 ||
		(rest->bytes[0] == '"' && !option_unquote(rest, palloc(rest->length), &name)))
		attribution_refuse_option(option, "lacks the name",
								  "Write for example direct none, or direct \"none, or unknown\".");
	if (rest->bytes == name.bytes)
		rest->length = 0;
	return name;
}

/* Read the options, each given at most once. */
static void
attribution_read_options(AttributionParams *params, TextSlice options)
{
	static const char *const names[] = {"same", "reset", "position", "half_life", "direct", "depth", "top", "through"};
	const char *at = options.bytes;
	TextSlice	option;
	uint32		said = 0;

	while (options_next(&at, options.bytes + options.length, &option))
	{
		TextSlice	rest = option;
		TextSlice	word = {"", 0};
		int			which;

		(void) option_word(&rest, &word);
		which = option_index(word, names, lengthof(names));
		if (which < (int) lengthof(names) && (said & 1 << which) != 0)
			attribution_refuse_option(option, "answers what another has answered", "Write one of them.");
		said |= 1 << which;
		switch (which)
		{
			case 0:
				word.length = 0;
				(void) option_word(&rest, &word);
				params->unit = (int) calendar_unit(word.bytes, word.length) + 1;
				break;
			case 1:
				params->spec.reset = true;
				break;
			case 2:
				attribution_read_position(option, rest, &params->spec);
				rest.length = 0;
				break;
			case 3:
				params->spec.half_life = attribution_read_half_life(option, rest);
				rest.length = 0;
				break;
			case 4:
				params->direct = attribution_read_name(option, &rest);
				break;
			case 5:
				if (!option_number(&rest, ATTRIBUTION_DEPTH_MAX, &params->depth))
					attribution_refuse_option(option, psprintf("must be depth and a number from 1 to %d",
															   ATTRIBUTION_DEPTH_MAX),
											  "It is the most touches of a path, for example depth 10.");
				break;
			case 6:
				if (!stats_read_top(option, &params->top))
					attribution_refuse_option(option, psprintf("must be top and a number from 1 to %d", STATS_TOP_MOST),
											  "It is how many touches are shown, for example top 10.");
				rest.length = 0;
				break;
			case 7:
				params->through = attribution_read_name(option, &rest);
				break;
			default:
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("option \"%s\" does not exist", pnstrdup(option.bytes, option.length)),
						 calendar_hint_options(option.bytes, option.length, OPTIONS_HINT)));
		}
		if (rest.length > 0)
			attribution_refuse_option(option, "has too much", OPTIONS_HINT);
	}
	options_refuse_comma(options);
}

static void
attribution_compile(void *kept)
{
	static const TextSlice direct = {DEFAULT_DIRECT, sizeof(DEFAULT_DIRECT) - 1};
	static const TextSlice other = {"(other)", 7};
	AttributionParams *params = kept;
	const CallParam *list = params->given.list;
	const TextSlice zone = list[ATTRIBUTION_PARAM_ZONE].text;
	AttributionSpec *spec = &params->spec;

	spec->look_back = list[ATTRIBUTION_PARAM_LOOK_BACK].number;
	if (spec->look_back < 0 || spec->look_back > DURATION_MAX)
		serialized_refuse();	/* no call gives that */
	spec->half_life = Max(1, Min(spec->look_back / 4, HALF_LIFE_MOST));
	spec->first = spec->last = ATTRIBUTION_WHOLE / 5 * 2;
	spec->middle = ATTRIBUTION_WHOLE - spec->first - spec->last;
	params->direct = direct;
	if (list[ATTRIBUTION_PARAM_OPTIONS].given)
		attribution_read_options(params, list[ATTRIBUTION_PARAM_OPTIONS].text);
	if (!pg_verify_mbstr(GetDatabaseEncoding(), params->direct.bytes, (int) params->direct.length, true))
		serialized_refuse();	/* nor that */
	if (params->through.bytes != NULL &&
		!pg_verify_mbstr(GetDatabaseEncoding(), params->through.bytes, (int) params->through.length, true))
		serialized_refuse();
	if (params->top > 0 && slice_equal(params->direct, other))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option top does not go with direct (other)"),
				 errhint("All touches that are not shown are called (other): give direct touches another name.")));
	if (params->depth == 0)
		params->depth = ATTRIBUTION_DEPTH_MAX;
	params->zone = calendar_zone(zone.bytes, zone.length);
	params->held = list[ATTRIBUTION_PARAM_HELD].given;
	params->held_values = list[ATTRIBUTION_PARAM_HELD].number != 0;
}

static const ParamSpec attribution_specs[] = {
	[ATTRIBUTION_PARAM_LOOK_BACK] = {"look_back", PARAM_DURATION, false},
	[ATTRIBUTION_PARAM_OPTIONS] = {"options", PARAM_TEXT, false},
	[ATTRIBUTION_PARAM_ZONE] = {"time_zone", PARAM_TEXT, false},
	[ATTRIBUTION_PARAM_HELD] = {"property", PARAM_INTEGER, false}
};

const ParamsRoom attribution_params = {
	sizeof(AttributionParams), lengthof(attribution_specs), attribution_specs, attribution_compile,
	true
};

/* The first time of the bucket of a time, for the kernel. */
int64
attribution_bucket_begin(void *arg, int64 at)
{
	AttributionCalendar *calendar = arg;

	if (at < calendar->bucket.begin || at >= calendar->bucket.end)
		calendar->bucket = calendar_bucket(calendar->unit, calendar->zone, at);
	return calendar->bucket.begin;
}
