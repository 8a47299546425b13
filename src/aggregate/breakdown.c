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
 * most once, which `said` remembers.  False if the word is none.
 */
bool
breakdown_read_option(TextSlice options, TextSlice word, BreakdownValue last, Breakdown *breakdown,
					  Breakdown *said)
{
	int			value;

	if (stats_read_top(word, &breakdown->top))
	{
		if (said->top != 0)
			stats_refuse_second_top(options);
		said->top = breakdown->top;
		return true;
	}
	for (value = BREAKDOWN_FIRST_VALUE; value <= (int) last; value++)
		if (option_is(word, breakdown_value_names[value]))
			break;
	if (value > (int) last)
		return false;
	if (said->value != BREAKDOWN_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options \"%s\" say twice which value counts",
						pnstrdup(options.bytes, options.length)),
				 last == BREAKDOWN_EACH_VALUE ?
				 errhint("Write one of first_value, last_value and each_value.") :
				 errhint("Write either first_value or last_value.")));
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
