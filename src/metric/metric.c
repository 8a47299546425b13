/*-------------------------------------------------------------------------
 *
 * metric.c
 *		Values of events in bins: their sum, exactly rounded, and quantiles.
 *
 *-------------------------------------------------------------------------
 */
#include "metric/metric.h"

#include <math.h>

/* The bits of the sign, and of infinity and all above it. */
#define SIGN			(UINT64_C(1) << 63)
#define INFINITE_BITS	(UINT64_C(0x7FF) << 52)

/* A sum in units of the smallest double: 2^-1074. */
#define SUM_LIMBS		36

static void
sum_add(uint64 *sum, uint128 more, int shift)
{
	uint64	   *limb = &sum[shift / 64];
	const int	within = shift % 64;
	uint64		parts[3];
	uint64		carry = 0;
	int			i;

	parts[0] = (uint64) (more << within);
	parts[1] = (uint64) (more << within >> 64);
	parts[2] = within == 0 ? 0 : (uint64) (more >> 64 >> (64 - within));
	for (i = 0; i < 3 || carry > 0; i++)
	{
		const uint128 total = (uint128) limb[i] + (i < 3 ? parts[i] : 0) + carry;

		limb[i] = (uint64) total;
		carry = (uint64) (total >> 64);
	}
}

/* Is a less than b? */
static bool
sum_is_less(const uint64 *a, const uint64 *b)
{
	int			i = SUM_LIMBS - 1;

	while (i > 0 && a[i] == b[i])
		i--;
	return a[i] < b[i];
}

/* The double nearest to a - b, which is 0 or more. */
static double
sum_difference(const uint64 *a, const uint64 *b)
{
	uint64		limbs[SUM_LIMBS];
	uint64		borrow = 0;
	uint64		top;
	bool		more = false;
	int			zeros;
	int			i;
	int			k;

	for (i = 0; i < SUM_LIMBS; i++)
	{
		const uint128 difference = (uint128) a[i] - b[i] - borrow;

		limbs[i] = (uint64) difference;
		borrow = difference >> 64 != 0;
	}
	for (i = SUM_LIMBS - 1; i >= 0 && limbs[i] == 0; i--)
		;
	if (i < 0)
		return 0;
	/* its highest 64 bits, the last of which says whether there are more */
	zeros = __builtin_clzll(limbs[i]);
	top = limbs[i] << zeros;
	if (i > 0 && zeros > 0)
		top |= limbs[i - 1] >> (64 - zeros);
	if (i > 0)
		more = limbs[i - 1] << zeros != 0;
	for (k = 0; k < i - 1; k++)
		more |= limbs[k] != 0;
	return ldexp((double) (top | more), 64 * i - zeros - 1074);
}

/* The sum of all values; there must be one. */
double
value_bins_sum(const ValueBins *bins)
{
	uint64		sums[2][SUM_LIMBS] = {{0}};
	bool		infinite[2] = {false, false};
	uint32		i;

	for (i = 0; i < bins->nbins; i++)
	{
		const ValueBin *bin = &bins->bins[i];
		const uint64 ordered = (uint64) bin->number << VALUE_LOW_BITS;
		const bool	negative = (ordered & SIGN) == 0;
		const uint64 bits = (negative ? ~ordered : ordered) & ~SIGN & ~VALUE_LOW_MASK;
		uint128		low = ((uint128) bin->high << VALUE_LOW_BITS) + bin->low;
		uint64		fraction = bits & ((UINT64_C(1) << 52) - 1);
		int			exponent = (int) (bits >> 52);

		if (bits >= INFINITE_BITS)
		{
			if (fraction != 0)
				return value_of_bits(bins->most);
			infinite[negative] = true;
			continue;
		}
		if (exponent > 0)
			fraction |= UINT64_C(1) << 52;
		else
			exponent = 1;
		if (negative)
			low = (uint128) bin->count * VALUE_LOW_MASK - low;
		sum_add(sums[negative], (uint128) bin->count * fraction + low, exponent - 1);
	}
	if (infinite[0] || infinite[1])
		return infinite[0] && infinite[1] ? NAN : infinite[1] ? -INFINITY : INFINITY;
	return sum_is_less(sums[0], sums[1]) ? -sum_difference(sums[1], sums[0]) :
		sum_difference(sums[0], sums[1]);
}

/*
 * The value that a fraction of all values do not exceed: the one of rank
 * ceil(fraction * count), like percentile_disc, or the mean of its bin.
 */
double
value_bins_quantile(const ValueBins *bins, double fraction)
{
	const double position = fraction * (double) bins->count;
	uint64		rank = (uint64) position;
	uint64		seen = 0;
	uint64		bits = bins->most;
	uint32		i;

	if ((double) rank < position || rank == 0)
		rank++;
	for (i = 0; i < bins->nbins; i++)
	{
		const ValueBin *bin = &bins->bins[i];

		seen += bin->count;
		if (seen >= rank)
		{
			const uint128 low = ((uint128) bin->high << VALUE_LOW_BITS) + bin->low;

			bits = ((uint64) bin->number << VALUE_LOW_BITS) + (uint64) (low / bin->count);
			break;
		}
	}
	return value_of_bits(bits < bins->least ? bins->least : bits > bins->most ? bins->most : bits);
}

/* The bins of two together, in room for all of both; returns how many they are. */
uint32
value_bins_join(const ValueBins *a, const ValueBins *b, ValueBin *out)
{
	uint32		n = 0;
	uint32		i = 0;
	uint32		j = 0;

	while (i < a->nbins || j < b->nbins)
		if (j == b->nbins || (i < a->nbins && a->bins[i].number < b->bins[j].number))
			out[n++] = a->bins[i++];
		else if (i == a->nbins || b->bins[j].number < a->bins[i].number)
			out[n++] = b->bins[j++];
		else
		{
			ValueBin	bin = a->bins[i++];

			bin.count += b->bins[j].count;
			bin.low += b->bins[j].low;
			bin.high += b->bins[j++].high + (bin.low >> VALUE_LOW_BITS);
			bin.low &= VALUE_LOW_MASK;
			out[n++] = bin;
		}
	return n;
}

/* Can the bits be those of a value? */
static bool
value_bits_are_valid(uint64 bits)
{
	return value_to_bits(value_of_bits(bits)) == bits;
}

/* Can counting have made these, as far as can be told?  Their counts do not overflow. */
bool
value_bins_are_valid(const ValueBins *bins)
{
	uint64		count = 0;
	uint32		i;

	for (i = 0; i < bins->nbins; i++)
	{
		const ValueBin *bin = &bins->bins[i];

		if (bin->number > VALUE_BIN_LAST || bin->count == 0 || bin->count > PG_INT64_MAX ||
			bin->low > VALUE_LOW_MASK || bin->high >= bin->count ||
			(i > 0 && bin->number <= bins->bins[i - 1].number) ||
			((uint128) bin->high << VALUE_LOW_BITS) + bin->low > (uint128) bin->count * VALUE_LOW_MASK ||
			count + bin->count > PG_INT64_MAX)
			return false;
		count += bin->count;
	}
	if (bins->count != count)
		return false;
	return count == 0 ||
		(value_bits_are_valid(bins->least) && value_bits_are_valid(bins->most) &&
		 bins->least <= bins->most && value_bin(bins->least) == bins->bins[0].number &&
		 value_bin(bins->most) == bins->bins[bins->nbins - 1].number);
}
