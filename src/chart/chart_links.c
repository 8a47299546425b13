/*-------------------------------------------------------------------------
 *
 * chart_links.c
 *		Rows as a graph: each row a link from a source to a target.
 *
 * With a column "position" the layer of a source is its position, and that of
 * the target the next, so a name is a node in each layer.  Else layers follow
 * from the links: those that would close a circle, least in weight as far as a
 * greedy choice finds them, lead back, and all others to a later layer.
 *
 * If there are many nodes, the greatest are kept.  The others become a node
 * "(other)", in a Sankey diagram one of each layer.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>
#include <math.h>

#include "base/base.h"
#include "chart/graph.h"
#include "miscadmin.h"

#define MOST_LAYERS		60
#define MOST_VALUE		1e250	/* greater values are drawn as this */
#define OTHER			"(other)"
#define OTHER_COLOR		7		/* grey */

/* An end of a link as the rows have it. */
typedef struct LinkEnd
{
	const char *name;
	int			layer;
	int			number;			/* of the link, times 2; plus 1 for a target */
} LinkEnd;

static int
end_order(const void *a, const void *b)
{
	const LinkEnd *x = a;
	const LinkEnd *y = b;
	int			order = strcmp(x->name, y->name);

	if (order == 0)
		order = (x->layer > y->layer) - (x->layer < y->layer);
	return order != 0 ? order : (x->number > y->number) - (x->number < y->number);
}

static int
end_number_order(const void *a, const void *b)
{
	return ((const LinkEnd *) a)->number - ((const LinkEnd *) b)->number;
}

static int
link_order(const void *a, const void *b)
{
	const GraphLink *x = a;
	const GraphLink *y = b;

	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	if (x->target != y->target)
		return x->target < y->target ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* The column of an end: named by the option, or as it is usually, or the first that is free and no number. */
static int
graph_end_column(const Chart *chart, const char *option, const char *usual, int taken)
{
	int			i;

	if (option != NULL)
		return chart_need_column(chart, option, false);
	i = chart_find_column(chart, usual);
	if (i >= 0)
		return i;
	for (i = 0; i < chart->rows->ncolumns; i++)
	{
		ChartType	type = chart->rows->columns[i].type;

		if (i != taken && type != CHART_NUMBER && type != CHART_DURATION && type != CHART_BOOLEAN)
			return i;
	}
	return chart_need_column(chart, usual, false);
}

static int
graph_value_column(const Chart *chart, int source, int target, int position)
{
	int			i;

	if (chart->options.nvalues > 0)
		return chart_need_column(chart, chart->options.values[0], true);
	for (i = 0; i < chart->rows->ncolumns; i++)
	{
		if (i != source && i != target && i != position && chart->rows->columns[i].type == CHART_NUMBER)
			return i;
	}
	return chart_need_column(chart, "value", true);
}

/* The nodes that the ends of links name; sets the ends of links. */
static void
graph_find_nodes(Graph *graph, LinkEnd *ends, int nends)
{
	LinkEnd    *firsts = palloc(Max(nends, 1) * sizeof(LinkEnd));
	int		   *node_of = palloc(Max(nends, 1) * sizeof(int));
	int		   *rank = palloc(Max(nends, 1) * sizeof(int));
	int			n = 0;
	int			i;

	qsort(ends, nends, sizeof(LinkEnd), end_order);
	for (i = 0; i < nends; i++)
	{
		if (i == 0 || strcmp(ends[i].name, ends[i - 1].name) != 0 || ends[i].layer != ends[i - 1].layer)
		{
			firsts[n] = ends[i];
			/* the place in the order of names is kept for a moment */
			firsts[n].layer = n;
			n++;
		}
		node_of[i] = n - 1;
	}
	/* nodes in the order of their first links */
	qsort(firsts, n, sizeof(LinkEnd), end_number_order);
	graph->nnodes = graph->nreal = n;
	graph->nodes = palloc0(Max(n, 1) * sizeof(GraphNode));
	for (i = 0; i < n; i++)
	{
		rank[firsts[i].layer] = i;
		graph->nodes[i].name = firsts[i].name;
	}
	for (i = 0; i < nends; i++)
	{
		GraphLink  *link = &graph->links[ends[i].number / 2];
		int			node = rank[node_of[i]];

		graph->nodes[node].layer = ends[i].layer;
		if (ends[i].number % 2 == 0)
			link->source = node;
		else
			link->target = node;
	}
}

/* Links of the same nodes become one; those without a source or target, sums of their node. */
static void
graph_join_links(Graph *graph)
{
	int			n = 0;
	int			i;

	qsort(graph->links, graph->nlinks, sizeof(GraphLink), link_order);
	for (i = 0; i < graph->nlinks; i++)
	{
		GraphLink  *link = &graph->links[i];
		GraphLink  *before = n > 0 ? &graph->links[n - 1] : NULL;

		CHECK_FOR_INTERRUPTS();
		if (link->source < 0)
			graph->nodes[link->target].begins += link->value;
		else if (link->target < 0)
			graph->nodes[link->source].ends += link->value;
		else if (before != NULL && before->source == link->source && before->target == link->target)
		{
			before->value += link->value;
			before->row = -1;
		}
		else
			graph->links[n++] = *link;
	}
	graph->nlinks = n;
}

static void
graph_sum(Graph *graph)
{
	int			i;

	for (i = 0; i < graph->nnodes; i++)
		graph->nodes[i].in = graph->nodes[i].out = 0;
	for (i = 0; i < graph->nlinks; i++)
	{
		graph->nodes[graph->links[i].source].out += graph->links[i].value;
		graph->nodes[graph->links[i].target].in += graph->links[i].value;
	}
}

static double
node_weight(const GraphNode *node)
{
	return Max(node->in + node->begins, node->out + node->ends);
}

/*
 * An order of the nodes in which links of little weight lead back: sinks are
 * last, sources first, and where there is neither, the node that gives most
 * more than it gets.  orders[i] is the place of a node.
 */
static void
graph_break_circles(const Graph *graph, int *orders)
{
	int			n = graph->nnodes;
	int		   *out_first = palloc0((n + 1) * sizeof(int));
	int		   *in_first = palloc0((n + 2) * sizeof(int));
	int		   *in_links = palloc(Max(graph->nlinks, 1) * sizeof(int));
	int		   *nin = palloc0(n * sizeof(int));
	int		   *nout = palloc0(n * sizeof(int));
	double	   *surplus = palloc0(n * sizeof(double));
	int		   *stack = palloc((3 * n + 1) * sizeof(int));
	bool	   *placed = palloc0(n * sizeof(bool));
	int			depth = 0;
	int			left = 0;
	int			right = n - 1;
	int			i;

	/* links are in the order of their sources */
	for (i = 0; i < graph->nlinks; i++)
	{
		const GraphLink *link = &graph->links[i];

		out_first[link->source + 1]++;
		in_first[link->target + 2]++;
		if (link->source == link->target)
			continue;
		nout[link->source]++;
		nin[link->target]++;
		surplus[link->source] += link->value;
		surplus[link->target] -= link->value;
	}
	for (i = 0; i < n; i++)
	{
		out_first[i + 1] += out_first[i];
		in_first[i + 2] += in_first[i + 1];
	}
	for (i = 0; i < graph->nlinks; i++)
		in_links[in_first[graph->links[i].target + 1]++] = i;
	for (i = n - 1; i >= 0; i--)
	{
		if (nin[i] == 0 || nout[i] == 0)
			stack[depth++] = i;
	}
	while (left <= right)
	{
		int			node = -1;
		int			j;

		CHECK_FOR_INTERRUPTS();
		while (depth > 0 && node < 0)
		{
			node = stack[--depth];
			if (placed[node])
				node = -1;
		}
		if (node < 0)
		{
			for (i = 0; i < n; i++)
			{
				if (!placed[i] && (node < 0 || surplus[i] > surplus[node]))
					node = i;
			}
		}
		placed[node] = true;
		orders[node] = nout[node] == 0 && nin[node] > 0 ? right-- : left++;
		for (j = out_first[node]; j < out_first[node + 1]; j++)
		{
			const GraphLink *link = &graph->links[j];

			if (placed[link->target])
				continue;
			surplus[link->target] += link->value;
			if (--nin[link->target] == 0)
				stack[depth++] = link->target;
		}
		for (j = in_first[node]; j < in_first[node + 1]; j++)
		{
			const GraphLink *link = &graph->links[in_links[j]];

			if (placed[link->source])
				continue;
			surplus[link->source] -= link->value;
			if (--nout[link->source] == 0)
				stack[depth++] = link->source;
		}
	}
}

/* Layers from the links: each node after all that lead to it, but not earlier than needed before the next. */
static void
graph_find_layers(Graph *graph)
{
	int			n = graph->nnodes;
	int		   *orders = palloc(Max(n, 1) * sizeof(int));
	int		   *by_order = palloc(Max(n, 1) * sizeof(int));
	int		   *first = palloc0((n + 1) * sizeof(int));
	bool	   *entered = palloc0(Max(n, 1) * sizeof(bool));
	int			i;
	int			j;

	graph_break_circles(graph, orders);
	for (i = 0; i < n; i++)
		by_order[orders[i]] = i;
	for (i = 0; i < graph->nlinks; i++)
		first[graph->links[i].source + 1]++;
	for (i = 0; i < n; i++)
		first[i + 1] += first[i];
	for (i = 0; i < n; i++)
	{
		int			node = by_order[i];

		for (j = first[node]; j < first[node + 1]; j++)
		{
			int			target = graph->links[j].target;

			if (orders[target] <= orders[node])
				continue;
			entered[target] = true;
			graph->nodes[target].layer = Max(graph->nodes[target].layer, Min(graph->nodes[node].layer + 1, MOST_LAYERS - 1));
		}
	}
	/* what nothing leads to stands just before what it leads to */
	for (i = 0; i < n; i++)
	{
		int			layer = INT_MAX;

		if (entered[i])
			continue;
		for (j = first[i]; j < first[i + 1]; j++)
		{
			if (orders[graph->links[j].target] > orders[i])
				layer = Min(layer, graph->nodes[graph->links[j].target].layer - 1);
		}
		if (layer != INT_MAX)
			graph->nodes[i].layer = Max(layer, 0);
	}
}

typedef struct WeighedNode
{
	int			layer;
	double		weight;
	int			node;
} WeighedNode;

static int
weighed_order(const void *a, const void *b)
{
	const WeighedNode *x = a;
	const WeighedNode *y = b;

	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->node - y->node;
}

/* Keep the `top` nodes of each layer, or of all; the others become one. */
static void
graph_keep_top(Graph *graph, int top, bool of_all)
{
	int			n = graph->nnodes;
	WeighedNode *sorted = palloc(Max(n, 1) * sizeof(WeighedNode));
	int		   *becomes = palloc(Max(n, 1) * sizeof(int));
	int		   *renumbered = palloc(Max(n, 1) * sizeof(int));
	bool	   *merged = palloc0(Max(n, 1) * sizeof(bool));
	int			kept = 0;
	int			i;
	int			start;

	graph_sum(graph);
	for (i = 0; i < n; i++)
	{
		sorted[i].layer = of_all ? 0 : graph->nodes[i].layer;
		sorted[i].weight = strcmp(graph->nodes[i].name, OTHER) == 0 ? -1 : node_weight(&graph->nodes[i]);
		sorted[i].node = i;
		becomes[i] = i;
	}
	qsort(sorted, n, sizeof(WeighedNode), weighed_order);
	for (start = 0; start < n; start = i)
	{
		int			other = -1;

		for (i = start; i < n && sorted[i].layer == sorted[start].layer; i++)
		{
			if (i - start < top || (sorted[i].weight < 0 && other < 0))
				continue;
			if (other < 0)
				other = sorted[i].node;
			becomes[sorted[i].node] = other;
			merged[other] = true;
		}
	}
	for (i = 0; i < n; i++)
	{
		if (becomes[i] == i)
			continue;
		graph->nodes[becomes[i]].begins += graph->nodes[i].begins;
		graph->nodes[becomes[i]].ends += graph->nodes[i].ends;
	}
	for (i = 0; i < n; i++)
	{
		if (becomes[i] != i)
			continue;
		renumbered[i] = kept;
		graph->nodes[kept] = graph->nodes[i];
		if (merged[i])
			graph->nodes[kept].name = OTHER;
		kept++;
	}
	graph->nnodes = graph->nreal = kept;
	for (i = 0; i < graph->nlinks; i++)
	{
		graph->links[i].source = renumbered[becomes[graph->links[i].source]];
		graph->links[i].target = renumbered[becomes[graph->links[i].target]];
	}
	graph_join_links(graph);
	pfree(sorted);
	pfree(becomes);
	pfree(renumbered);
	pfree(merged);
}

/* Colours: one for a name, the greatest first. */
static void
graph_color(const Chart *chart, Graph *graph)
{
	int			n = graph->nreal;
	LinkEnd    *names = palloc(Max(n, 1) * sizeof(LinkEnd));
	WeighedNode *weights = palloc(Max(n, 1) * sizeof(WeighedNode));
	int		   *color_of = palloc(Max(n, 1) * sizeof(int));
	int			nnames = 0;
	int			i;

	for (i = 0; i < n; i++)
	{
		names[i].name = graph->nodes[i].name;
		names[i].layer = 0;
		names[i].number = i;
	}
	qsort(names, n, sizeof(LinkEnd), end_order);
	for (i = 0; i < n; i++)
	{
		double		weight = node_weight(&graph->nodes[names[i].number]);

		if (i == 0 || strcmp(names[i].name, names[i - 1].name) != 0)
		{
			weights[nnames].layer = strcmp(names[i].name, OTHER) == 0 ? 1 : 0;
			weights[nnames].weight = 0;
			weights[nnames].node = nnames;
			nnames++;
		}
		weights[nnames - 1].weight = Max(weights[nnames - 1].weight, weight);
		names[i].layer = nnames - 1;
	}
	qsort(weights, nnames, sizeof(WeighedNode), weighed_order);
	for (i = 0; i < nnames; i++)
	{
		int			color = i % (CHART_COLORS - 1) + 1;

		color_of[weights[i].node] = weights[i].layer == 1 ? OTHER_COLOR : color < OTHER_COLOR ? color : color + 1;
	}
	for (i = 0; i < n; i++)
	{
		GraphNode  *node = &graph->nodes[names[i].number];

		node->color = color_of[names[i].layer];
		if (strcmp(node->name, OTHER) == 0)
			node->name = chart_word(chart, OTHER);
	}
}

/* Keep the greatest nodes, so many that there are not more than so many links. */
static void
graph_bound_links(Graph *graph, int most_links, bool of_all)
{
	int			top = graph->nnodes;

	while (graph->nlinks > most_links && top > 1)
	{
		top = Max(top * 4 / 5, 1);
		graph_keep_top(graph, top, of_all);
	}
}

/*
 * The graph of the rows of a chart, with at most so many links; NULL if there
 * is nothing to draw.  What is small is merged over all layers, or, if
 * possible, in each layer.
 */
Graph *
graph_read(Chart *chart, int most_links, bool of_all)
{
	const ChartRows *rows = chart->rows;
	Graph	   *graph = palloc0(sizeof(Graph));
	LinkEnd    *ends = palloc(rows->n * 2 * sizeof(LinkEnd));
	int			position = chart_find_column(chart, "position");
	double		first_position = 0;
	int			source;
	int			target;
	int			nends = 0;
	int			most = 0;
	int			row;
	int			i;

	if (position >= 0 && rows->columns[position].type != CHART_NUMBER)
		position = -1;
	source = graph_end_column(chart, chart->options.label, "source", -1);
	target = graph_end_column(chart, chart->options.series, "target", source);
	graph->value_column = graph_value_column(chart, source, target, position);
	graph->positions = position >= 0;
	graph->links = palloc(rows->n * sizeof(GraphLink));

	for (i = 0; i < 2; i++)
	{
		for (row = 0; row < rows->n; row++)
		{
			double		value = chart_cell(chart, row, graph->value_column)->number;
			double		at = position < 0 ? 0 : chart_cell(chart, row, position)->number;
			GraphLink  *link = &graph->links[graph->nlinks];
			int			side;

			if (!isfinite(value) || value <= 0 || !isfinite(at) || fabs(at) > 1e9 ||
				(chart_cell(chart, row, source)->text == NULL && chart_cell(chart, row, target)->text == NULL))
				continue;
			if (i == 0)
			{
				/* the first position, before all others are known */
				first_position = most == 0 ? at : Min(first_position, at);
				most = 1;
				continue;
			}
			memset(link, 0, sizeof(GraphLink));
			link->source = link->target = link->first_piece = -1;
			link->value = Max(Min(value, MOST_VALUE), 1 / MOST_VALUE);
			link->row = row;
			for (side = 0; side < 2; side++)
			{
				int			column = side == 0 ? source : target;

				if (chart_cell(chart, row, column)->text == NULL)
					continue;
				ends[nends].name = chart_cell_text(chart, row, column);
				ends[nends].layer = position < 0 ? 0 : (int) Min(floor(at - first_position), MOST_LAYERS - 2) + side;
				ends[nends].number = graph->nlinks * 2 + side;
				nends++;
			}
			graph->nlinks++;
		}
	}
	if (graph->nlinks == 0)
		return NULL;
	graph->position_of_first = (int) first_position;
	graph_find_nodes(graph, ends, nends);
	graph_join_links(graph);
	graph_sum(graph);
	if (position < 0 && !of_all)
		graph_find_layers(graph);
	of_all = of_all && position < 0;
	graph_keep_top(graph, chart->options.top > 0 ? chart->options.top : INT_MAX, of_all);
	graph_bound_links(graph, most_links, of_all);
	graph_bound_links(graph, most_links, true);
	if (of_all)
		graph_find_layers(graph);
	graph_sum(graph);
	graph_color(chart, graph);
	for (i = 0; i < graph->nnodes; i++)
		graph->nlayers = Max(graph->nlayers, graph->nodes[i].layer + 1);
	for (i = 0; i < graph->nlinks; i++)
		graph->links[i].back = graph->nodes[graph->links[i].target].layer <= graph->nodes[graph->links[i].source].layer;
	return graph;
}

/*
 * What a link says beside its ends: its value, and the other numbers of its
 * row.
 */
char *
graph_link_text(const Chart *chart, const Graph *graph, const GraphLink *link)
{
	const ChartColumn *columns = chart->rows->columns;
	StringInfoData text;
	int			i;

	initStringInfo(&text);
	appendStringInfo(&text, "%s %s", chart_number(chart, columns[graph->value_column].format, link->value),
					 chart_word(chart, columns[graph->value_column].name));
	for (i = 0; i < chart->rows->ncolumns && link->row >= 0; i++)
	{
		double		number = chart_cell(chart, link->row, i)->number;

		if (i == graph->value_column || (columns[i].type != CHART_NUMBER && columns[i].type != CHART_DURATION) ||
			!isfinite(number) || strcmp(columns[i].name, "position") == 0)
			continue;
		if (columns[i].format == CHART_AS_NUMBER)
			appendStringInfo(&text, ", %s %s", chart_number(chart, CHART_AS_NUMBER, number), chart_word(chart, columns[i].name));
		else
			appendStringInfo(&text, ", %s %s", chart_word(chart, columns[i].name), chart_number(chart, columns[i].format, number));
	}
	return text.data;
}
