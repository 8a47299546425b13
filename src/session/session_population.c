/*-------------------------------------------------------------------------
 *
 * session_population.c
 *		sessions, sessions_by_channel and session_list: the sessions of all
 *		users of a population.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "catalog/pg_type.h"
#include "event/event.h"
#include "session/session_counts.h"
#include "session/session_population.h"

/* The parameters of a call. */
enum
{
	SESSION_PARAM_GAP,
	SESSION_PARAM_UNIT,
	SESSION_PARAM_OPTIONS,		/* of sessions_by_channel only */
	SESSION_PARAM_ZONE,
	SESSION_PARAM_UNTIL
};

static const ParamSpec session_specs[] = {
	[SESSION_PARAM_GAP] = {"gap", PARAM_DURATION, false},
	[SESSION_PARAM_UNIT] = {"unit", PARAM_TEXT, false},
	[SESSION_PARAM_OPTIONS] = {"options", PARAM_TEXT, false},
	[SESSION_PARAM_ZONE] = {"time_zone", PARAM_TEXT, false},
	[SESSION_PARAM_UNTIL] = {"until", PARAM_TIME, true}
};

typedef struct SessionParams
{
	CallParams	given;
	int64		gap;			/* microseconds */
	CalendarTable *calendar;
	int64		until;
	int			top;			/* how many channels are shown; 0: all */
} SessionParams;

/* Read the options. */
static void
session_compile_options(SessionParams *params)
{
	const TextSlice options = params->given.list[SESSION_PARAM_OPTIONS].text;
	const char *at = options.bytes;
	TextSlice	option;
	Breakdown	breakdown = {0};
	Breakdown	said = {0};

	while (options_next(&at, options.bytes + options.length, &option))
		if (!breakdown_read_option(options, option, BREAKDOWN_NONE, &breakdown, &said))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" does not exist", pnstrdup(option.bytes, option.length)),
					 calendar_hint_options(option.bytes, option.length,
										   "The only option is top with a number, for example top 10.")));
	options_refuse_comma(options);
	params->top = breakdown.top;
}

static void
session_compile(void *kept)
{
	SessionParams *params = kept;
	const CallParam *list = params->given.list;
	const TextSlice unit = list[SESSION_PARAM_UNIT].text;
	const TextSlice zone = list[SESSION_PARAM_ZONE].text;

	params->gap = list[SESSION_PARAM_GAP].number;
	if (params->gap < 0 || params->gap > DURATION_MAX)
		serialized_refuse();	/* no call gives that */
	params->calendar = calendar_table(CurrentMemoryContext,
									  list[SESSION_PARAM_UNIT].given ? calendar_unit(unit.bytes, unit.length) : CALENDAR_DAY,
									  calendar_zone(zone.bytes, zone.length));
	session_compile_options(params);
	params->until = params_until(&list[SESSION_PARAM_UNTIL]);
}

static const ParamsRoom session_params = {
	sizeof(SessionParams), lengthof(session_specs), session_specs, session_compile, false
};

POPULATION_SUPPORT(journey_session, session_params)

/* The gap of a population's parameters. */
int64
session_params_gap(const void *params)
{
	return ((const SessionParams *) params)->gap;
}

/* A condition of the row, NULL counting as false. */
static inline bool
session_condition_arg(FunctionCallInfo fcinfo, int n)
{
	return !PG_ARGISNULL(n) && PG_GETARG_BOOL(n);
}

/* The columns of a call. */
enum
{
	SESSION_SEQ,
	SESSION_CUT,				/* is_start; is_end is the next argument */
	SESSION_CHANNEL,
	SESSION_NODE
};

/*
 * Find the columns by their types: user_id and at are arguments 1 and 2, then
 * come, as far as they are given, seq, is_start and is_end, and channel; node
 * is the last of them, and gap the next.
 */
static void
session_find_columns(FunctionCallInfo fcinfo, uint8 *columns)
{
	int			n = 3;

	if (get_fn_expr_argtype(fcinfo->flinfo, n) == INT8OID)
		columns[SESSION_SEQ] = n++;
	if (get_fn_expr_argtype(fcinfo->flinfo, n) == BOOLOID)
	{
		columns[SESSION_CUT] = n;
		n += 2;
	}
	if (get_fn_expr_argtype(fcinfo->flinfo, n + 1) == TEXTOID)
		columns[SESSION_CHANNEL] = n++;
	if (get_fn_expr_argtype(fcinfo->flinfo, n) != TEXTOID ||
		get_fn_expr_argtype(fcinfo->flinfo, n + 1) != INTERVALOID)
		elog(ERROR, "sessions of other arguments than are declared");
	columns[SESSION_NODE] = n;
}

/*
 * Is the only text after gap a time zone?  Version 0.1.0 had no unit, and its
 * calls are stored in views.
 */
static bool
session_text_is_zone(TextSlice text)
{
	return text.bytes != NULL && text.length <= TZ_STRLEN_MAX &&
		(text.length == 0 || pg_tzset(pnstrdup(text.bytes, text.length)) != NULL);
}

/*
 * Take the parameters of a row: after the node come gap and, as far as they are
 * given, unit, options if there are channels, time_zone and until.
 */
static void
session_take_params(FunctionCallInfo fcinfo)
{
	uint8		columns[POPULATION_COLUMNS] = {0};
	CallParams	given = {0};
	CallParam  *unit = &given.list[SESSION_PARAM_UNIT];
	int			first;
	int			which;
	int			n;

	session_find_columns(fcinfo, columns);
	first = columns[SESSION_NODE] + 1;
	for (n = first, which = SESSION_PARAM_GAP; n < PG_NARGS(); n++, which++)
	{
		if (which == SESSION_PARAM_OPTIONS && columns[SESSION_CHANNEL] == 0)
			which++;
		param_read(&given, &session_params, which, fcinfo, n);
	}
	if (PG_NARGS() == first + SESSION_PARAM_UNIT + 1 && session_text_is_zone(unit->text))
	{
		given.list[SESSION_PARAM_ZONE] = *unit;
		memset(unit, 0, sizeof(CallParam));
	}
	population_take_params(fcinfo, &session_params, &given, (UINT32_C(1) << first) - 2,
						   population_node_row_counts(fcinfo, columns[SESSION_NODE]));
	memcpy(((PopulationCall *) fcinfo->flinfo->fn_extra)->columns, columns, sizeof(columns));
}

/* Take one row. */
static Datum
session_row(PG_FUNCTION_ARGS)
{
	PopulationEvent event = {0};
	const uint8 *columns;
	int			cut;
	int			channel;
	int			node;

	if (!population_params_known(fcinfo))
		session_take_params(fcinfo);
	columns = ((const PopulationCall *) fcinfo->flinfo->fn_extra)->columns;
	cut = columns[SESSION_CUT];
	channel = columns[SESSION_CHANNEL];
	node = columns[SESSION_NODE];
	if (!population_node_row_counts(fcinfo, node) ||
		arg_event_time(PG_GETARG_TIMESTAMPTZ(2)) >= ((const SessionParams *) population_params(fcinfo))->until)
		return population_skip_row(fcinfo);
	if (cut > 0)
		event.step = (session_condition_arg(fcinfo, cut) ? SESSION_STARTS : 0) |
			(session_condition_arg(fcinfo, cut + 1) ? 0 : SESSION_GOES_ON);
	if (channel > 0)
		event.value = population_value_arg(fcinfo, channel);
	return population_node_row(fcinfo, columns[SESSION_SEQ], node, &event,
							   cut > 0 ? SESSION_NCONDITIONS : 0,
							   channel > 0 ? POPULATION_VALUES : 0);
}

/* Take n rows; fast if the only column is the node. */
static void
session_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	const PopulationCall *call = fcinfo->flinfo->fn_extra;
	const SessionParams *params = ((Population *) PG_GETARG_POINTER(0))->params;

	if (call != NULL && call->columns[SESSION_NODE] == 3 &&
		calendar_times_before(args[2]->values, n, params->until))
		population_node_rows(fcinfo, args, n, 3, session_row);
	else
		table_scan_each_row(fcinfo, args, n, session_row);
}

/*
 * session_transition(state, user_id, at [, seq] [, is_start, is_end]
 * [, channel], node, gap [, unit [, options] [, time_zone [, until]]])
 */
POPULATION_TRANSITION_ROWS(journey_session_transition, session_row, session_rows)

/* The newest event, unless the call says when observation ends. */
static int64
session_newest(const void *any)
{
	const Population *population = any;
	const SessionParams *params = population->params;

	return params->until == PG_INT64_MAX ? population->newest : PG_INT64_MIN;
}

static Datum
session_final_users(PG_FUNCTION_ARGS)
{
	Population *population;
	const SessionParams *params;
	SessionCounts counts;
	SessionStats *stats = stats_new(&session_stats_type, CurrentMemoryContext);
	const char *zone;

	population = (Population *) PG_GETARG_POINTER(0);
	params = population->params;
	if ((population->holds & POPULATION_NODES) == 0 ||
		(population->nsteps != 0 && population->nsteps != SESSION_NCONDITIONS))
		serialized_refuse();	/* no transition makes it so */
	zone = pg_get_timezone_name(params->calendar->zone);
	stats->gap = params->gap;
	stats->unit = params->calendar->unit;
	stats->until = params->until;
	stats->newest = params->until == PG_INT64_MAX ? population->newest : params->until;
	stats->flags = (population->nsteps > 0 ? SESSION_CUTS : 0) |
		((population->holds & POPULATION_VALUES) != 0 ? SESSION_TRAFFIC : 0) |
		(params->top > 0 ? SESSION_TOP : 0);
	stats->top = params->top;
	stats->zone = (TextSlice)
	{
		zone, (uint32) strlen(zone)
	};
	session_counts_init(&counts, CurrentMemoryContext, params->gap,
						(stats->flags & SESSION_CUTS) != 0, (stats->flags & SESSION_TRAFFIC) != 0, stats->top > 0,
						params->calendar, population->nodes->n);
	population_visit(population, session_counts_user, &counts);
	if (counts.users == 0)
		PG_RETURN_NULL();
	session_counts_finish(&counts, population, stats);
	PG_RETURN_POINTER(stats_pack(&session_stats_type, stats));
}

/*
 * session_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_session_final, session_final_users(fcinfo),
			  .type = &session_stats_type,
			  .newest = session_newest)
