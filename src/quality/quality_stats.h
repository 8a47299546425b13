/*-------------------------------------------------------------------------
 *
 * quality_stats.h
 *		The quality of a log: a value that merges.
 *
 * Each row counts in the group of its event, and if it has a time, in that of
 * its bucket.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_QUALITY_STATS_H
#define JOURNEY_QUALITY_STATS_H

#include "postgres.h"

#include "quality/quality.h"
#include "stats/stats.h"

/* The rows of an event, or of a bucket. */
typedef struct QualityGroup
{
	TextSlice	event;			/* bytes are NULL for none; not of a bucket */
	int64		bucket;			/* the calendar's number; not of an event */
	uint64		rows;
	uint64		users;
	uint64		same_ids;		/* rows with QUALITY_SAME_ID, */
	uint64		same_rows;		/* QUALITY_SAME_ROW, */
	uint64		out_of_order;	/* QUALITY_OUT_OF_ORDER, */
	uint64		future;			/* QUALITY_FUTURE */
	uint64		null_users;		/* rows without a user, */
	uint64		empty_users;	/* with a blank one, */
	uint64		null_times;		/* without a time, */
	uint64		null_ids;		/* without an event_id, */
	uint64		empty_ids;		/* with a blank one, */
	uint64		null_received;	/* without the time of arrival */
	Histogram	lateness;		/* from time to arrival, of rows that have
								 * both and are not in the future */

	/* while it is counted */
	uint64		last_user;		/* the latest user counted, from 1 */
	DurationCounts counts;		/* of lateness */
} QualityGroup;

typedef struct QualityStats
{
	MemoryContext context;
	CalendarUnit unit;			/* of buckets */
	const char *zone;			/* name of their time zone */
	int64		ahead;			/* microseconds: how far a time may be after
								 * arrival */
	int64		newest;			/* the newest arrival; of a row without it,
								 * its time; QUALITY_NO_NEWEST if there is
								 * none */
	uint64		users;
	uint32		nevents;
	QualityGroup *events;		/* ascending by name, none last */
	StatsIndex	event_index;
	uint32		nbuckets;
	QualityGroup *buckets;		/* ascending */
	StatsIndex	bucket_index;
} QualityStats;

#define QUALITY_NO_NEWEST (EVENT_TIME_MIN - 1)

extern const StatsType quality_stats_type;

extern QualityGroup *quality_stats_bucket(QualityStats *stats, int64 bucket);
extern QualityGroup *quality_stats_event(QualityStats *stats, TextSlice event);

#endif							/* JOURNEY_QUALITY_STATS_H */
