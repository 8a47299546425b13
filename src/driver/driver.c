/*-------------------------------------------------------------------------
 *
 * driver.c
 *		The driver kernel.
 *
 *-------------------------------------------------------------------------
 */
#include "driver/driver.h"

/* Find the part of the events, in the event order, that counts. */
DriverSpan
driver_span(const Event *events, size_t n, const DriverSpec *spec)
{
	DriverSpan	span = {DRIVER_NO_ENTRY, 0, 0};
	size_t		i = 0;

	while (i < n && (events[i].step & DRIVER_IS_ENTRY) == 0)
		if (++i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	if (i == n || events[i].at > spec->last)
		return span;
	span.entry = span.end = i;
	if (time_between(events[i].at, spec->last) < (uint64) spec->within)
	{
		span.outcome = DRIVER_OPEN;
		return span;
	}
	span.outcome = DRIVER_NO_GOAL;
	while (++i < n && time_between(events[span.entry].at, events[i].at) <= (uint64) spec->within)
	{
		if ((events[i].step & DRIVER_IS_GOAL) != 0)
		{
			span.outcome = DRIVER_GOAL;
			break;
		}
		if (i % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}
	span.end = i;
	return span;
}
