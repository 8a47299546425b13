/*-------------------------------------------------------------------------
 *
 * userset_value.c
 *		The stored form of a value of type userset.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/heaptoast.h"
#include "access/table.h"
#include "access/tableam.h"
#include "userset/userset_value.h"

/* Refuse a set that no value can hold. */
static void
userset_refuse_size(uint64 size)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("a userset of " UINT64_FORMAT " bytes is too large", size),
			 errdetail("A value holds at most %zu bytes.",
					   MaxAllocSize - VARHDRSZ - sizeof(uint64)),
			 errhint("Split the users, for example by a range of ids.")));
}

/* Begin a set that will be a value. */
void
userset_writer_init(RoaringWriter *writer, size_t size_hint)
{
	roaring_writer_init(writer, VARHDRSZ, size_hint);
}

/* The value of a set that was begun with userset_writer_init(). */
struct varlena *
userset_writer_value(RoaringWriter *writer)
{
	Roaring		set = roaring_writer_finish(writer);
	size_t		size = VARHDRSZ + set.size;

	if (set.size > MaxAllocSize - VARHDRSZ - sizeof(uint64))
		userset_refuse_size(set.size);
	if (set.size >= USERSET_COUNTED_FROM - sizeof(uint64))
	{
		size += sizeof(uint64);
		if (size > writer->capacity)
			writer->memory = repalloc_huge(writer->memory, writer->capacity = size);
		roaring_put64(writer->memory + size - sizeof(uint64), writer->cardinality);
	}
	if (writer->capacity / 2 > size)
		writer->memory = repalloc_huge(writer->memory, size);
	SET_VARSIZE(writer->memory, size);
	return (struct varlena *) writer->memory;
}

/* The value of a canonical set. */
struct varlena *
userset_of_roaring(Roaring set)
{
	RoaringWriter writer;

	if (set.size > MaxAllocSize - VARHDRSZ - sizeof(uint64))
		userset_refuse_size(set.size);
	/* as if it had just been written */
	memset(&writer, 0, sizeof(writer));
	writer.room = VARHDRSZ;
	writer.capacity = VARHDRSZ + set.size + sizeof(uint64);
	writer.memory = MemoryContextAllocHuge(CurrentMemoryContext, writer.capacity);
	writer.size = VARHDRSZ + set.size;
	writer.nbuckets = roaring_get64(set.bytes);
	writer.cardinality = roaring_cardinality(set);
	memcpy(writer.memory + VARHDRSZ, set.bytes, set.size);
	return userset_writer_value(&writer);
}

/* How many members a value has, which need not be detoasted. */
uint64
userset_cardinality(Datum value)
{
	struct varlena *bytes = (struct varlena *) DatumGetPointer(value);
	size_t		size = toast_raw_datum_size(value) - VARHDRSZ;

	if (size < USERSET_COUNTED_FROM)
		return roaring_cardinality(userset_roaring(pg_detoast_datum_packed(bytes)));
	bytes = detoast_attr_slice(bytes, (int32) (size - sizeof(uint64)), sizeof(uint64));
	return roaring_get64((const uint8 *) VARDATA_ANY(bytes));
}

/* ---- large values, read in pieces ---- */

/* From this size on; smaller ones take less than the first few pieces. */
#define PIECES_FROM (64 * 1024)

/*
 * The size of a read: small after a jump of the cursor, as it may jump again,
 * and doubled each time that the cursor continues.  The largest pieces of two
 * sets still stay in the second-level cache.
 */
#define PIECE_MIN (8 * 1024)
#define PIECE_MAX (128 * 1024)

/* A stored set as the source of its bytes. */
typedef struct StoredSet
{
	RoaringSource source;
	Oid			toast_table;
	Oid			id;				/* of the value in it */
	size_t		stored_size;
	size_t		set_size;		/* without what follows the set */
	size_t		piece;			/* how much was read last */
	size_t		capacity;		/* of the window */
	char	   *window;			/* after a header of its own */
} StoredSet;

/*
 * Read the bytes from `at` on of which at least `size` are needed.  The bytes
 * that the window already has are kept, and the window ends with a chunk of
 * the stored value, so that a sequential read of a set fetches no chunk
 * twice.
 */
static void
userset_stored_read(RoaringSource *source, size_t at, size_t size)
{
	StoredSet  *stored = (StoredSet *) source;
	size_t		window_end = source->window_at + source->window_size;
	size_t		kept = at >= source->window_at && at < window_end ? window_end - at : 0;
	size_t		end;
	Relation	table;

	CHECK_FOR_INTERRUPTS();
	if (at > stored->set_size || size > stored->set_size - at)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("a stored userset ends too early: %zu of %zu bytes at %zu",
						stored->set_size - Min(at, stored->set_size), size, at)));
	if (at >= source->window_at && at <= window_end + stored->piece)
		stored->piece = Min(stored->piece * 2, PIECE_MAX);
	else
		stored->piece = PIECE_MIN;
	end = at + Max(size, stored->piece);
	end = Min((end / TOAST_MAX_CHUNK_SIZE + 1) * TOAST_MAX_CHUNK_SIZE, stored->stored_size);

	if (end - at > stored->capacity)
	{
		size_t		capacity = Max(end - at, stored->capacity == 0 ? 2 * PIECE_MIN : PIECE_MAX + PIECE_MIN);
		char	   *window = palloc(VARHDRSZ + capacity);

		if (kept > 0)
			memcpy(window + VARHDRSZ, source->window + (at - source->window_at), kept);
		if (stored->window != NULL)
			pfree(stored->window);
		stored->window = window;
		stored->capacity = capacity;
	}
	else if (kept > 0)
		memmove(stored->window + VARHDRSZ, source->window + (at - source->window_at), kept);
	source->window = (const uint8 *) stored->window + VARHDRSZ;
	source->window_at = at;
	source->window_size = end - at;

	/* the bytes go to where they would be in a value that begins here */
	table = table_open(stored->toast_table, AccessShareLock);
	table_relation_fetch_toast_slice(table, stored->id, (int32) stored->stored_size,
									 (int32) (at + kept), (int32) (end - at - kept),
									 (struct varlena *) (stored->window + kept));
	table_close(table, AccessShareLock);
}

/*
 * The set of a value that need not be detoasted, to be walked over by one
 * cursor at a time.  If a large set is stored out of line and not compressed,
 * only the parts that the cursor reaches are read.  Optionally also returns
 * the number of members.
 */
Roaring
userset_open(Datum value, uint64 *cardinality)
{
	struct varlena *bytes = (struct varlena *) DatumGetPointer(value);
	struct varatt_external pointer;
	StoredSet  *stored;
	Roaring		set;

	if (VARATT_IS_EXTERNAL_ONDISK(bytes))
	{
		VARATT_EXTERNAL_GET_POINTER(pointer, bytes);
		if (!VARATT_EXTERNAL_IS_COMPRESSED(pointer) &&
			VARATT_EXTERNAL_GET_EXTSIZE(pointer) >= PIECES_FROM)
		{
			stored = palloc0(sizeof(StoredSet));
			stored->source.read = userset_stored_read;
			stored->piece = PIECE_MIN / 2;
			stored->toast_table = pointer.va_toastrelid;
			stored->id = pointer.va_valueid;
			stored->stored_size = VARATT_EXTERNAL_GET_EXTSIZE(pointer);
			stored->set_size = stored->stored_size - sizeof(uint64);
			if (cardinality != NULL)
				*cardinality = userset_cardinality(value);
			set.bytes = NULL;
			set.size = stored->set_size;
			set.source = &stored->source;
			return set;
		}
	}
	bytes = pg_detoast_datum_packed(bytes);
	set = userset_roaring(bytes);
	if (cardinality != NULL)
		*cardinality = set.size < VARSIZE_ANY_EXHDR(bytes) ? roaring_get64(set.bytes + set.size) :
			roaring_cardinality(set);
	return set;
}

/*
 * Free the memory for reading an opened set in pieces.  This is unnecessary
 * if the memory context is deleted soon.
 */
void
userset_close(Roaring set)
{
	StoredSet  *stored = (StoredSet *) set.source;

	if (stored == NULL)
		return;
	if (stored->source.head != NULL)
		pfree(stored->source.head);
	if (stored->window != NULL)
		pfree(stored->window);
	pfree(stored);
}
