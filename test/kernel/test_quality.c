/*-------------------------------------------------------------------------
 *
 * test_quality.c
 *		The quality kernel against all pairs of rows.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "cases.h"
#include "quality/quality.h"
#include "tap.h"
#include "tests.h"

#define CASES 40000
#define MOST_ROWS 14

static const char ids[] = "abcdefghijkl";

/* What is wrong with row i, by its definition. */
static uint32
faults_of(const QualityRow *rows, size_t n, size_t i, uint64 ahead)
{
	const QualityRow *row = &rows[i];
	uint32		faults = 0;
	size_t		j;

	for (j = 0; j < n; j++)
	{
		const QualityRow *other = &rows[j];

		if (j < i && row->id.bytes != NULL && other->id.bytes != NULL && slice_equal(row->id, other->id))
			faults |= QUALITY_SAME_ID;
		if (j < i && row->at == other->at && row->event == other->event)
			faults |= QUALITY_SAME_ROW;
		if (other->at > row->at && row->received != QUALITY_NOT_RECEIVED &&
			other->received != QUALITY_NOT_RECEIVED && other->received < row->received)
			faults |= QUALITY_OUT_OF_ORDER;
	}
	if (row->received != QUALITY_NOT_RECEIVED && row->at > row->received && time_between(row->received, row->at) > ahead)
		faults |= QUALITY_FUTURE;
	return faults;
}

static int
row_order(const void *a, const void *b)
{
	const QualityRow *left = a;
	const QualityRow *right = b;

	if (left->at != right->at)
		return left->at < right->at ? -1 : 1;
	return (left->event > right->event) - (left->event < right->event);
}

void
test_quality(void)
{
	Random		random = {41};
	const uint64 seeds[] = {77, 99};
	int			wrong = 0;
	int			found[4] = {0};
	int			i;

	for (i = 0; i < CASES; i++)
	{
		QualityRow	rows[MOST_ROWS] = {{0}};
		uint32		slots[64];
		const size_t n = (size_t) random_below(&random, MOST_ROWS + 1);
		const uint64 ahead = random_below(&random, 3);
		size_t		k;

		for (k = 0; k < n; k++)
		{
			rows[k].at = (int64) random_below(&random, 8);
			rows[k].event = (uint32) random_below(&random, 3);
			rows[k].received = random_below(&random, 6) == 0 ? QUALITY_NOT_RECEIVED : (int64) random_below(&random, 9);
			if (random_below(&random, 4) > 0)
			{
				rows[k].id.bytes = ids + random_below(&random, 3);
				rows[k].id.length = (uint32) random_below(&random, 10);
			}
		}
		qsort(rows, n, sizeof(QualityRow), row_order);
		quality_judge(rows, n, ahead, seeds, slots);
		for (k = 0; k < n; k++)
		{
			wrong += rows[k].faults != faults_of(rows, n, k, ahead);
			found[0] += (rows[k].faults & QUALITY_SAME_ID) != 0;
			found[1] += (rows[k].faults & QUALITY_SAME_ROW) != 0;
			found[2] += (rows[k].faults & QUALITY_OUT_OF_ORDER) != 0;
			found[3] += (rows[k].faults & QUALITY_FUTURE) != 0;
		}
	}
	test_ok(wrong == 0, "quality: %d rows judged wrong", wrong);
	test_ok(found[0] > 1000 && found[1] > 1000 && found[2] > 1000 && found[3] > 1000, "quality: %d ids, %d rows, %d out of order, %d in the future",
			found[0], found[1], found[2], found[3]);
}
