/*-------------------------------------------------------------------------
 *
 * components.c
 *		Union-find over ids of any type: adding ids and links.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "identity/components.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* Ids come to blocks of so many bytes. */
#define ROOM_BYTES 65536

Components *
components_new(MemoryContext context, Oid type, Oid collation)
{
	Components *components = MemoryContextAllocZero(context, sizeof(Components));

	components->context = context;
	user_key_type_init(&components->key_type, type, collation, context);
	components->factor = user_slot_factor();
	components_reserve(components, 16);
	return components;
}

/*
 * A state of so many bytes is an error if that is more than work_mem times
 * hash_mem_multiplier, or maintenance_work_mem if that is more.
 */
static void
components_check_memory(const Components *components, uint64 bytes)
{
	const uint64 limit = Max((uint64) get_hash_memory_limit(), (uint64) maintenance_work_mem * 1024);

	if (bytes > limit)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("connected_components needs more than " UINT64_FORMAT " MB for %u ids",
						limit / (1024 * 1024), components->n),
				 errhint("Raise work_mem for this query: SET work_mem = '" UINT64_FORMAT "MB'.",
						 bytes / (1024 * 1024) * 2)));
}

static uint64
components_bytes(const Components *components, uint32 capacity)
{
	const uint64 each = sizeof(ComponentId) + (components->key_type.kind == USER_KEY_INTEGER ? 0 : sizeof(char *));

	return capacity * (each + 2 * sizeof(uint32)) + components->byte_size;
}

/* An array of the state, with room for so many. */
static void *
components_array(const Components *components, void *array, uint64 size)
{
	return array == NULL ? MemoryContextAllocHuge(components->context, size) : repalloc_huge(array, size);
}

/* Room for so many ids, a power of two: and for as many slots twice. */
void
components_reserve(Components *components, uint32 capacity)
{
	components_check_memory(components, components_bytes(components, capacity));
	components->ids = components_array(components, components->ids, capacity * sizeof(ComponentId));
	if (components->key_type.kind != USER_KEY_INTEGER)
		components->bytes = components_array(components, components->bytes, capacity * sizeof(char *));
	components->capacity = capacity;
}

/* The hash by which an id is found. */
static inline uint64
components_hash(bool integer, uint64 key)
{
	return integer ? spread(key) : key;
}

/* Make the slots anew, twice as many as there is room for ids. */
static void
components_lay_slots(Components *components)
{
	const bool	integer = components->key_type.kind == USER_KEY_INTEGER;
	const uint64 nslots = (uint64) components->capacity * 2;
	uint32		i;

	if (components->slots != NULL)
		pfree(components->slots);
	components->slots = MemoryContextAllocExtended(components->context, nslots * sizeof(uint32),
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	components->slots_log2 = 0;
	while ((UINT64_C(1) << components->slots_log2) < nslots)
		components->slots_log2++;
	for (i = 0; i < components->n; i++)
	{
		uint64		slot = hash_slot(components_hash(integer, components->ids[i].key), components->factor,
									 components->slots_log2);

		while (components->slots[slot] != 0)
			slot = (slot + 1) & (nslots - 1);
		components->slots[slot] = i + 1;
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
}

/* There is room for so many ids more. */
static void
components_make_room(Components *components, uint32 more)
{
	uint64		capacity = components->capacity;

	while (components->n + (uint64) more > capacity)
		capacity *= 2;
	if (capacity >= PG_UINT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("connected_components has more than %u ids", components->n)));
	if (capacity > components->capacity)
		components_reserve(components, (uint32) capacity);
	else if (components->slots != NULL)
		return;
	components_lay_slots(components);
}

/* A copy of the bytes of an id. */
static const char *
components_keep(Components *components, const UserKey *id)
{
	char	   *kept;

	if (id->length > components->room_end - components->room)
	{
		const Size	size = Max(id->length, components->n < 1024 ? 1024 : ROOM_BYTES);

		components->byte_size += size;
		components_check_memory(components, components_bytes(components, components->capacity));
		components->room = MemoryContextAllocHuge(components->context, size);
		components->room_end = components->room + size;
	}
	kept = components->room;
	short_bytes_copy(kept, id->bytes, id->length);
	components->room += id->length;
	return kept;
}

/* Add an id as a component by itself; there is room. */
static inline uint32
components_add(Components *components, uint64 key, uint64 slot)
{
	const uint32 number = components->n++;

	components->ids[number].key = key;
	components->ids[number].parent = number;
	components->ids[number].length = 0;
	components->slots[slot] = number + 1;
	return number;
}

/* The number of an id, which is added if it is new. */
uint32
components_number(Components *components, const UserKey *id)
{
	const bool	integer = components->key_type.kind == USER_KEY_INTEGER;
	uint64		nslots;
	uint64		slot;
	uint32		number;

	components_make_room(components, 1);
	nslots = UINT64_C(1) << components->slots_log2;
	slot = hash_slot(components_hash(integer, id->key), components->factor, components->slots_log2);
	for (; components->slots[slot] != 0; slot = (slot + 1) & (nslots - 1))
	{
		UserKey		known;

		number = components->slots[slot] - 1;
		if (components->ids[number].key != id->key)
			continue;
		if (integer)
			return number;
		known = components_id(components, number);
		if (!user_keys_equal(&components->key_type, &known, id))
			continue;
		if (components->key_type.kind == USER_KEY_OPERATORS)
		{
			const char *before = known.bytes;

			user_key_keep_least(&known, id);
			if (known.bytes != before)
			{
				components->bytes[number] = components_keep(components, id);
				components->ids[number].length = id->length;
			}
		}
		return number;
	}
	number = components_add(components, id->key, slot);
	if (!integer)
	{
		components->bytes[number] = components_keep(components, id);
		components->ids[number].length = id->length;
	}
	return number;
}

/* Add the links of integer ids that wait. */
void
components_flush(Components *components)
{
	const int	n = components->nwaiting * 2;
	const uint64 *keys = components->waiting[0];
	uint64		at[COMPONENTS_BATCH * 2];
	uint64		mask;
	int			i;

	if (n == 0)
		return;
	CHECK_FOR_INTERRUPTS();
	components_make_room(components, n);
	mask = (UINT64_C(1) << components->slots_log2) - 1;
	for (i = 0; i < n; i++)
	{
		at[i] = hash_slot(spread(keys[i]), components->factor, components->slots_log2);
		__builtin_prefetch(&components->slots[at[i]]);
	}
	for (i = 0; i < n; i++)
	{
		const uint32 found = components->slots[at[i]];

		if (found != 0)
		{
			__builtin_prefetch(&components->ids[found - 1]);
		}
	}
	for (i = 0; i < n; i++)
	{
		uint64		slot = at[i];
		uint32		found;

		while ((found = components->slots[slot]) != 0 && components->ids[found - 1].key != keys[i])
			slot = (slot + 1) & mask;
		at[i] = found != 0 ? found - 1 : components_add(components, keys[i], slot);
	}
	for (i = 0; i < n; i += 2)
		components_join(components->ids, (uint32) at[i], (uint32) at[i + 1]);
	components->nwaiting = 0;
}

/* Add all ids and links of another state. */
void
components_join_all(Components *components, Components *others)
{
	uint32		i;

	components_flush(others);
	if (components->key_type.kind == USER_KEY_INTEGER)
	{
		for (i = 0; i < others->n; i++)
			components_add_integers(components, others->ids[i].key,
									others->ids[components_root(others->ids, i)].key);
		return;
	}
	for (i = 0; i < others->n; i++)
	{
		const UserKey id = components_id(others, i);
		const UserKey root = components_id(others, components_root(others->ids, i));
		const uint32 number = components_number(components, &id);

		components_join(components->ids, number, components_number(components, &root));
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
	}
}
