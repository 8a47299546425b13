/*-------------------------------------------------------------------------
 *
 * partition.c
 *		Scattering records into partitions that fit the cache.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "population/layout.h"

/* The bits of a hash that choose the partition, below those of spill levels. */
static inline uint32
partition_of(uint64 hash, int level, int bits)
{
	return bits == 0 ? 0 : (uint32) (hash << (PART_BITS * level) >> (64 - bits));
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
		{
			memset(&streams[n], 0, sizeof(Stream));
			streams[n].span = source->spans[i];
			streams[n++].next = i + 1;
		}
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
void
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
