/*-------------------------------------------------------------------------
 *
 * job.c
 *		What refresh_due() asks the server, and how many versions are kept if
 *		nothing else is said.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "compat.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "job/job.h"
#include "utils/guc.h"

JOURNEY_FUNCTION(journey_check_may_commit);
JOURNEY_FUNCTION(journey_default_keep_versions);

static int	keep_versions = 0;

void
job_init(void)
{
	DefineCustomIntVariable("journey.keep_versions",
							"How many versions a new segment or tag keeps, if nothing else is said.",
							"0 keeps all.",
							&keep_versions, 0, 0, INT_MAX, PGC_USERSET, 0, NULL, NULL, NULL);
}

/*
 * default_keep_versions() returns int: the setting, or NULL
 */
Datum
journey_default_keep_versions(PG_FUNCTION_ARGS)
{
	if (keep_versions == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(keep_versions);
}

/*
 * check_may_commit() returns void: an error if the procedure that calls this
 * cannot commit: in a transaction block, or if a function called it.
 */
Datum
journey_check_may_commit(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	if (!SPI_inside_nonatomic_context())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("refresh_due() cannot run inside a transaction block or a function"),
				 errhint("It commits what it has done. CALL it by itself, without BEGIN; psql -1, and several statements in one -c, are such a block, too.")));
	PG_RETURN_VOID();
}
