/*-------------------------------------------------------------------------
 *
 * record_block.h
 *		Blocks of packed records, in memory and in temporary files.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_RECORD_BLOCK_H
#define JOURNEY_RECORD_BLOCK_H

#include "population/record.h"

/* What stands before each block. */
typedef struct RecordBlock
{
	uint64		raw;			/* bytes that the records take in memory */
	uint64		size;			/* bytes of the block that follow */
} RecordBlock;

/* The bytes that record_block_read() may read past a block, without using them. */
#define RECORD_BLOCK_SLACK	8

extern size_t record_block_room(size_t raw);
extern const char *record_block_end(const RecordLayout *layout, const char *at,
									const char *end);
extern size_t record_block_write(const RecordLayout *layout, const char *at, const char *end,
								 char *out);
extern bool record_block_read(const RecordLayout *layout, const char *block, size_t size,
							  char *out, size_t raw);

#endif							/* JOURNEY_RECORD_BLOCK_H */
