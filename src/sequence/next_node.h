/*-------------------------------------------------------------------------
 *
 * next_node.h
 *		The next-node kernel: what came right after, or right before, a chain
 *		of consecutive events of one user.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_NEXT_NODE_H
#define JOURNEY_NEXT_NODE_H

#include "event/event.h"

typedef enum NodeDirection
{
	NODE_FORWARD,
	NODE_BACKWARD
} NodeDirection;

typedef enum NodeAnchor
{
	NODE_HEAD,					/* the first row of the user */
	NODE_TAIL,					/* the last row */
	NODE_FIRST_MATCH,			/* the first row that is a base and meets
								 * condition 1 */
	NODE_LAST_MATCH				/* the last such row */
} NodeAnchor;

/*
 * One row: an event, whether it may be the base, and its value, which lies in
 * the user's byte area.
 */
typedef struct NodeRow
{
	int64		at;				/* microseconds since 2000-01-01 00:00 UTC */
	uint64		step;			/* the stepset */
	uint64		value;			/* offset of the value in the byte area */
	uint32		length;			/* bytes of the value */
	bool		is_base;		/* may the search begin here? */
} NodeRow;

extern void node_rows_sort(NodeRow *rows, size_t n, NodeRow *scratch, const char *bytes);
extern bool node_row_before(const NodeRow *a, const NodeRow *b, const char *bytes);
extern size_t node_find(const NodeRow *rows, size_t n, int nsteps,
						NodeDirection direction, NodeAnchor anchor);

/* What node_find() returns if there is no such row. */
#define NO_NODE SIZE_MAX

extern size_t node_rows_encoded_size(const NodeRow *rows, size_t n);
extern void node_rows_encode(const NodeRow *rows, size_t n, const char *bytes, ByteWriter *out);
extern bool node_rows_decode(ByteReader *in, int nsteps, NodeRow *rows, size_t n,
							 char *bytes, size_t nbytes);

#endif							/* JOURNEY_NEXT_NODE_H */
