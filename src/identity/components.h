/*-------------------------------------------------------------------------
 *
 * components.h
 *		Ids that are linked with each other, directly or through others:
 *		union-find over ids of any type.
 *
 * Ids are numbered from 0 in the order in which they come.  `keys` has the id
 * itself if it is an integer, else its hash, and `bytes` and `lengths` have the
 * id.  `parents` has for each id another one of its component, or itself: the
 * root of its component.  The root of two joined components is the smaller
 * number of both.  `slots` is a hash table of numbers + 1, 0 being empty.
 *
 * Links of integer ids are kept back until there are COMPONENTS_BATCH of them,
 * so that the memory of many is fetched at the same time.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_COMPONENTS_H
#define JOURNEY_COMPONENTS_H

#include "postgres.h"

#include "store/store.h"

#define COMPONENTS_BATCH 64

typedef struct Components
{
	MemoryContext context;
	UserKeyType key_type;
	uint32		n;
	uint32		capacity;
	uint64	   *keys;
	uint32	   *parents;
	const char **bytes;			/* these two for other types than integers */
	uint32	   *lengths;
	uint32	   *slots;			/* NULL: none are needed, nothing is added */
	int			slots_log2;
	uint64		factor;			/* see hash_slot() */
	uint64		byte_size;		/* of all ids' bytes */
	char	   *room;			/* for further ones */
	char	   *room_end;
	int			nwaiting;
	uint64		waiting[COMPONENTS_BATCH][2];	/* links; a lone id with
												 * itself */
} Components;

extern Components *components_new(MemoryContext context, Oid type, Oid collation);
extern void components_reserve(Components *components, uint32 capacity);
extern void components_flush(Components *components);
extern uint32 components_number(Components *components, const UserKey *id);
extern void components_join_all(Components *components, Components *others);

/* The root of the component of a number. */
static inline uint32
components_root(uint32 *parents, uint32 number)
{
	while (parents[number] != number)
		number = parents[number] = parents[parents[number]];
	return number;
}

/* Join the components of two numbers. */
static inline void
components_join(uint32 *parents, uint32 a, uint32 b)
{
	a = components_root(parents, a);
	b = components_root(parents, b);
	if (a < b)
		parents[b] = a;
	else
		parents[a] = b;
}

/* Add a link of integer ids. */
static inline void
components_add_integers(Components *components, uint64 a, uint64 b)
{
	components->waiting[components->nwaiting][0] = a;
	components->waiting[components->nwaiting][1] = b;
	if (++components->nwaiting == COMPONENTS_BATCH)
		components_flush(components);
}

static inline UserKey
components_id(const Components *components, uint32 number)
{
	UserKey		id = {components->keys[number], NULL, 0};

	if (components->bytes != NULL)
	{
		id.bytes = components->bytes[number];
		id.length = components->lengths[number];
	}
	return id;
}

#endif							/* JOURNEY_COMPONENTS_H */
