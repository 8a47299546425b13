/*-------------------------------------------------------------------------
 *
 * busiest.c
 *		The busiest kernel: the most events of one user in any time of a given
 *		length.
 *
 *-------------------------------------------------------------------------
 */
#include "busiest/busiest.h"

/*
 * The most events of which the last is at most `within` microseconds after the
 * first; 0 for a user without events.  The events are sorted.
 */
uint64
busiest_count(const Event *events, size_t n, uint64 within)
{
	size_t		first = 0;
	size_t		most = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		while (time_between(events[first].at, events[i].at) > within)
			first++;
		if (i - first + 1 > most)
			most = i - first + 1;
		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			kernel_check_interrupts();
	}
	return most;
}
