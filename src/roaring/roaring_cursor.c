/*-------------------------------------------------------------------------
 *
 * roaring_cursor.c
 *		From container to container of a set.
 *
 *-------------------------------------------------------------------------
 */
#include "roaring/roaring_cursor.h"

/* Go to a container of the bucket that is not before the current one, yet without its data. */
static inline void
roaring_cursor_go(RoaringCursor *cursor, uint32 i)
{
	if (cursor->offsets != NULL)
		roaring_cursor_place(cursor, i, cursor->bucket_at + roaring_get32(cursor->offsets + (size_t) i * 4));
	else
		while (cursor->i < i)
			roaring_cursor_place(cursor, cursor->i + 1, cursor->next_at);
}

/* Bytes at the beginning of a bucket, which stay where they are as long as it is read. */
static const uint8 *
roaring_cursor_head(RoaringCursor *cursor, size_t at, size_t size)
{
	RoaringSource *source = cursor->source;
	const uint8 *bytes = roaring_cursor_bytes(cursor, at, size);

	if (source == NULL)
		return bytes;
	if (size > source->head_capacity)
	{
		if (source->head != NULL)
			roaring_free(source->head);
		source->head_capacity = 0;
		source->head = roaring_alloc(size);
		source->head_capacity = size;
	}
	memcpy(source->head, bytes, size);
	return source->head;
}

/*
 * Read the head of the bucket that begins here and go to its first container,
 * without reading its data; false if the bucket is empty.
 */
static bool
roaring_cursor_open(RoaringCursor *cursor, size_t at)
{
	const uint8 *head = roaring_cursor_bytes(cursor, at, 12);
	uint32		cookie = roaring_get32(head + 4);
	bool		runs = (cookie & 0xffff) == ROARING_COOKIE_RUNS;
	size_t		size;

	cursor->high = roaring_get32(head);
	cursor->bucket_at = at + 4;
	cursor->n = runs ? (cookie >> 16) + 1 : roaring_get32(head + 8);
	size = 4 + roaring_head_size(cursor->n, runs);
	head = roaring_cursor_head(cursor, at, size) + 8;
	cursor->run_flags = NULL;
	if (runs)
	{
		cursor->run_flags = head;
		head += (cursor->n + 7) / 8;
	}
	else
		head += 4;
	cursor->keys = head;
	cursor->offsets = !runs || cursor->n >= ROARING_OFFSETS_FROM ? head + (size_t) cursor->n * 4 : NULL;
	cursor->i = 0;
	cursor->next_at = at + size;
	if (cursor->n == 0)
		return false;
	roaring_cursor_place(cursor, 0, at + size);
	return true;
}

/* Go to the first container of the next bucket, yet without its data. */
static bool
roaring_cursor_next_bucket(RoaringCursor *cursor)
{
	for (;;)
	{
		if (cursor->buckets_left == 0)
		{
			if (!cursor->signed_order || cursor->wrapped)
				return false;
			/* the negative ones are done; now the others, from the beginning */
			cursor->wrapped = true;
			cursor->buckets_left = roaring_get64(roaring_cursor_bytes(cursor, 0, 8));
			if (cursor->buckets_left == 0)
				return false;
			cursor->next_at = 8;
		}
		cursor->buckets_left--;
		if (roaring_cursor_open(cursor, cursor->next_at))
		{
			if (cursor->signed_order && cursor->wrapped && cursor->high >> 31 != 0)
			{
				cursor->buckets_left = 0;
				return false;
			}
			return true;
		}
	}
}

/* Go to the end of the bucket without looking at its containers. */
static inline void
roaring_cursor_skip_bucket(RoaringCursor *cursor)
{
	roaring_cursor_go(cursor, cursor->n - 1);
}

/* Begin without the data. */
static bool
roaring_cursor_begin(RoaringCursor *cursor, Roaring set, size_t at, uint64 buckets_before)
{
	cursor->bytes = set.bytes;
	cursor->source = set.source;
	cursor->buckets_left = roaring_get64(roaring_cursor_bytes(cursor, 0, 8)) - buckets_before;
	cursor->next_at = at;
	cursor->signed_order = false;
	cursor->wrapped = false;
	return roaring_cursor_next_bucket(cursor);
}

/* Begin with the bucket at this place of the bytes, before which there are so many. */
bool
roaring_begin_at(RoaringCursor *cursor, Roaring set, size_t at, uint64 buckets_before)
{
	return roaring_cursor_begin(cursor, set, at, buckets_before) && roaring_cursor_fetch(cursor);
}

/* Begin with the container of the lowest key; false if there is none. */
bool
roaring_begin(RoaringCursor *cursor, Roaring set)
{
	return roaring_begin_at(cursor, set, 8, 0);
}

/* Begin with the container of the most negative members. */
bool
roaring_begin_signed(RoaringCursor *cursor, Roaring set)
{
	uint64		looked = 0;

	if (!roaring_cursor_begin(cursor, set, 8, 0))
		return false;
	while (cursor->high >> 31 == 0)
	{
		roaring_cursor_skip_bucket(cursor);
		if (!roaring_cursor_next_bucket(cursor))
			break;
		if (++looked % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}
	cursor->signed_order = true;
	if (cursor->high >> 31 == 0)
	{
		cursor->buckets_left = 0;
		if (!roaring_cursor_next_bucket(cursor))
			return false;
	}
	return roaring_cursor_fetch(cursor);
}

/* Go to the first container of the next bucket; false if there is none. */
bool
roaring_next_bucket(RoaringCursor *cursor)
{
	roaring_cursor_skip_bucket(cursor);
	return roaring_cursor_next_bucket(cursor) && roaring_cursor_fetch(cursor);
}

/* Go to the next container; false if there is none. */
bool
roaring_next(RoaringCursor *cursor)
{
	if (cursor->i + 1 < cursor->n)
		roaring_cursor_place(cursor, cursor->i + 1, cursor->next_at);
	else if (!roaring_cursor_next_bucket(cursor))
		return false;
	return roaring_cursor_fetch(cursor);
}

/* Keys in the order of the cursor. */
static inline uint64
roaring_ordered_key(const RoaringCursor *cursor, uint64 key)
{
	return cursor->signed_order ? key ^ ROARING_SIGN_KEY : key;
}

/*
 * Go forward to the first container whose key is this or later in the order
 * of the cursor, without reading its data; false if there is none.
 */
static bool
roaring_cursor_seek(RoaringCursor *cursor, uint64 key)
{
	uint64		wanted = roaring_ordered_key(cursor, key);
	uint64		looked = 0;
	uint32		step = 1;
	uint32		low;
	uint32		high;

	if (roaring_ordered_key(cursor, cursor->current.key) >= wanted)
		return true;
	while (roaring_ordered_key(cursor, cursor->current.key) >> 16 != wanted >> 16)
	{
		roaring_cursor_skip_bucket(cursor);
		if (!roaring_cursor_next_bucket(cursor))
			return false;
		if (roaring_ordered_key(cursor, cursor->current.key) >= wanted)
			return true;
		if (++looked % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}

	/* in this bucket: gallop, then halve; all up to `low` are before */
	low = cursor->i;
	while (low + step < cursor->n &&
		   roaring_get16(cursor->keys + (size_t) (low + step) * 4) < (uint16) key)
	{
		low += step;
		step *= 2;
	}
	high = low + step < cursor->n ? low + step : cursor->n;
	while (high - low > 1)
	{
		uint32		middle = low + (high - low) / 2;

		if (roaring_get16(cursor->keys + (size_t) middle * 4) < (uint16) key)
			low = middle;
		else
			high = middle;
	}
	if (high == cursor->n)
	{
		roaring_cursor_skip_bucket(cursor);
		return roaring_cursor_next_bucket(cursor);
	}
	roaring_cursor_go(cursor, high);
	return true;
}

/* The same, with its data. */
bool
roaring_seek(RoaringCursor *cursor, uint64 key)
{
	if (roaring_ordered_key(cursor, cursor->current.key) >= roaring_ordered_key(cursor, key))
		return true;
	return roaring_cursor_seek(cursor, key) && roaring_cursor_fetch(cursor);
}

/* Find the container of a key; false if there is none. */
bool
roaring_find(RoaringCursor *cursor, Roaring set, uint64 key)
{
	uint32		first;
	uint32		guess;

	if (!roaring_cursor_begin(cursor, set, 8, 0) || cursor->current.key > key)
		return false;
	/* where all keys from the first on are there, this is the place */
	first = (uint32) (cursor->current.key & 0xffff);
	if (cursor->high == key >> 16 && cursor->offsets != NULL)
	{
		guess = (uint32) (key & 0xffff) - first;
		if (guess < cursor->n && roaring_get16(cursor->keys + (size_t) guess * 4) == (uint16) key)
		{
			roaring_cursor_go(cursor, guess);
			return roaring_cursor_fetch(cursor);
		}
	}
	return roaring_cursor_seek(cursor, key) && cursor->current.key == key && roaring_cursor_fetch(cursor);
}
