/*-------------------------------------------------------------------------
 *
 * metric.h
 *		Values of events in bins: their sum, exactly rounded, and quantiles.
 *
 * The bits of a double, with those of negative ones inverted, are in the order
 * of the doubles; NaN comes last, as in SQL.  The highest 19 of these bits are
 * the number of a bin: sign, exponent, and seven bits of the fraction.  So the
 * width of a bin is less than 1/128 of its values, and whole numbers below 256
 * are alone in their bins.  Of the values in a bin their number is kept and
 * the sum of the lower 45 bits, from which their sum follows exactly.  So
 * nothing depends on the order in which values come.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_METRIC_H
#define JOURNEY_METRIC_H

#include "base/base.h"

#define VALUE_LOW_BITS	45
#define VALUE_LOW_MASK	((UINT64_C(1) << VALUE_LOW_BITS) - 1)
#define VALUE_BIN_LAST	((UINT32_C(1) << 19) - 1)

typedef struct ValueBin
{
	uint32		number;
	uint64		count;
	uint64		high;			/* the sum of the lower bits: high * 2^45 +
								 * low */
	uint64		low;			/* below 2^45 */
} ValueBin;

typedef struct ValueBins
{
	uint64		count;
	uint64		least;			/* as ordered bits */
	uint64		most;
	uint32		nbins;			/* by ascending number */
	ValueBin   *bins;
} ValueBins;

/* A double as bits in the order of doubles.  All NaN are one, and all zeros. */
static inline uint64
value_to_bits(double value)
{
	uint64		bits;

	if (__builtin_expect(value != value, 0))
		return UINT64_C(0xFFF8000000000000);
	value += 0.0;				/* no negative zero */
	memcpy(&bits, &value, sizeof(bits));
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static inline double
value_of_bits(uint64 bits)
{
	double		value;

	bits = bits >> 63 ? bits & ~(UINT64_C(1) << 63) : ~bits;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

static inline uint32
value_bin(uint64 bits)
{
	return (uint32) (bits >> VALUE_LOW_BITS);
}

/* Count a value in its bin. */
static inline void
value_bin_add(ValueBin *bin, uint64 bits)
{
	bin->count++;
	bin->low += bits & VALUE_LOW_MASK;
	bin->high += bin->low >> VALUE_LOW_BITS;
	bin->low &= VALUE_LOW_MASK;
}

extern double value_bins_sum(const ValueBins *bins);
extern double value_bins_quantile(const ValueBins *bins, double fraction);
extern uint32 value_bins_join(const ValueBins *a, const ValueBins *b, ValueBin *out);
extern bool value_bins_are_valid(const ValueBins *bins);

#endif							/* JOURNEY_METRIC_H */
