/*-------------------------------------------------------------------------
 *
 * layout.h
 *		How a population lies in memory and in files, and what its files share.
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
#ifndef JOURNEY_POPULATION_LAYOUT_H
#define JOURNEY_POPULATION_LAYOUT_H

#include "postgres.h"

#include "population/population.h"
#include "population/record_block.h"
#include "population/record_shape.h"
#include "storage/buffile.h"

#define SPLIT_BYTES			(256 * 1024)
#define FIRST_PART_CHUNK	(8 * 1024)	/* and all those whose records are
										 * packed */
#define LARGEST_CHUNK		(256 * 1024)
#define PARTITION_RECORDS	16384	/* records and tables fit a 2 MB cache */
#define MOST_PARTITIONS		1024
#define PART_BITS			6
#define PARTS				(1 << PART_BITS)

typedef struct FullEvent FullEvent;

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
	char	   *waiting[PARTS]; /* WAITING_BYTES, or NULL */
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
	bool		raw;			/* as they are, or in blocks if they were
								 * given so */
	const PopulationGift *gift; /* given in an exchange: nothing here is ours
								 * to free */
	int			slot;			/* of the process that gave it */
	const char *bytes;
	uint64		offsets[PARTS + 1]; /* of the parts */
	uint64		records[PARTS]; /* of each part; only if raw */
	uint32		nnodes;			/* for so many nodes */
	uint32	   *nodes;			/* their numbers in the population that took
								 * them */
	const uint32 *renumbers;	/* the same for records in memory that need
								 * it, or NULL */
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

static inline int
nparts(const Population *population)
{
	return (int) population->part_mask + 1;
}

/* Are records packed when a chunk is full? */
static inline bool
is_packed(const Population *population)
{
	return population->part_mask != 0 && record_shape(population) != RECORDS_OF_ANY_SHAPE;
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

/*
 * Workspace of a visit, kept from partition to partition and from part to part.
 */
typedef struct Workspace
{
	Buffer		loaded;			/* records of a block of a temporary file */
	Buffer		scattered;		/* records by partitions */
	uint64		room;			/* that each partition had when it was guessed
								 * last */
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

/* A value that is being written, in one growing piece: see population_serialize(). */
typedef struct Packing
{
	const Population *population;
	char	   *data;			/* begins with the varlena header */
	uint64		used;
	uint64		capacity;
	int			partition;		/* that of the latest user */
	uint32		sizes[PARTS];	/* bytes of each partition */
} Packing;

/* What is done for each user: a visitor is called, or the user is packed. */
typedef struct Visit
{
	PopulationVisitor visit;
	void	   *arg;
	Packing    *packing;		/* NULL: call the visitor */
	bool		keep;			/* leave the population as it is */
} Visit;

/* A row of records in memory, or of blocks of them. */
typedef struct Span
{
	const char *begin;
	const char *end;
	bool		blocks;
	bool		first;			/* do they not go on with those before? */
	const uint32 *nodes;		/* new numbers for their nodes, or NULL */
} Span;

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

/* chunks.c */
extern size_t chunks_bytes(const Chunks *chunks);
extern void map_memory(char *at, size_t size);
extern size_t part_bytes(const Population *population, const PopulationPart *part);
extern void free_chunk(Population *population, PopulationChunk *chunk);
extern void drop_chunks(Population *population, Chunks *chunks, bool keep);
extern void add_chunk(Population *population, PopulationPart *part, Chunks *chunks,
					  size_t size);
extern int	count_chunks(const PopulationPart *part);

/* population.c */
extern void release(Population *population);

/* source.c */
extern void renumber_nodes(const Population *population, char *at, const char *end,
						   const uint32 *numbers);
extern void begin_source(Source *source);
extern bool take_records(const Population *population, Span *span, Buffer *buffer,
						 Span *records);
extern bool next_span(const Population *population, Source *source, Workspace *work,
					  Span *span);
extern void copy_source(const Population *population, Source *source, char *out,
						Workspace *work);
extern void split_source(const Population *population, Source *source, Split *split,
						 Workspace *work);
extern void add_part(const Population *population, Source *source, const PopulationPart *part);
extern Source part_source(const Population *population, const PopulationPart *part, int more);
extern char *copy_part(const Population *population, const PopulationPart *part, char *out);
extern uint64 bytes_to_load(const Population *population, int number);
extern Source whole_source(const Population *population, int number, int more);
extern void close_source(Population *population, Source *source, int number, bool keep);

/* parts.c */
extern void free_part(Population *population, PopulationPart *part);
extern void free_kept(Population *population);
extern void free_parts(Population *population);
extern void split_parts(Population *population);
extern void spill(Population *population);
extern void pack_part(Population *population, PopulationPart *part);
extern void append_records(Population *population, const char *at, const char *end);
extern void population_append(Population *population, const UserKey *user,
							  const PopulationEvent *event);

/* spill.c */
extern char *buffer_for(Buffer *buffer, uint64 size);
extern void write_waiting(const Population *population, Split *split, int file, Buffer *block);
extern void spill_part(Population *population, int number, Buffer *block);
extern void rewind_file(BufFile *file);
extern void refuse_block(void);
extern RecordBlock read_block(BufFile *file, uint64 left, Buffer *block);
extern void read_block_records(const Population *population, RecordBlock header,
							   const Buffer *block, char *out);
extern void read_records(const Population *population, BufFile *file, char *out, uint64 bytes,
						 Buffer *block);
extern Split *begin_split(int level);
extern void split_records(const Population *population, const char *at, const char *end,
						  Split *split, Buffer *block);

/* group.c */
extern void visit_partition(const Population *population, const char *records,
							const char *end, uint64 n, Workspace *work, const Visit *visit);

/* packed_users.c */
extern ByteWriter pack_reserve(Packing *packing, uint64 size);
extern void pack_user(Packing *packing, const UserKey *user, const Event *events,
					  const int64 *seqs, const EventValue *values, size_t n);
extern void unpack(Population *part, const PopulationPacked *packed, int partition);

/* partition.c */
extern void visit_source(const Population *population, Source *source, int level,
						 Workspace *work, const Visit *visit);

/* visit.c */
extern void visit_all(Population *population, const Visit *visit);

/* state.c */
extern uint32 *node_numbers(Population *left, const Nodes *nodes, bool *same);

#endif							/* JOURNEY_POPULATION_LAYOUT_H */
