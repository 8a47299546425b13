/*-------------------------------------------------------------------------
 *
 * numset_build.c
 *		Numsets from entries and entries from numsets.
 *
 *-------------------------------------------------------------------------
 */
#include "numset/numset_build.h"

/* The smallest id of bigint, as an unsigned number. */
#define FIRST_NEGATIVE (UINT64_C(1) << 63)

/*
 * Exchange bit j of word i with bit i of word j: halves, then quarters, down
 * to single bits.
 */
static void
numset_transpose(uint64 *words)
{
	uint64		mask = UINT64_C(0x00000000FFFFFFFF);
	uint32		j;
	uint32		k;

	for (j = 32; j != 0; j >>= 1, mask ^= mask << j)
		for (k = 0; k < 64; k = ((k | j) + 1) & ~j)
		{
			uint64		x = ((words[k] >> j) ^ words[k | j]) & mask;

			words[k] ^= x << j;
			words[k | j] ^= x;
		}
}

/* ---- writing ---- */

/* Begin a numset whose smallest value will be this one, of so many users at most. */
void
numset_writer_init(NumsetWriter *writer, size_t room, int64 minimum, uint64 most)
{
	size_t		n = most < NUMSET_BLOCK_USERS ? (size_t) most + 1 : NUMSET_BLOCK_USERS;

	memset(writer, 0, sizeof(NumsetWriter));
	writer->room = room;
	writer->minimum = minimum;
	writer->size = room + NUMSET_HEAD_SIZE;
	writer->capacity = writer->size + 1000;
	writer->memory = roaring_alloc(writer->capacity);
	writer->ids = roaring_alloc(n * sizeof(uint64));
	writer->offsets = roaring_alloc(n * sizeof(uint64));
}

static void
numset_put_bytes(NumsetWriter *writer, const void *bytes, size_t n)
{
	if (writer->capacity - writer->size < n)
	{
		writer->capacity += n + writer->capacity / 2;
		writer->memory = roaring_realloc(writer->memory, writer->capacity);
	}
	memcpy(writer->memory + writer->size, bytes, n);
	writer->size += n;
}

/* The entries gathered become a block. */
void
numset_write_block(NumsetWriter *writer)
{
	uint32		n = writer->n;
	uint32		nwords = (n + 63) / 64;
	uint64		any = 0;
	uint32		width = 0;
	uint8		number[8];
	uint8	   *entry;
	uint64		first;
	RoaringWriter sets;
	Roaring		set;
	uint64	   *words;
	uint64		bitmap[NUMSET_WORDS];
	uint32		i;
	uint32		k;

	if (n == 0)
		return;
	kernel_check_interrupts();
	first = writer->ids[0];
	roaring_writer_init(&sets, 0, (size_t) n * 2);
	roaring_write_members(&sets, writer->ids, n);
	set = roaring_writer_finish(&sets);
	roaring_put32(number, (uint32) set.size);
	numset_put_bytes(writer, number, 4);
	numset_put_bytes(writer, set.bytes, set.size);
	roaring_free(sets.memory);

	for (i = 0; i < n; i++)
		any |= writer->offsets[i];
	while (width < 64 && any >> width != 0)
		width++;
	words = roaring_alloc((size_t) (width + 1) * nwords * sizeof(uint64));
	for (k = 0; k < nwords; k++)
	{
		uint64		rows[64];
		uint32		here = n - k * 64 < 64 ? n - k * 64 : 64;

		memcpy(rows, writer->offsets + k * 64, here * sizeof(uint64));
		memset(rows + here, 0, (64 - here) * sizeof(uint64));
		numset_transpose(rows);
		for (i = 0; i < width; i++)
			words[(size_t) i * nwords + k] = rows[i];
	}
	memset(bitmap, 0, sizeof(bitmap));
	roaring_writer_init(&sets, 0, (size_t) width * nwords * 8);
	roaring_writer_guess(&sets, width, false);
	for (i = 0; i < width; i++)
	{
		memcpy(bitmap, words + (size_t) i * nwords, nwords * sizeof(uint64));
		roaring_write_bitmap(&sets, i, bitmap);
	}
	set = roaring_writer_finish(&sets);
	numset_put_bytes(writer, set.bytes, set.size);
	roaring_free(sets.memory);
	roaring_free(words);

	if (writer->nblocks == writer->directory_capacity)
	{
		size_t		size;

		writer->directory_capacity = writer->directory_capacity == 0 ? 4 : writer->directory_capacity * 2;
		size = (size_t) writer->directory_capacity * NUMSET_ENTRY_SIZE;
		writer->directory = writer->directory == NULL ? roaring_alloc(size) :
			roaring_realloc(writer->directory, size);
	}
	entry = writer->directory + (size_t) writer->nblocks++ * NUMSET_ENTRY_SIZE;
	roaring_put64(entry, first);
	roaring_put64(entry + 8, writer->size - writer->room);
	writer->users += n;
	writer->width = width > writer->width ? width : writer->width;
	writer->n = 0;
}

/* Finish the numset.  The memory is the writer's `memory`, `size` bytes of it. */
Numset
numset_writer_finish(NumsetWriter *writer)
{
	Numset		set;
	uint8	   *head;

	numset_write_block(writer);
	if (writer->directory != NULL)
	{
		numset_put_bytes(writer, writer->directory, (size_t) writer->nblocks * NUMSET_ENTRY_SIZE);
		roaring_free(writer->directory);
	}
	roaring_free(writer->ids);
	roaring_free(writer->offsets);
	head = writer->memory + writer->room;
	memset(head, 0, NUMSET_HEAD_SIZE);
	head[0] = NUMSET_VERSION;
	head[1] = (uint8) writer->width;
	roaring_put32(head + 4, writer->nblocks);
	roaring_put64(head + 8, writer->users == 0 ? 0 : (uint64) writer->minimum);
	roaring_put64(head + 16, writer->users);
	set.bytes = head;
	set.size = writer->size - writer->room;
	return set;
}

/* ---- reading ---- */

void
numset_reader_begin(NumsetReader *reader, Numset set, const Roaring *filter)
{
	numset_scan_begin(&reader->scan, set, filter);
	reader->filter = filter;
	reader->negative = false;
	reader->i = reader->n = 0;
}

/* Begin with the most negative id. */
void
numset_reader_begin_signed(NumsetReader *reader, Numset set, const Roaring *filter)
{
	uint32		i;

	numset_reader_begin(reader, set, filter);
	reader->negative = true;
	if (numset_block_of(set, FIRST_NEGATIVE, &i))
		reader->scan.next = i;
}

/* The next entry in signed order, or NULL after the last. */
const NumsetEntry *
numset_reader_next_signed(NumsetReader *reader)
{
	const NumsetEntry *entry;

	while (reader->negative)
	{
		entry = numset_reader_peek(reader);
		if (entry == NULL)
		{
			numset_reader_begin(reader, reader->scan.set, reader->filter);
			break;
		}
		reader->i++;
		if (entry->user >= FIRST_NEGATIVE)
			return entry;
	}
	entry = numset_reader_peek(reader);
	if (entry == NULL || entry->user >= FIRST_NEGATIVE)
		return NULL;
	reader->i++;
	return entry;
}

/* The ids of a block. */
static void
numset_read_users(NumsetReader *reader)
{
	NumsetEntry *entries = reader->entries;
	RoaringCursor cursor;
	const RoaringContainer *here = &cursor.current;
	uint32		n = 0;
	uint32		i;
	bool		more;

	for (more = roaring_begin(&cursor, reader->scan.block.users); more; more = roaring_next(&cursor))
	{
		uint64		base = here->key << 16;

		switch (here->kind)
		{
			case ROARING_ARRAY:
				for (i = 0; i < here->cardinality; i++)
					entries[n++].user = base | roaring_number(here->data, i);
				break;
			case ROARING_BITMAP:
				for (i = 0; i < ROARING_BITMAP_WORDS; i++)
				{
					uint64		word = roaring_get64(here->data + i * 8);

					for (; word != 0; word &= word - 1)
						entries[n++].user = base | (i * 64 + (uint32) __builtin_ctzll(word));
				}
				break;
			case ROARING_RUNS:
				for (i = 0; i < here->nruns; i++)
				{
					uint64		user = base | roaring_number(here->data, i * 2);
					uint32		left = roaring_number(here->data, i * 2 + 1) + 1;

					for (; left > 0; left--)
						entries[n++].user = user++;
				}
				break;
		}
	}
}

/* The values of a block: many by transposing bitmaps, few bit by bit. */
static void
numset_read_values(NumsetReader *reader)
{
	const NumsetBlock *block = &reader->scan.block;
	NumsetEntry *entries = reader->entries;
	uint64		minimum = (uint64) numset_minimum(reader->scan.set);
	uint32		dense[NUMSET_SLICES_MAX];
	uint32		ndense = 0;
	uint32		slice;
	uint32		i;
	uint32		k;

	for (slice = 0; slice < NUMSET_SLICES_MAX; slice++)
		if ((block->present >> slice & 1) != 0 && block->slices[slice].kind == ROARING_BITMAP)
			dense[ndense++] = slice;
	for (k = 0; k < block->nwords; k++)
	{
		uint64		rows[64];
		uint32		here = block->n - k * 64 < 64 ? block->n - k * 64 : 64;

		memset(rows, 0, sizeof(rows));
		if (ndense > 0)
		{
			for (i = 0; i < ndense; i++)
				rows[dense[i]] = roaring_get64(block->slices[dense[i]].data + k * 8);
			numset_transpose(rows);
		}
		for (i = 0; i < here; i++)
			entries[k * 64 + i].value = (int64) rows[i];
	}
	for (slice = 0; slice < NUMSET_SLICES_MAX; slice++)
	{
		const RoaringContainer *container = &block->slices[slice];
		int64		bit = (int64) (UINT64_C(1) << slice);

		if ((block->present >> slice & 1) == 0 || container->kind == ROARING_BITMAP)
			continue;
		if (container->kind == ROARING_ARRAY)
			for (i = 0; i < container->cardinality; i++)
				entries[roaring_number(container->data, i)].value |= bit;
		else
			for (i = 0; i < container->nruns; i++)
			{
				uint32		rank = roaring_number(container->data, i * 2);
				uint32		last = rank + roaring_number(container->data, i * 2 + 1);

				for (; rank <= last; rank++)
					entries[rank].value |= bit;
			}
	}
	for (i = 0; i < block->n; i++)
		entries[i].value = (int64) ((uint64) entries[i].value + minimum);
}

/* Read the next block; false if there is none. */
bool
numset_reader_fill(NumsetReader *reader)
{
	const NumsetBlock *block = &reader->scan.block;
	uint32		i;

	reader->i = reader->n = 0;
	if (!numset_scan_next(&reader->scan))
		return false;
	numset_read_users(reader);
	numset_read_values(reader);
	if (reader->scan.nchosen == block->n)
		reader->n = block->n;
	else
		for (i = 0; i < block->n; i++)
		{
			reader->entries[reader->n] = reader->entries[i];
			reader->n += reader->scan.chosen[i / 64] >> (i % 64) & 1;
		}
	return true;
}

/* ---- two numsets ---- */

/* Go over the users of both; write them, or only find the smallest value. */
static NumsetProblem
numset_combine_pass(NumsetCombination combination, NumsetReader *a, NumsetReader *b,
					NumsetWriter *writer, int64 *minimum, int64 *user)
{
	const NumsetEntry *x = numset_reader_peek(a);
	const NumsetEntry *y = numset_reader_peek(b);

	while (x != NULL || y != NULL)
	{
		NumsetEntry entry;

		if (y == NULL || (x != NULL && x->user < y->user))
		{
			entry = *x;
			a->i++;
		}
		else if (x == NULL || y->user < x->user)
		{
			entry = *y;
			b->i++;
		}
		else
		{
			entry.user = x->user;
			*user = (int64) x->user;
			if (combination == NUMSET_MERGE)
				return NUMSET_SHARED;
			if (__builtin_add_overflow(x->value, y->value, &entry.value))
				return NUMSET_OVERFLOW;
			a->i++;
			b->i++;
		}
		if (writer != NULL)
			numset_write(writer, entry.user, entry.value);
		else if (entry.value < *minimum)
			*minimum = entry.value;
		x = numset_reader_peek(a);
		y = numset_reader_peek(b);
	}
	return NUMSET_FINE;
}

/* Write two numsets together, if they can be. */
NumsetProblem
numset_combine(NumsetWriter *writer, size_t room, NumsetCombination combination,
			   Numset a, Numset b, int64 *user)
{
	NumsetReader *x = roaring_alloc(sizeof(NumsetReader));
	NumsetReader *y = roaring_alloc(sizeof(NumsetReader));
	int64		minimum = PG_INT64_MAX;
	NumsetProblem problem = NUMSET_FINE;

	if (combination == NUMSET_MERGE)
	{
		if (numset_count(a) > 0)
			minimum = numset_minimum(a);
		if (numset_count(b) > 0 && numset_minimum(b) < minimum)
			minimum = numset_minimum(b);
	}
	else
	{
		numset_reader_begin(x, a, NULL);
		numset_reader_begin(y, b, NULL);
		problem = numset_combine_pass(combination, x, y, NULL, &minimum, user);
	}
	if (problem == NUMSET_FINE)
	{
		numset_writer_init(writer, room, minimum, numset_count(a) + numset_count(b));
		numset_reader_begin(x, a, NULL);
		numset_reader_begin(y, b, NULL);
		problem = numset_combine_pass(combination, x, y, writer, &minimum, user);
		(void) numset_writer_finish(writer);
		if (problem != NUMSET_FINE)
			roaring_free(writer->memory);
	}
	roaring_free(x);
	roaring_free(y);
	return problem;
}

/* ---- entries in any order ---- */

#define GATHER_FIRST 8
#define GATHER_TIDY_FIRST 65536

void
numset_gather_init(NumsetGather *gather)
{
	memset(gather, 0, sizeof(NumsetGather));
	gather->tidy_at = GATHER_TIDY_FIRST;
}

/* Make room; when there are many entries, by summing up first. */
void
numset_gather_reserve(NumsetGather *gather, uint64 more)
{
	if (gather->capacity - gather->n >= more)
		return;
	if (gather->n >= gather->tidy_at)
	{
		uint64		before = gather->n;

		numset_gather_tidy(gather);
		/* if most users came once, it is not worth trying again soon */
		gather->tidy_at = gather->n > before / 2 ? gather->n * 4 : gather->n * 2;
		if (gather->tidy_at < GATHER_TIDY_FIRST)
			gather->tidy_at = GATHER_TIDY_FIRST;
		if (gather->n <= before / 2 && gather->capacity - gather->n >= more)
			return;
	}
	if (gather->entries == NULL)
	{
		gather->capacity = more > GATHER_FIRST ? more : GATHER_FIRST;
		gather->entries = roaring_alloc((size_t) gather->capacity * sizeof(NumsetEntry));
		return;
	}
	gather->capacity = gather->n + more > gather->capacity * 2 ? gather->n + more : gather->capacity * 2;
	gather->entries = roaring_realloc(gather->entries, (size_t) gather->capacity * sizeof(NumsetEntry));
}

/* Sort by user, as unsigned numbers, 11 bits at once, the lowest first. */
static void
numset_sort_entries(NumsetEntry *entries, size_t n)
{
	uint64		any = 0;
	uint64		all = ~UINT64_C(0);
	NumsetEntry *scratch;
	NumsetEntry *from = entries;
	NumsetEntry *to;
	bool		sorted = true;
	size_t		i;
	int			shift;

	for (i = 0; i < n; i++)
	{
		any |= entries[i].user;
		all &= entries[i].user;
		sorted &= i == 0 || entries[i].user >= entries[i - 1].user;
	}
	if (sorted)
		return;
	if (n <= 64)
	{
		for (i = 1; i < n; i++)
		{
			NumsetEntry entry = entries[i];
			size_t		j = i;

			for (; j > 0 && entries[j - 1].user > entry.user; j--)
				entries[j] = entries[j - 1];
			entries[j] = entry;
		}
		return;
	}
	scratch = roaring_alloc(n * sizeof(NumsetEntry));
	to = scratch;
	for (shift = 0; shift < 64; shift += 11)
	{
		size_t		begin[2048];
		size_t		sum = 0;
		int			digit;

		if (((any ^ all) >> shift & 2047) == 0)
			continue;
		memset(begin, 0, sizeof(begin));
		for (i = 0; i < n; i++)
			begin[from[i].user >> shift & 2047]++;
		for (digit = 0; digit < 2048; digit++)
		{
			size_t		count = begin[digit];

			begin[digit] = sum;
			sum += count;
		}
		for (i = 0; i < n; i++)
			to[begin[from[i].user >> shift & 2047]++] = from[i];
		to = from;
		from = from == entries ? scratch : entries;
		kernel_check_interrupts();
	}
	if (from != entries)
		memcpy(entries, from, n * sizeof(NumsetEntry));
	roaring_free(scratch);
}

void
numset_gather_sort(NumsetGather *gather)
{
	if (gather->n > 0)
		numset_sort_entries(gather->entries, (size_t) gather->n);
}

/* Sums of many numbers: 128 bits. */
typedef struct WideSum
{
	uint64		low;
	int64		high;
} WideSum;

static inline void
wide_add(WideSum *sum, int64 value)
{
	sum->low += (uint64) value;
	sum->high += (sum->low < (uint64) value) + (value < 0 ? -1 : 0);
}

static inline bool
wide_fits(const WideSum *sum)
{
	return sum->high == ((int64) sum->low < 0 ? -1 : 0);
}

/* Sort, and sum up the entries of each user. */
void
numset_gather_tidy(NumsetGather *gather)
{
	NumsetEntry *entries = gather->entries;
	uint64		n = 0;
	uint64		i = 0;

	if (gather->tidy || gather->n == 0)
		return;
	numset_gather_sort(gather);
	while (i < gather->n)
	{
		uint64		user = entries[i].user;
		WideSum		sum = {0, 0};

		for (; i < gather->n && entries[i].user == user; i++)
			wide_add(&sum, entries[i].value);

		/*
		 * of more than bigint, as many entries as it takes: never more than
		 * there were
		 */
		while (!wide_fits(&sum))
		{
			int64		part = sum.high < 0 ? PG_INT64_MIN : PG_INT64_MAX;

			entries[n].user = user;
			entries[n++].value = part;
			if (part == PG_INT64_MIN)
			{
				wide_add(&sum, PG_INT64_MAX);
				wide_add(&sum, 1);
			}
			else
				wide_add(&sum, -part);
		}
		entries[n].user = user;
		entries[n++].value = (int64) sum.low;
		if (n % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}
	gather->n = n;
	gather->tidy = true;
}

/* Write what was gathered, if every sum is a bigint. */
NumsetProblem
numset_gather_write(NumsetGather *gather, NumsetWriter *writer, size_t room, int64 *user)
{
	int64		minimum = PG_INT64_MAX;
	uint64		i;

	numset_gather_tidy(gather);
	for (i = 0; i < gather->n; i++)
	{
		if (i > 0 && gather->entries[i].user == gather->entries[i - 1].user)
		{
			*user = (int64) gather->entries[i].user;
			return NUMSET_OVERFLOW;
		}
		if (gather->entries[i].value < minimum)
			minimum = gather->entries[i].value;
	}
	numset_writer_init(writer, room, minimum, gather->n);
	for (i = 0; i < gather->n; i++)
		numset_write(writer, gather->entries[i].user, gather->entries[i].value);
	(void) numset_writer_finish(writer);
	return NUMSET_FINE;
}
