/*-------------------------------------------------------------------------
 *
 * test_roaring.c
 *		Roaring sets against sorted arrays.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "pieces.h"
#include "random.h"
#include "roaring/roaring.h"
#include "roaring/roaring_words.h"
#include "tap.h"
#include "tests.h"
#include "userset/venn.h"

/* The model: numbers in ascending order, each once. */
typedef struct Model
{
	uint64	   *members;
	size_t		n;
} Model;

static int
compare_unsigned(const void *a, const void *b)
{
	uint64		x = *(const uint64 *) a;
	uint64		y = *(const uint64 *) b;

	return (x > y) - (x < y);
}

static int
compare_signed(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return (x > y) - (x < y);
}

static void
model_sort(Model *model)
{
	size_t		n = 0;
	size_t		i;

	if (model->n > 0)
		qsort(model->members, model->n, sizeof(uint64), compare_unsigned);
	for (i = 0; i < model->n; i++)
		if (n == 0 || model->members[i] != model->members[n - 1])
			model->members[n++] = model->members[i];
	model->n = n;
}

static bool
model_contains(const Model *model, uint64 member)
{
	return model->n > 0 &&
		bsearch(&member, model->members, model->n, sizeof(uint64), compare_unsigned) != NULL;
}

/* Where members lie: around the ends of containers, buckets and signs. */
static const uint64 bases[] = {
	0, 65536, 3 * 65536, UINT64_C(0x100000000) - 65536, UINT64_C(0x100000000),
	UINT64_C(0x7fffffffffff0000), UINT64_C(0x8000000000000000), UINT64_C(0xffffffffffff0000),
	UINT64_C(0xfffffffeffff0000), UINT64_C(0x123456789a0000)
};

#define NBASES (sizeof(bases) / sizeof(bases[0]))

/*
 * A random set: at each of some bases members that are few, many, runs, all
 * but a few, or all; some of them reach into the next container.
 */
static Model
random_model(Random *random)
{
	Model		model;
	size_t		capacity = 0;
	int			parts = (int) random_below(random, 7);

	model.members = NULL;
	model.n = 0;
	while (parts-- > 0)
	{
		uint64		base = bases[random_below(random, NBASES)];
		uint64		kind = random_below(random, 7);
		uint64		span = random_below(random, 3) == 0 ? 150000 : 65536;
		uint64		i;

		if (base > UINT64_MAX - span)
			span = 65536;
		if (model.n + 200000 > capacity)
		{
			capacity = model.n + 400000;
			model.members = realloc(model.members, capacity * sizeof(uint64));
		}
		switch (kind)
		{
			case 0:				/* few */
				for (i = random_below(random, 50); i > 0; i--)
					model.members[model.n++] = base + random_below(random, span);
				break;
			case 1:				/* about where an array becomes a bitmap */
				for (i = 4000 + random_below(random, 400); i > 0; i--)
					model.members[model.n++] = base + random_below(random, span);
				break;
			case 2:				/* many */
				for (i = 0; i < span; i++)
					if (random_below(random, 3) == 0)
						model.members[model.n++] = base + i;
				break;
			case 3:				/* runs */
			case 4:
				{
					uint64		length = kind == 3 ? 2000 : 4;

					for (i = random_below(random, length); i < span; i += 1 + random_below(random, length))
					{
						uint64		run = random_below(random, length);

						for (; run > 0 && i < span; run--)
							model.members[model.n++] = base + i++;
					}
				}
				break;
			case 5:				/* all but a few */
				for (i = 0; i < span; i++)
					if (random_below(random, 5000) != 0)
						model.members[model.n++] = base + i;
				break;
			default:			/* all */
				for (i = 0; i < span; i++)
					model.members[model.n++] = base + i;
		}
	}
	model_sort(&model);
	return model;
}

static Model
model_combine(RoaringOperation operation, const Model *a, const Model *b)
{
	Model		c;
	size_t		i = 0;
	size_t		j = 0;

	c.members = malloc((a->n + b->n + 1) * sizeof(uint64));
	c.n = 0;
	while (i < a->n || j < b->n)
	{
		bool		in_a = i < a->n && (j == b->n || a->members[i] <= b->members[j]);
		bool		in_b = j < b->n && (i == a->n || b->members[j] <= a->members[i]);
		uint64		member = in_a ? a->members[i] : b->members[j];
		bool		in = operation == ROARING_AND ? in_a && in_b :
			operation == ROARING_OR ? true :
			operation == ROARING_XOR ? in_a != in_b : in_a && !in_b;

		if (in)
			c.members[c.n++] = member;
		i += in_a;
		j += in_b;
	}
	return c;
}

/* The set of a model, by way of members in random order with duplicates. */
static Roaring
roaring_of(Random *random, const Model *model)
{
	size_t		n = model->n + model->n / 10;
	uint64	   *members = malloc((n + 1) * sizeof(uint64));
	RoaringWriter writer;
	Roaring		set;
	size_t		i;

	for (i = 0; i < n; i++)
		members[i] = model->members[i < model->n ? i : random_below(random, model->n)];
	if (random_below(random, 2) == 0)
		for (i = n; i > 1; i--)
		{
			size_t		j = random_below(random, i);
			uint64		member = members[j];

			members[j] = members[i - 1];
			members[i - 1] = member;
		}
	roaring_writer_init(&writer, 3, 0);
	roaring_write_members(&writer, members, n);
	set = roaring_writer_finish(&writer);
	free(members);

	/*
	 * in memory of exactly its size, so that a sanitizer sees what is read
	 * past it
	 */
	{
		uint8	   *bytes = malloc(set.size);

		memcpy(bytes, set.bytes, set.size);
		free(writer.memory);
		set.bytes = bytes;
	}
	return set;
}

/* The members as a signed iteration sees them. */
static int64 *
signed_members(const Model *model)
{
	int64	   *members = malloc((model->n + 1) * sizeof(int64));

	if (model->n > 0)
		memcpy(members, model->members, model->n * sizeof(int64));
	if (model->n > 0)
		qsort(members, model->n, sizeof(int64), compare_signed);
	return members;
}

/* Is this the set of the model, and canonical? */
static bool
same(Roaring set, const Model *model)
{
	bool		canonical;
	RoaringIterator iterator;
	int64	   *members = signed_members(model);
	int64		some[1000];
	size_t		done = 0;
	size_t		n;
	bool		good = roaring_validate(set.bytes, set.size, &canonical) == NULL && canonical &&
		roaring_cardinality(set) == model->n;

	if (good)
	{
		roaring_iterate(&iterator, set);
		while ((n = roaring_iterator_next(&iterator, some, 1 + done % 1000)) > 0)
		{
			if (done + n > model->n || memcmp(some, members + done, n * sizeof(int64)) != 0)
				good = false;
			done += n;
		}
		good = good && done == model->n;
	}
	free(members);
	return good;
}

static Roaring
combine(RoaringOperation operation, Roaring a, Roaring b, RoaringWriter *writer)
{
	roaring_writer_init(writer, 0, 0);
	roaring_combine(writer, operation, a, b);
	return roaring_writer_finish(writer);
}

/* Operations on two sets against the model. */
static void
test_operations(int rounds)
{
	Random		random = {41};
	int			wrong_set = 0;
	int			wrong_operation[4] = {0};
	int			wrong_count = 0;
	int			wrong_bytes = 0;
	int			round;

	for (round = 0; round < rounds; round++)
	{
		Model		ma = random_model(&random);
		Model		mb = round % 10 == 0 ? ma : random_model(&random);
		Roaring		a = roaring_of(&random, &ma);
		Roaring		b = roaring_of(&random, &mb);
		Model		common = model_combine(ROARING_AND, &ma, &mb);
		Pieces		pieces_a;
		Pieces		pieces_b;
		Roaring		all_of_a = a;
		Roaring		all_of_b = b;
		int			operation;

		roaring_use_processor(round % 2 == 0);
		wrong_set += !same(a, &ma) + !same(b, &mb);
		/* from here on one of them or both are read in pieces, or none */
		a = pieces_begin(&pieces_a, a, (uint64) round);
		b = pieces_begin(&pieces_b, b, (uint64) round + 1);
		if (round % 3 == 1)
			a = all_of_a;
		if (round % 3 == 2 || round % 4 == 1)
			b = all_of_b;
		for (operation = ROARING_AND; operation <= ROARING_ANDNOT; operation++)
		{
			Model		mc = model_combine((RoaringOperation) operation, &ma, &mb);
			RoaringWriter writer;
			Roaring		c = combine((RoaringOperation) operation, a, b, &writer);
			Roaring		again = roaring_of(&random, &mc);

			wrong_operation[operation] += !same(c, &mc);
			wrong_bytes += c.size != again.size || memcmp(c.bytes, again.bytes, c.size) != 0;
			wrong_count += writer.cardinality != mc.n;
			free(mc.members);
			free(writer.memory);
			free((void *) again.bytes);
		}
		wrong_count += roaring_and_cardinality(a, b) != common.n;
		wrong_count += roaring_intersects(a, b) != (common.n > 0);
		wrong_count += roaring_is_subset(a, b) != (common.n == ma.n);
		wrong_count += roaring_is_subset(b, a) != (common.n == mb.n);
		{
			RoaringWriter writer;
			Roaring		c = combine(ROARING_AND, a, b, &writer);

			wrong_count += !roaring_is_subset(c, a) || !roaring_is_subset(c, b);
			free(writer.memory);
		}
		pieces_end(&pieces_a);
		pieces_end(&pieces_b);
		free(common.members);
		if (mb.members != ma.members)
			free(mb.members);
		free(ma.members);
		free((void *) all_of_a.bytes);
		free((void *) all_of_b.bytes);
	}
	roaring_use_processor(true);
	test_ok(wrong_set == 0, "roaring: %d random sets hold their members", 2 * rounds);
	test_ok(wrong_operation[ROARING_AND] == 0, "roaring: and");
	test_ok(wrong_operation[ROARING_OR] == 0, "roaring: or");
	test_ok(wrong_operation[ROARING_XOR] == 0, "roaring: xor");
	test_ok(wrong_operation[ROARING_ANDNOT] == 0, "roaring: andnot");
	test_ok(wrong_bytes == 0, "roaring: equal sets are equal bytes, whichever way they came");
	test_ok(wrong_count == 0, "roaring: cardinalities, subset and overlap without a result");
}

/* Look-ups, ranks, ranges and iteration from a member. */
static void
test_lookups(int rounds)
{
	Random		random = {43};
	int			wrong_contains = 0;
	int			wrong_rank = 0;
	int			wrong_iteration = 0;
	int			wrong_part = 0;
	int			wrong_ranges = 0;
	int			wrong_size = 0;
	int			round;

	for (round = 0; round < rounds; round++)
	{
		Model		model = random_model(&random);
		Roaring		all = roaring_of(&random, &model);
		Pieces		pieces;
		Roaring		set = round % 2 == 0 ? all : pieces_begin(&pieces, all, (uint64) round);
		int64	   *members = signed_members(&model);
		RoaringIndex index;
		RoaringIterator iterator;
		RoaringRange *ranges = malloc((model.n + 1) * sizeof(RoaringRange));
		size_t		nranges = 0;
		int64		first;
		int64		last;
		size_t		done = 0;
		size_t		i;
		int			k;

		roaring_index_init(&index, all);
		for (k = 0; k < 300; k++)
		{
			uint64		probe = model.n > 0 && k % 2 == 0 ?
				model.members[random_below(&random, model.n)] + random_below(&random, 3) - 1 :
				bases[random_below(&random, NBASES)] + random_below(&random, 70000);
			bool		expected = model_contains(&model, probe);
			size_t		before = 0;
			size_t		n = model.n;
			int64		member = 0;
			int64		next[3];

			wrong_contains += roaring_contains(set, probe) != expected;
			roaring_index_ahead(&index, probe);
			wrong_contains += roaring_index_contains(&index, probe) != expected;
			while (n > 0)
			{
				size_t		half = n / 2;

				if (members[before + half] <= (int64) probe)
				{
					before += half + 1;
					n -= half + 1;
				}
				else
					n = half;
			}
			wrong_rank += roaring_rank(set, (int64) probe) != before;
			if (before > 0)
				wrong_rank += !roaring_select(set, before - 1, &member) || member != members[before - 1];
			wrong_rank += roaring_select(set, model.n, &member);

			/* the members from the probe on */
			if (expected)
				before--;
			roaring_iterate_from(&iterator, set, (int64) probe);
			n = roaring_iterator_next(&iterator, next, 3);
			if (n != (model.n - before < 3 ? model.n - before : 3) ||
				memcmp(next, members + before, n * sizeof(int64)) != 0)
				wrong_iteration++;
			roaring_iterate_from(&iterator, set, (int64) probe);
			if (roaring_iterator_next_range(&iterator, &first, &last) != (before < model.n) ||
				(before < model.n && first != members[before]))
				wrong_iteration++;
		}
		roaring_index_free(&index);

		for (k = 0; k < 10; k++)
		{
			int64		from = (int64) (bases[random_below(&random, NBASES)] + random_below(&random, 70000));
			int64		to = (int64) (bases[random_below(&random, NBASES)] + random_below(&random, 70000));
			Model		part;
			RoaringWriter writer;

			part.members = malloc((model.n + 1) * sizeof(uint64));
			part.n = 0;
			for (i = 0; i < model.n; i++)
				if ((int64) model.members[i] >= from && (int64) model.members[i] <= to)
					part.members[part.n++] = model.members[i];
			roaring_writer_init(&writer, 0, 0);
			roaring_in_range(&writer, set, from, to);
			wrong_part += !same(roaring_writer_finish(&writer), &part);
			free(part.members);
			free(writer.memory);
		}

		/* all ranges, read and written */
		roaring_iterate(&iterator, set);
		while (roaring_iterator_next_range(&iterator, &first, &last))
		{
			if (first > last || done + (uint64) (last - first) + 1 > model.n ||
				members[done] != first || members[done + (size_t) (last - first)] != last)
			{
				wrong_ranges++;
				break;
			}
			done += (size_t) (last - first) + 1;
		}
		wrong_ranges += done != model.n;
		for (i = 0; i < model.n; i++)
			if (nranges > 0 && ranges[nranges - 1].last + 1 == model.members[i])
				ranges[nranges - 1].last++;
			else
			{
				ranges[nranges].first = model.members[i];
				ranges[nranges++].last = model.members[i];
			}
		{
			RoaringWriter writer;

			roaring_writer_init(&writer, 0, 0);
			roaring_write_ranges(&writer, ranges, nranges);
			wrong_ranges += !same(roaring_writer_finish(&writer), &model);
			wrong_size += writer.size < roaring_ranges_least_size(ranges, nranges);
			free(writer.memory);
		}
		if (set.source != NULL)
			pieces_end(&pieces);
		free(ranges);
		free(members);
		free(model.members);
		free((void *) all.bytes);
	}
	test_ok(wrong_contains == 0, "roaring: contains, with and without an index");
	test_ok(wrong_rank == 0, "roaring: rank and select");
	test_ok(wrong_iteration == 0, "roaring: iteration from a member");
	test_ok(wrong_part == 0, "roaring: members in a range");
	test_ok(wrong_ranges == 0, "roaring: as ranges and back");

	/* long ranges, over several buckets: what they take is known before */
	for (round = 0; round < rounds / 10; round++)
	{
		RoaringRange ranges[3];
		RoaringWriter writer;
		uint64		least;
		uint64		at = 0;
		size_t		nranges = 1 + random_below(&random, 3);
		size_t		k;

		for (k = 0; k < nranges; k++)
		{
			ranges[k].first = at + random_below(&random, UINT64_C(1) << (16 + random_below(&random, 18)));
			ranges[k].last = ranges[k].first + random_below(&random, UINT64_C(1) << (16 + random_below(&random, 18)));
			at = ranges[k].last + 2;
		}
		least = roaring_ranges_least_size(ranges, nranges);
		roaring_writer_init(&writer, 0, 0);
		roaring_write_ranges(&writer, ranges, nranges);
		(void) roaring_writer_finish(&writer);
		wrong_size += writer.size < least || writer.size > least + nranges * 100;
		free(writer.memory);
	}
	test_ok(wrong_size == 0, "roaring: what ranges take at least, before they are written");
}

/* Builders: members and sets in any order. */
static void
test_builders(int rounds)
{
	Random		random = {47};
	int			wrong = 0;
	int			wrong_xor = 0;
	int			round;

	for (round = 0; round < rounds; round++)
	{
		RoaringBuilder builder;
		RoaringBuilder left;
		RoaringBuilder xor;
		Model		model = {NULL, 0};
		Model		odd = {malloc(8), 0};
		int			parts = (int) random_below(&random, 6);

		roaring_builder_init(&builder, ROARING_OR);
		roaring_builder_init(&left, ROARING_OR);
		roaring_builder_init(&xor, ROARING_XOR);
		while (parts-- > 0)
		{
			Model		more = random_model(&random);
			Roaring		set = roaring_of(&random, &more);
			Model		now = model_combine(ROARING_OR, &model, &more);
			Model		now_odd = model_combine(ROARING_XOR, &odd, &more);
			size_t		i;

			if (random_below(&random, 2) == 0)
				for (i = 0; i < more.n; i++)
					roaring_builder_add(random_below(&random, 2) == 0 ? &builder : &left,
										more.members[(i * UINT64_C(7919)) % more.n]);
			roaring_builder_add_set(&builder, set);
			roaring_builder_add_set(&xor, set);
			free(model.members);
			free(odd.members);
			free(more.members);
			free((void *) set.bytes);
			model = now;
			odd = now_odd;
		}
		roaring_builder_add_all(&builder, &left);
		wrong += !same(roaring_builder_result(&builder), &model);
		/* the result is no end */
		roaring_builder_add(&builder, UINT64_C(77) << 40);
		wrong += roaring_cardinality(roaring_builder_result(&builder)) != model.n + 1;
		wrong_xor += !same(roaring_builder_result(&xor), &odd);
		roaring_builder_free(&builder);
		roaring_builder_free(&left);
		roaring_builder_free(&xor);
		free(model.members);
		free(odd.members);
	}
	test_ok(wrong == 0, "roaring: builders of members and sets");
	test_ok(wrong_xor == 0, "roaring: builders of members in an odd number of sets");
}

/*
 * Arrays and runs however they are spread over their container: every number
 * of 65536 is looked up.  Searching begins where the number would be if they
 * were spread evenly.
 */
static void
test_spread(void)
{
	Random		random = {59};
	int			wrong = 0;
	int			wrong_kind = 0;
	int			round;

	for (round = 0; round < 60; round++)
	{
		RoaringKind kind = round % 3 == 0 ? ROARING_RUNS : ROARING_ARRAY;
		uint32		n = 1 + (uint32) random_below(&random, round % 2 == 0 ? ROARING_ARRAY_MAX : 60);
		uint32		length = kind == ROARING_RUNS ? 8 : 1;
		uint32		shape = (uint32) random_below(&random, 5);
		uint64	   *members = malloc((size_t) n * length * sizeof(uint64));
		bool	   *expected = calloc(65536 + 8, sizeof(bool));
		RoaringWriter writer;
		RoaringCursor cursor;
		RoaringIndex index;
		Roaring		set;
		uint32		low;
		uint32		i;
		uint32		k;

		for (i = 0; i < n; i++)
		{
			uint32		width = shape == 0 ? 65536 : n * length * 3 < 65536 ? n * length * 3 : 65536;
			uint32		at = (uint32) random_below(&random, width);

			/*
			 * everywhere, crowded at one end, at the other, in the middle, at
			 * both ends
			 */
			if (shape == 2 || (shape == 4 && i % 7 == 0))
				at = 65535 - at;
			if (shape == 3)
				at = (at + 30000) % 65536;
			for (k = 0; k < length; k++)
			{
				members[i * length + k] = (UINT64_C(7) << 16) | (uint16) (at + k);
				expected[(uint16) (at + k)] = true;
			}
		}
		roaring_writer_init(&writer, 0, 0);
		roaring_write_members(&writer, members, (size_t) n * length);
		set = roaring_writer_finish(&writer);
		roaring_index_init(&index, set);
		wrong_kind += !roaring_begin(&cursor, set) || (kind == ROARING_ARRAY && n < 2000 &&
													   cursor.current.kind == ROARING_BITMAP);
		for (low = 0; low < 65536; low++)
		{
			uint64		member = (UINT64_C(7) << 16) | low;

			roaring_index_ahead(&index, member);
			wrong += roaring_index_contains(&index, member) != expected[low];
			wrong += roaring_container_contains(&cursor.current, (uint16) low) != expected[low];
			wrong += roaring_index_contains(&index, member + 65536) ||
				roaring_index_contains(&index, member - 65536) ||
				roaring_index_contains(&index, ~member);
		}
		roaring_index_free(&index);
		free(members);
		free(expected);
		free(writer.memory);
	}
	test_ok(wrong == 0 && wrong_kind == 0, "roaring: look-ups in arrays and runs of any spread");
}

/* Sets of so many buckets that an index notes only some of them. */
static void
test_many_buckets(void)
{
	size_t		n = (1 << 20) + 1000;
	uint64	   *members = malloc(n * sizeof(uint64));
	uint64	   *scratch = malloc(n * sizeof(uint64));
	Random		random = {53};
	RoaringWriter writer;
	RoaringIndex index;
	Roaring		set;
	int			wrong = 0;
	size_t		i;

	for (i = 0; i < n; i++)
		scratch[i] = members[i] = random_next(&random);
	roaring_writer_init(&writer, 0, 0);
	roaring_write_members(&writer, scratch, n);
	set = roaring_writer_finish(&writer);
	roaring_index_init(&index, set);
	roaring_index_ahead(&index, members[0]);
	for (i = 0; i < n; i++)
		wrong += !roaring_index_contains(&index, members[i]) ||
			roaring_index_contains(&index, members[i] ^ 1) ||
			roaring_index_contains(&index, random_next(&random));
	test_ok(index.nslots == 0 && wrong == 0, "roaring: %zu buckets, looked up", n);
	roaring_index_free(&index);
	free(members);
	free(scratch);
	free(writer.memory);
}

/* Spoilt bytes are refused, or are another set; whatever is accepted can be used. */
static void
test_spoilt(int rounds)
{
	Random		random = {59};
	int			accepted = 0;
	int			wrong = 0;
	int			round;

	for (round = 0; round < rounds; round++)
	{
		Model		model = random_model(&random);
		Roaring		set = roaring_of(&random, &model);
		int			k;

		for (k = 0; k < 30; k++)
		{
			size_t		size = random_below(&random, 3) == 0 ? random_below(&random, set.size + 1) : set.size;
			uint8	   *bytes = malloc(size + 1);
			bool		canonical;
			int			flips = (int) random_below(&random, 3);

			memcpy(bytes, set.bytes, size);
			while (flips-- > 0 && size > 0)
				bytes[random_below(&random, 2) == 0 ? random_below(&random, size) :
					  random_below(&random, size < 60 ? size : 60)] ^=
					(uint8) (1 << random_below(&random, 8));
			if (roaring_validate(bytes, size, &canonical) == NULL)
			{
				RoaringWriter writer;
				Roaring		again;
				bool		now_canonical;

				accepted++;
				roaring_writer_init(&writer, 0, 0);
				roaring_canonical(&writer, roaring_of_bytes(bytes, size));
				again = roaring_writer_finish(&writer);
				wrong += roaring_validate(again.bytes, again.size, &now_canonical) != NULL ||
					!now_canonical || roaring_cardinality(roaring_of_bytes(bytes, size)) != writer.cardinality ||
					canonical != (again.size == size && memcmp(again.bytes, bytes, size) == 0);
				free(writer.memory);
			}
			free(bytes);
		}
		free(model.members);
		free((void *) set.bytes);
	}
	test_note("%d of %d spoilt sets were sets", accepted, rounds * 30);
	test_ok(wrong == 0 && accepted > 0 && accepted < rounds * 30,
			"roaring: spoilt bytes are refused or are a set, and canonical is as it is written");
}

/* The regions of several sets, and samples of one. */
static void
test_regions(int rounds)
{
	Random		random = {61};
	int			wrong = 0;
	int			wrong_sample = 0;
	int			round;

	for (round = 0; round < rounds; round++)
	{
		int			n = 1 + (int) random_below(&random, VENN_SETS_MAX);
		Model		models[VENN_SETS_MAX];
		Roaring		all[VENN_SETS_MAX];
		Pieces		pieces[VENN_SETS_MAX];
		Roaring		sets[VENN_SETS_MAX];
		uint64		regions[1 << VENN_SETS_MAX];
		uint64		expected[1 << VENN_SETS_MAX] = {0};
		size_t		at[VENN_SETS_MAX] = {0};
		int			i;

		for (i = 0; i < n; i++)
		{
			models[i] = random_model(&random);
			all[i] = roaring_of(&random, &models[i]);
			sets[i] = pieces_begin(&pieces[i], all[i], (uint64) i);
			if ((round + i) % 3 == 0)
				sets[i] = all[i];
		}
		for (;;)
		{
			uint64		lowest = UINT64_MAX;
			bool		any = false;
			int			mask = 0;

			for (i = 0; i < n; i++)
				if (at[i] < models[i].n)
				{
					any = true;
					if (models[i].members[at[i]] < lowest)
						lowest = models[i].members[at[i]];
				}
			if (!any)
				break;
			for (i = 0; i < n; i++)
				if (at[i] < models[i].n && models[i].members[at[i]] == lowest)
				{
					mask |= 1 << i;
					at[i]++;
				}
			expected[mask]++;
		}
		venn_count(sets, n, regions);
		wrong += memcmp(regions, expected, ((size_t) 1 << n) * sizeof(uint64)) != 0;
		for (i = 0; i < n; i++)
		{
			uint64		wanted = random_below(&random, models[i].n * 2 + 1);
			RoaringWriter writer;
			Roaring		sample;
			bool		canonical;

			roaring_writer_init(&writer, 0, 0);
			venn_sample(&writer, sets[i], models[i].n, wanted, random_next(&random));
			sample = roaring_writer_finish(&writer);
			wrong_sample += writer.cardinality != (wanted < models[i].n ? wanted : models[i].n) ||
				roaring_validate(sample.bytes, sample.size, &canonical) != NULL || !canonical ||
				roaring_cardinality(sample) != writer.cardinality || !roaring_is_subset(sample, sets[i]);
			free(writer.memory);
			pieces_end(&pieces[i]);
			free(models[i].members);
			free((void *) all[i].bytes);
		}
	}
	test_ok(wrong == 0, "roaring: regions of up to %d sets", VENN_SETS_MAX);
	test_ok(wrong_sample == 0, "roaring: samples");
}

void
test_roaring(void)
{
	test_operations(70);
	test_lookups(30);
	test_builders(12);
	test_spread();
	test_many_buckets();
	test_spoilt(40);
	test_regions(15);
}
