/*-------------------------------------------------------------------------
 *
 * test_small.c
 *		The retention and session kernels.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "cases.h"
#include "retention/retention_conditions.h"
#include "session/session.h"
#include "tap.h"
#include "tests.h"

void
test_retention(void)
{
	Random		random = {21};
	int			wrong = 0;
	int			i;

	for (i = 0; i < 20000; i++)
	{
		uint64		met = random_next(&random);
		uint64		answer;
		int			k;

		if (i % 2 == 0)
			met &= random_next(&random);
		answer = retention_conditions(met);
		for (k = 0; k < STEPSET_MAX; k++)
		{
			/* r[1] = c1, r[i] = c1 and ci */
			bool		expected = (met >> 63 & 1) != 0 && (met >> (63 - k) & 1) != 0;

			if (((answer & stepset_bit(k)) != 0) != expected)
				wrong++;
		}
		wrong += (answer & 63) != 0;
	}
	test_ok(wrong == 0, "retention: condition i counts with condition 1 only (20000 cases)");
}

/* Cutting by position is cutting one event after the other. */
static void
test_session_ends(void)
{
	Random		random = {23};
	int			wrong = 0;
	int			i;

	for (i = 0; i < 20000; i++)
	{
		size_t		n = 1 + random_below(&random, 12);
		int64		gap = (int64) random_below(&random, 5);
		bool		cuts = random_below(&random, 2) == 0;
		Event	   *events = allocate(n * sizeof(Event));
		Sessions	sessions = {0, 0, false};
		size_t		j;

		for (j = 0; j < n; j++)
		{
			events[j].at = (j == 0 ? EVENT_TIME_MIN : events[j - 1].at) + (int64) random_below(&random, 8);
			events[j].step = random_next(&random) & random_next(&random) & SESSION_STARTS;
			if (random_below(&random, 4) > 0)
				events[j].step |= SESSION_GOES_ON;
			events[j].step |= (uint32) random_next(&random);	/* a node */
		}
		for (j = 0; j < n; j++)
		{
			int64		before = sessions.number;
			bool		begins = session_next(&sessions, events[j].at, gap,
											  cuts && (events[j].step & SESSION_STARTS) != 0,
											  cuts && (events[j].step & SESSION_GOES_ON) == 0) > before;

			if (begins != (j == 0 || session_ends_between(&events[j - 1], &events[j], gap, cuts)))
				wrong++;
		}
		free(events);
	}
	test_ok(wrong == 0, "session: cut between two events or one by one, the sessions are the same (20000 cases)");
}

void
test_session(void)
{
	Random		random = {22};
	int			wrong = 0;
	int			i;

	for (i = 0; i < 20000; i++)
	{
		Sessions	sessions = {0, 0, false};
		uint64		n = random_below(&random, 20);
		int64		gap = (int64) random_below(&random, 5);
		int64		at = i % 2 == 0 ? EVENT_TIME_MIN : EVENT_TIME_END - 200;
		int64		expected = 1;
		uint64		j;

		for (j = 0; j < n; j++)
		{
			int64		step = (int64) random_below(&random, 8);

			if (j > 0)
			{
				at += step;
				expected += step > gap;
			}
			wrong += session_next(&sessions, at, gap, false, false) != expected;
		}
	}
	test_ok(wrong == 0, "session: a longer silence than the gap begins a new one (20000 cases)");
	{
		Sessions	sessions = {0, 0, false};

		test_ok(session_next(&sessions, EVENT_TIME_MIN, DURATION_MAX, false, false) == 1 &&
				session_next(&sessions, EVENT_TIME_MIN, 0, false, false) == 1 &&
				session_next(&sessions, EVENT_TIME_END - 1, DURATION_MAX, false, false) == 2 &&
				session_next(&sessions, EVENT_TIME_END - 1, 0, false, false) == 2,
				"session: the longest silence");
	}
	test_session_ends();
}
