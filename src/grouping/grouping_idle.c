/*-------------------------------------------------------------------------
 *
 * grouping_idle.c
 *		Leaves out rows that change no state.
 *
 * Most rows of a log meet no condition of a question.  Such a row is idle: once
 * an aggregate over events has a row of the group, an idle one changes nothing,
 * and need not be stored.  Each process notes of which groups it has stored a
 * row that is complete: with a time, and a stepset of the usual size.  An idle row
 * of one of these groups is left out.  All other rows are stored, so that each
 * group has a row, and each error occurs.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "event/event.h"
#include "grouping/grouping_idle.h"
#include "utils/timestamp.h"

#include "compat.h"

/* Which rows are idle, and which complete, for an aggregate; as for those before it. */
static pg_attribute_always_inline void
idle_rows(const GroupingIdleRule *rule, const ScanVector *at, const ScanVector *step, int first,
		  int n, bool has_nulls, bool *idle, bool *complete)
{
	const int	at_stride = at == NULL || at->constant ? 0 : 1;
	const int	step_stride = step->constant ? 0 : 1;
	int			i;

	for (i = 0; i < n; i++)
	{
		const int	at_row = (first + i) * at_stride;
		const int	step_row = (first + i) * step_stride;
		const uint64 bits = (uint64) step->values[step_row];
		const int64 time = at == NULL ? 0 : DatumGetTimestampTz(at->values[at_row]);
		const bool	present = !has_nulls ||
			!(step->nulls[step_row] || (at != NULL && at->nulls[at_row]));
		const bool	usual = (stepset_size(bits) == rule->nsteps) &
			(time != DT_NOBEGIN) & (time != DT_NOEND);

		idle[i] &= (!present) | (usual & (stepset_conditions(bits) == 0));
		complete[i] &= present & usual;
	}
}

/* Rows that do not meet the condition of an aggregate are idle. */
static void
filter_rows(const ScanVector *filter, int first, int n, bool *idle, const bool *idle_before,
			bool *complete)
{
	const int	stride = filter->constant ? 0 : 1;
	int			i;

	for (i = 0; i < n; i++)
	{
		const int	row = (first + i) * stride;
		const bool	meets = DatumGetBool(filter->values[row]) && !filter->nulls[row];

		idle[i] = meets ? idle[i] : idle_before[i];
		complete[i] &= meets;
	}
}

/* The usual size of stepsets is that of the first one. */
static void
find_size(GroupingIdleRule *rule, const ScanVector *step, int first, int n)
{
	int			i;

	for (i = 0; i < n && rule->nsteps == 0; i++)
		if (!step->nulls[step->constant ? 0 : first + i])
			rule->nsteps = stepset_size((uint64) step->values[step->constant ? 0 : first + i]);
}

/*
 * Which of the rows at hand, n of a page from `first` on, are to be stored?  Their
 * numbers in the page; how many they are.
 */
int
grouping_idle_leave_out(GroupingTable *table, GroupingIdleRule *rules, int nrules,
						const ScanVector *const *columns, int first, int n, uint16 *kept)
{
	bool		idle[SCAN_ROWS_MOST];
	bool		before[SCAN_ROWS_MOST];
	bool		complete[SCAN_ROWS_MOST];
	int			nkept = 0;
	int			i;

	memset(idle, true, (Size) n);
	memset(complete, true, (Size) n);
	for (i = 0; i < nrules; i++)
	{
		GroupingIdleRule *rule = &rules[i];
		const ScanVector *at = rule->at < 0 ? NULL : columns[rule->at];
		const ScanVector *step = columns[rule->step];

		if (rule->nsteps == 0)
			find_size(rule, step, first, n);
		if (rule->filter >= 0)
			memcpy(before, idle, (Size) n);
		if (step->has_nulls || (at != NULL && at->has_nulls))
			idle_rows(rule, at, step, first, n, true, idle, complete);
		else
			idle_rows(rule, at, step, first, n, false, idle, complete);
		if (rule->filter >= 0)
			filter_rows(columns[rule->filter], first, n, idle, before, complete);
	}
	for (i = 0; i < n; i++)
	{
		uint64	   *group = table->groups[i];

		kept[nkept] = (uint16) (first + i);
		if ((*group & GROUP_COMPLETE) != 0)
			nkept += !idle[i];
		else
		{
			nkept++;
			if (complete[i])
				*group |= GROUP_COMPLETE;
		}
	}
	return nkept;
}
