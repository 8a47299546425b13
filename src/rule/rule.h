/*-------------------------------------------------------------------------
 *
 * rule.h
 *		Rules: the module's part in them, the stepsets of many conditions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_RULE_H
#define JOURNEY_RULE_H

#include "scan/scan.h"

extern const ScanRowsFunction first_step_for_rows;
extern const ScanRowsFunction steps_at_for_rows;

#endif							/* JOURNEY_RULE_H */
