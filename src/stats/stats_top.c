/*-------------------------------------------------------------------------
 *
 * stats_top.c
 *		The option `top N` of breakdowns: only the N values with the most users
 *		are shown, and the others together as "(other)".
 *
 * A result keeps all groups, so that it adds up with others; those to show are
 * chosen when it is read.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "stats/stats.h"

/* Read `top N`; false if the option is another. */
bool
stats_read_top(TextSlice option, int *top)
{
	TextSlice	number = option;

	if (!option_accept(&number, "top") || number.length == 0)
		return false;
	if (!option_number(&number, STATS_TOP_MOST, top) || number.length > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must be top and a number from 1 to %d",
						pnstrdup(option.bytes, option.length), STATS_TOP_MOST),
				 errhint("Write for example 'top 10'.")));
	return true;
}

/* Refuse options that say it twice. */
void
stats_refuse_second_top(TextSlice options)
{
	options_refuse(options, "say twice how many values there are", "Write top and a number once.");
}

static int
stats_label_order(const void *a, const void *b)
{
	return slice_order(((const StatsGroup *) a)->label, ((const StatsGroup *) b)->label);
}

/* The most users first, and of equally many the first label. */
static int
stats_group_order(const void *a, const void *b)
{
	const StatsGroup *left = a;
	const StatsGroup *right = b;

	if (left->users != right->users)
		return left->users > right->users ? -1 : 1;
	return stats_label_order(a, b);
}

/*
 * Put the `top` labels with the most users, over all groups of a label, first, by
 * their bytes; false if there are no more labels than that.
 */
bool
stats_keep_top(StatsGroup *groups, uint32 n, uint32 top)
{
	uint32		kept = 0;
	uint32		i;

	qsort(groups, n, sizeof(StatsGroup), stats_label_order);
	for (i = 0; i < n; i++)
		if (kept > 0 && slice_equal(groups[kept - 1].label, groups[i].label))
			groups[kept - 1].users += groups[i].users;
		else
			groups[kept++] = groups[i];
	if (kept <= top)
		return false;
	qsort(groups, kept, sizeof(StatsGroup), stats_group_order);
	qsort(groups, top, sizeof(StatsGroup), stats_label_order);
	return true;
}

/* What a group is shown as: its label if it is kept, or has none, else "(other)". */
TextSlice
stats_top_label(const StatsGroup *kept, uint32 top, TextSlice label)
{
	static const TextSlice other = {"(other)", 7};
	const StatsGroup key = {label, 0};

	return label.bytes == NULL || bsearch(&key, kept, top, sizeof(StatsGroup), stats_label_order) != NULL ?
		label : other;
}
