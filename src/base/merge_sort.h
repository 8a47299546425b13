/*-------------------------------------------------------------------------
 *
 * merge_sort.h
 *		A merge sort for arrays of one type; including this file defines it.
 *
 * Define before including:
 *		MERGE_SORT_NAME			the function to make
 *		MERGE_SORT_TYPE			the element type
 *		MERGE_SORT_BEFORE(a, b, arg)	is *a strictly before *b?
 *
 * It makes
 *		static void NAME(TYPE *items, size_t n, TYPE *scratch, const void *arg)
 * where scratch holds n / 2 + 1 elements.  The sort is stable, takes n log n
 * steps at worst, and about n steps if the input is a few sorted runs in a
 * row.  Events usually come so: by time, or as the combined states of two
 * processes.  The next run is unpredictable, so merging does not branch on
 * it.
 *
 *-------------------------------------------------------------------------
 */

#define MERGE_SORT_JOIN_(a, b) a##b
#define MERGE_SORT_JOIN(a, b) MERGE_SORT_JOIN_(a, b)
#define MERGE_SORT_BLOCK 16

/* Sort a short run by insertion. */
static inline void
MERGE_SORT_JOIN(MERGE_SORT_NAME, _block) (MERGE_SORT_TYPE *items, size_t n,
										  const void *arg)
{
	size_t		i;

	(void) arg;					/* unused where the order needs no more */
	for (i = 1; i < n; i++)
	{
		MERGE_SORT_TYPE moving = items[i];
		size_t		j = i;

		while (j > 0 && MERGE_SORT_BEFORE(&moving, &items[j - 1], arg))
		{
			items[j] = items[j - 1];
			j--;
		}
		items[j] = moving;
	}
}

/*
 * Merge the sorted halves [0, middle) and [middle, n).  The shorter one moves
 * to the scratch space, and the merge fills the array from its side.
 */
static void
MERGE_SORT_JOIN(MERGE_SORT_NAME, _merge) (MERGE_SORT_TYPE *items, size_t middle,
										  size_t n, MERGE_SORT_TYPE *scratch,
										  const void *arg)
{
	(void) arg;
	if (!MERGE_SORT_BEFORE(&items[middle], &items[middle - 1], arg))
		return;					/* already in order */

	if (MERGE_SORT_BEFORE(&items[n - 1], &items[0], arg))
	{
		/*
		 * all of one before all of the other, as when a table is read from
		 * its middle on
		 */
		const size_t right = n - middle;

		if (middle <= right)
		{
			memcpy(scratch, items, middle * sizeof(MERGE_SORT_TYPE));
			memmove(items, &items[middle], right * sizeof(MERGE_SORT_TYPE));
			memcpy(&items[right], scratch, middle * sizeof(MERGE_SORT_TYPE));
		}
		else
		{
			memcpy(scratch, &items[middle], right * sizeof(MERGE_SORT_TYPE));
			memmove(&items[right], items, middle * sizeof(MERGE_SORT_TYPE));
			memcpy(items, scratch, right * sizeof(MERGE_SORT_TYPE));
		}
		return;
	}

	if (middle <= n - middle)
	{
		size_t		left = 0;	/* in scratch, which holds `middle` items */
		size_t		right = middle;
		size_t		out = 0;

		memcpy(scratch, items, middle * sizeof(MERGE_SORT_TYPE));
		while (left < middle && right < n)
		{
			const bool	takes_right = MERGE_SORT_BEFORE(&items[right], &scratch[left], arg);

			items[out++] = *(takes_right ? &items[right] : &scratch[left]);
			right += takes_right;
			left += !takes_right;
			if (out % KERNEL_CHECK_EVERY == 0)
				kernel_check_interrupts();
		}
		memcpy(&items[out], &scratch[left], (middle - left) * sizeof(MERGE_SORT_TYPE));
	}
	else
	{
		size_t		left = middle;
		size_t		right = n - middle; /* in scratch; both count downwards */
		size_t		out = n;

		memcpy(scratch, &items[middle], right * sizeof(MERGE_SORT_TYPE));
		while (left > 0 && right > 0)
		{
			const bool	takes_left = MERGE_SORT_BEFORE(&scratch[right - 1], &items[left - 1], arg);

			items[--out] = *(takes_left ? &items[left - 1] : &scratch[right - 1]);
			left -= takes_left;
			right -= !takes_left;
			if (out % KERNEL_CHECK_EVERY == 0)
				kernel_check_interrupts();
		}
		memcpy(&items[out - right], scratch, right * sizeof(MERGE_SORT_TYPE));
	}
}

static void
MERGE_SORT_NAME(MERGE_SORT_TYPE *items, size_t n, MERGE_SORT_TYPE *scratch,
				const void *arg)
{
	size_t		width;
	size_t		start;
	size_t		run = 1;
	size_t		i;

	/* mostly these are two sorted runs */
	while (run < n && !MERGE_SORT_BEFORE(&items[run], &items[run - 1], arg))
		run++;
	if (run >= n)
		return;
	for (i = run + 1; i < n && !MERGE_SORT_BEFORE(&items[i], &items[i - 1], arg); i++)
		;
	if (i == n)
	{
		MERGE_SORT_JOIN(MERGE_SORT_NAME, _merge) (items, run, n, scratch, arg);
		return;
	}

	for (start = 0; start < n; start += MERGE_SORT_BLOCK)
	{
		size_t		length = n - start;

		if (length > MERGE_SORT_BLOCK)
			length = MERGE_SORT_BLOCK;
		MERGE_SORT_JOIN(MERGE_SORT_NAME, _block) (items + start, length, arg);
		if (start % KERNEL_CHECK_EVERY == 0)
			kernel_check_interrupts();
	}

	for (width = MERGE_SORT_BLOCK; width < n; width *= 2)
	{
		for (start = 0; start + width < n; start += 2 * width)
		{
			size_t		length = n - start;

			if (length > 2 * width)
				length = 2 * width;
			MERGE_SORT_JOIN(MERGE_SORT_NAME, _merge) (items + start, width, length,
													  scratch, arg);
		}
	}
}

#undef MERGE_SORT_NAME
#undef MERGE_SORT_TYPE
#undef MERGE_SORT_BEFORE
#undef MERGE_SORT_BLOCK
#undef MERGE_SORT_JOIN
#undef MERGE_SORT_JOIN_
