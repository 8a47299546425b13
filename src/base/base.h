/*-------------------------------------------------------------------------
 *
 * base.h
 *		Basics without a subject of their own: integers and interrupts, bytes,
 *		hashes, texts, options, arguments.
 *
 * merge_sort.h is separate: it is included once for each sort function.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_BASE_H
#define JOURNEY_BASE_H

#include "base/codec.h"
#include "base/hash.h"
#include "base/kernel.h"
#include "base/option_words.h"
#include "base/text_slice.h"

#ifndef JOURNEY_NO_SERVER
#include "base/aggregate_args.h"
#include "base/own_schema.h"
#include "base/serialized.h"
#include "base/slice_hash.h"
#endif

#endif							/* JOURNEY_BASE_H */
