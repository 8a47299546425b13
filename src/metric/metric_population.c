/*-------------------------------------------------------------------------
 *
 * metric_population.c
 *		Rows of event_metrics: the population has the breakdown value of an
 *		event as its node, and the value of the event, if any, as its value.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "event/event.h"
#include "metric/metric_params.h"

POPULATION_SUPPORT(journey_metric, metric_params)

/* The breakdown follows the user and the time; a value comes before it. */
#define VALUE_ARG			3
#define BREAKDOWN_ARG(shift)	(3 + (shift))

/* The name of the node that stands for no breakdown value. */
static const TextSlice no_name = {NODE_NO_NAME, 1};

/* Add a row with a value, if shift is 1, or without. */
static inline Datum
metric_shifted_row(FunctionCallInfo fcinfo, int shift)
{
	Population *population = population_state(fcinfo);
	PopulationEvent event = {0};
	TextSlice	name = no_name;
	double		value;

	if (!population_params_known(fcinfo))
	{
		CallParams	given = {0};
		int			which;

		for (which = METRIC_PARAM_UNIT; BREAKDOWN_ARG(shift) + 1 + which < PG_NARGS(); which++)
			param_read(&given, &metric_params, which, fcinfo, BREAKDOWN_ARG(shift) + 1 + which);
		population_take_params(fcinfo, &metric_params, &given, (1 << (BREAKDOWN_ARG(shift) + 1)) - 2,
							   !PG_ARGISNULL(1) && !PG_ARGISNULL(2));
	}
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return population_skip_row(fcinfo);
	event.at = arg_event_time(PG_GETARG_TIMESTAMPTZ(2));
	if (event.at >= ((const MetricParams *) population_params(fcinfo))->until)
		return population_skip_row(fcinfo);
	if (unlikely(population == NULL))
		population = population_begin(fcinfo, 0, POPULATION_NODES | (shift > 0 ? POPULATION_VALUES : 0));
	population->newest = Max(population->newest, event.at);
	if (!PG_ARGISNULL(BREAKDOWN_ARG(shift)))
	{
		text	   *label = PG_GETARG_TEXT_PP(BREAKDOWN_ARG(shift));

		name.bytes = VARDATA_ANY(label);
		name.length = (uint32) VARSIZE_ANY_EXHDR(label);
	}
	event.node = nodes_intern(population->nodes, name);
	if (shift > 0 && !PG_ARGISNULL(VALUE_ARG))
	{
		value = PG_GETARG_FLOAT8(VALUE_ARG);
		event.value.bytes = (const char *) &value;
		event.value.length = sizeof(value);
	}
	population_add(population, PG_GETARG_DATUM(1), &event);
	PG_RETURN_POINTER(population);
}

static Datum
event_metrics_row(PG_FUNCTION_ARGS)
{
	return metric_shifted_row(fcinfo, 0);
}

/* Add those of n rows that have a user and a time, but no breakdown value. */
static void
event_metrics_nameless_rows(Population *population, const ScanVector *const *args, int n)
{
	const uint32 node = nodes_intern(population->nodes, no_name);
	uint16		rows[SCAN_ROWS_MOST];
	uint32		nodes[SCAN_ROWS_MOST];
	int			nrows = 0;
	int			i;

	for (i = 0; i < n; i++)
	{
		if (!args[BREAKDOWN_ARG(0)]->nulls[i] || args[1]->nulls[i] || args[2]->nulls[i])
			continue;
		population->newest = Max(population->newest,
								 arg_event_time(DatumGetTimestampTz(args[2]->values[i])));
		rows[nrows] = (uint16) i;
		nodes[nrows++] = node;
	}
	population_add_node_rows(population, args[1]->values, args[2]->values, nodes, rows, nrows);
}

/* Take n rows. */
static void
event_metrics_rows(FunctionCallInfo fcinfo, const ScanVector *const *args, int n)
{
	Population *population = (Population *) PG_GETARG_POINTER(0);
	const MetricParams *params = population->params;

	if (!population_params_known(fcinfo) || !calendar_times_before(args[2]->values, n, params->until))
	{
		table_scan_each_row(fcinfo, args, n, event_metrics_row);
		return;
	}
	population_node_rows(fcinfo, args, n, BREAKDOWN_ARG(0), event_metrics_row);
	if (args[BREAKDOWN_ARG(0)]->has_nulls)
		event_metrics_nameless_rows(population, args, n);
}

/*
 * event_metrics_transition(state, user_id, at [, value], breakdown, unit
 * [, options [, time_zone [, until]]])
 */
POPULATION_TRANSITION_ROWS(journey_event_metrics_transition, event_metrics_row, event_metrics_rows)
POPULATION_TRANSITION(journey_event_metrics_value_transition, metric_shifted_row(fcinfo, 1))
