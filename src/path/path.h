/*-------------------------------------------------------------------------
 *
 * path.h
 *		The path kernel: a user's sessions, and the paths in them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_PATH_H
#define JOURNEY_PATH_H

#include "event/event.h"

/* The most nodes of one path. */
#define PATH_DEPTH_MAX 50

/* The gap of a spec whose sessions are whole histories. */
#define PATH_WHOLE -1

typedef struct PathSpec
{
	int64		gap;			/* microseconds, or PATH_WHOLE */
	int			depth;			/* the most nodes of a path */
	bool		from_start;		/* paths begin at `start` */
	bool		to_end;			/* paths end at `end` */
	bool		collapse;		/* equal nodes in a row are one */
	bool		every;			/* a path for each occurrence of the anchor,
								 * not the first alone */
	uint32		start;			/* a node; NODE_NONE is none of the events' */
	uint32		end;
	const bool *ignored;		/* [node]: left out; NULL: none */
} PathSpec;

/* A path: `length` events in a row. */
typedef struct Path
{
	size_t		first;			/* among the events of the session */
	int			length;
	bool		whole;			/* not cut off by the depth */
} Path;

extern size_t path_session(Event *events, size_t n, const PathSpec *spec, size_t *kept);
extern bool path_next(const Event *events, size_t n, const PathSpec *spec,
					  size_t *search, Path *path);

#endif							/* JOURNEY_PATH_H */
