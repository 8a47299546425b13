/*-------------------------------------------------------------------------
 *
 * chain.h
 *		Patterns that can be matched event by event, without keeping earlier
 *		events.
 *
 * A chain is a pattern in which each event comes at any time, or within a
 * time, after the one before, such as (?1)(?t<=1d)(?2|3) and
 * (?1).*(?2)(?w<=7d).  The state of a match is one time for each event of the
 * pattern: the latest time at which it was met, or, with a window over
 * several events, the latest start of a match up to it.  This is enough,
 * because everything that may follow an earlier time may follow the latest
 * one, too.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_CHAIN_H
#define JOURNEY_CHAIN_H

#include "sequence/pattern.h"

typedef struct Chain
{
	int			nevents;
	bool		begins;			/* note when a match began, not when the event
								 * was */
	uint64		most[PATTERN_MAX_EVENTS];	/* from what the event before has
											 * noted to this */
} Chain;

/* How far matches of one user have come; all zero in the beginning. */
typedef struct ChainState
{
	uint64		met;			/* events of the pattern, as bits from the
								 * lowest */
	int64		noted[PATTERN_MAX_EVENTS];	/* of those, as Chain.begins says */
} ChainState;

extern bool chain_of_pattern(const Pattern *pattern, Chain *chain);

/*
 * The events of the pattern that one with these conditions can be, as bits from
 * the lowest.
 */
static inline uint64
chain_events(const Pattern *pattern, uint64 conditions)
{
	uint64		events = 0;

	for (; conditions != 0; conditions &= ~stepset_bit(stepset_lowest(conditions)))
		events |= pattern->enters[stepset_lowest(conditions)];
	return events;
}

/*
 * The user's next event, in their order, can be these events of the pattern, at
 * least one.  True if a match ends with it.
 */
static inline bool
chain_follow(const Chain *chain, ChainState *state, uint64 events, int64 at)
{
	/* from the last one on, as an event does not follow itself */
	do
	{
		const int	i = 63 - __builtin_clzll(events);

		events &= ~(UINT64_C(1) << i);
		if (i == 0)
			state->noted[0] = at;
		else if ((state->met >> (i - 1) & 1) != 0 &&
				 time_between(state->noted[i - 1], at) <= chain->most[i])
			state->noted[i] = chain->begins ? state->noted[i - 1] : at;
		else
			continue;
		state->met |= UINT64_C(1) << i;
	} while (events != 0);
	return (state->met >> (chain->nevents - 1) & 1) != 0;
}

#endif							/* JOURNEY_CHAIN_H */
