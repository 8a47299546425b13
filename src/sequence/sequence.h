/*-------------------------------------------------------------------------
 *
 * sequence.h
 *		The sequence kernel: matching a pattern against one user's events.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SEQUENCE_H
#define JOURNEY_SEQUENCE_H

#include "sequence/pattern.h"

/*
 * Where a match ended, or how near it came.
 */
typedef struct SequenceMatch
{
	int			nevents;		/* events of the pattern matched in a row, at best */
	size_t		end;			/* position after the event that matched the last */
} SequenceMatch;

/* Does sequence_find() want `history` space for n events? */
static inline bool
sequence_needs_history(const Pattern *pattern)
{
	return pattern->looks_back;
}

extern SequenceMatch sequence_find(const Pattern *pattern, const Event *events,
								   size_t begin, size_t n, uint64 *history);
extern uint64 sequence_count_matches(const Pattern *pattern, const Event *events,
									 size_t n, uint64 *history);
extern int	sequence_match_times(const Pattern *pattern, const Event *events,
								 size_t n, uint64 *history, Event *reversed,
								 int64 *times);

#endif							/* JOURNEY_SEQUENCE_H */
