/*-------------------------------------------------------------------------
 *
 * node_names.c
 *		A dictionary of node names: each name is stored once and has a number.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "compat.h"
#include "event/event.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define FIRST_NAMES			8
#define FIRST_TEXT			128
#define LARGEST_TEXT		(256 * 1024)
#define MOST_NAMES			(UINT32_C(1) << 28)

/* The seeds of this process. */
static uint64 seeds[2];

/* The slots for `capacity` names: four times as many while that is little memory. */
static uint32
slots_for(uint32 capacity)
{
	return capacity <= 4096 ? capacity * 4 : capacity * 2;
}

/* An empty dictionary in `context`. */
Nodes *
nodes_new(MemoryContext context)
{
	Nodes	   *nodes = MemoryContextAllocZero(context, sizeof(Nodes));

	nodes->context = context;
	if (seeds[0] == 0 && !pg_strong_random(seeds, sizeof(seeds)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random numbers")));
	memcpy(nodes->seeds, seeds, sizeof(seeds));
	nodes->capacity = FIRST_NAMES;
	nodes->names = MemoryContextAlloc(context, FIRST_NAMES * sizeof(TextSlice));
	nodes->nslots = slots_for(FIRST_NAMES);
	nodes->slots = MemoryContextAllocZero(context, nodes->nslots * sizeof(NodeSlot));
	return nodes;
}

/* Double the room for names, and lay out the hash table anew. */
static void
grow(Nodes *nodes)
{
	uint32		i;

	if (nodes->capacity >= MOST_NAMES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %u distinct nodes", MOST_NAMES),
				 errhint("Give coarser names, for example pages without their parameters.")));
	nodes->capacity *= 2;
	nodes->names = repalloc_huge(nodes->names, nodes->capacity * sizeof(TextSlice));
	pfree(nodes->slots);
	nodes->nslots = slots_for(nodes->capacity);
	nodes->slots = MemoryContextAllocExtended(nodes->context, nodes->nslots * sizeof(NodeSlot),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < nodes->n; i++)
	{
		uint64		hash = slice_hash(nodes->seeds, nodes->names[i]);
		uint32		slot = (uint32) hash & (nodes->nslots - 1);

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		while (nodes->slots[slot].number != 0)
			slot = (slot + 1) & (nodes->nslots - 1);
		nodes->slots[slot].tag = (uint32) (hash >> 32);
		nodes->slots[slot].number = i + 1;
	}
}

/* Add a name that is not there; returns its number. */
uint32
nodes_add(Nodes *nodes, uint64 hash, TextSlice name)
{
	uint32		slot;

	if (nodes->n == nodes->capacity)
		grow(nodes);
	if (name.length > nodes->text_left)
	{
		nodes->text_size = Min(Max(nodes->text_size * 2, FIRST_TEXT), LARGEST_TEXT);
		nodes->text_left = Max(nodes->text_size, name.length);
		nodes->text = MemoryContextAllocHuge(nodes->context, nodes->text_left);
	}
	slot = (uint32) hash & (nodes->nslots - 1);
	while (nodes->slots[slot].number != 0)
		slot = (slot + 1) & (nodes->nslots - 1);
	nodes->slots[slot].tag = (uint32) (hash >> 32);
	nodes->slots[slot].number = nodes->n + 1;

	if (name.length > 0)
		memcpy(nodes->text, name.bytes, name.length);
	/* an empty name is a name too */
	nodes->names[nodes->n].bytes = name.length > 0 ? nodes->text : "";
	nodes->names[nodes->n].length = name.length;
	nodes->text += name.length;
	nodes->text_left -= name.length;
	return nodes->n++;
}

/* The number of a name that is stored in any way. */
static pg_noinline uint32
intern_stored(Nodes *nodes, Datum name)
{
	text	   *packed = DatumGetTextPP(name);
	TextSlice	slice = {VARDATA_ANY(packed), (uint32) VARSIZE_ANY_EXHDR(packed)};
	uint32		number = nodes_intern(nodes, slice);

	if (packed != (struct varlena *) DatumGetPointer(name))
		pfree(packed);
	return number;
}

/* Is this the name that was met, whose ends are the same? */
static inline bool
seen_equals(const Nodes *nodes, const NodeSeen *seen, TextSlice name, uint64 first, uint64 last)
{
	return seen->first == first && seen->last == last && seen->length == name.length &&
		seen->number > 0 &&
		(likely(name.length <= 16) ||
		 memcmp(nodes->names[seen->number - 1].bytes + 8, name.bytes + 8, name.length - 16) == 0);
}

/*
 * The numbers of many names, those of n rows whose numbers are in `rows`.
 * Names that are not there are added.
 */
void
nodes_intern_texts(Nodes *nodes, const Datum *texts, const uint16 *rows, int n, uint32 *numbers)
{
	int			i;

	if (unlikely(nodes->seen == NULL))
		nodes->seen = MemoryContextAllocZero(nodes->context, sizeof(NodeSeen) << NODES_SEEN_BITS);
	for (i = 0; i < n; i++)
	{
		const char *name = DatumGetPointer(texts[rows[i]]);
		NodeSeen   *seen;
		TextSlice	slice;
		uint64		first;
		uint64		last;
		uint32		place;

		if (unlikely(!VARATT_IS_SHORT(name) || VARATT_IS_EXTERNAL(name)))
		{
			numbers[i] = intern_stored(nodes, texts[rows[i]]);
			continue;
		}
		slice.bytes = VARDATA_SHORT(name);
		slice.length = VARSIZE_SHORT(name) - VARHDRSZ_SHORT;
		stored_ends(slice.bytes, slice.length, &first, &last);
		place = (uint32) ((first * UINT64_C(0x9E3779B97F4A7C15) +
						   last * UINT64_C(0xD6E8FEB86659FD93)) >> (64 - NODES_SEEN_BITS));

		/*
		 * a name has two places, so that two that share one need not take
		 * turns
		 */
		seen = &nodes->seen[place];
		if (unlikely(!seen_equals(nodes, seen, slice, first, last)))
		{
			if (seen->number > 0)
				seen = &nodes->seen[place ^ 1];
			if (!seen_equals(nodes, seen, slice, first, last))
			{
				seen->number = nodes_intern(nodes, slice) + 1;
				seen->first = first;
				seen->last = last;
				seen->length = slice.length;
			}
		}
		numbers[i] = seen->number - 1;
	}
}

/* The number of a name, or NODE_NONE. */
uint32
nodes_find(const Nodes *nodes, TextSlice name)
{
	uint64		hash = slice_hash(nodes->seeds, name);
	uint32		slot = (uint32) hash & (nodes->nslots - 1);

	for (; nodes->slots[slot].number != 0; slot = (slot + 1) & (nodes->nslots - 1))
		if (nodes->slots[slot].tag == (uint32) (hash >> 32) &&
			slice_equal(nodes->names[nodes->slots[slot].number - 1], name))
			return nodes->slots[slot].number - 1;
	return NODE_NONE;
}

/* A name while it is being ranked. */
typedef struct RankedName
{
	uint64		prefix;			/* the first eight bytes, the first one
								 * highest */
	uint32		number;
} RankedName;

static inline bool
name_before(const RankedName *a, const RankedName *b, const Nodes *nodes)
{
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix;
	return slice_order(nodes->names[a->number], nodes->names[b->number]) < 0;
}

#define MERGE_SORT_NAME sort_names
#define MERGE_SORT_TYPE RankedName
#define MERGE_SORT_BEFORE(a, b, arg) name_before(a, b, arg)
#include "base/merge_sort.h"

/* Rank all names in byte order. */
void
nodes_rank(Nodes *nodes)
{
	RankedName *items;
	RankedName *scratch;
	uint32		i;

	if (nodes->ranks != NULL && nodes->nranked == nodes->n)
		return;
	if (nodes->ranks != NULL)
	{
		pfree(nodes->ranks);
		pfree(nodes->ranked);
	}
	items = MemoryContextAllocHuge(nodes->context, (nodes->n + 1) * sizeof(RankedName));
	scratch = MemoryContextAllocHuge(nodes->context, (nodes->n / 2 + 1) * sizeof(RankedName));
	for (i = 0; i < nodes->n; i++)
	{
		TextSlice	name = nodes->names[i];
		uint32		j;

		items[i].prefix = 0;
		for (j = 0; j < 8 && j < name.length; j++)
			items[i].prefix |= (uint64) (unsigned char) name.bytes[j] << (8 * (7 - j));
		items[i].number = i;
	}
	sort_names(items, nodes->n, scratch, nodes);
	nodes->ranks = MemoryContextAllocHuge(nodes->context, (nodes->n + 1) * sizeof(uint32));
	nodes->ranked = MemoryContextAllocHuge(nodes->context, (nodes->n + 1) * sizeof(uint32));
	for (i = 0; i < nodes->n; i++)
	{
		nodes->ranked[i] = items[i].number;
		nodes->ranks[items[i].number] = i;
	}
	nodes->nranked = nodes->n;
	pfree(items);
	pfree(scratch);
}

/* Have the names of each rank be of rank as[rank]. */
void
nodes_rank_as(Nodes *nodes, const uint32 *as)
{
	uint32		i;

	for (i = 0; i < nodes->n; i++)
		nodes->ranks[i] = as[nodes->ranks[i]];
}

/* How many bytes nodes_write() writes. */
uint64
nodes_size(const Nodes *nodes)
{
	uint64		size = number_size(nodes->n);
	uint32		i;

	for (i = 0; i < nodes->n; i++)
		size += number_size(nodes->names[i].length) + nodes->names[i].length;
	return size;
}

/* Write all names, by number or by rank. */
void
nodes_write(const Nodes *nodes, bool ranked, ByteWriter *out)
{
	uint32		i;

	write_number(out, nodes->n);
	for (i = 0; i < nodes->n; i++)
	{
		TextSlice	name = nodes->names[ranked ? nodes->ranked[i] : i];

		write_number(out, name.length);
		write_bytes(out, name.bytes, name.length);
	}
}

/*
 * Read names into an empty dictionary: name i gets number i.  False if the
 * bytes are invalid or a name occurs twice.  `nameless` is set if there is a
 * node without a name.
 */
bool
nodes_read(ByteReader *in, Nodes *nodes, bool *nameless)
{
	uint64		n = read_number(in);
	uint64		i;

	*nameless = false;
	if (in->failed || n > bytes_left(in))
		return false;
	for (i = 0; i < n; i++)
	{
		TextSlice	name;
		uint64		length = read_number(in);
		bool		none;

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		name.bytes = (const char *) read_bytes(in, length);
		name.length = (uint32) length;
		none = name.bytes != NULL && length == 1 && name.bytes[0] == NODE_NO_NAME[0];
		*nameless |= none;
		if (name.bytes == NULL ||
			(!none && !pg_verify_mbstr(GetDatabaseEncoding(), name.bytes, (int) length, true)) ||
			nodes_intern(nodes, name) != i)
			return false;
	}
	return true;
}
