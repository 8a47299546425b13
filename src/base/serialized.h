/*-------------------------------------------------------------------------
 *
 * serialized.h
 *		States of aggregates as bytes, on their way between processes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SERIALIZED_H
#define JOURNEY_SERIALIZED_H

#include "postgres.h"

extern bytea *serialized_alloc(uint64 size);
extern void serialized_refuse(void);

#endif							/* JOURNEY_SERIALIZED_H */
