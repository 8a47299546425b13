/*-------------------------------------------------------------------------
 *
 * temp_file.h
 *		Reading temporary files, and memory for what is read.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_TEMP_FILE_H
#define JOURNEY_TEMP_FILE_H

#include "postgres.h"

#include "storage/buffile.h"

/* Bytes that grow and are not kept while they do. */
typedef struct ScratchBytes
{
	char	   *bytes;
	uint64		size;
} ScratchBytes;

extern void temp_file_rewind(BufFile *file);
extern void temp_file_read(BufFile *file, void *out, size_t length);
extern char *scratch_bytes(ScratchBytes *scratch, uint64 size);
extern void scratch_bytes_free(ScratchBytes *scratch);

#endif							/* JOURNEY_TEMP_FILE_H */
