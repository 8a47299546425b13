/*-------------------------------------------------------------------------
 *
 * fuzz.h
 *		What the fuzz targets share.
 *
 * Each target takes any bytes.  A sanitizer watches the memory, which is
 * always of exactly the size that the kernel was told, and must() the answers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KERNEL_TEST_FUZZ_H
#define KERNEL_TEST_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "event/event.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stop, so that the fuzzer keeps the input, unless this is so. */
#define must(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

static inline void *
fuzz_allocate(size_t size)
{
	void	   *memory = malloc(size);

	must(memory != NULL || size == 0);
	return memory;
}

static inline void *
fuzz_copy(const void *from, size_t size)
{
	void	   *memory = fuzz_allocate(size);

	if (size > 0)
		memcpy(memory, from, size);
	return memory;
}

/* Sort with the kernel's own sort, in scratch space of exactly its size. */
static inline void
fuzz_sort(Event *events, size_t n)
{
	Event	   *scratch = fuzz_allocate(events_sort_scratch(n) * sizeof(Event));
	size_t		i;

	events_sort(events, n, scratch);
	for (i = 1; i < n; i++)
		must(!event_before(&events[i], &events[i - 1]));
	free(scratch);
}

#endif							/* KERNEL_TEST_FUZZ_H */
