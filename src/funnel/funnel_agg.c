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

#include "common/args.h"
#include "common/event_buffer.h"
#include "funnel/funnel.h"
#include "utils/builtins.h"

JOURNEY_FUNCTION(journey_window_funnel_transition);
JOURNEY_FUNCTION(journey_window_funnel_combine);
JOURNEY_FUNCTION(journey_window_funnel_serialize);
JOURNEY_FUNCTION(journey_window_funnel_deserialize);
JOURNEY_FUNCTION(journey_window_funnel_final);
JOURNEY_FUNCTION(journey_window_funnel_times_final);

/*
 * The parameters of a call as text and compiled.  They are compared on every
 * row, so the mode is kept as it was written.
 */
typedef struct FunnelParams
{
	FunnelSpec	spec;
	uint32		mode_length;
	char		mode[FLEXIBLE_ARRAY_MEMBER];
} FunnelParams;

/* Read the modes, or say what is wrong with them. */
static uint32
read_modes(const char *mode, size_t length)
{
	uint32		modes;
	size_t		bad;
	size_t		bad_length;

	switch (funnel_parse_modes(mode, length, &modes, &bad, &bad_length))
	{
		case FUNNEL_MODES_OK:
			break;
		case FUNNEL_MODE_UNKNOWN:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("mode \"%s\" does not exist", pnstrdup(mode + bad, bad_length)),
					 errhint("The modes are %s; several are separated by commas.",
							 FUNNEL_MODE_NAMES)));
			break;
		case FUNNEL_REENTRY_ALONE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("mode \"%s\" has allow_reentry without strict_order",
							pnstrdup(mode, length)),
					 errhint("Write 'strict_order, allow_reentry'.")));
			break;
		case FUNNEL_ANY_ORDER_COMBINED:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("mode \"%s\" combines any_order with another mode",
							pnstrdup(mode, length)),
					 errhint("Write 'any_order' alone.")));
			break;
	}
	return modes;
}

/*
 * The parameters in long-lived memory.  `flinfo` remembers the last ones, and
 * in all but the oddest queries there are no others.
 */
static const FunnelParams *
keep_params(FmgrInfo *flinfo, int64 within, uint32 modes, const char *mode, uint32 mode_length)
{
	FunnelParams *params = MemoryContextAlloc(flinfo->fn_mcxt,
											  offsetof(FunnelParams, mode) + mode_length);

	params->spec.within = within;
	params->spec.modes = modes;
	params->mode_length = mode_length;
	if (mode_length > 0)
		memcpy(params->mode, mode, mode_length);
	flinfo->fn_extra = params;
	return params;
}

static inline bool
same_params(const FunnelParams *params, int64 within, const char *mode, uint32 mode_length)
{
	return params->spec.within == within && params->mode_length == mode_length &&
		(mode_length == 0 || memcmp(params->mode, mode, mode_length) == 0);
}

static void
refuse_changed(const FunnelParams *params, int64 within, const char *mode, uint32 mode_length)
{
	if (params->spec.within != within)
		arg_refuse_changed("within", duration_text(params->spec.within), duration_text(within));
	arg_refuse_changed("mode", pnstrdup(params->mode, params->mode_length),
					   mode_length > 0 ? pnstrdup(mode, mode_length) : "");
}

/*
 * window_funnel_transition(state, at, step, within [, mode])
 */
Datum
journey_window_funnel_transition(PG_FUNCTION_ARGS)
{
	EventBuffer *buffer = PG_ARGISNULL(0) ? NULL : (EventBuffer *) PG_GETARG_POINTER(0);
	const FunnelParams *params = fcinfo->flinfo->fn_extra;
	const char *mode = NULL;
	uint32		mode_length = 0;
	bool		skip = PG_ARGISNULL(1) || PG_ARGISNULL(2);
	int64		within;
	int64		at;
	uint64		step;

	ARG_NOT_NULL(3, "within");
	within = arg_duration(PG_GETARG_INTERVAL_P(3), "within");
	if (PG_NARGS() > 4)
	{
		text	   *mode_text;

		ARG_NOT_NULL(4, "mode");
		mode_text = PG_GETARG_TEXT_PP(4);
		mode = VARDATA_ANY(mode_text);
		mode_length = (uint32) VARSIZE_ANY_EXHDR(mode_text);
	}

	if (unlikely(buffer != NULL && buffer->params != params))
	{
		/* another group came between with other parameters */
		params = buffer->params;
		fcinfo->flinfo->fn_extra = (void *) params;
	}
	if (unlikely(params == NULL || !same_params(params, within, mode, mode_length)))
	{
		uint32		modes = read_modes(mode, mode_length);

		if (buffer != NULL)
			refuse_changed(params, within, mode, mode_length);
		if (!skip)
			params = keep_params(fcinfo->flinfo, within, modes, mode, mode_length);
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
		buffer = event_buffer_new(arg_aggregate_context(fcinfo), params, stepset_size(step));
	else
		arg_check_size(buffer->nsteps, step);
	if (funnel_needs_event(params->spec.modes, step))
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
	const FunnelParams *last = fcinfo->flinfo->fn_extra;
	const FunnelParams *params;

	if (right == NULL)
	{
		if (left == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(left);
	}

	params = right->params;
	if (left != NULL)
	{
		const FunnelParams *mine = left->params;

		if (!same_params(mine, params->spec.within, params->mode, params->mode_length))
			refuse_changed(mine, params->spec.within, params->mode, params->mode_length);
		if (left->nsteps != right->nsteps)
			arg_refuse_size(left->nsteps, right->nsteps);
		params = mine;
	}
	else if (last != NULL &&
			 same_params(last, params->spec.within, params->mode, params->mode_length))
		params = last;
	else
		params = keep_params(fcinfo->flinfo, params->spec.within, params->spec.modes,
							 params->mode, params->mode_length);
	PG_RETURN_POINTER(event_buffer_combine(left, right, context, params));
}

/*
 * window_funnel_serialize(state): the parameters are `within` as a number and
 * the mode as written.
 */
Datum
journey_window_funnel_serialize(PG_FUNCTION_ARGS)
{
	EventBuffer *buffer = (EventBuffer *) PG_GETARG_POINTER(0);
	const FunnelParams *params = buffer->params;
	size_t		size = number_size((uint64) params->spec.within) + params->mode_length;
	unsigned char *bytes = palloc(size);
	ByteWriter	out = {bytes};

	write_number(&out, (uint64) params->spec.within);
	write_bytes(&out, params->mode, params->mode_length);
	PG_RETURN_BYTEA_P(event_buffer_serialize(buffer, bytes, size));
}

/*
 * window_funnel_deserialize(bytes)
 */
Datum
journey_window_funnel_deserialize(PG_FUNCTION_ARGS)
{
	EventsHeader header;
	EventBuffer *buffer;
	ByteReader	in;
	uint64		within;
	const char *mode;
	uint32		mode_length;
	const FunnelParams *params = fcinfo->flinfo->fn_extra;

	(void) arg_aggregate_context(fcinfo);
	buffer = event_buffer_deserialize(PG_GETARG_BYTEA_PP(0), &header);
	in.at = header.params;
	in.end = header.params + header.params_size;
	in.failed = false;
	within = read_number(&in);
	if (in.failed || within > (uint64) DURATION_MAX)
		serialized_refuse();
	mode = (const char *) in.at;
	mode_length = (uint32) bytes_left(&in);
	if (params == NULL || !same_params(params, (int64) within, mode, mode_length))
		params = keep_params(fcinfo->flinfo, (int64) within, read_modes(mode, mode_length),
							 mode, mode_length);
	buffer->params = params;
	PG_RETURN_POINTER(buffer);
}

/*
 * window_funnel_final(state): the level, 0 when the user has no event.
 */
Datum
journey_window_funnel_final(PG_FUNCTION_ARGS)
{
	EventBuffer *buffer = PG_ARGISNULL(0) ? NULL : (EventBuffer *) PG_GETARG_POINTER(0);
	const FunnelParams *params;

	if (buffer == NULL)
		PG_RETURN_INT32(0);
	params = buffer->params;
	event_buffer_sort(buffer);
	PG_RETURN_INT32(funnel_level(buffer->events, buffer->n, buffer->nsteps,
								 &params->spec, NULL));
}

/*
 * window_funnel_times_final(state): the time of each step reached, NULL when
 * there is none.
 */
Datum
journey_window_funnel_times_final(PG_FUNCTION_ARGS)
{
	EventBuffer *buffer = PG_ARGISNULL(0) ? NULL : (EventBuffer *) PG_GETARG_POINTER(0);
	const FunnelParams *params;
	int64		times[STEPSET_MAX];
	int			level;

	if (buffer == NULL)
		PG_RETURN_NULL();
	params = buffer->params;
	event_buffer_sort(buffer);
	level = funnel_level(buffer->events, buffer->n, buffer->nsteps, &params->spec, times);
	if (level == 0)
		PG_RETURN_NULL();
	PG_RETURN_ARRAYTYPE_P(event_times_array(times, level));
}
