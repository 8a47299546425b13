/*-------------------------------------------------------------------------
 *
 * driver_rows.c
 *		Rows of drivers: users with and without each event, how often they
 *		reached the goal, and how sure the difference is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "driver/driver_rows.h"
#include "driver/driver_stats.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

JOURNEY_FUNCTION(journey_driver_summary);
JOURNEY_FUNCTION(journey_driver_rows);

/* A factor's numbers, by which rows are ordered. */
typedef struct DriverRow
{
	uint32		first;			/* number of its first cell */
	uint32		end;
	FourfoldTable table;
	double		p_value;
	double		information;
} DriverRow;

/*
 * The information value of a factor: how far the users with a goal and those
 * without are apart by it.  0.5 more in each cell where one is 0.
 */
double
driver_information(const FourfoldTable *table)
{
	double		goal[2] = {(double) table->with_yes, (double) table->without_yes};
	double		none[2] = {(double) table->with_no, (double) table->without_no};
	double		sum = 0;
	int			i;

	if (goal[0] + goal[1] == 0 || none[0] + none[1] == 0 || goal[0] + none[0] == 0 || goal[1] + none[1] == 0)
		return NAN;
	if (goal[0] == 0 || goal[1] == 0 || none[0] == 0 || none[1] == 0)
		for (i = 0; i < 2; i++)
		{
			goal[i] += 0.5;
			none[i] += 0.5;
		}
	for (i = 0; i < 2; i++)
	{
		const double of_goal = goal[i] / (goal[0] + goal[1]);
		const double of_none = none[i] / (none[0] + none[1]);

		sum += (of_goal - of_none) * log(of_goal / of_none);
	}
	return sum;
}

/* The columns that follow the labels: see driver_put_table(). */
const uint32 driver_table_columns[DRIVER_TABLE_COLUMNS] = {
	STATS_ON(0), STATS_ON(1),	/* users_with, users_without */
	STATS_ON(2) | STATS_ON(DRIVER_HIDDEN), STATS_ON(3) | STATS_ON(DRIVER_HIDDEN + 1),	/* goal_with,
																						 * goal_without */
	STATS_ON(2) | STATS_ON(DRIVER_HIDDEN), STATS_ON(3) | STATS_ON(DRIVER_HIDDEN + 1),	/* rates */
	DRIVER_ON_ALL,				/* lift */
	DRIVER_ON_ALL, DRIVER_ON_ALL, DRIVER_ON_ALL, DRIVER_ON_ALL, /* odds_ratio, lower,
																 * upper, p_value */
	DRIVER_ON_ALL,				/* q_value */
	DRIVER_ON_ALL				/* information_value */
};

/* The users with and without a factor, what they did, and how sure that is. */
void
driver_put_table(const FourfoldTable *table, double level, double q_value, Datum *values, bool *nulls)
{
	const uint64 with = table->with_yes + table->with_no;
	const uint64 without = table->without_yes + table->without_no;
	const Estimate ratio = inference_odds_ratio(table, level);

	values[0] = Int64GetDatum((int64) with);
	values[1] = Int64GetDatum((int64) without);
	values[2] = Int64GetDatum((int64) table->with_yes);
	values[3] = Int64GetDatum((int64) table->without_yes);
	stats_put_share(table->with_yes, with, &values[4], &nulls[4]);
	stats_put_share(table->without_yes, without, &values[5], &nulls[5]);
	inference_put(with == 0 || table->with_yes + table->without_yes == 0 ? NAN :
				  (double) table->with_yes / (double) with /
				  ((double) (table->with_yes + table->without_yes) / (double) (with + without)),
				  &values[6], &nulls[6]);
	inference_put_estimate(&ratio, &values[7], &nulls[7]);
	inference_put(q_value, &values[11], &nulls[11]);
	inference_put(driver_information(table), &values[12], &nulls[12]);
}

/* All users. */
static DriverStratum
driver_total(const DriverStats *stats)
{
	DriverStratum total = {{NULL, 0}, 0, 0};
	uint32		i;

	for (i = 0; i < stats->nstrata; i++)
	{
		total.users += stats->strata[i].users;
		total.goal_users += stats->strata[i].goal_users;
	}
	return total;
}

/* The table of users of a stratum, of whom these had a factor. */
static FourfoldTable
driver_table(const DriverStratum *all, uint64 users, uint64 goal_users)
{
	const FourfoldTable table = {
		goal_users, users - goal_users,
		all->goal_users - goal_users, all->users - users - (all->goal_users - goal_users)
	};

	return table;
}

/* The factors by their strength, the strongest first. */
static int
driver_row_order(const void *left, const void *right)
{
	const DriverRow *a = left;
	const DriverRow *b = right;
	const bool	a_known = !isnan(a->information);
	const bool	b_known = !isnan(b->information);

	if (a_known != b_known)
		return a_known ? -1 : 1;
	if (a_known && a->information != b->information)
		return a->information > b->information ? -1 : 1;
	return (a->first > b->first) - (a->first < b->first);
}

/* The rows of a result; *n of them. */
static DriverRow *
driver_find_rows(const DriverStats *stats, const DriverStratum *total, uint32 *n)
{
	DriverRow  *rows = palloc_extended(((Size) stats->ncells + 1) * sizeof(DriverRow), MCXT_ALLOC_HUGE);
	uint32		i = 0;

	*n = 0;
	while (i < stats->ncells)
	{
		DriverRow  *row = &rows[(*n)++];
		uint64		users = 0;
		uint64		goal_users = 0;

		row->first = i;
		for (; i < stats->ncells && stats->cells[i].factor == stats->cells[row->first].factor &&
			 stats->cells[i].exposure == stats->cells[row->first].exposure; i++)
		{
			users += stats->cells[i].users;
			goal_users += stats->cells[i].goal_users;
		}
		row->end = i;
		row->table = driver_table(total, users, goal_users);
		row->p_value = inference_odds_ratio(&row->table, 0.95).p_value;
		row->information = driver_information(&row->table);
		CHECK_FOR_INTERRUPTS();
	}
	qsort(rows, *n, sizeof(DriverRow), driver_row_order);
	return rows;
}

/* The odds ratio of a factor among users of the same stratum. */
static Estimate
driver_adjusted(const DriverStats *stats, const DriverRow *row, double level)
{
	StratifiedTable strata = {0};
	uint32		i = row->first;
	uint32		k;

	for (k = 0; k < stats->nstrata; k++)
	{
		const DriverStratum *stratum = &stats->strata[k];
		FourfoldTable table = driver_table(stratum, 0, 0);

		if (i < row->end && driver_label_order(stats->cells[i].stratum, stratum->label) == 0)
		{
			table = driver_table(stratum, stats->cells[i].users, stats->cells[i].goal_users);
			i++;
		}
		inference_add_stratum(&strata, &table);
	}
	return inference_stratified_odds_ratio(&strata, level);
}

/*
 * driver_rows(driver_stats, level, min_users): a row for each factor and
 * exposure.
 */
#define LABELS			3
#define ADJUSTED		(DRIVER_TABLE_COLUMNS)
#define ROW_COLUMNS		(DRIVER_TABLE_COLUMNS + 4)

Datum
journey_driver_rows(PG_FUNCTION_ARGS)
{
	uint32		columns[ROW_COLUMNS];
	StatsRows	rows;
	const DriverStats *stats;
	DriverStratum total;
	DriverRow  *list;
	double	   *q_values;
	double		level;
	int			ntimes;
	uint32		n;
	uint32		i;

	memcpy(columns, driver_table_columns, sizeof(driver_table_columns));
	for (i = ADJUSTED; i < ROW_COLUMNS; i++)
		columns[i] = DRIVER_ON_ALL;
	stats = stats_begin_rows(&rows, fcinfo, &driver_stats_type, columns, ROW_COLUMNS);
	rows.nlabels = LABELS;
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("level must not be NULL"),
				 errhint("Leave it out for 0.95.")));
	level = inference_level_arg(fcinfo, 1);
	if (stats == NULL)
		PG_RETURN_NULL();
	total = driver_total(stats);
	list = driver_find_rows(stats, &total, &n);
	q_values = palloc_extended(((Size) n + 1) * sizeof(double), MCXT_ALLOC_HUGE);
	for (i = 0; i < n; i++)
		q_values[i] = list[i].p_value;
	inference_q_values(q_values, n, palloc_extended(((Size) n + n / 2 + 1) * sizeof(RankedValue), MCXT_ALLOC_HUGE));
	ntimes = driver_numbers(stats->exposure.times);
	for (i = 0; i < n; i++)
	{
		const DriverRow *row = &list[i];
		const DriverCell *cell = &stats->cells[row->first];
		Datum		values[LABELS + ROW_COLUMNS + 2] = {0};
		bool		nulls[LABELS + ROW_COLUMNS + 2] = {false};
		const int	days = stats->exposure.days[cell->exposure / ntimes];
		Estimate	adjusted = {NAN, NAN, NAN, NAN};

		CHECK_FOR_INTERRUPTS();
		stats_put_text(stats->names[cell->factor], &values[0], &nulls[0]);
		values[1] = Int32GetDatum(stats->exposure.times[cell->exposure % ntimes]);
		values[2] = Int32GetDatum(days);
		nulls[2] = days == 0;
		driver_put_table(&row->table, level, q_values[i], &values[LABELS], &nulls[LABELS]);
		if (stats->has_strata)
			adjusted = driver_adjusted(stats, row, level);
		inference_put_estimate(&adjusted, &values[LABELS + ADJUSTED], &nulls[LABELS + ADJUSTED]);
		values[LABELS + ROW_COLUMNS] = Int64GetDatum((int64) row->table.with_no);
		values[LABELS + ROW_COLUMNS + 1] = Int64GetDatum((int64) row->table.without_no);
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * driver_summary(driver_stats, min_users): one row.
 */
static const uint32 summary_columns[] = {
	STATS_ON(0), STATS_ON(1), STATS_ON(1), STATS_ON(3), STATS_LABEL /* users, goal_users,
																	 * goal_rate,
																	 * open_users, as_of */
};

Datum
journey_driver_summary(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const DriverStats *stats = stats_begin_rows(&rows, fcinfo, &driver_stats_type, STATS_COLUMNS(summary_columns));
	DriverStratum total;
	Datum		values[5] = {0};
	bool		nulls[5] = {false};

	if (stats == NULL)
		PG_RETURN_NULL();
	total = driver_total(stats);
	values[0] = Int64GetDatum((int64) total.users);
	values[1] = Int64GetDatum((int64) total.goal_users);
	stats_put_share(total.goal_users, total.users, &values[2], &nulls[2]);
	values[3] = Int64GetDatum((int64) stats->open_users);
	values[4] = TimestampTzGetDatum(stats->newest);
	PG_RETURN_DATUM(stats_row(&rows, values, nulls));
}
