/*-------------------------------------------------------------------------
 *
 * pg_journey.c
 *		The module: its magic block, and what is done when it is loaded.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "compat.h"
#include "funnel/funnel.h"
#include "grouping/grouping.h"
#include "identity/identity.h"
#include "job/job.h"
#include "pg_journey.h"
#include "quality/quality.h"
#include "retention/retention.h"
#include "rights/rights.h"
#include "rule/rule.h"
#include "scan/scan.h"
#include "sequence/sequence.h"
#include "stepset/stepset.h"
#include "userset/userset.h"
#include "utils/guc.h"

JOURNEY_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

/* Functions that a table scan evaluates for many rows at once. */
static const ScanRowsFunction *const functions_for_rows[] = {
	&steps_for_rows, &step_of_for_rows, &first_step_for_rows, &steps_at_for_rows, &contains_for_rows, &is_late_for_rows,
	&identify_for_rows, &identify_event_for_rows
};

/* Aggregates over events, most of whose rows need not be kept. */
static const GroupingEvents *const aggregates_of_events[] = {
	&window_funnel_events, &sequence_events, &retention_events
};

/*
 * Two versions of the module in one session would each have their hooks and
 * settings.  That comes about where a session has used the old one when the
 * extension is updated.
 */
static void
refuse_another_version(void)
{
	const char *setting = "journey.as_of";

	if (GetConfigOption(setting, true, false) != NULL &&
		(GetConfigOptionFlags(setting, true) & GUC_CUSTOM_PLACEHOLDER) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this session uses another version of pg_journey than %s", JOURNEY_VERSION),
				 errhint("The extension was updated meanwhile: connect anew.")));
}

void
_PG_init(void)
{
	refuse_another_version();
	table_scan_init(functions_for_rows, lengthof(functions_for_rows));
	grouping_init(aggregates_of_events, lengthof(aggregates_of_events));
	rights_init();
	job_init();
	MarkGUCPrefixReserved("journey");
}
