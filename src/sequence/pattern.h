/*-------------------------------------------------------------------------
 *
 * pattern.h
 *		Patterns over a user's events: the language and its compiled form.
 *
 * A pattern is a row of events: (?N) is an event that meets condition N, and
 * a dot is any event.  Between two of them stands a gap:
 *
 *		nothing			the second event is the very next one
 *		.*				any number of events lie between
 *		(?t OP value)	any number of events lie between, and the time from the
 *						first to the second compares so with the value
 *
 * A gap may hold several of these, in any order; all its time conditions hold
 * together.  OP is >=, >, <=, <, == or !=; the value is in seconds, or carries
 * a unit s, m, h or d.  Rows that meet no condition are not events here.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_PATTERN_H
#define JOURNEY_PATTERN_H

#include "common/event.h"

#define PATTERN_MAX_EVENTS	64	/* a state for each, one bit a state */
#define PATTERN_MAX_RANGES	128 /* time ranges over all gaps */
#define PATTERN_ANY			(-1)	/* the condition number of a dot */

/* A closed range of times between two events, in microseconds. */
typedef struct PatternRange
{
	uint64		least;
	uint64		most;
} PatternRange;

/*
 * The compiled form.  State i means "event i has just been matched"; gap i is
 * the gap between event i and event i + 1.  Each gap is of one of three kinds,
 * a bit in `adjacent`, `free` or `timed`; a timed gap is a union of ranges.
 */
typedef struct Pattern
{
	int			nevents;
	int			highest;		/* the highest condition number named, from 1 */
	uint64		adjacent;
	uint64		free;
	uint64		timed;
	bool		looks_back;		/* some range has least > 0 */
	uint64		any;			/* the states that any event enters */
	uint64		enters[STEPSET_MAX];	/* the states that condition i enters */
	int			condition[PATTERN_MAX_EVENTS];	/* from 0, or PATTERN_ANY */
	int			first_range[PATTERN_MAX_EVENTS + 1];	/* ranges of gap i */
	PatternRange ranges[PATTERN_MAX_RANGES];
} Pattern;

/* Where a pattern is wrong, what is wrong there, and what to write instead. */
typedef struct PatternError
{
	size_t		at;				/* byte offset */
	const char *message;
	const char *hint;
} PatternError;

extern bool pattern_parse(const char *text, size_t length, Pattern *pattern,
						  PatternError *error);
extern void pattern_reverse(const Pattern *pattern, int nevents, Pattern *reversed);

#endif							/* JOURNEY_PATTERN_H */
