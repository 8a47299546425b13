/*-------------------------------------------------------------------------
 *
 * scan_state.h
 *		The state of a table scan, for the files of this room.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SCAN_STATE_H
#define JOURNEY_SCAN_STATE_H

#include "postgres.h"

#include "access/parallel.h"
#include "access/relscan.h"
#include "executor/nodeAgg.h"
#include "nodes/execnodes.h"
#include "nodes/extensible.h"
#include "nodes/pathnodes.h"
#include "scan/scan_expr.h"
#include "scan/scan.h"
#include "share/share.h"

/* A page's memory is asked for in so many parts, by the line of a cache. */
#define AHEAD_PARTS 4
#define AHEAD_LINE 64

/* An aggregate that a scan feeds, as a transition function of the plan node above. */
typedef struct ScanConsumer
{
	Aggref	   *aggref;			/* whose arguments these are; NULL: not yet
								 * read */
	ScanExpr   *filter;			/* or NULL */
	int			nargs;
	ScanExpr  **args;			/* from args[1] on, as in the call */
	const ScanVector **vectors; /* NULL: one that is evaluated row by row */
	ScanVector *kept;			/* room for those of some rows, */
	const ScanVector **given;	/* which are given instead */
	bool		all_vectors;	/* is there none that is evaluated row by row? */

	/* of one of the extension, once it has had a state */
	PGFunction	transition;
	TableScanRows of_rows;		/* the same for all rows at once, or NULL */
} ScanConsumer;

typedef struct ScanGroups ScanGroups;

/* So many groups are fed. */
#define SCAN_GROUPS_MOST 4096

/* How feeding ended. */
typedef enum ScanFed
{
	SCAN_FED_ALL,				/* there are no more rows */
	SCAN_FED_TO_ROW,			/* the row that is looked at goes up, as the
								 * first one of its group */
	SCAN_FED_NO_MORE			/* rows after the one that is looked at go up */
} ScanFed;

typedef struct TableScanState
{
	CustomScanState css;
	TableScanDesc scan;			/* NULL until the first row is asked for */
	ParallelTableScanDesc shared;	/* of a parallel scan */
	ScanRows   *rows;
	const char *ahead;			/* the next page's memory that is yet to be
								 * asked for, */
	const char *ahead_end;		/* up to here; both NULL: not known where it
								 * is */
	int			page_read;		/* rows of the page; 0: no page, or they are
								 * counted */
	int			page_removed;	/* those of them that conditions tested at
								 * once remove */
	int			read;			/* how many of those are counted */
	int			removed;
	Buffer		page_before;	/* the latest page's */
	int			step_before;	/* from the one before it */
	int			nquals;
	int			nfilters;		/* quals that are tested on all rows at once,
								 * the first ones */
	int			ntested;		/* quals that the rows at hand have met */
	ScanExpr  **quals;
	int			noutputs;
	ScanExpr  **outputs;		/* the target list */
	bool	   *outputs_taken;	/* does an aggregate evaluate one for each
								 * row? */
	int			nchecked;		/* outputs that must be evaluated beside that,
								 * as they may fail */
	ScanExpr  **checked;
	TupleTableSlot *output;		/* a row for the executor */
	AggState   *agg;			/* to be fed with all rows left, or NULL */
	PlanState  *share;			/* that the rows would go up through, or NULL */
	PlanState  *append;			/* the same */
	ScanConsumer *consumers;	/* its transition functions, as it numbers
								 * them */
	ScanGroups *groups;			/* of the aggregate, or NULL */
	int			nlookups;
	struct ScanLookup *lookups;
} TableScanState;

struct ExplainState;

extern const CustomScanMethods scan_methods;
extern const CustomExecMethods scan_exec_methods;
extern const CustomScanMethods scan_share_methods;

/* scan_share.c */
extern Path *scan_share_path(PlannerInfo *root, const AggPath *agg);
extern PlanState *scan_share_child(PlanState *node);
extern void scan_share_users_of(PlanState *node, AggState *agg, Datum state,
								const ScanSharing *sharing);

/* scan_plan.c */
extern bool scan_plan_feeds(const TableScanState *state);
extern bool scan_is_path(const Path *path);

/* scan_effects.c */
extern bool scan_may_feed(PlannerInfo *root, List *tlist, List *clauses);

/* scan_page.c */
extern void scan_open(TableScanState *state);
extern bool scan_next_page(TableScanState *state, ScanDirection direction);
extern bool scan_next_row(TableScanState *state, ScanDirection direction);
extern void scan_filter_rows(TableScanState *state);
extern void scan_count_rows_so_far(TableScanState *state);

/* scan_feed.c */
extern ScanFed scan_feed_rows(TableScanState *state);
extern void scan_feed_aggregate(TableScanState *state, int number);

/* scan_groups.c */
extern ScanGroups *scan_groups_new(AggState *agg);
extern bool scan_groups_full(const ScanGroups *groups);
extern int	scan_groups_count(const ScanGroups *groups);
extern void scan_groups_forget(ScanGroups *groups);
extern int	scan_order_by_group(ScanGroups *groups, uint16 *rows, int n);
extern int	scan_set_group(TableScanState *state, int i);
extern ScanFed scan_feed_groups(TableScanState *state, uint64 *nfed);

/* scan_lookup.c */
extern void scan_lookups_begin(TableScanState *state, EState *estate, int eflags);
extern void scan_lookups_open(TableScanState *state);
extern void scan_look_up(TableScanState *state);
extern void scan_lookups_rescan(TableScanState *state);
extern void scan_lookups_end(TableScanState *state);
extern void scan_lookups_explain(const TableScanState *state, List *ancestors,
								 struct ExplainState *es);

/* scan_hand.c */
extern const ScanVector *scan_output_vector(TableScanState *state, int number, ScanVector *computed);
extern const ScanVector *scan_output_of_row(TableScanState *state, int number, ScanVector *computed);

/* scan_parallel.c */
extern Size scan_estimate_dsm(CustomScanState *node, ParallelContext *pcxt);
extern void scan_initialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate);
extern void scan_reinitialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate);
extern void scan_initialize_worker(CustomScanState *node, shm_toc *toc, void *coordinate);

/* Ask for a part of that page: all at once would only wait for each other. */
static inline void
scan_ask_ahead(TableScanState *state)
{
	const char *end;

	if (state->ahead == NULL)
		return;
	end = Min(state->ahead + BLCKSZ / AHEAD_PARTS, state->ahead_end);
	for (; state->ahead < end; state->ahead += AHEAD_LINE)
	{
		__builtin_prefetch(state->ahead);
		pg_compiler_barrier();	/* or the compiler sees no use in the loop */
	}
}

/* Does an aggregate have this state at this time? */
static inline bool
scan_has_state(const AggState *agg, int number, Datum state)
{
	const AggStatePerGroupData *group = scan_group_of(agg, number);

	return !group->transValueIsNull && group->transValue == state;
}

#endif							/* JOURNEY_SCAN_STATE_H */
