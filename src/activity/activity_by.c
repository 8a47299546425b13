/*-------------------------------------------------------------------------
 *
 * activity_by.c
 *		lifecycle_by, active_ratio_by, stickiness_by, frequency_by and
 *		lifecycle_users_by: the activity kernel over the events of each user,
 *		with users in groups by a value of their events.
 *
 * What is counted of each group is a result of its own until all users were
 * visited.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "activity/activity_visit.h"
#include "event/event.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "userset/userset.h"
#include "utils/array.h"
#include "utils/memutils.h"

#define MERGE_SORT_NAME sort_buckets_of_groups
#define MERGE_SORT_TYPE uint64
#define MERGE_SORT_BEFORE(a, b, arg) (*(a) < *(b))
#include "base/merge_sort.h"

/* What is gathered of a group. */
typedef struct GroupPart
{
	ActivityStats *stats;
	RoaringBuilder users;		/* of lifecycle_users_by: those in the state */
} GroupPart;

typedef struct ActivityByVisit
{
	ActivityVisit visit;		/* its stats are those of a group */
	ActivityStats *result;		/* has the groups, by number */
	GroupPart  *parts;			/* [ngroups] */
	uint32		nparts;
	uint32		capacity;		/* of parts */

	/* of each value: group and bucket of each event, and room to sort them */
	uint64	   *keys;
	uint64	   *scratch;
	size_t		keys_capacity;
} ActivityByVisit;

/* The number of the group of a label. */
static uint32
activity_by_group(ActivityByVisit *by, TextSlice label)
{
	const uint32 number = activity_stats_group(by->result, label);
	GroupPart  *part;

	if (number < by->nparts)
		return number;
	if (number >= by->capacity)
	{
		by->capacity = Max(64, by->capacity * 2);
		by->parts = by->parts == NULL ?
			MemoryContextAllocHuge(by->visit.context, by->capacity * sizeof(GroupPart)) :
			repalloc_huge(by->parts, by->capacity * sizeof(GroupPart));
	}
	breakdown_check_label(label);
	part = &by->parts[by->nparts++];
	part->stats = activity_stats_new(by->visit.context, &by->result->spec);
	if (by->visit.params->kind == ACTIVITY_USERS)
		roaring_builder_init(&part->users, ROARING_OR);
	return number;
}

/* Is a user who was active in n buckets in the state asked for? */
static bool
activity_by_is_in_state(const ActivityVisit *visit, size_t n)
{
	const ActivityParams *params = visit->params;
	ActivityScan scan;
	int64		bucket;
	LifecycleState state;
	bool		dormant_after;

	activity_begin(&scan, visit->buckets, n);
	while (activity_next_state(&scan, &bucket, &state, &dormant_after) && bucket <= params->bucket)
	{
		if (bucket == params->bucket)
			return params->state == STATE_ACTIVE || params->state == (int) state;
		if (bucket + 1 == params->bucket && dormant_after)
			return params->state == LIFECYCLE_DORMANT;
	}
	return false;
}

/* Count a user in a group, in which they were active in n buckets and so many times. */
static void
activity_by_count(ActivityByVisit *by, const UserKey *user, uint32 number, size_t n, uint64 times)
{
	by->result->groups[number].users++;
	if (by->visit.params->kind != ACTIVITY_USERS)
	{
		by->visit.stats = by->parts[number].stats;
		activity_count_user(&by->visit, n, times);
	}
	else if (activity_by_is_in_state(&by->visit, n))
	{
		MemoryContext old = MemoryContextSwitchTo(by->visit.context);

		roaring_builder_add(&by->parts[number].users, user->key);
		MemoryContextSwitchTo(old);
	}
}

static inline TextSlice
activity_by_value(const EventValue *value)
{
	const TextSlice text = {value->bytes, value->length};

	return text;
}

/*
 * The label of a user's events: the first or the last value in them; of
 * simultaneous ones the least by its bytes.
 */
static TextSlice
activity_by_label(const ActivityParams *params, const Event *events, const EventValue *values, size_t n)
{
	const bool	first = params->spec.breakdown.value == BREAKDOWN_FIRST_VALUE;
	TextSlice	label = {NULL, 0};
	int64		at = 0;
	size_t		k;

	for (k = 0; k < n; k++)
	{
		const size_t i = first ? k : n - 1 - k;
		const TextSlice value = activity_by_value(&values[i]);

		if (k % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
		if (label.bytes != NULL && events[i].at != at)
			break;
		if (value.bytes != NULL && (label.bytes == NULL || slice_order(value, label) < 0))
		{
			label = value;
			at = events[i].at;
		}
	}
	return label;
}

/* A user who is in one group with all events. */
static void
activity_visit_by_one(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	ActivityByVisit *by = arg;
	ActivityVisit *visit = &by->visit;
	const uint32 number = activity_by_group(by, activity_by_label(visit->params, events, values, n));
	size_t		nbuckets = 0;
	size_t		i;

	activity_reserve(visit, n);
	for (i = 0; i < n; i++)
	{
		const int64 bucket = (int64) activity_bucket_of(visit->params, events[i].at) + CALENDAR_NUMBER_MIN;

		if (nbuckets == 0 || visit->buckets[nbuckets - 1] != bucket)
			visit->buckets[nbuckets++] = bucket;
	}
	activity_by_count(by, user, number, nbuckets, n);
}

/* A user who is in the group of each value, with the events that have it. */
static void
activity_visit_by_each(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	ActivityByVisit *by = arg;
	ActivityVisit *visit = &by->visit;
	size_t		i;

	if (n > by->keys_capacity)
	{
		if (by->keys != NULL)
		{
			pfree(by->keys);
			pfree(by->scratch);
		}
		by->keys_capacity = Max(Max(n, 1024), by->keys_capacity * 2);
		by->keys = MemoryContextAllocHuge(visit->context, by->keys_capacity * sizeof(uint64));
		by->scratch = MemoryContextAllocHuge(visit->context,
											 (by->keys_capacity / 2 + 1) * sizeof(uint64));
	}
	activity_reserve(visit, n);
	for (i = 0; i < n; i++)
	{
		by->keys[i] = (uint64) activity_by_group(by, activity_by_value(&values[i])) << 32 |
			activity_bucket_of(visit->params, events[i].at);
		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			CHECK_FOR_INTERRUPTS();
	}
	sort_buckets_of_groups(by->keys, n, by->scratch, NULL);
	for (i = 0; i < n;)
	{
		const uint32 number = (uint32) (by->keys[i] >> 32);
		const size_t begin = i;
		size_t		nbuckets = 0;

		for (; i < n && by->keys[i] >> 32 == number; i++)
		{
			const int64 bucket = (int64) (uint32) by->keys[i] + CALENDAR_NUMBER_MIN;

			if (nbuckets == 0 || visit->buckets[nbuckets - 1] != bucket)
				visit->buckets[nbuckets++] = bucket;
		}
		activity_by_count(by, user, number, nbuckets, i - begin);
	}
}

static void
activity_by_visit(ActivityByVisit *by, FunctionCallInfo fcinfo, int kind)
{
	UserStore  *state = (UserStore *) PG_GETARG_POINTER(0);

	memset(by, 0, sizeof(ActivityByVisit));
	activity_begin_visit(&by->visit, state, kind, true);
	by->result = by->visit.stats;
	population_visit((Population *) state,
					 by->visit.params->spec.breakdown.value == BREAKDOWN_EACH_VALUE ?
					 activity_visit_by_each : activity_visit_by_one, by);
}

/* The result over all users of a state. */
static Datum
activity_by_final_users(FunctionCallInfo fcinfo, ActivityKind kind)
{
	ActivityByVisit by;
	uint32		i;

	activity_by_visit(&by, fcinfo, kind);
	for (i = 0; i < by.nparts; i++)
	{
		activity_stats_add_group(by.result, i, by.parts[i].stats);
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_POINTER(stats_pack(&activity_stats_type, by.result));
}

/*
 * lifecycle_by_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_lifecycle_by_final, activity_by_final_users(fcinfo, ACTIVITY_LIFECYCLE),
			  .type = &activity_stats_type,
			  .newest = activity_newest)

/*
 * active_ratio_by_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_active_ratio_by_final, activity_by_final_users(fcinfo, ACTIVITY_RATIO),
			  .type = &activity_stats_type,
			  .newest = activity_newest)

/*
 * stickiness_by_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_stickiness_by_final, activity_by_final_users(fcinfo, ACTIVITY_STICKINESS),
			  .type = &activity_stats_type,
			  .newest = activity_newest)

/*
 * frequency_by_final(state): NULL when there are no rows.
 */
RESULTS_FINAL(journey_frequency_by_final, activity_by_final_users(fcinfo, ACTIVITY_FREQUENCY),
			  .type = &activity_stats_type)

typedef struct LabelledUsers
{
	TextSlice	label;
	RoaringBuilder *users;
} LabelledUsers;

/* By the bytes of labels, none last. */
static int
labelled_users_order(const void *a, const void *b)
{
	const TextSlice left = ((const LabelledUsers *) a)->label;
	const TextSlice right = ((const LabelledUsers *) b)->label;

	if (left.bytes == NULL || right.bytes == NULL)
		return (left.bytes == NULL) - (right.bytes == NULL);
	return slice_order(left, right);
}

static Datum
lifecycle_users_by_final_users(PG_FUNCTION_ARGS)
{
	ActivityByVisit by;
	ShownLabels shown;
	TupleDesc	desc;
	LabelledUsers *groups;
	Datum	   *rows;
	Oid			type;
	uint32		n = 0;
	uint32		kept = 0;
	uint32		i;

	desc = aggregate_row_type(fcinfo, "lifecycle_users_by(user_id, at, breakdown, unit, bucket, state)",
							  &type);
	activity_by_visit(&by, fcinfo, ACTIVITY_USERS);
	shown = activity_stats_shown(by.result);
	groups = palloc_extended((by.nparts + 1) * sizeof(LabelledUsers), MCXT_ALLOC_HUGE);
	for (i = 0; i < by.nparts; i++)
	{
		groups[n].label = breakdown_label(&shown, by.result->groups[i].label);
		groups[n++].users = &by.parts[i].users;
	}
	qsort(groups, n, sizeof(LabelledUsers), labelled_users_order);
	/* those that are not shown are one */
	for (i = 0; i < n; i++)
		if (kept > 0 && labelled_users_order(&groups[kept - 1], &groups[i]) == 0)
			roaring_builder_add_all(groups[kept - 1].users, groups[i].users);
		else
			groups[kept++] = groups[i];
	rows = palloc_extended((kept + 1) * sizeof(Datum), MCXT_ALLOC_HUGE);
	for (i = 0; i < kept; i++)
	{
		Datum		columns[2] = {0};
		bool		nulls[2] = {false};

		stats_put_text(groups[i].label, &columns[0], &nulls[0]);
		columns[1] = users_datum(groups[i].users);
		rows[i] = HeapTupleGetDatum(heap_form_tuple(desc, columns, nulls));
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(rows, (int) kept, type, -1, false, TYPALIGN_DOUBLE));
}

/* lifecycle_users_by_final(state): an array of lifecycle_group, by breakdown. */
JOURNEY_FUNCTION_AS(journey_lifecycle_users_by_final, results_final_once(fcinfo, lifecycle_users_by_final_users))
