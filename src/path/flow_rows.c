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

/* Start the rows of a result of path_flow(). */
static FlowStats *
flow_begin_rows(StatsRows *rows, FunctionCallInfo fcinfo, const uint32 *rests_on, int ncolumns)
{
	FlowStats  *stats = stats_begin_rows(rows, fcinfo, &flow_stats_type, rests_on, ncolumns);

	if (stats != NULL && flow_is_transitions(stats))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this flow_stats is a result of transitions(), which has no positions"),
				 errhint("Cast it to transition_stats, and call transition_links(), transition_nodes() or transition_loops().")));
	return stats;
}

/*
 * flow_links(flow_stats, min_users): a row for each link.
 */
static const uint32 link_columns[] = {
	STATS_LABEL, STATS_LABEL, STATS_LABEL,	/* position, source, target */
	STATS_ON(3), STATS_ON(3),	/* users, sessions */
	STATS_ON(3), STATS_ON(3), STATS_ON(3)	/* times */
};

Datum
journey_flow_links(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	FlowStats  *stats = flow_begin_rows(&rows, fcinfo, STATS_COLUMNS(link_columns));
	Datum	   *names;
	uint32		i;

	if (stats == NULL)
		PG_RETURN_NULL();
	names = names_as_text(stats);
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
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * flow_nodes(flow_stats, min_users): a row for each position and node.
 */
static const uint32 node_columns[] = {
	STATS_LABEL, STATS_LABEL,	/* position, node */
	STATS_ON(2), STATS_ON(2), STATS_ON(2), STATS_ON(2)	/* users, sessions,
														 * entries, exits */
};

Datum
journey_flow_nodes(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	FlowStats  *stats = flow_begin_rows(&rows, fcinfo, STATS_COLUMNS(node_columns));
	Datum	   *names;
	uint32		i;

	if (stats == NULL)
		PG_RETURN_NULL();
	names = names_as_text(stats);
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
		stats_show_row(&rows, values, nulls);
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
 * transition_links(transition_stats, min_users): a row for each pair of nodes
 * of which one came next after the other.
 */
static const uint32 transition_link_columns[] = {
	STATS_LABEL, STATS_LABEL,	/* source, target */
	STATS_ON(3), STATS_ON(3), STATS_ON(3), STATS_ON(3), /* count, users,
														 * sessions, share */
	STATS_ON(3), STATS_ON(3), STATS_ON(3)	/* times */
};

Datum
journey_transition_links(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	FlowStats  *stats = stats_begin_rows(&rows, fcinfo, &transition_stats_type,
										 STATS_COLUMNS(transition_link_columns));
	Datum	   *names;
	uint64	   *left;
	uint32		i;

	if (stats == NULL)
		PG_RETURN_NULL();
	names = names_as_text(stats);
	left = leaving(stats);
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
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * transition_nodes(transition_stats, min_users): a row for each node.
 */
static const uint32 transition_node_columns[] = {
	STATS_LABEL, STATS_ON(2), STATS_ON(2), STATS_ON(2), /* node, count, users,
														 * sessions */
	STATS_ON(2), STATS_ON(2)	/* entries, exits */
};

Datum
journey_transition_nodes(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	FlowStats  *stats = stats_begin_rows(&rows, fcinfo, &transition_stats_type,
										 STATS_COLUMNS(transition_node_columns));
	Datum	   *names;
	uint32		i;

	if (stats == NULL)
		PG_RETURN_NULL();
	names = names_as_text(stats);
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
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}

/*
 * transition_loops(transition_stats, min_users): a row for each node that came
 * again within a session, directly or through other nodes.
 */
static const uint32 loop_columns[] = {
	STATS_LABEL, STATS_ON(9),	/* node; repeats, whose users are not shown */
	STATS_ON(3), STATS_ON(3), STATS_ON(3),	/* returns; their users and
											 * sessions */
	STATS_ON(3), STATS_ON(3), STATS_ON(3), STATS_ON(3)	/* avg_steps, times */
};

Datum
journey_transition_loops(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	FlowStats  *stats = stats_begin_rows(&rows, fcinfo, &transition_stats_type,
										 STATS_COLUMNS(loop_columns));
	Datum	   *names;
	const FlowLink **repeats;
	uint32		i;

	if (stats == NULL)
		PG_RETURN_NULL();
	names = names_as_text(stats);
	repeats = palloc0((stats->nnames + 1) * sizeof(FlowLink *));
	for (i = 0; i < stats->nlinks; i++)
		if (stats->links[i].source == stats->links[i].target)
			repeats[stats->links[i].source] = &stats->links[i];
	for (i = 0; i < stats->nnodes; i++)
	{
		const FlowNode *node = &stats->nodes[i];
		const FlowLink *repeat = repeats[node->node];
		Datum		values[10];
		bool		nulls[10] = {false};

		CHECK_FOR_INTERRUPTS();
		if (repeat == NULL && node->loop_times.count == 0)
			continue;
		values[0] = names[node->node];
		values[1] = Int64GetDatum(repeat == NULL ? 0 : (int64) repeat->times.count);
		values[9] = Int64GetDatum(repeat == NULL ? 0 : (int64) repeat->users);
		values[2] = Int64GetDatum((int64) node->loop_times.count);
		values[3] = Int64GetDatum((int64) node->loop_users);
		values[4] = Int64GetDatum((int64) node->loop_sessions);
		nulls[5] = node->loop_times.count == 0;
		values[5] = Float8GetDatum((double) node->loop_steps / (double) Max(node->loop_times.count, 1));
		stats_put_times(&node->loop_times, values + 6, nulls + 6);
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}
