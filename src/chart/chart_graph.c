/*-------------------------------------------------------------------------
 *
 * chart_graph.c
 *		Graphs: boxes in layers from top to bottom, and curves with arrows.
 *
 * The width of a curve grows with its value.  Links that lead back have a
 * colour of their own, and links of a node to itself are loops at its right
 * edge.  A dot above a box is what begins there, a bar below it what ends.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "chart/graph.h"
#include "miscadmin.h"

#define MOST_LINKS		300
#define BOX_HEIGHT		38
#define BOX_GAP			22
#define LAYER_GAP		58
#define LOOP_ROOM		26		/* of a link of a node to itself */
#define BEND_SIZE		6
#define STUB			15		/* length of what begins or ends */
#define ARROW			7
#define WIDEST_LINE		8

typedef struct GraphPicture
{
	Chart	   *chart;
	Graph	   *graph;
	ChartFormat format;
	double		top;
	double		step;			/* from a layer to the next */
	double		most;			/* the greatest value of a link */
	bool	   *loop;			/* of nodes: whether one leads to itself */
} GraphPicture;

/* A curve from one layer to another. */
typedef struct GraphCurve
{
	double		x0;
	double		y0;
	double		x1;
	double		y1;
} GraphCurve;

static double
layer_y(const GraphPicture *picture, int layer)
{
	return picture->top + layer * picture->step;
}

static double
line_width(const GraphPicture *picture, double value)
{
	return Max(WIDEST_LINE * value / picture->most, 1);
}

/* The right edge of a box, without the room of its loop. */
static double
box_width(const GraphPicture *picture, int node)
{
	return Max(picture->graph->nodes[node].size - (picture->loop[node] ? LOOP_ROOM : 0), 4);
}

static int
piece_place_order(const void *a, const void *b, void *arg)
{
	const Graph *graph = arg;
	const GraphPiece *x = &graph->pieces[*(const int *) a];
	const GraphPiece *y = &graph->pieces[*(const int *) b];
	int			order = x->from == y->from ? graph->nodes[x->to].place - graph->nodes[y->to].place
		: graph->nodes[x->from].place - graph->nodes[y->from].place;

	return order != 0 ? order : *(const int *) a - *(const int *) b;
}

/* Widths of boxes, so that each layer fits, and the ports of their links. */
static double
graph_measure(GraphPicture *picture)
{
	Graph	   *graph = picture->graph;
	double		room = picture->chart->options.width - 2.0 * CHART_MARGIN;
	double		gap = BOX_GAP;
	int			layer;
	int			i;
	int			k;

	for (layer = 0; layer < graph->nlayers; layer++)
	{
		double		most = 170;
		double		sum;
		double		gaps = graph_layer_gaps(graph, layer, 1);

		do
		{
			sum = 0;
			for (i = 0; i < graph->nin_layer[layer]; i++)
			{
				int			number = graph->layers[layer][i];
				GraphNode  *node = &graph->nodes[number];

				node->size = node->name == NULL ? BEND_SIZE
					: Min(Max(svg_text_width(node->name, SVG_TEXT_SIZE) + 20, 64), most) + (picture->loop[number] ? LOOP_ROOM : 0);
				sum += node->size;
			}
			most -= 10;
		} while (sum + gaps * BOX_GAP > room && most >= 40);
		if (sum + gaps * 4 > room)
		{
			for (i = 0; i < graph->nin_layer[layer]; i++)
				graph->nodes[graph->layers[layer][i]].size *= Max(room - gaps * 4, room / 2) / sum;
			sum = Max(room - gaps * 4, room / 2);
		}
		if (gaps > 0)
			gap = Min(gap, (room - sum) / gaps);
	}
	for (i = 0; i < graph->nnodes; i++)
	{
		GraphNode  *node = &graph->nodes[i];
		double		width = node->name == NULL ? node->size : box_width(picture, i);

		qsort_arg(node->before, node->nbefore, sizeof(int), piece_place_order, graph);
		qsort_arg(node->after, node->nafter, sizeof(int), piece_place_order, graph);
		for (k = 0; k < node->nbefore; k++)
			graph->pieces[node->before[k]].to_port = width * (k + 1) / (node->nbefore + 1);
		for (k = 0; k < node->nafter; k++)
			graph->pieces[node->after[k]].from_port = width * (k + 1) / (node->nafter + 1);
	}
	return Max(gap, 0);
}

/* The curve of a piece. */
static GraphCurve
piece_curve(const GraphPicture *picture, const GraphPiece *piece)
{
	const GraphNode *from = &picture->graph->nodes[piece->from];
	const GraphNode *to = &picture->graph->nodes[piece->to];
	GraphCurve	curve;

	curve.x0 = from->at + piece->from_port;
	curve.y0 = layer_y(picture, from->layer) + BOX_HEIGHT;
	curve.x1 = to->at + piece->to_port;
	curve.y1 = layer_y(picture, to->layer);
	return curve;
}

/* The line of a link from its source to its target, and its arrow. */
static void
graph_put_link(GraphPicture *picture, const GraphLink *link)
{
	Chart	   *chart = picture->chart;
	Graph	   *graph = picture->graph;
	const GraphNode *source = &graph->nodes[link->source];
	const GraphNode *target = &graph->nodes[link->target];
	double		width = line_width(picture, link->value);
	double		head = ARROW + width * 0.6;
	StringInfo	out = &chart->out;
	int			color = link->back ? 2 : 1;
	double		x = 0;
	double		y = 0;
	int			k;

	svg_put(out, "<g class='way mark w%d w%d'><path class='jl jl%d' style='stroke-width:%n' d='", link->source, link->target, color, width);
	if (link->source == link->target)
	{
		x = source->at + box_width(picture, link->source);
		y = layer_y(picture, source->layer) + BOX_HEIGHT / 2.0;
		svg_put(out, "M%n %nC%n %n %n %n %n %n", x, y - 9, x + 26, y - 20, x + 26, y + 20, x + head, y + 9);
		svg_put(out, "'/><path class='j%d' d='M%n %nl%n %nv%nz'/>", color, x, y + 9, head, -head / 2, head);
	}
	else if (link->npieces == 0)
	{
		x = target->at + target->size / 2;
		y = layer_y(picture, target->layer) + BOX_HEIGHT;
		svg_put(out, "M%n %nC%n %n %n %n %n %n", source->at + source->size / 2, layer_y(picture, source->layer) + BOX_HEIGHT,
				source->at + source->size / 2, y + 30, x, y + 30, x, y + head);
		svg_put(out, "'/><path class='j%d' d='M%n %nl%n %nh%nz'/>", color, x, y, -head / 2, head, head);
	}
	else
	{
		for (k = 0; k < link->npieces; k++)
		{
			GraphCurve	curve = piece_curve(picture, &graph->pieces[link->first_piece + (link->back ? link->npieces - 1 - k : k)]);
			bool		last = k == link->npieces - 1;
			double		middle = (curve.y0 + curve.y1) / 2;

			if (link->back)
			{
				svg_put(out, k == 0 ? "M%n %n" : "L%n %n", curve.x1, curve.y1);
				svg_put(out, "C%n %n %n %n %n %n", curve.x1, middle, curve.x0, middle, curve.x0, curve.y0 + (last ? head : 0));
			}
			else
			{
				svg_put(out, k == 0 ? "M%n %n" : "L%n %n", curve.x0, curve.y0);
				svg_put(out, "C%n %n %n %n %n %n", curve.x0, middle, curve.x1, middle, curve.x1, curve.y1 - (last ? head : 0));
			}
			x = link->back ? curve.x0 : curve.x1;
			y = link->back ? curve.y0 : curve.y1;
		}
		svg_put(out, "'/><path class='j%d' d='M%n %nl%n %nh%nz'/>", color, x, y, -head / 2, link->back ? head : -head, head);
	}
	svg_put(out, "<title>%t &#8594; %t: %t</title></g>\n", source->name, target->name, graph_link_text(chart, graph, link));
}

static int
link_value_order(const void *a, const void *b, void *arg)
{
	const Graph *graph = arg;
	double		x = graph->links[*(const int *) a].value;
	double		y = graph->links[*(const int *) b].value;

	return x > y ? -1 : x < y ? 1 : *(const int *) a - *(const int *) b;
}

/* The values at the curves, the greatest first, where they meet neither boxes nor each other. */
static void
graph_put_values(GraphPicture *picture, const int *order)
{
	static const double along[] = {0.5, 0.36, 0.64, 0.25, 0.75};
	Chart	   *chart = picture->chart;
	Graph	   *graph = picture->graph;
	ChartBox   *taken = palloc((graph->nlinks + 1) * sizeof(ChartBox));
	int			ntaken = 0;
	int			i;
	int			k;
	int			try;

	if (chart->options.numbers == 0)
		return;
	svg_put(&chart->out, "<g class='values' pointer-events='none'>\n");
	for (i = 0; i < graph->nlinks; i++)
	{
		const GraphLink *link = &graph->links[order[i]];
		char	   *number = chart_number(chart, picture->format, link->value);
		double		half = svg_text_width(number, SVG_SMALL_SIZE) / 2 + 2;
		GraphCurve	curve = {0};

		CHECK_FOR_INTERRUPTS();
		if (link->source != link->target && link->npieces == 0)
			continue;
		if (link->source != link->target)
			curve = piece_curve(picture, &graph->pieces[link->first_piece + (link->npieces - 1) / 2]);
		for (try = 0; try < (link->source == link->target ? 1 : (int) lengthof(along)); try++)
		{
			double		t = along[try];
			double		s = 1 - t;
			double		x;
			double		y;
			ChartBox	box;

			if (link->source == link->target)
			{
				x = graph->nodes[link->source].at + box_width(picture, link->source) + 16;
				y = layer_y(picture, graph->nodes[link->source].layer) - 2;
			}
			else
			{
				x = curve.x0 * (s * s * s + 3 * s * s * t) + curve.x1 * (t * t * t + 3 * t * t * s);
				y = curve.y0 * s * s * s + 3 * s * t * (curve.y0 + curve.y1) / 2 + curve.y1 * t * t * t + 4;
			}
			box.left = x - half;
			box.right = x + half;
			box.top = y - 11;
			box.bottom = y + 2;
			for (k = 0; k < ntaken; k++)
			{
				if (box.left < taken[k].right && taken[k].left < box.right && box.top < taken[k].bottom && taken[k].top < box.bottom)
					break;
			}
			if (k < ntaken || box.right > chart->options.width)
				continue;
			taken[ntaken++] = box;
			svg_text(&chart->out, x, y, SVG_MIDDLE, SVG_SMALL_SIZE, 100, "class='halo'", number);
			break;
		}
	}
	svg_put(&chart->out, "</g>\n");
}

static void
graph_put_boxes(GraphPicture *picture)
{
	Chart	   *chart = picture->chart;
	Graph	   *graph = picture->graph;
	StringInfo	out = &chart->out;
	double		most = 0;
	int			i;

	for (i = 0; i < graph->nreal; i++)
		most = Max(most, Max(graph->nodes[i].in + graph->nodes[i].begins, graph->nodes[i].out + graph->nodes[i].ends));
	svg_put(out, "<g class='nodes'>\n");
	for (i = 0; i < graph->nreal; i++)
	{
		const GraphNode *node = &graph->nodes[i];
		double		width = box_width(picture, i);
		double		x = node->at;
		double		y = layer_y(picture, node->layer);
		double		value = Max(node->in + node->begins, node->out + node->ends);
		char	   *number = chart_number(chart, picture->format, value);
		char	   *begins = chart_number(chart, picture->format, node->begins);
		char	   *ends = chart_number(chart, picture->format, node->ends);

		CHECK_FOR_INTERRUPTS();
		if (node->begins > 0)
			svg_put(out, "<g class='begins'><path class='ja' style='stroke-width:%n' d='M%n %nv%d'/><circle class='jm' cx='%n' cy='%n' r='4'/><title>%t: %t %t</title></g>\n",
					Min(line_width(picture, node->begins), 4), x + 8, y - STUB, STUB, x + 8, y - STUB, node->name, begins, chart_word(chart, "entries"));
		if (node->ends > 0)
			svg_put(out, "<g class='ends'><path class='ja' style='stroke-width:%n' d='M%n %nv%d'/><path class='ja' style='stroke-width:3' d='M%n %nh11'/><title>%t: %t %t</title></g>\n",
					Min(line_width(picture, node->ends), 4), x + width - 8, y + BOX_HEIGHT, STUB, x + width - 13.5, y + BOX_HEIGHT + STUB, node->name, ends, chart_word(chart, "exits"));
		svg_put(out, "<g class='node n%d'><rect class='jb' x='%n' y='%n' width='%n' height='%d' rx='7'/><rect class='j1 ja' fill-opacity='%n' x='%n' y='%n' width='%n' height='%d' rx='7'/>",
				i, x, y, width, BOX_HEIGHT, 0.06 + 0.3 * value / most, x, y, width, BOX_HEIGHT);
		if (width >= 24)
		{
			svg_text(out, x + width / 2, y + 16, SVG_MIDDLE, SVG_TEXT_SIZE, width - 8, "font-weight='600'", node->name);
			if (chart->options.numbers != 0 && svg_text_width(number, SVG_SMALL_SIZE) <= width - 6)
				svg_text(out, x + width / 2, y + 30, SVG_MIDDLE, SVG_SMALL_SIZE, width, NULL, number);
		}
		svg_put(out, "<title>%t: %t", node->name, number);
		if (node->begins > 0)
			svg_put(out, ", %t %t", begins, chart_word(chart, "entries"));
		if (node->ends > 0)
			svg_put(out, ", %t %t", ends, chart_word(chart, "exits"));
		svg_put(out, "</title></g>\n");
	}
	svg_put(out, "</g>\n");
}

text *
chart_draw_graph(Chart *chart)
{
	GraphPicture picture = {0};
	Graph	   *graph = graph_read(chart, MOST_LINKS, true);
	double		height = chart->options.height;
	double		top = chart_legend_height(chart, NULL, 0) + STUB + 8;
	double		needed;
	double		gap;
	int		   *order;
	int			i;

	if (graph == NULL)
		return chart_nothing(chart);
	graph_order(graph, true);
	picture.chart = chart;
	picture.graph = graph;
	picture.format = chart->rows->columns[graph->value_column].format;
	picture.top = top;
	picture.loop = palloc0(graph->nnodes + 1);
	order = palloc((graph->nlinks + 1) * sizeof(int));
	for (i = 0; i < graph->nlinks; i++)
	{
		order[i] = i;
		picture.most = Max(picture.most, graph->links[i].value);
		if (graph->links[i].source == graph->links[i].target)
			picture.loop[graph->links[i].source] = true;
	}
	for (i = 0; i < graph->nreal; i++)
		picture.most = Max(picture.most, Max(graph->nodes[i].begins, graph->nodes[i].ends));
	qsort_arg(order, graph->nlinks, sizeof(int), link_value_order, graph);
	needed = top + graph->nlayers * (double) BOX_HEIGHT + (graph->nlayers - 1) * (double) LAYER_GAP + STUB + CHART_MARGIN;
	if (height == 0)
		height = Min(needed, 10000);
	picture.step = graph->nlayers < 2 ? BOX_HEIGHT : Max(height - top - STUB - CHART_MARGIN - BOX_HEIGHT, 10) / (graph->nlayers - 1);
	gap = graph_measure(&picture);
	graph_place(graph, CHART_MARGIN, chart->options.width - CHART_MARGIN, gap);

	(void) chart_open(chart, height, NULL, 0);
	svg_put(&chart->out, "<style>#%s .way .jl{stroke-opacity:.6;stroke-linejoin:miter}#%s:has(.way:is(:hover,.at)) .way,#%s:has(.node:is(:hover,.at)) .way{opacity:.15}#%s .way.mark:is(:hover,.at){opacity:1}#%s .halo{paint-order:stroke;stroke:var(--j0);stroke-width:3px;stroke-linejoin:round}",
			chart->id, chart->id, chart->id, chart->id, chart->id);
	for (i = 0; i < graph->nreal; i++)
		svg_put(&chart->out, "#%s:has(.n%d:is(:hover,.at)) .w%d.way{opacity:1}", chart->id, i, i);
	svg_put(&chart->out, "</style>\n<g class='links'>\n");
	for (i = 0; i < graph->nlinks; i++)
	{
		CHECK_FOR_INTERRUPTS();
		graph_put_link(&picture, &graph->links[order[i]]);
	}
	svg_put(&chart->out, "</g>\n");
	graph_put_boxes(&picture);
	graph_put_values(&picture, order);
	return chart_close(chart);
}
