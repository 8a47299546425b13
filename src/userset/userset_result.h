/*-------------------------------------------------------------------------
 *
 * userset_result.h
 *		Usersets as results of aggregates.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_USERSET_RESULT_H
#define JOURNEY_USERSET_RESULT_H

#include "postgres.h"

#include "fmgr.h"
#include "nodes/pg_list.h"
#include "roaring/roaring.h"

extern Oid	users_type(FunctionCallInfo fcinfo, bool array);
extern Datum users_datum(RoaringBuilder *builder);
extern RoaringBuilder *users_builders(int n);
extern Datum users_array(RoaringBuilder *builders, int n, Oid userset);
extern struct varlena *users_join(List *results);
extern struct varlena *users_join_arrays(List *results);

#endif							/* JOURNEY_USERSET_RESULT_H */
