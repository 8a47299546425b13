/*-------------------------------------------------------------------------
 *
 * session_population.c
 *		sessions and sessions_by_channel: the sessions of all users of a population.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "event/event.h"
#include "session/session_counts.h"

JOURNEY_FUNCTION(journey_session_transition);
JOURNEY_FUNCTION(journey_session_seq_transition);
JOURNEY_FUNCTION(journey_session_cut_transition);
JOURNEY_FUNCTION(journey_session_seq_cut_transition);
JOURNEY_FUNCTION(journey_sessions_by_channel_transition);
JOURNEY_FUNCTION(journey_sessions_by_channel_seq_transition);
JOURNEY_FUNCTION(journey_sessions_by_channel_cut_transition);
JOURNEY_FUNCTION(journey_sessions_by_channel_seq_cut_transition);
JOURNEY_FUNCTION(journey_session_final);

/* The parameters of a call. */
enum
{
	SESSION_PARAM_GAP,
	SESSION_PARAM_ZONE
};

static const ParamSpec session_specs[] = {
	[SESSION_PARAM_GAP] = {"gap", PARAM_DURATION, false},
	[SESSION_PARAM_ZONE] = {"time_zone", PARAM_TEXT, false}
};

typedef struct SessionParams
{
	CallParams	given;
	int64		gap;			/* microseconds */
	pg_tz	   *zone;
} SessionParams;

static void
session_compile(void *kept)
{
	SessionParams *params = kept;
	const TextSlice zone = params->given.list[SESSION_PARAM_ZONE].text;

	params->gap = params->given.list[SESSION_PARAM_GAP].number;
	if (params->gap < 0 || params->gap > DURATION_MAX)
		serialized_refuse();	/* no call gives that */
	params->zone = calendar_zone(zone.bytes, zone.length);
}

static const ParamsRoom session_params = {
	sizeof(SessionParams), lengthof(session_specs), session_specs, session_compile
};

POPULATION_SUPPORT(journey_session, session_params)

/* A condition of the row, NULL counting as false. */
static inline bool
session_condition_arg(FunctionCallInfo fcinfo, int n)
{
	return !PG_ARGISNULL(n) && PG_GETARG_BOOL(n);
}

/*
 * Take one row.  The arguments are numbers, 0 for none: user_id and at are the
 * first two, `last` is the last one that is data, and after it come gap and
 * perhaps time_zone.
 */
static pg_attribute_always_inline Datum
session_add_row(FunctionCallInfo fcinfo, int seq, int channel, int node, int starts, int last)
{
	PopulationEvent event = {0};

	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};

		param_read(&given, &session_params, SESSION_PARAM_GAP, fcinfo, last + 1);
		if (PG_NARGS() > last + 2)
			param_read(&given, &session_params, SESSION_PARAM_ZONE, fcinfo, last + 2);
		population_take_params(fcinfo, &session_params, &given, (UINT32_C(2) << last) - 2,
							   population_node_row_counts(fcinfo, node));
	}
	if (starts > 0)
		event.step = (session_condition_arg(fcinfo, starts) ? SESSION_STARTS : 0) |
			(session_condition_arg(fcinfo, starts + 1) ? 0 : SESSION_GOES_ON);
	if (channel > 0)
		event.value = population_value_arg(fcinfo, channel);
	return population_node_row(fcinfo, seq, node, &event, starts > 0 ? SESSION_NCONDITIONS : 0,
							   channel > 0 ? POPULATION_VALUES : 0);
}

static Datum
session_row(PG_FUNCTION_ARGS)
{
	return session_add_row(fcinfo, 0, 0, 3, 0, 3);
}

static void
session_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	population_node_rows(fcinfo, args, n, 3, session_row);
}

/*
 * session_transition(state, user_id, at, node, gap [, time_zone])
 */
Datum
journey_session_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, session_row, session_rows);
}

/*
 * session_transition(state, user_id, at, seq, node, gap [, time_zone])
 */
static Datum
session_seq_row(PG_FUNCTION_ARGS)
{
	return session_add_row(fcinfo, 3, 0, 4, 0, 4);
}

TABLE_SCAN_ROWS(session_seq_row)

Datum
journey_session_seq_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, session_seq_row, session_seq_rows);
}

/*
 * session_transition(state, user_id, at, node, is_start, is_end, gap [, time_zone])
 */
static Datum
session_cut_row(PG_FUNCTION_ARGS)
{
	return session_add_row(fcinfo, 0, 0, 3, 4, 5);
}

TABLE_SCAN_ROWS(session_cut_row)

Datum
journey_session_cut_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, session_cut_row, session_cut_rows);
}

/*
 * session_transition(state, user_id, at, seq, node, is_start, is_end, gap [, time_zone])
 */
static Datum
session_seq_cut_row(PG_FUNCTION_ARGS)
{
	return session_add_row(fcinfo, 3, 0, 4, 5, 6);
}

TABLE_SCAN_ROWS(session_seq_cut_row)

Datum
journey_session_seq_cut_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, session_seq_cut_row, session_seq_cut_rows);
}

/*
 * sessions_by_channel_transition(state, user_id, at, channel, node, gap [, time_zone])
 */
static Datum
sessions_by_channel_row(PG_FUNCTION_ARGS)
{
	return session_add_row(fcinfo, 0, 3, 4, 0, 4);
}

TABLE_SCAN_ROWS(sessions_by_channel_row)

Datum
journey_sessions_by_channel_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, sessions_by_channel_row, sessions_by_channel_rows);
}

/*
 * sessions_by_channel_transition(state, user_id, at, seq, channel, node, gap [, time_zone])
 */
static Datum
sessions_by_channel_seq_row(PG_FUNCTION_ARGS)
{
	return session_add_row(fcinfo, 3, 4, 5, 0, 5);
}

TABLE_SCAN_ROWS(sessions_by_channel_seq_row)

Datum
journey_sessions_by_channel_seq_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, sessions_by_channel_seq_row, sessions_by_channel_seq_rows);
}

/*
 * sessions_by_channel_transition(state, user_id, at, channel, node, is_start, is_end, gap [, time_zone])
 */
static Datum
sessions_by_channel_cut_row(PG_FUNCTION_ARGS)
{
	return session_add_row(fcinfo, 0, 3, 4, 5, 6);
}

TABLE_SCAN_ROWS(sessions_by_channel_cut_row)

Datum
journey_sessions_by_channel_cut_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, sessions_by_channel_cut_row, sessions_by_channel_cut_rows);
}

/*
 * sessions_by_channel_transition(state, user_id, at, seq, channel, node, is_start, is_end, gap [, time_zone])
 */
static Datum
sessions_by_channel_seq_cut_row(PG_FUNCTION_ARGS)
{
	return session_add_row(fcinfo, 3, 4, 5, 6, 7);
}

TABLE_SCAN_ROWS(sessions_by_channel_seq_cut_row)

Datum
journey_sessions_by_channel_seq_cut_transition(PG_FUNCTION_ARGS)
{
	return population_transition(fcinfo, sessions_by_channel_seq_cut_row, sessions_by_channel_seq_cut_rows);
}

JOURNEY_RESULTS_JOIN(journey_session_final_join);
const ResultsJoin journey_session_final_join = {.type = &session_stats_type};

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
	zone = pg_get_timezone_name(params->zone);
	stats->gap = params->gap;
	stats->flags = (population->nsteps > 0 ? SESSION_CUTS : 0) |
		((population->holds & POPULATION_VALUES) != 0 ? SESSION_TRAFFIC : 0);
	stats->zone = (TextSlice)
	{
		zone, (uint32) strlen(zone)
	};
	session_counts_init(&counts, CurrentMemoryContext, params->gap,
						(stats->flags & SESSION_CUTS) != 0, (stats->flags & SESSION_TRAFFIC) != 0,
						params->zone, population->nodes->n);
	population_visit(population, session_counts_user, &counts);
	if (counts.users == 0)
		PG_RETURN_NULL();
	session_counts_finish(&counts, population, stats);
	PG_RETURN_POINTER(stats_pack(&session_stats_type, stats));
}

/*
 * session_final(state): NULL when there are no rows.
 */
Datum
journey_session_final(PG_FUNCTION_ARGS)
{
	return results_final(fcinfo, session_final_users, &journey_session_final_join);
}
