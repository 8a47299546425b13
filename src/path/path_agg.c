/*-------------------------------------------------------------------------
 *
 * path_agg.c
 *		user_path: the nodes of one user in order, as an aggregate.
 *
 * A query may hold millions of states at once, so each is a single flat chunk
 * in the aggregate's own context, small at first, doubling as it grows: a
 * header, then for each event its time, its seq, the length of its node (4
 * bytes) and its bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "aggregate/aggregate.h"
#include "base/base.h"
#include "catalog/pg_type.h"
#include "event/event.h"
#include "miscadmin.h"
#include "path/path_params.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

JOURNEY_FUNCTION(journey_user_path_combine);
JOURNEY_FUNCTION(journey_user_path_serialize);
JOURNEY_FUNCTION(journey_user_path_deserialize);
JOURNEY_FUNCTION(journey_user_path_final);

typedef struct PathBuffer
{
	const void *params;			/* shared between users */
	uint64		n;				/* events */
	uint64		used;			/* bytes of data */
	uint64		capacity;
	char		data[FLEXIBLE_ARRAY_MEMBER];
} PathBuffer;

#define FIRST_CAPACITY	96
#define EVENT_HEAD		20		/* bytes before the node's */

/* One event of a buffer. */
typedef struct NodeEvent
{
	int64		at;
	int64		seq;
	TextSlice	node;
} NodeEvent;

/* The event order: by time, seq, and the bytes of the node. */
static inline bool
node_event_before(const NodeEvent *a, const NodeEvent *b)
{
	if (a->at != b->at)
		return a->at < b->at;
	if (a->seq != b->seq)
		return a->seq < b->seq;
	return slice_order(a->node, b->node) < 0;
}

#define MERGE_SORT_NAME sort_node_events
#define MERGE_SORT_TYPE NodeEvent
#define MERGE_SORT_BEFORE(a, b, arg) node_event_before(a, b)
#include "base/merge_sort.h"

static PathBuffer *
buffer_new(MemoryContext context, const void *params, uint64 capacity)
{
	PathBuffer *buffer = MemoryContextAllocHuge(context, offsetof(PathBuffer, data) + capacity);

	buffer->params = params;
	buffer->n = 0;
	buffer->used = 0;
	buffer->capacity = capacity;
	return buffer;
}

/* Make room for `size` more bytes; returns the buffer, which may have moved. */
static PathBuffer *
buffer_reserve(PathBuffer *buffer, uint64 size)
{
	if (buffer->used + size > buffer->capacity)
	{
		buffer->capacity = Max(buffer->capacity * 2, buffer->used + size);
		buffer = repalloc_huge(buffer, offsetof(PathBuffer, data) + buffer->capacity);
	}
	return buffer;
}

/*
 * user_path_transition(state, at [, seq], node [, gap])
 */
static inline Datum
user_path_row(FunctionCallInfo fcinfo, int shift)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	PathBuffer *buffer = PG_ARGISNULL(0) ? NULL : (PathBuffer *) PG_GETARG_POINTER(0);
	ParamsSite *site = flinfo->fn_extra;
	bool		skip = PG_ARGISNULL(1) || PG_ARGISNULL(2 + shift);
	int64		at;
	int64		seq;
	text	   *node;
	uint32		length;
	char	   *out;

	if (site == NULL)
		site = flinfo->fn_extra = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(ParamsSite));
	if (!site->constant)
	{
		CallParams	given = {0};

		if (PG_NARGS() > 3 + shift)
			param_read(&given, &path_params, PATH_GAP, fcinfo, 3 + shift);
		params_of_row(fcinfo, site, &path_params,
					  1 << 1 | (shift > 0 ? 1 << 2 : 0) | 1 << (2 + shift),
					  buffer == NULL ? NULL : buffer->params, &given, !skip);
	}
	if (skip)
	{
		if (buffer == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(buffer);
	}
	at = arg_event_time(PG_GETARG_TIMESTAMPTZ(1));
	seq = shift == 0 ? 0 : PG_ARGISNULL(2) ? PG_INT64_MAX : PG_GETARG_INT64(2);
	node = PG_GETARG_TEXT_PP(2 + shift);
	length = (uint32) VARSIZE_ANY_EXHDR(node);
	if (buffer == NULL)
		buffer = buffer_new(arg_aggregate_context(fcinfo), site->params, FIRST_CAPACITY);
	buffer = buffer_reserve(buffer, EVENT_HEAD + (uint64) length);
	out = buffer->data + buffer->used;
	memcpy(out, &at, 8);
	memcpy(out + 8, &seq, 8);
	memcpy(out + 16, &length, 4);
	memcpy(out + EVENT_HEAD, VARDATA_ANY(node), length);
	buffer->used += EVENT_HEAD + (uint64) length;
	buffer->n++;
	PG_RETURN_POINTER(buffer);
}

JOURNEY_FUNCTION_AS(journey_user_path_transition, user_path_row(fcinfo, 0))
JOURNEY_FUNCTION_AS(journey_user_path_seq_transition, user_path_row(fcinfo, 1))

/*
 * user_path_combine(state, state)
 */
Datum
journey_user_path_combine(PG_FUNCTION_ARGS)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	MemoryContext context = arg_aggregate_context(fcinfo);
	PathBuffer *left = PG_ARGISNULL(0) ? NULL : (PathBuffer *) PG_GETARG_POINTER(0);
	const PathBuffer *right = PG_ARGISNULL(1) ? NULL : (PathBuffer *) PG_GETARG_POINTER(1);
	const void *params;

	if (right == NULL)
	{
		if (left == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(left);
	}
	params = params_joined(flinfo->fn_mcxt, &path_params, flinfo->fn_extra,
						   left == NULL ? NULL : left->params, right->params);
	flinfo->fn_extra = unconstify(void *, params);
	if (left == NULL)
		left = buffer_new(context, params, right->used);
	left = buffer_reserve(left, right->used);
	memcpy(left->data + left->used, right->data, right->used);
	left->used += right->used;
	left->n += right->n;
	PG_RETURN_POINTER(left);
}

/* The first number of a serialized state, raised when the format changes. */
#define USER_PATH_FORMAT 1

/*
 * user_path_serialize(state): format, parameters, number of events, and for
 * each its time and seq, signs folded, the length of its node and its bytes.
 */
Datum
journey_user_path_serialize(PG_FUNCTION_ARGS)
{
	PathBuffer *buffer = (PathBuffer *) PG_GETARG_POINTER(0);
	size_t		given = params_size(&path_params, buffer->params);
	uint64		size = number_size(USER_PATH_FORMAT) + number_size(given) + given +
		number_size(buffer->n);
	const char *in;
	bytea	   *bytes;
	ByteWriter	out;
	int			pass;

	/* first the size, then the bytes */
	for (pass = 0, bytes = NULL; pass < 2; pass++)
	{
		if (pass == 1)
		{
			bytes = serialized_alloc(size);
			out.at = (unsigned char *) VARDATA(bytes);
			write_number(&out, USER_PATH_FORMAT);
			write_number(&out, given);
			params_encode(&path_params, buffer->params, &out);
			write_number(&out, buffer->n);
		}
		for (in = buffer->data; in < buffer->data + buffer->used;)
		{
			int64		at;
			int64		seq;
			uint32		length;

			memcpy(&at, in, 8);
			memcpy(&seq, in + 8, 8);
			memcpy(&length, in + 16, 4);
			if (pass == 0)
				size += number_size(fold_sign(at)) + number_size(fold_sign(seq)) +
					number_size(length) + length;
			else
			{
				write_number(&out, fold_sign(at));
				write_number(&out, fold_sign(seq));
				write_number(&out, length);
				write_bytes(&out, in + EVENT_HEAD, length);
			}
			in += EVENT_HEAD + (size_t) length;
		}
	}
	Assert(out.at == (unsigned char *) bytes + VARSIZE(bytes));
	PG_RETURN_BYTEA_P(bytes);
}

/*
 * user_path_deserialize(bytes): every byte is checked.
 */
Datum
journey_user_path_deserialize(PG_FUNCTION_ARGS)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	ByteReader	in = {(unsigned char *) VARDATA_ANY(bytes),
	(unsigned char *) VARDATA_ANY(bytes) + VARSIZE_ANY_EXHDR(bytes), false};
	ByteReader	given = {NULL, NULL, false};
	PathBuffer *buffer;
	uint64		length;
	uint64		n;
	uint64		i;

	(void) arg_aggregate_context(fcinfo);
	if (read_number(&in) != USER_PATH_FORMAT)
		serialized_refuse();
	length = read_number(&in);
	given.at = read_bytes(&in, length);
	given.end = given.at + (in.failed ? 0 : length);
	n = read_number(&in);
	if (in.failed || n > bytes_left(&in) / 3)
		serialized_refuse();
	buffer = buffer_new(CurrentMemoryContext, NULL, bytes_left(&in) + n * EVENT_HEAD);
	for (i = 0; i < n; i++)
	{
		int64		at = unfold_sign(read_number(&in));
		int64		seq = unfold_sign(read_number(&in));
		const unsigned char *node;
		uint32		size;
		char	   *out = buffer->data + buffer->used;

		length = read_number(&in);
		node = read_bytes(&in, length);
		if (node == NULL || !event_time_is_valid(at))
			serialized_refuse();
		size = (uint32) length;
		memcpy(out, &at, 8);
		memcpy(out + 8, &seq, 8);
		memcpy(out + 16, &size, 4);
		memcpy(out + EVENT_HEAD, node, size);
		buffer->used += EVENT_HEAD + (uint64) size;
	}
	if (bytes_left(&in) != 0)
		serialized_refuse();
	buffer->n = n;
	buffer->params = params_decode(flinfo->fn_mcxt, &path_params, flinfo->fn_extra, &given);
	flinfo->fn_extra = unconstify(void *, buffer->params);
	PG_RETURN_POINTER(buffer);
}

/*
 * user_path_final(state): the nodes in the event order, with a NULL between
 * two sessions; NULL when there are no rows.
 */
Datum
journey_user_path_final(PG_FUNCTION_ARGS)
{
	PathBuffer *buffer = PG_ARGISNULL(0) ? NULL : (PathBuffer *) PG_GETARG_POINTER(0);
	const PathParams *params;
	NodeEvent  *events;
	Datum	   *nodes;
	bool	   *nulls;
	const char *in;
	int			dims[1];
	int			lower[1] = {1};
	uint64		n = 0;
	uint64		i;
	bool		sorted = true;

	if (buffer == NULL)
		PG_RETURN_NULL();
	params = buffer->params;
	if (buffer->n > MaxArraySize / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a path of %llu events is too long for one array",
						(unsigned long long) buffer->n)));
	events = MemoryContextAllocHuge(CurrentMemoryContext, buffer->n * sizeof(NodeEvent));
	for (in = buffer->data, i = 0; i < buffer->n; i++)
	{
		memcpy(&events[i].at, in, 8);
		memcpy(&events[i].seq, in + 8, 8);
		memcpy(&events[i].node.length, in + 16, 4);
		events[i].node.bytes = in + EVENT_HEAD;
		in += EVENT_HEAD + (size_t) events[i].node.length;
		if (i > 0 && node_event_before(&events[i], &events[i - 1]))
			sorted = false;
	}
	if (!sorted)
		sort_node_events(events, buffer->n,
						 MemoryContextAllocHuge(CurrentMemoryContext,
												events_sort_scratch(buffer->n) * sizeof(NodeEvent)),
						 NULL);
	nodes = MemoryContextAllocHuge(CurrentMemoryContext, 2 * buffer->n * sizeof(Datum));
	nulls = MemoryContextAllocHuge(CurrentMemoryContext, 2 * buffer->n * sizeof(bool));
	for (i = 0; i < buffer->n; i++)
	{
		if (i % KERNEL_CHECK_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (i > 0 && params->spec.gap != PATH_WHOLE &&
			time_between(events[i - 1].at, events[i].at) > (uint64) params->spec.gap)
		{
			nodes[n] = (Datum) 0;
			nulls[n++] = true;
		}
		nodes[n] = PointerGetDatum(cstring_to_text_with_len(events[i].node.bytes,
															(int) events[i].node.length));
		nulls[n++] = false;
	}
	dims[0] = (int) n;
	PG_RETURN_ARRAYTYPE_P(construct_md_array(nodes, nulls, 1, dims, lower, TEXTOID, -1, false,
											 TYPALIGN_INT));
}
