/*-------------------------------------------------------------------------
 *
 * base.h
 *		What has no subject: integers and interrupts, bytes, hashes, texts, arguments.
 *
 * merge_sort.h is apart: it is included once for each sort that it makes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_BASE_H
#define JOURNEY_BASE_H

#include "base/codec.h"
#include "base/hash.h"
#include "base/kernel.h"

#ifndef JOURNEY_NO_SERVER
#include "base/aggregate_args.h"
#include "base/own_schema.h"
#include "base/serialized.h"
#include "base/text_slice.h"
#endif

#endif							/* JOURNEY_BASE_H */
