/*-------------------------------------------------------------------------
 *
 * cases.c
 *		Random small histories, and properties that must hold for all of them.
 *
 *-------------------------------------------------------------------------
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cases.h"
#include "tap.h"

/* Memory of exactly this size, so that a sanitizer sees a step beyond it. */
void *
allocate(size_t size)
{
	void	   *memory = malloc(size);

	if (memory == NULL && size > 0)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	return memory;
}

void *
copy_of(const void *from, size_t size)
{
	void	   *memory = allocate(size);

	if (size > 0)
		memcpy(memory, from, size);
	return memory;
}

/* A property's answer when it does not hold. */
const char *
complaint(const char *format,...)
{
	static char text[512];
	va_list		args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return text;
}

/* The event order, written out: by time, then by conditions as text, 1 first. */
static int
compare_events(const void *a, const void *b)
{
	const Event *x = a;
	const Event *y = b;
	int			k;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	for (k = 0; k < STEPSET_MAX; k++)
	{
		int			mine = (x->step & stepset_bit(k)) != 0;
		int			other = (y->step & stepset_bit(k)) != 0;

		if (mine != other)
			return other - mine;
	}
	return 0;
}

void
case_sort(Event *events, size_t n)
{
	if (n > 0)
		qsort(events, n, sizeof(Event), compare_events);
}

/* Random events, many at the same time, some meeting several conditions or none. */
void
case_random(Case *c, Random *random, const Shape *shape)
{
	size_t		i;
	int			single = (int) random_below(random, 3);

	memset(c, 0, sizeof(Case));
	c->nsteps = 1 + (int) random_below(random, (uint64) shape->most_steps);
	c->n = random_below(random, shape->most_events + 1);
	for (i = 0; i < c->n; i++)
	{
		Event	   *event = &c->events[i];

		/* unsigned: from end to end the calendar is longer than an int64 */
		event->at = (int64) ((uint64) shape->offset + (uint64) shape->unit *
							 random_below(random, (uint64) shape->most_time + 1));
		event->step = random_below(random, UINT64_C(1) << c->nsteps) << (64 - c->nsteps);
		if (single == 1 || (single == 2 && random_below(random, 2) == 0))
			event->step = stepset_bit((int) random_below(random, (uint64) c->nsteps));
		event->step |= (uint64) c->nsteps;
	}
	case_sort(c->events, c->n);
}

void
case_print(const Case *c)
{
	size_t		i;
	int			k;

	test_note("%d conditions, %zu events:", c->nsteps, c->n);
	for (i = 0; i < c->n; i++)
	{
		char		conditions[STEPSET_MAX + 1];

		for (k = 0; k < c->nsteps; k++)
			conditions[k] = (c->events[i].step & stepset_bit(k)) != 0 ? '1' : '0';
		conditions[k] = '\0';
		test_note("  at %lld: %s", (long long) c->events[i].at, conditions);
	}
	if (c->pattern[0] != '\0')
		test_note("pattern %s", c->pattern);
	else
		test_note("within %lld, modes 0x%02x", (long long) c->spec.within, (unsigned) c->spec.modes);
}

/* Leave out events and conditions as long as the property still does not hold. */
static void
shrink(Case *c, Property property)
{
	bool		smaller;

	do
	{
		size_t		i;
		int			k;

		smaller = false;
		for (i = 0; i < c->n && !smaller; i++)
		{
			Case		less = *c;

			memmove(&less.events[i], &less.events[i + 1], (less.n - i - 1) * sizeof(Event));
			less.n--;
			if (property(&less) != NULL)
			{
				*c = less;
				smaller = true;
			}
			for (k = 0; k < c->nsteps && !smaller; k++)
			{
				less = *c;
				less.events[i].step &= ~stepset_bit(k);
				if (less.events[i].step == c->events[i].step)
					continue;
				case_sort(less.events, less.n);
				if (property(&less) != NULL)
				{
					*c = less;
					smaller = true;
				}
			}
		}
	} while (smaller);
}

/* Test a property on many cases; show the smallest that breaks it. */
void
check_property(const char *name, Property property,
			   void (*make) (Case *c, Random *random, int number), int count)
{
	Random		random = {20250101};
	Case		worst;
	bool		broken = false;
	int			nbroken = 0;
	int			i;

	for (i = 0; i < count && nbroken < 100; i++)
	{
		Case		c;

		make(&c, &random, i);
		if (property(&c) == NULL)
			continue;
		nbroken++;
		shrink(&c, property);
		if (!broken || c.n < worst.n)
			worst = c;
		broken = true;
	}
	test_ok(!broken, "%s (%d cases)", name, count);
	if (broken)
	{
		test_note("%d of the first %d cases fail; the smallest:", nbroken, i);
		case_print(&worst);
		test_note("%s", property(&worst));
	}
}
