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

/* Add up how many bytes of a span fall into each partition. */
static pg_attribute_always_inline void
partition_measure_shaped(const Population *population, RecordShape shape,
						 const RecordSpan *span, int level, int bits, uint64 *bytes)
{
	const char *at = span->begin;

	while (at < span->end)
	{
		const char *next = record_skip_shaped(population, shape, at);

		bytes[partition_of(record_hash(at), level, bits)] += next - at;
		at = next;
	}
}

static void
partition_measure_span(const Population *population, const RecordSpan *span, int level,
					   int bits, uint64 *bytes)
{
	switch (population_record_shape(population))
	{
		case RECORDS_WITH_STEPS:
			partition_measure_shaped(population, RECORDS_WITH_STEPS, span, level, bits, bytes);
			break;
		case RECORDS_WITH_NODES:
			partition_measure_shaped(population, RECORDS_WITH_NODES, span, level, bits, bytes);
			break;
		default:
			partition_measure_shaped(population, RECORDS_OF_ANY_SHAPE, span, level, bits,
									 bytes);
	}
}

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
partition_fill_shaped(const Population *population, RecordShape shape, RecordSpan *span,
					  const Turn *turn, int level, int bits, Partitions *partitions)
{
	char	  **const next_of = partitions->next;
	char	  **const end_of = partitions->end;
	const uint32 *nodes = span->nodes;
	const char *at = span->begin;

	while (at < span->end)
	{
		const char *next = record_skip_shaped(population, shape, at);
		uint32		partition = partition_of(record_hash(at), level, bits);
		char	   *out = next_of[partition];

		if (turn != NULL && time_between(turn->first, record_time(at)) > turn->until)
			break;
		if (unlikely(end_of[partition] - out < next - at))
			return false;
		memcpy(out, at, next - at);
		if (nodes != NULL)
			record_renumber_node(population, out, nodes);
		next_of[partition] = out + (next - at);
		if (shape == RECORDS_OF_ANY_SHAPE)
			partitions->counts[partition]++;
		at = next;
	}
	span->begin = at;
	return true;
}

static bool
partition_fill_span(const Population *population, RecordSpan *span, const Turn *turn,
					int level, int bits, Partitions *partitions)
{
	switch (population_record_shape(population))
	{
		case RECORDS_WITH_STEPS:
			return partition_fill_shaped(population, RECORDS_WITH_STEPS, span, turn, level,
										 bits, partitions);
		case RECORDS_WITH_NODES:
			return partition_fill_shaped(population, RECORDS_WITH_NODES, span, turn, level,
										 bits, partitions);
		default:
			return partition_fill_shaped(population, RECORDS_OF_ANY_SHAPE, span, turn, level,
										 bits, partitions);
	}
}

/* Spans that go on with each other: the records of one process. */
typedef struct Stream
{
	RecordSpan	records;		/* what is left of those that are read */
	ScratchBytes buffer;		/* where they are if they come from a block */
	RecordSpan	span;			/* what is left of their span */
	int			next;			/* the one after it */
	int			end;			/* that of the next stream */
} Stream;

/* Where turns are shorter on the average, streams take no more after so many. */
#define SHORTEST_TURN	4
#define TRIAL_TURNS		1024

/* Read on in a stream; FALSE if it is at its end. */
static bool
partition_stream_next(const Population *population, const RecordSource *source, Stream *stream)
{
	while (!record_span_take(population, &stream->span, &stream->buffer, &stream->records))
	{
		if (stream->next == stream->end)
		{
			scratch_bytes_free(&stream->buffer);
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
partition_next_stream(Stream *streams, int n, Turn *turn)
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
 * If the table is in the order of time, the processes read it in parallel,
 * and their records are merged by time, so that the events of a user are in
 * order and need no sorting.  A scan may begin anywhere and continue at the
 * table's beginning, so times are compared relative to the first.  Without
 * such an order, records are copied process by process.
 */
static bool
partition_fill_in_turn(const Population *population, const RecordSource *source, int nstreams,
					   int level, int bits, Partitions *partitions)
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
		(void) record_span_take(population, &streams[i].span, &streams[i].buffer,
								&streams[i].records);
		turn.first = i == 0 ? record_time(streams[i].records.begin) :
			Min(turn.first, record_time(streams[i].records.begin));
	}

	while (n > 0 && fits)
	{
		Stream	   *stream = in_turn ? partition_next_stream(streams, n, &turn) : streams;
		const char *begin = stream->records.begin;

		CHECK_FOR_INTERRUPTS();
		fits = partition_fill_span(population, &stream->records, in_turn ? &turn : NULL, level,
								   bits, partitions);
		bytes += stream->records.begin - begin;
		turns++;
		in_turn &= bytes >= SHORTEST_TURN * turns * population->layout.head || turns < TRIAL_TURNS;
		if (stream->records.begin == stream->records.end &&
			!partition_stream_next(population, source, stream))
			memmove(stream, stream + 1, (streams + --n - stream) * sizeof(Stream));
	}
	for (i = 0; i < n; i++)
		scratch_bytes_free(&streams[i].buffer);
	pfree(streams);
	return fits;
}

/* Copy the records of a source to their partitions; FALSE if one does not fit. */
static bool
partition_fill(const Population *population, RecordSource *source, int level, int bits,
			   Partitions *partitions, VisitWorkspace *work)
{
	const size_t size = population->layout.head;
	int			nstreams = 0;
	RecordSpan	span;
	int			i;

	memset(partitions->counts, 0, partitions->n * sizeof(uint64));
	for (i = 0; i < source->nspans; i++)
		nstreams += i == 0 || source->spans[i].first;
	if (nstreams > 1 && source->nfiles == 0)
	{
		if (!partition_fill_in_turn(population, source, nstreams, level, bits, partitions))
			return false;
	}
	else
	{
		record_source_begin(source);
		while (record_source_next(population, source, work, &span))
			if (!partition_fill_span(population, &span, NULL, level, bits, partitions))
				return false;
	}
	for (i = 0; population_record_shape(population) != RECORDS_OF_ANY_SHAPE && i < partitions->n; i++)
		partitions->counts[i] = (uint64) (partitions->next[i] - partitions->begin[i]) / size;
	return true;
}

/*
 * Give each partition 1.5 times the average size, without measuring it first,
 * because users usually spread evenly.  Unused memory is never touched, and
 * partitions keep their place from part to part, so that mostly the same
 * memory is filled.  FALSE if the memory limit is exceeded; then one user has
 * most of the records.
 */
static bool
partition_guess(const Population *population, const RecordSource *source, int bits,
				Partitions *partitions, VisitWorkspace *work)
{
	const uint64 even = source->bytes >> bits;
	char	   *at;
	int			i;

	if (source->bytes > population->site->limit)
		return false;
	if (work->room < even + even / 4 || work->room > 2 * even)
		work->room = even + even / 2;
	at = scratch_bytes(&work->scattered, work->room << bits);
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
partition_measure(const Population *population, RecordSource *source, int level, int bits,
				  Partitions *partitions, VisitWorkspace *work)
{
	uint64	   *lengths = palloc0(partitions->n * sizeof(uint64));
	char	   *area = scratch_bytes(&work->scattered, source->bytes);
	char	   *end;
	RecordSpan	span;

	record_source_begin(source);
	while (record_source_next(population, source, work, &span))
		partition_measure_span(population, &span, level, bits, lengths);
	end = partitions_lay_out(partitions, lengths, area);
	Assert(end == area + source->bytes);
	(void) end;
	pfree(lengths);
}

/*
 * Visit the users of a source, splitting it first into partitions that fit the
 * cache.
 */
void
population_visit_source(const Population *population, RecordSource *source, int level,
						VisitWorkspace *work, const Visit *visit)
{
	Partitions	partitions;
	const int	bits = partition_bits(source->n);
	int			i;

	if (bits == 0)
	{
		const char *records;

		if (source->nspans == 1 && source->nfiles == 0 && !source->spans[0].blocks &&
			source->spans[0].nodes == NULL)
			records = source->spans[0].begin;
		else
		{
			char	   *copy = scratch_bytes(&work->scattered, source->bytes);

			record_source_copy(population, source, copy, work);
			records = copy;
		}
		population_group_partition(population, records, records + source->bytes, source->n,
								   work, visit);
		return;
	}

	partitions_init(&partitions, bits);
	if (!partition_guess(population, source, bits, &partitions, work) ||
		!partition_fill(population, source, level, bits, &partitions, work))
	{
		partition_measure(population, source, level, bits, &partitions, work);
		if (!partition_fill(population, source, level, bits, &partitions, work))
			population_refuse_block();	/* a file has changed meanwhile */
	}
	for (i = 0; i < partitions.n; i++)
		if (partitions.counts[i] > 0)
			population_group_partition(population, partitions.begin[i], partitions.next[i],
									   partitions.counts[i], work, visit);
	partitions_free(&partitions);
}
