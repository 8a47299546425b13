/*-------------------------------------------------------------------------
 *
 * survival_rows.c
 *		Rows to plot from the result of survival, and the test that its groups
 *		are alike.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "inference/inference.h"
#include "miscadmin.h"
#include "survival/survival_stats.h"

JOURNEY_FUNCTION(journey_survival_curve);
JOURNEY_FUNCTION(journey_survival_summary);
JOURNEY_FUNCTION(journey_survival_test);

/* So many groups are compared. */
#define GROUPS_MOST 500

/* The cells of a group, by period. */
typedef struct SurvivalGroup
{
	TextSlice	label;
	SurvivalCounts *counts;
	SurvivalCounts all;
} SurvivalGroup;

typedef struct SurvivalGroups
{
	int			periods;		/* one more than the last */
	int			n;
	int			capacity;
	SurvivalGroup *groups;
} SurvivalGroups;

/* Does the label of a cell begin a group? */
static bool
survival_begins_group(const SurvivalStats *stats, uint32 i)
{
	const SurvivalCell *cell = &stats->cells[i];

	return i == 0 || (cell[-1].label.bytes == NULL) != (cell->label.bytes == NULL) ||
		(cell->label.bytes != NULL && slice_order(cell[-1].label, cell->label) != 0);
}

/* The next group of cells from the ith on, in room for its periods. */
static uint32
survival_read_group(const SurvivalStats *stats, uint32 i, SurvivalGroup *group)
{
	const uint32 first = i;

	memset(group->counts, 0, ((Size) stats->periods + 1) * sizeof(SurvivalCounts));
	memset(&group->all, 0, sizeof(group->all));
	group->label = stats->cells[i].label;
	for (; i < stats->ncells && (i == first || !survival_begins_group(stats, i)); i++)
	{
		const SurvivalCounts *counts = &stats->cells[i].counts;

		group->counts[stats->cells[i].period] = *counts;
		group->all.ended += counts->ended;
		group->all.censored += counts->censored;
	}
	return i;
}

/* All groups at once, to compare them. */
static SurvivalGroups *
survival_read_groups(const SurvivalStats *stats)
{
	SurvivalGroups *all = palloc0(sizeof(SurvivalGroups));
	uint32		i;

	all->periods = stats->periods + 1;
	for (i = 0; i < stats->ncells; i++)
		all->capacity += survival_begins_group(stats, i);
	if (all->capacity > GROUPS_MOST)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%d groups are too many to compare: more than %d", all->capacity, GROUPS_MOST),
				 errhint("Give survival_by() a breakdown with fewer values.")));
	all->groups = palloc0((Size) (all->capacity + 1) * sizeof(SurvivalGroup));
	for (i = 0; i < stats->ncells; all->n++)
	{
		all->groups[all->n].counts = palloc((Size) all->periods * sizeof(SurvivalCounts));
		i = survival_read_group(stats, i, &all->groups[all->n]);
	}
	return all;
}

/* The log-rank test of all groups. */
static void
survival_test_groups(const SurvivalGroups *all, SurvivalTest *test)
{
	const SurvivalCounts **counts = palloc((Size) (all->n + 1) * sizeof(SurvivalCounts *));
	double	   *room = MemoryContextAllocHuge(CurrentMemoryContext,
											  ((Size) all->n * all->n + 3 * (Size) all->n + 1) * sizeof(double));
	int			i;

	for (i = 0; i < all->n; i++)
		counts[i] = all->groups[i].counts;
	test->ngroups = all->n;
	test->expected = palloc((Size) (all->n + 1) * sizeof(double));
	(void) survival_test(counts, all->periods, room, test);
}

static const uint32 curve_columns[] = {
	STATS_LABEL,				/* period */
	STATS_ON(1), STATS_ON(2), STATS_ON(3),	/* at_risk, ended, censored */
	STATS_ON(1) | STATS_ON(2), STATS_ON(1) | STATS_ON(2),	/* survival, std_error */
	STATS_ON(1) | STATS_ON(2), STATS_ON(1) | STATS_ON(2)	/* lower, upper */
};

/* The rows of a group: up to the last period in which anybody is at risk. */
static void
survival_show_curve(const StatsRows *rows, const SurvivalGroup *group, const SurvivalPoint *points, int n,
					double z)
{
	int			i;

	for (i = 0; i < n && points[i].at_risk > 0; i++)
	{
		const SurvivalPoint *point = &points[i];
		const double width = z * point->log_error;
		Datum		values[9] = {0};
		bool		nulls[9] = {false};

		stats_put_text(group->label, &values[0], &nulls[0]);
		values[1] = Int32GetDatum(i);
		values[2] = Int64GetDatum((int64) point->at_risk);
		values[3] = Int64GetDatum((int64) group->counts[i].ended);
		values[4] = Int64GetDatum((int64) group->counts[i].censored);
		inference_put(point->survival, &values[5], &nulls[5]);
		inference_put(point->std_error, &values[6], &nulls[6]);
		inference_put(point->survival * exp(-width), &values[7], &nulls[7]);
		inference_put(isnan(width) ? NAN : Min(point->survival * exp(width), 1), &values[8], &nulls[8]);
		stats_show_row(rows, values, nulls);
	}
}

/*
 * survival_curve(survival_stats, level, min_users): a row for each group and
 * period.
 */
Datum
journey_survival_curve(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const double level = inference_level_arg(fcinfo, 1);
	const SurvivalStats *stats = stats_begin_rows(&rows, fcinfo, &survival_stats_type,
												  STATS_COLUMNS(curve_columns));
	SurvivalGroup group;
	SurvivalPoint *points;
	uint32		i = 0;

	if (stats == NULL)
		PG_RETURN_NULL();
	rows.nlabels = 1;
	group.counts = palloc(((Size) stats->periods + 1) * sizeof(SurvivalCounts));
	points = palloc(((Size) stats->periods + 1) * sizeof(SurvivalPoint));
	while (i < stats->ncells)
	{
		CHECK_FOR_INTERRUPTS();
		i = survival_read_group(stats, i, &group);
		survival_points(group.counts, stats->periods + 1, points);
		survival_show_curve(&rows, &group, points, stats->periods + 1, inference_level_z(level));
	}
	PG_RETURN_NULL();
}

static const uint32 summary_columns[] = {
	STATS_ON(0), STATS_ON(1), STATS_ON(2),	/* users, ended, censored */
	STATS_ON(0) | STATS_ON(1), STATS_ON(0) | STATS_ON(1),	/* median, mean */
	STATS_ON(0) | STATS_ON(1)	/* expected */
};

/*
 * survival_summary(survival_stats, min_users): a row for each group.
 */
Datum
journey_survival_summary(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const SurvivalStats *stats = stats_begin_rows(&rows, fcinfo, &survival_stats_type,
												  STATS_COLUMNS(summary_columns));
	SurvivalGroups *all;
	SurvivalTest test;
	SurvivalPoint *points;
	int			i;

	if (stats == NULL)
		PG_RETURN_NULL();
	rows.nlabels = 1;
	all = survival_read_groups(stats);
	survival_test_groups(all, &test);
	points = palloc((Size) all->periods * sizeof(SurvivalPoint));
	for (i = 0; i < all->n; i++)
	{
		const SurvivalGroup *group = &all->groups[i];
		Datum		values[7] = {0};
		bool		nulls[7] = {false};
		int			median;

		survival_points(group->counts, all->periods, points);
		median = survival_median(points, all->periods);
		stats_put_text(group->label, &values[0], &nulls[0]);
		values[1] = Int64GetDatum((int64) (group->all.ended + group->all.censored));
		values[2] = Int64GetDatum((int64) group->all.ended);
		values[3] = Int64GetDatum((int64) group->all.censored);
		values[4] = Int32GetDatum(median);
		nulls[4] = median == all->periods;
		inference_put(survival_mean(points, all->periods), &values[5], &nulls[5]);
		values[6] = Float8GetDatum(test.expected[i]);
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}

/* What the test says rests on the fewest users of a group, who come last and are not shown. */
static const uint32 test_columns[] = {STATS_LABEL, STATS_ON(4), STATS_LABEL, STATS_ON(4)};

/*
 * survival_test(survival_stats, min_users): one row.
 */
Datum
journey_survival_test(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const SurvivalStats *stats = stats_begin_rows(&rows, fcinfo, &survival_stats_type,
												  STATS_COLUMNS(test_columns));
	const SurvivalGroups *all;
	SurvivalTest test;
	Datum		values[5] = {0};
	bool		nulls[5] = {false};
	uint64		fewest = PG_INT64_MAX;
	int			i;

	if (stats == NULL)
		PG_RETURN_NULL();
	all = survival_read_groups(stats);
	for (i = 0; i < all->n; i++)
		fewest = Min(fewest, all->groups[i].all.ended + all->groups[i].all.censored);
	survival_test_groups(all, &test);
	values[0] = Int32GetDatum(all->n);
	inference_put(test.chi_square, &values[1], &nulls[1]);
	values[2] = Int32GetDatum(test.degrees);
	inference_put(test.degrees == 0 ? NAN : inference_chi_square_p(test.chi_square, test.degrees),
				  &values[3], &nulls[3]);
	values[4] = Int64GetDatum((int64) fewest);
	PG_RETURN_DATUM(stats_row(&rows, values, nulls));
}
