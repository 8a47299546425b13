/*-------------------------------------------------------------------------
 *
 * breakdown.c
 *		A breakdown of users by a text that their events carry: its options,
 *		and which of its values are shown.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/breakdown.h"
#include "mb/pg_wchar.h"

const char *const breakdown_value_names[] = {"none", "first_value", "last_value", "each_value"};

/*
 * Read an option of a breakdown: top N, or a value up to `last`, each given at
 * most once, which `said` remembers.  False if the option is none of these.
 */
bool
breakdown_read_option(TextSlice options, TextSlice option, BreakdownValue last, Breakdown *breakdown,
					  Breakdown *said)
{
	int			value;

	if (stats_read_top(option, &breakdown->top))
	{
		if (said->top != 0)
			stats_refuse_second_top(options);
		said->top = breakdown->top;
		return true;
	}
	value = option_index(option, breakdown_value_names, (int) last + 1);
	if (value == BREAKDOWN_NONE || value > (int) last)
		return false;
	if (said->value != BREAKDOWN_NONE)
		options_refuse(options, "say twice which value counts",
					   last == BREAKDOWN_EACH_VALUE ?
					   "Write one of first_value, last_value and each_value." :
					   "Write either first_value or last_value.");
	breakdown->value = said->value = (BreakdownValue) value;
	return true;
}

/* Refuse bytes of a state that are no text; for each label once. */
void
breakdown_check_label(TextSlice label)
{
	if (label.bytes != NULL &&
		!pg_verify_mbstr(GetDatabaseEncoding(), label.bytes, (int) label.length, true))
		serialized_refuse();
}

/*
 * The labels that have the most users, or all if top is 0.  A label may occur
 * several times; none of them is NULL.  The groups are put in another order.
 */
ShownLabels
breakdown_shown(StatsGroup *groups, uint32 n, int top)
{
	ShownLabels shown = {groups, (uint32) top, true};

	shown.all = top == 0 || !stats_keep_top(groups, n, (uint32) top);
	return shown;
}

/* What a group is shown as: its label, or (other). */
TextSlice
breakdown_label(const ShownLabels *shown, TextSlice label)
{
	return shown->all ? label : stats_top_label(shown->groups, shown->top, label);
}
