/*-------------------------------------------------------------------------
 *
 * q_values.c
 *		Many p values: what part of those at most as large is by chance.
 *
 *-------------------------------------------------------------------------
 */
#include "inference/inference.h"

#include <math.h>

#define MERGE_SORT_NAME q_values_sort
#define MERGE_SORT_TYPE RankedValue
#define MERGE_SORT_BEFORE(a, b, arg) ((a)->p_value < (b)->p_value)
#include "base/merge_sort.h"

/*
 * Replace p values by q values (Benjamini and Hochberg).  NaN stays, and does not
 * count.  The room is for 1.5 n + 1 values.
 */
void
inference_q_values(double *p_values, size_t n, RankedValue *room)
{
	size_t		tested = 0;
	double		least = 1;
	size_t		i;

	for (i = 0; i < n; i++)
		if (!isnan(p_values[i]))
		{
			room[tested].p_value = p_values[i];
			room[tested++].at = i;
		}
	q_values_sort(room, tested, room + tested, NULL);
	for (i = tested; i-- > 0;)
	{
		least = Min(least, (double) tested / (double) (i + 1) * room[i].p_value);
		p_values[room[i].at] = least;
	}
}
