/*-------------------------------------------------------------------------
 *
 * path.c
 *		The path kernel: a user's sessions, and the paths in them.
 *
 * The kernel cuts a user's events into sessions, drops the events that do not
 * count, and finds paths in the rest.  Every step is linear in the number of
 * events, except that with `every` an event may belong to as many paths as
 * the depth allows.
 *
 *-------------------------------------------------------------------------
 */
#include "path/path.h"

/*
 * Cut the first session off a user's n events, n > 0, which are in the event
 * order.  Returns how many of the events it takes.  The first `kept` of them
 * are then what remains when ignored nodes are left out and, with collapse,
 * all but the first of equal nodes in a row.
 */
size_t
path_session(Event *events, size_t n, const PathSpec *spec, size_t *kept)
{
	const bool	plain = spec->ignored == NULL && !spec->collapse;
	size_t		out = 0;
	size_t		i;

	if (plain && spec->gap == PATH_WHOLE)
	{
		*kept = n;
		return n;
	}
	for (i = 0; i < n; i++)
	{
		uint32		node = event_node(&events[i]);

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			kernel_check_interrupts();
		if (spec->gap != PATH_WHOLE && i + 1 < n &&
			time_between(events[i].at, events[i + 1].at) > (uint64) spec->gap)
			n = i + 1;			/* the last one of this session */
		if (plain)
			continue;
		if (spec->ignored != NULL && spec->ignored[node])
			continue;
		if (spec->collapse && out > 0 && event_node(&events[out - 1]) == node)
			continue;
		events[out++] = events[i];
	}
	*kept = plain ? n : out;
	return n;
}

static inline size_t
at_most(size_t n, int depth)
{
	return n < (size_t) depth ? n : (size_t) depth;
}

/*
 * The next path in a session of n events; false when there is none left.
 * `search` is 0 for the first one.
 *
 * Without anchors a session has one path, from its first event on.  With a
 * start, paths begin at that node; with an end, they end there, and what led to
 * it is looked at backwards; with both, a path goes from the start to the first
 * end after it, and there is none where that takes more than `depth` events.
 */
bool
path_next(const Event *events, size_t n, const PathSpec *spec, size_t *search, Path *path)
{
	size_t		i;

	if (!spec->from_start && !spec->to_end)
	{
		if (*search > 0 || n == 0)
			return false;
		*search = n;
		path->first = 0;
		path->length = (int) at_most(n, spec->depth);
		path->whole = n <= (size_t) spec->depth;
		return true;
	}

	for (i = *search; i < n; i++)
	{
		uint32		node = event_node(&events[i]);

		if (i % KERNEL_CHECK_EVERY == KERNEL_CHECK_EVERY - 1)
			kernel_check_interrupts();
		if (node != (spec->from_start ? spec->start : spec->end))
			continue;
		*search = spec->every ? i + 1 : n;
		if (!spec->from_start)
		{
			path->length = (int) at_most(i + 1, spec->depth);
			path->first = i + 1 - path->length;
			path->whole = path->first == 0;
			return true;
		}
		path->first = i;
		path->length = (int) at_most(n - i, spec->depth);
		path->whole = n - i <= (size_t) spec->depth;
		if (spec->to_end)
		{
			int			k;

			for (k = 1; k < path->length; k++)
				if (event_node(&events[i + k]) == spec->end)
					break;
			if (k >= path->length)
			{
				if (!spec->every)
					return false;
				continue;
			}
			path->length = k + 1;
			path->whole = true;
		}
		return true;
	}
	*search = n;
	return false;
}
