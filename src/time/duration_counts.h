/*-------------------------------------------------------------------------
 *
 * duration_counts.h
 *		Counting many durations in many groups: a histogram that needs no
 *		search once it has many of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_DURATION_COUNTS_H
#define JOURNEY_DURATION_COUNTS_H

#include "postgres.h"

#include "time/histogram.h"

#define DURATION_PAGE_BUCKETS 64
#define DURATION_NPAGES (HISTOGRAM_LAST / DURATION_PAGE_BUCKETS + 1)

/*
 * Durations: a few in a histogram, many in arrays of counts that need no
 * search, a page for 64 buckets.
 */
typedef struct DurationCounts
{
	Histogram	histogram;		/* once there are pages, without its count and
								 * buckets */
	uint64	  **pages;
} DurationCounts;

extern uint64 *duration_counts_no_pages[DURATION_NPAGES];

extern bool duration_counts_make_page(DurationCounts *counts, uint64 duration, MemoryContext context);
extern Histogram duration_counts_histogram(const DurationCounts *counts, MemoryContext context);

/* No durations. */
static inline void
duration_counts_init(DurationCounts *counts)
{
	counts->pages = duration_counts_no_pages;
}

/* In pages they are counted by bucket only, not all of them. */
static inline void
duration_counts_add(DurationCounts *counts, uint64 duration, MemoryContext context)
{
	const uint32 bucket = histogram_bucket(duration);
	Histogram  *histogram = &counts->histogram;

	if (unlikely(counts->pages[bucket / DURATION_PAGE_BUCKETS] == NULL) &&
		!duration_counts_make_page(counts, duration, context))
		return;
	counts->pages[bucket / DURATION_PAGE_BUCKETS][bucket % DURATION_PAGE_BUCKETS]++;
	if (unlikely(duration < histogram->least))
		histogram->least = duration;
	if (unlikely(duration > histogram->most))
		histogram->most = duration;
	histogram->sum_low += duration;
	if (unlikely(histogram->sum_low < duration))
		histogram->sum_high++;
}

#endif							/* JOURNEY_DURATION_COUNTS_H */
