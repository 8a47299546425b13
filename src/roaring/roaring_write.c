/*-------------------------------------------------------------------------
 *
 * roaring_write.c
 *		Writing sets: containers in their smallest form, bucket by bucket.
 *
 *-------------------------------------------------------------------------
 */
#include "roaring/roaring_words.h"
#include "roaring/roaring_write.h"

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
 * If the guess is right, nothing is moved when the bucket is finished.
 */
void
roaring_writer_guess(RoaringWriter *writer, uint32 containers, bool runs)
{
	writer->guess = containers;
	writer->guess_runs = runs;
}

static void
roaring_writer_reserve(RoaringWriter *writer, size_t more)
{
	if (writer->capacity - writer->size < more)
	{
		writer->capacity += more + writer->capacity / 2;
		writer->memory = roaring_realloc(writer->memory, writer->capacity);
	}
}

static void
roaring_writer_close_bucket(RoaringWriter *writer)
{
	bool		runs = writer->nruns > 0;
	uint32		n = writer->n;
	size_t		head = roaring_head_size(n, runs);
	size_t		payload = writer->size - writer->payload_at;
	uint8	   *at;
	uint32		i;

	if (writer->payload_at != writer->bucket_at + head)
	{
		if (writer->payload_at < writer->bucket_at + head)
			roaring_writer_reserve(writer, writer->bucket_at + head - writer->payload_at);
		memmove(writer->memory + writer->bucket_at + head, writer->memory + writer->payload_at,
				payload);
		writer->payload_at = writer->bucket_at + head;
		writer->size = writer->payload_at + payload;
	}
	at = writer->memory + writer->bucket_at;
	roaring_put32(at - 4, (uint32) writer->high);
	if (runs)
	{
		roaring_put32(at, ROARING_COOKIE_RUNS | (n - 1) << 16);
		at += 4;
		memset(at, 0, (n + 7) / 8);
		for (i = 0; i < n; i++)
			at[i / 8] |= (uint8) (writer->descriptions[i].runs << (i % 8));
		at += (n + 7) / 8;
	}
	else
	{
		roaring_put32(at, ROARING_COOKIE_PLAIN);
		roaring_put32(at + 4, n);
		at += 8;
	}
	for (i = 0; i < n; i++, at += 4)
	{
		roaring_put16(at, writer->descriptions[i].low_key);
		roaring_put16(at + 2, writer->descriptions[i].cardinality_less_1);
	}
	if (!runs || n >= ROARING_OFFSETS_FROM)
		for (i = 0; i < n; i++, at += 4)
			roaring_put32(at, (uint32) (head + writer->descriptions[i].at));
	writer->open = false;
	/* the next one may be like this one */
	roaring_writer_guess(writer, n, runs);
}

/* Room for a container of this key in so many bytes. */
static inline uint8 *
roaring_writer_begin(RoaringWriter *writer, uint64 key, uint32 size)
{
	if (!writer->open || key >> 16 != writer->high)
	{
		size_t		head;

		if (writer->open)
			roaring_writer_close_bucket(writer);
		head = roaring_head_size(writer->guess, writer->guess_runs);
		roaring_writer_reserve(writer, 4 + head);
		writer->high = key >> 16;
		writer->bucket_at = writer->size + 4;
		writer->payload_at = writer->size = writer->bucket_at + head;
		writer->n = writer->nruns = 0;
		writer->open = true;
		writer->nbuckets++;
		if (writer->nbuckets % 1024 == 0)
			kernel_check_interrupts();
	}
	roaring_writer_reserve(writer, size);
	return writer->memory + writer->size;
}

/* The container begun is written, in so many bytes. */
static inline void
roaring_writer_end(RoaringWriter *writer, uint64 key, uint32 cardinality, bool runs, uint32 size)
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
	uint32		size = roaring_container_size(container);

	memcpy(roaring_writer_begin(writer, container->key, size), roaring_container_begin(container), size);
	roaring_writer_end(writer, container->key, container->cardinality, container->kind == ROARING_RUNS, size);
}

/* Numbers as the bytes of an array container. */
static inline void
roaring_put_numbers(uint8 *at, const uint16 *numbers, uint32 n)
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
	if (roaring_runs_size(nruns) < roaring_plain_size(n))
	{
		uint32		begin = 0;

		at = roaring_writer_begin(writer, key, roaring_runs_size(nruns));
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
		roaring_writer_end(writer, key, n, true, roaring_runs_size(nruns));
	}
	else if (n > ROARING_ARRAY_MAX)
	{
		uint64		words[ROARING_BITMAP_WORDS];

		memset(words, 0, sizeof(words));
		for (i = 0; i < n; i++)
			words[numbers[i] / 64] |= UINT64_C(1) << (numbers[i] % 64);
		at = roaring_writer_begin(writer, key, ROARING_BITMAP_WORDS * 8);
		for (i = 0; i < ROARING_BITMAP_WORDS; i++)
			roaring_put64(at + i * 8, words[i]);
		roaring_writer_end(writer, key, n, false, ROARING_BITMAP_WORDS * 8);
	}
	else
	{
		at = roaring_writer_begin(writer, key, n * 2);
		roaring_put_numbers(at, numbers, n);
		roaring_writer_end(writer, key, n, false, n * 2);
	}
}

/* Write the runs of a bitmap; their number is given. */
static void
roaring_put_runs_of_words(uint8 *at, const uint64 *words, uint32 nruns)
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
roaring_write_counted(RoaringWriter *writer, uint64 key, const uint64 *words, RoaringCount count)
{
	uint8	   *at;
	uint32		i;

	if (count.members == 0)
		return;
	if (roaring_runs_size(count.runs) < roaring_plain_size(count.members))
	{
		at = roaring_writer_begin(writer, key, roaring_runs_size(count.runs));
		roaring_put16(at, (uint16) count.runs);
		roaring_put_runs_of_words(at + 2, words, count.runs);
		roaring_writer_end(writer, key, count.members, true, roaring_runs_size(count.runs));
	}
	else if (count.members > ROARING_ARRAY_MAX)
	{
		at = roaring_writer_begin(writer, key, ROARING_BITMAP_WORDS * 8);
		for (i = 0; i < ROARING_BITMAP_WORDS; i++)
			roaring_put64(at + i * 8, words[i]);
		roaring_writer_end(writer, key, count.members, false, ROARING_BITMAP_WORDS * 8);
	}
	else
	{
		uint16		numbers[ROARING_ARRAY_MAX + NUMBERS_AHEAD];

		at = roaring_writer_begin(writer, key, count.members * 2);
		roaring_words_numbers(words, numbers);
		roaring_put_numbers(at, numbers, count.members);
		roaring_writer_end(writer, key, count.members, false, count.members * 2);
	}
}

/* Write a container from a bitmap. */
void
roaring_write_bitmap(RoaringWriter *writer, uint64 key, const uint64 *words)
{
	roaring_write_counted(writer, key, words, roaring_words_count(words));
}

/* Write a container from two bitmaps combined. */
void
roaring_write_combined(RoaringWriter *writer, uint64 key, RoaringOperation operation,
					   const uint8 *a, const uint8 *b)
{
	uint64		words[ROARING_BITMAP_WORDS];

	roaring_write_counted(writer, key, words, roaring_words_combine(operation, a, b, words));
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
	if (roaring_runs_size(nruns) < roaring_plain_size(cardinality))
	{
		at = roaring_writer_begin(writer, key, roaring_runs_size(nruns));
		roaring_put16(at, (uint16) nruns);
		for (i = 0; i < nruns * 2; i++)
			roaring_put16(at + 2 + i * 2, runs[i]);
		roaring_writer_end(writer, key, cardinality, true, roaring_runs_size(nruns));
	}
	else if (cardinality <= ROARING_ARRAY_MAX)
	{
		uint32		number;

		at = roaring_writer_begin(writer, key, cardinality * 2);
		for (i = 0; i < nruns; i++)
			for (number = runs[i * 2]; number <= (uint32) runs[i * 2] + runs[i * 2 + 1]; number++)
			{
				roaring_put16(at, (uint16) number);
				at += 2;
			}
		roaring_writer_end(writer, key, cardinality, false, cardinality * 2);
	}
	else
	{
		const RoaringCount count = {cardinality, nruns};
		uint64		words[ROARING_BITMAP_WORDS];

		memset(words, 0, sizeof(words));
		for (i = 0; i < nruns; i++)
			roaring_words_set(words, runs[i * 2], (uint32) runs[i * 2] + runs[i * 2 + 1]);
		roaring_write_counted(writer, key, words, count);
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
		roaring_writer_close_bucket(writer);
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
		size += containers * (4 + 2) + whole * (4 + roaring_runs_size(1) - 2) + whole / 8 +
			whole / 65536 * 8;
		if (whole >= 65536)
			size -= 8;
	}
	return size;
}

/* Sort so that the keys ascend: by bytes, the lowest first, if they differ. */
static void
roaring_sort_by_key(uint64 *members, size_t n)
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
roaring_write_group(RoaringWriter *writer, const uint64 *members, size_t n)
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
	size_t		begin;
	size_t		end;

	roaring_sort_by_key(members, n);
	for (begin = 0; begin < n; begin = end)
	{
		const uint64 key = members[begin] >> 16;
		size_t		last = begin;	/* has the key */
		size_t		step;

		/* the end of the key's members, by steps that double, then by halves */
		for (step = 1; last + step < n && members[last + step] >> 16 == key; step *= 2)
			last += step;
		end = Min(last + step, n);
		while (end - last > 1)
		{
			const size_t middle = last + (end - last) / 2;

			if (members[middle] >> 16 == key)
				last = middle;
			else
				end = middle;
		}
		roaring_write_group(writer, members + begin, end - begin);
	}
}
