/*-------------------------------------------------------------------------
 *
 * serialized.c
 *		States of aggregates as bytes, on their way between processes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "utils/memutils.h"

/* Room for a serialized state of `size` bytes, or a clear error. */
bytea *
serialized_alloc(uint64 size)
{
	bytea	   *bytes;

	if (size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the events of one group are too large to pass between processes"),
				 errdetail("They take %llu bytes; the limit is 1 GB.", (unsigned long long) size),
				 errhint("Run the query without parallel workers: SET max_parallel_workers_per_gather = 0.")));
	bytes = palloc(VARHDRSZ + size);
	SET_VARSIZE(bytes, VARHDRSZ + size);
	return bytes;
}

/* A serialized state is not what serializing a state can have made. */
void
serialized_refuse(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid serialized state of a pg_journey aggregate")));
}
