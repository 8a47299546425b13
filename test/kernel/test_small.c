/*-------------------------------------------------------------------------
 *
 * test_small.c
 *		The retention and session kernels.
 *
 *-------------------------------------------------------------------------
 */
#include "cases.h"
#include "retention/retention.h"
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
}
