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
extern size_t sequence_places_space(const Pattern *pattern, size_t n);
extern SequenceMatch sequence_find(const Pattern *pattern, const Event *events,
								   size_t begin, size_t n, uint64 *space);
extern uint64 sequence_count_matches(const Pattern *pattern, const Event *events,
									 size_t n, uint64 *space);
extern size_t sequence_match_places(const Pattern *pattern, const Event *events,
									size_t n, SequenceMatch match, uint64 *space,
									Event *reversed, size_t *places);
extern void sequence_lay_in_reverse(const Event *events, size_t begin, size_t end,
									Event *reversed);
extern void sequence_find_all(const Pattern *pattern, const Event *events, size_t n,
							  uint64 *history);

/* matches.c */

/* Where the search for all matches of a pattern has got to. */
typedef struct SequenceSearch
{
	const Pattern *pattern;
	Pattern		anchored;		/* with overlapping matches: the same, from
								 * the first event on */
	bool		overlapping;
	size_t		next;			/* the event to begin at */
	const uint64 *ahead;		/* states on the way to an end, from the last
								 * event on; NULL: not known */
} SequenceSearch;

extern void sequence_search_begin(SequenceSearch *search, const Pattern *pattern,
								  bool overlapping, const Event *events, size_t n,
								  Event *reversed, uint64 *ahead);
extern size_t sequence_search_next(SequenceSearch *search, const Event *events, size_t n,
								   uint64 *space, Event *reversed, size_t *places);
extern int	sequence_progress(const Pattern *pattern, const Event *events,
							  size_t n, uint64 *space);

/* What sequence_match needs of rows that are grouped (grouping/grouping.h). */
extern const struct GroupingEvents sequence_events;

#endif							/* JOURNEY_SEQUENCE_H */
