/*-------------------------------------------------------------------------
 *
 * job.c
 *		What refresh_due() asks the server, and how many versions are kept, and
 *		how long, if nothing else is said.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "compat.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "job/job.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

JOURNEY_FUNCTION(journey_check_may_commit);
JOURNEY_FUNCTION(journey_default_keep_versions);
JOURNEY_FUNCTION(journey_default_keep_for);

static int	keep_versions = 0;
static char *keep_for = NULL;

/* The interval of a text; false if it is none, a number only, or not more than nothing. */
static bool
job_parse_keep_for(const char *text, Interval *interval)
{
	Interval	nothing = {0};
	struct pg_itm_in itm;
	char		work[256];
	char	   *fields[MAXDATEFIELDS];
	int			types[MAXDATEFIELDS];
	int			nfields;
	int			type;

	return strspn(text, " +-.0123456789") < strlen(text) &&
		ParseDateTime(text, work, sizeof(work), fields, types, MAXDATEFIELDS, &nfields) == 0 &&
		DecodeInterval(fields, types, nfields, INTERVAL_FULL_RANGE, &type, &itm) == 0 &&
		type == DTK_DELTA && itmin2interval(&itm, interval) == 0 &&
		DatumGetBool(DirectFunctionCall2(interval_gt, IntervalPGetDatum(interval),
										 IntervalPGetDatum(&nothing)));
}

/* An empty text keeps all. */
static bool
job_check_keep_for(char **value, void **extra, GucSource source)
{
	Interval	interval;

	(void) extra;
	(void) source;
	if (**value == '\0' || job_parse_keep_for(*value, &interval))
		return true;
	GUC_check_errdetail("It must be an interval of more than nothing.");
	GUC_check_errhint("Write for example '90 days'. An empty text keeps all versions.");
	return false;
}

void
job_init(void)
{
	DefineCustomIntVariable("journey.keep_versions",
							"How many versions a new segment or tag keeps, if nothing else is said.",
							"0 keeps all.",
							&keep_versions, 0, 0, INT_MAX, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("journey.keep_for",
							   "How long a new segment or tag keeps its versions, if nothing else is said.",
							   "An interval, such as 90 days; an empty text keeps all.",
							   &keep_for, "", PGC_USERSET, 0, job_check_keep_for, NULL, NULL);
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
 * default_keep_for() returns interval: the setting, or NULL
 */
Datum
journey_default_keep_for(PG_FUNCTION_ARGS)
{
	Interval   *interval = palloc(sizeof(Interval));

	if (keep_for == NULL || !job_parse_keep_for(keep_for, interval))
		PG_RETURN_NULL();
	PG_RETURN_INTERVAL_P(interval);
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
