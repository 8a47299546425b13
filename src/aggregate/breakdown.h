/*-------------------------------------------------------------------------
 *
 * breakdown.h
 *		A breakdown of users by a text that their events carry: its options,
 *		and which of its values are shown.
 *
 * The label of a group is a value; bytes are NULL for those who have none.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_BREAKDOWN_H
#define JOURNEY_BREAKDOWN_H

#include "postgres.h"

#include "base/base.h"
#include "stats/stats.h"

/* Which value of a user's events gives the group of the user, if any. */
typedef enum BreakdownValue
{
	BREAKDOWN_NONE,
	BREAKDOWN_FIRST_VALUE,
	BREAKDOWN_LAST_VALUE,
	BREAKDOWN_EACH_VALUE		/* a user is in a group for each */
} BreakdownValue;

typedef struct Breakdown
{
	BreakdownValue value;
	int			top;			/* how many values are shown; 0: all */
} Breakdown;

/* The labels that are shown; all others are one group. */
typedef struct ShownLabels
{
	const StatsGroup *groups;	/* those, in byte order */
	uint32		top;			/* how many they are */
	bool		all;			/* or there are no others */
} ShownLabels;

extern const char *const breakdown_value_names[];

extern bool breakdown_read_option(TextSlice options, TextSlice option, BreakdownValue last,
								  Breakdown *breakdown, Breakdown *said);
extern void breakdown_check_label(TextSlice label);
extern ShownLabels breakdown_shown(StatsGroup *groups, uint32 n, int top);
extern TextSlice breakdown_label(const ShownLabels *shown, TextSlice label);

#endif							/* JOURNEY_BREAKDOWN_H */
