/*-------------------------------------------------------------------------
 *
 * funnel_population.c
 *		funnel: the funnel kernel over all users of a population at once.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/event_buffer.h"
#include "common/population.h"
#include "funnel/funnel_stats.h"

JOURNEY_FUNCTION(journey_funnel_transition);
JOURNEY_FUNCTION(journey_funnel_combine);
JOURNEY_FUNCTION(journey_funnel_serialize);
JOURNEY_FUNCTION(journey_funnel_deserialize);
JOURNEY_FUNCTION(journey_funnel_final);

/* What a call site remembers from row to row. */
typedef struct FunnelSite
{
	PopulationSite *population;
	const FunnelParams *params; /* the latest */
} FunnelSite;

static FunnelSite *
funnel_site(FmgrInfo *flinfo)
{
	if (flinfo->fn_extra == NULL)
		flinfo->fn_extra = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(FunnelSite));
	return flinfo->fn_extra;
}

/*
 * One row, whichever the aggregate: argument 1 is the user, 2 the time, 3 the
 * stepset; `value` goes along with events that meet one of `valued`.
 */
static Population *
add_row(FunctionCallInfo fcinfo, const FunnelArgs *args, const EventValue *value,
		uint64 valued)
{
	static const EventValue no_value = {NULL, 0};
	FunnelSite *site = funnel_site(fcinfo->flinfo);
	Population *population = PG_ARGISNULL(0) ? NULL : (Population *) PG_GETARG_POINTER(0);
	bool		skip = PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3);
	const FunnelParams *params;
	int64		at;
	uint64		step;

	params = funnel_params_of_row(fcinfo->flinfo->fn_mcxt, site->params,
								  population == NULL ? NULL : population->params,
								  args, !skip);
	if (skip)
		return population;
	site->params = params;

	at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	step = (uint64) PG_GETARG_INT64(3);
	if (unlikely(population == NULL))
	{
		if (site->population == NULL)
			site->population = population_site(fcinfo->flinfo,
											   get_fn_expr_argtype(fcinfo->flinfo, 1),
											   PG_GET_COLLATION());
		population = population_new(arg_aggregate_context(fcinfo), site->population,
									params, stepset_size(step), value != NULL);
	}
	else
		arg_check_size(population->nsteps, step);
	if (at > population->newest)
		population->newest = at;
	if (funnel_needs_event(params->spec.modes, step))
		population_add(population, PG_GETARG_DATUM(1), at, step,
					   value != NULL && (step & valued) == 0 ? &no_value : value);
	return population;
}

/*
 * funnel_transition(state, user_id, at, step, within [, mode])
 */
Datum
journey_funnel_transition(PG_FUNCTION_ARGS)
{
	FunnelArgs	args = {0};
	Population *population;

	ARG_NOT_NULL(4, "within");
	args.within = arg_duration(PG_GETARG_INTERVAL_P(4), "within");
	if (PG_NARGS() > 5)
		args.mode = funnel_text_arg(fcinfo, 5, "mode");
	population = add_row(fcinfo, &args, NULL, 0);
	if (population == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(population);
}

/*
 * funnel_combine(state, state): for every aggregate of this file.
 */
Datum
journey_funnel_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	FunnelSite *site = funnel_site(fcinfo->flinfo);
	Population *left = PG_ARGISNULL(0) ? NULL : (Population *) PG_GETARG_POINTER(0);
	const Population *right = PG_ARGISNULL(1) ? NULL : (Population *) PG_GETARG_POINTER(1);

	if (right != NULL)
	{
		if (left != NULL && left->nsteps != right->nsteps)
			arg_refuse_size(left->nsteps, right->nsteps);
		site->params = funnel_params_joined(fcinfo->flinfo->fn_mcxt, site->params,
											left == NULL ? NULL : left->params, right->params);
		if (site->population == NULL)
			site->population = population_site(fcinfo->flinfo, right->site->key_type.type,
											   right->site->key_type.collation);
		if (left == NULL)
			left = population_new(context, site->population, site->params, right->nsteps,
								  right->with_values);
		population_combine(left, right);
	}
	if (left == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(left);
}

/*
 * funnel_serialize(state)
 */
Datum
journey_funnel_serialize(PG_FUNCTION_ARGS)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	size_t		size = funnel_params_size(population->params);
	unsigned char *bytes = palloc(size);
	ByteWriter	out = {bytes};

	funnel_params_encode(population->params, &out);
	PG_RETURN_BYTEA_P(population_serialize(population, bytes, size));
}

/*
 * funnel_deserialize(bytes)
 */
Datum
journey_funnel_deserialize(PG_FUNCTION_ARGS)
{
	FunnelSite *site = funnel_site(fcinfo->flinfo);
	EventsHeader header;
	Population *population;
	ByteReader	in = {NULL, NULL, false};

	(void) arg_aggregate_context(fcinfo);
	population = population_deserialize(PG_GETARG_BYTEA_PP(0), fcinfo->flinfo,
										&site->population, &header);
	in.at = header.params;
	in.end = header.params + header.params_size;
	site->params = funnel_params_decode(fcinfo->flinfo->fn_mcxt, site->params, &in);
	population->params = site->params;
	PG_RETURN_POINTER(population);
}

/* What the visit of the users of funnel() works with. */
typedef struct FunnelVisit
{
	const FunnelParams *params;
	int			nsteps;
	FunnelStats *stats;
	FunnelGroup *group;
} FunnelVisit;

static void
visit_whole(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	int64		times[STEPSET_MAX];
	int			level;

	(void) user;
	(void) values;
	level = funnel_level(events, n, visit->nsteps, &visit->params->spec, times);
	funnel_group_add(visit->stats, visit->group, times, level);
}

/*
 * funnel_final(state): NULL when there are no rows.
 */
Datum
journey_funnel_final(PG_FUNCTION_ARGS)
{
	Population *population = PG_ARGISNULL(0) ? NULL : (Population *) PG_GETARG_POINTER(0);
	const FunnelParams *params;
	FunnelVisit visit;
	TextSlice	no_label = {NULL, 0};

	if (population == NULL)
		PG_RETURN_NULL();
	params = population->params;
	visit.params = params;
	visit.nsteps = population->nsteps;
	visit.stats = funnel_stats_new(CurrentMemoryContext, FUNNEL_WHOLE, population->nsteps,
								   &params->spec);
	visit.group = funnel_stats_group(visit.stats, no_label, 0);
	population_visit(population, visit_whole, &visit);
	PG_RETURN_POINTER(funnel_stats_pack(visit.stats));
}
