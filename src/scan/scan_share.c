/*-------------------------------------------------------------------------
 *
 * scan_share.c
 *		Processes of a parallel plan share the users of an aggregate.
 *
 * A node between a partial aggregate of the extension and what hands it rows: a
 * scan, an Append of scans of partitions, a join.  It passes the rows on.  When
 * there are no more for this process, all processes exchange what they have read
 * (share/exchange.h), and each calls the final function for its users.  Those of
 * groups are in scan_share_groups.c.
 *
 * What is below must hand no rows to a process that asks for the first time after
 * another one has been told that there are no more.  Parallel plans are like that:
 * a process is told so when all pages, or all other pieces of work, are taken.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/parallel.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "nodes/extensible.h"
#include "nodes/nodeFuncs.h"
#include "scan/scan_share.h"
#include "scan/scan_state.h"
#include "utils/memutils.h"

#include "compat.h"

#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#endif

typedef struct ScanShareState
{
	CustomScanState css;
	PlanState  *child;
	ExchangeShared *shared;		/* NULL: there is only this process */
	bool		attached;		/* to the exchange, if there is one */
	bool		handed_up;		/* any row? */
	MemoryContext context;		/* of a run */
	Exchange   *exchange;		/* its rounds, until they are over */
	int			processes;		/* that shared the users in the latest run */
	AggState   *agg;			/* above, or NULL */
	SharedState *states;		/* of its transition functions, as it numbers
								 * them, */
	SharedGroups *groups;		/* or of all groups */
} ScanShareState;

static Plan *share_plan_path(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist,
							 List *clauses, List *custom_plans);
static Node *share_create_state(CustomScan *scan);
static void share_begin(CustomScanState *node, EState *estate, int eflags);
static TupleTableSlot *share_exec(CustomScanState *node);
static void share_end(CustomScanState *node);
static void share_rescan(CustomScanState *node);
static Size share_estimate_dsm(CustomScanState *node, ParallelContext *pcxt);
static void share_initialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate);
static void share_reinitialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate);
static void share_initialize_worker(CustomScanState *node, shm_toc *toc, void *coordinate);
static void share_explain(CustomScanState *node, List *ancestors, ExplainState *es);

static const CustomPathMethods share_path_methods = {
	.CustomName = "JourneyShare",
	.PlanCustomPath = share_plan_path,
};

const CustomScanMethods scan_share_methods = {
	.CustomName = "JourneyShare",
	.CreateCustomScanState = share_create_state,
};

static const CustomExecMethods share_exec_methods = {
	.CustomName = "JourneyShare",
	.BeginCustomScan = share_begin,
	.ExecCustomScan = share_exec,
	.EndCustomScan = share_end,
	.ReScanCustomScan = share_rescan,
	.EstimateDSMCustomScan = share_estimate_dsm,
	.InitializeDSMCustomScan = share_initialize_dsm,
	.ReInitializeDSMCustomScan = share_reinitialize_dsm,
	.InitializeWorkerCustomScan = share_initialize_worker,
	.ExplainCustomScan = share_explain,
};

/* ---- planning ------------------------------------------------------------------- */

/* Is there an aggregate whose users can be shared? */
static bool
calls_sharing_aggregate(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Aggref))
		return ((Aggref *) node)->agglevelsup == 0 && results_join_of((Aggref *) node) != NULL;
	return expression_tree_walker(node, calls_sharing_aggregate, context);
}

/* What is below a partial aggregate, with this node above it if that is of use. */
Path *
scan_share_path(PlannerInfo *root, const AggPath *agg)
{
	Path	   *path = agg->subpath;
	CustomPath *share;

	/* a partial aggregate may be below several final ones */
	if (IsA(path, CustomPath) && ((CustomPath *) path)->methods == &share_path_methods)
		return path;
	if (path->param_info != NULL ||
		(agg->aggstrategy == AGG_HASHED && !shared_groups_allowed(root, agg)) ||
		!(calls_sharing_aggregate((Node *) root->processed_tlist, NULL) ||
		  calls_sharing_aggregate(root->parse->havingQual, NULL)))
		return path;
	share = makeNode(CustomPath);
	share->path = *path;
	share->path.type = T_CustomPath;
	share->path.pathtype = T_CustomScan;
	share->path.parent = agg->path.parent;	/* as conditions on that of `path`
											 * are tested below */
	share->path.parallel_aware = true;
	share->custom_paths = list_make1(path);
	share->custom_private = list_make1(makeInteger(agg->aggstrategy == AGG_HASHED));
	share->methods = &share_path_methods;
	return &share->path;
}

static Plan *
share_plan_path(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist, List *clauses,
				List *custom_plans)
{
	CustomScan *scan = makeNode(CustomScan);

	(void) root;
	(void) rel;
	(void) clauses;				/* the child has them */
	scan->scan.plan.targetlist = tlist;
	scan->custom_scan_tlist = copyObject(tlist);
	scan->custom_plans = custom_plans;
	scan->custom_private = path->custom_private;
	scan->flags = path->flags;
	scan->methods = &scan_share_methods;
	return &scan->scan.plan;
}

/* ---- sharing -------------------------------------------------------------------- */

/* What is below this node, or NULL if it is another one. */
PlanState *
scan_share_child(PlanState *node)
{
	if (!IsA(node, CustomScanState) || ((CustomScanState *) node)->methods != &share_exec_methods)
		return NULL;
	return ((ScanShareState *) node)->child;
}

/* An aggregate has made its state: share its users, if that can be. */
bool
scan_share_begin(SharedState *shared, AggState *agg, Datum state, const ScanSharing *sharing)
{
	const AggStatePerTransData *trans = agg->curpertrans;

	shared->sharing = NULL;
	shared->number = (int) (trans - agg->pertrans);
	shared->join = results_join_of(trans->aggref);
	shared->state = state;
	if (trans->aggshared || !shared->exchange->open || !results_allowed(shared->join, state))
		return false;
	sharing->begin(state, shared->exchange);
	shared->sharing = sharing;
	return true;
}

/* An aggregate above this node has made its state. */
void
scan_share_users_of(PlanState *node, AggState *agg, Datum state, const ScanSharing *sharing)
{
	ScanShareState *share = (ScanShareState *) node;
	const int	number = (int) (agg->curpertrans - agg->pertrans);

	if (share->exchange == NULL)
		return;
	if (share->groups != NULL)
	{
		share->agg = agg;
		shared_groups_add(share->groups, agg, state, sharing);
		return;
	}
	if (number >= EXCHANGE_ROUNDS)
		return;
	if (share->states == NULL)
		share->states = MemoryContextAllocZero(node->state->es_query_cxt,
											   agg->numtrans * sizeof(SharedState));
	share->agg = agg;
	share->states[number].exchange = &share->exchange[number];
	(void) scan_share_begin(&share->states[number], agg, state, sharing);
}

/* Finish a share of the users of an aggregate. */
void
scan_share_finish(const SharedState *shared, AggState *agg, dsa_area *area)
{
	const AggStatePerTransData *trans = &agg->pertrans[shared->number];
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "pg_journey share of users",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	scan_set_current(agg, shared->number);
	shared->sharing->exchange(shared->state, area);
	results_finish(trans->transfn_fcinfo, trans->aggref, shared->state, shared->join);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	exchange_finish(shared->exchange);
}

/* Does this process take part in the exchange of an aggregate's users? */
static bool
share_takes_part(const ScanShareState *share, int number)
{
	return share->agg != NULL && number < share->agg->numtrans &&
		share->states[number].sharing != NULL &&
		scan_has_state(share->agg, number, share->states[number].state);
}

/* All rows are read: finish a share of the users of one aggregate after the other. */
static void
share_all_users(ScanShareState *share)
{
	dsa_area   *area = share->css.ss.ps.state->es_query_dsa;
	int			i;

	if (share->exchange == NULL)
		return;
	if (share->groups != NULL)
		share->processes = shared_groups_finish(share->groups, share->agg,
												share->handed_up, area);
	else
	{
		/* no process shall wait for this one if it has nothing to give */
		for (i = 0; i < EXCHANGE_ROUNDS; i++)
			if (!share_takes_part(share, i))
				exchange_leave(&share->exchange[i]);
		for (i = 0; i < EXCHANGE_ROUNDS; i++)
			if (share_takes_part(share, i))
			{
				scan_share_finish(&share->states[i], share->agg, area);
				share->processes = share->exchange[i].n;
			}
	}
	share->exchange = NULL;
	share->groups = NULL;
}

/* ---- execution ------------------------------------------------------------------ */

static Node *
share_create_state(CustomScan *scan)
{
	ScanShareState *share = (ScanShareState *) newNode(sizeof(ScanShareState), T_CustomScanState);

	(void) scan;
	share->css.methods = &share_exec_methods;
	return (Node *) share;
}

static void
share_begin(CustomScanState *node, EState *estate, int eflags)
{
	ScanShareState *share = (ScanShareState *) node;
	PlanState  *ps = &node->ss.ps;

	/* rows go up as the child hands them up, in whatever slots */
	ps->resultopsset = true;
	ps->resultopsfixed = false;
	ps->ps_ProjInfo = NULL;
	share->child = ExecInitNode(linitial(castNode(CustomScan, ps->plan)->custom_plans), estate,
								eflags);
	node->custom_ps = list_make1(share->child);
}

/* Before the first row. */
static void
share_attach(ScanShareState *share)
{
	const CustomScan *plan = castNode(CustomScan, share->css.ss.ps.plan);

	if (share->context == NULL)
		share->context = AllocSetContextCreate(share->css.ss.ps.state->es_query_cxt,
											   "pg_journey exchange", ALLOCSET_DEFAULT_SIZES);
	share->exchange = exchange_attach(share->shared, share->context);
	if (share->exchange != NULL && intVal(linitial(plan->custom_private)) != 0)
		share->groups = shared_groups_new(share->exchange, share->context);
}

static TupleTableSlot *
share_exec(CustomScanState *node)
{
	ScanShareState *share = (ScanShareState *) node;
	TupleTableSlot *slot;

	if (!share->attached && share->shared != NULL)
		share_attach(share);
	share->attached = true;
	slot = ExecProcNode(share->child);
	if (TupIsNull(slot))
		share_all_users(share);
	else
		share->handed_up = true;
	return slot;
}

static void
share_end(CustomScanState *node)
{
	ExecEndNode(((ScanShareState *) node)->child);
}

static void
share_rescan(CustomScanState *node)
{
	ScanShareState *share = (ScanShareState *) node;

	share->attached = share->handed_up = false;
	share->exchange = NULL;
	share->groups = NULL;
	share->agg = NULL;
	if (share->context != NULL)
		MemoryContextReset(share->context);
	if (node->ss.ps.chgParam != NULL)
		UpdateChangedParamSet(share->child, node->ss.ps.chgParam);
	if (share->child->chgParam == NULL)
		ExecReScan(share->child);
}

/* For EXPLAIN: who shared, as the process that asks knows. */
static void
share_explain(CustomScanState *node, List *ancestors, ExplainState *es)
{
	const ScanShareState *share = (ScanShareState *) node;

	(void) ancestors;
	if (es->analyze && share->processes > 0)
		ExplainPropertyInteger("Processes Sharing Users", NULL, share->processes, es);
}

/* ---- what the processes share ------------------------------------------------------ */

static Size
share_estimate_dsm(CustomScanState *node, ParallelContext *pcxt)
{
	(void) node;
	return exchange_size(pcxt->nworkers + 1);
}

static void
share_initialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	((ScanShareState *) node)->shared = coordinate;
	exchange_init(coordinate, pcxt->nworkers + 1, pcxt->seg);
}

static void
share_reinitialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	(void) node;
	(void) pcxt;
	exchange_reinit(coordinate);
}

static void
share_initialize_worker(CustomScanState *node, shm_toc *toc, void *coordinate)
{
	(void) toc;
	((ScanShareState *) node)->shared = coordinate;
}
