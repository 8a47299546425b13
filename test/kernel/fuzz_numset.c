/*-------------------------------------------------------------------------
 *
 * fuzz_numset.c
 *		Any bytes as a numset: what is accepted is asked everything, and the
 *		answers must agree with its entries.
 *
 * The first byte says what else to try: a bound, and a user of the filter.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"
#include "numset/numset.h"
#include "roaring/roaring_words.h"

#define ENTRIES_MAX 4096

static Roaring
selection(Numset set, const Roaring *filter, int64 low, int64 high, bool outside)
{
	RoaringWriter writer;
	Roaring		users;
	bool		canonical;

	roaring_writer_init(&writer, 0, 0);
	numset_select(&writer, set, filter, low, high, outside);
	users = roaring_writer_finish(&writer);
	users.bytes = fuzz_copy(users.bytes, users.size);
	free(writer.memory);
	must(roaring_validate(users.bytes, users.size, &canonical) == NULL && canonical);
	return users;
}

/* Everything a numset can be asked. */
static void
use(Numset set, uint8 choice)
{
	NumsetReader *reader = fuzz_allocate(sizeof(NumsetReader));
	NumsetEntry *entries = fuzz_allocate(ENTRIES_MAX * sizeof(NumsetEntry));
	NumsetWriter writer;
	NumsetTotals totals;
	const NumsetEntry *entry;
	Numset		again;
	Roaring		all;
	Roaring		some;
	Roaring		others;
	Roaring		filtered;
	uint64		n = 0;
	uint64		before = 0;
	uint64		below = 0;
	uint64		count;
	uint64		total;
	uint64		i;
	int64		bound;
	int64		min;
	int64		max;
	int64		value;

	/* what it means makes the same bytes */
	numset_reader_begin(reader, set, NULL);
	numset_writer_init(&writer, 0, numset_minimum(set), numset_count(set));
	for (; (entry = numset_reader_peek(reader)) != NULL; reader->i++)
	{
		must(n == 0 || entry->user > before);
		before = entry->user;
		if (n < ENTRIES_MAX)
			entries[n] = *entry;
		n++;
		numset_write(&writer, entry->user, entry->value);
	}
	must(n == numset_count(set));
	again = numset_writer_finish(&writer);
	must(again.size == set.size && memcmp(again.bytes, set.bytes, set.size) == 0);
	free(writer.memory);
	must(numset_extremes(set, NULL, &min, &max) == (n > 0));
	if (n == 0)
	{
		free(reader);
		free(entries);
		return;
	}
	must(min == numset_minimum(set) && min <= max);
	must(numset_nth(set, NULL, 0, &value) && value == min);
	must(numset_nth(set, NULL, n - 1, &value) && value == max);
	must(!numset_nth(set, NULL, n, &value));

	bound = entries[choice % (n < ENTRIES_MAX ? n : ENTRIES_MAX)].value;
	if (choice % 5 == 0 && bound < PG_INT64_MAX)
		bound++;
	all = selection(set, NULL, PG_INT64_MIN, PG_INT64_MAX, false);
	some = selection(set, NULL, bound, PG_INT64_MAX, true);
	others = selection(set, NULL, bound, PG_INT64_MAX, false);
	must(roaring_cardinality(all) == n && roaring_is_subset(some, all) && roaring_is_subset(others, all));
	must(!roaring_intersects(some, others));
	must(roaring_cardinality(some) + roaring_cardinality(others) == n);
	numset_counts_below(set, NULL, &bound, 1, &count, &total);
	must(total == n && count == roaring_cardinality(some));
	numset_totals(set, NULL, &totals);
	must(totals.n == n);
	numset_totals(set, &some, &totals);
	must(totals.n == count);
	filtered = selection(set, &some, bound, PG_INT64_MAX, true);
	must(filtered.size == some.size && memcmp(filtered.bytes, some.bytes, some.size) == 0);
	for (i = 0; i < n && i < ENTRIES_MAX; i++)
	{
		below += entries[i].value < bound;
		must(roaring_contains(some, entries[i].user) == (entries[i].value < bound));
		must(numset_value(set, entries[i].user, &value) && value == entries[i].value);
		must(i + 1 >= n || i + 1 >= ENTRIES_MAX || entries[i + 1].user == entries[i].user + 1 ||
			 !numset_value(set, entries[i].user + 1, &value));
	}
	must(n > ENTRIES_MAX || below == count);
	free((void *) all.bytes);
	free((void *) some.bytes);
	free((void *) others.bytes);
	free((void *) filtered.bytes);
	free(reader);
	free(entries);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8	   *bytes;

	if (size < 1)
		return 0;
	roaring_use_processor(data[0] % 2 == 0);
	numset_use_processor(data[0] % 2 == 0);
	bytes = fuzz_copy(data + 1, size - 1);
	if (bytes != NULL && numset_validate(bytes, size - 1) == NULL)
	{
		const Numset set = {bytes, size - 1};

		use(set, data[0]);
	}
	free(bytes);
	return 0;
}
