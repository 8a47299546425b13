/*-------------------------------------------------------------------------
 *
 * grouping_fold.h
 *		Folds rows into the states of their groups while they are read.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_GROUPING_FOLD_H
#define JOURNEY_GROUPING_FOLD_H

#include "postgres.h"

#include "executor/nodeAgg.h"
#include "grouping/grouping_store.h"

/* What the node can do itself, as the transition function of PostgreSQL does. */
typedef enum GroupingFoldKind
{
	GROUPING_COUNT_ROWS,		/* count(*) */
	GROUPING_COUNT,				/* count(x) */
	GROUPING_SUM,				/* of small integers, as bigint */
	GROUPING_MAX,				/* of what is ordered like signed numbers */
	GROUPING_MIN,
	GROUPING_MAX_FLOAT,			/* of float8 */
	GROUPING_MIN_FLOAT,
	GROUPING_AND,				/* of booleans */
	GROUPING_OR,
	GROUPING_STEPS				/* the union of stepsets */
} GroupingFoldKind;

typedef struct GroupingFold
{
	GroupingFoldKind kind;
	int			column;			/* -1: none */
} GroupingFold;

/* So many states go with a group. */
#define GROUPING_FOLDS_MOST 32

/*
 * A group: its key, a bit for each state that is not NULL and the following, and
 * the states.
 */
#define FOLD_KEY 0
#define FOLD_PRESENT 1
#define FOLD_STATES 2

#define FOLD_USED (UINT64_C(1) << 63)	/* there is such a group */

/*
 * Groups by a hash of their key.  When there is no memory for more, all go to
 * the parts of the store, as rows of the columns above.
 */
typedef struct GroupingTable
{
	GroupingStore *store;		/* of those */
	int			key;			/* the column of rows, by value */
	int			n;				/* states */
	const GroupingFold *folds;
	int			size;			/* of a group, in words */
	uint64		most;			/* bytes */
	int			nslots_log2;
	uint64		nused;
	uint64	   *slots;
	uint64	   *null_group;		/* that whose key is NULL */
} GroupingTable;

extern TupleDesc grouping_fold_desc(int nfolds);
extern GroupingTable *grouping_table_new(GroupingStore *store, int key, const GroupingFold *folds, int n);
extern void grouping_table_add_rows(GroupingTable *table, const ScanVector *const *columns, int n);
extern void grouping_table_close(GroupingTable *table);
extern void grouping_fold_finish(const GroupingStore *store, uint64 begin, uint64 end,
								 const GroupingFold *folds, int n, AggStatePerGroup states);

#endif							/* JOURNEY_GROUPING_FOLD_H */
