/*-------------------------------------------------------------------------
 *
 * roaring_check.c
 *		Validation of sets from outside, and making them canonical.
 *
 *-------------------------------------------------------------------------
 */
#include "roaring/roaring_cursor.h"
#include "roaring/roaring_words.h"
#include "roaring/roaring_write.h"

/* Check one container; NULL or what is wrong with it. */
static const char *
roaring_validate_container(const RoaringContainer *container, size_t size, bool *canonical)
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
		if (size < roaring_runs_size(nruns))
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
		if (roaring_runs_size(nruns) >= roaring_plain_size(cardinality))
			*canonical = false;
		return NULL;
	}
	if (size < roaring_plain_size(container->cardinality))
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
	if (roaring_runs_size(nruns) < roaring_plain_size(container->cardinality))
		*canonical = false;
	return NULL;
}

/* Check one bucket; NULL or what is wrong with it. */
static const char *
roaring_validate_bucket(const uint8 **at, const uint8 *end, bool *canonical)
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
	runs = (cookie & 0xffff) == ROARING_COOKIE_RUNS;
	if (!runs && cookie != ROARING_COOKIE_PLAIN)
		return "an unknown cookie";
	n = runs ? (cookie >> 16) + 1 : roaring_get32(bucket + 8);
	if (n > 65536)
		return "too many containers in a bucket";
	head = 4 + roaring_head_size((uint32) n, runs);
	if (head > left)
		return "containers that end too early";
	if (n == 0)
	{
		*canonical = false;
		*at = bucket + head;
		return NULL;
	}

	/* as roaring_cursor_open() does, but its first container is not safe yet */
	cursor.high = 0;
	cursor.bytes = bucket;
	cursor.source = NULL;
	cursor.bucket_at = 4;
	cursor.run_flags = runs ? bucket + 8 : NULL;
	cursor.keys = runs ? bucket + 8 + (n + 7) / 8 : bucket + 12;
	cursor.offsets = !runs || n >= ROARING_OFFSETS_FROM ? cursor.keys + n * 4 : NULL;
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
		roaring_cursor_place(&cursor, i, (size_t) (expected - bucket));
		roaring_cursor_fetch(&cursor);
		wrong = roaring_validate_container(&cursor.current, (size_t) (end - expected), canonical);
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
 * Validate the bytes of a set.  Returns NULL, or what is wrong; `canonical`
 * says whether they equal the bytes that this file would write.
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
		wrong = roaring_validate_bucket(&at, end, canonical);
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
