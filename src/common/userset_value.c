/*-------------------------------------------------------------------------
 *
 * userset_value.c
 *		How a value of type userset is stored.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/detoast.h"
#include "common/userset_value.h"

/* Refuse a set that no value can hold. */
void
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
