/*-------------------------------------------------------------------------
 *
 * temp_file.c
 *		Reading temporary files, and memory for what is read.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "store/temp_file.h"
#include "utils/memutils.h"

/* Begin to read a temporary file. */
void
temp_file_rewind(BufFile *file)
{
	if (BufFileSeek(file, 0, 0, SEEK_SET) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not rewind a temporary file of pg_journey")));
}

/* Read `length` bytes of a temporary file, or fail. */
void
temp_file_read(BufFile *file, void *out, size_t length)
{
	if (BufFileRead(file, out, length) != length)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read from a temporary file of pg_journey")));
}

/* Have room for `size` bytes; what was there is lost. */
char *
scratch_bytes(ScratchBytes *scratch, uint64 size)
{
	if (size > scratch->size || scratch->bytes == NULL)
	{
		scratch_bytes_free(scratch);
		scratch->size = size + size / 8 + 1;	/* the next are of much the
												 * same size */
		scratch->bytes = MemoryContextAllocHuge(CurrentMemoryContext, scratch->size);
	}
	return scratch->bytes;
}

void
scratch_bytes_free(ScratchBytes *scratch)
{
	if (scratch->bytes != NULL)
		pfree(scratch->bytes);
	scratch->bytes = NULL;
	scratch->size = 0;
}
