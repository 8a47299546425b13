/*-------------------------------------------------------------------------
 *
 * graph.h
 *		Nodes and links in layers, for Sankey diagrams and graphs.
 *
 * graph_read() makes a graph of the rows of a chart, with each node in a
 * layer.  graph_order() finds an order of the nodes of each layer in which few
 * links cross, and graph_place() places them.  A link that passes a layer has a
 * bend there, which is ordered and placed as the nodes are.  So a link is a
 * chain of pieces, each from a layer to the next.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_GRAPH_H
#define JOURNEY_GRAPH_H

#include "postgres.h"

#include "chart/chart.h"

typedef struct GraphNode
{
	const char *name;			/* as it is shown; NULL: a bend of a link */
	int			color;			/* from 1; the same for the same name */
	int			layer;
	int			place;			/* in its layer */
	double		in;				/* sums of values of its links */
	double		out;
	double		begins;			/* and of rows without a source or target */
	double		ends;
	double		size;			/* along its layer, pixels */
	double		at;				/* where it begins */
	int			nbefore;		/* its pieces from the layer before */
	int			nafter;			/* and to the next layer */
	int		   *before;
	int		   *after;
} GraphNode;

typedef struct GraphLink
{
	int			source;
	int			target;
	double		value;
	int			row;			/* its row; -1: a sum of several */
	bool		back;			/* to the same layer or an earlier one */
	int			first_piece;	/* -1: none */
	int			npieces;		/* from the earlier layer to the later one */
} GraphLink;

typedef struct GraphPiece
{
	int			from;
	int			to;
	double		value;
	double		from_port;		/* where it is at its ends, from where they
								 * begin */
	double		to_port;
} GraphPiece;

typedef struct Graph
{
	int			nnodes;			/* with bends, which are the last */
	int			nreal;			/* without */
	GraphNode  *nodes;
	int			nlinks;
	GraphLink  *links;
	int			npieces;
	GraphPiece *pieces;
	int			nlayers;
	int		  **layers;			/* nodes of a layer by place */
	int		   *nin_layer;
	int			position_of_first;	/* the position of layer 0 */
	bool		positions;		/* layers are positions of the rows */
	int			value_column;
} Graph;

/* chart_links.c */
extern Graph *graph_read(Chart *chart, int most_links, bool of_all);
extern char *graph_link_text(const Chart *chart, const Graph *graph, const GraphLink *link);

/* chart_order.c */
extern void graph_order(Graph *graph, bool backward);
extern void graph_place(Graph *graph, double low, double high, double gap);
extern double graph_layer_gaps(const Graph *graph, int layer, double gap);

#endif							/* JOURNEY_GRAPH_H */
