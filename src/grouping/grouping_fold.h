/*-------------------------------------------------------------------------
 *
 * grouping_fold.h
 *		Computes states that are numbers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_GROUPING_FOLD_H
#define JOURNEY_GROUPING_FOLD_H

#include "postgres.h"

#include "executor/nodeAgg.h"
#include "grouping/grouping_table.h"

/* What the node can do itself, as the transition function of PostgreSQL does. */
typedef enum GroupingFoldKind
{
	GROUPING_COUNT_ROWS,		/* count(*) */
	GROUPING_COUNT,				/* count(x) */
	GROUPING_SUM,				/* of small integers, as bigint */
	GROUPING_AVERAGE,			/* of small integers: their sum as bigint, and
								 * their number */
	GROUPING_SUM_BIG,			/* of bigint, and their average: the sum in
								 * 128 bits, and their number */
	GROUPING_SUM_FLOAT,			/* of float8 */
	GROUPING_MAX,				/* of what is ordered like signed numbers */
	GROUPING_MIN,
	GROUPING_MAX_FLOAT,			/* of float8 */
	GROUPING_MIN_FLOAT,
	GROUPING_AND,				/* of booleans */
	GROUPING_OR,
	GROUPING_STEPS				/* the union of stepsets */
} GroupingFoldKind;

/* An aggregate whose state is computed so.  Columns are those of the node below; -1: none. */
typedef struct GroupingFold
{
	GroupingFoldKind kind;
	int			trans;			/* its number in the executor */
	int			column;
	int			filter;			/* a boolean */
	int			at;				/* where its words are among the states */
} GroupingFold;

/* The sum of integers whose final function wants more than a number. */
typedef struct GroupingSum
{
	uint64		low;
	int64		high;
	int64		n;
} GroupingSum;

extern int	grouping_fold_words(GroupingFoldKind kind);
extern uint64 grouping_fold_begin(const GroupingFold *folds, int n);
extern void grouping_fold_columns(GroupingTable *table, const GroupingFold *folds, int nfolds,
								  const ScanVector *const *columns, int first, int n);
extern void grouping_fold_states(const GroupingStore *store, uint64 begin, uint64 end,
								 const GroupingFold *folds, int n, uint64 *states);
extern void grouping_fold_rows(const GroupingStore *store, uint64 begin, uint64 end,
							   const GroupingFold *folds, int n, const int *places, uint64 *states);
extern void grouping_fold_put(const uint64 *states, const GroupingFold *folds, int n,
							  GroupingSum *sums, AggState *agg);

#endif							/* JOURNEY_GROUPING_FOLD_H */
