/*-------------------------------------------------------------------------
 *
 * pattern_program.h
 *		The compiled form of a pattern.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_PATTERN_PROGRAM_H
#define JOURNEY_PATTERN_PROGRAM_H

#include "event/event.h"

#define PATTERN_MAX_EVENTS	64	/* a state for each, one bit a state */
#define PATTERN_MAX_RANGES	128 /* time ranges over all gaps */
#define PATTERN_MAX_DEPTH	32	/* groups inside groups */

/*
 * A closed range of times after an event, in microseconds, and the states that
 * an event at such a distance may enter.
 */
typedef struct PatternRange
{
	uint64		least;
	uint64		most;
	uint64		targets;
} PatternRange;

/*
 * The compiled form: an automaton that reads events.  State i means "event i
 * of the pattern has just been matched", where the events are numbered as they
 * are written, each repeat written out.  From a state a match goes on
 *
 *		to adjacent_to[i]	by the very next event
 *		to free_to[i]		by any later event
 *		to a range's targets, by a later event that lies so far away in time
 *
 * `linear` says that each state is followed by the next state alone, in one of
 * these ways, that no condition is negated, and that nothing else bounds a match.
 */
typedef struct Pattern
{
	int			nevents;
	int			highest;		/* the highest condition number named, from 1 */
	bool		linear;
	bool		at_begin;		/* ^ */
	bool		at_end;			/* $ */
	bool		looks_back;		/* some range has least > 0 */
	uint64		within;			/* a match takes at most so long; UINT64_MAX:
								 * any time */
	uint64		begin_any;		/* states that a match may begin in, at any
								 * event */
	uint64		begin_first;	/* at the user's first event only */
	uint64		end_any;		/* states that a match may end in, at any
								 * event */
	uint64		end_last;		/* at the user's last event only */
	uint64		adjacent;		/* states that adjacent_to leads on from */
	uint64		free;			/* those that free_to does */
	uint64		timed;			/* those that ranges do */
	uint64		any;			/* the states that any event enters, */
	uint64		enters[STEPSET_MAX];	/* that condition i enters, */
	uint64		bars[STEPSET_MAX];	/* and that condition i keeps it out of */
	uint64		conditions[PATTERN_MAX_EVENTS]; /* of a state, as in a stepset */
	uint64		negated;		/* states entered by events that meet none of
								 * them */
	uint64		adjacent_to[PATTERN_MAX_EVENTS];
	uint64		free_to[PATTERN_MAX_EVENTS];
	int			first_range[PATTERN_MAX_EVENTS + 1];	/* ranges of state i */
	PatternRange ranges[PATTERN_MAX_RANGES];
} Pattern;

extern bool pattern_reverse(const Pattern *pattern, int nevents, bool whole,
							Pattern *reversed);

/* The set of states below `nevents`. */
static inline uint64
pattern_states(int nevents)
{
	return ~UINT64_C(0) >> (PATTERN_MAX_EVENTS - nevents);
}

/* A set of states of `nevents`, counted from the last. */
static inline uint64
pattern_mirror(uint64 states, int nevents)
{
	states = (states & UINT64_C(0x5555555555555555)) << 1 | (states >> 1 & UINT64_C(0x5555555555555555));
	states = (states & UINT64_C(0x3333333333333333)) << 2 | (states >> 2 & UINT64_C(0x3333333333333333));
	states = (states & UINT64_C(0x0F0F0F0F0F0F0F0F)) << 4 | (states >> 4 & UINT64_C(0x0F0F0F0F0F0F0F0F));
	return __builtin_bswap64(states) >> (PATTERN_MAX_EVENTS - nevents);
}

static inline uint64
pattern_state_bit(int state)
{
	return UINT64_C(1) << state;
}

/* The lowest state of a set that is not empty. */
static inline int
pattern_lowest_state(uint64 states)
{
	return __builtin_ctzll(states);
}

/* The states whose conditions an event meets; a linear pattern bars none. */
static pg_attribute_always_inline uint64
pattern_states_met(const Pattern *pattern, uint64 step, bool linear)
{
	uint64		met = stepset_conditions(step);
	uint64		enter = pattern->any;
	uint64		barred = 0;

	while (met != 0)
	{
		int			condition = stepset_lowest(met);

		met &= ~stepset_bit(condition);
		enter |= pattern->enters[condition];
		if (!linear)
			barred |= pattern->bars[condition];
	}
	return enter & ~barred;
}

#endif							/* JOURNEY_PATTERN_PROGRAM_H */
