/*-------------------------------------------------------------------------
 *
 * oracle_path.h
 *		The path kernel's answer, found by the definition: every session, every
 *		anchor, one event after the other.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KERNEL_TEST_ORACLE_PATH_H
#define KERNEL_TEST_ORACLE_PATH_H

#include "path/path.h"

/* An event of a path, as both sides list them. */
typedef struct PathStep
{
	size_t		session;		/* from 0, as sessions without a path count
								 * too */
	size_t		path;			/* in the session, from 0 */
	int64		at;
	uint32		node;
	bool		whole;			/* of the path */
} PathStep;

#define ORACLE_PATH_STEPS 4096

/* What the kernel finds; the events are changed. Returns the number of steps. */
static inline size_t
kernel_path_steps(Event *events, size_t n, const PathSpec *spec, PathStep *steps)
{
	size_t		nsteps = 0;
	size_t		session = 0;
	size_t		begin;
	size_t		taken;

	for (begin = 0; begin < n; begin += taken, session++)
	{
		size_t		kept;
		size_t		search = 0;
		size_t		number = 0;
		Path		path;

		taken = path_session(events + begin, n - begin, spec, &kept);
		if (taken < 1 || taken > n - begin || kept > taken)
			return SIZE_MAX;
		while (path_next(events + begin, kept, spec, &search, &path))
		{
			int			k;

			if (path.length < 1 || path.length > spec->depth || path.first + (size_t) path.length > kept)
				return SIZE_MAX;
			for (k = 0; k < path.length && nsteps < ORACLE_PATH_STEPS; k++)
			{
				PathStep	step = {session, number, events[begin + path.first + k].at,
				event_node(&events[begin + path.first + k]), path.whole};

				steps[nsteps++] = step;
			}
			number++;
		}
	}
	return nsteps;
}

/* The same by the definition. */
static inline size_t
oracle_path_steps(const Event *events, size_t n, const PathSpec *spec, PathStep *steps)
{
	size_t		nsteps = 0;
	size_t		session = 0;
	size_t		begin;
	size_t		end;

	for (begin = 0; begin < n; begin = end, session++)
	{
		size_t		kept[256];
		size_t		nkept = 0;
		size_t		number = 0;
		size_t		i;
		bool		seen = false;

		/* a session goes on while the next event is near enough */
		for (end = begin + 1; end < n; end++)
			if (spec->gap != PATH_WHOLE && (uint64) events[end].at - (uint64) events[end - 1].at > (uint64) spec->gap)
				break;
		for (i = begin; i < end && nkept < 256; i++)
		{
			if (spec->ignored != NULL && spec->ignored[event_node(&events[i])])
				continue;
			if (spec->collapse && nkept > 0 && event_node(&events[kept[nkept - 1]]) == event_node(&events[i]))
				continue;
			kept[nkept++] = i;
		}
		for (i = 0; i < nkept; i++)
		{
			uint32		node = event_node(&events[kept[i]]);
			size_t		low = i;
			size_t		high = i + 1;	/* the path is [low, high) */
			bool		whole;
			size_t		k;

			if (spec->from_start ? node != spec->start : spec->to_end ? node != spec->end : i > 0)
				continue;
			if (seen && !spec->every)
				continue;
			seen = true;
			if (spec->from_start && spec->to_end)
			{
				while (high < nkept && event_node(&events[kept[high]]) != spec->end)
					high++;
				if (high == nkept || high + 1 - low > (size_t) spec->depth)
					continue;
				high++;
				whole = true;
			}
			else if (spec->to_end)
			{
				while (low > 0 && high - low < (size_t) spec->depth)
					low--;
				whole = low == 0;
			}
			else
			{
				while (high < nkept && high - low < (size_t) spec->depth)
					high++;
				whole = high == nkept;
			}
			for (k = low; k < high && nsteps < ORACLE_PATH_STEPS; k++)
			{
				PathStep	step = {session, number, events[kept[k]].at, event_node(&events[kept[k]]), whole};

				steps[nsteps++] = step;
			}
			number++;
		}
	}
	return nsteps;
}

static inline bool
path_steps_equal(const PathStep *a, const PathStep *b, size_t n)
{
	size_t		i;

	for (i = 0; i < n; i++)
		if (a[i].session != b[i].session || a[i].path != b[i].path || a[i].at != b[i].at ||
			a[i].node != b[i].node || a[i].whole != b[i].whole)
			return false;
	return true;
}

#endif							/* KERNEL_TEST_ORACLE_PATH_H */
