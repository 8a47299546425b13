/*-------------------------------------------------------------------------
 *
 * components.h
 *		Ids that are linked with each other, directly or through others:
 *		union-find over ids of any type.
 *
 * Ids are numbered from 0 in the order in which they come.  The key is the id
 * itself if it is an integer, else its hash, and `bytes` and the length have the
 * id.  The parent of an id is another one of its component, or itself: the root
 * of its component.  The root of two joined components is the smaller number of
 * both.  `slots` is a hash table of numbers + 1, 0 being empty.
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

typedef struct ComponentId
{
	uint64		key;
	uint32		parent;
	uint32		length;
} ComponentId;

typedef struct Components
{
	MemoryContext context;
	UserKeyType key_type;
	uint32		n;
	uint32		capacity;
	ComponentId *ids;
	const char **bytes;			/* NULL: ids are integers */
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
components_root(ComponentId *ids, uint32 number)
{
	while (ids[number].parent != number)
		number = ids[number].parent = ids[ids[number].parent].parent;
	return number;
}

/* Join the components of two numbers. */
static inline void
components_join(ComponentId *ids, uint32 a, uint32 b)
{
	a = components_root(ids, a);
	b = components_root(ids, b);
	if (a < b)
		ids[b].parent = a;
	else
		ids[a].parent = b;
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
	UserKey		id = {components->ids[number].key, NULL, 0};

	if (components->bytes != NULL)
	{
		id.bytes = components->bytes[number];
		id.length = components->ids[number].length;
	}
	return id;
}

#endif							/* JOURNEY_COMPONENTS_H */
