/*-------------------------------------------------------------------------
 *
 * share.h
 *		Users of an aggregate shared between the processes of a parallel scan.
 *
 * They exchange what they have read (exchange.h), each finishes the users that it
 * then has, and the leader joins their results (shared_results.h).  To the aggregate they are a
 * store (user_store.h).
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_SHARE_H
#define JOURNEY_SHARE_H

#include "share/exchange.h"
#include "share/shared_results.h"
#include "share/user_store.h"

#endif							/* JOURNEY_SHARE_H */
