/*-------------------------------------------------------------------------
 *
 * fuzz_next_node.c
 *		Any bytes as the serialized state of sequence_next_node: read as its
 *		deserialize function reads them, then put to use.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"
#include "sequence/next_node.h"

/* Written again and read again, the rows are the same. */
static void
round_trip(const NodeRow *rows, size_t n, int nsteps, const char *values, size_t nbytes)
{
	size_t		size = node_rows_encoded_size(rows, n);
	unsigned char *bytes = fuzz_allocate(size);
	NodeRow    *again = fuzz_allocate(n * sizeof(NodeRow));
	char	   *new_values = fuzz_allocate(nbytes + 1);
	ByteWriter	out = {bytes};
	ByteReader	in = {bytes, bytes + size, false};
	size_t		i;

	node_rows_encode(rows, n, values, &out);
	must(out.at == bytes + size);
	must(node_rows_decode(&in, nsteps, again, n, new_values, nbytes) && bytes_left(&in) == 0);
	must(memcmp(new_values, values, nbytes) == 0);
	for (i = 0; i < n; i++)
		must(again[i].at == rows[i].at && again[i].step == rows[i].step &&
			 again[i].is_base == rows[i].is_base && again[i].value == rows[i].value &&
			 again[i].length == rows[i].length);
	free(bytes);
	free(again);
	free(new_values);
}

static void
use(NodeRow *rows, size_t n, int nsteps, const char *values)
{
	NodeRow    *scratch = fuzz_allocate(events_sort_scratch(n) * sizeof(NodeRow));
	int			direction;
	int			anchor;
	size_t		i;

	node_rows_sort(rows, n, scratch, values);
	for (i = 1; i < n; i++)
		must(!node_row_before(&rows[i], &rows[i - 1], values));
	for (direction = NODE_FORWARD; direction <= NODE_BACKWARD; direction++)
		for (anchor = NODE_HEAD; anchor <= NODE_LAST_MATCH; anchor++)
		{
			size_t		found = node_find(rows, n, nsteps, (NodeDirection) direction,
										  (NodeAnchor) anchor);

			must(found == NO_NODE || found < n);
		}
	free(scratch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *bytes = fuzz_copy(data, size);
	ByteReader	in = {bytes, bytes + size, false};
	ByteReader	params = {NULL, NULL, false};
	EventsHeader header;

	if (bytes != NULL && events_read_header(&in, &header))
	{
		uint64		direction;
		uint64		anchor;
		uint64		nbytes;

		params.at = header.params;
		params.end = header.params + header.params_size;
		direction = read_number(&params);
		anchor = read_number(&params);
		nbytes = read_number(&params);
		if (!params.failed && bytes_left(&params) == 0 && direction <= NODE_BACKWARD &&
			anchor <= NODE_LAST_MATCH && nbytes <= bytes_left(&in))
		{
			NodeRow    *rows = fuzz_allocate(header.n * sizeof(NodeRow));
			char	   *values = fuzz_allocate(nbytes + 1);

			if (node_rows_decode(&in, header.nsteps, rows, header.n, values, nbytes) &&
				bytes_left(&in) == 0)
			{
				size_t		i;

				for (i = 0; i < header.n; i++)
				{
					must(stepset_is_valid(rows[i].step));
					must(rows[i].value + rows[i].length <= nbytes);
					must(rows[i].at >= EVENT_TIME_MIN && rows[i].at < EVENT_TIME_END);
				}
				round_trip(rows, header.n, header.nsteps, values, nbytes);
				use(rows, header.n, header.nsteps, values);
			}
			free(rows);
			free(values);
		}
	}
	free(bytes);
	return 0;
}
