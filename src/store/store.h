/*-------------------------------------------------------------------------
 *
 * store.h
 *		What the stores of users share: population/ keeps their events, periods/
 *		in which periods they were active.
 *
 * Users are told apart by keys (user_key.h) and counted against the memory of a
 * call site (user_site.h).  What is added to a store lies in lists of chunks
 * (chunk_list.h), by the highest bits of the users' hashes, and past that memory in
 * temporary files (temp_file.h).  To be grouped by user it is scattered into
 * partitions (partitions.h), in each of which a table numbers the users
 * (user_table.h).  Processes give each other what they have of some users
 * (gift_head.h).
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
#include "store/user_site.h"
#include "store/user_table.h"

#endif							/* JOURNEY_STORE_H */
