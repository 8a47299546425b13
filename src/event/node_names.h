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
 * sixteen bytes without a lookup, see nodes_ends().
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

/* The product of two numbers, its halves laid over each other. */
static inline uint64
nodes_fold(uint64 a, uint64 b)
{
	uint128		product = (uint128) a * b;

	return (uint64) product ^ (uint64) (product >> 64);
}

static inline uint64
nodes_load8(const char *bytes)
{
	uint64		value;

	memcpy(&value, bytes, 8);
	return value;
}

static inline uint32
nodes_load4(const char *bytes)
{
	uint32		value;

	memcpy(&value, bytes, 4);
	return value;
}

/*
 * The first and the last eight bytes, which may overlap; of a shorter text what
 * it has, so that texts of one length up to 16 are equal when these are.
 */
static inline void
nodes_ends(const char *bytes, uint32 length, uint64 *first, uint64 *last)
{
	if (length >= 8)
	{
		*first = nodes_load8(bytes);
		*last = nodes_load8(bytes + length - 8);
	}
	else if (length >= 4)
	{
		*first = nodes_load4(bytes);
		*last = nodes_load4(bytes + length - 4);
	}
	else
	{
		*first = length == 0 ? 0 : (uint64) (unsigned char) bytes[0] << 16 |
			(uint64) (unsigned char) bytes[length / 2] << 8 | (unsigned char) bytes[length - 1];
		*last = 0;
	}
}

/* A hash of all bytes of a name. */
static inline uint64
nodes_hash(const uint64 *seeds, TextSlice name)
{
	const char *bytes = name.bytes;
	uint32		length = name.length;
	uint64		hash = seeds[0] ^ length;
	uint64		a;
	uint64		b;

	for (; unlikely(length > 16); length -= 16, bytes += 16)
		hash = nodes_fold(nodes_load8(bytes) ^ seeds[1], nodes_load8(bytes + 8) ^ hash);
	nodes_ends(bytes, length, &a, &b);
	hash = nodes_fold(a ^ seeds[1], b ^ hash);
	return nodes_fold(hash ^ seeds[0], UINT64_C(0x9E6C63D0876A9A47));
}

/* The number of a name, which is added if it is not there. */
static inline uint32
nodes_intern(Nodes *nodes, TextSlice name)
{
	uint64		hash = nodes_hash(nodes->seeds, name);
	uint32		slot = (uint32) hash & (nodes->nslots - 1);

	for (; nodes->slots[slot].number != 0; slot = (slot + 1) & (nodes->nslots - 1))
		if (nodes->slots[slot].tag == (uint32) (hash >> 32) &&
			slice_equal(nodes->names[nodes->slots[slot].number - 1], name))
			return nodes->slots[slot].number - 1;
	return nodes_add(nodes, hash, name);
}

#endif							/* JOURNEY_NODES_H */
