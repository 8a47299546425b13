/*-------------------------------------------------------------------------
 *
 * next_node_agg.c
 *		sequence_next_node: the next-node kernel as an aggregate over the rows
 *		of one user.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/base.h"
#include "event/event.h"
#include "sequence/next_node.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

JOURNEY_FUNCTION(journey_sequence_next_node_transition);
JOURNEY_FUNCTION(journey_sequence_next_node_combine);
JOURNEY_FUNCTION(journey_sequence_next_node_serialize);
JOURNEY_FUNCTION(journey_sequence_next_node_deserialize);
JOURNEY_FUNCTION(journey_sequence_next_node_final);

/*
 * The rows of one user, and the bytes of their values one after the other.
 * Both areas start small and double.
 */
typedef struct NodeState
{
	NodeRow    *rows;
	char	   *bytes;
	uint64		n;				/* rows in use */
	uint64		capacity;
	uint64		nbytes;			/* bytes in use */
	uint64		bytes_capacity;
	uint8		nsteps;
	uint8		direction;		/* NodeDirection */
	uint8		anchor;			/* NodeAnchor */
	bool		sorted;
} NodeState;

/*
 * The parameters of a call site.  Where they are constants they are read once.
 */
typedef struct NodeSite
{
	uint8		direction;		/* NodeDirection */
	uint8		anchor;			/* NodeAnchor */
	bool		constant;
} NodeSite;

static const char *const direction_names[] = {"forward", "backward"};
static const char *const anchor_names[] = {"head", "tail", "first_match", "last_match"};

/* The number of a name in a list of names, or -1. */
static int
node_find_name(const struct varlena *name, const char *const *names, int n)
{
	int			i;

	for (i = 0; i < n; i++)
		if (strlen(names[i]) == VARSIZE_ANY_EXHDR(name) &&
			memcmp(names[i], VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)) == 0)
			return i;
	return -1;
}

/* Read direction and anchor, or say what is wrong with them. */
static void
node_read_params(const struct varlena *direction_text, const struct varlena *anchor_text,
				 uint8 *direction, uint8 *anchor)
{
	int			d = node_find_name(direction_text, direction_names, lengthof(direction_names));
	int			a = node_find_name(anchor_text, anchor_names, lengthof(anchor_names));

	if (d < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("direction \"%s\" does not exist", text_to_cstring(direction_text)),
				 errhint("Write 'forward' or 'backward'.")));
	if (a < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("anchor \"%s\" does not exist", text_to_cstring(anchor_text)),
				 errhint("Write 'head', 'tail', 'first_match' or 'last_match'.")));
	if ((d == NODE_BACKWARD && a == NODE_HEAD) || (d == NODE_FORWARD && a == NODE_TAIL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("direction \"%s\" leads nowhere from anchor \"%s\"",
						direction_names[d], anchor_names[a]),
				 errhint("Go forward from the head, backward from the tail, or either way from a match.")));
	*direction = (uint8) d;
	*anchor = (uint8) a;
}

/* Direction and anchor are the same in all rows of one user. */
static void
node_check_params(const NodeState *state, uint8 direction, uint8 anchor)
{
	if (direction != state->direction)
		arg_refuse_changed("direction", direction_names[state->direction],
						   direction_names[direction]);
	if (anchor != state->anchor)
		arg_refuse_changed("anchor", anchor_names[state->anchor], anchor_names[anchor]);
}

static NodeState *
node_new_state(MemoryContext context, int nsteps, uint8 direction, uint8 anchor,
			   uint64 capacity, uint64 bytes_capacity)
{
	NodeState  *state = MemoryContextAllocZero(context, sizeof(NodeState));

	state->capacity = capacity;
	state->bytes_capacity = bytes_capacity;
	state->rows = MemoryContextAllocHuge(context, capacity * sizeof(NodeRow));
	state->bytes = MemoryContextAllocHuge(context, bytes_capacity);
	state->nsteps = (uint8) nsteps;
	state->direction = direction;
	state->anchor = anchor;
	state->sorted = true;
	return state;
}

/* Make room for n more rows with `length` bytes of values. */
static void
node_reserve(NodeState *state, uint64 n, uint64 length)
{
	if (state->n + n > state->capacity)
	{
		state->capacity = Max(state->capacity * 2, state->n + n);
		state->rows = repalloc_huge(state->rows, state->capacity * sizeof(NodeRow));
	}
	if (state->nbytes + length > state->bytes_capacity)
	{
		state->bytes_capacity = Max(state->bytes_capacity * 2, state->nbytes + length);
		state->bytes = repalloc_huge(state->bytes, state->bytes_capacity);
	}
}

/*
 * sequence_next_node_transition(state, at, step, value, is_base, direction, anchor)
 */
Datum
journey_sequence_next_node_transition(PG_FUNCTION_ARGS)
{
	NodeState  *state = PG_ARGISNULL(0) ? NULL : (NodeState *) PG_GETARG_POINTER(0);
	NodeSite   *site = fcinfo->flinfo->fn_extra;
	int64		at;
	uint64		step;
	text	   *value;
	uint32		length;
	NodeRow    *row;

	if (site == NULL)
		site = fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
																 sizeof(NodeSite));
	if (!site->constant)
	{
		ARG_NOT_NULL(5, "direction");
		ARG_NOT_NULL(6, "anchor");
		node_read_params(PG_GETARG_TEXT_PP(5), PG_GETARG_TEXT_PP(6), &site->direction, &site->anchor);
		if (state != NULL)
			node_check_params(state, site->direction, site->anchor);
		site->constant = arg_parameters_are_constant(fcinfo, 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4);
	}

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	at = arg_event_time(PG_GETARG_TIMESTAMPTZ(1));
	step = (uint64) PG_GETARG_INT64(2);
	value = PG_GETARG_TEXT_PP(3);
	length = (uint32) VARSIZE_ANY_EXHDR(value);

	if (state == NULL)
		state = node_new_state(arg_aggregate_context(fcinfo), stepset_size(step),
							   site->direction, site->anchor, 4, 64);
	else
		arg_check_size(state->nsteps, step);

	node_reserve(state, 1, length);
	row = &state->rows[state->n];
	row->at = at;
	row->step = step;
	row->value = state->nbytes;
	row->length = length;
	row->is_base = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4);
	memcpy(state->bytes + state->nbytes, VARDATA_ANY(value), length);
	if (state->n > 0 && node_row_before(row, row - 1, state->bytes))
		state->sorted = false;
	state->nbytes += length;
	state->n++;
	PG_RETURN_POINTER(state);
}

/*
 * sequence_next_node_combine(state, state)
 */
Datum
journey_sequence_next_node_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = arg_aggregate_context(fcinfo);
	NodeState  *left = PG_ARGISNULL(0) ? NULL : (NodeState *) PG_GETARG_POINTER(0);
	const NodeState *right = PG_ARGISNULL(1) ? NULL : (NodeState *) PG_GETARG_POINTER(1);
	uint64		i;

	if (right == NULL)
	{
		if (left == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(left);
	}
	if (left == NULL)
		left = node_new_state(context, right->nsteps, right->direction, right->anchor,
							  right->n, right->nbytes + 1);
	node_check_params(left, right->direction, right->anchor);
	if (left->nsteps != right->nsteps)
		arg_refuse_size(left->nsteps, right->nsteps);

	node_reserve(left, right->n, right->nbytes);
	memcpy(left->bytes + left->nbytes, right->bytes, right->nbytes);
	memcpy(left->rows + left->n, right->rows, right->n * sizeof(NodeRow));
	for (i = left->n; i < left->n + right->n; i++)
		left->rows[i].value += left->nbytes;
	left->sorted = left->sorted && right->sorted &&
		(left->n == 0 || !node_row_before(&left->rows[left->n], &left->rows[left->n - 1],
										  left->bytes));
	left->n += right->n;
	left->nbytes += right->nbytes;
	PG_RETURN_POINTER(left);
}

/*
 * sequence_next_node_serialize(state): the parameters are the direction, the
 * anchor, and how many bytes the values take.
 */
Datum
journey_sequence_next_node_serialize(PG_FUNCTION_ARGS)
{
	NodeState  *state = (NodeState *) PG_GETARG_POINTER(0);
	unsigned char params[16];
	ByteWriter	out = {params};
	EventsHeader header;
	bytea	   *bytes;

	write_number(&out, state->direction);
	write_number(&out, state->anchor);
	write_number(&out, state->nbytes);
	header.params = params;
	header.params_size = (size_t) (out.at - params);
	header.nsteps = state->nsteps;
	header.n = state->n;
	bytes = serialized_alloc(events_header_size(&header) +
							 node_rows_encoded_size(state->rows, state->n));
	out.at = (unsigned char *) VARDATA(bytes);
	events_write_header(&header, &out);
	node_rows_encode(state->rows, state->n, state->bytes, &out);
	Assert(out.at == (unsigned char *) bytes + VARSIZE(bytes));
	PG_RETURN_BYTEA_P(bytes);
}

/*
 * sequence_next_node_deserialize(bytes)
 */
Datum
journey_sequence_next_node_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	ByteReader	in = {(unsigned char *) VARDATA_ANY(bytes),
	(unsigned char *) VARDATA_ANY(bytes) + VARSIZE_ANY_EXHDR(bytes), false};
	ByteReader	params = {NULL, NULL, false};
	EventsHeader header;
	NodeState  *state;
	uint64		direction;
	uint64		anchor;
	uint64		nbytes;
	uint64		i;

	(void) arg_aggregate_context(fcinfo);
	if (!events_read_header(&in, &header))
		serialized_refuse();
	params.at = header.params;
	params.end = header.params + header.params_size;
	direction = read_number(&params);
	anchor = read_number(&params);
	nbytes = read_number(&params);
	if (params.failed || bytes_left(&params) != 0 || direction >= lengthof(direction_names) ||
		anchor >= lengthof(anchor_names) || nbytes > bytes_left(&in))
		serialized_refuse();

	state = node_new_state(CurrentMemoryContext, header.nsteps, (uint8) direction,
						   (uint8) anchor, Max(header.n, 1), nbytes + 1);
	if (!node_rows_decode(&in, header.nsteps, state->rows, header.n, state->bytes, nbytes) ||
		bytes_left(&in) != 0)
		serialized_refuse();
	state->n = header.n;
	state->nbytes = nbytes;
	for (i = 1; i < state->n && state->sorted; i++)
		state->sorted = !node_row_before(&state->rows[i], &state->rows[i - 1], state->bytes);
	PG_RETURN_POINTER(state);
}

/*
 * sequence_next_node_final(state): the value of the row after the chain, NULL
 * when there is no such chain or nothing comes after it.
 */
Datum
journey_sequence_next_node_final(PG_FUNCTION_ARGS)
{
	NodeState  *state = PG_ARGISNULL(0) ? NULL : (NodeState *) PG_GETARG_POINTER(0);
	size_t		found;

	if (state == NULL)
		PG_RETURN_NULL();
	if (!state->sorted)
	{
		NodeRow    *scratch = MemoryContextAllocHuge(CurrentMemoryContext,
													 events_sort_scratch(state->n) * sizeof(NodeRow));

		node_rows_sort(state->rows, state->n, scratch, state->bytes);
		pfree(scratch);
		state->sorted = true;
	}
	found = node_find(state->rows, state->n, state->nsteps,
					  (NodeDirection) state->direction, (NodeAnchor) state->anchor);
	if (found == NO_NODE)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(state->bytes + state->rows[found].value,
											  (int) state->rows[found].length));
}
