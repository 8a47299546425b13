/*-------------------------------------------------------------------------
 *
 * histogram.h
 *		A histogram of durations that merges exactly and gives quantiles
 *		within one per cent.
 *
 * Each duration below 128 microseconds has a bucket of its own.  Above, each
 * power of two is divided into 64 buckets of equal width, so the width of a
 * bucket is at most 1/64 of its lower bound, and its middle is within 0.8 %
 * of every value in it.  Only buckets in use take memory.  Bounds are
 * integers, the same on every machine.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_HISTOGRAM_H
#define JOURNEY_HISTOGRAM_H

#include "postgres.h"

#include "base/base.h"
#include "time/moment.h"

typedef struct HistogramBucket
{
	uint32		number;
	uint64		count;
} HistogramBucket;

typedef struct Histogram
{
	uint64		count;
	uint64		sum_high;		/* the sum of all durations: high * 2^64 + low */
	uint64		sum_low;
	uint64		least;			/* microseconds */
	uint64		most;
	uint32		nbuckets;		/* in use, by ascending number */
	uint32		capacity;
	HistogramBucket *buckets;
} Histogram;

/* The number of the bucket that holds a duration. */
static inline uint32
histogram_bucket(uint64 duration)
{
	int			shift;

	if (duration < 128)
		return (uint32) duration;
	shift = 57 - __builtin_clzll(duration);
	return (uint32) (shift * 64 + (duration >> shift));
}

/* The least duration of a bucket; that of the next one is its end. */
static inline uint64
histogram_bound(uint32 number)
{
	int			shift;

	if (number < 128)
		return number;
	shift = (int) (number / 64) - 1;
	return (uint64) (number - shift * 64) << shift;
}

/* The highest bucket: it holds DURATION_MAX. */
#define HISTOGRAM_LAST 3648

/* A histogram in which to count many durations fast: it has every bucket. */
typedef struct HistogramCounter
{
	uint64		count;
	uint64		sum_high;
	uint64		sum_low;
	uint64		least;
	uint64		most;
	uint64		counts[HISTOGRAM_LAST + 1];
} HistogramCounter;

static inline void
histogram_count(HistogramCounter *counter, uint64 duration)
{
	counter->counts[histogram_bucket(duration)]++;
	if (counter->count == 0 || duration < counter->least)
		counter->least = duration;
	if (counter->count == 0 || duration > counter->most)
		counter->most = duration;
	counter->count++;
	counter->sum_low += duration;
	counter->sum_high += counter->sum_low < duration;
}

extern void histogram_counted(const HistogramCounter *counter, Histogram *histogram,
							  MemoryContext context);

/*
 * The time between two events as a histogram takes it: more than DURATION_MAX,
 * 146 thousand years, is DURATION_MAX.
 */
static inline uint64
histogram_duration(int64 from, int64 to)
{
	uint64		duration = time_between(from, to);

	return duration > (uint64) DURATION_MAX ? (uint64) DURATION_MAX : duration;
}

extern void histogram_add(Histogram *histogram, uint64 duration, MemoryContext context);
extern void histogram_merge(Histogram *into, const Histogram *from, MemoryContext context);
extern double histogram_mean(const Histogram *histogram);
extern uint64 histogram_quantile(const Histogram *histogram, double fraction);
extern void histogram_bins(const Histogram *histogram, const int64 *bounds, int n, uint64 *counts);
extern size_t histogram_encoded_size(const Histogram *histogram);
extern void histogram_encode(const Histogram *histogram, ByteWriter *out);
extern bool histogram_decode(ByteReader *in, Histogram *histogram);
extern bool histogram_is_valid(const Histogram *histogram);

#endif							/* JOURNEY_HISTOGRAM_H */
