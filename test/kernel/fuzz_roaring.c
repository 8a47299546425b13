/*-------------------------------------------------------------------------
 *
 * fuzz_roaring.c
 *		Any bytes as two Roaring sets: what is accepted is combined, looked up
 *		and walked over, and everything must agree.
 *
 * The first two bytes say where the second set begins.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"
#include "pieces.h"
#include "roaring/roaring.h"
#include "roaring/roaring_words.h"

/* A set in memory of exactly its size. */
static Roaring
exact(RoaringWriter *writer)
{
	Roaring		set = roaring_writer_finish(writer);

	set.bytes = fuzz_copy(set.bytes, set.size);
	free(writer->memory);
	return set;
}

static void
must_be_canonical(Roaring set)
{
	bool		canonical;

	must(roaring_validate(set.bytes, set.size, &canonical) == NULL && canonical);
}

/* The set of bytes that may be one; written again if they are not canonical. */
static bool
read_set(const uint8 *bytes, size_t size, Roaring *set)
{
	uint8	   *copy = fuzz_copy(bytes, size);
	bool		canonical;
	RoaringWriter writer;
	RoaringIterator iterator;
	uint64		n;
	uint64		done = 0;
	int64		first;
	int64		last;

	if (size == 0 || roaring_validate(copy, size, &canonical) != NULL)
	{
		free(copy);
		return false;
	}
	n = roaring_cardinality(roaring_of_bytes(copy, size));
	roaring_iterate(&iterator, roaring_of_bytes(copy, size));
	while (roaring_iterator_next_range(&iterator, &first, &last))
	{
		must(first <= last);
		done += (uint64) (last - first) + 1;
	}
	must(done == n);
	roaring_writer_init(&writer, 0, 0);
	roaring_canonical(&writer, roaring_of_bytes(copy, size));
	must(writer.cardinality == n);
	*set = exact(&writer);
	must_be_canonical(*set);
	must(canonical == (set->size == size && memcmp(set->bytes, copy, size) == 0));
	free(copy);
	return true;
}

static Roaring
combined(RoaringOperation operation, Roaring a, Roaring b, uint64 cardinality)
{
	RoaringWriter writer;
	Roaring		set;

	roaring_writer_init(&writer, 0, 0);
	roaring_combine(&writer, operation, a, b);
	must(writer.cardinality == cardinality);
	set = exact(&writer);
	must_be_canonical(set);
	must(roaring_cardinality(set) == cardinality);
	return set;
}

static bool
equal(Roaring a, Roaring b)
{
	return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

/* Two sets by every operation. */
static void
use_two(Roaring a, Roaring b)
{
	uint64		na = roaring_cardinality(a);
	uint64		nb = roaring_cardinality(b);
	uint64		both = roaring_and_cardinality(a, b);
	Roaring		a_and_b = combined(ROARING_AND, a, b, both);
	Roaring		a_or_b = combined(ROARING_OR, a, b, na + nb - both);
	Roaring		a_xor_b = combined(ROARING_XOR, a, b, na + nb - 2 * both);
	Roaring		a_not_b = combined(ROARING_ANDNOT, a, b, na - both);
	Roaring		sum = combined(ROARING_OR, a_and_b, a_xor_b, na + nb - both);
	Roaring		a_again = combined(ROARING_XOR, a_and_b, a_not_b, na);
	RoaringBuilder builder;

	must(both == roaring_and_cardinality(b, a));
	must(roaring_intersects(a, b) == (both > 0));
	must(roaring_is_subset(a, b) == (both == na));
	must(roaring_is_subset(a, a_or_b) && roaring_is_subset(a_and_b, b));
	must(!roaring_intersects(a_not_b, b));
	must(equal(sum, a_or_b) && equal(a_again, a));
	roaring_builder_init(&builder, ROARING_OR);
	roaring_builder_add_set(&builder, a);
	roaring_builder_add_set(&builder, b);
	must(equal(roaring_builder_result(&builder), a_or_b));
	roaring_builder_free(&builder);
	free((void *) a_and_b.bytes);
	free((void *) a_or_b.bytes);
	free((void *) a_xor_b.bytes);
	free((void *) a_not_b.bytes);
	free((void *) sum.bytes);
	free((void *) a_again.bytes);
}

/* Two sets read in pieces are the same sets. */
static void
use_two_in_pieces(Roaring a, Roaring b, uint64 seed)
{
	Pieces		pieces_a;
	Pieces		pieces_b;
	Roaring		x = pieces_begin(&pieces_a, a, seed);
	Roaring		y = pieces_begin(&pieces_b, b, ~seed);
	uint64		na = roaring_cardinality(a);
	uint64		both = roaring_and_cardinality(a, b);
	RoaringIterator iterator;
	int64		member;
	int			operation;

	must(roaring_cardinality(x) == na);
	must(roaring_and_cardinality(x, y) == both && roaring_and_cardinality(y, a) == both);
	must(roaring_intersects(x, y) == (both > 0));
	must(roaring_is_subset(x, y) == (both == na));
	for (operation = ROARING_AND; operation <= ROARING_ANDNOT; operation++)
	{
		RoaringWriter writer;
		Roaring		expected;
		Roaring		set;

		roaring_writer_init(&writer, 0, 0);
		roaring_combine(&writer, (RoaringOperation) operation, a, b);
		expected = exact(&writer);
		roaring_writer_init(&writer, 0, 0);
		roaring_combine(&writer, (RoaringOperation) operation, x, y);
		set = exact(&writer);
		must(equal(set, expected));
		free((void *) set.bytes);
		free((void *) expected.bytes);
	}
	if (roaring_select(a, na / 2, &member))
	{
		must(roaring_contains(x, (uint64) member));
		must(roaring_rank(x, member) == na / 2 + 1);
		must(roaring_contains(y, (uint64) member) == roaring_contains(b, (uint64) member));
		roaring_iterate_from(&iterator, x, member);
		must(roaring_iterator_next(&iterator, &member, 1) == 1 && roaring_rank(a, member) == na / 2 + 1);
	}
	pieces_end(&pieces_a);
	pieces_end(&pieces_b);
}

/* One set: its members by place, by look-up and in order. */
static void
use_one(Roaring set)
{
	uint64		n = roaring_cardinality(set);
	RoaringIndex index;
	RoaringIterator iterator;
	int64		members[40];
	size_t		some;
	size_t		i;

	roaring_index_init(&index, set);
	roaring_iterate(&iterator, set);
	some = roaring_iterator_next(&iterator, members, 40);
	must(some == (n < 40 ? n : 40));
	for (i = 0; i < some; i++)
	{
		int64		member;
		RoaringWriter writer;
		Roaring		part;

		must(i == 0 || members[i] > members[i - 1]);
		must(roaring_contains(set, (uint64) members[i]));
		roaring_index_ahead(&index, (uint64) members[i]);
		must(roaring_index_contains(&index, (uint64) members[i]));
		must(roaring_contains(set, (uint64) members[i] + 1) ==
			 roaring_index_contains(&index, (uint64) members[i] + 1));
		must(roaring_rank(set, members[i]) == i + 1);
		must(roaring_select(set, i, &member) && member == members[i]);
		roaring_iterate_from(&iterator, set, members[i]);
		must(roaring_iterator_next(&iterator, &member, 1) == 1 && member == members[i]);
		roaring_writer_init(&writer, 0, 0);
		roaring_in_range(&writer, set, members[0], members[i]);
		part = exact(&writer);
		must_be_canonical(part);
		must(roaring_cardinality(part) == i + 1);
		free((void *) part.bytes);
	}
	roaring_index_free(&index);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t		split;
	Roaring		a;
	Roaring		b;

	if (size < 2)
		return 0;
	split = ((size_t) data[0] << 8 | data[1]) % (size - 1);
	data += 2;
	size -= 2;
	if (split > size)
		split = size;
	roaring_use_processor(split % 2 == 0);
	if (read_set(data, split, &a))
	{
		use_one(a);
		if (read_set(data + split, size - split, &b))
		{
			use_two(a, b);
			use_two_in_pieces(a, b, split);
			free((void *) b.bytes);
		}
		free((void *) a.bytes);
	}
	return 0;
}
