/*-------------------------------------------------------------------------
 *
 * pg_journey.c
 *		The module: its magic block, and what is done when it is loaded.  Each
 *		analysis lives in a room of its own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/table_scan.h"
#include "compat.h"
#include "pg_journey.h"
#include "segment/rule_steps.h"
#include "source/source.h"
#include "stepset/stepset.h"
#include "userset/userset.h"
#include "utils/guc.h"

JOURNEY_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	table_scan_init();
	stepset_init();
	rule_steps_init();
	userset_init();
	source_init();
	MarkGUCPrefixReserved("journey");
}
