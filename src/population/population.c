/*-------------------------------------------------------------------------
 *
 * population.c
 *		The events of all users of a query, grouped by user without GROUP BY.
 *
 * Records are laid out as population/record.h says, and lie in chunks of growing size;
 * one never straddles two.
 * From SPLIT_BYTES on they are kept in PARTS parts, by the highest bits of the
 * hash.  Those of the most frequent shapes are packed as a part's chunk is full,
 * which takes less than half: into blocks as in population/record_block.h, which are
 * read one at a time, like those of a temporary file, when users are visited.
 *
 * To visit the users, one part after the other is scattered into partitions
 * by the next bits, about PARTITION_RECORDS each.  In a partition a small hash
 * table numbers the users and counts their events, and a second pass puts the
 * events of each user side by side, in the order in which they came: mostly
 * that is already the event order.  Every step is linear.
 *
 * When the chunks of a call site exceed its memory, the population at hand
 * writes each part to a temporary file of its own, in blocks, too.  Such a file
 * is scattered block by block as it is read, and is never in memory besides.  A
 * file larger than the memory is split again by the next bits, unless that does
 * not help, as when one user owns most of it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/base.h"
#include "event/event.h"
#include "miscadmin.h"
#include "population/population.h"
#include "population/record_block.h"
#include "storage/buffile.h"
#include "utils/memutils.h"

#define FIRST_CHUNK			1024
#define SPLIT_BYTES			(256 * 1024)
#define FIRST_PART_CHUNK	(8 * 1024)	/* and all those whose records are packed */
#define LARGEST_CHUNK		(256 * 1024)
#define FIRST_SLOTS_LOG2	10		/* two more for a full partition */
#define PARTITION_RECORDS	16384	/* records and tables fit a 2 MB cache */
#define MOST_PARTITIONS		1024
#define PART_BITS			6
#define PARTS				(1 << PART_BITS)
#define SPILL_LEVELS		8	/* 48 bits of the hash */
#define WAITING_BYTES		8192
#define SPILL_SMALLEST		(64 * 1024) /* a population smaller than this stays */

/*
 * Chunks of the largest size lie in slabs of a huge page each, which the kernel
 * maps at once if it can; so only a population that is some slabs large has any.
 */
#define SLAB_SIZE			(2 * 1024 * 1024)
#define SLAB_CHUNKS			(SLAB_SIZE / LARGEST_CHUNK)

struct PopulationSlab
{
	char	   *memory;			/* where its chunks begin */
	int			handed;			/* how many chunks have been taken from it */
	int			live;			/* how many of them are not freed */
};

struct PopulationChunk
{
	PopulationChunk *before;
	PopulationSlab *slab;		/* NULL: it lies by itself */
	size_t		size;			/* bytes in all, header included */
	char	   *used_end;		/* end of the records; of the newest: see next */
};

/* Chunks that are being filled. */
typedef struct Chunks
{
	PopulationChunk *newest;	/* it leads to the others */
	char	   *next;			/* where in it what comes next goes */
	char	   *end;			/* its end */
} Chunks;

/* Records whose hashes have the same highest bits. */
struct PopulationPart
{
	Chunks		blocks;			/* of records that came before the others */
	Chunks		records;
	size_t		size;			/* bytes in chunks */
	uint64		n;				/* records, in blocks or not */
};

struct PopulationSpill
{
	BufFile    *files[PARTS];
	uint64		bytes[PARTS];	/* of the records, as they are in memory */
	uint64		records[PARTS];
};

/* Records on their way to the temporary files of a level. */
typedef struct Split
{
	PopulationSpill *files;
	int			level;
	char	   *waiting[PARTS];	/* WAITING_BYTES, or NULL */
	size_t		used[PARTS];
} Split;

/* Bytes that grow and are not kept while they do. */
typedef struct Buffer
{
	char	   *bytes;
	uint64		size;
} Buffer;

/*
 * The records of another process by the same parts, as they are or packed.
 */
struct PopulationPacked
{
	PopulationPacked *next;
	bool		raw;			/* as they are, or in blocks if they were given so */
	const PopulationGift *gift; /* given in an exchange: nothing here is ours to free */
	int			slot;			/* of the process that gave it */
	const char *bytes;
	uint64		offsets[PARTS + 1];	/* of the parts */
	uint64		records[PARTS];	/* of each part; only if raw */
	uint32		nnodes;			/* for so many nodes */
	uint32	   *nodes;			/* their numbers in the population that took them */
	const uint32 *renumbers;	/* the same for records in memory that need it, or NULL */
};

/*
 * What a process gives the others in an exchange.  After it come the records of
 * the parts that others finish, in blocks if they are packed, and the names of its
 * nodes.  What it has spilled of those parts is in files.
 */
struct PopulationGift
{
	Oid			type;			/* of the ids */
	Oid			collation;
	int			nsteps;
	int			holds;
	int64		newest;
	uint64		offsets[PARTS + 1];
	uint64		records[PARTS];
	uint64		file_bytes[PARTS];
	uint64		file_records[PARTS];
	uint64		names_length;
	char		bytes[FLEXIBLE_ARRAY_MEMBER];
};

/* A record taken apart; the pointers lead into the record. */
typedef struct Record
{
	UserKey		user;
	int64		at;
	uint64		conditions;
	int64		seq;
	uint32		node;
	EventValue	value;
} Record;

/* A user of a partition, while it is being grouped. */
typedef struct PartitionUser
{
	UserKey		user;
	uint32		first;			/* of its events, among those of the partition */
	uint32		filled;			/* how many are there yet */
} PartitionUser;

static inline char *
chunk_records(PopulationChunk *chunk)
{
	return (char *) chunk + sizeof(PopulationChunk);
}

/* Where the records of one chunk end. */
static inline const char *
chunk_end(const Chunks *chunks, PopulationChunk *chunk)
{
	return chunk == chunks->newest ? chunks->next : chunk->used_end;
}

/* How many bytes chunks hold. */
static size_t
chunks_bytes(const Chunks *chunks)
{
	PopulationChunk *chunk;
	size_t		bytes = 0;

	for (chunk = chunks->newest; chunk != NULL; chunk = chunk->before)
		bytes += chunk_end(chunks, chunk) - chunk_records(chunk);
	return bytes;
}

/*
 * Have the kernel map memory that is about to be filled, all at once instead of
 * page by page as it is touched.
 */
static void
map_memory(char *at, size_t size)
{
#ifdef MADV_POPULATE_WRITE
	const uintptr_t page = (uintptr_t) sysconf(_SC_PAGESIZE);
	const uintptr_t begin = ((uintptr_t) at + page - 1) & ~(page - 1);
	const uintptr_t end = ((uintptr_t) at + size) & ~(page - 1);

	/* where that cannot be, pages come as they are touched */
	if (begin < end)
		(void) madvise((void *) begin, end - begin, MADV_POPULATE_WRITE);
#endif
}

static inline int
nparts(const Population *population)
{
	return (int) population->part_mask + 1;
}

/*
 * The site of a call: what its populations share.
 */
PopulationSite *
population_site(FmgrInfo *flinfo, Oid type, Oid collation)
{
	PopulationSite *site = MemoryContextAlloc(flinfo->fn_mcxt, sizeof(PopulationSite));

	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_DATATYPE),
				 errmsg("could not determine the type of user_id"),
				 errhint("Cast it, for example user_id::bigint.")));
	user_key_type_init(&site->key_type, type, collation, flinfo->fn_mcxt);
	site->used = 0;
	site->keeps = NULL;
	/* chunks are full while a part is scattered, so half is for them */
	site->limit = get_hash_memory_limit() / 2;
	return site;
}

/*
 * The chunks go with their context, which may be before the end, as when a scan
 * of groups is begun anew after the first of them.
 */
static void
forget_chunks(void *arg)
{
	Population *population = arg;

	population->site->used -= population->size;
	population->size = 0;
	if (population->site->keeps == population)
		population->site->keeps = NULL;
}

static inline bool
holds(const Population *population, int what)
{
	return (population->holds & what) != 0;
}

/* An empty population in `context`; `holds` is POPULATION_VALUES and the like. */
Population *
population_new(MemoryContext context, PopulationSite *site, const void *params,
			   int nsteps, int holds)
{
	Population *population = MemoryContextAllocZero(context, sizeof(Population));

	Assert(nsteps <= ((holds & POPULATION_NODES) != 0 ? 32 : STEPSET_MAX));
	population->params = params;
	population->site = site;
	population->context = context;
	population->newest = EVENT_TIME_MIN - 1;
	population->nsteps = (uint8) nsteps;
	population->holds = (uint8) holds;
	population->layout = record_layout(nsteps, (holds & POPULATION_SEQ) != 0,
									   (holds & POPULATION_NODES) != 0,
									   site->key_type.kind != USER_KEY_INTEGER,
									   (holds & POPULATION_VALUES) != 0);
	if ((holds & POPULATION_NODES) != 0)
		population->nodes = nodes_new(context);
	population->parts = MemoryContextAllocZero(context, sizeof(PopulationPart));
	population->finishes = PG_UINT64_MAX;
	population->forget.func = forget_chunks;
	population->forget.arg = population;
	MemoryContextRegisterResetCallback(context, &population->forget);
	return population;
}

/* Read the record at `at`; returns where the next one begins. */
static inline const char *
read_record(const Population *population, const char *at, Record *record)
{
	int			size = population->layout.conditions;
	uint64		conditions = 0;
	uint32		length;

	memcpy(&record->user.key, at, 8);
	memcpy(&record->at, at + 8, 8);
	at += 16;
	if (likely(size == 1))
	{
		conditions = (unsigned char) *at++;
	}
	else
	{
		int			i;

		for (i = 0; i < size; i++)
			conditions |= (uint64) (unsigned char) *at++ << (8 * i);
	}
	record->conditions = conditions;
	record->seq = 0;
	if (holds(population, POPULATION_SEQ))
	{
		memcpy(&record->seq, at, 8);
		at += 8;
	}
	record->node = 0;
	if (holds(population, POPULATION_NODES))
	{
		memcpy(&record->node, at, 4);
		at += 4;
	}

	if (population->site->key_type.kind != USER_KEY_INTEGER)
	{
		memcpy(&record->user.length, at, 4);
		record->user.bytes = at + 4;
		at += 4 + (size_t) record->user.length;
	}
	else
	{
		record->user.length = 0;
		record->user.bytes = NULL;
	}

	record->value.bytes = NULL;
	record->value.length = 0;
	if (holds(population, POPULATION_VALUES))
	{
		memcpy(&length, at, 4);
		at += 4;
		if (length > 0)
		{
			record->value.bytes = at;
			record->value.length = length - 1;
			at += length - 1;
		}
	}
	return at;
}

/*
 * Records of the most frequent kinds, which are read by themselves: of integer
 * ids, and besides the time with conditions of one byte, or with nodes.
 */
typedef enum RecordShape
{
	RECORDS_OF_ANY_SHAPE,
	RECORDS_WITH_STEPS,
	RECORDS_WITH_NODES
} RecordShape;

#define STEPS_RECORD_SIZE	17
#define NODES_RECORD_SIZE	20

static RecordShape
record_shape(const Population *population)
{
	if (population->site->key_type.kind != USER_KEY_INTEGER)
		return RECORDS_OF_ANY_SHAPE;
	if (population->holds == 0 && population->layout.conditions == 1)
		return RECORDS_WITH_STEPS;
	if (population->holds == POPULATION_NODES && population->nsteps == 0)
		return RECORDS_WITH_NODES;
	return RECORDS_OF_ANY_SHAPE;
}

/* Are records packed when a chunk is full? */
static inline bool
is_packed(const Population *population)
{
	return population->part_mask != 0 && record_shape(population) != RECORDS_OF_ANY_SHAPE;
}

/* How many bytes the records of a part in memory take when they are not packed. */
static size_t
part_bytes(const Population *population, const PopulationPart *part)
{
	return is_packed(population) ? part->n * population->layout.head :
		chunks_bytes(&part->records);
}

/* record_next() of records whose shape is known when this is compiled. */
static pg_attribute_always_inline const char *
skip_shaped(const Population *population, RecordShape shape, const char *at)
{
	switch (shape)
	{
		case RECORDS_WITH_STEPS:
			return at + STEPS_RECORD_SIZE;
		case RECORDS_WITH_NODES:
			return at + NODES_RECORD_SIZE;
		default:
			return record_next(&population->layout, at);
	}
}

/* The same for read_record(), but for what such records do not hold. */
static pg_attribute_always_inline const char *
read_shaped(const Population *population, RecordShape shape, const char *at, Record *record)
{
	if (shape == RECORDS_OF_ANY_SHAPE)
		return read_record(population, at, record);
	memset(record, 0, sizeof(Record));
	memcpy(&record->user.key, at, 8);
	memcpy(&record->at, at + 8, 8);
	if (shape == RECORDS_WITH_STEPS)
	{
		record->conditions = (unsigned char) at[16];
		return at + STEPS_RECORD_SIZE;
	}
	memcpy(&record->node, at + 16, 4);
	return at + NODES_RECORD_SIZE;
}

/* A record's key: the id of its user, or the hash of it. */
static inline uint64
record_key(const char *record)
{
	uint64		key;

	memcpy(&key, record, 8);
	return key;
}

/* The key spread out, so that any bits of it will do. */
static inline uint64
record_hash(const char *record)
{
	return spread(record_key(record));
}

/* Give the node of a record its new number. */
static inline void
renumber_node(const Population *population, char *record, const uint32 *numbers)
{
	const size_t place = population->layout.head - 4;
	uint32		node;

	memcpy(&node, record + place, 4);
	memcpy(record + place, &numbers[node], 4);
}

/* Give the nodes of records their new numbers. */
static void
renumber_nodes(const Population *population, char *at, const char *end, const uint32 *numbers)
{
	uint64		n;

	for (n = 0; at < end; n++)
	{
		if (n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		renumber_node(population, at, numbers);
		at = unconstify(char *, record_next(&population->layout, at));
	}
}

/* A chunk of the largest size. */
static PopulationChunk *
new_large_chunk(Population *population)
{
	PopulationSlab *slab = population->slab;
	PopulationChunk *chunk;

	if (slab == NULL)
	{
		/* room for a piece that begins where a huge page does */
		slab = MemoryContextAllocHuge(population->context, sizeof(PopulationSlab) + 2 * SLAB_SIZE);
		slab->memory = (char *) TYPEALIGN(SLAB_SIZE, (char *) slab + sizeof(PopulationSlab));
		slab->handed = slab->live = 0;
		population->slab = slab;
#ifdef MADV_HUGEPAGE
		(void) madvise(slab->memory, SLAB_SIZE, MADV_HUGEPAGE);
#endif
	}
	chunk = (PopulationChunk *) (slab->memory + (size_t) slab->handed * LARGEST_CHUNK);
	map_memory((char *) chunk, LARGEST_CHUNK);
	chunk->slab = slab;
	slab->live++;
	if (++slab->handed == SLAB_CHUNKS)
		population->slab = NULL;
	return chunk;
}

static void
free_chunk(Population *population, PopulationChunk *chunk)
{
	PopulationSlab *slab = chunk->slab;

	if (slab == NULL)
		pfree(chunk);
	else if (--slab->live == 0)
	{
		if (population->slab == slab)
			population->slab = NULL;
		pfree(slab);
	}
}

/* Free chunks, or keep those of the largest size for being filled again. */
static void
drop_chunks(Population *population, Chunks *chunks, bool keep)
{
	PopulationChunk *chunk;

	while ((chunk = chunks->newest) != NULL)
	{
		chunks->newest = chunk->before;
		if (keep && chunk->size == LARGEST_CHUNK)
		{
			chunk->before = population->kept;
			population->kept = chunk;
		}
		else
			free_chunk(population, chunk);
	}
}

static void
free_part(Population *population, PopulationPart *part)
{
	drop_chunks(population, &part->blocks, false);
	drop_chunks(population, &part->records, false);
	population->site->used -= part->size;
	population->size -= part->size;
	memset(part, 0, sizeof(PopulationPart));
}

/* Free chunks kept for being filled again. */
static void
free_kept(Population *population)
{
	while (population->kept != NULL)
	{
		PopulationChunk *before = population->kept->before;

		free_chunk(population, population->kept);
		population->kept = before;
	}
	if (population->site->keeps == population)
		population->site->keeps = NULL;
}

/*
 * Empty a part of a population that is going to be filled again.  Chunks are
 * kept where there is memory enough for each part to fill some, for to the
 * kernel what is given back and taken again is new memory, which it clears.  Of
 * a site only the population that spilled last keeps any, and they do not count
 * as used until they are; so they never take more than the site's limit.
 */
static void
empty_part(Population *population, PopulationPart *part)
{
	const bool	keep = population->site->limit >= 2 * PARTS * LARGEST_CHUNK;

	drop_chunks(population, &part->blocks, keep);
	drop_chunks(population, &part->records, keep);
	free_part(population, part);
}

static void
free_parts(Population *population)
{
	int			i;

	for (i = 0; i < nparts(population); i++)
		free_part(population, &population->parts[i]);
	free_kept(population);
}

/* Give back the memory and the files of a population that is used up. */
static void
release(Population *population)
{
	int			i;

	free_parts(population);
	population->n = 0;
	while (population->packed != NULL)
	{
		PopulationPacked *next = population->packed->next;

		if (population->packed->gift == NULL)
		{
			if (population->packed->raw)
			{
				population->site->used -= population->packed->offsets[PARTS];
				population->size -= population->packed->offsets[PARTS];
			}
			pfree(unconstify(char *, population->packed->bytes));
		}
		if (population->packed->nodes != NULL)
			pfree(population->packed->nodes);
		pfree(population->packed);
		population->packed = next;
	}
	if (population->spill == NULL)
		return;
	for (i = 0; i < PARTS; i++)
		if (population->spill->files[i] != NULL)
			BufFileClose(population->spill->files[i]);
	pfree(population->spill);
	population->spill = NULL;
}

/* The part, or the temporary file of some level, of a hash. */
static inline int
spill_file(uint64 hash, int level)
{
	return (int) (hash >> (64 - PART_BITS * (level + 1)) & (PARTS - 1));
}

/* The part where records of a hash go. */
static inline PopulationPart *
population_part(Population *population, uint64 hash)
{
	return &population->parts[hash >> (64 - PART_BITS) & population->part_mask];
}

static void append_records(Population *population, const char *at, const char *end);

/* Make a buffer hold `size` bytes; what it held is lost. */
static char *
buffer_for(Buffer *buffer, uint64 size)
{
	if (size > buffer->size || buffer->bytes == NULL)
	{
		if (buffer->bytes != NULL)
			pfree(buffer->bytes);
		buffer->bytes = NULL;
		buffer->size = size + size / 8 + 1; /* parts are of much the same size */
		buffer->bytes = MemoryContextAllocHuge(CurrentMemoryContext, buffer->size);
	}
	return buffer->bytes;
}

/*
 * The temporary file of a part.  Where processes are going to exchange what
 * they have, the others can open it by its name.
 */
static BufFile *
create_file(const Population *population, int number)
{
	char		name[EXCHANGE_NAME_SIZE];

	if (population->exchange == NULL)
		return BufFileCreateTemp(false);
	exchange_file_name(name, population->exchange->slot, number);
	return BufFileCreateFileSet(exchange_files(population->exchange), name);
}

/* Write records that lie in a row as blocks of a temporary file. */
static void
write_blocks(const Population *population, BufFile *file, const char *at, const char *end,
			 Buffer *block)
{
	while (at < end)
	{
		const char *next = record_block_end(&population->layout, at, end);
		char	   *out = buffer_for(block, record_block_room(next - at));

		BufFileWrite(file, out, record_block_write(&population->layout, at, next, out));
		at = next;
	}
}

/* Write what waits for one of the files of a split. */
static void
write_waiting(const Population *population, Split *split, int file, Buffer *block)
{
	if (split->used[file] > 0)
		write_blocks(population, split->files->files[file], split->waiting[file],
					 split->waiting[file] + split->used[file], block);
	split->used[file] = 0;
}

/* Write one record to the temporary file of its hash. */
static void
split_record(const Population *population, Split *split, const char *record, size_t length,
			 Buffer *block)
{
	PopulationSpill *files = split->files;
	int			file = spill_file(record_hash(record), split->level);

	if (files->files[file] == NULL)
	{
		files->files[file] = BufFileCreateTemp(false);
		split->waiting[file] = palloc(WAITING_BYTES);
	}
	files->bytes[file] += length;
	files->records[file]++;
	if (length > WAITING_BYTES - split->used[file])
		write_waiting(population, split, file, block);
	if (length > WAITING_BYTES)
	{
		write_blocks(population, files->files[file], record, record + length, block);
		return;
	}
	memcpy(split->waiting[file] + split->used[file], record, length);
	split->used[file] += length;
}

/*
 * From one part to PARTS of them.
 */
static void
split_parts(Population *population)
{
	PopulationPart *whole = population->parts;
	PopulationPart all = *whole;
	PopulationChunk *chunk;
	PopulationChunk *first = NULL;

	Assert(population->part_mask == 0);
	pfree(whole);
	population->parts = MemoryContextAllocZero(population->context,
											   PARTS * sizeof(PopulationPart));
	population->part_mask = PARTS - 1;
	Assert(all.blocks.newest == NULL);
	if (all.records.newest != NULL)
		all.records.newest->used_end = all.records.next;

	/* turn the list of chunks around: the oldest first */
	while ((chunk = all.records.newest) != NULL)
	{
		all.records.newest = chunk->before;
		chunk->before = first;
		first = chunk;
	}
	while ((chunk = first) != NULL)
	{
		append_records(population, chunk_records(chunk), chunk->used_end);
		first = chunk->before;
		free_chunk(population, chunk);
	}
	population->site->used -= all.size;
	population->size -= all.size;
}

/* Write the records of one of PARTS parts to its temporary file. */
static void
spill_part(Population *population, int number, Buffer *block)
{
	PopulationPart *part = &population->parts[number];
	PopulationSpill *files = population->spill;
	PopulationChunk *chunk;

	if (part->n == 0)
		return;
	if (files->files[number] == NULL)
		files->files[number] = create_file(population, number);
	for (chunk = part->blocks.newest; chunk != NULL; chunk = chunk->before)
		BufFileWrite(files->files[number], chunk_records(chunk),
					 chunk_end(&part->blocks, chunk) - chunk_records(chunk));
	for (chunk = part->records.newest; chunk != NULL; chunk = chunk->before)
		write_blocks(population, files->files[number], chunk_records(chunk),
					 chunk_end(&part->records, chunk), block);
	files->bytes[number] += part_bytes(population, part);
	files->records[number] += part->n;
}

/* Move all records to temporary files. */
static void
spill(Population *population)
{
	MemoryContext old = MemoryContextSwitchTo(population->context);
	Buffer		block = {0};
	int			i;

	if (population->part_mask == 0)
		split_parts(population);
	if (population->spill == NULL)
		population->spill = palloc0(sizeof(PopulationSpill));
	if (population->site->keeps != NULL && population->site->keeps != population)
		free_kept(population->site->keeps);
	population->site->keeps = population;
	for (i = 0; i < PARTS; i++)
	{
		CHECK_FOR_INTERRUPTS();
		spill_part(population, i, &block);
		empty_part(population, &population->parts[i]);
	}
	if (block.bytes != NULL)
		pfree(block.bytes);
	MemoryContextSwitchTo(old);
}

/* Add a chunk of `size` bytes, or more, to chunks of a part. */
static void
add_chunk(Population *population, PopulationPart *part, Chunks *chunks, size_t size)
{
	PopulationChunk *chunk;

	/* what is packed again and again had better be small, for the cache */
	if (population->kept != NULL && size <= LARGEST_CHUNK &&
		!(is_packed(population) && chunks == &part->records))
	{
		chunk = population->kept;
		population->kept = chunk->before;
		size = chunk->size;
	}
	else if (size == LARGEST_CHUNK && population->size >= 2 * SLAB_SIZE)
		chunk = new_large_chunk(population);
	else
	{
		chunk = MemoryContextAllocHuge(population->context, size);
		chunk->slab = NULL;
	}
	chunk->before = chunks->newest;
	chunk->size = size;
	chunk->used_end = NULL;
	if (chunks->newest != NULL)
		chunks->newest->used_end = chunks->next;
	chunks->newest = chunk;
	chunks->next = chunk_records(chunk);
	chunks->end = (char *) chunk + size;
	part->size += size;
	population->size += size;
	population->site->used += size;
}

/* The size of a chunk of one of PARTS parts: they grow with it. */
static inline size_t
next_chunk_size(const PopulationPart *part)
{
	return Min(Max(part->size / 2, FIRST_PART_CHUNK), LARGEST_CHUNK);
}

/* Pack the records of one of PARTS parts.  Their chunk stays, if they have one. */
static void
pack_part(Population *population, PopulationPart *part)
{
	PopulationChunk *chunk = part->records.newest;
	const char *at = chunk == NULL ? NULL : chunk_records(chunk);
	const char *end = part->records.next;

	Assert(is_packed(population));
	Assert(chunk == NULL || chunk->before == NULL);
	while (at < end)
	{
		const char *next = record_block_end(&population->layout, at, end);

		if ((size_t) (part->blocks.end - part->blocks.next) < record_block_room(next - at))
			add_chunk(population, part, &part->blocks, next_chunk_size(part));
		part->blocks.next += record_block_write(&population->layout, at, next,
												part->blocks.next);
		at = next;
	}
	if (chunk != NULL)
		part->records.next = chunk_records(chunk);
}

/*
 * Make room for a record of `length` bytes in the part of `hash`, which is
 * returned; the room is at the `next` of its records.
 */
static PopulationPart *
reserve(Population *population, uint64 hash, size_t length)
{
	PopulationPart *part = population_part(population, hash);
	size_t		size;

	if (population->part_mask == 0 && part->size >= SPLIT_BYTES)
		split_parts(population);
	if (population->site->used >= population->site->limit &&
		population->size >= SPILL_SMALLEST)
		spill(population);
	part = population_part(population, hash);
	if (is_packed(population) && part->records.newest != NULL)
		pack_part(population, part);
	if ((size_t) (part->records.end - part->records.next) >= length)
		return part;

	if (population->part_mask == 0)
		size = Max(part->size, FIRST_CHUNK);
	else
		size = is_packed(population) ? FIRST_PART_CHUNK : next_chunk_size(part);
	add_chunk(population, part, &part->records,
			  Max(size, sizeof(PopulationChunk) + length));
	return part;
}

/* Append records that are laid out as the population's are. */
static void
append_records(Population *population, const char *at, const char *end)
{
	uint64		n;

	for (n = 0; at < end; n++)
	{
		const char *next = record_next(&population->layout, at);
		uint64		hash = record_hash(at);
		PopulationPart *part = population_part(population, hash);
		size_t		length = next - at;

		if (n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if ((size_t) (part->records.end - part->records.next) < length)
			part = reserve(population, hash, length);
		memcpy(part->records.next, at, length);
		part->records.next += length;
		part->n++;
		at = next;
	}
}

/* Append one record. */
static inline void
append_record(Population *population, const UserKey *user, const PopulationEvent *event)
{
	const bool	keyed = population->site->key_type.kind != USER_KEY_INTEGER;
	const int	nsteps = population->nsteps;
	uint64		conditions = nsteps == 0 ? 0 : event->step >> (64 - nsteps);
	size_t		size = population->layout.head;
	uint64		hash = spread(user->key);
	PopulationPart *part = population_part(population, hash);
	char	   *out;
	int			i;

	if (keyed)
		size += 4 + (size_t) user->length;
	if (holds(population, POPULATION_VALUES))
		size += 4 + (size_t) event->value.length;
	if (unlikely((size_t) (part->records.end - part->records.next) < size))
		part = reserve(population, hash, size);

	out = part->records.next;
	memcpy(out, &user->key, 8);
	memcpy(out + 8, &event->at, 8);
	out += 16;
	for (i = 0; i < population->layout.conditions; i++)
	{
		*out++ = (char) conditions;
		conditions >>= 8;
	}
	if (holds(population, POPULATION_SEQ))
	{
		memcpy(out, &event->seq, 8);
		out += 8;
	}
	if (holds(population, POPULATION_NODES))
	{
		memcpy(out, &event->node, 4);
		out += 4;
	}
	if (keyed)
	{
		memcpy(out, &user->length, 4);
		memcpy(out + 4, user->bytes, user->length);
		out += 4 + (size_t) user->length;
	}
	if (holds(population, POPULATION_VALUES))
	{
		uint32		marked = event->value.bytes == NULL ? 0 : event->value.length + 1;

		memcpy(out, &marked, 4);
		out += 4;
		if (marked > 1)
		{
			memcpy(out, event->value.bytes, event->value.length);
			out += event->value.length;
		}
	}
	part->records.next = out;
	part->n++;
	population->n++;
}

/*
 * Add an event of `user`.  Of the event only what the population holds counts.
 */
void
population_add(Population *population, Datum user, const PopulationEvent *event)
{
	UserKey		key = user_key(&population->site->key_type, &user);

	append_record(population, &key, event);
}

/* population_add_rows(), with so many bytes for the conditions of a row. */
static pg_attribute_always_inline void
add_rows(Population *population, const Datum *users, const Datum *ats, const Datum *steps,
		 const uint16 *rows, int n, int nbytes)
{
	const UserKeyType *type = &population->site->key_type;
	const int	shift = 64 - population->nsteps;
	const int	size = 16 + nbytes;
	int			i;
	int			k;

	for (i = 0; i < n; i++)
	{
		const int	row = rows[i];
		const uint64 key = integer_key(type, users[row]);
		const int64 at = DatumGetTimestampTz(ats[row]);
		const uint64 conditions = (uint64) DatumGetInt64(steps[row]) >> shift;
		const uint64 hash = spread(key);
		PopulationPart *part = population_part(population, hash);
		char	   *out;

		if (unlikely(part->records.end - part->records.next < size))
			part = reserve(population, hash, size);
		out = part->records.next;
		memcpy(out, &key, 8);
		memcpy(out + 8, &at, 8);
		for (k = 0; k < nbytes; k++)
			out[16 + k] = (char) (conditions >> 8 * k);
		part->records.next = out + size;
		part->n++;
	}
	population->n += n;
}

/*
 * Add the events of n rows, whose numbers are in `rows`, to a population that
 * holds neither values nor nodes nor an order within equal times, and whose
 * users are integers.
 */
void
population_add_rows(Population *population, const Datum *users, const Datum *ats,
					const Datum *steps, const uint16 *rows, int n)
{
	Assert(population->site->key_type.kind == USER_KEY_INTEGER);
	Assert(population->holds == 0 && population->nsteps > 0);
	switch (population->layout.conditions)
	{
		case 1:
			add_rows(population, users, ats, steps, rows, n, 1);
			break;
		case 2:
			add_rows(population, users, ats, steps, rows, n, 2);
			break;
		default:
			add_rows(population, users, ats, steps, rows, n,
					 population->layout.conditions);
	}
}

/*
 * Add the events of n rows, whose numbers are in `rows`, to a population that
 * holds nodes and nothing else, and whose users are integers.  The node of row
 * rows[i] is nodes[i].
 */
void
population_add_node_rows(Population *population, const Datum *users, const Datum *ats,
						 const uint32 *nodes, const uint16 *rows, int n)
{
	const UserKeyType type = population->site->key_type;
	const int	size = 16 + 4;
	int			i;

	Assert(type.kind == USER_KEY_INTEGER);
	Assert(population->holds == POPULATION_NODES && population->nsteps == 0);
	for (i = 0; i < n; i++)
	{
		const uint64 key = integer_key(&type, users[rows[i]]);
		const int64 at = DatumGetTimestampTz(ats[rows[i]]);
		const uint64 hash = spread(key);
		PopulationPart *part = population_part(population, hash);
		char	   *out;

		if (unlikely(part->records.end - part->records.next < size))
			part = reserve(population, hash, size);
		out = part->records.next;
		__builtin_prefetch(out + 128, 1);
		memcpy(out, &key, 8);
		memcpy(out + 8, &at, 8);
		memcpy(out + 16, &nodes[i], 4);
		part->records.next = out + size;
		part->n++;
	}
	population->n += n;
}

/*
 * Grouping a partition.
 */

/* An event together with what else decides its place, for sorting. */
typedef struct FullEvent
{
	Event		event;
	int64		seq;
	EventValue	value;
} FullEvent;

/* The order of values: none first, then by their bytes. */
static inline bool
value_before(const EventValue *a, const EventValue *b)
{
	int			order;

	if (a->bytes == NULL || b->bytes == NULL)
		return a->bytes == NULL && b->bytes != NULL;
	order = memcmp(a->bytes, b->bytes, Min(a->length, b->length));
	return order != 0 ? order < 0 : a->length < b->length;
}

/* The event order with all that belongs to it. */
static inline bool
full_before(const FullEvent *a, const FullEvent *b)
{
	if (a->event.at != b->event.at)
		return a->event.at < b->event.at;
	if (a->seq != b->seq)
		return a->seq < b->seq;
	if (a->event.step != b->event.step)
		return a->event.step > b->event.step;
	return value_before(&a->value, &b->value);
}

#define MERGE_SORT_NAME sort_full
#define MERGE_SORT_TYPE FullEvent
#define MERGE_SORT_BEFORE(a, b, arg) full_before(a, b)
#include "base/merge_sort.h"

/*
 * Workspace of a visit, kept from partition to partition and from part to part.
 */
typedef struct Workspace
{
	Buffer		loaded;			/* records of a block of a temporary file */
	Buffer		scattered;		/* records by partitions */
	uint64		room;			/* that each partition had when it was guessed last */
	Buffer		block;			/* of a temporary file */
	uint64		records;		/* for so many there is room */
	uint32	   *numbers;		/* the user of each record */
	PartitionUser *users;		/* half as many as slots */
	uint32	   *slots;			/* hash table of user numbers + 1 */
	uint64		nslots;
	int			slots_log2;
	uint64		factor;			/* see hash_slot() */
	Event	   *events;
	Event	   *scratch;
	int64	   *seqs;			/* only with seq */
	EventValue *values;			/* only with values */
	uint64		full_records;	/* for so many there is room in what follows */
	FullEvent  *full;			/* for sorting one user's, with seq or values */
	FullEvent  *full_scratch;
} Workspace;

static void *
workspace_array(void *old, uint64 n, size_t size)
{
	if (old != NULL)
		pfree(old);
	return MemoryContextAllocHuge(CurrentMemoryContext, n * size);
}

static void
workspace_for(Workspace *work, uint64 records, const Population *population)
{
	if (records > UINT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many events of users that cannot be told apart by their hash")));
	if (work->slots == NULL)
	{
		work->slots_log2 = records < PARTITION_RECORDS / 2 ? FIRST_SLOTS_LOG2 : FIRST_SLOTS_LOG2 + 2;
		work->nslots = UINT64_C(1) << work->slots_log2;
		work->factor = user_slot_factor();
		work->slots = palloc(work->nslots * sizeof(uint32));
		work->users = palloc(work->nslots / 2 * sizeof(PartitionUser));
	}
	if (records > work->records)
	{
		work->records = records;
		work->numbers = workspace_array(work->numbers, records, sizeof(uint32));
		work->events = workspace_array(work->events, records, sizeof(Event));
		work->scratch = workspace_array(work->scratch, events_sort_scratch(records),
										sizeof(Event));
		if (holds(population, POPULATION_SEQ))
			work->seqs = workspace_array(work->seqs, records, sizeof(int64));
		if (holds(population, POPULATION_VALUES))
			work->values = workspace_array(work->values, records, sizeof(EventValue));
	}
	memset(work->slots, 0, work->nslots * sizeof(uint32));
}

/* Double the room for users, and lay out the hash table anew. */
static void
grow_users(Workspace *work, uint32 nusers)
{
	uint32		i;

	work->nslots = UINT64_C(1) << ++work->slots_log2;
	work->users = repalloc_huge(work->users, work->nslots / 2 * sizeof(PartitionUser));
	work->slots = repalloc_huge(work->slots, work->nslots * sizeof(uint32));
	memset(work->slots, 0, work->nslots * sizeof(uint32));
	for (i = 0; i < nusers; i++)
	{
		uint64		slot = hash_slot(spread(work->users[i].user.key), work->factor,
									 work->slots_log2);

		while (work->slots[slot] != 0)
			slot = (slot + 1) & (work->nslots - 1);
		work->slots[slot] = i + 1;
	}
}

/* Put one user's events into the event order, what goes with them along. */
static void
order_events(Workspace *work, Event *events, int64 *seqs, EventValue *values, size_t n)
{
	size_t		i;

	if (seqs == NULL && values == NULL)
	{
		events_sort(events, n, work->scratch);
		return;
	}

	/* mostly they are in order, and often no two are at the same time */
	for (i = 1; i < n; i++)
		if (events[i].at <= events[i - 1].at &&
			(events[i].at < events[i - 1].at || seqs == NULL || seqs[i] <= seqs[i - 1]))
			break;
	if (i >= n)
		return;

	if (n > work->full_records)
	{
		work->full_records = Max(n, work->full_records * 2);
		work->full = workspace_array(work->full, work->full_records, sizeof(FullEvent));
		work->full_scratch = workspace_array(work->full_scratch,
											 events_sort_scratch(work->full_records),
											 sizeof(FullEvent));
	}
	for (i = 0; i < n; i++)
	{
		static const EventValue no_value = {NULL, 0};

		work->full[i].event = events[i];
		work->full[i].seq = seqs == NULL ? 0 : seqs[i];
		work->full[i].value = values == NULL ? no_value : values[i];
	}
	sort_full(work->full, n, work->full_scratch, NULL);
	for (i = 0; i < n; i++)
	{
		events[i] = work->full[i].event;
		if (seqs != NULL)
			seqs[i] = work->full[i].seq;
		if (values != NULL)
			values[i] = work->full[i].value;
	}
}

/* Of events in the event order, say which have the time and seq of the one before. */
static void
mark_ties(Event *events, const int64 *seqs, size_t n)
{
	size_t		i;

	for (i = 1; i < n; i++)
		if (events[i].at == events[i - 1].at && seqs[i] == seqs[i - 1])
			events[i].step |= EVENT_TIED;
}

/* A value that is being written, in one growing piece: see population_serialize(). */
typedef struct Packing
{
	const Population *population;
	char	   *data;			/* begins with the varlena header */
	uint64		used;
	uint64		capacity;
	int			partition;		/* that of the latest user */
	uint32		sizes[PARTS]; /* bytes of each partition */
} Packing;

/* What is done for each user: a visitor is called, or the user is packed. */
typedef struct Visit
{
	PopulationVisitor visit;
	void	   *arg;
	Packing    *packing;		/* NULL: call the visitor */
	bool		keep;			/* leave the population as it is */
} Visit;

/* Make room for `size` more bytes. */
static ByteWriter
pack_reserve(Packing *packing, uint64 size)
{
	ByteWriter	out;

	if (packing->used + size > packing->capacity)
	{
		if (packing->used + size > MaxAllocSize)
			(void) serialized_alloc(packing->used + size);	/* says so */
		packing->capacity = Min(Max(packing->capacity * 2, packing->used + size), MaxAllocSize);
		packing->data = repalloc_huge(packing->data, packing->capacity);
	}
	out.at = (unsigned char *) packing->data + packing->used;
	return out;
}

/* An event's conditions with condition N in the lowest bit. */
static inline uint64
conditions_number(const Population *population, const Event *event)
{
	return event->step >> (64 - population->nsteps);
}

static void
pack_user(Packing *packing, const UserKey *user, const Event *events, const int64 *seqs,
		  const EventValue *values, size_t n)
{
	const Population *population = packing->population;
	const bool	keyed = population->site->key_type.kind != USER_KEY_INTEGER;
	const bool	nodes = holds(population, POPULATION_NODES);
	uint64		size = number_size(fold_sign((int64) user->key)) + number_size(n);
	int64		before = 0;
	ByteWriter	out;
	size_t		i;

	if (keyed)
		size += number_size(user->length) + user->length;
	for (i = 0; i < n; i++)
	{
		size += number_size(fold_sign((int64) time_between(before, events[i].at)));
		before = events[i].at;
		if (population->nsteps > 0)
			size += number_size(conditions_number(population, &events[i]));
		if (seqs != NULL)
			size += number_size(fold_sign(seqs[i]));
		if (nodes)
			size += number_size(event_node(&events[i]));
		if (values != NULL)
			size += number_size((uint64) values[i].length + 1) + values[i].length;
	}

	/* users come partition by partition */
	Assert(spill_file(spread(user->key), 0) >= packing->partition);
	packing->partition = spill_file(spread(user->key), 0);
	packing->sizes[packing->partition] += (uint32) size;

	out = pack_reserve(packing, size);
	write_number(&out, fold_sign((int64) user->key));
	if (keyed)
	{
		write_number(&out, user->length);
		write_bytes(&out, user->bytes, user->length);
	}
	write_number(&out, n);
	before = 0;
	for (i = 0; i < n; i++)
	{
		write_number(&out, fold_sign((int64) time_between(before, events[i].at)));
		before = events[i].at;
		if (population->nsteps > 0)
			write_number(&out, conditions_number(population, &events[i]));
	}
	for (i = 0; (seqs != NULL || nodes || values != NULL) && i < n; i++)
	{
		if (seqs != NULL)
			write_number(&out, fold_sign(seqs[i]));
		if (nodes)
			write_number(&out, event_node(&events[i]));
		if (values == NULL)
			continue;
		write_number(&out, values[i].bytes == NULL ? 0 : (uint64) values[i].length + 1);
		write_bytes(&out, values[i].bytes, values[i].length);
	}
	packing->used = (char *) out.at - packing->data;
}

/* Visit the users of records that lie in a row and are no user's only in part. */
static pg_attribute_always_inline void
visit_shaped(const Population *population, RecordShape shape, const char *records,
			 const char *end, uint64 n, Workspace *work, const Visit *visit)
{
	UserKeyType *key_type = &population->site->key_type;
	const bool	any = shape == RECORDS_OF_ANY_SHAPE;
	const bool	integer = !any || key_type->kind == USER_KEY_INTEGER;
	const uint64 size = population->nsteps;
	const int	shift = 64 - Max(population->nsteps, 1);
	const bool	nodes = any ? holds(population, POPULATION_NODES) : shape == RECORDS_WITH_NODES;
	const uint32 *ranks = nodes ? population->nodes->ranks : NULL;
	const bool	with_seq = any && holds(population, POPULATION_SEQ);
	const bool	with_values = any && holds(population, POPULATION_VALUES);
	const char *at;
	uint32		nusers = 0;
	uint32		first = 0;
	uint32		i;

	workspace_for(work, n, population);

	/* number the users and count their events */
	for (at = records, i = 0; at < end; i++)
	{
		Record		record;
		uint64		slot;

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		at = read_shaped(population, shape, at, &record);
		slot = hash_slot(spread(record.user.key), work->factor, work->slots_log2);
		while (work->slots[slot] != 0 &&
			   (work->users[work->slots[slot] - 1].user.key != record.user.key ||
				(!integer &&
				 !user_keys_equal(key_type, &work->users[work->slots[slot] - 1].user, &record.user))))
			slot = (slot + 1) & (work->nslots - 1);
		if (work->slots[slot] == 0)
		{
			work->users[nusers].user = record.user;
			work->users[nusers].filled = 0;
			work->slots[slot] = ++nusers;
			if (nusers == work->nslots / 2)
			{
				grow_users(work, nusers);
				work->numbers[i] = nusers - 1;
				work->users[nusers - 1].filled = 1;
				continue;
			}
		}
		work->numbers[i] = work->slots[slot] - 1;
		work->users[work->numbers[i]].filled++;
	}
	Assert(i == n);

	for (i = 0; i < nusers; i++)
	{
		work->users[i].first = first;
		first += work->users[i].filled;
		work->users[i].filled = 0;
	}

	/* lay each user's events side by side */
	for (at = records, i = 0; at < end; i++)
	{
		Record		record;
		PartitionUser *user = &work->users[work->numbers[i]];
		uint32		place = user->first + user->filled++;

		at = read_shaped(population, shape, at, &record);
		work->events[place].at = record.at;
		if (nodes)
			work->events[place].step = record.conditions << shift | (uint32) ~ranks[record.node];
		else
			work->events[place].step = record.conditions << shift | size;
		if (with_seq)
			work->seqs[place] = record.seq;
		if (with_values)
			work->values[place] = record.value;
	}

	for (i = 0; i < nusers; i++)
	{
		PartitionUser *user = &work->users[i];
		Event	   *events = work->events + user->first;
		int64	   *seqs = with_seq ? work->seqs + user->first : NULL;
		EventValue *values = with_values ? work->values + user->first : NULL;

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		order_events(work, events, seqs, values, user->filled);
		if (unlikely(visit->packing != NULL))
			pack_user(visit->packing, &user->user, events, seqs, values, user->filled);
		else
		{
			if (with_seq && !nodes)
				mark_ties(events, seqs, user->filled);
			visit->visit(visit->arg, &user->user, events, values, user->filled);
		}
	}
}

static void
visit_partition(const Population *population, const char *records, const char *end,
				uint64 n, Workspace *work, const Visit *visit)
{
	switch (record_shape(population))
	{
		case RECORDS_WITH_STEPS:
			visit_shaped(population, RECORDS_WITH_STEPS, records, end, n, work, visit);
			break;
		case RECORDS_WITH_NODES:
			visit_shaped(population, RECORDS_WITH_NODES, records, end, n, work, visit);
			break;
		default:
			visit_shaped(population, RECORDS_OF_ANY_SHAPE, records, end, n, work, visit);
	}
}

/* The bits of a hash that choose the partition, below those of spill levels. */
static inline uint32
partition_of(uint64 hash, int level, int bits)
{
	return bits == 0 ? 0 : (uint32) (hash << (PART_BITS * level) >> (64 - bits));
}

/* A row of records in memory, or of blocks of them. */
typedef struct Span
{
	const char *begin;
	const char *end;
	bool		blocks;
	bool		first;			/* do they not go on with those before? */
	const uint32 *nodes;		/* new numbers for their nodes, or NULL */
} Span;

/* The time of a record. */
static inline int64
record_time(const char *record)
{
	int64		at;

	memcpy(&at, record + 8, 8);
	return at;
}

/* A temporary file that is read. */
typedef struct SourceFile
{
	BufFile    *file;
	uint64		bytes;			/* of its records, as they are in memory */
	const uint32 *nodes;		/* new numbers for its nodes, or NULL */
} SourceFile;

/*
 * Where the records that are visited together lie: in memory and in temporary
 * files, which are read a block at a time, so that they need not be in memory
 * besides as they are scattered.
 */
typedef struct Source
{
	Span	   *spans;
	int			nspans;
	SourceFile *files;
	int			nfiles;
	uint64		n;				/* records */
	uint64		bytes;			/* that they take in memory */

	/* how far it has been read */
	Span		now;			/* what is left of the span that is read */
	int			span;			/* the one after it */
	int			file;
	uint64		left;			/* bytes of records to come from that file */
} Source;

static void
rewind_file(BufFile *file)
{
	if (BufFileSeek(file, 0, 0, SEEK_SET) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not rewind a temporary file of pg_journey")));
}

/* Read `length` bytes of a temporary file, or fail. */
static void
read_exact(BufFile *file, void *out, size_t length)
{
	if (BufFileRead(file, out, length) != length)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read from a temporary file of pg_journey")));
}

/* What was read from a temporary file is not what was written. */
static void
refuse_block(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("a temporary file of pg_journey is damaged")));
}

/* Read the next block of a temporary file, of which `left` bytes of records are left. */
static RecordBlock
read_block(BufFile *file, uint64 left, Buffer *block)
{
	RecordBlock header;

	read_exact(file, &header, sizeof(header));
	if (header.raw == 0 || header.raw > left || header.size > record_block_room(header.raw))
		refuse_block();
	read_exact(file, buffer_for(block, header.size + RECORD_BLOCK_SLACK), header.size);
	return header;
}

/* Read the records of a block to `out`. */
static void
read_block_records(const Population *population, RecordBlock header, const Buffer *block, char *out)
{
	if (!record_block_read(&population->layout, block->bytes, header.size, out, header.raw))
		refuse_block();
}

/* Read the records of a temporary file, `bytes` of them, to `out`. */
static void
read_records(const Population *population, BufFile *file, char *out, uint64 bytes, Buffer *block)
{
	while (bytes > 0)
	{
		RecordBlock header = read_block(file, bytes, block);

		CHECK_FOR_INTERRUPTS();
		read_block_records(population, header, block, out);
		out += header.raw;
		bytes -= header.raw;
	}
}

/* Begin to read the next file of a source. */
static void
begin_file(Source *source)
{
	source->left = 0;
	if (source->file < source->nfiles)
	{
		rewind_file(source->files[source->file].file);
		source->left = source->files[source->file].bytes;
	}
}

/* Begin to read a source, for the first time or once more. */
static void
begin_source(Source *source)
{
	source->now.begin = source->now.end = NULL;
	source->span = 0;
	source->file = 0;
	begin_file(source);
}

/*
 * Take from a span what can be read at once: all its records, or those of its
 * first block, which are in `buffer` then.  FALSE if nothing is left.
 */
static bool
take_records(const Population *population, Span *span, Buffer *buffer, Span *records)
{
	RecordBlock header;
	char	   *out;

	*records = *span;
	if (span->begin == span->end)
		return false;
	if (!span->blocks)
	{
		span->begin = span->end;
		return true;
	}
	memcpy(&header, span->begin, sizeof(header));
	out = buffer_for(buffer, header.raw);
	if (!record_block_read(&population->layout, span->begin + sizeof(header), header.size,
						   out, header.raw))
		refuse_block();
	span->begin += sizeof(header) + header.size;
	span->first = false;
	records->begin = out;
	records->end = out + header.raw;
	records->blocks = false;
	return true;
}

/* The next records of a source; those of a block stay until the next call. */
static bool
next_span(const Population *population, Source *source, Workspace *work, Span *span)
{
	const SourceFile *file;
	RecordBlock header;
	char	   *records;

	CHECK_FOR_INTERRUPTS();
	for (;;)
	{
		if (take_records(population, &source->now, &work->loaded, span))
			return true;
		if (source->span == source->nspans)
			break;
		source->now = source->spans[source->span++];
	}
	while (source->left == 0)
	{
		if (source->file >= source->nfiles)
			return false;
		source->file++;
		begin_file(source);
	}
	file = &source->files[source->file];
	header = read_block(file->file, source->left, &work->block);
	records = buffer_for(&work->loaded, header.raw);
	read_block_records(population, header, &work->block, records);
	source->left -= header.raw;
	*span = (Span) {records, records + header.raw, .first = true, .nodes = file->nodes};
	return true;
}

/* Copy all records of a source to `out`, one after the other. */
static void
copy_source(const Population *population, Source *source, char *out, Workspace *work)
{
	Span		span;

	begin_source(source);
	while (next_span(population, source, work, &span))
	{
		const size_t length = span.end - span.begin;

		memcpy(out, span.begin, length);
		if (span.nodes != NULL)
			renumber_nodes(population, out, out + length, span.nodes);
		out += length;
	}
}

/* Add up how many bytes of a span fall into each partition. */
static pg_attribute_always_inline void
measure_shaped(const Population *population, RecordShape shape, const Span *span,
			   int level, int bits, uint64 *bytes)
{
	const char *at = span->begin;

	while (at < span->end)
	{
		const char *next = skip_shaped(population, shape, at);

		bytes[partition_of(record_hash(at), level, bits)] += next - at;
		at = next;
	}
}

static void
measure_span(const Population *population, const Span *span, int level, int bits,
			 uint64 *bytes)
{
	switch (record_shape(population))
	{
		case RECORDS_WITH_STEPS:
			measure_shaped(population, RECORDS_WITH_STEPS, span, level, bits, bytes);
			break;
		case RECORDS_WITH_NODES:
			measure_shaped(population, RECORDS_WITH_NODES, span, level, bits, bytes);
			break;
		default:
			measure_shaped(population, RECORDS_OF_ANY_SHAPE, span, level, bits, bytes);
	}
}

/*
 * Where the records of each partition go.
 */
typedef struct Partitions
{
	int			n;
	char	  **begin;
	char	  **next;			/* where the next record goes */
	char	  **end;			/* where there is no more room */
	uint64	   *counts;			/* records */
} Partitions;

/* Records that come no later than until, in microseconds, after first. */
typedef struct Turn
{
	int64		first;
	uint64		until;
} Turn;

/*
 * Copy the records of a span to their partitions, up to the first that is not of
 * the turn if there is one, and take them from the span; FALSE if one does not
 * fit.
 */
static pg_attribute_always_inline bool
fill_shaped(const Population *population, RecordShape shape, Span *span, const Turn *turn,
			int level, int bits, Partitions *partitions)
{
	char	  **const next_of = partitions->next;
	char	  **const end_of = partitions->end;
	const uint32 *nodes = span->nodes;
	const char *at = span->begin;

	while (at < span->end)
	{
		const char *next = skip_shaped(population, shape, at);
		uint32		partition = partition_of(record_hash(at), level, bits);
		char	   *out = next_of[partition];

		if (turn != NULL && time_between(turn->first, record_time(at)) > turn->until)
			break;
		if (unlikely(end_of[partition] - out < next - at))
			return false;
		memcpy(out, at, next - at);
		if (nodes != NULL)
			renumber_node(population, out, nodes);
		next_of[partition] = out + (next - at);
		if (shape == RECORDS_OF_ANY_SHAPE)
			partitions->counts[partition]++;
		at = next;
	}
	span->begin = at;
	return true;
}

static bool
fill_span(const Population *population, Span *span, const Turn *turn, int level, int bits,
		  Partitions *partitions)
{
	switch (record_shape(population))
	{
		case RECORDS_WITH_STEPS:
			return fill_shaped(population, RECORDS_WITH_STEPS, span, turn, level, bits, partitions);
		case RECORDS_WITH_NODES:
			return fill_shaped(population, RECORDS_WITH_NODES, span, turn, level, bits, partitions);
		default:
			return fill_shaped(population, RECORDS_OF_ANY_SHAPE, span, turn, level, bits, partitions);
	}
}

/* Spans that go on with each other: the records of one process. */
typedef struct Stream
{
	Span		records;		/* what is left of those that are read */
	Buffer		buffer;			/* where they are if they come from a block */
	Span		span;			/* what is left of their span */
	int			next;			/* the one after it */
	int			end;			/* that of the next stream */
} Stream;

/* Where turns are shorter on the average, streams take no more after so many. */
#define SHORTEST_TURN	4
#define TRIAL_TURNS		1024

/* Read on in a stream; FALSE if it is at its end. */
static bool
next_of_stream(const Population *population, const Source *source, Stream *stream)
{
	while (!take_records(population, &stream->span, &stream->buffer, &stream->records))
	{
		if (stream->next == stream->end)
		{
			if (stream->buffer.bytes != NULL)
				pfree(stream->buffer.bytes);
			return false;
		}
		stream->span = source->spans[stream->next++];
	}
	return true;
}

/*
 * Which stream is next: the one whose record comes first after turn->first.  It
 * stays so up to turn->until.
 */
static Stream *
next_stream(Stream *streams, int n, Turn *turn)
{
	Stream	   *next = streams;
	uint64		least = time_between(turn->first, record_time(streams->records.begin));
	int			i;

	turn->until = PG_UINT64_MAX;
	for (i = 1; i < n; i++)
	{
		const uint64 after = time_between(turn->first, record_time(streams[i].records.begin));

		if (after < least)
		{
			turn->until = least;
			least = after;
			next = &streams[i];
		}
		else
			turn->until = Min(turn->until, after);
	}
	return next;
}

/*
 * Copy the records of several processes in memory to their partitions; FALSE if
 * one does not fit.
 *
 * Processes read a table that is in the order of time side by side, so their
 * records take turns by time: then the events of a user come in order, too, and
 * need not be sorted.  A scan may begin anywhere and go on at the table's
 * beginning, so times are taken as those after the first.  Where there is no
 * such order, records come process by process.
 */
static bool
fill_in_turn(const Population *population, const Source *source, int nstreams, int level,
			 int bits, Partitions *partitions)
{
	Stream	   *streams = palloc(nstreams * sizeof(Stream));
	bool		in_turn = true;
	bool		fits = true;
	uint64		bytes = 0;
	uint64		turns = 0;
	Turn		turn;
	int			n = 0;
	int			i;

	for (i = 0; i < source->nspans; i++)
	{
		if (n == 0 || source->spans[i].first)
			streams[n++] = (Stream) {.span = source->spans[i], .next = i + 1, .end = i + 1};
		else
			streams[n - 1].end = i + 1;
	}
	Assert(n == nstreams);
	for (i = 0; i < n; i++)
	{
		(void) take_records(population, &streams[i].span, &streams[i].buffer, &streams[i].records);
		turn.first = i == 0 ? record_time(streams[i].records.begin) :
			Min(turn.first, record_time(streams[i].records.begin));
	}

	while (n > 0 && fits)
	{
		Stream	   *stream = in_turn ? next_stream(streams, n, &turn) : streams;
		const char *begin = stream->records.begin;

		CHECK_FOR_INTERRUPTS();
		fits = fill_span(population, &stream->records, in_turn ? &turn : NULL, level, bits,
						 partitions);
		bytes += stream->records.begin - begin;
		turns++;
		in_turn &= bytes >= SHORTEST_TURN * turns * population->layout.head || turns < TRIAL_TURNS;
		if (stream->records.begin == stream->records.end &&
			!next_of_stream(population, source, stream))
			memmove(stream, stream + 1, (streams + --n - stream) * sizeof(Stream));
	}
	for (i = 0; i < n; i++)
		if (streams[i].buffer.bytes != NULL)
			pfree(streams[i].buffer.bytes);
	pfree(streams);
	return fits;
}

/* Copy the records of a source to their partitions; FALSE if one does not fit. */
static bool
fill_partitions(const Population *population, Source *source, int level, int bits,
				Partitions *partitions, Workspace *work)
{
	const size_t size = population->layout.head;
	int			nstreams = 0;
	Span		span;
	int			i;

	memset(partitions->counts, 0, partitions->n * sizeof(uint64));
	for (i = 0; i < source->nspans; i++)
		nstreams += i == 0 || source->spans[i].first;
	if (nstreams > 1 && source->nfiles == 0)
	{
		if (!fill_in_turn(population, source, nstreams, level, bits, partitions))
			return false;
	}
	else
	{
		begin_source(source);
		while (next_span(population, source, work, &span))
			if (!fill_span(population, &span, NULL, level, bits, partitions))
				return false;
	}
	for (i = 0; record_shape(population) != RECORDS_OF_ANY_SHAPE && i < partitions->n; i++)
		partitions->counts[i] = (uint64) (partitions->next[i] - partitions->begin[i]) / size;
	return true;
}

/*
 * Let partitions be half as large again as they are on the average, without
 * measuring them first: mostly users share them evenly.  Memory that is not
 * filled is not taken, and from part to part partitions stay where they are, so
 * that it is much the same that is filled.  FALSE if there is more than memory
 * is meant to hold: then some user has most of it.
 */
static bool
guess_partitions(const Population *population, const Source *source, int bits,
				 Partitions *partitions, Workspace *work)
{
	const uint64 even = source->bytes >> bits;
	char	   *at;
	int			i;

	if (source->bytes > population->site->limit)
		return false;
	if (work->room < even + even / 4 || work->room > 2 * even)
		work->room = even + even / 2;
	at = buffer_for(&work->scattered, work->room << bits);
	for (i = 0; i < partitions->n; i++)
	{
		partitions->begin[i] = partitions->next[i] = at;
		at += work->room;
		partitions->end[i] = at;
	}
	return true;
}

/* Let partitions be just as large as their records need. */
static void
measure_partitions(const Population *population, Source *source, int level, int bits,
				   Partitions *partitions, Workspace *work)
{
	uint64	   *lengths = palloc0(partitions->n * sizeof(uint64));
	char	   *at = buffer_for(&work->scattered, source->bytes);
	Span		span;
	int			i;

	begin_source(source);
	while (next_span(population, source, work, &span))
		measure_span(population, &span, level, bits, lengths);
	for (i = 0; i < partitions->n; i++)
	{
		partitions->begin[i] = partitions->next[i] = at;
		at += lengths[i];
		partitions->end[i] = at;
	}
	Assert(at == work->scattered.bytes + source->bytes);
	pfree(lengths);
}

/*
 * Visit the users of a source, splitting it first into partitions that fit the
 * cache.
 */
static void
visit_source(const Population *population, Source *source, int level, Workspace *work,
			 const Visit *visit)
{
	Partitions	partitions;
	int			bits = 0;
	int			i;

	while (source->n >> bits > PARTITION_RECORDS && 1 << bits < MOST_PARTITIONS)
		bits++;
	if (bits == 0)
	{
		const char *records;

		if (source->nspans == 1 && source->nfiles == 0 && !source->spans[0].blocks &&
			source->spans[0].nodes == NULL)
			records = source->spans[0].begin;
		else
		{
			char	   *copy = buffer_for(&work->scattered, source->bytes);

			copy_source(population, source, copy, work);
			records = copy;
		}
		visit_partition(population, records, records + source->bytes, source->n, work, visit);
		return;
	}

	partitions.n = 1 << bits;
	partitions.begin = palloc(3 * partitions.n * sizeof(char *));
	partitions.next = partitions.begin + partitions.n;
	partitions.end = partitions.next + partitions.n;
	partitions.counts = palloc(partitions.n * sizeof(uint64));
	if (!guess_partitions(population, source, bits, &partitions, work) ||
		!fill_partitions(population, source, level, bits, &partitions, work))
	{
		measure_partitions(population, source, level, bits, &partitions, work);
		if (!fill_partitions(population, source, level, bits, &partitions, work))
			refuse_block();		/* a file has changed meanwhile */
	}
	for (i = 0; i < partitions.n; i++)
		if (partitions.counts[i] > 0)
			visit_partition(population, partitions.begin[i], partitions.next[i],
							partitions.counts[i], work, visit);
	pfree(partitions.counts);
	pfree(partitions.begin);
}

/* Begin to split records by the hash bits of a level. */
static Split *
begin_split(int level)
{
	Split	   *split = palloc0(sizeof(Split));

	split->files = palloc0(sizeof(PopulationSpill));
	split->level = level;
	return split;
}

/* Split records in memory. */
static void
split_records(const Population *population, const char *at, const char *end, Split *split,
			  Buffer *block)
{
	uint64		n;

	for (n = 0; at < end; n++)
	{
		const char *next = record_next(&population->layout, at);

		if (n % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		split_record(population, split, at, next - at, block);
		at = next;
	}
}

/* Split the records of a source. */
static void
split_source(const Population *population, Source *source, Split *split, Workspace *work)
{
	Span		span;

	begin_source(source);
	while (next_span(population, source, work, &span))
	{
		if (span.nodes != NULL)
		{
			const size_t length = span.end - span.begin;
			char	   *records = work->loaded.bytes;

			/* those of a block are there already */
			if (span.begin != records)
			{
				records = buffer_for(&work->loaded, length);
				memcpy(records, span.begin, length);
			}
			renumber_nodes(population, records, records + length, span.nodes);
			span.begin = records;
			span.end = records + length;
		}
		split_records(population, span.begin, span.end, split, &work->block);
	}
}

static void visit_file(const Population *population, PopulationSpill *files, int number,
					   int level, Workspace *work, const Visit *visit);

/* Visit the users of the files that something was split into. */
static void
visit_files(const Population *population, Split *split, Workspace *work, const Visit *visit)
{
	Visit		once = *visit;
	int			i;

	once.keep = false;
	for (i = 0; i < PARTS; i++)
	{
		write_waiting(population, split, i, &work->block);
		if (split->waiting[i] != NULL)
			pfree(split->waiting[i]);
	}
	for (i = 0; i < PARTS; i++)
		visit_file(population, split->files, i, split->level + 1, work, &once);
	pfree(split->files);
	pfree(split);
}

/*
 * Visit the users of a temporary file by splitting it.
 */
static void
visit_split(const Population *population, PopulationSpill *files, int number, int level,
			Workspace *work, const Visit *visit)
{
	Split	   *split = begin_split(level);
	SourceFile	file = {files->files[number], files->bytes[number], NULL};
	Source		source = {.files = &file, .nfiles = 1};

	split_source(population, &source, split, work);
	if (!visit->keep)
	{
		BufFileClose(files->files[number]);
		files->files[number] = NULL;
	}
	visit_files(population, split, work, visit);
}

/*
 * Visit the users of a temporary file, closing it.
 */
static void
visit_file(const Population *population, PopulationSpill *files, int number, int level,
		   Workspace *work, const Visit *visit)
{
	BufFile    *file = files->files[number];
	uint64		bytes = files->bytes[number];
	uint64		total = 0;
	SourceFile	source_file = {file, bytes, NULL};
	Source		source = {.files = &source_file, .nfiles = 1, .bytes = bytes};
	int			i;

	if (file == NULL)
		return;
	CHECK_FOR_INTERRUPTS();
	for (i = 0; i < PARTS; i++)
		total += files->bytes[i];
	/* a file that took most of its parent would not split any better */
	if (bytes > population->site->limit && level < SPILL_LEVELS && bytes < total / 4 * 3)
	{
		visit_split(population, files, number, level, work, visit);
		return;
	}
	source.n = files->records[number];
	visit_source(population, &source, level, work, visit);
	BufFileClose(file);
	files->files[number] = NULL;
}

/* Append the packed records of one partition to `part`, a part of `population`. */
static void
unpack(Population *part, const PopulationPacked *packed, int partition)
{
	const bool	keyed = part->site->key_type.kind != USER_KEY_INTEGER;
	const int	nsteps = part->nsteps;
	ByteReader	in = {(const unsigned char *) packed->bytes + packed->offsets[partition],
	(const unsigned char *) packed->bytes + packed->offsets[partition + 1], false};
	uint64	   *events = NULL;	/* times and conditions, in turn */
	uint64		capacity = 0;

	while (bytes_left(&in) > 0)
	{
		UserKey		user = {0, NULL, 0};
		uint64		before = 0;
		uint64		n;
		uint64		i;

		CHECK_FOR_INTERRUPTS();
		user.key = (uint64) unfold_sign(read_number(&in));
		if (keyed)
		{
			uint64		length = read_number(&in);

			user.bytes = (const char *) read_bytes(&in, length);
			user.length = (uint32) length;
		}
		n = read_number(&in);
		if (in.failed || n > bytes_left(&in) / 2)
			serialized_refuse();
		if (n > capacity)
		{
			if (events != NULL)
				pfree(events);
			capacity = Max(n, capacity * 2);
			events = MemoryContextAllocHuge(CurrentMemoryContext, capacity * 2 * sizeof(uint64));
		}
		for (i = 0; i < n; i++)
		{
			uint64		at = before + (uint64) unfold_sign(read_number(&in));
			uint64		conditions = nsteps == 0 ? 0 : read_number(&in);

			if (in.failed || conditions >> nsteps != 0 || !event_time_is_valid((int64) at))
				serialized_refuse();
			events[2 * i] = at;
			events[2 * i + 1] = conditions;
			before = at;
		}
		for (i = 0; i < n; i++)
		{
			PopulationEvent event = {.at = (int64) events[2 * i]};

			if (nsteps > 0)
				event.step = events[2 * i + 1] << (64 - nsteps);
			if (holds(part, POPULATION_SEQ))
				event.seq = unfold_sign(read_number(&in));
			if (holds(part, POPULATION_NODES))
			{
				uint64		node = read_number(&in);

				if (node >= packed->nnodes)
					serialized_refuse();
				event.node = packed->nodes[node];
			}
			if (holds(part, POPULATION_VALUES))
			{
				uint64		marked = read_number(&in);

				if (marked > 0)
				{
					event.value.bytes = (const char *) read_bytes(&in, marked - 1);
					event.value.length = (uint32) (marked - 1);
				}
			}
			if (in.failed)
				serialized_refuse();
			append_record(part, &user, &event);
		}
	}
	if (events != NULL)
		pfree(events);
	if (in.failed)
		serialized_refuse();
}

/* Add a row of records or blocks to a source, unless there is nothing in it. */
static void
add_span(Source *source, Span span)
{
	if (span.begin < span.end)
		source->spans[source->nspans++] = span;
}

/* How many chunks a part has. */
static int
count_chunks(const PopulationPart *part)
{
	PopulationChunk *chunk;
	int			n = 0;

	for (chunk = part->blocks.newest; chunk != NULL; chunk = chunk->before)
		n++;
	for (chunk = part->records.newest; chunk != NULL; chunk = chunk->before)
		n++;
	return n;
}

/* Add chunks to a source, the oldest first. */
static void
add_chunks(Source *source, const Chunks *chunks, bool blocks)
{
	const int	begin = source->nspans;
	PopulationChunk *chunk;
	int			i;
	int			k;

	for (chunk = chunks->newest; chunk != NULL; chunk = chunk->before)
		add_span(source, (Span) {chunk_records(chunk), chunk_end(chunks, chunk), blocks, false, NULL});
	for (i = begin, k = source->nspans - 1; i < k; i++, k--)
	{
		Span		span = source->spans[i];

		source->spans[i] = source->spans[k];
		source->spans[k] = span;
	}
}

/*
 * Add the records of a part in memory to a source that has room for count_chunks()
 * spans, so that events stay in the order of their coming.
 */
static void
add_part(const Population *population, Source *source, const PopulationPart *part)
{
	add_chunks(source, &part->blocks, true);
	add_chunks(source, &part->records, false);
	source->n += part->n;
	source->bytes += part_bytes(population, part);
}

/* The records of a part in memory, and room for `more` further spans. */
static Source
part_source(const Population *population, const PopulationPart *part, int more)
{
	Source		source = {.spans = palloc((count_chunks(part) + more) * sizeof(Span))};

	add_part(population, &source, part);
	return source;
}

/* Copy the records of a part in memory to `out`; returns where they end. */
static char *
copy_part(const Population *population, const PopulationPart *part, char *out)
{
	Source		source = part_source(population, part, 0);
	Workspace	work = {0};

	copy_source(population, &source, out, &work);
	if (work.loaded.bytes != NULL)
		pfree(work.loaded.bytes);
	pfree(source.spans);
	return out + source.bytes;
}

/* Add a temporary file with n records to a source. */
static void
add_file(Source *source, BufFile *file, uint64 bytes, uint64 n, const uint32 *nodes)
{
	source->files[source->nfiles].file = file;
	source->files[source->nfiles].bytes = bytes;
	source->files[source->nfiles++].nodes = nodes;
	source->bytes += bytes;
	source->n += n;
}

/* Open the temporary file of a part that another process has given. */
static BufFile *
open_given_file(const Population *population, const PopulationPacked *packed, int number)
{
	char		name[EXCHANGE_NAME_SIZE];

	exchange_file_name(name, packed->slot, number);
	return BufFileOpenFileSet(exchange_files(population->exchange), name, O_RDONLY, false);
}

/*
 * How many bytes the records of a part take that are in temporary files or packed,
 * this process's and others'.
 */
static uint64
bytes_to_load(const Population *population, int number)
{
	const uint64 size = is_packed(population) ? population->layout.head : 0;
	uint64		bytes = population->spill == NULL ? 0 : population->spill->bytes[number];
	const PopulationPacked *packed;

	bytes += size * population->parts[number].n;
	for (packed = population->packed; packed != NULL; packed = packed->next)
		if (packed->gift != NULL)
			bytes += packed->gift->file_bytes[number] + size * packed->gift->records[number];
	return bytes;
}

/* Add what another process has given or sent of a part to a source, unpacked. */
static void
add_packed(const Population *population, Source *source, const PopulationPacked *packed,
		   int number)
{
	const bool	blocks = packed->gift != NULL && is_packed(population);
	Span		span = {packed->bytes + packed->offsets[number],
	packed->bytes + packed->offsets[number + 1], blocks, true, packed->renumbers};

	add_span(source, span);
	source->n += packed->records[number];
	source->bytes += blocks ? (uint64) packed->records[number] * population->layout.head :
		(uint64) (span.end - span.begin);
	if (packed->gift != NULL && packed->gift->file_bytes[number] > 0)
		add_file(source, open_given_file(population, packed, number),
				 packed->gift->file_bytes[number], packed->gift->file_records[number],
				 packed->nodes);
}

/*
 * The records of a part: what is in memory, what has been spilled, and what came
 * from other processes and is not packed.  There is room for `more` further spans.
 */
static Source
whole_source(const Population *population, int number, int more)
{
	const PopulationSpill *files = population->spill;
	const PopulationPacked *packed;
	Source		source;
	int			others = 0;

	for (packed = population->packed; packed != NULL; packed = packed->next)
		others++;
	source = part_source(population, &population->parts[number], others + more);
	source.files = palloc((others + 1) * sizeof(SourceFile));
	for (packed = population->packed; packed != NULL; packed = packed->next)
		if (packed->raw)
			add_packed(population, &source, packed, number);
	if (files != NULL && files->files[number] != NULL)
		add_file(&source, files->files[number], files->bytes[number], files->records[number], NULL);
	return source;
}

/* Close the files of a source of a part; this process's own may be kept. */
static void
close_source(Population *population, Source *source, int number, bool keep)
{
	BufFile   **own = population->spill == NULL ? NULL : &population->spill->files[number];
	int			i;

	for (i = 0; i < source->nfiles; i++)
	{
		BufFile    *file = source->files[i].file;

		if (own != NULL && file == *own)
		{
			if (keep)
				continue;
			*own = NULL;
		}
		BufFileClose(file);
	}
	pfree(source->files);
	pfree(source->spans);
}

/*
 * Visit the users of a part that is too large to load, by splitting it.
 */
static void
visit_large_part(Population *population, int number, Workspace *work, const Visit *visit)
{
	Split	   *split = begin_split(1);
	Source		source;

	/* a file that is begun here would go with the visit, but be kept for the next */
	if (population->spill != NULL && population->spill->files[number] != NULL)
	{
		spill_part(population, number, &work->block);
		free_part(population, &population->parts[number]);
	}
	source = whole_source(population, number, 0);
	split_source(population, &source, split, work);
	close_source(population, &source, number, visit->keep);
	visit_files(population, split, work, visit);
}

/*
 * Visit the users of a part.
 */
static void
visit_part(Population *population, int number, Workspace *work, const Visit *visit)
{
	const PopulationPacked *packed;
	Population *unpacked = NULL;
	Source		source;
	int			chunks = 0;
	int			i;

	for (packed = population->packed; packed != NULL; packed = packed->next)
	{
		if (packed->raw)
			continue;
		if (unpacked == NULL)
		{
			PopulationSite *site = palloc(sizeof(PopulationSite));

			*site = *population->site;
			site->used = 0;
			site->limit = SIZE_MAX; /* a part is visited as a whole */
			unpacked = population_new(CurrentMemoryContext, site, NULL,
									  population->nsteps, population->holds);
		}
		unpack(unpacked, packed, number);
	}
	for (i = 0; unpacked != NULL && i < nparts(unpacked); i++)
		chunks += count_chunks(&unpacked->parts[i]);

	source = whole_source(population, number, chunks);
	for (i = 0; unpacked != NULL && i < nparts(unpacked); i++)
		add_part(population, &source, &unpacked->parts[i]);
	if (source.n > 0)
		visit_source(population, &source, 1, work, visit);
	close_source(population, &source, number, visit->keep);
	if (unpacked != NULL)
		release(unpacked);
	if (!visit->keep)
		free_part(population, &population->parts[number]);
}

/* Visit all users.  The population is used up, unless it is to be kept. */
static void
visit_all(Population *population, const Visit *visit)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "pg_journey population", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Workspace	work = {0};

	free_kept(population);

	/* packed users must come part by part, however few they are */
	if (population->part_mask == 0 && population->spill == NULL && population->packed == NULL &&
		visit->packing == NULL)
	{
		Source		source = part_source(population, population->parts, 0);

		if (source.n > 0)
			visit_source(population, &source, 0, &work, visit);
	}
	else
	{
		int			i;

		if (population->part_mask == 0)
			split_parts(population);
		for (i = 0; i < PARTS; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if ((population->finishes & UINT64CONST(1) << i) == 0)
				continue;
			if ((population->packed == NULL || population->packed->gift != NULL) &&
				bytes_to_load(population, i) > population->site->limit)
				visit_large_part(population, i, &work, visit);
			else
				visit_part(population, i, &work, visit);
		}
	}
	if (!visit->keep)
		release(population);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/*
 * Call `visit` for each user, in no particular order.  The population is used
 * up, but for the names of its nodes.
 */
void
population_visit(Population *population, PopulationVisitor visit, void *arg)
{
	Visit		all = {visit, arg, NULL, false};

	population_rank(population);
	visit_all(population, &all);
}

/* The same, but the population can be visited again, until it is released. */
void
population_visit_keeping(Population *population, PopulationVisitor visit, void *arg)
{
	Visit		all = {visit, arg, NULL, true};

	population_rank(population);
	visit_all(population, &all);
}

/* Use up a population that was kept. */
void
population_release(Population *population)
{
	release(population);
}

/*
 * Rank the nodes by their names, as every visit does: before it, names can be
 * looked up by their ranks.
 */
void
population_rank(Population *population)
{
	if (holds(population, POPULATION_NODES))
		nodes_rank(population->nodes);
}

/* The rank of a node by its name, or NODE_NONE if no event has it. */
uint32
population_find_node(const Population *population, TextSlice name)
{
	uint32		number = nodes_find(population->nodes, name);

	return number == NODE_NONE ? NODE_NONE : population->nodes->ranks[number];
}

/* The numbers that the nodes of another population have in `left`. */
static uint32 *
node_numbers(Population *left, const Nodes *nodes, bool *same)
{
	uint32	   *numbers = MemoryContextAllocHuge(left->context,
												 (nodes->n + 1) * sizeof(uint32));
	uint32		i;

	*same = true;
	for (i = 0; i < nodes->n; i++)
	{
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		numbers[i] = nodes_intern(left->nodes, nodes->names[i]);
		*same &= numbers[i] == i;
	}
	return numbers;
}

/*
 * Put the records of `right`, which has just been deserialised and is laid out
 * as `left` is, after those of `left`.
 */
void
population_combine(Population *left, const Population *right)
{
	uint32	   *numbers = NULL;
	bool		same = true;

	Assert(right->spill == NULL);
	Assert(left->nsteps == right->nsteps && left->holds == right->holds);
	left->newest = Max(left->newest, right->newest);
	if (results_combine(&left->results, left->n > 0, &right->results, left->context))
		return;
	if (holds(left, POPULATION_NODES))
		numbers = node_numbers(left, right->nodes, &same);
	if (right->packed != NULL &&
		!(right->packed->raw &&
		  left->site->used + right->packed->offsets[PARTS] > left->site->limit))
	{
		PopulationPacked *packed = MemoryContextAlloc(left->context, sizeof(PopulationPacked));
		uint64		length = right->packed->offsets[PARTS];
		char	   *bytes = MemoryContextAllocHuge(left->context, Max(length, 1));

		Assert(right->packed->next == NULL);
		*packed = *right->packed;
		memcpy(bytes, right->packed->bytes, length);
		packed->bytes = bytes;
		packed->next = left->packed;
		left->packed = packed;
		if (!packed->raw)
		{
			packed->nodes = numbers;
			packed->nnodes = numbers == NULL ? 0 : right->nodes->n;
			numbers = NULL;
		}
		else
		{
			left->site->used += length;
			left->size += length;
			if (!same)
				renumber_nodes(left, bytes, bytes + length, numbers);
		}
	}
	else if (right->packed != NULL || right->received_length > 0)
	{
		char	   *copy = NULL;
		const char *records = right->packed != NULL ? right->packed->bytes : right->received;
		size_t		length = right->packed != NULL ? right->packed->offsets[PARTS] :
			right->received_length;

		if (!same)
		{
			copy = MemoryContextAllocHuge(left->context, length);
			memcpy(copy, records, length);
			renumber_nodes(left, copy, copy + length, numbers);
			records = copy;
		}
		append_records(left, records, records + length);
		if (copy != NULL)
			pfree(copy);
	}
	if (numbers != NULL)
		pfree(numbers);
	left->n += right->n;
}

/* Copy the chunks of a part to `out`, one after the other. */
static void
give_part(const Population *population, const PopulationPart *part, char *out)
{
	Source		source = part_source(population, part, 0);
	int			i;

	for (i = 0; i < source.nspans; i++)
	{
		const Span *span = &source.spans[i];

		memcpy(out, span->begin, span->end - span->begin);
		out += span->end - span->begin;
	}
	pfree(source.spans);
}

/*
 * Give the parts that others finish: what is in memory in shared memory, what
 * was spilled in its files.  FALSE if there is no shared memory for it.
 */
static bool
give_parts(Population *population, Exchange *exchange)
{
	UserKeyType *key_type = &population->site->key_type;
	PopulationSpill *files = population->spill;
	uint64		names = population->nodes == NULL ? 0 : nodes_size(population->nodes);
	uint64		length = 0;
	size_t		size;
	PopulationGift *gift;
	ByteWriter	out;
	int			i;

	for (i = 0; i < PARTS; i++)
	{
		PopulationPart *part = &population->parts[i];

		CHECK_FOR_INTERRUPTS();
		if ((population->finishes & UINT64CONST(1) << i) != 0)
			continue;
		if (is_packed(population))
			pack_part(population, part);
		length += chunks_bytes(&part->blocks) + chunks_bytes(&part->records);
	}
	size = offsetof(PopulationGift, bytes) + length + names + RECORD_BLOCK_SLACK;
	gift = exchange_give(exchange, size);
	if (gift == NULL)
		return false;
	map_memory((char *) gift, size);
	memset(gift, 0, offsetof(PopulationGift, bytes));
	gift->type = key_type->type;
	gift->collation = key_type->collation;
	gift->nsteps = population->nsteps;
	gift->holds = population->holds;
	gift->newest = population->newest;
	for (i = 0; i < PARTS; i++)
	{
		PopulationPart *part = &population->parts[i];

		CHECK_FOR_INTERRUPTS();
		gift->offsets[i + 1] = gift->offsets[i];
		if ((population->finishes & UINT64CONST(1) << i) != 0)
			continue;
		gift->offsets[i + 1] += chunks_bytes(&part->blocks) + chunks_bytes(&part->records);
		gift->records[i] = part->n;
		give_part(population, part, gift->bytes + gift->offsets[i]);
		free_part(population, part);
		if (files == NULL || files->files[i] == NULL)
			continue;
		gift->file_bytes[i] = files->bytes[i];
		gift->file_records[i] = files->records[i];
		BufFileExportFileSet(files->files[i]);
		BufFileClose(files->files[i]);
		files->files[i] = NULL;
		files->bytes[i] = 0;
	}
	gift->names_length = names;
	out.at = (unsigned char *) gift->bytes + length;
	if (population->nodes != NULL)
		nodes_write(population->nodes, false, &out);
	return true;
}

/* Take what another process has given of the parts that this one finishes. */
static void
take_parts(Population *population, PopulationGift *gift, int slot)
{
	UserKeyType *key_type = &population->site->key_type;
	PopulationPacked *packed;

	if (gift->nsteps != population->nsteps)
		arg_refuse_size(population->nsteps, (uint64) gift->nsteps);
	if (gift->type != key_type->type || gift->collation != key_type->collation ||
		gift->holds != population->holds)
		serialized_refuse();	/* their records are not laid out alike */
	population->newest = Max(population->newest, gift->newest);
	packed = MemoryContextAllocZero(population->context, sizeof(PopulationPacked));
	packed->raw = true;
	packed->gift = gift;
	packed->slot = slot;
	packed->bytes = gift->bytes;
	memcpy(packed->offsets, gift->offsets, sizeof(packed->offsets));
	memcpy(packed->records, gift->records, sizeof(packed->records));
	packed->next = population->packed;
	population->packed = packed;
	if (population->nodes != NULL)
	{
		Nodes	   *nodes = nodes_new(CurrentMemoryContext);
		const unsigned char *names = (unsigned char *) gift->bytes + gift->offsets[PARTS];
		ByteReader	in = {names, names + gift->names_length, false};
		bool		same;

		if (!nodes_read(&in, nodes))
			serialized_refuse();
		packed->nodes = node_numbers(population, nodes, &same);
		packed->renumbers = same ? NULL : packed->nodes;
	}
}

/*
 * Give the records of some parts to the other processes of a scan, and take
 * theirs of the others.  Then this population has all records of the users of
 * its parts, and no others.
 */
void
population_exchange(Population *population, dsa_area *area)
{
	Exchange   *exchange = population->exchange;
	int			i;

	exchange_meet(exchange, area);
	if (exchange->n == 1)
		return;
	if (population->part_mask == 0)
		split_parts(population);
	population->finishes = 0;
	for (i = exchange->me; i < PARTS; i += exchange->n)
		population->finishes |= UINT64CONST(1) << i;
	if (!give_parts(population, exchange))
	{
		spill(population);
		if (!give_parts(population, exchange))
			exchange_refuse();
	}
	exchange_wait(exchange);
	for (i = 0; i < exchange->n; i++)
		if (i != exchange->me)
			take_parts(population, exchange_taken(exchange, i), exchange->slots[i]);
}

/*
 * A population as bytes.  After the header, whose n counts nothing here: the
 * type and collation of the ids, what records hold, the time of the newest
 * event, the number of records, and how they are written; then the names of
 * nodes, if records hold any.
 *
 * Records that fit into memory follow as they are, which costs next to nothing:
 * in a row (RECORDS_IN_ROW), or when there are many, part by part
 * (RECORDS_BY_PART).  Others are packed (RECORDS_PACKED), for the leader has no
 * more memory than a worker, and a value holds up to 1 GB: for each user the
 * key, the id's bytes if any, the number of events, the events as
 * events_encode() writes them (without conditions where there are none), and
 * then for each its seq, node and value, if any.  That takes less than half.
 *
 * Of users who are finished (RECORDS_FINISHED) there is nothing but results:
 * see results_write().
 *
 * By part or packed, at the end stands how many bytes each part takes, and by
 * part also how many records, so that the receiver can take them part by part.
 */
typedef enum RecordsForm
{
	RECORDS_IN_ROW,
	RECORDS_PACKED,
	RECORDS_BY_PART,
	RECORDS_FINISHED
} RecordsForm;

#define NNUMBERS			6

/* Added to what records hold: no conditions, although the header says one. */
#define NO_CONDITIONS		(POPULATION_ALL + 1)

/* The population is used up. */
bytea *
population_serialize(Population *population, const void *params_bytes, size_t params_size)
{
	EventsHeader header = {params_bytes, params_size, Max(population->nsteps, 1), 0};
	UserKeyType *key_type = &population->site->key_type;
	uint64		numbers[NNUMBERS];
	Packing		packing = {.population = population};
	Buffer		block = {0};
	uint64		raw = 0;
	uint64		size;
	ByteWriter	out;
	RecordsForm form = RECORDS_IN_ROW;
	uint32		sizes[PARTS] = {0};
	uint32		records[PARTS] = {0};
	int			i;

	if (population->results.finished)
		form = RECORDS_FINISHED;
	else
	{
		for (i = 0; i < nparts(population); i++)
			raw += part_bytes(population, &population->parts[i]);
		for (i = 0; population->spill != NULL && i < PARTS; i++)
			raw += population->spill->bytes[i];
	}
	if (form == RECORDS_FINISHED)
		raw = results_size(&population->results);
	else if (raw > population->site->limit || population->packed != NULL)
		form = RECORDS_PACKED;
	else if (population->part_mask != 0)
		form = RECORDS_BY_PART;

	numbers[0] = key_type->type;
	numbers[1] = key_type->collation;
	numbers[2] = population->holds | (population->nsteps == 0 ? NO_CONDITIONS : 0);
	numbers[3] = fold_sign(population->newest);
	numbers[4] = population->n;
	numbers[5] = form;
	size = VARHDRSZ + events_header_size(&header);
	for (i = 0; i < NNUMBERS; i++)
		size += number_size(numbers[i]);
	if (form != RECORDS_PACKED)
		size += raw;
	if (form == RECORDS_BY_PART)
		size += sizeof(sizes) + sizeof(records);
	if (population->nodes != NULL && form != RECORDS_FINISHED)
	{
		size += nodes_size(population->nodes);
		if (form == RECORDS_PACKED)
			nodes_rank(population->nodes);
	}
	if (size > MaxAllocSize)
		(void) serialized_alloc(size);	/* says so */

	packing.capacity = size;
	packing.data = palloc(size);
	out.at = (unsigned char *) packing.data + VARHDRSZ;
	events_write_header(&header, &out);
	for (i = 0; i < NNUMBERS; i++)
		write_number(&out, numbers[i]);
	if (population->nodes != NULL && form != RECORDS_FINISHED)
		nodes_write(population->nodes, form == RECORDS_PACKED, &out);

	if (form == RECORDS_FINISHED)
		results_write(&population->results, &out);
	else if (form == RECORDS_PACKED)
	{
		Visit		visit = {NULL, NULL, &packing, false};

		packing.used = (char *) out.at - packing.data;
		if (population->part_mask == 0)
			split_parts(population);	/* users come part by part */
		visit_all(population, &visit);
		out = pack_reserve(&packing, sizeof(packing.sizes));
		memcpy(out.at, packing.sizes, sizeof(packing.sizes));
		size = packing.used + sizeof(packing.sizes);
	}
	else
	{
		for (i = 0; i < nparts(population); i++)
		{
			PopulationPart *part = &population->parts[i];
			PopulationSpill *files = population->spill;
			const unsigned char *begin = out.at;

			CHECK_FOR_INTERRUPTS();
			records[i] = (uint32) part->n;
			if (files != NULL && files->files[i] != NULL)
			{
				rewind_file(files->files[i]);
				read_records(population, files->files[i], (char *) out.at, files->bytes[i], &block);
				out.at += files->bytes[i];
				records[i] += (uint32) files->records[i];
			}
			out.at = (unsigned char *) copy_part(population, part, (char *) out.at);
			sizes[i] = (uint32) (out.at - begin);
		}
		if (form == RECORDS_BY_PART)
		{
			write_bytes(&out, sizes, sizeof(sizes));
			write_bytes(&out, records, sizeof(records));
		}
		if (block.bytes != NULL)
			pfree(block.bytes);
		release(population);
	}
	SET_VARSIZE(packing.data, size);
	return (bytea *) packing.data;
}

/* Are these bytes n whole records, all of one part unless that is -1? */
static bool
records_are_whole(const Population *population, const char *at, const char *end, uint64 n,
				  int part)
{
	for (; n > 0; n--)
	{
		Record		record;
		const char *begin = at;

		at = record_next_within(&population->layout, at, end);
		if (at == NULL)
			return false;
		read_record(population, begin, &record);
		if (!event_time_is_valid(record.at) ||
			record.conditions >> population->nsteps != 0 ||
			(population->nodes != NULL && record.node >= population->nodes->n) ||
			(part >= 0 && spill_file(record_hash(begin), 0) != part))
			return false;
	}
	return at == end;
}

/* Records by part, packed or `raw`, which stay where they are. */
static PopulationPacked *
read_packed(ByteReader *in, bool raw)
{
	PopulationPacked *packed = palloc0(sizeof(PopulationPacked));
	uint32		sizes[PARTS];
	size_t		length = bytes_left(in);
	size_t		tables = sizeof(sizes) + (raw ? PARTS * sizeof(uint32) : 0);
	int			i;

	if (length < tables)
		serialized_refuse();
	length -= tables;
	packed->raw = raw;
	packed->bytes = (const char *) in->at;
	memcpy(sizes, in->at + length, sizeof(sizes));
	for (i = 0; raw && i < PARTS; i++)
	{
		uint32		records;

		memcpy(&records, in->at + length + sizeof(sizes) + i * sizeof(records), sizeof(records));
		packed->records[i] = records;
	}
	for (i = 0; i < PARTS; i++)
		packed->offsets[i + 1] = packed->offsets[i] + sizes[i];
	if (packed->offsets[PARTS] != length)
		serialized_refuse();
	return packed;
}

/*
 * The population that was serialised, in the current context and without its
 * parameters, which the header points to.  The records stay in the bytes given
 * until population_combine() takes them.  Bytes that are no
 * population are an error.  `site` remembers the type of the ids from call to call.
 */
Population *
population_deserialize(bytea *bytes, FmgrInfo *flinfo, PopulationSite **site,
					   EventsHeader *header)
{
	ByteReader	in = {(unsigned char *) VARDATA_ANY(bytes),
	(unsigned char *) VARDATA_ANY(bytes) + VARSIZE_ANY_EXHDR(bytes), false};
	Population *population;
	uint64		numbers[NNUMBERS];
	size_t		length;
	int			i;

	if (!events_read_header(&in, header))
		serialized_refuse();
	for (i = 0; i < NNUMBERS; i++)
		numbers[i] = read_number(&in);
	if (in.failed || numbers[0] > UINT32_MAX || numbers[1] > UINT32_MAX ||
		numbers[2] > (POPULATION_ALL | NO_CONDITIONS) || numbers[5] > RECORDS_FINISHED ||
		((numbers[2] & POPULATION_NODES) != 0 && header->nsteps > 32) ||
		((numbers[2] & NO_CONDITIONS) != 0 && header->nsteps != 1))
		serialized_refuse();

	if (*site == NULL || (*site)->key_type.type != numbers[0] ||
		(*site)->key_type.collation != numbers[1])
		*site = population_site(flinfo, (Oid) numbers[0], (Oid) numbers[1]);
	if ((numbers[2] & NO_CONDITIONS) != 0)
		header->nsteps = 0;
	population = population_new(CurrentMemoryContext, *site, NULL, header->nsteps,
								(int) (numbers[2] & POPULATION_ALL));
	population->newest = unfold_sign(numbers[3]);
	population->n = numbers[4];
	if (numbers[5] == RECORDS_FINISHED)
	{
		results_read(&population->results, &in);
		return population;
	}
	if (population->nodes != NULL && !nodes_read(&in, population->nodes))
		serialized_refuse();
	if (numbers[5] != RECORDS_IN_ROW)
	{
		PopulationPacked *packed = read_packed(&in, numbers[5] == RECORDS_BY_PART);
		uint64		n = 0;

		population->packed = packed;
		for (i = 0; packed->raw && i < PARTS; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (!records_are_whole(population, packed->bytes + packed->offsets[i],
								   packed->bytes + packed->offsets[i + 1], packed->records[i], i))
				serialized_refuse();
			n += packed->records[i];
		}
		if (packed->raw && n != population->n)
			serialized_refuse();
		return population;
	}
	length = bytes_left(&in);
	if (!records_are_whole(population, (const char *) in.at, (const char *) in.at + length,
						   population->n, -1))
		serialized_refuse();
	population->received = (const char *) in.at;
	population->received_length = length;
	return population;
}
