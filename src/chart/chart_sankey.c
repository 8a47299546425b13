/*-------------------------------------------------------------------------
 *
 * chart_sankey.c
 *		Sankey diagrams: nodes in layers, and ribbons for links whose widths are
 *		in proportion to their values.
 *
 * A ribbon is a line with a width.  At a node the ribbons lie one below the
 * other in the order of where they go, so their widths add up to the height of
 * the node; then come those that lead back, and at last what ends (or, on the
 * left, begins) here.  Ribbons that lead back run below all nodes.
 *
 * The style sheet marks all ways through the node or link below the pointer.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "chart/graph.h"
#include "miscadmin.h"

#define MOST_LINKS		5000
#define NODE_WIDTH		14
#define GAP				14
#define STUB			9		/* length of what begins or ends */
#define LABEL_HEIGHT	13
#define MOST_WAYS		20000	/* pairs of link and node on a way, in the
								 * style sheet */

typedef struct Sankey
{
	Chart	   *chart;
	Graph	   *graph;
	ChartFormat format;
	double		scale;			/* pixels of a unit of value */
	double		left;
	double		step;			/* from a layer to the next */
	double		bottom;			/* of nodes */
	double	   *source_port;	/* of links: the middle, from where the node
								 * begins */
	double	   *target_port;
	double	   *lane;			/* of links that lead back: from the bottom */
} Sankey;

typedef struct PortOrder
{
	double		key;
	double		key2;
	int			number;
} PortOrder;

static int
port_order(const void *a, const void *b)
{
	const PortOrder *x = a;
	const PortOrder *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->key2 != y->key2)
		return x->key2 < y->key2 ? -1 : 1;
	return x->number - y->number;
}

static double
layer_x(const Sankey *sankey, int layer)
{
	return sankey->left + layer * sankey->step;
}

/* The ports of the pieces of a node on one side, by the order of the other ends; returns where they end. */
static double
sankey_side(Sankey *sankey, GraphNode *node, bool before, PortOrder *sorted)
{
	Graph	   *graph = sankey->graph;
	int			n = before ? node->nbefore : node->nafter;
	double		at = 0;
	int			k;

	for (k = 0; k < n; k++)
	{
		int			number = before ? node->before[k] : node->after[k];

		sorted[k].key = graph->nodes[before ? graph->pieces[number].from : graph->pieces[number].to].place;
		sorted[k].key2 = 0;
		sorted[k].number = number;
	}
	qsort(sorted, n, sizeof(PortOrder), port_order);
	for (k = 0; k < n; k++)
	{
		GraphPiece *piece = &graph->pieces[sorted[k].number];
		double		width = piece->value * sankey->scale;

		if (before)
			piece->to_port = at + width / 2;
		else
			piece->from_port = at + width / 2;
		at += width;
	}
	return at;
}

/* Sizes of nodes, ports and lanes, by the scale. */
static void
sankey_measure(Sankey *sankey, double *ports_in, double *ports_out)
{
	Graph	   *graph = sankey->graph;
	PortOrder  *sorted = palloc((Max(graph->npieces, graph->nlinks) + 1) * sizeof(PortOrder));
	double		lane = GAP;
	int			nback = 0;
	int			i;

	for (i = 0; i < graph->nnodes; i++)
	{
		GraphNode  *node = &graph->nodes[i];

		node->size = Max(node->in + node->begins, node->out + node->ends) * sankey->scale;
		ports_in[i] = sankey_side(sankey, node, true, sorted);
		ports_out[i] = sankey_side(sankey, node, false, sorted);
	}
	for (i = 0; i < graph->nlinks; i++)
	{
		GraphLink  *link = &graph->links[i];
		double		width = link->value * sankey->scale;

		if (link->npieces > 0)
		{
			sankey->source_port[i] = graph->pieces[link->first_piece].from_port;
			sankey->target_port[i] = graph->pieces[link->first_piece + link->npieces - 1].to_port;
			continue;
		}
		sankey->source_port[i] = ports_out[link->source] + width / 2;
		ports_out[link->source] += width;
		sankey->target_port[i] = ports_in[link->target] + width / 2;
		ports_in[link->target] += width;
		if (!link->back)
			continue;
		sorted[nback].key = graph->nodes[link->source].layer - graph->nodes[link->target].layer;
		sorted[nback].key2 = -link->value;
		sorted[nback++].number = i;
	}
	/* short ways back lie above long ones */
	qsort(sorted, nback, sizeof(PortOrder), port_order);
	for (i = 0; i < nback; i++)
	{
		double		width = graph->links[sorted[i].number].value * sankey->scale;

		sankey->lane[sorted[i].number] = lane + width / 2;
		lane += width + 3;
	}
	pfree(sorted);
}

/* The path of a ribbon. */
static void
sankey_put_path(Sankey *sankey, int number)
{
	Graph	   *graph = sankey->graph;
	const GraphLink *link = &graph->links[number];
	const GraphNode *source = &graph->nodes[link->source];
	const GraphNode *target = &graph->nodes[link->target];
	double		width = link->value * sankey->scale;
	double		x0 = layer_x(sankey, source->layer) + NODE_WIDTH;
	double		x1 = layer_x(sankey, target->layer);
	double		y0 = source->at + sankey->source_port[number];
	double		y1 = target->at + sankey->target_port[number];
	StringInfo	out = &sankey->chart->out;
	int			k;

	svg_put(out, "M%n %n", x0, y0);
	if (link->back)
	{
		double		lane = sankey->bottom + sankey->lane[number];
		double		reach = Min(18 + width / 2, sankey->step * 0.45);

		svg_put(out, "C%n %n %n %n %n %nH%nC%n %n %n %n %n %n", x0 + reach, y0, x0 + reach, lane, x0, lane, x1,
				x1 - reach, lane, x1 - reach, y1, x1, y1);
		return;
	}
	for (k = 0; k < Max(link->npieces, 1); k++)
	{
		double		x = x1;
		double		y = y1;

		if (k + 1 < link->npieces)
		{
			const GraphPiece *piece = &graph->pieces[link->first_piece + k];

			x = layer_x(sankey, graph->nodes[piece->to].layer);
			y = graph->nodes[piece->to].at + piece->to_port;
		}
		svg_put(out, "C%n %n %n %n %n %n", (x0 + x) / 2, y0, (x0 + x) / 2, y, x, y);
		if (x != x1)
			svg_put(out, "h%n", (double) NODE_WIDTH);
		x0 = x + NODE_WIDTH;
		y0 = y;
	}
}

/*
 * Which nodes are on a way through which link: ways[link * nreal + node].  A
 * way goes forward from the link to the nodes after it, and backward to those
 * before it.  NULL if there are many.
 */
static bool *
sankey_find_ways(const Graph *graph)
{
	int			n = graph->nreal;
	bool	   *ways;
	bool	   *reached = palloc(n);
	PortOrder  *sorted[2];
	int64		pairs = 0;
	int			direction;
	int			i;
	int			k;

	if ((int64) n * graph->nlinks > 2000000)
		return NULL;
	ways = palloc0((Size) n * graph->nlinks + 1);
	/* forward by the layer of the source, backward by that of the target */
	for (direction = 0; direction < 2; direction++)
	{
		sorted[direction] = palloc((graph->nlinks + 1) * sizeof(PortOrder));
		for (k = 0; k < graph->nlinks; k++)
		{
			const GraphLink *link = &graph->links[k];

			sorted[direction][k].key = direction == 0 ? graph->nodes[link->source].layer : -graph->nodes[link->target].layer;
			sorted[direction][k].key2 = 0;
			sorted[direction][k].number = k;
		}
		qsort(sorted[direction], graph->nlinks, sizeof(PortOrder), port_order);
	}
	for (i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (direction = 0; direction < 2; direction++)
		{
			memset(reached, 0, n);
			reached[i] = true;
			for (k = 0; k < graph->nlinks; k++)
			{
				int			number = sorted[direction][k].number;
				const GraphLink *link = &graph->links[number];
				int			from = direction == 0 ? link->source : link->target;
				int			to = direction == 0 ? link->target : link->source;

				/* a way leads back only at its end */
				if (!reached[from] || (link->back && from != i))
					continue;
				reached[to] |= !link->back;
				if (!ways[(Size) number * n + i] && ++pairs > MOST_WAYS)
					return NULL;
				ways[(Size) number * n + i] = true;
			}
		}
	}
	return ways;
}

static void
sankey_put_links(Sankey *sankey)
{
	Chart	   *chart = sankey->chart;
	Graph	   *graph = sankey->graph;
	StringInfo	out = &chart->out;
	bool	   *ways = sankey_find_ways(graph);
	PortOrder  *sorted = palloc(Max(graph->nlinks, 1) * sizeof(PortOrder));
	int			i;
	int			k;

	svg_put(out, "<style>#%s .way{fill:none;stroke-opacity:.38}#%s:has(.way:is(:hover,.at)) .way,#%s:has(.node:is(:hover,.at)) .way{stroke-opacity:.1}#%s .way.mark:is(:hover,.at){opacity:1;stroke-opacity:.75}#%s .halo{paint-order:stroke;stroke:var(--j0);stroke-width:3px;stroke-linejoin:round;stroke-opacity:.8;pointer-events:none}",
			chart->id, chart->id, chart->id, chart->id, chart->id);
	for (i = 0; i < graph->nreal && ways != NULL; i++)
		svg_put(out, "#%s:has(.n%d:is(:hover,.at)) .w%d.way{stroke-opacity:.7}", chart->id, i, i);
	svg_put(out, "</style>\n<g class='links'>\n");
	/* the widest first, so that it covers none */
	for (i = 0; i < graph->nlinks; i++)
	{
		sorted[i].key = -graph->links[i].value;
		sorted[i].key2 = 0;
		sorted[i].number = i;
	}
	qsort(sorted, graph->nlinks, sizeof(PortOrder), port_order);
	for (k = 0; k < graph->nlinks; k++)
	{
		const GraphLink *link = &graph->links[sorted[k].number];

		CHECK_FOR_INTERRUPTS();
		svg_put(out, "<path class='way mark jl%d", graph->nodes[link->source].color);
		for (i = 0; i < graph->nreal && ways != NULL; i++)
		{
			if (ways[(Size) sorted[k].number * graph->nreal + i])
				svg_put(out, " w%d", i);
		}
		svg_put(out, "' stroke-width='%n' d='", link->value * sankey->scale);
		sankey_put_path(sankey, sorted[k].number);
		svg_put(out, "'><title>%t &#8594; %t: %t</title></path>\n", graph->nodes[link->source].name,
				graph->nodes[link->target].name, graph_link_text(chart, graph, link));
	}
	svg_put(out, "</g>\n");
	pfree(sorted);
}

static void
sankey_put_nodes(Sankey *sankey, const double *ports_in, const double *ports_out)
{
	Chart	   *chart = sankey->chart;
	Graph	   *graph = sankey->graph;
	StringInfo	out = &chart->out;
	int			i;

	svg_put(out, "<g class='nodes'>\n");
	for (i = 0; i < graph->nreal; i++)
	{
		const GraphNode *node = &graph->nodes[i];
		double		x = layer_x(sankey, node->layer);
		double		value = Max(node->in + node->begins, node->out + node->ends);

		CHECK_FOR_INTERRUPTS();
		svg_put(out, "<rect class='node n%d j%d' x='%n' y='%n' width='%n' height='%n'><title>%t: %t</title></rect>\n",
				i, node->color, x, node->at, (double) NODE_WIDTH, Max(node->size, 0.5), node->name, chart_number(chart, sankey->format, value));
		if (node->ends > 0)
			svg_put(out, "<rect class='jm lost' fill-opacity='.3' x='%n' y='%n' width='%d' height='%n'><title>%t: %t %t</title></rect>\n",
					x + NODE_WIDTH, node->at + ports_out[i], STUB, node->ends * sankey->scale, node->name,
					chart_number(chart, sankey->format, node->ends), chart_word(chart, "exits"));
		if (node->begins > 0)
			svg_put(out, "<rect class='jm lost' fill-opacity='.3' x='%n' y='%n' width='%d' height='%n'><title>%t: %t %t</title></rect>\n",
					x - STUB, node->at + ports_in[i], STUB, node->begins * sankey->scale, node->name,
					chart_number(chart, sankey->format, node->begins), chart_word(chart, "entries"));
	}
	svg_put(out, "</g>\n");
}

/* Names beside the nodes, of the greatest first; none that meets another. */
static void
sankey_put_names(Sankey *sankey, double room_of_last)
{
	Chart	   *chart = sankey->chart;
	Graph	   *graph = sankey->graph;
	PortOrder  *sorted = palloc((graph->nreal + 1) * sizeof(PortOrder));
	double	   *taken = palloc((graph->nreal + 1) * sizeof(double));
	double		room = sankey->step - NODE_WIDTH - STUB - 8;
	int			ntaken = 0;
	int			layer = -1;
	int			i;
	int			k;

	for (i = 0; i < graph->nreal; i++)
	{
		sorted[i].key = graph->nodes[i].layer;
		sorted[i].key2 = -graph->nodes[i].size;
		sorted[i].number = i;
	}
	qsort(sorted, graph->nreal, sizeof(PortOrder), port_order);
	svg_put(&chart->out, "<g class='names'>\n");
	for (i = 0; i < graph->nreal; i++)
	{
		const GraphNode *node = &graph->nodes[sorted[i].number];
		bool		last = node->layer == graph->nlayers - 1;
		double		x = layer_x(sankey, node->layer) + NODE_WIDTH + (node->ends > 0 ? STUB : 0) + 4;
		double		y = node->at + node->size / 2;
		bool		number = chart->options.numbers != 0 && node->size >= 2 * LABEL_HEIGHT + 2;
		double		width = last ? room_of_last : room;

		if (node->layer != layer)
			ntaken = 0;
		layer = node->layer;
		for (k = 0; k < ntaken && fabs(taken[k] - y) >= LABEL_HEIGHT; k++)
			;
		if (k < ntaken || width < 24)
			continue;
		taken[ntaken++] = number ? y - LABEL_HEIGHT / 2.0 : y;
		if (number)
			taken[ntaken++] = y + LABEL_HEIGHT / 2.0;
		svg_text(&chart->out, x, y + (number ? -2 : 4), SVG_START, SVG_TEXT_SIZE, width, "class='halo'", node->name);
		if (number)
			svg_text(&chart->out, x, y + 12, SVG_START, SVG_SMALL_SIZE, width, "class='jm halo'",
					 chart_number(chart, sankey->format, Max(node->in + node->begins, node->out + node->ends)));
	}
	svg_put(&chart->out, "</g>\n");
}

/* The number of each position, above its layer. */
static void
sankey_put_positions(Sankey *sankey, double y)
{
	Chart	   *chart = sankey->chart;
	int			every = (int) Max(ceil(44 / Max(sankey->step, 1)), 1);
	int			i;

	if (!sankey->graph->positions)
		return;
	svg_put(&chart->out, "<g class='axis'>\n");
	for (i = 0; i < sankey->graph->nlayers; i += every)
	{
		char	   *number = psprintf("%d", sankey->graph->position_of_first + i);

		svg_text(&chart->out, layer_x(sankey, i), y, SVG_START, SVG_SMALL_SIZE, 60, "class='jm'",
				 sankey->step < 60 ? number : psprintf("%s %s", chart_word(chart, "step"), number));
	}
	svg_put(&chart->out, "</g>\n");
}

text *
chart_draw_sankey(Chart *chart)
{
	Sankey		sankey = {0};
	Graph	   *graph = graph_read(chart, MOST_LINKS, false);
	double		height = chart->options.height;
	double		widest = 0;
	double		back = 0;
	double		back_reach = 0;
	int			nback = 0;
	int			most_nodes = 1;
	int		   *nodes_in;
	double		gap;
	double		top;
	double		high;
	double	   *ports_in;
	double	   *ports_out;
	int			i;

	if (graph == NULL)
		return chart_nothing(chart);
	graph_order(graph, false);
	sankey.chart = chart;
	sankey.graph = graph;
	sankey.format = chart->rows->columns[graph->value_column].format;
	sankey.source_port = palloc0((graph->nlinks + 1) * sizeof(double));
	sankey.target_port = palloc0((graph->nlinks + 1) * sizeof(double));
	sankey.lane = palloc0((graph->nlinks + 1) * sizeof(double));
	ports_in = palloc0((graph->nnodes + 1) * sizeof(double));
	ports_out = palloc0((graph->nnodes + 1) * sizeof(double));
	nodes_in = palloc0(graph->nlayers * sizeof(int));
	for (i = 0; i < graph->nlinks; i++)
	{
		back += graph->links[i].back ? graph->links[i].value : 0;
		nback += graph->links[i].back;
	}
	for (i = 0; i < graph->nreal; i++)
	{
		const GraphNode *node = &graph->nodes[i];

		most_nodes = Max(most_nodes, ++nodes_in[node->layer]);
		if (node->layer == graph->nlayers - 1)
			widest = Max(widest, svg_text_width(node->name, SVG_TEXT_SIZE));
	}
	widest = Min(Max(widest, 44), 150);

	/* the room of the nodes, and the greatest scale that fits */
	top = chart_legend_height(chart, NULL, 0) + (graph->positions ? 18 : 4);
	if (height == 0)
		height = Min(top + Max(most_nodes * 30.0, 280) + CHART_MARGIN + (nback > 0 ? GAP + Min(nback * 8.0, 160) : 0), 6000);
	high = Max(height - top - CHART_MARGIN, 20);
	gap = GAP;
	for (i = 0; i < graph->nlayers; i++)
		gap = Min(gap, 0.4 * high / Max(graph_layer_gaps(graph, i, 1), 1e-9));
	if (nback > 0)
		high = Max(high - GAP - Min(nback * 3.0, high / 4), 10);
	sankey.scale = 1e308;
	for (i = 0; i < graph->nlayers; i++)
	{
		double		sum = back;
		int			k;

		for (k = 0; k < graph->nin_layer[i]; k++)
		{
			const GraphNode *node = &graph->nodes[graph->layers[i][k]];

			sum += Max(node->in + node->begins, node->out + node->ends);
		}
		sankey.scale = Min(sankey.scale, Max(high - graph_layer_gaps(graph, i, gap), 1) / Max(sum, 1e-300));
	}
	for (i = 0; i < graph->nlinks; i++)
	{
		const GraphLink *link = &graph->links[i];
		double		width = link->value * sankey.scale;
		double		reach = Min(0.75 * (18 + width / 2) + width / 2, chart->options.width * 0.2);

		if (link->back && graph->nodes[link->target].layer == 0)
			back_reach = Max(back_reach, reach);
		if (link->back && graph->nodes[link->source].layer == graph->nlayers - 1)
			widest = Max(widest, reach);
	}
	for (i = 0; i < graph->nreal; i++)
	{
		if (graph->nodes[i].layer == 0 && graph->nodes[i].begins > 0)
			back_reach = Max(back_reach, STUB);
	}
	sankey.left = CHART_MARGIN + back_reach;
	sankey.step = graph->nlayers < 2 ? chart->options.width
		: Max(chart->options.width - CHART_MARGIN - widest - 4 - NODE_WIDTH - sankey.left, 10) / (graph->nlayers - 1);
	sankey.bottom = top + high - back * sankey.scale;
	sankey_measure(&sankey, ports_in, ports_out);
	graph_place(graph, top, sankey.bottom, gap);

	(void) chart_open(chart, height, NULL, 0);
	sankey_put_positions(&sankey, top - 7);
	sankey_put_links(&sankey);
	sankey_put_nodes(&sankey, ports_in, ports_out);
	sankey_put_names(&sankey, widest);
	return chart_close(chart);
}
