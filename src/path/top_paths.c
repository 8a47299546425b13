/*-------------------------------------------------------------------------
 *
 * top_paths.c
 *		top_paths: the most frequent paths; path_variants: their rows.
 *
 * A hash table counts all distinct paths.  If the table would exceed its
 * memory, only the paths in a range of hashes are counted, and the users are
 * visited once for each range.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "path/path_visit.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

JOURNEY_FUNCTION(journey_path_variants);

#define MOST_PARTS 4096

typedef struct Variant
{
	uint64		hash;
	uint32	   *nodes;
	int			length;
	uint64		users;
	uint64		sessions;
	uint64		reached;		/* sessions with the conversion node */
	uint64		last_user;
	Histogram	durations;		/* from the first node to the last */
} Variant;

typedef struct VariantVisit
{
	PathVisit	path;
	uint32		conversion_node;
	uint64		user;
	uint64		parts;			/* a power of two */
	uint64		part;
	MemoryContext context;		/* of the variants of one part */
	Variant    *variants;
	uint64		n;
	uint64		capacity;
	uint32	   *slots;			/* number + 1 */
	uint64		nslots;
	size_t		used;			/* bytes */
	size_t		limit;
	bool		overflow;
} VariantVisit;

/* Start counting a part. */
static void
begin_part(VariantVisit *visit)
{
	MemoryContext old;

	MemoryContextReset(visit->context);
	old = MemoryContextSwitchTo(visit->context);
	visit->user = 0;
	visit->overflow = false;
	visit->n = 0;
	visit->capacity = 64;
	visit->variants = palloc(visit->capacity * sizeof(Variant));
	visit->nslots = visit->capacity * 2;
	visit->slots = palloc0(visit->nslots * sizeof(uint32));
	visit->used = 0;
	MemoryContextSwitchTo(old);
}

static void
grow_variants(VariantVisit *visit)
{
	uint64		i;

	if (visit->capacity >= UINT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many different paths"),
				 errhint("Give a smaller depth, or coarser nodes.")));
	visit->capacity *= 2;
	visit->variants = repalloc_huge(visit->variants, visit->capacity * sizeof(Variant));
	pfree(visit->slots);
	visit->nslots = visit->capacity * 2;
	visit->slots = MemoryContextAllocExtended(visit->context, visit->nslots * sizeof(uint32),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < visit->n; i++)
	{
		uint64		slot = spread(visit->variants[i].hash) & (visit->nslots - 1);

		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		while (visit->slots[slot] != 0)
			slot = (slot + 1) & (visit->nslots - 1);
		visit->slots[slot] = (uint32) i + 1;
	}
}

/* The variant that a path is, NULL if it belongs to another part. */
static Variant *
variant_of(VariantVisit *visit, const Event *events, int length)
{
	uint64		hash = (uint64) length;
	uint64		slot;
	Variant    *variant;
	int			k;

	for (k = 0; k < length; k++)
		hash = spread(hash ^ event_node(&events[k])) + (uint64) k;
	if ((hash >> 32 & (visit->parts - 1)) != visit->part)
		return NULL;
	slot = spread(hash) & (visit->nslots - 1);
	for (; visit->slots[slot] != 0; slot = (slot + 1) & (visit->nslots - 1))
	{
		variant = &visit->variants[visit->slots[slot] - 1];
		if (variant->hash != hash || variant->length != length)
			continue;
		for (k = 0; k < length && variant->nodes[k] == event_node(&events[k]); k++)
			;
		if (k == length)
			return variant;
	}
	if (visit->n == visit->capacity)
	{
		grow_variants(visit);
		slot = spread(hash) & (visit->nslots - 1);
		while (visit->slots[slot] != 0)
			slot = (slot + 1) & (visit->nslots - 1);
	}
	variant = &visit->variants[visit->n++];
	visit->slots[slot] = (uint32) visit->n;
	memset(variant, 0, sizeof(Variant));
	variant->hash = hash;
	variant->length = length;
	variant->nodes = MemoryContextAlloc(visit->context, length * sizeof(uint32));
	for (k = 0; k < length; k++)
		variant->nodes[k] = event_node(&events[k]);
	visit->used += sizeof(Variant) + length * sizeof(uint32) + 32;
	return variant;
}

static void
visit_variants(void *arg, const UserKey *user, Event *events, const EventValue *values, size_t n)
{
	VariantVisit *visit = arg;
	size_t		begin;
	size_t		taken;

	(void) user;
	(void) values;
	if (visit->overflow)
		return;
	visit->user++;
	for (begin = 0; begin < n; begin += taken)
	{
		const Event *session = events + begin;
		size_t		search = 0;
		size_t		length;
		size_t		i;
		Path		path;
		Variant    *variant;
		uint32		room;

		taken = path_session(events + begin, n - begin, &visit->path.spec, &length);
		CHECK_FOR_INTERRUPTS();
		if (!path_next(session, length, &visit->path.spec, &search, &path))
			continue;
		variant = variant_of(visit, session + path.first, path.length);
		if (variant == NULL)
			continue;
		variant->sessions++;
		if (variant->last_user != visit->user)
			variant->users++;
		variant->last_user = visit->user;
		if (visit->conversion_node != NODE_NONE)
			for (i = 0; i < length; i++)
				if (event_node(&session[i]) == visit->conversion_node)
				{
					variant->reached++;
					break;
				}
		room = variant->durations.capacity;
		histogram_add(&variant->durations,
					  histogram_duration(session[path.first].at,
										 session[path.first + path.length - 1].at),
					  visit->context);
		visit->used += (variant->durations.capacity - room) * sizeof(HistogramBucket);
	}
	if (visit->used > visit->limit && visit->parts < MOST_PARTS)
		visit->overflow = true;
}

/* The order of the result: the most frequent first, then by the names of the nodes. */
static int
compare_variants(const void *a, const void *b)
{
	const Variant *x = a;
	const Variant *y = b;
	int			k;

	if (x->sessions != y->sessions)
		return x->sessions > y->sessions ? -1 : 1;
	if (x->users != y->users)
		return x->users > y->users ? -1 : 1;
	for (k = 0; k < x->length && k < y->length; k++)
		if (x->nodes[k] != y->nodes[k])
			return x->nodes[k] < y->nodes[k] ? -1 : 1;
	return (x->length > y->length) - (x->length < y->length);
}

static Datum
top_paths_final_users(PG_FUNCTION_ARGS)
{
	VariantVisit visit = {0};
	Population *population;
	TupleDesc	desc;
	Oid			row;
	Variant    *best = NULL;
	uint64		nbest = 0;
	uint64		wanted;
	Datum	   *rows;
	uint64		i;

	desc = aggregate_row_type(fcinfo, "top_paths(user_id, at, node, gap, depth, n)", &row);
	population = (Population *) PG_GETARG_POINTER(0);
	path_begin_visit(fcinfo, population, &visit.path);
	wanted = (uint64) visit.path.params->given.list[PATH_N].number;
	visit.conversion_node = path_node_param(fcinfo, population, visit.path.params, PATH_CONVERSION_NODE);
	visit.parts = 1;
	visit.limit = get_hash_memory_limit();
	visit.context = AllocSetContextCreate(CurrentMemoryContext, "pg_journey paths",
										  ALLOCSET_DEFAULT_SIZES);
	for (visit.part = 0; visit.part < visit.parts; visit.part++)
	{
		begin_part(&visit);
		population_visit_keeping(population, visit_variants, &visit);
		if (visit.overflow)
		{
			visit.parts *= 4;
			visit.part = UINT64_MAX;	/* from the first again */
			nbest = 0;
			continue;
		}
		if (visit.n == 0)
			continue;
		/* the best of this part, together with those so far */
		qsort(visit.variants, visit.n, sizeof(Variant), compare_variants);
		visit.n = Min(visit.n, wanted);
		if (best == NULL)
			best = MemoryContextAllocHuge(CurrentMemoryContext, visit.n * sizeof(Variant));
		else
			best = repalloc_huge(best, (nbest + visit.n) * sizeof(Variant));
		for (i = 0; i < visit.n; i++)
		{
			Variant    *variant = &best[nbest++];
			HistogramBucket *buckets;

			*variant = visit.variants[i];
			variant->nodes = palloc(variant->length * sizeof(uint32));
			memcpy(variant->nodes, visit.variants[i].nodes, variant->length * sizeof(uint32));
			buckets = palloc(variant->durations.nbuckets * sizeof(HistogramBucket));
			memcpy(buckets, variant->durations.buckets,
				   variant->durations.nbuckets * sizeof(HistogramBucket));
			variant->durations.buckets = buckets;
		}
		qsort(best, nbest, sizeof(Variant), compare_variants);
		for (i = wanted; i < nbest; i++)
		{
			pfree(best[i].nodes);
			pfree(best[i].durations.buckets);
		}
		nbest = Min(nbest, wanted);
	}
	MemoryContextDelete(visit.context);
	population_release(population);

	rows = palloc(Max(nbest, 1) * sizeof(Datum));
	for (i = 0; i < nbest; i++)
	{
		const Variant *variant = &best[i];
		Datum		path[PATH_DEPTH_MAX];
		Datum		columns[5];
		bool		nulls[5] = {false};
		Interval	median = duration_interval((int64) histogram_quantile(&variant->durations, 0.5));
		int			k;

		CHECK_FOR_INTERRUPTS();
		for (k = 0; k < variant->length; k++)
		{
			TextSlice	name = population_node(population, variant->nodes[k]);

			path[k] = PointerGetDatum(cstring_to_text_with_len(name.bytes, (int) name.length));
		}
		columns[0] = PointerGetDatum(construct_array(path, variant->length, TEXTOID, -1, false,
													 TYPALIGN_INT));
		columns[1] = Int64GetDatum((int64) variant->users);
		columns[2] = Int64GetDatum((int64) variant->sessions);
		nulls[3] = !visit.path.params->given.list[PATH_CONVERSION_NODE].given;
		columns[3] = Float8GetDatum((double) variant->reached / (double) variant->sessions);
		columns[4] = IntervalPGetDatum(&median);
		rows[i] = HeapTupleGetDatum(heap_form_tuple(desc, columns, nulls));
		for (k = 0; k < variant->length; k++)
			pfree(DatumGetPointer(path[k]));
		pfree(DatumGetPointer(columns[0]));
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(rows, (int) nbest, row, -1, false, TYPALIGN_DOUBLE));
}

/* top_paths_final(state): an array of path_variant, the most frequent first. */
JOURNEY_FUNCTION_AS(journey_top_paths_final, results_final_once(fcinfo, top_paths_final_users))

/*
 * path_variants(path_variant[], min_users): its elements as rows.
 */
#define VARIANT_COLUMNS 5

static const uint32 variant_columns[VARIANT_COLUMNS] = {
	STATS_LABEL, STATS_ON(1), STATS_ON(1), STATS_ON(1), STATS_ON(1)
};

Datum
journey_path_variants(PG_FUNCTION_ARGS)
{
	StatsRows	rows;
	ArrayType  *array = stats_begin_rows(&rows, fcinfo, NULL, STATS_COLUMNS(variant_columns));
	ArrayIterator each;
	Datum		item;
	bool		null;

	if (array == NULL)
		PG_RETURN_NULL();
	each = array_create_iterator(array, 0, NULL);
	while (array_iterate(each, &item, &null))
	{
		TupleDesc	desc = ((ReturnSetInfo *) fcinfo->resultinfo)->setDesc;
		Datum		values[VARIANT_COLUMNS] = {0};
		bool		nulls[VARIANT_COLUMNS] = {true, true, true, true, true};
		HeapTupleData tuple = {0};

		CHECK_FOR_INTERRUPTS();
		if (!null)
		{
			tuple.t_data = DatumGetHeapTupleHeader(item);
			tuple.t_len = HeapTupleHeaderGetDatumLength(tuple.t_data);
			heap_deform_tuple(&tuple, desc, values, nulls);
		}
		stats_show_row(&rows, values, nulls);
	}
	PG_RETURN_NULL();
}
