/*-------------------------------------------------------------------------
 *
 * flow_rows.c
 *		Rows to plot from a flow.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "path/flow_stats.h"
#include "utils/builtins.h"

JOURNEY_FUNCTION(journey_flow_links);
JOURNEY_FUNCTION(journey_flow_nodes);
JOURNEY_FUNCTION(journey_transition_links);
JOURNEY_FUNCTION(journey_transition_nodes);
JOURNEY_FUNCTION(journey_transition_loops);

/* The names of nodes as text. */
static Datum *
names_as_text(const FlowStats *stats)
{
	Datum	   *names = palloc((stats->nnames + 1) * sizeof(Datum));
	uint32		i;

	for (i = 0; i < stats->nnames; i++)
		names[i] = stats->names[i].bytes == NULL ? CStringGetTextDatum(FLOW_OTHER) :
			PointerGetDatum(cstring_to_text_with_len(stats->names[i].bytes,
													 (int) stats->names[i].length));
	return names;
}

/* The argument of a function that reads results of path_flow(). */
static FlowStats *
flow_arg(FunctionCallInfo fcinfo)
{
	FlowStats  *stats = STATS_ARG(flow_stats_type);

	if (flow_is_transitions(stats))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this flow_stats is a result of transitions(), which has no positions"),
				 errhint("Cast it to transition_stats, and call transition_links(), transition_nodes() or transition_loops().")));
	return stats;
}

/*
 * flow_links(flow_stats): a row for each link.
 */
Datum
journey_flow_links(PG_FUNCTION_ARGS)
{
	FlowStats  *stats = flow_arg(fcinfo);
	Datum	   *names = names_as_text(stats);
	uint32		i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < stats->nlinks; i++)
	{
		const FlowLink *link = &stats->links[i];
		Datum		values[8];
		bool		nulls[8] = {false};

		CHECK_FOR_INTERRUPTS();
		values[0] = Int32GetDatum(link->position);
		values[1] = names[link->source];
		values[2] = names[link->target];
		values[3] = Int64GetDatum((int64) link->users);
		values[4] = Int64GetDatum((int64) link->sessions);
		stats_put_times(&link->times, values + 5, nulls + 5);
		stats_put_row(fcinfo, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * flow_nodes(flow_stats): a row for each position and node.
 */
Datum
journey_flow_nodes(PG_FUNCTION_ARGS)
{
	FlowStats  *stats = flow_arg(fcinfo);
	Datum	   *names = names_as_text(stats);
	uint32		i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < stats->nnodes; i++)
	{
		const FlowNode *node = &stats->nodes[i];
		Datum		values[6];
		bool		nulls[6] = {false};

		CHECK_FOR_INTERRUPTS();
		values[0] = Int32GetDatum(node->position);
		values[1] = names[node->node];
		values[2] = Int64GetDatum((int64) node->users);
		values[3] = Int64GetDatum((int64) node->sessions);
		values[4] = Int64GetDatum((int64) node->entries);
		values[5] = Int64GetDatum((int64) node->exits);
		stats_put_row(fcinfo, values, nulls);
	}
	PG_RETURN_NULL();
}

/* How many transitions leave each node, by name. */
static uint64 *
leaving(const FlowStats *stats)
{
	uint64	   *counts = palloc0((stats->nnames + 1) * sizeof(uint64));
	uint32		i;

	for (i = 0; i < stats->nlinks; i++)
		counts[stats->links[i].source] += stats->links[i].times.count;
	return counts;
}

/*
 * transition_links(transition_stats): a row for each pair of nodes of which one came
 * next after the other.
 */
Datum
journey_transition_links(PG_FUNCTION_ARGS)
{
	FlowStats  *stats = STATS_ARG(transition_stats_type);
	Datum	   *names = names_as_text(stats);
	uint64	   *left = leaving(stats);
	uint32		i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < stats->nlinks; i++)
	{
		const FlowLink *link = &stats->links[i];
		Datum		values[9];
		bool		nulls[9] = {false};

		CHECK_FOR_INTERRUPTS();
		values[0] = names[link->source];
		values[1] = names[link->target];
		values[2] = Int64GetDatum((int64) link->times.count);
		values[3] = Int64GetDatum((int64) link->users);
		values[4] = Int64GetDatum((int64) link->sessions);
		values[5] = Float8GetDatum((double) link->times.count / (double) left[link->source]);
		stats_put_times(&link->times, values + 6, nulls + 6);
		stats_put_row(fcinfo, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * transition_nodes(transition_stats): a row for each node.
 */
Datum
journey_transition_nodes(PG_FUNCTION_ARGS)
{
	FlowStats  *stats = STATS_ARG(transition_stats_type);
	Datum	   *names = names_as_text(stats);
	uint32		i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < stats->nnodes; i++)
	{
		const FlowNode *node = &stats->nodes[i];
		Datum		values[6];
		bool		nulls[6] = {false};

		CHECK_FOR_INTERRUPTS();
		values[0] = names[node->node];
		values[1] = Int64GetDatum((int64) node->count);
		values[2] = Int64GetDatum((int64) node->users);
		values[3] = Int64GetDatum((int64) node->sessions);
		values[4] = Int64GetDatum((int64) node->entries);
		values[5] = Int64GetDatum((int64) node->exits);
		stats_put_row(fcinfo, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * transition_loops(transition_stats): a row for each node that came again
 * within a session, directly or through other nodes.
 */
Datum
journey_transition_loops(PG_FUNCTION_ARGS)
{
	FlowStats  *stats = STATS_ARG(transition_stats_type);
	Datum	   *names = names_as_text(stats);
	uint64	   *repeats = palloc0((stats->nnames + 1) * sizeof(uint64));
	uint32		i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < stats->nlinks; i++)
		if (stats->links[i].source == stats->links[i].target)
			repeats[stats->links[i].source] = stats->links[i].times.count;
	for (i = 0; i < stats->nnodes; i++)
	{
		const FlowNode *node = &stats->nodes[i];
		Datum		values[9];
		bool		nulls[9] = {false};

		CHECK_FOR_INTERRUPTS();
		if (repeats[node->node] == 0 && node->loop_times.count == 0)
			continue;
		values[0] = names[node->node];
		values[1] = Int64GetDatum((int64) repeats[node->node]);
		values[2] = Int64GetDatum((int64) node->loop_times.count);
		values[3] = Int64GetDatum((int64) node->loop_users);
		values[4] = Int64GetDatum((int64) node->loop_sessions);
		nulls[5] = node->loop_times.count == 0;
		values[5] = Float8GetDatum((double) node->loop_steps / (double) Max(node->loop_times.count, 1));
		stats_put_times(&node->loop_times, values + 6, nulls + 6);
		stats_put_row(fcinfo, values, nulls);
	}
	PG_RETURN_NULL();
}
