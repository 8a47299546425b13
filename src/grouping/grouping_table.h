/*-------------------------------------------------------------------------
 *
 * grouping_table.h
 *		The groups that a process has met while it reads rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_GROUPING_TABLE_H
#define JOURNEY_GROUPING_TABLE_H

#include "postgres.h"

#include "grouping/grouping_store.h"

/* So many columns may be in the key. */
#define GROUPING_TABLE_KEYS_MOST 29

/* So many states go with a group. */
#define GROUPING_FOLDS_MOST 32

/* A state is so many words at most. */
#define GROUPING_STATE_WORDS 3

/*
 * A group: a word of bits, its key, and its states.  The bits are one for each
 * state that is not NULL, one for each column of the key that is NULL, and those
 * below.  A column of the key by value takes one word, and another one three: the
 * first and the last eight bytes, and the length with the place in `bytes`.
 */
#define GROUP_BITS 0
#define GROUP_KEY 1
#define GROUP_NULLS_AT GROUPING_FOLDS_MOST
#define GROUP_NULLS (((UINT64_C(1) << GROUPING_TABLE_KEYS_MOST) - 1) << GROUP_NULLS_AT)
#define GROUP_COMPLETE (UINT64_C(1) << 61)	/* is a complete row of it stored? */
#define GROUP_USED (UINT64_C(1) << 63)	/* there is such a group */
#define GROUP_BYTES_WORDS 3

/*
 * Groups by a hash of their key.  When there is no memory for more, their states
 * go to the parts of the store, and all groups are forgotten.
 */
typedef struct GroupingTable
{
	GroupingStore *store;
	uint64		present;		/* bits of the states that are numbers from
								 * the start */
	int			nkey_words;
	bool		simple;			/* is the key one column, by value? */
	int			states;			/* where they begin in a group */
	int			size;			/* of a group, in words */
	uint64		most;			/* bytes */
	int			nslots_log2;
	uint64		nused;
	uint64	   *slots;
	char	   *bytes;			/* columns of keys by reference, each at a
								 * multiple of 8; nothing is at 0 */
	Size		nbytes;
	Size		bytes_capacity;

	/* rows at hand */
	MemoryContext fetched;		/* of what their keys take elsewhere */
	uint64	   *words;			/* their keys, unless the key is simple */
	const char **values;		/* the bytes of columns by reference */
	uint64		nulls[SCAN_ROWS_MOST];
	uint64		hashes[SCAN_ROWS_MOST];
	uint64	   *groups[SCAN_ROWS_MOST];
} GroupingTable;

extern bool grouping_table_can(const GroupingStore *store);
extern GroupingTable *grouping_table_new(GroupingStore *store, uint64 present, uint64 most);
extern int	grouping_table_find(GroupingTable *table, const ScanVector *const *columns, int first, int n);
extern void grouping_table_close(GroupingTable *table);

#endif							/* JOURNEY_GROUPING_TABLE_H */
