/*-------------------------------------------------------------------------
 *
 * path_params.h
 *		The parameters of the path aggregates.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_PATH_PARAMS_H
#define JOURNEY_PATH_PARAMS_H

#include "postgres.h"

#include "aggregate/aggregate.h"
#include "path/path.h"

/* Which parameter is which; no call has them all. */
typedef enum PathParam
{
	PATH_GAP,					/* NULL: the whole history is one session */
	PATH_DEPTH,
	PATH_START,					/* NULL: no anchor */
	PATH_END,
	PATH_OPTIONS,
	PATH_N,						/* of top_paths */
	PATH_CONVERSION_NODE,		/* of top_paths */
	PATH_POSITION,				/* of path_members */
	PATH_SOURCE,
	PATH_TARGET,
	PATH_NODES					/* of top_path_members: an array as text */
} PathParam;

typedef struct PathParams
{
	CallParams	given;
	PathSpec	spec;			/* but for its nodes, which a population
								 * numbers */
	int			top;			/* nodes of each position; 0: all */
	bool		exits;			/* members: whose paths end at the source */
	int			nignored;
	TextSlice  *ignored;
} PathParams;

extern const ParamsRoom path_params;

extern void path_read_nodes(CallParams *given, FunctionCallInfo fcinfo, int n);
extern int	path_parse_nodes(const PathParams *params, TextSlice *nodes);

#endif							/* JOURNEY_PATH_PARAMS_H */
