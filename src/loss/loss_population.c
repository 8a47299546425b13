/*-------------------------------------------------------------------------
 *
 * loss_population.c
 *		funnel_losses and its relatives: the loss kernel over all users of a
 *		population.
 *
 * An event's value is its node; NULL if it has none.  Where a property is held
 * constant, it is a byte of flags (LOSS_HAS_*), the length of the node in four
 * bytes, the node, and the property.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "event/event.h"
#include "loss/loss_stats.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* The parameters of a call. */
enum
{
	LOSS_PARAM_WITHIN,
	LOSS_PARAM_OPTIONS,
	LOSS_PARAM_UNTIL,
	LOSS_PARAM_HELD				/* no argument: is a property held? */
};

static const ParamSpec loss_specs[] = {
	[LOSS_PARAM_WITHIN] = {"within", PARAM_DURATION, false},
	[LOSS_PARAM_OPTIONS] = {"options", PARAM_TEXT, false},
	[LOSS_PARAM_UNTIL] = {"until", PARAM_TIME, true},
	[LOSS_PARAM_HELD] = {"held", PARAM_INTEGER, true}
};

typedef struct LossParams
{
	CallParams	given;
	FunnelSpec	spec;
	int64		until;
	bool		held;
} LossParams;

static void
loss_compile(void *kept)
{
	LossParams *params = kept;
	const CallParam *list = params->given.list;

	params->spec.within = list[LOSS_PARAM_WITHIN].number;
	params->until = params_until(&list[LOSS_PARAM_UNTIL]);
	params->held = list[LOSS_PARAM_HELD].given;
	funnel_read_options(list[LOSS_PARAM_OPTIONS].text, &params->spec, session_timezone, NULL, false, false);
	if (funnel_counts_attempts(&params->spec))
		options_refuse(list[LOSS_PARAM_OPTIONS].text, "count attempts, as a loss is of a user",
					   "Leave count out.");
}

static const ParamsRoom loss_params = {
	sizeof(LossParams), lengthof(loss_specs), loss_specs, loss_compile, false
};

POPULATION_SUPPORT(journey_loss, loss_params)

/* ---- rows --------------------------------------------------------------------- */

#define LOSS_HAS_NODE		1
#define LOSS_HAS_PROPERTY	2

/* The arguments, which a seq moves by one place. */
#define NODE_ARG(shift)			(3 + (shift))
#define LOSS_STEP_ARG(shift)	(4 + (shift))
#define LOSS_WITHIN_ARG(shift)	(5 + (shift))

static bool
loss_row_is_null(FunctionCallInfo fcinfo, int shift)
{
	return PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(LOSS_STEP_ARG(shift));
}

static void
loss_take_params(FunctionCallInfo fcinfo, int shift, bool held)
{
	CallParams	given = {0};
	const int	options = LOSS_WITHIN_ARG(shift) + 1 + held;
	uint32		data_args = 1 << 1 | 1 << 2 | 1 << NODE_ARG(shift) | 1 << LOSS_STEP_ARG(shift);

	if (shift > 0)
		data_args |= 1 << 3;
	if (held)
		data_args |= 1 << (LOSS_WITHIN_ARG(shift) + 1);
	given.list[LOSS_PARAM_HELD].given = held;
	param_read(&given, &loss_params, LOSS_PARAM_WITHIN, fcinfo, LOSS_WITHIN_ARG(shift));
	if (PG_NARGS() > options)
		param_read(&given, &loss_params, LOSS_PARAM_OPTIONS, fcinfo, options);
	if (PG_NARGS() > options + 1)
		param_read(&given, &loss_params, LOSS_PARAM_UNTIL, fcinfo, options + 1);
	population_take_params(fcinfo, &loss_params, &given, data_args, !loss_row_is_null(fcinfo, shift));
}

/* A node and a property as one value, allocated unless there is neither. */
static EventValue
loss_held_value(EventValue node, EventValue property)
{
	EventValue	value = {NULL, 0};
	char	   *bytes;

	if (node.bytes == NULL && property.bytes == NULL)
		return value;
	bytes = palloc((Size) node.length + property.length + 5);
	bytes[0] = (node.bytes != NULL ? LOSS_HAS_NODE : 0) | (property.bytes != NULL ? LOSS_HAS_PROPERTY : 0);
	memcpy(bytes + 1, &node.length, 4);
	if (node.bytes != NULL)
		memcpy(bytes + 5, node.bytes, node.length);
	if (property.bytes != NULL)
		memcpy(bytes + 5 + node.length, property.bytes, property.length);
	value.bytes = bytes;
	value.length = node.length + property.length + 5;
	return value;
}

/* Take such a value apart. */
static void
loss_read_held(const EventValue *value, TextSlice *node, TextSlice *property)
{
	uint32		length;

	node->bytes = property->bytes = NULL;
	node->length = property->length = 0;
	if (value->bytes == NULL)
		return;
	if (value->length < 5)
		serialized_refuse();
	memcpy(&length, value->bytes + 1, 4);
	if (length > value->length - 5)
		serialized_refuse();
	if ((value->bytes[0] & LOSS_HAS_NODE) != 0)
	{
		node->bytes = value->bytes + 5;
		node->length = length;
	}
	if ((value->bytes[0] & LOSS_HAS_PROPERTY) != 0)
	{
		property->bytes = value->bytes + 5 + length;
		property->length = value->length - 5 - length;
	}
}

/*
 * Add a row: (state, user_id, at [, seq], node, step, within [, property] [, options
 * [, until]]).
 */
static pg_attribute_always_inline Datum
loss_add_row(FunctionCallInfo fcinfo, int shift, bool held)
{
	Population *population = population_state(fcinfo);
	const LossParams *params;
	PopulationEvent event = {0};
	EventValue	property = {NULL, 0};

	if (!population_params_known(fcinfo))
		loss_take_params(fcinfo, shift, held);
	if (loss_row_is_null(fcinfo, shift))
		return population_skip_row(fcinfo);
	params = population_params(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	if (event.at >= params->until)
		return population_skip_row(fcinfo);
	event.step = (uint64) PG_GETARG_INT64(LOSS_STEP_ARG(shift));
	event.seq = population_seq_arg(fcinfo, shift > 0 ? 3 : 0);
	if (unlikely(population == NULL))
		population = population_begin(fcinfo, stepset_size(event.step),
									  POPULATION_VALUES | (shift > 0 ? POPULATION_SEQ : 0));
	else
		arg_check_size(population->nsteps, event.step);
	if (event.at > population->newest)
		population->newest = event.at;
	if (PG_ARGISNULL(NODE_ARG(shift)) && !funnel_needs_event(params->spec.modes, event.step))
		PG_RETURN_POINTER(population);
	event.value = population_value_arg(fcinfo, NODE_ARG(shift));
	if (held)
	{
		property = population_value_arg(fcinfo, LOSS_WITHIN_ARG(shift) + 1);
		event.value = loss_held_value(event.value, property);
	}
	population_add(population, PG_GETARG_DATUM(1), &event);
	if (held && event.value.bytes != NULL)
		pfree(unconstify(char *, event.value.bytes));
	PG_RETURN_POINTER(population);
}

static Datum
loss_row(PG_FUNCTION_ARGS)
{
	return loss_add_row(fcinfo, 0, false);
}

/* Take those of n rows that have a node or meet a step, or must be refused. */
static void
loss_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	const Population *population = (const Population *) PG_GETARG_POINTER(0);
	const ScanVector *nodes = args[NODE_ARG(0)];
	const ScanVector *steps = args[LOSS_STEP_ARG(0)];
	uint16		rows[SCAN_ROWS_MOST];
	uint32		modes;
	int			nrows = 0;
	int			i;

	if (!population_params_known(fcinfo) || steps->has_nulls)
	{
		table_scan_each_row(fcinfo, args, n, loss_row);
		return;
	}
	modes = ((const LossParams *) population->params)->spec.modes;
	for (i = 0; i < n; i++)
	{
		const uint64 step = (uint64) DatumGetInt64(steps->values[i]);

		rows[nrows] = (uint16) i;
		nrows += !nodes->has_nulls || !nodes->nulls[i] || funnel_needs_event(modes, step) ||
			step != population->nsteps || TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(args[2]->values[i]));
	}
	table_scan_some_rows(fcinfo, args, rows, nrows, loss_row);
}

POPULATION_TRANSITION_ROWS(journey_funnel_losses_transition, loss_row, loss_rows)
POPULATION_TRANSITION(journey_funnel_losses_seq_transition, loss_add_row(fcinfo, 1, false))
POPULATION_TRANSITION(journey_funnel_losses_holding_constant_transition, loss_add_row(fcinfo, 0, true))
POPULATION_TRANSITION(journey_funnel_losses_holding_constant_seq_transition, loss_add_row(fcinfo, 1, true))

/* ---- visits ------------------------------------------------------------------- */

typedef struct LossVisit
{
	MemoryContext context;
	FunnelSpec	spec;			/* settled, for the events at hand */
	int			nsteps;
	int			nconditions;
	int64		until;
	bool		held;
	LossStats  *stats;
	Members    *members;		/* to list; NULL: everything is counted */
	Event	   *events;			/* those that matter to chains */
	Event	   *copies;
	size_t		capacity;
	HeldEvents	by_value;
} LossVisit;

static void
loss_begin_visit(LossVisit *visit, const Population *population)
{
	const LossParams *params = population->params;

	memset(visit, 0, sizeof(LossVisit));
	if ((population->holds & POPULATION_VALUES) == 0)
		serialized_refuse();	/* no transition makes it so */
	visit->context = CurrentMemoryContext;
	visit->spec = params->spec;
	visit->nconditions = population->nsteps;
	visit->nsteps = funnel_settle_spec(&visit->spec, params->given.list[LOSS_PARAM_OPTIONS].text, population->nsteps);
	visit->until = params->until;
	visit->held = params->held;
	visit->stats = loss_stats_new(CurrentMemoryContext, visit->nsteps, &visit->spec, visit->held, visit->until);
	if ((population->holds & POPULATION_SEQ) != 0)
		visit->spec.modes |= FUNNEL_SEQUENCED;
}

static void
loss_reserve(LossVisit *visit, size_t n)
{
	if (n < visit->capacity)
		return;
	if (visit->capacity > 0)
	{
		pfree(visit->events);
		pfree(visit->copies);
	}
	visit->capacity = Max(n + 1, visit->capacity * 2);
	visit->events = MemoryContextAllocHuge(visit->context, visit->capacity * sizeof(Event));
	visit->copies = MemoryContextAllocHuge(visit->context, visit->capacity * sizeof(Event));
}

/*
 * Copy the events that matter to chains.  An event that is tied only with such
 * as do not is tied no more.
 */
static size_t
loss_needed(LossVisit *visit, const Event *events, size_t n)
{
	const bool	sequenced = (visit->spec.modes & FUNNEL_SEQUENCED) != 0;
	size_t		nneeded = 0;
	bool		has_any = false;	/* of those that are tied */
	size_t		i;

	for (i = 0; i < n; i++)
	{
		if (sequenced && !event_is_tied(&events[i]))
			has_any = false;
		if (!funnel_needs_event(visit->spec.modes, events[i].step))
			continue;
		visit->events[nneeded] = events[i];
		if (sequenced)
			event_set_tied(&visit->events[nneeded], visit->nconditions, has_any);
		has_any = true;
		nneeded++;
	}
	return nneeded;
}

/* The best chain of those of all values; events without one go with any. */
static void
loss_reach_held(LossVisit *visit, LossUser *user, Loss *loss, const Event *events)
{
	const HeldEvents *by = &visit->by_value;
	size_t		begin;
	size_t		end;

	user->events = visit->events;
	user->n = held_events_copy(by, events, visit->nconditions, 0, 0, PG_UINT64_MAX, visit->events);
	loss_reach(user, loss);
	for (begin = 0; begin < by->nheld; begin = end)
	{
		Loss		other;
		const int	k = (visit->spec.modes & FUNNEL_FIRST_CHAIN) ? 0 : loss->level - 1;

		CHECK_FOR_INTERRUPTS();
		end = held_events_end(by, begin);
		user->n = held_events_copy(by, events, visit->nconditions, begin, end, PG_UINT64_MAX, visit->events);
		loss_reach(user, &other);
		if (other.level > loss->level ||
			(other.level == 0 && loss->level == 0 && other.dropped) ||
			(other.level > 0 && other.level == loss->level && other.times[k] < loss->times[k]))
			*loss = other;
	}
}

/* The weakest relaxation of all values, and of holding none. */
static void
loss_relax_held(LossVisit *visit, LossUser *user, Loss *loss, const Event *events, size_t n)
{
	const HeldEvents *by = &visit->by_value;
	size_t		begin;
	size_t		end;
	Loss		free_chain;

	for (begin = 0; begin < by->nheld; begin = end)
	{
		CHECK_FOR_INTERRUPTS();
		end = held_events_end(by, begin);
		user->n = held_events_copy(by, events, visit->nconditions, begin, end, PG_UINT64_MAX, visit->events);
		loss_relax(user, loss);
	}
	if (by->nheld == 0 || by->nwithout > 0)
	{
		user->n = held_events_copy(by, events, visit->nconditions, 0, 0, PG_UINT64_MAX, visit->events);
		loss_relax(user, loss);
	}
	if (loss->reason <= LOSS_OTHER_VALUE)
		return;
	user->events = events;
	user->n = n;
	loss_reach(user, &free_chain);
	if (!free_chain.dropped && (loss->dropped || free_chain.required > loss->required))
		loss->reason = LOSS_OTHER_VALUE;
}

/* The node of an event; no bytes if it has none. */
static TextSlice
loss_node(const LossVisit *visit, const EventValue *value)
{
	TextSlice	node = {value->bytes, value->length};
	TextSlice	property;

	if (visit->held)
		loss_read_held(value, &node, &property);
	return node;
}

/* What the user did next, in the window of the chain. */
static TextSlice
loss_next_node(const LossVisit *visit, const Loss *loss, const Event *events, const EventValue *values, size_t n)
{
	const LossUser user = {.events = events,.n = n,.spec = &visit->spec};
	size_t		i;

	if (loss->level > 0)
		for (i = loss_after(&user, loss); i < n && time_between(loss->times[0], events[i].at) <= (uint64) visit->spec.within; i++)
		{
			const TextSlice node = loss_node(visit, &values[i]);

			if (node.bytes != NULL)
			{
				breakdown_check_label(node);
				return node;
			}
			if (i % 65536 == 0)
				CHECK_FOR_INTERRUPTS();
		}
	return (TextSlice)
	{
		NULL, 0
	};
}

static void
loss_add_member(const LossVisit *visit, const UserKey *key, const Loss *loss, TextSlice node)
{
	Datum		columns[6] = {0};
	bool		nulls[6] = {false};

	columns[1] = Int32GetDatum(loss->level);
	columns[2] = CStringGetTextDatum(loss_reason_names[loss->reason]);
	nulls[3] = loss->level == 0;
	if (!nulls[3])
		columns[3] = TimestampTzGetDatum(loss->times[loss->level - 1]);
	nulls[4] = loss->reason != LOSS_TOO_LATE;
	if (!nulls[4])
		columns[4] = duration_datum((double) loss->lateness);
	stats_put_text(node, &columns[5], &nulls[5]);
	members_add(visit->members, key, 0, columns, nulls);
}

static void
loss_visit_user(void *arg, const UserKey *key, Event *events, const EventValue *values, size_t n)
{
	LossVisit  *visit = arg;
	LossUser	user = {.nsteps = visit->nsteps,.nconditions = visit->nconditions,.spec = &visit->spec,.until = visit->until};
	Loss		loss;
	TextSlice	node;

	loss_reserve(visit, n);
	user.copies = visit->copies;
	if (visit->held)
	{
		size_t		i;

		if (visit->spec.modes & FUNNEL_SEQUENCED)
			held_events_note_moments(&visit->by_value, visit->context, events, n);
		held_events_begin(&visit->by_value, visit->context, n);
		for (i = 0; i < n; i++)
		{
			TextSlice	property;

			loss_read_held(&values[i], &node, &property);
			held_events_add(&visit->by_value, property.bytes, property.length);
		}
		held_events_sort(&visit->by_value);
		loss_reach_held(visit, &user, &loss, events);
	}
	else
	{
		user.events = visit->events;
		user.n = loss_needed(visit, events, n);
		if (user.n == 0)
			return;
		loss_reach(&user, &loss);
	}
	if (loss.required == 0)
		return;
	if (visit->members == NULL)
		visit->stats->users++;
	if (!loss_stopped(&loss, visit->nsteps, &visit->spec))
	{
		visit->stats->completed++;
		return;
	}
	if (visit->held)
		loss_relax_held(visit, &user, &loss, events, n);
	else
		loss_relax(&user, &loss);
	node = loss_next_node(visit, &loss, events, values, n);
	if (visit->members != NULL)
		loss_add_member(visit, key, &loss, node);
	else
		loss_stats_count(visit->stats, loss.level, loss.reason, node, loss.lateness);
}

static Datum
funnel_losses_final_users(PG_FUNCTION_ARGS)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	LossVisit	visit;

	loss_begin_visit(&visit, population);
	population_visit(population, loss_visit_user, &visit);
	PG_RETURN_POINTER(stats_pack(&loss_stats_type, visit.stats));
}

/*
 * funnel_losses_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_funnel_losses_final, funnel_losses_final_users(fcinfo),
			  .type = &loss_stats_type)

static void
loss_visit_members(FunctionCallInfo fcinfo, UserStore *store, Members *members)
{
	LossVisit	visit;

	(void) fcinfo;
	loss_begin_visit(&visit, (Population *) store);
	visit.members = members;
	population_visit((Population *) store, loss_visit_user, &visit);
}

/*
 * loss_members_final(state): an array of loss_member, by user_id.
 */
MEMBERS_FINAL(journey_loss_members_final, journey_loss_member_list_final,
			  .row = "loss_member",
			  .call = "loss_members(user_id, at, node, step, within)",
			  .list = "loss_member_list(user_id, at, node, step, within)",
			  .visit = loss_visit_members)
