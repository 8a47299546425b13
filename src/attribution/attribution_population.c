/*-------------------------------------------------------------------------
 *
 * attribution_population.c
 *		attribution: the attribution kernel over all users of a population.
 *
 * A row that is both a touch and a conversion is two events.  Of events of one
 * time and seq, touches come first; so they lead to the conversions of their
 * time.  An event's value is that of a conversion, as eight bytes whose order is
 * the order of numbers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "aggregate/aggregate.h"
#include "attribution/attribution_params.h"
#include "attribution/attribution_stats.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/memutils.h"

POPULATION_SUPPORT(journey_attribution, attribution_params)

/* The conditions of an event. */
#define IS_TOUCH		(UINT64_C(1) << 63)
#define IS_CONVERSION	(UINT64_C(1) << 62)
#define NCONDITIONS		2

/* The largest value. */
#define VALUE_MOST		1e15

/* ---- rows --------------------------------------------------------------------- */

/* The columns of a call; is_conversion comes after touch. */
enum
{
	ATTRIBUTION_SEQ,
	ATTRIBUTION_TOUCH,
	ATTRIBUTION_VALUE
};

/*
 * Find the columns by their types: after user_id and at come, as far as they are
 * given, seq, touch, is_conversion and value.  Gives back which argument is next.
 */
static int
attribution_find_columns(FunctionCallInfo fcinfo, uint8 *columns)
{
	int			n = 3;

	if (get_fn_expr_argtype(fcinfo->flinfo, n) == INT8OID)
		columns[ATTRIBUTION_SEQ] = n++;
	columns[ATTRIBUTION_TOUCH] = n;
	n += 2;
	if (get_fn_expr_argtype(fcinfo->flinfo, n) == FLOAT8OID)
		columns[ATTRIBUTION_VALUE] = n++;
	if (get_fn_expr_argtype(fcinfo->flinfo, columns[ATTRIBUTION_TOUCH]) != TEXTOID ||
		(get_fn_expr_argtype(fcinfo->flinfo, n) != INTERVALOID &&
		 get_fn_expr_argtype(fcinfo->flinfo, n) != TEXTOID))
		elog(ERROR, "attribution of other arguments than are declared");
	return n;
}

static void
attribution_take_params(FunctionCallInfo fcinfo)
{
	uint8		columns[POPULATION_COLUMNS] = {0};
	CallParams	given = {0};
	const int	first = attribution_find_columns(fcinfo, columns);
	int			which;

	for (which = ATTRIBUTION_PARAM_LOOK_BACK; first + which < PG_NARGS(); which++)
		param_read(&given, &attribution_params, which, fcinfo, first + which);
	population_take_params(fcinfo, &attribution_params, &given, (UINT32_C(1) << first) - 2,
						   !PG_ARGISNULL(1) && !PG_ARGISNULL(2));
	memcpy(((PopulationCall *) fcinfo->flinfo->fn_extra)->columns, columns, sizeof(columns));
}

/* A value as bytes in the order of numbers. */
static EventValue
attribution_value_arg(FunctionCallInfo fcinfo, int n, uint64 *bytes)
{
	EventValue	value = {NULL, 0};
	double		number;
	uint64		bits;

	if (n == 0 || PG_ARGISNULL(n))
		return value;
	number = PG_GETARG_FLOAT8(n) + 0.0; /* no -0 */
	if (!(fabs(number) <= VALUE_MOST))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value must be from -1e15 to 1e15, not %g", number),
				 errhint("Write NULL for a conversion without a value.")));
	memcpy(&bits, &number, 8);
	bits ^= bits >> 63 != 0 ? ~UINT64_C(0) : UINT64_C(1) << 63;
	*bytes = pg_hton64(bits);
	value.bytes = (const char *) bytes;
	value.length = 8;
	return value;
}

/* The number of those bytes, in units; bytes of no value are corrupt. */
static int128
attribution_units(const EventValue *value)
{
	double		number;
	uint64		bits;

	if (value->bytes == NULL)
		return 0;
	if (value->length != 8)
		serialized_refuse();
	memcpy(&bits, value->bytes, 8);
	bits = pg_ntoh64(bits);
	bits ^= bits >> 63 != 0 ? UINT64_C(1) << 63 : ~UINT64_C(0);
	memcpy(&number, &bits, 8);
	if (!(fabs(number) <= VALUE_MOST))
		serialized_refuse();
	return (int128) rint(number * (double) ATTRIBUTION_WHOLE);
}

/* Take one row. */
static Datum
attribution_row(PG_FUNCTION_ARGS)
{
	Population *population = population_state(fcinfo);
	PopulationEvent event = {0};
	const uint8 *columns;
	const TextSlice no_name = {NODE_NO_NAME, 1};
	TextSlice	name;
	int			touch;
	bool		converts;
	uint64		bytes;

	if (!population_params_known(fcinfo))
		attribution_take_params(fcinfo);
	columns = ((const PopulationCall *) fcinfo->flinfo->fn_extra)->columns;
	touch = columns[ATTRIBUTION_TOUCH];
	converts = !PG_ARGISNULL(touch + 1) && PG_GETARG_BOOL(touch + 1);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return population_skip_row(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	if (unlikely(population == NULL))
		population = population_begin(fcinfo, NCONDITIONS,
									  POPULATION_NODES | (columns[ATTRIBUTION_SEQ] > 0 ? POPULATION_SEQ : 0) |
									  (columns[ATTRIBUTION_VALUE] > 0 ? POPULATION_VALUES : 0));
	event.seq = population_seq_arg(fcinfo, columns[ATTRIBUTION_SEQ]);
	if (!PG_ARGISNULL(touch))
	{
		text	   *text_name = PG_GETARG_TEXT_PP(touch);

		name.bytes = VARDATA_ANY(text_name);
		name.length = (uint32) VARSIZE_ANY_EXHDR(text_name);
		event.step = IS_TOUCH;
		event.node = nodes_intern(population->nodes, name);
		population_add(population, PG_GETARG_DATUM(1), &event);
	}
	if (converts)
	{
		event.step = IS_CONVERSION;
		event.node = nodes_intern(population->nodes, no_name);
		event.value = attribution_value_arg(fcinfo, columns[ATTRIBUTION_VALUE], &bytes);
		population_add(population, PG_GETARG_DATUM(1), &event);
	}
	PG_RETURN_POINTER(population);
}

/* Take those of n rows that are a touch or a conversion, or must be refused. */
static void
attribution_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	const PopulationCall *call = fcinfo->flinfo->fn_extra;
	const ScanVector *touches;
	const ScanVector *conversions;
	uint16		rows[SCAN_ROWS_MOST];
	int			nrows = 0;
	int			i;

	if (!population_params_known(fcinfo))
	{
		table_scan_each_row(fcinfo, args, n, attribution_row);
		return;
	}
	touches = args[call->columns[ATTRIBUTION_TOUCH]];
	conversions = args[call->columns[ATTRIBUTION_TOUCH] + 1];
	for (i = 0; i < n; i++)
	{
		rows[nrows] = (uint16) i;
		nrows += !touches->has_nulls || !touches->nulls[i] ||
			(DatumGetBool(conversions->values[i]) && (!conversions->has_nulls || !conversions->nulls[i])) ||
			TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(args[2]->values[i]));
	}
	table_scan_some_rows(fcinfo, args, rows, nrows, attribution_row);
}

/*
 * attribution_transition(state, user_id, at [, seq], touch, is_conversion
 * [, value], look_back [, options [, time_zone]])
 */
POPULATION_TRANSITION_ROWS(journey_attribution_transition, attribution_row, attribution_rows)

/* ---- users -------------------------------------------------------------------- */

/* What is counted of all touches of one node. */
typedef struct TouchCount
{
	TouchItem	item;
	uint64		last_user;		/* the latest user counted, from 1 */
	uint64		last_converted;
	size_t		next;			/* the touch of this user and node that comes
								 * next */
} TouchCount;

typedef struct AttributionVisit
{
	AttributionSpec spec;
	AttributionCalendar calendar;
	MemoryContext context;
	AttributionStats *stats;
	AttributionUser user;
	size_t		touches_capacity;
	size_t		conversions_capacity;
	TouchCount *counts;			/* [node] */
	uint32		direct;			/* the node of direct touches, even if there
								 * are none */
	uint32	   *path;			/* [depth] */
	uint64	   *path_users;		/* [path]: the latest user counted */
	uint32		path_users_capacity;
	uint64		users;			/* the number of the latest one */
	int128		size_of_values; /* of all, without their signs */
} AttributionVisit;

static TouchCount *
attribution_count_user(AttributionVisit *visit, uint32 node)
{
	TouchCount *count = &visit->counts[node];

	if (count->last_user != visit->users)
	{
		count->last_user = visit->users;
		count->next = SIZE_MAX;
		count->item.users++;
	}
	return count;
}

static void
attribution_count_converted(AttributionVisit *visit, TouchCount *count)
{
	count->item.converted_users += count->last_converted != visit->users;
	count->last_converted = visit->users;
}

/* The path of touches [begin, end), or of the last of them, for this user. */
static PathItem *
attribution_count_path(AttributionVisit *visit, size_t begin, size_t end)
{
	AttributionStats *stats = visit->stats;
	const uint32 length = (uint32) Min(end - begin, (size_t) stats->depth);
	PathItem   *path;
	uint32		number;
	uint32		k;

	for (k = 0; k < length; k++)
		visit->path[k] = visit->user.touches[end - length + k].node;
	path = attribution_stats_path(stats, visit->path, length);
	number = (uint32) (path - stats->paths);
	if (number >= visit->path_users_capacity)
	{
		const uint32 old = visit->path_users_capacity;

		visit->path_users_capacity = Max(1024, stats->path_index.capacity);
		visit->path_users = old == 0 ?
			MemoryContextAllocHuge(visit->context, visit->path_users_capacity * sizeof(uint64)) :
			repalloc_huge(visit->path_users, visit->path_users_capacity * sizeof(uint64));
		memset(visit->path_users + old, 0, (visit->path_users_capacity - old) * sizeof(uint64));
	}
	path->users += visit->path_users[number] != visit->users;
	visit->path_users[number] = visit->users;
	return path;
}

/* Have room for the touches and conversions of a user. */
static void
attribution_reserve(AttributionVisit *visit, size_t ntouches, size_t nconversions)
{
	AttributionUser *user = &visit->user;

	if (ntouches > visit->touches_capacity || nconversions > visit->conversions_capacity)
	{
		if (user->touches != NULL)
		{
			pfree(user->touches);
			pfree(user->conversions);
			pfree(user->credit);
			pfree(user->sums);
		}
		visit->touches_capacity = Max(Max(ntouches, 1024), visit->touches_capacity);
		visit->conversions_capacity = Max(Max(nconversions, 1024), visit->conversions_capacity);
		user->touches = MemoryContextAllocHuge(visit->context, visit->touches_capacity * sizeof(AttributionTouch));
		user->conversions = MemoryContextAllocHuge(visit->context, visit->conversions_capacity *
												   sizeof(AttributionConversion));
		user->credit = MemoryContextAllocHuge(visit->context, (visit->touches_capacity + 1) * sizeof(int128));
		user->sums = MemoryContextAllocHuge(visit->context,
											(Max(visit->touches_capacity, visit->conversions_capacity) + 1) *
											sizeof(double));
	}
}

/* Take a user's events apart into touches and conversions. */
static void
attribution_read_user(AttributionVisit *visit, const Event *events, const EventValue *values, size_t n)
{
	AttributionUser *user = &visit->user;
	size_t		ntouches = 0;
	size_t		nconversions = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		ntouches += (events[i].step & IS_TOUCH) != 0;
		nconversions += (events[i].step & IS_CONVERSION) != 0;
	}
	attribution_reserve(visit, ntouches, nconversions);
	user->ntouches = user->nconversions = 0;
	for (i = 0; i < n; i++)
	{
		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
		if ((events[i].step & IS_TOUCH) != 0)
		{
			AttributionTouch *touch = &user->touches[user->ntouches++];

			touch->at = events[i].at;
			touch->node = event_node(&events[i]);
		}
		if ((events[i].step & IS_CONVERSION) != 0)
		{
			AttributionConversion *conversion = &user->conversions[user->nconversions++];

			conversion->at = events[i].at;
			conversion->end = user->ntouches;
			conversion->value = values == NULL ? 0 : attribution_units(&values[i]);
		}
	}
}

/* Count the touches of a user, and the conversions that they led to. */
static void
attribution_count_touches(AttributionVisit *visit)
{
	const AttributionUser *user = &visit->user;
	size_t		i;

	for (i = user->ntouches; i-- > 0;)
	{
		const AttributionTouch *touch = &user->touches[i];
		TouchCount *count = attribution_count_user(visit, touch->node);
		size_t		stop = touch->stop;

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		count->item.touches++;
		if (!attribution_touch_is_lost(touch))
		{
			histogram_add(&count->item.times,
						  histogram_duration(touch->at, user->conversions[touch->first].at), visit->context);

			/*
			 * conversions after the next touch of the node are counted with
			 * that
			 */
			if (count->next != SIZE_MAX)
				stop = Min(stop, user->touches[count->next].first);
			if (touch->first < stop)
			{
				const size_t after = stop < user->nconversions ? user->conversions[stop].steps :
					user->conversions[stop - 1].steps + user->conversions[stop - 1].end -
					user->conversions[stop - 1].begin;

				count->item.conversions += stop - touch->first;
				count->item.steps += after - user->conversions[touch->first].steps;
			}
			attribution_count_converted(visit, count);
		}
		count->next = i;
	}
}

/* Add what each touch got by a model to its node. */
static void
attribution_add_shares(AttributionVisit *visit, AttributionModel model, bool values)
{
	AttributionUser *user = &visit->user;
	size_t		i;

	attribution_share(user, &visit->spec, model, values);
	for (i = 0; i < user->ntouches; i++)
		if (user->credit[i] != 0)
		{
			TouchItem  *item = &visit->counts[user->touches[i].node].item;

			if (values)
				item->values[model] += user->credit[i];
			else
				item->credits[model] += user->credit[i];
		}
}

/* A conversion without touches: it is that of a direct one, in all models. */
static void
attribution_count_untouched(AttributionVisit *visit, const AttributionConversion *conversion)
{
	TouchCount *count = attribution_count_user(visit, visit->direct);
	int			model;

	count->item.conversions++;
	attribution_count_converted(visit, count);
	for (model = 0; model < ATTRIBUTION_NMODELS; model++)
	{
		count->item.credits[model] += ATTRIBUTION_WHOLE;
		count->item.values[model] += conversion->value;
	}
}

static void
attribution_visit_user(void *arg, const UserKey *key, Event *events, const EventValue *values, size_t n)
{
	AttributionVisit *visit = arg;
	AttributionUser *user = &visit->user;
	AttributionStats *stats = visit->stats;
	bool		touched = false;
	size_t		i;
	size_t		j;

	(void) key;
	attribution_read_user(visit, events, values, n);
	if (user->ntouches + user->nconversions == 0)
		return;
	visit->users++;
	stats->conversions += user->nconversions;
	stats->converted_users += user->nconversions > 0;
	attribution_windows(user, &visit->spec);
	attribution_count_touches(visit);
	for (j = 0; j < user->nconversions; j++)
	{
		const AttributionConversion *conversion = &user->conversions[j];
		PathItem   *path = attribution_count_path(visit, conversion->begin, conversion->end);

		CHECK_FOR_INTERRUPTS();
		path->conversions++;
		path->value += conversion->value;
		stats->value += conversion->value;
		/* no sum of values is more than this one */
		attribution_add_units(&visit->size_of_values,
							  conversion->value < 0 ? -conversion->value : conversion->value);
		if (conversion->begin == conversion->end)
			attribution_count_untouched(visit, conversion);
		else
			touched = true;
	}
	for (i = 0; i < user->ntouches;)
		if (attribution_touch_is_lost(&user->touches[i]))
		{
			const size_t end = attribution_lost_path(user, &visit->spec, i);

			attribution_count_path(visit, i, end)->lost++;
			i = end;
		}
		else
			i++;
	if (touched)
	{
		int			model;

		for (model = 0; model < ATTRIBUTION_NMODELS; model++)
		{
			attribution_add_shares(visit, (AttributionModel) model, false);
			if (stats->has_values)
				attribution_add_shares(visit, (AttributionModel) model, true);
		}
	}
}

/* ---- the result --------------------------------------------------------------- */

/*
 * Put what was counted into the result, by the order of names.  Nodes are in that
 * order, but for the one of direct touches if the population does not have it:
 * that is the last.
 */
static void
attribution_finish(AttributionVisit *visit, const Population *population)
{
	AttributionStats *stats = visit->stats;
	const uint32 n = population->nodes->n;
	uint32	   *numbers = MemoryContextAllocExtended(CurrentMemoryContext, ((uint64) n + 1) * sizeof(uint32),
													 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	const TextSlice no_name = {NODE_NO_NAME, 1};
	uint32		place = 0;		/* of the direct one, if it is the last */
	uint32		i;
	uint32		k;

	while (visit->direct == n && place < n &&
		   slice_order(population_node(population, place), stats->direct) < 0)
		place++;
	stats->names = MemoryContextAllocHuge(stats->context, ((uint64) n + 1) * sizeof(TextSlice));
	stats->touches = MemoryContextAllocHuge(stats->context, ((uint64) n + 1) * sizeof(TouchItem));
	for (i = 0; i < n + (visit->direct == n ? 1 : 0); i++)
	{
		const uint32 node = visit->direct < n || i < place ? i : i == place ? n : i - 1;
		TouchItem  *item = &visit->counts[node].item;

		if (item->users == 0)
			continue;
		if (node < n && slice_equal(population_node(population, node), no_name))
			serialized_refuse();	/* no touch is called so */
		numbers[node] = item->node = stats->nnames;
		stats->names[stats->nnames++] = node == n ? stats->direct : population_node(population, node);
		stats->touches[stats->ntouches++] = *item;
	}
	for (i = 0; i < stats->npaths; i++)
	{
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		for (k = 0; k < stats->paths[i].length; k++)
			stats->paths[i].nodes[k] = numbers[stats->paths[i].nodes[k]];
	}
	stats->path_index.nslots = 0;
	stats->users = visit->users;
}

static Datum
attribution_final_users(PG_FUNCTION_ARGS)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	const AttributionParams *params = population->params;
	AttributionStats *stats = stats_new(&attribution_stats_type, CurrentMemoryContext);
	AttributionVisit visit = {0};

	if ((population->holds & POPULATION_NODES) == 0 || population->nsteps != NCONDITIONS)
		serialized_refuse();	/* no transition makes it so */
	population_rank(population);
	stats->look_back = params->spec.look_back;
	stats->reset = params->spec.reset;
	stats->unit = params->unit;
	stats->zone = params->unit > 0 ? pg_get_timezone_name(params->zone) : "";
	stats->half_life = params->spec.half_life;
	stats->first = params->spec.first;
	stats->middle = params->spec.middle;
	stats->last = params->spec.last;
	stats->direct = params->direct;
	stats->depth = params->depth;
	stats->has_values = (population->holds & POPULATION_VALUES) != 0;

	visit.context = CurrentMemoryContext;
	visit.stats = stats;
	visit.spec = params->spec;
	visit.spec.direct = population_find_node(population, params->direct);
	visit.direct = visit.spec.direct != NODE_NONE ? visit.spec.direct : population->nodes->n;
	if (params->unit > 0)
	{
		visit.calendar.unit = (CalendarUnit) (params->unit - 1);
		visit.calendar.zone = params->zone;
		visit.spec.bucket_begin = attribution_bucket_begin;
		visit.spec.calendar = &visit.calendar;
	}
	visit.path = palloc(ATTRIBUTION_DEPTH_MAX * sizeof(uint32));
	visit.counts = MemoryContextAllocExtended(CurrentMemoryContext,
											  ((uint64) population->nodes->n + 1) * sizeof(TouchCount),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	population_visit(population, attribution_visit_user, &visit);
	attribution_finish(&visit, population);
	PG_RETURN_POINTER(stats_pack(&attribution_stats_type, stats));
}

/*
 * attribution_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_attribution_final, attribution_final_users(fcinfo),
			  .type = &attribution_stats_type)
