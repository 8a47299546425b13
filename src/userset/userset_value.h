/*-------------------------------------------------------------------------
 *
 * userset_value.h
 *		The stored form of a value of type userset.
 *
 * It is the bytes of a Roaring set (see roaring.h), always canonical.  If
 * they are USERSET_COUNTED_FROM or more bytes, the cardinality follows, eight
 * bytes, little-endian, so that it can be read without the rest.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_USERSET_VALUE_H
#define JOURNEY_USERSET_VALUE_H

#include "postgres.h"

#include "compat.h"
#include "roaring/roaring.h"

#define USERSET_COUNTED_FROM 1024

/* A userset argument, detoasted, as a set. */
#define PG_GETARG_USERSET(n) userset_roaring((struct varlena *) PG_GETARG_VARLENA_PP(n))

/* A userset argument as a set that is only walked over; see userset_open(). */
#define PG_OPENARG_USERSET(n) userset_open(PG_GETARG_DATUM(n), NULL)

/* The set of a value that is detoasted; its header may be short. */
static inline Roaring
userset_roaring(const struct varlena *value)
{
	size_t		size = VARSIZE_ANY_EXHDR(value);

	if (size >= USERSET_COUNTED_FROM)
		size -= sizeof(uint64);
	return roaring_of_bytes((const uint8 *) VARDATA_ANY(value), size);
}

extern void userset_writer_init(RoaringWriter *writer, size_t size_hint);
extern struct varlena *userset_writer_value(RoaringWriter *writer);
extern struct varlena *userset_of_roaring(Roaring set);
extern uint64 userset_cardinality(Datum value);
extern Roaring userset_open(Datum value, uint64 *cardinality);
extern void userset_close(Roaring set);

/* The text of a set, of numset too. */
extern const char *userset_skip_space(const char *at);
extern bool userset_read_bigint(const char **at, int64 *number, bool *too_large);

#endif							/* JOURNEY_USERSET_VALUE_H */
