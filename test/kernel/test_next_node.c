/*-------------------------------------------------------------------------
 *
 * test_next_node.c
 *		The next-node kernel: order, search and encoding of rows.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "cases.h"
#include "sequence/next_node.h"
#include "tap.h"
#include "tests.h"

#define CASES 20000
#define MAX_ROWS 10
#define MAX_VALUE 4

/* Rows of one user with their values, in memory of exactly their size. */
typedef struct History
{
	size_t		n;
	int			nsteps;
	NodeRow    *rows;
	char	   *bytes;
	size_t		nbytes;
} History;

static History
random_history(Random *random, size_t n, int64 unit)
{
	History		h = {
		.n = n,
		.nsteps = 1 + (int) random_below(random, 3)
	};
	size_t		i;

	h.rows = allocate(n * sizeof(NodeRow));
	h.bytes = allocate(n * MAX_VALUE);
	for (i = 0; i < n; i++)
	{
		NodeRow    *row = &h.rows[i];
		uint32		k;

		memset(row, 0, sizeof(NodeRow));	/* padding is compared too */
		row->at = EVENT_TIME_MIN + (int64) random_below(random, 6) * unit;
		row->step = random_below(random, 8) << 61 & ~(UINT64_MAX >> h.nsteps);
		if (random_below(random, 2) == 0)	/* so that chains come about */
			row->step = ~(UINT64_MAX >> h.nsteps);
		row->step |= (uint64) h.nsteps;
		row->is_base = random_below(random, 2) == 0;
		row->value = h.nbytes;
		row->length = (uint32) random_below(random, MAX_VALUE + 1);
		for (k = 0; k < row->length; k++)
			h.bytes[h.nbytes++] = (char) (random_below(random, 3) * 100);
	}
	h.bytes = realloc(h.bytes, h.nbytes > 0 ? h.nbytes : 1);
	return h;
}

static void
free_history(History *h)
{
	free(h->rows);
	free(h->bytes);
}

/* The order written down once more: by time, value as bytes, conditions, base. */
static const char *sort_bytes;

static int
compare_rows(const void *a, const void *b)
{
	const NodeRow *x = a;
	const NodeRow *y = b;
	uint32		i;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	for (i = 0; i < x->length && i < y->length; i++)
	{
		unsigned char mine = (unsigned char) sort_bytes[x->value + i];
		unsigned char other = (unsigned char) sort_bytes[y->value + i];

		if (mine != other)
			return mine < other ? -1 : 1;
	}
	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	if (x->step != y->step)
		return x->step > y->step ? -1 : 1;
	return (int) y->is_base - (int) x->is_base;
}

static void
test_order(void)
{
	Random		random = {31};
	int			wrong = 0;
	int			i;

	for (i = 0; i < 2000; i++)
	{
		History		h = random_history(&random, (size_t) i % 100, 1);
		NodeRow    *scratch = allocate(events_sort_scratch(h.n) * sizeof(NodeRow));
		NodeRow    *expected = copy_of(h.rows, h.n * sizeof(NodeRow));
		size_t		j;

		sort_bytes = h.bytes;
		if (h.n > 0)
			qsort(expected, h.n, sizeof(NodeRow), compare_rows);
		node_rows_sort(h.rows, h.n, scratch, h.bytes);
		for (j = 0; j < h.n; j++)
			wrong += compare_rows(&h.rows[j], &expected[j]) != 0;
		free(scratch);
		free(expected);
		free_history(&h);
	}
	test_ok(wrong == 0, "next_node: rows are ordered by time, value and the rest (2000 cases)");
}

/* Does the row meet condition k? */
static bool
meets(const NodeRow *row, int k)
{
	return (row->step >> (63 - k) & 1) != 0;
}

/* The definition, one row at a time, on rows laid in the direction of search. */
static size_t
plain_find(const NodeRow *rows, size_t n, int nsteps, bool first, bool at_the_end)
{
	size_t		base = n;
	size_t		i;
	int			k;

	for (i = 0; i < n; i++)
	{
		if (at_the_end ? i == 0 && rows[i].is_base : rows[i].is_base && meets(&rows[i], 0))
		{
			if (base == n || !first)
				base = i;
		}
	}
	for (k = 0; k < nsteps; k++)
		if (base + (size_t) k >= n || !meets(&rows[base + (size_t) k], k))
			return NO_NODE;
	return base + (size_t) nsteps < n ? base + (size_t) nsteps : NO_NODE;
}

static void
test_search(void)
{
	static const char *const anchors[] = {"head", "tail", "first_match", "last_match"};
	int			direction;
	int			anchor;

	for (direction = NODE_FORWARD; direction <= NODE_BACKWARD; direction++)
		for (anchor = NODE_HEAD; anchor <= NODE_LAST_MATCH; anchor++)
		{
			Random		random = {32};
			int			wrong = 0;
			int			found = 0;
			int			i;

			/* no row lies beyond the head or the tail */
			if (anchor == (direction == NODE_FORWARD ? NODE_TAIL : NODE_HEAD))
				continue;
			for (i = 0; i < CASES; i++)
			{
				History		h = random_history(&random, (size_t) i % MAX_ROWS, 1);
				NodeRow    *laid = copy_of(h.rows, h.n * sizeof(NodeRow));
				size_t		answer = node_find(h.rows, h.n, h.nsteps,
											   (NodeDirection) direction, (NodeAnchor) anchor);
				size_t		expected;
				size_t		j;

				if (direction == NODE_BACKWARD)
					for (j = 0; j < h.n; j++)
						laid[j] = h.rows[h.n - 1 - j];
				expected = plain_find(laid, h.n, h.nsteps,
									  (anchor == NODE_FIRST_MATCH) == (direction == NODE_FORWARD),
									  anchor <= NODE_TAIL);
				if (direction == NODE_BACKWARD && expected != NO_NODE)
					expected = h.n - 1 - expected;
				if (answer != expected && wrong++ == 0)
					test_note("%zu rows: row %zd, not %zd", h.n, (ssize_t) answer, (ssize_t) expected);
				found += answer != NO_NODE;
				free(laid);
				free_history(&h);
			}
			test_ok(wrong == 0 && found > CASES / 50, "next_node: %s from %s (%d cases)",
					direction == NODE_FORWARD ? "forward" : "backward", anchors[anchor], CASES);
		}
}

/* Are these bytes read as rows whose values take nbytes? */
static bool
decodes(const History *h, const unsigned char *bytes, size_t size, size_t nbytes)
{
	NodeRow    *rows = allocate(h->n * sizeof(NodeRow));
	char	   *values = allocate(nbytes);
	ByteReader	in = {bytes, bytes + size, false};
	bool		good = node_rows_decode(&in, h->nsteps, rows, h->n, values, nbytes);

	free(rows);
	free(values);
	return good;
}

static void
test_encoding(void)
{
	Random		random = {33};
	int			wrong = 0;
	int			cut = 0;
	int			i;

	for (i = 0; i < 3000; i++)
	{
		int64		unit = i % 2 == 0 ? 1 : (int64) (time_between(EVENT_TIME_MIN, EVENT_TIME_END - 1) / 6);
		History		h = random_history(&random, (size_t) i % MAX_ROWS, unit);
		size_t		size = node_rows_encoded_size(h.rows, h.n);
		unsigned char *bytes = allocate(size);
		ByteWriter	out = {bytes};
		size_t		length;

		node_rows_encode(h.rows, h.n, h.bytes, &out);
		wrong += out.at != bytes + size;
		for (length = 0; length <= size; length++)
		{
			unsigned char *part = copy_of(bytes, length);
			NodeRow    *rows = allocate(h.n * sizeof(NodeRow));
			char	   *values = allocate(h.nbytes);
			ByteReader	in = {part, part + length, false};
			bool		whole = node_rows_decode(&in, h.nsteps, rows, h.n, values, h.nbytes);
			size_t		j;

			if (length < size)
				cut += whole;
			else
			{
				wrong += !whole || bytes_left(&in) != 0 ||
					(h.nbytes > 0 && memcmp(values, h.bytes, h.nbytes) != 0);
				for (j = 0; j < h.n && whole; j++)
					wrong += rows[j].at != h.rows[j].at || rows[j].step != h.rows[j].step ||
						rows[j].is_base != h.rows[j].is_base || rows[j].value != h.rows[j].value ||
						rows[j].length != h.rows[j].length;
			}
			free(part);
			free(rows);
			free(values);
		}

		/* values that take more, or less, than they are said to */
		wrong += h.nbytes > 0 && decodes(&h, bytes, size, h.nbytes - 1);
		wrong += decodes(&h, bytes, size, h.nbytes + 1);
		free(bytes);
		free_history(&h);
	}
	test_ok(wrong == 0, "next_node: rows are read as they were written (3000 cases)");
	test_ok(cut == 0, "next_node: rows cut short anywhere are refused");
}

void
test_next_node(void)
{
	test_order();
	test_search();
	test_encoding();
}
