/*-------------------------------------------------------------------------
 *
 * scan_lookup.h
 *		Lookups of a table scan: joins with rows that are kept in a hash table
 *		(scan_lookup_table.c), evaluated for the rows of a page together.
 *
 * What is looked up are further columns of the rows at hand, behind those of the
 * table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SCAN_LOOKUP_H
#define JOURNEY_SCAN_LOOKUP_H

#include "postgres.h"

#include "nodes/execnodes.h"
#include "nodes/pathnodes.h"
#include "scan/scan_expr.h"

/* A column of the join condition: an expression of the scan equals one of the child. */
typedef struct LookupKey
{
	FmgrInfo	hash_scan;		/* of a value of the scan, */
	FmgrInfo	hash_child;		/* of one of the child */
	FmgrInfo	equal;
	bool		bytes;			/* are values equal if their bytes are? */
	bool		child_first;	/* is the child's the operator's first
								 * argument? */
	Oid			collation;
	int16		length;			/* of the child's type: typlen */
	bool		by_value;		/* typbyval */
	ExprState  *child;			/* over a row of the child */
	ScanExpr   *scan;
	int16		scan_length;	/* of the scan's type: typlen */
	ScanVector	computed;		/* if that is evaluated row by row */
	const ScanVector *vector;	/* of the rows at hand */
} LookupKey;

/* A column that is looked up. */
typedef struct LookupColumn
{
	AttrNumber	child;			/* where the child hands it up, from 1 on */
	int			number;			/* among the columns of the rows at hand */
	int			place;			/* in a row of the hash table; -1: nobody
								 * needs it */
	int16		length;
	bool		by_value;
} LookupColumn;

typedef struct LookupTable LookupTable;

typedef struct ScanLookup
{
	JoinType	type;			/* JOIN_INNER, JOIN_LEFT, JOIN_SEMI, JOIN_ANTI */
	PlanState  *child;
	ExprContext *context;		/* of a row of the child, or of a condition */
	int			nkeys;
	LookupKey  *keys;
	bool		integers;		/* is the one key a whole number on both
								 * sides? */
	int			ncolumns;
	LookupColumn *columns;
	int			nfilters;		/* other conditions of the join */
	ScanExpr  **filters;
	int			nquals;			/* conditions after the join */
	ScanExpr  **quals;
	bool		keys_have_param;	/* have those of the child any? */
	LookupTable *table;			/* NULL: yet to be made */
	ParamExecData *common;		/* where scans that have the same lookup find
								 * one which has the table, or NULL */
	MemoryContext memory;		/* of the table */
} ScanLookup;

/* How a lookup is in the plan: custom_private and custom_exprs have lists of these lists. */
#define LOOKUP_NUMBERS 0		/* of integers: jointype, conditions after the
								 * join, parameter of the common table or -1 */
#define LOOKUP_COLUMNS 1		/* of integers: the child's numbers */
#define LOOKUP_OPERATORS 2		/* of the keys */
#define LOOKUP_COLLATIONS 3		/* of the keys */
#define LOOKUP_CHILD_FIRST 4	/* of integers: of the keys */

#define LOOKUP_SCAN_KEYS 0
#define LOOKUP_CHILD_KEYS 1
#define LOOKUP_CONDITIONS 2		/* the keys, for EXPLAIN */
#define LOOKUP_FILTERS 3

/* scan_lookup_table.c: numbers of rows begin at 1; 0 is none */
extern LookupTable *lookup_table_of_child(ScanLookup *lookup);
extern void lookup_table_find(const ScanLookup *lookup, int n, uint32 *found);
extern uint32 lookup_table_next(const ScanLookup *lookup, int row, uint32 number);
extern void lookup_table_values(const LookupTable *table, const LookupColumn *column,
								const uint32 *numbers, int n, ScanVector *vector, int at);

/* scan_lookup_plan.c */
extern Path *lookup_path_instead(PlannerInfo *root, JoinPath *join);
extern Path *lookup_append_project(PlannerInfo *root, Path *path, PathTarget *target);
extern Plan *lookup_plan_path(PlannerInfo *root, CustomPath *path, List *tlist,
							  List *custom_plans);
extern int	scan_lookups_columns(List *lookups);
extern void lookup_plan_init(void);

#endif							/* JOURNEY_SCAN_LOOKUP_H */
