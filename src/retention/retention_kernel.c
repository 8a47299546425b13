/*-------------------------------------------------------------------------
 *
 * retention_kernel.c
 *		The cohort retention kernel: in which periods after a start did one user
 *		come back?
 *
 *-------------------------------------------------------------------------
 */
#include "retention/retention_kernel.h"

/* The cells of one start, as they are gathered in the order of their ages. */
typedef struct Gathering
{
	const CohortSpec *spec;
	CohortCell *cells;
	int			n;
	int			cell;			/* that of the latest age */
} Gathering;

/* The cell of an age that is not less than the one before. */
static inline int
next_cell(Gathering *gathering, int age)
{
	const CohortSpec *spec = gathering->spec;
	int			low = gathering->cell;
	int			high = spec->ncells - 1;

	if (spec->lasts == NULL)
		return age;
	/* most often it is this one or the next */
	if (age <= spec->lasts[low])
		return low;
	if (age <= spec->lasts[low + 1])
		return low + 1;
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (spec->lasts[middle] < age)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * The user came back at an age, at most spec->last_period and not less than the
 * one before.
 */
static inline void
gather(Gathering *gathering, int age, double value)
{
	const int	cell = next_cell(gathering, age);

	if (gathering->n == 0 || gathering->cell != cell)
	{
		gathering->cells[gathering->n].cell = cell;
		gathering->cells[gathering->n].counts = false;
		gathering->cells[gathering->n++].value = 0;
		gathering->cell = cell;
	}
	gathering->cells[gathering->n - 1].value += value;
}

/* Mark the cells in which the user counts. */
static int
mark(Gathering *gathering)
{
	CohortCell *cells = gathering->cells;
	int			i;

	if (gathering->n == 0)
		return 0;
	switch (gathering->spec->returns)
	{
		case COHORT_ON:
			for (i = 0; i < gathering->n; i++)
				cells[i].counts = true;
			break;
		case COHORT_ON_OR_AFTER:
			cells[gathering->n - 1].counts = true;
			break;
		case COHORT_WITHIN:
			cells[0].counts = true;
			break;
		case COHORT_WITHIN_FROM_1:
			if (cells[0].cell > 0)
				cells[0].counts = true;
			else if (gathering->n > 1)
				cells[1].counts = true;
			break;
	}
	return gathering->n;
}

/*
 * The cells in which a user came back who started in periods[start], in order;
 * returns how many.  There is room for spec->ncells.  A return in the period of
 * the start has age 0.  With COHORT_ON_OR_AFTER the last cell stands for what
 * comes after it as well.
 */
int
cohort_cells(const CohortSpec *spec, const UserPeriod *periods, size_t n, size_t start,
			 CohortCell *cells)
{
	Gathering	gathering = {spec, cells, 0, 0};
	const uint32 began = periods[start].period;
	const uint32 last = (uint32) spec->last_period;
	const bool	after = spec->returns == COHORT_ON_OR_AFTER;
	const bool	first_only = !spec->with_values && spec->returns >= COHORT_WITHIN;
	size_t		i;

	/* no age but the last one matters */
	if (after && !spec->with_values)
	{
		for (i = n; i > start; i--)
			if ((periods[i - 1].flags & COHORT_RETURN) != 0)
			{
				uint32		age = periods[i - 1].period - began;

				gather(&gathering, (int) (age < last ? age : last), 0);
				break;
			}
		return mark(&gathering);
	}
	for (i = start; i < n; i++)
	{
		uint32		age = periods[i].period - began;

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			kernel_check_interrupts();
		if (age > last)
		{
			if (!after)
				break;
			age = last;
		}
		if ((periods[i].flags & COHORT_RETURN) == 0)
			continue;
		gather(&gathering, (int) age, periods[i].value);
		if (first_only && (age > 0 || spec->returns == COHORT_WITHIN))
			break;
	}
	return mark(&gathering);
}

/*
 * The same for a user who started at a time, and whose periods are `length`
 * microseconds from there.  The events are in the order of time, and all that
 * are not before the start are among them.
 */
int
cohort_rolling_cells(const CohortSpec *spec, const CohortEvent *events, size_t n, int64 start,
					 int64 length, CohortCell *cells)
{
	Gathering	gathering = {spec, cells, 0, 0};
	const uint64 last = (uint64) spec->last_period;
	const bool	after = spec->returns == COHORT_ON_OR_AFTER;
	const bool	first_only = !spec->with_values && spec->returns >= COHORT_WITHIN;
	size_t		i;

	if (after && !spec->with_values)
	{
		for (i = n; i > 0 && events[i - 1].at >= start; i--)
			if ((events[i - 1].flags & COHORT_RETURN) != 0)
			{
				uint64		age = ((uint64) events[i - 1].at - (uint64) start) / (uint64) length;

				gather(&gathering, (int) (age < last ? age : last), 0);
				break;
			}
		return mark(&gathering);
	}
	for (i = 0; i < n; i++)
	{
		uint64		age;

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			kernel_check_interrupts();
		if ((events[i].flags & COHORT_RETURN) == 0 || events[i].at < start)
			continue;
		age = ((uint64) events[i].at - (uint64) start) / (uint64) length;
		if (age > last)
		{
			if (!after)
				break;
			age = last;
		}
		gather(&gathering, (int) age, events[i].value);
		if (first_only && (age > 0 || spec->returns == COHORT_WITHIN))
			break;
	}
	return mark(&gathering);
}
