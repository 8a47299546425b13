/*-------------------------------------------------------------------------
 *
 * funnel_population.c
 *		funnel and its relatives: the funnel kernel over all users of a
 *		population at once.
 *
 * They share the state, a population of events, and all its support functions
 * but the first and the last.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/event_buffer.h"
#include "common/int.h"
#include "common/population.h"
#include "funcapi.h"
#include "funnel/funnel_stats.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

JOURNEY_FUNCTION(journey_funnel_transition);
JOURNEY_FUNCTION(journey_funnel_by_transition);
JOURNEY_FUNCTION(journey_funnel_trend_transition);
JOURNEY_FUNCTION(journey_funnel_holding_transition);
JOURNEY_FUNCTION(journey_funnel_combine);
JOURNEY_FUNCTION(journey_funnel_serialize);
JOURNEY_FUNCTION(journey_funnel_deserialize);
JOURNEY_FUNCTION(journey_funnel_final);
JOURNEY_FUNCTION(journey_funnel_by_final);
JOURNEY_FUNCTION(journey_funnel_trend_final);
JOURNEY_FUNCTION(journey_funnel_holding_final);
JOURNEY_FUNCTION(journey_funnel_members_final);

/* What a call site remembers from row to row. */
typedef struct PopulationCall
{
	FunnelSite	site;
	PopulationSite *population;
} PopulationCall;

/* Arguments 1 to 3 are the user, the time and the stepset; 5 may be a value. */
#define DATA_ARGS	(1 << 1 | 1 << 2 | 1 << 3)
#define VALUE_ARG	(1 << 5)

static PopulationCall *
population_call(FmgrInfo *flinfo)
{
	if (flinfo->fn_extra == NULL)
		flinfo->fn_extra = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(PopulationCall));
	return flinfo->fn_extra;
}

/* May a row be taken without asking it for its parameters? */
static inline bool
params_are_known(FunctionCallInfo fcinfo)
{
	const PopulationCall *call = fcinfo->flinfo->fn_extra;

	return likely(call != NULL && call->site.constant);
}

/* Is a row left out because its data is NULL? */
static inline bool
row_is_null(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3);
}

/* Take the parameters of a row. */
static void
take_params(FunctionCallInfo fcinfo, const FunnelArgs *args, uint32 data_args)
{
	PopulationCall *call = population_call(fcinfo->flinfo);
	const Population *population = PG_ARGISNULL(0) ? NULL : (Population *) PG_GETARG_POINTER(0);

	funnel_params_of_row(fcinfo, &call->site, data_args,
						 population == NULL ? NULL : population->params, args,
						 !row_is_null(fcinfo));
}

/*
 * The collation by which users are told apart: that of user_id alone.  The
 * call's own is derived from all its arguments.
 */
static Oid
user_collation(FunctionCallInfo fcinfo)
{
	Aggref	   *aggref = AggGetAggref(fcinfo);

	if (aggref == NULL || aggref->args == NIL)
		return PG_GET_COLLATION();
	return exprCollation((Node *) linitial_node(TargetEntry, aggref->args)->expr);
}

/* The population of a group's first row. */
static Population *
new_population(FunctionCallInfo fcinfo, int nsteps, bool with_values)
{
	PopulationCall *call = fcinfo->flinfo->fn_extra;
	int			breakdown_step = call->site.params->args.breakdown_step;

	if (breakdown_step > nsteps)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("breakdown_step is %d, but step has %d conditions",
						breakdown_step, nsteps),
				 errhint("Write a step from 1 to %d.", nsteps)));
	if (call->population == NULL)
		call->population = population_site(fcinfo->flinfo,
										   get_fn_expr_argtype(fcinfo->flinfo, 1),
										   user_collation(fcinfo));
	return population_new(arg_aggregate_context(fcinfo), call->population,
						  call->site.params, nsteps, with_values);
}

/*
 * Add a row, whichever the aggregate.  `value` is NULL where events carry none.
 */
static inline Datum
add_row(FunctionCallInfo fcinfo, const EventValue *value)
{
	Population *population = PG_ARGISNULL(0) ? NULL : (Population *) PG_GETARG_POINTER(0);
	const FunnelParams *params;
	int64		at;
	uint64		step;

	if (row_is_null(fcinfo))
	{
		if (population == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(population);
	}
	at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	step = (uint64) PG_GETARG_INT64(3);
	if (unlikely(population == NULL))
		population = new_population(fcinfo, stepset_size(step), value != NULL);
	else
		arg_check_size(population->nsteps, step);
	params = population->params;
	if (at > population->newest)
		population->newest = at;
	if (funnel_needs_event(params->spec.modes, step))
		population_add(population, PG_GETARG_DATUM(1), at, step, value);
	PG_RETURN_POINTER(population);
}

/* Argument 4 of every aggregate, and the mode, if it is given, at `mode_arg`. */
static FunnelArgs
common_args(FunctionCallInfo fcinfo, int mode_arg)
{
	FunnelArgs	args = {0};

	ARG_NOT_NULL(4, "within");
	args.within = arg_duration(PG_GETARG_INTERVAL_P(4), "within");
	if (PG_NARGS() > mode_arg)
		args.mode = funnel_text_arg(fcinfo, mode_arg, "mode");
	return args;
}

/* A text argument that may be NULL, as the value of an event. */
static EventValue
value_arg(FunctionCallInfo fcinfo, int n)
{
	EventValue	value = {NULL, 0};

	if (!PG_ARGISNULL(n))
	{
		text	   *text_value = PG_GETARG_TEXT_PP(n);

		value.bytes = VARDATA_ANY(text_value);
		value.length = (uint32) VARSIZE_ANY_EXHDR(text_value);
	}
	return value;
}

/*
 * funnel_transition(state, user_id, at, step, within [, mode]): also of
 * funnel_members.
 */
Datum
journey_funnel_transition(PG_FUNCTION_ARGS)
{
	if (!params_are_known(fcinfo))
	{
		FunnelArgs	args = common_args(fcinfo, 5);

		take_params(fcinfo, &args, DATA_ARGS);
	}
	return add_row(fcinfo, NULL);
}

/*
 * funnel_by_transition(state, user_id, at, step, within, breakdown,
 * breakdown_step [, mode]): only events that meet the step keep their value.
 */
Datum
journey_funnel_by_transition(PG_FUNCTION_ARGS)
{
	PopulationCall *call;
	EventValue	value = {NULL, 0};

	if (!params_are_known(fcinfo))
	{
		FunnelArgs	args = common_args(fcinfo, 7);

		ARG_NOT_NULL(6, "breakdown_step");
		args.breakdown_step = PG_GETARG_INT32(6);
		if (args.breakdown_step < 1 || args.breakdown_step > STEPSET_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("breakdown_step must be a step of the funnel, not %d",
							args.breakdown_step),
					 errhint("Steps are numbered from 1.")));
		take_params(fcinfo, &args, DATA_ARGS | VALUE_ARG);
	}
	call = fcinfo->flinfo->fn_extra;
	if (!row_is_null(fcinfo) &&
		((uint64) PG_GETARG_INT64(3) & stepset_bit(call->site.params->args.breakdown_step - 1)) != 0)
		value = value_arg(fcinfo, 5);
	return add_row(fcinfo, &value);
}

/*
 * funnel_trend_transition(state, user_id, at, step, within, unit [, time_zone
 * [, mode]])
 */
Datum
journey_funnel_trend_transition(PG_FUNCTION_ARGS)
{
	if (!params_are_known(fcinfo))
	{
		FunnelArgs	args = common_args(fcinfo, 7);

		args.unit = funnel_text_arg(fcinfo, 5, "unit");
		if (args.unit.length == 0)
			(void) calendar_unit("", 0);	/* says that it does not exist */
		if (PG_NARGS() > 6)
			args.zone = funnel_text_arg(fcinfo, 6, "time_zone");
		take_params(fcinfo, &args, DATA_ARGS);
	}
	return add_row(fcinfo, NULL);
}

/*
 * funnel_holding_transition(state, user_id, at, step, within, property
 * [, mode])
 */
Datum
journey_funnel_holding_transition(PG_FUNCTION_ARGS)
{
	EventValue	value = value_arg(fcinfo, 5);

	if (!params_are_known(fcinfo))
	{
		FunnelArgs	args = common_args(fcinfo, 6);

		take_params(fcinfo, &args, DATA_ARGS | VALUE_ARG);
	}
	return add_row(fcinfo, &value);
}

/*
 * funnel_combine(state, state): for every aggregate of this file.
 */
Datum
journey_funnel_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	PopulationCall *call = population_call(fcinfo->flinfo);
	Population *left = PG_ARGISNULL(0) ? NULL : (Population *) PG_GETARG_POINTER(0);
	const Population *right = PG_ARGISNULL(1) ? NULL : (Population *) PG_GETARG_POINTER(1);

	if (right != NULL)
	{
		if (left != NULL && left->nsteps != right->nsteps)
			arg_refuse_size(left->nsteps, right->nsteps);
		if (left != NULL && (left->with_values != right->with_values ||
							 left->site->key_type.type != right->site->key_type.type ||
							 left->site->key_type.collation != right->site->key_type.collation))
			serialized_refuse();	/* their records are not laid out alike */
		call->site.params = funnel_params_joined(fcinfo->flinfo->fn_mcxt, call->site.params,
												 left == NULL ? NULL : left->params,
												 right->params);
		if (call->population == NULL ||
			(left == NULL && call->population->key_type.type != right->site->key_type.type))
			call->population = population_site(fcinfo->flinfo, right->site->key_type.type,
											   right->site->key_type.collation);
		if (left == NULL)
			left = population_new(context, call->population, call->site.params, right->nsteps,
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
	PopulationCall *call = population_call(fcinfo->flinfo);
	EventsHeader header;
	Population *population;
	ByteReader	in = {NULL, NULL, false};

	(void) arg_aggregate_context(fcinfo);
	population = population_deserialize(PG_GETARG_BYTEA_PP(0), fcinfo->flinfo,
										&call->population, &header);
	in.at = header.params;
	in.end = header.params + header.params_size;
	call->site.params = funnel_params_decode(fcinfo->flinfo->fn_mcxt, call->site.params, &in);
	population->params = call->site.params;
	PG_RETURN_POINTER(population);
}

/*
 * What the visits of users work with.  Each visit uses what it needs.
 */
typedef struct FunnelVisit
{
	const FunnelParams *params;
	int			nsteps;
	FunnelStats *stats;
	FunnelGroup *group;			/* the one of a result without breakdown */
	MemoryContext context;		/* where results are kept */

	/* of a trend */
	pg_tz	   *zone;
	CalendarBucket *buckets;	/* all met so far, in order */
	int			nbuckets;
	int			buckets_capacity;

	/* copies of a user's events */
	Event	   *events;
	size_t		events_capacity;

	/* of members */
	TupleDesc	member;
	Datum	   *members;
	uint64		nmembers;
	uint64		members_capacity;
} FunnelVisit;

/* Get ready to visit the users of a state. */
static void
begin_visit(FunnelVisit *visit, const Population *population, FunnelKind kind)
{
	memset(visit, 0, sizeof(FunnelVisit));
	visit->params = population->params;
	visit->nsteps = population->nsteps;
	visit->context = CurrentMemoryContext;
	visit->stats = funnel_stats_new(CurrentMemoryContext, kind, population->nsteps,
									&visit->params->spec);
	visit->stats->newest = population->newest;
}

/* Room for copies of n events. */
static Event *
event_copies(FunnelVisit *visit, size_t n)
{
	if (n > visit->events_capacity)
	{
		if (visit->events != NULL)
			pfree(visit->events);
		visit->events_capacity = Max(n, visit->events_capacity * 2);
		visit->events = MemoryContextAllocHuge(visit->context,
											   visit->events_capacity * sizeof(Event));
	}
	return visit->events;
}

static const TextSlice no_label = {NULL, 0};

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
	FunnelVisit visit;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	begin_visit(&visit, (Population *) PG_GETARG_POINTER(0), FUNNEL_WHOLE);
	visit.group = funnel_stats_group(visit.stats, no_label, 0);
	population_visit((Population *) PG_GETARG_POINTER(0), visit_whole, &visit);
	PG_RETURN_POINTER(funnel_stats_pack(visit.stats));
}

/*
 * A user's group is the value of the event that was the chosen step of their
 * chain: of several at that time, the first that has one.  Users who did not
 * get that far are in the group without a label.
 */
static void
visit_breakdown(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	const int	step = visit->params->args.breakdown_step;
	TextSlice	label = no_label;
	int64		times[STEPSET_MAX];
	int			level;
	size_t		i;

	(void) user;
	level = funnel_level(events, n, visit->nsteps, &visit->params->spec, times);
	if (level == 0)
		return;
	for (i = 0; level >= step && i < n && events[i].at <= times[step - 1]; i++)
		if (events[i].at == times[step - 1] && values[i].bytes != NULL)
		{
			label.bytes = values[i].bytes;
			label.length = values[i].length;
			break;
		}
	funnel_group_add(visit->stats, funnel_stats_group(visit->stats, label, 0), times, level);
}

/*
 * funnel_by_final(state)
 */
Datum
journey_funnel_by_final(PG_FUNCTION_ARGS)
{
	FunnelVisit visit;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	begin_visit(&visit, (Population *) PG_GETARG_POINTER(0), FUNNEL_BREAKDOWN);
	population_visit((Population *) PG_GETARG_POINTER(0), visit_breakdown, &visit);
	PG_RETURN_POINTER(funnel_stats_pack(visit.stats));
}

/* The calendar bucket of a time, remembered: asking the calendar is slow. */
static CalendarBucket
bucket_of(FunnelVisit *visit, int64 at)
{
	int			low = 0;
	int			high = visit->nbuckets;

	if (visit->params->unit == CALENDAR_HOUR)
		return calendar_bucket(CALENDAR_HOUR, visit->zone, at);
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (visit->buckets[middle].end <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == visit->nbuckets || visit->buckets[low].begin > at)
	{
		if (visit->nbuckets == visit->buckets_capacity)
		{
			visit->buckets_capacity = Max(64, visit->buckets_capacity * 2);
			if (visit->buckets == NULL)
				visit->buckets = MemoryContextAlloc(visit->context,
													visit->buckets_capacity * sizeof(CalendarBucket));
			else
				visit->buckets = repalloc_huge(visit->buckets,
											   visit->buckets_capacity * sizeof(CalendarBucket));
		}
		memmove(&visit->buckets[low + 1], &visit->buckets[low],
				(visit->nbuckets - low) * sizeof(CalendarBucket));
		visit->buckets[low] = calendar_bucket(visit->params->unit, visit->zone, at);
		visit->nbuckets++;
	}
	return visit->buckets[low];
}

/*
 * For each bucket in which the user meets step 1: the level of the chains that
 * start there.  The kernel sees the events from the first of these starts to
 * the end of the last one's window, and step 1 only inside the bucket.  So an
 * event is looked at once for each bucket whose windows reach it.
 */
static void
visit_trend(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	const uint64 within = (uint64) visit->params->spec.within;
	const uint64 first_step = stepset_bit(0);
	Event	   *copies = event_copies(visit, n);
	size_t		i = 0;

	(void) user;
	(void) values;
	while (i < n)
	{
		CalendarBucket bucket;
		FunnelGroup *group;
		int64		times[STEPSET_MAX];
		int64		last_start;
		size_t		next = n;	/* where the search for the next bucket begins */
		size_t		ncopies = 0;
		size_t		j;
		int			level;

		if ((events[i].step & first_step) == 0)
		{
			i++;
			continue;
		}
		bucket = bucket_of(visit, events[i].at);
		last_start = events[i].at;
		for (j = i; j < n; j++)
		{
			Event		event = events[j];

			if (event.at < bucket.end)
			{
				if ((event.step & first_step) != 0)
					last_start = event.at;
			}
			else
			{
				if (next == n)
					next = j;
				if ((event.step & first_step) != 0)
				{
					event.step &= ~first_step;
					if (stepset_conditions(event.step) == 0)
						continue;
				}
			}
			if (event.at > last_start && time_between(last_start, event.at) > within &&
				event.at >= bucket.end)
				break;
			copies[ncopies++] = event;
			if (ncopies % KERNEL_CHECK_EVERY == 0)
				CHECK_FOR_INTERRUPTS();
		}
		level = funnel_level(copies, ncopies, visit->nsteps, &visit->params->spec, times);
		group = funnel_stats_group(visit->stats, no_label, bucket.begin);
		if (pg_add_s64_overflow(bucket.end, visit->params->spec.within, &group->complete_at))
			group->complete_at = PG_INT64_MAX;
		funnel_group_add(visit->stats, group, times, level);
		i = next;
	}
}

/*
 * funnel_trend_final(state)
 */
Datum
journey_funnel_trend_final(PG_FUNCTION_ARGS)
{
	FunnelVisit visit;
	TextSlice	zone;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	begin_visit(&visit, (Population *) PG_GETARG_POINTER(0), FUNNEL_TREND);
	visit.stats->unit = visit.params->unit;
	zone = visit.params->args.zone;
	visit.zone = calendar_zone(zone.bytes, zone.length);
	population_visit((Population *) PG_GETARG_POINTER(0), visit_trend, &visit);
	PG_RETURN_POINTER(funnel_stats_pack(visit.stats));
}

/* An event with its value, for gathering the events of one value. */
typedef struct HeldEvent
{
	const char *bytes;
	uint32		length;
	uint64		position;		/* among the user's events */
} HeldEvent;

static int
compare_held(const void *a, const void *b)
{
	const HeldEvent *left = a;
	const HeldEvent *right = b;
	int			order = memcmp(left->bytes, right->bytes, Min(left->length, right->length));

	if (order == 0 && left->length != right->length)
		order = left->length < right->length ? -1 : 1;
	if (order == 0)
		order = left->position < right->position ? -1 : 1;
	return order;
}

/*
 * The level of a user when the events of a chain must carry one value, those
 * without a value going with any.  The kernel sees the events of each value in
 * turn, with those without a value (in most modes only those that lie near
 * enough to belong to a chain), and once the latter alone.  The deepest chain
 * counts; of several, the one that got there first.
 */
static void
visit_holding(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	const FunnelSpec *spec = &visit->params->spec;
	Event	   *copies = event_copies(visit, n);
	/* does an event end the search, however far from a chain it is? */
	const bool	far = (spec->modes & (FUNNEL_STRICT_ORDER | FUNNEL_STRICT_DEDUPLICATION)) != 0;
	HeldEvent  *held = MemoryContextAllocHuge(visit->context, n * sizeof(HeldEvent));
	uint64	   *without = MemoryContextAllocHuge(visit->context, n * sizeof(uint64));
	size_t		nheld = 0;
	size_t		nwithout = 0;
	int64		best_times[STEPSET_MAX];
	int			best = 0;
	size_t		begin;
	size_t		end;
	size_t		i;

	(void) user;
	for (i = 0; i < n; i++)
	{
		if (values[i].bytes == NULL)
		{
			copies[nwithout] = events[i];
			without[nwithout++] = i;
			continue;
		}
		held[nheld].bytes = values[i].bytes;
		held[nheld].length = values[i].length;
		held[nheld++].position = i;
	}
	if (nwithout > 0)
		best = funnel_level(copies, nwithout, visit->nsteps, spec, best_times);
	qsort(held, nheld, sizeof(HeldEvent), compare_held);

	for (begin = 0; begin < nheld && nheld > 0; begin = end)
	{
		int64		earliest = events[held[begin].position].at;
		int64		latest;
		int64		times[STEPSET_MAX];
		size_t		ncopies = 0;
		size_t		low = 0;
		size_t		high = nwithout;
		int			level;

		CHECK_FOR_INTERRUPTS();
		for (end = begin + 1; end < nheld && held[end].length == held[begin].length &&
			 memcmp(held[end].bytes, held[begin].bytes, held[begin].length) == 0; end++)
			;
		latest = events[held[end - 1].position].at;

		/* the first event without a value that is near enough */
		while (low < high && !far)
		{
			size_t		middle = low + (high - low) / 2;
			int64		at = events[without[middle]].at;

			if (at < earliest && time_between(at, earliest) > (uint64) spec->within)
				low = middle + 1;
			else
				high = middle;
		}
		/* merge both by their positions, which are in the event order */
		for (i = begin; i < end || low < nwithout;)
		{
			uint64		position;

			if (low < nwithout && (i == end || without[low] < held[i].position))
			{
				position = without[low++];
				if (!far && events[position].at > latest &&
					time_between(latest, events[position].at) > (uint64) spec->within)
					break;
			}
			else
				position = held[i++].position;
			copies[ncopies++] = events[position];
		}
		level = funnel_level(copies, ncopies, visit->nsteps, spec, times);
		if (level > best ||
			(level > 0 && level == best && times[level - 1] < best_times[best - 1]))
		{
			best = level;
			memcpy(best_times, times, level * sizeof(int64));
		}
	}
	pfree(without);
	pfree(held);
	funnel_group_add(visit->stats, visit->group, best_times, best);
}

/*
 * funnel_holding_final(state)
 */
Datum
journey_funnel_holding_final(PG_FUNCTION_ARGS)
{
	FunnelVisit visit;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	begin_visit(&visit, (Population *) PG_GETARG_POINTER(0), FUNNEL_WHOLE);
	visit.group = funnel_stats_group(visit.stats, no_label, 0);
	population_visit((Population *) PG_GETARG_POINTER(0), visit_holding, &visit);
	PG_RETURN_POINTER(funnel_stats_pack(visit.stats));
}

/* Keep a user who reached step 1 at least. */
static void
visit_member(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	FunnelVisit *visit = arg;
	MemoryContext old;
	int64		times[STEPSET_MAX];
	Datum		columns[3];
	bool		nulls[3] = {false};
	int			level;

	(void) values;
	level = funnel_level(events, n, visit->nsteps, &visit->params->spec, times);
	if (level == 0)
		return;
	old = MemoryContextSwitchTo(visit->context);
	if (visit->nmembers == visit->members_capacity)
	{
		visit->members_capacity = Max(64, visit->members_capacity * 2);
		if (visit->members == NULL)
			visit->members = palloc(visit->members_capacity * sizeof(Datum));
		else
			visit->members = repalloc_huge(visit->members,
										   visit->members_capacity * sizeof(Datum));
	}
	columns[0] = Int64GetDatum((int64) user->key);
	columns[1] = Int32GetDatum(level);
	columns[2] = PointerGetDatum(event_times_array(times, level));
	visit->members[visit->nmembers++] =
		HeapTupleGetDatum(heap_form_tuple(visit->member, columns, nulls));
	pfree(DatumGetPointer(columns[2]));
	MemoryContextSwitchTo(old);
}

static int
compare_members(const void *a, const void *b)
{
	bool		isnull;
	int64		left = DatumGetInt64(GetAttributeByNum(DatumGetHeapTupleHeader(*(const Datum *) a),
													   1, &isnull));
	int64		right = DatumGetInt64(GetAttributeByNum(DatumGetHeapTupleHeader(*(const Datum *) b),
														1, &isnull));

	return (left > right) - (left < right);
}

/*
 * funnel_members_final(state): an array of funnel_member, by user_id.
 */
Datum
journey_funnel_members_final(PG_FUNCTION_ARGS)
{
	Oid			member = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	FunnelVisit visit;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!OidIsValid(member))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("this is a support function of an aggregate and cannot be called by itself"),
				 errhint("Call the aggregate instead: funnel_members(user_id, at, step, within).")));
	begin_visit(&visit, (Population *) PG_GETARG_POINTER(0), FUNNEL_WHOLE);
	visit.member = lookup_rowtype_tupdesc_copy(member, -1);
	population_visit((Population *) PG_GETARG_POINTER(0), visit_member, &visit);
	if (visit.nmembers > MaxAllocSize / 64)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%llu members are too many for one array",
						(unsigned long long) visit.nmembers),
				 errhint("Call window_funnel_times(at, step, within) with GROUP BY user_id instead.")));
	if (visit.nmembers > 0)
		qsort(visit.members, visit.nmembers, sizeof(Datum), compare_members);
	PG_RETURN_ARRAYTYPE_P(construct_array(visit.members, (int) visit.nmembers, member,
										  -1, false, TYPALIGN_DOUBLE));
}
