/*-------------------------------------------------------------------------
 *
 * own_schema.h
 *		The schemas of the extension.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_OWN_SCHEMA_H
#define JOURNEY_OWN_SCHEMA_H

#include "postgres.h"

extern bool is_own_schema(Oid schema);

#endif							/* JOURNEY_OWN_SCHEMA_H */
