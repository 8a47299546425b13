/*-------------------------------------------------------------------------
 *
 * userset.h
 *		Sets of users: stored values, and results of aggregates.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_USERSET_H
#define JOURNEY_USERSET_H

#include "scan/scan.h"
#include "userset/userset_result.h"
#include "userset/userset_value.h"

extern const ScanRowsFunction contains_for_rows;

#endif							/* JOURNEY_USERSET_H */
