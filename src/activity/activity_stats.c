/*-------------------------------------------------------------------------
 *
 * activity_stats.c
 *		The type activity_stats: the result of an activity analysis over a
 *		population.
 *
 * The fields define both forms: see stats/stats.h.  Version 1 had no end of
 * observation; version 3 is that of breakdowns, and of these only.  The text
 * form is
 *
 *	{"version": 2, "kind": "stickiness", "unit": "day", "over_unit": "week",
 *	 "short_window": 0, "long_window": 0, "time_zone": "UTC",
 *	 "newest": 820540800000000, "cells": [[1356, 1, 20], [1356, 2, 7]]}
 *
 * and "until" before "newest" if it was given.  Times are in microseconds
 * since 2000-01-01 00:00 UTC, and a cell has bucket, key and users: see
 * activity_stats.h. "over_unit" is the longer unit of stickiness, otherwise
 * the unit itself.  A breakdown has
 *
 *	"breakdown": "first_value", "top": 10,
 *	"groups": [{"label": "app", "users": 30}, {"label": null, "users": 2}]
 *
 * before "cells", and each cell has the label of its group before the bucket.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "activity/activity_stats.h"
#include "miscadmin.h"

/* Buckets of finite times are numbered well within this. */
#define MOST_BUCKET (INT64_C(1) << 40)

/* The most hours of a quarter. */
#define MOST_STICKINESS 2300

static const StatsList cell_list;
static const StatsList group_list;

const char *const activity_kind_names[ACTIVITY_NKINDS] = {
	"lifecycle", "ratio", "stickiness", "frequency"
};

/* Units of the calendar, and ACTIVITY_TIMES. */
static const char *const unit_names[ACTIVITY_NUNITS] = {
	"hour", "day", "week", "month", "quarter", "week_sunday", "times"
};

/* The unit of a name, which may be `times` if wanted, or an error. */
int
activity_unit(const char *name, size_t length, bool times)
{
	CalendarUnit unit;

	if (!times)
		return calendar_unit(name, length);
	if (length == 5 && pg_strncasecmp(name, "times", 5) == 0)
		return ACTIVITY_TIMES;
	if (!calendar_find_unit(name, length, &unit))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unit \"%s\" does not exist", length > 0 ? pnstrdup(name, length) : ""),
				 errhint("Write 'times', " CALENDAR_UNIT_NAMES ".")));
	return unit;
}

/* Is every bucket of a unit within one of the longer unit? */
bool
activity_units_nest(int unit, CalendarUnit over_unit)
{
	return unit < (int) (over_unit == CALENDAR_WEEK_SUNDAY ? CALENDAR_WEEK : over_unit) &&
		unit != CALENDAR_WEEK;
}

/* A result without cells; the zone's name is copied. */
ActivityStats *
activity_stats_new(MemoryContext context, const ActivitySpec *spec)
{
	ActivityStats *stats = stats_new(&activity_stats_type, context);

	stats->spec = *spec;
	stats->spec.zone = MemoryContextStrdup(context, spec->zone);
	return stats;
}

static inline uint64
cell_hash(int64 bucket, uint64 key)
{
	return spread((uint64) bucket * 8191 + key);
}

/* Count users in a cell of a result without groups. */
void
activity_stats_count(ActivityStats *stats, int64 bucket, uint64 key, uint64 users)
{
	const StatsIndex *index = &stats->index;
	const ActivityCell new = {.bucket = bucket,.key = key};
	ActivityCell *cell;

	if (index->nslots > 0)
	{
		uint64		slot = cell_hash(bucket, key) & (index->nslots - 1);

		for (; index->slots[slot] != 0; slot = (slot + 1) & (index->nslots - 1))
		{
			cell = &stats->cells[index->slots[slot] - 1];
			if (cell->bucket == bucket && cell->key == key)
			{
				cell->users += users;
				return;
			}
		}
	}
	/* not there, or there is no hash table yet */
	cell = stats_list_item(&cell_list, stats, &new);
	cell->users += users;
}

/* The number of the group of a label, which may be new and without users. */
uint32
activity_stats_group(ActivityStats *stats, TextSlice label)
{
	const ActivityGroup key = {label, 0};

	return (uint32) ((ActivityGroup *) stats_list_item(&group_list, stats, &key) - stats->groups);
}

/* Add users to the cell of the same label, bucket and key. */
static void
activity_add_cell(ActivityStats *stats, const ActivityCell *key, uint64 users)
{
	ActivityCell *cell = stats_list_item(&cell_list, stats, key);

	cell->users += users;
}

/* Add what was counted of a group, which has no cells yet. */
void
activity_stats_add_group(ActivityStats *stats, uint32 number, const ActivityStats *group)
{
	ActivityCell key;
	uint32		i;

	for (i = 0; i < group->ncells; i++)
	{
		key = group->cells[i];
		key.label = stats->groups[number].label;
		activity_add_cell(stats, &key, key.users);
	}
}

/* The labels of a breakdown that are shown: those with the most users. */
ShownLabels
activity_stats_shown(const ActivityStats *stats)
{
	StatsGroup *groups = MemoryContextAllocHuge(CurrentMemoryContext,
												((Size) stats->ngroups + 1) * sizeof(StatsGroup));
	uint32		n = 0;
	uint32		i;

	for (i = 0; i < stats->ngroups; i++)
		if (stats->groups[i].label.bytes != NULL)
		{
			groups[n].label = stats->groups[i].label;
			groups[n++].users = stats->groups[i].users;
		}
	return breakdown_shown(groups, n, stats->spec.breakdown.top);
}

/* The result in which all labels that are not shown are one. */
ActivityStats *
activity_stats_top(ActivityStats *stats)
{
	const ShownLabels shown = activity_stats_shown(stats);
	ActivityStats *result;
	uint32		i;

	if (shown.all)
		return stats;
	result = activity_stats_new(CurrentMemoryContext, &stats->spec);
	result->newest = stats->newest;
	for (i = 0; i < stats->ngroups; i++)
	{
		const uint32 number = activity_stats_group(result, breakdown_label(&shown, stats->groups[i].label));

		result->groups[number].users += stats->groups[i].users;
	}
	for (i = 0; i < stats->ncells; i++)
	{
		ActivityCell key = stats->cells[i];

		key.label = breakdown_label(&shown, key.label);
		activity_add_cell(result, &key, key.users);
		if (i % 1024 == 1023)
			CHECK_FOR_INTERRUPTS();
	}
	stats_list_sort(&group_list, result);
	stats_list_sort(&cell_list, result);
	return result;
}

static uint64
activity_cell_hash(const void *item)
{
	const ActivityCell *cell = item;

	return cell_hash(cell->bucket, cell->key) ^ stats_text_hash(cell->label);
}

/* Labels in byte order, none last. */
static int
activity_label_order(TextSlice left, TextSlice right)
{
	if (left.bytes == NULL || right.bytes == NULL)
		return (left.bytes == NULL) - (right.bytes == NULL);
	return slice_order(left, right);
}

static uint64
activity_group_hash(const void *item)
{
	return spread(stats_text_hash(((const ActivityGroup *) item)->label));
}

static int
activity_group_order(const void *a, const void *b)
{
	return activity_label_order(((const ActivityGroup *) a)->label, ((const ActivityGroup *) b)->label);
}

static int
activity_cell_order(const void *a, const void *b)
{
	const ActivityCell *left = a;
	const ActivityCell *right = b;
	const int	labels = activity_label_order(left->label, right->label);

	if (labels != 0)
		return labels;
	if (left->bucket != right->bucket)
		return left->bucket < right->bucket ? -1 : 1;
	return (left->key > right->key) - (left->key < right->key);
}

/* Do the parameters go together? */
static bool
activity_spec_is_valid(void *any)
{
	const ActivitySpec *spec = &((const ActivityStats *) any)->spec;

	if (spec->unit < 0 || spec->unit >= ACTIVITY_NUNITS ||
		(spec->unit == ACTIVITY_TIMES && spec->kind != ACTIVITY_FREQUENCY))
		return false;
	if (spec->kind == ACTIVITY_RATIO)
		return spec->short_window >= 1 && spec->short_window < spec->long_window &&
			spec->long_window <= ACTIVITY_LONGEST_WINDOW && (int) spec->over_unit == spec->unit;
	if (spec->short_window != 0 || spec->long_window != 0)
		return false;
	if (spec->kind == ACTIVITY_STICKINESS)
		return activity_units_nest(spec->unit, spec->over_unit);
	return spec->unit == ACTIVITY_TIMES ? spec->over_unit == CALENDAR_HOUR :
		(int) spec->over_unit == spec->unit;
}

/* Could users in this cell have been counted? */
static bool
activity_cell_is_valid(void *any, void *item, const void *before)
{
	const ActivityCell *cell = item;

	switch (((const ActivityStats *) any)->spec.kind)
	{
		case ACTIVITY_LIFECYCLE:
			return cell->key < LIFECYCLE_NSTATES;
		case ACTIVITY_RATIO:
			return cell->key <= EDGE_LONG_END;
		case ACTIVITY_STICKINESS:
			return cell->key >= 1 && cell->key <= MOST_STICKINESS;
		default:
			return cell->bucket == 0 && cell->key >= 1 && cell->key <= (uint64) PG_INT64_MAX;
	}
}

/*
 * Are the cells consistent?  Those of a breakdown are of its groups.  The sum of
 * all users fits into a bigint, and in every bucket of a ratio the long window
 * has at least as many users as the short window.
 */
static bool
activity_is_valid(void *any)
{
	const ActivityStats *stats = any;
	uint64		total = 0;
	int64		in_short = 0;
	int64		in_long = 0;
	uint32		group = 0;
	uint32		i;

	for (i = 0; i < stats->ncells; i++)
	{
		const ActivityCell *cell = &stats->cells[i];
		const bool	ends = i + 1 == stats->ncells ||
			activity_label_order(cell->label, cell[1].label) != 0;

		if (activity_stats_is_by(stats))
		{
			while (group < stats->ngroups &&
				   activity_label_order(stats->groups[group].label, cell->label) < 0)
				group++;
			if (group == stats->ngroups ||
				activity_label_order(stats->groups[group].label, cell->label) != 0)
				return false;
		}
		total += cell->users;
		if (total > (uint64) PG_INT64_MAX)
			return false;
		if (stats->spec.kind != ACTIVITY_RATIO)
			continue;
		switch ((ActivityEdge) cell->key)
		{
			case EDGE_SHORT_BEGIN:
				in_short += (int64) cell->users;
				break;
			case EDGE_SHORT_END:
				in_short -= (int64) cell->users;
				break;
			case EDGE_LONG_BEGIN:
				in_long += (int64) cell->users;
				break;
			case EDGE_LONG_END:
				in_long -= (int64) cell->users;
				break;
		}
		if ((ends || cell[1].bucket != cell->bucket) && (in_short < 0 || in_long < in_short))
			return false;
		if (ends && (in_short != 0 || in_long != 0))
			return false;
	}
	return true;
}

/* What a result is, for messages. */
static char *
activity_describe(const void *any)
{
	const ActivitySpec *spec = &((const ActivityStats *) any)->spec;
	const char *until = spec->until == PG_INT64_MAX ? "" :
		psprintf(" until %s", timestamptz_to_str(spec->until));

	if (spec->breakdown.value != BREAKDOWN_NONE)
		until = psprintf("%s by %s%s", until, breakdown_value_names[spec->breakdown.value],
						 spec->breakdown.top == 0 ? "" : psprintf(", top %d", spec->breakdown.top));

	switch (spec->kind)
	{
		case ACTIVITY_RATIO:
			return psprintf("%s by %s of %d and %d, %s%s", activity_kind_names[spec->kind],
							unit_names[spec->unit], spec->short_window, spec->long_window,
							spec->zone, until);
		case ACTIVITY_STICKINESS:
			return psprintf("%s by %s over %s, %s%s", activity_kind_names[spec->kind],
							unit_names[spec->unit], calendar_unit_name(spec->over_unit),
							spec->zone, until);
		default:
			return psprintf("%s by %s, %s%s", activity_kind_names[spec->kind],
							unit_names[spec->unit], spec->zone, until);
	}
}

/* The sum of all users must fit into a bigint. */
static void
activity_check_sum(const void *into, const void *from)
{
	const ActivityStats *stats = into;
	const ActivityStats *more = from;
	uint64		total = 0;
	uint32		i;

	for (i = 0; i < stats->ncells; i++)
		total += stats->cells[i].users; /* a sum that fits */
	for (i = 0; i < more->ncells; i++)
		stats_add(&total, more->cells[i].users, "users");
}

/* The longer unit as text is "times" for a frequency of each time. */
static void
activity_append_over_unit(StatsText *out, const char *name, const void *any, const void *item)
{
	const ActivitySpec *spec = &((const ActivityStats *) any)->spec;

	stats_append_text(out, name, spec->unit == ACTIVITY_TIMES ? "times" : calendar_unit_name(spec->over_unit));
}

static void
activity_parse_over_unit(StatsJson *in, const char *name, void *any, void *item)
{
	ActivitySpec *spec = &((ActivityStats *) any)->spec;
	JsonbValue	value = stats_json_value(in, name, jbvString);
	int			unit;

	for (unit = 0; unit < ACTIVITY_NUNITS; unit++)
		if (strlen(unit_names[unit]) == (size_t) value.val.string.len &&
			memcmp(unit_names[unit], value.val.string.val, value.val.string.len) == 0)
			break;
	if (unit == ACTIVITY_NUNITS || (unit == ACTIVITY_TIMES) != (spec->unit == ACTIVITY_TIMES))
		stats_refuse_text(in->type, name);
	spec->over_unit = unit == ACTIVITY_TIMES ? CALENDAR_HOUR : (CalendarUnit) unit;
}

/*
 * The unit as bytes: its number, but for `times`, which version 0.1.0 stored as
 * 5, and weeks from Sunday.
 */
#define STORED_TIMES 5
#define STORED_WEEK_SUNDAY 6

static void
activity_write_unit(StatsWriter *out, const void *any, const void *item)
{
	const int	unit = ((const ActivityStats *) any)->spec.unit;

	stats_write_number(out, unit == ACTIVITY_TIMES ? STORED_TIMES :
					   unit == CALENDAR_WEEK_SUNDAY ? STORED_WEEK_SUNDAY : (uint64) unit);
}

static bool
activity_read_unit(ByteReader *in, void *any, void *item)
{
	const uint64 stored = read_number(in);

	if (in->failed || stored > STORED_WEEK_SUNDAY)
		return false;
	((ActivityStats *) any)->spec.unit = stored == STORED_TIMES ? ACTIVITY_TIMES :
		stored == STORED_WEEK_SUNDAY ? CALENDAR_WEEK_SUNDAY : (int) stored;
	return true;
}

static bool
activity_same_unit(const void *a, const void *b)
{
	return ((const ActivityStats *) a)->spec.unit == ((const ActivityStats *) b)->spec.unit;
}

static const StatsHand unit_bytes = {
	.write = activity_write_unit,.read = activity_read_unit,.same = activity_same_unit
};
static const StatsHand over_unit_text = {.append = activity_append_over_unit,.parse = activity_parse_over_unit};

/*
 * The zone must exist, and no event lies at or after the end of observation.
 */
static bool
activity_zone_is_valid(void *any)
{
	const ActivityStats *stats = any;

	if (stats->spec.zone[0] == '\0')
		return false;
	(void) calendar_zone_kept(stats->spec.zone, strlen(stats->spec.zone));
	return true;
}

static bool
activity_newest_is_valid(void *any)
{
	const ActivityStats *stats = any;

	return stats->spec.until == PG_INT64_MAX || stats->newest == stats->spec.until;
}

/* Cells are many and small; their sum is known to fit. */
static void
activity_merge_cells(void *any, const void *from)
{
	const ActivityStats *more = from;
	uint32		i;

	for (i = 0; i < more->ncells; i++)
		if (activity_stats_is_by(more))
			activity_add_cell(any, &more->cells[i], more->cells[i].users);
		else
			activity_stats_count(any, more->cells[i].bucket, more->cells[i].key, more->cells[i].users);
}

static bool
activity_has_groups(const void *any)
{
	return activity_stats_is_by(any);
}

static int
activity_format(const void *any)
{
	return activity_stats_is_by(any) ? 3 : 2;
}

static const StatsField group_fields[] = {
	STATS_FIELD(STATS_TEXT, "label", ActivityGroup, label, STATS_NULLABLE, STATS_IS_KEY),
	STATS_FIELD_WITHIN(STATS_NUMBER, "users", ActivityGroup, users, 1, PG_INT64_MAX, STATS_MERGED(STATS_SUM))
};

static const StatsList group_list = {
	STATS_FIELDS(group_fields),
	STATS_LIST_OF(ActivityStats, ActivityGroup, groups, group_index),
	.least_bytes = 2,
	.hash = activity_group_hash,
	.order = activity_group_order
};

static const StatsField cell_fields[] = {
	STATS_FIELD(STATS_TEXT, NULL, ActivityCell, label, STATS_NULLABLE, STATS_IS_KEY, STATS_WHEN(activity_has_groups)),
	STATS_FIELD_WITHIN(STATS_STEP, NULL, ActivityCell, bucket, -MOST_BUCKET, MOST_BUCKET, STATS_IS_KEY),
	STATS_FIELD_WITHIN(STATS_NUMBER, NULL, ActivityCell, key, 0, PG_INT64_MAX, STATS_IS_KEY),
	STATS_FIELD_WITHIN(STATS_NUMBER, NULL, ActivityCell, users, 1, PG_INT64_MAX, STATS_MERGED(STATS_SUM))
};

static const StatsList cell_list = {
	STATS_FIELDS(cell_fields),
	STATS_LIST_OF(ActivityStats, ActivityCell, cells, index),
	.least_bytes = 3,
	.form = STATS_ARRAYS,
	.hash = activity_cell_hash,
	.order = activity_cell_order,
	.is_valid = activity_cell_is_valid,
	.merge = activity_merge_cells
};

static const StatsField activity_fields[] = {
	STATS_NUMBER_FIELD("kind", ActivityStats, spec.kind, 0, ACTIVITY_NKINDS - 1, STATS_NAMED(activity_kind_names)),
	STATS_HAND_FIELD("unit", &unit_bytes),
	STATS_NUMBER_FIELD("unit", ActivityStats, spec.unit, 0, ACTIVITY_NUNITS - 1, STATS_ONLY(STATS_AS_TEXT), STATS_NAMED(unit_names)),
	STATS_NUMBER_FIELD(NULL, ActivityStats, spec.over_unit, 0, CALENDAR_LAST, STATS_ONLY(STATS_BYTES)),
	STATS_HAND_FIELD("over_unit", &over_unit_text),
	STATS_NUMBER_FIELD("short_window", ActivityStats, spec.short_window, 0, ACTIVITY_LONGEST_WINDOW),
	STATS_NUMBER_FIELD("long_window", ActivityStats, spec.long_window, 0, ACTIVITY_LONGEST_WINDOW),
	STATS_CHECK_FIELD("unit", activity_spec_is_valid),
	STATS_FIELD(STATS_ZONE, "time_zone", ActivityStats, spec.zone),
	STATS_FIELD(STATS_UNTIL, "until", ActivityStats, spec.until, STATS_SINCE(2)),
	STATS_CHECK_FIELD("time_zone", activity_zone_is_valid),
	STATS_FIELD_WITHIN(STATS_SIGNED, "newest", ActivityStats, newest, EVENT_TIME_MIN, EVENT_TIME_END - 1, STATS_MERGED(STATS_LATEST)),
	STATS_CHECK_FIELD("newest", activity_newest_is_valid),
	STATS_NUMBER_FIELD("breakdown", ActivityStats, spec.breakdown.value, 0, BREAKDOWN_EACH_VALUE, STATS_NAMED(breakdown_value_names), STATS_SINCE(3)),
	STATS_NUMBER_FIELD("top", ActivityStats, spec.breakdown.top, 0, STATS_TOP_MOST, STATS_SINCE(3)),
	STATS_COUNT_FIELD(&group_list, STATS_WHEN(activity_has_groups)),
	STATS_LIST_FIELD("groups", &group_list, STATS_WHEN(activity_has_groups)),
	STATS_COUNT_FIELD(&cell_list),
	STATS_LIST_FIELD("cells", &cell_list)
};

const StatsType activity_stats_type = {
	.name = "activity_stats",
	.makers = "lifecycle(), active_ratio(), stickiness(), frequency() and those by a breakdown",
	.format = 3,
	.size = sizeof(ActivityStats),
	STATS_FIELDS(activity_fields),
	.whole = "cells",
	.differ = "activity that differs in kind, unit, window, time zone or until",
	.is_valid = activity_is_valid,
	.check_sum = activity_check_sum,
	.describe = activity_describe,
	.format_of = activity_format
};

STATS_TYPE_FUNCTIONS(journey_activity_stats, journey_activity_rollup, activity_stats_type)
