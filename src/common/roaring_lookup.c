/*-------------------------------------------------------------------------
 *
 * roaring_lookup.c
 *		Members of a set: whether, where, and one after the other.
 *
 *-------------------------------------------------------------------------
 */
#include "common/roaring.h"
#include "common/roaring_words.h"

/* A member as bigint. */
static inline int64
member_of(uint64 key, uint32 low)
{
	return (int64) (key << 16 | low);
}

/* Keys in signed order. */
static inline uint64
signed_key(uint64 key)
{
	return key ^ UINT64_C(0x800000000000);
}

/* How many numbers of an array, or first numbers of runs, are below this one. */
static inline uint32
numbers_below(const uint8 *data, uint32 n, uint32 stride, uint32 number)
{
	uint32		begin = 0;

	while (n > 0)
	{
		uint32		half = n / 2;

		if (roaring_number(data, (begin + half) * stride) < number)
		{
			begin += half + 1;
			n -= half + 1;
		}
		else
			n = half;
	}
	return begin;
}

bool
roaring_container_contains(const RoaringContainer *container, uint16 low)
{
	uint32		i;

	switch (container->kind)
	{
		case ROARING_BITMAP:
			return (container->data[low / 8] >> (low % 8) & 1) != 0;
		case ROARING_ARRAY:
			i = numbers_below(container->data, container->cardinality, 1, low);
			return i < container->cardinality && roaring_number(container->data, i) == low;
		case ROARING_RUNS:
			/* the last run that begins at or before it */
			i = numbers_below(container->data, container->nruns, 2, (uint32) low + 1);
			return i > 0 && low <= roaring_number(container->data, i * 2 - 2) +
				roaring_number(container->data, i * 2 - 1);
	}
	return false;
}

/* How many members of a container are this number or below. */
uint32
roaring_container_rank(const RoaringContainer *container, uint32 low)
{
	uint32		n = 0;
	uint32		i;

	switch (container->kind)
	{
		case ROARING_BITMAP:
			return roaring_words_range_count(container->data, 0, low);
		case ROARING_ARRAY:
			return numbers_below(container->data, container->cardinality, 1, low + 1);
		case ROARING_RUNS:
			for (i = 0; i < container->nruns; i++)
			{
				uint32		first = roaring_number(container->data, i * 2);
				uint32		length = roaring_number(container->data, i * 2 + 1) + 1;

				if (first > low)
					break;
				n += low - first + 1 < length ? low - first + 1 : length;
			}
			return n;
	}
	return 0;
}

/* The n-th number of a container, the first being 0; it has more than n. */
static uint32
container_select(const RoaringContainer *container, uint32 n)
{
	uint32		i;

	switch (container->kind)
	{
		case ROARING_ARRAY:
			return roaring_number(container->data, n);
		case ROARING_BITMAP:
			for (i = 0;; i += 64)
			{
				uint32		here = roaring_words_range_count(container->data, i, i + 63);

				if (n < here)
				{
					uint64		word = roaring_get64(container->data + i / 8);

					for (; n > 0; n--)
						word &= word - 1;
					return i + (uint32) __builtin_ctzll(word);
				}
				n -= here;
			}
		case ROARING_RUNS:
			for (i = 0;; i++)
			{
				uint32		length = roaring_number(container->data, i * 2 + 1) + 1;

				if (n < length)
					return roaring_number(container->data, i * 2) + n;
				n -= length;
			}
	}
	return 0;
}

/* Is this a member? */
bool
roaring_contains(Roaring set, uint64 member)
{
	RoaringCursor cursor;

	return roaring_find(&cursor, set, member >> 16) &&
		roaring_container_contains(&cursor.current, (uint16) member);
}

/* How many members are this one or before it in signed order. */
uint64
roaring_rank(Roaring set, int64 member)
{
	uint64		key = (uint64) member >> 16;
	uint64		n = 0;
	uint64		looked = 0;
	RoaringCursor cursor;
	bool		more;

	for (more = roaring_begin_signed(&cursor, set); more; more = roaring_next(&cursor))
	{
		if (signed_key(cursor.current.key) > signed_key(key))
			break;
		if (cursor.current.key == key)
			return n + roaring_container_rank(&cursor.current, (uint16) member);
		n += cursor.current.cardinality;
		if (++looked % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}
	return n;
}

/* The n-th member in signed order, the first being 0; false if there are fewer. */
bool
roaring_select(Roaring set, uint64 n, int64 *member)
{
	uint64		looked = 0;
	RoaringCursor cursor;
	bool		more;

	for (more = roaring_begin_signed(&cursor, set); more; more = roaring_next(&cursor))
	{
		if (n < cursor.current.cardinality)
		{
			*member = member_of(cursor.current.key, container_select(&cursor.current, (uint32) n));
			return true;
		}
		n -= cursor.current.cardinality;
		if (++looked % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}
	return false;
}

/* ---- one after the other ---- */

/* Begin with the first member in signed order. */
void
roaring_iterate(RoaringIterator *iterator, Roaring set)
{
	iterator->more = roaring_begin_signed(&iterator->cursor, set);
	iterator->position = 0;
	iterator->in_run = 0;
}

/* Begin with the first member that is this one or after it in signed order. */
void
roaring_iterate_from(RoaringIterator *iterator, Roaring set, int64 from)
{
	uint64		key = (uint64) from >> 16;
	uint32		low = (uint16) from;
	const RoaringContainer *container = &iterator->cursor.current;

	roaring_iterate(iterator, set);
	if (!iterator->more)
		return;
	iterator->more = roaring_seek(&iterator->cursor, key);
	if (!iterator->more || container->key != key)
		return;
	switch (container->kind)
	{
		case ROARING_BITMAP:
			iterator->position = low;
			break;
		case ROARING_ARRAY:
			iterator->position = numbers_below(container->data, container->cardinality, 1, low);
			break;
		case ROARING_RUNS:
			iterator->position = numbers_below(container->data, container->nruns, 2, low + 1);
			if (iterator->position > 0)
			{
				uint32		i = iterator->position - 1;
				uint32		first = roaring_number(container->data, i * 2);

				if (low <= first + roaring_number(container->data, i * 2 + 1))
				{
					iterator->position = i;
					iterator->in_run = low - first;
				}
			}
			break;
	}
}

static void
next_container(RoaringIterator *iterator)
{
	iterator->more = roaring_next(&iterator->cursor);
	iterator->position = 0;
	iterator->in_run = 0;
}

/* The next members in signed order, at most n; returns how many. */
size_t
roaring_iterator_next(RoaringIterator *iterator, int64 *members, size_t n)
{
	const RoaringContainer *container = &iterator->cursor.current;
	size_t		done = 0;

	while (iterator->more && done < n)
	{
		switch (container->kind)
		{
			case ROARING_ARRAY:
				while (iterator->position < container->cardinality && done < n)
					members[done++] = member_of(container->key, roaring_number(container->data,
																			   iterator->position++));
				if (iterator->position == container->cardinality)
					next_container(iterator);
				break;
			case ROARING_BITMAP:
				while (iterator->position < 65536 && done < n)
				{
					uint32		begin = iterator->position / 64 * 64;
					uint64		word = roaring_get64(container->data + begin / 8) >>
						(iterator->position % 64) << (iterator->position % 64);

					while (word != 0 && done < n)
					{
						iterator->position = begin + (uint32) __builtin_ctzll(word);
						members[done++] = member_of(container->key, iterator->position++);
						word &= word - 1;
					}
					if (word == 0)
						iterator->position = begin + 64;
				}
				if (iterator->position >= 65536)
					next_container(iterator);
				break;
			case ROARING_RUNS:
				while (iterator->position < container->nruns && done < n)
				{
					uint32		first = roaring_number(container->data, iterator->position * 2);
					uint32		length = roaring_number(container->data, iterator->position * 2 + 1) + 1;

					while (iterator->in_run < length && done < n)
						members[done++] = member_of(container->key, first + iterator->in_run++);
					if (iterator->in_run == length)
					{
						iterator->position++;
						iterator->in_run = 0;
					}
				}
				if (iterator->position == container->nruns)
					next_container(iterator);
				break;
		}
	}
	return done;
}

/*
 * The next members that follow one another within a container, as a range;
 * false if there are none.
 */
bool
roaring_iterator_next_range(RoaringIterator *iterator, int64 *first, int64 *last)
{
	const RoaringContainer *container = &iterator->cursor.current;
	uint32		begin;
	uint32		end;

	while (iterator->more)
	{
		switch (container->kind)
		{
			case ROARING_ARRAY:
				if (iterator->position == container->cardinality)
					break;
				begin = end = roaring_number(container->data, iterator->position++);
				while (iterator->position < container->cardinality &&
					   roaring_number(container->data, iterator->position) == end + 1)
				{
					end++;
					iterator->position++;
				}
				goto found;
			case ROARING_BITMAP:
				for (begin = iterator->position; begin < 65536;)
				{
					uint64		word = roaring_get64(container->data + begin / 64 * 8) >> (begin % 64);

					if (word != 0)
					{
						begin += (uint32) __builtin_ctzll(word);
						break;
					}
					begin = (begin / 64 + 1) * 64;
				}
				if (begin >= 65536)
					break;
				for (end = begin; end < 65536;)
				{
					uint64		word = ~roaring_get64(container->data + end / 64 * 8) >> (end % 64);

					if (word != 0)
					{
						end += (uint32) __builtin_ctzll(word);
						break;
					}
					end = (end / 64 + 1) * 64;
				}
				iterator->position = end;
				end--;
				goto found;
			case ROARING_RUNS:
				if (iterator->position == container->nruns)
					break;
				begin = roaring_number(container->data, iterator->position * 2);
				end = begin + roaring_number(container->data, iterator->position * 2 + 1);
				begin += iterator->in_run;
				iterator->position++;
				iterator->in_run = 0;
				goto found;
		}
		next_container(iterator);
	}
	return false;

found:
	*first = member_of(container->key, begin);
	*last = member_of(container->key, end);
	return true;
}

/* ---- many look-ups ---- */

typedef struct RoaringSlot
{
	uint64		key;			/* NO_KEY: empty */
	const uint8 *data;
	uint32		cardinality;
	uint16		nruns;
	uint8		kind;
} RoaringSlot;

#define NO_KEY UINT64_MAX

/* Up to so many containers have a slot each; of more, only buckets are noted. */
#define INDEX_CONTAINERS_MAX (UINT64_C(1) << 20)

/* At most so many buckets between two that are noted, in sets of so many. */
#define INDEX_SAMPLE_EVERY 16
#define INDEX_SAMPLE_FROM 65536

static inline uint32
slot_of_key(const RoaringIndex *index, uint64 key)
{
	return (uint32) ((key * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (index->nslots - 1);
}

/* Make ready for many look-ups in a set, whose bytes stay in use. */
void
roaring_index_init(RoaringIndex *index, Roaring set)
{
	RoaringCursor cursor;
	uint64		containers = 0;
	uint64		nbuckets = roaring_get64(set.bytes);
	uint64		every;
	uint64		i;
	bool		more;

	memset(index, 0, sizeof(RoaringIndex));
	index->set = set;
	for (more = roaring_begin(&cursor, set); more; more = roaring_next_bucket(&cursor))
	{
		containers += cursor.n;
		if (cursor.buckets_left % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}
	if (containers == 0)
		return;
	if (containers <= INDEX_CONTAINERS_MAX)
	{
		index->nslots = 4;
		while (index->nslots < containers * 2)
			index->nslots *= 2;
		index->slots = roaring_alloc(index->nslots * sizeof(RoaringSlot));
		for (i = 0; i < index->nslots; i++)
			index->slots[i].key = NO_KEY;
		for (more = roaring_begin(&cursor, set); more; more = roaring_next(&cursor))
		{
			uint32		slot = slot_of_key(index, cursor.current.key);

			while (index->slots[slot].key != NO_KEY)
				slot = (slot + 1) & (index->nslots - 1);
			index->slots[slot] = (RoaringSlot) {
				cursor.current.key, cursor.current.data, cursor.current.cardinality,
				(uint16) cursor.current.nruns, (uint8) cursor.current.kind
			};
		}
		return;
	}
	index->sample_every = every = nbuckets < INDEX_SAMPLE_FROM ? 1 : INDEX_SAMPLE_EVERY;
	index->sample_highs = roaring_alloc((size_t) (nbuckets / every + 1) * sizeof(uint32));
	index->sample_at = roaring_alloc((size_t) (nbuckets / every + 1) * sizeof(size_t));
	for (i = 0, more = roaring_begin(&cursor, set); more; i++, more = roaring_next_bucket(&cursor))
		if (i % every == 0)
		{
			index->sample_highs[index->nsamples] = (uint32) cursor.high;
			index->sample_at[index->nsamples++] = (size_t) (cursor.bucket - 4 - set.bytes);
		}
}

void
roaring_index_free(RoaringIndex *index)
{
	if (index->slots != NULL)
		roaring_free(index->slots);
	if (index->sample_highs != NULL)
	{
		roaring_free(index->sample_highs);
		roaring_free(index->sample_at);
	}
}

/* Find the container of a key by the buckets noted; false if there is none. */
static bool
find_by_samples(RoaringIndex *index, uint64 key)
{
	uint64		begin = 0;
	uint64		n = index->nsamples;
	RoaringCursor cursor;

	/* the last bucket noted that is not after it */
	while (n > 0)
	{
		uint64		half = n / 2;

		if (index->sample_highs[begin + half] <= key >> 16)
		{
			begin += half + 1;
			n -= half + 1;
		}
		else
			n = half;
	}
	if (begin == 0)
		return false;
	if (!roaring_begin_at(&cursor, index->set, index->sample_at[begin - 1],
						  (begin - 1) * index->sample_every) ||
		!roaring_seek(&cursor, key) || cursor.current.key != key)
		return false;
	index->last = cursor.current;
	return true;
}

/* Is this a member? */
bool
roaring_index_contains(RoaringIndex *index, uint64 member)
{
	uint64		key = member >> 16;

	if (!index->any || index->last.key != key)
	{
		if (index->nslots > 0)
		{
			uint32		slot = slot_of_key(index, key);
			const RoaringSlot *found;

			while (index->slots[slot].key != key)
			{
				if (index->slots[slot].key == NO_KEY)
					return false;
				slot = (slot + 1) & (index->nslots - 1);
			}
			found = &index->slots[slot];
			index->last = (RoaringContainer) {
				found->key, found->data, found->cardinality, found->nruns, (RoaringKind) found->kind
			};
		}
		else if (!find_by_samples(index, key))
			return false;
		index->any = true;
	}
	return roaring_container_contains(&index->last, (uint16) member);
}
