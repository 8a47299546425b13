/*-------------------------------------------------------------------------
 *
 * roaring_build.c
 *		A set that grows, by members and by other sets.
 *
 *-------------------------------------------------------------------------
 */
#include "roaring/roaring_build.h"
#include "roaring/roaring_combine.h"

/*
 * The number of members that are gathered before they become a set.  Later,
 * it is the number that takes twice the memory of the sets, at most
 * BUILDER_FLUSH_MAX unless the sets take much more.
 */
#define BUILDER_FLUSH_MIN 4096
#define BUILDER_FLUSH_MAX (1024 * 1024)

#define BUILDER_FIRST_MEMBERS 8

/* An empty builder: ROARING_OR for union, ROARING_XOR for members of an odd number of sets. */
void
roaring_builder_init(RoaringBuilder *builder, RoaringOperation operation)
{
	memset(builder, 0, sizeof(RoaringBuilder));
	builder->operation = (uint8) operation;
	builder->flush_at = BUILDER_FLUSH_MIN;
}

/* The set that a writer holds, in memory of its size. */
static Roaring
roaring_own_result(RoaringWriter *writer)
{
	Roaring		set = roaring_writer_finish(writer);

	if (writer->capacity > set.size + 64)
		set.bytes = roaring_realloc(writer->memory, set.size);
	return set;
}

static Roaring
roaring_merged(const RoaringBuilder *builder, Roaring a, Roaring b)
{
	RoaringWriter writer;

	roaring_writer_init(&writer, 0, a.size + b.size);
	roaring_combine(&writer, (RoaringOperation) builder->operation, a, b);
	return roaring_own_result(&writer);
}

static void
roaring_put_on_stack(RoaringBuilder *builder, Roaring set)
{
	if (builder->sets == NULL)
	{
		builder->set_capacity_log2 = 1;
		builder->sets = roaring_alloc(2 * sizeof(Roaring));
	}
	else if (builder->nsets == 1 << builder->set_capacity_log2)
	{
		builder->set_capacity_log2++;
		builder->sets = roaring_realloc(builder->sets,
										((size_t) 1 << builder->set_capacity_log2) * sizeof(Roaring));
	}
	builder->sets[builder->nsets++] = set;
}

/* Merge the last two sets. */
static void
roaring_merge_top(RoaringBuilder *builder)
{
	Roaring		a = builder->sets[builder->nsets - 2];
	Roaring		b = builder->sets[builder->nsets - 1];

	builder->sets[builder->nsets - 2] = roaring_merged(builder, a, b);
	builder->nsets--;
	roaring_free((void *) a.bytes);
	roaring_free((void *) b.bytes);
}

/* Each set is at least twice as large as the next. */
static void
roaring_tidy_stack(RoaringBuilder *builder)
{
	while (builder->nsets > 1 && builder->sets[builder->nsets - 2].size / 2 <
		   builder->sets[builder->nsets - 1].size)
		roaring_merge_top(builder);
}

/* The members gathered become a set. */
static void
roaring_flush_members(RoaringBuilder *builder)
{
	RoaringWriter writer;
	uint64		total = 0;
	uint64		flush_at;
	int			i;

	if (builder->n == 0)
		return;
	roaring_writer_init(&writer, 0, (size_t) builder->n * 2);
	roaring_write_members(&writer, builder->members, builder->n);
	builder->n = 0;
	roaring_put_on_stack(builder, roaring_own_result(&writer));
	roaring_tidy_stack(builder);
	for (i = 0; i < builder->nsets; i++)
		total += builder->sets[i].size;
	flush_at = total * 2 / sizeof(uint64);
	if (flush_at > BUILDER_FLUSH_MAX)
		flush_at = total / 32 > BUILDER_FLUSH_MAX ? total / 32 : BUILDER_FLUSH_MAX;
	if (flush_at > builder->flush_at)
		builder->flush_at = (uint32) (flush_at < UINT32_MAX / 2 ? flush_at : UINT32_MAX / 2);
}

/* Make room for more members. */
void
roaring_builder_grow(RoaringBuilder *builder)
{
	if (builder->capacity >= builder->flush_at)
	{
		roaring_flush_members(builder);
		return;
	}
	if (builder->members == NULL)
	{
		builder->capacity = BUILDER_FIRST_MEMBERS;
		builder->members = roaring_alloc(builder->capacity * sizeof(uint64));
		return;
	}
	builder->capacity *= 2;
	builder->members = roaring_realloc(builder->members, (size_t) builder->capacity * sizeof(uint64));
}

/* Add a set, whose bytes are not needed afterwards. */
void
roaring_builder_add_set(RoaringBuilder *builder, Roaring set)
{
	Roaring    *top = builder->nsets == 0 ? NULL : &builder->sets[builder->nsets - 1];

	if (set.size <= ROARING_EMPTY_SIZE)
		return;
	if (top != NULL && top->size / 2 < set.size)
	{
		/* they would be merged at once: no need to copy it before */
		Roaring		old = *top;

		*top = roaring_merged(builder, old, set);
		roaring_free((void *) old.bytes);
	}
	else
	{
		uint8	   *bytes = roaring_alloc(set.size);

		memcpy(bytes, set.bytes, set.size);
		roaring_put_on_stack(builder, roaring_of_bytes(bytes, set.size));
	}
	roaring_tidy_stack(builder);
}

/* Add all that another builder holds; it stays as it is. */
void
roaring_builder_add_all(RoaringBuilder *builder, const RoaringBuilder *other)
{
	uint32		i;

	for (i = 0; i < other->nsets; i++)
		roaring_builder_add_set(builder, other->sets[i]);
	for (i = 0; i < other->n; i++)
		roaring_builder_add(builder, other->members[i]);
}

/* All of it as one set, which stays the builder's own. */
Roaring
roaring_builder_result(RoaringBuilder *builder)
{
	roaring_flush_members(builder);
	if (builder->nsets == 0)
	{
		RoaringWriter writer;

		roaring_writer_init(&writer, 0, 0);
		roaring_put_on_stack(builder, roaring_own_result(&writer));
	}
	while (builder->nsets > 1)
		roaring_merge_top(builder);
	return builder->sets[0];
}

/* Give back all memory. */
void
roaring_builder_free(RoaringBuilder *builder)
{
	int			i;

	for (i = 0; i < builder->nsets; i++)
		roaring_free((void *) builder->sets[i].bytes);
	if (builder->sets != NULL)
		roaring_free(builder->sets);
	if (builder->members != NULL)
		roaring_free(builder->members);
}
