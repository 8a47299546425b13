/*-------------------------------------------------------------------------
 *
 * grouping_fold.c
 *		Computes states that are numbers.
 *
 * Where the state of an aggregate is a number or two, the node computes it without
 * a call for each row: while rows are read, from the columns of a page, one
 * aggregate after the other (grouping_table.h); or from the rows of a group that
 * are stored for other aggregates.
 *
 * The order of rows is kept in a group, and what is folded while rows are read is
 * associative to the bit, so that states are those of PostgreSQL's transition
 * functions.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "event/event.h"
#include "grouping/grouping_fold.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/float.h"

#include "compat.h"

/* The words of states of all aggregates: first, which are not NULL. */
#define PRESENT 0

/* Rows of a group lie apart: so many before it is its turn, the memory of one is asked for. */
#define AHEAD 8

/* ---- states ----------------------------------------------------------------------- */

/* How many words a state takes. */
int
grouping_fold_words(GroupingFoldKind kind)
{
	return kind == GROUPING_AVERAGE ? 2 : kind == GROUPING_SUM_BIG ? GROUPING_STATE_WORDS : 1;
}

/* The bits of the states that are numbers from the start. */
uint64
grouping_fold_begin(const GroupingFold *folds, int n)
{
	uint64		present = 0;
	int			i;

	for (i = 0; i < n; i++)
		if (folds[i].kind == GROUPING_COUNT_ROWS || folds[i].kind == GROUPING_COUNT ||
			folds[i].kind == GROUPING_AVERAGE)
			present |= UINT64_C(1) << i;
	return present;
}

static inline bool
float_is_later(GroupingFoldKind kind, uint64 state, uint64 value)
{
	const float8 a = DatumGetFloat8((Datum) state);
	const float8 b = DatumGetFloat8((Datum) value);

	return !(kind == GROUPING_MAX_FLOAT ? float8_gt(a, b) : float8_lt(a, b));
}

/* Add to a sum in two words. */
static inline void
add_big(uint64 *sum, uint64 low, uint64 high)
{
	const uint64 before = sum[0];

	sum[0] += low;
	sum[1] += high + (sum[0] < before);
}

/* Fold a value that is not NULL into the state of the rows before. */
static pg_attribute_always_inline void
fold_value(GroupingFoldKind kind, uint64 *present, uint64 bit, uint64 *state, uint64 value)
{
	if (kind == GROUPING_COUNT_ROWS || kind == GROUPING_COUNT)
	{
		(*state)++;
		return;
	}
	if (kind == GROUPING_AVERAGE)
	{
		state[0] += value;
		state[1]++;
		return;
	}
	if (kind == GROUPING_SUM_BIG)
	{
		*present |= bit;
		add_big(state, value, (int64) value < 0 ? ~UINT64_C(0) : 0);
		state[2]++;
		return;
	}
	if ((*present & bit) == 0)
	{
		*present |= bit;
		*state = value;
		return;
	}
	switch (kind)
	{
		case GROUPING_COUNT_ROWS:
		case GROUPING_COUNT:
		case GROUPING_AVERAGE:
		case GROUPING_SUM_BIG:
			break;				/* is done */
		case GROUPING_SUM:
			*state += value;
			break;
		case GROUPING_SUM_FLOAT:
			*state = (uint64) Float8GetDatum(float8_pl(DatumGetFloat8((Datum) *state),
													   DatumGetFloat8((Datum) value)));
			break;
		case GROUPING_MAX:
			*state = (int64) value > (int64) *state ? value : *state;
			break;
		case GROUPING_MIN:
			*state = (int64) value < (int64) *state ? value : *state;
			break;
		case GROUPING_MAX_FLOAT:
		case GROUPING_MIN_FLOAT:
			if (float_is_later(kind, *state, value))
				*state = value;
			break;
		case GROUPING_AND:
			*state = BoolGetDatum(DatumGetBool((Datum) *state) && DatumGetBool((Datum) value));
			break;
		case GROUPING_OR:
			*state = BoolGetDatum(DatumGetBool((Datum) *state) || DatumGetBool((Datum) value));
			break;
		case GROUPING_STEPS:
			arg_check_size(stepset_size(*state), value);
			*state |= value;
			break;
	}
}

/* Fold the state of other rows, which is not NULL, into that of the rows before. */
static void
fold_state(GroupingFoldKind kind, uint64 *present, uint64 bit, uint64 *state, const uint64 *other)
{
	switch (kind)
	{
		case GROUPING_COUNT_ROWS:
		case GROUPING_COUNT:
			state[0] += other[0];
			break;
		case GROUPING_AVERAGE:
			state[0] += other[0];
			state[1] += other[1];
			break;
		case GROUPING_SUM_BIG:
			*present |= bit;
			add_big(state, other[0], other[1]);
			state[2] += other[2];
			break;
		default:
			fold_value(kind, present, bit, state, other[0]);
	}
}

/* Call a macro for each kind. */
#define FOR_EACH_KIND(macro) \
	macro(GROUPING_COUNT_ROWS) \
	macro(GROUPING_COUNT) \
	macro(GROUPING_SUM) \
	macro(GROUPING_AVERAGE) \
	macro(GROUPING_SUM_BIG) \
	macro(GROUPING_SUM_FLOAT) \
	macro(GROUPING_MAX) \
	macro(GROUPING_MIN) \
	macro(GROUPING_MAX_FLOAT) \
	macro(GROUPING_MIN_FLOAT) \
	macro(GROUPING_AND) \
	macro(GROUPING_OR) \
	macro(GROUPING_STEPS)

/* ---- while rows are read ------------------------------------------------------------ */

/* The rows that meet a condition, of n from `first` on, counted from there. */
static int
filtered(const ScanVector *filter, int first, int n, uint16 *rows)
{
	const int	stride = filter->constant ? 0 : 1;
	int			kept = 0;
	int			i;

	for (i = 0; i < n; i++)
	{
		const int	row = (first + i) * stride;

		rows[kept] = (uint16) i;
		kept += DatumGetBool(filter->values[row]) && !(filter->has_nulls && filter->nulls[row]);
	}
	return kept;
}

/* Fold a column into the states of the groups of n rows: those in `rows`, or the first ones. */
static pg_attribute_always_inline void
fold_column(GroupingFoldKind kind, bool has_nulls, uint64 bit, int at, uint64 *const *groups,
			const ScanVector *column, int first, const uint16 *rows, int n)
{
	const int	stride = column == NULL || column->constant ? 0 : 1;
	int			i;

	for (i = 0; i < n; i++)
	{
		const int	row = rows == NULL ? i : rows[i];
		const int	value = (first + row) * stride;
		uint64	   *group = groups[row];

		if (has_nulls && column->nulls[value])
			continue;
		fold_value(kind, &group[GROUP_BITS], bit, &group[at],
				   kind == GROUPING_COUNT_ROWS || kind == GROUPING_COUNT ? 1 : (uint64) column->values[value]);
	}
}

/* Fold the rows at hand, n of a page from `first` on, into the states of their groups. */
void
grouping_fold_columns(GroupingTable *table, const GroupingFold *folds, int nfolds,
					  const ScanVector *const *columns, int first, int n)
{
	uint16		kept[SCAN_ROWS_MOST];
	int			i;

	for (i = 0; i < nfolds; i++)
	{
		const GroupingFold *fold = &folds[i];
		const ScanVector *column = fold->column < 0 ? NULL : columns[fold->column];
		const uint64 bit = UINT64_C(1) << i;

		/* the bits are not among the states of a group */
		const int	at = table->states + fold->at - 1;
		const uint16 *rows = fold->filter < 0 ? NULL : kept;
		const int	nrows = fold->filter < 0 ? n : filtered(columns[fold->filter], first, n, kept);

		switch (fold->kind)
		{
#define FOLD(kind) \
			case kind: \
				if (rows != NULL) \
					fold_column(kind, column != NULL && column->has_nulls, bit, at, table->groups, column, \
								first, rows, nrows); \
				else if (column != NULL && column->has_nulls) \
					fold_column(kind, true, bit, at, table->groups, column, first, NULL, nrows); \
				else \
					fold_column(kind, false, bit, at, table->groups, column, first, NULL, nrows); \
				break;
				FOR_EACH_KIND(FOLD)
#undef FOLD
		}
	}
}

/* ---- of a group that is at hand ------------------------------------------------------ */

/* The states of a group, from those rows of it in the store that have states. */
void
grouping_fold_states(const GroupingStore *store, uint64 begin, uint64 end,
					 const GroupingFold *folds, int n, uint64 *states)
{
	uint64		row;
	int			i;

	memset(states, 0, store->nstates * sizeof(uint64));
	states[PRESENT] = grouping_fold_begin(folds, n);
	for (row = begin; row < end; row++)
	{
		const uint64 *other;

		CHECK_FOR_INTERRUPTS();
		if ((store->rows[row]->size & GROUPING_STATES) == 0)
			continue;
		other = grouping_states(store, store->rows[row]);
		for (i = 0; i < n; i++)
			if ((other[PRESENT] >> i & 1) != 0)
				fold_state(folds[i].kind, &states[PRESENT], UINT64_C(1) << i, &states[folds[i].at],
						   other + folds[i].at);
	}
}

/* Fold a column of the rows of a group into its state. */
static pg_attribute_always_inline void
fold_group(GroupingFoldKind kind, const GroupingStore *store, uint64 begin, uint64 end, uint64 bit,
		   int filter, int column, uint64 *present, uint64 *state)
{
	uint64		row;

	for (row = begin; row < end; row++)
	{
		const GroupingRow *at = store->rows[row];

		if (row + AHEAD < store->nrows)
			__builtin_prefetch(store->rows[row + AHEAD]);
		if (filter >= 0 && (grouping_isnull(store, at, filter) ||
							!DatumGetBool((Datum) at->columns[filter])))
			continue;
		if (kind == GROUPING_COUNT_ROWS)
			(*state)++;
		else if (!grouping_isnull(store, at, column))
			fold_value(kind, present, bit, state, at->columns[column]);
	}
}

/* The states of a group, from its rows in the store, where columns have other places. */
void
grouping_fold_rows(const GroupingStore *store, uint64 begin, uint64 end, const GroupingFold *folds,
				   int n, const int *places, uint64 *states)
{
	int			i;

	states[PRESENT] = grouping_fold_begin(folds, n);
	for (i = 0; i < n; i++)
	{
		const GroupingFold *fold = &folds[i];
		const int	filter = fold->filter < 0 ? -1 : places[fold->filter];
		const int	column = fold->column < 0 ? -1 : places[fold->column];
		uint64	   *state = &states[fold->at];

		CHECK_FOR_INTERRUPTS();
		memset(state, 0, grouping_fold_words(fold->kind) * sizeof(uint64));
		switch (fold->kind)
		{
#define FOLD(kind) \
			case kind: \
				fold_group(kind, store, begin, end, UINT64_C(1) << i, filter, column, \
						   &states[PRESENT], state); \
				break;
				FOR_EACH_KIND(FOLD)
#undef FOLD
		}
	}
}

/*
 * The states of a group go where the executor has them.  What is more than a
 * number goes to `sums`; or, without it, into the array that is the state there.
 */
void
grouping_fold_put(const uint64 *states, const GroupingFold *folds, int n, GroupingSum *sums, AggState *agg)
{
	int			i;

	for (i = 0; i < n; i++)
	{
		const GroupingFold *fold = &folds[i];
		const uint64 *state = &states[fold->at];
		const bool	isnull = (states[PRESENT] >> i & 1) == 0;
		AggStatePerGroup group = scan_group_of(agg, fold->trans);

		if (fold->kind == GROUPING_AVERAGE && sums == NULL)
		{
			int64	   *array = (int64 *) ARR_DATA_PTR(DatumGetArrayTypeP(group->transValue));

			array[0] = (int64) state[1];
			array[1] = (int64) state[0];
			continue;
		}
		group->transValue = isnull ? (Datum) 0 : (Datum) state[0];
		group->transValueIsNull = group->noTransValue = isnull;
		if (fold->kind == GROUPING_AVERAGE || fold->kind == GROUPING_SUM_BIG)
		{
			const bool	big = fold->kind == GROUPING_SUM_BIG;

			sums[i].low = state[0];
			sums[i].high = big ? (int64) state[1] : (int64) state[0] < 0 ? -1 : 0;
			sums[i].n = (int64) state[big ? 2 : 1];
			group->transValue = PointerGetDatum(&sums[i]);
		}
	}
}
