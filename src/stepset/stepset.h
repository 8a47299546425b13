/*-------------------------------------------------------------------------
 *
 * stepset.h
 *		The type stepset: what is done when the library is loaded.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_STEPSET_H
#define JOURNEY_STEPSET_H

#include "scan/scan.h"

extern const ScanRowsFunction steps_for_rows;
extern const ScanRowsFunction step_of_for_rows;

#endif							/* JOURNEY_STEPSET_H */
