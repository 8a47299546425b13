/*-------------------------------------------------------------------------
 *
 * duration_counts.c
 *		Counting many durations in many groups.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "time/duration_counts.h"

/* From so many on durations are counted in pages. */
#define DENSE_FROM 64

/* What durations have while they are few. */
uint64	   *duration_counts_no_pages[DURATION_NPAGES];

/* The count of a bucket, whose page is made if it is not there. */
static uint64 *
bucket_count(DurationCounts *counts, uint32 bucket, MemoryContext context)
{
	uint64	  **page = &counts->pages[bucket / DURATION_PAGE_BUCKETS];

	if (*page == NULL)
		*page = MemoryContextAllocZero(context, DURATION_PAGE_BUCKETS * sizeof(uint64));
	return &(*page)[bucket % DURATION_PAGE_BUCKETS];
}

/* Count a duration whose bucket has no page: false if it is counted in the histogram. */
bool
duration_counts_make_page(DurationCounts *counts, uint64 duration, MemoryContext context)
{
	Histogram  *histogram = &counts->histogram;
	uint32		i;

	if (counts->pages == duration_counts_no_pages)
	{
		if (histogram->count < DENSE_FROM)
		{
			histogram_add(histogram, duration, context);
			return false;
		}
		counts->pages = MemoryContextAllocZero(context, DURATION_NPAGES * sizeof(uint64 *));
		for (i = 0; i < histogram->nbuckets; i++)
			*bucket_count(counts, histogram->buckets[i].number, context) = histogram->buckets[i].count;
		histogram->nbuckets = 0;
	}
	(void) bucket_count(counts, histogram_bucket(duration), context);
	return true;
}

/* The durations as a histogram. */
Histogram
duration_counts_histogram(const DurationCounts *counts, MemoryContext context)
{
	Histogram	histogram = counts->histogram;
	uint32		n = 0;
	int			page;
	int			i;

	if (counts->pages == duration_counts_no_pages)
		return histogram;
	for (page = 0; page < DURATION_NPAGES; page++)
		for (i = 0; counts->pages[page] != NULL && i < DURATION_PAGE_BUCKETS; i++)
			n += counts->pages[page][i] > 0;
	histogram.buckets = MemoryContextAlloc(context, n * sizeof(HistogramBucket));
	histogram.nbuckets = histogram.capacity = n;
	histogram.count = 0;
	n = 0;
	for (page = 0; page < DURATION_NPAGES; page++)
		for (i = 0; counts->pages[page] != NULL && i < DURATION_PAGE_BUCKETS; i++)
			if (counts->pages[page][i] > 0)
			{
				histogram.count += counts->pages[page][i];
				histogram.buckets[n].number = (uint32) (page * DURATION_PAGE_BUCKETS + i);
				histogram.buckets[n++].count = counts->pages[page][i];
			}
	return histogram;
}
