/*-------------------------------------------------------------------------
 *
 * survival_stats.c
 *		The type survival_stats: the result of survival over a population.
 *
 * Its fields give both its forms: see stats/stats.h.  The text form is
 *
 *	{"version": 1, "unit": "month", "rolling": false, "periods": 12,
 *	 "time_zone": "UTC", "by": true, "cells": [["app", 0, 3, 1], ...]}
 *
 * and "until" before "by" if it was given.  A cell has group, period, and how
 * many users ended and were censored in it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "survival/survival_stats.h"

static const StatsList survival_cell_list;

/* The cell of a group and a period, made if there is none. */
SurvivalCell *
survival_stats_cell(SurvivalStats *stats, TextSlice label, int period)
{
	const SurvivalCell key = {.label = label,.period = period};

	return stats_list_item(&survival_cell_list, stats, &key);
}

/* Groups in byte order, none last; then by period. */
static int
survival_cell_order(const void *a, const void *b)
{
	const SurvivalCell *left = a;
	const SurvivalCell *right = b;
	int			order;

	if (left->label.bytes == NULL || right->label.bytes == NULL)
		order = (left->label.bytes == NULL) - (right->label.bytes == NULL);
	else
		order = slice_order(left->label, right->label);
	return order != 0 ? order : (left->period > right->period) - (left->period < right->period);
}

static uint64
survival_cell_hash(const void *item)
{
	const SurvivalCell *cell = item;

	return spread((uint64) cell->period) ^ stats_text_hash(cell->label);
}

static bool
survival_cell_is_valid(void *any, void *item, const void *before)
{
	const SurvivalStats *stats = any;
	const SurvivalCell *cell = item;

	(void) before;
	return cell->period <= stats->periods && (stats->by || cell->label.bytes == NULL) &&
		cell->counts.ended + cell->counts.censored > 0;
}

/* No sum of users overflows. */
static bool
survival_is_valid(void *any)
{
	const SurvivalStats *stats = any;
	uint64		users = 0;
	uint32		i;

	for (i = 0; i < stats->ncells; i++)
	{
		users += stats->cells[i].counts.ended + stats->cells[i].counts.censored;
		if (users > PG_INT64_MAX)
			return false;
	}
	return true;
}

static bool
survival_head_is_valid(void *any)
{
	const SurvivalStats *stats = any;

	if (stats->zone[0] == '\0' || (stats->rolling && calendar_unit_length(stats->unit) == 0))
		return false;
	(void) calendar_zone_kept(stats->zone, strlen(stats->zone));
	return true;
}

static void
survival_check_sum(const void *into, const void *from)
{
	const SurvivalStats *both[2] = {into, from};
	uint64		users = 0;
	int			i;
	uint32		k;

	for (i = 0; i < 2; i++)
		for (k = 0; k < both[i]->ncells; k++)
			stats_add(&users, both[i]->cells[k].counts.ended + both[i]->cells[k].counts.censored, "users");
}

static char *
survival_describe(const void *any)
{
	const SurvivalStats *stats = any;

	return psprintf("%d periods of unit %s, %s%s%s", stats->periods,
					calendar_period_name(stats->unit, stats->rolling), stats->zone,
					stats->until == PG_INT64_MAX ? "" : psprintf(" until %s", timestamptz_to_str(stats->until)),
					stats->by ? ", by a value" : "");
}

static const StatsField survival_cell_fields[] = {
	STATS_FIELD(STATS_TEXT, NULL, SurvivalCell, label, STATS_NULLABLE, STATS_IS_KEY),
	STATS_NUMBER_FIELD(NULL, SurvivalCell, period, 0, SURVIVAL_PERIODS_MOST, STATS_IS_KEY),
	STATS_COUNTER_FIELD(NULL, SurvivalCell, counts.ended, STATS_COUNTED("users")),
	STATS_COUNTER_FIELD(NULL, SurvivalCell, counts.censored, STATS_COUNTED("users"))
};

static const StatsList survival_cell_list = {
	STATS_FIELDS(survival_cell_fields),
	STATS_LIST_OF(SurvivalStats, SurvivalCell, cells, index),
	.least_bytes = 4,
	.form = STATS_ARRAYS,
	.hash = survival_cell_hash,
	.order = survival_cell_order,
	.is_valid = survival_cell_is_valid
};

static const StatsField survival_fields[] = {
	STATS_NUMBER_FIELD("unit", SurvivalStats, unit, 0, CALENDAR_LAST, STATS_NAMED(calendar_unit_names)),
	STATS_NUMBER_FIELD("rolling", SurvivalStats, rolling, 0, 1),
	STATS_NUMBER_FIELD("periods", SurvivalStats, periods, 1, SURVIVAL_PERIODS_MOST),
	STATS_FIELD(STATS_ZONE, "time_zone", SurvivalStats, zone),
	STATS_CHECK_FIELD("unit", survival_head_is_valid),
	STATS_FIELD(STATS_UNTIL, "until", SurvivalStats, until),
	STATS_NUMBER_FIELD("by", SurvivalStats, by, 0, 1),
	STATS_COUNT_FIELD(&survival_cell_list),
	STATS_LIST_FIELD("cells", &survival_cell_list)
};

const StatsType survival_stats_type = {
	.name = "survival_stats",
	.makers = "survival() and survival_by()",
	.format = 1,
	.size = sizeof(SurvivalStats),
	STATS_FIELDS(survival_fields),
	.whole = "cells",
	.differ = "survivals that differ in unit, periods, time zone, until or whether they have groups",
	.is_valid = survival_is_valid,
	.check_sum = survival_check_sum,
	.describe = survival_describe
};

STATS_TYPE_FUNCTIONS(journey_survival_stats, journey_survival_rollup, survival_stats_type)
