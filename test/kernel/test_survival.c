/*-------------------------------------------------------------------------
 *
 * test_survival.c
 *		The survival kernel: users against their definition, curves and tests
 *		against published numbers.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>

#include "cases.h"
#include "survival/survival.h"
#include "tap.h"
#include "tests.h"

#define CASES 40000
#define MOST_EVENTS 10
#define WEEKS 36

/* The definition: the first start, and the first end of those that are not before it. */
static bool
slow_span(const Event *events, size_t n, int64 until, SurvivalSpan *span)
{
	bool		found = false;
	size_t		i;

	memset(span, 0, sizeof(*span));
	for (i = 0; i < n; i++)
		if ((events[i].step & stepset_bit(SURVIVAL_START)) != 0 && (!found || events[i].at < span->start))
		{
			found = true;
			span->start = events[i].at;
		}
	span->end = span->start;
	for (i = 0; found && i < n; i++)
		if (events[i].at >= span->start)
		{
			if ((events[i].step & stepset_bit(SURVIVAL_END)) != 0 && (!span->ended || events[i].at < span->end))
			{
				span->ended = true;
				span->end = events[i].at;
			}
		}
	for (i = 0; found && !span->ended && i < n; i++)
		if (events[i].at > span->end)
			span->end = events[i].at;
	if (found && !span->ended && until != PG_INT64_MAX)
		span->end = until - 1;
	return found;
}

static void
test_users(void)
{
	Random		random = {47};
	int			differences = 0;
	int			found = 0;
	int			ended = 0;
	int			c;

	for (c = 0; c < CASES; c++)
	{
		Event		events[MOST_EVENTS];
		const size_t n = (size_t) random_below(&random, MOST_EVENTS + 1);
		const int64 until = random_below(&random, 2) == 0 ? PG_INT64_MAX : 9;
		SurvivalSpan ours;
		SurvivalSpan slow;
		bool		has;
		size_t		i;

		memset(events, 0, sizeof(events));
		for (i = 0; i < n; i++)
		{
			events[i].at = (int64) random_below(&random, 8);
			events[i].step = random_below(&random, 8) << 61 | SURVIVAL_CONDITIONS;
		}
		case_sort(events, n);
		has = survival_of_user(events, n, until, &ours);
		differences += has != slow_span(events, n, until, &slow);
		if (!has)
			continue;
		found++;
		ended += ours.ended;
		differences += ours.start != slow.start || ours.end != slow.end || ours.ended != slow.ended ||
			events[ours.first].at != ours.start || events[ours.after - 1].at != ours.start ||
			(ours.first > 0 && events[ours.first - 1].at == ours.start) ||
			(ours.after < n && events[ours.after].at == ours.start);
	}
	test_ok(differences == 0 && found > CASES / 2 && ended > CASES / 4,
			"survival: how long %d users stayed, of whom %d ended: %d differences", found, ended, differences);
}

/* Weeks in remission: Freireich and others (1963). */
static const int treated[] = {6, 6, 6, 7, 10, 13, 16, 22, 23};
static const int treated_left[] = {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35};
static const int control[] = {1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23};

static bool
near(double a, double b)
{
	return fabs(a - b) < 5e-5;
}

static void
test_published(void)
{
	SurvivalCounts counts[2][WEEKS] = {{{0}}};
	const SurvivalCounts *groups[2] = {counts[0], counts[1]};
	SurvivalPoint points[WEEKS];
	double		room[2 * 2 + 3 * 2];
	double		expected[2];
	SurvivalTest test = {2, expected, 0, 0};
	size_t		i;

	for (i = 0; i < sizeof(treated) / sizeof(int); i++)
		counts[0][treated[i]].ended++;
	for (i = 0; i < sizeof(treated_left) / sizeof(int); i++)
		counts[0][treated_left[i]].censored++;
	for (i = 0; i < sizeof(control) / sizeof(int); i++)
		counts[1][control[i]].ended++;
	survival_points(counts[0], WEEKS, points);
	test_ok(near(points[6].survival, 0.857143) && near(points[10].survival, 0.752941) && near(points[23].survival, 0.448188) &&
			near(points[23].std_error, 0.134591) && points[10].at_risk == 15, "survival: the curve of the treated");
	test_ok(survival_median(points, WEEKS) == 23, "survival: their median");
	survival_points(counts[1], WEEKS, points);
	test_ok(near(points[8].survival, 0.380952) && points[23].survival == 0 && isnan(points[23].std_error) &&
			isnan(points[24].survival) && survival_median(points, WEEKS) == 8, "survival: the others, of whom nobody stays");
	test_ok(near(survival_mean(points, WEEKS), 182.0 / 21), "survival: their mean: nobody is censored");
	test_ok(survival_test(groups, WEEKS, room, &test) && test.degrees == 1 && near(test.chi_square, 16.792941) &&
			near(expected[0], 19.250490) && near(expected[1], 10.749510), "survival: the log-rank test");
	groups[1] = groups[0];
	test_ok(survival_test(groups, WEEKS, room, &test) && fabs(test.chi_square) < 1e-12, "survival: a group compared with itself");
	test.ngroups = 1;
	test_ok(!survival_test(groups, WEEKS, room, &test) && test.degrees == 0 && isnan(test.chi_square), "survival: one group alone");
}

void
test_survival(void)
{
	test_users();
	test_published();
}
