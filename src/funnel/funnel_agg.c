/*-------------------------------------------------------------------------
 *
 * funnel_agg.c
 *		window_funnel and window_funnel_times: the funnel kernel as aggregates
 *		over the rows of one user.
 *
 * Both share one state, the user's events, and one parameter set: `within`
 * and the modes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "event/event.h"
#include "funnel/funnel_params.h"
#include "grouping/grouping.h"
#include "utils/builtins.h"

JOURNEY_FUNCTION(journey_window_funnel_transition);
JOURNEY_FUNCTION(journey_window_funnel_combine);
JOURNEY_FUNCTION(journey_window_funnel_serialize);
JOURNEY_FUNCTION(journey_window_funnel_deserialize);
JOURNEY_FUNCTION(journey_window_funnel_final);
JOURNEY_FUNCTION(journey_window_funnel_times_final);

static bool window_funnel_needs_all(Datum options);

const GroupingEvents window_funnel_events = {
	.transition = journey_window_funnel_transition,
	.at = 1,
	.step = 2,
	.options = 4,
	.needs_all = window_funnel_needs_all
};

/* Arguments 1 and 2, at and step, are data; the others are parameters. */
#define DATA_ARGS (1 << 1 | 1 << 2)

/* Do options need rows that meet no condition, or is there an error to be told of? */
static bool
window_funnel_needs_all(Datum options)
{
	const		text *given = DatumGetTextPP(options);
	TextSlice	slice = {VARDATA_ANY(given), (uint32) VARSIZE_ANY_EXHDR(given)};
	FunnelOptions read;

	return funnel_parse_options(slice, false, &read) != FUNNEL_OPTIONS_OK ||
		funnel_needs_event(read.modes, 0);
}

/*
 * window_funnel_transition(state, at, step, within [, options])
 */
Datum
journey_window_funnel_transition(PG_FUNCTION_ARGS)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	EventBuffer *buffer = PG_ARGISNULL(0) ? NULL : (EventBuffer *) PG_GETARG_POINTER(0);
	ParamsSite *site = flinfo->fn_extra;
	bool		skip = PG_ARGISNULL(1) || PG_ARGISNULL(2);
	int64		at;
	uint64		step;

	if (site == NULL)
		site = flinfo->fn_extra = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(ParamsSite));
	if (!site->constant)
	{
		CallParams	given = {0};

		param_read(&given, &funnel_params, FUNNEL_WITHIN, fcinfo, 3);
		if (PG_NARGS() > 4)
			param_read(&given, &funnel_params, FUNNEL_OPTIONS, fcinfo, 4);
		params_of_row(fcinfo, site, &funnel_params, DATA_ARGS,
					  buffer == NULL ? NULL : buffer->params, &given, !skip);
	}
	if (skip)
	{
		if (buffer == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(buffer);
	}

	at = arg_event_time(PG_GETARG_TIMESTAMPTZ(1));
	step = (uint64) PG_GETARG_INT64(2);

	if (buffer == NULL)
		buffer = event_buffer_new(arg_aggregate_context(fcinfo), site->params,
								  stepset_size(step));
	else
		arg_check_size(buffer->nsteps, step);
	if (funnel_needs_event(((const FunnelParams *) buffer->params)->spec.modes, step))
		buffer = event_buffer_add(buffer, at, step);
	PG_RETURN_POINTER(buffer);
}

/*
 * window_funnel_combine(state, state)
 */
Datum
journey_window_funnel_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	EventBuffer *left = PG_ARGISNULL(0) ? NULL : (EventBuffer *) PG_GETARG_POINTER(0);
	const EventBuffer *right = PG_ARGISNULL(1) ? NULL : (EventBuffer *) PG_GETARG_POINTER(1);
	FmgrInfo   *flinfo = fcinfo->flinfo;
	const void *params;

	if (right == NULL)
	{
		if (left == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(left);
	}
	if (left != NULL && left->nsteps != right->nsteps)
		arg_refuse_size(left->nsteps, right->nsteps);
	params = params_joined(flinfo->fn_mcxt, &funnel_params, flinfo->fn_extra,
						   left == NULL ? NULL : left->params, right->params);
	flinfo->fn_extra = unconstify(void *, params);
	PG_RETURN_POINTER(event_buffer_combine(left, right, context, params));
}

/*
 * window_funnel_serialize(state)
 */
Datum
journey_window_funnel_serialize(PG_FUNCTION_ARGS)
{
	EventBuffer *buffer = (EventBuffer *) PG_GETARG_POINTER(0);
	size_t		size = params_size(&funnel_params, buffer->params);
	unsigned char *bytes = palloc(size);
	ByteWriter	out = {bytes};

	params_encode(&funnel_params, buffer->params, &out);
	PG_RETURN_BYTEA_P(event_buffer_serialize(buffer, bytes, size));
}

/*
 * window_funnel_deserialize(bytes)
 */
Datum
journey_window_funnel_deserialize(PG_FUNCTION_ARGS)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	EventsHeader header;
	EventBuffer *buffer;
	ByteReader	in = {NULL, NULL, false};

	(void) arg_aggregate_context(fcinfo);
	buffer = event_buffer_deserialize(PG_GETARG_BYTEA_PP(0), &header);
	in.at = header.params;
	in.end = header.params + header.params_size;
	buffer->params = params_decode(flinfo->fn_mcxt, &funnel_params, flinfo->fn_extra, &in);
	flinfo->fn_extra = unconstify(void *, buffer->params);
	PG_RETURN_POINTER(buffer);
}

/* The level of the user of a state, and the times of its steps if wanted. */
static int
window_funnel_level(EventBuffer *buffer, int64 *times)
{
	const FunnelParams *params = buffer->params;
	FunnelSpec	spec = params->spec;
	int			nsteps = buffer->nsteps;

	if (unlikely(spec.rules != NULL))
	{
		if (funnel_counts_attempts(&spec))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option count does not go with window_funnel"),
					 errdetail("window_funnel gives the chain that counts of one user."),
					 errhint("Leave it out, or call funnel() or funnel_members() without GROUP BY user_id.")));
		nsteps = funnel_settle_spec(&spec, params->given.list[FUNNEL_OPTIONS].text, nsteps);
	}
	event_buffer_sort(buffer);
	return funnel_level(buffer->events, buffer->n, nsteps, &spec, times);
}

/*
 * window_funnel_final(state): the level, 0 when the user has no event.
 */
Datum
journey_window_funnel_final(PG_FUNCTION_ARGS)
{
	EventBuffer *buffer = PG_ARGISNULL(0) ? NULL : (EventBuffer *) PG_GETARG_POINTER(0);

	if (buffer == NULL)
		PG_RETURN_INT32(0);
	PG_RETURN_INT32(window_funnel_level(buffer, NULL));
}

/*
 * window_funnel_times_final(state): the time of each step reached, NULL when
 * there is none.
 */
Datum
journey_window_funnel_times_final(PG_FUNCTION_ARGS)
{
	EventBuffer *buffer = PG_ARGISNULL(0) ? NULL : (EventBuffer *) PG_GETARG_POINTER(0);
	int64		times[STEPSET_MAX];
	int			level;

	if (buffer == NULL)
		PG_RETURN_NULL();
	level = window_funnel_level(buffer, times);
	if (level == 0)
		PG_RETURN_NULL();
	PG_RETURN_ARRAYTYPE_P(event_times_array(times, level));
}
