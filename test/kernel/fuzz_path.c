/*-------------------------------------------------------------------------
 *
 * fuzz_path.c
 *		Fuzz target: any history and any parameters, against the definition.
 *
 * The first eight bytes are the parameters; then each two bytes are an event.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"
#include "oracle_path.h"

#define MOST_EVENTS 200

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static PathStep found[ORACLE_PATH_STEPS];
	static PathStep expected[ORACLE_PATH_STEPS];
	bool		ignored[8];
	PathSpec	spec = {0};
	Event	   *events;
	Event	   *copy;
	int64		at = 0;
	size_t		n;
	size_t		nfound;
	size_t		i;

	if (size < 8)
		return 0;
	n = (size - 8) / 2;
	if (n > MOST_EVENTS)
		n = MOST_EVENTS;
	spec.gap = data[0] == 255 ? PATH_WHOLE : data[0];
	spec.depth = 1 + data[1] % PATH_DEPTH_MAX;
	spec.from_start = (data[2] & 1) != 0;
	spec.to_end = (data[2] & 2) != 0;
	spec.collapse = (data[2] & 4) != 0;
	spec.every = (data[2] & 8) != 0 && (spec.from_start || spec.to_end);
	spec.start = data[3] % 9 == 8 ? NODE_NONE : data[3] % 9;
	spec.end = data[4] % 9 == 8 ? NODE_NONE : data[4] % 9;
	for (i = 0; i < 8; i++)
		ignored[i] = (data[5] >> i & 1) != 0;
	if (data[5] != 0)
		spec.ignored = ignored;

	events = fuzz_allocate(n * sizeof(Event));
	for (i = 0; i < n; i++)
	{
		at += data[8 + 2 * i];
		events[i].at = at;
		events[i].step = (uint64) data[9 + 2 * i] << 32;
		event_set_node(&events[i], data[9 + 2 * i] % 8);
	}
	copy = fuzz_copy(events, n * sizeof(Event));
	nfound = kernel_path_steps(copy, n, &spec, found);
	must(nfound != SIZE_MAX);
	must(nfound == oracle_path_steps(events, n, &spec, expected));
	must(path_steps_equal(found, expected, nfound));
	free(copy);
	free(events);
	return 0;
}
