/*-------------------------------------------------------------------------
 *
 * attribution_visit.c
 *		attribution: the attribution kernel over all users of a population.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "attribution/attribution_visit.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"


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

/* What is held in the value of an event: its property, bytes NULL if none, and its number. */
EventValue
attribution_property(const EventValue *value, EventValue *number)
{
	EventValue	property = {NULL, 0};
	uint32		at = 1;

	*number = property;
	if (value->bytes == NULL)
		return property;
	if (value->length > 9 && value->bytes[0] == 1)
	{
		number->bytes = value->bytes + 1;
		number->length = 8;
		at += 8;
	}
	else if (value->length < 2 || value->bytes[0] != 0)
		serialized_refuse();
	if (value->bytes[at] == 1)
	{
		property.bytes = value->bytes + at + 1;
		property.length = value->length - at - 1;
	}
	else if (value->bytes[at] != 0)
		serialized_refuse();
	return property;
}

/* The name of a touch. */
static TextSlice
attribution_node_name(const Population *population, uint32 node)
{
	const TextSlice name = population_node(population, node);
	const TextSlice no_name = {NODE_NO_NAME, 1};

	if (slice_equal(name, no_name))
		serialized_refuse();	/* no touch is called so */
	return name;
}

static TouchCount *
attribution_count_user(AttributionVisit *visit, uint32 node)
{
	TouchCount *count = &visit->counts[node];

	if (count->last_user != visit->users)
	{
		count->last_user = visit->users;
		count->first_at = count->converted_at = PG_INT64_MAX;
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
void
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

/* Take events of a user apart into touches and conversions. */
void
attribution_read_user(AttributionVisit *visit, const Event *events, const EventValue *values, size_t n)
{
	AttributionUser *user = &visit->user;
	size_t		ntouches = 0;
	size_t		nconversions = 0;
	EventValue	number = {NULL, 0};
	size_t		led = 0;		/* the touches before the latest step */
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
		if ((events[i].step & IS_STEP) != 0)
			led = user->ntouches;
		if ((events[i].step & IS_CONVERSION) != 0)
		{
			AttributionConversion *conversion = &user->conversions[user->nconversions++];

			conversion->at = events[i].at;
			conversion->end = visit->through ? led : user->ntouches;
			if (values != NULL && visit->held)
				(void) attribution_property(&values[i], &number);
			else if (values != NULL)
				number = values[i];
			if (number.bytes != NULL && !visit->has_values)
				serialized_refuse();	/* no transition makes it so */
			conversion->value = attribution_units(&number);
		}
	}
}

/* Count a touch, and when the first conversion that it led to was; PG_INT64_MAX: never. */
void
attribution_count_touch(AttributionVisit *visit, uint32 node, int64 at, int64 converted_at)
{
	TouchCount *count = attribution_count_user(visit, node);

	count->item.touches++;
	count->first_at = Min(count->first_at, at);
	count->converted_at = Min(count->converted_at, converted_at);
	if (converted_at != PG_INT64_MAX && visit->members == NULL)
		histogram_add(&count->item.times, histogram_duration(at, converted_at), visit->context);
}

/* Count the conversions that touches led to. */
static void
attribution_count_led(AttributionVisit *visit)
{
	const AttributionUser *user = &visit->user;
	size_t		i;

	visit->parts++;
	for (i = user->ntouches; i-- > 0;)
	{
		const AttributionTouch *touch = &user->touches[i];
		TouchCount *count = attribution_count_user(visit, touch->node);
		size_t		stop = touch->stop;

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (!attribution_touch_is_lost(touch))
		{
			/*
			 * conversions after the next touch of the node are counted with
			 * that
			 */
			if (count->last_part == visit->parts)
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
		count->last_part = visit->parts;
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
	count->converted_at = Min(count->converted_at, conversion->at);
	attribution_count_converted(visit, count);
	for (model = 0; model < ATTRIBUTION_NMODELS; model++)
	{
		count->item.credits[model] += ATTRIBUTION_WHOLE;
		count->item.values[model] += conversion->value;
	}
}

/* Add a member for each touch of the latest user, and take its counts back. */
static void
attribution_add_members(AttributionVisit *visit, const UserKey *key)
{
	const AttributionUser *user = &visit->user;
	size_t		i;

	for (i = 0; i <= user->ntouches; i++)
	{
		const uint32 node = i < user->ntouches ? user->touches[i].node : visit->direct;
		TouchCount *count = &visit->counts[node];
		Datum		columns[6];
		bool		nulls[6] = {false};

		if (count->last_user != visit->users)
			continue;
		stats_put_text(attribution_node_name(visit->population, node), &columns[1], &nulls[1]);
		columns[2] = Int64GetDatum((int64) count->item.touches);
		columns[3] = Int64GetDatum((int64) count->item.conversions);
		columns[4] = TimestampTzGetDatum(count->first_at);
		nulls[4] = count->item.touches == 0;
		columns[5] = TimestampTzGetDatum(count->converted_at);
		nulls[5] = count->item.conversions == 0;
		members_add(visit->members, key, node, columns, nulls);
		pfree(DatumGetPointer(columns[1]));
		memset(count, 0, sizeof(TouchCount));
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
}

/* Count the conversions of a user, or of a part of one, and share them among the touches. */
void
attribution_count_part(AttributionVisit *visit)
{
	AttributionUser *user = &visit->user;
	AttributionStats *stats = visit->stats;
	bool		touched = false;
	size_t		j;
	int			model;

	attribution_windows(user, &visit->spec);
	attribution_count_led(visit);
	for (j = 0; j < user->nconversions; j++)
	{
		const AttributionConversion *conversion = &user->conversions[j];
		PathItem   *path;

		CHECK_FOR_INTERRUPTS();
		if (conversion->begin == conversion->end)
			attribution_count_untouched(visit, conversion);
		else
			touched = true;
		if (visit->members != NULL)
			continue;
		path = attribution_count_path(visit, conversion->begin, conversion->end);
		path->conversions++;
		path->value += conversion->value;
		stats->value += conversion->value;
		/* no sum of values is more than this one */
		stats_add_int128(&visit->size_of_values,
						 conversion->value < 0 ? -conversion->value : conversion->value);
	}
	for (model = 0; model < ATTRIBUTION_NMODELS && touched && visit->members == NULL; model++)
	{
		attribution_add_shares(visit, (AttributionModel) model, false);
		if (stats->has_values)
			attribution_add_shares(visit, (AttributionModel) model, true);
	}
}

/* Count the paths of touches that led to none. */
void
attribution_count_lost(AttributionVisit *visit)
{
	const AttributionUser *user = &visit->user;
	size_t		i;

	for (i = 0; i < user->ntouches;)
		if (attribution_touch_is_lost(&user->touches[i]))
		{
			const size_t end = attribution_lost_path(user, &visit->spec, i);

			CHECK_FOR_INTERRUPTS();
			attribution_count_path(visit, i, end)->lost++;
			i = end;
		}
		else
			i++;
}

static void
attribution_visit_user(void *arg, const UserKey *key, Event *events, const EventValue *values, size_t n)
{
	AttributionVisit *visit = arg;
	const AttributionUser *user = &visit->user;
	size_t		i;

	attribution_read_user(visit, events, values, n);
	if (user->ntouches + user->nconversions == 0)
		return;
	visit->users++;
	attribution_count_part(visit);
	for (i = 0; i < user->ntouches; i++)
	{
		const AttributionTouch *touch = &user->touches[i];

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
		attribution_count_touch(visit, touch->node, touch->at, attribution_touch_is_lost(touch) ? PG_INT64_MAX :
								user->conversions[touch->first].at);
	}
	if (visit->members != NULL)
	{
		attribution_add_members(visit, key);
		return;
	}
	visit->stats->conversions += user->nconversions;
	visit->stats->converted_users += user->nconversions > 0;
	attribution_count_lost(visit);
}

/* ---- the touches that are shown ------------------------------------------------ */

/* Count the users of each touch. */
static void
attribution_count_users(void *arg, const UserKey *key, Event *events, const EventValue *values, size_t n)
{
	AttributionVisit *visit = arg;
	size_t		i;

	(void) key;
	(void) values;
	visit->users++;
	for (i = 0; i < n; i++)
	{
		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
		if ((events[i].step & IS_TOUCH) != 0)
			(void) attribution_count_user(visit, event_node(&events[i]));
	}
}

/*
 * Have all touches that are not among the `top` with the most users be one touch,
 * of this rank.  The direct one is none of them.
 */
static void
attribution_choose_top(AttributionVisit *visit, Population *population, uint32 top, uint32 other)
{
	const uint32 n = population->nodes->n;
	StatsGroup *groups = MemoryContextAllocHuge(visit->context, ((Size) n + 1) * sizeof(StatsGroup));
	uint32	   *shown = MemoryContextAllocHuge(visit->context, ((Size) n + 1) * sizeof(uint32));
	uint32		ngroups = 0;
	uint32		i;

	population_visit_keeping(population, attribution_count_users, visit);
	for (i = 0; i < n; i++)
	{
		shown[i] = i;
		if (i == visit->direct || i == other || visit->counts[i].item.users == 0)
			continue;
		groups[ngroups].label = population_node(population, i);
		groups[ngroups++].users = visit->counts[i].item.users;
	}
	/* a touch that is called so is one of them */
	if (ngroups + (visit->counts[other].item.users > 0 ? 1 : 0) > top)
	{
		(void) stats_keep_top(groups, ngroups, top);
		for (i = 0; i < n; i++)
			if (i != visit->direct && visit->counts[i].item.users > 0 &&
				slice_equal(stats_top_label(groups, Min(ngroups, top), population_node(population, i)),
							population_node(population, other)))
				shown[i] = other;
		nodes_rank_as(population->nodes, shown);
	}
	memset(visit->counts, 0, ((Size) n + 1) * sizeof(TouchCount));
	visit->users = 0;
	pfree(groups);
	pfree(shown);
}

/* Get ready to visit the users of a state. */
static void
attribution_begin_visit(AttributionVisit *visit, Population *population)
{
	static const TextSlice other = {"(other)", 7};
	const AttributionParams *params = population->params;
	uint32		direct;
	uint32		other_number = 0;

	if ((population->holds & POPULATION_NODES) == 0 || population->nsteps != NCONDITIONS)
		serialized_refuse();	/* no transition makes it so */
	direct = nodes_intern(population->nodes, params->direct);
	if (params->top > 0)
		other_number = nodes_intern(population->nodes, other);
	population_rank(population);
	visit->context = CurrentMemoryContext;
	visit->spec = params->spec;
	visit->through = params->through.bytes != NULL;
	visit->held = params->held;
	if (visit->held && (population->holds & POPULATION_VALUES) == 0)
		serialized_refuse();
	visit->has_values = params->held ? params->held_values : (population->holds & POPULATION_VALUES) != 0;
	visit->direct = visit->spec.direct = population->nodes->ranks[direct];
	if (params->unit > 0)
	{
		visit->calendar.unit = (CalendarUnit) (params->unit - 1);
		visit->calendar.zone = params->zone;
		visit->spec.bucket_begin = attribution_bucket_begin;
		visit->spec.calendar = &visit->calendar;
	}
	visit->counts = MemoryContextAllocExtended(CurrentMemoryContext,
											   ((uint64) population->nodes->n + 1) * sizeof(TouchCount),
											   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (params->top > 0)
		attribution_choose_top(visit, population, (uint32) params->top,
							   population->nodes->ranks[other_number]);
}

/* ---- the result --------------------------------------------------------------- */

/* Put what was counted into the result, by the order of names, which nodes are in. */
static void
attribution_finish(AttributionVisit *visit, const Population *population)
{
	AttributionStats *stats = visit->stats;
	const uint32 n = population->nodes->n;
	uint32	   *numbers = MemoryContextAllocExtended(CurrentMemoryContext, ((uint64) n + 1) * sizeof(uint32),
													 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	uint32		i;
	uint32		k;

	stats->names = MemoryContextAllocHuge(stats->context, ((uint64) n + 1) * sizeof(TextSlice));
	stats->touches = MemoryContextAllocHuge(stats->context, ((uint64) n + 1) * sizeof(TouchItem));
	for (i = 0; i < n; i++)
	{
		TouchItem  *item = &visit->counts[i].item;

		if (item->users == 0)
			continue;
		numbers[i] = item->node = stats->nnames;
		stats->names[stats->nnames++] = attribution_node_name(population, i);
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
	stats->top = params->top;
	stats->through = params->through;
	stats->held = params->held;
	attribution_begin_visit(&visit, population);
	visit.stats = stats;
	stats->has_values = visit.has_values;
	visit.path = palloc(ATTRIBUTION_DEPTH_MAX * sizeof(uint32));
	population_visit(population, visit.held ? attribution_visit_holding : attribution_visit_user, &visit);
	attribution_finish(&visit, population);
	PG_RETURN_POINTER(stats_pack(&attribution_stats_type, stats));
}

/* The touches to show are known only where all users are. */
static bool
attribution_results_allowed(const void *any)
{
	return ((const AttributionParams *) ((const Population *) any)->params)->top == 0;
}

/*
 * attribution_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_attribution_final, attribution_final_users(fcinfo),
			  .type = &attribution_stats_type,.allowed = attribution_results_allowed)

static void
attribution_visit_members(FunctionCallInfo fcinfo, UserStore *store, Members *members)
{
	Population *population = (Population *) store;
	AttributionVisit visit = {0};

	(void) fcinfo;
	attribution_begin_visit(&visit, population);
	visit.population = population;
	visit.members = members;
	population_visit(population, attribution_visit_user, &visit);
}

/*
 * attribution_members_final(state): an array of attribution_member, by user_id
 * and touch.
 */
MEMBERS_FINAL(journey_attribution_members_final, journey_attribution_member_list_final,
			  .row = "attribution_member",
			  .call = "attribution_members(user_id, at, touch, is_conversion, look_back)",
			  .list = "attribution_member_list(user_id, at, touch, is_conversion, look_back)",
			  .visit = attribution_visit_members)
