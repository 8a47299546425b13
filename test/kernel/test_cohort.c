/*-------------------------------------------------------------------------
 *
 * test_cohort.c
 *		The cohort kernel against its definition, event by event.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "random.h"
#include "retention/retention_kernel.h"
#include "tap.h"
#include "tests.h"

#define CASES 60000
#define MOST_EVENTS 12
#define MOST_CELLS 40

/* Parameters of any kind. */
static void
random_spec(Random *random, CohortSpec *spec, int32_t *lasts)
{
	int			i;

	memset(spec, 0, sizeof(CohortSpec));
	spec->returns = (CohortReturns) random_below(random, COHORT_NRETURNS);
	spec->with_values = random_below(random, 2) == 0;
	spec->ncells = 2 + (int) random_below(random, 7);
	lasts[0] = 0;
	for (i = 1; i < spec->ncells; i++)
		lasts[i] = lasts[i - 1] + 1 + (int32_t) random_below(random, 4);
	if (random_below(random, 2) == 0)
	{
		spec->ncells = lasts[spec->ncells - 1] + 1;
		spec->lasts = NULL;
	}
	else
		spec->lasts = lasts;
	spec->last_period = spec->lasts == NULL ? spec->ncells - 1 : lasts[spec->ncells - 1];
}

/* Does an age count in a cell, by the definition of the mode? */
static bool
age_counts(const CohortSpec *spec, int cell, uint64 age)
{
	uint64		first = (uint64) cohort_cell_first(spec, cell);
	uint64		last = (uint64) cohort_cell_last(spec, cell);

	switch (spec->returns)
	{
		case COHORT_ON:
			return age >= first && age <= last;
		case COHORT_ON_OR_AFTER:
			return age >= first;
		case COHORT_WITHIN:
			return age <= last;
		default:
			return age >= 1 && age <= last;
	}
}

/*
 * Are these cells what the ages of n returns and their values make?  A cell
 * counts by what its neighbours count, as results are read.
 */
static bool
cells_are_right(const CohortSpec *spec, const CohortCell *cells, int ncells, const uint64 *ages,
				const double *values, size_t n)
{
	bool		users[MOST_CELLS] = {false};
	double		sums[MOST_CELLS] = {0};
	int			i;
	int			k;
	size_t		j;

	for (i = 0; i < ncells; i++)
	{
		if (cells[i].cell < 0 || cells[i].cell >= spec->ncells ||
			(i > 0 && cells[i].cell <= cells[i - 1].cell))
			return false;
		for (k = 0; k < spec->ncells; k++)
		{
			bool		reaches = spec->returns == COHORT_ON ? k == cells[i].cell :
				spec->returns == COHORT_ON_OR_AFTER ? k <= cells[i].cell : k >= cells[i].cell;

			if (!reaches)
				continue;
			if (cells[i].counts && users[k])
				return false;	/* counted twice */
			users[k] |= cells[i].counts;
			if (spec->returns != COHORT_WITHIN_FROM_1 || cells[i].cell > 0)
				sums[k] += cells[i].value;
		}
	}
	for (k = 0; k < spec->ncells; k++)
	{
		bool		user = false;
		double		sum = 0;

		for (j = 0; j < n; j++)
			if (age_counts(spec, k, ages[j]))
			{
				user = true;
				sum += values[j];
			}
		if (users[k] != user || (spec->with_values && sums[k] != sum))
			return false;
	}
	return true;
}

void
test_cohort(void)
{
	Random		random = {47};
	int32_t		lasts[MOST_CELLS];
	CohortSpec	spec;
	CohortCell	cells[MOST_CELLS];
	uint64		ages[MOST_EVENTS];
	double		values[MOST_EVENTS];
	int			wrong = 0;
	int			returned = 0;
	int			c;

	for (c = 0; c < CASES; c++)
	{
		UserPeriod	periods[MOST_EVENTS];
		size_t		n = 1 + (size_t) random_below(&random, MOST_EVENTS);
		size_t		start = (size_t) random_below(&random, n);
		size_t		nages = 0;
		uint32		period = (uint32) random_below(&random, 3);
		size_t		i;
		int			ncells;

		random_spec(&random, &spec, lasts);
		for (i = 0; i < n; i++)
		{
			periods[i].period = period;
			periods[i].flags = (uint32) random_below(&random, 4) | (i == start ? COHORT_START : 0);
			periods[i].value = (double) random_below(&random, 100) - 20;
			period += 1 + (uint32) random_below(&random, 4);
			if (i >= start && (periods[i].flags & COHORT_RETURN) != 0)
			{
				ages[nages] = periods[i].period - periods[start].period;
				values[nages++] = periods[i].value;
			}
		}
		ncells = cohort_cells(&spec, periods, n, start, cells);
		returned += ncells > 0;
		wrong += !cells_are_right(&spec, cells, ncells, ages, values, nages);
	}
	test_ok(wrong == 0, "cohort_cells: %d of %d cases are wrong", wrong, CASES);
	test_ok(returned > CASES / 3 && returned < CASES, "in %d cases the user came back", returned);

	wrong = 0;
	for (c = 0; c < CASES; c++)
	{
		CohortEvent events[MOST_EVENTS];
		size_t		n = 1 + (size_t) random_below(&random, MOST_EVENTS);
		size_t		start = (size_t) random_below(&random, n);
		size_t		nages = 0;
		int64		at = c % 7 == 0 ? PG_INT64_MIN / 2 : (int64) random_below(&random, 9) - 4;
		int64		length = c % 11 == 0 ? 1 : 5;
		size_t		i;
		int			ncells;

		random_spec(&random, &spec, lasts);
		for (i = 0; i < n; i++)
		{
			events[i].at = at;
			events[i].flags = (uint32) random_below(&random, 4);
			events[i].value = (double) random_below(&random, 100) - 20;
			/* the last event of some is at the end of time */
			if (c % 13 == 0 && i + 2 == n)
				at = PG_INT64_MAX;
			else if (i + 1 < n)
				at += (int64) random_below(&random, 9);
		}
		for (i = 0; i < n; i++)
			if (events[i].at >= events[start].at && (events[i].flags & COHORT_RETURN) != 0)
			{
				ages[nages] = ((uint64) events[i].at - (uint64) events[start].at) / (uint64) length;
				values[nages++] = events[i].value;
			}
		ncells = cohort_rolling_cells(&spec, events, n, events[start].at, length, cells);
		wrong += !cells_are_right(&spec, cells, ncells, ages, values, nages);
	}
	test_ok(wrong == 0, "cohort_rolling_cells: %d of %d cases are wrong", wrong, CASES);
}
