/*-------------------------------------------------------------------------
 *
 * numset_value.h
 *		How a value of type numset is stored: as the bytes of numset.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_NUMSET_VALUE_H
#define JOURNEY_NUMSET_VALUE_H

#include "postgres.h"

#include "compat.h"
#include "numset/numset_build.h"

/* A numset argument, detoasted. */
#define PG_GETARG_NUMSET(n) numset_of_value((struct varlena *) PG_GETARG_VARLENA_PP(n))

static inline Numset
numset_of_value(const struct varlena *value)
{
	const Numset set = {(const uint8 *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};

	return set;
}

extern struct varlena *numset_writer_value(NumsetWriter *writer);

#endif							/* JOURNEY_NUMSET_VALUE_H */
