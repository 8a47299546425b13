/*-------------------------------------------------------------------------
 *
 * scan_rows.c
 *		The columns of all rows of a heap page, extracted together, column by
 *		column.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tupmacs.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "scan/scan_lookup.h"
#include "scan/scan_rows.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

#include "compat.h"

/*
 * What rows are read from in loops over fixed places when their own columns
 * lie elsewhere.  No place is past the end of a page.
 */
static const union
{
	char		bytes[BLCKSZ];
	Datum		align;
}			no_columns;

/* Rows of the table that `scan` reads; needed columns are then added. */
ScanRows *
scan_rows_new(ScanState *scan, ExprContext *context)
{
	const CustomScan *plan = castNode(CustomScan, scan->ps.plan);
	TupleDesc	desc = RelationGetDescr(scan->ss_currentRelation);
	ScanRows   *rows = palloc0(sizeof(ScanRows));

	rows->plan = &scan->ps;
	rows->scan = scan;
	rows->context = context;
	rows->ntable = desc->natts;
	if (plan->custom_plans != NIL)
	{
		rows->nlooked_up = scan_lookups_columns(lthird(plan->custom_private));
		rows->tlist = plan->custom_scan_tlist;
		rows->places = lsecond(plan->custom_private);
	}
	rows->columns = palloc0((desc->natts + rows->nlooked_up) * sizeof(ScanColumn));
	rows->fixed = palloc0(desc->natts * sizeof(int));
	rows->tuple.t_tableOid = RelationGetRelid(scan->ss_currentRelation);
	rows->current = rows->in_slot = -1;
	return rows;
}

/* Room for the values of as many rows as there may be, none of them NULL. */
void
scan_vector_new(ScanVector *vector)
{
	vector->values = palloc(SCAN_ROWS_MOST * sizeof(Datum));
	vector->nulls = palloc0(SCAN_ROWS_MOST * sizeof(bool));
	vector->has_nulls = vector->constant = false;
}

/* An expression needs a column, from 0. */
void
scan_rows_need(ScanRows *rows, int number, bool early)
{
	ScanColumn *column = &rows->columns[number];

	if (!column->needed)
		scan_vector_new(&column->vector);
	column->needed = true;
	column->early |= early;
	if (number < rows->ntable)
		rows->ncolumns = Max(rows->ncolumns, number + 1);
}

/*
 * All expressions are known: settle how rows are taken apart.
 */
void
scan_rows_ready(ScanRows *rows)
{
	TupleDesc	desc = RelationGetDescr(rows->scan->ss_currentRelation);
	int32		offset = 0;
	int			i;

	rows->nfixed = 0;
	rows->first_moving = 0;
	rows->moving_early = false;
	for (i = 0; i < rows->ncolumns; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		ScanColumn *column = &rows->columns[i];
		int32		aligned = (int32) att_align_nominal(Max(offset, 0), attribute->attalign);

		column->length = attribute->attlen;
		column->align = attribute->attalign;
		column->by_value = attribute->attbyval;

		/*
		 * A value with a short header is not padded, one with a long header
		 * is. Beyond a page there are only columns of rows with NULLs.
		 */
		if (offset < 0 || (column->length == -1 && offset != aligned) ||
			aligned + Max(column->length, 1) > BLCKSZ)
		{
			offset = column->offset = -1;
			rows->moving_early |= column->early;
			continue;
		}
		column->offset = aligned;
		rows->first_moving = i + 1;
		if (column->needed)
			rows->fixed[rows->nfixed++] = i;
		offset = column->length < 0 ? -1 : aligned + column->length;
	}

	/* on the way to one of those that move the others are taken as well */
	for (i = rows->first_moving; i < rows->ncolumns; i++)
		rows->columns[i].early |= rows->moving_early;
}

/* ---- taking columns ---------------------------------------------------------- */

/* Take the columns of a row with NULLs. */
static void
take_row_with_nulls(ScanRows *rows, int row)
{
	HeapTupleHeader header = rows->tuples[row];
	const char *data = (const char *) header + header->t_hoff;
	size_t		offset = 0;
	int			i;

	for (i = 0; i < rows->ncolumns; i++)
	{
		ScanColumn *column = &rows->columns[i];

		if (att_isnull(i, header->t_bits))
		{
			if (column->needed)
				scan_vector_set_null(&column->vector, row);
			continue;
		}
		offset = att_align_pointer(offset, column->align, column->length, data + offset);
		if (column->needed)
			column->vector.values[row] = fetch_att(data + offset, column->by_value, column->length);
		offset = att_addlength_pointer(offset, column->length, data + offset);
	}
}

/* Take the columns of a row that has no fixed places. */
static void
take_odd_row(ScanRows *rows, int row)
{
	HeapTupleHeader header = rows->tuples[row];
	TupleTableSlot *slot;
	int			i;

	if (HeapTupleHeaderGetNatts(header) >= rows->ncolumns)
	{
		take_row_with_nulls(rows, row);
		return;
	}

	/* columns were added to the table since */
	rows->current = row;
	slot = scan_rows_slot(rows);
	slot_getsomeattrs(slot, rows->ncolumns);
	for (i = 0; i < rows->ncolumns; i++)
	{
		ScanVector *vector = &rows->columns[i].vector;

		if (!rows->columns[i].needed)
			continue;
		if (slot->tts_isnull[i])
			scan_vector_set_null(vector, row);
		else
			vector->values[row] = scan_datum(slot->tts_values[i], rows->columns[i].length,
											 rows->columns[i].by_value);
	}
}

/* Are none of the needed columns, and none before them, NULL? */
static bool
prefix_is_full(const bits8 *nulls, int n)
{
	int			i;

	for (i = 0; i < n / 8; i++)
		if (nulls[i] != 0xff)
			return false;
	return n % 8 == 0 || (nulls[i] | 0xff << n % 8) == (0xff | 0xff << n % 8);
}

/*
 * Find where the columns of each row begin.  Gives back how many rows have
 * not all columns in their fixed places, and which.
 */
static int
find_data(ScanRows *rows, uint16 *odd)
{
	const int	ncolumns = rows->ncolumns;
	int			nodd = 0;
	int			i;

	for (i = 0; i < rows->n; i++)
	{
		HeapTupleHeader header = rows->tuples[i];

		rows->data[i] = (const char *) header + header->t_hoff;
		if (unlikely((header->t_infomask & HEAP_HASNULL) != 0 ||
					 HeapTupleHeaderGetNatts(header) < ncolumns) &&
			(HeapTupleHeaderGetNatts(header) < ncolumns ||
			 !prefix_is_full(header->t_bits, ncolumns)))
		{
			rows->data[i] = no_columns.bytes;
			odd[nodd++] = (uint16) i;
		}
	}
	return nodd;
}

/* Take a column that is in the same place of all rows. */
static void
take_fixed(ScanRows *rows, ScanColumn *column)
{
	const int32 offset = column->offset;
	const char *const *data = rows->data;
	Datum	   *values = column->vector.values;
	const int	n = rows->n;
	int			i;

	if (!column->by_value)
		for (i = 0; i < n; i++)
			values[i] = PointerGetDatum(data[i] + offset);
	else if (column->length == sizeof(Datum))
		for (i = 0; i < n; i++)
			values[i] = *(const Datum *) (data[i] + offset);
	else if (column->length == sizeof(int32))
		for (i = 0; i < n; i++)
			values[i] = Int32GetDatum(*(const int32 *) (data[i] + offset));
	else
		for (i = 0; i < n; i++)
			values[i] = fetch_att(data[i] + offset, true, column->length);
}

/*
 * Take a column from places that vary; no row is NULL.  `places` are where the
 * column before ends, and come to be where this one does.  What the column's
 * type is may be known when this is compiled.
 */
static pg_attribute_always_inline void
take_moving_typed(ScanRows *rows, ScanColumn *column, const char **places, int16 length, char align,
				  bool by_value)
{
	const int	n = rows->n;
	const bool	needed = column->needed;
	const char *const *rows_data = rows->data;
	Datum	   *values = column->vector.values;
	int			i;

	for (i = 0; i < n; i++)
	{
		const char *data = rows_data[i];
		const char *place;

		if (data == no_columns.bytes)
			continue;
		place = data + att_align_pointer((size_t) (places[i] - data), align, length, places[i]);
		if (needed)
			values[i] = fetch_att(place, by_value, length);
		places[i] = data + att_addlength_pointer((size_t) (place - data), length, place);
	}
}

static void
take_moving(ScanRows *rows, ScanColumn *column, const char **places)
{
	if (column->length == -1 && column->align == TYPALIGN_INT)
		take_moving_typed(rows, column, places, -1, TYPALIGN_INT, false);
	else if (column->length == 8 && column->align == TYPALIGN_DOUBLE && column->by_value)
		take_moving_typed(rows, column, places, 8, TYPALIGN_DOUBLE, true);
	else
		take_moving_typed(rows, column, places, column->length, column->align, column->by_value);
}

/* Take the columns that are not in the same place of all rows. */
static void
take_all_moving(ScanRows *rows)
{
	const char *places[SCAN_ROWS_MOST];
	const ScanColumn *before = rows->first_moving == 0 ? NULL :
		&rows->columns[rows->first_moving - 1];
	int			i;

	for (i = 0; i < rows->n; i++)
	{
		places[i] = rows->data[i];
		if (before != NULL)
			places[i] += att_addlength_pointer((size_t) before->offset, before->length,
											   places[i] + before->offset);
	}
	for (i = rows->first_moving; i < rows->ncolumns; i++)
		take_moving(rows, &rows->columns[i], places);
}

/*
 * Take columns of the rows at hand out of their page: the early ones, and then,
 * of the rows that are left, those that remain.
 */
void
scan_rows_take(ScanRows *rows, bool late)
{
	uint16		odd[SCAN_ROWS_MOST];
	int			nodd = 0;
	bool		all;
	int			i;

	if (late && rows->late_taken)
		return;
	if (!late)
	{
		for (i = 0; i < rows->ncolumns; i++)
			if (rows->columns[i].needed)
				scan_vector_clear(&rows->columns[i].vector);
		nodd = find_data(rows, odd);
		rows->late_taken = false;
	}
	all = nodd > 0;
	for (i = 0; i < rows->nfixed; i++)
	{
		ScanColumn *column = &rows->columns[rows->fixed[i]];

		if (all || column->early == !late)
			take_fixed(rows, column);
	}
	if (rows->first_moving < rows->ncolumns && (all || rows->moving_early == !late))
		take_all_moving(rows);
	for (i = 0; i < nodd; i++)
		take_odd_row(rows, odd[i]);
	if (nodd > 0)
		rows->current = -1;
	rows->late_taken = all || late;
}

/* ---- which rows -------------------------------------------------------------- */

/* Have the rows of a page at hand that the numbers say. */
void
scan_rows_of_page(ScanRows *rows, const OffsetNumber *numbers, int n)
{
	Page		page = BufferGetPage(rows->buffer);
	int			i;

	rows->n = n;
	rows->current = rows->in_slot = -1;
	rows->looked_up = false;
	memcpy(rows->numbers, numbers, n * sizeof(OffsetNumber));
	for (i = 0; i < n; i++)
		rows->tuples[i] = (HeapTupleHeader) PageGetItem(page, PageGetItemId(page, numbers[i]));
}

/* Have just the row in the slot at hand. */
void
scan_rows_of_slot(ScanRows *rows)
{
	HeapTuple	tuple = ((BufferHeapTupleTableSlot *) rows->scan->ss_ScanTupleSlot)->base.tuple;

	rows->n = 1;
	rows->current = -1;
	rows->looked_up = false;
	rows->in_slot = 0;
	rows->numbers[0] = ItemPointerGetOffsetNumber(&tuple->t_self);
	rows->tuples[0] = tuple->t_data;
}

/* Of the values of a column, keep those of some rows. */
static void
keep_values(ScanVector *vector, const uint16 *kept, int n)
{
	int			k;

	for (k = 0; k < n; k++)
		vector->values[k] = vector->values[kept[k]];
	if (vector->has_nulls)
		for (k = 0; k < n; k++)
			vector->nulls[k] = vector->nulls[kept[k]];
}

/*
 * Of the rows at hand, keep n whose numbers are in order.
 */
void
scan_rows_keep(ScanRows *rows, const uint16 *kept, int n)
{
	int			i;
	int			k;

	if (n == rows->n)
		return;
	for (k = 0; k < n; k++)
	{
		rows->numbers[k] = rows->numbers[kept[k]];
		rows->tuples[k] = rows->tuples[kept[k]];
		rows->data[k] = rows->data[kept[k]];
	}
	for (i = 0; i < rows->ncolumns; i++)
	{
		ScanColumn *column = &rows->columns[i];

		if (column->needed && (column->early || rows->late_taken))
			keep_values(&column->vector, kept, n);
	}
	for (i = 0; rows->looked_up && i < rows->nlooked_up; i++)
		if (rows->columns[rows->ntable + i].needed)
			keep_values(&rows->columns[rows->ntable + i].vector, kept, n);
	rows->n = n;
	rows->current = rows->in_slot = -1;
}

/* Forget the rows before one, and take all columns of the others anew. */
void
scan_rows_drop_before(ScanRows *rows, int row)
{
	uint16		kept[SCAN_ROWS_MOST];
	int			n = 0;

	while (row + n < rows->n)
	{
		kept[n] = (uint16) (row + n);
		n++;
	}
	rows->late_taken = false;
	scan_rows_keep(rows, kept, n);
	scan_rows_take(rows, false);
	scan_rows_take(rows, true);
}

/* The scan's slot, with the row at hand that is looked at in it. */
TupleTableSlot *
scan_rows_slot(ScanRows *rows)
{
	TupleTableSlot *slot = rows->scan->ss_ScanTupleSlot;

	if (rows->in_slot != rows->current)
	{
		OffsetNumber number = rows->numbers[rows->current];

		rows->tuple.t_data = rows->tuples[rows->current];
		rows->tuple.t_len = ItemIdGetLength(PageGetItemId(BufferGetPage(rows->buffer), number));
		ItemPointerSet(&rows->tuple.t_self, rows->block, number);
		ExecStoreBufferHeapTuple(&rows->tuple, slot, rows->buffer);
		rows->in_slot = rows->current;
	}
	return slot;
}

/* What is looked up for the row at hand that is looked at, for the executor. */
void
scan_rows_put_looked_up(ScanRows *rows)
{
	TupleTableSlot *slot = rows->looked_up_slot;
	int			i;

	for (i = 0; i < rows->nlooked_up; i++)
	{
		const ScanColumn *column = &rows->columns[rows->ntable + i];

		if (!column->needed)
			continue;
		slot->tts_values[i] = column->vector.values[rows->current];
		slot->tts_isnull[i] = column->vector.nulls[rows->current];
	}
	rows->context->ecxt_outertuple = slot;
}

static Node *
columns_of_rows(Node *node, void *context)
{
	const ScanRows *rows = context;
	const Var  *var = (Var *) node;
	int			place;

	if (node == NULL)
		return NULL;
	if (!IsA(node, Var) || var->varno != INDEX_VAR)
		return expression_tree_mutator(node, columns_of_rows, context);
	place = list_nth_int(rows->places, var->varattno - 1);
	if (place == 0)
		return (Node *) copyObject(list_nth_node(TargetEntry, rows->tlist, var->varattno - 1)->expr);
	return (Node *) makeVar(OUTER_VAR, (AttrNumber) place, var->vartype, var->vartypmod,
							var->varcollid, 0);
}

/*
 * An expression over the columns of a scan with lookups, as one over those of the
 * table, and those that are looked up as the outer ones.
 */
Node *
scan_rows_columns(const ScanRows *rows, Node *expression)
{
	if (rows->places == NIL)
		return expression;
	return columns_of_rows(expression, (void *) rows);
}
