/*-------------------------------------------------------------------------
 *
 * stats_list.c
 *		The items of a list in a finished result: an array that grows, and a
 *		hash table of the numbers of its items, which is built at the first
 *		lookup.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "stats/stats.h"

#define FIRST_ITEMS 4

static inline MemoryContext
stats_context(const void *stats)
{
	return *(const MemoryContext *) stats;
}

static inline uint32 *
list_n(const StatsList *list, void *stats)
{
	return (uint32 *) ((char *) stats + list->n);
}

static inline void **
list_items(const StatsList *list, void *stats)
{
	return (void **) ((char *) stats + list->items);
}

static inline StatsIndex *
list_index(const StatsList *list, void *stats)
{
	return (StatsIndex *) ((char *) stats + list->index);
}

/* The hash of a text, for keys. */
uint64
stats_text_hash(TextSlice text)
{
	return text.bytes == NULL ? 0 :
		DatumGetUInt64(hash_any_extended((const unsigned char *) text.bytes, (int) text.length, 0));
}

/* The same text, or none, in a context of its own. */
TextSlice
stats_text_copy(MemoryContext context, TextSlice text)
{
	if (text.bytes != NULL)
	{
		char	   *copy = MemoryContextAlloc(context, (Size) text.length + 1);

		memcpy(copy, text.bytes, text.length);
		copy[text.length] = '\0';
		text.bytes = copy;
	}
	return text;
}

/* Room for n items, which are all there and zero. */
void *
stats_list_alloc(const StatsList *list, void *stats, uint32 n)
{
	void	   *items = MemoryContextAllocExtended(stats_context(stats), ((Size) n + 1) * list->size,
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	*list_n(list, stats) = n;
	*list_items(list, stats) = items;
	if (list->hash != NULL)
		list_index(list, stats)->capacity = n + 1;
	return items;
}

static inline void
list_put_into_slot(const StatsList *list, void *stats, StatsIndex *index, uint32 number)
{
	uint64		slot = list->hash(stats_list_nth(list, stats, number)) & (index->nslots - 1);

	while (index->slots[slot] != 0)
		slot = (slot + 1) & (index->nslots - 1);
	index->slots[slot] = number + 1;
}

/* Lay out the hash table, for as many items as there is room for. */
static void
list_lay_out_slots(const StatsList *list, void *stats, StatsIndex *index)
{
	const uint32 n = *list_n(list, stats);
	uint32		i;

	if (index->slots != NULL)
		pfree(index->slots);
	index->nslots = FIRST_ITEMS * 2;
	while (index->nslots / 2 < Max(index->capacity, n))
		index->nslots *= 2;
	index->slots = MemoryContextAllocExtended(stats_context(stats), index->nslots * sizeof(uint32),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < n; i++)
		list_put_into_slot(list, stats, index, i);
}

/* Add an item of the keys of another behind the others; all else of it is zero. */
void *
stats_list_append(const StatsList *list, void *stats, const void *key)
{
	StatsIndex *index = list_index(list, stats);
	uint32	   *n = list_n(list, stats);
	void	  **items = list_items(list, stats);
	char	   *item;
	uint32		i;

	if (*n >= index->capacity)
	{
		if (index->capacity > UINT32_MAX / 4)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many groups in one result")));
		index->capacity = Max(FIRST_ITEMS, Max(index->capacity, *n) * 2);
		if (*items == NULL)
			*items = MemoryContextAllocHuge(stats_context(stats), (Size) index->capacity * list->size);
		else
			*items = repalloc_huge(*items, (Size) index->capacity * list->size);
		list_lay_out_slots(list, stats, index);
	}
	else if (index->nslots == 0)
		list_lay_out_slots(list, stats, index);
	item = memset(stats_list_nth(list, stats, *n), 0, list->size);
	for (i = 0; i < list->nfields; i++)
	{
		const StatsField *field = &list->fields[i];

		if (field->merge != STATS_KEY)
			continue;
		memcpy(item + field->offset, (const char *) key + field->offset, field->size);
		if (field->kind == STATS_TEXT)
		{
			TextSlice  *text = (TextSlice *) (item + field->offset);

			*text = stats_text_copy(stats_context(stats), *text);
		}
	}
	if (list->begin != NULL)
		list->begin(stats, item);
	list_put_into_slot(list, stats, index, (*n)++);
	return item;
}

/* The item of the keys of another, made if there is none. */
void *
stats_list_item(const StatsList *list, void *stats, const void *key)
{
	StatsIndex *index = list_index(list, stats);
	uint64		slot;

	if (index->nslots == 0)
		list_lay_out_slots(list, stats, index);
	slot = list->hash(key) & (index->nslots - 1);
	for (; index->slots[slot] != 0; slot = (slot + 1) & (index->nslots - 1))
	{
		void	   *item = stats_list_nth(list, stats, index->slots[slot] - 1);

		if (list->order(item, key) == 0)
			return item;
	}
	return stats_list_append(list, stats, key);
}

/* Put the items in order. */
void
stats_list_sort(const StatsList *list, void *stats)
{
	const uint32 n = *list_n(list, stats);
	uint32		i;

	for (i = 1; i < n; i++)
		if (list->order(stats_list_nth(list, stats, i - 1), stats_list_nth(list, stats, i)) > 0)
		{
			qsort(*list_items(list, stats), n, list->size, list->order);
			list_index(list, stats)->nslots = 0;
			break;
		}
}
