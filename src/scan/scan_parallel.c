/*-------------------------------------------------------------------------
 *
 * scan_parallel.c
 *		The shared state of the processes of a parallel scan: the pages of the table,
 *		as in a sequential scan.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/tableam.h"
#include "nodes/extensible.h"
#include "scan/scan_state.h"
#include "utils/rel.h"

#include "compat.h"

Size
scan_estimate_dsm(CustomScanState *node, ParallelContext *pcxt)
{
	(void) pcxt;
	return table_parallelscan_estimate(node->ss.ss_currentRelation, node->ss.ps.state->es_snapshot);
}

void
scan_initialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	(void) pcxt;
	((TableScanState *) node)->shared = coordinate;
	table_parallelscan_initialize(node->ss.ss_currentRelation, coordinate,
								  node->ss.ps.state->es_snapshot);
}

void
scan_reinitialize_dsm(CustomScanState *node, ParallelContext *pcxt, void *coordinate)
{
	(void) pcxt;
	table_parallelscan_reinitialize(node->ss.ss_currentRelation, coordinate);
}

void
scan_initialize_worker(CustomScanState *node, shm_toc *toc, void *coordinate)
{
	(void) toc;
	((TableScanState *) node)->shared = coordinate;
}
