/*-------------------------------------------------------------------------
 *
 * chart_order.c
 *		The order of the nodes of a graph in their layers, and their places.
 *
 * The order is that of iterated barycentres (Sugiyama, Tagawa and Toda,
 * "Methods for visual understanding of hierarchical system structures", 1981):
 * the nodes of a layer are sorted by the mean place of their neighbours in the
 * layer before, then in the next one, and so on.  Neighbours that cross less
 * in the other order are then exchanged.  The order with the fewest crossings
 * is kept.
 *
 * Places: a layer gets the places nearest to those that its neighbours want,
 * weighted by the values of the links, among all that keep order and gaps.
 * Without the gaps such places are the isotonic regression of the wanted ones.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "chart/graph.h"
#include "common/hashfn.h"
#include "miscadmin.h"

#define MOST_BENDS		20000
#define MOST_SWEEPS		24
#define EXCHANGE_WORK	4000000 /* pairs of pieces that are compared */
#define PLACE_SWEEPS	24

typedef struct OrderedNode
{
	double		key;
	int			place;
	int			node;
} OrderedNode;

/* Nodes that touch when they are placed. */
typedef struct Block
{
	double		base;			/* where the first begins, without what is
								 * before it */
	double		weight;
	int			n;
} Block;

static int
ordered_order(const void *a, const void *b)
{
	const OrderedNode *x = a;
	const OrderedNode *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->place - y->place;
}

/* The links as pieces, with bends in the layers that they pass. */
static void
graph_cut_links(Graph *graph, bool backward)
{
	int			nbends = 0;
	int			npieces = 0;
	int		   *counts;
	int			i;
	int			k;

	for (i = 0; i < graph->nlinks; i++)
	{
		int			span = abs(graph->nodes[graph->links[i].target].layer - graph->nodes[graph->links[i].source].layer);

		if (span == 0 || (graph->links[i].back && !backward) || nbends + span - 1 > MOST_BENDS)
			continue;
		graph->links[i].npieces = span;
		nbends += span - 1;
		npieces += span;
	}
	graph->nodes = repalloc_huge(graph->nodes, (graph->nnodes + nbends + 1) * sizeof(GraphNode));
	memset(graph->nodes + graph->nnodes, 0, nbends * sizeof(GraphNode));
	graph->pieces = palloc0((npieces + 1) * sizeof(GraphPiece));
	for (i = 0; i < graph->nlinks; i++)
	{
		GraphLink  *link = &graph->links[i];
		int			early = link->back ? link->target : link->source;
		int			late = link->back ? link->source : link->target;
		int			from = early;

		if (link->npieces == 0)
			continue;
		link->first_piece = graph->npieces;
		for (k = 0; k < link->npieces; k++)
		{
			GraphPiece *piece = &graph->pieces[graph->npieces++];

			piece->from = from;
			piece->value = link->value;
			if (k == link->npieces - 1)
				piece->to = late;
			else
			{
				piece->to = graph->nnodes++;
				graph->nodes[piece->to].layer = graph->nodes[from].layer + 1;
				graph->nodes[piece->to].in = graph->nodes[piece->to].out = link->value;
			}
			from = piece->to;
		}
	}

	/* the pieces of each node, and the nodes of each layer */
	for (i = 0; i < graph->npieces; i++)
	{
		graph->nodes[graph->pieces[i].from].nafter++;
		graph->nodes[graph->pieces[i].to].nbefore++;
	}
	counts = palloc0(graph->nlayers * sizeof(int));
	for (i = 0; i < graph->nnodes; i++)
	{
		GraphNode  *node = &graph->nodes[i];

		node->before = palloc((node->nbefore + 1) * sizeof(int));
		node->after = palloc((node->nafter + 1) * sizeof(int));
		node->nbefore = node->nafter = 0;
		counts[node->layer]++;
	}
	for (i = 0; i < graph->npieces; i++)
	{
		GraphNode  *from = &graph->nodes[graph->pieces[i].from];
		GraphNode  *to = &graph->nodes[graph->pieces[i].to];

		from->after[from->nafter++] = i;
		to->before[to->nbefore++] = i;
	}
	graph->layers = palloc(graph->nlayers * sizeof(int *));
	graph->nin_layer = palloc0(graph->nlayers * sizeof(int));
	for (i = 0; i < graph->nlayers; i++)
		graph->layers[i] = palloc((counts[i] + 1) * sizeof(int));
	for (i = 0; i < graph->nnodes; i++)
	{
		GraphNode  *node = &graph->nodes[i];

		node->place = graph->nin_layer[node->layer]++;
		graph->layers[node->layer][node->place] = i;
	}
}

/* How many pairs of pieces cross: for each piece, those before it that end behind it, counted in a Fenwick tree. */
static int64
graph_crossings(const Graph *graph, int *tree)
{
	int64		crossings = 0;
	int			layer;

	for (layer = 0; layer + 1 < graph->nlayers; layer++)
	{
		int			n = graph->nin_layer[layer + 1];
		int			seen = 0;
		int			i;
		int			k;
		int			at;

		memset(tree, 0, (n + 1) * sizeof(int));
		for (i = 0; i < graph->nin_layer[layer]; i++)
		{
			const GraphNode *node = &graph->nodes[graph->layers[layer][i]];

			for (k = 0; k < node->nafter; k++)
			{
				int			not_behind = 0;

				for (at = graph->nodes[graph->pieces[node->after[k]].to].place + 1; at > 0; at -= at & -at)
					not_behind += tree[at];
				crossings += seen - not_behind;
			}
			for (k = 0; k < node->nafter; k++)
			{
				for (at = graph->nodes[graph->pieces[node->after[k]].to].place + 1; at <= n; at += at & -at)
					tree[at]++;
			}
			seen += node->nafter;
		}
	}
	return crossings;
}

/* Sort a layer by the mean place of the neighbours before it or after it. */
static void
graph_sort_layer(Graph *graph, int layer, bool by_before, bool reverse_ties, OrderedNode *sorted)
{
	int			n = graph->nin_layer[layer];
	int			i;
	int			k;

	for (i = 0; i < n; i++)
	{
		const GraphNode *node = &graph->nodes[graph->layers[layer][i]];
		int			pieces = by_before ? node->nbefore : node->nafter;
		double		sum = 0;

		for (k = 0; k < pieces; k++)
			sum += graph->nodes[by_before ? graph->pieces[node->before[k]].from : graph->pieces[node->after[k]].to].place;
		sorted[i].key = pieces == 0 ? i : sum / pieces;
		sorted[i].place = reverse_ties ? -i : i;
		sorted[i].node = graph->layers[layer][i];
	}
	qsort(sorted, n, sizeof(OrderedNode), ordered_order);
	for (i = 0; i < n; i++)
	{
		graph->layers[layer][i] = sorted[i].node;
		graph->nodes[sorted[i].node].place = i;
	}
}

/* By how much crossings grow if the pieces of two neighbours change sides. */
static int64
graph_exchange_gain(const Graph *graph, const GraphNode *a, const GraphNode *b, bool before)
{
	const int  *of_a = before ? a->before : a->after;
	const int  *of_b = before ? b->before : b->after;
	int			na = before ? a->nbefore : a->nafter;
	int			nb = before ? b->nbefore : b->nafter;
	int64		gain = 0;
	int			i;
	int			k;

	for (i = 0; i < na; i++)
	{
		const GraphPiece *of = &graph->pieces[of_a[i]];
		int			x = graph->nodes[before ? of->from : of->to].place;

		for (k = 0; k < nb; k++)
		{
			const GraphPiece *other = &graph->pieces[of_b[k]];
			int			y = graph->nodes[before ? other->from : other->to].place;

			gain += (x > y) - (x < y);
		}
	}
	return gain;
}

/* Exchange neighbours as long as that saves crossings. */
static void
graph_exchange(Graph *graph, int64 *work)
{
	bool		better = true;
	int			layer;
	int			i;

	while (better && *work > 0)
	{
		better = false;
		for (layer = 0; layer < graph->nlayers; layer++)
		{
			int		   *nodes = graph->layers[layer];

			for (i = 0; i + 1 < graph->nin_layer[layer] && *work > 0; i++)
			{
				GraphNode  *a = &graph->nodes[nodes[i]];
				GraphNode  *b = &graph->nodes[nodes[i + 1]];

				*work -= 10 + (int64) a->nbefore * b->nbefore + (int64) a->nafter * b->nafter;
				if (graph_exchange_gain(graph, a, b, true) + graph_exchange_gain(graph, a, b, false) > 0)
				{
					int			node = nodes[i];

					nodes[i] = nodes[i + 1];
					nodes[i + 1] = node;
					a->place = i + 1;
					b->place = i;
					better = true;
				}
			}
			CHECK_FOR_INTERRUPTS();
		}
	}
}

/*
 * A first order: 0, as the nodes came; 1, the greatest in the middle; 2, the
 * reverse of 0; 3, the greatest first; the others are arbitrary.
 */
static void
graph_begin_order(Graph *graph, int how, OrderedNode *sorted)
{
	int			layer;
	int			i;

	for (layer = 0; layer < graph->nlayers; layer++)
	{
		int			n = graph->nin_layer[layer];

		for (i = 0; i < n; i++)
		{
			const GraphNode *node = &graph->nodes[graph->layers[layer][i]];

			sorted[i].node = graph->layers[layer][i];
			sorted[i].place = sorted[i].node;
			sorted[i].key = how == 0 ? sorted[i].node : how == 2 ? -sorted[i].node : how < 4 ? -Max(node->in, node->out)
				: murmurhash32((uint32) sorted[i].node * 31 + how);
		}
		qsort(sorted, n, sizeof(OrderedNode), ordered_order);
		for (i = 0; i < n; i++)
		{
			int			place = how == 1 ? (i % 2 == 0 ? n / 2 + i / 2 : n / 2 - 1 - i / 2) : i;

			place = Max(Min(place, n - 1), 0);
			if (how == 1 && n % 2 == 1)
				place = n / 2 + (i % 2 == 0 ? i / 2 : -(i + 1) / 2);
			graph->layers[layer][place] = sorted[i].node;
			graph->nodes[sorted[i].node].place = place;
		}
	}
}

/* Keep this order if it is the best yet. */
static void
graph_keep_order(const Graph *graph, int *tree, int *best_places, int64 *best)
{
	int64		crossings = graph_crossings(graph, tree);
	int			i;

	if (*best >= 0 && crossings >= *best)
		return;
	*best = crossings;
	for (i = 0; i < graph->nnodes; i++)
		best_places[i] = graph->nodes[i].place;
}

/*
 * Cut the links into pieces, those that lead back too if the kind says so, and
 * order the nodes of each layer.
 */
void
graph_order(Graph *graph, bool backward)
{
	OrderedNode *sorted;
	int		   *tree;
	int		   *best_places;
	int64		best = -1;
	int64		work = EXCHANGE_WORK;
	int			starts;
	int			how;
	int			sweep;
	int			i;

	graph_cut_links(graph, backward);
	sorted = palloc((graph->nnodes + 1) * sizeof(OrderedNode));
	tree = palloc((graph->nnodes + 2) * sizeof(int));
	best_places = palloc((graph->nnodes + 1) * sizeof(int));
	starts = graph->npieces <= 300 ? 16 : graph->npieces <= 2000 ? 4 : 1;
	for (how = 0; how < starts && best != 0; how++)
	{
		int			unchanged = 0;

		graph_begin_order(graph, how, sorted);
		graph_keep_order(graph, tree, best_places, &best);
		for (sweep = 0; sweep < MOST_SWEEPS && unchanged < 6 && best != 0; sweep++)
		{
			int64		before = best;

			CHECK_FOR_INTERRUPTS();
			for (i = 1; i < graph->nlayers && sweep % 2 == 0; i++)
				graph_sort_layer(graph, i, true, sweep % 4 >= 2, sorted);
			for (i = graph->nlayers - 2; i >= 0 && sweep % 2 == 1; i--)
				graph_sort_layer(graph, i, false, sweep % 4 >= 2, sorted);
			graph_keep_order(graph, tree, best_places, &best);
			if (graph->npieces <= 2000)
			{
				graph_exchange(graph, &work);
				graph_keep_order(graph, tree, best_places, &best);
			}
			unchanged = best < before ? 0 : unchanged + 1;
		}
	}
	for (i = 0; i < graph->nnodes; i++)
	{
		graph->nodes[i].place = best_places[i];
		graph->layers[graph->nodes[i].layer][best_places[i]] = i;
	}
	if (graph->npieces > 2000)
		graph_exchange(graph, &work);
}

/* The gap behind a node: less beside bends. */
static double
node_gap(const Graph *graph, int layer, int place, double gap)
{
	int			bends;

	if (place + 1 >= graph->nin_layer[layer])
		return 0;
	bends = (graph->nodes[graph->layers[layer][place]].name == NULL) +
		(graph->nodes[graph->layers[layer][place + 1]].name == NULL);
	return bends == 2 ? gap * 0.25 : bends == 1 ? gap * 0.6 : gap;
}

/*
 * All gaps of a layer.
 */
double
graph_layer_gaps(const Graph *graph, int layer, double gap)
{
	double		sum = 0;
	int			i;

	for (i = 0; i < graph->nin_layer[layer]; i++)
		sum += node_gap(graph, layer, i, gap);
	return sum;
}

/* Where the neighbours of a node want it; false if it has none on this side. */
static bool
node_wanted(const Graph *graph, const GraphNode *node, bool before, bool after, double *at, double *weight)
{
	double		sum = 0;
	double		all = 0;
	int			k;

	for (k = 0; before && k < node->nbefore; k++)
	{
		const GraphPiece *piece = &graph->pieces[node->before[k]];

		sum += piece->value * (graph->nodes[piece->from].at + piece->from_port - piece->to_port);
		all += piece->value;
	}
	for (k = 0; after && k < node->nafter; k++)
	{
		const GraphPiece *piece = &graph->pieces[node->after[k]];

		sum += piece->value * (graph->nodes[piece->to].at + piece->to_port - piece->from_port);
		all += piece->value;
	}
	if (!(all > 0))
		return false;
	*at = sum / all;
	*weight = all;
	return true;
}

/* Place a layer; without sides, as it would fill the middle of its room. */
static void
graph_place_layer(Graph *graph, int layer, bool before, bool after, double low, double high, double gap, Block *blocks)
{
	int			n = graph->nin_layer[layer];
	double		offset = 0;
	double		room;
	int			nblocks = 0;
	int			i;
	int			k;

	for (i = 0; i < n; i++)
		offset += graph->nodes[graph->layers[layer][i]].size + node_gap(graph, layer, i, gap);
	room = Max(high - low - offset, 0);

	offset = 0;
	for (i = 0; i < n; i++)
	{
		const GraphNode *node = &graph->nodes[graph->layers[layer][i]];
		double		at = before || after ? node->at : low + room / 2 + offset;
		double		weight = 1e-300;

		(void) node_wanted(graph, node, before, after, &at, &weight);
		blocks[nblocks].base = at - offset;
		blocks[nblocks].weight = weight;
		blocks[nblocks++].n = 1;
		offset += node->size + node_gap(graph, layer, i, gap);
		for (; nblocks > 1 && blocks[nblocks - 2].base > blocks[nblocks - 1].base; nblocks--)
		{
			Block	   *a = &blocks[nblocks - 2];
			const Block *b = &blocks[nblocks - 1];

			a->base += (b->base - a->base) * (b->weight / (a->weight + b->weight));
			a->weight += b->weight;
			a->n += b->n;
		}
	}
	offset = 0;
	for (i = 0, k = 0; k < nblocks; k++)
	{
		double		base = Max(Min(blocks[k].base, low + room), low);
		int			end = i + blocks[k].n;

		for (; i < end; i++)
		{
			GraphNode  *node = &graph->nodes[graph->layers[layer][i]];

			node->at = base + offset;
			offset += node->size + node_gap(graph, layer, i, gap);
		}
	}
}

/*
 * Place the nodes of all layers between low and high.  Sizes of nodes and
 * ports of pieces are known.
 */
void
graph_place(Graph *graph, double low, double high, double gap)
{
	Block	   *blocks = palloc((graph->nnodes + 1) * sizeof(Block));
	int			sweep;
	int			i;

	for (i = 0; i < graph->nlayers; i++)
		graph_place_layer(graph, i, false, false, low, high, gap, blocks);
	for (sweep = 0; sweep < PLACE_SWEEPS; sweep++)
	{
		bool		last = sweep >= PLACE_SWEEPS - 4;

		CHECK_FOR_INTERRUPTS();
		for (i = 0; i < graph->nlayers && sweep % 2 == 0; i++)
			graph_place_layer(graph, i, i > 0 || last, i == 0 || last, low, high, gap, blocks);
		for (i = graph->nlayers - 1; i >= 0 && sweep % 2 == 1; i--)
			graph_place_layer(graph, i, i == graph->nlayers - 1 || last, i < graph->nlayers - 1 || last, low, high, gap, blocks);
	}
	pfree(blocks);
}
