/*-------------------------------------------------------------------------
 *
 * attribution_rows.c
 *		Rows to plot from the result of an attribution.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "attribution/attribution_stats.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

JOURNEY_FUNCTION(journey_attribution_touches);
JOURNEY_FUNCTION(journey_attribution_models);
JOURNEY_FUNCTION(journey_attribution_paths);

static Datum
attribution_name(const AttributionStats *stats, uint32 node)
{
	return PointerGetDatum(cstring_to_text_with_len(stats->names[node].bytes,
													(int) stats->names[node].length));
}

static void
attribution_put_value(const AttributionStats *stats, int128 units, Datum *value, bool *null)
{
	*null = !stats->has_values;
	*value = Float8GetDatum(attribution_number(units));
}

/*
 * attribution_touches(attribution_stats, min_users): a row for each touch.
 */
#define TOUCH_COLUMNS		21
#define CREDITS_COLUMN		5
#define VALUES_COLUMN		(CREDITS_COLUMN + ATTRIBUTION_NMODELS)
#define STEPS_COLUMN		(VALUES_COLUMN + ATTRIBUTION_NMODELS)

static const uint32 touch_columns[TOUCH_COLUMNS] = {
	STATS_LABEL, STATS_ON(2), STATS_ON(2), STATS_ON(3), STATS_ON(3),	/* touch, touches,
																		 * users,
																		 * converted_users,
																		 * conversions */
	STATS_ON(3), STATS_ON(3), STATS_ON(3), STATS_ON(3), STATS_ON(3), STATS_ON(3),	/* credits */
	STATS_ON(3), STATS_ON(3), STATS_ON(3), STATS_ON(3), STATS_ON(3), STATS_ON(3),	/* values */
	STATS_ON(3),				/* avg_touches */
	STATS_ON(3), STATS_ON(3), STATS_ON(3)	/* times */
};

Datum
journey_attribution_touches(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const AttributionStats *stats = stats_begin_rows(&rows, fcinfo, &attribution_stats_type,
													 STATS_COLUMNS(touch_columns));
	uint32		i;
	int			model;

	if (stats == NULL)
		PG_RETURN_NULL();
	for (i = 0; i < stats->ntouches; i++)
	{
		const TouchItem *touch = &stats->touches[i];
		Datum		values[TOUCH_COLUMNS] = {0};
		bool		nulls[TOUCH_COLUMNS] = {false};

		CHECK_FOR_INTERRUPTS();
		values[0] = attribution_name(stats, touch->node);
		values[1] = Int64GetDatum((int64) touch->touches);
		values[2] = Int64GetDatum((int64) touch->users);
		values[3] = Int64GetDatum((int64) touch->converted_users);
		values[4] = Int64GetDatum((int64) touch->conversions);
		for (model = 0; model < ATTRIBUTION_NMODELS; model++)
		{
			values[CREDITS_COLUMN + model] = Float8GetDatum(attribution_number(touch->credits[model]));
			attribution_put_value(stats, touch->values[model], &values[VALUES_COLUMN + model],
								  &nulls[VALUES_COLUMN + model]);
		}
		stats_put_share(touch->steps, touch->conversions, &values[STEPS_COLUMN], &nulls[STEPS_COLUMN]);
		stats_put_times(&touch->times, &values[STEPS_COLUMN + 1], &nulls[STEPS_COLUMN + 1]);
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * attribution_models(attribution_stats, min_users): a row for each model and
 * touch that led to a conversion.
 */
#define MODEL_COLUMNS 5

static const uint32 model_columns[MODEL_COLUMNS] = {
	STATS_LABEL, STATS_LABEL,	/* model, touch */
	STATS_ON(5), STATS_ON(5), STATS_ON(5)	/* conversions, value, share; the
											 * converted users are not shown */
};

Datum
journey_attribution_models(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const AttributionStats *stats = stats_begin_rows(&rows, fcinfo, &attribution_stats_type,
													 STATS_COLUMNS(model_columns));
	uint32		i;
	int			model;

	if (stats == NULL)
		PG_RETURN_NULL();
	for (model = 0; model < ATTRIBUTION_NMODELS; model++)
		for (i = 0; i < stats->ntouches; i++)
		{
			const TouchItem *touch = &stats->touches[i];
			Datum		values[MODEL_COLUMNS + 1] = {0};
			bool		nulls[MODEL_COLUMNS + 1] = {false};

			CHECK_FOR_INTERRUPTS();
			if (touch->conversions == 0)
				continue;
			values[0] = CStringGetTextDatum(attribution_model_names[model]);
			values[1] = attribution_name(stats, touch->node);
			values[2] = Float8GetDatum(attribution_number(touch->credits[model]));
			attribution_put_value(stats, touch->values[model], &values[3], &nulls[3]);
			nulls[4] = stats->conversions == 0;
			values[4] = Float8GetDatum(attribution_number(touch->credits[model]) /
									   (double) Max(stats->conversions, 1));
			values[5] = Int64GetDatum((int64) touch->converted_users);
			stats_show_row(&rows, values, nulls);
		}
	PG_RETURN_NULL();
}

/* The most conversions first, then the most without one, then by nodes. */
static int
attribution_path_order(const void *a, const void *b)
{
	const PathItem *x = *(const PathItem *const *) a;
	const PathItem *y = *(const PathItem *const *) b;

	if (x->conversions != y->conversions)
		return x->conversions > y->conversions ? -1 : 1;
	if (x->lost != y->lost)
		return x->lost > y->lost ? -1 : 1;
	return (x > y) - (x < y);	/* they lie by nodes */
}

/*
 * attribution_paths(attribution_stats, n, min_users): a row for each path, or for
 * the first n of them.
 */
#define PATH_COLUMNS 6

static const uint32 path_columns[PATH_COLUMNS] = {
	STATS_LABEL, STATS_ON(1), STATS_ON(1), STATS_ON(1), STATS_ON(1), STATS_ON(1)
};

Datum
journey_attribution_paths(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	const AttributionStats *stats = stats_begin_rows(&rows, fcinfo, &attribution_stats_type,
													 STATS_COLUMNS(path_columns));
	const PathItem **paths;
	uint32		n;
	uint32		i;
	uint32		k;

	if (stats == NULL)
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(1) && PG_GETARG_INT32(1) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must be 1 or more, not %d", PG_GETARG_INT32(1)),
				 errhint("It is the number of paths to list; NULL lists all.")));
	n = PG_ARGISNULL(1) ? stats->npaths : Min(stats->npaths, (uint32) PG_GETARG_INT32(1));
	paths = palloc_extended((stats->npaths + 1) * sizeof(PathItem *), MCXT_ALLOC_HUGE);
	for (i = 0; i < stats->npaths; i++)
		paths[i] = &stats->paths[i];
	qsort(paths, stats->npaths, sizeof(PathItem *), attribution_path_order);
	for (i = 0; i < n; i++)
	{
		const PathItem *path = paths[i];
		Datum		names[ATTRIBUTION_DEPTH_MAX];
		Datum		values[PATH_COLUMNS] = {0};
		bool		nulls[PATH_COLUMNS] = {false};

		CHECK_FOR_INTERRUPTS();
		for (k = 0; k < path->length; k++)
			names[k] = attribution_name(stats, path->nodes[k]);
		values[0] = PointerGetDatum(construct_array(names, (int) path->length, TEXTOID, -1, false,
													TYPALIGN_INT));
		values[1] = Int64GetDatum((int64) path->users);
		values[2] = Int64GetDatum((int64) path->conversions);
		values[3] = Int64GetDatum((int64) path->lost);
		stats_put_share(path->conversions, path->conversions + path->lost, &values[4], &nulls[4]);
		attribution_put_value(stats, path->value, &values[5], &nulls[5]);
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}
