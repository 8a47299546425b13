/*-------------------------------------------------------------------------
 *
 * busiest.h
 *		The busiest kernel: the most events of one user in any time of a given
 *		length.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_BUSIEST_H
#define JOURNEY_BUSIEST_H

#include "event/event.h"

extern uint64 busiest_count(const Event *events, size_t n, uint64 within);

#endif							/* JOURNEY_BUSIEST_H */
