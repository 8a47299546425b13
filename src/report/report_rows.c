/*-------------------------------------------------------------------------
 *
 * report_rows.c
 *		The rows of a part of a report, as a table in HTML.
 *
 * report_rows() is an aggregate over whole rows.  The state is the table as it
 * is written so far: a heading of the names of columns, and a row for each of
 * the first REPORT_MAX_ROWS rows.  The others are only counted.  The result is
 * the number of rows, a line break, and the table.
 *
 * A cell shows a number as people read it.  What the number is stands in the
 * attribute data-v, if that differs, and the seconds of an interval in data-s:
 * the script of the page sorts by these and copies the former.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "base/base.h"
#include "catalog/pg_type.h"
#include "chart/chart.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

JOURNEY_FUNCTION(journey_report_rows_transition);
JOURNEY_FUNCTION(journey_report_rows_final);
JOURNEY_FUNCTION(journey_report_escape);

#define REPORT_MAX_ROWS		1000	/* that are shown */
#define REPORT_MAX_COLUMNS	100
#define REPORT_MAX_TEXT		1000	/* bytes of a cell that are shown */

/* How the cells of a column are written. */
typedef enum CellKind
{
	CELL_TEXT,
	CELL_ID,					/* a number that is not a quantity */
	CELL_INTEGER,
	CELL_FRACTION,
	CELL_PERCENT,
	CELL_DURATION
} CellKind;

typedef struct ReportColumn
{
	CellKind	kind;
	FmgrInfo	output;
} ReportColumn;

typedef struct ReportRows
{
	Oid			row_type;
	int32		row_typmod;
	int			natts;
	ReportColumn *columns;		/* of each attribute; not used if dropped */
	int64		n;
	StringInfoData out;
} ReportRows;

static bool
name_ends_with(const char *name, const char *end)
{
	const size_t length = strlen(name);

	return length >= strlen(end) && strcmp(name + length - strlen(end), end) == 0;
}

static CellKind
cell_kind(Oid type, const char *name)
{
	switch (getBaseType(type))
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return strcmp(name, "id") == 0 || name_ends_with(name, "_id") || name_ends_with(name, "year")
				? CELL_ID : CELL_INTEGER;
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
			return strcmp(name, "share") == 0 || name_ends_with(name, "_rate") || name_ends_with(name, "_ratio")
				? CELL_PERCENT : CELL_FRACTION;
		case INTERVALOID:
			return CELL_DURATION;
		default:
			return CELL_TEXT;
	}
}

/* Learn the columns from the first row, and write the heading. */
static void
report_describe(ReportRows *rows, HeapTupleHeader row, MemoryContext context)
{
	TupleDesc	desc;
	int			shown = 0;
	int			i;

	rows->row_type = HeapTupleHeaderGetTypeId(row);
	rows->row_typmod = HeapTupleHeaderGetTypMod(row);
	desc = lookup_rowtype_tupdesc(rows->row_type, rows->row_typmod);
	rows->natts = desc->natts;
	rows->columns = palloc0(Max(desc->natts, 1) * sizeof(ReportColumn));
	appendStringInfoString(&rows->out, "<table><thead><tr>");
	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		Oid			output;
		bool		varlena;

		if (attribute->attisdropped)
			continue;
		if (++shown > REPORT_MAX_COLUMNS)
			ereport(ERROR,
					(errcode(ERRCODE_TOO_MANY_COLUMNS),
					 errmsg("rows of a report have more than %d columns", REPORT_MAX_COLUMNS),
					 errhint("Select only the columns that the report shows.")));
		rows->columns[i].kind = cell_kind(attribute->atttypid, NameStr(attribute->attname));
		getTypeOutputInfo(attribute->atttypid, &output, &varlena);
		fmgr_info_cxt(output, &rows->columns[i].output, context);
		appendStringInfo(&rows->out, "<th scope=\"col\"%s><button type=\"button\">",
						 rows->columns[i].kind == CELL_TEXT ? "" : " class=\"n\"");
		svg_escape(&rows->out, NameStr(attribute->attname));
		appendStringInfoString(&rows->out, "</button></th>");
	}
	ReleaseTupleDesc(desc);
	appendStringInfoString(&rows->out, "</tr></thead><tbody>\n");
}

/* Copy the digits of a number with a comma after each thousand. */
static char *
group_digits(const char *number)
{
	StringInfoData out;
	int			whole;
	int			i = 0;

	initStringInfo(&out);
	if (number[0] == '-')
		appendStringInfoChar(&out, number[i++]);
	whole = (int) strspn(number + i, "0123456789");
	for (; whole > 0; whole--)
	{
		appendStringInfoChar(&out, number[i++]);
		if (whole % 3 == 1 && whole > 1)
			appendStringInfoChar(&out, ',');
	}
	appendStringInfoString(&out, number + i);
	return out.data;
}

/* A number as people read it; its text if there is nothing to gain. */
static char *
readable_number(CellKind kind, char *text)
{
	double		number;
	char	   *end;
	char		digits[64];

	if (kind == CELL_INTEGER)
		return group_digits(text);
	number = strtod(text, &end);
	if (*end != '\0' || !isfinite(number) || fabs(number) >= 1e15)
		return text;
	if (kind == CELL_PERCENT)
		return psprintf("%.1f%%", number * 100);
	/* as many decimals as it has, but no more than two or three digits */
	if (strchr(text, '.') == NULL && strchr(text, 'e') == NULL)
		return group_digits(text);
	if (fabs(number) < 0.1 && number != 0)
		return psprintf("%.3g", number);
	end = strchr(text, '.');
	if (end != NULL && strlen(end) <= 3 && strchr(text, 'e') == NULL)
		return group_digits(text);
	snprintf(digits, sizeof(digits), "%.2f", number);
	return group_digits(digits);
}

/* Append a text, escaped, with its lines and tabs.  Changes the text. */
static void
report_put_text(StringInfo out, char *text)
{
	for (;;)
	{
		const size_t length = strcspn(text, "\t\n\r");
		const char	end = text[length];

		text[length] = '\0';
		svg_escape(out, text);
		if (end == '\0')
			return;
		appendStringInfoString(out, end == '\r' ? "&#13;" : end == '\n' ? "\n" : "\t");
		text += length + 1;
	}
}

static void
report_cell(StringInfo out, ReportColumn *column, Datum value)
{
	char	   *text = OutputFunctionCall(&column->output, value);
	const int	length = (int) strlen(text);
	char	   *shown = text;

	switch (column->kind)
	{
		case CELL_TEXT:
			appendStringInfoString(out, "<td>");
			if (length > REPORT_MAX_TEXT)
			{
				text[pg_mbcliplen(text, length, REPORT_MAX_TEXT)] = '\0';
				report_put_text(out, text);
				appendStringInfoString(out, "...</td>");
				return;
			}
			break;
		case CELL_DURATION:
			{
				const Interval *interval = DatumGetIntervalP(value);
				char	   *point = strchr(text, '.');

				appendStringInfo(out, "<td class=\"n\" data-s=\"%.6f\"",
								 (interval->month * 30.0 + interval->day) * SECS_PER_DAY + (double) interval->time / USECS_PER_SEC);
				if (point != NULL && strspn(point + 1, "0123456789") == strlen(point + 1))
					shown = pnstrdup(text, point - text);
				break;
			}
		case CELL_ID:
			appendStringInfoString(out, "<td class=\"n\"");
			break;
		default:
			appendStringInfoString(out, "<td class=\"n\"");
			shown = readable_number(column->kind, text);
	}
	if (column->kind != CELL_TEXT)
	{
		if (strcmp(shown, text) != 0)
		{
			appendStringInfoString(out, " data-v=\"");
			svg_escape(out, text);
			appendStringInfoChar(out, '"');
		}
		appendStringInfoChar(out, '>');
	}
	report_put_text(out, shown);
	appendStringInfoString(out, "</td>");
}

static void
report_add_row(ReportRows *rows, HeapTupleHeader header)
{
	HeapTupleData tuple;
	TupleDesc	desc = lookup_rowtype_tupdesc(rows->row_type, rows->row_typmod);
	Datum	   *values = palloc(Max(desc->natts, 1) * sizeof(Datum));
	bool	   *nulls = palloc(Max(desc->natts, 1) * sizeof(bool));
	int			i;

	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, desc, values, nulls);
	appendStringInfoString(&rows->out, "<tr>");
	for (i = 0; i < desc->natts; i++)
	{
		if (TupleDescAttr(desc, i)->attisdropped)
			continue;
		if (nulls[i])
			appendStringInfoString(&rows->out, "<td class=\"u\"></td>");
		else
			report_cell(&rows->out, &rows->columns[i], values[i]);
	}
	appendStringInfoString(&rows->out, "</tr>\n");
	ReleaseTupleDesc(desc);
}

/*
 * report_rows_transition(state, row record)
 */
Datum
journey_report_rows_transition(PG_FUNCTION_ARGS)
{
	ReportRows *rows = PG_ARGISNULL(0) ? NULL : (ReportRows *) PG_GETARG_POINTER(0);
	HeapTupleHeader row;

	if (PG_ARGISNULL(1))
	{
		if (rows == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(rows);
	}
	row = PG_GETARG_HEAPTUPLEHEADER(1);
	if (rows == NULL)
	{
		MemoryContext context = arg_aggregate_context(fcinfo);
		MemoryContext old = MemoryContextSwitchTo(context);

		rows = palloc0(sizeof(ReportRows));
		initStringInfo(&rows->out);
		report_describe(rows, row, context);
		MemoryContextSwitchTo(old);
	}
	else if (HeapTupleHeaderGetTypeId(row) != rows->row_type || HeapTupleHeaderGetTypMod(row) != rows->row_typmod)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("rows of a report must have the same columns")));
	if (rows->n++ < REPORT_MAX_ROWS)
		report_add_row(rows, row);
	PG_RETURN_POINTER(rows);
}

/*
 * report_rows_final(state): the number of rows, a line break, the table.
 */
Datum
journey_report_rows_final(PG_FUNCTION_ARGS)
{
	ReportRows *rows = PG_ARGISNULL(0) ? NULL : (ReportRows *) PG_GETARG_POINTER(0);
	StringInfoData out;

	(void) arg_aggregate_context(fcinfo);
	if (rows == NULL)
		PG_RETURN_NULL();
	initStringInfo(&out);
	appendStringInfo(&out, INT64_FORMAT "\n", rows->n);
	appendBinaryStringInfo(&out, rows->out.data, rows->out.len);
	appendStringInfoString(&out, "</tbody></table>");
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}

/*
 * report_escape(text): a text for HTML, between tags or in quotes.  Lines
 * remain lines.
 */
Datum
journey_report_escape(PG_FUNCTION_ARGS)
{
	StringInfoData out;

	initStringInfo(&out);
	report_put_text(&out, text_to_cstring(PG_GETARG_TEXT_PP(0)));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}
