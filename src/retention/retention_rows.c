/*-------------------------------------------------------------------------
 *
 * retention_rows.c
 *		Rows to plot from the result of a cohort retention.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "retention/retention_stats.h"
#include "utils/builtins.h"

JOURNEY_FUNCTION(journey_retention_curve);

/* The users and the value of each cell. */
typedef struct CellSums
{
	uint64	   *users;			/* [ncells] */
	double	   *values;
} CellSums;

/*
 * The cells of a cohort, from what is counted: with the option `on` that is it, in
 * the others a cell also has what is counted in those before or after.
 */
static void
sum_cells(const RetentionStats *stats, const RetentionCohort *cohort, CellSums *sums)
{
	const int	n = stats->spec.ncells;
	uint64		users = 0;
	double		value = 0;
	int			i;

	for (i = 0; i < n; i++)
	{
		sums->users[i] = i < cohort->ncells ? cohort->counts[i] : 0;
		sums->values[i] = i < cohort->ncells && cohort->values != NULL ? cohort->values[i] : 0;
	}
	if (stats->spec.returns == COHORT_ON)
		return;
	if (stats->spec.returns == COHORT_ON_OR_AFTER)
	{
		for (i = n - 1; i >= 0; i--)
		{
			sums->users[i] = users += sums->users[i];
			sums->values[i] = value += sums->values[i];
		}
		return;
	}
	if (stats->spec.returns == COHORT_WITHIN_FROM_1)
		sums->values[0] = 0;
	for (i = 0; i < n; i++)
	{
		sums->users[i] = users += sums->users[i];
		sums->values[i] = value += sums->values[i];
	}
}

/* Has a cell's last period fully passed by the end of observation or the newest event? */
static bool
cell_is_complete(const RetentionStats *stats, const RetentionCohort *cohort, int cell)
{
	const int64 after = cohort_cell_last(&stats->spec, cell) + 1;

	if (!stats->rolling)
		return cohort->number + after <= stats->newest;
	/* for the users who started last, too */
	return cohort->end <= stats->newest &&
		(uint64) stats->newest - (uint64) cohort->end >=
		(uint64) after * (uint64) calendar_unit_length(stats->unit);
}

static CellSums
new_sums(const RetentionStats *stats)
{
	CellSums	sums;

	sums.users = palloc0(stats->spec.ncells * sizeof(uint64));
	sums.values = palloc0(stats->spec.ncells * sizeof(double));
	return sums;
}

static double
checked_value(double value)
{
	if (isinf(value) || isnan(value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the sum of value is out of range")));
	return value;
}

/* Start the rows of a result that has a breakdown, or has none. */
static RetentionStats *
retention_begin_rows(StatsRows *rows, FunctionCallInfo fcinfo, const uint32 *rests_on, int ncolumns,
					 bool by)
{
	RetentionStats *stats = stats_begin_rows(rows, fcinfo, &retention_stats_type, rests_on, ncolumns);

	if (stats != NULL && by != (stats->breakdown.value != BREAKDOWN_NONE))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 by ? errmsg("this retention has no breakdown") :
				 errmsg("this retention has a breakdown"),
				 by ? errhint("Give it the result of cohort_retention_by(), or call retention_cells().") :
				 errhint("Give it the result of cohort_retention(), or call retention_by_cells().")));
	return stats;
}

/* A row for each cohort and cell; by label, the label goes first. */
static const uint32 cell_columns[] = {
	STATS_LABEL, STATS_LABEL, STATS_LABEL,	/* cohort, cohort_date, period */
	STATS_ON(3), STATS_ON(4),	/* users, cohort_users */
	STATS_ON(3) | STATS_ON(4), STATS_LABEL, STATS_LABEL,	/* retention_rate,
															 * complete, last_period */
	STATS_ON(3), STATS_ON(3) | STATS_ON(4)	/* value, value_per_user */
};

static Datum
retention_put_cells(FunctionCallInfo fcinfo, bool by)
{
	StatsRows	rows;
	RetentionStats *stats = retention_begin_rows(&rows, fcinfo, STATS_COLUMNS(cell_columns), by);
	CellSums	sums;
	uint32		i;
	int			k;

	if (stats == NULL)
		PG_RETURN_NULL();
	if (by)
	{
		stats = retention_stats_top(stats);
		rows.nlabels = 1;
	}
	sums = new_sums(stats);
	for (i = 0; i < stats->ncohorts; i++)
	{
		const RetentionCohort *cohort = &stats->cohorts[i];

		CHECK_FOR_INTERRUPTS();
		sum_cells(stats, cohort, &sums);
		for (k = 0; k < stats->spec.ncells; k++)
		{
			Datum		row[11] = {0};
			bool		row_nulls[11] = {false};
			Datum	   *values = row + by;
			bool	   *nulls = row_nulls + by;

			if (by)
			{
				row_nulls[0] = cohort->label.bytes == NULL;
				if (!row_nulls[0])
					row[0] = PointerGetDatum(cstring_to_text_with_len(cohort->label.bytes,
																	  (int) cohort->label.length));
			}
			values[0] = TimestampTzGetDatum(cohort->begin);
			nulls[1] = !calendar_date(stats->unit, cohort->number, &values[1]);
			values[2] = Int32GetDatum(cohort_cell_first(&stats->spec, k));
			values[3] = Int64GetDatum((int64) sums.users[k]);
			values[4] = Int64GetDatum((int64) cohort->users);
			values[5] = Float8GetDatum((double) sums.users[k] / (double) cohort->users);
			values[6] = BoolGetDatum(cell_is_complete(stats, cohort, k));
			values[7] = Int32GetDatum(cohort_cell_last(&stats->spec, k));
			nulls[8] = nulls[9] = !stats->spec.with_values;
			values[8] = Float8GetDatum(checked_value(sums.values[k]));
			values[9] = Float8GetDatum(sums.values[k] / (double) cohort->users);
			stats_show_row(&rows, row, row_nulls);
		}
	}
	PG_RETURN_NULL();
}

/* retention_cells(retention_stats, min_users) */
JOURNEY_FUNCTION_AS(journey_retention_cells, retention_put_cells(fcinfo, false))

/* retention_by_cells(retention_stats, min_users) */
JOURNEY_FUNCTION_AS(journey_retention_by_cells, retention_put_cells(fcinfo, true))

/*
 * retention_curve(retention_stats, min_users): a row for each cell, over the
 * cohorts for which it is complete.
 */
static const uint32 curve_columns[] = {
	STATS_LABEL, STATS_ON(1), STATS_ON(2),	/* period, users, cohort_users */
	STATS_ON(1) | STATS_ON(2), STATS_LABEL, STATS_LABEL,	/* retention_rate,
															 * cohorts, last_period */
	STATS_ON(1), STATS_ON(1) | STATS_ON(2)	/* value, value_per_user */
};

Datum
journey_retention_curve(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	RetentionStats *stats = retention_begin_rows(&rows, fcinfo, STATS_COLUMNS(curve_columns), false);
	CellSums	sums;
	CellSums	totals;
	uint64	   *cohort_users;
	int64	   *cohorts;
	uint32		i;
	int			k;

	if (stats == NULL)
		PG_RETURN_NULL();
	sums = new_sums(stats);
	totals = new_sums(stats);
	cohort_users = palloc0(stats->spec.ncells * sizeof(uint64));
	cohorts = palloc0(stats->spec.ncells * sizeof(int64));
	for (i = 0; i < stats->ncohorts; i++)
	{
		const RetentionCohort *cohort = &stats->cohorts[i];

		CHECK_FOR_INTERRUPTS();
		sum_cells(stats, cohort, &sums);
		for (k = 0; k < stats->spec.ncells && cell_is_complete(stats, cohort, k); k++)
		{
			totals.users[k] += sums.users[k];
			totals.values[k] = checked_value(totals.values[k] + sums.values[k]);
			cohort_users[k] += cohort->users;
			if (cohort_users[k] > (uint64) PG_INT64_MAX)
				ereport(ERROR,
						(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						 errmsg("too many users to count")));
			cohorts[k]++;
		}
	}
	for (k = 0; k < stats->spec.ncells; k++)
	{
		Datum		values[8];
		bool		nulls[8] = {false};
		const double users = (double) Max(cohort_users[k], 1);

		values[0] = Int32GetDatum(cohort_cell_first(&stats->spec, k));
		values[1] = Int64GetDatum((int64) totals.users[k]);
		values[2] = Int64GetDatum((int64) cohort_users[k]);
		nulls[3] = cohort_users[k] == 0;
		values[3] = Float8GetDatum((double) totals.users[k] / users);
		values[4] = Int64GetDatum(cohorts[k]);
		values[5] = Int32GetDatum(cohort_cell_last(&stats->spec, k));
		nulls[6] = nulls[7] = !stats->spec.with_values || cohort_users[k] == 0;
		values[6] = Float8GetDatum(totals.values[k]);
		values[7] = Float8GetDatum(totals.values[k] / users);
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}
