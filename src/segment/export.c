/*-------------------------------------------------------------------------
 *
 * export.c
 *		Exporting the members of a segment, and recording the export.
 *
 * The members are read with the rights of the caller.  The record is written
 * with the rights of the table's owner, so that no other role needs the right
 * to write, and nobody can forge a record.  It says what was read, by whom
 * and when.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

JOURNEY_FUNCTION(journey_export_members);

/* Under the search_path that the function is declared with; rights are the caller's. */
#define READ_MEMBERS \
	"SELECT d.name, m.members, journey.cardinality(m.members), journey_internal.caller()" \
	" FROM journey.definitions AS d, journey.version_members AS m" \
	" WHERE d.id = $1 AND d.kind = 'segment' AND m.id = $1 AND m.as_of = $2 AND m.value = ''"

#define WRITE_RECORD \
	"INSERT INTO journey.exports (id, name, as_of, exported_by, users, reason)" \
	" VALUES ($1, $2, $3, $4, $5, $6)"

/* The table of records, whose owner writes them. */
static Oid
records_owner(void)
{
	const Oid	table = get_relname_relid("exports", get_namespace_oid("journey", false));
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "there is no table journey.exports");
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/*
 * export_members(id bigint, as_of timestamptz, reason text) returns userset
 */
Datum
journey_export_members(PG_FUNCTION_ARGS)
{
	Oid			read_types[2] = {INT8OID, TIMESTAMPTZOID};
	Oid			write_types[6] = {INT8OID, TEXTOID, TIMESTAMPTZOID, InvalidOid, INT8OID, TEXTOID};
	Datum		read_values[2];
	Datum		write_values[6];
	HeapTuple	row;
	TupleDesc	desc;
	Datum		members;
	Oid			caller;
	int			context;
	bool		isnull;

	ARG_NOT_NULL(0, "id");
	ARG_NOT_NULL(1, "as_of");
	ARG_NOT_NULL(2, "reason");
	read_values[0] = PG_GETARG_DATUM(0);
	read_values[1] = PG_GETARG_DATUM(1);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args(READ_MEMBERS, 2, read_types, read_values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "the members cannot be read");
	if (SPI_processed != 1)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no such version of a segment that you may read")));
	row = SPI_tuptable->vals[0];
	desc = SPI_tuptable->tupdesc;

	write_values[0] = read_values[0];
	write_values[1] = SPI_getbinval(row, desc, 1, &isnull);
	write_values[2] = read_values[1];
	write_values[3] = SPI_getbinval(row, desc, 4, &isnull);
	write_values[4] = SPI_getbinval(row, desc, 3, &isnull);
	write_values[5] = PG_GETARG_DATUM(2);
	write_types[3] = TupleDescAttr(desc, 3)->atttypid;
	members = SPI_datumTransfer(SPI_getbinval(row, desc, 2, &isnull), false, -1);

	/* If this fails, aborting the (sub)transaction restores the user. */
	GetUserIdAndSecContext(&caller, &context);
	SetUserIdAndSecContext(records_owner(), context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	if (SPI_execute_with_args(WRITE_RECORD, 6, write_types, write_values, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "the export cannot be recorded");
	SetUserIdAndSecContext(caller, context);
	SPI_finish();
	PG_RETURN_DATUM(members);
}
