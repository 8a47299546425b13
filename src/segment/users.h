/*-------------------------------------------------------------------------
 *
 * users.h
 *		Usersets as results of the aggregates of this room.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SEGMENT_USERS_H
#define JOURNEY_SEGMENT_USERS_H

#include "postgres.h"

#include "common/roaring.h"
#include "fmgr.h"

extern Oid	users_type(FunctionCallInfo fcinfo, bool array);
extern Datum users_datum(RoaringBuilder *builder);

#endif							/* JOURNEY_SEGMENT_USERS_H */
