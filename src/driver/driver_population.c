/*-------------------------------------------------------------------------
 *
 * driver_population.c
 *		event_drivers: the driver kernel over all users of a population, whose
 *		nodes are the names of events, and whose values are the strata of
 *		entries.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "driver/driver_params.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* Counters of all events, exposures and strata, so that memory stays below a few GB. */
#define MOST_COUNTERS (UINT64_C(1) << 27)

POPULATION_SUPPORT(journey_driver, driver_params)

/* The columns of a call; is_entry and is_goal come after the event. */
enum
{
	DRIVER_SEQ,
	DRIVER_EVENT,
	DRIVER_STRATUM
};

static void
driver_take_params(FunctionCallInfo fcinfo)
{
	uint8		columns[POPULATION_COLUMNS] = {0};
	CallParams	given = {0};
	int			within;

	columns[DRIVER_EVENT] = 3;
	if (get_fn_expr_argtype(fcinfo->flinfo, 3) == INT8OID)
	{
		columns[DRIVER_SEQ] = 3;
		columns[DRIVER_EVENT] = 4;
	}
	within = columns[DRIVER_EVENT] + 3;
	param_read(&given, &driver_params, DRIVER_PARAM_WITHIN, fcinfo, within);
	if (PG_NARGS() > within + 1)
		param_read(&given, &driver_params, DRIVER_PARAM_OPTIONS, fcinfo, within + 1);
	if (PG_NARGS() > within + 2)
		columns[DRIVER_STRATUM] = within + 2;
	if (PG_NARGS() > within + 3)
		param_read(&given, &driver_params, DRIVER_PARAM_UNTIL, fcinfo, within + 3);
	population_take_params(fcinfo, &driver_params, &given,
						   ((UINT32_C(1) << within) - 2) | (columns[DRIVER_STRATUM] > 0 ? UINT32_C(1) << (within + 2) : 0),
						   !PG_ARGISNULL(1) && !PG_ARGISNULL(2));
	memcpy(((PopulationCall *) fcinfo->flinfo->fn_extra)->columns, columns, sizeof(columns));
}

static inline bool
driver_is(FunctionCallInfo fcinfo, int arg)
{
	return !PG_ARGISNULL(arg) && PG_GETARG_BOOL(arg);
}

/* Take one row. */
static inline Datum
driver_take_row(FunctionCallInfo fcinfo)
{
	Population *population = population_state(fcinfo);
	PopulationEvent event = {0};
	TextSlice	name = {NODE_NO_NAME, 1};
	const uint8 *columns;
	int			factor;

	if (!population_params_known(fcinfo))
		driver_take_params(fcinfo);
	columns = ((const PopulationCall *) fcinfo->flinfo->fn_extra)->columns;
	factor = columns[DRIVER_EVENT];
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return population_skip_row(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	if (event.at >= ((const DriverParams *) population_params(fcinfo))->until)
		return population_skip_row(fcinfo);
	if (unlikely(population == NULL))
		population = population_begin(fcinfo, DRIVER_NCONDITIONS,
									  POPULATION_NODES | (columns[DRIVER_SEQ] > 0 ? POPULATION_SEQ : 0) |
									  (columns[DRIVER_STRATUM] > 0 ? POPULATION_VALUES : 0));
	population->newest = Max(population->newest, event.at);
	event.seq = population_seq_arg(fcinfo, columns[DRIVER_SEQ]);
	if (driver_is(fcinfo, factor + 1))
	{
		event.step |= DRIVER_IS_ENTRY;
		if (columns[DRIVER_STRATUM] > 0)
			event.value = population_value_arg(fcinfo, columns[DRIVER_STRATUM]);
	}
	if (driver_is(fcinfo, factor + 2))
		event.step |= DRIVER_IS_GOAL;
	if (!PG_ARGISNULL(factor))
	{
		text	   *text_name = PG_GETARG_TEXT_PP(factor);

		event.step |= DRIVER_IS_FACTOR;
		name.bytes = VARDATA_ANY(text_name);
		name.length = (uint32) VARSIZE_ANY_EXHDR(text_name);
	}
	if (event.step != 0)
	{
		event.node = nodes_intern(population->nodes, name);
		population_add(population, PG_GETARG_DATUM(1), &event);
	}
	PG_RETURN_POINTER(population);
}

/*
 * event_drivers_transition(state, user_id, at [, seq], event, is_entry, is_goal,
 * within [, options [, stratum [, until]]])
 */
POPULATION_TRANSITION(journey_event_drivers_transition, driver_take_row(fcinfo))

/* ---- counting ----------------------------------------------------------------- */

/* Users who had an event, of one exposure and stratum. */
typedef struct DriverCount
{
	uint64		users;
	uint64		goal_users;
} DriverCount;

/* How often the latest user had an event. */
typedef struct DriverSeen
{
	uint64		user;			/* the latest one, from 1 */
	uint32		times[DRIVER_MOST_NUMBERS]; /* by window of days */
} DriverSeen;

/* A stratum, and its counters. */
typedef struct DriverGroup
{
	DriverCount users;
	DriverCount *counts;		/* [node][exposure] */
} DriverGroup;

typedef struct DriverVisit
{
	DriverSpec	spec;
	const DriverExposure *exposure;
	int			ndays;
	int			ntimes;
	uint64		days[DRIVER_MOST_NUMBERS];	/* microseconds */
	MemoryContext context;
	uint32		nnodes;
	Nodes	   *labels;			/* of strata */
	DriverGroup *groups;		/* [number of label] */
	uint32		groups_capacity;
	DriverSeen *seen;			/* [node] */
	uint32	   *nodes;			/* of the latest user */
	uint64		users;			/* the number of the latest one */
	uint64		open_users;
} DriverVisit;

/* The group of a stratum. */
static DriverGroup *
driver_group(DriverVisit *visit, const EventValue *stratum)
{
	const TextSlice none = {NODE_NO_NAME, 1};
	const TextSlice label = {stratum == NULL ? NULL : stratum->bytes, stratum == NULL ? 0 : stratum->length};
	const uint32 number = nodes_intern(visit->labels, label.bytes == NULL ? none : label);
	DriverGroup *group;

	if (number >= visit->groups_capacity)
	{
		const uint32 old = visit->groups_capacity;

		visit->groups_capacity = Max(64, 2 * number);
		visit->groups = old == 0 ?
			MemoryContextAllocHuge(visit->context, visit->groups_capacity * sizeof(DriverGroup)) :
			repalloc_huge(visit->groups, visit->groups_capacity * sizeof(DriverGroup));
		memset(visit->groups + old, 0, (visit->groups_capacity - old) * sizeof(DriverGroup));
	}
	group = &visit->groups[number];
	if (group->counts == NULL)
	{
		const uint64 ncounts = (uint64) visit->nnodes * (uint64) (visit->ndays * visit->ntimes);

		if (ncounts * (number + 1) > MOST_COUNTERS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("%u events of %d exposures in %u strata are too many to count", visit->nnodes,
							visit->ndays * visit->ntimes, number + 1),
					 errhint("Give coarser events or strata.")));
		group->counts = MemoryContextAllocExtended(visit->context, (ncounts + 1) * sizeof(DriverCount),
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	}
	return group;
}

/* Count how often the user had each event; gives back how many there are. */
static uint32
driver_count_events(DriverVisit *visit, const Event *events, const DriverSpan *span)
{
	const int64 entry = events[span->entry].at;
	uint32		n = 0;
	size_t		i;
	int			day;

	for (i = span->entry + 1; i < span->end; i++)
	{
		const uint32 node = event_node(&events[i]);
		DriverSeen *seen = &visit->seen[node];

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if ((events[i].step & DRIVER_IS_FACTOR) == 0)
			continue;
		if (seen->user != visit->users)
		{
			memset(seen, 0, sizeof(DriverSeen));
			seen->user = visit->users;
			visit->nodes[n++] = node;
		}
		for (day = visit->ndays; day-- > 0 && time_between(entry, events[i].at) < visit->days[day];)
			seen->times[day] += seen->times[day] < UINT32_MAX;
	}
	return n;
}

static void
driver_visit_user(void *arg, const UserKey *key, Event *events, const EventValue *values, size_t n)
{
	DriverVisit *visit = arg;
	const DriverSpan span = driver_span(events, n, &visit->spec);
	const int	goal = span.outcome == DRIVER_GOAL;
	DriverGroup *group;
	uint32		nseen;
	uint32		i;
	int			day;
	int			time;

	(void) key;
	visit->open_users += span.outcome == DRIVER_OPEN;
	if (span.outcome == DRIVER_NO_ENTRY || span.outcome == DRIVER_OPEN)
		return;
	visit->users++;
	group = driver_group(visit, values == NULL ? NULL : &values[span.entry]);
	group->users.users++;
	group->users.goal_users += goal;
	nseen = driver_count_events(visit, events, &span);
	for (i = 0; i < nseen; i++)
	{
		const uint32 node = visit->nodes[i];
		DriverCount *count = &group->counts[(uint64) node * (uint64) (visit->ndays * visit->ntimes)];

		for (day = 0; day < visit->ndays; day++)
			for (time = 0; time < visit->ntimes; time++, count++)
				if (visit->seen[node].times[day] >= (uint32) visit->exposure->times[time])
				{
					count->users++;
					count->goal_users += goal;
				}
	}
}

/* ---- the result --------------------------------------------------------------- */

static void
driver_begin_visit(DriverVisit *visit, Population *population)
{
	const DriverParams *params = population->params;
	int			day;

	if ((population->holds & POPULATION_NODES) == 0 || population->nsteps != DRIVER_NCONDITIONS)
		serialized_refuse();	/* no transition makes it so */
	population_rank(population);
	visit->context = CurrentMemoryContext;
	visit->spec.within = params->within;
	visit->spec.last = params->until == PG_INT64_MAX ? population->newest : params->until - 1;
	visit->exposure = &params->exposure;
	visit->ndays = driver_ndays(visit->exposure);
	visit->ntimes = driver_numbers(visit->exposure->times);
	for (day = 0; day < visit->ndays; day++)
		visit->days[day] = visit->exposure->days[day] == 0 ? PG_UINT64_MAX :
			(uint64) visit->exposure->days[day] * USECS_PER_DAY;
	visit->nnodes = population->nodes->n;
	visit->labels = nodes_new(visit->context);
	visit->seen = MemoryContextAllocExtended(visit->context, ((Size) visit->nnodes + 1) * sizeof(DriverSeen),
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	visit->nodes = MemoryContextAllocHuge(visit->context, ((Size) visit->nnodes + 1) * sizeof(uint32));
}

/* Put what was counted into the result. */
static void
driver_finish(DriverVisit *visit, const Population *population, DriverStats *stats)
{
	const TextSlice none = {NODE_NO_NAME, 1};
	const uint32 nexposures = (uint32) (visit->ndays * visit->ntimes);
	const TextSlice null = {NULL, 0};
	uint32		i;
	uint32		k;
	uint32		exposure;

	stats->open_users = visit->open_users;
	stats->strata = palloc_extended(((Size) visit->labels->n + 1) * sizeof(DriverStratum), MCXT_ALLOC_HUGE);
	for (k = 0; k < visit->labels->n; k++)
	{
		DriverStratum *stratum = &stats->strata[stats->nstrata++];

		/* stats_pack() puts them in order */
		stratum->label = slice_equal(visit->labels->names[k], none) ? null : visit->labels->names[k];
		stratum->users = visit->groups[k].users.users;
		stratum->goal_users = visit->groups[k].users.goal_users;
	}
	stats->names = palloc_extended(((Size) visit->nnodes + 1) * sizeof(TextSlice), MCXT_ALLOC_HUGE);
	for (i = 0; i < visit->nnodes; i++)
	{
		bool		named = false;

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		for (exposure = 0; exposure < nexposures; exposure++)
			for (k = 0; k < visit->labels->n; k++)
			{
				const DriverCount *count = &visit->groups[k].counts[(uint64) i * nexposures + exposure];
				DriverCell	cell = {0};

				if (count->users == 0)
					continue;
				if (!named)
				{
					const TextSlice name = population_node(population, i);

					if (slice_equal(name, none))
						serialized_refuse();	/* no factor is called so */
					stats->names[stats->nnames++] = name;
					named = true;
				}
				cell.factor = stats->nnames - 1;
				cell.exposure = exposure;
				cell.stratum = stats->strata[k].label;
				cell.users = count->users;
				cell.goal_users = count->goal_users;
				driver_stats_append(stats, &cell);
			}
	}
}

static Datum
driver_final_users(PG_FUNCTION_ARGS)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	const DriverParams *params = population->params;
	DriverStats *stats = stats_new(&driver_stats_type, CurrentMemoryContext);
	DriverVisit visit = {0};

	driver_begin_visit(&visit, population);
	population_visit(population, driver_visit_user, &visit);
	stats->within = params->within;
	stats->until = params->until;
	stats->newest = params->until == PG_INT64_MAX ? population->newest : params->until;
	stats->exposure = params->exposure;
	stats->has_strata = (population->holds & POPULATION_VALUES) != 0;
	driver_finish(&visit, population, stats);
	PG_RETURN_POINTER(stats_pack(&driver_stats_type, stats));
}

/* The end of observation must be known: the newest event of all processes. */
static bool
driver_results_allowed(const void *any)
{
	return ((const DriverParams *) ((const Population *) any)->params)->until != PG_INT64_MAX;
}

/* The newest event, unless the call says when observation ends. */
static int64
driver_newest(const void *any)
{
	const Population *population = any;

	return driver_results_allowed(any) ? PG_INT64_MIN : population->newest;
}

/*
 * event_drivers_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_event_drivers_final, driver_final_users(fcinfo),
			  .type = &driver_stats_type,
			  .allowed = driver_results_allowed,
			  .newest = driver_newest)
