/*-------------------------------------------------------------------------
 *
 * pattern_parser.h
 *		The state of the parser of patterns.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_PATTERN_PARSER_H
#define JOURNEY_PATTERN_PARSER_H

#include "sequence/pattern.h"

/* What a gap has collected while it is read. */
typedef struct PatternGapText
{
	bool		free;			/* .* or a time condition stands in it */
	bool		timed;			/* a time condition stands in it */
	bool		empty;			/* its time conditions exclude every time */
	size_t		timed_at;		/* where the first one stands */
	uint64		least;
	uint64		most;
	uint64		except[PATTERN_MAX_RANGES]; /* the values of != */
	int			nexcept;
} PatternGapText;

/* A gap with time conditions: a union of ranges, apart and in order. */
typedef struct PatternGap
{
	size_t		at;				/* where a time condition of it stands */
	int			first;			/* its ranges */
	int			nranges;
} PatternGap;

/* Gaps are known by number; these two have no time condition. */
#define GAP_ADJACENT	0
#define GAP_FREE		1
#define GAP_TIMED		2		/* the first that has */
#define GAP_FAILED		(-1)

#define MAX_GAPS		255
#define MAX_GAP_RANGES	1024
#define MAX_CHOICES		15
#define MAX_LINKS		1024

/* Any of these gaps. */
typedef struct PatternChoice
{
	uint8		n;
	uint8		gaps[MAX_CHOICES];
} PatternChoice;

/*
 * A part of the pattern that has been read: its states, the states that it may
 * begin and end with, and the gaps that remain if it matches no event; none if
 * it always matches one.  Which gap stands before a state that it begins with,
 * and after one that it ends with, the parser keeps: see PatternParser.before, after.
 */
typedef struct PatternPart
{
	int			begin;
	int			end;
	uint64		first;
	uint64		last;
	PatternChoice none;
} PatternPart;

/* A link with time conditions from a state to others. */
typedef struct PatternLink
{
	uint8		source;
	uint8		gap;
	uint64		targets;
} PatternLink;

typedef struct PatternParser
{
	const char *text;
	size_t		length;
	size_t		at;
	Pattern    *pattern;
	PatternError *error;
	PatternGapText gap;			/* the gap after what was read last */
	PatternChoice before[PATTERN_MAX_EVENTS];
	PatternChoice after[PATTERN_MAX_EVENTS];
	PatternGap	gaps[MAX_GAPS];
	int			ngaps;
	PatternRange gap_ranges[MAX_GAP_RANGES];
	int			ngap_ranges;
	PatternLink links[MAX_LINKS];
	int			nlinks;
} PatternParser;

#define HINT_EVENTS "A pattern holds up to 64 events, where what is repeated {m,n} times counts n times, and {m,} times m times."

extern bool pattern_fail(PatternParser *p, size_t at, const char *message, const char *hint);
extern bool pattern_fail_ranges(PatternParser *p, size_t at);

extern void pattern_gap_reset(PatternGapText *gap);
extern int	pattern_gap_settle(PatternParser *p);
extern bool pattern_choice_add(PatternParser *p, PatternChoice *choice, int gap);
extern PatternChoice pattern_choice_of(int gap);
extern bool pattern_choice_join(PatternParser *p, PatternChoice *choice, PatternChoice a, int gap,
								PatternChoice b);
extern const PatternGap *pattern_choice_timed(const PatternParser *p, const PatternChoice *choice);

extern PatternPart pattern_part_empty(const PatternParser *p);
extern bool pattern_part_append(PatternParser *p, PatternPart *part, int gap,
								const PatternPart *next);
extern bool pattern_part_repeat(PatternParser *p, PatternPart *part, int least, int most, size_t at);

extern bool pattern_compile(PatternParser *p, const PatternPart *whole);

#endif							/* JOURNEY_PATTERN_PARSER_H */
