/*-------------------------------------------------------------------------
 *
 * sequence.h
 *		Patterns over the events of a user: their language, and the kernel that
 *		matches them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SEQUENCE_H
#define JOURNEY_SEQUENCE_H

#include "sequence/chain.h"
#include "sequence/pattern.h"

#ifndef JOURNEY_NO_SERVER
#include "sequence/sequence_params.h"
#endif

/*
 * Where a match ended, or how near it came.
 */
typedef struct SequenceMatch
{
	bool		matched;
	int			nevents;		/* without a match: the furthest event of the
								 * pattern that was matched, from 1; 0: none */
	size_t		end;			/* position after the event that matched the
								 * last */
	uint64		reached;		/* states that an event up to there was in */
} SequenceMatch;

extern size_t sequence_space(const Pattern *pattern, size_t n);
extern size_t sequence_times_space(const Pattern *pattern, size_t n);
extern SequenceMatch sequence_find(const Pattern *pattern, const Event *events,
								   size_t begin, size_t n, uint64 *space);
extern int	sequence_progress(const Pattern *pattern, const Event *events,
							  size_t n, uint64 *space);
extern uint64 sequence_count_matches(const Pattern *pattern, const Event *events,
									 size_t n, uint64 *space);
extern size_t sequence_match_times(const Pattern *pattern, const Event *events,
								   size_t n, uint64 *space, Event *reversed,
								   int64 *times);

#endif							/* JOURNEY_SEQUENCE_H */
