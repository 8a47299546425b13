/*-------------------------------------------------------------------------
 *
 * chain.c
 *		Patterns that can be matched event by event, without keeping earlier
 *		events.
 *
 *-------------------------------------------------------------------------
 */
#include "sequence/chain.h"

/*
 * A pattern as a chain; false if it is none.
 */
bool
chain_of_pattern(const Pattern *pattern, Chain *chain)
{
	const int	n = pattern->nevents;
	const bool	window = pattern->within != UINT64_MAX;
	int			i;

	if (pattern->at_begin || pattern->at_end || pattern->begin_first != 0 ||
		pattern->end_last != 0 || pattern->begin_any != 1 ||
		pattern->end_any != UINT64_C(1) << (n - 1) || pattern->negated != 0 ||
		pattern->adjacent != 0)
		return false;
	chain->nevents = n;
	chain->begins = window && n > 2;
	chain->most[0] = 0;
	for (i = 1; i < n; i++)
	{
		const uint64 next = UINT64_C(1) << i;
		const uint64 free_to = pattern->free_to[i - 1];
		const int	first = pattern->first_range[i - 1];
		const int	nranges = pattern->first_range[i] - first;

		chain->most[i] = pattern->within;
		if (free_to == next && nranges == 0)
			continue;
		if (free_to != 0 || nranges != 1 || pattern->ranges[first].targets != next ||
			pattern->ranges[first].least > 0 || chain->begins)
			return false;
		if (pattern->ranges[first].most < chain->most[i])
			chain->most[i] = pattern->ranges[first].most;
	}
	/* nothing goes on from the last */
	return pattern->free_to[n - 1] == 0 &&
		pattern->first_range[n - 1] == pattern->first_range[n];
}
