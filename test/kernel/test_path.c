/*-------------------------------------------------------------------------
 *
 * test_path.c
 *		The path kernel against its definition.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "oracle_path.h"
#include "random.h"
#include "tap.h"
#include "tests.h"

void
test_path(void)
{
	static PathStep found[ORACLE_PATH_STEPS];
	static PathStep expected[ORACLE_PATH_STEPS];
	Random		random = {31};
	int			wrong = 0;
	int			paths = 0;
	int			i;
	size_t		kept;
	size_t		search = 0;
	Path		path;

	for (i = 0; i < 100000; i++)
	{
		Event		events[40];
		Event		copy[40];
		bool		ignored[4] = {false};
		PathSpec	spec = {0};
		size_t		n = random_below(&random, 40);
		size_t		nfound;
		int64		at = i % 3 == 0 ? EVENT_TIME_MIN : i % 3 == 1 ? 0 : EVENT_TIME_END - 1000;
		size_t		j;

		spec.gap = random_below(&random, 4) == 0 ? PATH_WHOLE : (int64) random_below(&random, 8);
		spec.depth = 1 + (int) random_below(&random, 6);
		spec.from_start = random_below(&random, 2) == 0;
		spec.to_end = random_below(&random, 2) == 0;
		spec.start = random_below(&random, 9) == 0 ? NODE_NONE : (uint32) random_below(&random, 4);
		spec.end = random_below(&random, 9) == 0 ? NODE_NONE : (uint32) random_below(&random, 4);
		spec.collapse = random_below(&random, 3) == 0;
		spec.every = random_below(&random, 2) == 0 && (spec.from_start || spec.to_end);
		if (random_below(&random, 3) == 0)
		{
			ignored[random_below(&random, 4)] = true;
			spec.ignored = ignored;
		}
		for (j = 0; j < n; j++)
		{
			at += (int64) random_below(&random, 10);
			events[j].at = at;
			events[j].step = 0;
			event_set_node(&events[j], (uint32) random_below(&random, 4));
		}
		memcpy(copy, events, sizeof(events));
		nfound = kernel_path_steps(copy, n, &spec, found);
		if (nfound != oracle_path_steps(events, n, &spec, expected) ||
			!path_steps_equal(found, expected, nfound))
			wrong++;
		else
			paths += nfound > 0;
	}
	test_ok(wrong == 0, "path: sessions and paths as defined (100000 histories)");
	test_ok(paths > 40000, "path: most histories have paths (%d)", paths);

	{
		Event		ends[2] = {{EVENT_TIME_MIN, 0}, {EVENT_TIME_END - 1, 0}};
		PathSpec	spec = {
			.gap = DURATION_MAX,
			.depth = PATH_DEPTH_MAX
		};

		test_ok(path_session(ends, 2, &spec, &kept) == 1 && kept == 1,
				"path: from one end of time to the other is longer than any gap");
	}

	/* the cost does not depend on where the anchors are, but for the depth */
	{
		size_t		n = 1000000;
		Event	   *events = malloc(n * sizeof(Event));
		PathSpec	spec = {
			.gap = PATH_WHOLE,
			.depth = PATH_DEPTH_MAX,
			.from_start = true,
			.to_end = true,
			.every = true,
			.start = 0,
			.end = 1
		};
		double		began = seconds_now();
		size_t		found_paths = 0;
		size_t		j;

		for (j = 0; j < n; j++)
		{
			events[j].at = (int64) j;
			events[j].step = 0;
			event_set_node(&events[j], 0);
		}
		path_session(events, n, &spec, &kept);
		while (path_next(events, kept, &spec, &search, &path))
			found_paths++;
		test_ok(found_paths == 0 && seconds_now() - began < 5,
				"path: a million starts without an end take %.2f s", seconds_now() - began);
		free(events);
	}
}
