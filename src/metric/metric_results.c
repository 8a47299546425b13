/*-------------------------------------------------------------------------
 *
 * metric_results.c
 *		event_metrics: counting the events of a population, user by user.
 *
 * Events are counted in a table of cells, by bucket and group, where a group
 * is a breakdown value, all values that are not shown, or all values.  Each cell
 * remembers the latest user who was counted in it, and the users come one after the
 * other: so users are counted once, without a set.
 *
 * With the option top the users are visited twice.  The first time the users of
 * each breakdown value are counted, which gives the values to show.  All others
 * then are one group, in which a user with several of them is counted once.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "metric/metric_params.h"
#include "metric/metric_stats.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define FIRST_CELLS		1024
#define ALL_GROUPS		PG_UINT32_MAX

/* What is counted of a bucket and a group, or of all of these. */
typedef struct CellCount
{
	int64		bucket;
	uint32		group;
	uint64		events;
	uint64		users;
	uint64		last_user;		/* the latest user counted, from 1 */
	uint64		value_users;
	uint64		last_value_user;
	ValueCounter values;
} CellCount;

typedef struct MetricVisit
{
	MemoryContext context;
	CalendarTable *calendar;
	uint64		user;			/* the number of the user, from 1 */
	uint32	   *groups;			/* [rank]: group of a breakdown value */
	uint32		ngroups;
	CellCount  *breakdowns;		/* [group] */
	CellCount	whole;
	CellCount  *cells;			/* in the order of coming */
	uint32		n;
	uint32		capacity;
	uint32	   *slots;			/* hash table: place in cells + 1 */
	uint32		nslots;			/* a power of two, at least twice the capacity */
} MetricVisit;

static inline uint32
metric_slot(const MetricVisit *visit, int64 bucket, uint32 group)
{
	uint32		slot = (uint32) spread((uint64) bucket << 32 ^ group) & (visit->nslots - 1);

	while (visit->slots[slot] != 0 &&
		   (visit->cells[visit->slots[slot] - 1].bucket != bucket ||
			visit->cells[visit->slots[slot] - 1].group != group))
		slot = (slot + 1) & (visit->nslots - 1);
	return slot;
}

static void
metric_grow(MetricVisit *visit)
{
	uint32		i;

	if (visit->capacity > UINT32_MAX / 4)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many groups in one result")));
	visit->capacity = Max(FIRST_CELLS, visit->capacity * 2);
	visit->nslots = visit->capacity * 2;
	if (visit->cells == NULL)
		visit->cells = MemoryContextAllocHuge(visit->context, visit->capacity * sizeof(CellCount));
	else
	{
		visit->cells = repalloc_huge(visit->cells, visit->capacity * sizeof(CellCount));
		pfree(visit->slots);
	}
	visit->slots = MemoryContextAllocExtended(visit->context, visit->nslots * sizeof(uint32),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < visit->n; i++)
		visit->slots[metric_slot(visit, visit->cells[i].bucket, visit->cells[i].group)] = i + 1;
}

/* The place of a cell, which is made if it is not there. */
static inline uint32
metric_cell(MetricVisit *visit, int64 bucket, uint32 group)
{
	uint32		slot = metric_slot(visit, bucket, group);
	CellCount  *cell;

	if (likely(visit->slots[slot] != 0))
		return visit->slots[slot] - 1;
	if (visit->n == visit->capacity)
	{
		metric_grow(visit);
		slot = metric_slot(visit, bucket, group);
	}
	cell = memset(&visit->cells[visit->n], 0, sizeof(CellCount));
	cell->bucket = bucket;
	cell->group = group;
	visit->slots[slot] = ++visit->n;
	return visit->n - 1;
}

/* Count an event in a cell, and its user once. */
static inline void
metric_count(CellCount *cell, uint64 user, bool has_value)
{
	cell->events++;
	cell->users += cell->last_user != user;
	cell->last_user = user;
	if (has_value)
	{
		cell->value_users += cell->last_value_user != user;
		cell->last_value_user = user;
	}
}

/* The value of an event. */
static double
metric_value(const EventValue *bytes)
{
	double		value;

	if (bytes->length != sizeof(value))
		serialized_refuse();	/* no transition makes it so */
	memcpy(&value, bytes->bytes, sizeof(value));
	return value;
}

static void
metric_visit_user(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	MetricVisit *visit = arg;
	const uint64 number = ++visit->user;
	int64		bucket = 0;
	uint32		of_bucket = 0;
	size_t		i;

	(void) user;
	for (i = 0; i < n; i++)
	{
		const uint32 group = visit->groups[event_node(&events[i])];
		const int64 now = calendar_table_number(visit->calendar, events[i].at);
		const bool	has_value = values != NULL && values[i].bytes != NULL;
		CellCount  *cell;
		uint32		place;

		if (i == 0 || now != bucket)
		{
			bucket = now;
			of_bucket = metric_cell(visit, bucket, ALL_GROUPS);
		}
		place = metric_cell(visit, bucket, group);
		cell = &visit->cells[place];
		metric_count(cell, number, has_value);
		if (has_value)
			value_counter_add(&cell->values, metric_value(&values[i]), visit->context);
		metric_count(&visit->cells[of_bucket], number, has_value);
		metric_count(&visit->breakdowns[group], number, has_value);
		metric_count(&visit->whole, number, has_value);
		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
	}
}

/* Count only how many users have each breakdown value. */
static void
metric_visit_breakdowns(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	MetricVisit *visit = arg;
	const uint64 number = ++visit->user;
	size_t		i;

	(void) user;
	(void) values;
	for (i = 0; i < n; i++)
	{
		metric_count(&visit->breakdowns[event_node(&events[i])], number, false);
		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
	}
}

/* The breakdown value that is a node's name. */
static inline TextSlice
metric_label_of(const Population *population, uint32 rank)
{
	const TextSlice name = population_node(population, rank);
	const TextSlice none = {NULL, 0};

	return name.length == 1 && name.bytes[0] == '\0' ? none : name;
}

/* Is this a text that "(other)" is mistaken for? */
static inline bool
metric_is_other(TextSlice label)
{
	return label.length == 7 && memcmp(label.bytes, "(other)", 7) == 0;
}

/*
 * Have all breakdown values that are not among the top ones in one group, behind
 * those of the values.
 */
static void
metric_choose_top(MetricVisit *visit, Population *population, int top)
{
	const uint32 n = population->nodes->n;
	StatsGroup *labels = MemoryContextAllocHuge(visit->context, ((Size) n + 1) * sizeof(StatsGroup));
	uint32		nlabels = 0;
	uint32		nall = 0;
	uint32		i;

	population_visit_keeping(population, metric_visit_breakdowns, visit);
	visit->user = 0;
	for (i = 0; i < n; i++)
	{
		const TextSlice label = metric_label_of(population, i);

		/* of a name that came with users of other processes there may be none */
		if (label.bytes == NULL || visit->breakdowns[i].users == 0)
			continue;
		nall++;
		if (metric_is_other(label))
			continue;
		labels[nlabels].label = label;
		labels[nlabels++].users = visit->breakdowns[i].users;
	}
	memset(visit->breakdowns, 0, ((Size) n + 1) * sizeof(CellCount));
	if (nall <= (uint32) top)
		return;
	(void) stats_keep_top(labels, nlabels, (uint32) top);
	for (i = 0; i < n; i++)
	{
		const TextSlice label = metric_label_of(population, i);

		if (label.bytes != NULL &&
			metric_is_other(stats_top_label(labels, Min(nlabels, (uint32) top), label)))
			visit->groups[i] = n;
	}
	pfree(labels);
}

/* Put a cell into the result. */
static void
metric_put(MetricStats *stats, MetricScope scope, const Population *population, CellCount *count)
{
	MetricCell	key = {.scope = scope,.bucket = count->bucket};
	MetricCell *cell;

	if (count->events == 0)
		return;
	if (scope == METRIC_CELL || scope == METRIC_BREAKDOWN)
	{
		key.other = count->group == population->nodes->n;
		if (!key.other)
			key.label = metric_label_of(population, count->group);
	}
	cell = metric_stats_append(stats, &key);
	cell->events = count->events;
	cell->users = count->users;
	cell->value_users = count->value_users;
	if (count->values.n > 0)
		value_counter_finish(&count->values, &cell->values, stats->context);
}

/* The newest event, unless the call says when observation ends. */
static int64
metric_newest(const void *any)
{
	const Population *population = any;
	const MetricParams *params = population->params;

	return params->until == PG_INT64_MAX ? population->newest : PG_INT64_MIN;
}

/* The values to show are known only where all users are. */
static bool
metric_results_allowed(const void *any)
{
	return ((const MetricParams *) ((const Population *) any)->params)->top == 0;
}

static Datum
event_metrics_final_users(PG_FUNCTION_ARGS)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	const MetricParams *params = population->params;
	MetricStats *stats = stats_new(&metric_stats_type, CurrentMemoryContext);
	MetricVisit visit = {.context = CurrentMemoryContext,.calendar = params->calendar};
	uint32		n;
	uint32		i;

	if ((population->holds & ~POPULATION_VALUES) != POPULATION_NODES || population->nsteps != 0)
		serialized_refuse();	/* no transition makes it so */
	population_rank(population);
	n = population->nodes->n;
	visit.groups = MemoryContextAllocHuge(visit.context, ((Size) n + 1) * sizeof(uint32));
	for (i = 0; i <= n; i++)
		visit.groups[i] = i;
	visit.breakdowns = MemoryContextAllocExtended(visit.context, ((Size) n + 1) * sizeof(CellCount),
												  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	metric_grow(&visit);
	if (params->top > 0)
		metric_choose_top(&visit, population, params->top);
	population_visit(population, metric_visit_user, &visit);
	if (visit.whole.events == 0)
		PG_RETURN_NULL();

	stats->span.unit = params->calendar->unit;
	stats->span.zone = pg_get_timezone_name(params->calendar->zone);
	stats->span.until = params->until;
	stats->span.newest = params->until == PG_INT64_MAX ? population->newest : params->until;
	stats->top = params->top;
	stats->has_values = (population->holds & POPULATION_VALUES) != 0;
	metric_put(stats, METRIC_WHOLE, population, &visit.whole);
	for (i = 0; i <= n; i++)
	{
		visit.breakdowns[i].group = i;
		metric_put(stats, METRIC_BREAKDOWN, population, &visit.breakdowns[i]);
	}
	for (i = 0; i < visit.n; i++)
	{
		metric_put(stats, visit.cells[i].group == ALL_GROUPS ? METRIC_BUCKET : METRIC_CELL, population,
				   &visit.cells[i]);
		if (i % 1024 == 1023)
			CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_POINTER(stats_pack(&metric_stats_type, stats));
}

/*
 * event_metrics_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_event_metrics_final, event_metrics_final_users(fcinfo),
			  .type = &metric_stats_type,
			  .allowed = metric_results_allowed,
			  .newest = metric_newest)
