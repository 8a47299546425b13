/*-------------------------------------------------------------------------
 *
 * node_names.h
 *		A dictionary of node names: each name is stored once and has a number.
 *
 * Numbers are given in the order of arrival, from 0.  After nodes_rank()
 * every name also has a rank: its place among all names in byte order, which
 * does not depend on the order of arrival.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_NODES_H
#define JOURNEY_NODES_H

#include "postgres.h"

#include "event/event_order.h"

typedef struct NodeSlot
{
	uint32		tag;			/* other bits of the hash than those of the
								 * slot */
	uint32		number;			/* of the name + 1; 0: empty */
} NodeSlot;

/*
 * A recent name.  Its first and last eight bytes identify a name of up to
 * sixteen bytes without a lookup, see slice_ends().
 */
typedef struct NodeSeen
{
	uint64		first;
	uint64		last;
	uint32		length;
	uint32		number;			/* of the name + 1; 0: empty */
} NodeSeen;

#define NODES_SEEN_BITS 10

/* The name, of one byte, of a node that has none: no text has such a byte. */
#define NODE_NO_NAME "\0"

typedef struct Nodes
{
	MemoryContext context;
	uint64		seeds[2];		/* of the hash, so that nobody can choose
								 * names that collide */
	TextSlice  *names;			/* by number */
	uint32		n;
	uint32		capacity;
	NodeSlot   *slots;
	uint32		nslots;			/* a power of two, at least twice the capacity */
	char	   *text;			/* where the next name is put */
	size_t		text_left;
	size_t		text_size;		/* of the newest piece of text */
	uint32	   *ranks;			/* [number]: NULL until nodes_rank() */
	uint32	   *ranked;			/* [rank]: the number */
	uint32		nranked;		/* for so many names */
	NodeSeen   *seen;			/* NULL until nodes_intern_texts() */
} Nodes;

extern Nodes *nodes_new(MemoryContext context);
extern uint32 nodes_add(Nodes *nodes, uint64 hash, TextSlice name);
extern void nodes_intern_texts(Nodes *nodes, const Datum *texts, const uint16 *rows, int n,
							   uint32 *numbers);
extern uint32 nodes_find(const Nodes *nodes, TextSlice name);
extern void nodes_rank(Nodes *nodes);
extern void nodes_rank_as(Nodes *nodes, const uint32 *as);
extern uint64 nodes_size(const Nodes *nodes);
extern void nodes_write(const Nodes *nodes, bool ranked, ByteWriter *out);
extern bool nodes_read(ByteReader *in, Nodes *nodes, bool *nameless);

/* The number of a name, which is added if it is not there. */
static inline uint32
nodes_intern(Nodes *nodes, TextSlice name)
{
	uint64		hash = slice_hash(nodes->seeds, name);
	uint32		slot = (uint32) hash & (nodes->nslots - 1);

	for (; nodes->slots[slot].number != 0; slot = (slot + 1) & (nodes->nslots - 1))
		if (nodes->slots[slot].tag == (uint32) (hash >> 32) &&
			slice_equal(nodes->names[nodes->slots[slot].number - 1], name))
			return nodes->slots[slot].number - 1;
	return nodes_add(nodes, hash, name);
}

#endif							/* JOURNEY_NODES_H */
