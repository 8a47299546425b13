/*-------------------------------------------------------------------------
 *
 * name_table.c
 *		A table of a few names and the conditions that each meets, in which
 *		the name of every row is looked up.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "compat.h"
#include "event/event.h"

/*
 * Add a name, which must stay where it is.  There is room for STEPSET_MAX
 * different ones.
 */
void
name_table_add(NameTable *table, const char *bytes, uint32 length, uint64 conditions)
{
	uint32		slot = name_slot(table, name_signature(bytes, length));
	TableName  *name = unconstify(TableName *, name_in_slot(table, slot, bytes, length));

	if (name == NULL)
	{
		Assert(table->n < STEPSET_MAX);
		name = &table->names[table->n++];
		name->bytes = bytes;
		name->length = length;
		name->next = table->first[slot];
		table->signatures[slot] = name_signature(bytes, length);
		table->first[slot] = (uint8) table->n;
	}
	name->conditions |= conditions;
}

/*
 * The same as name_table_find, of a value that is stored in any way.
 */
uint64
name_table_find_stored(const NameTable *table, struct varlena *name)
{
	text	   *packed;
	uint64		conditions;

	if (unlikely(VARATT_IS_EXTERNAL(name) || VARATT_IS_COMPRESSED(name)))
	{
		/*
		 * most are not fetched: their length says that they are none of the
		 * names
		 */
		const Size	length = toast_raw_datum_size(PointerGetDatum(name)) - VARHDRSZ;
		int			i;

		for (i = 0; i < table->n && table->names[i].length != length; i++)
			;
		if (i == table->n)
			return 0;
	}
	packed = pg_detoast_datum_packed((struct varlena *) name);
	conditions = name_table_find(table, VARDATA_ANY(packed), (uint32) VARSIZE_ANY_EXHDR(packed));
	if (packed != name)
		pfree(packed);
	return conditions;
}

/* Is a text stored with a short header, and whole? */
static inline bool
is_short(const char *name)
{
	return likely(VARATT_IS_SHORT(name) && !VARATT_IS_EXTERNAL(name));
}

/*
 * Look up the texts of a page's rows at once: the conditions of each, and `always` besides.  A
 * NULL meets none.
 *
 * First all are asked whether their slot is taken, without a branch on the
 * answer; the few that may be there are then compared.
 */
void
name_table_find_all(const NameTable *table, const Datum *texts, const bool *nulls, int n,
					uint64 always, Datum *found)
{
	uint16		maybe[MaxHeapTuplesPerPage];
	int			nmaybe = 0;
	int			i;

	Assert(n <= MaxHeapTuplesPerPage);
	for (i = 0; i < n; i++)
	{
		const char *name = DatumGetPointer(texts[i]);

		found[i] = always;
		if (nulls != NULL && nulls[i])
			continue;
		maybe[nmaybe] = (uint16) i;
		if (is_short(name))
			nmaybe += table->first[name_home(name_signature(VARDATA_SHORT(name),
															VARSIZE_SHORT(name) - VARHDRSZ_SHORT))] != 0;
		else
			nmaybe++;
	}
	for (i = 0; i < nmaybe; i++)
	{
		const char *name = DatumGetPointer(texts[maybe[i]]);

		if (is_short(name))
			found[maybe[i]] |= name_table_find(table, VARDATA_SHORT(name),
											   VARSIZE_SHORT(name) - VARHDRSZ_SHORT);
		else
			found[maybe[i]] |= name_table_find_stored(table, (struct varlena *) name);
	}
}
