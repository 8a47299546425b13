/*-------------------------------------------------------------------------
 *
 * cases.h
 *		Random small histories, and properties that must hold for all of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KERNEL_TEST_CASES_H
#define KERNEL_TEST_CASES_H

#include "event/event.h"
#include "funnel/funnel.h"
#include "random.h"

#define CASE_MAX_EVENTS 16

/* One user's events, in order, and a question about them. */
typedef struct Case
{
	Event		events[CASE_MAX_EVENTS];
	size_t		n;
	int			nsteps;
	FunnelSpec	spec;			/* of a funnel */
	char		pattern[512];	/* of a sequence, or empty */
} Case;

/* What is wrong with a case, or NULL. */
typedef const char *(*Property) (const Case *c);

/* What random events look like. */
typedef struct Shape
{
	size_t		most_events;
	int			most_steps;
	int64		most_time;		/* times are 0 to this, times unit */
	int64		unit;			/* microseconds */
	int64		offset;			/* added to all times */
} Shape;

extern void case_random(Case *c, Random *random, const Shape *shape);
extern void case_sort(Event *events, size_t n);
extern void case_print(const Case *c);
extern void check_property(const char *name, Property property,
						   void (*make) (Case *c, Random *random, int number), int count);
extern const char *complaint(const char *format,...) __attribute__((format(printf, 1, 2)));
extern void *allocate(size_t size);
extern void *copy_of(const void *from, size_t size);

#endif							/* KERNEL_TEST_CASES_H */
