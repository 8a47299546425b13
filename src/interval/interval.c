/*-------------------------------------------------------------------------
 *
 * interval.c
 *		The interval kernel: how long one user takes from one event to the
 *		next.
 *
 *-------------------------------------------------------------------------
 */
#include "interval/interval.h"

const char *const interval_mode_names[INTERVAL_NMODES] = {"each", "latest"};

/* The mode of a name; false if there is none. */
bool
interval_parse_mode(const char *text, size_t length, IntervalMode *mode)
{
	int			i;

	for (i = 0; i < INTERVAL_NMODES; i++)
		if (strlen(interval_mode_names[i]) == length && memcmp(interval_mode_names[i], text, length) == 0)
		{
			*mode = (IntervalMode) i;
			return true;
		}
	return false;
}

/* Begin to look for the intervals of a user, whose events are in the event order. */
void
interval_begin(IntervalScan *scan, const Event *events, size_t n, int nsteps,
			   const IntervalSpec *spec)
{
	scan->events = events;
	scan->left = n;
	scan->start = stepset_bit(0);
	scan->end = stepset_bit(nsteps - 1);
	scan->within = (uint64) spec->within;
	scan->mode = spec->mode;
	scan->has_end = false;
	scan->end_at = 0;
}

/*
 * Find the next interval, in microseconds; false when there is none left.
 *
 * Going back through the events, the first end after the event at hand is the
 * latest end seen.  A start takes it, and if only the latest start counts,
 * takes it away from those before.  An event that is both ends an interval
 * that another one started, never its own.
 */
bool
interval_next(IntervalScan *scan, uint64 *duration)
{
	while (scan->left > 0)
	{
		const Event *event = &scan->events[--scan->left];
		bool		found = false;

		if (scan->left % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
		if ((event->step & scan->start) != 0 && scan->has_end)
		{
			*duration = time_between(event->at, scan->end_at);
			found = *duration <= scan->within;
			if (scan->mode == INTERVAL_LATEST)
				scan->has_end = false;
		}
		if ((event->step & scan->end) != 0)
		{
			scan->has_end = true;
			scan->end_at = event->at;
		}
		if (found)
			return true;
	}
	return false;
}
