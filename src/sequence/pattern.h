/*-------------------------------------------------------------------------
 *
 * pattern.h
 *		Patterns over a user's events: the language and its compiled form.
 *
 * A pattern is a sequence of events with gaps between them.  An event is
 *
 *		(?N)			one that meets condition N
 *		(?N|M)			one that meets condition N or M
 *		(?!N) (?!N|M)	one that meets none of these
 *		.				any
 *
 * and a gap is
 *
 *		nothing			the second event is the very next one
 *		.*				any number of events lie between
 *		(?t OP value)	any number of events lie between, and the time from the
 *						first to the second compares so with the value
 *
 * A gap may contain several of these, in any order; all its time conditions
 * must hold.  OP is >=, >, <=, <, == or !=; the value is in seconds, or
 * carries a unit s, m, h or d.  Rows that meet no condition are not events
 * here.
 *
 * Parentheses make a group of alternatives, separated by |.  An event or a
 * group may be optional (?) or repeated (* + {m} {m,} {m,n}).  If it is
 * omitted, the gaps on both sides become one. ^ at the beginning stands for
 * the user's first event, $ at the end for the last, and (?w<=value) limits
 * the time from the first event of a match to its last.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_PATTERN_H
#define JOURNEY_PATTERN_H

#include "sequence/pattern_program.h"

/* Where a pattern is wrong, what is wrong there, and what to write instead. */
typedef struct PatternError
{
	size_t		at;				/* byte offset */
	const char *message;
	const char *hint;
} PatternError;

extern bool pattern_parse(const char *text, size_t length, Pattern *pattern,
						  PatternError *error);

#endif							/* JOURNEY_PATTERN_H */
