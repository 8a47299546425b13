/*-------------------------------------------------------------------------
 *
 * roaring.c
 *		Reading, writing and checking sets in the Roaring 64-bit portable
 *		format.
 *
 *-------------------------------------------------------------------------
 */
#include "roaring/roaring.h"
#include "roaring/roaring_words.h"

#define COOKIE_PLAIN 12346		/* no container is runs */
#define COOKIE_RUNS 12347		/* some are; the upper 16 bits: containers - 1 */
#define OFFSETS_FROM 4			/* with runs, so many containers have offsets */

#define SIGN_KEY UINT64_C(0x800000000000)	/* the sign of a member, in a key */

/* What a container takes, when it is not runs. */
static inline uint32
plain_size(uint32 cardinality)
{
	return cardinality <= ROARING_ARRAY_MAX ? cardinality * 2 : ROARING_BITMAP_WORDS * 8;
}

static inline uint32
runs_size(uint32 nruns)
{
	return 2 + nruns * 4;
}

/* What comes before the containers of a bucket, after its upper 32 bits. */
static size_t
head_size(uint32 n, bool runs)
{
	size_t		size = 4 + (size_t) n * 4 + (runs ? (n + 7) / 8 : 4);

	return runs && n < OFFSETS_FROM ? size : size + (size_t) n * 4;
}

/* Where the bytes of a container begin, the number of its runs included. */
static inline const uint8 *
container_begin(const RoaringContainer *container)
{
	return container->data - (container->kind == ROARING_RUNS ? 2 : 0);
}

static inline uint32
container_size(const RoaringContainer *container)
{
	return container->kind == ROARING_RUNS ? runs_size(container->nruns) :
		plain_size(container->cardinality);
}

/* ---- the cursor ---- */

/* These bytes of the set, which are there. */
static inline const uint8 *
cursor_bytes(const RoaringCursor *cursor, size_t at, size_t size)
{
	RoaringSource *source = cursor->source;

	if (source == NULL)
		return cursor->bytes + at;
	if (at < source->window_at || at + size > source->window_at + source->window_size)
		source->read(source, at, size);
	return source->window + (at - source->window_at);
}

/* Make the container `i` of the bucket, which begins here, the current one, yet without its data. */
static inline void
cursor_place(RoaringCursor *cursor, uint32 i, size_t at)
{
	RoaringContainer *current = &cursor->current;

	cursor->i = i;
	current->key = cursor->high << 16 | roaring_get16(cursor->keys + (size_t) i * 4);
	current->cardinality = roaring_get16(cursor->keys + (size_t) i * 4 + 2) + 1;
	if (cursor->run_flags != NULL && (cursor->run_flags[i / 8] >> (i % 8) & 1) != 0)
	{
		current->kind = ROARING_RUNS;
		current->nruns = roaring_get16(cursor_bytes(cursor, at, 2));
		cursor->next_at = at + runs_size(current->nruns);
	}
	else
	{
		current->kind = current->cardinality <= ROARING_ARRAY_MAX ? ROARING_ARRAY : ROARING_BITMAP;
		current->nruns = 0;
		cursor->next_at = at + plain_size(current->cardinality);
	}
}

/* Get the data of the current container. */
static inline bool
cursor_fetch(RoaringCursor *cursor)
{
	RoaringContainer *current = &cursor->current;
	uint32		size = container_size(current);

	current->data = cursor_bytes(cursor, cursor->next_at - size, size) +
		(current->kind == ROARING_RUNS ? 2 : 0);
	return true;
}

/* Go to a container of the bucket that is not before the current one, yet without its data. */
static inline void
cursor_go(RoaringCursor *cursor, uint32 i)
{
	if (cursor->offsets != NULL)
		cursor_place(cursor, i, cursor->bucket_at + roaring_get32(cursor->offsets + (size_t) i * 4));
	else
		while (cursor->i < i)
			cursor_place(cursor, cursor->i + 1, cursor->next_at);
}

/* Bytes at the beginning of a bucket, which stay where they are as long as it is read. */
static const uint8 *
cursor_head(RoaringCursor *cursor, size_t at, size_t size)
{
	RoaringSource *source = cursor->source;
	const uint8 *bytes = cursor_bytes(cursor, at, size);

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
 * yet without its data; false if it is empty.
 */
static bool
cursor_open(RoaringCursor *cursor, size_t at)
{
	const uint8 *head = cursor_bytes(cursor, at, 12);
	uint32		cookie = roaring_get32(head + 4);
	bool		runs = (cookie & 0xffff) == COOKIE_RUNS;
	size_t		size;

	cursor->high = roaring_get32(head);
	cursor->bucket_at = at + 4;
	cursor->n = runs ? (cookie >> 16) + 1 : roaring_get32(head + 8);
	size = 4 + head_size(cursor->n, runs);
	head = cursor_head(cursor, at, size) + 8;
	cursor->run_flags = NULL;
	if (runs)
	{
		cursor->run_flags = head;
		head += (cursor->n + 7) / 8;
	}
	else
		head += 4;
	cursor->keys = head;
	cursor->offsets = !runs || cursor->n >= OFFSETS_FROM ? head + (size_t) cursor->n * 4 : NULL;
	cursor->i = 0;
	cursor->next_at = at + size;
	if (cursor->n == 0)
		return false;
	cursor_place(cursor, 0, at + size);
	return true;
}

/* Go to the first container of the next bucket, yet without its data. */
static bool
cursor_next_bucket(RoaringCursor *cursor)
{
	for (;;)
	{
		if (cursor->buckets_left == 0)
		{
			if (!cursor->signed_order || cursor->wrapped)
				return false;
			/* the negative ones are done; now the others, from the beginning */
			cursor->wrapped = true;
			cursor->buckets_left = roaring_get64(cursor_bytes(cursor, 0, 8));
			if (cursor->buckets_left == 0)
				return false;
			cursor->next_at = 8;
		}
		cursor->buckets_left--;
		if (cursor_open(cursor, cursor->next_at))
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
cursor_skip_bucket(RoaringCursor *cursor)
{
	cursor_go(cursor, cursor->n - 1);
}

/* Begin without the data. */
static bool
cursor_begin(RoaringCursor *cursor, Roaring set, size_t at, uint64 buckets_before)
{
	cursor->bytes = set.bytes;
	cursor->source = set.source;
	cursor->buckets_left = roaring_get64(cursor_bytes(cursor, 0, 8)) - buckets_before;
	cursor->next_at = at;
	cursor->signed_order = false;
	cursor->wrapped = false;
	return cursor_next_bucket(cursor);
}

/* Begin with the bucket at this place of the bytes, before which there are so many. */
bool
roaring_begin_at(RoaringCursor *cursor, Roaring set, size_t at, uint64 buckets_before)
{
	return cursor_begin(cursor, set, at, buckets_before) && cursor_fetch(cursor);
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

	if (!cursor_begin(cursor, set, 8, 0))
		return false;
	while (cursor->high >> 31 == 0)
	{
		cursor_skip_bucket(cursor);
		if (!cursor_next_bucket(cursor))
			break;
		if (++looked % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}
	cursor->signed_order = true;
	if (cursor->high >> 31 == 0)
	{
		cursor->buckets_left = 0;
		if (!cursor_next_bucket(cursor))
			return false;
	}
	return cursor_fetch(cursor);
}

/* Go to the first container of the next bucket; false if there is none. */
bool
roaring_next_bucket(RoaringCursor *cursor)
{
	cursor_skip_bucket(cursor);
	return cursor_next_bucket(cursor) && cursor_fetch(cursor);
}

/* Go to the next container; false if there is none. */
bool
roaring_next(RoaringCursor *cursor)
{
	if (cursor->i + 1 < cursor->n)
		cursor_place(cursor, cursor->i + 1, cursor->next_at);
	else if (!cursor_next_bucket(cursor))
		return false;
	return cursor_fetch(cursor);
}

/* Keys in the order of the cursor. */
static inline uint64
ordered_key(const RoaringCursor *cursor, uint64 key)
{
	return cursor->signed_order ? key ^ SIGN_KEY : key;
}

/*
 * Go forward to the first container whose key is this or later in the order of
 * the cursor, yet without its data; false if there is none.
 */
static bool
cursor_seek(RoaringCursor *cursor, uint64 key)
{
	uint64		wanted = ordered_key(cursor, key);
	uint64		looked = 0;
	uint32		step = 1;
	uint32		low;
	uint32		high;

	if (ordered_key(cursor, cursor->current.key) >= wanted)
		return true;
	while (ordered_key(cursor, cursor->current.key) >> 16 != wanted >> 16)
	{
		cursor_skip_bucket(cursor);
		if (!cursor_next_bucket(cursor))
			return false;
		if (ordered_key(cursor, cursor->current.key) >= wanted)
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
		cursor_skip_bucket(cursor);
		return cursor_next_bucket(cursor);
	}
	cursor_go(cursor, high);
	return true;
}

/* The same, with its data. */
bool
roaring_seek(RoaringCursor *cursor, uint64 key)
{
	if (ordered_key(cursor, cursor->current.key) >= ordered_key(cursor, key))
		return true;
	return cursor_seek(cursor, key) && cursor_fetch(cursor);
}

/* Find the container of a key; false if there is none. */
bool
roaring_find(RoaringCursor *cursor, Roaring set, uint64 key)
{
	uint32		first;
	uint32		guess;

	if (!cursor_begin(cursor, set, 8, 0) || cursor->current.key > key)
		return false;
	/* where all keys from the first on are there, this is the place */
	first = (uint32) (cursor->current.key & 0xffff);
	if (cursor->high == key >> 16 && cursor->offsets != NULL)
	{
		guess = (uint32) (key & 0xffff) - first;
		if (guess < cursor->n && roaring_get16(cursor->keys + (size_t) guess * 4) == (uint16) key)
		{
			cursor_go(cursor, guess);
			return cursor_fetch(cursor);
		}
	}
	return cursor_seek(cursor, key) && cursor->current.key == key && cursor_fetch(cursor);
}

/* ---- the writer ---- */

/* What is noted of a container until its bucket is finished. */
typedef struct RoaringDescription
{
	uint16		low_key;
	uint16		cardinality_less_1;
	uint32		runs;			/* 1 or 0 */
	size_t		at;				/* after payload_at */
} RoaringDescription;

/* Begin a set whose bytes will probably be so many. */
void
roaring_writer_init(RoaringWriter *writer, size_t room, size_t size_hint)
{
	memset(writer, 0, sizeof(RoaringWriter));
	writer->room = room;
	writer->capacity = room + size_hint + 64;
	writer->memory = roaring_alloc(writer->capacity);
	writer->size = room + 8;
	writer->guess = 1;
}

/*
 * How many containers the next bucket may have, and whether any may be runs.
 * If it is so, nothing has to be moved when the bucket is finished.
 */
void
roaring_writer_guess(RoaringWriter *writer, uint32 containers, bool runs)
{
	writer->guess = containers;
	writer->guess_runs = runs;
}

static void
writer_reserve(RoaringWriter *writer, size_t more)
{
	if (writer->capacity - writer->size < more)
	{
		writer->capacity += more + writer->capacity / 2;
		writer->memory = roaring_realloc(writer->memory, writer->capacity);
	}
}

static void
writer_close_bucket(RoaringWriter *writer)
{
	bool		runs = writer->nruns > 0;
	uint32		n = writer->n;
	size_t		head = head_size(n, runs);
	size_t		payload = writer->size - writer->payload_at;
	uint8	   *at;
	uint32		i;

	if (writer->payload_at != writer->bucket_at + head)
	{
		if (writer->payload_at < writer->bucket_at + head)
			writer_reserve(writer, writer->bucket_at + head - writer->payload_at);
		memmove(writer->memory + writer->bucket_at + head, writer->memory + writer->payload_at,
				payload);
		writer->payload_at = writer->bucket_at + head;
		writer->size = writer->payload_at + payload;
	}
	at = writer->memory + writer->bucket_at;
	roaring_put32(at - 4, (uint32) writer->high);
	if (runs)
	{
		roaring_put32(at, COOKIE_RUNS | (n - 1) << 16);
		at += 4;
		memset(at, 0, (n + 7) / 8);
		for (i = 0; i < n; i++)
			at[i / 8] |= (uint8) (writer->descriptions[i].runs << (i % 8));
		at += (n + 7) / 8;
	}
	else
	{
		roaring_put32(at, COOKIE_PLAIN);
		roaring_put32(at + 4, n);
		at += 8;
	}
	for (i = 0; i < n; i++, at += 4)
	{
		roaring_put16(at, writer->descriptions[i].low_key);
		roaring_put16(at + 2, writer->descriptions[i].cardinality_less_1);
	}
	if (!runs || n >= OFFSETS_FROM)
		for (i = 0; i < n; i++, at += 4)
			roaring_put32(at, (uint32) (head + writer->descriptions[i].at));
	writer->open = false;
	/* the next one may be like this one */
	roaring_writer_guess(writer, n, runs);
}

/* Room for a container of this key in so many bytes. */
static inline uint8 *
writer_begin(RoaringWriter *writer, uint64 key, uint32 size)
{
	if (!writer->open || key >> 16 != writer->high)
	{
		size_t		head;

		if (writer->open)
			writer_close_bucket(writer);
		head = head_size(writer->guess, writer->guess_runs);
		writer_reserve(writer, 4 + head);
		writer->high = key >> 16;
		writer->bucket_at = writer->size + 4;
		writer->payload_at = writer->size = writer->bucket_at + head;
		writer->n = writer->nruns = 0;
		writer->open = true;
		writer->nbuckets++;
		if (writer->nbuckets % 1024 == 0)
			kernel_check_interrupts();
	}
	writer_reserve(writer, size);
	return writer->memory + writer->size;
}

/* The container begun is written, in so many bytes. */
static inline void
writer_end(RoaringWriter *writer, uint64 key, uint32 cardinality, bool runs, uint32 size)
{
	RoaringDescription *description;

	if (writer->n == writer->described)
	{
		writer->described = writer->described == 0 ? 16 : writer->described * 2;
		if (writer->descriptions == NULL)
			writer->descriptions = roaring_alloc(writer->described * sizeof(RoaringDescription));
		else
			writer->descriptions = roaring_realloc(writer->descriptions,
												   writer->described * sizeof(RoaringDescription));
	}
	description = &writer->descriptions[writer->n++];
	description->low_key = (uint16) key;
	description->cardinality_less_1 = (uint16) (cardinality - 1);
	description->runs = runs;
	description->at = writer->size - writer->payload_at;
	writer->nruns += runs;
	writer->cardinality += cardinality;
	writer->size += size;
	if (writer->n % 1024 == 0)
		kernel_check_interrupts();
}

/* Write a container as it is; it must be of its smallest form. */
void
roaring_write_container(RoaringWriter *writer, const RoaringContainer *container)
{
	uint32		size = container_size(container);

	memcpy(writer_begin(writer, container->key, size), container_begin(container), size);
	writer_end(writer, container->key, container->cardinality, container->kind == ROARING_RUNS, size);
}

/* Numbers as the bytes of an array container. */
static inline void
put_numbers(uint8 *at, const uint16 *numbers, uint32 n)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	uint32		i;

	for (i = 0; i < n; i++)
		roaring_put16(at + i * 2, numbers[i]);
#else
	memcpy(at, numbers, (size_t) n * 2);
#endif
}

/* Write a container of numbers in ascending order, any number of them. */
void
roaring_write_array(RoaringWriter *writer, uint64 key, const uint16 *numbers, uint32 n)
{
	uint32		nruns = 1;
	uint8	   *at;
	uint32		i;

	if (n == 0)
		return;
	for (i = 1; i < n; i++)
		nruns += numbers[i] != numbers[i - 1] + 1;
	if (runs_size(nruns) < plain_size(n))
	{
		uint32		begin = 0;

		at = writer_begin(writer, key, runs_size(nruns));
		roaring_put16(at, (uint16) nruns);
		at += 2;
		for (i = 1; i <= n; i++)
			if (i == n || numbers[i] != numbers[i - 1] + 1)
			{
				roaring_put16(at, numbers[begin]);
				roaring_put16(at + 2, (uint16) (i - 1 - begin));
				at += 4;
				begin = i;
			}
		writer_end(writer, key, n, true, runs_size(nruns));
	}
	else if (n > ROARING_ARRAY_MAX)
	{
		uint64		words[ROARING_BITMAP_WORDS];

		memset(words, 0, sizeof(words));
		for (i = 0; i < n; i++)
			words[numbers[i] / 64] |= UINT64_C(1) << (numbers[i] % 64);
		at = writer_begin(writer, key, ROARING_BITMAP_WORDS * 8);
		for (i = 0; i < ROARING_BITMAP_WORDS; i++)
			roaring_put64(at + i * 8, words[i]);
		writer_end(writer, key, n, false, ROARING_BITMAP_WORDS * 8);
	}
	else
	{
		at = writer_begin(writer, key, n * 2);
		put_numbers(at, numbers, n);
		writer_end(writer, key, n, false, n * 2);
	}
}

/* Write the runs of a bitmap, of which there are so many. */
static void
put_runs_of_words(uint8 *at, const uint64 *words, uint32 nruns)
{
	uint32		bit = 0;

	for (; nruns > 0; nruns--)
	{
		uint32		first;
		uint64		word = words[bit / 64] >> (bit % 64);

		/* the next one, then the next zero after it */
		if (word == 0)
		{
			for (bit = (bit / 64 + 1) * 64; words[bit / 64] == 0; bit += 64)
				;
			word = words[bit / 64];
		}
		first = bit += (uint32) __builtin_ctzll(word);
		word = ~words[bit / 64] >> (bit % 64);
		if (word == 0)
		{
			for (bit = (bit / 64 + 1) * 64;
				 bit < 65536 && words[bit / 64] == ~UINT64_C(0); bit += 64)
				;
			if (bit < 65536)
				bit += (uint32) __builtin_ctzll(~words[bit / 64]);
		}
		else
			bit += (uint32) __builtin_ctzll(word);
		roaring_put16(at, (uint16) first);
		roaring_put16(at + 2, (uint16) (bit - 1 - first));
		at += 4;
	}
}

/* Write a container from a bitmap that has been counted. */
static void
write_counted(RoaringWriter *writer, uint64 key, const uint64 *words, RoaringCount count)
{
	uint8	   *at;
	uint32		i;

	if (count.members == 0)
		return;
	if (runs_size(count.runs) < plain_size(count.members))
	{
		at = writer_begin(writer, key, runs_size(count.runs));
		roaring_put16(at, (uint16) count.runs);
		put_runs_of_words(at + 2, words, count.runs);
		writer_end(writer, key, count.members, true, runs_size(count.runs));
	}
	else if (count.members > ROARING_ARRAY_MAX)
	{
		at = writer_begin(writer, key, ROARING_BITMAP_WORDS * 8);
		for (i = 0; i < ROARING_BITMAP_WORDS; i++)
			roaring_put64(at + i * 8, words[i]);
		writer_end(writer, key, count.members, false, ROARING_BITMAP_WORDS * 8);
	}
	else
	{
		uint16		numbers[ROARING_ARRAY_MAX + NUMBERS_AHEAD];

		at = writer_begin(writer, key, count.members * 2);
		roaring_words_numbers(words, numbers);
		put_numbers(at, numbers, count.members);
		writer_end(writer, key, count.members, false, count.members * 2);
	}
}

/* Write a container from a bitmap. */
void
roaring_write_bitmap(RoaringWriter *writer, uint64 key, const uint64 *words)
{
	write_counted(writer, key, words, roaring_words_count(words));
}

/* Write a container from two bitmaps combined. */
void
roaring_write_combined(RoaringWriter *writer, uint64 key, RoaringOperation operation,
					   const uint8 *a, const uint8 *b)
{
	uint64		words[ROARING_BITMAP_WORDS];

	write_counted(writer, key, words, roaring_words_combine(operation, a, b, words));
}

/*
 * Write a container from runs (first, length - 1) that are in order, do not
 * touch, and number 32768 at most.
 */
void
roaring_write_runs(RoaringWriter *writer, uint64 key, const uint16 *runs, uint32 nruns)
{
	uint32		cardinality = nruns;
	uint8	   *at;
	uint32		i;

	if (nruns == 0)
		return;
	for (i = 0; i < nruns; i++)
		cardinality += runs[i * 2 + 1];
	if (runs_size(nruns) < plain_size(cardinality))
	{
		at = writer_begin(writer, key, runs_size(nruns));
		roaring_put16(at, (uint16) nruns);
		for (i = 0; i < nruns * 2; i++)
			roaring_put16(at + 2 + i * 2, runs[i]);
		writer_end(writer, key, cardinality, true, runs_size(nruns));
	}
	else if (cardinality <= ROARING_ARRAY_MAX)
	{
		uint32		number;

		at = writer_begin(writer, key, cardinality * 2);
		for (i = 0; i < nruns; i++)
			for (number = runs[i * 2]; number <= (uint32) runs[i * 2] + runs[i * 2 + 1]; number++)
			{
				roaring_put16(at, (uint16) number);
				at += 2;
			}
		writer_end(writer, key, cardinality, false, cardinality * 2);
	}
	else
	{
		const RoaringCount count = {cardinality, nruns};
		uint64		words[ROARING_BITMAP_WORDS];

		memset(words, 0, sizeof(words));
		for (i = 0; i < nruns; i++)
			roaring_words_set(words, runs[i * 2], (uint32) runs[i * 2] + runs[i * 2 + 1]);
		write_counted(writer, key, words, count);
	}
}

/*
 * Finish the set.  The memory is the writer's `memory`, of which `size` bytes
 * are in use.
 */
Roaring
roaring_writer_finish(RoaringWriter *writer)
{
	if (writer->open)
		writer_close_bucket(writer);
	roaring_put64(writer->memory + writer->room, writer->nbuckets);
	if (writer->descriptions != NULL)
	{
		roaring_free(writer->descriptions);
		writer->descriptions = NULL;
	}
	return roaring_of_bytes(writer->memory + writer->room, writer->size - writer->room);
}

/* ---- from ranges and members ---- */

/*
 * Write ranges that are in order, do not touch, and come after what has been
 * written.
 */
void
roaring_write_ranges(RoaringWriter *writer, RoaringRange *ranges, size_t n)
{
	uint16	   *runs = roaring_alloc(32768 * 2 * sizeof(uint16));
	uint32		nruns = 0;
	uint64		key = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		uint64		first = ranges[i].first;

		for (;;)
		{
			uint64		last = ranges[i].last;

			if (nruns > 0 && first >> 16 != key)
			{
				roaring_write_runs(writer, key, runs, nruns);
				nruns = 0;
			}
			key = first >> 16;
			if (last >> 16 != key)
				last = first | 0xffff;
			runs[nruns * 2] = (uint16) first;
			runs[nruns * 2 + 1] = (uint16) (last - first);
			nruns++;
			if (last == ranges[i].last)
				break;
			first = last + 1;
		}
	}
	roaring_write_runs(writer, key, runs, nruns);
	roaring_free(runs);
}

/*
 * What a set of these ranges takes at least, known without writing it.  The
 * ranges ascend and do not touch.  It is nearly exact for the containers that a
 * range fills.  Those with an end of a range, at most two for each, count as if
 * they had one member.
 */
uint64
roaring_ranges_least_size(const RoaringRange *ranges, size_t n)
{
	uint64		size = ROARING_EMPTY_SIZE;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		uint64		first = ranges[i].first >> 16;
		uint64		last = ranges[i].last >> 16;
		uint64		containers = last - first + 1;
		uint64		whole = containers > 2 ? containers - 2 : 0;

		if (i > 0 && first == ranges[i - 1].last >> 16)
			containers--;

		/*
		 * Key and cardinality of each, and a member.  The whole ones are a
		 * run, with its flag and an offset; a bucket of too few for offsets
		 * saves less than its head, so of those a few are not counted.
		 */
		size += containers * (4 + 2) + whole * (4 + runs_size(1) - 2) + whole / 8 +
			whole / 65536 * 8;
		if (whole >= 65536)
			size -= 8;
	}
	return size;
}

/* Sort so that the keys ascend: by bytes, the lowest first, if they differ. */
static void
sort_by_key(uint64 *members, size_t n)
{
	uint64		any = 0;
	uint64		all = ~UINT64_C(0);
	uint64	   *from = members;
	uint64	   *scratch;
	uint64	   *to;
	bool		sorted = true;
	int			shift;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		any |= members[i];
		all &= members[i];
		sorted &= i == 0 || members[i] >> 16 >= members[i - 1] >> 16;
	}
	if (sorted)
		return;
	if (n <= 32)
	{
		for (i = 1; i < n; i++)
		{
			uint64		member = members[i];
			size_t		j = i;

			for (; j > 0 && members[j - 1] > member; j--)
				members[j] = members[j - 1];
			members[j] = member;
		}
		return;
	}
	scratch = roaring_alloc(n * sizeof(uint64));
	to = scratch;
	for (shift = 16; shift < 64; shift += 8)
	{
		size_t		begin[256];
		size_t		sum = 0;
		int			digit;

		if (((any ^ all) >> shift & 0xff) == 0)
			continue;
		memset(begin, 0, sizeof(begin));
		for (i = 0; i < n; i++)
			begin[from[i] >> shift & 0xff]++;
		for (digit = 0; digit < 256; digit++)
		{
			size_t		count = begin[digit];

			begin[digit] = sum;
			sum += count;
		}
		for (i = 0; i < n; i++)
			to[begin[from[i] >> shift & 0xff]++] = from[i];
		to = from;
		from = from == members ? scratch : members;
		kernel_check_interrupts();
	}
	if (from != members)
		memcpy(members, from, n * sizeof(uint64));
	roaring_free(scratch);
}

/* Write one container from members of one key, in any order. */
static void
write_group(RoaringWriter *writer, const uint64 *members, size_t n)
{
	uint64		key = members[0] >> 16;

	if (n < 64)
	{
		uint16		numbers[64];
		uint32		distinct = 0;
		size_t		i;

		for (i = 0; i < n; i++)
		{
			uint16		number = (uint16) members[i];
			uint32		j = distinct;

			for (; j > 0 && numbers[j - 1] > number; j--)
				;
			if (j > 0 && numbers[j - 1] == number)
				continue;
			memmove(&numbers[j + 1], &numbers[j], (distinct - j) * sizeof(uint16));
			numbers[j] = number;
			distinct++;
		}
		roaring_write_array(writer, key, numbers, distinct);
	}
	else
	{
		uint64		words[ROARING_BITMAP_WORDS];
		size_t		i;

		memset(words, 0, sizeof(words));
		for (i = 0; i < n; i++)
			words[(members[i] & 0xffff) / 64] |= UINT64_C(1) << (members[i] % 64);
		roaring_write_bitmap(writer, key, words);
	}
}

/*
 * Write members in any order, with duplicates, that come after what has been
 * written.  They are sorted in place.
 */
void
roaring_write_members(RoaringWriter *writer, uint64 *members, size_t n)
{
	size_t		begin = 0;
	size_t		i;

	sort_by_key(members, n);
	for (i = 1; i <= n; i++)
		if (i == n || members[i] >> 16 != members[begin] >> 16)
		{
			write_group(writer, members + begin, i - begin);
			begin = i;
		}
}

/* ---- what others wrote ---- */

/* Check one container; NULL or what is wrong with it. */
static const char *
validate_container(const RoaringContainer *container, size_t size, bool *canonical)
{
	const uint8 *data = container->data;
	uint32		nruns;
	uint32		i;

	if (container->kind == ROARING_RUNS)
	{
		uint32		cardinality = 0;
		uint32		next = 0;	/* where the next run may begin */

		nruns = container->nruns;
		if (nruns == 0)
			return "a container without runs";
		if (size < runs_size(nruns))
			return "a run container that ends too early";
		for (i = 0; i < nruns; i++)
		{
			uint32		first = roaring_number(data, i * 2);
			uint32		length = roaring_number(data, i * 2 + 1) + 1;

			if (first < next)
				return "runs out of order";
			if (first + length > 65536)
				return "a run past the end of its container";
			if (i > 0 && first == next)
				*canonical = false;
			next = first + length;
			cardinality += length;
		}
		if (cardinality != container->cardinality)
			return "a wrong cardinality of a run container";
		if (runs_size(nruns) >= plain_size(cardinality))
			*canonical = false;
		return NULL;
	}
	if (size < plain_size(container->cardinality))
		return container->kind == ROARING_ARRAY ? "an array container that ends too early" :
			"a bitmap container that ends too early";
	if (container->kind == ROARING_ARRAY)
	{
		nruns = 1;
		for (i = 1; i < container->cardinality; i++)
		{
			if (roaring_number(data, i) <= roaring_number(data, i - 1))
				return "an array container out of order";
			nruns += roaring_number(data, i) != roaring_number(data, i - 1) + 1;
		}
	}
	else
	{
		uint64		words[ROARING_BITMAP_WORDS];
		RoaringCount count;

		roaring_words_load(words, data);
		count = roaring_words_count(words);
		if (count.members != container->cardinality)
			return "a wrong cardinality of a bitmap container";
		nruns = count.runs;
	}
	if (runs_size(nruns) < plain_size(container->cardinality))
		*canonical = false;
	return NULL;
}

/* Check one bucket; NULL or what is wrong with it. */
static const char *
validate_bucket(const uint8 **at, const uint8 *end, bool *canonical)
{
	const uint8 *bucket = *at;
	size_t		left = (size_t) (end - bucket);
	RoaringCursor cursor;
	uint32		cookie;
	uint64		n;
	uint64		head;
	uint32		i;
	bool		runs;
	bool		any_runs = false;
	const uint8 *expected;

	if (left < 12)
		return "a bucket that ends too early";
	cookie = roaring_get32(bucket + 4);
	runs = (cookie & 0xffff) == COOKIE_RUNS;
	if (!runs && cookie != COOKIE_PLAIN)
		return "an unknown cookie";
	n = runs ? (cookie >> 16) + 1 : roaring_get32(bucket + 8);
	if (n > 65536)
		return "too many containers in a bucket";
	head = 4 + head_size((uint32) n, runs);
	if (head > left)
		return "containers that end too early";
	if (n == 0)
	{
		*canonical = false;
		*at = bucket + head;
		return NULL;
	}

	/* as cursor_open() does, but its first container is not safe yet */
	cursor.high = 0;
	cursor.bytes = bucket;
	cursor.source = NULL;
	cursor.bucket_at = 4;
	cursor.run_flags = runs ? bucket + 8 : NULL;
	cursor.keys = runs ? bucket + 8 + (n + 7) / 8 : bucket + 12;
	cursor.offsets = !runs || n >= OFFSETS_FROM ? cursor.keys + n * 4 : NULL;
	if (runs && n % 8 != 0 && cursor.run_flags[n / 8] >> (n % 8) != 0)
		return "run flags of containers that do not exist";
	expected = bucket + head;
	for (i = 0; i < n; i++)
	{
		const char *wrong;

		if (i > 0 && roaring_get16(cursor.keys + i * 4) <= roaring_get16(cursor.keys + (i - 1) * 4))
			return "containers out of order";
		if (cursor.offsets != NULL &&
			roaring_get32(cursor.offsets + i * 4) != (uint64) (expected - bucket) - cursor.bucket_at)
			return "a wrong offset of a container";
		if ((size_t) (end - expected) < 2)
			return "a container that ends too early";
		cursor_place(&cursor, i, (size_t) (expected - bucket));
		cursor_fetch(&cursor);
		wrong = validate_container(&cursor.current, (size_t) (end - expected), canonical);
		if (wrong != NULL)
			return wrong;
		any_runs |= cursor.current.kind == ROARING_RUNS;
		expected = bucket + cursor.next_at;
		if (i % 1024 == 0)
			kernel_check_interrupts();
	}
	if (runs && !any_runs)
		*canonical = false;
	*at = expected;
	return NULL;
}

/*
 * Are these bytes a set?  NULL, or what is wrong with them; `canonical` says
 * whether they are as this file writes them.
 */
const char *
roaring_validate(const uint8 *bytes, size_t size, bool *canonical)
{
	const uint8 *end = bytes + size;
	const uint8 *at;
	uint64		nbuckets;
	uint64		i;
	uint32		high = 0;

	*canonical = true;
	if (size < 8)
		return "fewer than 8 bytes";
	at = bytes + 8;
	nbuckets = roaring_get64(bytes);
	/* each takes 12 bytes or more */
	if (nbuckets > (size - 8) / 12)
		return "too many buckets for so few bytes";
	for (i = 0; i < nbuckets; i++)
	{
		const char *wrong;

		if ((size_t) (end - at) < 12)
			return "a bucket that ends too early";
		if (i > 0 && roaring_get32(at) <= high)
			return "buckets out of order";
		high = roaring_get32(at);
		wrong = validate_bucket(&at, end, canonical);
		if (wrong != NULL)
			return wrong;
	}
	return at == end ? NULL : "bytes after the end";
}

/* Write a valid set again, each container in its smallest form. */
void
roaring_canonical(RoaringWriter *writer, Roaring set)
{
	RoaringCursor cursor;
	bool		more;

	for (more = roaring_begin(&cursor, set); more; more = roaring_next(&cursor))
	{
		const RoaringContainer *container = &cursor.current;
		uint64		words[ROARING_BITMAP_WORDS];
		uint32		i;

		if (cursor.i == 0)
			roaring_writer_guess(writer, cursor.n, cursor.run_flags != NULL);
		memset(words, 0, sizeof(words));
		if (container->kind == ROARING_ARRAY)
			for (i = 0; i < container->cardinality; i++)
			{
				uint32		number = roaring_number(container->data, i);

				words[number / 64] |= UINT64_C(1) << (number % 64);
			}
		else if (container->kind == ROARING_BITMAP)
			roaring_words_load(words, container->data);
		else
			for (i = 0; i < container->nruns; i++)
				roaring_words_set(words, roaring_number(container->data, i * 2),
								  roaring_number(container->data, i * 2) +
								  roaring_number(container->data, i * 2 + 1));
		roaring_write_bitmap(writer, container->key, words);
	}
}
