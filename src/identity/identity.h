/*-------------------------------------------------------------------------
 *
 * identity.h
 *		Who is who.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_IDENTITY_H
#define JOURNEY_IDENTITY_H

#include "scan/scan.h"

extern const ScanRowsFunction identify_for_rows;
extern const ScanRowsFunction identify_event_for_rows;

#endif							/* JOURNEY_IDENTITY_H */
