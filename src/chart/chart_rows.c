/*-------------------------------------------------------------------------
 *
 * chart_rows.c
 *		chart_svg: the aggregate that keeps rows and draws them.
 *
 * The state has the cells of all rows, as text and, if they are numbers or
 * times, as a number.  A NULL in place of a row adds nothing: so rows of an
 * outer join give a picture that says that there are none.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "base/base.h"
#include "catalog/pg_type.h"
#include "chart/chart.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

JOURNEY_FUNCTION(journey_chart_svg_transition);
JOURNEY_FUNCTION(journey_chart_svg_final);

#define CHART_MAX_BYTES		(64 * 1024 * 1024)	/* of texts of cells */

/* A column of the rows as they come. */
typedef struct RowColumn
{
	int			attribute;		/* from 0 */
	Oid			type;			/* without domains */
	FmgrInfo	output;
} RowColumn;

typedef struct ChartState
{
	ChartRows	rows;
	char	   *kind;
	Jsonb	   *options;		/* or NULL */
	Oid			row_type;
	int32		row_typmod;
	RowColumn  *columns;
	int64		bytes;			/* of texts */
} ChartState;

static bool
ends_with(const char *text, const char *end)
{
	size_t		length = strlen(text);

	return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static ChartType
chart_type_of(Oid type)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
			return CHART_NUMBER;
		case INTERVALOID:
			return CHART_DURATION;
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return CHART_TIME;
		case BOOLOID:
			return CHART_BOOLEAN;
		default:
			return CHART_TEXT;
	}
}

/* Learn the columns from the first row. */
static void
chart_describe(ChartState *state, HeapTupleHeader row)
{
	MemoryContext old = MemoryContextSwitchTo(state->rows.context);
	TupleDesc	desc;
	int			i;

	state->row_type = HeapTupleHeaderGetTypeId(row);
	state->row_typmod = HeapTupleHeaderGetTypMod(row);
	desc = lookup_rowtype_tupdesc(state->row_type, state->row_typmod);
	state->columns = palloc0(desc->natts * sizeof(RowColumn));
	state->rows.columns = palloc0(desc->natts * sizeof(ChartColumn));
	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		ChartColumn *column = &state->rows.columns[state->rows.ncolumns];
		RowColumn  *from = &state->columns[state->rows.ncolumns];
		Oid			output;
		bool		varlena;

		if (attribute->attisdropped)
			continue;
		from->attribute = i;
		from->type = getBaseType(attribute->atttypid);
		column->name = pstrdup(NameStr(attribute->attname));
		column->type = chart_type_of(from->type);
		column->format = column->type == CHART_DURATION ? CHART_AS_DURATION
			: column->type == CHART_NUMBER &&
			(strcmp(column->name, "share") == 0 || ends_with(column->name, "_rate") || ends_with(column->name, "_ratio"))
			? CHART_AS_PERCENT : CHART_AS_NUMBER;
		getTypeOutputInfo(attribute->atttypid, &output, &varlena);
		fmgr_info_cxt(output, &from->output, state->rows.context);
		state->rows.ncolumns++;
	}
	ReleaseTupleDesc(desc);
	if (state->rows.ncolumns > CHART_MAX_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_TOO_MANY_COLUMNS),
				 errmsg("rows of a chart have %d columns, more than %d", state->rows.ncolumns, CHART_MAX_COLUMNS),
				 errhint("Select only the columns that the chart shows.")));
	MemoryContextSwitchTo(old);
}

/* A time on the session's clock as seconds, and in ISO 8601. */
static char *
chart_time_cell(Timestamp at, double *number)
{
	struct pg_tm tm;
	fsec_t		fraction;

	if (TIMESTAMP_NOT_FINITE(at))
	{
		*number = NAN;
		return pstrdup(TIMESTAMP_IS_NOBEGIN(at) ? "-infinity" : "infinity");
	}
	*number = (double) at / USECS_PER_SEC;
	if (timestamp2tm(at, NULL, &tm, &fraction, NULL, NULL) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	if (tm.tm_hour == 0 && tm.tm_min == 0 && tm.tm_sec == 0)
		return psprintf("%04d-%02d-%02d", tm.tm_year, tm.tm_mon, tm.tm_mday);
	if (tm.tm_sec == 0)
		return psprintf("%04d-%02d-%02d %02d:%02d", tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min);
	return psprintf("%04d-%02d-%02d %02d:%02d:%02d", tm.tm_year, tm.tm_mon, tm.tm_mday,
					tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* A cell that is not NULL as text and, in `number`, as a number; in the current context. */
static char *
chart_read_cell(RowColumn *column, Datum value, double *number)
{
	*number = NAN;
	switch (column->type)
	{
		case INT2OID:
			*number = DatumGetInt16(value);
			return psprintf("%d", DatumGetInt16(value));
		case INT4OID:
			*number = DatumGetInt32(value);
			return psprintf("%d", DatumGetInt32(value));
		case INT8OID:
			*number = (double) DatumGetInt64(value);
			return psprintf(INT64_FORMAT, DatumGetInt64(value));
		case FLOAT4OID:
		case FLOAT8OID:
			*number = column->type == FLOAT4OID ? DatumGetFloat4(value) : DatumGetFloat8(value);
			return psprintf(column->type == FLOAT4OID ? "%.6g" : "%.15g", *number);
		case NUMERICOID:
			*number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, value));
			return OutputFunctionCall(&column->output, value);
		case INTERVALOID:
			{
				const Interval *interval = DatumGetIntervalP(value);

				if (!INTERVAL_NOT_FINITE(interval))
					*number = interval->month * 30.0 * SECS_PER_DAY + interval->day * (double) SECS_PER_DAY +
						(double) interval->time / USECS_PER_SEC;
				return pstrdup("");
			}
		case DATEOID:
			return chart_time_cell(date2timestamp_opt_overflow(DatumGetDateADT(value), NULL), number);
		case TIMESTAMPOID:
			return chart_time_cell(DatumGetTimestamp(value), number);
		case TIMESTAMPTZOID:
			return chart_time_cell(DatumGetTimestamp(DirectFunctionCall1(timestamptz_timestamp, value)), number);
		case BOOLOID:
			*number = DatumGetBool(value) ? 1 : 0;
			return pstrdup(DatumGetBool(value) ? "true" : "false");
		default:
			return OutputFunctionCall(&column->output, value);
	}
}

static void
chart_add_row(ChartState *state, HeapTupleHeader header)
{
	ChartRows  *rows = &state->rows;
	HeapTupleData tuple;
	TupleDesc	desc;
	Datum	   *values;
	bool	   *nulls;
	int			i;

	if (rows->ncolumns == 0)
		chart_describe(state, header);
	else if (HeapTupleHeaderGetTypeId(header) != state->row_type ||
			 HeapTupleHeaderGetTypMod(header) != state->row_typmod)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("rows of a chart must have the same columns")));
	if (rows->n >= CHART_MAX_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a chart has more than %d rows", CHART_MAX_ROWS),
				 errhint("Group the rows, or select those that matter.")));
	if (rows->n == rows->capacity)
	{
		Size		each = rows->ncolumns * sizeof(ChartCell);

		rows->capacity = Max(rows->capacity * 2, 64);
		rows->cells = rows->cells == NULL ? MemoryContextAllocHuge(rows->context, rows->capacity * each)
			: repalloc_huge(rows->cells, rows->capacity * each);
	}

	desc = lookup_rowtype_tupdesc(state->row_type, state->row_typmod);
	values = palloc(desc->natts * sizeof(Datum));
	nulls = palloc(desc->natts * sizeof(bool));
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, desc, values, nulls);
	ReleaseTupleDesc(desc);
	for (i = 0; i < rows->ncolumns; i++)
	{
		ChartCell  *cell = &rows->cells[(int64) rows->n * rows->ncolumns + i];
		int			attribute = state->columns[i].attribute;
		char	   *text;
		int			length;

		cell->text = NULL;
		cell->number = NAN;
		if (nulls[attribute])
			continue;
		text = chart_read_cell(&state->columns[i], values[attribute], &cell->number);
		length = (int) strlen(text);
		if (length > CHART_MAX_TEXT)
			length = pg_mbcliplen(text, length, CHART_MAX_TEXT);
		state->bytes += length;
		if (state->bytes > CHART_MAX_BYTES)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("the rows of a chart have more than %d MB of text", CHART_MAX_BYTES / 1024 / 1024),
					 errhint("Select only the columns that the chart shows.")));
		cell->text = MemoryContextAlloc(rows->context, length + 1);
		memcpy(cell->text, text, length);
		cell->text[length] = '\0';
	}
	rows->n++;
}

/* Have the parameters changed since the first row? */
static void
chart_check_parameters(const ChartState *state, const char *kind, const Jsonb *options)
{
	if (strcmp(kind, state->kind) != 0)
		arg_refuse_changed("kind", state->kind, kind);
	if ((options == NULL) != (state->options == NULL) ||
		(options != NULL && (VARSIZE(options) != VARSIZE(state->options) ||
							 memcmp(options, state->options, VARSIZE(options)) != 0)))
		arg_refuse_changed("options",
						   state->options == NULL ? "NULL" : JsonbToCString(NULL, &state->options->root, 100),
						   options == NULL ? "NULL" : JsonbToCString(NULL, &unconstify(Jsonb *, options)->root, 100));
}

/*
 * chart_svg_transition(state, row record, kind text [, options jsonb])
 */
Datum
journey_chart_svg_transition(PG_FUNCTION_ARGS)
{
	ChartState *state = PG_ARGISNULL(0) ? NULL : (ChartState *) PG_GETARG_POINTER(0);
	char	   *kind;
	Jsonb	   *options;

	ARG_NOT_NULL(2, "kind");
	kind = text_to_cstring(PG_GETARG_TEXT_PP(2));
	options = PG_NARGS() > 3 && !PG_ARGISNULL(3) ? PG_GETARG_JSONB_P(3) : NULL;
	if (state == NULL)
	{
		MemoryContext context = arg_aggregate_context(fcinfo);
		MemoryContext old = MemoryContextSwitchTo(context);

		state = palloc0(sizeof(ChartState));
		state->rows.context = context;
		state->kind = pstrdup(kind);
		if (options != NULL)
		{
			state->options = palloc(VARSIZE(options));
			memcpy(state->options, options, VARSIZE(options));
		}
		MemoryContextSwitchTo(old);
	}
	else
		chart_check_parameters(state, kind, options);
	if (!PG_ARGISNULL(1))
		chart_add_row(state, PG_GETARG_HEAPTUPLEHEADER(1));
	PG_RETURN_POINTER(state);
}

/* An id that depends on all that the picture shows, so that two in a page differ. */
static void
chart_make_id(const ChartState *state, Chart *chart)
{
	uint64		hash = hash_bytes_extended((const unsigned char *) state->kind, (int) strlen(state->kind), 0);
	int64		i;

	if (state->options != NULL)
		hash = hash_bytes_extended((const unsigned char *) state->options, (int) VARSIZE(state->options), hash);
	for (i = 0; i < state->rows.ncolumns; i++)
		hash = hash_bytes_extended((const unsigned char *) state->rows.columns[i].name,
								   (int) strlen(state->rows.columns[i].name), hash);
	for (i = 0; i < (int64) state->rows.n * state->rows.ncolumns; i++)
	{
		const ChartCell *cell = &state->rows.cells[i];

		if (cell->text == NULL)
			hash = hash_combine64(hash, 1);
		else
			hash = hash_bytes_extended((const unsigned char *) cell->text, (int) strlen(cell->text), hash);
		if (state->rows.columns[i % state->rows.ncolumns].type == CHART_DURATION && isfinite(cell->number))
			hash = hash_combine64(hash, (uint64) (int64) (cell->number * 1000));
	}
	snprintf(chart->id, sizeof(chart->id), "j%016llx", (unsigned long long) hash);
}

/*
 * chart_svg_final(state): the picture.
 */
Datum
journey_chart_svg_final(PG_FUNCTION_ARGS)
{
	ChartState *state = PG_ARGISNULL(0) ? NULL : (ChartState *) PG_GETARG_POINTER(0);
	Chart		chart = {0};
	ChartDraw	draw;

	(void) arg_aggregate_context(fcinfo);
	if (state == NULL)
		PG_RETURN_NULL();
	draw = chart_kind(state->kind);
	chart_read_options(&chart.options, state->options);
	chart.rows = &state->rows;
	chart.kind = state->kind;
	chart_make_id(state, &chart);
	PG_RETURN_TEXT_P(state->rows.n == 0 ? chart_nothing(&chart) : draw(&chart));
}

/*
 * The number of a column, or -1.
 */
int
chart_find_column(const Chart *chart, const char *name)
{
	int			i;

	for (i = 0; i < chart->rows->ncolumns; i++)
	{
		if (strcmp(chart->rows->columns[i].name, name) == 0)
			return i;
	}
	return -1;
}

/*
 * The number of a column that the kind needs, perhaps one of numbers.
 */
int
chart_need_column(const Chart *chart, const char *name, bool number)
{
	int			i = chart_find_column(chart, name);
	StringInfoData list;

	if (i >= 0 && (!number || chart->rows->columns[i].type == CHART_NUMBER || chart->rows->columns[i].type == CHART_DURATION))
		return i;
	if (i >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of a chart of kind \"%s\" must be a number", name, chart->kind)));
	initStringInfo(&list);
	for (i = 0; i < chart->rows->ncolumns; i++)
		appendStringInfo(&list, i == 0 ? "%s" : ", %s", chart->rows->columns[i].name);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("rows of a chart of kind \"%s\" have no column \"%s\"", chart->kind, name),
			 errhint("The columns are %s.", list.data)));
}

const ChartCell *
chart_cell(const Chart *chart, int row, int column)
{
	return &chart->rows->cells[(int64) row * chart->rows->ncolumns + column];
}

/*
 * A cell as it is shown in a label or a tooltip; an empty text for NULL.
 */
const char *
chart_cell_text(const Chart *chart, int row, int column)
{
	const ChartCell *cell = chart_cell(chart, row, column);
	const ChartColumn *of = &chart->rows->columns[column];

	if (cell->text == NULL)
		return "";
	if (of->format != CHART_AS_NUMBER)
		return chart_number(chart, of->format, cell->number);
	return cell->text;
}
