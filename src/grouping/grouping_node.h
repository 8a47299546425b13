/*-------------------------------------------------------------------------
 *
 * grouping_node.h
 *		The node JourneyGroup.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_GROUPING_NODE_H
#define JOURNEY_GROUPING_NODE_H

#include "postgres.h"

#include "nodes/extensible.h"

extern const CustomScanMethods grouping_scan_methods;

extern void grouping_node_init(void);

#endif							/* JOURNEY_GROUPING_NODE_H */
