/*-------------------------------------------------------------------------
 *
 * record.h
 *		The layout of an event of a population in memory.
 *
 * A record is
 *
 *		key			8 bytes: the id, or its number, or its hash
 *		at			8 bytes
 *		conditions	as many bytes as the number of steps needs
 *		seq			8 bytes, when events have one
 *		node		4 bytes, its number, when events have one
 *		id			length (4 bytes) and bytes, when the key is a hash
 *		value		length + 1 (4 bytes; 0: none) and bytes, when values are kept
 *
 * in the machine's byte order, which all workers of a query share, and not
 * aligned.  So an event of a bigint user with up to eight steps takes 17
 * bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_RECORD_H
#define JOURNEY_RECORD_H

#include "base/base.h"

typedef struct RecordLayout
{
	uint8		head;			/* bytes of the part that all records have */
	uint8		conditions;		/* bytes of the conditions */
	bool		seq;
	bool		node;
	bool		id;
	bool		value;
} RecordLayout;

static inline RecordLayout
record_layout(int nsteps, bool seq, bool node, bool id, bool value)
{
	RecordLayout layout = {0, (uint8) ((nsteps + 7) / 8), seq, node, id, value};

	layout.head = (uint8) (16 + layout.conditions + (seq ? 8 : 0) + (node ? 4 : 0));
	return layout;
}

/* Where the record after the one at `at` begins. */
static inline const char *
record_next(const RecordLayout *layout, const char *at)
{
	uint32		length;

	at += layout->head;
	if (layout->id)
	{
		memcpy(&length, at, 4);
		at += 4 + (size_t) length;
	}
	if (layout->value)
	{
		memcpy(&length, at, 4);
		at += 4 + (size_t) (length > 0 ? length - 1 : 0);
	}
	return at;
}

/* The same, but NULL if the record does not end by `end`. */
static inline const char *
record_next_within(const RecordLayout *layout, const char *at, const char *end)
{
	uint32		length;

	if ((size_t) (end - at) < layout->head)
		return NULL;
	at += layout->head;
	if (layout->id)
	{
		if (end - at < 4)
			return NULL;
		memcpy(&length, at, 4);
		at += 4;
		if ((size_t) (end - at) < length)
			return NULL;
		at += length;
	}
	if (layout->value)
	{
		if (end - at < 4)
			return NULL;
		memcpy(&length, at, 4);
		at += 4;
		length -= length > 0;
		if ((size_t) (end - at) < length)
			return NULL;
		at += length;
	}
	return at;
}

#endif							/* JOURNEY_RECORD_H */
