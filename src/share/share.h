/*-------------------------------------------------------------------------
 *
 * share.h
 *		Users of an aggregate shared between the processes of a parallel plan.
 *
 * The processes exchange what they have read (exchange.h), each finishes its
 * users, and the leader merges their results (shared_results.h).  The
 * aggregate accesses its users as a store (user_store.h).
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SHARE_H
#define JOURNEY_SHARE_H

#include "share/exchange.h"
#include "share/shared_results.h"
#include "share/user_store.h"

#endif							/* JOURNEY_SHARE_H */
