/*-------------------------------------------------------------------------
 *
 * name_table.h
 *		A table of a few names and the conditions that each meets, in which
 *		the name of every row is looked up.
 *
 * Most names of rows are not in the table, so a miss must be quick and free
 * of branches that depend on the name.  A signature of the name is looked up
 * in a sparse hash table; only if the signature exists are the names with
 * this signature compared.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_NAME_TABLE_H
#define JOURNEY_NAME_TABLE_H

#include "postgres.h"

#include "event/event_order.h"

#define NAME_SLOTS 256			/* a power of two, over four times STEPSET_MAX */

typedef struct TableName
{
	const char *bytes;			/* the caller's */
	uint32		length;
	uint32		next;			/* of the same slot: its number + 1 */
	uint64		conditions;		/* several, if the name was added twice */
} TableName;

/* All zero is empty. */
typedef struct NameTable
{
	int			n;				/* at most STEPSET_MAX */
	uint32		signatures[NAME_SLOTS];
	uint8		first[NAME_SLOTS];	/* number + 1 of the first name; 0: empty */
	TableName	names[STEPSET_MAX];
} NameTable;

extern void name_table_add(NameTable *table, const char *bytes, uint32 length,
						   uint64 conditions);
extern uint64 name_table_find_stored(const NameTable *table, struct varlena *name);
extern void name_table_find_all(const NameTable *table, const Datum *texts, const bool *nulls,
								int n, uint64 always, Datum *found);

/* The length of a name and three of its bytes. */
static inline uint32
name_signature(const char *name, uint32 length)
{
	const unsigned char *bytes = (const unsigned char *) name;

	if (unlikely(length == 0))
		return 0;
	return (length & 0xff) << 24 | (uint32) bytes[0] << 16 |
		(uint32) bytes[length / 2] << 8 | bytes[length - 1];
}

/* Where the search for a signature begins. */
static inline uint32
name_home(uint32 signature)
{
	return signature * UINT32_C(0x9E3779B1) >> 24;
}

/* The slot of a signature: the one that holds it, or the empty one where it goes. */
static inline uint32
name_slot(const NameTable *table, uint32 signature)
{
	uint32		slot = name_home(signature);

	while (table->first[slot] != 0 && table->signatures[slot] != signature)
		slot = (slot + 1) % NAME_SLOTS;
	return slot;
}

/* The name among those of a slot, or NULL. */
static inline const TableName *
name_in_slot(const NameTable *table, uint32 slot, const char *name, uint32 length)
{
	uint32		number = table->first[slot];

	while (number != 0)
	{
		const TableName *known = &table->names[number - 1];

		if (known->length == length && memcmp(known->bytes, name, length) == 0)
			return known;
		number = known->next;
	}
	return NULL;
}

/* The conditions that a name meets, none if it is not in the table. */
static inline uint64
name_table_find(const NameTable *table, const char *name, uint32 length)
{
	uint32		slot = name_slot(table, name_signature(name, length));
	const TableName *known;

	if (table->first[slot] == 0)
		return 0;
	known = name_in_slot(table, slot, name, length);
	return known == NULL ? 0 : known->conditions;
}

#endif							/* JOURNEY_NAME_TABLE_H */
