/*-------------------------------------------------------------------------
 *
 * job.c
 *		What refresh_due() asks the server.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "compat.h"
#include "executor/spi.h"
#include "fmgr.h"

JOURNEY_FUNCTION(journey_check_may_commit);

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
