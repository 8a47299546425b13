/*-------------------------------------------------------------------------
 *
 * driver_stats.c
 *		The type driver_stats: the result of event_drivers over a population.
 *
 * Its fields give both its forms: see stats/stats.h.  The text form is
 *
 *	{"version": 1, "within": 604800000000, "newest": 820540800000000,
 *	 "times": [1, 0, ...], "days": [0, ...], "has_strata": false,
 *	 "open_users": 2, "names": ["call", "error"], "strata": [[null, 20, 5]],
 *	 "cells": [[0, 0, null, 7, 3], ...]}
 *
 * and "until" before "newest" if it was given.  A stratum has its label, users and
 * users with a goal; a cell has the number of the event's name and of the
 * exposure, both from 0, the stratum, and the same.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "driver/driver_stats.h"
#include "miscadmin.h"

/* Labels in byte order, none last. */
int
driver_label_order(TextSlice a, TextSlice b)
{
	if (a.bytes == NULL || b.bytes == NULL)
		return (a.bytes == NULL) - (b.bytes == NULL);
	return slice_order(a, b);
}

static int
driver_name_order(const void *left, const void *right)
{
	return slice_order(*(const TextSlice *) left, *(const TextSlice *) right);
}

static int
driver_stratum_order(const void *left, const void *right)
{
	return driver_label_order(((const DriverStratum *) left)->label, ((const DriverStratum *) right)->label);
}

static uint64
driver_stratum_hash(const void *item)
{
	return stats_text_hash(((const DriverStratum *) item)->label);
}

static int
driver_cell_order(const void *left, const void *right)
{
	const DriverCell *a = left;
	const DriverCell *b = right;

	if (a->factor != b->factor)
		return a->factor < b->factor ? -1 : 1;
	if (a->exposure != b->exposure)
		return a->exposure < b->exposure ? -1 : 1;
	return driver_label_order(a->stratum, b->stratum);
}

static uint64
driver_cell_hash(const void *item)
{
	const DriverCell *cell = item;

	return spread((uint64) cell->factor << 8 | cell->exposure) ^ stats_text_hash(cell->stratum);
}

static bool
driver_stratum_is_valid(void *any, void *item, const void *before)
{
	const DriverStats *stats = any;
	const DriverStratum *stratum = item;

	return stratum->goal_users <= stratum->users && (stats->has_strata || stratum->label.bytes == NULL);
}

/* Are its users some of those of its stratum? */
static bool
driver_cell_is_valid(void *any, void *item, const void *before)
{
	const DriverStats *stats = any;
	const DriverCell *cell = item;
	const DriverStratum key = {.label = cell->stratum};
	const DriverStratum *stratum = bsearch(&key, stats->strata, stats->nstrata, sizeof(DriverStratum), driver_stratum_order);

	return cell->factor < stats->nnames && cell->exposure < (uint32) driver_nexposures(&stats->exposure) &&
		stratum != NULL && cell->goal_users <= cell->users && cell->goal_users <= stratum->goal_users &&
		cell->users - cell->goal_users <= stratum->users - stratum->goal_users;
}

static bool
driver_numbers_are_valid(const int *numbers, int least)
{
	int			n = driver_numbers(numbers);
	int			i;

	for (i = 0; i < DRIVER_MOST_NUMBERS; i++)
		if (i >= n ? numbers[i] != 0 : i > 0 && numbers[i] <= numbers[i - 1])
			return false;
	return n >= least;
}

static bool
driver_exposure_is_valid(void *any)
{
	const DriverStats *stats = any;

	return driver_numbers_are_valid(stats->exposure.times, 1) && driver_numbers_are_valid(stats->exposure.days, 0);
}

static bool
driver_newest_is_valid(void *any)
{
	const DriverStats *stats = any;

	return stats->until == PG_INT64_MAX || stats->newest == stats->until;
}

/* Do all users together fit the numbers of SQL? */
static bool
driver_strata_are_valid(void *any)
{
	const DriverStats *stats = any;
	uint64		left = (uint64) PG_INT64_MAX - stats->open_users;
	uint32		i;

	for (i = 0; i < stats->nstrata; i++)
	{
		if (stats->strata[i].users > left)
			return false;
		left -= stats->strata[i].users;
	}
	return true;
}

static char *
driver_describe(const void *any)
{
	const DriverStats *stats = any;
	StringInfoData text;
	int			i;

	initStringInfo(&text);
	appendStringInfo(&text, "within %s, times", duration_text(stats->within));
	for (i = 0; i < driver_numbers(stats->exposure.times); i++)
		appendStringInfo(&text, " %d", stats->exposure.times[i]);
	for (i = 0; i < driver_numbers(stats->exposure.days); i++)
		appendStringInfo(&text, "%s %d", i == 0 ? ", days" : "", stats->exposure.days[i]);
	if (stats->until != PG_INT64_MAX)
		appendStringInfo(&text, ", until %s", timestamptz_to_str(stats->until));
	appendStringInfo(&text, ", %s strata", stats->has_strata ? "with" : "without");
	return text.data;
}

static const StatsField driver_name_fields[] = {
	STATS_VALUE_FIELD(STATS_TEXT)
};

static const StatsField driver_stratum_fields[] = {
	STATS_FIELD(STATS_TEXT, NULL, DriverStratum, label, STATS_NULLABLE, STATS_IS_KEY),
	STATS_FIELD_WITHIN(STATS_NUMBER, NULL, DriverStratum, users, 1, PG_INT64_MAX, STATS_MERGED(STATS_SUM), STATS_COUNTED("users")),
	STATS_COUNTER_FIELD(NULL, DriverStratum, goal_users)
};

static const StatsField driver_cell_fields[] = {
	STATS_NAME_FIELD(DriverCell, factor),
	STATS_NUMBER_FIELD(NULL, DriverCell, exposure, 0, DRIVER_MOST_NUMBERS * DRIVER_MOST_NUMBERS - 1, STATS_IS_KEY),
	STATS_FIELD(STATS_TEXT, NULL, DriverCell, stratum, STATS_NULLABLE, STATS_IS_KEY),
	STATS_FIELD_WITHIN(STATS_NUMBER, NULL, DriverCell, users, 1, PG_INT64_MAX, STATS_MERGED(STATS_SUM)),
	STATS_COUNTER_FIELD(NULL, DriverCell, goal_users)
};

static const StatsList driver_name_list = {
	STATS_FIELDS(driver_name_fields),
	STATS_LIST_WITHOUT_INDEX(DriverStats, TextSlice, names),
	.least_bytes = 1,
	.form = STATS_VALUES,
	.ordered = true,
	.order = driver_name_order
};

static const StatsList driver_stratum_list = {
	STATS_FIELDS(driver_stratum_fields),
	.size = sizeof(DriverStratum),
	.n = offsetof(DriverStats, nstrata),
	.items = offsetof(DriverStats, strata),
	.index = offsetof(DriverStats, stratum_index),
	.least_bytes = 3,
	.form = STATS_ARRAYS,
	.ordered = true,
	.hash = driver_stratum_hash,
	.order = driver_stratum_order,
	.is_valid = driver_stratum_is_valid
};

static const StatsList driver_cell_list = {
	STATS_FIELDS(driver_cell_fields),
	STATS_LIST_OF(DriverStats, DriverCell, cells, cell_index),
	.least_bytes = 5,
	.form = STATS_ARRAYS,
	.ordered = true,
	.hash = driver_cell_hash,
	.order = driver_cell_order,
	.is_valid = driver_cell_is_valid
};

#define DRIVER_NUMBER(member, i) \
	STATS_NUMBER_FIELD(NULL, DriverStats, exposure.member[i], 0, DRIVER_MOST)
#define DRIVER_NUMBERS(member) \
	DRIVER_NUMBER(member, 0), DRIVER_NUMBER(member, 1), DRIVER_NUMBER(member, 2), DRIVER_NUMBER(member, 3), \
	DRIVER_NUMBER(member, 4), DRIVER_NUMBER(member, 5), DRIVER_NUMBER(member, 6), DRIVER_NUMBER(member, 7)

StaticAssertDecl(DRIVER_MOST_NUMBERS == 8, "a field for each number");

static const StatsField driver_fields[] = {
	STATS_NUMBER_FIELD("within", DriverStats, within, 0, DURATION_MAX),
	STATS_FIELD(STATS_UNTIL, "until", DriverStats, until),
	STATS_FIELD_WITHIN(STATS_SIGNED, "newest", DriverStats, newest, EVENT_TIME_MIN, EVENT_TIME_END - 1, STATS_MERGED(STATS_LATEST)),
	STATS_CHECK_FIELD("newest", driver_newest_is_valid),
	STATS_OPEN_FIELD("times"),
	DRIVER_NUMBERS(times),
	STATS_CLOSE_FIELD,
	STATS_OPEN_FIELD("days"),
	DRIVER_NUMBERS(days),
	STATS_CLOSE_FIELD,
	STATS_CHECK_FIELD("times", driver_exposure_is_valid),
	STATS_NUMBER_FIELD("has_strata", DriverStats, has_strata, 0, 1),
	STATS_COUNTER_FIELD("open_users", DriverStats, open_users, STATS_COUNTED("users")),
	STATS_COUNT_FIELD(&driver_name_list),
	STATS_LIST_FIELD("names", &driver_name_list),
	STATS_COUNT_FIELD(&driver_stratum_list),
	STATS_LIST_FIELD("strata", &driver_stratum_list),
	STATS_CHECK_FIELD("strata", driver_strata_are_valid),
	STATS_COUNT_FIELD(&driver_cell_list),
	STATS_LIST_FIELD("cells", &driver_cell_list)
};

const StatsType driver_stats_type = {
	.name = "driver_stats",
	.makers = "event_drivers()",
	.format = 1,
	.size = sizeof(DriverStats),
	STATS_FIELDS(driver_fields),
	.names = &driver_name_list,
	.whole = "cells",
	.differ = "drivers that differ in within, options, until, or in having strata",
	.too_large = "Give coarser events or strata.",
	.describe = driver_describe
};

STATS_TYPE_FUNCTIONS(journey_driver_stats, journey_driver_rollup, driver_stats_type)

/* Add a cell that is not there. */
void
driver_stats_append(DriverStats *stats, const DriverCell *cell)
{
	DriverCell *added = stats_list_append(&driver_cell_list, stats, cell);

	added->users = cell->users;
	added->goal_users = cell->goal_users;
}
