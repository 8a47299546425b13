/*-------------------------------------------------------------------------
 *
 * userset.h
 *		Sets of users: their values, and as results of aggregates.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_USERSET_H
#define JOURNEY_USERSET_H

#include "userset/userset_result.h"
#include "userset/userset_value.h"

/* When the library is loaded. */
extern void userset_init(void);

#endif							/* JOURNEY_USERSET_H */
