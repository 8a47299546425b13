/*-------------------------------------------------------------------------
 *
 * roaring_lookup.c
 *		Members of a set: lookup, rank and iteration.
 *
 *-------------------------------------------------------------------------
 */
#include "roaring/roaring_lookup.h"
#include "roaring/roaring_words.h"

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
	return key ^ ROARING_SIGN_KEY;
}

/*
 * How many numbers of an array, or first numbers of runs, are below this one.
 * The halves are chosen without a branch, because it would be unpredictable.
 */
static inline uint32
roaring_numbers_below(const uint8 *data, uint32 n, uint32 stride, uint32 number)
{
	uint32		begin = 0;

	while (n > 1)
	{
		uint32		half = n / 2;

		begin += half & -(uint32) (roaring_number(data, (begin + half - 1) * stride) < number);
		n -= half;
	}
	return begin + (n == 1 && roaring_number(data, begin * stride) < number);
}

/* About where a number of an array is, if they are spread evenly, and how far it may be from there. */
#define ARRAY_GUESS(n, low) ((uint32) (((uint64) (n) * (low)) >> 16))
#define ARRAY_SPREAD(n) ((n) / 32 + 16)

/* Is this number in an array?  Most arrays need to be searched only around the guess. */
static inline bool
roaring_array_contains(const uint8 *data, uint32 n, uint32 low)
{
	uint32		guess = ARRAY_GUESS(n, low);
	uint32		spread = ARRAY_SPREAD(n);
	uint32		begin = guess > spread ? guess - spread : 0;
	uint32		end = n - guess > spread ? guess + spread : n;

	/*
	 * the place is from begin to end: numbers before begin are below, that at
	 * end is not
	 */
	if (begin > 0 && roaring_number(data, begin - 1) >= low)
	{
		end = begin - 1;
		begin = 0;
	}
	else if (end < n && roaring_number(data, end) < low)
	{
		begin = end + 1;
		end = n;
	}
	begin += roaring_numbers_below(data + (size_t) begin * 2, end - begin, 1, low);
	return begin < n && roaring_number(data, begin) == low;
}

static inline bool
roaring_runs_contain(const uint8 *data, uint32 nruns, uint32 low)
{
	/* the last run that begins at or before it */
	uint32		i = roaring_numbers_below(data, nruns, 2, low + 1);

	return i > 0 && low <= roaring_number(data, i * 2 - 2) + roaring_number(data, i * 2 - 1);
}

bool
roaring_container_contains(const RoaringContainer *container, uint16 low)
{
	switch (container->kind)
	{
		case ROARING_BITMAP:
			return (container->data[low / 8] >> (low % 8) & 1) != 0;
		case ROARING_ARRAY:
			return roaring_array_contains(container->data, container->cardinality, low);
		case ROARING_RUNS:
			return roaring_runs_contain(container->data, container->nruns, low);
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
			return roaring_numbers_below(container->data, container->cardinality, 1, low + 1);
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
roaring_container_select(const RoaringContainer *container, uint32 n)
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
			*member = member_of(cursor.current.key, roaring_container_select(&cursor.current, (uint32) n));
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
			iterator->position = roaring_numbers_below(container->data, container->cardinality, 1, low);
			break;
		case ROARING_RUNS:
			iterator->position = roaring_numbers_below(container->data, container->nruns, 2, low + 1);
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
roaring_next_container(RoaringIterator *iterator)
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
					roaring_next_container(iterator);
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
					roaring_next_container(iterator);
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
					roaring_next_container(iterator);
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
		roaring_next_container(iterator);
	}
	return false;

found:
	*first = member_of(container->key, begin);
	*last = member_of(container->key, end);
	return true;
}

/* ---- many look-ups ---- */

/* A container; without data: none. */
typedef struct RoaringSlot
{
	const uint8 *data;
	uint32		n;				/* members of an array, or runs */
	RoaringKind kind;
} RoaringSlot;

#define NO_KEY UINT64_MAX

/* Up to so many containers have a slot each; of more, only buckets are noted. */
#define INDEX_CONTAINERS_MAX (UINT64_C(1) << 20)

/*
 * Each key from the first to the last has a slot, if there are at most this
 * number of slots for each container; otherwise, a hash of the key gives the
 * slot.
 */
#define INDEX_DIRECT_SLOTS 4

/* At most so many buckets between two that are noted, in sets of so many. */
#define INDEX_SAMPLE_EVERY 16
#define INDEX_SAMPLE_FROM 65536

static inline uint32
hash_of_key(const RoaringIndex *index, uint64 key)
{
	return (uint32) ((key * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (index->nslots - 1);
}

/* The slot of a key, or an empty one. */
static inline RoaringSlot *
slot_of_key(const RoaringIndex *index, uint64 key)
{
	uint32		slot;

	if (index->keys == NULL)
		/* the slot after the last stays empty */
		return &index->slots[key - index->first_key < index->nslots ?
							 key - index->first_key : index->nslots];
	slot = hash_of_key(index, key);
	while (index->keys[slot] != key && index->keys[slot] != NO_KEY)
		slot = (slot + 1) & (index->nslots - 1);
	return &index->slots[slot];
}

static inline RoaringSlot
roaring_slot_of_container(const RoaringContainer *container)
{
	RoaringSlot slot;

	slot.data = container->data;
	slot.n = container->kind == ROARING_RUNS ? container->nruns : container->cardinality;
	slot.kind = container->kind;
	return slot;
}

/* Give each container a slot. */
static void
roaring_index_containers(RoaringIndex *index, uint64 containers, uint64 first_key, uint64 last_key)
{
	RoaringCursor cursor;
	uint64		i;
	bool		more;

	if (last_key - first_key < containers * INDEX_DIRECT_SLOTS)
	{
		index->first_key = first_key;
		index->nslots = (uint32) (last_key - first_key) + 1;
	}
	else
	{
		index->nslots = 4;
		while (index->nslots < containers * 2)
			index->nslots *= 2;
		index->keys = roaring_alloc(index->nslots * sizeof(uint64));
		for (i = 0; i < index->nslots; i++)
			index->keys[i] = NO_KEY;
	}
	index->slots = roaring_alloc(((size_t) index->nslots + 1) * sizeof(RoaringSlot));
	memset(index->slots, 0, ((size_t) index->nslots + 1) * sizeof(RoaringSlot));
	for (more = roaring_begin(&cursor, index->set); more; more = roaring_next(&cursor))
	{
		RoaringSlot *slot = slot_of_key(index, cursor.current.key);

		*slot = roaring_slot_of_container(&cursor.current);
		if (index->keys != NULL)
			index->keys[slot - index->slots] = cursor.current.key;
	}
}

/* Make ready for many look-ups in a set, whose bytes stay in use. */
void
roaring_index_init(RoaringIndex *index, Roaring set)
{
	RoaringCursor cursor;
	uint64		containers = 0;
	uint64		nbuckets = roaring_get64(set.bytes);
	uint64		first_key = 0;
	uint64		last_key = 0;
	uint64		every;
	uint64		i;
	bool		more;

	memset(index, 0, sizeof(RoaringIndex));
	index->set = set;
	for (more = roaring_begin(&cursor, set); more; more = roaring_next_bucket(&cursor))
	{
		if (containers == 0)
			first_key = cursor.current.key;
		last_key = cursor.high << 16 | roaring_get16(cursor.keys + (size_t) (cursor.n - 1) * 4);
		containers += cursor.n;
		if (cursor.buckets_left % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}
	if (containers == 0)
		return;
	if (containers <= INDEX_CONTAINERS_MAX)
	{
		roaring_index_containers(index, containers, first_key, last_key);
		return;
	}
	index->sample_every = every = nbuckets < INDEX_SAMPLE_FROM ? 1 : INDEX_SAMPLE_EVERY;
	index->sample_highs = roaring_alloc((size_t) (nbuckets / every + 1) * sizeof(uint32));
	index->sample_at = roaring_alloc((size_t) (nbuckets / every + 1) * sizeof(size_t));
	for (i = 0, more = roaring_begin(&cursor, set); more; i++, more = roaring_next_bucket(&cursor))
		if (i % every == 0)
		{
			index->sample_highs[index->nsamples] = (uint32) cursor.high;
			index->sample_at[index->nsamples++] = cursor.bucket_at - 4;
		}
}

void
roaring_index_free(RoaringIndex *index)
{
	if (index->slots != NULL)
		roaring_free(index->slots);
	if (index->keys != NULL)
		roaring_free(index->keys);
	if (index->sample_highs != NULL)
	{
		roaring_free(index->sample_highs);
		roaring_free(index->sample_at);
	}
}

/* Find the container of a key by the buckets noted; false if there is none. */
static bool
roaring_find_by_samples(RoaringIndex *index, uint64 key)
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
	index->any = true;
	return true;
}

/* Is this a member? */
bool
roaring_index_contains(RoaringIndex *index, uint64 member)
{
	uint64		key = member >> 16;
	uint32		low = (uint16) member;
	const RoaringSlot *slot;

	if (index->slots == NULL)
		return ((index->any && index->last.key == key) || roaring_find_by_samples(index, key)) &&
			roaring_container_contains(&index->last, (uint16) low);
	slot = slot_of_key(index, key);
	if (slot->data == NULL)
		return false;
	switch (slot->kind)
	{
		case ROARING_BITMAP:
			return (slot->data[low / 8] >> (low % 8) & 1) != 0;
		case ROARING_ARRAY:
			return roaring_array_contains(slot->data, slot->n, low);
		case ROARING_RUNS:
			return roaring_runs_contain(slot->data, slot->n, low);
	}
	return false;
}

/*
 * Ask for the memory that will be needed to say whether this is a member.
 */
void
roaring_index_ahead(const RoaringIndex *index, uint64 member)
{
	uint32		low = (uint16) member;
	const RoaringSlot *slot;

	if (index->slots == NULL)
		return;
	slot = slot_of_key(index, member >> 16);
	if (slot->data == NULL)
		return;
	switch (slot->kind)
	{
		case ROARING_BITMAP:
			__builtin_prefetch(slot->data + low / 8);
			break;
		case ROARING_ARRAY:
			__builtin_prefetch(slot->data + ARRAY_GUESS(slot->n, low) * 2);
			break;
		case ROARING_RUNS:
			/* where the search begins to be far from what it has seen */
			__builtin_prefetch(slot->data + ARRAY_GUESS(slot->n, low) * 4);
			break;
	}
}
