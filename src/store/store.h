/*-------------------------------------------------------------------------
 *
 * store.h
 *		What the stores of users share: population/ keeps their events,
 *		periods/ their active periods.
 *
 * Users are identified by keys (user_key.h).  A call site has a memory limit
 * for all its stores (user_site.h).  The records of a store are in lists of
 * chunks (chunk_list.h), by the highest bits of the users' hashes, and beyond
 * the memory limit in temporary files (temp_file.h).  To group records by
 * user, they are scattered into partitions (partitions.h); in each, a table
 * numbers the users (user_table.h).  Processes give each other the records of
 * some users (gift_head.h).
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_STORE_H
#define JOURNEY_STORE_H

#include "store/chunk_list.h"
#include "store/gift_head.h"
#include "store/partitions.h"
#include "store/temp_file.h"
#include "store/user_key.h"
#include "store/user_names.h"
#include "store/user_site.h"
#include "store/user_table.h"

#endif							/* JOURNEY_STORE_H */
