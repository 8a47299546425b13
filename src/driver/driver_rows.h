/*-------------------------------------------------------------------------
 *
 * driver_rows.h
 *		The columns of a factor, in the rows of all functions that have
 *		factors.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_DRIVER_ROWS_H
#define JOURNEY_DRIVER_ROWS_H

#include "postgres.h"

#include "inference/inference.h"
#include "stats/stats.h"

/*
 * users_with, users_without, goal_with, goal_without, rate_with, rate_without,
 * lift, odds_ratio, lower, upper, p_value, q_value, information_value
 */
#define DRIVER_TABLE_COLUMNS	13

/* Where the users without a goal stand, with and without the factor, who are not shown. */
#define DRIVER_HIDDEN			(DRIVER_TABLE_COLUMNS + 4)
#define DRIVER_ON_ALL \
	(STATS_ON(2) | STATS_ON(3) | STATS_ON(DRIVER_HIDDEN) | STATS_ON(DRIVER_HIDDEN + 1))

extern const uint32 driver_table_columns[DRIVER_TABLE_COLUMNS];

extern double driver_information(const FourfoldTable *table);
extern void driver_put_table(const FourfoldTable *table, double level, double q_value, Datum *values, bool *nulls);

#endif							/* JOURNEY_DRIVER_ROWS_H */
