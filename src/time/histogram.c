/*-------------------------------------------------------------------------
 *
 * histogram.c
 *		A histogram of durations that merges exactly and gives quantiles
 *		within one per cent.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "time/time.h"

/* The place of a bucket, or where it would be put. */
static uint32
find_bucket(const Histogram *histogram, uint32 number)
{
	uint32		low = 0;
	uint32		high = histogram->nbuckets;

	while (low < high)
	{
		uint32		middle = low + (high - low) / 2;

		if (histogram->buckets[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
add_to_bucket(Histogram *histogram, uint32 number, uint64 count, MemoryContext context)
{
	uint32		place = find_bucket(histogram, number);

	if (place < histogram->nbuckets && histogram->buckets[place].number == number)
	{
		histogram->buckets[place].count += count;
		return;
	}
	if (histogram->nbuckets == histogram->capacity)
	{
		histogram->capacity = Max(4, histogram->capacity * 2);
		if (histogram->buckets == NULL)
			histogram->buckets = MemoryContextAlloc(context, histogram->capacity * sizeof(HistogramBucket));
		else
			histogram->buckets = repalloc(histogram->buckets,
										  histogram->capacity * sizeof(HistogramBucket));
	}
	memmove(&histogram->buckets[place + 1], &histogram->buckets[place],
			(histogram->nbuckets - place) * sizeof(HistogramBucket));
	histogram->buckets[place].number = number;
	histogram->buckets[place].count = count;
	histogram->nbuckets++;
}

/* Count one duration, in microseconds, 0 to DURATION_MAX. */
void
histogram_add(Histogram *histogram, uint64 duration, MemoryContext context)
{
	add_to_bucket(histogram, histogram_bucket(duration), 1, context);
	if (histogram->count == 0 || duration < histogram->least)
		histogram->least = duration;
	if (histogram->count == 0 || duration > histogram->most)
		histogram->most = duration;
	histogram->count++;
	histogram->sum_low += duration;
	histogram->sum_high += histogram->sum_low < duration;
}

/* What has been counted, as a histogram. */
void
histogram_counted(const HistogramCounter *counter, Histogram *histogram, MemoryContext context)
{
	uint32		number;

	memset(histogram, 0, sizeof(Histogram));
	histogram->count = counter->count;
	histogram->sum_high = counter->sum_high;
	histogram->sum_low = counter->sum_low;
	histogram->least = counter->least;
	histogram->most = counter->most;
	for (number = 0; number <= HISTOGRAM_LAST; number++)
		if (counter->counts[number] > 0)
			add_to_bucket(histogram, number, counter->counts[number], context);
}

/* Add all that `from` has counted. */
void
histogram_merge(Histogram *into, const Histogram *from, MemoryContext context)
{
	uint32		i;

	if (from->count == 0)
		return;
	for (i = 0; i < from->nbuckets; i++)
		add_to_bucket(into, from->buckets[i].number, from->buckets[i].count, context);
	if (into->count == 0 || from->least < into->least)
		into->least = from->least;
	if (into->count == 0 || from->most > into->most)
		into->most = from->most;
	into->count += from->count;
	into->sum_low += from->sum_low;
	into->sum_high += from->sum_high + (into->sum_low < from->sum_low);
}

/* The mean duration in microseconds; there must be one. */
double
histogram_mean(const Histogram *histogram)
{
	return ((double) histogram->sum_high * 18446744073709551616.0 +
			(double) histogram->sum_low) / (double) histogram->count;
}

/*
 * The duration that a fraction of all durations do not exceed: the one of rank
 * ceil(fraction * count), like percentile_disc, within 0.8 %.
 */
uint64
histogram_quantile(const Histogram *histogram, double fraction)
{
	double		position = fraction * (double) histogram->count;
	uint64		rank = (uint64) position;
	uint64		seen = 0;
	uint64		value = histogram->most;
	uint32		i;

	if ((double) rank < position || rank == 0)
		rank++;
	if (rank >= histogram->count)
		return histogram->most;
	for (i = 0; i < histogram->nbuckets; i++)
	{
		seen += histogram->buckets[i].count;
		if (seen >= rank)
		{
			uint64		low = histogram_bound(histogram->buckets[i].number);
			uint64		high = histogram_bound(histogram->buckets[i].number + 1) - 1;

			value = low + (high - low) / 2;
			break;
		}
	}
	return Max(histogram->least, Min(value, histogram->most));
}

/*
 * How many durations are in each bin.  The bins begin at ascending bounds, the
 * first of which is 0, and the last has no end.  A bucket in which a bound lies
 * counts in the bin that begins there: durations of whole days, or any other
 * unit, are in the bin that they should be in.
 */
void
histogram_bins(const Histogram *histogram, const int64 *bounds, int n, uint64 *counts)
{
	uint32		i = 0;
	int			bin;

	for (bin = 0; bin < n; bin++)
	{
		counts[bin] = 0;
		for (; i < histogram->nbuckets &&
			 (bin + 1 == n || histogram->buckets[i].number < histogram_bucket((uint64) bounds[bin + 1])); i++)
			counts[bin] += histogram->buckets[i].count;
	}
}

size_t
histogram_encoded_size(const Histogram *histogram)
{
	size_t		size = number_size(histogram->nbuckets);
	uint32		before = 0;
	uint32		i;

	if (histogram->nbuckets == 0)
		return size;
	size += number_size(histogram->sum_high) + number_size(histogram->sum_low) +
		number_size(histogram->least) + number_size(histogram->most);
	for (i = 0; i < histogram->nbuckets; i++)
	{
		size += number_size(histogram->buckets[i].number - before) +
			number_size(histogram->buckets[i].count);
		before = histogram->buckets[i].number;
	}
	return size;
}

void
histogram_encode(const Histogram *histogram, ByteWriter *out)
{
	uint32		before = 0;
	uint32		i;

	write_number(out, histogram->nbuckets);
	if (histogram->nbuckets == 0)
		return;
	write_number(out, histogram->sum_high);
	write_number(out, histogram->sum_low);
	write_number(out, histogram->least);
	write_number(out, histogram->most);
	for (i = 0; i < histogram->nbuckets; i++)
	{
		write_number(out, histogram->buckets[i].number - before);
		write_number(out, histogram->buckets[i].count);
		before = histogram->buckets[i].number;
	}
}

/*
 * Is this a histogram that counting can have made, as far as can be told?
 */
bool
histogram_is_valid(const Histogram *histogram)
{
	uint64		count = 0;
	uint32		i;

	if (histogram->nbuckets == 0)
		return histogram->count == 0;
	for (i = 0; i < histogram->nbuckets; i++)
	{
		const HistogramBucket *bucket = &histogram->buckets[i];

		if (bucket->number > HISTOGRAM_LAST || bucket->count == 0 ||
			count + bucket->count < count ||
			(i > 0 && bucket->number <= histogram->buckets[i - 1].number))
			return false;
		count += bucket->count;
	}
	return count == histogram->count && histogram->least <= histogram->most &&
		histogram_mean(histogram) >= (double) histogram->least * 0.999999 &&
		histogram_mean(histogram) <= (double) histogram->most * 1.000001 &&
		histogram->most <= (uint64) DURATION_MAX &&
		histogram_bucket(histogram->least) == histogram->buckets[0].number &&
		histogram_bucket(histogram->most) == histogram->buckets[histogram->nbuckets - 1].number;
}

/*
 * Read a histogram into the current memory context; false if the bytes are
 * none.
 */
bool
histogram_decode(ByteReader *in, Histogram *histogram)
{
	uint64		nbuckets = read_number(in);
	uint64		number = 0;
	uint32		i;

	memset(histogram, 0, sizeof(Histogram));
	if (in->failed || nbuckets > bytes_left(in) / 2)
	{
		in->failed = true;
		return false;
	}
	if (nbuckets == 0)
		return true;
	histogram->sum_high = read_number(in);
	histogram->sum_low = read_number(in);
	histogram->least = read_number(in);
	histogram->most = read_number(in);
	histogram->nbuckets = histogram->capacity = (uint32) nbuckets;
	histogram->buckets = palloc(nbuckets * sizeof(HistogramBucket));
	for (i = 0; i < nbuckets; i++)
	{
		number += read_number(in);
		histogram->buckets[i].number = number > HISTOGRAM_LAST ? HISTOGRAM_LAST + 1 : (uint32) number;
		histogram->buckets[i].count = read_number(in);
		histogram->count += histogram->buckets[i].count;
	}
	if (!histogram_is_valid(histogram))
		in->failed = true;
	return !in->failed;
}
