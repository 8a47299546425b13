/*-------------------------------------------------------------------------
 *
 * test_numset.c
 *		Numsets against plain arrays of users and values.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "numset/numset.h"
#include "random.h"
#include "roaring/roaring_words.h"
#include "tap.h"
#include "tests.h"

/* The model: entries in ascending order of unsigned ids. */
typedef struct Model
{
	NumsetEntry *entries;
	size_t		n;
} Model;

static int
compare_entries(const void *a, const void *b)
{
	const NumsetEntry *x = a;
	const NumsetEntry *y = b;

	return (x->user > y->user) - (x->user < y->user);
}

static int
compare_values(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return (x > y) - (x < y);
}

/* A value of one of several kinds. */
static int64
random_value(Random *random, uint64 kind)
{
	switch (kind)
	{
		case 0:
			return 42;
		case 1:
			return (int64) random_below(random, 1000) - 500;
		case 2:
			return (int64) random_next(random);
		case 3:					/* few are large */
			return random_below(random, 500) == 0 ? (int64) (random_next(random) >> 20) :
				(int64) random_below(random, 8);
		case 4:
			return random_below(random, 2) == 0 ? PG_INT64_MIN : PG_INT64_MAX;
		default:
			return (int64) random_below(random, UINT64_C(1) << (1 + random_below(random, 40)));
	}
}

/* Users that are dense, sparse, few, or scattered, perhaps over the sign. */
static Model
random_model(Random *random)
{
	static const uint64 bases[] = {
		0, 60000, UINT64_C(0xfffffff0), UINT64_C(0x7fffffffffff8000), UINT64_C(0xffffffffffe00000)
	};
	Model		model;
	uint64		shape = random_below(random, 6);
	uint64		kind = random_below(random, 6);
	size_t		n = shape == 0 ? random_below(random, 5) : shape == 1 ? random_below(random, 300) :
		random_below(random, shape == 5 ? 3000 : 150000);
	uint64		user = bases[random_below(random, 5)];
	uint64		gap = shape == 5 ? UINT64_C(1) << 44 : shape == 4 ? 200 : shape == 3 ? 3 : 1;
	size_t		i;

	model.entries = malloc((n + 1) * sizeof(NumsetEntry));
	for (i = 0; i < n; i++)
	{
		model.entries[i].user = user;
		model.entries[i].value = random_value(random, kind);
		/* the ids wrap around from the negative ones to 0 */
		user += 1 + random_below(random, gap);
	}
	if (n > 0)
		qsort(model.entries, n, sizeof(NumsetEntry), compare_entries);
	model.n = n == 0 ? 0 : 1;
	for (i = 1; i < n; i++)
		if (model.entries[i].user != model.entries[model.n - 1].user)
			model.entries[model.n++] = model.entries[i];
	return model;
}

/* In memory of exactly its size, so that a sanitizer sees what is read past it. */
static Numset
exact(NumsetWriter *writer)
{
	Numset		set = {malloc(writer->size - writer->room), writer->size - writer->room};

	memcpy((void *) set.bytes, writer->memory + writer->room, set.size);
	free(writer->memory);
	return set;
}

/* The numset of a model by way of entries in random order, some values in parts. */
static Numset
numset_of(Random *random, const Model *model)
{
	const Numset none = {NULL, 0};
	NumsetGather gather;
	NumsetWriter writer;
	int64		user;
	uint64		i;

	numset_gather_init(&gather);
	for (i = 0; i < model->n; i++)
	{
		int64		value = model->entries[i].value;

		if (random_below(random, 3) == 0)
		{
			int64		part = (int64) random_next(random);

			/* parts that pass the ends of bigint on the way */
			numset_gather_add(&gather, model->entries[i].user, value);
			numset_gather_add(&gather, model->entries[i].user, part);
			if (part == PG_INT64_MIN)
			{
				numset_gather_add(&gather, model->entries[i].user, PG_INT64_MAX);
				part = -1;
			}
			value = -part;
		}
		numset_gather_add(&gather, model->entries[i].user, value);
	}
	for (i = gather.n; i > 1; i--)
	{
		uint64		j = random_below(random, i);
		NumsetEntry entry = gather.entries[j];

		gather.entries[j] = gather.entries[i - 1];
		gather.entries[i - 1] = entry;
	}
	if (numset_gather_write(&gather, &writer, 3, &user) != NUMSET_FINE)
		return none;
	free(gather.entries);
	return exact(&writer);
}

/* Does a numset hold these entries, and no others? */
static bool
same(Numset set, const Model *model, const Roaring *filter)
{
	NumsetReader *reader = malloc(sizeof(NumsetReader));
	const NumsetEntry *entry;
	bool		good = true;
	size_t		i;

	numset_reader_begin(reader, set, filter);
	for (i = 0; i < model->n; i++)
	{
		if (filter != NULL && !roaring_contains(*filter, model->entries[i].user))
			continue;
		entry = numset_reader_peek(reader);
		good = good && entry != NULL && entry->user == model->entries[i].user &&
			entry->value == model->entries[i].value;
		reader->i++;
	}
	good = good && numset_reader_peek(reader) == NULL;
	free(reader);
	return good;
}

/* In signed order, each once. */
static bool
same_signed(Numset set, const Model *model)
{
	NumsetReader *reader = malloc(sizeof(NumsetReader));
	const NumsetEntry *entry;
	bool		good = true;
	size_t		n = 0;
	int64		before = 0;

	numset_reader_begin_signed(reader, set, NULL);
	while ((entry = numset_reader_next_signed(reader)) != NULL)
	{
		good = good && (n == 0 || (int64) entry->user > before);
		before = (int64) entry->user;
		n++;
	}
	free(reader);
	return good && n == model->n;
}

static bool
holds(const Model *model, const Roaring *filter, size_t i)
{
	return filter == NULL || roaring_contains(*filter, model->entries[i].user);
}

/* Is this the set of the users with a value from low to high, or of the others? */
static bool
same_selection(Numset set, const Model *model, const Roaring *filter, int64 low, int64 high,
			   bool outside)
{
	uint64	   *users = malloc((model->n + 1) * sizeof(uint64));
	size_t		n = 0;
	RoaringWriter expected_writer;
	RoaringWriter writer;
	Roaring		expected;
	Roaring		got;
	bool		good;
	size_t		i;

	for (i = 0; i < model->n; i++)
	{
		bool		inside = model->entries[i].value >= low && model->entries[i].value <= high;

		if (inside != outside && holds(model, filter, i))
			users[n++] = model->entries[i].user;
	}
	roaring_writer_init(&expected_writer, 0, 0);
	roaring_write_members(&expected_writer, users, n);
	expected = roaring_writer_finish(&expected_writer);
	roaring_writer_init(&writer, 0, 0);
	numset_select(&writer, set, filter, low, high, outside);
	got = roaring_writer_finish(&writer);
	good = writer.cardinality == n && got.size == expected.size &&
		memcmp(got.bytes, expected.bytes, got.size) == 0;
	free(users);
	free(writer.memory);
	free(expected_writer.memory);
	return good;
}

/* Totals, extremes, the n-th and counts below bounds. */
static bool
same_figures(Random *random, Numset set, const Model *model, const Roaring *filter)
{
	int64	   *values = malloc((model->n + 1) * sizeof(int64));
	NumsetTotals totals;
	uint64		bits[64] = {0};
	size_t		n = 0;
	int64		min;
	int64		max;
	int64		value;
	bool		good;
	size_t		i;
	int			k;

	for (i = 0; i < model->n; i++)
		if (holds(model, filter, i))
			values[n++] = model->entries[i].value;
	for (i = 0; i < n; i++)
		for (k = 0; k < 64; k++)
			bits[k] += ((uint64) values[i] - (uint64) numset_minimum(set)) >> k & 1;
	numset_totals(set, filter, &totals);
	good = totals.n == n && memcmp(totals.bits, bits, sizeof(bits)) == 0;
	if (n > 0)
		qsort(values, n, sizeof(int64), compare_values);
	good = good && numset_extremes(set, filter, &min, &max) == (n > 0) &&
		(n == 0 || (min == values[0] && max == values[n - 1]));
	for (k = 0; k < 5 && n > 0; k++)
	{
		i = k == 0 ? 0 : k == 1 ? n - 1 : random_below(random, n);
		good = good && numset_nth(set, filter, i, &value) && value == values[i];
	}
	good = good && !numset_nth(set, filter, n, &value);
	{
		int64		bounds[6] = {PG_INT64_MIN, -3, 0, 42, 100000, PG_INT64_MAX};
		uint64		counts[6];
		uint64		total;

		if (n > 0)
			bounds[3] = values[n / 2];
		numset_counts_below(set, filter, bounds, 6, counts, &total);
		good = good && total == n;
		for (k = 0; k < 6; k++)
		{
			uint64		below = 0;

			for (i = 0; i < n; i++)
				below += values[i] < bounds[k];
			good = good && counts[k] == below;
		}
	}
	free(values);
	return good;
}

static Roaring
random_filter(Random *random, const Model *model, RoaringWriter *writer)
{
	uint64	   *members = malloc((model->n + 1) * sizeof(uint64));
	uint64		kind = random_below(random, 4);
	size_t		n = 0;
	size_t		i;

	for (i = 0; i < model->n; i++)
		if (random_below(random, kind == 0 ? 1000 : kind == 1 ? 2 : 20) != 0 || kind == 3)
			members[n++] = model->entries[i].user + random_below(random, 2);
		else if (kind == 2)
			members[n++] = model->entries[i].user;
	if (kind == 0)
		n = n > 5 ? 5 : n;
	roaring_writer_init(writer, 0, 0);
	roaring_write_members(writer, members, n);
	free(members);
	return roaring_writer_finish(writer);
}

static void
test_model(int rounds)
{
	Random		random = {71};
	int			wrong_bytes = 0;
	int			wrong_entries = 0;
	int			wrong_selection = 0;
	int			wrong_figures = 0;
	int			wrong_value = 0;
	int			round;

	for (round = 0; round < rounds; round++)
	{
		Model		model = random_model(&random);
		Numset		set = numset_of(&random, &model);
		Numset		again = numset_of(&random, &model);
		RoaringWriter filter_writer;
		Roaring		filter = random_filter(&random, &model, &filter_writer);
		int			k;

		roaring_use_processor(round % 2 == 0);
		numset_use_processor(round % 2 == 0);
		wrong_bytes += set.bytes == NULL || numset_validate(set.bytes, set.size) != NULL ||
			set.size != again.size || memcmp(set.bytes, again.bytes, set.size) != 0;
		wrong_entries += !same(set, &model, NULL) + !same(set, &model, &filter) +
			!same_signed(set, &model) + (numset_count(set) != model.n);
		wrong_figures += !same_figures(&random, set, &model, NULL);
		wrong_figures += !same_figures(&random, set, &model, &filter);
		for (k = 0; k < 8; k++)
		{
			int64		low = model.n > 0 && k % 2 == 0 ? model.entries[random_below(&random, model.n)].value :
				random_value(&random, random_below(&random, 6));
			int64		high = k < 3 ? low : k < 5 ? PG_INT64_MAX : random_value(&random, random_below(&random, 6));

			wrong_selection += !same_selection(set, &model, k % 3 == 0 ? &filter : NULL, low, high, false);
			wrong_selection += !same_selection(set, &model, k % 3 == 0 ? NULL : &filter, low, high, true);
		}
		for (k = 0; k < 100 && model.n > 0; k++)
		{
			size_t		i = random_below(&random, model.n);
			uint64		user = model.entries[i].user + 1;
			int64		value = 0;

			wrong_value += !numset_value(set, model.entries[i].user, &value) ||
				value != model.entries[i].value;
			wrong_value += numset_value(set, user, &value) !=
				(i + 1 < model.n && model.entries[i + 1].user == user);
		}
		free(filter_writer.memory);
		free(model.entries);
		free((void *) set.bytes);
		free((void *) again.bytes);
	}
	roaring_use_processor(true);
	numset_use_processor(true);
	test_ok(wrong_bytes == 0, "numset: equal ones are equal bytes, in whatever order and parts entries came");
	test_ok(wrong_entries == 0, "numset: %d random ones hold their entries, with a filter too", rounds);
	test_ok(wrong_selection == 0, "numset: comparisons");
	test_ok(wrong_figures == 0, "numset: totals, extremes, the n-th, counts below bounds");
	test_ok(wrong_value == 0, "numset: values of single users");
}

/* Merge and add against the model. */
static void
test_two(int rounds)
{
	Random		random = {73};
	int			wrong = 0;
	int			overflows = 0;
	int			shared = 0;
	int			round;

	for (round = 0; round < rounds; round++)
	{
		Model		ma = random_model(&random);
		Model		mb = random_model(&random);
		Numset		a = numset_of(&random, &ma);
		Numset		b = numset_of(&random, &mb);
		Model		sum;
		bool		overflow = false;
		bool		both = false;
		size_t		i = 0;
		size_t		j = 0;
		int			combination;

		sum.entries = malloc((ma.n + mb.n + 1) * sizeof(NumsetEntry));
		sum.n = 0;
		while (i < ma.n || j < mb.n)
		{
			NumsetEntry entry;

			if (j == mb.n || (i < ma.n && ma.entries[i].user < mb.entries[j].user))
				entry = ma.entries[i++];
			else if (i == ma.n || mb.entries[j].user < ma.entries[i].user)
				entry = mb.entries[j++];
			else
			{
				entry.user = ma.entries[i].user;
				both = true;
				overflow |= __builtin_add_overflow(ma.entries[i++].value, mb.entries[j++].value, &entry.value);
			}
			sum.entries[sum.n++] = entry;
		}
		overflows += overflow;
		shared += both;
		for (combination = NUMSET_MERGE; combination <= NUMSET_ADD; combination++)
		{
			NumsetWriter writer;
			int64		user;
			NumsetProblem problem = numset_combine(&writer, 3, (NumsetCombination) combination, a, b, &user);

			if (problem == NUMSET_FINE)
			{
				Numset		c = exact(&writer);

				wrong += !same(c, &sum, NULL) || numset_validate(c.bytes, c.size) != NULL;
				wrong += combination == NUMSET_MERGE ? both : overflow;
				free((void *) c.bytes);
			}
			else
				wrong += combination == NUMSET_MERGE ? !both || problem != NUMSET_SHARED :
					!overflow || problem != NUMSET_OVERFLOW;
		}
		free(sum.entries);
		free(ma.entries);
		free(mb.entries);
		free((void *) a.bytes);
		free((void *) b.bytes);
	}
	test_ok(wrong == 0 && overflows > 0 && shared > 0 && shared < rounds,
			"numset: %d pairs merged and added", rounds);
}

/* Sums that are no bigint are found, in whatever order their parts come. */
static void
test_overflow(void)
{
	static const int64 parts[][4] = {
		{PG_INT64_MAX, 1, 0, 0}, {PG_INT64_MIN, -1, 0, 0}, {PG_INT64_MAX, PG_INT64_MAX, PG_INT64_MIN, 3},
		{PG_INT64_MAX, PG_INT64_MAX, PG_INT64_MIN, PG_INT64_MIN}, {PG_INT64_MIN, PG_INT64_MIN, PG_INT64_MAX, 1},
		{PG_INT64_MIN, PG_INT64_MAX, 1, PG_INT64_MAX}
	};
	static const bool fits[] = {false, false, false, true, true, true};
	static const int64 sums[] = {0, 0, 0, -2, PG_INT64_MIN, PG_INT64_MAX};
	int			wrong = 0;
	int			i;

	for (i = 0; i < 6; i++)
	{
		int			turn;

		for (turn = 0; turn < 8; turn++)
		{
			NumsetGather gather;
			NumsetWriter writer;
			int64		user = 0;
			int64		value = 0;
			int			k;

			numset_gather_init(&gather);
			for (k = 0; k < 4; k++)
			{
				numset_gather_add(&gather, 9, parts[i][(k + turn) % 4]);
				if (turn >= 4)
					numset_gather_tidy(&gather);
			}
			if (numset_gather_write(&gather, &writer, 0, &user) != NUMSET_FINE)
				wrong += fits[i] || user != 9;
			else
			{
				Numset		set = exact(&writer);

				wrong += !fits[i] || !numset_value(set, 9, &value) || value != sums[i];
				free((void *) set.bytes);
			}
			free(gather.entries);
		}
	}
	/* PG_INT64_MAX * 2 + PG_INT64_MIN + 3 is PG_INT64_MAX + 2: no bigint */
	test_ok(wrong == 0, "numset: sums past the ends of bigint");
}

/* A byte changed is refused, or it is another valid numset. */
static void
test_spoilt(int rounds)
{
	Random		random = {79};
	int			refused = 0;
	int			wrong = 0;
	int			round;

	for (round = 0; round < rounds; round++)
	{
		Model		model = {malloc(3000 * sizeof(NumsetEntry)), 1 + random_below(&random, 3000)};
		uint64		kind = random_below(&random, 6);
		Numset		set;
		uint8	   *bytes;
		size_t		i;
		int			k;

		for (i = 0; i < model.n; i++)
		{
			model.entries[i].user = i * 5 + (i > 100 ? UINT64_C(1) << 63 : 0);
			model.entries[i].value = random_value(&random, kind);
		}
		set = numset_of(&random, &model);
		bytes = (uint8 *) set.bytes;
		for (k = 0; k < 60; k++)
		{
			size_t		at = k < 30 ? random_below(&random, set.size < 80 ? set.size : 80) :
				random_below(&random, set.size);
			uint8		before = bytes[at];

			bytes[at] ^= (uint8) (1 + random_below(&random, 255));
			if (numset_validate(bytes, set.size) != NULL)
				refused++;
			else
			{
				/* it means something: what it means makes the same bytes */
				NumsetReader *reader = malloc(sizeof(NumsetReader));
				NumsetWriter writer;
				const NumsetEntry *entry;
				Numset		again;

				numset_reader_begin(reader, set, NULL);
				numset_writer_init(&writer, 0, numset_minimum(set), numset_count(set));
				while ((entry = numset_reader_peek(reader)) != NULL)
				{
					numset_write(&writer, entry->user, entry->value);
					reader->i++;
				}
				again = numset_writer_finish(&writer);
				wrong += again.size != set.size || memcmp(again.bytes, bytes, set.size) != 0;
				free(writer.memory);
				free(reader);
			}
			bytes[at] = before;
		}
		for (i = 0; i < set.size; i += 1 + set.size / 50)
		{
			uint8	   *cut = malloc(i + 1);

			memcpy(cut, bytes, i);
			wrong += numset_validate(cut, i) == NULL;
			free(cut);
		}
		free(bytes);
		free(model.entries);
	}
	test_ok(wrong == 0 && refused > rounds * 20, "numset: spoilt bytes are refused or mean what they say");
}

void
test_numset(void)
{
	test_model(60);
	test_two(60);
	test_overflow();
	test_spoilt(100);
}
