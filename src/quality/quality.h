/*-------------------------------------------------------------------------
 *
 * quality.h
 *		The kernel of log quality: what is wrong with the rows of one user.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_QUALITY_H
#define JOURNEY_QUALITY_H

#include "event/event.h"

#ifndef JOURNEY_NO_SERVER
#include "scan/scan.h"

extern const ScanRowsFunction is_late_for_rows;
#endif

/* What is wrong with a row. */
#define QUALITY_SAME_ID			1	/* an earlier row has its event_id */
#define QUALITY_SAME_ROW		2	/* another row has its event and its time */
#define QUALITY_OUT_OF_ORDER	4	/* a row with a later time was received
									 * before it */
#define QUALITY_FUTURE			8	/* its time is after it was received */

/* When a row was received, if that is not known. */
#define QUALITY_NOT_RECEIVED	PG_INT64_MIN

/* A row that has a user and a time. */
typedef struct QualityRow
{
	int64		at;
	int64		received;		/* or QUALITY_NOT_RECEIVED */
	uint32		event;			/* its number */
	uint32		faults;			/* QUALITY_* bits */
	TextSlice	id;				/* bytes are NULL for none */
} QualityRow;

extern size_t quality_id_slots(size_t n);
extern void quality_judge(QualityRow *rows, size_t n, uint64 ahead, const uint64 *seeds,
						  uint32 *slots);

#endif							/* JOURNEY_QUALITY_H */
