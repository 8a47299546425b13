/*-------------------------------------------------------------------------
 *
 * next_node.c
 *		The next-node kernel: what came right after, or right before, a chain
 *		of consecutive events of one user.
 *
 * The definition is ClickHouse's sequenceNextNode.  Rows are ordered by time
 * and, at one time, by the bytes of their values; every row counts, whether
 * it meets a condition or not.  The anchor selects the base row; is_base must
 * be true for it.  From there, forward or backward, the rows must meet
 * conditions 1, 2, ...  N one after the other; the base meets condition 1.
 * The next row is the answer.
 *
 *-------------------------------------------------------------------------
 */
#include "sequence/next_node.h"

/* The order of rows: by time, then by value, then by the rest of the row. */
bool
node_row_before(const NodeRow *a, const NodeRow *b, const char *bytes)
{
	int			order;

	if (a->at != b->at)
		return a->at < b->at;
	order = memcmp(bytes + a->value, bytes + b->value,
				   a->length < b->length ? a->length : b->length);
	if (order != 0)
		return order < 0;
	if (a->length != b->length)
		return a->length < b->length;
	if (a->step != b->step)
		return a->step > b->step;
	return a->is_base && !b->is_base;
}

#define MERGE_SORT_NAME sort_rows
#define MERGE_SORT_TYPE NodeRow
#define MERGE_SORT_BEFORE(a, b, arg) node_row_before(a, b, (const char *) (arg))
#include "base/merge_sort.h"

/* Put rows into their order; scratch holds events_sort_scratch(n) rows. */
void
node_rows_sort(NodeRow *rows, size_t n, NodeRow *scratch, const char *bytes)
{
	sort_rows(rows, n, scratch, bytes);
}

/* The position of the base row, or NO_NODE. */
static size_t
node_find_base(const NodeRow *rows, size_t n, NodeAnchor anchor)
{
	size_t		i;

	switch (anchor)
	{
		case NODE_HEAD:
			return n > 0 && rows[0].is_base ? 0 : NO_NODE;
		case NODE_TAIL:
			return n > 0 && rows[n - 1].is_base ? n - 1 : NO_NODE;
		case NODE_FIRST_MATCH:
			for (i = 0; i < n; i++)
				if (rows[i].is_base && (rows[i].step & stepset_bit(0)) != 0)
					return i;
			break;
		case NODE_LAST_MATCH:
			for (i = n; i-- > 0;)
				if (rows[i].is_base && (rows[i].step & stepset_bit(0)) != 0)
					return i;
			break;
	}
	return NO_NODE;
}

/* The position of the row that answers the question, or NO_NODE. */
size_t
node_find(const NodeRow *rows, size_t n, int nsteps,
		  NodeDirection direction, NodeAnchor anchor)
{
	size_t		base = node_find_base(rows, n, anchor);
	size_t		steps = (size_t) nsteps;
	size_t		i;

	if (base == NO_NODE)
		return NO_NODE;
	if (direction == NODE_FORWARD ? n - base <= steps : base < steps)
		return NO_NODE;			/* no row is left after the chain */
	for (i = 0; i < steps; i++)
	{
		const NodeRow *row = direction == NODE_FORWARD ? &rows[base + i] : &rows[base - i];

		if ((row->step & stepset_bit((int) i)) == 0)
			return NO_NODE;
	}
	return direction == NODE_FORWARD ? base + steps : base - steps;
}

/*
 * The bytes in which rows travel: for each, the difference of its time to the
 * one before, its conditions and base mark as one number, and its value.
 */
static uint64
node_row_flags(const NodeRow *row)
{
	return row->step >> (64 - stepset_size(row->step)) << 1 | (row->is_base ? 1 : 0);
}

size_t
node_rows_encoded_size(const NodeRow *rows, size_t n)
{
	size_t		size = 0;
	int64		before = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		size += number_size(fold_sign((int64) time_between(before, rows[i].at)));
		size += number_size(node_row_flags(&rows[i]));
		size += number_size(rows[i].length) + rows[i].length;
		before = rows[i].at;
	}
	return size;
}

void
node_rows_encode(const NodeRow *rows, size_t n, const char *bytes, ByteWriter *out)
{
	int64		before = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		write_number(out, fold_sign((int64) time_between(before, rows[i].at)));
		write_number(out, node_row_flags(&rows[i]));
		write_number(out, rows[i].length);
		write_bytes(out, bytes + rows[i].value, rows[i].length);
		before = rows[i].at;
	}
}

/*
 * Read n rows of nsteps conditions each, whose values take nbytes together.
 * Returns false if the bytes are invalid.
 */
bool
node_rows_decode(ByteReader *in, int nsteps, NodeRow *rows, size_t n,
				 char *bytes, size_t nbytes)
{
	uint64		before = 0;
	size_t		used = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		uint64		at = before + (uint64) unfold_sign(read_number(in));
		uint64		flags = read_number(in);
		uint64		length = read_number(in);
		const unsigned char *value = read_bytes(in, length);

		if (value == NULL || flags >> 1 >> nsteps != 0 || length > nbytes - used ||
			!event_time_is_valid((int64) at))
		{
			in->failed = true;
			return false;
		}
		rows[i].at = (int64) at;
		rows[i].step = flags >> 1 << (64 - nsteps) | (uint64) nsteps;
		rows[i].is_base = (flags & 1) != 0;
		rows[i].value = used;
		rows[i].length = (uint32) length;
		if (length > 0)
			memcpy(bytes + used, value, length);
		used += length;
		before = at;
	}
	if (used != nbytes)
		in->failed = true;
	return !in->failed;
}
