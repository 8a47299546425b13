/*-------------------------------------------------------------------------
 *
 * layout.h
 *		The layout of a population in memory and in files; internal to this
 *		room.
 *
 * Records have the layout of population/record.h and are in chunks of growing
 * size; no record straddles two chunks.  From SPLIT_BYTES on they are kept in
 * USER_PARTS parts, by the highest bits of the hash.  When a chunk of a part
 * is full, records of the most frequent shapes are packed into blocks
 * (population/record_block.h), which take less than half the memory.  When
 * users are visited, blocks are read one at a time, like those of a temporary
 * file.
 *
 * To visit the users, one part after the other is scattered into partitions
 * by the next bits, about PARTITION_RECORDS each.  In a partition a small
 * hash table numbers the users and counts their events, and a second pass
 * puts the events of each user side by side, in the order of arrival, which
 * usually is the event order already.  Every step is linear.
 *
 * When the chunks of a call site exceed its memory, the current population
 * writes each part to a temporary file of its own, also in blocks.  Such a
 * file is scattered block by block while it is read, and is never in memory
 * as a whole.  A file larger than the memory is split again by the next bits,
 * unless most of it belongs to one user.
 *
 *-------------------------------------------------------------------------
 */
#ifndef JOURNEY_POPULATION_LAYOUT_H
#define JOURNEY_POPULATION_LAYOUT_H

#include "postgres.h"

#include "population/population.h"
#include "population/record_block.h"
#include "population/record_shape.h"
#include "store/store.h"

#define SPLIT_BYTES			(256 * 1024)
#define FIRST_PART_CHUNK	(8 * 1024)	/* and all those whose records are
										 * packed */
#define LARGEST_CHUNK		(256 * 1024)

/* Records whose hashes have the same highest bits. */
struct PopulationPart
{
	ChunkList	blocks;			/* of records that came before the others */
	ChunkList	records;
	size_t		size;			/* bytes in chunks */
	uint64		n;				/* records, in blocks or not */
};

/* Temporary files of records, one for each part. */
struct PopulationSpill
{
	BufFile    *files[USER_PARTS];
	uint64		bytes[USER_PARTS];	/* of the records, as they are in memory */
	uint64		records[USER_PARTS];
};

/* Records on their way to the temporary files of a level. */
typedef struct RecordSplit
{
	PopulationSpill *files;
	int			level;
	char	   *waiting[USER_PARTS];	/* WAITING_BYTES, or NULL */
	size_t		used[USER_PARTS];
} RecordSplit;

/*
 * What another process has given or sent, by the same parts.
 */
struct PopulationTaken
{
	PopulationTaken *next;
	bool		by_user;		/* as a UsersWriter wrote it; else records, or
								 * blocks if they were given so */
	const PopulationGift *gift; /* given in an exchange: nothing here is ours
								 * to free */
	int			slot;			/* of the process that gave it */
	const char *bytes;
	uint64		offsets[USER_PARTS + 1];	/* of the parts */
	uint64		records[USER_PARTS];	/* of each part; not by_user */
	uint32		nnodes;			/* for so many nodes */
	uint32	   *nodes;			/* their numbers in the population that took
								 * them */
	const uint32 *renumbers;	/* the same for records in memory that need
								 * it, or NULL */
};

/*
 * What a process gives the others in an exchange.  It is followed by the
 * records of the parts that others finish, in blocks if they are packed, and
 * by the names of its nodes.  Spilled records of these parts are in files.
 */
struct PopulationGift
{
	GiftHead	head;
	int			nsteps;
	uint64		offsets[USER_PARTS + 1];
	uint64		records[USER_PARTS];
	uint64		file_bytes[USER_PARTS];
	uint64		file_records[USER_PARTS];
	uint64		names_length;
	char		bytes[FLEXIBLE_ARRAY_MEMBER];
};

typedef struct FullEvent FullEvent;

/*
 * Workspace of a visit, kept from partition to partition and from part to part.
 */
typedef struct VisitWorkspace
{
	ScratchBytes loaded;		/* records of a block of a temporary file */
	ScratchBytes scattered;		/* records by partitions */
	uint64		room;			/* that each partition had when it was guessed
								 * last */
	ScratchBytes block;			/* of a temporary file */
	UserTable	table;
	Event	   *events;			/* as many as there are records in the table */
	Event	   *scratch;
	int64	   *seqs;			/* only with seq */
	EventValue *values;			/* only with values */
	uint64		full_records;	/* for so many there is room in what follows */
	FullEvent  *full;			/* for sorting one user's, with seq or values */
	FullEvent  *full_scratch;
} VisitWorkspace;

/* Users that are being written, in one growing piece: see population_serialize(). */
typedef struct UsersWriter
{
	const Population *population;
	char	   *data;			/* begins with the varlena header */
	uint64		used;
	uint64		capacity;
	int			part;			/* that of the latest user */
	uint32		sizes[USER_PARTS];	/* bytes of each part */
} UsersWriter;

/* What is done for each user. */
typedef struct Visit
{
	PopulationVisitor visit;
	/* instead of visit, unless NULL: users come part by part, with their seqs */
	void		(*write) (void *arg, const UserKey *user, const Event *events,
						  const int64 *seqs, const EventValue *values, size_t n);
	void	   *arg;
	bool		keep;			/* leave the population as it is */
} Visit;

/* A row of records in memory, or of blocks of them. */
typedef struct RecordSpan
{
	const char *begin;
	const char *end;
	bool		blocks;
	bool		first;			/* do they not go on with those before? */
	const uint32 *nodes;		/* new numbers for their nodes, or NULL */
} RecordSpan;

/* A temporary file that is read. */
typedef struct RecordFile
{
	BufFile    *file;
	uint64		bytes;			/* of its records, as they are in memory */
	const uint32 *nodes;		/* new numbers for its nodes, or NULL */
} RecordFile;

/*
 * The sources of the records that are visited together: memory and temporary
 * files.  Files are read a block at a time, so that they are never in memory
 * as a whole while they are scattered.
 */
typedef struct RecordSource
{
	RecordSpan *spans;
	int			nspans;
	RecordFile *files;
	int			nfiles;
	uint64		n;				/* records */
	uint64		bytes;			/* that they take in memory */

	/* how far it has been read */
	RecordSpan	now;			/* what is left of the span that is read */
	int			span;			/* the one after it */
	int			file;
	uint64		left;			/* bytes of records to come from that file */
} RecordSource;

static inline int
population_nparts(const Population *population)
{
	return (int) population->part_mask + 1;
}

/* Are records packed into blocks when a chunk is full? */
static inline bool
population_packs(const Population *population)
{
	return population->part_mask != 0 && population_record_shape(population) != RECORDS_OF_ANY_SHAPE;
}

/* The part where records of a hash go. */
static inline PopulationPart *
population_part(Population *population, uint64 hash)
{
	return &population->parts[hash >> (64 - USER_PART_BITS) & population->part_mask];
}

/* chunks.c */
extern void population_map_memory(char *at, size_t size);
extern size_t population_part_bytes(const Population *population, const PopulationPart *part);
extern void population_free_chunk(Population *population, Chunk *chunk);
extern void population_drop_chunks(Population *population, ChunkList *chunks, bool keep);
extern void population_add_chunk(Population *population, PopulationPart *part,
								 ChunkList *chunks, size_t size);
extern int	population_part_chunks(const PopulationPart *part);

/* source.c */
extern void records_renumber_nodes(const Population *population, char *at, const char *end,
								   const uint32 *numbers);
extern void record_source_begin(RecordSource *source);
extern bool record_span_take(const Population *population, RecordSpan *span,
							 ScratchBytes *buffer, RecordSpan *records);
extern bool record_source_next(const Population *population, RecordSource *source,
							   VisitWorkspace *work, RecordSpan *span);
extern void record_source_copy(const Population *population, RecordSource *source, char *out,
							   VisitWorkspace *work);
extern void record_source_split(const Population *population, RecordSource *source,
								RecordSplit *split, VisitWorkspace *work);
extern void record_source_add_part(const Population *population, RecordSource *source,
								   const PopulationPart *part);
extern RecordSource record_source_of_part(const Population *population,
										  const PopulationPart *part, int more);
extern char *population_copy_part(const Population *population, const PopulationPart *part,
								  char *out);
extern uint64 population_bytes_to_load(const Population *population, int number);
extern RecordSource record_source_whole(const Population *population, int number, int more);
extern void record_source_close(Population *population, RecordSource *source, int number,
								bool keep);

/* parts.c */
extern void population_free_part(Population *population, PopulationPart *part);
extern void population_free_kept(Population *population);
extern void population_free_parts(Population *population);
extern void population_split_parts(Population *population);
extern void population_have_ids(Population *population);
extern void population_leave_names(Population *population);
extern void population_spill(Population *population);
extern void population_pack_part(Population *population, PopulationPart *part);
extern void population_append_records(Population *population, const char *at, const char *end);
extern void population_append(Population *population, const UserKey *user,
							  const PopulationEvent *event);

/* spill.c */
extern void record_split_flush(const Population *population, RecordSplit *split, int file,
							   ScratchBytes *block);
extern void population_spill_part(Population *population, int number, ScratchBytes *block);
extern void population_refuse_block(void);
extern RecordBlock population_read_block(BufFile *file, uint64 left, ScratchBytes *block);
extern void population_read_block_records(const Population *population, RecordBlock header,
										  const ScratchBytes *block, char *out);
extern void population_read_records(const Population *population, BufFile *file, char *out,
									uint64 bytes, ScratchBytes *block);
extern RecordSplit *record_split_begin(int level);
extern void record_split_add_all(const Population *population, const char *at, const char *end,
								 RecordSplit *split, ScratchBytes *block);

/* group.c */
extern void population_group_partition(const Population *population, const char *records,
									   const char *end, uint64 n, VisitWorkspace *work,
									   const Visit *visit);

/* users_writer.c */
extern ByteWriter users_writer_reserve(UsersWriter *writer, uint64 size);
extern void users_writer_put(void *arg, const UserKey *user, const Event *events,
							 const int64 *seqs, const EventValue *values, size_t n);
extern void population_read_users(Population *into, const PopulationTaken *taken, int part);

/* partition.c */
extern void population_visit_source(const Population *population, RecordSource *source,
									int level, VisitWorkspace *work, const Visit *visit);

/* visit.c */
extern void population_visit_all(Population *population, const Visit *visit);

/* state.c */
extern uint32 *population_node_numbers(Population *left, const Nodes *nodes, bool *same);

/* gift.c and state.c: what population_methods are */
extern void population_exchange(UserStore *store, dsa_area *area);
extern void population_combine(UserStore *store, const UserStore *other);
extern bytea *population_serialize(UserStore *store, const void *params_bytes,
								   size_t params_size);
extern UserStore *population_deserialize(bytea *bytes, FmgrInfo *flinfo, UserSite **site,
										 EventsHeader *header);

#endif							/* JOURNEY_POPULATION_LAYOUT_H */
