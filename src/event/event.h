/*-------------------------------------------------------------------------
 *
 * event.h
 *		Events: their order, stepsets, buffers, names of their nodes, values that
 *		chains of them hold; and the periods in which a user had events.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_EVENT_H
#define JOURNEY_EVENT_H

#include "event/event_order.h"
#include "event/user_period.h"

#ifndef JOURNEY_NO_SERVER
#include "event/event_args.h"
#include "event/event_buffer.h"
#include "event/held_events.h"
#include "event/name_table.h"
#include "event/node_names.h"
#endif

#endif							/* JOURNEY_EVENT_H */
